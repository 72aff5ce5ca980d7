//! What can go wrong when LINE is called, and what follows from it.

use crate::api::ErrorBody;

/// Why a call did not succeed.
///
/// `Display` and `Debug` tell neither ids nor what was to be said.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// LINE refused the request (4xx other than 401 and 429). Do not repeat it as it is.
    #[error("LINE refused the request with status {status}")]
    Refused { status: u16, request_id: Option<String>, body: ErrorBody },
    /// 429: too many calls, or too many at once. Wait and repeat.
    #[error("LINE's rate limit has been exceeded")]
    RateLimited { request_id: Option<String>, body: ErrorBody },
    /// 429: this month's messages are used up, or reserved by a narrowcast.
    #[error("this month's message quota has been reached")]
    QuotaReached { request_id: Option<String>, body: ErrorBody },
    /// 5xx. A send may have been accepted all the same.
    #[error("LINE answered with status {status}")]
    Unavailable { status: u16, request_id: Option<String> },
    /// No answer in time. A send may have been accepted.
    #[error("LINE did not answer in time")]
    Timeout,
    /// The connection broke. A send may have been accepted.
    #[error("the connection to LINE broke")]
    Transport(#[source] reqwest::Error),
    /// The request never left: no connection, or it could not be built.
    #[error("the request could not be sent to LINE")]
    NotSent(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// 401 with a token that had just been issued, or the channel id and secret were
    /// refused where a token is issued.
    #[error("LINE did not accept the channel's credentials")]
    Unauthorized { request_id: Option<String> },
    /// No token could be had, so the request itself was not sent.
    #[error("no channel access token could be had")]
    Token(#[source] Box<Error>),
    /// LINE answered 2xx, but the answer could not be read.
    #[error("LINE's answer with status {status} could not be read")]
    Unreadable { status: u16, request_id: Option<String> },
}

impl Error {
    /// Whether it is known that LINE did **not** accept the request. Where it is not, a
    /// send may be repeated only with the same retry key, within 24 h of the first attempt.
    ///
    /// <https://developers.line.biz/en/docs/messaging-api/retrying-api-request/>
    #[must_use]
    pub fn outcome_known(&self) -> bool {
        !matches!(
            self,
            Self::Unavailable { .. } | Self::Timeout | Self::Transport(_) | Self::Unreadable { .. }
        )
    }

    /// Whether repeating the identical request with the same retry key can help. For the
    /// credentials and the quota somebody has to act first.
    #[must_use]
    pub fn retry_same_key(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Unavailable { .. }
            | Self::Timeout
            | Self::Transport(_)
            | Self::Unreadable { .. }
            | Self::NotSent(_) => true,
            Self::Token(cause) => cause.retry_same_key(),
            Self::Refused { .. } | Self::QuotaReached { .. } | Self::Unauthorized { .. } => false,
        }
    }

    /// LINE's id of the request that failed, for the operator's log.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused { request_id, .. }
            | Self::RateLimited { request_id, .. }
            | Self::QuotaReached { request_id, .. }
            | Self::Unavailable { request_id, .. }
            | Self::Unauthorized { request_id }
            | Self::Unreadable { request_id, .. } => request_id.as_deref(),
            Self::Token(cause) => cause.request_id(),
            Self::Timeout | Self::Transport(_) | Self::NotSent(_) => None,
        }
    }

    /// LINE's error body, where there is one.
    #[must_use]
    pub fn body(&self) -> Option<&ErrorBody> {
        match self {
            Self::Refused { body, .. }
            | Self::RateLimited { body, .. }
            | Self::QuotaReached { body, .. } => Some(body),
            _ => None,
        }
    }

    /// The HTTP status, where there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. }
            | Self::Unavailable { status, .. }
            | Self::Unreadable { status, .. } => Some(*status),
            Self::RateLimited { .. } | Self::QuotaReached { .. } => Some(429),
            Self::Unauthorized { .. } => Some(401),
            Self::Token(_) | Self::Timeout | Self::Transport(_) | Self::NotSent(_) => None,
        }
    }
}

impl From<reqwest::Error> for Error {
    /// The address is taken out: it may hold a user's id.
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        // A time-out while connecting is both; nothing was sent then.
        if error.is_connect() || error.is_builder() {
            Self::NotSent(error.into())
        } else if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Transport(error)
        }
    }
}
