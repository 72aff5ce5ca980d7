//! Short-lived channel access tokens: they are counted, verified and revoked.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use common::*;
use sandbox::Config;
use sandbox::config::{DEMO_CHANNEL_ID, DEMO_CHANNEL_SECRET};
use serde_json::json;

const DAY: i64 = 24 * HOUR;

async fn issue(line: &Line) -> String {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", DEMO_CHANNEL_ID),
        ("client_secret", DEMO_CHANNEL_SECRET),
    ];
    let answer = line.form("/v2/oauth/accessToken", &form).await.ok();
    answer["access_token"].as_str().unwrap().to_owned()
}

async fn verify(line: &Line, token: &str) -> Answer {
    line.form("/v2/oauth/verify", &[("access_token", token)]).await
}

async fn revoke(line: &Line, token: &str) -> Answer {
    line.form("/v2/oauth/revoke", &[("access_token", token)]).await
}

/// Status of a call with this token.
async fn call(line: &Line, token: &str) -> u16 {
    let request = line.http.get(line.url("/v2/bot/info")).bearer_auth(token);
    read(request).await.unwrap().status
}

#[tokio::test]
async fn a_short_lived_token_is_verified_until_it_is_revoked_or_expires() {
    let (line, clock) = Line::start().await;
    let (first, second) = (issue(&line).await, issue(&line).await);
    clock.forward(60 * SECOND);
    assert_eq!(
        verify(&line, &first).await.ok(),
        json!({"client_id": DEMO_CHANNEL_ID, "expires_in": 2_591_940, "scope": "P CM"})
    );
    assert_eq!(call(&line, &first).await, 200);
    let revoked = revoke(&line, &first).await;
    assert_eq!((revoked.status, revoked.body), (200, json!("")));
    assert_eq!(call(&line, &first).await, 401);
    let invalid = json!({"error": "invalid_request", "error_description": "access_token invalid"});
    assert_eq!(verify(&line, &first).await.refused(400).body, invalid);
    // Revoking once more is no error; what is no token at all is.
    revoke(&line, &first).await.ok();
    for wrong in ["", "あ", "a b"] {
        for answer in [verify(&line, wrong).await, revoke(&line, wrong).await] {
            assert_eq!(answer.refused(400).body["error"], "invalid_request");
        }
    }
    // A stateless token is neither verified nor revoked here.
    assert_eq!(verify(&line, &line.token).await.refused(400).body, invalid);
    revoke(&line, &line.token).await.ok();
    assert_eq!(call(&line, &line.token).await, 200);

    assert_eq!(call(&line, &second).await, 200);
    clock.forward(30 * DAY);
    assert_eq!(call(&line, &second).await, 401);
    assert_eq!(verify(&line, &second).await.refused(400).body, invalid);
}

#[tokio::test]
async fn the_31st_short_lived_token_revokes_the_oldest_and_a_restart_none() {
    let folder = tempfile::tempdir().unwrap();
    let clock = TestClock::new();
    let config = || Config { state: Some(folder.path().join("state.jsonl")), ..clock.config() };
    let line = Line::with(config()).await;
    let mut tokens = Vec::new();
    for _ in 0..30 {
        tokens.push(issue(&line).await);
    }
    assert_eq!(call(&line, &tokens[0]).await, 200);
    tokens.push(issue(&line).await);
    revoke(&line, &tokens[5]).await.ok();
    line.control(reqwest::Method::POST, "/reset", json!({})).await.ok();
    line.handle.shutdown().await;
    let line = Line::with(config()).await;
    for (n, token) in tokens.iter().enumerate() {
        let holds = n != 0 && n != 5;
        assert_eq!(call(&line, token).await, if holds { 200 } else { 401 }, "{n}");
    }
    // The revoked one left a place, expired ones leave all.
    issue(&line).await;
    assert_eq!(call(&line, &tokens[1]).await, 200);
    clock.forward(30 * DAY);
    let fresh = issue(&line).await;
    for _ in 0..29 {
        issue(&line).await;
    }
    assert_eq!(call(&line, &fresh).await, 200);
}
