//! When a delivery is to begin (SEG-6).

use crate::problem::Problem;
use crate::time::{DAY, MINUTE, Timestamp};

/// A draft whose author wants a time and has not given it yet.
pub const UNDECIDED: Timestamp = Timestamp(0);

/// What is wrong with a time at which to begin.
pub fn send_at_problem(at: Timestamp, now: Timestamp) -> Option<Problem> {
    let words = if at == UNDECIDED {
        "届ける日時が決まっていません。日付と時刻を入れるか、「すぐに」を選んでください".to_owned()
    } else if at.0 < now.0 - MINUTE {
        let today = now.tokyo();
        let past =
            if at.date() == today.date { "すぎた時刻です" } else { "すぎた日付です" };
        format!(
            "{past}。きょう（{}日）{}:{:02} よりあとにしてください",
            today.date.day, today.hour, today.minute
        )
    } else if at.since(now) > 366 * DAY {
        "1年より先の日時です。1年以内にしてください".to_owned()
    } else {
        return None;
    };
    Some(Problem::new("/send_at", words))
}

/// Whether it would ring at night (21–7 o'clock in Tokyo).
pub fn is_night(at: Timestamp) -> bool {
    !(7..21).contains(&at.tokyo().hour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Date;

    fn at(day: u8, hour: u8, minute: u8) -> Timestamp {
        Timestamp::from_tokyo(Date { year: 2026, month: 11, day }, hour, minute)
    }

    #[test]
    fn a_time_lies_between_now_and_a_year_from_now() {
        let now = at(20, 10, 24);
        let words = |t: Timestamp| send_at_problem(t, now).map(|p| p.message).unwrap_or_default();
        assert_eq!(words(at(20, 10, 25)), "");
        assert_eq!(words(now), "", "the minute that has begun is now");
        assert_eq!(
            words(at(19, 17, 30)),
            "すぎた日付です。きょう（20日）10:24 よりあとにしてください"
        );
        assert!(words(at(20, 9, 0)).starts_with("すぎた時刻です"));
        assert!(words(now.plus(367 * DAY)).starts_with("1年より先"));
        assert!(words(UNDECIDED).starts_with("届ける日時が決まっていません"));
    }

    #[test]
    fn night_begins_at_nine_and_ends_at_seven() {
        for (hour, night) in [(6, true), (7, false), (20, false), (21, true), (0, true)] {
            assert_eq!(is_night(at(20, hour, 0)), night, "{hour}");
        }
    }
}
