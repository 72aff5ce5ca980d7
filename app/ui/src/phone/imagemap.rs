//! LINE's imagemap: a picture whose areas are buttons, read aloud by their labels.

use super::message::{OnAction, list_of, note, str_of};
use super::text::safe;
use leptos::prelude::*;
use serde_json::{Value, json};

/// An area as it lies on the picture.
#[derive(Clone, Debug, PartialEq)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    label: String,
    /// As buttons elsewhere have it.
    action: Value,
}

/// The height of the picture when it is 1,040 wide, and its areas.
fn read(message: &Value) -> Option<(f64, Vec<Area>)> {
    let size = message.get("baseSize")?;
    let height = size.get("height")?.as_f64().filter(|h| *h >= 1.0)?;
    let areas = list_of(message, "actions").into_iter().enumerate().filter_map(|(n, action)| {
        let area = action.get("area")?;
        let side = |key: &str| area.get(key).and_then(Value::as_f64);
        Some(Area {
            x: side("x")?,
            y: side("y")?,
            width: side("width")?,
            height: side("height")?,
            label: label(&action, n),
            action: match str_of(&action, "type") {
                "uri" => {
                    json!({"type": "uri", "label": str_of(&action, "label"), "uri": str_of(&action, "linkUri")})
                }
                _ => action.clone(),
            },
        })
    });
    Some((height, areas.collect()))
}

/// What is read aloud: the label, or else what the action says or opens; its number while none
/// of that is written yet.
fn label(action: &Value, n: usize) -> String {
    let found = ["label", "text", "linkUri"]
        .into_iter()
        .map(|key| str_of(action, key))
        .find(|words| !words.is_empty());
    found.map_or_else(|| format!("エリア{}", n + 1), str::to_owned)
}

pub(super) fn view(message: &Value, on_action: OnAction) -> AnyView {
    let (Some((height, areas)), Some(src)) =
        (read(message), safe(&format!("{}/1040", str_of(message, "baseUrl"))))
    else {
        return note("このタップ画像は、LINEでは開けません".into());
    };
    let alt = str_of(message, "altText").to_owned();
    let areas = areas
        .into_iter()
        .map(|area| {
            let Area { x, y, width, height, label, action } = area;
            view! {
                <foreignObject x=x y=y width=width height=height>
                    <button
                        class="talk-area"
                        type="button"
                        aria-label=label
                        on:click=move |_| {
                            if let Some(act) = on_action {
                                act.run(action.clone());
                            }
                        }
                    ></button>
                </foreignObject>
            }
        })
        .collect_view();
    view! {
        <div class="talk-map">
            <img class="talk-map-picture" src=src alt=alt width="1040" height=height loading="lazy" />
            <svg class="talk-map-areas" viewBox=format!("0 0 1040 {height}") focusable="false">
                {areas}
            </svg>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_become_buttons() {
        let message = json!({"baseSize": {"width": 1040, "height": 520}, "actions": [
            {"type": "uri", "label": "地図", "linkUri": "https://a.example",
                "area": {"x": 0, "y": 0, "width": 520, "height": 520}},
            {"type": "message", "text": "はい", "area": {"x": 520, "y": 0, "width": 260, "height": 520}},
            {"type": "message", "label": "", "text": "", "area": {"x": 780, "y": 0, "width": 260, "height": 520}},
        ]});
        let (height, areas) = read(&message).unwrap();
        assert!((height - 520.0).abs() < f64::EPSILON);
        assert_eq!(
            areas[0].action,
            json!({"type": "uri", "label": "地図", "uri": "https://a.example"})
        );
        assert_eq!((areas[1].label.as_str(), str_of(&areas[1].action, "text")), ("はい", "はい"));
        assert_eq!(areas[2].label, "エリア3");
        assert_eq!(read(&json!({"baseSize": {"height": 0}})), None);
        assert_eq!(read(&json!({})), None);
    }
}
