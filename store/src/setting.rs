//! Settings of the city, one value a name.

use crate::db::{exec, one};
use crate::{Context, Result, values};
use sea_orm::{ConnectionTrait, FromQueryResult};

#[derive(FromQueryResult)]
struct Row {
    value: String,
}

/// The value of a setting.
///
/// # Errors
/// If the database is away.
pub async fn get(ctx: &Context, key: &str) -> Result<Option<String>> {
    get_in(ctx.store.read(), key).await
}

/// The same as the caller's transaction sees it.
pub(crate) async fn get_in<C: ConnectionTrait>(db: &C, key: &str) -> Result<Option<String>> {
    let row: Option<Row> =
        one(db, "SELECT value FROM setting WHERE key = $1", values![key]).await?;
    Ok(row.map(|r| r.value))
}

/// Sets it.
///
/// # Errors
/// If the database is away.
pub async fn set(ctx: &Context, key: &str, value: &str) -> Result<()> {
    let tx = ctx.store.begin().await?;
    set_in(&tx, key, value).await?;
    Ok(tx.commit().await?)
}

/// Sets it in the caller's transaction.
pub(crate) async fn set_in<C: ConnectionTrait>(db: &C, key: &str, value: &str) -> Result<()> {
    let sql = "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    exec(db, sql, values![key, value]).await?;
    Ok(())
}

/// The city's name as residents and staff read it.
///
/// # Errors
/// If the database is away.
pub async fn city(ctx: &Context) -> Result<String> {
    Ok(get(ctx, "city").await?.unwrap_or_else(|| "市役所".into()))
}
