//! Whether a delivery would reach one resident.

use crate::{Context, Result};
use domain::audience::Audience;
use domain::delivery::{Belongs, Purpose};
use domain::id::ResidentId;
use domain::permission::Permission;

/// Whether what is being written would reach a resident, if it began now.
///
/// # Errors
/// `NotFound`, `Forbidden`; if the database is away.
pub async fn belongs(
    ctx: &Context,
    audience: Option<&Audience>,
    purpose: Purpose,
    resident: ResidentId,
) -> Result<Belongs> {
    ctx.allow(Permission::ResidentRead)?;
    let Some(audience) = audience else { return Ok(Belongs::Undecided) };
    let catalog = crate::audience::catalog(ctx, audience.among()).await?;
    match audience.resolve(&catalog, "") {
        Ok(resolved) => store::delivery::belongs(ctx, &resolved, purpose, resident).await,
        Err(_) => Ok(Belongs::Broken),
    }
}
