//! Leasing calls, and LINE's rate limits shared by all servers.

use super::{Call, Kind, PERHAPS_TAKEN, open_ids, seal_ids, seal_variables};
use crate::db::{exec, json, number, numbers, rows};
use crate::delivery;
use crate::{Context, Error, Result, values};
use domain::delivery::call::{LEASE, WAIT_MAX};
use domain::delivery::{CallState, Reason};
use domain::id::{CallId, DeliveryId, ResidentId};
use domain::language::Language;
use domain::time::{MINUTE, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashSet;

/// Exceptions written by one statement.
const EXCEPTED: usize = 10_000;

/// Where open calls are looked for, one after the other.
struct Lane {
    /// Nothing for what was pushed outside a delivery.
    delivery: Option<DeliveryId>,
    urgent: bool,
    /// A delivery that was cancelled only finds out about what LINE may have taken.
    cancelled: bool,
    corrected: bool,
}

impl Lane {
    /// The condition on its open calls.
    fn open(&self) -> String {
        let of = match self.delivery {
            Some(id) => format!("delivery_id = {id}"),
            None => "delivery_id IS NULL".to_owned(),
        };
        let perhaps = if self.cancelled { format!("AND {PERHAPS_TAKEN}") } else { String::new() };
        format!("{of} AND state < 2 {perhaps}")
    }
}

/// Every lane: emergencies and corrections, pushes outside deliveries, the others in the
/// order in which they were frozen. A delivery that is held waits.
async fn lanes<C: ConnectionTrait>(db: &C) -> Result<Vec<Lane>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        first: i64,
        cancelled: i64,
        corrections: i64,
    }
    let sql = format!(
        "SELECT id, CAST(CASE WHEN {} THEN 1 ELSE 0 END AS BIGINT) AS first,
            CAST(CASE WHEN status = 'cancelled' THEN 1 ELSE 0 END AS BIGINT) AS cancelled,
            (SELECT COUNT(*) FROM delivery x WHERE x.corrects = delivery.id) AS corrections
        FROM delivery WHERE frozen_at IS NOT NULL AND finished_at IS NULL AND status IN ('sending', 'cancelled')
        ORDER BY frozen_at, id",
        delivery::URGENT
    );
    let found: Vec<Row> = rows(db, &sql, values![]).await?;
    let (first, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|r| r.first > 0);
    let lane = |r: Row| Lane {
        delivery: Some(DeliveryId(r.id)),
        urgent: r.first > 0,
        cancelled: r.cancelled > 0,
        corrected: r.corrections > 0,
    };
    let outside = Lane { delivery: None, urgent: false, cancelled: false, corrected: false };
    Ok(first.into_iter().map(lane).chain([outside]).chain(others.into_iter().map(lane)).collect())
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
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
}

impl Row {
    fn read(self, ctx: &Context, lane: &Lane) -> Result<Call> {
        let open = |column, sealed: Option<Vec<u8>>| {
            sealed
                .map(|s| ctx.store.keys().open_sealed(column, self.retry_key.as_bytes(), &s))
                .transpose()
        };
        Ok(Call {
            id: CallId(self.id),
            delivery: lane.delivery,
            kind: match self.kind.as_str() {
                "multicast" => Kind::Multicast,
                "broadcast" => Kind::Broadcast,
                "push" => Kind::Push,
                _ => return Err(Error::Inconsistent("call.kind")),
            },
            count: self.count,
            to: open_ids(ctx, &self.retry_key, &self.ids)?,
            messages: open("call.messages", self.messages)?
                .map(|m| String::from_utf8_lossy(&m).into_owned()),
            variables: open("call.variables", self.variables)?
                .map(|v| serde_json::from_slice(&v))
                .transpose()
                .map_err(|_| Error::Inconsistent("call.variables"))?,
            language: match self.language.as_deref() {
                None => Language::Japanese,
                Some(name) => Language::parse(name).ok_or(Error::Inconsistent("call.language"))?,
            },
            retry_key: self.retry_key,
            attempts: self.attempts,
            refused: self.refused,
            first_at: Timestamp(self.first_at.unwrap_or(ctx.now().0)),
            seq: self.seq,
        })
    }
}

/// How many pushes LINE takes in the time of a multicast.
const PUSHES_A_MULTICAST: i64 = 10;

/// Leases up to `limit` calls that are due to `owner`, emergencies first. LINE counts multicasts
/// apart from pushes: where those of one delivery would take all, a tenth as many multicasts that
/// are as urgent are leased besides. Residents
/// who left before a call's first attempt are withheld here, with their reason. A call
/// that LINE may have taken and whose key it may have forgotten while nobody worked is
/// never sent again: it ends here as failed (unknown), and so does one whose delivery was
/// corrected meanwhile.
///
/// # Errors
/// If the database is away.
pub async fn claim(ctx: &Context, owner: &str, limit: i64) -> Result<Vec<Call>> {
    let tx = ctx.store.begin().await?;
    let lanes = lanes(&tx).await?;
    let all: Vec<(usize, &Lane)> = lanes.iter().enumerate().collect();
    let mut found = lease_of(ctx, &tx, owner, &all, "", limit).await?;
    if let Some((last, ..)) = found.last()
        && found.len() as i64 >= limit
        && found.iter().all(|(.., call)| call.kind == Kind::Push)
    {
        let urgent = lanes[*last].urgent;
        let as_urgent: Vec<_> =
            all.into_iter().filter(|(_, lane)| lane.urgent || !urgent).collect();
        let room = (limit / PUSHES_A_MULTICAST).max(1);
        found.extend(lease_of(ctx, &tx, owner, &as_urgent, "AND kind <> 'push'", room).await?);
    }
    // One order for all workers, so that none waits for another in a circle.
    found.sort_by_key(|(_, _, call)| (call.delivery, call.id));
    let mut calls = Vec::with_capacity(found.len());
    for (order, corrected, mut call) in found {
        // Asking again for what was taken back could deliver it after its correction.
        if corrected && call.tries().perhaps_taken_before() {
            super::settle::expire(ctx, &tx, &call).await?;
            continue;
        }
        let now = ctx.now();
        if call.tries().expired(now) {
            // What one resident asked for is of no use a day later.
            if call.tries().perhaps_taken_before() || call.delivery.is_none() {
                super::settle::expire(ctx, &tx, &call).await?;
                continue;
            }
            call.retry_key = renew(ctx, &tx, &call, 1, Some(now)).await?;
            (call.attempts, call.refused, call.first_at) = (1, 0, now);
        }
        calls.push((order, call));
    }
    withhold_unfollowed(ctx, &tx, &mut calls).await?;
    tx.commit().await?;
    calls.sort_by_key(|(order, call)| (*order, call.seq));
    Ok(calls.into_iter().map(|(_, call)| call).collect())
}

/// Leases up to `limit` calls of several lanes, the first lanes first; answers each with its lane's
/// place and whether that was corrected.
async fn lease_of<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    owner: &str,
    lanes: &[(usize, &Lane)],
    kind: &str,
    limit: i64,
) -> Result<Vec<(usize, bool, Call)>> {
    let mut found = Vec::new();
    for (order, lane) in lanes {
        let room = limit - found.len() as i64;
        if room <= 0 {
            break;
        }
        let calls = lease(ctx, db, owner, lane, kind, room).await?;
        found.extend(calls.into_iter().map(|call| (*order, lane.corrected, call)));
    }
    Ok(found)
}

async fn lease<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    owner: &str,
    lane: &Lane,
    kind: &str,
    limit: i64,
) -> Result<Vec<Call>> {
    let now = ctx.now();
    let lock = ctx.store.skip_locked();
    let sql = format!(
        "UPDATE call SET state = 1, attempts = attempts + 1, owner = $1, next_at = $2, first_at = COALESCE(first_at, $3)
         WHERE id IN (SELECT id FROM call WHERE {} {kind} AND NOT (next_at > $3 AND next_at <= $5) ORDER BY next_at, id LIMIT $4 {lock})
         RETURNING id, kind, count, ids, messages, variables, language, retry_key, attempts, refused, first_at, seq",
        lane.open()
    );
    let values = values![owner, now.plus(LEASE).0, now.0, limit, now.plus(WAIT_MAX).0];
    let found: Vec<Row> = rows(db, &sql, values).await?;
    found.into_iter().map(|row| row.read(ctx, lane)).collect()
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
    calls: &mut Vec<(usize, Call)>,
) -> Result<()> {
    let first = |call: &&mut Call| call.delivery.is_some() && call.attempts == 1;
    let mut untried: Vec<_> = calls.iter_mut().map(|(_, call)| call).filter(first).collect();
    let ids: Vec<_> = untried.iter().flat_map(|c| c.to.iter().map(|r| r.id)).collect();
    let gone: HashSet<ResidentId> = delivery::left(db, &ids).await?.into_iter().collect();
    if gone.is_empty() {
        return Ok(());
    }
    for call in &mut untried {
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
    calls.retain(|(_, call)| call.count > 0 || call.kind == Kind::Broadcast);
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
    let sql = format!(
        "INSERT INTO exception (delivery_id, resident_id, reason, at) SELECT $1, n, $2, $3 FROM {} WHERE TRUE ON CONFLICT DO NOTHING",
        numbers(db, "$4")
    );
    let residents: Vec<i64> = residents.collect();
    for piece in residents.chunks(EXCEPTED) {
        let ids = json(piece.iter().copied());
        exec(db, &sql, values![delivery.0, reason.name(), ctx.now().0, ids]).await?;
    }
    Ok(())
}

/// Whether a worker holds a call of a delivery of which no attempt before can have been taken:
/// LINE's answer says whether it has reached anybody.
///
/// # Errors
/// If the database is away.
pub async fn on_its_way(ctx: &Context, delivery: DeliveryId) -> Result<bool> {
    let sql = "SELECT COUNT(*) AS n FROM call WHERE delivery_id = $1 AND state = 1 AND attempts = refused + 1";
    Ok(number(ctx.store.read(), sql, values![delivery.0]).await? > 0)
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
    let db = ctx.store.read();
    let mut due = None;
    for lane in lanes(db).await? {
        let sql = format!("SELECT MIN(next_at) AS n FROM call WHERE {}", lane.open());
        let at = Some(number(db, &sql, vec![]).await?).filter(|at| *at > 0);
        due = due.into_iter().chain(at).min();
    }
    Ok(due.map(Timestamp))
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
    exec(&tx, "DELETE FROM duty WHERE done_at IS NULL AND failing_since IS NULL", vec![]).await?;
    exec(&tx, "UPDATE duty SET until = 0", vec![]).await?;
    tx.commit().await?;
    Ok(freed)
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
/// database's clock, and how far back its slots reach. Slots that lie further ahead than
/// anybody reserves were taken by a clock that has gone back since.
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
    let sql = "INSERT INTO rate (name, ready_at) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET ready_at = CASE WHEN rate.ready_at > $3 THEN $4 ELSE rate.ready_at END";
    exec(db, sql, values![name, floor, now + burst + MINUTE, now]).await?;
    Ok((now, floor))
}
