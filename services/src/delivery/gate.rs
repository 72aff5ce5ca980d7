//! What stands between a draft and the phones: quiet hours, the budget of a resident, and
//! the last similar delivery. Emergencies and corrections pass all of it.

use crate::{Context, Error, Platform, Result};
use domain::audience::{Audience, Resolved};
use domain::delivery::compare::{Compared, most_similar};
use domain::delivery::gate::{Beside, Budget, Confirmed, Gates, Quiet, binds};
use domain::delivery::{Check, Delivery, Draft, Purpose, Status, UNDECIDED};
use domain::id::DepartmentId;
use domain::permission::Actor;
use domain::problem::Problem;
use domain::time::{Timestamp, thousands};

pub use store::delivery::gate::gates;

/// Sets what the city has decided.
///
/// # Errors
/// `Invalid` at `quiet` and `budget`; `Forbidden`.
pub async fn set_gates(ctx: &Context, gates: Gates) -> Result<()> {
    mended(gates)?;
    store::delivery::gate::set_gates(ctx, gates).await
}

/// Sets the quiet hours; the budget stays, whoever has set it meanwhile.
///
/// # Errors
/// As [`set_gates`].
pub async fn set_quiet(ctx: &Context, quiet: Option<Quiet>) -> Result<Gates> {
    mended(Gates { quiet, budget: None })?;
    store::delivery::gate::set_quiet(ctx, quiet).await
}

/// Sets the budget; the quiet hours stay, whoever has set them meanwhile.
///
/// # Errors
/// As [`set_gates`].
pub async fn set_budget(ctx: &Context, budget: Option<Budget>) -> Result<Gates> {
    mended(Gates { quiet: None, budget })?;
    store::delivery::gate::set_budget(ctx, budget).await
}

fn mended(gates: Gates) -> Result<()> {
    let problems = gates.problems();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// When a draft would begin: a series with its first time.
pub(super) fn begins(draft: &Draft, now: Timestamp) -> Option<Timestamp> {
    match &draft.recurrence {
        Some(rule) => Some(rule.at(rule.first)),
        None => Some(draft.send_at.unwrap_or(now)).filter(|at| *at != UNDECIDED),
    }
}

/// Adds to a check of a draft what the gates say of it. `whose`: the department that sends.
pub(super) async fn check(
    ctx: &Context,
    draft: &Draft,
    whose: Option<DepartmentId>,
    check: &mut Check,
) -> Result<()> {
    let gates = gates(ctx).await?;
    let now = ctx.now();
    check.quiet = begins(draft, now).and_then(|at| gates.waits(draft.purpose, at));
    if let (Some(end), Some(quiet)) = (check.quiet, gates.quiet) {
        check.warnings.push(waiting_words(quiet, end, draft.recurrence.is_some()));
    }
    let (Some(audience), Some(who)) = (&draft.audience, &check.who) else { return Ok(()) };
    let people = who.count;
    let resolved =
        audience.resolve(&crate::audience::catalog(ctx, audience.among()).await?, "/audience")?;
    budget(ctx, draft.purpose, &resolved, gates.budget, check).await?;
    unknown_friends(ctx, draft, check).await?;
    compare(ctx, draft, audience, whose, people, check).await?;
    super::quota::check(ctx, draft, check).await
}

/// Whether what is for everyone goes to the friends that we know alone, as the freeze would decide it
/// now: where LINE does not tell who is a friend, only its broadcast reaches all, and spares nobody.
async fn unknown_friends(ctx: &Context, draft: &Draft, check: &mut Check) -> Result<()> {
    if !check.everyone || !crate::resident::refused_by_line(ctx).await? {
        return Ok(());
    }
    let only = "システムがまだ知らない友だち（登録も、メッセージのやりとりもない人）には届きません";
    if check.each || !draft.variants.is_empty() {
        check.only_known = true;
        check.warnings.push(format!("LINEの友だちの一覧を使えないため、{only}"));
    } else if check.over > 0 || store::delivery::has_unwilling(ctx, draft.purpose).await? {
        check.only_known = true;
        check.warnings.push(format!(
            "LINEの友だちの一覧を使えません。受け取りを休んでいる人、緊急だけの人、受け取る数の上限に達した人のどれかがいるので、その人たちを除いて送ります。{only}"
        ));
    } else {
        let later = match draft.purpose {
            Purpose::Notice | Purpose::Drill => {
                "。送り始めるまでに、受け取りを休む人などが出ると、その人たちを除いて、システムが知っている友だちだけに送ります"
            }
            Purpose::Emergency | Purpose::Test => "",
        };
        check.unsure.push(format!(
            "LINEの友だちの一覧を使えないため、LINEの一斉配信で送ります。システムがまだ知らない友だちにも届くので、届く人は、出ている人数より多いことがあります{later}"
        ));
    }
    Ok(())
}

/// That it waits until the quiet hours are over.
fn waiting_words(quiet: Quiet, end: Timestamp, repeats: bool) -> String {
    let hours = quiet.words();
    if repeats {
        format!(
            "毎回、静かな時間（{hours}）にかかります。終わりの {}まで待って届けます",
            end.time_of_day()
        )
    } else {
        format!("静かな時間（{hours}）にかかります。{}まで待って届けます", end.day_and_time())
    }
}

async fn budget(
    ctx: &Context,
    purpose: Purpose,
    resolved: &Resolved,
    budget: Option<Budget>,
    check: &mut Check,
) -> Result<()> {
    let enough = |budget| store::delivery::fatigue::live(ctx, resolved, purpose, budget);
    match budget {
        Some(budget) => {
            check.over = enough(budget).await?;
            let words = budget.words();
            if check.over > 0 {
                check.warnings.push(format!(
                    "{}人は、受け取る数の上限（{words}）に達しているため、届きません",
                    thousands(check.over)
                ));
            } else if binds(purpose) {
                check.passed.push(format!("受け取る数の上限（{words}）に達した人はいません"));
            }
        }
        None => {
            let often = enough(Budget::OFTEN).await?;
            if often > 0 {
                check.warnings.push(format!(
                    "{}人は、この{}日に{}通以上受け取っています。多すぎないか確かめてください",
                    thousands(often),
                    Budget::OFTEN.days,
                    Budget::OFTEN.messages
                ));
            }
        }
    }
    Ok(())
}

async fn compare(
    ctx: &Context,
    draft: &Draft,
    audience: &Audience,
    whose: Option<DepartmentId>,
    people: i64,
    check: &mut Check,
) -> Result<()> {
    let found = store::delivery::gate::former(ctx, whose, draft.purpose).await?;
    let Some(former) = most_similar(&draft.title, audience, found) else { return Ok(()) };
    let compared = Compared::of(former, people, check.everyone);
    if compared.striking {
        check.warnings.push(format!("{}。相手が合っているか確かめてください", compared.words()));
    } else {
        check.passed.push(compared.words());
    }
    check.compared = Some(compared);
    Ok(())
}

/// The department in whose name somebody writes.
pub(super) fn department(ctx: &Context) -> Option<DepartmentId> {
    match &ctx.actor {
        Actor::Staff { department, .. } => Some(*department),
        _ => None,
    }
}

/// Refuses what was not seen: a striking difference, or a month at LINE that does not suffice,
/// without its tick; a reason for the night that is none.
pub(super) fn confirmed(check: &Check, delivery: &Delivery, confirmed: &Confirmed) -> Result<()> {
    let ticked = |at: &str, words: String| {
        Problem::new(at, format!("{words}。確かめて、印をつけてください"))
    };
    let strikes = check.strikes(delivery.purpose).filter(|_| !confirmed.differs);
    let short = check.too_few(delivery.purpose).filter(|_| !confirmed.short);
    let problems: Vec<Problem> = confirmed
        .problem()
        .into_iter()
        .chain(strikes.map(|compared| ticked("differs", compared.words())))
        .chain(short.map(|short| ticked("short", short.words())))
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Keeps whether a draft that is being confirmed waits for the end of the quiet hours;
/// answers the time at which it is to begin.
pub(super) async fn decide(
    ctx: &Context,
    delivery: &Delivery,
    check: &Check,
    confirmed: &Confirmed,
) -> Result<Option<Timestamp>> {
    // A reason is kept only where there is something to leave out.
    let night = confirmed.night.as_deref().filter(|_| check.quiet.is_some());
    store::delivery::gate::decide_night(ctx, delivery.id, night).await?;
    Ok(match (night, check.quiet) {
        (None, Some(end)) if delivery.recurrence.is_none() => Some(end),
        _ => delivery.send_at,
    })
}

/// Until when a delivery waits that begins at a time, unless its sender said that it may ring
/// at night. What goes to testers and corrections never waits.
///
/// # Errors
/// If the database is away.
pub(crate) async fn waits_at(
    ctx: &Context,
    delivery: &Delivery,
    at: Timestamp,
) -> Result<Option<Timestamp>> {
    if delivery.corrects.is_some() || delivery.audience.is_none() {
        return Ok(None);
    }
    let until = gates(ctx).await?.waits(delivery.purpose, at);
    if until.is_none() || store::delivery::gate::night(ctx, delivery.id).await?.is_some() {
        return Ok(None);
    }
    Ok(until)
}

/// Whether a delivery that is due waits until the quiet hours are over: then it does so
/// from now on.
///
/// # Errors
/// If the database is away.
pub(crate) async fn postponed(ctx: &Context, delivery: &Delivery) -> Result<bool> {
    let Some(until) = waits_at(ctx, delivery, ctx.now()).await? else { return Ok(false) };
    store::delivery::gate::postpone(ctx, delivery.id, until).await?;
    Ok(true)
}

/// Until when a delivery that waits for approval would wait for the end of the quiet hours,
/// if it were approved now.
pub(super) async fn waits(ctx: &Context, delivery: &Delivery) -> Result<Option<Timestamp>> {
    if delivery.recurrence.is_some() {
        return Ok(None);
    }
    quiet(ctx, delivery).await
}

/// The same of one that is approved or let go now, as [`beside`] says it; of a series, its first
/// time.
///
/// # Errors
/// If the database is away.
pub async fn quiet(ctx: &Context, delivery: &Delivery) -> Result<Option<Timestamp>> {
    match begins(&leaving(delivery), ctx.now()) {
        Some(at) => waits_at(ctx, delivery, at).await,
        None => Ok(None),
    }
}

/// What is checked of a delivery: one that is held leaves when it is let go.
pub(super) fn leaving(delivery: &Delivery) -> Draft {
    let draft = Draft::from(delivery);
    match delivery.status {
        Status::Held => Draft { send_at: None, recurrence: None, ..draft },
        _ => draft,
    }
}

/// What somebody sees of a delivery that waits for them, to be approved or let go: the same as
/// its author, and what is known of the pages to which it leads.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn beside(platform: &Platform, ctx: &Context, delivery: &Delivery) -> Result<Beside> {
    let draft = leaving(delivery);
    let mut check = super::check_for(ctx, &draft, delivery.department).await?;
    // A page may have been mended since it was asked: whoever presses asks it anew.
    let own = check.problems.len();
    super::leads::check(platform, &draft, false, &mut check).await;
    check.warnings.extend(check.problems.drain(own..).map(|page| page.message));
    // The page says itself that the time has passed (`overdue`), in words that stay the same.
    check.problems.retain(|p| p.at != "/send_at");
    let night = store::delivery::gate::night(ctx, delivery.id).await?;
    if night.is_some()
        && let (Some(end), Some(quiet)) = (check.quiet.take(), gates(ctx).await?.quiet)
    {
        let waiting = waiting_words(quiet, end, draft.recurrence.is_some());
        check.warnings.retain(|words| *words != waiting);
    }
    check.near = super::near::nearest(ctx, &draft, Some(delivery.id), &check).await?;
    Ok(Beside { check, night })
}
