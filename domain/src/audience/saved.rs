//! Saved audiences as the console shows them.

use super::{Audience, Explored};
use crate::attribute::Catalog;
use crate::delivery::Status;
use crate::id::{AudienceId, DeliveryId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Rows on one page of the list.
pub const PER_PAGE: i64 = 20;

/// One row of the list of saved audiences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedRow {
    /// Id.
    pub id: AudienceId,
    /// Name.
    pub name: String,
    /// The condition itself.
    pub audience: Audience,
    /// The condition as a sentence.
    pub sentence: String,
    /// Name of the department that keeps it; empty if it came by REST.
    pub department: String,
    /// Last change.
    pub updated_at: Timestamp,
    /// Friends in it; nothing while the condition needs mending.
    pub count: Option<i64>,
    /// Deliveries made with this condition.
    pub uses: i64,
    /// Whether the reader may change it.
    pub may_write: bool,
}

/// A page of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedList {
    /// The rows, the last changed first.
    pub rows: Vec<SavedRow>,
    /// The lists and deliveries that they name.
    #[serde(default)]
    pub people: Vec<super::Known>,
    /// How many there are in all.
    pub total: i64,
    /// All friends.
    pub friends: i64,
    /// When it was counted.
    pub now: Timestamp,
    /// Whether the reader may make new ones.
    pub may_write: bool,
}

/// A delivery that was made with a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// Id.
    pub id: DeliveryId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub status: Status,
}

/// All that the editor's page begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// What can be chosen from.
    pub catalog: Catalog,
    /// The saved audience; nothing while it is new.
    pub saved: Option<SavedRow>,
    /// Its head counts, if it can be counted.
    pub explored: Option<Explored>,
    /// The newest deliveries made with it, at most five.
    pub uses: Vec<Use>,
    /// Whether the reader may save new ones.
    pub may_write: bool,
    /// When it was read.
    pub now: Timestamp,
}
