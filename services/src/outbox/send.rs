//! Sends leased calls within LINE's limits, and reads what LINE answers.

use crate::{Context, Error, Platform, Result, link};
use domain::delivery::call::{Answer, Next, next};
use domain::delivery::variant::sides;
use domain::delivery::{Purpose, Reason};
use domain::id::DeliveryId;
use domain::language::{Language, Voice};
use domain::message::variable::fill;
use domain::message::{Hosts, Part, to_line};
use domain::time::{HOUR, MINUTE, SECOND};
use line::UserId;
use line::api::{BroadcastRequest, MulticastRequest, PushRequest};
use line::client::{Error as LineError, Sent};
use line::message::Message;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::outbox::{Call, Kind, Settled};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// One of LINE's limits: its name, microseconds a call, and how many microseconds' worth
/// the bucket holds.
type Limit = (&'static str, i64, i64);
/// LINE takes 200 multicasts a second; its bucket holds one second's worth. Of each limit 2 % are
/// left to the city's other senders on the same channel.
const MULTICAST: Limit = ("multicast", SECOND / 196, SECOND);
/// LINE takes 2,000 pushes a second.
const PUSH: Limit = ("push", SECOND / 1_960, SECOND);
/// 60 broadcasts an hour.
const BROADCAST: Limit = ("broadcast", MINUTE, HOUR);
/// Pushes of this process that are on their way at the same time: LINE takes 2,000 a
/// second and answers within a quarter of one.
pub(super) const IN_FLIGHT: usize = 480;
/// Room that a multicast takes among them.
const MULTICAST_ROOM: u32 = 5;
/// How long it is good to know whether a delivery was stopped.
const STOP_KNOWN: Duration = Duration::from_millis(100);

/// What a call carries: the messages, and the name under which LINE counts who opened them.
#[derive(Clone)]
struct Sending {
    messages: Vec<Message>,
    unit: Option<String>,
}

pub(super) struct Sender {
    platform: Arc<Platform>,
    /// What is being sent; a frozen delivery does not change.
    contents: Mutex<HashMap<DeliveryId, Arc<Content>>>,
    stops: Arc<Stops>,
    room: Arc<Semaphore>,
    settled: mpsc::Sender<Settled>,
}

/// What a delivery says, in every language that it has.
struct Content {
    sides: Vec<Side>,
    purpose: Purpose,
    /// The name under which LINE counts who opened it.
    unit: Option<String>,
}

/// What it says in one language.
struct Side {
    language: Language,
    /// With the addresses that count taps.
    parts: Vec<Part>,
    /// As everybody gets it for whom nothing is filled in.
    same: Vec<Message>,
}

impl Sender {
    pub(super) fn new(platform: Arc<Platform>, settled: mpsc::Sender<Settled>) -> Self {
        Self {
            platform,
            contents: Mutex::default(),
            stops: Arc::default(),
            room: Arc::new(Semaphore::new(IN_FLIGHT)),
            settled,
        }
    }

    /// Waits until something more may be on its way; answers how many pushes it could be.
    pub(super) async fn room(&self) -> usize {
        drop(self.takes(1).await);
        self.room.available_permits().max(1)
    }

    async fn takes(&self, room: u32) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        self.room.clone().acquire_many_owned(room).await.ok()
    }

    /// Puts leased calls on their way, in their order, each kind within its limit.
    pub(super) async fn send_all(&self, calls: Vec<Call>, flying: &mut JoinSet<()>) {
        let mut kinds: [(Kind, Limit, u32, Vec<Call>); 3] = [
            (Kind::Push, PUSH, 1, Vec::new()),
            (Kind::Multicast, MULTICAST, MULTICAST_ROOM, Vec::new()),
            (Kind::Broadcast, BROADCAST, MULTICAST_ROOM, Vec::new()),
        ];
        // The most urgent call comes first, and its kind before the others.
        let urgent = calls.first().map(|call| call.kind);
        kinds.sort_by_key(|(kind, ..)| Some(*kind) != urgent);
        for call in calls {
            if let Some((.., of_kind)) = kinds.iter_mut().find(|(kind, ..)| *kind == call.kind) {
                of_kind.push(call);
            }
        }
        for (_, limit, room, calls) in kinds {
            if !calls.is_empty() {
                self.send_kind(limit, room, calls, flying).await;
            }
        }
    }

    async fn send_kind(
        &self,
        (name, interval, burst): Limit,
        room: u32,
        calls: Vec<Call>,
        flying: &mut JoinSet<()>,
    ) {
        let ctx = self.platform.system();
        let wait =
            match store::outbox::reserve(&ctx, name, calls.len() as i64, interval, burst).await {
                Ok(wait) => wait,
                Err(error) => {
                    // The leases end and the calls are tried again; nothing has left.
                    tracing::error!(%error, "outbox: no slot of LINE's limit");
                    return;
                }
            };
        // Slots come nearer while a call waits for room; the machine's clock may jump.
        let begin = Instant::now();
        for (i, call) in calls.into_iter().enumerate() {
            let sending = match self.sending(&ctx, &call).await {
                Ok(sending) => sending,
                Err(error) => {
                    tracing::error!(%error, call = call.id.0, "outbox: the messages cannot be read");
                    continue;
                }
            };
            let Some(taken) = self.takes(room).await else { return };
            let (platform, settled) = (self.platform.clone(), self.settled.clone());
            let stops = self.stops.clone();
            let slot = (wait + i as i64 * interval).max(0) as u64;
            flying.spawn(async move {
                tokio::time::sleep_until(begin + Duration::from_micros(slot)).await;
                let done = if stops.stopped(&platform, &call).await {
                    Settled { call, next: Next::Stay, request_id: None, error: None }
                } else {
                    attempt(&platform, call, sending).await
                };
                drop(taken);
                // The receiver lives until every sender is gone.
                drop(settled.send(done).await);
            });
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
        let side = frozen.sides.iter().find(|s| s.language == call.language);
        let side = side.ok_or(Error::Inconsistent("call.language"))?;
        let voice = Voice { purpose: frozen.purpose, language: side.language };
        let messages = match &call.variables {
            None => side.same.clone(),
            Some(values) => self.to_line(id, &fill(&side.parts, values), voice)?,
        };
        Ok(Sending { messages, unit: frozen.unit.clone() })
    }

    async fn frozen(&self, ctx: &Context, id: DeliveryId) -> Result<Arc<Content>> {
        let mut known = self.contents.lock().await;
        if let Some(content) = known.get(&id) {
            return Ok(content.clone());
        }
        let delivery = link::arriving(ctx, store::delivery::get(ctx, id).await?).await?;
        let purpose = delivery.purpose;
        let sides = sides(&delivery.parts, &delivery.variants)
            .map(|(language, parts)| {
                let same = self.to_line(id, parts, Voice { purpose, language })?;
                Ok(Side { language, parts: parts.to_vec(), same })
            })
            .collect::<Result<_>>()?;
        let content = Content { sides, purpose, unit: store::insight::unit(ctx, id).await? };
        if known.len() >= 32 {
            known.clear();
        }
        Ok(known.entry(id).or_insert(Arc::new(content)).clone())
    }

    fn to_line(&self, id: DeliveryId, parts: &[Part], voice: Voice) -> Result<Vec<Message>> {
        let settings = &self.platform.settings;
        let liff = settings.liff_link("");
        let hosts = Hosts { base: &settings.public_url, liff: &liff, delivery: id };
        serde_json::from_value(to_line(parts, voice, hosts))
            .map_err(|_| Error::Inconsistent("delivery.parts"))
    }
}

/// Which deliveries staff stopped, asked anew ten times a second.
#[derive(Default)]
struct Stops(Mutex<HashMap<DeliveryId, (Instant, bool)>>);

impl Stops {
    /// Whether the delivery of a call was stopped between the call's claim and its slot.
    /// What LINE may have taken already is asked for all the same.
    async fn stopped(&self, platform: &Platform, call: &Call) -> bool {
        let Some(delivery) = call.delivery.filter(|_| !call.tries().perhaps_taken_before()) else {
            return false;
        };
        let mut known = self.0.lock().await;
        known.retain(|_, (asked, _)| asked.elapsed() < STOP_KNOWN);
        if let Some((_, stopped)) = known.get(&delivery) {
            return *stopped;
        }
        // Without an answer it is sent: it was claimed while nobody had stopped it.
        let stopped =
            store::outbox::is_stopped(&platform.system(), delivery).await.unwrap_or(false);
        known.insert(delivery, (Instant::now(), stopped));
        stopped
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
