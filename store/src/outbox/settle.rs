//! What LINE answered becomes state, figures and reasons, in one transaction.

use super::claim::except;
use super::{Call, Recipient};
use crate::db::{exec, one};
use crate::delivery::happen;
use crate::ledger::{self, Line};
use crate::{Context, Result, values};
use domain::delivery::call::Next;
use domain::delivery::{CallState, Reason};
use domain::id::DeliveryId;
use domain::time::{MINUTE, thousands};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A call with its answer.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The call as it was claimed.
    pub call: Call,
    /// What to do now.
    pub next: Next,
    /// LINE's request id, if it answered.
    pub request_id: Option<String>,
    /// What went wrong, without personal data.
    pub error: Option<String>,
}

/// Settles answers of calls that `owner` has leased. A call that another worker
/// took over meanwhile is passed over: with the same key LINE took it once.
/// Answers the deliveries that are done by it.
///
/// # Errors
/// If the database is away; then the leases end and the calls are tried again.
pub async fn settle(ctx: &Context, owner: &str, settled: &[Settled]) -> Result<Vec<DeliveryId>> {
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    let mut touched: Vec<DeliveryId> = Vec::new();
    // One order for all workers, so that none waits for another in a circle.
    let mut settled: Vec<&Settled> = settled.iter().collect();
    settled.sort_by_key(|s| (s.call.delivery, s.call.id));
    for s in settled {
        let call = &s.call;
        let (state, next_at) = match &s.next {
            Next::Accept => (CallState::Accepted, None),
            Next::RetryAt(at) => (CallState::Pending, Some(at.0)),
            // A push, or a call of a cancelled delivery, goes on being asked for, but not in haste.
            Next::Hold => (
                CallState::Pending,
                Some(if call.attempts > 1 { now.plus(MINUTE).0 } else { now.0 }),
            ),
            Next::Without(_) | Next::Halve => (CallState::Split, None),
            Next::Fail(_) => (CallState::Failed, None),
        };
        let sql = "UPDATE call SET state = $1, next_at = COALESCE($2, next_at), request_id = COALESCE($3, request_id), error = $4, owner = NULL,
            ended_at = CASE WHEN $1 >= 2 THEN $5 ELSE NULL END WHERE id = $6 AND state = 1 AND owner = $7";
        let values = values![
            i64::from(state.number()),
            next_at,
            s.request_id.clone(),
            s.error.clone(),
            now.0,
            call.id.0,
            owner
        ];
        if exec(&tx, sql, values).await? == 0 {
            continue;
        }
        let Some(delivery) = call.delivery else { continue };
        if !touched.contains(&delivery) {
            touched.push(delivery);
        }
        apply(ctx, &tx, delivery, call, &s.next).await?;
    }
    touched.sort_unstable();
    let mut done = Vec::new();
    for delivery in touched {
        if is_done(ctx, &tx, delivery).await? {
            done.push(delivery);
        }
    }
    tx.commit().await?;
    Ok(done)
}

async fn apply<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: DeliveryId,
    call: &Call,
    next: &Next,
) -> Result<()> {
    let now = ctx.now();
    match next {
        Next::Accept => {
            let sql = "UPDATE delivery SET started_at = $1 WHERE id = $2 AND started_at IS NULL";
            if exec(db, sql, values![call.first_at.0, delivery.0]).await? == 1 {
                happen(db, delivery, call.first_at, "1回目の送信", "").await?;
            }
            add(ctx, db, delivery, call.count, 0, 0).await
        }
        Next::RetryAt(_) if call.attempts == 1 => {
            happen(
                db,
                delivery,
                now,
                &format!("{}人分を、同じ鍵で送り直します", thousands(call.count)),
                "LINEが混み合っているか、返事がありません。二重には届きません",
            )
            .await
        }
        Next::RetryAt(_) => Ok(()),
        Next::Hold => {
            if call.attempts == 1 {
                untried(ctx, db, delivery, call).await?;
            }
            let sql = "UPDATE delivery SET status = 'held', held_reason = $1, updated_at = $2 WHERE id = $3 AND status = 'sending'";
            let reason =
                "LINEの今月の送信数の上限に達しました。上限を確かめてから、再開してください";
            if exec(db, sql, values![reason, now.0, delivery.0]).await? == 1 {
                happen(db, delivery, now, "送らずに止めています", reason).await?;
                ledger::append(ctx, db, Line::ok("delivery.hold", format!("delivery:{delivery}")))
                    .await?;
            }
            Ok(())
        }
        Next::Without(bad) => {
            let (refused, rest): (Vec<_>, Vec<_>) =
                call.to.iter().enumerate().partition(|(i, _)| bad.contains(i));
            let refused: Vec<i64> = refused.into_iter().map(|(_, r)| r.id.0).collect();
            let rest: Vec<Recipient> = rest.into_iter().map(|(_, r)| *r).collect();
            fail(ctx, db, delivery, refused, Reason::RefusedId).await?;
            again(ctx, db, delivery, call, &rest).await
        }
        Next::Halve => {
            let (a, b) = call.to.split_at(call.to.len() / 2);
            again(ctx, db, delivery, call, a).await?;
            again(ctx, db, delivery, call, b).await
        }
        Next::Fail(reason) if call.to.is_empty() => {
            happen(db, delivery, now, "LINEが受け取りませんでした", reason.label()).await?;
            add(ctx, db, delivery, 0, call.count, 0).await
        }
        Next::Fail(reason) => {
            fail(ctx, db, delivery, call.to.iter().map(|r| r.id.0).collect(), *reason).await
        }
    }
}

async fn fail<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: DeliveryId,
    residents: Vec<i64>,
    reason: Reason,
) -> Result<()> {
    let count = residents.len() as i64;
    except(ctx, db, delivery, residents.into_iter(), reason).await?;
    happen(
        db,
        delivery,
        ctx.now(),
        &format!("{}人に届きませんでした", thousands(count)),
        reason.label(),
    )
    .await?;
    add(ctx, db, delivery, 0, count, 0).await
}

async fn again<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: DeliveryId,
    call: &Call,
    to: &[Recipient],
) -> Result<()> {
    if to.is_empty() {
        return Ok(());
    }
    // A cancelled delivery sends nothing under a new key any more.
    if is_cancelled(ctx, db, delivery).await? {
        except(ctx, db, delivery, to.iter().map(|r| r.id.0), Reason::Cancelled).await?;
        return add(ctx, db, delivery, 0, 0, to.len() as i64).await;
    }
    crate::delivery::insert_call(ctx, db, delivery, call.seq, "multicast", to.len() as i64, to)
        .await
}

/// LINE took nothing of a first attempt: the call is as if it had not been tried. It
/// waits while its delivery is held, and is withheld if that was cancelled.
async fn untried<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: DeliveryId,
    call: &Call,
) -> Result<()> {
    if is_cancelled(ctx, db, delivery).await? {
        let sql = "UPDATE call SET state = $1, ended_at = $2 WHERE id = $3";
        exec(db, sql, values![CallState::Withheld.number(), ctx.now().0, call.id.0]).await?;
        return add(ctx, db, delivery, 0, 0, call.count).await;
    }
    exec(db, "UPDATE call SET attempts = 0, first_at = NULL WHERE id = $1", values![call.id.0])
        .await?;
    Ok(())
}

/// Whether a delivery was cancelled; it cannot be until this transaction has ended.
async fn is_cancelled<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: DeliveryId,
) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Row {
        status: String,
    }
    let lock = if ctx.store.is_sqlite() { "" } else { "FOR UPDATE" };
    let row: Option<Row> =
        one(db, &format!("SELECT status FROM delivery WHERE id = $1 {lock}"), values![delivery.0])
            .await?;
    Ok(row.is_some_and(|r| r.status == "cancelled"))
}

/// Ends a call that may not be sent any more, since LINE may have forgotten its key.
pub(super) async fn expire<C: ConnectionTrait>(ctx: &Context, db: &C, call: &Call) -> Result<()> {
    let sql = "UPDATE call SET state = $1, owner = NULL, error = 'the key has expired', ended_at = $2 WHERE id = $3";
    exec(db, sql, values![CallState::Failed.number(), ctx.now().0, call.id.0]).await?;
    let Some(delivery) = call.delivery else { return Ok(()) };
    apply(ctx, db, delivery, call, &Next::Fail(Reason::Unknown)).await?;
    is_done(ctx, db, delivery).await?;
    Ok(())
}

/// Adds to a delivery's figures.
pub(super) async fn add<C: ConnectionTrait>(
    _ctx: &Context,
    db: &C,
    delivery: DeliveryId,
    accepted: i64,
    failed: i64,
    withheld: i64,
) -> Result<()> {
    let sql = "UPDATE delivery SET accepted = accepted + $1, failed = failed + $2, withheld = withheld + $3 WHERE id = $4";
    exec(db, sql, values![accepted, failed, withheld, delivery.0]).await?;
    Ok(())
}

/// Ends a delivery when every recipient is accounted for.
pub(super) async fn is_done<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: DeliveryId,
) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Figures {
        accepted: i64,
        failed: i64,
    }
    let now = ctx.now();
    let sql = "UPDATE delivery SET finished_at = $1, updated_at = $1, status = CASE WHEN status = 'cancelled' THEN status ELSE 'done' END
        WHERE id = $2 AND finished_at IS NULL AND frozen_at IS NOT NULL AND recipients = accepted + failed + withheld RETURNING accepted, failed";
    let Some(f): Option<Figures> = one(db, sql, values![now.0, delivery.0]).await? else {
        return Ok(false);
    };
    let detail = if f.failed > 0 {
        format!("{}人に届きませんでした", thousands(f.failed))
    } else {
        String::new()
    };
    happen(
        db,
        delivery,
        now,
        &format!("{}人分を、LINEが受け付けました", thousands(f.accepted)),
        &detail,
    )
    .await?;
    ledger::append(
        ctx,
        db,
        Line::ok("delivery.done", format!("delivery:{delivery}")).count(f.accepted),
    )
    .await?;
    Ok(true)
}
