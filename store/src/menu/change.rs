//! How a menu is written, published and tried out.

use super::{Row, changed, drilled, existing, json, row, staff};
use crate::db::{exec, number};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, blob, values};
use domain::id::{DepartmentId, MenuId};
use domain::menu::{Menu, NAME_MAX, Program};
use domain::permission::{Actor, Owner, Permission};
use sea_orm::ConnectionTrait;

pub(super) async fn allowed(ctx: &Context, id: MenuId, permission: Permission) -> Result<Row> {
    ctx.allow(permission)?;
    let row = row(ctx.store.read(), id).await?;
    ctx.allow_on(permission, row.owner())?;
    Ok(row)
}

pub(super) async fn note<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    act: &str,
    id: MenuId,
) -> Result<()> {
    ledger::append(ctx, db, Line::ok(act, format!("menu:{id}"))).await
}

fn name_of(name: &str) -> Result<String> {
    let chars = name.trim().chars().count();
    if chars == 0 {
        Err(Error::invalid("/name", "メニューの名前が空です。書いてください"))
    } else if chars > NAME_MAX {
        let words = format!("メニューの名前は{NAME_MAX}文字までにしてください（いま{chars}文字）");
        Err(Error::invalid("/name", words))
    } else {
        Ok(name.trim().to_owned())
    }
}

/// Begins a menu for its department.
///
/// # Errors
/// `Invalid` where it has no name; `Forbidden`.
pub async fn create(ctx: &Context, menu: &Menu) -> Result<MenuId> {
    ctx.allow_on(Permission::MenuWrite, Owner::Department(menu.department))?;
    let menu = Menu { name: name_of(&menu.name)?, ..menu.clone() };
    let tx = ctx.store.begin().await?;
    blob::used_ids(ctx, &tx, &menu.pictures()).await?;
    let sql = "INSERT INTO menu (department_id, name, status, draft, version, created_by, created_at, updated_by, updated_at) VALUES ($1, $2, 'draft', $3, 1, $4, $5, $4, $5) RETURNING id AS n";
    let values = values![
        menu.department.0,
        menu.name.as_str(),
        json(&menu)?,
        staff(ctx).map(|s| s.0),
        ctx.now().0
    ];
    let id = MenuId(number(&tx, sql, values).await?);
    note(ctx, &tx, "menu.create", id).await?;
    tx.commit().await?;
    Ok(id)
}

/// A new draft with the content of another menu's draft, for the actor's department. Who may
/// write menus may copy every department's.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn copy(ctx: &Context, id: MenuId) -> Result<MenuId> {
    ctx.allow(Permission::MenuWrite)?;
    let mut menu = row(ctx.store.read(), id).await?.draft()?;
    menu.name = format!("{}のコピー", menu.name).chars().take(NAME_MAX).collect();
    if let Actor::Staff { department, .. } = &ctx.actor {
        menu.department = *department;
    }
    create(ctx, &menu).await
}

/// Saves a draft; answers its new version. A draft may be unfinished. The department stays.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Invalid` where it has no name; `Conflict` if it was saved since
/// version `seen`, or is put away.
pub async fn save(ctx: &Context, id: MenuId, seen: i64, menu: &Menu) -> Result<i64> {
    let row = allowed(ctx, id, Permission::MenuWrite).await?;
    let menu = Menu {
        name: name_of(&menu.name)?,
        department: DepartmentId(row.department_id),
        ..menu.clone()
    };
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE menu SET name = $1, draft = $2, version = version + 1, updated_by = $3, updated_at = $4 WHERE id = $5 AND version = $6 AND status <> 'archived'";
    let values =
        values![menu.name.as_str(), json(&menu)?, staff(ctx).map(|s| s.0), ctx.now().0, id.0, seen];
    if exec(&tx, sql, values).await? == 0 {
        return Err(changed());
    }
    blob::used_ids(ctx, &tx, &menu.pictures()).await?;
    note(ctx, &tx, "menu.save", id).await?;
    tx.commit().await?;
    Ok(seen + 1)
}

/// Gives a menu another name; answers the new version.
///
/// # Errors
/// As [`save`].
pub async fn rename(ctx: &Context, id: MenuId, seen: i64, name: &str) -> Result<i64> {
    let row = allowed(ctx, id, Permission::MenuWrite).await?;
    let menu = Menu { name: name.to_owned(), ..row.draft()? };
    save(ctx, id, seen, &menu).await
}

/// Nothing is wrong with it, and no area leads nowhere.
async fn checked(ctx: &Context, id: MenuId, menu: Menu) -> Result<()> {
    let mut problems = menu.problems_as(drilled(ctx, id).await?);
    let menu = [menu];
    let existing = existing::of(ctx, ctx.store.read(), &menu).await?;
    for broken in menu[0].broken_problems(&existing) {
        // A tab that leads nowhere is found in both ways.
        if !problems.iter().any(|p| p.message == broken.message) {
            problems.push(broken);
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// A menu whose draft the actor may publish, and with which nothing is wrong.
pub(super) async fn ready(ctx: &Context, id: MenuId) -> Result<Row> {
    let row = allowed(ctx, id, Permission::MenuPublish).await?;
    checked(ctx, id, row.draft()?).await?;
    Ok(row)
}

/// Publishes the draft of version `seen`, in the caller's transaction.
pub(super) async fn put_in_force<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    row: &Row,
    seen: i64,
) -> Result<()> {
    let (staff, now) = (staff(ctx).map(|s| s.0), ctx.now().0);
    let sql = "UPDATE menu SET status = 'published', published = draft, published_at = $1, published_by = $2 WHERE id = $3 AND version = $4 AND status <> 'archived'";
    if exec(db, sql, values![now, staff, row.id, seen]).await? == 0 {
        return Err(changed());
    }
    let sql = "INSERT INTO menu_version (menu_id, version, document, at, staff_id) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    exec(db, sql, values![row.id, seen, row.draft.as_str(), now, staff]).await?;
    note(ctx, db, "menu.publish", MenuId(row.id)).await
}

/// Publishes the draft of version `seen`. What the program names is brought to LINE by the
/// worker; the first menu that is ever published becomes the program's base.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` with everything that is wrong with it; `Conflict` if it
/// was saved since, or is put away.
pub async fn publish(ctx: &Context, id: MenuId, seen: i64) -> Result<()> {
    let row = ready(ctx, id).await?;
    let tx = ctx.store.begin().await?;
    put_in_force(ctx, &tx, &row, seen).await?;
    let (staff, now) = (staff(ctx).map(|s| s.0), ctx.now().0);
    let first = json(&Program::new(id))?;
    let sql = "INSERT INTO menu_program (id, draft, version, published, published_at, published_by, updated_by, updated_at) VALUES (1, $1, 1, $1, $2, $3, $3, $2) ON CONFLICT DO NOTHING";
    exec(&tx, sql, values![first, now, staff]).await?;
    super::program::moved(&tx).await?;
    Ok(tx.commit().await?)
}

/// Shows the draft to testers alone, in place of whatever they would see (RES-6).
///
/// # Errors
/// As [`publish`].
pub async fn try_out(ctx: &Context, id: MenuId, seen: i64) -> Result<()> {
    let row = allowed(ctx, id, Permission::MenuWrite).await?;
    if row.version != seen {
        return Err(changed());
    }
    checked(ctx, id, row.draft()?).await?;
    let tx = ctx.store.begin().await?;
    let sql = "INSERT INTO menu (department_id, name, status, draft, version, published, trial_of, created_by, created_at, updated_by, updated_at)
        VALUES ($1, $2, 'published', $3, 1, $3, $4, $5, $6, $5, $6)
        ON CONFLICT (trial_of) DO UPDATE SET name = excluded.name, status = 'published', draft = excluded.draft, published = excluded.published, updated_by = excluded.updated_by, updated_at = excluded.updated_at";
    let values = values![
        row.department_id,
        row.name.as_str(),
        row.draft.as_str(),
        id.0,
        staff(ctx).map(|s| s.0),
        ctx.now().0
    ];
    exec(&tx, sql, values).await?;
    super::program::moved(&tx).await?;
    note(ctx, &tx, "menu.try", id).await?;
    Ok(tx.commit().await?)
}

/// Ends a trial; where there is none, nothing happens.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn end_trial(ctx: &Context, id: MenuId) -> Result<()> {
    allowed(ctx, id, Permission::MenuWrite).await?;
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE menu SET status = 'archived' WHERE trial_of = $1 AND status <> 'archived'";
    if exec(&tx, sql, values![id.0]).await? == 1 {
        super::program::moved(&tx).await?;
        note(ctx, &tx, "menu.try_end", id).await?;
    }
    Ok(tx.commit().await?)
}
