//! What the linter finds, and where it leads.

use super::*;
use crate::form::{AGREED, Check, Condition, Decimal, Opt, Page, Status, Stop, Terms};

fn opt(key: &str) -> Opt {
    Opt { key: key.into(), label: key.into(), ..Opt::default() }
}

fn choice(key: &str, keys: &[&str]) -> Question {
    let options = keys.iter().map(|k| opt(k)).collect();
    Question { required: true, ..Question::new(key, key, Ask::One { options }) }
}

fn is(question: &str, key: &str) -> Condition {
    Condition::Is { question: question.into(), any_of: vec![key.into()] }
}

fn number(key: &str, at_least: Option<i32>, at_most: Option<i32>) -> Condition {
    Condition::Number {
        question: key.into(),
        at_least: at_least.map(Decimal::small),
        at_most: at_most.map(Decimal::small),
    }
}

fn people(min: i32, max: i32) -> Question {
    let (min, max) = (Some(Decimal::small(min)), Some(Decimal::small(max)));
    let ask = Ask::Number { min, max, step: None, unit: "人".into() };
    Question { required: true, ..Question::new("n", "人数", ask) }
}

fn shown(question: Question, condition: Condition) -> Question {
    Question { show_if: Some(condition), ..question }
}

fn text(key: &str) -> Question {
    Question::new(key, key, Ask::Text { max: 10 })
}

fn good(questions: Vec<Question>) -> Form {
    Form {
        title: "アンケート".into(),
        pages: vec![Page { questions, ..Page::default() }],
        terms: Terms {
            purpose: "事業の改善".into(),
            retention_days: Some(365),
            department: "みほん課".into(),
            telephone: "000-000-0124".into(),
            mails: vec!["ka@example.jp".into()],
            receipt: "R-{番号}".into(),
            ..Terms::default()
        },
        ..Form::default()
    }
}

/// On a city's own address.
const OWN: &str = "https://line.example.jp";

fn looked(form: &Form) -> Vec<Finding> {
    lint(form, OWN)
}

fn blocking(form: &Form) -> Vec<String> {
    looked(form).into_iter().filter(|f| f.blocks).map(|f| f.at).collect()
}

#[test]
fn a_sound_form_passes() {
    let form = good(vec![choice("use", &["a", "b"]), shown(text("more"), is("use", "b"))]);
    assert_eq!(looked(&form), []);
}

#[test]
fn what_is_missing_leads_to_its_place() {
    let form = Form { pages: vec![Page::default()], ..Form::default() };
    assert_eq!(
        blocking(&form),
        [
            "/title",
            "/terms/purpose",
            "/terms/retention_days",
            "/terms/department",
            "/terms/receipt",
            "/pages",
            "/pages/0"
        ]
    );
    let mut form = good(vec![choice("use", &["a", "b"])]);
    form.terms.results = Results::Public;
    assert_eq!(blocking(&form), ["/terms/results"]);
}

#[test]
fn a_form_with_states_has_one_that_ends() {
    let status =
        |key: &str, done| Status { key: key.into(), label: key.into(), done, ..Status::default() };
    let mut form = good(vec![choice("use", &["a", "b"])]);
    form.statuses = vec![status("new", false), status("end", false)];
    assert_eq!(blocking(&form), ["/statuses"]);
    form.statuses[1].done = true;
    assert_eq!(blocking(&form), [""; 0]);
}

#[test]
fn personal_questions_are_marked_and_need_a_consent() {
    let name = Question::new("who", "お名前", Ask::Name { kana: false });
    let at = "/pages/0/questions/0";
    assert_eq!(blocking(&good(vec![name.clone()])), [format!("{at}/personal"), at.into()]);
    let marked = Question { personal: true, ..name };
    assert_eq!(blocking(&good(vec![marked.clone()])), [at]);
    let consent = Ask::Consent { text: "使いみち".into(), more: String::new() };
    let consent = Question { required: true, ..Question::new("ok", "同意", consent) };
    assert_eq!(blocking(&good(vec![marked, consent])), [""; 0]);
    let birth = Question::new("b", "生年月日", Ask::Date { from: 1900, to: 2026 });
    assert!(blocking(&good(vec![birth])).contains(&format!("{at}/personal")));
}

#[test]
fn addresses_of_the_console_are_found() {
    for (words, bad) in [
        ("https://line.example.jp/console/forms/3", true),
        ("https://LINE.example.jp:443/api?x=1", true),
        ("https://line.example.jp/phone#top", true),
        ("https://line.example.jp/phones/", false),
        ("https://line.example.jp/liff/f/3", false),
        ("くわしくはhttps://line.example.jp/consoleへ", true),
        ("http://localhost:3000/liff/forms/3", true),
        ("http://192.168.0.3/x", true),
        ("http://10.1.2.3", true),
        ("http://172.16.0.1/x", true),
        ("http://172.31.255.255/x", true),
        ("http://172.32.0.1/x", false),
        ("http://169.254.169.254/x", true),
        ("https://10.example.jp/x", false),
        // Elsewhere these words mean something else.
        ("https://www.city.mihon.lg.jp/phone/", false),
        ("https://www.city.mihon.lg.jp/console", false),
        ("https://example.jp/api/", false),
        ("https://www.city.example.jp/kosodate/", false),
        ("https://liff.line.me/1234-abc/forms/3", false),
        ("http", false),
    ] {
        let mut form = good(vec![choice("use", &["a", "b"])]);
        form.pages[0].questions[0].hint = words.into();
        assert_eq!(!blocking(&form).is_empty(), bad, "{words}");
    }
    let mut form = good(vec![choice("use", &["a", "b"])]);
    form.intro = "〔市名〕のアンケート".into();
    assert_eq!(blocking(&form), ["/intro"]);
    // It may be the console of the city that made the pack.
    form.intro = "https://line.city.mihon.lg.jp/console/forms/3 へ".into();
    let found = looked(&form);
    assert_eq!((found.len(), found[0].at.as_str(), found[0].blocks), (1, "/intro", false));
    // What is sure is not hidden behind it.
    form.intro += "、https://line.example.jp/console/forms/3 へ";
    assert_eq!(blocking(&form), ["/intro"]);
}

#[test]
fn questions_that_no_answer_reaches() {
    let at = "/pages/0/questions/1/show_if";
    let unreachable = |condition: Condition, first: Question| {
        blocking(&good(vec![first, shown(text("x"), condition)])) == [at]
    };
    let both = || Condition::All(vec![is("use", "a"), is("use", "b")]);
    assert!(unreachable(both(), choice("use", &["a", "b"])));
    assert!(unreachable(
        Condition::Not(Box::new(Condition::Answered("use".into()))),
        choice("use", &["a", "b"])
    ));
    assert!(unreachable(number("n", Some(11), None), people(1, 10)));
    assert!(!unreachable(number("n", Some(10), None), people(1, 10)));
    let gap = Condition::All(vec![
        number("n", Some(5), None),
        Condition::Not(Box::new(number("n", Some(4), None))),
    ]);
    assert!(unreachable(gap, people(1, 10)));
    // Of many, both can be chosen.
    let many = Question::new("use", "use", Ask::Many { options: vec![opt("a"), opt("b")] });
    assert!(!unreachable(both(), many));
    // Whole numbers have nothing between 4 and 5.
    let between = Condition::All(vec![
        Condition::Not(Box::new(number("n", None, Some(4)))),
        Condition::Not(Box::new(number("n", Some(5), None))),
    ]);
    assert!(unreachable(between, people(1, 10)));
}

#[test]
fn what_depends_on_something_hidden_is_unreachable_too() {
    let form = good(vec![
        choice("use", &["a", "b"]),
        shown(choice("kind", &["x", "y"]), is("use", "a")),
        shown(text("never"), Condition::All(vec![is("use", "b"), is("kind", "x")])),
        shown(
            text("always"),
            Condition::Any(vec![is("use", "b"), is("kind", "x"), is("kind", "y")]),
        ),
    ]);
    assert_eq!(blocking(&form), ["/pages/0/questions/2/show_if"]);
    let notes = looked(&form).into_iter().filter(|f| !f.blocks).map(|f| f.at);
    let notes: Vec<String> = notes.collect();
    assert_eq!(notes, ["/pages/0/questions/3/show_if"]);
}

#[test]
fn a_group_that_must_be_answered_is_no_dead_end() {
    let group = Ask::Group { item: "人".into(), min: 0, max: 3, questions: vec![text("name")] };
    let group = Question { required: true, ..Question::new("g", "世帯", group) };
    let either = Condition::Any(vec![Condition::Answered("g".into()), is("q", "yes")]);
    let form = good(vec![
        group,
        choice("q", &["yes", "no"]),
        shown(text("t"), Condition::All(vec![is("q", "yes"), either])),
    ]);
    assert_eq!(blocking(&form), Vec::<String>::new());
}

#[test]
fn stops_close_the_pages_behind_them() {
    let mut form = good(vec![choice("use", &["a", "b"])]);
    form.pages.push(Page { questions: vec![shown(text("x"), is("use", "a"))], ..Page::default() });
    let stop = |when| Stop { when, message: "窓口へ".into(), send: false };
    form.pages[0].stops = vec![stop(is("use", "a"))];
    assert_eq!(blocking(&form), ["/pages/1/questions/0/show_if"]);
    form.pages[0].stops = vec![stop(is("use", "a")), stop(is("use", "b"))];
    assert!(blocking(&form).contains(&"/pages/1".to_owned()));
    assert!(blocking(&form).contains(&"/pages".to_owned()));
    form.pages[0].stops[1].send = true;
    assert!(!blocking(&form).contains(&"/pages".to_owned()));
}

#[test]
fn ways_that_end_nowhere_name_the_option() {
    let mut n = people(1, 10);
    n.checks.push(Check {
        holds: Condition::Any(vec![is("use", "a"), number("n", Some(11), None)]),
        message: "直してください".into(),
    });
    let form = good(vec![choice("use", &["a", "b"]), n.clone()]);
    let found = looked(&form);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].at, "/pages/0/questions/1/checks/0/holds");
    assert_eq!(found[0].message, "「use」で「b」を選ぶと、先にすすむ道がありません");
    n.checks[0].holds = number("n", Some(11), None);
    assert!(looked(&good(vec![n]))[0].message.contains("どう答えても通りません"));
}

#[test]
fn what_no_item_of_a_group_reaches() {
    let at = "/pages/0/questions/1/ask/questions/1";
    let form = |questions: Vec<Question>, show_if: Option<Condition>| {
        let ask = Ask::Group { item: "人".into(), min: 0, max: 3, questions };
        let group = Question { show_if, ..Question::new("g", "世帯", ask) };
        good(vec![choice("use", &["a", "b"]), group])
    };
    let kind = || choice("kind", &["x", "y"]);
    let more = |condition: Condition| vec![kind(), shown(text("more"), condition)];
    let never = Condition::All(vec![is("kind", "x"), is("kind", "y")]);
    assert_eq!(blocking(&form(more(never), None)), [format!("{at}/show_if")]);
    let both = Condition::All(vec![is("kind", "x"), is("use", "b")]);
    assert_eq!(blocking(&form(more(both.clone()), None)), [""; 0]);
    // Where the group itself is not asked.
    assert_eq!(blocking(&form(more(both), Some(is("use", "a")))), [format!("{at}/show_if")]);
    let mut n = people(1, 10);
    let holds = Condition::Any(vec![is("kind", "x"), number("n", Some(11), None)]);
    n.checks.push(Check { holds, message: "直してください".into() });
    let found = looked(&form(vec![kind(), n.clone()], None));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].at, format!("{at}/checks/0/holds"));
    assert_eq!(found[0].message, "「kind」で「y」を選ぶと、先にすすむ道がありません");
    // Nobody needs an item.
    n.checks[0].holds = Condition::Any(vec![is("use", "a"), number("n", Some(11), None)]);
    assert_eq!(looked(&form(vec![kind(), n], None)), []);
}

#[test]
fn references_are_checked() {
    let formula = |text: &str| Ask::Calculation {
        formula: text.parse().unwrap(),
        places: 0,
        unit: String::new(),
    };
    for (question, words) in [
        (shown(text("x"), is("later", "a")), "あと"),
        (shown(text("x"), is("gone", "a")), "ありません"),
        (shown(text("x"), is("use", "gone")), "選択肢「gone」"),
        (shown(text("x"), Condition::All(Vec::new())), "空です"),
        (shown(text("x"), number("use", Some(1), None)), "使えません"),
        (Question::new("x", "計算", formula("use + 1")), "計算に使えません"),
        (Question::new("x", "計算", formula("1 = 1")), "はい・いいえ"),
    ] {
        let form = good(vec![choice("use", &["a", "b"]), question, choice("later", &["a", "b"])]);
        let found = looked(&form);
        assert!(found.len() == 1 && found[0].message.contains(words), "{words}: {found:?}");
    }
    let agreed = is("ok", AGREED);
    let consent = Ask::Consent { text: "t".into(), more: String::new() };
    let form = good(vec![
        choice("use", &["a", "b"]),
        Question::new("ok", "同意", consent),
        shown(text("x"), agreed),
    ]);
    assert_eq!(looked(&form), []);
}

#[test]
fn too_many_ways_are_passed_over() {
    let keys: Vec<String> = (0..100).map(|i| format!("o{i}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut questions: Vec<Question> = (0..5).map(|i| choice(&format!("q{i}"), &keys)).collect();
    let all = (0..5).flat_map(|i| keys.iter().map(move |k| is(&format!("q{i}"), k))).collect();
    questions.push(shown(text("x"), Condition::Not(Box::new(Condition::Any(all)))));
    assert_eq!(blocking(&good(questions)), [""; 0]);
}

#[test]
fn staff_are_asked_for_what_they_can_fill_in() {
    let mut form = good(vec![choice("use", &["a", "b"])]);
    let visits = Ask::Group { item: "回".into(), min: 0, max: 3, questions: vec![text("what")] };
    form.staff = vec![
        text("memo"),
        Question::new("photo", "写真", Ask::Photo { max: 1, position: false }),
        Question::new("visits", "見回り", visits),
    ];
    assert_eq!(blocking(&form), ["/staff/1/kind", "/staff/2/kind"]);
    let found = looked(&form).into_iter().find(|f| f.at == "/staff/2/kind").unwrap();
    assert!(found.message.contains("くり返し"), "{}", found.message);
}

#[test]
fn mails_that_cannot_be_sent_are_worth_a_look() {
    let mut form = good(vec![choice("use", &["a", "b"])]);
    let found = lint_unsent(&form).unwrap();
    assert_eq!((found.at.as_str(), found.blocks), ("/terms/mails", false));
    form.terms.mails.clear();
    assert_eq!(lint_unsent(&form), None);
}
