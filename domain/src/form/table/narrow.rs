//! Filters of the table by what was answered to a question (FORM-4).

use crate::form::condition::{around, number_of};
use crate::form::{AGREED, Answer, Ask, Decimal, Form, NOWHERE, Opt, Question, Values};
use crate::time::Date;
use serde::{Deserialize, Serialize};

/// Most filters at once.
pub const NARROWINGS_MAX: usize = 10;
/// Most characters of the words that are looked for.
const TEXT_MAX: usize = 100;
/// Most options that a filter names, and a scale offers.
const OPTIONS_MAX: usize = 300;
/// Before the name of a staff's own field: no question's key has a stroke.
const STAFF: &str = "staff/";

/// A question by which the table can be narrowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name: `use`, `rating.taste` for a row of a matrix, `staff/memo`.
    pub id: String,
    /// What is read.
    pub label: String,
    /// What can be asked of it.
    pub kind: Kind,
}

/// What can be asked of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One of these is chosen: key and words.
    Choice(Vec<(String, String)>),
    /// It contains some words.
    Text,
    /// A number from one to another.
    Number,
    /// A day from one to another.
    Day,
}

/// A filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrowing {
    /// The name of the field.
    pub field: String,
    /// What must hold of its answer.
    pub by: By,
}

/// What must hold of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// One of these options is chosen; of a place also one below it.
    OneOf(Vec<String>),
    /// It contains these words, in large or small letters.
    Contains(String),
    /// A number lies between, both included.
    Number {
        /// The smallest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Decimal>,
        /// The greatest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Decimal>,
    },
    /// A day lies between, both included.
    Day {
        /// The first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Date>,
        /// The last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Date>,
    },
}

impl By {
    /// Whether it asks for something that can be.
    pub fn is_sound(&self) -> bool {
        let day = |d: &Option<Date>| {
            d.is_none_or(|d| {
                (1..=9999).contains(&d.year) && Date::new(d.year, d.month, d.day).is_some()
            })
        };
        match self {
            Self::OneOf(keys) => !keys.is_empty() && keys.len() <= OPTIONS_MAX,
            Self::Contains(text) => !text.trim().is_empty() && text.chars().count() <= TEXT_MAX,
            Self::Number { from, to } => from.is_some() || to.is_some(),
            Self::Day { from, to } => (from.is_some() || to.is_some()) && day(from) && day(to),
        }
    }

    fn holds(&self, question: &Question, row: &str, answer: &Answer) -> bool {
        let any = |chosen: &[String]| match self {
            Self::OneOf(keys) => chosen.iter().any(|k| keys.contains(k)),
            _ => false,
        };
        match (self, answer) {
            (Self::OneOf(_), Answer::Chosen { keys, .. }) => any(keys),
            (Self::OneOf(_), Answer::Matrix(rows)) => rows.get(row).is_some_and(|keys| any(keys)),
            (Self::OneOf(keys), Answer::Area(at)) => {
                around(question.ask.options(), at).any(|place| keys.iter().any(|k| k == place))
            }
            (Self::OneOf(keys), Answer::Agreed) => keys.iter().any(|k| k == AGREED),
            (Self::OneOf(keys), Answer::Number(n)) => keys.contains(&n.to_string()),
            (Self::OneOf(_), _) => false,
            (Self::Contains(text), _) => {
                answer.words(question).to_lowercase().contains(&text.trim().to_lowercase())
            }
            (Self::Number { from, to }, _) => number_of(answer)
                .is_some_and(|n| from.is_none_or(|f| n >= f) && to.is_none_or(|t| n <= t)),
            (Self::Day { from, to }, Answer::Date(day)) => {
                from.is_none_or(|f| *day >= f) && to.is_none_or(|t| *day <= t)
            }
            (Self::Day { .. }, _) => false,
        }
    }
}

impl Narrowing {
    /// Whether an answer passes: to a question of the form by `asked`, to a field of the staff
    /// by `staff`. What was not answered passes nothing.
    pub(super) fn holds(&self, asked: (&Form, &Values), staff: (&Form, &Values)) -> bool {
        let ((form, values), name) = match self.field.strip_prefix(STAFF) {
            Some(own) => (staff, own),
            None => (asked, self.field.as_str()),
        };
        let (key, row) = name.split_once('.').unwrap_or((name, ""));
        let question = form.questions().find(|q| q.key == key);
        match (question, values.get(key)) {
            (Some(question), Some(answer)) => self.by.holds(question, row, answer),
            _ => false,
        }
    }

    /// In words, 「公園を使いますか：よく使う、ときどき使う」.
    pub fn words(&self, fields: &[Field]) -> String {
        let field = fields.iter().find(|f| f.id == self.field);
        let label = field.map_or("いまはない質問", |f| f.label.as_str());
        let between = |from: Option<String>, to: Option<String>| match (from, to) {
            (from, Some(to)) => format!("{}〜{to}", from.unwrap_or_default()),
            (Some(from), None) => format!("{from}〜"),
            (None, None) => String::new(),
        };
        let what = match &self.by {
            By::OneOf(keys) => {
                let known: &[(String, String)] = match field.map(|f| &f.kind) {
                    Some(Kind::Choice(known)) => known,
                    _ => &[],
                };
                let words = keys.iter().map(|key| {
                    known.iter().find(|(k, _)| k == key).map_or(key.as_str(), |(_, w)| w.as_str())
                });
                words.collect::<Vec<_>>().join("、")
            }
            By::Contains(text) => format!("「{text}」をふくむ"),
            By::Number { from, to } => {
                between(from.map(|n| n.to_string()), to.map(|n| n.to_string()))
            }
            By::Day { from, to } => between(from.map(Date::iso), to.map(Date::iso)),
        };
        format!("{label}：{what}")
    }
}

/// The fields of a form, `versions` the newest first: those of former versions behind, those of
/// the staff last.
pub fn fields(versions: &[Form]) -> Vec<Field> {
    let mut all = Vec::new();
    for (age, form) in versions.iter().enumerate() {
        let after = if age > 0 { "（前の版）" } else { "" };
        form.questions().for_each(|question| of_question(&mut all, question, "", after));
    }
    let staff = versions.first().map(|form| form.staff.as_slice()).unwrap_or_default();
    staff.iter().for_each(|q| of_question(&mut all, q, STAFF, "（職員だけの欄）"));
    all
}

fn of_question(all: &mut Vec<Field>, question: &Question, before: &str, after: &str) {
    let mut put = |name: &str, label: &str, kind: Kind| {
        let id = format!("{before}{name}");
        let Some(at) = all.iter().position(|f| f.id == id) else {
            all.push(Field { id, label: format!("{label}{after}"), kind });
            return;
        };
        // What a former version offered may have been chosen.
        if let (Kind::Choice(known), Kind::Choice(more)) = (&mut all[at].kind, kind) {
            for option in more {
                if known.iter().all(|(key, _)| *key != option.0) {
                    known.push(option);
                }
            }
        }
    };
    let (key, label) = (&question.key, &question.label);
    let kind = match &question.ask {
        Ask::Explanation { .. } | Ask::Photo { .. } | Ask::File { .. } => return,
        Ask::Matrix { rows, columns, .. } => {
            for row in rows {
                let label = format!("{label}：{}", row.label);
                put(&format!("{key}.{}", row.key), &label, Kind::Choice(offered(columns)));
            }
            return;
        }
        Ask::One { options } | Ask::Many { options } => Kind::Choice(offered(options)),
        Ask::Tree { options } => {
            let mut places = offered(options);
            places.push((NOWHERE.to_owned(), "ここにはない".to_owned()));
            Kind::Choice(places)
        }
        Ask::Scale { from, to, .. } => {
            let steps = (*from..=*to).take(OPTIONS_MAX).map(|n| (n.to_string(), n.to_string()));
            Kind::Choice(steps.collect())
        }
        Ask::Consent { .. } => Kind::Choice(vec![(AGREED.to_owned(), "同意した".to_owned())]),
        Ask::Number { .. } | Ask::Calculation { .. } | Ask::Year { .. } => Kind::Number,
        Ask::Date { .. } => Kind::Day,
        _ => Kind::Text,
    };
    put(key, label, kind);
}

fn offered(options: &[Opt]) -> Vec<(String, String)> {
    options.iter().map(|o| (o.key.clone(), o.label.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Page;
    use std::collections::BTreeMap;

    fn opt(key: &str, label: &str) -> Opt {
        Opt { key: key.into(), label: label.into(), ..Opt::default() }
    }

    fn form(questions: Vec<Question>) -> Form {
        Form { pages: vec![Page { questions, ..Page::default() }], ..Form::default() }
    }

    fn one(options: &[(&str, &str)]) -> Question {
        let options = options.iter().map(|(k, l)| opt(k, l)).collect();
        Question::new("use", "使いますか", Ask::One { options })
    }

    fn chosen(key: &str) -> Answer {
        Answer::Chosen { keys: vec![key.into()], other: None }
    }

    fn passes(question: &Question, answer: Answer, field: &str, by: By) -> bool {
        let form = form(vec![question.clone()]);
        let (values, none) = (Values::from([(question.key.clone(), answer)]), Values::new());
        let narrowing = Narrowing { field: field.into(), by };
        narrowing.holds((&form, &values), (&Form::default(), &none))
    }

    #[test]
    fn answers_of_every_kind_pass_or_not() {
        let keys = |list: &[&str]| By::OneOf(list.iter().map(|k| (*k).to_owned()).collect());
        let q = one(&[("a", "よく"), ("b", "まれ")]);
        assert!(passes(&q, chosen("a"), "use", keys(&["a", "c"])));
        assert!(!passes(&q, chosen("b"), "use", keys(&["a"])));
        assert!(!passes(&q, chosen("a"), "other", keys(&["a"])));
        assert!(!passes(&q, chosen("a"), "staff/use", keys(&["a"])), "another's field");
        let mut inner = opt("a1", "一丁目");
        inner.parent = Some("a".into());
        let tree = Question::new("use", "地区", Ask::Tree { options: vec![opt("a", "A"), inner] });
        assert!(passes(&tree, Answer::Area("a1".into()), "use", keys(&["a"])));
        assert!(!passes(&tree, Answer::Area("a".into()), "use", keys(&["a1"])));
        let matrix = Ask::Matrix {
            rows: vec![opt("x", "味"), opt("y", "量")],
            columns: vec![opt("1", "悪い"), opt("2", "よい")],
            many: false,
        };
        let matrix = Question::new("rate", "評価", matrix);
        let rated = || Answer::Matrix(BTreeMap::from([("x".to_owned(), vec!["2".to_owned()])]));
        assert!(passes(&matrix, rated(), "rate.x", keys(&["2"])));
        assert!(!passes(&matrix, rated(), "rate.y", keys(&["2"])));
        let scale = Ask::Scale { from: 1, to: 5, low: String::new(), high: String::new() };
        let scale = Question::new("use", "段階", scale);
        let step = || Answer::Number(Decimal::small(4));
        assert!(passes(&scale, step(), "use", keys(&["4", "5"])));
        assert!(!passes(&scale, step(), "use", keys(&["1"])));
        let text = Question::new("use", "意見", Ask::Text { max: 9 });
        let words = || Answer::Text("Park の木".into());
        assert!(passes(&text, words(), "use", By::Contains(" park".into())));
        assert!(!passes(&text, words(), "use", By::Contains("花".into())));
        let small = |n| Some(Decimal::small(n));
        for (from, to, found) in [(4, 4, true), (1, 3, false), (5, 9, false), (1, 9, true)] {
            let by = By::Number { from: small(from), to: small(to) };
            assert_eq!(passes(&scale, step(), "use", by), found, "{from}–{to}");
        }
        assert!(passes(&scale, step(), "use", By::Number { from: small(4), to: None }));
        assert!(!passes(&text, words(), "use", By::Number { from: None, to: small(4) }));
        let date = Question::new("use", "日", Ask::Date { from: 2020, to: 2030 });
        let day = |d| Date::new(2026, 11, d);
        for (from, to, found) in [(1, 2, false), (2, 3, true), (3, 4, true), (4, 9, false)] {
            let by = By::Day { from: day(from), to: day(to) };
            let answer = Answer::Date(Date { year: 2026, month: 11, day: 3 });
            assert_eq!(passes(&date, answer, "use", by), found, "{from}–{to}");
        }
        let consent = Ask::Consent { text: "t".into(), more: String::new() };
        let consent = Question::new("use", "同意", consent);
        assert!(passes(&consent, Answer::Agreed, "use", keys(&[AGREED])));
    }

    #[test]
    fn fields_are_of_every_version_and_of_the_staff() {
        let old = form(vec![
            one(&[("a", "よく"), ("z", "昔の")]),
            Question::new("gone", "前の質問", Ask::Text { max: 9 }),
        ]);
        let mut new = form(vec![one(&[("a", "いつも"), ("b", "まれ")])]);
        new.staff = vec![Question::new("use", "調査日", Ask::Date { from: 2020, to: 2030 })];
        let all = fields(&[new, old]);
        let named: Vec<(&str, &str)> =
            all.iter().map(|f| (f.id.as_str(), f.label.as_str())).collect();
        assert_eq!(
            named,
            [
                ("use", "使いますか"),
                ("gone", "前の質問（前の版）"),
                ("staff/use", "調査日（職員だけの欄）")
            ]
        );
        let pair = |k: &str, w: &str| (k.to_owned(), w.to_owned());
        let options = vec![pair("a", "いつも"), pair("b", "まれ"), pair("z", "昔の")];
        assert_eq!(all[0].kind, Kind::Choice(options));
        assert_eq!(all[2].kind, Kind::Day);
        let words = |field: &str, by| Narrowing { field: field.into(), by }.words(&all);
        let keys = By::OneOf(vec!["a".into(), "z".into()]);
        assert_eq!(words("use", keys), "使いますか：いつも、昔の");
        assert_eq!(words("gone", By::Contains("木".into())), "前の質問（前の版）：「木」をふくむ");
        let from = By::Day { from: Date::new(2026, 11, 1), to: None };
        assert_eq!(words("staff/use", from), "調査日（職員だけの欄）：2026-11-01〜");
    }
}
