//! How long answers, drafts and uploads are kept.

use super::{DRAFT_KEPT, export, file};
use crate::db::{exec, list, rows};
use crate::ledger::{self, Line};
use crate::{Context, Result, values};
use sea_orm::FromQueryResult;

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
