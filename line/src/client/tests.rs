use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;

mod asking;
mod failing;
mod menus;

const ID: &str = "U8e742f61d673b39c7fff3cecb7536ef0";
const KEY: &str = "0f2b7a8e-6f0c-4a52-9c1c-3c1a3e6f9d10";

#[derive(Clone)]
struct Seen {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Stands in for LINE: issues token-1, token-2, … and answers from a script.
#[derive(Clone, Default)]
struct Line {
    url: String,
    tokens: Arc<Mutex<Vec<Seen>>>,
    calls: Arc<Mutex<Vec<Seen>>>,
    token_answers: Arc<Mutex<VecDeque<Answer>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

enum Answer {
    Is(u16, &'static [(&'static str, &'static str)], Value),
    Raw(u16, Vec<u8>),
    Never,
}

impl Answer {
    async fn give(self) -> Response {
        match self {
            Self::Is(status, headers, body) => {
                let mut response =
                    (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response();
                for (name, value) in headers {
                    response.headers_mut().insert(*name, value.parse().unwrap());
                }
                response
            }
            Self::Raw(status, body) => {
                (StatusCode::from_u16(status).unwrap(), body).into_response()
            }
            Self::Never => std::future::pending().await,
        }
    }
}

async fn serve(State(line): State<Line>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let seen = Seen {
        method: parts.method,
        path: parts.uri.path_and_query().unwrap().to_string(),
        headers: parts.headers,
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
    };
    if seen.path == "/oauth2/v3/token" {
        let number = {
            let mut tokens = line.tokens.lock().unwrap();
            tokens.push(seen);
            tokens.len()
        };
        let scripted = line.token_answers.lock().unwrap().pop_front();
        let token = json!({"token_type": "Bearer", "access_token": format!("token-{number}"), "expires_in": 900});
        return scripted.unwrap_or(Answer::Is(200, &[], token)).give().await;
    }
    line.calls.lock().unwrap().push(seen);
    let scripted = line.answers.lock().unwrap().pop_front();
    scripted.expect("an answer in the script").give().await
}

impl Line {
    async fn start(answers: impl IntoIterator<Item = Answer>) -> (Self, Client) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            ..Self::default()
        };
        let router = Router::new().fallback(serve).with_state(line.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = client(&line.url, Duration::from_secs(30));
        (line, client)
    }

    fn tokens(&self) -> usize {
        self.tokens.lock().unwrap().len()
    }

    fn calls(&self) -> Vec<Seen> {
        self.calls.lock().unwrap().clone()
    }
}

fn client(url: &str, timeout: Duration) -> Client {
    let http = reqwest::Client::builder().timeout(timeout).build().unwrap();
    Client::new(
        http,
        BaseUrls { api: format!("{url}/"), data: url.to_owned() },
        Credentials { channel_id: "1000000001".to_owned(), channel_secret: "s&cret".to_owned() },
    )
}

fn multicast() -> MulticastRequest {
    MulticastRequest {
        to: vec![ID.parse().unwrap()],
        messages: vec![Message::text("避難指示")],
        notification_disabled: false,
        custom_aggregation_units: vec!["d_1".to_owned()],
    }
}

const REQUEST: &[(&str, &str)] = &[(REQUEST_ID, "r-1")];

#[tokio::test]
async fn a_multicast_carries_token_key_and_body() {
    let (line, client) = Line::start([Answer::Is(200, REQUEST, json!({}))]).await;
    let sent = client.multicast(&multicast(), KEY).await.unwrap();
    assert_eq!(sent.request_id.as_deref(), Some("r-1"));
    assert!(!sent.already_accepted);
    assert_eq!(sent.effective_request_id(), Some("r-1"));

    let form = line.tokens.lock().unwrap()[0].clone();
    assert_eq!(
        form.body,
        "grant_type=client_credentials&client_id=1000000001&client_secret=s%26cret"
    );
    let call = &line.calls()[0];
    assert_eq!((&call.method, call.path.as_str()), (&Method::POST, "/v2/bot/message/multicast"));
    assert_eq!(call.header("authorization"), Some("Bearer token-1"));
    assert_eq!(call.header("x-line-retry-key"), Some(KEY));
    assert_eq!(call.header("content-type"), Some("application/json"));
    assert_eq!(
        serde_json::from_slice::<Value>(&call.body).unwrap(),
        json!({"to": [ID], "messages": [{"type": "text", "text": "避難指示"}],
               "customAggregationUnits": ["d_1"]})
    );
}

#[tokio::test]
async fn an_accepted_retry_key_is_a_success() {
    let headers = &[(REQUEST_ID, "r-2"), (ACCEPTED_REQUEST_ID, "r-1")];
    let body = json!({"message": "The retry key is already accepted",
                      "sentMessages": [{"id": "461", "quoteToken": "q"}]});
    let (_, client) = Line::start([Answer::Is(409, headers, body)]).await;
    let request = PushRequest {
        to: ID.parse().unwrap(),
        messages: vec![Message::text("a")],
        notification_disabled: true,
        custom_aggregation_units: Vec::new(),
    };
    let sent = client.push(&request, KEY).await.unwrap();
    assert!(sent.already_accepted);
    assert_eq!(sent.request_id.as_deref(), Some("r-2"));
    assert_eq!(sent.effective_request_id(), Some("r-1"));
    assert_eq!(sent.messages[0].id, "461");
}

#[tokio::test]
async fn a_reply_has_no_key_and_no_second_success() {
    let (line, client) = Line::start([
        Answer::Is(200, &[], json!({"sentMessages": [{"id": "1"}, {"id": "2"}]})),
        Answer::Is(409, &[], json!({"message": "conflict"})),
    ])
    .await;
    let request = ReplyRequest {
        reply_token: "t".to_owned(),
        messages: vec![Message::text("a")],
        notification_disabled: false,
    };
    assert_eq!(client.reply(&request).await.unwrap().messages.len(), 2);
    assert_eq!(line.calls()[0].header("x-line-retry-key"), None);
    let error = client.reply(&request).await.unwrap_err();
    assert_eq!(error.status(), Some(409));
}

#[tokio::test]
async fn a_token_is_used_for_ten_minutes() {
    let ok = || Answer::Is(200, &[], json!({"totalUsage": 1}));
    let (line, client) = Line::start([ok(), ok(), ok()]).await;
    client.quota_consumption().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(599)).await;
    tokio::time::resume();
    client.quota_consumption().await.unwrap();
    assert_eq!(line.tokens(), 1);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(2)).await;
    tokio::time::resume();
    client.quota_consumption().await.unwrap();
    assert_eq!(line.tokens(), 2);
    assert_eq!(line.calls()[2].header("authorization"), Some("Bearer token-2"));
}

#[tokio::test]
async fn calls_at_once_share_one_token() {
    let ok = || Answer::Is(200, &[], json!({"totalUsage": 1}));
    let (line, client) = Line::start([ok(), ok(), ok()]).await;
    let (a, b, c) = tokio::join!(
        client.quota_consumption(),
        client.quota_consumption(),
        client.quota_consumption()
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(line.tokens(), 1);
}
