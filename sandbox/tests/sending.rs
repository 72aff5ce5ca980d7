//! Sending: who gets what, what is refused, and retry keys.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use common::*;
use line::UserId;
use reqwest::Method;
use serde_json::{Value, json};

fn unknown(n: u8) -> UserId {
    UserId::from_bytes([n; 16])
}

#[tokio::test]
async fn a_multicast_reaches_friends_once_and_only_them() {
    let (line, _) = Line::start().await;
    let friends = line.handle.create_residents(3).unwrap();
    let stranger = line.handle.create_resident("他人", false).unwrap();
    line.act(friends[2], "block", json!({})).await.ok();
    let to = json!([friends[0], friends[2], stranger, unknown(7)]);
    let answer = line.post(MULTICAST, json!({"to": to, "messages": text("こんにちは")})).await;
    assert_eq!(answer.header("x-line-request-id").len(), 36);
    assert_eq!(answer.ok(), json!({}));
    for (user, count) in [(friends[0], 1), (friends[1], 0), (friends[2], 0), (stranger, 0)] {
        assert_eq!(line.count(user).await, count);
    }
    let talk = line.talk(friends[0]).await;
    assert_eq!(talk[0]["messages"][0]["text"], "こんにちは");
    assert_eq!(talk[0]["from"], "city");
    assert_eq!(talk[0]["kind"], "multicast");
}

#[tokio::test]
async fn a_multicast_takes_1_to_500_distinct_well_formed_ids() {
    let (line, _) = Line::start().await;
    let friends = line.handle.create_residents(501).unwrap();
    let multicast =
        async |to: Value| line.post(MULTICAST, json!({"to": to, "messages": text("x")})).await;
    multicast(json!(friends[..500])).await.ok();
    assert_eq!(multicast(json!(friends)).await.refused(400).body["details"][0]["property"], "to");
    multicast(json!([])).await.refused(400);
    multicast(Value::Null).await.refused(400);
    let upper = friends[1].to_string().to_uppercase();
    for bad in ["", "U123", "not an id", &upper] {
        let answer = multicast(json!([friends[0], bad])).await;
        assert_eq!(answer.refused(400).body["details"][0]["property"], "to[1]");
    }
    let twice = multicast(json!([friends[0], friends[1], friends[0]])).await;
    assert_eq!(twice.refused(400).body["details"][0]["property"], "to[2]");
    // Nothing of the refused calls arrived.
    assert_eq!(line.count(friends[0]).await, 1);
}

#[tokio::test]
async fn a_refused_id_refuses_the_whole_call() {
    let (line, _) = Line::start().await;
    let friends = line.handle.create_residents(3).unwrap();
    line.faults(json!({"refuse_ids": [friends[1]]})).await;
    let body = json!({"to": friends, "messages": text("x")});
    let answer = line.keyed(MULTICAST, body.clone(), KEY).await;
    assert_eq!(answer.refused(400).message(), "The request body has 1 error(s)");
    assert_eq!(answer.body["details"][0]["property"], "to[1]");
    assert_eq!(line.count(friends[0]).await, 0);
    line.faults(json!({})).await;
    // A refused call does not use its key up.
    line.keyed(MULTICAST, body, KEY).await.ok();
    assert_eq!(line.count(friends[0]).await, 1);
}

#[tokio::test]
async fn a_retry_key_is_accepted_once_in_24_hours() {
    let (line, clock) = Line::start().await;
    let friends = line.handle.create_residents(2).unwrap();
    let body = json!({"to": [friends[0]], "messages": text("x")});
    let first = line.keyed(MULTICAST, body.clone(), KEY).await;
    let accepted = first.header("x-line-request-id").to_owned();
    first.ok();
    let again = line.keyed(MULTICAST, body.clone(), KEY).await;
    again.refused(409);
    assert_eq!(again.body, json!({"message": "The retry key is already accepted"}));
    assert_eq!(again.header("x-line-accepted-request-id"), accepted);
    assert_ne!(again.header("x-line-request-id"), accepted);
    // Other recipients or letters of the other case do not make it another key.
    let other = json!({"to": [friends[1]], "messages": text("y")});
    line.keyed(MULTICAST, other, &KEY.to_uppercase()).await.refused(409);
    assert_eq!(line.count(friends[1]).await, 0);
    clock.forward(24 * HOUR - 1);
    let line = line.renew_token().await;
    line.keyed(MULTICAST, body.clone(), KEY).await.refused(409);
    clock.forward(1);
    let line = line.renew_token().await;
    line.keyed(MULTICAST, body.clone(), KEY).await.ok();
    line.keyed(MULTICAST, body, KEY).await.refused(409);
    assert_eq!(line.count(friends[0]).await, 2);
}

#[tokio::test]
async fn a_retry_key_is_a_uuid() {
    let (line, _) = Line::start().await;
    let friends = line.handle.create_residents(1).unwrap();
    let body = json!({"to": friends, "messages": text("x")});
    for bad in ["", "1", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g"]
    {
        line.keyed(MULTICAST, body.clone(), bad).await.refused(400);
    }
    assert_eq!(line.count(friends[0]).await, 0);
    // Calls that know no retry keys refuse the header.
    let validate = "/v2/bot/message/validate/push";
    let messages = json!({"messages": text("x")});
    line.keyed(validate, messages, KEY).await.refused(400);
}

#[tokio::test]
async fn a_push_tells_its_message_ids_also_when_retried() {
    let (line, _) = Line::start().await;
    let friends = line.handle.create_residents(1).unwrap();
    let messages = json!([{"type": "text", "text": "1"}, {"type": "text", "text": "2"}]);
    let body = json!({"to": friends[0], "messages": messages});
    let sent = line.keyed(PUSH, body.clone(), KEY).await.ok();
    assert_eq!(sent["sentMessages"].as_array().unwrap().len(), 2);
    let again = line.keyed(PUSH, body, KEY).await;
    assert_eq!(again.refused(409).body["sentMessages"], sent["sentMessages"]);
    let talk = line.talk(friends[0]).await;
    assert_eq!(talk[0]["messages"][1]["id"], sent["sentMessages"][1]["id"]);
    let bad = line.post(PUSH, json!({"to": "someone", "messages": text("x")})).await;
    assert!(bad.refused(400).message().contains("'to'"));
    line.post(PUSH, json!({"to": unknown(9), "messages": text("x")})).await.ok();
}

#[tokio::test]
async fn a_broadcast_reaches_every_friend() {
    let (line, _) = Line::start().await;
    let friends = line.handle.create_residents(5).unwrap();
    let stranger = line.handle.create_resident("他人", false).unwrap();
    line.keyed(BROADCAST, json!({"messages": text("x")}), KEY).await.ok();
    line.keyed(BROADCAST, json!({"messages": text("x")}), KEY).await.refused(409);
    let sum = line.get("/_sandbox/received?kind=broadcast&min=1").await.ok();
    assert_eq!(sum["residents_by_count"], json!({"0": 1, "1": 5}));
    assert_eq!(sum["at_least_min"], 5);
    assert_eq!(line.count(stranger).await, 0);
    assert_eq!(line.count(friends[4]).await, 1);
}

#[tokio::test]
async fn a_reply_token_works_once_for_a_minute() {
    let (line, clock) = Line::start().await;
    let mut app = App::start().await;
    line.handle.set_webhook_url(&app.url).unwrap();
    let user = line.handle.create_residents(1).unwrap()[0];
    let mut token = async || {
        line.act(user, "say", json!({"text": "もしもし"})).await.ok();
        app.next().await.event()["replyToken"].clone()
    };
    let first = token().await;
    let body = json!({"replyToken": first, "messages": text("はい")});
    line.keyed(REPLY, body.clone(), KEY).await.refused(400);
    line.post(REPLY, json!({"replyToken": first, "messages": []})).await.refused(400);
    let sent = line.post(REPLY, body.clone()).await.ok();
    assert_eq!(sent["sentMessages"].as_array().unwrap().len(), 1);
    assert_eq!(line.post(REPLY, body).await.refused(400).message(), "Invalid reply token");
    let late = token().await;
    clock.forward(60 * SECOND + 1);
    line.post(REPLY, json!({"replyToken": late, "messages": text("x")})).await.refused(400);
    line.post(REPLY, json!({"messages": text("x")})).await.refused(400);
    assert_eq!(line.count(user).await, 1);
}

#[tokio::test]
async fn messages_are_checked_when_validated_and_when_sent() {
    let (line, _) = Line::start().await;
    let user = line.handle.create_residents(1).unwrap()[0];
    let long = "あ".repeat(5_001);
    let six = json!(vec![json!({"type": "text", "text": "x"}); 6]);
    for (bad, property) in [
        (json!([]), "messages"),
        (six, "messages"),
        (json!([{"type": "text", "text": ""}]), "messages[0].text"),
        (text(&long), "messages[0].text"),
        (json!([{"type": "hologram"}]), "messages[0].type"),
    ] {
        for kind in ["reply", "push", "multicast", "narrowcast", "broadcast"] {
            let path = format!("/v2/bot/message/validate/{kind}");
            let answer = line.post(&path, json!({"messages": bad})).await;
            let found = answer.refused(400).body["details"][0]["property"].as_str();
            assert!(found.unwrap().starts_with(property), "{found:?} for {property}");
        }
        line.post(PUSH, json!({"to": user, "messages": bad})).await.refused(400);
    }
    let fine = json!({"messages": text(&long[3..])});
    let answer = line.post("/v2/bot/message/validate/push", fine).await;
    assert_eq!(answer.ok(), json!({}));
    line.post("/v2/bot/message/validate/smoke", json!({"messages": text("x")})).await.refused(404);
    assert_eq!(line.count(user).await, 0);
}

#[tokio::test]
async fn a_unit_is_one_name_of_30_and_the_1001st_of_a_month_is_not_assigned() {
    let (line, _) = Line::start().await;
    line.faults(json!({"rate_limits": false})).await;
    let user = line.handle.create_residents(1).unwrap()[0];
    let push = async |units: Value| {
        let body = json!({"to": user, "messages": text("x"), "customAggregationUnits": units});
        line.post(PUSH, body).await
    };
    for bad in
        [json!(["a", "b"]), json!(["お知らせ"]), json!(["a".repeat(31)]), json!([""]), json!("a")]
    {
        push(bad).await.refused(400);
    }
    for n in 0..1_001 {
        push(json!([format!("unit_{n}")])).await.ok();
    }
    push(json!(["unit_0"])).await.ok();
    let info = line.get("/v2/bot/message/aggregation/info").await.ok();
    assert_eq!(info["numOfCustomAggregationUnits"], 1_000);
    let sum = line.get("/_sandbox/received?unit=unit_0").await.ok();
    assert_eq!(sum["received_total"], 2);
    let sum = line.get("/_sandbox/received?unit=unit_1000").await.ok();
    assert_eq!(sum["received_total"], 0);
    let page = line.get("/v2/bot/message/aggregation/list?limit=100").await.ok();
    assert_eq!(page["customAggregationUnits"][99], "unit_99");
    let next = page["next"].as_str().unwrap();
    let page = line.get(&format!("/v2/bot/message/aggregation/list?start={next}")).await.ok();
    assert_eq!(page["customAggregationUnits"][0], "unit_100");
    let broadcast = json!({"messages": text("x"), "customAggregationUnits": ["a"]});
    line.post(BROADCAST, broadcast).await.refused(400);
}

#[tokio::test]
async fn bad_bodies_and_tokens_are_refused_as_line_does() {
    let (mut line, clock) = Line::start().await;
    let raw = async |line: &Line, kind: &str, body: Vec<u8>| {
        let request = line.http.post(line.url(PUSH)).bearer_auth(&line.token);
        read(request.header("content-type", kind).body(body)).await.unwrap()
    };
    let deep = "[".repeat(100_000).into_bytes();
    for body in [b"{".to_vec(), b"[]".to_vec(), b"\xff\xfe".to_vec(), deep, Vec::new()] {
        let answer = raw(&line, "application/json", body).await;
        assert!(answer.refused(400).message().contains("could not be parsed as JSON"));
    }
    raw(&line, "text/plain", b"{}".to_vec()).await.refused(415);
    let large = format!("{{\"to\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
    raw(&line, "application/json", large.into_bytes()).await.refused(413);
    line.get("/v2/bot/nothing").await.refused(404);
    for path in [PUSH, "/v2/oauth/revoke", "/friendship/v1/status", "/_sandbox/residents"] {
        let request = line.http.delete(line.url(path)).bearer_auth(&line.token);
        let answer = read(request).await.unwrap();
        assert_eq!(answer.refused(405).message(), "Method not allowed", "{path}");
        assert!(!answer.header("allow").is_empty(), "{path}");
    }
    let token = std::mem::take(&mut line.token);
    for wrong in ["", "x", "x.y", &format!("{token}x"), &token[1..]] {
        line.token = wrong.to_owned();
        let answer = line.get("/v2/bot/info").await;
        assert!(answer.refused(401).message().starts_with("Authentication failed"));
        assert_eq!(answer.header("x-line-request-id").len(), 36);
    }
    line.token = token;
    line.get("/v2/bot/info").await.ok();
    clock.forward(900 * SECOND);
    line.get("/v2/bot/info").await.refused(401);
}

#[tokio::test]
async fn a_stranger_is_reached_for_seven_days_after_writing() {
    let (line, clock) = Line::start().await;
    let stranger = line.handle.create_resident("他人", false).unwrap();
    let push = async || {
        line.post(PUSH, json!({"to": stranger, "messages": text("x")})).await.ok();
        line.count(stranger).await
    };
    assert_eq!(push().await, 0);
    line.act(stranger, "postback", json!({"data": "a"})).await.refused(409);
    line.act(stranger, "say", json!({"text": "こんにちは"})).await.ok();
    assert_eq!(push().await, 1);
    line.act(stranger, "postback", json!({"data": "a"})).await.ok();
    line.post(MULTICAST, json!({"to": [stranger], "messages": text("x")})).await.ok();
    line.post(BROADCAST, json!({"messages": text("x")})).await.ok();
    assert_eq!(line.count(stranger).await, 1);
    clock.forward(7 * 24 * HOUR - SECOND);
    let line = line.renew_token().await;
    let push = async || {
        line.post(PUSH, json!({"to": stranger, "messages": text("x")})).await.ok();
        line.count(stranger).await
    };
    assert_eq!(push().await, 2);
    clock.forward(SECOND);
    assert_eq!(push().await, 2);
}

#[tokio::test]
async fn a_channel_token_needs_the_right_form() {
    let (line, _) = Line::start().await;
    let right = [
        ("grant_type", "client_credentials"),
        ("client_id", "1000000001"),
        ("client_secret", "5a17d0c0ffee5a17d0c0ffee5a17d0c0"),
    ];
    let token = line.form("/oauth2/v3/token", &right).await.ok();
    assert_eq!((&token["expires_in"], &token["token_type"]), (&json!(900), &json!("Bearer")));
    let query =
        format!("/oauth2/v2.1/verify?access_token={}", token["access_token"].as_str().unwrap());
    assert_eq!(line.get(&query).await.ok(), json!({"client_id": "1000000001", "expires_in": 900}));
    let short = line.form("/v2/oauth/accessToken", &right).await.ok();
    assert_eq!(short["expires_in"], 2_592_000);
    for (field, value) in [(0, "password"), (1, "1"), (2, "wrong")] {
        let mut wrong = right;
        wrong[field].1 = value;
        let answer = line.form("/oauth2/v3/token", &wrong).await;
        assert!(answer.refused(400).body["error"].is_string(), "{}", answer.body);
        assert!(answer.body["error_description"].is_string());
    }
    line.post("/oauth2/v3/token", json!({})).await.refused(400);
    // A token of the login channel does not send messages.
    let login = line
        .form(
            "/oauth2/v3/token",
            &[
                ("grant_type", "client_credentials"),
                ("client_id", "1000000002"),
                ("client_secret", "10917d0c0ffee10917d0c0ffee10917d"),
            ],
        )
        .await
        .ok();
    let other = Line { token: login["access_token"].as_str().unwrap().into(), ..line };
    other.get("/v2/bot/info").await.refused(401);
    assert_eq!(other.control(Method::GET, "/config", json!({})).await.ok()["residents"], 0);
}
