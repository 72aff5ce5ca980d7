//! Asks LINE how many opened what was sent (SEG-8): often on the first day, then once a day,
//! for 14 days, and when somebody looks.

use crate::{Context, Error, Platform, Result};
use domain::id::DeliveryId;
use domain::insight::{REFRESHED, Reads, days, next_look};
use domain::time::{DAY, HOUR, MINUTE, SECOND, Timestamp};
use line::client::Error as LineError;
use store::insight::Asked;

/// Deliveries asked about in one go, so that the other duties are not kept waiting.
const AT_ONCE: i64 = 10;
/// After a failure nothing is asked for this long, in microseconds.
const PAUSE: i64 = 10 * MINUTE;
/// Numbers that are younger, in microseconds, are not asked for again.
const YOUNG: i64 = 10 * SECOND;

/// LINE is not to be asked more often.
pub(crate) const NO_MORE: &str = "LINEに聞ける回数（1時間に60回まで）を使い切りました。10分ほど待ってから、もう一度ためしてください";
/// LINE does not answer.
pub(crate) const NOT_READ: &str = "LINEから統計を読めませんでした。あとで自動でも読みます";

/// Asks about the deliveries whose time has come, within what LINE allows.
///
/// # Errors
/// If the database is away.
pub async fn refresh(platform: &Platform, ctx: &Context) -> Result<()> {
    for asked in store::insight::due(ctx, AT_ONCE).await? {
        if asked.sent.is_none() || asked.unit.is_none() && asked.request_id.is_none() {
            // Nothing has left: held, or waiting for its turn.
            store::insight::later(ctx, asked.delivery, Some(ctx.now().plus(HOUR))).await?;
            continue;
        }
        if !store::insight::slot(ctx).await? {
            return Ok(());
        }
        if let Err(error) = ask(platform, ctx, &asked).await? {
            tracing::warn!(%error, delivery = asked.delivery.0, "LINE's statistics are asked for later");
            let next = asked.sent.and_then(|sent| again(sent, ctx.now(), &error));
            store::insight::later(ctx, asked.delivery, next).await?;
            return Ok(());
        }
    }
    Ok(())
}

/// When LINE is asked again after it gave no answer: soon, until a day after the last look. What it
/// refuses it would refuse soon, too, and take the place of others.
fn again(sent: Timestamp, now: Timestamp, error: &LineError) -> Option<Timestamp> {
    let soon = !matches!(error, LineError::Refused { .. }) && now.since(sent) < REFRESHED + DAY;
    if soon { Some(now.plus(PAUSE)) } else { next_look(sent, now) }
}

/// Asks LINE about one delivery and keeps the answer.
async fn ask(
    platform: &Platform,
    ctx: &Context,
    asked: &Asked,
) -> Result<std::result::Result<(), LineError>> {
    let sent = asked.sent.unwrap_or_else(|| ctx.now());
    let overview = match (&asked.unit, &asked.request_id) {
        (Some(unit), _) => {
            let (from, to) = days(sent, ctx.now());
            platform
                .line
                .aggregation_insight(unit, &from, &to)
                .await
                .map(|reply| reply.value.overview)
        }
        (None, Some(request)) => {
            platform.line.message_insight(request).await.map(|reply| reply.value.overview)
        }
        (None, None) => return Ok(Ok(())),
    };
    let overview = match overview {
        Ok(overview) => overview,
        Err(error) => return Ok(Err(error)),
    };
    let number = |n: Option<u64>| n.and_then(|n| i64::try_from(n).ok());
    let (readers, clickers) = (number(overview.unique_impression), number(overview.unique_click));
    store::insight::taken(ctx, asked, readers, clickers).await?;
    Ok(Ok(()))
}

/// Asks LINE now, for somebody who looks; numbers of a few seconds ago stand as they are.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if LINE is not to be asked, or does not answer.
pub async fn look(platform: &Platform, ctx: &Context, id: DeliveryId) -> Result<Reads> {
    let Some(asked) = store::insight::askable(ctx, id).await? else {
        return Err(Error::NotFound);
    };
    let young = asked.taken_at.is_some_and(|at| ctx.now().since(at) < YOUNG);
    if !young {
        if asked.sent.is_none() || asked.unit.is_none() && asked.request_id.is_none() {
            return Err(Error::Conflict("まだ送り始めていないので、LINEの統計はありません".into()));
        }
        if !store::insight::slot(ctx).await? {
            return Err(Error::Conflict(NO_MORE.into()));
        }
        if let Err(error) = ask(platform, ctx, &asked).await? {
            tracing::warn!(%error, delivery = id.0, "LINE's statistics could not be read");
            return Err(Error::Conflict(NOT_READ.into()));
        }
    }
    Ok(store::insight::of(ctx, id).await?.unwrap_or_default())
}
