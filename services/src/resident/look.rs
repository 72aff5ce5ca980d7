//! What staff look at beside the registration itself: deliveries, the age of the figures.

use crate::{Context, Result};
use domain::delivery::Delivery;
use domain::id::ResidentId;
use domain::permission::Permission;
use domain::time::Timestamp;
use store::delivery::{Group, Query};

/// How many of the last deliveries are looked through for one resident.
const DELIVERIES: i64 = 10;

/// The last deliveries that ended, and whether LINE took each for this resident;
/// nothing where only LINE knows (sent to LINE's own list), or it is not known yet.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn received(ctx: &Context, id: ResidentId) -> Result<Vec<(Delivery, Option<bool>)>> {
    ctx.allow(Permission::ResidentRead)?;
    let query = Query { group: Group::Past, limit: DELIVERIES, ..Query::default() };
    let (deliveries, _, _) = store::delivery::list(ctx, &query).await?;
    let mut out = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        let taken = if delivery.counted_by_line {
            None
        } else {
            store::outbox::received(ctx, delivery.id, id).await?
        };
        out.push((delivery, taken));
    }
    Ok(out)
}

const DUTY: &str = "figures";

/// Counts today's figures again, now.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn recount(ctx: &Context) -> Result<()> {
    store::figure::snapshot(ctx).await?;
    store::work::done(ctx, DUTY).await
}

/// When the figures were last counted.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn counted_at(ctx: &Context) -> Result<Option<Timestamp>> {
    ctx.allow(Permission::AudienceRead)?;
    store::work::last(ctx, DUTY).await
}
