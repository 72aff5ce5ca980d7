//! Times and figures as people read them. The calendar is `domain::time`'s.

pub use domain::time::{Civil, Date, Timestamp, things, thousands};
use domain::time::{DAY, HOUR, MINUTE, SECOND};

/// 「2秒前」「42分前」「3時間前」「2日前」.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let age = now.since(at).max(0);
    match age {
        a if a < SECOND => "いま".into(),
        a if a < MINUTE => format!("{}秒前", a / SECOND),
        a if a < HOUR => format!("{}分前", a / MINUTE),
        a if a < DAY => format!("{}時間前", a / HOUR),
        a => format!("{}日前", a / DAY),
    }
}

/// 「令和8年11月20日 18:00:00」, for documents.
pub fn document(at: Timestamp) -> String {
    let c = at.tokyo();
    format!("{} {}:{:02}:{:02}", c.date.japanese(), c.hour, c.minute, c.second)
}

/// For a narrow column: day and time, 「きょう」「10:00」 or 「11/18 水」「6:42」.
pub fn short(at: Timestamp, now: Timestamp) -> (String, String) {
    let c = at.tokyo();
    let time = format!("{}:{:02}", c.hour, c.minute);
    let day = match c.date.days() - now.date().days() {
        0 => "きょう".into(),
        -1 => "きのう".into(),
        1 => "あした".into(),
        _ if c.date.year != now.date().year => {
            format!("{}/{}/{}", c.date.year, c.date.month, c.date.day)
        }
        _ => format!("{}/{} {}", c.date.month, c.date.day, c.date.weekday_name()),
    };
    (day, time)
}

/// The date on a stamp: 「8.11.20」 (令和).
pub fn stamp_date(date: Date) -> String {
    let era: String = date.era_year().chars().filter(char::is_ascii_digit).collect();
    let year = if era.is_empty() { "1" } else { &era };
    format!("{year}.{}.{}", date.month, date.day)
}

/// 「3.9%」: a share of a whole, to one decimal; 「0.1%未満」 of the fewest; 「—」 of nothing.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "—".into();
    }
    let permille = (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole);
    // All but one of a million is not 「100.0%」, and one of them not 「0.0%」.
    let permille = match permille {
        1000 if part < whole => 999,
        0 if part > 0 => return "0.1%未満".into(),
        p => p,
    };
    format!("{}.{}%", permille / 10, permille % 10)
}

/// 「84,312」 of a count.
pub fn count(n: u64) -> String {
    thousands(i64::try_from(n).unwrap_or(i64::MAX))
}

/// What there is most of: 「「雨」の 4件」; of several alike, 「「雨」「風」の 4件ずつ」. Nothing where
/// there is nothing of all. `unit`: 件, 人.
pub fn most(bars: &[(String, u64)], unit: &str) -> Option<(String, u64)> {
    /// So many are named where several are alike.
    const NAMED: usize = 3;
    let top = bars.iter().map(|(_, n)| *n).max().filter(|n| *n > 0)?;
    let names: Vec<&str> =
        bars.iter().filter(|(_, n)| *n == top).map(|(w, _)| w.as_str()).collect();
    let named: String = names.iter().take(NAMED).map(|name| format!("「{name}」")).collect();
    let more = match names.len() {
        n if n > NAMED => format!("など{}", things(n)),
        _ => String::new(),
    };
    let each = if names.len() > 1 { "ずつ" } else { "" };
    Some((format!("{named}{more}の {}{unit}{each}", count(top)), top))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: &str) -> Timestamp {
        Timestamp::parse_rfc3339(s).unwrap()
    }

    #[test]
    fn what_there_is_most_of_names_all_that_are_alike() {
        let words = |bars: &[(&str, u64)]| {
            let bars: Vec<_> = bars.iter().map(|(w, n)| ((*w).to_owned(), *n)).collect();
            most(&bars, "件").map(|(words, _)| words)
        };
        assert_eq!(words(&[("雨", 4), ("風", 1)]).unwrap(), "「雨」の 4件");
        assert_eq!(words(&[("雨", 4), ("風", 4), ("雪", 0)]).unwrap(), "「雨」「風」の 4件ずつ");
        let four = [("a", 1), ("b", 1), ("c", 1), ("d", 1)];
        assert_eq!(words(&four).unwrap(), "「a」「b」「c」など4つの 1件ずつ");
        assert_eq!(words(&[("雨", 0)]), None);
        assert_eq!(words(&[]), None);
    }

    #[test]
    fn ages() {
        let now = at("2026-11-20T10:24:00+09:00");
        assert_eq!(ago(now.plus(-2 * SECOND), now), "2秒前");
        assert_eq!(ago(now.plus(-42 * MINUTE), now), "42分前");
        assert_eq!(ago(now.plus(-2 * DAY), now), "2日前");
        assert_eq!(ago(now.plus(SECOND), now), "いま");
    }

    #[test]
    fn days() {
        let now = at("2026-11-20T10:24:00+09:00");
        assert_eq!(short(at("2026-11-20T07:00:00+09:00"), now), ("きょう".into(), "7:00".into()));
        assert_eq!(short(at("2026-11-18T06:42:00+09:00"), now), ("11/18 水".into(), "6:42".into()));
        assert_eq!(document(at("2026-11-20T18:00:00+09:00")), "令和8年11月20日 18:00:00");
        assert_eq!(stamp_date(now.date()), "8.11.20");
        assert_eq!(stamp_date(Date { year: 2019, month: 6, day: 1 }), "1.6.1");
    }

    #[test]
    fn shares_do_not_round_to_all_or_nothing() {
        assert_eq!(share(3268, 84312), "3.9%");
        assert_eq!(share(1, 1_000_000), "0.1%未満");
        assert_eq!(share(999_999, 1_000_000), "99.9%");
        assert_eq!(share(5, 5), "100.0%");
        assert_eq!(share(0, 0), "—");
    }
}
