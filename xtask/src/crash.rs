//! `cargo xtask crash`: `kill -9` at random instants while a delivery goes out to residents of a
//! faulty LINE; afterwards everyone must have it exactly once and the certificate must add up
//! (rule 1 of the design: nothing is sent twice, nothing is lost, all is explained).

pub mod clock;
pub mod import;
mod random;
pub mod scenes;
pub mod verify;
pub mod wire;

use crate::args::Args;
use crate::build;
use crate::failure::{Failure, Result};
use crate::http::{Client, free_port};
use crate::kairan::Pair;
use crate::postgres::{Durability, Postgres};
use crate::process::{self, Running, output, seconds, until};
use crate::setup::{self, Wanted};
use crate::workspace::Workspace;
use clock::JumpingClock;
use random::Random;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use wire::Wire;

pub const WARDS: [&str; 4] = ["north", "east", "south", "west"];
/// LINE takes at most so many recipients in one multicast.
const PER_CALL: usize = 500;
/// Recipients whom LINE refuses for good; they must end as failed, everyone else unharmed.
pub const REFUSED: usize = 3;
/// What the first delivery says, so that it can be told from the others.
const MAIN: &str = "no1";
/// What dies while a delivery goes out.
const SERVER: &str = "while sending";
const DATABASE: &str = "of the database";
/// The server that REST is asked at.
const ASKED: usize = 0;
/// Without any call or change for so long we give up.
const STALLED: Duration = Duration::from_secs(240);

struct Plan {
    residents: usize,
    kills: usize,
    seed: u64,
    /// Only the first delivery: no texts of everybody's own, no correction.
    first: bool,
}

/// What goes wrong while a delivery goes out.
enum Blow {
    Server,
    Database,
    Clock,
}

pub fn command(workspace: &Workspace, mut args: Args) -> Result {
    let small = args.flag("--small");
    let plan = Plan {
        residents: args.value("--residents", if small { 20_000 } else { 200_000 })?,
        kills: args.value("--kills", if small { 6 } else { 20 })?,
        seed: args.value("--seed", 1)?,
        first: args.flag("--first"),
    };
    let release = args.flag("--release");
    let database = args.value("--database", "sqlite".to_owned())?;
    args.finish()?;
    if !["sqlite", "postgres"].contains(&database.as_str()) {
        return Err(Failure::Usage(format!("--database {database}: sqlite or postgres?")));
    }
    if plan.residents < 1_000 {
        return Err(Failure::Usage(
            "--residents: at least 1000, so that there are calls to interrupt.".into(),
        ));
    }
    setup::everything(workspace, Wanted { postgres: database == "postgres", ..Wanted::default() })?;
    println!("Build");
    build::servers(workspace, release)?;

    let postgres = if database == "postgres" {
        Some(Postgres::start(workspace, Durability::None)?)
    } else {
        None
    };
    let folder = process::temporary_folder("crash")?;
    let pair = Pair {
        workspace,
        clock: Some(JumpingClock::make(workspace, &folder)?),
        folder,
        port: free_port()?,
        sandbox_port: free_port()?,
        release,
        database: match &postgres {
            Some(server) => Some(server.create_database(workspace, "crash")?),
            None => None,
        },
    };
    println!("Crash: {plan}, {database}");
    let since = Instant::now();
    let done = Crash::prepare(&pair, plan, postgres.as_ref()).and_then(Crash::run);
    if done.is_err() {
        keep_logs(&pair)?;
    }
    let summary = done?;
    println!("crash: {summary} ({database}, {})", seconds(since.elapsed()));
    Ok(())
}

/// The temporary folder goes; what the programs said stays beside the other logs.
fn keep_logs(pair: &Pair) -> Result {
    for name in ["kairan", "kairan-sandbox"] {
        let kept = pair.workspace.log(&format!("crash-{name}"))?;
        std::fs::copy(pair.log(name), &kept)?;
        println!("  log kept: {}", kept.display());
    }
    Ok(())
}

struct Server {
    port: u16,
    running: Running,
}

struct Crash<'a> {
    pair: &'a Pair<'a>,
    plan: Plan,
    random: Random,
    _sandbox: Running,
    control: Client,
    api: Client,
    /// On PostgreSQL a second server works on the same state.
    servers: Vec<Server>,
    postgres: Option<&'a Postgres>,
    recipients: Vec<String>,
    bystanders: Vec<String>,
    /// What was going on at each kill before the end of a delivery.
    killed: Vec<&'static str>,
    /// Kills after the end of a delivery, which interrupt nothing that is sent.
    after: usize,
}

impl<'a> Crash<'a> {
    /// Sandbox, residents, a running Kairan and an attribute.
    fn prepare(pair: &'a Pair<'a>, plan: Plan, postgres: Option<&'a Postgres>) -> Result<Self> {
        let sandbox = pair.start_sandbox()?;
        let control = Client::new(pair.sandbox_url(), Duration::from_secs(120));
        let recipients = create_residents(&control, plan.residents)?;
        let bystanders = create_residents(&control, plan.residents / 20)?;
        let kairan = pair.start_kairan(&["serve"], false)?;
        pair.wait_until_ready(&kairan)?;
        let mut servers = vec![Server { port: pair.port, running: kairan }];
        if postgres.is_some() {
            let port = free_port()?;
            servers.push(Server { port, running: pair.start_kairan_on(port)? });
        }
        let token = output(&mut pair.kairan(&[
            "token",
            "create",
            "--name",
            "crash",
            "--permission",
            "all",
        ]))?;
        let api = Client::new(format!("{}/api/v1", pair.url()), Duration::from_secs(1800))
            .bearer(token.trim());
        scenes::attributes(&api)?;
        let random = Random::new(plan.seed);
        Ok(Self {
            pair,
            plan,
            random,
            _sandbox: sandbox,
            control,
            api,
            servers,
            postgres,
            recipients,
            bystanders,
            killed: Vec::new(),
            after: 0,
        })
    }

    fn run(mut self) -> Result<String> {
        let while_importing = (self.plan.kills / 10).max(1);
        self.import(while_importing)?;
        let mut wire = Wire::new(self.control.clone())?;
        self.make_line_faulty()?;
        let id = self.create_delivery()?;
        // Some calls are accepted without an answer and never seen as 200: stay below them.
        let calls = self.recipients.len().div_ceil(PER_CALL) * 4 / 5;
        let kills = self.plan.kills.saturating_sub(self.killed.len());
        self.send(&id, &mut wire, kills, calls)?;

        let certificate =
            self.api.get(&format!("/deliveries/{id}"))?.expect(200, "the certificate")?;
        let refused = &self.recipients[..REFUSED];
        let received = verify::Received::read(&self.control, MAIN)?;
        verify::certificate(&certificate, self.recipients.len(), refused.len())?;
        received.exactly_once(&self.recipients[REFUSED..])?;
        received.nothing(refused, "LINE refuses them")?;
        received.nothing(&self.bystanders, "they do not belong to the audience")?;
        let more = if self.plan.first {
            "the others were left out".to_owned()
        } else {
            [self.personalised()?, self.corrected()?].join(", ")
        };
        // What nobody survived proves nothing.
        let deaths = [Some(SERVER), self.postgres.map(|_| DATABASE)];
        if let Some(missing) = deaths.into_iter().flatten().find(|what| !self.killed.contains(what))
        {
            return Err(format!("no kill {missing}: more --kills are needed").into());
        }
        for server in &self.servers {
            match server.running.terminate() {
                Some(status) if status.success() => {}
                other => {
                    return Err(format!("kairan did not end well after SIGTERM: {other:?}").into());
                }
            }
        }
        Ok(format!(
            "{} recipients, {} kills ({}) and {} after the end, {}: everyone exactly once, certificate complete; {more}",
            self.recipients.len(),
            self.killed.len(),
            self.kinds_of_kills(),
            self.after,
            wire.summary()
        ))
    }

    fn kinds_of_kills(&self) -> String {
        let mut kinds: Vec<&str> = Vec::new();
        for kind in &self.killed {
            if !kinds.contains(kind) {
                kinds.push(kind);
            }
        }
        let count = |kind: &&str| self.killed.iter().filter(|other| other == &kind).count();
        let each: Vec<String> =
            kinds.iter().map(|kind| format!("{} {kind}", count(kind))).collect();
        each.join(", ")
    }

    fn kill(&mut self, server: usize, what: &'static str) {
        self.servers[server].running.kill();
        self.killed.push(what);
        println!("  ✗ kill -9 number {} {what}{}", self.killed.len(), self.which(server));
    }

    /// Which of several servers, in words.
    fn which(&self, server: usize) -> String {
        match self.servers.len() {
            1 => String::new(),
            all => format!(", server {} of {all}", server + 1),
        }
    }

    fn start(&mut self, server: usize) -> Result {
        let port = self.servers[server].port;
        self.servers[server].running = match server {
            ASKED => self.pair.start_kairan(&["serve"], false)?,
            _ => self.pair.start_kairan_on(port)?,
        };
        Ok(())
    }

    fn wait_until_ready(&self, server: usize) -> Result {
        let Server { port, running } = &self.servers[server];
        self.pair.wait_until_ready_on(running, *port, "kairan")
    }

    fn restart(&mut self, server: usize) -> Result {
        self.start(server)?;
        self.wait_until_ready(server)
    }

    fn make_line_faulty(&self) -> Result {
        let faults = faults(&self.recipients[..REFUSED], self.plan.seed);
        self.control.put("/_sandbox/faults", &faults)?.expect(200, "setting the faults").map(drop)
    }

    /// Creates the delivery, killed while asking; asks again under the same `Idempotency-Key`.
    fn create_delivery(&mut self) -> Result<String> {
        let (some, others) = WARDS.split_at(2);
        let delivery = json!({
            "title": "断水のお知らせ",
            "audience": {"any": [{"attribute": "ward", "is": some}, {"attribute": "ward", "is": others}]},
            "parts": [{"text": format!("水道管工事のため、あす 9 時から 12 時まで断水します。({MAIN})")}],
            "purpose": "notice",
        })
        .to_string();
        self.ask_killed(
            "/deliveries",
            "crash-delivery-0001",
            &delivery,
            "while creating the delivery",
        )
    }

    /// Asks for something new, is killed meanwhile, and asks again under the same
    /// `Idempotency-Key` until it is there; answers its id.
    fn ask_killed(
        &mut self,
        path: &str,
        key: &'static str,
        body: &str,
        what: &'static str,
    ) -> Result<String> {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let (api, path, asked) = (self.api.clone(), path.to_owned(), body.to_owned());
        let again = path.clone();
        let asking = std::thread::spawn(move || api.send("POST", &path, &headers, asked).is_ok());
        std::thread::sleep(Duration::from_millis(self.random.below(60) as u64));
        self.kill(ASKED, what);
        let _ = asking.join();
        self.restart(ASKED)?;
        let mut last = String::new();
        let created = until(Duration::from_secs(120), || {
            match self.api.send("POST", &again, &headers, body.to_owned()) {
                Ok(answer) if answer.status == 201 => answer.body["id"].as_str().map(str::to_owned),
                other => {
                    last = format!("{other:?}");
                    None
                }
            }
        });
        created.ok_or_else(|| format!("{again} does not succeed: {last}").into())
    }

    /// What goes wrong next. The shortest run has both deaths, the database's where there is one
    /// to die and then a server's; after them the dice say.
    fn blow(&mut self) -> Blow {
        let has_died = |what| self.killed.contains(&what);
        let (database, server) = (has_died(DATABASE), has_died(SERVER));
        if self.postgres.is_some() && !database {
            Blow::Database
        } else if !server {
            Blow::Server
        } else if self.random.below(4) == 0 {
            Blow::Clock
        } else if self.random.below(3) == 0 {
            Blow::Database
        } else {
            Blow::Server
        }
    }

    /// Watches a delivery go out and kills Kairan so often while it has come to at most so many
    /// accepted calls, as the dice say.
    fn send(&mut self, id: &str, wire: &mut Wire, kills: usize, calls: usize) -> Result {
        let mut at: Vec<usize> = (0..kills).map(|_| self.random.below(calls)).collect();
        at.sort_unstable();
        let mut at = VecDeque::from(at);
        let mut moved = (Instant::now(), 0, Value::Null);
        let (mut asked, mut heard) = (Instant::now(), 0);
        loop {
            wire.read()?;
            if at.front().is_some_and(|threshold| wire.accepted() >= *threshold) {
                at.pop_front();
                match (self.blow(), &self.pair.clock, self.postgres) {
                    // Less than what makes a delivery late, and less than a key's life.
                    (Blow::Clock, Some(clock), _) => {
                        let seconds = self.random.below(1_200) as i64 - 600;
                        clock.set(seconds)?;
                        self.killed.push("of the clock, which jumped");
                        println!(
                            "  ✗ the clock is {seconds} s ahead, number {}",
                            self.killed.len()
                        );
                        continue;
                    }
                    (Blow::Database, _, Some(postgres)) => {
                        postgres.restart(self.pair.workspace)?;
                        self.killed.push(DATABASE);
                        println!("  ✗ the database died, number {}", self.killed.len());
                        continue;
                    }
                    _ => {}
                }
                let server = self.random.below(self.servers.len());
                self.kill(server, SERVER);
                self.start(server)?;
                // Now and then it dies again before it has quite come up.
                if !at.is_empty() && self.random.below(4) == 0 {
                    at.pop_front();
                    std::thread::sleep(Duration::from_millis(self.random.below(800) as u64));
                    self.kill(server, "while starting");
                    self.start(server)?;
                }
                self.wait_until_ready(server)?;
            }
            if asked.elapsed() > Duration::from_millis(500) {
                asked = Instant::now();
                // As long as LINE hears of it, it is to be killed and not to be asked: it would be
                // over before it is known how much was accepted.
                if !at.is_empty() && wire.calls() != heard {
                    heard = wire.calls();
                    continue;
                }
                // While the database comes back, nothing is to be heard.
                let Some(delivery) =
                    self.api.get(&format!("/deliveries/{id}")).ok().filter(|a| a.status == 200)
                else {
                    continue;
                };
                let delivery = delivery.body;
                match delivery["status"].as_str() {
                    Some("done") => break,
                    Some("sending" | "scheduled") => {}
                    _ => {
                        return Err(format!(
                            "the delivery is neither sending nor done: {delivery}"
                        )
                        .into());
                    }
                }
                if (wire.calls(), &delivery) != (moved.1, &moved.2) {
                    moved = (Instant::now(), wire.calls(), delivery);
                } else if moved.0.elapsed() > STALLED {
                    return Err(
                        format!("nothing moves any more: {delivery}, {}", wire.summary()).into()
                    );
                }
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        for _ in at {
            let server = self.random.below(self.servers.len());
            self.servers[server].running.kill();
            self.after += 1;
            println!("  ✗ kill -9 after the end, number {}{}", self.after, self.which(server));
            self.restart(server)?;
        }
        wire.read()
    }
}

/// What is wrong with LINE.
pub(crate) fn faults(refused: &[String], seed: u64) -> Value {
    json!({
        "latency_ms": 40,
        "rate_429": 0.05,
        "rate_500": 0.05,
        "rate_500_accepted": 0.03,
        "rate_timeout": 0.01,
        "timeout_ms": 1500,
        "lost_after_acceptance": 0.05,
        "refuse_ids": refused,
        "rate_limits": true,
        "seed": seed,
    })
}

/// Friends of the account in the simulated LINE; answers their ids.
pub(crate) fn create_residents(control: &Client, count: usize) -> Result<Vec<String>> {
    let mut ids = Vec::with_capacity(count);
    while ids.len() < count {
        let some = (count - ids.len()).min(50_000);
        let made = control
            .post(
                "/_sandbox/residents",
                &json!({"count": some, "friends": true, "webhook": false}),
            )?
            .expect(201, "creating residents")?;
        let made =
            made["user_ids"].as_array().ok_or("the sandbox did not tell the residents' ids")?;
        ids.extend(made.iter().filter_map(Value::as_str).map(str::to_owned));
    }
    Ok(ids)
}

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} residents, {} kills, seed {}", self.residents, self.kills, self.seed)
    }
}
