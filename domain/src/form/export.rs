//! Every answer of a form as a file that is made in the background (FORM-4).

use crate::id::{ExportId, FormId};
use crate::time::{DAY, SECOND, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a file is kept after it was made, in microseconds.
pub const KEPT: i64 = 7 * DAY;
/// How many files a member of staff may have made at the same time.
pub const OPEN_MAX: i64 = 3;
/// With so many answers a file is made while one waits; with more in the background.
pub const AT_ONCE: i64 = 1_000;
/// Most bytes of photos and files in one ZIP: below what every system and every stick takes.
pub const FILES_BYTES_MAX: i64 = 4_000_000_000;
/// Most photos and files in one ZIP: as many as any program opens.
pub const FILES_MAX: i64 = 60_000;
/// Both in words.
pub const FILES_WORDS: &str = "あわせて4GB、6万個まで";

/// Which file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// CSV in UTF-8 with its mark.
    #[default]
    Csv,
    /// CSV in CP932, as former systems read it.
    Cp932,
    /// Excel.
    Excel,
    /// Every photo and file in folders by receipt number, with a CSV.
    Zip,
}

worded! { Kind: Csv "csv", Cp932 "cp932", Excel "excel", Zip "zip" }

impl Kind {
    /// 「CSV（UTF-8）」 and so on.
    pub fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV（UTF-8）",
            Self::Cp932 => "CSV（Shift_JIS）",
            Self::Excel => "Excel",
            Self::Zip => "ファイルもまとめて（ZIP）",
        }
    }

    /// How the file's name ends.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv | Self::Cp932 => "csv",
            Self::Excel => "xlsx",
            Self::Zip => "zip",
        }
    }

    /// What it is, for browsers.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Cp932 => "text/csv; charset=Shift_JIS",
            Self::Excel => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Zip => "application/zip",
        }
    }
}

/// The photos and files of a form's answers that are not withdrawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uploads {
    /// How many.
    pub count: i64,
    /// In bytes, all together.
    pub size: i64,
}

impl Uploads {
    /// Whether they go into one ZIP.
    pub fn fit(self) -> bool {
        self.count <= FILES_MAX && self.size <= FILES_BYTES_MAX
    }
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody works on it yet, or not any more: a server was stopped meanwhile.
    Waiting,
    /// It is being made.
    Working,
    /// It can be fetched.
    Ready,
    /// It was stopped by whoever asked for it.
    Cancelled,
    /// It cannot be made.
    Failed,
}

worded! { State: Waiting "waiting", Working "working", Ready "ready", Cancelled "cancelled", Failed "failed" }

impl State {
    /// Whether it may still become a file.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Working)
    }

    /// In a word for staff.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "順番を待っています",
            Self::Working => "作っています",
            Self::Ready => "できました",
            Self::Cancelled => "やめました",
            Self::Failed => "作れませんでした",
        }
    }
}

/// A file of answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Id.
    pub id: ExportId,
    /// Of which form.
    pub form: FormId,
    /// Which file.
    pub kind: Kind,
    /// How it stands.
    pub state: State,
    /// Steps done of [`Export::total`]; every answer is read twice, every file of a ZIP once.
    pub done: i64,
    /// Steps in all.
    pub total: i64,
    /// Answers in it, when it is ready.
    pub answers: i64,
    /// In bytes, when it is ready.
    pub size: i64,
    /// Asked for.
    pub at: Timestamp,
    /// Until when it can be fetched, when it is ready.
    pub until: Option<Timestamp>,
    /// Why it cannot be made, in words.
    pub words: String,
}

impl Export {
    /// How far it is, in whole percent; 100 only when it is ready.
    pub fn percent(&self) -> i64 {
        match self.state {
            State::Ready => 100,
            _ => (self.done.saturating_mul(100) / self.total.max(1)).clamp(0, 99),
        }
    }

    /// 「あと およそ 20秒」, from ten seconds on: as long as so far for what is still to do.
    pub fn rest(&self, now: Timestamp) -> Option<String> {
        let passed = now.since(self.at);
        let left = self.total - self.done;
        if self.state != State::Working || self.done <= 0 || left <= 0 || passed < 10 * SECOND {
            return None;
        }
        let seconds = (passed / SECOND).saturating_mul(left) / self.done;
        Some(match seconds {
            0..60 => format!("あと およそ {}秒", (seconds / 10 + 1) * 10),
            _ => format!("あと およそ {}分", seconds.div_euclid(60) + 1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_has_an_end() {
        let most = Uploads { count: FILES_MAX, size: FILES_BYTES_MAX };
        assert!(most.fit());
        assert!(!Uploads { count: most.count + 1, ..most }.fit());
        assert!(!Uploads { size: most.size + 1, ..most }.fit());
        // With the CSV and its list a ZIP needs no extension of the format.
        assert!(FILES_BYTES_MAX < i64::from(u32::MAX) && FILES_MAX < i64::from(u16::MAX));
    }

    #[test]
    fn it_is_whole_only_when_it_is_ready() {
        let mut export = Export {
            id: ExportId(1),
            form: FormId(1),
            kind: Kind::Excel,
            state: State::Working,
            done: 0,
            total: 0,
            answers: 0,
            size: 0,
            at: Timestamp(0),
            until: None,
            words: String::new(),
        };
        assert_eq!(export.percent(), 0);
        (export.done, export.total) = (3, 8);
        assert_eq!(export.percent(), 37);
        assert_eq!(export.rest(Timestamp(9 * SECOND)), None);
        assert_eq!(export.rest(Timestamp(12 * SECOND)).unwrap(), "あと およそ 30秒");
        assert_eq!(export.rest(Timestamp(60 * SECOND)).unwrap(), "あと およそ 2分");
        export.done = 9;
        assert_eq!(export.percent(), 99, "more came meanwhile");
        export.state = State::Ready;
        assert_eq!(export.percent(), 100);
        for state in State::ALL {
            assert_eq!(state.is_open(), !state.label().ends_with("した"), "{state:?}");
        }
    }
}
