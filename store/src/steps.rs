//! Step courses (ステップ配信, SEG-9): kept, changed, put in force, and what they become.
//!
//! When a step's time comes, it becomes one ordinary delivery for the residents whose own day
//! lies so long before: made in one transaction with the course's next moment, once by an
//! index. What was missed is made with its own time, and held for being late. The freeze leaves
//! out who has had the step for the same day of theirs ([`had`]).

mod change;
mod made;
mod people;

use crate::db::{one, rows};
use crate::{Context, Error, Result, values};
use domain::id::{CourseId, DepartmentId, StaffId};
use domain::permission::{Owner, Permission};
use domain::steps::{Content, Course, Event, Request, State};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};

pub use change::{
    begin, copy, create, delete, discard, end, exported, pause, request, resume, save, send_back,
    withdraw,
};
pub use made::{Day, days, due, figures, occur, set_aside};
pub(crate) use made::{had, tell};
pub use people::{day_of, examples, matches, people, received};

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    name: String,
    department_id: Option<i64>,
    department_name: Option<String>,
    state: String,
    written: String,
    in_force: Option<String>,
    next_at: Option<i64>,
    paused_at: Option<i64>,
    asked_by: Option<i64>,
    asked_name: Option<String>,
    asked_at: Option<i64>,
    asked_people: Option<i64>,
    asked_words: Option<String>,
    approved_people: Option<i64>,
    updated_at: i64,
}

const SELECT: &str = "SELECT c.id, c.name, c.department_id, p.name AS department_name, c.state, c.written, c.in_force, c.next_at, c.paused_at,
    c.asked_by, s.name AS asked_name, c.asked_at, c.asked_people, c.asked_words, c.approved_people, c.updated_at
    FROM course c LEFT JOIN department p ON p.id = c.department_id LEFT JOIN staff s ON s.id = c.asked_by";

impl TryFrom<Row> for Course {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        let read = |text: &str| -> Result<Content> {
            serde_json::from_str(text).map_err(|_| Error::Inconsistent("course"))
        };
        let request = r.asked_at.map(|at| Request {
            by: r.asked_by.map(StaffId),
            name: r.asked_name.unwrap_or_default(),
            at: Timestamp(at),
            people: r.asked_people.unwrap_or_default(),
            words: r.asked_words.unwrap_or_default(),
        });
        Ok(Self {
            id: CourseId(r.id),
            name: r.name,
            department: r.department_id.map(DepartmentId),
            department_name: r.department_name.unwrap_or_default(),
            state: State::parse(&r.state).ok_or(Error::Inconsistent("course.state"))?,
            written: read(&r.written)?,
            in_force: r.in_force.as_deref().map(read).transpose()?,
            next_at: r.next_at.map(Timestamp),
            paused_at: r.paused_at.map(Timestamp),
            request,
            approved: r.approved_people,
            updated_at: Timestamp(r.updated_at),
        })
    }
}

/// Every course: what is in force first, then what was changed last.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context) -> Result<Vec<Course>> {
    ctx.allow(Permission::DeliveryRead)?;
    let sql = format!(
        "{SELECT} ORDER BY CASE c.state WHEN 'running' THEN 0 WHEN 'paused' THEN 1 WHEN 'draft' THEN 2 ELSE 3 END, c.updated_at DESC, c.id"
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, vec![]).await?;
    found.into_iter().map(Course::try_from).collect()
}

/// One course.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn get(ctx: &Context, id: CourseId) -> Result<Course> {
    ctx.allow(Permission::DeliveryRead)?;
    get_in(ctx.store.read(), id).await
}

async fn get_in<C: ConnectionTrait>(db: &C, id: CourseId) -> Result<Course> {
    let row: Option<Row> = one(db, &format!("{SELECT} WHERE c.id = $1"), values![id.0]).await?;
    row.ok_or(Error::NotFound)?.try_into()
}

/// Whose a course is.
pub fn owner(course: &Course) -> Owner {
    course.department.map_or(Owner::City, Owner::Department)
}

/// What happened to a course, the newest first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn events(ctx: &Context, id: CourseId) -> Result<Vec<Event>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Line {
        at: i64,
        what: String,
        detail: String,
        name: Option<String>,
    }
    let sql = "SELECT e.at, e.what, e.detail, s.name FROM course_event e LEFT JOIN staff s ON s.id = e.staff_id
        WHERE e.course_id = $1 ORDER BY e.id DESC LIMIT 100";
    let found: Vec<Line> = rows(ctx.store.read(), sql, values![id.0]).await?;
    Ok(found
        .into_iter()
        .map(|l| Event {
            at: Timestamp(l.at),
            what: l.what,
            detail: l.detail,
            by: l.name.unwrap_or_default(),
        })
        .collect())
}
