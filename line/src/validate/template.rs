//! Template and imagemap messages.

use serde_json::Value;

use super::action::{self, Place};
use super::{Check, EMPTY, Need, Unit};
use crate::text;

pub(super) fn alt_text(check: &mut Check, message: &Value, at: &str) {
    let max = text::ALT_TEXT;
    check.text(message, at, "altText", Need::Required, Unit::Utf16, max);
}

pub(super) fn template(check: &mut Check, message: &Value, at: &str) {
    alt_text(check, message, at);
    let Some(template) = check.object(message, at, "template", Need::Required) else {
        return;
    };
    let at = format!("{at}.template");
    match template.get("type").and_then(Value::as_str) {
        Some("buttons") => {
            words(check, template, &at, text::BUTTONS_TEXT);
            default_action(check, template, &at);
            actions(check, template, &at, 1, text::BUTTONS_ACTIONS);
        }
        Some("confirm") => {
            let max = text::CONFIRM_TEXT;
            check.text(template, &at, "text", Need::Required, Unit::Grapheme, max);
            actions(check, template, &at, 2, 2);
        }
        Some("carousel") => carousel(check, template, &at),
        Some("image_carousel") => {
            for (i, column) in
                check.list(template, &at, "columns", 1, text::COLUMNS).iter().enumerate()
            {
                let at = format!("{at}.columns[{i}]");
                check.https(column, &at, "imageUrl", Need::Required);
                match column.get("action") {
                    Some(action) => {
                        let at = format!("{at}.action");
                        action::action(check, action, &at, Place::ImageCarousel);
                    }
                    None => check.fail(&format!("{at}.action"), EMPTY),
                }
            }
        }
        _ => check
            .one_of(&format!("{at}.type"), &["buttons", "confirm", "carousel", "image_carousel"]),
    }
}

fn carousel(check: &mut Check, template: &Value, at: &str) {
    let columns = check.list(template, at, "columns", 1, text::COLUMNS);
    let mut counts = Vec::new();
    for (i, column) in columns.iter().enumerate() {
        let at = format!("{at}.columns[{i}]");
        words(check, column, &at, text::COLUMN_TEXT);
        default_action(check, column, &at);
        counts.push(actions(check, column, &at, 1, text::COLUMN_ACTIONS));
    }
    if counts.windows(2).any(|pair| pair[0] != pair[1]) {
        check.fail(
            &format!("{at}.columns"),
            "The number of actions must be the same in every column",
        );
    }
}

/// Image, title and text of a buttons template or a column.
fn words(check: &mut Check, object: &Value, at: &str, max_alone: usize) {
    check.https(object, at, "thumbnailImageUrl", Need::Optional);
    let max = text::TEMPLATE_TITLE;
    check.text(object, at, "title", Need::Optional, Unit::Grapheme, max);
    let given = |key: &str| object.get(key).and_then(Value::as_str).is_some();
    let max = if given("thumbnailImageUrl") || given("title") {
        text::TEXT_BESIDE_IMAGE
    } else {
        max_alone
    };
    check.text(object, at, "text", Need::Required, Unit::Grapheme, max);
}

/// What a tap beside the buttons does; it shows no label.
fn default_action(check: &mut Check, object: &Value, at: &str) {
    if let Some(action) = check.object(object, at, "defaultAction", Need::Optional) {
        let at = format!("{at}.defaultAction");
        action::action(check, action, &at, Place::FlexOther);
    }
}

fn actions(check: &mut Check, object: &Value, at: &str, min: usize, max: usize) -> usize {
    let actions = check.list(object, at, "actions", min, max);
    for (i, action) in actions.iter().enumerate() {
        action::action(check, action, &format!("{at}.actions[{i}]"), Place::Template);
    }
    actions.len()
}

pub(super) fn imagemap(check: &mut Check, message: &Value, at: &str) {
    check.https(message, at, "baseUrl", Need::Required);
    alt_text(check, message, at);
    if let Some(size) = check.object(message, at, "baseSize", Need::Required) {
        let at = format!("{at}.baseSize");
        check.number(size, &at, "width", 1040.0, 1040.0);
        check.number(size, &at, "height", 1.0, f64::from(u16::MAX));
    }
    if let Some(video) = check.object(message, at, "video", Need::Optional) {
        let at = format!("{at}.video");
        check.https(video, &at, "originalContentUrl", Need::Required);
        check.https(video, &at, "previewImageUrl", Need::Required);
        area(check, video, &at);
    }
    let actions = check.list(message, at, "actions", 0, text::IMAGEMAP_ACTIONS);
    for (i, action) in actions.iter().enumerate() {
        let at = format!("{at}.actions[{i}]");
        let max = text::LABEL_IMAGEMAP;
        check.text(action, &at, "label", Need::Optional, Unit::Utf16, max);
        match action.get("type").and_then(Value::as_str) {
            Some("uri") => {
                let max = text::ACTION_URI;
                let schemes = ["http", "https", "line", "tel"];
                check.uri(action, &at, "linkUri", Need::Required, &schemes, max);
            }
            Some("message") => {
                let max = text::IMAGEMAP_TEXT;
                check.text(action, &at, "text", Need::Required, Unit::Utf16, max);
            }
            Some("clipboard") => action::clipboard(check, action, &at),
            _ => check.one_of(&format!("{at}.type"), &["uri", "message", "clipboard"]),
        }
        area(check, action, &at);
    }
}

/// A rectangle in the imagemap's own pixels.
fn area(check: &mut Check, object: &Value, at: &str) {
    let Some(area) = check.object(object, at, "area", Need::Required) else {
        return;
    };
    let at = format!("{at}.area");
    for key in ["x", "y"] {
        check.number(area, &at, key, 0.0, f64::from(u16::MAX));
    }
    for key in ["width", "height"] {
        check.number(area, &at, key, 1.0, f64::from(u16::MAX));
    }
}
