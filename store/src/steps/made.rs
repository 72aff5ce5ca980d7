//! What a course becomes: deliveries, and what came of them.

use super::change::note;
use super::get_in;
use crate::db::{exec, number, rows};
use crate::delivery::{happen, some_json};
use crate::ledger::{self, Line};
use crate::outbox::{in_calls, read_set};
use crate::{Context, Result, blob, values};
use domain::audience::Audience;
use domain::delivery::{CallState, Delivery, Purpose, TITLE_MAX};
use domain::id::{CourseId, DeliveryId, DepartmentId};
use domain::permission::Permission;
use domain::steps::{Course, Due, Figure, HALF_YEAR};
use domain::time::{Date, Timestamp, thousands};
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Courses whose moment has come.
///
/// # Errors
/// If the database is away.
pub async fn due(ctx: &Context) -> Result<Vec<CourseId>> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let sql = "SELECT id FROM course WHERE state = 'running' AND next_at <= $1 ORDER BY next_at, id LIMIT 20";
    let found: Vec<Id> = rows(ctx.store.read(), sql, values![ctx.now().0]).await?;
    Ok(found.into_iter().map(|r| CourseId(r.id)).collect())
}

/// Makes the deliveries of a moment and moves the course on to its next one, if it still is
/// what was seen; `due` may leave out what is for nobody. Answers what was made; nothing if
/// somebody else was here before, or the course was changed meanwhile.
///
/// # Errors
/// If the database is away; nothing is changed then.
pub async fn occur(
    ctx: &Context,
    course: &Course,
    at: Timestamp,
    due: &[(Due, Audience)],
) -> Result<Vec<DeliveryId>> {
    let Some(content) = &course.in_force else { return Ok(Vec::new()) };
    let (id, now) = (course.id, ctx.now());
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE course SET next_at = $1 WHERE id = $2 AND state = 'running' AND next_at = $3 AND updated_at = $4";
    let next = content.next_after(at).map(|t| t.0);
    if exec(&tx, sql, values![next, id.0, at.0, course.updated_at.0]).await? == 0 {
        return Ok(Vec::new());
    }
    let mut made = Vec::new();
    for (due, audience) in due {
        let Some(step) = content.step(due.step) else { continue };
        let title: String =
            format!("{}（{}）", course.name, step.offset.words()).chars().take(TITLE_MAX).collect();
        let json = |what: serde_json::Result<String>| {
            what.map_err(|_| crate::Error::Inconsistent("delivery"))
        };
        let sql = "INSERT INTO delivery (title, purpose, status, audience, parts, department_id, created_at, updated_at, send_at,
            recipients, accepted, failed, withheld, to_testers, counted_by_line, uncounted, course_id, step, step_day, step_late, own_from, own_to, variants)
            VALUES ($1, $2, 'scheduled', $3, $4, $5, $6, $6, $7, 0, 0, 0, 0, FALSE, FALSE, $8, $9, $10, $11, $12, $13, $14, $15)
            ON CONFLICT (course_id, step, step_day, step_late, own_from) DO NOTHING RETURNING id AS n";
        let values = values![
            title,
            Purpose::Notice.name(),
            json(serde_json::to_string(audience))?,
            json(serde_json::to_string(&step.parts))?,
            course.department.map(|d| d.0),
            now.0,
            at.0,
            some_json(&step.uncounted)?,
            id.0,
            i64::from(due.step),
            due.day.days(),
            due.late,
            due.from.days(),
            due.to.days(),
            some_json(&step.variants)?
        ];
        let delivery = match number(&tx, sql, values).await? {
            0 => continue,
            n => DeliveryId(n),
        };
        let whole = step.whole();
        if whole.iter().any(|p| !p.pictures().is_empty()) {
            blob::used(ctx, &tx, &whole).await?;
        }
        // What was approved for the course is approved for each delivery.
        let sql = "INSERT INTO approval (delivery_id, act, staff_id, at, people, words) SELECT $1, 'approve', approved_by, updated_at, approved_people, '' FROM course WHERE id = $2 AND approved_people IS NOT NULL";
        exec(&tx, sql, values![delivery.0, id.0]).await?;
        let what = if due.late {
            "あとから登録した人へ、直前のステップを届けます"
        } else {
            "ステップの時刻になりました"
        };
        happen(&tx, delivery, now, what, &format!("{}の分です", at.day_and_time())).await?;
        ledger::append(ctx, &tx, Line::ok("delivery.create", format!("delivery:{delivery}")))
            .await?;
        made.push(delivery);
    }
    tx.commit().await?;
    Ok(made)
}

/// Pauses a course that cannot be understood any more, with the reason.
///
/// # Errors
/// If the database is away.
pub async fn set_aside(ctx: &Context, course: &Course, why: &str) -> Result<()> {
    let now = ctx.now().max(course.updated_at.plus(1));
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE course SET state = 'paused', next_at = NULL, paused_at = $1, updated_at = $1 WHERE id = $2 AND state = 'running' AND updated_at = $3";
    if exec(&tx, sql, values![now.0, course.id.0, course.updated_at.0]).await? == 1 {
        note(ctx, &tx, course.id, "course.pause", "届けられないため、休止しました", why).await?;
    }
    Ok(tx.commit().await?)
}

/// Who has had the step of a delivery that is being frozen, for the same day of theirs, in the
/// freeze's own snapshot: LINE took it, or may do so yet. Two freezes of one course exclude
/// one another: on PostgreSQL the later one fails here and is tried again.
pub(crate) async fn had<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: &Delivery,
) -> Result<RoaringBitmap> {
    let mut had = RoaringBitmap::new();
    let Some(of) = delivery.course else { return Ok(had) };
    exec(db, "UPDATE course SET state = state WHERE id = $1", values![of.course.0]).await?;
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        residents: Option<Vec<u8>>,
    }
    let sql = "SELECT d.id, o.residents FROM delivery d LEFT JOIN outcome o ON o.delivery_id = d.id AND o.outcome = 'accepted'
        WHERE d.course_id = $1 AND d.step = $2 AND d.id <> $3 AND d.frozen_at IS NOT NULL AND d.own_to >= $4 AND d.own_from <= $5";
    let values = values![
        of.course.0,
        i64::from(of.due.step),
        delivery.id.0,
        of.due.from.days() - HALF_YEAR,
        of.due.to.days() + HALF_YEAR
    ];
    let reached_or_will = format!("state <= {}", CallState::Accepted.number());
    for row in rows::<Row, _>(db, sql, values).await? {
        had |= match row.residents {
            Some(bytes) => read_set(&bytes)?,
            None => in_calls(ctx, db, DeliveryId(row.id), &reached_or_will).await?,
        };
    }
    Ok(had)
}

/// Says how many were left out because they have had it.
pub(crate) async fn tell<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: DeliveryId,
    left_out: u64,
) -> Result<()> {
    if left_out == 0 {
        return Ok(());
    }
    let what = format!("{}人には、もう届いているので送りません", thousands(left_out as i64));
    happen(db, id, ctx.now(), &what, "同じステップを、同じ日を起点に受け取った人です").await
}

/// What came of each step: the sums of its deliveries.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn figures(ctx: &Context, id: CourseId) -> Result<Vec<Figure>> {
    ctx.allow(Permission::DeliveryRead)?;
    let db = ctx.store.read();
    get_in(db, id).await?;
    #[derive(FromQueryResult)]
    struct Row {
        step: i64,
        deliveries: i64,
        recipients: i64,
        accepted: i64,
        readers: Option<i64>,
        taps: i64,
    }
    let sql = "SELECT d.step, COUNT(*) AS deliveries, CAST(COALESCE(SUM(d.recipients), 0) AS BIGINT) AS recipients,
            CAST(COALESCE(SUM(d.accepted), 0) AS BIGINT) AS accepted, CAST(SUM(i.readers) AS BIGINT) AS readers, CAST(COALESCE(SUM(l.taps), 0) AS BIGINT) AS taps
        FROM delivery d LEFT JOIN insight i ON i.delivery_id = d.id
            LEFT JOIN (SELECT delivery_id, SUM(taps) AS taps FROM link GROUP BY delivery_id) l ON l.delivery_id = d.id
        WHERE d.course_id = $1 AND d.frozen_at IS NOT NULL GROUP BY d.step ORDER BY d.step";
    let found: Vec<Row> = rows(db, sql, values![id.0]).await?;
    Ok(found
        .into_iter()
        .map(|r| Figure {
            step: u32::try_from(r.step).unwrap_or(u32::MAX),
            deliveries: r.deliveries,
            recipients: r.recipients,
            accepted: r.accepted,
            readers: r.readers,
            taps: r.taps,
        })
        .collect())
}

/// What a course has sent of a day, or what of it waits for the end of the quiet hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The course.
    pub course: CourseId,
    /// The day.
    pub day: Date,
    /// Whether it waits still.
    pub waits: bool,
    /// Deliveries, those left out that are held for a person.
    pub deliveries: i64,
    /// Their recipients, once they are fixed.
    pub recipients: i64,
    /// When the first began, or is to begin.
    pub first: Timestamp,
}

/// What courses have sent, and what of theirs waits, from a day to another, both included.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn days(
    ctx: &Context,
    from: Date,
    to: Date,
    department: Option<DepartmentId>,
) -> Result<Vec<Day>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        course_id: i64,
        step_day: i64,
        waits: bool,
        deliveries: i64,
        recipients: i64,
        first: i64,
    }
    let whose = department.map_or_else(String::new, |d| format!("AND department_id = {d}"));
    let sql = format!(
        "SELECT course_id, step_day, (frozen_at IS NULL) AS waits, COUNT(*) AS deliveries, CAST(SUM(recipients) AS BIGINT) AS recipients, MIN(send_at) AS first
         FROM delivery WHERE course_id IS NOT NULL AND step_day >= $1 AND step_day <= $2 AND (status = 'scheduled' OR frozen_at IS NOT NULL AND status <> 'held') {whose} GROUP BY course_id, step_day, (frozen_at IS NULL)"
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values![from.days(), to.days()]).await?;
    Ok(found
        .into_iter()
        .map(|r| Day {
            course: CourseId(r.course_id),
            day: Date::from_days(r.step_day),
            waits: r.waits,
            deliveries: r.deliveries,
            recipients: r.recipients,
            first: Timestamp(r.first),
        })
        .collect())
}
