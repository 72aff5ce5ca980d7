//! Starting Kairan and the simulated LINE side by side, configured for each other.

use crate::crash::clock::JumpingClock;
use crate::failure::{Result, While};
use crate::http::Client;
use crate::process::{Running, last_lines, until};
use crate::workspace::Workspace;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Made up; the sandbox and Kairan only have to agree.
pub const CHANNEL_SECRET: &str = "5a17d0c0ffee5a17d0c0ffee5a17d0c0";

/// One Kairan with one sandbox: where they listen and where they keep their state.
pub struct Pair<'a> {
    pub workspace: &'a Workspace,
    pub folder: PathBuf,
    pub port: u16,
    pub sandbox_port: u16,
    pub release: bool,
    /// `KAIRAN_DATABASE_URL`; SQLite in `folder` if not given.
    pub database: Option<String>,
    /// Whose clock `kairan` has; the machine's if not given.
    pub clock: Option<JumpingClock>,
}

impl Pair<'_> {
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn sandbox_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.sandbox_port)
    }

    pub fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }

    /// A command with everything that both programs read from the environment.
    fn program(&self, name: &str) -> Command {
        let mut command = self.workspace.command(self.workspace.binary(name, self.release));
        for (name, _) in std::env::vars_os() {
            // What is configured in this terminal must not leak into the demo or a test.
            if name.to_string_lossy().starts_with("KAIRAN_") {
                command.env_remove(name);
            }
        }
        let sandbox = self.sandbox_url();
        let in_folder = |name: &str| self.folder.join(name).display().to_string();
        let database = self
            .database
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}?mode=rwc", in_folder("kairan.sqlite")));
        command
            .env("LEPTOS_OUTPUT_NAME", "kairan")
            .env("LEPTOS_HASH_FILES", "true")
            .env("LEPTOS_SITE_ROOT", "target/site")
            .env("LEPTOS_SITE_PKG_DIR", "pkg")
            .env("KAIRAN_BIND", format!("127.0.0.1:{}", self.port))
            .env("KAIRAN_PUBLIC_URL", self.url())
            .env("KAIRAN_DATABASE_URL", database)
            .env("KAIRAN_BLOB_URL", format!("file:{}", in_folder("blobs")))
            .env("KAIRAN_KEY_FILE", in_folder("kairan.key"))
            .env("KAIRAN_LINE_CHANNEL_ID", "1000000001")
            .env("KAIRAN_LINE_CHANNEL_SECRET", CHANNEL_SECRET)
            .env("KAIRAN_LOGIN_CHANNEL_ID", "1000000002")
            .env("KAIRAN_LOGIN_CHANNEL_SECRET", "10917d0c0ffee10917d0c0ffee10917d")
            .env("KAIRAN_LIFF_ID", "1000000002-mihon000")
            .env("KAIRAN_LIFF_ENDPOINT_URL", format!("{}/liff", self.url()))
            .env("KAIRAN_WEBHOOK_URL", format!("{}/webhook", self.url()))
            .env("KAIRAN_SANDBOX_STATE", in_folder("sandbox.state"))
            .env("KAIRAN_SANDBOX_URL", &sandbox)
            .env("KAIRAN_LINE_API_URL", &sandbox)
            .env("KAIRAN_LINE_DATA_API_URL", &sandbox)
            .env("KAIRAN_LINE_LOGIN_URL", &sandbox)
            .env("KAIRAN_LIFF_URL", format!("{sandbox}/liff"))
            .env("KAIRAN_LIFF_SDK_URL", format!("{sandbox}/liff/edge/2/sdk.js"))
            .env("KAIRAN_MAP_TILES", format!("{sandbox}/xyz/pale/{{z}}/{{x}}/{{y}}.png"))
            .env("KAIRAN_MAP_CENTER", "35.0,135.0");
        command
    }

    /// `kairan ARGS…`, to be run to its end.
    pub fn kairan(&self, args: &[&str]) -> Command {
        let mut command = self.program("kairan");
        command.args(args);
        command
    }

    /// Starts the simulated LINE and waits until it answers.
    pub fn start_sandbox(&self) -> Result<Running> {
        let mut command = self.program("kairan-sandbox");
        command.args(["--bind", &format!("127.0.0.1:{}", self.sandbox_port)]);
        let log = self.log("kairan-sandbox");
        command.stdout(append(&log)?).stderr(append(&log)?);
        let running = Running::start(&mut command)?;
        wait(&running, &format!("{}/_sandbox/config", self.sandbox_url()), "kairan-sandbox", &log)?;
        Ok(running)
    }

    /// Starts `kairan WORDS…` (`serve` or `demo`) and does not wait. What it prints goes on to our
    /// own standard output if `speaks`, to its log otherwise.
    pub fn start_kairan(&self, words: &[&str], speaks: bool) -> Result<Running> {
        let mut command = self.kairan(words);
        if let Some(clock) = &self.clock {
            clock.give(&mut command);
        }
        let log = self.log("kairan");
        command.stderr(append(&log)?);
        if speaks {
            command.stdout(Stdio::inherit());
        } else {
            command.stdout(append(&log)?);
        }
        Running::start(&mut command)
    }

    /// Starts another `kairan serve` on the same state; what it prints goes to the log.
    pub fn start_kairan_on(&self, port: u16) -> Result<Running> {
        self.start_on(&["serve"], port, "kairan")
    }

    /// Starts `kairan WORDS…` on a port of its own; what it prints goes to the log of that name.
    pub fn start_on(&self, words: &[&str], port: u16, log: &str) -> Result<Running> {
        let log = self.log(log);
        let mut command = self.kairan(words);
        command.env("KAIRAN_BIND", format!("127.0.0.1:{port}"));
        command.stdout(append(&log)?).stderr(append(&log)?);
        Running::start(&mut command)
    }

    /// Waits until Kairan answers `/readyz`.
    pub fn wait_until_ready(&self, running: &Running) -> Result {
        self.wait_until_ready_on(running, self.port, "kairan")
    }

    /// Waits until the Kairan on a port answers `/readyz`.
    pub fn wait_until_ready_on(&self, running: &Running, port: u16, log: &str) -> Result {
        let url = format!("http://127.0.0.1:{port}/readyz");
        wait(running, &url, "kairan", &self.log(log))
    }
}

fn append(log: &Path) -> Result<File> {
    File::options().create(true).append(true).open(log).during(log.display())
}

fn wait(running: &Running, url: &str, name: &str, log: &Path) -> Result {
    let client = Client::new(url, Duration::from_secs(2));
    let answered = until(Duration::from_secs(120), || match running.ended() {
        Some(status) => Some(Err(format!("{name} ended with {status}"))),
        None => client.get("").ok().filter(|answer| answer.status == 200).map(|_| Ok(())),
    });
    let trouble = match answered {
        Some(Ok(())) => return Ok(()),
        Some(Err(what)) => what,
        None => format!("{name} does not answer at {url} after two minutes"),
    };
    Err(format!("{trouble}. The end of {}:\n{}", log.display(), last_lines(log, 0, 40)).into())
}
