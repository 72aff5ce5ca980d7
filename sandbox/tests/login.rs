//! LINE Login and LIFF.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::*;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::Url;
use sandbox::config::{DEMO_LIFF_ID, DEMO_LOGIN_CHANNEL_ID, DEMO_LOGIN_CHANNEL_SECRET};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const BACK: &str = "http://127.0.0.1:3000/signed-in?x=1";

fn claims(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Option<Value> {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.set_audience(&[DEMO_LOGIN_CHANNEL_ID]);
    validation.set_issuer(&["https://access.line.me"]);
    Some(decode::<Value>(token, key, &validation).ok()?.claims)
}

async fn published_key(line: &Line, token: &str) -> DecodingKey {
    let keys: JwkSet = serde_json::from_value(line.get("/oauth2/v2.1/certs").await.ok()).unwrap();
    let kid = decode_header(token).unwrap().kid.unwrap();
    DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap()
}

/// Picks a resident on the login page; gives back the address it leads to.
async fn choose(line: &Line, asked: &[(&str, &str)], user: &str) -> Url {
    let mut form = asked.to_vec();
    form.push(("user_id", user));
    let answer = line.form("/oauth2/v2.1/authorize", &form).await;
    answer.refused(302);
    answer.header("location").parse().unwrap()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    let found = url.query_pairs().find(|(key, _)| key == name)?;
    Some(found.1.into_owned())
}

const ASKED: [(&str, &str); 5] = [
    ("response_type", "code"),
    ("client_id", DEMO_LOGIN_CHANNEL_ID),
    ("redirect_uri", BACK),
    ("state", "s-1"),
    ("scope", "openid profile"),
];

#[tokio::test]
async fn a_liff_id_token_is_verified_by_the_published_keys() {
    let (line, clock) = Line::start().await;
    let user = line.handle.create_resident("高橋 次郎", true).unwrap();
    let session = line.get(&format!("/_sandbox/residents/{user}/liff-session")).await.ok();
    let token = session["id_token"].as_str().unwrap();
    let key = published_key(&line, token).await;
    let found = claims(token, &key, Algorithm::ES256).unwrap();
    assert_eq!(found["sub"], user.to_string());
    assert_eq!(found["name"], "高橋 次郎");
    assert_eq!(found["iat"], NOON / SECOND);
    assert_eq!(found["exp"], NOON / SECOND + 3_600);
    let mut parts: Vec<&str> = token.split('.').collect();
    let forged = URL_SAFE_NO_PAD.encode(found.to_string().replace("高橋", "鈴木"));
    parts[1] = &forged;
    let forged = parts.join(".");
    assert!(claims(&forged, &key, Algorithm::ES256).is_none());

    let verify = async |form: &[(&str, &str)]| line.form("/oauth2/v2.1/verify", form).await;
    let right = [("id_token", token), ("client_id", DEMO_LOGIN_CHANNEL_ID)];
    assert_eq!(verify(&right).await.ok(), found);
    let id = user.to_string();
    for (more, words) in [
        (("client_id", "1"), "Invalid IdToken Audience."),
        (("nonce", "x"), "Invalid IdToken Nonce."),
        (("user_id", "x"), "Invalid IdToken Subject Identifier."),
        (("id_token", forged.as_str()), "Invalid IdToken."),
        (("id_token", "x"), "Invalid IdToken."),
    ] {
        let mut form = right.to_vec();
        form.retain(|(name, _)| *name != more.0);
        form.push(more);
        let answer = verify(&form).await;
        assert_eq!(answer.refused(400).body["error_description"], words);
        assert_eq!(answer.body["error"], "invalid_request");
    }
    verify(&[right[0], right[1], ("user_id", &id)]).await.ok();
    clock.forward(HOUR);
    let late = verify(&right).await;
    assert_eq!(late.refused(400).body["error_description"], "IdToken expired.");
}

#[tokio::test]
async fn an_access_token_opens_profile_and_friendship() {
    let (mut line, clock) = Line::start().await;
    let user = line.handle.create_resident("高橋 次郎", false).unwrap();
    let session = line.handle.liff_session(user).unwrap();
    let query = format!("/oauth2/v2.1/verify?access_token={}", session.access_token);
    let verified = line.get(&query).await.ok();
    assert_eq!(verified["client_id"], DEMO_LOGIN_CHANNEL_ID);
    assert_eq!(verified["expires_in"], 43_200);
    assert_eq!(verified["scope"], "openid profile chat_message.write");
    line.get("/v2/profile").await.refused(401);
    line.token = session.access_token;
    let profile = json!({"userId": user, "displayName": "高橋 次郎"});
    assert_eq!(line.get("/v2/profile").await.ok(), profile);
    assert_eq!(line.get("/oauth2/v2.1/userinfo").await.ok()["sub"], user.to_string());
    assert_eq!(line.get("/friendship/v1/status").await.ok(), json!({"friendFlag": false}));
    line.act(user, "follow", json!({})).await.ok();
    assert_eq!(line.get("/friendship/v1/status").await.ok(), json!({"friendFlag": true}));
    // It is no channel token.
    line.get("/v2/bot/info").await.refused(401);
    clock.forward(12 * HOUR);
    line.get("/v2/profile").await.refused(401);
    line.get(&query).await.refused(400);
}

#[tokio::test]
async fn web_login_gives_a_code_for_an_hs256_token() {
    let (line, clock) = Line::start().await;
    let user = line.handle.create_resident("高橋 <b>", true).unwrap().to_string();
    let url = Url::parse_with_params(&line.url("/oauth2/v2.1/authorize"), ASKED).unwrap();
    let page = read(line.http.get(url)).await.unwrap().ok();
    let page = page.as_str().unwrap();
    assert!(page.contains("高橋 &lt;b&gt;") && page.contains(&user));
    let verifier = "v".repeat(43);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    let mut asked = ASKED.to_vec();
    asked.push(("nonce", "n-1"));
    asked.push(("code_challenge", &challenge));
    asked.push(("code_challenge_method", "S256"));
    let exchange = async |code: &str, change: (&'static str, &str)| {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
            ("client_id", DEMO_LOGIN_CHANNEL_ID),
            ("client_secret", DEMO_LOGIN_CHANNEL_SECRET),
            ("code_verifier", &verifier),
        ];
        form.retain(|(name, _)| *name != change.0);
        form.push(change);
        line.form("/oauth2/v2.1/token", &form).await
    };
    let code = async || {
        let back = choose(&line, &asked, &user).await;
        assert_eq!(back.path(), "/signed-in");
        assert_eq!(parameter(&back, "x").as_deref(), Some("1"));
        assert_eq!(parameter(&back, "state").as_deref(), Some("s-1"));
        parameter(&back, "code").unwrap()
    };
    let first = code().await;
    let answer = exchange(&first, ("x", "")).await.ok();
    let key = DecodingKey::from_secret(DEMO_LOGIN_CHANNEL_SECRET.as_bytes());
    let token = answer["id_token"].as_str().unwrap();
    let found = claims(token, &key, Algorithm::HS256).unwrap();
    assert_eq!((&found["sub"], &found["nonce"]), (&json!(user), &json!("n-1")));
    let right = [("id_token", token), ("client_id", DEMO_LOGIN_CHANNEL_ID), ("nonce", "n-1")];
    line.form("/oauth2/v2.1/verify", &right).await.ok();
    // A code is used once, and only by whom it was made for.
    exchange(&first, ("x", "")).await.refused(400);
    for wrong in [
        ("redirect_uri", "http://127.0.0.1:3000/other"),
        ("client_id", "1"),
        ("client_secret", "wrong"),
        ("code_verifier", "wrong"),
        ("grant_type", "password"),
        ("code", "wrong"),
    ] {
        exchange(&code().await, wrong).await.refused(400);
    }
    let late = code().await;
    clock.forward(601 * SECOND);
    exchange(&late, ("x", "")).await.refused(400);
}

#[tokio::test]
async fn the_login_page_refuses_what_it_was_not_set_up_for() {
    let (line, _) = Line::start().await;
    let user = line.handle.create_residents(1).unwrap()[0].to_string();
    for (name, value) in [
        ("response_type", "token"),
        ("client_id", "1"),
        ("redirect_uri", "https://example.jp/"),
        ("redirect_uri", "javascript:alert(1)"),
        ("state", ""),
        ("scope", ""),
    ] {
        let mut asked = ASKED.to_vec();
        asked.retain(|(known, _)| *known != name);
        asked.push((name, value));
        let url = Url::parse_with_params(&line.url("/oauth2/v2.1/authorize"), &asked).unwrap();
        read(line.http.get(url)).await.unwrap().refused(400);
        asked.push(("user_id", &user));
        line.form("/oauth2/v2.1/authorize", &asked).await.refused(400);
    }
    let nobody = [ASKED.as_slice(), &[("user_id", "U0")]].concat();
    line.form("/oauth2/v2.1/authorize", &nobody).await.refused(404);
    let back = choose(&line, &ASKED, "").await;
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&back, "code"), None);
}

#[tokio::test]
async fn the_primary_redirect_carries_state_and_in_app_the_session() {
    let (line, _) = Line::start().await;
    let user = line.handle.create_resident("高橋", true).unwrap();
    line.handle.set_liff_endpoint_url("http://127.0.0.1:3000/liff?city=1").unwrap();
    let open = async |rest: &str| {
        let answer = read(line.http.get(line.url(&format!("/liff/{rest}")))).await.unwrap();
        assert_eq!(answer.refused(302).header("cache-control"), "no-store");
        answer.header("location").parse::<Url>().unwrap()
    };
    let plain = open(DEMO_LIFF_ID).await;
    assert_eq!(plain.as_str(), "http://127.0.0.1:3000/liff?city=1");
    for (rest, state) in [
        ("/register", "/register"),
        ("/a%20b/c?x=1&y=%E3%81%82", "/a%20b/c?x=1&y=%E3%81%82"),
        ("?x=1", "?x=1"),
        ("/?x=1", "?x=1"),
    ] {
        let target = open(&format!("{DEMO_LIFF_ID}{rest}")).await;
        assert_eq!(target.path(), "/liff");
        assert_eq!(parameter(&target, "city").as_deref(), Some("1"));
        assert_eq!(parameter(&target, "liff.state").as_deref(), Some(state));
        assert_eq!(target.fragment(), None);
    }
    let target = open(&format!("{DEMO_LIFF_ID}/register?x=1&as={user}")).await;
    assert_eq!(parameter(&target, "liff.state").as_deref(), Some("/register?x=1"));
    let fragment = format!("http://x/?{}", target.fragment().unwrap());
    let hash = Url::parse(&fragment).unwrap();
    let token = parameter(&hash, "id_token").unwrap();
    let key = published_key(&line, &token).await;
    let found = claims(&token, &key, Algorithm::ES256).unwrap();
    assert_eq!(found["sub"], user.to_string());
    let context = URL_SAFE_NO_PAD.decode(parameter(&hash, "context_token").unwrap()).unwrap();
    let context: Value = serde_json::from_slice(&context).unwrap();
    assert_eq!((&context["type"], &context["userId"]), (&json!("utou"), &json!(user)));
    for wrong in ["1-other", &format!("{DEMO_LIFF_ID}?as=U0")] {
        read(line.http.get(line.url(&format!("/liff/{wrong}")))).await.unwrap().refused(404);
    }
}

#[tokio::test]
async fn the_script_exchanges_codes_and_sends_messages() {
    let (line, _) = Line::start().await;
    let mut app = App::start().await;
    line.handle.set_webhook_url(&app.url).unwrap();
    let user = line.handle.create_resident("高橋", true).unwrap();
    let mut asked = ASKED.to_vec();
    asked.push(("liffId", DEMO_LIFF_ID));
    let back = choose(&line, &asked, &user.to_string()).await;
    assert_eq!(parameter(&back, "liffClientId").as_deref(), Some(DEMO_LOGIN_CHANNEL_ID));
    assert_eq!(parameter(&back, "liffRedirectUri").as_deref(), Some(BACK));
    let order =
        json!({"liff_id": DEMO_LIFF_ID, "code": parameter(&back, "code"), "redirect_uri": BACK});
    let session = line.post("/_sandbox/liff/token", order.clone()).await.ok();
    assert_eq!(session["context"]["type"], "external");
    let token = session["id_token"].as_str().unwrap();
    let key = published_key(&line, token).await;
    assert_eq!(claims(token, &key, Algorithm::ES256).unwrap()["sub"], user.to_string());
    line.post("/_sandbox/liff/token", order).await.refused(400);

    let access = session["access_token"].as_str().unwrap();
    let send = async |token: &str, messages: Value| {
        let request = line.http.post(line.url("/_sandbox/liff/messages")).bearer_auth(token);
        read(request.json(&json!({"messages": messages}))).await.unwrap()
    };
    send("x", text("x")).await.refused(401);
    send(access, json!([])).await.refused(400);
    send(access, text("申請しました")).await.ok();
    assert_eq!(app.next().await.event()["message"]["text"], "申請しました");
    let flex = json!([{"type": "flex", "altText": "x", "contents": {"type": "bubble",
        "body": {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": "x"}]}}}]);
    send(access, flex).await.ok();
    assert!(app.nothing_more());
    assert_eq!(line.talk(user).await.len(), 2);

    for path in ["/liff/edge/2/sdk.js", "/liff/edge/versions/2.31.0/sdk.js"] {
        let answer = read(line.http.get(line.url(path))).await.unwrap();
        assert!(answer.header("content-type").starts_with("text/javascript"));
        assert!(answer.ok().as_str().unwrap().contains("window.liff = liff"));
    }
}
