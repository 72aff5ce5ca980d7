//! Step courses (ステップ配信): written, put in force, each moment once, nobody twice (SEG-9).

use crate::city::{user, value};
use crate::support::{NOON, Test, both};
use domain::attribute::{Catalog, Value};
use domain::delivery::Status;
use domain::id::{CourseId, DeliveryId};
use domain::message::Part;
use domain::permission::Role;
use domain::steps::{Anchor, Content, Due, Late, Offset, State, Step, Unit};
use domain::time::{Date, Timestamp};
use store::delivery::{Frozen, Query, freeze, list};
use store::resident::{ImportRow, import};
use store::steps::{
    begin, copy, create, day_of, days, delete, discard, due, end, events, examples, figures, get,
    matches, occur, pause, people, received, request, resume, save, send_back, set_aside, withdraw,
};
use store::{Clock, Error, steps};

fn step(n: i32, unit: Unit, hour: u8) -> Step {
    Step {
        key: 0,
        offset: Offset { n, unit },
        hour,
        minute: 0,
        parts: vec![Part::Text { text: format!("{n}のお知らせ") }],
        uncounted: vec![],
        variants: vec![],
    }
}

/// One and three months after 予定日, at ten and eleven.
fn content() -> Content {
    let mut content = Content { anchor: Anchor::Date("due".into()), ..Content::default() };
    content.add(step(1, Unit::Months, 10));
    content.add(step(3, Unit::Months, 11));
    content
}

fn day(text: &str) -> Date {
    Date::parse_iso(text).unwrap()
}

/// Friends with these days, numbered from 1.
async fn with_days(t: &Test, catalog: &Catalog, days: &[&str]) {
    for (n, text) in (1..).zip(days) {
        let facts = vec![value(catalog, "due", Value::Date(day(text)))];
        import(&t.ctx, vec![ImportRow { user: user(n), facts }]).await.unwrap();
    }
}

async fn running(t: &Test) -> CourseId {
    let id = create(&t.ctx, "子育て", &content()).await.unwrap();
    begin(&t.ctx, id, get(&t.ctx, id).await.unwrap().updated_at, None).await.unwrap();
    id
}

/// What the services make of a moment: everything that is due, whoever it is for.
async fn moment(t: &Test, id: CourseId) -> Vec<DeliveryId> {
    let course = get(&t.ctx, id).await.unwrap();
    let at = course.next_at.unwrap();
    let content = course.in_force.clone().unwrap();
    let due: Vec<_> = content.due(at).into_iter().map(|d| (d, content.audience_of(&d))).collect();
    occur(&t.ctx, &course, at, &due).await.unwrap()
}

async fn frozen(t: &Test, catalog: &Catalog, id: DeliveryId) -> i64 {
    let audience = t.get(id).await.audience.unwrap().resolve(catalog, "").unwrap();
    assert!(freeze(&t.ctx, id, Frozen::Audience(&audience)).await.unwrap());
    t.get(id).await.figures.recipients
}

#[test]
fn a_course_is_written_begun_changed_and_ended() {
    both(async |t| {
        t.other_kinds().await;
        assert!(matches!(create(&t.ctx, " ", &content()).await, Err(Error::Invalid(_))));
        let id = create(&t.ctx, "子育て", &content()).await.unwrap();
        let first = get(&t.ctx, id).await.unwrap();
        assert_eq!((first.state, &first.in_force, first.next_at), (State::Draft, &None, None));
        assert!(first.is_changed());
        let mut written = content();
        written.add(step(-1, Unit::Weeks, 9));
        let at = save(&t.ctx, id, first.updated_at, "子", &written, "course.update").await.unwrap();
        for old in [
            save(&t.ctx, id, first.updated_at, "子", &content(), "course.update").await.map(drop),
            begin(&t.ctx, id, first.updated_at, None).await,
        ] {
            assert!(matches!(old, Err(Error::Conflict(_))), "{old:?}");
        }
        assert!(matches!(discard(&t.ctx, id).await, Err(Error::Conflict(_))));
        assert!(due(&t.ctx).await.unwrap().is_empty());
        begin(&t.ctx, id, at, None).await.unwrap();
        let begun = get(&t.ctx, id).await.unwrap();
        // It is noon: the next is tomorrow at nine.
        let nine = Timestamp::from_tokyo(Date::from_days(NOON.date().days() + 1), 9, 0);
        assert_eq!((begun.state, begun.next_at), (State::Running, Some(nine)));
        assert!(!begun.is_changed());

        // A change waits until it is put in force, or is taken back.
        let changed =
            save(&t.ctx, id, begun.updated_at, "子", &content(), "course.update").await.unwrap();
        assert_eq!(get(&t.ctx, id).await.unwrap().in_force, Some(written.clone()));
        discard(&t.ctx, id).await.unwrap();
        let back = get(&t.ctx, id).await.unwrap();
        assert!(back.written == written && back.updated_at > changed);

        pause(&t.ctx, id).await.unwrap();
        let paused = get(&t.ctx, id).await.unwrap();
        assert_eq!((paused.next_at, paused.paused_at), (None, Some(NOON)));
        assert!(matches!(pause(&t.ctx, id).await, Err(Error::Conflict(_))));
        // Put in force while it pauses, it goes on pausing.
        begin(&t.ctx, id, paused.updated_at, None).await.unwrap();
        assert_eq!(get(&t.ctx, id).await.unwrap().next_at, None);
        t.later(nine.since(NOON) + 5);
        assert!(due(&t.ctx).await.unwrap().is_empty());
        resume(&t.ctx, id, "1通は届けません").await.unwrap();
        let ten = Timestamp::from_tokyo(nine.date(), 10, 0);
        assert_eq!(get(&t.ctx, id).await.unwrap().next_at, Some(ten), "nine has passed");
        assert!(matches!(delete(&t.ctx, id).await, Err(Error::Conflict(_))));
        end(&t.ctx, id).await.unwrap();
        let over = get(&t.ctx, id).await.unwrap();
        for gone in [
            pause(&t.ctx, id).await,
            resume(&t.ctx, id, "").await,
            end(&t.ctx, id).await,
            begin(&t.ctx, id, over.updated_at, None).await,
            save(&t.ctx, id, over.updated_at, "子", &written, "course.update").await.map(drop),
        ] {
            assert!(matches!(gone, Err(Error::Conflict(_))), "{gone:?}");
        }
        let copied = copy(&t.ctx, id).await.unwrap();
        let copied = get(&t.ctx, copied).await.unwrap();
        assert_eq!((copied.name.as_str(), copied.state), ("子のコピー", State::Draft));
        assert_eq!(copied.written, written);
        delete(&t.ctx, copied.id).await.unwrap();
        assert!(matches!(get(&t.ctx, copied.id).await, Err(Error::NotFound)));
        let whats: Vec<String> =
            events(&t.ctx, id).await.unwrap().into_iter().map(|e| e.what).collect();
        assert_eq!(whats.first().map(String::as_str), Some("終わらせました"));
        assert_eq!(whats.last().map(String::as_str), Some("作りました"));
        let acts = t.number("SELECT COUNT(*) AS n FROM ledger WHERE act LIKE 'course.%'").await;
        assert_eq!(acts, 11);
    });
}

#[test]
fn a_moment_is_made_once_by_two_servers() {
    both(async |t| {
        let catalog = t.other_kinds().await;
        with_days(&t, &catalog, &["2026-10-21", "2026-10-21", "2026-10-22"]).await;
        let id = running(&t).await;
        let other = t.reopened(&[1]).await;
        for n in 1..=3 {
            let course = get(&t.ctx, id).await.unwrap();
            let at = course.next_at.unwrap();
            t.later(at.since(t.clock.now()));
            assert_eq!(due(&t.ctx).await.unwrap(), [id]);
            let content = course.in_force.clone().unwrap();
            let wanted: Vec<_> =
                content.due(at).into_iter().map(|d| (d, content.audience_of(&d))).collect();
            let (a, b) = tokio::join!(
                occur(&t.ctx, &course, at, &wanted),
                occur(&other, &course, at, &wanted)
            );
            // On PostgreSQL one of the two may be told to try again; then nothing is left to do.
            let made: usize = [a, b].into_iter().flatten().map(|m| m.len()).sum();
            assert_eq!(made, 1, "moment {n}");
            assert!(occur(&t.ctx, &course, at, &wanted).await.unwrap().is_empty());
        }
        let all = Query { course: Some(id), limit: 10, ..Query::default() };
        let (made, total, _) = list(&t.ctx, &all).await.unwrap();
        assert_eq!(
            (total, made[0].status, made[0].title.as_str()),
            (3, Status::Scheduled, "子育て（1か月後）")
        );
        let of = made[0].course.unwrap();
        assert_eq!((of.course, of.due.step, of.due.day.iso().as_str()), (id, 0, "2026-11-22"));
        // The list of all deliveries leaves them out, unless a person has to look.
        let (shown, ..) = list(&t.ctx, &Query { limit: 10, ..Query::default() }).await.unwrap();
        assert!(shown.is_empty());
        store::delivery::hold(&t.ctx, made[0].id, "おくれた").await.unwrap();
        let (shown, ..) = list(&t.ctx, &Query { limit: 10, ..Query::default() }).await.unwrap();
        assert_eq!(shown.len(), 1);
        // A draft that could be sent to anybody is never made of a step.
        let withdrawn = store::delivery::approval::withdraw(&t.ctx, made[0].id).await;
        assert!(matches!(withdrawn, Err(Error::Conflict(_))));
        other.store.close().await;
    });
}

#[test]
fn nobody_gets_a_step_twice_for_the_same_day() {
    both(async |t| {
        let catalog = t.other_kinds().await;
        with_days(&t, &catalog, &["2026-10-21", "2026-10-21", "2026-10-24"]).await;
        let id = running(&t).await;
        let to = |time: &str, hour| {
            let at = Timestamp::from_tokyo(day(time), hour, 0);
            t.later(at.since(t.clock.now()));
        };
        to("2026-11-21", 10);
        let first = moment(&t, id).await;
        assert_eq!(frozen(&t, &catalog, first[0]).await, 2);
        // The step moves to five weeks: the first two have had it, the third has not. A sister
        // of the first is born later, and a third friend registers for the day of the first.
        let mut written = content();
        written.steps[0].offset = Offset { n: 5, unit: Unit::Weeks };
        let seen = get(&t.ctx, id).await.unwrap().updated_at;
        let seen = save(&t.ctx, id, seen, "子育て", &written, "course.update").await.unwrap();
        begin(&t.ctx, id, seen, None).await.unwrap();
        let late = vec![value(&catalog, "due", Value::Date(day("2026-10-21")))];
        import(&t.ctx, vec![ImportRow { user: user(9), facts: late }]).await.unwrap();
        to("2026-11-25", 10);
        let mut by_day = Vec::new();
        while get(&t.ctx, id).await.unwrap().next_at.is_some_and(|at| at <= t.clock.now()) {
            for made in moment(&t, id).await {
                let of = t.get(made).await.course.unwrap();
                if of.due.step == 0 {
                    by_day.push((of.due.day.iso(), frozen(&t, &catalog, made).await));
                }
            }
        }
        // 21 October and five weeks is the 25th: only who registered since gets it.
        assert_eq!(by_day.last(), Some(&("2026-11-25".to_owned(), 1)));
        // A date put right is the same child; one a year later is another.
        for (n, born, wanted) in [(1, "2026-10-24", 1), (1, "2027-10-01", 1)] {
            let facts = vec![value(&catalog, "due", Value::Date(day(born)))];
            import(&t.ctx, vec![ImportRow { user: user(n), facts }]).await.unwrap();
            let on = Date::from_days(day(born).days() + 35);
            pause(&t.ctx, id).await.unwrap();
            to(&on.iso(), 8);
            resume(&t.ctx, id, "").await.unwrap();
            to(&on.iso(), 10);
            let mut found = None;
            while get(&t.ctx, id).await.unwrap().next_at.is_some_and(|at| at <= t.clock.now()) {
                for made in moment(&t, id).await {
                    let of = t.get(made).await.course.unwrap();
                    if (of.due.step, of.due.day) == (0, on) {
                        found = Some(frozen(&t, &catalog, made).await);
                    }
                }
            }
            // The third friend on the 28th, not the first; then the first with the sister.
            assert_eq!(found, Some(wanted), "{born}");
        }
        let figures = figures(&t.ctx, id).await.unwrap();
        assert_eq!((figures[0].step, figures[0].recipients), (0, 5));
        let sums = days(&t.ctx, day("2026-11-21"), day("2026-11-25"), None).await.unwrap();
        assert_eq!(sums.iter().map(|d| d.recipients).sum::<i64>(), 3);
        assert!(
            days(&t.ctx, day("2026-11-21"), day("2026-11-25"), Some(domain::id::DepartmentId(9)))
                .await
                .unwrap()
                .is_empty()
        );
    });
}

#[test]
fn residents_are_counted_by_their_own_day() {
    both(async |t| {
        let catalog = t.other_kinds().await;
        with_days(&t, &catalog, &["2026-10-21", "2026-10-21", "2026-12-31"]).await;
        let ids = t.friends(5, 1).await;
        let written = content();
        let found = people(&t.ctx, &catalog, &written).await.unwrap().unwrap();
        assert_eq!(found, [(day("2026-10-21"), 2), (day("2026-12-31"), 1)].into());
        let today = NOON.date();
        for (anchor, wanted) in [(Anchor::Friend, 4), (Anchor::Registered, 4)] {
            let content = Content { anchor: anchor.clone(), ..content() };
            let found = people(&t.ctx, &catalog, &content).await.unwrap().unwrap();
            assert_eq!(found, [(today, wanted)].into());
            assert_eq!(day_of(&t.ctx, &catalog, &anchor, ids[0]).await.unwrap(), Some(today));
        }
        let gone = Content { anchor: Anchor::Date("gone".into()), ..content() };
        assert_eq!(people(&t.ctx, &catalog, &gone).await.unwrap(), None);
        assert_eq!(day_of(&t.ctx, &catalog, &written.anchor, ids[0]).await.unwrap(), None);
        let shown = examples(&t.ctx, &catalog, &written, 2).await.unwrap();
        assert_eq!(
            shown.iter().map(|(_, d)| d.iso()).collect::<Vec<_>>(),
            ["2026-12-31", "2026-10-21"]
        );
        let everybody = written.everybody().resolve(&catalog, "").unwrap();
        assert!(matches(&t.ctx, &everybody, shown[0].0).await.unwrap());
        assert!(!matches(&t.ctx, &everybody, ids[0]).await.unwrap());
        // Registering again does not move the first day, and the last one moves.
        t.later(3 * domain::time::DAY);
        let first = Content { anchor: Anchor::Registered, ..content() };
        let resident = t.acting(domain::permission::Actor::Resident(ids[0]));
        store::resident::register(&resident, &Default::default()).await.unwrap();
        let found = people(&t.ctx, &catalog, &first).await.unwrap().unwrap();
        assert_eq!(found, [(today, 4)].into());
        let due = Due {
            step: 0,
            day: t.clock.now().date(),
            late: true,
            from: day("2026-10-01"),
            to: day("2026-10-31"),
        };
        let late = Content { late: Late::Latest, ..content() };
        let audience = late.audience_of(&Due { day: Date::from_days(due.day.days() + 1), ..due });
        let count = async || {
            let audience = audience.resolve(&catalog, "").unwrap();
            let rows = store::audience::count_rows(&t.ctx, &audience).await.unwrap();
            assert_eq!(store::audience::count(&t.ctx, &audience).await.unwrap(), rows);
            rows
        };
        assert_eq!(count().await, 0, "nobody of the course came today");
    });
}

#[test]
fn a_second_person_puts_it_in_force() {
    both(async |t| {
        let catalog = t.other_kinds().await;
        with_days(&t, &catalog, &["2026-10-21"]).await;
        let (_, editor) = t.staff("1", Role::Editor, "こども課").await;
        let (_, sender) = t.staff("2", Role::Sender, "こども課").await;
        let (_, other) = t.staff("3", Role::Sender, "道路課").await;
        let id = create(&editor, "子育て", &content()).await.unwrap();
        let seen = async || get(&t.ctx, id).await.unwrap().updated_at;
        assert!(matches!(begin(&editor, id, seen().await, None).await, Err(Error::Forbidden(_))));
        request(&editor, id, seen().await, 1, "お願いします").await.unwrap();
        let asked = get(&t.ctx, id).await.unwrap();
        assert_eq!(
            asked.request.as_ref().map(|r| (r.people, r.words.as_str())),
            Some((1, "お願いします"))
        );
        let locked = save(&editor, id, seen().await, "子", &content(), "course.update").await;
        assert!(matches!(locked, Err(Error::Conflict(_))));
        assert!(matches!(begin(&other, id, seen().await, Some(1)).await, Err(Error::Forbidden(_))));
        assert!(matches!(begin(&sender, id, seen().await, None).await, Err(Error::Conflict(_))));
        send_back(&sender, id, "時刻を直して").await.unwrap();
        assert_eq!(get(&t.ctx, id).await.unwrap().request, None);
        request(&sender, id, seen().await, 1, "").await.unwrap();
        withdraw(&sender, id).await.unwrap();
        request(&sender, id, seen().await, 1, "").await.unwrap();
        let own = begin(&sender, id, seen().await, Some(1)).await;
        assert!(matches!(own, Err(Error::Conflict(_))), "nobody approves their own");
        begin(&t.ctx, id, seen().await, Some(1)).await.unwrap();
        let course = get(&t.ctx, id).await.unwrap();
        assert_eq!(
            (course.state, course.approved, &course.request),
            (State::Running, Some(1), &None)
        );
        // Each delivery carries the approval.
        t.later(course.next_at.unwrap().since(t.clock.now()));
        let made = moment(&t, id).await;
        let approval = store::delivery::approval::approval(&t.ctx, made[0]).await.unwrap();
        assert!(approval.covers(1));
        // What cannot be understood any more pauses, and says why.
        let course = get(&t.ctx, id).await.unwrap();
        set_aside(&t.ctx, &course, "項目が消されています").await.unwrap();
        assert_eq!(get(&t.ctx, id).await.unwrap().state, State::Paused);
        assert_eq!(events(&t.ctx, id).await.unwrap()[0].detail, "項目が消されています");
        assert!(received(&t.ctx, id, t.friends(7, 1).await[0]).await.unwrap().is_empty());
        // Somebody who would delete the attribute is told of the course and its open delivery.
        let due = catalog.get("due").unwrap().id;
        let by = store::attribute::uses(&t.ctx, due).await.unwrap().by;
        assert_eq!(by, ["子育て（1か月後）", "子育て"]);
        let pet = catalog.get("pet").unwrap().id;
        assert!(store::attribute::uses(&t.ctx, pet).await.unwrap().by.is_empty());
        assert_eq!(steps::list(&t.ctx).await.unwrap().len(), 1);
    });
}
