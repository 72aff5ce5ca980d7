//! The outbox worker: freezes what is due, sends calls within LINE's limits, settles the answers.
//!
//! Exactly once or explained (design rule 1): the retry key is stored before the
//! call, an unknown outcome is tried again with the same key, and after 24 hours it
//! ends as failed(unknown). A crash at any instant changes none of this.

mod freeze;
mod send;

use crate::{Context, Platform};
use domain::time::SECOND;
use send::{IN_FLIGHT, Sender};
use std::sync::Arc;
use std::time::Duration;
use store::outbox::{Kind, Settled};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

pub use freeze::{After, Freezer, start};

/// Pushes leased at once: what leaves within a tenth of a second.
const CLAIM: usize = 240;
/// Calls leased at once while multicasts come first: an emergency overtakes what is not leased
/// yet.
const CLAIM_MULTICASTS: usize = 48;

/// Runs until `stop` turns true; then waits for the calls that are on their way.
pub async fn run(platform: Arc<Platform>, owner: String, mut stop: watch::Receiver<bool>) {
    let (settled, answers) = mpsc::channel(IN_FLIGHT * 2);
    let settler = tokio::spawn(settle(platform.clone(), owner.clone(), answers));
    let freezer = tokio::spawn(Freezer::new(platform.clone(), stop.clone()).run());
    let sender = Sender::new(platform.clone(), settled);
    let mut at_once = CLAIM_MULTICASTS;
    let mut flying = JoinSet::new();
    while !*stop.borrow() {
        let limit = sender.room().await.min(at_once) as i64;
        let ctx = platform.system();
        match store::outbox::claim(&ctx, &owner, limit).await {
            Ok(calls) if calls.is_empty() => idle(&platform, &ctx, &mut stop).await,
            Ok(calls) => {
                let pushes = calls.first().is_some_and(|call| call.kind == Kind::Push);
                at_once = if pushes { CLAIM } else { CLAIM_MULTICASTS };
                sender.send_all(calls, &mut flying).await;
            }
            Err(error) => {
                tracing::error!(%error, "outbox: claiming failed");
                pause(&mut stop, Duration::from_secs(1)).await;
            }
        }
        while flying.try_join_next().is_some() {}
    }
    while flying.join_next().await.is_some() {}
    drop(sender);
    for task in [settler, freezer] {
        if let Err(error) = task.await {
            tracing::error!(%error, "outbox: a task ended badly");
        }
    }
}

async fn pause(stop: &mut watch::Receiver<bool>, time: Duration) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        _ = stop.changed() => {}
    }
}

/// Waits until something is ready, the next retry is due, or half a second has passed
/// (another server may have put something in).
async fn idle(platform: &Platform, ctx: &Context, stop: &mut watch::Receiver<bool>) {
    let due = match store::outbox::next_due(ctx).await {
        Ok(Some(at)) => at.since(ctx.now()).clamp(5_000, SECOND / 2),
        _ => SECOND / 2,
    };
    tokio::select! {
        () = platform.outbox_ready.notified() => {}
        () = tokio::time::sleep(Duration::from_micros(due as u64)) => {}
        _ = stop.changed() => {}
    }
}

/// Settles whatever has been answered, many answers in one transaction.
async fn settle(platform: Arc<Platform>, owner: String, mut answers: mpsc::Receiver<Settled>) {
    let mut batch = Vec::new();
    while answers.recv_many(&mut batch, IN_FLIGHT).await > 0 {
        let ctx = platform.system();
        // The answers must not be lost while the database is away for a moment; if it
        // stays away, the leases end and LINE answers 409 to the same keys.
        for wait in [0, 100, 500, 2_000, 5_000] {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            match store::outbox::settle(&ctx, &owner, &batch).await {
                Ok(done) => {
                    for delivery in done {
                        if let Err(error) = store::outbox::finish_bitmaps(&ctx, delivery).await {
                            tracing::error!(%error, delivery = delivery.0, "outbox: the outcome is written later");
                        }
                    }
                    break;
                }
                Err(error) => {
                    tracing::error!(%error, answers = batch.len(), "outbox: settling failed")
                }
            }
        }
        batch.clear();
        platform.outbox_ready.notify_one();
    }
}
