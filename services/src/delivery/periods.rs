//! Deliveries added up by months or weeks (SEG-8).

use crate::sheet::{self, Cell, Sheet};
use crate::{Context, Result};
use domain::delivery::percent;
use domain::delivery::period::{Asked, Periods, Sum, sums};
use store::ledger::{self, Line};

async fn added(ctx: &Context, asked: Asked) -> Result<Vec<Sum>> {
    let today = ctx.now().date();
    let starts = asked.every.starts(today);
    let from = starts.first().copied().unwrap_or(today).start();
    let until = asked.every.end(today).start();
    let sent = store::delivery::sent_between(ctx, from, until, asked.department).await?;
    Ok(sums(asked.every, today, sent))
}

/// The sums of the last year, or quarter by weeks.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn periods(ctx: &Context, asked: Asked) -> Result<Periods> {
    Ok(Periods {
        asked,
        sums: added(ctx, asked).await?,
        departments: store::delivery::departments(ctx).await?,
    })
}

/// The same as a table to take away.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn periods_csv(ctx: &Context, asked: Asked) -> Result<Vec<u8>> {
    let sums = added(ctx, asked).await?;
    let count = sums.iter().map(|s| s.deliveries).sum();
    ledger::note(ctx, Line::ok("delivery.export", "delivery").count(count)).await?;
    let row = |s: &Sum| -> Vec<Cell> {
        let known = s.read > 0;
        vec![
            asked.every.words(s.from).into(),
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
    sheet::csv(&Sheet { name: "期間ごと", head, rows: sums.iter().map(row).collect() })
}
