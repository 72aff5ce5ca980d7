//! Whoever sends too much hears why: what is left of a refused body is read (and thrown
//! away) before the answer, since a connection that closes while it is still being
//! written to loses the answer.

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Smaller bodies lie in the connection's buffers anyway.
const SMALL: u64 = 16 * 1024;
/// Bytes that are read at the most; who sends more is cut off.
const MOST: usize = 64 * 1024 * 1024;
/// And for so long at the most.
const LONGEST: Duration = Duration::from_secs(10);

/// Answers a refused request once its body was read.
pub async fn refused(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<u64>().ok());
    let large = length.map_or(headers.contains_key(TRANSFER_ENCODING), |n| n > SMALL);
    // Who asks first does not send what is refused.
    if !large || headers.contains_key(EXPECT) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let rest = Arc::new(Mutex::new(body.into_data_stream()));
    let handed_on = futures::stream::unfold(rest.clone(), |rest| async move {
        let piece = rest.lock().await.next().await;
        piece.map(|piece| (piece, rest))
    });
    let response = next.run(Request::from_parts(parts, Body::from_stream(handed_on))).await;
    if response.status().is_client_error() {
        // Too long or broken off: then the sender does without the answer.
        drop(tokio::time::timeout(LONGEST, read_on(&rest)).await);
    }
    response
}

async fn read_on(rest: &Mutex<BodyDataStream>) {
    let mut rest = rest.lock().await;
    let mut read = 0;
    while let Some(Ok(piece)) = rest.next().await {
        read += piece.len();
        if read > MOST {
            return;
        }
    }
}
