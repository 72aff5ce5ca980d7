//! Deliveries: made, checked before sending, sent, followed, certified (SEG-3 to SEG-8).

pub mod approval;
mod calendar;
mod listed;
pub mod recurring;
mod retract;
pub mod template;

use crate::audience::explore;
use crate::{Context, Error, Platform, Result};
use domain::delivery::{
    Delivery, NewDelivery, Purpose, UNDECIDED, is_night, send_at_problem, title_problem,
};
use domain::id::DeliveryId;
use domain::message;
use domain::time::Timestamp;
use serde_json::Value;

pub use calendar::calendar;
pub use domain::delivery::{Check, Progress};
pub use listed::{csv, listed, who};
pub use retract::{PUBLIC_FOR, public_corrections, retract};
pub use store::delivery::corrections;
pub use store::delivery::{
    CallRow, Draft, Group, Query, Sort, delete, departments, draft, duplicate, get, list, progress,
    save,
};

/// `POST /api/v1/deliveries`: reads, checks against the catalog, and puts it on its way.
///
/// # Errors
/// `Invalid` with JSON pointers; `Forbidden`.
pub async fn create(platform: &Platform, ctx: &Context, body: &Value) -> Result<DeliveryId> {
    ctx.allow(domain::permission::Permission::DeliverySend)?;
    let new = NewDelivery::parse(body, ctx.now())?;
    new.audience.resolve(&store::attribute::catalog(ctx).await?, "/audience")?;
    let people = match approval::rules(ctx).await?.above {
        Some(_) => crate::audience::count(ctx, &new.audience, "/audience").await?.count,
        None => 0,
    };
    let wait = approval::need(ctx, new.purpose, people).await?.map(|_| people);
    let id = store::delivery::create(ctx, &new, wait).await?;
    platform.outbox_ready.notify_one();
    Ok(id)
}

/// Checks what would be sent.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn check(ctx: &Context, draft: &Draft) -> Result<Check> {
    ctx.allow(domain::permission::Permission::DeliveryRead)?;
    let mut check =
        Check { problems: message::check(&draft.parts, draft.purpose), ..Check::default() };
    check.approval = approval::need(ctx, draft.purpose, 0).await?;
    check.problems.extend(store::blob::missing(ctx, &draft.parts).await?);
    check.problems.extend(title_problem(&draft.title));
    check.problems.extend(draft.send_at.and_then(|at| send_at_problem(at, ctx.now())));
    if let Some(rule) = &draft.recurrence {
        check.problems.extend(recurring::problems(ctx, rule, draft.purpose).await?);
    }
    match &draft.audience {
        None => check.problems.push(domain::problem::Problem::new(
            "/audience",
            "届ける相手が決まっていません。条件を足すか、友だち全員を選んでください",
        )),
        Some(audience) => {
            check.everyone = audience.is_everyone();
            match explore(ctx, audience).await {
                Ok(who) => {
                    check.calls = (who.count + 499) / 500;
                    if who.count == 0 {
                        check.problems.push(domain::problem::Problem::new(
                            "/audience",
                            "この条件では、だれにも当てはまりません。条件を見直してください",
                        ));
                    }
                    check.approval = approval::need(ctx, draft.purpose, who.count).await?;
                    check.who = Some(who);
                }
                Err(Error::Invalid(problems)) => {
                    check.problems.extend(problems.into_iter().map(|p| {
                        domain::problem::Problem::new(format!("/audience{}", p.at), p.message)
                    }));
                }
                Err(e) => return Err(e),
            }
        }
    }
    let send_at = draft.recurrence.as_ref().map_or(draft.send_at, |r| Some(r.at(r.first)));
    let night = is_night(send_at.unwrap_or_else(|| ctx.now()));
    match (night, draft.purpose, send_at) {
        (true, Purpose::Emergency, _) => {}
        (true, _, None) => {
            check.warnings.push("いまは夜間（21〜7時）です。音が鳴る人がいます".into());
        }
        (true, _, Some(UNDECIDED)) => {}
        (true, _, Some(_)) => {
            check.warnings.push("届ける時刻が夜間（21〜7時）です。音が鳴る人がいます".into());
        }
        (false, ..) => check.passed.push("夜間（21〜7時）ではありません".into()),
    }
    if draft.parts.iter().any(|p| p.marked(draft.purpose).contains("http://")) {
        check.warnings.push(
            "「http://」のリンクがあります。「https://」のものにできないか確かめてください".into(),
        );
    }
    Ok(check)
}

/// Puts a draft on its way. `confirmed` is the head count that the member of staff
/// saw (and typed, for everyone).
///
/// # Errors
/// `Invalid`, `Conflict`, `NotFound`, `Forbidden`.
pub async fn send(
    platform: &Platform,
    ctx: &Context,
    id: DeliveryId,
    seen: Timestamp,
    confirmed: i64,
) -> Result<()> {
    let delivery = get(ctx, id).await?;
    let people = checked(ctx, &delivery, confirmed).await?;
    if let Some(approval::Need::Above(above)) =
        approval::need(ctx, delivery.purpose, people).await?
    {
        return Err(Error::Conflict(format!(
            "{}人をこえる配信には、承認が要ります。ひらき直して、承認を求めてください",
            domain::time::thousands(above)
        )));
    }
    store::delivery::schedule(ctx, id, seen, delivery.send_at).await?;
    platform.outbox_ready.notify_one();
    Ok(())
}

/// Checks a delivery that is about to leave; answers its head count. If that has moved
/// by more than 1 % and more than 10 people since it was confirmed, it is asked again.
async fn checked(ctx: &Context, delivery: &Delivery, confirmed: i64) -> Result<i64> {
    let check = check(ctx, &Draft::from(delivery)).await?;
    if !check.problems.is_empty() {
        return Err(Error::Invalid(check.problems));
    }
    let count = check.who.map_or(0, |w| w.count);
    let moved = (count - confirmed).abs();
    let tolerated = if check.everyone { 0 } else { 10 };
    if moved > tolerated && moved * 100 > count {
        return Err(Error::invalid(
            "confirmed",
            format!(
                "人数が変わりました。いまは{}人です。確かめて、もう一度入れてください",
                domain::time::thousands(count)
            ),
        ));
    }
    Ok(count)
}

/// Sends what a draft holds to the testers, marked 【試験】. Answers the test's own delivery.
///
/// # Errors
/// `Invalid` if there is no tester or the content has problems; `NotFound`, `Forbidden`.
pub async fn send_test(platform: &Platform, ctx: &Context, id: DeliveryId) -> Result<DeliveryId> {
    let delivery = get(ctx, id).await?;
    let problems = message::check(&delivery.parts, Purpose::Test);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if store::resident::testers(ctx).await?.is_empty() {
        return Err(Error::invalid(
            "testers",
            "試験者がまだいません。「住民」で、職員の友だちを試験者にしてください",
        ));
    }
    let title: String =
        format!("試し送り：{}", delivery.title).chars().take(domain::delivery::TITLE_MAX).collect();
    let test = store::delivery::create_test(ctx, id, &title, &delivery.parts).await?;
    platform.outbox_ready.notify_one();
    Ok(test)
}

/// Stops what has not left.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn cancel(platform: &Platform, ctx: &Context, id: DeliveryId) -> Result<Delivery> {
    let after = store::delivery::cancel(ctx, id).await?;
    platform.outbox_ready.notify_one();
    Ok(after)
}

/// Lets a held delivery go on.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Conflict`.
pub async fn release(platform: &Platform, ctx: &Context, id: DeliveryId) -> Result<()> {
    let delivery = get(ctx, id).await?;
    if let Some(audience) = delivery.audience.as_ref().filter(|_| delivery.frozen_at.is_none()) {
        let people = crate::audience::count(ctx, audience, "/audience").await?.count;
        if approval::uncovered(ctx, &delivery, people).await?.is_some() {
            store::delivery::approval::approve_held(ctx, id, people).await?;
        }
    }
    store::delivery::release(ctx, id).await?;
    platform.outbox_ready.notify_one();
    Ok(())
}

/// A page of deliveries for other systems: the newest first, before `before`.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn page_for_systems(
    ctx: &Context,
    before: Option<DeliveryId>,
    limit: i64,
) -> Result<Value> {
    let ids = store::delivery::ids_before(ctx, before, limit + 1).await?;
    let more = ids.len() as i64 > limit;
    let ids = &ids[..ids.len().min(limit.max(0) as usize)];
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        items.push(for_systems(ctx, *id).await?);
    }
    let next = ids.last().filter(|_| more).map(ToString::to_string);
    Ok(serde_json::json!({"items": items, "next": next}))
}

/// A delivery as other systems see it (`GET /api/v1/deliveries/{id}`).
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn for_systems(ctx: &Context, id: DeliveryId) -> Result<Value> {
    let d = get(ctx, id).await?;
    let reasons: serde_json::Map<String, Value> = store::delivery::reasons(ctx, id)
        .await?
        .into_iter()
        .map(|(r, n)| (r.name().to_owned(), n.into()))
        .collect();
    let time = |t: Option<Timestamp>| t.map(Timestamp::rfc3339);
    Ok(serde_json::json!({
        "id": d.id.to_string(),
        "title": d.title,
        "purpose": d.purpose.name(),
        "status": d.status.name(),
        "audience": d.audience,
        "parts": d.parts,
        "recipients": d.figures.recipients,
        "accepted": d.figures.accepted,
        "failed": d.figures.failed,
        "withheld": d.figures.withheld,
        "reasons": reasons,
        "counted_by_line": d.counted_by_line,
        "held_reason": d.held_reason,
        "created_at": d.created_at.rfc3339(),
        "send_at": time(d.send_at.filter(|at| *at != UNDECIDED)),
        "frozen_at": time(d.frozen_at),
        "started_at": time(d.started_at),
        "finished_at": time(d.finished_at),
    }))
}
