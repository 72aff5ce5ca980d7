//! Imported lists, who got a delivery and whom it failed to reach, on both databases.

use crate::city::{facts, is, line_id, new_delivery, user, value};
use crate::settling::{figures, leased, settled, sum};
use crate::support::{Test, both};
use domain::attribute::{Value, fold};
use domain::audience::{Among, Audience, Resolved, Unaskable};
use domain::delivery::call::Next;
use domain::delivery::{Draft, Purpose, Reason, Status};
use domain::id::{AttributeId, DeliveryId, MenuId, ResidentId, RosterId};
use domain::menu::program::{Period, Prepared, Variant};
use domain::menu::{Disaster, Program};
use domain::permission::{Actor, Role};
use domain::steps::{Anchor, Content};
use domain::time::SECOND;
use std::collections::BTreeSet;
use store::audience::{askable, count, count_rows, known};
use store::delivery::{self, Frozen, again, freeze, outlook, reasons, resend};
use store::menu::save_program;
use store::outbox::finish_bitmaps;
use store::resident::{ImportRow, import, unfollow};
use store::roster::{self, Found};
use store::{Clock, Error, audience, steps};

fn found(residents: &[ResidentId]) -> Found {
    Found { by: "番号".into(), lines: 9, residents: residents.to_vec() }
}

fn among(what: Among, id: i64) -> Resolved {
    Resolved::Among(what, id)
}

/// Sends what waits: of each call those at `failed` fail, the others are accepted.
async fn through(t: &Test, id: DeliveryId, failed: &[usize]) {
    for call in leased(t, "w").await {
        let next = if failed.is_empty() { Next::Accept } else { Next::Without(failed.to_vec()) };
        settled(t, &call, next).await;
    }
    for call in leased(t, "w").await {
        settled(t, &call, Next::Accept).await;
    }
    finish_bitmaps(&t.ctx, id).await.unwrap();
    t.adds_up(id).await;
}

#[test]
fn a_list_is_kept_replaced_renamed_and_deleted() {
    both(async |t| {
        let ids = t.friends(0, 4).await;
        let (staff, ctx) = t.staff("1", Role::Sender, "福祉課").await;
        let list = roster::create(&ctx, " 給付の対象 ", &found(&ids[..3])).await.unwrap();
        let row = roster::get(&ctx, list).await.unwrap();
        assert_eq!(
            (row.name.as_str(), row.department.as_str(), row.found_by.as_str()),
            ("給付の対象", "福祉課", "番号")
        );
        assert_eq!((row.lines, row.count, row.friends, row.may_write), (9, 3, 3, true));
        assert_eq!(row.imported_at, t.clock.now());

        // Who blocks us leaves the friends, not the list; who comes back is in it again.
        t.later(SECOND);
        unfollow(&t.ctx, &user(0), t.clock.now()).await.unwrap();
        let row = roster::get(&ctx, list).await.unwrap();
        assert_eq!((row.count, row.friends), (3, 2));
        let of_it = among(Among::List, list.0);
        assert_eq!(count_rows(&t.ctx, &of_it).await.unwrap(), 2);

        t.later(SECOND);
        roster::replace(&ctx, list, row.updated_at, &found(&ids[3..])).await.unwrap();
        assert_eq!(count(&t.ctx, &of_it).await.unwrap(), 1);
        assert_eq!(count_rows(&t.ctx, &of_it).await.unwrap(), 1);
        let lost = roster::replace(&ctx, list, row.updated_at, &found(&ids)).await;
        assert!(matches!(lost, Err(Error::Conflict(_))), "{lost:?}");
        let lost = roster::rename(&ctx, list, row.updated_at, "ほか").await;
        assert!(matches!(lost, Err(Error::Conflict(_))), "{lost:?}");
        let row = roster::get(&ctx, list).await.unwrap();
        let empty = roster::rename(&ctx, list, row.updated_at, " ").await;
        assert!(matches!(empty, Err(Error::Invalid(_))), "{empty:?}");
        roster::rename(&ctx, list, row.updated_at, "給付2").await.unwrap();
        let (rows, total) = roster::list(&ctx, "給付", 0, 10).await.unwrap();
        assert_eq!((rows[0].name.as_str(), total), ("給付2", 1));
        assert_eq!(roster::list(&ctx, "%", 0, 10).await.unwrap().1, 0);

        // Another department sees it and does not touch it; an administrator may.
        let (_, other) = t.staff("2", Role::Sender, "防災課").await;
        assert!(!roster::get(&other, list).await.unwrap().may_write);
        let row = roster::get(&ctx, list).await.unwrap();
        let refused = roster::replace(&other, list, row.updated_at, &found(&ids)).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        assert!(matches!(roster::delete(&other, list).await, Err(Error::Forbidden(_))));
        let (_, editor) = t.staff("3", Role::Editor, "福祉課").await;
        assert!(matches!(roster::delete(&editor, list).await, Err(Error::Forbidden(_))));
        roster::delete(&ctx, list).await.unwrap();
        assert!(matches!(roster::get(&ctx, list).await, Err(Error::NotFound)));
        // Nobody is found by what is gone, nor everybody by its contrary.
        for gone in [of_it.clone(), Resolved::Not(Box::new(of_it))] {
            assert!(matches!(count(&t.ctx, &gone).await, Err(Error::Conflict(_))));
            assert!(matches!(count_rows(&t.ctx, &gone).await, Err(Error::Conflict(_))));
            let id = t.delivery(Purpose::Notice, Audience::Everyone).await;
            assert!(freeze(&t.ctx, id, Frozen::Audience(&gone)).await.is_err());
            assert_eq!(t.get(id).await.status, Status::Scheduled);
        }
        let acts = "SELECT COUNT(*) AS n FROM ledger WHERE act IN ('list.import', 'list.update', 'list.delete')";
        assert_eq!(t.number(acts).await, 4);
        assert!(staff.0 > 0);
    });
}

#[test]
fn a_list_that_is_used_stays() {
    both(async |t| {
        let ids = t.friends(0, 2).await;
        let list = roster::create(&t.ctx, "消防団", &found(&ids)).await.unwrap();
        let other = roster::create(&t.ctx, "ほか", &found(&ids)).await.unwrap();
        let uses = Audience::Not(Box::new(Audience::All(vec![Audience::Among {
            what: Among::List,
            id: Some(list.0),
        }])));
        let saved = audience::create(&t.ctx, "消防団のほか", &uses).await.unwrap();
        let scheduled = t.delivery(Purpose::Notice, uses).await;
        assert_eq!(
            roster::uses(&t.ctx, list).await.unwrap(),
            [
                ("消防団のほか".to_owned(), format!("/console/audiences/{saved}")),
                ("断水のお知らせ".to_owned(), format!("/console/deliveries/{scheduled}")),
            ]
        );
        assert!(roster::uses(&t.ctx, other).await.unwrap().is_empty());
        match roster::delete(&t.ctx, list).await {
            Err(Error::Conflict(why)) => assert!(why.contains("消防団のほか"), "{why}"),
            other => panic!("{other:?}"),
        }
        audience::delete(&t.ctx, saved).await.unwrap();
        delivery::cancel(&t.ctx, scheduled).await.unwrap();
        roster::delete(&t.ctx, list).await.unwrap();
    });
}

#[test]
fn a_list_that_a_course_or_a_menu_goes_by_stays() {
    both(async |t| {
        let ids = t.friends(0, 2).await;
        let list = roster::create(&t.ctx, "消防団", &found(&ids)).await.unwrap();
        let of_it = Audience::Among { what: Among::List, id: Some(list.0) };
        let content =
            Content { anchor: Anchor::Friend, audience: Some(of_it.clone()), ..Content::default() };
        let course = steps::create(&t.ctx, "入団の案内", &content).await.unwrap();
        let variant = Variant {
            name: "団員".into(),
            audience: of_it,
            menu: MenuId(1),
            period: Period::default(),
        };
        let program = Program {
            variants: vec![variant.clone()],
            emergencies: vec![Prepared {
                disaster: Disaster::Earthquake,
                menu: MenuId(1),
                variants: vec![Variant { name: "出動".into(), ..variant }],
            }],
            ..Program::new(MenuId(1))
        };
        let seen = save_program(&t.ctx, 0, &program).await.unwrap();
        let menus = "/console/menus/program".to_owned();
        assert_eq!(
            roster::uses(&t.ctx, list).await.unwrap(),
            [
                ("入団の案内".to_owned(), format!("/console/deliveries/steps/{course}")),
                ("メニューの出し分け：団員".to_owned(), menus.clone()),
                ("緊急メニュー（地震）の出し分け：出動".to_owned(), menus),
            ]
        );
        for (name, away) in [("入団の案内", true), ("団員", false)] {
            match roster::delete(&t.ctx, list).await {
                Err(Error::Conflict(why)) => assert!(why.contains(name), "{why}"),
                other => panic!("{other:?}"),
            }
            if away {
                steps::delete(&t.ctx, course).await.unwrap();
            }
        }
        save_program(&t.ctx, seen, &Program::new(MenuId(1))).await.unwrap();
        roster::delete(&t.ctx, list).await.unwrap();
    });
}

#[test]
fn a_delivery_to_a_list_reaches_exactly_those() {
    both(async |t| {
        let city = t.city().await;
        let ids = t.friends(0, 1_300).await;
        let rows = (0..700)
            .step_by(2)
            .map(|n| ImportRow { user: user(n), facts: facts(&city, &[("home", &["west"])]) });
        import(&t.ctx, rows.collect()).await.unwrap();
        let list = roster::create(&t.ctx, "名簿", &found(&ids[100..1_200])).await.unwrap();
        let west = t.resolve(&is("home", &["west"])).await;
        let who = Resolved::All(vec![among(Among::List, list.0), Resolved::Not(Box::new(west))]);
        assert_eq!(count(&t.ctx, &who).await.unwrap(), 800);
        let id = delivery::create(
            &t.ctx,
            &new_delivery(Purpose::Notice, Audience::Everyone, None),
            None,
        )
        .await
        .unwrap();
        assert!(freeze(&t.ctx, id, Frozen::Audience(&who)).await.unwrap());
        let mut to = BTreeSet::new();
        for call in leased(&t, "w").await {
            to.extend(call.to.iter().map(|r| r.id));
        }
        let expected: BTreeSet<ResidentId> =
            (100..1_200).filter(|n| *n >= 700 || n % 2 == 1).map(|n| ids[n]).collect();
        assert_eq!(to, expected);
        // Frozen again on the same connection: nothing of the former set is left.
        let second = roster::create(&t.ctx, "2", &found(&ids[..3])).await.unwrap();
        let id = t.delivery(Purpose::Notice, Audience::Everyone).await;
        let two = among(Among::List, second.0);
        assert!(freeze(&t.ctx, id, Frozen::Audience(&two)).await.unwrap());
        assert_eq!(t.get(id).await.figures.recipients, 3);
    });
}

#[test]
fn two_hundred_thousand_are_laid_and_counted() {
    both(async |t| {
        let ids = t.friends(0, 3).await;
        // Numbers far beyond those who are there: a list outlives whom it names.
        let mut many: Vec<ResidentId> = (1_000..200_998).map(ResidentId).collect();
        many.extend([ids[0], ids[2]]);
        let list = roster::create(&t.ctx, "20万人", &found(&many)).await.unwrap();
        assert_eq!(roster::get(&t.ctx, list).await.unwrap().count, 200_000);
        let who = among(Among::List, list.0);
        assert_eq!(count(&t.ctx, &who).await.unwrap(), 2);
        assert_eq!(count_rows(&t.ctx, &who).await.unwrap(), 2);
        assert_eq!(count_rows(&t.ctx, &Resolved::Not(Box::new(who))).await.unwrap(), 1);
    });
}

#[test]
fn who_received_is_known_while_it_runs_and_afterwards() {
    both(async |t| {
        let ids = t.friends(0, 700).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let (received, failed) = (among(Among::Received, id.0), among(Among::Failed, id.0));
        let not = Resolved::Not(Box::new(received.clone()));
        assert_eq!(count(&t.ctx, &received).await.unwrap(), 0);
        let calls = leased(&t, "w").await;
        settled(&t, &calls[0], Next::Accept).await;
        for of in [count(&t.ctx, &received).await, count_rows(&t.ctx, &received).await] {
            assert_eq!(of.unwrap(), 500, "on its way");
        }
        assert_eq!(count(&t.ctx, &not).await.unwrap(), 200);
        settled(&t, &calls[1], Next::Without(vec![0, 5])).await;
        let rest = leased(&t, "w").await.remove(0);
        settled(&t, &rest, Next::Accept).await;
        assert_eq!(count(&t.ctx, &received).await.unwrap(), 698, "before the outcome is written");
        finish_bitmaps(&t.ctx, id).await.unwrap();
        for who in [&received, &failed, &not] {
            let n = count(&t.ctx, who).await.unwrap();
            assert_eq!(n, if *who == received { 698 } else { 2 });
            assert_eq!(count_rows(&t.ctx, who).await.unwrap(), n);
        }
        // Who was not there then has not received it.
        t.friends(700, 1).await;
        assert_eq!(count(&t.ctx, &not).await.unwrap(), 3);
        assert_eq!(count_rows(&t.ctx, &not).await.unwrap(), 3);
        assert_eq!(ids.len(), 700);
    });
}

#[test]
fn what_can_be_asked_for_is_found_and_the_rest_says_why() {
    both(async |t| {
        t.friends(0, 3).await;
        let done = t.frozen(Purpose::Notice, Audience::Everyone).await;
        through(&t, done, &[1]).await;
        let fine = t.frozen(Purpose::Notice, Audience::Everyone).await;
        through(&t, fine, &[]).await;
        let coming = t.delivery(Purpose::Notice, Audience::Everyone).await;
        let by_line = t.delivery(Purpose::Notice, Audience::Everyone).await;
        assert!(freeze(&t.ctx, by_line, Frozen::Broadcast).await.unwrap());
        let test = delivery::create_test(&t.ctx, done, "試し送り", &[], None).await.unwrap();
        let list = roster::create(&t.ctx, "名簿", &Found::default()).await.unwrap();
        let ids = async |what, q: &str| -> Vec<i64> {
            askable(&t.ctx, what, q).await.unwrap().into_iter().map(|k| k.id).collect()
        };
        assert_eq!(ids(Among::Received, "").await, [fine.0, done.0]);
        assert_eq!(ids(Among::Received, "断水").await, [fine.0, done.0]);
        assert!(ids(Among::Received, "ない").await.is_empty());
        assert_eq!(ids(Among::Failed, "").await, [done.0]);
        assert_eq!(ids(Among::List, "名").await, [list.0]);
        let asked = [done, coming, by_line, test].map(|d| (Among::Received, d.0));
        let asked = asked.into_iter().chain([(Among::List, 999)]).collect();
        let known = known(&t.ctx, &asked).await.unwrap();
        let why: Vec<(i64, Option<Unaskable>)> =
            known.iter().map(|k| (k.id, k.unaskable)).collect();
        assert_eq!(
            why,
            [
                (done.0, None),
                (coming.0, Some(Unaskable::NotBegun)),
                (by_line.0, Some(Unaskable::ByLine)),
            ]
        );
        assert_eq!((known[0].count, known[0].name.as_str()), (2, "断水のお知らせ"));
        for what in [Among::Received, Among::Failed] {
            let nobody_tells = among(what, by_line.0);
            assert!(matches!(count(&t.ctx, &nobody_tells).await, Err(Error::Conflict(_))));
        }
    });
}

#[test]
fn a_resend_goes_to_exactly_the_failed() {
    both(async |t| {
        let ids = t.friends(0, 5).await;
        let (_, ctx) = t.staff("1", Role::Editor, "防災課").await;
        let id = t.frozen(Purpose::Drill, Audience::Everyone).await;
        let early = resend(&t.ctx, id).await;
        assert!(matches!(early, Err(Error::Conflict(_))), "{early:?}");
        // A call has its residents in the order of their numbers.
        let mut order = ids.clone();
        order.sort_unstable();
        let failed = [1, 2, 4].map(|n: usize| order.iter().position(|r| *r == ids[n]).unwrap());
        through(&t, id, &failed).await;
        assert_eq!(figures(&t, id).await, sum(5, 2, 3, 0));
        // One of them blocks us afterwards.
        t.later(SECOND);
        unfollow(&t.ctx, &user(2), t.clock.now()).await.unwrap();
        let who = outlook(&t.ctx, id).await.unwrap();
        assert_eq!((who.friends, who.reached, who.gone, who.in_doubt), (2, 0, 1, 0));
        assert_eq!(who.reasons, [(Reason::RefusedId, 3)]);
        let draft = resend(&ctx, id).await.unwrap();
        let (d, former) = (t.get(draft).await, t.get(id).await);
        assert_eq!((d.title.as_str(), d.status), ("『断水のお知らせ』の再送", Status::Draft));
        assert_eq!((d.purpose, &d.parts), (former.purpose, &former.parts));
        assert_eq!(d.audience, Some(Audience::Among { what: Among::Failed, id: Some(id.0) }));
        let (back, forth) = (again(&t.ctx, draft).await.unwrap(), again(&t.ctx, id).await.unwrap());
        assert_eq!(back.of.map(|l| (l.id, l.title)), Some((id, former.title.clone())));
        assert_eq!(
            forth.by.iter().map(|l| (l.id, l.status)).collect::<Vec<_>>(),
            [(draft, Status::Draft)]
        );
        assert!(back.by.is_empty() && forth.of.is_none());

        delivery::schedule(&t.ctx, draft, d.updated_at, None).await.unwrap();
        let resolved = among(Among::Failed, id.0);
        assert!(freeze(&t.ctx, draft, Frozen::Audience(&resolved)).await.unwrap());
        let call = leased(&t, "w").await.remove(0);
        let to: Vec<ResidentId> = call.to.iter().map(|r| r.id).collect();
        let mut reached = [ids[1], ids[4]];
        reached.sort_unstable();
        assert_eq!(to, reached);
        settled(&t, &call, Next::Accept).await;
        finish_bitmaps(&t.ctx, draft).await.unwrap();
        // What was sent again did not fail: there is nobody for a third time.
        let none = resend(&t.ctx, draft).await;
        assert!(matches!(none, Err(Error::Conflict(_))), "{none:?}");
        assert_eq!(reasons(&t.ctx, draft).await.unwrap(), []);
        let (_, other) = t.staff("2", Role::Editor, "福祉課").await;
        let theirs = delivery::draft(&ctx, Draft::default()).await.unwrap();
        assert!(matches!(resend(&other, theirs).await, Err(Error::Forbidden(_))));
    });
}

/// Whom a resend of it would reach, whom one has reached, who is gone, and who is in doubt.
async fn left(t: &Test, id: DeliveryId) -> (i64, i64, i64, i64) {
    let who = outlook(&t.ctx, id).await.unwrap();
    (who.friends, who.reached, who.gone, who.in_doubt)
}

/// Fixes whom a resend of `of` reaches: the failed, but whom those of `since` have reached.
async fn resent(t: &Test, id: DeliveryId, of: DeliveryId, since: &[DeliveryId]) {
    let received = |id: &DeliveryId| Audience::Among { what: Among::Received, id: Some(id.0) };
    let failed = Audience::Among { what: Among::Failed, id: Some(of.0) };
    let without = Audience::Not(Box::new(Audience::Any(since.iter().map(received).collect())));
    let d = t.get(id).await;
    assert_eq!(d.audience, Some(Audience::All(vec![failed, without])));
    let received = since.iter().map(|id| among(Among::Received, id.0)).collect();
    let without = Resolved::Not(Box::new(Resolved::Any(received)));
    let who = Resolved::All(vec![among(Among::Failed, of.0), without]);
    delivery::schedule(&t.ctx, id, d.updated_at, None).await.unwrap();
    assert!(freeze(&t.ctx, id, Frozen::Audience(&who)).await.unwrap());
}

/// The same of a draft that leaves out nobody.
async fn to_failed(t: &Test, id: DeliveryId, of: DeliveryId) {
    delivery::schedule(&t.ctx, id, t.get(id).await.updated_at, None).await.unwrap();
    let failed = among(Among::Failed, of.0);
    assert!(freeze(&t.ctx, id, Frozen::Audience(&failed)).await.unwrap());
}

/// Makes a draft one to everyone, and schedules it.
async fn to_everyone(t: &Test, id: DeliveryId) {
    let former = t.get(id).await;
    let everyone = Draft { audience: Some(Audience::Everyone), ..Draft::from(&former) };
    let seen = delivery::save(&t.ctx, id, former.updated_at, &everyone).await.unwrap();
    delivery::schedule(&t.ctx, id, seen, None).await.unwrap();
}

#[test]
fn nobody_gets_a_resend_twice_and_nobody_is_left_without() {
    both(async |t| {
        t.friends(0, 5).await;
        let id = t.frozen(Purpose::Drill, Audience::Everyone).await;
        through(&t, id, &[0, 1, 2]).await;
        // Of two who press at the same time one makes a draft, and while it is open nobody else.
        let other = t.reopened(&[1]).await;
        let made = tokio::join!(resend(&t.ctx, id), resend(&other, id));
        other.store.close().await;
        let (first, refused) = match made {
            (Ok(draft), Err(error)) | (Err(error), Ok(draft)) => (draft, error),
            both => panic!("{both:?}"),
        };
        assert!(matches!(refused, Error::Conflict(_)), "{refused:?}");
        let open = outlook(&t.ctx, id).await;
        assert!(matches!(open, Err(Error::Conflict(_))), "{open:?}");
        // Nobody has got what was deleted, nor what was stopped before it left.
        delivery::delete(&t.ctx, first).await.unwrap();
        let stopped = resend(&t.ctx, id).await.unwrap();
        to_failed(&t, stopped, id).await;
        delivery::cancel(&t.ctx, stopped).await.unwrap();
        assert_eq!(left(&t, id).await, (3, 0, 0, 0));

        // The second fails for one, who alone is left: of the second as of the first.
        let second = resend(&t.ctx, id).await.unwrap();
        resent(&t, second, id, &[stopped]).await;
        through(&t, second, &[0]).await;
        assert_eq!(figures(&t, second).await, sum(3, 2, 1, 0));
        assert_eq!(left(&t, id).await, (1, 2, 0, 0));
        assert_eq!(left(&t, second).await, (1, 0, 0, 0));
        let third = resend(&t.ctx, second).await.unwrap();
        let again = resend(&t.ctx, id).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "the same one: {again:?}");
        delivery::delete(&t.ctx, third).await.unwrap();
        let third = resend(&t.ctx, id).await.unwrap();
        resent(&t, third, id, &[stopped, second]).await;
        let call = leased(&t, "w").await.remove(0);
        assert_eq!(call.to.len(), 1);
        // LINE does not say whether it took this one.
        settled(&t, &call, Next::Fail(Reason::Unknown)).await;
        finish_bitmaps(&t.ctx, third).await.unwrap();
        for (of, reached) in [(id, 2), (second, 0), (third, 0)] {
            assert_eq!(left(&t, of).await, (1, reached, 0, 1));
        }

        // Whoever has got it by a resend of a resend does not get it by any other.
        let last = resend(&t.ctx, second).await.unwrap();
        resent(&t, last, second, &[stopped, third]).await;
        through(&t, last, &[]).await;
        for (of, reached) in [(id, 3), (second, 1), (third, 1)] {
            assert_eq!(left(&t, of).await, (0, reached, 0, 0));
            let nobody = resend(&t.ctx, of).await;
            assert!(matches!(nobody, Err(Error::Conflict(_))), "{nobody:?}");
        }
    });
}

#[test]
fn a_copy_of_a_resend_that_was_called_off_is_one_itself() {
    both(async |t| {
        t.friends(0, 5).await;
        let id = t.frozen(Purpose::Drill, Audience::Everyone).await;
        through(&t, id, &[0, 1, 2]).await;
        let sends_again =
            async |copy: DeliveryId| again(&t.ctx, copy).await.unwrap().of.map(|of| of.id);
        let off = resend(&t.ctx, id).await.unwrap();
        to_failed(&t, off, id).await;
        delivery::cancel(&t.ctx, off).await.unwrap();
        let copy = delivery::duplicate(&t.ctx, off).await.unwrap();
        assert_eq!(sends_again(copy).await, Some(id));
        assert_eq!(t.get(copy).await.title, t.get(off).await.title);
        // While it is open no other is made, neither way.
        for other in [resend(&t.ctx, id).await, delivery::duplicate(&t.ctx, off).await] {
            assert!(matches!(other, Err(Error::Conflict(_))), "{other:?}");
        }
        resent(&t, copy, id, &[off]).await;
        through(&t, copy, &[0]).await;
        assert_eq!(left(&t, id).await, (1, 2, 0, 0));

        // The next copy leaves out whom the first has reached, and so does a copy of that one.
        let next = delivery::duplicate(&t.ctx, off).await.unwrap();
        resent(&t, next, id, &[off, copy]).await;
        delivery::cancel(&t.ctx, next).await.unwrap();
        let last = delivery::duplicate(&t.ctx, next).await.unwrap();
        assert_eq!(sends_again(last).await, Some(id));
        resent(&t, last, id, &[off, copy, next]).await;
        delivery::cancel(&t.ctx, last).await.unwrap();

        // Who may not send the first again does not make a copy of its resend.
        let (staff, _) = t.staff("1", Role::Editor, "防災課").await;
        let (_, other) = t.staff("2", Role::Editor, "福祉課").await;
        let theirs = format!("(SELECT department_id FROM staff WHERE id = {staff})");
        t.sql(&format!("UPDATE delivery SET department_id = {theirs} WHERE id = {id}")).await;
        let refused = delivery::duplicate(&other, last).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");

        // A draft that was deleted is one again, with what was written in it.
        let draft = resend(&t.ctx, id).await.unwrap();
        let mut written = Draft::from(&t.get(draft).await);
        written.title = "もう一度".into();
        delivery::delete(&t.ctx, draft).await.unwrap();
        let back = delivery::restore(&t.ctx, id, written.clone()).await.unwrap();
        assert_eq!(sends_again(back).await, Some(id));
        assert_eq!(Draft::from(&t.get(back).await), written);
        // While it is open another comes back without its people, and one for others as it was.
        let nobody = delivery::restore(&t.ctx, id, written.clone()).await.unwrap();
        assert_eq!(sends_again(nobody).await, None);
        assert_eq!(t.get(nobody).await.audience, None);
        assert_eq!(t.get(nobody).await.parts, written.parts);
        let theirs = Draft { audience: Some(Audience::Everyone), ..written };
        let ordinary = delivery::restore(&t.ctx, id, theirs.clone()).await.unwrap();
        assert_eq!(sends_again(ordinary).await, None);
        assert_eq!(Draft::from(&t.get(ordinary).await), theirs);
        delivery::delete(&t.ctx, back).await.unwrap();

        // What was sent, and what somebody made one for other people, is copied as it is.
        let sent = delivery::duplicate(&t.ctx, copy).await.unwrap();
        assert_eq!(sends_again(sent).await, None);
        assert_eq!(t.get(sent).await.audience, t.get(copy).await.audience);
        let edited = resend(&t.ctx, id).await.unwrap();
        to_everyone(&t, edited).await;
        delivery::cancel(&t.ctx, edited).await.unwrap();
        let edited = delivery::duplicate(&t.ctx, edited).await.unwrap();
        assert_eq!(sends_again(edited).await, None);
        assert_eq!(t.get(edited).await.audience, Some(Audience::Everyone));
    });
}

#[test]
fn whom_any_other_resend_has_reached_is_left_out() {
    both(async |t| {
        t.friends(0, 5).await;
        let id = t.frozen(Purpose::Drill, Audience::Everyone).await;
        through(&t, id, &[0, 1, 2]).await;
        // Two of the same delivery, as a former release let them be made.
        let first = resend(&t.ctx, id).await.unwrap();
        let second = t.delivery(Purpose::Drill, Audience::Everyone).await;
        t.sql(&format!("UPDATE delivery SET resends = {id} WHERE id = {second}")).await;
        let failed = among(Among::Failed, id.0);
        assert!(freeze(&t.ctx, second, Frozen::Audience(&failed)).await.unwrap());
        through(&t, second, &[0, 1]).await;
        let open = outlook(&t.ctx, second).await;
        assert!(matches!(open, Err(Error::Conflict(_))), "the first: {open:?}");
        to_failed(&t, first, id).await;
        through(&t, first, &[0, 2]).await;
        assert_eq!(left(&t, second).await, (1, 1, 0, 0));

        // Of what LINE sent to its own list nobody can say whom it has reached, unless it was
        // stopped before.
        let by_line = async || {
            let draft = resend(&t.ctx, second).await.unwrap();
            to_everyone(&t, draft).await;
            assert!(freeze(&t.ctx, draft, Frozen::Broadcast).await.unwrap());
            draft
        };
        delivery::cancel(&t.ctx, by_line().await).await.unwrap();
        assert_eq!(left(&t, second).await, (1, 1, 0, 0));
        by_line().await;
        let call = leased(&t, "w").await.remove(0);
        assert!(settled(&t, &call, Next::Accept).await);
        for nobody_knows in [outlook(&t.ctx, id).await, outlook(&t.ctx, second).await] {
            assert!(
                matches!(&nobody_knows, Err(Error::Conflict(words)) if words.contains("友だち全員")),
                "{nobody_knows:?}"
            );
        }
    });
}

#[test]
fn lines_find_residents_by_user_id_and_by_text() {
    both(async |t| {
        t.city().await;
        let city = t.other_kinds().await;
        let ids = t.friends(0, 3).await;
        let pet = city.get("pet").unwrap().id;
        let rows = [(0, "Ａ-１"), (1, "a-2"), (2, "A-2")].map(|(n, text)| ImportRow {
            user: user(n),
            facts: vec![value(&city, "pet", Value::Text(text.into()))],
        });
        import(&t.ctx, rows.into()).await.unwrap();
        t.later(SECOND);
        unfollow(&t.ctx, &user(2), t.clock.now()).await.unwrap();
        let users: Vec<_> = (0..1_200).map(user).collect();
        let by_users = roster::by_users(&t.ctx, &users).await.unwrap();
        assert_eq!(by_users.len(), 1_200);
        assert_eq!(
            by_users[..3],
            [Some((ids[0], true)), Some((ids[1], true)), Some((ids[2], false))]
        );
        assert!(by_users[3..].iter().all(Option::is_none));
        assert!(line_id(&users[0]).starts_with('U'));
        let texts = ["a-1", "a-2", "ない"].map(fold).to_vec();
        let by_texts = roster::by_texts(&t.ctx, pet, texts).await.unwrap();
        assert_eq!(by_texts.len(), 2);
        assert_eq!(by_texts[&fold("a-1")], [(ids[0], true)]);
        let mut both = [(ids[1], true), (ids[2], false)];
        both.sort_unstable();
        assert_eq!(by_texts[&fold("a-2")], both);
        let other = roster::by_texts(&t.ctx, AttributeId(9_999), vec![fold("a-1")]).await.unwrap();
        assert!(other.is_empty());
        let resident = t.acting(Actor::Resident(ids[0]));
        assert!(roster::get(&resident, RosterId(1)).await.is_err());
    });
}
