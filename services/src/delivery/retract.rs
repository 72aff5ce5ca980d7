//! 訂正・取消 in one tap: what has not left is stopped, whom it reached is told.

use super::{cancel, content_problems, get};
use crate::{Context, Error, Platform, Result};
use domain::delivery::{Delivery, Status, TITLE_MAX};
use domain::id::DeliveryId;
use domain::message::Part;
use domain::message::variable::{Values, fill};
use domain::time::DAY;

/// How long a correction stands on the public page.
pub const PUBLIC_FOR: i64 = 366 * DAY;

/// Stops what has not left of a delivery and tells exactly those whom it reached, or may
/// have: at once, before everything else, whatever they want to receive. Nobody has to
/// approve it. Answers the correction.
///
/// # Errors
/// `Invalid` if the text has problems; `Conflict` if nobody was reached; `NotFound`, `Forbidden`.
pub async fn retract(
    platform: &Platform,
    ctx: &Context,
    of: DeliveryId,
    text: &str,
) -> Result<DeliveryId> {
    let former = get(ctx, of).await?;
    let parts = [Part::Text { text: text.trim().to_owned() }];
    let arriving = domain::link::outlook(&parts, ctx.store.own(), &[]);
    let problems = content_problems(ctx, &arriving, former.purpose).await?;
    if !problems.is_empty() {
        return Err(Error::Invalid(
            problems
                .into_iter()
                .map(|p| domain::problem::Problem::new("/text", p.message))
                .collect(),
        ));
    }
    if former.frozen_at.is_some() && matches!(former.status, Status::Sending | Status::Held) {
        cancel(platform, ctx, of).await?;
    }
    let title: String = format!("訂正：{}", former.title).chars().take(TITLE_MAX).collect();
    let id = store::delivery::retract(ctx, of, &title, &parts).await?;
    platform.outbox_ready.notify_one();
    Ok(id)
}

/// What residents were told: the corrections of a year, the newest first.
///
/// # Errors
/// If the database is away.
pub async fn public_corrections(ctx: &Context) -> Result<Vec<Delivery>> {
    let mut all = store::delivery::public_corrections(ctx, ctx.now().plus(-PUBLIC_FOR)).await?;
    for correction in &mut all {
        // As somebody reads it of whom nothing is registered.
        correction.parts = fill(&correction.parts, &Values::new());
    }
    Ok(all)
}
