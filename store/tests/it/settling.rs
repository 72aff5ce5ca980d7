//! What LINE answered becomes figures that add up (design rule 1).

use crate::city::user;
use crate::support::{NOON, Test, both};
use domain::audience::{Audience, Resolved};
use domain::delivery::call::{KEY_LIFE, LEASE, Next, Obstacle};
use domain::delivery::{CallState, Figures, Purpose, Reason, Status};
use domain::id::{DeliveryId, ResidentId};
use domain::time::{MINUTE, SECOND};
use store::delivery::{Frozen, calls, cancel, exceptions, freeze, reasons, release};
use store::outbox::{Call, Settled, claim, finish_bitmaps, received, settle, unfinished};
use store::resident::unfollow;
use store::{Clock, delivery};

pub async fn leased(t: &Test, owner: &str) -> Vec<Call> {
    claim(&t.ctx, owner, 100).await.unwrap()
}

pub fn answer(call: &Call, next: Next) -> Settled {
    Settled { call: call.clone(), next, request_id: Some("r-1".into()), error: None }
}

/// Settles one call of the worker `w`; answers whether its delivery is done by it.
pub async fn settled(t: &Test, call: &Call, next: Next) -> bool {
    !settle(&t.ctx, "w", &[answer(call, next)]).await.unwrap().is_empty()
}

pub async fn figures(t: &Test, id: DeliveryId) -> Figures {
    t.adds_up(id).await;
    t.get(id).await.figures
}

pub fn sum(recipients: i64, accepted: i64, failed: i64, withheld: i64) -> Figures {
    Figures { recipients, accepted, failed, withheld }
}

#[test]
fn accepted_calls_finish_a_delivery() {
    both(async |t| {
        t.friends(0, 700).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        t.later(SECOND);
        let calls = leased(&t, "w").await;
        t.later(SECOND);
        // The answers of two attempts at once, as after a clock that jumped, and a third later.
        let both = [answer(&calls[0], Next::Accept), answer(&calls[0], Next::Accept)];
        assert!(settle(&t.ctx, "w", &both).await.unwrap().is_empty());
        assert!(!settled(&t, &calls[0], Next::Accept).await, "again: it counts once");
        assert_eq!(figures(&t, id).await, sum(700, 500, 0, 0));
        let contact = async || store::metrics::contact(&t.ctx).await.unwrap().answered;
        assert_eq!(contact().await, Some(NOON.plus(SECOND)), "on its way, its begin");
        assert!(settled(&t, &calls[1], Next::Accept).await);
        assert_eq!(contact().await, Some(NOON.plus(2 * SECOND)));
        let d = t.get(id).await;
        assert_eq!(
            (d.status, d.started_at, d.finished_at),
            (Status::Done, Some(NOON.plus(SECOND)), Some(NOON.plus(2 * SECOND)))
        );
        assert_eq!(figures(&t, id).await, sum(700, 700, 0, 0));
        assert_eq!(reasons(&t.ctx, id).await.unwrap(), []);
        let words: Vec<String> =
            delivery::happenings(&t.ctx, id).await.unwrap().into_iter().map(|h| h.what).collect();
        assert!(words.contains(&"700人分を、LINEが受け付けました".to_owned()), "{words:?}");
    });
}

#[test]
fn a_retry_has_the_same_key_and_the_same_people() {
    both(async |t| {
        t.friends(0, 3).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let first = leased(&t, "w").await.remove(0);
        assert!(!settled(&t, &first, Next::RetryAt(t.clock.now().plus(SECOND))).await);
        assert!(leased(&t, "w").await.is_empty(), "not yet");
        // Who leaves after the first attempt stays in: LINE must get the very same call.
        unfollow(&t.ctx, &user(0), t.clock.now().plus(1)).await.unwrap();
        t.later(SECOND);
        let again = leased(&t, "other").await.remove(0);
        assert_eq!(
            (&again.retry_key, &again.to, again.attempts, again.first_at),
            (&first.retry_key, &first.to, 2, first.first_at)
        );
        let refused = answer(&first, Next::Fail(Reason::RefusedMessage));
        assert!(settle(&t.ctx, "w", &[refused]).await.unwrap().is_empty(), "another one has it");
        assert!(settled(&t, &first, Next::Accept).await, "what LINE took is taken");
        assert!(settle(&t.ctx, "other", &[answer(&again, Next::Accept)]).await.unwrap().is_empty());
        assert_eq!(figures(&t, id).await, sum(3, 3, 0, 0));
    });
}

#[test]
fn the_page_reads_calls_as_cells() {
    both(async |t| {
        t.friends(0, 1_200).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let first = leased(&t, "w").await;
        assert_eq!(first.len(), 3);
        assert!(!settled(&t, &first[0], Next::Accept).await);
        let later = t.clock.now().plus(SECOND);
        assert!(!settled(&t, &first[1], Next::RetryAt(later)).await);
        let calls = store::delivery::progress(&t.ctx, id).await.unwrap().calls;
        let seen: Vec<_> =
            calls.iter().map(|c| (c.cell, c.state, c.again, c.calls, c.residents)).collect();
        assert_eq!(
            seen,
            [
                (0, CallState::Accepted, false, 1, 500),
                (1, CallState::Pending, true, 1, 500),
                (2, CallState::Sending, false, 1, 200)
            ]
        );
    });
}

#[test]
fn a_call_of_a_worker_that_died_goes_to_another() {
    both(async |t| {
        t.friends(0, 3).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let lost = leased(&t, "w").await.remove(0);
        t.later(LEASE - 1);
        assert!(leased(&t, "other").await.is_empty());
        t.later(1);
        let found = leased(&t, "other").await.remove(0);
        assert_eq!((&found.retry_key, &found.to, found.attempts), (&lost.retry_key, &lost.to, 2));
        settle(&t.ctx, "other", &[answer(&found, Next::Accept)]).await.unwrap();
        assert!(!settled(&t, &lost, Next::Accept).await);
        assert!(!settled(&t, &lost, Next::Fail(Reason::Unknown)).await);
        assert_eq!(figures(&t, id).await, sum(3, 3, 0, 0));
    });
}

#[test]
fn a_key_that_line_may_have_forgotten_is_never_used_again() {
    both(async |t| {
        t.friends(0, 3).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        store::outbox::push(
            &t.ctx,
            store::outbox::Recipient { id: t.resident(0).await, user: user(0) },
            "[]",
        )
        .await
        .unwrap();
        assert_eq!(leased(&t, "w").await.len(), 2);
        // The server was down for a day.
        t.later(KEY_LIFE);
        assert!(leased(&t, "w").await.is_empty());
        assert_eq!(
            (t.get(id).await.status, figures(&t, id).await),
            (Status::Done, sum(3, 0, 3, 0))
        );
        assert_eq!(reasons(&t.ctx, id).await.unwrap(), [(Reason::Unknown, 3)]);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM call WHERE state < 2").await, 0);
    });
}

#[test]
fn a_refused_id_fails_alone_and_the_others_go_on_under_a_new_key() {
    both(async |t| {
        let ids = t.friends(0, 10).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let first = leased(&t, "w").await.remove(0);
        assert!(!settled(&t, &first, Next::Without(vec![2, 5])).await);
        assert_eq!(figures(&t, id).await, sum(10, 0, 2, 0));
        let refused = [first.to[2].id, first.to[5].id];
        assert!(refused.iter().all(|r| ids.contains(r)));
        assert_eq!(
            exceptions(&t.ctx, id, ResidentId(0)).await.unwrap(),
            refused.map(|r| (r, Reason::RefusedId))
        );
        let rest = leased(&t, "w").await.remove(0);
        assert_ne!(rest.retry_key, first.retry_key);
        assert_eq!((rest.count, rest.attempts, rest.seq), (8, 1, first.seq));
        assert!(rest.to.iter().all(|r| !refused.contains(&r.id)));
        assert!(settled(&t, &rest, Next::Accept).await);
        assert_eq!(figures(&t, id).await, sum(10, 8, 2, 0));
        assert!(t.get(id).await.partly_failed());
        assert_eq!(
            calls(&t.ctx, id).await.unwrap().iter().map(|c| (c.state, c.count)).collect::<Vec<_>>(),
            [(CallState::Accepted, 8)]
        );
    });
}

#[test]
fn halving_finds_the_bad_id() {
    both(async |t| {
        let ids = t.friends(0, 7).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let mut tries = 0;
        loop {
            let calls = leased(&t, "w").await;
            if calls.is_empty() {
                break;
            }
            for call in calls {
                tries += 1;
                let bad = call.to.iter().any(|r| r.id == ids[4]);
                let next = match (bad, call.to.len()) {
                    (false, _) => Next::Accept,
                    (true, 1) => Next::Fail(Reason::RefusedId),
                    (true, _) => Next::Halve,
                };
                settled(&t, &call, next).await;
            }
        }
        assert_eq!(
            (t.get(id).await.status, figures(&t, id).await),
            (Status::Done, sum(7, 6, 1, 0))
        );
        assert_eq!(
            exceptions(&t.ctx, id, ResidentId(0)).await.unwrap(),
            [(ids[4], Reason::RefusedId)]
        );
        assert!(tries <= 7, "{tries}");
    });
}

#[test]
fn who_left_before_the_first_attempt_is_withheld() {
    both(async |t| {
        let ids = t.friends(0, 502).await;
        // In the order of the calls.
        let mut order: Vec<u32> = (0..502).collect();
        order.sort_by_key(|n| ids[*n as usize]);
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        for n in [3, 500, 501] {
            unfollow(&t.ctx, &user(order[n]), t.clock.now().plus(1)).await.unwrap();
        }
        let calls = leased(&t, "w").await;
        assert_eq!(
            calls.iter().map(|c| c.count).collect::<Vec<_>>(),
            [499],
            "the second call has nobody left"
        );
        assert_eq!(figures(&t, id).await, sum(502, 0, 0, 3));
        assert!(settled(&t, &calls[0], Next::Accept).await);
        assert_eq!(reasons(&t.ctx, id).await.unwrap(), [(Reason::Unfollowed, 3)]);
        assert_eq!(
            exceptions(&t.ctx, id, ids[order[3] as usize]).await.unwrap(),
            [500, 501].map(|n| (ids[order[n] as usize], Reason::Unfollowed))
        );
    });
}

#[test]
fn if_all_left_the_delivery_ends_without_a_call() {
    both(async |t| {
        t.friends(0, 2).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        for n in [0, 1] {
            unfollow(&t.ctx, &user(n), t.clock.now().plus(1)).await.unwrap();
        }
        assert!(leased(&t, "w").await.is_empty());
        assert_eq!(
            (t.get(id).await.status, figures(&t, id).await),
            (Status::Done, sum(2, 0, 0, 2))
        );
    });
}

#[test]
fn the_used_up_quota_holds_and_nothing_is_asked_for_meanwhile() {
    both(async |t| {
        t.friends(0, 600).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let first = leased(&t, "w").await;
        for call in &first {
            assert!(!settled(&t, call, Next::Hold(Obstacle::Quota)).await);
        }
        let d = t.get(id).await;
        assert_eq!(d.status, Status::Held);
        assert!(d.held_reason.unwrap().contains("上限"));
        t.later(MINUTE);
        assert!(leased(&t, "w").await.is_empty(), "a held call does not knock at LINE's door");
        unfollow(&t.ctx, &user(0), t.clock.now()).await.unwrap();
        release(&t.ctx, id).await.unwrap();
        let again = leased(&t, "w").await;
        assert_eq!(
            again.iter().map(|c| (c.count, c.attempts)).collect::<Vec<_>>(),
            [(499, 1), (100, 1)]
        );
        for call in &again {
            settled(&t, call, Next::Accept).await;
        }
        assert_eq!(
            (t.get(id).await.status, figures(&t, id).await),
            (Status::Done, sum(600, 599, 0, 1))
        );
    });
}

#[test]
fn ten_refusals_while_nothing_was_taken_hold_a_delivery() {
    both(async |t| {
        t.friends(0, 64).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let mut refused = 0;
        while t.get(id).await.status == Status::Sending {
            for call in leased(&t, "w").await {
                assert!(!settled(&t, &call, Next::Halve).await);
                refused += 1;
            }
        }
        assert_eq!(refused, 15, "the tenth holds it; those that were on their way wait, too");
        assert_eq!(figures(&t, id).await, sum(64, 0, 0, 0));
        let reason = t.get(id).await.held_reason;
        assert_eq!(reason.as_deref(), Some(Obstacle::FromTheStart.label()));
        t.later(MINUTE);
        assert!(leased(&t, "w").await.is_empty());
        release(&t.ctx, id).await.unwrap();
        let mut open = leased(&t, "w").await;
        assert_eq!(open.iter().map(|c| c.attempts).collect::<Vec<_>>(), [1; 10]);
        // Once LINE has taken something, what it refuses is no reason to hold the rest.
        let first = open.remove(0);
        assert!(!settled(&t, &first, Next::Accept).await);
        while !open.is_empty() {
            for call in &open {
                let next = match call.to.len() {
                    1 => Next::Fail(Reason::RefusedId),
                    _ => Next::Halve,
                };
                settled(&t, call, next).await;
            }
            open = leased(&t, "w").await;
        }
        let after = sum(64, first.count, 64 - first.count, 0);
        assert_eq!((t.get(id).await.status, figures(&t, id).await), (Status::Done, after));
    });
}

#[test]
fn recipients_that_line_refuses_keep_no_emergency_from_the_others() {
    both(async |t| {
        t.friends(0, 6_000).await;
        let id = t.frozen(Purpose::Emergency, Audience::Everyone).await;
        let calls = leased(&t, "w").await;
        assert_eq!(calls.len(), 12);
        // Ids of another provider, imported in a row; named, and not.
        for call in &calls[..10] {
            assert!(!settled(&t, call, Next::Fail(Reason::RefusedId)).await);
        }
        assert!(!settled(&t, &calls[10], Next::Halve).await);
        assert_eq!(t.get(id).await.status, Status::Sending);
        let halves = leased(&t, "w").await;
        assert_eq!(halves.len(), 2);
        for call in calls[11..].iter().chain(&halves) {
            settled(&t, call, Next::Accept).await;
        }
        assert_eq!(figures(&t, id).await, sum(6_000, 1_000, 5_000, 0));
        assert_eq!(t.get(id).await.status, Status::Done);
    });
}

#[test]
fn what_line_may_have_taken_is_not_kept_for_its_refusal() {
    both(async |t| {
        t.friends(0, 2).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        t.sql("UPDATE delivery SET refusals = 9").await;
        let first = leased(&t, "w").await.remove(0);
        settled(&t, &first, Next::RetryAt(t.clock.now())).await;
        let second = leased(&t, "w").await.remove(0);
        assert!(settled(&t, &second, Next::Fail(Reason::RefusedMessage)).await);
        assert_eq!(figures(&t, id).await, sum(2, 0, 2, 0));
    });
}

#[test]
fn a_held_call_that_perhaps_was_taken_keeps_its_key() {
    both(async |t| {
        t.friends(0, 2).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let first = leased(&t, "w").await.remove(0);
        settled(&t, &first, Next::RetryAt(t.clock.now())).await;
        let second = leased(&t, "w").await.remove(0);
        settled(&t, &second, Next::Hold(Obstacle::Quota)).await;
        t.later(MINUTE);
        assert!(leased(&t, "w").await.is_empty(), "a held call does not knock at LINE's door");
        release(&t.ctx, id).await.unwrap();
        let third = leased(&t, "w").await.remove(0);
        assert_eq!((third.attempts, &third.retry_key), (3, &first.retry_key));
        assert!(settled(&t, &third, Next::Accept).await);
        assert_eq!(figures(&t, id).await, sum(2, 2, 0, 0));
    });
}

#[test]
fn a_broadcast_that_fails_is_explained_too() {
    both(async |t| {
        t.friends(0, 3).await;
        for (reason, wait) in
            [(Reason::RefusedMessage, 0), (Reason::Unknown, KEY_LIFE - 30 * MINUTE)]
        {
            let id = t.delivery(Purpose::Notice, Audience::Everyone).await;
            freeze(&t.ctx, id, Frozen::Broadcast).await.unwrap();
            let mut call = leased(&t, "w").await.remove(0);
            if wait > 0 {
                settled(&t, &call, Next::RetryAt(t.clock.now())).await;
                t.later(wait);
                call = leased(&t, "w").await.remove(0);
            }
            assert!(settled(&t, &call, Next::Fail(reason)).await);
            assert_eq!(figures(&t, id).await, sum(3, 0, 3, 0));
            assert_eq!(reasons(&t.ctx, id).await.unwrap(), [(reason, 3)]);
        }
    });
}

#[test]
fn afterwards_it_is_known_who_got_it_and_the_lists_are_forgotten() {
    both(async |t| {
        let ids = t.friends(0, 600).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let calls = claim(&t.ctx, "w", 1).await.unwrap();
        cancel(&t.ctx, id).await.unwrap();
        assert_eq!(received(&t.ctx, id, ids[0]).await.unwrap(), None, "not known yet");
        assert!(unfinished(&t.ctx).await.unwrap().is_empty());
        settled(&t, &calls[0], Next::Without(vec![1])).await;
        assert_eq!(unfinished(&t.ctx).await.unwrap(), [id]);
        finish_bitmaps(&t.ctx, id).await.unwrap();
        finish_bitmaps(&t.ctx, id).await.unwrap();
        assert!(unfinished(&t.ctx).await.unwrap().is_empty());
        for n in [0, 1, 599] {
            assert_eq!(received(&t.ctx, id, ids[n]).await.unwrap(), Some(false));
        }
        let other = t.frozen(Purpose::Notice, Audience::Everyone).await;
        for call in leased(&t, "w").await {
            settled(&t, &call, Next::Accept).await;
        }
        finish_bitmaps(&t.ctx, other).await.unwrap();
        assert_eq!(received(&t.ctx, other, ids[599]).await.unwrap(), Some(true));
        assert_eq!(received(&t.ctx, other, ResidentId(9_999)).await.unwrap(), Some(false));
        assert_eq!(t.number("SELECT CAST(MAX(length(ids)) AS BIGINT) AS n FROM call").await, 0);
        t.adds_up(id).await;
        t.adds_up(other).await;

        let everyone = t.delivery(Purpose::Notice, Audience::Everyone).await;
        freeze(&t.ctx, everyone, Frozen::Broadcast).await.unwrap();
        settled(&t, &leased(&t, "w").await[0], Next::Accept).await;
        finish_bitmaps(&t.ctx, everyone).await.unwrap();
        assert_eq!(received(&t.ctx, everyone, ids[0]).await.unwrap(), None, "only LINE knows");
    });
}

#[test]
fn many_answers_of_several_deliveries_settle_together() {
    both(async |t| {
        t.friends(0, 1_100).await;
        let (one, two) = (
            t.frozen(Purpose::Notice, Audience::Everyone).await,
            t.frozen(Purpose::Emergency, Audience::Everyone).await,
        );
        let calls = leased(&t, "w").await;
        let (a, b): (Vec<&Call>, Vec<&Call>) = calls.iter().partition(|c| c.count == 500);
        let (a, b) = (
            a.into_iter().map(|c| answer(c, Next::Accept)).collect::<Vec<_>>(),
            b.into_iter().rev().map(|c| answer(c, Next::Accept)).collect::<Vec<_>>(),
        );
        let (a, b) = tokio::join!(settle(&t.ctx, "w", &a), settle(&t.ctx, "w", &b));
        let mut done = a.unwrap();
        done.extend(b.unwrap());
        done.sort();
        assert_eq!(done, [one, two], "each is said to be done once");
        assert_eq!(
            t.number("SELECT COUNT(*) AS n FROM ledger WHERE act = 'delivery.done'").await,
            2
        );
        assert_eq!(figures(&t, one).await, sum(1_100, 1_100, 0, 0));
        assert!(!freeze(&t.ctx, one, Frozen::Audience(&Resolved::Everyone)).await.unwrap());
    });
}
