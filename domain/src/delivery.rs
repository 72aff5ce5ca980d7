//! Deliveries (配信): message × audience × time, and how it went.

pub mod approval;
mod belongs;
mod calendar;
pub mod call;
pub mod compare;
mod correction;
mod filter;
pub mod gate;
mod kept;
mod listed;
mod measured;
pub mod period;
pub mod quota;
mod request;
pub mod resend;
mod series;
pub mod template;
pub mod variant;
mod view;
mod when;

use crate::audience::Audience;
use crate::id::{DeliveryId, DepartmentId, StaffId};
use crate::language::Language;
use crate::menu::SwitchTo;
use crate::message::Part;
use crate::recurrence::Recurrence;
use crate::steps::OfCourse;
use crate::time::{MINUTE, Timestamp};
use serde::{Deserialize, Serialize};

pub use belongs::Belongs;
pub use calendar::{Calendar, Entry, Month};
pub use correction::{Corrected, Correction};
pub use filter::{Filter, Order};
pub use kept::{Added, AsOf, Kept, Lines};
pub use listed::{Listed, PER_PAGE, Row};
pub use measured::{Breakdown, Measured, percent};
pub use request::{NewDelivery, title_problem};
pub use series::Series;
pub use variant::Variant;
pub use view::{CELLS_MAX, Calls, Check, Draft, Near, Progress, Sum};
pub use when::{UNDECIDED, is_night, send_at_problem};

/// Why it is sent: a type from the draft to the message, so that a drill or test
/// cannot turn into a notice or an emergency.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// お知らせ.
    #[default]
    Notice,
    /// 緊急.
    Emergency,
    /// 訓練.
    Drill,
    /// 試験.
    Test,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: &[Self] = &[Self::Notice, Self::Emergency, Self::Drill, Self::Test];

    /// The name in the database and in REST.
    pub fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Emergency => "emergency",
            Self::Drill => "drill",
            Self::Test => "test",
        }
    }

    /// The purpose of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.name() == name)
    }

    /// 「お知らせ」 and so on.
    pub fn label(self) -> &'static str {
        match self {
            Self::Notice => "お知らせ",
            Self::Emergency => "緊急",
            Self::Drill => "訓練",
            Self::Test => "試験",
        }
    }

    /// What stands first in every part that a resident reads.
    pub fn mark(self) -> Option<&'static str> {
        match self {
            Self::Notice | Self::Emergency => None,
            Self::Drill => Some("【訓練】"),
            Self::Test => Some("【試験】"),
        }
    }
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 下書き.
    Draft,
    /// 承認待ち.
    AwaitingApproval,
    /// 予約済み: waits for its time.
    Scheduled,
    /// 送信中: frozen, calls are leaving.
    Sending,
    /// 完了: every recipient is accounted for.
    Done,
    /// 中止: what had not left was stopped.
    Cancelled,
    /// 保留: waits for a person.
    Held,
}

impl Status {
    /// Every status.
    pub const ALL: &[Self] = &[
        Self::Draft,
        Self::AwaitingApproval,
        Self::Scheduled,
        Self::Sending,
        Self::Done,
        Self::Cancelled,
        Self::Held,
    ];

    /// The name in the database and in REST.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Scheduled => "scheduled",
            Self::Sending => "sending",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.name() == name)
    }

    /// 「下書き」 and so on.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "下書き",
            Self::AwaitingApproval => "承認待ち",
            Self::Scheduled => "予約済み",
            Self::Sending => "送信中",
            Self::Done => "完了",
            Self::Cancelled => "中止",
            Self::Held => "保留",
        }
    }

    /// Whether nothing can change any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled)
    }
}

/// Longest title, in characters.
pub const TITLE_MAX: usize = 100;
/// A scheduled delivery found later than this, in microseconds, is held.
pub const LATE: i64 = 15 * MINUTE;

/// The figures of a certificate. When a delivery is final,
/// `recipients == accepted + failed + withheld` (design rule 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Frozen when sending began.
    pub recipients: i64,
    /// LINE answered 200 or 409.
    pub accepted: i64,
    /// LINE refused, or never answered.
    pub failed: i64,
    /// Not sent: unfollowed meanwhile, did not want it, or stopped by staff.
    pub withheld: i64,
}

impl Figures {
    /// Residents who are not accounted for yet.
    pub fn waiting(&self) -> i64 {
        self.recipients - self.accepted - self.failed - self.withheld
    }
}

/// Why residents did not get a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Withheld: blocked us after the freeze.
    Unfollowed,
    /// Withheld: wants emergencies only, or pauses.
    Reception,
    /// Withheld: has had as many as the city's budget allows ([`gate::Budget`]).
    Fatigue,
    /// Withheld: stopped by staff.
    Cancelled,
    /// Failed: LINE does not take this user id.
    RefusedId,
    /// Failed: LINE does not take this message.
    RefusedMessage,
    /// Failed: LINE never said whether it took it, for 24 hours.
    Unknown,
}

impl Reason {
    /// Every reason.
    pub const ALL: &[Self] = &[
        Self::Unfollowed,
        Self::Reception,
        Self::Fatigue,
        Self::Cancelled,
        Self::RefusedId,
        Self::RefusedMessage,
        Self::Unknown,
    ];

    /// The name in the database and in REST.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unfollowed => "unfollowed",
            Self::Reception => "reception",
            Self::Fatigue => "fatigue",
            Self::Cancelled => "cancelled",
            Self::RefusedId => "refused_id",
            Self::RefusedMessage => "refused_message",
            Self::Unknown => "unknown",
        }
    }

    /// The reason of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.name() == name)
    }

    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unfollowed => "送る直前にブロックしていました",
            Self::Reception => "この種類の配信を受け取らない設定です",
            Self::Fatigue => "受け取る数の上限に達しています",
            Self::Cancelled => "職員が止めました",
            Self::RefusedId => "LINEが受け取らない番号です",
            Self::RefusedMessage => "LINEがこの内容を受け取りませんでした",
            Self::Unknown => "LINEから返事がなく、届いたか分かりません",
        }
    }

    /// Failed (true) or withheld (false).
    pub fn is_failure(self) -> bool {
        matches!(self, Self::RefusedId | Self::RefusedMessage | Self::Unknown)
    }
}

/// A delivery as lists and pages show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Id.
    pub id: DeliveryId,
    /// For staff.
    pub title: String,
    /// Why.
    pub purpose: Purpose,
    /// Where it stands.
    pub status: Status,
    /// Who; a draft may not have one yet.
    pub audience: Option<Audience>,
    /// What.
    pub parts: Vec<Part>,
    /// Whose.
    pub department: Option<DepartmentId>,
    /// The department's name.
    pub department_name: String,
    /// Who made it; nothing for REST.
    pub created_by: Option<StaffId>,
    /// Their name.
    pub created_by_name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed; a save must name it, so that two people do not overwrite one another.
    pub updated_at: Timestamp,
    /// When it is to begin.
    pub send_at: Option<Timestamp>,
    /// When the audience was fixed.
    pub frozen_at: Option<Timestamp>,
    /// The first call.
    pub started_at: Option<Timestamp>,
    /// The last answer.
    pub finished_at: Option<Timestamp>,
    /// The figures.
    pub figures: Figures,
    /// LINE refused the follower list: recipients are counted by LINE, sent by broadcast.
    pub counted_by_line: bool,
    /// Why it is held.
    pub held_reason: Option<String>,
    /// The delivery whose recipients this one corrects.
    pub corrects: Option<DeliveryId>,
    /// It is a series (くり返し): what it holds is sent by this rule, each time as a
    /// delivery of its own. In force it is scheduled for the next time, paused for none.
    pub recurrence: Option<Recurrence>,
    /// The series of which it is one occurrence.
    pub series: Option<DeliveryId>,
    /// The series whose place it takes once it is in force.
    pub replaces: Option<DeliveryId>,
    /// Addresses that are sent as they are, so that their taps are not counted.
    pub uncounted: Vec<String>,
    /// What of the emergency menus was chosen.
    #[serde(default)]
    pub switch_to: SwitchTo,
    /// The course of which it is one step.
    pub course: Option<OfCourse>,
    /// The same in other languages.
    #[serde(default)]
    pub variants: Vec<Variant>,
    /// How many it was sent to in each language, where there are several: fixed with the audience.
    #[serde(default)]
    pub languages: Vec<(Language, i64)>,
}

impl Delivery {
    /// A draft of which nothing is written yet, as it stood at `at`.
    pub fn blank(id: DeliveryId, at: Timestamp) -> Self {
        Self {
            id,
            title: String::new(),
            purpose: Purpose::Notice,
            status: Status::Draft,
            audience: None,
            parts: Vec::new(),
            department: None,
            department_name: String::new(),
            created_by: None,
            created_by_name: String::new(),
            created_at: at,
            updated_at: at,
            send_at: None,
            frozen_at: None,
            started_at: None,
            finished_at: None,
            figures: Figures::default(),
            counted_by_line: false,
            held_reason: None,
            corrects: None,
            recurrence: None,
            series: None,
            replaces: None,
            uncounted: Vec::new(),
            switch_to: SwitchTo::Rule,
            course: None,
            variants: Vec::new(),
            languages: Vec::new(),
        }
    }

    /// Whether some did not get it although it is done.
    pub fn partly_failed(&self) -> bool {
        self.status.is_final() && self.figures.failed > 0
    }

    /// The parts of all languages in one row.
    pub fn whole(&self) -> Vec<Part> {
        variant::whole(&self.parts, &self.variants)
    }

    /// A series that was put in force and is paused by staff.
    pub fn is_paused(&self) -> bool {
        self.recurrence.is_some() && self.status == Status::Scheduled && self.send_at.is_none()
    }
}

/// One call as the mosaic shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Waits for its turn.
    Pending,
    /// Leased to a worker.
    Sending,
    /// LINE took it.
    Accepted,
    /// Ended without LINE taking it.
    Failed,
    /// Stopped before LINE took it.
    Withheld,
    /// Replaced by smaller calls, after LINE refused an id in it.
    Split,
}

impl CallState {
    /// The number in the database.
    pub fn number(self) -> i16 {
        self as i16
    }

    /// The state of that number.
    pub fn from_number(n: i16) -> Option<Self> {
        [Self::Pending, Self::Sending, Self::Accepted, Self::Failed, Self::Withheld, Self::Split]
            .into_iter()
            .find(|s| s.number() == n)
    }
}

/// Something that happened to a delivery, for 「できごと」.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub what: String,
    /// More of it.
    pub detail: String,
}
