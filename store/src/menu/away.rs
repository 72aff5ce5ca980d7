//! How a menu is put away, taken out again and deleted: never while somebody is shown it.

use super::change::{allowed, note};
use super::{read, row};
use crate::db::{exec, number, one};
use crate::{Context, Error, Result, values};
use domain::id::MenuId;
use domain::menu::{Program, Usage};
use domain::permission::Permission;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// The menu, and what testers once saw instead of it.
const BOTH: &str = "(SELECT id FROM menu WHERE id = $1 OR trial_of = $1)";

/// What a menu is used for, and what would be lost with it.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn usage(ctx: &Context, id: MenuId) -> Result<Usage> {
    ctx.allow(Permission::MenuRead)?;
    let db = ctx.store.read();
    row(db, id).await?;
    let count = async |sql: &str| number(db, sql, values![id.0]).await;
    let tried = tried(db, id).await?;
    Ok(Usage {
        named: named(db, id).await?,
        tried,
        tried_instead: if tried { tried_instead(db, id).await? } else { None },
        published: count("SELECT COUNT(*) AS n FROM menu_version WHERE menu_id = $1").await?,
        taps: count(
            "SELECT CAST(COALESCE(SUM(taps), 0) AS BIGINT) AS n FROM menu_tap WHERE menu_id = $1",
        )
        .await?,
        chosen: count("SELECT COUNT(*) AS n FROM menu_standing WHERE choice = $1").await?,
    })
}

/// What the program, published or not, uses it for.
async fn named<C: ConnectionTrait>(db: &C, id: MenuId) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Programs {
        draft: String,
        published: Option<String>,
    }
    let mut all = Vec::new();
    let sql = "SELECT draft, published FROM menu_program WHERE id = 1";
    if let Some(programs) = one::<Programs, _>(db, sql, vec![]).await? {
        let mut say = |json: &str, note: &str| -> Result<()> {
            let program: Program = read(json, "menu_program")?;
            for words in program.uses(id) {
                if !all.contains(&words) {
                    all.push(format!("{words}{note}"));
                }
            }
            Ok(())
        };
        if let Some(published) = &programs.published {
            say(published, "")?;
        }
        say(&programs.draft, "（まだ公開していない出し分け）")?;
    }
    Ok(all)
}

/// Whether testers are shown it before it is published.
async fn tried<C: ConnectionTrait>(db: &C, id: MenuId) -> Result<bool> {
    let sql = "SELECT COUNT(*) AS n FROM menu WHERE trial_of = $1 AND status <> 'archived'";
    Ok(number(db, sql, values![id.0]).await? > 0)
}

/// The name of the menu whose trial was begun last, if that is another's: testers see one trial
/// at a time, as `in_force` has it.
async fn tried_instead<C: ConnectionTrait>(db: &C, id: MenuId) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Last {
        trial_of: i64,
        name: String,
    }
    let sql = "SELECT trial_of, name FROM menu WHERE trial_of IS NOT NULL AND status = 'published' ORDER BY updated_at DESC, id DESC LIMIT 1";
    let last: Option<Last> = one(db, sql, vec![]).await?;
    Ok(last.filter(|last| last.trial_of != id.0).map(|last| last.name))
}

/// Puts a menu away. What the program names, published or not, stays; a trial ends.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` while the program names it.
pub async fn archive(ctx: &Context, id: MenuId) -> Result<()> {
    allowed(ctx, id, Permission::MenuWrite).await?;
    let tx = ctx.store.begin().await?;
    let uses = named(&tx, id).await?;
    if !uses.is_empty() {
        return Err(used(&uses));
    }
    let sql = "UPDATE menu SET status = 'archived' WHERE id = $1 OR trial_of = $1";
    exec(&tx, sql, values![id.0]).await?;
    super::program::moved(&tx).await?;
    note(ctx, &tx, "menu.archive", id).await?;
    Ok(tx.commit().await?)
}

fn used(uses: &[String]) -> Error {
    Error::Conflict(format!(
        "このメニューは使われています（{}）。先に「出し分け」でほかのメニューに変えて、公開してください",
        uses.join("、")
    ))
}

/// Takes a menu out again.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn unarchive(ctx: &Context, id: MenuId) -> Result<()> {
    allowed(ctx, id, Permission::MenuWrite).await?;
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE menu SET status = CASE WHEN published IS NULL THEN 'draft' ELSE 'published' END WHERE id = $1 AND status = 'archived'";
    exec(&tx, sql, values![id.0]).await?;
    super::program::moved(&tx).await?;
    note(ctx, &tx, "menu.unarchive", id).await?;
    Ok(tx.commit().await?)
}

/// Deletes a menu with everything that was kept of it: what was published, its figures, what
/// residents chose. Its short addresses lead on, for they stand on cards in talks. What was
/// once published may be deleted by whoever may publish it.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` while the program or a trial shows it.
pub async fn delete(ctx: &Context, id: MenuId) -> Result<()> {
    let former = allowed(ctx, id, Permission::MenuWrite).await?;
    if former.published.is_some() {
        ctx.allow_on(Permission::MenuPublish, former.owner())?;
    }
    let tx = ctx.store.begin().await?;
    let uses = named(&tx, id).await?;
    if !uses.is_empty() {
        return Err(used(&uses));
    }
    if tried(&tx, id).await? {
        return Err(Error::Conflict(
            "試験者の画面に出ています。先に「試験者で確かめる」を終えてください".into(),
        ));
    }
    for sql in [
        format!(
            "INSERT INTO menu_link_left (token, menu_id, sheet, area, mode, uri) SELECT token, menu_id, sheet, area, mode, uri FROM menu_link WHERE menu_id IN {BOTH}"
        ),
        format!("DELETE FROM menu_link WHERE menu_id IN {BOTH}"),
        format!("DELETE FROM menu_tap WHERE menu_id IN {BOTH}"),
        format!("DELETE FROM menu_tab WHERE menu_id IN {BOTH}"),
        format!("DELETE FROM menu_version WHERE menu_id IN {BOTH}"),
        // Which menu they have is not certain any more.
        format!(
            "UPDATE menu_heard SET what = 'unsure', menu_id = NULL, sheet = NULL, mode = NULL WHERE menu_id IN {BOTH}"
        ),
        format!("UPDATE menu_standing SET choice = NULL WHERE choice IN {BOTH}"),
        "DELETE FROM menu WHERE trial_of = $1".to_owned(),
    ] {
        exec(&tx, &sql, values![id.0]).await?;
    }
    if exec(&tx, "DELETE FROM menu WHERE id = $1", values![id.0]).await? == 0 {
        return Err(Error::NotFound);
    }
    super::program::moved(&tx).await?;
    note(ctx, &tx, "menu.delete", id).await?;
    Ok(tx.commit().await?)
}
