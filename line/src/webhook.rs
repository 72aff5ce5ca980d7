//! Incoming webhooks, read leniently.
//!
//! Only a body that is not JSON, or has no list of events, is an error. Whatever is
//! missing in an event is `None`, whatever is unknown is [`EventKind::Other`], and the
//! event's JSON stays in [`Event::raw`]. Verify the signature over the raw bytes first.
//!
//! Events hold ids and what residents said: `Debug` shows kinds and event ids only.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects>

use std::fmt;

use serde_json::Value;

use crate::id::UserId;

/// One webhook request.
#[derive(Debug, Clone, PartialEq)]
pub struct Webhook {
    /// The bot's user id; empty where LINE left it out.
    pub destination: String,
    /// May be empty (LINE's connectivity check) and of several users.
    pub events: Vec<Event>,
}

/// The body is no webhook: not UTF-8, not JSON (or nested deeper than 128), or
/// without a list of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body is not a LINE webhook")
    }
}

impl std::error::Error for Malformed {}

/// Reads a webhook's body.
///
/// # Errors
/// [`Malformed`]; answer 400.
pub fn parse(body: &[u8]) -> Result<Webhook, Malformed> {
    let value: Value = serde_json::from_slice(body)
        .or_else(|_| serde_json::from_slice(&mended(body)))
        .map_err(|_| Malformed)?;
    let Value::Object(mut object) = value else {
        return Err(Malformed);
    };
    let Some(Value::Array(events)) = object.remove("events") else {
        return Err(Malformed);
    };
    let destination = match object.remove("destination") {
        Some(Value::String(destination)) => destination,
        _ => String::new(),
    };
    Ok(Webhook { destination, events: events.into_iter().map(Event::from_value).collect() })
}

/// The body with U+FFFD for every escaped half of a surrogate pair: what a resident's
/// phone cut in the middle of an emoji must not cost the events beside it.
fn mended(body: &[u8]) -> Vec<u8> {
    let unit = |at: usize| {
        let digits = body.get(at..at + 6)?.strip_prefix(br"\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while at < body.len() {
        let high = matches!(unit(at), Some(0xd800..=0xdbff));
        let length = match unit(at) {
            Some(0xd800..=0xdfff) if high && matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                out.extend_from_slice(br"\ufffd");
                at += 6;
                continue;
            }
            Some(_) => 6,
            // What a backslash escapes is no beginning of another escape.
            None if body[at] == b'\\' => 2,
            None => 1,
        };
        let end = (at + length).min(body.len());
        out.extend_from_slice(&body[at..end]);
        at = end;
    }
    out
}

/// One event.
#[derive(Clone, PartialEq)]
pub struct Event {
    /// ULID, the same in a redelivery: what has been seen is known by it.
    pub webhook_event_id: Option<String>,
    /// When it happened, unix milliseconds. Events may arrive out of order.
    pub timestamp: Option<i64>,
    pub source: Option<Source>,
    pub mode: Mode,
    /// Usable once, for a minute; absent in standby and for many kinds.
    pub reply_token: Option<String>,
    /// LINE delivers it again because we did not answer 2xx.
    pub is_redelivery: bool,
    pub kind: EventKind,
    /// The event as it came.
    pub raw: Value,
}

/// Where an event happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub kind: SourceKind,
    /// Who; absent where LINE does not tell or the id is malformed.
    pub user_id: Option<UserId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    User,
    Group,
    Room,
    Other,
}

/// Whether this channel may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Active,
    /// Another module has the talk: send nothing.
    Standby,
    Other,
}

/// What happened.
#[derive(Clone, PartialEq)]
pub enum EventKind {
    /// Somebody sent a message.
    Message(ReceivedMessage),
    /// Somebody took a message back: hide and delete what was kept of it.
    Unsend {
        message_id: String,
    },
    /// Somebody became a friend, or unblocked (not fully reliable).
    Follow {
        is_unblocked: bool,
    },
    /// Somebody blocked.
    Unfollow,
    /// A postback action was tapped.
    Postback {
        data: String,
        /// `date`, `time`, `datetime`, or `newRichMenuAliasId` and `status`.
        params: Option<Value>,
    },
    Join,
    Leave,
    MemberJoined,
    MemberLeft,
    VideoPlayComplete {
        tracking_id: String,
    },
    Beacon {
        hwid: String,
        kind: String,
    },
    AccountLink {
        ok: bool,
        nonce: String,
    },
    /// Unknown, or known but without what it must have.
    Other {
        kind: String,
    },
}

/// A message that somebody sent.
#[derive(Clone, PartialEq)]
pub struct ReceivedMessage {
    pub id: String,
    pub mark_as_read_token: Option<String>,
    pub quoted_message_id: Option<String>,
    pub content: Content,
}

/// What was sent.
#[derive(Clone, PartialEq)]
pub enum Content {
    Text(String),
    Image {
        provider: Provider,
    },
    Video {
        provider: Provider,
        duration_ms: Option<i64>,
    },
    Audio {
        provider: Provider,
        duration_ms: Option<i64>,
    },
    File {
        name: String,
        size: Option<i64>,
    },
    Location {
        title: Option<String>,
        address: Option<String>,
        /// Degrees, WGS 84.
        latitude: f64,
        longitude: f64,
    },
    Sticker {
        package_id: String,
        sticker_id: String,
    },
    Other {
        kind: String,
    },
}

/// Where the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Fetch them from LINE by the message's id, soon.
    Line,
    /// Elsewhere; see the raw event.
    Other,
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}

impl Event {
    fn from_value(raw: Value) -> Self {
        let source = raw.get("source").map(|source| Source {
            kind: match source.get("type").and_then(Value::as_str) {
                Some("user") => SourceKind::User,
                Some("group") => SourceKind::Group,
                Some("room") => SourceKind::Room,
                _ => SourceKind::Other,
            },
            user_id: text(source, "/userId").and_then(|id| id.parse().ok()),
        });
        Self {
            webhook_event_id: text(&raw, "/webhookEventId"),
            timestamp: raw.get("timestamp").and_then(Value::as_i64),
            source,
            mode: match raw.get("mode").and_then(Value::as_str) {
                Some("active") => Mode::Active,
                Some("standby") => Mode::Standby,
                _ => Mode::Other,
            },
            reply_token: text(&raw, "/replyToken"),
            is_redelivery: raw
                .pointer("/deliveryContext/isRedelivery")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            kind: EventKind::of(&raw),
            raw,
        }
    }

    /// The resident in a one-to-one talk; nobody in groups and rooms.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        let source = self.source.as_ref()?;
        source.user_id.filter(|_| source.kind == SourceKind::User)
    }
}

impl EventKind {
    fn of(raw: &Value) -> Self {
        let kind = raw.get("type").and_then(Value::as_str).unwrap_or_default();
        Self::typed(kind, raw).unwrap_or_else(|| Self::Other { kind: kind.to_owned() })
    }

    fn typed(kind: &str, raw: &Value) -> Option<Self> {
        Some(match kind {
            "message" => Self::Message(ReceivedMessage::of(raw.get("message")?)?),
            "unsend" => Self::Unsend { message_id: text(raw, "/unsend/messageId")? },
            "follow" => Self::Follow {
                is_unblocked: raw
                    .pointer("/follow/isUnblocked")
                    .and_then(Value::as_bool)
                    .unwrap_or(false),
            },
            "unfollow" => Self::Unfollow,
            "postback" => Self::Postback {
                data: text(raw, "/postback/data")?,
                params: raw.pointer("/postback/params").cloned(),
            },
            "join" => Self::Join,
            "leave" => Self::Leave,
            "memberJoined" => Self::MemberJoined,
            "memberLeft" => Self::MemberLeft,
            "videoPlayComplete" => {
                Self::VideoPlayComplete { tracking_id: text(raw, "/videoPlayComplete/trackingId")? }
            }
            "beacon" => {
                Self::Beacon { hwid: text(raw, "/beacon/hwid")?, kind: text(raw, "/beacon/type")? }
            }
            "accountLink" => Self::AccountLink {
                ok: text(raw, "/link/result")? == "ok",
                nonce: text(raw, "/link/nonce")?,
            },
            _ => return None,
        })
    }

    /// The event's `type`, fit for a log.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Message(_) => "message",
            Self::Unsend { .. } => "unsend",
            Self::Follow { .. } => "follow",
            Self::Unfollow => "unfollow",
            Self::Postback { .. } => "postback",
            Self::Join => "join",
            Self::Leave => "leave",
            Self::MemberJoined => "memberJoined",
            Self::MemberLeft => "memberLeft",
            Self::VideoPlayComplete { .. } => "videoPlayComplete",
            Self::Beacon { .. } => "beacon",
            Self::AccountLink { .. } => "accountLink",
            Self::Other { kind } => kind,
        }
    }
}

impl ReceivedMessage {
    fn of(raw: &Value) -> Option<Self> {
        Some(Self {
            id: text(raw, "/id")?,
            mark_as_read_token: text(raw, "/markAsReadToken"),
            quoted_message_id: text(raw, "/quotedMessageId"),
            content: Content::of(raw),
        })
    }
}

impl Content {
    fn of(raw: &Value) -> Self {
        let kind = raw.get("type").and_then(Value::as_str).unwrap_or_default();
        Self::typed(kind, raw).unwrap_or_else(|| Self::Other { kind: kind.to_owned() })
    }

    fn typed(kind: &str, raw: &Value) -> Option<Self> {
        let provider = match raw.pointer("/contentProvider/type").and_then(Value::as_str) {
            Some("line") => Provider::Line,
            _ => Provider::Other,
        };
        let duration_ms = raw.get("duration").and_then(Value::as_i64);
        Some(match kind {
            "text" => Self::Text(text(raw, "/text")?),
            "image" => Self::Image { provider },
            "video" => Self::Video { provider, duration_ms },
            "audio" => Self::Audio { provider, duration_ms },
            "file" => Self::File {
                name: text(raw, "/fileName")?,
                size: raw.get("fileSize").and_then(Value::as_i64),
            },
            "location" => Self::Location {
                title: text(raw, "/title"),
                address: text(raw, "/address"),
                latitude: raw.get("latitude")?.as_f64()?,
                longitude: raw.get("longitude")?.as_f64()?,
            },
            "sticker" => Self::Sticker {
                package_id: text(raw, "/packageId")?,
                sticker_id: text(raw, "/stickerId")?,
            },
            _ => return None,
        })
    }

    /// The message's `type`, fit for a log.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Text(_) => "text",
            Self::Image { .. } => "image",
            Self::Video { .. } => "video",
            Self::Audio { .. } => "audio",
            Self::File { .. } => "file",
            Self::Location { .. } => "location",
            Self::Sticker { .. } => "sticker",
            Self::Other { kind } => kind,
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("webhook_event_id", &self.webhook_event_id)
            .field("timestamp", &self.timestamp)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) => write!(f, "message: {}", message.content.name()),
            other => f.write_str(other.name()),
        }
    }
}

impl fmt::Debug for ReceivedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedMessage").field("content", &self.content).finish_non_exhaustive()
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
