//! LINE's Flex messages, as far as they can be shown exactly: bubbles and carousels of texts,
//! pictures, buttons, boxes and lines. Whatever else stands in one is said, not guessed.

use super::message::{ActionButton, OnAction, list_of, note, str_of, summary};
use super::text::safe;
use leptos::prelude::*;
use serde_json::Value;

const BLOCKS: [&str; 4] = ["header", "hero", "body", "footer"];
const SIZES: [&str; 7] = ["xxs", "xs", "sm", "md", "lg", "xl", "xxl"];
const MARGINS: [&str; 7] = ["none", "xs", "sm", "md", "lg", "xl", "xxl"];

/// Whether a property is left out or one of these.
fn one_of(value: &Value, key: &str, known: &[&str]) -> bool {
    value.get(key).is_none_or(|v| v.as_str().is_some_and(|v| known.contains(&v)))
}

/// Whether an object has no properties but these.
fn only(value: &Value, keys: &[&str]) -> bool {
    value.as_object().is_some_and(|o| o.keys().all(|k| k == "type" || keys.contains(&k.as_str())))
}

/// Whether all of it can be drawn as LINE draws it.
fn is_exact(contents: &Value) -> bool {
    match str_of(contents, "type") {
        "bubble" => {
            only(contents, &BLOCKS)
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
        "box" => {
            only(value, &["layout", "contents", "margin", "spacing"])
                && one_of(value, "layout", &["vertical", "horizontal"])
                && one_of(value, "margin", &MARGINS)
                && one_of(value, "spacing", &MARGINS)
                && list_of(value, "contents").iter().all(component_is_exact)
        }
        "text" => {
            only(value, &["text", "weight", "size", "wrap", "margin"])
                && one_of(value, "weight", &["regular", "bold"])
                && one_of(value, "size", &SIZES)
                && one_of(value, "margin", &MARGINS)
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
            view! { <div class=format!("flex-{name}")>{component(block, on_action)}</div> }
        })
        .collect_view();
    view! { <div class="talk-card flex-bubble">{blocks}</div> }.into_any()
}

fn component(value: &Value, on_action: OnAction) -> AnyView {
    let named = |key: &str, prefix: &str| match str_of(value, key) {
        "" => String::new(),
        word => format!(" {prefix}{word}"),
    };
    let margin = named("margin", "flex-m-");
    match str_of(value, "type") {
        "box" => {
            let class = format!(
                "flex-box flex-{}{margin}{}",
                str_of(value, "layout"),
                named("spacing", "flex-s-")
            );
            let inner =
                list_of(value, "contents").iter().map(|c| component(c, on_action)).collect_view();
            view! { <div class=class>{inner}</div> }.into_any()
        }
        "text" => {
            let wraps = if value.get("wrap").is_some() { "" } else { " flex-line" };
            let size = named("size", "flex-t-");
            let class = format!("flex-text{size}{margin}{wraps}");
            let words = str_of(value, "text").to_owned();
            if str_of(value, "weight") == "bold" {
                view! { <p class=class><strong>{words}</strong></p> }.into_any()
            } else {
                view! { <p class=class>{words}</p> }.into_any()
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
        for other in [
            texts(json!({"type": "text", "text": "a", "color": "#ff0000"})),
            texts(json!({"type": "text", "text": "a", "size": "27px"})),
            texts(json!({"type": "video", "url": "https://a.example"})),
            bubble(json!({"type": "box", "layout": "baseline", "contents": []})),
            json!({"type": "bubble", "size": "giga", "body": {"type": "box", "layout": "vertical", "contents": []}}),
            json!({"type": "carousel", "contents": [{"type": "carousel", "contents": []}]}),
            json!(null),
        ] {
            assert!(!is_exact(&other), "{other}");
        }
    }
}
