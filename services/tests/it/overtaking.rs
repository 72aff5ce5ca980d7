//! What is urgent is frozen and sent before all else, whatever takes long just then (SEG-4).

use crate::line::{Line, questions, registered, until};
use crate::retracting::says;
use crate::support::both;
use domain::attribute::{Attribute, Kind};
use domain::audience::Audience;
use domain::delivery::call::Next;
use domain::delivery::{NewDelivery, Purpose, Status};
use domain::id::{AttributeId, DeliveryId};
use domain::message::Part;
use domain::time::MINUTE;
use sandbox::Faults;
use serde_json::{Value, json};
use services::delivery::retract;
use services::outbox::Freezer;
use store::outbox::{Call, Settled};
use tokio::sync::watch;

/// All the friends, without asking LINE who they are.
fn the_known() -> Audience {
    Audience::Not(Box::new(Audience::Attribute { key: "age".into(), is: vec!["old".into()] }))
}

/// Another server reads the follower list and does not come to an end.
async fn the_list_is_read_elsewhere(line: &Line) {
    let ctx = line.platform.system();
    let taken = store::work::take(&ctx, "followers", "elsewhere", ctx.now(), 10 * MINUTE).await;
    assert!(taken.unwrap());
}

/// A delivery to everyone that waits for that list. One that is due later is sent meanwhile: it
/// is passed.
async fn everyone_waits(line: &Line) -> DeliveryId {
    the_list_is_read_elsewhere(line).await;
    let everyone = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
    let other = line.deliver(Purpose::Notice, the_known(), None).await;
    line.ended(other).await;
    everyone
}

async fn waits(line: &Line, id: DeliveryId) -> bool {
    line.get(id).await.status == Status::Scheduled
}

#[test]
fn after_each_start_the_most_urgent_is_asked_for_anew() {
    both(async |t| {
        questions(&t).await;
        let mut line = Line::start(&t).await;
        line.friends(3).await;
        let stop = watch::Sender::new(false);
        let mut freezer = Freezer::new(line.platform.clone(), stop.subscribe());
        let first = line.deliver(Purpose::Notice, the_known(), None).await;
        let second = line.deliver(Purpose::Notice, the_known(), None).await;
        assert!(freezer.begin().await);
        assert_eq!((waits(&line, first).await, waits(&line, second).await), (false, true));
        let ctx = line.platform.system();
        let emergency = line.deliver(Purpose::Emergency, the_known(), None).await;
        let fix = retract(&line.platform, &ctx, first, &says("誤りでした")).await.unwrap();
        assert!(freezer.begin().await && freezer.begin().await);
        assert_eq!((waits(&line, emergency).await, waits(&line, fix).await), (false, false));
        assert!(waits(&line, second).await, "they were posted later and go first");
        assert!(!freezer.begin().await, "they leave before anything else is fixed");
        line.outbox("one");
        line.ended(second).await;
        for id in [emergency, fix] {
            assert_eq!(line.get(id).await.status, Status::Done);
        }
        assert!(!freezer.begin().await, "nothing is left");
        line.end().await;
    });
}

#[test]
fn who_waits_for_the_follower_list_keeps_nobody_waiting() {
    both(async |t| {
        questions(&t).await;
        let mut line = Line::start(&t).await;
        line.friends(600).await;
        line.outbox("one");
        let wrong = line.deliver(Purpose::Notice, the_known(), None).await;
        line.ended(wrong).await;
        let everyone = everyone_waits(&line).await;
        assert!(waits(&line, everyone).await);
        let ctx = line.platform.system();
        let emergency = line.deliver(Purpose::Emergency, the_known(), None).await;
        let fix = retract(&line.platform, &ctx, wrong, &says("誤りでした")).await.unwrap();
        for id in [emergency, fix] {
            assert_eq!(line.ended(id).await.figures.accepted, 600);
        }
        assert!(waits(&line, everyone).await);
        store::work::done(&ctx, "followers").await.unwrap();
        assert_eq!(line.ended(everyone).await.figures.accepted, 600);
        assert_eq!(line.received(), [(5, 600)]);
        line.end().await;
    });
}

#[test]
fn a_worker_that_is_stopped_does_not_wait_for_the_list() {
    both(async |t| {
        questions(&t).await;
        let mut line = Line::start(&t).await;
        line.friends(3).await;
        line.outbox("one");
        let everyone = everyone_waits(&line).await;
        let ended = tokio::time::timeout(std::time::Duration::from_secs(60), line.end()).await;
        assert!(ended.is_ok(), "it waits for the list");
        let left = store::delivery::get(&t.ctx, everyone).await.unwrap();
        assert_eq!(left.status, Status::Scheduled, "whoever starts next sends it");
    });
}

#[test]
fn a_correction_waits_for_what_line_may_still_refuse() {
    both(async |t| {
        questions(&t).await;
        let line = Line::start(&t).await;
        line.friends(1_500).await;
        let stop = watch::Sender::new(false);
        let mut freezer = Freezer::new(line.platform.clone(), stop.subscribe());
        let wrong = line.deliver(Purpose::Notice, the_known(), None).await;
        assert!(freezer.begin().await);
        // One call has reached its people, and one is on its way.
        let ctx = line.platform.system();
        let answer = async |call: &Call, next: Next| {
            let call = call.clone();
            let settled = Settled { call, next, request_id: None, error: None };
            store::outbox::settle(&ctx, "one", &[settled]).await.unwrap();
        };
        let calls = store::outbox::claim(&ctx, "one", 2).await.unwrap();
        answer(&calls[0], Next::Accept).await;
        let fix = retract(&line.platform, &ctx, wrong, &says("誤りでした")).await.unwrap();
        let notice = line.deliver(Purpose::Notice, the_known(), None).await;
        assert!(freezer.begin().await && !freezer.begin().await);
        assert!(waits(&line, fix).await && waits(&line, notice).await);
        answer(&calls[1], Next::Stay).await;
        until("the correction begins", async || {
            freezer.begin().await;
            !waits(&line, fix).await
        })
        .await;
        assert_eq!(line.get(fix).await.figures.recipients, 500, "whom it reached, and nobody else");
        let figures = line.get(wrong).await.figures;
        assert_eq!((figures.accepted, figures.withheld), (500, 1_000));
        line.end().await;
    });
}

#[test]
fn while_an_emergency_waits_nothing_less_urgent_begins() {
    both(async |t| {
        questions(&t).await;
        let mut line = Line::start(&t).await;
        line.friends(3).await;
        let stop = watch::Sender::new(false);
        let mut freezer = Freezer::new(line.platform.clone(), stop.subscribe());
        let wrong = line.deliver(Purpose::Notice, the_known(), None).await;
        assert!(freezer.begin().await);
        the_list_is_read_elsewhere(&line).await;
        let emergency = line.deliver(Purpose::Emergency, Audience::Everyone, None).await;
        assert!(freezer.begin().await);
        let notice = line.deliver(Purpose::Notice, the_known(), None).await;
        assert!(!freezer.begin().await, "a long freeze would keep the emergency waiting");
        let ctx = line.platform.system();
        let fix = retract(&line.platform, &ctx, wrong, &says("誤りでした")).await.unwrap();
        assert!(freezer.begin().await);
        assert!(!waits(&line, fix).await);
        assert!(waits(&line, emergency).await && waits(&line, notice).await);
        store::work::done(&ctx, "followers").await.unwrap();
        until("the emergency begins", async || {
            freezer.begin().await;
            !waits(&line, emergency).await
        })
        .await;
        line.outbox("one");
        line.ended(notice).await;
        line.end().await;
    });
}

/// The calls that LINE has answered since an event, in their order, and the newest event.
async fn wire(line: &Line, since: u64) -> (Vec<String>, u64) {
    let url = format!("{}/_sandbox/events?since={since}&limit=2000", line.sandbox.url());
    let wire: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let events = wire["events"].as_array().unwrap().iter();
    let calls = events.map(|e| e["path"].as_str().unwrap().to_owned()).collect();
    (calls, wire["last"].as_u64().unwrap())
}

#[test]
fn what_is_urgent_reaches_line_before_the_rest_of_what_is_on_its_way() {
    both(async |t| {
        questions(&t).await;
        let number = Attribute {
            id: AttributeId(0),
            key: "number".into(),
            label: "番号".into(),
            kind: Kind::Text,
            hint: String::new(),
            required: false,
            personal: false,
            hidden: false,
            choices: vec![],
        };
        store::attribute::create(&t.ctx, number).await.unwrap();
        let mut line = Line::start(&t).await;
        let users = line.friends(1_500).await;
        let ctx = line.platform.system();
        let own: Vec<Value> = (0..1_500).map(|n| json!({"number": format!("{n}番")})).collect();
        registered(&ctx, &users, &own).await;
        line.outbox("one");
        let wrong = line.deliver(Purpose::Notice, the_known(), None).await;
        assert_eq!(line.ended(wrong).await.figures.accepted, 1_500);

        // LINE hangs while everybody is sent words of their own, by a push each.
        let (_, since) = wire(&line, 0).await;
        line.faults(Faults { hold_sends: true, ..Faults::default() });
        let each = NewDelivery {
            title: "番号のお知らせ".into(),
            audience: the_known(),
            parts: vec![Part::Text { text: "{{number|みなさま}}の方へ".into() }],
            purpose: Purpose::Notice,
            send_at: None,
            uncounted: vec![],
            variants: vec![],
        };
        let ordinary = store::delivery::create(&ctx, &each, None).await.unwrap();
        line.platform.outbox_ready.notify_one();
        until("pushes are on their way", async || {
            t.number("SELECT COUNT(*) AS n FROM call WHERE state = 1").await > 0
        })
        .await;
        let emergency = line.deliver(Purpose::Emergency, the_known(), None).await;
        let fix = retract(&line.platform, &ctx, wrong, &says("誤りでした")).await.unwrap();
        until("what is urgent is frozen", async || {
            !waits(&line, emergency).await && !waits(&line, fix).await
        })
        .await;
        line.faults(Faults::default());
        for id in [ordinary, emergency, fix] {
            assert_eq!(line.ended(id).await.figures.accepted, 1_500);
        }

        // At most 480 pushes hung, and a few more are leased in one go.
        let (calls, _) = wire(&line, since).await;
        let last = calls.iter().rposition(|path| path.ends_with("/multicast")).unwrap();
        let after = calls[last..].iter().filter(|path| path.ends_with("/push")).count();
        assert!(after >= 500, "only {after} of 1,500 pushes were overtaken");
        assert_eq!(line.received(), [(4, 1_500)]);
        line.end().await;
    });
}
