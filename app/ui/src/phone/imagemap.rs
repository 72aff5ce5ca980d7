//! LINE's imagemap: a picture whose areas are buttons, read aloud by their labels.

use super::area::{Area, drawn, label};
use super::message::{OnAction, list_of, note, str_of};
use super::text::safe;
use leptos::prelude::*;
use serde_json::{Value, json};

/// The height of the picture when it is 1,040 wide, and its areas
/// with what each does, as buttons elsewhere have it.
fn read(message: &Value) -> Option<(f64, Vec<(Area, Value)>)> {
    let size = message.get("baseSize")?;
    let height = size.get("height")?.as_f64().filter(|h| *h >= 1.0)?;
    let areas = list_of(message, "actions").into_iter().enumerate().filter_map(|(n, action)| {
        let area = action.get("area")?;
        let side = |key: &str| area.get(key).and_then(Value::as_f64);
        let area = Area {
            x: side("x")?,
            y: side("y")?,
            width: side("width")?,
            height: side("height")?,
            label: label(&action, &["label", "text", "linkUri"], n),
        };
        let act = match str_of(&action, "type") {
            "uri" => {
                json!({"type": "uri", "label": str_of(&action, "label"), "uri": str_of(&action, "linkUri")})
            }
            _ => action.clone(),
        };
        Some((area, act))
    });
    Some((height, areas.collect()))
}

pub(super) fn view(message: &Value, on_action: OnAction) -> AnyView {
    let (Some((height, areas)), Some(src)) =
        (read(message), safe(&format!("{}/1040", str_of(message, "baseUrl"))))
    else {
        return note("このタップ画像は、LINEでは開けません".into());
    };
    let alt = str_of(message, "altText").to_owned();
    let (areas, acts): (Vec<Area>, Vec<Value>) = areas.into_iter().unzip();
    let on_tap = move |n: usize| {
        if let (Some(act), Some(action)) = (on_action, acts.get(n)) {
            act.run(action.clone());
        }
    };
    view! {
        <div class="talk-map">
            <img class="talk-map-picture" src=src alt=alt width="1040" height=height loading="lazy" />
            {drawn(areas, 1040, height, on_tap)}
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
        assert_eq!(areas[0].1, json!({"type": "uri", "label": "地図", "uri": "https://a.example"}));
        assert_eq!((areas[1].0.label.as_str(), str_of(&areas[1].1, "text")), ("はい", "はい"));
        assert_eq!(areas[2].0.label, "エリア3");
        assert_eq!(read(&json!({"baseSize": {"height": 0}})), None);
        assert_eq!(read(&json!({})), None);
    }
}
