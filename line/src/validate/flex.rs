//! Flex messages: sizes, bubbles, what components need and where they stand.

use serde_json::Value;

use super::action::{self, Place};
use super::template::alt_text;
use super::{Check, EMPTY, Need, Unit};
use crate::text;

pub(super) fn flex(check: &mut Check, message: &Value, at: &str) {
    alt_text(check, message, at);
    let Some(contents) = check.object(message, at, "contents", Need::Required) else {
        return;
    };
    let at = format!("{at}.contents");
    match contents.get("type").and_then(Value::as_str) {
        Some("bubble") => bubble(check, contents, &at),
        Some("carousel") => {
            bytes(check, contents, &at, text::FLEX_CAROUSEL_BYTES);
            let bubbles = check.list(contents, &at, "contents", 1, text::FLEX_BUBBLES);
            for (i, one) in bubbles.iter().enumerate() {
                let at = format!("{at}.contents[{i}]");
                if one.get("type").and_then(Value::as_str) == Some("bubble") {
                    bubble(check, one, &at);
                } else {
                    check.one_of(&format!("{at}.type"), &["bubble"]);
                }
            }
        }
        _ => check.one_of(&format!("{at}.type"), &["bubble", "carousel"]),
    }
}

fn bytes(check: &mut Check, contents: &Value, at: &str, max: usize) {
    if contents.to_string().len() > max {
        check.fail(at, format!("Must be at most {max} bytes of JSON"));
    }
}

fn bubble(check: &mut Check, bubble: &Value, at: &str) {
    bytes(check, bubble, at, text::FLEX_BUBBLE_BYTES);
    let blocks = ["header", "hero", "body", "footer"];
    if blocks.iter().all(|block| bubble.get(block).is_none()) {
        check.fail(at, "At least one block must be specified");
    }
    for block in blocks {
        if let Some(value) = check.object(bubble, at, block, Need::Optional) {
            let allowed: &[&str] = if block == "hero" { &IN_HERO } else { &["box"] };
            component(check, value, &format!("{at}.{block}"), allowed);
        }
    }
    tap(check, bubble, at, Need::Optional, Place::FlexOther);
}

const IN_HERO: [&str; 3] = ["box", "image", "video"];
/// In a horizontal or vertical box.
const IN_BOX: [&str; 6] = ["box", "button", "image", "text", "separator", "filler"];
const IN_BASELINE: [&str; 3] = ["icon", "text", "filler"];

/// A component, which must be one of `allowed` where it stands.
fn component(check: &mut Check, value: &Value, at: &str, allowed: &[&str]) {
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    if !allowed.contains(&kind) {
        check.one_of(&format!("{at}.type"), allowed);
        return;
    }
    match kind {
        "box" => container(check, value, at),
        "text" => {
            let spans = check.list(value, at, "contents", 0, usize::MAX);
            let said = value.get("text").and_then(Value::as_str).unwrap_or_default();
            if said.is_empty() && spans.is_empty() {
                check.fail(&format!("{at}.text"), "must be non-empty text");
            }
            for (i, span) in spans.iter().enumerate() {
                component(check, span, &format!("{at}.contents[{i}]"), &["span"]);
            }
        }
        "image" | "icon" => check.https(value, at, "url", Need::Required),
        "video" => {
            check.https(value, at, "url", Need::Required);
            check.https(value, at, "previewUrl", Need::Required);
            if let Some(alt) = check.object(value, at, "altContent", Need::Required) {
                component(check, alt, &format!("{at}.altContent"), &["box", "image"]);
            }
        }
        "button" => {
            tap(check, value, at, Need::Required, Place::FlexButton);
            return;
        }
        _ => {}
    }
    tap(check, value, at, Need::Optional, Place::FlexOther);
}

fn container(check: &mut Check, value: &Value, at: &str) {
    let allowed: &[&str] = match value.get("layout").and_then(Value::as_str) {
        Some("horizontal" | "vertical") => &IN_BOX,
        Some("baseline") => &IN_BASELINE,
        _ => {
            let layouts = ["horizontal", "vertical", "baseline"];
            check.one_of(&format!("{at}.layout"), &layouts);
            return;
        }
    };
    match value.get("contents") {
        // Unlike other lists this one must be there, but may be empty.
        None | Some(Value::Null) => check.fail(&format!("{at}.contents"), EMPTY),
        Some(_) => {
            let inner = check.list(value, at, "contents", 0, usize::MAX);
            for (i, one) in inner.iter().enumerate() {
                component(check, one, &format!("{at}.contents[{i}]"), allowed);
            }
        }
    }
    if let Some(background) = check.object(value, at, "background", Need::Optional) {
        let at = format!("{at}.background");
        if background.get("type").and_then(Value::as_str) == Some("linearGradient") {
            for key in ["angle", "startColor", "endColor"] {
                check.text(background, &at, key, Need::Required, Unit::Utf16, GRADIENT);
            }
        } else {
            check.one_of(&format!("{at}.type"), &["linearGradient"]);
        }
    }
}

/// An angle or a colour; LINE gives no limit beyond the shape.
const GRADIENT: usize = 100;

fn tap(check: &mut Check, value: &Value, at: &str, need: Need, place: Place) {
    if let Some(action) = check.object(value, at, "action", need) {
        action::action(check, action, &format!("{at}.action"), place);
    }
}
