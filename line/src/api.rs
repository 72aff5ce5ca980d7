//! Bodies of requests and answers, shared by the client and the sandbox.
//!
//! Answers are read leniently: optional properties may be absent, enums have a
//! variant for values that LINE adds later.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{UserId, mask_ids};
use crate::message::Message;
use crate::validate::Detail;

/// Header with the id of every request; operators keep it.
pub const REQUEST_ID: &str = "x-line-request-id";
/// Header of a 409: the id of the request that was accepted under the same key.
pub const ACCEPTED_REQUEST_ID: &str = "x-line-accepted-request-id";
/// Header with the retry key, a UUID.
/// <https://developers.line.biz/en/reference/messaging-api/#retry-api-request>
pub const RETRY_KEY: &str = "x-line-retry-key";

fn is_false(value: &bool) -> bool {
    !*value
}

/// `POST /v2/bot/message/multicast`: the same messages to at most 500 people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MulticastRequest {
    /// 1 to 500. One invalid id and nobody gets anything.
    pub to: Vec<UserId>,
    /// 1 to 5.
    pub messages: Vec<Message>,
    /// Arrives without a sound.
    #[serde(default, skip_serializing_if = "is_false")]
    pub notification_disabled: bool,
    /// At most one name, `[A-Za-z0-9_]{1,30}`, under which LINE counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_aggregation_units: Vec<String>,
}

/// `POST /v2/bot/message/push`: to one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PushRequest {
    pub to: UserId,
    pub messages: Vec<Message>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub notification_disabled: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_aggregation_units: Vec<String>,
}

/// `POST /v2/bot/message/broadcast`: to every friend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BroadcastRequest {
    pub messages: Vec<Message>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub notification_disabled: bool,
}

/// `POST /v2/bot/message/reply`: once, within a minute, free of charge, no retry key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplyRequest {
    pub reply_token: String,
    pub messages: Vec<Message>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub notification_disabled: bool,
}

/// `POST /v2/bot/message/validate/{kind}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValidateRequest {
    pub messages: Vec<Message>,
}

/// What a validation or a count of deliveries is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendKind {
    Reply,
    Push,
    Multicast,
    Narrowcast,
    Broadcast,
}

impl SendKind {
    /// The word in LINE's addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Push => "push",
            Self::Multicast => "multicast",
            Self::Narrowcast => "narrowcast",
            Self::Broadcast => "broadcast",
        }
    }
}

/// The answer to push and reply (and of multicast and broadcast, which is `{}`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentMessages {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent_messages: Vec<SentMessage>,
}

/// One message as LINE took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentMessage {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_token: Option<String>,
}

/// `GET /v2/bot/followers/ids`; verified and premium accounts only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FollowersResponse {
    pub user_ids: Vec<UserId>,
    /// Where the next page starts; valid for 24 h; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// `GET /v2/bot/profile/{userId}`. Personal data: `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    pub user_id: UserId,
    pub display_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").finish_non_exhaustive()
    }
}

/// `GET /v2/bot/message/quota`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    #[serde(rename = "type")]
    pub kind: QuotaKind,
    /// Messages in this month, where limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum QuotaKind {
    /// No limit.
    None,
    Limited,
    #[serde(other)]
    Other,
}

/// `GET /v2/bot/message/quota/consumption`: this month's messages, approximate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuotaConsumption {
    pub total_usage: u64,
}

/// `GET /v2/bot/info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BotInfo {
    pub user_id: UserId,
    /// The account's public id, with `@`.
    pub basic_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub premium_id: Option<String>,
    pub display_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_url: Option<String>,
    /// `chat` or `bot`.
    #[serde(default)]
    pub chat_mode: String,
    /// `auto` or `manual`.
    #[serde(default)]
    pub mark_as_read_mode: String,
}

/// Whether a statistic is there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountStatus {
    Ready,
    Unready,
    OutOfService,
    #[serde(other)]
    Other,
}

/// `GET /v2/bot/message/delivery/{kind}?date=`: messages sent on a day (Tokyo).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryCount {
    pub status: CountStatus,
    /// There when ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<u64>,
}

/// `GET /v2/bot/insight/followers?date=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InsightFollowers {
    pub status: CountStatus,
    /// Everybody who ever became a friend; never decreases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followers: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targeted_reaches: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<u64>,
}

/// `GET /v2/bot/insight/message/event/aggregation`. A count below 20 is `None`:
/// not disclosed, which is not 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AggregationInsight {
    pub overview: AggregationOverview,
    #[serde(default)]
    pub messages: Vec<AggregationMessage>,
    #[serde(default)]
    pub clicks: Vec<AggregationClick>,
}

/// `GET /v2/bot/insight/message/event` (broadcast and narrowcast). A count below 20 is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageInsight {
    #[serde(default)]
    pub overview: AggregationOverview,
    #[serde(default)]
    pub clicks: Vec<AggregationClick>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AggregationOverview {
    /// People who saw at least one bubble whole.
    pub unique_impression: Option<u64>,
    /// People who opened any link.
    pub unique_click: Option<u64>,
    pub unique_media_played: Option<u64>,
    #[serde(rename = "uniqueMediaPlayed100Percent")]
    pub unique_media_played_100_percent: Option<u64>,
}

/// One bubble.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AggregationMessage {
    /// Which bubble, from 1.
    pub seq: u32,
    pub impression: Option<u64>,
    pub unique_impression: Option<u64>,
    pub media_played: Option<u64>,
    pub unique_media_played: Option<u64>,
}

/// One link of a bubble.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AggregationClick {
    pub seq: u32,
    pub url: String,
    pub click: Option<u64>,
    pub unique_click: Option<u64>,
    pub unique_click_of_request: Option<u64>,
}

/// `{message, details}` of a 4xx or 5xx. `Debug` masks user ids.
///
/// <https://developers.line.biz/en/reference/messaging-api/#error-responses>
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    #[serde(default)]
    pub message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
    /// With a 409 of push: what was sent by the accepted request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent_messages: Vec<SentMessage>,
}

impl ErrorBody {
    /// A body with a message alone.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// The body of a 400 with these errors.
    #[must_use]
    pub fn from_details(details: Vec<Detail>) -> Self {
        Self {
            message: format!("The request body has {} error(s)", details.len()),
            details,
            sent_messages: Vec::new(),
        }
    }

    /// LINE's words in one line without user ids, fit for a log.
    #[must_use]
    pub fn reason(&self) -> String {
        let mut reason = self.message.clone();
        for detail in &self.details {
            reason.push_str(&format!("; {}: {}", detail.property, detail.message));
        }
        mask_ids(&reason)
    }

    /// Positions of the recipients that LINE refused: from `to[3]` comes 3.
    #[must_use]
    pub fn refused_recipients(&self) -> Vec<usize> {
        let index = |d: &Detail| {
            let digits = d.property.strip_prefix("to[")?.strip_suffix(']')?;
            digits.parse().ok()
        };
        self.details.iter().filter_map(index).collect()
    }
}

impl fmt::Debug for ErrorBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ErrorBody").field(&self.reason()).finish()
    }
}

/// Body of an error of the token and login endpoints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OauthError {
    pub error: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}

/// `POST /oauth2/v3/token`. `Debug` does not show the token.
///
/// <https://developers.line.biz/en/reference/messaging-api/#issue-stateless-channel-access-token>
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatelessToken {
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds; 900.
    pub expires_in: u64,
}

impl fmt::Debug for StatelessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatelessToken")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// What an ID token of LINE Login or LIFF says. Personal data: `Debug` shows times only.
///
/// <https://developers.line.biz/en/docs/line-login/verify-id-token/#payload>
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    /// `https://access.line.me`.
    pub iss: String,
    /// Who.
    pub sub: UserId,
    /// The LINE Login channel's id.
    pub aud: String,
    /// End of validity, unix seconds.
    pub exp: i64,
    /// Issued at, unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl fmt::Debug for IdTokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenClaims")
            .field("iat", &self.iat)
            .field("exp", &self.exp)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
