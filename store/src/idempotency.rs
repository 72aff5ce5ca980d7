//! Answers to POSTs that carried an `Idempotency-Key`, kept for a day.
//!
//! What must happen once writes its answer in its own transaction ([`answer_in`]), so
//! that a crash leaves either both or neither, and an unanswered key may run again.

use crate::db::{exec, one};
use crate::{Context, Error, Result, values};
use domain::id::TokenId;
use domain::permission::Actor;
use domain::time::{DAY, MINUTE};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// New: it is reserved now, the request may run.
    New,
    /// The same request is running.
    Running,
    /// The key was used for another request.
    Other,
    /// Answered before: status and body.
    Answered(u16, String),
}

/// Reserves a key for a request, or says what is known of it.
///
/// # Errors
/// If the database is away.
pub async fn begin(ctx: &Context, token: TokenId, key: &str, request_hash: &[u8]) -> Result<Known> {
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    exec(&tx, "DELETE FROM idempotency WHERE created_at < $1", values![now.0 - DAY]).await?;
    // A key that nobody answered for a minute belongs to a process that is gone.
    let sql = "INSERT INTO idempotency (token_id, key, request_hash, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (token_id, key) DO UPDATE SET created_at = excluded.created_at
        WHERE idempotency.status IS NULL AND idempotency.request_hash = excluded.request_hash AND idempotency.created_at < $5";
    let new = exec(&tx, sql, values![token.0, key, request_hash.to_vec(), now.0, now.0 - MINUTE])
        .await?
        == 1;
    let known = if new { Known::New } else { look(&tx, token, key, request_hash).await? };
    tx.commit().await?;
    Ok(known)
}

/// What is known of a key that is in use; `New` if it is not.
///
/// # Errors
/// If the database is away.
pub async fn known(ctx: &Context, token: TokenId, key: &str, request_hash: &[u8]) -> Result<Known> {
    look(ctx.store.read(), token, key, request_hash).await
}

async fn look<C: ConnectionTrait>(
    db: &C,
    token: TokenId,
    key: &str,
    request_hash: &[u8],
) -> Result<Known> {
    #[derive(FromQueryResult)]
    struct Row {
        request_hash: Vec<u8>,
        status: Option<i64>,
        body: Option<String>,
    }
    let sql = "SELECT request_hash, status, body FROM idempotency WHERE token_id = $1 AND key = $2";
    let row: Option<Row> = one(db, sql, values![token.0, key]).await?;
    Ok(match row {
        None => Known::New,
        Some(r) if r.request_hash != request_hash => Known::Other,
        Some(Row { status: Some(status), body: Some(body), .. }) => {
            Known::Answered(status as u16, body)
        }
        Some(_) => Known::Running,
    })
}

/// Notes what a reserved request was, now that its body has been read.
///
/// # Errors
/// If the database is away.
pub async fn is_of(ctx: &Context, token: TokenId, key: &str, request_hash: &[u8]) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE idempotency SET request_hash = $1 WHERE token_id = $2 AND key = $3";
    exec(&tx, sql, values![request_hash.to_vec(), token.0, key]).await?;
    Ok(tx.commit().await?)
}

/// Writes the answer in the transaction of what is answered, if the request has a key.
///
/// # Errors
/// `Conflict` if another run of the same request was first: the caller's transaction must not be committed.
pub(crate) async fn answer_in<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    status: u16,
    body: &str,
) -> Result<()> {
    let (Some(key), Actor::Token { id, .. }) = (&ctx.request_key, &ctx.actor) else {
        return Ok(());
    };
    let sql = "UPDATE idempotency SET status = $1, body = $2 WHERE token_id = $3 AND key = $4 AND status IS NULL";
    if exec(db, sql, values![i64::from(status), body, id.0, key.clone()]).await? == 0 {
        return Err(Error::Conflict(
            "同じ Idempotency-Key の処理が、先に終わっています。もう一度送ると、その答えが返ります"
                .into(),
        ));
    }
    Ok(())
}

/// Keeps the answer; a request that failed on our side frees its key.
///
/// # Errors
/// If the database is away.
pub async fn end(
    ctx: &Context,
    token: TokenId,
    key: &str,
    answer: Option<(u16, &str)>,
) -> Result<()> {
    let tx = ctx.store.begin().await?;
    match answer {
        Some((status, body)) => {
            let sql =
                "UPDATE idempotency SET status = $1, body = $2 WHERE token_id = $3 AND key = $4";
            exec(&tx, sql, values![i64::from(status), body, token.0, key]).await?;
        }
        None => drop(
            exec(
                &tx,
                "DELETE FROM idempotency WHERE token_id = $1 AND key = $2",
                values![token.0, key],
            )
            .await?,
        ),
    }
    Ok(tx.commit().await?)
}
