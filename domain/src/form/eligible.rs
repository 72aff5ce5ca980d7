//! Lists of who may answer a form (対象者の名簿, FORM-7): what stands in them, and how what
//! somebody says of themselves is compared with it.

pub mod import;

use super::answer::Answers;
use super::free::ERAS;
use super::kept::Gate;
use super::normal::narrow;
use crate::id::{EligibilityId, FormId};
use crate::time::{DAY, Date, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One person on a list: for each column what stands there.
pub type Row = BTreeMap<String, String>;

/// A list, without its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// Id.
    pub id: EligibilityId,
    /// What staff call it.
    pub name: String,
    /// Whose it is.
    pub department: String,
    /// The columns that somebody must know, in order.
    pub keys: Vec<String>,
    /// Every column.
    pub columns: Vec<String>,
    /// How many people.
    pub count: i64,
    /// Last imported.
    pub updated_at: Timestamp,
    /// How often within [`REFUSED_WITHIN`] somebody said what stands in no row.
    pub refused: i64,
    /// The forms that ask it, with what staff call them.
    pub forms: Vec<(FormId, String)>,
    /// The actor may put other rows in their place, and delete it.
    pub may_write: bool,
}

/// Over how long wrong tries are counted, in microseconds.
pub const REFUSED_WITHIN: i64 = 30 * DAY;

/// What is compared: width, spaces, hyphens and letters' case do not count, and a date is a
/// date however it is written (2018/4/1, 2018-04-01, 20180401, 平成30年4月1日, H30.4.1).
pub fn fold(text: &str) -> String {
    let plain = narrow(text).to_lowercase();
    if let Some(date) = date(&plain) {
        return date.iso();
    }
    plain.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '－' | 'ー')).collect()
}

/// What names one person among what somebody says of themselves: what they say at the list's
/// [`import::number`]. Where it has none it is all of it together.
pub fn naming(said: &[&str], number: Option<usize>) -> String {
    match number.and_then(|at| said.get(at)) {
        Some(number) => fold(number),
        None => said.iter().map(|text| fold(text)).collect::<Vec<_>>().join("\u{1f}"),
    }
}

fn date(text: &str) -> Option<Date> {
    let numbers: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit() && c != '元').filter(|p| !p.is_empty()).collect();
    let only =
        |marks: &str| text.chars().all(|c| c.is_ascii_digit() || c == '元' || marks.contains(c));
    match (era(text), numbers.as_slice()) {
        (Some((era, rest, marks)), [year, month, day]) => {
            let marked = rest.chars().all(|c| c.is_ascii_digit() || marks.contains(c));
            let words = [era, *year, *month, *day].map(str::to_owned);
            marked.then(|| Date::parse_iso(&super::Parts::of(&words).iso()))?
        }
        (None, [year, month, day]) if year.len() == 4 && only("/-.年月日 ") => {
            Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        }
        (None, [all]) if all.len() == 8 && all.len() == text.len() => {
            let date =
                Date::new(all[..4].parse().ok()?, all[4..6].parse().ok()?, all[6..].parse().ok()?)?;
            // A number of eight digits is a date only where it can be a birthday.
            (1868..=2199).contains(&date.year).then_some(date)
        }
        _ => None,
    }
}

/// The era that a date begins with by name or letter, what follows, and what may stand between
/// the numbers. With hyphens behind a letter it is rather a number of the city's: R5-1-12.
fn era(text: &str) -> Option<(&'static str, &str, &'static str)> {
    ERAS.iter().find_map(|(name, letter, _)| match text.strip_prefix(name) {
        Some(rest) => Some((*name, rest, "元年月日/.- ")),
        None => {
            let rest = text.strip_prefix([*letter, letter.to_ascii_lowercase()])?;
            Some((*name, rest, "元年月日/. "))
        }
    })
}

/// What a list fills in, as it would be typed.
pub fn prefill(gate: &Gate, row: &Row) -> Answers {
    let filled = gate.prefill.iter().filter_map(|(column, name)| {
        let text = row.get(column)?.trim();
        let text = date(&narrow(text)).map_or_else(|| text.to_owned(), Date::iso);
        (!text.is_empty()).then(|| (name.clone(), vec![text]))
    });
    filled.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birthday_is_the_same_however_it_is_written() {
        for text in [
            "2018-04-01",
            "2018/4/1",
            "２０１８年４月１日",
            "20180401",
            "平成30年4月1日",
            "2018.04.01",
        ] {
            assert_eq!(fold(text), "2018-04-01", "{text}");
        }
        for text in
            ["H30.4.1", "h30/4/1", "Ｈ３０．４．１", "H30. 4. 1", "H30年4月1日", "平成３０．４．１"]
        {
            assert_eq!(fold(text), "2018-04-01", "{text}");
        }
        assert_eq!(fold("令和元年5月1日"), "2019-05-01");
        assert_eq!(fold("平成31年5月1日"), "2019-05-01");
        assert_eq!(fold("R1.5.1"), "2019-05-01");
        assert_eq!(fold("R元.5.1"), "2019-05-01");
        assert_eq!(fold("S60/1/1"), "1985-01-01");
        assert_eq!(fold("T15.12.24"), "1926-12-24");
        assert_eq!(fold("M45.7.29"), "1912-07-29");
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        assert_eq!(fold(" １２-３４ ab "), "1234ab");
        assert_ne!(fold("99999999"), fold("9999999"));
        assert_eq!(fold("99999999"), "99999999");
        assert_eq!(fold("R5-1-12"), "r5112");
        assert_eq!(fold("S60.13.1"), "s60.13.1");
    }

    #[test]
    fn a_number_names_somebody_wherever_it_stands() {
        for (said, number) in [
            (["A-1", "2018/4/1", "山田"], 0),
            (["平成30年4月1日", "山田", "Ａ－１"], 2),
            (["山田", "a1", "20180401"], 1),
        ] {
            assert_eq!(naming(&said, Some(number)), "a1", "{said:?}");
        }
        assert_eq!(naming(&["山田", "2018/4/1"], None), "山田\u{1f}2018-04-01");
    }

    #[test]
    fn what_is_filled_in() {
        let gate = Gate {
            list: EligibilityId(1),
            prefill: [
                ("氏".to_owned(), "name.family".to_owned()),
                ("無".to_owned(), "x".to_owned()),
                ("誕生日".to_owned(), "birth".to_owned()),
            ]
            .into(),
        };
        let row: Row =
            [("氏".to_owned(), " 山田 ".to_owned()), ("誕生日".to_owned(), "2018/4/1".to_owned())]
                .into();
        let filled = prefill(&gate, &row);
        assert_eq!(filled["name.family"], ["山田"]);
        assert_eq!(filled["birth"], ["2018-04-01"]);
        assert_eq!(filled.len(), 2);
    }
}
