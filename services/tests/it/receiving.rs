//! What LINE brings: signatures, follow and greeting, answers by tapping, leaving, taking back.

use crate::line::{Line, questions, until};
use crate::support::{Test, both};
use bytes::Bytes;
use domain::audience::{Among, Audience};
use domain::delivery::{NewDelivery, Purpose};
use domain::id::ResidentId;
use domain::message::{Act, Button, Part};
use line::UserId;
use sandbox::config::DEMO_CHANNEL_SECRET;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use services::greeting::Tap;
use services::inbox::{Intake, Refused};
use std::time::Duration;
use store::inbox::backlog;

/// A signed webhook of these events.
fn webhook(events: Value) -> (String, Bytes) {
    let body =
        json!({"destination": "Ub07b07b07b07b07b07b07b07b07b07b0", "events": events}).to_string();
    (line::signature::sign(DEMO_CHANNEL_SECRET, body.as_bytes()), body.into())
}

pub fn event(id: &str, user: UserId, at: i64, more: Value) -> Value {
    let mut event = json!({
        "webhookEventId": id, "timestamp": at / 1_000, "mode": "active",
        "source": {"type": "user", "userId": user.to_string()}, "deliveryContext": {"isRedelivery": false}
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

pub async fn take(intake: &Intake, events: Value) -> Result<(), Refused> {
    let (signature, body) = webhook(events);
    intake.receive(Some(&signature), body).await
}

/// Waits until the talk has so many messages of ours; answers the last.
async fn said(line: &Line, user: UserId, count: usize) -> Value {
    until(&format!("{count} messages are there"), async || line.told(user).await.len() >= count)
        .await;
    let messages = line.told(user).await;
    assert_eq!(messages.len(), count, "{messages:?}");
    messages[count - 1].clone()
}

/// What the quick replies of a message carry.
fn taps(message: &Value) -> Vec<String> {
    let items = message["quickReply"]["items"].as_array().unwrap();
    items
        .iter()
        .map(|i| i["action"]["data"].as_str().or(i["action"]["uri"].as_str()).unwrap().to_owned())
        .collect()
}

async fn chosen(t: &Test, id: ResidentId) -> usize {
    store::resident::get(&t.ctx, id).await.unwrap().choices.len()
}

#[test]
fn while_the_database_does_not_answer_line_is_asked_to_come_again() {
    both(async |t| {
        let line = Line::start(&t).await;
        let intake = Intake::open(&line.platform);
        let user = UserId::from_bytes([1; 16]);
        let events = json!([event("stuck", user, t.ctx.now().0, json!({"type": "unheard-of"}))]);
        // SQLite has one writer; PostgreSQL must be kept from this table.
        let tx = t.ctx.store.begin().await.unwrap();
        if !t.ctx.store.is_sqlite() {
            tx.execute_unprepared("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE").await.unwrap();
        }
        let asked = tokio::time::timeout(Duration::from_secs(60), take(&intake, events.clone()));
        assert_eq!(asked.await, Ok(Err(Refused::Unavailable)));
        tx.rollback().await.unwrap();
        assert_eq!(take(&intake, events).await, Ok(()));
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM inbox").await, 1);
    });
}

#[test]
fn only_what_line_signed_comes_in() {
    both(async |t| {
        let line = Line::start(&t).await;
        let intake = Intake::open(&line.platform);
        let user = UserId::from_bytes([1; 16]);
        let (signature, body) = webhook(json!([event(
            "e1",
            user,
            0,
            json!({"type": "follow", "follow": {"isUnblocked": false}})
        )]));
        let mut changed = body.to_vec();
        changed[20] ^= 1;
        for (signature, body) in [
            (None, body.clone()),
            (Some(""), body.clone()),
            (Some("AAAA"), body.clone()),
            (Some(&signature[1..]), body.clone()),
            (Some(signature.as_str()), Bytes::from(changed)),
            (Some(line::signature::sign("another secret", &body).as_str()), body.clone()),
        ] {
            assert_eq!(
                intake.receive(signature, body).await,
                Err(Refused::Signature),
                "{signature:?}"
            );
        }
        for bad in [&b""[..], b"{", b"[]", b"{}", b"{\"events\":3}", b"\xff\xfe"] {
            let signature = line::signature::sign(DEMO_CHANNEL_SECRET, bad);
            assert_eq!(
                intake.receive(Some(&signature), Bytes::from_static(bad)).await,
                Err(Refused::Malformed),
                "{bad:?}"
            );
        }
        assert_eq!(backlog(&t.ctx).await.unwrap(), (0, 0));
        // LINE's check of the address has no events.
        assert_eq!(take(&intake, json!([])).await, Ok(()));
        assert_eq!(intake.receive(Some(&signature), body.clone()).await, Ok(()));
        assert_eq!(intake.receive(Some(&signature), body).await, Ok(()), "LINE delivers it again");
        assert_eq!(backlog(&t.ctx).await.unwrap(), (1, 0));
        line.end().await;
    });
}

#[test]
fn many_requests_at_once_are_all_stored_once() {
    both(async |t| {
        let line = Line::start(&t).await;
        let intake = Intake::open(&line.platform);
        let follow = |n: u8| {
            event(&format!("e{n}"), UserId::from_bytes([n; 16]), 0, json!({"type": "follow"}))
        };
        let requests = (0..100u8).map(|n| take(&intake, json!([follow(n), follow(n / 2)])));
        for taken in futures::future::join_all(requests).await {
            assert_eq!(taken, Ok(()));
        }
        assert_eq!(backlog(&t.ctx).await.unwrap(), (100, 0));
        line.end().await;
    });
}

#[test]
fn while_the_database_is_away_line_is_asked_to_come_again() {
    both(async |t| {
        let line = Line::start(&t).await;
        let intake = Intake::open(&line.platform);
        t.ctx.store.close().await;
        let user = UserId::from_bytes([1; 16]);
        assert_eq!(
            take(&intake, json!([event("e1", user, 0, json!({"type": "follow"}))])).await,
            Err(Refused::Unavailable)
        );
        line.end().await;
    });
}

#[test]
fn a_follow_is_greeted_and_taps_are_remembered() {
    both(async |t| {
        questions(&t).await;
        store::setting::set(&t.ctx, "city", "みほん市").await.unwrap();
        let mut line = Line::start(&t).await;
        let intake = Intake::open(&line.platform);
        line.inbox();
        line.outbox("one");
        let user = line.sandbox.create_resident("見本 花子", true).unwrap();
        let now = line.platform.system().now().0;
        // The reply token is not LINE's: the greeting matters and is pushed.
        take(
            &intake,
            json!([event(
                "e1",
                user,
                now,
                json!({"type": "follow", "replyToken": "0123456789abcdef0123456789abcdef"})
            )]),
        )
        .await
        .unwrap();
        let question = said(&line, user, 2).await;
        let hello = line.told(user).await[0]["text"].as_str().unwrap().to_owned();
        assert!(
            hello.starts_with("みほん市の公式アカウントです") && hello.contains("/register"),
            "{hello}"
        );
        let answer = |q: &str, c: &str| Tap::Answer { question: q.into(), choice: c.into() }.data();
        let offered = taps(&question);
        assert_eq!(
            offered[..3],
            [answer("age", "young"), answer("age", "old"), Tap::After("age".into()).data()]
        );
        let id = store::resident::find(&t.ctx, user.as_bytes()).await.unwrap().unwrap();
        assert!(store::resident::get(&t.ctx, id).await.unwrap().friend);

        // Replies to taps may be lost; what was tapped is kept all the same.
        let taps = [
            answer("age", "old"),
            answer("topics", "waste"),
            answer("topics", "event"),
            answer("topics", "waste"),
            answer("age", "nowhere"),
            "menu:7".into(),
        ];
        for (n, data) in taps.into_iter().enumerate() {
            take(
                &intake,
                json!([event(
                    &format!("tap{n}"),
                    user,
                    now + (n as i64 + 1) * 1_000,
                    json!({"type": "postback", "postback": {"data": data}})
                )]),
            )
            .await
            .unwrap();
        }
        until("all is worked on", async || backlog(&t.ctx).await.unwrap() == (0, 0)).await;
        assert_eq!(chosen(&t, id).await, 2, "65歳から and もよおし; ごみ was taken back");
        assert_eq!(
            store::resident::history(&t.ctx, id)
                .await
                .unwrap()
                .iter()
                .filter(|l| l.kind == "talk")
                .count(),
            4
        );

        // The same follow again, and one of a friend, do not greet again.
        take(
            &intake,
            json!([
                event("e1", user, now, json!({"type": "follow"})),
                event("e2", user, now + 9_000, json!({"type": "follow"}))
            ]),
        )
        .await
        .unwrap();
        until("all is worked on", async || backlog(&t.ctx).await.unwrap() == (0, 0)).await;
        assert_eq!(store::outbox::next_due(&t.ctx).await.unwrap(), None);
        assert_eq!(line.told(user).await.len(), 2);
        line.end().await;
    });
}

#[test]
fn in_the_talk_question_follows_question() {
    both(async |t| {
        questions(&t).await;
        let line = Line::start(&t).await;
        let platform = &line.platform;
        let ctx = platform.system();
        let (id, _) = store::resident::follow(&ctx, &[1; 16], ctx.now()).await.unwrap();
        let text = async |tap: Tap| {
            let answer = services::greeting::answer(platform, &ctx, id, &tap).await.unwrap();
            answer
                .map(|m| serde_json::to_value(&m[0]).unwrap()["text"].as_str().unwrap().to_owned())
        };
        let answer = |q: &str, c: &str| Tap::Answer { question: q.into(), choice: c.into() };
        assert!(
            text(answer("age", "old")).await.unwrap().starts_with("お知らせの種類\nいくつでも")
        );
        assert!(
            text(answer("topics", "waste")).await.unwrap().contains("いま選んでいるもの：ごみ\n")
        );
        assert!(
            text(answer("topics", "event"))
                .await
                .unwrap()
                .contains("いま選んでいるもの：ごみ・もよおし\n")
        );
        assert!(
            text(Tap::After("topics".into())).await.unwrap().starts_with("ありがとうございます")
        );
        assert!(
            text(answer("age", "nowhere")).await.unwrap().starts_with("年代"),
            "an answer that is not offered is asked for again"
        );
        assert_eq!(text(answer("gone", "x")).await, None);
        assert_eq!(chosen(&t, id).await, 3);
        line.end().await;
    });
}

#[test]
fn leaving_and_taking_back() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let intake = Intake::open(&line.platform);
        let (user, other) = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let now = line.platform.system().now().0;
        let message = |id: &str, user, message: &str, at| {
            event(
                id,
                user,
                at,
                json!({"type": "message", "message": {"type": "text", "id": message, "text": "相談です"}}),
            )
        };
        take(
            &intake,
            json!([
                event("e1", user, now, json!({"type": "follow"})),
                message("e2", user, "m1", now + 1_000),
                event(
                    "e3",
                    user,
                    now + 2_000,
                    json!({"type": "unsend", "unsend": {"messageId": "m1"}})
                ),
                message("e4", other, "m2", now),
                event("e5", user, now + 3_000, json!({"type": "unfollow"})),
                event(
                    "e6",
                    user,
                    now + 4_000,
                    json!({"type": "somethingNew", "somethingNew": {"x": 1}})
                ),
            ]),
        )
        .await
        .unwrap();
        assert!(store::inbox::body(&t.ctx, "e2").await.is_ok());
        line.inbox();
        until("all is worked on", async || backlog(&t.ctx).await.unwrap() == (0, 0)).await;
        assert!(
            matches!(store::inbox::body(&t.ctx, "e2").await, Err(services::Error::NotFound)),
            "taken back, so gone"
        );
        assert!(
            String::from_utf8(store::inbox::body(&t.ctx, "e4").await.unwrap())
                .unwrap()
                .contains("相談です")
        );
        let id = store::resident::find(&t.ctx, user.as_bytes()).await.unwrap().unwrap();
        assert!(!store::resident::get(&t.ctx, id).await.unwrap().friend);
        line.end().await;
    });
}

#[test]
fn who_replies_can_be_asked_for() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(4).await;
        let reply = |words: &str| Button { label: words.into(), act: Act::Reply(words.into()) };
        let parts = vec![
            Part::Text { text: "ご無事ですか。".into() },
            Part::Quick { quick: vec![reply("無事です"), reply("助けが必要です")] },
        ];
        let new = NewDelivery {
            title: "安否の確認".into(),
            audience: Audience::Everyone,
            parts,
            purpose: Purpose::Drill,
            send_at: None,
            uncounted: vec![],
            variants: vec![],
        };
        let ctx = line.platform.system();
        let id = store::delivery::create(&ctx, &new, None).await.unwrap();
        line.outbox("one");
        line.inbox();
        line.ended(id).await;
        let taps = taps(&said(&line, users[0], 1).await);
        assert_eq!(taps, [format!("reply:{id}:無事です"), format!("reply:{id}:助けが必要です")]);

        let intake = Intake::open(&line.platform);
        let tap = |n: usize, who: usize, data: &str| {
            let more = json!({"type": "postback", "postback": {"data": data}, "replyToken": "0"});
            event(&format!("reply-{n}"), users[who], ctx.now().0, more)
        };
        // One twice, one both, and what was never asked.
        let events = json!([
            tap(1, 0, &taps[0]),
            tap(2, 0, &taps[0]),
            tap(3, 1, &taps[0]),
            tap(4, 1, &taps[1]),
            tap(5, 2, &format!("reply:{id}:いやです")),
            tap(6, 2, "reply:999999:無事です"),
        ]);
        take(&intake, events).await.unwrap();
        until("all is worked on", async || backlog(&ctx).await.unwrap() == (0, 0)).await;
        let measured = services::delivery::measured(&ctx, id).await.unwrap();
        let counted = [("無事です".to_owned(), 2), ("助けが必要です".to_owned(), 1)];
        assert_eq!((measured.replies.as_slice(), measured.repliers), (&counted[..], 2));

        let found = services::audience::askable(&ctx, Among::Replied, "助け").await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].words(), "配信『安否の確認』に「助けが必要です」");
        let who = Audience::Among { what: Among::Replied, id: Some(found[0].id) };
        let others = Audience::Not(Box::new(who.clone()));
        for (audience, people) in [(&who, 1), (&others, 3)] {
            assert_eq!(services::audience::count(&ctx, audience, "").await.unwrap().count, people);
        }
        let second = line.deliver(Purpose::Notice, who, None).await;
        assert_eq!(line.ended(second).await.figures.accepted, 1);
        assert_eq!(line.told(users[1]).await.len(), 2);
        let csv = services::delivery::File::Csv;
        let file = services::delivery::figures_file(&ctx, id, csv).await.unwrap();
        assert!(String::from_utf8(file).unwrap().contains("返事（人）,無事です,2,50"));
        line.end().await;
    });
}
