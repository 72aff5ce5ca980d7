//! 休みの日: the national holidays, put in by rule, and the city's own; staff may change
//! both. What they change moves the next time of every series (くり返し).

use crate::db::{exec, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::holiday::{DayOff, Holidays, national, problems};
use domain::permission::Permission;
use domain::time::Date;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Days that can be added at once.
pub const AT_ONCE: i64 = 31;

#[derive(FromQueryResult)]
struct Row {
    day: i64,
    name: String,
    by_rule: bool,
    removed: bool,
}

async fn between<C: ConnectionTrait>(db: &C, from: Date, until: Date) -> Result<Vec<DayOff>> {
    let sql = "SELECT day, name, by_rule, removed FROM holiday WHERE day >= $1 AND day <= $2 ORDER BY day";
    let found: Vec<Row> = rows(db, sql, values![from.days(), until.days()]).await?;
    Ok(found
        .into_iter()
        .map(|r| DayOff {
            date: Date::from_days(r.day),
            name: r.name,
            by_rule: r.by_rule,
            removed: r.removed,
        })
        .collect())
}

const FIRST: Date = Date { year: 2000, month: 1, day: 1 };
const LAST: Date = Date { year: 2099, month: 12, day: 31 };

/// The list of a year, what was taken out included.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context, year: i32) -> Result<Vec<DayOff>> {
    ctx.allow(Permission::DeliveryRead)?;
    let day = |month, day| Date { year, month, day };
    between(ctx.store.read(), day(1, 1), day(12, 31)).await
}

/// All days off, to reckon with.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn known(ctx: &Context) -> Result<Holidays> {
    ctx.allow(Permission::DeliveryRead)?;
    known_in(ctx.store.read()).await
}

pub(crate) async fn known_in<C: ConnectionTrait>(db: &C) -> Result<Holidays> {
    Ok(Holidays::new(between(db, FIRST, LAST).await?))
}

/// Puts the national holidays of this year and the next two into the list; what is
/// there already, or was taken out, stays as it is.
///
/// # Errors
/// If the database is away.
pub async fn seed(ctx: &Context) -> Result<()> {
    let this = ctx.now().date().year;
    let tx = ctx.store.begin().await?;
    for (date, name) in (this..=this + 2).flat_map(national) {
        let sql = "INSERT INTO holiday (day, name, by_rule, removed) VALUES ($1, $2, TRUE, FALSE) ON CONFLICT (day) DO NOTHING";
        exec(&tx, sql, values![date.days(), name]).await?;
    }
    Ok(tx.commit().await?)
}

/// Adds days off of the city's own, from `first` to `last`; days that are off already
/// keep their names. Answers how many were added.
///
/// # Errors
/// `Invalid`, `Forbidden`.
pub async fn add(
    ctx: &Context,
    first: Option<Date>,
    last: Option<Date>,
    name: &str,
) -> Result<u64> {
    ctx.allow(Permission::SettingWrite)?;
    let name = name.trim();
    let mut wrong = problems(first, name);
    let (from, to) = (first.unwrap_or(FIRST), last.or(first).unwrap_or(FIRST));
    if wrong.is_empty() && !(0..AT_ONCE).contains(&(to.days() - from.days())) {
        wrong.push(domain::problem::Problem::new(
            "last",
            format!("終わりの日は、始まりの日から{AT_ONCE}日以内にしてください"),
        ));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let tx = ctx.store.begin().await?;
    let before = known_in(&tx).await?;
    let mut added = 0;
    for day in from.days()..=to.days() {
        let sql = "INSERT INTO holiday (day, name, by_rule, removed) VALUES ($1, $2, FALSE, FALSE)
            ON CONFLICT (day) DO UPDATE SET name = excluded.name, removed = FALSE WHERE holiday.removed";
        added += exec(&tx, sql, values![day, name]).await?;
    }
    if added == 0 {
        return Err(Error::invalid("date", "その日は、もう休みの日に入っています"));
    }
    let object = format!("holiday:{}", from.iso());
    let line = Line::ok("holiday.create", object).count(i64::try_from(added).unwrap_or(0));
    ledger::append(ctx, &tx, line).await?;
    crate::delivery::recurring::replan(ctx, &tx, &before).await?;
    tx.commit().await?;
    Ok(added)
}

/// Takes a day out of the list, or puts it back.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn remove(ctx: &Context, date: Date, removed: bool) -> Result<()> {
    ctx.allow(Permission::SettingWrite)?;
    let tx = ctx.store.begin().await?;
    let before = known_in(&tx).await?;
    let sql = "UPDATE holiday SET removed = $1 WHERE day = $2";
    if exec(&tx, sql, values![removed, date.days()]).await? == 0 {
        return Err(Error::NotFound);
    }
    ledger::append(ctx, &tx, Line::ok("holiday.update", format!("holiday:{}", date.iso()))).await?;
    crate::delivery::recurring::replan(ctx, &tx, &before).await?;
    Ok(tx.commit().await?)
}
