//! The list of deliveries, and the same as CSV (SEG-7, SEG-8).

use crate::resident::csv::{BOM, lines};
use crate::{Context, Result};
use domain::attribute::Catalog;
use domain::audience::{Audience, sentence};
use domain::delivery::{Delivery, Filter, Listed, Order, PER_PAGE, Row, Status, UNDECIDED};
use domain::message::Part;
use domain::permission::{Owner, Permission, check};
use domain::recurrence::Recurrence;
use domain::time::Timestamp;
use store::delivery::{Group, Query, Sort};
use store::ledger::{self, Line};

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
        None if delivery.status == Status::Draft => String::new(),
        None => "試験者".into(),
    }
}

pub(super) async fn rows(
    ctx: &Context,
    catalog: &Catalog,
    found: Vec<Delivery>,
) -> Result<Vec<Row>> {
    // All live counts of the page from one state of the bitmaps.
    let live = |d: &Delivery| {
        d.audience
            .as_ref()
            .filter(|_| d.frozen_at.is_none())
            .and_then(|a: &Audience| a.resolve(catalog, "").ok())
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
                id: d.id,
                purpose: d.purpose,
                status: d.status,
                parts: domain::message::messages(&d.parts).len(),
                figures: d.figures,
                title: d.title,
                department: d.department_name,
                author: d.created_by_name,
            }
        })
        .collect())
}

/// Most rows of a CSV: more than a city sends in ten years.
const CSV_MAX: i64 = 100_000;

/// The whole list, narrowed like the page, as CSV: UTF-8 with BOM, no cell is a formula.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn csv(ctx: &Context, filter: &Filter) -> Result<Vec<u8>> {
    let catalog = store::attribute::catalog(ctx).await?;
    let head = [
        "番号",
        "件名",
        "目的",
        "状態",
        "所属",
        "作った人",
        "配信対象",
        "届ける日時",
        "送り始め",
        "送り終わり",
        "対象（人）",
        "受付（人）",
        "届かず（人）",
        "差し控え（人）",
        "本文",
        "くり返し",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let mut offset = 0;
    loop {
        let (page, _, _) =
            store::delivery::list(ctx, &Query { offset, limit: 1000, ..query(filter, Group::All) })
                .await?;
        let full = page.len() == 1000;
        rows.extend(page.iter().map(|d| cells(d, &catalog)));
        offset += 1000;
        if !full || offset >= CSV_MAX {
            break;
        }
    }
    ledger::note(ctx, Line::ok("delivery.export", "delivery").count(rows.len() as i64 - 1)).await?;
    Ok([BOM, &lines(rows)?].concat())
}

fn cells(d: &Delivery, catalog: &Catalog) -> Vec<String> {
    let time = |t: Option<Timestamp>| {
        t.map_or_else(String::new, |t| {
            let c = t.tokyo();
            format!("{} {:02}:{:02}:{:02}", c.date.iso(), c.hour, c.minute, c.second)
        })
    };
    // Before the freeze nothing is known of recipients: empty, not 0.
    let figure = |n: i64| if d.frozen_at.is_some() { n.to_string() } else { String::new() };
    let text: Vec<String> = d.parts.iter().map(|p: &Part| p.marked(d.purpose)).collect();
    vec![
        d.id.to_string(),
        d.title.clone(),
        d.purpose.label().into(),
        d.status.label().into(),
        d.department_name.clone(),
        d.created_by_name.clone(),
        who(d, catalog),
        time(d.send_at),
        time(d.started_at),
        time(d.finished_at),
        figure(d.figures.recipients),
        figure(d.figures.accepted),
        figure(d.figures.failed),
        figure(d.figures.withheld),
        text.join("\n\n"),
        d.recurrence.as_ref().map(Recurrence::sentence).unwrap_or_default(),
    ]
}
