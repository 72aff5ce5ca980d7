//! What the platform remembers.

use std::sync::Arc;

use line::UserId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::clock::HOUR;

/// How long after a message its sender can be pushed to without being a friend.
const PUSH_AFTER_TALK: i64 = 7 * 24 * HOUR;

/// Position of a resident in the order of creation.
pub type ResidentNo = u32;
/// Position of an accepted call in the order of acceptance.
pub type CallNo = u32;

/// How a resident stands to the Official Account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Friend {
    /// Never added the account.
    #[default]
    None,
    /// Added the account: messages arrive.
    Friend,
    /// Blocked it: calls are accepted, nothing arrives.
    Blocked,
}

/// A person with LINE.
#[derive(Debug)]
pub struct Resident {
    /// User id.
    pub id: UserId,
    /// Display name.
    pub name: Box<str>,
    /// BCP 47 tag, if the profile shows one.
    pub language: Option<Box<str>>,
    /// Friendship now.
    pub friend: Friend,
    /// When the account was added for the first time (UTC microseconds).
    pub followed_at: Option<i64>,
    /// When it was blocked, if it is.
    pub blocked_at: Option<i64>,
    /// When the last message was sent to the account (UTC microseconds).
    pub talked_at: Option<i64>,
    /// The calls that reached this person, ascending.
    pub received: Vec<CallNo>,
    /// How many of `received` were on the screen.
    pub seen: u32,
}

impl Resident {
    /// Whether a message that is sent in this way at this time arrives. Replies and, for
    /// seven days after their last message, pushes reach those too who never added the
    /// account.
    #[must_use]
    pub fn receives(&self, kind: Kind, at: i64) -> bool {
        match (self.friend, kind) {
            (Friend::Friend, _) | (Friend::None, Kind::Reply) => true,
            (Friend::None, Kind::Push) => {
                self.talked_at.is_some_and(|talked| at - talked < PUSH_AFTER_TALK)
            }
            (Friend::None, Kind::Multicast | Kind::Broadcast) | (Friend::Blocked, _) => false,
        }
    }
}

/// The ways of sending.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Answer to an event, free of charge.
    Reply,
    /// To one.
    Push,
    /// To up to 500.
    Multicast,
    /// To every friend.
    Broadcast,
}

impl Kind {
    /// The name in paths and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Reply => "reply",
            Kind::Push => "push",
            Kind::Multicast => "multicast",
            Kind::Broadcast => "broadcast",
        }
    }
}

/// To whom a call goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// Everyone who is a friend at that instant.
    Everyone,
    /// These residents, of whom those receive it who can.
    Some(Vec<ResidentNo>),
}

/// An accepted call, as it is written to the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallRecord {
    /// When it was accepted.
    pub at: i64,
    /// How it was sent.
    pub kind: Kind,
    /// `x-line-request-id` of the accepted attempt.
    pub request_id: String,
    /// Retry key, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Aggregation unit, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Whether the phone stays silent.
    #[serde(default)]
    pub silent: bool,
    /// The message objects as sent.
    pub messages: Value,
    /// How many ids the call named.
    pub asked: u32,
    /// Whom it goes to.
    pub to: Reach,
}

/// An accepted call as it is remembered: the bodies once, the recipients only by
/// number in each [`Resident::received`].
#[derive(Clone, Debug)]
pub struct Call {
    /// When it was accepted.
    pub at: i64,
    /// How it was sent.
    pub kind: Kind,
    /// `x-line-request-id` of the accepted attempt.
    pub request_id: Arc<str>,
    /// Aggregation unit that it was counted under.
    pub unit: Option<Arc<str>>,
    /// Whether the phone stays silent.
    pub silent: bool,
    /// The message objects as sent.
    pub messages: Arc<Value>,
    /// Message id of the first of them; the others follow it.
    pub first_message: u64,
    /// How many ids the call named.
    pub asked: u32,
    /// How many residents it reached.
    pub received: u32,
    /// How often its bubbles were on a screen.
    pub impressions: u64,
}

impl Call {
    /// Number of message objects.
    #[must_use]
    pub fn bubbles(&self) -> u64 {
        self.messages.as_array().map_or(0, Vec::len) as u64
    }
}

/// Something that a resident did in the talk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Said {
    /// Who.
    pub who: ResidentNo,
    /// When (UTC microseconds).
    pub at: i64,
    /// `message`, `postback`, `follow`, `block` or `unblock`.
    pub kind: String,
    /// Message id, for messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<u64>,
    /// The message object as the webhook carried it, or what the act was.
    pub content: Value,
    /// Content type, for photos.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// Whether it was taken back.
    #[serde(default)]
    pub unsent: bool,
}

/// A tapped link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Click {
    /// Who tapped.
    pub who: ResidentNo,
    /// In which call's message.
    pub call: CallNo,
    /// The address.
    pub url: String,
}

/// A new resident, as it is written to the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewResident {
    /// User id.
    pub id: UserId,
    /// Display name.
    pub name: String,
    /// BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether the account is added already.
    #[serde(default)]
    pub friend: bool,
}

/// A retry key that was accepted.
#[derive(Clone, Copy, Debug)]
pub struct AcceptedKey {
    /// The call it stands for.
    pub call: CallNo,
    /// When it was accepted; LINE forgets it 24 hours later.
    pub at: i64,
}

/// A short-lived channel access token that holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShortLived {
    /// Channel id.
    pub channel: String,
    /// What makes it unique.
    pub nonce: u64,
    /// Until when it holds (UTC seconds).
    pub expires: i64,
}

impl ShortLived {
    /// Life in seconds (30 days).
    pub const LIFE: i64 = 2_592_000;
    /// How many hold per channel; one more revokes the oldest.
    pub const MOST: usize = 30;
}
