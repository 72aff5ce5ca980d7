//! Sending: push, multicast, broadcast, reply, and validation without sending.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use line::{Detail, UserId, validate_messages};
use serde_json::{Map, Value, json};

use crate::clock::Day;
use crate::fail::{RETRY_KEY, Refusal};
use crate::gate::{Accepted, Ids, RequestId};
use crate::shared::Shared;
use crate::world::{Call, CallRecord, Kind, Reach, Record, World, parse_key};

/// Ids that one multicast may name.
pub const MULTICAST_IDS: usize = 500;

/// `POST /v2/bot/message/push`.
pub async fn push(
    State(shared): State<Arc<Shared>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let order = Order::read(Kind::Push, &headers, &body)?;
    let to = order.body.get("to").and_then(Value::as_str).unwrap_or_default();
    let talk = to.strip_prefix(['C', 'R']).is_some_and(is_hex_id);
    let user: Option<UserId> = to.parse().ok();
    if !talk && user.is_none() {
        return Err(Refusal::bad(
            "The property, 'to', in the request body is invalid (line: -, column: -)",
        ));
    }
    order.check()?;
    order.send(&shared, id, user.into_iter().collect())
}

/// `POST /v2/bot/message/multicast`.
pub async fn multicast(
    State(shared): State<Arc<Shared>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let order = Order::read(Kind::Multicast, &headers, &body)?;
    let users = recipients(order.body.get("to")).map_err(|details| Refusal::details(&details))?;
    order.check()?;
    order.send(&shared, id, users)
}

/// `POST /v2/bot/message/broadcast`.
pub async fn broadcast(
    State(shared): State<Arc<Shared>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let order = Order::read(Kind::Broadcast, &headers, &body)?;
    order.check()?;
    order.send(&shared, id, Vec::new())
}

/// `POST /v2/bot/message/reply`.
pub async fn reply(
    State(shared): State<Arc<Shared>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let order = Order::read(Kind::Reply, &headers, &body)?;
    order.check()?;
    let token = order.body.get("replyToken").and_then(Value::as_str);
    let now = shared.now();
    // Held until the call is accepted, so that a token cannot be used twice.
    let mut world = shared.world();
    let known = token.and_then(|token| {
        let volatile = shared.volatile();
        let known = volatile.reply_tokens.get(token)?;
        (known.until >= now).then_some(known.who)
    });
    let (Some(token), Some(who)) = (token, known) else {
        return Err(Refusal::bad("Invalid reply token"));
    };
    let user = world.residents[who as usize].id;
    let response = order.accept(&shared, &mut world, id, now, vec![user])?;
    shared.volatile().reply_tokens.remove(token);
    Ok(response)
}

/// `POST /v2/bot/message/validate/{kind}`: checks `messages` alone.
pub async fn validate(
    Path(kind): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let kinds = ["reply", "push", "multicast", "narrowcast", "broadcast"];
    if !kinds.contains(&kind.as_str()) {
        return Err(Refusal::not_found());
    }
    let body = read_object(&headers, &body)?;
    check_messages(&body)?;
    Ok(Json(json!({})))
}

/// One order to send.
struct Order {
    kind: Kind,
    key: Option<String>,
    body: Map<String, Value>,
}

impl Order {
    fn read(kind: Kind, headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let key = match headers.get(RETRY_KEY) {
            None => None,
            Some(value) => {
                let key = value.to_str().ok().filter(|key| parse_key(key).is_some());
                let key = key.ok_or_else(|| {
                    Refusal::bad("The retry key is invalid. It must be a UUID in hexadecimal")
                })?;
                Some(key.to_ascii_lowercase())
            }
        };
        let body = read_object(headers, body)?;
        Ok(Order { kind, key, body })
    }

    fn check(&self) -> Result<(), Refusal> {
        check_messages(&self.body)?;
        let mut details = Vec::new();
        if !matches!(
            self.body.get("notificationDisabled"),
            None | Some(Value::Bool(_) | Value::Null)
        ) {
            details.push(wrong("notificationDisabled", "Must be a boolean"));
        }
        match self.body.get("customAggregationUnits") {
            None | Some(Value::Null) => {}
            Some(_) if !matches!(self.kind, Kind::Push | Kind::Multicast) => details.push(wrong(
                "customAggregationUnits",
                "This property is not supported by this API",
            )),
            Some(Value::Array(units)) if units.len() <= 1 => {
                if let Some(unit) = units.first() {
                    let name = unit.as_str().unwrap_or_default();
                    if !is_unit(name) {
                        details.push(wrong(
                            "customAggregationUnits[0]",
                            "Must match [A-Za-z0-9_]{1,30}",
                        ));
                    }
                }
            }
            Some(Value::Array(_)) => {
                details.push(wrong("customAggregationUnits", "Size must be between 0 and 1"));
            }
            Some(_) => details.push(wrong("customAggregationUnits", "Must be an array")),
        }
        if details.is_empty() { Ok(()) } else { Err(Refusal::details(&details)) }
    }

    fn unit(&self) -> Option<String> {
        let units = self.body.get("customAggregationUnits")?;
        Some(units.get(0)?.as_str()?.to_owned())
    }

    fn send(self, shared: &Shared, id: RequestId, users: Vec<UserId>) -> Result<Response, Refusal> {
        let now = shared.now();
        let mut world = shared.world();
        self.accept(shared, &mut world, id, now, users)
    }

    /// Accepts the order or refuses it, under the world's lock, so that two
    /// attempts with one key cannot both be carried out.
    fn accept(
        &self,
        shared: &Shared,
        world: &mut World,
        RequestId(request_id): RequestId,
        now: i64,
        users: Vec<UserId>,
    ) -> Result<Response, Refusal> {
        if let Some(call) = self.key.as_ref().and_then(|key| world.accepted(key, now)) {
            let sent = (call.kind == Kind::Push).then(|| sent_messages(call));
            return Err(Refusal::accepted_before(&call.request_id, sent));
        }
        if self.kind != Kind::Reply && shared.strikes(world.faults.rate_400) {
            return Err(Refusal::details(&[wrong("messages[0]", "The message is invalid")]));
        }
        self.refuse_ids(world, &users)?;
        let asked = u32::try_from(users.len()).unwrap_or(u32::MAX);
        let to = if self.kind == Kind::Broadcast {
            Reach::Everyone
        } else {
            Reach::Some(users.iter().filter_map(|user| world.find(*user)).collect())
        };
        self.check_quota(world, now, &to)?;
        world.commit(Record::Call(CallRecord {
            at: now,
            kind: self.kind,
            request_id,
            key: self.key.clone(),
            unit: self.unit(),
            silent: self.body.get("notificationDisabled") == Some(&Value::Bool(true)),
            messages: self.body.get("messages").cloned().unwrap_or_default(),
            asked,
            to,
        }))?;
        let sent = match (self.kind, world.calls.last()) {
            (Kind::Push | Kind::Reply, Some(call)) => {
                json!({"sentMessages": sent_messages(call)})
            }
            _ => json!({}),
        };
        let reached = world.calls.last().map_or(0, |call| call.received);
        tracing::trace!(asked, reached, channel = shared.config.channel_id, "accepted");
        let mut response = Json(sent).into_response();
        response.extensions_mut().insert(Accepted);
        let ids = if self.kind == Kind::Broadcast { reached } else { asked };
        response.extensions_mut().insert(Ids(ids));
        Ok(response)
    }

    fn refuse_ids(&self, world: &World, users: &[UserId]) -> Result<(), Refusal> {
        let refused = &world.faults.refuse_ids;
        if refused.is_empty() || !matches!(self.kind, Kind::Push | Kind::Multicast) {
            return Ok(());
        }
        let details: Vec<Detail> = users
            .iter()
            .enumerate()
            .filter(|(_, user)| refused.contains(user))
            .map(|(n, _)| match self.kind {
                Kind::Push => wrong("to", "The user ID is invalid"),
                _ => wrong(&format!("to[{n}]"), "The user ID is invalid"),
            })
            .collect();
        if details.is_empty() { Ok(()) } else { Err(Refusal::details(&details)) }
    }

    fn check_quota(&self, world: &World, now: i64, to: &Reach) -> Result<(), Refusal> {
        let Some(limit) = world.faults.monthly_limit else {
            return Ok(());
        };
        if self.kind == Kind::Reply {
            return Ok(());
        }
        let more = match to {
            Reach::Everyone => world.friends(),
            Reach::Some(list) => list.len(),
        };
        if consumption(world, now) + more as u64 > limit {
            return Err(Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                "You have reached your monthly limit.",
            ));
        }
        Ok(())
    }
}

/// Messages of the running month that count.
#[must_use]
pub fn consumption(world: &World, now: i64) -> u64 {
    let month = Day::of(now).month();
    world
        .delivered
        .iter()
        .filter(|((day, kind), _)| *kind != Kind::Reply && Day(*day).month() == month)
        .map(|(_, count)| count)
        .sum()
}

fn sent_messages(call: &Call) -> Value {
    (0..call.bubbles())
        .map(|n| {
            let id = call.first_message + n;
            json!({"id": id.to_string(), "quoteToken": format!("q{id:x}")})
        })
        .collect()
}

/// Reads a JSON object, refusing what LINE refuses before it looks inside.
pub fn read_object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let kind =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            &format!("The content type, '{kind}', is not supported"),
        ));
    }
    serde_json::from_slice(body).map_err(|error| {
        Refusal::bad(&format!(
            "The request body could not be parsed as JSON (line: {}, column: {})",
            error.line(),
            error.column()
        ))
    })
}

fn check_messages(body: &Map<String, Value>) -> Result<(), Refusal> {
    let details = validate_messages(body.get("messages").unwrap_or(&Value::Null));
    if details.is_empty() { Ok(()) } else { Err(Refusal::details(&details)) }
}

/// The ids of a multicast. An id that stands there twice is refused: LINE does
/// not say what it does then, so nothing may rest on it.
fn recipients(to: Option<&Value>) -> Result<Vec<UserId>, Vec<Detail>> {
    let Some(Value::Array(list)) = to else {
        return Err(vec![wrong("to", "May not be null")]);
    };
    if !(1..=MULTICAST_IDS).contains(&list.len()) {
        return Err(vec![wrong("to", "Size must be between 1 and 500")]);
    }
    let mut users = Vec::with_capacity(list.len());
    let mut known = std::collections::HashSet::with_capacity(list.len());
    let mut details = Vec::new();
    for (n, id) in list.iter().enumerate() {
        match id.as_str().unwrap_or_default().parse::<UserId>() {
            Ok(user) if known.insert(user) => users.push(user),
            Ok(_) => details.push(wrong(&format!("to[{n}]"), "Must not be a duplicate")),
            Err(_) => details.push(wrong(&format!("to[{n}]"), "The user ID is invalid")),
        }
    }
    if details.is_empty() { Ok(users) } else { Err(details) }
}

fn wrong(property: &str, message: &str) -> Detail {
    Detail { message: message.to_owned(), property: property.to_owned() }
}

fn is_hex_id(rest: &str) -> bool {
    rest.len() == 32 && rest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_unit(name: &str) -> bool {
    (1..=30).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
