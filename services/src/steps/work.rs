//! What is due becomes deliveries; and what will be due stands in the calendar.

use crate::{Context, Result};
use domain::audience::Audience;
use domain::delivery::{Entry, Purpose, Status};
use domain::id::{DeliveryId, DepartmentId};
use domain::steps::{Due, State};
use domain::time::{Date, Timestamp};
use store::steps as kept;

/// Makes the deliveries of every course whose moment has come: one moment of each. What is
/// for nobody is not made. Answers whether there was any.
///
/// # Errors
/// If the database is away; what was made stays, the rest is made with the next look.
pub async fn work(ctx: &Context) -> Result<bool> {
    let courses = kept::due(ctx).await?;
    for id in &courses {
        let course = kept::get(ctx, *id).await?;
        let (Some(content), Some(at), State::Running) =
            (&course.in_force, course.next_at, course.state)
        else {
            continue;
        };
        // Another worker has been here since the look: what comes next is not due yet.
        if at > ctx.now() {
            continue;
        }
        let catalog = super::catalog(ctx, [content]).await?;
        let due = content.due(at);
        let audiences: Vec<Audience> = due.iter().map(|d| content.audience_of(d)).collect();
        let resolved: std::result::Result<Vec<_>, _> =
            audiences.iter().map(|a| a.resolve(&catalog, "")).collect();
        let Ok(resolved) = resolved else {
            // One of them is held when it is frozen, which alerts staff; the rest is not made.
            let one: Vec<(Due, Audience)> = due.into_iter().zip(audiences).take(1).collect();
            kept::occur(ctx, &course, at, &one).await?;
            let why = "もとにする日か、配信対象の条件で使っている登録項目かリストが、消されています。直してから、再開してください";
            kept::set_aside(ctx, &course, why).await?;
            continue;
        };
        let counts = store::audience::counts(ctx, &resolved).await?;
        let wanted: Vec<(Due, Audience)> = due
            .into_iter()
            .zip(audiences)
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .map(|(wanted, _)| wanted)
            .collect();
        let made = kept::occur(ctx, &course, at, &wanted).await?;
        if !made.is_empty() {
            tracing::info!(course = id.0, deliveries = made.len(), "steps: made");
        }
    }
    Ok(!courses.is_empty())
}

/// What courses have sent and will send from a day to another, both included: an entry for
/// each course and day.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn entries(
    ctx: &Context,
    from: Date,
    to: Date,
    department: Option<DepartmentId>,
) -> Result<Vec<Entry>> {
    let courses = kept::list(ctx).await?;
    let catalog = super::catalog(ctx, courses.iter().flat_map(super::contents)).await?;
    let now = ctx.now();
    let past = kept::days(ctx, from, to, department).await?;
    let mut entries = Vec::new();
    for course in &courses {
        if department.is_some() && course.department != department {
            continue;
        }
        let entry = |messages: i64, people: Option<i64>, at: Timestamp, status: Status| Entry {
            id: DeliveryId(0),
            title: format!("{}（{messages}通）", course.name),
            purpose: Purpose::Notice,
            status,
            planned: false,
            waited: None,
            department: course.department_name.clone(),
            at,
            recipients: people,
            course: Some(course.id),
        };
        for day in past.iter().filter(|d| d.course == course.id) {
            let (people, status) = if day.waits {
                (None, Status::Scheduled)
            } else {
                (Some(day.recipients), Status::Done)
            };
            entries.push(entry(day.deliveries, people, day.first, status));
        }
        let (Some(content), State::Running) = (&course.in_force, course.state) else { continue };
        if to < now.date() {
            continue;
        }
        let people = kept::people(ctx, &catalog, content).await?.unwrap_or_default();
        for day in from.max(now.date()).days()..=to.days() {
            let found = content.on(Date::from_days(day), now, &people);
            if let Some((messages, people, at)) = found {
                let coming = entry(messages as i64, Some(people), at, Status::Scheduled);
                entries.push(Entry { planned: true, ..coming });
            }
        }
    }
    Ok(entries)
}
