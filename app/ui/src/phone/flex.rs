//! LINE's Flex messages, as far as they can be shown exactly: bubbles and carousels of texts,
//! pictures, buttons, boxes and lines. Whatever else stands in one is said, not guessed.

use super::message::{ActionButton, OnAction, list_of, note, str_of, summary};
use super::text::safe;
use leptos::prelude::*;
use serde_json::Value;

const BLOCKS: [&str; 4] = ["header", "hero", "body", "footer"];
const BOX: [&str; 10] = [
    "layout",
    "contents",
    "margin",
    "spacing",
    "flex",
    "justifyContent",
    "cornerRadius",
    "paddingAll",
    "backgroundColor",
    "action",
];
const SIZES: [&str; 7] = ["xxs", "xs", "sm", "md", "lg", "xl", "xxl"];
const MARGINS: [&str; 7] = ["none", "xs", "sm", "md", "lg", "xl", "xxl"];

/// Whether a property is left out or one of these.
fn one_of(value: &Value, key: &str, known: &[&str]) -> bool {
    value.get(key).is_none_or(|v| v.as_str().is_some_and(|v| known.contains(&v)))
}

/// Whether a colour is left out or written `#rrggbb`.
fn color_is_plain(value: &Value, key: &str) -> bool {
    value.get(key).is_none_or(|v| {
        v.as_str()
            .and_then(|v| v.strip_prefix('#'))
            .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
    })
}

/// Whether an object has no properties but these.
fn only(value: &Value, keys: &[&str]) -> bool {
    value.as_object().is_some_and(|o| o.keys().all(|k| k == "type" || keys.contains(&k.as_str())))
}

/// Whether all of it can be drawn as LINE draws it.
fn is_exact(contents: &Value) -> bool {
    match str_of(contents, "type") {
        "bubble" => {
            only(contents, &["size", "header", "hero", "body", "footer"])
                && one_of(contents, "size", &["giga"])
                && BLOCKS.iter().filter_map(|b| contents.get(b)).all(component_is_exact)
        }
        "carousel" => {
            only(contents, &["contents"])
                && list_of(contents, "contents")
                    .iter()
                    .all(|b| str_of(b, "type") == "bubble" && is_exact(b))
        }
        _ => false,
    }
}

fn component_is_exact(value: &Value) -> bool {
    match str_of(value, "type") {
        "box" => box_is_exact(value),
        "text" => {
            only(value, &["text", "weight", "size", "wrap", "margin", "align", "color"])
                && one_of(value, "weight", &["regular", "bold"])
                && one_of(value, "size", &SIZES)
                && one_of(value, "margin", &MARGINS)
                && one_of(value, "align", &["center"])
                && color_is_plain(value, "color")
                && value.get("wrap").is_none_or(|w| w.as_bool() == Some(true))
        }
        "image" => {
            only(value, &["url", "size", "aspectRatio", "aspectMode"])
                && str_of(value, "size") == "full"
                && one_of(value, "aspectRatio", &["20:13", "1:1"])
                && one_of(value, "aspectMode", &["cover"])
        }
        "button" => {
            only(value, &["style", "height", "action"])
                && one_of(value, "style", &["link"])
                && one_of(value, "height", &["sm", "md"])
        }
        "separator" => only(value, &["margin"]) && one_of(value, "margin", &MARGINS),
        _ => false,
    }
}

fn box_is_exact(value: &Value) -> bool {
    let inner = list_of(value, "contents");
    // What is pressed as a whole has nothing in it to press.
    let pressed = value.get("action").is_some();
    let is_text = |c: &Value| str_of(c, "type") == "text";
    only(value, &BOX)
        && one_of(value, "layout", &["vertical", "horizontal"])
        && one_of(value, "margin", &MARGINS)
        && one_of(value, "spacing", &MARGINS)
        && value.get("flex").is_none_or(|f| f.as_u64() == Some(1))
        && one_of(value, "justifyContent", &["center"])
        && one_of(value, "cornerRadius", &["md"])
        && one_of(value, "paddingAll", &["md"])
        && color_is_plain(value, "backgroundColor")
        && inner.iter().all(|c| component_is_exact(c) && (!pressed || is_text(c)))
}

pub(super) fn view(message: &Value, on_action: OnAction) -> AnyView {
    let contents = message.get("contents").cloned().unwrap_or_default();
    if !is_exact(&contents) {
        return note(format!(
            "カード（Flex）は、ここでは正しく表示できません：{}",
            summary(message)
        ));
    }
    if str_of(&contents, "type") == "bubble" {
        return bubble(&contents, on_action);
    }
    let bubbles = list_of(&contents, "contents");
    let label = format!("横に並んだカード {}枚", bubbles.len());
    let cards = bubbles.iter().map(|one| bubble(one, on_action)).collect_view();
    view! { <div class="talk-carousel flex-row" role="group" aria-label=label tabindex="0">{cards}</div> }
        .into_any()
}

fn bubble(value: &Value, on_action: OnAction) -> AnyView {
    let blocks = BLOCKS
        .iter()
        .filter_map(|name| Some((name, value.get(name)?)))
        .map(|(name, block)| {
            // A block has its box's colour up to its edges.
            let ground = color(block, "backgroundColor");
            view! { <div class=format!("flex-{name}") style:background-color=ground>{component(block, on_action)}</div> }
        })
        .collect_view();
    let wide = if str_of(value, "size") == "giga" { " flex-giga" } else { "" };
    view! { <div class=format!("talk-card flex-bubble{wide}")>{blocks}</div> }.into_any()
}

/// A colour as it stands in a message. It is set by the browser's program: the site's policy does
/// not let pages that the server renders have styles of their own.
fn color(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

/// The class of a property that is one of a few words; nothing where it is left out.
fn class_of(value: &Value, key: &str, prefix: &str) -> String {
    match str_of(value, key) {
        "" => String::new(),
        word => format!(" {prefix}{word}"),
    }
}

/// A box; a button where it does something.
fn boxed(value: &Value, margin: &str, on_action: OnAction) -> AnyView {
    let mut class = format!("flex-box flex-{}{margin}", str_of(value, "layout"));
    for (key, prefix) in [
        ("spacing", "flex-s-"),
        ("justifyContent", "flex-j-"),
        ("cornerRadius", "flex-r-"),
        ("paddingAll", "flex-p-"),
    ] {
        class.push_str(&class_of(value, key, prefix));
    }
    if value.get("flex").is_some() {
        class.push_str(" flex-1");
    }
    let ground = color(value, "backgroundColor");
    let inner = list_of(value, "contents").iter().map(|c| component(c, on_action)).collect_view();
    let Some(action) = value.get("action").cloned() else {
        return view! { <div class=class style:background-color=ground>{inner}</div> }.into_any();
    };
    class.push_str(" flex-press");
    let press = move |_| {
        if let Some(act) = on_action {
            act.run(action.clone());
        }
    };
    view! { <button class=class type="button" style:background-color=ground on:click=press>{inner}</button> }
        .into_any()
}

fn component(value: &Value, on_action: OnAction) -> AnyView {
    let margin = class_of(value, "margin", "flex-m-");
    match str_of(value, "type") {
        "box" => boxed(value, &margin, on_action),
        "text" => {
            let wraps = if value.get("wrap").is_some() { "" } else { " flex-line" };
            let size = class_of(value, "size", "flex-t-");
            let align = class_of(value, "align", "flex-a-");
            let class = format!("flex-text{size}{align}{margin}{wraps}");
            let (words, ink) = (str_of(value, "text").to_owned(), color(value, "color"));
            // No paragraph: it may stand in a button.
            if str_of(value, "weight") == "bold" {
                view! { <span class=class style:color=ink><strong>{words}</strong></span> }
                    .into_any()
            } else {
                view! { <span class=class style:color=ink>{words}</span> }.into_any()
            }
        }
        "image" => {
            let square = str_of(value, "aspectRatio") != "20:13";
            let class = if square { "flex-image flex-square" } else { "flex-image" };
            match safe(str_of(value, "url")) {
                // LINE reads nothing aloud for it; the card's words stand beside it.
                Some(src) => view! { <img class=class src=src alt="" loading="lazy" /> }.into_any(),
                None => note("この画像の場所は、LINEでは開けません".into()),
            }
        }
        "button" => {
            let action = value.get("action").cloned().unwrap_or_default();
            view! { <ActionButton action class="talk-action flex-button" on_action /> }.into_any()
        }
        _ => view! { <hr class=format!("flex-separator{margin}") /> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_cannot_be_shown_exactly_is_known() {
        let bubble = |body: Value| json!({"type": "bubble", "body": body});
        let texts =
            |text: Value| bubble(json!({"type": "box", "layout": "vertical", "contents": [text]}));
        assert!(is_exact(&texts(json!({"type": "text", "text": "a", "size": "lg", "wrap": true}))));
        assert!(is_exact(
            &json!({"type": "carousel", "contents": [texts(json!({"type": "separator"}))]})
        ));
        // As a rich menu comes as cards.
        let pressed = |inside: Value| {
            json!({
                "type": "bubble", "size": "giga",
                "body": {"type": "box", "layout": "vertical", "paddingAll": "md", "backgroundColor": "#e8f1fe", "contents": [{
                    "type": "box", "layout": "vertical", "flex": 1, "justifyContent": "center", "backgroundColor": "#ffffff",
                    "cornerRadius": "md", "action": {"type": "message", "text": "a"}, "contents": [inside],
                }]},
            })
        };
        let words = json!({"type": "text", "text": "a", "align": "center", "color": "#1a1a1a"});
        assert!(is_exact(&pressed(words)));
        for other in [
            texts(json!({"type": "text", "text": "a", "color": "#f00"})),
            texts(json!({"type": "text", "text": "a", "size": "27px"})),
            texts(json!({"type": "video", "url": "https://a.example"})),
            bubble(json!({"type": "box", "layout": "baseline", "contents": []})),
            pressed(json!({"type": "button", "action": {"type": "message", "text": "a"}})),
            json!({"type": "bubble", "size": "kilo", "body": {"type": "box", "layout": "vertical", "contents": []}}),
            json!({"type": "carousel", "contents": [{"type": "carousel", "contents": []}]}),
            json!(null),
        ] {
            assert!(!is_exact(&other), "{other}");
        }
    }
}
