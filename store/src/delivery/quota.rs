//! What LINE lets this account send in a month, as it was last read.

use crate::db::number;
use crate::{Context, Error, Result, setting, values};
use domain::delivery::CallState;
use domain::delivery::quota::{Left, Quota};
use domain::permission::Permission;

const QUOTA: &str = "line.quota";

/// Keeps what LINE said.
///
/// # Errors
/// If the database is away.
pub async fn keep_quota(ctx: &Context, quota: Quota) -> Result<()> {
    let json = serde_json::to_string(&quota).map_err(|_| Error::Inconsistent("setting"))?;
    setting::set(ctx, QUOTA, &json).await
}

/// To how many can still be sent this month. What LINE was asked to send since it said so, or is
/// about to be asked, is taken off.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn quota_left(ctx: &Context) -> Result<Left> {
    ctx.allow(Permission::DeliveryRead)?;
    let kept = setting::get(ctx, QUOTA).await?;
    // What another release wrote is read anew soon.
    let Some(quota) = kept.and_then(|json| serde_json::from_str::<Quota>(&json).ok()) else {
        return Ok(Left::Unknown);
    };
    if quota.limit.is_none() {
        return Ok(quota.left(0, ctx.now()));
    }
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(c.count), 0) AS BIGINT) AS n FROM delivery d JOIN call c ON c.delivery_id = d.id
         WHERE d.frozen_at IS NOT NULL AND (d.finished_at IS NULL OR d.finished_at >= $1)
         AND (c.state < 2 OR c.state = {} AND c.ended_at >= $1)",
        CallState::Accepted.number()
    );
    let since = number(ctx.store.read(), &sql, values![quota.at.0]).await?;
    Ok(quota.left(since, ctx.now()))
}
