//! Keeping the list of friends complete.

use crate::{Context, Platform, Result};
use domain::time::{MINUTE, Timestamp};
use line::client::Error as LineError;
use std::time::Duration;

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

/// Reads the follower list before a delivery to everyone, unless another server has
/// read it meanwhile. Any other failure of LINE than a refusal, or that it takes longer
/// than `patience`, does not stop a delivery: then we use what we know.
pub async fn friends_are_complete(
    platform: &Platform,
    ctx: &Context,
    patience: Duration,
) -> Friends {
    let read = async {
        let began = ctx.now();
        // Another server may be reading it just now: its end is waited for.
        while synchronise(platform, ctx, "everyone").await?.is_none() {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if store::work::last(ctx, DUTY).await?.is_some_and(|at| at >= began) {
                break;
            }
        }
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
    };
    match tokio::time::timeout(patience, read).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "the follower list could not be read; the friends that we know are used");
            return Friends::Known;
        }
        Err(_) => {
            tracing::warn!(
                "reading the follower list takes too long; the friends that we know are used"
            );
            // What was cut off is done by whoever comes next.
            drop(release(ctx).await);
        }
    }
    let refused = store::setting::get(ctx, REFUSED).await.ok().flatten();
    if refused.as_deref() == Some("yes") { Friends::RefusedByLine } else { Friends::Known }
}

/// Reads LINE's follower list and adds whoever is missing. Answers how many became known;
/// nothing if another server reads it just now.
///
/// # Errors
/// If LINE or the database is away; what was read stays.
pub async fn synchronise(
    platform: &Platform,
    ctx: &Context,
    owner: &str,
) -> std::result::Result<Option<u64>, Box<dyn std::error::Error + Send + Sync>> {
    let began = ctx.now();
    if !store::work::take(ctx, DUTY, owner, began, 10 * MINUTE).await? {
        // Another server reads it just now.
        return Ok(None);
    }
    let (mut added, mut start) = (0, None::<String>);
    loop {
        let page = match platform.line.followers(start.as_deref(), 1000).await {
            Ok(page) => page.value,
            Err(LineError::Refused { status: 403, .. }) => {
                store::setting::set(ctx, REFUSED, "yes").await?;
                store::work::done(ctx, DUTY).await?;
                return Ok(Some(added));
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
    Ok(Some(added))
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
