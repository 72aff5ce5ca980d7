//! Series (くり返し) from end to end: each time once to everybody, what is late waits for a
//! person, and the calendar shows all of it (SEG-6).

use crate::line::{Line, platform_by, until};
use crate::support::both;
use domain::audience::Audience;
use domain::delivery::gate::{Gates, Quiet};
use domain::delivery::{Delivery, Draft, Month, Purpose, Status};
use domain::id::DeliveryId;
use domain::message::Part;
use domain::recurrence::{Days, End, OnHoliday, Recurrence, WEEK};
use domain::time::{Date, HOUR, SECOND, Timestamp};
use services::delivery::gate::set_gates;
use services::delivery::recurring::{pause, resume, series, skip, waiting};
use services::delivery::{Query, Sort, calendar, check, draft, get, list, send};
use services::resident::Friends;

/// Each day, a little later than now, so that the next time is today or tomorrow.
pub fn daily(now: Timestamp) -> Recurrence {
    let at = now.plus(2 * HOUR).tokyo();
    Recurrence {
        days: Days::Weekly { every: 1, weekdays: WEEK.to_vec() },
        hour: at.hour,
        minute: at.minute,
        holiday: OnHoliday::Send,
        first: now.date(),
        end: End::Never,
    }
}

fn garbage(rule: Recurrence) -> Draft {
    Draft {
        title: "燃やすごみの日".into(),
        purpose: Purpose::Drill,
        audience: Some(Audience::Everyone),
        parts: vec![Part::Text { text: "あすは燃やすごみの日です".into() }],
        recurrence: Some(rule),
        ..Draft::default()
    }
}

async fn begin(line: &Line, people: i64) -> DeliveryId {
    let ctx = line.platform.system();
    let id = draft(&ctx, garbage(daily(ctx.now()))).await.unwrap();
    let seen = line.get(id).await.updated_at;
    send(&line.platform, &ctx, id, seen, people).await.unwrap();
    id
}

async fn occurrences(line: &Line, id: DeliveryId) -> Vec<Delivery> {
    let query = Query { series: Some(id), sort: Sort::Oldest, limit: 100, ..Query::default() };
    list(&line.platform.system(), &query).await.unwrap().0
}

#[test]
fn two_workers_send_each_time_once() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(700).await;
        let id = begin(&line, 700).await;
        assert!(line.get(id).await.send_at.unwrap() > line.platform.system().now());
        line.outbox("one");
        line.outbox("two");
        for n in 1..=3 {
            // The hour comes; the day is another each time, as the calendar has it.
            let due = line.platform.system().now().plus(-SECOND).0;
            t.sql(&format!("UPDATE delivery SET send_at = {due} WHERE id = {id}")).await;
            line.platform.outbox_ready.notify_one();
            until("the occurrence is over", async || {
                let found = occurrences(&line, id).await;
                found.len() == n && found.iter().all(|d| d.finished_at.is_some())
            })
            .await;
            let past = format!(
                "UPDATE delivery SET occurrence = -{n} WHERE series_id = {id} AND occurrence > 0"
            );
            t.sql(&past).await;
        }
        for d in occurrences(&line, id).await {
            assert_eq!(
                (d.status, d.purpose, d.figures.accepted),
                (Status::Done, Purpose::Drill, 700)
            );
        }
        assert_eq!(line.received(), [(3, 700)]);
        line.end().await;
    });
}

#[test]
fn what_was_missed_waits_for_a_person() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(10).await;
        let id = begin(&line, 10).await;
        let ctx = line.platform.system();
        let missed = ctx.now().plus(-3 * HOUR).0;
        t.sql(&format!("UPDATE delivery SET send_at = {missed} WHERE id = {id}")).await;
        line.outbox("one");
        until("it is held", async || {
            occurrences(&line, id).await.first().is_some_and(|d| d.status == Status::Held)
        })
        .await;
        let held = &occurrences(&line, id).await[0];
        assert_eq!(held.send_at, Some(Timestamp(missed)));
        assert!(held.held_reason.as_deref().unwrap().contains("おくれた"));
        assert_eq!(line.received(), [(0, 10)]);
        // The series itself goes on.
        let next = line.get(id).await;
        assert!(next.status == Status::Scheduled && next.send_at.unwrap() > ctx.now());
        services::delivery::release(&line.platform, &ctx, held.id, 10).await.unwrap();
        line.ended(held.id).await;
        assert_eq!(line.received(), [(1, 10)]);
        line.end().await;
    });
}

#[test]
fn what_a_day_off_moves_into_the_past_waits_for_a_person_unless_it_is_hardly_late() {
    both(async |t| {
        let line = Line::start(&t).await;
        line.friends(10).await;
        let platform = platform_by(&t, &line.sandbox.url(), None);
        let ctx = platform.system();
        // Of Saturday, on Friday noon.
        let saturdays = |hour, minute| Recurrence {
            days: Days::Weekly { every: 1, weekdays: vec![6] },
            hour,
            minute,
            holiday: OnHoliday::Previous,
            first: ctx.now().date(),
            end: End::Never,
        };
        let mut begun = Vec::new();
        for (rule, becomes) in
            [(saturdays(9, 0), Status::Held), (saturdays(11, 50), Status::Sending)]
        {
            let id = draft(&ctx, garbage(rule)).await.unwrap();
            let seen = get(&ctx, id).await.unwrap().updated_at;
            send(&platform, &ctx, id, seen, 10).await.unwrap();
            assert!(get(&ctx, id).await.unwrap().send_at.unwrap() > ctx.now());
            begun.push((id, becomes));
        }
        services::holiday::add(&ctx, Date::new(2026, 11, 21), None, "市の休み").await.unwrap();
        for (id, becomes) in begun {
            let at = get(&ctx, id).await.unwrap().send_at.unwrap();
            assert_eq!(at.date(), ctx.now().date());
            services::outbox::start(&platform, &ctx, id, at, None).await.unwrap();
            let made = occurrences(&line, id).await.remove(0);
            assert_eq!((made.status, made.send_at), (Status::Scheduled, Some(at)));
            let known = Some(Friends::Known);
            services::outbox::start(&platform, &ctx, made.id, at, known).await.unwrap();
            assert_eq!(get(&ctx, made.id).await.unwrap().status, becomes);
            assert!(get(&ctx, id).await.unwrap().send_at.unwrap() > ctx.now());
        }
        line.end().await;
    });
}

#[test]
fn a_series_says_what_waits_for_the_morning_and_would_stop_with_it() {
    both(async |t| {
        let line = Line::start(&t).await;
        line.friends(10).await;
        let platform = platform_by(&t, &line.sandbox.url(), None);
        let ctx = platform.system();
        let rule = Recurrence { hour: 22, minute: 0, ..daily(ctx.now()) };
        let id = draft(&ctx, garbage(rule)).await.unwrap();
        let seen = get(&ctx, id).await.unwrap().updated_at;
        send(&platform, &ctx, id, seen, 10).await.unwrap();
        let of = Query { series: Some(id), ..Query::default() };
        let waiting = async || waiting(&ctx, of.clone()).await.unwrap();
        let at = get(&ctx, id).await.unwrap().send_at.unwrap();
        t.later(at.since(ctx.now()));
        services::outbox::start(&platform, &ctx, id, at, None).await.unwrap();
        let made = occurrences(&line, id).await.remove(0);
        assert_eq!(waiting().await, [], "it is due");
        let quiet = Quiet::parse("21:00", "07:00");
        set_gates(&t.ctx, Gates { quiet, budget: None }).await.unwrap();
        let morning = Timestamp::from_tokyo(Date { year: 2026, month: 11, day: 21 }, 7, 0);
        assert_eq!(waiting().await, [(made.id, morning)], "it will wait when it has its turn");
        services::outbox::start(&platform, &ctx, made.id, at, None).await.unwrap();
        assert_eq!(waiting().await, [(made.id, morning)]);
        pause(&ctx, id).await.unwrap();
        assert_eq!(waiting().await, []);
        assert_eq!(get(&ctx, made.id).await.unwrap().status, Status::Cancelled);
        line.end().await;
    });
}

#[test]
fn the_calendar_shows_what_comes_and_what_was() {
    both(async |t| {
        let line = Line::start(&t).await;
        line.friends(10).await;
        let id = begin(&line, 10).await;
        let ctx = line.platform.system();
        let first = line.get(id).await.send_at.unwrap();
        let month = Month::of(first.date());
        let shown = async |month| calendar(&ctx, month, None).await.unwrap();
        let next = shown(month.plus(1)).await;
        let days = next.month.plus(1).first().days() - next.month.first().days();
        let inside = |e: &&domain::delivery::Entry| Month::of(e.at.date()) == next.month;
        // Each day of the next month, from the rule.
        assert_eq!(next.entries.iter().filter(inside).count() as i64, days);
        assert!(next.entries.iter().all(|e| e.planned && e.id == id));
        assert_eq!(
            calendar(&ctx, month, Some(domain::id::DepartmentId(99))).await.unwrap().entries,
            []
        );
        // The series itself is no entry, its next time is.
        assert_eq!(shown(month).await.entries.iter().filter(|e| e.at == first).count(), 1);
        let page = series(&ctx, id).await.unwrap();
        assert_eq!(
            (page.people, page.past_total, page.who.as_str()),
            (Some(10), 0, "友だち全員（未登録の人も）")
        );

        skip(&ctx, id, first).await.unwrap();
        assert!(shown(month).await.entries.iter().all(|e| e.at != first));
        pause(&ctx, id).await.unwrap();
        assert_eq!(shown(month.plus(1)).await.entries, []);
        resume(&line.platform, &ctx, id).await.unwrap();
        assert!(line.get(id).await.send_at.unwrap() > first);
        assert_eq!(series(&ctx, id).await.unwrap().past[0].status, Status::Cancelled);
        line.end().await;
    });
}

#[test]
fn a_rule_is_checked_before_it_is_put_in_force() {
    both(async |t| {
        let line = Line::start(&t).await;
        line.friends(10).await;
        let ctx = line.platform.system();
        let places = async |draft: Draft| -> Vec<String> {
            check(&ctx, &draft).await.unwrap().problems.into_iter().map(|p| p.at).collect()
        };
        let good = garbage(daily(ctx.now()));
        assert_eq!(places(good.clone()).await, [""; 0]);
        let never = Recurrence { end: End::After(0), ..daily(ctx.now()) };
        assert_eq!(places(garbage(never.clone())).await, ["/recurrence/end"]);
        let emergency = Draft { purpose: Purpose::Emergency, ..good };
        assert_eq!(places(emergency).await, ["/recurrence"]);
        let id = draft(&ctx, garbage(never)).await.unwrap();
        let seen = line.get(id).await.updated_at;
        assert!(matches!(
            send(&line.platform, &ctx, id, seen, 10).await,
            Err(services::Error::Invalid(_))
        ));
        line.end().await;
    });
}
