//! Recipients by what they registered (SEG-8).

use crate::{Context, Result};
use domain::attribute::edit::in_tree_order;
use domain::attribute::{Attribute, Catalog, Kind, groups};
use domain::audience::Resolved;
use domain::delivery::Breakdown;
use domain::id::DeliveryId;
use domain::time::Date;
use std::collections::BTreeSet;

/// The attributes by which recipients are told apart: not by texts, which are as many as people.
pub(super) fn dividing(catalog: &Catalog) -> impl Iterator<Item = &Attribute> {
    catalog.attributes.iter().filter(|a| !a.hidden && a.kind != Kind::Text)
}

/// An attribute's breakdown without numbers, and who belongs to each of its lines; the last
/// are those who registered nothing. A year counts as the age, a date as its month.
pub(super) fn uncounted(a: &Attribute, today: Date) -> (Breakdown, Vec<Resolved>) {
    let (mut rows, mut who) = (Vec::new(), Vec::new());
    for (depth, c) in in_tree_order(&a.choices) {
        rows.push((depth, c.label.clone(), 0));
        // An area has whatever lies in it.
        who.push(Resolved::Chose(match a.kind {
            Kind::Area => a.with_descendants(&c.key),
            _ => BTreeSet::from([c.id]),
        }));
    }
    for g in groups(a.kind, today) {
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
    (by, who)
}

/// Fills a breakdown with the numbers of its lines.
pub(super) fn fill(by: &mut Breakdown, counts: impl Iterator<Item = i64>) {
    let cells = by.rows.iter_mut().map(|(.., n)| n).chain([&mut by.unanswered]);
    cells.zip(counts).for_each(|(cell, n)| *cell = n);
}

/// The recipients of deliveries by every attribute; nothing where none of them is known.
pub(super) async fn breakdowns(
    ctx: &Context,
    of: Vec<DeliveryId>,
    catalog: &Catalog,
) -> Result<Option<Vec<Breakdown>>> {
    let (mut all, mut parts) = (Vec::new(), Vec::new());
    for a in dividing(catalog) {
        let (by, who) = uncounted(a, catalog.today);
        all.push(by);
        parts.extend(who);
    }
    let deliveries = of.len() as i64;
    let counted = store::delivery::by_parts(ctx, &[of], &parts).await?;
    let Some(counted) = counted.into_iter().next().filter(|c| c.unknown < deliveries) else {
        return Ok(None);
    };
    let mut counts = counted.parts.into_iter();
    all.iter_mut().for_each(|by| fill(by, &mut counts));
    Ok(Some(all))
}
