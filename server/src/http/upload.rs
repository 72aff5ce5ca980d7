//! `POST /console/pictures`, `POST /console/menu-pictures` and `POST /console/videos`: a picture
//! or video for a delivery, a picture for a rich menu, as it
//! lies on the official's disk. Paths of their own, because server functions take small texts only; session, address list
//! and the check of where a request comes from stand before it as before all of `/console`.

use super::AppState;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Query, State};
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use console::server::SignedIn;
use futures::{Stream, StreamExt};
use serde::Deserialize;
use services::picture::{OnMenu, Refusal, keep, keep_for_menus, refused};
use services::video::{self, SIZE_MAX, Trouble};
use std::time::Duration;
use ui::AppError;

/// A picture of a delivery.
pub async fn receive(
    State(state): State<AppState>,
    extensions: Extensions,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (ctx, bytes) = match picture(&state, &extensions, body) {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    kept(keep(&state.platform, &ctx, bytes).await)
}

/// What a picture of a rich menu is sent as.
#[derive(Deserialize)]
pub struct SentAs {
    what: OnMenu,
}

/// A picture of a rich menu.
pub async fn receive_for_menus(
    State(state): State<AppState>,
    extensions: Extensions,
    Query(SentAs { what }): Query<SentAs>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (ctx, bytes) = match picture(&state, &extensions, body) {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    kept(keep_for_menus(&state.platform, &ctx, bytes, what).await)
}

/// Who sends, and what.
fn picture(
    state: &AppState,
    extensions: &Extensions,
    body: Result<Bytes, BytesRejection>,
) -> Result<(services::Context, Bytes), Box<Response>> {
    let current = extensions.get::<SignedIn>().map(|s| &s.0).filter(|c| !c.must_change);
    let Some(current) = current else { return Err(Box::new(answer(AppError::SignInNeeded))) };
    match body {
        Ok(bytes) => Ok((state.platform.context(current.actor()), bytes)),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let error = AppError::from(refused(Refusal::Large));
            Err(Box::new((StatusCode::PAYLOAD_TOO_LARGE, Json(error)).into_response()))
        }
        Err(_) => Err(Box::new(answer(AppError::Network))),
    }
}

fn kept(kept: services::Result<services::picture::Kept>) -> Response {
    match kept {
        Ok(kept) => (StatusCode::CREATED, Json(kept)).into_response(),
        Err(error) => answer(error.into()),
    }
}

/// A video, read while it arrives.
pub async fn video(
    State(state): State<AppState>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let current = extensions.get::<SignedIn>().map(|s| &s.0).filter(|c| !c.must_change);
    let Some(current) = current else { return answer(AppError::SignInNeeded) };
    let large = || {
        let error = AppError::from(video::refused(video::Refusal::Large));
        (StatusCode::PAYLOAD_TOO_LARGE, Json(error)).into_response()
    };
    if announced(&headers).is_some_and(|bytes| bytes > SIZE_MAX) {
        return large();
    }
    let ctx = state.platform.context(current.actor());
    // It may be asked for more after its end.
    let mut arriving = body.into_data_stream().fuse();
    match video::keep(&state.platform, &ctx, &mut arriving).await {
        Ok(kept) => (StatusCode::CREATED, Json(kept)).into_response(),
        Err(Trouble::Refused(refusal)) => {
            read_on(&mut arriving).await;
            match refusal {
                video::Refusal::Large => large(),
                refusal => answer(video::refused(refusal).into()),
            }
        }
        Err(Trouble::BrokenOff) => answer(AppError::Network),
        Err(Trouble::Failed(error)) => answer(error.into()),
    }
}

/// How many bytes the sender says will come.
pub(crate) fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads what is left of a refused video, so that its sender hears why; whoever sends more than
/// a video, or stands still, is cut off.
pub(crate) async fn read_on<E>(arriving: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin)) {
    let mut left = SIZE_MAX;
    while left > 0 {
        let next = tokio::time::timeout(Duration::from_secs(10), arriving.next()).await;
        let Ok(Some(Ok(bytes))) = next else { return };
        left = left.saturating_sub(bytes.len() as u64);
    }
}

fn answer(error: AppError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    (status, Json(error)).into_response()
}
