//! Residents: making them, finding them, their talks and LIFF sessions.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use line::UserId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::{Body, ControlError, friendship};
use crate::liff::{self, LiffSession};
use crate::shared::Shared;
use crate::world::{Call, Friend, NewResident, Record, Resident, ResidentNo, Said, World};

/// Residents that one call makes at most.
const MOST: u32 = 2_000_000;

/// One resident to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// Display name, 1 to 100 characters.
    pub name: String,
    /// User id; a fresh one if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub user_id: Option<UserId>,
    /// BCP 47 tag of the profile.
    #[serde(default)]
    pub language: Option<String>,
    /// Whether the account is added already.
    #[serde(default)]
    pub friend: bool,
}

/// Residents to make: either `count` or `residents`.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewPeople {
    /// How many.
    pub count: Option<u32>,
    /// Names are this and a running number; 住民 if absent.
    pub name_prefix: Option<String>,
    /// Whether the `count` residents have added the account; true if absent.
    pub friends: Option<bool>,
    /// These, one by one.
    pub residents: Vec<NewPerson>,
    /// Whether follow events are sent for those who are friends from the start.
    pub webhook: bool,
}

/// Who was made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Created {
    /// How many.
    pub created: usize,
    /// Their ids, in order.
    #[schema(value_type = Vec<String>)]
    pub user_ids: Vec<UserId>,
}

/// Makes residents.
#[utoipa::path(post, path = "/_sandbox/residents", tag = "residents",
    request_body = NewPeople,
    responses((status = 201, body = Created), (status = 409, description = "A user id exists"), (status = 422)))]
pub async fn create(
    State(shared): State<Arc<Shared>>,
    Body(order): Body<NewPeople>,
) -> Result<(StatusCode, Json<Created>), ControlError> {
    let webhook = order.webhook;
    let created = make(&shared, order)?;
    if webhook {
        let people = {
            let world = shared.world();
            let friends = created.user_ids.iter().filter_map(|id| world.find(*id));
            friends.filter(|no| world.residents[*no as usize].friend == Friend::Friend).collect()
        };
        friendship::send_follows(&shared, people).await;
    }
    Ok((StatusCode::CREATED, Json(created)))
}

/// Makes residents without any webhook.
pub fn make(shared: &Shared, order: NewPeople) -> Result<Created, ControlError> {
    let at = shared.now();
    let seed = shared.random();
    let record = match (order.count, order.residents.is_empty()) {
        (Some(count), true) if (1..=MOST).contains(&count) => Record::Bulk {
            at,
            count,
            prefix: order.name_prefix.unwrap_or_else(|| "住民".into()),
            friends: order.friends.unwrap_or(true),
            seed,
        },
        (None, false) => {
            let residents = order.residents.into_iter();
            let residents =
                residents.map(|person| named(shared, person)).collect::<Result<_, _>>()?;
            Record::Residents { at, residents }
        }
        _ => {
            return Err(ControlError::refused("give either count (1 to 2000000) or residents"));
        }
    };
    let mut world = shared.world();
    if let Record::Residents { residents, .. } = &record {
        let mut new = std::collections::HashSet::new();
        let taken = |p: &&NewResident| world.find(p.id).is_some() || !new.insert(p.id);
        if residents.iter().find(taken).is_some() {
            return Err(ControlError::conflict("a user id exists already"));
        }
    }
    let before = world.residents.len();
    world.commit(record)?;
    let user_ids: Vec<UserId> = world.residents[before..].iter().map(|r| r.id).collect();
    Ok(Created { created: user_ids.len(), user_ids })
}

fn named(shared: &Shared, person: NewPerson) -> Result<NewResident, ControlError> {
    if !(1..=100).contains(&person.name.chars().count()) {
        return Err(ControlError::refused("name: 1 to 100 characters"));
    }
    let mut raw = [0; 16];
    raw[..8].copy_from_slice(&shared.random().to_be_bytes());
    raw[8..].copy_from_slice(&shared.random().to_be_bytes());
    Ok(NewResident {
        id: person.user_id.unwrap_or(UserId::from_bytes(raw)),
        name: person.name,
        language: person.language.or_else(|| Some("ja".into())),
        friend: person.friend,
    })
}

/// A resident.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Person {
    /// User id.
    #[schema(value_type = String)]
    pub user_id: UserId,
    /// Display name.
    pub name: String,
    /// BCP 47 tag of the profile.
    pub language: Option<String>,
    /// Friendship now.
    pub friend: Friend,
    /// First follow (UTC microseconds).
    pub followed_at: Option<i64>,
    /// Calls that reached this person.
    pub received: usize,
    /// Of them, not yet on the screen.
    pub unseen: usize,
}

impl From<&Resident> for Person {
    fn from(resident: &Resident) -> Self {
        Person {
            user_id: resident.id,
            name: resident.name.to_string(),
            language: resident.language.as_deref().map(Into::into),
            friend: resident.friend,
            followed_at: resident.followed_at,
            received: resident.received.len(),
            unseen: resident.received.len() - resident.seen as usize,
        }
    }
}

/// Which residents to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// Part of the name, or a user id.
    search: String,
    /// `next` of the page before.
    cursor: Option<usize>,
    /// 1 to 1,000; 50 if absent.
    limit: Option<usize>,
}

/// A page of residents in the order of their making.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct People {
    /// The page.
    residents: Vec<Person>,
    /// Where the next page begins, if there is one.
    next: Option<usize>,
    /// Residents there are, whatever was searched.
    total: usize,
}

/// Lists residents.
#[utoipa::path(get, path = "/_sandbox/residents", tag = "residents", params(Search),
    responses((status = 200, body = People)))]
pub async fn list(State(shared): State<Arc<Shared>>, Query(search): Query<Search>) -> Json<People> {
    let limit = search.limit.unwrap_or(50).clamp(1, 1_000);
    let wanted: Option<UserId> = search.search.parse().ok();
    let world = shared.world();
    let mut found =
        world.residents.iter().enumerate().skip(search.cursor.unwrap_or(0)).filter(|(_, r)| {
            wanted.map_or_else(|| r.name.contains(&search.search), |id| r.id == id)
        });
    let residents = found.by_ref().take(limit).map(|(_, r)| r.into()).collect();
    Json(People { residents, next: found.next().map(|(at, _)| at), total: world.residents.len() })
}

/// The number behind a user id in the path.
pub fn find(shared: &Shared, id: &str) -> Result<ResidentNo, ControlError> {
    id.parse()
        .ok()
        .and_then(|id| shared.world().find(id))
        .ok_or_else(|| ControlError::not_found("no such resident"))
}

/// One resident.
#[utoipa::path(get, path = "/_sandbox/residents/{user_id}", tag = "residents",
    params(("user_id" = String, Path)), responses((status = 200, body = Person), (status = 404)))]
pub async fn show(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Person>, ControlError> {
    let who = find(&shared, &id)?;
    let world = shared.world();
    Ok(Json((&world.residents[who as usize]).into()))
}

/// Tokens as LIFF would get them, for tests without a browser.
#[utoipa::path(get, path = "/_sandbox/residents/{user_id}/liff-session", tag = "residents",
    params(("user_id" = String, Path)), responses((status = 200, body = LiffSession), (status = 404)))]
pub async fn liff_session(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<LiffSession>, ControlError> {
    let who = find(&shared, &id)?;
    liff::session(&shared, who, None).map(Json).map_err(|error| {
        tracing::error!(%error, "ID token");
        ControlError(StatusCode::INTERNAL_SERVER_ERROR, "no ID token".into())
    })
}

/// Which part of a talk.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Part {
    /// The newest so many; 100 if absent, at most 1,000.
    limit: Option<usize>,
    /// Only what happened before (UTC microseconds).
    before: Option<i64>,
}

/// Who spoke.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum From_ {
    /// The Official Account.
    City,
    /// The resident.
    Resident,
}

/// One entry of a talk.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Entry {
    /// When (UTC microseconds).
    at: i64,
    /// Who.
    from: From_,
    /// `push`, `multicast`, `broadcast`, `reply`; `message`, `postback`, `follow`, `block`, `unblock`.
    kind: String,
    /// Request id of the call.
    request_id: Option<String>,
    /// Aggregation unit of the call.
    unit: Option<String>,
    /// LINE message objects, each with its `id`; empty for follow and block.
    messages: Vec<Value>,
    /// Whether it was on the screen.
    seen: bool,
    /// Whether the phone stayed silent (`notificationDisabled`).
    silent: bool,
    /// Whether the resident took it back.
    unsent: bool,
}

/// A talk.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Talk {
    /// Whose.
    #[schema(value_type = String)]
    user_id: UserId,
    /// Oldest first.
    entries: Vec<Entry>,
}

/// What a resident received and did.
#[utoipa::path(get, path = "/_sandbox/residents/{user_id}/messages", tag = "residents",
    params(("user_id" = String, Path), Part), responses((status = 200, body = Talk), (status = 404)))]
pub async fn talk(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Result<Json<Talk>, ControlError> {
    let who = find(&shared, &id)?;
    let limit = part.limit.unwrap_or(100).clamp(1, 1_000);
    let before = part.before.unwrap_or(i64::MAX);
    let world = shared.world();
    let resident = &world.residents[who as usize];
    let received = resident.received.iter().enumerate().rev();
    let mut entries: Vec<Entry> = received
        .map(|(n, no)| (n, &world.calls[*no as usize]))
        .filter(|(_, call)| call.at < before)
        .take(limit)
        .map(|(n, call)| from_city(call, n < resident.seen as usize))
        .collect();
    let said = world.said.get(&who).map_or(&[][..], |said| said);
    let said = said.iter().rev().filter(|said| said.at < before);
    entries.extend(said.take(limit).map(from_resident));
    // Stable, and both halves were newest first: make it oldest first.
    entries.reverse();
    entries.sort_by_key(|entry| entry.at);
    entries.drain(..entries.len().saturating_sub(limit));
    Ok(Json(Talk { user_id: resident.id, entries }))
}

fn from_city(call: &Call, seen: bool) -> Entry {
    let messages = call.messages.as_array().into_iter().flatten();
    let messages = messages.zip(call.first_message..).map(|(message, id)| {
        let mut message = message.clone();
        message["id"] = json!(id.to_string());
        message
    });
    Entry {
        at: call.at,
        from: From_::City,
        kind: call.kind.name().into(),
        request_id: Some(call.request_id.to_string()),
        unit: call.unit.as_deref().map(Into::into),
        messages: messages.collect(),
        seen,
        silent: call.silent,
        unsent: false,
    }
}

fn from_resident(said: &Said) -> Entry {
    Entry {
        at: said.at,
        from: From_::Resident,
        kind: said.kind.clone(),
        request_id: None,
        unit: None,
        messages: (!said.content.is_null()).then(|| said.content.clone()).into_iter().collect(),
        seen: true,
        silent: false,
        unsent: said.unsent,
    }
}

/// The action behind item `item` of the quick reply under a received message.
pub fn quick_reply(
    world: &World,
    who: ResidentNo,
    message: &str,
    item: usize,
) -> Option<(Value, u32)> {
    let (call, at) = world.sent(message.parse().ok()?)?;
    world.residents[who as usize].received.binary_search(&call).ok()?;
    let message = world.calls[call as usize].messages.get(at)?;
    let action = message.pointer(&format!("/quickReply/items/{item}/action"))?;
    Some((action.clone(), call))
}
