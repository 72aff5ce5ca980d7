//! Step courses (ステップ配信, SEG-9): messages that come so long before or after a day of the
//! resident's own — a child's birthday, a due date, the day on which they registered.
//!
//! A course is a list of steps. Each day each step is due for those whose own day lies so long
//! before (or after) it: [`Content::due`] answers for one moment, and everything else — the next
//! moment, the days of one resident, how many it will reach — follows from [`Offset::date`].
//! That nobody gets a step twice is looked at once more when a delivery is frozen, by
//! [`is_the_same`]: whatever was edited, paused or registered anew meanwhile.

mod check;
mod plan;
mod table;
mod view;
mod words;

use crate::audience::{Audience, Day, Says, Since, Span};
use crate::delivery::variant::{self, Variant};
use crate::id::CourseId;
use crate::language::Language;
use crate::message::Part;
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub use check::{N_MAX, NAME_MAX, STEPS_MAX, name_problem};
pub use plan::{People, Planned};
pub use table::{Change, HEAD, Import, LINES_MAX, read_table, table};
pub use view::{
    Course, CourseRow, Edit, Event, Figure, Mine, Opened, OpenedStep, Preview, Reach, Request,
    Sent, State,
};

/// Days by which two days of one resident may differ and still be about the same child or event,
/// put right: a step that was sent for one of them is not sent for the other. Brothers and
/// sisters lie further apart, and get their own. Nor is a step made up for that is older.
pub const HALF_YEAR: i64 = 180;
/// Own days in one delivery of what is made up for: few enough that brothers and sisters never
/// stand in each other's way ([`HALF_YEAR`]).
const LATE_DAYS: i64 = 31;
/// When somebody who registered late gets the latest step that has passed: the next morning.
pub const MORNING: (u8, u8) = (9, 0);

/// Whether two days of one resident are about the same child or event ([`HALF_YEAR`]).
pub fn is_the_same(one: Date, other: Date) -> bool {
    (one.days() - other.days()).abs() <= HALF_YEAR
}

/// In what an [`Offset`] is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// 日.
    Days,
    /// 週.
    Weeks,
    /// か月, by the calendar: the last day of a month that is too short.
    Months,
    /// 年, by the calendar: of 29 February, 28 February.
    Years,
}

impl Unit {
    /// Every one, in order.
    pub const ALL: &[Self] = &[Self::Days, Self::Weeks, Self::Months, Self::Years];
}

/// So long after the resident's day; before it, if negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offset {
    /// How many.
    pub n: i32,
    /// Of what.
    pub unit: Unit,
}

impl Offset {
    /// The day itself.
    pub const NONE: Self = Self { n: 0, unit: Unit::Days };

    /// The day on which a step is sent to whose own day is `anchor`. A later anchor never
    /// has an earlier day.
    pub fn date(self, anchor: Date) -> Date {
        match self.unit {
            Unit::Days => Date::from_days(anchor.days() + i64::from(self.n)),
            Unit::Weeks => Date::from_days(anchor.days() + i64::from(self.n) * 7),
            Unit::Months => anchor.plus_months(self.n),
            Unit::Years => anchor.plus_months(self.n * 12),
        }
    }

    /// The first and the last of the days whose step falls on `day`: at the end of a month
    /// several, or none.
    pub fn anchors(self, day: Date) -> Option<(Date, Date)> {
        // Months differ by three days at most.
        let near = Self { n: -self.n, ..self }.date(day).days();
        let fit = |n: &i64| self.date(Date::from_days(*n)) == day;
        let first = (near - 4..=near + 4).find(fit)?;
        let last = (near - 4..=near + 4).rev().find(fit)?;
        Some((Date::from_days(first), Date::from_days(last)))
    }

    /// About how many days it is: by this, steps stand in order.
    pub fn days(self) -> i64 {
        let from = Date { year: 2001, month: 1, day: 1 };
        self.date(from).days() - from.days()
    }
}

/// From which day of the resident's own the steps are counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Anchor {
    /// A date that they registered; the attribute's key, empty while it has to be chosen.
    Date(String),
    /// The day on which they registered for the first time.
    Registered,
    /// The day on which they became a friend.
    Friend,
}

impl Default for Anchor {
    fn default() -> Self {
        Self::Date(String::new())
    }
}

impl Anchor {
    /// Whose own day lies there.
    fn within(&self, from: Date, to: Date) -> Audience {
        let span = Span { from: Some(Day::On(from)), to: Some(Day::On(to)) };
        match self {
            Self::Date(key) => Audience::Said { key: key.clone(), says: Says::Date(span) },
            Self::Registered => Audience::Since { what: Since::First, span },
            Self::Friend => Audience::Since { what: Since::Friend, span },
        }
    }

    /// Who came on a day: became a friend, or wrote down what the course goes by.
    fn came(&self, day: Date) -> Audience {
        let what = match self {
            Self::Date(_) => Since::Registered,
            Self::Registered => Since::First,
            Self::Friend => Since::Friend,
        };
        Audience::Since { what, span: Span { from: Some(Day::On(day)), to: Some(Day::On(day)) } }
    }

    /// Who has such a day at all.
    fn any(&self) -> Audience {
        match self {
            Self::Date(key) => Audience::Said { key: key.clone(), says: Says::Registered(true) },
            Self::Registered => Audience::Since {
                what: Since::First,
                span: Span { from: Some(Day::On(FIRST)), to: None },
            },
            Self::Friend => Audience::Everyone,
        }
    }
}

const FIRST: Date = Date { year: 1900, month: 1, day: 1 };

/// What somebody gets who registers when steps have passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Late {
    /// What is still to come.
    #[default]
    Skip,
    /// The latest one that has passed, the next morning; then what is still to come.
    Latest,
}

/// One message of a course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its number in the course: it stays the same whatever is changed, and is never given twice.
    pub key: u32,
    /// When.
    pub offset: Offset,
    /// 0–23.
    pub hour: u8,
    /// 0–59.
    pub minute: u8,
    /// What.
    pub parts: Vec<Part>,
    /// Addresses whose taps are not counted.
    #[serde(default)]
    pub uncounted: Vec<String>,
    /// The same in other languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
}

impl Step {
    /// The parts of all languages in one row.
    pub fn whole(&self) -> Vec<Part> {
        variant::whole(&self.parts, &self.variants)
    }

    /// The languages in which it is written beside the base.
    pub fn languages(&self) -> Vec<Language> {
        self.variants.iter().map(|v| v.language).collect()
    }

    /// What it says in a language; the base where it is not written in it.
    pub fn parts_in(&self, language: Language) -> &[Part] {
        let variant = self.variants.iter().find(|v| v.language == language);
        variant.map_or(self.parts.as_slice(), |v| v.parts.as_slice())
    }
}

/// What a course says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// From which day.
    pub anchor: Anchor,
    /// Who of those who have such a day; nothing: all of them.
    pub audience: Option<Audience>,
    /// Who registers late.
    pub late: Late,
    /// In the order in which they are sent.
    pub steps: Vec<Step>,
    /// The number of the next new step.
    pub next: u32,
}

/// A step that is due: one delivery, to those whose own day lies within `from` and `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Due {
    /// The step's number.
    pub step: u32,
    /// The day on which it is sent.
    pub day: Date,
    /// Made up for, the morning after somebody registered late.
    pub late: bool,
    /// The first own day.
    pub from: Date,
    /// The last.
    pub to: Date,
}

/// Where a delivery came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfCourse {
    /// The course.
    pub course: CourseId,
    /// Which step, for whom.
    pub due: Due,
}

impl Content {
    /// The step of a number.
    pub fn step(&self, key: u32) -> Option<&Step> {
        self.steps.iter().find(|s| s.key == key)
    }

    /// The languages in which some step is written beside the base.
    pub fn languages(&self) -> BTreeSet<Language> {
        self.steps.iter().flat_map(Step::languages).collect()
    }

    /// Adds a step with a number of its own; answers the number.
    pub fn add(&mut self, step: Step) -> u32 {
        let key = self.next;
        self.next += 1;
        self.steps.push(Step { key, ..step });
        self.sort();
        key
    }

    /// Puts the steps in the order in which they are sent.
    pub fn sort(&mut self) {
        self.steps.sort_by_key(|s| (s.offset.days(), s.hour, s.minute, s.key));
    }

    /// The next moment after `after` at which something may be due; nothing without steps.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let mut times: BTreeSet<(u8, u8)> = self.steps.iter().map(|s| (s.hour, s.minute)).collect();
        if self.late == Late::Latest && !times.is_empty() {
            times.insert(MORNING);
        }
        let today = after.date();
        let on = |day: Date| {
            let at = move |(hour, minute): (u8, u8)| Timestamp::from_tokyo(day, hour, minute);
            times.iter().copied().map(at).find(|at| *at > after)
        };
        on(today).or_else(|| on(Date::from_days(today.days() + 1)))
    }

    /// What is due at a moment that [`Self::next_after`] gave.
    pub fn due(&self, at: Timestamp) -> Vec<Due> {
        let time = at.tokyo();
        let day = time.date;
        let mut due: Vec<Due> = self
            .steps
            .iter()
            .filter(|s| (s.hour, s.minute) == (time.hour, time.minute))
            .filter_map(|s| {
                let (from, to) = s.offset.anchors(day)?;
                Some(Due { step: s.key, day, late: false, from, to })
            })
            .collect();
        if self.late == Late::Latest && (time.hour, time.minute) == MORNING {
            due.extend(self.missed(day));
        }
        due
    }

    /// Who has missed what, of those who came the day before: the latest step of the last
    /// half year, unless something comes today anyway, or it was about a day that has passed
    /// (「予定日の1週前」 after it).
    fn missed(&self, day: Date) -> Vec<Due> {
        let passed = |anchor: Date| {
            self.steps
                .iter()
                .map(|s| ((s.offset.date(anchor), s.hour, s.minute, s.key), s))
                .filter(|((date, ..), _)| *date <= day)
                .max_by_key(|(order, _)| *order)
                .filter(|((date, ..), _)| *date < day && day.days() - date.days() <= HALF_YEAR)
                .filter(|(_, s)| s.offset.n >= 0 || anchor >= day)
                .map(|(_, s)| s.key)
        };
        // Offsets by months are at most three days longer or shorter than in the year that
        // they are put in order by.
        let spans = self.steps.iter().map(|s| s.offset.days());
        let (Some(shortest), Some(longest)) = (spans.clone().min(), spans.max()) else {
            return Vec::new();
        };
        let mut found: Vec<Due> = Vec::new();
        for n in day.days() - longest - HALF_YEAR - 4..=day.days() - shortest + 4 {
            let anchor = Date::from_days(n);
            let Some(step) = passed(anchor) else { continue };
            match found.last_mut() {
                Some(last)
                    if last.step == step
                        && last.to.days() + 1 == n
                        && n - last.from.days() < LATE_DAYS =>
                {
                    last.to = anchor;
                }
                _ => found.push(Due { step, day, late: true, from: anchor, to: anchor }),
            }
        }
        found
    }

    /// To whom what is due is sent.
    pub fn audience_of(&self, due: &Due) -> Audience {
        let mut all = vec![self.anchor.within(due.from, due.to)];
        if due.late {
            all.push(self.anchor.came(Date::from_days(due.day.days() - 1)));
        }
        self.among(all)
    }

    /// Everybody who gets steps of this course at some time.
    pub fn everybody(&self) -> Audience {
        self.among(vec![self.anchor.any()])
    }

    fn among(&self, mut all: Vec<Audience>) -> Audience {
        all.extend(self.audience.clone().filter(|a| !a.is_everyone()));
        match all.len() {
            1 => all.remove(0),
            _ => Audience::All(all),
        }
    }
}

#[cfg(test)]
mod tests;
