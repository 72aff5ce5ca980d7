//! Forms (フォーム): questions, and the one evaluator for browser and server.
//!
//! A definition is data; [`Form::evaluate`] says what is still to mend, and what
//! the answers are. The first form is the registration (RES-2), which is made
//! from the attributes by [`registration`] and is not a page of its own making.

mod free;

use crate::attribute::{Attribute, Catalog, Choice, Kind, TEXT_MAX, YEAR_MIN};
use crate::problem::{Problem, none_or};
use crate::resident::Reception;
use crate::time::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use free::{Parts, year_options};

/// What a question asks for: a small closed set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Ask {
    /// One of the options.
    One {
        /// The options in order.
        options: Vec<Opt>,
    },
    /// Any number of the options.
    Many {
        /// The options in order.
        options: Vec<Opt>,
    },
    /// One place of a tree.
    Tree {
        /// The places; `parent` names the surrounding one.
        options: Vec<Opt>,
    },
    /// A year of a list, the last first; the answer is `1985`.
    Year {
        /// The first year.
        from: i32,
        /// The last: this year.
        to: i32,
    },
    /// A date; year, month and day are sent one after the other, and the answer is `2026-05-01`.
    Date {
        /// The first year of the list.
        from: i32,
        /// The last.
        to: i32,
    },
    /// One line of text.
    Text {
        /// Most characters.
        max: usize,
    },
    /// 「同意する」, with its purpose.
    Consent {
        /// What is agreed to.
        text: String,
        /// What stands behind 「くわしく」.
        more: String,
    },
}

/// An option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opt {
    /// Key that is stored.
    pub key: String,
    /// What is read.
    pub label: String,
    /// The line below.
    #[serde(default)]
    pub hint: String,
    /// Key of the surrounding place in a tree.
    #[serde(default)]
    pub parent: Option<String>,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Key of the answer.
    pub key: String,
    /// What is asked.
    pub label: String,
    /// The line below the label.
    #[serde(default)]
    pub hint: String,
    /// Must be answered.
    pub required: bool,
    /// Tells something of one person: never asked in the talk.
    pub personal: bool,
    /// What kind of answer.
    #[serde(flatten)]
    pub ask: Ask,
}

/// A form. Answers carry the definition's version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Changes with every change of the questions.
    pub version: u64,
    /// Title.
    pub title: String,
    /// The questions in order.
    pub questions: Vec<Question>,
}

/// Answers: for each question its chosen keys (none: not answered).
pub type Answers = BTreeMap<String, Vec<String>>;

/// Key of the question 「届く回数」.
pub const RECEPTION: &str = "_reception";
/// Key of the consent.
pub const CONSENT: &str = "_consent";
/// The answer 「同意する」.
pub const AGREED: &str = "yes";
/// The choice in a tree for those who live elsewhere, or do not want to say: clears the answer.
pub const NOWHERE: &str = "_none";

impl Form {
    /// The answers, cleaned: unknown questions are dropped, repeated keys once.
    ///
    /// # Errors
    /// A problem for each question that must be mended, `at` its key.
    pub fn evaluate(&self, answers: &Answers) -> Result<Answers, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut clean = Answers::new();
        for q in &self.questions {
            if let Some(answer) = q.free(answers.get(&q.key).map_or(&[][..], Vec::as_slice)) {
                match answer {
                    Ok(answer) => drop(clean.insert(q.key.clone(), answer)),
                    Err(message) => problems.push(Problem::new(&q.key, message)),
                }
                continue;
            }
            let mut given: Vec<String> = Vec::new();
            for key in answers.get(&q.key).into_iter().flatten().filter(|k| !k.is_empty()) {
                if !given.contains(key) {
                    given.push(key.clone());
                }
            }
            match q.check(&given) {
                Ok(()) => {
                    given.retain(|k| k != NOWHERE);
                    clean.insert(q.key.clone(), given);
                }
                Err(message) => problems.push(Problem::new(&q.key, message)),
            }
        }
        none_or(clean, problems)
    }

    /// The question of that key.
    pub fn question(&self, key: &str) -> Option<&Question> {
        self.questions.iter().find(|q| q.key == key)
    }
}

impl Question {
    fn options(&self) -> &[Opt] {
        match &self.ask {
            Ask::One { options } | Ask::Many { options } | Ask::Tree { options } => options,
            Ask::Year { .. } | Ask::Date { .. } | Ask::Text { .. } | Ask::Consent { .. } => &[],
        }
    }

    fn check(&self, given: &[String]) -> Result<(), String> {
        if let Ask::Consent { .. } = self.ask {
            return match given {
                [one] if one == AGREED => Ok(()),
                [] if !self.required => Ok(()),
                _ => {
                    Err("登録するには、同意が必要です。読んで、よければチェックしてください".into())
                }
            };
        }
        if given.is_empty() {
            return if self.required {
                Err(format!("「{}」を選んでください", self.label))
            } else {
                Ok(())
            };
        }
        if given.len() > 1 && !matches!(self.ask, Ask::Many { .. }) {
            return Err(format!("「{}」で選べるのは1つだけです", self.label));
        }
        let tree = matches!(self.ask, Ask::Tree { .. });
        for key in given {
            if tree && key == NOWHERE {
                continue;
            }
            if !self.options().iter().any(|o| o.key == *key) {
                return Err(format!(
                    "「{}」の選択肢が新しくなりました。もう一度選んでください",
                    self.label
                ));
            }
        }
        Ok(())
    }
}

/// The registration form of a city: the attributes that are not hidden, what to
/// receive, and the consent. `kept_days` is how long data stays after an unfollow.
pub fn registration(catalog: &Catalog, city: &str, kept_days: i64) -> Form {
    let mut questions: Vec<Question> = catalog
        .attributes
        .iter()
        .filter(|a| !a.hidden)
        .map(|a| question(a, catalog.today))
        .collect();
    questions.push(Question {
        key: RECEPTION.into(),
        label: "届く回数".into(),
        hint: String::new(),
        required: true,
        personal: false,
        ask: Ask::One {
            options: Reception::ALL
                .iter()
                .map(|r| Opt {
                    key: r.name().into(),
                    label: r.label().into(),
                    hint: r.hint().into(),
                    parent: None,
                })
                .collect(),
        },
    });
    questions.push(Question {
        key: CONSENT.into(),
        label: "お預かりする情報について".into(),
        hint: String::new(),
        required: true,
        personal: false,
        ask: Ask::Consent {
            text: format!("登録した内容は、{city}がお知らせを届けるためだけに使います。LINEの会社には渡りません。友だちをやめると、{kept_days}日後に消します。"),
            more: format!("登録した内容は、{city}が管理するデータベースに保存します。届け先を選ぶことと、人数の集計にだけ使います。ほかの目的には使いません。いつでも、この画面で変えたり消したりできます。"),
        },
    });
    Form { version: version(&questions), title: "受け取る情報の登録".into(), questions }
}

/// The first questions that the greeting asks in the talk: choices, not personal,
/// few enough for LINE's quick replies. What would have to be typed is asked on LIFF only.
pub fn talk_questions(form: &Form) -> impl Iterator<Item = &Question> {
    form.questions.iter().filter(|q| {
        !q.personal && !q.key.starts_with('_') && matches!(&q.ask, Ask::One { options } | Ask::Many { options } if (1..=TALK_OPTIONS_MAX).contains(&options.len()))
    })
}

/// Quick replies are 13 at most; two are kept for 「次へ」 and 「くわしく」.
pub const TALK_OPTIONS_MAX: usize = 11;

/// How many years ahead a date can be chosen on the page.
const YEARS_AHEAD: i32 = 10;

fn question(a: &Attribute, today: Date) -> Question {
    let options = visible(&a.choices);
    Question {
        key: a.key.clone(),
        label: a.label.clone(),
        hint: a.hint.clone(),
        required: a.required,
        personal: a.personal,
        ask: match a.kind {
            Kind::Single => Ask::One { options },
            Kind::Multiple => Ask::Many { options },
            Kind::Area => Ask::Tree { options },
            Kind::Year => Ask::Year { from: YEAR_MIN, to: today.year },
            Kind::Date => Ask::Date { from: YEAR_MIN, to: today.year + YEARS_AHEAD },
            Kind::Text => Ask::Text { max: TEXT_MAX },
        },
    }
}

/// Choices that are offered: not hidden, and in no hidden area.
fn visible(choices: &[Choice]) -> Vec<Opt> {
    let hidden = |c: &Choice| {
        let mut at = Some(c);
        let mut steps = 0;
        while let Some(c) = at {
            if c.hidden || steps > choices.len() {
                return true;
            }
            steps += 1;
            at = c.parent.as_ref().and_then(|p| choices.iter().find(|o| o.key == *p));
        }
        false
    };
    choices
        .iter()
        .filter(|c| !hidden(c))
        .map(|c| Opt {
            key: c.key.clone(),
            label: c.label.clone(),
            hint: String::new(),
            parent: c.parent.clone(),
        })
        .collect()
}

/// FNV-1a over the questions: a new version with every change, without a counter to keep.
fn version(questions: &[Question]) -> u64 {
    let bytes = serde_json::to_vec(questions).unwrap_or_default();
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
        >> 11
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{AttributeId, ChoiceId};
    use proptest::prelude::*;

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
            today: Date { year: 2026, month: 11, day: 20 },
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
        let clean = form()
            .evaluate(&answers(&[
                ("home", &["higashi1"]),
                ("topics", &["waste", "waste", "water"]),
                (RECEPTION, &["all"]),
                (CONSENT, &["yes"]),
                ("other", &["x"]),
            ]))
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
        let problems = form().evaluate(&answers(&[("topics", &["nothing"])])).unwrap_err();
        let at: Vec<_> = problems.iter().map(|p| p.at.as_str()).collect();
        assert_eq!(at, ["home", "topics", RECEPTION, CONSENT]);
    }

    #[test]
    fn hidden_areas_and_what_lies_in_them_are_not_offered() {
        let form = form();
        let keys: Vec<_> =
            form.question("home").unwrap().options().iter().map(|o| o.key.as_str()).collect();
        assert_eq!(keys, ["east", "higashi1"]);
    }

    #[test]
    fn living_elsewhere_clears_the_area() {
        let clean = form()
            .evaluate(&answers(&[("home", &[NOWHERE]), (RECEPTION, &["all"]), (CONSENT, &["yes"])]))
            .unwrap();
        assert!(clean["home"].is_empty());
    }

    proptest! {
        #[test]
        fn never_accepts_what_is_not_offered(home in "[a-z0-9_]{0,9}", topic in "[a-z_]{0,7}") {
            let form = form();
            let given = answers(&[("home", &[&home]), ("topics", &[&topic]), (RECEPTION, &["all"]), (CONSENT, &["yes"])]);
            if let Ok(clean) = form.evaluate(&given) {
                for (key, chosen) in clean {
                    let q = form.question(&key).unwrap();
                    for c in chosen {
                        prop_assert!(c == AGREED || q.options().iter().any(|o| o.key == c));
                    }
                }
            }
        }
    }
}
