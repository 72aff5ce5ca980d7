//! The registration page is the same for everybody: rendered once, handed out with a
//! nonce of its own to each, so that a whole city may open it at once (NFR-9).

use super::links::by_a_person;
use super::{AppState, critical, pages};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::permission::Actor;
use domain::time::{SECOND, Timestamp};
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::RwLock;

/// A changed form is seen within this, in microseconds; what is sent is checked against the new one at once.
const FRESH: i64 = SECOND / 2;

/// The page as it was rendered last.
#[derive(Clone, Default)]
pub(crate) struct Rendered(Arc<RwLock<Option<Arc<Page>>>>);

struct Page {
    at: Timestamp,
    /// The document, cut at every place of the nonce.
    pieces: Vec<Bytes>,
    headers: HeaderMap,
    /// The content security policy before and after each nonce.
    policy: Vec<String>,
}

/// What LINE hands over when it opens a page of ours: this comes once, to `/liff`, before its
/// script goes on to the page itself.
#[derive(Deserialize)]
struct Opened {
    #[serde(rename = "liff.state")]
    state: String,
}

/// A page that an area of a rich menu opened is counted for it (MENU-5); nobody waits for that.
fn count_opened(state: &AppState, request: &Request<Body>) {
    let opened = Query::<Opened>::try_from_uri(request.uri());
    let Some(Query(opened)) = opened.ok().filter(|_| by_a_person(request.headers())) else {
        return;
    };
    let platform = state.platform.clone();
    tokio::spawn(async move {
        let ctx = platform.context(Actor::Nobody);
        if let Err(error) = services::menu::count_opened(&platform, &ctx, &opened.state).await {
            tracing::error!(%error, "a page that an area opened was not counted");
        }
    });
}

/// `GET /liff` and `/liff/register`.
pub async fn get(State(state): State<AppState>, request: Request<Body>) -> Response {
    count_opened(&state, &request);
    let ctx = state.platform.system();
    let now = ctx.now();
    let known = state.registration.0.read().await.clone();
    if let Some(page) = known.filter(|p| now.since(p.at) < FRESH) {
        return hand_out(&page, &STANDARD.encode(ctx.random::<16>()));
    }
    let mut slot = state.registration.0.write().await;
    if let Some(page) = slot.as_ref().filter(|p| ctx.now().since(p.at) < FRESH) {
        return hand_out(page, &STANDARD.encode(ctx.random::<16>()));
    }
    let response = pages::residents(State(state.clone()), request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    match cut(response, ctx.now()).await {
        Ok(page) => {
            let page = slot.insert(Arc::new(page));
            hand_out(page, &STANDARD.encode(ctx.random::<16>()))
        }
        Err(response) => response,
    }
}

/// Cuts a response at its nonce; hands it back if there is none.
async fn cut(response: Response, at: Timestamp) -> Result<Page, Response> {
    let (mut parts, body) = response.into_parts();
    let unavailable = || StatusCode::SERVICE_UNAVAILABLE.into_response();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| unavailable())?;
    let nonce = critical::nonce(&parts.headers).map(str::to_owned);
    let policy = parts.headers.remove(header::CONTENT_SECURITY_POLICY).ok_or_else(unavailable)?;
    let policy = policy.to_str().map_err(|_| unavailable())?.to_owned();
    let nonce = nonce.ok_or_else(unavailable)?;
    let mut pieces = Vec::new();
    let mut from = 0;
    while let Some(found) = find(&body[from..], nonce.as_bytes()) {
        pieces.push(body.slice(from..from + found));
        from += found + nonce.len();
    }
    pieces.push(body.slice(from..));
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Page {
        at,
        pieces,
        headers: parts.headers,
        policy: policy.split(&nonce).map(str::to_owned).collect(),
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

fn hand_out(page: &Page, nonce: &str) -> Response {
    let length: usize = page.pieces.iter().map(|p| p.len() + nonce.len()).sum();
    let mut body = Vec::with_capacity(length);
    for (i, piece) in page.pieces.iter().enumerate() {
        if i > 0 {
            body.extend_from_slice(nonce.as_bytes());
        }
        body.extend_from_slice(piece);
    }
    let mut response = Response::new(Body::from(body));
    *response.headers_mut() = page.headers.clone();
    if let Ok(policy) = HeaderValue::from_str(&page.policy.join(nonce)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everybody_gets_a_nonce_of_their_own() {
        let response = Response::builder()
            .header(
                header::CONTENT_SECURITY_POLICY,
                "script-src 'self' 'nonce-AAA'; style-src 'nonce-AAA'",
            )
            .body(Body::from(
                "<script nonce=\"AAA\"></script><p>Aあ</p><style nonce=\"AAA\"></style>",
            ))
            .unwrap();
        let page =
            cut(response, Timestamp(0)).await.unwrap_or_else(|_| panic!("a page with a nonce"));
        for nonce in ["BBBB", "CC"] {
            let response = hand_out(&page, nonce);
            let policy =
                response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
            assert_eq!(
                policy,
                format!("script-src 'self' 'nonce-{nonce}'; style-src 'nonce-{nonce}'")
            );
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            assert_eq!(
                body,
                format!(
                    "<script nonce=\"{nonce}\"></script><p>Aあ</p><style nonce=\"{nonce}\"></style>"
                )
            );
        }
    }
}
