//! The Messaging API over HTTP.
//!
//! Addresses are configurable, so that the sandbox can stand in for LINE. The caller
//! passes a [`reqwest::Client`] with time-outs and without redirects. Every answer and
//! error carries LINE's request id, which operators keep; this crate logs nothing.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/>

mod content;
mod error;
pub(crate) mod http;
mod rich_menu;
mod token;

pub use content::{Content, ContentBody};
pub use error::Error;
pub use rich_menu::Picture;
pub use token::Credentials;

use crate::api::{
    ACCEPTED_REQUEST_ID, AggregationInsight, BotInfo, BroadcastRequest, DeliveryCount,
    FollowersResponse, InsightFollowers, MessageInsight, MulticastRequest, Profile, PushRequest,
    Quota, QuotaConsumption, REQUEST_ID, ReplyRequest, SendKind, SentMessage, SentMessages,
    ValidateRequest,
};
use crate::id::UserId;
use crate::message::Message;
use crate::validate::Detail;
use http::{Call, failure, header, limited};
use token::Tokens;

/// LINE's two hosts, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrls {
    /// Everything but content.
    pub api: String,
    /// What residents sent, images of rich menus.
    pub data: String,
}

impl Default for BaseUrls {
    fn default() -> Self {
        Self { api: "https://api.line.me".to_owned(), data: "https://api-data.line.me".to_owned() }
    }
}

/// A value and LINE's id of the request that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply<T> {
    pub value: T,
    pub request_id: Option<String>,
}

/// LINE accepted a send, now or at an earlier attempt with the same retry key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// Of this attempt.
    pub request_id: Option<String>,
    /// Of the attempt that was accepted before, with a 409.
    pub accepted_request_id: Option<String>,
    /// 409: nothing was sent by this attempt.
    pub already_accepted: bool,
    /// The messages' ids (push and reply only).
    pub messages: Vec<SentMessage>,
}

impl Sent {
    /// The id of the attempt that reached residents: statistics are asked by it.
    #[must_use]
    pub fn effective_request_id(&self) -> Option<&str> {
        if self.already_accepted {
            self.accepted_request_id.as_deref()
        } else {
            self.request_id.as_deref()
        }
    }
}

/// Speaks for one Messaging API channel. Share it behind an `Arc`.
pub struct Client {
    http: reqwest::Client,
    base: BaseUrls,
    tokens: Tokens,
}

impl Client {
    /// A client; sends nothing yet.
    #[must_use]
    pub fn new(http: reqwest::Client, base: BaseUrls, credentials: Credentials) -> Self {
        let base = BaseUrls {
            api: base.api.trim_end_matches('/').to_owned(),
            data: base.data.trim_end_matches('/').to_owned(),
        };
        let tokens = Tokens::new(&base.api, credentials);
        Self { http, base, tokens }
    }

    fn api(&self, path: &str) -> String {
        format!("{}/v2/bot/{path}", self.base.api)
    }

    /// The same messages to at most 500 people. `retry_key`, a UUID, must be stored
    /// before the first attempt and be the same, with the same body, in every other.
    ///
    /// # Errors
    /// [`Error`]; where [`Error::Refused`] names `to[n]`, nobody got anything.
    pub async fn multicast(
        &self,
        request: &MulticastRequest,
        retry_key: &str,
    ) -> Result<Sent, Error> {
        let url = self.api("message/multicast");
        self.deliver(Call::post(url, request, Some(retry_key))?, true).await
    }

    /// To one person, with a retry key as in [`Self::multicast`].
    ///
    /// # Errors
    /// [`Error`]
    pub async fn push(&self, request: &PushRequest, retry_key: &str) -> Result<Sent, Error> {
        let url = self.api("message/push");
        self.deliver(Call::post(url, request, Some(retry_key))?, true).await
    }

    /// To every friend, with a retry key as in [`Self::multicast`].
    ///
    /// # Errors
    /// [`Error`]
    pub async fn broadcast(
        &self,
        request: &BroadcastRequest,
        retry_key: &str,
    ) -> Result<Sent, Error> {
        let url = self.api("message/broadcast");
        self.deliver(Call::post(url, request, Some(retry_key))?, true).await
    }

    /// Answers an event, once. There is no retry key: never repeat it where the outcome
    /// is unknown, and say only what may be lost.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn reply(&self, request: &ReplyRequest) -> Result<Sent, Error> {
        let url = self.api("message/reply");
        self.deliver(Call::post(url, request, None)?, false).await
    }

    async fn deliver(&self, call: Call, has_key: bool) -> Result<Sent, Error> {
        let response = self.send(&call).await?;
        let already_accepted = has_key && response.status().as_u16() == 409;
        if !response.status().is_success() && !already_accepted {
            return Err(failure(response).await);
        }
        let mut sent = Sent {
            request_id: header(&response, REQUEST_ID),
            accepted_request_id: header(&response, ACCEPTED_REQUEST_ID),
            already_accepted,
            messages: Vec::new(),
        };
        // The status said that it is accepted; a body that breaks off changes nothing.
        if let Ok(body) = limited(response, 64 * 1024).await
            && let Ok(answer) = serde_json::from_slice::<SentMessages>(&body)
        {
            sent.messages = answer.sent_messages;
        }
        Ok(sent)
    }

    /// Asks LINE to judge messages without sending. An empty list: they are fine.
    ///
    /// # Errors
    /// [`Error`], but not for messages that LINE finds wrong.
    pub async fn validate(
        &self,
        kind: SendKind,
        messages: &[Message],
    ) -> Result<Reply<Vec<Detail>>, Error> {
        let request = ValidateRequest { messages: messages.to_vec() };
        let url = self.api(&format!("message/validate/{}", kind.as_str()));
        self.judge(Call::post(url, &request, None)?, "messages").await
    }

    /// A person's profile; `None` where LINE does not tell: not a friend, blocked,
    /// unknown, or without consent.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn profile(&self, user: UserId) -> Result<Reply<Option<Profile>>, Error> {
        let call = Call::get(self.api(&format!("profile/{user}")), Vec::new());
        match self.read::<Profile>(call).await {
            Ok(reply) => Ok(Reply { value: Some(reply.value), request_id: reply.request_id }),
            Err(Error::Refused { status: 404, request_id, .. }) => {
                Ok(Reply { value: None, request_id })
            }
            Err(other) => Err(other),
        }
    }

    /// A page of at most 1000 friends' ids, from the start or from `next` of the page
    /// before. 403 for accounts that are neither verified nor premium.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn followers(
        &self,
        start: Option<&str>,
        limit: u16,
    ) -> Result<Reply<FollowersResponse>, Error> {
        let mut query = vec![("limit", limit.to_string())];
        if let Some(start) = start {
            query.push(("start", start.to_owned()));
        }
        self.read(Call::get(self.api("followers/ids"), query)).await
    }

    /// How many messages this month may have.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn quota(&self) -> Result<Reply<Quota>, Error> {
        self.read(Call::get(self.api("message/quota"), Vec::new())).await
    }

    /// How many messages this month has had, approximately.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn quota_consumption(&self) -> Result<Reply<QuotaConsumption>, Error> {
        self.read(Call::get(self.api("message/quota/consumption"), Vec::new())).await
    }

    /// The account itself.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn bot_info(&self) -> Result<Reply<BotInfo>, Error> {
        self.read(Call::get(self.api("info"), Vec::new())).await
    }

    /// What became of the sends under an aggregation unit; days are `yyyyMMdd` in
    /// Tokyo, at most 30 of them. 60 calls an hour.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn aggregation_insight(
        &self,
        unit: &str,
        from: &str,
        to: &str,
    ) -> Result<Reply<AggregationInsight>, Error> {
        let query = vec![
            ("customAggregationUnit", unit.to_owned()),
            ("from", from.to_owned()),
            ("to", to.to_owned()),
        ];
        let url = self.api("insight/message/event/aggregation");
        self.read(Call::get(url, query)).await
    }

    /// What became of a broadcast, by the id of its accepted request. 60 calls an hour.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn message_insight(&self, request_id: &str) -> Result<Reply<MessageInsight>, Error> {
        let query = vec![("requestId", request_id.to_owned())];
        self.read(Call::get(self.api("insight/message/event"), query)).await
    }

    /// Messages sent on a day, `yyyyMMdd` in Tokyo.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn delivery_count(
        &self,
        kind: SendKind,
        date: &str,
    ) -> Result<Reply<DeliveryCount>, Error> {
        let url = self.api(&format!("message/delivery/{}", kind.as_str()));
        self.read(Call::get(url, vec![("date", date.to_owned())])).await
    }

    /// Friends and blocks on a day, `yyyyMMdd` in Tokyo. 60 calls an hour.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn insight_followers(&self, date: &str) -> Result<Reply<InsightFollowers>, Error> {
        let url = self.api("insight/followers");
        self.read(Call::get(url, vec![("date", date.to_owned())])).await
    }
}

#[cfg(test)]
mod tests;
