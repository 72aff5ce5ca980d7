//! The inbox: signed, stored, then 200; worked on afterwards, in order per resident.
//!
//! Many requests share one commit: whoever arrives while one is being written is
//! written with the next.

use crate::greeting::{self, Tap};
use crate::{Context, Platform, Result, menu};
use bytes::Bytes;
use domain::id::EventId;
use domain::message::reply::Reply;
use domain::time::{SECOND, Timestamp};
use futures::StreamExt;
use line::api::ReplyRequest;
use line::message::Message;
use line::webhook::{Content, Event, EventKind, Mode};
use std::sync::Arc;
use std::time::Duration;
use store::inbox::Arrived;
use store::outbox::Recipient;
use tokio::sync::{mpsc, oneshot, watch};

/// Largest webhook body, in bytes.
pub const BODY_MAX: usize = 1024 * 1024;
/// LINE gives up after 2 seconds: by then it has heard that it must come again.
const ANSWER_WITHIN: Duration = Duration::from_millis(1_500);
const _: () = assert!(ANSWER_WITHIN.as_millis() < 2_000);
/// A commit that takes longer does not come any more; the next one gets a connection of its own.
const COMMIT_WITHIN: Duration = Duration::from_secs(10);
/// Requests that may wait for their commit; beyond it LINE is asked to come again.
const WAITING: usize = 4_096;
/// Requests of one commit.
const BATCH: usize = 512;
/// An event is leased for this long, in microseconds.
const LEASE: i64 = 30 * SECOND;
/// Events leased at once, and worked on at the same time.
const CLAIM: i64 = 256;
const AT_ONCE: usize = 16;
/// A reply token is used only while it certainly still holds, in microseconds.
const REPLY_WITHIN: i64 = 45 * SECOND;

/// Why a webhook request was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// 401: the signature is missing or wrong.
    Signature,
    /// 400: not what LINE sends.
    Malformed,
    /// 503: it could not be stored; LINE delivers it again.
    Unavailable,
}

struct Job {
    events: Vec<Arrived>,
    stored: oneshot::Sender<bool>,
}

/// The door of the inbox.
#[derive(Clone)]
pub struct Intake {
    secret: String,
    jobs: mpsc::Sender<Job>,
}

impl Intake {
    /// Opens the door; the writer runs until the last clone is dropped.
    pub fn open(platform: &Arc<Platform>) -> Self {
        let (jobs, mut waiting) = mpsc::channel::<Job>(WAITING);
        let platform = platform.clone();
        let secret = platform.settings.channel_secret.clone();
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, BATCH).await > 0 {
                let events: Vec<Arrived> =
                    batch.iter().flat_map(|j| j.events.iter().cloned()).collect();
                let ctx = platform.webhook();
                let stored =
                    tokio::time::timeout(COMMIT_WITHIN, store::inbox::store(&ctx, &events));
                let stored = match stored.await {
                    Ok(Ok(_)) => true,
                    Ok(Err(error)) => {
                        tracing::error!(%error, requests = batch.len(), "webhook: events could not be stored");
                        false
                    }
                    Err(_) => {
                        tracing::error!(
                            requests = batch.len(),
                            "webhook: the database does not answer"
                        );
                        false
                    }
                };
                for job in batch.drain(..) {
                    // Nobody waits any more if it took too long; the events are stored all the same.
                    let _gone = job.stored.send(stored);
                }
                platform.inbox_ready.notify_one();
            }
        });
        Self { secret, jobs }
    }

    /// Takes a request; returns when it is durable, or when LINE would not wait any longer.
    ///
    /// # Errors
    /// See [`Refused`].
    pub async fn receive(
        &self,
        signature: Option<&str>,
        body: Bytes,
    ) -> std::result::Result<(), Refused> {
        if !signature.is_some_and(|s| line::signature::verify(&self.secret, &body, s)) {
            return Err(Refused::Signature);
        }
        let webhook = line::webhook::parse(&body).map_err(|_| Refused::Malformed)?;
        if webhook.events.is_empty() {
            return Ok(());
        }
        let (stored, answer) = oneshot::channel();
        let job = Job { events: webhook.events.iter().map(arrived).collect(), stored };
        self.jobs.try_send(job).map_err(|_| Refused::Unavailable)?;
        match tokio::time::timeout(ANSWER_WITHIN, answer).await {
            Ok(Ok(true)) => Ok(()),
            _ => Err(Refused::Unavailable),
        }
    }
}

fn arrived(event: &Event) -> Arrived {
    let body = event.raw.to_string().into_bytes();
    let message_id = match &event.kind {
        EventKind::Message(m) => Some(m.id.clone()),
        EventKind::Unsend { message_id } => Some(message_id.clone()),
        _ => None,
    };
    Arrived {
        // Without an id of LINE's the same bytes are the same event.
        event_id: event.webhook_event_id.clone().filter(|id| id.len() <= 100).unwrap_or_else(
            || {
                let digest = <sha2::Sha256 as sha2::Digest>::digest(&body);
                format!("sha256:{}", hex::encode(digest))
            },
        ),
        user: event.user().map(|u| *u.as_bytes()),
        message_id,
        kind: event.kind.name().chars().take(40).collect(),
        at: event.timestamp.map_or(Timestamp(0), Timestamp::from_millis),
        body,
    }
}

/// Works on events until `stop` turns true.
pub async fn run(platform: Arc<Platform>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let ctx = platform.system();
        let events = store::inbox::claim(&ctx, CLAIM, LEASE).await.unwrap_or_else(|error| {
            tracing::error!(%error, "inbox: claiming failed");
            Vec::new()
        });
        if events.is_empty() {
            tokio::select! {
                () = platform.inbox_ready.notified() => {}
                () = tokio::time::sleep(Duration::from_millis(500)) => {}
                _ = stop.changed() => {}
            }
            continue;
        }
        let quiet: Vec<EventId> = futures::stream::iter(events)
            .map(|event| work(&platform, &ctx, event))
            .buffer_unordered(AT_ONCE)
            .filter_map(std::future::ready)
            .collect()
            .await;
        note(&ctx, &quiet).await;
    }
}

/// Notes events as worked off.
async fn note(ctx: &Context, ids: &[EventId]) {
    if ids.is_empty() {
        return;
    }
    if let Err(error) = store::inbox::done(ctx, ids).await {
        // The lease ends, and the events are worked on again.
        tracing::error!(%error, events = ids.len(), "inbox: the result could not be noted");
    }
}

/// Works on one event. What spoke to the resident is noted at once, so that a crash repeats
/// little; what changed nothing that shows is answered, to be noted together with others.
async fn work(platform: &Platform, ctx: &Context, stored: store::inbox::Event) -> Option<EventId> {
    let result = match read(&stored.body) {
        Some(event) => handle(platform, ctx, &event, &stored).await,
        None => Ok(false),
    };
    match result {
        Ok(false) => return Some(stored.id),
        Ok(true) => note(ctx, &[stored.id]).await,
        Err(error) => {
            tracing::error!(%error, event = stored.id.0, attempts = stored.attempts, "inbox: an event could not be worked on");
            let why = error.to_string();
            if let Err(error) = store::inbox::failed(ctx, stored.id, stored.attempts, &why).await {
                tracing::error!(%error, event = stored.id.0, "inbox: the failure could not be noted");
            }
        }
    }
    None
}

/// One stored event, read as LINE's webhook is read. Deleted bodies are nothing to do.
fn read(body: &[u8]) -> Option<Event> {
    if body.is_empty() {
        return None;
    }
    let whole = [br#"{"destination":"","events":["#, body, b"]}"].concat();
    line::webhook::parse(&whole).ok()?.events.pop()
}

/// Whether the resident was spoken to.
async fn handle(
    platform: &Platform,
    ctx: &Context,
    event: &Event,
    stored: &store::inbox::Event,
) -> Result<bool> {
    let user = event.user().map(|u| *u.as_bytes());
    match (&event.kind, user) {
        (EventKind::Follow { .. }, Some(user)) => {
            let (resident, became) = store::resident::follow(ctx, &user, stored.at).await?;
            menu::came(platform, ctx, resident).await?;
            // A second try of the same event greets too: the first may have stopped before it did.
            if became || stored.attempts > 0 {
                let messages = greeting::greeting(platform, ctx).await?;
                let to = Recipient { id: resident, user };
                say(platform, ctx, event, stored, to, messages, true).await?;
                return Ok(true);
            }
        }
        (EventKind::Unfollow, Some(user)) => {
            store::resident::unfollow(ctx, &user, stored.at).await?;
        }
        (EventKind::Postback { data, params }, Some(user)) => {
            let Some(id) = store::resident::find(ctx, &user).await? else { return Ok(false) };
            if let Some(reply) = Reply::parse(data) {
                store::reply::keep(ctx, &reply, id, stored.at).await?;
                return Ok(false);
            }
            let answer = match Tap::parse(data) {
                Some(tap) => {
                    let answer = greeting::answer(platform, ctx, id, &tap).await?;
                    if let Tap::Answer { question, choice } = tap {
                        menu::answered(platform, ctx, id, &question, &choice).await?;
                    }
                    answer
                }
                None => menu::postback(platform, ctx, id, data, params.as_ref(), stored.at).await?,
            };
            if let Some(messages) = answer {
                say(platform, ctx, event, stored, Recipient { id, user }, messages, false).await?;
                return Ok(true);
            }
        }
        (EventKind::Message(m), Some(user)) => {
            let Content::Text(text) = &m.content else { return Ok(false) };
            let Some(id) = store::resident::find(ctx, &user).await? else { return Ok(false) };
            if let Some(messages) = menu::said(platform, ctx, id, text).await? {
                say(platform, ctx, event, stored, Recipient { id, user }, messages, false).await?;
                return Ok(true);
            }
        }
        (EventKind::Unsend { message_id }, _) => store::inbox::unsend(ctx, message_id).await?,
        _ => {}
    }
    Ok(false)
}

/// Answers by the reply token while it holds; else, or if that fails, what matters is pushed.
async fn say(
    platform: &Platform,
    ctx: &Context,
    event: &Event,
    stored: &store::inbox::Event,
    to: Recipient,
    messages: Vec<Message>,
    matters: bool,
) -> Result<()> {
    let token = event.reply_token.clone().filter(|_| {
        event.mode == Mode::Active
            && ctx.now().since(stored.received_at) < REPLY_WITHIN
            && stored.attempts == 0
    });
    if let Some(reply_token) = token {
        let request =
            ReplyRequest { reply_token, messages: messages.clone(), notification_disabled: false };
        match platform.line.reply(&request).await {
            Ok(_) => return Ok(()),
            Err(error) => tracing::warn!(%error, "inbox: a reply did not go out"),
        }
    }
    if matters {
        let json =
            serde_json::to_string(&messages).map_err(|_| crate::Error::Inconsistent("messages"))?;
        store::outbox::push(ctx, to, &json).await?;
        platform.outbox_ready.notify_one();
    }
    Ok(())
}
