//! 再送: a draft with the same parts for exactly those whom a delivery failed to reach.

use super::change::{Insert, insert};
use super::{get, happen, owner};
use crate::audience::people;
use crate::db::{exec, one, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::audience::{Among, Audience, Resolved};
use domain::delivery::resend::{Again, Linked, Outlook};
use domain::delivery::{Purpose, Status, TITLE_MAX};
use domain::id::DeliveryId;
use domain::permission::Permission;
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    title: String,
    status: String,
}

impl TryFrom<Row> for Linked {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        let status = Status::parse(&r.status).ok_or(Error::Inconsistent("delivery.status"))?;
        Ok(Self { id: DeliveryId(r.id), title: r.title, status })
    }
}

/// Which delivery this one sends again, and which ones send this one again, the newest first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn again(ctx: &Context, id: DeliveryId) -> Result<Again> {
    ctx.allow(Permission::DeliveryRead)?;
    let db = ctx.store.read();
    let sql = "SELECT d.id, d.title, d.status FROM delivery d JOIN delivery n ON n.resends = d.id WHERE n.id = $1";
    let of: Option<Row> = one(db, sql, values![id.0]).await?;
    let sql = "SELECT id, title, status FROM delivery WHERE resends = $1 ORDER BY id DESC LIMIT 20";
    let by: Vec<Row> = rows(db, sql, values![id.0]).await?;
    Ok(Again {
        of: of.map(Linked::try_from).transpose()?,
        by: by.into_iter().map(Linked::try_from).collect::<Result<_>>()?,
    })
}

/// Whom a resend would reach, and who of the failed is no friend any more.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` for a delivery by LINE's own list.
pub async fn outlook(ctx: &Context, id: DeliveryId) -> Result<Outlook> {
    let delivery = get(ctx, id).await?;
    ctx.allow(Permission::DeliveryRead)?;
    if delivery.frozen_at.is_none() {
        return Ok(Outlook::default());
    }
    let all = people(ctx, ctx.store.read(), (Among::Failed, id.0)).await?;
    let who = Resolved::Among(Among::Failed, id.0);
    let state = ctx.store.bitmaps().fresh_for(ctx, std::slice::from_ref(&who)).await?;
    let friends = state.select(&who).len() as i64;
    drop(state);
    let mut reasons = super::reasons(ctx, id).await?;
    reasons.retain(|(reason, _)| reason.is_failure());
    Ok(Outlook { friends, gone: all.len() as i64 - friends, reasons })
}

/// Makes the draft.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it is not over yet, went to testers or by LINE's
/// own list, or failed to reach nobody who is a friend now.
pub async fn resend(ctx: &Context, of: DeliveryId) -> Result<DeliveryId> {
    let former = get(ctx, of).await?;
    ctx.allow_on(Permission::DeliveryWrite, owner(&former))?;
    if !former.status.is_final() || former.figures.waiting() > 0 {
        return Err(Error::Conflict(
            "この配信は、まだ終わっていません。終わってから再送してください".into(),
        ));
    }
    let who = outlook(ctx, of).await?;
    if former.purpose == Purpose::Test || former.counted_by_line || who.friends == 0 {
        return Err(Error::Conflict("この配信には、もう一度送れる人がいません".into()));
    }
    let name = if former.title.trim().is_empty() { "件名なし" } else { former.title.trim() };
    // The marks around it stay whole however long the title is.
    let room = TITLE_MAX.saturating_sub("『』の再送".chars().count());
    let title = format!("『{}』の再送", name.chars().take(room).collect::<String>());
    let audience = Audience::Among { what: Among::Failed, id: Some(of.0) };
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    let new = Insert {
        title: &title,
        purpose: former.purpose,
        status: Status::Draft,
        audience: Some(&audience),
        parts: &former.parts,
        variants: &former.variants,
        switch_to: former.switch_to,
        send_at: None,
        to_testers: false,
        recurrence: None,
        uncounted: &former.uncounted,
    };
    let id = insert(ctx, &tx, new).await?;
    exec(&tx, "UPDATE delivery SET resends = $1 WHERE id = $2", values![of.0, id.0]).await?;
    happen(&tx, of, now, "再送の下書きを作りました", "").await?;
    ledger::append(ctx, &tx, Line::ok("delivery.resend", format!("delivery:{of}"))).await?;
    tx.commit().await?;
    Ok(id)
}
