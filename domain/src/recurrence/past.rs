//! What comes next of a series of which something has come, whatever days off became since.
//!
//! What has come is known by the days that the rule named for it: a day off that is added or
//! taken back moves what is still to come, and brings nothing back.

use super::{ROW_MAX, Recurrence};
use crate::holiday::Holidays;
use crate::time::{Date, Timestamp};
use std::collections::BTreeSet;

/// What has come of a series, or was left out on purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// The days on which it came.
    pub days: BTreeSet<Date>,
    /// The days that the rule named for it.
    pub named: BTreeSet<Date>,
}

impl Past {
    /// How many days before the next time what has come may still matter: it came a row of
    /// days off before the day that the rule named, which may move as far in both directions.
    pub const REACH: i64 = 3 * ROW_MAX;
}

impl Recurrence {
    /// The next time after `after` of which nothing has come: not on a day on which something
    /// came, which takes over what days off move to it.
    pub fn next_after(
        &self,
        holidays: &Holidays,
        past: &Past,
        after: Timestamp,
    ) -> Option<Timestamp> {
        self.after(holidays, after).find(|at| {
            let day = at.date();
            !past.days.contains(&day)
                && self.named(day, holidays).any(|named| !past.named.contains(&named))
        })
    }

    /// The next time of a series that was to come at `was`, now that the days off are no longer
    /// those of `before`. What has moved to a time that has passed by `now` is that time: it was
    /// missed.
    pub fn moved(
        &self,
        before: &Holidays,
        holidays: &Holidays,
        past: &Past,
        was: Timestamp,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let today = now.date().days();
        let waiting: BTreeSet<Date> = self
            .dates(before, was.date())
            .take_while(|day| day.days() <= today + 2 * ROW_MAX)
            .flat_map(|day| self.named(day, before))
            .filter(|named| !past.named.contains(named))
            .collect();
        let missed = self
            .dates(holidays, Date::from_days(today - ROW_MAX))
            .take_while(|day| self.at(*day) <= now)
            .filter(|day| !past.days.contains(day))
            .find(|day| self.named(*day, holidays).any(|named| waiting.contains(&named)));
        match missed {
            Some(day) => Some(self.at(day)),
            None => self.next_after(holidays, past, now),
        }
    }
}
