//! What whoever answers does: sends, corrects, takes back, looks.

use super::{Holder, Row, SELECT, choice, delete_at, file, note, open, seal};
use crate::db::{exec, number, one, rows};
use crate::form::{version_in, version_of};
use crate::ledger::{self, Line};
use crate::outbox::Recipient;
use crate::{Context, Error, Result, eligibility, mail, outbox, values};
use domain::form::inbox::What;
use domain::form::kept::Published;
use domain::form::mine::{Mine, correct_until, files, may_withdraw, status_words};
use domain::form::{Form, Submission, receipt};
use domain::id::{AnswerId, FormId, ResidentId, StaffId};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// How receipts look where the form does not say.
const RECEIPT: &str = "{和暦}-{番号:4}";

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
    /// LINE's messages for the talk, made of the receipt number; nothing: nothing is said there.
    pub talk: Option<&'a (dyn Fn(&str) -> String + Send + Sync)>,
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

async fn sent_before<C: ConnectionTrait>(
    db: &C,
    form: FormId,
    hash: &[u8],
) -> Result<Option<Receipt>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        receipt: String,
        created_at: i64,
    }
    let sql = "SELECT id, receipt, created_at FROM answer WHERE form_id = $1 AND send_hash = $2";
    let row: Option<Row> = one(db, sql, values![form.0, hash.to_vec()]).await?;
    Ok(row.map(|r| Receipt {
        id: AnswerId(r.id),
        receipt: r.receipt,
        at: Timestamp(r.created_at),
        again: true,
    }))
}

fn full() -> Error {
    Error::Conflict("受付の数がいっぱいになりました。書いた内容は残っています".into())
}

/// Receives an answer: in one transaction it gets its number, takes its files, and the draft
/// goes; the talk is told and mails are queued.
///
/// # Errors
/// `Conflict` if it is for residents alone and nobody knows who answers, if they are not on the
/// form's list (any more), or the form closed, is full, or changed since it was read; `Invalid`
/// if a file is not there (any more).
pub async fn send(ctx: &Context, holder: &Holder, new: &New<'_>) -> Result<Receipt> {
    if holder.resident().is_none() && !new.form.settings.outside {
        return Err(Error::Conflict("このフォームは、LINEからひらいた人だけが送れます".into()));
    }
    let key = [new.key.as_bytes(), b"|", &value_bytes(holder)].concat();
    let hash = ctx.store.keys().hash("answer.send", &key);
    let token = ctx.uuid();
    let sealed = seal(ctx, "answer.answers", &token, new.submission)?;
    let _turn = ctx.store.answering().await?;
    let tx = ctx.store.begin().await?;
    let made = make(ctx, &tx, holder, new, (hash.as_slice(), token.as_str(), sealed)).await;
    match made {
        Ok(Some(receipt)) => {
            tx.commit().await?;
            Ok(receipt)
        }
        // Who sends the same again hears the same again, whatever has changed since.
        Ok(None) | Err(Error::Conflict(_)) => match sent_before(&tx, new.form.id, &hash).await? {
            Some(former) => Ok(former),
            None => Err(made.err().unwrap_or(Error::Inconsistent("answer.send_hash"))),
        },
        Err(error) => Err(error),
    }
}

/// Makes an answer in the caller's transaction; nothing if it was sent before.
async fn make<C: ConnectionTrait>(
    ctx: &Context,
    tx: &C,
    holder: &Holder,
    new: &New<'_>,
    (hash, token, sealed): (&[u8], &str, Vec<u8>),
) -> Result<Option<Receipt>> {
    let (form, now) = (&new.form.form, ctx.now());
    let sql = format!("DELETE FROM answer_draft WHERE form_id = $1 AND {}", holder.is("$2"));
    exec(tx, &sql, vec![new.form.id.0.into(), holder.value()]).await?;
    let tried = file::has_open(tx, new.form.id, holder).await?;
    let talk = match (holder.resident(), new.talk) {
        (Some(resident), Some(talk)) => friend(ctx, tx, resident).await?.map(|to| (to, talk)),
        _ => None,
    };
    let receipt = counted(tx, holder, new, now).await?;
    let status = form.statuses.first().map_or("", |s| s.key.as_str());
    let (resident, owner) = holder.columns();
    let sql = "INSERT INTO answer (token, form_id, version, resident_id, owner_hash, send_hash, eligible_hash, receipt, status, answers, edition, created_at, changed_at, choices_at, delete_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11, $11, $12) ON CONFLICT (form_id, send_hash) DO NOTHING RETURNING id AS n";
    let values = values![
        token,
        new.form.id.0,
        version_of(new.submission.version),
        resident,
        owner,
        hash.to_vec(),
        new.eligible.clone(),
        receipt.as_str(),
        status,
        sealed,
        now.0,
        delete_at(form, status, false, now)
    ];
    let id = AnswerId(number(tx, sql, values).await?);
    if id.0 == 0 {
        return Ok(None);
    }
    file::give(tx, new.form.id, holder, id, &files(&new.submission.answers)).await?;
    if tried {
        file::forget_tried(ctx, tx, new.form.id, holder).await?;
    }
    choice::write(ctx, tx, id, new.form.id, (form, new.submission)).await?;
    note(ctx, tx, id, What::Sent, "").await?;
    if let Some((to, talk)) = talk {
        outbox::push_in(ctx, tx, to, &talk(&receipt)).await?;
    }
    mails(ctx, tx, new.form, id, &receipt).await?;
    ledger::append(ctx, tx, Line::ok("answer.send", format!("answer:{id}"))).await?;
    Ok(Some(Receipt { id, receipt, at: now, again: false }))
}

/// Counts an answer in and makes its receipt number. The form's row stays locked from here on,
/// so that its answers are counted one by one and their ids appear in order: what needs no id
/// comes before.
async fn counted<C: ConnectionTrait>(
    tx: &C,
    holder: &Holder,
    new: &New<'_>,
    now: Timestamp,
) -> Result<String> {
    #[derive(FromQueryResult)]
    struct Counted {
        number: i64,
        received: i64,
        published: Option<i64>,
    }
    let terms = &new.form.form.terms;
    let sql = "UPDATE form SET number = number + 1, received = received + 1 WHERE id = $1 AND state = 'published' RETURNING number, received, published";
    let counted: Option<Counted> = one(tx, sql, values![new.form.id.0]).await?;
    let Some(counted) = counted else {
        return Err(Error::Conflict(
            "受付が終わりました。書いた内容は、この画面に残っています".into(),
        ));
    };
    if counted.published != Some(version_of(new.submission.version)) {
        return Err(Error::Conflict(
            "このあいだに、質問が新しくなりました。もう一度、内容をたしかめてください".into(),
        ));
    }
    if let Some(gate) = &new.form.settings.eligibility {
        let hash = new.eligible.as_deref().unwrap_or_default();
        if !eligibility::holds(tx, gate.list, hash).await? {
            return Err(Error::Conflict(
                "対象者の名簿で確かめられませんでした。書いた内容は残っています".into(),
            ));
        }
    }
    if terms.limit.is_some_and(|max| counted.received > i64::from(max)) {
        return Err(full());
    }
    if let Some(max) = terms.limit_each {
        let own = own_in(tx, new.form.id, holder, new.eligible.as_deref()).await?;
        if own >= i64::from(max) {
            return Err(Error::Conflict(format!("このフォームに送れるのは{max}回までです")));
        }
    }
    let pattern = if terms.receipt.is_empty() { RECEIPT } else { &terms.receipt };
    let count = u64::try_from(counted.number).unwrap_or(0);
    receipt(pattern, now.date(), count).map_err(|_| Error::Inconsistent("form.receipt"))
}

fn value_bytes(holder: &Holder) -> Vec<u8> {
    match holder.columns() {
        (Some(resident), _) => resident.to_be_bytes().to_vec(),
        (None, hash) => hash.unwrap_or_default(),
    }
}

/// How a resident who is a friend is reached in the talk.
async fn friend<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    resident: ResidentId,
) -> Result<Option<Recipient>> {
    #[derive(FromQueryResult)]
    struct Friend {
        line_hash: Vec<u8>,
        line_id: Vec<u8>,
    }
    let sql = "SELECT line_hash, line_id FROM resident WHERE id = $1 AND friend";
    let friend: Option<Friend> = one(db, sql, values![resident.0]).await?;
    let Some(friend) = friend else { return Ok(None) };
    let user = crate::resident::open_line_id(ctx.store.keys(), &friend.line_hash, &friend.line_id)?;
    Ok(Some(Recipient { id: resident, user }))
}

/// Queues a mail to everybody whom the form names, if it asks for one on each answer; nothing
/// of what was answered stands in it.
async fn mails<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    form: &Published,
    id: AnswerId,
    receipt: &str,
) -> Result<()> {
    if !form.settings.mailing.at_once() {
        return Ok(());
    }
    let sql = "SELECT published_by AS n FROM form_version WHERE form_id = $1 AND number = $2";
    let by = number(db, sql, values![form.id.0, version_of(form.form.version)]).await?;
    if by == 0 {
        return Ok(());
    }
    let subject = format!("「{}」に回答が届きました（{receipt}）", form.form.title);
    let body = format!(
        "「{}」に、新しい回答が届きました。\n\n受付番号：{receipt}\n\n内容は、コンソールで見られます。\n{}/console/answers/{id}\n",
        form.form.title,
        ctx.store.own().base
    );
    for address in &form.form.terms.mails {
        let new =
            mail::New { alert: None, staff: StaffId(by), address, subject: &subject, body: &body };
        mail::queue(ctx, db, new).await?;
    }
    Ok(())
}

async fn own_in<C: ConnectionTrait>(
    db: &C,
    form: FormId,
    holder: &Holder,
    eligible: Option<&[u8]>,
) -> Result<i64> {
    let own = holder.is("$2");
    let sql = format!(
        "SELECT COUNT(*) AS n FROM answer WHERE form_id = $1 AND withdrawn_at IS NULL AND ({own} OR eligible_hash = $3)"
    );
    let eligible = eligible.map(<[u8]>::to_vec);
    number(db, &sql, vec![form.0.into(), holder.value(), eligible.into()]).await
}

/// How often the holder has answered a form.
///
/// # Errors
/// If the database is away.
pub async fn own_count(ctx: &Context, holder: &Holder, form: FormId) -> Result<i64> {
    own_in(ctx.store.read(), form, holder, None).await
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

/// Takes an answer back.
///
/// # Errors
/// `NotFound`, another's too; `Conflict` if it may not be taken back (any more).
pub async fn withdraw(ctx: &Context, holder: &Holder, id: AnswerId) -> Result<()> {
    let tx = ctx.store.begin().await?;
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
    let sql = "UPDATE answer SET withdrawn_at = $1, changed_at = $1, edition = edition + 1, delete_at = $2 WHERE id = $3 AND edition = $4";
    let delete = delete_at(&current, &row.status, true, now);
    if exec(&tx, sql, values![now.0, delete, id.0, row.edition]).await? == 0 {
        return Err(moved());
    }
    exec(&tx, "UPDATE form SET received = received - 1 WHERE id = $1", values![row.form_id])
        .await?;
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
