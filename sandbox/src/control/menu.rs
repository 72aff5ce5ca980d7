//! Rich menus as phones have them: what a resident sees, showing it, tapping it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::acts::{Act, Acted, Postback, note, send_postback};
use super::people::find;
use super::{Body, ControlError, tap};
use crate::menu::read_picture;
use crate::shared::Shared;
use crate::world::{Friend, MenuNo, MenuRecord, Record, ResidentNo, World};

/// Whose menu it is that a resident sees.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Linked to this resident.
    User,
    /// Everybody's who has no own one.
    Default,
}

/// A menu on a phone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OnPhone {
    /// Its id.
    rich_menu_id: String,
    /// Whose it is.
    source: Source,
    /// LINE's rich menu object.
    #[schema(value_type = Object)]
    menu: Value,
    /// Path of its picture on this server.
    picture: String,
}

/// What a resident sees below the talk.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Seen {
    /// Nothing without a menu, and for who is no friend.
    seen: Option<OnPhone>,
}

fn picture_path(id: &str) -> String {
    format!("/_sandbox/menus/{id}/picture")
}

/// The rich menu that a resident sees: the own one before the default.
#[utoipa::path(get, path = "/_sandbox/residents/{user_id}/menu", tag = "menus",
    params(("user_id" = String, Path)), responses((status = 200, body = Seen), (status = 404)))]
pub async fn seen(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Seen>, ControlError> {
    let who = find(&shared, &id)?;
    let now = shared.now();
    let mut world = shared.world();
    world.settle_menus(now);
    let seen = world.menu_of(who).and_then(|(no, own)| {
        let menu = world.menus.get(no)?;
        Some(OnPhone {
            rich_menu_id: menu.id.to_string(),
            source: if own { Source::User } else { Source::Default },
            menu: Value::clone(&menu.object),
            picture: picture_path(&menu.id),
        })
    });
    Ok(Json(Seen { seen }))
}

/// A menu's picture as it was uploaded.
#[utoipa::path(get, path = "/_sandbox/menus/{rich_menu_id}/picture", tag = "menus",
    params(("rich_menu_id" = String, Path)), responses((status = 200), (status = 404)))]
pub async fn picture(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Response, ControlError> {
    let (mime, bytes) = read_picture(&shared, &id)
        .ok_or_else(|| ControlError::not_found("no such menu, or without a picture"))?;
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CACHE_CONTROL, "max-age=86400, immutable".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// The menu that a phone has on its screen; the one it should have where none is named.
fn on_screen(
    world: &mut World,
    who: ResidentNo,
    named: Option<&str>,
    now: i64,
) -> Result<MenuNo, ControlError> {
    world.settle_menus(now);
    if world.residents[who as usize].friend != Friend::Friend {
        return Err(ControlError::conflict("has not added the account"));
    }
    let menu = match named {
        Some(id) => world.menus.find(id),
        None => world.menu_of(who).map(|(menu, _)| menu),
    };
    menu.ok_or_else(|| ControlError::conflict("there is no such menu any more"))
}

/// A menu that was shown.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct Show {
    /// Which; the resident's if absent.
    rich_menu_id: Option<String>,
}

/// A phone shows a menu: it stands open on the screen. Counts an impression.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/menu/show", tag = "menus",
    params(("user_id" = String, Path)), request_body = Show,
    responses((status = 200, body = Act), (status = 409)))]
pub async fn show(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Body(show): Body<Show>,
) -> Acted {
    let who = find(&shared, &id)?;
    let at = shared.now();
    let mut world = shared.world();
    let menu = on_screen(&mut world, who, show.rich_menu_id.as_deref(), at)?;
    world.commit(Record::Menu(MenuRecord::Shown { at, who, menu }))?;
    Ok(Json(Act::default()))
}

/// A tap on a menu.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct MenuTap {
    /// Which area, from 0.
    area: usize,
    /// On which menu; the resident's if absent. A phone may still show an older one.
    #[serde(default)]
    rich_menu_id: Option<String>,
    /// What a date picker chose: `{date | time | datetime}`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    params: Option<Value>,
}

/// Taps an area: does what its action says, and counts it.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/menu/tap", tag = "menus",
    params(("user_id" = String, Path)), request_body = MenuTap,
    responses((status = 200, body = Act), (status = 404), (status = 409), (status = 422)))]
pub async fn tap_area(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Body(tapped): Body<MenuTap>,
) -> Acted {
    let who = find(&shared, &id)?;
    let at = shared.now();
    let action = {
        let mut world = shared.world();
        let menu = on_screen(&mut world, who, tapped.rich_menu_id.as_deref(), at)?;
        let area = world.menus.get(menu).and_then(|menu| menu.areas().get(tapped.area));
        let action = area.map(|area| area["action"].clone());
        let action = action.ok_or_else(|| ControlError::not_found("no such area"))?;
        if action["type"] == "datetimepicker" && tapped.params.is_none() {
            return Err(ControlError::refused("params: what the date picker chose"));
        }
        let area = u32::try_from(tapped.area).unwrap_or(u32::MAX);
        world.commit(Record::Menu(MenuRecord::Tapped { at, who, menu, area }))?;
        action
    };
    note(&shared, "menu-tap");
    match action["type"].as_str() {
        Some("richmenuswitch") => switch(&shared, who, &action).await,
        // No message carried it, so that no message's clicks rise.
        Some("uri") => {
            let open = action["uri"].as_str().map(str::to_owned);
            Ok(Json(Act { open, ..Act::default() }))
        }
        _ => tap::perform(&shared, who, action, None, tapped.params).await,
    }
}

/// Switches to the menu behind an alias at once, and tells the application what came of it.
///
/// <https://developers.line.biz/en/reference/messaging-api/#postback-params-object-for-richmenu-switch-action>
async fn switch(shared: &Arc<Shared>, who: ResidentNo, action: &Value) -> Acted {
    let text = |name: &str| action[name].as_str().unwrap_or_default();
    let alias = text("richMenuAliasId");
    let at = shared.now();
    let params = {
        let mut world = shared.world();
        match world.menus.aliases.get(alias).copied() {
            None => json!({"status": "RICHMENU_ALIAS_ID_NOTFOUND"}),
            Some(menu) if world.menus.get(menu).is_none() => json!({"status": "RICHMENU_NOTFOUND"}),
            Some(menu) => {
                let menu = Some(menu);
                world.commit(Record::Menu(MenuRecord::Link { at, who, menu }))?;
                json!({"newRichMenuAliasId": alias, "status": "SUCCESS"})
            }
        }
    };
    let data = text("data").to_owned();
    let postback = Postback { data, params: Some(params), display_text: None };
    send_postback(shared, who, postback).await
}
