//! What LINE lets this account send in a month, beside what is about to leave.

use super::gate::begins;
use super::get;
use crate::{Context, Platform, Result};
use domain::delivery::quota::{Left, Quota, Short};
use domain::delivery::{Check, Draft, NewDelivery};
use domain::id::DeliveryId;
use domain::insight::month;
use domain::permission::Permission;
use line::api::QuotaKind;
use line::client::Error as LineError;
use store::delivery::quota_left;

/// Reads from LINE what this month allows and what of it is used up. If LINE does not answer, what
/// was read before stands until it is too old.
///
/// # Errors
/// If the database is away.
pub async fn read_quota(platform: &Platform, ctx: &Context) -> Result<()> {
    if platform.settings.channel_id.is_empty() {
        return Ok(());
    }
    // As of before it is asked: what ends meanwhile counts twice rather than not at all.
    let at = ctx.now();
    match ask(platform).await {
        Ok(Some((limit, used))) => {
            store::delivery::keep_quota(ctx, Quota { limit, used, at }).await?;
        }
        Ok(None) => tracing::warn!("LINE's answer about the month's quota is not understood"),
        Err(error) => tracing::warn!(%error, "the month's quota could not be read"),
    }
    Ok(())
}

/// The limit, if there is one, and what is used up; nothing if LINE says something else.
async fn ask(platform: &Platform) -> std::result::Result<Option<(Option<i64>, i64)>, LineError> {
    let quota = platform.line.quota().await?.value;
    let used = platform.line.quota_consumption().await?.value.total_usage;
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let limit = match (quota.kind, quota.value) {
        (QuotaKind::None, _) => None,
        (QuotaKind::Limited, Some(value)) => Some(number(value)),
        _ => return Ok(None),
    };
    Ok(Some((limit, number(used))))
}

/// Adds to a check of a draft whether what is left of the month suffices for it. Of another month
/// nothing is known.
pub(super) async fn check(ctx: &Context, draft: &Draft, check: &mut Check) -> Result<()> {
    if check.who.is_none() {
        return Ok(());
    }
    let people = check.reached();
    let now = ctx.now();
    if begins(draft, now).is_some_and(|at| month(at) != month(now)) {
        return Ok(());
    }
    let left = quota_left(ctx).await?;
    check.short = Short::of(left, people);
    match (left, check.short) {
        (_, Some(short)) => check.warnings.push(short.words()),
        // Without the figure, which moves while others send: a page that shows it stays as it is.
        (Left::Recipients(_), None) => {
            check.passed.push("今月LINEで送れる数は、この配信に足ります".into());
        }
        (Left::Unlimited, None) => {
            check.passed.push("今月LINEで送れる数に、上限はありません".into());
        }
        (Left::Unknown, None) => check.unsure.push(
            "今月LINEであと何人分送れるかを、LINEから読めていません。足りるかどうかは分かりません"
                .into(),
        ),
    }
    Ok(())
}

/// Whether what is left of the month does not suffice for what another system is about to send.
/// Who may not count is not told, and nobody is counted where there is no limit.
pub(super) async fn short(ctx: &Context, new: &NewDelivery) -> Result<Option<Short>> {
    let may = |permission| ctx.allow(permission).is_ok();
    let now = ctx.now();
    if month(new.send_at.unwrap_or(now)) != month(now)
        || !may(Permission::DeliveryRead)
        || !may(Permission::AudienceRead)
    {
        return Ok(None);
    }
    let left = quota_left(ctx).await?;
    if !matches!(left, Left::Recipients(_)) {
        return Ok(None);
    }
    let people = crate::audience::count(ctx, &new.audience, "/audience").await?.count;
    Ok(Short::of(left, people))
}

/// Whether what is left of the month does not suffice for a correction of a delivery, as it
/// stands: what waits of that is stopped for it.
///
/// # Errors
/// `NotFound`, `Forbidden`; if the database is away.
pub async fn correction_short(ctx: &Context, of: DeliveryId) -> Result<Option<Short>> {
    let figures = get(ctx, of).await?.figures;
    let left = match quota_left(ctx).await? {
        Left::Recipients(left) => Left::Recipients(left + figures.waiting()),
        other => other,
    };
    Ok(Short::of(left, figures.accepted))
}
