//! The rules of one call to LINE: what an answer means and when to try again.
//!
//! LINE's retry table: 500 and no answer → again with the same key; 409 → it was
//! taken; other 4xx → never the same call again. LINE forgets a key 24 h after
//! its first use, and the same call would then arrive twice.
//!
//! A call of which LINE refused every attempt ([`Next::Postpone`], [`Next::Hold`]) is as
//! good as untried: whoever stops its delivery stops it too. One that LINE may have taken
//! ([`Tries::perhaps_taken_before`]) is asked for until that is known.

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

/// So many calls of a delivery that LINE refused whole while it had taken none hold the delivery
/// for a person: the others would be refused for the same reason.
pub const REFUSALS_MAX: i64 = 10;

/// No call waits longer than this for its next attempt, in microseconds: whatever is due
/// later was written by a clock that has gone back since, and is due now.
pub const WAIT_MAX: i64 = 120 * SECOND;

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
    /// 429: too many calls. Or nobody could be reached, and the call never left.
    RateLimited,
    /// 403: LINE does not let this account send.
    Forbidden,
    /// 429: the month's messages are used up.
    QuotaReached,
    /// 401/403: our token or our account.
    NotAllowed,
    /// 5xx, time-out, broken connection: perhaps taken, perhaps not.
    Unknown,
}

/// The attempts at a call so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// How many, the one on its way or just answered included.
    pub attempts: u32,
    /// Those of which it is known that LINE did not take them. The one on its way is not
    /// among them until its answer is settled: whoever dies in between leaves it unknown.
    pub refused: u32,
    /// When the key was first used. LINE's pages let its 24 h begin there, whether LINE
    /// took that attempt or not; so do we, since a key used for too long sends twice.
    pub first_at: Timestamp,
}

impl Tries {
    /// Whether LINE may have taken an attempt before the one on its way.
    pub fn perhaps_taken_before(&self) -> bool {
        self.attempts > self.refused.saturating_add(1)
    }

    /// Whether the key must not be used at `at` any more.
    pub fn expired(&self, at: Timestamp) -> bool {
        at.since(self.first_at) >= KEY_LIFE - KEY_MARGIN
    }
}

/// Why a call cannot go on without a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The month's messages are used up.
    Quota,
    /// LINE does not let this account send.
    Forbidden,
    /// LINE refused every attempt for as long as a key lives.
    Refusals,
    /// LINE refused the first calls of a delivery, every one ([`REFUSALS_MAX`]).
    FromTheStart,
}

impl Obstacle {
    /// What staff read at the delivery that is held. The button that lets it go on stands beside
    /// it, and is not called the same at every hour: it is not named here.
    pub fn label(self) -> &'static str {
        match self {
            Self::Quota => "LINEの今月の送信数の上限に達しました。上限を確かめてください",
            Self::Forbidden => {
                "LINEが、この送信を許していません。LINE公式アカウントの状態を確かめてください"
            }
            Self::Refusals => {
                "24時間、LINEに受け付けられていません。LINEとのつなぎ方の設定を確かめてください"
            }
            Self::FromTheStart => {
                "送り始めの10回を、LINEがすべて断りました。内容と、LINE公式アカウントの状態を確かめてください"
            }
        }
    }
}

/// What to do with the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Done.
    Accept,
    /// LINE may have taken it: the same call with the same key, not before then.
    RetryAt(Timestamp),
    /// LINE did not take this attempt: the same call with the same key, not before then.
    Postpone(Timestamp),
    /// Staff stopped the delivery before this attempt left: the call is withheld, or waits.
    Stay,
    /// These positions failed; the others go on in a new call under a new key.
    Without(Vec<usize>),
    /// Two halves, each under a new key: one of them holds the bad id.
    Halve,
    /// All recipients of the call failed.
    Fail(Reason),
    /// LINE did not take this attempt, and a person must look; the call waits.
    Hold(Obstacle),
}

impl Next {
    /// Whether LINE refused the whole call, perhaps for what all calls of its delivery share. A
    /// refusal that names single recipients is none: the others go on.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Halve | Self::Fail(Reason::RefusedId | Reason::RefusedMessage))
    }
}

/// Decides. `count` is the number of ids in the call, `tries` those before this answer
/// is settled, `jitter` a number from 0 to 999.
pub fn next(answer: &Answer, count: usize, tries: Tries, now: Timestamp, jitter: u32) -> Next {
    match answer {
        Answer::Accepted => Next::Accept,
        Answer::RefusedIds(at) => {
            let mut at: Vec<usize> = at.iter().copied().filter(|i| *i < count).collect();
            at.sort_unstable();
            at.dedup();
            if at.is_empty() {
                next(&Answer::RefusedSomehow, count, tries, now, jitter)
            } else if at.len() == count {
                Next::Fail(Reason::RefusedId)
            } else {
                Next::Without(at)
            }
        }
        Answer::RefusedMessage => Next::Fail(Reason::RefusedMessage),
        Answer::RefusedSomehow if count > 1 => Next::Halve,
        Answer::RefusedSomehow => Next::Fail(Reason::RefusedId),
        Answer::QuotaReached => Next::Hold(Obstacle::Quota),
        Answer::Forbidden => Next::Hold(Obstacle::Forbidden),
        Answer::RateLimited | Answer::NotAllowed | Answer::Unknown => {
            let at = now.plus(pause(tries.attempts, jitter));
            let refused = *answer != Answer::Unknown;
            match (tries.expired(at), refused) {
                (false, true) => Next::Postpone(at),
                (false, false) => Next::RetryAt(at),
                (true, true) if !tries.perhaps_taken_before() => Next::Hold(Obstacle::Refusals),
                (true, _) => Next::Fail(Reason::Unknown),
            }
        }
    }
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
    const LATE: Timestamp = Timestamp(KEY_LIFE - KEY_MARGIN - 1);

    fn tries(attempts: u32, refused: u32) -> Tries {
        Tries { attempts, refused, first_at: T0 }
    }

    #[test]
    fn the_key_is_never_used_after_line_may_have_forgotten_it() {
        let unknown = |n, now| next(&Answer::Unknown, 5, tries(n, 0), now, 0);
        assert_eq!(unknown(30, LATE), Next::Fail(Reason::Unknown));
        assert!(matches!(unknown(1, T0), Next::RetryAt(_)));
    }

    #[test]
    fn one_bad_id_does_not_stop_the_others() {
        let next = |answer, count| next(&answer, count, tries(1, 0), T0, 0);
        assert_eq!(next(Answer::RefusedIds(vec![3, 3]), 500), Next::Without(vec![3]));
        assert_eq!(next(Answer::RefusedIds(vec![0]), 1), Next::Fail(Reason::RefusedId));
        assert_eq!(next(Answer::RefusedSomehow, 500), Next::Halve);
        assert_eq!(next(Answer::RefusedSomehow, 1), Next::Fail(Reason::RefusedId));
        assert_eq!(next(Answer::RefusedIds(vec![900]), 500), Next::Halve);
    }

    #[test]
    fn an_attempt_that_was_not_refused_may_have_been_taken() {
        assert!(!tries(1, 0).perhaps_taken_before(), "the one on its way is the first");
        assert!(!tries(3, 2).perhaps_taken_before());
        assert!(tries(2, 0).perhaps_taken_before(), "the first was lost with its worker");
        assert!(tries(9, 7).perhaps_taken_before());
        let next = |answer| next(&answer, 5, tries(1, 0), T0, 0);
        assert!(matches!(next(Answer::Unknown), Next::RetryAt(_)));
        assert!(matches!(next(Answer::RateLimited), Next::Postpone(_)));
        assert!(matches!(next(Answer::NotAllowed), Next::Postpone(_)));
        assert_eq!(next(Answer::QuotaReached), Next::Hold(Obstacle::Quota));
    }

    #[test]
    fn a_day_of_refusals_is_for_a_person_and_a_day_of_doubt_is_over() {
        for answer in [Answer::RateLimited, Answer::NotAllowed] {
            let late = |refused| next(&answer, 5, tries(30, refused), LATE, 0);
            assert_eq!(late(29), Next::Hold(Obstacle::Refusals), "LINE took nothing");
            assert_eq!(late(28), Next::Fail(Reason::Unknown), "it may have taken the one");
            assert!(matches!(next(&answer, 5, tries(30, 29), T0, 0), Next::Postpone(_)));
        }
    }

    #[test]
    fn what_all_calls_may_share_is_a_refusal() {
        let next = |answer, count| next(&answer, count, tries(1, 0), T0, 0);
        assert!(next(Answer::RefusedMessage, 500).is_refusal());
        assert!(next(Answer::RefusedSomehow, 500).is_refusal());
        assert!(next(Answer::RefusedSomehow, 1).is_refusal());
        assert!(next(Answer::RefusedIds(vec![0, 1]), 2).is_refusal(), "nobody is left");
        assert!(!next(Answer::RefusedIds(vec![1]), 2).is_refusal(), "the others go on");
        // These go again by themselves, or are held at once.
        for answer in [
            Answer::Accepted,
            Answer::RateLimited,
            Answer::NotAllowed,
            Answer::Unknown,
            Answer::QuotaReached,
            Answer::Forbidden,
        ] {
            assert!(!next(answer, 500).is_refusal());
        }
        assert!(!Next::Fail(Reason::Unknown).is_refusal());
    }

    proptest! {
        #[test]
        fn a_retry_lies_in_the_future_and_within_the_life_of_the_key(attempts in 1u32..200, jitter in 0u32..1000, after in 0i64..KEY_LIFE * 2, known in any::<bool>()) {
            let now = T0.plus(after);
            let answer = if known { Answer::RateLimited } else { Answer::Unknown };
            match next(&answer, 500, tries(attempts, 0), now, jitter) {
                Next::RetryAt(at) | Next::Postpone(at) => {
                    prop_assert!(at > now && at.since(now) <= 90 * SECOND && 90 * SECOND < WAIT_MAX);
                    prop_assert!(at.since(T0) < KEY_LIFE);
                }
                other => {
                    let first = known && attempts == 1;
                    prop_assert_eq!(other, if first { Next::Hold(Obstacle::Refusals) } else { Next::Fail(Reason::Unknown) });
                    prop_assert!(after > KEY_LIFE - KEY_MARGIN - 91 * SECOND);
                }
            }
        }
    }
}
