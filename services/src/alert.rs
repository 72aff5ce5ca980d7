//! 知らせ: what staff must hear of at once, who saw it, and the record of it (ADM-10).

use crate::resident::csv::{BOM, lines};
use crate::{Context, Platform, Result};
use domain::alert::{Alert, Of, Report, Unheard, events};
use domain::permission::Permission;
use domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::ledger::{self, Line};

pub use store::alert::{PER_PAGE, contact, list, open, open_count, see, set_contact, silence};

/// How often is looked from outside whether workers work.
const STAND_BY: Duration = Duration::from_secs(30);

/// Looks at what goes on; tells those in charge of what began.
///
/// # Errors
/// If the database is away.
pub async fn watch(platform: &Platform, ctx: &Context) -> Result<u64> {
    let began = store::alert::watch(ctx, link(platform)).await?;
    if began > 0 {
        tracing::warn!(began, "alerts began");
    }
    Ok(began)
}

/// Where mails lead, if any can be sent.
fn link(platform: &Platform) -> Option<&str> {
    crate::mail::can_send(platform).then_some(platform.settings.public_url.as_str())
}

/// What nobody hears of by mail.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn unheard(platform: &Platform, ctx: &Context) -> Result<Unheard> {
    let found = store::alert::unheard(ctx).await?;
    Ok(Unheard { relay: !crate::mail::can_send(platform), ..found })
}

/// Looks whether workers work at all, and tells if none does. Answers whether that began.
///
/// # Errors
/// If the database is away.
pub async fn look_after(platform: &Platform, ctx: &Context) -> Result<bool> {
    let began = store::alert::stand_by(ctx, link(platform)).await?;
    if began {
        tracing::error!("no worker works: nothing is sent, and nobody watches");
    }
    Ok(began)
}

/// Does so until `stop` turns true: in every process with pages, since who is dead cannot tell.
pub async fn stand_by(platform: Arc<Platform>, mut stop: tokio::sync::watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(STAND_BY) => {
                if let Err(error) = look_after(&platform, &platform.system()).await {
                    tracing::error!(%error, "it is not known whether workers work");
                }
            }
            _ = stop.changed() => {}
        }
    }
}

/// What happened when, and who did what, about an alert or a delivery: the ledger's part for
/// who may read the ledger.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn report(ctx: &Context, of: Of) -> Result<Report> {
    let (alone, subject, delivery) = match of {
        Of::Alert(id) => {
            let (alert, subject) = store::alert::get(ctx, id).await?;
            let delivery = alert.delivery;
            (Some(alert), subject, delivery)
        }
        Of::Delivery(id) => (None, format!("delivery:{id}"), Some(id)),
    };
    let (progress, alerts, corrections, seal) = match delivery {
        Some(id) => (
            Some(store::delivery::progress(ctx, id).await?),
            store::alert::of_delivery(ctx, id).await?,
            store::delivery::corrections(ctx, id).await?,
            ledger::seal_of_delivery(ctx, id).await?,
        ),
        None => (None, alone.into_iter().collect(), Vec::new(), None),
    };
    let reads_ledger = ctx.allow(Permission::LedgerRead).is_ok();
    let (mut entries, mut names) = (Vec::new(), BTreeMap::new());
    if reads_ledger {
        entries = ledger::about(ctx, &subject).await?;
        names = crate::ledger::names(ctx, &entries).await?;
        ledger::note(ctx, Line::ok("ledger.view", "ledger").count(entries.len() as i64)).await?;
    }
    let happenings = progress.as_ref().map_or(&[][..], |p| p.happenings.as_slice());
    Ok(Report {
        city: store::setting::city(ctx).await?,
        events: events(happenings, &alerts, &entries, &names),
        alerts,
        progress,
        corrections,
        ledger: reads_ledger,
        seal,
        now: ctx.now(),
    })
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
