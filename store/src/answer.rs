//! Answers to forms (回答・申請): what residents send, and what staff see of it (FORM-4, 5, 11).
//!
//! What somebody wrote is encrypted, bound to the answer's own token. An answer belongs to the
//! department of its form. Whoever sends is a resident, or holds a secret of their own
//! ([`Holder`]); neither sees another's.

mod draft;
mod file;
mod keep;
mod receive;
mod staff;

use crate::db::{exec, found_in, like, number, one, rows};
use crate::form::{number_of, reach, version_in};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::form::inbox::{Answered, Event, Filter, Full, Given, Listed, Order, PAGE, Shown, What};
use domain::form::{Answers, Form, Submission};
use domain::id::{AnswerId, FormId, ResidentId};
use domain::permission::{Actor, Permission};
use domain::time::{DAY, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

pub use draft::{DRAFT_KEPT, Kept, draft, drafts, drop_draft, save_draft};
pub use file::{File, NewFile, add_file, drop_file, file, files, staff_file};
pub use keep::forget;
pub use receive::{New, Receipt, correct, mine, one_of_mine, own_count, send, withdraw};
pub use staff::{mark, note_export, set_staff, set_status};

/// Who sends: a resident, or whoever holds a secret that the page gave them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    resident: Option<ResidentId>,
    hash: Option<Vec<u8>>,
}

impl Holder {
    /// The acting resident; else whoever holds `secret`.
    pub fn of(ctx: &Context, secret: Option<&str>) -> Option<Self> {
        if let Actor::Resident(id) = ctx.actor {
            return Some(Self { resident: Some(id), hash: None });
        }
        let secret = secret.filter(|s| s.len() >= 32)?;
        let hash = ctx.store.keys().hash("answer.owner", secret.as_bytes());
        Some(Self { resident: None, hash: Some(hash) })
    }

    /// The resident, if it is one.
    pub fn resident(&self) -> Option<ResidentId> {
        self.resident
    }

    /// The condition on the rows that are theirs; its parameter is [`Holder::value`].
    fn is(&self, mark: &str) -> String {
        if self.resident.is_some() {
            format!("resident_id = {mark}")
        } else {
            format!("owner_hash = {mark}")
        }
    }

    fn value(&self) -> Value {
        match self.resident {
            Some(id) => id.0.into(),
            None => self.hash.clone().into(),
        }
    }

    fn columns(&self) -> (Option<i64>, Option<Vec<u8>>) {
        (self.resident.map(|r| r.0), self.hash.clone())
    }
}

fn seal<T: serde::Serialize>(
    ctx: &Context,
    column: &'static str,
    row: &str,
    what: &T,
) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(what).map_err(|_| Error::Inconsistent(column))?;
    Ok(ctx.store.keys().seal(ctx, column, row.as_bytes(), &json))
}

fn open<T: serde::de::DeserializeOwned>(
    ctx: &Context,
    column: &'static str,
    row: &str,
    sealed: &[u8],
) -> Result<T> {
    let json = ctx.store.keys().open_sealed(column, row.as_bytes(), sealed)?;
    serde_json::from_slice(&json).map_err(|_| Error::Inconsistent(column))
}

/// Writes a line of an answer's history.
async fn note<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: AnswerId,
    what: What,
    detail: &str,
) -> Result<()> {
    let staff = match &ctx.actor {
        Actor::Staff { id, .. } => Some(id.0),
        _ => None,
    };
    let now = ctx.now().0;
    let sealed = (!detail.is_empty()).then(|| {
        let row = format!("{id}@{now}");
        ctx.store.keys().seal(ctx, "answer_history.detail", row.as_bytes(), detail.as_bytes())
    });
    let sql = "INSERT INTO answer_history (answer_id, at, what, staff_id, detail) VALUES ($1, $2, $3, $4, $5)";
    exec(db, sql, values![id.0, now, what.name(), staff, sealed]).await?;
    Ok(())
}

/// When an answer is deleted that has this status since now: its time of keeping begins when
/// nothing more is to do (without states: at once).
fn delete_at(form: &Form, status: &str, over: bool, now: Timestamp) -> Option<i64> {
    let done = form.statuses.is_empty()
        || form.statuses.iter().find(|s| s.key == status).is_none_or(|s| s.done);
    let days = form.terms.retention_days?;
    (done || over).then(|| now.plus(i64::from(days) * DAY).0)
}

#[derive(FromQueryResult)]
struct Line1 {
    id: i64,
    form_id: i64,
    form_name: String,
    receipt: String,
    status: String,
    created_at: i64,
    changed_at: i64,
    version: i64,
    read_at: Option<i64>,
    withdrawn_at: Option<i64>,
    corrected_at: Option<i64>,
    files: i64,
    definition: Option<String>,
}

/// The answers that the actor reaches.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context, filter: &Filter) -> Result<Answered> {
    let reach = reach(ctx, Permission::AnswerRead, "f.department_id")?;
    let db = ctx.store.read();
    let mut found = format!(
        "FROM answer a JOIN form f ON f.id = a.form_id WHERE {reach} AND {}",
        found_in(&ctx.store, &["a.receipt"])
    );
    // From its beginning, so that a short number does not find all that end alike.
    let begins = like(filter.search.trim());
    let mut values = values![begins.strip_prefix('%').unwrap_or(&begins).to_owned()];
    let mut and = |condition: &str, value: Option<Value>| {
        found.push_str(" AND ");
        if let Some(value) = value {
            values.push(value);
            found.push_str(&condition.replace("{}", &format!("${}", values.len())));
        } else {
            found.push_str(condition);
        }
    };
    if let Some(form) = filter.form {
        and("a.form_id = {}", Some(form.0.into()));
    }
    if let Some(status) = &filter.status {
        and("a.status = {}", Some(status.clone().into()));
    }
    match filter.state {
        Shown::Open => and("a.withdrawn_at IS NULL", None),
        Shown::Withdrawn => and("a.withdrawn_at IS NOT NULL", None),
        Shown::All => {}
    }
    if filter.unread {
        and("a.read_at IS NULL", None);
    }
    if let Some(day) = filter.from {
        and("a.created_at >= {}", Some(day.start().0.into()));
    }
    if let Some(day) = filter.until {
        and("a.created_at < {}", Some(day.start().plus(DAY).0.into()));
    }
    let total = number(db, &format!("SELECT COUNT(*) AS n {found}"), values.clone()).await?;
    let order = match filter.order {
        Order::Newest => "a.created_at DESC, a.id DESC",
        Order::Oldest => "a.created_at, a.id",
        Order::Changed => "a.changed_at DESC, a.id DESC",
        Order::Receipt => "a.receipt, a.id",
    };
    values.push(((filter.page.max(1) - 1).saturating_mul(PAGE)).into());
    // The definition is read once a form, for the words of its states.
    let sql = format!(
        "SELECT a.id, a.form_id, f.name AS form_name, a.receipt, a.status, a.created_at, a.changed_at, a.version, a.read_at, a.withdrawn_at, a.corrected_at,
         (SELECT COUNT(*) FROM answer_file x WHERE x.answer_id = a.id) AS files,
         CASE WHEN ROW_NUMBER() OVER (PARTITION BY a.form_id ORDER BY a.id) = 1 THEN f.definition END AS definition
         FROM (SELECT a.* {found} ORDER BY {order} LIMIT {PAGE} OFFSET ${}) a JOIN form f ON f.id = a.form_id ORDER BY {order}",
        values.len()
    );
    let lines: Vec<Line1> = rows(db, &sql, values).await?;
    let mut forms = std::collections::BTreeMap::new();
    for line in &lines {
        if let Some(json) = &line.definition {
            forms.insert(line.form_id, crate::form::definition(json)?);
        }
    }
    let rows = lines.into_iter().map(|r| Listed {
        status_label: label(forms.get(&r.form_id), &r.status),
        id: AnswerId(r.id),
        form: FormId(r.form_id),
        form_name: r.form_name,
        receipt: r.receipt,
        status: r.status,
        at: Timestamp(r.created_at),
        changed_at: Timestamp(r.changed_at),
        version: number_of(r.version),
        unread: r.read_at.is_none(),
        withdrawn: r.withdrawn_at.is_some(),
        corrected: r.corrected_at.is_some(),
        files: r.files,
    });
    Ok(Answered { rows: rows.collect(), total, unread: unread(ctx).await? })
}

fn label(form: Option<&Form>, status: &str) -> String {
    let found = form.and_then(|f| f.statuses.iter().find(|s| s.key == status));
    found.map_or_else(|| status.to_owned(), |s| s.label.clone())
}

/// How many answers of the actor's department nobody has read; none for those who see none.
///
/// # Errors
/// If the database is away.
pub async fn unread(ctx: &Context) -> Result<i64> {
    let Ok(reach) = reach(ctx, Permission::AnswerRead, "f.department_id") else { return Ok(0) };
    let sql = format!(
        "SELECT COUNT(*) AS n FROM answer a JOIN form f ON f.id = a.form_id WHERE a.read_at IS NULL AND a.withdrawn_at IS NULL AND f.state <> 'archived' AND {reach}"
    );
    number(ctx.store.read(), &sql, values![]).await
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    token: String,
    form_id: i64,
    form_name: String,
    department_id: Option<i64>,
    version: i64,
    resident_id: Option<i64>,
    receipt: String,
    status: String,
    answers: Vec<u8>,
    staff: Option<Vec<u8>>,
    edition: i64,
    created_at: i64,
    changed_at: i64,
    corrected_at: Option<i64>,
    withdrawn_at: Option<i64>,
    read_at: Option<i64>,
    delete_at: Option<i64>,
    current: Option<i64>,
}

const SELECT: &str = "SELECT a.id, a.token, a.form_id, f.name AS form_name, f.department_id, a.version, a.resident_id, a.receipt, a.status, a.answers, a.staff, a.edition,
    a.created_at, a.changed_at, a.corrected_at, a.withdrawn_at, a.read_at, a.delete_at, f.published AS current
    FROM answer a JOIN form f ON f.id = a.form_id";

impl Row {
    fn id(&self) -> AnswerId {
        AnswerId(self.id)
    }

    fn form(&self) -> FormId {
        FormId(self.form_id)
    }

    fn submission(&self, ctx: &Context) -> Result<Submission> {
        open(ctx, "answer.answers", &self.token, &self.answers)
    }

    fn staff(&self, ctx: &Context) -> Result<Answers> {
        self.staff.as_ref().map_or_else(
            || Ok(Answers::new()),
            |sealed| open(ctx, "answer.staff", &self.token, sealed),
        )
    }

    /// The definition in force: its states and the staff's questions.
    async fn current<C: ConnectionTrait>(&self, db: &C) -> Result<Form> {
        version_in(db, self.form(), number_of(self.current.unwrap_or(self.version))).await
    }
}

async fn row<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: AnswerId,
    permission: Permission,
) -> Result<Row> {
    let reach = reach(ctx, permission, "f.department_id")?;
    let sql = format!("{SELECT} WHERE a.id = $1 AND {reach}");
    one(db, &sql, values![id.0]).await?.ok_or(Error::NotFound)
}

/// An answer with its history. That it was looked at stands in the ledger.
///
/// # Errors
/// `NotFound` (another department's too), `Forbidden`.
pub async fn get(ctx: &Context, id: AnswerId) -> Result<Full> {
    let db = ctx.store.read();
    let row = row(ctx, db, id, Permission::AnswerRead).await?;
    let current = row.current(db).await?;
    let beside = |sign: &str, order: &str| {
        format!(
            "SELECT id AS n FROM answer WHERE form_id = $1 AND withdrawn_at IS NULL AND (created_at {sign} $2 OR (created_at = $2 AND id {sign} $3)) ORDER BY created_at {order}, id {order} LIMIT 1"
        )
    };
    let near = async |sign: &str, order: &str| -> Result<Option<AnswerId>> {
        let found =
            number(db, &beside(sign, order), values![row.form_id, row.created_at, row.id]).await?;
        Ok((found > 0).then_some(AnswerId(found)))
    };
    let full = Full {
        id,
        form: row.form(),
        form_name: row.form_name.clone(),
        receipt: row.receipt.clone(),
        status: row.status.clone(),
        submission: row.submission(ctx)?,
        definition: version_in(db, row.form(), number_of(row.version)).await?,
        statuses: current.statuses,
        staff_questions: current.staff,
        staff: row.staff(ctx)?,
        at: Timestamp(row.created_at),
        changed_at: Timestamp(row.changed_at),
        read_at: row.read_at.map(Timestamp),
        withdrawn_at: row.withdrawn_at.map(Timestamp),
        delete_at: row.delete_at.map(Timestamp),
        resident: row.resident_id.map(ResidentId),
        edition: row.edition,
        files: file::of(ctx, db, id).await?,
        history: history(ctx, db, id).await?,
        may_write: ctx
            .allow_on(Permission::AnswerWrite, crate::form::owner(row.department_id))
            .is_ok(),
        previous: near("<", "DESC").await?,
        next: near(">", "ASC").await?,
    };
    ledger::note(ctx, Line::ok("answer.view", format!("answer:{id}"))).await?;
    Ok(full)
}

async fn history<C: ConnectionTrait>(ctx: &Context, db: &C, id: AnswerId) -> Result<Vec<Event>> {
    #[derive(FromQueryResult)]
    struct Row {
        at: i64,
        what: String,
        name: Option<String>,
        detail: Option<Vec<u8>>,
    }
    let sql = "SELECT h.at, h.what, s.name, h.detail FROM answer_history h LEFT JOIN staff s ON s.id = h.staff_id WHERE h.answer_id = $1 ORDER BY h.id";
    let found: Vec<Row> = rows(db, sql, values![id.0]).await?;
    let event = |r: Row| {
        let what = What::parse(&r.what).ok_or(Error::Inconsistent("answer_history.what"))?;
        let detail = match r.detail {
            Some(sealed) => {
                let row = format!("{id}@{}", r.at);
                let plain = ctx.store.keys().open_sealed(
                    "answer_history.detail",
                    row.as_bytes(),
                    &sealed,
                )?;
                String::from_utf8_lossy(&plain).into_owned()
            }
            None => String::new(),
        };
        let own = matches!(what, What::Sent | What::Corrected | What::Withdrawn);
        let other = if own { "申請者" } else { "システム" };
        Ok(Event { at: Timestamp(r.at), what, by: r.name.unwrap_or_else(|| other.into()), detail })
    };
    found.into_iter().map(event).collect()
}

/// What was answered to a form and not withdrawn, the oldest first, `limit` after `after`.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn given(
    ctx: &Context,
    form: FormId,
    after: Option<AnswerId>,
    limit: i64,
) -> Result<Vec<Given>> {
    let reach = reach(ctx, Permission::AnswerRead, "f.department_id")?;
    let sql = format!(
        "{SELECT} WHERE a.form_id = $1 AND a.id > $2 AND a.withdrawn_at IS NULL AND {reach} ORDER BY a.id LIMIT $3"
    );
    let after = after.map_or(0, |a| a.0);
    let found: Vec<Row> =
        rows(ctx.store.read(), &sql, values![form.0, after, limit.clamp(1, 1_000)]).await?;
    let given = |row: Row| {
        Ok(Given {
            submission: row.submission(ctx)?,
            staff: row.staff(ctx)?,
            id: row.id(),
            receipt: row.receipt,
            status: row.status,
            at: Timestamp(row.created_at),
            changed_at: Timestamp(row.changed_at),
        })
    };
    found.into_iter().map(given).collect()
}

/// How many answers of a form are not withdrawn.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn count(ctx: &Context, form: FormId) -> Result<i64> {
    let reach = reach(ctx, Permission::AnswerRead, "f.department_id")?;
    let sql = format!(
        "SELECT COUNT(*) AS n FROM answer a JOIN form f ON f.id = a.form_id WHERE a.form_id = $1 AND a.withdrawn_at IS NULL AND {reach}"
    );
    number(ctx.store.read(), &sql, values![form.0]).await
}
