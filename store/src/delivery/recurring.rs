//! Series (くり返し, SEG-6): a delivery with a rule instead of a time. In force it is
//! scheduled for its next time; when that comes, what it holds becomes a delivery of its
//! own, and the series moves on to the time after. Both in one transaction, and a series
//! has one occurrence a day at most, so that neither a crash nor a second server doubles
//! or loses one. An occurrence keeps the days that the rule named for it (`delivery.named`),
//! and none of these comes again, wherever days off move it afterwards. What was missed is
//! made as well, and held for being late.

use super::change::{by, stop_waiting};
use super::{get, get_in, happen, owner};
use crate::db::{exec, lock, number, one, rows};
use crate::holiday::known_in;
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, blob, values};
use domain::delivery::{Delivery, Status};
use domain::holiday::Holidays;
use domain::id::DeliveryId;
use domain::permission::Permission;
use domain::recurrence::{Past, Recurrence};
use domain::time::{Date, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeSet;

/// What has come of a series, as far as it matters to what comes from `from` on. Of an
/// occurrence that a former release made only its day is known.
async fn past<C: ConnectionTrait>(
    db: &C,
    id: DeliveryId,
    rule: &Recurrence,
    holidays: &Holidays,
    from: Timestamp,
) -> Result<Past> {
    #[derive(FromQueryResult)]
    struct Row {
        occurrence: i64,
        named: Option<String>,
    }
    let sql = "SELECT occurrence, named FROM delivery WHERE series_id = $1 AND occurrence >= $2";
    let from = from.date().days() - Past::REACH;
    let found: Vec<Row> = rows(db, sql, values![id.0, from]).await?;
    let mut past = Past::default();
    for row in found {
        let day = Date::from_days(row.occurrence);
        past.days.insert(day);
        match row.named {
            Some(json) => past.named.extend(read_days(&json)?),
            None => {
                past.named.insert(day);
                past.named.extend(rule.named(day, holidays));
            }
        }
    }
    Ok(past)
}

/// Keeps for what a former release made the days that the rule named for it, while the days off
/// are still those with which it came.
async fn keep_named<C: ConnectionTrait>(
    db: &C,
    id: DeliveryId,
    rule: &Recurrence,
    holidays: &Holidays,
    from: Timestamp,
) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        occurrence: i64,
    }
    let sql = "SELECT id, occurrence FROM delivery WHERE series_id = $1 AND occurrence >= $2 AND named IS NULL";
    let from = from.date().days() - Past::REACH;
    let found: Vec<Row> = rows(db, sql, values![id.0, from]).await?;
    for row in found {
        let day = Date::from_days(row.occurrence);
        let named: BTreeSet<Date> = rule.named(day, holidays).chain([day]).collect();
        let sql = "UPDATE delivery SET named = $1 WHERE id = $2";
        exec(db, sql, values![write_days(named)?, row.id]).await?;
    }
    Ok(())
}

/// Days as `delivery.named` keeps them.
fn write_days(days: impl IntoIterator<Item = Date>) -> Result<String> {
    let days: Vec<i64> = days.into_iter().map(Date::days).collect();
    serde_json::to_string(&days).map_err(|_| Error::Inconsistent("delivery.named"))
}

fn read_days(json: &str) -> Result<Vec<Date>> {
    let days: Vec<i64> =
        serde_json::from_str(json).map_err(|_| Error::Inconsistent("delivery.named"))?;
    Ok(days.into_iter().map(Date::from_days).collect())
}

/// The next time of a series from now on.
async fn next<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: DeliveryId,
    rule: &Recurrence,
) -> Result<Option<Timestamp>> {
    let holidays = known_in(db).await?;
    let past = past(db, id, rule, &holidays, ctx.now()).await?;
    Ok(rule.next_after(&holidays, &past, ctx.now()))
}

/// Puts a series in force that has just become scheduled, in the place of the one that
/// it replaces.
pub(super) async fn begin<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    series: &Delivery,
    rule: &Recurrence,
) -> Result<()> {
    let (id, now) = (series.id, ctx.now());
    if let Some(former) = series.replaces {
        make_due(ctx, db, former).await?;
        let sql = "UPDATE delivery SET status = 'cancelled', send_at = NULL, finished_at = $1, updated_at = $1 WHERE id = $2 AND status = 'scheduled' AND recurrence IS NOT NULL";
        if exec(db, sql, values![now.0, former.0]).await? == 0 {
            return Err(Error::Conflict(
                "もとのくり返しは、もう終わっているか、ほかの内容に替えられています。「複製する」で、新しいくり返しとして始めてください".into(),
            ));
        }
        stop_waiting(ctx, db, "series_id", former.0, "くり返しの内容を替えた").await?;
        let sql = "UPDATE delivery SET series_id = $1 WHERE series_id = $2";
        exec(db, sql, values![id.0, former.0]).await?;
        let detail = "次の回からは、新しい内容で届けます";
        happen(db, former, now, "新しい内容に替えました", detail).await?;
        ledger::append(ctx, db, Line::ok("recurring.end", format!("delivery:{former}"))).await?;
    }
    let Some(at) = next(ctx, db, id, rule).await? else {
        return Err(Error::invalid(
            "/recurrence/end",
            "これから届ける日がもうありません。「いつまで」を先にのばしてください",
        ));
    };
    exec(db, "UPDATE delivery SET send_at = $1 WHERE id = $2", values![at.0, id.0]).await?;
    happen(db, id, now, "くり返しを始めました", &rule.sentence()).await?;
    ledger::append(ctx, db, Line::ok("recurring.begin", format!("delivery:{id}"))).await
}

/// Makes the occurrence whose time has come, if nobody did so before: an ordinary
/// delivery, which the worker then freezes, or holds where it is late.
///
/// # Errors
/// If the database is away; nothing is changed then.
pub async fn occur(ctx: &Context, id: DeliveryId) -> Result<Option<DeliveryId>> {
    let tx = ctx.store.begin().await?;
    let made = occur_in(ctx, &tx, id).await?;
    tx.commit().await?;
    Ok(made)
}

async fn occur_in<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: DeliveryId,
) -> Result<Option<DeliveryId>> {
    let series = get_in(db, id).await?;
    let (Some(rule), Status::Scheduled, Some(at)) =
        (&series.recurrence, series.status, series.send_at)
    else {
        return Ok(None);
    };
    if at > ctx.now() {
        return Ok(None);
    }
    let made = pass(ctx, db, &series, rule, at, Status::Scheduled).await?;
    if let Some(made) = made {
        let detail = format!("{}の分です", at.day_and_time());
        happen(db, made, ctx.now(), "くり返しの時刻になりました", &detail).await?;
    }
    Ok(made)
}

/// Makes what is due before its series stops: nobody may have come to it yet.
async fn make_due<C: ConnectionTrait>(ctx: &Context, db: &C, id: DeliveryId) -> Result<()> {
    while occur_in(ctx, db, id).await?.is_some() {}
    Ok(())
}

/// Does not send the next time: its day stands in the list as stopped.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if `at` is not the next time any more.
pub async fn skip(ctx: &Context, id: DeliveryId, at: Timestamp) -> Result<()> {
    let series = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliverySend, owner(&series))?;
    let rule = series.recurrence.as_ref().ok_or(Error::NotFound)?;
    let tx = ctx.store.begin().await?;
    let Some(made) = pass(ctx, &tx, &series, rule, at, Status::Cancelled).await? else {
        return Err(changed());
    };
    let detail = "だれにも届いていません。次の回からは、また届けます";
    happen(&tx, made, ctx.now(), "この回は届けないことにしました", detail).await?;
    ledger::append(ctx, &tx, Line::ok("recurring.skip", format!("delivery:{id}"))).await?;
    Ok(tx.commit().await?)
}

fn changed() -> Error {
    Error::Conflict("ほかの画面で先に変えられました。ひらき直してください".into())
}

/// The days that the rule names for what comes on `day`: by the days off of now, and by those
/// of before where they changed while it was due.
async fn named<C: ConnectionTrait>(
    db: &C,
    id: DeliveryId,
    rule: &Recurrence,
    holidays: &Holidays,
    day: Date,
) -> Result<BTreeSet<Date>> {
    #[derive(FromQueryResult)]
    struct Row {
        named: Option<String>,
    }
    let sql = "SELECT named FROM delivery WHERE id = $1";
    let row: Option<Row> = one(db, sql, values![id.0]).await?;
    let mut named: BTreeSet<Date> = rule.named(day, holidays).collect();
    if let Some(json) = row.and_then(|r| r.named) {
        named.extend(read_days(&json)?);
    }
    if named.is_empty() {
        named.insert(day);
    }
    Ok(named)
}

/// Makes the occurrence of `at` and moves the series on to the time after it.
async fn pass<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    series: &Delivery,
    rule: &Recurrence,
    at: Timestamp,
    status: Status,
) -> Result<Option<DeliveryId>> {
    let (id, now) = (series.id, ctx.now());
    // Another server, and whoever changes the days off: one after the other.
    lock(ctx, db, "delivery", id.0).await?;
    let holidays = known_in(db).await?;
    let mut past = past(db, id, rule, &holidays, at).await?;
    let named = named(db, id, rule, &holidays, at.date()).await?;
    let has_come = named.is_subset(&past.named);
    past.days.insert(at.date());
    past.named.extend(&named);
    let next = rule.next_after(&holidays, &past, at);
    let sql = "UPDATE delivery SET send_at = $1, named = NULL, status = CASE WHEN $2 THEN 'done' ELSE status END, finished_at = CASE WHEN $2 THEN $3 ELSE NULL END WHERE id = $4 AND status = 'scheduled' AND send_at = $5";
    let values = values![next.map(|n| n.0), next.is_none(), now.0, id.0, at.0];
    if exec(db, sql, values).await? == 0 {
        return Ok(None);
    }
    if next.is_none() {
        happen(db, id, now, "くり返しが終わりました", "最後の回まで届けました").await?;
    }
    if has_come {
        return Ok(None);
    }
    let sql = "INSERT INTO delivery (title, purpose, status, audience, parts, department_id, created_by, token_id, created_at, updated_at, send_at, finished_at,
        recipients, accepted, failed, withheld, to_testers, counted_by_line, series_id, occurrence, named, uncounted, night, variants, switch_to)
        SELECT title, purpose, $1, audience, parts, department_id, created_by, token_id, $2, $2, $3, $4, 0, 0, 0, 0, FALSE, FALSE, id, $5, $6, uncounted, night, variants, switch_to FROM delivery WHERE id = $7
        ON CONFLICT (series_id, occurrence) DO NOTHING RETURNING id AS n";
    let values = values![
        status.name(),
        now.0,
        at.0,
        (status == Status::Cancelled).then_some(now.0),
        at.date().days(),
        write_days(named)?,
        id.0
    ];
    let made = match number(db, sql, values).await? {
        0 => return Ok(None),
        n => DeliveryId(n),
    };
    blob::used(ctx, db, &series.whole()).await?;
    // What was approved for the series is approved each time.
    let sql = "INSERT INTO approval (delivery_id, act, staff_id, at, people, words) SELECT $1, act, staff_id, at, people, words FROM approval WHERE delivery_id = $2 ORDER BY id";
    exec(db, sql, values![made.0, id.0]).await?;
    ledger::append(ctx, db, Line::ok("delivery.create", format!("delivery:{made}"))).await?;
    Ok(Some(made))
}

/// Stops a series in force under the permission of who sends. What waits for the end of the
/// quiet hours is not sent, either, nor made up for: its days have come.
async fn stop(
    ctx: &Context,
    id: DeliveryId,
    act: &str,
    happened: (&str, &str),
    sql: &str,
) -> Result<()> {
    let series = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliverySend, owner(&series))?;
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    make_due(ctx, &tx, id).await?;
    let sql = format!(
        "UPDATE delivery SET updated_at = $1, {sql} AND id = $2 AND status = 'scheduled' AND recurrence IS NOT NULL"
    );
    if exec(&tx, &sql, values![now.0, id.0]).await? == 0 {
        return Err(changed());
    }
    stop_waiting(ctx, &tx, "series_id", id.0, "くり返しを止めた").await?;
    happen(&tx, id, now, happened.0, happened.1).await?;
    ledger::append(ctx, &tx, Line::ok(act, format!("delivery:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// Pauses a series: nothing is sent until it goes on, and nothing is made up for then.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it is not in force.
pub async fn pause(ctx: &Context, id: DeliveryId) -> Result<()> {
    let happened = ("くり返しを休止しました", "再開するまで届けません");
    stop(ctx, id, "recurring.pause", happened, "send_at = NULL WHERE send_at IS NOT NULL").await
}

/// Ends a series for good.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it is over.
pub async fn end(ctx: &Context, id: DeliveryId) -> Result<()> {
    let happened = ("くり返しを終わらせました", "これからは届けません");
    let sql = "status = 'cancelled', send_at = NULL, finished_at = $1 WHERE TRUE";
    stop(ctx, id, "recurring.end", happened, sql).await
}

/// Lets a paused series go on with its next time.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it is not paused; `Invalid` if it never comes again.
pub async fn resume(ctx: &Context, id: DeliveryId) -> Result<()> {
    let series = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliverySend, owner(&series))?;
    let rule = series.recurrence.as_ref().ok_or(Error::NotFound)?;
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    let Some(at) = next(ctx, &tx, id, rule).await? else {
        return Err(Error::invalid(
            "",
            "これから届ける日がもうありません。「内容を変える」で、いつまで届けるかを変えてください",
        ));
    };
    let sql = "UPDATE delivery SET send_at = $1, named = NULL, updated_at = $2 WHERE id = $3 AND status = 'scheduled' AND send_at IS NULL AND recurrence IS NOT NULL";
    if exec(&tx, sql, values![at.0, now.0, id.0]).await? == 0 {
        return Err(changed());
    }
    let detail = format!("次は{}です", at.day_and_time());
    happen(&tx, id, now, "くり返しを再開しました", &detail).await?;
    ledger::append(ctx, &tx, Line::ok("recurring.resume", format!("delivery:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// The draft that will take the place of a series in force: the one that is being
/// written, or a new one. Until it is in force itself, the series goes on as it is.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if the series is over.
pub async fn edit(ctx: &Context, id: DeliveryId) -> Result<DeliveryId> {
    let series = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliveryWrite, owner(&series))?;
    if let Some(draft) = draft_in(ctx.store.read(), id).await? {
        return Ok(draft);
    }
    let (_, staff, token) = by(ctx);
    let tx = ctx.store.begin().await?;
    let sql = "INSERT INTO delivery (title, purpose, status, audience, parts, department_id, created_by, token_id, created_at, updated_at,
        recipients, accepted, failed, withheld, to_testers, counted_by_line, recurrence, replaces_id, uncounted, variants, switch_to)
        SELECT title, purpose, 'draft', audience, parts, department_id, $1, $2, $3, $3, 0, 0, 0, 0, FALSE, FALSE, recurrence, id, uncounted, variants, switch_to
        FROM delivery WHERE id = $4 AND status = 'scheduled' AND recurrence IS NOT NULL RETURNING id AS n";
    let values = values![staff.map(|s| s.0), token.map(|t| t.0), ctx.now().0, id.0];
    let draft = match number(&tx, sql, values).await? {
        0 => return Err(changed()),
        n => DeliveryId(n),
    };
    blob::used(ctx, &tx, &series.whole()).await?;
    ledger::append(ctx, &tx, Line::ok("delivery.create", format!("delivery:{draft}"))).await?;
    tx.commit().await?;
    Ok(draft)
}

/// The draft that is to take the place of a series, or waits for approval to do so.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn draft_of(ctx: &Context, id: DeliveryId) -> Result<Option<DeliveryId>> {
    ctx.allow(Permission::DeliveryRead)?;
    draft_in(ctx.store.read(), id).await
}

async fn draft_in<C: ConnectionTrait>(db: &C, id: DeliveryId) -> Result<Option<DeliveryId>> {
    let sql = "SELECT MAX(id) AS n FROM delivery WHERE replaces_id = $1 AND status IN ('draft', 'awaiting_approval')";
    let found = number(db, sql, values![id.0]).await?;
    Ok((found > 0).then_some(DeliveryId(found)))
}

/// Every series in force.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn in_force(ctx: &Context) -> Result<Vec<Delivery>> {
    ctx.allow(Permission::DeliveryRead)?;
    all(ctx.store.read(), "d.send_at IS NOT NULL").await
}

async fn all<C: ConnectionTrait>(db: &C, which: &str) -> Result<Vec<Delivery>> {
    let sql = format!(
        "{} WHERE d.status = 'scheduled' AND d.recurrence IS NOT NULL AND {which} ORDER BY d.id",
        super::SELECT
    );
    let found: Vec<super::Row> = rows(db, &sql, vec![]).await?;
    found.into_iter().map(Delivery::try_from).collect()
}

/// Finds the next times anew, after the days off have changed from `before`. What is due this
/// moment stays due, for the days for which it was; what has moved to a time that has passed is
/// due now: it is made with that time, and held where it is late, like whatever was missed.
pub(crate) async fn replan<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    before: &Holidays,
) -> Result<()> {
    if !ctx.store.is_sqlite() {
        let sql = "SELECT id FROM delivery WHERE status = 'scheduled' AND recurrence IS NOT NULL ORDER BY id FOR UPDATE";
        exec(db, sql, vec![]).await?;
    }
    let now = ctx.now();
    let holidays = known_in(db).await?;
    for series in all(db, "TRUE").await? {
        let Some(rule) = &series.recurrence else { continue };
        keep_named(db, series.id, rule, before, now).await?;
        let Some(was) = series.send_at else { continue };
        if was <= now {
            let sql = "UPDATE delivery SET named = $1 WHERE id = $2 AND named IS NULL";
            let named = write_days(rule.named(was.date(), before))?;
            exec(db, sql, values![named, series.id.0]).await?;
            continue;
        }
        let past = past(db, series.id, rule, before, now).await?;
        let at = rule.moved(before, &holidays, &past, was, now);
        if at == Some(was) {
            continue;
        }
        let sql = "UPDATE delivery SET send_at = $1, status = CASE WHEN $2 THEN 'done' ELSE status END, finished_at = CASE WHEN $2 THEN $3 ELSE NULL END WHERE id = $4";
        exec(db, sql, values![at.map(|t| t.0), at.is_none(), now.0, series.id.0]).await?;
        let detail = match at {
            Some(at) if at <= now => {
                let at = at.day_and_time();
                format!("次の回が、もうすぎた{at}に変わりました。おくれた回になります")
            }
            Some(at) => format!("次は{}です", at.day_and_time()),
            None => "これから届ける日がなくなりました".into(),
        };
        happen(db, series.id, now, "休みの日が変わりました", &detail).await?;
    }
    Ok(())
}
