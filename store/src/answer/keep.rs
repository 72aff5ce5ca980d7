//! How long answers, drafts and uploads are kept.

use super::{DRAFT_KEPT, delete_at, export, file, note_all};
use crate::db::{exec, list, rows};
use crate::form::version_in;
use crate::ledger::{self, Line};
use crate::{Context, Result, values};
use domain::form::inbox::What;
use domain::form::{Form, Status};
use domain::id::{AnswerId, FormId};
use sea_orm::{ConnectionTrait, FromQueryResult};

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// What a new version of a form says of the answers that are there. A state means what the newest
/// version says that has it, so that what an earlier version left in a state that was gone is
/// settled as well: what waits has no date, and goes on in the first state if its own is gone; what
/// is done stays so, and its time of keeping begins now, unless it has begun.
pub(crate) async fn keep_by<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: FormId,
    (version, new): (u64, &Form),
) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Known {
        status: String,
    }
    let sql = "SELECT DISTINCT status FROM answer WHERE form_id = $1";
    let found: Vec<Known> = rows(db, sql, values![id.0]).await?;
    for Known { status } in found {
        let here = new.statuses.iter().find(|s| s.key == status);
        let state = match here {
            Some(state) => Some(state.clone()),
            None if status.is_empty() || new.statuses.is_empty() => None,
            None => before(db, id, version, &status).await?,
        };
        // Where the form has no states, nothing waits. Of what came while it had none, nobody has
        // said that it is done.
        let waits = !new.statuses.is_empty() && state.as_ref().is_none_or(|s| !s.done);
        match (new.statuses.first(), &state) {
            (Some(first), Some(gone)) if waits && here.is_none() => {
                go_on(ctx, db, id, gone, (new, first)).await?;
            }
            _ if waits => {
                let sql = "UPDATE answer SET delete_at = NULL WHERE form_id = $1 AND status = $2 AND delete_at IS NOT NULL AND withdrawn_at IS NULL";
                exec(db, sql, values![id.0, status]).await?;
            }
            _ => {
                if let Some(until) = delete_at(new, &status, true, ctx.now()) {
                    let sql = "UPDATE answer SET delete_at = $1 WHERE form_id = $2 AND status = $3 AND delete_at IS NULL";
                    exec(db, sql, values![until, id.0, status]).await?;
                }
            }
        }
    }
    Ok(())
}

/// The state as the newest version before this one has it.
async fn before<C: ConnectionTrait>(
    db: &C,
    id: FormId,
    version: u64,
    status: &str,
) -> Result<Option<Status>> {
    for number in (1..version).rev() {
        let form = version_in(db, id, number).await?;
        if let Some(state) = form.statuses.into_iter().find(|s| s.key == status) {
            return Ok(Some(state));
        }
    }
    Ok(None)
}

/// Puts what waits in a state that is gone into the first one.
async fn go_on<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: FormId,
    gone: &Status,
    (new, first): (&Form, &Status),
) -> Result<()> {
    let now = ctx.now();
    let delete = delete_at(new, &first.key, false, now);
    let sql = "UPDATE answer SET status = $1, delete_at = $2, changed_at = $3, edition = edition + 1 WHERE form_id = $4 AND status = $5 AND withdrawn_at IS NULL RETURNING id";
    let values = values![first.key.as_str(), delete, now.0, id.0, gone.key.as_str()];
    let moved: Vec<Id> = rows(db, sql, values).await?;
    let moved: Vec<_> = moved.iter().map(|r| (ctx, AnswerId(r.id))).collect();
    let words =
        format!("{0} → {1}（「{0}」は、フォームからなくなりました）", gone.label, first.label);
    note_all(db, &moved, What::Status, &words).await
}

/// Deletes answers whose time of keeping is over, drafts that nobody went on with, uploads
/// of neither, and files of answers; answers how many answers.
///
/// # Errors
/// If the database is away; what was deleted stays so.
pub async fn forget(ctx: &Context) -> Result<u64> {
    let now = ctx.now().0;
    let mut gone = 0;
    loop {
        let tx = ctx.store.begin().await?;
        // Whoever holds one may just say that something is to do again: it has time until the
        // next run.
        let lock = ctx.store.skip_locked();
        let sql = format!(
            "SELECT id FROM answer WHERE delete_at <= $1 ORDER BY delete_at LIMIT 200 {lock}"
        );
        let found: Vec<Id> = rows(&tx, &sql, values![now]).await?;
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
