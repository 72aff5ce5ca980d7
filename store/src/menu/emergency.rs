//! Emergencies (MENU-4): what was declared, when, by whom; and the rule by which a delivery
//! declares one.

use super::program::in_force_in;
use super::trial::{NO_TESTERS, testers};
use crate::db::{exec, number, one, rows};
use crate::delivery::happen;
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, setting, values};
use domain::delivery::{Delivery, Purpose};
use domain::id::{DepartmentId, StaffId, TokenId};
use domain::menu::{Declared, Disaster, Mode, SwitchTo, Switches};
use domain::permission::{Actor, Permission, Role};
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
pub(super) async fn who<C: ConnectionTrait>(ctx: &Context, db: &C) -> Result<String> {
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
/// `Forbidden`; `Invalid` for a drill that nobody would see; if the database is away.
pub async fn declare(ctx: &Context, disaster: Disaster, mode: Mode) -> Result<Declared> {
    ctx.allow(Permission::MenuEmergency)?;
    let tx = ctx.store.begin().await?;
    if mode == Mode::Drill && testers(&tx).await? == 0 {
        return Err(Error::invalid("/mode", NO_TESTERS));
    }
    let declared = begin(ctx, &tx, disaster, mode).await?;
    tx.commit().await?;
    Ok(declared)
}

async fn begin<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    disaster: Disaster,
    mode: Mode,
) -> Result<Declared> {
    let sql = format!("{SELECT} WHERE ended_at IS NULL AND mode = $1");
    let holding = || one::<Row, _>(db, &sql, values![mode.name()]);
    let same = |row: &Row| row.disaster == disaster.name();
    if let Some(row) = holding().await?.filter(same) {
        return row.read();
    }
    // Whoever declares or ends one at the same time waits here; then what they did is seen.
    super::program::moved(db).await?;
    match holding().await? {
        Some(row) if same(&row) => return row.read(),
        Some(_) => {
            ended(ctx, db, mode).await?;
        }
        None => {}
    }
    let by = who(ctx, db).await?;
    let sql = "INSERT INTO menu_emergency (disaster, mode, began_at, began_by) VALUES ($1, $2, $3, $4) RETURNING id AS n";
    let now = ctx.now();
    let id = number(db, sql, values![disaster.name(), mode.name(), now.0, by.as_str()]).await?;
    let act = if mode == Mode::Real { "menu.emergency" } else { "menu.drill" };
    ledger::append(ctx, db, Line::ok(act, format!("disaster:{}", disaster.name()))).await?;
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
    let sql = "SELECT COUNT(*) AS n FROM menu_emergency WHERE mode = $1 AND ended_at IS NULL";
    if number(&tx, sql, values![mode.name()]).await? == 0 {
        return Ok(false);
    }
    // First, as where one is declared, so that neither waits for the other.
    super::program::moved(&tx).await?;
    let held = ended(ctx, &tx, mode).await?;
    if held {
        let act = if mode == Mode::Real { "menu.emergency_end" } else { "menu.drill_end" };
        ledger::append(ctx, &tx, Line::ok(act, "menu:emergency")).await?;
    }
    tx.commit().await?;
    Ok(held)
}

/// The name of the setting that says what an emergency delivery declares.
const RULE: &str = "menu.by_delivery";

/// The kind of disaster that an emergency delivery declares; nothing until a city sets one.
///
/// # Errors
/// If the database is away.
pub async fn rule(ctx: &Context) -> Result<Option<Disaster>> {
    rule_in(ctx.store.read()).await
}

async fn rule_in<C: ConnectionTrait>(db: &C) -> Result<Option<Disaster>> {
    Ok(setting::get_in(db, RULE).await?.as_deref().and_then(Disaster::parse))
}

/// Sets it anew.
///
/// # Errors
/// `Forbidden`.
pub async fn set_rule(ctx: &Context, disaster: Option<Disaster>) -> Result<()> {
    ctx.allow(Permission::SettingWrite)?;
    let tx = ctx.store.begin().await?;
    setting::set_in(&tx, RULE, disaster.map_or("", Disaster::name)).await?;
    ledger::append(ctx, &tx, Line::ok("setting.update", RULE)).await?;
    Ok(tx.commit().await?)
}

/// To what a delivery of that purpose may switch if it began now: where the city has set a
/// disaster and something is prepared for any. A program that cannot be read keeps no
/// emergency from leaving: nothing is prepared then.
///
/// # Errors
/// If the database is away.
pub async fn switches(ctx: &Context, purpose: Purpose) -> Result<Option<Switches>> {
    switches_in(ctx.store.read(), purpose).await
}

async fn switches_in<C: ConnectionTrait>(db: &C, purpose: Purpose) -> Result<Option<Switches>> {
    let Some(mode) = Mode::of_delivery(purpose) else { return Ok(None) };
    let Some(by_rule) = rule_in(db).await? else { return Ok(None) };
    let sql = format!("{SELECT} WHERE ended_at IS NULL AND mode = $1");
    // Of whatever kind it is: it keeps no emergency from leaving.
    let holds = one::<Row, _>(db, &sql, values![mode.name()])
        .await?
        .map(|row| Disaster::parse(&row.disaster).unwrap_or(Disaster::Other));
    let program = match in_force_in(db).await {
        Err(Error::Inconsistent(what)) => {
            tracing::error!(what, "menus: what is prepared for a disaster cannot be read");
            None
        }
        read => read?,
    };
    let prepared: Vec<Disaster> =
        program.iter().flat_map(|p| &p.emergencies).map(|e| e.disaster).collect();
    Ok((!prepared.is_empty()).then_some(Switches { mode, by_rule, prepared, holds }))
}

/// A delivery begins, in its transaction: what was chosen with it, or what the city has set, is
/// declared in the name of whoever sent it. A correction declares nothing: whether the emergency
/// goes on, people say.
pub(crate) async fn delivery_begins<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: &Delivery,
) -> Result<()> {
    if delivery.corrects.is_some() {
        return Ok(());
    }
    let to = delivery.switch_to;
    let switches = switches_in(db, delivery.purpose).await?;
    let Some(switch) = switches.and_then(|s| s.switch(to)) else { return Ok(()) };
    let ctx = ctx.acting(sender(db, delivery).await?);
    begin(&ctx, db, switch.disaster, switch.mode).await?;
    let why = match to {
        SwitchTo::Rule => "配信を始めたときの、市の決まりです",
        SwitchTo::Stay | SwitchTo::Disaster(_) => "配信を書いた人が選びました",
    };
    happen(db, delivery.id, ctx.now(), &switch.done(), why).await
}

/// Who let a delivery go, as the ledger has it; a series, who began it.
async fn sender<C: ConnectionTrait>(db: &C, delivery: &Delivery) -> Result<Actor> {
    #[derive(FromQueryResult)]
    struct Let {
        actor: String,
    }
    #[derive(FromQueryResult)]
    struct Person {
        department_id: i64,
        role: String,
    }
    let object = format!("delivery:{}", delivery.series.unwrap_or(delivery.id));
    let sql = "SELECT actor FROM ledger WHERE object = $1 AND act IN ('delivery.send', 'delivery.release', 'recurring.begin') ORDER BY id DESC LIMIT 1";
    let last: Option<Let> = one(db, sql, values![object]).await?;
    let actor = last.map(|l| l.actor).unwrap_or_default();
    let (kind, id) = actor.split_once(':').unwrap_or_default();
    let Ok(id) = id.parse::<i64>() else { return Ok(Actor::System) };
    if kind == "token" {
        return Ok(Actor::Token { id: TokenId(id), permissions: Vec::new() });
    }
    let sql = "SELECT department_id, role FROM staff WHERE id = $1";
    let person: Option<Person> = one(db, sql, values![id]).await?;
    let staff = person.filter(|_| kind == "staff").and_then(|p| {
        let role = Role::parse(&p.role)?;
        Some(Actor::Staff { id: StaffId(id), department: DepartmentId(p.department_id), role })
    });
    Ok(staff.unwrap_or(Actor::System))
}
