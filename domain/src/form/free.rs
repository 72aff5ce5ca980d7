//! Years and dates as they stand in their fields.

use super::normal::narrow;
use crate::attribute::year_words;
use crate::time::Date;

/// Year, month and day as they stand in their fields; each may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// `2026`.
    pub year: String,
    /// `5`.
    pub month: String,
    /// `1`.
    pub day: String,
}

impl Parts {
    /// From what was sent (three fields, or four with the era first: 令和, 8, 5, 1), or from an
    /// answer (`2026-05-01`).
    pub fn of(given: &[String]) -> Self {
        match given {
            [era, year, month, day, ..] => {
                let western = western(era.trim(), &narrow(year));
                Self::of(&[western, month.clone(), day.clone()])
            }
            [year, month, day, ..] => {
                let trim = |s: &String| narrow(s).trim_start_matches('0').to_owned();
                Self { year: narrow(year), month: trim(month), day: trim(day) }
            }
            [iso, ..] => Date::parse_iso(iso).map(Self::from).unwrap_or_default(),
            [] => Self::default(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.year.is_empty() && self.month.is_empty() && self.day.is_empty()
    }

    pub(super) fn iso(&self) -> String {
        format!("{}-{:0>2}-{:0>2}", self.year, self.month, self.day)
    }
}

/// The eras: name, letter, and the year before their first.
pub(super) const ERAS: [(&str, char, i32); 5] = [
    ("令和", 'R', 2018),
    ("平成", 'H', 1988),
    ("昭和", 'S', 1925),
    ("大正", 'T', 1911),
    ("明治", 'M', 1867),
];

/// The western year of a year of an era (元 is 1); what is no such year stays as it is. The
/// date it makes is checked against the era by the evaluator.
fn western(era: &str, year: &str) -> String {
    let base = ERAS.iter().find(|(name, ..)| *name == era).map(|(.., base)| *base);
    let n = if year == "元" { Some(1) } else { year.parse::<i32>().ok() };
    match (base, n) {
        (Some(base), Some(n)) if (1..=99).contains(&n) => (base + n).to_string(),
        _ => year.to_owned(),
    }
}

impl From<Date> for Parts {
    fn from(date: Date) -> Self {
        Self {
            year: date.year.to_string(),
            month: date.month.to_string(),
            day: date.day.to_string(),
        }
    }
}

/// The years of a list, the last first: key and words (「1985年（昭和60年）」). A year that was
/// answered and lies outside is offered too.
pub fn year_options(from: i32, to: i32, given: &str) -> Vec<(String, String)> {
    let outside =
        given.parse::<i32>().ok().filter(|y| !(from..=to).contains(y) && (1..=9999).contains(y));
    let years = outside.into_iter().chain((from..=to).rev());
    years.map(|y| (y.to_string(), year_words(y))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_outside_of_the_list_stays_in_it() {
        let options = year_options(2024, 2026, "2030");
        let keys: Vec<&str> = options.iter().map(|(k, _)| k.as_str()).collect();
        assert_eq!(keys, ["2030", "2026", "2025", "2024"]);
        assert_eq!(options[1].1, "2026年（令和8年）");
    }

    #[test]
    fn parts_of_what_was_sent() {
        let of = |given: &[&str]| {
            let given: Vec<String> = given.iter().map(|s| (*s).to_owned()).collect();
            Parts::of(&given).iso()
        };
        assert_eq!(of(&["2026", "05", "1"]), "2026-05-01");
        assert_eq!(of(&["２０２６", "５", "１"]), "2026-05-01");
        assert_eq!(of(&["令和", "8", "5", "1"]), "2026-05-01");
        assert_eq!(of(&["令和", "元", "5", "1"]), "2019-05-01");
        assert_eq!(of(&["昭和", "64", "1", "7"]), "1989-01-07");
        assert_eq!(of(&["2026-05-01"]), "2026-05-01");
    }
}
