//! Templates (ひな形): what a delivery begins with (SEG-7).

use super::change::{by, some_json};
use super::json_list;
use crate::blob;
use crate::db::{exec, found_in, like, number, one, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::delivery::template::{Template, Templates, name_problem};
use domain::delivery::variant::whole;
use domain::delivery::{Draft, Purpose, Variant};
use domain::id::{DeliveryId, DepartmentId, TemplateId};
use domain::menu::SwitchTo;
use domain::message::Part;
use domain::permission::{Owner, Permission};
use domain::time::Timestamp;
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    name: String,
    purpose: String,
    audience: Option<String>,
    parts: String,
    variants: Option<String>,
    switch_to: Option<String>,
    department_id: Option<i64>,
    department_name: Option<String>,
    author: Option<String>,
    updated_at: i64,
}

impl Row {
    fn owner(&self) -> Owner {
        self.department_id.map_or(Owner::City, |id| Owner::Department(DepartmentId(id)))
    }

    fn read(self, ctx: &Context) -> Result<Template> {
        Ok(Template {
            may_write: ctx.allow_on(Permission::DeliveryWrite, self.owner()).is_ok(),
            id: TemplateId(self.id),
            name: self.name,
            purpose: Purpose::parse(&self.purpose)
                .ok_or(Error::Inconsistent("template.purpose"))?,
            audience: self
                .audience
                .map(|json| serde_json::from_str(&json))
                .transpose()
                .map_err(|_| Error::Inconsistent("template.audience"))?,
            parts: serde_json::from_str(&self.parts)
                .map_err(|_| Error::Inconsistent("template.parts"))?,
            variants: json_list(self.variants.as_deref(), "template.variants")?,
            switch_to: SwitchTo::parse(self.switch_to.as_deref())
                .ok_or(Error::Inconsistent("template.switch_to"))?,
            department: self.department_name.unwrap_or_default(),
            author: self.author.unwrap_or_default(),
            updated_at: Timestamp(self.updated_at),
        })
    }
}

const SELECT: &str = "SELECT t.id, t.name, t.purpose, t.audience, t.parts, t.variants, t.switch_to, t.department_id, d.name AS department_name, s.name AS author, t.updated_at
    FROM template t LEFT JOIN department d ON d.id = t.department_id LEFT JOIN staff s ON s.id = t.created_by";

/// Found by name, the last changed first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context, search: &str, offset: i64, limit: i64) -> Result<Templates> {
    ctx.allow(Permission::DeliveryRead)?;
    let db = ctx.store.read();
    let found = format!("WHERE {}", found_in(&ctx.store, &["t.name"]));
    let sql = format!("SELECT COUNT(*) AS n FROM template t {found}");
    let total = number(db, &sql, values![like(search)]).await?;
    let sql = format!("{SELECT} {found} ORDER BY t.updated_at DESC, t.id DESC LIMIT $2 OFFSET $3");
    let found: Vec<Row> =
        rows(db, &sql, values![like(search), limit.clamp(1, 1000), offset.max(0)]).await?;
    Ok(Templates {
        rows: found.into_iter().map(|row| row.read(ctx)).collect::<Result<_>>()?,
        total,
        may_use: ctx.allow(Permission::DeliveryWrite).is_ok(),
    })
}

async fn row(ctx: &Context, id: TemplateId) -> Result<Row> {
    ctx.allow(Permission::DeliveryRead)?;
    let sql = format!("{SELECT} WHERE t.id = $1");
    one(ctx.store.read(), &sql, values![id.0]).await?.ok_or(Error::NotFound)
}

/// Keeps what a draft holds, but its time, for the actor's department. It may be unfinished.
///
/// # Errors
/// `Invalid`, `Forbidden`.
pub async fn create(ctx: &Context, name: &str, draft: &Draft) -> Result<TemplateId> {
    ctx.allow(Permission::DeliveryWrite)?;
    if let Some(problem) = name_problem(name) {
        return Err(Error::Invalid(vec![problem]));
    }
    let (department, staff, _) = by(ctx);
    let json = |what| Error::Inconsistent(what);
    let audience = draft.audience.as_ref().map(serde_json::to_string).transpose();
    let values = values![
        name.trim(),
        draft.purpose.name(),
        audience.map_err(|_| json("template.audience"))?,
        serde_json::to_string(&draft.parts).map_err(|_| json("template.parts"))?,
        department.map(|d| d.0),
        staff.map(|s| s.0),
        ctx.now().0,
        some_json(&draft.variants)?,
        draft.switch_to.name()
    ];
    let tx = ctx.store.begin().await?;
    // Its pictures stay as long as it does.
    blob::used(ctx, &tx, &whole(&draft.parts, &draft.variants)).await?;
    let sql = "INSERT INTO template (name, purpose, audience, parts, department_id, created_by, created_at, updated_at, variants, switch_to) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9) RETURNING id AS n";
    let id = TemplateId(number(&tx, sql, values).await?);
    ledger::append(ctx, &tx, Line::ok("template.create", format!("template:{id}"))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Gives a template another name.
///
/// # Errors
/// `NotFound`, `Invalid`, `Forbidden`.
pub async fn rename(ctx: &Context, id: TemplateId, name: &str) -> Result<()> {
    ctx.allow_on(Permission::DeliveryWrite, row(ctx, id).await?.owner())?;
    if let Some(problem) = name_problem(name) {
        return Err(Error::Invalid(vec![problem]));
    }
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE template SET name = $1, updated_at = $2 WHERE id = $3";
    exec(&tx, sql, values![name.trim(), ctx.now().0, id.0]).await?;
    ledger::append(ctx, &tx, Line::ok("template.rename", format!("template:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// Deletes a template. Deliveries that began with it keep what they have.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn delete(ctx: &Context, id: TemplateId) -> Result<()> {
    ctx.allow_on(Permission::DeliveryWrite, row(ctx, id).await?.owner())?;
    let tx = ctx.store.begin().await?;
    exec(&tx, "DELETE FROM template WHERE id = $1", values![id.0]).await?;
    ledger::append(ctx, &tx, Line::ok("template.delete", format!("template:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// Begins a draft with what a template holds. Who may write deliveries may use every
/// department's.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn begin(ctx: &Context, id: TemplateId) -> Result<DeliveryId> {
    ctx.allow(Permission::DeliveryWrite)?;
    let template = row(ctx, id).await?.read(ctx)?;
    super::draft(ctx, template.draft()).await
}

/// The parts of a template and its variants, for what is written elsewhere.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn parts(ctx: &Context, id: TemplateId) -> Result<(Vec<Part>, Vec<Variant>)> {
    let template = row(ctx, id).await?.read(ctx)?;
    Ok((template.parts, template.variants))
}
