//! Recurrence (くり返し): civil-calendar rules in Asia/Tokyo with days off (SEG-6).
//!
//! A rule answers for each day whether something falls on it; everything else —
//! the next dates, the number of times, the end — follows from that one question.
//! At most one occurrence falls on a day.

mod check;
mod outlook;
mod past;
mod words;

use crate::holiday::Holidays;
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

pub use check::{EVERY_MAX, TIMES_MAX};
pub use outlook::Outlook;
pub use past::Past;
pub use words::{WEEK, weekday_name};

/// Which week of the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nth {
    /// 第1.
    First,
    /// 第2.
    Second,
    /// 第3.
    Third,
    /// 第4.
    Fourth,
    /// 第5; a month that has none is passed over.
    Fifth,
    /// 最終.
    Last,
}

impl Nth {
    /// Every one, in order.
    pub const ALL: &[Self] =
        &[Self::First, Self::Second, Self::Third, Self::Fourth, Self::Fifth, Self::Last];
}

/// On which days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Days {
    /// 毎週・2週ごと. Weeks begin on Monday and are counted from that of the first day.
    Weekly {
        /// Every so many weeks, from 1.
        every: u8,
        /// 0 = 日 … 6 = 土.
        weekdays: Vec<u8>,
    },
    /// 毎月 第2・第4火曜日.
    NthWeekdays {
        /// Which weeks.
        nth: Vec<Nth>,
        /// 0 = 日 … 6 = 土.
        weekdays: Vec<u8>,
    },
    /// 毎月 5日・月末.
    MonthDays {
        /// 1–31. A month without that day has it on its last; so 31 is 月末.
        days: Vec<u8>,
    },
}

/// What happens on a day off. Weekdays were chosen on purpose, so that only holidays
/// count there; days of the month fall on Saturdays and Sundays by chance, so that
/// these count too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnHoliday {
    /// All the same.
    #[default]
    Send,
    /// Not at all.
    Skip,
    /// On the next day that is neither holiday nor weekend.
    Next,
    /// On the last day before that is neither holiday nor weekend.
    Previous,
}

/// When it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum End {
    /// Not by itself.
    #[default]
    Never,
    /// After this day.
    On(Date),
    /// After so many times, counted from the first day.
    After(u16),
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recurrence {
    /// On which days.
    pub days: Days,
    /// 0–23.
    pub hour: u8,
    /// 0–59.
    pub minute: u8,
    /// On a day off.
    pub holiday: OnHoliday,
    /// Nothing falls on a day before this.
    pub first: Date,
    /// When it ends.
    pub end: End,
}

/// How far the next date is looked for, in days: every rule that comes at all comes
/// within a year, and four years cover a leap day.
const HORIZON: i64 = 4 * 366;
/// The longest row of days off over which an occurrence is moved.
const ROW_MAX: i64 = 60;

impl Recurrence {
    /// The instants after `after`, in order.
    pub fn after<'a>(
        &'a self,
        holidays: &'a Holidays,
        after: Timestamp,
    ) -> impl Iterator<Item = Timestamp> + 'a {
        self.dates(holidays, after.date()).map(|d| self.at(d)).filter(move |at| *at > after)
    }

    /// The days on which it falls, from `from` on, in order.
    pub fn dates<'a>(
        &'a self,
        holidays: &'a Holidays,
        from: Date,
    ) -> impl Iterator<Item = Date> + 'a {
        // How often it came before matters only where times are counted.
        let (start, times) = match self.end {
            End::After(times) => (self.first, usize::from(times)),
            _ => (self.first.max(from), usize::MAX),
        };
        let mut day = start.days();
        let mut quiet = 0;
        std::iter::from_fn(move || {
            while quiet <= HORIZON {
                let date = Date::from_days(day);
                day += 1;
                quiet += 1;
                if self.falls_on(date, holidays) {
                    quiet = 0;
                    return Some(date);
                }
            }
            None
        })
        .take(times)
        .filter(move |d| *d >= from)
    }

    /// When it begins on a day.
    pub fn at(&self, date: Date) -> Timestamp {
        Timestamp::from_tokyo(date, self.hour, self.minute)
    }

    /// The days that the rule names for what falls on `date`: that day itself, and what the row
    /// of days off beside it moves there.
    pub fn named<'a>(
        &'a self,
        date: Date,
        holidays: &'a Holidays,
    ) -> impl Iterator<Item = Date> + 'a {
        let within = self.is_within(date);
        let step = match self.holiday {
            OnHoliday::Send | OnHoliday::Skip => 0,
            OnHoliday::Next => -1,
            OnHoliday::Previous => 1,
        };
        let row = if within && step != 0 && !is_closed(date, holidays) { ROW_MAX } else { 0 };
        let moved = (1..=row)
            .map(move |n| Date::from_days(date.days() + step * n))
            .take_while(move |d| is_closed(*d, holidays))
            .filter(move |d| self.is_within(*d) && self.is_planned(*d) && self.moves(*d, holidays));
        let own = within && self.is_planned(date) && !self.moves(date, holidays);
        own.then_some(date).into_iter().chain(moved)
    }

    /// Whether a number of times is not reached: what a rule of `dates` leaves open.
    fn is_within(&self, date: Date) -> bool {
        date >= self.first && !matches!(self.end, End::On(last) if date > last)
    }

    /// Whether it falls on a day, the number of times left aside.
    fn falls_on(&self, date: Date, holidays: &Holidays) -> bool {
        self.named(date, holidays).next().is_some()
    }

    /// Whether what is planned for a day does not happen on it.
    fn moves(&self, date: Date, holidays: &Holidays) -> bool {
        self.holiday != OnHoliday::Send && self.is_off(date, holidays)
    }

    /// Whether the rule names the day, days off left aside.
    fn is_planned(&self, date: Date) -> bool {
        match &self.days {
            Days::Weekly { every, weekdays } => {
                let weeks = week(date) - week(self.first);
                weekdays.contains(&date.weekday()) && weeks % i64::from((*every).max(1)) == 0
            }
            Days::NthWeekdays { nth, weekdays } => {
                let from_start = [Nth::First, Nth::Second, Nth::Third, Nth::Fourth, Nth::Fifth]
                    [usize::from((date.day - 1) / 7)];
                let last = date.day + 7 > last_day(date);
                weekdays.contains(&date.weekday())
                    && (nth.contains(&from_start) || last && nth.contains(&Nth::Last))
            }
            Days::MonthDays { days } => {
                let last = last_day(date);
                days.iter().any(|d| (*d).min(last) == date.day)
            }
        }
    }

    /// Whether the day is off for this rule.
    fn is_off(&self, date: Date, holidays: &Holidays) -> bool {
        match self.days {
            Days::MonthDays { .. } => is_closed(date, holidays),
            Days::Weekly { .. } | Days::NthWeekdays { .. } => holidays.name(date).is_some(),
        }
    }
}

/// Holiday or weekend.
fn is_closed(date: Date, holidays: &Holidays) -> bool {
    matches!(date.weekday(), 0 | 6) || holidays.name(date).is_some()
}

/// Weeks from Monday to Sunday; 1970-01-01 was a Thursday.
fn week(date: Date) -> i64 {
    (date.days() + 3).div_euclid(7)
}

/// The last day of the month of a date.
pub fn last_day(date: Date) -> u8 {
    (28..=31).rev().find(|d| Date::new(date.year, date.month, *d).is_some()).unwrap_or(28)
}

#[cfg(test)]
mod tests;
