//! Taps on areas (MENU-5): counted by area, variant and day, never by person.

use crate::db::{exec, one, rows, tuples};
use crate::{Context, Error, Result, values};
use domain::id::MenuId;
use domain::link::token;
use domain::menu::render::Key;
use domain::menu::{Mode, SheetKey, TapCount};
use domain::permission::Permission;
use domain::time::Date;
use sea_orm::{FromQueryResult, Value};
use std::collections::BTreeMap;

/// Draws that are tried for one address.
const DRAWS: usize = 8;

/// What a tap is counted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tapped {
    /// On which sheet.
    pub key: Key,
    /// The key of the area.
    pub area: u16,
    /// Why the resident saw it, in short; empty where it is not known (addresses are the same
    /// for all).
    pub variant: String,
    /// The day, in days since 1970.
    pub day: i64,
}

/// Adds taps in one transaction.
///
/// # Errors
/// If the database is away; nothing is added then.
pub async fn add_taps(ctx: &Context, taps: &BTreeMap<Tapped, i64>) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let tx = ctx.store.begin().await?;
    let menus = crate::db::list(taps.keys().map(|t| t.key.menu.0));
    let sql = format!("SELECT id FROM menu WHERE id IN ({menus})");
    let known: Vec<Id> = rows(&tx, &sql, vec![]).await?;
    let all: Vec<_> =
        taps.iter().filter(|(t, _)| known.iter().any(|k| k.id == t.key.menu.0)).collect();
    for piece in all.chunks(100) {
        let sql = format!(
            "INSERT INTO menu_tap (menu_id, sheet, area, mode, variant, day, taps) VALUES {} ON CONFLICT (menu_id, sheet, area, mode, variant, day) DO UPDATE SET taps = menu_tap.taps + excluded.taps",
            tuples(piece.len(), 7)
        );
        let mut values: Vec<Value> = Vec::with_capacity(piece.len() * 7);
        for (t, n) in piece {
            values.extend(values![
                t.key.menu.0,
                i64::from(t.key.sheet.0),
                i64::from(t.area),
                t.key.mode.name(),
                t.variant.as_str(),
                t.day,
                **n
            ]);
        }
        exec(&tx, &sql, values).await?;
    }
    Ok(tx.commit().await?)
}

/// The taps on a menu from a day to another, both included.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn taps(ctx: &Context, menu: MenuId, from: Date, to: Date) -> Result<Vec<TapCount>> {
    ctx.allow(Permission::MenuRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        sheet: i64,
        area: i64,
        mode: String,
        variant: String,
        day: i64,
        taps: i64,
    }
    let sql = "SELECT sheet, area, mode, variant, day, taps FROM menu_tap WHERE menu_id = $1 AND day >= $2 AND day <= $3 ORDER BY sheet, area, day, variant";
    let found: Vec<Row> =
        rows(ctx.store.read(), sql, values![menu.0, from.days(), to.days()]).await?;
    let number = |n: i64| u16::try_from(n).map_err(|_| Error::Inconsistent("menu_tap"));
    found
        .into_iter()
        .map(|r| {
            Ok(TapCount {
                sheet: SheetKey(number(r.sheet)?),
                area: number(r.area)?,
                mode: Mode::parse(&r.mode).ok_or(Error::Inconsistent("menu_tap.mode"))?,
                variant: r.variant,
                day: Date::from_days(r.day),
                taps: r.taps,
            })
        })
        .collect()
}

/// A short address as it is kept: what its taps count for, and where it leads.
#[derive(FromQueryResult)]
struct Link {
    token: String,
    menu_id: i64,
    sheet: i64,
    area: i64,
    mode: String,
    uri: String,
}

impl Link {
    fn read(self) -> Result<(Key, u16, String)> {
        let wrong = || Error::Inconsistent("menu_link");
        let key = Key {
            menu: MenuId(self.menu_id),
            sheet: SheetKey(u16::try_from(self.sheet).map_err(|_| wrong())?),
            mode: Mode::parse(&self.mode).ok_or_else(wrong)?,
        };
        Ok((key, u16::try_from(self.area).map_err(|_| wrong())?, self.uri))
    }
}

/// The short addresses that count the taps of areas: for each, the sheet, the area's key and
/// where it leads. Those that are not there yet are drawn. A drill has addresses of its own, so
/// that its taps are told apart.
///
/// # Errors
/// If the database is away.
pub async fn short(
    ctx: &Context,
    asked: &[(Key, u16, String)],
) -> Result<BTreeMap<(Key, u16, String), String>> {
    let mut all = BTreeMap::new();
    if asked.is_empty() {
        return Ok(all);
    }
    let menus = crate::db::list(asked.iter().map(|(key, ..)| key.menu.0));
    let sql = format!(
        "SELECT token, menu_id, sheet, area, mode, uri FROM menu_link WHERE menu_id IN ({menus})"
    );
    for link in rows::<Link, _>(ctx.store.read(), &sql, vec![]).await? {
        let address = ctx.store.own().address(&link.token);
        all.insert(link.read()?, address);
    }
    let missing: Vec<_> = asked.iter().filter(|a| !all.contains_key(*a)).collect();
    if missing.is_empty() {
        return Ok(all);
    }
    let tx = ctx.store.begin().await?;
    for asked in missing {
        let (key, area, uri) = asked;
        let mut drawn = false;
        for _ in 0..DRAWS {
            let token = token(u64::from_be_bytes(ctx.random()));
            // Links of deliveries lie behind the same path.
            let sql = "INSERT INTO menu_link (token, menu_id, sheet, area, mode, uri) SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT 1 FROM link WHERE token = $1) AND NOT EXISTS (SELECT 1 FROM menu_link_left WHERE token = $1) ON CONFLICT (token) DO NOTHING";
            let values = values![
                token.as_str(),
                key.menu.0,
                i64::from(key.sheet.0),
                i64::from(*area),
                key.mode.name(),
                uri.as_str()
            ];
            drawn = exec(&tx, sql, values).await? == 1;
            if drawn {
                all.insert(asked.clone(), ctx.store.own().address(&token));
                break;
            }
        }
        if !drawn {
            return Err(Error::Inconsistent("menu_link.token"));
        }
    }
    tx.commit().await?;
    Ok(all)
}

/// Where the short address of an area leads, and what its taps count for; nothing if it was
/// never drawn.
///
/// # Errors
/// If the database is away.
pub async fn target(ctx: &Context, token: &str) -> Result<Option<(Key, u16, String)>> {
    // Those of deleted menus still stand on cards in talks.
    let sql = "SELECT token, menu_id, sheet, area, mode, uri FROM menu_link WHERE token = $1 UNION ALL SELECT token, menu_id, sheet, area, mode, uri FROM menu_link_left WHERE token = $1";
    one::<Link, _>(ctx.store.read(), sql, values![token]).await?.map(Link::read).transpose()
}
