use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;

const ID: &str = "U8e742f61d673b39c7fff3cecb7536ef0";
const CHANNEL: &str = "1000000002";
const SECRET: &str = "web login secret";
const NOW: i64 = 1_795_000_000;

/// A P-256 key in PKCS #8 made of one repeated byte.
fn key(byte: u8) -> EncodingKey {
    let mut der = vec![
        0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
        0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25,
        0x02, 0x01, 0x01, 0x04, 0x20,
    ];
    der.extend([byte; 32]);
    EncodingKey::from_ec_der(&der)
}

fn published(kid: &str, byte: u8) -> Value {
    let mut jwk = Jwk::from_encoding_key(&key(byte), Algorithm::ES256).unwrap();
    jwk.common.key_id = Some(kid.to_owned());
    serde_json::to_value(jwk).unwrap()
}

fn claims() -> Value {
    json!({"iss": ISSUER, "sub": ID, "aud": CHANNEL, "exp": NOW + 3600, "iat": NOW, "name": "山田"})
}

fn es256(kid: &str, byte: u8, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(kid.to_owned());
    jsonwebtoken::encode(&header, claims, &key(byte)).unwrap()
}

fn hs256(secret: &str, claims: &Value) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
}

/// LINE's key set and verification endpoint.
#[derive(Default)]
struct Line {
    keys: Option<Vec<Value>>,
    keys_asked: usize,
    verify: Option<(u16, Value)>,
    verify_asked: Vec<String>,
}

type Shared = Arc<Mutex<Line>>;

async fn start(line: Line) -> (Shared, LoginVerifier) {
    let shared = Arc::new(Mutex::new(line));
    let certs = async |State(line): State<Shared>| {
        let mut line = line.lock().unwrap();
        line.keys_asked += 1;
        match &line.keys {
            Some(keys) => (StatusCode::OK, json!({"keys": keys}).to_string()),
            None => (StatusCode::SERVICE_UNAVAILABLE, String::new()),
        }
    };
    let verify = async |State(line): State<Shared>, body: String| {
        let mut line = line.lock().unwrap();
        line.verify_asked.push(body);
        let (status, body) = line.verify.clone().unwrap_or((503, json!({})));
        (StatusCode::from_u16(status).unwrap(), body.to_string())
    };
    let router = Router::new()
        .route("/oauth2/v2.1/certs", get(certs))
        .route("/oauth2/v2.1/verify", post(verify))
        .with_state(Arc::clone(&shared));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
    (shared, LoginVerifier::new(http, &url, CHANNEL, SECRET))
}

fn with_keys(keys: Vec<Value>) -> Line {
    Line { keys: Some(keys), ..Line::default() }
}

async fn invalid(verifier: &LoginVerifier, token: &str) -> Invalid {
    match verifier.verify(token, NOW).await {
        Err(LoginError::Invalid(invalid)) => invalid,
        other => panic!("{other:?}"),
    }
}

async fn advance(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_liff_token_is_verified_offline() {
    let odd = json!({"kty": "future", "kid": "odd"});
    let (line, verifier) = start(with_keys(vec![odd, published("k1", 7)])).await;
    let token = es256("k1", 7, &claims());
    for _ in 0..3 {
        let verified = verifier.verify(&token, NOW).await.unwrap();
        assert_eq!(verified.by, VerifiedBy::KeySet);
        assert_eq!(verified.claims.sub.to_string(), ID);
        assert_eq!(verified.claims.name.as_deref(), Some("山田"));
    }
    let line = line.lock().unwrap();
    assert_eq!(line.keys_asked, 1);
    assert!(line.verify_asked.is_empty());
}

#[tokio::test]
async fn a_web_login_token_is_verified_by_the_secret() {
    let (line, verifier) = start(Line::default()).await;
    let verified = verifier.verify(&hs256(SECRET, &claims()), NOW).await;
    assert_eq!(verified.unwrap().by, VerifiedBy::ChannelSecret);
    let other = hs256("other", &claims());
    assert_eq!(invalid(&verifier, &other).await, Invalid::Signature);
    assert_eq!(line.lock().unwrap().keys_asked, 0);

    // Without a secret everybody could sign with the empty one.
    let none = LoginVerifier { channel_secret: String::new(), ..verifier };
    assert_eq!(invalid(&none, &hs256("", &claims())).await, Invalid::Algorithm);
}

#[tokio::test]
async fn expiry_is_judged_by_the_time_passed_in() {
    let (_, verifier) = start(with_keys(vec![published("k1", 7)])).await;
    let token = es256("k1", 7, &claims());
    assert!(verifier.verify(&token, NOW + 3599).await.is_ok());
    let late = verifier.verify(&token, NOW + 3600).await;
    assert!(matches!(late, Err(LoginError::Invalid(Invalid::Expired))));
}

#[tokio::test]
async fn forged_and_foreign_tokens_are_refused() {
    let (line, verifier) = start(with_keys(vec![published("k1", 7)])).await;
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        es256("k1", 7, &claims)
    };
    let good = es256("k1", 7, &claims());
    let (head, signature) = good.rsplit_once('.').unwrap();
    let other_claims =
        es256("k1", 7, &json!({"iss": ISSUER, "sub": ID, "aud": CHANNEL, "exp": NOW * 2}));
    let (other_head, _) = other_claims.rsplit_once('.').unwrap();
    for (token, expected) in [
        (es256("k1", 8, &claims()), Invalid::Signature),
        (format!("{other_head}.{signature}"), Invalid::Signature),
        (es256("k2", 7, &claims()), Invalid::UnknownKey),
        (with("iss", json!("https://access.example.com")), Invalid::Issuer),
        (with("aud", json!("1000000003")), Invalid::Audience),
        (with("exp", json!(NOW - 1)), Invalid::Expired),
        (with("sub", json!("somebody")), Invalid::Malformed),
        (with("exp", json!(null)), Invalid::Malformed),
        (head.to_owned(), Invalid::Malformed),
        (String::new(), Invalid::Malformed),
        ("a".repeat(9000), Invalid::Malformed),
        // alg none
        ("eyJhbGciOiJub25lIn0.e30.".to_owned(), Invalid::Malformed),
    ] {
        assert_eq!(invalid(&verifier, &token).await, expected, "{token}");
    }
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let hs384 = jsonwebtoken::encode(&Header::new(Algorithm::HS384), &claims(), &key).unwrap();
    assert_eq!(invalid(&verifier, &hs384).await, Invalid::Algorithm);
    let line = line.lock().unwrap();
    assert_eq!(line.keys_asked, 1, "made-up key ids cause no more fetches");
    assert!(line.verify_asked.is_empty());
}

#[tokio::test]
async fn a_new_key_is_fetched_after_a_pause() {
    let (line, verifier) = start(with_keys(vec![published("k1", 7)])).await;
    verifier.verify(&es256("k1", 7, &claims()), NOW).await.unwrap();
    line.lock().unwrap().keys = Some(vec![published("k2", 8)]);
    let token = es256("k2", 8, &claims());
    assert_eq!(invalid(&verifier, &token).await, Invalid::UnknownKey);
    advance(61).await;
    assert!(verifier.verify(&token, NOW).await.is_ok());
    assert_eq!(line.lock().unwrap().keys_asked, 2);
}

#[tokio::test]
async fn an_old_set_serves_a_day_while_line_is_away() {
    let (line, verifier) = start(with_keys(vec![published("k1", 7)])).await;
    let token = es256("k1", 7, &claims());
    verifier.verify(&token, NOW).await.unwrap();
    line.lock().unwrap().keys = None;
    advance(23 * 3600).await;
    let verified = verifier.verify(&token, NOW).await.unwrap();
    assert_eq!(verified.by, VerifiedBy::KeySet);
    assert_eq!(line.lock().unwrap().keys_asked, 2);
    advance(2 * 3600).await;
    let error = verifier.verify(&token, NOW).await.unwrap_err();
    assert!(matches!(error, LoginError::Unavailable(_)));
}

#[tokio::test]
async fn line_is_asked_where_the_key_set_cannot_be_had() {
    let (line, verifier) = start(Line { verify: Some((200, claims())), ..Line::default() }).await;
    let token = es256("k1", 7, &claims());
    let verified = verifier.verify(&token, NOW).await.unwrap();
    assert_eq!(verified.by, VerifiedBy::Line);
    assert_eq!(
        line.lock().unwrap().verify_asked,
        [format!("id_token={token}&client_id={CHANNEL}")]
    );
    // Its answer is checked like any other.
    let late = verifier.verify(&token, NOW + 3600).await;
    assert!(matches!(late, Err(LoginError::Invalid(Invalid::Expired))));
    assert_eq!(line.lock().unwrap().keys_asked, 1, "not with every token");

    let refusal = json!({"error": "invalid_request", "error_description": "IdToken expired."});
    line.lock().unwrap().verify = Some((400, refusal));
    assert_eq!(invalid(&verifier, &token).await, Invalid::RefusedByLine);
    line.lock().unwrap().verify = None;
    let error = verifier.verify(&token, NOW).await.unwrap_err();
    assert!(matches!(error, LoginError::Unavailable(_)));
}
