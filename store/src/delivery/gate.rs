//! Quiet hours and budgets: what the city has set, and what a delivery does about them.

use super::{get, happen, owner};
use crate::db::{exec, one, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, setting, values};
use domain::delivery::Purpose;
use domain::delivery::compare::Former;
use domain::delivery::gate::{Budget, Gates, Quiet};
use domain::id::{DeliveryId, DepartmentId};
use domain::permission::Permission;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeSet;

pub(super) const GATES: &str = "delivery.gates";

/// What the city has set.
///
/// # Errors
/// If the database is away.
pub async fn gates(ctx: &Context) -> Result<Gates> {
    gates_in(ctx.store.read()).await
}

pub(super) async fn gates_in<C: ConnectionTrait>(db: &C) -> Result<Gates> {
    match setting::get_in(db, GATES).await? {
        None => Ok(Gates::default()),
        Some(json) => serde_json::from_str(&json).map_err(|_| Error::Inconsistent("setting")),
    }
}

/// Sets it anew.
///
/// # Errors
/// `Forbidden`.
pub async fn set_gates(ctx: &Context, gates: Gates) -> Result<()> {
    change_gates(ctx, |_| gates).await?;
    Ok(())
}

/// Sets the quiet hours; the budget stays, whoever sets it at the same time.
///
/// # Errors
/// `Forbidden`.
pub async fn set_quiet(ctx: &Context, quiet: Option<Quiet>) -> Result<Gates> {
    change_gates(ctx, |gates| Gates { quiet, ..gates }).await
}

/// Sets the budget; the quiet hours stay, whoever sets them at the same time.
///
/// # Errors
/// `Forbidden`.
pub async fn set_budget(ctx: &Context, budget: Option<Budget>) -> Result<Gates> {
    change_gates(ctx, |gates| Gates { budget, ..gates }).await
}

/// Reads and writes what the city has set in one turn: whoever comes second sees what the first
/// has set.
async fn change_gates(ctx: &Context, change: impl FnOnce(Gates) -> Gates) -> Result<Gates> {
    ctx.allow(Permission::SettingWrite)?;
    let json =
        |gates: &Gates| serde_json::to_string(gates).map_err(|_| Error::Inconsistent("setting"));
    let tx = ctx.store.begin().await?;
    // The row is there and locked before it is read.
    let sql = "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = setting.value";
    exec(&tx, sql, values![GATES, json(&Gates::default())?]).await?;
    let gates = change(gates_in(&tx).await?);
    setting::set_in(&tx, GATES, &json(&gates)?).await?;
    ledger::append(ctx, &tx, Line::ok("setting.update", GATES)).await?;
    tx.commit().await?;
    Ok(gates)
}

/// Decides for a draft that is about to be confirmed whether it waits for the end of the
/// quiet hours (no reason), or leaves in them all the same, for this reason.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it is no draft any more.
pub async fn decide_night(ctx: &Context, id: DeliveryId, reason: Option<&str>) -> Result<()> {
    let former = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliveryWrite, owner(&former))?;
    let reason = reason.map(str::trim);
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE delivery SET night = $1 WHERE id = $2 AND status = 'draft'";
    if exec(&tx, sql, values![reason, id.0]).await? == 0 {
        return Err(Error::Conflict("もう下書きではありません。ひらき直してください".into()));
    }
    if let Some(reason) = reason {
        happen(&tx, id, ctx.now(), "静かな時間でも届けると決めました", reason).await?;
        ledger::append(ctx, &tx, Line::ok("delivery.night", format!("delivery:{id}"))).await?;
    }
    Ok(tx.commit().await?)
}

/// Why a delivery does not wait for the end of the quiet hours; nothing: it waits.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn night(ctx: &Context, id: DeliveryId) -> Result<Option<String>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        night: Option<String>,
    }
    let sql = "SELECT night FROM delivery WHERE id = $1";
    let row: Option<Row> = one(ctx.store.read(), sql, values![id.0]).await?;
    Ok(row.and_then(|r| r.night))
}

/// Of what is still to come, the deliveries and series that do not wait for the end of the
/// quiet hours.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn nightly(ctx: &Context) -> Result<BTreeSet<DeliveryId>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let sql = "SELECT id FROM delivery WHERE status IN ('scheduled', 'awaiting_approval') AND night IS NOT NULL";
    let found: Vec<Row> = rows(ctx.store.read(), sql, vec![]).await?;
    Ok(found.into_iter().map(|r| DeliveryId(r.id)).collect())
}

/// Lets a delivery that is due wait until the quiet hours are over. Nothing happens if it
/// was stopped meanwhile.
///
/// # Errors
/// If the database is away.
pub async fn postpone(ctx: &Context, id: DeliveryId, until: Timestamp) -> Result<()> {
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE delivery SET send_at = $1, updated_at = $2 WHERE id = $3 AND status = 'scheduled' AND frozen_at IS NULL AND recurrence IS NULL AND send_at < $1";
    if exec(&tx, sql, values![until.0, now.0, id.0]).await? == 1 {
        let detail = format!("静かな時間が終わる {}に届けます", until.day_and_time());
        happen(&tx, id, now, "静かな時間なので、待ちます", &detail).await?;
        ledger::append(ctx, &tx, Line::ok("delivery.postpone", format!("delivery:{id}"))).await?;
    }
    Ok(tx.commit().await?)
}

/// How many former deliveries are looked at for the most similar one.
const LOOKED_AT: i64 = 60;

/// What the same department has sent to residents with the same purpose, the newest first:
/// without corrections, and without what was stopped before it reached anybody.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn former(
    ctx: &Context,
    department: Option<DepartmentId>,
    purpose: Purpose,
) -> Result<Vec<Former>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        title: String,
        frozen_at: i64,
        recipients: i64,
        audience: Option<String>,
    }
    let whose = match department {
        Some(department) => format!("department_id = {department}"),
        None => "department_id IS NULL".into(),
    };
    let sql = format!(
        "SELECT id, title, frozen_at, recipients, audience FROM delivery
         WHERE {whose} AND purpose = $1 AND frozen_at IS NOT NULL AND corrects IS NULL AND course_id IS NULL AND NOT to_testers
         AND (status IN ('sending', 'done', 'held') OR accepted > 0)
         ORDER BY frozen_at DESC LIMIT {LOOKED_AT}"
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values![purpose.name()]).await?;
    Ok(found
        .into_iter()
        .map(|r| Former {
            id: DeliveryId(r.id),
            title: r.title,
            at: Timestamp(r.frozen_at),
            people: r.recipients,
            // A condition of former days that cannot be read any more is no reason to show nothing.
            audience: r.audience.and_then(|a| serde_json::from_str(&a).ok()),
        })
        .collect())
}
