//! What LINE itself counts of rich menus (MENU-5): LINE answers such questions 60 times an hour,
//! those of deliveries among them, so they are asked a few at a time and each once a day.

use crate::{Context, Error, Platform, Result};
use domain::geometry::Rect;
use domain::id::MenuId;
use domain::menu::render::{Key, parse_name};
use domain::menu::{LineFigures, Mode, SheetKey, asked_of_line};
use domain::permission::Actor;
use domain::time::Date;
use line::client::Error as LineError;
use line::rich_menu::InsightSummary;
use std::collections::BTreeMap;
use store::menu::DueFigures;

/// Questions in one go.
const AT_ONCE: usize = 5;

/// Asks for the figures whose time has come, within what LINE allows.
///
/// # Errors
/// If the database is away.
pub async fn collect_figures(platform: &Platform, ctx: &Context) -> Result<()> {
    for (due, key) in meant(ctx, ctx.now().date()).await?.into_iter().take(AT_ONCE) {
        if !store::insight::slot(ctx).await? {
            break;
        }
        if let Err(error) = ask(platform, ctx, &due, key).await? {
            tracing::warn!(%error, "menus: LINE's figures are asked for later");
            break;
        }
    }
    Ok(())
}

/// What LINE told of a menu's sheets from a day to another, and when: nothing of days for which
/// it is not asked.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn line_figures(
    ctx: &Context,
    id: MenuId,
    from: Date,
    until: Date,
) -> Result<BTreeMap<SheetKey, (Date, LineFigures)>> {
    if !asked_of_line(from, until, ctx.now().date()) {
        return Ok(BTreeMap::new());
    }
    store::menu::figures(ctx, id, until.days() - from.days() + 1).await
}

/// Asks LINE now for the figures of a menu's sheets of so many days, for somebody who looks.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` where LINE holds no sheet of it, is not to be asked, or
/// does not answer.
pub async fn look_at_figures(
    platform: &Platform,
    ctx: &Context,
    id: MenuId,
    days: i64,
) -> Result<()> {
    store::menu::get(ctx, id).await?;
    let ctx = &ctx.acting(Actor::System);
    let tomorrow = Date::from_days(ctx.now().date().days() + 1);
    let mut all = meant(ctx, tomorrow).await?;
    all.retain(|(due, key)| key.menu == id && due.days == days);
    if all.is_empty() {
        let words = "このメニューは、まだLINEにありません。公開されて、LINEに反映されると読めます";
        return Err(Error::Conflict(words.into()));
    }
    for (due, key) in all {
        if !store::insight::slot(ctx).await? {
            return Err(Error::Conflict(crate::insight::NO_MORE.into()));
        }
        if let Err(error) = ask(platform, ctx, &due, key).await? {
            tracing::warn!(%error, menu = id.0, "menus: LINE's figures could not be read");
            return Err(Error::Conflict(crate::insight::NOT_READ.into()));
        }
    }
    Ok(())
}

/// The sheets at LINE of which nothing was told on that day or later, drills left out.
async fn meant(ctx: &Context, day: Date) -> Result<Vec<(DueFigures, Key)>> {
    let install = store::menu::install(ctx).await?;
    let due = store::menu::figures_due(ctx, day).await?;
    let meant = due.into_iter().filter_map(|due| {
        let (key, _) = parse_name(&install, &due.name)?;
        (key.mode == Mode::Real).then_some((due, key))
    });
    Ok(meant.collect())
}

/// Asks LINE for the figures of a sheet, and keeps them.
async fn ask(
    platform: &Platform,
    ctx: &Context,
    due: &DueFigures,
    key: Key,
) -> Result<std::result::Result<(), LineError>> {
    let today = ctx.now().date();
    let from = Date::from_days(today.days() - due.days + 1);
    match platform.line.rich_menu_summary(&due.line_id, &compact(from), &compact(today)).await {
        Ok(told) => {
            let told = told.value.map(read).unwrap_or_default();
            store::menu::keep_figures(ctx, due, key, &told).await?;
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// As LINE writes a day.
fn compact(day: Date) -> String {
    day.iso().replace('-', "")
}

fn read(told: InsightSummary) -> LineFigures {
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let taps = told.clicks.unwrap_or_default().into_iter().map(|click| {
        let (b, m) = (click.bounds, click.metrics);
        let place = Rect { x: b.x, y: b.y, width: b.width, height: b.height };
        (place, (count(m.count), count(m.unique_users)))
    });
    LineFigures {
        taps: taps.collect(),
        seen: told.impression.map(|i| (count(i.metrics.count), count(i.metrics.unique_users))),
    }
}
