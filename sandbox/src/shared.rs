//! What all endpoints share.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::config::Config;
use crate::idtoken::Keys;
use crate::limits::Buckets;
use crate::wire::{WireEvent, WireLog};
use crate::world::{MenuNo, Record, ResidentNo, World};

/// LINE counts a webhook as failed without an answer within this time.
pub const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(2);

/// The platform's state; cheap to clone behind its [`Arc`].
pub struct Shared {
    /// Configuration.
    pub config: Config,
    /// Key pair of the ID tokens.
    pub keys: Keys,
    /// Sends webhooks.
    pub http: reqwest::Client,
    world: Mutex<World>,
    volatile: Mutex<Volatile>,
}

/// What a restart may forget.
pub struct Volatile {
    rng: StdRng,
    fault_rng: StdRng,
    /// Rate limits.
    pub buckets: Buckets,
    /// Reply tokens that were handed out.
    pub reply_tokens: HashMap<String, ReplyToken>,
    /// Codes of LINE Login that wait for their exchange.
    pub codes: HashMap<String, LoginCode>,
    /// What happened lately.
    pub wire: WireLog,
    /// Photos, where no journal gives them a folder.
    pub photos: HashMap<u64, bytes::Bytes>,
    /// Pictures of rich menus, likewise.
    pub menu_pictures: HashMap<MenuNo, bytes::Bytes>,
}

/// A reply token: usable once, for a minute after each delivery of its event.
#[derive(Clone, Debug)]
pub struct ReplyToken {
    /// Whose event it was.
    pub who: ResidentNo,
    /// When the event happened.
    pub event_at: i64,
    /// Until when it may be used (UTC microseconds).
    pub until: i64,
}

/// An authorization code of LINE Login.
#[derive(Clone, Debug)]
pub struct LoginCode {
    /// Who signed in.
    pub who: ResidentNo,
    /// The `redirect_uri` that must come again.
    pub redirect_uri: String,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// PKCE challenge (S256).
    pub challenge: Option<String>,
    /// Space-separated scopes.
    pub scope: String,
    /// Until when it may be exchanged.
    pub until: i64,
}

impl Shared {
    /// Opens the journal and makes the ID tokens' key on first start.
    ///
    /// # Errors
    /// When the journal cannot be read or written.
    pub fn new(config: Config) -> anyhow::Result<Arc<Self>> {
        let mut world = World::open(&config)?;
        let now = (config.clock)();
        // A restart with the same seed must not hand out the same ids again.
        let mut rng = StdRng::seed_from_u64(
            config.seed ^ now.cast_unsigned().rotate_left(17) ^ world.next_message(),
        );
        let scalar = match world.key {
            Some(scalar) => scalar,
            None => {
                let scalar = Keys::scalar(&mut rng);
                let secret = hex::encode(scalar);
                world.commit(Record::Key { secret })?;
                scalar
            }
        };
        let http = reqwest::Client::builder()
            .timeout(WEBHOOK_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let fault_rng = StdRng::seed_from_u64(world.faults.seed);
        Ok(Arc::new(Shared {
            keys: Keys::new(&scalar)?,
            http,
            world: Mutex::new(world),
            volatile: Mutex::new(Volatile {
                rng,
                fault_rng,
                buckets: Buckets::default(),
                reply_tokens: HashMap::new(),
                codes: HashMap::new(),
                wire: WireLog::default(),
                photos: HashMap::new(),
                menu_pictures: HashMap::new(),
            }),
            config,
        }))
    }

    /// The world, locked. Never hold it across an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a restart may forget, locked. Lock the world first where both are needed.
    pub fn volatile(&self) -> MutexGuard<'_, Volatile> {
        self.volatile.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// UTC microseconds.
    pub fn now(&self) -> i64 {
        (self.config.clock)()
    }

    /// A fresh random number.
    pub fn random(&self) -> u64 {
        self.volatile().rng.random()
    }

    /// Fresh random bytes as lower-case hexadecimal.
    pub fn random_hex(&self, bytes: usize) -> String {
        let mut raw = vec![0; bytes];
        self.volatile().rng.fill(raw.as_mut_slice());
        hex::encode(raw)
    }

    /// A fresh UUID, version 4.
    pub fn uuid(&self) -> String {
        let hex = self.random_hex(16);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }

    /// Whether a fault of this probability strikes now.
    pub fn strikes(&self, rate: f64) -> bool {
        rate > 0.0 && self.volatile().fault_rng.random::<f64>() < rate
    }

    /// Starts the faults' generator anew.
    pub fn reseed_faults(&self, seed: u64) {
        self.volatile().fault_rng = StdRng::seed_from_u64(seed);
    }

    /// Writes down what happened on the wire.
    pub fn note(&self, event: WireEvent) {
        let now = self.now();
        self.volatile().wire.push(now, event);
    }

    /// Forgets what belongs to a world that is no more.
    pub fn forget(&self) {
        let mut volatile = self.volatile();
        volatile.buckets = Buckets::default();
        volatile.reply_tokens.clear();
        volatile.codes.clear();
        volatile.photos.clear();
        volatile.menu_pictures.clear();
        volatile.wire.clear();
    }
}

/// A queue that keeps only its newest entries.
pub fn push_bounded<T>(queue: &mut VecDeque<T>, item: T, most: usize) {
    if queue.len() == most {
        queue.pop_front();
    }
    queue.push_back(item);
}
