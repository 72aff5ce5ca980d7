//! How fast deliveries leave, beside what LINE's limits allow (SEG-10).

use super::{api, memory, pair};
use crate::crash::create_residents;
use crate::failure::Result;
use crate::http::{Client, free_port};
use crate::kairan::Pair;
use crate::postgres::{Durability, Postgres};
use crate::process::{Running, seconds, until};
use crate::workspace::Workspace;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Recipients of a delivery (SEG-10).
pub(super) const RECIPIENTS: usize = 200_000;
/// So many choices of two attributes give every recipient a text of their own.
const CHOICES: usize = 500;
/// LINE takes so many calls a second; its bucket holds one second's worth and starts full.
pub(super) const MULTICASTS: f64 = 200.0;
const PUSHES: f64 = 2_000.0;
/// Everyone is told within so many seconds that a delivery was wrong.
const RETRACTION: f64 = 60.0;

pub(super) fn multicast(workspace: &Workspace) -> Result {
    let pair = pair(workspace, None)?;
    let city = City::open(&pair, &["serve"], 1)?;
    let sent = city.send("断水します", "multicast")?;
    sent.print(MULTICASTS);
    let told = city.retract(&sent)?;
    println!(
        "  taken back: {told:.2} s from the tap to the last accepted call of the correction to all of them, {:.0} % of the {RETRACTION:.0} s aimed at",
        told / RETRACTION * 100.0
    );
    city.finish()
}

pub(super) fn personalised(workspace: &Workspace) -> Result {
    let pair = pair(workspace, None)?;
    let city = City::open(&pair, &["serve"], 1)?;
    let sent = city.send("{{one|}}と{{two|}}の方へ", "push")?;
    sent.print(PUSHES);
    city.finish()
}

pub(super) fn two_servers(workspace: &Workspace) -> Result {
    let postgres = Postgres::start(workspace, Durability::Full)?;
    let pair = pair(workspace, Some(postgres.create_database(workspace, "two")?))?;
    let city = City::open(&pair, &["serve"], 2)?;
    city.send("断水します", "multicast")?.print(MULTICASTS);
    city.send("{{one|}}と{{two|}}の方へ", "push")?.print(PUSHES);
    city.finish()
}

/// Recipients, a simulated LINE that keeps to its limits, and servers.
pub(super) struct City {
    control: Client,
    pub(super) api: Client,
    servers: Vec<Running>,
    _sandbox: Running,
}

impl City {
    /// The first server is `kairan WORDS…`.
    pub(super) fn open(pair: &Pair, words: &[&str], servers: usize) -> Result<Self> {
        let sandbox = pair.start_sandbox()?;
        let control = Client::new(pair.sandbox_url(), Duration::from_secs(300));
        let ids = create_residents(&control, RECIPIENTS)?;
        let mut running = Vec::new();
        for index in 0..servers {
            let server = match index {
                0 => pair.start_kairan(words, false)?,
                _ => pair.start_kairan_on(free_port()?)?,
            };
            pair.wait_until_ready(&server)?;
            running.push(server);
        }
        let api = api(pair)?;
        for key in ["one", "two"] {
            let choices: Vec<Value> = (0..CHOICES)
                .map(|c| json!({"key": format!("c{c}"), "label": format!("{c}番")}))
                .collect();
            // Hidden: the page on which residents register stays what it is.
            let attribute = json!({"key": key, "label": key, "kind": "single", "hidden": true, "choices": choices});
            api.post("/attributes", &attribute)?.expect(201, "creating an attribute")?;
        }
        let mut lines = String::new();
        for (i, id) in ids.iter().enumerate() {
            let (one, two) = (format!("c{}", i % CHOICES), format!("c{}", i / CHOICES));
            let line = json!({"line_user_id": id, "attributes": {"one": one, "two": two}});
            lines += &format!("{line}\n");
        }
        let headers = [("content-type", "application/x-ndjson")];
        api.send("POST", "/residents/import", &headers, lines)?.expect(200, "the import")?;
        let limits = json!({"rate_limits": true});
        control.put("/_sandbox/faults", &limits)?.expect(200, "setting LINE's limits")?;
        Ok(Self { control, api, servers: running, _sandbox: sandbox })
    }

    pub(super) fn send(&self, text: &str, kind: &'static str) -> Result<Sent> {
        let audience = json!({"attribute": "one", "is": (0..CHOICES).map(|c| format!("c{c}")).collect::<Vec<_>>()});
        let delivery = json!({"title": "断水", "audience": audience, "parts": [{"text": text}], "purpose": "notice"});
        let posted = now();
        let made = self.api.post("/deliveries", &delivery)?.expect(201, "the delivery")?;
        self.arrived(&made, kind, posted)
    }

    /// Corrects a delivery; answers the seconds until everyone was told.
    fn retract(&self, wrong: &Sent) -> Result<f64> {
        let posted = now();
        let path = format!("/deliveries/{}/retract", wrong.id);
        let correction = json!({"text": "さきほどの知らせは誤りです"});
        let made = self.api.post(&path, &correction)?.expect(201, "the correction")?;
        let told = self.arrived(&made, wrong.kind, posted)?;
        Ok(told.waited + told.took)
    }

    /// Waits until a delivery has arrived everywhere.
    fn arrived(&self, made: &Value, kind: &'static str, posted: i64) -> Result<Sent> {
        let id = made["id"].as_str().unwrap_or_default().to_owned();
        let path = format!("/deliveries/{id}");
        let done = until(Duration::from_secs(1_200), || {
            let delivery = self.api.get(&path).ok()?.body;
            (delivery["status"] == "done").then_some(delivery)
        })
        .ok_or("the delivery does not end")?;
        let path = format!("/_sandbox/received?kind={kind}&since={posted}");
        let received = self.control.get(&path)?.expect(200, "what arrived")?;
        let number = |name: &str| received[name].as_f64().unwrap_or(f64::NAN);
        if done["accepted"] != RECIPIENTS || received["received_total"] != RECIPIENTS {
            return Err(format!("not everyone got it: {done}").into());
        }
        let second = |from: f64, until: f64| (until - from) / 1e6;
        Ok(Sent {
            id,
            kind,
            calls: number("calls_total"),
            waited: second(posted as f64, number("first_at")),
            took: second(number("first_at"), number("last_at")),
        })
    }

    /// Memory, and that all servers together kept within LINE's limits: every slot is reserved,
    /// so LINE has nothing to refuse.
    pub(super) fn finish(&self) -> Result {
        for server in &self.servers {
            memory::print(server, &format!("with {RECIPIENTS} residents"))?;
        }
        let wire = self.control.get("/_sandbox/events?limit=0")?.expect(200, "the wire")?;
        let refused = wire["answered_429"].as_u64().ok_or("the sandbox counts no 429")?;
        println!("  calls beyond LINE's limits, answered 429: {refused} (aim: 0)");
        if refused > 0 {
            return Err(format!("LINE refused {refused} calls as too many").into());
        }
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "what is measured is the machine's time")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_micros() as i64)
}

/// What was measured, in seconds.
pub(super) struct Sent {
    id: String,
    kind: &'static str,
    calls: f64,
    /// From the POST to the first accepted call.
    pub(super) waited: f64,
    /// From the first to the last.
    took: f64,
}

impl Sent {
    /// How often the seconds that LINE's limit asks for: the first second's worth leaves at once.
    pub(super) fn times(&self, per_second: f64) -> f64 {
        self.took / self.floor(per_second)
    }

    fn floor(&self, per_second: f64) -> f64 {
        (self.calls - per_second) / per_second
    }

    fn print(&self, per_second: f64) {
        let floor = self.floor(per_second);
        println!(
            "  {RECIPIENTS} by {}: {} from the request to the first of {} calls",
            self.kind,
            seconds(Duration::from_secs_f64(self.waited.max(0.0))),
            self.calls
        );
        println!(
            "  {:.2} s from the first to the last, {:.3} times LINE's floor of {floor:.2} s (aim: 1.05)",
            self.took,
            self.times(per_second)
        );
    }
}
