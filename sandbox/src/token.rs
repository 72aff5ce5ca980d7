//! Access tokens: they carry their own claims and a signature, so that a
//! restart of the sandbox invalidates none. Short-lived channel access tokens can
//! be revoked; the world remembers which of them hold.

use axum::Form;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use std::io;
use std::sync::Arc;

use crate::clock::SECOND;
use crate::fail::OauthError;
use crate::login::internal;
use crate::shared::Shared;
use crate::world::{Record, ShortLived};

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Use {
    /// Messaging API, stateless.
    Channel,
    /// Messaging API, short-lived.
    ShortLived,
    /// A resident who signed in (LINE Login, LIFF).
    User,
    /// Goes on reading the follower list.
    Followers,
}

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// What it is for.
    #[serde(rename = "u")]
    pub purpose: Use,
    /// Channel id.
    #[serde(rename = "c")]
    pub channel: String,
    /// User id, or where a list goes on.
    #[serde(rename = "s", default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// Space-separated scopes.
    #[serde(rename = "p", default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// Until when it holds (UTC seconds).
    #[serde(rename = "e")]
    pub expires: i64,
    /// Makes it unique.
    #[serde(rename = "n")]
    pub nonce: u64,
}

impl Shared {
    /// A token that holds `seconds` from now.
    pub fn issue(
        &self,
        purpose: Use,
        channel: &str,
        subject: &str,
        scope: &str,
        seconds: i64,
    ) -> String {
        self.sign(&Claims {
            purpose,
            channel: channel.to_owned(),
            subject: subject.to_owned(),
            scope: scope.to_owned(),
            expires: self.now() / SECOND + seconds,
            nonce: self.random(),
        })
    }

    /// A short-lived channel access token.
    fn issue_short_lived(&self, channel: &str) -> io::Result<String> {
        let claims = Claims {
            purpose: Use::ShortLived,
            channel: channel.to_owned(),
            subject: String::new(),
            scope: String::new(),
            expires: self.now() / SECOND + ShortLived::LIFE,
            nonce: self.random(),
        };
        self.world().commit(Record::ShortLived(ShortLived {
            channel: claims.channel.clone(),
            nonce: claims.nonce,
            expires: claims.expires,
        }))?;
        Ok(self.sign(&claims))
    }

    fn sign(&self, claims: &Claims) -> String {
        let body = URL_SAFE_NO_PAD.encode(json!(claims).to_string());
        let mac = URL_SAFE_NO_PAD.encode(self.mac(body.as_bytes()).finalize().into_bytes());
        format!("{body}.{mac}")
    }

    /// What a token says, if it is ours, for this purpose and still holds.
    pub fn claims(&self, token: &str, purpose: Use) -> Option<Claims> {
        let (body, mac) = token.split_once('.')?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        self.mac(body.as_bytes()).verify_slice(&mac).ok()?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
        let holds = claims.purpose == purpose && claims.expires > self.now() / SECOND;
        holds.then_some(claims)
    }

    /// What a channel access token of either kind says, if it is ours and still holds.
    pub fn channel_claims(&self, token: &str) -> Option<Claims> {
        self.claims(token, Use::Channel).or_else(|| self.short_lived_claims(token))
    }

    fn short_lived_claims(&self, token: &str) -> Option<Claims> {
        let claims = self.claims(token, Use::ShortLived)?;
        self.world().has_short_lived(claims.nonce).then_some(claims)
    }

    fn mac(&self, body: &[u8]) -> Hmac<Sha256> {
        let secrets =
            ["sandbox tokens", &self.config.channel_secret, &self.config.login_channel_secret]
                .join("\n");
        let mut mac = Hmac::<Sha256>::new_from_slice(secrets.as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(body);
        mac
    }
}

/// Form of the token endpoints.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TokenForm {
    grant_type: String,
    client_id: String,
    client_secret: String,
}

/// Life of a stateless token in seconds.
const STATELESS_LIFE: i64 = 900;

/// `POST /oauth2/v3/token`: a stateless channel access token, 15 minutes.
pub async fn stateless(
    State(shared): State<Arc<Shared>>,
    form: Result<Form<TokenForm>, FormRejection>,
) -> Result<Json<Value>, OauthError> {
    let channel = known_channel(&shared, form)?;
    let token = shared.issue(Use::Channel, channel, "", "", STATELESS_LIFE);
    Ok(granted(&token, STATELESS_LIFE))
}

/// `POST /v2/oauth/accessToken`: a short-lived channel access token, 30 days.
pub async fn short_lived(
    State(shared): State<Arc<Shared>>,
    form: Result<Form<TokenForm>, FormRejection>,
) -> Result<Json<Value>, OauthError> {
    let channel = known_channel(&shared, form)?;
    let token = shared.issue_short_lived(channel).map_err(|error| internal(error.into()))?;
    Ok(granted(&token, ShortLived::LIFE))
}

fn granted(token: &str, seconds: i64) -> Json<Value> {
    Json(json!({"access_token": token, "expires_in": seconds, "token_type": "Bearer"}))
}

/// Id of the channel whose id and secret the form names.
fn known_channel(
    shared: &Shared,
    form: Result<Form<TokenForm>, FormRejection>,
) -> Result<&str, OauthError> {
    let Form(form) = form.map_err(|_| OauthError::invalid("the form could not be read"))?;
    if form.grant_type != "client_credentials" {
        return Err(OauthError(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "grant_type must be client_credentials".into(),
        ));
    }
    let config = &shared.config;
    let known = [
        (&config.channel_id, &config.channel_secret),
        (&config.login_channel_id, &config.login_channel_secret),
    ]
    .into_iter()
    .find(|(id, _)| **id == form.client_id);
    match known {
        None => Err(OauthError::invalid("invalid client_id")),
        Some((_, secret)) if *secret != form.client_secret => Err(OauthError(
            StatusCode::BAD_REQUEST,
            "invalid_client",
            "invalid client_secret".into(),
        )),
        Some((id, _)) => Ok(id),
    }
}

/// Form that names a short-lived token.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OneToken {
    access_token: String,
}

/// `POST /v2/oauth/verify`: whether a short-lived token holds.
pub async fn verify(
    State(shared): State<Arc<Shared>>,
    form: Result<Form<OneToken>, FormRejection>,
) -> Result<Json<Value>, OauthError> {
    let token = named_token(form)?;
    let claims = shared
        .short_lived_claims(&token)
        .ok_or_else(|| OauthError::invalid("access_token invalid"))?;
    Ok(Json(json!({
        "client_id": claims.channel,
        "expires_in": claims.expires - shared.now() / SECOND,
        "scope": "P CM",
    })))
}

/// `POST /v2/oauth/revoke`: ends a short-lived token; one that does not hold is no error.
pub async fn revoke(
    State(shared): State<Arc<Shared>>,
    form: Result<Form<OneToken>, FormRejection>,
) -> Result<StatusCode, OauthError> {
    let token = named_token(form)?;
    if let Some(Claims { nonce, .. }) = shared.short_lived_claims(&token) {
        let revoked = shared.world().commit(Record::Revoke { nonce });
        revoked.map_err(|error| internal(error.into()))?;
    }
    Ok(StatusCode::OK)
}

fn named_token(form: Result<Form<OneToken>, FormRejection>) -> Result<String, OauthError> {
    let token = form.map(|Form(form)| form.access_token).unwrap_or_default();
    let shaped = token.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=._-".contains(&b));
    if token.is_empty() || !shaped {
        return Err(OauthError::invalid("access_token in invalid format"));
    }
    Ok(token)
}
