//! The list of deliveries (SEG-7).

use crate::{Context, Result};
use domain::attribute::Catalog;
use domain::audience::{Audience, sentence};
use domain::delivery::{Delivery, Filter, Listed, Order, PER_PAGE, Row, Status, UNDECIDED};
use domain::id::DeliveryId;
use domain::permission::{Actor, Owner, Permission, check};
use domain::recurrence::Recurrence;
use store::delivery::{Group, Query, Sort};

fn query(filter: &Filter, group: Group) -> Query {
    let (from, until) = filter.period();
    Query {
        group,
        search: filter.search.clone(),
        purpose: filter.purpose,
        status: filter.status,
        department: filter.department,
        from,
        until,
        series: None,
        course: None,
        sort: match filter.order {
            Order::Newest => Sort::Newest,
            Order::Oldest => Sort::Oldest,
            Order::Title => Sort::Title,
            Order::Recipients => Sort::Recipients,
        },
        offset: 0,
        limit: 1,
    }
}

/// A page of the list: what is still to come stands first, what was sent fills the rest.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn listed(ctx: &Context, filter: &Filter) -> Result<Listed> {
    let offset = (filter.page.max(1) - 1) * PER_PAGE;
    let part = async |group, offset: i64, limit: i64| {
        let (mut rows, total, recipients) = store::delivery::list(
            ctx,
            &Query { offset, limit: limit.max(1), ..query(filter, group) },
        )
        .await?;
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        Ok::<_, crate::Error>((rows, total, recipients))
    };
    let (coming, coming_total, _) = part(Group::Coming, offset, PER_PAGE).await?;
    let (past, past_total, past_recipients) =
        part(Group::Past, (offset - coming_total).max(0), PER_PAGE - coming.len() as i64).await?;
    let catalog = store::attribute::catalog(ctx).await?;
    let departments = store::delivery::departments(ctx).await?;
    let mut removals = Vec::new();
    if coming_total + past_total == 0 {
        let name = |id| {
            departments
                .iter()
                .find(|(d, _)| *d == id)
                .map_or_else(|| "所属".to_owned(), |(_, name)| name.clone())
        };
        for (without, words) in filter.without_each(name) {
            let (_, total, _) = store::delivery::list(ctx, &query(&without, Group::All)).await?;
            removals.push((without, words, total));
        }
    }
    Ok(Listed {
        coming: rows(ctx, &catalog, coming).await?,
        coming_total,
        past: rows(ctx, &catalog, past).await?,
        past_total,
        past_recipients,
        removals,
        departments,
        may_write: ctx.allow(Permission::DeliveryWrite).is_ok(),
        now: ctx.now(),
    })
}

/// The audience of a delivery in words.
pub fn who(delivery: &Delivery, catalog: &Catalog) -> String {
    match &delivery.audience {
        Some(audience) => sentence(audience, catalog),
        None if delivery.corrects.is_some() => "訂正のもとの配信が届いた人".into(),
        None if delivery.status == Status::Draft => String::new(),
        None => "試験者".into(),
    }
}

pub(super) async fn rows(
    ctx: &Context,
    catalog: &Catalog,
    found: Vec<Delivery>,
) -> Result<Vec<Row>> {
    let named = crate::audience::named(found.iter().filter_map(|d| d.audience.as_ref()));
    let catalog = &crate::audience::with_people(ctx, catalog.clone(), named).await?;
    // All live counts of the page from one state of the bitmaps.
    let live = |d: &Delivery| {
        d.audience
            .as_ref()
            .filter(|_| d.frozen_at.is_none())
            .and_then(|a: &Audience| a.resolve(catalog, "").ok())
    };
    let ids: Vec<DeliveryId> = found.iter().map(|d| d.id).collect();
    let reads = store::insight::of_each(ctx, &ids).await?;
    let links = store::link::of_each(ctx, &ids).await?;
    let waiting: Vec<DeliveryId> =
        found.iter().filter(|d| d.status == Status::AwaitingApproval).map(|d| d.id).collect();
    let asked_by = store::delivery::approval::asked_by(ctx, &waiting).await?;
    let me = match &ctx.actor {
        Actor::Staff { id, .. } => Some(*id),
        _ => None,
    };
    let asked: Vec<_> = found.iter().filter_map(live).collect();
    let mut counts = store::audience::counts(ctx, &asked).await?.into_iter();
    Ok(found
        .into_iter()
        .map(|d| {
            let people = if d.frozen_at.is_some() {
                Some(d.figures.recipients)
            } else {
                live(&d).and_then(|_| counts.next())
            };
            let may = |permission| {
                check(&ctx.actor, permission, d.department.map_or(Owner::City, Owner::Department))
                    .is_ok()
            };
            Row {
                who: who(&d, catalog),
                people,
                time: d.frozen_at.or(d.send_at.filter(|at| *at != UNDECIDED)),
                frozen: d.frozen_at.is_some(),
                repeats: d.recurrence.as_ref().map(Recurrence::short),
                series: d.series,
                may_write: may(Permission::DeliveryWrite),
                may_send: may(Permission::DeliverySend),
                approves: may(Permission::DeliverySend)
                    && asked_by.get(&d.id).is_some_and(|by| *by != me),
                id: d.id,
                purpose: d.purpose,
                status: d.status,
                parts: domain::message::messages(&d.parts).len(),
                reads: reads.get(&d.id).copied(),
                taps: links.get(&d.id).map(|all| all.iter().map(|l| l.taps).sum()),
                figures: d.figures,
                title: d.title,
                department: d.department_name,
                author: d.created_by_name,
            }
        })
        .collect())
}

/// Most rows of a file: more than a city sends in ten years.
const FILE_MAX: usize = 100_000;

/// The whole list, narrowed like the page.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub(super) async fn all(ctx: &Context, filter: &Filter) -> Result<Vec<Delivery>> {
    let mut found: Vec<Delivery> = Vec::new();
    loop {
        let offset = found.len() as i64;
        let asked = Query { offset, limit: 1000, ..query(filter, Group::All) };
        let (page, _, _) = store::delivery::list(ctx, &asked).await?;
        let full = page.len() == 1000;
        found.extend(page);
        if !full || found.len() >= FILE_MAX {
            return Ok(found);
        }
    }
}
