//! Rich menus for tests.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};
use serde_json::{Value, json};

use super::Line;

pub const CREATE: &str = "/v2/bot/richmenu";
pub const ALIAS: &str = "/v2/bot/richmenu/alias";
pub const BULK_LINK: &str = "/v2/bot/richmenu/bulk/link";
pub const BULK_UNLINK: &str = "/v2/bot/richmenu/bulk/unlink";
pub const BATCH: &str = "/v2/bot/richmenu/batch";
pub const DEFAULT: &str = "/v2/bot/user/all/richmenu";

/// A menu of the smallest width with areas side by side.
pub fn menu(name: &str, actions: &[Value]) -> Value {
    let width = 800 / actions.len().max(1);
    let areas = actions.iter().enumerate().map(|(n, action)| {
        json!({"bounds": {"x": n * width, "y": 0, "width": width, "height": 540}, "action": action})
    });
    json!({
        "size": {"width": 800, "height": 540}, "selected": true, "name": name,
        "chatBarText": "メニュー", "areas": areas.collect::<Value>(),
    })
}

pub fn plain(name: &str) -> Value {
    menu(name, &[json!({"type": "message", "text": name, "label": name})])
}

pub fn picture(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::new(width, height).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn content(id: &str) -> String {
    format!("{CREATE}/{id}/content")
}

/// Makes a menu without a picture.
pub async fn bare(line: &Line, menu: Value) -> String {
    line.post(CREATE, menu).await.ok()["richMenuId"].as_str().unwrap().to_owned()
}

/// Makes a menu with a picture.
pub async fn make(line: &Line, menu: Value) -> String {
    let id = bare(line, menu).await;
    let bytes = picture(ImageFormat::Png, 800, 540);
    line.upload(&content(&id), "image/png", bytes).await.ok();
    id
}

/// The id of somebody's own menu as LINE tells it.
pub async fn of(line: &Line, user: line::UserId) -> Option<String> {
    let answer = line.get(&format!("/v2/bot/user/{user}/richmenu")).await;
    match answer.status {
        404 => None,
        _ => Some(answer.ok()["richMenuId"].as_str().unwrap().to_owned()),
    }
}

/// What a resident sees.
pub async fn seen(line: &Line, user: line::UserId) -> Value {
    line.get(&format!("/_sandbox/residents/{user}/menu")).await.ok()["seen"].clone()
}
