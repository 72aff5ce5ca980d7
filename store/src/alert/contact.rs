//! Where staff are told, and who is in charge of a delivery, a step course or a form.

use crate::db::{exec, one, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::alert::{Contact, Scope, Unheard};
use domain::id::{DeliveryId, DepartmentId, FormId, StaffId};
use domain::permission::{Actor, Owner, Permission, Role, check};
use domain::steps::Course;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

#[derive(FromQueryResult)]
struct Row {
    mail: Option<String>,
    alerts: Option<String>,
}

fn is_own(ctx: &Context, id: StaffId) -> bool {
    matches!(ctx.actor, Actor::Staff { id: own, .. } if own == id)
}

fn scope(name: Option<&str>) -> Scope {
    name.and_then(Scope::parse).unwrap_or_default()
}

/// Where somebody is told.
///
/// # Errors
/// `NotFound`, `Forbidden` unless it is the actor's own.
pub async fn contact(ctx: &Context, id: StaffId) -> Result<Contact> {
    if !is_own(ctx, id) {
        ctx.allow(Permission::StaffRead)?;
    }
    let sql = "SELECT mail, alerts FROM staff WHERE id = $1";
    let row: Option<Row> = one(ctx.store.read(), sql, values![id.0]).await?;
    let row = row.ok_or(Error::NotFound)?;
    Ok(Contact { scope: scope(row.alerts.as_deref()), mail: row.mail.unwrap_or_default() })
}

/// Sets it: the own, or another's by who may change staff.
///
/// # Errors
/// `Invalid` at `mail`, `NotFound`, `Forbidden`.
pub async fn set_contact(ctx: &Context, id: StaffId, contact: &Contact) -> Result<()> {
    if !is_own(ctx, id) {
        ctx.allow(Permission::StaffWrite)?;
    }
    if let Some(problem) = contact.problem() {
        return Err(Error::Invalid(vec![problem]));
    }
    let mail = Some(contact.mail.trim()).filter(|m| !m.is_empty());
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE staff SET mail = $1, alerts = $2, updated_at = $3 WHERE id = $4";
    let values = values![mail, contact.scope.name(), ctx.now().0, id.0];
    if exec(&tx, sql, values).await? == 0 {
        return Err(Error::NotFound);
    }
    ledger::append(ctx, &tx, Line::ok("alert.contact", format!("staff:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// What nobody hears of by mail: departments count of which somebody writes deliveries.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn unheard(ctx: &Context) -> Result<Unheard> {
    ctx.allow(Permission::StaffWrite)?;
    #[derive(FromQueryResult)]
    struct Person {
        id: i64,
        mail: Option<String>,
        alerts: Option<String>,
        role: String,
        department_id: i64,
        department: String,
    }
    let sql = "SELECT s.id, s.mail, s.alerts, s.role, s.department_id, p.name AS department
        FROM staff s JOIN department p ON p.id = s.department_id
        WHERE s.disabled_at IS NULL ORDER BY p.sort, p.id, s.id";
    let found: Vec<Person> = rows(ctx.store.read(), sql, values![]).await?;
    let (mut reachable, mut writing) = (Vec::new(), Vec::<(DepartmentId, String)>::new());
    for p in found {
        let role = Role::parse(&p.role).ok_or(Error::Inconsistent("staff.role"))?;
        let department = DepartmentId(p.department_id);
        let person = Actor::Staff { id: StaffId(p.id), department, role };
        let writes = role.permissions().contains(&Permission::DeliveryWrite);
        if writes && writing.last().is_none_or(|(last, _)| *last != department) {
            writing.push((department, p.department));
        }
        if p.mail.is_some() {
            reachable.push((scope(p.alerts.as_deref()), person));
        }
    }
    let heard = |owner| reachable.iter().any(|(scope, person)| scope.wants(false, person, owner));
    Ok(Unheard {
        relay: false,
        city: !heard(Owner::City),
        departments: writing
            .into_iter()
            .filter(|(id, _)| !heard(Owner::Department(*id)))
            .map(|(_, name)| name)
            .collect(),
    })
}

/// Somebody who is told by mail.
pub(crate) struct Told {
    pub staff: StaffId,
    pub address: String,
    /// Wrote it, or has asked for its approval.
    pub wrote: bool,
    /// May send or publish it, and so approve it.
    pub sends: bool,
}

/// Who is told by mail: of a delivery who wrote, asked for or approved it, and whoever may
/// send it and wants to hear, as [`Scope::wants`] decides; of anything else who would hear of a
/// delivery of the whole city.
pub(crate) async fn in_charge<C: ConnectionTrait>(
    db: &C,
    delivery: Option<DeliveryId>,
) -> Result<Vec<Told>> {
    let sql = "SELECT s.id, s.mail, s.alerts, s.role, s.department_id, d.department_id AS owner,
            (s.id = COALESCE(d.created_by, 0) OR EXISTS (
                SELECT 1 FROM approval a WHERE a.delivery_id = d.id AND a.staff_id = s.id
                AND a.act = 'request')) AS wrote,
            EXISTS (
                SELECT 1 FROM approval a WHERE a.delivery_id = d.id AND a.staff_id = s.id
                AND a.act IN ('approve', 'override')) AS involved
        FROM staff s LEFT JOIN delivery d ON d.id = $1
        WHERE s.mail IS NOT NULL AND s.disabled_at IS NULL ORDER BY s.id";
    wanting(db, sql, values![delivery.map(|d| d.0)], Permission::DeliverySend).await
}

/// The same of a step course, as it was before what is told.
pub(crate) async fn in_charge_of_course<C: ConnectionTrait>(
    db: &C,
    course: &Course,
) -> Result<Vec<Told>> {
    let asked = course.request.as_ref().and_then(|r| r.by).map_or(0, |s| s.0);
    let sql = "SELECT s.id, s.mail, s.alerts, s.role, s.department_id, c.department_id AS owner,
            (s.id = COALESCE(c.created_by, 0) OR s.id = $2) AS wrote,
            (s.id = COALESCE(c.approved_by, 0)) AS involved
        FROM staff s LEFT JOIN course c ON c.id = $1
        WHERE s.mail IS NOT NULL AND s.disabled_at IS NULL ORDER BY s.id";
    wanting(db, sql, values![course.id.0, asked], Permission::DeliverySend).await
}

/// The same of a form whose publication was asked for by `asked`. One of nobody is only for
/// those who reach every department.
pub(crate) async fn in_charge_of_form<C: ConnectionTrait>(
    db: &C,
    form: FormId,
    asked: Option<StaffId>,
) -> Result<Vec<Told>> {
    let sql = "SELECT s.id, s.mail, s.alerts, s.role, s.department_id, COALESCE(f.department_id, 0) AS owner,
            (s.id = $2) AS wrote, (s.id = $2) AS involved
        FROM staff s LEFT JOIN form f ON f.id = $1
        WHERE s.mail IS NOT NULL AND s.disabled_at IS NULL ORDER BY s.id";
    let values = values![form.0, asked.map_or(0, |s| s.0)];
    wanting(db, sql, values, Permission::FormPublish).await
}

/// Those of the found who want to hear; `sends` is who has the permission.
async fn wanting<C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: Vec<Value>,
    permission: Permission,
) -> Result<Vec<Told>> {
    #[derive(FromQueryResult)]
    struct Person {
        id: i64,
        mail: String,
        alerts: Option<String>,
        role: String,
        department_id: i64,
        owner: Option<i64>,
        wrote: bool,
        involved: bool,
    }
    let found: Vec<Person> = rows(db, sql, values).await?;
    let mut told = Vec::new();
    for p in found {
        let role = Role::parse(&p.role).ok_or(Error::Inconsistent("staff.role"))?;
        let person =
            Actor::Staff { id: StaffId(p.id), department: DepartmentId(p.department_id), role };
        let owner = p.owner.map_or(Owner::City, |d| Owner::Department(DepartmentId(d)));
        if scope(p.alerts.as_deref()).wants(p.wrote || p.involved, &person, owner) {
            let sends = check(&person, permission, owner).is_ok();
            told.push(Told { staff: StaffId(p.id), address: p.mail, wrote: p.wrote, sends });
        }
    }
    Ok(told)
}
