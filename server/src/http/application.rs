//! Uploads and drafts of forms, and the files for whoever may see them.

use super::{AppState, pages};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Extensions, HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use console::server::SignedIn;
use domain::id::{AnswerId, BlobId, FormId};
use services::Error;

/// `POST /liff/f/{id}/files`: the script hears what was kept; a plain form gets its page.
pub async fn upload(
    State(state): State<AppState>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Response {
    let accepts = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok());
    let scripted = accepts.is_some_and(|a| a.starts_with("application/json"));
    match id.parse::<i64>() {
        Ok(id) if scripted => liff::server::upload(&state.platform, FormId(id), request).await,
        _ => pages::residents(State(state), request).await,
    }
}

/// `POST /liff/f/{id}/draft`.
pub async fn draft(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    request: Request<Body>,
) -> Response {
    liff::server::save_draft(&state.platform, FormId(id), request).await
}

/// `POST /liff/f/{id}/try/draft`.
pub async fn trial(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    request: Request<Body>,
) -> Response {
    liff::server::look_at_trial(&state.platform, FormId(id), request).await
}

async fn own(state: &AppState, headers: &HeaderMap, blob: &str, small: bool) -> Response {
    match blob.parse::<BlobId>() {
        Ok(blob) => liff::server::file(&state.platform, headers, &blob, small).await,
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /liff/f/{id}/files/{blob}`.
pub async fn file(
    State(state): State<AppState>,
    Path((_, blob)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    own(&state, &headers, &blob, false).await
}

/// `GET /liff/f/{id}/files/{blob}/preview`.
pub async fn preview(
    State(state): State<AppState>,
    Path((_, blob)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    own(&state, &headers, &blob, true).await
}

async fn staff(
    state: &AppState,
    extensions: &Extensions,
    answer: &str,
    blob: &str,
    small: bool,
) -> Response {
    let current = extensions.get::<SignedIn>().map(|s| &s.0).filter(|c| !c.must_change);
    let Some(current) = current else { return StatusCode::UNAUTHORIZED.into_response() };
    let (Ok(answer), Ok(blob)) = (answer.parse::<AnswerId>(), blob.parse::<BlobId>()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let ctx = state.platform.context(current.actor());
    match services::answer::staff_file(&ctx, answer, &blob, small).await {
        Ok(file) => liff::form::bytes(file.of, file.bytes, small),
        // To whom it is forbidden it is not there.
        Err(Error::NotFound | Error::Forbidden(_)) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a file of an answer could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// `GET /console/answers/{answer}/files/{blob}`.
pub async fn staff_file(
    State(state): State<AppState>,
    Path((answer, blob)): Path<(String, String)>,
    extensions: Extensions,
) -> Response {
    staff(&state, &extensions, &answer, &blob, false).await
}

/// `GET /console/answers/{answer}/files/{blob}/preview`.
pub async fn staff_preview(
    State(state): State<AppState>,
    Path((answer, blob)): Path<(String, String)>,
    extensions: Extensions,
) -> Response {
    staff(&state, &extensions, &answer, &blob, true).await
}
