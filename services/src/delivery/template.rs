//! Templates (ひな形): what a delivery begins with (SEG-7).

use crate::{Context, Result};
use domain::delivery::template::{TEMPLATES_PER_PAGE, Templates};

pub use store::delivery::template::{begin, create, delete, rename};

/// A page of the templates, found by name. Pages count from 1.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn listed(ctx: &Context, search: &str, page: i64) -> Result<Templates> {
    let offset = (page.max(1) - 1).saturating_mul(TEMPLATES_PER_PAGE);
    store::delivery::template::list(ctx, search, offset, TEMPLATES_PER_PAGE).await
}
