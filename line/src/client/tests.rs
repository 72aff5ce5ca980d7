use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::*;

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

#[tokio::test]
async fn a_401_is_tried_once_more_with_a_new_token() {
    let refused = || Answer::Is(401, REQUEST, json!({"message": "Authentication failed"}));
    let (line, client) =
        Line::start([refused(), Answer::Is(200, &[], json!({})), refused(), refused()]).await;
    client.multicast(&multicast(), KEY).await.unwrap();
    let calls = line.calls();
    assert_eq!(calls[1].header("authorization"), Some("Bearer token-2"));
    assert_eq!(calls[1].header("x-line-retry-key"), Some(KEY));
    assert_eq!(calls[0].body, calls[1].body);

    let error = client.multicast(&multicast(), KEY).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }));
    assert_eq!(error.request_id(), Some("r-1"));
    assert!(error.outcome_known() && !error.retry_same_key());
    assert_eq!(line.calls().len(), 4);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let (line, patient) = Line::start([]).await;
    let hasty = client(&line.url, Duration::from_millis(200));
    let oauth = json!({"error": "invalid_client", "error_description": "no"});
    line.token_answers.lock().unwrap().extend([
        Answer::Is(400, &[], oauth),
        Answer::Is(503, &[], json!({})),
        Answer::Never,
    ]);
    let wrong = patient.multicast(&multicast(), KEY).await.unwrap_err();
    assert!(matches!(&wrong, Error::Token(cause) if matches!(**cause, Error::Unauthorized { .. })));
    assert!(wrong.outcome_known() && !wrong.retry_same_key());
    for client in [&patient, &hasty] {
        let away = client.multicast(&multicast(), KEY).await.unwrap_err();
        assert!(matches!(away, Error::Token(_)));
        assert!(away.outcome_known() && away.retry_same_key());
    }
    assert!(line.calls().is_empty());
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let details = json!({"message": "The request body has 1 error(s)",
        "details": [{"message": "Invalid user id", "property": "to[0]"}]});
    let rate = json!({"message": "The API rate limit has been exceeded. Try again later."});
    let quota = json!({"message": "You have reached your monthly limit."});
    let (_, client) = Line::start([
        Answer::Is(400, REQUEST, details),
        Answer::Is(429, REQUEST, rate),
        Answer::Is(429, REQUEST, quota),
        Answer::Is(500, REQUEST, json!({})),
        Answer::Raw(403, b"<html>".to_vec()),
        Answer::Raw(400, vec![b'x'; 1024 * 1024]),
    ])
    .await;
    let next = async || client.multicast(&multicast(), KEY).await.unwrap_err();

    let error = next().await;
    assert!(matches!(&error, Error::Refused { status: 400, body, .. }
        if body.refused_recipients() == [0]));
    assert!(error.outcome_known() && !error.retry_same_key());
    let error = next().await;
    assert!(matches!(error, Error::RateLimited { .. }));
    assert!(error.outcome_known() && error.retry_same_key());
    let error = next().await;
    assert!(matches!(error, Error::QuotaReached { .. }));
    assert!(error.outcome_known() && !error.retry_same_key());
    let error = next().await;
    assert!(matches!(error, Error::Unavailable { status: 500, .. }));
    assert!(!error.outcome_known() && error.retry_same_key());
    assert_eq!(error.request_id(), Some("r-1"));
    for status in [403, 400] {
        let error = next().await;
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.body().unwrap().message, "");
    }
}

#[tokio::test]
async fn silence_and_a_broken_connection_leave_the_outcome_open() {
    let (line, mut hasty) = Line::start([Answer::Never]).await;
    hasty.tokens.get(&hasty.http).await.unwrap();
    hasty.http = client(&line.url, Duration::from_millis(200)).http;
    let error = hasty.multicast(&multicast(), KEY).await.unwrap_err();
    assert!(matches!(error, Error::Timeout), "{error:?}");
    assert!(!error.outcome_known() && error.retry_same_key());

    // A server that issues a token, then reads a request and hangs up.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (_, mut broken) = Line::start([]).await;
    broken.base.api = url;
    let hang_up = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut some = [0; 16];
        socket.read_exact(&mut some).await.unwrap();
    });
    let error = broken.multicast(&multicast(), KEY).await.unwrap_err();
    hang_up.await.unwrap();
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    assert!(!error.outcome_known() && error.retry_same_key());

    // Nobody listens there any more: the request never left.
    let error = broken.multicast(&multicast(), KEY).await.unwrap_err();
    assert!(matches!(error, Error::NotSent(_)), "{error:?}");
    assert!(error.outcome_known() && error.retry_same_key());
}

#[tokio::test]
async fn errors_show_neither_ids_nor_words() {
    let body = json!({"message": format!("The user {ID} is unknown")});
    let (_, mut client) = Line::start([Answer::Is(400, &[], body)]).await;
    let refused = client.multicast(&multicast(), KEY).await.unwrap_err();
    client.base.api = "http://127.0.0.1:1".to_owned();
    let not_sent = client.profile(ID.parse().unwrap()).await.unwrap_err();
    for error in [refused, not_sent] {
        for shown in [format!("{error:?}"), format!("{error}")] {
            assert!(!shown.contains(&ID[1..]), "{shown}");
            assert!(!shown.contains("避難"), "{shown}");
        }
    }
}

#[tokio::test]
async fn validation_gives_lines_findings() {
    let (line, client) = Line::start([
        Answer::Is(200, REQUEST, json!({})),
        Answer::Is(
            400,
            REQUEST,
            json!({"message": "m", "details":
            [{"message": "May not be empty", "property": "messages[0].text"}]}),
        ),
        Answer::Is(400, REQUEST, json!({"message": "Bad"})),
    ])
    .await;
    let messages = [Message::text("")];
    let mut found = Vec::new();
    for _ in 0..3 {
        let reply = client.validate(SendKind::Broadcast, &messages).await;
        found.push(reply.unwrap().value);
    }
    assert!(found[0].is_empty());
    assert_eq!(found[1][0].property, "messages[0].text");
    assert_eq!(found[2][0].message, "Bad");
    assert_eq!(line.calls()[0].path, "/v2/bot/message/validate/broadcast");
}

#[tokio::test]
async fn questions_go_to_their_addresses() {
    let answers = [
        json!({"userId": ID, "displayName": "山田"}),
        json!({"userIds": [ID], "next": "n"}),
        json!({"userIds": []}),
        json!({"type": "none"}),
        json!({"userId": ID, "basicId": "@mihon", "displayName": "みほん市"}),
        json!({"overview": {}, "messages": [], "clicks": []}),
        json!({"status": "ready", "success": 7}),
        json!({"status": "ready", "followers": 9}),
    ];
    let (line, client) = Line::start(answers.map(|body| Answer::Is(200, REQUEST, body))).await;
    let user: UserId = ID.parse().unwrap();
    let profile = client.profile(user).await.unwrap();
    assert_eq!(profile.value.unwrap().display_name, "山田");
    assert_eq!(profile.request_id.as_deref(), Some("r-1"));
    let page = client.followers(None, 1000).await.unwrap().value;
    assert_eq!((page.user_ids, page.next), (vec![user], Some("n".to_owned())));
    client.followers(Some("n+/="), 300).await.unwrap();
    client.quota().await.unwrap();
    client.bot_info().await.unwrap();
    client.aggregation_insight("d_1", "20261120", "20261121").await.unwrap();
    let count = client.delivery_count(SendKind::Multicast, "20261120").await;
    assert_eq!(count.unwrap().value.success, Some(7));
    client.insight_followers("20261120").await.unwrap();
    let paths: Vec<String> = line.calls().into_iter().map(|call| call.path).collect();
    assert_eq!(
        paths,
        [
            &format!("/v2/bot/profile/{ID}"),
            "/v2/bot/followers/ids?limit=1000",
            "/v2/bot/followers/ids?limit=300&start=n%2B%2F%3D",
            "/v2/bot/message/quota",
            "/v2/bot/info",
            "/v2/bot/insight/message/event/aggregation?customAggregationUnit=d_1&from=20261120&to=20261121",
            "/v2/bot/message/delivery/multicast?date=20261120",
            "/v2/bot/insight/followers?date=20261120",
        ]
    );
}

#[tokio::test]
async fn nobody_and_nonsense() {
    let (_, client) = Line::start([
        Answer::Is(404, &[], json!({"message": "Not found"})),
        Answer::Is(200, REQUEST, json!({"displayName": 7})),
        Answer::Raw(200, vec![b'['; 5 * 1024 * 1024]),
    ])
    .await;
    let user: UserId = ID.parse().unwrap();
    assert_eq!(client.profile(user).await.unwrap().value, None);
    for _ in 0..2 {
        let error = client.profile(user).await.unwrap_err();
        assert!(matches!(error, Error::Unreadable { status: 200, .. }));
    }
}

#[tokio::test]
async fn content_is_ready_preparing_or_gone() {
    let (line, client) = Line::start([
        Answer::Raw(200, vec![7; 100_000]),
        Answer::Raw(200, vec![7; 100_000]),
        Answer::Is(202, &[], json!({})),
        Answer::Is(410, &[], json!({"message": "Gone"})),
    ])
    .await;
    let mut sizes = Vec::new();
    for max in [100_000, 99_999] {
        match client.content("325708").await.unwrap().value {
            Content::Ready(body) => {
                assert_eq!(body.length, Some(100_000));
                sizes.push(body.bytes(max).await.unwrap().map(|bytes| bytes.len()));
            }
            Content::Preparing => panic!("it is ready"),
        }
    }
    assert_eq!(sizes, [Some(100_000), None]);
    let preparing = client.content("325708").await.unwrap().value;
    assert!(matches!(preparing, Content::Preparing));
    let gone = client.content("325708").await.unwrap_err();
    assert_eq!(gone.status(), Some(410));
    assert_eq!(line.calls()[0].path, "/v2/bot/message/325708/content");
    for bad in ["", "../info", "1/2", "1?x", "%2e%2e"] {
        let error = client.content(bad).await.unwrap_err();
        assert!(matches!(error, Error::NotSent(_)));
    }
    assert_eq!(line.calls().len(), 4);
}
