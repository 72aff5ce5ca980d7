//! Conditions on answers: when a question is seen, when the form ends, what must hold.
//!
//! A closed set that the builder shows as sentences and the linter can reason about. A
//! question that is not seen or not answered fulfils nothing; so `not` of it holds.

use super::answer::{Answer, Values};
use super::decimal::Decimal;
use super::definition::{Ask, Form, Question};
use super::expression::{Expression, Value};
use crate::audience::Day;
use crate::time::Date;
use serde::{Deserialize, Serialize};

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// かつ.
    All(Vec<Self>),
    /// または.
    Any(Vec<Self>),
    /// ではない.
    Not(Box<Self>),
    /// One of these options is chosen; of a place also one below it.
    Is {
        /// The question.
        question: String,
        /// The options' keys.
        any_of: Vec<String>,
    },
    /// A number, step, year or calculation lies between, both included.
    Number {
        /// The question.
        question: String,
        /// The smallest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<Decimal>,
        /// The greatest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<Decimal>,
    },
    /// A date lies between, both included.
    Date {
        /// The question.
        question: String,
        /// The first day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Day>,
        /// The last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Day>,
    },
    /// So many options are chosen, files sent, or items of a group given.
    Count {
        /// The question.
        question: String,
        /// At least.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<u16>,
        /// At most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u16>,
    },
    /// A text has this length and these letters.
    Text {
        /// The question.
        question: String,
        /// Which letters alone; nothing: any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        letters: Option<Letters>,
        /// At least so many characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<u16>,
        /// At most so many.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<u16>,
    },
    /// It is answered.
    Answered(String),
    /// A formula that is true or not.
    Holds(Expression),
}

/// Which letters a text is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letters {
    /// 0–9, in any width.
    Digits,
    /// 0–9, A–Z, a–z and hyphens, in any width.
    Letters,
    /// Kana.
    Kana,
}

/// Where a question's key is looked up: what was answered so far.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The definition.
    pub form: &'a Form,
    /// The answers so far.
    pub values: &'a Values,
    /// Within one of a group: the group's question, and what was answered of this one.
    pub item: Option<(&'a Question, &'a Values)>,
    /// The day on which it is asked.
    pub today: Date,
}

impl<'a> Scope<'a> {
    /// The question of a key, of the same item of a group first.
    pub fn question(&self, key: &str) -> Option<&'a Question> {
        let inner = self.item.and_then(|(group, _)| group.inner().iter().find(|q| q.key == key));
        inner.or_else(|| self.form.questions().find(|q| q.key == key))
    }

    /// Its answer, if there is one.
    pub fn answer(&self, key: &str) -> Option<&'a Answer> {
        self.item.and_then(|(_, values)| values.get(key)).or_else(|| self.values.get(key))
    }
}

/// What a condition's number is compared with.
pub(super) fn number_of(answer: &Answer) -> Option<Decimal> {
    match answer {
        Answer::Number(n) => Some(*n),
        Answer::Year(year) => Some(Decimal::small(*year)),
        _ => None,
    }
}

fn within<T: PartialOrd>(n: T, from: Option<T>, to: Option<T>) -> bool {
    from.is_none_or(|f| n >= f) && to.is_none_or(|t| n <= t)
}

impl Condition {
    /// Whether it holds.
    pub fn holds(&self, scope: &Scope<'_>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|c| c.holds(scope)),
            Self::Any(any) => any.iter().any(|c| c.holds(scope)),
            Self::Not(not) => !not.holds(scope),
            Self::Is { question, any_of } => match scope.answer(question) {
                Some(Answer::Chosen { keys, .. }) => keys.iter().any(|k| any_of.contains(k)),
                Some(Answer::Area(key)) => {
                    let places = scope.question(question).map_or(&[][..], |q| q.ask.options());
                    around(places, key).any(|k| any_of.iter().any(|a| a == k))
                }
                Some(Answer::Agreed) => any_of.iter().any(|k| k == super::AGREED),
                _ => false,
            },
            Self::Number { question, at_least, at_most } => scope
                .answer(question)
                .and_then(number_of)
                .is_some_and(|n| within(n, *at_least, *at_most)),
            Self::Date { question, from, to } => match scope.answer(question) {
                Some(Answer::Date(date)) => {
                    let day = |d: &Option<Day>| d.map(|d| d.date(scope.today));
                    within(*date, day(from), day(to))
                }
                _ => false,
            },
            Self::Count { question, at_least, at_most } => {
                let n = match scope.answer(question) {
                    Some(Answer::Chosen { keys, .. }) => keys.len(),
                    Some(Answer::Files(ids)) => ids.len(),
                    Some(Answer::Group(items)) => items.len(),
                    _ => return false,
                };
                within(n, at_least.map(usize::from), at_most.map(usize::from))
            }
            Self::Text { question, letters, min, max } => match scope.answer(question) {
                Some(Answer::Text(text) | Answer::Mail(text) | Answer::Telephone(text)) => {
                    within(text.chars().count(), min.map(usize::from), max.map(usize::from))
                        && letters.is_none_or(|l| l.only(text))
                }
                _ => false,
            },
            Self::Answered(question) => scope.answer(question).is_some(),
            Self::Holds(formula) => formula.value(scope) == Some(Value::Truth(true)),
        }
    }

    /// The keys of all questions that it names, in order and maybe repeated.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::All(list) | Self::Any(list) => list.iter().flat_map(Self::names).collect(),
            Self::Not(not) => not.names(),
            Self::Is { question, .. }
            | Self::Number { question, .. }
            | Self::Date { question, .. }
            | Self::Count { question, .. }
            | Self::Text { question, .. }
            | Self::Answered(question) => vec![question.clone()],
            Self::Holds(formula) => formula.names(),
        }
    }

    /// How many conditions it is made of, and how deep they lie.
    pub fn size(&self) -> (usize, usize) {
        match self {
            Self::All(list) | Self::Any(list) => {
                let inner = list.iter().map(Self::size);
                let (count, depth) =
                    inner.fold((0, 0), |(n, d), (count, depth)| (n + count, d.max(depth)));
                (count + 1, depth + 1)
            }
            Self::Not(not) => {
                let (count, depth) = not.size();
                (count + 1, depth + 1)
            }
            _ => (1, 1),
        }
    }

    /// As a sentence without its end: 「『建物の使いみち』が『店舗・事業所』」.
    pub fn words(&self, scope: &Scope<'_>) -> String {
        let label = |key: &str| {
            scope.question(key).map_or_else(|| format!("「{key}」"), |q| format!("「{}」", q.label))
        };
        let unit = |key: &str| match scope.question(key).map(|q| &q.ask) {
            Some(Ask::Number { unit, .. } | Ask::Calculation { unit, .. }) => unit.clone(),
            Some(Ask::Year { .. }) => "年".into(),
            _ => String::new(),
        };
        let joined = |list: &[Self], with: &str| {
            let words = list.iter().map(|c| match c {
                Self::All(inner) | Self::Any(inner) if inner.len() > 1 => {
                    format!("（{}）", c.words(scope))
                }
                _ => c.words(scope),
            });
            words.collect::<Vec<_>>().join(with)
        };
        match self {
            Self::All(list) => joined(list, "、かつ"),
            Self::Any(list) => joined(list, "、または"),
            Self::Not(not) => format!("（{}）ではない", not.words(scope)),
            Self::Is { question, any_of } => {
                let options = scope.question(question).map_or(&[][..], |q| q.ask.options());
                let words = any_of.iter().map(|key| {
                    let found = options.iter().find(|o| o.key == *key);
                    format!("「{}」", found.map_or(key.as_str(), |o| &o.label))
                });
                format!("{}が{}", label(question), words.collect::<Vec<_>>().join("か"))
            }
            Self::Number { question, at_least, at_most } => {
                let unit = unit(question);
                let n = |d: &Option<Decimal>| d.map(|d| format!("{}{unit}", d.words()));
                format!("{}が{}", label(question), span(n(at_least), n(at_most), "以上", "以下"))
            }
            Self::Date { question, from, to } => {
                let day = |d: &Option<Day>| d.map(Day::words);
                format!("{}が{}", label(question), span(day(from), day(to), "以後", "以前"))
            }
            Self::Count { question, at_least, at_most } => {
                let n = |d: &Option<u16>| d.map(|d| d.to_string());
                format!(
                    "{}の数が{}",
                    label(question),
                    span(n(at_least), n(at_most), "以上", "以下")
                )
            }
            Self::Text { question, letters, min, max } => {
                let mut parts = Vec::new();
                if min.is_some() || max.is_some() {
                    let n = |d: &Option<u16>| d.map(|d| format!("{d}文字"));
                    parts.push(span(n(min), n(max), "以上", "以下"));
                }
                parts.extend(letters.map(|l| format!("{}だけ", l.words())));
                if parts.is_empty() {
                    parts.push("何か書いてある".into());
                }
                format!("{}が{}", label(question), parts.join("で、"))
            }
            Self::Answered(question) => format!("{}に答えた", label(question)),
            Self::Holds(formula) => formula.words(scope),
        }
    }
}

fn span(from: Option<String>, to: Option<String>, after: &str, before: &str) -> String {
    match (from, to) {
        (Some(from), Some(to)) if from == to => from,
        (Some(from), Some(to)) => format!("{from}{after}、{to}{before}"),
        (Some(from), None) => format!("{from}{after}"),
        (None, Some(to)) => format!("{to}{before}"),
        (None, None) => "何か答えてある".into(),
    }
}

/// A place and all that surround it.
pub(super) fn around<'a>(
    places: &'a [super::definition::Opt],
    key: &'a str,
) -> impl Iterator<Item = &'a str> {
    // As many steps as there are places: a circle ends too.
    let mut at = Some(key);
    let mut steps = places.len() + 1;
    std::iter::from_fn(move || {
        let here = at?;
        steps = steps.checked_sub(1)?;
        at = places.iter().find(|o| o.key == here).and_then(|o| o.parent.as_deref());
        Some(here)
    })
}

impl Letters {
    fn only(self, text: &str) -> bool {
        let narrow = super::normal::narrow(text);
        match self {
            Self::Digits => narrow.chars().all(|c| c.is_ascii_digit()),
            Self::Letters => narrow.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
            Self::Kana => super::normal::katakana(text).is_some(),
        }
    }

    /// 「数字」.
    pub fn words(self) -> &'static str {
        match self {
            Self::Digits => "数字",
            Self::Letters => "英数字",
            Self::Kana => "かな",
        }
    }
}
