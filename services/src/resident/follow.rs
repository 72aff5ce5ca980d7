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

/// Why the list could not be read.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Reads the follower list before a delivery to everyone, unless somebody else has read it
/// meanwhile. Any other failure of LINE than a refusal, or that `patience` ends before, does
/// not stop a delivery: then we use what we know.
pub async fn friends_are_complete(
    platform: &Platform,
    ctx: &Context,
    patience: impl Future<Output = ()>,
) -> Friends {
    let mut taken = false;
    let reading = async {
        let began = ctx.now();
        // Another server, or another delivery, may be reading it just now: the end is waited for.
        while !take(ctx, "everyone", began).await? {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if store::work::last(ctx, DUTY).await?.is_some_and(|at| at >= began) {
                return Ok::<(), Failure>(());
            }
        }
        taken = true;
        read(platform, ctx).await?;
        Ok(())
    };
    let outcome = tokio::select! {
        outcome = reading => Some(outcome),
        () = patience => None,
    };
    match outcome {
        Some(Ok(())) => {}
        Some(Err(error)) => {
            tracing::warn!(%error, "the follower list could not be read; the friends that we know are used");
            return Friends::Known;
        }
        None => {
            tracing::warn!(
                "reading the follower list takes too long; the friends that we know are used"
            );
            if taken {
                // What was cut off is done by whoever comes next.
                drop(release(ctx).await);
            }
        }
    }
    let refused = refused_by_line(ctx).await.unwrap_or(false);
    if refused { Friends::RefusedByLine } else { Friends::Known }
}

/// Whether LINE refused the follower list when it was last asked for.
pub(crate) async fn refused_by_line(ctx: &Context) -> Result<bool> {
    Ok(store::setting::get(ctx, REFUSED).await?.as_deref() == Some("yes"))
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
) -> std::result::Result<Option<u64>, Failure> {
    if !take(ctx, owner, ctx.now()).await? {
        return Ok(None);
    }
    read(platform, ctx).await.map(Some)
}

/// Takes the duty, if nobody has it and it was last done before `due`.
async fn take(ctx: &Context, owner: &str, due: Timestamp) -> Result<bool> {
    store::work::take(ctx, DUTY, owner, due, 10 * MINUTE).await
}

/// Reads the list as who has taken the duty.
async fn read(platform: &Platform, ctx: &Context) -> std::result::Result<u64, Failure> {
    let began = ctx.now();
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
                store::work::failed(ctx, DUTY, Timestamp(0)).await?;
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
