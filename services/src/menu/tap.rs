//! Taps on areas, counted in memory and written every second, like those on links (MENU-5).

use super::in_force;
use crate::resident::csv::{BOM, lines};
use crate::{Context, Platform, Result};
use domain::id::MenuId;
use domain::menu::render::Key;
use domain::menu::{Mode, svg};
use domain::time::Date;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use store::menu::Tapped;

pub use store::menu::taps;

/// Taps that are not written yet.
#[derive(Default)]
pub struct Taps(Mutex<BTreeMap<Tapped, i64>>);

impl Taps {
    fn add(&self, tap: Tapped, n: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(tap).or_default() += n;
    }

    fn take(&self) -> BTreeMap<Tapped, i64> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Counts a tap on an area.
///
/// # Errors
/// If the database is away and the program was not read before.
pub async fn count(platform: &Platform, ctx: &Context, key: Key, area: u16) -> Result<()> {
    let now = in_force(platform, ctx).await?;
    let shown_as = |menu: MenuId| match &now.program {
        _ if now.trial == Some(menu) => "試験者".into(),
        Some(program) => program.shown_as(menu),
        None => String::new(),
    };
    let tap = Tapped { key, area, variant: shown_as(key.menu), day: ctx.now().date().days() };
    platform.menus.taps.add(tap, 1);
    Ok(())
}

/// The taps on a menu from a day to another as CSV: by sheet, area, variant and day.
///
/// # Errors
/// `NotFound`, `Forbidden`; if the database is away.
pub async fn taps_csv(ctx: &Context, id: MenuId, from: Date, until: Date) -> Result<Vec<u8>> {
    let kept = store::menu::get(ctx, id).await?;
    let menu = kept.published.unwrap_or(kept.draft);
    let head = ["日", "シート", "エリア", "ことば", "出し分け", "訓練", "回数"].map(String::from);
    let rows = taps(ctx, id, from, until).await?.into_iter().map(|t| {
        let sheet = menu.sheet(t.sheet);
        let at = sheet.and_then(|s| s.areas.iter().position(|a| a.key == t.area));
        let words = sheet.zip(at).map(|(s, i)| svg::words_of(&s.areas[i]).to_owned());
        vec![
            t.day.iso(),
            sheet.map_or_else(|| "（消えたシート）".to_owned(), |s| s.name.clone()),
            at.map_or_else(|| "（消えたエリア）".to_owned(), |i| (i + 1).to_string()),
            words.unwrap_or_default(),
            t.variant,
            if t.mode == Mode::Drill { "訓練" } else { "" }.to_owned(),
            t.taps.to_string(),
        ]
    });
    let rows = std::iter::once(head.to_vec()).chain(rows);
    Ok([BOM, &lines(rows)?].concat())
}

/// Writes the taps in memory; what cannot be written stays there.
///
/// # Errors
/// If the database is away.
pub async fn flush(platform: &Platform) -> Result<()> {
    let taps = platform.menus.taps.take();
    if taps.is_empty() {
        return Ok(());
    }
    let written = store::menu::add_taps(&platform.system(), &taps).await;
    if written.is_err() {
        for (tap, n) in taps {
            platform.menus.taps.add(tap, n);
        }
    }
    written
}
