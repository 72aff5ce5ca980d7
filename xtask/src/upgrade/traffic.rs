//! What LINE, residents and other systems ask meanwhile, of all servers in turn: one thread each
//! for webhooks, answers and pages.

use crate::bench::FORM;
use crate::failure::{Result, While};
use crate::http::{Answer, Client};
use serde_json::Value;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Between an answer and the next request of the same kind.
const PAUSE: Duration = Duration::from_millis(25);
/// The longest that anybody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// A message that is not short; each has a mark of its own behind it.
const OPINION: &str = "駅までの道に、自転車の通るところを分けてください。";

#[derive(Clone)]
struct Server {
    port: u16,
    client: Client,
    /// It may refuse: the balancer does not know yet that it is being stopped.
    stopping: bool,
}

/// What was asked and how it went.
#[derive(Default)]
pub struct Counted {
    /// The ids of events that were answered 200.
    pub events: Vec<String>,
    /// The marks of answers that were received.
    pub answers: Vec<String>,
    pub pages: usize,
    /// Requests that went to another server, since the first was being stopped.
    pub again: usize,
    /// What no server that works may answer.
    pub wrong: Vec<String>,
}

#[derive(Default)]
struct Shared {
    servers: Mutex<Vec<Server>>,
    counted: Mutex<Counted>,
    over: AtomicBool,
}

pub struct Traffic {
    shared: Arc<Shared>,
    token: String,
    threads: Vec<JoinHandle<Result>>,
}

impl Traffic {
    /// Nobody asks yet, and no server is there.
    pub fn new(token: &str) -> Self {
        Self { shared: Arc::default(), token: token.to_owned(), threads: Vec::new() }
    }

    /// From now on this server is asked, too.
    pub fn add(&self, port: u16) {
        let client = Client::new(format!("http://127.0.0.1:{port}"), PATIENCE).bearer(&self.token);
        lock(&self.shared.servers).push(Server { port, client, stopping: false });
    }

    /// From now on this server may refuse, and is asked all the same.
    pub fn stops(&self, port: u16) {
        for server in lock(&self.shared.servers).iter_mut().filter(|server| server.port == port) {
            server.stopping = true;
        }
    }

    /// This server is not asked any more.
    pub fn remove(&self, port: u16) {
        lock(&self.shared.servers).retain(|server| server.port != port);
    }

    /// Begins to ask; the webhooks are lines of signature, tab and body.
    pub fn begin(&mut self, webhooks: &Path) -> Result {
        let lines = std::fs::read_to_string(webhooks).during(webhooks.display())?;
        let works: [fn(&Shared, &str) -> Result; 3] = [send_webhooks, send_answers, read_pages];
        let lines: Arc<str> = lines.into();
        for work in works {
            let (shared, lines) = (Arc::clone(&self.shared), Arc::clone(&lines));
            self.threads.push(std::thread::spawn(move || work(&shared, &lines)));
        }
        Ok(())
    }

    /// Ends it; answers what was asked.
    pub fn end(&mut self) -> Result<Counted> {
        self.shared.over.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            thread.join().map_err(|_| "a thread that asks has panicked")??;
        }
        Ok(std::mem::take(&mut *lock(&self.shared.counted)))
    }
}

impl Shared {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// The server whose turn it is.
    fn server(&self, turn: usize) -> Option<Server> {
        let servers = lock(&self.servers);
        servers.get(turn % servers.len().max(1)).cloned()
    }

    /// Whether a server is not there any more, or being stopped.
    fn may_refuse(&self, port: u16) -> bool {
        lock(&self.servers).iter().find(|server| server.port == port).is_none_or(|s| s.stopping)
    }

    /// Asks the server whose turn it is, and what a server that is being stopped refuses the
    /// next. True if the answer was one of the good ones.
    fn ask(
        &self,
        turn: usize,
        what: &str,
        good: &[u16],
        request: impl Fn(&Client) -> Result<Answer>,
    ) -> bool {
        let mut turn = turn;
        loop {
            std::thread::sleep(PAUSE);
            let Some(server) = self.server(turn) else { continue };
            let said = match request(&server.client) {
                Ok(answer) if good.contains(&answer.status) => return true,
                Ok(answer) if answer.status < 500 => Err(format!("answered {}", answer.status)),
                Ok(answer) => Ok(format!("answered {}", answer.status)),
                Err(failure) => Ok(failure.to_string()),
            };
            let mut counted = lock(&self.counted);
            match said {
                Ok(_) if self.may_refuse(server.port) => counted.again += 1,
                Ok(said) | Err(said) => {
                    counted.wrong.push(format!("{what} on port {}: {said}", server.port));
                    return false;
                }
            }
            turn += 1;
        }
    }
}

fn send_webhooks(shared: &Shared, lines: &str) -> Result {
    for (turn, line) in lines.lines().enumerate() {
        if shared.is_over() {
            return Ok(());
        }
        let (signature, body) = line.split_once('\t').ok_or("a webhook without a signature")?;
        let webhook: Value = serde_json::from_str(body)?;
        let event = webhook["events"][0]["webhookEventId"].as_str().ok_or("an event without id")?;
        let headers = [("content-type", "application/json"), ("x-line-signature", signature)];
        if shared.ask(turn, "a webhook", &[200], |c| c.send("POST", "/webhook", &headers, body)) {
            lock(&shared.counted).events.push(event.to_owned());
        }
    }
    Err("all webhooks were used up: prepare more".into())
}

fn send_answers(shared: &Shared, _: &str) -> Result {
    for turn in 0.. {
        if shared.is_over() {
            break;
        }
        let mark = format!("upgrade-{turn:06}.");
        let who = format!("{turn:064x}");
        let cookie = format!("kairan_answer={who}");
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "text/html"),
            ("sec-fetch-site", "same-origin"),
            ("cookie", cookie.as_str()),
        ];
        let body = answer(&who, &mark);
        // The former release may answer by a page, this one by the way to it.
        let sent = shared.ask(turn, "an answer", &[200, 303], |client| {
            client.send("POST", FORM, &headers, body.clone())
        });
        if sent {
            lock(&shared.counted).answers.push(mark);
        }
    }
    Ok(())
}

/// A whole answer, as the last page of the form sends it. The key makes it one answer, however
/// often it is sent.
fn answer(key: &str, mark: &str) -> String {
    let opinion = format!("{OPINION}{mark}");
    let fields = [
        ("key", key),
        ("version", "1"),
        ("page", "4"),
        ("act", "send"),
        ("answers[kind][]", "live"),
        ("answers[name.family][]", "見本"),
        ("answers[name.given][]", "花子"),
        ("answers[home.prefecture][]", "見本県"),
        ("answers[home.city][]", "みほん市"),
        ("answers[home.street][]", "山手三丁目8-14"),
        ("answers[tel][]", "090-0000-1234"),
        ("answers[opinions.0.where][]", "all"),
        ("answers[opinions.0.stance][]", "partly"),
        ("answers[opinions.0.text][]", opinion.as_str()),
        ("answers[opinions.0.reason][]", "朝は歩く人と重なって、あぶないことが多いからです。"),
        ("answers[agree][]", "yes"),
    ];
    let pairs = fields.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.join("&")
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn read_pages(shared: &Shared, _: &str) -> Result {
    let paths = ["/liff/register", "/api/v1/deliveries?limit=5", FORM, "/api/v1/attributes"];
    for (turn, path) in paths.iter().cycle().enumerate() {
        if shared.is_over() {
            break;
        }
        // As many paths as there are servers must not always lead to the same one.
        if shared.ask(turn + turn / paths.len(), path, &[200], |client| client.get(path)) {
            lock(&shared.counted).pages += 1;
        }
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
