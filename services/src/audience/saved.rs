//! Saved audiences: listed with their head counts, opened, saved.

use super::{catalog, explore, named, with_people};
use crate::{Context, Error, Result};
use domain::attribute::Catalog;
use domain::audience::edit::normal;
use domain::audience::saved::{Opened, PER_PAGE, SavedList, SavedRow, Use, Used, Uses};
use domain::audience::{Audience, Resolved, sentence};
use domain::id::AudienceId;
use domain::permission::Permission;
use domain::time::Timestamp;
use store::audience::{Saved, may_write};

/// Series and deliveries that are named where a saved audience is opened.
const NAMED: i64 = 5;

/// What beside deliveries keeps conditions that were taken over, each with its condition as
/// editors write it.
async fn standing(ctx: &Context) -> Result<Vec<(Audience, Use)>> {
    let mut all = Vec::new();
    for course in store::steps::list(ctx).await? {
        let contents = course.in_force.iter().chain([&course.written]);
        let mut taken: Vec<Audience> =
            contents.filter_map(|c| c.audience.as_ref().map(normal)).collect();
        taken.dedup();
        let what = Used::Course(course.id, course.state);
        all.extend(taken.into_iter().map(|a| (a, Use { what, title: course.name.clone() })));
    }
    let kept = store::menu::program(ctx).await?;
    let mut menus: Vec<(Audience, Use)> = Vec::new();
    for (program, published) in [(&kept.published, true), (&kept.draft, false)] {
        for variant in program.iter().flat_map(crate::menu::variants) {
            let (taken, title) = (normal(&variant.audience), variant.name.clone());
            // The draft holds once more what is published.
            if !menus.iter().any(|(a, u)| *a == taken && u.title == title) {
                menus.push((taken, Use { what: Used::Menu { published }, title }));
            }
        }
    }
    all.extend(menus);
    Ok(all)
}

/// What of it keeps the condition of a saved audience.
fn keeping<'a>(standing: &'a [(Audience, Use)], audience: &Audience) -> Vec<&'a Use> {
    let taken = normal(audience);
    standing.iter().filter(|(a, _)| *a == taken).map(|(_, u)| u).collect()
}

async fn rows(
    ctx: &Context,
    catalog: &Catalog,
    standing: &[(Audience, Use)],
    saved: Vec<Saved>,
) -> Result<(Vec<SavedRow>, i64)> {
    let resolved: Vec<Option<Resolved>> =
        saved.iter().map(|s| s.audience.resolve(catalog, "").ok()).collect();
    let asked: Vec<Resolved> =
        std::iter::once(Resolved::Everyone).chain(resolved.iter().flatten().cloned()).collect();
    let mut counts = store::audience::counts(ctx, &asked).await?.into_iter();
    let friends = counts.next().unwrap_or(0);
    let mut out = Vec::with_capacity(saved.len());
    for (saved, resolved) in saved.into_iter().zip(resolved) {
        let others = keeping(standing, &saved.audience).len() as i64;
        out.push(SavedRow {
            id: saved.id,
            sentence: sentence(&saved.audience, catalog),
            count: resolved.and_then(|_| counts.next()),
            uses: others + store::audience::count_uses(ctx, &saved.audience).await?,
            may_write: may_write(ctx, &saved),
            name: saved.name,
            audience: saved.audience,
            department: saved.department_name,
            updated_at: saved.updated_at,
        });
    }
    Ok((out, friends))
}

/// A page of the list, found by name. Pages count from 1.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn listed(ctx: &Context, search: &str, page: i64) -> Result<SavedList> {
    let (saved, total) =
        store::audience::list(ctx, search, (page.max(1) - 1).saturating_mul(PER_PAGE), PER_PAGE)
            .await?;
    let catalog = catalog(ctx, named(saved.iter().map(|s| &s.audience))).await?;
    let (rows, friends) = rows(ctx, &catalog, &standing(ctx).await?, saved).await?;
    Ok(SavedList {
        rows,
        people: catalog.people,
        total,
        friends,
        now: ctx.now(),
        may_write: ctx.allow(Permission::AudienceWrite).is_ok(),
    })
}

/// What the editor begins with: a saved audience, or none.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn opened(ctx: &Context, id: Option<AudienceId>) -> Result<Opened> {
    ctx.allow(Permission::AudienceRead)?;
    let catalog = catalog(ctx, named([])).await?;
    let may_write = ctx.allow(Permission::AudienceWrite).is_ok();
    let mut opened = Opened {
        catalog,
        saved: None,
        explored: None,
        uses: Uses::default(),
        may_write,
        now: ctx.now(),
    };
    if let Some(id) = id {
        let saved = store::audience::get(ctx, id).await?;
        opened.catalog = with_people(ctx, opened.catalog, saved.audience.among()).await?;
        let standing = standing(ctx).await?;
        let mut shown: Vec<Use> =
            keeping(&standing, &saved.audience).into_iter().cloned().collect();
        shown.extend(store::audience::uses(ctx, &saved.audience, NAMED).await?);
        opened.explored = match explore(ctx, &normal(&saved.audience)).await {
            Ok(explored) => Some(explored),
            Err(Error::Invalid(_)) => None,
            Err(other) => return Err(other),
        };
        opened.saved = rows(ctx, &opened.catalog, &standing, vec![saved]).await?.0.pop();
        let total = opened.saved.as_ref().map_or(0, |s| s.uses);
        opened.uses = Uses { shown, total };
    }
    Ok(opened)
}

/// Saves a new audience, or changes the one of that id if nobody did since `seen`.
/// A condition that is empty or no longer known is refused.
///
/// # Errors
/// `Invalid` at `/name` and below `/audience`; `Conflict`, `NotFound`, `Forbidden`.
pub async fn save(
    ctx: &Context,
    known: Option<(AudienceId, Timestamp)>,
    name: &str,
    audience: &Audience,
) -> Result<AudienceId> {
    ctx.allow(Permission::AudienceWrite)?;
    audience.resolve(&catalog(ctx, audience.among()).await?, "/audience")?;
    match known {
        None => store::audience::create(ctx, name, audience).await,
        Some((id, seen)) => {
            store::audience::update(ctx, id, seen, name, audience).await.map(|()| id)
        }
    }
}
