//! Forms: how soon a resident can fill one in (beside React), and how many answers come in while
//! staff work (beside Node, express and pg).

use super::{Load, api, compare, load, pair, start};
use crate::build::timed;
use crate::failure::{Result, While};
use crate::http::{Client, free_port};
use crate::kairan::Pair;
use crate::postgres::{Durability, Postgres};
use crate::process::{Running, output, run_logged, until};
use crate::setup;
use crate::workspace::Workspace;
use serde_json::Value;
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

/// 意見募集 of the sample city: open to those outside LINE, too.
pub const FORM: &str = "/liff/f/3";
const PAGE_RUNS: u32 = 5;
const INTAKE_SECONDS: u64 = 8;
/// Residents who send at the same time.
const SENDERS: u32 = 64;

/// A page of a form on a weak phone, beside the same questions by React and Vite.
pub(super) fn page(workspace: &Workspace) -> Result {
    let built = react(workspace)?;
    let pair = pair(workspace, None)?;
    let _running = start(&pair, &["demo"])?;
    let port = free_port()?;
    let mut serve = workspace.command("node");
    serve.args(["xtask/bench/serve.mjs", &port.to_string()]).arg(&built);
    let served = Running::start(&mut serve)?;
    let url = format!("http://127.0.0.1:{port}/");
    answers(&served, &url, "React's form")?;
    let mut node = workspace.command("node");
    node.args(["xtask/bench/form-page.mjs", &PAGE_RUNS.to_string()]);
    node.arg(format!("kairan={}{FORM}", pair.url())).arg(format!("react={url}"));
    if let Some(chromium) = setup::chromium(workspace) {
        node.env("KAIRAN_CHROMIUM", chromium);
    }
    let measured: Value = serde_json::from_str(&output(&mut node)?)?;
    let of = |name: &str, key: &str| measured[name][key].as_u64().unwrap_or(0);
    println!("  slow 4G, a quarter of the processor, cold cache, medians of {PAGE_RUNS}");
    for name in ["kairan", "react"] {
        println!(
            "  {name:<7} to fill in and send after {} ms and {:.1} kB; {:.1} kB in all",
            of(name, "ms"),
            of(name, "bytes_until") as f64 / 1e3,
            of(name, "bytes_all") as f64 / 1e3
        );
    }
    let ratio = |key: &str| of("kairan", key) as f64 / of("react", key).max(1) as f64;
    println!(
        "  ratio {:.2} of the time (aim: at most 0.5), {:.2} of the bytes until then",
        ratio("ms"),
        ratio("bytes_until")
    );
    compare("until somebody can fill in and send", of("kairan", "bytes_until"), 45_000);
    compare("in all, with what is deferred", of("kairan", "bytes_all"), 260_000);
    Ok(())
}

/// Builds React's form; its packages are fetched for this bench alone.
fn react(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.root.join("xtask/bench/react");
    let log = workspace.log("bench-react")?;
    let _ = std::fs::remove_file(&log);
    setup::npm_packages(workspace, &folder, "React and Vite", &log)?;
    let built = workspace.target.join("bench-react");
    println!("  → building React's form");
    timed(|| {
        let mut vite = workspace.command(folder.join("node_modules/.bin/vite"));
        vite.current_dir(&folder).args(["build", "--emptyOutDir", "--outDir"]).arg(&built);
        run_logged(&mut vite, &log)
    })?;
    Ok(built)
}

fn answers(running: &Running, url: &str, what: &str) -> Result {
    let client = Client::new(url, Duration::from_secs(2));
    until(Duration::from_secs(30), || client.get("").ok().filter(|a| a.status == 200))
        .map(drop)
        .ok_or_else(|| format!("{what} does not answer: {:?}", running.ended()).into())
}

/// What came of one side.
struct Intake {
    load: Load,
    kept: u64,
    inbox: Value,
}

impl Intake {
    fn tell(&self, who: &str) -> Result {
        println!("  {who:<8} {}", self.load);
        println!(
            "  {:<8} {} of {} answered are kept; the inbox was read {} times, {:.0} ms at the median, {:.0} ms at 99 %",
            "",
            self.kept,
            self.load.requests,
            self.inbox["reads"],
            self.inbox["p50_ms"].as_f64().unwrap_or(f64::NAN),
            self.inbox["p99_ms"].as_f64().unwrap_or(f64::NAN)
        );
        // Those on their way at the end are kept without having been told.
        if self.kept < self.load.requests {
            return Err(format!("{who} lost answers").into());
        }
        Ok(())
    }

    fn reads(&self) -> f64 {
        self.inbox["p50_ms"].as_f64().unwrap_or(f64::NAN)
    }
}

/// Answers while staff read their inbox: each is kept under the form's next number before it is
/// told, on both sides.
pub(super) fn intake(workspace: &Workspace) -> Result {
    let postgres = Postgres::start(workspace, Durability::Full)?;
    let ours = {
        let pair = pair(workspace, Some(postgres.create_database(workspace, "kairan")?))?;
        let _running = start(&pair, &["demo"])?;
        let api = api(&pair)?;
        let cookie = sign_in(&pair)?;
        rush(workspace, &pair.url(), &[&cookie], &|| received(&api))?
    };
    ours.tell("kairan")?;
    let theirs = {
        let database = postgres.create_database(workspace, "express")?;
        let port = free_port()?;
        let mut node = workspace.command("node");
        node.args(["xtask/bench/express-answers.mjs", &port.to_string(), &database]);
        let running = Running::start(&mut node)?;
        let url = format!("http://127.0.0.1:{port}");
        answers(&running, &format!("{url}/readyz"), "express")?;
        let client = Client::new(url.clone(), Duration::from_secs(30));
        let count = || -> Result<u64> {
            let counted = client.get("/count")?.expect(200, "the count")?;
            counted["n"].as_u64().ok_or_else(|| "express counts nothing".into())
        };
        rush(workspace, &url, &[], &count)?
    };
    theirs.tell("express")?;
    println!(
        "  ratio {:.2} in answers a second, {:.2} in the time for the inbox meanwhile",
        ours.load.rate() / theirs.load.rate(),
        ours.reads() / theirs.reads()
    );
    Ok(())
}

/// Residents send, staff read.
fn rush(
    workspace: &Workspace,
    url: &str,
    cookie: &[&str],
    count: &dyn Fn() -> Result<u64>,
) -> Result<Intake> {
    let form = format!("{url}{FORM}");
    load(workspace, 2, "answers.lua", SENDERS, &form, &["1"])?;
    let before = count()?;
    let log = workspace.log("bench-inbox")?;
    let mut staff = workspace.command("node");
    staff.args(["xtask/bench/inbox.mjs", url, &INTAKE_SECONDS.to_string()]).args(cookie);
    staff.stdout(File::create(&log).during(log.display())?);
    let staff = Running::start(&mut staff)?;
    let load = load(workspace, INTAKE_SECONDS, "answers.lua", SENDERS, &form, &["2"])?;
    let ended = until(Duration::from_secs(60), || staff.ended());
    if !ended.is_some_and(|status| status.success()) {
        return Err(format!("the inbox could not be read: {ended:?}").into());
    }
    let said = std::fs::read_to_string(&log).during(log.display())?;
    let inbox = serde_json::from_str(said.trim()).during("what the inbox took")?;
    Ok(Intake { load, kept: count()? - before, inbox })
}

/// Answers to the form so far.
pub(super) fn received(api: &Client) -> Result<u64> {
    let forms = api.get("/forms?limit=200")?.expect(200, "the forms")?;
    let ours =
        |form: &&Value| form["id"].as_str().is_some_and(|id| FORM.ends_with(&format!("/{id}")));
    let form = forms["items"].as_array().into_iter().flatten().find(ours);
    form.and_then(|form| form["received"].as_u64()).ok_or_else(|| "there is no such form".into())
}

/// Signs in with the sample city's first account, as the demo prints it; answers the cookies.
pub(super) fn sign_in(pair: &Pair) -> Result<String> {
    let log = pair.log("kairan");
    let said = std::fs::read_to_string(&log).during(log.display())?;
    let behind = |word: &str| -> Result<String> {
        let rest = said.split(word).nth(1).unwrap_or_default().trim_start();
        let end = rest.find(|c: char| !c.is_ascii_graphic()).unwrap_or(rest.len());
        match &rest[..end] {
            "" => Err(format!("the demo did not print its {word}").into()),
            found => Ok(found.to_owned()),
        }
    };
    let mut node = pair.workspace.command("node");
    node.args(["xtask/bench/signin.mjs", &pair.url()]);
    node.arg(behind("職員番号")?).arg(behind("パスワード")?);
    Ok(output(&mut node)?.trim().to_owned())
}
