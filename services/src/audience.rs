//! Audiences: live counts and saved ones (SEG-1).

mod saved;

use crate::{Context, Result};
use domain::attribute::{Catalog, Kind, groups};
use domain::audience::{Among, Audience, Resolved};
use std::collections::BTreeSet;

pub use domain::audience::{Count, Explored};
pub use saved::{listed, opened, save};
pub use store::audience::{Saved, askable, create, delete, get, list, update};

/// Lists and deliveries that audiences name.
pub type Named = BTreeSet<(Among, i64)>;

/// All that these audiences name.
pub fn named<'a>(audiences: impl IntoIterator<Item = &'a Audience>) -> Named {
    audiences.into_iter().flat_map(Audience::among).collect()
}

/// The catalog, and what is known of the lists and deliveries that audiences name.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn catalog(ctx: &Context, named: Named) -> Result<Catalog> {
    with_people(ctx, store::attribute::catalog(ctx).await?, named).await
}

/// A catalog that also knows what audiences name.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn with_people(ctx: &Context, mut catalog: Catalog, named: Named) -> Result<Catalog> {
    if !named.is_empty() {
        catalog.know(store::audience::known(ctx, &named).await?);
    }
    Ok(catalog)
}

/// Counts an audience.
///
/// # Errors
/// `Invalid` with pointers (unknown keys, empty lists) below `at`; `Forbidden`.
pub async fn count(ctx: &Context, audience: &Audience, at: &str) -> Result<Count> {
    let resolved = audience.resolve(&catalog(ctx, audience.among()).await?, at)?;
    let counts = store::audience::counts(ctx, &[resolved, Resolved::Everyone]).await?;
    Ok(Count { count: counts[0], friends: counts[1] })
}

/// Counts an audience with everything that helps to judge it.
///
/// # Errors
/// `Invalid` with pointers; `Forbidden`.
pub async fn explore(ctx: &Context, audience: &Audience) -> Result<Explored> {
    let catalog = catalog(ctx, audience.among()).await?;
    let whole = audience.resolve(&catalog, "")?;
    let mut asked = vec![whole.clone(), Resolved::Everyone];
    let mut leaves = Vec::new();
    collect(audience, "", &mut leaves);
    for (_, leaf) in &leaves {
        asked.push(leaf.resolve(&catalog, "")?);
    }
    let steps: Vec<(String, Resolved)> = match audience {
        Audience::All(items) => (1..=items.len())
            .map(|n| {
                let label = domain::audience::sentence(&items[n - 1], &catalog)
                    .trim_end_matches('。')
                    .to_owned();
                Ok((label, Audience::All(items[..n].to_vec()).resolve(&catalog, "")?))
            })
            .collect::<Result<_>>()?,
        _ => Vec::new(),
    };
    let steps_at = asked.len();
    asked.extend(steps.iter().map(|(_, r)| r.clone()));
    let mut shown: Vec<_> = catalog
        .attributes
        .iter()
        .filter(|a| {
            !a.hidden && matches!(a.kind, Kind::Single | Kind::Area | Kind::Year)
                || a.kind == Kind::Multiple && a.choices.len() <= 12
        })
        .collect();
    // Where people live and how old they are tell most of an audience.
    shown.sort_by_key(|a| match a.kind {
        Kind::Area => 0,
        _ if a.label.contains("年代") || a.label.contains("年齢") => 1,
        _ => 2,
    });
    shown.truncate(4);
    let mut by: Vec<(String, Vec<(String, usize)>)> = Vec::new();
    for a in shown {
        let mut rows = Vec::new();
        for c in a
            .choices
            .iter()
            .filter(|c| a.kind != Kind::Area || a.children(Some(&c.key)).next().is_none())
        {
            rows.push((c.label.clone(), asked.len()));
            asked.push(Resolved::All(vec![whole.clone(), Resolved::Chose(BTreeSet::from([c.id]))]));
        }
        // Of a year of birth, the ages.
        for g in groups(a.kind, catalog.today) {
            rows.push((g.label, asked.len()));
            let within = Resolved::Number { attribute: a.id, from: g.from, to: g.to };
            asked.push(Resolved::All(vec![whole.clone(), within]));
        }
        by.push((a.label.clone(), rows));
    }
    let areas: BTreeSet<_> = audience
        .uses()
        .into_iter()
        .filter_map(|(key, _)| catalog.get(&key))
        .filter(|a| a.kind == Kind::Area)
        .flat_map(|a| a.choices.iter().map(|c| c.id))
        .collect();
    let without_at = asked.len();
    if !areas.is_empty() {
        asked.push(Resolved::Not(Box::new(Resolved::Chose(areas.clone()))));
    }
    let counts = store::audience::counts(ctx, &asked).await?;
    Ok(Explored {
        count: counts[0],
        friends: counts[1],
        conditions: leaves.iter().zip(&counts[2..]).map(|((at, _), n)| (at.clone(), *n)).collect(),
        steps: steps
            .into_iter()
            .zip(&counts[steps_at..])
            .map(|((label, _), n)| (label, *n))
            .collect(),
        by: by
            .into_iter()
            .map(|(label, rows)| {
                let mut rows: Vec<(String, i64)> =
                    rows.into_iter().map(|(l, i)| (l, counts[i])).filter(|(_, n)| *n > 0).collect();
                rows.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
                (label, rows)
            })
            .collect(),
        without_area: if areas.is_empty() { 0 } else { counts[without_at] },
    })
}

fn collect(audience: &Audience, at: &str, out: &mut Vec<(String, Audience)>) {
    match audience {
        Audience::Everyone => {}
        Audience::All(items) => {
            items.iter().enumerate().for_each(|(i, a)| collect(a, &format!("{at}/all/{i}"), out))
        }
        Audience::Any(items) => {
            items.iter().enumerate().for_each(|(i, a)| collect(a, &format!("{at}/any/{i}"), out))
        }
        Audience::Not(inner) => collect(inner, &format!("{at}/not"), out),
        Audience::Attribute { .. }
        | Audience::Said { .. }
        | Audience::Since { .. }
        | Audience::Among { .. }
        | Audience::Wrote(_) => {
            out.push((at.to_owned(), audience.clone()));
        }
    }
}
