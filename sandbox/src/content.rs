//! What residents send as files: kept beside the journal, read by the data API.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::fail::Refusal;
use crate::shared::Shared;

/// Keeps a photo under its message id.
///
/// # Errors
/// When the folder beside the journal cannot be written.
pub fn keep(shared: &Shared, message: u64, photo: Bytes) -> std::io::Result<()> {
    let folder = shared.world().photos();
    match folder {
        Some(folder) => {
            std::fs::create_dir_all(&folder)?;
            std::fs::write(folder.join(message.to_string()), &photo)
        }
        None => {
            shared.volatile().photos.insert(message, photo);
            Ok(())
        }
    }
}

/// `GET /v2/bot/message/{messageId}/content` and `…/preview`.
pub async fn download(
    State(shared): State<Arc<Shared>>,
    Path(message): Path<String>,
) -> Result<Response, Refusal> {
    let (id, mime) = find(&shared, &message)?;
    let folder = shared.world().photos();
    let photo = match folder {
        Some(folder) => std::fs::read(folder.join(id.to_string())).ok().map(Bytes::from),
        None => shared.volatile().photos.get(&id).cloned(),
    };
    let photo = photo.ok_or_else(Refusal::not_found)?;
    Ok(([(header::CONTENT_TYPE, mime)], photo).into_response())
}

/// `GET /v2/bot/message/{messageId}/content/transcoding`.
pub async fn transcoding(
    State(shared): State<Arc<Shared>>,
    Path(message): Path<String>,
) -> Result<Json<Value>, Refusal> {
    find(&shared, &message)?;
    Ok(Json(json!({"status": "succeeded"})))
}

fn find(shared: &Shared, message: &str) -> Result<(u64, String), Refusal> {
    let id = message.parse().map_err(|_| Refusal::not_found())?;
    let world = shared.world();
    let said = world.said(id).ok_or_else(Refusal::not_found)?;
    let mime = said.mime.clone().ok_or_else(Refusal::not_found)?;
    if said.unsent {
        return Err(Refusal::new(StatusCode::GONE, "The message was unsent"));
    }
    Ok((id, mime))
}
