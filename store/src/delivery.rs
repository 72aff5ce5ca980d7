//! Deliveries: drafts, lists, state changes. The sending itself is [`crate::outbox`].

pub mod approval;
mod belongs;
mod breakdown;
mod change;
pub mod fatigue;
mod figures;
mod freeze;
pub mod gate;
mod list;
mod periods;
mod quota;
mod recipients;
pub mod recurring;
mod resend;
mod retract;
pub mod template;

use crate::db::one;
use crate::{Context, Error, Result, values};
use domain::delivery::{Delivery, Figures, Purpose, Status};
use domain::id::{CourseId, DeliveryId, DepartmentId, StaffId};
use domain::menu::SwitchTo;
use domain::permission::{Owner, Permission};
use domain::steps::{Due, OfCourse};
use domain::time::{Date, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult};

pub use belongs::belongs;
pub use breakdown::{KeptOf, keep_breakdown, kept_breakdowns, without_breakdown};
pub use change::{
    cancel, create, create_test, delete, draft, duplicate, hold, release, save, schedule,
};
pub(crate) use change::{happen, some_json, stop_waiting};
pub use domain::delivery::Draft;
pub use figures::{Counted, by_parts};
pub use freeze::{Frozen, due, freeze, has_unwilling, urgent_leaves};
pub(crate) use freeze::{URGENT, left};
pub use list::{
    CallRow, Group, Query, Sort, calls, departments, exceptions, happenings, ids_before, list,
    progress, reasons,
};
pub use periods::{first_sent, sent_between, sums};
pub use quota::{keep_quota, quota_left};
pub(crate) use recipients::{NewCall, insert_calls};
pub use resend::{again, outlook, resend, restore};
pub use retract::{PUBLIC_MAX, corrections, public_corrections, retract};

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    title: String,
    purpose: String,
    status: String,
    audience: Option<String>,
    parts: String,
    department_id: Option<i64>,
    department_name: Option<String>,
    created_by: Option<i64>,
    created_by_name: Option<String>,
    created_at: i64,
    updated_at: i64,
    send_at: Option<i64>,
    frozen_at: Option<i64>,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    recipients: i64,
    accepted: i64,
    failed: i64,
    withheld: i64,
    counted_by_line: bool,
    held_reason: Option<String>,
    recurrence: Option<String>,
    series_id: Option<i64>,
    replaces_id: Option<i64>,
    corrects: Option<i64>,
    uncounted: Option<String>,
    switch_to: Option<String>,
    course_id: Option<i64>,
    step: Option<i64>,
    step_day: Option<i64>,
    step_late: Option<bool>,
    own_from: Option<i64>,
    own_to: Option<i64>,
    variants: Option<String>,
    languages: Option<String>,
}

impl Row {
    /// The course of which it is one step.
    fn of_course(&self) -> Option<OfCourse> {
        let day = |day: Option<i64>| day.map(Date::from_days);
        Some(OfCourse {
            course: CourseId(self.course_id?),
            due: Due {
                step: u32::try_from(self.step?).ok()?,
                day: day(self.step_day)?,
                late: self.step_late?,
                from: day(self.own_from)?,
                to: day(self.own_to)?,
            },
        })
    }
}

/// A list that is kept as JSON; nothing where there is none.
pub(crate) fn json_list<T: serde::de::DeserializeOwned>(
    json: Option<&str>,
    what: &'static str,
) -> Result<Vec<T>> {
    json.map_or(Ok(Vec::new()), |json| {
        serde_json::from_str(json).map_err(|_| Error::Inconsistent(what))
    })
}

pub(crate) const SELECT: &str = "SELECT d.id, d.title, d.purpose, d.status, d.audience, d.parts, d.department_id, p.name AS department_name,
    d.created_by, s.name AS created_by_name, d.created_at, d.updated_at, d.send_at, d.frozen_at, d.started_at, d.finished_at,
    d.recipients, d.accepted, d.failed, d.withheld, d.counted_by_line, d.held_reason,
    d.recurrence, d.series_id, d.replaces_id, d.corrects, d.uncounted, d.switch_to, d.variants, d.languages,
    d.course_id, d.step, d.step_day, d.step_late, d.own_from, d.own_to
    FROM delivery d LEFT JOIN department p ON p.id = d.department_id LEFT JOIN staff s ON s.id = d.created_by";

impl TryFrom<Row> for Delivery {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        let course = r.of_course();
        let audience = r
            .audience
            .map(|a| serde_json::from_str(&a))
            .transpose()
            .map_err(|_| Error::Inconsistent("delivery.audience"))?;
        Ok(Self {
            id: DeliveryId(r.id),
            title: r.title,
            purpose: Purpose::parse(&r.purpose).ok_or(Error::Inconsistent("delivery.purpose"))?,
            status: Status::parse(&r.status).ok_or(Error::Inconsistent("delivery.status"))?,
            audience,
            parts: serde_json::from_str(&r.parts)
                .map_err(|_| Error::Inconsistent("delivery.parts"))?,
            department: r.department_id.map(DepartmentId),
            department_name: r.department_name.unwrap_or_default(),
            created_by: r.created_by.map(StaffId),
            created_by_name: r.created_by_name.unwrap_or_default(),
            created_at: Timestamp(r.created_at),
            updated_at: Timestamp(r.updated_at),
            send_at: r.send_at.map(Timestamp),
            frozen_at: r.frozen_at.map(Timestamp),
            started_at: r.started_at.map(Timestamp),
            finished_at: r.finished_at.map(Timestamp),
            figures: Figures {
                recipients: r.recipients,
                accepted: r.accepted,
                failed: r.failed,
                withheld: r.withheld,
            },
            counted_by_line: r.counted_by_line,
            held_reason: r.held_reason,
            recurrence: r
                .recurrence
                .map(|rule| serde_json::from_str(&rule))
                .transpose()
                .map_err(|_| Error::Inconsistent("delivery.recurrence"))?,
            series: r.series_id.map(DeliveryId),
            replaces: r.replaces_id.map(DeliveryId),
            corrects: r.corrects.map(DeliveryId),
            uncounted: r
                .uncounted
                .map(|list| serde_json::from_str(&list))
                .transpose()
                .map_err(|_| Error::Inconsistent("delivery.uncounted"))?
                .unwrap_or_default(),
            switch_to: SwitchTo::parse(r.switch_to.as_deref())
                .ok_or(Error::Inconsistent("delivery.switch_to"))?,
            course,
            variants: json_list(r.variants.as_deref(), "delivery.variants")?,
            languages: json_list(r.languages.as_deref(), "delivery.languages")?,
        })
    }
}

/// One delivery.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn get(ctx: &Context, id: DeliveryId) -> Result<Delivery> {
    ctx.allow(Permission::DeliveryRead)?;
    get_in(ctx.store.read(), id).await
}

pub(crate) async fn get_in<C: ConnectionTrait>(db: &C, id: DeliveryId) -> Result<Delivery> {
    let row: Option<Row> = one(db, &format!("{SELECT} WHERE d.id = $1"), values![id.0]).await?;
    row.ok_or(Error::NotFound)?.try_into()
}

fn owner(d: &Delivery) -> Owner {
    d.department.map_or(Owner::City, Owner::Department)
}
