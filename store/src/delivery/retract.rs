//! 訂正・取消: a delivery to exactly those whom another one has reached, or may have.

use super::change::{Insert, by, created, insert};
use super::{get, get_in, happen, owner};
use crate::db::{exec, number, one, rows};
use crate::ledger::{self, Line};
use crate::outbox::{PERHAPS_TAKEN, excepted, in_calls, read_set};
use crate::{Context, Error, Result, idempotency, values};
use domain::delivery::{CallState, Corrected, Delivery, Purpose, Reason, Status, Variant};
use domain::id::DeliveryId;
use domain::menu::SwitchTo;
use domain::message::Part;
use domain::permission::Permission;
use domain::time::Timestamp;
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Makes the correction of a delivery that has begun; it goes at once, before
/// everything else. What has not left of the other should be stopped before. `after` is
/// the newest correction of which whoever asks knows: the same request again, whose answer
/// was lost, is answered with what it has made.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if nothing of it has left, or if there is a correction
/// of which they do not know.
pub async fn retract(
    ctx: &Context,
    of: DeliveryId,
    title: &str,
    parts: &[Part],
    variants: &[Variant],
    after: Option<DeliveryId>,
) -> Result<DeliveryId> {
    let former = get(ctx, of).await?;
    ctx.allow_on(Permission::DeliverySend, owner(&former))?;
    if former.frozen_at.is_none() || former.purpose == Purpose::Test {
        return Err(Error::Conflict(
            "この配信は、まだだれにも送っていません。訂正は要りません".into(),
        ));
    }
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    // One at a time: whoever comes second sees what the first has made.
    exec(&tx, "UPDATE delivery SET updated_at = $1 WHERE id = $2", values![now.0, of.0]).await?;
    let all = sent(&tx, of).await?;
    if let Some(newest) = all.first().filter(|newest| Some(newest.id) != after) {
        let own = pressed(ctx, &tx, of, parts, variants, after).await?;
        return own.ok_or_else(|| {
            Error::Conflict(format!(
                "この配信の訂正は、{}。もう一度送ると、同じ人に二度届きます。それでも送るときは、確かめたうえで送り直してください",
                newest.words()
            ))
        });
    }
    let new = Insert {
        title,
        purpose: former.purpose,
        status: Status::Scheduled,
        audience: None,
        parts,
        send_at: Some(now),
        to_testers: false,
        recurrence: None,
        // What staff left as it is in the other stays so.
        uncounted: &former.uncounted,
        variants,
        switch_to: SwitchTo::Stay,
    };
    let id = insert(ctx, &tx, new).await?;
    let sql = "UPDATE delivery SET corrects = $1, department_id = $2 WHERE id = $3";
    exec(&tx, sql, values![of.0, former.department.map(|d| d.0), id.0]).await?;
    happen(&tx, of, now, "訂正を送りました", "").await?;
    happen(&tx, id, now, "訂正として、すぐに送り始めます", "").await?;
    ledger::append(ctx, &tx, Line::ok("delivery.retract", format!("delivery:{of}"))).await?;
    idempotency::answer_in(ctx, &tx, 201, &created(id)).await?;
    tx.commit().await?;
    Ok(id)
}

/// What the same person or system has made with the same words since `after`.
async fn pressed<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    of: DeliveryId,
    parts: &[Part],
    variants: &[Variant],
    after: Option<DeliveryId>,
) -> Result<Option<DeliveryId>> {
    let (_, staff, token) = by(ctx);
    let sql = "SELECT MIN(id) AS n FROM delivery WHERE corrects = $1 AND id > $2 AND COALESCE(created_by, 0) = $3 AND COALESCE(token_id, 0) = $4";
    let values =
        values![of.0, after.map_or(0, |a| a.0), staff.map_or(0, |s| s.0), token.map_or(0, |t| t.0)];
    let id = match number(db, sql, values).await? {
        0 => return Ok(None),
        n => DeliveryId(n),
    };
    let made = get_in(db, id).await?;
    Ok((made.parts == parts && made.variants == variants).then_some(id))
}

/// The corrections of a delivery, the newest first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn corrections(ctx: &Context, of: DeliveryId) -> Result<Vec<Corrected>> {
    ctx.allow(Permission::DeliveryRead)?;
    sent(ctx.store.read(), of).await
}

async fn sent<C: ConnectionTrait>(db: &C, of: DeliveryId) -> Result<Vec<Corrected>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        created_at: i64,
        department: Option<String>,
        name: Option<String>,
    }
    let sql = "SELECT d.id, d.created_at, p.name AS department, s.name AS name
        FROM delivery d LEFT JOIN staff s ON s.id = d.created_by LEFT JOIN department p ON p.id = s.department_id
        WHERE d.corrects = $1 ORDER BY d.id DESC LIMIT 20";
    let found: Vec<Row> = rows(db, sql, values![of.0]).await?;
    let corrected = |r: Row| Corrected {
        id: DeliveryId(r.id),
        at: Timestamp(r.created_at),
        by: r.department.into_iter().chain(r.name).collect::<Vec<_>>().join(" "),
    };
    Ok(found.into_iter().map(corrected).collect())
}

/// Most corrections on the public page: more than a city sends in a year, and few enough to be read
/// at once by anybody who asks.
pub const PUBLIC_MAX: i64 = 500;

/// Corrections that were sent since a time, the newest first, at most [`PUBLIC_MAX`]: what
/// everybody may read.
///
/// # Errors
/// If the database is away.
pub async fn public_corrections(ctx: &Context, since: Timestamp) -> Result<Vec<Delivery>> {
    let sql = format!(
        "{} WHERE d.corrects IS NOT NULL AND d.frozen_at >= $1 ORDER BY d.frozen_at DESC, d.id DESC LIMIT {PUBLIC_MAX}",
        super::SELECT
    );
    let found: Vec<super::Row> = rows(ctx.store.read(), &sql, values![since.0]).await?;
    found.into_iter().map(Delivery::try_from).collect()
}

/// Residents whom a delivery has reached: LINE took it for them, or may have.
pub(super) async fn reached<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    of: DeliveryId,
) -> Result<RoaringBitmap> {
    #[derive(FromQueryResult)]
    struct Outcome {
        residents: Vec<u8>,
    }
    let sql = "SELECT residents FROM outcome WHERE delivery_id = $1 AND outcome = 'accepted'";
    let taken = match one::<Outcome, _>(db, sql, values![of.0]).await? {
        Some(o) => read_set(&o.residents)?,
        None => {
            let accepted = CallState::Accepted.number();
            let which = format!("(state = {accepted} OR state < 2 AND {PERHAPS_TAKEN})");
            in_calls(ctx, db, of, &which).await?
        }
    };
    let in_doubt = format!("reason = '{}'", Reason::Unknown.name());
    Ok(taken | excepted(db, of, &in_doubt).await?)
}

/// Whether a delivery went by LINE's own list, so that only LINE knows whom it reached. One that
/// was stopped before LINE may have taken it, or of which LINE refused every attempt, reached
/// nobody.
pub(super) async fn by_line<C: ConnectionTrait>(db: &C, of: DeliveryId) -> Result<bool> {
    let sql = format!(
        "SELECT COUNT(*) AS n FROM call WHERE delivery_id = $1 AND kind = 'broadcast' AND {PERHAPS_TAKEN}"
    );
    Ok(number(db, &sql, values![of.0]).await? > 0)
}
