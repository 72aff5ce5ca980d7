//! What LINE answered becomes state, figures and reasons, in one transaction.

use super::claim::{except, renew};
use super::{Call, Recipient};
use crate::db::{doubling, exec, number, one, rows};
use crate::delivery::{NewCall, URGENT, happen, insert_calls};
use crate::ledger::{self, Line};
use crate::{Context, Result, values};
use domain::delivery::call::{Next, Obstacle, REFUSALS_MAX};
use domain::delivery::{CallState, Reason};
use domain::id::DeliveryId;
use domain::time::{MINUTE, Timestamp, thousands};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::{BTreeMap, HashSet};

/// Answers of one statement at most.
const ROWS_MAX: usize = 256;

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

/// Settles answers of calls that `owner` has leased. That LINE took a call is true whoever
/// has leased it meanwhile; any other answer to an earlier attempt is passed over, since it
/// says nothing of the one on its way. Where LINE refuses the calls of a delivery from the
/// start, it is held and the others wait. Of a push that ended, the text goes at once. Answers
/// the deliveries that are done by it.
///
/// # Errors
/// If the database is away; then the leases end and the calls are tried again.
pub async fn settle(ctx: &Context, owner: &str, settled: &[Settled]) -> Result<Vec<DeliveryId>> {
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    // One order for all workers, so that none waits for another in a circle.
    let mut settled: Vec<&Settled> = settled.iter().collect();
    settled.sort_by_key(|s| (s.call.delivery, s.call.id));
    let (taken, others): (Vec<_>, Vec<_>) =
        settled.into_iter().partition(|s| s.next == Next::Accept);
    let mut touched = accept(ctx, &tx, &taken).await?;
    let hold = Next::Hold(Obstacle::FromTheStart);
    for s in others {
        let call = &s.call;
        let kept = s.next.is_refusal() && refused_from_the_start(&tx, call, &s.next).await?;
        let next = if kept { &hold } else { &s.next };
        let (state, next_at) = match next {
            Next::Accept => (CallState::Accepted, None),
            Next::RetryAt(at) | Next::Postpone(at) => (CallState::Pending, Some(at.0)),
            Next::Stay => (CallState::Pending, Some(now.0)),
            // A push, or a call of a cancelled delivery, goes on being asked for, but not in haste.
            Next::Hold(_) => (CallState::Pending, Some(now.plus(MINUTE).0)),
            Next::Without(_) | Next::Halve => (CallState::Split, None),
            Next::Fail(_) => (CallState::Failed, None),
        };
        let perhaps_taken =
            matches!(next, Next::Accept | Next::RetryAt(_) | Next::Fail(Reason::Unknown));
        let sql = "UPDATE call SET state = $1, next_at = COALESCE($2, next_at), request_id = COALESCE($3, request_id), error = $4, owner = NULL,
            refused = refused + $5, ended_at = CASE WHEN $1 >= 2 THEN $6 ELSE NULL END, messages = CASE WHEN $1 >= 2 THEN NULL ELSE messages END,
            variables = CASE WHEN $1 >= 2 THEN NULL ELSE variables END
            WHERE id = $7 AND state = 1 AND owner = $8 AND attempts = $9";
        let values = values![
            i64::from(state.number()),
            next_at,
            s.request_id.clone(),
            s.error.clone(),
            i64::from(!perhaps_taken),
            now.0,
            call.id.0,
            owner,
            call.attempts
        ];
        if exec(&tx, sql, values).await? == 0 {
            continue;
        }
        let Some(delivery) = call.delivery else { continue };
        if !touched.contains(&delivery) {
            touched.push(delivery);
        }
        if next.is_refusal() {
            let sql = format!(
                "UPDATE delivery SET refusals = refusals + 1 WHERE id = $1 AND {}",
                from_the_start(next)
            );
            exec(&tx, &sql, values![delivery.0]).await?;
        }
        apply(ctx, &tx, delivery, call, next).await?;
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

/// Settles what LINE took, many in one statement: 2,000 pushes a second are answered.
/// Answers the deliveries that have something of it.
async fn accept<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    taken: &[&Settled],
) -> Result<Vec<DeliveryId>> {
    let mut ours = HashSet::new();
    for piece in doubling(taken, ROWS_MAX) {
        ours.extend(accept_all(ctx, db, piece).await?);
    }
    let mut of: BTreeMap<DeliveryId, (i64, Timestamp)> = BTreeMap::new();
    for call in taken.iter().map(|s| &s.call) {
        // Of two attempts whose answers came together, one counts.
        let (true, Some(delivery)) = (ours.remove(&call.id.0), call.delivery) else { continue };
        let (count, first) = of.entry(delivery).or_insert((0, call.first_at));
        *count += call.count;
        *first = call.first_at.min(*first);
    }
    for (delivery, (count, first)) in &of {
        let sql = "UPDATE delivery SET started_at = $1 WHERE id = $2 AND started_at IS NULL";
        if exec(db, sql, values![first.0, delivery.0]).await? == 1 {
            happen(db, *delivery, *first, "1回目の送信", "").await?;
        }
        add(db, *delivery, *count, 0, 0).await?;
    }
    Ok(of.into_keys().collect())
}

/// Marks calls as taken in one statement; answers those that were open. Whichever attempt
/// LINE took, and whoever has the call by now: under its key nobody gets it again.
async fn accept_all<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    taken: &[&Settled],
) -> Result<Vec<i64>> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let mut answers = String::new();
    let mut values = values![i64::from(CallState::Accepted.number()), ctx.now().0];
    for s in taken {
        let n = values.len();
        let comma = if answers.is_empty() { "" } else { "," };
        answers.push_str(&format!(
            "{comma}(CAST(${} AS BIGINT),CAST(${} AS TEXT),CAST(${} AS TEXT))",
            n + 1,
            n + 2,
            n + 3
        ));
        values.extend(values![s.call.id.0, s.call.retry_key.clone(), s.request_id.clone()]);
    }
    let sql = format!(
        "WITH answer (call_id, its_key, request) AS (VALUES {answers})
         UPDATE call SET state = $1, request_id = COALESCE(answer.request, request_id), error = NULL, owner = NULL,
            ended_at = $2, messages = NULL, variables = NULL
         FROM answer WHERE id = answer.call_id AND retry_key = answer.its_key AND state < 2 RETURNING id"
    );
    let ours: Vec<Id> = rows(db, &sql, values).await?;
    Ok(ours.into_iter().map(|r| r.id).collect())
}

/// Of which deliveries a refusal counts as one from the start. What does not name the message
/// may lie with the recipients, as ids of another provider that were imported in a row: that
/// keeps no emergency and no correction from everybody else.
fn from_the_start(next: &Next) -> String {
    match next {
        Next::Fail(Reason::RefusedMessage) => "accepted = 0".into(),
        _ => format!("accepted = 0 AND NOT {URGENT}"),
    }
}

/// Whether a refused call is better kept than ended: LINE has refused every call of its delivery
/// so far, and this one makes their number full. What LINE may have taken is not kept.
async fn refused_from_the_start<C: ConnectionTrait>(
    db: &C,
    call: &Call,
    next: &Next,
) -> Result<bool> {
    let Some(delivery) = call.delivery.filter(|_| !call.tries().perhaps_taken_before()) else {
        return Ok(false);
    };
    let sql = format!(
        "SELECT COUNT(*) AS n FROM delivery WHERE id = $1 AND {} AND refusals >= $2 AND status IN ('sending', 'held')",
        from_the_start(next)
    );
    Ok(number(db, &sql, values![delivery.0, REFUSALS_MAX - 1]).await? > 0)
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
        Next::Accept => Ok(()),
        Next::Stay => stopped(ctx, db, delivery, call).await.map(drop),
        Next::RetryAt(_) | Next::Postpone(_) => {
            let refused = matches!(next, Next::Postpone(_));
            if (refused && stopped(ctx, db, delivery, call).await?) || call.attempts > 1 {
                return Ok(());
            }
            happen(
                db,
                delivery,
                now,
                &format!("{}人分を、同じ鍵で送り直します", thousands(call.count)),
                "LINEが混み合っているか、返事がありません。二重には届きません",
            )
            .await
        }
        Next::Hold(obstacle) => {
            if stopped(ctx, db, delivery, call).await? {
                return Ok(());
            }
            if !call.tries().perhaps_taken_before() {
                renew(ctx, db, call, 0, None).await?;
            }
            let reason = obstacle.label();
            let sql = "UPDATE delivery SET status = 'held', held_reason = $1, updated_at = $2 WHERE id = $3 AND status = 'sending'";
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
            add(db, delivery, 0, call.count, 0).await
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
    add(db, delivery, 0, count, 0).await
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
        return add(db, delivery, 0, 0, to.len() as i64).await;
    }
    let rest = NewCall {
        seq: call.seq,
        kind: "multicast",
        count: to.len() as i64,
        to: to.to_vec(),
        language: call.language,
        variables: call.variables_json()?,
    };
    insert_calls(ctx, db, delivery, &[rest]).await
}

/// Withholds a call of which LINE took nothing, if its delivery was cancelled while it
/// was on its way.
async fn stopped<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: DeliveryId,
    call: &Call,
) -> Result<bool> {
    if call.tries().perhaps_taken_before() || !is_cancelled(ctx, db, delivery).await? {
        return Ok(false);
    }
    let sql = "UPDATE call SET state = $1, ended_at = $2 WHERE id = $3";
    exec(db, sql, values![CallState::Withheld.number(), ctx.now().0, call.id.0]).await?;
    add(db, delivery, 0, 0, call.count).await?;
    Ok(true)
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
    let sql = "UPDATE call SET state = $1, owner = NULL, error = 'the key has expired', messages = NULL, variables = NULL, ended_at = $2 WHERE id = $3";
    exec(db, sql, values![CallState::Failed.number(), ctx.now().0, call.id.0]).await?;
    let Some(delivery) = call.delivery else { return Ok(()) };
    apply(ctx, db, delivery, call, &Next::Fail(Reason::Unknown)).await?;
    is_done(ctx, db, delivery).await?;
    Ok(())
}

/// Adds to a delivery's figures.
pub(super) async fn add<C: ConnectionTrait>(
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
