//! Step courses (ステップ配信): looked at, written, put in force, and made into deliveries (SEG-9).

mod preview;
mod work;

use crate::audience::named;
use crate::delivery::approval::need;
use crate::delivery::recurring::waiting;
use crate::sheet::{Cell, Sheet, csv};
use crate::{Context, Error, Platform, Result};
use domain::attribute::Catalog;
use domain::delivery::Status;
use domain::id::{CourseId, StaffId};
use domain::message::Part;
use domain::permission::{Actor, Permission};
use domain::problem::Problem;
use domain::steps::{
    Anchor, Content, Course, CourseRow, Edit, HEAD, Opened, OpenedStep, People, Reach, STEPS_MAX,
    State, Step, read_table, table,
};
use domain::time::{Date, Timestamp, thousands};
use store::delivery::Query;
use store::steps as kept;

pub use preview::{Whose, preview};
pub use store::steps::{copy, delete, discard, end, send_back, withdraw};
pub use work::{entries, work};

/// How many one step will reach from now on.
fn reach(step: &Step, people: &People, now: Timestamp) -> Reach {
    let today = now.date();
    let later = |days: i64| Date::from_days(today.days() + days);
    let from = |first: i64, last: i64| step.offset.reach(people, later(first), later(last));
    let still = Timestamp::from_tokyo(today, step.hour, step.minute) > now;
    let of_today = if still { from(0, 0) } else { 0 };
    Reach {
        today: of_today,
        tomorrow: from(1, 1),
        week: of_today + from(1, 6),
        month: of_today + from(1, 30),
    }
}

fn sum(reaches: impl Iterator<Item = Reach>) -> Reach {
    reaches.fold(Reach::default(), |a, b| Reach {
        today: a.today + b.today,
        tomorrow: a.tomorrow + b.tomorrow,
        week: a.week + b.week,
        month: a.month + b.month,
    })
}

/// What a course says: in force, and as it is written.
fn contents(course: &Course) -> impl Iterator<Item = &Content> {
    course.in_force.iter().chain([&course.written])
}

/// The catalog, and what is known of the lists and deliveries that these name.
async fn catalog(ctx: &Context, of: impl IntoIterator<Item = &Content>) -> Result<Catalog> {
    crate::audience::catalog(ctx, named(of.into_iter().filter_map(|c| c.audience.as_ref()))).await
}

/// Every course.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context) -> Result<Vec<CourseRow>> {
    let courses = kept::list(ctx).await?;
    let catalog = catalog(ctx, courses.iter().flat_map(contents)).await?;
    let mut rows = Vec::new();
    for mut course in courses {
        let changed = course.is_changed();
        let content = course.in_force.as_ref().unwrap_or(&course.written);
        let people = kept::people(ctx, &catalog, content).await?.unwrap_or_default();
        let reach = sum(content.steps.iter().map(|s| reach(s, &people, ctx.now())));
        let anchor = content.anchor.words(&catalog);
        for content in course.in_force.iter_mut().chain([&mut course.written]) {
            for step in &mut content.steps {
                step.parts.clear();
                step.variants.clear();
            }
        }
        rows.push(CourseRow {
            anchor,
            people: people.values().sum(),
            reach: if course.state == State::Running { reach } else { Reach::default() },
            may_write: ctx.allow_on(Permission::DeliveryWrite, kept::owner(&course)).is_ok(),
            changed,
            course,
        });
    }
    Ok(rows)
}

/// A course with all that its page shows.
///
/// # Errors
/// `NotFound`, `Forbidden`; if the database is away.
pub async fn open(ctx: &Context, id: CourseId) -> Result<Opened> {
    let course = kept::get(ctx, id).await?;
    let catalog = catalog(ctx, contents(&course)).await?;
    let now = ctx.now();
    let written = &course.written;
    let counted = kept::people(ctx, &catalog, written).await?;
    let people = counted.clone().unwrap_or_default();
    let reaches: Vec<(u32, Reach)> =
        written.steps.iter().map(|s| (s.key, reach(s, &people, now))).collect();
    let missed = match (&course.in_force, course.paused_at) {
        (Some(in_force), Some(since)) => {
            let people = kept::people(ctx, &catalog, in_force).await?.unwrap_or_default();
            in_force.between(since, now, &people)
        }
        _ => (0, 0),
    };
    let made = Query { course: Some(id), ..Query::default() };
    let standing = Query { status: Some(Status::Held), limit: 20, ..made.clone() };
    let (held, ..) = store::delivery::list(ctx, &standing).await?;
    let problems = problems(ctx, written, &catalog).await?;
    let total = people.values().sum();
    let owner = kept::owner(&course);
    Ok(Opened {
        problems,
        warnings: written.warnings(),
        people: counted.map(|p| p.values().sum()),
        reach: sum(reaches.iter().map(|(_, r)| *r)),
        reaches,
        figures: kept::figures(ctx, id).await?,
        missed,
        held: held.into_iter().map(|d| d.id).collect(),
        waiting: waiting(ctx, made).await?,
        need: need(ctx, total).await?,
        events: kept::events(ctx, id).await?,
        may_write: ctx.allow_on(Permission::DeliveryWrite, owner).is_ok(),
        may_send: ctx.allow_on(Permission::DeliverySend, owner).is_ok(),
        asked_by_me: course.request.as_ref().is_some_and(|r| r.by.is_some() && r.by == me(ctx)),
        catalog,
        now,
        course,
    })
}

fn me(ctx: &Context) -> Option<StaffId> {
    match &ctx.actor {
        Actor::Staff { id, .. } => Some(*id),
        _ => None,
    }
}

async fn problems(ctx: &Context, content: &Content, catalog: &Catalog) -> Result<Vec<Problem>> {
    let mut problems = content.problems(catalog, ctx.store.own());
    for step in &content.steps {
        if step.whole().iter().all(|p| p.pictures().is_empty()) {
            continue;
        }
        let missing = crate::delivery::variant::missing(ctx, &step.parts, &step.variants).await?;
        problems.extend(missing.into_iter().map(|p| {
            let at = format!("/steps/{}{}", step.key, p.at);
            Problem::new(at, format!("「{}」：{}", step.when(), p.message))
        }));
    }
    Ok(problems)
}

/// One step for its editor.
///
/// # Errors
/// `NotFound`, `Forbidden`; if the database is away.
pub async fn open_step(ctx: &Context, id: CourseId, key: u32) -> Result<OpenedStep> {
    let course = kept::get(ctx, id).await?;
    let catalog = store::attribute::catalog(ctx).await?;
    let step = course.written.step(key).cloned().ok_or(Error::NotFound)?;
    let may_write = ctx.allow_on(Permission::DeliveryWrite, kept::owner(&course)).is_ok();
    Ok(OpenedStep {
        anchor: course.written.anchor.words(&catalog),
        everybody: course.written.everybody(),
        may_write: may_write && course.state != State::Ended && course.request.is_none(),
        course: id,
        name: course.name,
        step,
        catalog,
        own: ctx.store.own().clone(),
        seen: course.updated_at,
        now: ctx.now(),
    })
}

/// Begins a course: by the first date that residents register, if there is one.
///
/// # Errors
/// `Invalid`, `Forbidden`.
pub async fn create(ctx: &Context, name: &str) -> Result<CourseId> {
    let catalog = store::attribute::catalog(ctx).await?;
    let first = catalog
        .attributes
        .iter()
        .find(|a| a.kind == domain::attribute::Kind::Date && !a.hidden)
        .map_or(Anchor::Friend, |a| Anchor::Date(a.key.clone()));
    kept::create(ctx, name, &Content { anchor: first, ..Content::default() }).await
}

/// How often a change is tried that meets another.
const TRIES: usize = 5;

/// Changes what is written. Somebody else may change other steps meanwhile. Answers the
/// number of the step.
///
/// # Errors
/// `NotFound`, `Invalid`, `Forbidden`; `Conflict` if somebody else changed the same step, or it
/// cannot be changed.
pub async fn edit(ctx: &Context, id: CourseId, edit: Edit) -> Result<u32> {
    let mut tries = 0;
    loop {
        let course = kept::get(ctx, id).await?;
        let (name, content, key) = edited(ctx, &course, &edit).await?;
        tries += 1;
        match kept::save(ctx, id, course.updated_at, &name, &content, "course.update").await {
            Ok(_) => return Ok(key),
            Err(Error::Conflict(_)) if tries < TRIES => {}
            Err(error) => return Err(error),
        }
    }
}

async fn edited(ctx: &Context, course: &Course, edit: &Edit) -> Result<(String, Content, u32)> {
    let mut name = course.name.clone();
    let mut content = course.written.clone();
    let room = |content: &Content| {
        (content.steps.len() < STEPS_MAX).then_some(()).ok_or_else(|| {
            Error::invalid(
                "/steps",
                format!("ステップは{STEPS_MAX}までです。コースを分けてください"),
            )
        })
    };
    let key = match edit {
        Edit::Settings { name: called, anchor, audience, late } => {
            name.clone_from(called);
            content.anchor = anchor.clone();
            content.audience = audience.clone();
            content.late = *late;
            0
        }
        Edit::Add(step, template) => {
            room(&content)?;
            let mut step = step.clone();
            if let Some(template) = template {
                (step.parts, step.variants) =
                    store::delivery::template::parts(ctx, *template).await?;
            }
            if step.parts.is_empty() {
                step.parts.push(Part::Text { text: String::new() });
            }
            content.add(step)
        }
        Edit::Change(former, step) => {
            let Some(now) = content.steps.iter_mut().find(|s| s.key == step.key) else {
                return Err(Error::Conflict(
                    "このステップは、ほかの画面で消されました。書いたものを控えてから、ひらき直してください".into(),
                ));
            };
            if *now != **former && *now != **step {
                return Err(Error::Conflict(
                    "このステップは、ほかの画面で先に変えられました。ひらき直してください".into(),
                ));
            }
            *now = (**step).clone();
            content.sort();
            step.key
        }
        Edit::Remove(key) => {
            content.steps.retain(|s| s.key != *key);
            *key
        }
        Edit::PutBack(step) => {
            room(&content)?;
            if step.key < content.next && content.step(step.key).is_none() {
                content.steps.push(step.clone());
                content.sort();
            }
            step.key
        }
    };
    Ok((name, content, key))
}

/// Takes a table into a course; the same that the browser has shown before. Answers how many
/// steps are new or changed.
///
/// # Errors
/// `Invalid` at `/lines/N`; `NotFound`, `Forbidden`, `Conflict`.
pub async fn import(ctx: &Context, id: CourseId, seen: Timestamp, text: &str) -> Result<usize> {
    let course = kept::get(ctx, id).await?;
    let made = read_table(&course.written, text);
    if !made.errors.is_empty() {
        let problem = |(line, why): (usize, String)| Problem::new(format!("/lines/{line}"), why);
        return Err(Error::Invalid(made.errors.into_iter().map(problem).collect()));
    }
    kept::save(ctx, id, seen, &course.name, &made.content, "course.import").await?;
    Ok(made.changes.len())
}

/// A course as a table for a spreadsheet.
///
/// # Errors
/// `NotFound`, `Forbidden`; if the database is away.
pub async fn export(ctx: &Context, id: CourseId) -> Result<Vec<u8>> {
    let course = kept::get(ctx, id).await?;
    kept::exported(ctx, id).await?;
    let rows = table(&course.written);
    csv(&Sheet {
        name: "ステップ配信",
        head: HEAD.to_vec(),
        rows: rows.into_iter().map(|r| r.into_iter().map(Cell::Text).collect()).collect(),
    })
}

/// What is written, if it can be put in force, and how many residents are in it.
async fn ready(ctx: &Context, id: CourseId) -> Result<i64> {
    let course = kept::get(ctx, id).await?;
    let catalog = catalog(ctx, [&course.written]).await?;
    let problems = problems(ctx, &course.written, &catalog).await?;
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let people = kept::people(ctx, &catalog, &course.written).await?.unwrap_or_default();
    Ok(people.values().sum())
}

/// Puts what is written in force, as it was seen.
///
/// # Errors
/// `Invalid`, `NotFound`, `Forbidden`; `Conflict` if it changed, or needs a second person.
pub async fn begin(
    platform: &Platform,
    ctx: &Context,
    id: CourseId,
    seen: Timestamp,
) -> Result<()> {
    let people = ready(ctx, id).await?;
    if let Some(domain::delivery::approval::Need::Above(above)) = need(ctx, people).await? {
        return Err(Error::Conflict(format!(
            "{}人をこえる人が入るステップ配信には、承認が要ります。ひらき直して、承認を求めてください",
            thousands(above)
        )));
    }
    kept::begin(ctx, id, seen, None).await?;
    platform.outbox_ready.notify_one();
    Ok(())
}

/// Asks a second person to put it in force.
///
/// # Errors
/// `Invalid`, `NotFound`, `Forbidden`, `Conflict`.
pub async fn request(ctx: &Context, id: CourseId, seen: Timestamp, words: &str) -> Result<()> {
    let max = crate::delivery::approval::WORDS_MAX;
    if words.chars().count() > max {
        return Err(Error::invalid("words", format!("{max}文字までにしてください")));
    }
    let people = ready(ctx, id).await?;
    kept::request(ctx, id, seen, people, words).await
}

/// Puts in force what somebody else asked for, as it was seen.
///
/// # Errors
/// `Invalid`, `NotFound`, `Forbidden`; `Conflict` for who asked, or if it changed.
pub async fn approve(
    platform: &Platform,
    ctx: &Context,
    id: CourseId,
    seen: Timestamp,
) -> Result<()> {
    let people = ready(ctx, id).await?;
    kept::begin(ctx, id, seen, Some(people)).await?;
    platform.outbox_ready.notify_one();
    Ok(())
}

/// Pauses a course.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Conflict`.
pub async fn pause(ctx: &Context, id: CourseId) -> Result<()> {
    kept::pause(ctx, id).await
}

/// Lets a paused course go on, and writes down what was left out.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Conflict`.
pub async fn resume(platform: &Platform, ctx: &Context, id: CourseId) -> Result<()> {
    let (messages, people) = open(ctx, id).await?.missed;
    let words = if messages == 0 {
        "休止していたあいだに、届けるはずだったものはありません".to_owned()
    } else {
        format!("休止していたあいだの{messages}通（のべ{}人）は届けません", thousands(people))
    };
    kept::resume(ctx, id, &words).await?;
    platform.outbox_ready.notify_one();
    Ok(())
}
