//! Answers to one form, received by one transaction: the form's row is locked once for all of
//! them, each is decided by itself, and few statements write what was taken.

use super::write::write;
use super::{Ready, Receipt, Whose, own_in};
use crate::answer::{AT_ONCE, Holder, file};
use crate::db::{away, doubling, one, rows, tuples};
use crate::{Error, Result, Store, eligibility, values};
use domain::form::ANSWERED_FOR;
use domain::id::{AnswerId, EligibilityId, FormId};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// What takes longer, once it has a connection, does not come any more; the next answers get
/// another one.
const WITHIN: Duration = Duration::from_secs(10);

/// Why nothing of a batch was received.
enum Failed {
    /// The database is away; so it is for the other answers.
    Away(Error),
    /// Something is wrong, perhaps with one of them alone.
    Broken(Error),
}

/// Receives answers to one form in their order; answers what became of each, as if each had been
/// sent by itself. They share one transaction, unless that fails: then each has its own.
pub async fn receive_all(batch: &[Ready]) -> Vec<Result<Receipt>> {
    let (mut outcomes, mut size) = (Vec::with_capacity(batch.len()), batch.len());
    while outcomes.len() < batch.len() {
        match together(&batch[outcomes.len()..][..size]).await {
            Ok(received) => outcomes.extend(received),
            Err(Failed::Broken(error)) if size == 1 => outcomes.push(Err(error)),
            Err(Failed::Broken(error)) => {
                tracing::warn!(%error, answers = size, "answers are received one by one");
                size = 1;
            }
            Err(Failed::Away(error)) => {
                outcomes.push(Err(error));
                outcomes.resize_with(batch.len(), || Err(away()));
            }
        }
    }
    outcomes
}

async fn together(batch: &[Ready]) -> std::result::Result<Vec<Result<Receipt>>, Failed> {
    let Some(first) = batch.first() else { return Ok(Vec::new()) };
    let store = &first.ctx.store;
    let _turn = store.answering().await.map_err(Failed::Away)?;
    let tx = store.begin().await.map_err(Failed::Away)?;
    let received = async move {
        let outcomes = receive(store, &tx, first.form, batch).await?;
        // What was refused, or sent before, has left nothing.
        if outcomes.iter().flatten().any(|receipt| !receipt.again) {
            tx.commit().await?;
        }
        Ok::<_, Error>(outcomes)
    };
    match tokio::time::timeout(WITHIN, received).await {
        Ok(outcomes) => outcomes.map_err(Failed::Broken),
        Err(_) => Err(Failed::Away(away())),
    }
}

/// The form's row.
#[derive(FromQueryResult)]
struct Counted {
    number: i64,
    received: i64,
    published: Option<i64>,
}

/// What becomes of an answer.
enum Fate {
    /// It was sent before.
    Before(Receipt),
    /// It is taken, as the one at this place among [`Taken`].
    Taken(usize),
    /// It is the same as that one.
    Same(usize),
    /// It is refused.
    Refused(Error),
}

/// An answer that is taken.
pub(super) struct Taken<'a> {
    pub(super) answer: &'a Ready,
    /// Whether its holder has uploads that it does not name.
    pub(super) tried: bool,
}

async fn receive<C: ConnectionTrait>(
    store: &Store,
    tx: &C,
    form: FormId,
    batch: &[Ready],
) -> Result<Vec<Result<Receipt>>> {
    // The row stays locked from here on, so that answers are counted one by one and their ids
    // appear in order. Rows that refer to it can be written meanwhile.
    let lock = if store.is_sqlite() { "" } else { "FOR NO KEY UPDATE" };
    let sql = format!(
        "SELECT number, received, published FROM form WHERE id = $1 AND state = 'published' {lock}"
    );
    let counted: Option<Counted> = one(tx, &sql, values![form.0]).await?;
    let known = Known::read(tx, form, batch).await?;
    let (fates, taken) = known.decide(batch, counted.as_ref());
    let receipts = match counted {
        Some(counted) if !taken.is_empty() => write(tx, form, counted.number, &taken).await?,
        _ => Vec::new(),
    };
    let outcome = |fate| match fate {
        // Who sends the same again hears the same again, whatever has changed since.
        Fate::Before(former) => Ok(former),
        Fate::Taken(n) => Ok(receipts[n].clone()),
        Fate::Same(n) => Ok(Receipt { again: true, ..receipts[n].clone() }),
        Fate::Refused(error) => Err(error),
    };
    Ok(fates.into_iter().map(outcome).collect())
}

/// What the database knows of a batch.
struct Known {
    /// What was sent before, by its hash.
    sent: HashMap<Vec<u8>, Receipt>,
    /// Who is on their list.
    listed: HashSet<(EligibilityId, Vec<u8>)>,
    /// How many answers of the same stand already, by places in the batch.
    own: HashMap<i64, i64>,
    /// Uploads that no answer has taken.
    open: Vec<file::Open>,
}

impl Known {
    async fn read<C: ConnectionTrait>(tx: &C, form: FormId, batch: &[Ready]) -> Result<Self> {
        let hashes: Vec<&[u8]> = batch.iter().map(|a| a.send_hash.as_slice()).collect();
        let lists: Vec<(EligibilityId, &[u8])> =
            batch.iter().filter_map(|a| Some((a.list?, a.eligible.as_deref()?))).collect();
        let limited: Vec<(i64, Whose<'_>)> = (0..)
            .zip(batch)
            .filter(|(_, a)| a.limit_each.is_some())
            .map(|(place, a)| {
                (place, a.eligible.as_deref().map_or(Whose::Holder(&a.holder), Whose::Listed))
            })
            .collect();
        let holders: Vec<&Holder> = batch.iter().map(|a| &a.holder).collect();
        Ok(Self {
            sent: sent_before(tx, form, &hashes).await?,
            listed: eligibility::holding(tx, &lists).await?,
            own: own_in(tx, form, &limited).await?,
            open: file::open_of(tx, form, &holders).await?,
        })
    }

    /// Decides one after the other, so that each counts for those behind it.
    fn decide<'a>(
        mut self,
        batch: &'a [Ready],
        form: Option<&Counted>,
    ) -> (Vec<Fate>, Vec<Taken<'a>>) {
        let (mut fates, mut taken) = (Vec::with_capacity(batch.len()), Vec::<Taken<'a>>::new());
        for (place, answer) in (0..).zip(batch) {
            if let Some(former) = self.sent.get(&answer.send_hash) {
                fates.push(Fate::Before(former.clone()));
                continue;
            }
            let same = taken.iter().position(|t| t.answer.send_hash == answer.send_hash);
            if let Some(n) = same {
                fates.push(Fate::Same(n));
                continue;
            }
            if let Err(error) = self.admit(form, (place, answer), &taken) {
                fates.push(Fate::Refused(error));
                continue;
            }
            fates.push(Fate::Taken(taken.len()));
            // It takes those that it names; the others are not needed any more.
            let own = |f: &file::Open| f.is_of(&answer.holder);
            let tried = self.open.iter().any(|f| own(f) && !f.is_among(&answer.files));
            self.open.retain(|f| !own(f));
            taken.push(Taken { answer, tried });
        }
        (fates, taken)
    }

    /// Whether an answer may be taken behind those that are.
    fn admit(
        &self,
        form: Option<&Counted>,
        (place, answer): (i64, &Ready),
        taken: &[Taken<'_>],
    ) -> Result<()> {
        let refused = |why: &str| Err(Error::Conflict(why.to_owned()));
        let Some(form) = form else {
            return refused("受付が終わりました。書いた内容は、この画面に残っています");
        };
        if form.published != Some(answer.version) {
            return refused(
                "このあいだに、質問が新しくなりました。もう一度、内容をたしかめてください",
            );
        }
        if let Some(list) = answer.list {
            let on = |hash: &Vec<u8>| self.listed.contains(&(list, hash.clone()));
            if !answer.eligible.as_ref().is_some_and(on) {
                return refused("対象者の名簿で確かめられませんでした。書いた内容は残っています");
            }
        }
        let received = form.received + taken.len() as i64;
        if answer.limit.is_some_and(|max| received >= i64::from(max)) {
            return refused("受付の数がいっぱいになりました。書いた内容は残っています");
        }
        if let Some(max) = answer.limit_each {
            let now = taken.iter().filter(|t| t.answer.is_of_same(answer)).count() as i64;
            if self.own.get(&place).unwrap_or(&0) + now >= i64::from(max) {
                return match answer.list {
                    Some(_) => refused(ANSWERED_FOR),
                    None => refused(&format!("このフォームに送れるのは{max}回までです")),
                };
            }
        }
        file::are_there(&self.open, &answer.holder, &answer.files)
    }
}

/// What of this was sent before, by its hash.
pub(super) async fn sent_before<C: ConnectionTrait>(
    db: &C,
    form: FormId,
    hashes: &[&[u8]],
) -> Result<HashMap<Vec<u8>, Receipt>> {
    #[derive(FromQueryResult)]
    struct Row {
        send_hash: Vec<u8>,
        id: i64,
        receipt: String,
        created_at: i64,
    }
    let mut sent = HashMap::new();
    for piece in doubling(hashes, AT_ONCE) {
        // Each is looked for by itself: SQLite would rather read all answers to the form.
        let sql = format!(
            "SELECT a.send_hash, a.id, a.receipt, a.created_at FROM (VALUES {}) AS k CROSS JOIN answer a WHERE a.form_id = k.column1 AND a.send_hash = k.column2",
            tuples(piece.len(), 2)
        );
        let values = piece.iter().flat_map(|hash| values![form.0, hash.to_vec()]).collect();
        for row in rows::<Row, _>(db, &sql, values).await? {
            let (id, at) = (AnswerId(row.id), Timestamp(row.created_at));
            let former = Receipt { id, receipt: row.receipt, at, again: true };
            sent.insert(row.send_hash, former);
        }
    }
    Ok(sent)
}
