//! Deliveries of a time as figures alone, to be added up by periods.

use crate::db::rows;
use crate::{Context, Result, values};
use domain::delivery::Figures;
use domain::delivery::period::Sent;
use domain::id::{DeliveryId, DepartmentId};
use domain::permission::Permission;
use domain::time::Timestamp;
use sea_orm::FromQueryResult;

/// Every delivery that began in a time, tests to testers left out.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn sent_between(
    ctx: &Context,
    from: Timestamp,
    until: Timestamp,
    department: Option<DepartmentId>,
) -> Result<Vec<Sent>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        at: i64,
        recipients: i64,
        accepted: i64,
        failed: i64,
        withheld: i64,
        readers: Option<i64>,
    }
    let of = department.map_or_else(String::new, |d| format!("AND d.department_id = {d}"));
    let sql = format!(
        "SELECT d.id, d.frozen_at AS at, d.recipients, d.accepted, d.failed, d.withheld, i.readers
         FROM delivery d LEFT JOIN insight i ON i.delivery_id = d.id
         WHERE d.frozen_at >= $1 AND d.frozen_at < $2 AND NOT d.to_testers {of}"
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values![from.0, until.0]).await?;
    Ok(found
        .into_iter()
        .map(|r| Sent {
            id: DeliveryId(r.id),
            at: Timestamp(r.at),
            figures: Figures {
                recipients: r.recipients,
                accepted: r.accepted,
                failed: r.failed,
                withheld: r.withheld,
            },
            readers: r.readers,
        })
        .collect())
}
