//! What LINE holds of ours, as far as it must be remembered: whose menu is whose (LINE gives
//! it back one resident a call), which menus have their picture, and what was used of the
//! limits by the hour.
//!
//! Whoever is about to get another menu is noted as unsure first and as linked after LINE has
//! accepted it, so that a crash between the two leaves nobody with a menu that we believe to
//! be another.

use crate::db::{exec, json, number, numbers, one, rows};
use crate::outbox::{Recipient, read_set, write_set};
use crate::resident::open_line_id;
use crate::{Context, Error, Result, setting, values};
use domain::id::ResidentId;
use domain::menu::publish::{BATCHES, HOURLY, Used};
use domain::menu::render::Install;
use domain::time::{HOUR, Timestamp};
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;

const INSTALL: &str = "menu.install";

/// The name of this installation; drawn when it is first asked for.
///
/// # Errors
/// If the database is away.
pub async fn install(ctx: &Context) -> Result<Install> {
    if let Some(name) = setting::get(ctx, INSTALL).await? {
        return Install::try_from(name).map_err(|_| Error::Inconsistent("menu.install"));
    }
    let drawn: String = Install::from_random(u64::from_be_bytes(ctx.random())).into();
    let tx = ctx.store.begin().await?;
    let sql = "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    exec(&tx, sql, values![INSTALL, drawn]).await?;
    let name = setting::get_in(&tx, INSTALL).await?.unwrap_or_default();
    tx.commit().await?;
    Install::try_from(name).map_err(|_| Error::Inconsistent("menu.install"))
}

/// A menu of ours at LINE.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct At {
    /// Whether its picture is there.
    pub picture: bool,
    /// Who has it as their own.
    pub residents: RoaringBitmap,
}

/// What LINE holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// By LINE's id.
    pub menus: BTreeMap<String, At>,
    /// Of whom it is not certain.
    pub unsure: RoaringBitmap,
}

#[derive(FromQueryResult)]
struct Row {
    line_id: String,
    picture: bool,
    residents: Option<Vec<u8>>,
}

async fn all<C: ConnectionTrait>(db: &C) -> Result<Lines> {
    let mut lines = Lines::default();
    let sql = "SELECT line_id, picture, residents FROM menu_line";
    for row in rows::<Row, _>(db, sql, vec![]).await? {
        let residents = row.residents.as_deref().map(read_set).transpose()?.unwrap_or_default();
        if row.line_id.is_empty() {
            lines.unsure = residents;
        } else {
            lines.menus.insert(row.line_id, At { picture: row.picture, residents });
        }
    }
    Ok(lines)
}

async fn write<C: ConnectionTrait>(db: &C, line_id: &str, set: &RoaringBitmap) -> Result<()> {
    let sql = "INSERT INTO menu_line (line_id, name, picture, residents) VALUES ($1, '', FALSE, $2) ON CONFLICT (line_id) DO UPDATE SET residents = excluded.residents";
    exec(db, sql, values![line_id, write_set(set)?]).await?;
    Ok(())
}

/// What LINE holds, as far as it is remembered.
///
/// # Errors
/// If the database is away.
pub async fn lines(ctx: &Context) -> Result<Lines> {
    all(ctx.store.read()).await
}

/// A menu was made at LINE, or found there.
///
/// # Errors
/// If the database is away.
pub async fn arrived(ctx: &Context, line_id: &str, name: &str, picture: bool) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = "INSERT INTO menu_line (line_id, name, picture) VALUES ($1, $2, $3) ON CONFLICT (line_id) DO UPDATE SET picture = excluded.picture";
    exec(&tx, sql, values![line_id, name, picture]).await?;
    Ok(tx.commit().await?)
}

/// Menus are not at LINE any more. Who had them is unsure.
///
/// # Errors
/// If the database is away.
pub async fn forgotten(ctx: &Context, gone: &[String]) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let lines = all(&tx).await?;
    let mut unsure = lines.unsure.clone();
    for id in gone {
        if let Some(at) = lines.menus.get(id) {
            unsure |= &at.residents;
        }
        for table in ["menu_line", "menu_figure"] {
            let sql = format!("DELETE FROM {table} WHERE line_id = $1");
            exec(&tx, &sql, values![id.as_str()]).await?;
        }
    }
    if unsure != lines.unsure {
        write(&tx, "", &unsure).await?;
    }
    Ok(tx.commit().await?)
}

/// These residents are about to get another menu: what they have is unsure from now on.
///
/// # Errors
/// If the database is away.
pub async fn slip(ctx: &Context, residents: &RoaringBitmap) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let lines = all(&tx).await?;
    for (id, at) in &lines.menus {
        if !at.residents.is_disjoint(residents) {
            write(&tx, id, &(&at.residents - residents)).await?;
        }
    }
    write(&tx, "", &(&lines.unsure | residents)).await?;
    Ok(tx.commit().await?)
}

/// LINE has accepted these: residents by LINE's id of their menu, or by nothing where they
/// have none of their own.
///
/// # Errors
/// If the database is away.
pub async fn linked(ctx: &Context, now: &BTreeMap<Option<String>, RoaringBitmap>) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let lines = all(&tx).await?;
    let mut unsure = lines.unsure.clone();
    for set in now.values() {
        unsure -= set;
    }
    let everybody: RoaringBitmap = now.values().fold(RoaringBitmap::new(), |all, set| all | set);
    for (id, at) in &lines.menus {
        let mut residents = &at.residents - &everybody;
        if let Some(more) = now.get(&Some(id.clone())) {
            residents |= more;
        }
        if residents != at.residents {
            write(&tx, id, &residents).await?;
        }
    }
    // One of which nothing was noted yet.
    for (id, set) in now {
        if let Some(id) = id.as_ref().filter(|id| !lines.menus.contains_key(*id)) {
            write(&tx, id, set).await?;
        }
    }
    if unsure != lines.unsure {
        write(&tx, "", &unsure).await?;
    }
    Ok(tx.commit().await?)
}

/// The LINE ids of residents who are friends, for linking only.
///
/// # Errors
/// If the database is away.
pub async fn users(ctx: &Context, residents: &[ResidentId]) -> Result<Vec<Recipient>> {
    #[derive(FromQueryResult)]
    struct Line {
        id: i64,
        line_hash: Vec<u8>,
        line_id: Vec<u8>,
    }
    let db = ctx.store.read();
    let sql = format!(
        "SELECT id, line_hash, line_id FROM resident WHERE friend AND id IN (SELECT n FROM {}) ORDER BY id",
        numbers(db, "$1")
    );
    let found: Vec<Line> = rows(db, &sql, values![json(residents.iter().map(|r| r.0))]).await?;
    let keys = ctx.store.keys();
    found
        .into_iter()
        .map(|l| {
            let user = open_line_id(keys, &l.line_hash, &l.line_id)?;
            Ok(Recipient { id: ResidentId(l.id), user })
        })
        .collect()
}

/// What LINE limits by the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// Creating menus.
    Create,
    /// Deleting menus.
    Delete,
    /// Deleting aliases.
    DeleteAlias,
    /// Batches.
    Batch,
}

impl Spent {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Delete => "delete",
            Self::DeleteAlias => "alias",
            Self::Batch => "batch",
        }
    }

    fn hourly(self) -> u32 {
        if self == Self::Batch { BATCHES } else { HOURLY }
    }
}

/// Takes one of what LINE allows in an hour; answers from when on there is one, if there is
/// none now. What is older than an hour is forgotten.
///
/// # Errors
/// If the database is away.
pub async fn spend(ctx: &Context, what: Spent) -> Result<Option<Timestamp>> {
    #[derive(FromQueryResult)]
    struct First {
        at: i64,
    }
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    exec(&tx, "DELETE FROM menu_spent WHERE at <= $1", values![now.0 - HOUR]).await?;
    let sql = "SELECT COUNT(*) AS n FROM menu_spent WHERE what = $1";
    let n = number(&tx, sql, values![what.name()]).await?;
    if n >= i64::from(what.hourly()) {
        let sql = "SELECT at FROM menu_spent WHERE what = $1 ORDER BY at LIMIT 1";
        let first: Option<First> = one(&tx, sql, values![what.name()]).await?;
        tx.commit().await?;
        // A time from the future, of a clock that jumped, is no reason to wait longer.
        let at = first.map_or(now, |f| Timestamp(f.at.min(now.0)));
        return Ok(Some(at.plus(HOUR + 1)));
    }
    let sql = "INSERT INTO menu_spent (what, at) VALUES ($1, $2)";
    exec(&tx, sql, values![what.name(), now.0]).await?;
    tx.commit().await?;
    Ok(None)
}

/// What was used within the last hour.
///
/// # Errors
/// If the database is away.
pub async fn spent(ctx: &Context) -> Result<Used> {
    let since = ctx.now().0 - HOUR;
    let mut counts = [0; 4];
    let kinds = [Spent::Create, Spent::Delete, Spent::DeleteAlias, Spent::Batch];
    for (count, what) in counts.iter_mut().zip(kinds) {
        let sql = "SELECT COUNT(*) AS n FROM menu_spent WHERE what = $1 AND at > $2";
        let n = number(ctx.store.read(), sql, values![what.name(), since]).await?;
        *count = u32::try_from(n).unwrap_or(u32::MAX);
    }
    let [creates, deletes, alias_deletes, batches] = counts;
    Ok(Used { creates, deletes, alias_deletes, batches })
}
