//! `POST /webhook`: 200 when the events are durable; 401 bad signature, 400 malformed,
//! 413 over 1 MB, 503 if they could not be stored (LINE comes again).

use super::AppState;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use services::inbox::{BODY_MAX, Refused};

pub async fn receive(State(state): State<AppState>, headers: HeaderMap, body: Body) -> StatusCode {
    let announced = headers
        .get("content-length")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<usize>().ok());
    if announced.is_some_and(|n| n > BODY_MAX) {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    let Ok(body) = to_bytes(body, BODY_MAX).await else { return StatusCode::PAYLOAD_TOO_LARGE };
    let signature = headers.get(line::signature::HEADER).and_then(|v| v.to_str().ok());
    match state.intake.receive(signature, body).await {
        Ok(()) => StatusCode::OK,
        Err(Refused::Signature) => StatusCode::UNAUTHORIZED,
        Err(Refused::Malformed) => StatusCode::BAD_REQUEST,
        Err(Refused::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
