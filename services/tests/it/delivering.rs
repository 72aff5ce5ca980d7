//! Deliveries from end to end: every resident exactly once, whatever LINE does (design rule 1).

use crate::line::{Line, platform, questions, until};
use crate::support::{Test, both};
use domain::alert::Kind as Alert;
use domain::audience::Audience;
use domain::delivery::{Figures, LATE, Purpose, Reason, Status};
use domain::id::DeliveryId;
use domain::message::Part;
use domain::permission::Actor;
use domain::time::MINUTE;
use sandbox::{Faults, Kind};
use store::delivery::Draft;

fn sum(recipients: i64, accepted: i64, failed: i64, withheld: i64) -> Figures {
    Figures { recipients, accepted, failed, withheld }
}

#[test]
fn everybody_gets_it_once_although_line_stumbles() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(3_000).await;
        line.faults(Faults {
            rate_429: 0.1,
            rate_500: 0.15,
            rate_500_accepted: 0.15,
            lost_after_acceptance: 0.15,
            seed: 7,
            ..Faults::default()
        });
        line.outbox("one");
        line.outbox("two");
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        let d = line.ended(id).await;
        assert_eq!((d.status, d.figures), (Status::Done, sum(3_000, 3_000, 0, 0)));
        assert_eq!(line.received(), [(1, 3_000)]);
        until("the outcome is written", async || {
            store::outbox::unfinished(&t.ctx).await.unwrap().is_empty()
        })
        .await;
        line.end().await;
    });
}

#[test]
fn one_bad_id_does_not_stop_the_others() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(1_200).await;
        line.faults(Faults {
            refuse_ids: vec![users[3], users[4], users[777]],
            rate_500: 0.1,
            ..Faults::default()
        });
        line.outbox("one");
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        assert_eq!(line.ended(id).await.figures, sum(1_200, 1_197, 3, 0));
        assert_eq!(line.received(), [(0, 3), (1, 1_197)]);
        assert_eq!(store::delivery::reasons(&t.ctx, id).await.unwrap(), [(Reason::RefusedId, 3)]);
        line.end().await;
    });
}

#[test]
fn a_worker_that_is_killed_leaves_nobody_out_and_nobody_twice() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(4_000).await;
        line.faults(Faults { latency_ms: 30, ..Faults::default() });
        line.outbox("killed");
        let id = line.deliver(Purpose::Emergency, Audience::Everyone, None).await;
        until("something has left", async || {
            line.sandbox.received(&Default::default()).received_total > 0
        })
        .await;
        line.kill();
        let ctx = line.platform.system();
        // As at start-up of a single server; elsewhere the leases end by themselves. What was being
        // written when it was killed, PostgreSQL still writes, and locks the same calls meanwhile.
        until("its leases are free", async || store::outbox::free_leases(&ctx).await.is_ok()).await;
        line.outbox("alive");
        assert_eq!(line.ended(id).await.figures, sum(4_000, 4_000, 0, 0));
        assert_eq!(line.received(), [(1, 4_000)]);
        line.end().await;
    });
}

#[test]
fn friends_whom_we_did_not_know_are_found_before_everyone_is_sent_to() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(10).await;
        line.sandbox.create_residents(1_500).unwrap();
        line.outbox("one");
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        let d = line.ended(id).await;
        assert_eq!((d.figures, d.counted_by_line), (sum(1_510, 1_510, 0, 0), false));
        assert_eq!(line.received(), [(1, 1_510)]);
        line.end().await;
    });
}

#[test]
fn where_line_refuses_the_follower_list_it_is_a_broadcast() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.faults(Faults { followers_forbidden: true, ..Faults::default() });
        line.sandbox.create_residents(700).unwrap();
        line.outbox("one");
        // We know of nobody, LINE knows of 700.
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        let d = line.ended(id).await;
        assert_eq!((d.status, d.figures, d.counted_by_line), (Status::Done, sum(0, 0, 0, 0), true));
        assert_eq!(line.received(), [(1, 700)]);
        let calls = line.sandbox.received(&Default::default()).calls;
        assert_eq!(calls.iter().map(|c| c.kind).collect::<Vec<_>>(), [Kind::Broadcast]);

        // LINE would not leave out who has paused: then it goes to those whom we know.
        line.friends(3).await;
        let ctx = line.platform.system();
        let mut draft = Draft::from(&d);
        let said = async |draft: &Draft| {
            let check = services::delivery::check(&ctx, draft).await.unwrap();
            let says =
                |all: &[String]| all.iter().any(|w| w.contains("システムがまだ知らない友だち"));
            (check.only_known, says(&check.warnings), says(&check.unsure))
        };
        assert_eq!(said(&draft).await, (false, false, true), "nobody is spared");
        t.sql("UPDATE resident SET reception = 'paused' WHERE id = (SELECT MIN(id) FROM resident)")
            .await;
        assert_eq!(said(&draft).await, (true, true, false));
        draft.purpose = Purpose::Emergency;
        assert_eq!(said(&draft).await, (false, false, true), "an emergency reaches all");
        draft.parts = vec![Part::Text { text: "{{age|みなさま}}へ".into() }];
        let each = said(&draft).await;
        assert_eq!(each, (true, true, false), "a broadcast says the same to all");
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        let d = line.ended(id).await;
        assert_eq!((d.figures, d.counted_by_line), (sum(3, 2, 0, 1), false));
        assert_eq!(line.received(), [(0, 1), (1, 702)]);
        line.end().await;
    });
}

#[test]
fn a_delivery_that_is_found_late_is_held() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(3).await;
        let now = line.platform.system().now();
        let late =
            line.deliver(Purpose::Notice, Audience::Everyone, Some(now.plus(-LATE - MINUTE))).await;
        let in_time = line
            .deliver(Purpose::Notice, Audience::Everyone, Some(now.plus(-LATE + 2 * MINUTE)))
            .await;
        line.outbox("one");
        assert_eq!(line.ended(in_time).await.status, Status::Done);
        until("it is held", async || line.get(late).await.status == Status::Held).await;
        assert_eq!(
            line.get(late).await.held_reason.as_deref(),
            Some("予定より 16分おくれたため、送らずに止めています")
        );
        assert_eq!(line.received(), [(1, 3)]);
        // Nobody has fixed to whom it goes: who lets it go has seen how many that are now.
        let ctx = line.platform.system();
        let release = |people: i64| services::delivery::release(&line.platform, &ctx, late, people);
        let unseen = release(0).await;
        assert!(matches!(unseen, Err(services::Error::Invalid(_))), "{unseen:?}");
        assert_eq!(line.get(late).await.status, Status::Held);
        release(3).await.unwrap();
        line.ended(late).await;
        assert_eq!(line.received(), [(2, 3)]);
        line.end().await;
    });
}

#[test]
fn the_used_up_quota_holds_until_somebody_looks() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(1_000).await;
        line.faults(Faults { monthly_limit: Some(600), ..Faults::default() });
        line.outbox("one");
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        until("it is held and its first call is accepted", async || {
            let d = line.get(id).await;
            d.status == Status::Held && d.figures.accepted == 500
        })
        .await;
        assert!(line.get(id).await.held_reason.unwrap().contains("上限"));
        assert_eq!(line.received(), [(0, 500), (1, 500)]);
        line.faults(Faults::default());
        services::delivery::release(&line.platform, &line.platform.system(), id, 0).await.unwrap();
        assert_eq!(line.ended(id).await.figures, sum(1_000, 1_000, 0, 0));
        assert_eq!(line.received(), [(1, 1_000)]);
        line.end().await;
    });
}

/// Waits until it is held and nothing of it is on its way.
async fn held(t: &Test, line: &Line, id: DeliveryId, failed: i64) {
    until("it is held", async || {
        let d = line.get(id).await;
        let on_its_way = t.number("SELECT COUNT(*) AS n FROM call WHERE state = 1").await;
        d.status == Status::Held && d.figures.failed == failed && on_its_way == 0
    })
    .await;
    let progress = services::delivery::progress(&line.platform.system(), id).await.unwrap();
    assert!(progress.sum().holds(), "{:?}", progress.sum());
}

#[test]
fn what_line_refuses_from_the_start_is_held_and_goes_on_when_somebody_says_so() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(8_000).await;
        line.faults(Faults { rate_400: 1.0, ..Faults::default() });
        line.outbox("one");
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        // Nine calls have failed; the tenth, and those that were on their way, wait.
        held(&t, &line, id, 4_500).await;
        let d = line.get(id).await;
        assert_eq!(d.figures, sum(8_000, 0, 4_500, 0));
        assert!(d.held_reason.unwrap().contains("10回"));
        let ctx = line.platform.system();
        services::alert::watch(&line.platform, &ctx).await.unwrap();
        let told = services::alert::open(&ctx).await.unwrap();
        assert_eq!(told.iter().map(|a| a.kind).collect::<Vec<_>>(), [Alert::Held, Alert::Failing]);

        line.faults(Faults::default());
        services::delivery::release(&line.platform, &ctx, id, 0).await.unwrap();
        let d = line.ended(id).await;
        assert_eq!((d.status, d.figures), (Status::Done, sum(8_000, 3_500, 4_500, 0)));
        assert_eq!(line.received(), [(0, 4_500), (1, 3_500)]);
        let reasons = store::delivery::reasons(&t.ctx, id).await.unwrap();
        assert_eq!(reasons, [(Reason::RefusedMessage, 4_500)]);
        line.end().await;
    });
}

#[test]
fn what_line_goes_on_refusing_is_held_again_and_can_be_stopped() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(11_000).await;
        line.faults(Faults { rate_400: 1.0, ..Faults::default() });
        line.outbox("one");
        let id = line.deliver(Purpose::Emergency, Audience::Everyone, None).await;
        held(&t, &line, id, 4_500).await;
        let ctx = line.platform.system();
        services::delivery::release(&line.platform, &ctx, id, 0).await.unwrap();
        held(&t, &line, id, 9_000).await;
        services::delivery::cancel(&line.platform, &ctx, id).await.unwrap();
        let d = line.ended(id).await;
        assert_eq!((d.status, d.figures), (Status::Cancelled, sum(11_000, 0, 9_000, 2_000)));
        line.faults(Faults::default());
        assert_eq!(line.received(), [(0, 11_000)]);
        line.end().await;
    });
}

#[test]
fn a_condition_that_is_gone_holds_the_delivery() {
    both(async |t| {
        questions(&t).await;
        let mut line = Line::start(&t).await;
        let audience = Audience::Attribute { key: "gone".into(), is: vec!["x".into()] };
        let id = line.deliver(Purpose::Notice, audience, None).await;
        line.outbox("one");
        until("it is held", async || line.get(id).await.status == Status::Held).await;
        assert!(line.get(id).await.held_reason.unwrap().contains("登録項目"));
        line.end().await;
    });
}

#[test]
fn cancelled_while_it_is_sent_everybody_is_accounted_for() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(8_000).await;
        line.faults(Faults { hold_sends: true, ..Faults::default() });
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        line.outbox("one");
        until("it is frozen", async || line.get(id).await.status == Status::Sending).await;
        // What has to be asked again takes LINE so long that the delivery is still on its way when
        // it is stopped.
        line.faults(Faults { latency_ms: 3_000, rate_500: 0.5, ..Faults::default() });
        until("something is accepted", async || line.get(id).await.figures.accepted > 0).await;
        services::delivery::cancel(&line.platform, &line.platform.system(), id).await.unwrap();
        line.faults(Faults { latency_ms: 40, rate_500: 0.2, ..Faults::default() });
        let d = line.ended(id).await;
        assert_eq!((d.status, d.figures.failed), (Status::Cancelled, 0));
        let received: u64 =
            line.received().iter().filter(|(n, _)| *n == 1).map(|(_, residents)| residents).sum();
        assert_eq!(received as i64, d.figures.accepted);
        assert!(line.received().iter().all(|(n, _)| *n <= 1));
        line.end().await;
    });
}

#[test]
fn cancelled_while_line_refuses_everything_it_is_over_at_once() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(1_200).await;
        line.faults(Faults { rate_429: 1.0, ..Faults::default() });
        line.outbox("one");
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        until("every call was refused", async || {
            let calls = store::delivery::calls(&t.ctx, id).await.unwrap();
            calls.len() == 3 && calls.iter().all(|c| c.attempts > 1)
        })
        .await;
        services::delivery::cancel(&line.platform, &line.platform.system(), id).await.unwrap();
        // LINE never takes a call: what it refused needs no answer any more.
        let d = line.ended(id).await;
        assert_eq!((d.status, d.figures), (Status::Cancelled, sum(1_200, 0, 0, 1_200)));
        line.faults(Faults::default());
        assert_eq!(line.received(), [(0, 1_200)]);
        line.end().await;
    });
}

#[test]
fn a_count_that_moved_is_asked_for_again() {
    both(async |t| {
        let line = Line::start(&t).await;
        line.friends(200).await;
        let ctx = line.platform.system();
        let draft = Draft {
            title: "断水".into(),
            audience: Some(Audience::Everyone),
            parts: vec![domain::message::Part::Text { text: "断水".into() }],
            ..Draft::default()
        };
        let id = services::delivery::draft(&ctx, draft).await.unwrap();
        let seen = line.get(id).await.updated_at;
        let moved = services::delivery::send(&line.platform, &ctx, id, seen, 150).await;
        assert!(
            matches!(&moved, Err(services::Error::Invalid(p)) if p[0].at == "confirmed" && p[0].message.contains("200人")),
            "{moved:?}"
        );
        services::delivery::send(&line.platform, &ctx, id, seen, 200).await.unwrap();
        assert_eq!(line.get(id).await.status, Status::Scheduled);
        let nobody = services::delivery::send(
            &line.platform,
            &line.platform.context(Actor::Nobody),
            id,
            seen,
            200,
        )
        .await;
        assert!(matches!(nobody, Err(services::Error::Forbidden(_))));
        line.end().await;
    });
}

#[test]
fn line_that_is_away_does_not_lose_a_delivery() {
    both(async |t| {
        // Nobody listens at this address; the platform below speaks to the right one.
        let away = platform(&t, "http://127.0.0.1:9");
        let mut line = Line::start(&t).await;
        line.friends(3).await;
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let worker = tokio::spawn(services::outbox::run(away, "away".into(), stopped));
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        until("it was tried", async || {
            store::delivery::calls(&t.ctx, id).await.unwrap().iter().any(|c| c.attempts > 1)
        })
        .await;
        stop.send_replace(true);
        worker.await.unwrap();
        line.outbox("one");
        assert_eq!(line.ended(id).await.figures, sum(3, 3, 0, 0));
        assert_eq!(line.received(), [(1, 3)]);
        line.end().await;
    });
}
