//! LIFF: the stand-in for `https://liff.line.me/{liffId}`, for LINE's script,
//! and for what that script asks LINE.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use line::{UserId, validate_messages};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::control::acts;
use crate::fail::{OauthError, Refusal};
use crate::idtoken::LIFE;
use crate::login::{internal, page_error, signed_in};
use crate::shared::Shared;
use crate::world::ResidentNo;

/// The stand-in for LINE's script.
const SDK: &str = include_str!("sdk.js");
/// Scopes of the LIFF app.
pub const SCOPE: &str = "openid profile chat_message.write";
/// Life of a LIFF access token in seconds (12 hours).
const ACCESS_LIFE: i64 = 43_200;

/// The routes.
pub fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/liff/edge/2/sdk.js", get(sdk))
        .route("/liff/edge/versions/{version}/sdk.js", get(sdk))
        .route("/liff/{liff_id}", get(open))
        .route("/liff/{liff_id}/", get(open))
        .route("/liff/{liff_id}/{*rest}", get(open_below))
        .route("/_sandbox/liff/token", post(exchange))
        .route("/_sandbox/liff/messages", post(send))
}

async fn sdk() -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
            (header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        ],
        SDK,
    )
}

/// What a LIFF page gets to know of a resident.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LiffSession {
    /// ES256, one hour.
    pub id_token: String,
    /// Opens `/v2/profile` and `/friendship/v1/status`.
    pub access_token: String,
    /// Life of the access token in seconds.
    pub expires_in: i64,
    /// Life of the ID token in seconds.
    pub id_token_expires_in: i64,
    /// Who.
    pub user_id: String,
    /// LIFF id.
    pub liff_id: String,
    /// LINE Login channel id.
    pub client_id: String,
}

/// Signs a resident in to the LIFF app.
///
/// # Errors
/// When the ID token cannot be signed.
pub fn session(
    shared: &Shared,
    who: ResidentNo,
    nonce: Option<String>,
) -> anyhow::Result<LiffSession> {
    let token = shared.id_token(who, nonce);
    Ok(LiffSession {
        id_token: shared.keys.sign(&token)?,
        access_token: shared.user_token(who, SCOPE, ACCESS_LIFE),
        expires_in: ACCESS_LIFE,
        id_token_expires_in: LIFE,
        user_id: token.sub,
        liff_id: shared.config.liff_id.clone(),
        client_id: shared.config.login_channel_id.clone(),
    })
}

/// `liff.getContext()` of a resident.
fn context(shared: &Shared, user: &str, kind: &str) -> Value {
    json!({
        "type": kind,
        "userId": user,
        "liffId": shared.config.liff_id,
        "viewType": "full",
        "endpointUrl": shared.world().liff_endpoint_url,
        "scope": SCOPE.split(' ').collect::<Vec<_>>(),
        "availability": {
            "shareTargetPicker": {"permission": false, "minVer": "10.3.0"},
            "multipleLiffTransition": {"permission": true, "minVer": "10.18.0"},
            "subwindowOpen": {"permission": true, "minVer": "11.7.0"},
            "scanCodeV2": {"permission": false, "minVer": "11.7.0"},
        },
    })
}

async fn open(
    State(shared): State<Arc<Shared>>,
    Path(liff_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    primary(&shared, &liff_id, "", query.as_deref())
}

async fn open_below(
    State(shared): State<Arc<Shared>>,
    Path((liff_id, rest)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    primary(&shared, &liff_id, &rest, query.as_deref())
}

/// The primary redirect.
fn primary(shared: &Shared, liff_id: &str, rest: &str, query: Option<&str>) -> Response {
    if liff_id != shared.config.liff_id {
        return page_error(StatusCode::NOT_FOUND, "このLIFFアプリはありません。");
    }
    let mut user = None;
    let mut extra = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if name == "as" {
            user = Some(value.into_owned());
        } else {
            extra.append_pair(&name, &value);
        }
    }
    let extra = extra.finish();
    let endpoint = shared.world().liff_endpoint_url.clone();
    let Ok(mut target) = url::Url::parse(&endpoint) else {
        let words = "LIFFのエンドポイントURLを読み取れません。";
        return page_error(StatusCode::INTERNAL_SERVER_ERROR, words);
    };
    let mut state = String::new();
    if !rest.is_empty() {
        // Percent-encode the path again: the route handed it over decoded.
        let mut path = target.clone();
        path.set_path(rest);
        state.push_str(path.path());
    }
    if !extra.is_empty() {
        state.push('?');
        state.push_str(&extra);
    }
    if !state.is_empty() {
        target.query_pairs_mut().append_pair("liff.state", &state);
    }
    if let Some(user) = user {
        let who = user.parse::<UserId>().ok().and_then(|id| shared.world().find(id));
        let Some(who) = who else {
            return page_error(StatusCode::NOT_FOUND, "その人はいません。");
        };
        let session = match session(shared, who, None) {
            Ok(session) => session,
            Err(error) => return internal(error).into_response(),
        };
        let context = context(shared, &session.user_id, "utou").to_string();
        let fragment = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("context_token", &URL_SAFE_NO_PAD.encode(context))
            .append_pair("feature_token", &shared.random_hex(16))
            .append_pair("access_token", &session.access_token)
            .append_pair("id_token", &session.id_token)
            .append_pair("client_id", &session.client_id)
            .finish();
        target.set_fragment(Some(&fragment));
    }
    (
        StatusCode::FOUND,
        [
            (header::LOCATION, String::from(target)),
            (header::CACHE_CONTROL, "no-store".into()),
            (header::REFERRER_POLICY, "no-referrer".into()),
        ],
    )
        .into_response()
}

/// What the script brings back from the login page.
#[derive(Debug, Deserialize)]
struct Exchange {
    liff_id: String,
    code: String,
    redirect_uri: String,
}

async fn exchange(
    State(shared): State<Arc<Shared>>,
    Json(form): Json<Exchange>,
) -> Result<Json<Value>, OauthError> {
    if form.liff_id != shared.config.liff_id {
        return Err(OauthError::invalid("unknown LIFF app"));
    }
    let code = shared
        .redeem(&form.code)
        .filter(|code| code.redirect_uri == form.redirect_uri)
        .ok_or_else(|| OauthError::invalid("invalid authorization code"))?;
    let session = session(&shared, code.who, code.nonce).map_err(internal)?;
    let context = context(&shared, &session.user_id, "external");
    let mut answer = json!(session);
    answer["context"] = context;
    Ok(Json(answer))
}

/// What `liff.sendMessages` sends.
#[derive(Debug, Deserialize)]
struct Messages {
    messages: Value,
}

async fn send(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Json(body): Json<Messages>,
) -> Result<Json<Value>, Refusal> {
    let (who, claims) = signed_in(&shared, &headers)?;
    if !claims.scope.split(' ').any(|scope| scope == "chat_message.write") {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "user doesn't grant required permissions yet",
        ));
    }
    let details = validate_messages(&body.messages);
    if !details.is_empty() {
        return Err(Refusal::details(&details));
    }
    for message in body.messages.as_array().into_iter().flatten() {
        acts::send_from_liff(&shared, who, message.clone())
            .await
            .map_err(|_| Refusal::new(StatusCode::FORBIDDEN, "not a friend"))?;
    }
    Ok(Json(json!({"status": "success"})))
}
