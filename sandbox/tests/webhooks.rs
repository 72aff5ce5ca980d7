//! What residents do, and how the application hears of it.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use common::*;
use line::signature;
use line::webhook;
use reqwest::Method;
use sandbox::config::{BOT_USER_ID, DEMO_CHANNEL_SECRET};
use serde_json::{Value, json};

async fn start() -> (Line, App, TestClock) {
    let (line, clock) = Line::start().await;
    let app = App::start().await;
    line.handle.set_webhook_url(&app.url).unwrap();
    (line, app, clock)
}

#[tokio::test]
async fn a_webhook_is_signed_over_its_raw_bytes_and_reads_as_lines() {
    let (line, mut app, _) = start().await;
    let user = line.handle.create_resident("佐藤", false).unwrap();
    let act = line.act(user, "follow", json!({})).await.ok();
    assert_eq!(act["webhook"]["status"], 200);
    let hook = app.next().await;
    assert!(signature::verify(DEMO_CHANNEL_SECRET, &hook.raw, &hook.signature));
    assert!(!signature::verify("another secret", &hook.raw, &hook.signature));
    assert_eq!(hook.body["destination"], BOT_USER_ID);
    let event = hook.event();
    assert_eq!(event["webhookEventId"], act["event_id"]);
    assert_eq!(event["timestamp"], NOON / 1_000);
    assert_eq!(event["mode"], "active");
    assert_eq!(event["source"], json!({"type": "user", "userId": user}));
    assert_eq!(event["deliveryContext"], json!({"isRedelivery": false}));
    let parsed = webhook::parse(&hook.raw).unwrap();
    assert_eq!(parsed.events.len(), 1);
    line.act(user, "follow", json!({})).await.refused(409);
    assert!(app.nothing_more());
}

#[tokio::test]
async fn every_act_sends_its_event() {
    let (line, mut app, _) = start().await;
    let user = line.handle.create_residents(1).unwrap()[0];
    let said = line.act(user, "say", json!({"text": "避難所はどこ"})).await.ok();
    let event = app.next().await.event().clone();
    assert_eq!((&event["type"], &event["message"]["type"]), (&json!("message"), &json!("text")));
    assert_eq!(event["message"]["text"], "避難所はどこ");
    assert_eq!(event["message"]["id"], said["message_id"]);
    assert_eq!(event["replyToken"].as_str().unwrap().len(), 32);

    line.act(user, "postback", json!({"data": "a=1", "display_text": "はい"})).await.ok();
    assert_eq!(app.next().await.event()["postback"], json!({"data": "a=1"}));
    line.act(user, "location", json!({"title": "市役所", "latitude": 35.5, "longitude": 139.5}))
        .await
        .ok();
    let place = app.next().await.event()["message"].clone();
    assert_eq!((&place["title"], &place["latitude"]), (&json!("市役所"), &json!(35.5)));
    line.act(user, "sticker", json!({"package_id": "446", "sticker_id": "1988"})).await.ok();
    assert_eq!(app.next().await.event()["message"]["stickerId"], "1988");

    let message = json!({"message_id": said["message_id"]});
    line.act(user, "unsend", message.clone()).await.ok();
    let unsend = app.next().await.event().clone();
    assert_eq!(unsend["unsend"], json!({"messageId": said["message_id"]}));
    assert!(unsend.get("replyToken").is_none());
    line.act(user, "unsend", message).await.refused(409);
    line.act(user, "unsend", json!({"message_id": "1"})).await.refused(404);

    line.act(user, "block", json!({})).await.ok();
    let unfollow = app.next().await.event().clone();
    assert_eq!(unfollow["type"], "unfollow");
    assert!(unfollow.get("replyToken").is_none());
    line.act(user, "say", json!({"text": "x"})).await.refused(409);
    line.act(user, "unblock", json!({})).await.ok();
    assert_eq!(app.next().await.event()["follow"], json!({"isUnblocked": true}));
    assert!(app.nothing_more());
    let kinds: Vec<Value> = line.talk(user).await.iter().map(|e| e["kind"].clone()).collect();
    assert_eq!(kinds, ["message", "postback", "message", "message", "block", "unblock"]);
    assert_eq!(line.talk(user).await[0]["unsent"], true);
    line.act(user, "say", json!({"text": ""})).await.refused(422);
    line.act(user, "location", json!({"latitude": 91, "longitude": 0})).await.refused(422);
    line.control(Method::POST, "/residents/U0/say", json!({"text": "x"})).await.refused(404);
}

#[tokio::test]
async fn a_tap_does_what_the_action_says() {
    let (line, mut app, _) = start().await;
    let users = line.handle.create_residents(2).unwrap();
    let user = users[0];
    let items = json!([
        {"type": "action", "action": {"type": "message", "label": "はい", "text": "はい、あります"}},
        {"type": "action", "action": {"type": "postback", "label": "区", "data": "ward=1", "displayText": "中央区"}},
        {"type": "action", "action": {"type": "datetimepicker", "label": "日", "data": "day", "mode": "date"}},
        {"type": "action", "action": {"type": "uri", "label": "開く", "uri": "https://example.jp/"}},
        {"type": "action", "action": {"type": "location", "label": "場所"}}]);
    let messages = json!([{"type": "text", "text": "?", "quickReply": {"items": items}}]);
    let sent = line.post(PUSH, json!({"to": user, "messages": messages})).await.ok();
    let id = &sent["sentMessages"][0]["id"];
    let tap = async |item: usize, params: Value| {
        line.act(user, "tap", json!({"message_id": id, "item": item, "params": params})).await
    };
    tap(0, Value::Null).await.ok();
    assert_eq!(app.next().await.event()["message"]["text"], "はい、あります");
    tap(1, Value::Null).await.ok();
    assert_eq!(app.next().await.event()["postback"], json!({"data": "ward=1"}));
    tap(2, Value::Null).await.refused(422);
    tap(2, json!({"date": "2026-11-20"})).await.ok();
    let picked = json!({"data": "day", "params": {"date": "2026-11-20"}});
    assert_eq!(app.next().await.event()["postback"], picked);
    assert_eq!(tap(3, Value::Null).await.ok()["open"], "https://example.jp/");
    tap(4, Value::Null).await.refused(422);
    tap(5, Value::Null).await.refused(404);
    // A message that somebody else received cannot be tapped.
    line.act(users[1], "tap", json!({"message_id": id, "item": 0})).await.refused(404);
    let copy = json!({"action": {"type": "clipboard", "clipboardText": "12-34"}});
    assert_eq!(line.act(user, "tap", copy).await.ok()["clipboard"], "12-34");
    line.act(user, "tap", json!({})).await.refused(422);
    assert!(app.nothing_more());
}

#[tokio::test]
async fn a_photo_is_read_from_the_data_api_until_it_is_unsent() {
    let (line, mut app, _) = start().await;
    let user = line.handle.create_residents(1).unwrap()[0];
    let url = line.url(&format!("/_sandbox/residents/{user}/photo"));
    let send = async |mime: &str, body: &'static [u8]| {
        read(line.http.post(&url).header("content-type", mime).body(body)).await.unwrap()
    };
    let act = send("image/jpeg", b"\xff\xd8 a photo").await.ok();
    let message = app.next().await.event()["message"].clone();
    assert_eq!(message["contentProvider"], json!({"type": "line"}));
    let id = act["message_id"].as_str().unwrap();
    assert_eq!(message["id"], id);
    for part in ["content", "content/preview"] {
        let path = line.url(&format!("/v2/bot/message/{id}/{part}"));
        let answer = line.http.get(&path).bearer_auth(&line.token).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "image/jpeg");
        assert_eq!(answer.bytes().await.unwrap(), &b"\xff\xd8 a photo"[..]);
        let without = read(line.http.get(&path)).await.unwrap();
        without.refused(401);
    }
    let state = line.get(&format!("/v2/bot/message/{id}/content/transcoding")).await.ok();
    assert_eq!(state, json!({"status": "succeeded"}));
    send("text/plain", b"x").await.refused(422);
    send("image/png", b"").await.refused(422);
    line.get("/v2/bot/message/1/content").await.refused(404);
    line.act(user, "unsend", json!({"message_id": id})).await.ok();
    line.get(&format!("/v2/bot/message/{id}/content")).await.refused(410);
}

#[tokio::test]
async fn what_is_not_answered_2xx_comes_again_under_the_same_id() {
    let (line, mut app, _) = start().await;
    line.faults(json!({"redelivery_delay_ms": 1})).await;
    let user = line.handle.create_residents(1).unwrap()[0];
    app.answer(&[503, 500, 200]);
    let act = line.act(user, "say", json!({"text": "x"})).await.ok();
    assert_eq!(act["webhook"]["status"], 503);
    let first = app.next().await.event().clone();
    let second = app.next().await.event().clone();
    let third = app.next().await.event().clone();
    assert_eq!(first["deliveryContext"]["isRedelivery"], false);
    for again in [&second, &third] {
        assert_eq!(again["deliveryContext"]["isRedelivery"], true);
        for same in ["webhookEventId", "replyToken", "timestamp", "message"] {
            assert_eq!(again[same], first[same]);
        }
    }
    assert!(app.nothing_more());
    line.faults(json!({"redelivery": false})).await;
    app.answer(&[500]);
    line.act(user, "say", json!({"text": "y"})).await.ok();
    app.next().await;
    line.act(user, "say", json!({"text": "z"})).await.ok();
    assert_eq!(app.next().await.event()["message"]["text"], "z");
}

#[tokio::test]
async fn a_redelivery_renews_the_reply_token_for_20_minutes_at_most() {
    const MINUTE: i64 = 60 * SECOND;
    let (mut line, mut app, clock) = start().await;
    line.faults(json!({"redelivery_delay_ms": 1})).await;
    let user = line.handle.create_residents(1).unwrap()[0];
    for (late, then, works) in [(14, 60, true), (14, 61, false), (20, 0, true), (20, 1, false)] {
        app.answer_late(503, &clock, late * MINUTE);
        line.act(user, "say", json!({"text": "x"})).await.ok();
        app.next().await;
        let token = app.next().await.event()["replyToken"].clone();
        clock.forward(then * SECOND);
        line.renew().await;
        let reply = json!({"replyToken": token, "messages": text("x")});
        let status = line.post(REPLY, reply).await.status;
        assert_eq!(status == 200, works, "{late} minutes late, {then} s later: {status}");
    }
}

#[tokio::test]
async fn doubled_webhooks_are_equal() {
    let (line, mut app, _) = start().await;
    line.faults(json!({"doubled_webhooks": 1.0})).await;
    let user = line.handle.create_residents(1).unwrap()[0];
    line.act(user, "say", json!({"text": "x"})).await.ok();
    assert_eq!(app.next().await.body, app.next().await.body);
}

#[tokio::test]
async fn everyone_follows_in_few_requests() {
    let (line, mut app, _) = start().await;
    let order = json!({"count": 250, "friends": false, "name_prefix": "みほん"});
    let made = line.control(Method::POST, "/residents", order).await;
    assert_eq!(made.refused(201).body["user_ids"].as_array().unwrap().len(), 250);
    let followed = line.control(Method::POST, "/follow-all", json!({})).await.ok();
    assert_eq!(followed, json!({"followed": 250, "webhooks": 3, "failed": 0}));
    let mut ids = std::collections::HashSet::new();
    for events in [100, 100, 50] {
        let hook = app.next().await;
        let list = hook.body["events"].as_array().unwrap();
        assert_eq!(list.len(), events);
        ids.extend(list.iter().map(|e| e["webhookEventId"].as_str().unwrap().to_owned()));
    }
    assert_eq!(ids.len(), 250);
    let config = line.get("/_sandbox/config").await.ok();
    assert_eq!(config["friends"], 250);
    let again = line.control(Method::POST, "/follow-all", json!({})).await.ok();
    assert_eq!(again["followed"], 0);
}

#[tokio::test]
async fn the_endpoint_is_set_read_and_tested() {
    let (line, mut app, _) = start().await;
    let path = "/v2/bot/channel/webhook/endpoint";
    assert_eq!(line.get(path).await.ok(), json!({"endpoint": app.url, "active": true}));
    let tested = line.post("/v2/bot/channel/webhook/test", json!({})).await.ok();
    assert_eq!((&tested["success"], &tested["reason"]), (&json!(true), &json!("OK")));
    let hook = app.next().await;
    assert_eq!(hook.body["events"], json!([]));
    assert!(signature::verify(DEMO_CHANNEL_SECRET, &hook.raw, &hook.signature));
    app.answer(&[404]);
    let tested = line.post("/v2/bot/channel/webhook/test", json!({})).await.ok();
    assert_eq!(
        (&tested["reason"], &tested["statusCode"]),
        (&json!("ERROR_STATUS_CODE"), &json!(404))
    );
    let nobody = json!({"endpoint": "http://127.0.0.1:1/"});
    let tested = line.post("/v2/bot/channel/webhook/test", nobody).await.ok();
    assert_eq!(tested["reason"], "COULD_NOT_CONNECT");
    let put = async |url: &str| {
        let request = line.http.put(line.url(path)).bearer_auth(&line.token);
        read(request.json(&json!({"endpoint": url}))).await.unwrap()
    };
    put("https://example.jp/webhook").await.ok();
    assert_eq!(line.get(path).await.ok()["endpoint"], "https://example.jp/webhook");
    for bad in
        ["http://example.jp/", "ftp://127.0.0.1/", "x", &format!("https://x/{}", "y".repeat(500))]
    {
        put(bad).await.refused(400);
    }
    line.control(Method::PUT, "/config", json!({"webhook_active": false})).await.ok();
    assert_eq!(line.get(path).await.ok()["active"], false);
    let user = line.handle.create_residents(1).unwrap()[0];
    let act = line.act(user, "say", json!({"text": "x"})).await.ok();
    assert_eq!(act["webhook"]["error"], "disabled");
}
