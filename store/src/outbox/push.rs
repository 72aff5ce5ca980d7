//! Messages to one resident, outside a delivery.

use super::{Recipient, seal_ids};
use crate::db::{doubling, exec, tuples};
use crate::{Context, Result, values};
use sea_orm::ConnectionTrait;

/// Pushes written by one statement.
const WRITTEN: usize = 64;

/// Puts a message to one resident on its way, outside a delivery. `messages` is LINE's JSON.
///
/// # Errors
/// If the database is away.
pub async fn push(ctx: &Context, to: Recipient, messages: &str) -> Result<()> {
    let tx = ctx.store.begin().await?;
    push_in(ctx, &tx, to, messages).await?;
    Ok(tx.commit().await?)
}

/// The same in the caller's transaction.
pub(crate) async fn push_in<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    to: Recipient,
    messages: &str,
) -> Result<()> {
    push_all(db, &[(ctx, to, messages)]).await
}

/// Several at once, each by its own context.
pub(crate) async fn push_all<C: ConnectionTrait>(
    db: &C,
    pushes: &[(&Context, Recipient, &str)],
) -> Result<()> {
    for piece in doubling(pushes, WRITTEN) {
        let mut values = Vec::with_capacity(piece.len() * 4);
        for (ctx, to, messages) in piece {
            let (key, keys) = (ctx.uuid(), ctx.store.keys());
            let ids = seal_ids(ctx, &key, &[*to]);
            let messages = keys.seal(ctx, "call.messages", key.as_bytes(), messages.as_bytes());
            values.extend(values![ids, messages, key, ctx.now().0]);
        }
        let sql = format!(
            "INSERT INTO call (ids, messages, retry_key, next_at, seq, kind, count, state, attempts, refused) VALUES {}",
            tuples(piece.len(), 4).replace(')', ",0,'push',1,0,0,0)")
        );
        exec(db, &sql, values).await?;
    }
    Ok(())
}
