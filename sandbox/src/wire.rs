//! The recent log of the wire: calls that came in, webhooks that went out.
//! It holds counts, never message contents.

use std::collections::VecDeque;

use serde::Serialize;
use utoipa::ToSchema;

use crate::shared::push_bounded;

/// How many events are remembered.
const REMEMBERED: usize = 2_000;

/// What kind of event it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WireKind {
    /// The application called the platform.
    #[default]
    Call,
    /// The platform called the application.
    Webhook,
    /// A resident did something.
    Act,
}

/// One event on the wire.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct WireEvent {
    /// Rises by one; starts anew with the sandbox.
    pub seq: u64,
    /// When it ended (UTC microseconds).
    pub at: i64,
    /// What it was.
    pub kind: WireKind,
    /// HTTP method.
    pub method: String,
    /// Path for calls, address for webhooks, name for acts.
    pub path: String,
    /// Status, or `null` where there was no answer.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub latency_ms: u64,
    /// How many ids it named (calls), events it carried (webhooks).
    pub ids: Option<u32>,
    /// `x-line-request-id` of a call, `webhookEventId` of a webhook's first event.
    pub request_id: Option<String>,
    /// What else is worth knowing: the fault that struck, redelivery, types of events.
    pub note: String,
}

/// The newest events.
#[derive(Debug, Default)]
pub struct WireLog {
    events: VecDeque<WireEvent>,
    last: u64,
    answered_429: u64,
}

impl WireLog {
    /// Writes an event down.
    pub fn push(&mut self, now: i64, mut event: WireEvent) {
        self.last += 1;
        event.seq = self.last;
        event.at = now;
        self.answered_429 += u64::from(event.kind == WireKind::Call && event.status == Some(429));
        push_bounded(&mut self.events, event, REMEMBERED);
    }

    /// Number of the newest event, 0 if there was none.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last
    }

    /// How many calls were answered 429, those among them that are not remembered any more.
    #[must_use]
    pub fn answered_429(&self) -> u64 {
        self.answered_429
    }

    /// Events after `since`, oldest first, the newest `limit` of them.
    #[must_use]
    pub fn since(&self, since: u64, limit: usize) -> Vec<WireEvent> {
        let first = self.events.partition_point(|event| event.seq <= since);
        let from = first.max(self.events.len().saturating_sub(limit));
        self.events.range(from..).cloned().collect()
    }

    /// Forgets the events; numbers go on.
    pub fn clear(&mut self) {
        self.events.clear();
    }
}
