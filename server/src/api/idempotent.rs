//! POSTs with an `Idempotency-Key` are carried out once; again, the same answer.

use super::{Caller, Problem};
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::TokenId;
use domain::json::{self, Unread};
use domain::permission::Actor;
use futures::{StreamExt, TryStreamExt};
use serde_json::Value;
use services::Context;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::idempotency::{self, Known};

/// What a POST answers.
pub type Answer = Result<(StatusCode, Value), Problem>;

/// Runs `work`, or answers as the first time. `request` is what must be the same.
pub async fn once<W: Future<Output = Answer>>(
    caller: &Caller,
    headers: &HeaderMap,
    request: &[&[u8]],
    work: impl FnOnce(Context) -> W,
) -> Response {
    let (id, key) = match key(caller, headers) {
        Ok(Some(key)) => key,
        Ok(None) => return respond(work(caller.ctx.clone()).await),
        Err(problem) => return problem.into_response(),
    };
    let mut digest = Sha256::new();
    for part in request {
        add(&mut digest, part);
    }
    match idempotency::begin(&caller.ctx, id, &key, &digest.finalize()).await {
        Ok(Known::New) => {}
        Ok(known) => return answer(known),
        Err(error) => return Problem::from(error).into_response(),
    }
    let mut ctx = caller.ctx.clone();
    ctx.request_key = Some(key.clone());
    let answer = work(ctx).await;
    if let Err(error) = keep(caller, id, &key, &answer).await {
        tracing::error!(%error, "an answer could not be kept for its Idempotency-Key");
    }
    respond(answer)
}

/// Like [`once`], for a body of any size, which `work` reads: its digest is known at its end
/// only. An answer that is no success frees the key, since what was read of the body until
/// then does not tell which request it was.
pub async fn once_streamed<W: Future<Output = Answer>>(
    caller: &Caller,
    headers: &HeaderMap,
    path: &[u8],
    body: Body,
    work: impl FnOnce(Context, BodyDataStream) -> W,
) -> Response {
    let (id, key) = match key(caller, headers) {
        Ok(Some(key)) => key,
        Ok(None) => return respond(work(caller.ctx.clone(), body.into_data_stream()).await),
        Err(problem) => return problem.into_response(),
    };
    let mut opening = Sha256::new();
    add(&mut opening, path);
    let digest = Arc::new(Mutex::new(opening.clone()));
    let seen = digest.clone();
    let body = body.into_data_stream().inspect_ok(move |piece| lock(&seen).update(piece));
    let mut body = Body::from_stream(body).into_data_stream();
    match idempotency::begin(&caller.ctx, id, &key, &opening.finalize()).await {
        Ok(Known::New) => {}
        Ok(Known::Other) => {
            while let Some(piece) = body.next().await {
                if piece.is_err() {
                    return Problem::malformed("本文が途中で切れました").into_response();
                }
            }
            let digest = lock(&digest).clone().finalize();
            return match idempotency::known(&caller.ctx, id, &key, &digest).await {
                Ok(known) => answer(known),
                Err(error) => Problem::from(error).into_response(),
            };
        }
        Ok(known) => return answer(known),
        Err(error) => return Problem::from(error).into_response(),
    }
    let answer = work(caller.ctx.clone(), body).await;
    let kept = match &answer {
        Ok(_) => {
            let digest = lock(&digest).clone().finalize();
            match idempotency::is_of(&caller.ctx, id, &key, &digest).await {
                Ok(()) => keep(caller, id, &key, &answer).await,
                Err(error) => Err(error),
            }
        }
        Err(_) => idempotency::end(&caller.ctx, id, &key, None).await,
    };
    if let Err(error) = kept {
        tracing::error!(%error, "an answer could not be kept for its Idempotency-Key");
    }
    respond(answer)
}

fn lock(digest: &Mutex<Sha256>) -> MutexGuard<'_, Sha256> {
    digest.lock().unwrap_or_else(PoisonError::into_inner)
}

fn add(digest: &mut Sha256, part: &[u8]) {
    digest.update((part.len() as u64).to_be_bytes());
    digest.update(part);
}

/// The key of the request with its token, if it has one.
fn key(caller: &Caller, headers: &HeaderMap) -> Result<Option<(TokenId, String)>, Problem> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().map(|k| k.trim_matches('"').to_owned()).unwrap_or_default();
    if !(1..=200).contains(&key.len()) {
        return Err(Problem::malformed("Idempotency-Key は、1〜200文字の半角にしてください"));
    }
    match caller.ctx.actor {
        Actor::Token { id, .. } => Ok(Some((id, key))),
        _ => Err(Problem::unauthorized()),
    }
}

/// What a key that is not new answers.
fn answer(known: Known) -> Response {
    match known {
        Known::Answered(status, body) => replay(status, body),
        Known::Other => Problem::refused("", "この Idempotency-Key は、別の内容で使われています")
            .into_response(),
        Known::New | Known::Running => {
            Problem::conflict("同じ Idempotency-Key の処理が、まだ終わっていません").into_response()
        }
    }
}

async fn keep(caller: &Caller, id: TokenId, key: &str, answer: &Answer) -> services::Result<()> {
    match answer {
        Ok((status, body)) => {
            idempotency::end(&caller.ctx, id, key, Some((status.as_u16(), &body.to_string()))).await
        }
        Err(problem) if problem.status >= 500 => idempotency::end(&caller.ctx, id, key, None).await,
        Err(problem) => {
            idempotency::end(&caller.ctx, id, key, Some((problem.status, &problem.body()))).await
        }
    }
}

fn respond(answer: Answer) -> Response {
    match answer {
        Ok((status, body)) => super::problem::json(status, &body),
        Err(problem) => problem.into_response(),
    }
}

fn replay(status: u16, body: String) -> Response {
    let kind = if status < 400 { "application/json" } else { "application/problem+json" };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (
        status,
        [
            (header::CONTENT_TYPE, kind),
            (header::HeaderName::from_static("idempotent-replayed"), "true"),
        ],
        body,
    )
        .into_response()
}

/// A body as it came.
pub fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    body.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::too_large("1MBまでにしてください")
        } else {
            Problem::malformed("本文を読めませんでした")
        }
    })
}

/// A body as JSON.
pub fn read(body: Result<Bytes, BytesRejection>) -> Result<(Bytes, Value), Problem> {
    let body = whole(body)?;
    let value = json::read(&body).map_err(|unread| match unread {
        Unread::Malformed { line, column } => {
            Problem::malformed(format!("JSONとして読めません（{line}行{column}文字目）"))
        }
        Unread::TooDeep => Problem::refused("", "入れ子が深すぎます"),
        Unread::Repeated(at) => Problem::refused(&at, "同じ項目が2回あります。1つにしてください"),
    })?;
    Ok((body, value))
}
