//! Staff accounts: what a password must be, and when sign-in is locked (ADM-1).

use crate::permission::Role;
use crate::problem::{Problem, none_or, require};
use crate::time::{HOUR, MINUTE, Timestamp};
use serde::{Deserialize, Serialize};

/// Wrong passwords in a row until sign-in is locked.
pub const TRIES: u32 = 5;
/// How long sign-in stays locked, in microseconds.
pub const LOCKED_FOR: i64 = 15 * MINUTE;
/// A session ends this long after its last use, in microseconds.
pub const IDLE: i64 = 60 * MINUTE;
/// A session ends this long after sign-in, in microseconds.
pub const LONGEST: i64 = 12 * HOUR;
/// Shortest password, in characters (NIST SP 800-63B; length instead of composition).
pub const PASSWORD_MIN: usize = 12;
/// Longest password, in bytes: more is refused before it is hashed.
pub const PASSWORD_MAX: usize = 256;

/// A new account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewStaff {
    /// 職員番号: 1–32 of letters, digits, `-`.
    pub number: String,
    /// 氏名.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The department's name; it is made if it is not there.
    pub department: String,
    /// The first password.
    pub password: String,
}

impl NewStaff {
    /// # Errors
    /// What must be mended.
    pub fn validate(self) -> Result<Self, Vec<Problem>> {
        let mut p = Vec::new();
        let number_ok = (1..=32).contains(&self.number.len())
            && self.number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        require(
            &mut p,
            number_ok,
            "number",
            "職員番号は、半角の英数字と「-」で32文字までにしてください",
        );
        require(
            &mut p,
            (1..=100).contains(&self.name.trim().chars().count()),
            "name",
            "氏名を100文字までで入れてください",
        );
        require(
            &mut p,
            (1..=100).contains(&self.department.trim().chars().count()),
            "department",
            "所属を100文字までで入れてください",
        );
        p.extend(password_problem(&self.password, &self.number));
        none_or(self, p)
    }
}

/// What is wrong with a password, if anything.
pub fn password_problem(password: &str, number: &str) -> Option<Problem> {
    let message = if password.chars().count() < PASSWORD_MIN {
        format!("パスワードは{PASSWORD_MIN}文字以上にしてください。文のように長いものが安全です")
    } else if password.len() > PASSWORD_MAX {
        "パスワードが長すぎます。半角256文字までにしてください".to_owned()
    } else if !number.is_empty() && password.contains(number) {
        "パスワードに職員番号を入れないでください".to_owned()
    } else {
        let mut kinds: Vec<char> = password.chars().collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() >= 5 {
            return None;
        }
        "同じ文字のくり返しは、すぐに当てられます。ちがう文字をまぜてください".to_owned()
    };
    Some(Problem::new("password", message))
}

/// Failed tries in a row and the time until which sign-in is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Wrong tries in a row.
    pub failed: u32,
    /// Locked until then.
    pub locked_until: Option<Timestamp>,
}

impl Throttle {
    /// Minutes until the lock opens (rounded up), if it is locked now.
    pub fn locked_minutes(&self, now: Timestamp) -> Option<i64> {
        let until = self.locked_until.filter(|t| *t > now)?;
        Some((until.since(now) + MINUTE - 1) / MINUTE)
    }

    /// After one more wrong try, of which so `many` lock.
    #[must_use]
    pub fn after_failure(self, many: u32, now: Timestamp) -> Self {
        let failed = self.failed + 1;
        if failed >= many {
            Self { failed: 0, locked_until: Some(now.plus(LOCKED_FOR)) }
        } else {
            Self { failed, locked_until: None }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_tries_lock_for_a_quarter_of_an_hour() {
        let now = Timestamp(0);
        let mut throttle = Throttle { failed: 0, locked_until: None };
        for _ in 0..4 {
            throttle = throttle.after_failure(TRIES, now);
            assert_eq!(throttle.locked_minutes(now), None);
        }
        throttle = throttle.after_failure(TRIES, now);
        assert_eq!(throttle.locked_minutes(now), Some(15));
        assert_eq!(throttle.locked_minutes(now.plus(LOCKED_FOR)), None);
    }

    #[test]
    fn weak_passwords() {
        assert!(password_problem("short", "").is_some());
        assert!(password_problem("aaaaaaaaaaaaaaaa", "").is_some());
        assert!(password_problem("x204817-and-more", "204817").is_some());
        assert!(password_problem("みほんの山と海とバス停", "").is_some());
        assert!(password_problem("みほんの山と海とバス停です", "204817").is_none());
    }
}
