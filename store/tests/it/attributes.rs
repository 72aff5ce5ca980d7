//! Attributes: created, changed, deleted, moved (RES-1).

use crate::city::{attribute, choice, facts, is, user};
use crate::menus::menu;
use crate::support::both;
use domain::attribute::{Catalog, Kind};
use domain::audience::Audience;
use domain::delivery::Purpose;
use domain::id::{AttributeId, MenuId};
use domain::menu::Program;
use domain::menu::program::{Period, Rule, Then, Trigger, Variant};
use sea_orm_migration::MigratorTrait;
use store::attribute::{answered, catalog, create, delete, move_by, update, update_seen, uses};
use store::menu::{end_program_trial, publish, publish_program, save_program, try_program};
use store::resident::{ImportRow, import, set_tester};
use store::{Error, Store, audience};

fn all_migrations() -> i64 {
    migrations::Migrator::migrations().len() as i64
}

#[test]
fn a_second_migration_changes_nothing() {
    both(async |t| {
        t.city().await;
        let again = Store::open(&t.url, crate::support::keys(&[1])).await.unwrap();
        again.ping().await.unwrap();
        again.close().await;
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM seaql_migrations").await, all_migrations());
        assert_eq!(catalog(&t.ctx).await.unwrap().attributes.len(), 3);
    });
}

#[test]
fn two_servers_migrate_an_empty_database_together() {
    both(async |t| {
        if t.ctx.store.is_sqlite() {
            let url = format!("sqlite://{}", t.dir.path().join("new/other.db").display());
            let open = || Store::open(&url, crate::support::keys(&[1]));
            let (a, b) = tokio::join!(open(), open());
            a.unwrap().close().await;
            b.unwrap().close().await;
        } else {
            t.sql("DROP SCHEMA public CASCADE").await;
            t.sql("CREATE SCHEMA public").await;
            let open = || Store::open(&t.url, crate::support::keys(&[1]));
            let (a, b, c) = tokio::join!(open(), open(), open());
            for store in [a, b, c] {
                store.unwrap().close().await;
            }
            assert_eq!(
                t.number("SELECT COUNT(*) AS n FROM seaql_migrations").await,
                all_migrations()
            );
        }
    });
}

#[test]
fn attributes_are_kept_as_given_and_in_order() {
    both(async |t| {
        let city = t.city().await;
        assert_eq!(
            city.attributes.iter().map(|a| a.key.as_str()).collect::<Vec<_>>(),
            ["age", "home", "topics"]
        );
        let home = city.get("home").unwrap();
        assert_eq!(home.kind, Kind::Area);
        assert_eq!(
            home.choices.iter().map(|c| (c.key.as_str(), c.parent.as_deref())).collect::<Vec<_>>(),
            [("east", None), ("east1", Some("east")), ("east2", Some("east")), ("west", None)]
        );
        let twice = create(
            &t.ctx,
            attribute("age", "もう一度", Kind::Single, vec![choice("a", "a", None)]),
        )
        .await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        let bad = create(&t.ctx, attribute("Age", "", Kind::Single, vec![])).await;
        assert!(matches!(&bad, Err(Error::Invalid(p)) if p.len() == 3), "{bad:?}");
    });
}

#[test]
fn a_change_keeps_ids_and_deletes_the_answers_of_what_is_gone() {
    both(async |t| {
        let city = t.city().await;
        let row = |n, topics: &[&str]| ImportRow {
            user: user(n),
            facts: facts(&city, &[("topics", topics)]),
        };
        import(&t.ctx, vec![row(1, &["waste", "event"]), row(2, &["event"])]).await.unwrap();
        t.later(1);
        let mut topics = city.get("topics").unwrap().clone();
        let waste = topics.choice("waste").unwrap().id;
        topics.label = "知りたいこと".into();
        topics.choices.retain(|c| c.key != "event");
        topics.choices.push(choice("sports", "スポーツ", None));
        topics.choices.swap(0, 2);
        update(&t.ctx, topics.id, topics.clone()).await.unwrap();
        let after = catalog(&t.ctx).await.unwrap();
        let after = after.get("topics").unwrap();
        assert_eq!(after.label, "知りたいこと");
        assert_eq!(
            after.choices.iter().map(|c| c.key.as_str()).collect::<Vec<_>>(),
            ["sports", "safety", "waste"]
        );
        assert_eq!(after.choice("waste").unwrap().id, waste);
        let used = uses(&t.ctx, topics.id).await.unwrap();
        assert_eq!((used.residents, used.choices), (1, vec![(waste, 1)]));

        let mut other_kind = topics.clone();
        other_kind.kind = Kind::Single;
        assert!(matches!(update(&t.ctx, topics.id, other_kind).await, Err(Error::Invalid(_))));
        assert!(matches!(update(&t.ctx, AttributeId(999), topics).await, Err(Error::NotFound)));
    });
}

#[test]
fn a_choice_that_a_colleague_added_meanwhile_is_not_lost() {
    both(async |t| {
        let city = t.city().await;
        let seen = city.get("topics").unwrap().clone();
        let mut theirs = seen.clone();
        theirs.choices.push(choice("sports", "スポーツ", None));
        update_seen(&t.ctx, seen.id, &seen, theirs.clone()).await.unwrap();
        let mut mine = seen.clone();
        mine.label = "おしらせ".into();
        assert!(matches!(update_seen(&t.ctx, seen.id, &seen, mine).await, Err(Error::Conflict(_))));
        assert_eq!(catalog(&t.ctx).await.unwrap().get("topics").unwrap().choices.len(), 4);
    });
}

#[test]
fn what_is_used_cannot_be_deleted() {
    both(async |t| {
        let city = t.city().await;
        let topics = city.get("topics").unwrap().id;
        let saved = audience::create(
            &t.ctx,
            "ごみの人",
            &Audience::Not(Box::new(is("topics", &["waste"]))),
        )
        .await
        .unwrap();
        // Two of the same title are two.
        for _ in 0..2 {
            t.delivery(Purpose::Notice, is("topics", &["event"])).await;
        }
        let used = uses(&t.ctx, topics).await.unwrap();
        assert_eq!(used.by, ["ごみの人", "断水のお知らせ", "断水のお知らせ"]);
        assert_eq!(
            used.choices_by,
            [
                ("waste".to_owned(), "ごみの人".to_owned()),
                ("event".to_owned(), "断水のお知らせ".to_owned()),
                ("event".to_owned(), "断水のお知らせ".to_owned())
            ]
        );
        let refused = delete(&t.ctx, topics).await;
        assert!(
            matches!(&refused, Err(Error::Conflict(words)) if words.contains("ごみの人")),
            "{refused:?}"
        );
        audience::delete(&t.ctx, saved).await.unwrap();
        assert!(matches!(delete(&t.ctx, topics).await, Err(Error::Conflict(_))));

        // Without it a menu would be for nobody.
        let variant = Variant {
            name: "お年寄り".into(),
            audience: is("age", &["old"]),
            menu: MenuId(1),
            period: Period::default(),
        };
        let program = Program { variants: vec![variant], ..Program::new(MenuId(1)) };
        let seen = save_program(&t.ctx, 0, &program).await.unwrap();
        let age = uses(&t.ctx, city.get("age").unwrap().id).await.unwrap();
        assert_eq!(age.by, ["メニューの出し分け：お年寄り"]);
        assert_eq!(age.choices_by, [("old".to_owned(), age.by[0].clone())]);

        // Nor would a rule be set off: as it is written, and as it is in force.
        let base = store::menu::create(&t.ctx, &menu(&t.ctx).await).await.unwrap();
        publish(&t.ctx, base, 1).await.unwrap();
        let rule = Rule {
            key: 1,
            name: "お年寄りになった".into(),
            when: Trigger::Registered { attribute: "age".into(), is: vec!["old".into()] },
            then: Then::Show(base),
            hours: None,
        };
        let program = Program { rules: vec![rule], ..Program::new(base) };
        let seen = save_program(&t.ctx, seen, &program).await.unwrap();
        let age = uses(&t.ctx, city.get("age").unwrap().id).await.unwrap();
        assert_eq!(age.by, ["メニューの切りかえの決まり：お年寄りになった"]);
        assert_eq!(age.choices_by, [("old".to_owned(), age.by[0].clone())]);
        publish_program(&t.ctx, seen, &Catalog::default()).await.unwrap();
        let seen = save_program(&t.ctx, seen, &Program::new(base)).await.unwrap();
        let refused = delete(&t.ctx, city.get("age").unwrap().id).await;
        assert!(
            matches!(&refused, Err(Error::Conflict(words)) if words.contains(&age.by[0])),
            "{refused:?}"
        );
        publish_program(&t.ctx, seen, &Catalog::default()).await.unwrap();

        import(
            &t.ctx,
            vec![ImportRow { user: user(1), facts: facts(&city, &[("age", &["old"])]) }],
        )
        .await
        .unwrap();
        // What testers try counts, though it stands nowhere else any more.
        let tester = store::resident::find(&t.ctx, &user(1)).await.unwrap().unwrap();
        set_tester(&t.ctx, tester, Some("福祉課")).await.unwrap();
        let seen = save_program(&t.ctx, seen, &program).await.unwrap();
        try_program(&t.ctx, seen, &Catalog::default(), 24).await.unwrap();
        save_program(&t.ctx, seen, &Program::new(base)).await.unwrap();
        let tried = uses(&t.ctx, city.get("age").unwrap().id).await.unwrap();
        assert_eq!(tried.by, [format!("{}（試験者の確認）", age.by[0])]);
        end_program_trial(&t.ctx).await.unwrap();

        delete(&t.ctx, city.get("age").unwrap().id).await.unwrap();
        assert!(matches!(uses(&t.ctx, city.get("age").unwrap().id).await, Err(Error::NotFound)));
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM fact").await, 0);
        assert!(matches!(delete(&t.ctx, AttributeId(999)).await, Err(Error::NotFound)));
    });
}

#[test]
fn attributes_move_within_their_bounds() {
    both(async |t| {
        let city = t.city().await;
        let id = |key: &str| city.get(key).unwrap().id;
        let order = async || {
            catalog(&t.ctx)
                .await
                .unwrap()
                .attributes
                .iter()
                .map(|a| a.key.clone())
                .collect::<Vec<_>>()
                .join(" ")
        };
        for (key, step, expected) in [
            ("topics", -1, "age topics home"),
            ("age", 1, "topics age home"),
            ("age", -10, "age topics home"),
            ("age", 10, "topics home age"),
            ("home", 0, "topics home age"),
        ] {
            move_by(&t.ctx, id(key), step).await.unwrap();
            assert_eq!(order().await, expected, "{key} {step}");
        }
        assert!(matches!(move_by(&t.ctx, AttributeId(999), 1).await, Err(Error::NotFound)));
    });
}

#[test]
fn only_friends_count_as_having_answered() {
    both(async |t| {
        let city = t.city().await;
        let row =
            |n, given: &[(&str, &[&str])]| ImportRow { user: user(n), facts: facts(&city, given) };
        import(
            &t.ctx,
            vec![row(1, &[("topics", &["waste", "event"])]), row(2, &[("age", &["old"])])],
        )
        .await
        .unwrap();
        t.later(1);
        store::resident::unfollow(&t.ctx, &user(2), store::Clock::now(&*t.clock)).await.unwrap();
        assert_eq!(answered(&t.ctx).await.unwrap(), [(city.get("topics").unwrap().id, 1)]);
    });
}
