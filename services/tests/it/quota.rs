//! What LINE lets the city send in a month is looked at before a delivery leaves (SEG-6).

use crate::line::{Line, person, platform_by};
use crate::retracting::says as fix;
use crate::support::{NOON, both};
use domain::audience::Audience;
use domain::delivery::gate::Confirmed;
use domain::delivery::quota::{Left, Short};
use domain::delivery::{Draft, Purpose, Status};
use domain::message::Part;
use domain::permission::Role;
use domain::time::{DAY, MINUTE};
use sandbox::Faults;
use serde_json::json;
use services::delivery::{
    approval, check, correction_short, create, draft, get, read_quota, retract, send,
};
use services::resident::Friends;
use services::{Error, outbox};
use store::delivery::quota_left;

const UNKNOWN: &str = "足りるかどうかは分かりません";

fn says(lines: &[String], words: &str) -> bool {
    lines.iter().any(|line| line.contains(words))
}

fn to_everyone(purpose: Purpose) -> Draft {
    Draft {
        title: "断水".into(),
        purpose,
        audience: Some(Audience::Everyone),
        parts: vec![Part::Text { text: "断水します".into() }],
        ..Draft::default()
    }
}

#[test]
fn a_month_that_does_not_suffice_wants_its_tick() {
    both(async |t| {
        let line = Line::start(&t).await;
        line.friends(30).await;
        let platform = platform_by(&t, &line.sandbox.url(), None);
        let ctx = platform.system();
        let sender = person(&platform, "1", "見本 花子", Role::Sender, "水道課").await;
        let notice = to_everyone(Purpose::Notice);
        let written = async |purpose| {
            let id = draft(&sender, to_everyone(purpose)).await.unwrap();
            (id, get(&sender, id).await.unwrap().updated_at)
        };
        let limit = async |limit| {
            line.faults(Faults { monthly_limit: limit, ..Faults::default() });
            read_quota(&platform, &ctx).await.unwrap();
        };

        limit(None).await;
        assert_eq!(quota_left(&sender).await.unwrap(), Left::Unlimited);
        limit(Some(40)).await;
        assert_eq!(quota_left(&sender).await.unwrap(), Left::Recipients(40));
        let seen = check(&sender, &notice).await.unwrap();
        assert!(seen.short.is_none() && says(&seen.passed, "足ります"), "{:?}", seen.passed);
        let (first, at) = written(Purpose::Notice).await;
        send(&platform, &sender, first, at, 30).await.unwrap();
        let known = Some(Friends::Known);
        outbox::start(&platform, &ctx, first, t.ctx.now(), known).await.unwrap();
        assert_eq!(get(&sender, first).await.unwrap().status, Status::Sending);

        // What is on its way is taken off, though LINE does not know of it yet.
        let short = Short { people: 30, left: 10 };
        let seen = check(&sender, &notice).await.unwrap();
        assert_eq!(seen.short, Some(short));
        assert!(says(&seen.warnings, "20人分足りません"), "{:?}", seen.warnings);
        let (second, at) = written(Purpose::Notice).await;
        let refused = send(&platform, &sender, second, at, 30).await;
        assert!(matches!(&refused, Err(Error::Invalid(p)) if p[0].at == "short"), "{refused:?}");
        let refused = approval::request(&sender, second, at, 30, "").await;
        assert!(matches!(&refused, Err(Error::Invalid(p)) if p[0].at == "short"), "{refused:?}");
        let seen_short = Confirmed { short: true, ..30.into() };
        send(&platform, &sender, second, at, seen_short).await.unwrap();

        // An emergency is warned of it, and never waits for a tick.
        let (emergency, at) = written(Purpose::Emergency).await;
        let seen = check(&sender, &to_everyone(Purpose::Emergency)).await.unwrap();
        assert_eq!(seen.short, Some(short));
        send(&platform, &sender, emergency, at, 30).await.unwrap();

        // Of the next month nothing is said.
        let next = Draft { send_at: Some(NOON.plus(15 * DAY)), ..notice };
        let seen = check(&sender, &next).await.unwrap();
        assert!(seen.short.is_none() && !says(&seen.unsure, UNKNOWN), "{:?}", seen.unsure);
        line.end().await;
    });
}

#[test]
fn what_line_does_not_tell_is_unknown_and_never_enough() {
    both(async |t| {
        let line = Line::start(&t).await;
        line.friends(30).await;
        let platform = platform_by(&t, &line.sandbox.url(), None);
        let ctx = platform.system();
        let sender = person(&platform, "1", "見本 花子", Role::Sender, "水道課").await;
        let notice = to_everyone(Purpose::Notice);
        let unknown = async || {
            let seen = check(&sender, &notice).await.unwrap();
            assert!(seen.short.is_none() && !says(&seen.passed, "LINEで送れる"));
            says(&seen.unsure, UNKNOWN)
        };
        let away = platform_by(&t, "http://127.0.0.1:9", None);
        read_quota(&away, &ctx).await.unwrap();
        assert!(unknown().await);
        line.faults(Faults { monthly_limit: Some(10), ..Faults::default() });
        read_quota(&platform, &ctx).await.unwrap();
        assert_eq!(
            check(&sender, &notice).await.unwrap().short,
            Some(Short { people: 30, left: 10 })
        );
        // LINE is away, and what was read becomes too old.
        read_quota(&away, &ctx).await.unwrap();
        t.later(16 * MINUTE);
        assert!(unknown().await);
        let id = draft(&sender, notice.clone()).await.unwrap();
        let at = get(&sender, id).await.unwrap().updated_at;
        send(&platform, &sender, id, at, 30).await.unwrap();
        line.end().await;
    });
}

#[test]
fn corrections_and_other_systems_are_told_and_never_barred() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(30).await;
        line.outbox("one");
        let platform = line.platform.clone();
        let ctx = platform.system();
        let wrong = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        assert_eq!(line.ended(wrong).await.figures.accepted, 30);
        let limit = async |limit| {
            line.faults(Faults { monthly_limit: Some(limit), ..Faults::default() });
            read_quota(&platform, &ctx).await.unwrap();
        };
        let body = json!({
            "title": "断水", "audience": {"everyone": true}, "parts": [{"text": "断水します"}],
            "purpose": "notice",
        });

        limit(90).await;
        assert_eq!(correction_short(&ctx, wrong).await.unwrap(), None);
        let made = create(&platform, &ctx, &body).await.unwrap();
        assert_eq!(made.short, None);
        assert_eq!(line.ended(made.id).await.figures.accepted, 30);

        // Of 70, 60 are used up.
        limit(70).await;
        let short = Some(Short { people: 30, left: 10 });
        assert_eq!(correction_short(&ctx, wrong).await.unwrap(), short);
        assert_eq!(create(&platform, &ctx, &body).await.unwrap().short, short);
        let fix = retract(&platform, &ctx, wrong, &fix("誤りでした")).await.unwrap();
        assert_eq!(line.get(fix).await.corrects, Some(wrong));
        line.end().await;
    });
}
