//! What the clock asks for: watching, sealing, figures, synchronisation, forgetting,
//! re-encryption.

use crate::{Context, Platform, insight, resident};
use domain::time::{DAY, HOUR, MINUTE, SECOND, Timestamp};
use line::client::Error as LineError;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Runs until `stop` turns true.
pub async fn run(platform: Arc<Platform>, owner: String, stop: watch::Receiver<bool>) {
    tokio::join!(look(&platform, &owner, stop.clone()), work(&platform, &owner, stop));
}

/// Looks at what goes on, apart from whatever may take long: that a look is done is the sign of
/// life of the workers (`store::alert::silence`).
async fn look(platform: &Platform, owner: &str, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let ctx = platform.system();
        let looks = crate::alert::watch(platform, &ctx);
        every(&ctx, owner, store::alert::WATCH, 5 * SECOND, looks).await;
        pause(&mut stop).await;
    }
}

async fn pause(stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(2)) => {}
        _ = stop.changed() => {}
    }
}

async fn work(platform: &Platform, owner: &str, mut stop: watch::Receiver<bool>) {
    // Whatever was missed while the server was down is read at the start.
    let ctx = platform.system();
    every(&ctx, owner, "quota", 0, crate::delivery::read_quota(platform, &ctx)).await;
    let mut next_try = synchronise(platform, owner).await;
    while !*stop.borrow() {
        let ctx = platform.system();
        every(&ctx, owner, "seal", 5 * SECOND, store::ledger::seal(&ctx)).await;
        every(&ctx, owner, "line", 5 * MINUTE, reach_line(platform)).await;
        let scanner = crate::answer::try_scanner(platform);
        every(&ctx, owner, "scanner", 5 * MINUTE, scanner).await;
        every(&ctx, owner, "storage", 10 * MINUTE, store::blob::check(&ctx)).await;
        every(&ctx, owner, "languages", 5 * SECOND, resident::languages(platform, &ctx)).await;
        every(&ctx, owner, "outcomes", MINUTE, outcomes(&ctx)).await;
        let breakdowns = crate::delivery::keep_breakdowns(&ctx);
        every(&ctx, owner, "breakdowns", 5 * SECOND, breakdowns).await;
        every(&ctx, owner, "figures", HOUR, store::figure::snapshot(&ctx)).await;
        every(&ctx, owner, "insight", MINUTE, insight::refresh(platform, &ctx)).await;
        let quota = crate::delivery::read_quota(platform, &ctx);
        every(&ctx, owner, "quota", 5 * MINUTE, quota).await;
        let menus = crate::menu::collect_figures(platform, &ctx);
        every(&ctx, owner, "menu figures", 10 * MINUTE, menus).await;
        every(&ctx, owner, "rotate", 10 * SECOND, store::work::rotate(&ctx)).await;
        every(&ctx, owner, "digest", MINUTE, store::answer::digest(&ctx)).await;
        every(&ctx, owner, "answers", MINUTE, store::answer::catch_up(&ctx)).await;
        every(&ctx, owner, "forget", 6 * HOUR, forget(&ctx)).await;
        every(&ctx, owner, "holidays", 6 * HOUR, store::holiday::seed(&ctx)).await;
        every(&ctx, owner, "erase", HOUR, store::work::erase_left(&ctx)).await;
        every(&ctx, owner, "blobs", 6 * HOUR, store::blob::sweep(&ctx)).await;
        let night = last_night(ctx.now());
        // What failed before a delivery is not left until the night.
        if ctx.now() >= next_try
            && store::work::is_due(&ctx, "followers", night).await.unwrap_or(false)
        {
            next_try = synchronise(platform, owner).await;
        }
        pause(&mut stop).await;
    }
}

/// Does a duty if nobody did it for `period`. One that fails is tried again after that, or after
/// a minute; how often it fails in a row is kept.
async fn every<T, E: Display>(
    ctx: &Context,
    owner: &str,
    name: &str,
    period: i64,
    work: impl Future<Output = std::result::Result<T, E>>,
) {
    let due = Timestamp(ctx.now().0 - period);
    let done = async {
        if !store::work::take(ctx, name, owner, due, 10 * MINUTE).await? {
            return Ok(());
        }
        match work.await {
            Ok(_) => store::work::done(ctx, name).await,
            Err(error) => {
                tracing::error!(%error, duty = name, "a duty failed and is tried again");
                store::work::failed(ctx, name, ctx.now().plus(period.min(MINUTE))).await
            }
        }
    };
    if let Err(error) = done.await {
        tracing::error!(%error, duty = name, "a duty could not be taken, or what came of it kept");
    }
}

/// Asks LINE for the account itself: whether it answers, and takes our credentials. Where there
/// are none yet, nothing is asked.
async fn reach_line(platform: &Platform) -> std::result::Result<(), LineError> {
    if !platform.settings.channel_id.is_empty() {
        platform.line.bot_info().await?;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use domain::alert::DUTIES;

    #[test]
    fn every_duty_has_its_words() {
        let code = include_str!("jobs.rs").split("#[cfg(test)]").next().unwrap_or_default();
        let named = code.split("every(&ctx, owner, \"").skip(1);
        let mut named: Vec<&str> = named.filter_map(|rest| rest.split('"').next()).collect();
        named.extend(["followers", "menu pages"]);
        named.sort_unstable();
        named.dedup();
        let mut known: Vec<&str> = DUTIES.iter().map(|(name, _)| *name).collect();
        known.sort_unstable();
        assert_eq!(named, known);
    }
}
