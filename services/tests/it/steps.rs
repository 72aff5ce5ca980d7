//! Step courses (ステップ配信) from end to end: several days with edits, a restart and late
//! registrations; two workers; the calendar, the preview and the table (SEG-9).

use crate::line::{Line, platform, until};
use crate::support::{NOON, Test, both};
use domain::attribute::{Answer, Attribute, Kind, Value};
use domain::audience::{Among, Audience};
use domain::delivery::approval::Rules;
use domain::delivery::gate::{Gates, Quiet};
use domain::delivery::{Delivery, Draft, Month, Status, Variant};
use domain::id::{AttributeId, CourseId, ResidentId};
use domain::language::Language;
use domain::message::Part;
use domain::roster::Answer::Kept;
use domain::roster::{Ask, By, Mapping, Target};
use domain::steps::{Anchor, Edit, Late, Offset, Sent, State, Step, Unit};
use domain::time::{DAY, Date, HOUR, MINUTE, Timestamp};
use services::delivery::gate::set_gates;
use services::delivery::{Query, Sort, calendar, list};
use services::resident::Friends;
use services::roster::take;
use services::steps::{
    Whose, approve, begin, create, edit, entries, export, import, open, open_step, pause, preview,
    request, resume, work,
};
use services::{Context, Error};
use std::sync::Arc;
use store::Clock;
use store::resident::{Due, ImportRow, keep_languages};

fn day(text: &str) -> Date {
    Date::parse_iso(text).unwrap()
}

fn step(n: i32, unit: Unit, hour: u8, minute: u8) -> Step {
    let text = format!("{n}のお知らせ");
    let offset = Offset { n, unit };
    Step {
        key: 0,
        offset,
        hour,
        minute,
        parts: vec![Part::Text { text }],
        uncounted: vec![],
        variants: vec![],
    }
}

/// A step's words in a language.
fn said(step: &Step, language: Language, words: &str) -> Variant {
    let parts = vec![Part::Text { text: words.into() }];
    Variant { parts, ..Variant::copied(language, &step.parts) }
}

/// The LINE user of a number.
fn user(n: u32) -> [u8; 16] {
    let mut user = [0xc1; 16];
    user[12..].copy_from_slice(&n.to_be_bytes());
    user
}

/// Brings a friend with, or without, a child born on a day.
async fn bring(ctx: &Context, user: [u8; 16], child: Option<Date>) {
    let catalog = store::attribute::catalog(ctx).await.unwrap();
    let id = catalog.get("child").unwrap().id;
    let facts = child.map(|d| (id, Answer::Value(Value::Date(d)))).into_iter().collect();
    store::resident::import(ctx, vec![ImportRow { user, facts }]).await.unwrap();
}

async fn born(ctx: &Context, n: u32, text: &str) {
    bring(ctx, user(n), Some(day(text))).await;
}

/// A course by 「お子さんの誕生日」 with these steps, in force.
async fn running(
    platform: &Arc<services::Platform>,
    ctx: &Context,
    steps: Vec<Step>,
    late: Late,
) -> CourseId {
    let child = Attribute {
        id: AttributeId(0),
        key: "child".into(),
        label: "お子さんの誕生日".into(),
        kind: Kind::Date,
        hint: String::new(),
        required: false,
        personal: true,
        hidden: false,
        choices: vec![],
    };
    store::attribute::create(ctx, child).await.unwrap();
    let id = create(ctx, "子育てステップ").await.unwrap();
    for step in steps {
        edit(ctx, id, Edit::Add(step, None)).await.unwrap();
    }
    let settings = Edit::Settings {
        name: "子育てステップ".into(),
        anchor: Anchor::Date("child".into()),
        audience: None,
        late,
    };
    edit(ctx, id, settings).await.unwrap();
    let seen = open(ctx, id).await.unwrap().course.updated_at;
    begin(platform, ctx, id, seen).await.unwrap();
    id
}

async fn deliveries(ctx: &Context, id: CourseId) -> Vec<Delivery> {
    let query = Query { course: Some(id), sort: Sort::Oldest, limit: 100, ..Query::default() };
    list(ctx, &query).await.unwrap().0
}

/// Lets the days pass until a time, hour by hour, with all that the worker does.
async fn pass(t: &Test, platform: &services::Platform, ctx: &Context, until: Timestamp) {
    while t.clock.now() < until {
        t.later(HOUR.min(until.since(t.clock.now())));
        while work(ctx).await.unwrap() {}
        while let Some((id, at)) = store::delivery::due(ctx, &[], false).await.unwrap() {
            services::outbox::start(platform, ctx, id, at, Some(Friends::Known)).await.unwrap();
        }
    }
}

/// What was frozen: day, step, recipients.
async fn sent(ctx: &Context, id: CourseId) -> Vec<(String, u32, i64)> {
    deliveries(ctx, id)
        .await
        .into_iter()
        .filter(|d| d.frozen_at.is_some() && d.figures.recipients > 0)
        .map(|d| {
            let due = d.course.unwrap().due;
            (due.day.iso(), due.step, d.figures.recipients)
        })
        .collect()
}

#[test]
fn days_pass_with_edits_and_restarts() {
    both(async |t| {
        // The clock stands at noon on Friday, 20 November 2026.
        let platform = platform(&t, "http://127.0.0.1:1");
        let steps = vec![
            step(1, Unit::Months, 10, 0),
            step(3, Unit::Months, 10, 0),
            step(-1, Unit::Weeks, 9, 0),
        ];
        let id = running(&platform, &t.ctx, steps, Late::Latest).await;
        for (n, text) in
            [(1, "2026-10-22"), (2, "2026-10-22"), (3, "2026-08-23"), (4, "2026-12-01")]
        {
            born(&t.ctx, n, text).await;
        }
        let at = |text: &str, hour| Timestamp::from_tokyo(day(text), hour, 0);
        pass(&t, &platform, &t.ctx, at("2026-11-22", 12)).await;
        // The three-month-old registered yesterday: one month is the latest that has passed.
        assert_eq!(
            sent(&t.ctx, id).await,
            [("2026-11-21".to_owned(), 0, 1), ("2026-11-22".to_owned(), 0, 2)]
        );
        assert!(deliveries(&t.ctx, id).await[0].course.unwrap().due.late);

        // A restart, and the first step moves to five weeks.
        let again = t.reopened(&[1]).await;
        let opened = open(&again, id).await.unwrap();
        let former = opened.course.written.step(0).unwrap().clone();
        let moved = Step { offset: Offset { n: 5, unit: Unit::Weeks }, ..former.clone() };
        edit(&again, id, Edit::Change(Box::new(former.clone()), Box::new(moved))).await.unwrap();
        let twice = Edit::Change(Box::new(former.clone()), Box::new(Step { hour: 3, ..former }));
        assert!(matches!(edit(&again, id, twice).await, Err(Error::Conflict(_))));
        pass(&t, &platform, &again, at("2026-11-23", 12)).await;
        // What is not put in force changes nothing: three months for the third.
        assert_eq!(sent(&again, id).await.last(), Some(&("2026-11-23".to_owned(), 1, 1)));
        let seen = open(&again, id).await.unwrap().course.updated_at;
        begin(&platform, &again, id, seen).await.unwrap();
        pass(&t, &platform, &again, at("2026-11-27", 12)).await;
        // 22 October and five weeks is the 26th: both have had it. The week before 1 December is the 24th.
        let all = sent(&again, id).await;
        assert_eq!(all[3..], [("2026-11-24".to_owned(), 2, 1)]);

        // While it pauses, the time of a new step passes; then nothing is made up for.
        let add = edit(&again, id, Edit::Add(step(6, Unit::Weeks, 8, 0), None)).await.unwrap();
        let seen = open(&again, id).await.unwrap().course.updated_at;
        begin(&platform, &again, id, seen).await.unwrap();
        pause(&again, id).await.unwrap();
        pass(&t, &platform, &again, at("2026-12-03", 12)).await;
        assert_eq!(open(&again, id).await.unwrap().missed, (1, 2));
        resume(&platform, &again, id).await.unwrap();
        pass(&t, &platform, &again, at("2026-12-05", 12)).await;
        assert!(sent(&again, id).await.iter().all(|(_, s, _)| *s != add));
        let events = open(&again, id).await.unwrap().events;
        assert!(
            events.iter().any(|e| e.detail.contains("1通（のべ2人）は届けません")),
            "{events:?}"
        );

        // The server stands still for two days: what was missed is held for a person.
        born(&again, 5, "2026-11-02").await;
        t.later(3 * DAY);
        while work(&again).await.unwrap() {}
        while let Some((id, at)) = store::delivery::due(&again, &[], false).await.unwrap() {
            let known = Some(Friends::Known);
            services::outbox::start(&platform, &again, id, at, known).await.unwrap();
        }
        let held: Vec<Delivery> =
            deliveries(&again, id).await.into_iter().filter(|d| d.status == Status::Held).collect();
        assert_eq!(held.len(), 1, "five weeks after 2 November is the 7th");
        assert_eq!(open(&again, id).await.unwrap().held, [held[0].id]);
        assert_eq!(held[0].send_at, Some(at("2026-12-07", 10)));
        services::delivery::release(&platform, &again, held[0].id, 1).await.unwrap();
        // What is let go is late itself if nobody works for an hour.
        pass(&t, &platform, &again, t.clock.now().plus(MINUTE)).await;
        assert_eq!(sent(&again, id).await.last(), Some(&("2026-12-07".to_owned(), 0, 1)));
        again.store.close().await;
    });
}

#[test]
fn a_course_for_a_list_reaches_who_is_on_it() {
    both(async |t| {
        let platform = platform(&t, "http://127.0.0.1:1");
        let id = running(&platform, &t.ctx, vec![step(1, Unit::Months, 10, 0)], Late::Latest).await;
        for n in [1, 2, 3] {
            born(&t.ctx, n, "2026-10-22").await;
        }
        let hex = |n| user(n).iter().map(|b| format!("{b:02x}")).collect::<String>();
        let ask = Ask {
            mapping: Some(Mapping { header: false, column: 0, by: By::Line }),
            target: Some(Target::New("説明会に来た人".into())),
        };
        let file = format!("U{}\nU{}\n", hex(1), hex(3));
        let Kept(list) = take(&t.ctx, file.into(), ask).await.unwrap() else { panic!() };
        let course = open(&t.ctx, id).await.unwrap().course;
        let settings = Edit::Settings {
            name: course.name,
            anchor: course.written.anchor,
            audience: Some(Audience::Among { what: Among::List, id: Some(list.0) }),
            late: course.written.late,
        };
        edit(&t.ctx, id, settings).await.unwrap();
        let opened = open(&t.ctx, id).await.unwrap();
        assert_eq!((opened.problems.len(), opened.people), (0, Some(2)));
        begin(&platform, &t.ctx, id, opened.course.updated_at).await.unwrap();
        let row = &services::steps::list(&t.ctx).await.unwrap()[0];
        assert_eq!((row.people, row.reach.week), (2, 2));
        let planned = entries(&t.ctx, day("2026-11-20"), day("2026-11-30"), None).await.unwrap();
        assert_eq!(planned.iter().map(|e| e.recipients).collect::<Vec<_>>(), [Some(2)]);
        let (on, off) = (ResidentId(1), ResidentId(2));
        assert_eq!(preview(&t.ctx, id, Whose::Resident(on)).await.unwrap().outside, None);
        assert!(preview(&t.ctx, id, Whose::Resident(off)).await.unwrap().outside.is_some());

        pass(&t, &platform, &t.ctx, Timestamp::from_tokyo(day("2026-11-22"), 12, 0)).await;
        assert_eq!(sent(&t.ctx, id).await, [("2026-11-22".to_owned(), 0, 2)]);

        // Without the list nobody is written to, and the course says why.
        t.sql("DELETE FROM roster").await;
        let opened = open(&t.ctx, id).await.unwrap();
        assert_eq!((opened.problems.len(), opened.people), (1, None));
    });
}

#[test]
fn what_waits_for_the_morning_stops_with_its_course() {
    both(async |t| {
        let platform = platform(&t, "http://127.0.0.1:1");
        let quiet = Quiet::parse("21:00", "07:00");
        set_gates(&t.ctx, Gates { quiet, budget: None }).await.unwrap();
        let id = running(&platform, &t.ctx, vec![step(1, Unit::Months, 22, 0)], Late::Latest).await;
        born(&t.ctx, 1, "2026-10-22").await;
        let at = |text: &str, hour| Timestamp::from_tokyo(day(text), hour, 0);
        pass(&t, &platform, &t.ctx, at("2026-11-22", 23)).await;
        let waiting = deliveries(&t.ctx, id).await;
        assert_eq!(waiting.iter().map(|d| d.status).collect::<Vec<_>>(), [Status::Scheduled]);
        // Until then the calendar and the course's page say that it waits.
        let morning = at("2026-11-23", 7);
        let month = Month { year: 2026, month: 11 };
        let shown = async || -> Vec<_> {
            let entries = calendar(&t.ctx, month, None).await.unwrap().entries;
            entries.into_iter().map(|e| (e.at, e.status, e.planned, e.recipients)).collect()
        };
        let waits = async || open(&t.ctx, id).await.unwrap().waiting;
        assert_eq!(shown().await, [(morning, Status::Scheduled, false, None)]);
        assert_eq!(waits().await, [(waiting[0].id, morning)]);
        pause(&t.ctx, id).await.unwrap();
        assert_eq!((shown().await, waits().await), (vec![], vec![]));
        pass(&t, &platform, &t.ctx, at("2026-11-23", 12)).await;
        assert_eq!(sent(&t.ctx, id).await, []);
        let stopped = &deliveries(&t.ctx, id).await[0];
        assert_eq!((stopped.status, stopped.finished_at.is_some()), (Status::Cancelled, true));

        // What is not stopped is sent in the morning, and stands there as sent.
        resume(&platform, &t.ctx, id).await.unwrap();
        born(&t.ctx, 2, "2026-10-23").await;
        pass(&t, &platform, &t.ctx, at("2026-11-24", 8)).await;
        assert_eq!(sent(&t.ctx, id).await, [("2026-11-23".to_owned(), 0, 1)]);
        let morning = at("2026-11-24", 7);
        assert_eq!(shown().await, [(morning, Status::Done, false, Some(1))]);
        assert_eq!(waits().await, []);
    });
}

#[test]
fn two_workers_send_a_step_once() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let ctx = line.platform.system();
        let users = line.friends(30).await;
        let now = ctx.now();
        let time = now.tokyo();
        let steps = vec![step(1, Unit::Days, time.hour, time.minute)];
        let id = running(&line.platform, &ctx, steps, Late::Skip).await;
        let yesterday = Date::from_days(now.date().days() - 1);
        for (n, user) in users.iter().enumerate().take(25) {
            let date = if n < 20 { yesterday } else { now.date() };
            bring(&ctx, *user.as_bytes(), Some(date)).await;
        }
        line.outbox("one");
        line.outbox("two");
        let minute = Timestamp::from_tokyo(time.date, time.hour, time.minute).0;
        t.sql(&format!("UPDATE course SET next_at = {minute} WHERE id = {id}")).await;
        line.platform.outbox_ready.notify_one();
        until("the step was sent", async || {
            deliveries(&ctx, id).await.iter().any(|d| d.finished_at.is_some())
        })
        .await;
        let made = deliveries(&ctx, id).await;
        let ended = line.ended(made[0].id).await;
        assert_eq!((made.len(), ended.figures.accepted), (1, 20), "{made:?}");
        assert_eq!(line.received(), [(0, 10), (1, 20)]);
        // The resident's own view knows it.
        let first = store::resident::find(&ctx, users[0].as_bytes()).await.unwrap().unwrap();
        until("the outcome is written", async || {
            let seen = preview(&ctx, id, Whose::Resident(first)).await.unwrap();
            matches!(seen.steps[0].sent, Sent::Yes(_))
        })
        .await;
        let figures = open(&ctx, id).await.unwrap().figures;
        assert_eq!((figures[0].recipients, figures[0].accepted), (20, 20));
        let wire = services::delivery::for_systems(&ctx, made[0].id).await.unwrap();
        assert_eq!(wire["course"]["id"], id.to_string());
        line.end().await;
    });
}

#[test]
fn each_gets_a_step_in_their_own_language_once() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let ctx = line.platform.system();
        let tags = [None, Some("ja"), Some("en-GB"), Some("en"), Some("vi"), Some("th")];
        let words = ["1のお知らせ", "1のお知らせ", "One day", "One day", "1にち", "1にち"];
        let users = line.friends(6).await;
        let now = ctx.now();
        let time = now.tokyo();
        let mut spoken = step(1, Unit::Days, time.hour, time.minute);
        spoken.variants = vec![
            said(&spoken, Language::Easy, "1にち"),
            said(&spoken, Language::English, "One day"),
        ];
        let id = running(&line.platform, &ctx, vec![spoken.clone()], Late::Skip).await;
        let yesterday = Date::from_days(now.date().days() - 1);
        let (mut residents, mut profiles) = (Vec::new(), Vec::new());
        for (user, tag) in users.iter().zip(tags) {
            bring(&ctx, *user.as_bytes(), Some(yesterday)).await;
            let id = store::resident::find(&ctx, user.as_bytes()).await.unwrap().unwrap();
            residents.push(id);
            let due = Due { id, user: *user.as_bytes(), former: None };
            profiles.push((due, tag.map(str::to_owned)));
        }
        keep_languages(&ctx, &profiles).await.unwrap();

        // As whom the course is looked at decides the language.
        let language = async |whose| preview(&ctx, id, whose).await.unwrap().steps[0].language;
        assert_eq!(language(Whose::Resident(residents[1])).await, Language::Japanese);
        assert_eq!(language(Whose::Resident(residents[2])).await, Language::English);
        assert_eq!(language(Whose::Resident(residents[5])).await, Language::Easy);
        assert_eq!(language(Whose::Day(yesterday, Language::Korean)).await, Language::Easy);

        line.outbox("one");
        line.outbox("two");
        let minute = Timestamp::from_tokyo(time.date, time.hour, time.minute).0;
        t.sql(&format!("UPDATE course SET next_at = {minute} WHERE id = {id}")).await;
        line.platform.outbox_ready.notify_one();
        until("the step was sent", async || {
            deliveries(&ctx, id).await.iter().any(|d| d.finished_at.is_some())
        })
        .await;
        let made = deliveries(&ctx, id).await;
        let ended = line.ended(made[0].id).await;
        assert_eq!((made.len(), ended.figures.accepted), (1, 6), "{made:?}");
        assert_eq!(ended.variants, spoken.variants);
        let shares = [Language::Japanese, Language::Easy, Language::English].map(|l| (l, 2));
        assert_eq!(ended.languages, shares);
        assert_eq!(line.received(), [(1, 6)], "one message each");
        for (user, words) in users.iter().zip(words) {
            let told = line.told(*user).await;
            assert_eq!(told.last().and_then(|m| m["text"].as_str()), Some(words));
        }
        line.end().await;
    });
}

#[test]
fn a_change_of_one_language_alone_needs_the_second_person_again() {
    both(async |t| {
        let platform = platform(&t, "http://127.0.0.1:1");
        let id = running(&platform, &t.ctx, vec![step(1, Unit::Months, 10, 0)], Late::Skip).await;
        born(&t.ctx, 1, "2026-10-21").await;
        store::delivery::approval::set_rules(&t.ctx, Rules { above: Some(0) }).await.unwrap();
        let base = open_step(&t.ctx, id, 0).await.unwrap().step;
        let english =
            |words| Step { variants: vec![said(&base, Language::English, words)], ..base.clone() };
        let change = |from: &Step, to: &Step| {
            edit(&t.ctx, id, Edit::Change(Box::new(from.clone()), Box::new(to.clone())))
        };
        let (first, second) = (english("One month"), english("A month old"));
        change(&base, &first).await.unwrap();
        let seen = open(&t.ctx, id).await.unwrap().course.updated_at;
        request(&t.ctx, id, seen, "英語を足しました").await.unwrap();
        let waits = change(&first, &second).await;
        assert!(matches!(waits, Err(Error::Conflict(_))), "what is looked at stays: {waits:?}");
        let seen = open(&t.ctx, id).await.unwrap().course.updated_at;
        approve(&platform, &t.ctx, id, seen).await.unwrap();
        assert!(!open(&t.ctx, id).await.unwrap().course.is_changed());

        change(&first, &second).await.unwrap();
        let opened = open(&t.ctx, id).await.unwrap();
        assert!(opened.course.is_changed());
        assert!(services::steps::list(&t.ctx).await.unwrap()[0].changed, "the list says so too");
        let begun = begin(&platform, &t.ctx, id, opened.course.updated_at).await;
        assert!(matches!(begun, Err(Error::Conflict(_))), "{begun:?}");
        pass(&t, &platform, &t.ctx, NOON.plus(DAY)).await;
        let sent = deliveries(&t.ctx, id).await;
        assert_eq!(sent[0].variants, first.variants, "until then what was approved");
        assert_eq!(open_step(&t.ctx, id, 0).await.unwrap().step, second);

        // A template brings its languages along.
        let draft = Draft { parts: base.parts, variants: first.variants, ..Draft::default() };
        let kept = store::delivery::template::create(&t.ctx, "1か月", &draft).await.unwrap();
        let blank = Step { parts: vec![], ..step(2, Unit::Months, 10, 0) };
        let key = edit(&t.ctx, id, Edit::Add(blank, Some(kept))).await.unwrap();
        assert_eq!(open_step(&t.ctx, id, key).await.unwrap().step.variants, draft.variants);
    });
}

#[test]
fn what_comes_is_foreseen_and_one_resident_is_shown() {
    both(async |t| {
        let platform = platform(&t, "http://127.0.0.1:1");
        let steps = vec![step(1, Unit::Months, 10, 0), step(3, Unit::Months, 18, 0)];
        let id = running(&platform, &t.ctx, steps, Late::Skip).await;
        for (n, text) in
            [(1, "2026-10-21"), (2, "2026-08-21"), (3, "2026-08-20"), (4, "2026-11-20")]
        {
            born(&t.ctx, n, text).await;
        }
        let opened = open(&t.ctx, id).await.unwrap();
        // Today 18:00 the third; tomorrow the first and the second.
        let reach = opened.reach;
        assert_eq!((reach.today, reach.tomorrow, reach.week, reach.month), (1, 2, 3, 4));
        assert_eq!((opened.people, opened.problems.len(), opened.need), (Some(4), 0, None));
        let month = Month { year: 2026, month: 11 };
        let shown = calendar(&t.ctx, month, None).await.unwrap();
        let found: Vec<_> = shown
            .entries
            .iter()
            .map(|e| (e.at.date().iso(), e.title.clone(), e.recipients, e.course, e.planned))
            .collect();
        let entry = |day: &str, n, people| {
            (day.to_owned(), format!("子育てステップ（{n}通）"), Some(people), Some(id), true)
        };
        assert_eq!(found, [entry("2026-11-20", 1, 1), entry("2026-11-21", 2, 2)]);
        let none = entries(
            &t.ctx,
            day("2026-11-01"),
            day("2026-11-30"),
            Some(domain::id::DepartmentId(99)),
        );
        assert!(none.await.unwrap().is_empty());
        pass(&t, &platform, &t.ctx, NOON.plus(DAY + 7 * HOUR)).await;
        let shown = calendar(&t.ctx, month, None).await.unwrap();
        assert_eq!(shown.entries.iter().filter(|e| !e.planned).count(), 2);

        let typed = Whose::Day(day("2026-08-31"), Language::Japanese);
        let typed = preview(&t.ctx, id, typed).await.unwrap();
        let days: Vec<_> = typed.steps.iter().map(|m| (m.at.date().iso(), m.sent)).collect();
        assert_eq!(
            days,
            [("2026-09-30".to_owned(), Sent::Missed), ("2026-11-30".to_owned(), Sent::Coming)]
        );
        let third = typed.examples.iter().find(|(_, d)| d.iso() == "2026-08-20").unwrap().0;
        let mine = preview(&t.ctx, id, Whose::Resident(third)).await.unwrap();
        assert_eq!((mine.day, &mine.outside), (Some(day("2026-08-20")), &None));
        bring(&t.ctx, user(9), None).await;
        let stranger = store::resident::find(&t.ctx, &user(9)).await.unwrap().unwrap();
        let outside = preview(&t.ctx, id, Whose::Resident(stranger)).await.unwrap();
        assert!(outside.outside.unwrap().contains("登録していません"));
        assert!(preview(&t.ctx, id, Whose::Nobody).await.unwrap().steps.is_empty());
        assert_eq!(open_step(&t.ctx, id, 1).await.unwrap().step.hour, 18);
        assert!(matches!(open_step(&t.ctx, id, 9).await, Err(Error::NotFound)));
    });
}

#[test]
fn a_table_goes_out_and_comes_back() {
    both(async |t| {
        let platform = platform(&t, "http://127.0.0.1:1");
        let id = running(&platform, &t.ctx, vec![step(1, Unit::Months, 10, 0)], Late::Skip).await;
        let file = String::from_utf8(export(&t.ctx, id).await.unwrap()).unwrap();
        assert_eq!(file, "\u{feff}番号,いつ,時刻,文章\r\n0,1か月後,10:00,1のお知らせ\r\n");
        let seen = open(&t.ctx, id).await.unwrap().course.updated_at;
        let bad = import(&t.ctx, id, seen, &format!("{file},あした,9:00,x\r\n")).await;
        let Err(Error::Invalid(problems)) = bad else { panic!("{bad:?}") };
        assert_eq!(problems[0].at, "/lines/3");
        let days: String = (1..=280).map(|n| format!(",{n}日前,7:30,あと{n}日です\r\n")).collect();
        let table = format!("{file}{days}");
        assert_eq!(import(&t.ctx, id, seen, &table).await.unwrap(), 280);
        assert!(matches!(import(&t.ctx, id, seen, &table).await, Err(Error::Conflict(_))));
        let opened = open(&t.ctx, id).await.unwrap();
        assert_eq!((opened.course.written.steps.len(), opened.problems.len()), (281, 0));
        assert_eq!(opened.course.in_force.map(|c| c.steps.len()), Some(1), "not sent by itself");
        let removed = opened.course.written.steps[0].clone();
        edit(&t.ctx, id, Edit::Remove(removed.key)).await.unwrap();
        edit(&t.ctx, id, Edit::PutBack(removed.clone())).await.unwrap();
        assert_eq!(open(&t.ctx, id).await.unwrap().course.written.steps[0], removed);
    });
}

#[test]
fn more_than_the_city_s_number_needs_a_second_person() {
    both(async |t| {
        let platform = platform(&t, "http://127.0.0.1:1");
        let id = running(&platform, &t.ctx, vec![step(1, Unit::Months, 10, 0)], Late::Skip).await;
        born(&t.ctx, 1, "2026-10-21").await;
        store::delivery::approval::set_rules(&t.ctx, Rules { above: Some(0) }).await.unwrap();
        let key = edit(&t.ctx, id, Edit::Add(step(2, Unit::Months, 10, 0), None)).await.unwrap();
        let seen = open(&t.ctx, id).await.unwrap().course.updated_at;
        assert!(matches!(begin(&platform, &t.ctx, id, seen).await, Err(Error::Conflict(_))));
        request(&t.ctx, id, seen, "確かめてください").await.unwrap();
        let seen = open(&t.ctx, id).await.unwrap().course.updated_at;
        approve(&platform, &t.ctx, id, seen).await.unwrap();
        let course = open(&t.ctx, id).await.unwrap().course;
        assert!(course.in_force.is_some_and(|c| c.step(key).is_some()));
        pass(&t, &platform, &t.ctx, NOON.plus(DAY)).await;
        assert_eq!(sent(&t.ctx, id).await.len(), 1, "approved with the course");
        // What must be mended is not put in force.
        let empty = Step { parts: vec![], ..step(5, Unit::Months, 10, 0) };
        edit(&t.ctx, id, Edit::Add(empty, None)).await.unwrap();
        let seen = open(&t.ctx, id).await.unwrap().course.updated_at;
        assert!(matches!(request(&t.ctx, id, seen, "").await, Err(Error::Invalid(_))));
        // Its attribute goes: it pauses by itself and says why.
        t.sql("DELETE FROM fact_value").await;
        t.sql("DELETE FROM attribute WHERE key = 'child'").await;
        pass(&t, &platform, &t.ctx, NOON.plus(2 * DAY + MINUTE)).await;
        let opened = open(&t.ctx, id).await.unwrap();
        assert_eq!((opened.course.state, opened.people), (State::Paused, None));
        assert_eq!(opened.held.len(), 1, "staff are alerted of it");
    });
}
