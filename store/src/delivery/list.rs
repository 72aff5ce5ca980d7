//! Lists of deliveries, and what belongs to one: calls, happenings, exceptions.

use super::{Row, SELECT, get_in};
use crate::db::{found_in, like, number, rows};
use crate::outbox::PERHAPS_TAKEN;
use crate::{Context, Error, Result, values};
use domain::delivery::call::KEY_LIFE;
use domain::delivery::{
    CELLS_MAX, CallState, Calls, Delivery, Happening, Progress, Purpose, Reason, Status,
};
use domain::id::{CourseId, DeliveryId, DepartmentId, ResidentId};
use domain::permission::Permission;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// Which half of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Group {
    /// Both.
    #[default]
    All,
    /// これから届くもの: drafts, waiting, scheduled, sending, held.
    Coming,
    /// 届けたもの: done, cancelled.
    Past,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest time first.
    #[default]
    Newest,
    /// Oldest time first.
    Oldest,
    /// By title.
    Title,
    /// Most recipients first.
    Recipients,
}

/// What to list.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Which half.
    pub group: Group,
    /// Found in title or text.
    pub search: String,
    /// Only this purpose.
    pub purpose: Option<Purpose>,
    /// Only this status.
    pub status: Option<Status>,
    /// Only this department.
    pub department: Option<DepartmentId>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Only occurrences of this series.
    pub series: Option<DeliveryId>,
    /// Only those of this course. Without it, those of courses are left out, but for what is
    /// held for a person: there may be hundreds a day, and each course shows its own.
    pub course: Option<CourseId>,
    /// Order.
    pub sort: Sort,
    /// Rows to pass over.
    pub offset: i64,
    /// Rows to answer, at most 1,000.
    pub limit: i64,
}

/// A page of deliveries, how many there are, and all their recipients.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context, query: &Query) -> Result<(Vec<Delivery>, i64, i64)> {
    ctx.allow(Permission::DeliveryRead)?;
    let mut conditions =
        vec![found_in(&ctx.store, &["d.title", "d.parts", "COALESCE(d.variants, '')"])];
    let mut values: Vec<Value> = values![like(&query.search)];
    let mut add = |sql: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(sql.replace('?', &format!("${}", values.len())));
        }
    };
    let time = "COALESCE(d.frozen_at, NULLIF(d.send_at, 0), d.updated_at)";
    add("d.purpose = ?", query.purpose.map(|p| p.name().into()));
    add("d.status = ?", query.status.map(|s| s.name().into()));
    add("d.department_id = ?", query.department.map(|d| d.0.into()));
    add("d.series_id = ?", query.series.map(|d| d.0.into()));
    add("d.course_id = ?", query.course.map(|c| c.0.into()));
    add(&format!("{time} >= ?"), query.from.map(|t| t.0.into()));
    add(&format!("{time} < ?"), query.until.map(|t| t.0.into()));
    if query.course.is_none() {
        conditions.push("(d.course_id IS NULL OR d.status = 'held')".into());
    }
    match query.group {
        Group::All => {}
        Group::Coming => conditions.push("d.status NOT IN ('done', 'cancelled')".into()),
        Group::Past => conditions.push("d.status IN ('done', 'cancelled')".into()),
    }
    let order = match query.sort {
        Sort::Newest => format!("{time} DESC, d.id DESC"),
        Sort::Oldest => format!("{time}, d.id"),
        Sort::Title => "d.title, d.id".into(),
        Sort::Recipients => "d.recipients DESC, d.id DESC".into(),
    };
    let condition = conditions.join(" AND ");
    let db = ctx.store.read();
    let total = number(
        db,
        &format!("SELECT COUNT(*) AS n FROM delivery d WHERE {condition}"),
        values.clone(),
    )
    .await?;
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(d.recipients), 0) AS BIGINT) AS n FROM delivery d WHERE {condition}"
    );
    let recipients = number(db, &sql, values.clone()).await?;
    let sql = format!(
        "{SELECT} WHERE {condition} ORDER BY {order} LIMIT {} OFFSET {}",
        query.limit.clamp(1, 1000),
        query.offset.max(0)
    );
    let found: Vec<Row> = rows(db, &sql, values).await?;
    Ok((found.into_iter().map(Delivery::try_from).collect::<Result<_>>()?, total, recipients))
}

/// Ids of the newest deliveries before `before`.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn ids_before(
    ctx: &Context,
    before: Option<DeliveryId>,
    limit: i64,
) -> Result<Vec<DeliveryId>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let sql = "SELECT id FROM delivery WHERE id < $1 ORDER BY id DESC LIMIT $2";
    let found: Vec<Id> =
        rows(ctx.store.read(), sql, values![before.map_or(i64::MAX, |b| b.0), limit]).await?;
    Ok(found.into_iter().map(|r| DeliveryId(r.id)).collect())
}

/// One call of the mosaic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallRow {
    /// How it stands.
    pub state: CallState,
    /// Residents in it.
    pub count: i64,
    /// Tries so far.
    pub attempts: i64,
}

/// The calls in order; those replaced by smaller ones are left out.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn calls(ctx: &Context, id: DeliveryId) -> Result<Vec<CallRow>> {
    ctx.allow(Permission::DeliveryRead)?;
    calls_in(ctx.store.read(), id).await
}

async fn calls_in<C: ConnectionTrait>(db: &C, id: DeliveryId) -> Result<Vec<CallRow>> {
    #[derive(FromQueryResult)]
    struct Call {
        state: i16,
        count: i64,
        attempts: i64,
    }
    let sql = "SELECT state, count, attempts FROM call WHERE delivery_id = $1 AND state <> $2 ORDER BY seq, id";
    let found: Vec<Call> = rows(db, sql, values![id.0, CallState::Split.number()]).await?;
    found
        .into_iter()
        .map(|c| {
            Ok(CallRow {
                state: CallState::from_number(c.state).ok_or(Error::Inconsistent("call.state"))?,
                count: c.count,
                attempts: c.attempts,
            })
        })
        .collect()
}

/// The calls as they are drawn: 200,000 pushes are not told one by one.
async fn cells_in<C: ConnectionTrait>(db: &C, id: DeliveryId) -> Result<Vec<Calls>> {
    #[derive(FromQueryResult)]
    struct Row {
        cell: i64,
        state: i16,
        again: i64,
        calls: i64,
        residents: i64,
    }
    let last = "SELECT MAX(seq) AS n FROM call WHERE delivery_id = $1";
    let per = number(db, last, values![id.0]).await? / CELLS_MAX + 1;
    let sql = format!(
        "SELECT cell, state, again, COUNT(*) AS calls, CAST(SUM(count) AS BIGINT) AS residents
         FROM (SELECT seq / {per} AS cell, state, count, CAST(CASE WHEN state = $2 AND attempts > 0 OR state = $3 AND attempts > 1 THEN 1 ELSE 0 END AS BIGINT) AS again
            FROM call WHERE delivery_id = $1 AND state <> $4) AS one
         GROUP BY cell, state, again ORDER BY cell, state, again"
    );
    let [pending, sending, split] =
        [CallState::Pending, CallState::Sending, CallState::Split].map(CallState::number);
    let found: Vec<Row> = rows(db, &sql, values![id.0, pending, sending, split]).await?;
    found
        .into_iter()
        .map(|r| {
            Ok(Calls {
                cell: r.cell,
                state: CallState::from_number(r.state).ok_or(Error::Inconsistent("call.state"))?,
                again: r.again > 0,
                calls: r.calls,
                residents: r.residents,
            })
        })
        .collect()
}

/// What happened, the newest first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn happenings(ctx: &Context, id: DeliveryId) -> Result<Vec<Happening>> {
    ctx.allow(Permission::DeliveryRead)?;
    happenings_in(ctx.store.read(), id).await
}

async fn happenings_in<C: ConnectionTrait>(db: &C, id: DeliveryId) -> Result<Vec<Happening>> {
    #[derive(FromQueryResult)]
    struct Line {
        at: i64,
        what: String,
        detail: String,
    }
    let sql = "SELECT at, what, detail FROM happening WHERE delivery_id = $1 ORDER BY at DESC, id DESC LIMIT 100";
    let found: Vec<Line> = rows(db, sql, values![id.0]).await?;
    Ok(found
        .into_iter()
        .map(|l| Happening { at: Timestamp(l.at), what: l.what, detail: l.detail })
        .collect())
}

/// How many did not get it, by reason. Residents stopped by staff, and those of a
/// broadcast that failed, are counted from the calls: they have no rows of their own.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn reasons(ctx: &Context, id: DeliveryId) -> Result<Vec<(Reason, i64)>> {
    ctx.allow(Permission::DeliveryRead)?;
    reasons_in(ctx.store.read(), id).await
}

async fn reasons_in<C: ConnectionTrait>(db: &C, id: DeliveryId) -> Result<Vec<(Reason, i64)>> {
    #[derive(FromQueryResult)]
    struct Count {
        reason: String,
        n: i64,
    }
    let sql = "SELECT reason, COUNT(*) AS n FROM exception WHERE delivery_id = $1 GROUP BY reason";
    let mut out: Vec<(Reason, i64)> = rows::<Count, _>(db, sql, values![id.0])
        .await?
        .into_iter()
        .filter_map(|c| Some((Reason::parse(&c.reason)?, c.n)))
        .collect();
    out.extend(super::fatigue::reason(db, id).await?);
    let sql = "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) AS n FROM call WHERE delivery_id = $1 AND state = $2";
    let stopped = number(db, sql, values![id.0, CallState::Withheld.number()]).await?;
    let failed = "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) AS n FROM call WHERE delivery_id = $1 AND state = $2 AND kind = 'broadcast'";
    // LINE refuses a broadcast at once; what has no answer ends with the life of its key.
    let long = format!("COALESCE(ended_at - first_at, 0) >= {}", KEY_LIFE / 2);
    let values = values![id.0, CallState::Failed.number()];
    let refused = number(db, &format!("{failed} AND NOT {long}"), values.clone()).await?;
    let unknown = number(db, &format!("{failed} AND {long}"), values).await?;
    for (reason, n) in [
        (Reason::Cancelled, stopped),
        (Reason::RefusedMessage, refused),
        (Reason::Unknown, unknown),
    ] {
        match out.iter_mut().find(|(r, _)| *r == reason) {
            _ if n == 0 => {}
            Some((_, sum)) => *sum += n,
            None => out.push((reason, n)),
        }
    }
    out.sort_unstable();
    Ok(out)
}

/// Everything that the page of a delivery shows, from one snapshot, so that the sum
/// can be checked while calls are being settled.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn progress(ctx: &Context, id: DeliveryId) -> Result<Progress> {
    ctx.allow(Permission::DeliveryRead)?;
    let tx = ctx.store.begin_read().await?;
    let progress = Progress {
        delivery: get_in(&tx, id).await?,
        calls: cells_in(&tx, id).await?,
        happenings: happenings_in(&tx, id).await?,
        reasons: reasons_in(&tx, id).await?,
        stoppable: stoppable_in(&tx, id).await?,
        now: ctx.now(),
    };
    tx.rollback().await?;
    Ok(progress)
}

/// Residents whom [`super::cancel`] would spare now.
async fn stoppable_in<C: ConnectionTrait>(db: &C, id: DeliveryId) -> Result<i64> {
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) AS n FROM call WHERE delivery_id = $1 AND state = $2 AND NOT ({PERHAPS_TAKEN})"
    );
    number(db, &sql, values![id.0, CallState::Pending.number()]).await
}

/// The departments that have deliveries, by name.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn departments(ctx: &Context) -> Result<Vec<(DepartmentId, String)>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Department {
        id: i64,
        name: String,
    }
    let sql = "SELECT p.id, p.name FROM department p WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.department_id = p.id) ORDER BY p.name, p.id";
    let found: Vec<Department> = rows(ctx.store.read(), sql, vec![]).await?;
    Ok(found.into_iter().map(|d| (DepartmentId(d.id), d.name)).collect())
}

/// Residents who did not get it, with the reason; a page of at most 1,000.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn exceptions(
    ctx: &Context,
    id: DeliveryId,
    after: ResidentId,
) -> Result<Vec<(ResidentId, Reason)>> {
    ctx.allow(Permission::ResidentRead)?;
    #[derive(FromQueryResult)]
    struct Line {
        resident_id: i64,
        reason: String,
    }
    let sql = "SELECT resident_id, reason FROM exception WHERE delivery_id = $1 AND resident_id > $2 ORDER BY resident_id LIMIT 1000";
    let found: Vec<Line> = rows(ctx.store.read(), sql, values![id.0, after.0]).await?;
    found
        .into_iter()
        .map(|l| {
            Ok((
                ResidentId(l.resident_id),
                Reason::parse(&l.reason).ok_or(Error::Inconsistent("exception.reason"))?,
            ))
        })
        .collect()
}
