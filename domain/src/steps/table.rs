//! A course as a table, so that a message for each day of a pregnancy is written in a
//! spreadsheet: 番号, いつ, 時刻, 文章. Read in the browser and on the server alike.

use super::words::narrow;
use super::{Content, Offset, STEPS_MAX, Step};
use crate::delivery::Purpose;
use crate::form::table::written;
use crate::message::{Part, TEXT_MAX, text_len};
use std::collections::BTreeMap;

/// What the columns are.
pub const HEAD: [&str; 4] = ["番号", "いつ", "時刻", "文章"];
/// Lines that are read, empty ones included.
pub const LINES_MAX: usize = 2_000;
/// What stands instead of what no cell can hold.
const OTHER: &str = "（写真やカードがあります。ここは変えずに、画面で直してください）";

/// What a line of the table does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// A step that was not there before.
    pub new: bool,
    /// 「3か月後 9:00」
    pub when: String,
    /// The beginning of its text.
    pub text: String,
}

/// What a table would make of a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The course as it would be; only to be used without errors.
    pub content: Content,
    /// What is new or changed, in the order of the lines.
    pub changes: Vec<Change>,
    /// Steps that the table says as they are.
    pub same: usize,
    /// Steps of which it says nothing; they stay.
    pub kept: usize,
    /// What cannot be taken: the line, from 1, and why.
    pub errors: Vec<(usize, String)>,
}

/// The one text of a step that has nothing else.
fn only_text(step: &Step) -> Option<&str> {
    match step.parts.as_slice() {
        [Part::Text { text }] => Some(text),
        [] => Some(""),
        _ => None,
    }
}

/// A course as rows below [`HEAD`].
pub fn table(content: &Content) -> Vec<Vec<String>> {
    content
        .steps
        .iter()
        .map(|s| {
            let text = only_text(s).unwrap_or(OTHER);
            vec![s.key.to_string(), s.offset.words(), s.time(), text.to_owned()]
        })
        .collect()
}

/// Records with the line on which each begins; cells may be quoted and hold line ends.
fn records(text: &str) -> Vec<(usize, Vec<String>)> {
    let text = text.trim_start_matches('\u{feff}');
    let separator = if text.lines().next().is_some_and(|l| l.contains('\t')) { '\t' } else { ',' };
    let (mut all, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut line, mut began) = (false, 1, 1);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\n' {
            line += 1;
        }
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                all.push((began, std::mem::take(&mut row)));
                began = line;
            }
            c if c == separator && !quoted => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        all.push((began, row));
    }
    all
}

/// `9:00`, `09:00`, `9時`, `9時30分`.
fn time(text: &str) -> Option<(u8, u8)> {
    let text = narrow(text).replace('時', ":").replace('分', "");
    let (hour, minute) = text.split_once(':')?;
    let minute = if minute.is_empty() { "0" } else { minute };
    // A spreadsheet may add seconds.
    let minute = minute.strip_suffix(":00").unwrap_or(minute);
    let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some((hour, minute))
}

/// Reads a table into a course: a line with a number changes that step, one without a number
/// the step of the same day and time, or makes a new one. What is not mentioned stays.
pub fn read_table(content: &Content, text: &str) -> Import {
    let mut made = Import {
        content: content.clone(),
        changes: Vec::new(),
        same: 0,
        kept: 0,
        errors: Vec::new(),
    };
    let records = records(text);
    let Some((first, head)) =
        records.iter().find(|(_, row)| row.iter().any(|c| !c.trim().is_empty()))
    else {
        made.errors
            .push((1, "ファイルが空です。「CSVで保存する」で得た表に書き足してください".into()));
        return made;
    };
    let column = |name: &str| head.iter().position(|c| c.trim() == name);
    let (number, Some(when), at, Some(words)) =
        (column(HEAD[0]), column(HEAD[1]), column(HEAD[2]), column(HEAD[3]))
    else {
        let words = "1行目に見出しがありません。「番号,いつ,時刻,文章」の形にしてください（「いつ」と「文章」は要ります）";
        made.errors.push((*first, words.into()));
        return made;
    };
    if records.len() > LINES_MAX {
        made.errors.push((*first, format!("行が多すぎます。{LINES_MAX}行までにしてください")));
        return made;
    }
    let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
    for (line, row) in records.iter().skip_while(|(line, _)| line <= first) {
        if row.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        let cell = |column: usize| row.get(column).map_or("", |c| c.trim());
        match read_line(
            &made.content,
            number.map_or("", cell),
            cell(when),
            at.map_or("", cell),
            cell(words),
        ) {
            Err(why) => made.errors.push((*line, why)),
            Ok((known, step)) => {
                if let Some(other) = known.and_then(|key| seen.insert(key, *line)) {
                    made.errors.push((
                        *line,
                        format!("{other}行目と同じステップです。どちらかを消してください"),
                    ));
                    continue;
                }
                let change =
                    Change { new: known.is_none(), when: step.when(), text: step.summary() };
                match made.content.steps.iter_mut().find(|s| Some(s.key) == known) {
                    Some(former) if *former == step => made.same += 1,
                    Some(former) => {
                        *former = step;
                        made.changes.push(change);
                    }
                    None => {
                        let key = made.content.add(step);
                        seen.insert(key, *line);
                        made.changes.push(change);
                    }
                }
            }
        }
    }
    if made.content.steps.len() > STEPS_MAX {
        made.errors
            .push((*first, format!("ステップが{STEPS_MAX}をこえます。コースを分けてください")));
    }
    made.kept = content.steps.iter().filter(|s| !seen.contains_key(&s.key)).count();
    made.content.sort();
    made
}

/// One line: the step that it changes, if it is known, and what it becomes.
fn read_line(
    content: &Content,
    number: &str,
    when: &str,
    at: &str,
    words: &str,
) -> Result<(Option<u32>, Step), String> {
    let words = written(words);
    let offset = Offset::parse(when).ok_or_else(|| {
        format!("「いつ」が「{when}」です。「3か月後」「10週前」「当日」のように書いてください")
    })?;
    let (hour, minute) = if at.is_empty() {
        (9, 0)
    } else {
        time(at).ok_or_else(|| format!("「時刻」が「{at}」です。「9:00」のように書いてください"))?
    };
    let number = narrow(number);
    let known = if number.is_empty() {
        content.steps.iter().find(|s| s.offset == offset && (s.hour, s.minute) == (hour, minute))
    } else {
        let key = number.parse::<u32>().ok();
        let found = content.steps.iter().find(|s| Some(s.key) == key);
        Some(found.ok_or_else(|| {
            format!(
                "番号「{number}」のステップがありません。新しいステップは、番号を空にしてください"
            )
        })?)
    };
    let parts = match known {
        Some(step) if words.is_empty() || words == OTHER => step.parts.clone(),
        Some(step) if only_text(step).is_none() => {
            return Err("写真やカードのあるステップです。文章は、画面で直してください".into());
        }
        None if words.is_empty() || words == OTHER => {
            return Err("「文章」が空です。届ける文章を書いてください".into());
        }
        _ => {
            let units = text_len(&Part::Text { text: words.to_owned() }.marked(Purpose::Notice));
            if units > TEXT_MAX {
                return Err(format!(
                    "文章が長すぎます。5,000字までにしてください（いま{units}字）"
                ));
            }
            vec![Part::Text { text: words.to_owned() }]
        }
    };
    let step = Step {
        key: known.map_or(0, |s| s.key),
        offset,
        hour,
        minute,
        parts,
        uncounted: known.map(|s| s.uncounted.clone()).unwrap_or_default(),
        variants: known.map(|s| s.variants.clone()).unwrap_or_default(),
    };
    match step.time_problems().into_iter().next() {
        Some(problem) => Err(problem.message),
        None => Ok((known.map(|s| s.key), step)),
    }
}
