//! Flex messages.

use serde_json::{Value, json};

use super::{fine, wrong};

fn message(contents: Value) -> Value {
    json!({"type": "flex", "altText": "a", "contents": contents})
}

fn bubble(inner: Value) -> Value {
    json!({"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": [inner]}})
}

/// A bubble whose body holds this component and nothing else.
fn with(inner: Value) -> Value {
    message(bubble(inner))
}

const AT: &str = "messages[0].contents.body.contents[0]";

#[track_caller]
fn one_of(inner: Value, property: &str, values: &str) {
    let words = format!("Must be one of the following values: [{values}]");
    wrong(with(inner), &format!("{AT}.{property}: {words}"));
}

#[test]
fn sizes_bubbles_and_addresses() {
    let words = |n: usize| json!({"type": "text", "text": "a".repeat(n)});
    fine(message(bubble(words(1))));
    let room = 30 * 1024 - bubble(words(0)).to_string().len();
    fine(message(bubble(words(room))));
    wrong(
        message(bubble(words(room + 1))),
        "messages[0].contents: Must be at most 30720 bytes of JSON",
    );
    let carousel =
        |n: usize| message(json!({"type": "carousel", "contents": vec![bubble(words(1)); n]}));
    fine(carousel(12));
    wrong(carousel(13), "messages[0].contents.contents: Size must be between 1 and 12");
    wrong(
        message(json!({"type": "bubble"})),
        "messages[0].contents: At least one block must be specified",
    );
    wrong(
        message(bubble(words(0))),
        "messages[0].contents.body.contents[0].text: must be non-empty text",
    );
    let button = |label: &str| json!({"type": "button", "action": {"type": "uri", "label": label, "uri": "https://a"}});
    fine(message(bubble(button(&"👨‍👩‍👧".repeat(40)))));
    wrong(
        message(bubble(button(&"あ".repeat(41)))),
        "messages[0].contents.body.contents[0].action.label: Length must be between 0 and 40",
    );
    wrong(
        message(bubble(json!({"type": "image", "url": "http://a"}))),
        "messages[0].contents.body.contents[0].url: invalid uri scheme",
    );
}

#[test]
fn a_box_needs_layout_and_contents() {
    fine(with(json!({"type": "box", "layout": "horizontal", "contents": []})));
    let layouts = "horizontal, vertical, baseline";
    one_of(json!({"type": "box", "contents": []}), "layout", layouts);
    one_of(json!({"type": "box", "layout": "grid", "contents": []}), "layout", layouts);
    let empty = format!("{AT}.contents: May not be empty");
    wrong(with(json!({"type": "box", "layout": "vertical"})), &empty);
    let gradient = |colours: Value| {
        let mut inner = json!({"type": "box", "layout": "vertical", "contents": []});
        inner["background"] = colours;
        with(inner)
    };
    let mut colours = json!({"type": "linearGradient", "angle": "0deg", "startColor": "#fff", "endColor": "#000"});
    fine(gradient(colours.clone()));
    colours["angle"] = Value::Null;
    wrong(gradient(colours), &format!("{AT}.background.angle: May not be empty"));
}

#[test]
fn components_stand_where_they_may() {
    let icon = json!({"type": "icon", "url": "https://a"});
    let baseline = |inner: Value| json!({"type": "box", "layout": "baseline", "contents": [inner]});
    fine(with(baseline(icon.clone())));
    for outside in
        [icon, json!({"type": "span", "text": "a"}), json!({"type": "carousel"}), json!({})]
    {
        one_of(outside, "type", "box, button, image, text, separator, filler");
    }
    one_of(baseline(json!({"type": "separator"})), "contents[0].type", "icon, text, filler");
    let image = json!({"type": "image", "url": "https://a"});
    fine(message(json!({"type": "bubble", "hero": image})));
    wrong(
        message(json!({"type": "bubble", "body": image})),
        "messages[0].contents.body.type: Must be one of the following values: [box]",
    );
}

#[test]
fn components_need_what_they_show() {
    let empty = |property: &str| format!("{AT}.{property}: May not be empty");
    wrong(with(json!({"type": "button"})), &empty("action"));
    wrong(with(json!({"type": "button", "action": null})), &empty("action"));
    wrong(with(json!({"type": "image"})), &empty("url"));
    let spans = |spans: Value| with(json!({"type": "text", "contents": spans}));
    fine(spans(json!([{"type": "span", "text": "a"}, {"type": "span"}])));
    for none in [json!([]), Value::Null] {
        wrong(spans(none), &format!("{AT}.text: must be non-empty text"));
    }
    one_of(
        json!({"type": "text", "contents": [{"type": "text", "text": "a"}]}),
        "contents[0].type",
        "span",
    );
    let video = |alt: Value| {
        let hero = json!({"type": "video", "url": "https://a", "previewUrl": "https://b", "altContent": alt});
        message(json!({"type": "bubble", "hero": hero}))
    };
    fine(video(json!({"type": "image", "url": "https://c"})));
    wrong(video(Value::Null), "messages[0].contents.hero.altContent: May not be empty");
}
