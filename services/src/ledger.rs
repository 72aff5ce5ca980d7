//! The ledger for staff: search in words, CSV, check of the chain (ADM-4).

use crate::resident::csv::{BOM, lines};
use crate::{Context, Result};
use bytes::Bytes;
use domain::ledger::{ACTS, Entry};
use domain::permission::Permission;
use domain::time::Timestamp;
use futures::Stream;
use std::collections::BTreeMap;
use store::ledger::{Line, Query};

/// How many names a search may stand for.
const NAMES: i64 = 50;
/// Lines read at once for a CSV.
const PAGE: i64 = 5_000;

/// What is looked for in the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// In the words of staff: what was done, a name, an object's number.
    pub words: String,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// The query of the store: the words of acts and the names of staff become their codes.
async fn query(ctx: &Context, search: &Search, offset: i64, limit: i64) -> Result<Query> {
    let words = search.words.trim();
    let (mut acts, mut actors) = (Vec::new(), Vec::new());
    if !words.is_empty() {
        acts = ACTS
            .iter()
            .filter(|(_, label)| label.contains(words))
            .map(|(act, _)| (*act).to_owned())
            .collect();
        actors = store::staff::list(ctx, words, 0, NAMES)
            .await?
            .0
            .into_iter()
            .map(|s| format!("staff:{}", s.id))
            .collect();
    }
    Ok(Query {
        search: words.to_owned(),
        acts,
        actors,
        from: search.from,
        until: search.until,
        offset,
        limit,
    })
}

/// A page of the ledger, the newest first, and how many lines fit. The look itself is written down.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(
    ctx: &Context,
    search: &Search,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Entry>, i64)> {
    ctx.allow(Permission::LedgerRead)?;
    let found = store::ledger::list(ctx, &query(ctx, search, offset, limit).await?).await?;
    store::ledger::note(ctx, Line::ok("ledger.view", "ledger").count(found.0.len() as i64)).await?;
    Ok(found)
}

/// The names of those who acted, as far as they are staff.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn names(ctx: &Context, entries: &[Entry]) -> Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for who in entries.iter().flat_map(|e| [&e.actor, &e.object]) {
        if let Some(id) = who.strip_prefix("staff:").and_then(|id| id.parse().ok())
            && !names.contains_key(who)
        {
            match store::staff::get(ctx, id).await {
                Ok(staff) => {
                    drop(names.insert(who.clone(), format!("{}（{}）", staff.name, staff.number)))
                }
                // Nobody by that number any more: the line stays as it is.
                Err(crate::Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(names)
}

/// Whether the chain holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// From the first line to the last sealed one.
    Whole,
    /// The first line that does not fit its seal.
    BrokenAt(i64),
}

/// Recomputes the chain from its beginning.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn verify(ctx: &Context) -> Result<Chain> {
    ctx.allow(Permission::LedgerRead)?;
    Ok(store::ledger::verify(ctx).await?.map_or(Chain::Whole, Chain::BrokenAt))
}

/// What fits a search, the newest first, piece by piece.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn csv(
    ctx: &Context,
    search: &Search,
) -> Result<impl Stream<Item = Result<Bytes>> + Send + use<>> {
    ctx.allow(Permission::LedgerExport)?;
    let mut search = search.clone();
    // Lines that are written while the file is made would move the pages.
    search.until = Some(search.until.unwrap_or(ctx.now()).min(ctx.now()));
    let (_, total) = store::ledger::list(ctx, &query(ctx, &search, 0, 1).await?).await?;
    store::ledger::note(ctx, Line::ok("ledger.export", "ledger").count(total)).await?;
    let head = ["番号", "日時", "だれが", "できごと", "記号", "なにに", "結果", "数", "封"]
        .map(ToOwned::to_owned)
        .to_vec();
    let first = Bytes::from([BOM, &lines([head])?].concat());
    let pages = futures::stream::try_unfold(
        (ctx.clone(), search, 0i64),
        |(ctx, search, offset)| async move {
            let (page, _) =
                store::ledger::list(&ctx, &query(&ctx, &search, offset, PAGE).await?).await?;
            if page.is_empty() {
                return Ok(None);
            }
            let next = offset + page.len() as i64;
            let rows = page.into_iter().map(|e| {
                vec![
                    if e.seq > 0 { e.seq.to_string() } else { String::new() },
                    e.at.rfc3339(),
                    e.actor.clone(),
                    e.act_label().to_owned(),
                    e.act.clone(),
                    e.object.clone(),
                    e.result.clone(),
                    e.count.map(|n| n.to_string()).unwrap_or_default(),
                    e.seal.clone().unwrap_or_default(),
                ]
            });
            Ok(Some((Bytes::from(lines(rows)?), (ctx, search, next))))
        },
    );
    Ok(futures::StreamExt::chain(futures::stream::once(async move { Ok(first) }), pages))
}
