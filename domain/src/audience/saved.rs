//! Saved audiences as the console shows them.

use super::{Audience, Explored};
use crate::attribute::Catalog;
use crate::delivery::Status;
use crate::id::{AudienceId, CourseId, DeliveryId};
use crate::steps::State;
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
    /// How many things were made with this condition.
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

/// What a condition was used for, and where that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Used {
    /// A delivery.
    Delivery(DeliveryId, Status),
    /// A series of deliveries (くり返し).
    Series(DeliveryId, Status),
    /// A step course.
    Course(CourseId, State),
    /// A variant of the rich menus' program; whether it is published.
    Menu {
        /// In force, and not only in the draft.
        published: bool,
    },
}

impl Used {
    /// What it is; a delivery is not told.
    pub fn kind(self) -> Option<&'static str> {
        match self {
            Self::Delivery(..) => None,
            Self::Series(..) => Some("くり返し"),
            Self::Course(..) => Some("ステップ配信"),
            Self::Menu { .. } => Some("メニューの出し分け"),
        }
    }
}

/// Something that was made with a condition, and keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// What.
    pub what: Used,
    /// Its title or name.
    pub title: String,
}

/// What was made with a condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    /// Courses and variants of menus, then series, then the newest deliveries; of the last two
    /// five at most.
    pub shown: Vec<Use>,
    /// How many there are in all.
    pub total: i64,
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
    /// What was made with it.
    pub uses: Uses,
    /// Whether the reader may save new ones.
    pub may_write: bool,
    /// When it was read.
    pub now: Timestamp,
}
