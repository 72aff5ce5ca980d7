//! What comes next, and what days off change about it.

use super::{OnHoliday, Recurrence, weekday_name};
use crate::holiday::Holidays;
use crate::time::{Date, Timestamp};

/// A day on which it is sent, or would have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The day.
    pub date: Date,
    /// Whether it is sent then; else it is left out for the day off.
    pub sent: bool,
    /// The day that the rule names, and why it is not that day: 「建国記念の日」「土曜日」.
    pub off: Option<(Date, String)>,
}

impl Outlook {
    /// 「2月24日（水）」.
    pub fn day(&self) -> String {
        let date = self.date;
        format!("{}月{}日（{}）", date.month, date.day, date.weekday_name())
    }

    /// 「23日は天皇誕生日のため」; empty where nothing changes.
    pub fn why(&self) -> String {
        match &self.off {
            None => String::new(),
            Some((_, name)) if !self.sent => format!("{name}のため届けません"),
            Some((day, name)) if day.month == self.date.month => {
                format!("{}日は{name}のため", day.day)
            }
            Some((day, name)) => format!("{}月{}日は{name}のため", day.month, day.day),
        }
    }
}

impl Recurrence {
    /// The next `n` days on which it is sent, and those between that are left out.
    pub fn outlook(&self, holidays: &Holidays, after: Timestamp, n: usize) -> Vec<Outlook> {
        let why = |date: Date| {
            holidays.name(date).unwrap_or_else(|| format!("{}曜日", weekday_name(date.weekday())))
        };
        let mut days: Vec<Outlook> = self
            .after(holidays, after)
            .take(n)
            .map(|at| {
                let date = at.date();
                let off = self.named(date, holidays).next().filter(|named| *named != date);
                Outlook { date, sent: true, off: off.map(|named| (named, why(named))) }
            })
            .collect();
        if self.holiday == OnHoliday::Skip
            && let Some(last) = days.last().map(|d| d.date.days())
        {
            let left_out = (after.date().days()..last)
                .map(Date::from_days)
                .filter(|d| self.at(*d) > after && self.is_within(*d))
                .filter(|d| self.is_planned(*d) && self.moves(*d, holidays));
            days.extend(left_out.map(|date| Outlook {
                date,
                sent: false,
                off: Some((date, why(date))),
            }));
            days.sort_by_key(|d| d.date);
        }
        days
    }
}
