//! Rich menus (MENU-1 to MENU-5): written, published, switched by residents and in
//! emergencies, brought to LINE, counted.

mod act;
mod carry;
mod emergency;
mod link;
mod look;
mod outcome;
mod sample;
mod tap;
mod who;
mod worker;

use crate::{Context, Error, Result, audience};
use domain::id::MenuId;
use domain::menu::{Existing, Menu, Program};
use domain::permission::{Actor, Permission};

pub use act::{after_registration, came, postback, registered, said};
pub use emergency::{
    back, declare, forecast, foreseen, foreseen_program, foreseen_publication, history, now,
};
pub use tap::{count as count_tap, flush as flush_taps, taps, taps_csv};
pub use who::{Cache, Evaluated, InForce, in_force, seen_by};
pub use worker::{run, take_up};

pub use domain::menu::{Declared, Filter, Forecast, Kept, KeptProgram, Menus, Publishing};
pub use store::menu::{
    archive, copy, end_trial, get, list, names, program, publish, rename, save, save_program,
    try_out, unarchive, version, versions,
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

/// What there is for areas to lead to, as far as it is known.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn existing(ctx: &Context) -> Result<Existing> {
    ctx.allow(Permission::MenuRead)?;
    Ok(Existing::default())
}

/// Publishes the draft of the program of version `seen`.
///
/// # Errors
/// `Forbidden`; `Invalid` with what is wrong with it; `Conflict` if it was saved since, or
/// names a menu that is not published.
pub async fn publish_program(ctx: &Context, seen: i64) -> Result<()> {
    let draft = store::menu::program(ctx).await?.draft;
    let named = draft.as_ref().map(|p| audience::named(audiences(p))).unwrap_or_default();
    let catalog = audience::catalog(ctx, named).await?;
    store::menu::publish_program(ctx, seen, &catalog).await
}

/// Every audience of a program.
pub(crate) fn audiences(program: &Program) -> impl Iterator<Item = &domain::audience::Audience> {
    let prepared = program.emergencies.iter().flat_map(|e| &e.variants);
    program.variants.iter().chain(prepared).map(|v| &v.audience)
}

/// What the worker does.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn publishing(ctx: &Context) -> Result<Publishing> {
    ctx.allow(Permission::MenuRead)?;
    let kept = store::setting::get(ctx, domain::menu::PUBLISHING).await?;
    Ok(kept.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
}
