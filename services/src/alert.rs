//! 知らせ: what staff must hear of at once, who saw it, and the record of it (ADM-10).

use crate::resident::csv::{BOM, lines};
use crate::{Context, Platform, Result};
use domain::alert::Alert;
use domain::permission::Permission;
use domain::time::Timestamp;
use store::ledger::{self, Line};

pub use store::alert::{PER_PAGE, contact, list, open, open_count, see, set_contact};

/// Looks at what goes on; tells those in charge of what began.
///
/// # Errors
/// If the database is away.
pub async fn watch(platform: &Platform, ctx: &Context) -> Result<u64> {
    let link = crate::mail::can_send(platform).then_some(platform.settings.public_url.as_str());
    let began = store::alert::watch(ctx, link).await?;
    if began > 0 {
        tracing::warn!(began, "alerts began");
    }
    Ok(began)
}

/// Most rows of a CSV.
const CSV_MAX: usize = 100_000;

/// The whole record as CSV: UTF-8 with BOM, no cell is a formula.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn csv(ctx: &Context) -> Result<Vec<u8>> {
    ctx.allow(Permission::LedgerExport)?;
    let head = [
        "番号",
        "できごと",
        "配信の番号",
        "件名",
        "所属",
        "くわしく",
        "始まり",
        "終わり",
        "続いた分",
        "見た人",
        "送ったメール（通）",
        "送れなかったメール（通）",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let mut before = None;
    loop {
        let page = list(ctx, before, 1_000).await?;
        rows.extend(page.iter().map(cells));
        before = page.last().map(|a| a.id);
        if page.len() < 1_000 || rows.len() > CSV_MAX {
            break;
        }
    }
    ledger::note(ctx, Line::ok("alert.export", "alert").count(rows.len() as i64 - 1)).await?;
    Ok([BOM, &lines(rows)?].concat())
}

fn cells(a: &Alert) -> Vec<String> {
    let time = |t: Timestamp| {
        let c = t.tokyo();
        format!("{} {:02}:{:02}:{:02}", c.date.iso(), c.hour, c.minute, c.second)
    };
    let seen: Vec<String> =
        a.seen.iter().map(|s| format!("{}（{}）", s.name, time(s.at))).collect();
    vec![
        a.id.to_string(),
        a.kind.label().into(),
        a.delivery.map(|d| d.to_string()).unwrap_or_default(),
        a.title.clone(),
        a.department.clone(),
        a.detail.clone(),
        time(a.began_at),
        a.ended_at.map(time).unwrap_or_default(),
        a.ended_at
            .map(|end| (end.since(a.began_at) / domain::time::MINUTE).to_string())
            .unwrap_or_default(),
        seen.join("、"),
        a.mails.0.to_string(),
        a.mails.2.to_string(),
    ]
}
