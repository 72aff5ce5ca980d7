//! The web pages to which published menus lead, as they were found.

use super::in_force;
use crate::db::{exec, rows};
use crate::{Context, Result, values};
use domain::menu::Menu;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::{BTreeMap, BTreeSet};

/// What a look at a page has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// It opens.
    Opens,
    /// It does not, with the reason in words.
    Fails(String),
    /// Nothing that could be said of it.
    Unknown,
}

/// The pages that published menus open and that nobody looked at today. Our own and LINE's are
/// left out; what no menu opens any more is forgotten.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn pages_due(ctx: &Context) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        address: String,
        day: i64,
    }
    let now = in_force(ctx).await?;
    let pages = now.menus.values().flat_map(Menu::pages).filter(|p| !ctx.store.own().has(p));
    let opened: BTreeSet<&str> = pages.collect();
    let sql = "SELECT address, day FROM menu_page";
    let known: Vec<Row> = rows(ctx.store.read(), sql, vec![]).await?;
    let gone: Vec<&Row> = known.iter().filter(|r| !opened.contains(r.address.as_str())).collect();
    if !gone.is_empty() {
        let tx = ctx.store.begin().await?;
        for row in gone {
            let sql = "DELETE FROM menu_page WHERE address = $1";
            exec(&tx, sql, values![row.address.as_str()]).await?;
        }
        tx.commit().await?;
    }
    let today = ctx.now().date().days();
    let looked_at: BTreeSet<&str> =
        known.iter().filter(|r| r.day == today).map(|r| r.address.as_str()).collect();
    Ok(opened.difference(&looked_at).map(|page| (*page).to_owned()).collect())
}

/// What today's look has shown. A page that fails for the second day in a row is broken, until
/// it opens.
///
/// # Errors
/// If the database is away.
pub async fn keep_pages(ctx: &Context, found: &BTreeMap<String, Looked>) -> Result<()> {
    let today = ctx.now().date().days();
    let tx = ctx.store.begin().await?;
    for (address, looked) in found {
        let (failed_on, why, then) = match looked {
            Looked::Opens => (
                None,
                "",
                "day = excluded.day, failed_on = NULL, broken = FALSE, why = excluded.why",
            ),
            Looked::Fails(why) => (
                Some(today),
                why.as_str(),
                "day = excluded.day, failed_on = excluded.failed_on, why = excluded.why, broken = menu_page.broken OR COALESCE(menu_page.failed_on, 0) = excluded.day - 1",
            ),
            Looked::Unknown => (None, "", "day = excluded.day"),
        };
        let sql = format!(
            "INSERT INTO menu_page (address, day, failed_on, broken, why) VALUES ($1, $2, $3, FALSE, $4) ON CONFLICT (address) DO UPDATE SET {then}"
        );
        exec(&tx, &sql, values![address.as_str(), today, failed_on, why]).await?;
    }
    Ok(tx.commit().await?)
}

/// For so many days something is said of a page that nobody looks at any more: where the looking
/// is switched off, what was found ends by itself.
const SAID_FOR: i64 = 3;

/// The pages that are broken, with the reason in words.
pub(crate) async fn dead<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
) -> Result<BTreeMap<String, String>> {
    #[derive(FromQueryResult)]
    struct Row {
        address: String,
        why: String,
    }
    let sql = "SELECT address, why FROM menu_page WHERE broken AND day > $1";
    let found: Vec<Row> = rows(db, sql, values![ctx.now().date().days() - SAID_FOR]).await?;
    Ok(found.into_iter().map(|r| (r.address, r.why)).collect())
}
