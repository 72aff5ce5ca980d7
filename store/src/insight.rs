//! What LINE's statistics say of deliveries: the names under which they are sent, when LINE is
//! asked, and the last answer (SEG-8).

use crate::db::{exec, list, number, one, rows};
use crate::outbox::bucket;
use crate::{Context, Result, values};
use domain::delivery::{CallState, Delivery, Purpose};
use domain::id::DeliveryId;
use domain::insight::{PUBLISHED_FROM, Reads, SLOT, Without, month, names_for, next_look};
use domain::permission::Permission;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;

/// Which deliveries have ended without LINE having taken anything: of these it has nothing to say.
const UNSENT: &str = "d.finished_at IS NOT NULL AND d.started_at IS NULL";

/// Gives a delivery that is being frozen its name, if LINE will have something to say of it.
/// `people`: how many it is sent to; `by_line`: by broadcast, which LINE counts by its request.
pub(crate) async fn begin<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: &Delivery,
    people: i64,
    by_line: bool,
) -> Result<()> {
    let (now, id) = (ctx.now(), delivery.id);
    let repeated = delivery.series.is_some() || delivery.course.is_some();
    let most = names_for(delivery.purpose, delivery.corrects.is_some(), repeated);
    let used = async || {
        let sql = "SELECT COUNT(*) AS n FROM insight WHERE month = $1 AND unit IS NOT NULL";
        number(db, sql, values![month(now)]).await
    };
    let unasked = if delivery.purpose == Purpose::Test {
        Some(Without::Test)
    } else if by_line {
        None
    } else if people < PUBLISHED_FROM {
        Some(Without::Few)
    } else if used().await? >= most {
        Some(Without::Names)
    } else {
        None
    };
    // The number alone could come again after the database was set up anew.
    let unit = (unasked.is_none() && !by_line)
        .then(|| format!("d{id}_{}", hex::encode(ctx.random::<4>())));
    let next = if unasked.is_none() { next_look(now, now) } else { None };
    let sql = "INSERT INTO insight (delivery_id, unit, unasked, month, next_at) VALUES ($1, $2, $3, $4, $5)";
    let unasked = unasked.map(|w| w.name().to_owned());
    exec(db, sql, values![id.0, unit, unasked, month(now), next.map(|t| t.0)]).await?;
    Ok(())
}

/// The name under which a delivery is sent, the same in every call and every attempt.
///
/// # Errors
/// If the database is away.
pub async fn unit(ctx: &Context, id: DeliveryId) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        unit: Option<String>,
    }
    let sql = "SELECT unit FROM insight WHERE delivery_id = $1";
    let row: Option<Row> = one(ctx.store.read(), sql, values![id.0]).await?;
    Ok(row.and_then(|r| r.unit))
}

/// A delivery about which LINE can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub delivery: DeliveryId,
    /// Under which name it was sent.
    pub unit: Option<String>,
    /// The accepted request of a broadcast.
    pub request_id: Option<String>,
    /// When its first call left; nothing before.
    pub sent: Option<Timestamp>,
    /// When LINE was last asked with success.
    pub taken_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct Row {
    delivery_id: i64,
    unit: Option<String>,
    request_id: Option<String>,
    started_at: Option<i64>,
    taken_at: Option<i64>,
}

async fn asked(ctx: &Context, which: &str, at: i64) -> Result<Vec<Asked>> {
    let sql = format!(
        "SELECT i.delivery_id, i.unit, d.started_at, i.taken_at,
            (SELECT MIN(c.request_id) FROM call c WHERE c.delivery_id = d.id AND c.kind = 'broadcast' AND c.state = {}) AS request_id
         FROM insight i JOIN delivery d ON d.id = i.delivery_id WHERE i.unasked IS NULL AND NOT ({UNSENT}) AND {which}",
        CallState::Accepted.number()
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values![at]).await?;
    Ok(found
        .into_iter()
        .map(|r| Asked {
            delivery: DeliveryId(r.delivery_id),
            unit: r.unit,
            request_id: r.request_id,
            sent: r.started_at.map(Timestamp),
            taken_at: r.taken_at.map(Timestamp),
        })
        .collect())
}

/// Deliveries about which LINE is to be asked now, the longest waiting first.
///
/// # Errors
/// If the database is away.
pub async fn due(ctx: &Context, limit: i64) -> Result<Vec<Asked>> {
    let which = format!("i.next_at <= $1 ORDER BY i.next_at, i.delivery_id LIMIT {limit}");
    asked(ctx, &which, ctx.now().0).await
}

/// One delivery, if LINE can be asked about it.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn askable(ctx: &Context, id: DeliveryId) -> Result<Option<Asked>> {
    ctx.allow(Permission::DeliveryRead)?;
    Ok(asked(ctx, "i.delivery_id = $1", id.0).await?.pop())
}

/// Takes one of the questions that LINE allows; false if there is none left just now.
/// Shared by all servers, by the database's clock.
///
/// # Errors
/// If the database is away.
pub async fn slot(ctx: &Context) -> Result<bool> {
    let (interval, burst) = SLOT;
    let tx = ctx.store.begin().await?;
    let (now, floor) = bucket(ctx, &tx, "insight", burst).await?;
    let sql = "UPDATE rate SET ready_at = CASE WHEN ready_at < $1 THEN $1 ELSE ready_at END + $2 WHERE name = 'insight' AND ready_at + $2 <= $3";
    let taken = exec(&tx, sql, values![floor, interval, now]).await? == 1;
    tx.commit().await?;
    Ok(taken)
}

/// Keeps LINE's answer, and when it is asked next.
///
/// # Errors
/// If the database is away.
pub async fn taken(
    ctx: &Context,
    asked: &Asked,
    readers: Option<i64>,
    clickers: Option<i64>,
) -> Result<()> {
    let now = ctx.now();
    let next = asked.sent.and_then(|sent| next_look(sent, now));
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE insight SET taken_at = $1, readers = $2, clickers = $3, next_at = $4 WHERE delivery_id = $5";
    exec(&tx, sql, values![now.0, readers, clickers, next.map(|t| t.0), asked.delivery.0]).await?;
    Ok(tx.commit().await?)
}

/// Asks again later, or never.
///
/// # Errors
/// If the database is away.
pub async fn later(ctx: &Context, id: DeliveryId, at: Option<Timestamp>) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE insight SET next_at = $1 WHERE delivery_id = $2";
    exec(&tx, sql, values![at.map(|t| t.0), id.0]).await?;
    Ok(tx.commit().await?)
}

/// What is known of who opened a delivery; nothing before it was frozen, and for what was
/// sent before names were given.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn of(ctx: &Context, id: DeliveryId) -> Result<Option<Reads>> {
    Ok(of_each(ctx, &[id]).await?.remove(&id))
}

/// The same of several.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn of_each(ctx: &Context, ids: &[DeliveryId]) -> Result<BTreeMap<DeliveryId, Reads>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        delivery_id: i64,
        unasked: Option<String>,
        next_at: Option<i64>,
        taken_at: Option<i64>,
        readers: Option<i64>,
        clickers: Option<i64>,
    }
    let sql = format!(
        "SELECT i.delivery_id, COALESCE(i.unasked, CASE WHEN {UNSENT} THEN '{}' END) AS unasked, i.next_at, i.taken_at, i.readers, i.clickers
         FROM insight i JOIN delivery d ON d.id = i.delivery_id WHERE i.delivery_id IN ({})",
        Without::Unsent.name(),
        list(ids.iter().map(|i| i.0))
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, vec![]).await?;
    Ok(found
        .into_iter()
        .map(|r| {
            let without = r.unasked.as_deref().and_then(Without::parse);
            let reads = Reads {
                without,
                taken_at: r.taken_at.map(Timestamp),
                next_at: r.next_at.filter(|_| without.is_none()).map(Timestamp),
                readers: r.readers,
                clickers: r.clickers,
            };
            (DeliveryId(r.delivery_id), reads)
        })
        .collect())
}
