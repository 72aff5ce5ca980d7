//! LINE's published keys, kept for a while.

use std::collections::HashMap;
use std::time::Duration;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::client::Error;
use crate::client::http::{failure, json};

/// After this the set is fetched anew, but still used where that fails.
const FRESH_FOR: Duration = Duration::from_secs(3600);
/// After this an old set is no longer used.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);
/// Tokens with made-up key ids and failures cause no more fetches than this.
const PAUSE: Duration = Duration::from_secs(60);

pub(super) enum Lookup {
    Found(DecodingKey),
    /// The set is there; the key is not in it.
    Unknown,
    NoKeySet,
}

pub(super) struct Keys {
    http: reqwest::Client,
    url: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    set: Option<Set>,
    last_attempt: Option<Instant>,
}

struct Set {
    keys: HashMap<String, DecodingKey>,
    fetched: Instant,
}

/// Keys are read one by one, so that an unknown kind does not spoil the others.
#[derive(Deserialize)]
struct Published {
    keys: Vec<serde_json::Value>,
}

impl Keys {
    pub fn new(http: reqwest::Client, url: String) -> Self {
        Self { http, url, state: Mutex::new(State::default()) }
    }

    /// The key of this id. The lock is held while the set is fetched: one fetches for all.
    pub async fn find(&self, kid: Option<&str>) -> Lookup {
        let mut state = self.state.lock().await;
        let now = Instant::now();
        let fresh = |set: &Set| now < set.fetched + FRESH_FOR;
        let knows = |set: &Set| kid.is_some_and(|kid| set.keys.contains_key(kid));
        let enough = state.set.as_ref().is_some_and(|s| fresh(s) && knows(s));
        let rested = state.last_attempt.is_none_or(|last| now >= last + PAUSE);
        if !enough && rested {
            state.last_attempt = Some(now);
            if let Ok(keys) = self.fetch().await {
                state.set = Some(Set { keys, fetched: now });
            }
        }
        let Some(set) = state.set.as_ref().filter(|s| now < s.fetched + KEPT_FOR) else {
            return Lookup::NoKeySet;
        };
        match kid.and_then(|kid| set.keys.get(kid)) {
            Some(key) => Lookup::Found(key.clone()),
            // A set that could not be renewed may lack a new key: LINE knows.
            None if !fresh(set) => Lookup::NoKeySet,
            None => Lookup::Unknown,
        }
    }

    async fn fetch(&self) -> Result<HashMap<String, DecodingKey>, Error> {
        let response = self.http.get(&self.url).send().await?;
        if !response.status().is_success() {
            return Err(failure(response).await);
        }
        let published: Published = json(response).await?.value;
        Ok(published.keys.into_iter().filter_map(es256).collect())
    }
}

/// A key on P-256 with an id; others are for other uses.
fn es256(value: serde_json::Value) -> Option<(String, DecodingKey)> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let AlgorithmParameters::EllipticCurve(params) = &jwk.algorithm else {
        return None;
    };
    if params.curve != EllipticCurve::P256 {
        return None;
    }
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    Some((jwk.common.key_id?, key))
}
