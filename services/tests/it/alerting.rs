//! Those in charge are told by mail through a relay, at least once, and never of a
//! resident (ADM-10).

use crate::line::{platform_by, until};
use crate::relay::{Mood, Relay};
use crate::support::{Test, both};
use domain::alert::{Contact, Of, Scope, Source};
use domain::audience::Audience;
use domain::delivery::{NewDelivery, Purpose};
use domain::id::{AlertId, DeliveryId, StaffId};
use domain::message::Part;
use domain::permission::{Actor, Role};
use domain::time::{HOUR, MINUTE};
use services::mail::{hand_over_due, reach, try_out};
use services::{Error, Platform};
use std::sync::Arc;

const NOWHERE: &str = "http://127.0.0.1:9";

async fn admin(t: &Test, mail: &str) -> (StaffId, services::Context) {
    let new = store::staff::New {
        number: "1",
        name: "見本 花子",
        role: Role::Admin,
        department: "総務課",
        password_hash: "hash",
        must_change: false,
    };
    let id = store::staff::create(&t.ctx, new).await.unwrap();
    let department = store::staff::get(&t.ctx, id).await.unwrap().department;
    let ctx = t.ctx.acting(Actor::Staff { id, department, role: Role::Admin });
    let contact = Contact { mail: mail.into(), scope: Scope::City };
    services::alert::set_contact(&ctx, id, &contact).await.unwrap();
    (id, ctx)
}

async fn held(t: &Test) -> DeliveryId {
    let new = NewDelivery {
        title: "東町の断水\r\nBcc: x@y.jp".into(),
        audience: Audience::Everyone,
        parts: vec![Part::Text { text: "本文".into() }],
        purpose: Purpose::Notice,
        send_at: None,
        uncounted: vec![],
        variants: vec![],
    };
    let id = store::delivery::create(&t.ctx, &new, None).await.unwrap();
    store::delivery::hold(&t.ctx, id, "LINEの今月の送信数の上限に達しました").await.unwrap();
    id
}

async fn handed_over(platform: &Arc<Platform>) -> usize {
    hand_over_due(platform, &platform.system(), "w").await.unwrap()
}

#[test]
fn an_alert_becomes_a_mail_and_an_answer_that_was_lost_no_second_one_in_name() {
    both(async |t| {
        let relay = Relay::start().await;
        let platform = platform_by(&t, NOWHERE, Some(relay.url()));
        assert_eq!(reach(&platform).await.unwrap().as_deref(), Some("line@city.mihon.example"));
        admin(&t, "sato@city.mihon.example").await;
        let id = held(&t).await;
        let ctx = platform.system();
        assert_eq!(services::alert::watch(&platform, &ctx).await.unwrap(), 1);

        relay.is(Mood::Later);
        assert_eq!(handed_over(&platform).await, 1);
        assert!(relay.mails().is_empty());
        assert_eq!(handed_over(&platform).await, 0, "not at once again");
        t.later(MINUTE);
        relay.is(Mood::LosesTheAnswer);
        assert_eq!(handed_over(&platform).await, 1);
        t.later(5 * MINUTE);
        relay.is(Mood::Takes);
        assert_eq!(handed_over(&platform).await, 1);
        t.later(HOUR);
        assert_eq!(handed_over(&platform).await, 0, "it was taken");

        let mails = relay.mails();
        assert_eq!(mails.len(), 2, "at least once");
        assert_eq!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
        assert!(mails[0].header("Message-ID").is_some_and(|id| id.ends_with("@127.0.0.1>")));
        let mail = &mails[1];
        assert_eq!(
            (mail.from.as_str(), mail.to.as_str()),
            ("line@city.mihon.example", "sato@city.mihon.example")
        );
        assert_eq!(mail.header("Auto-Submitted"), Some("auto-generated"));
        assert_eq!(mail.header("Bcc"), None, "a title is no header");
        assert!(mail.header("Subject").is_some_and(|s| s.is_ascii() && s.starts_with("=?utf-8?")));
        let alert = services::alert::list(&ctx, None, 1).await.unwrap().remove(0);
        assert_eq!((alert.delivery, alert.mails), (Some(id), (1, 0, 0)));
        relay.stop();
    });
}

#[test]
fn what_the_relay_refuses_is_given_up_and_counted() {
    both(async |t| {
        let relay = Relay::start().await;
        let platform = platform_by(&t, NOWHERE, Some(relay.url()));
        admin(&t, "gone@city.mihon.example").await;
        held(&t).await;
        services::alert::watch(&platform, &platform.system()).await.unwrap();
        relay.is(Mood::Refuses);
        assert_eq!(handed_over(&platform).await, 1);
        t.later(HOUR);
        assert_eq!(handed_over(&platform).await, 0);
        assert_eq!(store::mail::backlog(&t.ctx).await.unwrap(), (0, 1));
        // A relay that is away is tried again.
        let port = relay.url();
        relay.stop();
        let away = platform_by(&t, NOWHERE, Some(port));
        held(&t).await;
        services::alert::watch(&away, &away.system()).await.unwrap();
        assert_eq!(handed_over(&away).await, 1);
        assert_eq!(store::mail::backlog(&t.ctx).await.unwrap(), (1, 1));
        assert!(reach(&away).await.is_err());
    });
}

#[test]
fn without_a_relay_the_console_alone_tells() {
    both(async |t| {
        let platform = platform_by(&t, NOWHERE, None);
        let (id, ctx) = admin(&t, "sato@city.mihon.example").await;
        held(&t).await;
        assert_eq!(services::alert::watch(&platform, &platform.system()).await.unwrap(), 1);
        assert_eq!(store::mail::backlog(&t.ctx).await.unwrap(), (0, 0));
        assert_eq!(services::alert::open_count(&ctx).await.unwrap(), 1);
        assert_eq!(reach(&platform).await, Ok(None));
        let refused = try_out(&platform, &ctx, id).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        let csv = String::from_utf8(services::alert::csv(&ctx).await.unwrap()).unwrap();
        assert_eq!(csv.lines().count(), 3, "the title has two lines: {csv}");
        assert!(csv.contains("止めている") && csv.contains("上限に達しました"), "{csv}");
        let viewer = Actor::Staff {
            id: StaffId(99),
            department: domain::id::DepartmentId(1),
            role: Role::Viewer,
        };
        let refused = services::alert::csv(&t.ctx.acting(viewer)).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    });
}

#[test]
fn what_fails_by_itself_is_counted_and_the_watch_goes_on() {
    both(async |t| {
        let platform = platform_by(&t, NOWHERE, None);
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let worker = tokio::spawn(services::jobs::run(platform, "w".into(), stopped));
        let count = async |condition: &str| {
            t.number(&format!("SELECT COUNT(*) AS n FROM duty WHERE {condition}")).await
        };
        until("LINE is missed", async || {
            let missed = "name IN ('line', 'followers') AND failures > 0";
            count(&format!("{missed} AND failing_since IS NOT NULL")).await == 2
        })
        .await;
        until("the rest is done", async || {
            let done = "name IN ('storage', 'blobs') AND done_at IS NOT NULL";
            count(&format!("{done} AND failing_since IS NULL")).await == 2
        })
        .await;
        until("it was looked", async || services::alert::silence(&t.ctx).await.unwrap().is_none())
            .await;
        stop.send_replace(true);
        worker.await.unwrap();
    });
}

#[test]
fn whoever_shows_pages_tells_that_no_worker_works() {
    both(async |t| {
        let relay = Relay::start().await;
        let platform = platform_by(&t, NOWHERE, Some(relay.url()));
        admin(&t, "sato@city.mihon.example").await;
        let ctx = platform.system();
        assert!(services::alert::look_after(&platform, &ctx).await.unwrap());
        assert!(!services::alert::look_after(&platform, &ctx).await.unwrap(), "told once");
        assert_eq!(handed_over(&platform).await, 1);
        assert_eq!(relay.mails()[0].to, "sato@city.mihon.example");
        relay.stop();
    });
}

#[test]
fn a_report_says_what_happened_and_who_did_what() {
    both(async |t| {
        let platform = platform_by(&t, NOWHERE, None);
        let (_, ctx) = admin(&t, "sato@city.mihon.example").await;
        let id = held(&t).await;
        services::alert::watch(&platform, &platform.system()).await.unwrap();
        let alert = services::alert::open(&ctx).await.unwrap().remove(0).id;
        t.later(MINUTE);
        services::alert::see(&ctx, alert).await.unwrap();
        t.later(MINUTE);
        services::delivery::cancel(&platform, &ctx, id).await.unwrap();
        services::alert::watch(&platform, &platform.system()).await.unwrap();

        let report = services::alert::report(&ctx, Of::Delivery(id)).await.unwrap();
        assert_eq!(services::alert::report(&ctx, Of::Alert(alert)).await.unwrap(), report);
        assert!(report.ledger && report.alerts.len() == 1 && report.title().contains("断水"));
        assert!(report.events.is_sorted_by_key(|e| e.at));
        let seen: Vec<(&str, &str)> =
            report.events.iter().map(|e| (e.who.as_str(), e.what.as_str())).collect();
        for line in [
            ("", "送らずに止めています"),
            ("", "知らせが始まりました"),
            ("見本 花子", "知らせを見ました"),
            ("見本 花子（1）", "配信を取り消した"),
            ("", "配信を止めました"),
            ("", "知らせが終わりました"),
        ] {
            assert!(seen.contains(&line), "{line:?} in {seen:?}");
        }

        // Who may not read the ledger sees the rest.
        let role = Role::Viewer;
        let viewer =
            Actor::Staff { id: StaffId(99), department: domain::id::DepartmentId(1), role };
        let viewer = t.ctx.acting(viewer);
        let less = services::alert::report(&viewer, Of::Alert(alert)).await.unwrap();
        assert!(!less.ledger && less.events.len() < report.events.len());
        assert!(less.events.iter().all(|e| !matches!(e.source, Source::Ledger(_))));
        let nowhere = services::alert::report(&viewer, Of::Alert(AlertId(999))).await;
        assert!(matches!(nowhere, Err(Error::NotFound)), "{nowhere:?}");
        let nobody = t.ctx.acting(Actor::Nobody);
        for of in [Of::Alert(alert), Of::Delivery(id)] {
            let refused = services::alert::report(&nobody, of).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        }

        // One of no delivery stands alone.
        services::alert::look_after(&platform, &platform.system()).await.unwrap();
        let alert = services::alert::open(&ctx).await.unwrap().remove(0).id;
        let alone = services::alert::report(&ctx, Of::Alert(alert)).await.unwrap();
        assert_eq!((alone.alerts.len(), alone.progress), (1, None));
    });
}

#[test]
fn a_trial_goes_to_the_own_address() {
    both(async |t| {
        let relay = Relay::start().await;
        let platform = platform_by(&t, NOWHERE, Some(relay.url()));
        let (id, ctx) = admin(&t, "sato@city.mihon.example").await;
        assert_eq!(try_out(&platform, &ctx, id).await.unwrap(), "sato@city.mihon.example");
        assert_eq!(handed_over(&platform).await, 1);
        assert_eq!(relay.mails()[0].to, "sato@city.mihon.example");
        // A relay without a user.
        let open = platform_by(&t, NOWHERE, Some(relay.open_url()));
        try_out(&open, &ctx, id).await.unwrap();
        assert_eq!(handed_over(&open).await, 1);
        assert_eq!(relay.mails()[1].from, "noreply@localhost.localdomain");
        relay.stop();
    });
}
