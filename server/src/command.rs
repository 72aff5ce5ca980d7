//! The command line: every command migrates under a lock first, works beside a
//! running server, logs on standard error and prints its result on standard output.
//! Exit codes: 0, 1 (failed), 2 (usage).

mod doctor;

use crate::config::Config;
use crate::{logging, serve};
use anyhow::Context as _;
use clap::{Parser, Subcommand, ValueEnum};
use domain::permission::{Permission, Role};
use services::{Platform, SystemClock, SystemRandom};
use std::process::ExitCode;
use std::sync::Arc;
use store::Random;
use store::crypto::Keyring;

/// Kairan (回覧): a municipality's LINE Official Account.
#[derive(Parser)]
#[command(name = "kairan", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM or Ctrl-C.
    Serve {
        /// What this process does (all by default).
        #[arg(long, value_delimiter = ',', value_enum)]
        roles: Vec<serve::Role>,
    },
    /// Fill an empty database with the made-up みほん市 and serve it.
    Demo,
    /// Bring the database to this version's schema.
    Migrate,
    /// Check configuration, database, keys, ledger and LINE.
    Doctor,
    /// Staff accounts.
    Staff {
        #[command(subcommand)]
        command: StaffCommand,
    },
    /// Tokens for REST.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Add an account; prints its first password, which must be changed at the first sign-in.
    Add {
        /// 職員番号.
        #[arg(long, value_parser = filled)]
        number: String,
        /// 氏名.
        #[arg(long, value_parser = filled)]
        name: String,
        /// 所属; made if it is not there.
        #[arg(long, value_parser = filled)]
        department: String,
        /// What they may do.
        #[arg(long, value_enum, default_value = "admin")]
        role: RoleArg,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleArg {
    Admin,
    Sender,
    Editor,
    Viewer,
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Create a token; prints it alone, once.
    Create {
        /// Which system uses it.
        #[arg(long, value_parser = filled)]
        name: String,
        /// `delivery:send` and so on, or `all`; may be repeated.
        #[arg(long = "permission", required = true, value_parser = permissions)]
        permissions: Vec<Permissions>,
    },
}

#[derive(Clone)]
struct Permissions(Vec<Permission>);

fn filled(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() { Err("it must not be blank") } else { Ok(text.to_owned()) }
}

fn permissions(name: &str) -> Result<Permissions, String> {
    if name == "all" {
        return Ok(Permissions(Permission::ALL.to_vec()));
    }
    Permission::parse(name).map(|p| Permissions(vec![p])).ok_or_else(|| {
        let names: Vec<_> = Permission::ALL.iter().map(|p| p.name()).collect();
        format!("known are all, {}", names.join(", "))
    })
}

/// Runs the command of this process.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    logging::start(!matches!(cli.command, Command::Serve { .. }));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "no runtime");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(execute(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> anyhow::Result<()> {
    let config = Config::read()?;
    if let Command::Doctor = command {
        return doctor::run(&config).await;
    }
    let platform = open(&config).await?;
    match command {
        Command::Serve { roles } => serve::run(config, platform, &roles).await?,
        Command::Demo => {
            let sign_in = services::sample::fill(&platform)
                .await
                .map_err(|e| anyhow::anyhow!(e))
                .context("filling the sample city")?;
            print(&sign_in);
            serve::run(config, platform, &[]).await?;
        }
        Command::Migrate => print("migrated"),
        Command::Staff { command: StaffCommand::Add { number, name, department, role } } => {
            let role = match role {
                RoleArg::Admin => Role::Admin,
                RoleArg::Sender => Role::Sender,
                RoleArg::Editor => Role::Editor,
                RoleArg::Viewer => Role::Viewer,
            };
            let password = services::account::readable(&platform.system().random::<16>());
            let new = domain::staff::NewStaff {
                number,
                name,
                role,
                department,
                password: password.clone(),
            };
            services::account::add(&platform, &platform.system(), new, true)
                .await
                .map_err(explain)?;
            print(&password);
        }
        Command::Token { command: TokenCommand::Create { name, permissions } } => {
            let mut permissions: Vec<Permission> =
                permissions.into_iter().flat_map(|p| p.0).collect();
            permissions.sort_unstable();
            permissions.dedup();
            print(&store::token::create(&platform.system(), &name, &permissions).await?);
        }
        Command::Doctor => {}
    }
    Ok(())
}

/// Opens keys and database and puts the platform together.
///
/// # Errors
/// If keys or database cannot be had.
pub async fn open(config: &Config) -> anyhow::Result<Arc<Platform>> {
    let first = !config.key_file.exists();
    let keys = Keyring::open(&config.key_file, || {
        let mut seed = [0; 64];
        SystemRandom.fill(&mut seed);
        seed
    })?;
    let store = store::Store::open(&config.database_url, keys)
        .await
        .inspect_err(|error| {
            // A new file in the place of the right one would only hide that it is missing.
            if first && matches!(error, services::Error::ForeignKeys) {
                drop(std::fs::remove_file(&config.key_file));
            }
        })
        .map_err(explain)
        .context("the database cannot be opened")?;
    let blobs = store::blob::Blobs::open(&config.blob_url)
        .map_err(explain)
        .context("the blob store cannot be opened")?;
    let store = store.with_blobs(blobs);
    Ok(Platform::new(store, config.settings(), Arc::new(SystemClock), Arc::new(SystemRandom))?)
}

fn explain(error: services::Error) -> anyhow::Error {
    match error {
        services::Error::Invalid(problems) => anyhow::anyhow!(
            problems
                .into_iter()
                .map(|p| format!("{}: {}", p.at, p.message))
                .collect::<Vec<_>>()
                .join("; ")
        ),
        other => other.into(),
    }
}

#[expect(clippy::print_stdout, reason = "the result of a command goes to standard output")]
fn print(result: &str) {
    println!("{result}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_names_are_a_mistake_of_the_command_line() {
        let parsed = |args: &[&str]| {
            Cli::try_parse_from([&["kairan"][..], args].concat())
                .map(drop)
                .map_err(|e| e.exit_code())
        };
        let staff = |number, name, department| {
            parsed(&[
                "staff",
                "add",
                "--number",
                number,
                "--name",
                name,
                "--department",
                department,
            ])
        };
        for blank in ["", " ", "\u{3000}"] {
            assert_eq!(
                parsed(&["token", "create", "--name", blank, "--permission", "all"]),
                Err(2)
            );
            assert_eq!(staff(blank, "a", "a"), Err(2));
            assert_eq!(staff("a", blank, "a"), Err(2));
            assert_eq!(staff("a", "a", blank), Err(2));
        }
        assert_eq!(parsed(&["token", "create", "--name", "a", "--permission", "all"]), Ok(()));
        assert_eq!(staff("a", "a", "a"), Ok(()));
    }
}
