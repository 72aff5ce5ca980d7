//! How many opened a delivery, by LINE's statistics (SEG-8).
//!
//! LINE tells sums alone, of what was sent under one name (an aggregation unit); nothing of
//! single people, and no number below 20. Statistics change for 14 days after sending.

use crate::delivery::Purpose;
use crate::time::{DAY, HOUR, Timestamp};
use serde::{Deserialize, Serialize};

/// Names that LINE counts in a calendar month; under the next one it counts nothing and says
/// nothing. Some are left for what is still being sent when a month begins, and for whatever
/// else sends with the same account.
pub const NAMES_A_MONTH: i64 = 1_000 - 50;
/// So many of them may be used up when something that is sent by itself still takes one: a course
/// with many steps sends a hundred deliveries a day.
const FOR_REPEATED: i64 = 500;
/// The same of what staff send one by one. The others are kept back for what is urgent.
const FOR_SINGLE: i64 = 850;
/// LINE publishes no number that fewer people stand behind.
pub const PUBLISHED_FROM: i64 = 20;
/// How long after sending the numbers are read again, in microseconds.
pub const REFRESHED: i64 = 14 * DAY;
/// Questions to LINE: 60 an hour are allowed. A bucket of 30 that fills by 30 an hour never
/// asks more than 60 times in any hour. In microseconds a question, and the bucket's content.
pub const SLOT: (i64, i64) = (2 * 60 * 1_000_000, HOUR);

/// Up to how many used names of a month a delivery still takes one. `repeated`: it is of a series
/// or a course.
pub fn names_for(purpose: Purpose, correction: bool, repeated: bool) -> i64 {
    if correction || purpose == Purpose::Emergency {
        NAMES_A_MONTH
    } else if repeated {
        FOR_REPEATED
    } else {
        FOR_SINGLE
    }
}

/// Why LINE is not asked about a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Without {
    /// It went to fewer than 20, of whom nothing is published.
    Few,
    /// It was a test.
    Test,
    /// The month's names were used up, as far as it may take them.
    Names,
    /// It has ended, and LINE took it for nobody.
    Unsent,
}

impl Without {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Few, Self::Test, Self::Names, Self::Unsent];

    /// The name in the database and in REST.
    pub fn name(self) -> &'static str {
        match self {
            Self::Few => "few",
            Self::Test => "test",
            Self::Names => "names",
            Self::Unsent => "unsent",
        }
    }

    /// The reason of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.name() == name)
    }
}

/// What is known of who opened a delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reads {
    /// Why LINE is not asked.
    pub without: Option<Without>,
    /// When LINE was last asked with success.
    pub taken_at: Option<Timestamp>,
    /// When it is asked next; nothing when it is over.
    pub next_at: Option<Timestamp>,
    /// People who had at least one of the messages on their screen; nothing where LINE does not tell.
    pub readers: Option<i64>,
    /// People who opened at least one link; nothing where LINE does not tell.
    pub clickers: Option<i64>,
}

/// How a number of LINE's is to be shown. None of them is ever 0 instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The number.
    Number(i64),
    /// 公表されません.
    Hidden,
    /// Not asked yet: —.
    Waiting,
    /// Will not be known: —.
    Unknown,
}

impl Reads {
    /// How the number of readers is to be shown.
    pub fn readers(&self) -> Shown {
        self.shown(self.readers)
    }

    /// How the number of those who opened links is to be shown.
    pub fn clickers(&self) -> Shown {
        self.shown(self.clickers)
    }

    fn shown(&self, number: Option<i64>) -> Shown {
        match (self.without, number, self.taken_at) {
            (Some(Without::Few), ..) => Shown::Hidden,
            (Some(_), ..) => Shown::Unknown,
            (None, Some(n), _) => Shown::Number(n),
            (None, None, Some(_)) => Shown::Hidden,
            (None, None, None) => Shown::Waiting,
        }
    }
}

/// When LINE is asked, in hours after sending: often on the first day, when most people read,
/// then once a day.
const HOURS: [i64; 18] =
    [1, 3, 6, 12, 24, 48, 72, 96, 120, 144, 168, 192, 216, 240, 264, 288, 312, 336];

/// When LINE is asked next about what was sent at `sent`; nothing when 14 days are over.
pub fn next_look(sent: Timestamp, now: Timestamp) -> Option<Timestamp> {
    HOURS.iter().map(|h| sent.plus(h * HOUR)).find(|at| *at > now)
}

/// The first and last day for which LINE is asked, as `yyyyMMdd` in Tokyo: from the day of
/// sending, 30 days on at most.
pub fn days(sent: Timestamp, now: Timestamp) -> (String, String) {
    let first = sent.date().days();
    let last = now.date().days().clamp(first, first + 30);
    let word = |day| crate::time::Date::from_days(day).iso().replace('-', "");
    (word(first), word(last))
}

/// The calendar month in Tokyo by which LINE counts names, as `202611`.
pub fn month(at: Timestamp) -> i64 {
    let date = at.date();
    i64::from(date.year) * 100 + i64::from(date.month)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::MINUTE;

    const SENT: Timestamp = Timestamp(1_795_143_600_000_000);

    #[test]
    fn it_is_asked_often_at_first_and_ends_after_14_days() {
        let mut now = SENT;
        let mut looks = Vec::new();
        while let Some(next) = next_look(SENT, now) {
            looks.push(next.since(SENT) / HOUR);
            now = next;
        }
        assert_eq!(looks, HOURS);
        assert_eq!(SENT.plus(REFRESHED), now);
        // A worker that was away goes on with the next one.
        assert_eq!(next_look(SENT, SENT.plus(5 * DAY + MINUTE)), Some(SENT.plus(6 * DAY)));
        // 33 deliveries a day, as many as a month has names for, are within what may be asked.
        assert!(HOURS.len() as i64 * NAMES_A_MONTH / 30 <= 24 * HOUR / SLOT.0);
        assert!(SLOT.1 / SLOT.0 + HOUR / SLOT.0 <= 60);
    }

    #[test]
    fn what_repeats_leaves_names_to_the_others_and_those_to_what_is_urgent() {
        use Purpose::{Drill, Emergency, Notice};
        let single = names_for(Notice, false, false);
        assert!(names_for(Notice, false, true) < single && single < NAMES_A_MONTH);
        assert_eq!(names_for(Drill, false, false), single);
        assert_eq!(names_for(Drill, false, true), names_for(Notice, false, true));
        for (purpose, correction, repeated) in
            [(Emergency, false, false), (Emergency, false, true), (Notice, true, false)]
        {
            assert_eq!(names_for(purpose, correction, repeated), NAMES_A_MONTH);
        }
    }

    #[test]
    fn what_is_not_told_is_never_0() {
        let reads = Reads::default();
        assert_eq!(reads.readers(), Shown::Waiting);
        let hidden = Reads { taken_at: Some(SENT), ..reads };
        assert_eq!((hidden.readers(), hidden.clickers()), (Shown::Hidden, Shown::Hidden));
        let known = Reads { readers: Some(412), ..hidden };
        assert_eq!((known.readers(), known.clickers()), (Shown::Number(412), Shown::Hidden));
        for (without, shown) in [
            (Without::Few, Shown::Hidden),
            (Without::Test, Shown::Unknown),
            (Without::Names, Shown::Unknown),
            (Without::Unsent, Shown::Unknown),
        ] {
            assert_eq!(Reads { without: Some(without), ..reads }.readers(), shown);
            assert_eq!(Without::parse(without.name()), Some(without));
        }
    }

    #[test]
    fn days_are_tokyos_and_at_most_30_apart() {
        assert_eq!(days(SENT, SENT), ("20261120".into(), "20261120".into()));
        assert_eq!(days(SENT, SENT.plus(-DAY)).1, "20261120");
        assert_eq!(days(SENT, SENT.plus(12 * HOUR)).1, "20261121");
        assert_eq!(days(SENT, SENT.plus(99 * DAY)).1, "20261220");
        assert_eq!(month(SENT), 202_611);
        assert_eq!(month(SENT.plus(11 * DAY)), 202_612);
    }
}
