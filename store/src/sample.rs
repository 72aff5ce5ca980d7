//! Rows of the made-up city that have no history of their own: deliveries of the past.

use crate::db::{exec, number};
use crate::{Context, Error, Result, link, values};
use domain::audience::Audience;
use domain::delivery::variant::sides;
use domain::delivery::{Figures, Purpose, Reason};
use domain::id::DeliveryId;
use domain::insight::{PUBLISHED_FROM, REFRESHED, month};
use domain::link::hour;
use domain::message::Part;
use domain::time::{Timestamp, thousands};
use sea_orm::ConnectionTrait;

/// A delivery that has ended.
#[derive(Clone, Debug)]
pub struct Past {
    /// Title.
    pub title: String,
    /// Purpose.
    pub purpose: Purpose,
    /// Audience.
    pub audience: Audience,
    /// Parts.
    pub parts: Vec<Part>,
    /// Name of the department.
    pub department: String,
    /// Number of who made it.
    pub staff_number: String,
    /// When it was frozen.
    pub at: Timestamp,
    /// How long it took, in microseconds.
    pub took: i64,
    /// Its figures.
    pub figures: Figures,
}

/// Writes deliveries of the past.
///
/// # Errors
/// If the database is away.
pub async fn past(ctx: &Context, list: &[Past]) -> Result<()> {
    let json = |v: serde_json::Result<String>| v.map_err(|_| Error::Inconsistent("sample"));
    let tx = ctx.store.begin().await?;
    for p in list {
        let f = p.figures;
        let sql = "INSERT INTO delivery (title, purpose, status, audience, parts, department_id, created_by, created_at, updated_at, send_at, frozen_at, started_at, finished_at,
            recipients, accepted, failed, withheld, to_testers, counted_by_line)
            VALUES ($1, $2, 'done', $3, $4, (SELECT id FROM department WHERE name = $5), (SELECT id FROM staff WHERE number = $6), $7, $8, $7, $7, $7, $8, $9, $10, $11, $12, FALSE, FALSE) RETURNING id AS n";
        let end = p.at.plus(p.took).0;
        let values = values![
            p.title.clone(),
            p.purpose.name(),
            json(serde_json::to_string(&p.audience))?,
            json(serde_json::to_string(&p.parts))?,
            p.department.clone(),
            p.staff_number.clone(),
            p.at.0,
            end,
            f.recipients,
            f.accepted,
            f.failed,
            f.withheld
        ];
        let id = number(&tx, sql, values).await?;
        for (reason, count, from) in
            [(Reason::RefusedId, f.failed, 1), (Reason::Unfollowed, f.withheld, 100)]
        {
            for resident in from..from + count {
                let sql = "INSERT INTO exception (delivery_id, resident_id, reason, at) VALUES ($1, $2, $3, $4)";
                exec(&tx, sql, values![id, resident, reason.name(), end]).await?;
            }
        }
        let frozen = format!("{}人・このあと友だちになった人は入りません", thousands(f.recipients));
        let accepted = format!("{}人分を、LINEが受け付けました", thousands(f.accepted));
        for (at, what, detail) in [
            (p.at.0, "配信対象を固定しました", frozen.as_str()),
            (p.at.0 + 4_000, "1回目の送信", ""),
            (end, accepted.as_str(), ""),
        ] {
            exec(
                &tx,
                "INSERT INTO happening (delivery_id, at, what, detail) VALUES ($1, $2, $3, $4)",
                values![id, at, what, detail],
            )
            .await?;
        }
        for (index, first) in (0..f.accepted).step_by(500).enumerate() {
            let sql = "INSERT INTO call (delivery_id, seq, kind, count, ids, retry_key, state, attempts, refused, first_at, next_at, ended_at) VALUES ($1, $2, 'sample', $3, $4, $5, 2, 1, 0, $6, $6, $7)";
            let key = ctx.uuid();
            let ids = ctx.store.keys().seal(ctx, "call.ids", key.as_bytes(), &[]);
            exec(
                &tx,
                sql,
                values![id, index as i64, (f.accepted - first).min(500), ids, key, p.at.0, end],
            )
            .await?;
        }
        exec(
            &tx,
            "INSERT INTO outcome (delivery_id, outcome, residents) VALUES ($1, 'sample', $2)",
            values![id, Vec::<u8>::new()],
        )
        .await?;
        measured(ctx, &tx, DeliveryId(id), p).await?;
    }
    Ok(tx.commit().await?)
}

/// Readers and taps of a delivery of the past. LINE knows nothing of it and is not asked.
async fn measured<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: DeliveryId,
    p: &Past,
) -> Result<()> {
    let accepted = p.figures.accepted;
    let share = |percent: i64| Some(accepted * percent / 100).filter(|n| *n >= PUBLISHED_FROM);
    link::draw(ctx, db, id, sides(&p.parts, &[]), &[], p.at).await?;
    let sql = "INSERT INTO insight (delivery_id, month, taken_at, readers, clickers) VALUES ($1, $2, $3, $4, $5)";
    let taken = p.at.plus(REFRESHED).min(ctx.now());
    let (readers, clickers) = (share(41 + id.0 % 23), share(4 + id.0 % 7));
    exec(db, sql, values![id.0, month(p.at), taken.0, readers, clickers]).await?;
    // Most tap in the first hours; nobody in hours that are still to come.
    for (later, percent) in [(0, 5), (1, 3), (2, 1), (5, 1), (19, 1)] {
        let (hour, taps) = (hour(p.at) + later, accepted * percent / 100);
        if hour > domain::link::hour(ctx.now()) || taps == 0 {
            continue;
        }
        let sql = "INSERT INTO link_hour (link_id, hour, taps) SELECT id, $1, $2 FROM link WHERE delivery_id = $3";
        exec(db, sql, values![hour, taps, id.0]).await?;
        let sql = "UPDATE link SET taps = taps + $1 WHERE delivery_id = $2";
        exec(db, sql, values![taps, id.0]).await?;
    }
    Ok(())
}
