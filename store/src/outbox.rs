//! The outbox: calls to LINE are leased, sent and settled here (design rule 1).
//!
//! A call belongs to a worker from [`claim`] until it is settled or its lease ends.
//! Its retry key and its recipients are stored before the first attempt and do not
//! change while LINE may have taken it, so that whoever tries again sends exactly the same.
//! `call.refused` counts the attempts that LINE is known not to have taken: claiming
//! counts an attempt, and only the answer says that it was none ([`PERHAPS_TAKEN`]).

mod claim;
mod finish;
mod people;
mod push;
mod settle;

use crate::{Context, Error, Result};
use domain::delivery::call::Tries;
use domain::id::{CallId, DeliveryId, ResidentId};
use domain::language::Language;
use domain::message::variable::Values;
use domain::time::Timestamp;

pub(crate) use claim::{bucket, except};
pub use claim::{claim, free_leases, is_stopped, next_due, on_its_way, reserve};
pub use finish::{finish_bitmaps, forget, received, unfinished};
pub(crate) use people::{excepted, in_calls, read_set, write_set};
pub use push::push;
pub(crate) use push::{push_all, push_in};
pub use settle::{Settled, settle};

/// The calls of which LINE may have taken an attempt, the one on its way included;
/// [`Tries`] says it of a call in hand. The others are as good as untried.
pub(crate) const PERHAPS_TAKEN: &str = "attempts > refused";

/// One recipient of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Our number.
    pub id: ResidentId,
    /// The 16 bytes of the LINE user id.
    pub user: [u8; 16],
}

/// What kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Up to 500 residents.
    Multicast,
    /// All friends, by LINE's list.
    Broadcast,
    /// One resident: outside a delivery, or with a text of their own.
    Push,
}

/// A leased call.
#[derive(Clone, Debug)]
pub struct Call {
    /// Id.
    pub id: CallId,
    /// Of which delivery; nothing for a push.
    pub delivery: Option<DeliveryId>,
    /// Kind.
    pub kind: Kind,
    /// Number of residents (for a broadcast: as far as we know).
    pub count: i64,
    /// To whom; empty for a broadcast.
    pub to: Vec<Recipient>,
    /// The LINE messages of a push outside a delivery, as JSON.
    pub messages: Option<String>,
    /// Which of the delivery's languages these residents get.
    pub language: Language,
    /// What is filled into the delivery's texts for these residents.
    pub variables: Option<Values>,
    /// `X-Line-Retry-Key`.
    pub retry_key: String,
    /// Attempts, this one included.
    pub attempts: i64,
    /// Those that LINE is known not to have taken.
    pub refused: i64,
    /// When its key was first used.
    pub first_at: Timestamp,
    /// Order within the delivery.
    pub seq: i64,
}

impl Call {
    /// What is filled in, as it is stored.
    pub(crate) fn variables_json(&self) -> Result<Option<String>> {
        self.variables
            .as_ref()
            .map(|v| serde_json::to_string(v).map_err(|_| Error::Inconsistent("call.variables")))
            .transpose()
    }

    /// The attempts so far.
    pub fn tries(&self) -> Tries {
        let count = |n| u32::try_from(n).unwrap_or(u32::MAX);
        Tries {
            attempts: count(self.attempts),
            refused: count(self.refused),
            first_at: self.first_at,
        }
    }
}

/// 20 bytes a recipient: number and user id.
fn pack(to: &[Recipient]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(to.len() * 20);
    for r in to {
        bytes.extend_from_slice(&(r.id.0 as u32).to_be_bytes());
        bytes.extend_from_slice(&r.user);
    }
    bytes
}

pub(crate) fn seal_ids(ctx: &Context, key: &str, to: &[Recipient]) -> Vec<u8> {
    ctx.store.keys().seal(ctx, "call.ids", key.as_bytes(), &pack(to))
}

pub(crate) fn seal_variables(ctx: &Context, key: &str, json: &str) -> Vec<u8> {
    ctx.store.keys().seal(ctx, "call.variables", key.as_bytes(), json.as_bytes())
}

/// The recipients of a call; nobody if its list was forgotten after the end.
pub(crate) fn open_ids(ctx: &Context, key: &str, sealed: &[u8]) -> Result<Vec<Recipient>> {
    if sealed.is_empty() {
        return Ok(Vec::new());
    }
    let plain = ctx.store.keys().open_sealed("call.ids", key.as_bytes(), sealed)?;
    let (rows, rest) = plain.as_chunks::<20>();
    if !rest.is_empty() {
        return Err(Error::Inconsistent("call.ids"));
    }
    Ok(rows
        .iter()
        .map(|row| {
            let (id, user) = row.split_at(4);
            let mut r = Recipient { id: ResidentId(0), user: [0; 16] };
            r.id = ResidentId(id.iter().fold(0, |n, b| n << 8 | i64::from(*b)));
            r.user.copy_from_slice(user);
            r
        })
        .collect())
}
