//! Deliveries of a time as figures alone, added up by periods.

use crate::db::{one, rows};
use crate::{Context, Result, values};
use domain::delivery::Figures;
use domain::delivery::period::{Span, Sum};
use domain::id::{DeliveryId, DepartmentId};
use domain::permission::Permission;
use domain::time::{Date, Timestamp};
use sea_orm::FromQueryResult;

fn only(department: Option<DepartmentId>) -> String {
    department.map_or_else(String::new, |d| format!("AND d.department_id = {d}"))
}

/// What began in each of several times, which may overlap, as one moment saw it. Tests to testers
/// are left out.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn sums(
    ctx: &Context,
    spans: &[Span],
    department: Option<DepartmentId>,
) -> Result<Vec<Sum>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
        deliveries: i64,
        recipients: i64,
        accepted: i64,
        failed: i64,
        withheld: i64,
        readers: i64,
        read: i64,
        read_of: i64,
        taps: i64,
        linked: i64,
    }
    let mut out: Vec<Sum> =
        spans.iter().map(|span| Sum { span: *span, ..Sum::default() }).collect();
    if out.is_empty() {
        return Ok(out);
    }
    let asked: Vec<String> = spans
        .iter()
        .enumerate()
        .map(|(n, span)| format!("({n}, {}, {})", span.from.start().0, span.end.start().0))
        .collect();
    // CROSS JOIN: SQLite is to look for the deliveries of each time in the index, not for the
    // times of each delivery.
    let sql = format!(
        "WITH asked (n, a, b) AS (VALUES {})
         SELECT CAST(s.n AS BIGINT) AS n, COUNT(*) AS deliveries,
           CAST(SUM(s.recipients) AS BIGINT) AS recipients,
           CAST(SUM(s.accepted) AS BIGINT) AS accepted,
           CAST(SUM(s.failed) AS BIGINT) AS failed,
           CAST(SUM(s.withheld) AS BIGINT) AS withheld,
           CAST(COALESCE(SUM(s.readers), 0) AS BIGINT) AS readers,
           COUNT(s.readers) AS read,
           CAST(SUM(CASE WHEN s.readers IS NULL THEN 0 ELSE s.accepted END) AS BIGINT) AS read_of,
           CAST(COALESCE(SUM(s.taps), 0) AS BIGINT) AS taps,
           COUNT(s.taps) AS linked
         FROM (
           SELECT asked.n, d.recipients, d.accepted, d.failed, d.withheld, i.readers,
             (SELECT SUM(l.taps) FROM link l WHERE l.delivery_id = d.id) AS taps
           FROM asked CROSS JOIN delivery d LEFT JOIN insight i ON i.delivery_id = d.id
           WHERE d.frozen_at >= asked.a AND d.frozen_at < asked.b AND NOT d.to_testers {}
         ) s GROUP BY s.n",
        asked.join(", "),
        only(department)
    );
    for r in rows::<Row, _>(ctx.store.read(), &sql, vec![]).await? {
        let Some(sum) = usize::try_from(r.n).ok().and_then(|n| out.get_mut(n)) else { continue };
        *sum = Sum {
            span: sum.span,
            deliveries: r.deliveries,
            figures: Figures {
                recipients: r.recipients,
                accepted: r.accepted,
                failed: r.failed,
                withheld: r.withheld,
            },
            readers: r.readers,
            read: r.read,
            read_of: r.read_of,
            taps: r.taps,
            linked: r.linked,
        };
    }
    Ok(out)
}

/// Which deliveries began in a time, and on which day; tests to testers left out.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn sent_between(
    ctx: &Context,
    span: Span,
    department: Option<DepartmentId>,
) -> Result<Vec<(DeliveryId, Date)>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        at: i64,
    }
    let sql = format!(
        "SELECT d.id, d.frozen_at AS at FROM delivery d
         WHERE d.frozen_at >= $1 AND d.frozen_at < $2 AND NOT d.to_testers {}",
        only(department)
    );
    let values = values![span.from.start().0, span.end.start().0];
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values).await?;
    Ok(found.into_iter().map(|r| (DeliveryId(r.id), Timestamp(r.at).date())).collect())
}

/// The day on which the first delivery ever began, tests to testers left out.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn first_sent(ctx: &Context) -> Result<Option<Date>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        at: i64,
    }
    let sql = "SELECT frozen_at AS at FROM delivery WHERE frozen_at IS NOT NULL AND NOT to_testers ORDER BY frozen_at LIMIT 1";
    let first: Option<Row> = one(ctx.store.read(), sql, vec![]).await?;
    Ok(first.map(|r| Timestamp(r.at).date()))
}
