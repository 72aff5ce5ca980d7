//! Registration by the resident: on LIFF as a whole, in the talk one question at a time (RES-2, RES-3).

use super::{remember, value};
use crate::attribute::catalog_in;
use crate::db::{exec, lock, one, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::attribute::{Catalog, Value};
use domain::form::{AS_LINE, Answers, LANGUAGE, RECEPTION};
use domain::id::{AttributeId, ChoiceId, ResidentId};
use domain::language::Language;
use domain::permission::Actor;
use domain::resident::{PAUSE, Reception};
use domain::time::{HOUR, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;

/// What a resident has registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// When they last sent it; nothing if never.
    pub registered_at: Option<Timestamp>,
    /// Their answers in the registration form's shape.
    pub answers: Answers,
}

fn own(ctx: &Context) -> Result<ResidentId> {
    match ctx.actor {
        Actor::Resident(id) => Ok(id),
        _ => Err(Error::NotFound),
    }
}

#[derive(FromQueryResult)]
struct State {
    registered_at: Option<i64>,
    reception: String,
    paused_until: Option<i64>,
    language: Option<String>,
}

#[derive(FromQueryResult)]
struct Chosen {
    attribute_id: i64,
    choice_id: i64,
}

async fn chosen<C: ConnectionTrait>(
    db: &C,
    id: ResidentId,
) -> Result<BTreeMap<i64, Vec<ChoiceId>>> {
    let mut by: BTreeMap<i64, Vec<ChoiceId>> = BTreeMap::new();
    let sql = "SELECT attribute_id, choice_id FROM fact WHERE resident_id = $1 ORDER BY choice_id";
    for c in rows::<Chosen, _>(db, sql, values![id.0]).await? {
        by.entry(c.attribute_id).or_default().push(ChoiceId(c.choice_id));
    }
    Ok(by)
}

/// What a resident answered where there are no choices.
async fn said<C: ConnectionTrait>(db: &C, id: ResidentId) -> Result<BTreeMap<i64, Value>> {
    let found = value::read(db, "v.resident_id = $1", values![id.0]).await?;
    Ok(found.into_iter().map(|(_, attribute, value)| (attribute.0, value)).collect())
}

async fn state<C: ConnectionTrait>(db: &C, id: ResidentId) -> Result<State> {
    one(
        db,
        "SELECT registered_at, reception, paused_until, language FROM resident WHERE id = $1",
        values![id.0],
    )
    .await?
    .ok_or(Error::NotFound)
}

/// A pause that is over is 「すべて受け取る」 again.
pub(crate) fn reception(name: &str, paused_until: Option<i64>, now: Timestamp) -> Reception {
    match Reception::parse(name).unwrap_or_default() {
        Reception::Paused if paused_until.is_some_and(|t| t <= now.0) => Reception::All,
        other => other,
    }
}

/// The language that somebody chose themselves.
pub(crate) fn language(name: Option<&str>) -> Option<Language> {
    name.and_then(Language::parse)
}

/// The actor's own registration.
///
/// # Errors
/// `NotFound` unless the actor is a resident.
pub async fn registration(ctx: &Context) -> Result<Registration> {
    let id = own(ctx)?;
    let db = ctx.store.read();
    let catalog = catalog_in(db, ctx.now()).await?;
    let state = state(db, id).await?;
    let mut answers: Answers = chosen(db, id)
        .await?
        .into_iter()
        .filter_map(|(attribute, choices)| {
            let a = catalog.attributes.iter().find(|a| a.id.0 == attribute)?;
            Some((
                a.key.clone(),
                choices
                    .iter()
                    .filter_map(|id| a.choices.iter().find(|c| c.id == *id))
                    .map(|c| c.key.clone())
                    .collect(),
            ))
        })
        .collect();
    for (attribute, value) in said(db, id).await? {
        if let Some(a) = catalog.by_id(AttributeId(attribute)) {
            answers.insert(a.key.clone(), vec![value.plain()]);
        }
    }
    answers.insert(
        RECEPTION.into(),
        vec![reception(&state.reception, state.paused_until, ctx.now()).name().into()],
    );
    let language = language(state.language.as_deref()).map_or(AS_LINE, Language::name);
    answers.insert(LANGUAGE.into(), vec![language.into()]);
    Ok(Registration { registered_at: state.registered_at.map(Timestamp), answers })
}

/// Replaces the actor's own registration by answers that the form has accepted.
/// Attributes that the form does not ask stay.
///
/// # Errors
/// `NotFound` unless the actor is a resident; `Conflict` if a choice was deleted meanwhile.
pub async fn register(ctx: &Context, answers: &Answers) -> Result<()> {
    let id = own(ctx)?;
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    alone(ctx, &tx, id).await?;
    let catalog = catalog_in(&tx, now).await?;
    let former = chosen(&tx, id).await?;
    let former_values = said(&tx, id).await?;
    let state = state(&tx, id).await?;
    let mut changes = Vec::new();
    for (key, keys) in answers {
        let Some(attribute) = catalog.get(key) else { continue };
        if !attribute.kind.has_choices() {
            let before = former_values.get(&attribute.id.0);
            let now = match keys.first() {
                None => None,
                Some(plain) => {
                    let read = Value::read(attribute.kind, plain, catalog.today);
                    Some(read.map_err(|why| {
                        Error::invalid(key, format!("「{}」{why}", attribute.label))
                    })?)
                }
            };
            if before != now.as_ref() {
                changes.push(format!(
                    "{}：{} → {}",
                    attribute.label,
                    before.map_or_else(|| "未登録".into(), Value::words),
                    now.as_ref().map_or_else(|| "未登録".into(), Value::words)
                ));
                value::replace(&tx, id, attribute.id, now).await?;
            }
            continue;
        }
        let mut ids = Vec::new();
        for k in keys {
            let gone = || {
                Error::Conflict(format!(
                    "「{}」の選択肢が新しくなりました。もう一度選んでください",
                    attribute.label
                ))
            };
            ids.push(attribute.choice(k).ok_or_else(gone)?.id);
        }
        ids.sort_unstable();
        let before = former.get(&attribute.id.0).cloned().unwrap_or_default();
        if before != ids {
            replace(&tx, id, attribute.id, &ids).await?;
            changes.push(format!(
                "{}：{} → {}",
                attribute.label,
                names(&catalog, &before),
                names(&catalog, &ids)
            ));
        }
    }
    let wish = answers
        .get(RECEPTION)
        .and_then(|a| a.first())
        .and_then(|n| Reception::parse(n))
        .unwrap_or_default();
    let before = reception(&state.reception, state.paused_until, now);
    let until = match (wish, before) {
        (Reception::Paused, Reception::Paused) => state.paused_until,
        (Reception::Paused, _) => Some(now.plus(PAUSE).0),
        _ => None,
    };
    if wish != before {
        changes.push(format!("届く回数：{} → {}", before.label(), wish.label()));
    }
    let former = language(state.language.as_deref());
    // Whoever was not asked, or did not answer, reads as before.
    let own = answers.get(LANGUAGE).and_then(|a| a.first()).map_or(former, |n| Language::parse(n));
    if own != former {
        let words = |l: Option<Language>| l.map_or("LINEの設定と同じ", Language::japanese);
        changes.push(format!("ことば：{} → {}", words(former), words(own)));
    }
    let sql = "UPDATE resident SET reception = $1, paused_until = $2, registered_at = $3, first_registered_at = COALESCE(first_registered_at, registered_at, $3), changed_at = $3, language = $5 WHERE id = $4";
    let own = own.map(|l| l.name().to_owned());
    exec(&tx, sql, values![wish.name(), until, now.0, id.0, own]).await?;
    let kind = if state.registered_at.is_none() { "register" } else { "change" };
    remember(ctx, &tx, id, now, kind, &changes.join("\n")).await?;
    ledger::append(ctx, &tx, Line::ok("resident.register", format!("resident:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// Sets one attribute of a resident, from the talk. `toggle` adds or removes the
/// choice (several allowed), else it replaces.
///
/// # Errors
/// `NotFound` if the choice is not the attribute's.
pub async fn set_attribute(
    ctx: &Context,
    id: ResidentId,
    attribute: &str,
    choice: &str,
    toggle: bool,
) -> Result<Vec<ChoiceId>> {
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    alone(ctx, &tx, id).await?;
    let catalog = catalog_in(&tx, now).await?;
    let attribute = catalog.get(attribute).ok_or(Error::NotFound)?;
    let choice = attribute.choice(choice).ok_or(Error::NotFound)?.id;
    let before = chosen(&tx, id).await?.remove(&attribute.id.0).unwrap_or_default();
    let mut ids = if toggle { before.clone() } else { Vec::new() };
    match ids.iter().position(|c| *c == choice) {
        Some(at) if toggle => drop(ids.remove(at)),
        _ => ids.push(choice),
    }
    ids.sort_unstable();
    if ids != before {
        replace(&tx, id, attribute.id, &ids).await?;
        exec(&tx, "UPDATE resident SET changed_at = $1 WHERE id = $2", values![now.0, id.0])
            .await?;
        let change = format!(
            "{}：{} → {}",
            attribute.label,
            names(&catalog, &before),
            names(&catalog, &ids)
        );
        remember(ctx, &tx, id, now, "talk", &change).await?;
    }
    tx.commit().await?;
    Ok(ids)
}

/// Two changes of one resident at the same time come one after the other.
async fn alone<C: ConnectionTrait>(ctx: &Context, db: &C, id: ResidentId) -> Result<()> {
    lock(ctx, db, "resident", id.0).await
}

async fn replace<C: ConnectionTrait>(
    db: &C,
    id: ResidentId,
    attribute: AttributeId,
    choices: &[ChoiceId],
) -> Result<()> {
    exec(
        db,
        "DELETE FROM fact WHERE resident_id = $1 AND attribute_id = $2",
        values![id.0, attribute.0],
    )
    .await?;
    for c in choices {
        exec(
            db,
            "INSERT INTO fact (choice_id, resident_id, attribute_id) VALUES ($1, $2, $3)",
            values![c.0, id.0, attribute.0],
        )
        .await?;
    }
    Ok(())
}

fn names(catalog: &Catalog, ids: &[ChoiceId]) -> String {
    let names: Vec<&str> = ids
        .iter()
        .filter_map(|id| catalog.attributes.iter().flat_map(|a| &a.choices).find(|c| c.id == *id))
        .map(|c| c.label.as_str())
        .collect();
    if names.is_empty() { "未登録".into() } else { names.join("・") }
}

/// How long a LIFF session lasts, in microseconds.
const SESSION: i64 = 12 * HOUR;

/// Opens a session for a resident; answers the secret for the cookie.
///
/// # Errors
/// If the database is away.
pub async fn session(ctx: &Context, id: ResidentId) -> Result<String> {
    let secret: String = hex::encode(ctx.random::<32>());
    let hash = ctx.store.keys().hash("resident_session", secret.as_bytes());
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    exec(
        &tx,
        "DELETE FROM resident_session WHERE resident_id = $1 AND expires_at < $2",
        values![id.0, now.0],
    )
    .await?;
    let sql = "INSERT INTO resident_session (token_hash, resident_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    exec(&tx, sql, values![hash, id.0, now.0, now.plus(SESSION).0]).await?;
    tx.commit().await?;
    Ok(secret)
}

/// The resident of a session.
///
/// # Errors
/// If the database is away.
pub async fn session_resident(ctx: &Context, secret: &str) -> Result<Option<ResidentId>> {
    #[derive(FromQueryResult)]
    struct Session {
        resident_id: i64,
    }
    let hash = ctx.store.keys().hash("resident_session", secret.as_bytes());
    let sql = "SELECT resident_id FROM resident_session WHERE token_hash = $1 AND expires_at > $2";
    let row: Option<Session> = one(ctx.store.read(), sql, values![hash, ctx.now().0]).await?;
    Ok(row.map(|r| ResidentId(r.resident_id)))
}
