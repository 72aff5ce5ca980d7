//! Taps on areas, counted in memory and written every second, like those on links (MENU-5).

use super::in_force;
use crate::{Context, Platform, Result};
use domain::id::MenuId;
use domain::menu::render::Key;
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
