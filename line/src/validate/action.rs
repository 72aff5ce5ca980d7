//! Actions, whose limits depend on where they stand.

use serde_json::Value;

use super::{Check, Need, Unit, is_rich_menu_alias};
use crate::text;

/// Where an action stands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    QuickReply,
    Template,
    ImageCarousel,
    FlexButton,
    /// A tap on a flex box, text or image.
    FlexOther,
    /// An area of a rich menu.
    RichMenu,
}

impl Place {
    fn label(self) -> (Need, usize) {
        match self {
            Self::QuickReply | Self::Template => (Need::Required, text::LABEL),
            Self::ImageCarousel => (Need::Optional, text::LABEL_IMAGE_CAROUSEL),
            Self::FlexButton => (Need::Required, text::LABEL_FLEX),
            Self::FlexOther => (Need::Optional, text::LABEL_FLEX),
            Self::RichMenu => (Need::Optional, text::LABEL),
        }
    }
}

const ANYWHERE: [&str; 5] = ["postback", "message", "uri", "datetimepicker", "clipboard"];
const QUICK_REPLY_ONLY: [&str; 3] = ["camera", "cameraRoll", "location"];
const RICH_MENU_ONLY: [&str; 1] = ["richmenuswitch"];
/// Schemes that a tap may open.
const SCHEMES: [&str; 4] = ["http", "https", "line", "tel"];

pub(super) fn action(check: &mut Check, action: &Value, at: &str, place: Place) {
    if !action.is_object() {
        check.fail(at, "Must be an object");
        return;
    }
    let kind = action.get("type").and_then(Value::as_str).unwrap_or_default();
    let only_here: &[&str] = match place {
        Place::QuickReply => &QUICK_REPLY_ONLY,
        Place::RichMenu => &RICH_MENU_ONLY,
        _ => &[],
    };
    if !ANYWHERE.contains(&kind) && !only_here.contains(&kind) {
        let mut allowed = ANYWHERE.to_vec();
        allowed.extend(only_here);
        check.one_of(&format!("{at}.type"), &allowed);
        return;
    }
    let (need, max) = place.label();
    check.text(action, at, "label", need, Unit::Grapheme, max);
    match kind {
        "postback" => postback(check, action, at),
        "message" => said(check, action, at, "text", Need::Required),
        "uri" => {
            check.uri(action, at, "uri", Need::Required, &SCHEMES, text::ACTION_URI);
            if let Some(alt) = check.object(action, at, "altUri", Need::Optional) {
                let at = format!("{at}.altUri");
                let max = text::ACTION_URI;
                check.uri(alt, &at, "desktop", Need::Optional, &SCHEMES, max);
            }
        }
        "datetimepicker" => datetime(check, action, at),
        "clipboard" => clipboard(check, action, at),
        "richmenuswitch" => {
            data(check, action, at);
            let alias = action.get("richMenuAliasId").and_then(Value::as_str).unwrap_or_default();
            if !is_rich_menu_alias(alias) {
                check.fail(&format!("{at}.richMenuAliasId"), "Must match [a-z0-9_-]{1,32}");
            }
        }
        _ => {}
    }
}

/// The text of a clipboard action, in imagemaps too.
pub(super) fn clipboard(check: &mut Check, action: &Value, at: &str) {
    let max = text::CLIPBOARD;
    check.text(action, at, "clipboardText", Need::Required, Unit::Utf16, max);
}

fn said(check: &mut Check, action: &Value, at: &str, key: &str, need: Need) {
    check.text(action, at, key, need, Unit::Grapheme, text::ACTION_TEXT);
}

fn data(check: &mut Check, action: &Value, at: &str) {
    let max = text::ACTION_DATA;
    check.text(action, at, "data", Need::Required, Unit::Utf16, max);
}

fn postback(check: &mut Check, action: &Value, at: &str) {
    data(check, action, at);
    for key in ["displayText", "text", "fillInText"] {
        said(check, action, at, key, Need::Optional);
    }
    let given = |key: &str| action.get(key).and_then(Value::as_str).is_some();
    if given("displayText") && given("text") {
        check.fail(&format!("{at}.text"), "displayText and text cannot both be used");
    }
    let options = ["closeRichMenu", "openRichMenu", "openKeyboard", "openVoice"];
    match action.get("inputOption") {
        None | Some(Value::Null) => {}
        Some(Value::String(option)) if options.contains(&option.as_str()) => {}
        Some(_) => check.one_of(&format!("{at}.inputOption"), &options),
    }
}

fn datetime(check: &mut Check, action: &Value, at: &str) {
    data(check, action, at);
    let mode = action.get("mode").and_then(Value::as_str);
    let is_shape: fn(&str) -> bool = match mode {
        Some("date") => is_date,
        Some("time") => is_time,
        Some("datetime") => |text| {
            text.split_once(['T', 't']).is_some_and(|(date, time)| is_date(date) && is_time(time))
        },
        _ => {
            check.one_of(&format!("{at}.mode"), &["date", "time", "datetime"]);
            return;
        }
    };
    for key in ["initial", "max", "min"] {
        match action.get(key) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if is_shape(text) => {}
            Some(_) => check.fail(&format!("{at}.{key}"), "Must be in the format of the mode"),
        }
    }
    let bound = |key: &str| action.get(key).and_then(Value::as_str);
    if let (Some(min), Some(max)) = (bound("min"), bound("max"))
        && is_shape(min)
        && is_shape(max)
        // Same shape, so the order of the texts is the order of the times.
        && min.to_ascii_uppercase() >= max.to_ascii_uppercase()
    {
        check.fail(&format!("{at}.max"), "Must be after min");
    }
}

fn digits(text: &str, len: usize, min: u16, max: u16) -> bool {
    text.len() == len
        && text.bytes().all(|c| c.is_ascii_digit())
        && text.parse().is_ok_and(|number: u16| (min..=max).contains(&number))
}

/// `2026-11-20`
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts[..], [y, m, d]
        if digits(y, 4, 1900, 2100) && digits(m, 2, 1, 12) && digits(d, 2, 1, 31))
}

/// `23:59`
fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    matches!(parts[..], [h, m] if digits(h, 2, 0, 23) && digits(m, 2, 0, 59))
}
