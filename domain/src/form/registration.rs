//! The registration (RES-2): a form made from the attributes, not a page of its own making.

use super::answer::{Answer, Answers};
use super::definition::{Ask, Form, Opt, Page, Question};
use super::evaluate::{Asked, evaluate};
use super::{AS_LINE, CONSENT, LANGUAGE, NOWHERE, RECEPTION};
use crate::attribute::{Attribute, Catalog, Choice, Kind, TEXT_MAX, YEAR_MIN};
use crate::language::Language;
use crate::problem::Problem;
use crate::resident::Reception;
use crate::time::Date;

/// The registration form of a city: the attributes that are not hidden, what to
/// receive, and the consent. `kept_days` is how long data stays after an unfollow.
pub fn registration(catalog: &Catalog, city: &str, kept_days: i64) -> Form {
    let mut questions: Vec<Question> = catalog
        .attributes
        .iter()
        .filter(|a| !a.hidden)
        .map(|a| question(a, catalog.today))
        .collect();
    let options = Reception::ALL
        .iter()
        .map(|r| Opt {
            key: r.name().into(),
            label: r.label().into(),
            hint: r.hint().into(),
            ..Opt::default()
        })
        .collect();
    questions.push(Question {
        required: true,
        ..Question::new(RECEPTION, "届く回数", Ask::One { options })
    });
    questions.push(language());
    questions.push(Question {
        required: true,
        missing: "登録するには、同意が必要です。読んで、よければチェックしてください".into(),
        ..Question::new(CONSENT, "お預かりする情報について", Ask::Consent {
            text: format!("登録した内容は、{city}がお知らせを届けるためだけに使います。LINEの会社には渡りません。友だちをやめると、{kept_days}日後に消します。"),
            more: format!("登録した内容は、{city}が管理するデータベースに保存します。届け先を選ぶことと、人数の集計にだけ使います。ほかの目的には使いません。いつでも、この画面で変えたり消したりできます。"),
        })
    });
    Form {
        version: version(&questions),
        title: "受け取る情報の登録".into(),
        pages: vec![Page { questions, ..Page::default() }],
        ..Form::default()
    }
}

/// In which language somebody wants to read; whoever does not answer leaves it as it is.
fn language() -> Question {
    let as_line = Opt {
        key: AS_LINE.into(),
        label: "LINEの設定と同じ".into(),
        hint: "Same as LINE".into(),
        ..Opt::default()
    };
    let each = Language::ALL.iter().map(|l| Opt {
        key: l.name().into(),
        label: l.label().into(),
        hint: if l.label() == l.japanese() { String::new() } else { l.japanese().into() },
        ..Opt::default()
    });
    let options = std::iter::once(as_line).chain(each).collect();
    Question {
        hint: "このことばのお知らせがないときは、やさしい日本語か日本語で届きます。".into(),
        ..Question::new(LANGUAGE, "ことば（Language）", Ask::One { options })
    }
}

/// The registration that answers come to: of each question its chosen keys or its plain words,
/// none where nothing was chosen. `today` is the day on which it is sent.
///
/// # Errors
/// A problem for each question that must be mended, `at` its key.
pub fn registered(form: &Form, given: &Answers, today: Date) -> Result<Answers, Vec<Problem>> {
    let submission = evaluate(form, given, Asked { today }).submission(form)?;
    let mut clean: Answers = form.questions().map(|q| (q.key.clone(), Vec::new())).collect();
    for (key, answer) in &submission.answers {
        if *answer != Answer::Area(NOWHERE.into()) {
            answer.give(key, &mut clean);
        }
    }
    Ok(clean)
}

/// The first questions that the greeting asks in the talk: choices, not personal,
/// few enough for LINE's quick replies. What would have to be typed is asked on LIFF only.
pub fn talk_questions(form: &Form) -> impl Iterator<Item = &Question> {
    form.questions().filter(|q| {
        !q.personal && !q.key.starts_with('_') && matches!(&q.ask, Ask::One { options } | Ask::Many { options } if (1..=TALK_OPTIONS_MAX).contains(&options.len()))
    })
}

/// Quick replies are 13 at most; two are kept for 「次へ」 and 「くわしく」.
pub const TALK_OPTIONS_MAX: usize = 11;

/// How many years ahead a date can be chosen on the page.
const YEARS_AHEAD: i32 = 10;

fn question(a: &Attribute, today: Date) -> Question {
    let options = visible(&a.choices);
    let ask = match a.kind {
        Kind::Single => Ask::One { options },
        Kind::Multiple => Ask::Many { options },
        Kind::Area => Ask::Tree { options },
        Kind::Year => Ask::Year { from: YEAR_MIN, to: today.year },
        Kind::Date => Ask::Date { from: YEAR_MIN, to: today.year + YEARS_AHEAD },
        Kind::Text => Ask::Text { max: TEXT_MAX },
    };
    Question {
        hint: a.hint.clone(),
        required: a.required,
        personal: a.personal,
        ..Question::new(&a.key, &a.label, ask)
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
            parent: c.parent.clone(),
            ..Opt::default()
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
mod tests;
