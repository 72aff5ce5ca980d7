//! A plan's steps, done at LINE: within its limits, one after the other where one needs the
//! other, many at once where residents are linked. Whatever cannot be done is left for the
//! next plan; what somebody may still see is not deleted then.

use super::InForce;
use super::link::{FEW, WAITS, link_some, repeated};
use super::outcome::{Outcome, words};
use super::paint::{self, Unpainted};
use super::sweep;
use super::worker::Worker;
use crate::{Context, Platform, Result};
use domain::id::ResidentId;
use domain::menu::publish::{APPLIED, Desired, Live, Plan, Step, current};
use domain::menu::render::{self, Key};
use domain::menu::{Doing, Publishing, Sheet};
use domain::time::{MINUTE, SECOND};
use futures::StreamExt;
use line::RichMenu;
use line::client::{Error as LineError, Picture};
use line::rich_menu::{Alias, Batch, Operation, Remove};
use roaring::RoaringBitmap;
use std::collections::BTreeMap;
use store::menu::Spent;
use tokio::sync::watch;

/// Calls that link residents, on their way at the same time.
const LINKS_AT_ONCE: usize = 16;
/// Calls that link residents, between two notes of what was accepted.
const LINKS_NOTED: usize = 64;
/// What is refused is not tried again before this has passed, unless something changes.
const REFUSED: i64 = 600 * SECOND;

/// What is to follow from an error.
enum Next {
    /// The round ends; it is tried again soon.
    Stop,
    /// This step cannot be done; others may.
    Skip,
}

struct Round<'a> {
    worker: &'a mut Worker,
    platform: &'a Platform,
    ctx: &'a Context,
    now: &'a InForce,
    owner: &'a str,
    stop: watch::Receiver<bool>,
    current: BTreeMap<Key, String>,
    outcome: Outcome,
    /// Something could not be made: nothing that is in use may go.
    held_back: bool,
    painted: Option<(Key, raster::Painted)>,
    done: i64,
    total: i64,
}

/// Does the steps of a plan.
///
/// # Errors
/// If the database is away; what was done is done.
#[expect(clippy::too_many_arguments, reason = "one place calls it twice")]
pub(super) async fn carry_out(
    worker: &mut Worker,
    platform: &Platform,
    ctx: &Context,
    now: &InForce,
    desired: &Desired,
    live: &Live,
    plan: &Plan,
    owner: &str,
    stop: &watch::Receiver<bool>,
) -> Result<Outcome> {
    let mut round = Round {
        worker,
        platform,
        ctx,
        now,
        owner,
        stop: stop.clone(),
        current: current(&now.install, desired, live),
        outcome: Outcome::default(),
        held_back: false,
        painted: None,
        done: 0,
        total: i64::try_from(plan.steps.len()).unwrap_or(i64::MAX),
    };
    let is_link = |step: &&Step| matches!(step, Step::Link { .. } | Step::Unlink { .. });
    let mut at = 0;
    while at < plan.steps.len() {
        let links = plan.steps[at..].iter().take_while(is_link).count().min(LINKS_NOTED);
        round.progress(&plan.steps[at]).await?;
        if round.is_cut_off().await? {
            round.outcome.interrupted = true;
            break;
        }
        let ended = if links > 0 {
            round.link(&plan.steps[at..at + links]).await?
        } else {
            round.one(&plan.steps[at]).await?
        };
        if ended {
            break;
        }
        at += links.max(1);
        round.done = i64::try_from(at).unwrap_or(i64::MAX);
    }
    if round.outcome.retry_soon {
        // Where it goes on at all, it goes on soon.
        round.worker.failures = if round.done > 0 { 1 } else { round.worker.failures + 1 };
    } else {
        round.worker.failures = 0;
    }
    Ok(round.outcome)
}

impl Round<'_> {
    /// Whether something changed that matters more, or this is not our work any more.
    async fn is_cut_off(&mut self) -> Result<bool> {
        Ok(*self.stop.borrow()
            || !self.worker.holds(self.ctx, self.owner).await?
            || store::menu::epoch(self.ctx).await? != self.now.epoch)
    }

    /// Says how far it is, once a second.
    async fn progress(&mut self, step: &Step) -> Result<()> {
        let now = self.ctx.now().0;
        // A few residents are switched before anybody could read of it.
        if self.total <= FEW as i64
            || self.done > 0 && (0..SECOND).contains(&(now - self.worker.said_at))
        {
            return Ok(());
        }
        let what = match step {
            Step::Create { .. } | Step::Picture { .. } => "メニューをLINEに作っています",
            Step::CreateAlias { .. } | Step::UpdateAlias { .. } => "タブをつないでいます",
            Step::SetDefault { .. } | Step::ClearDefault => "ふだんのメニューを切りかえています",
            Step::Link { .. } | Step::Unlink { .. } | Step::Sweep { .. } => {
                "住民のメニューを切りかえています"
            }
            Step::DeleteAlias { .. } | Step::DeleteMenu { .. } => "古いメニューを片づけています",
        };
        let said = Publishing {
            doing: Doing::Working,
            words: what.into(),
            done: self.done,
            total: self.total,
            ..self.worker.base()
        };
        self.worker.say(self.ctx, said).await
    }

    fn soon(&mut self, error: &LineError) {
        let wait = SECOND << self.worker.failures.min(6);
        self.outcome.retry_soon = true;
        self.outcome.fail(words(error), self.ctx.now().plus(wait));
    }

    /// What is to follow from an error that repeating did not mend.
    fn judge(&mut self, error: &LineError) -> Next {
        match error {
            LineError::Refused { .. } => {
                self.held_back = true;
                self.outcome.fail(words(error), self.ctx.now().plus(REFUSED));
                Next::Skip
            }
            LineError::Unauthorized { .. } => {
                self.outcome.fail(words(error), self.ctx.now().plus(60 * SECOND));
                Next::Stop
            }
            _ => {
                self.soon(error);
                Next::Stop
            }
        }
    }

    /// A step of its own. Answers whether the round is over.
    async fn one(&mut self, step: &Step) -> Result<bool> {
        let line = &self.platform.line;
        let id_of = |key: &Key, current: &BTreeMap<Key, String>| current.get(key).cloned();
        let done = match step {
            Step::Create { key } => return self.create(*key).await,
            Step::Picture { key } => return self.picture(*key).await,
            Step::Sweep { ids } => return self.sweep(ids).await,
            Step::CreateAlias { alias, key } => {
                let Some(menu) = id_of(key, &self.current) else { return Ok(false) };
                let alias = Alias { alias: alias.clone(), menu };
                // Not repeated here: it may have been made, which reading back tells.
                line.create_rich_menu_alias(&alias).await.map(drop)
            }
            Step::UpdateAlias { alias, key } => {
                let Some(menu) = id_of(key, &self.current) else { return Ok(false) };
                let alias = Alias { alias: alias.clone(), menu };
                repeated(&WAITS, &mut self.stop, || line.update_rich_menu_alias(&alias)).await
            }
            Step::SetDefault { key } => {
                let Some(menu) = id_of(key, &self.current) else { return Ok(false) };
                repeated(&WAITS, &mut self.stop, || line.set_default_rich_menu(&menu)).await
            }
            Step::ClearDefault => {
                repeated(&WAITS, &mut self.stop, || line.clear_default_rich_menu()).await
            }
            Step::DeleteAlias { alias } => {
                if !self.may_spend(Spent::DeleteAlias).await? {
                    return Ok(false);
                }
                line.delete_rich_menu_alias(alias).await.map(drop)
            }
            Step::DeleteMenu { id } => {
                if self.held_back || !self.may_spend(Spent::Delete).await? {
                    return Ok(false);
                }
                let gone = line.delete_rich_menu(id).await.map(drop);
                if gone.is_ok() {
                    store::menu::forgotten(self.ctx, std::slice::from_ref(id)).await?;
                }
                gone
            }
            Step::Link { .. } | Step::Unlink { .. } => Ok(()),
        };
        match done {
            Ok(()) => Ok(false),
            Err(error) => Ok(matches!(self.judge(&error), Next::Stop)),
        }
    }

    /// Whether LINE's limit by the hour allows one more.
    async fn may_spend(&mut self, what: Spent) -> Result<bool> {
        match store::menu::spend(self.ctx, what).await? {
            None => Ok(true),
            Some(until) => {
                self.outcome.wait(until);
                Ok(false)
            }
        }
    }

    fn sheet(&self, key: Key) -> Option<(&domain::menu::Menu, &Sheet)> {
        let menu = self.now.menus.get(&key.menu)?;
        Some((menu, menu.sheet(key.sheet)?))
    }

    /// Creates the menu of a sheet, once its picture is painted: what cannot be painted costs
    /// none of the hundred an hour.
    async fn create(&mut self, key: Key) -> Result<bool> {
        if !self.paint(key).await? {
            self.held_back = true;
            return Ok(false);
        }
        let Some((menu, sheet)) = self.sheet(key) else { return Ok(false) };
        let object =
            self.now.with_rendering(|with| render::sheet(key.menu, menu, sheet, key.mode, with));
        let object: RichMenu = serde_json::from_value(object)
            .map_err(|_| crate::Error::Inconsistent("menu.published"))?;
        if !self.may_spend(Spent::Create).await? {
            self.held_back = true;
            return Ok(false);
        }
        match self.platform.line.create_rich_menu(&object).await {
            Ok(made) => {
                store::menu::arrived(self.ctx, &made.value, &object.name, false).await?;
                self.current.insert(key, made.value);
                Ok(false)
            }
            Err(error @ LineError::RateLimited { .. }) => {
                // Others of the city's systems create menus too: what needs none goes on.
                self.held_back = true;
                self.soon(&error);
                Ok(false)
            }
            Err(error) => Ok(matches!(self.judge(&error), Next::Stop)),
        }
    }

    async fn picture(&mut self, key: Key) -> Result<bool> {
        let Some(id) = self.current.get(&key).cloned() else { return Ok(false) };
        if !self.paint(key).await? {
            self.held_back = true;
            self.current.remove(&key);
            return Ok(false);
        }
        let Some((_, painted)) = self.painted.take() else { return Ok(false) };
        let kind = if painted.media_type == "image/png" { Picture::Png } else { Picture::Jpeg };
        match self.platform.line.set_rich_menu_picture(&id, kind, painted.bytes).await {
            Ok(_) => {
                store::menu::arrived(self.ctx, &id, "", true).await?;
                Ok(false)
            }
            Err(error) => {
                // Without a picture nothing may lead to it.
                self.current.remove(&key);
                Ok(matches!(self.judge(&error), Next::Stop))
            }
        }
    }

    /// Paints a sheet, if it is not painted yet.
    async fn paint(&mut self, key: Key) -> Result<bool> {
        if self.painted.as_ref().is_some_and(|(painted, _)| *painted == key) {
            return Ok(true);
        }
        let Some((menu, sheet)) = self.sheet(key) else { return Ok(false) };
        let place = format!("メニュー「{}」のシート「{}」", menu.name, sheet.name);
        match paint::paint(self.platform, self.ctx, sheet, key.mode).await? {
            Ok(painted) => {
                self.painted = Some((key, painted));
                return Ok(true);
            }
            Err(Unpainted::NoFont) => {
                self.outcome.fail(paint::NO_FONT.into(), self.ctx.now().plus(60 * SECOND));
            }
            Err(Unpainted::Sheet(words)) => {
                self.outcome.fail(format!("{place}：{words}"), self.ctx.now().plus(REFUSED));
            }
        }
        Ok(false)
    }

    /// Has LINE take the menu of their own from everybody who has one of these.
    async fn sweep(&mut self, ids: &[String]) -> Result<bool> {
        if self.held_back {
            return Ok(false);
        }
        // Who was given a menu a moment ago may still have one of these at LINE, and would lose
        // the new one.
        let now = self.ctx.now();
        if let Some(at) = self.worker.given_at
            && (0..APPLIED).contains(&now.since(at))
        {
            self.outcome.settling = true;
            self.outcome.later(at.plus(APPLIED));
            return Ok(false);
        }
        let key = sweep::key(self.ctx).await?;
        if !self.may_spend(Spent::Batch).await? {
            return Ok(false);
        }
        let from =
            |id: &String| Operation::Unlink(Remove { from: id.clone(), ..Remove::default() });
        let operations = ids.iter().map(from).collect();
        let batch = Batch { operations, resume_request_key: Some(key) };
        // Under its key a batch may be asked for twice, but three times an hour only: what need
        // not wait for it goes on.
        match self.platform.line.rich_menu_batch(&batch).await {
            Ok(accepted) => sweep::accepted(self.ctx, accepted.request_id, ids).await?,
            Err(error) => {
                let (soon, wait) = match &error {
                    LineError::Refused { .. } => (false, REFUSED),
                    // Others of the city's systems use it too.
                    LineError::RateLimited { .. } => (true, 20 * MINUTE),
                    _ => (true, MINUTE),
                };
                self.outcome.retry_soon |= soon;
                self.outcome.fail(words(&error), now.plus(wait));
            }
        }
        Ok(false)
    }

    /// Calls that link residents, many at once. Who is about to be linked is unsure first.
    /// Answers whether the round is over.
    async fn link(&mut self, steps: &[Step]) -> Result<bool> {
        let calls: Vec<(Option<String>, &[ResidentId])> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Link { key, residents } => {
                    Some((Some(self.current.get(key)?.clone()), &residents[..]))
                }
                Step::Unlink { residents } => Some((None, &residents[..])),
                _ => None,
            })
            .collect();
        if calls.len() < steps.len() {
            self.held_back = true;
        }
        let set = |residents: &[ResidentId]| -> RoaringBitmap {
            residents.iter().filter_map(|r| u32::try_from(r.0).ok()).collect()
        };
        let whole = calls.iter().fold(RoaringBitmap::new(), |all, (_, r)| all | set(r));
        store::menu::slip(self.ctx, &whole).await?;
        let (platform, ctx, stop) = (self.platform, self.ctx, &self.stop);
        let calls: Vec<_> = calls
            .into_iter()
            .map(|(menu, residents)| {
                let mut stop = stop.clone();
                async move {
                    let linked =
                        link_some(platform, ctx, &mut stop, menu.as_deref(), residents).await;
                    (menu, residents, linked)
                }
            })
            .collect();
        let answers: Vec<_> =
            futures::stream::iter(calls).buffer_unordered(LINKS_AT_ONCE).collect().await;
        let mut accepted: BTreeMap<Option<String>, RoaringBitmap> = BTreeMap::new();
        let mut over = false;
        for (menu, residents, linked) in answers {
            match linked? {
                Ok(()) => {
                    // One by one it is done at once.
                    if menu.is_some() && residents.len() > FEW {
                        self.worker.given_at = Some(self.ctx.now());
                    }
                    *accepted.entry(menu).or_default() |= set(residents);
                }
                Err(error) => {
                    self.held_back = true;
                    over |= matches!(self.judge(&error), Next::Stop);
                }
            }
        }
        store::menu::linked(self.ctx, &accepted).await?;
        for (menu, set) in accepted {
            *self.outcome.linked.entry(menu).or_default() |= set;
        }
        Ok(over)
    }
}
