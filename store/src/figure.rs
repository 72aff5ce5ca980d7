//! Figures by day: friends and registrations over time (RES-4).

use crate::db::{exec, number, one, rows};
use crate::{Context, Result, values};
use domain::id::ChoiceId;
use domain::permission::Permission;
use domain::time::Date;
use sea_orm::FromQueryResult;

/// How things stand now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Now {
    /// Friends.
    pub friends: i64,
    /// Friends who registered.
    pub registered: i64,
    /// Known, but no longer friends.
    pub unfollowed: i64,
}

/// One day of a figure: `friends`, `registered`, `unfollowed` (states at the last
/// count of the day), `followed` (during the day), `choice:<id>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// Which figure.
    pub name: String,
    /// Its value.
    pub value: i64,
}

/// Counts the present state from the rows.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn now(ctx: &Context) -> Result<Now> {
    ctx.allow(Permission::AudienceRead)?;
    let sql = "SELECT CAST(COALESCE(SUM(CASE WHEN friend THEN 1 ELSE 0 END), 0) AS BIGINT) AS friends,
        CAST(COALESCE(SUM(CASE WHEN friend AND registered_at IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS registered,
        CAST(COALESCE(SUM(CASE WHEN friend THEN 0 ELSE 1 END), 0) AS BIGINT) AS unfollowed FROM resident";
    Ok(one(ctx.store.read(), sql, vec![]).await?.unwrap_or_default())
}

/// Writes today's figures; called each hour and at the end of the day.
///
/// # Errors
/// If the database is away.
pub async fn snapshot(ctx: &Context) -> Result<()> {
    let now = now(ctx).await?;
    let day = ctx.now().date().days();
    let tx = ctx.store.begin().await?;
    let upsert = "ON CONFLICT (day, name) DO UPDATE SET value = excluded.value";
    for (name, value) in [
        ("friends", now.friends),
        ("registered", now.registered),
        ("unfollowed_total", now.unfollowed),
    ] {
        exec(
            &tx,
            &format!("INSERT INTO figure_day (day, name, value) VALUES ($1, $2, $3) {upsert}"),
            values![day, name, value],
        )
        .await?;
    }
    let sql = format!(
        "INSERT INTO figure_day (day, name, value)
         SELECT CAST($1 AS BIGINT), 'choice:' || CAST(f.choice_id AS TEXT), COUNT(*) FROM fact f JOIN resident r ON r.id = f.resident_id
         WHERE r.friend GROUP BY f.choice_id {upsert}"
    );
    exec(&tx, &sql, values![day]).await?;
    Ok(tx.commit().await?)
}

/// The figures of a period, by day, whose name begins with `prefix`.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn days(ctx: &Context, prefix: &str, from: Date, until: Date) -> Result<Vec<Day>> {
    ctx.allow(Permission::AudienceRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        day: i64,
        name: String,
        value: i64,
    }
    let sql = "SELECT day, name, value FROM figure_day WHERE day >= $1 AND day <= $2 AND name LIKE $3 ORDER BY day, name";
    let found: Vec<Row> =
        rows(ctx.store.read(), sql, values![from.days(), until.days(), format!("{prefix}%")])
            .await?;
    Ok(found
        .into_iter()
        .map(|r| Day { date: Date::from_days(r.day), name: r.name, value: r.value })
        .collect())
}

/// Residents for each choice of an attribute, friends only.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn by_choice(ctx: &Context) -> Result<Vec<(ChoiceId, i64)>> {
    ctx.allow(Permission::AudienceRead)?;
    Ok(ctx.store.bitmaps().fresh(ctx).await?.friends_by_choice().collect())
}

/// Writes a figure of a past day: for the sample city.
///
/// # Errors
/// If the database is away.
pub async fn set_past(ctx: &Context, days: &[Day]) -> Result<()> {
    let tx = ctx.store.begin().await?;
    for d in days {
        let sql = "INSERT INTO figure_day (day, name, value) VALUES ($1, $2, $3) ON CONFLICT (day, name) DO UPDATE SET value = excluded.value";
        exec(&tx, sql, values![d.date.days(), d.name.clone(), d.value]).await?;
    }
    Ok(tx.commit().await?)
}

/// How many residents there are at all, known friends or not.
///
/// # Errors
/// If the database is away.
pub async fn known(ctx: &Context) -> Result<i64> {
    number(ctx.store.read(), "SELECT COUNT(*) AS n FROM resident", vec![]).await
}
