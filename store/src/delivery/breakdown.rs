//! Recipients by what they had registered when a delivery was sent: counted once, and kept with
//! it (SEG-8).

use crate::db::{exec, list, rows};
use crate::{Context, Error, Result, values};
use domain::delivery::{AsOf, Kept};
use domain::id::{AttributeId, DeliveryId};
use domain::permission::Permission;
use domain::time::{MINUTE, Timestamp};
use sea_orm::FromQueryResult;

/// While calls are sent nobody counts, since all of them would be read; but not for longer.
const SENDING: i64 = 5 * MINUTE;
/// The words of an unreadable row.
const COUNTS: &str = "delivery_breakdown.counts";

/// What was kept with a delivery of one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptOf {
    /// Which delivery.
    pub delivery: DeliveryId,
    /// When it was counted.
    pub as_of: AsOf,
    /// The numbers.
    pub kept: Kept,
}

/// Deliveries whose recipients are fixed and to be counted, the newest first.
///
/// # Errors
/// If the database is away.
pub async fn without_breakdown(ctx: &Context, limit: i64) -> Result<Vec<DeliveryId>> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let sql = "SELECT id FROM delivery WHERE frozen_at IS NOT NULL AND breakdown_at IS NULL AND NOT to_testers AND NOT counted_by_line
        AND (finished_at IS NOT NULL OR frozen_at < $1) ORDER BY frozen_at DESC, id DESC LIMIT $2";
    let found: Vec<Id> = rows(ctx.store.read(), sql, values![ctx.now().0 - SENDING, limit]).await?;
    Ok(found.into_iter().map(|r| DeliveryId(r.id)).collect())
}

/// Keeps what was counted; nothing if nobody knows the recipients. Of two servers the first has
/// counted.
///
/// # Errors
/// If the database is away.
pub async fn keep_breakdown(ctx: &Context, id: DeliveryId, kept: &[Kept]) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE delivery SET breakdown_at = $1 WHERE id = $2 AND breakdown_at IS NULL";
    if exec(&tx, sql, values![ctx.now().0, id.0]).await? == 0 {
        return Ok(());
    }
    for (sort, kept) in kept.iter().enumerate() {
        let counts = serde_json::to_string(kept).map_err(|_| Error::Inconsistent(COUNTS))?;
        let sql = "INSERT INTO delivery_breakdown (delivery_id, attribute_id, sort, counts) VALUES ($1, $2, $3, $4)";
        exec(&tx, sql, values![id.0, kept.attribute.0, sort as i64, counts]).await?;
    }
    Ok(tx.commit().await?)
}

/// What was kept with these deliveries, of one attribute or, in the order of the day, of all.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn kept_breakdowns(
    ctx: &Context,
    of: &[DeliveryId],
    attribute: Option<AttributeId>,
) -> Result<Vec<KeptOf>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        delivery_id: i64,
        counts: String,
        breakdown_at: i64,
        frozen_at: i64,
    }
    let which = attribute.map_or_else(String::new, |a| format!("AND b.attribute_id = {a}"));
    let sql = format!(
        "SELECT b.delivery_id, b.counts, d.breakdown_at, d.frozen_at FROM delivery_breakdown b JOIN delivery d ON d.id = b.delivery_id
         WHERE b.delivery_id IN ({}) {which} ORDER BY b.delivery_id, b.sort",
        list(of.iter().map(|id| id.0))
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, vec![]).await?;
    found
        .into_iter()
        .map(|r| {
            Ok(KeptOf {
                delivery: DeliveryId(r.delivery_id),
                as_of: AsOf::kept(Timestamp(r.breakdown_at), Timestamp(r.frozen_at)),
                kept: serde_json::from_str(&r.counts).map_err(|_| Error::Inconsistent(COUNTS))?,
            })
        })
        .collect()
}
