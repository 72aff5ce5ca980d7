//! What a new question is before anything is written, and the same question of another kind.

use super::Known;
use crate::attribute::YEAR_MIN;
use crate::form::OTHER;
use crate::form::definition::{Ask, FileType, Opt, Question};
use crate::form::kinds::KINDS;

/// The states with which a form begins: key, what staff read, what the resident reads, whether
/// nothing more is to do.
pub const STATUSES: [(&str, &str, &str, bool); 3] = [
    ("received", "受付済み", "受け付けました", false),
    ("working", "対応中", "確認しています", false),
    ("done", "完了", "終わりました", true),
];

/// What a kind is for, in a line for officials who choose one.
pub fn about_kind(kind: &str) -> &'static str {
    match kind {
        "one" => "選択肢から1つ。「はい・いいえ」もこれです",
        "many" => "選択肢から、当てはまるものをすべて",
        "tree" => "区から町丁へ、広い場所から順に選ぶ",
        "year" => "西暦と和暦の一覧から年を選ぶ",
        "date" => "年・月・日を選ぶ。西暦と和暦が出ます",
        "time" => "時刻を選ぶ",
        "text" => "名前や件名など、短い文",
        "long_text" => "意見や事情など、何行でも",
        "number" => "人数や金額。全角で書いても読み取ります",
        "scale" => "「とても不満」から「とても満足」のような段階",
        "matrix" => "同じ選び方を、いくつもの行でたずねる",
        "name" => "氏と名、フリガナ",
        "address" => "郵便番号から住所を入れる",
        "telephone" => "日中つながる番号など",
        "mail" => "書き方をその場で確かめます",
        "photo" => "スマートフォンで撮った写真",
        "file" => "PDFやWordなどの書類",
        "place" => "地図か現在地で場所を示す",
        "group" => "お子さんごと、犬ごとのように同じ質問をくり返す",
        "calculation" => "答えから手数料などを計算して見せる",
        "consent" => "利用目的を読んで、同意してもらう",
        "explanation" => "質問のあいだに読んでもらう文",
        _ => "",
    }
}

fn labelled(known: &mut Known, question: &str, labels: &[&str]) -> Vec<Opt> {
    let opt = |label: &&str| Opt {
        key: known.option_key(question),
        label: (*label).to_owned(),
        ..Opt::default()
    };
    labels.iter().map(opt).collect()
}

/// A new question of a kind; nothing of an unknown one.
pub fn blank(kind: &str, known: &mut Known) -> Option<Question> {
    let key = known.question_key();
    let ask = fresh(kind, &key, known)?;
    let label = match kind {
        "name" => "氏名",
        "address" => "住所",
        "telephone" => "日中つながる電話番号",
        "mail" => "メールアドレス",
        "photo" => "写真",
        "file" => "書類",
        "place" => "場所",
        "consent" => "利用目的への同意",
        _ => "",
    };
    let mut question = Question::new(key, label, ask);
    question.personal = question.ask.is_personal();
    question.required = matches!(question.ask, Ask::Consent { .. });
    Some(question)
}

fn fresh(kind: &str, key: &str, known: &mut Known) -> Option<Ask> {
    Some(match kind {
        "one" => Ask::One { options: labelled(known, key, &["はい", "いいえ"]) },
        "many" => Ask::Many { options: labelled(known, key, &["選択肢1", "選択肢2"]) },
        "tree" => Ask::Tree { options: labelled(known, key, &["地区1", "地区2"]) },
        "year" => Ask::Year { from: YEAR_MIN, to: 2030 },
        "date" => Ask::Date { from: 2020, to: 2030 },
        "time" => Ask::Time { step: 15 },
        "text" => Ask::Text { max: 100 },
        "long_text" => Ask::LongText { max: 2_000 },
        "number" => Ask::Number { min: None, max: None, step: None, unit: String::new() },
        "scale" => {
            Ask::Scale {
                from: 1, to: 5, low: "とても不満".into(), high: "とても満足".into()
            }
        }
        "matrix" => Ask::Matrix {
            rows: labelled(known, key, &["行1", "行2"]),
            columns: labelled(known, key, &["よい", "ふつう", "わるい"]),
            many: false,
        },
        "name" => Ask::Name { kana: true },
        "address" => Ask::Address {},
        "telephone" => Ask::Telephone {},
        "mail" => Ask::Mail {},
        "photo" => Ask::Photo { max: 5, position: false },
        "file" => {
            Ask::File { max: 1, types: vec![FileType::Pdf, FileType::Picture], megabytes: 10 }
        }
        "place" => Ask::Place {},
        "group" => {
            Ask::Group { item: "お子さん".into(), min: 0, max: 10, questions: Vec::new() }
        }
        "calculation" => {
            Ask::Calculation { formula: "0".parse().ok()?, places: 0, unit: "円".into() }
        }
        "consent" => Ask::Consent {
            text: "書いていただいた内容は、この手続きのためだけに使います。".into(),
            more: String::new(),
        },
        "explanation" => Ask::Explanation { text: String::new() },
        _ => return None,
    })
}

/// The question with another kind; what both kinds have stays: options, their keys, longest
/// text.
pub fn turned(question: &Question, kind: &str, known: &mut Known) -> Option<Question> {
    if !KINDS.iter().any(|(name, _)| *name == kind) {
        return None;
    }
    if question.ask.name() == kind {
        return Some(question.clone());
    }
    let ask = match (&question.ask, kind) {
        (Ask::One { options } | Ask::Many { options }, "tree") => {
            // A tree has no line to write in.
            let options = options.iter().filter(|o| o.key != OTHER).cloned().collect();
            Ask::Tree { options }
        }
        (Ask::One { options } | Ask::Many { options } | Ask::Tree { options }, "one") => {
            Ask::One { options: flat(options) }
        }
        (Ask::One { options } | Ask::Many { options } | Ask::Tree { options }, "many") => {
            Ask::Many { options: flat(options) }
        }
        (Ask::One { options } | Ask::Many { options }, "matrix") => {
            let rows = labelled(known, &question.key, &["行1", "行2"]);
            let columns = options.iter().filter(|o| o.key != OTHER).cloned().collect();
            Ask::Matrix { rows, columns, many: matches!(question.ask, Ask::Many { .. }) }
        }
        (Ask::Text { max }, "long_text") => Ask::LongText { max: (*max).max(500) },
        (Ask::LongText { max }, "text") => Ask::Text { max: (*max).min(200) },
        (Ask::Year { from, to }, "date") => Ask::Date { from: *from, to: *to },
        (Ask::Date { from, to }, "year") => Ask::Year { from: *from, to: *to },
        (Ask::Consent { text, .. }, "explanation") => Ask::Explanation { text: text.clone() },
        (Ask::Explanation { text }, "consent") => {
            Ask::Consent { text: text.clone(), more: String::new() }
        }
        _ => fresh(kind, &question.key, known)?,
    };
    let personal = question.personal || ask.is_personal();
    let required = question.required && ask.is_answered();
    // What must hold of one kind of answer says nothing of another.
    let checks = Vec::new();
    Some(Question { ask, personal, required, checks, ..question.clone() })
}

fn flat(options: &[Opt]) -> Vec<Opt> {
    options.iter().map(|o| Opt { parent: None, ..o.clone() }).collect()
}
