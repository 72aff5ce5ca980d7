//! What the clock asks for (定期の仕事): when its failing is told, and when it is told that
//! nobody works at all.

use crate::time::{HOUR, MINUTE, Timestamp};
use serde::{Deserialize, Serialize};

/// Workers that have not looked at what goes on for so long do nothing.
pub const SILENT_AFTER: i64 = 3 * MINUTE;

/// A duty that failed so often in a row is told …
const FAILURES: i64 = 3;
/// … but not before it has failed for so long: a hiccup of LINE's is over by then.
const FAILS_FOR: i64 = 5 * MINUTE;
/// One that is tried seldom is told after this.
const FAILS_LONG: i64 = HOUR / 2;

/// The duties, and what each does in plain words.
pub const DUTIES: &[(&str, &str)] = &[
    ("answers", "回答を配信対象に使えるようにする"),
    ("blobs", "使われていない写真やファイルを消す"),
    ("breakdowns", "配信の対象者の内訳を残す"),
    ("digest", "回答の件数をまとめてメールにする"),
    ("erase", "ブロックした人の登録を消す"),
    ("figures", "友だちと登録の数を記録する"),
    ("followers", "友だちの一覧をLINEから読む"),
    ("forget", "保存の期間をすぎたものを消す"),
    ("holidays", "休みの日を足す"),
    ("insight", "配信の開封の数をLINEから読む"),
    ("languages", "友だちの表示言語をLINEから読む"),
    ("line", "LINEとのつながりを確かめる"),
    ("menu figures", "リッチメニューの数をLINEから読む"),
    ("menu pages", "リッチメニューの先のページがひらくかを確かめる"),
    ("outcomes", "配信の結果をまとめる"),
    ("quota", "今月LINEで送れる残りの数を読む"),
    ("rotate", "新しい鍵で暗号をかけ直す"),
    ("scanner", "住民が送るファイルのウイルスの検査ができるかを確かめる"),
    ("seal", "台帳に封をする"),
    ("storage", "写真やファイルの置き場所に書けるかを確かめる"),
];

/// What a duty does in plain words.
pub fn duty_label(name: &str) -> &str {
    DUTIES.iter().find(|(duty, _)| *duty == name).map_or(name, |(_, label)| label)
}

/// Whether a duty is told that has failed so often in a row, the first time at `since`.
pub fn keeps_failing(failures: i64, since: Timestamp, now: Timestamp) -> bool {
    let long = now.since(since);
    long >= FAILS_LONG || failures >= FAILURES && long >= FAILS_FOR
}

/// Nobody works: what is due is not sent, and what stands still is not noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// When a worker last looked at what goes on; nothing: none ever did.
    pub since: Option<Timestamp>,
}

impl Silence {
    /// 「11月20日（金）12:00から動いていません」.
    pub fn words(self) -> String {
        match self.since {
            Some(at) => format!("{}から動いていません", at.day_and_time()),
            None => "まだ一度も動いていません".into(),
        }
    }
}

/// Whether nobody works at `now`, if a worker last looked at `last`. A look that lies ahead is
/// of a clock that has gone back since.
pub fn silence(last: Option<Timestamp>, now: Timestamp) -> Option<Silence> {
    let works = last.is_some_and(|at| now.since(at).abs() <= SILENT_AFTER);
    (!works).then_some(Silence { since: last })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2026-11-20 12:00 in Tokyo.
    const NOON: Timestamp = Timestamp(1_795_143_600_000_000);

    #[test]
    fn a_hiccup_is_not_told_and_what_lasts_is() {
        for (failures, minutes, told) in [
            (1, 0, false),
            (100, 4, false),
            (2, 5, false),
            (3, 5, true),
            (1, 29, false),
            (1, 30, true),
        ] {
            let now = NOON.plus(minutes * MINUTE);
            assert_eq!(keeps_failing(failures, NOON, now), told, "{failures} in {minutes} min");
        }
    }

    #[test]
    fn workers_that_do_not_look_are_silent() {
        assert_eq!(silence(Some(NOON), NOON.plus(SILENT_AFTER)), None);
        let since = Silence { since: Some(NOON) };
        assert_eq!(silence(Some(NOON), NOON.plus(SILENT_AFTER + 1)), Some(since));
        assert_eq!(silence(Some(NOON), NOON.plus(-HOUR)), Some(since), "a clock that went back");
        assert_eq!(silence(None, NOON), Some(Silence { since: None }));
        assert_eq!(since.words(), "11月20日（金）12:00から動いていません");
    }

    #[test]
    fn every_duty_has_its_words_once() {
        let mut names: Vec<&str> =
            DUTIES.iter().flat_map(|(name, label)| [*name, *label]).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert_eq!(duty_label("seal"), "台帳に封をする");
    }

    proptest! {
        #[test]
        fn what_is_told_stays_told(failures in 0i64..100, after in 0i64..HOUR, more in 0i64..HOUR) {
            let told = |failures, after| keeps_failing(failures, NOON, NOON.plus(after));
            prop_assert!(!told(failures, after) || told(failures + 1, after + more));
        }
    }
}
