//! The outbox beside deliveries: pushes, LINE's rates, what happens at start-up.

use crate::city::user;
use crate::support::{Test, both};
use domain::audience::Audience;
use domain::delivery::call::{LEASE, Next};
use domain::delivery::{Purpose, Status};
use domain::time::{HOUR, SECOND};
use std::collections::BTreeSet;
use store::delivery::cancel;
use store::outbox::{
    Kind, Recipient, Settled, claim, free_leases, next_due, push, reserve, settle,
};
use store::{Clock, work};

#[test]
fn a_push_goes_to_one_resident_and_is_done() {
    both(async |t| {
        let id = t.friends(0, 1).await[0];
        assert_eq!(next_due(&t.ctx).await.unwrap(), None);
        push(&t.ctx, Recipient { id, user: user(0) }, r#"[{"type":"text","text":"はい"}]"#)
            .await
            .unwrap();
        assert_eq!(next_due(&t.ctx).await.unwrap(), Some(t.clock.now()));
        let call = claim(&t.ctx, "w", 10).await.unwrap().remove(0);
        assert_eq!(
            (call.kind, call.delivery, call.to.as_slice()),
            (Kind::Push, None, &[Recipient { id, user: user(0) }][..])
        );
        assert_eq!(call.messages.as_deref(), Some(r#"[{"type":"text","text":"はい"}]"#));
        assert_eq!(next_due(&t.ctx).await.unwrap(), Some(t.clock.now().plus(LEASE)));
        settle(&t.ctx, "w", &[Settled { call, next: Next::Accept, request_id: None, error: None }])
            .await
            .unwrap();
        assert_eq!(next_due(&t.ctx).await.unwrap(), None);
    });
}

#[test]
fn emergencies_are_leased_first() {
    both(async |t| {
        t.friends(0, 600).await;
        let notice = t.frozen(Purpose::Notice, Audience::Everyone).await;
        t.later(SECOND);
        let emergency = t.frozen(Purpose::Emergency, Audience::Everyone).await;
        let order: Vec<_> =
            [claim(&t.ctx, "w", 2).await.unwrap(), claim(&t.ctx, "w", 2).await.unwrap()]
                .concat()
                .iter()
                .map(|c| c.delivery.unwrap())
                .collect();
        assert_eq!(order, [emergency, emergency, notice, notice]);
    });
}

#[test]
fn multicasts_do_not_queue_behind_pushes_that_are_as_urgent() {
    both(async |t| {
        t.friends(0, 2_600).await;
        let mut made = Vec::new();
        for purpose in [Purpose::Emergency, Purpose::Notice, Purpose::Notice, Purpose::Emergency] {
            made.push(t.frozen(purpose, Audience::Everyone).await);
            t.later(SECOND);
        }
        let [own, notice, late, other] = made[..] else { panic!() };
        // As where everybody has a text of their own.
        let pushes =
            format!("UPDATE call SET kind = 'push' WHERE delivery_id IN ({}, {})", own.0, notice.0);
        t.sql(&pushes).await;
        let claimed = async |limit| -> Vec<_> {
            let calls = claim(&t.ctx, "w", limit).await.unwrap();
            calls.iter().map(|c| c.delivery.unwrap()).collect()
        };
        assert_eq!(claimed(2).await, [own, own, other], "no notice before an emergency");
        assert_eq!(claimed(9).await, [[own; 4].as_slice(), &[other; 5]].concat());
        assert_eq!(claimed(2).await, [notice, notice, late]);
        assert_eq!(claimed(100).await, [[notice; 4].as_slice(), &[late; 5]].concat());
    });
}

#[test]
fn a_clock_that_goes_back_keeps_nothing_waiting() {
    both(async |t| {
        t.friends(0, 600).await;
        t.frozen(Purpose::Notice, Audience::Everyone).await;
        let keys = |calls: &[store::outbox::Call]| -> BTreeSet<String> {
            calls.iter().map(|c| c.retry_key.clone()).collect()
        };
        let first = claim(&t.ctx, "a", 10).await.unwrap();
        assert_eq!(first.len(), 2);
        assert!(claim(&t.ctx, "b", 10).await.unwrap().is_empty(), "leased");
        t.later(-HOUR);
        let again = claim(&t.ctx, "b", 10).await.unwrap();
        assert_eq!(keys(&again), keys(&first), "the same keys, so that LINE takes each once");
        assert!(again.iter().all(|c| c.attempts == 2));
        if t.ctx.store.is_sqlite() {
            assert!(reserve(&t.ctx, "jump", 1, SECOND, SECOND).await.unwrap() <= 0);
            t.later(-HOUR);
            assert!(reserve(&t.ctx, "jump", 1, SECOND, SECOND).await.unwrap() <= SECOND);
        }
    });
}

#[test]
fn workers_side_by_side_never_share_a_call() {
    both(async |t| {
        t.friends(0, 6_000).await;
        t.frozen(Purpose::Notice, Audience::Everyone).await;
        let (a, b, c) =
            tokio::join!(claim(&t.ctx, "a", 4), claim(&t.ctx, "b", 4), claim(&t.ctx, "c", 4));
        let mut all: Vec<_> = [a.unwrap(), b.unwrap(), c.unwrap()].concat();
        all.extend(claim(&t.ctx, "d", 100).await.unwrap());
        assert_eq!(all.len(), 12);
        assert_eq!(all.iter().map(|c| c.id).collect::<BTreeSet<_>>().len(), 12);
        assert!(all.iter().all(|c| c.attempts == 1));
    });
}

#[test]
fn cancelling_while_others_lease_and_settle_accounts_for_everyone() {
    both(async |t| {
        t.friends(0, 2_600).await;
        for round in 0..6 {
            let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
            let first = claim(&t.ctx, "a", 2).await.unwrap();
            let answers: Vec<Settled> = first
                .into_iter()
                .map(|call| Settled {
                    call,
                    next: Next::Without(vec![0]),
                    request_id: None,
                    error: None,
                })
                .collect();
            let (claimed, cancelled, settled) = tokio::join!(
                claim(&t.ctx, "b", 2),
                cancel(&t.ctx, id),
                settle(&t.ctx, "a", &answers)
            );
            cancelled.unwrap();
            settled.unwrap();
            let mut open = claimed.unwrap();
            t.adds_up(id).await;
            open.extend(claim(&t.ctx, "b", 100).await.unwrap());
            let rest: Vec<Settled> = open
                .into_iter()
                .map(|call| Settled { call, next: Next::Accept, request_id: None, error: None })
                .collect();
            settle(&t.ctx, "b", &rest).await.unwrap();
            let d = t.get(id).await;
            assert_eq!(
                (d.status, d.figures.waiting(), d.finished_at.is_some()),
                (Status::Cancelled, 0, true),
                "{round}"
            );
            t.adds_up(id).await;
        }
    });
}

/// When the slots begin, in microseconds on the clock that counts.
async fn slots(t: &Test, wanted: i64, interval: i64, burst: i64) -> Vec<i64> {
    let wait = reserve(&t.ctx, "test", wanted, interval, burst).await.unwrap();
    let now = t.clock.now().0;
    (0..wanted).map(|i| now + wait + i * interval).collect()
}

#[test]
fn a_rate_gives_its_burst_and_then_one_slot_an_interval() {
    both(async |t| {
        if !t.ctx.store.is_sqlite() {
            // There the database's own clock counts; the next test covers it.
            return;
        }
        let (interval, burst) = (10_000, 100_000);
        let mut all = Vec::new();
        for step in [0, 0, 25_000, 0, 400_000, 7_000, 0] {
            t.later(step);
            let now = t.clock.now().0;
            for wanted in [1, 7, 3] {
                all.extend(
                    slots(&t, wanted, interval, burst).await.into_iter().map(|at| at.max(now)),
                );
            }
        }
        all.sort_unstable();
        for (i, from) in all.iter().enumerate() {
            for (j, until) in all.iter().enumerate().skip(i) {
                let most = (burst + until - from) / interval + 1;
                assert!((j - i + 1) as i64 <= most, "{} slots in {} µs", j - i + 1, until - from);
            }
        }
        // Nothing is wasted either: after the burst, slot follows slot.
        assert_eq!(all.len(), 77);
    });
}

#[test]
fn tasks_that_reserve_together_never_get_the_same_slot() {
    both(async |t| {
        let (interval, burst) = (SECOND, 5 * SECOND);
        let before = database_now(&t).await;
        let mut tasks = Vec::new();
        for n in 0..8 {
            let t = t.clone();
            tasks.push(tokio::spawn(async move {
                let mut slots = Vec::new();
                for wanted in [1, 3, 2] {
                    let asked = database_now(&t).await;
                    let wait = reserve(&t.ctx, "shared", wanted, interval, burst).await.unwrap();
                    let answered = database_now(&t).await;
                    slots.push((asked + wait, answered + wait, wanted));
                }
                (n, slots)
            }));
        }
        let mut total = 0;
        let mut last = 0;
        for task in tasks {
            for (_, latest, wanted) in task.await.unwrap().1 {
                total += wanted;
                last = last.max(latest + (wanted - 1) * interval);
            }
        }
        assert_eq!(total, 48);
        // 48 slots, of which at most the burst lies before the first question, cannot end earlier than this.
        assert!(
            last >= before - burst + 47 * interval,
            "{} slots within {} s",
            total,
            (last - before) / SECOND
        );
    });
}

/// The clock that [`reserve`] goes by.
async fn database_now(t: &Test) -> i64 {
    if t.ctx.store.is_sqlite() {
        t.clock.now().0
    } else {
        t.number("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS n")
            .await
    }
}

#[test]
fn after_a_restart_the_leases_of_the_dead_are_free() {
    both(async |t| {
        t.friends(0, 3).await;
        t.frozen(Purpose::Notice, Audience::Everyone).await;
        assert_eq!(claim(&t.ctx, "dead", 10).await.unwrap().len(), 1);
        assert!(
            work::take(&t.ctx, "followers", "dead", t.clock.now(), 600 * SECOND).await.unwrap()
        );
        assert!(
            !work::take(&t.ctx, "followers", "alive", t.clock.now(), 600 * SECOND).await.unwrap()
        );
        assert_eq!(free_leases(&t.ctx).await.unwrap(), 1);
        let again = claim(&t.ctx, "alive", 10).await.unwrap();
        assert_eq!(again.iter().map(|c| c.attempts).collect::<Vec<_>>(), [2]);
        assert!(
            work::take(&t.ctx, "followers", "alive", t.clock.now(), 600 * SECOND).await.unwrap()
        );
    });
}
