//! Begins what is due, the most urgent first: nothing that takes long keeps an emergency or
//! a correction waiting.

use super::pause;
use crate::delivery::variant::variable_problems;
use crate::delivery::{approval, gate};
use crate::resident::{Friends, friends_are_complete};
use crate::{Context, Error, Platform, Result};
use domain::delivery::{LATE, Purpose};
use domain::id::DeliveryId;
use domain::message::variable;
use domain::time::{MINUTE, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::delivery::Frozen;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Begins deliveries whose time has come, one after the other.
pub struct Freezer {
    platform: Arc<Platform>,
    stop: watch::Receiver<bool>,
    /// Those that wait for something, or after a failure: the others pass them.
    waiting: HashMap<DeliveryId, Wait>,
}

/// Why one is passed, for as long as the task runs.
struct Wait {
    /// An emergency or a correction waits for seconds: what is less urgent would keep it waiting
    /// longer and does not begin meanwhile, unless it goes to the few testers.
    urgent: bool,
    /// Answers what is to be begun with.
    task: JoinHandle<Option<Friends>>,
}

/// What a delivery is begun after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Who is a friend, for a delivery to everyone.
    Friends(Purpose),
    /// What LINE answers to the calls of the delivery that is corrected.
    Answers(DeliveryId),
}

/// How long an emergency waits for the follower list, and a correction for LINE's answers: then
/// it goes to the friends that we know, or to whom the wrong message may have reached.
const PATIENCE: Duration = Duration::from_secs(5);

impl Freezer {
    /// Nothing waits yet. When `stop` turns true, nothing waits any longer.
    pub fn new(platform: Arc<Platform>, stop: watch::Receiver<bool>) -> Self {
        Self { platform, stop, waiting: HashMap::new() }
    }

    /// Runs until `stop` turns true.
    pub(super) async fn run(mut self) {
        while !*self.stop.borrow() {
            if self.begin().await {
                continue;
            }
            let ctx = self.platform.system();
            let made = crate::steps::work(&ctx).await.unwrap_or_else(|error| {
                tracing::error!(%error, "outbox: making the deliveries of step courses failed");
                false
            });
            if !made {
                self.idle().await;
            }
        }
        for wait in self.waiting.into_values() {
            drop(wait.task.await);
        }
    }

    /// Begins the most urgent delivery that is due and does not wait; answers whether there was
    /// one. Whoever goes on asks anew, so that what is posted meanwhile has its turn.
    pub async fn begin(&mut self) -> bool {
        let ctx = self.platform.system();
        let mut only_urgent = store::delivery::urgent_leaves(&ctx).await.unwrap_or(false);
        let mut passed = Vec::new();
        for (id, wait) in self.waiting.iter().filter(|(_, wait)| !wait.task.is_finished()) {
            passed.push(*id);
            only_urgent |= wait.urgent;
        }
        let due = match store::delivery::due(&ctx, &passed, only_urgent).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(%error, "outbox: looking for due deliveries failed");
                return false;
            }
        };
        let Some((id, send_at)) = due else {
            if !only_urgent {
                // What has waited and is not due any more was stopped, or has another time.
                self.waiting.retain(|id, _| passed.contains(id));
            }
            return false;
        };
        let friends = match self.waiting.remove(&id) {
            Some(wait) => wait.task.await.unwrap_or_default(),
            None => None,
        };
        match start(&self.platform, &ctx, id, send_at, friends).await {
            Ok(None) => {}
            Ok(Some(after)) => self.wait(id, after),
            Err(error) => {
                tracing::error!(%error, delivery = id.0, "outbox: freezing failed");
                if matches!(error, Error::Undecryptable(_) | Error::Inconsistent(_)) {
                    let reason = "保存されている内容を読みとれないため、送れません。鍵ファイルとデータベースが合っているかを、システムの担当に確かめてもらってください";
                    // If that fails, too, it is tried again with the next look.
                    drop(store::delivery::hold(&ctx, id, reason).await);
                }
                let mut stop = self.stop.clone();
                let task = tokio::spawn(async move {
                    pause(&mut stop, Duration::from_millis(500)).await;
                    None
                });
                self.waiting.insert(id, Wait { urgent: false, task });
            }
        }
        true
    }

    /// Lets the others pass until it is known what a delivery is begun with.
    fn wait(&mut self, id: DeliveryId, after: After) {
        let urgent = matches!(after, After::Answers(_) | After::Friends(Purpose::Emergency));
        let patience = if urgent { PATIENCE } else { Duration::from_secs(120) };
        let (platform, mut stop) = (self.platform.clone(), self.stop.clone());
        let task = tokio::spawn(async move {
            let ctx = platform.system();
            let patience = pause(&mut stop, patience);
            let known = match after {
                After::Friends(_) => friends_are_complete(&platform, &ctx, patience).await,
                After::Answers(of) => {
                    tokio::select! {
                        () = answered(&ctx, of) => {}
                        () = patience => {}
                    }
                    Friends::Known
                }
            };
            platform.outbox_ready.notify_one();
            Some(known)
        });
        self.waiting.insert(id, Wait { urgent, task });
    }

    async fn idle(&mut self) {
        tokio::select! {
            () = self.platform.outbox_ready.notified() => self.platform.outbox_ready.notify_one(),
            () = tokio::time::sleep(Duration::from_millis(250)) => {}
            _ = self.stop.changed() => {}
        }
        pause(&mut self.stop, Duration::from_millis(20)).await;
    }
}

/// Starts one delivery: a series makes its occurrence; any other is held if it is late or
/// cannot be understood any more, else frozen. `friends` is what it has waited for. Answers
/// what it has to wait for before: then nothing has changed.
///
/// # Errors
/// If the database is away.
pub async fn start(
    platform: &Platform,
    ctx: &Context,
    id: DeliveryId,
    send_at: Timestamp,
    friends: Option<Friends>,
) -> Result<Option<After>> {
    let delivery = store::delivery::get(ctx, id).await?;
    if delivery.recurrence.is_some() {
        // What it makes is due itself, and is found in the next round.
        store::delivery::recurring::occur(ctx, id).await?;
        platform.outbox_ready.notify_one();
        return Ok(None);
    }
    // What waits for the end of the quiet hours is late only if it has not left after that.
    let leaves = gate::waits_at(ctx, &delivery, send_at).await?.unwrap_or(send_at);
    let late = ctx.now().since(leaves);
    if late > LATE {
        let reason = format!("予定より {}分おくれたため、送らずに止めています", late / MINUTE);
        return hold(ctx, id, &reason).await;
    }
    if gate::postponed(ctx, &delivery).await? {
        return Ok(None);
    }
    let problems =
        variable_problems(ctx, &delivery.parts, &delivery.variants, delivery.purpose).await?;
    if let Some(problem) = problems.first() {
        return hold(ctx, id, &problem.message).await;
    }
    if let Some(of) = delivery.corrects {
        // What is on its way may still be refused: then it has reached nobody.
        if friends.is_none() && store::outbox::on_its_way(ctx, of).await? {
            return Ok(Some(After::Answers(of)));
        }
        return freeze(platform, ctx, id, Frozen::Reached(of)).await;
    }
    let Some(audience) = &delivery.audience else {
        return freeze(platform, ctx, id, Frozen::Testers).await;
    };
    let everyone = audience.is_everyone();
    if everyone && friends.is_none() {
        return Ok(Some(After::Friends(delivery.purpose)));
    }
    let catalog = crate::audience::catalog(ctx, audience.among()).await?;
    let Ok(resolved) = audience.resolve(&catalog, "") else {
        let reason = "配信対象の条件で使っているもの（登録項目、対象者リスト、前の配信、フォームの回答）が、消されているか使えません。条件を直してください";
        return hold(ctx, id, reason).await;
    };
    if approval::rules(ctx).await?.above.is_some() {
        let people = store::audience::count_rows(ctx, &resolved).await?;
        if let Some(reason) = approval::uncovered(ctx, &delivery, people).await? {
            return hold(ctx, id, &reason).await;
        }
    }
    // One text goes to all: what is filled in, and other languages, we must send to those whom
    // we know.
    let alike = variable::keys(&delivery.parts).is_empty() && delivery.variants.is_empty();
    let to = match friends {
        Some(Friends::RefusedByLine) if everyone && alike => Frozen::Broadcast,
        _ => Frozen::Audience(&resolved),
    };
    freeze(platform, ctx, id, to).await
}

/// Ends when no call of a delivery is on its way for the first time.
async fn answered(ctx: &Context, of: DeliveryId) {
    while store::outbox::on_its_way(ctx, of).await.unwrap_or(false) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn hold(ctx: &Context, id: DeliveryId, reason: &str) -> Result<Option<After>> {
    store::delivery::hold(ctx, id, reason).await?;
    Ok(None)
}

async fn freeze(
    platform: &Platform,
    ctx: &Context,
    id: DeliveryId,
    to: Frozen<'_>,
) -> Result<Option<After>> {
    store::delivery::freeze(ctx, id, to).await?;
    platform.outbox_ready.notify_one();
    // An emergency may have declared what is prepared for it.
    platform.menus_ready.notify_one();
    Ok(None)
}
