//! After the end: one bitmap per outcome, from which a delivery answers who got it.

use super::{in_calls, read_set, write_set};
use crate::db::{exec, number, one, rows};
use crate::{Context, Result, values};
use domain::delivery::CallState;
use domain::id::{DeliveryId, ResidentId};
use domain::permission::Permission;
use domain::time::DAY;
use sea_orm::FromQueryResult;

/// Pushes are kept for this long after their end, for whoever looks into what became of
/// one; their text is not.
const PUSHES_KEPT: i64 = 30 * DAY;

/// Writes the bitmaps of a delivery that ended and forgets the lists of ids. Again:
/// nothing happens.
///
/// # Errors
/// If the database is away.
pub async fn finish_bitmaps(ctx: &Context, delivery: DeliveryId) -> Result<()> {
    let tx = ctx.store.begin().await?;
    if number(&tx, "SELECT COUNT(*) AS n FROM outcome WHERE delivery_id = $1", values![delivery.0])
        .await?
        > 0
    {
        return Ok(());
    }
    let ended = [("accepted", CallState::Accepted), ("cancelled", CallState::Withheld)];
    for (name, state) in ended {
        let set = in_calls(ctx, &tx, delivery, &format!("state = {}", state.number())).await?;
        let sql = "INSERT INTO outcome (delivery_id, outcome, residents) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        exec(&tx, sql, values![delivery.0, name, write_set(&set)?]).await?;
    }
    let nobody: Vec<u8> = Vec::new();
    exec(&tx, "UPDATE call SET ids = $1 WHERE delivery_id = $2", values![nobody, delivery.0])
        .await?;
    Ok(tx.commit().await?)
}

/// Deliveries that ended without their bitmaps: the process was stopped in between.
///
/// # Errors
/// If the database is away.
pub async fn unfinished(ctx: &Context) -> Result<Vec<DeliveryId>> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let sql =
        "SELECT d.id FROM delivery d WHERE d.finished_at IS NOT NULL AND d.frozen_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM outcome o WHERE o.delivery_id = d.id) LIMIT 100";
    Ok(rows::<Id, _>(ctx.store.read(), sql, vec![])
        .await?
        .into_iter()
        .map(|r| DeliveryId(r.id))
        .collect())
}

/// Whether LINE took a delivery for a resident; nothing while it is not known, and for
/// a broadcast, of which only LINE knows.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn received(
    ctx: &Context,
    delivery: DeliveryId,
    resident: ResidentId,
) -> Result<Option<bool>> {
    ctx.allow(Permission::ResidentRead)?;
    #[derive(FromQueryResult)]
    struct Outcome {
        residents: Vec<u8>,
    }
    let sql = "SELECT residents FROM outcome WHERE delivery_id = $1 AND outcome = 'accepted'
        AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.id = $1 AND d.counted_by_line)";
    let Some(o): Option<Outcome> = one(ctx.store.read(), sql, values![delivery.0]).await? else {
        return Ok(None);
    };
    Ok(Some(read_set(&o.residents)?.contains(resident.0 as u32)))
}

/// Deletes pushes that ended more than 30 days ago. The calls of deliveries stay: they
/// are what a certificate is made of.
///
/// # Errors
/// If the database is away.
pub async fn forget(ctx: &Context) -> Result<u64> {
    let tx = ctx.store.begin().await?;
    let sql = "DELETE FROM call WHERE delivery_id IS NULL AND ended_at < $1";
    let deleted = exec(&tx, sql, values![ctx.now().0 - PUSHES_KEPT]).await?;
    tx.commit().await?;
    Ok(deleted)
}
