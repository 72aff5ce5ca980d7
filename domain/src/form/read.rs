//! Reading a definition: strictly, within limits, with the place of what is wrong.
//!
//! What is unfinished (an empty label, a condition on a question that was deleted) is read,
//! since drafts are kept; the linter holds it back from publication.

use super::condition::Condition;
use super::definition::{Ask, Form, Opt, Page, Question};
use super::kinds::KINDS;
use super::{NOWHERE, OTHER};
use crate::json::{self, Unread};
use crate::problem::{Problem, none_or};
use serde_json::Value;
use std::collections::BTreeSet;

/// Longest definition as JSON, in bytes.
pub const BYTES_MAX: usize = 1_000_000;
/// Most pages.
pub const PAGES_MAX: usize = 30;
/// Most questions, those of groups counted once.
pub const QUESTIONS_MAX: usize = 200;
/// Most options of a choice; a tree may have 2,000 places.
pub const OPTIONS_MAX: usize = 200;
/// Most items of a group.
pub const GROUP_MAX: u8 = 20;
const PLACES_MAX: usize = 2_000;
const ROWS_MAX: usize = 30;
const LABEL_MAX: usize = 200;
const WORDS_MAX: usize = 5_000;
const TEXT_ANSWER_MAX: usize = 10_000;
const CONDITION_MAX: usize = 50;
const DEPTH_MAX: usize = 8;
const RULES_MAX: usize = 20;

/// Whether `key` names a question: `[a-z_][a-z0-9_]*`, at most 40, no word of formulas.
pub fn is_question_key(key: &str) -> bool {
    (1..=40).contains(&key.len())
        && !key.starts_with(|c: char| c.is_ascii_digit())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !matches!(key, "and" | "or" | "not")
}

fn is_option_key(key: &str) -> bool {
    key == OTHER || crate::attribute::is_choice_key(key)
}

/// Reads a definition from JSON.
///
/// # Errors
/// What is wrong, `at` a JSON pointer into the text.
pub fn read(text: &[u8]) -> Result<Form, Vec<Problem>> {
    if text.len() > BYTES_MAX {
        return Err(vec![Problem::new("", "フォームが大きすぎます。1MBまでにしてください")]);
    }
    let value = json::read(text).map_err(|why| vec![unread(why)])?;
    read_value(&value, "")
}

/// What a text that is no strict JSON is told.
pub(super) fn unread(why: Unread) -> Problem {
    match why {
        Unread::Malformed { line, column } => {
            Problem::new("", format!("JSONとして読み取れません（{line}行{column}字目）"))
        }
        Unread::TooDeep => Problem::new("", "入れ子が深すぎます"),
        Unread::Repeated(at) => Problem::new(at, "同じ名前が2回あります。片方を消してください"),
    }
}

/// Reads a definition that stands `at` a pointer.
///
/// # Errors
/// What is wrong, `at` a JSON pointer.
pub fn read_value(value: &Value, at: &str) -> Result<Form, Vec<Problem>> {
    let mut problems = Vec::new();
    // Questions one by one first, so that what is wrong has its place.
    let pages = value.get("pages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (i, page) in pages.iter().enumerate() {
        let list = page.get("questions").and_then(Value::as_array).into_iter().flatten();
        for (j, question) in list.enumerate() {
            unreadable(question, &format!("{at}/pages/{i}/questions/{j}"), &mut problems);
        }
    }
    let staff = value.get("staff").and_then(Value::as_array).into_iter().flatten();
    for (i, question) in staff.enumerate() {
        unreadable(question, &format!("{at}/staff/{i}"), &mut problems);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    for (i, page) in pages.iter().enumerate() {
        if let Err(why) = serde_json::from_value::<Page>(page.clone()) {
            problems.push(Problem::new(format!("{at}/pages/{i}"), why_words(&why)));
        }
    }
    match serde_json::from_value::<Form>(value.clone()) {
        Ok(form) => {
            limits(&form, at, &mut problems);
            none_or(form, problems)
        }
        Err(why) => {
            if problems.is_empty() {
                problems.push(Problem::new(at, why_words(&why)));
            }
            Err(problems)
        }
    }
}

fn unreadable(question: &Value, at: &str, problems: &mut Vec<Problem>) {
    let before = problems.len();
    let ask = question.get("ask");
    if let Some(kind) = ask.and_then(|a| a.get("kind")).and_then(Value::as_str)
        && !KINDS.iter().any(|(name, _)| *name == kind)
    {
        let words = format!("「{kind}」という答え方はありません");
        problems.push(Problem::new(format!("{at}/ask/kind"), words));
    }
    let inner = ask.and_then(|a| a.get("questions")).and_then(Value::as_array);
    for (i, inner) in inner.into_iter().flatten().enumerate() {
        unreadable(inner, &format!("{at}/ask/questions/{i}"), problems);
    }
    if problems.len() == before
        && let Err(why) = serde_json::from_value::<Question>(question.clone())
    {
        problems.push(Problem::new(at, why_words(&why)));
    }
}

/// What serde found, in words.
pub(super) fn why_words(why: &serde_json::Error) -> String {
    let text = why.to_string();
    let quoted = text.split('`').nth(1).unwrap_or_default();
    if text.starts_with("unknown field") {
        format!("「{quoted}」という項目はありません")
    } else if text.starts_with("unknown variant") {
        format!("「{quoted}」という種類はありません")
    } else if text.starts_with("missing field") {
        format!("「{quoted}」がありません")
    } else if let Some(words) = text.strip_prefix("formula: ") {
        words.to_owned()
    } else if text.starts_with("invalid decimal") {
        "数が読み取れません。小数は \"1.5\" のように引用符で囲んでください".into()
    } else if text.starts_with("invalid day") {
        "日付が読み取れません。\"2026-05-01\" か {\"days\": 30} のように書いてください".into()
    } else if text.starts_with("invalid instant") {
        "日時が読み取れません。2026-11-20T09:00:00+09:00 のように書いてください".into()
    } else {
        "書き方が読み取れません。ほかの質問と見くらべてください".into()
    }
}

struct Limits<'a> {
    problems: &'a mut Vec<Problem>,
}

impl Limits<'_> {
    fn need(&mut self, ok: bool, at: &str, message: &str) {
        crate::problem::require(self.problems, ok, at, message);
    }

    fn words(&mut self, text: &str, at: &str, max: usize) {
        let fine = text.chars().count() <= max
            && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        self.need(fine, at, &format!("{max}文字までにしてください。使えない文字も消してください"));
    }

    fn options(&mut self, options: &[Opt], at: &str, max: usize) {
        self.need(options.len() <= max, at, &format!("選択肢は{max}までにしてください"));
        let mut keys = BTreeSet::new();
        for (i, option) in options.iter().enumerate() {
            let at = format!("{at}/{i}");
            let fine = is_option_key(&option.key) && option.key != NOWHERE;
            self.need(fine, &format!("{at}/key"), "選択肢のキーは、英数字で64文字までです");
            self.need(keys.insert(&option.key), &format!("{at}/key"), "同じキーの選択肢があります");
            self.words(&option.label, &format!("{at}/label"), LABEL_MAX);
            self.words(&option.hint, &format!("{at}/hint"), LABEL_MAX);
        }
    }

    fn condition(&mut self, condition: &Condition, at: &str) {
        let (count, depth) = condition.size();
        let fine = count <= CONDITION_MAX && depth <= DEPTH_MAX;
        self.need(fine, at, "条件が長すぎます。質問を分けてください");
    }

    fn question(&mut self, question: &Question, at: &str, grouped: bool) {
        let key = &question.key;
        let words = "質問のキーは、小文字の英数字と「_」で40文字までです";
        self.need(is_question_key(key), &format!("{at}/key"), words);
        self.words(&question.label, &format!("{at}/label"), LABEL_MAX);
        self.words(&question.hint, &format!("{at}/hint"), 1_000);
        self.words(&question.missing, &format!("{at}/missing"), LABEL_MAX);
        if let Some(condition) = &question.show_if {
            self.condition(condition, &format!("{at}/show_if"));
        }
        self.need(question.checks.len() <= RULES_MAX, &format!("{at}/checks"), "多すぎます");
        for (i, check) in question.checks.iter().enumerate() {
            self.condition(&check.holds, &format!("{at}/checks/{i}/holds"));
            self.words(&check.message, &format!("{at}/checks/{i}/message"), LABEL_MAX);
        }
        self.ask(&question.ask, &format!("{at}/ask"), grouped);
    }

    fn ask(&mut self, ask: &Ask, at: &str, grouped: bool) {
        match ask {
            Ask::One { options } | Ask::Many { options } => {
                self.options(options, &format!("{at}/options"), OPTIONS_MAX);
            }
            Ask::Tree { options } => self.options(options, &format!("{at}/options"), PLACES_MAX),
            Ask::Year { from, to } | Ask::Date { from, to } => {
                let fine = |y: &i32| (1868..=2199).contains(y);
                self.need(fine(from) && fine(to), at, "年は1868〜2199にしてください");
            }
            Ask::Time { step } => self.need((1..=60).contains(step), at, "1〜60分にしてください"),
            Ask::Text { max } | Ask::LongText { max } => {
                let fine = (1..=TEXT_ANSWER_MAX).contains(max);
                self.need(fine, &format!("{at}/max"), "1〜10000文字にしてください");
            }
            Ask::Number { unit, .. } => self.words(unit, &format!("{at}/unit"), 20),
            Ask::Scale { from, to, low, high } => {
                let fine =
                    (-100..=100).contains(from) && (-100..=100).contains(to) && to - from <= 20;
                self.need(fine, at, "段階は、-100〜100の間で21までにしてください");
                self.words(low, &format!("{at}/low"), LABEL_MAX);
                self.words(high, &format!("{at}/high"), LABEL_MAX);
            }
            Ask::Matrix { rows, columns, .. } => {
                self.options(rows, &format!("{at}/rows"), ROWS_MAX);
                self.options(columns, &format!("{at}/columns"), ROWS_MAX);
            }
            Ask::Photo { max, .. } => {
                self.need((1..=10).contains(max), &format!("{at}/max"), "1〜10枚にしてください");
            }
            Ask::File { max, megabytes, types } => {
                self.need((1..=10).contains(max), &format!("{at}/max"), "1〜10にしてください");
                let fine = (1..=20).contains(megabytes);
                self.need(fine, &format!("{at}/megabytes"), "1〜20MBにしてください");
                self.need(types.len() <= 5, &format!("{at}/types"), "同じ種類が2回あります");
            }
            Ask::Group { item, min, max, questions } => {
                self.need(!grouped, at, "くり返しの中に、くり返しは入れられません");
                self.words(item, &format!("{at}/item"), LABEL_MAX);
                let fine = (1..=GROUP_MAX).contains(max) && min <= max;
                self.need(fine, &format!("{at}/max"), "くり返しは1〜20にしてください");
                self.keys(questions.iter(), &format!("{at}/questions"));
                if !grouped {
                    for (i, inner) in questions.iter().enumerate() {
                        self.question(inner, &format!("{at}/questions/{i}"), true);
                    }
                }
            }
            Ask::Calculation { places, unit, .. } => {
                self.need(*places <= 6, &format!("{at}/places"), "小数は6けたまでです");
                self.words(unit, &format!("{at}/unit"), 20);
            }
            Ask::Consent { text, more } => {
                self.words(text, &format!("{at}/text"), WORDS_MAX);
                self.words(more, &format!("{at}/more"), WORDS_MAX);
            }
            Ask::Explanation { text } => self.words(text, &format!("{at}/text"), WORDS_MAX),
            Ask::Name { .. }
            | Ask::Address {}
            | Ask::Telephone {}
            | Ask::Mail {}
            | Ask::Place {} => {}
        }
    }

    fn keys<'a>(&mut self, questions: impl Iterator<Item = &'a Question>, at: &str) {
        let mut keys = BTreeSet::new();
        for question in questions {
            let words = format!("キー「{}」の質問が2つあります", question.key);
            self.need(keys.insert(&question.key), at, &words);
        }
    }
}

fn limits(form: &Form, at: &str, problems: &mut Vec<Problem>) {
    let mut limits = Limits { problems };
    limits.words(&form.title, &format!("{at}/title"), 100);
    limits.words(&form.intro, &format!("{at}/intro"), WORDS_MAX);
    limits.need(form.pages.len() <= PAGES_MAX, &format!("{at}/pages"), "ページは30までです");
    let count: usize = form.questions().chain(&form.staff).map(|q| 1 + q.inner().len()).sum();
    limits.need(count <= QUESTIONS_MAX, &format!("{at}/pages"), "質問は200までにしてください");
    limits.keys(form.questions(), &format!("{at}/pages"));
    limits.keys(form.staff.iter(), &format!("{at}/staff"));
    for (i, page) in form.pages.iter().enumerate() {
        let at = format!("{at}/pages/{i}");
        limits.words(&page.title, &format!("{at}/title"), LABEL_MAX);
        for (j, question) in page.questions.iter().enumerate() {
            limits.question(question, &format!("{at}/questions/{j}"), false);
        }
        limits.need(page.stops.len() <= RULES_MAX, &format!("{at}/stops"), "多すぎます");
        for (j, stop) in page.stops.iter().enumerate() {
            limits.condition(&stop.when, &format!("{at}/stops/{j}/when"));
            limits.words(&stop.message, &format!("{at}/stops/{j}/message"), 1_000);
        }
    }
    for (i, question) in form.staff.iter().enumerate() {
        limits.question(question, &format!("{at}/staff/{i}"), false);
    }
    limits.need(form.statuses.len() <= 20, &format!("{at}/statuses"), "状態は20までです");
    let mut keys = BTreeSet::new();
    for (i, status) in form.statuses.iter().enumerate() {
        let at = format!("{at}/statuses/{i}");
        limits.need(
            is_question_key(&status.key),
            &format!("{at}/key"),
            "小文字の英数字にしてください",
        );
        limits.need(keys.insert(&status.key), &format!("{at}/key"), "同じキーの状態があります");
        limits.words(&status.label, &format!("{at}/label"), 40);
        limits.words(&status.resident, &format!("{at}/resident"), LABEL_MAX);
    }
    let terms = &form.terms;
    let at = format!("{at}/terms");
    for (name, text, max) in [
        ("purpose", &terms.purpose, 1_000),
        ("department", &terms.department, 100),
        ("telephone", &terms.telephone, 40),
        ("hours", &terms.hours, 100),
        ("receipt", &terms.receipt, 40),
    ] {
        limits.words(text, &format!("{at}/{name}"), max);
    }
    let kept = terms.retention_days.is_none_or(|d| (1..=36_500).contains(&d));
    limits.need(kept, &format!("{at}/retention_days"), "保存する期間は、1日〜100年です");
    let daily = terms.daily.is_none_or(|(from, to)| from < 1440 && to <= 1440 && from != to);
    limits.need(daily, &format!("{at}/daily"), "受付の時間が読み取れません");
    limits.need(terms.mails.len() <= 20, &format!("{at}/mails"), "送り先は20までです");
    for (i, mail) in terms.mails.iter().enumerate() {
        limits.words(mail, &format!("{at}/mails/{i}"), 254);
    }
}
