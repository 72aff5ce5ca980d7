//! Deliveries that stand still, crawl, or do not begin though they are due.

use super::{Found, MOST, urgent_first};
use crate::db::{number, rows};
use crate::delivery::URGENT;
use crate::{Result, values};
use domain::alert::{Kind, Pace, measures_pace, stalled_after};
use domain::delivery::CallState;
use domain::id::DeliveryId;
use domain::time::{Timestamp, thousands};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Since when a delivery must have moved: `$1` if it is urgent, else `$2`.
fn since() -> String {
    format!("CASE WHEN {URGENT} THEN $1 ELSE $2 END")
}

pub(super) async fn found<C: ConnectionTrait>(db: &C, now: Timestamp) -> Result<Vec<Found>> {
    let mut found = slow(db, now).await?;
    found.extend(waiting(db, now).await?);
    Ok(found)
}

fn stalled(id: i64, title: String, detail: String) -> Found {
    Found { kind: Kind::Stalled, delivery: Some(DeliveryId(id)), title, detail }
}

/// Deliveries that have something to send and of which nothing ended for a while, or too little
/// since LINE took the first of it.
async fn slow<C: ConnectionTrait>(db: &C, now: Timestamp) -> Result<Vec<Found>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        title: String,
        urgent: bool,
        still: bool,
        told: bool,
        recipients: i64,
        waiting: i64,
        frozen_at: i64,
        updated_at: i64,
        started_at: i64,
    }
    let since = since();
    let cut = |urgent| now.plus(-stalled_after(urgent)).0;
    let sql = format!(
        "SELECT d.id, d.title, {URGENT} AS urgent, d.recipients, d.recipients - d.accepted - d.failed - d.withheld AS waiting,
            d.frozen_at, d.updated_at, COALESCE(d.started_at, 0) AS started_at,
            NOT EXISTS (SELECT 1 FROM call c WHERE c.delivery_id = d.id AND c.ended_at >= {since}) AS still,
            EXISTS (SELECT 1 FROM alert a WHERE a.delivery_id = d.id AND a.kind = 'stalled' AND a.ended_at IS NULL) AS told
         FROM delivery d WHERE d.status = 'sending' AND d.frozen_at < {since} AND d.updated_at < {since}
         AND EXISTS (SELECT 1 FROM call c WHERE c.delivery_id = d.id AND c.state < 2)
         ORDER BY {}",
        urgent_first()
    );
    let sending: Vec<Row> = rows(db, &sql, values![cut(true), cut(false)]).await?;
    let mut found = Vec::new();
    for r in sending {
        let begun = r.frozen_at.max(r.updated_at).max(r.started_at);
        if r.still && waits_for_its_turn(db, r.id, cut(r.urgent)).await? {
            continue;
        }
        let detail = if r.still {
            let sql =
                "SELECT COALESCE(MAX(c.ended_at), $2) AS n FROM call c WHERE c.delivery_id = $1";
            let last = number(db, sql, values![r.id, begun]).await?;
            Some(format!(
                "{}から、LINEが受け付けた分がありません。残りは{}人分です",
                Timestamp(last).day_and_time(),
                thousands(r.waiting)
            ))
        } else if measures_pace(r.urgent, r.recipients, now.since(Timestamp(begun))) {
            let sql = "SELECT CAST(COALESCE(SUM(c.count), 0) AS BIGINT) AS n FROM call c WHERE c.delivery_id = $1 AND c.ended_at >= $2";
            let lately = number(db, sql, values![r.id, cut(r.urgent)]).await?;
            let pace = Pace { urgent: r.urgent, waiting: r.waiting, lately };
            pace.crawls(r.told).then(|| pace.words())
        } else {
            None
        };
        found.extend(detail.map(|detail| stalled(r.id, r.title, detail)));
        if found.len() as i64 >= MOST {
            break;
        }
    }
    Ok(found)
}

/// Whether a delivery of which nothing ended since then only waits for its turn: LINE has answered
/// others, of which the last may have ended just now, and none of its own calls was tried before.
async fn waits_for_its_turn<C: ConnectionTrait>(db: &C, id: i64, since: i64) -> Result<bool> {
    let sql = "SELECT COUNT(*) AS n FROM delivery o WHERE o.id <> $1 AND (o.status = 'sending' OR o.updated_at >= $2)
        AND EXISTS (SELECT 1 FROM call c WHERE c.delivery_id = o.id AND c.ended_at >= $2 AND c.state <> $3)
        AND NOT EXISTS (SELECT 1 FROM call c WHERE c.delivery_id = $1 AND c.state < 2 AND c.first_at < $2)";
    let values = values![id, since, CallState::Withheld.number()];
    Ok(number(db, sql, values).await? > 0)
}

/// Deliveries whose time has come and that nobody has begun.
async fn waiting<C: ConnectionTrait>(db: &C, now: Timestamp) -> Result<Vec<Found>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        title: String,
    }
    let since = since();
    let cut = |urgent| now.plus(-stalled_after(urgent)).0;
    let sql = format!(
        "SELECT d.id, d.title FROM delivery d WHERE d.status = 'scheduled' AND d.send_at > 0
         AND d.send_at < {since} AND d.updated_at < {since} ORDER BY {} LIMIT {MOST}",
        urgent_first()
    );
    let waiting: Vec<Row> = rows(db, &sql, values![cut(true), cut(false)]).await?;
    let words = "届ける時刻がすぎましたが、まだ送り始めていません";
    Ok(waiting.into_iter().map(|r| stalled(r.id, r.title, words.to_owned())).collect())
}
