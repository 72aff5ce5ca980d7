//! Emergencies (MENU-4): switched by hand, by another system or by a delivery, meant or as a
//! drill, and back.
//! What is prepared lies at LINE already, so that a switch links residents and creates
//! nothing.

use super::look::{foreseen as plan_of, read_back};
use super::{InForce, drafts, in_force};
use crate::{Context, Error, Platform, Result};
use domain::id::MenuId;
use domain::menu::publish::Step;
use domain::menu::{DECLARED_SHOWN, Declared, Disaster, Forecast, Kept, Mode, Program};
use domain::permission::{Actor, Permission};
use tokio::sync::watch;

/// How long a call to LINE takes, in milliseconds, many of them on their way at once: what a
/// forecast counts by.
const PACE: u64 = 40;

/// What holds now: meant before a drill.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn now(ctx: &Context) -> Result<Vec<Declared>> {
    store::menu::declared_now(ctx).await
}

/// The record, the last first: the last [`DECLARED_SHOWN`] of it, and one more where there are
/// more.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn history(ctx: &Context) -> Result<Vec<Declared>> {
    store::menu::declared(ctx, i64::from(DECLARED_SHOWN) + 1).await
}

fn prepared(program: Option<&Program>, disaster: Disaster) -> Result<()> {
    if program.is_some_and(|p| p.prepared(disaster).is_some()) {
        Ok(())
    } else {
        Err(Error::invalid(
            "/disaster",
            format!(
                "「{}」の緊急メニューが用意されていません。「出し分け」で用意して、公開してください",
                disaster.label()
            ),
        ))
    }
}

/// Switches to what is prepared for a kind of disaster: everybody, or testers alone in a drill.
///
/// # Errors
/// `Forbidden`; `Invalid` where nothing is prepared for it, and for a drill where nobody tests.
pub async fn declare(
    platform: &Platform,
    ctx: &Context,
    disaster: Disaster,
    mode: Mode,
) -> Result<Declared> {
    ctx.allow(Permission::MenuEmergency)?;
    let program = store::menu::program_in_force(&ctx.acting(Actor::System)).await?;
    prepared(program.as_ref(), disaster)?;
    let declared = store::menu::declare(ctx, disaster, mode).await?;
    platform.menus_ready.notify_one();
    Ok(declared)
}

/// Sets for which kind of disaster an emergency delivery switches by itself; nothing: none
/// does.
///
/// # Errors
/// `Forbidden`; `Invalid` where nothing is prepared for it.
pub async fn set_rule(ctx: &Context, disaster: Option<Disaster>) -> Result<()> {
    ctx.allow(Permission::SettingWrite)?;
    if let Some(disaster) = disaster {
        prepared(store::menu::program_in_force(ctx).await?.as_ref(), disaster)?;
    }
    store::menu::set_rule(ctx, disaster).await
}

/// Back: everybody sees again what they are to see now, with the tab that they had. Answers
/// whether there was anything to end.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn back(platform: &Platform, ctx: &Context, mode: Mode) -> Result<bool> {
    let held = store::menu::end(ctx, mode).await?;
    platform.menus_ready.notify_one();
    Ok(held)
}

/// What the worker has still to do.
///
/// # Errors
/// `Forbidden`; `Conflict` in words where LINE does not answer.
pub async fn forecast(platform: &Platform, ctx: &Context) -> Result<Forecast> {
    ctx.allow(Permission::MenuRead)?;
    let now = in_force(platform, ctx).await?;
    of(platform, ctx, &now).await
}

/// What a switch would cost, before it is made: nothing of a disaster is back. What is declared in
/// the other mode goes on.
///
/// # Errors
/// `Forbidden`; `Invalid` where nothing is prepared for it; `Conflict` in words where LINE
/// does not answer.
pub async fn foreseen(
    platform: &Platform,
    ctx: &Context,
    mode: Mode,
    disaster: Option<Disaster>,
) -> Result<Forecast> {
    ctx.allow(Permission::MenuRead)?;
    let now = in_force(platform, ctx).await?;
    if let Some(disaster) = disaster {
        prepared(now.program.as_ref(), disaster)?;
    }
    of(platform, ctx, &now.with_declared(mode, disaster, ctx.now())).await
}

/// What publishing the draft of a menu would cost, and what is still to be done beside it.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` in words where LINE does not answer.
pub async fn foreseen_publication(
    platform: &Platform,
    ctx: &Context,
    id: MenuId,
) -> Result<Forecast> {
    let draft = store::menu::get(ctx, id).await?.draft;
    let now = in_force(platform, ctx).await?;
    of(platform, ctx, &now.with_menu(id, draft)).await
}

/// What publishing the draft of the program would cost, with what has to be published with it.
///
/// # Errors
/// `Forbidden`; `Conflict` in words where LINE does not answer.
pub async fn foreseen_program(platform: &Platform, ctx: &Context) -> Result<Forecast> {
    let draft = store::menu::program(ctx).await?.draft;
    let mut now = in_force(platform, ctx).await?.with_program(draft);
    for Kept { summary, draft, .. } in drafts(ctx).await? {
        now = now.with_menu(summary.id, draft);
    }
    of(platform, ctx, &now).await
}

/// What it would cost to let testers try out the draft of the program.
///
/// # Errors
/// `Forbidden`; `Conflict` in words where LINE does not answer.
pub async fn foreseen_program_trial(platform: &Platform, ctx: &Context) -> Result<Forecast> {
    let draft = store::menu::program(ctx).await?.draft;
    let now = in_force(platform, ctx).await?;
    of(platform, ctx, &now.with_tried(draft)).await
}

async fn of(platform: &Platform, ctx: &Context, now: &InForce) -> Result<Forecast> {
    let ctx = &ctx.acting(Actor::System);
    // Whoever looks at a page waits for it.
    let (_never, mut stop) = watch::channel(false);
    let live = read_back(platform, ctx, now, false, &mut stop).await?.map_err(Error::Conflict)?;
    let (plan, desired, friends) = plan_of(ctx, now, &live).await?;
    let cost = plan.cost(store::menu::spent(ctx).await?, PACE);
    // By the default changes who has no menu of their own.
    let default = |step: &Step| matches!(step, Step::SetDefault { .. } | Step::ClearDefault);
    let same = !plan.steps.iter().any(default);
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let friends = count(friends.len());
    let linked = i64::try_from(cost.residents).unwrap_or(i64::MAX);
    let given = plan.steps.iter().map(|step| match step {
        Step::Link { residents, .. } => residents.len(),
        _ => 0,
    });
    let given = i64::try_from(given.sum::<usize>()).unwrap_or(i64::MAX);
    let own = i64::try_from(desired.links.len()).unwrap_or(i64::MAX);
    // Who loses a menu of their own has none then, and sees the default, too.
    let affected = if same { linked } else { (friends - own + given).min(friends) };
    Ok(Forecast::of(&plan, cost, friends, affected.max(linked)))
}
