//! Quiet hours and budgets on both databases (SEG-6).

use crate::city::{is, new_delivery, user};
use crate::settling::{answer, figures, leased, settled, sum};
use crate::support::{NOON, Test, both};
use domain::audience::{Audience, Resolved};
use domain::delivery::call::Next;
use domain::delivery::gate::{Budget, Gates, Quiet};
use domain::delivery::{Belongs, Draft, Purpose, Reason, Status};
use domain::id::DeliveryId;
use domain::permission::{Actor, Role};
use domain::resident::Reception;
use domain::time::{DAY, HOUR, SECOND};
use store::attribute;
use store::delivery::{self, Frozen, cancel, fatigue, freeze, gate, reasons};
use store::outbox::{finish_bitmaps, received, settle};
use store::resident::{register, unfollow};

async fn budget(t: &Test, messages: u16, days: u16) {
    let gates = Gates { budget: Some(Budget { messages, days }), quiet: None };
    gate::set_gates(&t.ctx, gates).await.unwrap();
}

/// Sends what waits, and writes the outcome.
async fn through(t: &Test, id: DeliveryId) {
    loop {
        let calls = leased(t, "w").await;
        if calls.is_empty() {
            break;
        }
        let answers: Vec<_> = calls.iter().map(|c| answer(c, Next::Accept)).collect();
        settle(&t.ctx, "w", &answers).await.unwrap();
    }
    finish_bitmaps(&t.ctx, id).await.unwrap();
    t.adds_up(id).await;
}

async fn sent(t: &Test, purpose: Purpose, audience: Audience) -> DeliveryId {
    let id = t.frozen(purpose, audience).await;
    through(t, id).await;
    id
}

#[test]
fn who_has_had_enough_is_withheld_with_the_reason() {
    both(async |t| {
        t.city().await;
        let ids = t.friends(0, 1_100).await;
        for id in &ids[..600] {
            let answers = [("home".to_owned(), vec!["west".to_owned()])].into();
            register(&t.acting(Actor::Resident(*id)), &answers).await.unwrap();
        }
        let west = is("home", &["west"]);
        budget(&t, 2, 7).await;
        for _ in 0..2 {
            sent(&t, Purpose::Notice, west.clone()).await;
        }
        let everyone = Resolved::Everyone;
        let live = async |purpose| {
            let budget = Budget { messages: 2, days: 7 };
            fatigue::live(&t.ctx, &everyone, purpose, budget).await.unwrap()
        };
        assert_eq!(live(Purpose::Notice).await, 600, "it is known before");
        assert_eq!(live(Purpose::Drill).await, 600);
        assert_eq!(live(Purpose::Emergency).await, 0);

        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        assert_eq!(figures(&t, id).await, sum(1_100, 0, 0, 600));
        // Calls are full: what was withheld in between leaves no gaps.
        let counts: Vec<i64> =
            delivery::calls(&t.ctx, id).await.unwrap().iter().map(|c| c.count).collect();
        assert_eq!(counts, [500]);
        through(&t, id).await;
        assert_eq!(figures(&t, id).await, sum(1_100, 500, 0, 600));
        assert_eq!(t.get(id).await.status, Status::Done);
        assert_eq!(reasons(&t.ctx, id).await.unwrap(), [(Reason::Fatigue, 600)]);
        assert_eq!(received(&t.ctx, id, ids[0]).await.unwrap(), Some(false));
        assert_eq!(received(&t.ctx, id, ids[600]).await.unwrap(), Some(true));
        // Who was withheld is still one of those who were meant.
        let catalog = attribute::catalog(&t.ctx).await.unwrap();
        let west = catalog.get("home").unwrap().choice("west").unwrap().id;
        let part = Resolved::Chose([west].into());
        let meant = delivery::by_parts(&t.ctx, &[vec![id]], &[part]).await.unwrap();
        assert_eq!((meant[0].recipients, &meant[0].parts[..]), (1_100, &[600][..]));
        let who = fatigue::who(&t.ctx, id).await.unwrap();
        assert!(who.len() == 600 && who.contains(ids[599].0 as u32));

        // An emergency goes to all, and does not count.
        let id = sent(&t, Purpose::Emergency, Audience::Everyone).await;
        assert_eq!(figures(&t, id).await, sum(1_100, 1_100, 0, 0));
        let id = sent(&t, Purpose::Drill, Audience::Everyone).await;
        assert_eq!(figures(&t, id).await, sum(1_100, 500, 0, 600), "a drill is bound");
        let id = sent(&t, Purpose::Drill, Audience::Everyone).await;
        assert_eq!(figures(&t, id).await, sum(1_100, 0, 0, 1_100), "now all have had enough");

        // A week later everybody is free again.
        t.later(7 * DAY);
        let id = sent(&t, Purpose::Notice, Audience::Everyone).await;
        assert_eq!(figures(&t, id).await, sum(1_100, 1_100, 0, 0));
    });
}

#[test]
fn what_is_said_of_somebody_is_what_the_freeze_does() {
    both(async |t| {
        t.city().await;
        let ids = t.friends(0, 6).await;
        for (n, home, wish) in [
            (0, "west", "all"),
            (1, "west", "urgent"),
            (2, "west", "paused"),
            (3, "west", "all"),
            (4, "east1", "all"),
            (5, "west", "all"),
        ] {
            let mut answers: domain::form::Answers = [
                ("home".to_owned(), vec![home.to_owned()]),
                ("_reception".to_owned(), vec![wish.to_owned()]),
            ]
            .into();
            if n == 3 {
                answers.insert("topics".to_owned(), vec!["waste".to_owned()]);
            }
            register(&t.acting(Actor::Resident(ids[n])), &answers).await.unwrap();
        }
        unfollow(&t.ctx, &user(5), t.ctx.now().plus(1)).await.unwrap();
        let west = is("home", &["west"]);
        let resolved = t.resolve(&west).await;
        let of = async |purpose| {
            let mut all = Vec::new();
            for id in &ids {
                all.push(delivery::belongs(&t.ctx, &resolved, purpose, *id).await.unwrap());
            }
            all
        };
        budget(&t, 1, 7).await;
        sent(&t, Purpose::Notice, is("topics", &["waste"])).await;
        let looks = "SELECT COUNT(*) AS n FROM ledger WHERE act = 'resident.view'";
        let before = t.number(looks).await;
        assert_eq!(
            of(Purpose::Notice).await,
            [
                Belongs::Yes,
                Belongs::Unwilling(Reception::Urgent),
                Belongs::Unwilling(Reception::Paused),
                Belongs::Enough(Budget { messages: 1, days: 7 }),
                Belongs::Unfit,
                Belongs::NoFriend,
            ]
        );
        assert_eq!(t.number(looks).await, before + 6, "each of them was looked at");
        for purpose in [Purpose::Emergency, Purpose::Notice, Purpose::Drill] {
            let said = of(purpose).await;
            let id = sent(&t, purpose, west.clone()).await;
            for (resident, said) in ids.iter().zip(said) {
                let got = received(&t.ctx, id, *resident).await.unwrap() == Some(true);
                assert_eq!(got, said == Belongs::Yes, "{purpose:?} to {resident}: {said:?}");
            }
        }
        // After 31 days the pause is over, and nobody has had enough.
        t.later(31 * DAY);
        let later = of(Purpose::Notice).await;
        assert_eq!((later[2], later[3]), (Belongs::Yes, Belongs::Yes));
    });
}

#[test]
fn what_is_on_its_way_counts_and_what_was_stopped_does_not() {
    both(async |t| {
        t.friends(0, 700).await;
        budget(&t, 1, 1).await;
        let first = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let second = t.frozen(Purpose::Notice, Audience::Everyone).await;
        assert_eq!(figures(&t, second).await, sum(700, 0, 0, 700));
        assert_eq!(t.get(second).await.status, Status::Done);
        // One of the two calls leaves; LINE refuses the other, and it is stopped.
        let calls = leased(&t, "w").await;
        settled(&t, &calls[0], Next::Accept).await;
        settled(&t, &calls[1], Next::Postpone(t.ctx.now().plus(SECOND))).await;
        cancel(&t.ctx, first).await.unwrap();
        assert_eq!(figures(&t, first).await, sum(700, 500, 0, 200));
        let third = t.frozen(Purpose::Notice, Audience::Everyone).await;
        assert_eq!(figures(&t, third).await, sum(700, 0, 0, 500), "200 have had none yet");
    });
}

#[test]
fn corrections_and_tests_pass_and_do_not_count() {
    both(async |t| {
        let ids = t.friends(0, 3).await;
        budget(&t, 1, 1).await;
        store::resident::set_tester(&t.ctx, ids[0], Some("見本")).await.unwrap();
        let draft = delivery::draft(&t.ctx, Draft::default()).await.unwrap();
        let test = delivery::create_test(&t.ctx, draft, "試し送り", &[], None).await.unwrap();
        assert!(freeze(&t.ctx, test, Frozen::Testers).await.unwrap());
        through(&t, test).await;
        let wrong = sent(&t, Purpose::Notice, Audience::Everyone).await;
        assert_eq!(figures(&t, wrong).await, sum(3, 3, 0, 0), "the test did not count");
        let right = delivery::retract(&t.ctx, wrong, "訂正", &[], &[], None).await.unwrap();
        assert!(freeze(&t.ctx, right, Frozen::Reached(wrong)).await.unwrap());
        through(&t, right).await;
        assert_eq!(figures(&t, right).await, sum(3, 3, 0, 0));
    });
}

#[test]
fn no_sequence_of_deliveries_goes_beyond_the_budget() {
    both(async |t| {
        t.city().await;
        let ids = t.friends(0, 60).await;
        for (n, id) in ids.iter().enumerate() {
            let topics: Vec<String> = [("waste", 2), ("event", 3), ("safety", 5)]
                .into_iter()
                .filter(|(_, m)| n % m == 0)
                .map(|(k, _)| k.to_owned())
                .collect();
            register(&t.acting(Actor::Resident(*id)), &[("topics".to_owned(), topics)].into())
                .await
                .unwrap();
        }
        budget(&t, 2, 3).await;
        let mut all: Vec<(i64, DeliveryId)> = Vec::new();
        for step in 0..24i64 {
            let topic = ["waste", "event", "safety"][step as usize % 3];
            let id = t.frozen(Purpose::Notice, is("topics", &[topic])).await;
            // Every third is still on its way while the next ones are frozen.
            if step % 3 != 0 {
                through(&t, id).await;
            }
            all.push((t.ctx.now().date().days(), id));
            t.later(9 * HOUR);
        }
        for (_, id) in &all {
            through(&t, *id).await;
        }
        for resident in &ids {
            let mut days = Vec::new();
            for (day, id) in &all {
                if received(&t.ctx, *id, *resident).await.unwrap() == Some(true) {
                    days.push(*day);
                }
            }
            for last in &days {
                let had = days.iter().filter(|d| *d <= last && **d > last - 3).count();
                assert!(had <= 2, "{resident} had {had} in three days: {days:?}");
            }
        }
        let withheld: i64 =
            t.number("SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) AS n FROM fatigue").await;
        assert!(withheld > 0, "somebody was withheld");
    });
}

#[test]
fn two_freezes_at_the_same_time_do_not_both_take_the_last_place() {
    both(async |t| {
        t.friends(0, 5).await;
        budget(&t, 1, 1).await;
        let mut ids = Vec::new();
        for _ in 0..6 {
            ids.push(t.delivery(Purpose::Notice, Audience::Everyone).await);
        }
        let all = futures::future::join_all(
            ids.iter().map(|id| freeze(&t.ctx, *id, Frozen::Audience(&Resolved::Everyone))),
        )
        .await;
        assert!(all.iter().any(|done| matches!(done, Ok(true))), "{all:?}");
        // What was refused is tried again, as the worker does.
        for id in &ids {
            while t.get(*id).await.status == Status::Scheduled {
                freeze(&t.ctx, *id, Frozen::Audience(&Resolved::Everyone)).await.unwrap();
            }
        }
        let mut reached = 0;
        for id in &ids {
            through(&t, *id).await;
            reached += t.get(*id).await.figures.accepted;
        }
        assert_eq!(reached, 5, "each got one");
    });
}

#[test]
fn what_waits_is_moved_and_says_so() {
    both(async |t| {
        t.friends(0, 1).await;
        let night = Quiet::parse("12:00", "13:00").unwrap();
        let gates = Gates { quiet: Some(night), budget: None };
        let (_, editor) = t.staff("1", Role::Editor, "水道課").await;
        assert!(gate::set_gates(&editor, gates).await.is_err());
        gate::set_gates(&t.ctx, gates).await.unwrap();
        assert_eq!(gate::gates(&t.ctx).await.unwrap(), gates);
        let id = t.delivery(Purpose::Notice, Audience::Everyone).await;
        let until = night.end(NOON);
        gate::postpone(&t.ctx, id, until).await.unwrap();
        gate::postpone(&t.ctx, id, until).await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(until));
        let words: Vec<String> = delivery::happenings(&t.ctx, id)
            .await
            .unwrap()
            .into_iter()
            .filter(|h| h.what.contains("静かな時間"))
            .map(|h| h.detail)
            .collect();
        assert_eq!(words, ["静かな時間が終わる 11月20日（金）13:00に届けます"], "once");
        cancel(&t.ctx, id).await.unwrap();
        gate::postpone(&t.ctx, id, until.plus(SECOND)).await.unwrap();
        assert_eq!(t.get(id).await.status, Status::Cancelled);

        // A reason is kept with a draft, and forgotten when it is confirmed without one.
        let draft = delivery::draft(&editor, Draft::default()).await.unwrap();
        gate::decide_night(&editor, draft, Some(" 断水が続くため ")).await.unwrap();
        assert_eq!(gate::night(&editor, draft).await.unwrap().as_deref(), Some("断水が続くため"));
        gate::decide_night(&editor, draft, None).await.unwrap();
        assert_eq!(gate::night(&editor, draft).await.unwrap(), None);
        let (_, other) = t.staff("2", Role::Editor, "道路課").await;
        assert!(gate::decide_night(&other, draft, None).await.is_err());
        let written = "SELECT COUNT(*) AS n FROM ledger WHERE act = 'delivery.night'";
        assert_eq!(t.number(written).await, 1);
    });
}

#[test]
fn former_deliveries_are_of_the_same_department_and_purpose() {
    both(async |t| {
        t.friends(0, 4).await;
        let (_, water) = t.staff("1", Role::Sender, "水道課").await;
        let (_, road) = t.staff("2", Role::Sender, "道路課").await;
        let new = new_delivery(Purpose::Notice, Audience::Everyone, None);
        let mut made = Vec::new();
        for ctx in [&water, &road, &water] {
            let id = delivery::create(ctx, &new, None).await.unwrap();
            assert!(freeze(&t.ctx, id, Frozen::Audience(&Resolved::Everyone)).await.unwrap());
            through(&t, id).await;
            t.later(SECOND);
            made.push(id);
        }
        let waits = delivery::create(&water, &new, None).await.unwrap();
        let Actor::Staff { department, .. } = water.actor else { panic!("staff") };
        let found = gate::former(&water, Some(department), Purpose::Notice).await.unwrap();
        let ids: Vec<DeliveryId> = found.iter().map(|f| f.id).collect();
        assert_eq!(ids, [made[2], made[0]], "{waits} has reached nobody yet");
        assert_eq!((found[0].people, found[0].audience.as_ref()), (4, Some(&Audience::Everyone)));
        assert!(gate::former(&water, Some(department), Purpose::Drill).await.unwrap().is_empty());
        assert!(gate::former(&water, None, Purpose::Notice).await.unwrap().is_empty());
    });
}
