//! Who the recipients of a delivery are, as numbers alone (SEG-8).

use super::get_in;
use crate::db::rows;
use crate::outbox::{excepted, in_calls, read_set};
use crate::{Context, Result, values};
use domain::delivery::CallState;
use domain::id::{ChoiceId, DeliveryId};
use domain::permission::Permission;
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// How many of the recipients whom the freeze fixed made any choice of each group, by what
/// is registered now. Nothing before the freeze, and where only LINE knows the recipients.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn by_choices(
    ctx: &Context,
    id: DeliveryId,
    groups: &[Vec<ChoiceId>],
) -> Result<Option<Vec<i64>>> {
    ctx.allow(Permission::DeliveryRead)?;
    let delivery = get_in(ctx.store.read(), id).await?;
    if delivery.frozen_at.is_none() || delivery.counted_by_line {
        return Ok(None);
    }
    let tx = ctx.store.begin_read().await?;
    let recipients = recipients(ctx, &tx, id).await?;
    tx.rollback().await?;
    // A made-up past has numbers, but nobody behind them.
    if recipients.len() as i64 != delivery.figures.recipients {
        return Ok(None);
    }
    let state = ctx.store.bitmaps().fresh(ctx).await?;
    let count = |group: &Vec<ChoiceId>| state.chose(group).intersection_len(&recipients) as i64;
    Ok(Some(groups.iter().map(count).collect()))
}

/// Everybody whom a delivery was frozen to, whatever became of it: who is in calls or, after
/// the end, in the outcomes, and the exceptions.
async fn recipients<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: DeliveryId,
) -> Result<RoaringBitmap> {
    #[derive(FromQueryResult)]
    struct Outcome {
        residents: Vec<u8>,
    }
    let unsplit = format!("state <> {}", CallState::Split.number());
    let mut set = in_calls(ctx, db, id, &unsplit).await?;
    set |= excepted(db, id, "1 = 1").await?;
    let sql = "SELECT residents FROM outcome WHERE delivery_id = $1 AND outcome IN ('accepted', 'cancelled')
        UNION ALL SELECT residents FROM fatigue WHERE delivery_id = $1";
    for outcome in rows::<Outcome, _>(db, sql, values![id.0]).await? {
        set |= read_set(&outcome.residents)?;
    }
    Ok(set)
}
