use super::*;
use serde_json::json;

fn round_trip(value: Value) -> Message {
    let message: Message = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&message).unwrap(), value);
    message
}

#[test]
fn typed_messages_have_lines_names() {
    assert_eq!(
        serde_json::to_value(Message::text("こんにちは")).unwrap(),
        json!({"type": "text", "text": "こんにちは"})
    );
    let image = round_trip(json!({
        "type": "image",
        "originalContentUrl": "https://example.com/o.png",
        "previewImageUrl": "https://example.com/p.png",
        "sender": {"name": "みほん市", "iconUrl": "https://example.com/i.png"}
    }));
    assert!(matches!(&image, Message::Image(m) if m.sender.is_some()));
    assert!(matches!(
        round_trip(json!({"type": "sticker", "packageId": "446", "stickerId": "1988"})),
        Message::Sticker(_)
    ));
    assert!(matches!(
        round_trip(json!({"type": "location", "title": "市役所", "address": "みほん市1-1",
                          "latitude": 35.5, "longitude": 139.25})),
        Message::Location(m) if m.latitude == 35.5
    ));
    assert!(matches!(
        round_trip(json!({"type": "text", "text": "$ ok", "emojis":
            [{"index": 0, "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}]})),
        Message::Text(m) if m.emojis.len() == 1
    ));
    assert!(matches!(
        round_trip(json!({"type": "flex", "altText": "a", "contents": {"type": "bubble"}})),
        Message::Flex(_)
    ));
}

#[test]
fn unknown_types_and_properties_survive() {
    for value in [
        json!({"type": "hologram", "depth": 3, "quickReply": {"items": []}}),
        json!({"type": "textV2", "text": "{a}", "substitution": {"a": {"type": "emoji"}}}),
        json!({"type": "video", "originalContentUrl": 7}),
        json!({"text": "no type"}),
        json!("not even an object"),
        json!({"type": "sticker", "packageId": 1, "stickerId": null}),
    ] {
        assert!(matches!(round_trip(value), Message::Other(_)));
    }
    let text = round_trip(json!({"type": "text", "text": "a", "quoteToken": "q", "new": [1, 2]}));
    assert!(matches!(text, Message::Text(m) if m.extra["quoteToken"] == "q"));
}

#[test]
fn actions_round_trip() {
    let actions = json!([
        {"type": "postback", "label": "a", "data": "d", "displayText": "t",
         "inputOption": "openKeyboard", "fillInText": "f"},
        {"type": "message", "label": "a", "text": "t"},
        {"type": "uri", "label": "a", "uri": "tel:0312345678", "altUri": {"desktop": "https://example.com"}},
        {"type": "datetimepicker", "label": "a", "data": "d", "mode": "datetime", "min": "2026-11-20T09:00"},
        {"type": "clipboard", "label": "a", "clipboardText": "c"},
        {"type": "camera", "label": "a"},
        {"type": "cameraRoll", "label": "a"},
        {"type": "location", "label": "a"},
        {"type": "richmenuswitch", "richMenuAliasId": "tab-b", "data": "d"},
        {"type": "telepathy", "label": "a", "range": 4},
        {"type": "datetimepicker", "label": "a", "data": "d", "mode": "year"},
    ]);
    let parsed: Vec<Action> = serde_json::from_value(actions.clone()).unwrap();
    assert_eq!(serde_json::to_value(&parsed).unwrap(), actions);
    let other = parsed.iter().filter(|a| matches!(a, Action::Other(_))).count();
    assert_eq!(other, 2, "the unknown type and the unknown mode");
    assert_eq!(parsed[9].kind(), "telepathy");
    assert_eq!(parsed[9].label(), Some("a"));
    assert_eq!(parsed[8].label(), None);
}

#[test]
fn quick_replies_go_on_every_message() {
    let buttons = QuickReply::of([Action::postback("はい", "yes")]);
    let wire = json!({"items": [
        {"type": "action", "action": {"type": "postback", "label": "はい", "data": "yes"}}]});
    for message in [
        Message::text("a"),
        Message::image("https://a", "https://b"),
        Message::flex("a", json!({})),
        Message::Other(json!({"type": "video"})),
    ] {
        let message = message.with_quick_reply(buttons.clone());
        assert_eq!(serde_json::to_value(&message).unwrap()["quickReply"], wire);
    }
}
