//! Audiences: the one translation to SQL, live counts by bitmaps, saved audiences (SEG-1).

mod bitmaps;
mod saved;

use crate::db::number;
use crate::{Context, Result};
use domain::audience::Resolved;
use domain::permission::Permission;

pub use bitmaps::Bitmaps;
pub use saved::{Saved, count_uses, create, delete, get, list, may_write, update, uses};

/// The audience as a condition on `resident r`; friends are to be asked for beside it.
/// What cannot match anybody stays so: an empty list is `1 = 0`.
pub(crate) fn condition(audience: &Resolved) -> String {
    let join = |items: &[Resolved], word: &str| {
        if items.is_empty() {
            "1 = 0".to_owned()
        } else {
            format!("({})", items.iter().map(condition).collect::<Vec<_>>().join(word))
        }
    };
    match audience {
        Resolved::Everyone => "1 = 1".into(),
        Resolved::All(items) => join(items, " AND "),
        Resolved::Any(items) => join(items, " OR "),
        Resolved::Not(inner) => format!("NOT {}", join(std::slice::from_ref(inner), " AND ")),
        Resolved::Chose(ids) if ids.is_empty() => "1 = 0".into(),
        Resolved::Chose(ids) => {
            format!(
                "r.id IN (SELECT resident_id FROM fact WHERE choice_id IN ({}))",
                crate::db::list(ids.iter().map(|i| i.0))
            )
        }
    }
}

/// How many friends belong to the audience, by the bitmaps: what was committed
/// before the call is counted.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn count(ctx: &Context, audience: &Resolved) -> Result<i64> {
    ctx.allow(Permission::AudienceRead)?;
    let state = ctx.store.bitmaps().fresh(ctx).await?;
    Ok(state.select(audience).len() as i64)
}

/// How many for each of several audiences, from one state.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn counts(ctx: &Context, audiences: &[Resolved]) -> Result<Vec<i64>> {
    ctx.allow(Permission::AudienceRead)?;
    let state = ctx.store.bitmaps().fresh(ctx).await?;
    Ok(audiences.iter().map(|a| state.select(a).len() as i64).collect())
}

/// The same count by the rows themselves: the truth that a freeze reads.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn count_rows(ctx: &Context, audience: &Resolved) -> Result<i64> {
    ctx.allow(Permission::AudienceRead)?;
    let sql =
        format!("SELECT COUNT(*) AS n FROM resident r WHERE r.friend AND {}", condition(audience));
    number(ctx.store.read(), &sql, vec![]).await
}
