//! Deliveries: made, checked before sending, sent, followed, certified (SEG-3 to SEG-8).

pub mod approval;
mod belongs;
mod breakdown;
mod calendar;
pub mod gate;
mod leads;
mod listed;
mod measured;
mod near;
mod periods;
mod quota;
pub mod recurring;
mod retract;
pub mod template;
pub(crate) mod variant;

use crate::audience::explore;
use crate::{Context, Error, Platform, Result};
use domain::delivery::gate::Confirmed;
use domain::delivery::quota::Short;
use domain::delivery::{
    Delivery, NewDelivery, Purpose, UNDECIDED, is_night, send_at_problem, title_problem,
};
use domain::id::{DeliveryId, DepartmentId};
use domain::language::Voice;
use domain::link;
use domain::menu::Switch;
use domain::message::{self, Part, variable};
use domain::problem::Problem;
use domain::time::Timestamp;
use serde_json::Value;

pub use belongs::belongs;
pub use breakdown::keep_breakdowns;
pub use calendar::calendar;
pub use domain::delivery::{Check, Progress};
pub use listed::{listed, who};
pub use measured::{File, figures_file, list_file, measured};
pub use periods::{periods, periods_file};
pub use quota::{correction_short, read_quota};
pub use retract::{PUBLIC_FOR, public_corrections, retract};
pub use store::delivery::corrections;
pub use store::delivery::{
    CallRow, Draft, Group, Query, Sort, again, delete, departments, draft, duplicate, get, list,
    outlook as resend_outlook, progress, resend, restore, save,
};

/// What another system has put on its way.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// Which.
    pub id: DeliveryId,
    /// What LINE lets the city send this month does not suffice for it.
    pub short: Option<Short>,
}

/// `POST /api/v1/deliveries`: reads, checks against the catalog, and puts it on its way.
///
/// # Errors
/// `Invalid` with JSON pointers; `Forbidden`.
pub async fn create(platform: &Platform, ctx: &Context, body: &Value) -> Result<Made> {
    ctx.allow(domain::permission::Permission::DeliverySend)?;
    let mut new = NewDelivery::parse(body, ctx.now())?;
    let catalog = crate::audience::catalog(ctx, new.audience.among()).await?;
    new.audience.resolve(&catalog, "/audience")?;
    let problems =
        variant::problems(ctx, &new.parts, &new.variants, &new.uncounted, new.purpose).await?;
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let people = match approval::rules(ctx).await?.above {
        Some(_) => crate::audience::count(ctx, &new.audience, "/audience").await?.count,
        None => 0,
    };
    let wait = approval::need(ctx, people).await?.map(|_| people);
    if wait.is_some() {
        // It can be approved until the time at which it would leave.
        let gates = gate::gates(ctx).await?;
        new.send_at = new.send_at.map(|at| gates.waits(new.purpose, at).unwrap_or(at));
    }
    let short = quota::short(ctx, &new).await?;
    let id = store::delivery::create(ctx, &new, wait).await?;
    platform.outbox_ready.notify_one();
    Ok(Made { id, short })
}

/// What is wrong with the parts, what they fill in included.
async fn content_problems(
    ctx: &Context,
    parts: &[Part],
    voice: impl Into<Voice>,
) -> Result<Vec<Problem>> {
    let voice = voice.into();
    let mut problems = message::check(parts, voice);
    problems.extend(variable_problems(ctx, parts, voice).await?);
    Ok(problems)
}

/// What is wrong with what the parts fill in; most fill in nothing.
async fn variable_problems(ctx: &Context, parts: &[Part], voice: Voice) -> Result<Vec<Problem>> {
    if variable::keys(parts).is_empty() {
        return Ok(Vec::new());
    }
    let catalog = store::attribute::catalog(ctx).await?;
    Ok(variable::problems(parts, &catalog, voice))
}

/// Checks what would be sent.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn check(ctx: &Context, draft: &Draft) -> Result<Check> {
    let mut check = check_for(ctx, draft, gate::department(ctx)).await?;
    check.near = near::nearest(ctx, draft, None, &check).await?;
    Ok(check)
}

/// The same with what is known of the pages to which it leads; with `look` they are asked first,
/// for three seconds at most, where the actor may write.
///
/// # Errors
/// As [`check`].
pub async fn check_with_pages(
    platform: &Platform,
    ctx: &Context,
    draft: &Draft,
    look: bool,
) -> Result<Check> {
    let mut checked = check(ctx, draft).await?;
    let look = look && ctx.allow(domain::permission::Permission::DeliveryWrite).is_ok();
    leads::check(platform, draft, look, &mut checked).await;
    Ok(checked)
}

/// The same for a draft of a department, whoever looks at it.
async fn check_for(ctx: &Context, draft: &Draft, whose: Option<DepartmentId>) -> Result<Check> {
    ctx.allow(domain::permission::Permission::DeliveryRead)?;
    let Draft { parts, variants, uncounted, .. } = draft;
    let problems = variant::problems(ctx, parts, variants, uncounted, draft.purpose).await?;
    let mut check = Check { problems, ..Check::default() };
    check.approval = approval::need(ctx, 0).await?;
    check.switches = store::menu::switches(ctx, draft.purpose).await?;
    check.switch = check.switches.as_ref().and_then(|s| s.switch(draft.switch_to));
    check.warnings.extend(check.switch.map(Switch::words));
    check.problems.extend(variant::missing(ctx, parts, variants).await?);
    check.warnings.extend(domain::delivery::variant::warnings(parts, variants));
    check.problems.extend(title_problem(&draft.title));
    check.problems.extend(draft.send_at.and_then(|at| send_at_problem(at, ctx.now())));
    if let Some(rule) = &draft.recurrence {
        check.problems.extend(recurring::problems(ctx, rule, draft.purpose).await?);
    }
    match &draft.audience {
        None => check.problems.push(Problem::new(
            "/audience",
            "届ける相手が決まっていません。条件を足すか、友だち全員を選んでください",
        )),
        Some(audience) => {
            check.everyone = audience.is_everyone();
            match explore(ctx, audience).await {
                Ok(who) => {
                    check.each = !variable::keys(&draft.parts).is_empty();
                    check.calls = if check.each { who.count } else { (who.count + 499) / 500 };
                    if who.count == 0 {
                        check.problems.push(Problem::new(
                            "/audience",
                            "この条件では、だれにも当てはまりません。条件を見直してください",
                        ));
                    }
                    check.approval = approval::need(ctx, who.count).await?;
                    check.languages = variant::shares(ctx, audience, who.count, variants).await?;
                    check.who = Some(who);
                }
                Err(error) => check.problems.extend(not_counted(error)?),
            }
        }
    }
    let send_at = draft.recurrence.as_ref().map_or(draft.send_at, |r| Some(r.at(r.first)));
    let night = is_night(send_at.unwrap_or_else(|| ctx.now()));
    gate::check(ctx, draft, whose, &mut check).await?;
    match (night, draft.purpose, send_at) {
        (true, Purpose::Emergency, _) => {}
        // It waits, and does not ring.
        (true, ..) if check.quiet.is_some() => {}
        (true, _, None) => {
            check.warnings.push("いまは夜間（21〜7時）です。音が鳴る人がいます".into());
        }
        (true, _, Some(UNDECIDED)) => {}
        (true, _, Some(_)) => {
            check.warnings.push("届ける時刻が夜間（21〜7時）です。音が鳴る人がいます".into());
        }
        (false, ..) => check.passed.push("夜間（21〜7時）ではありません".into()),
    }
    let all = domain::delivery::variant::whole(parts, variants);
    let links = link::found(&all, ctx.store.own(), uncounted);
    if links.iter().any(|l| l.way == link::Way::RunsOn) {
        check.warnings.push(
            "リンクのすぐあとに文字が続いています。ひらけないことがあるので、空白か改行を入れてください".into(),
        );
    }
    if all.iter().any(|p| p.marked(draft.purpose).contains("http://")) {
        check.warnings.push(
            "「http://」のリンクがあります。「https://」のものにできないか確かめてください".into(),
        );
    }
    Ok(check)
}

/// What is wrong with an audience that cannot be counted. Whoever looks at the delivery is told, and
/// can still call it off.
fn not_counted(error: Error) -> Result<Vec<Problem>> {
    match error {
        Error::Invalid(problems) => Ok(problems
            .into_iter()
            .map(|p| Problem::new(format!("/audience{}", p.at), p.message))
            .collect()),
        Error::Conflict(words) => Ok(vec![Problem::new("/audience", words)]),
        Error::Undecryptable(_) | Error::Inconsistent(_) => {
            tracing::error!(%error, "an audience cannot be counted");
            Ok(vec![Problem::new(
                "/audience",
                "保存されている内容を読みとれないため、届く人を数えられません。鍵ファイルとデータベースが合っているかを、システムの担当に確かめてもらってください",
            )])
        }
        error => Err(error),
    }
}

/// Puts a draft on its way. `confirmed` is what the member of staff saw: the head count
/// (typed, for everyone), a striking difference, and whether it waits for the end of the
/// quiet hours.
///
/// # Errors
/// `Invalid`, `Conflict`, `NotFound`, `Forbidden`.
pub async fn send(
    platform: &Platform,
    ctx: &Context,
    id: DeliveryId,
    seen: Timestamp,
    confirmed: impl Into<Confirmed>,
) -> Result<()> {
    let confirmed = confirmed.into();
    let delivery = get(ctx, id).await?;
    let (people, check) = checked(ctx, &delivery, confirmed.people).await?;
    leads::refuse(platform, &delivery).await?;
    gate::confirmed(&check, &delivery, &confirmed)?;
    if let Some(approval::Need::Above(above)) = approval::need(ctx, people).await? {
        return Err(Error::Conflict(format!(
            "{}人をこえる配信には、承認が要ります。ひらき直して、承認を求めてください",
            domain::time::thousands(above)
        )));
    }
    let send_at = gate::decide(ctx, &delivery, &check, &confirmed).await?;
    store::delivery::schedule(ctx, id, seen, send_at).await?;
    platform.outbox_ready.notify_one();
    Ok(())
}

/// Checks a delivery that is about to leave; answers its head count and the check. If that has moved
/// by more than 1 % and more than 10 people since it was confirmed, it is asked again.
async fn checked(ctx: &Context, delivery: &Delivery, confirmed: i64) -> Result<(i64, Check)> {
    let check = check_for(ctx, &gate::leaving(delivery), delivery.department).await?;
    if !check.problems.is_empty() {
        return Err(Error::Invalid(check.problems));
    }
    let count = check.who.as_ref().map_or(0, |w| w.count);
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
    Ok((count, check))
}

/// Sends what a draft holds to the testers, marked 【試験】, in each of its languages: a delivery
/// of its own each. Answers the first, in Japanese.
///
/// # Errors
/// `Invalid` if there is no tester or the content has problems; `NotFound`, `Forbidden`.
pub async fn send_test(platform: &Platform, ctx: &Context, id: DeliveryId) -> Result<DeliveryId> {
    let delivery = get(ctx, id).await?;
    let Delivery { parts, variants, uncounted, .. } = &delivery;
    let problems = variant::problems(ctx, parts, variants, uncounted, Purpose::Test).await?;
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if store::resident::testers(ctx).await?.is_empty() {
        return Err(Error::invalid(
            "testers",
            "試験者がまだいません。「住民」で、職員の友だちを試験者にしてください",
        ));
    }
    let title = |words: &str| -> String {
        format!("{words}：{}", delivery.title).chars().take(domain::delivery::TITLE_MAX).collect()
    };
    let test = store::delivery::create_test(ctx, id, &title("試し送り"), parts, None).await?;
    for variant in variants {
        let title = title(&format!("試し送り（{}）", variant.language.japanese()));
        store::delivery::create_test(ctx, id, &title, parts, Some(variant)).await?;
    }
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

/// Lets a held delivery go on. `confirmed` is what was seen, as in [`send`], of one whose
/// recipients are not fixed yet; whether that waits for the end of the quiet hours stays.
///
/// # Errors
/// `Invalid`, `NotFound`, `Forbidden`, `Conflict`.
pub async fn release(
    platform: &Platform,
    ctx: &Context,
    id: DeliveryId,
    confirmed: impl Into<Confirmed>,
) -> Result<()> {
    let confirmed = confirmed.into();
    let delivery = get(ctx, id).await?;
    // A correction and a test go to whom nobody chooses.
    if delivery.audience.is_some() && delivery.frozen_at.is_none() {
        let (people, check) = checked(ctx, &delivery, confirmed.people).await?;
        leads::refuse(platform, &delivery).await?;
        gate::confirmed(&check, &delivery, &confirmed)?;
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
        "reads": measured::reads_for_systems(store::insight::of(ctx, id).await?.as_ref()),
        "links": measured::links_for_systems(&store::link::of(ctx, id).await?),
        "uncounted": d.uncounted,
        "course": d.course.map(|of| serde_json::json!({
            "id": of.course.to_string(),
            "step": of.due.step,
            "day": of.due.day.iso(),
        })),
        "variants": d.variants.iter().map(|v| (v.language.name(), &v.parts)).collect::<std::collections::BTreeMap<_, _>>(),
        "languages": d.languages.iter().map(|(l, n)| (l.name(), *n)).collect::<std::collections::BTreeMap<_, _>>(),
        "corrections": corrections(ctx, id).await?.iter().map(|c| c.id.to_string()).collect::<Vec<_>>(),
        "counted_by_line": d.counted_by_line,
        "held_reason": d.held_reason,
        "created_at": d.created_at.rfc3339(),
        "send_at": time(d.send_at.filter(|at| *at != UNDECIDED)),
        "frozen_at": time(d.frozen_at),
        "started_at": time(d.started_at),
        "finished_at": time(d.finished_at),
    }))
}
