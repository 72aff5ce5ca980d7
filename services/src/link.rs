//! Taps on links (SEG-8): where a short address leads, and counting a rush of them.
//!
//! A tap adds one to a number in memory; the sums are written together, at most
//! [`FLUSH`] later. A process that is killed loses the taps since its last writing, those of
//! one second; one that is stopped writes them first. While the database is away the numbers
//! wait, one for each link and hour, however many taps there are.

mod look;

use crate::{Context, Platform, Result};
use domain::delivery::Delivery;
use domain::id::LinkId;
use domain::link::{hour, replaced, token_in};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::link::Target;
use tokio::sync::watch;

pub use look::{Answer, Looker, Pages};

/// How long a tap stays in memory at most, while the database answers.
pub const FLUSH: Duration = Duration::from_secs(1);
/// Links that are remembered; the next one empties the memory.
const REMEMBERED: usize = 10_000;

/// Taps that are not written yet, and links that were asked for lately.
#[derive(Default)]
pub struct Taps {
    counts: Mutex<BTreeMap<(LinkId, i64), i64>>,
    known: Mutex<HashMap<String, Target>>,
}

impl Taps {
    fn count(&self, key: (LinkId, i64), n: i64) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += n;
    }

    fn take(&self) -> BTreeMap<(LinkId, i64), i64> {
        std::mem::take(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn known(&self, token: &str) -> Option<Target> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// A link never changes, so that it may be remembered for as long as there is room.
    fn remember(&self, token: &str, target: Target) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(token.to_owned(), target);
    }
}

/// Where a short address leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leads {
    /// To exactly the address that was sent.
    To(String),
    /// Nowhere any more: its five years are over.
    Over,
    /// Nowhere: it was never drawn.
    Nowhere,
}

/// Follows what stands behind `/r/`. `counts`: a person's tap; nothing else of it is kept.
///
/// # Errors
/// If the database is away and the link was not asked for before.
pub async fn follow(platform: &Platform, ctx: &Context, rest: &str, counts: bool) -> Result<Leads> {
    let Some(token) = token_in(rest) else { return Ok(Leads::Nowhere) };
    let target = match platform.taps.known(token) {
        Some(target) => target,
        None => {
            let Some(target) = store::link::target(ctx, token).await? else {
                return area(platform, ctx, token, counts).await;
            };
            platform.taps.remember(token, target.clone());
            target
        }
    };
    let now = ctx.now();
    if now >= target.until {
        return Ok(Leads::Over);
    }
    if counts {
        platform.taps.count((target.id, hour(now)), 1);
    }
    Ok(Leads::To(target.uri))
}

/// The address of an area of a rich menu, for as long as there is the menu.
async fn area(platform: &Platform, ctx: &Context, token: &str, counts: bool) -> Result<Leads> {
    let Some((key, area, uri)) = store::menu::target(ctx, token).await? else {
        return Ok(Leads::Nowhere);
    };
    if counts {
        crate::menu::count_tap(platform, ctx, key, area).await?;
    }
    Ok(Leads::To(uri))
}

/// Writes the taps in memory, on links and on rich menus; what cannot be written stays there.
///
/// # Errors
/// If the database is away.
pub async fn flush(platform: &Platform) -> Result<()> {
    let menus = crate::menu::flush_taps(platform).await;
    links(platform).await.and(menus)
}

async fn links(platform: &Platform) -> Result<()> {
    let taps = platform.taps.take();
    if taps.is_empty() {
        return Ok(());
    }
    let written = store::link::add(&platform.system(), &taps).await;
    if written.is_err() {
        for (key, n) in taps {
            platform.taps.count(key, n);
        }
    }
    written
}

/// Writes taps until `stop` turns true. Who stops the process calls [`flush`] once more when
/// its last request is answered.
pub async fn run(platform: Arc<Platform>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(FLUSH) => {}
            _ = stop.changed() => {}
        }
        if let Err(error) = flush(&platform).await {
            tracing::error!(%error, "taps on links are written later");
        }
    }
}

/// A frozen delivery with the short addresses in place, in every language.
///
/// # Errors
/// If the database is away.
pub async fn arriving(ctx: &Context, mut delivery: Delivery) -> Result<Delivery> {
    let links = store::link::of(ctx, delivery.id).await?;
    let short = |part, uri: &str| {
        links.iter().find(|l| l.part == part && l.uri == uri).map(|l| l.short.clone())
    };
    let sides = delivery.variants.iter_mut().map(|v| &mut v.parts);
    for parts in std::iter::once(&mut delivery.parts).chain(sides) {
        *parts = replaced(parts, short);
    }
    Ok(delivery)
}
