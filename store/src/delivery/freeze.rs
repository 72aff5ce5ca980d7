//! Freezing: the audience becomes a fixed list of calls, from one SQL snapshot (design rule 1).

use super::recipients::{NewCall, Recipients, insert_calls};
use super::{fatigue, get_in, happen, retract};
use crate::audience::{condition, lay};
use crate::blob;
use crate::db::{exec, json, list, number, numbers, one, overtaken, rows};
use crate::insight;
use crate::ledger::{self, Line};
use crate::link;
use crate::menu;
use crate::outbox::except;
use crate::reply;
use crate::steps;
use crate::{Context, Result, values};
use domain::audience::Resolved;
use domain::delivery::variant::sides;
use domain::delivery::{Delivery, Purpose, Reason};
use domain::id::{DeliveryId, ResidentId};
use domain::language::Language;
use domain::permission::Permission;
use domain::time::{MINUTE, Timestamp, thousands};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// What goes before all else, when it is frozen and when it is sent.
pub(crate) const URGENT: &str = "(purpose = 'emergency' OR corrects IS NOT NULL)";

/// How long what is urgent keeps the others from being frozen at most: where LINE takes none of it,
/// they go on.
const FIRST: i64 = MINUTE;

/// Whether something urgent that was frozen just now leaves: a call of it is due, or on its way for
/// the first time. Fixing a long list of recipients would keep it from the database meanwhile. For
/// what is only asked for again nobody waits.
///
/// # Errors
/// If the database is away.
pub async fn urgent_leaves(ctx: &Context) -> Result<bool> {
    let now = ctx.now();
    let sql = format!(
        "SELECT COUNT(*) AS n FROM delivery WHERE status = 'sending' AND {URGENT} AND frozen_at > $1
         AND EXISTS (SELECT 1 FROM call c WHERE c.delivery_id = delivery.id AND c.state < 2
            AND (c.state = 0 AND c.next_at <= $2 OR c.state = 1 AND c.attempts = 1))"
    );
    Ok(number(ctx.store.read(), &sql, values![now.plus(-FIRST).0, now.0]).await? > 0)
}

/// The most urgent delivery whose time has come, and that time. Those in `passed` wait for
/// something; with `only_urgent`, so does everything but emergencies, corrections, tests to the
/// testers, who are few, and series: what they make waits, but stands there.
///
/// # Errors
/// If the database is away.
pub async fn due(
    ctx: &Context,
    passed: &[DeliveryId],
    only_urgent: bool,
) -> Result<Option<(DeliveryId, Timestamp)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        send_at: i64,
    }
    // No delivery has the number 0; an empty list would exclude all.
    let passed = list(std::iter::once(0).chain(passed.iter().map(|id| id.0)));
    let which = if only_urgent {
        format!("({URGENT} OR to_testers OR recurrence IS NOT NULL)")
    } else {
        "TRUE".to_owned()
    };
    let sql = format!(
        "SELECT id, send_at FROM delivery WHERE status = 'scheduled' AND send_at <= $1 AND {which} AND id NOT IN ({passed})
         ORDER BY CASE WHEN {URGENT} THEN 0 ELSE 1 END, send_at, id LIMIT 1"
    );
    let found: Option<Row> = one(ctx.store.read(), &sql, values![ctx.now().0]).await?;
    Ok(found.map(|r| (DeliveryId(r.id), Timestamp(r.send_at))))
}

/// To whom a delivery is frozen.
#[derive(Clone, Debug)]
pub enum Frozen<'a> {
    /// The friends of an audience.
    Audience(&'a Resolved),
    /// The city's testers.
    Testers,
    /// Whom another delivery has reached, or may have: a correction, to whatever they want to receive.
    Reached(DeliveryId),
    /// All friends of the account, by LINE's own list, since LINE does not tell it to us; but the
    /// friends that we know, if one of them is not to get it: LINE would leave nobody out.
    Broadcast,
}

/// Residents named in one statement.
const REACHED: usize = 10_000;
/// How often a delivery is frozen at most, where others are in the way each time.
const TRIES: u32 = 5;

/// Freezes a scheduled delivery: fixes the recipients, cuts them into calls with
/// their retry keys, and lets them go. Answers false if it was not scheduled any more.
///
/// # Errors
/// If the database is away; nothing is changed then.
pub async fn freeze(ctx: &Context, id: DeliveryId, to: Frozen<'_>) -> Result<bool> {
    let mut tries = 1;
    loop {
        match from_snapshot(ctx, id, &to).await {
            // A menu was published, or somebody pressed the emergency switch, since an emergency
            // delivery that switches, too, took its snapshot. It takes a new one at once.
            Err(error) if tries < TRIES && overtaken(&error) => {
                tracing::info!(delivery = id.0, "a delivery is frozen anew: others were faster");
                tries += 1;
            }
            ended => return ended,
        }
    }
}

async fn from_snapshot(ctx: &Context, id: DeliveryId, to: &Frozen<'_>) -> Result<bool> {
    let now = ctx.now();
    let tx = ctx.store.begin_snapshot().await?;
    let sql = "UPDATE delivery SET status = 'sending', frozen_at = $1, updated_at = $1 WHERE id = $2 AND status = 'scheduled'";
    if exec(&tx, sql, values![now.0, id.0]).await? == 0 {
        return Ok(false);
    }
    let delivery = get_in(&tx, id).await?;
    blob::sent(ctx, &tx, &delivery.whole()).await?;
    let purpose = delivery.purpose;
    let everyone = Resolved::Everyone;
    let known = Frozen::Audience(&everyone);
    let to = match to {
        Frozen::Broadcast if spares(ctx, &tx, &delivery).await? => &known,
        to => to,
    };
    let mut to_calls = Recipients::open(ctx, &tx, &delivery).await?;
    let (recipients, withheld) = match to {
        Frozen::Broadcast => (broadcast(ctx, &tx, id).await?, 0),
        Frozen::Reached(of) if retract::by_line(&tx, *of).await? => {
            (broadcast(ctx, &tx, id).await?, 0)
        }
        Frozen::Reached(of) => {
            let reached: Vec<u32> = retract::reached(ctx, &tx, *of).await?.into_iter().collect();
            let who = format!("r.friend AND r.id IN (SELECT n FROM {})", numbers(&tx, "$1"));
            for piece in reached.chunks(REACHED) {
                let ids = json(piece.iter().map(|i| i64::from(*i)));
                to_calls.add(ctx, &tx, &who, values![ids]).await?;
            }
            (to_calls.write(ctx, &tx).await?, 0)
        }
        Frozen::Testers => {
            to_calls.force_variant();
            to_calls.add(ctx, &tx, "r.friend AND r.tester", vec![]).await?;
            (to_calls.write(ctx, &tx).await?, 0)
        }
        Frozen::Audience(audience) => {
            lay(ctx, &tx, audience).await?;
            let who = format!("r.friend AND {}", condition(audience));
            let unwilling = unwilling(purpose, now);
            let enough = fatigue::withheld(ctx, &tx, &delivery).await?;
            let had = steps::had(ctx, &tx, &delivery).await?;
            let left = to_calls.add_but(ctx, &tx, &who, &unwilling, &(&enough | &had)).await?;
            let sent = to_calls.write(ctx, &tx).await?;
            let unwilling = left.unwilling.iter().map(i64::from);
            except(ctx, &tx, id, unwilling, Reason::Reception).await?;
            steps::tell(ctx, &tx, id, left.without.intersection_len(&had)).await?;
            let enough = left.without - had;
            fatigue::keep(ctx, &tx, id, &enough).await?;
            let withheld = (left.unwilling.len() + enough.len()) as i64;
            (sent + withheld, withheld)
        }
    };
    // A broadcast goes out even if we know of nobody: LINE does.
    let by_line = get_in(&tx, id).await?.counted_by_line;
    let done = recipients == withheld && !by_line;
    link::draw(ctx, &tx, id, sides(&delivery.parts, &delivery.variants), &delivery.uncounted, now)
        .await?;
    reply::draw(&tx, id, sides(&delivery.parts, &delivery.variants).map(|(_, parts)| parts))
        .await?;
    insight::begin(ctx, &tx, &delivery, recipients - withheld, by_line).await?;
    let sql = "UPDATE delivery SET recipients = $1, withheld = $2, status = CASE WHEN $3 THEN 'done' ELSE status END, finished_at = CASE WHEN $3 THEN $4 ELSE NULL END WHERE id = $5";
    exec(&tx, sql, values![recipients, withheld, done, now.0, id.0]).await?;
    happen(
        &tx,
        id,
        now,
        "配信対象を固定しました",
        &format!("{}人・このあと友だちになった人は入りません", thousands(recipients)),
    )
    .await?;
    if !done {
        menu::delivery_begins(ctx, &tx, &delivery).await?;
    }
    ledger::append(ctx, &tx, Line::ok("delivery.send", format!("delivery:{id}")).count(recipients))
        .await?;
    tx.commit().await?;
    Ok(true)
}

/// Which `resident r` do not wish to receive what has this purpose, as a condition.
pub(super) fn unwilling(purpose: Purpose, now: Timestamp) -> String {
    if matches!(purpose, Purpose::Notice | Purpose::Drill) {
        format!(
            "r.reception = 'urgent' OR r.reception = 'paused' AND COALESCE(r.paused_until > {}, TRUE)",
            now.0
        )
    } else {
        "FALSE".to_owned()
    }
}

/// Whether a friend whom we know does not wish to receive what has this purpose.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn has_unwilling(ctx: &Context, purpose: Purpose) -> Result<bool> {
    ctx.allow(Permission::AudienceRead)?;
    has_unwilling_in(ctx, ctx.store.read(), purpose).await
}

async fn has_unwilling_in<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    purpose: Purpose,
) -> Result<bool> {
    let unwilling = unwilling(purpose, ctx.now());
    let sql = format!("SELECT COUNT(*) AS n FROM resident r WHERE r.friend AND ({unwilling})");
    Ok(number(db, &sql, vec![]).await? > 0)
}

/// Whether a friend whom we know is not to get a delivery that everyone gets.
async fn spares<C: ConnectionTrait>(ctx: &Context, db: &C, delivery: &Delivery) -> Result<bool> {
    if has_unwilling_in(ctx, db, delivery.purpose).await? {
        return Ok(true);
    }
    let enough: Vec<u32> = fatigue::withheld(ctx, db, delivery).await?.into_iter().collect();
    let sql = format!(
        "SELECT COUNT(*) AS n FROM resident WHERE friend AND id IN (SELECT n FROM {})",
        numbers(db, "$1")
    );
    for piece in enough.chunks(REACHED) {
        let ids = json(piece.iter().map(|i| i64::from(*i)));
        if number(db, &sql, values![ids]).await? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn broadcast<C: ConnectionTrait>(ctx: &Context, db: &C, id: DeliveryId) -> Result<i64> {
    let known = number(db, "SELECT COUNT(*) AS n FROM resident WHERE friend", vec![]).await?;
    let call = NewCall {
        seq: 0,
        kind: "broadcast",
        count: known,
        to: vec![],
        language: Language::Japanese,
        variables: None,
    };
    insert_calls(ctx, db, id, &[call]).await?;
    exec(db, "UPDATE delivery SET counted_by_line = TRUE WHERE id = $1", values![id.0]).await?;
    Ok(known)
}

/// Residents of a list who are no friends any more.
pub(crate) async fn left<C: ConnectionTrait>(
    db: &C,
    ids: &[ResidentId],
) -> Result<Vec<ResidentId>> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let sql = format!(
        "SELECT id FROM resident WHERE id IN (SELECT n FROM {}) AND NOT friend",
        numbers(db, "$1")
    );
    let found: Vec<Id> = rows(db, &sql, values![json(ids.iter().map(|i| i.0))]).await?;
    Ok(found.into_iter().map(|r| ResidentId(r.id)).collect())
}
