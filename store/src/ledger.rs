//! The ledger: appended in the transaction of the act, sealed afterwards (ADM-4).

use crate::db::{doubling, exec, found_in, like, number, one, rows, tuples};
use crate::{Context, Result, values};
use domain::id::DeliveryId;
use domain::ledger::Entry;
use domain::permission::Permission;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use sha2::{Digest, Sha256};

/// Lines appended or sealed by one statement.
const WRITTEN: usize = 256;

/// A line to append. Ids only, never personal content.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// One of [`domain::ledger::ACTS`].
    pub act: &'a str,
    /// `delivery:42`.
    pub object: String,
    /// `ok`, or why not.
    pub result: &'a str,
    /// How many.
    pub count: Option<i64>,
}

impl<'a> Line<'a> {
    /// An act that succeeded.
    pub fn ok(act: &'a str, object: impl Into<String>) -> Self {
        Self { act, object: object.into(), result: "ok", count: None }
    }

    /// With a number.
    #[must_use]
    pub fn count(self, count: i64) -> Self {
        Self { count: Some(count), ..self }
    }
}

/// Appends a line in the caller's transaction.
///
/// # Errors
/// If the database is away.
pub async fn append<C: ConnectionTrait>(ctx: &Context, db: &C, line: Line<'_>) -> Result<()> {
    append_all(db, &[(ctx, line)]).await
}

/// Several at once, each by who acts.
pub(crate) async fn append_all<C: ConnectionTrait>(
    db: &C,
    lines: &[(&Context, Line<'_>)],
) -> Result<()> {
    for piece in doubling(lines, WRITTEN) {
        let mut values = Vec::with_capacity(piece.len() * 6);
        for (ctx, line) in piece {
            let (now, actor) = (ctx.now().0, ctx.actor_name());
            let object = line.object.as_str();
            values.extend(values![now, actor, line.act, object, line.result, line.count]);
        }
        let sql = format!(
            "INSERT INTO ledger (at, actor, act, object, result, count) VALUES {}",
            tuples(piece.len(), 6)
        );
        exec(db, &sql, values).await?;
    }
    Ok(())
}

/// Appends a line in a transaction of its own: for views, searches, failures.
///
/// # Errors
/// If the database is away.
pub async fn note(ctx: &Context, line: Line<'_>) -> Result<()> {
    let tx = ctx.store.begin().await?;
    append(ctx, &tx, line).await?;
    Ok(tx.commit().await?)
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    at: i64,
    actor: String,
    act: String,
    object: String,
    result: String,
    count: Option<i64>,
    seq: Option<i64>,
    seal: Option<String>,
}

impl From<Row> for Entry {
    fn from(r: Row) -> Self {
        Self {
            seq: r.seq.unwrap_or(0),
            at: Timestamp(r.at),
            actor: r.actor,
            act: r.act,
            object: r.object,
            result: r.result,
            count: r.count,
            seal: r.seal,
        }
    }
}

const COLUMNS: &str = "SELECT id, at, actor, act, object, result, count, seq, seal FROM ledger";

/// Seals what was appended: gives running numbers and chains by hash. Answers how many lines.
///
/// # Errors
/// If the database is away.
pub async fn seal(ctx: &Context) -> Result<u64> {
    let tx = ctx.store.begin().await?;
    if !ctx.store.is_sqlite() {
        exec(&tx, "SELECT pg_advisory_xact_lock(727251)", vec![]).await?;
    }
    let last: Option<Row> =
        one(&tx, &format!("{COLUMNS} WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1"), vec![])
            .await?;
    let (mut seq, mut former) =
        last.map_or((0, String::new()), |r| (r.seq.unwrap_or(0), r.seal.unwrap_or_default()));
    let open: Vec<Row> =
        rows(&tx, &format!("{COLUMNS} WHERE seq IS NULL ORDER BY id LIMIT 2000"), vec![]).await?;
    let mut sealed = Vec::with_capacity(open.len());
    for row in open {
        seq += 1;
        let id = row.id;
        let seal = chain(&former, &Entry { seq, ..row.into() });
        sealed.push((seq, seal.clone(), id));
        former = seal;
    }
    for piece in doubling(&sealed, WRITTEN) {
        let sql = format!(
            "UPDATE ledger SET seq = v.column1, seal = v.column2 FROM (VALUES {}) AS v WHERE ledger.id = v.column3",
            tuples(piece.len(), 3)
        );
        let values = piece.iter().flat_map(|(seq, seal, id)| values![*seq, seal.as_str(), *id]);
        exec(&tx, &sql, values.collect()).await?;
    }
    tx.commit().await?;
    Ok(sealed.len() as u64)
}

fn chain(former: &str, entry: &Entry) -> String {
    let mut hash = Sha256::new();
    hash.update(former.as_bytes());
    hash.update(entry.sealed_bytes());
    hex::encode(hash.finalize())
}

/// Running number and seal of the last sealed line about a delivery, for its
/// certificate; whoever may see the delivery may see these.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn seal_of_delivery(ctx: &Context, id: DeliveryId) -> Result<Option<(i64, String)>> {
    ctx.allow(Permission::DeliveryRead)?;
    let row: Option<Row> = one(
        ctx.store.read(),
        &format!("{COLUMNS} WHERE object = $1 AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1"),
        values![format!("delivery:{id}")],
    )
    .await?;
    Ok(row.and_then(|r| Some((r.seq?, r.seal?))))
}

/// What was done to one object (`delivery:42`), the oldest first; the newest 1,000 lines.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn about(ctx: &Context, object: &str) -> Result<Vec<Entry>> {
    ctx.allow(Permission::LedgerRead)?;
    let sql = format!("{COLUMNS} WHERE object = $1 ORDER BY id DESC LIMIT 1000");
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values![object]).await?;
    Ok(found.into_iter().rev().map(Into::into).collect())
}

/// Checks the chain from the beginning; answers the first line that was changed, if any.
///
/// # Errors
/// If the database is away.
pub async fn verify(ctx: &Context) -> Result<Option<i64>> {
    let (mut after, mut former) = (0i64, String::new());
    loop {
        let page: Vec<Row> = rows(
            ctx.store.read(),
            &format!("{COLUMNS} WHERE seq > $1 ORDER BY seq LIMIT 1000"),
            values![after],
        )
        .await?;
        if page.is_empty() {
            return Ok(None);
        }
        for row in page {
            let entry: Entry = row.into();
            if entry.seq != after + 1
                || entry.seal.as_deref() != Some(chain(&former, &entry).as_str())
            {
                return Ok(Some(entry.seq));
            }
            after = entry.seq;
            former = entry.seal.unwrap_or_default();
        }
    }
}

/// What to show of the ledger.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Found in actor, act or object.
    pub search: String,
    /// Also lines with one of these acts: their Japanese words were searched for.
    pub acts: Vec<String>,
    /// Also lines by one of these actors: their names were searched for.
    pub actors: Vec<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Lines to pass over.
    pub offset: i64,
    /// Lines to answer.
    pub limit: i64,
}

/// The newest lines first, and how many there are.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context, query: &Query) -> Result<(Vec<Entry>, i64)> {
    ctx.allow(Permission::LedgerRead)?;
    let mut values = values![
        like(&query.search),
        query.from.map_or(0, |t| t.0),
        query.until.map_or(i64::MAX, |t| t.0)
    ];
    let mut found = found_in(&ctx.store, &["actor", "act", "object"]);
    for (column, names) in [("act", &query.acts), ("actor", &query.actors)] {
        for name in names {
            values.push(name.clone().into());
            found.push_str(&format!(" OR {column} = ${}", values.len()));
        }
    }
    let condition = format!("WHERE ({found}) AND at >= $2 AND at < $3");
    let total = number(
        ctx.store.read(),
        &format!("SELECT COUNT(*) AS n FROM ledger {condition}"),
        values.clone(),
    )
    .await?;
    let sql = format!(
        "{COLUMNS} {condition} ORDER BY id DESC LIMIT {} OFFSET {}",
        query.limit.clamp(1, 100_000),
        query.offset.max(0)
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values).await?;
    Ok((found.into_iter().map(Into::into).collect(), total))
}
