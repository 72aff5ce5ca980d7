//! How a delivery changes before it is sent, and how it is stopped.

use super::gate::gates_in;
use super::{get, get_in, owner, resend};
use crate::blob;
use crate::db::{exec, number, rows};
use crate::idempotency;
use crate::ledger::{self, Line};
use crate::outbox::PERHAPS_TAKEN;
use crate::{Context, Error, Result, values};
use domain::audience::Audience;
use domain::delivery::approval::Act;
use domain::delivery::variant::{located, whole};
use domain::delivery::{CallState, Delivery, Draft, NewDelivery, Purpose, Status, Variant};
use domain::id::{DeliveryId, DepartmentId, StaffId, TokenId};
use domain::menu::SwitchTo;
use domain::message::Part;
use domain::permission::{Actor, Owner, Permission};
use domain::recurrence::Recurrence;
use domain::time::{Timestamp, thousands};
use sea_orm::{ConnectionTrait, FromQueryResult};

pub(super) fn by(ctx: &Context) -> (Option<DepartmentId>, Option<StaffId>, Option<TokenId>) {
    match &ctx.actor {
        Actor::Staff { id, department, .. } => (Some(*department), Some(*id), None),
        Actor::Token { id, .. } => (None, None, Some(*id)),
        _ => (None, None, None),
    }
}

pub(super) struct Insert<'a> {
    pub title: &'a str,
    pub purpose: Purpose,
    pub status: Status,
    pub audience: Option<&'a Audience>,
    pub parts: &'a [Part],
    pub send_at: Option<Timestamp>,
    pub to_testers: bool,
    pub recurrence: Option<&'a Recurrence>,
    pub uncounted: &'a [String],
    pub variants: &'a [Variant],
    pub switch_to: SwitchTo,
}

pub(super) async fn insert<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    new: Insert<'_>,
) -> Result<DeliveryId> {
    let (department, staff, token) = by(ctx);
    let missing = blob::used(ctx, db, &whole(new.parts, new.variants)).await?;
    if new.status != Status::Draft && !missing.is_empty() {
        let located = |problem| located(problem, new.parts, new.variants);
        return Err(Error::Invalid(missing.into_iter().map(located).collect()));
    }
    let sql = "INSERT INTO delivery (title, purpose, status, audience, parts, department_id, created_by, token_id, created_at, updated_at, send_at,
        recipients, accepted, failed, withheld, to_testers, counted_by_line, recurrence, uncounted, variants, switch_to)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, 0, 0, 0, 0, $11, FALSE, $12, $13, $14, $15) RETURNING id AS n";
    let values = values![
        new.title,
        new.purpose.name(),
        new.status.name(),
        new.audience.map(json).transpose()?,
        json(new.parts)?,
        department.map(|d| d.0),
        staff.map(|s| s.0),
        token.map(|t| t.0),
        ctx.now().0,
        new.send_at.map(|t| t.0),
        new.to_testers,
        new.recurrence.map(json).transpose()?,
        some_json(new.uncounted)?,
        some_json(new.variants)?,
        new.switch_to.name()
    ];
    let id = DeliveryId(number(db, sql, values).await?);
    ledger::append(ctx, db, Line::ok("delivery.create", format!("delivery:{id}"))).await?;
    Ok(id)
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|_| Error::Inconsistent("delivery"))
}

/// A list as it is kept: nothing where it is empty.
pub(crate) fn some_json<T: serde::Serialize>(all: &[T]) -> Result<Option<String>> {
    Some(all).filter(|list| !list.is_empty()).map(json).transpose()
}

/// Writes a line of 「できごと」.
pub(crate) async fn happen<C: ConnectionTrait>(
    db: &C,
    id: DeliveryId,
    at: Timestamp,
    what: &str,
    detail: &str,
) -> Result<()> {
    exec(
        db,
        "INSERT INTO happening (delivery_id, at, what, detail) VALUES ($1, $2, $3, $4)",
        values![id.0, at.0, what, detail],
    )
    .await?;
    Ok(())
}

/// Begins an empty draft.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn draft(ctx: &Context, draft: Draft) -> Result<DeliveryId> {
    ctx.allow(Permission::DeliveryWrite)?;
    let tx = ctx.store.begin().await?;
    let new = Insert {
        title: &draft.title,
        purpose: draft.purpose,
        status: Status::Draft,
        audience: draft.audience.as_ref(),
        parts: &draft.parts,
        send_at: draft.send_at,
        to_testers: false,
        recurrence: draft.recurrence.as_ref(),
        uncounted: &draft.uncounted,
        variants: &draft.variants,
        switch_to: draft.switch_to,
    };
    let id = insert(ctx, &tx, new).await?;
    tx.commit().await?;
    Ok(id)
}

/// Saves a draft; answers the time by which the next save must name it.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it changed since `seen` or is no draft any more.
pub async fn save(
    ctx: &Context,
    id: DeliveryId,
    seen: Timestamp,
    draft: &Draft,
) -> Result<Timestamp> {
    let former = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliveryWrite, owner(&former))?;
    let title: String =
        draft.title.chars().filter(|c| !c.is_control()).take(domain::delivery::TITLE_MAX).collect();
    let now = ctx.now().max(seen.plus(1));
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE delivery SET title = $1, purpose = $2, audience = $3, parts = $4, updated_at = $5, send_at = $8, recurrence = $9, uncounted = $10, variants = $11, switch_to = $12 WHERE id = $6 AND updated_at = $7 AND status = 'draft'";
    let values = values![
        title,
        draft.purpose.name(),
        draft.audience.as_ref().map(json).transpose()?,
        json(&draft.parts)?,
        now.0,
        id.0,
        seen.0,
        draft.send_at.map(|t| t.0),
        draft.recurrence.as_ref().map(json).transpose()?,
        some_json(&draft.uncounted)?,
        some_json(&draft.variants)?,
        draft.switch_to.name()
    ];
    if exec(&tx, sql, values).await? == 0 {
        return Err(Error::Conflict(
            "ほかの画面で先に保存されたか、もう下書きではありません。ひらき直してください".into(),
        ));
    }
    // What was taken out can be put back for as long as what is unused is kept.
    let mut parts = whole(&draft.parts, &draft.variants);
    let out: Vec<Part> = former.whole().into_iter().filter(|p| !parts.contains(p)).collect();
    parts.extend(out);
    // A picture that is gone does not keep the rest of a draft from being saved.
    blob::used(ctx, &tx, &parts).await?;
    ledger::append(ctx, &tx, Line::ok("delivery.update", format!("delivery:{id}"))).await?;
    tx.commit().await?;
    Ok(now)
}

/// Makes a delivery that is ready to go (REST, and tests to the city's testers).
/// With `approval`, it waits for a second person, who sees so many recipients.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn create(ctx: &Context, new: &NewDelivery, approval: Option<i64>) -> Result<DeliveryId> {
    let department = by(ctx).0;
    ctx.allow_on(Permission::DeliverySend, department.map_or(Owner::City, Owner::Department))?;
    let send_at = match approval {
        Some(_) => new.send_at,
        None => Some(new.send_at.unwrap_or_else(|| ctx.now())),
    };
    let tx = ctx.store.begin().await?;
    let insertion = Insert {
        title: &new.title,
        purpose: new.purpose,
        status: if approval.is_some() { Status::AwaitingApproval } else { Status::Scheduled },
        audience: Some(&new.audience),
        parts: &new.parts,
        send_at,
        to_testers: false,
        recurrence: None,
        uncounted: &new.uncounted,
        variants: &new.variants,
        switch_to: SwitchTo::Rule,
    };
    let id = insert(ctx, &tx, insertion).await?;
    match approval {
        Some(people) => super::approval::write(ctx, &tx, id, Act::Request, people, "").await?,
        None => {
            ledger::append(ctx, &tx, Line::ok("delivery.send", format!("delivery:{id}"))).await?;
        }
    }
    idempotency::answer_in(ctx, &tx, 201, &created(id)).await?;
    tx.commit().await?;
    Ok(id)
}

/// What REST answers to a new delivery.
pub(super) fn created(id: DeliveryId) -> String {
    format!("{{\"id\":\"{id}\"}}")
}

/// Sends a draft's content to the testers, as a delivery of its own with the purpose 試験 (RES-6).
/// `side`: not the base, but this variant, whichever language they read.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn create_test(
    ctx: &Context,
    of: DeliveryId,
    title: &str,
    parts: &[Part],
    side: Option<&Variant>,
) -> Result<DeliveryId> {
    let former = get(ctx, of).await?;
    ctx.allow_on(Permission::DeliveryWrite, owner(&former))?;
    let tx = ctx.store.begin().await?;
    let insertion = Insert {
        title,
        purpose: Purpose::Test,
        status: Status::Scheduled,
        audience: None,
        parts,
        send_at: Some(ctx.now()),
        to_testers: true,
        recurrence: None,
        uncounted: &former.uncounted,
        variants: side.map_or(&[], std::slice::from_ref),
        switch_to: SwitchTo::Rule,
    };
    let id = insert(ctx, &tx, insertion).await?;
    ledger::append(ctx, &tx, Line::ok("delivery.test", format!("delivery:{id}"))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Puts a draft on its way: now, or at its time.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it is no draft or changed since `seen`.
pub async fn schedule(
    ctx: &Context,
    id: DeliveryId,
    seen: Timestamp,
    send_at: Option<Timestamp>,
) -> Result<()> {
    let former = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliverySend, owner(&former))?;
    let tx = ctx.store.begin().await?;
    move_on(ctx, &tx, id, seen, Status::Draft, Status::Scheduled).await?;
    on_its_way(ctx, &tx, id, send_at).await?;
    Ok(tx.commit().await?)
}

/// Changes where a delivery stands, if it still is what was seen.
pub(super) async fn move_on<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: DeliveryId,
    seen: Timestamp,
    from: Status,
    to: Status,
) -> Result<()> {
    let sql = "UPDATE delivery SET status = $1, held_reason = NULL, updated_at = $2 WHERE id = $3 AND updated_at = $4 AND status = $5 AND frozen_at IS NULL";
    let now = ctx.now().max(seen.plus(1));
    if exec(db, sql, values![to.name(), now.0, id.0, seen.0, from.name()]).await? == 0 {
        return Err(Error::Conflict(
            "確かめているあいだに内容が変わったか、もう送られています。ひらき直してください".into(),
        ));
    }
    Ok(())
}

/// Gives a scheduled delivery its time: now, or later.
pub(super) async fn on_its_way<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: DeliveryId,
    send_at: Option<Timestamp>,
) -> Result<()> {
    let delivery = get_in(db, id).await?;
    if let Some(rule) = &delivery.recurrence {
        return super::recurring::begin(ctx, db, &delivery, rule).await;
    }
    let now = ctx.now();
    let sql = "UPDATE delivery SET send_at = $1 WHERE id = $2";
    exec(db, sql, values![send_at.unwrap_or(now).0, id.0]).await?;
    match send_at.filter(|at| *at > now) {
        Some(at) => {
            let detail = format!("{}に届けます", at.day_and_time());
            happen(db, id, now, "予約しました", &detail).await?;
        }
        None => happen(db, id, now, "配信を始めました", "").await?,
    }
    ledger::append(ctx, db, Line::ok("delivery.send", format!("delivery:{id}"))).await
}

/// Stops what has not left, calls that LINE refused whenever they were tried included.
/// Those that LINE may have taken are followed to their end, so that the certificate
/// stays true. Again: the same answer.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn cancel(ctx: &Context, id: DeliveryId) -> Result<Delivery> {
    let former = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliverySend, owner(&former))?;
    #[derive(FromQueryResult)]
    struct Stopped {
        count: i64,
    }
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    let open = format!("delivery_id = $1 AND state = 0 AND NOT ({PERHAPS_TAKEN})");
    if !ctx.store.is_sqlite() {
        // Calls before their delivery, as claiming locks them: neither waits for the other in a circle.
        exec(
            &tx,
            &format!("SELECT id FROM call WHERE {open} ORDER BY id FOR UPDATE"),
            values![id.0],
        )
        .await?;
    }
    let sql = "UPDATE delivery SET status = 'cancelled', updated_at = $1, held_reason = NULL WHERE id = $2 AND status IN ('scheduled', 'sending', 'held', 'awaiting_approval')";
    if exec(&tx, sql, values![now.0, id.0]).await? == 1 {
        // What this very statement stopped is counted, not what a look before it saw.
        let sql = format!("UPDATE call SET state = $2, ended_at = $3 WHERE {open} RETURNING count");
        let stopped: i64 =
            rows::<Stopped, _>(&tx, &sql, values![id.0, CallState::Withheld.number(), now.0])
                .await?
                .iter()
                .map(|c| c.count)
                .sum();
        let sql = "UPDATE delivery SET withheld = withheld + $1, finished_at = CASE WHEN recipients = accepted + failed + withheld + $1 THEN $2 ELSE NULL END WHERE id = $3";
        exec(&tx, sql, values![stopped, now.0, id.0]).await?;
        let frozen = get_in(&tx, id).await?.frozen_at.is_some();
        let detail = if !frozen {
            "だれにも届いていません".to_owned()
        } else {
            format!("{}人分を送らずに止めました", thousands(stopped))
        };
        happen(&tx, id, now, "配信を止めました", &detail).await?;
        stop_waiting(ctx, &tx, "series_id", id.0, "くり返しを止めた").await?;
        ledger::append(
            ctx,
            &tx,
            Line::ok("delivery.cancel", format!("delivery:{id}")).count(stopped),
        )
        .await?;
    }
    let after = get_in(&tx, id).await?;
    tx.commit().await?;
    Ok(after)
}

/// Stops what a series or a course has made and what waits for the end of the quiet hours, or will
/// when it has its turn: anything else that is due has come at its time, and is sent. `of` is the
/// column that names which.
pub(crate) async fn stop_waiting<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    of: &str,
    id: i64,
    why: &str,
) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let now = ctx.now();
    // Neither series nor courses are emergencies.
    let quiet = gates_in(db).await?.waits(Purpose::Notice, now).is_some();
    let sql = format!(
        "UPDATE delivery SET status = 'cancelled', updated_at = $1, finished_at = $1 WHERE {of} = $2 AND status = 'scheduled' AND (send_at > $1 OR $3 AND night IS NULL) RETURNING id"
    );
    for Id { id } in rows(db, &sql, values![now.0, id, quiet]).await? {
        let detail = format!("{why}ため、待っていたこの配信も止めました。だれにも届いていません");
        happen(db, DeliveryId(id), now, "配信を止めました", &detail).await?;
        ledger::append(ctx, db, Line::ok("delivery.cancel", format!("delivery:{id}"))).await?;
    }
    Ok(())
}

/// Holds a delivery until a person looks at it.
///
/// # Errors
/// If the database is away.
pub async fn hold(ctx: &Context, id: DeliveryId, reason: &str) -> Result<()> {
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE delivery SET status = 'held', held_reason = $1, updated_at = $2 WHERE id = $3 AND status IN ('scheduled', 'sending')";
    if exec(&tx, sql, values![reason, now.0, id.0]).await? == 1 {
        happen(&tx, id, now, "送らずに止めています", reason).await?;
        ledger::append(ctx, &tx, Line::ok("delivery.hold", format!("delivery:{id}"))).await?;
    }
    Ok(tx.commit().await?)
}

/// Lets a held delivery go on.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it is not held.
pub async fn release(ctx: &Context, id: DeliveryId) -> Result<()> {
    let former = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliverySend, owner(&former))?;
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    // By the row itself: somebody else may have let it go, and it may be frozen and held again.
    let sql = "UPDATE delivery SET status = CASE WHEN frozen_at IS NULL THEN 'scheduled' ELSE 'sending' END, held_reason = NULL, refusals = 0, send_at = CASE WHEN frozen_at IS NULL THEN $1 ELSE send_at END, updated_at = $1 WHERE id = $2 AND status = 'held'";
    if exec(&tx, sql, values![now.0, id.0]).await? == 0 {
        return Err(Error::Conflict("この配信は、もう止まっていません".into()));
    }
    exec(
        &tx,
        "UPDATE call SET next_at = $1 WHERE delivery_id = $2 AND state = 0",
        values![now.0, id.0],
    )
    .await?;
    happen(&tx, id, now, "配信を再開しました", "").await?;
    ledger::append(ctx, &tx, Line::ok("delivery.release", format!("delivery:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// Deletes a draft.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it is no draft any more.
pub async fn delete(ctx: &Context, id: DeliveryId) -> Result<()> {
    let former = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliveryWrite, owner(&former))?;
    let tx = ctx.store.begin().await?;
    // What was asked and answered about it stays in the ledger.
    for table in ["approval", "happening"] {
        let sql = format!(
            "DELETE FROM {table} WHERE delivery_id IN (SELECT id FROM delivery WHERE id = $1 AND status = 'draft')"
        );
        exec(&tx, &sql, values![id.0]).await?;
    }
    // The record of alerts keeps its title.
    let sql = "UPDATE alert SET delivery_id = NULL WHERE delivery_id IN (SELECT id FROM delivery WHERE id = $1 AND status = 'draft')";
    exec(&tx, sql, values![id.0]).await?;
    if exec(&tx, "DELETE FROM delivery WHERE id = $1 AND status = 'draft'", values![id.0]).await?
        == 0
    {
        return Err(Error::Conflict("もう下書きではないので、消せません".into()));
    }
    // It can be brought back for as long as what is unused is kept.
    blob::used(ctx, &tx, &former.whole()).await?;
    ledger::append(ctx, &tx, Line::ok("delivery.delete", format!("delivery:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// A new draft with the same content (SEG-7).
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` of a resend that was called off while another is not over.
pub async fn duplicate(ctx: &Context, id: DeliveryId) -> Result<DeliveryId> {
    let former = get(ctx, id).await?;
    if let Some(copy) = resend::copy(ctx, &former).await? {
        return Ok(copy);
    }
    draft(
        ctx,
        Draft {
            title: former.title,
            purpose: former.purpose,
            audience: former.audience,
            parts: former.parts,
            send_at: None,
            recurrence: former.recurrence,
            uncounted: former.uncounted,
            variants: former.variants,
            switch_to: former.switch_to,
        },
    )
    .await
}
