//! Whether a delivery would reach one resident, by the rules of the freeze.

use super::fatigue;
use super::freeze::unwilling;
use crate::audience::{asking, condition};
use crate::db::one;
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::audience::Resolved;
use domain::delivery::{Belongs, Purpose};
use domain::id::ResidentId;
use domain::permission::Permission;
use domain::resident::Reception;
use sea_orm::FromQueryResult;

/// Whether a delivery of this purpose to an audience would reach a resident, if it began now. It
/// tells something of them, so it is written to the ledger like a look at their page.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if what the audience names is not there.
pub async fn belongs(
    ctx: &Context,
    audience: &Resolved,
    purpose: Purpose,
    resident: ResidentId,
) -> Result<Belongs> {
    ctx.allow(Permission::ResidentRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        friend: bool,
        fits: bool,
        unwilling: bool,
        reception: String,
    }
    let sql = format!(
        "SELECT r.friend, CASE WHEN {} THEN TRUE ELSE FALSE END AS fits, CASE WHEN {} THEN TRUE ELSE FALSE END AS unwilling, r.reception
         FROM resident r WHERE r.id = $1",
        condition(audience),
        unwilling(purpose, ctx.now())
    );
    let tx = asking(ctx, audience).await?;
    let row: Option<Row> = one(&tx, &sql, values![resident.0]).await?;
    let withholds = fatigue::withholds(ctx, &tx, purpose, resident).await?;
    tx.rollback().await?;
    let row = row.ok_or(Error::NotFound)?;
    ledger::note(ctx, Line::ok("resident.view", format!("resident:{resident}"))).await?;
    Ok(if !row.friend {
        Belongs::NoFriend
    } else if !row.fits {
        Belongs::Unfit
    } else if row.unwilling {
        Belongs::Unwilling(Reception::parse(&row.reception).unwrap_or_default())
    } else {
        withholds.map_or(Belongs::Yes, Belongs::Enough)
    })
}
