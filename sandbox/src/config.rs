//! Configuration of a sandbox and the fixed defaults of the demo.

use std::path::PathBuf;

use crate::clock::{self, Clock};

/// Messaging API channel id of the demo.
pub const DEMO_CHANNEL_ID: &str = "1000000001";
/// Messaging API channel secret of the demo.
pub const DEMO_CHANNEL_SECRET: &str = "5a17d0c0ffee5a17d0c0ffee5a17d0c0";
/// LINE Login channel id of the demo.
pub const DEMO_LOGIN_CHANNEL_ID: &str = "1000000002";
/// LINE Login channel secret of the demo.
pub const DEMO_LOGIN_CHANNEL_SECRET: &str = "10917d0c0ffee10917d0c0ffee10917d";
/// LIFF id of the demo.
pub const DEMO_LIFF_ID: &str = "1000000002-mihon000";
/// Where the application is in the demo.
pub const DEMO_PUBLIC_URL: &str = "http://127.0.0.1:3000";
/// File of the journal, beside the demo's database.
pub const DEMO_STATE: &str = "./var/sandbox.state";
/// User id of the Official Account itself (`destination` of every webhook).
pub const BOT_USER_ID: &str = "Ub07b07b07b07b07b07b07b07b07b07b0";
/// Basic id of the Official Account.
pub const BOT_BASIC_ID: &str = "@mihon-city";
/// Name of the Official Account.
pub const BOT_NAME: &str = "みほん市";

/// What a sandbox is started with.
#[derive(Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub bind: String,
    /// Messaging API channel id.
    pub channel_id: String,
    /// Messaging API channel secret; signs webhooks too.
    pub channel_secret: String,
    /// LINE Login channel id (audience of ID tokens).
    pub login_channel_id: String,
    /// LINE Login channel secret.
    pub login_channel_secret: String,
    /// The one LIFF app.
    pub liff_id: String,
    /// Endpoint URL of the LIFF app.
    pub liff_endpoint_url: String,
    /// Where webhooks go; `None` sends none.
    pub webhook_url: Option<String>,
    /// File of the journal; `None` keeps everything in memory.
    pub state: Option<PathBuf>,
    /// Whether every record is forced to the disk (`fsync`). Without it records
    /// survive `kill -9` of the sandbox, but not a power cut.
    pub sync: bool,
    /// The clock.
    pub clock: Clock,
    /// Seed of everything random (ids, tokens, the ID tokens' key).
    pub seed: u64,
}

impl Config {
    /// The demo's configuration on a free port, in memory, with the computer's
    /// clock, a fixed seed and no webhook.
    #[must_use]
    pub fn for_tests() -> Self {
        Config {
            bind: "127.0.0.1:0".into(),
            channel_id: DEMO_CHANNEL_ID.into(),
            channel_secret: DEMO_CHANNEL_SECRET.into(),
            login_channel_id: DEMO_LOGIN_CHANNEL_ID.into(),
            login_channel_secret: DEMO_LOGIN_CHANNEL_SECRET.into(),
            liff_id: DEMO_LIFF_ID.into(),
            liff_endpoint_url: format!("{DEMO_PUBLIC_URL}/liff"),
            webhook_url: None,
            state: None,
            sync: false,
            clock: clock::system(),
            seed: 1,
        }
    }
}
