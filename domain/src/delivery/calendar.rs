//! The calendar of all that will be sent and was sent (SEG-6).

use super::{Purpose, Status};
use crate::id::{CourseId, DeliveryId, DepartmentId};
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// A month of the civil calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Month {
    /// 西暦.
    pub year: i32,
    /// 1–12.
    pub month: u8,
}

impl Month {
    /// The month of a date.
    pub fn of(date: Date) -> Self {
        Self { year: date.year, month: date.month }
    }

    /// From `2026-12`; years 2000 to 2099.
    pub fn parse(text: &str) -> Option<Self> {
        let date = Date::parse_iso(&format!("{text}-01"))?;
        (2000..2100).contains(&date.year).then_some(Self::of(date))
    }

    /// `2026-12`.
    pub fn iso(self) -> String {
        format!("{:04}-{:02}", self.year, self.month)
    }

    /// 「2026年12月」.
    pub fn words(self) -> String {
        format!("{}年{}月", self.year, self.month)
    }

    /// So many months later, or earlier.
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        let all = self.year * 12 + i32::from(self.month) - 1 + months;
        Self { year: all.div_euclid(12), month: all.rem_euclid(12) as u8 + 1 }
    }

    /// The first day.
    pub fn first(self) -> Date {
        Date { year: self.year, month: self.month, day: 1 }
    }

    /// Its weeks from Sunday to Saturday, with the days of the months beside it.
    pub fn weeks(self) -> Vec<[Date; 7]> {
        let first = self.first();
        let start = first.days() - i64::from(first.weekday());
        let end = self.plus(1).first().days();
        (start..end)
            .step_by(7)
            .map(|week| std::array::from_fn(|day| Date::from_days(week + day as i64)))
            .collect()
    }
}

/// One delivery of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The delivery; for a time that is still to come of a series, the series.
    pub id: DeliveryId,
    /// For staff.
    pub title: String,
    /// Why.
    pub purpose: Purpose,
    /// Where it stands.
    pub status: Status,
    /// A time of a series that is still to come.
    pub planned: bool,
    /// The time at which it would begin if that did not lie in the quiet hours.
    pub waited: Option<Timestamp>,
    /// The department's name.
    pub department: String,
    /// When it began, or is to begin.
    pub at: Timestamp,
    /// Recipients, once they are fixed.
    pub recipients: Option<i64>,
    /// All that a course sends that day; then it is the course that is meant, not a delivery.
    pub course: Option<CourseId>,
}

/// A month with the days beside it that its grid shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Which month.
    pub month: Month,
    /// By time.
    pub entries: Vec<Entry>,
    /// Days off with their names, in order.
    pub holidays: Vec<(Date, String)>,
    /// Departments that have deliveries.
    pub departments: Vec<(DepartmentId, String)>,
    /// When this was read.
    pub now: Timestamp,
}

impl Calendar {
    /// What lies on a day.
    pub fn on(&self, date: Date) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |e| e.at.date() == date)
    }

    /// The name of a day off.
    pub fn holiday(&self, date: Date) -> Option<&str> {
        self.holidays.iter().find(|(d, _)| *d == date).map(|(_, name)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_in_order_and_their_weeks() {
        let november = Month { year: 2026, month: 11 };
        assert_eq!(Month::parse("2026-11"), Some(november));
        assert_eq!(november.iso(), "2026-11");
        assert_eq!(november.plus(2), Month { year: 2027, month: 1 });
        assert_eq!(november.plus(-11), Month { year: 2025, month: 12 });
        for bad in ["2026-13", "1999-12", "2026", "", "2026-1"] {
            assert_eq!(Month::parse(bad), None, "{bad}");
        }
        // 2026-11-01 is a Sunday; the month ends on a Monday.
        let weeks = november.weeks();
        assert_eq!((weeks.len(), weeks[0][0].iso().as_str()), (5, "2026-11-01"));
        assert_eq!(weeks[4][6].iso(), "2026-12-05");
        assert_eq!(Month { year: 2026, month: 2 }.weeks().len(), 4);
        assert_eq!(Month { year: 2026, month: 8 }.weeks().len(), 6);
    }
}
