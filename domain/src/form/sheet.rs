//! Questions as a table (FORM-3): one row a question, written in Excel by whoever has never
//! seen the builder, and read with what is wrong told by its cell.

use super::OTHER;
use super::definition::{Ask, Form, Opt, Page, Question};
use super::edit::{Known, blank};
use super::kinds::KINDS;
use super::table::written;
use serde::{Deserialize, Serialize};

/// The columns, and what is written in them.
pub const COLUMNS: [(&str, &str); 7] = [
    ("ページ", "1から始まる番号。空なら上の行と同じページ"),
    ("質問", "住民が読む文。200文字まで"),
    ("答え方", "「ひとつ選ぶ」「1行の文」など、「答え方」シートのことば"),
    ("必須", "必ず答えてもらうなら「はい」"),
    ("説明", "質問の下に小さく出す文。なくてもよい"),
    ("選択肢", "「／」か改行で区切る。「その他」は、書いてもらう欄になる"),
    ("個人情報", "個人情報なら「はい」"),
];

/// Most rows that are read.
pub const ROWS_MAX: usize = 200;

/// Something wrong in a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// 「C4」.
    pub cell: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// A table that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The questions, each with its page from 0.
    pub questions: Vec<(usize, Question)>,
    /// What is wrong; nothing: the questions can be taken.
    pub wrong: Vec<Wrong>,
}

/// 「はい」 in the ways in which people write it.
fn yes(text: &str) -> Option<bool> {
    match text.trim() {
        "" | "いいえ" | "×" | "0" | "任意" => Some(false),
        "はい" | "○" | "〇" | "◯" | "1" | "必須" => Some(true),
        _ => None,
    }
}

fn kind(text: &str) -> Option<&'static str> {
    let wanted = super::normal::narrow(text.trim());
    let found = KINDS
        .iter()
        .find(|(name, words)| super::normal::narrow(words) == wanted || *name == wanted);
    found
        .map(|(name, _)| *name)
        // Logic and groups are made in the builder.
        .filter(|name| !matches!(*name, "group" | "calculation"))
}

fn letter(column: usize) -> char {
    char::from(b'A' + u8::try_from(column.min(25)).unwrap_or(0))
}

/// Reads a table: lines with their numbers in the file; the first names the columns.
pub fn read(lines: &[(u32, Vec<String>)]) -> Read {
    let mut out = Read::default();
    let mut wrong = |line: u32, column: usize, message: String| {
        out.wrong.push(Wrong { cell: format!("{}{line}", letter(column)), message });
    };
    let Some((head_line, head)) = lines.first() else {
        wrong(1, 0, "行が1つもありません。ひな形に書いてください".into());
        return out;
    };
    let column = |name: &str| head.iter().position(|h| h.trim() == name);
    let (Some(label_at), Some(kind_at)) = (column("質問"), column("答え方")) else {
        let words =
            "1行目に「質問」と「答え方」の見出しがありません。ひな形の1行目を残してください";
        wrong(*head_line, 0, words.into());
        return out;
    };
    if lines.len() > ROWS_MAX + 1 {
        wrong(lines[ROWS_MAX + 1].0, 0, format!("{ROWS_MAX}問までにしてください"));
        return out;
    }
    let mut page = 0;
    let mut known = Known::default();
    for (line, cells) in &lines[1..] {
        let cell =
            |at: Option<usize>| at.and_then(|i| cells.get(i)).map_or("", |c| written(c.trim()));
        let line = *line;
        let page_cell = cell(column("ページ"));
        if !page_cell.is_empty() {
            let read = super::normal::number(page_cell).and_then(super::Decimal::as_whole);
            match read.filter(|n| (1..=super::PAGES_MAX as i64).contains(n)) {
                Some(n) => page = usize::try_from(n - 1).unwrap_or(0),
                None => wrong(
                    line,
                    column("ページ").unwrap_or(0),
                    format!(
                        "「{page_cell}」はページの番号ではありません。1〜{}の数にしてください",
                        super::PAGES_MAX
                    ),
                ),
            }
        }
        let label = cell(Some(label_at));
        let kind_cell = cell(Some(kind_at));
        let Some(kind) = kind(kind_cell) else {
            let words = if kind_cell.is_empty() {
                "答え方がありません。「ひとつ選ぶ」「1行の文」などを書いてください".to_owned()
            } else {
                format!(
                    "「{kind_cell}」という答え方はありません。「答え方」のシートのことばを書いてください"
                )
            };
            wrong(line, kind_at, words);
            continue;
        };
        if label.is_empty() && kind != "explanation" {
            wrong(line, label_at, "質問の文がありません".into());
        } else if label.chars().count() > 200 {
            wrong(line, label_at, "質問の文は200文字までにしてください".into());
        }
        let Some(mut question) = blank(kind, &mut known) else { continue };
        label.clone_into(&mut question.label);
        let hint = cell(column("説明"));
        if hint.chars().count() > 1_000 {
            wrong(line, column("説明").unwrap_or(0), "説明は1000文字までにしてください".into());
        }
        hint.clone_into(&mut question.hint);
        for (name, set) in [("必須", true), ("個人情報", false)] {
            let text = cell(column(name));
            match yes(text) {
                Some(on) if set => question.required |= on,
                Some(on) => question.personal |= on,
                None => wrong(
                    line,
                    column(name).unwrap_or(0),
                    format!("「{text}」は読み取れません。「はい」か、空にしてください"),
                ),
            }
        }
        // Options that are too long for a cell go on in further columns of the same name.
        let labels: Vec<&str> = (0..)
            .zip(head)
            .filter(|(_, name)| name.trim() == "選択肢")
            .flat_map(|(at, _)| cell(Some(at)).split(['／', '\n', '|', '｜']))
            .map(str::trim)
            .filter(|o| !o.is_empty())
            .collect();
        let at = column("選択肢").unwrap_or(kind_at);
        match &mut question.ask {
            Ask::One { options } | Ask::Many { options } | Ask::Tree { options } => {
                if labels.len() < 2 {
                    wrong(line, at, "選択肢を2つ以上、「／」で区切って書いてください".into());
                }
                if let Some(long) = labels.iter().find(|l| l.chars().count() > 200) {
                    let start: String = long.chars().take(10).collect();
                    wrong(line, at, format!("選択肢「{start}…」は200文字までにしてください"));
                }
                *options = labels
                    .iter()
                    .enumerate()
                    .map(|(i, label)| Opt {
                        key: if *label == "その他" && kind != "tree" {
                            OTHER.into()
                        } else {
                            format!("o{}", i + 1)
                        },
                        label: (*label).to_owned(),
                        ..Opt::default()
                    })
                    .collect();
                let others = options.iter().filter(|o| o.key == OTHER).count();
                if others > 1 {
                    wrong(line, at, "「その他」は1つだけにしてください".into());
                }
            }
            Ask::Matrix { .. } | Ask::Scale { .. } => {}
            Ask::Explanation { text } | Ask::Consent { text, .. } => {
                if !hint.is_empty() {
                    hint.clone_into(text);
                }
                question.hint.clear();
            }
            _ if !labels.is_empty() => {
                wrong(
                    line,
                    at,
                    format!("「{kind_cell}」に選択肢は要りません。消すか、答え方を変えてください"),
                );
            }
            _ => {}
        }
        out.questions.push((page, question));
    }
    out
}

impl Read {
    /// Adds the questions behind those of a form; each page of the table is a page of its own.
    /// A form whose only page is empty is filled from its first page on.
    pub fn add(self, form: &mut Form, known: &mut Known) {
        let empty = form.pages.len() == 1 && form.pages[0].questions.is_empty();
        let first = if empty { 0 } else { form.pages.len() };
        let mut pages: Vec<usize> = self.questions.iter().map(|(p, _)| *p).collect();
        pages.sort_unstable();
        pages.dedup();
        for (page, mut question) in self.questions {
            let at = first + pages.iter().position(|p| *p == page).unwrap_or(0);
            while form.pages.len() <= at {
                form.pages.push(Page::default());
            }
            question.key = known.question_key();
            form.pages[at].questions.push(question);
        }
    }
}

/// The questions of a form as a table, with the head; groups are told by their inner questions.
pub fn table(form: &Form) -> Vec<Vec<String>> {
    let mut rows = vec![COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>()];
    for (page, content) in form.pages.iter().enumerate() {
        for question in &content.questions {
            let mut put = |question: &Question, label: String| {
                let yes = |on: bool| if on { "はい" } else { "" }.to_owned();
                let options: Vec<&str> =
                    question.ask.options().iter().map(|o| o.label.as_str()).collect();
                let hint = match &question.ask {
                    Ask::Explanation { text } | Ask::Consent { text, .. } => text.clone(),
                    _ => question.hint.clone(),
                };
                rows.push(vec![
                    (page + 1).to_string(),
                    label,
                    question.ask.words().to_owned(),
                    yes(question.required),
                    hint,
                    options.join("／"),
                    yes(question.personal),
                ]);
            };
            put(question, question.label.clone());
            for inner in question.inner() {
                put(inner, format!("{}：{}", question.label, inner.label));
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::read_value;

    fn lines(text: &str) -> Vec<(u32, Vec<String>)> {
        (1..)
            .zip(text.lines())
            .map(|(n, line)| (n, line.split(',').map(str::to_owned).collect()))
            .collect()
    }

    const HEAD: &str = "ページ,質問,答え方,必須,説明,選択肢,個人情報";

    #[test]
    fn a_table_becomes_questions() {
        let text = format!(
            "{HEAD}\n1,満足度,段階,はい,,,\n,地区,ひとつ選ぶ,,町名まで,東／西／その他,\n２,氏名,氏名・フリガナ,○,,,\n"
        );
        let read = read(&lines(&text));
        assert_eq!(read.wrong, []);
        let pages: Vec<usize> = read.questions.iter().map(|(p, _)| *p).collect();
        assert_eq!(pages, [0, 0, 1]);
        let (_, area) = &read.questions[1];
        let keys: Vec<&str> = area.ask.options().iter().map(|o| o.key.as_str()).collect();
        assert_eq!(keys, ["o1", "o2", OTHER]);
        assert!(read.questions[2].1.personal && read.questions[2].1.required);
        let mut form = Form { pages: vec![Page::default()], ..Form::default() };
        let mut known = Known::of([&form]);
        read.clone().add(&mut form, &mut known);
        assert_eq!((form.pages.len(), form.questions().count()), (2, 3));
        read.add(&mut form, &mut known);
        assert_eq!((form.pages.len(), form.questions().count()), (4, 6));
        assert_eq!(read_value(&serde_json::to_value(&form).unwrap(), "").unwrap(), form);
    }

    #[test]
    fn what_is_wrong_is_told_by_its_cell() {
        let text = format!(
            "{HEAD}\nx,,ひとつ選ぶ,たぶん,,1つ,\n1,年齢,なぞなぞ,,,,\n1,電話,電話番号,,,a／b,\n"
        );
        let wrong = read(&lines(&text)).wrong;
        let cells: Vec<&str> = wrong.iter().map(|w| w.cell.as_str()).collect();
        assert_eq!(cells, ["A2", "B2", "D2", "F2", "C3", "F4"]);
        assert_eq!(read(&lines("a,b\n")).wrong[0].cell, "A1");
        assert_eq!(read(&[]).wrong.len(), 1);
    }

    #[test]
    fn what_a_csv_marks_against_formulas_is_read_as_it_was_written() {
        let text = format!("{HEAD}\n1,＋の気持ち,ひとつ選ぶ,,,-5℃まで／0℃から,\n");
        let mut form = Form { pages: vec![Page::default()], ..Form::default() };
        let mut known = Known::of([&form]);
        read(&lines(&text)).add(&mut form, &mut known);
        let safe = |row: Vec<String>| -> Vec<String> {
            row.iter().map(|cell| crate::form::table::safe(cell)).collect()
        };
        let marked: Vec<(u32, Vec<String>)> =
            (1..).zip(table(&form).into_iter().map(safe)).collect();
        assert_eq!((&*marked[1].1[1], &*marked[1].1[5]), ("'＋の気持ち", "'-5℃まで／0℃から"));
        let again = read(&marked);
        assert_eq!(again.wrong, []);
        let (_, question) = &again.questions[0];
        assert_eq!(question.label, "＋の気持ち");
        assert_eq!(question.ask.options()[0].label, "-5℃まで");
    }

    #[test]
    fn a_form_as_a_table_is_read_again() {
        let text =
            format!("{HEAD}\n1,満足度,段階,はい,,,\n2,地区,いくつでも選ぶ,,説明,東／西,はい\n");
        let first = read(&lines(&text));
        let mut form = Form { pages: vec![Page::default()], ..Form::default() };
        let mut known = Known::of([&form]);
        first.add(&mut form, &mut known);
        let rows = table(&form);
        let again: Vec<(u32, Vec<String>)> = (1..).zip(rows).collect();
        let again = read(&again);
        assert_eq!(again.wrong, []);
        let labels: Vec<&str> = again.questions.iter().map(|(_, q)| q.label.as_str()).collect();
        assert_eq!(labels, ["満足度", "地区"]);
        assert!(again.questions[1].1.personal);
    }
}
