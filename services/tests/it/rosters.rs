//! Files of the city's become lists: whatever they look like, nothing is kept before it is
//! told to, and no user id of LINE is shown back (SEG-2).

use crate::line::{Line, until};
use crate::support::{Test, both};
use bytes::Bytes;
use domain::audience::{Among, Audience};
use domain::delivery::gate::Confirmed;
use domain::delivery::{Figures, Purpose, Status};
use domain::id::RosterId;
use domain::permission::{Actor, Permission};
use domain::roster::{Answer, Ask, By, Mapping, Preview, Target, Why};
use domain::time::SECOND;
use sandbox::Faults;
use serde_json::json;
use services::roster::take;
use services::{Context, Error, attribute, audience};

fn line_id(n: u32) -> String {
    format!("U{n:032x}")
}

/// Friends 0–5 with a number each, of whom 3 has blocked us and 4 and 5 wrote the same.
async fn city(t: &Test) {
    for (key, label) in [("no", "世帯番号"), ("pet", "ペットの名前")] {
        let body = json!({"key": key, "label": label, "kind": "text"});
        attribute::create_from_json(&t.ctx, &body).await.unwrap();
    }
    let mut body = String::new();
    for (n, no) in ["A-001", "a-002", "Ａ－００３", "A-004", "A-005", "A-005"].iter().enumerate()
    {
        let line = json!({"line_user_id": line_id(n as u32), "attributes": {"no": no}});
        body.push_str(&format!("{line}\n"));
    }
    let mut import = services::resident::Import::begin(&t.ctx).await.unwrap();
    import.feed(body.as_bytes()).await.unwrap();
    assert_eq!(import.end().await.unwrap().created, 6);
    let mut user = [0; 16];
    user[15] = 3;
    t.later(SECOND);
    store::resident::unfollow(&t.ctx, &user, store::Clock::now(&*t.clock)).await.unwrap();
}

async fn look(ctx: &Context, file: &str, mapping: Option<Mapping>) -> Preview {
    let ask = Ask { mapping, target: None };
    match take(ctx, Bytes::from(file.to_owned()), ask).await.unwrap() {
        Answer::Looked(preview) => preview,
        other => panic!("{other:?}"),
    }
}

async fn kept(ctx: &Context, file: &str, mapping: Mapping, target: Target) -> RosterId {
    let ask = Ask { mapping: Some(mapping), target: Some(target) };
    match take(ctx, Bytes::from(file.to_owned()), ask).await.unwrap() {
        Answer::Kept(id) => id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_by_numbers_is_looked_at_and_taken() {
    both(async |t| {
        city(&t).await;
        let file = "氏名,世帯番号\n山田,ａ－００１\n鈴木,A-003\n\n佐藤,\n高橋,A-004\n田中,A-005\n伊藤,A-999\n渡辺,A-001 \n";
        let preview = look(&t.ctx, file, None).await;
        let mapping = Mapping { header: true, column: 1, by: By::Attribute("no".into()) };
        assert_eq!(preview.mapping, mapping, "the column is called like the attribute");
        assert_eq!(preview.columns, ["氏名", "世帯番号"]);
        assert_eq!(preview.rows[0], ["山田", "ａ－００１"]);
        assert_eq!(preview.attributes.len(), 2);
        assert_eq!((preview.report.lines, preview.report.found), (7, 2));
        assert_eq!(
            preview.report.without,
            [
                (5, Why::Empty),
                (6, Why::NoFriend),
                (7, Why::Several),
                (8, Why::Unknown),
                (9, Why::Again(2)),
            ]
        );
        assert_eq!(
            services::roster::listed(&t.ctx, "", 1).await.unwrap().total,
            0,
            "only looked at"
        );

        let without_header = Mapping { header: false, ..mapping.clone() };
        let again = look(&t.ctx, file, Some(without_header)).await;
        assert_eq!((again.report.lines, again.columns[1].as_str()), (8, "2列目"));
        assert_eq!(again.report.without[0], (1, Why::Unknown));

        let id = kept(&t.ctx, file, mapping.clone(), Target::New("給付の対象".into())).await;
        let opened = services::roster::opened(&t.ctx, id).await.unwrap();
        assert_eq!((opened.row.count, opened.row.lines), (2, 7));
        assert_eq!(opened.row.found_by, "世帯番号");
        let who = Audience::Among { what: Among::List, id: Some(id.0) };
        assert_eq!(audience::count(&t.ctx, &who, "").await.unwrap().count, 2);

        // The content is replaced whole; what a colleague changed meanwhile is not overwritten.
        let other = "世帯番号\nA-002\n";
        let first = Mapping { column: 0, ..mapping.clone() };
        let seen = opened.row.updated_at;
        t.later(SECOND);
        kept(&t.ctx, other, first.clone(), Target::Replace(id, seen)).await;
        assert_eq!(audience::count(&t.ctx, &who, "").await.unwrap().count, 1);
        let late = Ask { mapping: Some(first), target: Some(Target::Replace(id, seen)) };
        let late = take(&t.ctx, Bytes::from(other), late).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    });
}

#[test]
fn user_ids_are_matched_and_never_shown() {
    both(async |t| {
        city(&t).await;
        let mut file = String::from("メモ,LINE\n");
        for n in [0, 1, 3, 77, 1] {
            file.push_str(&format!("x,{}\n", line_id(n)));
        }
        file.push_str("x,U123\nx\n");
        let preview = look(&t.ctx, &file, None).await;
        assert_eq!(preview.mapping, Mapping { header: true, column: 1, by: By::Line });
        assert_eq!(preview.report.found, 2);
        assert_eq!(
            preview.report.without,
            [
                (4, Why::NoFriend),
                (5, Why::Unknown),
                (6, Why::Again(3)),
                (7, Why::NoId),
                (8, Why::Empty),
            ]
        );
        // Also where another column is chosen, or the ids stand where names of columns would.
        let bare = file.lines().skip(1).collect::<Vec<_>>().join("\n");
        let other = Mapping { header: true, column: 0, by: By::Attribute("no".into()) };
        for (file, mapping) in
            [(&file, None), (&file, Some(other.clone())), (&bare, None), (&bare, Some(other))]
        {
            let words = serde_json::to_string(&look(&t.ctx, file, mapping).await).unwrap();
            assert!(!words.contains("U0000"), "{words}");
            assert!(words.contains("LINEのユーザーID"), "{words}");
        }
        assert!(!look(&t.ctx, &bare, None).await.mapping.header);
        let id = kept(&t.ctx, &file, preview.mapping, Target::New("名簿".into())).await;
        assert_eq!(services::roster::opened(&t.ctx, id).await.unwrap().row.count, 2);
    });
}

#[test]
fn what_brings_nobody_or_does_not_fit_is_refused() {
    both(async |t| {
        city(&t).await;
        let by = |key: &str| Mapping { header: true, column: 0, by: By::Attribute(key.into()) };
        let new = |name: &str| Some(Target::New(name.into()));
        for (file, mapping, target, wrong) in [
            ("\u{0}", None, None, "/file"),
            ("a\n1\n", Some(Mapping { column: 5, ..by("no") }), None, "/column"),
            ("a\n1\n", Some(by("gone")), None, "/by"),
            ("a\nA-001\n", Some(by("no")), new(" "), "/name"),
        ] {
            let refused = take(&t.ctx, Bytes::from(file), Ask { mapping, target }).await;
            match refused {
                Err(Error::Invalid(problems)) => assert_eq!(problems[0].at, wrong),
                other => panic!("{wrong}: {other:?}"),
            }
        }
        let nobody = Ask { mapping: Some(by("no")), target: new("空") };
        let nobody = take(&t.ctx, Bytes::from("a\nA-004\nA-999\n"), nobody).await;
        assert!(matches!(nobody, Err(Error::Conflict(_))), "{nobody:?}");
        let without = [Permission::AudienceRead, Permission::AudienceWrite].to_vec();
        let actor = Actor::Token { id: domain::id::TokenId(1), permissions: without };
        let ask = Ask { mapping: None, target: None };
        let refused = take(&t.ctx.acting(actor), Bytes::from("a\nA-001\n"), ask).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        assert_eq!(services::roster::listed(&t.ctx, "", 1).await.unwrap().total, 0);
    });
}

#[test]
fn a_list_that_is_gone_holds_the_delivery() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(3).await;
        let found = store::roster::Found::default();
        let id = store::roster::create(&t.ctx, "名簿", &found).await.unwrap();
        let who = Audience::Not(Box::new(Audience::Among { what: Among::List, id: Some(id.0) }));
        let delivery = line.deliver(Purpose::Notice, who, None).await;
        // Not by the page, which refuses it: whatever happens to the row, nobody is written to.
        t.sql("DELETE FROM roster").await;
        line.outbox("one");
        until("it is held", async || line.get(delivery).await.status == Status::Held).await;
        let d = line.get(delivery).await;
        assert_eq!((d.status, d.figures), (Status::Held, Figures::default()));
        assert!(d.held_reason.unwrap().contains("対象者リスト"));
        assert!(line.received().iter().all(|(times, _)| *times == 0));
        line.end().await;
    });
}

#[test]
fn the_failed_get_it_again_and_nobody_else() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(700).await;
        line.faults(Faults { refuse_ids: vec![users[3], users[650]], ..Faults::default() });
        line.outbox("one");
        let first = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        assert_eq!(line.ended(first).await.figures.failed, 2);
        line.faults(Faults::default());
        let ctx = line.platform.system();
        let draft = services::delivery::resend(&ctx, first).await.unwrap();
        let d = services::delivery::get(&ctx, draft).await.unwrap();
        let confirmed = Confirmed { people: 2, differs: true, ..Confirmed::default() };
        services::delivery::send(&line.platform, &ctx, draft, d.updated_at, confirmed)
            .await
            .unwrap();
        let d = line.ended(draft).await;
        assert_eq!((d.figures.recipients, d.figures.accepted), (2, 2));
        assert_eq!(line.received(), [(1, 700)], "everybody once");
        let catalog = audience::catalog(&ctx, audience::named(&d.audience)).await.unwrap();
        let words = services::delivery::who(&d, &catalog);
        assert!(words.starts_with("配信『") && words.ends_with("』が届かなかった人。"), "{words}");
        line.end().await;
    });
}
