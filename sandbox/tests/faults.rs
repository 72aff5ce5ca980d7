//! Rate limits, faults, and what survives a restart.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use common::*;
use reqwest::Method;
use sandbox::{Config, Faults, Filter};
use serde_json::{Value, json};

/// How many calls of 300 at one instant were answered 200; the others are 429.
async fn burst(line: &Line) -> usize {
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..300 {
        let user = line.url(MULTICAST);
        let request = line.http.post(user).bearer_auth(&line.token);
        let body = json!({"to": [format!("U{:032x}", 1)], "messages": text("x")});
        calls.spawn(read(request.json(&body)));
    }
    let mut accepted = 0;
    while let Some(answer) = calls.join_next().await {
        let answer = answer.unwrap().unwrap();
        if answer.status == 200 {
            accepted += 1;
        } else {
            let words = "The API rate limit has been exceeded. Try again later.";
            assert_eq!(answer.refused(429).message(), words);
        }
    }
    accepted
}

#[tokio::test]
async fn multicast_takes_200_a_second_from_a_full_bucket() {
    let (line, clock) = Line::start().await;
    assert_eq!(burst(&line).await, 200);
    assert_eq!(burst(&line).await, 0);
    clock.forward(SECOND / 4);
    assert_eq!(burst(&line).await, 50);
    // Another endpoint has its own bucket.
    line.post("/v2/bot/message/validate/push", json!({"messages": text("x")})).await.ok();
    clock.forward(SECOND);
    assert_eq!(burst(&line).await, 200);
    line.faults(json!({"rate_limits": false})).await;
    assert_eq!(burst(&line).await, 300);
    let wire = line.get("/_sandbox/events?limit=0").await.ok();
    assert_eq!((&wire["answered_429"], &wire["events"]), (&json!(750), &json!([])));
}

#[tokio::test]
async fn broadcasts_and_insight_are_60_an_hour() {
    let (line, _) = Line::start().await;
    for _ in 0..60 {
        line.post(BROADCAST, json!({"messages": text("x")})).await.ok();
    }
    line.post(BROADCAST, json!({"messages": text("x")})).await.refused(429);
    for _ in 0..60 {
        line.get("/v2/bot/insight/followers?date=20261101").await.ok();
    }
    line.get("/v2/bot/insight/followers?date=20261101").await.refused(429);
}

#[tokio::test]
async fn a_lost_answer_was_carried_out_once() {
    let (line, _) = Line::start().await;
    let users = line.handle.create_residents(2).unwrap();
    line.faults(json!({"lost_after_acceptance": 1.0})).await;
    let body = json!({"to": users, "messages": text("x")});
    let lost = line.send(MULTICAST, body.clone(), Some(KEY)).await;
    assert!(lost.unwrap_err().is_request());
    line.keyed(MULTICAST, body.clone(), KEY).await.refused(409);
    assert_eq!(line.count(users[0]).await, 1);
    let wire = line.get("/_sandbox/events").await.ok();
    let call = wire["events"].as_array().unwrap().iter().find(|e| e["path"] == MULTICAST).unwrap();
    assert_eq!((&call["status"], &call["ids"]), (&Value::Null, &json!(2)));
    assert_eq!(call["note"], "accepted, answer lost");
    // A refused call is not lost, but answered.
    line.post(MULTICAST, json!({"to": [], "messages": text("x")})).await.refused(400);

    let other = "123e4567-e89b-12d3-a456-426614174001";
    line.faults(json!({"rate_500_accepted": 1.0})).await;
    line.keyed(MULTICAST, body.clone(), other).await.refused(500);
    line.keyed(MULTICAST, body, other).await.refused(409);
    assert_eq!(line.count(users[1]).await, 2);
}

#[tokio::test]
async fn refusing_faults_carry_nothing_out() {
    let (line, _) = Line::start().await;
    let user = line.handle.create_residents(1).unwrap()[0];
    let body = json!({"to": [user], "messages": text("x")});
    line.faults(json!({"rate_429": 1.0})).await;
    line.keyed(MULTICAST, body.clone(), KEY).await.refused(429);
    line.faults(json!({"rate_400": 1.0})).await;
    let answer = line.keyed(MULTICAST, body.clone(), KEY).await;
    assert_eq!(answer.refused(400).body["details"][0]["property"], "messages[0]");
    line.faults(json!({"rate_500": 1.0})).await;
    line.keyed(MULTICAST, body.clone(), KEY).await.refused(500);
    line.faults(json!({"rate_timeout": 1.0, "timeout_ms": 1})).await;
    assert!(line.send(MULTICAST, body.clone(), Some(KEY)).await.is_err());
    assert_eq!(line.count(user).await, 0);
    line.faults(json!({"latency_ms": 30})).await;
    let began = std::time::Instant::now();
    line.keyed(MULTICAST, body, KEY).await.ok();
    assert!(began.elapsed().as_millis() >= 30);
    assert_eq!(line.count(user).await, 1);
}

#[tokio::test]
async fn a_seed_repeats_the_faults() {
    let (line, _) = Line::start().await;
    let run = async || {
        line.faults(json!({"rate_500": 0.5, "seed": 42, "rate_limits": false})).await;
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(line.get("/v2/bot/info").await.status);
        }
        statuses
    };
    let first = run().await;
    assert!(first.contains(&200) && first.contains(&500));
    assert_eq!(run().await, first);
}

#[tokio::test]
async fn faults_are_set_changed_and_checked() {
    let (line, _) = Line::start().await;
    line.faults(json!({"latency_ms": 1, "rate_429": 0.25})).await;
    let changed = line.control(Method::PATCH, "/faults", json!({"rate_500": 0.5})).await.ok();
    assert_eq!((&changed["rate_429"], &changed["rate_500"]), (&json!(0.25), &json!(0.5)));
    for bad in [
        json!({"rate_429": 1.5}),
        json!({"rate_500": -1}),
        json!({"nonsense": 1}),
        json!({"refuse_ids": ["x"]}),
    ] {
        line.control(Method::PATCH, "/faults", bad.clone()).await.refused(422);
        line.control(Method::PUT, "/faults", bad).await.refused(422);
    }
    line.faults(json!({})).await;
    let faults: Faults = serde_json::from_value(line.get("/_sandbox/faults").await.ok()).unwrap();
    assert_eq!(faults, Faults::default());
}

#[tokio::test]
async fn the_monthly_limit_refuses_with_its_own_words() {
    let (line, clock) = Line::start().await;
    let users = line.handle.create_residents(3).unwrap();
    assert_eq!(line.get("/v2/bot/message/quota").await.ok(), json!({"type": "none"}));
    line.faults(json!({"monthly_limit": 4})).await;
    let quota = line.get("/v2/bot/message/quota").await.ok();
    assert_eq!(quota, json!({"type": "limited", "value": 4}));
    let body = json!({"to": users, "messages": text("x")});
    line.post(MULTICAST, body.clone()).await.ok();
    let refused = line.post(MULTICAST, body.clone()).await;
    assert_eq!(refused.refused(429).message(), "You have reached your monthly limit.");
    let used = line.get("/v2/bot/message/quota/consumption").await.ok();
    assert_eq!(used, json!({"totalUsage": 3}));
    clock.forward(11 * 24 * HOUR);
    let line = line.renew_token().await;
    assert_eq!(line.get("/v2/bot/message/quota/consumption").await.ok()["totalUsage"], 0);
    line.post(MULTICAST, body).await.ok();
}

#[tokio::test]
async fn a_restart_forgets_nothing_that_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/state.jsonl");
    let clock = TestClock::new();
    let config = || Config { state: Some(file.clone()), ..clock.config() };
    let line = Line::with(config()).await;
    let users = line.handle.create_residents(1_000).unwrap();
    let body = json!({"to": users[..500], "messages": text("x"), "customAggregationUnits": ["u"]});
    let accepted = line.keyed(MULTICAST, body.clone(), KEY).await;
    let accepted = accepted.header("x-line-request-id").to_owned();
    line.act(users[0], "block", json!({})).await.ok();
    let said = line.act(users[1], "say", json!({"text": "やあ"})).await.ok();
    let photo = line.http.post(line.url(&format!("/_sandbox/residents/{}/photo", users[1])));
    let photo = read(photo.header("content-type", "image/png").body("PNG")).await.unwrap().ok();
    line.post(BROADCAST, json!({"messages": text("y")})).await.ok();
    line.faults(json!({"followers_forbidden": true})).await;
    let before = line.handle.received(&Filter::default());
    let (talk, keys) = (line.talk(users[1]).await, line.get("/oauth2/v2.1/certs").await.ok());
    let (token, session) = (line.token.clone(), line.handle.liff_session(users[1]).unwrap());
    line.handle.shutdown().await;

    // The kill tore a line that nobody was answered.
    let mut journal = std::fs::read(&file).unwrap();
    journal.extend_from_slice(b"{\"t\":\"call\",\"at\":17");
    std::fs::write(&file, journal).unwrap();

    let mut line = Line::with(config()).await;
    line.token = token;
    let after = line.handle.received(&Filter::default());
    assert_eq!(json!(before), json!(after));
    let again = line.keyed(MULTICAST, body, KEY).await;
    assert_eq!(again.refused(409).header("x-line-accepted-request-id"), accepted);
    assert_eq!(line.talk(users[1]).await, talk);
    assert_eq!(line.get("/oauth2/v2.1/certs").await.ok(), keys);
    line.get("/v2/bot/followers/ids").await.refused(403);
    line.get(&format!("/v2/bot/profile/{}", users[0])).await.refused(404);
    let bytes = line
        .get(&format!("/v2/bot/message/{}/content", photo["message_id"].as_str().unwrap()))
        .await;
    assert_eq!(bytes.ok(), "PNG");
    let verified = line
        .form(
            "/oauth2/v2.1/verify",
            &[("id_token", &session.id_token), ("client_id", "1000000002")],
        )
        .await;
    assert_eq!(verified.ok()["sub"], users[1].to_string());
    // New message ids do not repeat old ones.
    let new = line.act(users[1], "say", json!({"text": "また"})).await.ok();
    let number = |act: &Value| act["message_id"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(number(&new) > number(&photo) && number(&photo) > number(&said));

    line.control(Method::POST, "/reset", json!({})).await.ok();
    assert_eq!(line.get("/_sandbox/config").await.ok()["residents"], 0);
    line.handle.shutdown().await;
    let line = Line::with(config()).await;
    assert_eq!(line.handle.received(&Filter::default()).residents, 0);
    assert_eq!(line.get("/oauth2/v2.1/certs").await.ok(), keys);
}

#[tokio::test]
async fn a_damaged_journal_is_not_read_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.jsonl");
    std::fs::write(&file, "{\"t\":\"unsend\",\"message\":1}\nnonsense\n").unwrap();
    let config = Config { state: Some(file), ..Config::for_tests() };
    let error = sandbox::Sandbox::start(config).await.err().unwrap();
    assert!(error.to_string().contains("line 2"), "{error}");
}

#[tokio::test]
async fn addresses_of_the_command_line_hold_again_when_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let config = |url: &str| Config {
        state: Some(folder.path().join("state.jsonl")),
        webhook_url: Some(url.into()),
        ..Config::for_tests()
    };
    let line = Line::with(config("http://127.0.0.1:1/a")).await;
    line.handle.set_webhook_url("http://127.0.0.1:1/set").unwrap();
    line.handle.shutdown().await;
    let line = Line::with(config("http://127.0.0.1:1/a")).await;
    assert_eq!(line.get("/_sandbox/config").await.ok()["webhook_url"], "http://127.0.0.1:1/set");
    line.handle.shutdown().await;
    let line = Line::with(config("http://127.0.0.1:1/b")).await;
    assert_eq!(line.get("/_sandbox/config").await.ok()["webhook_url"], "http://127.0.0.1:1/b");
}
