//! 訂正・取消: exactly those whom it reached are told, and nobody gets it afterwards.

use crate::line::{Line, person, until};
use crate::support::both;
use domain::audience::Audience;
use domain::delivery::{Correction, Purpose, Status};
use domain::permission::{Actor, Role};
use sandbox::Faults;
use services::Error;
use services::delivery::{corrections, public_corrections, retract};

/// The first correction that somebody sends, in these words.
pub fn says(text: &str) -> Correction {
    Correction { text: text.into(), ..Correction::default() }
}

#[test]
fn a_delivery_on_its_way_is_stopped_and_whom_it_reached_is_told() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let friends = 20_000;
        line.friends(friends).await;
        line.faults(Faults { hold_sends: true, ..Faults::default() });
        line.outbox("one");
        let id = line.deliver(Purpose::Emergency, Audience::Everyone, None).await;
        until("it is frozen", async || line.get(id).await.status == Status::Sending).await;
        // Some answers are lost after LINE took the call. What is asked again for them takes LINE
        // so long that the delivery is still on its way when it is taken back.
        let slow = Faults { latency_ms: 3_000, lost_after_acceptance: 0.3, ..Faults::default() };
        line.faults(slow.clone());
        until("something has left", async || {
            line.sandbox.received(&Default::default()).received_total > 0
        })
        .await;
        let ctx = line.platform.system();
        let fix = retract(&line.platform, &ctx, id, &says("【訂正】誤りでした")).await.unwrap();
        line.faults(Faults { latency_ms: 150, ..slow });
        let (wrong, right) = (line.ended(id).await, line.ended(fix).await);
        assert_eq!((wrong.status, right.status), (Status::Cancelled, Status::Done));
        assert_eq!(right.corrects, Some(id));
        // Calls are asked for again until they are known, except of what was taken back.
        let told = right.figures.accepted;
        assert_eq!(told, wrong.figures.accepted + wrong.figures.failed);
        let received = line.received();
        let twice: u64 = received.iter().filter(|(n, _)| *n == 2).map(|(_, r)| r).sum();
        assert_eq!(twice as i64, told, "whoever got it got the correction: {received:?}");
        assert!(
            received.iter().all(|(n, _)| matches!(n, 0 | 2)),
            "and nobody else anything: {received:?}"
        );
        let public = public_corrections(&ctx).await.unwrap();
        assert_eq!(public.iter().map(|d| d.id).collect::<Vec<_>>(), [fix]);
        line.end().await;
    });
}

#[test]
fn what_ended_is_corrected_and_what_never_left_is_not() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(1_200).await;
        line.outbox("one");
        let ctx = line.platform.system();
        let later = ctx.now().plus(domain::time::HOUR);
        let waits = line.deliver(Purpose::Notice, Audience::Everyone, Some(later)).await;
        let none = retract(&line.platform, &ctx, waits, &says("【訂正】")).await;
        assert!(matches!(none, Err(Error::Conflict(_))), "{none:?}");
        assert_eq!(line.get(waits).await.status, Status::Scheduled, "and it waits as before");

        let drill = line.deliver(Purpose::Drill, Audience::Everyone, None).await;
        assert_eq!(line.ended(drill).await.figures.accepted, 1_200);
        // Who came later did not get it, and is not told.
        line.friends(300).await;
        let empty = retract(&line.platform, &ctx, drill, &says(" ")).await;
        assert!(matches!(&empty, Err(Error::Invalid(p)) if p[0].at == "/text"), "{empty:?}");
        let nobody = line.platform.context(Actor::Nobody);
        let refused = retract(&line.platform, &nobody, drill, &says("【訂正】")).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let fix = retract(&line.platform, &ctx, drill, &says("誤りでした")).await.unwrap();
        let fixed = line.ended(fix).await;
        assert_eq!((fixed.purpose, fixed.figures.accepted), (Purpose::Drill, 1_200));
        assert_eq!(line.received(), [(0, 300), (2, 1_200)]);
        line.end().await;
    });
}

#[test]
fn a_broadcast_that_line_refused_is_corrected_for_nobody() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(25).await;
        let by_line = Faults { followers_forbidden: true, ..Faults::default() };
        line.faults(Faults { rate_400: 1.0, ..by_line.clone() });
        line.outbox("one");
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        let wrong = line.ended(id).await;
        assert!(wrong.counted_by_line && wrong.figures.failed == 25, "{:?}", wrong.figures);
        line.faults(by_line);
        let ctx = line.platform.system();
        let fix = retract(&line.platform, &ctx, id, &says("誤りでした")).await.unwrap();
        assert_eq!(line.ended(fix).await.figures.recipients, 0);
        assert_eq!(line.received(), [(0, 25)]);
        line.end().await;
    });
}

#[test]
fn residents_are_told_once_whoever_presses_and_however_often() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(600).await;
        line.outbox("one");
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        line.ended(id).await;
        let made = "SELECT COUNT(*) AS n FROM delivery WHERE corrects IS NOT NULL";
        let one = person(&line.platform, "1", "見本 花子", Role::Sender, "水道課").await;
        let two = person(&line.platform, "2", "見本 太郎", Role::Sender, "水道課").await;
        let platform = &line.platform;
        let words = says("誤りでした");

        // Two officials at once, with the words that stand there: one is told of the other.
        let (a, b) =
            tokio::join!(retract(platform, &one, id, &words), retract(platform, &two, id, &words));
        let (first, refused, winner, loser, name) = match (a, b) {
            (Ok(first), Err(refused)) => (first, refused, &one, &two, "水道課 見本 花子さん"),
            (Err(refused), Ok(first)) => (first, refused, &two, &one, "水道課 見本 太郎さん"),
            other => panic!("one of two: {other:?}"),
        };
        assert!(matches!(&refused, Error::Conflict(why) if why.contains(name)), "{refused:?}");
        // The answer was lost, and it is pressed again, twice.
        let (a, b) = tokio::join!(
            retract(platform, winner, id, &words),
            retract(platform, winner, id, &words)
        );
        assert_eq!((a.unwrap(), b.unwrap()), (first, first));
        let other = retract(platform, winner, id, &says("べつの誤りでした")).await;
        assert!(matches!(other, Err(Error::Conflict(_))), "other words are not the same press");
        assert_eq!(t.number(made).await, 1);

        // On purpose, who knows of the first sends a second one; so do two at once, one of them.
        let again = Correction { after: Some(first), ..words.clone() };
        let (a, b) =
            tokio::join!(retract(platform, &one, id, &again), retract(platform, &two, id, &again));
        let second = match (&a, &b) {
            (Ok(second), Err(Error::Conflict(_))) | (Err(Error::Conflict(_)), Ok(second)) => {
                *second
            }
            other => panic!("one of two: {other:?}"),
        };
        assert_eq!(t.number(made).await, 2);
        let known = corrections(loser, id).await.unwrap();
        assert_eq!(known.iter().map(|c| c.id).collect::<Vec<_>>(), [second, first]);
        assert!(known[1].words().contains(name), "{known:?}");
        for fix in [first, second] {
            assert_eq!(line.ended(fix).await.figures.accepted, 600);
        }
        assert_eq!(line.received(), [(3, 600)]);
        line.end().await;
    });
}

#[test]
fn the_same_press_twice_at_once_makes_one() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(3).await;
        line.outbox("one");
        let id = line.deliver(Purpose::Emergency, Audience::Everyone, None).await;
        line.ended(id).await;
        let official = person(&line.platform, "1", "見本 花子", Role::Sender, "水道課").await;
        let words = says("誤りでした");
        let (a, b) = tokio::join!(
            retract(&line.platform, &official, id, &words),
            retract(&line.platform, &official, id, &words)
        );
        let fix = a.unwrap();
        assert_eq!(b.unwrap(), fix);
        line.ended(fix).await;
        assert_eq!(line.received(), [(2, 3)]);
        line.end().await;
    });
}
