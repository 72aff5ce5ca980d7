//! `kairan-sandbox`: a simulated LINE platform for trying Kairan and testing it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use rand::TryRng;
use sandbox::config::{
    DEMO_CHANNEL_ID, DEMO_CHANNEL_SECRET, DEMO_LIFF_ID, DEMO_LOGIN_CHANNEL_ID,
    DEMO_LOGIN_CHANNEL_SECRET, DEMO_PUBLIC_URL, DEMO_STATE,
};
use sandbox::{Config, Sandbox, clock};
use tracing_subscriber::EnvFilter;

/// A simulated LINE platform on localhost. Nothing leaves this machine.
#[derive(Debug, Parser)]
#[command(name = "kairan-sandbox", version)]
struct Args {
    /// Address to listen on.
    #[arg(long, env = "KAIRAN_SANDBOX_BIND", default_value = "127.0.0.1:3001")]
    bind: String,
    /// File that keeps the state; its folder is created.
    #[arg(long, env = "KAIRAN_SANDBOX_STATE", default_value = DEMO_STATE)]
    state: PathBuf,
    /// Force every record to the disk (slower; survives a power cut too).
    #[arg(long)]
    sync: bool,
    /// Messaging API channel id.
    #[arg(long, env = "KAIRAN_LINE_CHANNEL_ID", default_value = DEMO_CHANNEL_ID)]
    channel_id: String,
    /// Messaging API channel secret.
    #[arg(long, env = "KAIRAN_LINE_CHANNEL_SECRET", default_value = DEMO_CHANNEL_SECRET, hide_env_values = true)]
    channel_secret: String,
    /// LINE Login channel id.
    #[arg(long, env = "KAIRAN_LOGIN_CHANNEL_ID", default_value = DEMO_LOGIN_CHANNEL_ID)]
    login_channel_id: String,
    /// LINE Login channel secret.
    #[arg(long, env = "KAIRAN_LOGIN_CHANNEL_SECRET", default_value = DEMO_LOGIN_CHANNEL_SECRET, hide_env_values = true)]
    login_channel_secret: String,
    /// LIFF id.
    #[arg(long, env = "KAIRAN_LIFF_ID", default_value = DEMO_LIFF_ID)]
    liff_id: String,
    /// Where the application is.
    #[arg(long, env = "KAIRAN_PUBLIC_URL", default_value = DEMO_PUBLIC_URL)]
    public_url: String,
    /// Endpoint URL of the LIFF app; otherwise the application's /liff.
    #[arg(long, env = "KAIRAN_LIFF_ENDPOINT_URL")]
    liff_endpoint_url: Option<String>,
    /// Where webhooks go; otherwise the application's /webhook.
    #[arg(long, env = "KAIRAN_WEBHOOK_URL")]
    webhook_url: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> anyhow::Result<()> {
    let seed = rand::rngs::SysRng.try_next_u64().context("the system gives no randomness")?;
    let public_url = args.public_url.trim_end_matches('/');
    let sandbox = Sandbox::start(Config {
        bind: args.bind,
        channel_id: args.channel_id,
        channel_secret: args.channel_secret,
        login_channel_id: args.login_channel_id,
        login_channel_secret: args.login_channel_secret,
        liff_id: args.liff_id,
        liff_endpoint_url: args.liff_endpoint_url.unwrap_or_else(|| format!("{public_url}/liff")),
        webhook_url: Some(args.webhook_url.unwrap_or_else(|| format!("{public_url}/webhook"))),
        state: Some(args.state),
        sync: args.sync,
        clock: clock::system(),
        seed,
    })
    .await?;
    tracing::info!("LINE's stand-in is at {}", sandbox.url());
    wait_for_end().await?;
    sandbox.shutdown().await;
    Ok(())
}

async fn wait_for_end() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        }
    }
    #[cfg(not(unix))]
    {
        Ok(tokio::signal::ctrl_c().await?)
    }
}
