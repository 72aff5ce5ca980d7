//! Tokens for REST: the municipality's other systems.

use crate::db::{exec, number, one};
use crate::ledger::{self, Line};
use crate::{Context, Result, values};
use domain::id::TokenId;
use domain::permission::{Actor, Permission};
use sea_orm::FromQueryResult;

/// Creates a token; answers its text, which is shown once and never again.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn create(ctx: &Context, name: &str, permissions: &[Permission]) -> Result<String> {
    ctx.allow(Permission::StaffWrite)?;
    let token = format!("kairan_{}", hex::encode(ctx.random::<24>()));
    let hash = ctx.store.keys().hash("api_token", token.as_bytes());
    let names = permissions.iter().map(|p| p.name()).collect::<Vec<_>>().join(" ");
    let tx = ctx.store.begin().await?;
    let sql = "INSERT INTO api_token (name, token_hash, permissions, created_at) VALUES ($1, $2, $3, $4) RETURNING id AS n";
    let id = number(&tx, sql, values![name, hash, names, ctx.now().0]).await?;
    ledger::append(ctx, &tx, Line::ok("token.create", format!("token:{id}"))).await?;
    tx.commit().await?;
    Ok(token)
}

/// The actor of a token, if it is known and not revoked.
///
/// # Errors
/// If the database is away.
pub async fn actor(ctx: &Context, token: &str) -> Result<Option<Actor>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        permissions: String,
    }
    let hash = ctx.store.keys().hash("api_token", token.as_bytes());
    let row: Option<Row> = one(
        ctx.store.read(),
        "SELECT id, permissions FROM api_token WHERE token_hash = $1 AND revoked_at IS NULL",
        values![hash],
    )
    .await?;
    Ok(row.map(|r| Actor::Token {
        id: TokenId(r.id),
        permissions: r.permissions.split(' ').filter_map(Permission::parse).collect(),
    }))
}

/// Revokes a token.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn revoke(ctx: &Context, id: TokenId) -> Result<()> {
    ctx.allow(Permission::StaffWrite)?;
    let tx = ctx.store.begin().await?;
    exec(
        &tx,
        "UPDATE api_token SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL",
        values![ctx.now().0, id.0],
    )
    .await?;
    ledger::append(ctx, &tx, Line::ok("token.delete", format!("token:{id}"))).await?;
    Ok(tx.commit().await?)
}
