//! Under which conditions a form is received: what for, by whom, when, how many, how long it
//! is kept, and how receipts are numbered.

use super::free::ERAS;
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// The conditions of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// What the answers are used for (利用目的).
    pub purpose: String,
    /// Days after which an answer is deleted, counted from its last state.
    pub retention_days: Option<u32>,
    /// The department in charge, as residents read it.
    pub department: String,
    /// Its telephone number, at the end of every page.
    pub telephone: String,
    /// When somebody answers there, 「平日 8:30〜17:15」.
    pub hours: String,
    /// Who gets a mail on each answer (FORM-5).
    pub mails: Vec<String>,
    /// From when it is open; nothing: from its publication.
    #[serde(with = "instant")]
    pub opens: Option<Timestamp>,
    /// Until when (that instant is outside); nothing: until it is archived.
    #[serde(with = "instant")]
    pub closes: Option<Timestamp>,
    /// Open at these minutes of the day only: from, and to (outside).
    pub daily: Option<(u16, u16)>,
    /// At most so many answers in all.
    pub limit: Option<u32>,
    /// At most so many of one resident.
    pub limit_each: Option<u32>,
    /// How receipt numbers look: [`receipt`].
    pub receipt: String,
    /// Days during which an answer can be corrected by whoever gave it; 0: not at all.
    pub correct_days: u16,
    /// Whether it can be withdrawn before it is decided.
    pub withdraw: bool,
    /// Who sees what was answered in all.
    pub results: Results,
}

/// Who sees the figures of all answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Results {
    /// Staff of the department.
    #[default]
    Staff,
    /// Everybody who answers. Can be read from other tools' forms, and is never published.
    Public,
}

/// A state of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Key that is stored.
    pub key: String,
    /// What staff read.
    pub label: String,
    /// What the resident reads in 「わたしの申請」; empty: nothing of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub resident: String,
    /// Whether nothing more is to do: then the time of keeping begins.
    #[serde(default)]
    pub done: bool,
}

/// Whether a form can be answered now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// It can.
    Open,
    /// Not before that instant.
    NotYet(Timestamp),
    /// Not at this time of the day; from this minute of the day on.
    Night(u16),
    /// No longer.
    Over,
    /// As many have answered as may.
    Full,
    /// This resident has answered as often as one may.
    Enough,
}

/// What somebody is told who writes for a person of the form's list for whom it was answered as
/// often as one may.
pub const ANSWERED_FOR: &str = "この方の分は、もう受け付けています。送った人は、内容を「わたしの申請」で見られます。ほかの方の分は、その方の通知を見て書いてください";

impl Terms {
    /// Who gets mails, each once, however often and in whichever case they were written.
    pub fn addresses(&self) -> Vec<String> {
        let mut once: Vec<String> = Vec::new();
        for mail in &self.mails {
            if !once.iter().any(|known| known.eq_ignore_ascii_case(mail)) {
                once.push(mail.clone());
            }
        }
        once
    }

    /// Whether it can be answered, after so many answers in all and of this resident.
    pub fn door(&self, now: Timestamp, all: u32, own: u32) -> Door {
        if let Some(opens) = self.opens.filter(|t| now < *t) {
            return Door::NotYet(opens);
        }
        if self.closes.is_some_and(|t| now >= t) {
            return Door::Over;
        }
        if self.limit.is_some_and(|max| all >= max) {
            return Door::Full;
        }
        if self.limit_each.is_some_and(|max| own >= max) {
            return Door::Enough;
        }
        if let Some((from, to)) = self.daily {
            let civil = now.tokyo();
            let minute = u16::from(civil.hour) * 60 + u16::from(civil.minute);
            // From the evening to the morning goes over midnight.
            let open = if from <= to {
                (from..to).contains(&minute)
            } else {
                minute >= from || minute < to
            };
            if !open {
                return Door::Night(from);
            }
        }
        Door::Open
    }
}

/// A receipt number of a pattern: `{和暦}` is 「R8」, `{年}` 「2026」, `{年度}` the fiscal year
/// (from April) as 「R8」, `{月}` 「11」, `{番号}` the number and `{番号:4}` with at least four digits.
/// The rest stands as it is: `{和暦}-{番号:4}` gives 「R8-0411」.
///
/// # Errors
/// In words, if the pattern has no number, an unknown part or is longer than 40 characters.
pub fn receipt(pattern: &str, day: Date, number: u64) -> Result<String, String> {
    if pattern.chars().count() > 40 || pattern.chars().any(char::is_control) {
        return Err("受付番号の形は、40文字までにしてください".into());
    }
    let (mut out, mut rest, mut counted) = (String::new(), pattern, false);
    while let Some((before, after)) = rest.split_once('{') {
        let (part, after) = after.split_once('}').ok_or_else(|| {
            "受付番号の形で「{」が閉じられていません。「}」を足してください".to_owned()
        })?;
        out.push_str(before);
        match part {
            "和暦" => out.push_str(&era_short(day)),
            "年" => out.push_str(&day.year.to_string()),
            "年度" => out.push_str(&era_short(day.plus_months(-3))),
            "月" => out.push_str(&format!("{:02}", day.month)),
            "番号" => {
                counted = true;
                out.push_str(&number.to_string());
            }
            other => {
                let width = other
                    .strip_prefix("番号:")
                    .and_then(|n| n.parse::<usize>().ok())
                    .filter(|n| (1..=9).contains(n))
                    .ok_or_else(|| {
                        format!("受付番号の形に、知らない部分「{{{other}}}」があります")
                    })?;
                counted = true;
                out.push_str(&format!("{number:0width$}"));
            }
        }
        rest = after;
    }
    out.push_str(rest);
    if counted {
        Ok(out)
    } else {
        Err("受付番号の形に「{番号}」を入れてください".into())
    }
}

/// 「R8」; before 明治 the year itself.
fn era_short(day: Date) -> String {
    let long = day.era_year();
    for (name, letter, _) in ERAS {
        if let Some(year) = long.strip_prefix(name) {
            return format!("{letter}{}", year.trim_end_matches('年').replace('元', "1"));
        }
    }
    day.year.to_string()
}

/// Instants as RFC 3339 in files that people read.
mod instant {
    use super::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(t: &Option<Timestamp>, s: S) -> Result<S::Ok, S::Error> {
        match t {
            Some(t) => s.serialize_str(&t.rfc3339()),
            None => s.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Timestamp>, D::Error> {
        Option::<String>::deserialize(d)?
            .map(|text| {
                Timestamp::parse_rfc3339(&text)
                    .filter(|t| (0..=4_000_000_000_000_000).contains(&t.0))
                    .ok_or_else(|| serde::de::Error::custom("invalid instant"))
            })
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn receipts_are_numbered_by_pattern() {
        let day = Date { year: 2026, month: 11, day: 20 };
        assert_eq!(receipt("{和暦}-{番号:4}", day, 411).unwrap(), "R8-0411");
        assert_eq!(receipt("犬{年}/{月}-{番号}", day, 7).unwrap(), "犬2026/11-7");
        let spring = Date { year: 2026, month: 3, day: 31 };
        assert_eq!(receipt("{年度}-{番号}", spring, 1).unwrap(), "R7-1");
        assert_eq!(
            receipt("{和暦}{番号}", Date { year: 2019, month: 5, day: 1 }, 1).unwrap(),
            "R11"
        );
        for bad in ["", "R8", "{番号", "{番号:0}", "{番号:99}", "{x}{番号}"] {
            assert!(receipt(bad, day, 1).is_err(), "{bad}");
        }
    }

    #[test]
    fn nobody_is_written_to_twice() {
        let mails = ["ka@mihon.example", "kakari@mihon.example", "Ka@mihon.example"];
        let terms = Terms { mails: mails.map(str::to_owned).into(), ..Terms::default() };
        assert_eq!(terms.addresses(), mails[..2]);
    }

    #[test]
    fn the_door() {
        let terms = Terms {
            opens: Some(at("2026-11-01T00:00:00+09:00")),
            closes: Some(at("2026-12-01T00:00:00+09:00")),
            daily: Some((8 * 60, 20 * 60)),
            limit: Some(10),
            limit_each: Some(1),
            ..Terms::default()
        };
        let noon = at("2026-11-20T12:00:00+09:00");
        assert_eq!(terms.door(noon, 9, 0), Door::Open);
        assert_eq!(terms.door(noon, 10, 0), Door::Full);
        assert_eq!(terms.door(noon, 9, 1), Door::Enough);
        assert_eq!(terms.door(at("2026-11-20T20:00:00+09:00"), 0, 0), Door::Night(480));
        assert!(matches!(terms.door(at("2026-10-31T23:59:59+09:00"), 0, 0), Door::NotYet(_)));
        assert_eq!(terms.door(at("2026-12-01T00:00:00+09:00"), 0, 0), Door::Over);
        let night = Terms { daily: Some((22 * 60, 6 * 60)), ..Terms::default() };
        assert_eq!(night.door(at("2026-11-20T23:00:00+09:00"), 0, 0), Door::Open);
        assert_eq!(night.door(noon, 0, 0), Door::Night(1320));
    }

    #[test]
    fn instants_are_read_as_they_were_written() {
        let terms = Terms { opens: Some(at("2026-11-01T00:00:00+09:00")), ..Terms::default() };
        let text = serde_json::to_string(&terms).unwrap();
        assert!(text.contains("2026-11-01T00:00:00+09:00"));
        assert_eq!(serde_json::from_str::<Terms>(&text).unwrap(), terms);
        assert!(serde_json::from_str::<Terms>(r#"{"opens":"tomorrow"}"#).is_err());
    }
}
