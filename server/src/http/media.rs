//! `/media/{id}`, `/media/{id}/preview` and `/media/{id}/map/{width}` (LINE's imagemap): the
//! pictures and videos of deliveries, fetched by LINE and by phones. Nobody is asked who they
//! are; the id cannot be guessed. `/media/font/menu`: the font of rich menus.

use super::AppState;
use super::range::{Asked, asked};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::id::BlobId;
use domain::permission::Actor;
use futures::TryStreamExt;
use services::picture::{Form, Media, map, media};
use services::video::{MEDIA_TYPE, Video, stream};

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/media/{id}", get(original))
        .route("/media/{id}/preview", get(preview))
        .route("/media/{id}/map/{width}", get(serve_map))
        .route("/media/font/menu", get(font))
}

async fn original(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<BlobId>() else { return not_found() };
    let ctx = state.platform.context(Actor::Nobody);
    match media(&state.platform, &ctx, &id, Form::Original).await {
        Ok(None) => {}
        found => return answer(found),
    }
    match services::video::find(&ctx, &id).await {
        Ok(Some(video)) => watch(&state, video, &headers),
        Ok(None) => not_found(),
        Err(error) => answer(Err(error)),
    }
}

/// A video, or the part of it that a player asks for.
fn watch(state: &AppState, video: Video, headers: &HeaderMap) -> Response {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    // Another video has another id: its name is its version.
    let tag = format!("\"{}\"", video.id);
    let same = text(header::IF_RANGE).is_none_or(|known| known == tag);
    let size = video.size;
    let answer = Response::builder()
        .header(header::CONTENT_TYPE, MEDIA_TYPE)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, tag)
        .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    let (answer, range) = match asked(text(header::RANGE).filter(|_| same), size) {
        Asked::Outside => {
            let answer = answer
                .status(StatusCode::RANGE_NOT_SATISFIABLE)
                .header(header::CONTENT_RANGE, format!("bytes */{size}"));
            return answer.body(Body::empty()).unwrap_or_else(|_| not_found());
        }
        Asked::Whole => (answer, 0..size),
        Asked::Part(range) => {
            let told = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            let answer =
                answer.status(StatusCode::PARTIAL_CONTENT).header(header::CONTENT_RANGE, told);
            (answer, range)
        }
    };
    let ctx = state.platform.context(Actor::Nobody);
    let length = range.end - range.start;
    let bytes = stream(state.platform.clone(), ctx, video, range).inspect_err(|error| {
        tracing::error!(%error, "a piece of a video could not be read");
    });
    answer
        .header(header::CONTENT_LENGTH, length)
        .body(Body::from_stream(bytes))
        .unwrap_or_else(|_| not_found())
}

async fn preview(State(state): State<AppState>, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<BlobId>() else { return not_found() };
    let ctx = state.platform.context(Actor::Nobody);
    answer(media(&state.platform, &ctx, &id, Form::Preview).await)
}

async fn serve_map(
    State(state): State<AppState>,
    Path((id, width)): Path<(String, String)>,
) -> Response {
    let (Ok(id), Ok(width)) = (id.parse::<BlobId>(), width.parse()) else { return not_found() };
    let ctx = state.platform.context(Actor::Nobody);
    answer(map(&state.platform, &ctx, &id, width).await)
}

/// The font of rich menus' pictures, so that the editor draws what will be seen.
async fn font(State(state): State<AppState>) -> Response {
    let set = state.platform.settings.menu_font.clone();
    let read = tokio::task::spawn_blocking(move || {
        let font = raster::Font::find(set.as_deref()).map_err(|error| error.to_string())?;
        std::fs::read(font.path()).map_err(|error| error.to_string())
    });
    match read.await.map_err(|error| error.to_string()).flatten() {
        Ok(bytes) => (
            [
                (header::CONTENT_TYPE, "font/ttf"),
                // The operator may set another file.
                (header::CACHE_CONTROL, "public, max-age=2592000"),
            ],
            bytes,
        )
            .into_response(),
        Err(error) => {
            tracing::warn!(%error, "the font of rich menus cannot be served");
            not_found()
        }
    }
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
            tracing::error!(%error, source = ?std::error::Error::source(&error).map(ToString::to_string), "a picture or video could not be read");
            (StatusCode::SERVICE_UNAVAILABLE, [(header::CACHE_CONTROL, "no-store")]).into_response()
        }
    }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], "写真や動画がありません")
        .into_response()
}
