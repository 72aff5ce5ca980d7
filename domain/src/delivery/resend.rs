//! 再送: sending a delivery again to those whom it failed to reach.

use super::{Delivery, Purpose, Reason, Status};
use crate::id::DeliveryId;
use serde::{Deserialize, Serialize};

/// Another delivery that is named beside one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// Id.
    pub id: DeliveryId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub status: Status,
}

/// What is sent again, and by what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// The delivery that this one sends again.
    pub of: Option<Linked>,
    /// Those that send this one again, the newest first.
    pub by: Vec<Linked>,
}

/// Whom a resend would reach now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// Of the failed, those who are friends, and whom no resend has reached since.
    pub friends: i64,
    /// Those whom a resend has reached: left out.
    pub reached: i64,
    /// Of the others, those who blocked us since: left out.
    pub gone: i64,
    /// How many of the friends may get it twice: LINE never said whether it took it for them.
    pub in_doubt: i64,
    /// Why it failed to reach them, all of them included.
    pub reasons: Vec<(Reason, i64)>,
}

/// Whether a delivery is over and failed to reach somebody who can be named.
pub fn can_resend(d: &Delivery) -> bool {
    d.status.is_final()
        && d.figures.waiting() == 0
        && d.figures.failed > 0
        && d.purpose != Purpose::Test
        && !d.counted_by_line
}
