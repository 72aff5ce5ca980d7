//! A delivery that is stopped or held: what LINE is known not to have taken does not leave
//! any more, what it may have taken is followed to its end (design rule 1).

use crate::city::user;
use crate::settling::{answer, figures, leased, settled, sum};
use crate::support::{Test, both};
use domain::audience::Audience;
use domain::delivery::call::{KEY_LIFE, LEASE, Next, Obstacle};
use domain::delivery::{CallState, Purpose, Reason, Status};
use domain::id::DeliveryId;
use domain::time::{HOUR, SECOND};
use store::Clock;
use store::delivery::{PUBLIC_MAX, calls, cancel, progress, public_corrections, reasons, release};
use store::outbox::{Call, claim, next_due, settle};
use store::resident::unfollow;

#[test]
fn cancelling_a_delivery_that_the_quota_holds_accounts_for_everyone() {
    both(async |t| {
        t.friends(0, 1_200).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let calls = leased(&t, "w").await;
        settled(&t, &calls[0], Next::Hold(Obstacle::Quota)).await;
        cancel(&t.ctx, id).await.unwrap();
        assert_eq!(figures(&t, id).await, sum(1_200, 0, 0, 500));
        // The others were on their way when it was cancelled.
        assert!(!settled(&t, &calls[1], Next::Hold(Obstacle::Quota)).await);
        assert!(settled(&t, &calls[2], Next::Accept).await);
        assert_eq!(
            (t.get(id).await.status, figures(&t, id).await),
            (Status::Cancelled, sum(1_200, 200, 0, 1_000))
        );
    });
}

#[test]
fn everybody_reads_the_newest_corrections_up_to_the_bound() {
    both(async |t| {
        t.friends(0, 1).await;
        let wrong = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let (since, last) = (t.clock.now(), PUBLIC_MAX + 1);
        let correct = |first: i64, last: i64| {
            format!(
                "INSERT INTO delivery (title, purpose, status, parts, created_at, updated_at, recipients, accepted, failed, withheld, to_testers, counted_by_line, corrects, frozen_at)
                 WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})
                 SELECT title, purpose, 'done', parts, created_at, updated_at, 0, 0, 0, 0, FALSE, FALSE, id, {since} + i FROM delivery, n WHERE id = {wrong}",
                since = since.0
            )
        };
        let read = async || -> Vec<i64> {
            let found = public_corrections(&t.ctx, since).await.unwrap();
            found.into_iter().map(|d| d.frozen_at.unwrap().since(since)).collect()
        };
        t.sql(&correct(-1, PUBLIC_MAX - 1)).await;
        assert_eq!(read().await, (0..PUBLIC_MAX).rev().collect::<Vec<_>>(), "not what is older");
        t.sql(&correct(PUBLIC_MAX, last)).await;
        assert_eq!(read().await, (2..=last).rev().collect::<Vec<_>>());
    });
}

#[test]
fn a_cancelled_delivery_sends_nothing_under_a_new_key() {
    both(async |t| {
        t.friends(0, 1_001).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let calls = claim(&t.ctx, "w", 2).await.unwrap();
        cancel(&t.ctx, id).await.unwrap();
        settled(&t, &calls[0], Next::Without(vec![0])).await;
        assert!(leased(&t, "w").await.is_empty());
        // Its other call, of which nothing is known, is asked for again.
        settled(&t, &calls[1], Next::RetryAt(t.clock.now())).await;
        let again = leased(&t, "w").await.remove(0);
        assert_eq!(again.retry_key, calls[1].retry_key);
        assert!(settled(&t, &again, Next::Accept).await);
        assert_eq!(
            (t.get(id).await.status, figures(&t, id).await),
            (Status::Cancelled, sum(1_001, 500, 1, 500))
        );
        assert_eq!(
            reasons(&t.ctx, id).await.unwrap(),
            [(Reason::Cancelled, 500), (Reason::RefusedId, 1)]
        );
    });
}

/// A delivery to so many people, whose calls are all on their way.
async fn sent(t: &Test, people: u32) -> (DeliveryId, Vec<Call>) {
    t.friends(0, people).await;
    let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
    (id, leased(t, "w").await)
}

#[test]
fn what_line_refused_is_withheld_when_it_is_stopped() {
    both(async |t| {
        let (id, first) = sent(&t, 1_900).await;
        let soon = t.clock.now().plus(SECOND);
        // Refused, refused and on its way again, unknown, unknown and then refused.
        settled(&t, &first[0], Next::Postpone(soon)).await;
        settled(&t, &first[1], Next::Postpone(t.clock.now())).await;
        settled(&t, &first[2], Next::RetryAt(soon)).await;
        settled(&t, &first[3], Next::RetryAt(t.clock.now())).await;
        let second = leased(&t, "w").await;
        assert_eq!(second.iter().map(|c| c.id).collect::<Vec<_>>(), [first[1].id, first[3].id]);
        settled(&t, &second[1], Next::Postpone(soon)).await;

        assert_eq!(progress(&t.ctx, id).await.unwrap().stoppable, 500);
        cancel(&t.ctx, id).await.unwrap();
        assert_eq!(figures(&t, id).await, sum(1_900, 0, 0, 500));
        assert!(!settled(&t, &second[0], Next::Postpone(soon)).await);
        assert_eq!(figures(&t, id).await, sum(1_900, 0, 0, 1_000));
        assert_eq!(next_due(&t.ctx).await.unwrap(), Some(soon));
        t.later(SECOND);
        let rest = leased(&t, "w").await;
        assert_eq!(
            rest.iter().map(|c| (c.id, c.attempts, &c.retry_key)).collect::<Vec<_>>(),
            [(first[2].id, 2, &first[2].retry_key), (first[3].id, 3, &first[3].retry_key)]
        );
        // LINE is too busy to say; then it says.
        settled(&t, &rest[0], Next::Postpone(t.clock.now())).await;
        assert!(!settled(&t, &rest[1], Next::Accept).await);
        let last = leased(&t, "w").await.remove(0);
        assert!(settled(&t, &last, Next::Accept).await);
        assert_eq!(
            (t.get(id).await.status, figures(&t, id).await),
            (Status::Cancelled, sum(1_900, 900, 0, 1_000))
        );
        assert_eq!(reasons(&t.ctx, id).await.unwrap(), [(Reason::Cancelled, 1_000)]);
        assert_eq!(next_due(&t.ctx).await.unwrap(), None);
    });
}

#[test]
fn stopped_while_it_waits_after_a_refusal_it_ends_at_once() {
    both(async |t| {
        let (id, first) = sent(&t, 700).await;
        for call in &first {
            settled(&t, call, Next::Postpone(t.clock.now())).await;
        }
        let d = cancel(&t.ctx, id).await.unwrap();
        assert_eq!((d.status, d.finished_at), (Status::Cancelled, Some(t.clock.now())));
        assert_eq!(figures(&t, id).await, sum(700, 0, 0, 700));
        t.later(HOUR);
        assert!(leased(&t, "w").await.is_empty());
        assert_eq!(
            calls(&t.ctx, id).await.unwrap().iter().map(|c| c.state).collect::<Vec<_>>(),
            [CallState::Withheld, CallState::Withheld]
        );
    });
}

#[test]
fn an_attempt_that_was_lost_may_have_been_taken() {
    both(async |t| {
        let (id, first) = sent(&t, 3).await;
        settled(&t, &first[0], Next::Postpone(t.clock.now())).await;
        // The second attempt dies with its worker.
        assert_eq!(leased(&t, "w").await[0].refused, 1);
        cancel(&t.ctx, id).await.unwrap();
        assert_eq!(figures(&t, id).await, sum(3, 0, 0, 0));
        t.later(LEASE);
        let third = leased(&t, "w").await.remove(0);
        assert_eq!((third.attempts, &third.retry_key), (3, &first[0].retry_key));
        assert!(!settled(&t, &third, Next::Postpone(t.clock.now())).await, "nothing is known yet");
        t.later(KEY_LIFE);
        assert!(leased(&t, "w").await.is_empty());
        assert_eq!(figures(&t, id).await, sum(3, 0, 3, 0));
        assert_eq!(reasons(&t.ctx, id).await.unwrap(), [(Reason::Unknown, 3)]);
    });
}

#[test]
fn what_was_said_to_an_earlier_attempt_says_nothing_of_the_next() {
    both(async |t| {
        let (id, first) = sent(&t, 3).await;
        t.later(LEASE);
        let second = leased(&t, "w").await.remove(0);
        // The same worker took it again; the answer to its first attempt comes late.
        settled(&t, &first[0], Next::Postpone(t.clock.now())).await;
        cancel(&t.ctx, id).await.unwrap();
        assert_eq!(figures(&t, id).await, sum(3, 0, 0, 0));
        assert!(settled(&t, &second, Next::Accept).await);
        assert_eq!(figures(&t, id).await, sum(3, 3, 0, 0));
    });
}

#[test]
fn what_line_refused_for_a_day_waits_for_a_person_and_then_goes_under_a_new_key() {
    both(async |t| {
        let (id, first) = sent(&t, 600).await;
        settled(&t, &first[0], Next::Hold(Obstacle::Refusals)).await;
        settled(&t, &first[1], Next::Postpone(t.clock.now())).await;
        let d = t.get(id).await;
        assert_eq!(
            (d.status, d.held_reason.as_deref()),
            (Status::Held, Some(Obstacle::Refusals.label()))
        );
        t.later(KEY_LIFE);
        unfollow(&t.ctx, &user(0), t.clock.now()).await.unwrap();
        release(&t.ctx, id).await.unwrap();
        let again = leased(&t, "w").await;
        for (call, former) in again.iter().zip(&first) {
            assert_eq!((call.id, call.attempts, call.first_at), (former.id, 1, t.clock.now()));
            assert_ne!(call.retry_key, former.retry_key, "LINE has seen that one");
        }
        assert_eq!(again.iter().map(|c| c.count).sum::<i64>(), 599, "who left meanwhile is out");
        assert_eq!(settle(&t.ctx, "w", &[answer(&again[0], Next::Accept)]).await.unwrap(), []);
        assert!(settled(&t, &again[1], Next::Accept).await);
        assert_eq!(figures(&t, id).await, sum(600, 599, 0, 1));
    });
}
