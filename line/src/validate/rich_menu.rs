//! Rich menus and batches of links.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#rich-menu-structure>

use std::collections::HashSet;

use serde_json::Value;

use super::action::{self, Place};
use super::{Check, Detail, Need, Unit};
use crate::text;

/// LINE's words for a key that is not there.
const MISSING: &str = "must be specified";

/// Everything LINE would refuse in a rich menu object; empty when it is fine.
///
/// An area that reaches beyond the menu is refused: LINE does not say what it does
/// then, so nothing may rest on it.
///
/// <https://developers.line.biz/en/reference/messaging-api/#rich-menu-object>
#[must_use]
pub fn validate_rich_menu(menu: &Value) -> Vec<Detail> {
    let mut check = Check::default();
    let size = size(&mut check, menu.get("size"));
    if !menu.get("selected").is_some_and(Value::is_boolean) {
        let words = if menu.get("selected").is_none() { MISSING } else { "Must be a boolean" };
        check.fail("selected", words);
    }
    words(&mut check, menu, "name", text::RICH_MENU_NAME);
    words(&mut check, menu, "chatBarText", text::RICH_MENU_BAR);
    match menu.get("areas") {
        Some(Value::Array(areas)) => {
            if areas.len() > text::RICH_MENU_AREAS {
                check.size("areas", 0, text::RICH_MENU_AREAS);
            }
            for (i, area) in areas.iter().enumerate() {
                self::area(&mut check, area, &format!("areas[{i}]"), size);
            }
        }
        None | Some(Value::Null) => check.fail("areas", MISSING),
        Some(_) => check.fail("areas", "Must be an array"),
    }
    // LINE has one sentence for both here.
    for detail in &mut check.details {
        if detail.message == "invalid uri scheme" {
            "invalid uri".clone_into(&mut detail.message);
        }
    }
    check.details
}

/// A text at the top, which must be there.
fn words(check: &mut Check, menu: &Value, key: &str, max: usize) {
    match menu.get(key) {
        None | Some(Value::Null) => check.fail(key, MISSING),
        Some(Value::String(words)) if words.is_empty() => check.fail(key, super::EMPTY),
        Some(Value::String(words)) if text::grapheme_len(words) > max => {
            check.fail(key, format!("Length must be between 0 and {max}"));
        }
        Some(Value::String(_)) => {}
        Some(_) => check.fail(key, "Must be a string"),
    }
}

/// A whole number of `min` to `max`.
fn whole(
    check: &mut Check,
    object: &Value,
    at: &str,
    key: &str,
    min: u32,
    max: u32,
) -> Option<u32> {
    let property = format!("{at}.{key}");
    let value = match object.get(key) {
        None | Some(Value::Null) => {
            check.fail(&property, MISSING);
            return None;
        }
        Some(value) => value,
    };
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    let fits = number.filter(|number| (min..=max).contains(number));
    if fits.is_none() {
        check.fail(&property, format!("Must be between {min} and {max}"));
    }
    fits
}

/// LINE's largest number of pixels (2³¹ − 1).
const LARGEST: u32 = i32::MAX as u32;

fn size(check: &mut Check, size: Option<&Value>) -> Option<(u32, u32)> {
    let Some(size) = size.filter(|size| size.is_object()) else {
        check.fail("size", MISSING);
        return None;
    };
    let [least, most, low] =
        [text::RICH_MENU_WIDTH_MIN, text::RICH_MENU_WIDTH_MAX, text::RICH_MENU_HEIGHT_MIN]
            .map(|limit| u32::try_from(limit).unwrap_or(LARGEST));
    let width = whole(check, size, "size", "width", least, most);
    let height = whole(check, size, "size", "height", low, LARGEST);
    let (width, height) = (width?, height?);
    if !is_rich_menu_picture(width, height) {
        check.fail("size", "The aspect ratio (width / height) must be 1.45 or more");
    }
    Some((width, height))
}

/// Whether a picture of so many pixels may become a rich menu: 800 to 2500 wide, at
/// least 250 high, and at least 1.45 times as wide as high.
///
/// <https://developers.line.biz/en/reference/messaging-api/#upload-rich-menu-image-requirements>
#[must_use]
pub fn is_rich_menu_picture(width: u32, height: u32) -> bool {
    let range = text::RICH_MENU_WIDTH_MIN..=text::RICH_MENU_WIDTH_MAX;
    range.contains(&(width as usize))
        && height as usize >= text::RICH_MENU_HEIGHT_MIN
        && u64::from(width) * 100 >= u64::from(height) * 145
}

fn area(check: &mut Check, area: &Value, at: &str, size: Option<(u32, u32)>) {
    match area.get("bounds") {
        Some(bounds) if bounds.is_object() => {
            let at = format!("{at}.bounds");
            let x = whole(check, bounds, &at, "x", 0, LARGEST);
            let y = whole(check, bounds, &at, "y", 0, LARGEST);
            let width = whole(check, bounds, &at, "width", 1, LARGEST);
            let height = whole(check, bounds, &at, "height", 1, LARGEST);
            if let (Some((across, down)), Some(x), Some(y), Some(width), Some(height)) =
                (size, x, y, width, height)
                // Both are below 2³¹, so that the sum fits.
                && (x + width > across || y + height > down)
            {
                check.fail(&at, "Must lie within the size of the rich menu");
            }
        }
        _ => check.fail(&format!("{at}.bounds"), MISSING),
    }
    match area.get("action") {
        None | Some(Value::Null) => check.fail(&format!("{at}.action"), MISSING),
        Some(action) => action::action(check, action, &format!("{at}.action"), Place::RichMenu),
    }
}

/// Whether it can be a rich menu's alias: `[a-z0-9_-]{1,32}`.
///
/// <https://developers.line.biz/en/reference/messaging-api/#create-rich-menu-alias>
#[must_use]
pub fn is_rich_menu_alias(alias: &str) -> bool {
    let fits = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    (1..=text::RICH_MENU_ALIAS).contains(&alias.len()) && alias.bytes().all(fits)
}

/// Whether a batch can be resumed by it: `[0-9a-zA-Z_-]{1,100}`.
///
/// <https://developers.line.biz/en/reference/messaging-api/#batch-control-rich-menus-of-users>
#[must_use]
pub fn is_resume_key(key: &str) -> bool {
    let fits = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
    (1..=text::RICH_MENU_RESUME_KEY).contains(&key.len()) && key.bytes().all(fits)
}

/// Everything LINE would refuse in a batch, but for menus that are not there or have
/// no picture; empty when it is fine.
///
/// <https://developers.line.biz/en/reference/messaging-api/#batch-control-rich-menus-of-users>
#[must_use]
pub fn validate_rich_menu_batch(batch: &Value) -> Vec<Detail> {
    let mut check = Check::default();
    match batch.get("operations") {
        Some(Value::Array(operations)) => {
            if !(1..=text::RICH_MENU_BATCH).contains(&operations.len()) {
                check.size("operations", 1, text::RICH_MENU_BATCH);
            }
            self::operations(&mut check, operations);
        }
        None | Some(Value::Null) => check.fail("operations", MISSING),
        Some(_) => check.fail("operations", "Must be an array"),
    }
    match batch.get("resumeRequestKey") {
        None | Some(Value::Null) => {}
        Some(Value::String(key)) if is_resume_key(key) => {}
        Some(_) => check.fail("resumeRequestKey", "Must match [0-9a-zA-Z\\-_]{1,100}"),
    }
    check.details
}

fn operations(check: &mut Check, operations: &[Value]) {
    let mut from = HashSet::new();
    for (i, operation) in operations.iter().enumerate() {
        let at = format!("operations[{i}]");
        let keys: &[&str] = match operation.get("type").and_then(Value::as_str) {
            Some("link") => &["from", "to"],
            Some("unlink") => &["from"],
            Some("unlinkAll") => &[],
            _ => {
                check.one_of(&format!("{at}.type"), &["link", "unlink", "unlinkAll"]);
                continue;
            }
        };
        for key in keys {
            // LINE gives no limit for ids.
            let id = check.text(operation, &at, key, Need::Required, Unit::Utf16, 100);
            if let Some(id) = id.filter(|_| *key == "from")
                && !from.insert(id)
            {
                let words = format!("from richmenu ({id}) is duplicated");
                check.fail("operations[].from", words);
            }
        }
    }
    let all = |operation: &Value| operation["type"] == "unlinkAll";
    if operations.iter().any(all) && !operations.iter().all(all) {
        check.fail("operations[].type", "'unlinkAll' type can't be combined with other type");
    }
}
