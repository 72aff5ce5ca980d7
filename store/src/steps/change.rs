//! How a course is written, put in force, paused and ended.

use super::{get, get_in, owner};
use crate::db::{exec, number};
use crate::delivery::approval::tell_of_course;
use crate::delivery::stop_waiting;
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, blob, values};
use domain::delivery::approval::Act;
use domain::id::{CourseId, DepartmentId, StaffId};
use domain::permission::{Actor, Permission};
use domain::steps::{Content, Course, State, name_problem};
use domain::time::{Timestamp, thousands};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};

fn by(ctx: &Context) -> (Option<DepartmentId>, Option<StaffId>) {
    match &ctx.actor {
        Actor::Staff { id, department, .. } => (Some(*department), Some(*id)),
        _ => (None, None),
    }
}

fn json(content: &Content) -> Result<String> {
    serde_json::to_string(content).map_err(|_| Error::Inconsistent("course"))
}

fn changed() -> Error {
    Error::Conflict("ほかの画面で先に変えられました。ひらき直してください".into())
}

/// Writes a line of 「できごと」, and of the ledger.
pub(super) async fn note<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: CourseId,
    act: &str,
    what: &str,
    detail: &str,
) -> Result<()> {
    let sql = "INSERT INTO course_event (course_id, at, what, detail, staff_id) VALUES ($1, $2, $3, $4, $5)";
    let staff = by(ctx).1.map(|s| s.0);
    exec(db, sql, values![id.0, ctx.now().0, what, detail, staff]).await?;
    ledger::append(ctx, db, Line::ok(act, format!("course:{id}"))).await
}

/// The pictures of a course stay as long as it does.
async fn used<C: ConnectionTrait>(ctx: &Context, db: &C, content: &Content) -> Result<()> {
    for step in &content.steps {
        let whole = step.whole();
        if whole.iter().any(|p| !p.pictures().is_empty()) {
            blob::used(ctx, db, &whole).await?;
        }
    }
    Ok(())
}

/// Begins a course for the actor's department.
///
/// # Errors
/// `Invalid`, `Forbidden`.
pub async fn create(ctx: &Context, name: &str, content: &Content) -> Result<CourseId> {
    ctx.allow(Permission::DeliveryWrite)?;
    if let Some(problem) = name_problem(name) {
        return Err(Error::Invalid(vec![problem]));
    }
    let (department, staff) = by(ctx);
    let tx = ctx.store.begin().await?;
    used(ctx, &tx, content).await?;
    let sql = "INSERT INTO course (name, department_id, created_by, created_at, updated_at, state, written) VALUES ($1, $2, $3, $4, $4, 'draft', $5) RETURNING id AS n";
    let values = values![
        name.trim(),
        department.map(|d| d.0),
        staff.map(|s| s.0),
        ctx.now().0,
        json(content)?
    ];
    let id = CourseId(number(&tx, sql, values).await?);
    note(ctx, &tx, id, "course.create", "作りました", "").await?;
    tx.commit().await?;
    Ok(id)
}

/// A new course with the same content. What the former has sent does not count for it.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn copy(ctx: &Context, id: CourseId) -> Result<CourseId> {
    let former = get(ctx, id).await?;
    let name: String =
        format!("{}のコピー", former.name).chars().take(domain::steps::NAME_MAX).collect();
    create(ctx, &name, &former.written).await
}

/// Saves what is written; answers the time by which the next save must name it. `act` is
/// what the ledger calls it.
///
/// # Errors
/// `NotFound`, `Invalid`, `Forbidden`; `Conflict` if it changed since `seen`, waits for
/// approval, or is over.
pub async fn save(
    ctx: &Context,
    id: CourseId,
    seen: Timestamp,
    name: &str,
    content: &Content,
    act: &str,
) -> Result<Timestamp> {
    let former = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliveryWrite, owner(&former))?;
    if let Some(problem) = name_problem(name) {
        return Err(Error::Invalid(vec![problem]));
    }
    let now = ctx.now().max(seen.plus(1));
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE course SET name = $1, written = $2, updated_at = $3 WHERE id = $4 AND updated_at = $5 AND state <> 'ended' AND asked_at IS NULL";
    let values = values![name.trim(), json(content)?, now.0, id.0, seen.0];
    if exec(&tx, sql, values).await? == 0 {
        return Err(Error::Conflict(match get_in(&tx, id).await? {
            c if c.state == State::Ended => "このステップ配信は、もう終わっています".into(),
            c if c.request.is_some() => {
                "承認を待っているあいだは、変えられません。先に「取り下げる」を押してください"
                    .into()
            }
            _ => "ほかの画面で先に変えられました。ひらき直してください".into(),
        }));
    }
    // What was taken out can be put back for as long as what is unused is kept.
    let out = former.written.steps.into_iter().filter(|step| !content.steps.contains(step));
    let steps = content.steps.iter().cloned().chain(out).collect();
    used(ctx, &tx, &Content { steps, ..content.clone() }).await?;
    ledger::append(ctx, &tx, Line::ok(act, format!("course:{id}"))).await?;
    tx.commit().await?;
    Ok(now)
}

/// Writes down that a course was taken away as a table.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn exported(ctx: &Context, id: CourseId) -> Result<()> {
    ctx.allow(Permission::DeliveryRead)?;
    ledger::note(ctx, Line::ok("course.export", format!("course:{id}"))).await
}

/// Deletes a course that was never in force.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it was.
pub async fn delete(ctx: &Context, id: CourseId) -> Result<()> {
    ctx.allow_on(Permission::DeliveryWrite, owner(&get(ctx, id).await?))?;
    let tx = ctx.store.begin().await?;
    let sql = "DELETE FROM course_event WHERE course_id IN (SELECT id FROM course WHERE id = $1 AND state = 'draft' AND in_force IS NULL)";
    exec(&tx, sql, values![id.0]).await?;
    let sql = "DELETE FROM course WHERE id = $1 AND state = 'draft' AND in_force IS NULL";
    if exec(&tx, sql, values![id.0]).await? == 0 {
        return Err(Error::Conflict(
            "一度始めたステップ配信は、記録を残すため消せません。「終わらせる」を使ってください"
                .into(),
        ));
    }
    ledger::append(ctx, &tx, Line::ok("course.delete", format!("course:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// One change under a permission: the fields to set and the condition, with values from `$4`
/// on, and what is written of it.
struct Change<'a> {
    permission: Permission,
    set: &'a str,
    when: &'a str,
    values: Vec<Value>,
    act: &'a str,
    what: &'a str,
    detail: &'a str,
}

async fn change(ctx: &Context, course: &Course, change: Change<'_>) -> Result<()> {
    Ok(changing(ctx, course, change).await?.commit().await?)
}

/// The same for what stops a course: what waits for the end of the quiet hours is not sent.
async fn stop(ctx: &Context, course: &Course, change: Change<'_>) -> Result<()> {
    let tx = changing(ctx, course, change).await?;
    stop_waiting(ctx, &tx, "course_id", course.id.0, "ステップ配信を止めた").await?;
    Ok(tx.commit().await?)
}

async fn changing(
    ctx: &Context,
    course: &Course,
    change: Change<'_>,
) -> Result<DatabaseTransaction> {
    ctx.allow_on(change.permission, owner(course))?;
    let (id, seen) = (course.id, course.updated_at);
    let now = ctx.now().max(seen.plus(1));
    let tx = ctx.store.begin().await?;
    let sql = format!(
        "UPDATE course SET updated_at = $1, {} WHERE id = $2 AND updated_at = $3 AND {}",
        change.set, change.when
    );
    let mut values = values![now.0, id.0, seen.0];
    values.extend(change.values);
    if exec(&tx, &sql, values).await? == 0 {
        return Err(changed());
    }
    note(ctx, &tx, id, change.act, change.what, change.detail).await?;
    Ok(tx)
}

/// Takes back what was written since it was put in force.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it was never in force, or waits for approval.
pub async fn discard(ctx: &Context, id: CourseId) -> Result<()> {
    let course = get(ctx, id).await?;
    let discarded = Change {
        permission: Permission::DeliveryWrite,
        set: "written = in_force",
        when: "in_force IS NOT NULL AND state <> 'ended' AND asked_at IS NULL",
        values: vec![],
        act: "course.discard",
        what: "変更を取り消しました",
        detail: "配信中の内容にもどりました",
    };
    change(ctx, &course, discarded).await
}

/// Asks a second person to put it in force.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it changed since `seen`.
pub async fn request(
    ctx: &Context,
    id: CourseId,
    seen: Timestamp,
    people: i64,
    words: &str,
) -> Result<()> {
    let course = get(ctx, id).await?;
    if course.updated_at != seen {
        return Err(changed());
    }
    let detail = format!("{}人が入っています。{}", thousands(people), words.trim());
    let asked = Change {
        permission: Permission::DeliveryWrite,
        set: "asked_by = $4, asked_at = $5, asked_people = $6, asked_words = $7",
        when: "state <> 'ended' AND asked_at IS NULL",
        values: values![by(ctx).1.map(|s| s.0), ctx.now().0, people, words.trim()],
        act: "course.request",
        what: "承認を求めました",
        detail: &detail,
    };
    let tx = changing(ctx, &course, asked).await?;
    tell_of_course(ctx, &tx, &course, Act::Request, people).await?;
    Ok(tx.commit().await?)
}

const NOT_ASKED: &str = "asked_by = NULL, asked_at = NULL, asked_people = NULL, asked_words = NULL";

/// Takes the request back.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it does not wait.
pub async fn withdraw(ctx: &Context, id: CourseId) -> Result<()> {
    let course = get(ctx, id).await?;
    let withdrawn = Change {
        permission: Permission::DeliveryWrite,
        set: NOT_ASKED,
        when: "asked_at IS NOT NULL",
        values: vec![],
        act: "course.withdraw",
        what: "承認の求めを取り下げました",
        detail: "",
    };
    change(ctx, &course, withdrawn).await
}

/// Sends it back to who wrote it, with the reason.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it does not wait.
pub async fn send_back(ctx: &Context, id: CourseId, words: &str) -> Result<()> {
    let course = get(ctx, id).await?;
    let back = Change {
        permission: Permission::DeliverySend,
        set: NOT_ASKED,
        when: "asked_at IS NOT NULL",
        values: vec![],
        act: "course.return",
        what: "差しもどしました",
        detail: words.trim(),
    };
    let tx = changing(ctx, &course, back).await?;
    tell_of_course(ctx, &tx, &course, Act::Return, 0).await?;
    Ok(tx.commit().await?)
}

/// Puts what is written in force: what is sent from now on. With `approved`, a second person
/// does so, who saw so many residents. A course that pauses goes on pausing.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it changed since `seen`, for who asked for approval,
/// or if it waits for another.
pub async fn begin(
    ctx: &Context,
    id: CourseId,
    seen: Timestamp,
    approved: Option<i64>,
) -> Result<()> {
    let course = get(ctx, id).await?;
    if course.updated_at != seen {
        return Err(changed());
    }
    let me = by(ctx).1;
    if let Some(request) = &course.request
        && approved.is_some()
        && me.is_some()
        && request.by == me
    {
        return Err(Error::Conflict(
            "承認を求めた本人は、承認できません。ほかの送信責任者か管理者にお願いしてください"
                .into(),
        ));
    }
    let running = course.state != State::Paused;
    let next = course.written.next_after(ctx.now()).filter(|_| running);
    let what = match (course.in_force.is_some(), approved) {
        (false, None) => "ステップ配信を始めました",
        (false, Some(_)) => "承認して、ステップ配信を始めました",
        (true, None) => "新しい内容に替えました",
        (true, Some(_)) => "承認して、新しい内容に替えました",
    };
    let detail = match next {
        Some(at) => format!("次に確かめるのは{}です", at.day_and_time()),
        None => "休止しているあいだは届けません".into(),
    };
    let begun = Change {
        permission: Permission::DeliverySend,
        set: &format!(
            "in_force = written, state = $4, next_at = $5, approved_by = $6, approved_people = $7, {NOT_ASKED}"
        ),
        when: if approved.is_some() {
            "state <> 'ended' AND asked_at IS NOT NULL"
        } else {
            "state <> 'ended' AND asked_at IS NULL"
        },
        values: values![
            if running { State::Running.name() } else { State::Paused.name() },
            next.map(|t| t.0),
            approved.and(me).map(|s| s.0),
            approved
        ],
        act: if approved.is_some() { "course.approve" } else { "course.begin" },
        what,
        detail: &detail,
    };
    let tx = changing(ctx, &course, begun).await?;
    if let Some(people) = approved {
        tell_of_course(ctx, &tx, &course, Act::Approve, people).await?;
    }
    Ok(tx.commit().await?)
}

/// Pauses a course: nothing is sent until it goes on, and nothing is made up for then.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it is not in force.
pub async fn pause(ctx: &Context, id: CourseId) -> Result<()> {
    let course = get(ctx, id).await?;
    let paused = Change {
        permission: Permission::DeliverySend,
        set: "state = 'paused', next_at = NULL, paused_at = $4",
        when: "state = 'running'",
        values: values![ctx.now().0],
        act: "course.pause",
        what: "休止しました",
        detail: "再開するまで届けません",
    };
    stop(ctx, &course, paused).await
}

/// Lets a course go on with what comes after now; `missed` says what was left out.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it does not pause.
pub async fn resume(ctx: &Context, id: CourseId, missed: &str) -> Result<()> {
    let course = get(ctx, id).await?;
    let next = course.in_force.as_ref().and_then(|c| c.next_after(ctx.now()));
    let resumed = Change {
        permission: Permission::DeliverySend,
        set: "state = 'running', next_at = $4, paused_at = NULL",
        when: "state = 'paused'",
        values: values![next.map(|t| t.0)],
        act: "course.resume",
        what: "再開しました",
        detail: missed,
    };
    change(ctx, &course, resumed).await
}

/// Ends a course for good.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it was never in force, or is over.
pub async fn end(ctx: &Context, id: CourseId) -> Result<()> {
    let course = get(ctx, id).await?;
    let ended = Change {
        permission: Permission::DeliverySend,
        set: &format!("state = 'ended', next_at = NULL, paused_at = NULL, {NOT_ASKED}"),
        when: "state IN ('running', 'paused')",
        values: vec![],
        act: "course.end",
        what: "終わらせました",
        detail: "これからは届けません",
    };
    stop(ctx, &course, ended).await
}
