//! How offsets are said and read: 「3か月後」「280日前」「当日」.

use super::{Anchor, Offset, State, Step, Unit};
use crate::attribute::Catalog;
use crate::language::Language;

impl Unit {
    /// 「か月」.
    pub fn label(self) -> &'static str {
        match self {
            Self::Days => "日",
            Self::Weeks => "週",
            Self::Months => "か月",
            Self::Years => "年",
        }
    }

    /// The name in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Weeks => "weeks",
            Self::Months => "months",
            Self::Years => "years",
        }
    }

    /// The unit of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|u| u.name() == name)
    }
}

/// ASCII digits in place of wide ones.
pub(super) fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (u32::from(c) - u32::from('０')) as u8),
            '：' => ':',
            _ => c,
        })
        .filter(|c| !c.is_whitespace())
        .collect()
}

impl Offset {
    /// 「3か月後」「10週前」「当日」.
    pub fn words(self) -> String {
        match self.n {
            0 => "当日".into(),
            n if n > 0 => format!("{n}{}後", self.unit.label()),
            n => format!("{}{}前", -n, self.unit.label()),
        }
    }

    /// Reads it as people write it: `3か月後`, `１０週前`, `当日`, `1歳6か月`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = narrow(text);
        if matches!(text.as_str(), "当日" | "その日") {
            return Some(Self::NONE);
        }
        let (text, sign) = match text.strip_suffix("まえ").or_else(|| text.strip_suffix('前')) {
            Some(rest) => (rest, -1),
            None => {
                let after = ["あと", "ご", "後"].iter().find_map(|w| text.strip_suffix(w));
                (after.unwrap_or(&text), 1)
            }
        };
        let number = |text: &str| text.parse::<i32>().ok().filter(|n| (0..100_000).contains(n));
        if let Some((years, months)) = text.split_once('歳').filter(|_| sign == 1) {
            let years = number(years)?;
            let months = match months {
                "" => 0,
                months => {
                    let end = months.find(|c: char| !c.is_ascii_digit())?;
                    let (n, unit) = months.split_at(end);
                    number(n).filter(|_| is_month(unit))?
                }
            };
            return Some(match months {
                0 => Self { n: years, unit: Unit::Years },
                months => Self { n: years * 12 + months, unit: Unit::Months },
            });
        }
        let end = text.find(|c: char| !c.is_ascii_digit())?;
        let (n, unit) = text.split_at(end);
        let unit = match unit {
            "日" | "日間" => Unit::Days,
            "週" | "週間" => Unit::Weeks,
            "年" | "年間" => Unit::Years,
            unit if is_month(unit) => Unit::Months,
            _ => return None,
        };
        let n = number(n)?;
        Some(if n == 0 { Self::NONE } else { Self { n: sign * n, unit } })
    }
}

fn is_month(unit: &str) -> bool {
    matches!(unit, "か月" | "ヶ月" | "カ月" | "ヵ月" | "ケ月" | "箇月" | "か月間" | "月")
}

impl Step {
    /// 「9:00」.
    pub fn time(&self) -> String {
        format!("{}:{:02}", self.hour, self.minute)
    }

    /// 「3か月後 9:00」.
    pub fn when(&self) -> String {
        format!("{} {}", self.offset.words(), self.time())
    }

    /// The beginning of what it says, in one line.
    pub fn summary(&self) -> String {
        self.summary_in(Language::Japanese)
    }

    /// The same as who gets a language reads it.
    pub fn summary_in(&self, language: Language) -> String {
        let words: Vec<String> = crate::message::messages(self.parts_in(language))
            .iter()
            .filter(|p| !p.is_empty())
            .map(|p| p.marked(crate::delivery::Purpose::Notice))
            .collect();
        words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Anchor {
    /// 「お子さんの誕生日」.
    pub fn words(&self, catalog: &Catalog) -> String {
        match self {
            Self::Date(key) if key.is_empty() => "（まだ選んでいません）".into(),
            Self::Date(key) => {
                catalog.get(key).map_or_else(|| "（消された項目）".to_owned(), |a| a.label.clone())
            }
            Self::Registered => "はじめて登録した日".into(),
            Self::Friend => "友だちになった日".into(),
        }
    }

    /// The name in forms: `registered`, `friend`, `date:child`.
    pub fn name(&self) -> String {
        match self {
            Self::Date(key) => format!("date:{key}"),
            Self::Registered => "registered".into(),
            Self::Friend => "friend".into(),
        }
    }

    /// The anchor of that name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "registered" => Some(Self::Registered),
            "friend" => Some(Self::Friend),
            name => Some(Self::Date(name.strip_prefix("date:")?.to_owned())),
        }
    }
}

impl State {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Draft, Self::Running, Self::Paused, Self::Ended];

    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.name() == name)
    }

    /// What staff read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "準備中",
            Self::Running => "配信中",
            Self::Paused => "休止中",
            Self::Ended => "終わりました",
        }
    }
}
