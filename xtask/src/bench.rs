//! `cargo xtask bench`: the figures of `docs/performance.md`, measured on a release build.

mod form;
mod memory;
mod menu;
mod picture;
mod residents;
mod rush;
mod sending;

pub use form::FORM;

use crate::args::Args;
use crate::build;
use crate::failure::{Failure, Result, While};
use crate::http::{Client, free_port};
use crate::kairan::{CHANNEL_SECRET, Pair};
use crate::postgres::{Durability, Postgres};
use crate::process::{self, Running, output, run_logged, until};
use crate::setup::{self, Wanted};
use crate::workspace::Workspace;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

struct Bench {
    name: &'static str,
    what: &'static str,
    run: fn(&Workspace) -> Result,
}

const BENCHES: [Bench; 12] = [
    Bench {
        name: "page-bytes",
        what: "what a phone loads for the registration page",
        run: page_bytes,
    },
    Bench { name: "page-requests", what: "registration pages per second", run: page_requests },
    Bench {
        name: "audience-count",
        what: "1,000,000 residents: import beside COPY, count beside SQL, memory while sending",
        run: residents::audience_count,
    },
    Bench {
        name: "webhook-intake",
        what: "durable webhooks per second beside Node, express, LINE's SDK and pg",
        run: webhook_intake,
    },
    Bench {
        name: "picture-fetches",
        what: "200,000 fetches of one picture, beside Node's express",
        run: picture::fetches,
    },
    Bench {
        name: "multicast",
        what: "200,000 residents by multicast, beside LINE's limit, and taken back",
        run: sending::multicast,
    },
    Bench {
        name: "personalised",
        what: "200,000 residents, each with a text of their own, beside LINE's limit",
        run: sending::personalised,
    },
    Bench {
        name: "two-servers",
        what: "both again, by two servers that share the limits",
        run: sending::two_servers,
    },
    Bench {
        name: "menu-relink",
        what: "200,000 residents to the emergency menu and back",
        run: menu::relink,
    },
    Bench {
        name: "form-page",
        what: "a form on a weak phone, beside the same questions by React and Vite",
        run: form::page,
    },
    Bench {
        name: "form-intake",
        what: "answers per second while staff read them, beside Node, express and pg",
        run: form::intake,
    },
    Bench {
        name: "rush",
        what: "webhooks, a form, the console and a delivery, quiet and in two rushes",
        run: rush::bench,
    },
];

/// Where residents register.
const REGISTRATION: &str = "/liff/register";
/// More than both sides can take in within the time.
const WEBHOOKS: u64 = 300_000;
const WEBHOOK_SECONDS: u64 = 8;
/// LINE does not wait for one answer before it sends the next: in a disaster hundreds are open.
const WEBHOOK_CONNECTIONS: u32 = 256;

pub fn command(workspace: &Workspace, mut args: Args) -> Result {
    let list = args.flag("--list");
    let names = args.words();
    args.finish()?;
    if let Some(name) = names.iter().find(|name| BENCHES.iter().all(|bench| bench.name != **name)) {
        return Err(Failure::Usage(format!("There is no bench `{name}`: --list shows them.")));
    }
    if list {
        for bench in &BENCHES {
            println!("{:<15} {}", bench.name, bench.what);
        }
        return Ok(());
    }
    setup::everything(workspace, Wanted { browser: true, postgres: true, ..Wanted::default() })?;
    setup::load_generator(workspace)?;
    println!("Build");
    let chosen: Vec<&Bench> = BENCHES
        .iter()
        .filter(|b| names.is_empty() || names.iter().any(|name| name == b.name))
        .collect();
    build::servers(workspace, true)?;
    // Whatever is a page names the built files.
    let pages = ["page-", "form-", "rush"];
    if chosen.iter().any(|b| pages.iter().any(|kind| b.name.starts_with(kind))) {
        build::site(workspace, true)?;
    }
    for bench in chosen {
        println!("\n{}: {}", bench.name, bench.what);
        (bench.run)(workspace)?;
    }
    Ok(())
}

/// A release Kairan with state of its own.
fn pair<'a>(workspace: &'a Workspace, database: Option<String>) -> Result<Pair<'a>> {
    Ok(Pair {
        workspace,
        folder: process::temporary_folder("bench")?,
        port: free_port()?,
        sandbox_port: free_port()?,
        release: true,
        database,
        clock: None,
    })
}

/// The sandbox and `kairan WORDS…`, both answering.
fn start(pair: &Pair, words: &[&str]) -> Result<(Running, Running)> {
    let sandbox = pair.start_sandbox()?;
    let kairan = pair.start_kairan(words, false)?;
    pair.wait_until_ready(&kairan)?;
    Ok((sandbox, kairan))
}

fn page_bytes(workspace: &Workspace) -> Result {
    let pair = pair(workspace, None)?;
    let _running = start(&pair, &["demo"])?;
    let mut node = workspace.command("node");
    node.arg("xtask/bench/page.mjs").arg(pair.url() + REGISTRATION).arg(pair.url());
    if let Some(chromium) = setup::chromium(workspace) {
        node.env("KAIRAN_CHROMIUM", chromium);
    }
    let measured: Value = serde_json::from_str(&output(&mut node)?)?;
    let bytes = |kind: &str| measured["bytes"][kind].as_u64().unwrap_or(0);
    for file in measured["files"].as_array().into_iter().flatten() {
        println!("  {:>9}  {:<8} {}", file["bytes"], text(&file["kind"]), text(&file["url"]));
    }
    let readable = bytes("document") + bytes("style");
    let all = readable + bytes("script") + bytes("wasm") + bytes("other");
    compare("to read, fill in and submit", readable, 40_000);
    compare("in all, with what is deferred", all, 230_000);
    Ok(())
}

/// Compressed bytes beside what we aim at.
fn compare(what: &str, bytes: u64, aim: u64) {
    let percent = bytes * 100 / aim;
    println!(
        "  {what}: {:.1} kB, {percent} % of the {} kB aimed at",
        bytes as f64 / 1e3,
        aim / 1000
    );
}

fn page_requests(workspace: &Workspace) -> Result {
    let pair = pair(workspace, None)?;
    let _running = start(&pair, &["demo"])?;
    let url = pair.url() + REGISTRATION;
    load(workspace, 2, "page.lua", 32, &url, &[])?;
    let result = load(workspace, 8, "page.lua", 32, &url, &[])?;
    let rate = result.rate();
    println!("  {result}");
    println!(
        "  {:.2} times the 10,000/s aimed at, {:.0} times the 600/s of a Next.js page",
        rate / 1e4,
        rate / 600.0
    );
    Ok(())
}

fn webhook_intake(workspace: &Workspace) -> Result {
    let postgres = Postgres::start(workspace, Durability::Full)?;
    let pair = pair(workspace, Some(postgres.create_database(workspace, "kairan")?))?;
    let express_database = postgres.create_database(workspace, "express")?;
    let lines = pair.folder.join("webhooks.txt");
    sign(workspace, WEBHOOKS, &lines)?;

    // The same work on both sides: what came in is durable, and nothing is done with it yet.
    let ours = {
        let _running = start(&pair, &["serve", "--roles", "webhook"])?;
        webhooks(workspace, &pair.url(), &lines)?
    };
    println!("  kairan, intake          {ours}");
    let working = {
        let database = postgres.create_database(workspace, "working")?;
        let pair = self::pair(workspace, Some(database))?;
        let _running = start(&pair, &["serve"])?;
        webhooks(workspace, &pair.url(), &lines)?
    };
    println!("  kairan, all roles       {working}");

    let port = free_port()?;
    let theirs = {
        let mut node = workspace.command("node");
        node.args([
            "xtask/bench/express.mjs",
            &port.to_string(),
            &express_database,
            CHANNEL_SECRET,
        ]);
        let running = Running::start(&mut node)?;
        let url = format!("http://127.0.0.1:{port}");
        let client = Client::new(url.clone(), Duration::from_secs(2));
        until(Duration::from_secs(30), || client.get("/readyz").ok().filter(|a| a.status == 200))
            .ok_or_else(|| format!("express does not answer: {:?}", running.ended()))?;
        webhooks(workspace, &url, &lines)?
    };
    println!("  express, one process    {theirs}");
    println!(
        "  ratio {:.1} (aim: 5 or more), {:.1} while every event is worked on as well",
        ours.rate() / theirs.rate(),
        working.rate() / theirs.rate()
    );
    Ok(())
}

/// Writes webhooks, signed, each event with an id of its own: lines of signature, tab and body.
pub fn sign(workspace: &Workspace, count: u64, lines: &Path) -> Result {
    let mut sign = workspace.command("node");
    sign.args(["xtask/bench/sign.mjs", &count.to_string()]).arg(lines).arg(CHANNEL_SECRET);
    run_logged(&mut sign, &workspace.log("bench-sign")?)
}

fn webhooks(workspace: &Workspace, url: &str, lines: &Path) -> Result<Load> {
    let lines = lines.display().to_string();
    let load =
        load(workspace, WEBHOOK_SECONDS, "webhook.lua", WEBHOOK_CONNECTIONS, url, &[&lines, "2"])?;
    load.below(WEBHOOKS)?;
    Ok(load)
}

fn api(pair: &Pair) -> Result<Client> {
    let token =
        output(&mut pair.kairan(&["token", "create", "--name", "bench", "--permission", "all"]))?;
    let limit = Duration::from_secs(3600);
    Ok(Client::new(format!("{}/api/v1", pair.url()), limit).bearer(token.trim()))
}

/// What wrk measured.
struct Load {
    requests: u64,
    seconds: f64,
    bad: u64,
    p50: f64,
    p99: f64,
}

impl Load {
    fn rate(&self) -> f64 {
        self.requests as f64 / self.seconds
    }

    /// Refuses what was measured when nothing was left to send.
    fn below(&self, prepared: u64) -> Result {
        if self.requests >= prepared * 99 / 100 {
            return Err("all webhooks were used up before the time was over: prepare more".into());
        }
        Ok(())
    }
}

impl std::fmt::Display for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:.0}/s, {:.1} ms at the median, {:.1} ms at 99 %",
            self.rate(),
            self.p50,
            self.p99
        )
    }
}

/// Connections from two threads, for some seconds; every answer must be good.
fn load(
    workspace: &Workspace,
    seconds: u64,
    script: &str,
    connections: u32,
    url: &str,
    args: &[&str],
) -> Result<Load> {
    let options = ["-t2".to_owned(), format!("-c{connections}"), format!("-d{seconds}s")];
    let load = measured(&output(&mut wrk(workspace, &options, script, url, args))?)?;
    if load.bad > 0 {
        return Err(
            format!("{} of {} requests to {url} went wrong", load.bad, load.requests).into()
        );
    }
    Ok(load)
}

/// wrk with one of our scripts.
fn wrk(
    workspace: &Workspace,
    options: &[String],
    script: &str,
    url: &str,
    args: &[&str],
) -> Command {
    let mut wrk = workspace.command("wrk");
    wrk.args(options).arg("-s").arg(workspace.root.join("xtask/bench").join(script));
    wrk.arg(url).arg("--").args(args);
    wrk
}

/// What our scripts make wrk print.
fn measured(said: &str) -> Result<Load> {
    let line =
        said.lines().rev().find(|line| line.starts_with('{')).ok_or("wrk printed no result")?;
    let result: Value = serde_json::from_str(line).during("wrk's result")?;
    let number = |name: &str| result[name].as_f64().unwrap_or(f64::NAN);
    let load = Load {
        requests: result["requests"].as_u64().unwrap_or(0),
        seconds: number("seconds"),
        bad: result["bad"].as_u64().unwrap_or(u64::MAX),
        p50: number("p50_ms"),
        p99: number("p99_ms"),
    };
    if load.requests == 0 {
        return Err("wrk got no answer".into());
    }
    Ok(load)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
