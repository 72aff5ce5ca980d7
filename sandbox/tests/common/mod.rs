//! A running sandbox with an application in front of it.
#![expect(dead_code, reason = "each test binary uses a part of this")]

pub mod menus;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use line::UserId;
use reqwest::Method;
use sandbox::config::{DEMO_CHANNEL_ID, DEMO_CHANNEL_SECRET};
use sandbox::{Config, Handle, Sandbox};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// 2026-11-20 12:00 in Tokyo.
pub const NOON: i64 = 1_795_143_600_000_000;
pub const SECOND: i64 = 1_000_000;
pub const HOUR: i64 = 3_600 * SECOND;

/// What must happen happens within this time, or never.
const DEADLINE: Duration = Duration::from_secs(60);

/// A clock that a test turns.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn new() -> Self {
        TestClock(Arc::new(AtomicI64::new(NOON)))
    }

    pub fn forward(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    pub fn config(&self) -> Config {
        let clock = Arc::clone(&self.0);
        Config { clock: Arc::new(move || clock.load(Ordering::SeqCst)), ..Config::for_tests() }
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }

    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        self.body
    }

    #[track_caller]
    pub fn refused(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

/// The sandbox as an application sees it.
pub struct Line {
    pub handle: Handle,
    pub http: reqwest::Client,
    pub token: String,
}

impl Line {
    pub async fn start() -> (Self, TestClock) {
        let clock = TestClock::new();
        (Self::with(clock.config()).await, clock)
    }

    pub async fn with(config: Config) -> Self {
        let handle = Sandbox::start(config).await.unwrap();
        let http = client();
        let mut line = Line { handle, http, token: String::new() };
        line.renew().await;
        line
    }

    pub async fn renew(&mut self) {
        let answer = self
            .form(
                "/oauth2/v3/token",
                &[
                    ("grant_type", "client_credentials"),
                    ("client_id", DEMO_CHANNEL_ID),
                    ("client_secret", DEMO_CHANNEL_SECRET),
                ],
            )
            .await;
        self.token = answer.ok()["access_token"].as_str().unwrap().to_owned();
    }

    /// The same with a fresh token.
    pub async fn renew_token(mut self) -> Self {
        self.renew().await;
        self
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.handle.url())
    }

    pub async fn form(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        read(self.http.post(self.url(path)).form(form)).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        read(self.http.get(self.url(path)).bearer_auth(&self.token)).await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(path, body, None).await.unwrap()
    }

    pub async fn delete(&self, path: &str) -> Answer {
        read(self.http.delete(self.url(path)).bearer_auth(&self.token)).await.unwrap()
    }

    /// Posts bytes of a media type.
    pub async fn upload(&self, path: &str, mime: &str, bytes: Vec<u8>) -> Answer {
        let request = self.http.post(self.url(path)).bearer_auth(&self.token);
        read(request.header("content-type", mime).body(bytes)).await.unwrap()
    }

    pub async fn keyed(&self, path: &str, body: Value, key: &str) -> Answer {
        self.send(path, body, Some(key)).await.unwrap()
    }

    pub async fn send(
        &self,
        path: &str,
        body: Value,
        key: Option<&str>,
    ) -> reqwest::Result<Answer> {
        let mut request = self.http.post(self.url(path)).bearer_auth(&self.token).json(&body);
        if let Some(key) = key {
            request = request.header("x-line-retry-key", key);
        }
        read(request).await
    }

    pub async fn control(&self, method: Method, path: &str, body: Value) -> Answer {
        let url = self.url(&format!("/_sandbox{path}"));
        read(self.http.request(method, url).json(&body)).await.unwrap()
    }

    pub async fn act(&self, user: UserId, act: &str, body: Value) -> Answer {
        self.control(Method::POST, &format!("/residents/{user}/{act}"), body).await
    }

    pub async fn talk(&self, user: UserId) -> Vec<Value> {
        let talk = self.get(&format!("/_sandbox/residents/{user}/messages")).await.ok();
        talk["entries"].as_array().unwrap().clone()
    }

    pub async fn count(&self, user: UserId) -> u64 {
        let person = self.get(&format!("/_sandbox/residents/{user}")).await.ok();
        person["received"].as_u64().unwrap()
    }

    pub async fn faults(&self, faults: Value) {
        self.control(Method::PUT, "/faults", faults).await.ok();
    }
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(DEADLINE)
        .build()
        .unwrap()
}

pub async fn read(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes().await?;
    let body = serde_json::from_slice(&body)
        .unwrap_or_else(|_| json!(String::from_utf8_lossy(&body).into_owned()));
    Ok(Answer { status, headers, body })
}

pub fn text(words: &str) -> Value {
    json!([{"type": "text", "text": words}])
}

pub const PUSH: &str = "/v2/bot/message/push";
pub const MULTICAST: &str = "/v2/bot/message/multicast";
pub const BROADCAST: &str = "/v2/bot/message/broadcast";
pub const REPLY: &str = "/v2/bot/message/reply";
pub const KEY: &str = "123e4567-e89b-12d3-a456-426614174000";

/// A webhook that arrived at the application.
#[derive(Debug)]
pub struct Hook {
    pub signature: String,
    pub raw: Bytes,
    pub body: Value,
}

impl Hook {
    pub fn event(&self) -> &Value {
        &self.body["events"][0]
    }
}

/// How a webhook is answered, and by how much the clock goes on before.
type Plan = (u16, Option<(TestClock, i64)>);

#[derive(Clone)]
struct Side {
    arrived: mpsc::UnboundedSender<Hook>,
    statuses: Arc<Mutex<VecDeque<Plan>>>,
}

/// The application's webhook endpoint.
pub struct App {
    pub url: String,
    arrived: mpsc::UnboundedReceiver<Hook>,
    statuses: Arc<Mutex<VecDeque<Plan>>>,
}

impl App {
    pub async fn start() -> Self {
        let (sender, arrived) = mpsc::unbounded_channel();
        let statuses = Arc::new(Mutex::new(VecDeque::new()));
        let side = Side { arrived: sender, statuses: Arc::clone(&statuses) };
        let router = Router::new().route("/webhook", post(take)).with_state(side);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        App { url, arrived, statuses }
    }

    /// Answers the next webhooks with these statuses, then with 200.
    pub fn answer(&self, statuses: &[u16]) {
        let plans = statuses.iter().map(|status| (*status, None));
        self.statuses.lock().unwrap().extend(plans);
    }

    /// Turns the clock while the next webhook waits for this answer.
    pub fn answer_late(&self, status: u16, clock: &TestClock, micros: i64) {
        let plan = (status, Some((clock.clone(), micros)));
        self.statuses.lock().unwrap().push_back(plan);
    }

    pub async fn next(&mut self) -> Hook {
        tokio::time::timeout(DEADLINE, self.arrived.recv())
            .await
            .expect("a webhook arrives")
            .unwrap()
    }

    pub fn nothing_more(&mut self) -> bool {
        self.arrived.try_recv().is_err()
    }
}

async fn take(State(side): State<Side>, headers: HeaderMap, raw: Bytes) -> StatusCode {
    let signature = headers["x-line-signature"].to_str().unwrap().to_owned();
    let body = serde_json::from_slice(&raw).unwrap();
    let plan = side.statuses.lock().unwrap().pop_front();
    let (status, wait) = plan.unwrap_or((200, None));
    if let Some((clock, micros)) = wait {
        clock.forward(micros);
    }
    let hook = Hook { signature, raw, body };
    side.arrived.send(hook).unwrap();
    StatusCode::from_u16(status).unwrap()
}
