//! `cargo xtask demo`: a working Kairan with a simulated LINE, a sample city and a phone.

use crate::args::Args;
use crate::build;
use crate::failure::{Failure, Result, While};
use crate::http;
use crate::kairan::Pair;
use crate::process::seconds;
use crate::setup::{self, Wanted};
use crate::workspace::Workspace;
use std::process::Stdio;
use std::time::{Duration, Instant};

pub fn command(workspace: &Workspace, mut args: Args) -> Result {
    let pair = Pair {
        workspace,
        folder: workspace.root.join("var/demo"),
        port: args.value("--port", 3000)?,
        sandbox_port: args.value("--sandbox-port", 3001)?,
        release: args.flag("--release"),
        database: None,
        clock: None,
    };
    let fresh = args.flag("--fresh");
    args.finish()?;
    port_must_be_free(pair.port, "--port")?;
    port_must_be_free(pair.sandbox_port, "--sandbox-port")?;

    setup::everything(workspace, Wanted::default())?;
    println!("Build");
    build::servers(workspace, pair.release)?;
    build::site(workspace, pair.release)?;

    if fresh && pair.folder.exists() {
        std::fs::remove_dir_all(&pair.folder).during(pair.folder.display())?;
    }
    let first = !pair.folder.exists();
    std::fs::create_dir_all(&pair.folder).during(pair.folder.display())?;
    println!("Start");
    if first {
        println!("  → making the sample city (about 20 s, only the first time)");
    }
    let since = Instant::now();
    let sandbox = pair.start_sandbox()?;
    let kairan = pair.start_kairan(&["demo"], true)?;
    pair.wait_until_ready(&kairan)?;
    println!("  ✓ ready after {}\n", seconds(since.elapsed()));
    println!("Console  {}/console", pair.url());
    println!("Phone    {}/phone", pair.url());
    println!("LINE     {} (simulated; its control: /_sandbox/openapi.json)", pair.sandbox_url());
    println!("Logs     {}", pair.folder.display());
    println!(
        "Ctrl-C stops everything; what you did is still there the next time (--fresh begins anew)."
    );
    open_browser(workspace, &format!("{}/console", pair.url()));

    loop {
        if let Some(status) = kairan.ended() {
            return Err(ended("kairan", status, &pair));
        }
        if let Some(status) = sandbox.ended() {
            return Err(ended("kairan-sandbox", status, &pair));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn ended(name: &str, status: std::process::ExitStatus, pair: &Pair) -> Failure {
    Failure::Failed(format!("{name} ended with {status}; its log: {}", pair.log(name).display()))
}

fn port_must_be_free(port: u16, option: &str) -> Result {
    if http::is_taken(port) {
        return Err(format!(
            "Port {port} is taken by another program (perhaps a demo that still runs). \
             Stop it, or choose another port with {option}"
        )
        .into());
    }
    Ok(())
}

/// Opens the console where there is somebody to look at it.
fn open_browser(workspace: &Workspace, url: &str) {
    let display =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if let Some(program) = workspace.which("xdg-open").filter(|_| display) {
        let mut command = workspace.command(program);
        // Whether a browser opens is not our affair: the address stands above.
        let _ = command.arg(url).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    }
}
