//! 承認: who asked, who approved, sent back, or sent without waiting.

mod told;

use super::change::{move_on, on_its_way};
use super::{get, get_in, happen, owner};
use crate::db::{exec, list, number, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, setting, values};
use domain::delivery::approval::{Act, Approval, Rules, Step, overdue};
use domain::delivery::{Delivery, Status};
use domain::id::{DeliveryId, StaffId};
use domain::permission::{Actor, Permission};
use domain::time::{Timestamp, thousands};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;

pub(crate) use told::{tell_of_course, tell_of_form};

const RULES: &str = "delivery.rules";

/// What the city has decided.
///
/// # Errors
/// If the database is away.
pub async fn rules(ctx: &Context) -> Result<Rules> {
    match setting::get(ctx, RULES).await? {
        None => Ok(Rules::default()),
        Some(json) => serde_json::from_str(&json).map_err(|_| Error::Inconsistent("setting")),
    }
}

/// Decides anew.
///
/// # Errors
/// `Forbidden`.
pub async fn set_rules(ctx: &Context, rules: Rules) -> Result<()> {
    ctx.allow(Permission::SettingWrite)?;
    let json = serde_json::to_string(&rules).map_err(|_| Error::Inconsistent("setting"))?;
    let tx = ctx.store.begin().await?;
    setting::set_in(&tx, RULES, &json).await?;
    ledger::append(ctx, &tx, Line::ok("setting.update", RULES)).await?;
    Ok(tx.commit().await?)
}

/// All acts of a delivery.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn approval(ctx: &Context, id: DeliveryId) -> Result<Approval> {
    ctx.allow(Permission::DeliveryRead)?;
    of(ctx.store.read(), id).await
}

pub(super) async fn of<C: ConnectionTrait>(db: &C, id: DeliveryId) -> Result<Approval> {
    #[derive(FromQueryResult)]
    struct Row {
        act: String,
        staff_id: Option<i64>,
        name: Option<String>,
        department: Option<String>,
        at: i64,
        people: i64,
        words: String,
    }
    let sql = "SELECT a.act, a.staff_id, s.name, p.name AS department, a.at, a.people, a.words FROM approval a
        LEFT JOIN staff s ON s.id = a.staff_id LEFT JOIN department p ON p.id = s.department_id WHERE a.delivery_id = $1 ORDER BY a.id";
    let found: Vec<Row> = rows(db, sql, values![id.0]).await?;
    let steps = found.into_iter().map(|r| {
        Ok(Step {
            act: Act::parse(&r.act).ok_or(Error::Inconsistent("approval.act"))?,
            by: r.staff_id.map(StaffId),
            name: r.name.unwrap_or_default(),
            department: r.department.unwrap_or_default(),
            at: Timestamp(r.at),
            people: r.people,
            words: r.words,
        })
    });
    Ok(Approval(steps.collect::<Result<_>>()?))
}

fn staff(ctx: &Context) -> Option<StaffId> {
    match &ctx.actor {
        Actor::Staff { id, .. } => Some(*id),
        _ => None,
    }
}

/// Writes an act, with its line in 「できごと」 and in the ledger, and tells whom it concerns.
pub(super) async fn write<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: DeliveryId,
    act: Act,
    people: i64,
    words: &str,
) -> Result<()> {
    let sql = "INSERT INTO approval (delivery_id, act, staff_id, at, people, words) VALUES ($1, $2, $3, $4, $5, $6)";
    let values =
        values![id.0, act.name(), staff(ctx).map(|s| s.0), ctx.now().0, people, words.trim()];
    exec(db, sql, values).await?;
    let what = match act {
        Act::Request => format!("{}人への配信の承認を求めました", thousands(people)),
        Act::Approve => format!("{}人への配信を承認しました", thousands(people)),
        Act::Return => "差しもどしました".into(),
        Act::Withdraw => "下書きにもどしました".into(),
        Act::Override => "承認を待たずに送りました".into(),
        Act::Review => "送ったあとに、内容を確かめました".into(),
    };
    happen(db, id, ctx.now(), &what, words.trim()).await?;
    told::tell(ctx, db, id, act, people).await?;
    let act = format!("delivery.{}", act.name());
    ledger::append(ctx, db, Line::ok(&act, format!("delivery:{id}")).count(people)).await
}

/// Asks for approval of a draft as it was seen; it cannot be changed meanwhile. `send_at`: when
/// it would leave; nothing if it leaves when it is approved.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it is no draft or changed since `seen`.
pub async fn request(
    ctx: &Context,
    id: DeliveryId,
    seen: Timestamp,
    send_at: Option<Timestamp>,
    people: i64,
    words: &str,
) -> Result<()> {
    let former = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliveryWrite, owner(&former))?;
    let tx = ctx.store.begin().await?;
    move_on(ctx, &tx, id, seen, Status::Draft, Status::AwaitingApproval).await?;
    let sql = "UPDATE delivery SET send_at = $1 WHERE id = $2";
    exec(&tx, sql, values![send_at.map(|t| t.0), id.0]).await?;
    write(ctx, &tx, id, Act::Request, people, words).await?;
    Ok(tx.commit().await?)
}

/// Whoever is the second person: may send for this department, and is not the first.
async fn second_person(ctx: &Context, id: DeliveryId) -> Result<(Delivery, Approval)> {
    let former = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliverySend, owner(&former))?;
    let approval = of(ctx.store.read(), id).await?;
    if staff(ctx).is_some() && approval.first_person() == staff(ctx) {
        return Err(Error::Conflict(
            "承認を求めた本人は、承認できません。ほかの送信責任者か管理者にお願いしてください"
                .into(),
        ));
    }
    Ok((former, approval))
}

/// Approves it as it was seen, for so many: it goes now, or waits for its time.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` for who asked, if it does not wait any more, or
/// if its time has passed meanwhile.
pub async fn approve(ctx: &Context, id: DeliveryId, seen: Timestamp, people: i64) -> Result<()> {
    let (former, _) = second_person(ctx, id).await?;
    if overdue(former.status, former.send_at, ctx.now()) {
        return Err(Error::Conflict(
            "届ける時刻がすぎました。差しもどして、日時を決め直してもらってください".into(),
        ));
    }
    let tx = ctx.store.begin().await?;
    move_on(ctx, &tx, id, seen, Status::AwaitingApproval, Status::Scheduled).await?;
    write(ctx, &tx, id, Act::Approve, people, "").await?;
    on_its_way(ctx, &tx, id, former.send_at).await?;
    Ok(tx.commit().await?)
}

/// Sends it back to who wrote it, with the reason.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it does not wait any more.
pub async fn send_back(ctx: &Context, id: DeliveryId, words: &str) -> Result<()> {
    let former = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliverySend, owner(&former))?;
    let tx = ctx.store.begin().await?;
    move_on(ctx, &tx, id, former.updated_at, Status::AwaitingApproval, Status::Draft).await?;
    write(ctx, &tx, id, Act::Return, 0, words).await?;
    Ok(tx.commit().await?)
}

/// Takes a request back, or the reservation that waits for its time: a draft again.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it has begun or was stopped meanwhile.
pub async fn withdraw(ctx: &Context, id: DeliveryId) -> Result<()> {
    let former = get(ctx, id).await?;
    let permission = match former.status {
        Status::AwaitingApproval => Permission::DeliveryWrite,
        _ => Permission::DeliverySend,
    };
    ctx.allow_on(permission, owner(&former))?;
    let waits =
        matches!(former.status, Status::AwaitingApproval | Status::Scheduled | Status::Held);
    // A series in force goes on while it is changed: `recurring::edit`.
    let waits = waits && (former.recurrence.is_none() || former.status != Status::Scheduled);
    // A step of a course is written in the course.
    let waits = waits && former.course.is_none();
    if !waits || former.frozen_at.is_some() || former.audience.is_none() {
        return Err(Error::Conflict(
            "もう送り始めたか、取り消されています。ひらき直してください".into(),
        ));
    }
    let tx = ctx.store.begin().await?;
    move_on(ctx, &tx, id, former.updated_at, former.status, Status::Draft).await?;
    write(ctx, &tx, id, Act::Withdraw, 0, "").await?;
    Ok(tx.commit().await?)
}

/// Sends a draft without waiting for approval, with the reason (an emergency).
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it is no draft or changed since `seen`.
pub async fn send_unapproved(
    ctx: &Context,
    id: DeliveryId,
    seen: Timestamp,
    people: i64,
    words: &str,
) -> Result<()> {
    let former = get(ctx, id).await?;
    ctx.allow_on(Permission::DeliverySend, owner(&former))?;
    let tx = ctx.store.begin().await?;
    move_on(ctx, &tx, id, seen, Status::Draft, Status::Scheduled).await?;
    write(ctx, &tx, id, Act::Override, people, words).await?;
    on_its_way(ctx, &tx, id, former.send_at).await?;
    Ok(tx.commit().await?)
}

/// Looks at what was sent without approval, afterwards.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` for who sent it, or if there is nothing to look at.
pub async fn review(ctx: &Context, id: DeliveryId) -> Result<()> {
    let (_, approval) = second_person(ctx, id).await?;
    if approval.unreviewed().is_none() {
        return Err(Error::Conflict("この配信は、もう確かめられています".into()));
    }
    let tx = ctx.store.begin().await?;
    write(ctx, &tx, id, Act::Review, 0, "").await?;
    Ok(tx.commit().await?)
}

/// Lets a held delivery go on to so many, as its second person.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` for who asked, or if it is not held.
pub async fn approve_held(ctx: &Context, id: DeliveryId, people: i64) -> Result<()> {
    let (former, approval) = second_person(ctx, id).await?;
    let author = match &former.course {
        // A step is written in its course.
        Some(of) => {
            let sql = "SELECT created_by AS n FROM course WHERE id = $1 AND created_by IS NOT NULL";
            Some(StaffId(number(ctx.store.read(), sql, values![of.course.0]).await?))
        }
        None => former.created_by,
    };
    if approval.request().is_none() && staff(ctx).is_some() && author == staff(ctx) {
        return Err(Error::Conflict(
            "書いた本人は、承認できません。ほかの送信責任者か管理者にお願いしてください".into(),
        ));
    }
    let tx = ctx.store.begin().await?;
    if get_in(&tx, id).await?.status != Status::Held {
        return Err(Error::Conflict("この配信は、もう止まっていません".into()));
    }
    write(ctx, &tx, id, Act::Approve, people, "").await?;
    Ok(tx.commit().await?)
}

/// Drafts of whoever acts that were sent back and wait to be mended, the newest first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn returned(ctx: &Context) -> Result<Vec<DeliveryId>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let Some(me) = staff(ctx) else { return Ok(Vec::new()) };
    let sql = "SELECT d.id FROM delivery d JOIN approval a ON a.delivery_id = d.id
        WHERE d.status = 'draft' AND a.act = 'return'
        AND NOT EXISTS (SELECT 1 FROM approval b WHERE b.delivery_id = d.id AND b.id > a.id AND b.act IN ('request', 'return', 'withdraw', 'override'))
        AND (d.created_by = $1 OR EXISTS (SELECT 1 FROM approval c WHERE c.delivery_id = d.id AND c.act = 'request' AND c.staff_id = $1))
        ORDER BY a.id DESC LIMIT 20";
    let found: Vec<Id> = rows(ctx.store.read(), sql, values![me.0]).await?;
    Ok(found.into_iter().map(|r| DeliveryId(r.id)).collect())
}

/// Who asked last for the approval of each of these, where somebody did; nobody: another system.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn asked_by(
    ctx: &Context,
    ids: &[DeliveryId],
) -> Result<BTreeMap<DeliveryId, Option<StaffId>>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        delivery_id: i64,
        staff_id: Option<i64>,
    }
    let sql = format!(
        "SELECT delivery_id, staff_id FROM approval WHERE delivery_id IN ({}) AND act = 'request' ORDER BY id",
        list(ids.iter().map(|i| i.0))
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, vec![]).await?;
    Ok(found.into_iter().map(|r| (DeliveryId(r.delivery_id), r.staff_id.map(StaffId))).collect())
}

/// Deliveries that were sent without approval and nobody has looked at, the newest first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn unreviewed(ctx: &Context) -> Result<Vec<DeliveryId>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Id {
        delivery_id: i64,
    }
    let sql = "SELECT delivery_id FROM approval a WHERE act = 'override'
        AND NOT EXISTS (SELECT 1 FROM approval b WHERE b.delivery_id = a.delivery_id AND b.act IN ('review', 'withdraw') AND b.id > a.id)
        GROUP BY delivery_id ORDER BY delivery_id DESC LIMIT 20";
    let found: Vec<Id> = rows(ctx.store.read(), sql, vec![]).await?;
    Ok(found.into_iter().map(|r| DeliveryId(r.delivery_id)).collect())
}
