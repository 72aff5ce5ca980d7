//! Rich menus (MENU-1 to MENU-5): documents, the program, emergencies, what LINE holds, and
//! how residents stand.

mod away;
mod change;
mod emergency;
mod existing;
mod figure;
mod live;
mod page;
mod program;
mod standing;
mod tap;
mod trial;

use crate::db::{found_in, like, number, one, rows};
use crate::{Context, Error, Result, values};
use domain::id::{DepartmentId, MenuId, StaffId};
use domain::menu::{Filter, Kept, Menu, Menus, Order, PER_PAGE, Published, Status, Summary};
use domain::permission::{Actor, Owner, Permission};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;

pub use away::{archive, delete, unarchive, usage};
pub use change::{copy, create, end_trial, publish, rename, save, try_out};
pub(crate) use emergency::delivery_begins;
pub use emergency::{declare, declared, declared_now, end, rule, set_rule, switches};
pub use existing::existing;
pub use figure::{DueFigures, figures, figures_due, keep_figures};
pub use live::{
    At, Lines, Spent, arrived, forgotten, install, lines, linked, slip, spend, spent, users,
};
pub(crate) use page::dead;
pub use page::{Looked, keep_pages, pages_due};
pub(crate) use program::asked;
pub use program::{
    drilled, epoch, program, program_in_force, publish_program, publish_program_with, refused,
    save_program,
};

pub(crate) use standing::note;
pub use standing::{Heard, News, choose, hear, heard, standings, switch, tab, touched, unheard};
pub use tap::{Tapped, add_taps, short, taps, target};
pub use trial::{NO_TESTERS, end_late_trial, end_program_trial, program_tried, try_program};

pub(crate) fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|_| Error::Inconsistent("menu"))
}

pub(crate) fn read<T: serde::de::DeserializeOwned>(json: &str, what: &'static str) -> Result<T> {
    serde_json::from_str(json).map_err(|_| Error::Inconsistent(what))
}

fn staff(ctx: &Context) -> Option<StaffId> {
    match &ctx.actor {
        Actor::Staff { id, .. } => Some(*id),
        _ => None,
    }
}

fn changed() -> Error {
    Error::Conflict("ほかの画面で先に変えられました。ひらき直してください".into())
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    department_id: i64,
    department_name: String,
    name: String,
    status: String,
    draft: String,
    version: i64,
    published: Option<String>,
    published_at: Option<i64>,
    published_by: Option<String>,
    updated_by: Option<String>,
    updated_at: i64,
}

const SELECT: &str = "SELECT m.id, m.department_id, d.name AS department_name, m.name, m.status, m.draft, m.version, m.published, m.published_at, p.name AS published_by, u.name AS updated_by, m.updated_at
    FROM menu m JOIN department d ON d.id = m.department_id LEFT JOIN staff p ON p.id = m.published_by LEFT JOIN staff u ON u.id = m.updated_by";

impl Row {
    fn owner(&self) -> Owner {
        Owner::Department(DepartmentId(self.department_id))
    }

    fn status(&self) -> Result<Status> {
        Status::parse(&self.status).ok_or(Error::Inconsistent("menu.status"))
    }

    fn draft(&self) -> Result<Menu> {
        read(&self.draft, "menu.draft")
    }

    /// What residents see of it, or would.
    fn seen(&self) -> Result<Menu> {
        match &self.published {
            Some(published) => read(published, "menu.published"),
            None => self.draft(),
        }
    }

    fn summary(self, ctx: &Context) -> Result<Summary> {
        let mut draft = self.draft()?;
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let areas = draft.sheets.iter().map(|s| s.areas.len()).sum();
        Ok(Summary {
            id: MenuId(self.id),
            status: self.status()?,
            department: DepartmentId(self.department_id),
            version: self.version,
            updated_at: Timestamp(self.updated_at),
            published_at: self.published_at.map(Timestamp),
            changed: self.published.as_ref().is_some_and(|p| *p != self.draft),
            sheets: count(draft.sheets.len()),
            areas: count(areas),
            broken: 0,
            may_write: ctx.allow_on(Permission::MenuWrite, self.owner()).is_ok(),
            may_publish: ctx.allow_on(Permission::MenuPublish, self.owner()).is_ok(),
            first: (!draft.sheets.is_empty()).then(|| draft.sheets.swap_remove(0)),
            name: self.name,
            department_name: self.department_name,
            updated_by: self.updated_by.unwrap_or_default(),
            published_by: self.published_by.unwrap_or_default(),
        })
    }
}

/// A page of the menus.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context, filter: &Filter) -> Result<Menus> {
    ctx.allow(Permission::MenuRead)?;
    let db = ctx.store.read();
    let status = match filter.status {
        Some(status) => format!("m.status = '{}'", status.name()),
        None => "m.status <> 'archived'".into(),
    };
    let department =
        filter.department.map(|d| format!("AND m.department_id = {}", d.0)).unwrap_or_default();
    let found = format!(
        "WHERE {} AND {status} {department} AND m.trial_of IS NULL",
        found_in(&ctx.store, &["m.name"])
    );
    let sql = format!("SELECT COUNT(*) AS n FROM menu m {found}");
    let total = number(db, &sql, values![like(&filter.search)]).await?;
    let order = match filter.order {
        Order::Changed => "m.updated_at DESC, m.id DESC",
        Order::Name => "m.name, m.id",
    };
    let sql = format!("{SELECT} {found} ORDER BY {order} LIMIT $2 OFFSET $3");
    let offset = filter.page.clamp(0, 100_000) * PER_PAGE;
    let page: Vec<Row> = rows(db, &sql, values![like(&filter.search), PER_PAGE, offset]).await?;
    let seen: Vec<Menu> = page.iter().map(Row::seen).collect::<Result<_>>()?;
    let existing = existing::of(ctx, db, &seen).await?;
    let mut rows = Vec::with_capacity(page.len());
    for (row, menu) in page.into_iter().zip(&seen) {
        let broken = i64::try_from(menu.broken(&existing).len()).unwrap_or(i64::MAX);
        rows.push(Summary { broken, ..row.summary(ctx)? });
    }
    Ok(Menus { rows, total, may_write: ctx.allow(Permission::MenuWrite).is_ok() })
}

async fn row<C: ConnectionTrait>(db: &C, id: MenuId) -> Result<Row> {
    let sql = format!("{SELECT} WHERE m.id = $1 AND m.trial_of IS NULL");
    one(db, &sql, values![id.0]).await?.ok_or(Error::NotFound)
}

/// A menu with its documents.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn get(ctx: &Context, id: MenuId) -> Result<Kept> {
    ctx.allow(Permission::MenuRead)?;
    let row = row(ctx.store.read(), id).await?;
    let published = row.published.as_deref().map(|p| read(p, "menu.published")).transpose()?;
    let draft = row.draft()?;
    Ok(Kept { summary: row.summary(ctx)?, draft, published })
}

/// When a menu was published, the last first.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn versions(ctx: &Context, id: MenuId) -> Result<Vec<Published>> {
    ctx.allow(Permission::MenuRead)?;
    #[derive(FromQueryResult)]
    struct Version {
        version: i64,
        at: i64,
        name: Option<String>,
    }
    row(ctx.store.read(), id).await?;
    let sql = "SELECT v.version, v.at, s.name FROM menu_version v LEFT JOIN staff s ON s.id = v.staff_id WHERE v.menu_id = $1 ORDER BY v.version DESC LIMIT 200";
    let found: Vec<Version> = rows(ctx.store.read(), sql, values![id.0]).await?;
    Ok(found
        .into_iter()
        .map(|v| Published {
            version: v.version,
            at: Timestamp(v.at),
            by: v.name.unwrap_or_default(),
        })
        .collect())
}

/// A menu as it was once published.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn version(ctx: &Context, id: MenuId, version: i64) -> Result<Menu> {
    ctx.allow(Permission::MenuRead)?;
    #[derive(FromQueryResult)]
    struct Document {
        document: String,
    }
    let sql = "SELECT document FROM menu_version WHERE menu_id = $1 AND version = $2";
    let found: Option<Document> = one(ctx.store.read(), sql, values![id.0, version]).await?;
    read(&found.ok_or(Error::NotFound)?.document, "menu_version.document")
}

/// The names of all menus that are not put away.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn names(ctx: &Context) -> Result<BTreeMap<MenuId, String>> {
    ctx.allow(Permission::MenuRead)?;
    #[derive(FromQueryResult)]
    struct Name {
        id: i64,
        name: String,
    }
    let sql = "SELECT id, name FROM menu WHERE status <> 'archived' AND trial_of IS NULL";
    let found: Vec<Name> = rows(ctx.store.read(), sql, vec![]).await?;
    Ok(found.into_iter().map(|n| (MenuId(n.id), n.name)).collect())
}

/// The published menus, and what testers see of one instead (by the menu that stands for it).
#[derive(Clone, Debug, Default)]
pub struct InForce {
    /// What is published, trials included.
    pub menus: BTreeMap<MenuId, Menu>,
    /// The trial that was begun last.
    pub trial: Option<MenuId>,
}

/// What is published.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn in_force(ctx: &Context) -> Result<InForce> {
    ctx.allow(Permission::MenuRead)?;
    #[derive(FromQueryResult)]
    struct Found {
        id: i64,
        published: String,
        trial_of: Option<i64>,
    }
    let sql = "SELECT id, published, trial_of FROM menu WHERE status = 'published' AND published IS NOT NULL ORDER BY updated_at, id";
    let mut all = InForce::default();
    for found in rows::<Found, _>(ctx.store.read(), sql, vec![]).await? {
        let id = MenuId(found.id);
        if found.trial_of.is_some() {
            all.trial = Some(id);
        }
        all.menus.insert(id, read(&found.published, "menu.published")?);
    }
    Ok(all)
}
