//! What is counted beside choices: ages, days from today, texts, and who uses an attribute (SEG-2).

use crate::support::{Test, both};
use domain::audience::Audience;
use domain::audience::edit::normal;
use domain::audience::saved::{Use, Used, Uses};
use domain::delivery::{Draft, Status};
use domain::id::MenuId;
use domain::menu::Program;
use domain::menu::program::{Period, Variant};
use domain::steps::{Anchor, Edit, Late, State};
use domain::time::DAY;
use serde_json::{Value, json};
use services::audience::{count, explore};
use services::{Error, attribute};

async fn asked(t: &Test) {
    for (key, label, kind) in
        [("born", "生まれた年", "year"), ("due", "予定日", "date"), ("pet", "ペットの名前", "text")]
    {
        let body = json!({"key": key, "label": label, "kind": kind});
        attribute::create_from_json(&t.ctx, &body).await.unwrap();
    }
    let mut body = String::new();
    for (n, answers) in [
        json!({"born": 1961, "due": "2026-11-20", "pet": "ポチ"}),
        json!({"born": 1962, "due": "2026-11-21", "pet": "ﾎﾟﾁ２"}),
        json!({"born": 2026, "due": "2026-12-20"}),
        json!({}),
    ]
    .into_iter()
    .enumerate()
    {
        let line = json!({"line_user_id": format!("U{n:032x}"), "attributes": answers});
        body.push_str(&format!("{line}\n"));
    }
    let mut import = services::resident::Import::begin(&t.ctx).await.unwrap();
    import.feed(body.as_bytes()).await.unwrap();
    assert_eq!(import.end().await.unwrap().created, 4);
}

fn read(json: Value) -> Audience {
    Audience::parse(&json, "/audience").unwrap()
}

#[test]
fn days_from_today_move_with_the_day() {
    both(async |t| {
        asked(&t).await;
        let soon =
            read(json!({"attribute": "due", "date": {"from": {"days": 0}, "to": {"days": 29}}}));
        let n = async |a: &Audience| count(&t.ctx, a, "").await.unwrap().count;
        assert_eq!(n(&soon).await, 2);
        // Noon; at midnight in Tokyo it is the next day.
        t.later(DAY / 2 - 1);
        assert_eq!(n(&soon).await, 2);
        t.later(1);
        assert_eq!(n(&soon).await, 2, "one has passed, one is near now");
        t.later(DAY);
        assert_eq!(n(&soon).await, 1);
        let new = read(json!({"friend_since": {"from": {"days": -1}}}));
        assert_eq!(n(&new).await, 0);
        assert_eq!(n(&read(json!({"friend_since": {"from": {"days": -2}}}))).await, 4);
    });
}

#[test]
fn what_is_explored_counts_every_condition_and_the_ages() {
    both(async |t| {
        asked(&t).await;
        let audience = read(json!({"all": [
            {"any": [{"attribute": "born", "age": {"from": 65}}, {"attribute": "pet", "contains": "ぽ"}, {"attribute": "pet", "equals": "ポチ2"}]},
            {"not": {"attribute": "due", "registered": false}},
            {"last_registered": {"from": {"days": 0}}},
        ]}));
        let explored = explore(&t.ctx, &audience).await.unwrap();
        assert_eq!((explored.count, explored.friends), (2, 4));
        let counts: Vec<(&str, i64)> =
            explored.conditions.iter().map(|(at, n)| (at.as_str(), *n)).collect();
        assert_eq!(
            counts,
            [
                ("/all/0/any/0", 1),
                ("/all/0/any/1", 0),
                ("/all/0/any/2", 1),
                ("/all/1/not", 1),
                ("/all/2", 4),
            ]
        );
        assert_eq!(explored.by[0], ("生まれた年".into(), vec![("60代".into(), 2)]));
        let grouped = attribute::grouped(&t.ctx).await.unwrap();
        let of = |label: &str| {
            grouped.iter().flat_map(|(_, g)| g).find(|(g, _)| g.label == label).map(|(_, n)| *n)
        };
        assert_eq!((of("0〜9歳"), of("2026年11月"), of("2026年12月")), (Some(1), Some(2), Some(1)));
        let answered: Vec<i64> =
            attribute::answered(&t.ctx).await.unwrap().into_iter().map(|(_, n)| n).collect();
        assert_eq!(answered, [3, 3, 2]);
    });
}

#[test]
fn an_attribute_that_an_audience_asks_for_is_not_deleted() {
    both(async |t| {
        asked(&t).await;
        let audience = read(json!({"not": {"attribute": "born", "age": {"to": 18}}}));
        services::audience::save(&t.ctx, None, "大人", &audience).await.unwrap();
        let catalog = attribute::catalog(&t.ctx).await.unwrap();
        let id = |key: &str| catalog.get(key).unwrap().id;
        let uses = attribute::uses(&t.ctx, id("born")).await.unwrap();
        assert_eq!((uses.by, uses.choices_by.len(), uses.residents), (vec!["大人".into()], 0, 3));
        assert!(matches!(attribute::delete(&t.ctx, id("born")).await, Err(Error::Conflict(_))));
        attribute::delete(&t.ctx, id("pet")).await.unwrap();
        let gone = read(json!({"attribute": "pet", "registered": true}));
        let refused = count(&t.ctx, &gone, "/audience").await;
        assert!(matches!(refused, Err(Error::Invalid(p)) if p[0].at == "/audience/attribute"));
    });
}

#[test]
fn a_saved_audience_names_all_that_took_its_condition_over() {
    both(async |t| {
        let who = read(json!({"friend_since": {"from": {"days": -1}}}));
        let id = services::audience::save(&t.ctx, None, "新しい友だち", &who).await.unwrap();
        let everyone = Audience::Everyone;
        services::audience::save(&t.ctx, None, "友だち全員", &everyone).await.unwrap();
        let used = async || services::audience::opened(&t.ctx, Some(id)).await.unwrap().uses;
        assert_eq!(used().await, Uses::default());

        // As editors take it over, and as it stands.
        let taken = normal(&who);
        assert_ne!(taken, who);
        let draft = |audience: &Audience| Draft {
            title: "歓迎".into(),
            audience: Some(audience.clone()),
            ..Draft::default()
        };
        let one = services::delivery::draft(&t.ctx, draft(&taken)).await.unwrap();
        let rule = crate::recurring::daily(t.ctx.now());
        let repeated = Draft { recurrence: Some(rule), ..draft(&taken) };
        let series = services::delivery::draft(&t.ctx, repeated).await.unwrap();
        let other = services::delivery::draft(&t.ctx, draft(&who)).await.unwrap();
        let course = services::steps::create(&t.ctx, "はじめの1か月").await.unwrap();
        let settings = Edit::Settings {
            name: "はじめの1か月".into(),
            anchor: Anchor::Friend,
            audience: Some(taken.clone()),
            late: Late::Skip,
        };
        services::steps::edit(&t.ctx, course, settings).await.unwrap();
        let variant = Variant {
            name: "ようこそ".into(),
            audience: taken,
            menu: MenuId(2),
            period: Period::default(),
        };
        let program = Program { variants: vec![variant], ..Program::new(MenuId(1)) };
        store::menu::save_program(&t.ctx, 0, &program).await.unwrap();

        let made = |what: Used, title: &str| Use { what, title: title.into() };
        let all = |published: bool| Uses {
            shown: vec![
                made(Used::Course(course, State::Draft), "はじめの1か月"),
                made(Used::Menu { published }, "ようこそ"),
                made(Used::Series(series, Status::Draft), "歓迎"),
                made(Used::Delivery(other, Status::Draft), "歓迎"),
                made(Used::Delivery(one, Status::Draft), "歓迎"),
            ],
            total: 5,
        };
        assert_eq!(used().await, all(false));
        // What is published stands in the draft, too, and counts once.
        assert_eq!(t.sql("UPDATE menu_program SET published = draft").await, 1);
        assert_eq!(used().await, all(true));
        let rows = services::audience::listed(&t.ctx, "", 1).await.unwrap().rows;
        let counts: Vec<(&str, i64)> = rows.iter().map(|r| (r.name.as_str(), r.uses)).collect();
        assert_eq!(counts, [("友だち全員", 0), ("新しい友だち", 5)]);
    });
}
