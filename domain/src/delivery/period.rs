//! Deliveries added up by months or weeks (SEG-8): recipients by period, and by what they
//! registered.

use super::{Breakdown, Figures};
use crate::id::{AttributeId, DeliveryId, DepartmentId};
use crate::time::{Date, Timestamp, thousands};
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

    /// The first days of the last twelve months, or thirteen weeks, the oldest first; today's is the last.
    pub fn starts(self, today: Date) -> Vec<Date> {
        match self {
            Self::Month => {
                let first = Date { day: 1, ..today };
                (0..12).rev().map(|back| first.plus_months(-back)).collect()
            }
            Self::Week => {
                let monday = monday(today);
                (0..13).rev().map(|back| Date::from_days(monday - 7 * back)).collect()
            }
        }
    }

    /// The day after the last period.
    pub fn end(self, today: Date) -> Date {
        match self {
            Self::Month => Date { day: 1, ..today }.plus_months(1),
            Self::Week => Date::from_days(monday(today) + 7),
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

/// What is added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// By months or weeks.
    pub every: Every,
    /// Only this department's.
    pub department: Option<DepartmentId>,
    /// The recipients also by this attribute.
    pub by: Option<AttributeId>,
}

impl Asked {
    /// From the address: `get` answers the value of a query parameter.
    pub fn parse(get: impl Fn(&str) -> Option<String>) -> Self {
        let every = get("every");
        Self {
            every: Every::ALL
                .into_iter()
                .find(|e| every.as_deref() == Some(e.name()))
                .unwrap_or_default(),
            department: get("department").and_then(|d| d.parse().ok()),
            by: get("attribute").and_then(|a| a.parse().ok()),
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
        out
    }
}

/// One delivery that is added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Which.
    pub id: DeliveryId,
    /// When its recipients were fixed.
    pub at: Timestamp,
    /// How it went.
    pub figures: Figures,
    /// Readers, where LINE tells them.
    pub readers: Option<i64>,
}

/// The sum of a period. People who got several deliveries count several times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Its first day.
    pub from: Date,
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
}

/// Adds up; what lies outside of the periods is left out.
pub fn sums(every: Every, today: Date, sent: impl IntoIterator<Item = Sent>) -> Vec<Sum> {
    let end = every.end(today);
    let mut out: Vec<Sum> =
        every.starts(today).into_iter().map(|from| Sum { from, ..Sum::default() }).collect();
    for s in sent {
        let day = s.at.date();
        if day.days() >= end.days() {
            continue;
        }
        let Some(sum) = out.iter_mut().rev().find(|sum| sum.from.days() <= day.days()) else {
            continue;
        };
        sum.deliveries += 1;
        sum.figures.recipients += s.figures.recipients;
        sum.figures.accepted += s.figures.accepted;
        sum.figures.failed += s.figures.failed;
        sum.figures.withheld += s.figures.withheld;
        if let Some(readers) = s.readers {
            sum.readers += readers;
            sum.read += 1;
            sum.read_of += s.figures.accepted;
        }
    }
    out
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
    pub sums: Vec<Sum>,
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

    fn sent(at: Timestamp, accepted: i64, readers: Option<i64>) -> Sent {
        let figures = Figures { recipients: accepted + 1, accepted, failed: 1, withheld: 0 };
        Sent { id: DeliveryId(1), at, figures, readers }
    }

    #[test]
    fn periods_begin_with_months_and_mondays() {
        let today = Date { year: 2026, month: 11, day: 21 };
        let months = Every::Month.starts(today);
        assert_eq!(
            (months.len(), months[0].iso(), months[11].iso()),
            (12, "2025-12-01".into(), "2026-11-01".into())
        );
        let weeks = Every::Week.starts(today);
        assert_eq!(
            (weeks.len(), weeks[0].iso(), weeks[12].iso()),
            (13, "2026-08-24".into(), "2026-11-16".into())
        );
        assert!(weeks.iter().all(|d| d.weekday_name() == "月"));
        assert_eq!(Every::Month.end(today).iso(), "2026-12-01");
        assert_eq!(Every::Week.words(weeks[12]), "2026年11月16日からの週");
    }

    #[test]
    fn the_edges_of_a_month_lie_in_tokyo() {
        let today = Date { year: 2026, month: 11, day: 21 };
        let first = Date { year: 2026, month: 11, day: 1 }.start();
        let all = [
            sent(first.plus(-1), 10, Some(5)),
            sent(first, 20, None),
            sent(Date { year: 2026, month: 12, day: 1 }.start(), 40, None),
            sent(Date { year: 2025, month: 11, day: 30 }.start(), 80, None),
        ];
        let sums = sums(Every::Month, today, all);
        let october = sums[10];
        assert_eq!((october.deliveries, october.figures.accepted), (1, 10));
        assert_eq!((october.readers, october.read, october.read_of), (5, 1, 10));
        assert_eq!((sums[11].deliveries, sums[11].figures.recipients, sums[11].read), (1, 21, 0));
        assert_eq!(sums.iter().map(|s| s.deliveries).sum::<i64>(), 2);
    }

    #[test]
    fn an_address_comes_back_as_it_was() {
        let asked = Asked {
            every: Every::Week,
            department: Some(DepartmentId(3)),
            by: Some(AttributeId(5)),
        };
        let pairs = asked.pairs();
        let get = |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
        assert_eq!(Asked::parse(get), asked);
        assert_eq!(Asked::parse(|_| Some("?".into())), Asked::default());
    }

    proptest! {
        #[test]
        fn every_delivery_of_the_time_is_counted_once(days in prop::collection::vec(-420i64..40, 0..60), week: bool) {
            let today = Date { year: 2026, month: 11, day: 21 };
            let every = if week { Every::Week } else { Every::Month };
            let (first, end) = (every.starts(today)[0].days(), every.end(today).days());
            let all: Vec<Sent> = days
                .iter()
                .map(|d| sent(Date::from_days(today.days() + d).start(), 7, None))
                .collect();
            let within = days.iter().filter(|d| (first..end).contains(&(today.days() + **d))).count();
            let sums = sums(every, today, all);
            prop_assert_eq!(sums.iter().map(|s| s.deliveries).sum::<i64>(), within as i64);
            prop_assert_eq!(sums.iter().map(|s| s.figures.accepted).sum::<i64>(), 7 * within as i64);
        }
    }
}
