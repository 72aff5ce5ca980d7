//! Leasing calls, and LINE's rate limits shared by all servers.

use super::{Call, Kind, PERHAPS_TAKEN, Recipient, open_ids, seal_ids, seal_variables};
use crate::db::{exec, number, rows};
use crate::delivery;
use crate::{Context, Error, Result, values};
use domain::delivery::call::LEASE;
use domain::delivery::{CallState, Reason};
use domain::id::{CallId, DeliveryId, ResidentId};
use domain::language::Language;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashSet;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    delivery_id: Option<i64>,
    kind: String,
    count: i64,
    ids: Vec<u8>,
    messages: Option<Vec<u8>>,
    variables: Option<Vec<u8>>,
    language: Option<String>,
    retry_key: String,
    attempts: i64,
    refused: i64,
    first_at: Option<i64>,
    seq: i64,
    corrections: i64,
}

/// Open calls that may be asked for, of `call c` and its `delivery d`: a delivery that is
/// held waits, and one that was cancelled only finds out about what LINE may have taken.
fn goes_on() -> String {
    format!(
        "c.state < 2 AND (d.id IS NULL OR d.status = 'sending' OR d.status = 'cancelled' AND {PERHAPS_TAKEN})"
    )
}

/// Leases up to `limit` calls that are due to `owner`, emergencies first. Residents
/// who left before a call's first attempt are withheld here, with their reason. A call
/// that LINE may have taken and whose key it may have forgotten while nobody worked is
/// never sent again: it ends here as failed (unknown), and so does one whose delivery was
/// corrected meanwhile.
///
/// # Errors
/// If the database is away.
pub async fn claim(ctx: &Context, owner: &str, limit: i64) -> Result<Vec<Call>> {
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    let lock = if ctx.store.is_sqlite() { "" } else { "FOR UPDATE OF c SKIP LOCKED" };
    let sql = format!(
        "UPDATE call SET state = 1, attempts = attempts + 1, owner = $1, next_at = $2, first_at = COALESCE(first_at, $3) WHERE id IN (
            SELECT c.id FROM call c LEFT JOIN delivery d ON d.id = c.delivery_id
            WHERE c.next_at <= $3 AND {}
            ORDER BY CASE WHEN d.purpose = 'emergency' OR d.corrects IS NOT NULL THEN 0 WHEN d.id IS NULL THEN 1 ELSE 2 END, c.next_at, c.id LIMIT $4 {lock})
         RETURNING id, delivery_id, kind, count, ids, messages, variables, language, retry_key, attempts, refused, first_at, seq,
            (SELECT COUNT(*) FROM delivery x WHERE x.corrects = call.delivery_id) AS corrections",
        goes_on()
    );
    let mut found: Vec<Row> =
        rows(&tx, &sql, values![owner, now.plus(LEASE).0, now.0, limit]).await?;
    found.sort_by_key(|r| (r.delivery_id, r.id));
    let mut calls = Vec::with_capacity(found.len());
    for r in found {
        let mut call = Call {
            id: CallId(r.id),
            delivery: r.delivery_id.map(DeliveryId),
            kind: match r.kind.as_str() {
                "multicast" => Kind::Multicast,
                "broadcast" => Kind::Broadcast,
                "push" => Kind::Push,
                _ => return Err(Error::Inconsistent("call.kind")),
            },
            count: r.count,
            to: open_ids(ctx, &r.retry_key, &r.ids)?,
            messages: r
                .messages
                .map(|m| ctx.store.keys().open_sealed("call.messages", r.retry_key.as_bytes(), &m))
                .transpose()?
                .map(|m| String::from_utf8_lossy(&m).into_owned()),
            variables: r
                .variables
                .map(|v| {
                    let plain = ctx.store.keys().open_sealed(
                        "call.variables",
                        r.retry_key.as_bytes(),
                        &v,
                    )?;
                    serde_json::from_slice(&plain)
                        .map_err(|_| Error::Inconsistent("call.variables"))
                })
                .transpose()?,
            language: match r.language.as_deref() {
                None => Language::Japanese,
                Some(name) => Language::parse(name).ok_or(Error::Inconsistent("call.language"))?,
            },
            retry_key: r.retry_key,
            attempts: r.attempts,
            refused: r.refused,
            first_at: Timestamp(r.first_at.unwrap_or(now.0)),
            seq: r.seq,
        };
        // Asking again for what was taken back could deliver it after its correction.
        if r.corrections > 0 && call.tries().perhaps_taken_before() {
            super::settle::expire(ctx, &tx, &call).await?;
            continue;
        }
        if call.tries().expired(now) {
            // What one resident asked for is of no use a day later.
            if call.tries().perhaps_taken_before() || call.delivery.is_none() {
                super::settle::expire(ctx, &tx, &call).await?;
                continue;
            }
            call.retry_key = renew(ctx, &tx, &call, 1, Some(now)).await?;
            (call.attempts, call.refused, call.first_at) = (1, 0, now);
        }
        calls.push(call);
    }
    withhold_unfollowed(ctx, &tx, &mut calls).await?;
    tx.commit().await?;
    calls.sort_by_key(|c| c.seq);
    Ok(calls)
}

/// Makes a delivery's call of which LINE took nothing as new, under a key that LINE has
/// never seen: whatever LINE keeps of the old one, it does not matter any more.
pub(super) async fn renew<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    call: &Call,
    attempts: i64,
    first_at: Option<Timestamp>,
) -> Result<String> {
    let key = ctx.uuid();
    let ids = seal_ids(ctx, &key, &call.to);
    let variables = call.variables_json()?.map(|v| seal_variables(ctx, &key, &v));
    let sql = "UPDATE call SET retry_key = $1, ids = $2, variables = $3, attempts = $4, refused = 0, first_at = $5 WHERE id = $6";
    let first_at = first_at.map(|t| t.0);
    exec(db, sql, values![key.clone(), ids, variables, attempts, first_at, call.id.0]).await?;
    Ok(key)
}

/// Takes residents who left since the freeze out of calls that are tried for the first time,
/// and calls that have nobody else out of the list.
async fn withhold_unfollowed<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    calls: &mut Vec<Call>,
) -> Result<()> {
    let first = |call: &Call| call.delivery.is_some() && call.attempts == 1;
    let ids: Vec<_> =
        calls.iter().filter(|c| first(c)).flat_map(|c| c.to.iter().map(|r| r.id)).collect();
    let gone: HashSet<ResidentId> = delivery::left(db, &ids).await?.into_iter().collect();
    if gone.is_empty() {
        return Ok(());
    }
    for call in calls.iter_mut().filter(|c| first(c)) {
        let Some(delivery) = call.delivery else { continue };
        let (left, to): (Vec<_>, Vec<_>) = call.to.iter().partition(|r| gone.contains(&r.id));
        if left.is_empty() {
            continue;
        }
        call.to = to;
        call.count = call.to.len() as i64;
        except(ctx, db, delivery, left.iter().map(|r| r.id.0), Reason::Unfollowed).await?;
        let state = if call.to.is_empty() { CallState::Withheld } else { CallState::Sending };
        let sql = "UPDATE call SET ids = $1, count = $2, state = $3 WHERE id = $4";
        let ids = seal_ids(ctx, &call.retry_key, &call.to);
        exec(db, sql, values![ids, call.count, state.number(), call.id.0]).await?;
        super::settle::add(db, delivery, 0, 0, left.len() as i64).await?;
        super::settle::is_done(ctx, db, delivery).await?;
    }
    calls.retain(|c| c.count > 0 || c.kind == Kind::Broadcast);
    Ok(())
}

/// Writes a row per resident who does not get a delivery.
pub(crate) async fn except<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: DeliveryId,
    residents: impl Iterator<Item = i64>,
    reason: Reason,
) -> Result<()> {
    let now = ctx.now().0;
    let rows: Vec<String> =
        residents.map(|r| format!("({delivery},{r},'{}',{now})", reason.name())).collect();
    for piece in rows.chunks(1_000) {
        let sql = format!(
            "INSERT INTO exception (delivery_id, resident_id, reason, at) VALUES {} ON CONFLICT DO NOTHING",
            piece.join(",")
        );
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Whether a delivery is stopped: cancelled, or held for a person.
///
/// # Errors
/// If the database is away.
pub async fn is_stopped(ctx: &Context, delivery: DeliveryId) -> Result<bool> {
    let sql = "SELECT COUNT(*) AS n FROM delivery WHERE id = $1 AND status <> 'sending'";
    Ok(number(ctx.store.read(), sql, values![delivery.0]).await? > 0)
}

/// When the next call is due, if any waits.
///
/// # Errors
/// If the database is away.
pub async fn next_due(ctx: &Context) -> Result<Option<Timestamp>> {
    let sql = format!(
        "SELECT MIN(c.next_at) AS n FROM call c LEFT JOIN delivery d ON d.id = c.delivery_id WHERE {}",
        goes_on()
    );
    let at = number(ctx.store.read(), &sql, vec![]).await?;
    Ok((at > 0).then_some(Timestamp(at)))
}

/// Frees the leases of a server that is known to be gone. Only for SQLite, where
/// one process works at a time; elsewhere leases end by themselves.
///
/// # Errors
/// If the database is away.
pub async fn free_leases(ctx: &Context) -> Result<u64> {
    let tx = ctx.store.begin().await?;
    let freed =
        exec(&tx, "UPDATE call SET next_at = $1 WHERE state = 1", values![ctx.now().0]).await?;
    exec(
        &tx,
        "UPDATE inbox SET next_at = $1 WHERE state = 0 AND next_at > $1",
        values![ctx.now().0],
    )
    .await?;
    exec(&tx, "DELETE FROM idempotency WHERE status IS NULL", vec![]).await?;
    exec(&tx, "DELETE FROM duty WHERE done_at IS NULL", vec![]).await?;
    exec(&tx, "UPDATE duty SET until = 0", vec![]).await?;
    tx.commit().await?;
    Ok(freed)
}

/// Puts a message to one resident on its way, outside a delivery. `messages` is LINE's JSON.
///
/// # Errors
/// If the database is away.
pub async fn push(ctx: &Context, to: Recipient, messages: &str) -> Result<()> {
    let key = ctx.uuid();
    let ids = seal_ids(ctx, &key, &[to]);
    let messages = ctx.store.keys().seal(ctx, "call.messages", key.as_bytes(), messages.as_bytes());
    let tx = ctx.store.begin().await?;
    let sql = "INSERT INTO call (delivery_id, seq, kind, count, ids, messages, retry_key, state, attempts, refused, next_at) VALUES (NULL, 0, 'push', 1, $1, $2, $3, 0, 0, 0, $4)";
    exec(&tx, sql, values![ids, messages, key, ctx.now().0]).await?;
    Ok(tx.commit().await?)
}

/// Reserves up to `wanted` slots of one of LINE's rate limits, shared by all servers
/// through one row and the database's clock. `interval` is microseconds per call,
/// `burst` how many microseconds' worth the bucket holds. Answers how long to wait
/// before the first slot (negative: it has passed); the others follow at `interval`.
///
/// # Errors
/// If the database is away.
pub async fn reserve(
    ctx: &Context,
    name: &str,
    wanted: i64,
    interval: i64,
    burst: i64,
) -> Result<i64> {
    let tx = ctx.store.begin().await?;
    let (now, floor) = bucket(ctx, &tx, name, burst).await?;
    let sql = "UPDATE rate SET ready_at = CASE WHEN ready_at < $1 THEN $1 ELSE ready_at END + $2 WHERE name = $3 RETURNING ready_at AS n";
    let ready = number(&tx, sql, values![floor, wanted * interval, name]).await?;
    tx.commit().await?;
    Ok(ready - wanted * interval - now)
}

/// Opens the bucket of a limit, full, if nobody took from it yet. Answers the time by the
/// database's clock, and how far back its slots reach.
pub(crate) async fn bucket<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    name: &str,
    burst: i64,
) -> Result<(i64, i64)> {
    let clock = if ctx.store.is_sqlite() {
        ctx.now().0.to_string()
    } else {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)".to_owned()
    };
    let now = number(db, &format!("SELECT {clock} AS n"), vec![]).await?;
    let floor = now - burst;
    let sql = "INSERT INTO rate (name, ready_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    exec(db, sql, values![name, floor]).await?;
    Ok((now, floor))
}
