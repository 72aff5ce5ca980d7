//! `cargo xtask upgrade`: a server of a former release and one of this work side by side on one
//! PostgreSQL, one is stopped in the middle of a delivery, and the city goes back. Meanwhile
//! webhooks, answers and questions come in; afterwards every resident must have everything
//! exactly once, and nothing that was received may be missing (design rule 8, 「Two releases at
//! once」).

mod former;
mod traffic;

use crate::args::Args;
use crate::bench::{FORM, sign};
use crate::build;
use crate::crash::verify::{self, Received};
use crate::crash::wire::Wire;
use crate::crash::{REFUSED, WARDS, create_residents, faults, import, scenes};
use crate::failure::{Failure, Result};
use crate::http::{Client, free_port};
use crate::kairan::Pair;
use crate::postgres::{Durability, Postgres, psql};
use crate::process::{self, Running, output, seconds, until};
use crate::setup::{self, Wanted};
use crate::workspace::Workspace;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use traffic::{Counted, Traffic};

pub use former::release as former_release;

/// What the two releases call their logs.
const FORMER: &str = "kairan-former";
const NEXT: &str = "kairan-next";
/// More than come in meanwhile.
const WEBHOOKS: u64 = 50_000;
const SEED: u64 = 1;
/// A delivery that has not ended after so long stands still.
const STALLED: Duration = Duration::from_secs(300);
/// Many residents have the same words: multicasts.
const GROUPS: &str = "{{one|}}の方へ";
/// Everybody has other words: pushes.
const EACH: &str = "{{one|}}と{{two|}}の方へ";

pub fn command(workspace: &Workspace, mut args: Args) -> Result {
    let from = args.value("--from", String::new())?;
    let residents = args.value("--residents", 20_000)?;
    let one_way = args.flag("--one-way");
    args.finish()?;
    if residents < 8_000 {
        return Err(Failure::Usage(
            "--residents: at least 8000, so that there are calls to be in the middle of.".into(),
        ));
    }
    let commit = match from.as_str() {
        "" => former::release(workspace)
            .ok_or_else(|| Failure::Usage("--from: git knows no former release.".into()))?,
        name => former::commit(workspace, name)
            .ok_or_else(|| Failure::Usage(format!("--from {name}: git knows no such commit.")))?,
    };
    setup::everything(workspace, Wanted { postgres: true, ..Wanted::default() })?;
    println!("Build");
    build::servers(workspace, false)?;
    build::site(workspace, false)?;
    let former = former::build(workspace, &commit)?;

    let postgres = Postgres::start(workspace, Durability::None)?;
    let database = postgres.create_database(workspace, "upgrade")?;
    let folder = process::temporary_folder("upgrade")?;
    // Both have one configuration; at the public address itself nobody listens.
    let (port, sandbox_port) = (free_port()?, free_port()?);
    let pair = |workspace| Pair {
        workspace,
        folder: folder.clone(),
        port,
        sandbox_port,
        release: false,
        database: Some(database.clone()),
        clock: None,
    };
    let (former, next) = (pair(&former), pair(workspace));
    let short = former::short(&commit);
    println!("Upgrade: {residents} residents, from {short}");
    let since = Instant::now();
    let done = City::open(&former, &next, residents).and_then(|city| city.upgrade(one_way));
    if done.is_err() {
        keep_logs(&next)?;
    }
    println!("upgrade: from {short}, {} ({})", done?, seconds(since.elapsed()));
    Ok(())
}

/// The temporary folder goes; what the programs said stays beside the other logs.
fn keep_logs(pair: &Pair) -> Result {
    for name in [FORMER, NEXT, "kairan-sandbox"] {
        let log = pair.log(name);
        if log.exists() {
            let kept = pair.workspace.log(&format!("upgrade-{name}"))?;
            std::fs::copy(log, &kept)?;
            println!("  log kept: {}", kept.display());
        }
    }
    Ok(())
}

/// A server at work.
struct Server {
    running: Running,
    port: u16,
    api: Client,
}

/// A delivery that was sent.
struct Sent {
    id: String,
    /// By which it is known.
    words: &'static str,
    /// To whom; to everybody if it is not one ward.
    ward: Option<usize>,
}

struct City<'a> {
    former: &'a Pair<'a>,
    next: &'a Pair<'a>,
    control: Client,
    _sandbox: Running,
    token: String,
    traffic: Traffic,
    recipients: Vec<String>,
    bystanders: Vec<String>,
    sent: Vec<Sent>,
}

impl<'a> City<'a> {
    /// The simulated LINE and its residents; Kairan is not there yet.
    fn open(former: &'a Pair<'a>, next: &'a Pair<'a>, residents: usize) -> Result<Self> {
        let sandbox = next.start_sandbox()?;
        let control = Client::new(next.sandbox_url(), Duration::from_secs(120));
        let recipients = create_residents(&control, residents)?;
        let bystanders = create_residents(&control, residents / 20)?;
        // By the former release, which makes the database.
        let token = output(&mut former.kairan(&[
            "token",
            "create",
            "--name",
            "upgrade",
            "--permission",
            "all",
        ]))?;
        let token = token.trim().to_owned();
        Ok(Self {
            former,
            next,
            control,
            _sandbox: sandbox,
            traffic: Traffic::new(&token),
            token,
            recipients,
            bystanders,
            sent: Vec::new(),
        })
    }

    fn upgrade(mut self, one_way: bool) -> Result<String> {
        let former = self.start(self.former, &["demo"], FORMER)?;
        scenes::attributes(&former.api)?;
        import::whole(&former.api, import::lines(&self.recipients), self.recipients.len())?;
        let webhooks = self.next.folder.join("webhooks.txt");
        sign(self.next.workspace, WEBHOOKS, &webhooks)?;
        let mut wire = Wire::new(self.control.clone())?;
        self.traffic.begin(&webhooks)?;

        // The new release comes up, and migrates, in the middle of two deliveries.
        self.faulty(true)?;
        let first =
            [self.send(&former, "no1", None, GROUPS)?, self.send(&former, "no2", Some(0), EACH)?];
        for id in &first {
            wait(&former, id, "begin", |delivery| delivery["status"] == "sending")?;
        }
        self.faulty(false)?;
        self.reach_somebody(&former, &first)?;
        self.faulty(true)?;
        let next = self.start(self.next, &["serve"], NEXT)?;
        still_open(&next, &first)?;
        self.faulty(false)?;
        println!("  ✓ both releases work side by side");
        let third = self.send(&next, "no3", None, "断水します")?;
        for id in first.iter().chain([&third]) {
            finish(&next, id)?;
        }

        let fourth = [self.send(&next, "no4", Some(1), EACH)?];
        self.reach_somebody(&next, &fourth)?;
        still_open(&next, &fourth)?;
        self.stop(former)?;
        println!("  ✓ the former release has been stopped in the middle of a delivery");
        finish(&next, &fourth[0])?;

        let last = if one_way { next } else { self.back(next)? };
        wire.read()?;
        self.verify(last, &wire, one_way)
    }

    /// The former release comes up on the newer schema, and goes on alone.
    fn back(&mut self, next: Server) -> Result<Server> {
        let former = self.start(self.former, &["serve"], FORMER)?;
        println!("  ✓ the former release works on the newer schema");
        let fifth = [self.send(&former, "no5", Some(2), EACH)?];
        self.reach_somebody(&former, &fifth)?;
        still_open(&former, &fifth)?;
        self.stop(next)?;
        finish(&former, &fifth[0])?;
        let alone = self.send(&former, "no6", None, GROUPS)?;
        finish(&former, &alone)?;
        Ok(former)
    }

    /// Starts a server; what comes in is shared with it once it is ready.
    fn start(&self, pair: &Pair, words: &[&str], log: &str) -> Result<Server> {
        let port = free_port()?;
        let running = pair.start_on(words, port, log)?;
        pair.wait_until_ready_on(&running, port, log)?;
        let url = format!("http://127.0.0.1:{port}/api/v1");
        let api = Client::new(url, Duration::from_secs(1800)).bearer(&self.token);
        self.traffic.add(port);
        Ok(Server { running, port, api })
    }

    /// Stops a server by SIGTERM, while it is asked by those who do not know yet.
    fn stop(&self, server: Server) -> Result {
        self.traffic.stops(server.port);
        let ended = server.running.terminate();
        self.traffic.remove(server.port);
        match ended {
            Some(status) if status.success() => Ok(()),
            other => Err(format!("kairan did not end well after SIGTERM: {other:?}").into()),
        }
    }

    /// LINE's faults; it lets sends wait at its door if it `holds` them.
    fn faulty(&self, holds: bool) -> Result {
        let mut faults = faults(&self.recipients[..REFUSED], SEED);
        faults["hold_sends"] = holds.into();
        self.control.put("/_sandbox/faults", &faults)?.expect(200, "setting the faults").map(drop)
    }

    fn send(
        &mut self,
        server: &Server,
        words: &'static str,
        ward: Option<usize>,
        text: &str,
    ) -> Result<String> {
        let wards = ward.map_or(WARDS.to_vec(), |ward| vec![WARDS[ward]]);
        let delivery = json!({
            "title": words,
            "audience": {"attribute": "ward", "is": wards},
            "parts": [{"text": format!("{text}({words})")}],
            "purpose": "notice",
        });
        let made = server.api.post("/deliveries", &delivery)?.expect(201, "the delivery")?;
        let id = made["id"].as_str().ok_or("a delivery without an id")?.to_owned();
        self.sent.push(Sent { id: id.clone(), words, ward });
        Ok(id)
    }

    /// Waits until each has reached somebody.
    fn reach_somebody(&self, server: &Server, ids: &[String]) -> Result {
        for id in ids {
            let reached = |delivery: &Value| delivery["accepted"].as_u64().unwrap_or(0) > 0;
            wait(server, id, "reach anybody", reached)?;
        }
        Ok(())
    }

    fn verify(mut self, last: Server, wire: &Wire, one_way: bool) -> Result<String> {
        let counted = self.traffic.end()?;
        if let Some(first) = counted.wrong.first() {
            let count = counted.wrong.len();
            return Err(format!("{count} requests went wrong, such as {first}").into());
        }
        self.events_are_worked_off(&counted)?;
        answers_are_kept(&last.api, &counted)?;
        for sent in &self.sent {
            self.arrived(&last.api, sent)?;
        }
        self.stop(last)?;
        let way = if one_way { "upgraded, not back" } else { "upgraded and back" };
        Ok(format!(
            "{way}: {} deliveries to {} residents, {}: everyone exactly once, certificates \
             complete; {} webhooks, {} answers and {} pages meanwhile, {} tried again while a \
             server stopped: none lost, none refused",
            self.sent.len(),
            self.recipients.len(),
            wire.summary(),
            counted.events.len(),
            counted.answers.len(),
            counted.pages,
            counted.again
        ))
    }

    /// One delivery: exactly once to all whom it is for, and its certificate says so.
    fn arrived(&self, api: &Client, sent: &Sent) -> Result {
        let (to, mut others) = match sent.ward {
            Some(ward) => scenes::of_ward(&self.recipients, ward),
            None => (self.recipients.clone(), Vec::new()),
        };
        others.extend_from_slice(&self.bystanders);
        let (refused, reached): (Vec<String>, Vec<String>) =
            to.into_iter().partition(|user_id| self.recipients[..REFUSED].contains(user_id));
        let received = Received::read(&self.control, sent.words)?;
        received.exactly_once(&reached)?;
        received.nothing(&refused, "LINE refuses them")?;
        received.nothing(&others, "they do not belong to the audience")?;
        let path = format!("/deliveries/{}", sent.id);
        let certificate = api.get(&path)?.expect(200, "the certificate")?;
        verify::certificate(&certificate, reached.len() + refused.len(), refused.len())
    }

    /// Every event that was answered 200 is there and worked off.
    fn events_are_worked_off(&self, counted: &Counted) -> Result {
        if counted.events.is_empty() {
            return Err("no webhook came in".into());
        }
        let database = self.next.database.as_deref().ok_or("there is no database")?;
        let ask = |sql: &str| psql(self.next.workspace, database, sql);
        until(Duration::from_secs(120), || {
            let open = ask("SELECT COUNT(*) FROM inbox WHERE state = 0").ok()?;
            if open.trim() == "0" {
                return Some(());
            }
            std::thread::sleep(Duration::from_secs(1));
            None
        })
        .ok_or("the inbox is not worked off")?;
        let rows = ask("SELECT event_id, state FROM inbox")?;
        let states: HashMap<&str, &str> = rows
            .lines()
            .filter_map(|row| row.split_once('|').map(|(id, state)| (id.trim(), state.trim())))
            .collect();
        let wrong: Vec<&String> = counted
            .events
            .iter()
            .filter(|id| states.get(id.as_str()).is_none_or(|state| *state != "1"))
            .collect();
        match wrong.first() {
            None => Ok(()),
            Some(first) => Err(format!(
                "{} of {} events are missing or set aside, such as {first}",
                wrong.len(),
                counted.events.len()
            )
            .into()),
        }
    }
}

/// Every answer that was received is kept, once.
fn answers_are_kept(api: &Client, counted: &Counted) -> Result {
    if counted.answers.is_empty() {
        return Err("no answer came in".into());
    }
    let form = FORM.rsplit('/').next().unwrap_or_default();
    let mut kept = String::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/forms/{form}/answers?limit=200{cursor}");
        let page = api.get(&path)?.expect(200, "the answers")?;
        for item in page["items"].as_array().into_iter().flatten() {
            kept += &item["answers"].to_string();
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    for mark in &counted.answers {
        let times = kept.matches(mark.as_str()).count();
        if times != 1 {
            return Err(format!("the answer {mark} is kept {times} times").into());
        }
    }
    Ok(())
}

/// Waits until a delivery is as asked for.
fn wait(server: &Server, id: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Result {
    let path = format!("/deliveries/{id}");
    let mut last = Value::Null;
    until(STALLED, || {
        last = server.api.get(&path).ok().filter(|answer| answer.status == 200)?.body;
        is_so(&last).then_some(())
    })
    .ok_or_else(|| format!("a delivery does not {what}: {last}").into())
}

fn finish(server: &Server, id: &str) -> Result {
    wait(server, id, "end", |delivery| delivery["status"] == "done")
}

/// Nobody was in the middle of what is done.
fn still_open(server: &Server, ids: &[String]) -> Result {
    for id in ids {
        let delivery = server.api.get(&format!("/deliveries/{id}"))?.expect(200, "a delivery")?;
        if delivery["status"] != "sending" {
            return Err(
                format!("it is over too soon, more --residents are needed: {delivery}").into()
            );
        }
    }
    Ok(())
}
