//! Instants in UTC microseconds and civil time in Asia/Tokyo (always UTC+9).
//!
//! Pure integer arithmetic (proleptic Gregorian calendar), so that the browser
//! needs no time-zone database.

use serde::{Deserialize, Serialize};

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Microseconds in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Microseconds in a day.
pub const DAY: i64 = 24 * HOUR;
const TOKYO: i64 = 9 * HOUR;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A date of the civil calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    /// 西暦.
    pub year: i32,
    /// 1–12.
    pub month: u8,
    /// 1–31.
    pub day: u8,
}

/// Civil date and time of day in Tokyo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The date.
    pub date: Date,
    /// 0–23.
    pub hour: u8,
    /// 0–59.
    pub minute: u8,
    /// 0–59.
    pub second: u8,
    /// 0–999 999.
    pub micro: u32,
}

impl Default for Date {
    /// 1970-01-01.
    fn default() -> Self {
        Self { year: 1970, month: 1, day: 1 }
    }
}

impl Date {
    /// Days since 1970-01-01 (negative before).
    pub fn days(self) -> i64 {
        let y = i64::from(self.year) - i64::from(self.month <= 2);
        let era = y.div_euclid(400);
        let yoe = y.rem_euclid(400);
        let m = i64::from(self.month);
        let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
    }

    /// The date that many days after 1970-01-01.
    pub fn from_days(days: i64) -> Self {
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = (doy - (153 * mp + 2) / 5 + 1) as u8;
        let month = (if mp < 10 { mp + 3 } else { mp - 9 }) as u8;
        let year = (yoe + era * 400 + i64::from(month <= 2)) as i32;
        Self { year, month, day }
    }

    /// A valid date, or nothing.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let date = Self { year, month, day };
        ((1..=12).contains(&month) && day >= 1 && Self::from_days(date.days()) == date)
            .then_some(date)
    }

    /// 0 = 日 … 6 = 土.
    pub fn weekday(self) -> u8 {
        (self.days() + 4).rem_euclid(7) as u8
    }

    /// 「日」…「土」.
    pub fn weekday_name(self) -> &'static str {
        ["日", "月", "火", "水", "木", "金", "土"][usize::from(self.weekday())]
    }

    /// Era and year of the era: 令和8年, 平成元年, 昭和…; before 明治6 only 西暦.
    pub fn era_year(self) -> String {
        let eras = [
            ("令和", Date { year: 2019, month: 5, day: 1 }),
            ("平成", Date { year: 1989, month: 1, day: 8 }),
            ("昭和", Date { year: 1926, month: 12, day: 25 }),
            ("大正", Date { year: 1912, month: 7, day: 30 }),
            ("明治", Date { year: 1873, month: 1, day: 1 }),
        ];
        for (name, start) in eras {
            if self >= start {
                let first = if name == "明治" { 1868 } else { start.year };
                return match self.year - first + 1 {
                    1 => format!("{name}元年"),
                    n => format!("{name}{n}年"),
                };
            }
        }
        format!("{}年", self.year)
    }

    /// 「令和8年11月20日」.
    pub fn japanese(self) -> String {
        format!("{}{}月{}日", self.era_year(), self.month, self.day)
    }

    /// `2026-11-20`.
    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// From `2026-11-20`.
    pub fn parse_iso(s: &str) -> Option<Self> {
        let mut parts = s.splitn(3, '-');
        let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
        if y.len() != 4
            || m.len() != 2
            || d.len() != 2
            || !s.bytes().all(|b| b.is_ascii_digit() || b == b'-')
        {
            return None;
        }
        Self::new(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?)
    }

    /// The same day so many months later (earlier if negative); the last of the month where there is none.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        let months = self.year * 12 + i32::from(self.month) - 1 + months;
        let (year, month) = (months.div_euclid(12), (months.rem_euclid(12) + 1) as u8);
        (1..=self.day).rev().find_map(|day| Self::new(year, month, day)).unwrap_or(Self {
            year,
            month,
            day: 1,
        })
    }

    /// The age (満年齢) on a date of somebody born on this one: it grows on the birthday, of
    /// those born on 29 February in other years on 1 March. Negative before birth.
    pub fn age_on(self, on: Self) -> i32 {
        let had = (on.month, on.day) >= (self.month, self.day);
        on.year - self.year - i32::from(!had)
    }

    /// The instant at which this date begins in Tokyo.
    pub fn start(self) -> Timestamp {
        Timestamp(self.days() * DAY - TOKYO)
    }
}

impl Timestamp {
    /// Civil date and time in Tokyo.
    pub fn tokyo(self) -> Civil {
        let local = self.0 + TOKYO;
        let of_day = local.rem_euclid(DAY);
        Civil {
            date: Date::from_days(local.div_euclid(DAY)),
            hour: (of_day / HOUR) as u8,
            minute: (of_day % HOUR / MINUTE) as u8,
            second: (of_day % MINUTE / SECOND) as u8,
            micro: (of_day % SECOND) as u32,
        }
    }

    /// The date in Tokyo.
    pub fn date(self) -> Date {
        self.tokyo().date
    }

    /// The instant of a civil time in Tokyo.
    pub fn from_tokyo(date: Date, hour: u8, minute: u8) -> Self {
        Self(date.start().0 + i64::from(hour) * HOUR + i64::from(minute) * MINUTE)
    }

    /// From milliseconds since 1970 (LINE's unit).
    pub fn from_millis(ms: i64) -> Self {
        Self(ms.saturating_mul(1000))
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// Later by that many microseconds.
    #[must_use]
    pub fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to this.
    pub fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// RFC 3339 in Tokyo's offset: `2026-11-20T17:30:00+09:00`, with six decimals where there are any.
    pub fn rfc3339(self) -> String {
        let c = self.tokyo();
        let fraction = if c.micro == 0 { String::new() } else { format!(".{:06}", c.micro) };
        format!("{}T{:02}:{:02}:{:02}{fraction}+09:00", c.date.iso(), c.hour, c.minute, c.second)
    }

    /// From RFC 3339; an offset (or `Z`) is required.
    pub fn parse_rfc3339(s: &str) -> Option<Self> {
        if !s.is_ascii() || s.len() < 20 {
            return None;
        }
        let date = Date::parse_iso(&s[..10])?;
        if !matches!(&s[10..11], "T" | "t" | " ") {
            return None;
        }
        let two = |from: usize| -> Option<i64> {
            let t = s.get(from..from + 2)?;
            t.bytes().all(|b| b.is_ascii_digit()).then(|| t.parse().ok())?
        };
        let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
        if &s[13..14] != ":" || &s[16..17] != ":" || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let mut rest = &s[19..];
        let mut micro = 0i64;
        if let Some(fraction) = rest.strip_prefix('.') {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return None;
            }
            let padded: String =
                fraction[..digits].chars().chain("000000".chars()).take(6).collect();
            micro = padded.parse().ok()?;
            rest = &fraction[digits..];
        }
        let offset = match rest.as_bytes() {
            [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
                let digits = |t: &str| {
                    t.bytes().all(|b| b.is_ascii_digit()).then(|| t.parse::<i64>().ok())?
                };
                let (h, m) = (digits(&rest[1..3])?, digits(&rest[4..6])?);
                if h > 23 || m > 59 {
                    return None;
                }
                (h * HOUR + m * MINUTE) * if *sign == b'-' { -1 } else { 1 }
            }
            _ => return None,
        };
        Some(Self(
            date.days() * DAY + hour * HOUR + minute * MINUTE + second * SECOND + micro - offset,
        ))
    }

    /// 「11月26日（木）17:30」.
    pub fn day_and_time(self) -> String {
        let c = self.tokyo();
        format!(
            "{}月{}日（{}）{}:{:02}",
            c.date.month,
            c.date.day,
            c.date.weekday_name(),
            c.hour,
            c.minute
        )
    }

    /// 「きょう 10:00」「きのう 17:30」「あした 9:00」, else 「11月26日（木）17:30」, with the year when it differs.
    pub fn near(self, now: Self) -> String {
        let c = self.tokyo();
        let today = now.date();
        let name = match c.date.days() - today.days() {
            0 => "きょう",
            -1 => "きのう",
            1 => "あした",
            _ if c.date.year != today.year => {
                return format!("{}年{}", c.date.year, self.day_and_time());
            }
            _ => return self.day_and_time(),
        };
        format!("{name} {}:{:02}", c.hour, c.minute)
    }

    /// 「17:30」.
    pub fn time_of_day(self) -> String {
        let c = self.tokyo();
        format!("{}:{:02}", c.hour, c.minute)
    }

    /// 「18:00:03.412」.
    pub fn precise_time(self) -> String {
        let c = self.tokyo();
        format!("{}:{:02}:{:02}.{:03}", c.hour, c.minute, c.second, c.micro / 1000)
    }
}

/// The days that an address asks for by the first and the last one, as `2026-11-20`: the last 30
/// where it does not say, none after today, and so many before the last one at most.
pub fn period(from: &str, until: &str, today: Date, most: i64) -> (Date, Date) {
    let until = Date::parse_iso(until).filter(|d| *d <= today).unwrap_or(today);
    let from = Date::parse_iso(from).unwrap_or_else(|| Date::from_days(until.days() - 29));
    let (from, until) = if from <= until { (from, until) } else { (until, from.min(today)) };
    (from.max(Date::from_days(until.days() - most)), until)
}

/// 「3つ」, but 「12個」: Japanese counts to nine with つ.
pub fn things(n: impl TryInto<i64>) -> String {
    match n.try_into().unwrap_or(i64::MAX) {
        n @ 1..=9 => format!("{n}つ"),
        n => format!("{}個", thousands(n)),
    }
}

/// 「84,312」.
pub fn thousands(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('-');
    }
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(d);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn periods() {
        let day = |s: &str| Date::parse_iso(s).unwrap();
        let today = day("2026-11-20");
        let asked = |from: &str, until: &str| period(from, until, today, 365);
        assert_eq!(asked("", ""), (day("2026-10-22"), today));
        let days = (day("2026-11-01"), day("2026-11-05"));
        assert_eq!(asked("2026-11-01", "2026-11-05"), days);
        assert_eq!(asked("2026-11-05", "2026-11-01"), days);
        assert_eq!(asked("x", "2099-01-01"), (day("2026-10-22"), today));
        assert_eq!(asked("1900-01-01", ""), (day("2025-11-20"), today));
    }

    #[test]
    fn known_instants() {
        let t = Timestamp::parse_rfc3339("2026-11-20T10:24:00+09:00").unwrap();
        assert_eq!(t.day_and_time(), "11月20日（金）10:24");
        assert_eq!(t.date().japanese(), "令和8年11月20日");
        assert_eq!(t, Timestamp::parse_rfc3339("2026-11-20T01:24:00.000Z").unwrap());
        assert_eq!(Timestamp(0).rfc3339(), "1970-01-01T09:00:00+09:00");
        assert_eq!(Date { year: 2019, month: 4, day: 30 }.era_year(), "平成31年");
        assert_eq!(Date { year: 2019, month: 5, day: 1 }.era_year(), "令和元年");
        assert_eq!(Date { year: 1973, month: 1, day: 1 }.era_year(), "昭和48年");
    }

    #[test]
    fn without_offset_is_refused() {
        for bad in [
            "2026-11-20T10:24:00",
            "2026-02-30T10:24:00Z",
            "2026-11-20",
            "2026-11-20T24:00:00Z",
            "２０26-11-20T10:24:00Z",
            "2026-11-20T10:24:00+9:00",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(bad), None, "{bad}");
        }
    }

    #[test]
    fn near_words() {
        let now = Timestamp::parse_rfc3339("2026-11-20T10:24:00+09:00").unwrap();
        assert_eq!(now.plus(-DAY).near(now), "きのう 10:24");
        assert_eq!(now.plus(HOUR).near(now), "きょう 11:24");
        assert_eq!(now.plus(60 * DAY).near(now), "2027年1月19日（火）10:24");
    }

    #[test]
    fn groups_of_three() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(84312), "84,312");
        assert_eq!(thousands(-1_204_881), "-1,204,881");
        assert_eq!([0, 1, 9, 10, 1200].map(things), ["0個", "1つ", "9つ", "10個", "1,200個"]);
    }

    proptest! {
        #[test]
        fn days_round_trip(days in -800_000i64..800_000) {
            let date = Date::from_days(days);
            prop_assert_eq!(date.days(), days);
            prop_assert_eq!(Date::new(date.year, date.month, date.day), Some(date));
        }

        #[test]
        fn rfc3339_round_trip(t in -5_000_000_000_000_000i64..50_000_000_000_000_000) {
            prop_assert_eq!(Timestamp::parse_rfc3339(&Timestamp(t).rfc3339()), Some(Timestamp(t)));
        }
    }
}
