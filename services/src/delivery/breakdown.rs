//! Recipients by what they registered (SEG-8): counted once when a delivery was sent, and added
//! up over several.

use crate::{Context, Result};
use domain::attribute::edit::in_tree_order;
use domain::attribute::{Attribute, Catalog, Kind, groups};
use domain::audience::Resolved;
use domain::delivery::period::Divided;
use domain::delivery::{Added, AsOf, Breakdown, Kept, Lines};
use domain::id::DeliveryId;
use domain::time::Date;
use std::collections::BTreeSet;

/// Deliveries that are counted in one go; the others wait for the next.
const COUNTED: i64 = 50;
/// Deliveries whose kept numbers are read at once.
const PIECE: usize = 100;

/// The attributes by which recipients are told apart: not by texts, which are as many as people.
pub(super) fn dividing(catalog: &Catalog) -> impl Iterator<Item = &Attribute> {
    catalog.attributes.iter().filter(|a| !a.hidden && a.kind != Kind::Text)
}

/// An attribute's breakdown without numbers.
struct Uncounted {
    by: Breakdown,
    /// What each row counts, as in [`Kept`].
    keys: Vec<String>,
    /// Who belongs to each row; the last are those who registered nothing.
    who: Vec<Resolved>,
}

/// What there is to count of an attribute. A year counts as the age, a date as its month.
fn uncounted(a: &Attribute, today: Date) -> Uncounted {
    let (mut rows, mut keys, mut who) = (Vec::new(), Vec::new(), Vec::new());
    for (depth, c) in in_tree_order(&a.choices) {
        rows.push((depth, c.label.clone(), 0));
        keys.push(c.key.clone());
        // An area has whatever lies in it.
        who.push(Resolved::Chose(match a.kind {
            Kind::Area => a.with_descendants(&c.key),
            _ => BTreeSet::from([c.id]),
        }));
    }
    for g in groups(a.kind, today) {
        keys.push(g.label.clone());
        rows.push((0, g.label, 0));
        who.push(Resolved::Number { attribute: a.id, from: g.from, to: g.to });
    }
    who.push(Resolved::Not(Box::new(Resolved::answered(a))));
    let label = match a.kind {
        Kind::Year => format!("{}（ことし迎える年齢）", a.label),
        Kind::Date => format!("{}（月ごと）", a.label),
        Kind::Single | Kind::Multiple | Kind::Area | Kind::Text => a.label.clone(),
    };
    let by = Breakdown {
        label,
        several: a.kind == Kind::Multiple,
        ordered: matches!(a.kind, Kind::Single | Kind::Year | Kind::Date),
        rows,
        unanswered: 0,
    };
    Uncounted { by, keys, who }
}

/// Fills a breakdown with the numbers of its lines.
fn fill(by: &mut Breakdown, counts: impl Iterator<Item = i64>) {
    let cells = by.rows.iter_mut().map(|(.., n)| n).chain([&mut by.unanswered]);
    cells.zip(counts).for_each(|(cell, n)| *cell = n);
}

/// The recipients of a delivery by every attribute, as it is registered now; nothing where they
/// are not known.
async fn count(ctx: &Context, of: DeliveryId, catalog: &Catalog) -> Result<Option<Vec<Kept>>> {
    let (mut all, mut parts) = (Vec::new(), Vec::new());
    for a in dividing(catalog) {
        let Uncounted { by, keys, who } = uncounted(a, catalog.today);
        all.push(Kept { attribute: a.id, keys, by, whole: 0 });
        parts.extend(who);
    }
    let counted = store::delivery::by_parts(ctx, &[vec![of]], &parts).await?;
    let Some(counted) = counted.into_iter().next().filter(|c| c.unknown == 0) else {
        return Ok(None);
    };
    let mut counts = counted.parts.into_iter();
    for kept in &mut all {
        kept.whole = counted.recipients;
        fill(&mut kept.by, &mut counts);
    }
    Ok(Some(all))
}

/// Counts the recipients of deliveries that were sent by what they have registered, and keeps
/// the numbers: who changes it later, or leaves, does not change what is told of the past.
///
/// # Errors
/// If the database is away; what was not counted is counted another time.
pub async fn keep_breakdowns(ctx: &Context) -> Result<()> {
    let sent = store::delivery::without_breakdown(ctx, COUNTED).await?;
    if sent.is_empty() {
        return Ok(());
    }
    let catalog = store::attribute::catalog(ctx).await?;
    for id in sent {
        let counted = count(ctx, id, &catalog).await?.unwrap_or_default();
        let kept: Vec<Kept> = counted.into_iter().map(Kept::brief).collect();
        store::delivery::keep_breakdown(ctx, id, &kept).await?;
    }
    Ok(())
}

/// The recipients of a delivery by every attribute, as it was kept; else as it is registered now.
/// Nothing where they are not known.
pub(super) async fn breakdowns(
    ctx: &Context,
    of: DeliveryId,
    catalog: &Catalog,
) -> Result<(AsOf, Option<Vec<Breakdown>>)> {
    let kept = store::delivery::kept_breakdowns(ctx, &[of], None).await?;
    if let Some(first) = kept.first() {
        return Ok((first.as_of, Some(kept.into_iter().map(|k| k.kept.by).collect())));
    }
    let counted = count(ctx, of, catalog).await?;
    Ok((AsOf::Now, counted.map(|all| all.into_iter().map(|k| k.by).collect())))
}

/// The recipients of groups of deliveries by an attribute. What was kept with each delivery is
/// added up; the others are told apart by what is registered now.
pub(super) async fn divided(
    ctx: &Context,
    a: &Attribute,
    today: Date,
    groups: &[Vec<DeliveryId>],
) -> Result<Divided> {
    let Uncounted { mut by, keys, who } = uncounted(a, today);
    let mut lines = Lines::new(a.kind, &by, keys);
    let (mut added, mut others) = (Vec::new(), Vec::new());
    let (mut sent, mut later) = (0, 0);
    for group in groups {
        let (mut sum, mut rest) = (Added::default(), Vec::new());
        for piece in group.chunks(PIECE) {
            let found = store::delivery::kept_breakdowns(ctx, piece, Some(a.id)).await?;
            let kept: BTreeSet<DeliveryId> = found.iter().map(|k| k.delivery).collect();
            rest.extend(piece.iter().copied().filter(|id| !kept.contains(id)));
            for k in &found {
                lines.add(&mut sum, &k.kept);
                if matches!(k.as_of, AsOf::Sent(_)) {
                    sent += 1;
                }
            }
        }
        later += group.len() as i64;
        added.push(sum);
        others.push(rest);
    }
    let counted = store::delivery::by_parts(ctx, &others, &who).await?;
    let left_out: i64 = counted.iter().map(|c| c.unknown).sum();
    let known = added.iter().zip(&counted).map(|(sum, c)| {
        // Where nothing was sent, 0 is true; where nobody is known, nothing is.
        if sum.deliveries == 0 && c.unknown > 0 && c.recipients == 0 {
            return None;
        }
        let (unanswered, parts) = c.parts.split_last()?;
        let mut totals = lines.totals(sum);
        totals.iter_mut().zip(parts).for_each(|(total, n)| *total += n);
        if let Some(total) = totals.last_mut() {
            *total += unanswered;
        }
        Some(totals)
    });
    let known: Vec<Option<Vec<i64>>> = known.collect();
    by.rows = lines.into_rows();
    let line = |i: usize| -> Vec<Option<i64>> {
        known.iter().map(|k| k.as_ref().map(|all| all[i])).collect()
    };
    let each: Vec<Vec<Option<i64>>> = (0..=by.rows.len()).map(line).collect();
    fill(&mut by, each.iter().map(|line| line.iter().flatten().sum::<i64>()));
    let whole = added.iter().map(|sum| sum.whole).sum::<i64>();
    Ok(Divided {
        by,
        each,
        whole: whole + counted.iter().map(|c| c.recipients).sum::<i64>(),
        left_out,
        sent,
        later: later - sent - left_out,
    })
}
