//! Rich menus (MENU-1 to MENU-5): written, published, switched by residents and in
//! emergencies, brought to LINE, counted.

mod act;
mod carry;
mod emergency;
mod insight;
mod link;
mod look;
mod outcome;
mod page;
mod paint;
mod sample;
mod sweep;
mod tap;
mod who;
mod worker;

use crate::{Context, Error, Platform, Result, audience};
use domain::attribute::Catalog;
use domain::id::MenuId;
use domain::menu::program::Variant;
use domain::menu::{Menu, Program, Status, Unpublished};
use domain::permission::{Actor, Permission};

pub(crate) use act::after_registration;
pub use act::{answered, came, postback, said};
pub use emergency::{
    back, declare, forecast, foreseen, foreseen_program, foreseen_program_trial,
    foreseen_publication, history, now, set_rule,
};
pub use insight::{collect_figures, line_figures, look_at_figures};
pub use page::{look_at_pages, watch_pages};
pub(crate) use paint::font;
pub use tap::{count as count_tap, count_opened, flush as flush_taps, taps, taps_file};
pub use who::{Cache, Evaluated, InForce, in_force, preview, seen_by};
pub use worker::{run, take_up};

pub use domain::menu::{Declared, Filter, Forecast, Kept, KeptProgram, Menus, Publishing};
pub use store::menu::{
    archive, copy, delete, drilled, end_program_trial, end_trial, existing, figures, get, list,
    names, program, rename, rule, save, save_program, unarchive, usage, version, versions,
};

/// Begins a menu of one sheet for the actor's department.
///
/// # Errors
/// `Invalid` where it has no name; `Forbidden`; `NotFound` unless a member of staff acts.
pub async fn create(ctx: &Context, name: &str) -> Result<MenuId> {
    ctx.allow(Permission::MenuWrite)?;
    // Who belongs to no department has none to give it to.
    let Actor::Staff { department, .. } = ctx.actor else { return Err(Error::NotFound) };
    store::menu::create(ctx, &Menu::new(name, department)).await
}

/// Publishes the draft of version `seen`, if every sheet can be painted.
///
/// # Errors
/// As [`store::menu::publish`]; `Invalid` with what cannot be painted, by sheet.
pub async fn publish(platform: &Platform, ctx: &Context, id: MenuId, seen: i64) -> Result<()> {
    paint::try_all(platform, ctx, Permission::MenuPublish, id, seen).await?;
    store::menu::publish(ctx, id, seen).await
}

/// Shows the draft of version `seen` to testers alone, if every sheet can be painted (RES-6).
///
/// # Errors
/// As [`publish`]; `Invalid` where nobody tests.
pub async fn try_out(platform: &Platform, ctx: &Context, id: MenuId, seen: i64) -> Result<()> {
    paint::try_all(platform, ctx, Permission::MenuWrite, id, seen).await?;
    if store::menu::program(ctx).await?.testers == 0 {
        return Err(Error::invalid("testers", store::menu::NO_TESTERS));
    }
    store::menu::try_out(ctx, id, seen).await
}

/// Publishes the draft of the program of version `seen`.
///
/// # Errors
/// `Forbidden`; `Invalid` with what is wrong with it; `Conflict` if it was saved since, or
/// names a menu that is not published.
pub async fn publish_program(ctx: &Context, seen: i64) -> Result<()> {
    store::menu::publish_program(ctx, seen, &draft_catalog(ctx).await?).await
}

/// What the draft of the program names and was never published.
async fn drafts(ctx: &Context) -> Result<Vec<Kept>> {
    let program = store::menu::program(ctx).await?.draft;
    let mut drafts = Vec::new();
    for id in program.map(|p| p.menus()).unwrap_or_default() {
        match store::menu::get(ctx, id).await {
            Ok(kept) if kept.summary.status == Status::Draft => drafts.push(kept),
            // What is gone or put away is a problem of the program itself.
            Ok(_) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(drafts)
}

/// What has to be published with the draft of the program.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn unpublished(ctx: &Context) -> Result<Vec<Unpublished>> {
    let existing = store::menu::existing(ctx).await?;
    let mut all = Vec::new();
    for Kept { summary, draft, .. } in drafts(ctx).await? {
        let drilled = store::menu::drilled(ctx, summary.id).await?;
        let fits =
            draft.problems_as(drilled).is_empty() && draft.broken_problems(&existing).is_empty();
        let (id, name, version) = (summary.id, summary.name, summary.version);
        all.push(Unpublished { id, name, version, fits, may_publish: summary.may_publish });
    }
    Ok(all)
}

/// Publishes menus, each with the version of its draft, and the draft of the program of version
/// `seen`: all of it or nothing.
///
/// # Errors
/// As [`publish`] with the name of the menu, and as [`publish_program`].
pub async fn publish_program_with(
    platform: &Platform,
    ctx: &Context,
    seen: i64,
    menus: &[(MenuId, i64)],
) -> Result<()> {
    for (id, version) in menus {
        let name = store::menu::get(ctx, *id).await?.summary.name;
        let painted = paint::try_all(platform, ctx, Permission::MenuPublish, *id, *version).await;
        painted.map_err(|error| store::menu::refused(&name, error))?;
    }
    store::menu::publish_program_with(ctx, seen, &draft_catalog(ctx).await?, menus).await
}

/// Shows the draft of the program of version `seen` to testers alone, for so many hours (RES-6).
///
/// # Errors
/// As [`store::menu::try_program`].
pub async fn try_program(ctx: &Context, seen: i64, hours: u32) -> Result<()> {
    store::menu::try_program(ctx, seen, &draft_catalog(ctx).await?, hours).await
}

/// The catalog that knows what the draft of the program names.
async fn draft_catalog(ctx: &Context) -> Result<Catalog> {
    let draft = store::menu::program(ctx).await?.draft;
    let named = draft.as_ref().map(|p| audience::named(audiences(p))).unwrap_or_default();
    audience::catalog(ctx, named).await
}

/// Every variant of a program.
pub(crate) fn variants(program: &Program) -> impl Iterator<Item = &Variant> {
    let prepared = program.emergencies.iter().flat_map(|e| &e.variants);
    program.variants.iter().chain(prepared)
}

/// Every audience of a program.
pub(crate) fn audiences(program: &Program) -> impl Iterator<Item = &domain::audience::Audience> {
    variants(program).map(|v| &v.audience)
}

/// What the worker does.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn publishing(ctx: &Context) -> Result<Publishing> {
    ctx.allow(Permission::MenuRead)?;
    let kept = store::setting::get(ctx, domain::menu::PUBLISHING).await?;
    let mut said: Publishing =
        kept.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    // Published or declared a moment ago: the worker has not looked yet.
    if said.doing == domain::menu::Doing::Idle
        && said.epoch != store::menu::epoch(ctx).await?
        && store::menu::program_in_force(ctx).await?.is_some()
    {
        (said.doing, said.words) = (domain::menu::Doing::Working, "変更を取りこんでいます".into());
    }
    Ok(said)
}
