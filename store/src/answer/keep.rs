//! How long answers, drafts and uploads are kept.

use super::{DRAFT_KEPT, delete_at, export, file};
use crate::db::{exec, list, rows};
use crate::ledger::{self, Line};
use crate::{Context, Result, values};
use domain::form::Form;
use domain::id::FormId;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// What a new version of a form says of the answers that are there: where nothing more is to do
/// by its states, their time of keeping begins now, unless it has begun; where something is
/// (again), it has not begun.
pub(crate) async fn keep_by<C: ConnectionTrait>(
    db: &C,
    id: FormId,
    (old, new): (&Form, &Form),
    now: Timestamp,
) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Known {
        status: String,
    }
    if new.terms.retention_days.is_none() {
        return Ok(());
    }
    let sql = "SELECT DISTINCT status FROM answer WHERE form_id = $1";
    let found: Vec<Known> = rows(db, sql, values![id.0]).await?;
    for Known { status } in found {
        // Where the form has no states any more, nobody can say that what waited is done.
        let known = new.statuses.is_empty() || new.statuses.iter().any(|s| s.key == status);
        if !known && !status.is_empty() && !old.statuses.is_empty() {
            // What was said while the form had this state stays.
            continue;
        }
        // Of what came while it had none nobody has said that it is done.
        if let Some(until) = delete_at(new, &status, false, now).filter(|_| known) {
            let sql = "UPDATE answer SET delete_at = $1 WHERE form_id = $2 AND status = $3 AND delete_at IS NULL";
            exec(db, sql, values![until, id.0, status]).await?;
        } else {
            let sql = "UPDATE answer SET delete_at = NULL WHERE form_id = $1 AND status = $2 AND delete_at IS NOT NULL AND withdrawn_at IS NULL";
            exec(db, sql, values![id.0, status]).await?;
        }
    }
    Ok(())
}

/// Deletes answers whose time of keeping is over, drafts that nobody went on with, uploads
/// of neither, and files of answers; answers how many answers.
///
/// # Errors
/// If the database is away; what was deleted stays so.
pub async fn forget(ctx: &Context) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let now = ctx.now().0;
    let mut gone = 0;
    loop {
        let tx = ctx.store.begin().await?;
        let sql = "SELECT id FROM answer WHERE delete_at <= $1 ORDER BY delete_at LIMIT 200";
        let found: Vec<Id> = rows(&tx, sql, values![now]).await?;
        if found.is_empty() {
            break;
        }
        let ids = list(found.iter().map(|r| r.id));
        file::forget(&tx, &format!("answer_id IN ({ids})"), vec![]).await?;
        exec(&tx, &format!("DELETE FROM answer_history WHERE answer_id IN ({ids})"), vec![])
            .await?;
        exec(&tx, &format!("DELETE FROM answer WHERE id IN ({ids})"), vec![]).await?;
        for Id { id } in &found {
            ledger::append(ctx, &tx, Line::ok("answer.delete", format!("answer:{id}"))).await?;
        }
        tx.commit().await?;
        gone += found.len() as u64;
    }
    let old = now - DRAFT_KEPT;
    let tx = ctx.store.begin().await?;
    exec(&tx, "DELETE FROM answer_draft WHERE updated_at < $1", values![old]).await?;
    let unused = "answer_id IS NULL AND created_at < $1 AND NOT EXISTS (SELECT 1 FROM answer_draft d WHERE d.form_id = answer_file.form_id AND (d.resident_id = answer_file.resident_id OR d.owner_hash = answer_file.owner_hash))";
    file::forget(&tx, unused, values![old]).await?;
    export::forget(ctx, &tx).await?;
    tx.commit().await?;
    Ok(gone)
}
