//! The draft of the program that testers try out before it is published (RES-6). What they
//! choose and set off meanwhile is kept with it, so that they get back what they had.

use super::standing::{self, Chosen};
use super::{change, emergency, json, program, read};
use crate::db::{exec, number, one, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, setting, values};
use domain::attribute::Catalog;
use domain::id::{MenuId, ResidentId};
use domain::menu::{Program, ProgramTrial, TRIAL_HOURS};
use domain::permission::Permission;
use domain::time::{HOUR, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is said where nobody tests.
pub const NO_TESTERS: &str = "試験者がまだいません。「住民」で、職員の友だちを試験者にしてください";
/// The setting that holds the trial.
const TRIAL: &str = "menu.trial";

#[derive(Serialize, Deserialize)]
struct Trial {
    program: Program,
    began_at: Timestamp,
    began_by: String,
    until: Timestamp,
    /// By the testers' ids.
    chosen: BTreeMap<i64, Chosen>,
}

async fn kept<C: ConnectionTrait>(db: &C) -> Result<Option<Trial>> {
    let kept = setting::get_in(db, TRIAL).await?;
    kept.map(|json| read(&json, TRIAL)).transpose()
}

/// The trial, while it lasts.
async fn lasting<C: ConnectionTrait>(ctx: &Context, db: &C) -> Result<Option<Trial>> {
    Ok(kept(db).await?.filter(|t| ctx.now() < t.until))
}

/// Whether its time is over, and nobody has ended it.
async fn is_late<C: ConnectionTrait>(ctx: &Context, db: &C) -> Result<bool> {
    Ok(kept(db).await?.is_some_and(|t| t.until <= ctx.now()))
}

/// Shows the draft of the program of version `seen` to testers alone, for so many hours. The
/// trial of a menu ends: they would see nothing else.
///
/// # Errors
/// As [`super::publish_program`]; `Invalid` where nobody tests, or for other hours than
/// [`TRIAL_HOURS`]; `Conflict` where no program is published yet.
pub async fn try_program(ctx: &Context, seen: i64, catalog: &Catalog, hours: u32) -> Result<()> {
    ctx.allow(Permission::MenuPublish)?;
    if !TRIAL_HOURS.contains(&hours) {
        return Err(Error::invalid("/hours", "確かめる長さを選び直してください"));
    }
    #[derive(FromQueryResult)]
    struct Tried {
        trial_of: i64,
    }
    let tx = ctx.store.begin().await?;
    let program = program::sound(&tx, seen, catalog).await?;
    if program::in_force_in(&tx).await?.is_none() {
        return Err(Error::Conflict(
            "まだ公開した出し分けがありません。はじめは公開してください".into(),
        ));
    }
    if testers(&tx).await? == 0 {
        return Err(Error::invalid("testers", NO_TESTERS));
    }
    let trial = Trial {
        program,
        began_at: ctx.now(),
        began_by: emergency::who(ctx, &tx).await?,
        until: ctx.now().plus(i64::from(hours) * HOUR),
        chosen: BTreeMap::new(),
    };
    setting::set_in(&tx, TRIAL, &json(&trial)?).await?;
    let sql = "UPDATE menu SET status = 'archived' WHERE trial_of IS NOT NULL AND status <> 'archived' RETURNING trial_of";
    for tried in rows::<Tried, _>(&tx, sql, vec![]).await? {
        change::note(ctx, &tx, "menu.try_end", MenuId(tried.trial_of)).await?;
    }
    program::moved(&tx).await?;
    ledger::append(ctx, &tx, Line::ok("menu.program_try", "menu:program")).await?;
    Ok(tx.commit().await?)
}

/// Ends the trial of the program; where there is none, nothing happens.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn end_program_trial(ctx: &Context) -> Result<()> {
    ctx.allow(Permission::MenuPublish)?;
    let tx = ctx.store.begin().await?;
    if over(&tx).await? {
        program::moved(&tx).await?;
        ledger::append(ctx, &tx, Line::ok("menu.program_try_end", "menu:program")).await?;
    }
    Ok(tx.commit().await?)
}

/// Ends the trial of the program if its time is over, so that the ledger tells of that, too.
///
/// # Errors
/// If the database is away.
pub async fn end_late_trial(ctx: &Context) -> Result<()> {
    if !is_late(ctx, ctx.store.read()).await? {
        return Ok(());
    }
    let tx = ctx.store.begin().await?;
    hold(&tx).await?;
    if is_late(ctx, &tx).await? && over(&tx).await? {
        ledger::append(ctx, &tx, Line::ok("menu.program_try_end", "menu:program")).await?;
    }
    Ok(tx.commit().await?)
}

/// Whoever changes the trial waits until this transaction is over; answers whether there is one.
async fn hold<C: ConnectionTrait>(db: &C) -> Result<bool> {
    Ok(exec(db, "UPDATE setting SET value = value WHERE key = $1", values![TRIAL]).await? > 0)
}

/// Forgets the trial, in the caller's transaction; answers whether there was one.
pub(super) async fn over<C: ConnectionTrait>(db: &C) -> Result<bool> {
    Ok(exec(db, "DELETE FROM setting WHERE key = $1", values![TRIAL]).await? > 0)
}

/// The program that testers try out.
pub(super) async fn tried<C: ConnectionTrait>(ctx: &Context, db: &C) -> Result<Option<Program>> {
    Ok(lasting(ctx, db).await?.map(|trial| trial.program))
}

/// The program that testers try out, and when that ends by itself.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn program_tried(ctx: &Context) -> Result<Option<(Program, Timestamp)>> {
    ctx.allow(Permission::MenuRead)?;
    let trial = lasting(ctx, ctx.store.read()).await?;
    Ok(trial.map(|t| (t.program, t.until)))
}

/// The trial as staff are told of it.
pub(super) async fn told<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
) -> Result<Option<ProgramTrial>> {
    #[derive(FromQueryResult)]
    struct Last {
        name: String,
    }
    let Some(trial) = lasting(ctx, db).await? else { return Ok(None) };
    let sql = "SELECT name FROM menu WHERE trial_of IS NOT NULL AND status = 'published' ORDER BY updated_at DESC, id DESC LIMIT 1";
    Ok(Some(ProgramTrial {
        began_at: trial.began_at,
        began_by: trial.began_by,
        until: trial.until,
        instead: one::<Last, _>(db, sql, vec![]).await?.map(|last| last.name),
    }))
}

/// How many friends try things out for the city.
pub(super) async fn testers<C: ConnectionTrait>(db: &C) -> Result<i64> {
    number(db, "SELECT COUNT(*) AS n FROM resident WHERE tester AND friend", vec![]).await
}

/// What testers have chosen and set off since the trial began, by their ids.
pub(super) async fn chosen<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
) -> Result<BTreeMap<i64, Chosen>> {
    Ok(lasting(ctx, db).await?.map(|t| t.chosen).unwrap_or_default())
}

/// Keeps what a tester does with the trial, in the caller's transaction; answers false where
/// there is none, or where they are no tester.
pub(super) async fn did<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    resident: ResidentId,
    act: impl FnOnce(&mut Chosen),
) -> Result<bool> {
    if !hold(db).await? {
        return Ok(false);
    }
    let Some(mut trial) = lasting(ctx, db).await? else { return Ok(false) };
    let sql = "SELECT COUNT(*) AS n FROM resident WHERE id = $1 AND tester";
    if number(db, sql, values![resident.0]).await? == 0 {
        return Ok(false);
    }
    let mut chosen = match trial.chosen.get(&resident.0) {
        Some(chosen) => *chosen,
        None => standing::chosen(db, resident).await?,
    };
    act(&mut chosen);
    trial.chosen.insert(resident.0, chosen);
    setting::set_in(db, TRIAL, &json(&trial)?).await?;
    Ok(true)
}
