//! One meaning of an audience: what it says, what SQL finds, what the bitmaps count.

use crate::answered::{self, Asked};
use crate::city::{facts, is, says, user, value};
use crate::settling::{leased, settled};
use crate::support::{Test, both};
use domain::attribute::{Answer, Catalog, Value, fold};
use domain::audience::saved::Used;
use domain::audience::{Among, Audience, Facts, Resolved, Says, Search, Since};
use domain::delivery::Purpose;
use domain::delivery::call::Next;
use domain::id::{AttributeId, AudienceId, ChoiceId, RosterId};
use domain::permission::{Actor, Role};
use domain::time::{Date, HOUR, SECOND, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use store::audience::{
    count, count_rows, counts, create, delete, get, list, may_write, update, uses,
};
use store::outbox::finish_bitmaps;
use store::resident::{ImportRow, follow, import, register, set_attribute, unfollow};
use store::roster::{self, Found};
use store::{Clock, Error, answer, attribute};

const PEOPLE: u32 = 30;

/// What happens to a resident.
#[derive(Clone, Debug)]
enum Change {
    Follow(u32),
    Unfollow(u32),
    /// Which topics (bits) and whether 東町一丁目.
    Import(u32, u8, bool),
    /// A year, a date or a text; nothing clears.
    Say(u32, &'static str, Option<Value>),
    /// The resident registers a year, and clears the text.
    Register(u32, i32),
    Tap(u32, u8),
    /// 20 hours pass.
    Night,
    /// The first or second list holds these from now on, as far as they are known.
    List(bool, Vec<u32>),
    /// The resident answers the form so (bits), corrects it to this, or takes it back.
    Answer(u32, Option<u8>),
    /// A server of the former release wrote what was answered so far, or the duty made up for it.
    Unhashed(bool),
}

const TEXTS: [&str; 6] = ["ポチ", "ﾎﾟﾁ2", "O'Neil 100%", "a_b!", "タマ\\", "ＡxB"];
const SEARCHES: [&str; 9] = ["ポチ", "ポ", "%", "_b!", "o'n", "100%", "タマ¥", "ax", "a_b!"];
const FIRST: Date = Date { year: 2026, month: 11, day: 10 };

fn said() -> impl Strategy<Value = (&'static str, Option<Value>)> {
    prop_oneof![
        prop::option::of((1980i32..1990).prop_map(Value::Year)).prop_map(|v| ("born", v)),
        prop::option::of((0i64..20).prop_map(|n| Value::Date(Date::from_days(FIRST.days() + n))))
            .prop_map(|v| ("due", v)),
        prop::option::of(
            proptest::sample::select(TEXTS.to_vec()).prop_map(|t| Value::Text(t.into()))
        )
        .prop_map(|v| ("pet", v)),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => (0..PEOPLE).prop_map(Change::Follow),
        2 => (0..PEOPLE).prop_map(Change::Unfollow),
        2 => (0..PEOPLE, 0u8..8, any::<bool>())
            .prop_map(|(n, topics, east)| Change::Import(n, topics, east)),
        4 => (0..PEOPLE, said()).prop_map(|(n, (key, value))| Change::Say(n, key, value)),
        2 => (0..PEOPLE, 1980i32..1990).prop_map(|(n, year)| Change::Register(n, year)),
        2 => (0..PEOPLE, 0u8..3).prop_map(|(n, topic)| Change::Tap(n, topic)),
        1 => Just(Change::Night),
        2 => (any::<bool>(), prop::collection::vec(0..PEOPLE, 0..12))
            .prop_map(|(first, who)| Change::List(first, who)),
        4 => (0..PEOPLE, prop::option::weighted(0.8, 0u8..8)).prop_map(|(n, how)| Change::Answer(n, how)),
        1 => any::<bool>().prop_map(Change::Unhashed),
    ]
}

fn leaf(city: &Catalog, sets: &[(Among, i64)]) -> impl Strategy<Value = Resolved> + use<> {
    let id = |key: &str| city.get(key).unwrap().id;
    let (born, due, pet) = (id("born"), id("due"), id("pet"));
    let choices: Vec<ChoiceId> =
        city.attributes.iter().flat_map(|a| &a.choices).map(|c| c.id).collect();
    let days = (-2i64..24, 0i64..12).prop_map(|(from, more)| (FIRST.days() + from, more));
    let form = sets.iter().find(|(what, _)| *what == Among::Answered).unwrap().1;
    prop_oneof![
        1 => Just(Resolved::Everyone),
        6 => proptest::sample::subsequence(choices.clone(), 0..=choices.len()).prop_map(|c| Resolved::Chose(c.into_iter().collect())),
        3 => (1978i64..1992, 0i64..8).prop_map(move |(from, more)| Resolved::Number { attribute: born, from, to: from + more }),
        3 => days.clone().prop_map(move |(from, more)| Resolved::Number { attribute: due, from, to: from + more }),
        4 => (proptest::sample::select(SEARCHES.to_vec()), any::<bool>()).prop_map(move |(text, whole)| {
            let text = fold(text);
            let search = if whole { Search::Equals(text) } else { Search::Contains(text) };
            Resolved::Text { attribute: pet, search }
        }),
        2 => proptest::sample::select(vec![born, due, pet]).prop_map(Resolved::Answered),
        7 => proptest::sample::select(sets.to_vec()).prop_map(|(what, id)| Resolved::Among(what, id)),
        3 => (days, any::<bool>()).prop_map(|((from, more), friend)| Resolved::Since {
            what: if friend { Since::Friend } else { Since::Registered },
            from,
            to: from + more,
        }),
        3 => (0i32..8, 0i32..4).prop_map(move |(from, more)| answered::people(form, from, from + more)),
    ]
}

fn tree(city: &Catalog, sets: &[(Among, i64)]) -> impl Strategy<Value = Resolved> + use<> {
    leaf(city, sets).prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Resolved::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Resolved::Any),
            inner.prop_map(|r| Resolved::Not(Box::new(r))),
        ]
    })
}

/// What we hold to be true of a resident: a friend, and what is known.
type Model = BTreeMap<u32, (bool, Facts)>;

const TOPICS: [&str; 3] = ["waste", "event", "safety"];

/// What the audiences of the test name: two lists, a form with its options.
#[derive(Clone, Debug, Default)]
struct Named {
    lists: [i64; 2],
    form: Option<Asked>,
}

async fn apply(t: &Test, city: &Catalog, named: &Named, model: &mut Model, change: &Change) {
    t.later(SECOND);
    let now = t.clock.now();
    let topic = |i: usize| city.get("topics").unwrap().choice(TOPICS[i]).unwrap().id;
    let east = city.get("home").unwrap().choice("east1").unwrap().id;
    // An import makes a friend of somebody unknown, and counts as registering.
    let imported = |model: &mut Model, n: u32| {
        let new = (true, Facts { friend_since: now.date(), ..Facts::default() });
        let facts = &mut model.entry(n).or_insert(new).1;
        facts.last_registered.get_or_insert(now.date());
    };
    match change {
        Change::Night => t.later(20 * HOUR),
        Change::Unhashed(true) => {
            t.sql("UPDATE answer SET choices_at = CASE WHEN id % 2 = 0 THEN 1 END").await;
            t.sql("DELETE FROM answer_choice").await;
        }
        Change::Unhashed(false) => {
            answer::catch_up(&t.ctx).await.unwrap();
            assert_eq!(answer::catch_up(&t.ctx).await.unwrap(), 0);
        }
        Change::Answer(n, how) => {
            let (Some(form), Some((_, facts))) = (&named.form, model.get_mut(n)) else { return };
            answered::says(t, form, t.resident(*n).await, *how).await;
            facts.among.retain(|(what, _)| !what.is_form());
            facts.wrote.clear();
            if let Some(bits) = how {
                facts.among.insert((Among::Answered, form.id.0));
                facts.among.extend(form.chosen(*bits).map(|o| (Among::Chose, o)));
                if *bits > 0 {
                    let key = (form.id.0, "people".to_owned());
                    facts.wrote.insert(key, vec![answered::come(*bits)]);
                }
            }
        }
        Change::List(first, who) => {
            let list = RosterId(named.lists[usize::from(!first)]);
            let mut residents = Vec::new();
            for (n, (_, facts)) in model.iter_mut() {
                facts.among.remove(&(Among::List, list.0));
                if who.contains(n) {
                    facts.among.insert((Among::List, list.0));
                    residents.push(t.resident(*n).await);
                }
            }
            let seen = roster::get(&t.ctx, list).await.unwrap().updated_at;
            let found = Found { residents, ..Found::default() };
            roster::replace(&t.ctx, list, seen, &found).await.unwrap();
        }
        Change::Follow(n) => {
            follow(&t.ctx, &user(*n), now).await.unwrap();
            let entry = model.entry(*n).or_default();
            entry.0 = true;
            entry.1.friend_since = now.date();
        }
        Change::Unfollow(n) => {
            unfollow(&t.ctx, &user(*n), now).await.unwrap();
            model.entry(*n).or_default().0 = false;
        }
        Change::Import(n, topics, in_east) => {
            let chosen: Vec<&str> =
                (0..3).filter(|i| topics >> i & 1 == 1).map(|i| TOPICS[i]).collect();
            let home: &[&str] = if *in_east { &["east1"] } else { &[] };
            let facts = facts(city, &[("topics", &chosen), ("home", home)]);
            import(&t.ctx, vec![ImportRow { user: user(*n), facts }]).await.unwrap();
            imported(model, *n);
            model.get_mut(n).unwrap().1.choices = (0..3)
                .filter(|i| topics >> i & 1 == 1)
                .map(topic)
                .chain(in_east.then_some(east))
                .collect();
        }
        Change::Say(n, key, said) => {
            let id = city.get(key).unwrap().id;
            let answer = said.clone().map_or_else(|| Answer::Chosen(vec![]), Answer::Value);
            let row = ImportRow { user: user(*n), facts: vec![(id, answer)] };
            import(&t.ctx, vec![row]).await.unwrap();
            imported(model, *n);
            let values = &mut model.get_mut(n).unwrap().1.values;
            match said {
                Some(value) => drop(values.insert(id, value.clone())),
                None => drop(values.remove(&id)),
            }
        }
        Change::Register(n, year) => {
            let Some(entry) = model.get_mut(n) else { return };
            let ctx = t.acting(Actor::Resident(t.resident(*n).await));
            let answers = [("born".to_owned(), vec![year.to_string()]), ("pet".to_owned(), vec![])];
            register(&ctx, &answers.into_iter().collect()).await.unwrap();
            entry.1.last_registered = Some(now.date());
            entry.1.values.insert(city.get("born").unwrap().id, Value::Year(*year));
            entry.1.values.remove(&city.get("pet").unwrap().id);
        }
        Change::Tap(n, which) => {
            let Some(entry) = model.get_mut(n) else { return };
            set_attribute(
                &t.ctx,
                t.resident(*n).await,
                "topics",
                TOPICS[usize::from(*which)],
                true,
            )
            .await
            .unwrap();
            let id = topic(usize::from(*which));
            if !entry.1.choices.remove(&id) {
                entry.1.choices.insert(id);
            }
        }
    }
}

#[test]
fn sql_bitmaps_and_meaning_agree_whatever_happens() {
    both(async |t| {
        t.city().await;
        let city = t.other_kinds().await;
        // A delivery that reached three of five and failed for two; one that is on its way.
        let mut first = Model::new();
        for n in 0..5 {
            apply(&t, &city, &Named::default(), &mut first, &Change::Import(n, 0, false)).await;
        }
        let done = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let going = t.frozen(Purpose::Notice, Audience::Everyone).await;
        for call in leased(&t, "w").await {
            settled(&t, &call, Next::Without(vec![1, 3])).await;
        }
        for call in leased(&t, "w").await {
            if call.delivery == Some(done) {
                settled(&t, &call, Next::Accept).await;
            }
        }
        finish_bitmaps(&t.ctx, done).await.unwrap();
        let ids: Vec<u32> = (0..5).collect();
        for (i, n) in ids.iter().enumerate() {
            let among = &mut first.get_mut(n).unwrap().1.among;
            let what = if matches!(i, 1 | 3) { Among::Failed } else { Among::Received };
            among.insert((what, done.0));
            if what == Among::Failed {
                among.insert((what, going.0));
            }
        }
        let form = answered::asked(&t, &t.ctx).await;
        let mut named = Named { form: Some(form.clone()), ..Named::default() };
        for list in &mut named.lists {
            *list = roster::create(&t.ctx, "名簿", &Found::default()).await.unwrap().0;
        }
        let sets = [
            (Among::Answered, form.id.0),
            (Among::Chose, form.options[0]),
            (Among::Chose, form.options[1]),
            (Among::Chose, form.options[2]),
            (Among::List, named.lists[0]),
            (Among::List, named.lists[1]),
            (Among::Received, done.0),
            (Among::Failed, done.0),
            (Among::Received, going.0),
            (Among::Failed, going.0),
        ];
        let model = RefCell::new(first);
        let mut runner = TestRunner::new_with_rng(
            Config { cases: 60, failure_persistence: None, ..Config::default() },
            proptest::test_runner::TestRng::deterministic_rng(Default::default()),
        );
        let cases = (
            prop::collection::vec(change(), 1..8),
            prop::collection::vec(tree(&city, &sets), 1..6),
        );
        let outcome = tokio::task::block_in_place(|| {
            runner.run(&cases, |(changes, trees)| {
                tokio::runtime::Handle::current().block_on(async {
                    let mut known = model.take();
                    for change in &changes {
                        apply(&t, &city, &named, &mut known, change).await;
                        // Counting in between leaves the bitmaps half way.
                        count(&t.ctx, &Resolved::Everyone).await.unwrap();
                    }
                    model.replace(known.clone());
                    let by_bitmaps = counts(&t.ctx, &trees).await.unwrap();
                    for (tree, by_bitmap) in trees.iter().zip(by_bitmaps) {
                        let meant = known
                            .values()
                            .filter(|(friend, facts)| *friend && tree.matches(facts))
                            .count() as i64;
                        prop_assert_eq!(
                            count_rows(&t.ctx, tree).await.unwrap(),
                            meant,
                            "SQL, {:?}",
                            tree
                        );
                        prop_assert_eq!(by_bitmap, meant, "bitmaps, {:?}", tree);
                    }
                    Ok(())
                })
            })
        });
        outcome.unwrap();
        let known = model.borrow();
        let said = known.values().map(|(_, facts)| facts.values.len()).sum::<usize>();
        assert!(known.len() > 20 && said > 20, "the cases did something");
    });
}

#[test]
fn searches_that_were_counted_follow_what_is_written() {
    both(async |t| {
        let city = t.other_kinds().await;
        let write = async |n: u32, text: &str| {
            let facts = vec![value(&city, "pet", Value::Text(text.into()))];
            import(&t.ctx, vec![ImportRow { user: user(n), facts }]).await.unwrap();
            t.later(SECOND);
        };
        let pochi = says("pet", Says::Contains("ぽち".into()));
        let pochi = t.resolve(&pochi).await;
        assert_eq!(count(&t.ctx, &pochi).await.unwrap(), 0);
        write(1, "うちのぽち").await;
        write(2, "たま").await;
        assert_eq!(count(&t.ctx, &pochi).await.unwrap(), 1);
        write(1, "たま").await;
        write(2, "ぽち").await;
        write(3, "ぽち２号").await;
        assert_eq!(count(&t.ctx, &pochi).await.unwrap(), 2);
        let none = t.resolve(&says("pet", Says::Registered(false))).await;
        t.friends(10, 4).await;
        assert_eq!(counts(&t.ctx, &[none.clone(), pochi.clone()]).await.unwrap(), [4, 2]);
        attribute::delete(&t.ctx, city.get("pet").unwrap().id).await.unwrap();
        assert_eq!(counts(&t.ctx, &[none.clone(), pochi.clone()]).await.unwrap(), [7, 0]);
        assert_eq!(count_rows(&t.ctx, &pochi).await.unwrap(), 0);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM fact_value").await, 0);
    });
}

#[test]
fn bitmaps_see_what_another_server_did_with_a_slower_clock() {
    both(async |t| {
        t.city().await;
        let everyone = Resolved::Everyone;
        t.friends(0, 2).await;
        let (a, b) = (t.resident(0).await, t.resident(1).await);
        let at = |id, micros: i64, friend: bool| {
            let now = t.clock.now().plus(micros).0;
            format!("UPDATE resident SET friend = {friend}, changed_at = {now} WHERE id = {id}")
        };
        t.sql(&at(a, SECOND, true)).await;
        t.sql(&at(b, 2 * SECOND, true)).await;
        assert_eq!(count(&t.ctx, &everyone).await.unwrap(), 2);
        // Number and newest change stay the same; only the older one moved.
        t.sql(&at(a, SECOND + 5, false)).await;
        assert_eq!(count(&t.ctx, &everyone).await.unwrap(), 1);
        // Another process with bitmaps of its own sees the same.
        let other = t.reopened(&[1]).await;
        assert_eq!(count(&other, &everyone).await.unwrap(), 1);
        t.later(60 * SECOND);
        follow(&t.ctx, &user(0), t.clock.now()).await.unwrap();
        assert_eq!(count(&other, &everyone).await.unwrap(), 2);
        other.store.close().await;
    });
}

#[test]
fn counts_follow_the_deletion_of_a_choice() {
    both(async |t| {
        let city = t.city().await;
        import(
            &t.ctx,
            vec![ImportRow { user: user(1), facts: facts(&city, &[("topics", &["waste"])]) }],
        )
        .await
        .unwrap();
        let waste = t.resolve(&is("topics", &["waste"])).await;
        assert_eq!(count(&t.ctx, &waste).await.unwrap(), 1);
        t.later(SECOND);
        attribute::delete(&t.ctx, city.get("topics").unwrap().id).await.unwrap();
        assert_eq!(count(&t.ctx, &waste).await.unwrap(), 0);
        assert_eq!(count_rows(&t.ctx, &waste).await.unwrap(), 0);
    });
}

#[test]
fn an_empty_list_matches_nobody() {
    both(async |t| {
        t.friends(0, 3).await;
        for empty in [
            Resolved::Any(vec![]),
            Resolved::All(vec![]),
            Resolved::Chose(BTreeSet::new()),
            Resolved::Text {
                attribute: AttributeId(1),
                search: Search::Contains("x' OR '1' = '1".into()),
            },
            Resolved::Text { attribute: AttributeId(1), search: Search::Equals(String::new()) },
            Resolved::Number { attribute: AttributeId(1), from: 2, to: 1 },
            Resolved::Answered(AttributeId(1)),
            Resolved::All(vec![Resolved::Everyone, Resolved::Any(vec![])]),
        ] {
            assert_eq!(count(&t.ctx, &empty).await.unwrap(), 0, "{empty:?}");
            assert_eq!(count_rows(&t.ctx, &empty).await.unwrap(), 0, "{empty:?}");
        }
    });
}

#[test]
fn areas_take_what_lies_below() {
    both(async |t| {
        let city = t.city().await;
        let home = |n, place: &str| ImportRow {
            user: user(n),
            facts: facts(&city, &[("home", &[place])]),
        };
        import(&t.ctx, vec![home(1, "east"), home(2, "east1"), home(3, "east2"), home(4, "west")])
            .await
            .unwrap();
        for (places, expected) in [(&["east"][..], 3), (&["east2"], 1), (&["east1", "west"], 2)] {
            assert_eq!(
                count(&t.ctx, &t.resolve(&is("home", places)).await).await.unwrap(),
                expected
            );
        }
    });
}

#[test]
fn saved_audiences_belong_to_a_department() {
    both(async |t| {
        t.city().await;
        let (_, waste) = t.staff("1", Role::Editor, "ごみ減量課").await;
        let (_, roads) = t.staff("2", Role::Editor, "道路課").await;
        let (_, admin) = t.staff("3", Role::Admin, "広報課").await;
        let audience = is("topics", &["waste"]);
        let id = create(&waste, " ごみを知りたい人 ", &audience).await.unwrap();
        let saved = get(&roads, id).await.unwrap();
        assert_eq!(
            (saved.name.as_str(), saved.department_name.as_str(), &saved.audience),
            ("ごみを知りたい人", "ごみ減量課", &audience)
        );
        assert!(
            may_write(&waste, &saved) && may_write(&admin, &saved) && !may_write(&roads, &saved)
        );
        assert!(matches!(delete(&roads, id).await, Err(Error::Forbidden(_))));
        t.later(1);
        assert!(matches!(
            update(&roads, id, saved.updated_at, "よその課", &audience).await,
            Err(Error::Forbidden(_))
        ));
        update(&admin, id, saved.updated_at, "ごみ", &Audience::Everyone).await.unwrap();
        t.later(1);
        let late = update(&waste, id, saved.updated_at, "ごみ2", &audience).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        for name in ["", " ", &"長".repeat(101), "改\n行"] {
            assert!(
                matches!(create(&waste, name, &audience).await, Err(Error::Invalid(_))),
                "{name:?}"
            );
        }
        delete(&waste, id).await.unwrap();
        assert!(matches!(get(&waste, id).await, Err(Error::NotFound)));
        assert!(matches!(
            update(&admin, AudienceId(999), Timestamp(0), "x", &audience).await,
            Err(Error::NotFound)
        ));
    });
}

#[test]
fn saved_audiences_are_found_by_name_even_with_odd_letters() {
    both(async |t| {
        for name in ["100%", "a_b", "ab", r"c\d"] {
            create(&t.ctx, name, &Audience::Everyone).await.unwrap();
            t.later(1);
        }
        let names = async |search: &str| {
            list(&t.ctx, search, 0, 10)
                .await
                .unwrap()
                .0
                .into_iter()
                .map(|s| s.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names("").await, [r"c\d", "ab", "a_b", "100%"]);
        assert_eq!(names("%").await, ["100%"]);
        assert_eq!(names("_").await, ["a_b"]);
        assert_eq!(names("\\").await, [r"c\d"]);
        assert_eq!(names("A_B").await, ["a_b"]);
        let (page, total) = list(&t.ctx, "", 1, 2).await.unwrap();
        assert_eq!((page.len(), total), (2, 4));
        let id = t.delivery(Purpose::Notice, Audience::Everyone).await;
        let used = uses(&t.ctx, &Audience::Everyone, 5).await.unwrap();
        let used: Vec<Used> = used.into_iter().map(|u| u.what).collect();
        assert!(matches!(used[..], [Used::Delivery(of, _)] if of == id), "{used:?}");
    });
}
