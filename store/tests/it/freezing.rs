//! From draft to frozen: who gets it is fixed, and how it is stopped before (design rule 1).

use crate::city::{facts, is, new_delivery, user};
use crate::menus;
use crate::settling::settled;
use crate::support::{NOON, both};
use domain::attribute::{Catalog, Kind};
use domain::audience::{Audience, Resolved};
use domain::delivery::call::{IDS_MAX, Next, Obstacle};
use domain::delivery::gate::{Budget, Gates};
use domain::delivery::{CallState, Draft, Purpose, Reason, Status};
use domain::id::{DeliveryId, ResidentId};
use domain::menu::program::Prepared;
use domain::menu::{Disaster, Menu, Program};
use domain::message::Part;
use domain::permission::{Actor, Role};
use domain::time::{HOUR, SECOND};
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;
use std::time::Duration;
use store::delivery::{
    Frozen, Group, Query, cancel, create, create_test, delete, draft, due, duplicate, exceptions,
    freeze, hold, list, release, save, schedule, urgent_leaves,
};
use store::menu::{declared_now, publish, publish_program, save_program, set_rule};
use store::outbox::{Kind as CallKind, claim};
use store::resident::{ImportRow, follow, import, register, set_tester, unfollow};
use store::{Clock, Error, delivery};

fn text(words: &str) -> Draft {
    Draft {
        title: "断水".into(),
        audience: Some(Audience::Everyone),
        parts: vec![Part::Text { text: words.into() }],
        ..Draft::default()
    }
}

#[test]
fn a_draft_is_saved_by_one_at_a_time() {
    both(async |t| {
        let (_, editor) = t.staff("1", Role::Editor, "水道課").await;
        let (_, other) = t.staff("2", Role::Editor, "道路課").await;
        let id = draft(&editor, Draft::default()).await.unwrap();
        let seen = t.get(id).await.updated_at;
        let now = save(&editor, id, seen, &text("一")).await.unwrap();
        assert!(now > seen, "the clock stood still, the time of the change does not");
        assert!(matches!(save(&editor, id, seen, &text("二")).await, Err(Error::Conflict(_))));
        assert!(matches!(save(&other, id, now, &text("三")).await, Err(Error::Forbidden(_))));
        let mut long = text("四");
        long.title = format!("{}\u{7}", "長".repeat(200));
        save(&editor, id, now, &long).await.unwrap();
        let saved = t.get(id).await;
        assert_eq!(
            (
                saved.title.chars().count(),
                saved.created_by_name.as_str(),
                saved.department_name.as_str()
            ),
            (100, "見本 花子", "水道課")
        );
        let copy = t.get(duplicate(&other, id).await.unwrap()).await;
        assert_eq!(
            (copy.parts, copy.department_name.as_str(), copy.status),
            (saved.parts, "道路課", Status::Draft)
        );
        delete(&editor, id).await.unwrap();
        assert!(matches!(delete(&editor, id).await, Err(Error::NotFound)));
    });
}

#[test]
fn only_a_draft_that_was_seen_is_scheduled() {
    both(async |t| {
        let (_, sender) = t.staff("1", Role::Sender, "水道課").await;
        let (_, editor) = t.staff("2", Role::Editor, "水道課").await;
        let id = draft(&editor, text("断水します")).await.unwrap();
        let seen = t.get(id).await.updated_at;
        t.later(1);
        assert!(matches!(schedule(&editor, id, seen, None).await, Err(Error::Forbidden(_))));
        assert!(matches!(schedule(&sender, id, seen.plus(1), None).await, Err(Error::Conflict(_))));
        schedule(&sender, id, seen, Some(NOON.plus(HOUR))).await.unwrap();
        assert!(matches!(
            schedule(&sender, id, t.get(id).await.updated_at, None).await,
            Err(Error::Conflict(_))
        ));
        assert!(matches!(delete(&sender, id).await, Err(Error::Conflict(_))));
        assert_eq!(due(&t.ctx, &[], false).await.unwrap(), None);
        // Until it begins it can become a draft again, be changed, and wait for another time.
        assert!(matches!(
            store::delivery::approval::withdraw(&editor, id).await,
            Err(Error::Forbidden(_))
        ));
        store::delivery::approval::withdraw(&sender, id).await.unwrap();
        assert!(matches!(
            store::delivery::approval::withdraw(&sender, id).await,
            Err(Error::Conflict(_))
        ));
        let draft = t.get(id).await;
        assert_eq!((draft.status, draft.send_at), (Status::Draft, Some(NOON.plus(HOUR))));
        t.later(HOUR);
        assert_eq!(due(&t.ctx, &[], false).await.unwrap(), None, "a draft is never due");
        t.later(-HOUR);
        let mut changed = text("断水は中止です");
        changed.send_at = Some(NOON.plus(HOUR));
        let seen = save(&editor, id, draft.updated_at, &changed).await.unwrap();
        schedule(&sender, id, seen, Some(NOON.plus(HOUR))).await.unwrap();
        t.later(HOUR);
        assert_eq!(due(&t.ctx, &[], false).await.unwrap(), Some((id, NOON.plus(HOUR))));
    });
}

#[test]
fn the_most_urgent_is_due_first_and_what_waits_is_passed() {
    both(async |t| {
        t.friends(0, 3).await;
        let wrong = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let first = t.delivery(Purpose::Notice, Audience::Everyone).await;
        t.later(1);
        let second = t.delivery(Purpose::Drill, Audience::Everyone).await;
        let correction = delivery::retract(&t.ctx, wrong, "訂正", &[], &[], None).await.unwrap();
        let emergency = t.delivery(Purpose::Emergency, Audience::Everyone).await;
        let mut passed = Vec::new();
        for expected in [correction, emergency, first, second] {
            let next = due(&t.ctx, &passed, false).await.unwrap().map(|(id, _)| id);
            assert_eq!(next, Some(expected), "after {passed:?}");
            passed.push(expected);
        }
        assert_eq!(due(&t.ctx, &passed, false).await.unwrap(), None);
        let next = due(&t.ctx, &[correction], true).await.unwrap().map(|(id, _)| id);
        assert_eq!(next, Some(emergency));
        assert_eq!(due(&t.ctx, &[correction, emergency], true).await.unwrap(), None);
        let parts = t.get(first).await.parts;
        let test = create_test(&t.ctx, first, "試し", &parts, None).await.unwrap();
        let next = due(&t.ctx, &[correction, emergency], true).await.unwrap().map(|(id, _)| id);
        assert_eq!(next, Some(test), "testers are few");
    });
}

#[test]
fn nobody_waits_for_what_an_emergency_asks_line_again() {
    both(async |t| {
        t.friends(0, 700).await;
        let leaves = async || urgent_leaves(&t.ctx).await.unwrap();
        t.frozen(Purpose::Notice, Audience::Everyone).await;
        assert!(!leaves().await);
        t.frozen(Purpose::Emergency, Audience::Everyone).await;
        assert!(leaves().await);
        let calls = claim(&t.ctx, "w", 2).await.unwrap();
        assert!(leaves().await, "they are on their way for the first time");
        settled(&t, &calls[0], Next::Accept).await;
        assert!(leaves().await, "one of them is");
        settled(&t, &calls[1], Next::RetryAt(t.ctx.now().plus(SECOND))).await;
        assert!(!leaves().await);
        t.later(SECOND);
        assert!(leaves().await, "it is due");
        claim(&t.ctx, "w", 1).await.unwrap();
        assert!(!leaves().await, "LINE may leave it without an answer");
    });
}

#[test]
fn the_audience_is_cut_into_calls_of_five_hundred() {
    both(async |t| {
        t.city().await;
        let friends = t.friends(0, 1_201).await;
        unfollow(&t.ctx, &user(7), t.clock.now().plus(1)).await.unwrap();
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        // Who comes after the freeze does not get it, who was there stays in it.
        follow(&t.ctx, &user(9_999), t.clock.now().plus(2)).await.unwrap();
        let d = t.get(id).await;
        assert_eq!(
            (d.status, d.figures.recipients, d.figures.withheld, d.frozen_at),
            (Status::Sending, 1_200, 0, Some(NOON))
        );
        let calls = claim(&t.ctx, "w", 10).await.unwrap();
        assert_eq!(calls.iter().map(|c| c.to.len()).collect::<Vec<_>>(), [IDS_MAX, IDS_MAX, 200]);
        assert_eq!(
            calls.iter().map(|c| &c.retry_key).collect::<BTreeSet<_>>().len(),
            3,
            "each with a key of its own"
        );
        let to: BTreeSet<ResidentId> = calls.iter().flat_map(|c| &c.to).map(|r| r.id).collect();
        let expected: BTreeSet<ResidentId> =
            friends.into_iter().enumerate().filter(|(n, _)| *n != 7).map(|(_, id)| id).collect();
        assert_eq!(to, expected);
        let r = calls[0].to[3];
        assert_eq!(
            store::resident::find(&t.ctx, &r.user).await.unwrap(),
            Some(r.id),
            "number and LINE id belong together"
        );
        assert!(
            !freeze(&t.ctx, id, Frozen::Audience(&Resolved::Everyone)).await.unwrap(),
            "only once"
        );
        t.adds_up(id).await;
    });
}

#[test]
fn an_audience_of_nobody_is_done_at_once() {
    both(async |t| {
        t.city().await;
        t.friends(0, 3).await;
        let id = t.frozen(Purpose::Notice, is("topics", &["waste"])).await;
        let d = t.get(id).await;
        assert_eq!((d.status, d.figures.recipients, d.finished_at), (Status::Done, 0, Some(NOON)));
        assert!(claim(&t.ctx, "w", 10).await.unwrap().is_empty());
    });
}

#[test]
fn who_wants_emergencies_only_is_withheld_with_the_reason() {
    both(async |t| {
        t.city().await;
        let ids = t.friends(0, 4).await;
        for (n, wish) in [(0, "urgent"), (1, "paused"), (2, "all")] {
            let answers = [("_reception".to_owned(), vec![wish.to_owned()])].into();
            register(&t.acting(Actor::Resident(ids[n])), &answers).await.unwrap();
        }
        for (purpose, withheld) in
            [(Purpose::Notice, 2), (Purpose::Drill, 2), (Purpose::Emergency, 0)]
        {
            let id = t.frozen(purpose, Audience::Everyone).await;
            let f = t.get(id).await.figures;
            assert_eq!((f.recipients, f.withheld), (4, withheld), "{purpose:?}");
            let sent: i64 = claim(&t.ctx, "w", 10).await.unwrap().iter().map(|c| c.count).sum();
            assert_eq!(sent, 4 - withheld);
            t.adds_up(id).await;
            let excepted = exceptions(&t.ctx, id, ResidentId(0)).await.unwrap();
            let mut expected: Vec<_> =
                ids[..withheld as usize].iter().map(|id| (*id, Reason::Reception)).collect();
            expected.sort();
            assert_eq!(excepted, expected);
        }
        // All of them: nothing is left to send.
        unfollow(&t.ctx, &user(2), t.clock.now().plus(1)).await.unwrap();
        unfollow(&t.ctx, &user(3), t.clock.now().plus(1)).await.unwrap();
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        assert_eq!((t.get(id).await.status, t.get(id).await.figures.withheld), (Status::Done, 2));
        t.later(31 * 24 * HOUR);
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        assert_eq!(t.get(id).await.figures.withheld, 1, "the pause is over");
    });
}

#[test]
fn a_broadcast_goes_out_even_if_we_know_of_nobody() {
    both(async |t| {
        for (known, more) in [(0, 3), (3, 0)] {
            let id = t.delivery(Purpose::Notice, Audience::Everyone).await;
            assert!(freeze(&t.ctx, id, Frozen::Broadcast).await.unwrap());
            let d = t.get(id).await;
            assert_eq!(
                (d.status, d.figures.recipients, d.counted_by_line),
                (Status::Sending, known, true)
            );
            let calls = claim(&t.ctx, "w", 10).await.unwrap();
            assert_eq!(
                calls.iter().map(|c| (c.kind, c.count, c.to.len())).collect::<Vec<_>>(),
                [(CallKind::Broadcast, known, 0)]
            );
            t.friends(0, more).await;
        }
    });
}

#[test]
fn what_somebody_is_not_to_get_is_no_broadcast() {
    both(async |t| {
        t.friends(0, 3).await;
        let frozen = async |purpose| {
            let id = t.delivery(purpose, Audience::Everyone).await;
            assert!(freeze(&t.ctx, id, Frozen::Broadcast).await.unwrap());
            let d = t.get(id).await;
            (d.counted_by_line, d.figures.recipients, d.figures.withheld)
        };
        let one = "(SELECT MIN(id) FROM resident)";
        t.sql(&format!("UPDATE resident SET reception = 'urgent' WHERE id = {one}")).await;
        assert_eq!(frozen(Purpose::Notice).await, (false, 3, 1));
        assert_eq!(frozen(Purpose::Drill).await, (false, 3, 1));
        assert_eq!(frozen(Purpose::Emergency).await, (true, 3, 0));

        // The other two have had enough; whoever has and is no friend any more spares nobody.
        t.sql("UPDATE resident SET reception = 'all'").await;
        assert_eq!(frozen(Purpose::Notice).await, (true, 3, 0));
        let budget = Some(Budget { messages: 2, days: 7 });
        delivery::gate::set_gates(&t.ctx, Gates { quiet: None, budget }).await.unwrap();
        assert_eq!(frozen(Purpose::Notice).await, (false, 3, 2));
        t.sql(&format!("UPDATE resident SET friend = FALSE WHERE id > {one}")).await;
        assert_eq!(frozen(Purpose::Notice).await, (true, 1, 0));
    });
}

#[test]
fn a_broadcast_is_corrected_by_one_unless_line_took_nothing_of_it() {
    both(async |t| {
        t.friends(0, 3).await;
        let everybody = vec![CallKind::Broadcast];
        let refused = Next::Fail(Reason::RefusedMessage);
        for (answers, told) in [
            (vec![Next::Hold(Obstacle::Quota)], vec![]),
            (vec![refused.clone()], vec![]),
            (vec![Next::Postpone(NOON), refused.clone()], vec![]),
            (vec![Next::Accept], everybody.clone()),
            (vec![Next::Fail(Reason::Unknown)], everybody.clone()),
            (vec![Next::RetryAt(NOON), refused], everybody),
        ] {
            let wrong = t.delivery(Purpose::Notice, Audience::Everyone).await;
            assert!(freeze(&t.ctx, wrong, Frozen::Broadcast).await.unwrap());
            for next in answers {
                let call = claim(&t.ctx, "w", 10).await.unwrap().remove(0);
                settled(&t, &call, next).await;
            }
            cancel(&t.ctx, wrong).await.unwrap();
            let right = delivery::retract(&t.ctx, wrong, "訂正", &[], &[], None).await.unwrap();
            assert!(freeze(&t.ctx, right, Frozen::Reached(wrong)).await.unwrap());
            assert_eq!(t.get(right).await.counted_by_line, !told.is_empty());
            let calls = claim(&t.ctx, "w", 10).await.unwrap();
            assert_eq!(calls.iter().map(|c| c.kind).collect::<Vec<_>>(), told);
        }
    });
}

#[test]
fn a_test_goes_to_the_testers_who_are_friends() {
    both(async |t| {
        let ids = t.friends(0, 4).await;
        for n in [1, 2] {
            set_tester(&t.ctx, ids[n], Some("広報")).await.unwrap();
        }
        unfollow(&t.ctx, &user(2), t.clock.now().plus(1)).await.unwrap();
        let of = draft(&t.ctx, text("断水します")).await.unwrap();
        let id = create_test(&t.ctx, of, "試し", &t.get(of).await.parts, None).await.unwrap();
        assert!(freeze(&t.ctx, id, Frozen::Testers).await.unwrap());
        assert_eq!(
            (t.get(id).await.purpose, t.get(of).await.status),
            (Purpose::Test, Status::Draft)
        );
        let calls = claim(&t.ctx, "w", 10).await.unwrap();
        assert_eq!(calls[0].to.iter().map(|r| r.id).collect::<Vec<_>>(), [ids[1]]);
    });
}

#[test]
fn cancelling_before_the_freeze_reaches_nobody() {
    both(async |t| {
        t.friends(0, 3).await;
        let id = t.delivery(Purpose::Notice, Audience::Everyone).await;
        let d = cancel(&t.ctx, id).await.unwrap();
        assert_eq!(
            (d.status, d.finished_at, d.figures.recipients),
            (Status::Cancelled, Some(NOON), 0)
        );
        assert!(!freeze(&t.ctx, id, Frozen::Audience(&Resolved::Everyone)).await.unwrap());
        assert_eq!(cancel(&t.ctx, id).await.unwrap(), d, "again: the same");
        assert!(
            delivery::happenings(&t.ctx, id)
                .await
                .unwrap()
                .iter()
                .any(|h| h.detail == "だれにも届いていません")
        );
        assert!(matches!(cancel(&t.ctx, DeliveryId(999)).await, Err(Error::NotFound)));
    });
}

#[test]
fn cancelling_after_the_freeze_stops_what_has_not_left() {
    both(async |t| {
        t.friends(0, 1_100).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let left = claim(&t.ctx, "w", 1).await.unwrap();
        let d = cancel(&t.ctx, id).await.unwrap();
        assert_eq!(
            (d.status, d.figures.withheld, d.finished_at),
            (Status::Cancelled, 600, None),
            "a call is on its way still"
        );
        t.adds_up(id).await;
        assert!(claim(&t.ctx, "w", 10).await.unwrap().is_empty());
        let settled = store::outbox::Settled {
            call: left[0].clone(),
            next: domain::delivery::call::Next::Accept,
            request_id: None,
            error: None,
        };
        assert_eq!(store::outbox::settle(&t.ctx, "w", &[settled]).await.unwrap(), [id]);
        let d = t.get(id).await;
        assert_eq!(
            (d.status, d.figures.accepted, d.figures.waiting()),
            (Status::Cancelled, 500, 0)
        );
        assert_eq!(delivery::reasons(&t.ctx, id).await.unwrap(), [(Reason::Cancelled, 600)]);
        assert_eq!(
            delivery::calls(&t.ctx, id).await.unwrap().iter().map(|c| c.state).collect::<Vec<_>>(),
            [CallState::Accepted, CallState::Withheld, CallState::Withheld]
        );
    });
}

#[test]
fn a_held_delivery_waits_until_it_is_released_or_stopped() {
    both(async |t| {
        t.friends(0, 600).await;
        let early = t.delivery(Purpose::Notice, Audience::Everyone).await;
        hold(&t.ctx, early, "予定よりおくれました").await.unwrap();
        let d = t.get(early).await;
        assert_eq!(
            (d.status, d.held_reason.as_deref()),
            (Status::Held, Some("予定よりおくれました"))
        );
        assert_eq!(due(&t.ctx, &[], false).await.unwrap(), None);
        t.later(HOUR);
        release(&t.ctx, early).await.unwrap();
        let next = due(&t.ctx, &[], false).await.unwrap();
        assert_eq!(next, Some((early, NOON.plus(HOUR))), "not late any more");
        assert!(matches!(release(&t.ctx, early).await, Err(Error::Conflict(_))));

        freeze(&t.ctx, early, Frozen::Audience(&Resolved::Everyone)).await.unwrap();
        hold(&t.ctx, early, "中身を確かめます").await.unwrap();
        assert!(claim(&t.ctx, "w", 10).await.unwrap().is_empty());
        release(&t.ctx, early).await.unwrap();
        assert_eq!(claim(&t.ctx, "w", 10).await.unwrap().len(), 2);

        let other = t.delivery(Purpose::Notice, Audience::Everyone).await;
        hold(&t.ctx, other, "待ち").await.unwrap();
        let d = cancel(&t.ctx, other).await.unwrap();
        assert_eq!((d.status, d.held_reason), (Status::Cancelled, None));
        hold(&t.ctx, other, "もう遅い").await.unwrap();
        assert_eq!(t.get(other).await.status, Status::Cancelled);
    });
}

#[test]
fn lists_find_by_every_condition() {
    both(async |t| {
        let (_, water) = t.staff("1", Role::Sender, "水道課").await;
        let (_, roads) = t.staff("2", Role::Sender, "道路課").await;
        let one = create(&water, &new_delivery(Purpose::Notice, Audience::Everyone, None), None)
            .await
            .unwrap();
        t.later(SECOND);
        let two = create(
            &roads,
            &new_delivery(Purpose::Emergency, Audience::Everyone, Some(NOON.plus(HOUR))),
            None,
        )
        .await
        .unwrap();
        cancel(&water, one).await.unwrap();
        let found = async |q: Query| {
            list(&t.ctx, &Query { limit: 10, ..q })
                .await
                .unwrap()
                .0
                .into_iter()
                .map(|d| d.id)
                .collect::<Vec<_>>()
        };
        let all = Query::default;
        assert_eq!(found(all()).await, [two, one]);
        assert_eq!(found(Query { group: Group::Coming, ..all() }).await, [two]);
        assert_eq!(found(Query { group: Group::Past, ..all() }).await, [one]);
        assert_eq!(found(Query { purpose: Some(Purpose::Emergency), ..all() }).await, [two]);
        assert_eq!(found(Query { status: Some(Status::Cancelled), ..all() }).await, [one]);
        assert_eq!(found(Query { department: t.get(two).await.department, ..all() }).await, [two]);
        assert_eq!(found(Query { from: Some(NOON.plus(1)), ..all() }).await, [two]);
        assert_eq!(found(Query { until: Some(NOON.plus(1)), ..all() }).await, [one]);
        assert_eq!(found(Query { search: "断水し".into(), ..all() }).await, [two, one]);
        assert_eq!(found(Query { search: "100%".into(), ..all() }).await, []);
        t.sql("UPDATE delivery SET title = 'LINEのお知らせ' WHERE title LIKE '断水%'").await;
        assert_eq!(found(Query { search: "lineの".into(), ..all() }).await, [two, one]);
        assert_eq!(delivery::departments(&t.ctx).await.unwrap().len(), 2);
        assert_eq!(delivery::ids_before(&t.ctx, Some(two), 10).await.unwrap(), [one]);
    });
}

#[test]
fn a_change_of_the_attributes_meanwhile_does_not_move_what_is_frozen() {
    both(async |t| {
        let city = t.city().await;
        import(
            &t.ctx,
            vec![ImportRow { user: user(1), facts: facts(&city, &[("age", &["old"])]) }],
        )
        .await
        .unwrap();
        assert_eq!(city.get("age").unwrap().kind, Kind::Single);
        let id = t.frozen(Purpose::Notice, is("age", &["old"])).await;
        t.later(SECOND);
        import(
            &t.ctx,
            vec![ImportRow { user: user(1), facts: facts(&city, &[("age", &["young"])]) }],
        )
        .await
        .unwrap();
        assert_eq!(claim(&t.ctx, "w", 10).await.unwrap().iter().map(|c| c.count).sum::<i64>(), 1);
        t.adds_up(id).await;
    });
}

#[test]
fn an_emergency_begins_though_somebody_presses_the_switch_meanwhile() {
    both(async |t| {
        t.friends(0, 3).await;
        let written = menus::menu(&t.ctx).await;
        let base = store::menu::create(&t.ctx, &written).await.unwrap();
        let quake = Menu { name: "地震".into(), ..written };
        let quake = store::menu::create(&t.ctx, &quake).await.unwrap();
        for menu in [base, quake] {
            publish(&t.ctx, menu, 1).await.unwrap();
        }
        let prepared = Prepared { disaster: Disaster::Earthquake, menu: quake, variants: vec![] };
        let wanted = Program { emergencies: vec![prepared], ..Program::new(base) };
        let seen = save_program(&t.ctx, 1, &wanted).await.unwrap();
        publish_program(&t.ctx, seen, &Catalog::default()).await.unwrap();
        set_rule(&t.ctx, Some(Disaster::Earthquake)).await.unwrap();
        let everyone = t.resolve(&Audience::Everyone).await;
        let id = t.delivery(Purpose::Emergency, Audience::Everyone).await;

        // Another server has switched, and its transaction is about to end.
        let other = t.ctx.store.begin().await.unwrap();
        for sql in [
            "UPDATE setting SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'menu.epoch'",
            "INSERT INTO menu_emergency (disaster, mode, began_at, began_by) VALUES ('storm', 'real', 1, '見本')",
        ] {
            assert_eq!(other.execute_unprepared(sql).await.unwrap().rows_affected(), 1);
        }
        let waiting = "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waits = async { while t.number(waiting).await == 0 {} };
        let switching = async {
            // SQLite lets nobody begin meanwhile.
            if !t.ctx.store.is_sqlite() {
                tokio::time::timeout(Duration::from_secs(60), waits).await.unwrap();
            }
            other.commit().await.unwrap();
        };
        let freezing = freeze(&t.ctx, id, Frozen::Audience(&everyone));
        let (frozen, ()) = tokio::join!(freezing, switching);
        assert!(frozen.unwrap());
        let d = t.get(id).await;
        assert_eq!((d.status, d.figures.recipients), (Status::Sending, 3));
        t.adds_up(id).await;
        let now = declared_now(&t.ctx).await.unwrap();
        let now: Vec<Disaster> = now.into_iter().map(|d| d.disaster).collect();
        assert_eq!(now, [Disaster::Storm], "what holds already stays");
    });
}
