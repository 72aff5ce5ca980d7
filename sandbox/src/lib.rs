//! A simulated LINE platform that speaks LINE's wire protocol on localhost.
//!
//! One server stands for `api.line.me`, `api-data.line.me`, `access.line.me` and
//! `liff.line.me`: channel access tokens, sending with LINE's limits, error
//! bodies and retry-key rules, webhooks with signature and redelivery, profiles,
//! followers, quota, insight, LINE Login, LIFF with a stand-in for LINE's
//! script, and rich menus. A control API under `/_sandbox` makes residents, acts as one, sets
//! faults and tells what arrived. Written against line-openapi at commit
//! `6e4c2a2a1b7b059ea3920456d4f88d03fd8ef0bb` (2026-07-01).
//!
//! Tests start it in their own process:
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! let sandbox = sandbox::Sandbox::start(sandbox::Config::for_tests()).await?;
//! let residents = sandbox.create_residents(3)?;
//! println!("LINE is at {} with {} residents", sandbox.url(), residents.len());
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod account;
pub mod clock;
pub mod config;
mod content;
mod control;
mod fail;
mod gate;
mod idtoken;
mod insight;
mod liff;
mod limits;
mod login;
mod login_page;
mod menu;
mod send;
mod server;
mod shared;
mod tiles;
mod token;
mod webhook_out;
mod wire;
mod world;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use line::UserId;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use clock::Clock;
pub use config::Config;
pub use liff::LiffSession;
pub use world::{Faults, Filter, Friend, Kind, Received};

use control::people::{NewPeople, NewPerson};
use control::platform::NewSettings;
use shared::Shared;

/// Starts sandboxes.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Starts a sandbox on its own task; it accepts calls when this returns.
    ///
    /// # Errors
    /// When the address cannot be bound or the journal cannot be read.
    pub async fn start(config: Config) -> anyhow::Result<Handle> {
        let listener = TcpListener::bind(&config.bind)
            .await
            .with_context(|| format!("cannot listen on {}", config.bind))?;
        let addr = listener.local_addr()?;
        let shared = Shared::new(config)?;
        let (stop, stopped) = oneshot::channel();
        let router = server::router(&shared);
        let task = tokio::spawn(server::accept(listener, router, stopped));
        Ok(Handle { addr, shared, stop, task })
    }
}

/// The control API's description (OpenAPI 3.1).
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    control::openapi()
}

/// A running sandbox. It stops when this is dropped.
pub struct Handle {
    addr: SocketAddr,
    shared: Arc<Shared>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Handle {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Base address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Makes so many friends, without webhooks.
    ///
    /// # Errors
    /// When the journal cannot be written or the number is out of range.
    pub fn create_residents(&self, count: u32) -> anyhow::Result<Vec<UserId>> {
        let order = NewPeople { count: Some(count), ..NewPeople::default() };
        self.make(order)
    }

    /// Makes one resident, without a webhook.
    ///
    /// # Errors
    /// When the journal cannot be written or the name is empty or too long.
    pub fn create_resident(&self, name: &str, friend: bool) -> anyhow::Result<UserId> {
        let order = NewPeople {
            residents: vec![NewPerson {
                name: name.to_owned(),
                user_id: None,
                language: None,
                friend,
            }],
            ..NewPeople::default()
        };
        let made = self.make(order)?;
        made.first().copied().context("nobody was made")
    }

    fn make(&self, order: NewPeople) -> anyhow::Result<Vec<UserId>> {
        let made = control::people::make(&self.shared, order);
        Ok(made.map_err(|error| anyhow!(error.1))?.user_ids)
    }

    /// Sets LINE's mood.
    ///
    /// # Errors
    /// When a rate is out of range or the journal cannot be written.
    pub fn set_faults(&self, faults: Faults) -> anyhow::Result<()> {
        let put = control::platform::put_faults(&self.shared, faults);
        put.map(drop).map_err(|error| anyhow!(error.1))
    }

    /// Sends webhooks to this address from now on.
    ///
    /// # Errors
    /// When the address is refused or the journal cannot be written.
    pub fn set_webhook_url(&self, url: &str) -> anyhow::Result<()> {
        self.set(NewSettings { webhook_url: Some(url.to_owned()), ..NewSettings::default() })
    }

    /// LIFF leads to this address from now on.
    ///
    /// # Errors
    /// When the address is refused or the journal cannot be written.
    pub fn set_liff_endpoint_url(&self, url: &str) -> anyhow::Result<()> {
        self.set(NewSettings { liff_endpoint_url: Some(url.to_owned()), ..NewSettings::default() })
    }

    fn set(&self, new: NewSettings) -> anyhow::Result<()> {
        control::platform::put_config(&self.shared, new).map_err(|error| anyhow!(error.1))
    }

    /// Sums of what arrived.
    #[must_use]
    pub fn received(&self, filter: &Filter) -> Received {
        self.shared.world().received(filter)
    }

    /// Tokens of a resident as LIFF would get them.
    ///
    /// # Errors
    /// When there is no such resident.
    pub fn liff_session(&self, user: UserId) -> anyhow::Result<LiffSession> {
        let who = self.shared.world().find(user).context("no such resident")?;
        liff::session(&self.shared, who, None)
    }

    /// Stops: connections are closed and the port is free when this returns.
    pub async fn shutdown(self) {
        // Nobody listens any more only if the task has ended already.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}
