//! `cargo xtask test`: every check there is, one step after the other.

use crate::args::Args;
use crate::build;
use crate::failure::{Failure, Result, While};
use crate::postgres::{Durability, Postgres};
use crate::process::{output, run_logged, seconds};
use crate::setup::{self, Wanted};
use crate::sizes;
use crate::workspace::Workspace;
use std::path::Path;
use std::process::Command;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// From which seed proptest draws its cases; without it from a random one.
const PROPTEST_SEED: &str = "PROPTEST_RNG_SEED";
/// How often the long run draws other cases for the properties of the rules.
const ROUNDS: usize = 20;

struct Step {
    name: &'static str,
    what: &'static str,
    /// On two cores with everything to be compiled, and with nothing.
    expected: &'static str,
    only_full: bool,
    run: fn(&mut Run) -> Result<Outcome>,
}

enum Outcome {
    Passed,
    /// There is nothing to do here, and why.
    Skipped(&'static str),
}

const STEPS: [Step; 14] = [
    Step { name: "fmt", what: "formatting", expected: "2 s", only_full: false, run: fmt },
    Step {
        name: "clippy",
        what: "lints, for the server and for wasm",
        expected: "6 min cold, 30 s warm",
        only_full: false,
        run: clippy,
    },
    Step {
        name: "test",
        what: "unit and service tests on SQLite and PostgreSQL; properties by cases of a fixed seed",
        expected: "9 min cold, 2 min warm",
        only_full: false,
        run: tests,
    },
    Step {
        name: "evaluators",
        what: "server and browser decide alike about random forms and answers",
        expected: "1 min cold, 10 s warm",
        only_full: false,
        run: evaluators,
    },
    Step {
        name: "build",
        what: "server, sandbox, wasm, script and style",
        expected: "6 min cold, seconds warm",
        only_full: false,
        run: debug_build,
    },
    Step {
        name: "sdk",
        what: "LINE's own SDK talks to the sandbox",
        expected: "5 s",
        only_full: false,
        run: sdk,
    },
    Step {
        name: "crash",
        what: "kill -9 while sending: everyone gets it once, on SQLite and on PostgreSQL",
        expected: "2 min",
        only_full: false,
        run: crash_small,
    },
    Step {
        name: "browser",
        what: "journeys in Chromium, with axe",
        expected: "15 min",
        only_full: false,
        run: browser,
    },
    Step {
        name: "deny",
        what: "licences, banned crates and sources",
        expected: "10 s",
        only_full: false,
        run: deny,
    },
    Step {
        name: "release",
        what: "release build and the sizes that a browser loads",
        expected: "12 min cold",
        only_full: true,
        run: release_sizes,
    },
    Step {
        name: "properties",
        what: "properties of the rules, 20 times by random cases",
        expected: "15 min",
        only_full: true,
        run: properties,
    },
    Step {
        name: "crash-large",
        what: "200,000 residents, 100 kills, on SQLite and on PostgreSQL",
        expected: "25 min",
        only_full: true,
        run: crash_large,
    },
    Step {
        name: "upgrade",
        what: "servers of the former release and of this one side by side, and back",
        expected: "10 min cold, 4 min warm",
        only_full: true,
        run: upgrade,
    },
    Step {
        name: "fuzz",
        what: "fuzz targets, one minute each",
        expected: "5 min",
        only_full: true,
        run: fuzz,
    },
];

/// What the steps share.
struct Run<'a> {
    workspace: &'a Workspace,
    /// Whether the long run was asked for.
    full: bool,
    postgres: Option<Postgres>,
    /// Whether the build was tried, and whether it went well.
    built: Option<bool>,
    log: std::path::PathBuf,
}

pub fn command(workspace: &Workspace, mut args: Args) -> Result {
    let full = args.flag("--full");
    let list = args.flag("--list");
    let only = args.values("--only")?;
    let skip = args.values("--skip")?;
    args.finish()?;
    if let Some(wrong) =
        only.iter().chain(&skip).find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        return Err(Failure::Usage(format!("There is no step `{wrong}`: --list shows them.")));
    }
    if list {
        for step in &STEPS {
            let mark = if step.only_full { " (with --full)" } else { "" };
            println!("{:<12} {}, about {}{mark}", step.name, step.what, step.expected);
        }
        return Ok(());
    }
    let chosen: Vec<&Step> = STEPS
        .iter()
        .filter(|step| {
            if only.is_empty() {
                full || !step.only_full
            } else {
                only.iter().any(|n| n == step.name)
            }
        })
        .filter(|step| !skip.iter().any(|name| name == step.name))
        .collect();
    let runs = |names: &[&str]| chosen.iter().any(|step| names.contains(&step.name));
    let wanted = Wanted {
        browser: runs(&["browser"]),
        postgres: runs(&["test", "crash", "crash-large", "upgrade"]),
        long_run: full,
    };
    setup::everything(workspace, wanted)?;
    run_steps(workspace, &chosen, full)
}

fn run_steps(workspace: &Workspace, steps: &[&Step], full: bool) -> Result {
    let since = Instant::now();
    let (mut passed, mut failed) = (0, Vec::new());
    let log = workspace.log("test")?;
    let mut run = Run { workspace, full, postgres: None, built: None, log };
    for (index, step) in steps.iter().enumerate() {
        println!(
            "\n[{}/{}] {}: {} (about {})",
            index + 1,
            steps.len(),
            step.name,
            step.what,
            step.expected
        );
        run.log = workspace.log(&format!("test-{}", step.name))?;
        let _ = std::fs::remove_file(&run.log);
        let since = Instant::now();
        let outcome = (step.run)(&mut run);
        crate::process::wait_if_stopping();
        match outcome {
            Ok(Outcome::Passed) => {
                passed += 1;
                println!("  ✓ {} in {}", step.name, seconds(since.elapsed()));
            }
            Ok(Outcome::Skipped(why)) => println!("  – {} left out: {why}", step.name),
            Err(failure) => {
                failed.push(step.name);
                println!("{failure}\n  ✗ {} FAILED after {}", step.name, seconds(since.elapsed()));
            }
        }
    }
    println!("\nall steps took {}", seconds(since.elapsed()));
    if !failed.is_empty() {
        println!("failed: {}", failed.join(", "));
    }
    println!("{passed} passed, {} failed", failed.len());
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "not everything passed; whole logs: {}",
        workspace.target.join("xtask-logs").display()
    )
    .into())
}

impl Run<'_> {
    fn cargo(&self, args: &[&str]) -> Command {
        let mut command = self.workspace.command("cargo");
        command.args(args);
        command
    }

    /// Runs one command of this step; its output goes to the step's log.
    fn logged(&self, mut command: Command) -> Result {
        run_logged(&mut command, &self.log)
    }

    /// Prints the lines of the step's log that `choose` picks: the tool's own closing words.
    fn show(&self, choose: impl Fn(&str) -> bool) {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        for line in text.lines().map(str::trim).filter(|line| choose(line)) {
            println!("    {line}");
        }
    }

    /// Runs `cargo xtask ARGS…` in a process of its own.
    fn xtask(&self, args: &[&str]) -> Result {
        let mut program = std::env::current_exe()?;
        if !program.exists() {
            // Another build has put a new one in its place; Linux still knows this one.
            program = "/proc/self/exe".into();
        }
        let mut command = self.workspace.command(program);
        command.env("CARGO_MANIFEST_DIR", self.workspace.root.join("xtask")).args(args);
        self.logged(command)
    }

    /// Runs a script of end2end, which ends with 「N passed, N failed」.
    fn node(&self, script: &str, args: &[String]) -> Result<Outcome> {
        let mut node = self.workspace.command("node");
        node.arg(script).args(args).env("KAIRAN_BINARIES", self.workspace.profile_folder(false));
        if let Some(chromium) = setup::chromium(self.workspace) {
            node.env("KAIRAN_CHROMIUM", chromium);
        }
        let done = self.logged(node);
        self.show(|line| {
            line.starts_with("ok ") || line.starts_with("failed ") || line.contains(" passed, ")
        });
        done?;
        Ok(Outcome::Passed)
    }

    fn postgres(&mut self) -> Result<&Postgres> {
        if self.postgres.is_none() {
            self.postgres = Some(Postgres::start(self.workspace, Durability::None)?);
        }
        self.postgres.as_ref().ok_or_else(|| "PostgreSQL did not start".into())
    }

    fn build(&mut self) -> Result {
        match self.built {
            Some(true) => return Ok(()),
            Some(false) => return Err("the build failed before".into()),
            None => self.built = Some(false),
        }
        build::servers(self.workspace, false)?;
        build::site(self.workspace, false)?;
        self.built = Some(true);
        Ok(())
    }
}

fn fmt(run: &mut Run) -> Result<Outcome> {
    run.logged(run.cargo(&["fmt", "--all", "--check", "--", "--color", "never"]))?;
    Ok(Outcome::Passed)
}

fn clippy(run: &mut Run) -> Result<Outcome> {
    let host =
        ["clippy", "--workspace", "--exclude", "frontend", "--all-targets", "--", "-D", "warnings"];
    run.logged(run.cargo(&host))?;
    let wasm = [
        "clippy",
        "--package",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "--",
        "-D",
        "warnings",
    ];
    run.logged(run.cargo(&wasm))?;
    Ok(Outcome::Passed)
}

fn tests(run: &mut Run) -> Result<Outcome> {
    let url = run.postgres()?.url();
    let openapi = std::env::var_os("KAIRAN_LINE_OPENAPI").filter(|folder| !folder.is_empty());
    if openapi.is_none() {
        println!("    LINE's own OpenAPI files are left out: KAIRAN_LINE_OPENAPI is not set");
    }
    // Tests run in the folder of their crate.
    let openapi = openapi.map(std::path::absolute).transpose()?;
    let with_postgres = |args: &[&str]| {
        let mut command = run.cargo(args);
        // What fails has been changed, and is not a rare case that somebody else's change hits.
        if std::env::var_os(PROPTEST_SEED).is_none() {
            command.env(PROPTEST_SEED, "1");
        }
        command.env("KAIRAN_TEST_POSTGRES_URL", &url);
        command.envs(openapi.iter().map(|folder| ("KAIRAN_LINE_OPENAPI", folder)));
        command
    };
    let crates = ["--workspace", "--exclude", "frontend"];
    let done = if output(run.cargo(&["nextest", "--version"]).current_dir(&run.workspace.root))
        .is_ok()
    {
        run.logged(with_postgres(&[&["nextest", "run", "--no-fail-fast"], &crates[..]].concat()))
            .and_then(|()| run.logged(with_postgres(&[&["test", "--doc"], &crates[..]].concat())))
    } else {
        run.logged(with_postgres(&[&["test", "--no-fail-fast"], &crates[..]].concat()))
    };
    run.show(|line| {
        line.starts_with("Summary [")
            || (line.starts_with("test result:") && !line.contains(" 0 passed; 0 failed"))
    });
    done?;
    Ok(Outcome::Passed)
}

/// The example `evaluator` for this machine, with the very features that the tests were built
/// with, and for wasm; node compares.
fn evaluators(run: &mut Run) -> Result<Outcome> {
    let build = |of: &[&str]| {
        run.logged(run.cargo(&[&["build", "--example", "evaluator"][..], of].concat()))
    };
    build(&["--workspace", "--exclude", "frontend"])?;
    build(&["--package", "domain", "--target", setup::WASM])?;
    let example = |folder: &str, name: &str| {
        let file = run.workspace.target.join(folder).join("debug/examples").join(name);
        file.display().to_string()
    };
    let (first, seeds) = if run.full { (drawn(), 50_000) } else { (0, 2_000) };
    let (program, wasm) = (example("", "evaluator"), example(setup::WASM, "evaluator.wasm"));
    run.node("end2end/evaluators.mjs", &[program, wasm, seeds.to_string(), first.to_string()])
}

/// A seed that no run before had.
#[expect(clippy::disallowed_methods, reason = "each run is to have another one")]
fn drawn() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn properties(run: &mut Run) -> Result<Outcome> {
    for _ in 0..ROUNDS {
        // `PROPTEST_CASES` would overrule the number that the slow ones set for themselves.
        let mut cargo = run.cargo(&["test", "--package", "domain", "--lib"]);
        cargo.env_remove(PROPTEST_SEED);
        run.logged(cargo).inspect_err(|_| {
            println!(
                "    the smallest case that fails is in the log; proptest keeps it in \
                 domain/proptest-regressions, to be committed with what mends it"
            );
        })?;
    }
    println!("    {ROUNDS} rounds");
    Ok(Outcome::Passed)
}

fn debug_build(run: &mut Run) -> Result<Outcome> {
    run.build()?;
    Ok(Outcome::Passed)
}

fn crash_small(run: &mut Run) -> Result<Outcome> {
    run.build()?;
    run.xtask(&["crash", "--small"])?;
    // Two servers, of which one dies, and the database with them. What a dead server has leased
    // waits for 30 s: one delivery is enough.
    let first = ["crash", "--first", "--residents", "8000", "--kills", "4"];
    run.xtask(&[&first[..], &["--database", "postgres"]].concat())?;
    run.show(|line| line.starts_with("crash:"));
    Ok(Outcome::Passed)
}

fn crash_large(run: &mut Run) -> Result<Outcome> {
    let seed = drawn().to_string();
    println!("    seed {seed}");
    let args = ["crash", "--release", "--kills", "100", "--seed", &seed, "--database"];
    for database in ["sqlite", "postgres"] {
        run.xtask(&[&args[..], &[database]].concat())?;
    }
    run.show(|line| line.starts_with("crash:"));
    Ok(Outcome::Passed)
}

fn upgrade(run: &mut Run) -> Result<Outcome> {
    let Some(former) = crate::upgrade::former_release(run.workspace) else {
        return Ok(Outcome::Skipped("git knows no former release of this checkout"));
    };
    run.build()?;
    run.xtask(&["upgrade", "--from", &former])?;
    run.show(|line| line.starts_with("upgrade:"));
    Ok(Outcome::Passed)
}

fn sdk(run: &mut Run) -> Result<Outcome> {
    run.build()?;
    run.node("end2end/sdk.mjs", &[])
}

fn browser(run: &mut Run) -> Result<Outcome> {
    run.build()?;
    run.node("end2end/run.mjs", &[])
}

fn deny(run: &mut Run) -> Result<Outcome> {
    if output(&mut run.cargo(&["deny", "--version"])).is_err() {
        return Ok(Outcome::Skipped("cargo-deny is not installed"));
    }
    // The advisory database comes from a repository that a closed network does not reach.
    run.logged(run.cargo(&["deny", "--all-features", "check", "licenses", "bans", "sources"]))?;
    Ok(Outcome::Passed)
}

fn release_sizes(run: &mut Run) -> Result<Outcome> {
    build::servers(run.workspace, true)?;
    build::site(run.workspace, true)?;
    sizes::report(&run.workspace.root.join("target/site"))?;
    Ok(Outcome::Passed)
}

fn fuzz(run: &mut Run) -> Result<Outcome> {
    let folder = run.workspace.root.join("fuzz");
    if !folder.is_dir() {
        return Ok(Outcome::Skipped("there is no folder fuzz/"));
    }
    if output(&mut run.cargo(&["fuzz", "--version"])).is_err() {
        return Ok(Outcome::Skipped("cargo-fuzz is not installed"));
    }
    for target in fuzz_targets(&folder)? {
        println!("    {target}");
        let mut cargo = run.cargo(&["fuzz", "run", "--fuzz-dir"]);
        cargo.arg(&folder).arg(&target);
        // What is found goes to the first folder; the seeds are in the second.
        for kind in ["corpus", "seeds"] {
            let inputs = folder.join(kind).join(&target);
            std::fs::create_dir_all(&inputs).during(inputs.display())?;
            cargo.arg(inputs);
        }
        cargo.args(["--", "-max_total_time=60"]);
        cargo.arg(format!("-dict={}", folder.join("words.dict").display()));
        // Instrumenting is unstable in rustc; the artefacts are of no other use.
        cargo.env("RUSTC_BOOTSTRAP", "1");
        cargo.env("CARGO_TARGET_DIR", run.workspace.target.join("fuzz"));
        run.logged(cargo)?;
    }
    Ok(Outcome::Passed)
}

fn fuzz_targets(folder: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder.join("fuzz_targets")).during("fuzz/fuzz_targets")?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| Some(entry.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}
