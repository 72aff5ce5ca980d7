//! The registration as residents send it.

use super::*;
use crate::form::AGREED;
use crate::id::{AttributeId, ChoiceId};
use proptest::prelude::*;

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

fn attribute(
    key: &str,
    kind: Kind,
    required: bool,
    choices: &[(&str, Option<&str>, bool)],
) -> Attribute {
    Attribute {
        id: AttributeId(1),
        key: key.into(),
        label: key.into(),
        kind,
        hint: String::new(),
        required,
        personal: false,
        hidden: false,
        choices: choices
            .iter()
            .map(|(k, p, h)| Choice {
                id: ChoiceId(1),
                key: (*k).into(),
                label: (*k).into(),
                parent: p.map(Into::into),
                hidden: *h,
            })
            .collect(),
    }
}

fn form() -> Form {
    let catalog = Catalog {
        attributes: vec![
            attribute(
                "home",
                Kind::Area,
                true,
                &[
                    ("east", None, false),
                    ("higashi1", Some("east"), false),
                    ("west", None, true),
                    ("nishi1", Some("west"), false),
                ],
            ),
            attribute(
                "topics",
                Kind::Multiple,
                false,
                &[("waste", None, false), ("water", None, false)],
            ),
            attribute("born", Kind::Year, false, &[]),
            attribute("due", Kind::Date, false, &[]),
            attribute("pet", Kind::Text, false, &[]),
        ],
        today: TODAY,
        ..Catalog::default()
    };
    registration(&catalog, "みほん市", 180)
}

fn answers(list: &[(&str, &[&str])]) -> Answers {
    list.iter()
        .map(|(k, v)| ((*k).to_owned(), v.iter().map(|s| (*s).to_owned()).collect()))
        .collect()
}

#[test]
fn a_complete_registration() {
    let clean = registered(
        &form(),
        &answers(&[
            ("home", &["higashi1"]),
            ("topics", &["waste", "waste", "water"]),
            (RECEPTION, &["all"]),
            (CONSENT, &["yes"]),
            ("other", &["x"]),
        ]),
        TODAY,
    )
    .unwrap();
    assert_eq!(clean["topics"], ["waste", "water"]);
    assert!(!clean.contains_key("other"));
}

#[test]
fn the_talk_asks_for_choices_only() {
    let keys: Vec<String> = talk_questions(&form()).map(|q| q.key.clone()).collect();
    assert_eq!(keys, ["topics"]);
}

#[test]
fn what_is_missing_is_named() {
    let problems = registered(&form(), &answers(&[("topics", &["nothing"])]), TODAY).unwrap_err();
    let at: Vec<_> = problems.iter().map(|p| p.at.as_str()).collect();
    assert_eq!(at, ["home", "topics", RECEPTION, CONSENT]);
}

#[test]
fn hidden_areas_and_what_lies_in_them_are_not_offered() {
    let form = form();
    let keys: Vec<_> =
        form.question("home").unwrap().ask.options().iter().map(|o| o.key.as_str()).collect();
    assert_eq!(keys, ["east", "higashi1"]);
}

#[test]
fn living_elsewhere_clears_the_area() {
    let clean = registered(
        &form(),
        &answers(&[("home", &[NOWHERE]), (RECEPTION, &["all"]), (CONSENT, &["yes"])]),
        TODAY,
    )
    .unwrap();
    assert!(clean["home"].is_empty());
}

proptest! {
    #[test]
    fn never_accepts_what_is_not_offered(home in "[a-z0-9_]{0,9}", topic in "[a-z_]{0,7}") {
        let form = form();
        let given = answers(&[("home", &[&home]), ("topics", &[&topic]), (RECEPTION, &["all"]), (CONSENT, &["yes"])]);
        if let Ok(clean) = registered(&form, &given, TODAY) {
            for (key, chosen) in clean {
                let q = form.question(&key).unwrap();
                for c in chosen {
                    prop_assert!(c == AGREED || q.ask.options().iter().any(|o| o.key == c));
                }
            }
        }
    }
}

fn ask(ask: Ask, required: bool, given: &[&str]) -> Result<Vec<String>, String> {
    let question = Question { required, ..Question::new("q", "項目", ask) };
    let pages = vec![Page { questions: vec![question], ..Page::default() }];
    let form = Form { pages, ..Form::default() };
    registered(&form, &answers(&[("q", given)]), TODAY)
        .map(|mut clean| clean.remove("q").unwrap())
        .map_err(|problems| problems[0].message.clone())
}

fn date() -> Ask {
    Ask::Date { from: 1900, to: 2036 }
}

#[test]
fn dates_come_in_three_fields_or_as_they_were_registered() {
    assert_eq!(ask(date(), true, &["2026", "5", "5"]).unwrap(), ["2026-05-05"]);
    assert_eq!(ask(date(), true, &["2026-05-05"]).unwrap(), ["2026-05-05"]);
    assert_eq!(ask(date(), true, &["平成", "31", "4", "30"]).unwrap(), ["2019-04-30"]);
    assert_eq!(ask(date(), false, &["", "", ""]).unwrap(), [""; 0]);
    assert_eq!(ask(date(), false, &[]).unwrap(), [""; 0]);
    assert_eq!(ask(date(), true, &["", "", ""]).unwrap_err(), "「項目」を選んでください");
    assert_eq!(ask(date(), false, &["2026", "", "5"]).unwrap_err(), "「項目」の月を選んでください");
    assert!(ask(date(), false, &["2026", "2", "29"]).unwrap_err().contains("暦にありません"));
    assert!(ask(date(), false, &["平成", "31", "5", "1"]).unwrap_err().contains("令和元年"));
    assert!(ask(date(), false, &["x"]).is_err());
}

#[test]
fn years_and_texts() {
    let year = || Ask::Year { from: 1900, to: 2026 };
    assert_eq!(ask(year(), true, &["1985"]).unwrap(), ["1985"]);
    assert_eq!(ask(year(), false, &[""]).unwrap(), [""; 0]);
    assert!(ask(year(), true, &[]).is_err());
    assert!(ask(year(), false, &["2027"]).is_err() && ask(year(), false, &["昭和60"]).is_err());
    let text = || Ask::Text { max: 200 };
    assert_eq!(ask(text(), true, &[" ポチ "]).unwrap(), ["ポチ"]);
    assert_eq!(ask(text(), true, &["　"]).unwrap_err(), "「項目」を書いてください");
    assert!(ask(text(), false, &[&"あ".repeat(201)]).unwrap_err().contains("200文字"));
    assert!(ask(text(), false, &["a\nb"]).unwrap_err().contains("1行"));
}

proptest! {
    #[test]
    fn every_date_of_the_calendar_and_no_other(year in 1900i32..2036, month in 0u8..14, day in 0u8..33) {
        let given = [year.to_string(), month.to_string(), day.to_string()];
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        let valid = Date::new(year, month, day);
        prop_assert_eq!(ask(date(), true, &given).ok().map(|a| a[0].clone()), valid.map(Date::iso));
    }
}
