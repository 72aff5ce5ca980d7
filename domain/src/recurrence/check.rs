//! What is wrong with a rule, in words.

use super::{Days, End, Recurrence};
use crate::holiday::Holidays;
use crate::problem::Problem;
use crate::time::Timestamp;

/// Weeks between two occurrences at most: a year.
pub const EVERY_MAX: u8 = 52;
/// Times at most: ten years of working days.
pub const TIMES_MAX: u16 = 2_500;
/// Years after the first day in which the last must lie.
const YEARS_MAX: i32 = 10;

impl Recurrence {
    /// What must be mended before it can be put in force, at `/recurrence/…`.
    pub fn problems(&self, holidays: &Holidays, now: Timestamp) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |at: &str, message: String| {
            problems.push(Problem::new(format!("/recurrence/{at}"), message));
        };
        let weekdays = |weekdays: &[u8]| {
            (weekdays.is_empty() || weekdays.iter().any(|w| *w > 6))
                .then(|| "曜日が決まっていません。1つ以上選んでください".to_owned())
        };
        match &self.days {
            Days::Weekly { every, weekdays: on } => {
                if !(1..=EVERY_MAX).contains(every) {
                    say("every", format!("何週ごとに届けるかを、1〜{EVERY_MAX}で入れてください"));
                }
                if let Some(words) = weekdays(on) {
                    say("weekdays", words);
                }
            }
            Days::NthWeekdays { nth, weekdays: on } => {
                if nth.is_empty() {
                    say("nth", "第何の曜日かが決まっていません。1つ以上選んでください".into());
                }
                if let Some(words) = weekdays(on) {
                    say("weekdays", words);
                }
            }
            Days::MonthDays { days } => {
                if days.is_empty() || days.iter().any(|d| !(1..=31).contains(d)) {
                    say("days", "日にちが決まっていません。1つ以上選んでください".into());
                }
            }
        }
        if self.hour > 23 || self.minute > 59 {
            say("time", "時刻が決まっていません。「9:00」のように入れてください".into());
        }
        let today = now.date().year;
        if !(today - YEARS_MAX..=today + 1).contains(&self.first.year) {
            say("first", "始める日は、来年の終わりまでの日にしてください".into());
        }
        match self.end {
            End::Never => {}
            End::On(last) if last < self.first => {
                say("end", "終わりの日が、始める日より前です。あとの日にしてください".into());
            }
            End::On(last) if last.year > self.first.year + YEARS_MAX => {
                say("end", format!("終わりの日は、始める日から{YEARS_MAX}年以内にしてください"));
            }
            End::After(times) if !(1..=TIMES_MAX).contains(&times) => {
                say("end", format!("回数は、1〜{TIMES_MAX}回で入れてください"));
            }
            End::On(_) | End::After(_) => {}
        }
        if problems.is_empty() && self.after(holidays, now).next().is_none() {
            let words = if self.end == End::Never {
                "この決め方では、届ける日が1日もありません。曜日や日にち、休みの日のあつかいを見直してください"
            } else {
                "この決め方では、これから届ける日がもうありません。「いつまで」を先にのばしてください"
            };
            problems.push(Problem::new("/recurrence/end", words));
        }
        problems
    }
}
