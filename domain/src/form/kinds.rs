//! The kinds of questions by name.

use super::definition::{Ask, Opt};

/// Names of the kinds, as in a definition's `kind`, and what officials call them.
pub const KINDS: [(&str, &str); 22] = [
    ("one", "ひとつ選ぶ"),
    ("many", "いくつでも選ぶ"),
    ("tree", "地区から選ぶ"),
    ("year", "年"),
    ("date", "日付"),
    ("time", "時刻"),
    ("text", "1行の文"),
    ("long_text", "長い文"),
    ("number", "数"),
    ("scale", "段階"),
    ("matrix", "表で選ぶ"),
    ("name", "氏名・フリガナ"),
    ("address", "住所"),
    ("telephone", "電話番号"),
    ("mail", "メールアドレス"),
    ("photo", "写真"),
    ("file", "ファイル"),
    ("place", "地図の場所"),
    ("group", "くり返し"),
    ("calculation", "計算"),
    ("consent", "同意"),
    ("explanation", "説明"),
];

impl Ask {
    fn index(&self) -> usize {
        match self {
            Self::One { .. } => 0,
            Self::Many { .. } => 1,
            Self::Tree { .. } => 2,
            Self::Year { .. } => 3,
            Self::Date { .. } => 4,
            Self::Time { .. } => 5,
            Self::Text { .. } => 6,
            Self::LongText { .. } => 7,
            Self::Number { .. } => 8,
            Self::Scale { .. } => 9,
            Self::Matrix { .. } => 10,
            Self::Name { .. } => 11,
            Self::Address {} => 12,
            Self::Telephone {} => 13,
            Self::Mail {} => 14,
            Self::Photo { .. } => 15,
            Self::File { .. } => 16,
            Self::Place {} => 17,
            Self::Group { .. } => 18,
            Self::Calculation { .. } => 19,
            Self::Consent { .. } => 20,
            Self::Explanation { .. } => 21,
        }
    }

    /// The name in a definition.
    pub fn name(&self) -> &'static str {
        KINDS[self.index()].0
    }

    /// What officials call it.
    pub fn words(&self) -> &'static str {
        KINDS[self.index()].1
    }

    /// The options of a choice, in order; none of other kinds.
    pub fn options(&self) -> &[Opt] {
        match self {
            Self::One { options } | Self::Many { options } | Self::Tree { options } => options,
            _ => &[],
        }
    }

    /// Whether something can be answered: explanations and calculations cannot.
    pub fn is_answered(&self) -> bool {
        !matches!(self, Self::Explanation { .. } | Self::Calculation { .. })
    }

    /// Whether its answer always tells who somebody is, or where.
    pub fn is_personal(&self) -> bool {
        matches!(
            self,
            Self::Name { .. }
                | Self::Address {}
                | Self::Telephone {}
                | Self::Mail {}
                | Self::Photo { .. }
                | Self::File { .. }
        )
    }
}
