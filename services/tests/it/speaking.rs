//! A delivery in several languages, from end to end (SEG-4).

use crate::line::Line;
use crate::support::both;
use domain::delivery::{Correction, Draft, Purpose, Status};
use domain::language::Language;
use line::UserId;
use sandbox::{Faults, Filter};
use serde_json::{Value, json};
use services::delivery::{check, create, for_systems, retract};
use services::resident::languages;
use std::collections::BTreeMap;

/// Friends of the account whose profiles show these languages.
#[expect(clippy::disallowed_methods, reason = "a test asks once")]
async fn friends(line: &Line, tags: &[&str]) -> Vec<UserId> {
    let residents: Vec<Value> = tags
        .iter()
        .enumerate()
        .map(|(n, tag)| json!({"name": format!("住民{n}"), "language": tag, "friend": true}))
        .collect();
    let url = format!("{}/_sandbox/residents", line.sandbox.url());
    let made: Value = reqwest::Client::new()
        .post(url)
        .json(&json!({"residents": residents}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let users: Vec<UserId> = made["user_ids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|u| u.as_str().unwrap().parse().unwrap())
        .collect();
    let ctx = line.platform.system();
    let known: Vec<[u8; 16]> = users.iter().map(|u| *u.as_bytes()).collect();
    store::resident::sync(&ctx, &known, ctx.now()).await.unwrap();
    users
}

async fn words(line: &Line, user: UserId) -> Vec<String> {
    let told = line.told(user).await;
    told.iter().map(|m| m["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn each_reads_their_own_language_with_its_mark_although_line_stumbles() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = friends(&line, &["ja", "en-GB", "zh-TW", "th", "pt"]).await;
        let ctx = line.platform.system();
        assert_eq!(languages(&line.platform, &ctx).await.unwrap(), 5);
        assert_eq!(languages(&line.platform, &ctx).await.unwrap(), 0, "they are known");
        line.faults(Faults {
            rate_429: 0.1,
            rate_500: 0.1,
            lost_after_acceptance: 0.2,
            seed: 5,
            ..Faults::default()
        });
        line.outbox("one");
        line.outbox("two");
        let body = json!({
            "title": "断水",
            "audience": {"everyone": true},
            "parts": [{"text": "断水します"}],
            "variants": {"en": [{"text": "No water"}, {"text": "https://a.example/"}], "ja-easy": [{"text": "水が出ません"}]},
            "purpose": "drill",
        });
        let id = create(&line.platform, &ctx, &body).await.unwrap().id;
        let d = line.ended(id).await;
        assert_eq!((d.status, d.figures.accepted), (Status::Done, 5));
        assert_eq!(line.received(), [(1, 5)], "one call each");
        assert_eq!(words(&line, users[0]).await, ["【訓練】断水します"]);
        let english = words(&line, users[1]).await;
        assert_eq!((english.len(), english[0].as_str()), (2, "【DRILL】No water"));
        assert!(english[1].starts_with("【DRILL】http://127.0.0.1:3000/r/"), "{english:?}");
        for other in &users[2..] {
            assert_eq!(words(&line, *other).await, ["【訓練（くんれん）】水が出ません"]);
        }
        let told = for_systems(&ctx, id).await.unwrap();
        assert_eq!(told["languages"], json!({"ja": 1, "en": 1, "ja-easy": 3}));
        assert_eq!(told["variants"]["ja-easy"], json!([{"text": "水が出ません"}]));

        // The correction: in words of one's own, or those written beforehand.
        let texts = BTreeMap::from([(Language::English, "It was wrong".to_owned())]);
        let correction = Correction { text: "誤りでした".into(), texts, after: None };
        let fix = retract(&line.platform, &ctx, id, &correction).await.unwrap();
        line.ended(fix).await;
        assert_eq!(words(&line, users[0]).await.last().unwrap(), "【訓練】誤りでした");
        assert_eq!(words(&line, users[1]).await.last().unwrap(), "【DRILL】It was wrong");
        let easy = words(&line, users[3]).await;
        assert!(
            easy.last().unwrap().starts_with("【訓練（くんれん）】【訂正（ていせい）】"),
            "{easy:?}"
        );
        line.end().await;
    });
}

#[test]
fn what_is_wrong_is_said_with_its_language() {
    both(async |t| {
        let line = Line::start(&t).await;
        friends(&line, &["en", "ko"]).await;
        let ctx = line.platform.system();
        languages(&line.platform, &ctx).await.unwrap();
        let body = json!({
            "title": "断水",
            "audience": {"everyone": true},
            "parts": [{"text": "断水します"}],
            "variants": {"en": [{"text": "{{nowhere|you}}"}]},
            "purpose": "notice",
        });
        let refused = create(&line.platform, &ctx, &body).await.unwrap_err();
        let services::Error::Invalid(problems) = refused else { panic!("{refused:?}") };
        assert_eq!(problems[0].at, "/variants/en/0/text");
        assert!(problems[0].message.starts_with("英語：差しこむ登録項目"), "{problems:?}");

        let read = domain::delivery::NewDelivery::parse(
            &json!({
                "title": "断水", "audience": {"everyone": true}, "purpose": "notice",
                "parts": [{"text": "断水"}], "variants": {"en": [{"text": "Water"}], "ko": [{"text": "断水"}]},
            }),
            ctx.now(),
        )
        .unwrap();
        let mut draft = Draft {
            title: read.title,
            purpose: Purpose::Notice,
            audience: Some(read.audience),
            parts: read.parts,
            variants: read.variants,
            ..Draft::default()
        };
        let seen = check(&ctx, &draft).await.unwrap();
        assert_eq!(seen.problems, []);
        assert_eq!(
            seen.languages,
            [(Language::Japanese, 0), (Language::English, 1), (Language::Korean, 1)]
        );
        assert!(seen.warnings.iter().any(|w| w.contains("韓国語の内容が、日本語と同じです")));
        draft.parts = vec![domain::message::Part::Text { text: "断水します".into() }];
        draft.variants[0].parts.clear();
        let seen = check(&ctx, &draft).await.unwrap();
        assert_eq!(seen.problems[0].at, "/variants/en");
        assert!(seen.warnings.iter().any(|w| w.contains("韓国語の内容を見直してください")));
        line.end().await;
    });
}

#[test]
fn without_the_follower_list_other_languages_go_to_those_whom_we_know() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.faults(Faults { followers_forbidden: true, ..Faults::default() });
        let users = friends(&line, &["ja", "en"]).await;
        let ctx = line.platform.system();
        languages(&line.platform, &ctx).await.unwrap();
        line.outbox("one");
        let body = json!({
            "title": "断水", "audience": {"everyone": true}, "purpose": "notice",
            "parts": [{"text": "断水"}], "variants": {"en": [{"text": "Water"}]},
        });
        let id = create(&line.platform, &ctx, &body).await.unwrap().id;
        let d = line.ended(id).await;
        assert!(!d.counted_by_line);
        assert_eq!(words(&line, users[1]).await, ["Water"]);
        assert_eq!(line.sandbox.received(&Filter::default()).received_total, 2);
        line.end().await;
    });
}
