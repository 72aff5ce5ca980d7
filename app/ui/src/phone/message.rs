//! One LINE message object as LINE draws it. What cannot be shown exactly says so.

use super::text::{runs, safe, view as text_view, with_emojis};
use super::{flex, imagemap};
use crate::icon::{Icon, IconName};
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen_futures::JsFuture;

pub(super) fn str_of<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn list_of(value: &Value, key: &str) -> Vec<Value> {
    value.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// One line for lists and for the lock screen, as LINE's notification names a message.
pub fn summary(message: &Value) -> String {
    let alt = str_of(message, "altText");
    match str_of(message, "type") {
        "text" | "textV2" => {
            str_of(message, "text").split_whitespace().collect::<Vec<_>>().join(" ")
        }
        "image" => "写真が届きました".into(),
        "video" => "動画が届きました".into(),
        "audio" => "音声が届きました".into(),
        "sticker" => "スタンプが届きました".into(),
        "location" => format!("位置情報：{}", str_of(message, "title")),
        _ if !alt.is_empty() => alt.to_owned(),
        _ => "メッセージが届きました".into(),
    }
}

/// Runs the action of a button or area that was pressed.
pub type OnAction = Option<Callback<Value>>;

/// A button of a message: its label is LINE's label.
#[component]
pub fn ActionButton(
    /// LINE's action object.
    action: Value,
    /// Class of the button.
    class: &'static str,
    /// What pressing it does.
    on_action: OnAction,
) -> impl IntoView {
    let label = match (str_of(&action, "label"), str_of(&action, "text")) {
        ("", "") => "（名前なし）".to_owned(),
        ("", text) => text.to_owned(),
        (label, _) => label.to_owned(),
    };
    view! {
        <button
            class=class
            type="button"
            on:click=move |_| {
                if let Some(act) = on_action {
                    act.run(action.clone());
                }
            }
        >
            {label}
        </button>
    }
}

/// The row of quick replies below the newest message.
#[component]
pub fn QuickReplies(
    /// LINE's `quickReply.items`.
    items: Vec<Value>,
    /// What pressing one does.
    #[prop(optional_no_strip)]
    on_action: OnAction,
) -> impl IntoView {
    view! {
        <ul class="quick" aria-label="返事の候補">
            {items
                .into_iter()
                .map(|item| {
                    let action = item.get("action").cloned().unwrap_or(Value::Null);
                    let icon = safe(str_of(&item, "imageUrl"));
                    view! {
                        <li>
                            {icon.map(|src| view! { <img class="quick-icon" src=src alt="" width="24" height="24" /> })}
                            <ActionButton action class="quick-chip" on_action />
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

pub(super) fn note(text: String) -> AnyView {
    view! {
        <div class="talk-note">
            <Icon name=IconName::Info size=18 />
            <span>{text}</span>
        </div>
    }
    .into_any()
}

fn picture(address: &str, alt: String) -> AnyView {
    match safe(address) {
        Some(src) => view! { <img class="talk-image" src=src alt=alt loading="lazy" /> }.into_any(),
        None => note("この画像の場所は、LINEでは開けません".into()),
    }
}

/// A video behind its poster, with LINE's mark on it until it plays.
fn video(address: &str, poster: &str) -> AnyView {
    let (Some(src), Some(poster)) = (safe(address), safe(poster)) else {
        return note("この動画の場所は、LINEでは開けません".into());
    };
    let node = NodeRef::<html::Video>::new();
    let played = RwSignal::new(false);
    // The player's own controls have a mark in their middle, too: they come once it plays.
    let play = move |_| {
        played.set(true);
        if let Some(video) = node.get_untracked() {
            drop(video.focus());
            // A browser that cannot play it says so in the player.
            if let Ok(playing) = video.play() {
                leptos::task::spawn_local(async move { drop(JsFuture::from(playing).await) });
            }
        }
    };
    view! {
        <div class="talk-video">
            <video
                node_ref=node
                controls=move || played.get()
                tabindex=move || if played.get() { "0" } else { "-1" }
                playsinline
                preload="none"
                src=src
                poster=poster
                aria-label="動画"
            ></video>
            {move || {
                (!played.get())
                    .then(|| {
                        view! {
                            <button class="talk-play" type="button" aria-label="動画を再生する" on:click=play>
                                <svg width="48" height="48" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
                                    <circle cx="24" cy="24" r="22" />
                                    <path d="M19 15v18l15-9z" />
                                </svg>
                            </button>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}

fn actions(value: &Value, key: &str, on_action: OnAction) -> AnyView {
    list_of(value, key)
        .into_iter()
        .map(|action| view! { <ActionButton action class="talk-action" on_action /> })
        .collect_view()
        .into_any()
}

fn card(template: &Value, on_action: OnAction) -> AnyView {
    let title = str_of(template, "title").to_owned();
    let text = str_of(template, "text").to_owned();
    let image = str_of(template, "thumbnailImageUrl");
    view! {
        <div class="talk-card">
            {(!image.is_empty()).then(|| picture(image, String::new()))} {(!title.is_empty()).then(|| view! { <strong class="talk-card-title">{title}</strong> })}
            <p class="talk-card-text">{text}</p> {actions(template, "actions", on_action)}
        </div>
    }
    .into_any()
}

fn template(message: &Value, on_action: OnAction) -> AnyView {
    let Some(template) = message.get("template") else { return note(summary(message)) };
    match str_of(template, "type") {
        "buttons" | "confirm" => card(template, on_action),
        "carousel" => {
            let cards = list_of(template, "columns")
                .iter()
                .map(|column| card(column, on_action))
                .collect_view();
            view! { <div class="talk-carousel" role="group" aria-label="横に並んだカード" tabindex="0">{cards}</div> }.into_any()
        }
        "image_carousel" => {
            let cards = list_of(template, "columns")
                .into_iter()
                .map(|column| {
                    let action = column.get("action").cloned().unwrap_or(Value::Null);
                    view! { <div class="talk-card">{picture(str_of(&column, "imageUrl"), String::new())} <ActionButton action class="talk-action" on_action /></div> }
                })
                .collect_view();
            view! { <div class="talk-carousel" role="group" aria-label="横に並んだカード" tabindex="0">{cards}</div> }.into_any()
        }
        _ => note(format!(
            "この形のメッセージは、ここでは正しく表示できません：{}",
            summary(message)
        )),
    }
}

/// The content of a message, without time and avatar.
pub(super) fn body(message: &Value, on_action: OnAction) -> AnyView {
    match str_of(message, "type") {
        "text" => {
            let emojis = message.get("emojis").unwrap_or(&Value::Null);
            let runs = with_emojis(str_of(message, "text"), emojis);
            view! { <div class="talk-bubble">{text_view(runs)}</div> }.into_any()
        }
        "textV2" => {
            view! { <div class="talk-bubble">{text_view(runs(str_of(message, "text")))}</div> }
                .into_any()
        }
        "image" => {
            let preview = str_of(message, "previewImageUrl");
            let address =
                if preview.is_empty() { str_of(message, "originalContentUrl") } else { preview };
            picture(address, "写真".into())
        }
        "sticker" => view! { <div class="talk-sticker">"スタンプ"</div> }.into_any(),
        "video" => video(str_of(message, "originalContentUrl"), str_of(message, "previewImageUrl")),
        "audio" => match safe(str_of(message, "originalContentUrl")) {
            Some(href) => view! {
                <a class="talk-media" href=href target="_blank" rel="noopener noreferrer external">
                    "音声をひらく"
                </a>
            }
            .into_any(),
            None => view! { <div class="talk-media">"音声"</div> }.into_any(),
        },
        "location" => view! {
            <div class="talk-card talk-place">
                <Icon name=IconName::Pin size=24 />
                <div>
                    <strong>{str_of(message, "title").to_owned()}</strong>
                    <p>{str_of(message, "address").to_owned()}</p>
                </div>
            </div>
        }
        .into_any(),
        "imagemap" => imagemap::view(message, on_action),
        "template" => template(message, on_action),
        "flex" => flex::view(message, on_action),
        "" => note("種類の分からないメッセージです".into()),
        other => note(format!("「{other}」は、ここでは表示できません")),
    }
}

#[cfg(test)]
mod tests {
    use super::summary;
    use serde_json::json;

    #[test]
    fn a_message_in_one_line() {
        assert_eq!(
            summary(&json!({"type": "text", "text": "【断水】\n水が\n出ません"})),
            "【断水】 水が 出ません"
        );
        assert_eq!(summary(&json!({"type": "flex", "altText": "年末の窓口"})), "年末の窓口");
        assert_eq!(summary(&json!({"type": "unheard-of"})), "メッセージが届きました");
        assert_eq!(summary(&json!(null)), "メッセージが届きました");
    }
}
