//! Attributes and their choices (RES-1).

use crate::db::{exec, list as id_list, number, one, rows};
use crate::ledger::{self, Line};
use crate::menu;
use crate::{Context, Error, Result, values};
use domain::attribute::{Attribute, Catalog, Choice, Group, Kind, groups};
use domain::audience::{Audience, Resolved};
use domain::id::{AttributeId, ChoiceId};
use domain::message::{Part, variable};
use domain::permission::Permission;
use domain::steps::{Anchor, Content};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeSet;

pub use domain::attribute::Uses;

#[derive(FromQueryResult)]
struct AttributeRow {
    id: i64,
    key: String,
    label: String,
    kind: String,
    hint: String,
    required: bool,
    personal: bool,
    hidden: bool,
}

#[derive(FromQueryResult)]
struct ChoiceRow {
    id: i64,
    attribute_id: i64,
    key: String,
    label: String,
    parent: Option<String>,
    hidden: bool,
}

/// All attributes with their choices, in order. Needs no permission: the
/// registration page shows them to everybody.
///
/// # Errors
/// If the database is away.
pub async fn catalog(ctx: &Context) -> Result<Catalog> {
    catalog_in(ctx.store.read(), ctx.now()).await
}

pub(crate) async fn catalog_in<C: ConnectionTrait>(db: &C, now: Timestamp) -> Result<Catalog> {
    let sql = "SELECT id, key, label, kind, hint, required, personal, hidden FROM attribute ORDER BY sort, id";
    let mut attributes = Vec::new();
    for r in rows::<AttributeRow, _>(db, sql, vec![]).await? {
        attributes.push(Attribute {
            id: AttributeId(r.id),
            key: r.key,
            label: r.label,
            kind: Kind::parse(&r.kind).ok_or(Error::Inconsistent("attribute.kind"))?,
            hint: r.hint,
            required: r.required,
            personal: r.personal,
            hidden: r.hidden,
            choices: Vec::new(),
        });
    }
    let sql = "SELECT id, attribute_id, key, label, parent, hidden FROM choice ORDER BY sort, id";
    for r in rows::<ChoiceRow, _>(db, sql, vec![]).await? {
        if let Some(a) = attributes.iter_mut().find(|a| a.id.0 == r.attribute_id) {
            a.choices.push(Choice {
                id: ChoiceId(r.id),
                key: r.key,
                label: r.label,
                parent: r.parent,
                hidden: r.hidden,
            });
        }
    }
    Ok(Catalog { attributes, today: now.date(), ..Catalog::default() })
}

/// Adds an attribute at the end.
///
/// # Errors
/// `Invalid`; `Conflict` if the key exists; `Forbidden`.
pub async fn create(ctx: &Context, attribute: Attribute) -> Result<AttributeId> {
    ctx.allow(Permission::AttributeWrite)?;
    let attribute = attribute.validate()?;
    let tx = ctx.store.begin().await?;
    let exists = number(
        &tx,
        "SELECT COUNT(*) AS n FROM attribute WHERE key = $1",
        values![attribute.key.clone()],
    )
    .await?
        > 0;
    if exists {
        return Err(Error::Conflict(format!(
            "キー「{}」の登録項目は、もうあります",
            attribute.key
        )));
    }
    let sql = "INSERT INTO attribute (key, label, kind, hint, required, personal, hidden, sort, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT COALESCE(MAX(sort), 0) + 1 FROM attribute), $8) RETURNING id AS n";
    let values = values![
        attribute.key.clone(),
        attribute.label.trim(),
        attribute.kind.name(),
        attribute.hint.trim(),
        attribute.required,
        attribute.personal,
        attribute.hidden,
        ctx.now().0
    ];
    let id = match number(&tx, sql, values).await {
        Err(e) if e.is_unique_violation() => {
            return Err(Error::Conflict(format!(
                "キー「{}」の登録項目は、もうあります",
                attribute.key
            )));
        }
        other => AttributeId(other?),
    };
    write_choices(&tx, id, &attribute.choices).await?;
    ledger::append(ctx, &tx, Line::ok("attribute.create", format!("attribute:{id}"))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes everything but key and kind. Choices that are missing are deleted
/// with what residents registered for them.
///
/// # Errors
/// `NotFound`, `Invalid`, `Forbidden`.
pub async fn update(ctx: &Context, id: AttributeId, attribute: Attribute) -> Result<()> {
    change(ctx, id, None, attribute).await
}

/// The same, but only while it is still as it was `seen`: a choice that a colleague
/// added meanwhile is not deleted with its answers.
///
/// # Errors
/// `Conflict` if it was changed meanwhile; `NotFound`, `Invalid`, `Forbidden`.
pub async fn update_seen(
    ctx: &Context,
    id: AttributeId,
    seen: &Attribute,
    attribute: Attribute,
) -> Result<()> {
    change(ctx, id, Some(seen), attribute).await
}

async fn change(
    ctx: &Context,
    id: AttributeId,
    seen: Option<&Attribute>,
    attribute: Attribute,
) -> Result<()> {
    ctx.allow(Permission::AttributeWrite)?;
    let attribute = attribute.validate()?;
    let tx = ctx.store.begin().await?;
    let former = catalog_in(&tx, ctx.now())
        .await?
        .attributes
        .into_iter()
        .find(|a| a.id == id)
        .ok_or(Error::NotFound)?;
    if seen.is_some_and(|seen| *seen != former) {
        return Err(Error::Conflict(format!(
            "ほかの職員が先に「{}」を変えました。書いた内容はこの画面に残っています",
            former.label
        )));
    }
    if former.key != attribute.key || former.kind != attribute.kind {
        return Err(Error::invalid(
            "/key",
            "キーと答え方は、作ったあとで変えられません。新しい項目を作ってください",
        ));
    }
    let sql = "UPDATE attribute SET label = $1, hint = $2, required = $3, personal = $4, hidden = $5, updated_at = $6 WHERE id = $7";
    let values = values![
        attribute.label.trim(),
        attribute.hint.trim(),
        attribute.required,
        attribute.personal,
        attribute.hidden,
        ctx.now().0,
        id.0
    ];
    exec(&tx, sql, values).await?;
    let gone: Vec<i64> = former
        .choices
        .iter()
        .filter(|c| attribute.choice(&c.key).is_none())
        .map(|c| c.id.0)
        .collect();
    delete_choices(ctx, &tx, &gone).await?;
    write_choices(&tx, id, &attribute.choices).await?;
    ledger::append(ctx, &tx, Line::ok("attribute.update", format!("attribute:{id}"))).await?;
    Ok(tx.commit().await?)
}

async fn write_choices<C: ConnectionTrait>(
    db: &C,
    id: AttributeId,
    choices: &[Choice],
) -> Result<()> {
    let sql = "INSERT INTO choice (attribute_id, key, label, parent, hidden, sort) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (attribute_id, key) DO UPDATE SET label = excluded.label, parent = excluded.parent, hidden = excluded.hidden, sort = excluded.sort";
    for (i, c) in choices.iter().enumerate() {
        exec(
            db,
            sql,
            values![id.0, c.key.clone(), c.label.trim(), c.parent.clone(), c.hidden, i as i64],
        )
        .await?;
    }
    Ok(())
}

async fn delete_choices<C: ConnectionTrait>(ctx: &Context, db: &C, ids: &[i64]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids = id_list(ids.iter().copied());
    let sql = format!(
        "UPDATE resident SET changed_at = $1 WHERE id IN (SELECT resident_id FROM fact WHERE choice_id IN ({ids}))"
    );
    exec(db, &sql, values![ctx.now().0]).await?;
    exec(db, &format!("DELETE FROM fact WHERE choice_id IN ({ids})"), vec![]).await?;
    exec(db, &format!("DELETE FROM choice WHERE id IN ({ids})"), vec![]).await?;
    Ok(())
}

/// Deletes an attribute with all that residents registered for it.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` while something uses it (see [`uses`]).
pub async fn delete(ctx: &Context, id: AttributeId) -> Result<()> {
    ctx.allow(Permission::AttributeWrite)?;
    let used = uses(ctx, id).await?;
    if let Some(first) = used.by.first() {
        return Err(Error::Conflict(format!(
            "「{first}」で使っています。そちらを直すか、この項目を隠してください"
        )));
    }
    let tx = ctx.store.begin().await?;
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let choices: Vec<Id> =
        rows(&tx, "SELECT id FROM choice WHERE attribute_id = $1", values![id.0]).await?;
    delete_choices(ctx, &tx, &choices.iter().map(|c| c.id).collect::<Vec<_>>()).await?;
    let sql = "UPDATE resident SET changed_at = $1 WHERE id IN (SELECT resident_id FROM fact_value WHERE attribute_id = $2)";
    exec(&tx, sql, values![ctx.now().0, id.0]).await?;
    exec(&tx, "DELETE FROM fact_value WHERE attribute_id = $1", values![id.0]).await?;
    if exec(&tx, "DELETE FROM attribute WHERE id = $1", values![id.0]).await? == 0 {
        return Err(Error::NotFound);
    }
    ledger::append(ctx, &tx, Line::ok("attribute.delete", format!("attribute:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// What uses an attribute.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn uses(ctx: &Context, id: AttributeId) -> Result<Uses> {
    ctx.allow(Permission::AttributeRead)?;
    let db = ctx.store.read();
    #[derive(FromQueryResult)]
    struct Key {
        key: String,
    }
    #[derive(FromQueryResult)]
    struct Named {
        name: String,
        expression: String,
    }
    let key = one::<Key, _>(db, "SELECT key FROM attribute WHERE id = $1", values![id.0])
        .await?
        .ok_or(Error::NotFound)?
        .key;
    let sql = "SELECT name, expression FROM audience
        UNION ALL SELECT title AS name, audience AS expression FROM delivery WHERE audience IS NOT NULL AND status IN ('draft', 'awaiting_approval', 'scheduled', 'held')";
    let named = rows::<Named, _>(db, sql, vec![]).await?;
    let read = |n: Named| Some((n.name, serde_json::from_str::<Audience>(&n.expression).ok()?));
    let asked: Vec<(String, Audience)> = named.into_iter().filter_map(read).collect();
    // A menu's draft and what is in force are one place; of deliveries each is one.
    let menus = menu::asked(ctx).await?.into_iter().map(|asked| (asked, true));
    let asked = asked.into_iter().map(|asked| (asked, false)).chain(menus);
    let (mut by, mut choices_by) = (Vec::new(), Vec::new());
    for ((name, audience), menu) in asked {
        let used: Vec<String> =
            audience.uses().into_iter().filter(|(k, _)| *k == key).map(|(_, c)| c).collect();
        if !used.is_empty() {
            let choices = used.into_iter().filter(|choice| !choice.is_empty());
            choices_by.extend(choices.map(|choice| (choice, name.clone())));
            if !(menu && by.contains(&name)) {
                by.push(name);
            }
        }
    }
    let sql = "SELECT title AS name, parts AS expression FROM delivery WHERE status IN ('draft', 'awaiting_approval', 'scheduled', 'held')";
    for named in rows::<Named, _>(db, sql, vec![]).await? {
        let parts: Vec<Part> = serde_json::from_str(&named.expression).unwrap_or_default();
        if variable::keys(&parts).contains(&key) && !by.contains(&named.name) {
            by.push(named.name);
        }
    }
    // Courses: the day that they count from, whom they are for, and what is filled in.
    let sql = "SELECT name, written AS expression FROM course WHERE state <> 'ended'
        UNION ALL SELECT name, in_force AS expression FROM course WHERE state <> 'ended' AND in_force IS NOT NULL";
    for named in rows::<Named, _>(db, sql, vec![]).await? {
        let Ok(content) = serde_json::from_str::<Content>(&named.expression) else { continue };
        let audience = content.audience.iter().flat_map(Audience::uses);
        let used: Vec<_> = audience.filter(|(k, _)| *k == key).collect();
        let filled = content.steps.iter().any(|s| variable::keys(&s.whole()).contains(&key));
        if used.is_empty() && !filled && content.anchor != Anchor::Date(key.clone()) {
            continue;
        }
        let choices = used.into_iter().map(|(_, choice)| choice).filter(|c| !c.is_empty());
        choices_by.extend(choices.map(|choice| (choice, named.name.clone())));
        if !by.contains(&named.name) {
            by.push(named.name);
        }
    }
    let choices = choice_ids(ctx, id).await?;
    let state = ctx.store.bitmaps().fresh(ctx).await?;
    let chose = |c: &ChoiceId| (*c, state.chose([c]).len() as i64);
    Ok(Uses {
        by,
        choices_by,
        residents: (state.chose(&choices) | state.answered(id)).len() as i64,
        choices: choices.iter().map(chose).filter(|(_, n)| *n > 0).collect(),
    })
}

/// The choices of an attribute.
async fn choice_ids(ctx: &Context, of: AttributeId) -> Result<BTreeSet<ChoiceId>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let sql = "SELECT id FROM choice WHERE attribute_id = $1";
    let found: Vec<Row> = rows(ctx.store.read(), sql, values![of.0]).await?;
    Ok(found.into_iter().map(|r| ChoiceId(r.id)).collect())
}

/// How many friends answered each attribute that anybody answered.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn answered(ctx: &Context) -> Result<Vec<(AttributeId, i64)>> {
    ctx.allow(Permission::AttributeRead)?;
    let catalog = catalog(ctx).await?;
    let state = ctx.store.bitmaps().fresh(ctx).await?;
    let count = |a: &Attribute| state.select(&Resolved::answered(a)).len() as i64;
    let counted = catalog.attributes.iter().map(|a| (a.id, count(a)));
    Ok(counted.filter(|(_, n)| *n > 0).collect())
}

/// How many friends stand in each group of the attributes whose answers are years or dates.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn grouped(ctx: &Context) -> Result<Vec<(AttributeId, Vec<(Group, i64)>)>> {
    ctx.allow(Permission::AttributeRead)?;
    let catalog = catalog(ctx).await?;
    let state = ctx.store.bitmaps().fresh(ctx).await?;
    let count = |a: &Attribute, g: &Group| {
        let within = Resolved::Number { attribute: a.id, from: g.from, to: g.to };
        state.select(&within).len() as i64
    };
    let of = |a: &Attribute| -> Vec<(Group, i64)> {
        groups(a.kind, catalog.today).into_iter().map(|g| (g.clone(), count(a, &g))).collect()
    };
    Ok(catalog
        .attributes
        .iter()
        .filter(|a| !groups(a.kind, catalog.today).is_empty())
        .map(|a| (a.id, of(a)))
        .collect())
}

/// Moves an attribute up (negative) or down by that many places.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn move_by(ctx: &Context, id: AttributeId, step: i64) -> Result<()> {
    ctx.allow(Permission::AttributeWrite)?;
    let tx = ctx.store.begin().await?;
    let mut order: Vec<AttributeId> =
        catalog_in(&tx, ctx.now()).await?.attributes.iter().map(|a| a.id).collect();
    let from = order.iter().position(|a| *a == id).ok_or(Error::NotFound)?;
    let to = (from as i64 + step).clamp(0, order.len() as i64 - 1) as usize;
    let moved = order.remove(from);
    order.insert(to, moved);
    for (i, a) in order.iter().enumerate() {
        exec(&tx, "UPDATE attribute SET sort = $1 WHERE id = $2", values![i as i64, a.0]).await?;
    }
    ledger::append(ctx, &tx, Line::ok("attribute.update", format!("attribute:{id}"))).await?;
    Ok(tx.commit().await?)
}
