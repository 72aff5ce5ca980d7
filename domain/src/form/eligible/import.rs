//! A file on its way to become a list: what is read of it, which lines bring nobody and why.
//! Before it is taken nothing of it is kept.

use super::{Row, date, fold, narrow};
use crate::id::EligibilityId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Lines that are shown of a file.
pub const SHOWN: usize = 5;

/// Why a line brings nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// What somebody must know is not there.
    Empty,
    /// More cells than the first line names.
    Wide,
    /// The same as that line.
    Again(u32),
    /// Another person of whom the same is asked: nobody could tell them apart.
    Alike(u32),
}

impl Why {
    /// In words for staff. What stands in the file is not repeated.
    pub fn words(self) -> String {
        match self {
            Self::Empty => "確かめに使う列が、空です".into(),
            Self::Wide => "1行目に名前のない列に、何か書いてあります".into(),
            Self::Again(line) => format!("{line}行目と同じ行です（1人として数えます）"),
            Self::Alike(line) => {
                format!("{line}行目と、確かめに使う列が同じです。どちらの人か決められません")
            }
        }
    }

    /// Whether somebody is left out by it who should perhaps be in.
    pub fn loses(self) -> bool {
        !matches!(self, Self::Again(_))
    }
}

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// A new list of this name.
    New(String),
    /// It takes the place of what a list of this name held.
    Replace(EligibilityId, String),
}

/// What the browser asks for beside the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The columns that somebody must know; none: as seems best.
    pub keys: Vec<String>,
    /// What becomes of it; nothing: only looked at.
    pub target: Option<Target>,
}

/// What staff see of a file before anything is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// 「CSV（UTF-8）」
    pub format: String,
    /// The columns' names.
    pub columns: Vec<String>,
    /// The first lines.
    pub rows: Vec<Vec<String>>,
    /// The columns that somebody must know.
    pub keys: Vec<String>,
    /// Lines with something in them, without that of the columns' names.
    pub lines: i64,
    /// People who would be on the list.
    pub people: i64,
    /// Lines that bring nobody: number in the file from 1, and why.
    pub refused: Vec<(u32, Why)>,
    /// Lines whose birthday is asked, and is no date ([`undated`]).
    #[serde(default)]
    pub undated: Vec<u32>,
}

/// What the server answers to a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// It was looked at.
    Looked(Preview),
    /// It was kept as this list.
    Kept(EligibilityId),
}

/// How columns of birthdays are called.
const BIRTHDAYS: [&str; 3] = ["生年月日", "誕生日", "生まれた日"];

fn is_birthday(column: &str) -> bool {
    BIRTHDAYS.iter().any(|words| column.contains(words))
}

/// The columns that somebody must know, as seems best: a number, and a birthday.
pub fn guess(columns: &[String]) -> Vec<String> {
    let among = |words: &[&str]| {
        columns.iter().find(|c| words.iter().any(|w| c.contains(w))).into_iter().cloned()
    };
    let mut keys: Vec<String> = among(&["番号", "ID", "コード"]).chain(among(&BIRTHDAYS)).collect();
    keys.dedup();
    if keys.is_empty() {
        keys.extend(columns.first().cloned());
    }
    keys
}

/// How many people share a number at most: a large household.
const HOUSEHOLD: usize = 8;

/// The column by which wrong tries at a list are counted, of those that somebody must know: the
/// one whose most frequent value the fewest people share, and no dates. Nothing where only that is
/// asked which many have in common, as postcodes: wrong tries of one would stop all of them.
pub fn number<'a>(keys: &'a [String], rows: &[Row]) -> Option<&'a String> {
    let columns = keys.iter().filter(|key| !is_birthday(key)).filter_map(|key| {
        let cells: Vec<String> =
            rows.iter().map(|row| narrow(row.get(key).map_or("", String::as_str))).collect();
        let mut alike: HashMap<String, usize> = HashMap::new();
        for cell in &cells {
            *alike.entry(fold(cell)).or_default() += 1;
        }
        let shared = alike.into_values().max().unwrap_or_default();
        let dates = cells.iter().filter(|cell| date(cell).is_some()).count() * 10 > cells.len() * 9;
        // Eight digits that nobody shares are rather a number.
        let digits = cells.iter().all(|cell| cell.chars().all(|c| c.is_ascii_digit()));
        (!dates || digits && shared == 1).then_some((shared, key))
    });
    let (shared, key) = columns.min_by_key(|(shared, _)| *shared)?;
    (shared <= HOUSEHOLD).then_some(key)
}

/// Sifts the lines of a file by what is asked of people: who is on the list, and which lines
/// bring nobody. Two of whom the same is asked are both left out, unless it is one line twice.
pub fn sift(lines: &[(u32, Row)], keys: &[String]) -> (Vec<Row>, Vec<(u32, Why)>) {
    let known = |row: &Row| -> Vec<String> {
        keys.iter().map(|k| fold(row.get(k).map_or("", String::as_str))).collect()
    };
    let mut first: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut why: Vec<Option<Why>> = vec![None; lines.len()];
    for (i, (line, row)) in lines.iter().enumerate() {
        let known = known(row);
        if known.iter().any(String::is_empty) {
            why[i] = Some(Why::Empty);
            continue;
        }
        match first.get(&known) {
            None => drop(first.insert(known, i)),
            Some(&before) if lines[before].1 == *row => why[i] = Some(Why::Again(lines[before].0)),
            Some(&before) => {
                why[i] = Some(Why::Alike(lines[before].0));
                why[before] = why[before].or(Some(Why::Alike(*line)));
            }
        }
    }
    let mut rows = Vec::new();
    let mut refused = Vec::new();
    for ((line, row), why) in lines.iter().zip(why) {
        match why {
            None => rows.push(row.clone()),
            Some(why) => refused.push((*line, why)),
        }
    }
    (rows, refused)
}

/// The lines whose birthday is asked, and is no date that can be read: they are found only by
/// whoever writes the same letters.
pub fn undated(lines: &[(u32, Row)], keys: &[String]) -> Vec<u32> {
    let birthdays: Vec<&String> = keys.iter().filter(|k| is_birthday(k)).collect();
    let odd = |text: &String| !text.is_empty() && date(&narrow(text)).is_none();
    let told =
        lines.iter().filter(|(_, row)| birthdays.iter().any(|k| row.get(*k).is_some_and(odd)));
    told.map(|(line, _)| *line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: &str, birth: &str, name: &str) -> Row {
        [("番号", number), ("生年月日", birth), ("氏名", name)]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into()
    }

    #[test]
    fn lines_that_bring_nobody_are_told_and_nobody_is_mistaken_for_another() {
        let keys = ["番号", "生年月日"].map(str::to_owned);
        let lines = [
            (2, row("A-1", "2018/4/1", "山田")),
            (3, row("A-2", "", "鈴木")),
            (4, row("ａ1", "平成30年4月1日", "佐藤")),
            (6, row("A-3", "2019/1/1", "高橋")),
            (7, row("A-3", "2019/1/1", "高橋")),
            (8, row("A-1", "20180401", "伊藤")),
        ];
        let (rows, refused) = sift(&lines, &keys);
        assert_eq!(rows, [lines[3].1.clone()]);
        assert_eq!(
            refused,
            [
                (2, Why::Alike(4)),
                (3, Why::Empty),
                (4, Why::Alike(2)),
                (7, Why::Again(6)),
                (8, Why::Alike(2))
            ]
        );
        assert_eq!(refused.iter().filter(|(_, w)| w.loses()).count(), 4);
        // With the name as well they are apart.
        let (rows, refused) = sift(&lines, &["番号", "氏名"].map(str::to_owned));
        assert_eq!((rows.len(), refused.len()), (5, 1));
    }

    #[test]
    fn birthdays_that_are_no_dates_are_told() {
        let lines = [
            (2, row("A-1", "H30.4.1", "山田")),
            (3, row("A-2", "30.4.1", "鈴木")),
            (4, row("A-3", "", "佐藤")),
            (5, row("A-4", "S60.13.1", "高橋")),
        ];
        assert_eq!(undated(&lines, &["番号", "生年月日"].map(str::to_owned)), [3, 5]);
        assert_eq!(undated(&lines, &["番号".to_owned()]), [0_u32; 0]);
    }

    #[test]
    fn a_number_is_known_by_what_stands_in_the_list() {
        let rows: Vec<Row> = (10..40)
            .map(|n| {
                let mut row = row(&format!("201503{n}"), &format!("2018/4/{}", n % 28 + 1), "山田");
                row.insert("郵便番号".into(), format!("123-456{}", n % 3));
                row.insert("世帯".into(), format!("S-{}", n / 2));
                row.insert("団地".into(), format!("123-45{}", u32::max(n, 20)));
                row.insert("出生".into(), format!("2018/4/{}", n % 28 + 1));
                row.insert("出生（8桁）".into(), format!("201804{}", n % 20 + 11));
                row
            })
            .collect();
        let number = |keys: &[&str]| {
            let keys: Vec<String> = keys.iter().map(|k| (*k).to_owned()).collect();
            number(&keys, &rows).cloned().unwrap_or_default()
        };
        // Also where it looks like a date.
        assert_eq!(number(&["郵便番号", "生年月日", "番号"]), "番号");
        assert_eq!(number(&["氏名", "生年月日", "世帯"]), "世帯");
        assert_eq!(number(&["氏名", "生年月日", "郵便番号"]), "");
        assert_eq!(number(&["生年月日"]), "");
        // One neighbourhood is enough, however few share the other postcodes.
        assert_eq!(number(&["団地", "生年月日"]), "");
        // A date is none, whatever its column is called.
        assert_eq!(number(&["氏名", "出生"]), "");
        assert_eq!(number(&["氏名", "出生（8桁）"]), "");
        assert_eq!(number(&["出生", "世帯"]), "世帯");
    }

    #[test]
    fn what_is_asked_is_guessed_by_the_columns() {
        let guessed = |names: &[&str]| {
            guess(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).join("+")
        };
        assert_eq!(guessed(&["氏名", "受給者番号", "生年月日"]), "受給者番号+生年月日");
        assert_eq!(guessed(&["氏名", "町"]), "氏名");
        assert_eq!(guessed(&[]), "");
    }
}
