//! Deliveries (配信): message × audience × time, and how it went.

pub mod call;
mod filter;
mod listed;
mod view;

use crate::audience::Audience;
use crate::id::{DeliveryId, DepartmentId, StaffId};
use crate::message::{Part, parse_parts};
use crate::problem::{Problem, none_or, require};
use crate::time::{MINUTE, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use filter::{Filter, Order};
pub use listed::{Listed, PER_PAGE, Row};
pub use view::{Check, Draft, Progress, Sum};

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

/// What is asked for when a delivery is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDelivery {
    /// 1–100 characters, for staff.
    pub title: String,
    /// Who.
    pub audience: Audience,
    /// What: 1–5 parts.
    pub parts: Vec<Part>,
    /// Why.
    pub purpose: Purpose,
    /// When; nothing means at once.
    pub send_at: Option<Timestamp>,
}

impl NewDelivery {
    /// Reads the body of `POST /api/v1/deliveries`. Keys of the audience are
    /// checked later, against the catalog.
    ///
    /// # Errors
    /// Everything that must be mended, with JSON pointers.
    pub fn parse(body: &Value, now: Timestamp) -> Result<Self, Vec<Problem>> {
        let Some(object) = body.as_object() else {
            return Err(vec![Problem::new("", "配信は、オブジェクトで送ってください")]);
        };
        let mut p = Vec::new();
        for name in object.keys() {
            require(
                &mut p,
                ["title", "audience", "parts", "purpose", "send_at"].contains(&name.as_str()),
                &format!("/{name}"),
                "知らない項目です",
            );
        }
        let title =
            object.get("title").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        p.extend(title_problem(&title));
        let purpose = object.get("purpose").and_then(Value::as_str).and_then(Purpose::parse);
        require(
            &mut p,
            purpose.is_some(),
            "/purpose",
            "目的（purpose）は notice・emergency・drill・test のどれかにしてください",
        );
        let purpose = purpose.unwrap_or_default();
        let audience = Audience::parse(object.get("audience").unwrap_or(&Value::Null), "/audience")
            .map_err(|e| p.extend(e))
            .ok();
        let parts = parse_parts(object.get("parts").unwrap_or(&Value::Null), purpose)
            .map_err(|e| p.extend(e))
            .ok();
        let send_at = match object.get("send_at") {
            None | Some(Value::Null) => None,
            Some(value) => {
                let at = value.as_str().and_then(Timestamp::parse_rfc3339);
                match at {
                    None => p.push(Problem::new(
                        "/send_at",
                        "日時は 2026-11-26T17:30:00+09:00 のように、時差をつけて書いてください",
                    )),
                    Some(at) => p.extend(send_at_problem(at, now)),
                }
                at
            }
        };
        match (audience, parts) {
            (Some(audience), Some(parts)) => {
                none_or(Self { title, audience, parts, purpose, send_at }, p)
            }
            _ => Err(p),
        }
    }
}

/// What is wrong with a title.
pub fn title_problem(title: &str) -> Option<Problem> {
    let chars = title.trim().chars().count();
    if chars == 0 {
        Some(Problem::new("/title", "件名が空です。職員にだけ見える、短い名前をつけてください"))
    } else if chars > TITLE_MAX {
        Some(Problem::new(
            "/title",
            format!("件名は{TITLE_MAX}文字までにしてください（いま{chars}文字）"),
        ))
    } else if title.chars().any(char::is_control) {
        Some(Problem::new(
            "/title",
            "件名に、改行などの見えない文字が入っています。打ち直してください",
        ))
    } else {
        None
    }
}

fn send_at_problem(at: Timestamp, now: Timestamp) -> Option<Problem> {
    if at.0 < now.0 - MINUTE {
        let now = now.tokyo();
        return Some(Problem::new(
            "/send_at",
            format!(
                "すぎた日時です。きょう（{}日）{}:{:02} よりあとにしてください",
                now.date.day, now.hour, now.minute
            ),
        ));
    }
    let year = 366 * 24 * 60 * MINUTE;
    (at.since(now) > year)
        .then(|| Problem::new("/send_at", "1年より先の日時です。1年以内にしてください"))
}

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
            Self::Cancelled => "職員が止めました",
            Self::RefusedId => "LINEが受け取らない番号です",
            Self::RefusedMessage => "LINEがこの内容を受け取りませんでした",
            Self::Unknown => "24時間、LINEから返事がありませんでした",
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
}

impl Delivery {
    /// Whether some did not get it although it is done.
    pub fn partly_failed(&self) -> bool {
        self.status.is_final() && self.figures.failed > 0
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
    /// Stopped before its first attempt.
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp(1_795_000_000_000_000);

    fn good() -> Value {
        json!({"title": "断水", "audience": {"everyone": true}, "parts": [{"text": "断水します"}], "purpose": "notice"})
    }

    #[test]
    fn a_good_request() {
        let d = NewDelivery::parse(&good(), NOW).unwrap();
        assert_eq!((d.title.as_str(), d.purpose, d.send_at), ("断水", Purpose::Notice, None));
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let change = |name: &str, value: Value| {
            let mut body = good();
            body[name] = value;
            body
        };
        for (body, at) in [
            (change("title", json!("")), "/title"),
            (change("title", json!("あ".repeat(101))), "/title"),
            (change("title", json!(3)), "/title"),
            (change("purpose", json!("urgent")), "/purpose"),
            (change("purpose", Value::Null), "/purpose"),
            (change("parts", json!([])), "/parts"),
            (change("parts", json!(vec![json!({"text": "a"}); 6])), "/parts"),
            (change("parts", json!([{"text": "a"}, {"text": "あ".repeat(5001)}])), "/parts/1/text"),
            (change("audience", json!({"all": []})), "/audience/all"),
            (change("send_at", json!("2026-11-20T10:00:00")), "/send_at"),
            (change("send_at", json!("2020-11-20T10:00:00Z")), "/send_at"),
            (change("send_to", json!("x")), "/send_to"),
            (json!([]), ""),
        ] {
            let problems = NewDelivery::parse(&body, NOW).unwrap_err();
            assert_eq!(problems[0].at, at, "{body}");
        }
    }
}
