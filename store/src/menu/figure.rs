//! What LINE itself counts of rich menus (MENU-5), as it is collected by and by.

use super::{json, read};
use crate::db::{exec, rows};
use crate::{Context, Result, values};
use domain::id::MenuId;
use domain::menu::render::Key;
use domain::menu::{FIGURE_DAYS, LineFigures, SheetKey};
use domain::permission::Permission;
use domain::time::Date;
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

/// Figures that LINE can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct DueFigures {
    /// LINE's id of the menu.
    pub line_id: String,
    /// How it is called at LINE.
    pub name: String,
    /// Of the last so many days.
    pub days: i64,
}

/// The menus at LINE of which nothing was told on that day or later, those first that wait
/// longest.
///
/// # Errors
/// If the database is away.
pub async fn figures_due(ctx: &Context, day: Date) -> Result<Vec<DueFigures>> {
    let periods = FIGURE_DAYS.map(|days| format!("SELECT CAST({days} AS BIGINT) AS days"));
    let sql = format!(
        "SELECT l.line_id, l.name, p.days FROM menu_line l CROSS JOIN ({}) p
         LEFT JOIN menu_figure f ON f.line_id = l.line_id AND f.days = p.days
         WHERE l.picture AND (f.day IS NULL OR f.day < $1)
         ORDER BY COALESCE(f.day, 0), p.days, l.line_id",
        periods.join(" UNION ALL ")
    );
    rows(ctx.store.read(), &sql, values![day.days()]).await
}

/// LINE has told them today.
///
/// # Errors
/// If the database is away.
pub async fn keep_figures(
    ctx: &Context,
    due: &DueFigures,
    key: Key,
    told: &LineFigures,
) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = "INSERT INTO menu_figure (line_id, days, menu_id, sheet, day, told) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (line_id, days) DO UPDATE SET day = excluded.day, told = excluded.told";
    let values = values![
        due.line_id.as_str(),
        due.days,
        key.menu.0,
        i64::from(key.sheet.0),
        ctx.now().date().days(),
        json(told)?
    ];
    exec(&tx, sql, values).await?;
    Ok(tx.commit().await?)
}

/// What LINE told of the sheets of a menu that it holds now, and when.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn figures(
    ctx: &Context,
    menu: MenuId,
    days: i64,
) -> Result<BTreeMap<SheetKey, (Date, LineFigures)>> {
    #[derive(FromQueryResult)]
    struct Row {
        sheet: i64,
        day: i64,
        told: String,
    }
    ctx.allow(Permission::MenuRead)?;
    let sql =
        "SELECT f.sheet, f.day, f.told FROM menu_figure f JOIN menu_line l ON l.line_id = f.line_id
        WHERE f.menu_id = $1 AND f.days = $2 ORDER BY f.day";
    let found: Vec<Row> = rows(ctx.store.read(), sql, values![menu.0, days]).await?;
    found
        .into_iter()
        .filter_map(|row| Some((SheetKey(u16::try_from(row.sheet).ok()?), row)))
        .map(|(sheet, row)| {
            Ok((sheet, (Date::from_days(row.day), read(&row.told, "menu_figure.told")?)))
        })
        .collect()
}
