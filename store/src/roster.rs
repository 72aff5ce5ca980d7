//! Imported lists of residents (対象者リスト, SEG-2). What a list keeps of its file is a
//! bitmap of resident numbers; matching happens here, beside the query.

use crate::db::{exec, found_in, like, number, one, rows};
use crate::ledger::{self, Line};
use crate::menu;
use crate::outbox::write_set;
use crate::resident::{LineUser, user_hash};
use crate::{Context, Error, Result, values};
use domain::audience::{Among, Audience, Resolved};
use domain::id::{AttributeId, DepartmentId, ResidentId, RosterId};
use domain::permission::{Actor, Owner, Permission};
use domain::roster::{Row, name_problem};
use domain::steps::Content;
use domain::time::Timestamp;
use roaring::RoaringBitmap;
use sea_orm::{FromQueryResult, Value};
use std::collections::HashMap;

/// User ids that are looked up by one statement.
const USERS: usize = 500;
/// Registered texts that are read at once.
const TEXTS: i64 = 20_000;

/// Who was found in a file.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// By what, in words.
    pub by: String,
    /// Lines of the file.
    pub lines: i64,
    /// Who.
    pub residents: Vec<ResidentId>,
}

impl Found {
    fn set(&self) -> RoaringBitmap {
        self.residents.iter().map(|r| r.0 as u32).collect()
    }
}

/// A resident whom a line may mean, and whether they are a friend.
pub type Meant = (ResidentId, bool);

#[derive(FromQueryResult)]
struct Kept {
    id: i64,
    name: String,
    department_id: Option<i64>,
    department: Option<String>,
    imported_by: Option<String>,
    imported_at: i64,
    found_by: String,
    lines: i64,
    count: i64,
    updated_at: i64,
}

const SELECT: &str = "SELECT l.id, l.name, l.department_id, d.name AS department, s.name AS imported_by, l.imported_at, l.found_by, l.lines, l.count, l.updated_at
    FROM roster l LEFT JOIN department d ON d.id = l.department_id LEFT JOIN staff s ON s.id = l.imported_by";

fn owner(kept: &Kept) -> Owner {
    kept.department_id.map_or(Owner::City, |d| Owner::Department(DepartmentId(d)))
}

/// The rows with how many of each are friends now.
async fn shown(ctx: &Context, kept: Vec<Kept>) -> Result<Vec<Row>> {
    let asked: Vec<Resolved> = kept.iter().map(|k| Resolved::Among(Among::List, k.id)).collect();
    let friends = crate::audience::counts(ctx, &asked).await?;
    Ok(kept
        .into_iter()
        .zip(friends)
        .map(|(k, friends)| Row {
            id: RosterId(k.id),
            may_write: ctx.allow_on(Permission::ListWrite, owner(&k)).is_ok(),
            name: k.name,
            department: k.department.unwrap_or_default(),
            imported_by: k.imported_by.unwrap_or_default(),
            imported_at: Timestamp(k.imported_at),
            found_by: k.found_by,
            lines: k.lines,
            count: k.count,
            friends,
            updated_at: Timestamp(k.updated_at),
        })
        .collect())
}

/// Found by name, the last changed first, and how many there are.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context, search: &str, offset: i64, limit: i64) -> Result<(Vec<Row>, i64)> {
    ctx.allow(Permission::AudienceRead)?;
    let db = ctx.store.read();
    let condition = format!("WHERE {}", found_in(&ctx.store, &["l.name"]));
    let sql = format!("SELECT COUNT(*) AS n FROM roster l {condition}");
    let total = number(db, &sql, values![like(search)]).await?;
    let sql =
        format!("{SELECT} {condition} ORDER BY l.updated_at DESC, l.id DESC LIMIT $2 OFFSET $3");
    let kept: Vec<Kept> =
        rows(db, &sql, values![like(search), limit.clamp(1, 1000), offset.max(0)]).await?;
    Ok((shown(ctx, kept).await?, total))
}

async fn kept(ctx: &Context, id: RosterId) -> Result<Kept> {
    let sql = format!("{SELECT} WHERE l.id = $1");
    one(ctx.store.read(), &sql, values![id.0]).await?.ok_or(Error::NotFound)
}

/// One list.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn get(ctx: &Context, id: RosterId) -> Result<Row> {
    ctx.allow(Permission::AudienceRead)?;
    let kept = kept(ctx, id).await?;
    shown(ctx, vec![kept]).await?.pop().ok_or(Error::NotFound)
}

/// What uses a list: saved audiences, deliveries that are still to be sent, templates, step courses
/// and the menus, with their addresses in the console.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn uses(ctx: &Context, id: RosterId) -> Result<Vec<(String, String)>> {
    ctx.allow(Permission::AudienceRead)?;
    #[derive(FromQueryResult)]
    struct Named {
        kind: String,
        id: i64,
        name: String,
        expression: String,
    }
    let sql = "SELECT 'audiences' AS kind, id, name, expression FROM audience
        UNION ALL SELECT 'deliveries' AS kind, id, title AS name, audience AS expression FROM delivery
            WHERE audience IS NOT NULL AND (status IN ('draft', 'awaiting_approval', 'scheduled') OR status = 'held' AND frozen_at IS NULL)
        UNION ALL SELECT 'deliveries/templates' AS kind, 0 AS id, name, audience AS expression FROM template WHERE audience IS NOT NULL";
    let named: Vec<Named> = rows(ctx.store.read(), sql, vec![]).await?;
    let uses = |n: &Named| {
        let audience: Option<Audience> = serde_json::from_str(&n.expression).ok();
        audience.is_some_and(|a| a.among().contains(&(Among::List, id.0)))
    };
    let named = named.into_iter().filter(uses).map(|n| {
        let name = if n.name.trim().is_empty() { "（件名なし）".to_owned() } else { n.name };
        let of = if n.id > 0 { format!("/{}", n.id) } else { String::new() };
        (name, format!("/console/{}{of}", n.kind))
    });
    let mut all: Vec<(String, String)> = named.collect();
    all.extend(standing_uses(ctx, id).await?);
    Ok(all)
}

/// What asks for a list again and again: step courses that have not ended, and for whom menus are,
/// each as it is written and as it is in force.
async fn standing_uses(ctx: &Context, id: RosterId) -> Result<Vec<(String, String)>> {
    #[derive(FromQueryResult)]
    struct Course {
        id: i64,
        name: String,
        written: String,
        in_force: Option<String>,
    }
    let names = |audience: &Audience| audience.among().contains(&(Among::List, id.0));
    let db = ctx.store.read();
    let mut all = Vec::new();
    let sql = "SELECT id, name, written, in_force FROM course WHERE state <> 'ended' ORDER BY id";
    for course in rows::<Course, _>(db, sql, vec![]).await? {
        let both = [Some(course.written), course.in_force];
        let uses = both.iter().flatten().any(|json| {
            let content: Option<Content> = serde_json::from_str(json).ok();
            content.and_then(|c| c.audience).is_some_and(|a| names(&a))
        });
        if uses {
            all.push((course.name, format!("/console/deliveries/steps/{}", course.id)));
        }
    }
    for (name, _) in menu::asked(ctx).await?.into_iter().filter(|(_, asked)| names(asked)) {
        let used = (name, "/console/menus/program".to_owned());
        if !all.contains(&used) {
            all.push(used);
        }
    }
    Ok(all)
}

fn check_name(name: &str) -> Result<()> {
    name_problem(name).map_or(Ok(()), |problem| Err(Error::invalid("/name", problem)))
}

/// Keeps a new list for the actor's department.
///
/// # Errors
/// `Invalid` at `/name`; `Forbidden`.
pub async fn create(ctx: &Context, name: &str, found: &Found) -> Result<RosterId> {
    ctx.allow(Permission::ListWrite)?;
    check_name(name)?;
    let (department, staff) = match &ctx.actor {
        Actor::Staff { id, department, .. } => (Some(department.0), Some(id.0)),
        _ => (None, None),
    };
    let (set, now) = (found.set(), ctx.now().0);
    let tx = ctx.store.begin().await?;
    let sql = "INSERT INTO roster (name, department_id, created_by, created_at, updated_at, imported_by, imported_at, found_by, lines, count, residents)
        VALUES ($1, $2, $3, $4, $4, $3, $4, $5, $6, $7, $8) RETURNING id AS n";
    let values = values![
        name.trim(),
        department,
        staff,
        now,
        found.by.as_str(),
        found.lines,
        set.len() as i64,
        write_set(&set)?
    ];
    let id = RosterId(number(&tx, sql, values).await?);
    let line = Line::ok("list.import", format!("list:{id}")).count(set.len() as i64);
    ledger::append(ctx, &tx, line).await?;
    tx.commit().await?;
    Ok(id)
}

fn overtaken() -> Error {
    Error::Conflict(
        "ほかの人が先にこのリストを変えました。ひらき直して、確かめてからもう一度行ってください"
            .into(),
    )
}

/// Puts another file's residents in the place of those that a list held.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it changed since `seen`.
pub async fn replace(ctx: &Context, id: RosterId, seen: Timestamp, found: &Found) -> Result<()> {
    ctx.allow_on(Permission::ListWrite, owner(&kept(ctx, id).await?))?;
    let staff = match &ctx.actor {
        Actor::Staff { id, .. } => Some(id.0),
        _ => None,
    };
    let set = found.set();
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE roster SET updated_at = $1, imported_at = $2, imported_by = $3, found_by = $4, lines = $5, count = $6, residents = $7 WHERE id = $8 AND updated_at = $9";
    let values = values![
        ctx.now().max(seen.plus(1)).0,
        ctx.now().0,
        staff,
        found.by.as_str(),
        found.lines,
        set.len() as i64,
        write_set(&set)?,
        id.0,
        seen.0
    ];
    if exec(&tx, sql, values).await? == 0 {
        return Err(overtaken());
    }
    let line = Line::ok("list.import", format!("list:{id}")).count(set.len() as i64);
    ledger::append(ctx, &tx, line).await?;
    Ok(tx.commit().await?)
}

/// Gives a list another name.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` at `/name`; `Conflict` if it changed since `seen`.
pub async fn rename(ctx: &Context, id: RosterId, seen: Timestamp, name: &str) -> Result<()> {
    ctx.allow_on(Permission::ListWrite, owner(&kept(ctx, id).await?))?;
    check_name(name)?;
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE roster SET name = $1, updated_at = $2 WHERE id = $3 AND updated_at = $4";
    let values = values![name.trim(), ctx.now().max(seen.plus(1)).0, id.0, seen.0];
    if exec(&tx, sql, values).await? == 0 {
        return Err(overtaken());
    }
    ledger::append(ctx, &tx, Line::ok("list.update", format!("list:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// Deletes a list.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` while something uses it (see [`uses`]).
pub async fn delete(ctx: &Context, id: RosterId) -> Result<()> {
    ctx.allow_on(Permission::ListWrite, owner(&kept(ctx, id).await?))?;
    if let Some((first, _)) = uses(ctx, id).await?.first() {
        return Err(Error::Conflict(format!(
            "「{first}」で使っています。そちらの条件を直してから、消してください"
        )));
    }
    let tx = ctx.store.begin().await?;
    exec(&tx, "DELETE FROM roster WHERE id = $1", values![id.0]).await?;
    ledger::append(ctx, &tx, Line::ok("list.delete", format!("list:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// Whom user ids of LINE mean, in their order; nothing where nobody is known by it.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn by_users(ctx: &Context, users: &[LineUser]) -> Result<Vec<Option<Meant>>> {
    ctx.allow(Permission::ListWrite)?;
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        line_hash: Vec<u8>,
        friend: bool,
    }
    let mut found = Vec::with_capacity(users.len());
    for piece in users.chunks(USERS) {
        let hashes: Vec<Vec<u8>> =
            piece.iter().map(|user| user_hash(ctx.store.keys(), user)).collect();
        let marks = (1..=piece.len()).map(|i| format!("${i}")).collect::<Vec<_>>().join(",");
        let sql =
            format!("SELECT id, line_hash, friend FROM resident WHERE line_hash IN ({marks})");
        let values: Vec<Value> = hashes.iter().map(|h| h.clone().into()).collect();
        let known: HashMap<Vec<u8>, Meant> = rows::<Row, _>(ctx.store.read(), &sql, values)
            .await?
            .into_iter()
            .map(|r| (r.line_hash, (ResidentId(r.id), r.friend)))
            .collect();
        found.extend(hashes.iter().map(|h| known.get(h).copied()));
    }
    Ok(found)
}

/// Whom what was registered for an attribute of texts means: for each folded text that
/// anybody registered, who. Texts that nobody registered are not answered.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn by_texts(
    ctx: &Context,
    attribute: AttributeId,
    folded: Vec<String>,
) -> Result<HashMap<String, Vec<Meant>>> {
    ctx.allow(Permission::ListWrite)?;
    #[derive(FromQueryResult)]
    struct Row {
        resident_id: i64,
        folded: String,
        friend: bool,
    }
    let mut found: HashMap<String, Vec<Meant>> =
        folded.into_iter().map(|text| (text, Vec::new())).collect();
    let sql = format!(
        "SELECT v.resident_id, v.folded, r.friend FROM fact_value v JOIN resident r ON r.id = v.resident_id
         WHERE v.attribute_id = $1 AND v.resident_id > $2 AND v.folded IS NOT NULL ORDER BY v.resident_id LIMIT {TEXTS}"
    );
    let mut after = 0i64;
    loop {
        let page: Vec<Row> = rows(ctx.store.read(), &sql, values![attribute.0, after]).await?;
        let Some(last) = page.last() else { break };
        after = last.resident_id;
        for row in page {
            if let Some(meant) = found.get_mut(&row.folded) {
                meant.push((ResidentId(row.resident_id), row.friend));
            }
        }
    }
    found.retain(|_, meant| !meant.is_empty());
    Ok(found)
}
