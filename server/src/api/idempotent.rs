//! POSTs with an `Idempotency-Key` are carried out once; again, the same answer.

use super::{Caller, Problem};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::TokenId;
use domain::json::{self, Unread};
use domain::permission::Actor;
use serde_json::Value;
use services::Context;
use sha2::{Digest, Sha256};
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
    let key = match headers
        .get("idempotency-key")
        .map(|k| k.to_str().map(|k| k.trim_matches('"').to_owned()))
    {
        None => return respond(work(caller.ctx.clone()).await),
        Some(Ok(key)) if (1..=200).contains(&key.len()) => key,
        Some(_) => {
            return Problem::malformed("Idempotency-Key は、1〜200文字の半角にしてください")
                .into_response();
        }
    };
    let Actor::Token { id, .. } = caller.ctx.actor else {
        return Problem::unauthorized().into_response();
    };
    let mut hash = Sha256::new();
    for part in request {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    match idempotency::begin(&caller.ctx, id, &key, &hash.finalize()).await {
        Ok(Known::New) => {}
        Ok(Known::Running) => {
            return Problem::conflict("同じ Idempotency-Key の処理が、まだ終わっていません")
                .into_response();
        }
        Ok(Known::Other) => {
            return Problem::refused("", "この Idempotency-Key は、別の内容で使われています")
                .into_response();
        }
        Ok(Known::Answered(status, body)) => return replay(status, body),
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
