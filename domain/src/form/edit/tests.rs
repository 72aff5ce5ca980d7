//! Edits keep keys apart and lose nothing.

use super::*;
use crate::form::condition::Condition;
use crate::form::generate::{Dice, form as generated};
use crate::form::kinds::KINDS;
use crate::form::read_value;

fn keys(form: &Form) -> Vec<String> {
    form.questions().map(|q| q.key.clone()).collect()
}

fn labelled(labels: &[&[&str]]) -> Form {
    let page = |labels: &&[&str]| Page {
        questions: labels.iter().map(|l| Question::new(*l, *l, Ask::Text { max: 10 })).collect(),
        ..Page::default()
    };
    Form { pages: labels.iter().map(page).collect(), ..Form::default() }
}

#[test]
fn every_kind_can_be_added_and_read_again() {
    let mut form = Form { pages: vec![Page::default()], ..Form::default() };
    let mut known = Known::of([&form]);
    for (i, (kind, _)) in KINDS.iter().enumerate() {
        let which = add(&mut form, &Row::Page(0), usize::MAX, kind, &mut known).unwrap();
        assert_eq!(number(&form, &which), Some(i + 1));
        assert_eq!(question(&form, &which).unwrap().ask.name(), *kind);
        assert!(!about_kind(kind).is_empty(), "{kind}");
    }
    let text = serde_json::to_value(&form).unwrap();
    assert_eq!(read_value(&text, "").unwrap(), form);
    assert!(add(&mut form, &Row::Page(9), 0, "one", &mut known).is_none());
    assert!(add(&mut form, &Row::Page(0), 0, "nothing", &mut known).is_none());
}

#[test]
fn a_key_is_never_given_twice() {
    let mut form = Form { pages: vec![Page::default()], ..Form::default() };
    let mut known = Known::of([&form]);
    let first = add(&mut form, &Row::Page(0), 0, "one", &mut known).unwrap();
    let published = form.clone();
    assert!(remove(&mut form, &first).is_some());
    // As the builder is opened again: what was published is known.
    let mut known = Known::of([&published, &form]);
    let second = add(&mut form, &Row::Page(0), 0, "one", &mut known).unwrap();
    assert_ne!(first.key, second.key);
    let option = known.option_key(&first.key);
    let used = published.pages[0].questions[0].ask.options();
    assert!(used.iter().all(|o| o.key != option));
}

#[test]
fn questions_move_over_the_edges_of_pages() {
    let mut form = labelled(&[&["a", "b"], &["c"]]);
    let b = Which::asked("b");
    assert!(shift(&mut form, &b, false));
    assert_eq!(place(&form, &b), Some((Row::Page(1), 0)));
    assert!(shift(&mut form, &b, false));
    assert_eq!(keys(&form), ["a", "c", "b"]);
    assert!(!shift(&mut form, &b, false));
    for _ in 0..3 {
        shift(&mut form, &b, true);
    }
    assert_eq!(keys(&form), ["b", "a", "c"]);
    assert!(!shift(&mut form, &b, true));
    assert!(put(&mut form, &b, &Row::Page(1), 1));
    assert_eq!(keys(&form), ["a", "c", "b"]);
    assert!(!put(&mut form, &b, &Row::Staff, 0));
    assert_eq!(keys(&form), ["a", "c", "b"]);
}

#[test]
fn a_row_takes_what_can_be_answered_there() {
    let mut form = labelled(&[&["a"]]);
    let mut known = Known::of([&form]);
    for kind in ["photo", "file", "group"] {
        assert!(add(&mut form, &Row::Page(0), 9, kind, &mut known).is_some(), "{kind}");
        assert_eq!(add(&mut form, &Row::Staff, 0, kind, &mut known), None, "{kind}");
    }
    assert!(add(&mut form, &Row::Staff, 0, "calculation", &mut known).is_some());
    assert_eq!((form.pages[0].questions.len(), form.staff.len()), (4, 1));
}

#[test]
fn a_page_that_goes_leaves_its_questions() {
    let mut form = labelled(&[&["a"], &["b"], &["c"]]);
    assert!(remove_page(&mut form, 1));
    assert_eq!(keys(&form), ["a", "b", "c"]);
    assert!(remove_page(&mut form, 0));
    assert_eq!(keys(&form), ["a", "b", "c"]);
    assert!(!remove_page(&mut form, 0));
    assert_eq!(add_page(&mut form, 0), Some(1));
    assert_eq!(shift_page(&mut form, 1, true), Some(0));
    assert_eq!(shift_page(&mut form, 0, true), None);
}

#[test]
fn random_edits_lose_no_question_and_no_key_twice() {
    for seed in 0..200 {
        let mut form = generated(seed);
        let mut known = Known::of([&form]);
        let mut dice = Dice::new(seed);
        let mut count = form.questions().count();
        for _ in 0..20 {
            let all: Vec<Which> = form.questions().map(|q| Which::asked(q.key.clone())).collect();
            let which = all.get(dice.below(all.len())).cloned();
            match (dice.below(6), which) {
                (0, _) => {
                    let kind = KINDS[dice.below(KINDS.len())].0;
                    let page = dice.below(form.pages.len());
                    let added = add(&mut form, &Row::Page(page), dice.below(5), kind, &mut known);
                    count += usize::from(added.is_some());
                }
                (1, Some(which)) => {
                    count += usize::from(copy(&mut form, &which, &mut known).is_some());
                }
                (2, Some(which)) => {
                    shift(&mut form, &which, dice.below(2) == 0);
                }
                (3, Some(which)) => {
                    let page = dice.below(form.pages.len());
                    put(&mut form, &which, &Row::Page(page), dice.below(5));
                }
                (4, _) => {
                    let page = dice.below(form.pages.len());
                    remove_page(&mut form, page);
                }
                (5, Some(which)) => {
                    let kind = KINDS[dice.below(KINDS.len())].0;
                    let found = question(&form, &which).unwrap();
                    let new = turned(found, kind, &mut known).unwrap();
                    *question_mut(&mut form, &which).unwrap() = new;
                }
                _ => {}
            }
        }
        assert_eq!(form.questions().count(), count, "seed {seed}");
        let distinct: BTreeSet<String> = keys(&form).into_iter().collect();
        assert_eq!(distinct.len(), count, "seed {seed}");
    }
}

#[test]
fn a_copied_group_keeps_its_own_logic() {
    let mut form = Form { pages: vec![Page::default()], ..Form::default() };
    let mut known = Known::of([&form]);
    let group = add(&mut form, &Row::Page(0), 0, "group", &mut known).unwrap();
    let inner = Row::Group(group.key.clone());
    let first = add(&mut form, &inner, 0, "one", &mut known).unwrap();
    let second = add(&mut form, &inner, 1, "text", &mut known).unwrap();
    assert!(add(&mut form, &inner, 1, "group", &mut known).is_none());
    let when = first_condition(&first.key, question(&form, &first).unwrap());
    question_mut(&mut form, &second).unwrap().show_if = Some(when);
    let twin = copy(&mut form, &group, &mut known).unwrap();
    let inner = question(&form, &twin).unwrap().inner();
    assert_ne!(inner[0].key, first.key);
    assert_eq!(inner[1].show_if.as_ref().unwrap().names(), [inner[0].key.clone()]);
    assert_eq!(branches(&form, &first).len(), 1);
}

#[test]
fn options_keep_their_keys_when_lines_are_pasted() {
    let mut known = Known::default();
    let mut options = Vec::new();
    paste(&mut options, "東\n西\n", "q1", &mut known);
    let west = options[1].key.clone();
    paste(&mut options, " 西 \n\n北", "q1", &mut known);
    let found: Vec<(&str, &str)> =
        options.iter().map(|o| (o.key.as_str(), o.label.as_str())).collect();
    assert_eq!(found, [(west.as_str(), "西"), ("o3", "北")]);
}

#[test]
fn a_question_of_another_kind_keeps_its_options() {
    let mut known = Known::default();
    let one = blank("one", &mut known).unwrap();
    let many = turned(&one, "many", &mut known).unwrap();
    assert_eq!(one.ask.options(), many.ask.options());
    assert_eq!(many.key, one.key);
    let name = turned(&one, "name", &mut known).unwrap();
    assert!(name.personal);
    assert!(turned(&one, "nothing", &mut known).is_none());
}

#[test]
fn sentences_and_conditions_are_the_same() {
    let is = |key: &str| Condition::Is { question: key.into(), any_of: vec!["x".into()] };
    let deep = Condition::All(vec![Condition::Any(vec![is("a"), is("b")]), is("c")]);
    assert!(Sentence::of(&deep).is_none());
    for condition in [
        is("a"),
        Condition::Not(Box::new(is("a"))),
        Condition::Any(vec![is("a"), Condition::Answered("b".into())]),
        Condition::All(vec![is("a"), is("b")]),
    ] {
        let sentence = Sentence::of(&condition).unwrap();
        assert_eq!(sentence.condition(), Some(condition));
    }
    assert_eq!(Sentence::default().condition(), None);
}

#[test]
fn only_what_stands_before_can_be_named() {
    let form = labelled(&[&["a", "b"], &["c"]]);
    let names = |row: &Row, index| -> Vec<String> {
        nameable(&form, row, index).into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(names(&Row::Page(0), Some(1)), ["a"]);
    assert_eq!(names(&Row::Page(1), Some(0)), ["a", "b"]);
    assert_eq!(names(&Row::Page(0), None), ["a", "b"]);
    assert_eq!(nameable(&form, &Row::Page(1), None)[2].1, "3 c");
    assert_eq!(stop(&form, 0).unwrap().when, Condition::Answered("b".into()));
}

#[test]
fn every_operator_makes_its_own_part() {
    let mut known = Known::default();
    for (kind, _) in KINDS {
        let question = blank(kind, &mut known).unwrap();
        for operator in operators(&question) {
            let part = operator.part(&question.key, &question);
            assert_eq!(Operator::of(&part), Some(operator));
            assert_eq!(part.names(), std::slice::from_ref(&question.key));
        }
    }
}

#[test]
fn what_the_linter_names_is_found() {
    let mut form = labelled(&[&["a"], &["b"]]);
    let mut known = Known::of([&form]);
    let group = add(&mut form, &Row::Page(1), 1, "group", &mut known).unwrap();
    let inner = add(&mut form, &Row::Group(group.key.clone()), 0, "text", &mut known).unwrap();
    let staff = add(&mut form, &Row::Staff, 0, "text", &mut known).unwrap();
    for (at, wanted, rest) in [
        ("/title", Target::Head, "/title"),
        ("/pages/1/questions/0/label", Target::Question(Which::asked("b")), "/label"),
        ("/pages/1/questions/1/ask/questions/0/ask/max", Target::Question(inner), "/ask/max"),
        ("/pages/1/questions/1/ask/max", Target::Question(group), "/ask/max"),
        ("/pages/0/stops/0/message", Target::Page(0), "/stops/0/message"),
        ("/pages", Target::Page(0), ""),
        ("/staff/0/label", Target::Question(staff), "/label"),
        ("/terms/mails/0", Target::Terms, "/mails/0"),
        ("/statuses", Target::Statuses, ""),
        ("/pages/9/questions/9", Target::Head, "/pages/9/questions/9"),
    ] {
        assert_eq!(target(&form, at), (wanted, rest.to_owned()), "{at}");
    }
    // Whatever the linter finds leads somewhere.
    for seed in 0..300 {
        let form = generated(seed);
        for finding in crate::form::lint::lint(&form, "") {
            if let (Target::Question(which), _) = target(&form, &finding.at) {
                assert!(question(&form, &which).is_some(), "{}", finding.at);
            }
        }
    }
}
