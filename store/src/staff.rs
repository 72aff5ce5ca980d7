//! Staff and departments (ADM-1).

use crate::db::{exec, found_in, like, number, one, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::id::{DepartmentId, StaffId};
use domain::permission::{Actor, Permission, Role};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// Id.
    pub id: DepartmentId,
    /// Name.
    pub name: String,
    /// Active staff.
    pub staff: i64,
}

/// A member of staff, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Id.
    pub id: StaffId,
    /// 職員番号.
    pub number: String,
    /// 氏名.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Where they work.
    pub department: DepartmentId,
    /// Its name.
    pub department_name: String,
    /// The password must be changed at the next sign-in.
    pub must_change: bool,
    /// Since when the account is closed.
    pub disabled_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    number: String,
    name: String,
    role: String,
    department_id: i64,
    department_name: String,
    must_change: bool,
    disabled_at: Option<i64>,
}

impl TryFrom<Row> for Staff {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            id: StaffId(r.id),
            number: r.number,
            name: r.name,
            role: Role::parse(&r.role).ok_or(Error::Inconsistent("staff.role"))?,
            department: DepartmentId(r.department_id),
            department_name: r.department_name,
            must_change: r.must_change,
            disabled_at: r.disabled_at.map(Timestamp),
        })
    }
}

const SELECT: &str = "SELECT s.id, s.number, s.name, s.role, s.department_id, d.name AS department_name, s.must_change, s.disabled_at
    FROM staff s JOIN department d ON d.id = s.department_id";

/// A new account; the password is already hashed.
#[derive(Clone, Debug)]
pub struct New<'a> {
    /// 職員番号.
    pub number: &'a str,
    /// 氏名.
    pub name: &'a str,
    /// What they may do.
    pub role: Role,
    /// The department's name; made if it is not there.
    pub department: &'a str,
    /// Argon2id hash.
    pub password_hash: &'a str,
    /// Must be changed at the first sign-in.
    pub must_change: bool,
}

/// Adds an account.
///
/// # Errors
/// `Conflict` if the number exists; `Forbidden`.
pub async fn create(ctx: &Context, new: New<'_>) -> Result<StaffId> {
    ctx.allow(Permission::StaffWrite)?;
    let now = ctx.now().0;
    let tx = ctx.store.begin().await?;
    if number(&tx, "SELECT COUNT(*) AS n FROM staff WHERE number = $1", values![new.number]).await?
        > 0
    {
        return Err(Error::Conflict(format!("職員番号 {} は、もう使われています", new.number)));
    }
    let department = department_in(ctx, &tx, new.department).await?;
    let sql = "INSERT INTO staff (number, name, department_id, role, password_hash, must_change, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id AS n";
    let values = values![
        new.number,
        new.name.trim(),
        department.0,
        new.role.name(),
        new.password_hash,
        new.must_change,
        now
    ];
    let id = StaffId(number(&tx, sql, values).await?);
    ledger::append(ctx, &tx, Line::ok("staff.create", format!("staff:{id}"))).await?;
    tx.commit().await?;
    Ok(id)
}

async fn department_in<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    name: &str,
) -> Result<DepartmentId> {
    let found =
        number(db, "SELECT id AS n FROM department WHERE name = $1", values![name.trim()]).await?;
    if found > 0 {
        return Ok(DepartmentId(found));
    }
    let sql = "INSERT INTO department (name, sort, created_at) VALUES ($1, (SELECT COALESCE(MAX(sort), 0) + 1 FROM department), $2) RETURNING id AS n";
    let id = number(db, sql, values![name.trim(), ctx.now().0]).await?;
    ledger::append(ctx, db, Line::ok("department.create", format!("department:{id}"))).await?;
    Ok(DepartmentId(id))
}

/// Adds a department, or finds it.
///
/// # Errors
/// `Invalid`, `Forbidden`.
pub async fn department(ctx: &Context, name: &str) -> Result<DepartmentId> {
    ctx.allow(Permission::StaffWrite)?;
    if !(1..=100).contains(&name.trim().chars().count()) {
        return Err(Error::invalid("name", "所属の名前を100文字までで入れてください"));
    }
    let tx = ctx.store.begin().await?;
    let id = department_in(ctx, &tx, name).await?;
    tx.commit().await?;
    Ok(id)
}

/// All departments in order.
///
/// # Errors
/// If the database is away.
pub async fn departments(ctx: &Context) -> Result<Vec<Department>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        name: String,
        n: i64,
    }
    let sql = "SELECT d.id, d.name, (SELECT COUNT(*) FROM staff s WHERE s.department_id = d.id AND s.disabled_at IS NULL) AS n FROM department d ORDER BY d.sort, d.id";
    let found: Vec<Row> = rows(ctx.store.read(), sql, vec![]).await?;
    Ok(found
        .into_iter()
        .map(|r| Department { id: DepartmentId(r.id), name: r.name, staff: r.n })
        .collect())
}

/// A page of staff found by number, name or department, and how many there are.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(
    ctx: &Context,
    search: &str,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Staff>, i64)> {
    ctx.allow(Permission::StaffRead)?;
    let condition = format!("WHERE {}", found_in(&ctx.store, &["s.number", "s.name", "d.name"]));
    let db = ctx.store.read();
    let sql = format!(
        "SELECT COUNT(*) AS n FROM staff s JOIN department d ON d.id = s.department_id {condition}"
    );
    let total = number(db, &sql, values![like(search)]).await?;
    let sql = format!(
        "{SELECT} {condition} ORDER BY s.disabled_at IS NOT NULL, s.number LIMIT $2 OFFSET $3"
    );
    let found: Vec<Row> =
        rows(db, &sql, values![like(search), limit.clamp(1, 1000), offset.max(0)]).await?;
    Ok((found.into_iter().map(Staff::try_from).collect::<Result<_>>()?, total))
}

/// One account.
///
/// # Errors
/// `NotFound`, `Forbidden` unless it is the actor's own.
pub async fn get(ctx: &Context, id: StaffId) -> Result<Staff> {
    if !matches!(ctx.actor, Actor::Staff { id: own, .. } if own == id) {
        ctx.allow(Permission::StaffRead)?;
    }
    let row: Option<Row> =
        one(ctx.store.read(), &format!("{SELECT} WHERE s.id = $1"), values![id.0]).await?;
    row.ok_or(Error::NotFound)?.try_into()
}

/// Changes name, role, department, and whether the account is closed. Closing ends its sessions.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if nobody could administer any more.
pub async fn update(
    ctx: &Context,
    id: StaffId,
    name: &str,
    role: Role,
    department: &str,
    disabled: bool,
) -> Result<()> {
    ctx.allow(Permission::StaffWrite)?;
    if !(1..=100).contains(&name.trim().chars().count()) {
        return Err(Error::invalid("name", "氏名を100文字までで入れてください"));
    }
    let now = ctx.now().0;
    let tx = ctx.store.begin().await?;
    if !ctx.store.is_sqlite() {
        // Two admins who close one another's account at the same time: one after the other.
        exec(&tx, "SELECT id FROM staff WHERE role = 'admin' ORDER BY id FOR UPDATE", vec![])
            .await?;
    }
    let department = department_in(ctx, &tx, department).await?;
    let sql = "UPDATE staff SET name = $1, role = $2, department_id = $3, updated_at = $4,
        disabled_at = CASE WHEN $5 THEN COALESCE(disabled_at, $4) ELSE NULL END WHERE id = $6";
    if exec(&tx, sql, values![name.trim(), role.name(), department.0, now, disabled, id.0]).await?
        == 0
    {
        return Err(Error::NotFound);
    }
    if number(
        &tx,
        "SELECT COUNT(*) AS n FROM staff WHERE role = 'admin' AND disabled_at IS NULL",
        vec![],
    )
    .await?
        == 0
    {
        return Err(Error::Conflict(
            "管理者がいなくなります。先に、ほかの人を管理者にしてください".into(),
        ));
    }
    if disabled {
        exec(&tx, "DELETE FROM staff_session WHERE staff_id = $1", values![id.0]).await?;
    }
    ledger::append(ctx, &tx, Line::ok("staff.update", format!("staff:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// The password hash of an open account, by number. For sign-in.
///
/// # Errors
/// If the database is away.
pub async fn password(ctx: &Context, staff_number: &str) -> Result<Option<(StaffId, String)>> {
    #[derive(FromQueryResult)]
    struct Hash {
        id: i64,
        password_hash: String,
    }
    let sql = "SELECT id, password_hash FROM staff WHERE number = $1 AND disabled_at IS NULL";
    let row: Option<Hash> = one(ctx.store.read(), sql, values![staff_number]).await?;
    Ok(row.map(|r| (StaffId(r.id), r.password_hash)))
}

/// Sets a new password hash: the own one, or another's by who may change staff
/// (then it must be changed at the next sign-in). Ends all sessions but `keep`.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn set_password(ctx: &Context, id: StaffId, hash: &str, keep: Option<i64>) -> Result<()> {
    let own = matches!(ctx.actor, Actor::Staff { id: own, .. } if own == id);
    if !own {
        ctx.allow(Permission::StaffWrite)?;
    }
    let tx = ctx.store.begin().await?;
    let sql =
        "UPDATE staff SET password_hash = $1, must_change = $2, updated_at = $3 WHERE id = $4";
    if exec(&tx, sql, values![hash, !own, ctx.now().0, id.0]).await? == 0 {
        return Err(Error::NotFound);
    }
    exec(
        &tx,
        "DELETE FROM staff_session WHERE staff_id = $1 AND id <> $2",
        values![id.0, keep.unwrap_or(0)],
    )
    .await?;
    ledger::append(ctx, &tx, Line::ok("staff.password", format!("staff:{id}"))).await?;
    Ok(tx.commit().await?)
}
