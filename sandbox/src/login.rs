//! LINE Login: the page on which a person signs in, the exchange of codes,
//! verification of tokens, and what an access token opens.

use std::sync::Arc;

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use line::UserId;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::clock::{MINUTE, SECOND};
use crate::fail::{OauthError, Refusal};
use crate::idtoken::{ISSUER, IdToken, Keys, LIFE};
use crate::login_page;
use crate::shared::{LoginCode, Shared};
use crate::token::{Claims, Use};
use crate::world::{Friend, ResidentNo};

/// Life of a web login's access token in seconds (30 days).
const WEB_TOKEN_LIFE: i64 = 2_592_000;

/// The routes.
pub fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/oauth2/v2.1/certs", get(certs))
        .route("/oauth2/v2.1/authorize", get(login_page::show).post(login_page::choose))
        .route("/oauth2/v2.1/token", post(exchange))
        .route("/oauth2/v2.1/verify", get(verify_access).post(verify_id))
        .route("/oauth2/v2.1/userinfo", get(userinfo).post(userinfo))
        .route("/oauth2/v2.1/revoke", post(async || StatusCode::OK))
        .route("/v2/profile", get(profile))
        .route("/friendship/v1/status", get(friendship))
}

impl Shared {
    /// Claims of an ID token for a resident, from now.
    pub fn id_token(&self, who: ResidentNo, nonce: Option<String>) -> IdToken {
        let now = self.now() / SECOND;
        let world = self.world();
        let resident = &world.residents[who as usize];
        IdToken {
            iss: ISSUER.into(),
            sub: resident.id.to_string(),
            aud: self.config.login_channel_id.clone(),
            exp: now + LIFE,
            iat: now,
            amr: vec!["linesso".into()],
            nonce,
            name: resident.name.to_string(),
        }
    }

    /// An access token of a resident.
    pub fn user_token(&self, who: ResidentNo, scope: &str, seconds: i64) -> String {
        let id = self.world().residents[who as usize].id.to_string();
        self.issue(Use::User, &self.config.login_channel_id, &id, scope, seconds)
    }

    /// Takes a code out, if it is known and not too old.
    pub fn redeem(&self, code: &str) -> Option<LoginCode> {
        let now = self.now();
        let code = self.volatile().codes.remove(code)?;
        (code.until >= now).then_some(code)
    }

    /// Hands out a code, valid for ten minutes.
    pub fn hand_out(&self, mut code: LoginCode) -> String {
        let now = self.now();
        code.until = now + 10 * MINUTE;
        let name = self.random_hex(10);
        let mut volatile = self.volatile();
        volatile.codes.retain(|_, code| code.until >= now);
        volatile.codes.insert(name.clone(), code);
        name
    }
}

async fn certs(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(shared.keys.jwks())
}

/// Form of the code's exchange.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
    client_id: String,
    client_secret: String,
    code_verifier: Option<String>,
}

async fn exchange(
    State(shared): State<Arc<Shared>>,
    form: Result<Form<Exchange>, FormRejection>,
) -> Result<Json<Value>, OauthError> {
    let Form(form) = form.map_err(|_| OauthError::invalid("the form could not be read"))?;
    if form.grant_type != "authorization_code" {
        return Err(OauthError(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "grant_type must be authorization_code".into(),
        ));
    }
    if form.client_id != shared.config.login_channel_id {
        return Err(OauthError::invalid("invalid client_id"));
    }
    if form.client_secret != shared.config.login_channel_secret {
        return Err(OauthError(
            StatusCode::BAD_REQUEST,
            "invalid_client",
            "invalid client_secret".into(),
        ));
    }
    let grant = |words: &str| OauthError(StatusCode::BAD_REQUEST, "invalid_grant", words.into());
    let code = shared.redeem(&form.code).ok_or_else(|| grant("invalid authorization code"))?;
    if code.redirect_uri != form.redirect_uri {
        return Err(grant("redirect_uri does not match"));
    }
    let verified = form
        .code_verifier
        .map(|verifier| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())));
    if code.challenge.is_some() && code.challenge != verified {
        return Err(grant("invalid code_verifier"));
    }
    let mut answer = json!({
        "access_token": shared.user_token(code.who, &code.scope, WEB_TOKEN_LIFE),
        "refresh_token": shared.random_hex(10),
        "expires_in": WEB_TOKEN_LIFE,
        "scope": code.scope,
        "token_type": "Bearer",
    });
    if code.scope.split(' ').any(|scope| scope == "openid") {
        let token = shared.id_token(code.who, code.nonce);
        let signed = Keys::sign_web(&token, &shared.config.login_channel_secret);
        answer["id_token"] = json!(signed.map_err(internal)?);
    }
    Ok(Json(answer))
}

/// An error that is the sandbox's own.
pub fn internal(error: anyhow::Error) -> OauthError {
    tracing::error!(%error, "internal");
    OauthError(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "internal server error".into())
}

/// Form of the ID token's verification.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct VerifyId {
    id_token: String,
    client_id: String,
    nonce: Option<String>,
    user_id: Option<String>,
}

async fn verify_id(
    State(shared): State<Arc<Shared>>,
    form: Result<Form<VerifyId>, FormRejection>,
) -> Result<Json<IdToken>, OauthError> {
    let Form(form) = form.map_err(|_| OauthError::invalid("the form could not be read"))?;
    let token = shared
        .keys
        .open(&form.id_token, &shared.config.login_channel_secret)
        .ok_or_else(|| OauthError::invalid("Invalid IdToken."))?;
    let wrong = if token.iss != ISSUER {
        "Invalid IdToken Issuer."
    } else if token.exp <= shared.now() / SECOND {
        "IdToken expired."
    } else if token.aud != form.client_id {
        "Invalid IdToken Audience."
    } else if form.nonce.is_some() && form.nonce != token.nonce {
        "Invalid IdToken Nonce."
    } else if form.user_id.is_some_and(|user| user != token.sub) {
        "Invalid IdToken Subject Identifier."
    } else {
        return Ok(Json(token));
    };
    Err(OauthError::invalid(wrong))
}

/// Query of the access token's verification.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct VerifyAccess {
    access_token: String,
}

async fn verify_access(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<VerifyAccess>, QueryRejection>,
) -> Result<Json<Value>, OauthError> {
    let Query(query) = query.map_err(|_| OauthError::invalid("the query could not be read"))?;
    let token = &query.access_token;
    let claims = shared
        .claims(token, Use::User)
        .or_else(|| shared.channel_claims(token))
        .ok_or_else(|| OauthError::invalid("access token expired"))?;
    let mut answer = json!({
        "client_id": claims.channel,
        "expires_in": claims.expires - shared.now() / SECOND,
    });
    if claims.purpose == Use::User {
        answer["scope"] = json!(claims.scope);
    }
    Ok(Json(answer))
}

/// The resident behind the bearer token.
pub fn signed_in(shared: &Shared, headers: &HeaderMap) -> Result<(ResidentNo, Claims), Refusal> {
    let refused = || {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "The access token in the authorization header is invalid or expired",
        )
    };
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(refused)?;
    let claims = shared.claims(token, Use::User).ok_or_else(refused)?;
    let id: UserId = claims.subject.parse().map_err(|_| refused())?;
    let who = shared.world().find(id).ok_or_else(refused)?;
    Ok((who, claims))
}

async fn profile(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let (who, _) = signed_in(&shared, &headers)?;
    let world = shared.world();
    let resident = &world.residents[who as usize];
    Ok(Json(json!({"userId": resident.id, "displayName": resident.name})))
}

async fn userinfo(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let (who, _) = signed_in(&shared, &headers)?;
    let world = shared.world();
    let resident = &world.residents[who as usize];
    Ok(Json(json!({"sub": resident.id, "name": resident.name})))
}

async fn friendship(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let (who, _) = signed_in(&shared, &headers)?;
    let friend = shared.world().residents[who as usize].friend;
    Ok(Json(json!({"friendFlag": friend == Friend::Friend})))
}

/// A page that says what is wrong.
pub fn page_error(status: StatusCode, words: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], words.to_owned())
        .into_response()
}
