//! The figures of a question (FORM-4): what charts show, and cross tables. Counts are of the
//! answers that were given; texts, names and files are counted, never shown.

mod former;

use super::answer::{Answer, Submission, Values};
use super::decimal::Decimal;
use super::definition::{Ask, Form, Opt, Question};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use former::whole;

/// The figures of one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Its key; `children.birth` within a group, counted for each item.
    pub key: String,
    /// What was asked.
    pub label: String,
    /// How many answered it.
    pub answered: u64,
    /// The bars of its chart, in order.
    pub bars: Vec<Bar>,
    /// Of numbers: what lies in the middle.
    pub middle: Option<Middle>,
}

/// A bar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// What it counts.
    pub label: String,
    /// How many.
    pub count: u64,
}

/// The middle of numbers, exact to six places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Middle {
    /// The smallest.
    pub min: Decimal,
    /// The greatest.
    pub max: Decimal,
    /// 平均; nothing if the sum is too large.
    pub mean: Option<Decimal>,
    /// 中央値.
    pub median: Decimal,
}

/// Most bars of numbers.
const BARS: i64 = 10;

/// Counts answers one after the other. Nothing of them is held but counts (of numbers, one for
/// each that was given), so that any number of answers can be told.
#[derive(Clone, Debug)]
pub struct Tally<'a> {
    answers: u64,
    counted: Vec<Counted<'a>>,
    crossing: Option<Crossing<'a>>,
}

impl<'a> Tally<'a> {
    /// By this definition; `crossed` are the keys of two questions, row and column of a cross
    /// table, which there is only if both are choices or scales.
    pub fn of(form: &'a Form, crossed: Option<(&str, &str)>) -> Self {
        Self {
            answers: 0,
            counted: form.questions().filter_map(Counted::of).collect(),
            crossing: crossed.and_then(|(row, column)| Crossing::of(form, row, column)),
        }
    }

    /// Counts an answer.
    pub fn add(&mut self, submission: &Submission) {
        self.answers += 1;
        for counted in &mut self.counted {
            if let Some(answer) = submission.answers.get(&counted.question.key) {
                counted.add(answer);
            }
        }
        if let Some(crossing) = &mut self.crossing {
            crossing.add(&submission.answers);
        }
    }

    /// How many answers were counted.
    pub fn answers(&self) -> u64 {
        self.answers
    }

    /// The figures of every question that is answered, in order, those of groups behind their
    /// group; and the cross table.
    pub fn end(self) -> (Vec<Figure>, Option<Cross>) {
        let mut figures = Vec::new();
        for counted in self.counted {
            counted.end(None, &mut figures);
        }
        let all = self.answers;
        (figures, self.crossing.map(|crossing| crossing.end(all)))
    }
}

/// What is counted of a question.
#[derive(Clone, Debug)]
struct Counted<'a> {
    question: &'a Question,
    answered: u64,
    /// How often each bar was hit, see [`hits`].
    bars: BTreeMap<i64, u64>,
    /// How often each number was given.
    numbers: BTreeMap<Decimal, u64>,
    /// What is asked within a group.
    inner: Vec<Counted<'a>>,
}

impl<'a> Counted<'a> {
    fn of(question: &'a Question) -> Option<Self> {
        if matches!(question.ask, Ask::Explanation { .. }) {
            return None;
        }
        Some(Self {
            question,
            answered: 0,
            bars: BTreeMap::new(),
            numbers: BTreeMap::new(),
            inner: question.inner().iter().filter_map(Self::of).collect(),
        })
    }

    fn add(&mut self, answer: &Answer) {
        self.answered += 1;
        for bar in hits(&self.question.ask, answer) {
            *self.bars.entry(bar).or_default() += 1;
        }
        if let Some(n) = super::condition::number_of(answer) {
            *self.numbers.entry(n).or_default() += 1;
        }
        let Answer::Group(items) = answer else { return };
        for inner in &mut self.inner {
            let asked = inner.question;
            for answer in items.iter().filter_map(|item| item.get(&asked.key)) {
                inner.add(answer);
            }
        }
    }

    fn end(self, group: Option<&Question>, to: &mut Vec<Figure>) {
        let question = self.question;
        let (key, label) = match group {
            Some(group) => (
                format!("{}.{}", group.key, question.key),
                format!("{}：{}", group.label, question.label),
            ),
            None => (question.key.clone(), question.label.clone()),
        };
        to.push(Figure {
            key,
            label,
            answered: self.answered,
            bars: bars(&question.ask, &self.bars, &self.numbers),
            middle: middle(&self.numbers),
        });
        for inner in self.inner {
            inner.end(Some(question), to);
        }
    }
}

/// The bars at which an answer counts: of options and of the cells of a matrix their place, of
/// others the step, month, hour or number of items. Those of numbers follow from all of them.
fn hits(ask: &Ask, answer: &Answer) -> Vec<i64> {
    match (ask, answer) {
        (Ask::One { options } | Ask::Many { options } | Ask::Tree { options }, _) => {
            let chosen = picked(answer);
            let places = (0..).zip(options).filter(|(_, option)| chosen.contains(&option.key));
            places.map(|(place, _)| place).collect()
        }
        (Ask::Matrix { rows, columns, .. }, Answer::Matrix(chosen)) => {
            let is = |row: &Opt, column: &Opt| {
                chosen.get(&row.key).is_some_and(|keys| keys.contains(&column.key))
            };
            let places = (0..).zip(cells(rows, columns)).filter(|(_, (r, c))| is(r, c));
            places.map(|(place, _)| place).collect()
        }
        (Ask::Scale { .. }, Answer::Number(step)) => step.as_whole().into_iter().collect(),
        (Ask::Date { .. }, Answer::Date(date)) => {
            vec![i64::from(date.year) * 12 + i64::from(date.month) - 1]
        }
        (Ask::Time { .. }, Answer::Time(minutes)) => vec![i64::from(*minutes / 60)],
        (Ask::Group { .. }, Answer::Group(items)) => vec![items.len() as i64],
        _ => Vec::new(),
    }
}

/// Row by row.
fn cells<'a>(rows: &'a [Opt], columns: &'a [Opt]) -> impl Iterator<Item = (&'a Opt, &'a Opt)> {
    rows.iter().flat_map(move |row| columns.iter().map(move |column| (row, column)))
}

/// The bars of a question's chart, of what was hit ([`hits`]) and which numbers were given.
fn bars(ask: &Ask, hit: &BTreeMap<i64, u64>, numbers: &BTreeMap<Decimal, u64>) -> Vec<Bar> {
    let bar = |(place, label): (i64, String)| Bar {
        label,
        count: hit.get(&place).copied().unwrap_or_default(),
    };
    let found = |label: fn(i64) -> String| -> Vec<Bar> {
        hit.iter().map(|(place, count)| Bar { label: label(*place), count: *count }).collect()
    };
    match ask {
        Ask::One { options } | Ask::Many { options } | Ask::Tree { options } => {
            (0..).zip(options.iter().map(|option| option.label.clone())).map(bar).collect()
        }
        Ask::Matrix { rows, columns, .. } => {
            let labels = cells(rows, columns)
                .map(|(row, column)| format!("{}：{}", row.label, column.label));
            (0..).zip(labels).map(bar).collect()
        }
        Ask::Scale { from, to, .. } => {
            (*from..=*to).map(|step| bar((i64::from(step), step.to_string()))).collect()
        }
        Ask::Number { .. } | Ask::Calculation { .. } | Ask::Year { .. } => histogram(numbers),
        Ask::Date { .. } => {
            found(|month: i64| format!("{}年{}月", month.div_euclid(12), month.rem_euclid(12) + 1))
        }
        Ask::Time { .. } => found(|hour: i64| format!("{hour}時台")),
        Ask::Group { .. } => found(|items: i64| items.to_string()),
        _ => Vec::new(),
    }
}

/// The options that an answer has chosen.
fn picked(answer: &Answer) -> &[String] {
    match answer {
        Answer::Chosen { keys, .. } => keys,
        Answer::Area(key) => std::slice::from_ref(key),
        _ => &[],
    }
}

/// The number at a place, from 0, of all that were given in order.
fn nth(numbers: &BTreeMap<Decimal, u64>, place: u64) -> Option<Decimal> {
    let mut passed = 0;
    let mut here = numbers.iter().skip_while(|(_, times)| {
        passed += **times;
        passed <= place
    });
    here.next().map(|(n, _)| *n)
}

fn middle(numbers: &BTreeMap<Decimal, u64>) -> Option<Middle> {
    let (min, max) = (*numbers.keys().next()?, *numbers.keys().next_back()?);
    let n: u64 = numbers.values().sum();
    let half = nth(numbers, n / 2)?;
    let median = if n.is_multiple_of(2) {
        let two = Decimal::small(2);
        nth(numbers, n / 2 - 1)?.plus(half).and_then(|sum| sum.over(two)).unwrap_or(half)
    } else {
        half
    };
    let whole = |n: u64| i64::try_from(n).ok().and_then(Decimal::whole);
    let sum = numbers
        .iter()
        .try_fold(Decimal::ZERO, |sum, (n, times)| sum.plus(n.times(whole(*times)?)?));
    let mean = sum.zip(whole(n)).and_then(|(sum, n)| sum.over(n));
    Some(Middle { min, max, mean, median })
}

/// Numbers in at most ten bars of the same round width: 1, 2 or 5 times a power of ten.
fn histogram(numbers: &BTreeMap<Decimal, u64>) -> Vec<Bar> {
    let (Some(min), Some(max)) = (numbers.keys().next(), numbers.keys().next_back()) else {
        return Vec::new();
    };
    let whole = |n: Decimal| n.floor(0).as_whole().unwrap_or(0);
    let (low, high) = (whole(*min), whole(*max));
    let mut width = 1i64;
    let mut factors = [2, 5, 10].into_iter().cycle();
    let mut power = 1i64;
    while (high.div_euclid(width) - low.div_euclid(width)) >= BARS {
        let factor = factors.next().unwrap_or(10);
        width = power.saturating_mul(factor);
        if factor == 10 {
            power = width;
        }
    }
    let mut counts: BTreeMap<i64, u64> =
        (low.div_euclid(width)..=high.div_euclid(width)).map(|bar| (bar, 0)).collect();
    for (n, times) in numbers {
        *counts.entry(whole(*n).div_euclid(width)).or_default() += times;
    }
    let fine = numbers.keys().all(|n| n.as_whole().is_some());
    let label = |bar: i64| match (width, fine) {
        (1, true) => bar.to_string(),
        (_, true) => format!("{}〜{}", bar * width, bar * width + width - 1),
        _ => format!("{}以上{}未満", bar * width, bar * width + width),
    };
    counts.into_iter().map(|(bar, count)| Bar { label: label(bar), count }).collect()
}

/// How the answers to two choices meet: a row for each option of the first and one for those
/// who did not answer it, a column for each of the second likewise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cross {
    /// Heads of the rows; the last is 「答えなし」.
    pub rows: Vec<String>,
    /// Heads of the columns; the last is 「答えなし」.
    pub columns: Vec<String>,
    /// Counts by row. Who chose several is counted at each.
    pub counts: Vec<Vec<u64>>,
    /// How many answered in all.
    pub all: u64,
}

/// The options of what can be crossed: choices, places and scales.
fn categories(question: &Question) -> Option<Vec<Opt>> {
    match &question.ask {
        Ask::One { options } | Ask::Many { options } | Ask::Tree { options } => {
            Some(options.clone())
        }
        Ask::Scale { from, to, .. } => Some(
            (*from..=*to)
                .map(|n| Opt { key: n.to_string(), label: n.to_string(), ..Opt::default() })
                .collect(),
        ),
        _ => None,
    }
}

fn places(options: &[Opt], question: &Question, values: &Values) -> Vec<usize> {
    let answer = values.get(&question.key);
    let keys: Vec<String> = match answer {
        Some(Answer::Number(n)) => vec![n.to_string()],
        Some(answer) => picked(answer).to_vec(),
        None => Vec::new(),
    };
    let found: Vec<usize> =
        options.iter().enumerate().filter(|(_, o)| keys.contains(&o.key)).map(|(i, _)| i).collect();
    if found.is_empty() { vec![options.len()] } else { found }
}

/// Two questions that are crossed, with their options.
#[derive(Clone, Debug)]
struct Crossing<'a> {
    rows: (&'a Question, Vec<Opt>),
    columns: (&'a Question, Vec<Opt>),
    counts: Vec<Vec<u64>>,
}

impl<'a> Crossing<'a> {
    /// Nothing unless both are choices or scales.
    fn of(form: &'a Form, row: &str, column: &str) -> Option<Self> {
        let (first, second) = (form.question(row)?, form.question(column)?);
        let (rows, columns) = (categories(first)?, categories(second)?);
        let counts = vec![vec![0; columns.len() + 1]; rows.len() + 1];
        Some(Self { rows: (first, rows), columns: (second, columns), counts })
    }

    fn add(&mut self, values: &Values) {
        let (rows, columns) = (&self.rows, &self.columns);
        for r in places(&rows.1, rows.0, values) {
            for c in places(&columns.1, columns.0, values) {
                self.counts[r][c] += 1;
            }
        }
    }

    fn end(self, all: u64) -> Cross {
        let heads = |options: Vec<Opt>| {
            options.into_iter().map(|o| o.label).chain(["答えなし".to_owned()]).collect()
        };
        let (rows, columns) = (heads(self.rows.1), heads(self.columns.1));
        Cross { rows, columns, counts: self.counts, all }
    }
}
