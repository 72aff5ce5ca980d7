//! `/media/{id}`, `/media/{id}/preview` and `/media/{id}/map/{width}` (LINE's imagemap): the
//! pictures of deliveries, fetched by LINE and by phones. Nobody is asked who they are; the id cannot be guessed.

use super::AppState;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::id::BlobId;
use domain::permission::Actor;
use services::picture::{Form, Media, map, media};

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/media/{id}", get(|s, p| serve(s, p, Form::Original)))
        .route("/media/{id}/preview", get(|s, p| serve(s, p, Form::Preview)))
        .route("/media/{id}/map/{width}", get(serve_map))
}

async fn serve(State(state): State<AppState>, Path(id): Path<String>, form: Form) -> Response {
    let Ok(id) = id.parse::<BlobId>() else { return not_found() };
    let ctx = state.platform.context(Actor::Nobody);
    answer(media(&state.platform, &ctx, &id, form).await)
}

async fn serve_map(
    State(state): State<AppState>,
    Path((id, width)): Path<(String, String)>,
) -> Response {
    let (Ok(id), Ok(width)) = (id.parse::<BlobId>(), width.parse()) else { return not_found() };
    let ctx = state.platform.context(Actor::Nobody);
    answer(map(&state.platform, &ctx, &id, width).await)
}

fn answer(found: services::Result<Option<Media>>) -> Response {
    match found {
        Ok(Some(media)) => (
            [
                (header::CONTENT_TYPE, media.media_type.as_str()),
                // Another picture has another id.
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            media.bytes,
        )
            .into_response(),
        Ok(None) => not_found(),
        Err(error) => {
            tracing::error!(%error, source = ?std::error::Error::source(&error).map(ToString::to_string), "a picture could not be read");
            (StatusCode::SERVICE_UNAVAILABLE, [(header::CACHE_CONTROL, "no-store")]).into_response()
        }
    }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], "写真がありません")
        .into_response()
}
