//! Form packs (FORM-2): the open file in which municipalities share forms.
//!
//! A pack is one JSON file: the definition, the notices that go with it, sample answers, tests
//! with what must come of them, and the places to fill in (〔市名〕). Its format stands in
//! `docs/form-pack.md`. A pack is proved by running its own tests and the linter.

mod made;

use super::answer::Answers;
use super::definition::Form;
use super::evaluate::{Asked, End, Outcome, evaluate};
use super::lint::{Finding, every_text, lint};
use super::read::{BYTES_MAX, read_value, unread, why_words};
use crate::json;
use crate::problem::{Problem, none_or};
use crate::time::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub use made::own_words;

/// What stands in a pack's `format`.
pub const FORMAT: &str = "kairan-form-pack";
/// The version of the format that is written and read.
pub const FORMAT_VERSION: u32 = 1;

/// A pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// [`FORMAT`].
    pub format: String,
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// What it is for, where it comes from.
    pub about: About,
    /// The places to fill in.
    #[serde(default)]
    pub placeholders: Vec<Placeholder>,
    /// The definition.
    pub form: Form,
    /// What is told in the talk; never with personal data.
    #[serde(default)]
    pub notices: Notices,
    /// Answers as somebody would give them.
    #[serde(default)]
    pub samples: Vec<Sample>,
    /// What must come of answers.
    #[serde(default)]
    pub tests: Vec<Test>,
}

/// Where a pack comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Name of the procedure.
    pub name: String,
    /// What it is for, and what a city should look at before using it.
    pub description: String,
    /// Who made it.
    pub author: String,
    /// Under which licence it may be used, as SPDX.
    pub license: String,
    /// When it was last changed: `2026-11-20`.
    pub updated: String,
}

/// A place to fill in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placeholder {
    /// As it stands in the texts: 「〔市名〕」.
    pub mark: String,
    /// What to write there.
    pub ask: String,
    /// An example, with which the pack is tested.
    pub example: String,
}

/// What is told in the talk. 「{受付番号}」 is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notices {
    /// When it arrived.
    pub received: String,
    /// When something must be mended.
    pub correct: String,
    /// When it is decided.
    pub done: String,
}

/// Most characters of a notice.
pub const NOTICE_MAX: usize = 500;

impl Notices {
    /// Whether nothing is told but the usual words.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Each with its name.
    pub fn all(&self) -> [(&'static str, &str); 3] {
        [("received", &self.received), ("correct", &self.correct), ("done", &self.done)]
    }

    /// The first that is longer than the talk takes.
    pub fn problem(&self) -> Option<Problem> {
        let (what, _) =
            self.all().into_iter().find(|(_, text)| text.chars().count() > NOTICE_MAX)?;
        let words = format!("トークで伝えることは、{NOTICE_MAX}文字までです");
        Some(Problem::new(format!("/terms/notices/{what}"), words))
    }

    /// What is told when an answer arrived; the number is always said.
    pub fn received(&self, title: &str, receipt: &str) -> String {
        const NUMBER: &str = "{受付番号}";
        let usual = format!("「{title}」を受け付けました。");
        let own = Some(self.received.trim()).filter(|own| !own.is_empty());
        let words = own.unwrap_or(&usual);
        if words.contains(NUMBER) {
            words.replace(NUMBER, receipt)
        } else {
            format!("{words}\n受付番号：{receipt}")
        }
    }
}

/// Answers as somebody would give them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Who, or in which case.
    pub name: String,
    /// The answers.
    pub answers: Answers,
}

/// A test: answers, and what must come of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// What it shows.
    pub name: String,
    /// On which day: `2026-11-20`.
    pub today: String,
    /// Name of the sample from which it starts; none: from nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
    /// Answers that are changed; an empty list takes one away.
    #[serde(default)]
    pub answers: Answers,
    /// What must come of it.
    pub expect: Expect,
}

/// What proves a pack. It is kept beside the form that was made of the pack, and handed on with
/// it ([`Pack::of_form`]).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Answers as somebody would give them.
    pub samples: Vec<Sample>,
    /// What must come of answers.
    pub tests: Vec<Test>,
}

impl Proof {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty() && self.tests.is_empty()
    }
}

/// What must come of a test. `sent` and `stop` are always looked at, the others where they are said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Whether it can be sent.
    pub sent: bool,
    /// The names of exactly the fields that are to mend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problems: Option<Vec<String>>,
    /// Fields that are seen.
    pub shown: Vec<String>,
    /// Fields that are not.
    pub hidden: Vec<String>,
    /// Answers as people read them: calculations, normalised numbers.
    pub values: BTreeMap<String, String>,
    /// On which page (from 1) 「ここで終わり」 is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<usize>,
}

/// Most tests of a pack.
const TESTS_MAX: usize = 200;

/// The places to fill in of a text, in order: everything from 〔 to 〕 of at most 20 characters.
pub fn marks(text: &str) -> Vec<&str> {
    let starts = text.match_indices('〔').map(|(i, _)| &text[i..]);
    starts
        .filter_map(|rest| {
            let end = rest.find('〕')? + '〕'.len_utf8();
            let mark = &rest[..end];
            (3..=22).contains(&mark.chars().count()).then_some(mark)
        })
        .collect()
}

impl Pack {
    /// Reads a pack strictly.
    ///
    /// # Errors
    /// What is wrong, `at` a JSON pointer.
    pub fn read(text: &[u8]) -> Result<Self, Vec<Problem>> {
        if text.len() > BYTES_MAX {
            return Err(vec![Problem::new("", "ファイルが大きすぎます。1MBまでです")]);
        }
        let value = json::read(text).map_err(|why| vec![unread(why)])?;
        let one = |at: &str, words: String| vec![Problem::new(at, words)];
        if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
            return Err(one("/format", "フォームのひな形のファイルではありません".into()));
        }
        if value.get("format_version").and_then(Value::as_u64) != Some(FORMAT_VERSION.into()) {
            let words = "このファイルの形式は、まだ読み取れません。新しい版が必要です";
            return Err(one("/format_version", words.into()));
        }
        read_value(value.get("form").unwrap_or(&Value::Null), "/form")?;
        let pack: Self = serde_json::from_value(value).map_err(|why| one("", why_words(&why)))?;
        let problems = pack.limits();
        none_or(pack, problems)
    }

    /// As a file: the same pack always gives the same bytes.
    pub fn write(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    fn limits(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut need = |ok: bool, at: &str, words: &str| {
            crate::problem::require(&mut problems, ok, at, words);
        };
        need(!self.about.name.trim().is_empty(), "/about/name", "手続きの名前がありません");
        need(self.placeholders.len() <= 50, "/placeholders", "50までにしてください");
        need(self.samples.len() <= 50, "/samples", "50までにしてください");
        need(self.tests.len() <= TESTS_MAX, "/tests", "200までにしてください");
        for (i, placeholder) in self.placeholders.iter().enumerate() {
            let found = marks(&placeholder.mark);
            let fine = found == [placeholder.mark.as_str()];
            need(fine, &format!("/placeholders/{i}/mark"), "〔市名〕のように書いてください");
            let fine =
                !placeholder.example.trim().is_empty() && marks(&placeholder.example).is_empty();
            need(fine, &format!("/placeholders/{i}/example"), "例を書いてください");
        }
        problems
    }

    /// The marks that stand in form and notices, each once.
    pub fn used_marks(&self) -> BTreeSet<String> {
        let mut texts = Vec::new();
        for value in [serde_json::to_value(&self.form), serde_json::to_value(&self.notices)] {
            every_text(&value.unwrap_or_default(), String::new(), &mut texts);
        }
        texts.iter().flat_map(|(_, text)| marks(text)).map(str::to_owned).collect()
    }

    /// Form and notices with the places filled in; a mark that is not given stays, and the
    /// linter names it.
    ///
    /// # Errors
    /// Where what was filled in makes a text too long.
    pub fn filled(
        &self,
        words: &BTreeMap<String, String>,
    ) -> Result<(Form, Notices), Vec<Problem>> {
        let mut form = serde_json::to_value(&self.form).unwrap_or_default();
        fill(&mut form, words);
        let mut notices = serde_json::to_value(&self.notices).unwrap_or_default();
        fill(&mut notices, words);
        let form = read_value(&form, "/form")?;
        let notices = serde_json::from_value(notices)
            .map_err(|why| vec![Problem::new("/notices", why_words(&why))])?;
        Ok((form, notices))
    }

    /// What proves it.
    pub fn into_proof(self) -> Proof {
        Proof { samples: self.samples, tests: self.tests }
    }

    /// The example of each place to fill in.
    fn examples(&self) -> BTreeMap<String, String> {
        self.placeholders.iter().map(|p| (p.mark.clone(), p.example.clone())).collect()
    }

    /// Proves the pack: fills in the examples, looks through with the linter, and runs every
    /// test. Nothing: all is well. What the linter only notes is left out.
    pub fn verify(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut block = |at: String, message: String| {
            found.push(Finding { blocks: true, at, message });
        };
        let declared: BTreeSet<String> = self.placeholders.iter().map(|p| p.mark.clone()).collect();
        let used = self.used_marks();
        for mark in used.difference(&declared) {
            block("/placeholders".into(), format!("「{mark}」に書くことの説明がありません"));
        }
        for mark in declared.difference(&used) {
            block("/placeholders".into(), format!("「{mark}」は、どこにも使われていません"));
        }
        let form = match self.filled(&self.examples()) {
            Ok((form, _)) => form,
            Err(problems) => {
                problems.into_iter().for_each(|p| block(p.at, p.message));
                return found;
            }
        };
        if self.tests.is_empty() {
            block("/tests".into(), "試しがありません。送れる例を1つ以上入れてください".into());
        }
        for (i, test) in self.tests.iter().enumerate() {
            if let Err(words) = self.run(&form, test) {
                block(format!("/tests/{i}"), format!("試し「{}」：{words}", test.name));
            }
        }
        let lint = lint(&form, "").into_iter().filter(|f| f.blocks);
        found.extend(lint.map(|f| Finding { at: format!("/form{}", f.at), ..f }));
        found
    }

    /// Runs one test on a form.
    ///
    /// # Errors
    /// What came of it instead, in words.
    pub fn run(&self, form: &Form, test: &Test) -> Result<(), String> {
        let today = Date::parse_iso(&test.today).ok_or("日付が読み取れません")?;
        let mut answers = match &test.sample {
            None => Answers::new(),
            Some(name) => {
                let sample = self.samples.iter().find(|s| s.name == *name);
                sample.ok_or_else(|| format!("見本「{name}」がありません"))?.answers.clone()
            }
        };
        answers.extend(test.answers.clone());
        let outcome = evaluate(form, &answers, Asked { today });
        let expect = &test.expect;
        let seen: Vec<&String> = outcome.pages.iter().flatten().collect();
        if let Some(name) = expect.shown.iter().find(|n| !seen.contains(n)) {
            return Err(format!("「{name}」が出ません"));
        }
        if let Some(name) = expect.hidden.iter().find(|n| seen.contains(n)) {
            return Err(format!("「{name}」が出ます"));
        }
        for (name, words) in &expect.values {
            let found = told(form, &outcome, name);
            if found.as_ref() != Some(words) {
                let found = found.unwrap_or_else(|| "なし".into());
                return Err(format!("「{name}」が「{words}」ではなく「{found}」です"));
            }
        }
        let stop = match &outcome.end {
            End::Stop { page, .. } => Some(page + 1),
            End::Last => None,
        };
        if stop != expect.stop {
            return Err(match stop {
                Some(page) => format!("{page}ページ目で終わります"),
                None => "途中で終わりません".into(),
            });
        }
        let mended: Vec<String> = outcome.problems.iter().map(|p| p.at.clone()).collect();
        if expect.problems.as_ref().is_some_and(|wanted| *wanted != mended) {
            return Err(format!("直すところが違います：{}", mended.join("、")));
        }
        match outcome.submission(form) {
            Ok(_) if !expect.sent => Err("送れてしまいます".into()),
            Err(problems) if expect.sent => {
                let words: Vec<String> =
                    problems.into_iter().map(|p| format!("{}：{}", p.at, p.message)).collect();
                Err(format!("送れません：{}", words.join("、")))
            }
            _ => Ok(()),
        }
    }
}

/// An answer as people read it.
fn told(form: &Form, outcome: &Outcome, name: &str) -> Option<String> {
    Some(outcome.answers.get(name)?.words(form.question(name)?))
}

fn fill(value: &mut Value, words: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            for (mark, word) in words {
                if text.contains(mark.as_str()) {
                    *text = text.replace(mark.as_str(), word);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|v| fill(v, words)),
        Value::Object(fields) => fields.values_mut().for_each(|v| fill(v, words)),
        _ => {}
    }
}

/// The packs that come with the product: file name and text.
pub const INCLUDED: [(&str, &str); 5] = [
    ("risai-shomei.json", include_str!("../../packs/risai-shomei.json")),
    ("inu-toroku.json", include_str!("../../packs/inu-toroku.json")),
    ("koen-shiyo.json", include_str!("../../packs/koen-shiyo.json")),
    ("kosodate-anketo.json", include_str!("../../packs/kosodate-anketo.json")),
    ("iken-boshu.json", include_str!("../../packs/iken-boshu.json")),
];

#[cfg(test)]
mod tests;
