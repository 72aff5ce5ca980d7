use super::*;
use proptest::prelude::*;
use serde_json::json;

mod flex;
mod rich_menu;
mod text_v2;

/// Checks one message and gives `property: message` of each error.
fn errors(message: Value) -> Vec<String> {
    validate_messages(&json!([message]))
        .into_iter()
        .map(|d| format!("{}: {}", d.property, d.message))
        .collect()
}

#[track_caller]
fn fine(message: Value) {
    assert_eq!(errors(message), [""; 0]);
}

#[track_caller]
fn wrong(message: Value, expected: &str) {
    assert_eq!(errors(message), [expected]);
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn quick(action: Value) -> Value {
    json!({"type": "text", "text": "a", "quickReply": {"items": [{"type": "action", "action": action}]}})
}

#[test]
fn one_to_five_messages() {
    let of = |n: usize| validate_messages(&Value::Array(vec![text("a"); n]));
    assert!(of(1).is_empty());
    assert!(of(5).is_empty());
    for n in [0, 6] {
        assert_eq!(
            of(n),
            [Detail {
                message: "Size must be between 1 and 5".to_owned(),
                property: "messages".to_owned()
            }]
        );
    }
    assert_eq!(validate_messages(&Value::Null).len(), 1);
    assert_eq!(validate_messages(&json!({"type": "text"})).len(), 1);
}

#[test]
fn lines_own_example() {
    let details = validate_messages(&json!([{"type": "text", "text": ""}, {"type": "hologram"}]));
    assert_eq!(
        details[0],
        Detail { message: "May not be empty".to_owned(), property: "messages[0].text".to_owned() }
    );
    assert_eq!(details[1].property, "messages[1].type");
    assert!(details[1].message.starts_with("Must be one of the following values: [text, "));
    assert_eq!(details.len(), 2);
}

#[test]
fn text_is_counted_in_utf16_units() {
    fine(text(&"あ".repeat(5000)));
    fine(text(&"😀".repeat(2500)));
    fine(text(&"👨‍👩‍👧".repeat(625)));
    let long = "messages[0].text: Length must be between 0 and 5000";
    wrong(text(&"あ".repeat(5001)), long);
    wrong(text(&format!("{}a", "😀".repeat(2500))), long);
    wrong(text(&format!("{}a", "👨‍👩‍👧".repeat(625))), long);
    wrong(json!({"type": "text"}), "messages[0].text: May not be empty");
    wrong(json!({"type": "text", "text": 5}), "messages[0].text: Must be a string");
}

#[test]
fn emojis_stand_on_dollars() {
    let with = |text: &str, index: i64| {
        json!({"type": "text", "text": text,
               "emojis": [{"index": index, "productId": "p", "emojiId": "001"}]})
    };
    fine(with("$", 0));
    fine(with("😀$", 2));
    for (text, index) in [("😀$", 1), ("$", 1), ("$", -1), ("a", 0)] {
        wrong(with(text, index), "messages[0].emojis[0].index: Must be the position of a $");
    }
    let emoji = json!({"index": 0, "productId": "p", "emojiId": "001"});
    fine(json!({"type": "text", "text": "$", "emojis": vec![emoji.clone(); 20]}));
    wrong(
        json!({"type": "text", "text": "$", "emojis": vec![emoji; 21]}),
        "messages[0].emojis: Size must be between 0 and 20",
    );
}

#[test]
fn images_need_https() {
    let image = |url: &str| json!({"type": "image", "originalContentUrl": url, "previewImageUrl": "https://example.com/p"});
    fine(image("https://example.com/o?a=%E3%81%82#b"));
    fine(image("HTTPS://example.com"));
    let at = "messages[0].originalContentUrl";
    for url in ["http://example.com", "data:image/png;base64,AAAA", "example.com", "://x"] {
        wrong(image(url), &format!("{at}: invalid uri scheme"));
    }
    for url in [
        "https://",
        "https:example.com",
        "https:///path",
        "https://example.com/あ",
        "https://example.com/a b",
    ] {
        wrong(image(url), &format!("{at}: invalid uri"));
    }
    // Where a sandbox stands beside its city.
    for host in ["127.0.0.1:3000", "localhost:3000", "127.1.2.3", "[::1]:3000"] {
        fine(image(&format!("http://{host}/media/1")));
    }
    for host in ["127.0.0.1.example.com", "localhost.example.com", "a@127.0.0.1", "10.0.0.1"] {
        wrong(image(&format!("http://{host}/media/1")), &format!("{at}: invalid uri scheme"));
    }
    wrong(image("http://127.0.0.1/あ"), &format!("{at}: invalid uri"));
    let long = |n: usize| format!("https://example.com/{}", "a".repeat(n - 20));
    fine(image(&long(2000)));
    wrong(image(&long(2001)), &format!("{at}: Length must be between 0 and 2000"));
    wrong(
        json!({"type": "image", "originalContentUrl": "https://a"}),
        "messages[0].previewImageUrl: May not be empty",
    );
}

#[test]
fn locations_are_on_earth() {
    let place = |title: &str, latitude: Value| json!({"type": "location", "title": title, "address": "みほん市", "latitude": latitude, "longitude": 139.5});
    fine(place(&"所".repeat(100), json!(90)));
    wrong(
        place(&"所".repeat(101), json!(0)),
        "messages[0].title: Length must be between 0 and 100",
    );
    wrong(place("a", json!(90.1)), "messages[0].latitude: Must be between -90 and 90");
    wrong(place("a", json!("35")), "messages[0].latitude: Must be a number");
}

#[test]
fn quick_replies() {
    let item = json!({"type": "action", "action": {"type": "camera", "label": "写真"}});
    let with = |n: usize| json!({"type": "text", "text": "a", "quickReply": {"items": vec![item.clone(); n]}});
    fine(with(13));
    wrong(with(14), "messages[0].quickReply.items: Size must be between 1 and 13");
    wrong(with(0), "messages[0].quickReply.items: Size must be between 1 and 13");
    let mut sticker = json!({"type": "sticker", "packageId": "1", "stickerId": "1"});
    sticker["quickReply"] = json!({"items": [{"type": "action"}]});
    wrong(sticker, "messages[0].quickReply.items[0].action: May not be empty");
}

#[test]
fn labels_are_counted_in_graphemes() {
    let at = "messages[0].quickReply.items[0].action.label";
    fine(quick(json!({"type": "message", "label": "👨‍👩‍👧".repeat(20), "text": "👨‍👩‍👧".repeat(300)})));
    wrong(
        quick(json!({"type": "message", "label": "👨‍👩‍👧".repeat(21), "text": "a"})),
        &format!("{at}: Length must be between 0 and 20"),
    );
    wrong(quick(json!({"type": "camera"})), &format!("{at}: May not be empty"));
}

#[test]
fn action_limits() {
    let at = "messages[0].quickReply.items[0].action";
    // Data counts UTF-16 units, what is said counts graphemes.
    fine(quick(
        json!({"type": "postback", "label": "a", "data": "😀".repeat(150), "displayText": "😀".repeat(300)}),
    ));
    wrong(
        quick(json!({"type": "postback", "label": "a", "data": "😀".repeat(151)})),
        &format!("{at}.data: Length must be between 0 and 300"),
    );
    wrong(
        quick(
            json!({"type": "postback", "label": "a", "data": "d", "displayText": "あ".repeat(301)}),
        ),
        &format!("{at}.displayText: Length must be between 0 and 300"),
    );
    wrong(
        quick(
            json!({"type": "postback", "label": "a", "data": "d", "displayText": "a", "text": "a"}),
        ),
        &format!("{at}.text: displayText and text cannot both be used"),
    );
    wrong(
        quick(json!({"type": "message", "label": "a", "text": ""})),
        &format!("{at}.text: May not be empty"),
    );
    for uri in ["https://example.com", "http://example.com", "tel:0312345678", "line://nv/chat"] {
        fine(quick(json!({"type": "uri", "label": "a", "uri": uri})));
    }
    for uri in ["javascript:alert(1)", "mailto:a@example.com", "ftp://example.com"] {
        wrong(
            quick(json!({"type": "uri", "label": "a", "uri": uri})),
            &format!("{at}.uri: invalid uri scheme"),
        );
    }
    wrong(
        quick(
            json!({"type": "uri", "label": "a", "uri": format!("https://a/{}", "a".repeat(991))}),
        ),
        &format!("{at}.uri: Length must be between 0 and 1000"),
    );
    fine(quick(json!({"type": "clipboard", "label": "a", "clipboardText": "あ".repeat(1000)})));
    wrong(
        quick(json!({"type": "clipboard", "label": "a", "clipboardText": "あ".repeat(1001)})),
        &format!("{at}.clipboardText: Length must be between 0 and 1000"),
    );
    let switch =
        json!({"type": "richmenuswitch", "label": "a", "richMenuAliasId": "b", "data": "d"});
    assert!(errors(quick(switch))[0].starts_with(&format!("{at}.type: Must be one of")));
}

#[test]
fn date_pickers() {
    let pick = |mode: &str, min: &str, max: &str| {
        quick(
            json!({"type": "datetimepicker", "label": "a", "data": "d", "mode": mode, "min": min, "max": max}),
        )
    };
    fine(pick("date", "2026-11-20", "2026-11-21"));
    fine(pick("time", "00:00", "23:59"));
    fine(pick("datetime", "2026-11-20T09:00", "2026-11-20t17:00"));
    let at = "messages[0].quickReply.items[0].action";
    wrong(pick("date", "2026-11-20", "2026-11-20"), &format!("{at}.max: Must be after min"));
    wrong(
        pick("date", "2026-13-20", "2026-11-21"),
        &format!("{at}.min: Must be in the format of the mode"),
    );
    wrong(pick("time", "09:00", "24:00"), &format!("{at}.max: Must be in the format of the mode"));
    wrong(
        pick("year", "2026", "2027"),
        &format!("{at}.mode: Must be one of the following values: [date, time, datetime]"),
    );
}

#[test]
fn templates() {
    let message =
        |template: Value| json!({"type": "template", "altText": "a", "template": template});
    let action = json!({"type": "message", "label": "a", "text": "a"});
    let buttons = |n: usize, text: &str, title: Option<&str>| {
        let mut t = json!({"type": "buttons", "text": text, "actions": vec![action.clone(); n]});
        if let Some(title) = title {
            t["title"] = json!(title);
        }
        message(t)
    };
    fine(buttons(4, &"あ".repeat(160), None));
    fine(buttons(1, &"👨‍👩‍👧".repeat(60), Some("題")));
    wrong(buttons(5, "a", None), "messages[0].template.actions: Size must be between 1 and 4");
    wrong(
        buttons(1, &"あ".repeat(61), Some("題")),
        "messages[0].template.text: Length must be between 0 and 60",
    );
    wrong(
        message(json!({"type": "confirm", "text": "a", "actions": [action]})),
        "messages[0].template.actions: Size must be between 2 and 2",
    );
    let column = |n: usize| json!({"text": "a", "actions": vec![action.clone(); n]});
    fine(message(json!({"type": "carousel", "columns": vec![column(3); 10]})));
    wrong(
        message(json!({"type": "carousel", "columns": vec![column(1); 11]})),
        "messages[0].template.columns: Size must be between 1 and 10",
    );
    wrong(
        message(json!({"type": "carousel", "columns": [column(1), column(2)]})),
        "messages[0].template.columns: The number of actions must be the same in every column",
    );
    wrong(
        message(json!({"type": "image_carousel", "columns": [
            {"imageUrl": "https://a", "action": {"type": "message", "label": "あ".repeat(13), "text": "a"}}]})),
        "messages[0].template.columns[0].action.label: Length must be between 0 and 12",
    );
    wrong(
        json!({"type": "template", "altText": "a".repeat(1501), "template":
            {"type": "confirm", "text": "a", "actions": [action, action]}}),
        "messages[0].altText: Length must be between 0 and 1500",
    );
}

#[test]
fn imagemaps() {
    let area = json!({"x": 0, "y": 0, "width": 520, "height": 520});
    let action = json!({"type": "uri", "linkUri": "https://example.com", "area": area});
    let map = |n: usize, width: u32| {
        json!({"type": "imagemap", "baseUrl": "https://example.com/m", "altText": "a",
        "baseSize": {"width": width, "height": 520}, "actions": vec![action.clone(); n]})
    };
    fine(map(50, 1040));
    wrong(map(51, 1040), "messages[0].actions: Size must be between 0 and 50");
    wrong(map(1, 1041), "messages[0].baseSize.width: Must be between 1040 and 1040");
}

#[test]
fn senders() {
    let with = |name: &str| json!({"type": "text", "text": "a", "sender": {"name": name}});
    fine(with(&"市".repeat(20)));
    wrong(with(&"😀".repeat(11)), "messages[0].sender.name: Length must be between 0 and 20");
}

#[test]
fn other_types() {
    fine(json!({"type": "sticker", "packageId": "446", "stickerId": "1988"}));
    fine(
        json!({"type": "video", "originalContentUrl": "https://a", "previewImageUrl": "https://b", "trackingId": "t"}),
    );
    fine(json!({"type": "audio", "originalContentUrl": "https://a", "duration": 60000}));
    fine(json!({"type": "coupon", "couponId": "01"}));
    fine(
        json!({"type": "textV2", "text": "{a}", "substitution": {"a": {"type": "emoji", "productId": "p", "emojiId": "e"}}}),
    );
    wrong(
        json!({"type": "audio", "originalContentUrl": "https://a"}),
        "messages[0].duration: May not be null",
    );
    wrong(
        json!({"type": "textV2", "text": "a", "substitution": {"あ": {}}}),
        "messages[0].substitution: Keys must match [0-9a-zA-Z_]{1,20}",
    );
    wrong(json!(7), "messages[0]: Must be an object");
}

#[test]
fn aggregation_units() {
    assert!(is_aggregation_unit("delivery_42"));
    assert!(is_aggregation_unit(&"a".repeat(30)));
    for bad in ["", "a-b", "配信", "a b", &"a".repeat(31)] {
        assert!(!is_aggregation_unit(bad), "{bad}");
    }
}

#[test]
fn typed_messages_are_judged_alike() {
    assert_eq!(validate_typed(&[Message::text("a")]).unwrap(), []);
    assert_eq!(validate_typed(&[Message::text("")]).unwrap().len(), 1);
}

proptest! {
    #[test]
    fn a_text_is_fine_exactly_within_its_utf16_length(words in "\\PC{1,40}", times in 1usize..400) {
        let words = words.repeat(times);
        prop_assert_eq!(errors(text(&words)).is_empty(), words.encode_utf16().count() <= 5000);
    }
}
