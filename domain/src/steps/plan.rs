//! What comes when: the days of one resident, and how many a course will reach.

use super::{Content, Offset};
use crate::time::{Date, Timestamp};
use std::collections::BTreeMap;

/// How many residents of a course have which day.
pub type People = BTreeMap<Date, i64>;

/// One step of one resident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The step's number.
    pub step: u32,
    /// When it is sent to them.
    pub at: Timestamp,
}

impl Offset {
    /// How many it reaches from a day to another, both included.
    pub fn reach(self, people: &People, from: Date, to: Date) -> i64 {
        (from.days()..=to.days())
            .filter_map(|day| self.anchors(Date::from_days(day)))
            .map(|(from, to)| people.range(from..=to).map(|(_, n)| n).sum::<i64>())
            .sum()
    }
}

impl Content {
    /// All steps for whose own day is `anchor`, in the order in which they come.
    pub fn timeline(&self, anchor: Date) -> Vec<Planned> {
        let mut all: Vec<Planned> = self
            .steps
            .iter()
            .map(|s| Planned {
                step: s.key,
                at: Timestamp::from_tokyo(s.offset.date(anchor), s.hour, s.minute),
            })
            .collect();
        all.sort_by_key(|p| (p.at, p.step));
        all
    }

    /// What is sent on a day after `after`: how many different messages, to how many, and when
    /// it begins. What is made up for is not foreseen.
    pub fn on(
        &self,
        day: Date,
        after: Timestamp,
        people: &People,
    ) -> Option<(usize, i64, Timestamp)> {
        let mut found: Option<(usize, i64, Timestamp)> = None;
        for step in &self.steps {
            let at = Timestamp::from_tokyo(day, step.hour, step.minute);
            let reached = step.offset.reach(people, day, day);
            if at <= after || reached == 0 {
                continue;
            }
            let (messages, total, first) = found.unwrap_or((0, 0, at));
            found = Some((messages + 1, total + reached, first.min(at)));
        }
        found
    }

    /// How many messages were due after `from` until `until`, and to how many: what a pause has
    /// left out.
    pub fn between(&self, from: Timestamp, until: Timestamp, people: &People) -> (usize, i64) {
        let (mut messages, mut total) = (0, 0);
        for day in from.date().days()..=until.date().days() {
            let day = Date::from_days(day);
            for step in &self.steps {
                let at = Timestamp::from_tokyo(day, step.hour, step.minute);
                let reached = step.offset.reach(people, day, day);
                if at > from && at <= until && reached > 0 {
                    messages += 1;
                    total += reached;
                }
            }
        }
        (messages, total)
    }
}
