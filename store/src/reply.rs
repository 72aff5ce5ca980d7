//! Replies to deliveries that are kept: what could be replied, and who did (SEG-2).

use crate::db::{exec, one, rows};
use crate::{Context, Error, Result, values};
use domain::id::{DeliveryId, ResidentId};
use domain::message::Part;
use domain::message::reply::{Reply, replies};
use domain::permission::Permission;
use domain::time::Timestamp;
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Notes what can be replied to a delivery that is frozen.
pub(crate) async fn draw<'a, C: ConnectionTrait>(
    db: &C,
    id: DeliveryId,
    sides: impl Iterator<Item = &'a [Part]>,
) -> Result<()> {
    for words in sides.flat_map(replies).collect::<Vec<_>>() {
        let sql = "INSERT INTO reply (delivery_id, words) VALUES ($1, $2) ON CONFLICT (delivery_id, words) DO NOTHING";
        exec(db, sql, values![id.0, words]).await?;
    }
    Ok(())
}

/// Keeps that a resident replied; the first time counts. What could not be replied is ignored.
///
/// # Errors
/// If the database is away.
pub async fn keep(ctx: &Context, reply: &Reply, who: ResidentId, at: Timestamp) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = "INSERT INTO replied (reply_id, resident_id, at) SELECT id, $1, $2 FROM reply WHERE delivery_id = $3 AND words = $4 ON CONFLICT (reply_id, resident_id) DO NOTHING";
    exec(&tx, sql, values![who.0, at.0, reply.delivery.0, reply.words.as_str()]).await?;
    Ok(tx.commit().await?)
}

/// What was replied to a delivery and by how many, in the order of its buttons; and by how
/// many in all.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn of(ctx: &Context, id: DeliveryId) -> Result<(Vec<(String, i64)>, i64)> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        words: String,
        n: i64,
        people: i64,
    }
    let sql = "SELECT r.words, COUNT(p.resident_id) AS n, (SELECT COUNT(DISTINCT q.resident_id) FROM replied q JOIN reply o ON o.id = q.reply_id WHERE o.delivery_id = $1) AS people FROM reply r LEFT JOIN replied p ON p.reply_id = r.id WHERE r.delivery_id = $1 GROUP BY r.id, r.words ORDER BY r.id";
    let found: Vec<Row> = rows(ctx.store.read(), sql, values![id.0]).await?;
    let people = found.first().map_or(0, |r| r.people);
    Ok((found.into_iter().map(|r| (r.words, r.n)).collect(), people))
}

/// Who gave a reply, by its number; nothing if there is no such reply.
pub(crate) async fn people<C: ConnectionTrait>(db: &C, id: i64) -> Result<Option<RoaringBitmap>> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let known: Option<Id> = one(db, "SELECT id FROM reply WHERE id = $1", values![id]).await?;
    if known.is_none() {
        return Ok(None);
    }
    let sql = "SELECT resident_id AS id FROM replied WHERE reply_id = $1 ORDER BY resident_id";
    let found: Vec<Id> = rows(db, sql, values![id]).await?;
    let number = |r: Id| u32::try_from(r.id).map_err(|_| Error::Inconsistent("replied"));
    Ok(Some(found.into_iter().map(number).collect::<Result<_>>()?))
}
