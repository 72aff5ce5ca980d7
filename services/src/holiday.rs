//! 休みの日: the list as a file; what more there is to do stands in `store`.

use crate::resident::csv::{BOM, lines};
use crate::{Context, Result};
use store::ledger::{self, Line};

pub use domain::holiday::{DayOff, Holidays};
pub use store::holiday::{add, known, list, remove};

/// The list of a year as CSV: UTF-8 with BOM, no cell is a formula.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn csv(ctx: &Context, year: i32) -> Result<Vec<u8>> {
    let days = list(ctx, year).await?;
    let head = ["日付", "曜日", "名前", "決め方", "外しているか"].map(str::to_owned).to_vec();
    let rows = days.iter().map(|d| {
        vec![
            d.date.iso(),
            d.date.weekday_name().into(),
            d.name.clone(),
            if d.by_rule { "国の祝日" } else { "市の休み" }.into(),
            if d.removed { "外しています" } else { "" }.into(),
        ]
    });
    ledger::note(
        ctx,
        Line::ok("holiday.export", format!("holiday:{year}")).count(days.len() as i64),
    )
    .await?;
    Ok([BOM, &lines(std::iter::once(head).chain(rows))?].concat())
}
