//! 公開を求める: whoever may write a form asks whoever may publish it, and hears what was decided.

use super::change::{by, overtaken, publishable};
use super::{Row, SELECT, reach, row};
use crate::db::{exec, number, rows};
use crate::delivery::approval::tell_of_form;
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::delivery::approval::Act;
use domain::form::kept::Kept;
use domain::id::{FormId, StaffId};
use domain::permission::{Actor, Permission};
use sea_orm::ConnectionTrait;

/// Nothing is asked for any more.
pub(super) const NOT_ASKED: &str = "asked_by = NULL, asked_at = NULL, asked_edition = NULL, asked_words = NULL, returned_by = NULL, returned_at = NULL, returned_words = NULL";

/// Most forms of one's own that are said to be sent back.
const RETURNED: i64 = 20;

/// Queues the mails of an act on a form as it was before.
pub(super) async fn tell<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    former: &Row,
    act: Act,
) -> Result<()> {
    let asked = if act == Act::Request { by(ctx).1 } else { former.asked_by.map(StaffId) };
    tell_of_form(ctx, db, FormId(former.id), &former.name, asked, act).await
}

/// Asks for what is edited to be published, if it can be. It may be changed meanwhile; what is
/// published is what is edited then.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` with what the linter holds against it; `Conflict` if it
/// changed since `seen`, is put away, or was asked for already.
pub async fn ask(ctx: &Context, id: FormId, seen: i64, words: &str) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let former = row(ctx, &tx, id, Permission::FormWrite).await?;
    if former.edition != seen {
        return Err(overtaken());
    }
    if former.waits() {
        return Err(Error::Conflict(
            "このフォームの公開は、もう求められています。ひらき直してください".into(),
        ));
    }
    publishable(ctx, &tx, &former).await?;
    let sql = "UPDATE form SET asked_by = $1, asked_at = $2, asked_edition = edition, asked_words = $3, returned_by = NULL, returned_at = NULL, returned_words = NULL
        WHERE id = $4 AND edition = $5 AND (asked_at IS NULL OR returned_at IS NOT NULL)";
    let values = values![by(ctx).1.map(|s| s.0), ctx.now().0, words.trim(), id.0, seen];
    if exec(&tx, sql, values).await? == 0 {
        return Err(overtaken());
    }
    ledger::append(ctx, &tx, Line::ok("form.request", format!("form:{id}"))).await?;
    tell(ctx, &tx, &former, Act::Request).await?;
    Ok(tx.commit().await?)
}

/// Takes a request back, or puts away that it was sent back.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if nothing was asked for.
pub async fn withdraw(ctx: &Context, id: FormId) -> Result<()> {
    let tx = ctx.store.begin().await?;
    row(ctx, &tx, id, Permission::FormWrite).await?;
    let sql = format!("UPDATE form SET {NOT_ASKED} WHERE id = $1 AND asked_at IS NOT NULL");
    if exec(&tx, &sql, values![id.0]).await? == 0 {
        return Err(over());
    }
    ledger::append(ctx, &tx, Line::ok("form.withdraw", format!("form:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// Sends a request back to who asked, with the reason.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it does not wait.
pub async fn send_back(ctx: &Context, id: FormId, words: &str) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let former = row(ctx, &tx, id, Permission::FormPublish).await?;
    let sql = "UPDATE form SET returned_by = $1, returned_at = $2, returned_words = $3 WHERE id = $4 AND asked_at IS NOT NULL AND returned_at IS NULL";
    let values = values![by(ctx).1.map(|s| s.0), ctx.now().0, words.trim(), id.0];
    if exec(&tx, sql, values).await? == 0 {
        return Err(over());
    }
    ledger::append(ctx, &tx, Line::ok("form.return", format!("form:{id}"))).await?;
    tell(ctx, &tx, &former, Act::Return).await?;
    Ok(tx.commit().await?)
}

fn over() -> Error {
    Error::Conflict(
        "この求めは、もう公開されたか、差しもどされたか、取り下げられています。ひらき直してください".into(),
    )
}

/// Forms that the actor reaches and that wait to be published, the oldest request first, and how
/// many there are.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn awaiting(ctx: &Context, limit: i64) -> Result<(Vec<Kept>, i64)> {
    let reach = reach(ctx, Permission::FormRead, "f.department_id")?;
    let db = ctx.store.read();
    let waits = format!(
        "f.asked_at IS NOT NULL AND f.returned_at IS NULL AND f.state <> 'archived' AND {reach}"
    );
    let sql = format!("SELECT COUNT(*) AS n FROM form f WHERE {waits}");
    let total = number(db, &sql, vec![]).await?;
    if total == 0 {
        return Ok((Vec::new(), 0));
    }
    let sql = format!("{SELECT} WHERE {waits} ORDER BY f.asked_at, f.id LIMIT $1");
    let found: Vec<Row> = rows(db, &sql, values![limit]).await?;
    Ok((found.into_iter().map(|row| row.kept(ctx)).collect::<Result<_>>()?, total))
}

/// Forms whose publication the actor asked for and that were sent back, the newest first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn returned(ctx: &Context) -> Result<Vec<Kept>> {
    let reach = reach(ctx, Permission::FormRead, "f.department_id")?;
    let Actor::Staff { id, .. } = &ctx.actor else { return Ok(Vec::new()) };
    let sql = format!(
        "{SELECT} WHERE f.returned_at IS NOT NULL AND f.asked_by = $1 AND f.state <> 'archived' AND {reach} ORDER BY f.returned_at DESC, f.id LIMIT {RETURNED}"
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values![id.0]).await?;
    found.into_iter().map(|row| row.kept(ctx)).collect()
}
