//! In which language residents read, as far as LINE's profiles tell it (SEG-4).

use super::{LineUser, open_line_id};
use crate::db::{exec, list, number, rows};
use crate::{Context, Result, values};
use domain::id::ResidentId;
use domain::language::Wish;
use domain::time::DAY;
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

/// A profile is asked for again after this, in microseconds.
pub const PROFILE_FRESH: i64 = 30 * DAY;
/// Longer tags are none.
const TAG_MAX: usize = 35;

/// A friend whose profile is to be asked for.
#[derive(Clone, Debug)]
pub struct Due {
    /// Who.
    pub id: ResidentId,
    /// By which LINE knows them.
    pub user: LineUser,
    /// What the profile said before.
    pub former: Option<String>,
}

/// Friends whose profile was never asked for, the newest first, or long ago. Nobody while a
/// delivery is on its way: then LINE is left alone.
///
/// # Errors
/// If the database is away.
pub async fn due(ctx: &Context, limit: i64) -> Result<Vec<Due>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        line_hash: Vec<u8>,
        line_id: Vec<u8>,
        line_language: Option<String>,
    }
    let db = ctx.store.read();
    let sending = "SELECT COUNT(*) AS n FROM delivery WHERE status = 'sending'";
    if number(db, sending, vec![]).await? > 0 {
        return Ok(Vec::new());
    }
    let sql = "SELECT id, line_hash, line_id, line_language FROM resident WHERE friend AND profile_at < $1 ORDER BY profile_at, id DESC LIMIT $2";
    let found: Vec<Row> = rows(db, sql, values![ctx.now().0 - PROFILE_FRESH, limit]).await?;
    found
        .into_iter()
        .map(|r| {
            Ok(Due {
                id: ResidentId(r.id),
                user: open_line_id(ctx.store.keys(), &r.line_hash, &r.line_id)?,
                former: r.line_language,
            })
        })
        .collect()
}

/// Keeps what profiles said; nothing where LINE told none. Whoever reads otherwise than before
/// counts as changed.
///
/// # Errors
/// If the database is away.
pub async fn keep(ctx: &Context, told: &[(Due, Option<String>)]) -> Result<()> {
    let mut same: BTreeMap<(Option<&str>, bool), Vec<i64>> = BTreeMap::new();
    for (due, tag) in told {
        let tag = tag.as_deref().map(str::trim).filter(|t| (1..=TAG_MAX).contains(&t.len()));
        let changed = Wish::of(None, tag) != Wish::of(None, due.former.as_deref());
        same.entry((tag, changed)).or_default().push(due.id.0);
    }
    let now = ctx.now().0;
    let tx = ctx.store.begin().await?;
    for ((tag, changed), ids) in same {
        let changed = if changed { ", changed_at = $2" } else { "" };
        let sql = format!(
            "UPDATE resident SET line_language = $1, profile_at = $2{changed} WHERE friend AND id IN ({})",
            list(ids)
        );
        exec(&tx, &sql, values![tag.map(ToOwned::to_owned), now]).await?;
    }
    Ok(tx.commit().await?)
}
