//! What the sandbox sends in LINE's name.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::common::menus::{ALIAS, DEFAULT, make, menu, plain};
use crate::common::{App, Hook, Line, read};
use crate::spec::Spec;

const SCHEMA: &str = "CallbackRequest";

/// Everything that a resident can do, once.
async fn everything(line: &Line, app: &mut App) -> Vec<Hook> {
    let mut hooks = Vec::new();
    let user = line.handle.create_resident("佐藤", false).unwrap();
    let switch =
        |alias: &str| json!({"type": "richmenuswitch", "richMenuAliasId": alias, "data": "x"});
    let a = make(line, menu("a", &[switch("tab-b"), switch("nowhere")])).await;
    let b = make(line, plain("b")).await;
    line.post(ALIAS, json!({"richMenuAliasId": "tab-b", "richMenuId": b})).await.ok();
    line.post(&format!("{DEFAULT}/{a}"), json!({})).await.ok();
    let picker = json!({"type": "datetimepicker", "data": "day", "mode": "date"});
    for (act, body) in [
        ("follow", json!({})),
        ("say", json!({"text": "避難所はどこ😀"})),
        ("postback", json!({"data": "a=1", "display_text": "はい"})),
        ("tap", json!({"action": picker, "params": {"date": "2026-11-20"}})),
        ("menu/tap", json!({"area": 1})),
        ("menu/tap", json!({"area": 0})),
        ("location", json!({"latitude": 35, "longitude": 139.5})),
        ("location", json!({"title": "市役所", "address": "1", "latitude": 0.5, "longitude": -1})),
        ("sticker", json!({"package_id": "446", "sticker_id": "1988"})),
    ] {
        line.act(user, act, body).await.ok();
        hooks.push(app.next().await);
    }
    let url = line.url(&format!("/_sandbox/residents/{user}/photo"));
    let photo = line.http.post(url).header("content-type", "image/jpeg").body("a photo");
    let photo = read(photo).await.unwrap().ok();
    hooks.push(app.next().await);
    for (act, body) in [
        ("unsend", json!({"message_id": photo["message_id"]})),
        ("block", json!({})),
        ("unblock", json!({})),
    ] {
        line.act(user, act, body).await.ok();
        hooks.push(app.next().await);
    }
    // Sent again, and without an event.
    app.answer(&[503]);
    line.act(user, "say", json!({"text": "x"})).await.ok();
    hooks.extend([app.next().await, app.next().await]);
    line.post("/v2/bot/channel/webhook/test", json!({})).await.ok();
    hooks.push(app.next().await);
    hooks
}

#[tokio::test]
async fn what_the_sandbox_sends_is_as_line_describes_it() {
    let Some(spec) = Spec::read("webhook.yml") else { return };
    let (line, _) = Line::start().await;
    let mut app = App::start().await;
    line.handle.set_webhook_url(&app.url).unwrap();
    line.faults(json!({"redelivery_delay_ms": 1})).await;
    let hooks = everything(&line, &mut app).await;
    for hook in &hooks {
        assert_eq!(spec.faults(SCHEMA, &hook.body), [""; 0], "{}", hook.body);
    }
    let kind = |hook: &Hook| {
        let event = hook.event();
        let of = |value: &Value| value["type"].as_str().unwrap_or_default().to_owned();
        format!("{} {}", of(event), of(&event["message"])).trim().to_owned()
    };
    let kinds: BTreeSet<String> = hooks.iter().map(kind).collect();
    let all = [
        "",
        "follow",
        "message image",
        "message location",
        "message sticker",
        "message text",
        "postback",
        "unfollow",
        "unsend",
    ];
    assert_eq!(kinds, BTreeSet::from(all.map(str::to_owned)));

    let first = |wanted: &str| &hooks.iter().find(|hook| kind(hook) == wanted).unwrap().body;
    spec.refuses(
        SCHEMA,
        first("message text"),
        &[
            ("/destination", json!("kairan")),
            ("/events", json!(null)),
            ("/events/0/type", json!("whisper")),
            ("/events/0/mode", json!("asleep")),
            ("/events/0/timestamp", json!("noon")),
            ("/events/0/webhookEventId", json!(null)),
            ("/events/0/deliveryContext", json!(null)),
            ("/events/0/source/type", json!("crowd")),
            ("/events/0/message/type", json!("gesture")),
            ("/events/0/message/quoteToken", json!(null)),
            ("/events/0/message/words", json!("x")),
        ],
    );
    for (kind, wrong) in [
        ("follow", [("/events/0/replyToken", json!(null)), ("/events/0/follow/by", json!("x"))]),
        (
            "message image",
            [
                ("/events/0/message/contentProvider/type", json!("city")),
                ("/events/0/message/id", json!(1)),
            ],
        ),
        (
            "message location",
            [
                ("/events/0/message/latitude", json!("35")),
                ("/events/0/message/longitude", json!(null)),
            ],
        ),
        (
            "message sticker",
            [
                ("/events/0/message/stickerResourceType", json!("PAPER")),
                ("/events/0/message/stickerId", json!(null)),
            ],
        ),
        (
            "postback",
            [("/events/0/postback/data", json!(null)), ("/events/0/postback/params", json!([]))],
        ),
        ("unfollow", [("/events/0/unfollow", json!({})), ("/events/0/timestamp", json!(null))]),
        ("unsend", [("/events/0/unsend", json!(null)), ("/events/0/unsend/messageId", json!(1))]),
    ] {
        spec.refuses(SCHEMA, first(kind), &wrong);
    }
}
