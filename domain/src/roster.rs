//! Imported lists of residents (対象者リスト, SEG-2): a file of the city's names people by
//! something that Kairan knows too; what stays is which residents were found.

use crate::id::RosterId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Largest file, in bytes.
pub const SIZE_MAX: usize = 10_000_000;
/// Most lines of a file.
pub const LINES_MAX: usize = 200_000;
/// Most columns of a file.
pub const COLUMNS_MAX: usize = 200;
/// Longest name, in characters.
pub const NAME_MAX: usize = 100;
/// Rows on one page of the list.
pub const PER_PAGE: i64 = 20;
/// Lines of a file that its preview shows.
pub const SHOWN: usize = 5;

/// By what a line names a resident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The user id that LINE gave out: `U` and 32 hex digits.
    Line,
    /// What was registered for an attribute of the kind text, by its key: a number that the city asks for.
    Attribute(String),
}

/// How a file is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The first line holds the names of the columns.
    pub header: bool,
    /// Which column names the resident, from 0.
    pub column: usize,
    /// By what.
    pub by: By,
}

/// Why a line brings nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// The column is empty there.
    Empty,
    /// It is no user id of LINE.
    NoId,
    /// Nobody is known by it.
    Unknown,
    /// Who is known by it is no friend now.
    NoFriend,
    /// Several friends registered the same: it does not tell which of them is meant.
    Several,
    /// The same resident as in the line of this number, and counted there.
    Again(u32),
}

impl Why {
    /// In words for staff. What stands in the file is not repeated: it may be personal.
    pub fn words(self) -> String {
        match self {
            Self::Empty => "空です".into(),
            Self::NoId => "LINEのユーザーIDの形（Uと32けたの英数字）ではありません".into(),
            Self::Unknown => "当てはまる友だちがいません".into(),
            Self::NoFriend => {
                "いまは友だちではありません（ブロックしたか、まだ追加していません）".into()
            }
            Self::Several => "同じ内容を登録した友だちが2人以上いて、だれか決められません".into(),
            Self::Again(line) => format!("{line}行目と同じ人です（1人として数えます）"),
        }
    }

    /// The same for several lines together.
    pub fn label(self) -> &'static str {
        match self {
            Self::Empty => "空の行",
            Self::NoId => "LINEのユーザーIDの形ではない行",
            Self::Unknown => "当てはまる友だちがいない行",
            Self::NoFriend => "いまは友だちでない人の行",
            Self::Several => "だれか1人に決められない行",
            Self::Again(_) => "前の行と同じ人の行",
        }
    }
}

/// What reading a file found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Lines with something in them, without that of the columns' names.
    pub lines: i64,
    /// Residents who were found, all of them friends.
    pub found: i64,
    /// Lines that bring nobody, in their order: number in the file from 1, and why.
    pub without: Vec<(u32, Why)>,
}

impl Report {
    /// How many lines bring nobody for each reason, the first line's reason first.
    pub fn by_reason(&self) -> Vec<(&'static str, i64)> {
        let mut out: Vec<(&'static str, i64)> = Vec::new();
        for (_, why) in &self.without {
            match out.iter_mut().find(|(label, _)| *label == why.label()) {
                Some((_, n)) => *n += 1,
                None => out.push((why.label(), 1)),
            }
        }
        out
    }

    /// The lines that bring nobody as a table for Excel: CSV with a byte order mark.
    pub fn csv(&self) -> String {
        let mut out = String::from("\u{feff}行,理由\r\n");
        for (line, why) in &self.without {
            out.push_str(&format!("{line},{}\r\n", why.words()));
        }
        out
    }
}

/// What staff see of a file before anything is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// 「CSV（UTF-8）」
    pub format: String,
    /// The columns' names; where the file has none, 「1列目」.
    pub columns: Vec<String>,
    /// The first lines. User ids of LINE are not shown.
    pub rows: Vec<Vec<String>>,
    /// How it was read.
    pub mapping: Mapping,
    /// What else may name the resident: keys and labels of attributes.
    pub attributes: Vec<(String, String)>,
    /// What was found.
    pub report: Report,
}

/// What becomes of what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// A new list of this name.
    New(String),
    /// It takes the place of what a list held, as it was at that time.
    Replace(RosterId, Timestamp),
}

/// What the browser asks for beside the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// How it is read; nothing: as seems best.
    pub mapping: Option<Mapping>,
    /// What becomes of it; nothing: only looked at.
    pub target: Option<Target>,
}

/// What the server answers to a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// It was looked at.
    Looked(Preview),
    /// It was kept as this list.
    Kept(RosterId),
}

/// A list as its pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Id.
    pub id: RosterId,
    /// Its name, 1–100 characters.
    pub name: String,
    /// Name of the department that keeps it; empty if it is none's.
    pub department: String,
    /// Who imported what it holds now.
    pub imported_by: String,
    /// When.
    pub imported_at: Timestamp,
    /// By what residents were found, in words.
    pub found_by: String,
    /// Lines of the file.
    pub lines: i64,
    /// Residents who were found.
    pub count: i64,
    /// Those of them who are friends now.
    pub friends: i64,
    /// Last change.
    pub updated_at: Timestamp,
    /// Whether the reader may change it.
    pub may_write: bool,
}

/// A page of the lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The rows, the last changed first.
    pub rows: Vec<Row>,
    /// How many there are in all.
    pub total: i64,
    /// When it was read.
    pub now: Timestamp,
    /// Whether the reader may make new ones.
    pub may_write: bool,
}

/// One list with what uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The list.
    pub row: Row,
    /// Whatever still asks for it: what it is called and where it is.
    pub uses: Vec<(String, String)>,
}

/// What is wrong with a name.
pub fn name_problem(name: &str) -> Option<&'static str> {
    let fits = (1..=NAME_MAX).contains(&name.trim().chars().count());
    (!fits || name.chars().any(char::is_control)).then_some("名前を1〜100文字で入れてください")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_and_written_without_what_the_file_said() {
        let report = Report {
            lines: 6,
            found: 1,
            without: vec![
                (3, Why::Unknown),
                (4, Why::Again(2)),
                (5, Why::Unknown),
                (6, Why::NoId),
                (7, Why::Again(2)),
            ],
        };
        assert_eq!(
            report.by_reason(),
            [
                ("当てはまる友だちがいない行", 2),
                ("前の行と同じ人の行", 2),
                ("LINEのユーザーIDの形ではない行", 1)
            ]
        );
        assert_eq!(report.csv().lines().nth(2), Some("4,2行目と同じ人です（1人として数えます）"));
        assert!(report.csv().starts_with("\u{feff}行,理由\r\n3,"));
    }

    #[test]
    fn names() {
        assert_eq!(name_problem("消防団"), None);
        assert!(name_problem(" ").is_some() && name_problem("a\nb").is_some());
        assert!(name_problem(&"あ".repeat(101)).is_some());
    }

    #[test]
    fn what_crosses_the_wire_comes_back() {
        let ask = Ask {
            mapping: Some(Mapping { header: true, column: 2, by: By::Attribute("no".into()) }),
            target: Some(Target::New("消防団".into())),
        };
        let json = serde_json::to_string(&ask).unwrap();
        assert_eq!(serde_json::from_str::<Ask>(&json).unwrap(), ask);
        let why = serde_json::to_string(&(7, Why::Again(2))).unwrap();
        assert_eq!(serde_json::from_str::<(u32, Why)>(&why).unwrap(), (7, Why::Again(2)));
    }
}
