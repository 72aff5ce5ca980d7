//! Saved audiences.

use crate::db::{exec, found_in, like, number, one, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::audience::Audience;
use domain::audience::edit::normal;
use domain::audience::saved::{Use, Used};
use domain::delivery::Status;
use domain::id::{AudienceId, DeliveryId, DepartmentId};
use domain::permission::{Actor, Owner, Permission};
use domain::time::Timestamp;
use sea_orm::FromQueryResult;

/// A saved audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Id.
    pub id: AudienceId,
    /// Name, 1–100 characters.
    pub name: String,
    /// Who.
    pub audience: Audience,
    /// Whose.
    pub department: Option<DepartmentId>,
    /// The department's name.
    pub department_name: String,
    /// Last change.
    pub updated_at: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    name: String,
    expression: String,
    department_id: Option<i64>,
    department_name: Option<String>,
    updated_at: i64,
}

impl TryFrom<Row> for Saved {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            id: AudienceId(r.id),
            name: r.name,
            audience: serde_json::from_str(&r.expression)
                .map_err(|_| Error::Inconsistent("audience.expression"))?,
            department: r.department_id.map(DepartmentId),
            department_name: r.department_name.unwrap_or_default(),
            updated_at: Timestamp(r.updated_at),
        })
    }
}

const SELECT: &str =
    "SELECT a.id, a.name, a.expression, a.department_id, d.name AS department_name, a.updated_at
    FROM audience a LEFT JOIN department d ON d.id = a.department_id";

fn check_name(name: &str) -> Result<()> {
    if !(1..=100).contains(&name.trim().chars().count()) || name.chars().any(char::is_control) {
        return Err(Error::invalid("/name", "名前を1〜100文字で入れてください"));
    }
    Ok(())
}

fn json(audience: &Audience) -> Result<String> {
    serde_json::to_string(audience).map_err(|_| Error::Inconsistent("audience.expression"))
}

/// A condition as it is kept where it was taken over: as it was saved, or as editors write it.
fn kept(audience: &Audience) -> Result<[String; 2]> {
    Ok([json(audience)?, json(&normal(audience))?])
}

fn owner(saved: &Saved) -> Owner {
    saved.department.map_or(Owner::City, Owner::Department)
}

/// Found by name, the last changed first, and how many there are.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(
    ctx: &Context,
    search: &str,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Saved>, i64)> {
    ctx.allow(Permission::AudienceRead)?;
    let db = ctx.store.read();
    let condition = format!("WHERE {}", found_in(&ctx.store, &["a.name"]));
    let sql = format!("SELECT COUNT(*) AS n FROM audience a {condition}");
    let total = number(db, &sql, values![like(search)]).await?;
    let sql =
        format!("{SELECT} {condition} ORDER BY a.updated_at DESC, a.id DESC LIMIT $2 OFFSET $3");
    let found: Vec<Row> =
        rows(db, &sql, values![like(search), limit.clamp(1, 1000), offset.max(0)]).await?;
    Ok((found.into_iter().map(Saved::try_from).collect::<Result<_>>()?, total))
}

/// One saved audience.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn get(ctx: &Context, id: AudienceId) -> Result<Saved> {
    ctx.allow(Permission::AudienceRead)?;
    let row: Option<Row> =
        one(ctx.store.read(), &format!("{SELECT} WHERE a.id = $1"), values![id.0]).await?;
    row.ok_or(Error::NotFound)?.try_into()
}

/// Whether the actor may change it.
pub fn may_write(ctx: &Context, saved: &Saved) -> bool {
    ctx.allow_on(Permission::AudienceWrite, owner(saved)).is_ok()
}

/// The series and the newest deliveries made with exactly this condition. A delivery keeps the
/// condition that it was made with, so a later change of what is saved does not reach it.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn uses(ctx: &Context, audience: &Audience, limit: i64) -> Result<Vec<Use>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        title: String,
        status: String,
        series: bool,
    }
    let [saved, written] = kept(audience)?;
    let sql = "SELECT id, title, status, CASE WHEN recurrence IS NULL THEN FALSE ELSE TRUE END AS series FROM delivery
        WHERE audience IN ($1, $2) AND NOT to_testers ORDER BY CASE WHEN recurrence IS NULL THEN 1 ELSE 0 END, id DESC LIMIT $3";
    let found: Vec<Row> = rows(ctx.store.read(), sql, values![saved, written, limit]).await?;
    found
        .into_iter()
        .map(|r| {
            let id = DeliveryId(r.id);
            let status = Status::parse(&r.status).ok_or(Error::Inconsistent("delivery.status"))?;
            let what = if r.series { Used::Series(id, status) } else { Used::Delivery(id, status) };
            Ok(Use { what, title: r.title })
        })
        .collect()
}

/// How many deliveries and series were made with exactly this condition.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn count_uses(ctx: &Context, audience: &Audience) -> Result<i64> {
    ctx.allow(Permission::DeliveryRead)?;
    let [saved, written] = kept(audience)?;
    let sql = "SELECT COUNT(*) AS n FROM delivery WHERE audience IN ($1, $2) AND NOT to_testers";
    number(ctx.store.read(), sql, values![saved, written]).await
}

/// Saves a new audience for the actor's department.
///
/// # Errors
/// `Invalid`, `Forbidden`.
pub async fn create(ctx: &Context, name: &str, audience: &Audience) -> Result<AudienceId> {
    ctx.allow(Permission::AudienceWrite)?;
    check_name(name)?;
    let (department, staff) = match &ctx.actor {
        Actor::Staff { id, department, .. } => (Some(department.0), Some(id.0)),
        _ => (None, None),
    };
    let expression = json(audience)?;
    let tx = ctx.store.begin().await?;
    let now = ctx.now().0;
    let sql = "INSERT INTO audience (name, expression, department_id, created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) RETURNING id AS n";
    let id = AudienceId(
        number(&tx, sql, values![name.trim(), expression, department, staff, now]).await?,
    );
    ledger::append(ctx, &tx, Line::ok("audience.create", format!("audience:{id}"))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes name and condition.
///
/// # Errors
/// `NotFound`, `Invalid`, `Forbidden`; `Conflict` if it changed since `seen`.
pub async fn update(
    ctx: &Context,
    id: AudienceId,
    seen: Timestamp,
    name: &str,
    audience: &Audience,
) -> Result<()> {
    let saved = get(ctx, id).await?;
    ctx.allow_on(Permission::AudienceWrite, owner(&saved))?;
    check_name(name)?;
    let expression = json(audience)?;
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE audience SET name = $1, expression = $2, updated_at = $3 WHERE id = $4 AND updated_at = $5";
    if exec(&tx, sql, values![name.trim(), expression, ctx.now().0, id.0, seen.0]).await? == 0 {
        return Err(Error::Conflict(
            "ほかの人が先に保存しました。ひらき直して、変わったところを確かめてください".into(),
        ));
    }
    ledger::append(ctx, &tx, Line::ok("audience.update", format!("audience:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// Deletes a saved audience. Deliveries keep the condition that they were made with.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn delete(ctx: &Context, id: AudienceId) -> Result<()> {
    let saved = get(ctx, id).await?;
    ctx.allow_on(Permission::AudienceWrite, owner(&saved))?;
    let tx = ctx.store.begin().await?;
    exec(&tx, "DELETE FROM audience WHERE id = $1", values![id.0]).await?;
    ledger::append(ctx, &tx, Line::ok("audience.delete", format!("audience:{id}"))).await?;
    Ok(tx.commit().await?)
}
