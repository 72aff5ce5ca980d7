//! Deliveries added up by months or weeks (SEG-8).

use super::breakdown::{divided, dividing};
use super::measured::{BY, File};
use crate::sheet::{self, Cell, Sheet};
use crate::{Context, Result};
use domain::delivery::percent;
use domain::delivery::period::{Asked, Divided, Every, Periods, Sent, Sum, sums};
use domain::id::DeliveryId;
use store::ledger::{self, Line};

/// The sums of the last year, or quarter by weeks.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn periods(ctx: &Context, asked: Asked) -> Result<Periods> {
    let today = ctx.now().date();
    let from = asked.every.starts(today).first().copied().unwrap_or(today).start();
    let until = asked.every.end(today).start();
    let sent = store::delivery::sent_between(ctx, from, until, asked.department).await?;
    let sums = sums(asked.every, today, sent.iter().copied());
    let catalog = store::attribute::catalog(ctx).await?;
    let attribute = dividing(&catalog).find(|a| Some(a.id) == asked.by);
    let by = match attribute {
        Some(a) => Some(divided(ctx, a, today, &by_period(&sums, &sent)).await?),
        None => None,
    };
    Ok(Periods {
        asked: Asked { by: attribute.map(|a| a.id), ..asked },
        sums,
        departments: store::delivery::departments(ctx).await?,
        attributes: dividing(&catalog).map(|a| (a.id, a.label.clone())).collect(),
        by,
    })
}

/// The deliveries of every period.
fn by_period(sums: &[Sum], sent: &[Sent]) -> Vec<Vec<DeliveryId>> {
    let mut of: Vec<Vec<DeliveryId>> = vec![Vec::new(); sums.len()];
    for s in sent {
        let day = s.at.date().days();
        if let Some(i) = sums.iter().rposition(|sum| sum.from.days() <= day) {
            of[i].push(s.id);
        }
    }
    of
}

/// The same to take away: as CSV the recipients by the attribute that was asked for, else the
/// sums; a workbook has both.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn periods_file(ctx: &Context, asked: Asked, file: File) -> Result<Vec<u8>> {
    let Periods { sums, by, .. } = periods(ctx, asked).await?;
    let count = sums.iter().map(|s| s.deliveries).sum();
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
        File::Xlsx => sheet::xlsx(&[added].into_iter().chain(divided).collect::<Vec<_>>()),
    }
}

fn sums_sheet(every: Every, sums: &[Sum]) -> Sheet {
    let row = |s: &Sum| -> Vec<Cell> {
        let known = s.read > 0;
        vec![
            every.words(s.from).into(),
            s.deliveries.into(),
            s.figures.recipients.into(),
            s.figures.accepted.into(),
            s.figures.failed.into(),
            s.figures.withheld.into(),
            known.then_some(s.readers).into(),
            Cell::percent(percent(s.readers, s.read_of).filter(|_| known)),
            s.read.into(),
        ]
    };
    let head = vec![
        "期間",
        "配信（件）",
        "対象（のべ人数）",
        "受付（のべ人数）",
        "届かず（のべ人数）",
        "差し控え（のべ人数）",
        "読んだ人（のべ人数）",
        "読んだ人（受付した人数に対して％）",
        "読んだ人が分かる配信（件）",
    ];
    Sheet { name: "期間ごと", head, rows: sums.iter().map(row).collect() }
}

fn divided_sheet(every: Every, sums: &[Sum], d: &Divided) -> Sheet {
    let mut rows = Vec::new();
    for (i, sum) in sums.iter().enumerate() {
        for ((words, _), each) in d.by.lines().zip(&d.each) {
            rows.push(vec![
                every.words(sum.from).into(),
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
