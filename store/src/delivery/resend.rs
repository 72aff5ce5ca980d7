//! 再送: a draft with the same parts for exactly those whom a delivery failed to reach.
//!
//! What a delivery was sent again by may be sent again itself, and so may the delivery once more:
//! of all of them one is open at a time, and whom the others have reached is left out of it. A copy
//! of one that was called off is one, too.

use super::change::{Insert, insert};
use super::{get, happen, owner, retract};
use crate::audience::people;
use crate::db::{exec, lock, number, one, rows};
use crate::ledger::{self, Line};
use crate::outbox::excepted;
use crate::{Context, Error, Result, values};
use domain::audience::edit::normal;
use domain::audience::{Among, Audience, Resolved};
use domain::delivery::resend::{Again, Linked, Outlook};
use domain::delivery::{Delivery, Draft, Purpose, Reason, Status, TITLE_MAX};
use domain::id::DeliveryId;
use domain::permission::Permission;
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeSet;

/// A delivery ($1) and those that it sends again, as a part of a query.
const UP: &str = "up(id) AS (
        SELECT CAST($1 AS BIGINT)
        UNION ALL SELECT d.resends FROM up JOIN delivery d ON d.id = up.id WHERE d.resends IS NOT NULL
    )";

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

/// The first of the deliveries of which each sends another again.
async fn root<C: ConnectionTrait>(db: &C, of: DeliveryId) -> Result<i64> {
    let sql = format!("WITH RECURSIVE {UP} SELECT MIN(id) AS n FROM up");
    number(db, &sql, values![of.0]).await
}

/// What was sent again beside it or since: whom it has reached got the same.
///
/// # Errors
/// `Conflict` if one of them is not over: nobody knows yet whom it reaches; or if only LINE knows.
async fn others_of<C: ConnectionTrait>(db: &C, of: DeliveryId) -> Result<BTreeSet<DeliveryId>> {
    #[derive(FromQueryResult)]
    struct Resent {
        id: i64,
        title: String,
        status: String,
        frozen_at: Option<i64>,
        waiting: i64,
        counted_by_line: bool,
    }
    let sql = format!(
        "WITH RECURSIVE {UP}, down(id) AS (
            SELECT MIN(id) FROM up
            UNION ALL SELECT d.id FROM down JOIN delivery d ON d.resends = down.id
        ) SELECT d.id, d.title, d.status, d.frozen_at, d.recipients - d.accepted - d.failed - d.withheld AS waiting, d.counted_by_line
        FROM down JOIN delivery d ON d.id = down.id WHERE d.id NOT IN (SELECT id FROM up) ORDER BY d.id"
    );
    let all: Vec<Resent> = rows(db, &sql, values![of.0]).await?;
    let mut sent = BTreeSet::new();
    for resent in all {
        let status = Status::parse(&resent.status).ok_or(Error::Inconsistent("delivery.status"))?;
        let title = name(&resent.title);
        if !status.is_final() {
            return Err(Error::Conflict(format!(
                "前に作った再送「{title}」が、まだ終わっていません。終わってから、もう一度押してください。送らないときは、下書きなら消し、そうでなければ取り消してください"
            )));
        }
        if resent.waiting > 0 {
            return Err(Error::Conflict(format!(
                "前に作った再送「{title}」には、届いたかどうかをLINEに確かめている人がいます。長くて24時間で分かります。それから、もう一度押してください"
            )));
        }
        let id = DeliveryId(resent.id);
        if resent.counted_by_line {
            if retract::by_line(db, id).await? {
                return Err(Error::Conflict(format!(
                    "前の再送「{title}」は友だち全員に送ったので、だれに届いたか分かりません。同じ人に2回届くかもしれないため、もう再送できません"
                )));
            }
        } else if resent.frozen_at.is_some() {
            sent.insert(id);
        }
    }
    Ok(sent)
}

fn name(title: &str) -> &str {
    if title.trim().is_empty() { "件名なし" } else { title.trim() }
}

/// Those whom a delivery failed to reach, but those whom one of `others` has reached.
fn still_failed(of: DeliveryId, others: &BTreeSet<DeliveryId>) -> Audience {
    let among = |what, id: DeliveryId| Audience::Among { what, id: Some(id.0) };
    let failed = among(Among::Failed, of);
    if others.is_empty() {
        return failed;
    }
    let received = others.iter().map(|id| among(Among::Received, *id)).collect();
    Audience::All(vec![failed, Audience::Not(Box::new(Audience::Any(received)))])
}

/// The others with which [`still_failed`] says the same; nothing where somebody wants other people.
fn left_out(audience: &Audience, of: DeliveryId) -> Option<BTreeSet<DeliveryId>> {
    let received = audience.among().into_iter().filter(|(what, _)| *what == Among::Received);
    let others: BTreeSet<_> = received.map(|(_, id)| DeliveryId(id)).collect();
    (normal(audience) == normal(&still_failed(of, &others))).then_some(others)
}

/// Whom a resend would reach, and who of the failed is left out.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` for a delivery by LINE's own list, and while a resend is
/// not over.
pub async fn outlook(ctx: &Context, id: DeliveryId) -> Result<Outlook> {
    let delivery = get(ctx, id).await?;
    ctx.allow(Permission::DeliveryRead)?;
    if delivery.frozen_at.is_none() {
        return Ok(Outlook::default());
    }
    let db = ctx.store.read();
    let others = others_of(db, id).await?;
    let failed = people(ctx, db, (Among::Failed, id.0)).await?;
    let mut received = RoaringBitmap::new();
    let unknown = format!("reason = '{}'", Reason::Unknown.name());
    let mut in_doubt = excepted(db, id, &unknown).await?;
    for resent in others {
        received |= people(ctx, db, (Among::Received, resent.0)).await?;
        in_doubt |= excepted(db, resent, &unknown).await?;
    }
    let who = Resolved::Among(Among::Failed, id.0);
    let state = ctx.store.bitmaps().fresh_for(ctx, std::slice::from_ref(&who)).await?;
    let friends = state.select(&who) - &received;
    drop(state);
    let mut reasons = super::reasons(ctx, id).await?;
    reasons.retain(|(reason, _)| reason.is_failure());
    let reached = failed.intersection_len(&received) as i64;
    Ok(Outlook {
        friends: friends.len() as i64,
        reached,
        gone: (failed.len() - friends.len()) as i64 - reached,
        in_doubt: friends.intersection_len(&in_doubt) as i64,
        reasons,
    })
}

/// Makes the draft.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it or a former resend is not over yet, if it went to
/// testers or by LINE's own list, or if nobody is left whom it failed to reach.
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
    // The marks around it stay whole however long the title is.
    let room = TITLE_MAX.saturating_sub("『』の再送".chars().count());
    let title = format!("『{}』の再送", name(&former.title).chars().take(room).collect::<String>());
    make(ctx, of, &Draft { title, ..Draft::from(&former) }, BTreeSet::new()).await
}

/// A copy of a resend that was called off: a resend of the same delivery, for those who are left
/// now. Nothing where it is to be an ordinary copy.
///
/// # Errors
/// `Forbidden`; `Conflict` while another resend is not over.
pub(super) async fn copy(ctx: &Context, former: &Delivery) -> Result<Option<DeliveryId>> {
    let (Status::Cancelled, Some(audience)) = (former.status, &former.audience) else {
        return Ok(None);
    };
    let Some(of) = again(ctx, former.id).await?.of else { return Ok(None) };
    let Some(others) = left_out(audience, of.id) else { return Ok(None) };
    ctx.allow_on(Permission::DeliveryWrite, owner(&get(ctx, of.id).await?))?;
    make(ctx, of.id, &Draft::from(former), others).await.map(Some)
}

/// The draft of a resend of `of` that was deleted, again: for those who are left now. Where
/// somebody had chosen other people it is an ordinary one; while another resend is not over it is
/// for nobody yet, so that what was written is not lost.
///
/// # Errors
/// `NotFound`, `Forbidden`; if the database is away.
pub async fn restore(ctx: &Context, of: DeliveryId, mut draft: Draft) -> Result<DeliveryId> {
    ctx.allow_on(Permission::DeliveryWrite, owner(&get(ctx, of).await?))?;
    let Some(others) = draft.audience.as_ref().and_then(|audience| left_out(audience, of)) else {
        return super::draft(ctx, draft).await;
    };
    match make(ctx, of, &draft, others).await {
        Err(Error::Conflict(_)) => {
            draft.audience = None;
            super::draft(ctx, draft).await
        }
        made => made,
    }
}

/// Makes the draft with the content of `like`, but its time, without those whom one of `others`, or of what was
/// sent again besides, has reached.
async fn make(
    ctx: &Context,
    of: DeliveryId,
    like: &Draft,
    mut others: BTreeSet<DeliveryId>,
) -> Result<DeliveryId> {
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    // Whoever comes second sees what the first has made.
    lock(ctx, &tx, "delivery", root(&tx, of).await?).await?;
    others.extend(others_of(&tx, of).await?);
    let audience = still_failed(of, &others);
    let new = Insert {
        title: &like.title,
        purpose: like.purpose,
        status: Status::Draft,
        audience: Some(&audience),
        parts: &like.parts,
        variants: &like.variants,
        switch_to: like.switch_to,
        send_at: None,
        to_testers: false,
        recurrence: None,
        uncounted: &like.uncounted,
    };
    let id = insert(ctx, &tx, new).await?;
    exec(&tx, "UPDATE delivery SET resends = $1 WHERE id = $2", values![of.0, id.0]).await?;
    happen(&tx, of, now, "再送の下書きを作りました", "").await?;
    ledger::append(ctx, &tx, Line::ok("delivery.resend", format!("delivery:{of}"))).await?;
    tx.commit().await?;
    Ok(id)
}
