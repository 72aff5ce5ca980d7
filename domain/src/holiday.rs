//! National holidays of Japan (国民の祝日に関する法律, as in force since 2022), and
//! the city's own list of days off, which staff can change (design rule 9).

use crate::problem::Problem;
use crate::time::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Longest name of a day off, in characters.
pub const NAME_MAX: usize = 30;

/// The name of the day after a holiday that fell on a Sunday.
const SUBSTITUTE: &str = "振替休日";
/// The name of a day between two holidays.
const BETWEEN: &str = "国民の休日";

/// The years for which [`national`] knows the equinoxes.
const KNOWN: std::ops::RangeInclusive<i32> = 2000..=2099;

/// The national holidays of a year in order of their dates; none outside 2000–2099.
/// The law of today is applied to every year: what was moved for 2020 and 2021 is not in it.
pub fn national(year: i32) -> BTreeMap<Date, &'static str> {
    if !KNOWN.contains(&year) {
        return BTreeMap::new();
    }
    let on = |month, day| Date { year, month, day };
    let monday = |month, nth: u8| {
        let first = on(month, 1).weekday();
        on(month, 1 + (8 - first) % 7 + 7 * (nth - 1))
    };
    let named = BTreeMap::from([
        (on(1, 1), "元日"),
        (monday(1, 2), "成人の日"),
        (on(2, 11), "建国記念の日"),
        (on(2, 23), "天皇誕生日"),
        (on(3, equinox(year, 20_843_100)), "春分の日"),
        (on(4, 29), "昭和の日"),
        (on(5, 3), "憲法記念日"),
        (on(5, 4), "みどりの日"),
        (on(5, 5), "こどもの日"),
        (monday(7, 3), "海の日"),
        (on(8, 11), "山の日"),
        (monday(9, 3), "敬老の日"),
        (on(9, equinox(year, 23_248_800)), "秋分の日"),
        (monday(10, 2), "スポーツの日"),
        (on(11, 3), "文化の日"),
        (on(11, 23), "勤労感謝の日"),
    ]);
    let mut all = named.clone();
    for date in named.keys() {
        let later = |n| Date::from_days(date.days() + n);
        if date.weekday() == 0
            && let Some(free) = (1..).map(later).find(|d| !named.contains_key(d))
        {
            all.insert(free, SUBSTITUTE);
        }
        if !named.contains_key(&later(1)) && named.contains_key(&later(2)) {
            all.entry(later(1)).or_insert(BETWEEN);
        }
    }
    all
}

/// The day of the month of an equinox: the usual approximation, good for 1980–2099;
/// `base` is that of 1980 in millionths of a day.
fn equinox(year: i32, base: i32) -> u8 {
    let years = year - 1980;
    ((base + 242_194 * years) / 1_000_000 - years / 4) as u8
}

/// One day off in the city's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayOff {
    /// When.
    pub date: Date,
    /// 「元日」「年末年始」.
    pub name: String,
    /// Put in by the rule; else by a person.
    pub by_rule: bool,
    /// Taken out by a person: no day off here, although the rule says so.
    pub removed: bool,
}

/// The days off as the city keeps them. A year that is not in its list yet follows the rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holidays {
    days: BTreeMap<i64, String>,
    years: BTreeSet<i32>,
}

impl Holidays {
    /// From the rows of the list, those that were taken out included.
    pub fn new(rows: impl IntoIterator<Item = DayOff>) -> Self {
        let mut all = Self::default();
        for row in rows {
            if row.by_rule {
                all.years.insert(row.date.year);
            }
            if !row.removed {
                all.days.insert(row.date.days(), row.name);
            }
        }
        all
    }

    /// The name of the day off, if the date is one.
    pub fn name(&self, date: Date) -> Option<String> {
        let listed = self.days.get(&date.days()).cloned();
        if listed.is_some() || self.years.contains(&date.year) {
            return listed;
        }
        national(date.year).get(&date).map(|name| (*name).to_owned())
    }
}

/// What is wrong with a day off that somebody adds.
pub fn problems(date: Option<Date>, name: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !date.is_some_and(|d| KNOWN.contains(&d.year)) {
        problems.push(Problem::new("date", "日付を、2099年までの日で入れてください"));
    }
    let chars = name.trim().chars().count();
    if chars == 0 {
        problems.push(Problem::new("name", "名前が空です。「年末年始」のように入れてください"));
    } else if chars > NAME_MAX || name.chars().any(char::is_control) {
        problems.push(Problem::new(
            "name",
            format!("名前は、改行などを入れず{NAME_MAX}文字までにしてください"),
        ));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cabinet Office's tables, by hand: month/day, with the sign of what is not a named holiday.
    const TABLES: &[(i32, &str)] = &[
        (
            2024,
            "1/1 1/8 2/11 2/12振 2/23 3/20 4/29 5/3 5/4 5/5 5/6振 7/15 8/11 8/12振 9/16 9/22 9/23振 10/14 11/3 11/4振 11/23",
        ),
        (
            2025,
            "1/1 1/13 2/11 2/23 2/24振 3/20 4/29 5/3 5/4 5/5 5/6振 7/21 8/11 9/15 9/23 10/13 11/3 11/23 11/24振",
        ),
        (
            2026,
            "1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6振 7/20 8/11 9/21 9/22国 9/23 10/12 11/3 11/23",
        ),
        (
            2027,
            "1/1 1/11 2/11 2/23 3/21 3/22振 4/29 5/3 5/4 5/5 7/19 8/11 9/20 9/23 10/11 11/3 11/23",
        ),
        (2028, "1/1 1/10 2/11 2/23 3/20 4/29 5/3 5/4 5/5 7/17 8/11 9/18 9/22 10/9 11/3 11/23"),
    ];

    #[test]
    fn the_tables_of_five_years() {
        for (year, table) in TABLES {
            let found: Vec<String> = national(*year)
                .iter()
                .map(|(date, name)| {
                    let sign = match *name {
                        SUBSTITUTE => "振",
                        BETWEEN => "国",
                        _ => "",
                    };
                    format!("{}/{}{sign}", date.month, date.day)
                })
                .collect();
            assert_eq!(found.join(" "), *table, "{year}");
        }
    }

    #[test]
    fn names_and_rare_cases() {
        let name = |year, month, day| Holidays::default().name(Date { year, month, day });
        assert_eq!(name(2026, 7, 20).as_deref(), Some("海の日"));
        assert_eq!(name(2026, 9, 22).as_deref(), Some("国民の休日"));
        assert_eq!(name(2026, 9, 24), None);
        // 5/3 on a Sunday: Monday and Tuesday are holidays, so Wednesday stands in.
        assert_eq!(name(2026, 5, 6).as_deref(), Some("振替休日"));
        assert_eq!(name(2032, 9, 21).as_deref(), Some("国民の休日"));
        assert_eq!(name(2000, 3, 20).as_deref(), Some("春分の日"));
        assert_eq!(name(2099, 9, 23).as_deref(), Some("秋分の日"));
        assert!(national(2100).is_empty() && national(1999).is_empty());
    }

    #[test]
    fn the_list_of_the_city_stands_above_the_rule() {
        let date = |month, day| Date { year: 2026, month, day };
        let row = |date, name: &str, by_rule, removed| DayOff {
            date,
            name: name.into(),
            by_rule,
            removed,
        };
        let list = Holidays::new([
            row(date(1, 1), "元日", true, false),
            row(date(2, 11), "建国記念の日", true, true),
            row(date(12, 29), "年末年始", false, false),
        ]);
        assert_eq!(list.name(date(1, 1)).as_deref(), Some("元日"));
        assert_eq!(list.name(date(2, 11)), None, "taken out");
        assert_eq!(list.name(date(12, 29)).as_deref(), Some("年末年始"));
        assert_eq!(list.name(date(2, 23)), None, "the list holds the whole year");
        let next = Date { year: 2027, month: 1, day: 1 };
        assert_eq!(list.name(next).as_deref(), Some("元日"), "a year without a list");
        // A day off of the city's own does not make a year's list.
        let own = Holidays::new([row(date(12, 29), "年末年始", false, false)]);
        assert_eq!(own.name(date(1, 1)).as_deref(), Some("元日"));
    }

    #[test]
    fn a_day_off_needs_a_date_and_a_name() {
        let date = Date::new(2026, 12, 29);
        assert!(problems(date, "年末年始").is_empty());
        for (date, name, at) in [
            (None, "年末年始", "date"),
            (Date::new(2100, 1, 1), "元日", "date"),
            (date, " ", "name"),
            (date, "年末\n年始", "name"),
        ] {
            assert_eq!(problems(date, name)[0].at, at);
        }
    }
}
