//! What LINE itself counts of rich menus (MENU-5): LINE answers such questions 60 times an hour,
//! those of deliveries among them, so they are asked a few at a time and each once a day.

use crate::{Context, Platform, Result};
use domain::geometry::Rect;
use domain::menu::render::parse_name;
use domain::menu::{LineFigures, Mode};
use domain::time::Date;
use line::rich_menu::InsightSummary;

/// Questions in one go.
const AT_ONCE: usize = 5;

/// Asks for the figures whose time has come, within what LINE allows.
///
/// # Errors
/// If the database is away.
pub async fn collect_figures(platform: &Platform, ctx: &Context) -> Result<()> {
    let install = store::menu::install(ctx).await?;
    let today = ctx.now().date();
    let due = store::menu::figures_due(ctx).await?;
    let meant = due.iter().filter_map(|due| {
        let (key, _) = parse_name(&install, &due.name)?;
        (key.mode == Mode::Real).then_some((due, key))
    });
    for (due, key) in meant.take(AT_ONCE) {
        if !store::insight::slot(ctx).await? {
            break;
        }
        let from = Date::from_days(today.days() - due.days + 1);
        let told =
            platform.line.rich_menu_summary(&due.line_id, &compact(from), &compact(today)).await;
        match told {
            Ok(told) => {
                let told = told.value.map(read).unwrap_or_default();
                store::menu::keep_figures(ctx, due, key, &told).await?;
            }
            Err(error) => {
                tracing::warn!(%error, "menus: LINE's figures are asked for later");
                break;
            }
        }
    }
    Ok(())
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
