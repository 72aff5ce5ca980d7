//! Taps on areas, counted in memory and written every second, like those on links (MENU-5).

use super::{in_force, line_figures};
use crate::delivery::File;
use crate::sheet::{self, Cell, Sheet};
use crate::{Context, Platform, Result};
use domain::id::MenuId;
use domain::menu::render::{Key, opened_by};
use domain::menu::{Act, LineFigures, Mode, svg};
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
        _ if now.is_tried(menu) => "試験者".into(),
        Some(program) => program.shown_as(menu),
        None => String::new(),
    };
    let tap = Tapped { key, area, variant: shown_as(key.menu), day: ctx.now().date().days() };
    platform.menus.taps.add(tap, 1);
    Ok(())
}

/// Counts that an area opened a page of ours, by what LINE handed over of its address.
///
/// # Errors
/// If the database is away.
pub async fn count_opened(platform: &Platform, ctx: &Context, state: &str) -> Result<()> {
    let Some((key, area)) = opened_by(state) else { return Ok(()) };
    let now = in_force(platform, ctx).await?;
    // Anybody can write such an address: only areas that there are count.
    let sheet = now.menus.get(&key.menu).and_then(|m| m.sheet(key.sheet));
    let act = sheet.and_then(|s| s.areas.iter().find(|a| a.key == area)).map(|a| &a.act);
    if let Some(Act::Page(_) | Act::Form(_)) = act {
        count(platform, ctx, key, area).await?;
    }
    Ok(())
}

/// What LINE counted, in three cells: how often, by about how many, and when it was asked.
fn of_line(told: Option<(Date, (i64, i64))>) -> [Cell; 3] {
    match told {
        Some((day, (times, people))) => [times.into(), people.into(), day.iso().into()],
        None => [Cell::Empty, Cell::Empty, Cell::Empty],
    }
}

/// The taps on a menu from a day to another, to take away: by sheet, area, variant and day; and
/// of the whole period what LINE counted of each sheet and area, where it is asked for it,
/// and every area that is not counted, with the reason.
///
/// # Errors
/// `NotFound`, `Forbidden`; if the database is away.
pub async fn taps_file(
    ctx: &Context,
    id: MenuId,
    from: Date,
    until: Date,
    file: File,
) -> Result<Vec<u8>> {
    let kept = store::menu::get(ctx, id).await?;
    let menu = kept.published.unwrap_or(kept.draft);
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for t in taps(ctx, id, from, until).await? {
        let sheet = menu.sheet(t.sheet);
        let at = sheet.and_then(|s| s.areas.iter().position(|a| a.key == t.area));
        let words = sheet.zip(at).map(|(s, i)| svg::words_of(&s.areas[i]).to_owned());
        let mut cells = vec![
            t.day.iso().into(),
            sheet.map_or("（消えたシート）", |s| s.name.as_str()).into(),
            at.map_or_else(|| "（消えたエリア）".to_owned(), |i| (i + 1).to_string()).into(),
            words.unwrap_or_default().into(),
            t.variant.into(),
            if t.mode == Mode::Drill { "訓練" } else { "" }.into(),
            t.taps.into(),
            Cell::Empty,
        ];
        cells.extend(of_line(None));
        rows.push(cells);
    }
    let told = line_figures(ctx, id, from, until).await?;
    for sheet in &menu.sheets {
        let told = told.get(&sheet.key).filter(|(_, told)| told.seen.is_some());
        let mut row = |area: Cell, words: &str, why: Option<&str>, told| {
            let taps = why.map(|_| "数えていません");
            let mut cells = vec![Cell::Empty, sheet.name.as_str().into(), area, words.into()];
            cells.extend([Cell::Empty, Cell::Empty, taps.into(), why.into()]);
            cells.extend(of_line(told));
            rows.push(cells);
        };
        if let Some((day, LineFigures { seen: Some(seen), .. })) = told {
            row(Cell::Empty, "シートの表示", None, Some((*day, *seen)));
        }
        for ((i, area), place) in sheet.areas.iter().enumerate().zip(sheet.rects()) {
            let why = area.act.uncounted(ctx.store.own());
            let told = told.and_then(|(day, told)| {
                told.taps.iter().find(|(at, _)| *at == place).map(|(_, taps)| (*day, *taps))
            });
            if why.is_some() || told.is_some() {
                row((i + 1).to_string().into(), svg::words_of(area), why, told);
            }
        }
    }
    let sheet = Sheet {
        name: "押された回数",
        head: vec![
            "日",
            "シート",
            "エリア",
            "ことば",
            "出し分け",
            "訓練",
            "回数",
            "備考",
            "LINEの回数",
            "LINEの人数",
            "LINEに聞いた日",
        ],
        rows,
    };
    match file {
        File::Csv => sheet::csv(&sheet),
        File::Xlsx => sheet::xlsx(&[sheet]),
    }
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
