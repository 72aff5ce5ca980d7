//! The worker that keeps LINE as it is to be: one for all servers. It looks every second at
//! what was heard of residents and gives the few what they are to see; when what is published
//! or declared changes, and now and then, it reads LINE back and reconciles everything
//! (`domain::menu::publish`). After a crash the plan is made anew.

use super::carry::carry_out;
use super::look::read_back;
use super::outcome::Outcome;
use super::sample::Sample;
use super::{InForce, in_force, sweep, who};
use crate::{Context, Platform, Result};
use domain::menu::publish::{Live, Plan, Step, current, plan};
use domain::menu::{Doing, PUBLISHING, Publishing};
use domain::time::{Date, MINUTE, SECOND, Timestamp};
use roaring::RoaringBitmap;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::menu::{Heard, News};
use tokio::sync::watch;

/// The duty that one server has.
const DUTY: &str = "menus";
/// For how long it is held, in microseconds; it is held again while half of it is left.
const LEASE: i64 = 30 * SECOND;
/// How often is looked at what was heard, where nothing wakes.
const LOOK: Duration = Duration::from_secs(1);
/// How often everything is reconciled though nothing is known to have changed.
const EVERYTHING: i64 = 10 * MINUTE;
/// Never more often than this for changes of residents alone.
const LATELY: i64 = 5 * SECOND;
/// More residents than this are looked at together with all others.
pub(super) const MANY: i64 = 5_000;
/// Transactions that change residents are over by then.
const OVERLAP: i64 = 10 * SECOND;
/// What is said when there is nothing to do.
const DONE: &str = "LINEに反映されています";
/// Rounds that follow at once, where LINE never is as it was made.
const ROUNDS: u32 = 5;

/// What one worker remembers from look to look.
#[derive(Default)]
pub(super) struct Worker {
    held_until: i64,
    pub(super) epoch: Option<i64>,
    /// Nothing was ever published.
    unused: bool,
    everything_at: i64,
    day: Option<Date>,
    /// When everything is to be looked at next: a period begins or ends, a rule ends, a limit
    /// is over, or LINE is tried again.
    next: Option<Timestamp>,
    touched_since: i64,
    live: Live,
    /// Who got another menu lately, and when: what LINE tells of a time before it is old.
    pub(super) lately: Vec<(Timestamp, RoaringBitmap)>,
    pub(super) sample: Option<Sample>,
    /// When LINE last accepted a bulk call that gives residents a menu.
    pub(super) given_at: Option<Timestamp>,
    /// When LINE is asked how far its batch is.
    pub(super) sweep_asked: Option<Timestamp>,
    pub(super) relinked: u32,
    /// Rounds in a row that LINE did not answer.
    pub(super) failures: u32,
    /// Rounds in a row that followed at once.
    rounds: u32,
    pub(super) said: Publishing,
    pub(super) said_at: i64,
}

/// Takes up at once what a former process left, where there is no other.
///
/// # Errors
/// If the database is away.
pub async fn take_up(ctx: &Context) -> Result<()> {
    store::work::give_back(ctx, DUTY).await
}

/// Runs until `stop` turns true.
pub async fn run(platform: Arc<Platform>, owner: String, mut stop: watch::Receiver<bool>) {
    let mut worker = Worker::default();
    while !*stop.borrow() {
        let ctx = platform.system();
        let again = worker.turn(&platform, &ctx, &owner, &stop).await.unwrap_or_else(|error| {
            tracing::error!(%error, "menus: a look failed and is tried again");
            worker.epoch = None;
            false
        });
        if again {
            continue;
        }
        tokio::select! {
            () = platform.menus_ready.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
    if worker.held_until > 0 {
        let ctx = platform.system();
        if let Err(error) = store::work::give_back(&ctx, DUTY).await {
            tracing::warn!(%error, "menus: the duty ends by itself");
        }
    }
}

impl Worker {
    /// Keeps the duty; answers whether it is this server's.
    pub(super) async fn holds(&mut self, ctx: &Context, owner: &str) -> Result<bool> {
        let now = ctx.now().0;
        let left = self.held_until - now;
        if left > LEASE / 2 && left <= LEASE {
            return Ok(true);
        }
        let held = store::work::hold(ctx, DUTY, owner, LEASE).await?;
        if !held || self.held_until < now {
            // Another server may have worked meanwhile.
            *self = Self { said: std::mem::take(&mut self.said), ..Self::default() };
        }
        self.held_until = if held { now + LEASE } else { 0 };
        Ok(held)
    }

    /// One look. Answers whether the next one is to follow at once.
    async fn turn(
        &mut self,
        platform: &Platform,
        ctx: &Context,
        owner: &str,
        stop: &watch::Receiver<bool>,
    ) -> Result<bool> {
        if !self.holds(ctx, owner).await? {
            return Ok(false);
        }
        let now = in_force(platform, ctx).await?;
        if now.program.is_none() {
            // Where nothing was ever published, LINE is not asked; where all was taken away, it is
            // said first.
            if self.epoch != Some(now.epoch) {
                self.unused = store::menu::lines(ctx).await?.menus.is_empty()
                    && super::publishing(ctx).await?.doing == Doing::Idle;
            }
            if self.unused {
                self.epoch = Some(now.epoch);
                return Ok(false);
            }
        }
        let heard = store::menu::heard(ctx).await?;
        if self.live.menus.is_empty()
            && !heard.is_empty()
            && let Ok(live) = read_back(platform, ctx, &now, true, &mut stop.clone()).await?
        {
            // Which menu a tab is, LINE says.
            self.live = live;
        }
        let mut touched = self.absorb(ctx, &now, &heard).await?;
        self.check_sample(platform, ctx, &mut touched).await?;
        self.check_sweep(platform, ctx).await?;
        let at = ctx.now().0;
        let since = self.touched_since - OVERLAP;
        let changed = store::menu::touched(ctx, Timestamp(since), MANY + 1).await?;
        let many = changed.len() as i64 > MANY;
        let due = self.epoch != Some(now.epoch)
            || self.day != Some(who::day(Timestamp(at)))
            || self.next.is_some_and(|next| next.0 <= at)
            || at < self.everything_at
            || at - self.everything_at > EVERYTHING
            || (many && at - self.everything_at > LATELY);
        if due {
            self.touched_since = at;
            return self.everything(platform, ctx, &now, owner, stop).await;
        }
        if !many {
            self.touched_since = at;
            touched |= changed;
        }
        if !touched.is_empty() {
            self.some(platform, ctx, &now, &touched, owner, stop).await?;
        }
        Ok(false)
    }

    /// Takes in what was heard of residents' menus; answers whom it was about.
    async fn absorb(
        &mut self,
        ctx: &Context,
        now: &InForce,
        heard: &[Heard],
    ) -> Result<RoaringBitmap> {
        let mut about = RoaringBitmap::new();
        if heard.is_empty() {
            return Ok(about);
        }
        let at = ctx.now();
        self.lately.retain(|(end, _)| at.since(*end) < EVERYTHING);
        let desired = now.desired(&now.situation(at));
        let current = current(&now.install, &desired, &self.live);
        let mut last: BTreeMap<u32, Option<Option<String>>> = BTreeMap::new();
        for one in heard {
            let Ok(id) = u32::try_from(one.resident.0) else { continue };
            about.insert(id);
            let older = |(end, set): &(Timestamp, RoaringBitmap)| one.at < *end && set.contains(id);
            match one.news {
                News::Look => {}
                News::Unsure => drop(last.insert(id, Some(None))),
                // What LINE told of a time before we gave them another menu is old.
                News::Tab(_) if self.lately.iter().any(older) => drop(last.insert(id, Some(None))),
                News::Tab(key) => drop(last.insert(id, Some(current.get(&key).cloned()))),
            }
        }
        let mut known: BTreeMap<Option<String>, RoaringBitmap> = BTreeMap::new();
        let mut unsure = RoaringBitmap::new();
        for (id, line_id) in last {
            match line_id.flatten() {
                Some(line_id) => drop(known.entry(Some(line_id)).or_default().insert(id)),
                None => drop(unsure.insert(id)),
            }
        }
        if !unsure.is_empty() {
            store::menu::slip(ctx, &unsure).await?;
        }
        if !known.is_empty() {
            store::menu::linked(ctx, &known).await?;
        }
        let ids: Vec<i64> = heard.iter().map(|h| h.id).collect();
        store::menu::unheard(ctx, &ids).await?;
        Ok(about)
    }

    /// Gives a few residents what they are to see.
    async fn some(
        &mut self,
        platform: &Platform,
        ctx: &Context,
        now: &InForce,
        of: &RoaringBitmap,
        owner: &str,
        stop: &watch::Receiver<bool>,
    ) -> Result<()> {
        let found = who::evaluate(ctx, now, &now.situation(ctx.now()), Some(of)).await?;
        self.later(found.again);
        let lines = store::menu::lines(ctx).await?;
        let (links, unsure) = who::known(&lines, &found.looked_at);
        let live = Live { links, unsure, ..self.live.clone() };
        let mut plan = plan(&now.install, &found.desired, &live);
        plan.steps.retain(|step| matches!(step, Step::Link { .. } | Step::Unlink { .. }));
        if plan.steps.is_empty() {
            return Ok(());
        }
        let outcome =
            carry_out(self, platform, ctx, now, &found.desired, &live, &plan, owner, stop).await?;
        self.after(ctx, &outcome);
        if !outcome.is_clean() {
            self.later(outcome.retry_at.or(Some(ctx.now())));
            let said = Publishing {
                doing: Doing::Waiting,
                words: "LINEにつながるのを待っています".into(),
                until: outcome.retry_at,
                error: outcome.error.clone(),
                ..self.base()
            };
            self.say(ctx, said).await?;
        } else if self.said.doing == Doing::Working {
            let words = DONE.into();
            self.say(ctx, Publishing { words, ..self.base() }).await?;
        }
        Ok(())
    }

    /// Reads LINE back and reconciles everything.
    async fn everything(
        &mut self,
        platform: &Platform,
        ctx: &Context,
        now: &InForce,
        owner: &str,
        stop: &watch::Receiver<bool>,
    ) -> Result<bool> {
        store::menu::end_late_trial(ctx).await?;
        self.live = match read_back(platform, ctx, now, true, &mut stop.clone()).await? {
            Ok(live) => live,
            Err(words) => {
                self.next = Some(ctx.now().plus(SECOND << self.failures.min(4)));
                self.failures += 1;
                self.epoch = Some(now.epoch);
                self.day = Some(who::day(ctx.now()));
                self.everything_at = ctx.now().0;
                let until = self.next;
                self.say(
                    ctx,
                    Publishing { doing: Doing::Waiting, error: Some(words), until, ..self.base() },
                )
                .await?;
                return Ok(false);
            }
        };
        // What changes from here on is looked at again.
        let begun = ctx.now();
        let found = who::evaluate(ctx, now, &now.situation(begun), None).await?;
        let lines = store::menu::lines(ctx).await?;
        let (links, unsure) = who::known(&lines, &found.looked_at);
        self.live.links = links;
        self.live.unsure = unsure;
        self.live.astray = self.begin_sweep(ctx, now).await?;
        let made = plan(&now.install, &found.desired, &self.live);
        if self.live.astray && !made.sweeps() {
            sweep::accepted(ctx, None, &[]).await?;
            self.ask_of_sweep(ctx);
        }
        let live = self.live.clone();
        let outcome = if made.steps.is_empty() {
            Outcome::default()
        } else {
            tracing::info!(steps = made.steps.len(), "menus: LINE is brought up to date");
            carry_out(self, platform, ctx, now, &found.desired, &live, &made, owner, stop).await?
        };
        self.live.links = BTreeMap::new();
        self.live.unsure.clear();
        self.live.astray = false;
        self.day = Some(who::day(begun));
        self.everything_at = ctx.now().0;
        let changes = now.programs().filter_map(|p| p.next_change(begun)).min();
        self.next = None;
        self.later(changes);
        self.later(now.tried_until);
        self.later(found.again);
        self.later(outcome.retry_at);
        self.after(ctx, &outcome);
        // What was cut off, by a change or a stop, is planned anew.
        self.epoch = (!outcome.interrupted).then_some(now.epoch);
        let carried_on = !made.steps.is_empty() && outcome.is_clean() && self.rounds < ROUNDS;
        self.rounds = if carried_on { self.rounds + 1 } else { 0 };
        if !carried_on {
            self.ended(ctx, &made, &outcome, &found.broken).await?;
        } else {
            // Read back once more: the plan of a world where all is done is empty.
            self.epoch = None;
        }
        Ok(carried_on || outcome.interrupted)
    }

    /// Whether it has not looked at everything yet.
    pub(super) fn is_new(&self) -> bool {
        self.everything_at == 0
    }

    fn later(&mut self, at: Option<Timestamp>) {
        self.next = self.next.into_iter().chain(at).min();
    }

    /// What stays in what is said.
    pub(super) fn base(&self) -> Publishing {
        Publishing {
            looked_at: self.said.looked_at,
            foreign: self.said.foreign.clone(),
            ..Publishing::default()
        }
    }

    /// Says what the worker does, where pages read it.
    pub(super) async fn say(&mut self, ctx: &Context, said: Publishing) -> Result<()> {
        self.said_at = ctx.now().0;
        let said = Publishing { epoch: self.epoch.unwrap_or_default(), ..said };
        if said != self.said {
            let json = serde_json::to_string(&said)
                .map_err(|_| crate::Error::Inconsistent("menu.publishing"))?;
            store::setting::set(ctx, PUBLISHING, &json).await?;
            self.said = said;
        }
        Ok(())
    }

    /// Says how it ended.
    async fn ended(
        &mut self,
        ctx: &Context,
        plan: &Plan,
        outcome: &Outcome,
        broken: &[String],
    ) -> Result<()> {
        let foreign = self.live.menus.iter().map(|m| m.name.clone());
        let install = store::menu::install(ctx).await?;
        let foreign: Vec<String> = foreign.filter(|n| !install.owns_menu(n)).collect();
        let mut error = outcome.error.clone().or_else(|| plan.blocked.clone());
        if error.is_none() && !broken.is_empty() {
            error = Some(format!(
                "出し分け「{}」の条件で使っている登録項目などが、もうありません。だれにも当てはまらないものとして扱っています。条件を直してください",
                broken.join("」「")
            ));
        }
        let (doing, words) = match (&outcome.error, outcome.waits) {
            (_, Some(_)) => (Doing::Waiting, "LINEの1時間あたりの上限のため、続きを待っています"),
            (Some(_), _) if outcome.retry_soon => {
                (Doing::Waiting, "LINEにつながるのを待っています")
            }
            (Some(_), None) => (Doing::Failed, "できなかったところがあります"),
            (None, None) if plan.blocked.is_some() => {
                (Doing::Failed, "できなかったところがあります")
            }
            (None, None) if outcome.settling => {
                (Doing::Working, "切りかえが届いたか、確かめています")
            }
            (None, None) => (Doing::Idle, DONE),
        };
        let said = Publishing {
            doing,
            words: words.into(),
            done: 0,
            total: 0,
            until: outcome.waits.or(outcome.retry_at),
            error,
            // To the minute: the page shows no more, and not every look is written.
            looked_at: Some(Timestamp(ctx.now().0 / MINUTE * MINUTE)),
            foreign,
            epoch: 0,
        };
        self.say(ctx, said).await
    }
}
