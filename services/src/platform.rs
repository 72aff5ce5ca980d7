//! What one process has: store, clock, randomness, LINE, settings.

use domain::permission::Actor;
use line::client::{BaseUrls, Client, Credentials};
use line::login::LoginVerifier;
use std::sync::Arc;
use std::time::Duration;
use store::{Clock, Context, Random, Share, Store};
use tokio::sync::Notify;

/// Settings that use cases need; the server reads them from its configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the city's Kairan is reached: `https://line.mihon.example`, without a trailing slash.
    pub public_url: String,
    /// `KAIRAN_LINE_API_URL`.
    pub line_api_url: String,
    /// `KAIRAN_LINE_DATA_API_URL`.
    pub line_data_api_url: String,
    /// Messaging API channel.
    pub channel_id: String,
    /// Its secret: tokens and webhook signatures.
    pub channel_secret: String,
    /// LINE Login channel that the LIFF app belongs to.
    pub login_channel_id: String,
    /// Its secret.
    pub login_channel_secret: String,
    /// LIFF app.
    pub liff_id: String,
    /// `https://liff.line.me`.
    pub liff_url: String,
    /// LINE's script.
    pub liff_sdk_url: String,
    /// Maps on which residents show a place.
    pub map: Map,
    /// Set only where a sandbox is used: shows `/phone`.
    pub sandbox_url: Option<String>,
    /// `KAIRAN_MENU_FONT`: the file of the font of rich menus' pictures and of posters; where it is
    /// not set, it is looked for where it usually lies.
    pub menu_font: Option<std::path::PathBuf>,
    /// `KAIRAN_SMTP_RELAY_URL`: where mails to staff are handed over; without it, none are sent.
    pub smtp_relay_url: Option<String>,
    /// `KAIRAN_CLAMD_ADDRESS`: scans uploads; without it, none are scanned.
    pub clamd_address: Option<String>,
    /// `KAIRAN_POSTCODE_FILE`: Japan Post's KEN_ALL.CSV; without it, addresses are typed.
    pub postcode_file: Option<std::path::PathBuf>,
}

impl Settings {
    /// The address that opens a LIFF page in LINE: `https://liff.line.me/{id}/register`.
    pub fn liff_link(&self, path: &str) -> String {
        format!("{}/{}{path}", self.liff_url, self.liff_id)
    }
}

/// Where the tiles of maps come from, and where maps open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// `KAIRAN_MAP_TILES`: an address with `{z}`, `{x}` and `{y}` (Web Mercator, 256 pixels, 5 to
    /// 18); empty: there are no maps.
    pub tiles: String,
    /// `KAIRAN_MAP_CENTER`: latitude and longitude in degrees.
    pub center: Option<(f64, f64)>,
}

/// One process's means.
pub struct Platform {
    /// Database, keys, caches.
    pub store: Store,
    /// The Messaging API.
    pub line: Client,
    /// ID tokens.
    pub login: LoginVerifier,
    /// Settings.
    pub settings: Settings,
    /// Wakes the outbox when something is ready to leave.
    pub outbox_ready: Notify,
    /// Wakes the inbox when something has arrived.
    pub inbox_ready: Notify,
    /// Wakes the worker of rich menus when something is to be switched or published.
    pub menus_ready: Notify,
    /// Rich menus: what is published, and taps that are not written yet.
    pub(crate) menus: crate::menu::Cache,
    /// Limits how many passwords are hashed at once.
    pub(crate) hashing: tokio::sync::Semaphore,
    /// Taps on links that are not written yet.
    pub(crate) taps: crate::link::Taps,
    /// Pages to which deliveries lead, as they answered lately.
    pub pages: crate::link::Pages,
    /// The relay for mails to staff, if there is one.
    pub(crate) relay: Option<crate::mail::Relay>,
    /// Pictures that are served.
    pub(crate) pictures: crate::picture::Cache,
    /// Videos that arrive and are served.
    pub(crate) videos: crate::video::Cache,
    /// Postcodes, once they were read.
    pub(crate) postcodes: crate::postcode::Postcodes,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Platform {
    /// Puts a process together.
    ///
    /// # Errors
    /// If the HTTP client cannot be built.
    pub fn new(
        store: Store,
        settings: Settings,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> reqwest::Result<Arc<Self>> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(15))
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(64)
            .tcp_nodelay(true)
            // One connection a call, as it is measured; the blob store's client brings HTTP/2 along.
            .http1_only()
            .build()?;
        let base = BaseUrls {
            api: settings.line_api_url.clone(),
            data: settings.line_data_api_url.clone(),
        };
        let credentials = Credentials {
            channel_id: settings.channel_id.clone(),
            channel_secret: settings.channel_secret.clone(),
        };
        let login = LoginVerifier::new(
            http.clone(),
            &settings.line_api_url,
            &settings.login_channel_id,
            &settings.login_channel_secret,
        );
        let own = domain::link::Own {
            base: settings.public_url.clone(),
            liff: settings.liff_url.clone(),
        };
        Ok(Arc::new(Self {
            store: store.with_own(own),
            line: Client::new(http, base, credentials),
            login,
            relay: crate::mail::Relay::of(&settings),
            settings,
            outbox_ready: Notify::new(),
            inbox_ready: Notify::new(),
            menus_ready: Notify::new(),
            menus: crate::menu::Cache::default(),
            hashing: tokio::sync::Semaphore::new(2),
            taps: crate::link::Taps::default(),
            pages: crate::link::Pages::new()?,
            pictures: crate::picture::Cache::default(),
            videos: crate::video::Cache::default(),
            postcodes: crate::postcode::Postcodes::default(),
            clock,
            random,
        }))
    }

    /// The context of work that nobody in particular asked for: of workers and the command line,
    /// with their share of the database's connections.
    pub fn system(&self) -> Context {
        self.sharing(Share::Work)
    }

    /// The context in which what LINE brings is stored.
    pub fn webhook(&self) -> Context {
        self.sharing(Share::Webhook)
    }

    /// The context of whoever asks by a page or by REST, with the pages' share. What a page does
    /// before it is known for whom, it does as [`Actor::System`].
    pub fn context(&self, actor: Actor) -> Context {
        self.sharing(Share::Pages).acting(actor)
    }

    fn sharing(&self, share: Share) -> Context {
        Context::system(self.store.sharing(share), self.clock.clone(), self.random.clone())
    }
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> domain::time::Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the machine's clock is read"
        )]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        domain::time::Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The machine's randomness.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the machine's randomness is drawn"
        )]
        let mut rng = rand::rng();
        rand::Rng::fill_bytes(&mut rng, buffer);
    }
}
