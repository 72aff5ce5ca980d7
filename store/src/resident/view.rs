//! Residents as staff see them: lists, one page with its history, testers.

use super::{history_row, register, value};
use crate::db::{exec, list as id_list, number, one, rows};
use crate::ledger::{self, Line};
use crate::outbox::Recipient;
use crate::{Context, Error, Result, values};
use domain::attribute::Value;
use domain::id::{AttributeId, ChoiceId, ResidentId};
use domain::permission::Permission;
use domain::resident::Resident;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashMap;

/// Which residents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All that we know.
    #[default]
    All,
    /// Friends who registered.
    Registered,
    /// Friends who did not yet.
    Unregistered,
    /// Who left us.
    Unfollowed,
    /// The city's testers.
    Testers,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
    /// Last registered first.
    Registered,
}

/// What to list.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Which.
    pub filter: Filter,
    /// Who chose one of these; empty: whatever they chose.
    pub choices: Vec<ChoiceId>,
    /// The resident's number.
    pub number: Option<i64>,
    /// Order.
    pub sort: Sort,
    /// Rows to pass over.
    pub offset: i64,
    /// Rows to answer, at most 1,000.
    pub limit: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    friend: bool,
    friend_at: i64,
    registered_at: Option<i64>,
    created_at: i64,
    reception: String,
    paused_until: Option<i64>,
    tester: bool,
    tester_name: Option<Vec<u8>>,
    language: Option<String>,
    line_language: Option<String>,
}

#[derive(FromQueryResult)]
struct Fact {
    resident_id: i64,
    choice_id: i64,
}

const SELECT: &str = "SELECT r.id, r.friend, r.friend_at, r.registered_at, r.created_at, r.reception, r.paused_until, r.tester, r.tester_name, r.language, r.line_language FROM resident r";

async fn read(ctx: &Context, found: Vec<Row>) -> Result<Vec<Resident>> {
    let mut choices: HashMap<i64, Vec<ChoiceId>> = HashMap::new();
    let ids = id_list(found.iter().map(|r| r.id));
    let sql = format!(
        "SELECT resident_id, choice_id FROM fact WHERE resident_id IN ({ids}) ORDER BY choice_id"
    );
    for f in rows::<Fact, _>(ctx.store.read(), &sql, vec![]).await? {
        choices.entry(f.resident_id).or_default().push(ChoiceId(f.choice_id));
    }
    let said = value::read(ctx.store.read(), &format!("v.resident_id IN ({ids})"), vec![]).await?;
    let mut values: HashMap<i64, Vec<(AttributeId, Value)>> = HashMap::new();
    for (resident, attribute, value) in said {
        values.entry(resident.0).or_default().push((attribute, value));
    }
    found
        .into_iter()
        .map(|r| {
            let tester_name = r
                .tester_name
                .map(|sealed| {
                    ctx.store.keys().open_sealed(
                        "resident.tester_name",
                        r.id.to_string().as_bytes(),
                        &sealed,
                    )
                })
                .transpose()?
                .map(|plain| String::from_utf8_lossy(&plain).into_owned());
            Ok(Resident {
                id: ResidentId(r.id),
                friend: r.friend,
                friend_since: Some(Timestamp(r.friend_at)),
                registered_at: r.registered_at.map(Timestamp),
                created_at: Timestamp(r.created_at),
                reception: register::reception(&r.reception, r.paused_until, ctx.now()),
                language: register::language(r.language.as_deref()),
                line_language: r.line_language,
                tester: r.tester,
                tester_name,
                choices: choices.remove(&r.id).unwrap_or_default(),
                values: values.remove(&r.id).unwrap_or_default(),
            })
        })
        .collect()
}

/// A page of residents and how many there are in all.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context, query: &Query) -> Result<(Vec<Resident>, i64)> {
    ctx.allow(Permission::ResidentRead)?;
    let mut condition = String::from(match query.filter {
        Filter::All => "1 = 1",
        Filter::Registered => "r.friend AND r.registered_at IS NOT NULL",
        Filter::Unregistered => "r.friend AND r.registered_at IS NULL",
        Filter::Unfollowed => "NOT r.friend",
        Filter::Testers => "r.tester",
    });
    if !query.choices.is_empty() {
        let choices = id_list(query.choices.iter().map(|c| c.0));
        condition.push_str(&format!(
            " AND r.id IN (SELECT resident_id FROM fact WHERE choice_id IN ({choices}))"
        ));
    }
    if let Some(n) = query.number {
        condition.push_str(&format!(" AND r.id = {n}"));
    }
    let order = match query.sort {
        Sort::Newest => "r.id DESC",
        Sort::Oldest => "r.id",
        Sort::Registered => "COALESCE(r.registered_at, 0) DESC, r.id DESC",
    };
    let db = ctx.store.read();
    let total =
        number(db, &format!("SELECT COUNT(*) AS n FROM resident r WHERE {condition}"), vec![])
            .await?;
    let sql = format!("{SELECT} WHERE {condition} ORDER BY {order} LIMIT $1 OFFSET $2");
    let found: Vec<Row> =
        rows(db, &sql, values![query.limit.clamp(1, 1000), query.offset.max(0)]).await?;
    let found = read(ctx, found).await?;
    ledger::note(ctx, Line::ok("resident.search", "resident").count(found.len() as i64)).await?;
    Ok((found, total))
}

/// One resident; that it was looked at is written to the ledger.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn get(ctx: &Context, id: ResidentId) -> Result<Resident> {
    ctx.allow(Permission::ResidentRead)?;
    let row: Option<Row> =
        one(ctx.store.read(), &format!("{SELECT} WHERE r.id = $1"), values![id.0]).await?;
    let resident = read(ctx, vec![row.ok_or(Error::NotFound)?]).await?.remove(0);
    ledger::note(ctx, Line::ok("resident.view", format!("resident:{id}"))).await?;
    Ok(resident)
}

/// One line of a resident's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// When.
    pub at: Timestamp,
    /// `follow`, `unfollow`, `register`, `change`, `talk`.
    pub kind: String,
    /// What changed.
    pub detail: String,
}

/// The newest 200 lines of a resident's history.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn history(ctx: &Context, id: ResidentId) -> Result<Vec<HistoryLine>> {
    ctx.allow(Permission::ResidentRead)?;
    #[derive(FromQueryResult)]
    struct Line {
        at: i64,
        kind: String,
        detail: Option<Vec<u8>>,
    }
    let sql = "SELECT at, kind, detail FROM history WHERE resident_id = $1 ORDER BY at DESC, id DESC LIMIT 200";
    let lines: Vec<Line> = rows(ctx.store.read(), sql, values![id.0]).await?;
    lines
        .into_iter()
        .map(|l| {
            let row = history_row(id, Timestamp(l.at));
            let detail = l
                .detail
                .map(|d| ctx.store.keys().open_sealed("history.detail", &row, &d))
                .transpose()?;
            Ok(HistoryLine {
                at: Timestamp(l.at),
                kind: l.kind,
                detail: detail
                    .map(|d| String::from_utf8_lossy(&d).into_owned())
                    .unwrap_or_default(),
            })
        })
        .collect()
}

/// Makes a resident a tester under a name that staff give, or no longer (RES-6).
///
/// # Errors
/// `NotFound`, `Forbidden`, `Invalid`.
pub async fn set_tester(ctx: &Context, id: ResidentId, name: Option<&str>) -> Result<()> {
    ctx.allow(Permission::DeliverySend)?;
    if name.is_some_and(|n| !(1..=50).contains(&n.trim().chars().count())) {
        return Err(Error::invalid("name", "試験者の名前を50文字までで入れてください"));
    }
    let sealed = name.map(|n| {
        ctx.store.keys().seal(
            ctx,
            "resident.tester_name",
            id.to_string().as_bytes(),
            n.trim().as_bytes(),
        )
    });
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE resident SET tester = $1, tester_name = $2 WHERE id = $3";
    if exec(&tx, sql, values![name.is_some(), sealed, id.0]).await? == 0 {
        return Err(Error::NotFound);
    }
    // Drills and trials of menus reach testers alone.
    crate::menu::note(&tx, id, ctx.now(), crate::menu::News::Look).await?;
    ledger::append(ctx, &tx, Line::ok("resident.tester", format!("resident:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// The testers who are friends.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn testers(ctx: &Context) -> Result<Vec<Resident>> {
    ctx.allow(Permission::DeliveryRead)?;
    let found: Vec<Row> = rows(
        ctx.store.read(),
        &format!("{SELECT} WHERE r.tester AND r.friend ORDER BY r.id LIMIT 100"),
        vec![],
    )
    .await?;
    read(ctx, found).await
}

/// The same, to be told something.
pub(crate) async fn testers_to_tell<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
) -> Result<Vec<Recipient>> {
    #[derive(FromQueryResult)]
    struct Friend {
        id: i64,
        line_hash: Vec<u8>,
        line_id: Vec<u8>,
    }
    let sql =
        "SELECT id, line_hash, line_id FROM resident WHERE tester AND friend ORDER BY id LIMIT 100";
    let found: Vec<Friend> = rows(db, sql, vec![]).await?;
    found
        .into_iter()
        .map(|f| {
            let user = super::open_line_id(ctx.store.keys(), &f.line_hash, &f.line_id)?;
            Ok(Recipient { id: ResidentId(f.id), user })
        })
        .collect()
}
