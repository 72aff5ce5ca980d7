//! A delivery beside the last similar one: what goes to far more or far fewer than last
//! time is looked at twice before it leaves. False alarms began with a wrong audience.

use super::Purpose;
use crate::audience::Audience;
use crate::id::DeliveryId;
use crate::time::{Timestamp, thousands};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A delivery that was sent before by the same department with the same purpose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Former {
    /// Which.
    pub id: DeliveryId,
    /// For staff.
    pub title: String,
    /// When it began.
    pub at: Timestamp,
    /// How many recipients it had.
    pub people: i64,
    /// To whom.
    pub audience: Option<Audience>,
}

impl Former {
    fn everyone(&self) -> bool {
        self.audience.as_ref().is_some_and(Audience::is_everyone)
    }
}

/// The last similar delivery beside the one that is about to leave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The last similar one.
    pub former: Former,
    /// To so many it goes now.
    pub people: i64,
    /// So different that it is asked for an extra tick.
    pub striking: bool,
}

/// Times more, or fewer, than last time from which the difference strikes.
const TIMES: i64 = 3;
/// Fewer people than this more or less never strike: 2 instead of 6 is no mistake.
const FEW: i64 = 20;

impl Compared {
    /// Compares; `everyone`: it goes to all friends now.
    pub fn of(former: Former, people: i64, everyone: bool) -> Self {
        let (now, before) = (people.max(1), former.people.max(1));
        let times = now >= before * TIMES || before >= now * TIMES;
        let widened = everyone && !former.everyone() && now > before;
        let striking = (now - before).abs() >= FEW && (times || widened);
        Self { former, people, striking }
    }

    /// 「1.4倍」, 「同じくらい」, 「3割」: of those of last time.
    pub fn ratio(&self) -> String {
        let (now, before) = (self.people, self.former.people.max(1));
        if now * 100 >= before * 95 && now * 100 <= before * 105 {
            "同じくらい".into()
        } else if now >= before {
            let tenths = now * 10 / before;
            if tenths >= 100 {
                format!("{}倍", thousands(tenths / 10))
            } else {
                format!("{}.{}倍", tenths / 10, tenths % 10)
            }
        } else if now * 10 < before {
            "1割より少ない人数".into()
        } else {
            format!("{}割", now * 10 / before)
        }
    }

    /// 「前回の1.4倍」, 「前回と同じくらい」.
    pub fn beside_former(&self) -> String {
        match self.ratio() {
            words if words.starts_with('同') => format!("前回と{words}"),
            words => format!("前回の{words}"),
        }
    }

    /// 「前回の「断水のお知らせ」は、9月12日（土）17:30に 2,334人へ送りました。今回はその1.4倍です」.
    pub fn words(&self) -> String {
        let difference = self.people - self.former.people;
        let more = match difference {
            0 => String::new(),
            n if n > 0 => format!("（{}人多い）", thousands(n)),
            n => format!("（{}人少ない）", thousands(-n)),
        };
        let whom = if self.former.everyone() { "友だち全員、" } else { "" };
        let ratio = match self.ratio() {
            words if words.starts_with('同') => "今回も同じくらい".to_owned(),
            words => format!("今回はその{words}"),
        };
        format!(
            "前回の「{}」は、{}に {whom}{}人へ送りました。{ratio}です{more}",
            self.former.title,
            self.former.at.day_and_time(),
            thousands(self.former.people)
        )
    }
}

/// The most similar of these, which are in order from the newest; of equals, the newest.
/// A title that says the same weighs more than the same audience: who has mistaken the
/// audience this time must be shown the last delivery of this matter, not the last one
/// to the same wrong people.
pub fn most_similar(
    title: &str,
    audience: &Audience,
    found: impl IntoIterator<Item = Former>,
) -> Option<Former> {
    let keys = keys(audience);
    let mut best: Option<(i32, Former)> = None;
    for former in found {
        let same = former.audience.as_ref() == Some(audience);
        let alike = former.audience.as_ref().is_some_and(|a| self::keys(a) == keys);
        let score =
            4 * i32::from(is_like(title, &former.title)) + 2 * i32::from(same) + i32::from(alike);
        if best.as_ref().is_none_or(|(high, _)| score > *high) {
            best = Some((score, former));
        }
    }
    best.map(|(_, former)| former)
}

fn keys(audience: &Audience) -> BTreeSet<String> {
    audience.uses().into_iter().map(|(key, _)| key).collect()
}

/// Whether half of the pairs of letters are the same in two titles; figures do not count,
/// so that the date of this week is no difference.
fn is_like(a: &str, b: &str) -> bool {
    let pairs = |text: &str| -> BTreeSet<(char, char)> {
        let letters: Vec<char> =
            text.chars().filter(|c| c.is_alphabetic() && !c.is_whitespace()).collect();
        letters.windows(2).map(|w| (w[0], w[1])).collect()
    };
    let (a, b) = (pairs(a), pairs(b));
    !a.is_empty() && !b.is_empty() && a.intersection(&b).count() * 4 >= a.len() + b.len()
}

/// Whether a striking difference stops this purpose until it is ticked. An emergency is
/// warned of it and never waits for a tick.
pub fn asks(purpose: Purpose) -> bool {
    purpose != Purpose::Emergency
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn some(key: &str) -> Audience {
        Audience::Attribute { key: key.into(), is: vec!["x".into()] }
    }

    fn former(id: i64, title: &str, people: i64, audience: Audience) -> Former {
        Former {
            id: DeliveryId(id),
            title: title.into(),
            at: Timestamp::parse_rfc3339("2026-09-12T17:30:00+09:00").unwrap(),
            people,
            audience: Some(audience),
        }
    }

    #[test]
    fn three_times_more_or_fewer_strikes_and_so_does_everyone() {
        let strikes = |people, before, everyone, audience: Audience| {
            Compared::of(former(1, "断水", before, audience), people, everyone).striking
        };
        assert!(strikes(600, 200, false, some("home")));
        assert!(!strikes(599, 200, false, some("home")));
        assert!(strikes(66, 200, false, some("home")));
        assert!(!strikes(67, 200, false, some("home")));
        assert!(!strikes(6, 2, false, some("home")), "a few people are no mistake");
        assert!(strikes(300, 200, true, some("home")), "everyone, where it was 200");
        assert!(!strikes(210, 200, true, some("home")), "nearly everyone before, too");
        assert!(!strikes(300, 200, true, Audience::Everyone));
        assert!(strikes(25, 0, false, some("home")));
    }

    #[test]
    fn it_reads_as_people_say_it() {
        let words =
            |people, before| Compared::of(former(1, "断水", before, some("home")), people, false);
        assert_eq!(
            words(3_268, 2_334).words(),
            "前回の「断水」は、9月12日（土）17:30に 2,334人へ送りました。今回はその1.4倍です（934人多い）"
        );
        for (people, before, ratio) in [
            (100, 100, "同じくらい"),
            (104, 100, "同じくらい"),
            (36, 100, "3割"),
            (9, 100, "1割より少ない人数"),
            (84_312, 200, "421倍"),
        ] {
            assert_eq!(words(people, before).ratio(), ratio, "{people} {before}");
        }
        assert!(words(100, 100).words().ends_with("今回も同じくらいです"));
        assert_eq!(words(100, 100).beside_former(), "前回と同じくらい");
        assert_eq!(words(140, 100).beside_former(), "前回の1.4倍");
    }

    #[test]
    fn the_same_matter_comes_before_the_same_audience() {
        let found = || {
            vec![
                former(5, "図書館の休み", 9_000, Audience::Everyone),
                former(4, "断水のお知らせ（9月）", 250, some("home")),
                former(3, "断水のお知らせ（8月）", 200, some("home")),
            ]
        };
        let id = |title: &str, audience: &Audience| {
            most_similar(title, audience, found()).map(|f| f.id.0)
        };
        assert_eq!(id("断水のお知らせ（10月）", &Audience::Everyone), Some(4));
        assert_eq!(id("市民まつり", &Audience::Everyone), Some(5));
        assert_eq!(id("市民まつり", &some("home")), Some(4));
        assert_eq!(id("", &some("topics")), Some(5), "else the last one");
        assert_eq!(most_similar("断水", &Audience::Everyone, []), None);
    }

    proptest! {
        #[test]
        fn the_difference_strikes_either_way_alike(now in 0i64..300_000, before in 0i64..300_000) {
            let strikes =
                |a, b| Compared::of(former(1, "断水", b, some("home")), a, false).striking;
            prop_assert_eq!(strikes(now, before), strikes(before, now));
            if strikes(now, before) {
                prop_assert!((now - before).abs() >= FEW);
            }
            // Whoever goes to as many as last time is never asked.
            prop_assert!(!strikes(now, now));
        }

        #[test]
        fn more_of_the_same_strikes_no_less(before in 0i64..100_000, more in 0i64..100_000) {
            let strikes =
                |a| Compared::of(former(1, "断水", before, some("home")), a, false).striking;
            if strikes(before + more) {
                prop_assert!(strikes(before + more + 1));
            }
        }
    }
}
