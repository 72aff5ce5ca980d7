//! What every call of the Messaging API passes: request id, latency, faults,
//! bearer token, rate limit, size of the body, and the log of the wire.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::fail::{REQUEST_ID, RETRY_KEY, Refusal};
use crate::menu;
use crate::shared::Shared;
use crate::wire::{WireEvent, WireKind};
use crate::world::Faults;

/// LINE's largest request.
pub const MAX_BODY: usize = 2 * 1024 * 1024;

/// The calls that know retry keys; every other one refuses the header.
const RETRYABLE: [&str; 3] =
    ["/v2/bot/message/push", "/v2/bot/message/multicast", "/v2/bot/message/broadcast"];

/// Id of the attempt, for handlers.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Left on a response by sends that were accepted.
#[derive(Clone, Copy, Debug)]
pub struct Accepted;

/// Left on a response by handlers: how many ids the call named.
#[derive(Clone, Copy, Debug)]
pub struct Ids(pub u32);

/// Left on a response that must not be sent: the connection is closed instead.
#[derive(Clone, Copy, Debug)]
pub struct Hangup;

/// How often a send that is held looks whether it may go on.
const LOOK: Duration = Duration::from_millis(5);

/// The middleware.
pub async fn gate(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = shared.uuid();
    let sends = RETRYABLE.contains(&request.uri().path());
    while sends && shared.world().faults.hold_sends {
        tokio::time::sleep(LOOK).await;
    }
    let faults = shared.world().faults.clone();
    let mut event = WireEvent {
        kind: WireKind::Call,
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        request_id: Some(id.clone()),
        ..WireEvent::default()
    };
    request.extensions_mut().insert(RequestId(id.clone()));
    if faults.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(faults.latency_ms)).await;
    }
    let (mut response, note) = pass(&shared, &faults, request, next).await;
    event.note = note.into();
    event.ids = response.extensions().get::<Ids>().map(|ids| ids.0);
    let answered = response.extensions().get::<Hangup>().is_none();
    event.status = answered.then(|| response.status().as_u16());
    event.latency_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(
        request_id = id,
        method = event.method,
        path = event.path,
        status = event.status,
        ids = event.ids,
        note,
        "call"
    );
    shared.note(event);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

async fn pass(
    shared: &Shared,
    faults: &Faults,
    request: Request,
    next: Next,
) -> (Response, &'static str) {
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| request.uri().path().to_owned(), |path| path.as_str().to_owned());
    if !is_token_endpoint(&path)
        && let Some(refusal) = unauthorised(shared, &request)
    {
        return (refusal.into_response(), "");
    }
    if faults.rate_limits {
        let now = shared.now();
        if !shared.volatile().buckets.take(request.method(), &path, now) {
            return (Refusal::too_fast().into_response(), "rate limit");
        }
    }
    if shared.strikes(faults.rate_429) {
        return (Refusal::too_fast().into_response(), "fault 429");
    }
    if shared.strikes(faults.rate_500) {
        return (Refusal::internal().into_response(), "fault 500");
    }
    let menu = menu::is_menu_call(&path);
    if menu && shared.strikes(faults.menu_rate_429) {
        return (Refusal::too_fast().into_response(), "fault 429");
    }
    if menu && shared.strikes(faults.menu_rate_500) {
        return (Refusal::internal().into_response(), "fault 500");
    }
    if shared.strikes(faults.rate_timeout) {
        tokio::time::sleep(Duration::from_millis(faults.timeout_ms)).await;
        return (hangup(), "fault time-out");
    }
    if request.headers().contains_key(RETRY_KEY) && !RETRYABLE.contains(&path.as_str()) {
        let refusal = Refusal::bad("The retry key is not supported by this API");
        return (refusal.into_response(), "");
    }
    let changes_menus = menu && request.method() != Method::GET;
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        let refusal = Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "Payload Too Large");
        return (refusal.into_response(), "");
    };
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if response.extensions().get::<Accepted>().is_some() {
        let ids = response.extensions().get::<Ids>().copied();
        let (mut lost, note) = if shared.strikes(faults.lost_after_acceptance) {
            (hangup(), "accepted, answer lost")
        } else if shared.strikes(faults.rate_500_accepted) {
            (Refusal::internal().into_response(), "accepted, answered 500")
        } else {
            return (response, "");
        };
        if let Some(ids) = ids {
            lost.extensions_mut().insert(ids);
        }
        return (lost, note);
    }
    if changes_menus
        && response.status().is_success()
        && shared.strikes(faults.menu_rate_500_accepted)
    {
        return (Refusal::internal().into_response(), "accepted, answered 500");
    }
    (response, "")
}

/// A response that the server does not send: it closes the connection.
fn hangup() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Hangup);
    response
}

fn is_token_endpoint(path: &str) -> bool {
    path.starts_with("/oauth2/") || path.starts_with("/v2/oauth/")
}

fn unauthorised(shared: &Shared, request: &Request) -> Option<Refusal> {
    let header = request.headers().get(header::AUTHORIZATION);
    let Some(token) = header
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
    else {
        return Some(Refusal::new(
            StatusCode::UNAUTHORIZED,
            "Authentication failed due to the following reason: missing token. Confirm that the access token in the authorization header is valid.",
        ));
    };
    let ours = shared
        .channel_claims(token.trim())
        .is_some_and(|claims| claims.channel == shared.config.channel_id);
    (!ours).then(|| {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "Authentication failed due to the following reason: invalid token. Confirm that the access token in the authorization header is valid.",
        )
    })
}
