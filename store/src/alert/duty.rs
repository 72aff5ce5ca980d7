//! Duties that fail, as the watch finds them; and whether anybody watches at all.

use super::{Found, begin};
use crate::db::rows;
use crate::{Context, Result, setting, values, work};
use domain::alert::{self, Kind, Silence, duty_label, keeps_failing};
use domain::menu::{Doing, PUBLISHING, Publishing};
use domain::permission::Permission;
use domain::time::{Timestamp, thousands};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// The duty of [`super::watch`]. When it was last done is the sign of life of the workers.
pub const WATCH: &str = "alerts";

/// Whether nobody works, and since when.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn silence(ctx: &Context) -> Result<Option<Silence>> {
    ctx.allow(Permission::DeliveryRead)?;
    Ok(alert::silence(work::last(ctx, WATCH).await?, ctx.now()))
}

/// Looks from outside whether anybody works; begins the alert if nobody does, with mails if
/// there is a relay (`link` leads to the console). Answers whether it began. It ends with the
/// next look of a worker.
///
/// # Errors
/// If the database is away.
pub async fn stand_by(ctx: &Context, link: Option<&str>) -> Result<bool> {
    let Some(silence) = silence(ctx).await? else { return Ok(false) };
    let found =
        Found { kind: Kind::Silent, delivery: None, title: String::new(), detail: silence.words() };
    let tx = ctx.store.begin().await?;
    let began = begin(ctx, &tx, &found, link).await?;
    tx.commit().await?;
    Ok(began)
}

/// What is told of duties and of the menus' publishing; and what is not over yet, if it was
/// told before.
pub(super) async fn found<C: ConnectionTrait>(
    db: &C,
    now: Timestamp,
) -> Result<(Vec<Found>, Vec<Found>)> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
        failures: i64,
        failing_since: i64,
    }
    let (mut told, mut lasting) = (Vec::new(), Vec::new());
    let sql = "SELECT name, failures, failing_since FROM duty WHERE failing_since IS NOT NULL AND name <> $1 ORDER BY name";
    for r in rows::<Row, _>(db, sql, values![WATCH]).await? {
        let since = Timestamp(r.failing_since);
        let of = if keeps_failing(r.failures, since, now) { &mut told } else { &mut lasting };
        of.push(Found {
            kind: Kind::Duty,
            delivery: None,
            title: duty_label(&r.name).to_owned(),
            detail: format!(
                "{}から、{}回続けてできていません",
                since.day_and_time(),
                thousands(r.failures)
            ),
        });
    }
    let kept = setting::get_in(db, PUBLISHING).await?;
    let said: Publishing =
        kept.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    // While it is tried again it is not over.
    let of = match said.doing {
        Doing::Failed => &mut told,
        Doing::Working | Doing::Waiting => &mut lasting,
        Doing::Idle => return Ok((told, lasting)),
    };
    of.push(Found {
        kind: Kind::Publishing,
        delivery: None,
        title: String::new(),
        detail: said.error.unwrap_or(said.words),
    });
    Ok((told, lasting))
}
