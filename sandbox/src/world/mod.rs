//! The world: residents, accepted calls, talks. Every change is a
//! [`Record`] that is first written to the journal and then applied, so that
//! replaying the journal gives the same world.

mod apply;
pub mod faults;
pub mod journal;
pub mod links;
pub mod menu;
pub mod model;
mod summary;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::sync::Arc;

use line::UserId;

use crate::clock::HOUR;
use crate::config::Config;
pub use faults::Faults;
pub use journal::{Journal, Record};
pub use menu::{BatchRecord, Menu, MenuDay, MenuNo, MenuRecord, Menus};
pub use model::{
    AcceptedKey, Call, CallNo, CallRecord, Click, Friend, Kind, NewResident, Reach, Resident,
    ResidentNo, Said, ShortLived,
};
pub use summary::{Filter, Received, UnitNumbers};

/// How long LINE remembers a retry key.
pub const KEY_LIFE: i64 = 24 * HOUR;
/// Distinct names of aggregation units per calendar month.
pub const UNITS_PER_MONTH: usize = 1_000;
/// Message ids begin here; they are decimal strings on the wire.
const FIRST_MESSAGE: u64 = 590_000_000_000_000_001;

/// Everything that survives a restart.
#[derive(Debug)]
pub struct World {
    journal: Option<Journal>,
    /// Private scalar of the ID tokens' key.
    pub key: Option<[u8; 32]>,
    /// In the order of creation.
    pub residents: Vec<Resident>,
    index: HashMap<UserId, ResidentNo>,
    /// In the order of acceptance.
    pub calls: Vec<Call>,
    keys: HashMap<u128, AcceptedKey>,
    keys_by_age: VecDeque<(i64, u128)>,
    /// What residents did, per resident.
    pub said: HashMap<ResidentNo, Vec<Said>>,
    said_at: HashMap<u64, (ResidentNo, usize)>,
    /// Tapped links.
    pub clicks: Vec<Click>,
    next_message: u64,
    /// Messages that reached someone, per Tokyo day and way of sending.
    pub delivered: BTreeMap<(i64, Kind), u64>,
    /// Names of aggregation units per month (`202611`), in order of first use.
    pub units: BTreeMap<i64, Vec<Arc<str>>>,
    /// Short-lived channel access tokens in the order of issue.
    short_lived: Vec<ShortLived>,
    /// Rich menus and who has which.
    pub menus: Menus,
    /// LINE's mood.
    pub faults: Faults,
    /// Where webhooks go.
    pub webhook_url: Option<String>,
    /// Whether they are sent.
    pub webhook_active: bool,
    /// Where LIFF leads to.
    pub liff_endpoint_url: String,
    configured: (Option<String>, String),
}

impl World {
    /// The world of the configured journal, or an empty one.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn open(config: &Config) -> io::Result<Self> {
        let mut world = Self::empty(config);
        if let Some(path) = &config.state {
            let journal = Journal::open(path, config.sync, |record| world.apply(record))?;
            world.journal = Some(journal);
        }
        Ok(world)
    }

    fn empty(config: &Config) -> Self {
        World {
            journal: None,
            key: None,
            residents: Vec::new(),
            index: HashMap::new(),
            calls: Vec::new(),
            keys: HashMap::new(),
            keys_by_age: VecDeque::new(),
            said: HashMap::new(),
            said_at: HashMap::new(),
            clicks: Vec::new(),
            next_message: FIRST_MESSAGE,
            delivered: BTreeMap::new(),
            units: BTreeMap::new(),
            short_lived: Vec::new(),
            menus: Menus::default(),
            faults: Faults::default(),
            webhook_url: config.webhook_url.clone(),
            webhook_active: true,
            liff_endpoint_url: config.liff_endpoint_url.clone(),
            configured: (config.webhook_url.clone(), config.liff_endpoint_url.clone()),
        }
    }

    /// Sets where webhooks and LIFF lead to.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn set_addresses(
        &mut self,
        webhook_url: Option<String>,
        webhook_active: bool,
        liff_endpoint_url: String,
    ) -> io::Result<()> {
        self.commit(Record::Addresses {
            webhook_url,
            webhook_active,
            liff_endpoint_url,
            configured: self.configured.clone(),
        })
    }

    /// Writes a record to the journal and applies it.
    ///
    /// # Errors
    /// When the journal cannot be written; then nothing has changed.
    pub fn commit(&mut self, record: Record) -> io::Result<()> {
        if let Some(journal) = &mut self.journal {
            journal.append(&record)?;
        }
        self.apply(record);
        Ok(())
    }

    /// Forgets everything but the ID tokens' key, the addresses and the channel
    /// access tokens.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn reset(&mut self, config: &Config) -> io::Result<()> {
        let mut fresh = Self::empty(config);
        fresh.journal = self.journal.take();
        if let Some(journal) = &mut fresh.journal {
            journal.clear()?;
        }
        if let Some(secret) = self.key {
            let secret = hex::encode(secret);
            fresh.commit(Record::Key { secret })?;
        }
        for token in self.short_lived.drain(..) {
            fresh.commit(Record::ShortLived(token))?;
        }
        fresh.set_addresses(
            self.webhook_url.take(),
            self.webhook_active,
            std::mem::take(&mut self.liff_endpoint_url),
        )?;
        *self = fresh;
        Ok(())
    }

    /// The folder in which photos survive a restart, if anything does.
    #[must_use]
    pub fn photos(&self) -> Option<std::path::PathBuf> {
        self.journal.as_ref().map(Journal::photos)
    }

    /// The number of a resident.
    #[must_use]
    pub fn find(&self, id: UserId) -> Option<ResidentNo> {
        self.index.get(&id).copied()
    }

    /// What a retry key stands for, if LINE still remembers it.
    #[must_use]
    pub fn accepted(&self, key: &str, now: i64) -> Option<&Call> {
        let known = self.keys.get(&parse_key(key)?)?;
        (now - known.at < KEY_LIFE).then(|| &self.calls[known.call as usize])
    }

    /// The next free message id.
    #[must_use]
    pub fn next_message(&self) -> u64 {
        self.next_message
    }

    /// Whether a short-lived channel access token was issued and not revoked.
    #[must_use]
    pub fn has_short_lived(&self, nonce: u64) -> bool {
        self.short_lived.iter().any(|token| token.nonce == nonce)
    }

    /// A message that a resident sent.
    #[must_use]
    pub fn said(&self, message: u64) -> Option<&Said> {
        let (who, at) = self.said_at.get(&message)?;
        self.said.get(who)?.get(*at)
    }

    fn said_mut(&mut self, message: u64) -> Option<&mut Said> {
        let (who, at) = self.said_at.get(&message)?;
        self.said.get_mut(who)?.get_mut(*at)
    }

    /// The call and the position in it of a message that was sent to residents.
    #[must_use]
    pub fn sent(&self, message: u64) -> Option<(CallNo, usize)> {
        let after = self.calls.partition_point(|call| call.first_message <= message);
        let call = self.calls.get(after.checked_sub(1)?)?;
        let at = message - call.first_message;
        (at < call.bubbles()).then_some((after as CallNo - 1, at as usize))
    }

    /// Number of friends now.
    #[must_use]
    pub fn friends(&self) -> usize {
        self.residents.iter().filter(|resident| resident.friend == Friend::Friend).count()
    }
}

/// A retry key as a number; `None` unless it is a UUID in hexadecimal.
#[must_use]
pub fn parse_key(key: &str) -> Option<u128> {
    let bytes = key.as_bytes();
    let dashes = [8, 13, 18, 23];
    let shaped = bytes.len() == 36
        && bytes
            .iter()
            .enumerate()
            .all(|(at, b)| if dashes.contains(&at) { *b == b'-' } else { b.is_ascii_hexdigit() });
    shaped.then(|| u128::from_str_radix(&key.replace('-', ""), 16).ok()).flatten()
}
