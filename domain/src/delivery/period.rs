//! Deliveries added up by months or weeks (SEG-8): recipients by period, and by what they
//! registered.

use super::{Breakdown, Figures};
use crate::id::{AttributeId, DepartmentId};
use crate::time::{Date, thousands};
use serde::{Deserialize, Serialize};

/// How long a period is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// A month of the calendar.
    #[default]
    Month,
    /// Monday to Sunday.
    Week,
}

impl Every {
    /// Both, in the order in which staff are offered them.
    pub const ALL: [Self; 2] = [Self::Month, Self::Week];

    /// The word in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Week => "week",
        }
    }

    /// 「月ごと」「週ごと」
    pub fn label(self) -> &'static str {
        match self {
            Self::Month => "月ごと",
            Self::Week => "週ごと",
        }
    }

    /// How many are shown where nobody asks for months: a year, or a quarter.
    fn latest(self) -> i32 {
        match self {
            Self::Month => 12,
            Self::Week => 13,
        }
    }

    /// How many periods lie between one and that of the last year; weeks keep their weekdays.
    pub fn a_year(self) -> i32 {
        match self {
            Self::Month => 12,
            Self::Week => 52,
        }
    }

    /// The first day of the period in which a day lies.
    fn first(self, day: Date) -> Date {
        match self {
            Self::Month => Date { day: 1, ..day },
            Self::Week => Date::from_days(monday(day)),
        }
    }

    /// The day so many periods later (earlier if negative).
    fn plus(self, day: Date, periods: i32) -> Date {
        match self {
            Self::Month => day.plus_months(periods),
            Self::Week => Date::from_days(day.days() + 7 * i64::from(periods)),
        }
    }

    /// The time so many periods earlier; of one that still goes on, up to the same day.
    fn earlier(self, span: Span, periods: i32, today: Date) -> Span {
        let tomorrow = next(today);
        let end = if tomorrow < span.end {
            next(self.plus(today, -periods))
        } else {
            self.plus(span.end, -periods)
        };
        Span { from: self.plus(span.from, -periods), end }
    }

    /// A time of so many periods with what it compares with. What lies before the period of the
    /// first delivery ever is nothing to compare with.
    fn beside(self, now: Span, periods: i32, today: Date, since: Option<Date>) -> Beside<Span> {
        let former = |back: i32| {
            let span = self.earlier(now, back, today);
            since.is_some_and(|since| since < self.plus(span.from, 1)).then_some(span)
        };
        let year = self.a_year();
        Beside {
            now,
            // Of a whole year the time before and that of the last year are the same.
            before: (periods != year).then(|| former(periods)).flatten(),
            last_year: (periods <= year).then(|| former(year)).flatten(),
        }
    }

    /// 「2026年11月」「2026年11月16日からの週」
    pub fn words(self, from: Date) -> String {
        match self {
            Self::Month => format!("{}年{}月", from.year, from.month),
            Self::Week => format!("{}年{}月{}日からの週", from.year, from.month, from.day),
        }
    }

    /// On an axis: 「11月」「11/16」
    pub fn tick(self, from: Date) -> String {
        match self {
            Self::Month => format!("{}月", from.month),
            Self::Week => format!("{}/{}", from.month, from.day),
        }
    }
}

/// The Monday of a day's week, in days since 1970-01-01.
fn monday(day: Date) -> i64 {
    day.days() - i64::from((day.weekday() + 6) % 7)
}

fn next(day: Date) -> Date {
    Date::from_days(day.days() + 1)
}

/// The first day of the 年度 (April to March) in which a day lies.
pub fn fiscal_year(day: Date) -> Date {
    let first = Date { month: 4, day: 1, ..day };
    if first <= day { first } else { first.plus_months(-12) }
}

/// A month in the address: `2026-11`.
pub fn month_name(day: Date) -> String {
    format!("{:04}-{:02}", day.year, day.month)
}

/// Most months that are shown at once: three years.
pub const MONTHS_MAX: i32 = 36;

/// A time from one day up to, but without, another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Its first day.
    pub from: Date,
    /// The day after its last.
    pub end: Date,
}

impl Span {
    /// Whether a day lies in it.
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && day < self.end
    }

    /// 「2026年4月1日〜2026年11月22日」
    pub fn words(self) -> String {
        let words = |d: Date| format!("{}年{}月{}日", d.year, d.month, d.day);
        format!("{}〜{}", words(self.from), words(Date::from_days(self.end.days() - 1)))
    }
}

/// Something of a time, with the same of the times that it compares with, where there are any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside<T> {
    /// Of the time itself.
    pub now: T,
    /// Of the time before, as long.
    pub before: Option<T>,
    /// Of the same time of the year before.
    pub last_year: Option<T>,
}

impl<T> Beside<T> {
    /// All of them, in the order of [`Beside::map`].
    pub fn all(self) -> impl Iterator<Item = T> {
        std::iter::once(self.now).chain(self.before).chain(self.last_year)
    }

    /// Something else of each time.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Beside<U> {
        Beside {
            now: f(self.now),
            before: self.before.map(&mut f),
            last_year: self.last_year.map(&mut f),
        }
    }
}

/// What is added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// By months or weeks.
    pub every: Every,
    /// Only this department's.
    pub department: Option<DepartmentId>,
    /// The recipients also by this attribute.
    pub by: Option<AttributeId>,
    /// From the first to the last of these months, each by its first day; nothing for the latest.
    pub months: Option<(Date, Date)>,
}

impl Asked {
    /// From the address: `get` answers the value of a query parameter.
    pub fn parse(get: impl Fn(&str) -> Option<String>) -> Self {
        let every = get("every");
        let month = |name: &str| Date::parse_iso(&format!("{}-01", get(name)?));
        Self {
            every: Every::ALL
                .into_iter()
                .find(|e| every.as_deref() == Some(e.name()))
                .unwrap_or_default(),
            department: get("department").and_then(|d| d.parse().ok()),
            by: get("attribute").and_then(|a| a.parse().ok()),
            months: month("from").zip(month("until")).map(|(a, b)| (a.min(b), a.max(b))),
        }
    }

    /// The parameters of the address, those that say something.
    pub fn pairs(self) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        if self.every != Every::default() {
            out.push(("every", self.every.name().to_owned()));
        }
        out.extend(self.department.map(|d| ("department", d.to_string())));
        out.extend(self.by.map(|a| ("attribute", a.to_string())));
        if let Some((from, until)) = self.months {
            out.extend([("from", month_name(from)), ("until", month_name(until))]);
        }
        out
    }

    /// The months that were asked for, of those that have begun the last [`MONTHS_MAX`].
    pub fn shown(self, today: Date) -> Option<(Date, Date)> {
        let (from, until) = self.months?;
        let until = until.min(Date { day: 1, ..today });
        Some((from.min(until).max(until.plus_months(1 - MONTHS_MAX)), until))
    }

    /// The periods, the oldest first. Of weeks all that lie in the months, even if only partly.
    pub fn spans(self, today: Date) -> Vec<Span> {
        let every = self.every;
        let (first, last) = match self.shown(today) {
            Some((from, until)) => {
                let end = Date::from_days(until.plus_months(1).days() - 1);
                (every.first(from), every.first(end.min(today)))
            }
            None => {
                let last = every.first(today);
                (every.plus(last, 1 - every.latest()), last)
            }
        };
        std::iter::successors(Some(first), |from| Some(every.plus(*from, 1)))
            .take_while(|from| *from <= last)
            .map(|from| Span { from, end: every.plus(from, 1) })
            .collect()
    }

    /// Each of the periods with what it compares with, and behind them all of them together.
    /// `since` is the day of the first delivery ever.
    pub fn beside(self, today: Date, since: Option<Date>) -> Vec<Beside<Span>> {
        let spans = self.spans(today);
        let whole = spans.first().zip(spans.last()).map(|(a, b)| Span { from: a.from, end: b.end });
        let beside = |span, periods| self.every.beside(span, periods, today, since);
        let all = whole.map(|whole| beside(whole, spans.len() as i32));
        spans.iter().map(|span| beside(*span, 1)).chain(all).collect()
    }
}

/// The sum of a period. People who got several deliveries count several times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// When it is.
    pub span: Span,
    /// How many deliveries began in it.
    pub deliveries: i64,
    /// Their figures.
    pub figures: Figures,
    /// Readers of those of which LINE tells them.
    pub readers: i64,
    /// How many those are.
    pub read: i64,
    /// For how many people LINE accepted those.
    pub read_of: i64,
    /// Taps on links of those that have links that are counted.
    pub taps: i64,
    /// How many those are.
    pub linked: i64,
}

impl Sum {
    /// Taps, where there was something to tap.
    pub fn tapped(self) -> Option<i64> {
        (self.linked > 0).then_some(self.taps)
    }
}

/// The recipients by one attribute. People who got several deliveries count several times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Divided {
    /// All periods together.
    pub by: Breakdown,
    /// For each of [`Breakdown::lines`] the number of every period, the oldest first; nothing
    /// where the recipients of none of its deliveries are known.
    pub each: Vec<Vec<Option<i64>>>,
    /// All recipients who are divided.
    pub whole: i64,
    /// Deliveries that are left out, because their recipients are not known (sent by LINE's
    /// own list).
    pub left_out: i64,
    /// Deliveries that are divided by what was registered when they were sent.
    #[serde(default)]
    pub sent: i64,
    /// Those that are divided by what was registered later: nobody had counted before.
    #[serde(default)]
    pub later: i64,
}

impl Divided {
    /// By which registration they are divided, for people.
    pub fn words(&self) -> String {
        match (self.sent, self.later) {
            (_, 0) => "送ったときの登録内容で分けた、のべ人数です。".into(),
            (0, _) => {
                "送ったときには数えていないので、そのあとの登録内容で分けた、のべ人数です。".into()
            }
            (_, later) => format!(
                "送ったときの登録内容で分けた、のべ人数です。ただし、送ったときに数えていない {}件は、そのあとの登録内容で分けています。",
                thousands(later)
            ),
        }
    }
}

/// The page of the sums.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Periods {
    /// What was asked for.
    pub asked: Asked,
    /// The oldest first.
    pub sums: Vec<Beside<Sum>>,
    /// All of them together.
    pub whole: Beside<Sum>,
    /// Today.
    pub today: Date,
    /// The day of the first delivery ever.
    pub since: Option<Date>,
    /// Departments to choose from.
    pub departments: Vec<(DepartmentId, String)>,
    /// Attributes to choose from.
    pub attributes: Vec<(AttributeId, String)>,
    /// By the attribute that was asked for.
    pub by: Option<Divided>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(iso: &str) -> Date {
        Date::parse_iso(iso).unwrap()
    }

    fn asked(every: Every, from: &str, until: &str) -> Asked {
        Asked { every, months: Some((day(from), day(until))), ..Asked::default() }
    }

    fn words(spans: &[Span]) -> Vec<String> {
        spans.iter().map(|s| format!("{}..{}", s.from.iso(), s.end.iso())).collect()
    }

    #[test]
    fn periods_begin_with_months_and_mondays() {
        let today = day("2026-11-21");
        let latest = |every| words(&Asked { every, ..Asked::default() }.spans(today));
        let months = latest(Every::Month);
        assert_eq!(months.len(), 12);
        assert_eq!(months[0], "2025-12-01..2026-01-01");
        assert_eq!(months[11], "2026-11-01..2026-12-01");
        let weeks = latest(Every::Week);
        assert_eq!(weeks.len(), 13);
        assert_eq!(weeks[0], "2026-08-24..2026-08-31");
        assert_eq!(weeks[12], "2026-11-16..2026-11-23");
        assert_eq!(Every::Week.words(day("2026-11-16")), "2026年11月16日からの週");
        assert_eq!(
            Span { from: day("2026-04-01"), end: day("2026-12-01") }.words(),
            "2026年4月1日〜2026年11月30日"
        );
    }

    #[test]
    fn months_that_were_asked_for_end_today_and_are_three_years_at_most() {
        let today = day("2026-11-21");
        let year = words(&asked(Every::Month, "2025-04-01", "2026-03-01").spans(today));
        assert_eq!(year.len(), 12);
        assert_eq!(
            (year[0].as_str(), year[11].as_str()),
            ("2025-04-01..2025-05-01", "2026-03-01..2026-04-01")
        );
        // Every week of which a day lies in these months.
        let weeks = words(&asked(Every::Week, "2025-04-01", "2025-04-01").spans(today));
        assert_eq!(
            (weeks.len(), weeks[0].as_str(), weeks[4].as_str()),
            (5, "2025-03-31..2025-04-07", "2025-04-28..2025-05-05")
        );
        let this = words(&asked(Every::Month, "2026-04-01", "2027-03-01").spans(today));
        assert_eq!((this.len(), this[7].as_str()), (8, "2026-11-01..2026-12-01"));
        let future = words(&asked(Every::Month, "2027-04-01", "2028-03-01").spans(today));
        assert_eq!(future, ["2026-11-01..2026-12-01"]);
        let long = words(&asked(Every::Month, "0001-01-01", "9999-12-01").spans(today));
        assert_eq!((long.len(), long[0].as_str()), (36, "2023-12-01..2024-01-01"));
    }

    #[test]
    fn a_fiscal_year_begins_in_april() {
        let of = |iso| fiscal_year(day(iso)).iso();
        assert_eq!(
            [of("2026-03-31"), of("2026-04-01"), of("2026-12-31")],
            ["2025-04-01", "2026-04-01", "2026-04-01"]
        );
    }

    #[test]
    fn what_goes_on_compares_with_the_same_day_of_former_times() {
        let today = day("2026-11-21");
        let of = |asked: Asked, since: &str| -> Vec<[Option<String>; 2]> {
            let all = asked.beside(today, Some(day(since)));
            let iso = |s: Span| format!("{}..{}", s.from.iso(), s.end.iso());
            all.into_iter().map(|b| [b.before.map(iso), b.last_year.map(iso)]).collect()
        };
        let some = |words: &str| Some(words.to_owned());
        let this = of(asked(Every::Month, "2026-04-01", "2027-03-01"), "2024-01-15");
        assert_eq!(this.len(), 9);
        assert_eq!(this[0], [some("2026-03-01..2026-04-01"), some("2025-04-01..2025-05-01")]);
        assert_eq!(this[7], [some("2026-10-01..2026-10-22"), some("2025-11-01..2025-11-22")]);
        assert_eq!(this[8], [some("2025-08-01..2026-03-22"), some("2025-04-01..2025-11-22")]);
        // Of a whole year the year before is said once.
        let year = of(asked(Every::Month, "2025-04-01", "2026-03-01"), "2024-01-15");
        assert_eq!(year[12], [None, some("2024-04-01..2025-04-01")]);
        // Of more than a year the same time a year before would lie in it.
        let long = of(asked(Every::Month, "2025-04-01", "2026-11-01"), "2020-01-15");
        assert_eq!(long[20], [some("2023-08-01..2025-03-22"), None]);
        // What was before the city began is nothing to compare with.
        let first = of(asked(Every::Month, "2026-04-01", "2026-06-01"), "2026-04-20");
        assert_eq!(first[0], [None, None]);
        assert_eq!(first[1], [some("2026-04-01..2026-05-01"), None]);
        assert_eq!(first[3], [None, None]);
        let weeks = of(Asked { every: Every::Week, ..Asked::default() }, "2024-01-15");
        assert_eq!(weeks[12], [some("2026-11-09..2026-11-15"), some("2025-11-17..2025-11-23")]);
    }

    #[test]
    fn the_last_days_of_months_compare_with_whole_months() {
        let march = Span { from: day("2026-03-01"), end: day("2026-04-01") };
        let before = |today| Every::Month.earlier(march, 1, day(today)).end.iso();
        assert_eq!(before("2026-03-15"), "2026-02-16");
        assert_eq!(before("2026-03-30"), "2026-03-01");
        assert_eq!(before("2026-03-31"), "2026-03-01");
        assert_eq!(before("2026-05-10"), "2026-03-01");
    }

    #[test]
    fn an_address_comes_back_as_it_was() {
        let asked = Asked {
            every: Every::Week,
            department: Some(DepartmentId(3)),
            by: Some(AttributeId(5)),
            months: Some((day("2025-04-01"), day("2026-03-01"))),
        };
        let pairs = asked.pairs();
        let get = |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
        assert_eq!(Asked::parse(get), asked);
        let turned = |name: &str| match name {
            "from" => Some("2026-03".into()),
            "until" => Some("2025-04".into()),
            _ => None,
        };
        assert_eq!(Asked::parse(turned).months, asked.months);
        assert_eq!(Asked::parse(|_| Some("?".into())), Asked::default());
    }

    proptest! {
        #[test]
        fn every_day_of_the_time_lies_in_one_period(from in 0i64..30_000, long in 0i64..1_500, now in 0i64..30_000, week: bool, latest: bool) {
            let today = Date::from_days(now);
            let first = |days| Date { day: 1, ..Date::from_days(days) };
            let asked = Asked {
                every: if week { Every::Week } else { Every::Month },
                months: (!latest).then(|| (first(from), first(from + long))),
                ..Asked::default()
            };
            let all = asked.beside(today, Some(Date::default()));
            let (whole, each) = all.split_last().unwrap();
            prop_assert_eq!(each[0].now.from, whole.now.from);
            prop_assert_eq!(each[each.len() - 1].now.end, whole.now.end);
            for pair in each.windows(2) {
                prop_assert_eq!(pair[0].now.end, pair[1].now.from);
            }
            prop_assert!(each[each.len() - 1].now.from <= today);
            if let Some((from, until)) = asked.shown(today) {
                let end = until.plus_months(1).min(next(today));
                prop_assert!(whole.now.from <= from && end <= whole.now.end);
            }
            for former in all.iter().flat_map(|b| [b.before, b.last_year]).flatten() {
                prop_assert!(former.from < former.end);
            }
        }
    }
}
