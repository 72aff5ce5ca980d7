//! The inbox: events from LINE, durable before LINE gets its 200.
//!
//! Events are known by `webhookEventId` and worked on in order per resident. The
//! bodies are encrypted and deleted after [`KEPT`]; `unsend` deletes at once.

use crate::db::{doubling, exec, list, number, one, rows};
use crate::{Context, Error, Result, values};
use domain::id::EventId;
use domain::time::{DAY, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// Bodies are kept this long, in microseconds.
pub const KEPT: i64 = 30 * DAY;
/// Events of one statement at most.
const ROWS_MAX: usize = 512;
/// Tries until an event is set aside for a person to look at.
pub const TRIES: i64 = 8;

/// An event as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// `webhookEventId`.
    pub event_id: String,
    /// The 16 bytes of the user id, if the event has one.
    pub user: Option<[u8; 16]>,
    /// The message's id, for `unsend`.
    pub message_id: Option<String>,
    /// LINE's event type.
    pub kind: String,
    /// LINE's time of the event.
    pub at: Timestamp,
    /// The event's JSON.
    pub body: Vec<u8>,
}

/// Stores events in one transaction; those known already are passed over.
/// Answers how many were new.
///
/// # Errors
/// If the database is away: LINE must then be told so.
pub async fn store(ctx: &Context, events: &[Arrived]) -> Result<u64> {
    let tx = ctx.store.begin().await?;
    let mut new = 0;
    for piece in doubling(events, ROWS_MAX) {
        new += insert(ctx, &tx, piece).await?;
    }
    tx.commit().await?;
    Ok(new)
}

async fn insert<C: ConnectionTrait>(ctx: &Context, db: &C, events: &[Arrived]) -> Result<u64> {
    let keys = ctx.store.keys();
    let now = ctx.now().0;
    let mut values: Vec<Value> = Vec::with_capacity(events.len() * 7 + 1);
    values.push(now.into());
    for e in events {
        let sealed = keys.seal(ctx, "inbox.body", e.event_id.as_bytes(), &e.body);
        let user = e.user.map(|u| keys.hash("resident.line_id", &u));
        values.extend(values![
            e.event_id.clone(),
            user,
            e.message_id.clone(),
            e.kind.clone(),
            e.at.0,
            sealed
        ]);
    }
    let marks: Vec<String> = (0..events.len())
        .map(|row| {
            let n = row * 6 + 1;
            format!("(${},${},${},${},${},$1,${},0,0,$1)", n + 1, n + 2, n + 3, n + 4, n + 5, n + 6)
        })
        .collect();
    let sql = format!(
        "INSERT INTO inbox (event_id, user_hash, message_id, kind, at, received_at, body, state, attempts, next_at) VALUES {} ON CONFLICT (event_id) DO NOTHING",
        marks.join(",")
    );
    exec(db, &sql, values).await
}

/// An event to work on.
#[derive(Clone, Debug)]
pub struct Event {
    /// Id.
    pub id: EventId,
    /// Its JSON.
    pub body: Vec<u8>,
    /// When LINE says it happened.
    pub at: Timestamp,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Tries before this one.
    pub attempts: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    event_id: String,
    body: Option<Vec<u8>>,
    at: i64,
    received_at: i64,
    attempts: i64,
}

/// Leases up to `limit` events that are due, the oldest of each resident only, for `lease` microseconds.
///
/// # Errors
/// If the database is away.
pub async fn claim(ctx: &Context, limit: i64, lease: i64) -> Result<Vec<Event>> {
    let now = ctx.now().0;
    let tx = ctx.store.begin().await?;
    let lock = ctx.store.skip_locked();
    let sql = format!(
        "UPDATE inbox SET attempts = attempts + 1, next_at = $1 WHERE id IN (
            SELECT i.id FROM inbox i WHERE i.state = 0 AND i.next_at <= $2
              AND NOT EXISTS (SELECT 1 FROM inbox o WHERE o.state = 0 AND o.user_hash = i.user_hash AND (o.at < i.at OR o.at = i.at AND o.id < i.id))
            ORDER BY i.next_at, i.id LIMIT $3 {lock})
         RETURNING id, event_id, body, at, received_at, attempts"
    );
    let found: Vec<Row> = rows(&tx, &sql, values![now + lease, now, limit]).await?;
    tx.commit().await?;
    found
        .into_iter()
        .map(|r| {
            let body = r
                .body
                .map(|b| ctx.store.keys().open_sealed("inbox.body", r.event_id.as_bytes(), &b))
                .transpose()?;
            Ok(Event {
                id: EventId(r.id),
                body: body.unwrap_or_default(),
                at: Timestamp(r.at),
                received_at: Timestamp(r.received_at),
                attempts: r.attempts - 1,
            })
        })
        .collect()
}

/// Events are worked off.
///
/// # Errors
/// If the database is away.
pub async fn done(ctx: &Context, ids: &[EventId]) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = format!(
        "UPDATE inbox SET state = 1, error = NULL WHERE id IN ({})",
        list(ids.iter().map(|id| id.0))
    );
    exec(&tx, &sql, values![]).await?;
    Ok(tx.commit().await?)
}

/// An event could not be worked off: again later, or set aside after [`TRIES`].
///
/// # Errors
/// If the database is away.
pub async fn failed(ctx: &Context, id: EventId, attempts: i64, why: &str) -> Result<()> {
    let wait = (1_000_000i64 << attempts.clamp(0, 8)).min(300_000_000);
    let state = if attempts + 1 >= TRIES { 2 } else { 0 };
    let tx = ctx.store.begin().await?;
    exec(
        &tx,
        "UPDATE inbox SET state = $1, next_at = $2, error = $3 WHERE id = $4 AND state = 0",
        values![state, ctx.now().0 + wait, why, id.0],
    )
    .await?;
    Ok(tx.commit().await?)
}

/// Deletes what a resident took back.
///
/// # Errors
/// If the database is away.
pub async fn unsend(ctx: &Context, message_id: &str) -> Result<()> {
    let tx = ctx.store.begin().await?;
    exec(&tx, "UPDATE inbox SET body = NULL, state = CASE WHEN state = 0 THEN 1 ELSE state END WHERE message_id = $1 AND kind = 'message'", values![message_id]).await?;
    Ok(tx.commit().await?)
}

/// Deletes bodies that are older than [`KEPT`], and events set aside with them.
///
/// # Errors
/// If the database is away.
pub async fn forget(ctx: &Context) -> Result<u64> {
    let tx = ctx.store.begin().await?;
    let deleted = exec(
        &tx,
        "DELETE FROM inbox WHERE state <> 0 AND received_at < $1",
        values![ctx.now().0 - KEPT],
    )
    .await?;
    tx.commit().await?;
    Ok(deleted)
}

/// Events that wait, and events that were set aside.
///
/// # Errors
/// If the database is away.
pub async fn backlog(ctx: &Context) -> Result<(i64, i64)> {
    let waiting =
        number(ctx.store.read(), "SELECT COUNT(*) AS n FROM inbox WHERE state = 0", vec![]).await?;
    let aside =
        number(ctx.store.read(), "SELECT COUNT(*) AS n FROM inbox WHERE state = 2", vec![]).await?;
    Ok((waiting, aside))
}

/// The stored body of an event, for tests and for staff who look into one that was set aside.
///
/// # Errors
/// `NotFound` if there is no such event or its body was deleted.
pub async fn body(ctx: &Context, event_id: &str) -> Result<Vec<u8>> {
    let sql = "SELECT id, event_id, body, at, received_at, attempts FROM inbox WHERE event_id = $1";
    let row: Row = one(ctx.store.read(), sql, values![event_id]).await?.ok_or(Error::NotFound)?;
    ctx.store.keys().open_sealed(
        "inbox.body",
        event_id.as_bytes(),
        &row.body.ok_or(Error::NotFound)?,
    )
}
