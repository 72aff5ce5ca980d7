use super::*;
use proptest::prelude::*;
use serde_json::json;

const ID: &str = "U8e742f61d673b39c7fff3cecb7536ef0";

fn one(event: Value) -> Event {
    let body = json!({"destination": ID, "events": [event]}).to_string();
    let mut webhook = parse(body.as_bytes()).unwrap();
    assert_eq!(webhook.destination, ID);
    webhook.events.remove(0)
}

fn with(kind: &str, extra: Value) -> Value {
    let mut event = json!({
        "type": kind,
        "timestamp": 1_795_000_000_123_i64,
        "mode": "active",
        "webhookEventId": "01KAF4Z5Q4P3R2S1T0V9W8X7Y6",
        "deliveryContext": {"isRedelivery": true},
        "source": {"type": "user", "userId": ID},
        "replyToken": "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA"
    });
    let extra = extra.as_object().unwrap().clone();
    event.as_object_mut().unwrap().extend(extra);
    event
}

#[test]
fn the_connectivity_check_has_no_events() {
    let webhook = parse(br#"{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}"#);
    assert!(webhook.unwrap().events.is_empty());
}

#[test]
fn half_an_emoji_costs_itself_only() {
    let said = |text: &str| {
        let body = format!(
            r#"{{"events":[{{"type":"message","message":{{"id":"1","type":"text","text":"{text}"}}}}]}}"#
        );
        match parse(body.as_bytes()).unwrap().events.remove(0).kind {
            EventKind::Message(ReceivedMessage { content: Content::Text(text), .. }) => text,
            other => panic!("{other:?}"),
        }
    };
    for (escaped, read) in [
        (r"\ud83d\ude00", "😀"),
        (r"a\ud800", "a\u{fffd}"),
        (r"\ude00b", "\u{fffd}b"),
        (r"\ud83d\ud83d\uDE00\ud83dn", "\u{fffd}😀\u{fffd}n"),
        (r"\ud800\\ud83d\n", "\u{fffd}\\ud83d\n"),
        (r"\ud800\u3042あ", "\u{fffd}ああ"),
    ] {
        assert_eq!(said(escaped), read, "{escaped}");
    }
    for broken in [r#"{"events":["\ud8"#, r#"{"events":["\ud800"#, r#"{"events":["\ud800\"]}"#] {
        assert_eq!(parse(broken.as_bytes()), Err(Malformed), "{broken}");
    }
}

#[test]
fn common_properties_are_read() {
    let raw = with("follow", json!({"follow": {"isUnblocked": true}}));
    let event = one(raw.clone());
    assert_eq!(event.webhook_event_id.as_deref(), Some("01KAF4Z5Q4P3R2S1T0V9W8X7Y6"));
    assert_eq!(event.timestamp, Some(1_795_000_000_123));
    assert_eq!(event.mode, Mode::Active);
    assert!(event.is_redelivery);
    assert!(event.reply_token.is_some());
    assert_eq!(event.user(), ID.parse().ok());
    assert_eq!(event.kind, EventKind::Follow { is_unblocked: true });
    assert_eq!(event.raw, raw);
}

#[test]
fn kinds_are_told_apart() {
    assert_eq!(one(with("unfollow", json!({}))).kind, EventKind::Unfollow);
    assert_eq!(
        one(with("unsend", json!({"unsend": {"messageId": "325708"}}))).kind,
        EventKind::Unsend { message_id: "325708".to_owned() }
    );
    let postback = json!({"postback": {"data": "step=2", "params": {"date": "2026-11-20"}}});
    assert_eq!(
        one(with("postback", postback)).kind,
        EventKind::Postback {
            data: "step=2".to_owned(),
            params: Some(json!({"date": "2026-11-20"}))
        }
    );
    assert_eq!(
        one(with("accountLink", json!({"link": {"result": "failed", "nonce": "n"}}))).kind,
        EventKind::AccountLink { ok: false, nonce: "n".to_owned() }
    );
    // What is known but lacks what it must have is kept, not refused.
    for (kind, extra) in [
        ("unsend", json!({})),
        ("postback", json!({"postback": {"data": 7}})),
        ("message", json!({"message": {"type": "text", "text": "no id"}})),
        ("messageEdited", json!({})),
        ("botSuspended", json!({})),
    ] {
        let kind_as_is = kind.to_owned();
        assert_eq!(one(with(kind, extra)).kind, EventKind::Other { kind: kind_as_is });
    }
}

#[test]
fn messages_are_told_apart() {
    let content = |message: Value| match one(with("message", json!({"message": message}))).kind {
        EventKind::Message(message) => message.content,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        content(json!({"id": "1", "type": "text", "text": "こんにちは", "quoteToken": "q"})),
        Content::Text("こんにちは".to_owned())
    );
    assert_eq!(
        content(json!({"id": "1", "type": "image", "contentProvider": {"type": "line"}})),
        Content::Image { provider: Provider::Line }
    );
    assert_eq!(
        content(json!({"id": "1", "type": "video", "duration": 60000,
                       "contentProvider": {"type": "external"}})),
        Content::Video { provider: Provider::Other, duration_ms: Some(60000) }
    );
    assert_eq!(
        content(json!({"id": "1", "type": "location", "latitude": 35, "longitude": 139.5})),
        Content::Location { title: None, address: None, latitude: 35.0, longitude: 139.5 }
    );
    assert_eq!(
        content(json!({"id": "1", "type": "sticker", "packageId": "446", "stickerId": "1988"})),
        Content::Sticker { package_id: "446".to_owned(), sticker_id: "1988".to_owned() }
    );
    assert_eq!(
        content(json!({"id": "1", "type": "file", "fileName": "a.pdf", "fileSize": 2138})),
        Content::File { name: "a.pdf".to_owned(), size: Some(2138) }
    );
    for unknown in ["hologram", "location"] {
        assert_eq!(
            content(json!({"id": "1", "type": unknown})),
            Content::Other { kind: unknown.to_owned() }
        );
    }
}

#[test]
fn whatever_is_missing_is_none() {
    for raw in [json!({}), json!(7), json!(null), json!([1]), json!("x")] {
        let event = one(raw.clone());
        assert_eq!(event.webhook_event_id, None);
        assert_eq!(event.timestamp, None);
        assert_eq!(event.source, None);
        assert_eq!(event.mode, Mode::Other);
        assert!(!event.is_redelivery);
        assert_eq!(event.raw, raw);
    }
    let group = json!({"source": {"type": "group", "groupId": "C1", "userId": ID}});
    let event = one(with("message", group));
    assert_eq!(event.user(), None, "nobody is alone in a group");
    let odd = one(with("follow", json!({"source": {"type": "user", "userId": "U1"}})));
    assert_eq!(odd.source.unwrap().user_id, None);
    assert!(parse(br#"{"events":[]}"#).unwrap().destination.is_empty());
}

#[test]
fn what_is_no_webhook_is_malformed() {
    let deep = format!("{{\"events\":[{}{}]}}", "[".repeat(5000), "]".repeat(5000));
    for body in [
        &b""[..],
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"{\"events\":{}}",
        b"{\"events\":null}",
        b"{\"events\":[]} x",
        b"{\"events\":[\"\xff\"]}",
        b"\xef\xbb\xbf{\"events\":[]}",
        deep.as_bytes(),
    ] {
        assert_eq!(parse(body), Err(Malformed));
    }
}

#[test]
fn debug_tells_neither_ids_nor_words() {
    let event = one(with(
        "message",
        json!({"message": {"id": "325708", "type": "text", "text": "秘密です"}}),
    ));
    let shown = format!("{event:?}");
    assert!(shown.contains("text"));
    for hidden in ["秘密", ID, "325708", "nHuyWiB7"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&body);
    }

    #[test]
    fn no_event_makes_it_fail(kind in "[a-zA-Z]{0,12}", key in "[a-zA-Z]{1,10}", n in any::<i64>()) {
        let event = json!({"type": kind, &key: n, "message": n, "postback": {"data": n}});
        let body = json!({"events": [event]}).to_string();
        prop_assert_eq!(parse(body.as_bytes()).map(|w| w.events.len()), Ok(1));
    }
}
