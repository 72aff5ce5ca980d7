//! What counting an audience tells, as it crosses from server to browser.

use serde::{Deserialize, Serialize};

/// How many, and of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Friends in the audience.
    pub count: i64,
    /// All friends.
    pub friends: i64,
}

/// What the editor shows beside an audience.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explored {
    /// Friends in the audience.
    pub count: i64,
    /// All friends.
    pub friends: i64,
    /// Each condition by itself: JSON pointer and head count.
    pub conditions: Vec<(String, i64)>,
    /// How the audience narrows, condition by condition: label and head count.
    pub steps: Vec<(String, i64)>,
    /// For each attribute that residents are shown by: label, then choices with head counts, most first.
    pub by: Vec<(String, Vec<(String, i64)>)>,
    /// Friends without any answer to an area attribute that the audience uses; they are not in it.
    pub without_area: i64,
}
