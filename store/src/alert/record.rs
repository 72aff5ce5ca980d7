//! The record of alerts, as pages and the CSV show it.

use crate::db::{list as numbers, number, one, rows};
use crate::{Context, Error, Result, values};
use domain::alert::{Alert, Kind, Seen};
use domain::delivery::Purpose;
use domain::id::{AlertId, DeliveryId, StaffId};
use domain::permission::Permission;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Alerts of one page.
pub const PER_PAGE: i64 = 50;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    kind: String,
    delivery_id: Option<i64>,
    title: String,
    purpose: Option<String>,
    department: Option<String>,
    detail: String,
    began_at: i64,
    ended_at: Option<i64>,
}

const SELECT: &str = "SELECT a.id, a.kind, a.delivery_id, a.title, d.purpose, p.name AS department, a.detail, a.began_at, a.ended_at
    FROM alert a LEFT JOIN delivery d ON d.id = a.delivery_id LEFT JOIN department p ON p.id = d.department_id";

/// What goes on, the most urgent first, and of those what began last.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn open(ctx: &Context) -> Result<Vec<Alert>> {
    ctx.allow(Permission::DeliveryRead)?;
    let sql = format!("{SELECT} WHERE a.ended_at IS NULL ORDER BY a.began_at DESC, a.id DESC");
    let mut open = read(ctx.store.read(), &sql, vec![]).await?;
    open.sort_by_key(|a| a.kind);
    Ok(open)
}

/// How many go on.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn open_count(ctx: &Context) -> Result<i64> {
    ctx.allow(Permission::DeliveryRead)?;
    number(ctx.store.read(), "SELECT COUNT(*) AS n FROM alert WHERE ended_at IS NULL", vec![]).await
}

/// A page of all alerts, the newest first: those before `before`.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context, before: Option<AlertId>, limit: i64) -> Result<Vec<Alert>> {
    ctx.allow(Permission::DeliveryRead)?;
    let sql = format!("{SELECT} WHERE a.id < $1 ORDER BY a.id DESC LIMIT $2");
    let before = before.map_or(i64::MAX, |id| id.0);
    read(ctx.store.read(), &sql, values![before, limit.clamp(1, 1_000)]).await
}

/// One alert, and what the ledger calls what it is about.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn get(ctx: &Context, id: AlertId) -> Result<(Alert, String)> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct About {
        subject: String,
    }
    let db = ctx.store.read();
    let about: Option<About> =
        one(db, "SELECT subject FROM alert WHERE id = $1", values![id.0]).await?;
    let about = about.ok_or(Error::NotFound)?;
    let alert = read(db, &format!("{SELECT} WHERE a.id = $1"), values![id.0]).await?.pop();
    Ok((alert.ok_or(Error::NotFound)?, about.subject))
}

/// All alerts of a delivery, the oldest first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn of_delivery(ctx: &Context, id: DeliveryId) -> Result<Vec<Alert>> {
    ctx.allow(Permission::DeliveryRead)?;
    let sql = format!("{SELECT} WHERE a.delivery_id = $1 ORDER BY a.id LIMIT 200");
    read(ctx.store.read(), &sql, values![id.0]).await
}

async fn read<C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: Vec<sea_orm::Value>,
) -> Result<Vec<Alert>> {
    #[derive(FromQueryResult)]
    struct Saw {
        alert_id: i64,
        staff_id: i64,
        name: String,
        at: i64,
    }
    #[derive(FromQueryResult)]
    struct Mails {
        alert_id: i64,
        state: i16,
        n: i64,
    }
    let found: Vec<Row> = rows(db, sql, values).await?;
    // A kind that only the next release knows is passed over.
    let found: Vec<(Kind, Row)> =
        found.into_iter().filter_map(|r| Some((Kind::parse(&r.kind)?, r))).collect();
    let ids = numbers(found.iter().map(|(_, r)| r.id));
    let sql = format!(
        "SELECT v.alert_id, v.staff_id, s.name, v.at FROM alert_seen v JOIN staff s ON s.id = v.staff_id WHERE v.alert_id IN ({ids}) ORDER BY v.at, v.staff_id"
    );
    let seen: Vec<Saw> = rows(db, &sql, vec![]).await?;
    let sql = format!(
        "SELECT alert_id, state, COUNT(*) AS n FROM mail WHERE alert_id IN ({ids}) GROUP BY alert_id, state"
    );
    let mails: Vec<Mails> = rows(db, &sql, vec![]).await?;
    Ok(found
        .into_iter()
        .map(|(kind, r)| {
            let count = |state: i16| {
                mails.iter().find(|m| m.alert_id == r.id && m.state == state).map_or(0, |m| m.n)
            };
            Alert {
                id: AlertId(r.id),
                kind,
                delivery: r.delivery_id.map(DeliveryId),
                title: r.title,
                purpose: r.purpose.as_deref().and_then(Purpose::parse),
                department: r.department.unwrap_or_default(),
                detail: r.detail,
                began_at: Timestamp(r.began_at),
                ended_at: r.ended_at.map(Timestamp),
                seen: seen
                    .iter()
                    .filter(|s| s.alert_id == r.id)
                    .map(|s| Seen {
                        by: StaffId(s.staff_id),
                        name: s.name.clone(),
                        at: Timestamp(s.at),
                    })
                    .collect(),
                mails: (count(1), count(0), count(2)),
            }
        })
        .collect())
}
