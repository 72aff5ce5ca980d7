//! How residents stand: what they chose, the rule that they set off, their tabs; and what was
//! heard of them since the worker last looked.

use super::trial;
use crate::db::{exec, json, numbers, one, rows};
use crate::{Context, Error, Result, values};
use domain::id::{MenuId, ResidentId};
use domain::menu::render::Key;
use domain::menu::{Mode, SheetKey, Standing};
use domain::time::Timestamp;
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was heard of a resident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// They switched to a sheet: LINE gave them its menu.
    Tab(Key),
    /// It is not certain any more which menu they have.
    Unsure,
    /// What they are to see may have changed.
    Look,
}

/// The same, as it is kept until the worker has looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Which row.
    pub id: i64,
    /// Of whom.
    pub resident: ResidentId,
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub news: News,
}

/// Notes what was heard of a resident, in the caller's transaction.
pub(crate) async fn note<C: ConnectionTrait>(
    db: &C,
    resident: ResidentId,
    at: Timestamp,
    news: News,
) -> Result<()> {
    let (what, key) = match news {
        News::Tab(key) => ("tab", Some(key)),
        News::Unsure => ("unsure", None),
        News::Look => ("look", None),
    };
    let sql = "INSERT INTO menu_heard (resident_id, at, what, menu_id, sheet, mode) VALUES ($1, $2, $3, $4, $5, $6)";
    let values = values![
        resident.0,
        at.0,
        what,
        key.map(|k| k.menu.0),
        key.map(|k| i64::from(k.sheet.0)),
        key.map(|k| k.mode.name())
    ];
    exec(db, sql, values).await?;
    Ok(())
}

/// Notes that it is not certain which menu a resident has, or that they are to be looked at.
///
/// # Errors
/// If the database is away.
pub async fn hear(ctx: &Context, resident: ResidentId, news: News) -> Result<()> {
    let tx = ctx.store.begin().await?;
    note(&tx, resident, ctx.now(), news).await?;
    Ok(tx.commit().await?)
}

/// What was heard and not looked at yet, in order, at most 10,000.
///
/// # Errors
/// If the database is away.
pub async fn heard(ctx: &Context) -> Result<Vec<Heard>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        resident_id: i64,
        at: i64,
        what: String,
        menu_id: Option<i64>,
        sheet: Option<i64>,
        mode: Option<String>,
    }
    let sql = "SELECT id, resident_id, at, what, menu_id, sheet, mode FROM menu_heard ORDER BY id LIMIT 10000";
    let found: Vec<Row> = rows(ctx.store.read(), sql, vec![]).await?;
    let read = |r: Row| {
        let key = || {
            Some(Key {
                menu: MenuId(r.menu_id?),
                sheet: SheetKey(u16::try_from(r.sheet?).ok()?),
                mode: Mode::parse(r.mode.as_deref()?)?,
            })
        };
        let news = match r.what.as_str() {
            "tab" => key().map_or(News::Unsure, News::Tab),
            "look" => News::Look,
            _ => News::Unsure,
        };
        Heard { id: r.id, resident: ResidentId(r.resident_id), at: Timestamp(r.at), news }
    };
    Ok(found.into_iter().map(read).collect())
}

/// What was heard has been looked at.
///
/// # Errors
/// If the database is away.
pub async fn unheard(ctx: &Context, ids: &[i64]) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = format!("DELETE FROM menu_heard WHERE id IN (SELECT n FROM {})", numbers(&tx, "$1"));
    exec(&tx, &sql, values![json(ids.iter().copied())]).await?;
    Ok(tx.commit().await?)
}

/// A resident switched to a sheet. A switch that is older than the one that is known says
/// nothing of the tab.
///
/// # Errors
/// If the database is away.
pub async fn tab(ctx: &Context, resident: ResidentId, key: Key, at: Timestamp) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = "SELECT COUNT(*) AS n FROM menu WHERE id = $1";
    if crate::db::number(&tx, sql, values![key.menu.0]).await? == 0 {
        return Ok(());
    }
    // Of a drill, too: its testers would be taken back to the first one. What follows begins anew.
    let sql = "INSERT INTO menu_tab (resident_id, menu_id, sheet, at) VALUES ($1, $2, $3, $4) ON CONFLICT (resident_id, menu_id) DO UPDATE SET sheet = excluded.sheet, at = excluded.at WHERE menu_tab.at <= excluded.at";
    let values = values![resident.0, key.menu.0, i64::from(key.sheet.0), at.0];
    exec(&tx, sql, values).await?;
    note(&tx, resident, at, News::Tab(key)).await?;
    Ok(tx.commit().await?)
}

/// A resident chose a menu, or none any more. What a rule did before ends: it would hide what they
/// were told to have chosen.
///
/// # Errors
/// If the database is away.
pub async fn choose(ctx: &Context, resident: ResidentId, menu: Option<MenuId>) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let own = Chosen { choice: menu, switched: None };
    if !trial::did(ctx, &tx, resident, |chosen| *chosen = own).await? {
        let sql = "INSERT INTO menu_standing (resident_id, choice) VALUES ($1, $2) ON CONFLICT (resident_id) DO UPDATE SET choice = excluded.choice, rule = NULL, rule_at = NULL";
        exec(&tx, sql, values![resident.0, menu.map(|m| m.0)]).await?;
    }
    note(&tx, resident, ctx.now(), News::Look).await?;
    Ok(tx.commit().await?)
}

/// A resident set off a rule, or what a rule did ends.
///
/// # Errors
/// If the database is away.
pub async fn switch(ctx: &Context, resident: ResidentId, rule: Option<u16>) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let switched = rule.map(|rule| (rule, ctx.now()));
    if !trial::did(ctx, &tx, resident, |chosen| chosen.switched = switched).await? {
        let sql = "INSERT INTO menu_standing (resident_id, rule, rule_at) VALUES ($1, $2, $3) ON CONFLICT (resident_id) DO UPDATE SET rule = excluded.rule, rule_at = excluded.rule_at";
        let at = switched.map(|(_, at)| at.0);
        exec(&tx, sql, values![resident.0, rule.map(i64::from), at]).await?;
    }
    note(&tx, resident, ctx.now(), News::Look).await?;
    Ok(tx.commit().await?)
}

/// What a resident chose, and the rule that they set off last.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Chosen {
    choice: Option<MenuId>,
    switched: Option<(u16, Timestamp)>,
}

#[derive(FromQueryResult)]
struct ChosenRow {
    resident_id: i64,
    choice: Option<i64>,
    rule: Option<i64>,
    rule_at: Option<i64>,
}

impl ChosenRow {
    fn read(&self) -> Chosen {
        let rule = self.rule.and_then(|rule| u16::try_from(rule).ok());
        Chosen { choice: self.choice.map(MenuId), switched: rule.zip(self.rule_at.map(Timestamp)) }
    }
}

const CHOSEN: &str = "SELECT resident_id, choice, rule, rule_at FROM menu_standing";

/// The same of one resident.
pub(super) async fn chosen<C: ConnectionTrait>(db: &C, resident: ResidentId) -> Result<Chosen> {
    let sql = format!("{CHOSEN} WHERE resident_id = $1");
    let row: Option<ChosenRow> = one(db, &sql, values![resident.0]).await?;
    Ok(row.map(|row| row.read()).unwrap_or_default())
}

/// How residents stand, those of whom anything is known; of all where `of` is nothing. While
/// testers try out a draft of the program, by what they did since it began.
///
/// # Errors
/// If the database is away.
pub async fn standings(
    ctx: &Context,
    of: Option<&RoaringBitmap>,
) -> Result<BTreeMap<ResidentId, Standing>> {
    #[derive(FromQueryResult)]
    struct Tab {
        resident_id: i64,
        menu_id: i64,
        sheet: i64,
        at: i64,
    }
    #[derive(FromQueryResult)]
    struct Tester {
        id: i64,
    }
    let db = ctx.store.begin_read().await?;
    let ids: Vec<Value> = of.into_iter().map(|s| json(s.iter().map(i64::from)).into()).collect();
    let only = |column: &str| match of {
        Some(_) => format!("{column} IN (SELECT n FROM {})", numbers(&db, "$1")),
        None => "1 = 1".into(),
    };
    let mut all: BTreeMap<ResidentId, Standing> = BTreeMap::new();
    let sql = format!("SELECT id FROM resident WHERE tester AND friend AND {}", only("id"));
    for tester in rows::<Tester, _>(&db, &sql, ids.clone()).await? {
        all.entry(ResidentId(tester.id)).or_default().tester = true;
    }
    let sql = format!("{CHOSEN} WHERE {}", only("resident_id"));
    for row in rows::<ChosenRow, _>(&db, &sql, ids.clone()).await? {
        let standing = all.entry(ResidentId(row.resident_id)).or_default();
        let Chosen { choice, switched } = row.read();
        (standing.choice, standing.switched) = (choice, switched);
    }
    for (id, Chosen { choice, switched }) in trial::chosen(ctx, &db).await? {
        // Who is no tester any more has their own again.
        if let Some(standing) = all.get_mut(&ResidentId(id)).filter(|s| s.tester) {
            (standing.choice, standing.switched) = (choice, switched);
        }
    }
    let sql = format!(
        "SELECT resident_id, menu_id, sheet, at FROM menu_tab WHERE {}",
        only("resident_id")
    );
    for t in rows::<Tab, _>(&db, &sql, ids).await? {
        let sheet = u16::try_from(t.sheet).map_err(|_| Error::Inconsistent("menu_tab.sheet"))?;
        let standing = all.entry(ResidentId(t.resident_id)).or_default();
        standing.tabs.insert(MenuId(t.menu_id), (SheetKey(sheet), Timestamp(t.at)));
    }
    db.rollback().await?;
    Ok(all)
}

/// Friends who changed since a time, in what audiences may ask of them; at most `limit`.
///
/// # Errors
/// If the database is away.
pub async fn touched(ctx: &Context, since: Timestamp, limit: i64) -> Result<RoaringBitmap> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let sql = "SELECT id FROM resident WHERE changed_at >= $1 AND friend LIMIT $2";
    let found: Vec<Id> = rows(ctx.store.read(), sql, values![since.0, limit]).await?;
    Ok(found.into_iter().map(|r| r.id as u32).collect())
}
