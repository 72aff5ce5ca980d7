//! `kairan serve`: HTTP and workers in one process, or apart by roles.

use crate::config::Config;
use crate::http;
use axum::serve::ListenerExt;
use clap::ValueEnum;
use services::Platform;
use services::inbox::Intake;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What a process does; each role has its own concurrency budget (NFR-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Role {
    /// Console and REST; mails to staff, and whether workers work.
    Web,
    /// The residents' pages.
    Liff,
    /// LINE's webhook.
    Webhook,
    /// Outbox, inbox, mails to staff, jobs.
    Worker,
}

/// What is open is finished within this after SIGTERM, and the connections closed within
/// [`CLOSE`]; whatever still hangs after [`HARD`] is cut off.
const DRAIN: Duration = Duration::from_secs(25);
const CLOSE: Duration = Duration::from_secs(3);
const HARD: Duration = Duration::from_secs(29);

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// If the address cannot be bound.
pub async fn run(config: Config, platform: Arc<Platform>, roles: &[Role]) -> anyhow::Result<()> {
    let roles: BTreeSet<Role> = if roles.is_empty() {
        Role::value_variants().iter().copied().collect()
    } else {
        roles.iter().copied().collect()
    };
    let (stop, stopped) = watch::channel(false);
    let mut workers = JoinSet::new();
    let _alone = if roles.contains(&Role::Worker) {
        start_workers(&config, &platform, &stopped, &mut workers).await?
    } else {
        None
    };

    workers.spawn(services::link::run(platform.clone(), stopped.clone()));
    if roles.contains(&Role::Web) {
        workers.spawn(services::alert::stand_by(platform.clone(), stopped.clone()));
    }
    // That no worker works must reach people by mail, too.
    if roles.contains(&Role::Web) || roles.contains(&Role::Worker) {
        let owner = platform.system().uuid();
        workers.spawn(services::mail::run(platform.clone(), owner, stopped.clone()));
    }

    let intake = Intake::open(&platform);
    let router = http::router(&config, &platform, intake, &roles)?;
    if roles.contains(&Role::Web) || roles.contains(&Role::Liff) {
        http::publish_site(&platform).await;
    }
    let listener = tokio::net::TcpListener::bind(config.bind).await?;
    tracing::info!(address = %listener.local_addr()?, roles = ?roles, "serving");
    // Without it every streamed page waits for a delayed acknowledgement.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
    });
    if let Some(address) = config.metrics_bind {
        let listener = tokio::net::TcpListener::bind(address).await?;
        tracing::info!(address = %listener.local_addr()?, "metrics");
        let metrics = axum::serve(listener, http::metrics::router(platform.clone()));
        workers.spawn(until_stopped(stopped.clone(), metrics.into_future()));
    }
    let mut draining = stopped.clone();
    let serving = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            drop(draining.wait_for(|stop| *stop).await);
        });
    let serving = tokio::spawn(async move { serving.await });

    signal().await;
    tracing::info!("draining");
    // A thread of its own: it counts down whatever the runtime is stuck in.
    std::thread::spawn(|| {
        std::thread::sleep(HARD);
        tracing::error!(
            "stopping took too long and is cut off; what was open is taken up at the next start"
        );
        std::process::exit(1);
    });
    let _no_receiver = stop.send(true);
    let drained = tokio::time::timeout(DRAIN, async {
        drop(serving.await);
        if let Err(error) = services::link::flush(&platform).await {
            tracing::error!(%error, "the last taps on links were not counted");
        }
        while workers.join_next().await.is_some() {}
    });
    if drained.await.is_err() {
        tracing::warn!(
            "not everything was finished in time; what was open is taken up at the next start"
        );
    }
    workers.abort_all();
    if tokio::time::timeout(CLOSE, platform.store.close()).await.is_err() {
        tracing::warn!("the database's connections could not be closed in time");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Watching ends with the work.
async fn until_stopped(
    mut stopped: watch::Receiver<bool>,
    serving: impl Future<Output = std::io::Result<()>>,
) {
    tokio::select! {
        _ = stopped.wait_for(|stop| *stop) => {}
        ended = serving => if let Err(error) = ended {
            tracing::error!(%error, "metrics are not served any more");
        }
    }
}

/// Starts the workers. On SQLite one process works at a time: whoever holds the lock
/// takes up at once what a former process left.
async fn start_workers(
    config: &Config,
    platform: &Arc<Platform>,
    stopped: &watch::Receiver<bool>,
    workers: &mut JoinSet<()>,
) -> anyhow::Result<Option<std::fs::File>> {
    let owner = platform.system().uuid();
    let mut alone = None;
    if let Some(path) = store::sqlite_path(&config.database_url) {
        let file = std::fs::File::create(path.with_extension("worker"))?;
        match file.try_lock() {
            Ok(()) => {
                let freed = store::outbox::free_leases(&platform.system()).await?;
                services::menu::take_up(&platform.system()).await?;
                if freed > 0 {
                    tracing::info!(calls = freed, "taking up what a former process left");
                }
                alone = Some(file);
            }
            Err(_) => {
                tracing::warn!(
                    "another process works on this database; this one serves pages only"
                );
                return Ok(None);
            }
        }
    }
    workers.spawn(services::outbox::run(platform.clone(), owner.clone(), stopped.clone()));
    workers.spawn(services::inbox::run(platform.clone(), stopped.clone()));
    workers.spawn(services::menu::run(platform.clone(), owner.clone(), stopped.clone()));
    if config.menu_page_check == "on" {
        let (owner, stopped) = (owner.clone(), stopped.clone());
        workers.spawn(services::menu::watch_pages(platform.clone(), owner, stopped));
    }
    workers.spawn(services::answer::job::run(platform.clone(), owner.clone(), stopped.clone()));
    workers.spawn(services::jobs::run(platform.clone(), owner, stopped.clone()));
    Ok(alone)
}

async fn signal() {
    #[cfg(unix)]
    {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        match terminate {
            Ok(mut terminate) => tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            },
            Err(_) => drop(tokio::signal::ctrl_c().await),
        }
    }
    #[cfg(not(unix))]
    drop(tokio::signal::ctrl_c().await);
}
