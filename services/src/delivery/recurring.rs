//! Series (くり返し): checked, looked at, paused, changed, ended (SEG-6).

use super::gate;
use super::listed::{rows, who};
use crate::{Context, Error, Platform, Result};
use domain::delivery::{PER_PAGE, Purpose, Series, Status};
use domain::id::DeliveryId;
use domain::permission::{Owner, Permission};
use domain::problem::Problem;
use domain::recurrence::Recurrence;
use domain::time::Timestamp;
use store::delivery::recurring as kept;
use store::delivery::{Query, Sort};

pub use store::delivery::recurring::{edit, end, pause, skip};

/// What is wrong with the rule of a draft.
pub(super) async fn problems(
    ctx: &Context,
    rule: &Recurrence,
    purpose: Purpose,
) -> Result<Vec<Problem>> {
    let mut problems = rule.problems(&store::holiday::known(ctx).await?, ctx.now());
    if purpose == Purpose::Emergency {
        problems.push(Problem::new(
            "/recurrence",
            "緊急の配信は、くり返せません。「すぐに」か「日時を決める」を選んでください",
        ));
    }
    Ok(problems)
}

/// Lets a paused series go on.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Conflict`, `Invalid` if it never comes again.
pub async fn resume(platform: &Platform, ctx: &Context, id: DeliveryId) -> Result<()> {
    kept::resume(ctx, id).await?;
    platform.outbox_ready.notify_one();
    Ok(())
}

/// A series with what came of it.
///
/// # Errors
/// `NotFound` if it is none; `Forbidden`.
pub async fn series(ctx: &Context, id: DeliveryId) -> Result<Series> {
    let delivery = super::get(ctx, id).await?;
    if delivery.recurrence.is_none() {
        return Err(Error::NotFound);
    }
    let owner = delivery.department.map_or(Owner::City, Owner::Department);
    let catalog = crate::audience::catalog(ctx, crate::audience::named(&delivery.audience)).await?;
    let people = match delivery.audience.as_ref().and_then(|a| a.resolve(&catalog, "").ok()) {
        Some(resolved) => store::audience::counts(ctx, &[resolved]).await?.first().copied(),
        None => None,
    };
    let query = Query { series: Some(id), sort: Sort::Newest, limit: PER_PAGE, ..Query::default() };
    let (past, past_total, _) = store::delivery::list(ctx, &query).await?;
    Ok(Series {
        who: who(&delivery, &catalog),
        people,
        holidays: store::holiday::known(ctx).await?,
        past: rows(ctx, &catalog, past).await?,
        past_total,
        draft: kept::draft_of(ctx, id).await?,
        happenings: store::delivery::happenings(ctx, id).await?,
        may_write: ctx.allow_on(Permission::DeliveryWrite, owner).is_ok(),
        may_send: ctx.allow_on(Permission::DeliverySend, owner).is_ok(),
        now: ctx.now(),
        delivery,
    })
}

/// What a series or a course has made and what waits for the end of the quiet hours, or will when
/// it has its turn, and until when: it stops with it. What else is due is about to be sent.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn waiting(ctx: &Context, of: Query) -> Result<Vec<(DeliveryId, Timestamp)>> {
    let query = Query { status: Some(Status::Scheduled), sort: Sort::Oldest, limit: 20, ..of };
    let (scheduled, ..) = store::delivery::list(ctx, &query).await?;
    let now = ctx.now();
    let mut waiting = Vec::new();
    for delivery in &scheduled {
        let until = match delivery.send_at.filter(|at| *at > now) {
            Some(at) => Some(at),
            None => gate::waits_at(ctx, delivery, now).await?,
        };
        waiting.extend(until.map(|until| (delivery.id, until)));
    }
    Ok(waiting)
}

/// The times of a series in force from its next one on, before `until`.
pub(super) fn times(
    delivery: &domain::delivery::Delivery,
    holidays: &domain::holiday::Holidays,
    until: Timestamp,
) -> Vec<Timestamp> {
    match (&delivery.recurrence, delivery.send_at) {
        (Some(rule), Some(next)) => {
            rule.after(holidays, next.plus(-1)).take_while(|at| *at < until).collect()
        }
        _ => Vec::new(),
    }
}
