//! `POST /console/pictures` and `POST /console/videos`: a picture or video for a delivery, as it
//! lies on the official's disk. Paths of their own, because server functions take small texts only; session, address list
//! and the check of where a request comes from stand before it as before all of `/console`.

use super::AppState;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use console::server::SignedIn;
use futures::{Stream, StreamExt};
use services::picture::{Refusal, keep, refused};
use services::video::{self, SIZE_MAX, Trouble};
use std::time::Duration;
use ui::AppError;

pub async fn receive(
    State(state): State<AppState>,
    extensions: Extensions,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let current = extensions.get::<SignedIn>().map(|s| &s.0).filter(|c| !c.must_change);
    let Some(current) = current else { return answer(AppError::SignInNeeded) };
    let bytes = match body {
        Ok(bytes) => bytes,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let error = AppError::from(refused(Refusal::Large));
            return (StatusCode::PAYLOAD_TOO_LARGE, Json(error)).into_response();
        }
        Err(_) => return answer(AppError::Network),
    };
    let ctx = state.platform.context(current.actor());
    match keep(&state.platform, &ctx, bytes).await {
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
