//! What can be chosen in a form, and what somebody chose: by this an audience asks for whoever
//! answered so (SEG-2). Only questions with a closed set of answers: one or many options, a step
//! on a scale, a place of a tree, a consent. Numbers, years, dates and tables are asked for
//! otherwise ([`crate::audience::fields`]); what is asked within a group, and what is written in
//! words, cannot be asked for.

use super::answer::{Answer, Submission};
use super::condition::around;
use super::definition::{Ask, Form, Opt};
use super::{AGREED, NOWHERE};

/// One thing that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Choice {
    /// The question's key.
    pub question: String,
    /// The option's key; of a scale the step, of a consent [`AGREED`].
    pub choice: String,
    /// What is asked.
    pub question_label: String,
    /// What is read of the option.
    pub choice_label: String,
}

/// Everything that can be chosen, in the order of the form.
pub fn choices(form: &Form) -> Vec<Choice> {
    let mut all = Vec::new();
    for question in form.questions() {
        let mut put = |key: String, label: String| {
            all.push(Choice {
                question: question.key.clone(),
                choice: key,
                question_label: question.label.clone(),
                choice_label: label,
            });
        };
        match &question.ask {
            Ask::One { options } | Ask::Many { options } => {
                options.iter().for_each(|o| put(o.key.clone(), o.label.clone()));
            }
            Ask::Scale { from, to, low, high } => {
                for step in *from..=*to {
                    let means = if step == *from {
                        low
                    } else if step == *to {
                        high
                    } else {
                        ""
                    };
                    put(step.to_string(), format!("{step} {means}").trim().to_owned());
                }
            }
            Ask::Tree { options } => {
                options.iter().for_each(|o| put(o.key.clone(), place(options, o)));
                put(NOWHERE.to_owned(), "ここにはない".to_owned());
            }
            Ask::Consent { .. } => put(AGREED.to_owned(), "同意した".to_owned()),
            _ => {}
        }
    }
    all
}

/// 「港地区 汐見台」 from the outside in; 「港地区（すべて）」 of what surrounds others.
fn place(places: &[Opt], own: &Opt) -> String {
    let label = |key: &str| places.iter().find(|o| o.key == key).map(|o| o.label.as_str());
    let mut path: Vec<&str> = around(places, &own.key).filter_map(label).collect();
    path.reverse();
    let all = if places.iter().any(|o| o.parent.as_ref() == Some(&own.key)) {
        "（すべて）"
    } else {
        ""
    };
    format!("{}{all}", path.join(" "))
}

/// What was chosen: question and option, each by its key; of a place also all that surround it.
/// Of what the form does not offer as a choice there is nothing.
pub fn chosen<'a>(form: &Form, submission: &'a Submission) -> Vec<(&'a str, String)> {
    let mut all = Vec::new();
    for (key, answer) in &submission.answers {
        let ask = form.question(key).map(|q| &q.ask);
        match (answer, ask) {
            (Answer::Chosen { keys, .. }, Some(Ask::One { .. } | Ask::Many { .. })) => {
                all.extend(keys.iter().map(|k| (key.as_str(), k.clone())));
            }
            (Answer::Number(step), Some(Ask::Scale { .. })) => {
                all.push((key.as_str(), step.to_string()));
            }
            (Answer::Area(place), Some(Ask::Tree { options })) => {
                all.extend(around(options, place).map(|k| (key.as_str(), k.to_owned())));
            }
            (Answer::Agreed, Some(Ask::Consent { .. })) => {
                all.push((key.as_str(), AGREED.to_owned()));
            }
            _ => {}
        }
    }
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{Decimal, Page, Question, Values};

    fn form() -> Form {
        let options = |keys: &[&str]| {
            let opt =
                |k: &&str| Opt { key: (*k).into(), label: k.to_uppercase(), ..Opt::default() };
            keys.iter().map(opt).collect::<Vec<_>>()
        };
        let scale = Ask::Scale { from: 1, to: 3, low: "不満".into(), high: "満足".into() };
        let group = Ask::Group {
            item: "人".into(),
            min: 0,
            max: 2,
            questions: vec![Question::new("in", "中", Ask::One { options: options(&["a"]) })],
        };
        let inside = |key: &str, parent: &str| Opt {
            parent: Some(parent.into()),
            ..options(&[key]).remove(0)
        };
        let mut places = options(&["port", "hill"]);
        places.extend([inside("pier", "port"), inside("east", "pier")]);
        let consent = Ask::Consent { text: "使いみち".into(), more: String::new() };
        let questions = vec![
            Question::new("one", "ひとつ", Ask::One { options: options(&["a", "b"]) }),
            Question::new("many", "いくつも", Ask::Many { options: options(&["x", "y"]) }),
            Question::new("how", "満足ですか", scale),
            Question::new("note", "ご意見", Ask::Text { max: 10 }),
            Question::new("each", "それぞれ", group),
            Question::new("home", "お住まい", Ask::Tree { options: places }),
            Question::new("ok", "同意", consent),
        ];
        Form { pages: vec![Page { questions, ..Page::default() }], ..Form::default() }
    }

    #[test]
    fn what_can_be_chosen_is_told_in_the_order_of_the_form() {
        let all = choices(&form());
        let told: Vec<_> =
            all.iter().map(|c| format!("{}:{}={}", c.question, c.choice, c.choice_label)).collect();
        let of_scale = ["how:1=1 不満", "how:2=2", "how:3=3 満足"];
        assert_eq!(told[..4], ["one:a=A", "one:b=B", "many:x=X", "many:y=Y"]);
        assert_eq!(told[4..7], of_scale);
        let of_places = [
            "home:port=PORT（すべて）",
            "home:hill=HILL",
            "home:pier=PORT PIER（すべて）",
            "home:east=PORT PIER EAST",
            "home:_none=ここにはない",
        ];
        assert_eq!(told[7..12], of_places);
        assert_eq!(told[12..], ["ok:yes=同意した"]);
    }

    #[test]
    fn everything_that_was_chosen_can_be_asked_for_and_nothing_else() {
        let picked = |keys: &[&str]| Answer::Chosen {
            keys: keys.iter().map(|k| (*k).to_owned()).collect(),
            other: None,
        };
        let answers = Values::from([
            ("one".to_owned(), picked(&["b"])),
            ("many".to_owned(), picked(&["x", "y"])),
            ("how".to_owned(), Answer::Number(Decimal::small(2))),
            ("note".to_owned(), Answer::Text("ひみつ".into())),
            ("each".to_owned(), Answer::Group(vec![Values::from([("in".into(), picked(&["a"]))])])),
            ("gone".to_owned(), picked(&["a"])),
            ("home".to_owned(), Answer::Area("pier".into())),
            ("ok".to_owned(), Answer::Agreed),
        ]);
        let submission = Submission { version: 1, answers };
        let form = form();
        let all = chosen(&form, &submission);
        let told: Vec<String> = all.iter().map(|(q, c)| format!("{q}:{c}")).collect();
        // Who lives in a place lives in all that surround it, and not in what lies within.
        let places = ["home:pier", "home:port"];
        assert_eq!(told[..3], [places[0], places[1], "how:2"]);
        assert_eq!(told[3..], ["many:x", "many:y", "ok:yes", "one:b"]);
        let offered = choices(&form);
        let known =
            |(q, c): &(&str, String)| offered.iter().any(|o| o.question == *q && o.choice == *c);
        assert!(all.iter().all(known));
    }
}
