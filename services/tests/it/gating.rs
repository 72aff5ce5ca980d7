//! Quiet hours, budgets and the comparison stand before what leaves (SEG-6).

use crate::line::{Line, person, platform_by};
use crate::support::{NOON, Test, both};
use domain::alert::Kind;
use domain::audience::Audience;
use domain::delivery::approval::Rules;
use domain::delivery::gate::{Budget, Confirmed, Gates, Quiet};
use domain::delivery::{Draft, Month, Purpose, Status, UNDECIDED};
use domain::id::DeliveryId;
use domain::message::Part;
use domain::permission::Role;
use domain::time::{DAY, HOUR, MINUTE, Timestamp};
use serde_json::json;
use services::delivery::gate::{beside, gates, set_budget, set_gates, set_quiet};
use services::delivery::{approval, calendar, check, draft, get, send};
use services::resident::Friends;
use services::{Context, Error, Platform};
use std::sync::Arc;

struct City {
    line: Line,
    /// By the test's clock, without workers.
    platform: Arc<Platform>,
    sender: Context,
    second: Context,
}

impl City {
    async fn start(t: &Test, friends: u32, gates: Gates) -> Self {
        let line = Line::start(t).await;
        line.friends(friends).await;
        let platform = platform_by(t, &line.sandbox.url(), None);
        set_gates(&platform.system(), gates).await.unwrap();
        let sender = person(&platform, "1", "見本 花子", Role::Sender, "水道課").await;
        let second = person(&platform, "2", "見本 花子", Role::Sender, "水道課").await;
        Self { line, platform, sender, second }
    }

    async fn draft(&self, purpose: Purpose, send_at: Option<Timestamp>) -> DeliveryId {
        let new = Draft {
            title: "断水".into(),
            purpose,
            audience: Some(Audience::Everyone),
            parts: vec![Part::Text { text: "断水します".into() }],
            send_at,
            ..Draft::default()
        };
        draft(&self.sender, new).await.unwrap()
    }

    async fn send(&self, id: DeliveryId, confirmed: impl Into<Confirmed>) -> services::Result<()> {
        let seen = get(&self.sender, id).await?.updated_at;
        send(&self.platform, &self.sender, id, seen, confirmed).await
    }

    /// What the worker does with it now, if it is due.
    async fn begin(&self, id: DeliveryId) -> Status {
        let ctx = self.platform.system();
        let delivery = get(&ctx, id).await.unwrap();
        let at = delivery.send_at.filter(|at| *at <= ctx.now());
        if let (Status::Scheduled, Some(at)) = (delivery.status, at) {
            let known = Some(Friends::Known);
            services::outbox::start(&self.platform, &ctx, id, at, known).await.unwrap();
        }
        get(&ctx, id).await.unwrap().status
    }
}

fn night() -> Gates {
    Gates { quiet: Quiet::parse("11:00", "14:00"), budget: None }
}

fn with_reason(people: i64, why: &str) -> Confirmed {
    Confirmed { night: Some(why.into()), ..people.into() }
}

#[test]
fn who_sets_the_one_leaves_the_other_as_it_is() {
    both(async |t| {
        let (quiet, budget) = (Quiet::parse("21:00", "07:00"), Some(Budget::OFTEN));
        set_quiet(&t.ctx, quiet).await.unwrap();
        // From a page that was opened before the quiet hours were set.
        assert_eq!(set_budget(&t.ctx, budget).await.unwrap(), Gates { quiet, budget });
        assert_eq!(set_quiet(&t.ctx, None).await.unwrap(), Gates { quiet: None, budget });
        assert_eq!(gates(&t.ctx).await.unwrap(), Gates { quiet: None, budget });
    });
}

#[test]
fn two_who_set_the_one_and_the_other_at_once_lose_neither() {
    both(async |t| {
        let (quiet, budget) = (Quiet::parse("21:00", "07:00"), Some(Budget::OFTEN));
        for (quiet, budget) in [quiet, None].into_iter().zip([budget, None]).cycle().take(10) {
            let (first, second) =
                tokio::join!(set_quiet(&t.ctx, quiet), set_budget(&t.ctx, budget));
            let both = Gates { quiet, budget };
            assert!([first.unwrap(), second.unwrap()].contains(&both), "the second sees the first");
            assert_eq!(gates(&t.ctx).await.unwrap(), both);
        }
    });
}

#[test]
fn at_night_it_waits_or_leaves_with_a_reason() {
    both(async |t| {
        let city = City::start(&t, 3, night()).await;
        let two = NOON.plus(2 * HOUR);
        let id = city.draft(Purpose::Notice, None).await;
        let known = Draft::from(&get(&city.sender, id).await.unwrap());
        let seen = check(&city.sender, &known).await.unwrap();
        assert_eq!(seen.quiet, Some(two));
        assert!(seen.warnings.iter().any(|w| w.contains("静かな時間")), "{:?}", seen.warnings);
        city.send(id, 3).await.unwrap();
        assert_eq!(get(&city.sender, id).await.unwrap().send_at, Some(two));
        assert_eq!(city.begin(id).await, Status::Scheduled);

        let urgent = city.draft(Purpose::Notice, None).await;
        let refused = city.send(urgent, with_reason(3, " ")).await;
        assert!(matches!(&refused, Err(Error::Invalid(p)) if p[0].at == "night"), "{refused:?}");
        city.send(urgent, with_reason(3, "夜のうちに断水が始まるため")).await.unwrap();
        assert_eq!(city.begin(urgent).await, Status::Sending);
        let night = "SELECT COUNT(*) AS n FROM ledger WHERE act = 'delivery.night'";
        assert_eq!(t.number(night).await, 1);

        let emergency = city.draft(Purpose::Emergency, None).await;
        city.send(emergency, 3).await.unwrap();
        assert_eq!(city.begin(emergency).await, Status::Sending);
        let drill = city.draft(Purpose::Drill, Some(NOON.plus(HOUR))).await;
        city.send(drill, 3).await.unwrap();
        assert_eq!(
            get(&city.sender, drill).await.unwrap().send_at,
            Some(two),
            "it is no exception"
        );

        t.later(2 * HOUR);
        assert_eq!(city.begin(id).await, Status::Sending, "in the morning it leaves by itself");
        city.line.end().await;
    });
}

#[test]
fn what_comes_due_at_night_waits_whoever_made_it() {
    both(async |t| {
        let city = City::start(&t, 3, Gates::default()).await;
        // Another system, and the hours set after it was reserved.
        let id = city.line.deliver(Purpose::Notice, Audience::Everyone, Some(NOON)).await;
        set_gates(&city.platform.system(), night()).await.unwrap();
        assert_eq!(city.begin(id).await, Status::Scheduled);
        let two = NOON.plus(2 * HOUR);
        assert_eq!(get(&city.sender, id).await.unwrap().send_at, Some(two));
        // Its correction never waits.
        let wrong = city.line.deliver(Purpose::Emergency, Audience::Everyone, Some(NOON)).await;
        assert_eq!(city.begin(wrong).await, Status::Sending);
        let right = store::delivery::retract(&t.ctx, wrong, "訂正", &[], &[], None).await.unwrap();
        assert_ne!(city.begin(right).await, Status::Scheduled);
        let tests =
            store::delivery::create_test(&city.sender, id, "試し", &[], None).await.unwrap();
        assert_ne!(city.begin(tests).await, Status::Scheduled);
        // The calendar shows when it really leaves.
        let reserved = city.draft(Purpose::Notice, Some(NOON.plus(DAY))).await;
        set_gates(&city.platform.system(), Gates::default()).await.unwrap();
        city.send(reserved, 3).await.unwrap();
        set_gates(&city.platform.system(), night()).await.unwrap();
        let month = calendar(&city.sender, Month::of(NOON.date()), None).await.unwrap();
        let entry = month.entries.iter().find(|e| e.id == reserved).unwrap();
        assert_eq!((entry.at, entry.waited), (two.plus(DAY), Some(NOON.plus(DAY))));
        city.line.end().await;
    });
}

#[test]
fn what_a_server_missed_in_the_quiet_hours_is_late_only_after_them() {
    both(async |t| {
        let city = City::start(&t, 3, night()).await;
        let (one, two) = (NOON.plus(HOUR), NOON.plus(2 * HOUR));
        let reserved =
            async |purpose, at| city.line.deliver(purpose, Audience::Everyone, Some(at)).await;
        let before = reserved(Purpose::Notice, NOON.plus(-2 * HOUR)).await;
        let urgent = reserved(Purpose::Emergency, one).await;
        let waits = reserved(Purpose::Notice, one).await;
        let found_soon = reserved(Purpose::Notice, one).await;
        let found_late = reserved(Purpose::Notice, one).await;
        t.later(HOUR + 30 * MINUTE);
        assert_eq!(city.begin(waits).await, Status::Scheduled);
        assert_eq!(get(&city.sender, waits).await.unwrap().send_at, Some(two));
        assert_eq!(city.begin(before).await, Status::Held, "it would have left long ago");
        assert_eq!(city.begin(urgent).await, Status::Held, "it would not have waited");
        t.later(40 * MINUTE);
        assert_eq!(city.begin(found_soon).await, Status::Sending);
        t.later(6 * MINUTE);
        assert_eq!(city.begin(found_late).await, Status::Held);
        let held = get(&city.sender, found_late).await.unwrap();
        assert!(held.held_reason.unwrap().contains("16分"), "from when it should have left");
        city.line.end().await;
    });
}

#[test]
fn what_is_approved_at_night_waits_too() {
    both(async |t| {
        let city = City::start(&t, 3, night()).await;
        approval::set_rules(&city.platform.system(), Rules { above: Some(0) }).await.unwrap();
        let two = NOON.plus(2 * HOUR);
        for (reason, waits) in [(None, true), (Some("断水が始まるため"), false)] {
            let id = city.draft(Purpose::Notice, None).await;
            let seen = get(&city.sender, id).await.unwrap().updated_at;
            let confirmed = Confirmed { night: reason.map(str::to_owned), ..Confirmed::from(3) };
            approval::request(&city.sender, id, seen, confirmed, "").await.unwrap();
            let waiting = get(&city.second, id).await.unwrap();
            let second = beside(&city.platform, &city.second, &waiting).await.unwrap();
            let quiet = services::delivery::gate::quiet(&city.second, &waiting).await.unwrap();
            assert_eq!(quiet, second.check.quiet, "both say the same");
            let people = second.check.who.map(|who| who.count);
            assert_eq!(second.check.quiet, waits.then_some(two));
            assert_eq!((second.night.as_deref(), people), (reason, Some(3)));
            let warned = second.check.warnings.iter().any(|w| w.contains("待って届けます"));
            assert_eq!(warned, waits, "{:?}", second.check.warnings);
            assert!(second.check.near.is_none_or(|near| near.id != id), "not near to itself");
            approval::approve(&city.platform, &city.second, id, waiting.updated_at, 3)
                .await
                .unwrap();
            let after = get(&city.sender, id).await.unwrap();
            assert_eq!(after.send_at, Some(if waits { two } else { NOON }));
            let begun = city.begin(id).await;
            assert_eq!(begun == Status::Scheduled, waits, "{begun:?}");
        }
        city.line.end().await;
    });
}

#[test]
fn what_waits_for_the_end_of_the_quiet_hours_can_be_approved_until_then() {
    both(async |t| {
        let city = City::start(&t, 3, night()).await;
        let system = city.platform.system();
        approval::set_rules(&system, Rules { above: Some(0) }).await.unwrap();
        let (one, two) = (NOON.plus(HOUR), NOON.plus(2 * HOUR));
        let asked = async || {
            let id = city.draft(Purpose::Notice, Some(one)).await;
            let seen = get(&city.sender, id).await.unwrap().updated_at;
            approval::request(&city.sender, id, seen, 3, "").await.unwrap();
            id
        };
        let (own, forgotten) = (asked().await, asked().await);
        let body = json!({
            "title": "断水", "audience": {"everyone": true}, "parts": [{"text": "断水"}],
            "purpose": "notice", "send_at": one.rfc3339(),
        });
        let other = services::delivery::create(&city.platform, &system, &body).await.unwrap().id;
        let approve = async |id| {
            let seen = get(&city.second, id).await.unwrap().updated_at;
            approval::approve(&city.platform, &city.second, id, seen, 3).await
        };
        let overdue = async || {
            services::alert::watch(&city.platform, &system).await.unwrap();
            let open = store::alert::open(&system).await.unwrap();
            open.iter().filter(|alert| alert.kind == Kind::Overdue).count()
        };
        t.later(HOUR + MINUTE);
        assert_eq!(overdue().await, 0, "it would not have left yet");
        for id in [own, other] {
            approve(id).await.unwrap();
            assert_eq!(get(&city.sender, id).await.unwrap().send_at, Some(two));
            assert_eq!(city.begin(id).await, Status::Scheduled);
        }
        t.later(HOUR - MINUTE);
        assert_eq!(city.begin(own).await, Status::Sending);
        t.later(1);
        assert_eq!(overdue().await, 1);
        let late = approve(forgotten).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        city.line.end().await;
    });
}

#[test]
fn what_does_not_wait_for_their_end_can_be_approved_until_its_own_time() {
    both(async |t| {
        let city = City::start(&t, 3, night()).await;
        approval::set_rules(&city.platform.system(), Rules { above: Some(0) }).await.unwrap();
        let one = NOON.plus(HOUR);
        let id = city.draft(Purpose::Notice, Some(one)).await;
        let seen = get(&city.sender, id).await.unwrap().updated_at;
        let confirmed = with_reason(3, "断水が始まるため");
        approval::request(&city.sender, id, seen, confirmed, "").await.unwrap();
        assert_eq!(get(&city.sender, id).await.unwrap().send_at, Some(one));
        t.later(HOUR + 1);
        let seen = get(&city.second, id).await.unwrap().updated_at;
        let late = approval::approve(&city.platform, &city.second, id, seen, 3).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        city.line.end().await;
    });
}

#[test]
fn the_panel_says_how_many_are_withheld() {
    both(async |t| {
        let budget = Some(Budget { messages: 1, days: 7 });
        let city = City::start(&t, 30, Gates { budget, quiet: None }).await;
        let first = city.draft(Purpose::Notice, None).await;
        city.send(first, 30).await.unwrap();
        assert_eq!(city.begin(first).await, Status::Sending);
        let again = city.draft(Purpose::Notice, None).await;
        let known = Draft::from(&get(&city.sender, again).await.unwrap());
        let seen = check(&city.sender, &known).await.unwrap();
        assert_eq!(seen.over, 30, "what is on its way counts");
        assert!(seen.warnings.iter().any(|w| w.contains("7日に1通まで")), "{:?}", seen.warnings);
        let urgent = Draft { purpose: Purpose::Emergency, ..known };
        assert_eq!(check(&city.sender, &urgent).await.unwrap().over, 0);
        city.send(again, 30).await.unwrap();
        assert_eq!(city.begin(again).await, Status::Done);
        let figures = get(&city.sender, again).await.unwrap().figures;
        assert_eq!((figures.recipients, figures.withheld), (30, 30));
        let told = services::delivery::for_systems(&city.sender, again).await.unwrap();
        assert_eq!(told["reasons"]["fatigue"], 30);
        // Where no budget is set, the fourth of a week is warned of.
        set_gates(&city.platform.system(), Gates::default()).await.unwrap();
        for _ in 0..2 {
            let id = city.draft(Purpose::Notice, None).await;
            city.send(id, 30).await.unwrap();
            city.begin(id).await;
        }
        let known = Draft { purpose: Purpose::Notice, ..urgent };
        let seen = check(&city.sender, &known).await.unwrap();
        assert!(seen.warnings.iter().any(|w| w.contains("3通以上")), "{:?}", seen.warnings);
        assert_eq!(seen.over, 0);
        city.line.end().await;
    });
}

#[test]
fn a_striking_difference_wants_its_tick() {
    both(async |t| {
        let city = City::start(&t, 80, Gates::default()).await;
        let catalog = {
            crate::line::questions(&t).await;
            store::attribute::catalog(&t.ctx).await.unwrap()
        };
        let age = catalog.get("age").unwrap().id;
        let old = catalog.get("age").unwrap().choice("old").unwrap().id;
        t.sql(&format!(
            "INSERT INTO fact (choice_id, resident_id, attribute_id) SELECT {old}, id, {age} FROM resident WHERE id <= 5"
        ))
        .await;
        t.sql(&format!("UPDATE resident SET changed_at = {} WHERE id <= 5", NOON.0)).await;
        let few = Audience::Attribute { key: "age".into(), is: vec!["old".into()] };
        let first = city.draft(Purpose::Notice, None).await;
        let narrow =
            Draft { audience: Some(few), ..Draft::from(&get(&city.sender, first).await.unwrap()) };
        let seen = get(&city.sender, first).await.unwrap().updated_at;
        store::delivery::save(&city.sender, first, seen, &narrow).await.unwrap();
        city.send(first, 5).await.unwrap();
        assert_eq!(city.begin(first).await, Status::Sending);

        let wide = city.draft(Purpose::Notice, None).await;
        let known = Draft::from(&get(&city.sender, wide).await.unwrap());
        let seen = check(&city.sender, &known).await.unwrap();
        let compared = seen.compared.unwrap();
        assert!(compared.striking && compared.former.id == first, "{compared:?}");
        let refused = city.send(wide, 80).await;
        assert!(matches!(&refused, Err(Error::Invalid(p)) if p[0].at == "differs"), "{refused:?}");
        let refused = {
            let seen = get(&city.sender, wide).await.unwrap().updated_at;
            approval::request(&city.sender, wide, seen, 80, "").await
        };
        assert!(matches!(&refused, Err(Error::Invalid(p)) if p[0].at == "differs"), "{refused:?}");
        city.send(wide, Confirmed { differs: true, ..80.into() }).await.unwrap();
        assert_eq!(city.begin(wide).await, Status::Sending);
        // The next one to everyone is like the last; an emergency never waits for a tick.
        t.later(HOUR);
        let again = city.draft(Purpose::Notice, None).await;
        city.send(again, 80).await.unwrap();
        let emergency = city.draft(Purpose::Emergency, None).await;
        city.send(emergency, 80).await.unwrap();
        city.line.end().await;
    });
}

#[test]
fn the_nearest_delivery_to_the_same_people_is_named() {
    both(async |t| {
        let city = City::start(&t, 3, Gates::default()).await;
        let day = NOON.plus(DAY);
        let at = |minutes: i64| Some(day.plus(minutes * MINUTE));
        let own = city.draft(Purpose::Notice, at(0)).await;
        let known = Draft::from(&get(&city.sender, own).await.unwrap());
        let near = async |draft: &Draft| check(&city.sender, draft).await.unwrap().near;
        let reserved = async |minutes| {
            let id = city.draft(Purpose::Notice, at(minutes)).await;
            city.send(id, 3).await.unwrap();
            id
        };
        // More than an hour apart, or not reserved yet.
        reserved(-61).await;
        city.draft(Purpose::Notice, at(10)).await;
        assert_eq!(near(&known).await, None);
        let later = reserved(60).await;
        let found = near(&known).await.unwrap();
        assert_eq!((found.id, found.people, found.at), (later, 3, day.plus(HOUR)));
        let sooner = reserved(-30).await;
        assert_eq!(near(&known).await.unwrap().id, sooner);
        store::delivery::cancel(&city.sender, sooner).await.unwrap();
        assert_eq!(near(&known).await.unwrap().id, later);
        // What waits for the end of the quiet hours leaves then, and so does what waits with it.
        set_gates(&city.platform.system(), night()).await.unwrap();
        assert_eq!(near(&known).await.unwrap().at, day.plus(2 * HOUR));
        // Somebody else gets nothing of it, and without a time nothing is near.
        let nobody = Audience::Not(Box::new(Audience::Everyone));
        assert_eq!(near(&Draft { audience: Some(nobody), ..known.clone() }).await, None);
        assert_eq!(near(&Draft { send_at: Some(UNDECIDED), ..known }).await, None);
        city.line.end().await;
    });
}
