//! A page of the list of deliveries, as it crosses from server to browser.

use super::{Figures, Filter, Purpose, Status};
use crate::id::{DeliveryId, DepartmentId};
use crate::insight::Reads;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Deliveries on one page.
pub const PER_PAGE: i64 = 20;

/// One delivery in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Id.
    pub id: DeliveryId,
    /// For staff; a draft's may be empty.
    pub title: String,
    /// Why.
    pub purpose: Purpose,
    /// Where it stands.
    pub status: Status,
    /// How many parts.
    pub parts: usize,
    /// The department's name.
    pub department: String,
    /// Who made it.
    pub author: String,
    /// The audience in words; empty while a draft has none.
    pub who: String,
    /// Friends in the audience now, or recipients once it is frozen; nothing while unknown.
    pub people: Option<i64>,
    /// When it began, or is to begin.
    pub time: Option<Timestamp>,
    /// Whether the audience was frozen: only then the figures say something.
    pub frozen: bool,
    /// The figures.
    pub figures: Figures,
    /// What is known of its readers; nothing before it was frozen.
    pub reads: Option<Reads>,
    /// Taps on all its links that are counted; nothing if none is.
    pub taps: Option<i64>,
    /// A series: its rule in few words (「毎週 火・金」).
    pub repeats: Option<String>,
    /// The series of which it is one occurrence.
    pub series: Option<DeliveryId>,
    /// Whether this person may change or delete it as a draft.
    pub may_write: bool,
    /// Whether this person may stop it.
    pub may_send: bool,
    /// It waits for approval, and this person may be the second.
    pub approves: bool,
}

/// A page of the list: first what is still to come, then what was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// これから届くもの on this page.
    pub coming: Vec<Row>,
    /// How many of them in all.
    pub coming_total: i64,
    /// 届けたもの on this page.
    pub past: Vec<Row>,
    /// How many of them in all.
    pub past_total: i64,
    /// All their recipients added up.
    pub past_recipients: i64,
    /// If nothing fits: each filter that could be taken away, its words, and how many there are then.
    pub removals: Vec<(Filter, String, i64)>,
    /// Departments that have deliveries.
    pub departments: Vec<(DepartmentId, String)>,
    /// Whether this person may begin one.
    pub may_write: bool,
    /// When this was read.
    pub now: Timestamp,
}
