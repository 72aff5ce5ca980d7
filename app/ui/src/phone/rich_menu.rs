//! LINE's rich menu: a picture whose areas are buttons, read aloud by their labels, and
//! the bar that opens and closes it.

use super::area::{Area, drawn, label};
use super::message::{list_of, note};
use super::text::safe;
use crate::icon::{Icon, IconName};
use leptos::{ev::MouseEvent, prelude::*};
use serde_json::Value;

/// The height of the picture when it is 1,000 wide, and its areas in order.
fn read(menu: &Value) -> Option<(f64, Vec<Area>)> {
    let side = |key: &str| menu.get("size")?.get(key)?.as_f64().filter(|side| *side >= 1.0);
    let scale = 1000.0 / side("width")?;
    let areas = list_of(menu, "areas").into_iter().enumerate().filter_map(|(n, area)| {
        let at = |key: &str| Some(area.get("bounds")?.get(key)?.as_f64()? * scale);
        Some(Area {
            x: at("x")?,
            y: at("y")?,
            width: at("width")?,
            height: at("height")?,
            label: label(area.get("action")?, &KEYS, n),
        })
    });
    Some((side("height")? * scale, areas.collect()))
}

/// What an action that has no label is read aloud by.
const KEYS: [&str; 5] = ["label", "displayText", "text", "uri", "clipboardText"];

/// A rich menu as it stands below a talk.
#[component]
pub fn RichMenu(
    /// LINE's rich menu object.
    menu: Value,
    /// Address of its picture.
    #[prop(into)]
    picture: String,
    /// Instead of the address: the picture itself as SVG, while it is still being made.
    #[prop(into, optional)]
    drawing: Option<String>,
    /// Which area was pressed, from 0; nothing in a preview.
    #[prop(into, optional)]
    on_tap: Option<Callback<usize>>,
) -> impl IntoView {
    let Some((height, areas)) = read(&menu) else {
        return note("このメニューは表示できません".into());
    };
    let picture = match (drawing, safe(&picture)) {
        (Some(svg), _) => {
            view! { <div class="talk-map-picture" aria-hidden="true" inner_html=svg></div> }
                .into_any()
        }
        (None, Some(src)) => {
            view! { <img class="talk-map-picture" src=src alt="" width="1000" height=height /> }
                .into_any()
        }
        (None, None) => return note("このメニューは表示できません".into()),
    };
    let on_tap = move |n| {
        if let Some(act) = on_tap {
            act.run(n);
        }
    };
    view! {
        <div class="rich-menu" role="group" aria-label="リッチメニュー">
            {picture} {drawn(areas, 1000, height, on_tap)}
        </div>
    }
    .into_any()
}

/// The bar below a rich menu: keyboard and 「メニュー ▾」.
#[component]
pub fn MenuBar(
    /// The menu's own words.
    #[prop(into, default = "メニュー".into())]
    label: String,
    /// Whether the menu stands open.
    #[prop(into, optional)]
    open: Option<Signal<bool>>,
    /// Opens and closes the menu.
    #[prop(into, optional)]
    on_click: Option<Callback<MouseEvent>>,
    /// Changes over to the keyboard; a mere picture without it.
    #[prop(into, optional)]
    on_keyboard: Option<Callback<()>>,
) -> impl IntoView {
    let is_open = move || open.is_none_or(|open| open.get());
    view! {
        <div class="phone-menubar">
            {match on_keyboard {
                Some(act) => {
                    view! {
                        <button class="phone-keyboard" type="button" aria-label="文字を入力する" on:click=move |_| act.run(())>
                            <Icon name=IconName::Keyboard size=22 />
                        </button>
                    }
                        .into_any()
                }
                None => {
                    view! { <span class="phone-keyboard" aria-hidden="true"><Icon name=IconName::Keyboard size=22 /></span> }.into_any()
                }
            }}
            <button
                class="phone-menu-words"
                type="button"
                aria-expanded=move || open.map(|open| if open.get() { "true" } else { "false" })
                on:click=move |event| {
                    if let Some(act) = on_click {
                        act.run(event);
                    }
                }
            >
                {label}
                <svg width="12" height="9" viewBox="0 0 12 9" aria-hidden="true" focusable="false">
                    <path class="ph-fill" d=move || if is_open() { "M0 0h12L6 9z" } else { "M0 9h12L6 0z" } />
                </svg>
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn areas_lie_where_the_menu_has_them() {
        let area = |x: u32, action: Value| json!({"bounds": {"x": x, "y": 0, "width": 1250, "height": 843}, "action": action});
        let menu = json!({"size": {"width": 2500, "height": 1686}, "areas": [
            area(0, json!({"type": "uri", "label": "ごみ", "uri": "https://a.example"})),
            area(1250, json!({"type": "postback", "data": "a"})),
        ]});
        let (height, areas) = read(&menu).unwrap();
        assert!((height - 674.4).abs() < 1e-9);
        assert_eq!((areas[0].label.as_str(), areas[1].label.as_str()), ("ごみ", "エリア2"));
        assert!((areas[1].x - 500.0).abs() < 1e-9 && (areas[1].height - 337.2).abs() < 1e-9);
        assert_eq!(read(&json!({"size": {"width": 0, "height": 5}})), None);
        assert_eq!(read(&json!({})), None);
    }

    #[test]
    fn what_has_no_label_is_read_by_what_it_does() {
        assert_eq!(label(&json!({"type": "message", "text": "はい"}), &KEYS, 0), "はい");
        assert_eq!(label(&json!({"label": "", "uri": "tel:119"}), &KEYS, 0), "tel:119");
        assert_eq!(label(&json!({}), &KEYS, 4), "エリア5");
    }
}
