//! Residents come, register and leave (RES-2 to RES-4).

use crate::city::{facts, user};
use crate::support::{NOON, Test, both};
use domain::attribute::{Answer, Catalog, Value};
use domain::form::{AS_LINE, Answers, LANGUAGE, RECEPTION};
use domain::id::{ChoiceId, ResidentId};
use domain::permission::Actor;
use domain::resident::{KEPT_AFTER_UNFOLLOW, PAUSE, Reception};
use domain::time::{DAY, Date, HOUR, SECOND};
use store::resident::{
    ImportRow, Imported, export_page, follow, get, history, import, register, registration,
    set_attribute, set_tester, sync, testers, unfollow, visit,
};
use store::{Error, figure, resident};

fn row(city: &Catalog, n: u32, given: &[(&str, &[&str])]) -> ImportRow {
    ImportRow { user: user(n), facts: facts(city, given) }
}

/// What a resident chose, by key.
async fn chosen(t: &Test, city: &Catalog, n: u32) -> Vec<String> {
    let resident = get(&t.ctx, t.resident(n).await).await.unwrap();
    let all = city.attributes.iter().flat_map(|a| &a.choices);
    let mut keys: Vec<String> =
        all.filter(|c| resident.choices.contains(&c.id)).map(|c| c.key.clone()).collect();
    keys.sort();
    keys
}

pub fn answers(given: &[(&str, &[&str])]) -> Answers {
    given
        .iter()
        .map(|(key, choices)| {
            ((*key).to_owned(), choices.iter().map(|c| (*c).to_owned()).collect())
        })
        .collect()
}

#[test]
fn an_import_creates_replaces_clears_and_leaves_alone() {
    both(async |t| {
        let city = t.city().await;
        let first = vec![
            row(&city, 1, &[("topics", &["waste", "event"]), ("age", &["old"])]),
            row(&city, 2, &[("home", &["west"])]),
        ];
        assert_eq!(import(&t.ctx, first).await.unwrap(), Imported { created: 2, updated: 0 });
        t.later(1);
        let second = vec![
            row(&city, 1, &[("topics", &["safety"])]),
            row(&city, 2, &[("home", &[])]),
            row(&city, 3, &[]),
        ];
        assert_eq!(import(&t.ctx, second).await.unwrap(), Imported { created: 1, updated: 2 });
        assert_eq!(chosen(&t, &city, 1).await, ["old", "safety"]);
        assert_eq!(chosen(&t, &city, 2).await, [""; 0]);
        assert_eq!(
            figure::now(&t.ctx).await.unwrap(),
            figure::Now { friends: 3, registered: 3, unfollowed: 0 }
        );
        assert_eq!(import(&t.ctx, vec![]).await.unwrap(), Imported::default());
    });
}

#[test]
fn the_later_of_two_rows_in_one_piece_wins() {
    both(async |t| {
        let city = t.city().await;
        let twice = vec![
            row(&city, 1, &[("age", &["old"]), ("home", &["west"])]),
            row(&city, 1, &[("age", &["young"])]),
        ];
        assert_eq!(import(&t.ctx, twice).await.unwrap(), Imported { created: 1, updated: 1 });
        assert_eq!(chosen(&t, &city, 1).await, ["west", "young"]);
    });
}

#[test]
fn large_pieces_and_imports_side_by_side() {
    both(async |t| {
        let city = t.city().await;
        let piece = |from: u32| {
            (from..from + 1_000)
                .map(|n| row(&city, n, &[("topics", &["waste", "safety"])]))
                .collect::<Vec<_>>()
        };
        // The two overlap in 500 people.
        let (a, b) = tokio::join!(import(&t.ctx, piece(0)), import(&t.ctx, piece(500)));
        let (a, b) = (a.unwrap(), b.unwrap());
        assert_eq!(a.created + a.updated + b.created + b.updated, 2_000);
        assert_eq!(figure::known(&t.ctx).await.unwrap(), 1_500);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM fact").await, 3_000);
    });
}

#[test]
fn an_unknown_choice_changes_nothing() {
    both(async |t| {
        let city = t.city().await;
        let mut bad = row(&city, 2, &[("age", &["old"])]);
        bad.facts[0].1 = Answer::Chosen(vec![ChoiceId(9_999)]);
        assert!(import(&t.ctx, vec![row(&city, 1, &[]), bad]).await.is_err());
        assert_eq!(figure::known(&t.ctx).await.unwrap(), 0);
    });
}

#[test]
fn years_dates_and_texts_are_registered_shown_exported_and_erased() {
    both(async |t| {
        let city = t.other_kinds().await;
        let id = visit(&t.ctx, &user(1)).await.unwrap();
        let me = t.acting(Actor::Resident(id));
        let given = answers(&[
            ("born", &["1985"]),
            ("due", &["2027-02-28"]),
            ("pet", &["ﾎﾟﾁ 'x' \\ 100%"]),
            (RECEPTION, &["all"]),
            (LANGUAGE, &[AS_LINE]),
        ]);
        register(&me, &given).await.unwrap();
        assert_eq!(registration(&me).await.unwrap().answers, given);
        let due = Value::Date(Date { year: 2027, month: 2, day: 28 });
        let text = Value::Text("ﾎﾟﾁ 'x' \\ 100%".into());
        let of = |key: &str| city.get(key).unwrap().id;
        let meant =
            vec![(of("born"), Value::Year(1985)), (of("due"), due), (of("pet"), text.clone())];
        assert_eq!(get(&t.ctx, id).await.unwrap().values, meant);
        assert_eq!(export_page(&t.ctx, ResidentId(0)).await.unwrap()[0].values, meant);
        t.later(HOUR);
        let changed = answers(&[("born", &["1986"]), ("due", &[]), (RECEPTION, &["all"])]);
        register(&me, &changed).await.unwrap();
        assert_eq!(
            get(&t.ctx, id).await.unwrap().values,
            [(of("born"), Value::Year(1986)), (of("pet"), text)]
        );
        assert_eq!(
            history(&t.ctx, id).await.unwrap()[0].detail,
            "生まれた年：1985年（昭和60年） → 1986年（昭和61年）\n予定日：2027年2月28日（令和9年） → 未登録"
        );
        let bad = answers(&[("born", &["2999"]), (RECEPTION, &["all"])]);
        assert!(matches!(register(&me, &bad).await, Err(Error::Invalid(_))));
        t.later(KEPT_AFTER_UNFOLLOW + DAY);
        assert_eq!(store::work::erase_left(&t.ctx).await.unwrap(), 1);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM fact_value").await, 0);
    });
}

#[test]
fn follows_and_unfollows_out_of_order_end_with_the_newest() {
    both(async |t| {
        let at = |s: i64| NOON.plus(s * SECOND);
        let (id, became) = follow(&t.ctx, &user(1), at(10)).await.unwrap();
        assert!(became);
        assert!(!follow(&t.ctx, &user(1), at(10)).await.unwrap().1, "the same event again");
        assert_eq!(unfollow(&t.ctx, &user(1), at(30)).await.unwrap(), Some(id));
        assert_eq!(unfollow(&t.ctx, &user(1), at(30)).await.unwrap(), None, "the same event again");
        assert!(!follow(&t.ctx, &user(1), at(20)).await.unwrap().1, "a late event");
        let r = get(&t.ctx, id).await.unwrap();
        assert_eq!((r.friend, r.friend_since), (false, Some(at(30))));
        assert!(follow(&t.ctx, &user(1), at(40)).await.unwrap().1);
        assert_eq!(unfollow(&t.ctx, &user(1), at(35)).await.unwrap(), None, "a late event");
        assert!(get(&t.ctx, id).await.unwrap().friend);
        let kinds: Vec<String> =
            history(&t.ctx, id).await.unwrap().into_iter().map(|l| l.kind).collect();
        assert_eq!(kinds, ["follow", "unfollow", "follow"]);
        let days = figure::days(&t.ctx, "", NOON.date(), NOON.date()).await.unwrap();
        assert_eq!(
            days.iter().map(|d| (d.name.as_str(), d.value)).collect::<Vec<_>>(),
            [("followed", 2), ("unfollowed", 1)]
        );
    });
}

#[test]
fn who_follows_while_the_list_is_read_has_just_come() {
    both(async |t| {
        // The list was begun before the follow and tells of it first.
        store::resident::sync(&t.ctx, &[user(1)], NOON).await.unwrap();
        let came = NOON.plus(SECOND);
        assert!(follow(&t.ctx, &user(1), came).await.unwrap().1, "the greeting goes out");
        assert!(!follow(&t.ctx, &user(1), came).await.unwrap().1, "the same event again");
        let days = figure::days(&t.ctx, "", NOON.date(), NOON.date()).await.unwrap();
        assert_eq!(days.iter().map(|d| d.value).collect::<Vec<_>>(), [1]);
    });
}

#[test]
fn who_left_before_we_knew_of_them_is_no_friend() {
    both(async |t| {
        unfollow(&t.ctx, &user(1), NOON.plus(SECOND)).await.unwrap();
        assert!(
            !follow(&t.ctx, &user(1), NOON).await.unwrap().1,
            "the follow before it comes late"
        );
        assert!(!get(&t.ctx, t.resident(1).await).await.unwrap().friend);
    });
}

#[test]
fn the_follower_list_adds_friends_but_not_those_who_left_since() {
    both(async |t| {
        unfollow(&t.ctx, &user(1), NOON.plus(-HOUR)).await.unwrap();
        unfollow(&t.ctx, &user(2), NOON.plus(SECOND)).await.unwrap();
        follow(&t.ctx, &user(3), NOON.plus(-HOUR)).await.unwrap();
        t.later(10 * SECOND);
        let list = [user(1), user(2), user(3), user(4)];
        assert_eq!(sync(&t.ctx, &list, NOON).await.unwrap(), 2, "1 is back, 4 is new");
        assert_eq!(sync(&t.ctx, &list, NOON).await.unwrap(), 0);
        // The list was read at noon; that 4 left a second later was told to us only now.
        unfollow(&t.ctx, &user(4), NOON.plus(SECOND)).await.unwrap();
        for (n, friend) in [(1, true), (2, false), (3, true), (4, false)] {
            assert_eq!(get(&t.ctx, t.resident(n).await).await.unwrap().friend, friend, "{n}");
        }
    });
}

#[test]
fn a_visitor_is_known_but_no_friend() {
    both(async |t| {
        let id = visit(&t.ctx, &user(1)).await.unwrap();
        assert_eq!(visit(&t.ctx, &user(1)).await.unwrap(), id);
        assert_eq!(
            figure::now(&t.ctx).await.unwrap(),
            figure::Now { friends: 0, registered: 0, unfollowed: 1 }
        );
        assert!(follow(&t.ctx, &user(1), NOON).await.unwrap().1);
        assert_eq!(visit(&t.ctx, &user(1)).await.unwrap(), id);
        assert!(get(&t.ctx, id).await.unwrap().friend);
    });
}

#[test]
fn a_registration_is_replaced_and_remembered() {
    both(async |t| {
        t.city().await;
        let id = t.friends(1, 1).await[0];
        t.sql("UPDATE resident SET registered_at = NULL").await;
        let me = t.acting(Actor::Resident(id));
        assert_eq!(registration(&me).await.unwrap().registered_at, None);
        register(
            &me,
            &answers(&[
                ("topics", &["waste", "event"]),
                ("home", &["east1"]),
                (RECEPTION, &["all"]),
            ]),
        )
        .await
        .unwrap();
        t.later(HOUR);
        register(&me, &answers(&[("topics", &["event"]), ("home", &[]), (RECEPTION, &["paused"])]))
            .await
            .unwrap();
        let mine = registration(&me).await.unwrap();
        assert_eq!(mine.registered_at, Some(NOON.plus(HOUR)));
        assert_eq!(
            mine.answers,
            answers(&[("topics", &["event"]), (RECEPTION, &["paused"]), (LANGUAGE, &[AS_LINE])])
        );
        let lines = history(&t.ctx, id).await.unwrap();
        assert_eq!(
            lines.iter().map(|l| l.kind.as_str()).collect::<Vec<_>>(),
            ["change", "register"]
        );
        assert_eq!(
            lines[0].detail,
            "お住まい：東町一丁目 → 未登録\nお知らせの種類：ごみ・もよおし → もよおし\n届く回数：すべて受け取る → しばらく休む"
        );

        t.later(PAUSE - 1);
        assert_eq!(get(&t.ctx, id).await.unwrap().reception, Reception::Paused);
        t.later(1);
        assert_eq!(
            get(&t.ctx, id).await.unwrap().reception,
            Reception::All,
            "the pause is over by itself"
        );

        let gone = register(&me, &answers(&[("topics", &["nowhere"])])).await;
        assert!(matches!(gone, Err(Error::Conflict(_))), "{gone:?}");
        assert!(matches!(register(&t.ctx, &Answers::new()).await, Err(Error::NotFound)));
    });
}

#[test]
fn two_registrations_at_once_come_one_after_the_other() {
    both(async |t| {
        let city = t.city().await;
        let id = t.friends(1, 1).await[0];
        let me = t.acting(Actor::Resident(id));
        let (a, b) = (
            answers(&[("topics", &["waste", "event"])]),
            answers(&[("topics", &["event", "safety"])]),
        );
        for _ in 0..10 {
            let (a, b) = tokio::join!(register(&me, &a), register(&me, &b));
            a.unwrap();
            b.unwrap();
            let left = chosen(&t, &city, 1).await;
            assert!(left == ["event", "waste"] || left == ["event", "safety"], "{left:?}");
            t.later(1);
        }
    });
}

#[test]
fn taps_in_the_talk_toggle_or_replace() {
    both(async |t| {
        let city = t.city().await;
        let id = t.friends(1, 1).await[0];
        for (attribute, choice, toggle, left) in [
            ("topics", "waste", true, vec!["waste"]),
            ("topics", "event", true, vec!["event", "waste"]),
            ("topics", "waste", true, vec!["event"]),
            ("age", "old", false, vec!["event", "old"]),
            ("age", "young", false, vec!["event", "young"]),
            ("age", "young", false, vec!["event", "young"]),
        ] {
            set_attribute(&t.ctx, id, attribute, choice, toggle).await.unwrap();
            assert_eq!(chosen(&t, &city, 1).await, left);
            t.later(1);
        }
        assert_eq!(history(&t.ctx, id).await.unwrap().len(), 5, "the last tap changed nothing");
        assert!(matches!(
            set_attribute(&t.ctx, id, "age", "nowhere", false).await,
            Err(Error::NotFound)
        ));
    });
}

#[test]
fn sessions_of_residents_end_by_themselves() {
    both(async |t| {
        let id = t.friends(1, 1).await[0];
        let secret = resident::session(&t.ctx, id).await.unwrap();
        assert_eq!(resident::session_resident(&t.ctx, &secret).await.unwrap(), Some(id));
        assert_eq!(resident::session_resident(&t.ctx, "another").await.unwrap(), None);
        t.later(12 * HOUR);
        assert_eq!(resident::session_resident(&t.ctx, &secret).await.unwrap(), None);
    });
}

#[test]
fn testers_have_a_name_of_staffs_own() {
    both(async |t| {
        let id = t.friends(1, 2).await[0];
        set_tester(&t.ctx, id, Some(" 広報 太郎 ")).await.unwrap();
        let found = testers(&t.ctx).await.unwrap();
        assert_eq!(
            found.iter().map(|r| (r.id, r.tester_name.as_deref())).collect::<Vec<_>>(),
            [(id, Some("広報 太郎"))]
        );
        assert!(matches!(set_tester(&t.ctx, id, Some(" ")).await, Err(Error::Invalid(_))));
        assert!(matches!(set_tester(&t.ctx, ResidentId(999), None).await, Err(Error::NotFound)));
        set_tester(&t.ctx, id, None).await.unwrap();
        assert!(testers(&t.ctx).await.unwrap().is_empty());
    });
}

#[test]
fn an_export_has_every_resident_once() {
    both(async |t| {
        let city = t.city().await;
        import(
            &t.ctx,
            (0..900).map(|n| row(&city, n, &[("topics", &["waste", "event"])])).collect(),
        )
        .await
        .unwrap();
        import(&t.ctx, (900..1_800).map(|n| row(&city, n, &[("age", &["old"])])).collect())
            .await
            .unwrap();
        let (mut after, mut seen) = (ResidentId(0), Vec::new());
        loop {
            let page = resident::export_page(&t.ctx, after).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.id;
            seen.extend(page);
        }
        assert_eq!(seen.len(), 1_800);
        assert!(seen.is_sorted_by(|a, b| a.id < b.id));
        assert_eq!(seen.iter().map(|r| r.choices.len()).sum::<usize>(), 900 * 2 + 900);
    });
}
