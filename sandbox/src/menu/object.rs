//! Menus themselves and their pictures.

use std::io::Cursor;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use image::{ImageFormat, ImageReader};
use line::validate::is_rich_menu_picture;
use line::{text, validate_rich_menu};
use serde_json::{Map, Value, json};

use super::in_path;
use crate::fail::Refusal;
use crate::send::read_object;
use crate::shared::Shared;
use crate::world::{Menu, MenuNo, MenuRecord, Record};

fn read(headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    let menu = Value::Object(read_object(headers, body)?);
    let details = validate_rich_menu(&menu);
    if details.is_empty() { Ok(menu) } else { Err(Refusal::details(&details)) }
}

/// `POST /v2/bot/richmenu`.
pub async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let menu = read(&headers, &body)?;
    let id = format!("richmenu-{}", shared.random_hex(16));
    let at = shared.now();
    let mut world = shared.world();
    if world.menus.len() >= text::RICH_MENUS {
        return Err(Refusal::bad("The maximum number of rich menus has been reached"));
    }
    world.commit(Record::Menu(MenuRecord::Create { at, id: id.clone(), menu }))?;
    Ok(Json(json!({"richMenuId": id})))
}

/// `POST /v2/bot/richmenu/validate`.
pub async fn validate(headers: HeaderMap, body: Bytes) -> Result<Json<Value>, Refusal> {
    read(&headers, &body)?;
    Ok(Json(json!({})))
}

/// The object as it was made, with its id.
fn made(menu: &Menu) -> Value {
    let mut fields = Map::from_iter([("richMenuId".to_owned(), json!(&*menu.id))]);
    fields.extend(menu.object.as_object().cloned().unwrap_or_default());
    Value::Object(fields)
}

/// `GET /v2/bot/richmenu/list`.
pub async fn list(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let world = shared.world();
    let menus: Vec<Value> = world.menus.all().map(|(_, menu)| made(menu)).collect();
    Json(json!({"richmenus": menus}))
}

/// `GET /v2/bot/richmenu/{richMenuId}`.
pub async fn show(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let world = shared.world();
    let menu = in_path(&world.menus, &id)?;
    world.menus.get(menu).map(|menu| Json(made(menu))).ok_or_else(Refusal::not_found)
}

/// `DELETE /v2/bot/richmenu/{richMenuId}`. Links and the default end with their menu;
/// an alias stays and leads nowhere, for which LINE has a word (`RICHMENU_NOTFOUND`).
pub async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let at = shared.now();
    let mut world = shared.world();
    let menu = in_path(&world.menus, &id)?;
    world.commit(Record::Menu(MenuRecord::Delete { at, menu }))?;
    let folder = world.photos();
    drop(world);
    match folder {
        // What cannot be deleted is only never read again.
        Some(folder) => drop(std::fs::remove_file(folder.join(file(menu)))),
        None => drop(shared.volatile().menu_pictures.remove(&menu)),
    }
    Ok(Json(json!({})))
}

fn file(menu: MenuNo) -> String {
    format!("menu-{menu}")
}

/// LINE's words for every picture that does not fit.
fn does_not_fit() -> Refusal {
    Refusal::bad("The image size is not allowed for richmenu")
}

/// `POST /v2/bot/richmenu/{richMenuId}/content`. LINE does not say what it does with a
/// picture of another size than the menu's, so it is refused.
pub async fn upload(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let (mime, format) = match kind.unwrap_or_default() {
        "image/jpeg" => ("image/jpeg", ImageFormat::Jpeg),
        "image/png" => ("image/png", ImageFormat::Png),
        other => {
            let words = format!("The content type, '{other}', is not supported");
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, &words));
        }
    };
    let measured = measure(&body, format);
    // Held until the picture is written down: there is only one.
    let mut world = shared.world();
    let no = in_path(&world.menus, &id)?;
    let menu = world.menus.get(no).ok_or_else(Refusal::not_found)?;
    if menu.picture.is_some() {
        return Err(Refusal::bad("An image has already been uploaded to the richmenu"));
    }
    let size = &menu.object["size"];
    let fits = measured.is_some_and(|(width, height)| {
        is_rich_menu_picture(width, height) && size["width"] == width && size["height"] == height
    });
    if !fits {
        return Err(does_not_fit());
    }
    match world.photos() {
        Some(folder) => {
            std::fs::create_dir_all(&folder)?;
            std::fs::write(folder.join(file(no)), &body)?;
        }
        None => drop(shared.volatile().menu_pictures.insert(no, body)),
    }
    world.commit(Record::Menu(MenuRecord::Picture { menu: no, mime: mime.to_owned() }))?;
    Ok(Json(json!({})))
}

/// Pixels of a picture that is what it says and not too large.
fn measure(body: &[u8], format: ImageFormat) -> Option<(u32, u32)> {
    if body.is_empty() || body.len() > text::RICH_MENU_PICTURE_BYTES {
        return None;
    }
    let reader = ImageReader::new(Cursor::new(body)).with_guessed_format().ok()?;
    if reader.format() != Some(format) {
        return None;
    }
    reader.into_dimensions().ok()
}

/// `GET /v2/bot/richmenu/{richMenuId}/content`.
pub async fn download(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let (mime, picture) = read_picture(&shared, &id).ok_or_else(Refusal::not_found)?;
    Ok(([(header::CONTENT_TYPE, mime)], picture).into_response())
}

/// A menu's picture and its media type.
pub fn read_picture(shared: &Shared, id: &str) -> Option<(String, Bytes)> {
    let world = shared.world();
    let no = world.menus.find(id)?;
    let mime = world.menus.get(no)?.picture.as_deref()?.to_owned();
    let folder = world.photos();
    drop(world);
    let picture = match folder {
        Some(folder) => std::fs::read(folder.join(file(no))).ok().map(Bytes::from)?,
        None => shared.volatile().menu_pictures.get(&no).cloned()?,
    };
    Some((mime, picture))
}
