//! When it is told of a delivery on its way that it stands still, or that it crawls.

use super::STALLED_AFTER;
use crate::time::{MINUTE, SECOND, thousands};

/// Of an emergency or a correction it is told after this.
const URGENT_AFTER: i64 = MINUTE;
/// Recipients a second by plan: half of what LINE takes where each one has a call of their own.
const PLANNED: i64 = 1_000;
/// So much longer than its plan an emergency or a correction may take for its rest …
const URGENT_LATE: i64 = 5 * MINUTE;
/// … and anything else, which gives way to what is urgent.
const LATE: i64 = 30 * MINUTE;

/// A delivery with calls to make of which none ended for so long stands still; one that is
/// due for so long and has not begun, too.
pub const fn stalled_after(urgent: bool) -> i64 {
    if urgent { URGENT_AFTER } else { STALLED_AFTER }
}

/// How long so many recipients take by plan, in microseconds.
const fn planned(people: i64) -> i64 {
    people.saturating_mul(SECOND) / PLANNED
}

/// Whether the pace of a delivery is looked at that goes on for so long: not before there are
/// minutes to measure it by, nor, unless it is urgent, while it is within its plan.
pub fn measures_pace(urgent: bool, recipients: i64, going: i64) -> bool {
    let plan = if urgent { 0 } else { planned(recipients) };
    going >= stalled_after(urgent).saturating_add(plan)
}

/// How fast a delivery moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// It is an emergency or a correction.
    pub urgent: bool,
    /// Recipients who wait.
    pub waiting: i64,
    /// Recipients of calls that ended within the last [`stalled_after`].
    pub lately: i64,
}

impl Pace {
    /// How long those who wait will wait at this pace, in microseconds.
    pub fn rest(self) -> i64 {
        let all = i128::from(self.waiting) * i128::from(stalled_after(self.urgent));
        i64::try_from(all / i128::from(self.lately.max(1))).unwrap_or(i64::MAX)
    }

    /// Whether that is much longer than its plan. `told`: it was told already, and is over only
    /// when the rest is near, so that a pace that goes up and down is told once.
    pub fn crawls(self, told: bool) -> bool {
        let late = if self.urgent { URGENT_LATE } else { LATE };
        let much = late.saturating_add(planned(self.waiting));
        self.waiting > 0 && self.rest() > if told { much / 4 } else { much }
    }

    /// 「この5分間に500人分しか進んでいません。残りの4,000人分に、このままだと40分ほどかかります」.
    pub fn words(self) -> String {
        let minutes = self.rest() / MINUTE + 1;
        let rest = if minutes < 120 {
            format!("{minutes}分")
        } else {
            format!("{}時間", thousands(minutes / 60))
        };
        format!(
            "この{}分間に{}人分しか進んでいません。残りの{}人分に、このままだと{rest}ほどかかります",
            stalled_after(self.urgent) / MINUTE,
            thousands(self.lately),
            thousands(self.waiting)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;
    use proptest::prelude::*;

    fn pace(urgent: bool, waiting: i64, lately: i64) -> Pace {
        Pace { urgent, waiting, lately }
    }

    #[test]
    fn a_call_every_four_minutes_is_told_where_many_wait() {
        assert!(pace(false, 4_000, 500).crawls(false));
        assert!(!pace(false, 1_000, 500).crawls(false), "it is over in ten minutes");
        assert!(pace(false, 1_000, 500).crawls(true), "and that is told until it is near");
        assert!(!pace(false, 500, 500).crawls(true));
        assert!(!pace(false, 0, 0).crawls(true));
        // As LINE takes them: a million, one by one.
        assert!(!pace(false, 600_000, 300_000).crawls(false));
        assert!(pace(true, 4_000, 500).crawls(false), "an emergency sooner");
        assert!(!pace(true, 300_000, 100_000).crawls(false));
    }

    #[test]
    fn what_is_urgent_is_looked_at_after_a_minute_and_the_rest_after_its_plan() {
        assert!(!measures_pace(true, 600_000, MINUTE - 1));
        assert!(measures_pace(true, 600_000, MINUTE));
        assert!(!measures_pace(false, 600_000, 14 * MINUTE));
        assert!(measures_pace(false, 600_000, 15 * MINUTE));
    }

    #[test]
    fn it_reads_as_people_say_it() {
        assert_eq!(
            pace(false, 4_000, 500).words(),
            "この5分間に500人分しか進んでいません。残りの4,000人分に、このままだと41分ほどかかります"
        );
        assert!(pace(true, 100_000, 500).words().contains("この1分間に500人分"));
        assert!(pace(true, 100_000, 500).words().ends_with("このままだと3時間ほどかかります"));
    }

    proptest! {
        #[test]
        fn who_moves_faster_crawls_no_sooner(
            urgent: bool, told: bool, waiting in 0i64..2_000_000, lately in 0i64..2_000_000, more in 0i64..10_000,
        ) {
            let slow = pace(urgent, waiting, lately);
            let fast = pace(urgent, waiting, lately + more);
            prop_assert!(fast.rest() <= slow.rest());
            prop_assert!(!fast.crawls(told) || slow.crawls(told));
            prop_assert!(!slow.crawls(false) || slow.crawls(true), "what is told stays told");
            prop_assert!(waiting == 0 || lately > 0 || slow.rest() >= MINUTE);
        }

        #[test]
        fn whoever_keeps_to_the_plan_never_crawls(urgent: bool, waiting in 1i64..2_000_000) {
            let lately = stalled_after(urgent) / SECOND * PLANNED;
            prop_assert!(!pace(urgent, waiting, lately).crawls(false));
            prop_assert!(planned(waiting) < HOUR);
        }
    }
}
