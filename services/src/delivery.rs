//! Deliveries: made, checked before sending, sent, followed, certified (SEG-3 to SEG-8).

mod listed;

use crate::audience::explore;
use crate::{Context, Error, Platform, Result};
use domain::delivery::{Delivery, NewDelivery, Purpose, title_problem};
use domain::id::DeliveryId;
use domain::message;
use domain::time::Timestamp;
use serde_json::Value;

pub use domain::delivery::{Check, Progress};
pub use listed::{csv, listed, who};
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
    let id = store::delivery::create(ctx, &new).await?;
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
    check.problems.extend(title_problem(&draft.title));
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
    let hour = ctx.now().tokyo().hour;
    if !(7..21).contains(&hour) && draft.purpose != Purpose::Emergency {
        check.warnings.push("いまは夜間（21〜7時）です。音が鳴る人がいます".into());
    } else {
        check.passed.push("夜間（21〜7時）ではありません".into());
    }
    if draft.parts.iter().any(|p| p.marked(draft.purpose).contains("http://")) {
        check.warnings.push(
            "「http://」のリンクがあります。「https://」のものにできないか確かめてください".into(),
        );
    }
    Ok(check)
}

/// Puts a draft on its way. `confirmed` is the head count that the member of staff
/// saw (and typed, for everyone): if the count has moved by more than 1 % and more
/// than 10 people since then, it is asked again.
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
    let draft = Draft {
        title: delivery.title,
        purpose: delivery.purpose,
        audience: delivery.audience,
        parts: delivery.parts,
    };
    let check = check(ctx, &draft).await?;
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
    store::delivery::schedule(ctx, id, seen, None).await?;
    platform.outbox_ready.notify_one();
    Ok(())
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
        "send_at": time(d.send_at),
        "frozen_at": time(d.frozen_at),
        "started_at": time(d.started_at),
        "finished_at": time(d.finished_at),
    }))
}
