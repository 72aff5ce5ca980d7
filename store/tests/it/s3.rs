//! Blobs in S3: before a small server that knows the few calls that are used (an object put and
//! got, a list, several deleted at once) and checks AWS's signature, version 4.

use crate::blobs::picture;
use crate::support::{Test, both};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use store::blob::{Blobs, Form, KEPT_UNUSED, check, put, read, sweep};
use store::{Context, Error};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const SECRET: &str = "geheim";
const TAG: &str = "etag: \"1\"\r\n";

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Vec<u8>>,
    requests: usize,
    /// So many requests are refused yet as if it was too much.
    refusing: usize,
}

struct S3 {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl S3 {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<Mutex<State>>::default();
        let kept = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(BufReader::new(stream), kept.clone()));
            }
        });
        Self { port, state }
    }

    /// The test's database with its blobs in here.
    fn ctx(&self, t: &Test, secret: &str) -> Context {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        let variables = [
            ("AWS_ENDPOINT", endpoint.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "ap-northeast-1"),
            ("AWS_ACCESS_KEY_ID", "KAIRAN"),
            ("AWS_SECRET_ACCESS_KEY", secret),
            ("REGION", "elsewhere"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let blobs = Blobs::open_by("s3://files/city", variables).unwrap();
        let mut ctx = t.ctx.clone();
        ctx.store = ctx.store.clone().with_blobs(blobs);
        ctx
    }

    fn names(&self) -> Vec<String> {
        self.state.lock().unwrap().objects.keys().cloned().collect()
    }

    fn refuse(&self, requests: usize) {
        self.state.lock().unwrap().refusing = requests;
    }

    fn requests(&self) -> usize {
        self.state.lock().unwrap().requests
    }
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    async fn read(stream: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let size = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
        let mut body = vec![0; size];
        stream.read_exact(&mut body).await.ok()?;
        Some(Self { method, path, query, headers, body })
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// A part of the authorization: `Credential=…, SignedHeaders=…, Signature=…`.
    fn signing(&self, name: &str) -> &str {
        let mut parts = self.header("authorization").split([' ', ',']);
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default()
    }

    fn is_signed(&self) -> bool {
        let digest = |bytes: &[u8]| hex::encode(Sha256::digest(bytes));
        let body = digest(&self.body);
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        let mut query: Vec<String> = pairs
            .map(|pair| if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") })
            .collect();
        query.sort();
        let names = self.signing("SignedHeaders");
        let headers: String =
            names.split(';').map(|name| format!("{name}:{}\n", self.header(name))).collect();
        let asked = format!(
            "{}\n{}\n{}\n{headers}\n{names}\n{body}",
            self.method,
            self.path,
            query.join("&")
        );
        let (_, scope) = self.signing("Credential").split_once('/').unwrap_or_default();
        let text = format!(
            "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
            self.header("x-amz-date"),
            digest(asked.as_bytes())
        );
        let key = format!("AWS4{SECRET}").into_bytes();
        let key = scope.split('/').fold(key, |key, part| mac(&key, part));
        self.header("x-amz-content-sha256") == body
            && self.signing("Signature") == hex::encode(mac(&key, &text))
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

async fn serve(mut stream: BufReader<TcpStream>, state: Arc<Mutex<State>>) {
    while let Some(request) = Request::read(&mut stream).await {
        let answer = answer(&mut state.lock().unwrap(), &request);
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

fn answer(state: &mut State, request: &Request) -> Vec<u8> {
    state.requests += 1;
    let error = |status: &str, code: &str| {
        whole(status, "", format!("<Error><Code>{code}</Code></Error>").as_bytes())
    };
    if !request.is_signed() {
        return error("403 Forbidden", "SignatureDoesNotMatch");
    }
    if state.refusing > 0 {
        state.refusing -= 1;
        return error("503 Slow Down", "SlowDown");
    }
    let key = request.path.strip_prefix("/files").unwrap_or_default().trim_start_matches('/');
    match (request.method.as_str(), key, request.query.as_str()) {
        ("PUT", key, "") => {
            state.objects.insert(key.to_owned(), request.body.clone());
            whole("200 OK", TAG, b"")
        }
        ("GET", "", query) => {
            let prefix = query.split('&').find_map(|pair| pair.strip_prefix("prefix="));
            let prefix = prefix.unwrap_or_default().replace("%2F", "/");
            let found = state.objects.iter().filter(|(key, _)| key.starts_with(&prefix));
            let found: String = found
                .map(|(key, bytes)| {
                    let size = bytes.len();
                    format!("<Contents><Key>{key}</Key><Size>{size}</Size><LastModified>2026-11-01T00:00:00Z</LastModified></Contents>")
                })
                .collect();
            let list = format!("<ListBucketResult>{found}</ListBucketResult>");
            whole("200 OK", "", list.as_bytes())
        }
        ("GET", key, "") => match state.objects.get(key) {
            Some(bytes) => whole("200 OK", TAG, bytes),
            None => error("404 Not Found", "NoSuchKey"),
        },
        ("POST", "", "delete") => {
            let body = String::from_utf8_lossy(&request.body);
            let named = body.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
            let gone: String = named
                .map(|key| {
                    state.objects.remove(key);
                    format!("<Deleted><Key>{key}</Key></Deleted>")
                })
                .collect();
            whole("200 OK", "", format!("<DeleteResult>{gone}</DeleteResult>").as_bytes())
        }
        _ => error("405 Method Not Allowed", "MethodNotAllowed"),
    }
}

fn whole(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len())
        .into_bytes();
    [&head[..], body].concat()
}

#[test]
fn what_is_kept_lies_sealed_in_s3_and_goes_in_time() {
    both(async |t| {
        let s3 = S3::start().await;
        let ctx = s3.ctx(&t, SECRET);
        check(&ctx).await.unwrap();
        assert_eq!(s3.names(), [""; 0], "the check leaves nothing");
        let id = put(&ctx, &picture()).await.unwrap().id;
        assert_eq!(s3.names(), [format!("city/{id}/original"), format!("city/{id}/preview")]);
        assert_eq!(read(&ctx, &id, Form::Original).await.unwrap(), b"original");
        assert_eq!(read(&ctx, &id, Form::Preview).await.unwrap(), b"preview");
        let lies = s3.state.lock().unwrap().objects.values().next().unwrap().clone();
        assert!(!lies.windows(8).any(|w| w == b"original"));

        let orphan = put(&ctx, &picture()).await.unwrap().id;
        t.sql(&format!("DELETE FROM blob WHERE token = '{orphan}'")).await;
        assert_eq!(sweep(&ctx).await.unwrap(), 2);
        assert_eq!(read(&ctx, &id, Form::Original).await.unwrap(), b"original");
        t.later(KEPT_UNUSED + 1);
        assert_eq!(sweep(&ctx).await.unwrap(), 1);
        assert_eq!(s3.names(), [""; 0]);
        assert!(matches!(read(&ctx, &id, Form::Original).await, Err(Error::Blobs(_))));
    });
}

#[test]
fn s3_is_asked_again_and_what_it_does_not_take_has_no_row() {
    both(async |t| {
        let s3 = S3::start().await;
        let ctx = s3.ctx(&t, SECRET);
        s3.refuse(2);
        let id = put(&ctx, &picture()).await.unwrap().id;
        let before = s3.requests();
        s3.refuse(usize::MAX);
        assert!(matches!(put(&ctx, &picture()).await, Err(Error::Blobs(_))));
        assert_eq!(s3.requests() - before, 4, "once, and three times more");
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM blob").await, 1);
        s3.refuse(0);
        assert_eq!(read(&ctx, &id, Form::Original).await.unwrap(), b"original");
    });
}

#[test]
fn with_another_secret_nothing_is_written() {
    both(async |t| {
        let s3 = S3::start().await;
        let ctx = s3.ctx(&t, "falsch");
        assert!(matches!(check(&ctx).await, Err(Error::Blobs(_))));
        assert!(matches!(put(&ctx, &picture()).await, Err(Error::Blobs(_))));
        assert_eq!(s3.requests(), 2, "a refusal for good is not tried again");
        assert_eq!(s3.names(), [""; 0]);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM blob").await, 0);
    });
}
