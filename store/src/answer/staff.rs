//! What staff do with an answer.

use super::{Row, delete_at, note, row, seal};
use crate::db::{exec, list, number};
use crate::form::reach;
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::form::inbox::What;
use domain::form::{Answers, Asked, evaluate};
use domain::id::{AnswerId, FormId};
use domain::permission::Permission;
use domain::time::Timestamp;

/// Most characters of a note.
const NOTE_MAX: usize = 1_000;

fn overtaken() -> Error {
    Error::Conflict(
        "この回答は、先にほかの人が変えました。ひらき直して、もう一度変えてください".into(),
    )
}

/// Marks answers as read, or as not read. Each is named with its last change that was `seen`: what
/// was changed since is not read by that. Answers how many of them nobody has read then.
///
/// # Errors
/// `Forbidden`; of other departments' answers nothing changes.
pub async fn mark(ctx: &Context, seen: &[(AnswerId, Timestamp)], read: bool) -> Result<i64> {
    let reach = reach(ctx, Permission::AnswerRead, "f.department_id")?;
    let ids = list(seen.iter().map(|(id, _)| id.0));
    let (set, was) = if read {
        let changed = list(seen.iter().map(|(_, at)| at.0));
        ("$1", format!("read_at IS NULL AND changed_at IN ({changed})"))
    } else {
        ("NULL", "read_at IS NOT NULL AND $1 > 0".to_owned())
    };
    let theirs = format!("id IN ({ids}) AND form_id IN (SELECT f.id FROM form f WHERE {reach})");
    let tx = ctx.store.begin().await?;
    let sql = format!("UPDATE answer SET read_at = {set} WHERE {was} AND {theirs}");
    exec(&tx, &sql, values![ctx.now().0]).await?;
    let sql = format!("SELECT COUNT(*) AS n FROM answer WHERE read_at IS NULL AND {theirs}");
    let unread = number(&tx, &sql, values![]).await?;
    tx.commit().await?;
    Ok(unread)
}

/// Gives an answer another status, with a note that stays among staff; answers the edition
/// that the next change must name.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` for a status that the form does not have or a note over
/// 1,000 characters; `Conflict` if it changed since `seen`, or was withdrawn.
pub async fn set_status(
    ctx: &Context,
    id: AnswerId,
    seen: i64,
    status: &str,
    words: &str,
) -> Result<i64> {
    let tx = ctx.store.begin().await?;
    if !ctx.store.is_sqlite() {
        // Whoever publishes the form says what its states mean: one after the other.
        let sql =
            "SELECT id FROM form WHERE id = (SELECT form_id FROM answer WHERE id = $1) FOR SHARE";
        exec(&tx, sql, values![id.0]).await?;
    }
    let former = changeable(row(ctx, &tx, id, Permission::AnswerWrite).await?)?;
    let words = words.trim();
    if words.chars().count() > NOTE_MAX {
        return Err(Error::invalid("note", format!("メモは、{NOTE_MAX}文字までにしてください")));
    }
    let form = former.current(&tx).await?;
    let label = |key: &str| form.statuses.iter().find(|s| s.key == key).map(|s| s.label.clone());
    let next = if status == former.status { None } else { Some(label(status)) };
    if next == Some(None) {
        let gone = "この状態は、フォームからなくなりました。選び直してください";
        return Err(Error::invalid("status", gone));
    }
    if next.is_none() && words.is_empty() {
        return Ok(former.edition);
    }
    let delete =
        if next.is_some() { delete_at(&form, status, false, ctx.now()) } else { former.delete_at };
    let sql = "UPDATE answer SET status = $1, delete_at = $2, changed_at = $3, read_at = COALESCE(read_at, $3), edition = edition + 1 WHERE id = $4 AND edition = $5";
    if exec(&tx, sql, values![status, delete, ctx.now().0, id.0, seen]).await? == 0 {
        return Err(overtaken());
    }
    if let Some(Some(to)) = &next {
        let from = label(&former.status).unwrap_or_else(|| former.status.clone());
        note(ctx, &tx, id, What::Status, &format!("{from} → {to}")).await?;
    }
    if !words.is_empty() {
        note(ctx, &tx, id, What::Note, words).await?;
    }
    ledger::append(ctx, &tx, Line::ok("answer.update", format!("answer:{id}"))).await?;
    tx.commit().await?;
    Ok(seen + 1)
}

fn changeable(row: Row) -> Result<Row> {
    if row.withdrawn_at.is_some() {
        return Err(Error::Conflict("取り下げられた回答は変えられません".into()));
    }
    Ok(row)
}

/// Fills in the staff's questions; answers the edition that the next change must name.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` with what is missing or cannot be read; `Conflict` if it changed since
/// `seen`, or was withdrawn.
pub async fn set_staff(ctx: &Context, id: AnswerId, seen: i64, given: &Answers) -> Result<i64> {
    let tx = ctx.store.begin().await?;
    let former = changeable(row(ctx, &tx, id, Permission::AnswerWrite).await?)?;
    let form = former.current(&tx).await?.for_staff();
    let submission = evaluate(&form, given, Asked { today: ctx.now().date() }).submission(&form)?;
    let mut clean = submission.given();
    let before = former.staff(ctx)?;
    let changed: Vec<&str> = form
        .questions()
        .filter(|q| {
            let of = |answers: &Answers| -> Vec<(String, Vec<String>)> {
                answers
                    .iter()
                    .filter(|(name, _)| name.split('.').next() == Some(q.key.as_str()))
                    .map(|(name, words)| (name.clone(), words.clone()))
                    .collect()
            };
            of(&before) != of(&clean)
        })
        .map(|q| q.label.as_str())
        .collect();
    if changed.is_empty() {
        return Ok(former.edition);
    }
    // What a former version asked of staff is not on their page any more, and stays as it is.
    let asked = |name: &str| form.questions().any(|q| name.split('.').next() == Some(&*q.key));
    clean.extend(before.into_iter().filter(|(name, _)| !asked(name)));
    let sealed = seal(ctx, "answer.staff", &former.token, &clean)?;
    let sql = "UPDATE answer SET staff = $1, changed_at = $2, read_at = COALESCE(read_at, $2), edition = edition + 1 WHERE id = $3 AND edition = $4";
    if exec(&tx, sql, values![sealed, ctx.now().0, id.0, seen]).await? == 0 {
        return Err(overtaken());
    }
    note(ctx, &tx, id, What::Staff, &changed.join("、")).await?;
    ledger::append(ctx, &tx, Line::ok("answer.update", format!("answer:{id}"))).await?;
    tx.commit().await?;
    Ok(seen + 1)
}

/// Notes in the ledger that answers left the house.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn note_export(ctx: &Context, form: FormId, count: i64) -> Result<()> {
    crate::form::row(ctx, ctx.store.read(), form, Permission::AnswerRead).await?;
    ledger::note(ctx, Line::ok("answer.export", format!("form:{form}")).count(count)).await
}
