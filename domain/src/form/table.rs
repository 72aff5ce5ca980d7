//! Answers as a table, for CSV and Excel: one row an answer, columns in a stable order.

pub mod files;
pub mod narrow;
pub mod view;

use super::answer::{Answer, Answers, Submission, Values, degrees, time_words};
use super::definition::{Ask, Form, Opt, Question};
use super::evaluate::{Asked, evaluate};
use super::normal::telephone_words;
use super::{AGREED, Decimal, NOWHERE, OTHER};
use crate::time::Date;
use std::fmt;

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in an answer: `name.family`, `children.0.birth`; stable whatever is renamed.
    pub key: String,
    /// What stands at its head.
    pub label: String,
    /// Whether it tells something of one person.
    pub personal: bool,
    /// Of photos and files: whether where they were taken is asked for.
    pub files: Option<bool>,
    /// Key of the option to which it belongs, of a choice of many; of the row, of a matrix.
    option: Option<String>,
}

impl Column {
    /// Its name among all columns: `topics:water` for an option of its own.
    pub fn id(&self) -> String {
        match &self.option {
            Some(option) => format!("{}:{option}", self.key),
            None => self.key.clone(),
        }
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words as they were written; empty where nothing was asked or answered.
    Words(String),
    /// What can be summed up: a number, a step on a scale, what was worked out.
    Number(Decimal),
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            // Figures stay figures: without unit and grouping.
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// The columns of a form. Of a group there are as many as the answers need, `items` of each
/// (see [`most_items`]), at most what the form allows.
pub fn columns(form: &Form, items: usize) -> Vec<Column> {
    let mut columns = Vec::new();
    for question in form.questions() {
        let Ask::Group { item, max, questions, .. } = &question.ask else {
            of_question(&mut columns, question, &question.key, &question.label, question.personal);
            continue;
        };
        for i in 0..items.min(usize::from(*max)) {
            for inner in questions {
                let key = format!("{}.{i}.{}", question.key, inner.key);
                let label = format!("{item}{} {}", i + 1, inner.label);
                let personal = question.personal || inner.personal;
                of_question(&mut columns, inner, &key, &label, personal);
            }
        }
    }
    columns
}

/// The columns of several versions, the newest first: those of the newest in its order, behind
/// them what only former ones asked, so that no answer is left out of the table.
pub fn columns_of(versions: &[&Form], items: usize) -> Vec<Column> {
    let mut all: Vec<Column> = Vec::new();
    for (age, form) in versions.iter().enumerate() {
        for mut column in columns(form, items) {
            if all.iter().any(|c| c.key == column.key && c.option == column.option) {
                continue;
            }
            if age > 0 {
                column.label.push_str("（前の版）");
            }
            all.push(column);
        }
    }
    all
}

/// How many items the largest group of some answers has.
pub fn most_items<'a>(answers: impl Iterator<Item = &'a Submission>) -> usize {
    let groups = answers.flat_map(|s| s.answers.values()).map(|a| match a {
        Answer::Group(items) => items.len(),
        _ => 0,
    });
    groups.max().unwrap_or(0)
}

fn of_question(
    columns: &mut Vec<Column>,
    question: &Question,
    key: &str,
    label: &str,
    personal: bool,
) {
    let files = match question.ask {
        Ask::Photo { position, .. } => Some(position),
        Ask::File { .. } => Some(false),
        _ => None,
    };
    let mut put = |key: String, label: String, option: Option<&str>| {
        columns.push(Column { key, label, personal, files, option: option.map(str::to_owned) });
    };
    let parts: &[(&str, &str)] = match &question.ask {
        Ask::Explanation { .. } => return,
        Ask::Many { options } => {
            for option in options {
                put(key.to_owned(), format!("{label}：{}", option.label), Some(&option.key));
            }
            if options.iter().any(|o| o.key == OTHER) {
                put(format!("{key}.other"), format!("{label}（書いた内容）"), None);
            }
            return;
        }
        Ask::One { options } => {
            put(key.to_owned(), label.to_owned(), None);
            if options.iter().any(|o| o.key == OTHER) {
                put(format!("{key}.other"), format!("{label}（書いた内容）"), None);
            }
            return;
        }
        Ask::Matrix { rows, .. } => {
            for row in rows {
                put(
                    format!("{key}.{}", row.key),
                    format!("{label}：{}", row.label),
                    Some(&row.key),
                );
            }
            return;
        }
        Ask::Name { kana: false } => &[("family", "氏"), ("given", "名")],
        Ask::Name { kana: true } => &[
            ("family", "氏"),
            ("given", "名"),
            ("family_kana", "氏フリガナ"),
            ("given_kana", "名フリガナ"),
        ],
        Ask::Address {} => &[
            ("postcode", "郵便番号"),
            ("prefecture", "都道府県"),
            ("city", "市区町村"),
            ("street", "町名・番地"),
            ("building", "建物・部屋"),
        ],
        Ask::Place {} => &[("latitude", "緯度"), ("longitude", "経度"), ("words", "場所の説明")],
        _ => {
            put(key.to_owned(), label.to_owned(), None);
            return;
        }
    };
    for (part, words) in parts {
        put(format!("{key}.{part}"), format!("{label}（{words}）"), None);
    }
}

/// The cells of one answer under these columns, `form` the version under which it was given.
pub fn cells(form: &Form, columns: &[Column], submission: &Submission) -> Vec<Cell> {
    let empty = || Cell::Words(String::new());
    columns.iter().map(|c| cell(form, c, &submission.answers).unwrap_or_else(empty)).collect()
}

/// Its cells as words; nothing in them is taken for a formula.
pub fn row(form: &Form, columns: &[Column], submission: &Submission) -> Vec<String> {
    cells(form, columns, submission).iter().map(|c| safe(&c.to_string())).collect()
}

fn cell(form: &Form, column: &Column, values: &Values) -> Option<Cell> {
    let (key, rest) = column.key.split_once('.').map_or((column.key.as_str(), ""), |(k, r)| (k, r));
    let question = form.questions().find(|q| q.key == key)?;
    let answer = values.get(key)?;
    let Answer::Group(items) = answer else { return one(question, answer, rest, column) };
    let (index, inner) = rest.split_once('.')?;
    let (inner, part) = inner.split_once('.').unwrap_or((inner, ""));
    let question = question.inner().iter().find(|q| q.key == inner)?;
    one(question, items.get(index.parse::<usize>().ok()?)?.get(inner)?, part, column)
}

/// What stands in a column of an answer. The column may be of another version, which asks for
/// it in another way: then a part that this answer has not is empty, and the whole is told in
/// words.
fn one(question: &Question, answer: &Answer, part: &str, column: &Column) -> Option<Cell> {
    let words = match (answer, part, &column.option) {
        (Answer::Number(number), "", None) => return Some(Cell::Number(*number)),
        (Answer::Chosen { keys, .. }, "", Some(option)) => {
            keys.contains(option).then(|| "1".to_owned())?
        }
        (Answer::Chosen { keys, .. }, "", None) => labels(question.ask.options(), keys),
        (Answer::Chosen { other, .. }, "other", None) => other.clone()?,
        (Answer::Matrix(rows), part, Some(row)) if part == row => {
            let Ask::Matrix { columns, .. } = &question.ask else { return None };
            labels(columns, rows.get(row)?)
        }
        (Answer::Name(n), "family", None) => n.family.clone(),
        (Answer::Name(n), "given", None) => n.given.clone(),
        (Answer::Name(n), "family_kana", None) => n.family_kana.clone(),
        (Answer::Name(n), "given_kana", None) => n.given_kana.clone(),
        (Answer::Address(a), "postcode", None) => a.postcode.clone(),
        (Answer::Address(a), "prefecture", None) => a.prefecture.clone(),
        (Answer::Address(a), "city", None) => a.city.clone(),
        (Answer::Address(a), "street", None) => a.street.clone(),
        (Answer::Address(a), "building", None) => a.building.clone(),
        (Answer::Place(p), "latitude", None) => degrees(p.latitude),
        (Answer::Place(p), "longitude", None) => degrees(p.longitude),
        (Answer::Place(p), "words", None) => p.words.clone(),
        (_, "", None) => match answer {
            Answer::Area(key) if key == NOWHERE => "ここにはない".into(),
            Answer::Year(year) => year.to_string(),
            Answer::Date(date) => date.iso(),
            Answer::Time(minutes) => time_words(*minutes),
            Answer::Telephone(digits) => telephone_words(digits),
            Answer::Agreed => AGREED.into(),
            Answer::Files(ids) => ids.len().to_string(),
            _ => answer.words(question),
        },
        _ => return None,
    };
    Some(Cell::Words(words))
}

fn labels(options: &[Opt], keys: &[String]) -> String {
    let label = |key: &String| {
        let found = options.iter().find(|o| o.key == *key);
        found.map_or_else(|| key.clone(), |o| o.label.clone())
    };
    keys.iter().map(label).collect::<Vec<_>>().join("、")
}

/// What staff filled in on an answer, as an answer to their own form ([`Form::for_staff`]):
/// their columns and cells are made like all others.
pub fn filled(staff: &Form, given: &Answers, today: Date) -> Submission {
    let answers = evaluate(staff, given, Asked { today }).answers;
    Submission { version: staff.version, answers }
}

/// A cell that no spreadsheet takes for a formula; plain negative numbers stay numbers.
pub fn safe(text: &str) -> String {
    if risky(text) { format!("'{text}") } else { text.to_owned() }
}

/// What was written in a cell that [`safe`] made.
pub fn written(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| risky(text)).unwrap_or(cell)
}

/// Whether a letter is not seen itself: it hides, or chooses the shape of the one before it.
pub fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{200b}'..='\u{200f}'
            | '\u{2060}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

fn risky(text: &str) -> bool {
    // CP932 has none of what is not seen, and takes the minus sign for a wide hyphen.
    let seen = text.trim_start_matches(is_unseen);
    let begins =
        seen.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠', '\u{2212}']);
    begins && text.parse::<Decimal>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{Name, Page};

    fn form(questions: Vec<Question>) -> Form {
        Form { pages: vec![Page { questions, ..Page::default() }], ..Form::default() }
    }

    fn many(keys: &[&str]) -> Ask {
        let opt = |key: &&str| Opt { key: (*key).into(), label: (*key).into(), ..Opt::default() };
        Ask::Many { options: keys.iter().map(opt).collect() }
    }

    #[test]
    fn answers_of_every_version_have_their_columns() {
        let old = form(vec![
            Question::new("gone", "前の質問", Ask::Text { max: 9 }),
            Question::new("topics", "関心", many(&["a", "b"])),
        ]);
        let new = form(vec![Question::new("topics", "関心のあること", many(&["b", "c"]))]);
        let columns = columns_of(&[&new, &old], 0);
        let heads: Vec<&str> = columns.iter().map(|c| c.label.as_str()).collect();
        assert_eq!(
            heads,
            ["関心のあること：b", "関心のあること：c", "前の質問（前の版）", "関心：a（前の版）"]
        );
        let chosen = Answer::Chosen { keys: vec!["a".into(), "b".into()], other: None };
        let answers = Values::from([
            ("topics".to_owned(), chosen),
            ("gone".to_owned(), Answer::Text("－1".into())),
        ]);
        let row = row(&old, &columns, &Submission { version: 1, answers });
        assert_eq!(row, ["1", "", "'－1", "1"]);
    }

    #[test]
    fn a_question_that_became_of_another_kind_mixes_nothing_up() {
        let cells = |old: Ask, new: Ask, answer: Answer| -> Vec<(String, String)> {
            let old = form(vec![Question::new("a", "質問", old)]);
            let new = form(vec![Question::new("a", "質問", new)]);
            let columns = columns_of(&[&new, &old], 0);
            let answers = Values::from([("a".to_owned(), answer)]);
            let row = row(&old, &columns, &Submission { version: 1, answers });
            let cells = columns.iter().map(Column::id).zip(row);
            cells.filter(|(_, cell)| !cell.is_empty()).collect()
        };
        let found = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(id, cell)| ((*id).to_owned(), (*cell).to_owned())).collect()
        };
        let (text, name) = (Ask::Text { max: 9 }, Ask::Name { kana: false });
        let words = Answer::Text("見本".into());
        for new in [name.clone(), many(&["x", "y"]), Ask::Address {}] {
            assert_eq!(cells(text.clone(), new, words.clone()), found(&[("a", "見本")]));
        }
        let told = Name { family: "見本".into(), given: "花子".into(), ..Name::default() };
        assert_eq!(
            cells(name, text, Answer::Name(told)),
            found(&[("a", "見本 花子"), ("a.family", "見本"), ("a.given", "花子")])
        );
    }

    #[test]
    fn cells_are_no_formulas_and_numbers_stay_numbers() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("@x", "'@x"),
            ("＝SUM", "'＝SUM"),
            ("-1.5", "-1.5"),
            ("-1+1", "'-1+1"),
            ("+81", "'+81"),
            ("\u{200b}=1+1", "'\u{200b}=1+1"),
            ("\u{feff}\u{2060}-1.5", "'\u{feff}\u{2060}-1.5"),
            ("\u{2212}1+1", "'\u{2212}1+1"),
            ("\u{200b}", "\u{200b}"),
            ("090-0000-1234", "090-0000-1234"),
            ("'90s", "'90s"),
            ("", ""),
        ] {
            assert_eq!(safe(text), cell);
            assert_eq!(written(cell), text);
        }
    }
}
