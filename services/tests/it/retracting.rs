//! 訂正・取消: exactly those whom it reached are told, and nobody gets it afterwards.

use crate::line::{Line, until};
use crate::support::both;
use domain::audience::Audience;
use domain::delivery::{Purpose, Status};
use domain::permission::Actor;
use sandbox::Faults;
use services::Error;
use services::delivery::{public_corrections, retract};

#[test]
fn a_delivery_on_its_way_is_stopped_and_whom_it_reached_is_told() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let friends = 20_000;
        line.friends(friends).await;
        // Slow, and some answers are lost after LINE took the call.
        line.faults(Faults { latency_ms: 150, lost_after_acceptance: 0.3, ..Faults::default() });
        line.outbox("one");
        let id = line.deliver(Purpose::Emergency, Audience::Everyone, None).await;
        until("something has left", async || {
            line.sandbox.received(&Default::default()).received_total > 0
        })
        .await;
        let ctx = line.platform.system();
        let fix = retract(&line.platform, &ctx, id, "【訂正】誤りでした").await.unwrap();
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
        let none = retract(&line.platform, &ctx, waits, "【訂正】").await;
        assert!(matches!(none, Err(Error::Conflict(_))), "{none:?}");
        assert_eq!(line.get(waits).await.status, Status::Scheduled, "and it waits as before");

        let drill = line.deliver(Purpose::Drill, Audience::Everyone, None).await;
        assert_eq!(line.ended(drill).await.figures.accepted, 1_200);
        // Who came later did not get it, and is not told.
        line.friends(300).await;
        let empty = retract(&line.platform, &ctx, drill, " ").await;
        assert!(matches!(&empty, Err(Error::Invalid(p)) if p[0].at == "/text"), "{empty:?}");
        let nobody = line.platform.context(Actor::Nobody);
        let refused = retract(&line.platform, &nobody, drill, "【訂正】").await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let fix = retract(&line.platform, &ctx, drill, "誤りでした").await.unwrap();
        let fixed = line.ended(fix).await;
        assert_eq!((fixed.purpose, fixed.figures.accepted), (Purpose::Drill, 1_200));
        assert_eq!(line.received(), [(0, 300), (2, 1_200)]);
        line.end().await;
    });
}
