//! The inbox: once, in order, and gone when it must be.

use crate::city::user;
use crate::support::{NOON, Test, both};
use domain::time::{DAY, SECOND};
use store::inbox::{
    Arrived, KEPT, TRIES, backlog, body, claim, done, failed, forget, store, unsend,
};
use store::{Clock, Error};

const LEASE: i64 = 30 * SECOND;

fn event(id: &str, who: Option<u32>, at: i64) -> Arrived {
    Arrived {
        event_id: id.into(),
        user: who.map(user),
        message_id: Some(format!("m-{id}")),
        kind: "message".into(),
        at: NOON.plus(at),
        body: format!("body of {id}").into_bytes(),
    }
}

/// The bodies that are leased now.
async fn leased(t: &Test, limit: i64) -> Vec<String> {
    let mut bodies: Vec<String> = claim(&t.ctx, limit, LEASE)
        .await
        .unwrap()
        .into_iter()
        .map(|e| String::from_utf8(e.body).unwrap())
        .collect();
    bodies.sort();
    bodies
}

#[test]
fn an_event_counts_once() {
    both(async |t| {
        let heard = async || store::metrics::contact(&t.ctx).await.unwrap().heard;
        assert_eq!(heard().await, None);
        let twice = [event("a", Some(1), 0), event("a", Some(1), 0), event("b", Some(2), 0)];
        assert_eq!(store(&t.ctx, &twice).await.unwrap(), 2);
        assert_eq!(heard().await, Some(NOON));
        assert_eq!(store(&t.ctx, &twice).await.unwrap(), 0);
        assert_eq!(store(&t.ctx, &[]).await.unwrap(), 0);
        let many: Vec<Arrived> = (0..1_200).map(|i| event(&format!("e{i}"), Some(i), 0)).collect();
        assert_eq!(store(&t.ctx, &many).await.unwrap(), 1_200);
        assert_eq!(backlog(&t.ctx).await.unwrap(), (1_202, 0));
        assert_eq!(body(&t.ctx, "a").await.unwrap(), b"body of a");
    });
}

#[test]
fn the_same_event_at_two_servers_is_stored_once() {
    both(async |t| {
        let events: Vec<Arrived> = (0..50).map(|i| event(&format!("e{i}"), Some(i), 0)).collect();
        let (a, b, c) =
            tokio::join!(store(&t.ctx, &events), store(&t.ctx, &events), store(&t.ctx, &events));
        assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 50);
    });
}

#[test]
fn events_of_a_resident_come_in_order_and_others_beside_them() {
    both(async |t| {
        let events = [
            event("late", Some(1), 20),
            event("early", Some(1), 10),
            event("same1", Some(2), 5),
            event("same2", Some(2), 5),
            event("none1", None, 1),
            event("none2", None, 1),
        ];
        store(&t.ctx, &events).await.unwrap();
        let first = claim(&t.ctx, 10, LEASE).await.unwrap();
        let mut bodies: Vec<&[u8]> = first.iter().map(|e| &e.body[..]).collect();
        bodies.sort_unstable();
        assert_eq!(
            bodies,
            [&b"body of early"[..], b"body of none1", b"body of none2", b"body of same1"]
        );
        assert_eq!(
            leased(&t, 10).await,
            [""; 0],
            "the others wait for the first of their resident"
        );
        let early = first.iter().find(|e| e.body == b"body of early").unwrap();
        done(&t.ctx, &[early.id]).await.unwrap();
        assert_eq!(leased(&t, 10).await, ["body of late"]);
        t.later(LEASE - 1);
        assert_eq!(leased(&t, 10).await, [""; 0]);
        t.later(1);
        assert_eq!(
            leased(&t, 10).await,
            ["body of late", "body of none1", "body of none2", "body of same1"],
            "the leases are over"
        );
    });
}

#[test]
fn workers_side_by_side_never_share_an_event() {
    both(async |t| {
        let events: Vec<Arrived> =
            (0..60).map(|i| event(&format!("e{i}"), Some(i % 20), i64::from(i))).collect();
        store(&t.ctx, &events).await.unwrap();
        let mut seen: Vec<(u32, i64)> = Vec::new();
        while backlog(&t.ctx).await.unwrap().0 > 0 {
            let (a, b, c) = tokio::join!(
                claim(&t.ctx, 4, LEASE),
                claim(&t.ctx, 4, LEASE),
                claim(&t.ctx, 4, LEASE)
            );
            for e in [a, b, c].into_iter().flat_map(Result::unwrap) {
                assert_eq!(e.attempts, 0, "leased to two");
                let n = e.at.since(NOON);
                seen.push(((n % 20) as u32, n));
                done(&t.ctx, &[e.id]).await.unwrap();
            }
        }
        assert_eq!(seen.len(), 60);
        for resident in 0..20 {
            assert!(
                seen.iter().filter(|(r, _)| *r == resident).is_sorted(),
                "the events of {resident} are in order"
            );
        }
    });
}

#[test]
fn what_fails_is_tried_again_later_and_then_set_aside() {
    both(async |t| {
        store(&t.ctx, &[event("a", Some(1), 0), event("b", Some(1), 1)]).await.unwrap();
        let mut waits = Vec::new();
        for attempt in 0..TRIES {
            let begun = t.clock.now();
            let e = loop {
                if let Some(e) = claim(&t.ctx, 10, LEASE).await.unwrap().pop() {
                    break e;
                }
                t.later(SECOND);
            };
            assert_eq!((e.body.as_slice(), e.attempts), (&b"body of a"[..], attempt));
            waits.push(t.clock.now().since(begun) / SECOND);
            failed(&t.ctx, e.id, e.attempts, "out of luck").await.unwrap();
        }
        assert_eq!(waits, [0, 1, 2, 4, 8, 16, 32, 64]);
        assert_eq!(backlog(&t.ctx).await.unwrap(), (1, 1));
        t.later(DAY);
        assert_eq!(leased(&t, 10).await, ["body of b"], "what was set aside holds nobody up");
    });
}

#[test]
fn what_a_resident_took_back_is_gone_at_once() {
    both(async |t| {
        store(&t.ctx, &[event("a", Some(1), 0), event("b", Some(2), 0)]).await.unwrap();
        let worked = claim(&t.ctx, 10, LEASE).await.unwrap();
        unsend(&t.ctx, "m-a").await.unwrap();
        assert!(matches!(body(&t.ctx, "a").await, Err(Error::NotFound)));
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM inbox WHERE event_id = 'a' AND body IS NULL AND state = 1").await, 1);
        // Whoever was working on it just then does not bring it back.
        for e in worked {
            failed(&t.ctx, e.id, e.attempts, "too late").await.unwrap();
        }
        assert_eq!(backlog(&t.ctx).await.unwrap(), (1, 0));
        assert_eq!(body(&t.ctx, "b").await.unwrap(), b"body of b");
    });
}

#[test]
fn bodies_are_forgotten_after_thirty_days() {
    both(async |t| {
        store(&t.ctx, &[event("done", Some(1), 0), event("waits", Some(2), 0)]).await.unwrap();
        let events = claim(&t.ctx, 10, LEASE).await.unwrap();
        let e = events.iter().find(|e| e.body == b"body of done").unwrap();
        done(&t.ctx, &[e.id]).await.unwrap();
        t.later(KEPT);
        assert_eq!(forget(&t.ctx).await.unwrap(), 0);
        t.later(1);
        assert_eq!(forget(&t.ctx).await.unwrap(), 1);
        assert!(matches!(body(&t.ctx, "done").await, Err(Error::NotFound)));
        assert_eq!(backlog(&t.ctx).await.unwrap(), (1, 0), "what was never worked on is not lost");
    });
}
