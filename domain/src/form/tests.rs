//! What holds of every form and all answers.

use super::generate::{Dice, answers, edited, form};
use super::lint::lint;
use super::migrate::{Draft, migrate};
use super::*;
use crate::time::Date;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const TODAY: Date = Date { year: 2026, month: 6, day: 15 };
const ASKED: Asked = Asked { today: TODAY };

fn given(list: &[(&str, &[&str])]) -> Answers {
    list.iter()
        .map(|(k, v)| ((*k).to_owned(), v.iter().map(|s| (*s).to_owned()).collect()))
        .collect()
}

fn one_page(questions: Vec<Question>) -> Form {
    Form { pages: vec![Page { questions, ..Page::default() }], ..Form::default() }
}

fn required(key: &str, ask: Ask) -> Question {
    Question { required: true, ..Question::new(key, "項目", ask) }
}

fn problems(form: &Form, answers: &[(&str, &[&str])]) -> Vec<String> {
    evaluate(form, &given(answers), ASKED).problems.into_iter().map(|p| p.at).collect()
}

#[test]
fn answers_are_normalised_by_kind() {
    let form = one_page(vec![
        required("name", Ask::Name { kana: true }),
        required("home", Ask::Address {}),
        required("tel", Ask::Telephone {}),
        required("mail", Ask::Mail {}),
        required("n", Ask::Number { min: None, max: None, step: None, unit: "人".into() }),
        required("at", Ask::Time { step: 15 }),
        required("spot", Ask::Place {}),
    ]);
    let outcome = evaluate(
        &form,
        &given(&[
            ("name.family", &["見本"]),
            ("name.given", &["花子"]),
            ("name.family_kana", &["みほん"]),
            ("name.given_kana", &["ﾊﾅｺ"]),
            ("home.postcode", &["〒１２３ー４５６７"]),
            ("home.prefecture", &["見本県"]),
            ("home.city", &["みほん市"]),
            ("home.street", &["山手三丁目8-14"]),
            ("tel", &["０９０ー００００ー１２３４"]),
            ("mail", &["hanako@Example.JP"]),
            ("n", &["１，２００"]),
            ("at", &["８：３０"]),
            ("spot.latitude", &["35.123456"]),
            ("spot.longitude", &["139.7"]),
        ]),
        ASKED,
    );
    assert_eq!(outcome.problems, []);
    let words: Vec<String> = form.questions().map(|q| outcome.answers[&q.key].words(q)).collect();
    insta::assert_snapshot!(words.join("\n"), @r"
    見本 花子（ミホン ハナコ）
    〒123-4567 見本県みほん市山手三丁目8-14
    090-0000-1234
    hanako@example.jp
    1,200人
    8:30
    （35.123456, 139.700000）
    ");
}

#[test]
fn what_is_wrong_names_its_part() {
    let form = one_page(vec![
        required("name", Ask::Name { kana: true }),
        required("home", Ask::Address {}),
        required("file", Ask::Photo { max: 1, position: false }),
    ]);
    assert_eq!(problems(&form, &[]), ["name", "home", "file"]);
    let at = problems(
        &form,
        &[
            ("name.family", &["見本"]),
            ("name.family_kana", &["見本"]),
            ("home.city", &["みほん市"]),
            ("home.postcode", &["12"]),
            ("file", &["../../etc/passwd"]),
        ],
    );
    assert_eq!(at, ["name.family_kana", "home.postcode", "home.prefecture", "home.street", "file"]);
}

#[test]
fn conditions_hide_and_checks_say_what_to_mend() {
    let opt = |key: &str| Opt { key: key.into(), label: key.into(), ..Opt::default() };
    let mut shop = required("shop", Ask::Text { max: 20 });
    shop.show_if = Some(Condition::Is { question: "use".into(), any_of: vec!["shop".into()] });
    let mut day = required("day", Ask::Date { from: 2020, to: 2026 });
    day.checks.push(Check {
        holds: Condition::Date {
            question: "day".into(),
            from: None,
            to: Some(crate::audience::Day::Days(0)),
        },
        message: "まだ来ていない日です".into(),
    });
    let options = vec![opt("home"), opt("shop"), opt(OTHER)];
    let mut form = one_page(vec![required("use", Ask::One { options }), shop, day]);
    form.pages[0].stops.push(Stop {
        when: Condition::Is { question: "use".into(), any_of: vec![OTHER.into()] },
        message: "窓口へどうぞ".into(),
        send: false,
    });
    form.pages
        .push(Page { questions: vec![required("next", Ask::Text { max: 5 })], ..Page::default() });
    let day: (&str, &[&str]) = ("day", &["2026-06-15"]);
    assert_eq!(
        problems(&form, &[("use", &["home"]), ("shop", &["x"]), day, ("next", &["a"])]),
        [""; 0]
    );
    let outcome = evaluate(&form, &given(&[("use", &["home"]), ("shop", &["x"]), day]), ASKED);
    assert!(!outcome.answers.contains_key("shop"));
    assert_eq!(outcome.pages, [vec!["use", "day"], vec!["next"]]);
    assert_eq!(problems(&form, &[("use", &["shop"]), day]), ["shop", "next"]);
    assert_eq!(problems(&form, &[("use", &["home"]), ("day", &["2026-06-16"])]), ["day", "next"]);
    assert_eq!(problems(&form, &[("use", &[OTHER]), day]), ["use.other"]);
    let stopped =
        evaluate(&form, &given(&[("use", &[OTHER]), ("use.other", &["倉庫"]), day]), ASKED);
    assert_eq!(stopped.pages.len(), 1);
    assert_eq!(stopped.submission(&form).unwrap_err()[0].message, "窓口へどうぞ");
}

#[test]
fn of_a_correction_only_what_is_changed_is_checked_as_of_today() {
    use crate::audience::Day;
    let date = |key: &str, holds: Condition| {
        let check = Check { holds, message: "直してください".into() };
        Question { checks: vec![check], ..required(key, Ask::Date { from: 2020, to: 2030 }) }
    };
    let between = |key: &str, from: Option<i32>, to: Option<i32>| Condition::Date {
        question: key.into(),
        from: from.map(Day::Days),
        to: to.map(Day::Days),
    };
    let order = |words: &str| Condition::Holds(words.parse().unwrap());
    let born = date("born", between("born", None, Some(0)));
    let left = Question { required: false, ..date("left", order("left >= born")) };
    let questions = vec![required("name", Ask::Text { max: 10 }), born, left];
    let group = Ask::Group { item: "人".into(), min: 0, max: 9, questions };
    let mut call = required("call", Ask::Text { max: 10 });
    call.show_if = Some(between("start", Some(7), None));
    let form = one_page(vec![
        date("start", between("start", Some(7), None)),
        date("end", order("end >= start")),
        call,
        Question::new("kids", "子", group),
    ]);
    let sent = given(&[
        ("start", &["2026-06-22"]),
        ("end", &["2026-06-25"]),
        ("call", &["夜"]),
        ("kids.0.name", &["一"]),
        ("kids.0.born", &["2026-06-10"]),
        ("kids.0.left", &["2026-06-11"]),
        ("kids.1.name", &["二"]),
        ("kids.1.born", &["2026-06-15"]),
    ]);
    let today = Date { day: 20, ..TODAY };
    let correct = |former: &Outcome, of: &Answers, changes: &[(&str, &[&str])]| {
        let mut now = of.clone();
        now.extend(given(changes));
        let outcome = reevaluate(&form, &now, &former.answers, ASKED, today);
        let at: Vec<String> = outcome.problems.iter().map(|p| p.at.clone()).collect();
        (now, outcome, at.join(" "))
    };
    let before = evaluate(&form, &sent, ASKED);
    assert_eq!(before.problems, []);
    let problems = |changes: &[(&str, &[&str])]| correct(&before, &sent, changes).2;
    // What was in time stays so, and is seen as it was.
    assert_eq!(problems(&[]), "");
    assert_eq!(problems(&[("call", &["朝"]), ("end", &["2026-06-23"])]), "");
    assert_eq!(problems(&[("end", &["2026-06-21"])]), "end");
    // What is changed is to be in time today.
    assert_eq!(problems(&[("start", &["2026-06-24"])]), "start");
    assert_eq!(problems(&[("start", &["2026-06-27"]), ("end", &["2026-06-27"])]), "");
    let third: &[(&str, &[&str])] = &[("kids.2.name", &["三"]), ("kids.2.born", &["2026-06-18"])];
    assert_eq!(problems(third), "");
    assert_eq!(problems(&[third[0], ("kids.2.born", &["2026-06-21"])]), "kids.2.born");
    // Of another item the same words are not the same answers.
    assert_eq!(problems(&[("kids.1.left", &["2026-06-11"])]), "kids.1.left");
    // A second correction leaves alone what the first one brought, however items are counted.
    let (mut now, after, _) = correct(&before, &sent, third);
    for name in ["name", "born", "left"] {
        now.remove(&format!("kids.0.{name}"));
    }
    now.insert("kids.2.name".into(), vec!["花".into()]);
    assert_eq!(correct(&after, &now, &[]).2, "");
}

#[test]
fn of_a_check_of_several_parts_only_what_is_changed_is_checked_as_of_today() {
    let days = crate::audience::Day::Days;
    let in_time = Condition::Date { question: "visit".into(), from: Some(days(7)), to: None };
    let few = Condition::Number {
        question: "people".into(),
        at_least: None,
        at_most: Some(Decimal::small(5)),
    };
    let ask = Ask::Number { min: None, max: None, step: None, unit: "人".into() };
    let mut people = required("people", ask);
    let holds = Condition::All(vec![in_time, few]);
    people.checks.push(Check { holds, message: "直してください".into() });
    let form = one_page(vec![required("visit", Ask::Date { from: 2020, to: 2030 }), people]);
    let answers = |visit: &str, people: &str| given(&[("visit", &[visit]), ("people", &[people])]);
    let former = evaluate(&form, &answers("2026-06-22", "3"), ASKED);
    assert_eq!(former.problems, []);
    let today = Date { day: 20, ..TODAY };
    let holds = |visit: &str, people: &str| {
        let now = answers(visit, people);
        reevaluate(&form, &now, &former.answers, ASKED, today).problems.is_empty()
    };
    assert!(holds("2026-06-22", "4"));
    assert!(!holds("2026-06-22", "6"));
    assert!(!holds("2026-06-23", "3"));
    assert!(!holds("2026-06-23", "4"));
    assert!(holds("2026-06-27", "4"));
}

#[test]
fn groups_are_numbered_and_calculated() {
    let fee = Ask::Number { min: Some(Decimal::ZERO), max: None, step: None, unit: "円".into() };
    let questions =
        vec![required("name", Ask::Text { max: 10 }), Question::new("fee", "料金", fee)];
    let group = Ask::Group { item: "犬".into(), min: 1, max: 3, questions };
    let formula = "sum(dogs.fee) + count(dogs) * 550".parse().unwrap();
    let total = Ask::Calculation { formula, places: 0, unit: "円".into() };
    let form = one_page(vec![required("dogs", group), Question::new("total", "合計", total)]);
    assert_eq!(problems(&form, &[]), ["dogs"]);
    let answers = given(&[
        ("dogs.0.name", &["ポチ"]),
        ("dogs.0.fee", &["3000"]),
        ("dogs.7.name", &["=1+1"]),
        ("dogs.7.fee", &[""]),
        ("dogs.01.name", &["x"]),
    ]);
    let outcome = evaluate(&form, &answers, ASKED);
    assert_eq!(outcome.problems, []);
    assert_eq!(outcome.answers["total"].words(form.question("total").unwrap()), "4,100円");
    assert_eq!(problems(&form, &[("dogs.2.fee", &["x"])]), ["dogs.2.name", "dogs.2.fee"]);
    let submission = outcome.submission(&form).unwrap();
    let columns = table::columns(&form, table::most_items([&submission].into_iter()));
    let heads: Vec<&str> = columns.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(heads, ["犬1 項目", "犬1 料金", "犬2 項目", "犬2 料金", "合計"]);
    let row = table::row(&form, &columns, &submission);
    assert_eq!(row, ["ポチ", "3000", "'=1+1", "", "4100"]);
    let (figures, _) = counted(&form, &[submission], None);
    assert_eq!(figures[1].label, "項目：項目");
    assert_eq!(figures[0].bars, [figure::Bar { label: "2".into(), count: 1 }]);
}

fn counted(
    form: &Form,
    answers: &[Submission],
    crossed: Option<(&str, &str)>,
) -> (Vec<figure::Figure>, Option<figure::Cross>) {
    let mut tally = figure::Tally::of(form, crossed);
    answers.iter().for_each(|answer| tally.add(answer));
    assert_eq!(tally.answers(), answers.len() as u64);
    tally.end()
}

#[test]
fn figures_and_cross_tables_count_every_answer() {
    let options: Vec<Opt> =
        ["a", "b"].map(|k| Opt { key: k.into(), label: k.into(), ..Opt::default() }).to_vec();
    let scale = Ask::Scale { from: 1, to: 3, low: String::new(), high: String::new() };
    let number = Ask::Number { min: None, max: None, step: None, unit: String::new() };
    let form = one_page(vec![
        Question::new("many", "関心", Ask::Many { options }),
        Question::new("scale", "満足", scale),
        Question::new("age", "年", number),
    ]);
    let answer = |many: &[&str], scale: &str, age: &str| {
        evaluate(&form, &given(&[("many", many), ("scale", &[scale]), ("age", &[age])]), ASKED)
            .submission(&form)
            .unwrap()
    };
    let all = [answer(&["a", "b"], "1", "3"), answer(&["b"], "3", "25"), answer(&[], "3", "38")];
    let (figures, cross) = counted(&form, &all, Some(("many", "scale")));
    let counts = |i: usize| figures[i].bars.iter().map(|b| b.count).collect::<Vec<_>>();
    assert_eq!(counts(0), [1, 2]);
    assert_eq!(counts(1), [1, 0, 2]);
    let labels: Vec<&str> = figures[2].bars.iter().map(|b| b.label.as_str()).collect();
    assert_eq!(labels.first(), Some(&"0〜4"));
    assert_eq!(counts(2).iter().sum::<u64>(), 3);
    let middle = figures[2].middle.unwrap();
    assert_eq!(
        (middle.mean.unwrap().to_string(), middle.median.to_string()),
        ("22".into(), "25".into())
    );
    let cross = cross.unwrap();
    assert_eq!((cross.all, cross.rows.len(), cross.columns.len()), (3, 3, 4));
    assert_eq!(cross.counts, [[1, 0, 0, 0], [1, 0, 1, 0], [0, 0, 1, 0]]);
    assert_eq!(counted(&form, &all, Some(("many", "age"))).1, None);
    let [first, second, third] = all;
    let (again, _) = counted(&form, &[third, first, second], None);
    assert_eq!(again, figures, "whatever their order");
}

#[test]
fn definitions_are_read_strictly_with_places() {
    let read = |question: &str| {
        let text = format!(r#"{{"title":"t","pages":[{{"questions":[{question}]}}]}}"#);
        read(text.as_bytes()).map_err(|p| (p[0].at.clone(), p[0].message.clone()))
    };
    assert!(read(r#"{"key":"a","label":"A","ask":{"kind":"text","max":10}}"#).is_ok());
    for (question, at, words) in [
        (
            r#"{"key":"a","label":"A","ask":{"kind":"magic"}}"#,
            "/pages/0/questions/0/ask/kind",
            "magic",
        ),
        (
            r#"{"key":"a","label":"A","ask":{"kind":"text","max":10},"x":1}"#,
            "/pages/0/questions/0",
            "「x」",
        ),
        (r#"{"key":"a","label":"A","ask":{"kind":"text"}}"#, "/pages/0/questions/0", "「max」"),
        (
            r#"{"key":"a","label":"A","ask":{"kind":"mail","max":1}}"#,
            "/pages/0/questions/0",
            "「max」",
        ),
        (r#"{"key":"A","label":"A","ask":{"kind":"mail"}}"#, "/pages/0/questions/0/key", "小文字"),
        (
            r#"{"key":"a","label":"A","ask":{"kind":"calculation","formula":"1 +"}}"#,
            "/pages/0/questions/0",
            "必要です",
        ),
        (
            r#"{"key":"a","label":"A","show_if":{"magic":1},"ask":{"kind":"mail"}}"#,
            "/pages/0/questions/0",
            "magic",
        ),
        (
            r#"{"key":"a","key":"b","label":"A","ask":{"kind":"mail"}}"#,
            "/pages/0/questions/0/key",
            "2回",
        ),
        (
            r#"{"key":"a","label":"A","ask":{"kind":"text","max":10000000}}"#,
            "/pages/0/questions/0/ask/max",
            "10000",
        ),
    ] {
        let (found, message) = read(question).unwrap_err();
        assert!(found == at && message.contains(words), "{question}: {found} {message}");
    }
    let twice = r#"{"key":"a","label":"A","ask":{"kind":"mail"}}"#;
    assert_eq!(read(&format!("{twice},{twice}")).unwrap_err().0, "/pages");
}

/// Names that evaluate to something under a question that is seen.
fn is_seen(outcome: &Outcome, name: &str) -> bool {
    outcome.page_of(name).is_some()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_generated_form_is_read_as_it_was_written(seed: u64) {
        let form = form(seed);
        let text = serde_json::to_vec(&form).unwrap();
        prop_assert_eq!(read(&text), Ok(form));
    }

    #[test]
    fn hidden_questions_are_neither_required_nor_kept(seed: u64, other: u64) {
        let form = form(seed);
        let outcome = evaluate(&form, &answers(&form, other), ASKED);
        for problem in &outcome.problems {
            prop_assert!(is_seen(&outcome, &problem.at), "{:?}", problem);
            prop_assert!(!problem.message.is_empty());
        }
        for (key, answer) in &outcome.answers {
            prop_assert!(is_seen(&outcome, key));
            if let Answer::Group(items) = answer {
                let seen: BTreeSet<&str> = outcome.pages.iter().flatten()
                    .filter_map(|name| name.strip_prefix(&format!("{key}.")))
                    .filter_map(|rest| rest.split_once('.')).map(|(_, inner)| inner).collect();
                for inner in items.iter().flat_map(BTreeMap::keys) {
                    prop_assert!(seen.contains(inner.as_str()));
                }
            }
        }
        for question in form.questions().filter(|q| q.required && q.ask.is_answered()) {
            if is_seen(&outcome, &question.key) && !outcome.answers.contains_key(&question.key) {
                prop_assert!(!outcome.problems.is_empty(), "{} is missing in silence", question.key);
            }
        }
    }

    #[test]
    fn what_is_kept_is_read_again_as_itself(seed: u64, other: u64) {
        let form = form(seed);
        let outcome = evaluate(&form, &answers(&form, other), ASKED);
        if let Ok(submission) = outcome.submission(&form) {
            let json = serde_json::to_string(&submission).unwrap();
            prop_assert_eq!(serde_json::from_str::<Submission>(&json).unwrap(), submission.clone());
            let again = evaluate(&form, &submission.given(), ASKED).submission(&form);
            prop_assert_eq!(again, Ok(submission));
        }
    }

    #[test]
    fn a_correction_leaves_what_may_not_be_corrected(seed: u64, other: u64, again: u64) {
        let mut form = form(seed);
        let questions = form.pages.iter_mut().flat_map(|page| &mut page.questions);
        for (i, question) in questions.enumerate() {
            question.correctable = (again >> (i % 64)) & 1 == 1;
        }
        let outcome = evaluate(&form, &answers(&form, other), ASKED);
        if let Ok(former) = outcome.submission(&form) {
            let correct = |given: &Answers| {
                evaluate(&form, &mine::corrected(&form, &former, given), ASKED).submission(&form)
            };
            prop_assert_eq!(correct(&former.given()), Ok(former.clone()));
            if let Ok(after) = correct(&answers(&form, again)) {
                // What is calculated, and what is seen of an item, follows the others.
                let follows = |q: &Question| matches!(q.ask, Ask::Calculation { .. } | Ask::Group { .. });
                for question in form.questions().filter(|q| !mine::correctable(q) && !follows(q)) {
                    if let Some(kept) = after.answers.get(&question.key) {
                        prop_assert_eq!(Some(kept), former.answers.get(&question.key));
                    }
                }
            }
        }
    }

    #[test]
    fn every_edit_is_told(seed: u64, edits: u64) {
        let old = form(seed);
        let new = edited(&old, edits);
        let same = Form { version: old.version, ..new.clone() } == old;
        let told = difference::difference(&old, &new);
        prop_assert_eq!(told.is_empty(), same, "{:?}", told);
        prop_assert!(difference::difference(&new, &new).is_empty());
    }

    #[test]
    fn a_migration_never_loses_a_word(seed: u64, next: u64, other: u64) {
        // Versions of the same kind of form: keys meet, kinds often differ.
        let (old, new) = (form(seed), form(next));
        let given = answers(&old, other);
        let draft = Draft { version: old.version, answers: given.clone(), ..Draft::default() };
        let (moved, again) = migrate(&old, &new, &draft);
        for (name, words) in &given {
            let kept = moved.answers.get(name) == Some(words);
            let aside = moved.aside.get(name).is_some_and(|a| a.words == *words);
            prop_assert!(kept || aside, "{} is lost", name);
        }
        for again in again {
            prop_assert!(new.question(&again.key).is_some());
        }
        let (back, _) = migrate(&new, &old, &moved);
        for (name, words) in &given {
            let kept = back.answers.get(name) == Some(words);
            let aside = back.aside.values().any(|a| a.words == *words);
            prop_assert!(kept || aside, "{} is lost on the way back", name);
        }
        let _total = evaluate(&new, &moved.answers, ASKED);
        let _words = difference::difference(&old, &new);
    }

    #[test]
    fn the_same_version_needs_no_migration(seed: u64, other: u64) {
        let form = form(seed);
        let outcome = evaluate(&form, &answers(&form, other), ASKED);
        if let Ok(submission) = outcome.submission(&form) {
            let given = submission.given();
            let draft = Draft { version: form.version, answers: given.clone(), ..Draft::default() };
            let (moved, again) = migrate(&form, &form, &draft);
            prop_assert_eq!(moved.answers, given);
            prop_assert_eq!(again, []);
        }
    }

    #[test]
    fn the_linter_is_total_and_never_wrong_about_what_cannot_be_reached(seed: u64, other: u64) {
        let form = form(seed);
        let found = lint(&form, "");
        let outcome = evaluate(&form, &answers(&form, other), ASKED);
        // Where something required is still missing, more may be seen than ever is sent.
        let whole = outcome.problems.is_empty();
        let never = found.iter().filter(|f| whole && f.message.contains("どう答えても出ません"));
        for finding in never {
            let mut parts = finding.at.split('/').skip(2);
            let page: usize = parts.next().unwrap().parse().unwrap();
            let at: usize = parts.nth(1).unwrap().parse().unwrap();
            let asked = &form.pages[page].questions[at];
            let seen = match parts.nth(2) {
                None => is_seen(&outcome, &asked.key),
                // Of a group in none of its items.
                Some(inner) => {
                    let inner = &asked.inner()[inner.parse::<usize>().unwrap()].key;
                    let (group, inner) = (format!("{}.", asked.key), format!(".{inner}"));
                    let mut names = outcome.pages.iter().flatten();
                    names.any(|name| name.starts_with(&group) && name.ends_with(&inner))
                }
            };
            prop_assert!(!seen, "{} is seen after all", finding.at);
        }
        if found.iter().any(|f| f.message.contains("どう答えても送れません")) {
            prop_assert!(outcome.submission(&form).is_err());
        }
    }

    #[test]
    fn tables_have_a_cell_for_every_column_and_no_formula(seed: u64, other: u64) {
        let form = form(seed);
        let answers = evaluate(&form, &answers(&form, other), ASKED).answers;
        let submission = Submission { version: form.version, answers };
        let columns = table::columns(&form, table::most_items([&submission].into_iter()));
        let row = table::row(&form, &columns, &submission);
        prop_assert_eq!(row.len(), columns.len());
        let keys: BTreeSet<(&String, &String)> = columns.iter().map(|c| (&c.key, &c.label)).collect();
        prop_assert!(keys.len() <= columns.len());
        for cell in row {
            let fine = !cell.starts_with(['=', '+', '@', '＝']) && (!cell.starts_with('-') || cell.parse::<Decimal>().is_ok());
            prop_assert!(fine, "{}", cell);
        }
        let _total = counted(&form, &[submission], None);
    }

    #[test]
    fn no_edit_of_a_definition_orphans_an_answer(seed: u64, edits: u64, other: u64) {
        let old = form(seed);
        let new = edited(&old, edits);
        let answers = evaluate(&old, &answers(&old, other), ASKED).answers;
        let submission = Submission { version: old.version, answers };
        let items = table::most_items([&submission].into_iter());
        let after = table::columns_of(&[&new, &old], items);
        let cells: BTreeMap<String, String> =
            after.iter().map(table::Column::id).zip(table::row(&old, &after, &submission)).collect();
        prop_assert_eq!(cells.len(), after.len(), "every column has a name of its own");
        let before = table::columns(&old, items);
        for (column, cell) in before.iter().zip(table::row(&old, &before, &submission)) {
            prop_assert_eq!(cells.get(&column.id()), Some(&cell), "{}", column.id());
        }
        for (key, answer) in &submission.answers {
            let names: Vec<String> = match answer {
                Answer::Group(items) => {
                    let items = items.iter().enumerate();
                    items.flat_map(|(i, item)| item.keys().map(move |k| format!("{key}.{i}.{k}"))).collect()
                }
                _ => vec![key.clone()],
            };
            for name in names {
                let stands = cells.iter().filter(|(_, cell)| !cell.is_empty()).any(|(id, _)| {
                    id.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ':']))
                });
                prop_assert!(stands, "{} is in no column", name);
            }
        }
        // What was written under the old version is not lost for the new one, either.
        let given = submission.given();
        let draft = Draft { version: old.version, answers: given.clone(), ..Draft::default() };
        let (moved, _) = migrate(&old, &new, &draft);
        for (name, words) in &given {
            let aside = moved.aside.get(name).is_some_and(|a| a.words == *words);
            prop_assert!(aside || moved.answers.get(name) == Some(words), "{} is lost", name);
        }
    }

    #[test]
    fn sentences_are_made_of_every_condition(seed: u64) {
        let form = form(seed);
        let known: Vec<Question> = form.questions().cloned().collect();
        let condition = generate::condition(&mut Dice::new(seed), &known, 3);
        let values = Values::new();
        let scope = Scope { form: &form, values: &values, item: None, today: TODAY };
        prop_assert!(!condition.words(&scope).is_empty());
        let json = serde_json::to_string(&condition).unwrap();
        prop_assert_eq!(serde_json::from_str::<Condition>(&json).unwrap(), condition);
    }

    #[test]
    fn any_json_is_refused_with_words_or_read(text in "\\PC{0,60}", kind in "[a-z_]{0,9}", n in any::<i32>()) {
        for json in [
            text.clone(),
            format!(r#"{{"title":"t","pages":[{{"questions":[{{"key":"a","label":"","ask":{{"kind":"{kind}","max":{n}}}}}]}}]}}"#),
        ] {
            match read(json.as_bytes()) {
                Ok(form) => drop(lint(&form, "")),
                Err(problems) => prop_assert!(problems.iter().all(|p| !p.message.is_empty()) && !problems.is_empty()),
            }
        }
    }
}

/// What `examples/evaluator.rs` says for server and browser alike is not next to nothing.
#[test]
fn the_first_seeds_reach_every_kind_and_every_end() {
    let mut reached: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..2_000 {
        let (form, decided) = (form(seed), generate::decided(seed));
        let answers = &decided.outcome.answers;
        let kinds = form.questions().filter(|q| answers.contains_key(&q.key)).map(|q| q.ask.name());
        let ends = [
            ("sent", decided.kept.is_ok()),
            ("to mend", !decided.outcome.problems.is_empty()),
            ("stopped", decided.outcome.end != End::Last),
            ("set aside", !decided.moved.aside.is_empty()),
            ("asked again", !decided.again.is_empty()),
        ];
        for name in kinds.chain(ends.into_iter().filter(|(_, so)| *so).map(|(name, _)| name)) {
            *reached.entry(name).or_default() += 1;
        }
    }
    // An explanation asks nothing.
    let kinds = KINDS.iter().map(|(name, _)| *name).filter(|name| *name != "explanation");
    let all = kinds.chain(["sent", "to mend", "stopped", "set aside", "asked again"]);
    let seldom: Vec<&str> =
        all.filter(|name| reached.get(name).is_none_or(|times| *times < 10)).collect();
    assert!(seldom.is_empty(), "{seldom:?} of {reached:?}");
}

/// What fuzzing begins with gets through the reader, so that it reaches what lies behind it.
#[test]
fn the_seeds_of_fuzzing_are_definitions_with_answers() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap() + "/../fuzz/seeds/form";
    let (mut kinds, mut seeds) = (BTreeSet::new(), 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if !text.starts_with('{') {
            continue;
        }
        seeds += 1;
        let (first, second) = text.split_once('\n').unwrap_or((&text, ""));
        if pack::Pack::read(first.as_bytes()).is_ok() {
            continue;
        }
        let form = read(first.as_bytes()).unwrap_or_else(|e| panic!("{}: {e:?}", path.display()));
        let answers: Answers = serde_json::from_str(second).unwrap();
        let outcome = evaluate(&form, &answers, ASKED);
        assert!(!outcome.answers.is_empty(), "{}", path.display());
        let all = form.questions().flat_map(|q| std::iter::once(q).chain(q.inner()));
        kinds.extend(all.map(|q| q.ask.name()));
    }
    assert!(seeds >= 6);
    let missing: Vec<_> = KINDS.iter().filter(|(name, _)| !kinds.contains(name)).collect();
    assert!(missing.is_empty(), "no seed has {missing:?}");
}
