//! Answers to forms (回答・申請): what residents send, and what staff see of it (FORM-4, 5, 11).
//!
//! What somebody wrote is encrypted, bound to the answer's own token. An answer belongs to the
//! department of its form. Whoever sends is a resident, or holds a secret of their own
//! ([`Holder`]); neither sees another's.

mod choice;
mod digest;
mod draft;
mod export;
mod file;
mod given_files;
mod keep;
mod list;
mod receive;
mod saved;
mod staff;

use crate::db::{doubling, exec, number, one, rows, tuples};
use crate::form::{number_of, reach, version_in};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::form::inbox::{Event, Full, Given, What};
use domain::form::table::view::Wanted;
use domain::form::{Answers, Form, Submission};
use domain::id::{AnswerId, FormId, ResidentId};
use domain::permission::{Actor, Permission};
use domain::time::{DAY, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

pub use choice::catch_up;
pub(crate) use choice::{answered, askable, counts, fields_of, offer, who_chose, who_wrote};
pub use digest::digest;
pub use draft::{DRAFT_KEPT, Kept, Notes, draft, drafts, drop_draft, save_draft};
pub use export::{
    Job, claim_export, drop_export, end_export, export_file, export_piece, exports, fail_export,
    free_exports, keep_export, leave_export, start_export, step_export,
};
pub use file::{
    File, NewFile, add_file, admit_upload, drop_file, file, files, given_file, staff_file,
};
pub use given_files::{given_files, uploads};
pub use keep::forget;
pub(crate) use keep::keep_by;
pub use list::{list, unread_forms};
pub(crate) use receive::Arriving;
pub use receive::{
    New, Ready, Receipt, Talk, Whose, correct, mine, one_of_mine, own_count, receive_all, send,
    sent, withdraw,
};
pub use saved::{drop_view, rename_view, save_view, views};
pub use staff::{mark, note_export, set_staff, set_status};

/// Answers that one statement writes or looks for, and that one transaction receives.
const AT_ONCE: usize = 64;

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

/// Of each holder the form and [`Holder::columns`], for a table of three columns in a statement.
fn keys(form: FormId, holders: &[&Holder]) -> Vec<Value> {
    let key = |holder: &&Holder| {
        let (resident, owner) = holder.columns();
        values![form.0, resident, owner]
    };
    holders.iter().flat_map(key).collect()
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
    note_all(db, &[(ctx, id)], what, detail).await
}

/// The same of several answers, each by who acts on it.
async fn note_all<C: ConnectionTrait>(
    db: &C,
    answers: &[(&Context, AnswerId)],
    what: What,
    detail: &str,
) -> Result<()> {
    for piece in doubling(answers, AT_ONCE) {
        let mut values = Vec::with_capacity(piece.len() * 5);
        for (ctx, id) in piece {
            let staff = match &ctx.actor {
                Actor::Staff { id, .. } => Some(id.0),
                _ => None,
            };
            let (now, keys) = (ctx.now().0, ctx.store.keys());
            let sealed = (!detail.is_empty()).then(|| {
                let row = format!("{id}@{now}");
                keys.seal(ctx, "answer_history.detail", row.as_bytes(), detail.as_bytes())
            });
            values.extend(values![id.0, now, what.name(), staff, sealed]);
        }
        let sql = format!(
            "INSERT INTO answer_history (answer_id, at, what, staff_id, detail) VALUES {}",
            tuples(piece.len(), 5)
        );
        exec(db, &sql, values).await?;
    }
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

/// Answers that nobody has read; those that were taken back since, too.
const UNREAD: &str = "FROM answer a JOIN form f ON f.id = a.form_id WHERE a.read_at IS NULL AND f.state <> 'archived'";

/// How many answers of the actor's department nobody has read; none for those who see none.
///
/// # Errors
/// If the database is away.
pub async fn unread(ctx: &Context) -> Result<i64> {
    let Ok(reach) = reach(ctx, Permission::AnswerRead, "f.department_id") else { return Ok(0) };
    let sql = format!("SELECT COUNT(*) AS n {UNREAD} AND {reach}");
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

    fn given(self, ctx: &Context) -> Result<Given> {
        Ok(Given {
            submission: self.submission(ctx)?,
            staff: self.staff(ctx)?,
            id: self.id(),
            receipt: self.receipt,
            status: self.status,
            at: Timestamp(self.created_at),
            changed_at: Timestamp(self.changed_at),
        })
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

/// What happened to an answer, the oldest first.
///
/// # Errors
/// `NotFound` (another department's too), `Forbidden`.
pub async fn events(ctx: &Context, id: AnswerId) -> Result<Vec<Event>> {
    let db = ctx.store.read();
    row(ctx, db, id, Permission::AnswerRead).await?;
    history(ctx, db, id).await
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
    found.into_iter().map(|row| row.given(ctx)).collect()
}

/// What was answered to a form, not withdrawn, and has the status and days that are `wanted`:
/// `limit` of it, the newest first, behind the answer that came `after.0` and has the id `after.1`.
///
/// # Errors
/// `Forbidden`; if the database is away. Of another department's there is nothing.
pub async fn newest(
    ctx: &Context,
    form: FormId,
    wanted: &Wanted,
    after: Option<(Timestamp, AnswerId)>,
    limit: i64,
) -> Result<Vec<Given>> {
    let reach = reach(ctx, Permission::AnswerRead, "f.department_id")?;
    let sql = format!(
        "{SELECT} WHERE a.form_id = $1 AND a.created_at <= $2 AND (a.created_at < $2 OR a.id < $3)
         AND a.created_at >= $4 AND a.created_at < $5 AND a.status = COALESCE($6, a.status)
         AND a.withdrawn_at IS NULL AND {reach} ORDER BY a.created_at DESC, a.id DESC LIMIT $7"
    );
    let (at, id) = after.map_or((i64::MAX, i64::MAX), |(at, id)| (at.0, id.0));
    let from = wanted.from.map_or(i64::MIN, |day| day.start().0);
    let until = wanted.until.map_or(i64::MAX, |day| day.start().plus(DAY).0);
    let limit = limit.clamp(1, 1_000);
    let values = values![form.0, at, id, from, until, wanted.status.clone(), limit];
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values).await?;
    found.into_iter().map(|row| row.given(ctx)).collect()
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
