//! A rule as a Japanese sentence.

use super::{Days, End, Nth, OnHoliday, Recurrence};
use crate::time::Date;

/// The weekdays (0 = 日 … 6 = 土) from Monday, as officials write a week.
pub const WEEK: [u8; 7] = [1, 2, 3, 4, 5, 6, 0];

/// 「月」…「日」 of 0 = 日 … 6 = 土.
pub fn weekday_name(weekday: u8) -> &'static str {
    ["日", "月", "火", "水", "木", "金", "土"][usize::from(weekday % 7)]
}

impl Nth {
    /// 「第1」…「最終」.
    pub fn label(self) -> &'static str {
        match self {
            Self::First => "第1",
            Self::Second => "第2",
            Self::Third => "第3",
            Self::Fourth => "第4",
            Self::Fifth => "第5",
            Self::Last => "最終",
        }
    }

    /// The word in a form.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Third => "third",
            Self::Fourth => "fourth",
            Self::Fifth => "fifth",
            Self::Last => "last",
        }
    }
}

impl OnHoliday {
    /// Every way, as it is offered.
    pub const ALL: &[Self] = &[Self::Send, Self::Skip, Self::Next, Self::Previous];

    /// The word in a form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Skip => "skip",
            Self::Next => "next",
            Self::Previous => "previous",
        }
    }

    /// The way of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|h| h.name() == name)
    }

    /// 「次の平日に届ける」.
    pub fn label(self) -> &'static str {
        match self {
            Self::Send => "そのまま届ける",
            Self::Skip => "届けない",
            Self::Next => "次の平日に届ける",
            Self::Previous => "前の平日に届ける",
        }
    }
}

impl Recurrence {
    /// 「毎月 第2・第4火曜日の 9:00。祝日のときは次の平日に届けます」.
    pub fn sentence(&self) -> String {
        let mut sentence = format!("{} {}:{:02}", self.on(), self.hour, self.minute);
        for more in [self.on_holidays(), self.where_missing(), self.ending()] {
            if !more.is_empty() {
                sentence.push('。');
                sentence.push_str(&more);
            }
        }
        sentence
    }

    /// 「毎週 火・金」, for narrow places.
    pub fn short(&self) -> String {
        let on = self.on();
        if on == "毎日" {
            return on;
        }
        on.trim_end_matches('の').trim_end_matches("曜日").to_owned()
    }

    /// Which days count as off: 「祝日」, or 「土日・祝日」 where days of the month are named.
    pub fn off_words(&self) -> &'static str {
        match self.days {
            Days::MonthDays { .. } => "土日・祝日",
            Days::Weekly { .. } | Days::NthWeekdays { .. } => "祝日",
        }
    }

    /// 「毎週 火・金曜日の」.
    fn on(&self) -> String {
        match &self.days {
            Days::Weekly { every: 1, weekdays } if ordered(weekdays).len() == 7 => "毎日".into(),
            Days::Weekly { every, weekdays } => {
                let weeks =
                    if *every <= 1 { "毎週".to_owned() } else { format!("{every}週ごとの") };
                format!("{weeks} {}の", weekday_words(weekdays))
            }
            Days::NthWeekdays { nth, weekdays } => {
                let mut nth = nth.clone();
                nth.sort_unstable();
                nth.dedup();
                let weeks: Vec<_> = nth.into_iter().map(Nth::label).collect();
                let space = if ordered(weekdays).len() > 1 { " " } else { "" };
                format!("毎月 {}{space}{}の", weeks.join("・"), weekday_words(weekdays))
            }
            Days::MonthDays { days } => {
                let mut days = days.clone();
                days.sort_unstable();
                days.dedup();
                let words: Vec<_> = days
                    .into_iter()
                    .map(|d| if d >= 31 { "月末".to_owned() } else { format!("{d}日") })
                    .collect();
                format!("毎月 {}の", words.join("・"))
            }
        }
    }

    fn on_holidays(&self) -> String {
        let off = self.off_words();
        match self.holiday {
            OnHoliday::Send => format!("{off}も届けます"),
            OnHoliday::Skip => format!("{off}のときは届けません"),
            OnHoliday::Next => format!("{off}のときは次の平日に届けます"),
            OnHoliday::Previous => format!("{off}のときは前の平日に届けます"),
        }
    }

    /// What a month without such a day does.
    fn where_missing(&self) -> String {
        match &self.days {
            Days::MonthDays { days } if days.iter().any(|d| matches!(d, 29 | 30)) => {
                "その日がない月は、月末に届けます".into()
            }
            Days::NthWeekdays { nth, .. } if nth.contains(&Nth::Fifth) => {
                "第5がない月は、その分を届けません".into()
            }
            _ => String::new(),
        }
    }

    fn ending(&self) -> String {
        let from = day(self.first);
        match self.end {
            End::Never => format!("{from}から"),
            End::On(last) => format!("{from}から{}まで", day(last)),
            End::After(times) => format!("{from}から{times}回"),
        }
    }
}

fn day(date: Date) -> String {
    format!("{}年{}月{}日", date.year, date.month, date.day)
}

/// Each weekday once, from Monday.
fn ordered(weekdays: &[u8]) -> Vec<u8> {
    WEEK.into_iter().filter(|w| weekdays.contains(w)).collect()
}

/// 「火・金曜日」, 「月〜金曜日」.
fn weekday_words(weekdays: &[u8]) -> String {
    let names: Vec<_> = ordered(weekdays);
    if names == [1, 2, 3, 4, 5] {
        return "月〜金曜日".into();
    }
    let names: Vec<_> = names.into_iter().map(weekday_name).collect();
    format!("{}曜日", names.join("・"))
}
