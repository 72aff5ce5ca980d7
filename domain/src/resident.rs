//! Residents (住民): their state and what they wish to receive.

use crate::attribute::{Answer, Catalog, Value};
use crate::id::{AttributeId, ChoiceId, ResidentId};
use crate::json::{self, Unread};
use crate::language::Language;
use crate::time::{DAY, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What a resident wants to receive (配信条件, RES-2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reception {
    /// Everything that is addressed to them.
    #[default]
    All,
    /// 緊急 only.
    Urgent,
    /// 緊急 only, for [`PAUSE`]; then everything again by itself.
    Paused,
}

/// How long 「しばらく休む」 lasts, in microseconds.
pub const PAUSE: i64 = 30 * DAY;
/// How long registered data stays after an unfollow, or after the last registration of
/// somebody who is no friend, in microseconds (the city tells residents: 180 days).
pub const KEPT_AFTER_UNFOLLOW: i64 = 180 * DAY;

impl Reception {
    /// Every choice, in order.
    pub const ALL: &[Self] = &[Self::All, Self::Urgent, Self::Paused];

    /// The name in the database and in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Urgent => "urgent",
            Self::Paused => "paused",
        }
    }

    /// The choice of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.name() == name)
    }

    /// What residents read.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "すべて受け取る",
            Self::Urgent => "緊急のときだけ",
            Self::Paused => "しばらく休む",
        }
    }

    /// The line below.
    pub fn hint(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Urgent => "避難など、命にかかわるもの",
            Self::Paused => "30日間。緊急のものは届きます",
        }
    }
}

/// A resident in a list or on their own page, without anything that LINE knows of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resident {
    /// Dense number.
    pub id: ResidentId,
    /// A friend of the account, as far as we know.
    pub friend: bool,
    /// Since when they are, or are no longer, a friend.
    pub friend_since: Option<Timestamp>,
    /// When the registration was last sent.
    pub registered_at: Option<Timestamp>,
    /// When we first knew of them.
    pub created_at: Timestamp,
    /// What they want to receive.
    pub reception: Reception,
    /// The language that they chose themselves.
    #[serde(default)]
    pub language: Option<Language>,
    /// The language of their LINE profile, as a BCP 47 tag, where LINE told it.
    #[serde(default)]
    pub line_language: Option<String>,
    /// One of the city's testers.
    pub tester: bool,
    /// A name that staff gave to a tester; never LINE's display name.
    pub tester_name: Option<String>,
    /// What they chose.
    pub choices: Vec<ChoiceId>,
    /// What they answered where there are no choices.
    #[serde(default)]
    pub values: Vec<(AttributeId, Value)>,
}

/// Reads a line of an import: whose, and what is to be registered of them (REST core).
///
/// # Errors
/// Why the line is not taken, in Japanese.
pub fn read_row(
    catalog: &Catalog,
    line: &[u8],
) -> Result<(line::UserId, Vec<(AttributeId, Answer)>), String> {
    let value = json::read(line).map_err(|unread| match unread {
        Unread::Malformed { .. } => "JSONとして読めません".to_owned(),
        Unread::TooDeep => "入れ子が深すぎます".to_owned(),
        Unread::Repeated(at) => format!(
            "項目「{}」が2回あります。1つにしてください",
            at.trim_start_matches('/').chars().take(80).collect::<String>()
        ),
    })?;
    let object = value.as_object().ok_or("1行に1つのオブジェクトを書いてください")?;
    if let Some(name) = object.keys().find(|k| !matches!(k.as_str(), "line_user_id" | "attributes"))
    {
        return Err(format!(
            "知らない項目「{}」があります",
            name.chars().take(40).collect::<String>()
        ));
    }
    let user =
        object.get("line_user_id").and_then(Json::as_str).ok_or("line_user_id がありません")?;
    let user: line::UserId = user
        .parse()
        .map_err(|_| "line_user_id は U と、0〜9・a〜f の32文字にしてください".to_owned())?;
    let none = serde_json::Map::new();
    let answers = match object.get("attributes") {
        None => &none,
        Some(given) => given.as_object().ok_or("attributes はオブジェクトにしてください")?,
    };
    let facts = catalog.check_answers(answers)?;
    Ok((user, facts))
}
