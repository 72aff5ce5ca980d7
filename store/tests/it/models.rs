//! Whatever LINE answers in whatever order, and whoever stops, dies or leaves in
//! between: nobody gets it twice, and in the end everybody is accounted for.

use crate::city::user;
use crate::support::{Seeded, Test, both};
use domain::audience::Audience;
use domain::delivery::call::{Answer, Next, next};
use domain::delivery::{Purpose, Status};
use domain::id::{DeliveryId, ResidentId};
use domain::time::{HOUR, SECOND};
use std::collections::{BTreeMap, BTreeSet};
use store::delivery::{cancel, exceptions, hold, release};
use store::outbox::{Call, Settled, claim, finish_bitmaps, received, settle};
use store::resident::{follow, unfollow};
use store::{Clock, Random};

/// A LINE that keeps its rules: a key is taken once, a refused id refuses the whole call.
#[derive(Default)]
struct Line {
    taken: BTreeMap<String, BTreeSet<ResidentId>>,
    received: BTreeMap<ResidentId, u32>,
    refused: BTreeSet<ResidentId>,
}

impl Line {
    fn take(&mut self, call: &Call) {
        let to: BTreeSet<ResidentId> = call.to.iter().map(|r| r.id).collect();
        if let Some(first) = self.taken.get(&call.retry_key) {
            assert_eq!(*first, to, "the same key with another list");
            return;
        }
        for r in &to {
            *self.received.entry(*r).or_default() += 1;
        }
        self.taken.insert(call.retry_key.clone(), to);
    }

    fn answer(&mut self, call: &Call, dice: u32) -> Answer {
        if self.taken.contains_key(&call.retry_key) && !dice.is_multiple_of(3) {
            return Answer::Accepted;
        }
        let bad: Vec<usize> = call
            .to
            .iter()
            .enumerate()
            .filter(|(_, r)| self.refused.contains(&r.id))
            .map(|(i, _)| i)
            .collect();
        match dice % 20 {
            0..=2 => Answer::RateLimited,
            3 | 4 => Answer::Unknown,
            5 => Answer::QuotaReached,
            6 => Answer::NotAllowed,
            _ if bad.len() > 2 => Answer::RefusedSomehow,
            _ if !bad.is_empty() => Answer::RefusedIds(bad),
            7..=9 => {
                self.take(call);
                Answer::Unknown
            }
            _ => {
                self.take(call);
                Answer::Accepted
            }
        }
    }
}

struct Dice(std::sync::Arc<Seeded>);

impl Dice {
    fn below(&self, n: u32) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_be_bytes(bytes) % n
    }
}

/// What is known of each key: how often it was claimed, and how often LINE is known not
/// to have taken it.
#[derive(Default)]
struct Known(BTreeMap<String, (u32, u32)>);

impl Known {
    /// A delivery that was stopped only finds out about what LINE may have taken.
    fn claimed(&mut self, call: &Call, stopped: bool) {
        let (claims, refusals) = self.0.entry(call.retry_key.clone()).or_default();
        assert!(!stopped || *claims > *refusals, "what LINE refused is sent although stopped");
        *claims += 1;
    }

    fn settled(&mut self, call: &Call, next: &Next) {
        if let Some((_, refusals)) = self.0.get_mut(&call.retry_key)
            && matches!(next, Next::Postpone(_) | Next::Hold(_))
        {
            *refusals += 1;
        }
    }
}

/// Whether the answer to this attempt still counts: nobody leased the call again.
async fn is_open(t: &Test, owner: &str, call: &Call) -> bool {
    let sql = format!(
        "SELECT COUNT(*) AS n FROM call WHERE id = {} AND state = 1 AND owner = '{owner}' AND attempts = {}",
        call.id, call.attempts
    );
    t.number(&sql).await == 1
}

/// Plays one delivery to its end.
async fn play(t: &Test, dice: &Dice, people: &[ResidentId]) -> (DeliveryId, Line) {
    let mut line = Line::default();
    for _ in 0..dice.below(4) {
        line.refused.insert(people[dice.below(people.len() as u32) as usize]);
    }
    let id = t
        .frozen(
            if dice.below(2) == 0 { Purpose::Notice } else { Purpose::Emergency },
            Audience::Everyone,
        )
        .await;
    // Somebody stops it just when LINE has too much to do.
    let impatient = dice.below(3) == 0;
    let mut known = Known::default();
    let mut open: Vec<(&str, Call)> = Vec::new();
    for round in 0.. {
        assert!(round < 3_000, "it never ends: {:?}", t.get(id).await);
        let d = t.get(id).await;
        if d.finished_at.is_some() {
            break;
        }
        match dice.below(60) {
            0 => drop(cancel(&t.ctx, id).await.unwrap()),
            1 => hold(&t.ctx, id, "待ち").await.unwrap(),
            2 => drop(
                unfollow(&t.ctx, &user(dice.below(people.len() as u32)), t.clock.now())
                    .await
                    .unwrap(),
            ),
            3 => drop(
                follow(&t.ctx, &user(dice.below(people.len() as u32)), t.clock.now())
                    .await
                    .unwrap(),
            ),
            // The server dies: what was on its way is not settled.
            4 => open.clear(),
            5 => t.later(25 * HOUR),
            _ => {}
        }
        if t.get(id).await.status == Status::Held && dice.below(3) == 0 {
            release(&t.ctx, id).await.unwrap();
        }
        let owner = ["a", "b"][dice.below(2) as usize];
        let stopped = t.get(id).await.status == Status::Cancelled;
        for call in claim(&t.ctx, owner, i64::from(1 + dice.below(3))).await.unwrap() {
            known.claimed(&call, stopped);
            open.push((owner, call));
        }
        if !open.is_empty() && dice.below(4) > 0 {
            let (owner, call) = open.swap_remove(dice.below(open.len() as u32) as usize);
            let answer = line.answer(&call, dice.below(1_000));
            let next = next(&answer, call.to.len(), call.tries(), t.clock.now(), dice.below(1_000));
            if is_open(t, owner, &call).await {
                known.settled(&call, &next);
            }
            let busy = impatient && matches!(next, Next::Postpone(_)) && dice.below(2) == 0;
            let settled = Settled { call, next, request_id: None, error: None };
            if busy && dice.below(2) == 0 {
                let answers = std::slice::from_ref(&settled);
                let (a, b) = tokio::join!(settle(&t.ctx, owner, answers), cancel(&t.ctx, id));
                a.unwrap();
                b.unwrap();
            }
            // Sometimes it is told twice.
            for _ in 0..=dice.below(2) {
                settle(&t.ctx, owner, std::slice::from_ref(&settled)).await.unwrap();
            }
            if busy {
                cancel(&t.ctx, id).await.unwrap();
            }
        }
        t.adds_up(id).await;
        t.later(i64::from(dice.below(20)) * SECOND);
    }
    (id, line)
}

#[test]
fn nobody_twice_and_everybody_accounted_for() {
    both(async |t| {
        t.city().await;
        let people = t.friends(0, 1_300).await;
        for seed in 0..12 {
            let dice = Dice(Seeded::new(seed));
            let (id, line) = play(&t, &dice, &people).await;
            let d = t.get(id).await;
            let f = d.figures;
            assert!(d.status.is_final(), "{seed}: {d:?}");
            assert_eq!(f.recipients, f.accepted + f.failed + f.withheld, "{seed}");
            assert!(line.received.values().all(|n| *n == 1), "{seed}: somebody got it twice");
            finish_bitmaps(&t.ctx, id).await.unwrap();
            let mut accepted = BTreeSet::new();
            for r in &people {
                if received(&t.ctx, id, *r).await.unwrap() == Some(true) {
                    accepted.insert(*r);
                }
            }
            assert_eq!(accepted.len() as i64, f.accepted, "{seed}");
            assert!(
                accepted.iter().all(|r| line.received.contains_key(r)),
                "{seed}: LINE never took what is said to be accepted"
            );
            let mut excepted = BTreeSet::new();
            let mut after = ResidentId(0);
            loop {
                let page = exceptions(&t.ctx, id, after).await.unwrap();
                let Some((last, _)) = page.last() else { break };
                after = *last;
                excepted.extend(page);
            }
            assert!(
                excepted.iter().all(|(r, _)| !accepted.contains(r)),
                "{seed}: accepted and excepted"
            );
            // Who got it although it is not accepted is one of whom LINE never told us, not one whom we withheld.
            for (r, reason) in &excepted {
                assert!(
                    reason.is_failure() || !line.received.contains_key(r),
                    "{seed}: {r} got it and was withheld as {reason:?}"
                );
            }
        }
    });
}
