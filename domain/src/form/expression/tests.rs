//! Formulas: read, worked out, told.

use super::*;
use crate::form::condition::Scope;
use crate::form::generate::{Dice, expression, form};
use crate::form::{Answer, Ask, Form, Opt, Page, Question, Values};
use crate::time::Date;
use proptest::prelude::*;

const TODAY: Date = Date { year: 2026, month: 6, day: 15 };

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn sample() -> (Form, Values) {
    let opt = |key: &str, points: i32| Opt {
        key: key.into(),
        label: format!("「{key}」"),
        points: Some(Decimal::small(points)),
        ..Opt::default()
    };
    let number = || Ask::Number { min: None, max: None, step: None, unit: String::new() };
    let date = || Ask::Date { from: 1900, to: 2100 };
    let inner = vec![Question::new("fee", "料金", number())];
    let questions = vec![
        Question::new("n", "人数", number()),
        Question::new("from", "初日", date()),
        Question::new("to", "最終日", date()),
        Question::new(
            "plan",
            "区分",
            Ask::One { options: vec![opt("full", 3000), opt("half", 1500)] },
        ),
        Question::new(
            "dogs",
            "犬",
            Ask::Group { item: "犬".into(), min: 0, max: 9, questions: inner },
        ),
        Question::new("empty", "空", number()),
    ];
    let form = Form { pages: vec![Page { questions, ..Page::default() }], ..Form::default() };
    let day = |day| Answer::Date(Date { year: 2026, month: 6, day });
    let dog = |fee: &str| Values::from([("fee".to_owned(), Answer::Number(d(fee)))]);
    let values = Values::from([
        ("n".to_owned(), Answer::Number(d("3"))),
        ("from".to_owned(), day(1)),
        ("to".to_owned(), day(10)),
        ("plan".to_owned(), Answer::Chosen { keys: vec!["full".into()], other: None }),
        ("dogs".to_owned(), Answer::Group(vec![dog("0.1"), dog("0.2"), Values::new()])),
    ]);
    (form, values)
}

#[test]
fn formulas_are_worked_out_exactly() {
    let (form, values) = sample();
    let scope = Scope { form: &form, values: &values, item: None, today: TODAY };
    for (text, expected) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("-2 * -3", "6"),
        ("sum(dogs.fee)", "0.3"),
        ("count(dogs)", "3"),
        ("days(from, to) + 1", "10"),
        ("age(from, to)", "0"),
        ("points(plan) * n", "9000"),
        ("if(chosen(plan, \"half\"), 1, 2)", "2"),
        ("or_else(empty, 5)", "5"),
        ("round(10 / 3, 2)", "3.33"),
        ("floor(0 - 2.5)", "-3"),
        ("max(n, 2, dogs.fee)", "3"),
        ("if(n >= 3 and not (n = 4), 1, 0)", "1"),
        ("if(true_is_missing = 1, 1, 2)", "none"),
        ("empty + 1", "none"),
        ("n / 0", "none"),
        ("1000000000000 * 2", "none"),
    ] {
        let formula: Expression = text.parse().unwrap_or_else(|e| panic!("{text}: {e:?}"));
        let found = formula.number(&scope).map_or_else(|| "none".into(), |n| n.to_string());
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn types_are_checked_before_anybody_answers() {
    let (form, _) = sample();
    let values = Values::new();
    let scope = Scope { form: &form, values: &values, item: None, today: TODAY };
    let type_of = |text: &str| text.parse::<Expression>().unwrap().type_of(&scope);
    assert_eq!(type_of("n * 2 + count(dogs)"), Ok(Type::Number));
    assert_eq!(type_of("to >= from and n > 0"), Ok(Type::Truth));
    assert_eq!(type_of("if(answered(plan), today(), from)"), Ok(Type::Day));
    for (bad, words) in [
        ("n + from", "日付"),
        ("plan + 1", "計算に使えません"),
        ("gone + 1", "ありません"),
        ("dogs.fee + 1", "sum"),
        ("chosen(plan, \"gone\")", "選択肢"),
        ("if(n, 1, 2)", "はい・いいえ"),
        ("if(n = 1, 1, today())", "日付"),
        ("count(n)", "数えられません"),
        ("sum(dogs.gone)", "くり返し"),
        ("\"full\"", "chosen"),
    ] {
        let found = type_of(bad).unwrap_err();
        assert!(found.contains(words), "{bad}: {found}");
    }
}

#[test]
fn what_cannot_be_read_says_where() {
    for (text, at) in [
        ("", 0),
        ("1 +", 3),
        ("(1", 2),
        ("1 2", 2),
        ("a = b = c", 6),
        ("magic(1)", 0),
        ("round()", 0),
        ("1.2345678", 0),
        ("ａ + 1", 0),
        ("chosen(a, \"x", 11),
    ] {
        assert_eq!(text.parse::<Expression>().unwrap_err().at, at, "{text}");
    }
    assert!("(".repeat(400).parse::<Expression>().is_err());
    assert!("-".repeat(499).parse::<Expression>().is_err());
    assert!("1+".repeat(300).parse::<Expression>().is_err());
}

#[test]
fn formulas_are_told_as_sentences() {
    let (form, values) = sample();
    let scope = Scope { form: &form, values: &values, item: None, today: TODAY };
    let told = |text: &str| text.parse::<Expression>().unwrap().words(&scope);
    insta::assert_snapshot!(told("(n + 1) * 300"), @"（「人数」 ＋ 1） × 300");
    insta::assert_snapshot!(told("sum(dogs.fee) + count(dogs) * 550"), @"「犬」ごとの「料金」の合計 ＋ 「犬」の数 × 550");
    insta::assert_snapshot!(told("if(n >= 10, 2000, points(plan))"), @"（「人数」が10以上なら2,000、そうでなければ「区分」で選んだものの値）");
    insta::assert_snapshot!(told("days(from, to) > 3"), @"「初日」から「最終日」までの日数が3より大きい");
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_it_was(seed: u64) {
        let form = form(seed);
        let known: Vec<Question> = form.questions().cloned().collect();
        let formula = expression(&mut Dice::new(seed), &known, 4);
        let text = formula.to_string();
        if text.len() <= TEXT_MAX {
            prop_assert_eq!(text.parse(), Ok(formula.clone()), "{}", text);
        }
        let values = Values::new();
        let scope = Scope { form: &form, values: &values, item: None, today: TODAY };
        let _total = (formula.value(&scope), formula.type_of(&scope), formula.words(&scope));
    }

    #[test]
    fn reading_never_panics(text in "[a-z0-9 .,()+*/<>=!\"_-]{0,60}", other in "\\PC{0,20}") {
        for text in [text, other] {
            match text.parse::<Expression>() {
                Ok(formula) => prop_assert_eq!(formula.to_string().parse(), Ok(formula)),
                Err(why) => prop_assert!(why.at <= text.len() && !why.message.is_empty()),
            }
        }
    }
}
