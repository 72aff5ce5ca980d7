//! The calendar of all that will be sent and was sent (SEG-6).

use super::{gate, recurring};
use crate::{Context, Result};
use domain::delivery::{Calendar, Delivery, Entry, Month, Status, UNDECIDED};
use domain::holiday::Holidays;
use domain::id::DepartmentId;
use domain::time::{DAY, Date, Timestamp};
use store::delivery::{Query, Sort};

/// Deliveries read at once.
const PAGE: i64 = 1000;

/// A month with the days beside it, of one department or of all. Drafts without a time
/// and what was stopped before it began are left out.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn calendar(
    ctx: &Context,
    month: Month,
    department: Option<DepartmentId>,
) -> Result<Calendar> {
    let weeks = month.weeks();
    let first = weeks.first().map_or(month.first(), |w| w[0]);
    let last = weeks.last().map_or(month.first(), |w| w[6]);
    let (from, until) = (first.start(), Date::from_days(last.days() + 1).start());
    let before = from.plus(-DAY);
    let holidays = store::holiday::known(ctx).await?;
    let mut entries = begin_between(ctx, (before, until), department, &holidays).await?;
    let (first_day, last_day) = (before.date(), Date::from_days(until.date().days() - 1));
    entries.extend(crate::steps::entries(ctx, first_day, last_day, department).await?);
    let mut entries = leave_between(ctx, entries, (from, until)).await?;
    entries.sort_by_key(|e| (e.at, e.id));
    Ok(Calendar {
        month,
        entries,
        holidays: (first.days()..=last.days())
            .map(Date::from_days)
            .filter_map(|d| Some((d, holidays.name(d)?)))
            .collect(),
        departments: store::delivery::departments(ctx).await?,
        now: ctx.now(),
    })
}

/// The deliveries that leave between two times, and series at each of theirs. Step courses are
/// left out: whom they reach, and when, is counted by the day.
pub(super) async fn leaving(
    ctx: &Context,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<Entry>> {
    let holidays = store::holiday::known(ctx).await?;
    let entries = begin_between(ctx, (from.plus(-DAY), until), None, &holidays).await?;
    leave_between(ctx, entries, (from, until)).await
}

/// What begins between two times if it does not wait. What waits for the end of the quiet
/// hours may do so until the next day: so much earlier is to be asked.
async fn begin_between(
    ctx: &Context,
    (from, until): (Timestamp, Timestamp),
    department: Option<DepartmentId>,
    holidays: &Holidays,
) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut offset = 0;
    loop {
        let query = Query {
            department,
            from: Some(from),
            until: Some(until),
            sort: Sort::Oldest,
            offset,
            limit: PAGE,
            ..Query::default()
        };
        let (page, total, _) = store::delivery::list(ctx, &query).await?;
        entries.extend(page.into_iter().filter_map(entry));
        offset += PAGE;
        if offset >= total {
            break;
        }
    }
    for series in store::delivery::recurring::in_force(ctx).await? {
        if department.is_some() && series.department != department {
            continue;
        }
        let times = recurring::times(&series, holidays, until);
        entries.extend(
            times
                .into_iter()
                .filter(|at| *at >= from)
                .map(|at| Entry { planned: true, ..of(&series, at) }),
        );
    }
    Ok(entries)
}

/// Moves what waits to the end of the quiet hours; what leaves between two times stays.
async fn leave_between(
    ctx: &Context,
    mut entries: Vec<Entry>,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<Entry>> {
    let (gates, nightly) = (gate::gates(ctx).await?, store::delivery::gate::nightly(ctx).await?);
    for entry in &mut entries {
        let coming = matches!(entry.status, Status::Scheduled | Status::AwaitingApproval);
        if let Some(end) =
            gates.waits(entry.purpose, entry.at).filter(|_| coming && !nightly.contains(&entry.id))
        {
            entry.waited = Some(std::mem::replace(&mut entry.at, end));
        }
    }
    entries.retain(|e| e.at >= from && e.at < until);
    Ok(entries)
}

fn entry(d: Delivery) -> Option<Entry> {
    if d.recurrence.is_some() || d.status == Status::Cancelled && d.frozen_at.is_none() {
        return None;
    }
    let at = d.frozen_at.or(d.send_at.filter(|at| *at != UNDECIDED))?;
    Some(of(&d, at))
}

fn of(d: &Delivery, at: Timestamp) -> Entry {
    Entry {
        id: d.id,
        title: d.title.clone(),
        purpose: d.purpose,
        status: d.status,
        planned: false,
        waited: None,
        department: d.department_name.clone(),
        at,
        recipients: d.frozen_at.map(|_| d.figures.recipients),
        course: None,
    }
}
