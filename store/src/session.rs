//! Staff sessions and the throttling of sign-in (ADM-1).

use crate::db::{exec, number, one, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::id::{DepartmentId, SessionId, StaffId};
use domain::permission::{Actor, Permission, Role};
use domain::staff::{TRIES, Throttle};
use domain::time::{HOUR, MINUTE, Timestamp};
use sea_orm::FromQueryResult;

pub use domain::staff::{IDLE, LONGEST};

/// One signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Id.
    pub id: SessionId,
    /// Signed in.
    pub created_at: Timestamp,
    /// Last used.
    pub seen_at: Timestamp,
    /// From where.
    pub address: String,
    /// With what.
    pub agent: String,
}

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    /// Id.
    pub id: SessionId,
    /// Who.
    pub staff: StaffId,
    /// Name.
    pub name: String,
    /// Department.
    pub department: DepartmentId,
    /// Its name.
    pub department_name: String,
    /// What they may do.
    pub role: Role,
    /// Must change the password first.
    pub must_change: bool,
    /// It ends then if nobody uses it.
    pub idle_until: Timestamp,
    /// It ends then at the latest.
    pub until: Timestamp,
}

impl Current {
    /// As an actor.
    pub fn actor(&self) -> Actor {
        Actor::Staff { id: self.staff, department: self.department, role: self.role }
    }
}

fn hash(ctx: &Context, secret: &str) -> Vec<u8> {
    ctx.store.keys().hash("staff_session", secret.as_bytes())
}

/// Opens a session; answers the secret for the cookie.
///
/// # Errors
/// If the database is away.
pub async fn open(ctx: &Context, staff: StaffId, address: &str, agent: &str) -> Result<String> {
    let secret: String = hex::encode(ctx.random::<32>());
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    exec(
        &tx,
        "DELETE FROM staff_session WHERE expires_at < $1 OR seen_at < $2",
        values![now.0, now.0 - IDLE],
    )
    .await?;
    let sql = "INSERT INTO staff_session (token_hash, staff_id, created_at, seen_at, expires_at, address, agent) VALUES ($1, $2, $3, $3, $4, $5, $6)";
    let agent: String = agent.chars().take(200).collect();
    exec(
        &tx,
        sql,
        values![hash(ctx, &secret), staff.0, now.0, now.plus(LONGEST).0, address, agent],
    )
    .await?;
    ledger::append(ctx, &tx, Line::ok("session.create", format!("staff:{staff}"))).await?;
    tx.commit().await?;
    Ok(secret)
}

/// The session of a secret, if it is still open. Its last use is noted once a minute.
///
/// # Errors
/// If the database is away.
pub async fn current(ctx: &Context, secret: &str) -> Result<Option<Current>> {
    let Some(mut found) = glance(ctx, secret).await? else { return Ok(None) };
    let now = ctx.now();
    let idle_until = now.plus(IDLE);
    if idle_until.since(found.idle_until) > MINUTE {
        let tx = ctx.store.begin().await?;
        let sql = "UPDATE staff_session SET seen_at = $1 WHERE id = $2";
        exec(&tx, sql, values![now.0, found.id.0]).await?;
        tx.commit().await?;
        found.idle_until = idle_until;
    }
    Ok(Some(found))
}

/// The same for what a page asks by itself: nobody has used the session by that.
///
/// # Errors
/// If the database is away.
pub async fn glance(ctx: &Context, secret: &str) -> Result<Option<Current>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        staff_id: i64,
        name: String,
        department_id: i64,
        department_name: String,
        role: String,
        must_change: bool,
        seen_at: i64,
        expires_at: i64,
    }
    let now = ctx.now();
    let sql = "SELECT x.id, x.staff_id, s.name, s.department_id, d.name AS department_name, s.role, s.must_change, x.seen_at, x.expires_at
        FROM staff_session x JOIN staff s ON s.id = x.staff_id JOIN department d ON d.id = s.department_id
        WHERE x.token_hash = $1 AND x.expires_at > $2 AND x.seen_at > $3 AND s.disabled_at IS NULL";
    let row: Option<Row> =
        one(ctx.store.read(), sql, values![hash(ctx, secret), now.0, now.0 - IDLE]).await?;
    let Some(r) = row else { return Ok(None) };
    Ok(Some(Current {
        id: SessionId(r.id),
        staff: StaffId(r.staff_id),
        name: r.name,
        department: DepartmentId(r.department_id),
        department_name: r.department_name,
        role: Role::parse(&r.role).ok_or(Error::Inconsistent("staff.role"))?,
        must_change: r.must_change,
        idle_until: Timestamp(r.seen_at).plus(IDLE),
        until: Timestamp(r.expires_at),
    }))
}

/// The open sessions of a member of staff: the own ones, or another's by who may see staff.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context, staff: StaffId) -> Result<Vec<Session>> {
    if !matches!(ctx.actor, Actor::Staff { id, .. } if id == staff) {
        ctx.allow(Permission::StaffRead)?;
    }
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        created_at: i64,
        seen_at: i64,
        address: String,
        agent: String,
    }
    let now = ctx.now().0;
    let sql = "SELECT id, created_at, seen_at, address, agent FROM staff_session WHERE staff_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY seen_at DESC";
    let found: Vec<Row> = rows(ctx.store.read(), sql, values![staff.0, now, now - IDLE]).await?;
    Ok(found
        .into_iter()
        .map(|r| Session {
            id: SessionId(r.id),
            created_at: Timestamp(r.created_at),
            seen_at: Timestamp(r.seen_at),
            address: r.address,
            agent: r.agent,
        })
        .collect())
}

/// Ends a session: an own one, or another's by who may change staff.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn end(ctx: &Context, id: SessionId) -> Result<()> {
    let owner = number(
        ctx.store.read(),
        "SELECT staff_id AS n FROM staff_session WHERE id = $1",
        values![id.0],
    )
    .await?;
    if owner == 0 {
        return Err(Error::NotFound);
    }
    if !matches!(ctx.actor, Actor::Staff { id, .. } if id.0 == owner) {
        ctx.allow(Permission::StaffWrite)?;
    }
    let tx = ctx.store.begin().await?;
    exec(&tx, "DELETE FROM staff_session WHERE id = $1", values![id.0]).await?;
    ledger::append(ctx, &tx, Line::ok("session.delete", format!("staff:{owner}"))).await?;
    Ok(tx.commit().await?)
}

#[derive(FromQueryResult)]
struct Try {
    failed: i64,
    locked_until: Option<i64>,
}

/// How often sign-in failed in a row for a number (of an account or not) or an address.
///
/// # Errors
/// If the database is away.
pub async fn throttle(ctx: &Context, key: &str) -> Result<Throttle> {
    let hash = ctx.store.keys().hash("sign_in_try", key.as_bytes());
    let sql = "SELECT failed, locked_until FROM sign_in_try WHERE key_hash = $1 AND at > $2";
    let row: Option<Try> =
        one(ctx.store.read(), sql, values![hash, ctx.now().0 - 24 * HOUR]).await?;
    Ok(row.map_or(Throttle { failed: 0, locked_until: None }, |r| Throttle {
        failed: r.failed as u32,
        locked_until: r.locked_until.map(Timestamp),
    }))
}

/// Notes a wrong try, with its line in the ledger.
///
/// # Errors
/// If the database is away.
pub async fn failed(ctx: &Context, key: &str, address: &str) -> Result<Throttle> {
    let hash = ctx.store.keys().hash("sign_in_try", key.as_bytes());
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    // The row is made and locked first, so that tries at the same time count one by one.
    let sql = "INSERT INTO sign_in_try (key_hash, failed, at) VALUES ($1, 0, $2) ON CONFLICT (key_hash) DO UPDATE SET at = excluded.at RETURNING failed, locked_until";
    let former: Option<Try> = one(&tx, sql, values![hash.clone(), now.0]).await?;
    let former = former.map_or(Throttle { failed: 0, locked_until: None }, |r| Throttle {
        failed: r.failed as u32,
        locked_until: r.locked_until.map(Timestamp),
    });
    // A try that was under way when the lock closed does not open it.
    let after = if former.locked_minutes(now).is_some() {
        former
    } else {
        former.after_failure(TRIES, now)
    };
    let sql = "UPDATE sign_in_try SET failed = $1, locked_until = $2 WHERE key_hash = $3";
    exec(&tx, sql, values![i64::from(after.failed), after.locked_until.map(|t| t.0), hash]).await?;
    ledger::append(
        ctx,
        &tx,
        Line {
            act: "session.failed",
            object: format!("address:{address}"),
            result: "refused",
            count: None,
        },
    )
    .await?;
    tx.commit().await?;
    Ok(after)
}

/// Forgets wrong tries after a right one.
///
/// # Errors
/// If the database is away.
pub async fn succeeded(ctx: &Context, key: &str) -> Result<()> {
    let hash = ctx.store.keys().hash("sign_in_try", key.as_bytes());
    let tx = ctx.store.begin().await?;
    exec(&tx, "DELETE FROM sign_in_try WHERE key_hash = $1", values![hash]).await?;
    Ok(tx.commit().await?)
}
