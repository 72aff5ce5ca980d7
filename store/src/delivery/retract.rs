//! 訂正・取消: a delivery to exactly those whom another one has reached, or may have.

use super::change::{Insert, created, insert};
use super::{get, happen, owner};
use crate::db::{exec, number, one, rows};
use crate::ledger::{self, Line};
use crate::outbox::{PERHAPS_TAKEN, excepted, in_calls, read_set};
use crate::{Context, Error, Result, idempotency, values};
use domain::delivery::{CallState, Delivery, Purpose, Reason, Status, Variant};
use domain::id::DeliveryId;
use domain::message::Part;
use domain::permission::Permission;
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Makes the correction of a delivery that has begun; it goes at once, before
/// everything else. What has not left of the other should be stopped before.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if nothing of it has left.
pub async fn retract(
    ctx: &Context,
    of: DeliveryId,
    title: &str,
    parts: &[Part],
    variants: &[Variant],
) -> Result<DeliveryId> {
    let former = get(ctx, of).await?;
    ctx.allow_on(Permission::DeliverySend, owner(&former))?;
    if former.frozen_at.is_none() || former.purpose == Purpose::Test {
        return Err(Error::Conflict(
            "この配信は、まだだれにも送っていません。訂正は要りません".into(),
        ));
    }
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    let new = Insert {
        title,
        purpose: former.purpose,
        status: Status::Scheduled,
        audience: None,
        parts,
        send_at: Some(now),
        to_testers: false,
        recurrence: None,
        uncounted: &[],
        variants,
    };
    let id = insert(ctx, &tx, new).await?;
    let sql = "UPDATE delivery SET corrects = $1, department_id = $2 WHERE id = $3";
    exec(&tx, sql, values![of.0, former.department.map(|d| d.0), id.0]).await?;
    happen(&tx, of, now, "訂正を送りました", "").await?;
    happen(&tx, id, now, "訂正として、すぐに送り始めます", "").await?;
    ledger::append(ctx, &tx, Line::ok("delivery.retract", format!("delivery:{of}"))).await?;
    idempotency::answer_in(ctx, &tx, 201, &created(id)).await?;
    tx.commit().await?;
    Ok(id)
}

/// The corrections of a delivery, the newest first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn corrections(ctx: &Context, of: DeliveryId) -> Result<Vec<DeliveryId>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let sql = "SELECT id FROM delivery WHERE corrects = $1 ORDER BY id DESC LIMIT 20";
    let found: Vec<Id> = rows(ctx.store.read(), sql, values![of.0]).await?;
    Ok(found.into_iter().map(|r| DeliveryId(r.id)).collect())
}

/// Corrections that were sent since a time, the newest first: what everybody may read.
///
/// # Errors
/// If the database is away.
pub async fn public_corrections(
    ctx: &Context,
    since: domain::time::Timestamp,
) -> Result<Vec<Delivery>> {
    let sql = format!(
        "{} WHERE d.corrects IS NOT NULL AND d.frozen_at >= $1 ORDER BY d.frozen_at DESC LIMIT 50",
        super::SELECT
    );
    let found: Vec<super::Row> = rows(ctx.store.read(), &sql, values![since.0]).await?;
    found.into_iter().map(Delivery::try_from).collect()
}

/// Residents whom a delivery has reached: LINE took it for them, or may have.
pub(super) async fn reached<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    of: DeliveryId,
) -> Result<RoaringBitmap> {
    #[derive(FromQueryResult)]
    struct Outcome {
        residents: Vec<u8>,
    }
    let sql = "SELECT residents FROM outcome WHERE delivery_id = $1 AND outcome = 'accepted'";
    let taken = match one::<Outcome, _>(db, sql, values![of.0]).await? {
        Some(o) => read_set(&o.residents)?,
        None => {
            let accepted = CallState::Accepted.number();
            let which = format!("(state = {accepted} OR state < 2 AND {PERHAPS_TAKEN})");
            in_calls(ctx, db, of, &which).await?
        }
    };
    let in_doubt = format!("reason = '{}'", Reason::Unknown.name());
    Ok(taken | excepted(db, of, &in_doubt).await?)
}

/// Whether a delivery went by LINE's own list, so that only LINE knows whom it reached.
pub(super) async fn by_line<C: ConnectionTrait>(db: &C, of: DeliveryId) -> Result<bool> {
    let sql = "SELECT COUNT(*) AS n FROM delivery WHERE id = $1 AND counted_by_line";
    Ok(number(db, sql, values![of.0]).await? > 0)
}
