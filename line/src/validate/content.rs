//! Messages by type, and what every message may carry.

use serde_json::Value;

use super::action::{self, Place};
use super::{Check, EMPTY, Need, Unit, flex, template};
use crate::text;

const TYPES: [&str; 11] = [
    "text", "textV2", "sticker", "image", "video", "audio", "location", "imagemap", "template",
    "flex", "coupon",
];

/// LINE gives no limit for ids of stickers, emojis and coupons.
const ID: usize = 100;

pub(super) fn message(check: &mut Check, message: &Value, at: &str) {
    if !message.is_object() {
        check.fail(at, "Must be an object");
        return;
    }
    match message.get("type").and_then(Value::as_str) {
        Some("text") => text(check, message, at),
        Some("textV2") => text_v2(check, message, at),
        Some("sticker") => {
            for key in ["packageId", "stickerId"] {
                check.text(message, at, key, Need::Required, Unit::Utf16, ID);
            }
        }
        Some("image") => {
            check.https(message, at, "originalContentUrl", Need::Required);
            check.https(message, at, "previewImageUrl", Need::Required);
        }
        Some("video") => {
            check.https(message, at, "originalContentUrl", Need::Required);
            check.https(message, at, "previewImageUrl", Need::Required);
            check.text(message, at, "trackingId", Need::Optional, Unit::Utf16, text::TRACKING_ID);
        }
        Some("audio") => {
            check.https(message, at, "originalContentUrl", Need::Required);
            check.number(message, at, "duration", 1.0, f64::from(u32::MAX));
        }
        Some("location") => {
            for key in ["title", "address"] {
                check.text(message, at, key, Need::Required, Unit::Utf16, text::LOCATION);
            }
            check.number(message, at, "latitude", -90.0, 90.0);
            check.number(message, at, "longitude", -180.0, 180.0);
        }
        Some("imagemap") => template::imagemap(check, message, at),
        Some("template") => template::template(check, message, at),
        Some("flex") => flex::flex(check, message, at),
        Some("coupon") => {
            check.text(message, at, "couponId", Need::Required, Unit::Utf16, ID);
        }
        _ => check.one_of(&format!("{at}.type"), &TYPES),
    }
    quick_reply(check, message, at);
    sender(check, message, at);
}

fn text(check: &mut Check, message: &Value, at: &str) {
    let words = check.text(message, at, "text", Need::Required, Unit::Utf16, text::TEXT);
    let units: Vec<u16> = words.unwrap_or_default().encode_utf16().collect();
    let emojis = check.list(message, at, "emojis", 0, text::TEXT_EMOJIS);
    for (i, emoji) in emojis.iter().enumerate() {
        let at = format!("{at}.emojis[{i}]");
        for key in ["productId", "emojiId"] {
            check.text(emoji, &at, key, Need::Required, Unit::Utf16, ID);
        }
        let index = emoji.get("index").and_then(Value::as_u64);
        let unit =
            index.and_then(|index| usize::try_from(index).ok()).and_then(|index| units.get(index));
        if unit != Some(&u16::from(b'$')) {
            check.fail(&format!("{at}.index"), "Must be the position of a $");
        }
    }
}

fn text_v2(check: &mut Check, message: &Value, at: &str) {
    let words = check.text(message, at, "text", Need::Required, Unit::Utf16, text::TEXT);
    let given = check.object(message, at, "substitution", Need::Optional);
    let substituted = |key: &str| given.is_some_and(|given| given.get(key).is_some());
    match placeholders(words.unwrap_or_default()) {
        None => check.fail(&format!("{at}.text"), "{ and } must be used in pairs"),
        Some(keys) => {
            if let Some(key) = keys.into_iter().find(|key| !substituted(key)) {
                let words = format!("The substitution of {{{key}}} must be specified");
                check.fail(&format!("{at}.text"), words);
            }
        }
    }
    let Some(Value::Object(substitution)) = given else {
        return;
    };
    let at = format!("{at}.substitution");
    if substitution.len() > text::SUBSTITUTIONS {
        check.size(&at, 0, text::SUBSTITUTIONS);
    }
    for key in substitution.keys() {
        let name = key.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
        if !name || !(1..=20).contains(&key.len()) {
            check.fail(&at, "Keys must match [0-9a-zA-Z_]{1,20}");
            return;
        }
    }
    for (key, value) in substitution {
        substitute(check, value, &format!("{at}.{key}"));
    }
}

/// What stands between `{` and `}`, where `{{` and `}}` are the characters themselves;
/// `None` unless all others are in pairs.
fn placeholders(words: &str) -> Option<Vec<&str>> {
    let mut keys = Vec::new();
    let mut rest = words;
    while let Some(at) = rest.find(['{', '}']) {
        let brace = &rest[at..];
        rest = match brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
            Some(after) => after,
            None => {
                let (key, after) = brace.strip_prefix('{')?.split_once('}')?;
                if key.contains('{') {
                    return None;
                }
                keys.push(key);
                after
            }
        };
    }
    Some(keys)
}

/// A mention or an emoji.
fn substitute(check: &mut Check, value: &Value, at: &str) {
    match value.get("type").and_then(Value::as_str) {
        Some("mention") => {
            let Some(whom) = check.object(value, at, "mentionee", Need::Required) else {
                return;
            };
            let at = format!("{at}.mentionee");
            match whom.get("type").and_then(Value::as_str) {
                Some("all") => {}
                Some("user") => {
                    check.text(whom, &at, "userId", Need::Required, Unit::Utf16, ID);
                }
                _ => check.one_of(&format!("{at}.type"), &["user", "all"]),
            }
        }
        Some("emoji") => {
            for key in ["productId", "emojiId"] {
                check.text(value, at, key, Need::Required, Unit::Utf16, ID);
            }
        }
        _ => check.one_of(&format!("{at}.type"), &["mention", "emoji"]),
    }
}

fn quick_reply(check: &mut Check, message: &Value, at: &str) {
    let Some(quick_reply) = check.object(message, at, "quickReply", Need::Optional) else {
        return;
    };
    let at = format!("{at}.quickReply");
    let items = check.list(quick_reply, &at, "items", 1, text::QUICK_REPLY_ITEMS);
    for (i, item) in items.iter().enumerate() {
        let at = format!("{at}.items[{i}]");
        match item.get("type") {
            None => {}
            Some(Value::String(kind)) if kind == "action" => {}
            Some(_) => check.one_of(&format!("{at}.type"), &["action"]),
        }
        check.https(item, &at, "imageUrl", Need::Optional);
        match item.get("action") {
            Some(action) => {
                action::action(check, action, &format!("{at}.action"), Place::QuickReply);
            }
            None => check.fail(&format!("{at}.action"), EMPTY),
        }
    }
}

fn sender(check: &mut Check, message: &Value, at: &str) {
    let Some(sender) = check.object(message, at, "sender", Need::Optional) else {
        return;
    };
    let at = format!("{at}.sender");
    check.text(sender, &at, "name", Need::Optional, Unit::Utf16, text::SENDER_NAME);
    check.https(sender, &at, "iconUrl", Need::Optional);
}
