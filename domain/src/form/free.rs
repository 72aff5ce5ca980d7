//! Questions whose answer is no choice: a year, a date, a text.

use super::{Ask, Question};
use crate::attribute::{Kind, Value, year_words};
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
    /// From what was sent (three fields), or from an answer (`2026-05-01`).
    pub fn of(given: &[String]) -> Self {
        match given {
            [year, month, day, ..] => {
                let trim = |s: &String| s.trim().trim_start_matches('0').to_owned();
                Self { year: year.trim().to_owned(), month: trim(month), day: trim(day) }
            }
            [iso, ..] => Date::parse_iso(iso).map(Self::from).unwrap_or_default(),
            [] => Self::default(),
        }
    }

    fn is_empty(&self) -> bool {
        self.year.is_empty() && self.month.is_empty() && self.day.is_empty()
    }

    fn iso(&self) -> String {
        format!("{}-{:0>2}-{:0>2}", self.year, self.month, self.day)
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

impl Question {
    /// The cleaned answer of a question without choices, or what is to mend; nothing for the others.
    pub(super) fn free(&self, given: &[String]) -> Option<Result<Vec<String>, String>> {
        let first = given.first().map_or("", |g| g.trim());
        let (kind, plain, today, act) = match &self.ask {
            Ask::Year { to, .. } => {
                let today = Date { year: *to, month: 12, day: 31 };
                (Kind::Year, first.to_owned(), today, "選んで")
            }
            Ask::Date { .. } => {
                let parts = Parts::of(given);
                let plain = if given.len() >= 3 {
                    if parts.is_empty() { String::new() } else { parts.iso() }
                } else {
                    first.to_owned()
                };
                if given.len() >= 3 && !parts.is_empty() {
                    let missing: Vec<&str> =
                        [(&parts.year, "年"), (&parts.month, "月"), (&parts.day, "日")]
                            .into_iter()
                            .filter(|(part, _)| part.is_empty())
                            .map(|(_, name)| name)
                            .collect();
                    if !missing.is_empty() {
                        return Some(Err(format!(
                            "「{}」の{}を選んでください",
                            self.label,
                            missing.join("と")
                        )));
                    }
                }
                (Kind::Date, plain, Date::default(), "選んで")
            }
            Ask::Text { .. } => (Kind::Text, first.to_owned(), Date::default(), "書いて"),
            Ask::One { .. } | Ask::Many { .. } | Ask::Tree { .. } | Ask::Consent { .. } => {
                return None;
            }
        };
        if plain.is_empty() {
            let missing = format!("「{}」を{act}ください", self.label);
            return Some(if self.required { Err(missing) } else { Ok(Vec::new()) });
        }
        let read = Value::read(kind, &plain, today).map_err(|why| match kind {
            Kind::Date => {
                format!("「{}」の日付が、暦にありません。月と日をたしかめてください", self.label)
            }
            _ => format!("「{}」{why}", self.label),
        });
        Some(read.map(|value| vec![value.plain()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ask(ask: Ask, required: bool, given: &[&str]) -> Result<Vec<String>, String> {
        let question = Question {
            key: "q".into(),
            label: "項目".into(),
            hint: String::new(),
            required,
            personal: true,
            ask,
        };
        let given: Vec<String> = given.iter().map(|s| (*s).to_owned()).collect();
        question.free(&given).expect("a question without choices")
    }

    fn date() -> Ask {
        Ask::Date { from: 1900, to: 2036 }
    }

    #[test]
    fn dates_come_in_three_fields_or_as_they_were_registered() {
        assert_eq!(ask(date(), true, &["2026", "5", "5"]).unwrap(), ["2026-05-05"]);
        assert_eq!(ask(date(), true, &["2026-05-05"]).unwrap(), ["2026-05-05"]);
        assert_eq!(ask(date(), false, &["", "", ""]).unwrap(), [""; 0]);
        assert_eq!(ask(date(), false, &[]).unwrap(), [""; 0]);
        assert_eq!(ask(date(), true, &["", "", ""]).unwrap_err(), "「項目」を選んでください");
        assert_eq!(
            ask(date(), false, &["2026", "", "5"]).unwrap_err(),
            "「項目」の月を選んでください"
        );
        assert!(ask(date(), false, &["2026", "2", "29"]).unwrap_err().contains("暦にありません"));
        assert!(ask(date(), false, &["x"]).is_err());
    }

    #[test]
    fn years_and_texts() {
        let year = || Ask::Year { from: 1900, to: 2026 };
        assert_eq!(ask(year(), true, &["1985"]).unwrap(), ["1985"]);
        assert_eq!(ask(year(), false, &[""]).unwrap(), [""; 0]);
        assert!(ask(year(), true, &[]).is_err());
        assert!(ask(year(), false, &["2027"]).is_err() && ask(year(), false, &["昭和60"]).is_err());
        let text = || Ask::Text { max: 200 };
        assert_eq!(ask(text(), true, &[" ポチ "]).unwrap(), ["ポチ"]);
        assert_eq!(ask(text(), true, &["　"]).unwrap_err(), "「項目」を書いてください");
        assert!(ask(text(), false, &[&"あ".repeat(201)]).unwrap_err().contains("200文字"));
    }

    #[test]
    fn a_year_outside_of_the_list_stays_in_it() {
        let options = year_options(2024, 2026, "2030");
        let keys: Vec<&str> = options.iter().map(|(k, _)| k.as_str()).collect();
        assert_eq!(keys, ["2030", "2026", "2025", "2024"]);
        assert_eq!(options[1].1, "2026年（令和8年）");
    }

    proptest! {
        #[test]
        fn every_date_of_the_calendar_and_no_other(year in 1900i32..2036, month in 0u8..14, day in 0u8..33) {
            let given = [year.to_string(), month.to_string(), day.to_string()];
            let given: Vec<&str> = given.iter().map(String::as_str).collect();
            let valid = Date::new(year, month, day);
            prop_assert_eq!(ask(date(), true, &given).ok().map(|a| a[0].clone()), valid.map(Date::iso));
        }
    }
}
