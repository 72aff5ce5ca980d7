//! `kill -9` of the sandbox itself: whatever was answered is remembered.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::{KEY, MULTICAST, client, read, text};
use sandbox::config::{DEMO_CHANNEL_ID, DEMO_CHANNEL_SECRET};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// The binary's process; it ends with the test, however that ends.
struct Running(Child);

impl Running {
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The binary on a free port in a folder, with nothing configured.
fn binary(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kairan-sandbox"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KAIRAN_") {
            command.env_remove(name);
        }
    }
    command
        .args(["--bind", "127.0.0.1:0"])
        .current_dir(folder)
        .env("RUST_LOG", "info")
        .env("NO_COLOR", "1")
        .stderr(Stdio::piped());
    command
}

/// Starts the binary; also gives where it says it listens.
fn start(command: &mut Command) -> (Running, String) {
    let mut child = command.spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let url = log
        .find_map(|line| Some(line.unwrap().split_once("stand-in is at ")?.1.to_owned()))
        .unwrap();
    // Keep reading, so that the log never fills the pipe.
    std::thread::spawn(move || log.for_each(drop));
    (Running(child), url)
}

async fn token(http: &reqwest::Client, url: &str) -> String {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", DEMO_CHANNEL_ID),
        ("client_secret", DEMO_CHANNEL_SECRET),
    ];
    let answer = read(http.post(format!("{url}/oauth2/v3/token")).form(&form)).await;
    answer.unwrap().ok()["access_token"].as_str().unwrap().to_owned()
}

/// Sends under key number `n`; `None` where no answer came.
async fn send(
    http: reqwest::Client,
    url: String,
    token: String,
    n: usize,
    to: Value,
) -> (usize, Option<u16>) {
    let key = format!("{}{n:012x}", &KEY[..24]);
    let request = http.post(format!("{url}{MULTICAST}")).bearer_auth(token);
    let request = request.header("x-line-retry-key", key);
    let answer = read(request.json(&json!({"to": to, "messages": text("x")}))).await;
    (n, answer.ok().map(|answer| answer.status))
}

#[tokio::test]
async fn a_killed_sandbox_keeps_every_key_that_it_accepted() {
    const CALLS: usize = 150;
    let folder = tempfile::tempdir().unwrap();
    let http = client();
    let (mut child, url) = start(&mut binary(folder.path()));
    let made = http.post(format!("{url}/_sandbox/residents")).json(&json!({"count": 500}));
    let to = read(made).await.unwrap().ok()["user_ids"].clone();
    let bearer = token(&http, &url).await;
    let mut calls = JoinSet::new();
    for n in 0..CALLS {
        calls.spawn(send(http.clone(), url.clone(), bearer.clone(), n, to.clone()));
    }
    let mut accepted = Vec::new();
    while let Some(done) = calls.join_next().await {
        if let (n, Some(200)) = done.unwrap() {
            accepted.push(n);
            if accepted.len() == CALLS / 3 {
                child.kill();
            }
        }
    }
    // Some were answered before it died whose answers are read afterwards, on a slow machine all.
    assert!(accepted.len() >= CALLS / 3, "{}", accepted.len());

    let (_child, url) = start(&mut binary(folder.path()));
    for n in 0..CALLS {
        let (_, status) = send(http.clone(), url.clone(), bearer.clone(), n, to.clone()).await;
        let known = status == Some(409);
        assert!(known || status == Some(200), "{status:?}");
        assert!(known || !accepted.contains(&n), "call {n} was forgotten");
    }
    let sum = read(http.get(format!("{url}/_sandbox/received"))).await.unwrap().ok();
    assert_eq!(sum["residents_by_count"], json!({CALLS.to_string(): 500}));
}

async fn addresses(command: &mut Command) -> [Value; 2] {
    let (_child, url) = start(command);
    let config = read(client().get(format!("{url}/_sandbox/config"))).await.unwrap().ok();
    [config["webhook_url"].clone(), config["liff_endpoint_url"].clone()]
}

#[tokio::test]
async fn webhooks_and_liff_go_to_the_public_url_unless_something_else_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let at = |base: &str| [json!(format!("{base}/webhook")), json!(format!("{base}/liff"))];
    let mut command = binary(folder.path());
    assert_eq!(addresses(&mut command).await, at("http://127.0.0.1:3000"));
    command.env("KAIRAN_PUBLIC_URL", "https://line.city.mihon.lg.jp/");
    assert_eq!(addresses(&mut command).await, at("https://line.city.mihon.lg.jp"));
    command
        .env("KAIRAN_WEBHOOK_URL", "http://127.0.0.1:4000/webhook")
        .env("KAIRAN_LIFF_ENDPOINT_URL", "http://127.0.0.1:4000/liff");
    assert_eq!(addresses(&mut command).await, at("http://127.0.0.1:4000"));
}

#[test]
fn two_sandboxes_do_not_share_one_state() {
    let folder = tempfile::tempdir().unwrap();
    let (_first, _) = start(&mut binary(folder.path()));
    let second = binary(folder.path()).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use by another sandbox"));
    let (_third, _) = start(binary(folder.path()).args(["--state", "another.state"]));
    assert!(folder.path().join("var/sandbox.state").exists());
    assert!(folder.path().join("another.state").exists());
}
