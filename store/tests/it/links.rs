//! Links that are drawn at the freeze, their taps, and the names under which LINE counts (SEG-8).

use crate::city::{facts, is, new_delivery, user};
use crate::support::{Test, both};
use domain::audience::{Audience, Resolved};
use domain::delivery::{Draft, Purpose};
use domain::id::DeliveryId;
use domain::insight::{NAMES_A_MONTH, Without, month};
use domain::link::{LIFE, Own, hour};
use domain::message::Part;
use domain::permission::Actor;
use domain::time::{DAY, HOUR, MINUTE, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use store::delivery::{
    Counted, Frozen, by_parts, cancel, create, create_test, draft, duplicate, freeze, retract, save,
};
use store::resident::{ImportRow, import};
use store::{Context, Error, insight, link, outbox};

/// The system, in a city that has an address.
pub fn system(t: &Test) -> Context {
    let own = Own { base: "https://city.example".into(), liff: "https://liff.line.me".into() };
    Context::system(t.ctx.store.clone().with_own(own), t.clock.clone(), t.random.clone())
}

fn parts() -> Vec<Part> {
    let text = |words: &str| Part::Text { text: words.into() };
    vec![
        text("https://a.example/x と https://b.example/y と https://liff.line.me/1-a"),
        text("もう一度 https://a.example/x"),
    ]
}

async fn frozen(ctx: &Context, parts: Vec<Part>, uncounted: &[&str]) -> DeliveryId {
    let uncounted = uncounted.iter().map(|&u| u.to_owned()).collect();
    let new = store_delivery(parts, uncounted);
    let id = create(ctx, &new, None).await.unwrap();
    assert!(freeze(ctx, id, Frozen::Audience(&Resolved::Everyone)).await.unwrap());
    id
}

fn store_delivery(parts: Vec<Part>, uncounted: Vec<String>) -> domain::delivery::NewDelivery {
    domain::delivery::NewDelivery {
        parts,
        uncounted,
        variants: vec![],
        ..new_delivery(Purpose::Notice, Audience::Everyone, None)
    }
}

#[test]
fn each_counted_link_of_each_part_gets_its_own_address() {
    both(async |t| {
        t.friends(1, 2).await;
        let ctx = system(&t);
        let one = frozen(&ctx, parts(), &["https://b.example/y"]).await;
        let other = frozen(&ctx, parts(), &[]).await;
        let links = link::of(&ctx, one).await.unwrap();
        let told: Vec<_> = links.iter().map(|l| (l.part, l.uri.as_str(), l.taps)).collect();
        assert_eq!(told, [(0, "https://a.example/x", 0), (1, "https://a.example/x", 0)]);
        assert_eq!(link::of(&ctx, other).await.unwrap().len(), 3);
        let all = link::of_each(&ctx, &[one, other]).await.unwrap();
        let short: BTreeSet<_> = all.values().flatten().map(|l| l.short.clone()).collect();
        assert_eq!((short.len(), link::drawn(&ctx).await.unwrap()), (5, 5));
        assert_eq!(links[0].until, ctx.now().plus(LIFE));
        let token = links[0].short.strip_prefix("https://city.example/r/").unwrap();
        let nobody = ctx.acting(Actor::Nobody);
        let target = link::target(&nobody, token).await.unwrap().unwrap();
        assert_eq!(target.uri, "https://a.example/x");
        assert_eq!(link::target(&nobody, "0000000").await.unwrap(), None);
        assert!(matches!(link::of(&nobody, one).await, Err(Error::Forbidden(_))));
        // Without an address of the city nothing is replaced.
        let plain = frozen(&t.ctx, parts(), &[]).await;
        assert!(link::of(&t.ctx, plain).await.unwrap().is_empty());
    });
}

#[test]
fn what_is_not_counted_goes_along_with_a_draft() {
    both(async |t| {
        let ctx = system(&t);
        let list = vec!["https://b.example/y".to_owned()];
        let id = draft(&ctx, Draft { parts: parts(), ..Draft::default() }).await.unwrap();
        assert!(t.get(id).await.uncounted.is_empty());
        let seen = t.get(id).await.updated_at;
        let with = Draft { parts: parts(), uncounted: list.clone(), ..Draft::default() };
        let seen = save(&ctx, id, seen, &with).await.unwrap();
        assert_eq!(t.get(id).await.uncounted, list);
        let copy = duplicate(&ctx, id).await.unwrap();
        assert_eq!(t.get(copy).await.uncounted, list);
        let test = create_test(&ctx, id, "試し送り", &parts(), None).await.unwrap();
        assert_eq!(t.get(test).await.uncounted, list);
        let without = Draft { uncounted: Vec::new(), ..with };
        save(&ctx, id, seen, &without).await.unwrap();
        assert!(t.get(id).await.uncounted.is_empty());
        assert_eq!(t.get(copy).await.uncounted, list);
    });
}

#[test]
fn a_correction_leaves_alone_what_was_not_counted() {
    both(async |t| {
        t.friends(1, 1).await;
        let ctx = system(&t);
        let wrong = frozen(&ctx, parts(), &["https://b.example/y"]).await;
        let right = retract(&ctx, wrong, "訂正", &parts(), &[], None).await.unwrap();
        assert_eq!(t.get(right).await.uncounted, ["https://b.example/y"]);
        assert!(freeze(&ctx, right, Frozen::Reached(wrong)).await.unwrap());
        let links = link::of(&ctx, right).await.unwrap();
        let told: Vec<_> = links.iter().map(|l| (l.part, l.uri.as_str())).collect();
        assert_eq!(told, [(0, "https://a.example/x"), (1, "https://a.example/x")]);
    });
}

#[test]
fn taps_add_up_by_link_and_hour() {
    both(async |t| {
        t.friends(1, 1).await;
        let ctx = system(&t);
        let id = frozen(&ctx, parts(), &[]).await;
        let mut ids = Vec::new();
        for l in link::of(&ctx, id).await.unwrap() {
            let token = l.short.rsplit('/').next().unwrap().to_owned();
            ids.push(link::target(&ctx, &token).await.unwrap().unwrap().id);
        }
        let now = hour(ctx.now());
        let first = BTreeMap::from([((ids[0], now), 3), ((ids[1], now), 1)]);
        link::add(&ctx, &first).await.unwrap();
        let many = BTreeMap::from([((ids[0], now), 200_000), ((ids[0], now + 1), 5)]);
        link::add(&ctx, &many).await.unwrap();
        link::add(&ctx, &BTreeMap::new()).await.unwrap();
        let taps: Vec<i64> = link::of(&ctx, id).await.unwrap().iter().map(|l| l.taps).collect();
        assert_eq!(taps, [200_008, 1, 0]);
        assert_eq!(link::by_hour(&ctx, id).await.unwrap(), [(now, 200_004), (now + 1, 5)]);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM link_hour").await, 3);
    });
}

#[test]
fn a_name_is_given_where_line_will_have_something_to_say() {
    both(async |t| {
        let ctx = system(&t);
        t.friends(1, 19).await;
        let few = frozen(&ctx, parts(), &[]).await;
        let of = async |id| insight::of(&ctx, id).await.unwrap().unwrap();
        assert_eq!((of(few).await.without, of(few).await.next_at), (Some(Without::Few), None));
        t.friends(100, 1).await;
        let enough = frozen(&ctx, parts(), &[]).await;
        assert_eq!(of(enough).await.next_at, Some(ctx.now().plus(HOUR)));
        let unit = insight::unit(&ctx, enough).await.unwrap().unwrap();
        assert!(unit.len() <= 30 && unit.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        assert_eq!(insight::unit(&ctx, few).await.unwrap(), None);
        let test = create_test(&ctx, few, "試し送り", &parts(), None).await.unwrap();
        freeze(&ctx, test, Frozen::Testers).await.unwrap();
        assert_eq!(of(test).await.without, Some(Without::Test));
        // By LINE's own list there is no name: it counts by the request.
        let broadcast = create(&ctx, &store_delivery(parts(), vec![]), None).await.unwrap();
        freeze(&ctx, broadcast, Frozen::Broadcast).await.unwrap();
        assert_eq!(insight::unit(&ctx, broadcast).await.unwrap(), None);
        assert_eq!(of(broadcast).await.without, None);
        let unknown = Counted { recipients: 0, unknown: 1, parts: vec![] };
        assert_eq!(by_parts(&ctx, &[vec![broadcast]], &[]).await.unwrap(), [unknown]);

        // The month's names come to an end, and the next month begins anew.
        let columns = "title, purpose, status, parts, created_at, updated_at, recipients, accepted, failed, withheld, to_testers, counted_by_line";
        t.sql(&format!("INSERT INTO delivery ({columns}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT 'x', 'notice', 'done', '[]', 0, 0, 0, 0, 0, 0, FALSE, FALSE FROM n", NAMES_A_MONTH - 1)).await;
        t.sql(&format!("INSERT INTO insight (delivery_id, unit, month) SELECT id, 'u' || CAST(id AS TEXT), {} FROM delivery WHERE title = 'x'", month(ctx.now()))).await;
        let late = frozen(&ctx, parts(), &[]).await;
        assert_eq!(of(late).await.without, Some(Without::Names));
        t.later(15 * DAY);
        let next = frozen(&ctx, parts(), &[]).await;
        assert_eq!(of(next).await.without, None);
    });
}

#[test]
fn line_is_not_asked_about_what_ended_before_it_took_anything() {
    both(async |t| {
        let ctx = system(&t);
        t.friends(1, 20).await;
        let [stopped, sent] = [frozen(&ctx, parts(), &[]).await, frozen(&ctx, parts(), &[]).await];
        t.sql(&format!("UPDATE delivery SET started_at = {} WHERE id = {sent}", ctx.now().0)).await;
        let of = async |id| {
            let reads = insight::of(&ctx, id).await.unwrap().unwrap();
            (reads.without, reads.next_at)
        };
        let soon = Some(ctx.now().plus(HOUR));
        assert_eq!(of(stopped).await, (None, soon));
        for id in [stopped, sent] {
            cancel(&ctx, id).await.unwrap();
            assert!(t.get(id).await.finished_at.is_some());
        }
        assert_eq!(of(stopped).await, (Some(Without::Unsent), None), "nothing is promised");
        assert_eq!(of(sent).await, (None, soon));
        assert_eq!(insight::askable(&ctx, stopped).await.unwrap(), None);
        t.later(HOUR);
        let due: Vec<_> =
            insight::due(&ctx, 10).await.unwrap().iter().map(|asked| asked.delivery).collect();
        assert_eq!(due, [sent]);
    });
}

#[test]
fn line_is_asked_when_it_is_time_and_never_too_often() {
    both(async |t| {
        let ctx = system(&t);
        t.friends(1, 20).await;
        let id = frozen(&ctx, parts(), &[]).await;
        assert!(insight::due(&ctx, 10).await.unwrap().is_empty());
        t.later(HOUR);
        let asked = insight::due(&ctx, 10).await.unwrap().remove(0);
        assert_eq!((asked.delivery, asked.sent), (id, None), "nothing has left yet");
        t.sql(&format!("UPDATE delivery SET started_at = {}", ctx.now().0)).await;
        let asked = insight::due(&ctx, 10).await.unwrap().remove(0);
        insight::taken(&ctx, &asked, Some(20), None).await.unwrap();
        let reads = insight::of(&ctx, id).await.unwrap().unwrap();
        assert_eq!(
            (reads.readers, reads.clickers, reads.taken_at),
            (Some(20), None, Some(ctx.now()))
        );
        assert_eq!(reads.next_at, Some(ctx.now().plus(HOUR)));
        assert!(insight::due(&ctx, 10).await.unwrap().is_empty());
        insight::later(&ctx, id, Some(ctx.now().plus(MINUTE))).await.unwrap();
        t.later(MINUTE);
        assert_eq!(insight::due(&ctx, 10).await.unwrap().len(), 1);
        t.later(20 * DAY);
        let asked = insight::askable(&ctx, id).await.unwrap().unwrap();
        insight::taken(&ctx, &asked, None, None).await.unwrap();
        assert_eq!(insight::of(&ctx, id).await.unwrap().unwrap().next_at, None, "it is over");
        let mut slots = 0;
        while insight::slot(&ctx).await.unwrap() {
            slots += 1;
        }
        assert_eq!(slots, 30);
        assert!(matches!(
            insight::askable(&ctx.acting(Actor::Nobody), id).await,
            Err(Error::Forbidden(_))
        ));
    });
}

#[test]
fn recipients_are_counted_by_part_on_their_way_and_afterwards() {
    both(async |t| {
        let catalog = t.city().await;
        let rows = (1..=6)
            .map(|n| {
                let home = ["east1", "east2", "west"][n as usize % 3];
                ImportRow { user: user(n), facts: facts(&catalog, &[("home", &[home])]) }
            })
            .collect();
        import(&t.ctx, rows).await.unwrap();
        t.friends(10, 1).await;
        let home = catalog.get("home").unwrap();
        let chose = |keys: &[&str]| {
            Resolved::Chose(keys.iter().map(|key| home.choice(key).unwrap().id).collect())
        };
        let nothing = Resolved::Not(Box::new(Resolved::answered(home)));
        let parts = [chose(&["east", "east1", "east2"]), chose(&["west"]), chose(&[]), nothing];
        let counted =
            async |groups: &[Vec<DeliveryId>]| by_parts(&t.ctx, groups, &parts).await.unwrap();
        let waits = t.delivery(Purpose::Notice, Audience::Everyone).await;
        let unknown = Counted { recipients: 0, unknown: 1, parts: vec![0; 4] };
        assert_eq!(counted(&[vec![waits]]).await, [unknown]);
        let sent = t.frozen(Purpose::Notice, is("home", &["east"])).await;
        let east = [Counted { recipients: 4, unknown: 0, parts: vec![4, 0, 0, 0] }];
        assert_eq!(counted(&[vec![sent]]).await, east);
        // One leaves before the first call: withheld, and still one of those who were meant.
        store::resident::unfollow(&t.ctx, &user(1), t.ctx.now()).await.unwrap();
        let calls = outbox::claim(&t.ctx, "w", 10).await.unwrap();
        assert_eq!(calls.iter().map(|c| c.count).sum::<i64>(), 3);
        assert_eq!(counted(&[vec![sent]]).await, east);
        let settled: Vec<_> = calls
            .into_iter()
            .map(|call| outbox::Settled {
                call,
                next: domain::delivery::call::Next::Accept,
                request_id: None,
                error: None,
            })
            .collect();
        outbox::settle(&t.ctx, "w", &settled).await.unwrap();
        outbox::finish_bitmaps(&t.ctx, sent).await.unwrap();
        assert_eq!(counted(&[vec![sent]]).await, east);
        // Together with one that is on its way: who got both counts twice, and nobody is lost.
        let all = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let both = Counted { recipients: 10, unknown: 1, parts: vec![7, 2, 0, 1] };
        let none = Counted { recipients: 0, unknown: 0, parts: vec![0; 4] };
        assert_eq!(counted(&[vec![all, waits, sent], vec![]]).await, [both, none]);
        let nobody = by_parts(&t.acting(Actor::Nobody), &[vec![sent]], &parts).await;
        assert!(matches!(nobody, Err(Error::Forbidden(_))));
    });
}

#[test]
fn an_hour_is_an_hour() {
    assert_eq!(hour(Timestamp(HOUR * 7 + 1)), 7);
    assert_eq!(hour(Timestamp(HOUR * 7 - 1)), 6);
}
