//! What a city lets through, and when: quiet hours and the budget of a resident (SEG-6).
//! Both are off until a city sets them.

use super::{Check, Purpose};
use crate::problem::Problem;
use crate::time::{DAY, Date, MINUTE, Timestamp};
use serde::{Deserialize, Serialize};

/// What a city has decided about quiet hours and budgets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gates {
    /// 静かな時間; nothing: deliveries leave at any hour.
    pub quiet: Option<Quiet>,
    /// 1人あたりの上限; nothing: nobody is withheld for having had many.
    pub budget: Option<Budget>,
}

impl Gates {
    /// What must be mended, at `quiet` and `budget`.
    pub fn problems(self) -> Vec<Problem> {
        let quiet = self.quiet.and_then(Quiet::problem).map(|words| Problem::new("quiet", words));
        let budget =
            self.budget.and_then(Budget::problem).map(|words| Problem::new("budget", words));
        quiet.into_iter().chain(budget).collect()
    }

    /// Until when a delivery that would begin at `at` waits; nothing: it may leave.
    pub fn waits(self, purpose: Purpose, at: Timestamp) -> Option<Timestamp> {
        self.quiet.filter(|q| binds(purpose) && q.holds(at)).map(|q| q.end(at))
    }
}

/// Whether quiet hours and budget bind a delivery of this purpose to residents. An
/// emergency is exempt. A drill is not: it rings like a notice and can be planned for the
/// day, and a city that names its notices drills must gain nothing. What goes to testers,
/// and corrections, are exempt whatever their purpose; that is asked beside this.
pub fn binds(purpose: Purpose) -> bool {
    purpose != Purpose::Emergency
}

/// Quiet hours (静かな時間): each day from one time to another in Asia/Tokyo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// Minutes after midnight at which they begin.
    pub from: u16,
    /// Minutes after midnight at which they are over; not later than `from` means the next day.
    pub until: u16,
}

/// Minutes of a day.
const MINUTES: u16 = 24 * 60;

impl Quiet {
    /// From 「21:00」 and 「07:00」.
    pub fn parse(from: &str, until: &str) -> Option<Self> {
        let minute = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.get(..2)?.parse().ok()?);
            (hour < 24 && minute < 60).then_some(hour * 60 + minute)
        };
        Some(Self { from: minute(from)?, until: minute(until)? })
    }

    fn problem(self) -> Option<&'static str> {
        if self.from >= MINUTES || self.until >= MINUTES {
            Some("時刻を入れてください（例：21:00）")
        } else if self.from == self.until {
            Some("始まりと終わりが同じです。ちがう時刻にしてください")
        } else {
            None
        }
    }

    /// Whether they cross midnight.
    fn crosses(self) -> bool {
        self.until < self.from
    }

    /// Whether a moment lies in them: the first one does, the last one not.
    pub fn holds(self, at: Timestamp) -> bool {
        let minute = minute_of(at);
        if self.crosses() {
            minute >= self.from || minute < self.until
        } else {
            (self.from..self.until).contains(&minute)
        }
    }

    /// When they are over, for a moment that lies in them; else the moment itself.
    pub fn end(self, at: Timestamp) -> Timestamp {
        if !self.holds(at) {
            return at;
        }
        let tomorrow = self.crosses() && minute_of(at) >= self.from;
        let day = at.date().days() + i64::from(tomorrow);
        Date::from_days(day).start().plus(i64::from(self.until) * MINUTE)
    }

    /// 「21:00から翌日の7:00まで」.
    pub fn words(self) -> String {
        let next = if self.crosses() { "翌日の" } else { "" };
        format!("{}から{next}{}まで", clock(self.from), clock(self.until))
    }
}

/// 「7:00」, of minutes after midnight.
fn clock(minute: u16) -> String {
    format!("{}:{:02}", minute / 60, minute % 60)
}

/// 「07:00」, as fields of the browser take it.
pub fn field(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn minute_of(at: Timestamp) -> u16 {
    let civil = at.tokyo();
    u16::from(civil.hour) * 60 + u16::from(civil.minute)
}

/// How many deliveries a resident gets (1人あたりの上限), whichever departments send them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Deliveries at most; each counts once, however many parts it has.
    pub messages: u16,
    /// Within so many days of the calendar in Tokyo, the day itself included.
    pub days: u16,
}

impl Budget {
    /// Largest number of deliveries.
    pub const MESSAGES_MAX: u16 = 50;
    /// Longest time, in days.
    pub const DAYS_MAX: u16 = 31;
    /// What is warned of where a city has set no budget: the fourth of a week.
    pub const OFTEN: Self = Self { messages: 3, days: 7 };

    fn problem(self) -> Option<&'static str> {
        if !(1..=Self::MESSAGES_MAX).contains(&self.messages) {
            Some("上限は、1通から50通までの数にしてください")
        } else if !(1..=Self::DAYS_MAX).contains(&self.days) {
            Some("日数は、1日から31日までの数にしてください")
        } else {
            None
        }
    }

    /// From when on deliveries count, for one that begins at `now`.
    pub fn since(self, now: Timestamp) -> Timestamp {
        Date::from_days(now.date().days() + 1).start().plus(-i64::from(self.days) * DAY)
    }

    /// 「7日に3通まで」.
    pub fn words(self) -> String {
        format!("{}日に{}通まで", self.days, self.messages)
    }
}

/// What somebody confirms who puts a delivery on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// The head count that was seen.
    pub people: i64,
    /// That it differs strikingly from last time was seen and ticked.
    pub differs: bool,
    /// That what is left of the month at LINE does not suffice was seen and ticked.
    #[serde(default)]
    pub short: bool,
    /// Why it does not wait for the end of the quiet hours; nothing: it waits.
    pub night: Option<String>,
}

impl Confirmed {
    /// Longest reason, in characters.
    pub const NIGHT_MAX: usize = 200;

    /// What is wrong with the reason, if one is given.
    pub fn problem(&self) -> Option<Problem> {
        let chars = self.night.as_ref()?.trim().chars().count();
        let words = match chars {
            0 => "理由が空です。なぜ静かな時間に届けるかを、短く書いてください".to_owned(),
            1..=Self::NIGHT_MAX => return None,
            _ => format!("{}文字までにしてください（いま{chars}文字）", Self::NIGHT_MAX),
        };
        Some(Problem::new("night", words))
    }
}

/// What a second person sees of what waits for them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    /// What the author saw in 「送る前の確認」, as it is now.
    pub check: Check,
    /// Why it does not wait for the end of the quiet hours; then the check says nothing of them.
    pub night: Option<String>,
}

impl From<i64> for Confirmed {
    fn from(people: i64) -> Self {
        Self { people, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(day: u8, hour: u8, minute: u8) -> Timestamp {
        Timestamp::from_tokyo(Date { year: 2026, month: 11, day }, hour, minute)
    }

    #[test]
    fn the_night_ends_in_the_morning() {
        let night = Quiet::parse("21:00", "07:00").unwrap();
        for (moment, end) in [
            (at(20, 20, 59), at(20, 20, 59)),
            (at(20, 21, 0), at(21, 7, 0)),
            (at(20, 23, 59), at(21, 7, 0)),
            (at(21, 0, 0), at(21, 7, 0)),
            (at(21, 6, 59), at(21, 7, 0)),
            (at(21, 7, 0), at(21, 7, 0)),
            (at(30, 22, 0), Timestamp::from_tokyo(Date { year: 2026, month: 12, day: 1 }, 7, 0)),
        ] {
            assert_eq!(night.end(moment), end);
        }
        let noon = Quiet::parse("12:00", "13:00").unwrap();
        assert_eq!(noon.end(at(20, 12, 30)), at(20, 13, 0));
        assert!(!noon.holds(at(20, 13, 0)));
        assert_eq!(night.words(), "21:00から翌日の7:00まで");
        assert_eq!(noon.words(), "12:00から13:00まで");
    }

    #[test]
    fn an_emergency_leaves_at_any_hour_and_a_drill_does_not() {
        let gates = Gates { quiet: Quiet::parse("21:00", "07:00"), budget: None };
        assert_eq!(gates.waits(Purpose::Notice, at(20, 22, 0)), Some(at(21, 7, 0)));
        assert_eq!(gates.waits(Purpose::Drill, at(20, 22, 0)), Some(at(21, 7, 0)));
        assert_eq!(gates.waits(Purpose::Emergency, at(20, 22, 0)), None);
        assert_eq!(gates.waits(Purpose::Notice, at(20, 12, 0)), None);
        assert_eq!(Gates::default().waits(Purpose::Notice, at(20, 22, 0)), None);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for (from, until) in [("", "07:00"), ("24:00", "07:00"), ("21:60", "7:00"), ("x", "y")] {
            assert_eq!(Quiet::parse(from, until), None, "{from} {until}");
        }
        let problems = |quiet, budget| Gates { quiet, budget }.problems().len();
        assert_eq!(problems(Quiet::parse("21:00", "21:00"), None), 1);
        assert_eq!(problems(None, Some(Budget { messages: 0, days: 7 })), 1);
        assert_eq!(problems(None, Some(Budget { messages: 3, days: 32 })), 1);
        assert_eq!(problems(Quiet::parse("21:00", "7:00"), Some(Budget::OFTEN)), 0);
    }

    #[test]
    fn a_budget_counts_days_of_the_calendar() {
        let today = Budget { messages: 1, days: 1 };
        assert_eq!(today.since(at(20, 7, 0)), at(20, 0, 0));
        assert_eq!(today.since(at(20, 0, 0)), at(20, 0, 0));
        assert_eq!(Budget::OFTEN.since(at(20, 23, 59)), at(14, 0, 0));
        assert_eq!(Budget::OFTEN.words(), "7日に3通まで");
    }

    #[test]
    fn a_reason_is_words() {
        let of = |night: Option<&str>| Confirmed { night: night.map(str::to_owned), ..3.into() };
        assert!(of(None).problem().is_none());
        assert!(of(Some("断水が続いているため")).problem().is_none());
        assert!(of(Some("　")).problem().is_some());
        assert!(of(Some(&"あ".repeat(201))).problem().is_some());
    }

    proptest! {
        #[test]
        fn whatever_waits_waits_less_than_a_day_and_no_longer_than_it_must(
            from in 0u16..MINUTES, until in 0u16..MINUTES, minute in 0i64..600_000,
        ) {
            prop_assume!(from != until);
            let quiet = Quiet { from, until };
            let moment = at(1, 0, 0).plus(minute * MINUTE);
            let end = quiet.end(moment);
            prop_assert!(!quiet.holds(end), "what has waited leaves");
            prop_assert!(end >= moment && end.since(moment) < DAY);
            prop_assert_eq!(quiet.holds(moment), end > moment);
            // Every minute before lies in them: the first free one is the end.
            let mut before = moment;
            while before < end {
                prop_assert!(quiet.holds(before));
                before = before.plus(MINUTE);
            }
            prop_assert_eq!(quiet.end(end), end);
        }

        #[test]
        fn each_minute_is_quiet_or_in_the_complement(
            from in 0u16..MINUTES, until in 0u16..MINUTES, minute in 0i64..i64::from(MINUTES),
        ) {
            prop_assume!(from != until);
            let moment = at(1, 0, 0).plus(minute * MINUTE);
            let (night, day) = (Quiet { from, until }, Quiet { from: until, until: from });
            prop_assert!(night.holds(moment) != day.holds(moment));
        }

        #[test]
        fn fields_give_back_what_they_show(from in 0u16..MINUTES, until in 0u16..MINUTES) {
            prop_assert_eq!(Quiet::parse(&field(from), &field(until)), Some(Quiet { from, until }));
        }

        #[test]
        fn a_budget_s_days_begin_at_midnight_and_hold_now(
            messages in 1u16..50, days in 1u16..=31, minute in 0i64..600_000,
        ) {
            let now = at(1, 0, 0).plus(minute * MINUTE);
            let since = Budget { messages, days }.since(now);
            prop_assert_eq!(since, since.date().start());
            prop_assert!(since <= now);
            prop_assert_eq!(now.date().days() - since.date().days() + 1, i64::from(days));
        }
    }
}
