//! What became of deliveries, in numbers: on the page, as CSV, as a workbook (SEG-8).

use super::breakdown::{breakdowns, divided, dividing};
use super::listed::{all, who};
use crate::sheet::{self, Cell, Sheet};
use crate::{Context, Result};
use domain::attribute::Catalog;
use domain::delivery::{Breakdown, Delivery, Filter, Measured, UNDECIDED, percent};
use domain::id::DeliveryId;
use domain::insight::{Reads, Shown};
use domain::link::Counted;
use domain::recurrence::Recurrence;
use domain::time::{HOUR, Timestamp};
use std::collections::BTreeMap;
use store::ledger::{self, Line};

/// Everything that is counted of a delivery.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn measured(ctx: &Context, id: DeliveryId) -> Result<Measured> {
    let delivery = store::delivery::get(ctx, id).await?;
    let catalog = store::attribute::catalog(ctx).await?;
    of(ctx, &delivery, &catalog).await
}

async fn of(ctx: &Context, delivery: &Delivery, catalog: &Catalog) -> Result<Measured> {
    let (replies, repliers) = store::reply::of(ctx, delivery.id).await?;
    let (as_of, by) = breakdowns(ctx, delivery.id, catalog).await?;
    Ok(Measured {
        replies,
        repliers,
        figures: delivery.figures,
        reads: store::insight::of(ctx, delivery.id).await?,
        links: store::link::of(ctx, delivery.id).await?,
        hours: store::link::by_hour(ctx, delivery.id).await?,
        by: by.map(|by| [languages(delivery), by].concat()),
        as_of,
        now: ctx.now(),
    })
}

/// The recipients by the language that they were sent, where there are several.
fn languages(delivery: &Delivery) -> Vec<Breakdown> {
    if delivery.languages.is_empty() {
        return Vec::new();
    }
    let rows = delivery.languages.iter().map(|(l, n)| (0, l.japanese().to_owned(), *n)).collect();
    vec![Breakdown {
        label: "ことば（送った人）".into(),
        several: false,
        ordered: true,
        rows,
        unanswered: 0,
    }]
}

/// Readers as a cell: the number, or why there is none.
fn readers(reads: Option<&Reads>) -> Cell {
    match reads.map_or(Shown::Unknown, Reads::readers) {
        Shown::Number(n) => n.into(),
        Shown::Hidden => "公表されません".into(),
        Shown::Waiting | Shown::Unknown => Cell::Empty,
    }
}

fn read_share(reads: Option<&Reads>, accepted: i64) -> Cell {
    match reads.map_or(Shown::Unknown, Reads::readers) {
        Shown::Number(n) => Cell::percent(percent(n, accepted)),
        _ => Cell::Empty,
    }
}

fn links_sheet<'a>(of: impl Iterator<Item = (&'a Delivery, &'a [Counted])>) -> Sheet {
    let mut rows = Vec::new();
    for (d, links) in of {
        for l in links {
            rows.push(vec![
                d.id.to_string().into(),
                d.title.as_str().into(),
                d.started_at.into(),
                (l.part as i64 + 1).into(),
                l.uri.as_str().into(),
                l.short.as_str().into(),
                l.taps.into(),
                Cell::percent(percent(l.taps, d.figures.accepted)),
            ]);
        }
    }
    let head = vec![
        "番号",
        "件名",
        "送り始め",
        "何番目の内容",
        "リンク",
        "短いアドレス",
        "タップ（回）",
        "受付した人数に対して（％）",
    ];
    Sheet { name: "リンク", head, rows }
}

pub(super) const BY: &str = "対象者の内訳";

fn by_sheet(by: &[Breakdown]) -> Sheet {
    let mut rows = Vec::new();
    for b in by {
        for (words, n) in b.lines() {
            rows.push(vec![b.label.as_str().into(), words.into(), n.into()]);
        }
    }
    Sheet { name: BY, head: vec!["登録項目", "登録した内容", "対象（人）"], rows }
}

/// Which file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// One table as CSV.
    Csv,
    /// All tables as a workbook.
    Xlsx,
}

/// The numbers of one delivery.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn figures_file(ctx: &Context, id: DeliveryId, file: File) -> Result<Vec<u8>> {
    let delivery = store::delivery::get(ctx, id).await?;
    let catalog = crate::audience::catalog(ctx, crate::audience::named(&delivery.audience)).await?;
    let m = of(ctx, &delivery, &catalog).await?;
    let overview = overview(&delivery, &m, &catalog);
    let links = [(&delivery, m.links.as_slice())];
    let by = m.by.as_deref().unwrap_or_default();
    ledger::note(ctx, Line::ok("delivery.export", format!("delivery:{id}")).count(1)).await?;
    match file {
        File::Xlsx => {
            let hours =
                m.hours.iter().map(|(hour, n)| vec![Timestamp(hour * HOUR).into(), (*n).into()]);
            let hours = Sheet {
                name: "タップの移り変わり",
                head: vec!["1時間のはじめ", "タップ（回）"],
                rows: hours.collect(),
            };
            let replies = Sheet {
                name: "返事",
                head: vec!["返事", "人数（人）", "受付した人数に対して（％）"],
                rows: m.replies.iter().map(|reply| reply_row(reply, &m)).collect(),
            };
            sheet::xlsx(&[overview, links_sheet(links.into_iter()), hours, replies, by_sheet(by)])
        }
        File::Csv => {
            // One table holds all: what it is about stands in the first column.
            let mut table = Sheet {
                name: "結果",
                head: vec!["何について", "項目", "数", "受付した人数に対して（％）"],
                rows: Vec::new(),
            };
            for row in overview.rows {
                let mut cells = vec!["配信".into()];
                cells.extend(row);
                table.rows.push(cells);
            }
            for l in &m.links {
                table.rows.push(vec![
                    "リンクのタップ（回）".into(),
                    format!("{}番目の内容　{}", l.part + 1, l.uri).into(),
                    l.taps.into(),
                    Cell::percent(percent(l.taps, m.figures.accepted)),
                ]);
            }
            for (hour, n) in &m.hours {
                let at = Timestamp(hour * HOUR).day_and_time();
                table.rows.push(vec![
                    "1時間ごとのタップ（回）".into(),
                    format!("{at}から").into(),
                    (*n).into(),
                    Cell::Empty,
                ]);
            }
            for reply in &m.replies {
                let mut cells = vec!["返事（人）".into()];
                cells.extend(reply_row(reply, &m));
                table.rows.push(cells);
            }
            for row in by_sheet(by).rows {
                let mut row = row.into_iter();
                let what = match row.next() {
                    Some(Cell::Text(label)) => format!("対象（人）：{label}"),
                    _ => String::new(),
                };
                let mut cells = vec![what.into()];
                cells.extend(row);
                cells.push(Cell::Empty);
                table.rows.push(cells);
            }
            sheet::csv(&table)
        }
    }
}

fn reply_row((words, n): &(String, i64), m: &Measured) -> Vec<Cell> {
    let share = Cell::percent(percent(*n, m.figures.accepted));
    vec![words.as_str().into(), (*n).into(), share]
}

fn overview(d: &Delivery, m: &Measured, catalog: &Catalog) -> Sheet {
    let f = d.figures;
    // Before the freeze nothing is known of recipients: empty, not 0.
    let known = |n: i64| if d.frozen_at.is_some() { n.into() } else { Cell::Empty };
    let reads = m.reads.as_ref();
    let clickers = match reads.map_or(Shown::Unknown, Reads::clickers) {
        Shown::Number(n) => n.into(),
        Shown::Hidden => "公表されません".into(),
        Shown::Waiting | Shown::Unknown => Cell::Empty,
    };
    let mut rows: Vec<Vec<Cell>> = vec![
        vec!["番号".into(), d.id.to_string().into()],
        vec!["件名".into(), d.title.as_str().into()],
        vec!["目的".into(), d.purpose.label().into()],
        vec!["状態".into(), d.status.label().into()],
        vec!["所属".into(), d.department_name.as_str().into()],
        vec!["配信対象".into(), who(d, catalog).into()],
        vec!["送り始め".into(), d.started_at.into()],
        vec!["送り終わり".into(), d.finished_at.into()],
        vec!["対象（人）".into(), known(f.recipients)],
        vec!["受付（人）".into(), known(f.accepted)],
        vec!["届かず（人）".into(), known(f.failed)],
        vec!["差し控え（人）".into(), known(f.withheld)],
        vec!["読んだ人（人）".into(), readers(reads), read_share(reads, f.accepted)],
        vec!["リンクをひらいた人（人・LINEの統計）".into(), clickers],
        vec!["LINEの統計を読んだ時刻".into(), reads.and_then(|r| r.taken_at).into()],
        vec!["リンクのタップ（回）".into(), taps(&m.links), tap_share(&m.links, f.accepted)],
    ];
    if m.by.as_ref().is_some_and(|by| !by.is_empty()) {
        rows.push(vec!["対象者の内訳の分け方".into(), m.as_of.words().into()]);
    }
    for row in &mut rows {
        row.resize(3, Cell::Empty);
    }
    Sheet {
        name: "配信", head: vec!["項目", "内容", "受付した人数に対して（％）"], rows
    }
}

/// All taps; empty where no link is counted.
fn taps(links: &[Counted]) -> Cell {
    Some(links.iter().map(|l| l.taps).sum::<i64>()).filter(|_| !links.is_empty()).into()
}

fn tap_share(links: &[Counted], accepted: i64) -> Cell {
    match taps(links) {
        Cell::Count(n) => Cell::percent(percent(n, accepted)),
        _ => Cell::Empty,
    }
}

/// Deliveries whose recipients are looked at for the workbook's breakdown, the first of the list.
const BY_MAX: usize = 500;

/// The whole list, narrowed like the page.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list_file(ctx: &Context, filter: &Filter, file: File) -> Result<Vec<u8>> {
    let found = all(ctx, filter).await?;
    let named = crate::audience::named(found.iter().filter_map(|d| d.audience.as_ref()));
    let catalog = crate::audience::catalog(ctx, named).await?;
    let (mut reads, mut links) = (BTreeMap::new(), BTreeMap::new());
    for piece in found.chunks(500) {
        let ids: Vec<DeliveryId> = piece.iter().map(|d| d.id).collect();
        reads.extend(store::insight::of_each(ctx, &ids).await?);
        links.extend(store::link::of_each(ctx, &ids).await?);
    }
    let count = found.len() as i64;
    ledger::note(ctx, Line::ok("delivery.export", "delivery").count(count)).await?;
    let none = Vec::new();
    let links_of = |d: &Delivery| links.get(&d.id).unwrap_or(&none).as_slice();
    let rows = found.iter().map(|d| row(d, &catalog, reads.get(&d.id), links_of(d))).collect();
    let table = Sheet { name: "配信", head: LIST_HEAD.to_vec(), rows };
    if file == File::Csv {
        return sheet::csv(&table);
    }
    let first = found.iter().take(BY_MAX).map(|d| d.id).collect();
    let mut by = added_up(ctx, first, &catalog).await?;
    if found.len() > BY_MAX {
        let words = format!("一覧のはじめの{BY_MAX}件だけを数えています。期間をしぼってください");
        by.rows.push(vec![words.into()]);
    }
    let links = links_sheet(found.iter().map(|d| (d, links_of(d))));
    sheet::xlsx(&[table, links, by])
}

/// The recipients of several deliveries by every attribute; last, by which registration.
async fn added_up(ctx: &Context, of: Vec<DeliveryId>, catalog: &Catalog) -> Result<Sheet> {
    let (mut all, mut words, groups) = (Vec::new(), None, [of]);
    for a in dividing(catalog) {
        let divided = divided(ctx, a, catalog.today, &groups).await?;
        if divided.whole > 0 {
            // Of an attribute that is new more was counted later than of the others.
            words = words.max(Some((divided.later, divided.words())));
            all.push(divided.by);
        }
    }
    let mut sheet = by_sheet(&all);
    sheet.head = vec!["登録項目", "登録した内容", "対象（のべ人数）"];
    sheet.rows.extend(words.map(|(_, words)| vec![Cell::from(words)]));
    Ok(sheet)
}

const LIST_HEAD: [&str; 21] = [
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
    "読んだ人（人）",
    "読んだ人（受付した人数に対して％）",
    "LINEの統計を読んだ時刻",
    "リンクのタップ（回）",
    "リンクごとのタップ",
];

fn row(d: &Delivery, catalog: &Catalog, reads: Option<&Reads>, links: &[Counted]) -> Vec<Cell> {
    // Before the freeze nothing is known of recipients: empty, not 0.
    let figure = |n: i64| if d.frozen_at.is_some() { n.into() } else { Cell::Empty };
    let text: Vec<String> = d.parts.iter().map(|p| p.marked(d.purpose)).collect();
    let each: Vec<String> = links.iter().map(|l| format!("{}　{}回", l.uri, l.taps)).collect();
    vec![
        d.id.to_string().into(),
        d.title.as_str().into(),
        d.purpose.label().into(),
        d.status.label().into(),
        d.department_name.as_str().into(),
        d.created_by_name.as_str().into(),
        who(d, catalog).into(),
        d.send_at.filter(|at| *at != UNDECIDED).into(),
        d.started_at.into(),
        d.finished_at.into(),
        figure(d.figures.recipients),
        figure(d.figures.accepted),
        figure(d.figures.failed),
        figure(d.figures.withheld),
        text.join("\n\n").into(),
        d.recurrence.as_ref().map(Recurrence::sentence).into(),
        readers(reads),
        read_share(reads, d.figures.accepted),
        reads.and_then(|r| r.taken_at).into(),
        taps(links),
        each.join("\n").into(),
    ]
}

/// Readers as other systems see them: `status` says why a number is null.
pub(super) fn reads_for_systems(reads: Option<&Reads>) -> serde_json::Value {
    let number = |shown: Shown| match shown {
        Shown::Number(n) => Some(n),
        Shown::Hidden | Shown::Waiting | Shown::Unknown => None,
    };
    let Some(reads) = reads else { return serde_json::Value::Null };
    let status = match reads.readers() {
        Shown::Number(_) => "published",
        Shown::Hidden => "not_published",
        Shown::Waiting => "waiting",
        Shown::Unknown => "not_counted",
    };
    serde_json::json!({
        "status": status,
        "people": number(reads.readers()),
        "link_openers": number(reads.clickers()),
        "taken_at": reads.taken_at.map(Timestamp::rfc3339),
    })
}

/// Links as other systems see them.
pub(super) fn links_for_systems(links: &[Counted]) -> serde_json::Value {
    links
        .iter()
        .map(|l| {
            serde_json::json!({
                "part": l.part,
                "url": l.uri,
                "short_url": l.short,
                "taps": l.taps,
                "until": l.until.rfc3339(),
            })
        })
        .collect()
}
