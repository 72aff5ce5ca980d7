//! Who has which menu: the default, links of one, links of many.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use line::{Detail, UserId, text};
use serde_json::{Map, Value, json};

use super::{in_path, invalid_id, is_id, no_picture};
use crate::fail::Refusal;
use crate::gate::Ids;
use crate::send::read_object;
use crate::shared::Shared;
use crate::world::{Friend, MenuNo, MenuRecord, Record, ResidentNo, World};

/// A menu in the path that can be shown.
fn showable(world: &World, id: &str) -> Result<MenuNo, Refusal> {
    let menu = in_path(&world.menus, id)?;
    let has_picture = world.menus.get(menu).is_some_and(|menu| menu.picture.is_some());
    if has_picture { Ok(menu) } else { Err(no_picture()) }
}

fn user(id: &str) -> Result<UserId, Refusal> {
    id.parse().map_err(|_| Refusal::bad("The value for the 'userId' parameter is invalid"))
}

/// `POST /v2/bot/user/all/richmenu/{richMenuId}`.
pub async fn set_default(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let at = shared.now();
    let mut world = shared.world();
    let menu = Some(showable(&world, &id)?);
    world.commit(Record::Menu(MenuRecord::Default { at, menu }))?;
    Ok(Json(json!({})))
}

/// `GET /v2/bot/user/all/richmenu`.
pub async fn default(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Refusal> {
    let world = shared.world();
    let menu = world.menus.default_menu();
    let menu = menu.ok_or_else(|| Refusal::bare(StatusCode::NOT_FOUND, "no default richmenu"))?;
    Ok(Json(json!({"richMenuId": world.menus.id(menu)})))
}

/// `DELETE /v2/bot/user/all/richmenu`.
pub async fn clear_default(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Refusal> {
    let at = shared.now();
    shared.world().commit(Record::Menu(MenuRecord::Default { at, menu: None }))?;
    Ok(Json(json!({})))
}

/// `GET /v2/bot/user/{userId}/richmenu`.
pub async fn of_user(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let id = user(&id)?;
    let now = shared.now();
    let mut world = shared.world();
    world.settle_menus(now);
    let friend = |who: &ResidentNo| world.residents[*who as usize].friend == Friend::Friend;
    let menu = world.find(id).filter(friend).and_then(|who| world.menus.linked(who));
    let none = || Refusal::bare(StatusCode::NOT_FOUND, "the user has no richmenu");
    Ok(Json(json!({"richMenuId": world.menus.id(menu.ok_or_else(none)?)})))
}

/// Links one at once; 200 also where nothing comes of it.
fn change(shared: &Shared, id: UserId, menu: Option<&str>) -> Result<Json<Value>, Refusal> {
    let at = shared.now();
    let mut world = shared.world();
    let menu = menu.map(|menu| showable(&world, menu)).transpose()?;
    if let Some(who) = world.find(id) {
        world.commit(Record::Menu(MenuRecord::Link { at, who, menu }))?;
    }
    Ok(Json(json!({})))
}

/// `POST /v2/bot/user/{userId}/richmenu/{richMenuId}`.
pub async fn link(
    State(shared): State<Arc<Shared>>,
    Path((id, menu)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    change(&shared, user(&id)?, Some(&menu))
}

/// `DELETE /v2/bot/user/{userId}/richmenu`.
pub async fn unlink(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    change(&shared, user(&id)?, None)
}

/// The ids of a bulk call; the first that is none refuses it.
fn users(body: &Map<String, Value>) -> Result<Vec<UserId>, Refusal> {
    let wrong = |message: &str| {
        Refusal::details(&[Detail { message: message.into(), property: "userIds".into() }])
    };
    let Some(Value::Array(list)) = body.get("userIds") else {
        return Err(wrong("must be specified"));
    };
    if !(1..=text::RICH_MENU_BULK).contains(&list.len()) {
        return Err(wrong("Size must be between 1 and 500"));
    }
    let each = list.iter().enumerate().map(|(n, id)| {
        id.as_str().unwrap_or_default().parse().map_err(|_| {
            Refusal::bad(&format!(
                "The property, 'userIds[{n}]', in the request body is invalid (line: -, column: -)"
            ))
        })
    });
    each.collect()
}

/// Accepts a bulk call, to be applied a moment later.
fn accept(
    shared: &Shared,
    users: &[UserId],
    menu: impl FnOnce(&World) -> Result<Option<MenuNo>, Refusal>,
) -> Result<Response, Refusal> {
    let at = shared.now();
    let mut world = shared.world();
    let menu = menu(&world)?;
    let lost = world.faults.menu_lost_links;
    let who = users.iter().filter_map(|user| world.find(*user));
    let who: Vec<ResidentNo> = who.filter(|_| !shared.strikes(lost)).collect();
    let due = world.menus.due(at, world.faults.menu_delay_ms);
    world.commit(Record::Menu(MenuRecord::Bulk { at, due, who, menu }))?;
    let mut response = (StatusCode::ACCEPTED, Json(json!({}))).into_response();
    response.extensions_mut().insert(Ids(u32::try_from(users.len()).unwrap_or(u32::MAX)));
    Ok(response)
}

/// `POST /v2/bot/richmenu/bulk/link`.
pub async fn bulk_link(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = read_object(&headers, &body)?;
    let users = users(&body)?;
    let id = body.get("richMenuId").and_then(Value::as_str).filter(|id| is_id(id));
    let id = id.ok_or_else(|| invalid_id("richMenuId"))?;
    accept(&shared, &users, |world| {
        if world.menus.find(id).is_none() {
            return Err(Refusal::bare(StatusCode::NOT_FOUND, "richmenu not found"));
        }
        showable(world, id).map(Some)
    })
}

/// `POST /v2/bot/richmenu/bulk/unlink`.
pub async fn bulk_unlink(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = read_object(&headers, &body)?;
    accept(&shared, &users(&body)?, |_| Ok(None))
}
