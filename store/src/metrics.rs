//! What operators watch: how much waits, and for how long.

use crate::db::{one, rows};
use crate::{Context, Result, values};
use domain::time::SECOND;
use sea_orm::FromQueryResult;

/// The state of the work, without anybody's data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Calls to LINE that have not ended.
    pub calls_open: i64,
    /// For how many seconds the oldest of them has been due; 0 if none is.
    pub calls_overdue: i64,
    /// Webhook events that have not been worked through.
    pub events_open: i64,
    /// For how many seconds the oldest of them has waited.
    pub events_oldest: i64,
    /// Deliveries that have not ended, by status.
    pub deliveries: Vec<(String, i64)>,
}

/// Reads them.
///
/// # Errors
/// If the database is away.
pub async fn metrics(ctx: &Context) -> Result<Metrics> {
    #[derive(FromQueryResult)]
    struct Waiting {
        n: i64,
        oldest: Option<i64>,
    }
    #[derive(FromQueryResult)]
    struct Of {
        status: String,
        n: i64,
    }
    let db = ctx.store.read();
    let now = ctx.now().0;
    let waiting = async |sql: &str| -> Result<(i64, i64)> {
        let row: Option<Waiting> = one(db, sql, values![]).await?;
        Ok(row.map_or((0, 0), |r| (r.n, r.oldest.map_or(0, |at| ((now - at) / SECOND).max(0)))))
    };
    let (calls_open, calls_overdue) =
        waiting("SELECT COUNT(*) AS n, MIN(next_at) AS oldest FROM call WHERE state < 2").await?;
    let (events_open, events_oldest) =
        waiting("SELECT COUNT(*) AS n, MIN(received_at) AS oldest FROM inbox WHERE state = 0")
            .await?;
    let sql = "SELECT status, COUNT(*) AS n FROM delivery
        WHERE status IN ('awaiting_approval', 'scheduled', 'sending', 'held') GROUP BY status ORDER BY status";
    let deliveries: Vec<Of> = rows(db, sql, values![]).await?;
    Ok(Metrics {
        calls_open,
        calls_overdue,
        events_open,
        events_oldest,
        deliveries: deliveries.into_iter().map(|r| (r.status, r.n)).collect(),
    })
}
