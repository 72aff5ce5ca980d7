//! The rules of one call to LINE: what an answer means and when to try again.
//!
//! LINE's retry table: 500 and no answer → again with the same key; 409 → it was
//! taken; other 4xx → never the same call again. LINE forgets a key 24 h after
//! its first use, and the same call would then arrive twice.

use super::Reason;
use crate::time::{HOUR, SECOND, Timestamp};

/// Most ids of one multicast.
pub const IDS_MAX: usize = 500;
/// LINE knows a retry key for this long after its first use, in microseconds.
pub const KEY_LIFE: i64 = 24 * HOUR;
/// A key is not used any more this long before LINE may forget it: the last attempt needs time to arrive.
pub const KEY_MARGIN: i64 = 60 * SECOND;
/// How long a worker holds a call, in microseconds; longer than its HTTP time-out.
pub const LEASE: i64 = 30 * SECOND;

/// What LINE answered to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200, or 409 for a key that it knows.
    Accepted,
    /// 400 that names members of `to` (their positions).
    RefusedIds(Vec<usize>),
    /// 400 that names the message, or another final refusal of the whole call.
    RefusedMessage,
    /// 400 without naming anything.
    RefusedSomehow,
    /// 429: too many calls.
    RateLimited,
    /// 429: the month's messages are used up.
    QuotaReached,
    /// 401/403: our token or our account.
    NotAllowed,
    /// 5xx, time-out, broken connection: perhaps taken, perhaps not.
    Unknown,
}

/// What to do with the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Done.
    Accept,
    /// The same call with the same key, not before then.
    RetryAt(Timestamp),
    /// These positions failed; the others go on in a new call under a new key.
    Without(Vec<usize>),
    /// Two halves, each under a new key: one of them holds the bad id.
    Halve,
    /// All recipients of the call failed.
    Fail(Reason),
    /// A person must look; the call waits.
    Hold,
}

/// Decides. `count` is the number of ids in the call, `attempts` includes the one
/// just answered, `jitter` is a number from 0 to 999.
pub fn next(
    answer: &Answer,
    count: usize,
    attempts: u32,
    first_attempt: Timestamp,
    now: Timestamp,
    jitter: u32,
) -> Next {
    match answer {
        Answer::Accepted => Next::Accept,
        Answer::RefusedIds(at) => {
            let mut at: Vec<usize> = at.iter().copied().filter(|i| *i < count).collect();
            at.sort_unstable();
            at.dedup();
            if at.is_empty() {
                next(&Answer::RefusedSomehow, count, attempts, first_attempt, now, jitter)
            } else if at.len() == count {
                Next::Fail(Reason::RefusedId)
            } else {
                Next::Without(at)
            }
        }
        Answer::RefusedMessage => Next::Fail(Reason::RefusedMessage),
        Answer::RefusedSomehow if count > 1 => Next::Halve,
        Answer::RefusedSomehow => Next::Fail(Reason::RefusedId),
        Answer::QuotaReached => Next::Hold,
        Answer::RateLimited | Answer::NotAllowed | Answer::Unknown => {
            let at = now.plus(pause(attempts, jitter));
            if expired(first_attempt, at) { Next::Fail(Reason::Unknown) } else { Next::RetryAt(at) }
        }
    }
}

/// Whether the key must not be used at `at` any more.
pub fn expired(first_attempt: Timestamp, at: Timestamp) -> bool {
    at.since(first_attempt) >= KEY_LIFE - KEY_MARGIN
}

/// Exponential from 0.25 s to 60 s, with up to half of it as jitter.
fn pause(attempts: u32, jitter: u32) -> i64 {
    let base = (SECOND / 4) << attempts.saturating_sub(1).min(8);
    let base = base.min(60 * SECOND);
    base + base / 2 * i64::from(jitter.min(999)) / 999
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const T0: Timestamp = Timestamp(0);

    #[test]
    fn the_key_is_never_used_after_line_may_have_forgotten_it() {
        let late = T0.plus(KEY_LIFE - KEY_MARGIN - 1);
        assert_eq!(next(&Answer::Unknown, 5, 30, T0, late, 0), Next::Fail(Reason::Unknown));
        assert!(matches!(next(&Answer::Unknown, 5, 1, T0, T0, 0), Next::RetryAt(_)));
    }

    #[test]
    fn one_bad_id_does_not_stop_the_others() {
        assert_eq!(
            next(&Answer::RefusedIds(vec![3, 3]), 500, 1, T0, T0, 0),
            Next::Without(vec![3])
        );
        assert_eq!(
            next(&Answer::RefusedIds(vec![0]), 1, 1, T0, T0, 0),
            Next::Fail(Reason::RefusedId)
        );
        assert_eq!(next(&Answer::RefusedSomehow, 500, 1, T0, T0, 0), Next::Halve);
        assert_eq!(next(&Answer::RefusedSomehow, 1, 1, T0, T0, 0), Next::Fail(Reason::RefusedId));
        assert_eq!(next(&Answer::RefusedIds(vec![900]), 500, 1, T0, T0, 0), Next::Halve);
    }

    proptest! {
        #[test]
        fn a_retry_lies_in_the_future_and_within_the_life_of_the_key(attempts in 1u32..200, jitter in 0u32..1000, after in 0i64..KEY_LIFE * 2) {
            let now = T0.plus(after);
            match next(&Answer::Unknown, 500, attempts, T0, now, jitter) {
                Next::RetryAt(at) => {
                    prop_assert!(at > now && at.since(now) <= 90 * SECOND);
                    prop_assert!(at.since(T0) < KEY_LIFE);
                }
                other => {
                    prop_assert_eq!(other, Next::Fail(Reason::Unknown));
                    prop_assert!(after > KEY_LIFE - KEY_MARGIN - 91 * SECOND);
                }
            }
        }
    }
}
