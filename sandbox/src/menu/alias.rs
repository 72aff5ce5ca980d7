//! Aliases.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use line::validate::is_rich_menu_alias;
use line::{Detail, text};
use serde_json::{Map, Value, json};

use super::{invalid_id, is_id};
use crate::fail::Refusal;
use crate::send::read_object;
use crate::shared::Shared;
use crate::world::{MenuNo, MenuRecord, Menus, Record, World};

/// A menu named in the body: it must be there and have its picture.
fn target(menus: &Menus, body: &Map<String, Value>) -> Result<MenuNo, Refusal> {
    let id = body.get("richMenuId").and_then(Value::as_str).filter(|id| is_id(id));
    let id = id.ok_or_else(|| invalid_id("richMenuId"))?;
    let menu = menus.find(id).filter(|no| menus.get(*no).is_some_and(|m| m.picture.is_some()));
    // LINE has the same words for both.
    menu.ok_or_else(|| Refusal::bare(StatusCode::BAD_REQUEST, "richmenu not found"))
}

fn no_alias() -> Refusal {
    Refusal::bare(StatusCode::NOT_FOUND, "richmenu alias not found")
}

/// An alias named in the path.
fn in_path(menus: &Menus, alias: &str) -> Result<MenuNo, Refusal> {
    if !is_rich_menu_alias(alias) {
        return Err(Refusal::bad("The value for the 'richMenuAliasId' parameter is invalid"));
    }
    menus.aliases.get(alias).copied().ok_or_else(no_alias)
}

fn lead(world: &mut World, alias: &str, menu: Option<MenuNo>) -> Result<Json<Value>, Refusal> {
    world.commit(Record::Menu(MenuRecord::Alias { alias: alias.to_owned(), menu }))?;
    Ok(Json(json!({})))
}

/// `POST /v2/bot/richmenu/alias`.
pub async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let body = read_object(&headers, &body)?;
    let alias = body.get("richMenuAliasId").and_then(Value::as_str).unwrap_or_default();
    if !is_rich_menu_alias(alias) {
        return Err(Refusal::details(&[Detail {
            message: "Must match [a-z0-9_-]{1,32}".into(),
            property: "richMenuAliasId".into(),
        }]));
    }
    let mut world = shared.world();
    let menu = target(&world.menus, &body)?;
    if world.menus.aliases.contains_key(alias) {
        return Err(Refusal::bare(StatusCode::BAD_REQUEST, "conflict richmenu alias id"));
    }
    if world.menus.aliases.len() >= text::RICH_MENU_ALIASES {
        return Err(Refusal::bad("The maximum number of rich menu aliases has been reached"));
    }
    lead(&mut world, alias, Some(menu))
}

/// `POST /v2/bot/richmenu/alias/{richMenuAliasId}`.
pub async fn update(
    State(shared): State<Arc<Shared>>,
    Path(alias): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let body = read_object(&headers, &body)?;
    let mut world = shared.world();
    in_path(&world.menus, &alias)?;
    let menu = target(&world.menus, &body)?;
    lead(&mut world, &alias, Some(menu))
}

/// `DELETE /v2/bot/richmenu/alias/{richMenuAliasId}`.
pub async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(alias): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let mut world = shared.world();
    in_path(&world.menus, &alias)?;
    lead(&mut world, &alias, None)
}

fn told(menus: &Menus, alias: &str, menu: MenuNo) -> Value {
    json!({"richMenuAliasId": alias, "richMenuId": menus.id(menu)})
}

/// `GET /v2/bot/richmenu/alias/{richMenuAliasId}`.
pub async fn show(
    State(shared): State<Arc<Shared>>,
    Path(alias): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let world = shared.world();
    let menu = in_path(&world.menus, &alias)?;
    Ok(Json(told(&world.menus, &alias, menu)))
}

/// `GET /v2/bot/richmenu/alias/list`.
pub async fn list(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let menus = &shared.world().menus;
    let aliases: Vec<Value> =
        menus.aliases.iter().map(|(alias, menu)| told(menus, alias, *menu)).collect();
    Json(json!({"aliases": aliases}))
}
