//! Deliveries added up by months or weeks (SEG-8).

use super::breakdown::{divided, dividing};
use super::measured::{BY, File};
use crate::sheet::{self, Cell, Sheet};
use crate::{Context, Result};
use domain::delivery::percent;
use domain::delivery::period::{Asked, Beside, Divided, Every, Periods, Span, Sum};
use domain::id::DeliveryId;
use domain::time::Date;
use store::ledger::{self, Line};

/// The sums of the periods that are asked for, with what they compare with.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn periods(ctx: &Context, asked: Asked) -> Result<Periods> {
    let today = ctx.now().date();
    let since = store::delivery::first_sent(ctx).await?;
    let spans = asked.beside(today, since);
    let flat: Vec<Span> = spans.iter().flat_map(|of| of.all()).collect();
    let mut found = store::delivery::sums(ctx, &flat, asked.department).await?.into_iter();
    let mut sums: Vec<Beside<Sum>> =
        spans.into_iter().map(|of| of.map(|_| found.next().unwrap_or_default())).collect();
    let whole = sums.pop().unwrap_or_default();
    let catalog = store::attribute::catalog(ctx).await?;
    let attribute = dividing(&catalog).find(|a| Some(a.id) == asked.by);
    let by = match attribute {
        Some(a) => {
            let span = whole.now.span;
            let sent = store::delivery::sent_between(ctx, span, asked.department).await?;
            Some(divided(ctx, a, today, &by_period(&sums, &sent)).await?)
        }
        None => None,
    };
    Ok(Periods {
        asked: Asked { by: attribute.map(|a| a.id), ..asked },
        sums,
        whole,
        today,
        since,
        departments: store::delivery::departments(ctx).await?,
        attributes: dividing(&catalog).map(|a| (a.id, a.label.clone())).collect(),
        by,
    })
}

/// The deliveries of every period.
fn by_period(sums: &[Beside<Sum>], sent: &[(DeliveryId, Date)]) -> Vec<Vec<DeliveryId>> {
    let mut of: Vec<Vec<DeliveryId>> = vec![Vec::new(); sums.len()];
    for (id, day) in sent {
        if let Some(i) = sums.iter().position(|sum| sum.now.span.contains(*day)) {
            of[i].push(*id);
        }
    }
    of
}

/// The same to take away: as CSV the recipients by the attribute that was asked for, else the
/// sums; a workbook has both, and all of the time beside what it compares with.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn periods_file(ctx: &Context, asked: Asked, file: File) -> Result<Vec<u8>> {
    let Periods { sums, whole, by, .. } = periods(ctx, asked).await?;
    let count = whole.now.deliveries;
    ledger::note(ctx, Line::ok("delivery.export", "delivery").count(count)).await?;
    let divided = by.map(|by| {
        let mut sheet = divided_sheet(asked.every, &sums, &by);
        // As CSV it has rows of one kind alone.
        if file == File::Xlsx {
            sheet.rows.push(vec![by.words().into()]);
        }
        sheet
    });
    let added = sums_sheet(asked.every, &sums);
    match file {
        File::Csv => sheet::csv(&divided.unwrap_or(added)),
        File::Xlsx => {
            let all = [added, whole_sheet(whole)].into_iter().chain(divided);
            sheet::xlsx(&all.collect::<Vec<_>>())
        }
    }
}

/// What the figures of a time are.
const FIGURES: [&str; 10] = [
    "配信（件）",
    "対象（のべ人数）",
    "受付（のべ人数）",
    "届かず（のべ人数）",
    "差し控え（のべ人数）",
    "読んだ人（のべ人数）",
    "読んだ人（受付した人数に対して％）",
    "読んだ人が分かる配信（件）",
    "タップ（回）",
    "数えるリンクがある配信（件）",
];

fn figures(s: &Sum) -> Vec<Cell> {
    let known = s.read > 0;
    vec![
        s.deliveries.into(),
        s.figures.recipients.into(),
        s.figures.accepted.into(),
        s.figures.failed.into(),
        s.figures.withheld.into(),
        known.then_some(s.readers).into(),
        Cell::percent(percent(s.readers, s.read_of).filter(|_| known)),
        s.read.into(),
        s.tapped().into(),
        s.linked.into(),
    ]
}

fn sums_sheet(every: Every, sums: &[Beside<Sum>]) -> Sheet {
    let row = |of: &Beside<Sum>| -> Vec<Cell> {
        let mut cells = vec![every.words(of.now.span.from).into()];
        cells.extend(figures(&of.now));
        for former in [of.before, of.last_year] {
            cells.push(former.map(|s| s.figures.accepted).into());
            cells.push(former.and_then(Sum::tapped).into());
        }
        cells
    };
    let mut head = vec!["期間"];
    head.extend(FIGURES);
    head.extend(match every {
        Every::Month => [
            "前の月の受付（のべ人数）",
            "前の月のタップ（回）",
            "前の年の同じ月の受付（のべ人数）",
            "前の年の同じ月のタップ（回）",
        ],
        Every::Week => [
            "前の週の受付（のべ人数）",
            "前の週のタップ（回）",
            "52週前の受付（のべ人数）",
            "52週前のタップ（回）",
        ],
    });
    Sheet { name: "期間ごと", head, rows: sums.iter().map(row).collect() }
}

/// All of the time, and what it compares with.
fn whole_sheet(whole: Beside<Sum>) -> Sheet {
    let named = [
        ("この期間", Some(whole.now)),
        ("その前の同じ長さの期間", whole.before),
        ("前の年の同じ期間", whole.last_year),
    ];
    let rows = named.into_iter().filter_map(|(name, s)| {
        let s = s?;
        let mut cells = vec![name.into(), s.span.words().into()];
        cells.extend(figures(&s));
        Some(cells)
    });
    let mut head = vec!["期間", "いつ"];
    head.extend(FIGURES);
    Sheet { name: "合計", head, rows: rows.collect() }
}

fn divided_sheet(every: Every, sums: &[Beside<Sum>], d: &Divided) -> Sheet {
    let mut rows = Vec::new();
    for (i, sum) in sums.iter().enumerate() {
        for ((words, _), each) in d.by.lines().zip(&d.each) {
            rows.push(vec![
                every.words(sum.now.span.from).into(),
                d.by.label.as_str().into(),
                words.into(),
                each[i].into(),
            ]);
        }
    }
    Sheet {
        name: BY, head: vec!["期間", "登録項目", "登録した内容", "対象（のべ人数）"], rows
    }
}
