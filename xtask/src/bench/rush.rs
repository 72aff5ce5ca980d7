//! A rush on one function must not slow the others (SEG-10, NFR-9): webhooks, a form, the console
//! and a delivery, first alone, then while everybody opens one page, then while everybody writes.

use super::form::{FORM, received, sign_in};
use super::sending::{City, MULTICASTS, RECIPIENTS, Sent};
use super::{Load, REGISTRATION, WEBHOOK_CONNECTIONS, load, measured, pair, sign, wrk};
use crate::failure::{Result, While};
use crate::kairan::Pair;
use crate::postgres::{Durability, Postgres};
use crate::process::{Running, temporary_folder};
use crate::workspace::Workspace;
use nix::sys::signal::Signal;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Everything is measured so long, and until the delivery has arrived everywhere.
const AT_LEAST: Duration = Duration::from_secs(20);
/// Milliseconds between an answer and the next request of the same function.
const PAUSE: &str = "100";
/// Until the connections of a rush are open and its webhooks are read.
const START: Duration = Duration::from_secs(3);
/// More than can be taken in meanwhile.
const RUSH_WEBHOOKS: u64 = 500_000;
/// More than one at a time needs.
const WEBHOOKS: u64 = 3_000;
/// What residents send.
const ANSWER: &str = "answer";

pub(super) fn bench(workspace: &Workspace) -> Result {
    let lines = temporary_folder("rush")?.join("webhooks.txt");
    sign(workspace, RUSH_WEBHOOKS, &lines)?;
    println!("  SQLite");
    city(workspace, None, &lines)?;
    println!("  PostgreSQL");
    let postgres = Postgres::start(workspace, Durability::Full)?;
    city(workspace, Some(postgres.create_database(workspace, "rush")?), &lines)
}

fn city(workspace: &Workspace, database: Option<String>, lines: &Path) -> Result {
    let pair = pair(workspace, database)?;
    let city = City::open(&pair, &["demo"], 1)?;
    let cookie = format!("Cookie: {}", sign_in(&pair)?);
    let scene = Scene { workspace, pair: &pair, city, cookie };
    let url = pair.url();
    // Staff see a full list from the beginning.
    load(workspace, 2, "answers.lua", 4, &(url.clone() + FORM), &["9"])?;
    let quiet = scene.measure("1")?;

    let page = url.clone() + REGISTRATION;
    let (rush, rushed) = scene.rush("2", "page.lua", &page, &[])?;
    print("pages to register", &rush, &quiet, &rushed);

    let (rush, rushed) =
        scene.rush("3", "webhook.lua", &url, &[&lines.display().to_string(), "2"])?;
    rush.below(RUSH_WEBHOOKS)?;
    print("webhooks", &rush, &quiet, &rushed);
    scene.city.finish()
}

/// The sample city with many more residents.
struct Scene<'a> {
    workspace: &'a Workspace,
    pair: &'a Pair<'a>,
    city: City,
    /// The header of a member of staff.
    cookie: String,
}

/// What was measured at the same time.
struct Measured {
    functions: Vec<(&'static str, Load)>,
    sent: Sent,
}

impl Scene<'_> {
    /// Each function one request at a time, while a delivery goes to everyone. `run` is a number
    /// of its own.
    fn measure(&self, run: &str) -> Result<Measured> {
        let url = self.pair.url();
        let form = url.clone() + FORM;
        let console = format!("{url}/console/answers");
        let lines = self.pair.folder.join(format!("webhooks-{run}.txt"));
        sign(self.workspace, WEBHOOKS, &lines)?;
        let lines = lines.display().to_string();
        let before = received(&self.city.api)?;
        let alone = ["-t1", "-c1"].map(str::to_owned);
        let staff = ["-t1", "-c1", "-H", &self.cookie].map(str::to_owned);
        let all: [(&'static str, &[String], &str, &str, &[&str]); 4] = [
            ("webhook", &alone, "webhook.lua", &url, &[&lines, "1"]),
            ("form", &alone, "page.lua", &form, &[]),
            (ANSWER, &alone, "answers.lua", &form, &[run]),
            ("console", &staff, "page.lua", &console, &[]),
        ];
        let mut asked = Vec::new();
        for (name, options, script, url, args) in all {
            let mut wrk = self.wrk(options, script, url, args);
            let said = self.pair.folder.join(format!("{name}-{run}.txt"));
            asked.push((name, Wrk::start(wrk.env("PAUSE_MS", PAUSE), said)?));
        }
        let since = Instant::now();
        let sent = self.city.send("避難所をひらきました", "multicast")?;
        std::thread::sleep(AT_LEAST.saturating_sub(since.elapsed()));
        let mut functions = Vec::new();
        for (name, wrk) in asked {
            functions.push((name, wrk.stop()?));
        }
        let kept = received(&self.city.api)? - before;
        let told = functions.iter().filter(|(name, _)| *name == ANSWER);
        let told: u64 = told.map(|(_, load)| load.requests.saturating_sub(load.bad)).sum();
        if kept < told {
            return Err(format!("answers were lost: {kept} of {told} are kept").into());
        }
        Ok(Measured { functions, sent })
    }

    /// The same while hundreds of connections send what `script` says, without a pause.
    fn rush(&self, run: &str, script: &str, url: &str, args: &[&str]) -> Result<(Load, Measured)> {
        let many = ["-t2".to_owned(), format!("-c{WEBHOOK_CONNECTIONS}")];
        let said = self.pair.folder.join(format!("rush-{run}.txt"));
        let rush = Wrk::start(&mut self.wrk(&many, script, url, args), said)?;
        std::thread::sleep(START);
        let rushed = self.measure(run)?;
        Ok((rush.stop()?, rushed))
    }

    /// wrk that goes on until it is stopped, and waits for what is slow.
    fn wrk(&self, options: &[String], script: &str, url: &str, args: &[&str]) -> Command {
        let always = ["-d3600s", "--timeout", "30s"].map(str::to_owned);
        wrk(self.workspace, &[options, &always[..]].concat(), script, url, args)
    }
}

/// wrk at work.
struct Wrk {
    running: Running,
    said: PathBuf,
}

impl Wrk {
    fn start(command: &mut Command, said: PathBuf) -> Result<Self> {
        command.stdout(File::create(&said).during(said.display())?);
        // Interrupted, it tells what it has measured.
        let running = Running::start_with(command, Signal::SIGINT)?;
        Ok(Self { running, said })
    }

    fn stop(self) -> Result<Load> {
        let ended = self.running.terminate();
        if !ended.is_some_and(|status| status.success()) {
            return Err(format!("wrk did not end well: {ended:?}").into());
        }
        let said = std::fs::read_to_string(&self.said).during(self.said.display())?;
        measured(&said).during(self.said.display())
    }
}

fn print(what: &str, rush: &Load, quiet: &Measured, rushed: &Measured) {
    println!("  in a rush on {what}: {rush}, {} went wrong", rush.bad);
    println!(
        "    {:<14}{:>18}{:>18}{:>16}{:>16}",
        "median / 99 %", "quiet, ms", "rush, ms", "times", "went wrong"
    );
    for ((name, quiet), (_, rushed)) in quiet.functions.iter().zip(&rushed.functions) {
        let both = |p50: f64, p99: f64| format!("{p50:.1} / {p99:.1}");
        let wrong = format!("{} of {}", rushed.bad, rushed.requests);
        println!(
            "    {name:<14}{:>18}{:>18}{:>16}{wrong:>16}",
            both(quiet.p50, quiet.p99),
            both(rushed.p50, rushed.p99),
            both(rushed.p50 / quiet.p50, rushed.p99 / quiet.p99)
        );
    }
    let (quiet, rushed) = (&quiet.sent, &rushed.sent);
    println!(
        "    a delivery to {RECIPIENTS}: {:.1} s and {:.1} s to the first call, {:.3} and {:.3} times LINE's floor from there to the last (aim: 1.05)",
        quiet.waited,
        rushed.waited,
        quiet.times(MULTICASTS),
        rushed.times(MULTICASTS)
    );
}
