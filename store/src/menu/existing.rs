//! What there is for areas to lead to.

use super::page::dead;
use crate::db::rows;
use crate::{Context, Error, Result, form};
use domain::form::Door;
use domain::form::kept::State;
use domain::menu::{Ended, Existing, Menu};
use domain::permission::Permission;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// What there is for areas to lead to: the forms that residents can open, of every department,
/// since whoever makes the city's menu leads to all of them and residents read their titles
/// anyway; and those that were published and take nothing more. What was never published is
/// not told. Of web pages those that do not open. The pages of the city are part of every
/// installation.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn existing(ctx: &Context) -> Result<Existing> {
    ctx.allow(Permission::MenuRead)?;
    let db = ctx.store.read();
    Ok(Existing { dead: dead(ctx, db).await?, ..read(ctx, db).await? })
}

/// The same, as far as it matters to some menus.
pub(super) async fn of<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    menus: &[Menu],
) -> Result<Existing> {
    let mut existing = Existing::default();
    if menus.iter().any(Menu::leads_to_forms) {
        existing = read(ctx, db).await?;
    }
    if menus.iter().any(|menu| menu.pages().next().is_some()) {
        existing.dead = dead(ctx, db).await?;
    }
    Ok(existing)
}

async fn read<C: ConnectionTrait>(ctx: &Context, db: &C) -> Result<Existing> {
    #[derive(FromQueryResult)]
    struct Found {
        id: i64,
        state: String,
        received: i64,
        definition: String,
    }
    let sql = "SELECT f.id, f.state, f.received, v.definition FROM form f JOIN form_version v ON v.form_id = f.id AND v.number = f.published";
    let mut existing = Existing::default();
    for found in rows::<Found, _>(db, sql, vec![]).await? {
        let form = form::definition(&found.definition)?;
        let state = State::parse(&found.state).ok_or(Error::Inconsistent("form.state"))?;
        let received = u32::try_from(found.received).unwrap_or(u32::MAX);
        let why = match (state, form.terms.door(ctx.now(), received, 0)) {
            (State::Closed, _) => "受付が終わっています",
            (State::Archived, _) => "受付を終えて、保管されています",
            (_, Door::Over) => "受付の期間が過ぎています",
            (_, Door::Full) => "受付の数がいっぱいです",
            // Before it opens and at night residents read when it does.
            _ => {
                existing.forms.insert(found.id.to_string(), form.title);
                continue;
            }
        };
        let ended = Ended { title: form.title, why: why.into() };
        existing.ended.insert(found.id.to_string(), ended);
    }
    Ok(existing)
}
