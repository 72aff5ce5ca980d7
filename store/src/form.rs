//! Forms (フォーム): the definition that is edited, the versions that were published (FORM-1).
//!
//! A form belongs to a department, which alone sees it, its administrators and REST tokens
//! apart. Whoever saves names the edition that they saw; a version never changes.

mod asking;
mod change;

use crate::db::{found_in, like, number, one, rows};
use crate::{Context, Error, Result, values};
use domain::form::Form;
use domain::form::kept::{
    Filter, Forms, Issued, Kept, Listed, Order, PAGE, Published, Request, Returned, Settings,
    State, Version,
};
use domain::form::pack::Proof;
use domain::id::{DepartmentId, FormId, StaffId};
use domain::permission::{Actor, Owner, Permission};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};

pub use asking::{ask, awaiting, returned, send_back, withdraw};
pub use change::{
    archive, close, copy, create, delete, import, publish, reopen, restore, save, try_out,
    unarchive,
};

/// Whose form it is. One of nobody is only for those who reach every department.
pub(crate) fn owner(department: Option<i64>) -> Owner {
    Owner::Department(DepartmentId(department.unwrap_or(0)))
}

/// The condition on `column` (a department's number) that lets through what the actor reaches
/// by this permission.
///
/// # Errors
/// `Forbidden` if that is nothing.
pub(crate) fn reach(ctx: &Context, permission: Permission, column: &str) -> Result<String> {
    if ctx.allow_on(permission, owner(None)).is_ok() {
        return Ok("1 = 1".into());
    }
    match &ctx.actor {
        Actor::Staff { department, .. } => {
            ctx.allow_on(permission, Owner::Department(*department))?;
            Ok(format!("{column} = {}", department.0))
        }
        _ => {
            ctx.allow(permission)?;
            Ok("1 = 0".into())
        }
    }
}

#[derive(FromQueryResult)]
pub(crate) struct Row {
    id: i64,
    name: String,
    title: String,
    department_id: Option<i64>,
    department_name: Option<String>,
    state: String,
    definition: String,
    settings: String,
    proof: Option<String>,
    edition: i64,
    published: Option<i64>,
    published_edition: Option<i64>,
    published_at: Option<i64>,
    received: i64,
    counted: i64,
    unread: i64,
    author: Option<String>,
    updated_at: i64,
    asked_by: Option<i64>,
    asker: Option<String>,
    asked_at: Option<i64>,
    asked_edition: Option<i64>,
    asked_words: Option<String>,
    returner: Option<String>,
    returned_at: Option<i64>,
    returned_words: Option<String>,
}

const SELECT: &str = "SELECT f.id, f.name, f.title, f.department_id, d.name AS department_name, f.state, f.definition, f.settings, f.proof, f.edition,
    f.published, f.published_edition, f.published_at, f.received AS counted, f.updated_at, s.name AS author,
    f.asked_by, q.name AS asker, f.asked_at, f.asked_edition, f.asked_words, b.name AS returner, f.returned_at, f.returned_words,
    (SELECT COUNT(*) FROM answer a WHERE a.form_id = f.id AND a.withdrawn_at IS NULL) AS received,
    (SELECT COUNT(*) FROM answer a WHERE a.form_id = f.id AND a.read_at IS NULL) AS unread
    FROM form f LEFT JOIN department d ON d.id = f.department_id LEFT JOIN staff s ON s.id = f.updated_by
    LEFT JOIN staff q ON q.id = f.asked_by LEFT JOIN staff b ON b.id = f.returned_by";

pub(crate) fn definition(json: &str) -> Result<Form> {
    serde_json::from_str(json).map_err(|_| Error::Inconsistent("form.definition"))
}

pub(crate) fn settings(json: &str) -> Result<Settings> {
    serde_json::from_str(json).map_err(|_| Error::Inconsistent("form.settings"))
}

fn proof(json: Option<&str>) -> Result<Proof> {
    let read = json.map(serde_json::from_str).transpose();
    Ok(read.map_err(|_| Error::Inconsistent("form.proof"))?.unwrap_or_default())
}

fn state(name: &str) -> Result<State> {
    State::parse(name).ok_or(Error::Inconsistent("form.state"))
}

impl Row {
    fn owner(&self) -> Owner {
        owner(self.department_id)
    }

    fn changed(&self) -> bool {
        self.published.is_some() && self.published_edition != Some(self.edition)
    }

    /// Somebody waits for whoever may publish it.
    fn waits(&self) -> bool {
        self.asked_at.is_some() && self.returned_at.is_none()
    }

    fn request(&self) -> Option<Request> {
        let at = Timestamp(self.asked_at.filter(|_| self.state != State::Archived.name())?);
        Some(Request {
            by: self.asked_by.map(StaffId),
            name: self.asker.clone().unwrap_or_default(),
            at,
            words: self.asked_words.clone().unwrap_or_default(),
            changed: self.asked_edition != Some(self.edition),
            returned: self.returned_at.map(|at| Returned {
                name: self.returner.clone().unwrap_or_default(),
                at: Timestamp(at),
                words: self.returned_words.clone().unwrap_or_default(),
            }),
        })
    }

    fn kept(self, ctx: &Context) -> Result<Kept> {
        let owner = self.owner();
        let may = |permission| ctx.allow_on(permission, owner).is_ok();
        Ok(Kept {
            changed: self.changed(),
            request: self.request(),
            may_write: may(Permission::FormWrite),
            may_publish: may(Permission::FormPublish),
            may_answers: may(Permission::AnswerRead),
            id: FormId(self.id),
            department: self.department_id.map(DepartmentId),
            department_name: self.department_name.unwrap_or_default(),
            state: state(&self.state)?,
            definition: definition(&self.definition)?,
            settings: settings(&self.settings)?,
            proof: proof(self.proof.as_deref())?,
            edition: self.edition,
            published: self.published.map(number_of),
            published_at: self.published_at.map(Timestamp),
            received: self.received,
            counted: self.counted,
            unread: self.unread,
            updated_at: Timestamp(self.updated_at),
            author: self.author.unwrap_or_default(),
            name: self.name,
        })
    }

    fn listed(self, ctx: &Context) -> Result<Listed> {
        Ok(Listed {
            changed: self.changed(),
            asked: self.waits(),
            may_write: ctx.allow_on(Permission::FormWrite, self.owner()).is_ok(),
            id: FormId(self.id),
            department_name: self.department_name.unwrap_or_default(),
            state: state(&self.state)?,
            published: self.published.map(number_of),
            received: self.received,
            unread: self.unread,
            updated_at: Timestamp(self.updated_at),
            name: self.name,
            title: self.title,
        })
    }
}

pub(crate) fn number_of(version: i64) -> u64 {
    u64::try_from(version).unwrap_or(0)
}

pub(crate) fn version_of(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The forms that the actor reaches, found in name and title.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context, filter: &Filter) -> Result<Forms> {
    let reach = reach(ctx, Permission::FormRead, "f.department_id")?;
    let db = ctx.store.read();
    let state = match filter.state {
        Some(state) => format!("f.state = '{}'", state.name()),
        None => format!("f.state <> '{}'", State::Archived.name()),
    };
    let found =
        format!("WHERE {reach} AND {state} AND {}", found_in(&ctx.store, &["f.name", "f.title"]));
    let pattern = like(filter.search.trim());
    let sql = format!("SELECT COUNT(*) AS n FROM form f {found}");
    let total = number(db, &sql, values![pattern.clone()]).await?;
    let order = match filter.order {
        Order::Changed => "f.updated_at DESC, f.id DESC",
        Order::Name => "f.name, f.id",
        // The column that is listed, not the form's own, which counts what was deleted, too.
        Order::Received => "received DESC, f.id DESC",
    };
    let sql = format!("{SELECT} {found} ORDER BY {order} LIMIT {PAGE} OFFSET $2");
    let offset = (filter.page.max(1) - 1).saturating_mul(PAGE);
    let rows: Vec<Row> = rows(db, &sql, values![pattern, offset]).await?;
    Ok(Forms {
        rows: rows.into_iter().map(|row| row.listed(ctx)).collect::<Result<_>>()?,
        total,
        may_write: may_begin(ctx),
    })
}

/// Whether the actor may begin a form: for the own department, or for none.
fn may_begin(ctx: &Context) -> bool {
    let department = match &ctx.actor {
        Actor::Staff { department, .. } => Some(department.0),
        _ => None,
    };
    ctx.allow_on(Permission::FormWrite, owner(department)).is_ok()
}

/// The forms that the actor reaches, by id, `limit` after `after`; the archived among them.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn page(ctx: &Context, after: Option<FormId>, limit: i64) -> Result<Vec<Listed>> {
    let reach = reach(ctx, Permission::FormRead, "f.department_id")?;
    let sql = format!("{SELECT} WHERE f.id > $1 AND {reach} ORDER BY f.id LIMIT $2");
    let after = after.map_or(0, |id| id.0);
    let found: Vec<Row> =
        rows(ctx.store.read(), &sql, values![after, limit.clamp(1, 1_000)]).await?;
    found.into_iter().map(|row| row.listed(ctx)).collect()
}

/// The row of a form that the actor reaches by this permission.
pub(crate) async fn row<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: FormId,
    permission: Permission,
) -> Result<Row> {
    let reach = reach(ctx, permission, "f.department_id")?;
    let sql = format!("{SELECT} WHERE f.id = $1 AND {reach}");
    one(db, &sql, values![id.0]).await?.ok_or(Error::NotFound)
}

/// A form.
///
/// # Errors
/// `NotFound` (another department's too), `Forbidden`.
pub async fn get(ctx: &Context, id: FormId) -> Result<Kept> {
    row(ctx, ctx.store.read(), id, Permission::FormRead).await?.kept(ctx)
}

/// The versions of a form, the newest first.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn versions(ctx: &Context, id: FormId) -> Result<Vec<Version>> {
    row(ctx, ctx.store.read(), id, Permission::FormRead).await?;
    #[derive(FromQueryResult)]
    struct Row {
        number: i64,
        published_at: i64,
        name: Option<String>,
        answers: i64,
    }
    let sql = "SELECT v.number, v.published_at, s.name, (SELECT COUNT(*) FROM answer a WHERE a.form_id = v.form_id AND a.version = v.number) AS answers
        FROM form_version v LEFT JOIN staff s ON s.id = v.published_by WHERE v.form_id = $1 ORDER BY v.number DESC";
    let found: Vec<Row> = rows(ctx.store.read(), sql, values![id.0]).await?;
    let version = |r: Row| Version {
        number: number_of(r.number),
        at: Timestamp(r.published_at),
        by: r.name.unwrap_or_default(),
        answers: r.answers,
    };
    Ok(found.into_iter().map(version).collect())
}

/// A version as it was published.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn version(ctx: &Context, id: FormId, number: u64) -> Result<Issued> {
    let db = ctx.store.read();
    let form = row(ctx, db, id, Permission::FormRead).await?;
    issued_in(db, &form, number).await
}

async fn issued_in<C: ConnectionTrait>(db: &C, form: &Row, number: u64) -> Result<Issued> {
    #[derive(FromQueryResult)]
    struct Row {
        definition: String,
        settings: Option<String>,
    }
    let sql = "SELECT definition, settings FROM form_version WHERE form_id = $1 AND number = $2";
    let found: Option<Row> = one(db, sql, values![form.id, version_of(number)]).await?;
    let found = found.ok_or(Error::NotFound)?;
    // As IN_FORCE says.
    let edited = (form.published == Some(version_of(number))).then_some(form.settings.as_str());
    Ok(Issued {
        form: definition(&found.definition)?,
        settings: found.settings.as_deref().or(edited).map(settings).transpose()?,
    })
}

#[derive(FromQueryResult)]
struct Definition {
    definition: String,
}

pub(crate) async fn version_in<C: ConnectionTrait>(
    db: &C,
    id: FormId,
    number: u64,
) -> Result<Form> {
    let sql = "SELECT definition FROM form_version WHERE form_id = $1 AND number = $2";
    let found: Option<Definition> = one(db, sql, values![id.0, version_of(number)]).await?;
    definition(&found.ok_or(Error::NotFound)?.definition)
}

/// The settings that residents meet, of a form `f` and its version in force `v`. A version that
/// was published by the former release keeps none: those of the form are its own then, and
/// [`save`] and [`publish`] keep them with it before they change.
pub(crate) const IN_FORCE: &str = "COALESCE(v.settings, f.settings)";

/// What residents get of a form that was published; whoever knows its address may ask.
///
/// # Errors
/// If the database is away.
pub async fn published(ctx: &Context, id: FormId) -> Result<Option<Published>> {
    #[derive(FromQueryResult)]
    struct Row {
        state: String,
        settings: String,
        received: i64,
        definition: String,
    }
    let sql = format!(
        "SELECT f.state, {IN_FORCE} AS settings, f.received, v.definition FROM form f JOIN form_version v ON v.form_id = f.id AND v.number = f.published WHERE f.id = $1"
    );
    let Some(row) = one::<Row, _>(ctx.store.read(), &sql, values![id.0]).await? else {
        return Ok(None);
    };
    Ok(Some(Published {
        id,
        state: state(&row.state)?,
        form: definition(&row.definition)?,
        settings: settings(&row.settings)?,
        received: u32::try_from(row.received).unwrap_or(u32::MAX),
    }))
}

/// What is edited, for a tester to whom it was shown ([`try_out`]): open whatever its terms say,
/// without its list. To anybody else there is nothing.
///
/// # Errors
/// If the database is away.
pub async fn trial(ctx: &Context, id: FormId) -> Result<Option<Published>> {
    let Actor::Resident(resident) = ctx.actor else { return Ok(None) };
    #[derive(FromQueryResult)]
    struct Row {
        state: String,
        definition: String,
        settings: String,
    }
    let sql = "SELECT f.state, f.definition, f.settings FROM form f WHERE f.id = $1 AND f.tried_at IS NOT NULL AND f.state <> 'archived'
        AND EXISTS (SELECT 1 FROM resident r WHERE r.id = $2 AND r.tester)";
    let found = one::<Row, _>(ctx.store.read(), sql, values![id.0, resident.0]).await?;
    let Some(row) = found else { return Ok(None) };
    Ok(Some(Published {
        id,
        state: state(&row.state)?,
        form: definition(&row.definition)?.for_trial(),
        settings: Settings { eligibility: None, ..settings(&row.settings)? },
        received: 0,
    }))
}

/// The definition of any version that was published, for an answer or a draft under it;
/// whoever knows the form's address may ask.
///
/// # Errors
/// `NotFound`; if the database is away.
pub async fn public_version(ctx: &Context, id: FormId, number: u64) -> Result<Form> {
    version_in(ctx.store.read(), id, number).await
}
