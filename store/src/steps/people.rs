//! The residents of a course, and their own days.

use crate::audience::{asking, condition};
use crate::db::{number, one, rows};
use crate::outbox::read_set;
use crate::{Context, Result, values};
use domain::attribute::Catalog;
use domain::audience::Resolved;
use domain::id::{CourseId, DeliveryId, ResidentId};
use domain::permission::Permission;
use domain::steps::{Anchor, Content, People};
use domain::time::{DAY, Date, HOUR};
use sea_orm::FromQueryResult;

/// Own days as days since 1970 of `resident r` joined with `from`.
struct Source {
    day: String,
    from: String,
}

fn source(anchor: &Anchor, catalog: &Catalog) -> Option<Source> {
    let in_tokyo = |column: &str| format!("({column} + {}) / {DAY}", 9 * HOUR);
    let resident = "resident r".to_owned();
    Some(match anchor {
        Anchor::Date(key) => {
            let id = catalog.get(key)?.id;
            Source {
                day: "v.number".into(),
                from: format!(
                    "fact_value v JOIN resident r ON r.id = v.resident_id AND v.attribute_id = {id} AND v.number IS NOT NULL"
                ),
            }
        }
        Anchor::Friend => Source { day: in_tokyo("r.friend_at"), from: resident },
        Anchor::Registered => Source {
            day: in_tokyo("COALESCE(r.first_registered_at, r.registered_at)"),
            from: resident,
        },
    })
}

/// The friends whom a course is for.
fn among(content: &Content, catalog: &Catalog) -> Option<Resolved> {
    content.everybody().resolve(catalog, "").ok()
}

/// How many residents of a course have which own day; nothing if what it says cannot be
/// understood (any more).
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn people(ctx: &Context, catalog: &Catalog, content: &Content) -> Result<Option<People>> {
    ctx.allow(Permission::AudienceRead)?;
    let (Some(source), Some(among)) = (source(&content.anchor, catalog), among(content, catalog))
    else {
        return Ok(None);
    };
    #[derive(FromQueryResult)]
    struct Row {
        day: i64,
        n: i64,
    }
    let Source { day, from } = source;
    let sql = format!(
        "SELECT {day} AS day, COUNT(*) AS n FROM {from} WHERE r.friend AND {} GROUP BY {day}",
        condition(&among)
    );
    let found: Vec<Row> = rows(&asking(ctx, &among).await?, &sql, vec![]).await?;
    Ok(Some(found.into_iter().map(|r| (Date::from_days(r.day), r.n)).collect()))
}

/// The own day of a resident; nothing if they have none.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn day_of(
    ctx: &Context,
    catalog: &Catalog,
    anchor: &Anchor,
    resident: ResidentId,
) -> Result<Option<Date>> {
    ctx.allow(Permission::ResidentRead)?;
    let Some(Source { day, from }) = source(anchor, catalog) else { return Ok(None) };
    #[derive(FromQueryResult)]
    struct Row {
        day: Option<i64>,
    }
    let sql = format!("SELECT {day} AS day FROM {from} WHERE r.id = $1 AND r.erased_at IS NULL");
    let row: Option<Row> = one(ctx.store.read(), &sql, values![resident.0]).await?;
    Ok(row.and_then(|r| r.day).map(Date::from_days))
}

/// Whether a resident is a friend and belongs to an audience.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn matches(ctx: &Context, audience: &Resolved, resident: ResidentId) -> Result<bool> {
    ctx.allow(Permission::ResidentRead)?;
    let sql = format!(
        "SELECT COUNT(*) AS n FROM resident r WHERE r.id = $1 AND r.friend AND {}",
        condition(audience)
    );
    Ok(number(&asking(ctx, audience).await?, &sql, values![resident.0]).await? == 1)
}

/// A few residents of a course, those with the latest own days first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn examples(
    ctx: &Context,
    catalog: &Catalog,
    content: &Content,
    limit: i64,
) -> Result<Vec<(ResidentId, Date)>> {
    ctx.allow(Permission::ResidentRead)?;
    let (Some(source), Some(among)) = (source(&content.anchor, catalog), among(content, catalog))
    else {
        return Ok(Vec::new());
    };
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        day: i64,
    }
    let Source { day, from } = source;
    let sql = format!(
        "SELECT r.id, {day} AS day FROM {from} WHERE r.friend AND {} ORDER BY {day} DESC, r.id LIMIT $1",
        condition(&among)
    );
    let found: Vec<Row> = rows(&asking(ctx, &among).await?, &sql, values![limit]).await?;
    Ok(found.into_iter().map(|r| (ResidentId(r.id), Date::from_days(r.day))).collect())
}

/// The steps of a course that LINE took for a resident: the step's number, the own days that
/// the delivery was for, and the delivery.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn received(
    ctx: &Context,
    course: CourseId,
    resident: ResidentId,
) -> Result<Vec<(u32, Date, Date, DeliveryId)>> {
    ctx.allow(Permission::ResidentRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        step: i64,
        own_from: i64,
        own_to: i64,
        residents: Vec<u8>,
    }
    let sql = "SELECT d.id, d.step, d.own_from, d.own_to, o.residents FROM delivery d JOIN outcome o ON o.delivery_id = d.id AND o.outcome = 'accepted'
        WHERE d.course_id = $1 ORDER BY d.id";
    let mut found = Vec::new();
    for r in rows::<Row, _>(ctx.store.read(), sql, values![course.0]).await? {
        if read_set(&r.residents)?.contains(resident.0 as u32) {
            let day = Date::from_days;
            let step = u32::try_from(r.step).unwrap_or(u32::MAX);
            found.push((step, day(r.own_from), day(r.own_to), DeliveryId(r.id)));
        }
    }
    Ok(found)
}
