//! Random forms and answers of a seed: for tests that browser and server decide alike, and
//! that every rule holds of whatever can be built. The same seed gives the same everywhere.

mod edits;

use super::answer::{Answers, Submission};
use super::condition::{Condition, Letters};
use super::decimal::Decimal;
use super::definition::{Ask, Check, FileType, Form, Opt, Page, Question, Stop};
use super::evaluate::{Asked, Outcome, evaluate};
use super::expression::{Expression, Function, Operator};
use super::migrate::{Again, Draft, migrate};
use super::{AGREED, NOWHERE, OTHER};
use crate::audience::Day;
use crate::problem::Problem;
use crate::time::Date;

pub use edits::edited;

/// Random numbers (`splitmix64`).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `n`; 0 of 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.roll() % n as u64) as usize }
    }

    pub(crate) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }
}

fn options(dice: &mut Dice) -> Vec<Opt> {
    let mut list: Vec<Opt> = (0..1 + dice.below(4))
        .map(|i| Opt {
            key: format!("o{i}"),
            label: format!("選択肢{i}"),
            points: dice.once_in(3).then(|| Decimal::small(i as i32 * 100)),
            ..Opt::default()
        })
        .collect();
    if dice.once_in(3) {
        list.push(Opt { key: OTHER.into(), label: "その他".into(), ..Opt::default() });
    }
    list
}

fn tree(dice: &mut Dice) -> Vec<Opt> {
    let place = |i: usize, parent: Option<usize>| Opt {
        key: format!("p{i}"),
        label: format!("地区{i}"),
        parent: parent.map(|p| format!("p{p}")),
        ..Opt::default()
    };
    (0..2 + dice.below(4)).map(|i| place(i, (i > 1).then(|| dice.below(i)))).collect()
}

fn number(dice: &mut Dice) -> Decimal {
    let n = Decimal::small(dice.below(40) as i32 - 10);
    if dice.once_in(3) { n.over(Decimal::small(4)).unwrap_or(n) } else { n }
}

/// A formula over some questions; its types may not fit.
pub fn expression(dice: &mut Dice, known: &[Question], depth: usize) -> Expression {
    let kind = if depth == 0 { dice.below(3) } else { dice.below(9) };
    let below = |dice: &mut Dice| Box::new(expression(dice, known, depth.saturating_sub(1)));
    match kind {
        0 => Expression::Number(number(dice).abs()),
        1 | 2 => match dice.of(known) {
            Some(q) => match dice.of(q.inner()) {
                Some(inner) if dice.once_in(2) => {
                    Expression::Each(q.key.clone(), inner.key.clone())
                }
                _ => Expression::Question(q.key.clone()),
            },
            None => Expression::Number(Decimal::ZERO),
        },
        3 => Expression::Negate(below(dice)),
        4 => Expression::Not(below(dice)),
        5 | 6 => {
            use Operator::{
                And, AtLeast, AtMost, Equal, Greater, Less, Minus, Or, Over, Plus, Times, Unequal,
            };
            let all =
                [And, AtLeast, AtMost, Equal, Greater, Less, Minus, Or, Over, Plus, Times, Unequal];
            let operator = dice.of(&all).copied().unwrap_or(Plus);
            Expression::Binary(operator, below(dice), below(dice))
        }
        _ => {
            use Function::{
                Abs, Age, Answered, Ceil, Chosen, Count, Days, Floor, If, Max, Min, OrElse, Points,
                Round, Sum, Today,
            };
            let all = [
                (Abs, 1),
                (Age, 1),
                (Answered, 1),
                (Ceil, 2),
                (Count, 1),
                (Days, 2),
                (Floor, 1),
                (If, 3),
                (Max, 2),
                (Min, 3),
                (OrElse, 2),
                (Points, 1),
                (Round, 2),
                (Sum, 2),
                (Today, 0),
                (Chosen, 2),
            ];
            let (function, n) = dice.of(&all).copied().unwrap_or((Today, 0));
            let mut list: Vec<Expression> = (0..n).map(|_| *below(dice)).collect();
            if function == Chosen {
                list[1] = Expression::Word(format!("o{}", dice.below(4)));
            }
            Expression::Call(function, list)
        }
    }
}

/// A condition over some questions.
pub fn condition(dice: &mut Dice, known: &[Question], depth: usize) -> Condition {
    if depth > 0 && dice.once_in(3) {
        let list: Vec<Condition> =
            (0..1 + dice.below(3)).map(|_| condition(dice, known, depth - 1)).collect();
        return match dice.below(3) {
            0 => Condition::All(list),
            1 => Condition::Any(list),
            _ => Condition::Not(Box::new(condition(dice, known, depth - 1))),
        };
    }
    let Some(asked) = dice.of(known) else { return Condition::Answered("nothing".into()) };
    let question = asked.key.clone();
    if dice.once_in(8) {
        return Condition::Holds(expression(dice, known, 2));
    }
    match &asked.ask {
        Ask::One { options } | Ask::Many { options } | Ask::Tree { options } => {
            if matches!(asked.ask, Ask::Many { .. }) && dice.once_in(3) {
                return Condition::Count {
                    question,
                    at_least: Some(dice.below(4) as u16),
                    at_most: None,
                };
            }
            let picked = dice.of(options).map(|o| o.key.clone());
            let other = dice.of(options).map(|o| o.key.clone());
            Condition::Is { question, any_of: picked.into_iter().chain(other).collect() }
        }
        Ask::Number { .. } | Ask::Scale { .. } | Ask::Year { .. } | Ask::Calculation { .. } => {
            let (at_least, at_most) = (number(dice), number(dice));
            Condition::Number {
                question,
                at_least: (!dice.once_in(3)).then_some(at_least),
                at_most: dice.once_in(2).then_some(at_most),
            }
        }
        Ask::Date { .. } => Condition::Date {
            question,
            from: dice.once_in(2).then(|| Day::Days(dice.below(60) as i32 - 30)),
            to: dice.once_in(2).then_some(Day::On(Date { year: 2026, month: 6, day: 1 })),
        },
        Ask::Text { .. } | Ask::LongText { .. } => Condition::Text {
            question,
            letters: dice.once_in(2).then_some(Letters::Digits),
            min: dice.once_in(2).then_some(2),
            max: None,
        },
        _ => Condition::Answered(question),
    }
}

fn ask(dice: &mut Dice, known: &[Question], grouped: bool) -> Ask {
    match dice.below(if grouped { 18 } else { 22 }) {
        0 | 1 => Ask::One { options: options(dice) },
        2 => Ask::Many { options: options(dice) },
        3 => Ask::Tree { options: tree(dice) },
        4 => Ask::Year { from: 1950, to: 2026 },
        5 => Ask::Date { from: 1950, to: 2030 },
        6 => Ask::Time { step: [1, 5, 15, 30][dice.below(4)] },
        7 => Ask::Text { max: 1 + dice.below(20) },
        8 => Ask::LongText { max: 5 + dice.below(50) },
        9 => {
            let min = dice.once_in(2).then(|| number(dice));
            let max = min.and_then(|m| m.plus(Decimal::small(dice.below(10) as i32)));
            let step = dice.once_in(3).then(|| "0.5".parse().unwrap_or(Decimal::STEP));
            Ask::Number { min, max, step, unit: "人".into() }
        }
        10 => Ask::Scale { from: 1, to: 5, low: "低い".into(), high: "高い".into() },
        11 => Ask::Matrix { rows: options(dice), columns: options(dice), many: dice.once_in(2) },
        12 => Ask::Name { kana: dice.once_in(2) },
        13 => Ask::Address {},
        14 => Ask::Telephone {},
        15 => Ask::Mail {},
        16 => Ask::Photo { max: 3, position: false },
        17 => Ask::Place {},
        18 => Ask::File { max: 2, types: vec![FileType::Pdf], megabytes: 5 },
        19 => {
            let mut questions: Vec<Question> = Vec::new();
            for i in 0..1 + dice.below(3) {
                let all: Vec<Question> = known.iter().chain(&questions).cloned().collect();
                let question = question(dice, format!("i{i}"), &all, true);
                questions.push(question);
            }
            Ask::Group { item: "人".into(), min: dice.below(2) as u8, max: 3, questions }
        }
        20 => Ask::Calculation {
            formula: expression(dice, known, 3),
            places: dice.below(3) as u8,
            unit: "円".into(),
        },
        _ => Ask::Consent { text: "使いみち".into(), more: String::new() },
    }
}

fn question(dice: &mut Dice, key: String, known: &[Question], grouped: bool) -> Question {
    let mut question = Question::new(key, "質問", ask(dice, known, grouped));
    question.label = format!("質問{}", question.key);
    question.required = dice.once_in(2);
    question.personal = dice.once_in(3);
    question.show_if = dice.once_in(2).then(|| condition(dice, known, 2));
    if dice.once_in(5) {
        let with: Vec<Question> = known.iter().chain([&question]).cloned().collect();
        let holds = condition(dice, &with, 1);
        question.checks.push(Check { holds, message: "直してください".into() });
    }
    question
}

/// A form of a seed: it can be read, and may be anything but sensible.
pub fn form(seed: u64) -> Form {
    let mut dice = Dice::new(seed);
    let (mut known, mut pages): (Vec<Question>, Vec<Page>) = (Vec::new(), Vec::new());
    for _ in 0..1 + dice.below(3) {
        let mut page = Page { title: "ページ".into(), ..Page::default() };
        for _ in 0..1 + dice.below(5) {
            let key = format!("q{}", known.len());
            let question = question(&mut dice, key, &known, false);
            known.push(question.clone());
            page.questions.push(question);
        }
        if dice.once_in(4) {
            let (when, send) = (condition(&mut dice, &known, 2), dice.once_in(2));
            page.stops.push(Stop { when, message: "ここまでです".into(), send });
        }
        pages.push(page);
    }
    Form { version: seed, title: "フォーム".into(), pages, ..Form::default() }
}

fn words(dice: &mut Dice, list: &[&str]) -> Vec<String> {
    dice.of(list).map(|w| (*w).to_owned()).into_iter().collect()
}

fn give(dice: &mut Dice, question: &Question, path: &str, to: &mut Answers) {
    // Not answered, or answered with anything at all.
    match dice.below(8) {
        0 => return,
        1 => {
            let odd =
                ["", " ", "x", "－１", "2026-02-30", "\u{0}", "_none", "yes", "99999999999999"];
            let given = words(dice, &odd);
            to.insert(path.to_owned(), given);
            return;
        }
        _ => {}
    }
    let mut part = |dice: &mut Dice, name: &str, list: &[&str]| {
        let given = words(dice, list);
        to.insert(format!("{path}.{name}"), given);
    };
    let given = match &question.ask {
        Ask::One { options } | Ask::Tree { options } => {
            part(dice, "other", &["", "ほか"]);
            let key = dice.of(options).map_or_else(String::new, |o| o.key.clone());
            vec![if dice.once_in(9) { NOWHERE.into() } else { key }]
        }
        Ask::Many { options } => {
            part(dice, "other", &["", "ほか"]);
            options.iter().filter(|_| dice.once_in(2)).map(|o| o.key.clone()).collect()
        }
        Ask::Year { .. } => words(dice, &["1985", "２０００", "1900"]),
        Ask::Date { .. } => match dice.below(4) {
            0 => ["令和", "8", "5", "1"].map(str::to_owned).to_vec(),
            1 => ["2026", "", "1"].map(str::to_owned).to_vec(),
            2 => ["2026", "2", "29"].map(str::to_owned).to_vec(),
            _ => vec!["2026-05-20".into()],
        },
        Ask::Time { .. } => words(dice, &["8:30", "１２：００", "25:00", "7:07"]),
        Ask::Text { .. } | Ask::LongText { .. } => {
            words(dice, &["ポチ", "12", "＝1+1", "二\n行", "長い長い長い長い長い長い長い文"])
        }
        Ask::Number { .. } => vec![number(dice).to_string()],
        Ask::Scale { .. } => words(dice, &["1", "３", "5", "6"]),
        Ask::Matrix { rows, columns, .. } => {
            for row in rows {
                let given =
                    columns.iter().filter(|_| dice.once_in(3)).map(|o| o.key.clone()).collect();
                to.insert(format!("{path}.{}", row.key), given);
            }
            return;
        }
        Ask::Name { .. } => {
            part(dice, "family", &["見本", ""]);
            part(dice, "given", &["花子", ""]);
            part(dice, "family_kana", &["みほん", "ﾐﾎﾝ", "mihon"]);
            part(dice, "given_kana", &["ハナコ", ""]);
            return;
        }
        Ask::Address {} => {
            part(dice, "postcode", &["123-4567", "１２３４５６７", "12"]);
            part(dice, "prefecture", &["見本県", ""]);
            part(dice, "city", &["みほん市"]);
            part(dice, "street", &["山手3-8-14"]);
            part(dice, "building", &["", "みほん荘 2"]);
            return;
        }
        Ask::Telephone {} => words(dice, &["090-0000-1234", "（０３）００００－０１２４", "1"]),
        Ask::Mail {} => words(dice, &["a@example.jp", "a@", "Ａ＠example.jp"]),
        Ask::Photo { .. } | Ask::File { .. } => {
            let id = |n: usize| format!("{n:040x}");
            (0..1 + dice.below(4)).map(id).collect()
        }
        Ask::Place {} => {
            part(dice, "latitude", &["35.123456", "0", ""]);
            part(dice, "longitude", &["139.7", "x"]);
            part(dice, "words", &["橋の下", ""]);
            return;
        }
        Ask::Consent { .. } => words(dice, &[AGREED, ""]),
        Ask::Group { questions, .. } => {
            for i in 0..dice.below(5) as u64 {
                // Now and then a number that 32 bits do not hold.
                let i = if dice.once_in(9) { i + (1 << 32) } else { i };
                for inner in questions {
                    give(dice, inner, &format!("{path}.{i}.{}", inner.key), to);
                }
            }
            return;
        }
        Ask::Calculation { .. } | Ask::Explanation { .. } => words(dice, &["1", "0"]),
    };
    to.insert(path.to_owned(), given);
}

/// Answers of a seed, right and wrong ones, also to questions that are not seen.
pub fn answers(form: &Form, seed: u64) -> Answers {
    let (mut dice, mut given) = (Dice::new(seed), Answers::new());
    for question in form.questions() {
        give(&mut dice, question, &question.key, &mut given);
    }
    if dice.once_in(4) {
        given.insert("unknown.0.x".into(), vec!["何か".into()]);
    }
    given
}

/// All that is decided about the form and the answers of a seed.
#[derive(Clone, Debug)]
pub struct Decided {
    /// What the evaluator says.
    pub outcome: Outcome,
    /// What is kept, or what is to mend.
    pub kept: Result<Submission, Vec<Problem>>,
    /// The answers as a draft under the form after some edits.
    pub moved: Draft,
    /// What is asked again there.
    pub again: Vec<Again>,
    /// What the evaluator says there.
    pub after: Outcome,
}

/// Decides about the form and the answers of a seed.
pub fn decided(seed: u64) -> Decided {
    let old = form(seed);
    let (new, given) = (edited(&old, seed), answers(&old, !seed));
    let (month, day) = (1 + (seed % 12) as u8, 1 + (seed % 28) as u8);
    let asked = Asked { today: Date { year: 2026, month, day } };
    let outcome = evaluate(&old, &given, asked);
    let draft = Draft { version: old.version, answers: given, ..Draft::default() };
    let (moved, again) = migrate(&old, &new, &draft);
    let after = evaluate(&new, &moved.answers, asked);
    Decided { kept: outcome.clone().submission(&old), outcome, moved, again, after }
}

/// [`decided`] as one number (FNV-1a), also of what is kept in the words in which it is kept:
/// where two builds differ in anything, their numbers do.
pub fn digest(seed: u64) -> u64 {
    let decided = decided(seed);
    let kept = serde_json::to_string(&decided.kept);
    let words = format!("{decided:?}{kept:?}");
    words.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
