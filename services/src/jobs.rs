//! What the clock asks for: sealing, figures, synchronisation, forgetting, re-encryption.

use crate::{Context, Platform, insight, resident};
use domain::time::{DAY, HOUR, MINUTE, SECOND, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Runs until `stop` turns true.
pub async fn run(platform: Arc<Platform>, owner: String, mut stop: watch::Receiver<bool>) {
    // Whatever was missed while the server was down is read at the start.
    let mut next_try = synchronise(&platform, &owner).await;
    while !*stop.borrow() {
        let ctx = platform.system();
        every(&ctx, &owner, "seal", 5 * SECOND, store::ledger::seal(&ctx)).await;
        every(&ctx, &owner, "alerts", 5 * SECOND, crate::alert::watch(&platform, &ctx)).await;
        every(&ctx, &owner, "languages", 5 * SECOND, resident::languages(&platform, &ctx)).await;
        every(&ctx, &owner, "outcomes", MINUTE, outcomes(&ctx)).await;
        every(&ctx, &owner, "figures", HOUR, store::figure::snapshot(&ctx)).await;
        every(&ctx, &owner, "insight", MINUTE, insight::refresh(&platform, &ctx)).await;
        every(&ctx, &owner, "rotate", 10 * SECOND, store::work::rotate(&ctx)).await;
        every(&ctx, &owner, "forget", 6 * HOUR, forget(&ctx)).await;
        every(&ctx, &owner, "holidays", 6 * HOUR, store::holiday::seed(&ctx)).await;
        every(&ctx, &owner, "erase", HOUR, store::work::erase_left(&ctx)).await;
        every(&ctx, &owner, "blobs", 6 * HOUR, store::blob::sweep(&ctx)).await;
        let night = last_night(ctx.now());
        if ctx.now() >= next_try
            && store::work::last(&ctx, "followers").await.ok().flatten().is_none_or(|at| at < night)
        {
            next_try = synchronise(&platform, &owner).await;
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Does a duty if nobody did it for `period`.
async fn every<T>(
    ctx: &Context,
    owner: &str,
    name: &str,
    period: i64,
    work: impl Future<Output = crate::Result<T>>,
) {
    let due = Timestamp(ctx.now().0 - period);
    let done = async {
        if store::work::take(ctx, name, owner, due, 10 * MINUTE).await? {
            match work.await {
                Ok(_) => store::work::done(ctx, name).await?,
                Err(error) => {
                    store::work::give_back(ctx, name).await?;
                    return Err(error);
                }
            }
        }
        Ok::<_, crate::Error>(())
    };
    if let Err(error) = done.await {
        tracing::error!(%error, duty = name, "a duty failed and is tried again");
    }
}

async fn outcomes(ctx: &Context) -> crate::Result<()> {
    for delivery in store::outbox::unfinished(ctx).await? {
        store::outbox::finish_bitmaps(ctx, delivery).await?;
    }
    Ok(())
}

async fn forget(ctx: &Context) -> crate::Result<()> {
    store::inbox::forget(ctx).await?;
    store::outbox::forget(ctx).await?;
    store::mail::forget(ctx).await?;
    store::answer::forget(ctx).await?;
    Ok(())
}

/// Reads the follower list; answers when it may be tried again if it failed.
async fn synchronise(platform: &Platform, owner: &str) -> Timestamp {
    let ctx = platform.system();
    match resident::synchronise(platform, &ctx, owner).await {
        Ok(added) => tracing::info!(added, "friends synchronised"),
        Err(error) => {
            tracing::warn!(%error, "friends could not be synchronised; it is tried again at night and before a delivery to everyone")
        }
    }
    ctx.now().plus(10 * MINUTE)
}

/// The last 3 o'clock in Tokyo.
fn last_night(now: Timestamp) -> Timestamp {
    let three = Timestamp::from_tokyo(now.date(), 3, 0);
    if three <= now { three } else { three.plus(-DAY) }
}
