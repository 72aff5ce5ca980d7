//! A text that says something else to each resident, from end to end (SEG-4).

use crate::line::{Line, questions};
use crate::support::both;
use domain::audience::Audience;
use domain::delivery::{Figures, Status};
use sandbox::{Faults, Filter, Kind};
use serde_json::json;
use services::delivery::create;
use store::resident::{ImportRow, import};

#[test]
fn everybody_reads_their_own_words_once_although_line_stumbles() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        questions(&t).await;
        let users = line.friends(60).await;
        let catalog = store::attribute::catalog(&t.ctx).await.unwrap();
        let (age, topics) = (catalog.get("age").unwrap(), catalog.get("topics").unwrap());
        let young = age.choice("young").unwrap().id;
        let both = topics.choices.iter().map(|c| c.id).collect::<Vec<_>>();
        let row = |n: usize, facts| ImportRow { user: *users[n].as_bytes(), facts };
        let mut rows: Vec<ImportRow> =
            (0..40).map(|n| row(n, vec![(age.id, vec![young].into())])).collect();
        rows.push(row(40, vec![(topics.id, both.into())]));
        import(&t.ctx, rows).await.unwrap();
        line.faults(Faults {
            rate_429: 0.1,
            rate_500: 0.1,
            rate_500_accepted: 0.1,
            lost_after_acceptance: 0.2,
            seed: 11,
            ..Faults::default()
        });
        line.outbox("one");
        line.outbox("two");
        let body = json!({
            "title": "ごあいさつ",
            "audience": {"everyone": true},
            "parts": [{"text": "{{age|みなさま}}へ"}, {"text": "ごらんの種類：{{topics|なし}}"}],
            "purpose": "drill",
        });
        let ctx = line.platform.system();
        let id = create(&line.platform, &ctx, &body).await.unwrap().id;
        let d = line.ended(id).await;
        let all = Figures { recipients: 60, accepted: 60, failed: 0, withheld: 0 };
        assert_eq!((d.status, d.figures), (Status::Done, all));
        assert_eq!(line.received(), [(1, 60)]);
        let pushes = line.sandbox.received(&Filter { kind: Some(Kind::Push), ..Filter::default() });
        assert_eq!(pushes.received_total, 1, "the one whose words nobody shares");
        for (n, first, second) in
            [(7, "39歳まで", "なし"), (40, "みなさま", "ごみ、もよおし"), (50, "みなさま", "なし")]
        {
            let told: Vec<_> =
                line.told(users[n]).await.iter().map(|m| m["text"].clone()).collect();
            let words = [format!("【訓練】{first}へ"), format!("【訓練】ごらんの種類：{second}")];
            assert_eq!(told, words, "{n}");
        }
        line.end().await;
    });
}

#[test]
fn what_cannot_be_filled_in_is_refused_and_held() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        questions(&t).await;
        line.friends(3).await;
        let ctx = line.platform.system();
        let body = |text: &str| json!({"title": "あ", "audience": {"everyone": true}, "parts": [{"text": text}], "purpose": "notice"});
        let refused = create(&line.platform, &ctx, &body("{{nowhere|x}}")).await.unwrap_err();
        assert!(
            matches!(&refused, services::Error::Invalid(p) if p[0].at == "/parts/0/text"),
            "{refused:?}"
        );
        // Braces that are no variable are plain text.
        line.outbox("one");
        let id = create(&line.platform, &ctx, &body("{{7*7}}")).await.unwrap().id;
        assert_eq!(line.ended(id).await.status, Status::Done);
        // What was there when it was planned, and is gone when its time comes.
        let later = ctx.now().plus(domain::time::HOUR);
        let mut planned = body("{{age|x}}");
        planned["send_at"] = later.rfc3339().into();
        let id = create(&line.platform, &ctx, &planned).await.unwrap().id;
        t.sql("UPDATE attribute SET personal = TRUE WHERE key = 'age'").await;
        services::outbox::start(&line.platform, &ctx, id, later, None).await.unwrap();
        let held = line.get(id).await;
        assert_eq!(held.status, Status::Held);
        assert!(held.held_reason.unwrap().contains("個人情報"));
        assert!(held.audience.is_some_and(|a| a == Audience::Everyone));
        line.end().await;
    });
}
