//! What LINE lets this account send in a month, beside what is about to leave.

use crate::insight::month;
use crate::time::{MINUTE, Timestamp, thousands};
use serde::{Deserialize, Serialize};

/// A reading that is older counts as none, in microseconds.
const FRESH: i64 = 15 * MINUTE;

/// What LINE said of the running month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Recipients in a month; nothing: as many as it likes.
    pub limit: Option<i64>,
    /// Recipients so far, whoever sent to them.
    pub used: i64,
    /// When LINE was asked.
    pub at: Timestamp,
}

/// To how many can still be sent in a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// LINE did not tell, or too long ago.
    #[default]
    Unknown,
    /// There is no limit.
    Unlimited,
    /// To so many.
    Recipients(i64),
}

impl Quota {
    /// What is left at `now`, if so many were sent to since LINE was asked or are on their way.
    pub fn left(self, since: i64, now: Timestamp) -> Left {
        let fresh = now.since(self.at).abs() <= FRESH && month(self.at) == month(now);
        match self.limit {
            _ if !fresh => Left::Unknown,
            None => Left::Unlimited,
            Some(limit) => {
                let used = self.used.saturating_add(since);
                Left::Recipients(limit.saturating_sub(used).max(0))
            }
        }
    }
}

/// A delivery for which what is left of the month does not suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Short {
    /// To so many it goes.
    pub people: i64,
    /// To so many can still be sent.
    pub left: i64,
}

impl Short {
    /// Whether a delivery to so many is one.
    pub fn of(left: Left, people: i64) -> Option<Self> {
        match left {
            Left::Recipients(left) if left < people => Some(Self { people, left }),
            _ => None,
        }
    }

    /// 「今月LINEで送れるのは、あと1,200人分です。この配信の3,268人には、2,068人分足りません」.
    pub fn words(self) -> String {
        self.of_this("配信")
    }

    /// The same of a correction, which is never kept from leaving.
    pub fn of_correction(self) -> String {
        self.of_this("訂正")
    }

    fn of_this(self, what: &str) -> String {
        format!(
            "今月LINEで送れるのは、あと{}人分です。この{what}の{}人には、{}人分足りません",
            thousands(self.left),
            thousands(self.people),
            thousands(self.people - self.left)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Date;
    use proptest::prelude::*;

    fn at(month: u8, day: u8, hour: u8, minute: u8) -> Timestamp {
        Timestamp::from_tokyo(Date { year: 2026, month, day }, hour, minute)
    }

    fn read(limit: Option<i64>, used: i64) -> Quota {
        Quota { limit, used, at: at(11, 20, 12, 0) }
    }

    #[test]
    fn what_is_not_known_is_never_enough_nor_too_little() {
        let few = read(Some(100), 90);
        assert_eq!(few.left(0, few.at), Left::Recipients(10));
        assert_eq!(few.left(4, few.at.plus(FRESH)), Left::Recipients(6));
        assert_eq!(few.left(40, few.at), Left::Recipients(0), "LINE's number is approximate");
        assert_eq!(few.left(0, few.at.plus(FRESH + 1)), Left::Unknown);
        assert_eq!(read(None, 90).left(0, few.at.plus(FRESH + 1)), Left::Unknown);
        assert_eq!(read(None, 90).left(5, few.at), Left::Unlimited);
        assert_eq!(Short::of(Left::Unknown, 5), None);
        assert_eq!(Short::of(Left::Unlimited, 5), None);
    }

    #[test]
    fn a_new_month_is_not_known_before_it_is_read() {
        let told = Quota { limit: Some(100), used: 100, at: at(11, 30, 23, 55) };
        assert_eq!(told.left(0, at(11, 30, 23, 59)), Left::Recipients(0));
        assert_eq!(told.left(0, at(12, 1, 0, 1)), Left::Unknown);
    }

    #[test]
    fn it_reads_as_people_say_it() {
        let short = Short::of(Left::Recipients(1_200), 3_268).unwrap();
        assert_eq!(
            short.words(),
            "今月LINEで送れるのは、あと1,200人分です。この配信の3,268人には、2,068人分足りません"
        );
        assert!(short.of_correction().contains("この訂正の3,268人には、2,068人分足りません"));
        assert_eq!(Short::of(Left::Recipients(3_268), 3_268), None);
    }

    proptest! {
        #[test]
        fn what_is_short_is_short_of_what_is_left(
            limit in 0i64..1_000_000, used in 0i64..2_000_000, since in 0i64..1_000_000, people in 0i64..1_000_000,
        ) {
            let told = read(Some(limit), used);
            let Left::Recipients(left) = told.left(since, told.at) else { panic!() };
            prop_assert!((0..=limit).contains(&left));
            prop_assert_eq!(Short::of(Left::Recipients(left), people).is_some(), people > left);
        }
    }
}
