//! What operators watch: how much waits, and for how long; when LINE was last heard of.

use crate::db::{number, one, rows};
use crate::{Context, Result, alert, values, work};
use domain::time::{SECOND, Timestamp};
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
    /// For how many seconds no worker has looked at what goes on; -1 if none ever did.
    pub watch_age: i64,
    /// Duties that fail, and how often they did so in a row.
    pub duties_failing: Vec<(String, i64)>,
    /// Alerts that go on.
    pub alerts_open: i64,
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
        name: String,
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
    let sql = "SELECT status AS name, COUNT(*) AS n FROM delivery
        WHERE status IN ('awaiting_approval', 'scheduled', 'sending', 'held') GROUP BY status ORDER BY status";
    let named = async |sql: &str| -> Result<Vec<(String, i64)>> {
        let found: Vec<Of> = rows(db, sql, values![]).await?;
        Ok(found.into_iter().map(|r| (r.name, r.n)).collect())
    };
    let deliveries = named(sql).await?;
    let sql = "SELECT name, failures AS n FROM duty WHERE failing_since IS NOT NULL ORDER BY name";
    let duties_failing = named(sql).await?;
    let looked = work::last(ctx, alert::WATCH).await?;
    let open = "SELECT COUNT(*) AS n FROM alert WHERE ended_at IS NULL";
    Ok(Metrics {
        calls_open,
        calls_overdue,
        events_open,
        events_oldest,
        deliveries,
        watch_age: looked.map_or(-1, |at| (ctx.now().since(at) / SECOND).max(0)),
        duties_failing,
        alerts_open: number(db, open, vec![]).await?,
    })
}

/// When we last had to do with LINE, as far as the rows tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// It answered a delivery that it accepted at least in part; of one on its way, its begin.
    pub answered: Option<Timestamp>,
    /// It brought something: who became a friend, what somebody wrote.
    pub heard: Option<Timestamp>,
}

/// Reads it: of the newest deliveries only, since the calls of one may be 200,000.
///
/// # Errors
/// If the database is away.
pub async fn contact(ctx: &Context) -> Result<Contact> {
    #[derive(FromQueryResult)]
    struct Last {
        at: Option<i64>,
    }
    let last = async |sql: &str| -> Result<Option<Timestamp>> {
        let row: Option<Last> = one(ctx.store.read(), sql, values![]).await?;
        Ok(row.and_then(|r| r.at).map(Timestamp))
    };
    let answered =
        "SELECT MAX(at) AS at FROM (SELECT COALESCE(finished_at, started_at) AS at FROM delivery
        WHERE frozen_at IS NOT NULL AND accepted > 0 ORDER BY frozen_at DESC LIMIT 20) AS newest";
    Ok(Contact {
        answered: last(answered).await?,
        heard: last("SELECT MAX(received_at) AS at FROM inbox").await?,
    })
}
