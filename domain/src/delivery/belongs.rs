//! Whether a delivery would reach somebody, and what decides.

use super::gate::Budget;
use crate::resident::Reception;
use serde::{Deserialize, Serialize};

/// Whether a delivery would reach a resident, if it began now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Belongs {
    /// It would.
    Yes,
    /// Nobody is meant yet.
    Undecided,
    /// The condition has to be mended first.
    Broken,
    /// They are no friend.
    NoFriend,
    /// The condition does not fit them.
    Unfit,
    /// They do not wish to receive it.
    Unwilling(Reception),
    /// They have had as many as this allows.
    Enough(Budget),
}

impl Belongs {
    /// What staff read.
    pub fn words(self) -> String {
        let why = match self {
            Self::Yes => return "この人は、届く相手に入っています。".into(),
            Self::Undecided => return "届く相手は、まだ決まっていません。".into(),
            Self::Broken => {
                return "届く相手の条件に直すところがあるので、この人が入っているかは分かりません。"
                    .into();
            }
            Self::NoFriend => "いまは友だちではありません".into(),
            Self::Unfit => "条件に当てはまりません".into(),
            Self::Unwilling(reception) => {
                format!("条件には当てはまりますが、受け取り設定が「{}」です", reception.label())
            }
            Self::Enough(budget) => format!(
                "条件には当てはまりますが、受け取る数の上限（{}）に達しています",
                budget.words()
            ),
        };
        format!("この人は、届く相手に入っていません。{why}。")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_said() {
        let enough = Belongs::Enough(Budget { messages: 3, days: 7 });
        for (belongs, words) in [
            (Belongs::Yes, "この人は、届く相手に入っています。"),
            (Belongs::Unfit, "この人は、届く相手に入っていません。条件に当てはまりません。"),
            (
                Belongs::Unwilling(Reception::Urgent),
                "この人は、届く相手に入っていません。条件には当てはまりますが、受け取り設定が「緊急のときだけ」です。",
            ),
            (
                enough,
                "この人は、届く相手に入っていません。条件には当てはまりますが、受け取る数の上限（7日に3通まで）に達しています。",
            ),
        ] {
            assert_eq!(belongs.words(), words);
        }
    }
}
