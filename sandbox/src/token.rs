//! Access tokens: they carry their own claims and a signature, so that a
//! restart of the sandbox invalidates none.

use axum::Form;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::Arc;

use crate::clock::SECOND;
use crate::fail::OauthError;
use crate::shared::Shared;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Use {
    /// Messaging API.
    Channel,
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
        let claims = Claims {
            purpose,
            channel: channel.to_owned(),
            subject: subject.to_owned(),
            scope: scope.to_owned(),
            expires: self.now() / SECOND + seconds,
            nonce: self.random(),
        };
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

/// `POST /oauth2/v3/token`: a stateless channel access token, 15 minutes.
pub async fn stateless(
    State(shared): State<Arc<Shared>>,
    form: Result<Form<TokenForm>, axum::extract::rejection::FormRejection>,
) -> Result<Json<Value>, OauthError> {
    channel_token(&shared, form, 900)
}

/// `POST /v2/oauth/accessToken`: a short-lived channel access token, 30 days.
pub async fn short_lived(
    State(shared): State<Arc<Shared>>,
    form: Result<Form<TokenForm>, axum::extract::rejection::FormRejection>,
) -> Result<Json<Value>, OauthError> {
    channel_token(&shared, form, 2_592_000)
}

fn channel_token(
    shared: &Shared,
    form: Result<Form<TokenForm>, axum::extract::rejection::FormRejection>,
    seconds: i64,
) -> Result<Json<Value>, OauthError> {
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
        Some((id, _)) => Ok(Json(json!({
            "access_token": shared.issue(Use::Channel, id, "", "", seconds),
            "expires_in": seconds,
            "token_type": "Bearer",
        }))),
    }
}
