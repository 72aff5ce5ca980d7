//! Nobody is left on the menus of before. LINE switches tabs by itself and gives residents a
//! menu of their own; we know of it by a webhook, which may be lost. After a switch to an
//! emergency or back, one batch at LINE takes it from everybody who still has a menu that
//! nobody is to have (`domain::menu::publish::Step::Sweep`).

use super::InForce;
use super::worker::Worker;
use crate::{Context, Platform, Result};
use domain::menu::{Disaster, Mode};
use domain::time::SECOND;
use line::rich_menu::Phase;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

/// The setting that holds how far the batch of the last switch is.
const SETTING: &str = "menu.sweep";
/// How often LINE is asked how far a batch is: it answers 100 times an hour.
const ASK: i64 = 40 * SECOND;
/// How often a batch is repeated that LINE did not do for all.
const AGAIN: u32 = 3;

/// The batch that follows a switch. Where there never was one: nobody is astray.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Sweep {
    /// To which emergency was switched; nothing: back.
    of: Option<Disaster>,
    /// The key under which LINE goes on where the batch was not done for all.
    key: String,
    stage: Stage,
    /// The request of the batch before, where LINE had not done it when there was another switch.
    #[serde(default)]
    before: Option<String>,
    /// LINE's ids of the menus that it takes away, also by a batch before that is not done yet.
    #[serde(default)]
    ids: Vec<String>,
    /// How often LINE did not do it for all.
    failed: u32,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// LINE is to be asked for it.
    Due,
    /// LINE has accepted it, in the request of this id.
    Accepted(String),
    #[default]
    Done,
}

async fn kept(ctx: &Context) -> Result<Sweep> {
    let kept = store::setting::get(ctx, SETTING).await?;
    Ok(kept.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
}

async fn keep(ctx: &Context, sweep: &Sweep) -> Result<()> {
    let json = serde_json::to_string(sweep).map_err(|_| crate::Error::Inconsistent(SETTING))?;
    store::setting::set(ctx, SETTING, &json).await
}

/// The emergency that everybody is to see. Drills need no batch: testers are linked one by one.
fn meant(now: &InForce) -> Option<Disaster> {
    now.declared.get(&Mode::Real).map(|(disaster, _)| *disaster)
}

/// Whether residents of whom we do not know it may have a menu that nobody is to have.
///
/// # Errors
/// If the database is away.
pub(super) async fn is_due(ctx: &Context, now: &InForce) -> Result<bool> {
    let sweep = kept(ctx).await?;
    Ok(sweep.of != meant(now) || sweep.stage == Stage::Due)
}

/// The key of the batch that is due.
///
/// # Errors
/// If the database is away.
pub(super) async fn key(ctx: &Context) -> Result<String> {
    Ok(kept(ctx).await?.key)
}

/// LINE has accepted the batch that takes these menus away. Where there is none to ask for, the
/// one before may still take what was given again.
///
/// # Errors
/// If the database is away.
pub(super) async fn accepted(ctx: &Context, request: Option<String>, ids: &[String]) -> Result<()> {
    let mut sweep = kept(ctx).await?;
    let before = sweep.before.take();
    let stage = request.or(before).map_or(Stage::Done, Stage::Accepted);
    sweep.ids.extend_from_slice(ids);
    keep(ctx, &Sweep { stage, ..sweep }).await
}

impl Worker {
    /// Notes that a batch is due where there was a switch, before anything is done for it;
    /// answers whether one is.
    pub(super) async fn begin_sweep(&mut self, ctx: &Context, now: &InForce) -> Result<bool> {
        let mut sweep = kept(ctx).await?;
        if sweep.of != meant(now) {
            let before = match sweep.stage {
                Stage::Accepted(request) => Some(request),
                _ => sweep.before,
            };
            let (of, key, ids) = (meant(now), ctx.uuid(), sweep.ids);
            sweep = Sweep { of, key, stage: Stage::Due, before, ids, failed: 0 };
            keep(ctx, &sweep).await?;
        } else if sweep.stage == Stage::Due && self.is_new() {
            // Whoever died before it may have given menus a moment ago.
            self.given_at = Some(ctx.now());
        }
        if matches!(sweep.stage, Stage::Accepted(_)) {
            self.ask_of_sweep(ctx);
        }
        Ok(sweep.stage == Stage::Due)
    }

    /// LINE is asked in a while how far its batch is.
    pub(super) fn ask_of_sweep(&mut self, ctx: &Context) {
        self.sweep_asked.get_or_insert(ctx.now().plus(ASK));
    }

    /// Asks LINE how far the batch is that it accepted; where it did not do it for all, it is
    /// asked for again under the same key.
    pub(super) async fn check_sweep(&mut self, platform: &Platform, ctx: &Context) -> Result<()> {
        let now = ctx.now();
        if self.sweep_asked.take_if(|at| *at <= now || at.since(now) > ASK).is_none() {
            return Ok(());
        }
        let sweep = kept(ctx).await?;
        let Stage::Accepted(request) = &sweep.stage else { return Ok(()) };
        let phase = match platform.line.rich_menu_batch_progress(request).await {
            Ok(told) => told.value.map(|progress| progress.phase),
            // LINE does not answer: another time.
            Err(_) => Some(Phase::Other),
        };
        match phase {
            Some(Phase::Succeeded) => {
                self.doubt(ctx, &sweep.ids).await?;
                keep(ctx, &Sweep { stage: Stage::Done, ids: Vec::new(), ..sweep }).await
            }
            Some(Phase::Ongoing | Phase::Other) => {
                self.sweep_asked = Some(now.plus(ASK));
                Ok(())
            }
            Some(Phase::Failed) | None => {
                let failed = sweep.failed + 1;
                tracing::warn!(failed, "menus: LINE did not do a batch for all");
                let stage = if failed <= AGAIN { Stage::Due } else { Stage::Done };
                self.epoch = None;
                self.doubt(ctx, &sweep.ids).await?;
                keep(ctx, &Sweep { stage, failed, ..sweep }).await
            }
        }
    }

    /// Who was given one of these menus after all, while LINE took them away, may have lost it.
    async fn doubt(&mut self, ctx: &Context, ids: &[String]) -> Result<()> {
        let lines = store::menu::lines(ctx).await?;
        let given = ids.iter().filter_map(|id| lines.menus.get(id));
        let given = given.fold(RoaringBitmap::new(), |all, at| all | &at.residents);
        if !given.is_empty() {
            store::menu::slip(ctx, &given).await?;
            self.epoch = None;
        }
        Ok(())
    }
}
