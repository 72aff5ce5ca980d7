//! Answers: as they are typed and drafted, and as they are kept.
//!
//! What is typed are words under names (`home`, `name.family`, `children.0.birth`), as an HTML
//! form sends them; a draft is exactly that, so nothing typed is lost. What is kept is typed
//! by kind, and carries the version of the definition.

use super::decimal::Decimal;
use super::definition::{Ask, Question};
use super::{AGREED, OTHER};
use crate::attribute::{date_words, year_words};
use crate::id::BlobId;
use crate::time::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was given: for each name its words (none: not answered).
pub type Answers = BTreeMap<String, Vec<String>>;

/// The answers that count, by the question's key.
pub type Values = BTreeMap<String, Answer>;

/// What is kept of one who answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The version of the definition under which it was given.
    pub version: u64,
    /// The answers; those of hidden questions are not among them.
    pub answers: Values,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "value", deny_unknown_fields)]
pub enum Answer {
    /// Of one or many options.
    Chosen {
        /// The options' keys in the order in which they were given.
        keys: Vec<String>,
        /// What was written at 「その他」.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        other: Option<String>,
    },
    /// A place of a tree, or [`super::NOWHERE`].
    Area(String),
    /// A year.
    Year(i32),
    /// A date.
    #[serde(with = "iso")]
    Date(Date),
    /// A time of day, in minutes.
    Time(u16),
    /// A text, of one line or several.
    Text(String),
    /// A number, a step on a scale, or what was worked out.
    Number(Decimal),
    /// The chosen columns of each row.
    Matrix(BTreeMap<String, Vec<String>>),
    /// A name.
    Name(Name),
    /// An address.
    Address(Address),
    /// A telephone number in digits.
    Telephone(String),
    /// A mail address.
    Mail(String),
    /// What was uploaded: photos or files.
    Files(Vec<BlobId>),
    /// A point on the map.
    Place(Place),
    /// The answers of each.
    Group(Vec<Values>),
    /// 「同意する」.
    Agreed,
}

/// 氏名・フリガナ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// 姓.
    pub family: String,
    /// 名; may be empty for those who have one name.
    pub given: String,
    /// セイ.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub family_kana: String,
    /// メイ.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub given_kana: String,
}

/// An address in Japan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// 「123-4567」; empty if unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub postcode: String,
    /// 都道府県.
    pub prefecture: String,
    /// 市区町村.
    pub city: String,
    /// 町名・番地.
    pub street: String,
    /// 建物・部屋.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub building: String,
}

/// A point, in millionths of a degree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// North.
    pub latitude: i32,
    /// East.
    pub longitude: i32,
    /// Where it is, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

/// 「8:05」.
pub fn time_words(minutes: u16) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// Millionths of a degree as degrees: `35.123456`.
pub(super) fn degrees(millionths: i32) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let n = millionths.unsigned_abs();
    format!("{sign}{}.{:06}", n / 1_000_000, n % 1_000_000)
}

impl Answer {
    /// As it would be typed again: what the evaluator reads as this very answer.
    pub fn give(&self, path: &str, to: &mut Answers) {
        let mut put = |at: String, words: Vec<String>| drop(to.insert(at, words));
        let part = |name: &str| format!("{path}.{name}");
        match self {
            Self::Chosen { keys, other } => {
                put(path.to_owned(), keys.clone());
                if let Some(other) = other {
                    put(part("other"), vec![other.clone()]);
                }
            }
            Self::Area(text) | Self::Text(text) | Self::Telephone(text) | Self::Mail(text) => {
                put(path.to_owned(), vec![text.clone()]);
            }
            Self::Year(year) => put(path.to_owned(), vec![year.to_string()]),
            Self::Date(date) => put(path.to_owned(), vec![date.iso()]),
            Self::Time(minutes) => put(path.to_owned(), vec![time_words(*minutes)]),
            Self::Number(n) => put(path.to_owned(), vec![n.to_string()]),
            Self::Agreed => put(path.to_owned(), vec![AGREED.to_owned()]),
            Self::Files(ids) => {
                put(path.to_owned(), ids.iter().map(|id| id.as_str().to_owned()).collect());
            }
            Self::Matrix(rows) => {
                for (row, columns) in rows {
                    put(part(row), columns.clone());
                }
            }
            Self::Name(n) => {
                for (name, words) in [
                    ("family", &n.family),
                    ("given", &n.given),
                    ("family_kana", &n.family_kana),
                    ("given_kana", &n.given_kana),
                ] {
                    put(part(name), vec![words.clone()]);
                }
            }
            Self::Address(a) => {
                for (name, words) in [
                    ("postcode", &a.postcode),
                    ("prefecture", &a.prefecture),
                    ("city", &a.city),
                    ("street", &a.street),
                    ("building", &a.building),
                ] {
                    put(part(name), vec![words.clone()]);
                }
            }
            Self::Place(p) => {
                put(part("latitude"), vec![degrees(p.latitude)]);
                put(part("longitude"), vec![degrees(p.longitude)]);
                put(part("words"), vec![p.words.clone()]);
            }
            Self::Group(items) => {
                for (i, item) in items.iter().enumerate() {
                    for (key, answer) in item {
                        answer.give(&format!("{path}.{i}.{key}"), to);
                    }
                }
            }
        }
    }

    /// What people read of it, under its question. A group is told in one line for each.
    pub fn words(&self, question: &Question) -> String {
        let ask = &question.ask;
        let label = |key: &String| {
            let found = ask.options().iter().find(|o| o.key == *key);
            found.map_or_else(|| key.clone(), |o| o.label.clone())
        };
        match self {
            Self::Chosen { keys, other } => {
                let words = keys.iter().map(|key| match other {
                    Some(text) if key == OTHER => format!("{}（{text}）", label(key)),
                    _ => label(key),
                });
                words.collect::<Vec<_>>().join("、")
            }
            Self::Area(key) if key == super::NOWHERE => "ここにはない".into(),
            Self::Area(key) => {
                let around =
                    ask.options().iter().find(|o| o.key == *key).and_then(|o| o.parent.as_ref());
                match around {
                    Some(around) => format!("{} {}", label(around), label(key)),
                    None => label(key),
                }
            }
            Self::Year(year) => year_words(*year),
            Self::Date(date) => date_words(*date),
            Self::Time(minutes) => time_words(*minutes),
            Self::Text(text) | Self::Mail(text) => text.clone(),
            Self::Telephone(digits) => super::normal::telephone_words(digits),
            Self::Number(n) => match ask {
                Ask::Number { unit, .. } | Ask::Calculation { unit, .. } => {
                    format!("{}{unit}", n.words())
                }
                _ => n.words(),
            },
            Self::Agreed => "同意しました".into(),
            Self::Files(ids) => match ask {
                Ask::Photo { .. } => format!("{}枚", ids.len()),
                _ => crate::time::things(ids.len()),
            },
            Self::Matrix(chosen) => {
                let Ask::Matrix { rows, columns, .. } = ask else { return String::new() };
                let told = rows.iter().filter_map(|row| {
                    let keys = chosen.get(&row.key)?;
                    let labels = keys.iter().map(|key| {
                        columns.iter().find(|o| o.key == *key).map_or(key.as_str(), |o| &o.label)
                    });
                    let words: Vec<&str> = labels.collect();
                    Some(format!("{}：{}", row.label, words.join("、")))
                });
                told.collect::<Vec<_>>().join("\n")
            }
            Self::Name(n) => {
                let kana = format!("{} {}", n.family_kana, n.given_kana);
                let name = format!("{} {}", n.family, n.given);
                match kana.trim() {
                    "" => name.trim().to_owned(),
                    kana => format!("{}（{kana}）", name.trim()),
                }
            }
            Self::Address(a) => {
                let post = if a.postcode.is_empty() {
                    String::new()
                } else {
                    format!("〒{} ", a.postcode)
                };
                format!("{post}{}{}{} {}", a.prefecture, a.city, a.street, a.building)
                    .trim()
                    .to_owned()
            }
            Self::Place(p) => {
                format!("{}（{}, {}）", p.words, degrees(p.latitude), degrees(p.longitude))
            }
            Self::Group(items) => {
                let told = items.iter().map(|item| {
                    let words = question.inner().iter().filter_map(|q| {
                        Some(format!("{}：{}", q.label, item.get(&q.key)?.words(q)))
                    });
                    words.collect::<Vec<_>>().join("　")
                });
                told.collect::<Vec<_>>().join("\n")
            }
        }
    }
}

impl Submission {
    /// As it would be typed again, for a correction.
    pub fn given(&self) -> Answers {
        let mut given = Answers::new();
        for (key, answer) in &self.answers {
            answer.give(key, &mut given);
        }
        given
    }
}

/// Dates as `2026-05-01`.
mod iso {
    use crate::time::Date;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(date: &Date, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&date.iso())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Date, D::Error> {
        let text = String::deserialize(d)?;
        Date::parse_iso(&text).ok_or_else(|| serde::de::Error::custom("invalid date"))
    }
}
