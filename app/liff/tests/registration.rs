//! A resident registers without wasm: session from LINE's ID token, the page, the
//! plain form, what is refused and what is kept. LINE is the sandbox.

use axum::Router;
use axum::extract::{Request, State};
use axum::routing::{get, post};
use leptos::prelude::*;
use serde_json::{Value, json};
use services::{Platform, Settings, SystemClock, SystemRandom};
use std::sync::Arc;
use store::crypto::Keyring;

struct World {
    line: sandbox::Handle,
    url: String,
    http: reqwest::Client,
    _folder: tempfile::TempDir,
}

/// The least document around the residents' pages.
fn document() -> impl IntoView {
    leptos_meta::provide_meta_context();
    view! {
        <!DOCTYPE html>
        <html lang="ja">
            <head>
                <leptos_meta::MetaTags />
            </head>
            <body>
                <liff::Liff />
            </body>
        </html>
    }
}

async fn page(State(platform): State<Arc<Platform>>, request: Request) -> axum::response::Response {
    let request = liff::server::prepare(&platform, request).await;
    leptos_axum::render_app_to_stream(document)(request).await
}

async fn session(
    State(platform): State<Arc<Platform>>,
    request: Request,
) -> axum::response::Response {
    liff::server::open_session(&platform, request).await
}

impl World {
    async fn start() -> Self {
        // As in the server, this sets Leptos' executor; there is no list of routes here.
        drop(leptos_axum::generate_route_list(|| ()));
        let line = sandbox::Sandbox::start(sandbox::Config::for_tests())
            .await
            .expect("the sandbox starts");
        let folder = tempfile::tempdir().expect("a folder");
        let keys = Keyring::open(&folder.path().join("keys"), || [7; 64]).expect("keys");
        let database =
            format!("sqlite://{}?mode=rwc", folder.path().join("kairan.sqlite").display());
        let store = store::Store::open(&database, keys).await.expect("a database");
        let config = sandbox::Config::for_tests();
        let settings = Settings {
            public_url: "http://127.0.0.1:3000".into(),
            line_api_url: line.url(),
            line_data_api_url: line.url(),
            channel_id: config.channel_id,
            channel_secret: config.channel_secret,
            login_channel_id: config.login_channel_id,
            login_channel_secret: config.login_channel_secret,
            liff_id: config.liff_id,
            liff_url: format!("{}/liff", line.url()),
            liff_sdk_url: format!("{}/liff/edge/2/sdk.js", line.url()),
            map: services::Map::default(),
            sandbox_url: Some(line.url()),
            menu_font: None,
            smtp_relay_url: None,
            clamd_address: None,
            postcode_file: None,
        };
        let platform =
            Platform::new(store, settings, Arc::new(SystemClock), Arc::new(SystemRandom))
                .expect("a platform");
        let ctx = platform.system();
        store::setting::set(&ctx, "city", "みほん市").await.expect("the city's name");
        for attribute in [
            json!({"key": "home", "label": "お住まい", "kind": "area", "hint": "町名まで", "required": true, "choices": [
                {"key": "east", "label": "東地区"}, {"key": "higashi1", "label": "東町一丁目", "parent": "east"}]}),
            json!({"key": "topics", "label": "受け取りたい情報", "kind": "multiple", "choices": [
                {"key": "waste", "label": "ごみの日"}, {"key": "water", "label": "水道"}]}),
        ] {
            let attribute = serde_json::from_value(attribute).expect("an attribute");
            store::attribute::create(&ctx, attribute).await.expect("the attribute is made");
        }
        let router = Router::new()
            .route("/liff/session", post(session))
            .route("/liff", get(page).post(page))
            .route("/liff/{*page}", get(page).post(page))
            .with_state(platform);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            line,
            url,
            http: reqwest::Client::builder().build().expect("a client"),
            _folder: folder,
        }
    }

    /// What the page's script does: cookie and answer of `/liff/session`.
    async fn open(&self, name: &str) -> (String, Value) {
        let user = self.line.create_resident(name, true).expect("a resident");
        self.open_as(user).await
    }

    async fn open_as(&self, user: line::UserId) -> (String, Value) {
        let token = self.line.liff_session(user).expect("a LIFF session").id_token;
        let answer = self
            .http
            .post(format!("{}/liff/session", self.url))
            .json(&json!({ "id_token": token }))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200);
        let cookie = answer.headers()["set-cookie"].to_str().expect("text").to_owned();
        for flag in ["HttpOnly", "SameSite=Lax", "Path=/liff"] {
            assert!(cookie.contains(flag), "{cookie}");
        }
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        (cookie, answer.json().await.expect("JSON"))
    }

    async fn send(&self, cookie: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let request = self
            .http
            .post(format!("{}/liff/register", self.url))
            .header("cookie", cookie)
            .form(fields);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a page"))
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a page"))
    }
}

fn control<'a>(html: &'a str, value: &str) -> &'a str {
    let at = html.find(&format!("value=\"{value}\"")).expect("the control is there");
    let start = html[..at].rfind('<').expect("a tag begins");
    &html[start..start + html[start..].find('>').expect("a tag ends")]
}

const GOOD: [(&str, &str); 4] = [
    ("answers[home][]", "higashi1"),
    ("answers[topics][]", "waste"),
    ("answers[_reception][]", "all"),
    ("answers[_consent][]", "yes"),
];

#[tokio::test]
async fn the_page_answers_at_both_redirects_of_line() {
    let world = World::start().await;
    for path in ["/liff", "/liff?liff.state=%2Fregister", "/liff/register"] {
        let (status, html) = world.get(path).await;
        assert_eq!(status, 200, "{path}");
        assert!(html.contains("data-sdk=") && html.contains("/liff/edge/2/sdk.js"), "{path}");
        assert!(html.contains("東町一丁目") && html.contains("みほん市の外に住んでいる"), "{path}");
        assert!(!html.contains("checked"), "{path}: nothing is chosen for anybody");
    }
    assert_eq!(world.get("/liff/nothing").await.0, 404);
    assert_eq!(world.get("/liff/closed").await.0, 200);
}

#[tokio::test]
async fn a_resident_registers_and_changes_it_with_plain_forms() {
    let world = World::start().await;
    let user = world.line.create_resident("田村", true).expect("a resident");
    let (cookie, first) = world.open_as(user).await;
    assert_eq!(first["registered"], false);
    let (status, html) = world.send(&cookie, &GOOD).await;
    assert_eq!(status, 200, "{html}");
    assert!(
        html.contains("登録しました")
            && html.contains("東地区 東町一丁目")
            && html.contains("ごみの日"),
        "{html}"
    );

    let (cookie, again) = world.open_as(user).await;
    assert_eq!(again["registered"], true);
    assert_eq!(again["answers"]["home"], json!(["higashi1"]));
    assert_eq!(again["answers"]["_consent"], json!(["yes"]));
    let change = [
        ("answers[home][]", "_none"),
        ("answers[_reception][]", "urgent"),
        ("answers[_consent][]", "yes"),
    ];
    let (status, _) = world.send(&cookie, &change).await;
    assert_eq!(status, 200);
    let (_, last) = world.open_as(user).await;
    assert_eq!(last["answers"]["_reception"], json!(["urgent"]));
    assert_eq!(last["answers"].get("home").and_then(Value::as_array).map_or(0, Vec::len), 0);
    assert_eq!(last["answers"].get("topics").and_then(Value::as_array).map_or(0, Vec::len), 0);
}

#[tokio::test]
async fn what_must_be_mended_is_said_and_nothing_is_lost() {
    let world = World::start().await;
    let (cookie, _) = world.open("小林").await;
    let (status, html) = world
        .send(&cookie, &[("answers[topics][]", "water"), ("answers[_reception][]", "all")])
        .await;
    assert_eq!(status, 422);
    assert!(html.contains("直すところが 2つあります"), "{html}");
    assert!(html.contains("href=\"#q-home\"") && html.contains("href=\"#q-_consent\""));
    assert!(
        control(&html, "water").contains("checked") && control(&html, "all").contains("checked")
    );
    assert!(
        !control(&html, "waste").contains("checked") && !control(&html, "yes").contains("checked")
    );
}

#[tokio::test]
async fn without_a_session_nothing_is_registered_and_the_answers_stay() {
    let world = World::start().await;
    for cookie in ["", "kairan_resident=forged", "kairan_resident="] {
        let (status, html) = world.send(cookie, &GOOD).await;
        assert_eq!(status, 403, "{cookie}");
        assert!(control(&html, "higashi1").contains("checked"));
        assert!(html.contains("確かめられませんでした"));
    }
}

#[tokio::test]
async fn a_page_filled_in_as_one_resident_is_never_sent_as_another() {
    let world = World::start().await;
    let (_, first) = world.open("田村").await;
    let user = world.line.create_resident("小林", true).expect("a resident");
    // The browser keeps one cookie: the one of whoever opened last.
    let (cookie, _) = world.open_as(user).await;
    let mut fields = GOOD.to_vec();
    fields.push(("session", first["session"].as_str().expect("a tag")));
    assert_eq!(world.send(&cookie, &fields).await.0, 403);
    assert_eq!(world.open_as(user).await.1["registered"], false);
}

#[tokio::test]
async fn forged_tokens_open_no_session() {
    let world = World::start().await;
    let user = world.line.create_resident("森", true).expect("a resident");
    let token = world.line.liff_session(user).expect("a LIFF session").id_token;
    let mut parts: Vec<&str> = token.split('.').collect();
    let other = world
        .line
        .liff_session(world.line.create_resident("別人", true).expect("a resident"))
        .expect("a LIFF session")
        .id_token;
    parts[1] = other.split('.').nth(1).expect("claims");
    let forged = parts.join(".");
    for (body, status) in [
        (json!({ "id_token": forged }), 401),
        (json!({ "id_token": "" }), 401),
        (json!({ "other": 1 }), 400),
        (json!([]), 400),
    ] {
        let answer = world
            .http
            .post(format!("{}/liff/session", world.url))
            .json(&body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), status, "{body}");
        assert!(answer.headers().get("set-cookie").is_none());
        assert!(answer.json::<Value>().await.expect("JSON")["message"].is_string());
    }
    let plain = world
        .http
        .post(format!("{}/liff/session", world.url))
        .body(format!("{{\"id_token\":\"{token}\"}}"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(plain.status(), 400, "another site's form cannot open a session");
}

#[tokio::test]
async fn hostile_input_is_answered_as_text() {
    let world = World::start().await;
    let (cookie, _) = world.open("田村").await;
    let evil = "\"><script>alert(1)</script>' OR 1=1 --";
    let (status, html) = world
        .send(
            &cookie,
            &[("answers[home][]", evil), (evil, evil), ("answers[", "x"), ("session", evil)],
        )
        .await;
    assert_eq!(status, 403, "the tag is not the session's");
    assert!(!html.contains("<script>alert"));
    let (status, html) =
        world.send(&cookie, &[("answers[home][]", evil), ("answers[home][]", "higashi1")]).await;
    assert_eq!(status, 422);
    assert!(!html.contains("<script>alert"));
    let huge = "x".repeat(300 * 1024);
    assert_eq!(world.send(&cookie, &[("answers[home][]", &huge)]).await.0, 400);
}
