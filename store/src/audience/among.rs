//! Sets of residents that conditions name: imported lists, who got a delivery, whom it
//! failed to reach, who replied to it, who answered a form, how, and what. For live counts they are
//! bitmaps as they are kept; for SQL they are laid beside the residents for the length of a
//! transaction.

use crate::answer::{self, askable as askable_form};
use crate::db::{exec, found_in, json, like, numbers, one, rows, temporary};
use crate::outbox::{excepted, in_calls, read_set};
use crate::{Context, Error, Result, values};
use domain::audience::{Among, Known, Resolved, Unaskable, Written};
use domain::delivery::{CallState, Reason};
use domain::id::DeliveryId;
use domain::permission::Permission;
use domain::time::Timestamp;
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Residents laid by one statement.
const LAID: usize = 100_000;
/// As what those are laid who wrote something in a form.
const WROTE: &str = "wrote";

/// Most that a search answers.
const FOUND: i64 = 20;
/// The same of options: a form alone has many.
const OPTIONS: i64 = 100;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    name: String,
    reply: String,
    question: String,
    at: Option<i64>,
    count: i64,
    by_line: bool,
    closed: bool,
    gone: bool,
}

impl Row {
    fn known(self, what: Among) -> Known {
        let unaskable = match self.at {
            _ if self.closed => Some(Unaskable::Closed),
            _ if self.by_line => Some(Unaskable::ByLine),
            None if what.is_form() => Some(Unaskable::Unpublished),
            None => Some(Unaskable::NotBegun),
            Some(_) if self.gone && self.count == 0 => Some(Unaskable::Gone),
            Some(_) => None,
        };
        let at = Timestamp(self.at.unwrap_or(0));
        let Self { id, name, reply, question, count, .. } = self;
        if unaskable == Some(Unaskable::Closed) {
            // Whoever may not see a form does not learn from an audience what it is about.
            let (name, reply, question, fields) = Default::default();
            return Known {
                what,
                id,
                name,
                reply,
                question,
                at: Timestamp(0),
                count: 0,
                unaskable,
                fields,
            };
        }
        let fields = Vec::new();
        Known { what, id, name, reply, question, at, count, unaskable, fields }
    }
}

/// What is asked of a set, in one form for all. Tests to testers are none.
fn select(ctx: &Context, what: Among) -> String {
    let open = "FALSE AS closed, FALSE AS gone";
    let delivery = |count: &str| {
        format!(
            "SELECT a.id, a.title AS name, '' AS reply, '' AS question, a.frozen_at AS at, a.{count} AS count, a.counted_by_line AS by_line, {open} FROM delivery a WHERE NOT a.to_testers AND a.recurrence IS NULL"
        )
    };
    let closed = || format!("CASE WHEN {} THEN FALSE ELSE TRUE END AS closed", askable_form(ctx));
    match what {
        Among::List => format!(
            "SELECT a.id, a.name, '' AS reply, '' AS question, a.imported_at AS at, a.count, FALSE AS by_line, {open} FROM roster a WHERE TRUE"
        ),
        Among::Received => delivery("accepted"),
        Among::Failed => delivery("failed"),
        Among::Replied => format!(
            "SELECT a.id, d.title AS name, a.words AS reply, '' AS question, d.frozen_at AS at, (SELECT COUNT(*) FROM replied p WHERE p.reply_id = a.id) AS count, FALSE AS by_line, {open} FROM reply a JOIN delivery d ON d.id = a.delivery_id WHERE NOT d.to_testers"
        ),
        Among::Answered => format!(
            "SELECT f.id, f.name, '' AS reply, '' AS question, f.published_at AS at, (SELECT COUNT(*) FROM answer x WHERE x.form_id = f.id AND x.withdrawn_at IS NULL) AS count, FALSE AS by_line, {}, FALSE AS gone FROM form f WHERE TRUE",
            closed()
        ),
        // How many is found by their hashes, see `told`.
        Among::Chose => format!(
            "SELECT a.id, f.name, a.choice_label AS reply, a.question_label AS question, f.published_at AS at, CAST(0 AS BIGINT) AS count, FALSE AS by_line, {}, a.version <> f.published AS gone FROM form_option a JOIN form f ON f.id = a.form_id WHERE TRUE",
            closed()
        ),
    }
}

/// What is known of them; of options how many answers chose them, of forms which questions can
/// be asked for by what was written.
async fn told(ctx: &Context, what: Among, mut found: Vec<Row>) -> Result<Vec<Known>> {
    if what == Among::Chose {
        let ids: Vec<i64> = found.iter().filter(|r| !r.closed).map(|r| r.id).collect();
        let counts = answer::counts(ctx, ctx.store.read(), &ids).await?;
        found.iter_mut().for_each(|r| r.count = counts.get(&r.id).copied().unwrap_or(0));
    }
    let mut found: Vec<Known> = found.into_iter().map(|r| r.known(what)).collect();
    if what == Among::Answered {
        for known in found.iter_mut().filter(|k| k.unaskable.is_none()) {
            known.fields = answer::fields_of(ctx.store.read(), known.id).await?;
        }
    }
    Ok(found)
}

/// What is known of the sets that audiences name; who is not there any more is not answered.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn known(ctx: &Context, asked: &BTreeSet<(Among, i64)>) -> Result<Vec<Known>> {
    ctx.allow(Permission::AudienceRead)?;
    let mut found = Vec::with_capacity(asked.len());
    for (what, id) in asked {
        let of = if *what == Among::Answered { "f" } else { "a" };
        let sql = format!("{} AND {of}.id = $1", select(ctx, *what));
        let row: Vec<Row> = rows(ctx.store.read(), &sql, values![*id]).await?;
        found.extend(told(ctx, *what, row).await?);
    }
    Ok(found)
}

/// Lists, deliveries or forms that can be asked for, found by name, the newest first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn askable(ctx: &Context, what: Among, search: &str) -> Result<Vec<Known>> {
    ctx.allow(Permission::AudienceRead)?;
    if what.is_delivery() {
        ctx.allow(Permission::DeliveryRead)?;
    }
    let names: &[&str] = match what {
        Among::List => &["a.name"],
        Among::Received | Among::Failed => &["a.title"],
        Among::Replied => &["d.title", "a.words"],
        Among::Answered => &["f.name", "f.title"],
        Among::Chose => &["f.name", "a.question_label", "a.choice_label"],
    };
    let forms =
        format!("AND f.published IS NOT NULL AND f.state <> 'archived' AND {}", askable_form(ctx));
    let which = match what {
        Among::List | Among::Replied => String::new(),
        Among::Received => "AND a.frozen_at IS NOT NULL AND NOT a.counted_by_line".into(),
        Among::Failed => {
            "AND a.frozen_at IS NOT NULL AND NOT a.counted_by_line AND a.failed > 0".into()
        }
        Among::Answered => forms,
        Among::Chose => format!("{forms} AND a.version = f.published"),
    };
    let order = match what {
        Among::List => "a.imported_at DESC, a.id DESC",
        Among::Received | Among::Failed => "a.frozen_at DESC, a.id DESC",
        Among::Replied => "d.frozen_at DESC, a.id",
        Among::Answered => "f.published_at DESC, f.id DESC",
        Among::Chose => "f.published_at DESC, f.id DESC, a.place",
    };
    let most = if what == Among::Chose { OPTIONS } else { FOUND };
    let sql = format!(
        "{} {which} AND {} ORDER BY {order} LIMIT {most}",
        select(ctx, what),
        found_in(&ctx.store, names)
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values![like(search)]).await?;
    told(ctx, what, found).await
}

fn gone() -> Error {
    Error::Conflict(
        "条件で使っている対象者リスト・配信・フォームが、もうないか、あなたには見られません。条件を直してください".into(),
    )
}

/// Who answered a question of a form so, friends or not.
///
/// # Errors
/// `Conflict` if there is no such form for the actor.
pub(crate) async fn writers<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    asked: &Written,
) -> Result<RoaringBitmap> {
    answer::who_wrote(ctx, db, asked).await?.ok_or_else(gone)
}

/// Who is in a set, friends or not.
///
/// # Errors
/// `Conflict` if there is no such set, or nobody can tell who is in it.
pub(crate) async fn people<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    (what, id): (Among, i64),
) -> Result<RoaringBitmap> {
    #[derive(FromQueryResult)]
    struct Set {
        residents: Option<Vec<u8>>,
    }
    let sql = match what {
        Among::List => "SELECT residents FROM roster WHERE id = $1",
        Among::Replied => return crate::reply::people(db, id).await?.ok_or_else(gone),
        Among::Answered => return answer::answered(ctx, db, id).await?.ok_or_else(gone),
        Among::Chose => return answer::who_chose(ctx, db, id).await?.ok_or_else(gone),
        Among::Received | Among::Failed => {
            "SELECT o.residents FROM delivery d LEFT JOIN outcome o ON o.delivery_id = d.id AND o.outcome = 'accepted'
             WHERE d.id = $1 AND d.frozen_at IS NOT NULL AND NOT d.counted_by_line"
        }
    };
    let set: Set = one(db, sql, values![id]).await?.ok_or_else(gone)?;
    let delivery = DeliveryId(id);
    match (what, set.residents) {
        // On its way still: what has been accepted so far.
        (Among::Received, None) => {
            in_calls(ctx, db, delivery, &format!("state = {}", CallState::Accepted.number())).await
        }
        (Among::Failed, _) => {
            let failures: Vec<String> = Reason::ALL
                .iter()
                .filter(|r| r.is_failure())
                .map(|r| format!("'{}'", r.name()))
                .collect();
            excepted(db, delivery, &format!("reason IN ({})", failures.join(","))).await
        }
        (_, Some(bytes)) => read_set(&bytes),
        (_, None) => Err(gone()),
    }
}

/// Lays every set that an audience names beside the residents, until the transaction ends:
/// the condition on them reads it (see [`laid`]).
///
/// # Errors
/// `Conflict` if a set is not there: nobody is to be found by half of a condition.
pub(crate) async fn lay<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    audience: &Resolved,
) -> Result<()> {
    let (sets, wrote) = (audience.among(), audience.wrote());
    if sets.is_empty() && wrote.is_empty() {
        return Ok(());
    }
    temporary(
        db,
        "among",
        "what TEXT NOT NULL, of_id BIGINT NOT NULL, resident_id BIGINT NOT NULL, PRIMARY KEY (what, of_id, resident_id)",
    )
    .await?;
    for (what, id) in sets {
        put(db, what.name(), id, people(ctx, db, (what, id)).await?).await?;
    }
    for asked in wrote {
        put(db, WROTE, number(&asked), writers(ctx, db, &asked).await?).await?;
    }
    Ok(())
}

async fn put<C: ConnectionTrait>(db: &C, what: &str, id: i64, people: RoaringBitmap) -> Result<()> {
    let sql = format!(
        "INSERT INTO among (what, of_id, resident_id) SELECT $1, CAST($2 AS BIGINT), n FROM {}",
        numbers(db, "$3")
    );
    let people: Vec<u32> = people.into_iter().collect();
    for piece in people.chunks(LAID) {
        exec(db, &sql, values![what, id, json(piece.iter().map(|n| i64::from(*n)))]).await?;
    }
    Ok(())
}

/// The number under which those who wrote so are laid: such a condition has none of its own.
fn number(asked: &Written) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&Sha256::digest(format!("{asked:?}"))[..8]);
    i64::from_be_bytes(first)
}

/// Who is in a set, as a condition on `resident r`, once it was laid.
pub(super) fn laid(what: Among, id: i64) -> String {
    laid_as(what.name(), id)
}

/// Who wrote so, as a condition on `resident r`, once they were laid.
pub(super) fn laid_writers(asked: &Written) -> String {
    laid_as(WROTE, number(asked))
}

fn laid_as(what: &str, id: i64) -> String {
    format!("r.id IN (SELECT resident_id FROM among WHERE what = '{what}' AND of_id = {id})")
}
