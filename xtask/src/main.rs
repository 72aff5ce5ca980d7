//! `cargo xtask`: sets Kairan up, plays it, tests it, crashes it and measures it.
#![expect(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]

mod args;
mod bench;
mod build;
mod crash;
mod demo;
mod failure;
mod http;
mod kairan;
mod postgres;
mod process;
mod setup;
mod sizes;
mod test;
mod upgrade;
mod workspace;

use args::Args;
use failure::{Failure, Result};
use std::process::ExitCode;
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask COMMAND

  setup [--browser] [--postgres] [--long-run]
                                     install what building needs (and Chromium, PostgreSQL,
                                     cargo-fuzz and cargo-deny)
  demo [--port N] [--sandbox-port N] [--fresh] [--release]
                                     build and play: Kairan, a simulated LINE and a sample city
  test [--full] [--only STEP]... [--skip STEP]... [--list]
                                     every check, on SQLite and PostgreSQL, browser included
  crash [--residents N] [--kills N] [--seed N] [--small] [--first] [--release]
        [--database sqlite|postgres]
                                     kill -9 while sending, and prove that everyone got it once
                                     (--first: one delivery alone, without the others)
  upgrade [--from COMMIT] [--residents N] [--one-way]
                                     a server of a former release and one of this work side by
                                     side, are stopped and go back, while residents are written to
                                     (from the newest tag, or the commit before the schema changed;
                                     --one-way: without going back)
  bench [NAME]... [--list]           figures for docs/performance.md (release build)
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            process::wait_if_stopping();
            process::stop_everything();
            match failure {
                Failure::Usage(what) => {
                    eprintln!("{what}\n\n{USAGE}");
                    ExitCode::from(2)
                }
                Failure::Failed(what) => {
                    eprintln!("xtask: {what}");
                    ExitCode::FAILURE
                }
            }
        }
    }
}

fn run() -> Result {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let args = Args::new(words.collect());
    if matches!(command.as_str(), "help" | "--help" | "-h") || args.asks_for_help() {
        print!("{USAGE}");
        return Ok(());
    }
    let workspace = Workspace::find()?;
    process::stop_on_signals()?;
    let done = match command.as_str() {
        "setup" => setup::command(&workspace, args),
        "demo" => demo::command(&workspace, args),
        "test" => test::command(&workspace, args),
        "crash" => crash::command(&workspace, args),
        "upgrade" => upgrade::command(&workspace, args),
        "bench" => bench::command(&workspace, args),
        "" => Err(Failure::Usage("Which command?".into())),
        other => Err(Failure::Usage(format!("There is no command `{other}`."))),
    };
    process::stop_everything();
    done
}
