//! Whose a delivery is, as sets of resident numbers: read from its calls while they hold
//! them, and from the outcomes and exceptions that stay.

use super::open_ids;
use crate::db::{number, rows};
use crate::{Context, Error, Result, values};
use domain::id::DeliveryId;
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Calls read at once. Those that replace another have its place in the order, so that there may
/// be a few more.
const CALLS: usize = 500;

/// Who is in those calls of a delivery that fit a condition.
pub(crate) async fn in_calls<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: DeliveryId,
    condition: &str,
) -> Result<RoaringBitmap> {
    #[derive(FromQueryResult)]
    struct Call {
        retry_key: String,
        ids: Vec<u8>,
    }
    let last = "SELECT MAX(seq) AS n FROM call WHERE delivery_id = $1";
    let last = number(db, last, values![delivery.0]).await?;
    let sql = format!(
        "SELECT retry_key, ids FROM call WHERE delivery_id = $1 AND seq >= $2 AND seq < $3 AND {condition}"
    );
    let mut set = RoaringBitmap::new();
    // Piece by piece: a delivery may have as many calls as residents.
    for first in (0..=last).step_by(CALLS) {
        let after = first + CALLS as i64;
        for call in rows::<Call, _>(db, &sql, values![delivery.0, first, after]).await? {
            let to = open_ids(ctx, &call.retry_key, &call.ids)?;
            set.extend(to.into_iter().map(|r| r.id.0 as u32));
        }
    }
    Ok(set)
}

/// Who stands among those exceptions of a delivery that fit a condition.
pub(crate) async fn excepted<C: ConnectionTrait>(
    db: &C,
    delivery: DeliveryId,
    condition: &str,
) -> Result<RoaringBitmap> {
    #[derive(FromQueryResult)]
    struct Resident {
        resident_id: i64,
    }
    let sql = format!("SELECT resident_id FROM exception WHERE delivery_id = $1 AND {condition}");
    let found: Vec<Resident> = rows(db, &sql, values![delivery.0]).await?;
    Ok(found.into_iter().map(|r| r.resident_id as u32).collect())
}

/// A set as `outcome.residents` keeps it.
pub(crate) fn read_set(bytes: &[u8]) -> Result<RoaringBitmap> {
    RoaringBitmap::deserialize_from(bytes).map_err(|_| Error::Inconsistent("outcome"))
}

/// The bytes of a set for `outcome.residents`.
pub(crate) fn write_set(set: &RoaringBitmap) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(set.serialized_size());
    set.serialize_into(&mut bytes).map_err(|_| Error::Inconsistent("outcome"))?;
    Ok(bytes)
}
