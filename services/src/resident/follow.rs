//! Keeping the list of friends complete.

use crate::{Context, Platform, Result};
use domain::time::{MINUTE, Timestamp};
use line::client::Error as LineError;

/// What is known of the friends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Friends {
    /// All that we know are all that can be known.
    Known,
    /// LINE refuses the follower list (unverified account): only LINE can count and reach everyone.
    RefusedByLine,
}

const DUTY: &str = "followers";
const REFUSED: &str = "followers.refused";

/// Makes sure that the follower list was read within `fresh` microseconds. Any other
/// failure of LINE than a refusal does not stop a delivery: then we use what we know.
pub async fn friends_are_complete(platform: &Platform, ctx: &Context, fresh: i64) -> Friends {
    let last = store::work::last(ctx, DUTY).await.ok().flatten();
    let refused = || async {
        store::setting::get(ctx, REFUSED).await.ok().flatten().as_deref() == Some("yes")
    };
    if last.is_none_or(|at| ctx.now().since(at) > fresh)
        && let Err(error) = synchronise(platform, ctx, "everyone").await
    {
        tracing::warn!(%error, "the follower list could not be read; the friends that we know are used");
        return Friends::Known;
    }
    if refused().await { Friends::RefusedByLine } else { Friends::Known }
}

/// Reads LINE's follower list and adds whoever is missing. Answers how many became known.
///
/// # Errors
/// If LINE or the database is away; what was read stays.
pub async fn synchronise(
    platform: &Platform,
    ctx: &Context,
    owner: &str,
) -> std::result::Result<u64, Box<dyn std::error::Error + Send + Sync>> {
    let began = ctx.now();
    if !store::work::take(ctx, DUTY, owner, began, 10 * MINUTE).await? {
        // Another server reads it just now.
        return Ok(0);
    }
    let (mut added, mut start) = (0, None::<String>);
    loop {
        let page = match platform.line.followers(start.as_deref(), 1000).await {
            Ok(page) => page.value,
            Err(LineError::Refused { status: 403, .. }) => {
                store::setting::set(ctx, REFUSED, "yes").await?;
                store::work::done(ctx, DUTY).await?;
                return Ok(added);
            }
            Err(error) => {
                release(ctx).await?;
                return Err(error.into());
            }
        };
        let users: Vec<_> = page.user_ids.iter().map(|u| *u.as_bytes()).collect();
        if !users.is_empty() {
            added += store::resident::sync(ctx, &users, began).await?;
        }
        start = page.next;
        if start.is_none() {
            break;
        }
    }
    store::setting::set(ctx, REFUSED, "no").await?;
    store::work::done(ctx, DUTY).await?;
    store::ledger::note(
        ctx,
        store::ledger::Line::ok("followers.sync", "resident").count(added as i64),
    )
    .await?;
    Ok(added)
}

/// Gives the duty back undone.
async fn release(ctx: &Context) -> Result<()> {
    store::work::give_back(ctx, DUTY).await
}

/// When the list was last read.
///
/// # Errors
/// If the database is away.
pub async fn last_synchronised(ctx: &Context) -> Result<Option<Timestamp>> {
    store::work::last(ctx, DUTY).await
}
