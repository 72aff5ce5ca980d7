//! Stateless channel access tokens.
//!
//! They live for 15 minutes, any number may be issued, none can be revoked.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#issue-stateless-channel-access-token>

use std::fmt;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::error::Error;
use super::http::{failure, json};
use crate::api::StatelessToken;

/// How long a token is used at most.
const USED_FOR: Duration = Duration::from_secs(600);
/// A token is not used in its last minute.
const MARGIN: Duration = Duration::from_secs(60);

/// The id and secret of a Messaging API channel. `Debug` does not show the secret.
#[derive(Clone)]
pub struct Credentials {
    pub channel_id: String,
    pub channel_secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("channel_id", &self.channel_id).finish_non_exhaustive()
    }
}

struct Cached {
    token: String,
    until: Instant,
}

pub(super) struct Tokens {
    url: String,
    credentials: Credentials,
    /// Held while a token is fetched, so that one call fetches for all.
    cached: Mutex<Option<Cached>>,
}

impl Tokens {
    pub fn new(api: &str, credentials: Credentials) -> Self {
        Self { url: format!("{api}/oauth2/v3/token"), credentials, cached: Mutex::new(None) }
    }

    /// The cached token, or a new one.
    pub async fn get(&self, http: &reqwest::Client) -> Result<String, Error> {
        let mut cached = self.cached.lock().await;
        let now = Instant::now();
        if let Some(cached) = cached.as_ref().filter(|cached| now < cached.until) {
            return Ok(cached.token.clone());
        }
        let issued = self.issue(http).await.map_err(|error| Error::Token(Box::new(error)))?;
        let life = Duration::from_secs(issued.expires_in).saturating_sub(MARGIN);
        *cached =
            Some(Cached { token: issued.access_token.clone(), until: now + life.min(USED_FOR) });
        Ok(issued.access_token)
    }

    /// Drops this token, unless another call has already replaced it.
    pub async fn forget(&self, token: &str) {
        let mut cached = self.cached.lock().await;
        if cached.as_ref().is_some_and(|cached| cached.token == token) {
            *cached = None;
        }
    }

    async fn issue(&self, http: &reqwest::Client) -> Result<StatelessToken, Error> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.credentials.channel_id),
            ("client_secret", &self.credentials.channel_secret),
        ];
        let response = http.post(&self.url).form(&form).send().await?;
        if response.status().is_success() {
            return Ok(json(response).await?.value);
        }
        Err(match failure(response).await {
            // 400 is how this endpoint says that the id or the secret is wrong.
            Error::Refused { status: 400, request_id, .. } => Error::Unauthorized { request_id },
            other => other,
        })
    }
}
