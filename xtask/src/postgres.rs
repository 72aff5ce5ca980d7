//! A throw-away PostgreSQL: nothing of it survives the run.

use crate::failure::{Result, While};
use crate::http::free_port;
use crate::process::{self, Running, last_lines, run_logged, until};
use crate::setup;
use crate::workspace::Workspace;
use std::cell::RefCell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, PartialEq)]
pub enum Durability {
    /// As in production: for measuring.
    Full,
    /// Never: for tests.
    None,
}

pub struct Postgres {
    running: RefCell<Option<Running>>,
    programs: PathBuf,
    folder: PathBuf,
    log: PathBuf,
    durability: Durability,
    port: u16,
}

impl Postgres {
    pub fn start(workspace: &Workspace, durability: Durability) -> Result<Self> {
        let programs = setup::postgres_programs(workspace)
            .ok_or("PostgreSQL is missing: `cargo xtask setup --postgres` installs it")?;
        let folder = process::temporary_folder("postgres")?;
        let data = folder.join("data");
        let log = workspace.log("postgres")?;
        let _ = std::fs::remove_file(&log);
        let by_postgres =
            |program: &str| as_unprivileged(workspace, &programs.join(program), &folder);
        if setup::is_root() {
            // PostgreSQL refuses to run as root.
            run_logged(workspace.command("chown").arg("postgres").arg(&folder), &log)?;
        }
        let mut initdb = by_postgres("initdb");
        initdb
            .args([
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ])
            .arg("--pgdata")
            .arg(&data);
        run_logged(&mut initdb, &log)?;

        let postgres = Self {
            running: RefCell::default(),
            programs,
            folder,
            log,
            durability,
            port: free_port()?,
        };
        postgres.launch(workspace)?;
        Ok(postgres)
    }

    /// Stops it at once, as if it had died, and starts it again on the same data.
    pub fn restart(&self, workspace: &Workspace) -> Result {
        drop(self.running.take());
        self.launch(workspace)
    }

    fn launch(&self, workspace: &Workspace) -> Result {
        let by_postgres =
            |program: &str| as_unprivileged(workspace, &self.programs.join(program), &self.folder);
        let mut postgres = by_postgres("postgres");
        postgres.arg("-D").arg(self.folder.join("data")).arg("-k").arg(&self.folder);
        postgres.args(["-p", &self.port.to_string()]);
        let settings =
            ["listen_addresses=127.0.0.1", "max_connections=300", "shared_buffers=128MB"];
        let forgetful = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
        let forgetful = forgetful.iter().filter(|_| self.durability == Durability::None);
        for setting in settings.iter().chain(forgetful) {
            postgres.args(["-c", setting]);
        }
        let file = File::options().create(true).append(true).open(&self.log)?;
        postgres.stdout(file.try_clone()?).stderr(file);
        // SIGQUIT: stop at once, without waiting for clients or writing anything.
        let running = Running::start_with(&mut postgres, nix::sys::signal::Signal::SIGQUIT)?;
        let mut ask = by_postgres("pg_isready");
        ask.args(["--quiet", "--host=127.0.0.1", &format!("--port={}", self.port)]);
        let ready = until(Duration::from_secs(60), || match running.ended() {
            Some(_) => Some(false),
            None => ask.status().is_ok_and(|status| status.success()).then_some(true),
        });
        if ready == Some(true) {
            self.running.replace(Some(running));
            return Ok(());
        }
        Err(format!(
            "PostgreSQL does not start. {}:\n{}",
            self.log.display(),
            last_lines(&self.log, 0, 30)
        )
        .into())
    }

    /// The address of the database that tests make their own databases from.
    pub fn url(&self) -> String {
        self.database_url("postgres")
    }

    /// Creates a database and tells its address.
    pub fn create_database(&self, workspace: &Workspace, name: &str) -> Result<String> {
        let programs = setup::postgres_programs(workspace).ok_or("PostgreSQL is missing")?;
        let mut createdb = workspace.command(programs.join("createdb"));
        createdb.args([
            "--host=127.0.0.1",
            "--username=postgres",
            &format!("--port={}", self.port),
            name,
        ]);
        process::output(&mut createdb).during(format!("creating the database {name}"))?;
        Ok(self.database_url(name))
    }

    fn database_url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }
}

/// What a database answers to some SQL; a row a line, its columns apart by `|`.
pub fn psql(workspace: &Workspace, url: &str, sql: &str) -> Result<String> {
    let programs = setup::postgres_programs(workspace).ok_or("PostgreSQL is missing")?;
    let mut command = workspace.command(programs.join("psql"));
    command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--set=ON_ERROR_STOP=1", url]);
    let file = process::temporary_folder("psql")?.join("input.sql");
    std::fs::write(&file, sql)?;
    process::output(command.arg("--file").arg(file))
}

fn as_unprivileged(workspace: &Workspace, program: &Path, folder: &Path) -> Command {
    let mut command = if setup::is_root() {
        let mut command = workspace.command("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        workspace.command(program)
    };
    command.current_dir(folder);
    command
}
