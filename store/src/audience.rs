//! Audiences: the one translation to SQL, live counts by bitmaps, saved audiences (SEG-1).

mod among;
mod bitmaps;
mod saved;
mod slices;

use crate::db::number;
use crate::{Context, Result};
use domain::audience::{Resolved, Search, Since};
use domain::id::AttributeId;
use domain::language::Wish;
use domain::permission::Permission;
use domain::time::Date;
use roaring::RoaringBitmap;
use sea_orm::DatabaseTransaction;

pub use among::{askable, known};
pub(crate) use among::{lay, people, writers};
pub use bitmaps::Bitmaps;
pub use saved::{Saved, count_uses, create, delete, get, list, may_write, update, uses};

/// The audience as a condition on `resident r`; friends are to be asked for beside it.
/// What cannot match anybody stays so: an empty list is `1 = 0`. Lists and deliveries that
/// it names must have been laid beside it ([`lay`]), else the statement fails.
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
        Resolved::Number { attribute, from, to } => {
            within(*attribute, &format!("number BETWEEN {from} AND {to}"))
        }
        Resolved::Text { attribute, search } => within(*attribute, &text(search)),
        Resolved::Answered(attribute) => within(*attribute, "1 = 1"),
        Resolved::Since { what, from, to } => {
            let column = match what {
                Since::Friend => "r.friend_at",
                Since::Registered => "r.registered_at",
                // A server of the former release knows the last time alone.
                Since::First => "COALESCE(r.first_registered_at, r.registered_at)",
            };
            let start = |day: i64| Date::from_days(day).start().0;
            let (first, after) = (start(*from), start(*to + 1));
            format!("({column} IS NOT NULL AND {column} >= {first} AND {column} < {after})")
        }
        Resolved::Among(what, id) => among::laid(*what, *id),
        Resolved::Wrote(asked) => among::laid_writers(asked),
    }
}

fn within(attribute: AttributeId, what: &str) -> String {
    format!(
        "r.id IN (SELECT resident_id FROM fact_value WHERE attribute_id = {attribute} AND {what})"
    )
}

/// A search as a condition on `fact_value.folded`. What is folded has neither quotes nor
/// backslashes, so that it may stand in SQL as it is; should it have any, it matches nobody.
fn text(search: &Search) -> String {
    let (Search::Contains(text) | Search::Equals(text)) = search;
    if text.is_empty() || text.contains(['\'', '\\', '"', '\0']) {
        return "1 = 0".into();
    }
    match search {
        Search::Equals(text) => format!("folded = '{text}'"),
        Search::Contains(text) => {
            let pattern = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
            format!("folded LIKE '%{pattern}%' ESCAPE '!'")
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
    let state = ctx.store.bitmaps().fresh_for(ctx, std::slice::from_ref(audience)).await?;
    Ok(state.select(audience).len() as i64)
}

/// How many for each of several audiences, from one state.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn counts(ctx: &Context, audiences: &[Resolved]) -> Result<Vec<i64>> {
    ctx.allow(Permission::AudienceRead)?;
    let state = ctx.store.bitmaps().fresh_for(ctx, audiences).await?;
    Ok(audiences.iter().map(|a| state.select(a).len() as i64).collect())
}

/// Friends by which of several audiences they belong to, from one state; of `of` alone where it
/// is given. Everybody is in one class; there are no more classes than differ.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn partition(
    ctx: &Context,
    audiences: &[Resolved],
    of: Option<&RoaringBitmap>,
) -> Result<Vec<(Vec<bool>, RoaringBitmap)>> {
    ctx.allow(Permission::AudienceRead)?;
    let state = ctx.store.bitmaps().fresh_for(ctx, audiences).await?;
    let mut all = state.select(&Resolved::Everyone);
    if let Some(of) = of {
        all &= of;
    }
    let mut classes = vec![(Vec::with_capacity(audiences.len()), all)];
    for audience in audiences {
        let members = state.select(audience);
        classes = classes
            .into_iter()
            .flat_map(|(bits, set)| {
                let inside = &set & &members;
                let outside = set - &members;
                let with = |bit: bool| [bits.clone(), vec![bit]].concat();
                [(with(true), inside), (with(false), outside)]
            })
            .filter(|(_, set)| !set.is_empty())
            .collect();
    }
    Ok(classes)
}

/// How many of an audience wish to read in which language, by the bitmaps; those who read
/// Japanese, and those of whom nothing is known, are the rest.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn wishes(ctx: &Context, audience: &Resolved) -> Result<Vec<(Wish, i64)>> {
    ctx.allow(Permission::AudienceRead)?;
    let state = ctx.store.bitmaps().fresh_for(ctx, std::slice::from_ref(audience)).await?;
    Ok(state.wishes(&state.select(audience)))
}

/// The same count by the rows themselves: the truth that a freeze reads.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn count_rows(ctx: &Context, audience: &Resolved) -> Result<i64> {
    ctx.allow(Permission::AudienceRead)?;
    let sql =
        format!("SELECT COUNT(*) AS n FROM resident r WHERE r.friend AND {}", condition(audience));
    number(&asking(ctx, audience).await?, &sql, vec![]).await
}

/// A transaction that reads, in which [`condition`] of this audience can be asked.
///
/// # Errors
/// `Conflict` if a list or delivery that it names is not there; if the database is away.
pub(crate) async fn asking(ctx: &Context, audience: &Resolved) -> Result<DatabaseTransaction> {
    let tx = ctx.store.begin_read().await?;
    lay(ctx, &tx, audience).await?;
    Ok(tx)
}
