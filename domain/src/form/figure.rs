//! The figures of a question (FORM-4): what charts show, and cross tables. Counts are of the
//! answers that were given; texts, names and files are counted, never shown.

use super::answer::{Answer, Submission, Values};
use super::decimal::Decimal;
use super::definition::{Ask, Form, Opt, Question};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// The figures of every question that is answered, in order; those of groups behind their group.
pub fn figures(form: &Form, answers: &[Submission]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for question in form.questions().filter(|q| !matches!(q.ask, Ask::Explanation { .. })) {
        let given: Vec<&Answer> =
            answers.iter().filter_map(|s| s.answers.get(&question.key)).collect();
        figures.push(figure(question, &question.key, &question.label, &given));
        for inner in question.inner() {
            let items = given.iter().flat_map(|a| match a {
                Answer::Group(items) => items.as_slice(),
                _ => &[],
            });
            let given: Vec<&Answer> = items.filter_map(|item| item.get(&inner.key)).collect();
            let key = format!("{}.{}", question.key, inner.key);
            figures.push(figure(
                inner,
                &key,
                &format!("{}：{}", question.label, inner.label),
                &given,
            ));
        }
    }
    figures
}

fn figure(question: &Question, key: &str, label: &str, given: &[&Answer]) -> Figure {
    let numbers: Vec<Decimal> =
        given.iter().filter_map(|a| super::condition::number_of(a)).collect();
    let bars = match &question.ask {
        Ask::One { options } | Ask::Many { options } | Ask::Tree { options } => {
            let bars = options.iter().map(|option| Bar {
                label: option.label.clone(),
                count: count(given, |a| picked(a).contains(&option.key)),
            });
            bars.collect()
        }
        Ask::Matrix { rows, columns, .. } => rows
            .iter()
            .flat_map(|row| columns.iter().map(move |column| (row, column)))
            .map(|(row, column)| Bar {
                label: format!("{}：{}", row.label, column.label),
                count: count(given, |a| match a {
                    Answer::Matrix(chosen) => {
                        chosen.get(&row.key).is_some_and(|keys| keys.contains(&column.key))
                    }
                    _ => false,
                }),
            })
            .collect(),
        Ask::Scale { from, to, .. } => (*from..=*to)
            .map(|step| Bar {
                label: step.to_string(),
                count: count(given, |a| **a == Answer::Number(Decimal::small(step))),
            })
            .collect(),
        Ask::Number { .. } | Ask::Calculation { .. } | Ask::Year { .. } => histogram(&numbers),
        Ask::Date { .. } => {
            let mut months: BTreeMap<(i32, u8), u64> = BTreeMap::new();
            for answer in given {
                if let Answer::Date(date) = answer {
                    *months.entry((date.year, date.month)).or_default() += 1;
                }
            }
            let bar = |((year, month), count)| Bar { label: format!("{year}年{month}月"), count };
            months.into_iter().map(bar).collect()
        }
        Ask::Time { .. } => {
            let mut hours: BTreeMap<u16, u64> = BTreeMap::new();
            for answer in given {
                if let Answer::Time(minutes) = answer {
                    *hours.entry(minutes / 60).or_default() += 1;
                }
            }
            hours
                .into_iter()
                .map(|(hour, count)| Bar { label: format!("{hour}時台"), count })
                .collect()
        }
        Ask::Group { .. } => {
            let mut sizes: BTreeMap<usize, u64> = BTreeMap::new();
            for answer in given {
                if let Answer::Group(items) = answer {
                    *sizes.entry(items.len()).or_default() += 1;
                }
            }
            sizes.into_iter().map(|(n, count)| Bar { label: n.to_string(), count }).collect()
        }
        _ => Vec::new(),
    };
    Figure {
        key: key.to_owned(),
        label: label.to_owned(),
        answered: given.len() as u64,
        bars,
        middle: middle(numbers),
    }
}

fn count(given: &[&Answer], is: impl Fn(&&Answer) -> bool) -> u64 {
    given.iter().filter(|a| is(a)).count() as u64
}

/// The options that an answer has chosen.
fn picked(answer: &Answer) -> &[String] {
    match answer {
        Answer::Chosen { keys, .. } => keys,
        Answer::Area(key) => std::slice::from_ref(key),
        _ => &[],
    }
}

fn middle(mut numbers: Vec<Decimal>) -> Option<Middle> {
    numbers.sort_unstable();
    let (min, max) = (*numbers.first()?, *numbers.last()?);
    let n = numbers.len();
    let half = numbers[n / 2];
    let median = if n.is_multiple_of(2) {
        let two = Decimal::small(2);
        numbers[n / 2 - 1].plus(half).and_then(|sum| sum.over(two)).unwrap_or(half)
    } else {
        half
    };
    let sum = numbers.iter().try_fold(Decimal::ZERO, |sum, n| sum.plus(*n));
    let mean = sum.zip(Decimal::whole(n as i64)).and_then(|(sum, n)| sum.over(n));
    Some(Middle { min, max, mean, median })
}

/// Numbers in at most ten bars of the same round width: 1, 2 or 5 times a power of ten.
fn histogram(numbers: &[Decimal]) -> Vec<Bar> {
    let (Some(min), Some(max)) = (numbers.iter().min(), numbers.iter().max()) else {
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
    for n in numbers {
        *counts.entry(whole(*n).div_euclid(width)).or_default() += 1;
    }
    let fine = numbers.iter().all(|n| n.as_whole().is_some());
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

/// Crosses two questions; nothing unless both are choices or scales.
pub fn cross(form: &Form, row: &str, column: &str, answers: &[Submission]) -> Option<Cross> {
    let (first, second) = (form.question(row)?, form.question(column)?);
    let (rows, columns) = (categories(first)?, categories(second)?);
    let mut counts = vec![vec![0; columns.len() + 1]; rows.len() + 1];
    for submission in answers {
        for r in places(&rows, first, &submission.answers) {
            for c in places(&columns, second, &submission.answers) {
                counts[r][c] += 1;
            }
        }
    }
    let heads = |options: Vec<Opt>| {
        options.into_iter().map(|o| o.label).chain(["答えなし".to_owned()]).collect()
    };
    Some(Cross { rows: heads(rows), columns: heads(columns), counts, all: answers.len() as u64 })
}
