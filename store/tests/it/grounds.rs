//! The small things that everything stands on: idempotency, duties, settings, figures by day.

use crate::city::{facts, user};
use crate::support::{NOON, both};
use domain::id::TokenId;
use domain::time::{DAY, HOUR, SECOND, Timestamp};
use store::figure::{Day, by_choice, days, set_past, snapshot};
use store::idempotency::{Known, begin, end};
use store::resident::{ImportRow, import, unfollow};
use store::{Clock, setting, work};

#[test]
fn a_key_stands_for_one_request_of_one_token() {
    both(async |t| {
        let (token, other) = (TokenId(1), TokenId(2));
        assert_eq!(begin(&t.ctx, token, "k", b"hash").await.unwrap(), Known::New);
        assert_eq!(begin(&t.ctx, token, "k", b"hash").await.unwrap(), Known::Running);
        assert_eq!(begin(&t.ctx, token, "k", b"else").await.unwrap(), Known::Other);
        assert_eq!(begin(&t.ctx, other, "k", b"else").await.unwrap(), Known::New);
        end(&t.ctx, token, "k", Some((201, r#"{"id":"1"}"#))).await.unwrap();
        assert_eq!(
            begin(&t.ctx, token, "k", b"hash").await.unwrap(),
            Known::Answered(201, r#"{"id":"1"}"#.into())
        );
        assert_eq!(begin(&t.ctx, token, "k", b"else").await.unwrap(), Known::Other);
        end(&t.ctx, other, "k", None).await.unwrap();
        assert_eq!(
            begin(&t.ctx, other, "k", b"hash").await.unwrap(),
            Known::New,
            "what failed on our side frees its key"
        );
        t.later(DAY + 1);
        assert_eq!(
            begin(&t.ctx, token, "k", b"else").await.unwrap(),
            Known::New,
            "a day later it is forgotten"
        );
    });
}

#[test]
fn of_requests_at_the_same_time_one_is_new() {
    both(async |t| {
        let all =
            futures::future::join_all((0..8).map(|_| begin(&t.ctx, TokenId(1), "k", b"hash")))
                .await;
        assert_eq!(all.into_iter().filter(|k| *k.as_ref().unwrap() == Known::New).count(), 1);
    });
}

#[test]
fn a_duty_is_done_by_one_server_when_it_is_due() {
    both(async |t| {
        let take = async |owner: &str, period: i64| {
            work::take(&t.ctx, "seal", owner, Timestamp(t.clock.now().0 - period), HOUR)
                .await
                .unwrap()
        };
        assert_eq!(work::last(&t.ctx, "seal").await.unwrap(), None);
        assert!(take("a", 60 * SECOND).await);
        assert!(!take("b", 60 * SECOND).await, "a has it");
        t.later(HOUR + 1);
        assert!(take("b", 60 * SECOND).await, "a died");
        work::done(&t.ctx, "seal").await.unwrap();
        assert_eq!(work::last(&t.ctx, "seal").await.unwrap(), Some(t.clock.now()));
        t.later(60 * SECOND);
        assert!(!take("a", 60 * SECOND).await, "not due");
        t.later(1);
        assert!(take("a", 60 * SECOND).await);
        work::give_back(&t.ctx, "seal").await.unwrap();
        assert!(take("b", 60 * SECOND).await, "given back undone");
        work::failed(&t.ctx, "seal", t.clock.now().plus(SECOND)).await.unwrap();
        assert!(!take("b", 60 * SECOND).await, "it has just failed");
        t.later(SECOND + 1);
        assert!(take("b", 60 * SECOND).await);
        let both = futures::future::join_all(
            ["a", "b", "c"].map(|o| work::take(&t.ctx, "other", o, t.clock.now(), HOUR)),
        )
        .await;
        assert_eq!(both.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);
    });
}

#[test]
fn a_clock_that_goes_back_keeps_no_duty_waiting() {
    both(async |t| {
        let take = async |owner: &str| {
            let due = Timestamp(t.clock.now().0 - SECOND);
            work::take(&t.ctx, "seal", owner, due, HOUR).await.unwrap()
        };
        let hold = async |owner: &str| work::hold(&t.ctx, "menus", owner, HOUR).await.unwrap();
        assert!(take("a").await && hold("a").await);
        // Another server's clock is a little behind.
        t.later(-2 * SECOND);
        assert!(!take("b").await && !hold("b").await, "a has them");
        t.later(-DAY);
        assert!(take("b").await && hold("b").await, "of a lease from the future nobody knows");
        t.later(DAY);
        work::done(&t.ctx, "seal").await.unwrap();
        t.later(-2 * SECOND);
        assert!(!take("a").await, "just done, by another server");
        t.later(-DAY);
        assert!(take("a").await, "done at a time that has not come");
    });
}

#[test]
fn a_duty_that_failed_since_it_was_done_is_due() {
    both(async |t| {
        let night = t.clock.now();
        let due = async || work::is_due(&t.ctx, "followers", night).await.unwrap();
        assert!(due().await, "nobody did it yet");
        assert!(work::take(&t.ctx, "followers", "a", night, HOUR).await.unwrap());
        work::done(&t.ctx, "followers").await.unwrap();
        assert!(!due().await);
        t.later(SECOND);
        work::failed(&t.ctx, "followers", Timestamp(0)).await.unwrap();
        assert!(due().await, "it is not left until the next night");
        work::done(&t.ctx, "followers").await.unwrap();
        assert!(!due().await);
        t.later(DAY);
        assert!(work::is_due(&t.ctx, "followers", t.clock.now()).await.unwrap());
    });
}

#[test]
fn settings_are_kept() {
    both(async |t| {
        assert_eq!(setting::city(&t.ctx).await.unwrap(), "市役所");
        setting::set(&t.ctx, "city", "みほん市").await.unwrap();
        setting::set(&t.ctx, "city", "みほん町").await.unwrap();
        assert_eq!(setting::city(&t.ctx).await.unwrap(), "みほん町");
        assert_eq!(setting::get(&t.ctx, "nothing").await.unwrap(), None);
    });
}

#[test]
fn figures_by_day_are_the_state_at_the_last_count() {
    both(async |t| {
        let city = t.city().await;
        let row = |n, choice: &str| ImportRow {
            user: user(n),
            facts: facts(&city, &[("age", &[choice])]),
        };
        import(&t.ctx, vec![row(1, "old"), row(2, "old"), row(3, "young")]).await.unwrap();
        snapshot(&t.ctx).await.unwrap();
        unfollow(&t.ctx, &user(1), t.clock.now().plus(1)).await.unwrap();
        snapshot(&t.ctx).await.unwrap();
        t.later(DAY);
        snapshot(&t.ctx).await.unwrap();
        let (old, young) = (
            city.get("age").unwrap().choice("old").unwrap().id,
            city.get("age").unwrap().choice("young").unwrap().id,
        );
        let today = NOON.date();
        let found = days(&t.ctx, "", today, today).await.unwrap();
        let mut found: Vec<(&str, i64)> =
            found.iter().map(|d| (d.name.as_str(), d.value)).collect();
        found.sort_unstable();
        let (old_name, young_name) = (format!("choice:{old}"), format!("choice:{young}"));
        let mut expected = vec![
            ("friends", 2),
            ("registered", 2),
            ("unfollowed_total", 1),
            ("unfollowed", 1),
            (old_name.as_str(), 1),
            (young_name.as_str(), 1),
        ];
        expected.sort_unstable();
        assert_eq!(found, expected);
        let tomorrow = NOON.plus(DAY).date();
        assert_eq!(days(&t.ctx, "friends", today, tomorrow).await.unwrap().len(), 2);
        let mut counted = by_choice(&t.ctx).await.unwrap();
        counted.sort();
        let mut expected = [(old, 1), (young, 1)];
        expected.sort();
        assert_eq!(counted, expected);
        set_past(&t.ctx, &[Day { date: today, name: "friends".into(), value: 9 }]).await.unwrap();
        assert_eq!(days(&t.ctx, "friends", today, today).await.unwrap()[0].value, 9);
    });
}
