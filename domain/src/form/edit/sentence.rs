//! Conditions as sentences: joined by かつ or または, each about one question.

use super::{Row, Which, page_of, place, row};
use crate::audience::Day;
use crate::form::AGREED;
use crate::form::condition::Condition;
use crate::form::decimal::Decimal;
use crate::form::definition::{Ask, Form, Question};
use std::collections::BTreeMap;

/// What stands between the parts of a sentence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Joint {
    /// かつ.
    #[default]
    And,
    /// または.
    Or,
}

/// A condition of one level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence {
    /// What joins its parts.
    pub joint: Joint,
    /// The parts: none of them has parts of its own.
    pub parts: Vec<Condition>,
}

impl Sentence {
    /// A condition as a sentence; nothing if it lies deeper than one level.
    pub fn of(condition: &Condition) -> Option<Self> {
        let (joint, parts) = match condition {
            Condition::All(list) => (Joint::And, list.clone()),
            Condition::Any(list) => (Joint::Or, list.clone()),
            one => (Joint::And, vec![one.clone()]),
        };
        let plain = |part: &Condition| match part {
            Condition::All(_) | Condition::Any(_) => false,
            Condition::Not(inner) => {
                matches!(**inner, Condition::Is { .. } | Condition::Answered(_))
            }
            _ => true,
        };
        parts.iter().all(plain).then_some(Self { joint, parts })
    }

    /// The condition; nothing of no parts, which would hold always.
    pub fn condition(&self) -> Option<Condition> {
        match (self.parts.as_slice(), self.joint) {
            ([], _) => None,
            ([one], _) => Some(one.clone()),
            (parts, Joint::And) => Some(Condition::All(parts.to_vec())),
            (parts, Joint::Or) => Some(Condition::Any(parts.to_vec())),
        }
    }
}

/// How a part of a sentence asks of its question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// One of these is chosen.
    Is,
    /// None of these is.
    IsNot,
    /// A number lies between.
    Number,
    /// A date lies between.
    Date,
    /// So many are chosen or given.
    Count,
    /// Length and letters of a text.
    Text,
    /// It is answered.
    Answered,
    /// It is not.
    Unanswered,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 8] = [
        Self::Is,
        Self::IsNot,
        Self::Number,
        Self::Date,
        Self::Count,
        Self::Text,
        Self::Answered,
        Self::Unanswered,
    ];

    /// How it is written in a control.
    pub fn name(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is_not",
            Self::Number => "number",
            Self::Date => "date",
            Self::Count => "count",
            Self::Text => "text",
            Self::Answered => "answered",
            Self::Unanswered => "unanswered",
        }
    }

    /// What officials read.
    pub fn words(self) -> &'static str {
        match self {
            Self::Is => "が次のどれか",
            Self::IsNot => "が次のどれでもない",
            Self::Number => "の数が",
            Self::Date => "の日が",
            Self::Count => "の数（選んだ・送った）が",
            Self::Text => "の文が",
            Self::Answered => "に答えた",
            Self::Unanswered => "に答えていない",
        }
    }

    /// The operator of a part; nothing of formulas and what has parts of its own.
    pub fn of(part: &Condition) -> Option<Self> {
        Some(match part {
            Condition::Is { .. } => Self::Is,
            Condition::Number { .. } => Self::Number,
            Condition::Date { .. } => Self::Date,
            Condition::Count { .. } => Self::Count,
            Condition::Text { .. } => Self::Text,
            Condition::Answered(_) => Self::Answered,
            Condition::Not(inner) => match **inner {
                Condition::Is { .. } => Self::IsNot,
                Condition::Answered(_) => Self::Unanswered,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// A part with this operator about a question.
    pub fn part(self, key: &str, question: &Question) -> Condition {
        let key = key.to_owned();
        let first = || match &question.ask {
            Ask::Consent { .. } => vec![AGREED.to_owned()],
            ask => ask.options().first().map(|o| o.key.clone()).into_iter().collect(),
        };
        match self {
            Self::Is => Condition::Is { question: key, any_of: first() },
            Self::IsNot => {
                Condition::Not(Box::new(Condition::Is { question: key, any_of: first() }))
            }
            Self::Number => Condition::Number {
                question: key,
                at_least: Some(match question.ask {
                    Ask::Scale { from, .. } | Ask::Year { from, .. } => Decimal::small(from),
                    _ => Decimal::small(1),
                }),
                at_most: None,
            },
            Self::Date => Condition::Date { question: key, from: None, to: Some(Day::Days(0)) },
            Self::Count => Condition::Count { question: key, at_least: Some(1), at_most: None },
            Self::Text => {
                Condition::Text { question: key, letters: None, min: None, max: Some(100) }
            }
            Self::Answered => Condition::Answered(key),
            Self::Unanswered => Condition::Not(Box::new(Condition::Answered(key))),
        }
    }
}

/// How can be asked of a question, the usual first.
pub fn operators(question: &Question) -> Vec<Operator> {
    use Operator as O;
    match &question.ask {
        Ask::One { .. } | Ask::Tree { .. } | Ask::Consent { .. } => {
            vec![O::Is, O::IsNot, O::Answered, O::Unanswered]
        }
        Ask::Many { .. } => vec![O::Is, O::IsNot, O::Count, O::Answered, O::Unanswered],
        Ask::Number { .. } | Ask::Scale { .. } | Ask::Year { .. } | Ask::Calculation { .. } => {
            vec![O::Number, O::Answered, O::Unanswered]
        }
        Ask::Date { .. } => vec![O::Date, O::Answered, O::Unanswered],
        Ask::Photo { .. } | Ask::File { .. } | Ask::Group { .. } => {
            vec![O::Count, O::Answered, O::Unanswered]
        }
        Ask::Text { .. } | Ask::LongText { .. } | Ask::Mail {} | Ask::Telephone {} => {
            vec![O::Answered, O::Unanswered, O::Text]
        }
        Ask::Explanation { .. } => Vec::new(),
        _ => vec![O::Answered, O::Unanswered],
    }
}

/// The condition with which a sentence about a question begins.
pub fn first_condition(key: &str, question: &Question) -> Condition {
    let operator = operators(question).first().copied().unwrap_or(Operator::Answered);
    operator.part(key, question)
}

/// The questions that a condition can name which is looked at in a row before the question at
/// `index` (none: at the end of the row), with what officials call them: 「6 建物の使いみち」.
pub fn nameable(form: &Form, here: &Row, index: Option<usize>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut put = |prefix: &str, n: usize, question: &Question| {
        if !matches!(question.ask, Ask::Explanation { .. }) {
            let label =
                if question.label.trim().is_empty() { "（無題）" } else { &question.label };
            found.push((question.key.clone(), format!("{prefix}{n} {label}")));
        }
    };
    let (last_page, own) = match here {
        Row::Page(page) => (*page, row(form, here)),
        Row::Group(group) => {
            let page = page_of(form, &Which::asked(group.clone())).unwrap_or(0);
            let at = place(form, &Which::asked(group.clone())).map_or(0, |(_, i)| i);
            let page_row = row(form, &Row::Page(page));
            (page, &page_row[..at.min(page_row.len())])
        }
        Row::Staff => {
            for (i, question) in form.staff.iter().enumerate().take(index.unwrap_or(usize::MAX)) {
                put("", i + 1, question);
            }
            return found;
        }
    };
    let mut n = 0;
    for page in form.pages.iter().take(last_page) {
        for question in &page.questions {
            n += 1;
            put("", n, question);
        }
    }
    let until = if matches!(here, Row::Group(_)) { own.len() } else { index.unwrap_or(own.len()) };
    for question in own.iter().take(until) {
        n += 1;
        put("", n, question);
    }
    if let Row::Group(_) = here {
        let inner = row(form, here);
        for (i, question) in inner.iter().take(index.unwrap_or(inner.len())).enumerate() {
            put("この中の", i + 1, question);
        }
    }
    found
}

/// Where an answer leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Leads {
    /// That question is asked.
    Asks(Which),
    /// ここで終わり: on which page, and which of its stops.
    Stops(usize, usize),
}

/// A branch: what depends on the answer to one question alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// When.
    pub when: Condition,
    /// What then.
    pub leads: Leads,
}

/// The branches at a question: what is asked, and what ends, by its answer alone.
pub fn branches(form: &Form, which: &Which) -> Vec<Branch> {
    let mut found = Vec::new();
    let about = |condition: &Condition| {
        Operator::of(condition).is_some() && condition.names() == [which.key.clone()]
    };
    let mut ask = |list: &[Question], row: &Row| {
        for question in list {
            if let Some(when) = question.show_if.as_ref().filter(|c| about(c)) {
                let leads = Leads::Asks(row.which(question.key.clone()));
                found.push(Branch { when: when.clone(), leads });
            }
        }
    };
    match (&which.group, which.staff) {
        (Some(group), _) => {
            let here = Row::Group(group.clone());
            ask(row(form, &here), &here);
            return found;
        }
        (None, true) => {
            ask(&form.staff, &Row::Staff);
            return found;
        }
        (None, false) => {}
    }
    for (page, content) in form.pages.iter().enumerate() {
        ask(&content.questions, &Row::Page(page));
    }
    for (page, content) in form.pages.iter().enumerate() {
        for (i, stop) in content.stops.iter().enumerate().filter(|(_, s)| about(&s.when)) {
            found.push(Branch { when: stop.when.clone(), leads: Leads::Stops(page, i) });
        }
    }
    found
}

/// Conditions of a question that name keys which have changed.
pub(super) fn renamed(question: &mut Question, keys: &BTreeMap<String, String>) {
    if let Some(condition) = &mut question.show_if {
        rename(condition, keys);
    }
    for check in &mut question.checks {
        rename(&mut check.holds, keys);
    }
}

/// The same condition about other questions. Formulas keep their names.
pub(super) fn rename(condition: &mut Condition, keys: &BTreeMap<String, String>) {
    let change = |key: &mut String| {
        if let Some(new) = keys.get(key) {
            key.clone_from(new);
        }
    };
    match condition {
        Condition::All(list) | Condition::Any(list) => {
            list.iter_mut().for_each(|c| rename(c, keys));
        }
        Condition::Not(inner) => rename(inner, keys),
        Condition::Is { question, .. }
        | Condition::Number { question, .. }
        | Condition::Date { question, .. }
        | Condition::Count { question, .. }
        | Condition::Text { question, .. }
        | Condition::Answered(question) => change(question),
        Condition::Holds(_) => {}
    }
}
