//! What whoever answers does: sends, corrects, takes back, looks.

mod batch;
mod queue;
mod write;

use super::{AT_ONCE, Holder, Row, SELECT, choice, delete_at, file, note, open, seal};
use crate::db::{doubling, exec, one, rows, tuples};
use crate::form::{version_in, version_of};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::form::inbox::What;
use domain::form::kept::Published;
use domain::form::mine::{Mine, correct_until, files, may_withdraw, status_words};
use domain::form::{Form, Submission};
use domain::id::{AnswerId, BlobId, EligibilityId, FormId};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub use batch::receive_all;
pub(crate) use queue::Arriving;

/// How receipts look where the form does not say.
const RECEIPT: &str = "{和暦}-{番号:4}";

/// LINE's messages for the talk, made of the receipt number.
pub type Talk = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// What is sent.
pub struct New<'a> {
    /// To which form, as it was read when the answer was checked.
    pub form: &'a Published,
    /// What was answered, under [`New::form`]'s definition.
    pub submission: &'a Submission,
    /// Drawn for the page that was filled in: the same key never makes a second answer.
    pub key: &'a str,
    /// By whom on the form's list, if it has one: [`crate::eligibility::Found::hash`].
    pub eligible: Option<Vec<u8>>,
    /// What is said in the talk, if anything.
    pub talk: Option<Talk>,
}

/// That it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Id.
    pub id: AnswerId,
    /// Receipt number.
    pub receipt: String,
    /// When.
    pub at: Timestamp,
    /// It had been sent before: nothing new was made.
    pub again: bool,
}

/// An answer that is sealed and waits to be counted, with what its form says of it.
pub struct Ready {
    ctx: Context,
    holder: Holder,
    form: FormId,
    version: i64,
    at: Timestamp,
    send_hash: Vec<u8>,
    token: String,
    sealed: Vec<u8>,
    choices: Vec<Vec<u8>>,
    files: Vec<(String, BlobId)>,
    list: Option<EligibilityId>,
    eligible: Option<Vec<u8>>,
    limit: Option<u32>,
    limit_each: Option<u32>,
    pattern: String,
    status: String,
    delete_at: Option<i64>,
    title: String,
    /// Who gets a mail of it.
    mails: Vec<String>,
    talk: Option<Talk>,
}

impl Ready {
    /// Does what can be done before the form's row is locked.
    ///
    /// # Errors
    /// `Conflict` if it is for residents alone and nobody knows who answers.
    pub fn of(ctx: &Context, holder: &Holder, new: &New<'_>) -> Result<Self> {
        let (id, form, settings) = (new.form.id, &new.form.form, &new.form.settings);
        if holder.resident().is_none() && !settings.outside {
            return Err(Error::Conflict("このフォームは、LINEからひらいた人だけが送れます".into()));
        }
        let (token, at) = (ctx.uuid(), ctx.now());
        let status = form.statuses.first().map_or("", |s| s.key.as_str());
        let pattern = if form.terms.receipt.is_empty() { RECEIPT } else { &form.terms.receipt };
        let mails = if settings.mailing.at_once() { form.terms.addresses() } else { Vec::new() };
        Ok(Self {
            ctx: ctx.clone(),
            holder: holder.clone(),
            form: id,
            version: version_of(new.submission.version),
            at,
            send_hash: send_hash(ctx, holder, new.key),
            sealed: seal(ctx, "answer.answers", &token, new.submission)?,
            token,
            choices: choice::hashes(ctx, id, (form, new.submission)),
            files: files(&new.submission.answers),
            list: settings.eligibility.as_ref().map(|gate| gate.list),
            eligible: new.eligible.clone(),
            limit: form.terms.limit,
            limit_each: form.terms.limit_each,
            pattern: pattern.to_owned(),
            status: status.to_owned(),
            delete_at: delete_at(form, status, false, at),
            title: form.title.clone(),
            mails,
            talk: new.talk.clone(),
        })
    }

    /// Whether both count for the same limit.
    fn is_of_same(&self, other: &Self) -> bool {
        match (&self.eligible, &other.eligible) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => self.holder == other.holder,
        }
    }
}

/// By what is known that the same is sent again.
fn send_hash(ctx: &Context, holder: &Holder, key: &str) -> Vec<u8> {
    let whose = [key.as_bytes(), b"|", &value_bytes(holder)].concat();
    ctx.store.keys().hash("answer.send", &whose)
}

fn value_bytes(holder: &Holder) -> Vec<u8> {
    match holder.columns() {
        (Some(resident), _) => resident.to_be_bytes().to_vec(),
        (None, hash) => hash.unwrap_or_default(),
    }
}

/// Receives an answer: in one transaction it gets its number, takes its files, and the draft
/// goes; the talk is told and mails are queued. Those to its form that wait at the same moment
/// share the transaction ([`receive_all`]).
///
/// # Errors
/// `Conflict` if it is for residents alone and nobody knows who answers, if they are not on the
/// form's list (any more), or the form closed, is full, or changed since it was read; `Invalid`
/// if a file is not there (any more).
pub async fn send(ctx: &Context, holder: &Holder, new: &New<'_>) -> Result<Receipt> {
    queue::receive(Ready::of(ctx, holder, new)?).await
}

/// What was received of the holder under this key ([`New::key`]), if anything.
///
/// # Errors
/// If the database is away.
pub async fn sent(
    ctx: &Context,
    holder: &Holder,
    form: FormId,
    key: &str,
) -> Result<Option<Receipt>> {
    let hash = send_hash(ctx, holder, key);
    let mut sent = batch::sent_before(ctx.store.read(), form, &[hash.as_slice()]).await?;
    Ok(sent.remove(&hash))
}

/// For whom answers are counted: somebody on the form's list, whoever sends for them (a mother
/// for each of her children); without a list, whoever sends.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// Whoever sends.
    Holder(&'a Holder),
    /// Somebody on the form's list, by [`crate::eligibility::Found::hash`].
    Listed(&'a [u8]),
}

/// How many answers to a form stand, by the places of those for whom they are counted.
async fn own_in<C: ConnectionTrait>(
    db: &C,
    form: FormId,
    whose: &[(i64, Whose<'_>)],
) -> Result<HashMap<i64, i64>> {
    #[derive(FromQueryResult)]
    struct Own {
        place: i64,
        n: i64,
    }
    let mut found = HashMap::with_capacity(whose.len());
    for piece in doubling(whose, AT_ONCE) {
        // Each by the index of its column: SQLite would rather read all answers to the form,
        // from which the plus keeps it.
        let of = "SELECT k.place, a.id FROM k CROSS JOIN answer a WHERE a.withdrawn_at IS NULL AND";
        let sql = format!(
            "WITH k (place, form, resident, owner, eligible) AS (VALUES {})
             SELECT place, COUNT(*) AS n FROM ({of} a.resident_id = k.resident AND +a.form_id = k.form
                UNION {of} a.owner_hash = k.owner AND +a.form_id = k.form
                UNION {of} a.eligible_hash = k.eligible AND a.form_id = k.form) AS own GROUP BY place",
            tuples(piece.len(), 5)
        );
        let mut values = Vec::with_capacity(piece.len() * 5);
        for (place, whose) in piece {
            let ((resident, owner), eligible) = match whose {
                Whose::Holder(holder) => (holder.columns(), None),
                Whose::Listed(hash) => ((None, None), Some(hash.to_vec())),
            };
            values.extend(values![*place, form.0, resident, owner, eligible]);
        }
        let own: Vec<Own> = rows(db, &sql, values).await?;
        found.extend(own.into_iter().map(|row| (row.place, row.n)));
    }
    Ok(found)
}

/// How often a form was answered by somebody, or for somebody on its list.
///
/// # Errors
/// If the database is away.
pub async fn own_count(ctx: &Context, whose: Whose<'_>, form: FormId) -> Result<i64> {
    let own = own_in(ctx.store.read(), form, &[(0, whose)]).await?;
    Ok(own.get(&0).copied().unwrap_or(0))
}

async fn own<C: ConnectionTrait>(db: &C, holder: &Holder, id: AnswerId) -> Result<Row> {
    let sql = format!("{SELECT} WHERE a.id = $1 AND a.{}", holder.is("$2"));
    one(db, &sql, vec![id.0.into(), holder.value()]).await?.ok_or(Error::NotFound)
}

/// The form in force decides what may be done, and says the status; the answer's own version
/// is what is corrected.
fn seen(row: &Row, current: &Form, now: Timestamp) -> Mine {
    let withdrawn = row.withdrawn_at.is_some();
    let at = Timestamp(row.created_at);
    Mine {
        id: row.id(),
        form: row.form(),
        title: current.title.clone(),
        receipt: row.receipt.clone(),
        at,
        corrected_at: row.corrected_at.map(Timestamp),
        withdrawn_at: row.withdrawn_at.map(Timestamp),
        status: status_words(current, &row.status),
        may_withdraw: may_withdraw(current, &row.status, withdrawn),
        correct_until: correct_until(current, &row.status, withdrawn, at, now),
    }
}

/// Most of the holder's answers that are shown.
const MINE: i64 = 100;

/// What the holder has sent, the newest first.
///
/// # Errors
/// If the database is away.
pub async fn mine(ctx: &Context, holder: &Holder) -> Result<Vec<Mine>> {
    let db = ctx.store.read();
    let sql = format!(
        "{SELECT} WHERE a.{} ORDER BY a.created_at DESC, a.id DESC LIMIT {MINE}",
        holder.is("$1")
    );
    let found: Vec<Row> = rows(db, &sql, vec![holder.value()]).await?;
    let mut mine = Vec::with_capacity(found.len());
    let mut forms: BTreeMap<i64, Form> = BTreeMap::new();
    for row in found {
        let current = match forms.entry(row.form_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(row.current(db).await?),
        };
        mine.push(seen(&row, current, ctx.now()));
    }
    Ok(mine)
}

/// One of them, with what was answered and the definition under which it was.
///
/// # Errors
/// `NotFound`, another's too.
pub async fn one_of_mine(
    ctx: &Context,
    holder: &Holder,
    id: AnswerId,
) -> Result<(Mine, Submission, Form)> {
    let db = ctx.store.read();
    let row = own(db, holder, id).await?;
    let current = row.current(db).await?;
    let form = version_in(db, row.form(), crate::form::number_of(row.version)).await?;
    Ok((seen(&row, &current, ctx.now()), row.submission(ctx)?, form))
}

/// Takes an answer back; staff see it as unread again.
///
/// # Errors
/// `NotFound`, another's too; `Conflict` if it may not be taken back (any more).
pub async fn withdraw(ctx: &Context, holder: &Holder, id: AnswerId) -> Result<()> {
    let tx = ctx.store.begin().await?;
    // The form's row is locked before its answers, as by whoever publishes it; what is read then
    // is in force until the end. Nothing of it stays where nothing is taken back.
    let sql = format!(
        "UPDATE form SET received = received - 1 WHERE id = (SELECT a.form_id FROM answer a WHERE a.id = $1 AND a.{})",
        holder.is("$2")
    );
    exec(&tx, &sql, vec![id.0.into(), holder.value()]).await?;
    let row = own(&tx, holder, id).await?;
    if row.withdrawn_at.is_some() {
        return Ok(());
    }
    let current = row.current(&tx).await?;
    if !may_withdraw(&current, &row.status, false) {
        return Err(Error::Conflict(
            "この申請は、もう画面からは取り下げられません。担当までお問い合わせください".into(),
        ));
    }
    let now = ctx.now();
    let sql = "UPDATE answer SET withdrawn_at = $1, changed_at = $1, read_at = NULL, edition = edition + 1, delete_at = $2 WHERE id = $3 AND edition = $4";
    let delete = delete_at(&current, &row.status, true, now);
    if exec(&tx, sql, values![now.0, delete, id.0, row.edition]).await? == 0 {
        return Err(moved());
    }
    choice::drop_of(&tx, id).await?;
    note(ctx, &tx, id, What::Withdrawn, "").await?;
    ledger::append(ctx, &tx, Line::ok("answer.withdraw", format!("answer:{id}"))).await?;
    Ok(tx.commit().await?)
}

fn moved() -> Error {
    Error::Conflict("この申請は、いま処理が進みました。ひらき直してください".into())
}

/// Puts a correction in the place of an answer; staff see it as unread again, with what was
/// changed in its history.
///
/// # Errors
/// `NotFound`, another's too; `Conflict` if it may not be corrected (any more); `Invalid` if a
/// file is not there.
pub async fn correct(
    ctx: &Context,
    holder: &Holder,
    id: AnswerId,
    submission: &Submission,
) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let row = own(&tx, holder, id).await?;
    let current = row.current(&tx).await?;
    let now = ctx.now();
    let withdrawn = row.withdrawn_at.is_some();
    let at = Timestamp(row.created_at);
    if correct_until(&current, &row.status, withdrawn, at, now).is_none() {
        return Err(Error::Conflict(
            "この申請は、もう画面からは直せません。担当までお問い合わせください".into(),
        ));
    }
    let former: Submission = open(ctx, "answer.answers", &row.token, &row.answers)?;
    if former.version != submission.version {
        return Err(moved());
    }
    if former == *submission {
        return Ok(());
    }
    let form = version_in(&tx, row.form(), former.version).await?;
    let sql = "UPDATE answer SET answers = $1, corrected_at = $2, changed_at = $2, read_at = NULL, edition = edition + 1 WHERE id = $3 AND edition = $4";
    let sealed = seal(ctx, "answer.answers", &row.token, submission)?;
    if exec(&tx, sql, values![sealed, now.0, id.0, row.edition]).await? == 0 {
        return Err(moved());
    }
    file::take(&tx, row.form(), holder, id, &files(&submission.answers)).await?;
    choice::keep(ctx, &tx, id, row.form(), (&form, submission)).await?;
    note(ctx, &tx, id, What::Corrected, &difference(&form, &former, submission)).await?;
    ledger::append(ctx, &tx, Line::ok("answer.correct", format!("answer:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// What was answered before and now, in words: 「電話番号：090… → 080…」.
fn difference(form: &Form, former: &Submission, now: &Submission) -> String {
    let words = |of: &Submission, q: &domain::form::Question| {
        of.answers.get(&q.key).map_or_else(|| "（なし）".to_owned(), |a| a.words(q))
    };
    let changed = form
        .questions()
        .filter(|q| former.answers.get(&q.key) != now.answers.get(&q.key))
        .map(|q| format!("{}：{} → {}", q.label, words(former, q), words(now, q)));
    changed.collect::<Vec<_>>().join("\n")
}
