//! `POST /console/pictures`: a picture for a delivery, as it lies on the official's disk.
//! A path of its own, because server functions take small texts only; session, address list
//! and the check of where a request comes from stand before it as before all of `/console`.

use super::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{Extensions, StatusCode};
use axum::response::{IntoResponse, Response};
use console::server::SignedIn;
use services::picture::{Refusal, keep, refused};
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

fn answer(error: AppError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    (status, Json(error)).into_response()
}
