//! The outbox worker: freezes what is due, sends calls within LINE's limits, settles the answers.
//!
//! Exactly once or explained (design rule 1): the retry key is stored before the
//! call, an unknown outcome is tried again with the same key, and after 24 hours it
//! ends as failed(unknown). A crash at any instant changes none of this.

mod send;

use crate::delivery::variant::variable_problems;
use crate::delivery::{approval, gate};
use crate::{Context, Error, Platform, Result, resident};
use domain::delivery::{LATE, Purpose};
use domain::id::DeliveryId;
use domain::message::variable;
use domain::time::{MINUTE, SECOND, Timestamp};
use send::{IN_FLIGHT, Sender};
use std::sync::Arc;
use std::time::Duration;
use store::delivery::Frozen;
use store::outbox::{Kind, Settled};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Pushes leased at once: what leaves within a tenth of a second.
const CLAIM: usize = 240;
/// Calls leased at once while multicasts are among them: an emergency overtakes what is
/// not leased yet.
const CLAIM_MULTICASTS: usize = 48;

/// Runs until `stop` turns true; then waits for the calls that are on their way.
pub async fn run(platform: Arc<Platform>, owner: String, mut stop: watch::Receiver<bool>) {
    let (settled, answers) = mpsc::channel(IN_FLIGHT * 2);
    let settler = tokio::spawn(settle(platform.clone(), owner.clone(), answers));
    let freezer = tokio::spawn(freeze(platform.clone(), stop.clone()));
    let sender = Sender::new(platform.clone(), settled);
    let mut at_once = CLAIM_MULTICASTS;
    let mut flying = JoinSet::new();
    while !*stop.borrow() {
        let limit = sender.room().await.min(at_once) as i64;
        let ctx = platform.system();
        match store::outbox::claim(&ctx, &owner, limit).await {
            Ok(calls) if calls.is_empty() => idle(&platform, &ctx, &mut stop).await,
            Ok(calls) => {
                let pushes = calls.iter().all(|call| call.kind == Kind::Push);
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

/// Freezes deliveries whose time has come.
async fn freeze(platform: Arc<Platform>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let ctx = platform.system();
        let due = store::delivery::due(&ctx).await.unwrap_or_else(|error| {
            tracing::error!(%error, "outbox: looking for due deliveries failed");
            Vec::new()
        });
        let made = crate::steps::work(&ctx).await.unwrap_or_else(|error| {
            tracing::error!(%error, "outbox: making the deliveries of step courses failed");
            false
        });
        let idle = due.is_empty() && !made;
        for (id, send_at) in due {
            if let Err(error) = start(&platform, &ctx, id, send_at).await {
                tracing::error!(%error, delivery = id.0, "outbox: freezing failed");
                if matches!(error, Error::Undecryptable(_) | Error::Inconsistent(_)) {
                    let reason = "保存されている内容を読みとれないため、送れません。鍵ファイルとデータベースが合っているかを、システムの担当に確かめてもらってください";
                    // If that fails, too, it is tried again with the next look.
                    drop(store::delivery::hold(&ctx, id, reason).await);
                }
                pause(&mut stop, Duration::from_millis(500)).await;
            }
        }
        if idle {
            tokio::select! {
                () = platform.outbox_ready.notified() => platform.outbox_ready.notify_one(),
                () = tokio::time::sleep(Duration::from_millis(250)) => {}
                _ = stop.changed() => {}
            }
            pause(&mut stop, Duration::from_millis(20)).await;
        }
    }
}

/// Starts one delivery: a series makes its occurrence; any other is held if it is late or
/// cannot be understood any more, else frozen.
///
/// # Errors
/// If the database is away.
pub async fn start(
    platform: &Platform,
    ctx: &Context,
    id: DeliveryId,
    send_at: Timestamp,
) -> Result<()> {
    let delivery = store::delivery::get(ctx, id).await?;
    if delivery.recurrence.is_some() {
        // What it makes is due itself, and is found in the next round.
        store::delivery::recurring::occur(ctx, id).await?;
        platform.outbox_ready.notify_one();
        return Ok(());
    }
    let late = ctx.now().since(send_at);
    if late > LATE {
        let reason = format!("予定より {}分おくれたため、送らずに止めています", late / MINUTE);
        return store::delivery::hold(ctx, id, &reason).await;
    }
    if gate::postponed(ctx, &delivery).await? {
        return Ok(());
    }
    let problems =
        variable_problems(ctx, &delivery.parts, &delivery.variants, delivery.purpose).await?;
    if let Some(problem) = problems.first() {
        return store::delivery::hold(ctx, id, &problem.message).await;
    }
    if let Some(of) = delivery.corrects {
        store::delivery::freeze(ctx, id, Frozen::Reached(of)).await?;
        platform.outbox_ready.notify_one();
        return Ok(());
    }
    let Some(audience) = &delivery.audience else {
        store::delivery::freeze(ctx, id, Frozen::Testers).await?;
        platform.outbox_ready.notify_one();
        return Ok(());
    };
    let resolved = match audience
        .resolve(&crate::audience::catalog(ctx, audience.among()).await?, "")
    {
        Ok(resolved) => resolved,
        Err(_) => {
            return store::delivery::hold(
                ctx,
                id,
                "配信対象の条件で使っているもの（登録項目、対象者リスト、前の配信）が、消されているか使えません。条件を直してください",
            )
            .await;
        }
    };
    if approval::rules(ctx).await?.above.is_some() {
        let people = store::audience::count_rows(ctx, &resolved).await?;
        if let Some(reason) = approval::uncovered(ctx, &delivery, people).await? {
            return store::delivery::hold(ctx, id, &reason).await;
        }
    }
    let frozen = if audience.is_everyone() {
        // An emergency does not wait for a long list: then the friends that we know are used.
        let patience = match delivery.purpose {
            Purpose::Emergency => Duration::from_secs(5),
            _ => Duration::from_secs(120),
        };
        match resident::friends_are_complete(platform, ctx, patience).await {
            // One text goes to all: what is filled in, and other languages, we must send to those
            // whom we know.
            resident::Friends::RefusedByLine
                if variable::keys(&delivery.parts).is_empty() && delivery.variants.is_empty() =>
            {
                Frozen::Broadcast
            }
            resident::Friends::RefusedByLine => Frozen::Audience(&resolved),
            resident::Friends::Known => Frozen::Audience(&resolved),
        }
    } else {
        Frozen::Audience(&resolved)
    };
    store::delivery::freeze(ctx, id, frozen).await?;
    platform.outbox_ready.notify_one();
    Ok(())
}
