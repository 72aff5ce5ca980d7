//! Emergencies (MENU-4): what was declared, when, by whom.

use crate::db::{exec, number, one, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::menu::{Declared, Disaster, Mode};
use domain::permission::{Actor, Permission};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    disaster: String,
    mode: String,
    began_at: i64,
    began_by: String,
    ended_at: Option<i64>,
    ended_by: Option<String>,
}

impl Row {
    fn read(self) -> Result<Declared> {
        Ok(Declared {
            id: self.id,
            disaster: Disaster::parse(&self.disaster)
                .ok_or(Error::Inconsistent("menu_emergency.disaster"))?,
            mode: Mode::parse(&self.mode).ok_or(Error::Inconsistent("menu_emergency.mode"))?,
            began_at: Timestamp(self.began_at),
            began_by: self.began_by,
            ended_at: self.ended_at.map(Timestamp),
            ended_by: self.ended_by.unwrap_or_default(),
        })
    }
}

const SELECT: &str =
    "SELECT id, disaster, mode, began_at, began_by, ended_at, ended_by FROM menu_emergency";

/// The actor as people read it.
async fn who<C: ConnectionTrait>(ctx: &Context, db: &C) -> Result<String> {
    #[derive(FromQueryResult)]
    struct Name {
        name: String,
    }
    let (sql, id) = match &ctx.actor {
        Actor::Staff { id, .. } => ("SELECT name FROM staff WHERE id = $1", id.0),
        Actor::Token { id, .. } => ("SELECT name FROM api_token WHERE id = $1", id.0),
        _ => return Ok("システム".into()),
    };
    let name: Option<Name> = one(db, sql, values![id]).await?;
    Ok(name.map(|n| n.name).unwrap_or_default())
}

/// What holds now: meant before a drill.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn declared_now(ctx: &Context) -> Result<Vec<Declared>> {
    ctx.allow(Permission::MenuRead)?;
    let sql = format!("{SELECT} WHERE ended_at IS NULL ORDER BY mode DESC, id");
    let found: Vec<Row> = rows(ctx.store.read(), &sql, vec![]).await?;
    found.into_iter().map(Row::read).collect()
}

/// The record, the last first.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn declared(ctx: &Context, limit: i64) -> Result<Vec<Declared>> {
    ctx.allow(Permission::MenuRead)?;
    let sql = format!("{SELECT} ORDER BY id DESC LIMIT $1");
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values![limit.clamp(1, 1_000)]).await?;
    found.into_iter().map(Row::read).collect()
}

/// Declares an emergency or a drill; another kind takes the place of the one that holds. The
/// same again changes nothing.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn declare(ctx: &Context, disaster: Disaster, mode: Mode) -> Result<Declared> {
    ctx.allow(Permission::MenuEmergency)?;
    let tx = ctx.store.begin().await?;
    let sql = format!("{SELECT} WHERE ended_at IS NULL AND mode = $1");
    if let Some(row) = one::<Row, _>(&tx, &sql, values![mode.name()]).await? {
        if row.disaster == disaster.name() {
            return row.read();
        }
        ended(ctx, &tx, mode).await?;
    }
    let by = who(ctx, &tx).await?;
    let sql = "INSERT INTO menu_emergency (disaster, mode, began_at, began_by) VALUES ($1, $2, $3, $4) RETURNING id AS n";
    let now = ctx.now();
    let id = number(&tx, sql, values![disaster.name(), mode.name(), now.0, by.as_str()]).await?;
    super::program::moved(&tx).await?;
    let act = if mode == Mode::Real { "menu.emergency" } else { "menu.drill" };
    ledger::append(ctx, &tx, Line::ok(act, format!("disaster:{}", disaster.name()))).await?;
    tx.commit().await?;
    Ok(Declared {
        id,
        disaster,
        mode,
        began_at: now,
        began_by: by,
        ended_at: None,
        ended_by: String::new(),
    })
}

async fn ended<C: ConnectionTrait>(ctx: &Context, db: &C, mode: Mode) -> Result<bool> {
    let by = who(ctx, db).await?;
    let sql = "UPDATE menu_emergency SET ended_at = $1, ended_by = $2 WHERE mode = $3 AND ended_at IS NULL";
    Ok(exec(db, sql, values![ctx.now().0, by, mode.name()]).await? > 0)
}

/// Ends the emergency, or the drill; answers whether one held.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn end(ctx: &Context, mode: Mode) -> Result<bool> {
    ctx.allow(Permission::MenuEmergency)?;
    let tx = ctx.store.begin().await?;
    let held = ended(ctx, &tx, mode).await?;
    if held {
        super::program::moved(&tx).await?;
        let act = if mode == Mode::Real { "menu.emergency_end" } else { "menu.drill_end" };
        ledger::append(ctx, &tx, Line::ok(act, "menu:emergency")).await?;
    }
    tx.commit().await?;
    Ok(held)
}
