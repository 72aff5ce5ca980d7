//! The outbox worker: freezes what is due, sends calls within LINE's limits, settles the answers.
//!
//! Exactly once or explained (design rule 1): the retry key is stored before the
//! call, an unknown outcome is tried again with the same key, and after 24 hours it
//! ends as failed(unknown). A crash at any instant changes none of this.

use crate::delivery::{approval, gate, variable_problems};
use crate::{Context, Error, Platform, Result, link, resident};
use domain::delivery::call::{Answer, Next, next};
use domain::delivery::{LATE, Purpose, Reason};
use domain::id::DeliveryId;
use domain::message::variable::{self, fill};
use domain::message::{Hosts, Part, to_line};
use domain::time::{HOUR, MINUTE, SECOND, Timestamp};
use line::UserId;
use line::api::{BroadcastRequest, MulticastRequest, PushRequest};
use line::client::{Error as LineError, Sent};
use line::message::Message;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::delivery::Frozen;
use store::outbox::{Call, Kind, Settled};
use tokio::sync::{Mutex, Semaphore, mpsc, watch};
use tokio::task::JoinSet;

/// LINE takes 200 multicasts a second; its bucket holds one second's worth.
const MULTICAST: (&str, i64, i64) = ("multicast", SECOND / 200, SECOND);
/// 2,000 pushes a second.
const PUSH: (&str, i64, i64) = ("push", SECOND / 2_000, SECOND);
/// Calls of this process that are on their way at the same time.
const IN_FLIGHT: usize = 96;
/// Calls leased at once.
const CLAIM: usize = 48;

/// Runs until `stop` turns true; then waits for the calls that are on their way.
pub async fn run(platform: Arc<Platform>, owner: String, mut stop: watch::Receiver<bool>) {
    let (settled, answers) = mpsc::channel(IN_FLIGHT * 2);
    let settler = tokio::spawn(settle(platform.clone(), owner.clone(), answers));
    let freezer = tokio::spawn(freeze(platform.clone(), stop.clone()));
    let sender = Sender {
        platform: platform.clone(),
        contents: Mutex::default(),
        slots: Arc::new(Semaphore::new(IN_FLIGHT)),
        settled,
    };
    let mut flying = JoinSet::new();
    while !*stop.borrow() {
        let Ok(slot) = sender.slots.clone().acquire_owned().await else { break };
        drop(slot);
        let free = sender.slots.available_permits().clamp(1, CLAIM);
        let ctx = platform.system();
        match store::outbox::claim(&ctx, &owner, free as i64).await {
            Ok(calls) if calls.is_empty() => idle(&platform, &ctx, &mut stop).await,
            Ok(calls) => sender.send_all(calls, &mut flying).await,
            Err(error) => {
                tracing::error!(%error, "outbox: claiming failed");
                pause(&mut stop, Duration::from_secs(1)).await;
            }
        }
        while flying.try_join_next().is_some() {}
    }
    while flying.join_next().await.is_some() {}
    drop(sender);
    for task in [settler, freezer] {
        if let Err(error) = task.await {
            tracing::error!(%error, "outbox: a task ended badly");
        }
    }
}

async fn pause(stop: &mut watch::Receiver<bool>, time: Duration) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        _ = stop.changed() => {}
    }
}

/// Waits until something is ready, the next retry is due, or half a second has passed
/// (another server may have put something in).
async fn idle(platform: &Platform, ctx: &Context, stop: &mut watch::Receiver<bool>) {
    let due = match store::outbox::next_due(ctx).await {
        Ok(Some(at)) => at.since(ctx.now()).clamp(5_000, SECOND / 2),
        _ => SECOND / 2,
    };
    tokio::select! {
        () = platform.outbox_ready.notified() => {}
        () = tokio::time::sleep(Duration::from_micros(due as u64)) => {}
        _ = stop.changed() => {}
    }
}

/// What a call carries: the messages, and the name under which LINE counts who opened them.
#[derive(Clone)]
struct Sending {
    messages: Vec<Message>,
    unit: Option<String>,
}

struct Sender {
    platform: Arc<Platform>,
    /// What is being sent; a frozen delivery does not change.
    contents: Mutex<HashMap<DeliveryId, Arc<Content>>>,
    slots: Arc<Semaphore>,
    settled: mpsc::Sender<Settled>,
}

/// What a delivery says.
struct Content {
    /// With the addresses that count taps.
    parts: Vec<Part>,
    purpose: Purpose,
    /// The name under which LINE counts who opened it.
    unit: Option<String>,
    /// As everybody gets it for whom nothing is filled in.
    same: Vec<Message>,
}

impl Sender {
    async fn send_all(&self, calls: Vec<Call>, flying: &mut JoinSet<()>) {
        let ctx = self.platform.system();
        for (kind, (name, interval, burst)) in [
            (Kind::Push, PUSH),
            (Kind::Multicast, MULTICAST),
            (Kind::Broadcast, ("broadcast", MINUTE, HOUR)),
        ] {
            let of_kind: Vec<Call> = calls.iter().filter(|c| c.kind == kind).cloned().collect();
            if of_kind.is_empty() {
                continue;
            }
            let wait =
                match store::outbox::reserve(&ctx, name, of_kind.len() as i64, interval, burst)
                    .await
                {
                    Ok(wait) => wait,
                    Err(error) => {
                        // The leases end and the calls are tried again; nothing has left.
                        tracing::error!(%error, "outbox: no slot of LINE's limit");
                        continue;
                    }
                };
            for (i, call) in of_kind.into_iter().enumerate() {
                let sending = match self.sending(&ctx, &call).await {
                    Ok(sending) => sending,
                    Err(error) => {
                        tracing::error!(%error, call = call.id.0, "outbox: the messages cannot be read");
                        continue;
                    }
                };
                let Ok(slot) = self.slots.clone().acquire_owned().await else { return };
                let (platform, settled) = (self.platform.clone(), self.settled.clone());
                let delay = Duration::from_micros((wait + i as i64 * interval).max(0) as u64);
                flying.spawn(async move {
                    tokio::time::sleep(delay).await;
                    let done = if stopped(&platform, &call).await {
                        Settled { call, next: Next::Stay, request_id: None, error: None }
                    } else {
                        attempt(&platform, call, sending).await
                    };
                    drop(slot);
                    // The receiver lives until every sender is gone.
                    drop(settled.send(done).await);
                });
            }
        }
    }

    async fn sending(&self, ctx: &Context, call: &Call) -> Result<Sending> {
        if let Some(json) = &call.messages {
            let messages =
                serde_json::from_str(json).map_err(|_| Error::Inconsistent("call.messages"))?;
            return Ok(Sending { messages, unit: None });
        }
        let id = call.delivery.ok_or(Error::Inconsistent("call.delivery_id"))?;
        let frozen = self.frozen(ctx, id).await?;
        let messages = match &call.variables {
            None => frozen.same.clone(),
            Some(values) => self.to_line(&fill(&frozen.parts, values), frozen.purpose)?,
        };
        Ok(Sending { messages, unit: frozen.unit.clone() })
    }

    async fn frozen(&self, ctx: &Context, id: DeliveryId) -> Result<Arc<Content>> {
        let mut known = self.contents.lock().await;
        if let Some(content) = known.get(&id) {
            return Ok(content.clone());
        }
        let delivery = store::delivery::get(ctx, id).await?;
        let parts = link::arriving(ctx, &delivery).await?;
        let content = Content {
            same: self.to_line(&parts, delivery.purpose)?,
            parts,
            purpose: delivery.purpose,
            unit: store::insight::unit(ctx, id).await?,
        };
        if known.len() >= 32 {
            known.clear();
        }
        Ok(known.entry(id).or_insert(Arc::new(content)).clone())
    }

    fn to_line(&self, parts: &[Part], purpose: Purpose) -> Result<Vec<Message>> {
        let settings = &self.platform.settings;
        let hosts = Hosts { base: &settings.public_url, liff: &settings.liff_link("") };
        serde_json::from_value(to_line(parts, purpose, hosts))
            .map_err(|_| Error::Inconsistent("delivery.parts"))
    }
}

/// Whether staff stopped the delivery of a call between its claim and its slot. What LINE
/// may have taken already is asked for all the same.
async fn stopped(platform: &Platform, call: &Call) -> bool {
    match call.delivery {
        Some(delivery) if !call.tries().perhaps_taken_before() => {
            // Without an answer it is sent: it was claimed while nobody had stopped it.
            store::outbox::is_stopped(&platform.system(), delivery).await.unwrap_or(false)
        }
        _ => false,
    }
}

async fn attempt(platform: &Platform, call: Call, sending: Sending) -> Settled {
    let Sending { messages, unit } = sending;
    let ctx = platform.system();
    let to = || call.to.iter().map(|r| UserId::from_bytes(r.user));
    let result = match call.kind {
        Kind::Multicast => {
            let request = MulticastRequest {
                to: to().collect(),
                messages,
                notification_disabled: false,
                custom_aggregation_units: unit.into_iter().collect(),
            };
            platform.line.multicast(&request, &call.retry_key).await
        }
        Kind::Broadcast => {
            platform
                .line
                .broadcast(
                    &BroadcastRequest { messages, notification_disabled: false },
                    &call.retry_key,
                )
                .await
        }
        Kind::Push => match to().next() {
            Some(to) => {
                let request = PushRequest {
                    to,
                    messages,
                    notification_disabled: false,
                    custom_aggregation_units: unit.into_iter().collect(),
                };
                platform.line.push(&request, &call.retry_key).await
            }
            None => {
                return Settled {
                    call,
                    next: Next::Fail(Reason::RefusedId),
                    request_id: None,
                    error: None,
                };
            }
        },
    };
    let (mut answer, request_id, error) = read(result);
    let of_one_message = call.kind == Kind::Broadcast || call.delivery.is_none();
    if answer == Answer::RefusedSomehow && of_one_message {
        answer = Answer::RefusedMessage;
    }
    let jitter = u32::from(u16::from_be_bytes(ctx.random())) % 1000;
    let next = next(&answer, call.to.len(), call.tries(), ctx.now(), jitter);
    tracing::debug!(
        call = call.id.0,
        attempt = call.attempts,
        request_id,
        error,
        "outbox: a call was answered"
    );
    Settled { call, next, request_id, error }
}

/// What LINE's answer means; the error's words carry no personal data.
fn read(result: std::result::Result<Sent, LineError>) -> (Answer, Option<String>, Option<String>) {
    let error = match result {
        Ok(sent) => {
            return (Answer::Accepted, sent.effective_request_id().map(ToOwned::to_owned), None);
        }
        Err(error) => error,
    };
    let answer = match &error {
        LineError::Refused { status: 403, .. } => Answer::Forbidden,
        LineError::Refused { status: 401, .. } | LineError::Unauthorized { .. } => {
            Answer::NotAllowed
        }
        LineError::Refused { status: 400, body, .. } => {
            let refused = body.refused_recipients();
            if !refused.is_empty() {
                Answer::RefusedIds(refused)
            } else if body.details.iter().any(|d| d.property.starts_with("messages")) {
                Answer::RefusedMessage
            } else {
                Answer::RefusedSomehow
            }
        }
        LineError::Refused { .. } => Answer::RefusedSomehow,
        LineError::QuotaReached { .. } => Answer::QuotaReached,
        LineError::RateLimited { .. } | LineError::NotSent(_) => Answer::RateLimited,
        LineError::Token(_) => Answer::NotAllowed,
        LineError::Unavailable { .. }
        | LineError::Timeout
        | LineError::Transport(_)
        | LineError::Unreadable { .. } => Answer::Unknown,
    };
    (answer, error.request_id().map(ToOwned::to_owned), Some(error.to_string()))
}

/// Settles whatever has been answered, many answers in one transaction.
async fn settle(platform: Arc<Platform>, owner: String, mut answers: mpsc::Receiver<Settled>) {
    let mut batch = Vec::new();
    while answers.recv_many(&mut batch, IN_FLIGHT).await > 0 {
        let ctx = platform.system();
        // The answers must not be lost while the database is away for a moment; if it
        // stays away, the leases end and LINE answers 409 to the same keys.
        for wait in [0, 100, 500, 2_000, 5_000] {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            match store::outbox::settle(&ctx, &owner, &batch).await {
                Ok(done) => {
                    for delivery in done {
                        if let Err(error) = store::outbox::finish_bitmaps(&ctx, delivery).await {
                            tracing::error!(%error, delivery = delivery.0, "outbox: the outcome is written later");
                        }
                    }
                    break;
                }
                Err(error) => {
                    tracing::error!(%error, answers = batch.len(), "outbox: settling failed")
                }
            }
        }
        batch.clear();
        platform.outbox_ready.notify_one();
    }
}

/// Freezes deliveries whose time has come.
async fn freeze(platform: Arc<Platform>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let ctx = platform.system();
        let due = store::delivery::due(&ctx).await.unwrap_or_else(|error| {
            tracing::error!(%error, "outbox: looking for due deliveries failed");
            Vec::new()
        });
        let idle = due.is_empty();
        for (id, send_at) in due {
            if let Err(error) = start(&platform, &ctx, id, send_at).await {
                tracing::error!(%error, delivery = id.0, "outbox: freezing failed");
                if matches!(error, Error::Undecryptable(_) | Error::Inconsistent(_)) {
                    let reason = "保存されている内容を読みとれないため、送れません。鍵ファイルとデータベースが合っているかを、システムの担当に確かめてもらってください";
                    // If that fails, too, it is tried again with the next look.
                    drop(store::delivery::hold(&ctx, id, reason).await);
                }
                pause(&mut stop, Duration::from_millis(500)).await;
            }
        }
        if idle {
            tokio::select! {
                () = platform.outbox_ready.notified() => platform.outbox_ready.notify_one(),
                () = tokio::time::sleep(Duration::from_millis(250)) => {}
                _ = stop.changed() => {}
            }
            pause(&mut stop, Duration::from_millis(20)).await;
        }
    }
}

/// Starts one delivery: a series makes its occurrence; any other is held if it is late or
/// cannot be understood any more, else frozen.
///
/// # Errors
/// If the database is away.
pub async fn start(
    platform: &Platform,
    ctx: &Context,
    id: DeliveryId,
    send_at: Timestamp,
) -> Result<()> {
    let delivery = store::delivery::get(ctx, id).await?;
    if delivery.recurrence.is_some() {
        // What it makes is due itself, and is found in the next round.
        store::delivery::recurring::occur(ctx, id).await?;
        platform.outbox_ready.notify_one();
        return Ok(());
    }
    let late = ctx.now().since(send_at);
    if late > LATE {
        let reason = format!("予定より {}分おくれたため、送らずに止めています", late / MINUTE);
        return store::delivery::hold(ctx, id, &reason).await;
    }
    if gate::postponed(ctx, &delivery).await? {
        return Ok(());
    }
    let problems = variable_problems(ctx, &delivery.parts, delivery.purpose).await?;
    if let Some(problem) = problems.first() {
        return store::delivery::hold(ctx, id, &problem.message).await;
    }
    if let Some(of) = delivery.corrects {
        store::delivery::freeze(ctx, id, Frozen::Reached(of)).await?;
        platform.outbox_ready.notify_one();
        return Ok(());
    }
    let Some(audience) = &delivery.audience else {
        store::delivery::freeze(ctx, id, Frozen::Testers).await?;
        platform.outbox_ready.notify_one();
        return Ok(());
    };
    let resolved = match audience
        .resolve(&crate::audience::catalog(ctx, audience.among()).await?, "")
    {
        Ok(resolved) => resolved,
        Err(_) => {
            return store::delivery::hold(
                ctx,
                id,
                "配信対象の条件で使っているもの（登録項目、対象者リスト、前の配信）が、消されているか使えません。条件を直してください",
            )
            .await;
        }
    };
    if approval::rules(ctx).await?.above.is_some() {
        let people = store::audience::count_rows(ctx, &resolved).await?;
        if let Some(reason) = approval::uncovered(ctx, &delivery, people).await? {
            return store::delivery::hold(ctx, id, &reason).await;
        }
    }
    let frozen = if audience.is_everyone() {
        // An emergency does not wait for a long list: then the friends that we know are used.
        let patience = match delivery.purpose {
            Purpose::Emergency => Duration::from_secs(5),
            _ => Duration::from_secs(120),
        };
        match resident::friends_are_complete(platform, ctx, patience).await {
            // One text goes to all: what is filled in, we must send to those whom we know.
            resident::Friends::RefusedByLine if variable::keys(&delivery.parts).is_empty() => {
                Frozen::Broadcast
            }
            resident::Friends::RefusedByLine => Frozen::Audience(&resolved),
            resident::Friends::Known => Frozen::Audience(&resolved),
        }
    } else {
        Frozen::Audience(&resolved)
    };
    store::delivery::freeze(ctx, id, frozen).await?;
    platform.outbox_ready.notify_one();
    Ok(())
}
