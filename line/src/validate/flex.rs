//! Flex messages: sizes, bubbles, actions and addresses.

use serde_json::Value;

use super::action::{self, Place};
use super::template::alt_text;
use super::{Check, EMPTY, Need};
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
        if let Some(block_value) = check.object(bubble, at, block, Need::Optional) {
            component(check, block_value, &format!("{at}.{block}"));
        }
    }
    tap(check, bubble, at, Place::FlexOther);
}

fn component(check: &mut Check, value: &Value, at: &str) {
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "" => check.fail(&format!("{at}.type"), EMPTY),
        "text" => {
            let said = value.get("text").and_then(Value::as_str).unwrap_or_default();
            if said.is_empty() && value.get("contents").is_none() {
                check.fail(&format!("{at}.text"), "must be non-empty text");
            }
        }
        "image" | "icon" => check.https(value, at, "url", Need::Required),
        "video" => {
            check.https(value, at, "url", Need::Required);
            check.https(value, at, "previewUrl", Need::Required);
        }
        "button" if value.get("action").is_none() => {
            check.fail(&format!("{at}.action"), EMPTY);
        }
        _ => {}
    }
    let place = if kind == "button" { Place::FlexButton } else { Place::FlexOther };
    tap(check, value, at, place);
    if let Some(Value::Array(inner)) = value.get("contents") {
        for (i, one) in inner.iter().enumerate() {
            component(check, one, &format!("{at}.contents[{i}]"));
        }
    }
}

fn tap(check: &mut Check, value: &Value, at: &str, place: Place) {
    if let Some(action) = value.get("action") {
        action::action(check, action, &format!("{at}.action"), place);
    }
}
