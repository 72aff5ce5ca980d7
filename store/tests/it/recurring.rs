//! Series (くり返し): each occurrence once, whoever works at it, and how a series changes (SEG-6).

use crate::support::{NOON, Test, both};
use domain::audience::Audience;
use domain::delivery::approval::Act;
use domain::delivery::gate::{Gates, Quiet};
use domain::delivery::{Delivery, Draft, Purpose, Status};
use domain::id::DeliveryId;
use domain::message::Part;
use domain::permission::Role;
use domain::recurrence::{Days, End, OnHoliday, Recurrence};
use domain::time::{DAY, Date, HOUR, MINUTE, SECOND, Timestamp};
use store::delivery::gate::{postpone, set_gates};
use store::delivery::recurring::{edit, end, in_force, occur, pause, resume, skip};
use store::delivery::{Query, due, list, save, schedule};
use store::{Clock, Context, Error, delivery, holiday};

/// 毎週 火曜日の 9:00. The clock stands at noon on Friday, 20 November 2026; the Monday
/// after is a holiday.
fn tuesdays() -> Recurrence {
    Recurrence {
        days: Days::Weekly { every: 1, weekdays: vec![2] },
        hour: 9,
        minute: 0,
        holiday: OnHoliday::Skip,
        first: NOON.date(),
        end: End::Never,
    }
}

fn at(month: u8, day: u8, hour: u8) -> Timestamp {
    Timestamp::from_tokyo(Date { year: 2026, month, day }, hour, 0)
}

fn draft(rule: Recurrence) -> Draft {
    Draft {
        title: "燃やすごみの日".into(),
        purpose: Purpose::Drill,
        audience: Some(Audience::Everyone),
        parts: vec![Part::Text { text: "あすは燃やすごみの日です".into() }],
        recurrence: Some(rule),
        ..Draft::default()
    }
}

/// A series in force.
async fn begin(t: &Test, rule: Recurrence) -> DeliveryId {
    let id = delivery::draft(&t.ctx, draft(rule)).await.unwrap();
    schedule(&t.ctx, id, t.get(id).await.updated_at, None).await.unwrap();
    id
}

/// Its occurrences, the oldest first.
async fn occurrences(t: &Test, series: DeliveryId) -> Vec<Delivery> {
    let query = Query {
        series: Some(series),
        sort: delivery::Sort::Oldest,
        limit: 100,
        ..Query::default()
    };
    list(&t.ctx, &query).await.unwrap().0
}

fn turn_to(t: &Test, time: Timestamp) {
    t.later(time.since(t.clock.now()));
}

#[test]
fn each_occurrence_is_made_once_by_two_servers() {
    both(async |t| {
        let id = begin(&t, tuesdays()).await;
        assert_eq!(t.get(id).await.send_at, Some(at(11, 24, 9)));
        assert_eq!(occur(&t.ctx, id).await.unwrap(), None, "its time has not come");
        let other = t.reopened(&[1]).await;
        for (n, day) in [(1, at(11, 24, 9)), (2, at(12, 1, 9)), (3, at(12, 8, 9))] {
            turn_to(&t, day);
            assert_eq!(due(&t.ctx, &[], false).await.unwrap(), Some((id, day)));
            let urgent = due(&t.ctx, &[], true).await.unwrap();
            assert_eq!(urgent, Some((id, day)), "it is made even while an emergency leaves");
            let (a, b) = tokio::join!(occur(&t.ctx, id), occur(&other, id));
            let made = [a.unwrap(), b.unwrap()];
            assert_eq!(made.iter().flatten().count(), 1, "{made:?}");
            let found = occurrences(&t, id).await;
            assert_eq!(found.len(), n);
            let last = &found[n - 1];
            assert_eq!(
                (last.status, last.send_at, last.series, last.purpose, &last.recurrence),
                (Status::Scheduled, Some(day), Some(id), Purpose::Drill, &None)
            );
            assert_eq!(due(&t.ctx, &[], false).await.unwrap(), Some((last.id, day)));
            assert_eq!(due(&t.ctx, &[], true).await.unwrap(), None, "and waits");
            assert_eq!(due(&t.ctx, &[last.id], false).await.unwrap(), None);
            t.sql(&format!("UPDATE delivery SET status = 'done' WHERE id = {}", last.id)).await;
        }
        other.store.close().await;
    });
}

#[test]
fn what_was_missed_is_made_with_its_own_time() {
    both(async |t| {
        let id = begin(&t, tuesdays()).await;
        turn_to(&t, at(12, 9, 12));
        while occur(&t.ctx, id).await.unwrap().is_some() {}
        let times: Vec<_> = occurrences(&t, id).await.iter().map(|d| d.send_at).collect();
        // Each is late, and the worker holds what is late.
        assert_eq!(times, [Some(at(11, 24, 9)), Some(at(12, 1, 9)), Some(at(12, 8, 9))]);
        assert_eq!(t.get(id).await.send_at, Some(at(12, 15, 9)));
    });
}

#[test]
fn a_paused_series_goes_on_with_its_next_time() {
    both(async |t| {
        let id = begin(&t, tuesdays()).await;
        let (_, sender) = t.staff("1", Role::Sender, "道路課").await;
        // The series is the whole city's.
        pause(&sender, id).await.unwrap();
        assert!(matches!(pause(&t.ctx, id).await, Err(Error::Conflict(_))));
        assert!(t.get(id).await.is_paused());
        assert!(in_force(&t.ctx).await.unwrap().is_empty());
        turn_to(&t, at(12, 9, 12));
        assert_eq!(due(&t.ctx, &[], false).await.unwrap(), None);
        assert_eq!(occur(&t.ctx, id).await.unwrap(), None);
        resume(&t.ctx, id).await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 15, 9)));
        assert!(matches!(resume(&t.ctx, id).await, Err(Error::Conflict(_))));
        end(&t.ctx, id).await.unwrap();
        let over = t.get(id).await;
        assert_eq!((over.status, over.send_at), (Status::Cancelled, None));
        for gone in
            [pause(&t.ctx, id).await, end(&t.ctx, id).await, edit(&t.ctx, id).await.map(drop)]
        {
            assert!(matches!(gone, Err(Error::Conflict(_))));
        }
        assert!(occurrences(&t, id).await.is_empty());
    });
}

/// A series in force, and its occurrence of this evening, which waits for the morning.
async fn waiting(t: &Test, id: DeliveryId) -> DeliveryId {
    let made = occur(&t.ctx, id).await.unwrap().unwrap();
    postpone(&t.ctx, made, at(11, 25, 7)).await.unwrap();
    made
}

#[test]
fn what_waits_for_the_morning_stops_with_its_series() {
    both(async |t| {
        let evening = Recurrence { hour: 22, ..tuesdays() };
        let mut series = Vec::new();
        for _ in 0..5 {
            series.push(begin(&t, evening.clone()).await);
        }
        turn_to(&t, at(11, 24, 22));
        let mut made = Vec::new();
        for id in &series {
            made.push(waiting(&t, *id).await);
        }
        turn_to(&t, at(11, 24, 22).plus(30 * MINUTE));
        pause(&t.ctx, series[0]).await.unwrap();
        end(&t.ctx, series[1]).await.unwrap();
        let new = change(&t.ctx, &t, series[2], evening, "あたらしい言葉").await;
        schedule(&t.ctx, new, t.get(new).await.updated_at, None).await.unwrap();
        delivery::cancel(&t.ctx, series[3]).await.unwrap();
        for id in &made[..4] {
            let stopped = t.get(*id).await;
            assert_eq!(
                (stopped.status, stopped.finished_at),
                (Status::Cancelled, Some(t.clock.now()))
            );
            let happened = delivery::happenings(&t.ctx, *id).await.unwrap();
            assert!(happened.iter().any(|h| h.what == "配信を止めました"), "{happened:?}");
        }
        // It is not made up for: the series goes on with its next time.
        resume(&t.ctx, series[0]).await.unwrap();
        for id in [series[0], new] {
            assert_eq!(t.get(id).await.send_at, Some(at(12, 1, 22)));
        }
        // That of a series that nobody stopped is sent, and so is what has begun.
        turn_to(&t, at(11, 25, 7));
        assert_eq!(due(&t.ctx, &[], false).await.unwrap(), Some((made[4], at(11, 25, 7))));
        assert_eq!(due(&t.ctx, &[made[4]], false).await.unwrap(), None);
        t.sql(&format!("UPDATE delivery SET status = 'sending' WHERE id = {}", made[4])).await;
        end(&t.ctx, series[4]).await.unwrap();
        assert_eq!(t.get(made[4]).await.status, Status::Sending);
    });
}

#[test]
fn what_has_come_at_its_time_does_not_stop_with_its_series() {
    both(async |t| {
        let mut series = Vec::new();
        for _ in 0..4 {
            series.push(begin(&t, tuesdays()).await);
        }
        turn_to(&t, at(11, 24, 9));
        let mut made = Vec::new();
        for id in &series {
            made.push(occur(&t.ctx, *id).await.unwrap().unwrap());
        }
        // Nobody has frozen them yet.
        turn_to(&t, at(11, 24, 9).plus(20 * SECOND));
        pause(&t.ctx, series[0]).await.unwrap();
        end(&t.ctx, series[1]).await.unwrap();
        let new = change(&t.ctx, &t, series[2], tuesdays(), "あたらしい言葉").await;
        schedule(&t.ctx, new, t.get(new).await.updated_at, None).await.unwrap();
        delivery::cancel(&t.ctx, series[3]).await.unwrap();
        for id in made {
            let d = t.get(id).await;
            assert_eq!((d.status, d.send_at), (Status::Scheduled, Some(at(11, 24, 9))));
        }
    });
}

#[test]
fn what_is_due_is_made_before_its_series_stops() {
    both(async |t| {
        let mut series = Vec::new();
        for _ in 0..3 {
            series.push(begin(&t, tuesdays()).await);
        }
        // No worker has come to them yet.
        turn_to(&t, at(11, 24, 9).plus(20 * SECOND));
        pause(&t.ctx, series[0]).await.unwrap();
        end(&t.ctx, series[1]).await.unwrap();
        let new = change(&t.ctx, &t, series[2], tuesdays(), "あたらしい言葉").await;
        schedule(&t.ctx, new, t.get(new).await.updated_at, None).await.unwrap();
        for id in [series[0], series[1], new] {
            let made = occurrences(&t, id).await;
            let found: Vec<_> = made.iter().map(|d| (d.status, d.send_at)).collect();
            assert_eq!(found, [(Status::Scheduled, Some(at(11, 24, 9)))]);
            assert_eq!(made[0].parts, draft(tuesdays()).parts, "in the words of its time");
        }
        assert_eq!(t.get(new).await.send_at, Some(at(12, 1, 9)));
    });
}

#[test]
fn what_is_due_at_night_stops_with_its_series_before_it_has_its_turn() {
    both(async |t| {
        let gates = Gates { quiet: Quiet::parse("21:00", "07:00"), budget: None };
        set_gates(&t.ctx, gates).await.unwrap();
        let evening = Recurrence { hour: 22, ..tuesdays() };
        let (waits, leaves) = (begin(&t, evening.clone()).await, begin(&t, evening).await);
        t.sql(&format!("UPDATE delivery SET night = '夜の断水のため' WHERE id = {leaves}")).await;
        turn_to(&t, at(11, 24, 22).plus(20 * SECOND));
        for (id, status) in [(waits, Status::Cancelled), (leaves, Status::Scheduled)] {
            let made = occur(&t.ctx, id).await.unwrap().unwrap();
            pause(&t.ctx, id).await.unwrap();
            assert_eq!(t.get(made).await.status, status);
        }
    });
}

#[test]
fn the_last_time_ends_it() {
    both(async |t| {
        let id = begin(&t, Recurrence { end: End::After(2), ..tuesdays() }).await;
        turn_to(&t, at(11, 24, 9));
        occur(&t.ctx, id).await.unwrap().unwrap();
        turn_to(&t, at(12, 1, 9));
        occur(&t.ctx, id).await.unwrap().unwrap();
        let over = t.get(id).await;
        assert_eq!((over.status, over.send_at), (Status::Done, None));
        turn_to(&t, at(12, 8, 9));
        assert_eq!(occur(&t.ctx, id).await.unwrap(), None);
        // One that would never come is not begun.
        let never = delivery::draft(&t.ctx, draft(Recurrence { end: End::After(1), ..tuesdays() }));
        let never = t.get(never.await.unwrap()).await;
        let begun = schedule(&t.ctx, never.id, never.updated_at, None).await;
        assert!(matches!(begun, Err(Error::Invalid(p)) if p[0].at == "/recurrence/end"));
        assert_eq!(t.get(never.id).await.status, Status::Draft);
    });
}

async fn change(
    ctx: &Context,
    t: &Test,
    id: DeliveryId,
    rule: Recurrence,
    words: &str,
) -> DeliveryId {
    let new = edit(ctx, id).await.unwrap();
    let seen = t.get(new).await.updated_at;
    let draft = Draft { parts: vec![Part::Text { text: words.into() }], ..draft(rule) };
    save(ctx, new, seen, &draft).await.unwrap();
    new
}

#[test]
fn a_change_takes_its_place_all_at_once() {
    both(async |t| {
        let id = begin(&t, tuesdays()).await;
        turn_to(&t, at(11, 24, 10));
        let first = occur(&t.ctx, id).await.unwrap().unwrap();
        let evening = Recurrence { hour: 18, ..tuesdays() };
        let new = change(&t.ctx, &t, id, evening.clone(), "あたらしい言葉").await;
        assert_eq!(edit(&t.ctx, id).await.unwrap(), new, "it is written once");
        // Until then the series goes on as it was.
        assert_eq!(t.get(id).await.send_at, Some(at(12, 1, 9)));
        schedule(&t.ctx, new, t.get(new).await.updated_at, None).await.unwrap();
        let (old, now) = (t.get(id).await, t.get(new).await);
        assert_eq!((old.status, old.send_at), (Status::Cancelled, None));
        // Today had its occurrence in the morning: the next is in a week.
        assert_eq!((now.status, now.send_at), (Status::Scheduled, Some(at(12, 1, 18))));
        assert_eq!(occurrences(&t, new).await.iter().map(|d| d.id).collect::<Vec<_>>(), [first]);
        turn_to(&t, at(12, 1, 18));
        assert_eq!(occur(&t.ctx, id).await.unwrap(), None);
        let second = occur(&t.ctx, new).await.unwrap().unwrap();
        let words = t.get(second).await.parts;
        assert_eq!(words, [Part::Text { text: "あたらしい言葉".into() }]);

        // What was replaced, or has ended, cannot be replaced again.
        let late = change(&t.ctx, &t, new, evening, "もう一度").await;
        end(&t.ctx, new).await.unwrap();
        let begun = schedule(&t.ctx, late, t.get(late).await.updated_at, None).await;
        assert!(matches!(begun, Err(Error::Conflict(_))), "{begun:?}");
        assert_eq!(t.get(late).await.status, Status::Draft);
        assert!(in_force(&t.ctx).await.unwrap().is_empty());
    });
}

#[test]
fn a_time_that_is_left_out_stands_in_the_list() {
    both(async |t| {
        let id = begin(&t, tuesdays()).await;
        assert!(matches!(skip(&t.ctx, id, at(12, 1, 9)).await, Err(Error::Conflict(_))));
        skip(&t.ctx, id, at(11, 24, 9)).await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 1, 9)));
        let out = &occurrences(&t, id).await[0];
        assert_eq!((out.status, out.send_at), (Status::Cancelled, Some(at(11, 24, 9))));
        // Changed holidays do not bring it back.
        holiday::add(&t.ctx, Date::new(2026, 12, 1), None, "市の休み").await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 8, 9)));
        holiday::remove(&t.ctx, Date { year: 2026, month: 12, day: 1 }, true).await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 1, 9)));
        turn_to(&t, at(11, 24, 9));
        assert_eq!(occur(&t.ctx, id).await.unwrap(), None);
    });
}

#[test]
fn what_was_approved_for_the_series_is_approved_each_time() {
    both(async |t| {
        let (_, editor) = t.staff("1", Role::Editor, "環境課").await;
        let (_, sender) = t.staff("2", Role::Sender, "環境課").await;
        let (_, other) = t.staff("3", Role::Sender, "道路課").await;
        let id = delivery::draft(&editor, draft(tuesdays())).await.unwrap();
        let seen = t.get(id).await.updated_at;
        delivery::approval::request(&editor, id, seen, None, 4_000, "").await.unwrap();
        let seen = t.get(id).await.updated_at;
        delivery::approval::approve(&sender, id, seen, 4_000).await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(11, 24, 9)));
        assert!(matches!(delivery::approval::withdraw(&sender, id).await, Err(Error::Conflict(_))));
        for refused in [pause(&other, id).await, pause(&editor, id).await] {
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
        turn_to(&t, at(11, 24, 9));
        let made = occur(&t.ctx, id).await.unwrap().unwrap();
        let approval = delivery::approval::approval(&t.ctx, made).await.unwrap();
        let acts: Vec<_> = approval.0.iter().map(|s| s.act).collect();
        assert_eq!(acts, [Act::Request, Act::Approve]);
        assert!(approval.covers(4_000));
        let d = t.get(made).await;
        assert_eq!(
            (d.department_name.as_str(), d.created_by_name.as_str()),
            ("環境課", "見本 花子")
        );
    });
}

#[test]
fn the_days_off_are_a_list_that_staff_change() {
    both(async |t| {
        holiday::seed(&t.ctx).await.unwrap();
        let year = |year| holiday::list(&t.ctx, year);
        let (first, last) = (year(2026).await.unwrap(), year(2028).await.unwrap());
        assert_eq!((first.len(), last.len()), (18, 16));
        assert!(year(2029).await.unwrap().is_empty());
        assert_eq!((first[0].name.as_str(), first[0].by_rule), ("元日", true));

        let labour = Date { year: 2026, month: 11, day: 23 };
        holiday::remove(&t.ctx, labour, true).await.unwrap();
        let (new_year, third) = (Date::new(2026, 12, 29), Date::new(2027, 1, 3));
        assert_eq!(holiday::add(&t.ctx, new_year, third, " 年末年始 ").await.unwrap(), 5);
        // Seeding again neither brings back nor renames.
        t.later(DAY);
        holiday::seed(&t.ctx).await.unwrap();
        let known = holiday::known(&t.ctx).await.unwrap();
        let name = |year, month, day| known.name(Date { year, month, day });
        assert_eq!(name(2026, 11, 23), None);
        assert_eq!(name(2027, 1, 1).as_deref(), Some("元日"));
        assert_eq!(name(2027, 1, 2).as_deref(), Some("年末年始"));
        assert_eq!(name(2030, 1, 1).as_deref(), Some("元日"), "by rule, where there is no list");
        holiday::remove(&t.ctx, labour, false).await.unwrap();
        let known = holiday::known(&t.ctx).await.unwrap();
        assert_eq!(known.name(labour).as_deref(), Some("勤労感謝の日"));

        for (first, last, at) in [
            (None, None, "date"),
            (new_year, Date::new(2026, 12, 28), "last"),
            (new_year, Date::new(2027, 3, 1), "last"),
            (new_year, None, "date"),
        ] {
            let added = holiday::add(&t.ctx, first, last, "休み").await;
            assert!(matches!(&added, Err(Error::Invalid(p)) if p[0].at == at), "{added:?}");
        }
        let unknown = holiday::remove(&t.ctx, Date { year: 2026, month: 11, day: 20 }, true).await;
        assert!(matches!(unknown, Err(Error::NotFound)));
    });
}

#[test]
fn what_a_day_off_moves_into_the_past_is_made_as_if_it_was_missed() {
    both(async |t| {
        let rule = Recurrence { holiday: OnHoliday::Previous, ..tuesdays() };
        let days = Days::Weekly { every: 1, weekdays: vec![1, 2] };
        let twice = begin(&t, Recurrence { days, ..rule.clone() }).await;
        let id = begin(&t, rule).await;
        turn_to(&t, at(11, 24, 9));
        occur(&t.ctx, id).await.unwrap().unwrap();
        turn_to(&t, at(11, 30, 12));
        while occur(&t.ctx, twice).await.unwrap().is_some() {}
        for series in [id, twice] {
            assert_eq!(t.get(series).await.send_at, Some(at(12, 1, 9)));
        }
        // On Monday noon Tuesday is declared a day off: it should have come in the morning.
        let count = async |series| occurrences(&t, series).await.len();
        let (once, often) = (count(id).await, count(twice).await);
        holiday::add(&t.ctx, Date::new(2026, 12, 1), None, "市の休み").await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(11, 30, 9)));
        assert_eq!(t.get(twice).await.send_at, Some(at(12, 7, 9)), "Monday had its own");
        let made = occur(&t.ctx, id).await.unwrap().unwrap();
        let made = t.get(made).await;
        assert_eq!((made.status, made.send_at), (Status::Scheduled, Some(at(11, 30, 9))));
        assert_eq!(t.get(id).await.send_at, Some(at(12, 8, 9)));
        // Another day off does not bring it back.
        holiday::add(&t.ctx, Date::new(2026, 12, 2), None, "市の休み").await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 8, 9)));
        for series in [id, twice] {
            assert_eq!(occur(&t.ctx, series).await.unwrap(), None);
        }
        assert_eq!((count(id).await, count(twice).await), (once + 1, often));
    });
}

#[test]
fn what_has_come_does_not_come_again_when_its_day_is_declared_off() {
    both(async |t| {
        let id = begin(&t, Recurrence { holiday: OnHoliday::Next, ..tuesdays() }).await;
        turn_to(&t, at(11, 24, 9));
        occur(&t.ctx, id).await.unwrap().unwrap();
        turn_to(&t, at(11, 24, 10));
        holiday::add(&t.ctx, Date::new(2026, 11, 24), None, "市の休み").await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 1, 9)), "not on Wednesday once more");
        // What has not come yet moves.
        holiday::add(&t.ctx, Date::new(2026, 12, 1), None, "市の休み").await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 2, 9)));
        turn_to(&t, at(12, 2, 9));
        occur(&t.ctx, id).await.unwrap().unwrap();
        // Neither does what had moved.
        holiday::add(&t.ctx, Date::new(2026, 12, 2), None, "市の休み").await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 8, 9)));
    });
}

#[test]
fn what_came_early_does_not_come_again_when_its_day_off_is_taken_back() {
    both(async |t| {
        let tuesday = Date { year: 2026, month: 12, day: 1 };
        let rule = Recurrence { holiday: OnHoliday::Previous, ..tuesdays() };
        let id = begin(&t, rule.clone()).await;
        turn_to(&t, at(11, 24, 9));
        occur(&t.ctx, id).await.unwrap().unwrap();
        holiday::add(&t.ctx, Some(tuesday), None, "市の休み").await.unwrap();
        turn_to(&t, at(11, 30, 9));
        occur(&t.ctx, id).await.unwrap().unwrap();
        turn_to(&t, at(11, 30, 10));
        for removed in [true, false, true] {
            holiday::remove(&t.ctx, tuesday, removed).await.unwrap();
            assert_eq!(t.get(id).await.send_at, Some(at(12, 8, 9)));
        }
        pause(&t.ctx, id).await.unwrap();
        resume(&t.ctx, id).await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 8, 9)));
        // What takes its place has come for that day, too.
        let new = change(&t.ctx, &t, id, rule, "あたらしい言葉").await;
        schedule(&t.ctx, new, t.get(new).await.updated_at, None).await.unwrap();
        assert_eq!(t.get(new).await.send_at, Some(at(12, 8, 9)));
        turn_to(&t, at(12, 8, 9));
        occur(&t.ctx, new).await.unwrap().unwrap();
        let times: Vec<_> = occurrences(&t, new).await.iter().map(|d| d.send_at).collect();
        assert_eq!(times, [Some(at(11, 24, 9)), Some(at(11, 30, 9)), Some(at(12, 8, 9))]);
    });
}

#[test]
fn what_a_former_release_sent_early_does_not_come_again_whatever_days_off_become() {
    both(async |t| {
        let tuesday = Date { year: 2026, month: 12, day: 1 };
        let rule = Recurrence { holiday: OnHoliday::Previous, ..tuesdays() };
        let (id, paused) = (begin(&t, rule.clone()).await, begin(&t, rule).await);
        holiday::add(&t.ctx, Some(tuesday), None, "市の休み").await.unwrap();
        for series in [id, paused] {
            turn_to(&t, at(11, 30, 9));
            while occur(&t.ctx, series).await.unwrap().is_some() {}
            // A former release kept no days.
            t.sql(&format!("UPDATE delivery SET named = NULL WHERE series_id = {series}")).await;
        }
        turn_to(&t, at(11, 30, 10));
        pause(&t.ctx, paused).await.unwrap();
        holiday::remove(&t.ctx, tuesday, true).await.unwrap();
        holiday::add(&t.ctx, Date::new(2026, 12, 29), None, "市の休み").await.unwrap();
        resume(&t.ctx, paused).await.unwrap();
        for series in [id, paused] {
            assert_eq!(t.get(series).await.send_at, Some(at(12, 8, 9)), "not on Tuesday again");
        }
    });
}

#[test]
fn a_series_that_goes_on_after_a_pause_does_not_come_twice_for_a_day() {
    both(async |t| {
        let id = begin(&t, Recurrence { holiday: OnHoliday::Next, ..tuesdays() }).await;
        turn_to(&t, at(11, 24, 9));
        occur(&t.ctx, id).await.unwrap().unwrap();
        turn_to(&t, at(11, 24, 10));
        pause(&t.ctx, id).await.unwrap();
        holiday::add(&t.ctx, Date::new(2026, 11, 24), None, "市の休み").await.unwrap();
        resume(&t.ctx, id).await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 1, 9)), "not on Wednesday once more");
        // What has not come yet does.
        holiday::add(&t.ctx, Date::new(2026, 12, 1), None, "市の休み").await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 2, 9)));
    });
}

#[test]
fn what_was_due_while_its_day_was_declared_off_has_come() {
    both(async |t| {
        let id = begin(&t, Recurrence { holiday: OnHoliday::Next, ..tuesdays() }).await;
        let (first, second) = (Date::new(2026, 11, 24), Date::new(2026, 11, 25));
        holiday::add(&t.ctx, first, None, "市の休み").await.unwrap();
        turn_to(&t, at(11, 25, 9).plus(MINUTE));
        holiday::add(&t.ctx, second, None, "市の休み").await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(11, 25, 9)));
        occur(&t.ctx, id).await.unwrap().unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 1, 9)), "not on Thursday once more");
        assert_eq!(occurrences(&t, id).await.len(), 1);
    });
}

#[test]
fn what_is_planned_again_by_mistake_is_not_made_again() {
    both(async |t| {
        let id = begin(&t, tuesdays()).await;
        turn_to(&t, at(11, 24, 9));
        occur(&t.ctx, id).await.unwrap().unwrap();
        turn_to(&t, at(11, 25, 9));
        // For Tuesday once more, as a server of a former release plans it.
        let (time, day) = (at(11, 25, 9).0, at(11, 24, 9).date().days());
        let sql =
            format!("UPDATE delivery SET send_at = {time}, named = '[{day}]' WHERE id = {id}");
        t.sql(&sql).await;
        assert_eq!(occur(&t.ctx, id).await.unwrap(), None);
        assert_eq!(t.get(id).await.send_at, Some(at(12, 1, 9)));
        assert_eq!(occurrences(&t, id).await.len(), 1);
    });
}

#[test]
fn what_is_moved_back_to_a_day_whose_time_has_passed_is_made_as_if_it_was_missed() {
    both(async |t| {
        let id = begin(&t, Recurrence { holiday: OnHoliday::Next, ..tuesdays() }).await;
        let tuesday = Date { year: 2026, month: 11, day: 24 };
        holiday::add(&t.ctx, Some(tuesday), None, "市の休み").await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(11, 25, 9)));
        turn_to(&t, at(11, 24, 10));
        holiday::remove(&t.ctx, tuesday, true).await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(11, 24, 9)));
        let made = occur(&t.ctx, id).await.unwrap().unwrap();
        assert_eq!(t.get(made).await.send_at, Some(at(11, 24, 9)));
        assert_eq!(t.get(id).await.send_at, Some(at(12, 1, 9)));
    });
}

#[test]
fn what_is_due_this_minute_stays_due_when_days_off_change() {
    both(async |t| {
        let id = begin(&t, tuesdays()).await;
        turn_to(&t, at(11, 24, 9).plus(MINUTE));
        holiday::add(&t.ctx, Date::new(2026, 11, 24), None, "休み").await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(11, 24, 9)));
        occur(&t.ctx, id).await.unwrap().unwrap();
        turn_to(&t, at(11, 30, 9).plus(HOUR));
        holiday::add(&t.ctx, Date::new(2026, 12, 1), None, "休み").await.unwrap();
        assert_eq!(t.get(id).await.send_at, Some(at(12, 8, 9)));
    });
}
