//! The clock that is passed in, and the little civil calendar that LINE's
//! statistics need (days in Asia/Tokyo, which has been UTC+9 without exception
//! since 1952).

use std::sync::Arc;

/// A source of the current time in UTC microseconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// One second in microseconds.
pub const SECOND: i64 = 1_000_000;
/// One minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;

/// The computer's own clock.
#[must_use]
pub fn system() -> Clock {
    Arc::new(|| {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the sandbox reads the computer's clock"
        )]
        let now = std::time::SystemTime::now();
        now.duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX))
    })
}

/// A civil day in Tokyo, as the number of days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    /// The Tokyo day in which `at` (UTC microseconds) lies.
    #[must_use]
    pub fn of(at: i64) -> Self {
        Day((at + 9 * HOUR).div_euclid(24 * HOUR))
    }

    /// The first instant after this day, in UTC microseconds.
    #[must_use]
    pub fn end(self) -> i64 {
        (self.0 + 1) * 24 * HOUR - 9 * HOUR
    }

    /// Year, month (1–12) and day of month (1–31).
    #[must_use]
    pub fn civil(self) -> (i64, u32, u32) {
        // Days are counted from 0000-03-01, so that the leap day ends the year.
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        (year, u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
    }

    /// Year and month as one number, `202611`.
    #[must_use]
    pub fn month(self) -> i64 {
        let (year, month, _) = self.civil();
        year * 100 + i64::from(month)
    }

    /// Reads LINE's `yyyyMMdd`; `None` unless it names a real day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let year: i64 = text[..4].parse().ok()?;
        let month: i64 = text[4..6].parse().ok()?;
        let day: i64 = text[6..].parse().ok()?;
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let day_of_year = (153 * m + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let parsed = Day(era * 146_097 + day_of_era - 719_468);
        (parsed.civil() == (year, u32::try_from(month).ok()?, u32::try_from(day).ok()?))
            .then_some(parsed)
    }
}

/// ISO 8601 in UTC with milliseconds, as LINE writes times in JSON.
#[must_use]
pub fn iso(at: i64) -> String {
    let (year, month, day) = Day(at.div_euclid(24 * HOUR)).civil();
    let rest = at.rem_euclid(24 * HOUR);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        rest / HOUR,
        rest / MINUTE % 60,
        rest / SECOND % 60,
        rest / 1_000 % 1_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_round_trip() {
        for text in ["19700101", "20000229", "20240229", "20261120", "20991231", "18991231"] {
            let day = Day::parse(text).unwrap();
            let (y, m, d) = day.civil();
            assert_eq!(format!("{y:04}{m:02}{d:02}"), text);
        }
        assert_eq!(Day::parse("20261120").unwrap().0, 20_777);
        for wrong in ["20260229", "20261301", "20260431", "2026112", "2026-1-1", "２０２６"] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_tokyo_day_begins_nine_hours_early() {
        let day = Day::parse("20261120").unwrap();
        assert_eq!(Day::of(day.end() - 1), day);
        assert_eq!(Day::of(day.end()), Day(day.0 + 1));
        assert_eq!(iso(day.end()), "2026-11-20T15:00:00.000Z");
        assert_eq!(day.month(), 202_611);
    }
}
