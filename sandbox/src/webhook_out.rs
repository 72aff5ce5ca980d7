//! Webhooks: events in LINE's shape, signed over the raw bytes, sent again
//! when they were not answered 2xx.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::clock::{MINUTE, SECOND};
use crate::config::BOT_USER_ID;
use crate::shared::{ReplyToken, Shared};
use crate::wire::{WireEvent, WireKind};
use crate::world::{Faults, ResidentNo};

/// Events that one request carries at most here.
pub const EVENTS_PER_REQUEST: usize = 100;
/// A redelivered reply token ends at the latest so long after the event.
const REPLY_TOKEN_END: i64 = 20 * MINUTE;

/// How a webhook was answered.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Outcome {
    /// Status, if there was an answer.
    pub status: Option<u16>,
    /// How long the answer took, in milliseconds.
    pub latency_ms: u64,
    /// `timeout`, `connect`, `disabled` or `other`, where there was no answer.
    pub error: Option<&'static str>,
}

impl Outcome {
    /// Whether the event counts as delivered.
    #[must_use]
    pub fn delivered(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

impl Shared {
    /// An event of a resident in LINE's shape. `fields` are those of its type.
    /// `replyable` events get a reply token.
    pub fn event(&self, who: ResidentNo, kind: &str, replyable: bool, fields: Value) -> Value {
        let now = self.now();
        let id = self.world().residents[who as usize].id;
        let mut event = json!({
            "type": kind,
            "mode": "active",
            "timestamp": now / 1_000,
            "source": {"type": "user", "userId": id},
            "webhookEventId": ulid(now, &self.random_hex(10)),
            "deliveryContext": {"isRedelivery": false},
        });
        if replyable {
            let token = self.random_hex(16);
            event["replyToken"] = json!(token);
            let mut volatile = self.volatile();
            if volatile.reply_tokens.len() % 4_096 == 4_095 {
                let known = &mut volatile.reply_tokens;
                known.retain(|_, token| now - token.event_at < REPLY_TOKEN_END);
            }
            volatile
                .reply_tokens
                .insert(token, ReplyToken { who, event_at: now, until: now + MINUTE });
        }
        if let (Value::Object(event), Value::Object(fields)) = (&mut event, fields) {
            event.extend(fields);
        }
        event
    }

    fn renew_reply_tokens(&self, events: &[Value]) {
        let now = self.now();
        let mut volatile = self.volatile();
        for token in events.iter().filter_map(|event| event["replyToken"].as_str()) {
            if let Some(known) = volatile.reply_tokens.get_mut(token) {
                known.until = (now + MINUTE).min(known.event_at + REPLY_TOKEN_END);
            }
        }
    }
}

/// Sends events in one request; failing, they are sent again in the background.
/// The outcome is the first attempt's.
pub async fn deliver(shared: &Arc<Shared>, events: Vec<Value>) -> Outcome {
    let (url, faults) = {
        let world = shared.world();
        let url = world.webhook_url.clone().filter(|_| world.webhook_active);
        (url, world.faults.clone())
    };
    let Some(url) = url else {
        return Outcome { error: Some("disabled"), ..Outcome::default() };
    };
    if faults.webhook_delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(faults.webhook_delay_ms)).await;
    }
    shared.renew_reply_tokens(&events);
    let outcome = post(shared, &url, &events, "").await;
    if shared.strikes(faults.doubled_webhooks) {
        let (shared, url, events) = (Arc::clone(shared), url.clone(), events.clone());
        tokio::spawn(async move { post(&shared, &url, &events, "doubled").await });
    }
    if !outcome.delivered() && faults.redelivery {
        tokio::spawn(redeliver(Arc::clone(shared), events, faults));
    }
    outcome
}

async fn redeliver(shared: Arc<Shared>, mut events: Vec<Value>, faults: Faults) {
    for event in &mut events {
        event["deliveryContext"]["isRedelivery"] = json!(true);
    }
    let mut wait = Duration::from_millis(faults.redelivery_delay_ms);
    for _ in 0..faults.redelivery_attempts {
        tokio::time::sleep(wait).await;
        wait = wait.saturating_mul(2).min(Duration::from_secs(600));
        let Some(url) = shared.world().webhook_url.clone() else {
            return;
        };
        shared.renew_reply_tokens(&events);
        if post(&shared, &url, &events, "redelivery").await.delivered() {
            return;
        }
    }
    tracing::warn!(events = events.len(), "webhook given up");
}

/// One attempt.
pub async fn post(shared: &Shared, url: &str, events: &[Value], note: &str) -> Outcome {
    let body = json!({"destination": BOT_USER_ID, "events": events}).to_string();
    let signature = line::signature::sign(&shared.config.channel_secret, body.as_bytes());
    let began = Instant::now();
    let answer = shared
        .http
        .post(url)
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "LineBotWebhook/2.0")
        .header("x-line-signature", signature)
        .body(body)
        .send()
        .await;
    let error = answer.as_ref().err().map(|error| {
        if error.is_timeout() {
            "timeout"
        } else if error.is_connect() {
            "connect"
        } else {
            "other"
        }
    });
    let outcome = Outcome {
        status: answer.ok().map(|answer| answer.status().as_u16()),
        latency_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        error,
    };
    let mut types: Vec<&str> = events.iter().filter_map(|e| e["type"].as_str()).collect();
    types.dedup();
    let words = [types.join(","), note.to_owned(), error.unwrap_or_default().to_owned()];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    shared.note(WireEvent {
        kind: WireKind::Webhook,
        method: "POST".into(),
        path: url.to_owned(),
        status: outcome.status,
        latency_ms: outcome.latency_ms,
        ids: u32::try_from(events.len()).ok(),
        request_id: events
            .first()
            .and_then(|event| event["webhookEventId"].as_str())
            .map(Into::into),
        note: words.join(" · "),
        ..WireEvent::default()
    });
    tracing::debug!(
        events = events.len(),
        status = outcome.status,
        error,
        latency_ms = outcome.latency_ms,
        note,
        "webhook"
    );
    outcome
}

/// A ULID: 48 bits of milliseconds and 80 random bits (20 hexadecimal digits).
fn ulid(now: i64, random: &str) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let millis = u128::from((now / (SECOND / 1_000)).cast_unsigned());
    let number = millis << 80 | u128::from_str_radix(random, 16).unwrap_or(0);
    (0..26).rev().map(|at| char::from(DIGITS[(number >> (at * 5)) as usize & 31])).collect()
}

#[cfg(test)]
mod tests {
    use super::ulid;

    #[test]
    fn ulids_sort_by_time() {
        let first = ulid(1_700_000_000_000_000, "ffffffffffffffffffff");
        let second = ulid(1_700_000_000_001_000, "00000000000000000000");
        assert_eq!(first.len(), 26);
        assert!(first < second);
        // The ULID specification's example of a time part.
        assert!(ulid(1_469_918_176_385_000, "00000000000000000000").starts_with("01ARYZ6S41"));
    }
}
