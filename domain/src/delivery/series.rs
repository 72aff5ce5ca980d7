//! What the page of a series (くり返し) shows, as it crosses from server to browser.

use super::{Delivery, Happening, Row};
use crate::holiday::Holidays;
use crate::id::DeliveryId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A series with what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The series itself; its time is the next one.
    pub delivery: Delivery,
    /// The audience in words.
    pub who: String,
    /// Friends in it now; nothing where it cannot be understood any more.
    pub people: Option<i64>,
    /// The days off, for the next dates.
    pub holidays: Holidays,
    /// Its occurrences, the newest first, at most [`super::PER_PAGE`].
    pub past: Vec<Row>,
    /// How many there were in all.
    pub past_total: i64,
    /// The draft that is to take its place.
    pub draft: Option<DeliveryId>,
    /// What happened, newest first.
    pub happenings: Vec<Happening>,
    /// Whether this person may change it.
    pub may_write: bool,
    /// Whether this person may pause and end it.
    pub may_send: bool,
    /// When this was read.
    pub now: Timestamp,
}
