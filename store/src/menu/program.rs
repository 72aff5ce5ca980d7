//! The program: which menu when and for whom.

use super::{change, changed, json, read, staff, trial};
use crate::db::{exec, one, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, setting, values};
use domain::attribute::Catalog;
use domain::audience::Audience;
use domain::id::MenuId;
use domain::menu::program::{Rule, Trigger};
use domain::menu::{KeptProgram, Menu, Mode, Program};
use domain::permission::Permission;
use domain::problem::Problem;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;

/// Counts every change of what is published or declared.
const EPOCH: &str = "menu.epoch";

/// What is published or declared has changed, in the transaction that changes it.
pub(super) async fn moved<C: ConnectionTrait>(db: &C) -> Result<()> {
    let sql = "INSERT INTO setting (key, value) VALUES ($1, '1') ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(setting.value AS BIGINT) + 1 AS TEXT)";
    exec(db, sql, values![EPOCH]).await?;
    Ok(())
}

/// A number that changes whenever what is published or declared does.
///
/// # Errors
/// If the database is away.
pub async fn epoch(ctx: &Context) -> Result<i64> {
    let value = setting::get(ctx, EPOCH).await?;
    Ok(value.and_then(|v| v.parse().ok()).unwrap_or(0))
}

#[derive(FromQueryResult)]
struct Row {
    draft: String,
    version: i64,
    published: Option<String>,
    published_at: Option<i64>,
    published_by: Option<String>,
}

async fn row<C: ConnectionTrait>(db: &C) -> Result<Option<Row>> {
    let sql = "SELECT p.draft, p.version, p.published, p.published_at, s.name AS published_by FROM menu_program p LEFT JOIN staff s ON s.id = p.published_by WHERE p.id = 1";
    one(db, sql, vec![]).await
}

/// The program.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn program(ctx: &Context) -> Result<KeptProgram> {
    ctx.allow(Permission::MenuRead)?;
    let mut kept = KeptProgram {
        may_write: ctx.allow(Permission::MenuPublish).is_ok(),
        may_publish: ctx.allow(Permission::MenuPublish).is_ok(),
        ..KeptProgram::default()
    };
    let db = ctx.store.read();
    kept.testers = trial::testers(db).await?;
    let Some(row) = row(db).await? else { return Ok(kept) };
    kept.trial = trial::told(ctx, db).await?;
    kept.version = row.version;
    kept.changed = row.published.as_ref() != Some(&row.draft);
    kept.draft = Some(read(&row.draft, "menu_program.draft")?);
    kept.published =
        row.published.as_deref().map(|p| read(p, "menu_program.published")).transpose()?;
    kept.published_at = row.published_at.map(Timestamp);
    kept.published_by = row.published_by.unwrap_or_default();
    Ok(kept)
}

/// The published program.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn program_in_force(ctx: &Context) -> Result<Option<Program>> {
    ctx.allow(Permission::MenuRead)?;
    in_force_in(ctx.store.read()).await
}

pub(super) async fn in_force_in<C: ConnectionTrait>(db: &C) -> Result<Option<Program>> {
    let published = row(db).await?.and_then(|r| r.published);
    published.map(|p| read(&p, "menu_program.published")).transpose()
}

/// What menus ask of residents, each with its name among others' uses: for whom they are, in
/// emergencies too, and what they register to set off a rule; as it is written, as it is in
/// force and as testers try it.
pub(crate) async fn asked(ctx: &Context) -> Result<Vec<(String, Audience)>> {
    let db = ctx.store.read();
    let Some(row) = row(db).await? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for json in [Some(row.draft), row.published].into_iter().flatten() {
        for asked in asked_by(read(&json, "menu_program")?) {
            if !all.contains(&asked) {
                all.push(asked);
            }
        }
    }
    // What stands neither on the page nor in force is told as what it is.
    let tried = trial::tried(ctx, db).await?.map(asked_by).unwrap_or_default();
    let tried = tried.into_iter().filter(|asked| !all.contains(asked));
    let tried: Vec<_> =
        tried.map(|(name, audience)| (format!("{name}（試験者の確認）"), audience)).collect();
    all.extend(tried);
    Ok(all)
}

fn asked_by(program: Program) -> Vec<(String, Audience)> {
    let prepared = program.emergencies.into_iter().flat_map(|e| {
        let place = format!("緊急メニュー（{}）の出し分け", e.disaster.label());
        e.variants.into_iter().map(move |v| (format!("{place}：{}", v.name), v.audience))
    });
    let variants = program.variants.into_iter();
    let variants = variants.map(|v| (format!("メニューの出し分け：{}", v.name), v.audience));
    let rules = program.rules.into_iter().filter_map(|rule| match rule.when {
        Trigger::Registered { attribute, is } => Some((
            format!("メニューの切りかえの決まり：{}", rule.name),
            Audience::Attribute { key: attribute, is },
        )),
        Trigger::Said(_) | Trigger::Postback(_) => None,
    });
    variants.chain(prepared).chain(rules).collect()
}

/// Whether a menu is prepared for a disaster, by the published program or by its draft: then
/// drills show it, too.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn drilled(ctx: &Context, menu: MenuId) -> Result<bool> {
    ctx.allow(Permission::MenuRead)?;
    let Some(row) = row(ctx.store.read()).await? else { return Ok(false) };
    for json in [Some(row.draft), row.published].into_iter().flatten() {
        if read::<Program>(&json, "menu_program")?.drills(menu) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Saves the draft of the program; answers its new version. `seen` is 0 where there is none.
///
/// # Errors
/// `Forbidden`; `Invalid` where residents could not be offered all that they may choose;
/// `Conflict` if it was saved since.
pub async fn save_program(ctx: &Context, seen: i64, program: &Program) -> Result<i64> {
    ctx.allow(Permission::MenuPublish)?;
    if let Some(problem) = program.choices_problem() {
        return Err(Error::Invalid(vec![problem]));
    }
    let (document, staff, now) = (json(program)?, staff(ctx).map(|s| s.0), ctx.now().0);
    let tx = ctx.store.begin().await?;
    let sql = if seen == 0 {
        "INSERT INTO menu_program (id, draft, version, updated_by, updated_at) VALUES (1, $1, $4 + 1, $2, $3) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE menu_program SET draft = $1, updated_by = $2, updated_at = $3, version = version + 1 WHERE id = 1 AND version = $4"
    };
    if exec(&tx, sql, values![document, staff, now, seen]).await? == 0 {
        return Err(changed());
    }
    ledger::append(ctx, &tx, Line::ok("menu.program", "menu:program")).await?;
    tx.commit().await?;
    Ok(seen + 1)
}

/// Publishes the draft of version `seen`; its trial is over.
///
/// # Errors
/// `Forbidden`; `Invalid` with what is wrong with it; `Conflict` if it was saved since, or
/// names a menu that is not published.
pub async fn publish_program(ctx: &Context, seen: i64, catalog: &Catalog) -> Result<()> {
    publish_program_with(ctx, seen, catalog, &[]).await
}

/// The same, and before it these menus, each with the version of its draft: all of it or nothing.
///
/// # Errors
/// As [`super::publish`] with the name of the menu, and as [`publish_program`].
pub async fn publish_program_with(
    ctx: &Context,
    seen: i64,
    catalog: &Catalog,
    menus: &[(MenuId, i64)],
) -> Result<()> {
    ctx.allow(Permission::MenuPublish)?;
    let mut ready = Vec::with_capacity(menus.len());
    for (id, version) in menus {
        let name = super::row(ctx.store.read(), *id).await?.name;
        let row = change::ready(ctx, *id).await.map_err(|error| refused(&name, error))?;
        ready.push((row, *version));
    }
    let tx = ctx.store.begin().await?;
    for (row, version) in &ready {
        let put = change::put_in_force(ctx, &tx, row, *version).await;
        put.map_err(|error| refused(&row.name, error))?;
    }
    let program = sound(&tx, seen, catalog).await?;
    let former = in_force_in(&tx).await?;
    let sql = "UPDATE menu_program SET published = draft, published_at = $1, published_by = $2 WHERE id = 1 AND version = $3";
    if exec(&tx, sql, values![ctx.now().0, staff(ctx).map(|s| s.0), seen]).await? == 0 {
        return Err(changed());
    }
    // The trial first, as where somebody sets off a rule, so that neither waits for the other.
    trial::over(&tx).await?;
    keep_rules(&tx, former.as_ref(), &program).await?;
    moved(&tx).await?;
    ledger::append(ctx, &tx, Line::ok("menu.program_publish", "menu:program")).await?;
    Ok(tx.commit().await?)
}

/// The same error, where it has words with the name of the menu that it is about.
pub fn refused(name: &str, error: Error) -> Error {
    let of = |words: String| format!("メニュー「{name}」：{words}");
    match error {
        Error::Invalid(problems) => Error::Invalid(
            problems.into_iter().map(|p| Problem::new(p.at, of(p.message))).collect(),
        ),
        Error::Conflict(words) => Error::Conflict(of(words)),
        other => other,
    }
}

/// What a rule did ends where the rule is gone, or waits for something else now: its number may be
/// given to another one, which nobody has set off.
async fn keep_rules<C: ConnectionTrait>(
    db: &C,
    former: Option<&Program>,
    program: &Program,
) -> Result<()> {
    let before = former.map(|p| &p.rules[..]).unwrap_or_default();
    let same = |rule: &&Rule| before.iter().any(|b| b.key == rule.key && b.when == rule.when);
    // No rule has the number -1, and the list is never empty.
    let mut kept = vec!["-1".to_owned()];
    kept.extend(program.rules.iter().filter(same).map(|rule| rule.key.to_string()));
    let sql = format!(
        "UPDATE menu_standing SET rule = NULL, rule_at = NULL WHERE rule IS NOT NULL AND rule NOT IN ({})",
        kept.join(",")
    );
    exec(db, &sql, vec![]).await?;
    Ok(())
}

/// The draft of version `seen`, if it can be shown to anybody.
pub(super) async fn sound<C: ConnectionTrait>(
    db: &C,
    seen: i64,
    catalog: &Catalog,
) -> Result<Program> {
    let row = row(db).await?.ok_or(Error::NotFound)?;
    if row.version != seen {
        return Err(changed());
    }
    let program: Program = read(&row.draft, "menu_program.draft")?;
    let Usable { menus, unpublished, unfit } = usable(db, &program).await?;
    let problems = program.problems(&menus, catalog);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if !unpublished.is_empty() {
        return Err(Error::Conflict(format!(
            "まだ公開していないメニューがあります（{}）。先にそのメニューを公開してください",
            unpublished.join("、")
        )));
    }
    if !unfit.is_empty() {
        return Err(Error::Conflict(format!(
            "訓練で出せないメニューが、災害のときの用意にあります（{}）。訓練では【訓練】がつきます。そのメニューをひらいて「直すところ」を直し、公開し直してください",
            unfit.join("、")
        )));
    }
    Ok(program)
}

/// What there is of the menus that a program names.
#[derive(Default)]
struct Usable {
    menus: BTreeMap<MenuId, Menu>,
    /// The names of those not published.
    unpublished: Vec<String>,
    /// The names of those that are prepared for a disaster, and that LINE would not take in a
    /// drill.
    unfit: Vec<String>,
}

async fn usable<C: ConnectionTrait>(db: &C, program: &Program) -> Result<Usable> {
    #[derive(FromQueryResult)]
    struct Found {
        id: i64,
        name: String,
        status: String,
        draft: String,
        published: Option<String>,
    }
    let ids = crate::db::list(program.menus().into_iter().map(|m| m.0));
    let sql = format!(
        "SELECT id, name, status, draft, published FROM menu WHERE id IN ({ids}) AND status <> 'archived' AND trial_of IS NULL"
    );
    let mut all = Usable::default();
    for found in rows::<Found, _>(db, &sql, vec![]).await? {
        let (id, name) = (MenuId(found.id), format!("「{}」", found.name));
        if found.status != "published" {
            all.unpublished.push(name.clone());
        }
        if let Some(published) = found.published.filter(|_| program.drills(id)) {
            let published: Menu = read(&published, "menu.published")?;
            if !published.problems(Mode::Drill).is_empty() {
                all.unfit.push(name);
            }
        }
        all.menus.insert(id, read(&found.draft, "menu.draft")?);
    }
    Ok(all)
}
