//! Conditions on what is no choice: years, ages, dates, texts, and since when somebody is
//! a friend (SEG-2). Bounds are included; a missing one is open.

use crate::attribute::{Kind, TEXT_MAX, YEAR_MAX, YEAR_MIN, fold};
use crate::form::Decimal;
use crate::time::Date;
use serde_json::{Map, Value, json};

/// Greatest age that is asked for.
pub const AGE_MAX: i32 = 150;
/// Farthest day that is counted from today, in days and in months.
const DAYS_MAX: i32 = 36_525;
const MONTHS_MAX: i32 = 1_200;
/// Longest text that is searched for, in characters.
pub const SEARCH_MAX: usize = 100;

/// A day: fixed, or counted from the day on which it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// That day: `"2026-05-01"`.
    On(Date),
    /// So many days from today, before it if negative: `{"days": -30}`.
    Days(i32),
    /// The same day so many months from now: `{"months": 3}`.
    Months(i32),
}

impl Day {
    /// Which day it is.
    pub fn date(self, today: Date) -> Date {
        match self {
            Self::On(date) => date,
            Self::Days(n) => Date::from_days(today.days() + i64::from(n)),
            Self::Months(n) => today.plus_months(n),
        }
    }

    /// 「2026年5月1日（令和8年）」「今日」「30日後」「3か月前」.
    pub fn words(self) -> String {
        let way = |n: i32, unit: &str| match n {
            0 => "今日".to_owned(),
            n if n > 0 => format!("{n}{unit}後"),
            n => format!("{}{unit}前", -n),
        };
        match self {
            Self::On(date) => crate::attribute::date_words(date),
            Self::Days(n) => way(n, "日"),
            Self::Months(n) => way(n, "か月"),
        }
    }

    /// Whether it is fixed, and so the same whenever it is asked.
    pub fn is_fixed(self) -> bool {
        matches!(self, Self::On(_))
    }

    fn read(value: &Value) -> Option<Self> {
        if let Some(text) = value.as_str() {
            return Some(Self::On(date(text)?));
        }
        let object = value.as_object().filter(|o| o.len() == 1)?;
        let (unit, n) = object.iter().next()?;
        let n = i32::try_from(n.as_i64()?).ok()?;
        match unit.as_str() {
            "days" => Some(Self::Days(n)).filter(|_| n.abs() <= DAYS_MAX),
            "months" => Some(Self::Months(n)).filter(|_| n.abs() <= MONTHS_MAX),
            _ => None,
        }
    }

    fn json(self) -> Value {
        match self {
            Self::On(date) => json!(date.iso()),
            Self::Days(n) => json!({"days": n}),
            Self::Months(n) => json!({"months": n}),
        }
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::read(&value).ok_or_else(|| serde::de::Error::custom("invalid day"))
    }
}

fn date(text: &str) -> Option<Date> {
    Date::parse_iso(text).filter(|d| (YEAR_MIN..=YEAR_MAX).contains(&d.year))
}

/// From – to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<T> {
    /// The first, or open.
    pub from: Option<T>,
    /// The last, or open.
    pub to: Option<T>,
}

impl<T> Default for Span<T> {
    fn default() -> Self {
        Self { from: None, to: None }
    }
}

impl<T: Copy> Span<T> {
    /// Whether nothing is said yet.
    pub fn is_empty(self) -> bool {
        self.from.is_none() && self.to.is_none()
    }
}

/// What is said of an attribute, or of what was written in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// Anything at all was answered, or nothing: `{"registered": true}`; of every kind.
    Registered(bool),
    /// A year: `{"year": {"from": 1980, "to": 1989}}`.
    Year(Span<i32>),
    /// An age in whole years, by a year or a date: `{"age": {"from": 3, "to": 3, "on": "2027-04-01"}}`.
    /// By a date it is 満年齢; by a year, what is reached within the year of that day.
    Age {
        /// Years of age, both included.
        span: Span<i32>,
        /// On this day; without one, on the day on which it is asked.
        on: Option<Date>,
    },
    /// A date: `{"date": {"from": {"days": 0}, "to": {"days": 30}}}`.
    Date(Span<Day>),
    /// A text that contains this, whatever width and case: `{"contains": "ポチ"}`.
    Contains(String),
    /// A text that is this: `{"equals": "ポチ"}`.
    Equals(String),
    /// A number, of forms alone: `{"number": {"from": 3, "to": "4.5"}}`.
    Number(Span<Decimal>),
}

/// The names of [`Says`] in JSON.
pub(super) const NAMES: &[&str] =
    &["registered", "year", "age", "date", "contains", "equals", "number"];

impl Says {
    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Registered(_) => "registered",
            Self::Year(_) => "year",
            Self::Age { .. } => "age",
            Self::Date(_) => "date",
            Self::Contains(_) => "contains",
            Self::Equals(_) => "equals",
            Self::Number(_) => "number",
        }
    }

    /// Whether it can be said of an attribute of that kind.
    pub fn fits(&self, kind: Kind) -> bool {
        match self {
            Self::Registered(_) => true,
            Self::Year(_) => kind == Kind::Year,
            Self::Age { .. } => matches!(kind, Kind::Year | Kind::Date),
            Self::Date(_) => kind == Kind::Date,
            Self::Contains(_) | Self::Equals(_) => kind == Kind::Text,
            Self::Number(_) => false,
        }
    }

    /// Whether it is still to be finished.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Registered(_) => false,
            Self::Year(span) | Self::Age { span, .. } => span.is_empty(),
            Self::Date(span) => span.is_empty(),
            Self::Contains(text) | Self::Equals(text) => fold(text).is_empty(),
            Self::Number(span) => span.is_empty(),
        }
    }

    /// What an editor begins with for an attribute of that kind; nothing for choices.
    pub fn first(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Year => Some(Self::Age { span: Span::default(), on: None }),
            Kind::Date => Some(Self::Date(Span::default())),
            Kind::Text => Some(Self::Contains(String::new())),
            Kind::Single | Kind::Multiple | Kind::Area => None,
        }
    }

    /// Reads what stands beside `attribute`, under `name`.
    ///
    /// # Errors
    /// The rest of the pointer, and why.
    pub(super) fn read(name: &str, value: &Value, draft: bool) -> Result<Self, Refused> {
        let says = match name {
            "registered" => Self::Registered(
                value.as_bool().ok_or_else(|| refused("", "registered は true か false です"))?,
            ),
            "year" => Self::Year(span(
                value,
                &[],
                &mut |v| number(v, YEAR_MIN, YEAR_MAX),
                "西暦の年（1900〜2199）を数で書いてください",
            )?),
            "age" => {
                let on = match value.get("on") {
                    None => None,
                    Some(on) => Some(on.as_str().and_then(date).ok_or_else(|| {
                        refused("/on", "日付を \"2027-04-01\" の形で書いてください")
                    })?),
                };
                let span = span(
                    value,
                    &["on"],
                    &mut |v| number(v, 0, AGE_MAX),
                    "年齢（0〜150）を数で書いてください",
                )?;
                Self::Age { span, on }
            }
            "date" => Self::Date(days(value)?),
            "contains" | "equals" => {
                let text = value.as_str().ok_or_else(|| refused("", "文字で書いてください"))?;
                if text.chars().count() > SEARCH_MAX.min(TEXT_MAX) {
                    return Err(refused("", "さがす文字は100文字までにしてください"));
                }
                let text = text.to_owned();
                if name == "contains" { Self::Contains(text) } else { Self::Equals(text) }
            }
            "number" => Self::Number(span(
                value,
                &[],
                &mut decimal,
                "数を書いてください。小数は \"1.5\" の形です",
            )?),
            _ => return Err(refused("", "知らない条件です")),
        };
        if says.is_empty() && !draft { Err(refused("", EMPTY)) } else { Ok(says) }
    }

    /// The value under [`Says::name`].
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Registered(yes) => json!(yes),
            Self::Year(span) => Value::Object(spanned(*span, |y| json!(y))),
            Self::Age { span, on } => {
                let mut object = spanned(*span, |y| json!(y));
                if let Some(on) = on {
                    object.insert("on".into(), json!(on.iso()));
                }
                Value::Object(object)
            }
            Self::Date(span) => days_json(*span),
            Self::Contains(text) | Self::Equals(text) => json!(text),
            Self::Number(span) => Value::Object(spanned(*span, |n| match n.as_whole() {
                Some(whole) => json!(whole),
                None => json!(n),
            })),
        }
    }
}

/// Since when: what is known of every friend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Became a friend: `{"friend_since": {"from": "2026-10-01"}}`.
    Friend,
    /// Registered for the last time: `{"last_registered": {"to": {"months": -12}}}`. Who never did is never meant.
    Registered,
    /// Registered for the first time: `{"first_registered": {"from": {"days": -30}}}`.
    First,
}

impl Since {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Friend, Self::First, Self::Registered];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Friend => "friend_since",
            Self::Registered => "last_registered",
            Self::First => "first_registered",
        }
    }

    /// 「友だちになった日」
    pub fn label(self) -> &'static str {
        match self {
            Self::Friend => "友だちになった日",
            Self::Registered => "最後に登録した日",
            Self::First => "はじめて登録した日",
        }
    }
}

/// Where in a condition, and why it is refused.
pub(super) struct Refused {
    pub(super) at: String,
    pub(super) message: String,
}

pub(super) const EMPTY: &str = "条件が空です。空のままでは送れません。選ぶか、消してください";
/// The same, behind of what it is asked.
pub(super) const NOTHING: &str =
    "で何も選ばれていません。空のままでは送れません。選ぶか、消してください";

pub(super) fn refused(at: &str, message: &str) -> Refused {
    Refused { at: at.to_owned(), message: message.to_owned() }
}

fn number(value: &Value, min: i32, max: i32) -> Option<i32> {
    value.as_i64().and_then(|n| i32::try_from(n).ok()).filter(|n| (min..=max).contains(n))
}

fn decimal(value: &Value) -> Option<Decimal> {
    serde_json::from_value(value.clone()).ok()
}

fn span<T: Copy>(
    value: &Value,
    beside: &[&str],
    read: &mut dyn FnMut(&Value) -> Option<T>,
    wrong: &str,
) -> Result<Span<T>, Refused> {
    let object = value.as_object().ok_or_else(|| {
        refused("", "{\"from\": …, \"to\": …} の形にしてください。片方だけでもかまいません")
    })?;
    if let Some(other) = object
        .keys()
        .find(|k| !matches!(k.as_str(), "from" | "to") && !beside.contains(&k.as_str()))
    {
        return Err(refused(&format!("/{other}"), "知らない項目です"));
    }
    let mut bound = |name: &str| match object.get(name) {
        None => Ok(None),
        Some(value) => read(value).map(Some).ok_or_else(|| refused(&format!("/{name}"), wrong)),
    };
    Ok(Span { from: bound("from")?, to: bound("to")? })
}

/// Reads the bounds of days.
pub(super) fn days(value: &Value) -> Result<Span<Day>, Refused> {
    span(
        value,
        &[],
        &mut Day::read,
        "日付（\"2026-05-01\"）か、今日からの日数（{\"days\": 30}）か月数（{\"months\": -3}）を書いてください",
    )
}

fn spanned<T: Copy>(span: Span<T>, write: impl Fn(T) -> Value) -> Map<String, Value> {
    let bounds = [("from", span.from), ("to", span.to)];
    bounds.into_iter().filter_map(|(name, b)| Some((name.to_owned(), write(b?)))).collect()
}

pub(super) fn days_json(span: Span<Day>) -> Value {
    Value::Object(spanned(span, Day::json))
}
