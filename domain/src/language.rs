//! Languages (ことば): in which of its variants a resident gets a delivery (SEG-4).
//!
//! A closed table. What a resident chose comes first; else what LINE's profile says, which may
//! say nothing (<https://developers.line.biz/en/reference/messaging-api/#get-profile>); else
//! the base, 日本語.

mod words;

use crate::delivery::Purpose;
use serde::{Deserialize, Serialize};

/// A language that deliveries are written in.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Language {
    /// 日本語: the base, which every delivery has.
    #[default]
    #[serde(rename = "ja")]
    Japanese,
    /// やさしい日本語.
    #[serde(rename = "ja-easy")]
    Easy,
    /// English.
    #[serde(rename = "en")]
    English,
    /// 中文（简体）.
    #[serde(rename = "zh-Hans")]
    ChineseSimplified,
    /// 中文（繁體）.
    #[serde(rename = "zh-Hant")]
    ChineseTraditional,
    /// 한국어.
    #[serde(rename = "ko")]
    Korean,
    /// Tiếng Việt.
    #[serde(rename = "vi")]
    Vietnamese,
    /// Português.
    #[serde(rename = "pt")]
    Portuguese,
    /// Español.
    #[serde(rename = "es")]
    Spanish,
    /// Filipino.
    #[serde(rename = "fil")]
    Filipino,
    /// नेपाली.
    #[serde(rename = "ne")]
    Nepali,
    /// Bahasa Indonesia.
    #[serde(rename = "id")]
    Indonesian,
}

impl Language {
    /// Every language, the base first.
    pub const ALL: &[Self] = &[
        Self::Japanese,
        Self::Easy,
        Self::English,
        Self::ChineseSimplified,
        Self::ChineseTraditional,
        Self::Korean,
        Self::Vietnamese,
        Self::Portuguese,
        Self::Spanish,
        Self::Filipino,
        Self::Nepali,
        Self::Indonesian,
    ];

    /// The name in the database and in REST.
    pub fn name(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::Easy => "ja-easy",
            Self::English => "en",
            Self::ChineseSimplified => "zh-Hans",
            Self::ChineseTraditional => "zh-Hant",
            Self::Korean => "ko",
            Self::Vietnamese => "vi",
            Self::Portuguese => "pt",
            Self::Spanish => "es",
            Self::Filipino => "fil",
            Self::Nepali => "ne",
            Self::Indonesian => "id",
        }
    }

    /// The language of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|l| l.name() == name)
    }

    /// What a page says in `lang`: a BCP 47 tag.
    pub fn tag(self) -> &'static str {
        if self == Self::Easy { "ja" } else { self.name() }
    }

    /// The language of a profile's BCP 47 tag (`en`, `zh-TW`, `pt_BR`); nothing where it is none
    /// of the table. やさしい日本語 is nobody's profile.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase().replace('_', "-");
        let mut pieces = tag.split('-');
        let first = pieces.next()?;
        Some(match first {
            "ja" => Self::Japanese,
            "en" => Self::English,
            "zh" if pieces.any(|p| matches!(p, "hant" | "tw" | "hk" | "mo")) => {
                Self::ChineseTraditional
            }
            "zh" => Self::ChineseSimplified,
            "ko" => Self::Korean,
            "vi" => Self::Vietnamese,
            "pt" => Self::Portuguese,
            "es" => Self::Spanish,
            "fil" | "tl" => Self::Filipino,
            "ne" => Self::Nepali,
            "id" | "in" => Self::Indonesian,
            _ => return None,
        })
    }
}

/// In which language somebody wishes to read, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wish {
    /// Nothing is known.
    #[default]
    Unknown,
    /// A language of the table.
    In(Language),
    /// Another one, not Japanese.
    Other,
}

impl Wish {
    /// The wish of whoever chose `own` on our page, or has `line` in LINE's profile.
    pub fn of(own: Option<Language>, line: Option<&str>) -> Self {
        match (own, line.map(str::trim).filter(|tag| !tag.is_empty())) {
            (Some(own), _) => Self::In(own),
            (None, None) => Self::Unknown,
            (None, Some(tag)) => Language::of_tag(tag).map_or(Self::Other, Self::In),
        }
    }

    /// Which variant they get of those that there are beside the base: their own; else, unless
    /// they read Japanese, やさしい日本語; else the base.
    pub fn gets(self, offered: &[Language]) -> Language {
        match self {
            Self::Unknown | Self::In(Language::Japanese) => Language::Japanese,
            Self::In(own) if offered.contains(&own) => own,
            Self::In(_) | Self::Other if offered.contains(&Language::Easy) => Language::Easy,
            Self::In(_) | Self::Other => Language::Japanese,
        }
    }
}

/// How a delivery speaks: why it is sent, in which language. The mark of a drill or test comes
/// from here alone, in every language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Voice {
    /// Why.
    pub purpose: Purpose,
    /// In which language.
    pub language: Language,
}

impl From<Purpose> for Voice {
    fn from(purpose: Purpose) -> Self {
        Self { purpose, language: Language::Japanese }
    }
}

impl Voice {
    /// What stands first in every part that a resident reads.
    pub fn mark(self) -> Option<&'static str> {
        match self.purpose {
            Purpose::Notice | Purpose::Emergency => None,
            Purpose::Drill => Some(self.language.drill()),
            Purpose::Test => Some(self.language.test()),
        }
    }

    /// The purpose for staff: 「訓練」.
    pub fn label(self) -> &'static str {
        self.purpose.label()
    }

    /// What is said before pictures and videos of a drill or test, which cannot carry its
    /// mark; `what` they are in Japanese: 「写真2枚」.
    pub fn before_pictures(self, what: &str) -> Option<String> {
        let mark = self.mark()?;
        let drill = self.purpose == Purpose::Drill;
        Some(format!("{mark}{}", self.language.before_pictures(drill, what)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn tags_as_profiles_have_them() {
        for (tag, language) in [
            ("ja", Language::Japanese),
            ("ja-JP", Language::Japanese),
            ("en", Language::English),
            ("en-GB", Language::English),
            ("zh", Language::ChineseSimplified),
            ("zh-CN", Language::ChineseSimplified),
            ("zh-Hans-SG", Language::ChineseSimplified),
            ("zh-TW", Language::ChineseTraditional),
            ("zh-Hant", Language::ChineseTraditional),
            ("zh_HK", Language::ChineseTraditional),
            ("ko", Language::Korean),
            ("vi", Language::Vietnamese),
            ("pt-BR", Language::Portuguese),
            ("es-419", Language::Spanish),
            ("tl", Language::Filipino),
            ("fil-PH", Language::Filipino),
            ("ne", Language::Nepali),
            ("in", Language::Indonesian),
            ("ID", Language::Indonesian),
        ] {
            assert_eq!(Language::of_tag(tag), Some(language), "{tag}");
        }
        for none in ["", "-", "th", "fr-CA", "english", "easy"] {
            assert_eq!(Language::of_tag(none), None, "{none}");
        }
        for language in Language::ALL {
            assert_eq!(Language::parse(language.name()), Some(*language));
            let json = serde_json::to_value(language).unwrap();
            assert_eq!(json, language.name());
        }
    }

    #[test]
    fn marks_and_words_are_there_in_every_language_and_of_its_own() {
        for purpose in [Purpose::Drill, Purpose::Test] {
            let marks: BTreeSet<&str> = Language::ALL
                .iter()
                .map(|language| Voice { purpose, language: *language }.mark().expect("a mark"))
                .collect();
            assert_eq!(marks.len(), Language::ALL.len(), "{marks:?}");
            assert!(marks.iter().all(|m| m.starts_with('【') && m.ends_with('】')), "{marks:?}");
            assert!(marks.contains(purpose.mark().unwrap()));
        }
        for language in Language::ALL {
            let drill = Voice { purpose: Purpose::Drill, language: *language };
            let words = drill.before_pictures("写真2枚").unwrap();
            assert!(words.starts_with(drill.mark().unwrap()) && words.len() > 20, "{words}");
            assert_eq!(Voice { purpose: Purpose::Notice, ..drill }.before_pictures("写真"), None);
            assert!(language.correction().chars().count() > 20);
        }
    }

    fn language() -> impl Strategy<Value = Language> {
        proptest::sample::select(Language::ALL)
    }

    fn offered() -> impl Strategy<Value = Vec<Language>> {
        proptest::sample::subsequence(&Language::ALL[1..], 0..Language::ALL.len())
    }

    proptest! {
        #[test]
        fn what_is_chosen_is_always_there(own in proptest::option::of(language()), line in proptest::option::of("[a-zA-Z_-]{0,9}"), offered in offered()) {
            let gets = Wish::of(own, line.as_deref()).gets(&offered);
            prop_assert!(gets == Language::Japanese || offered.contains(&gets));
        }

        #[test]
        fn the_own_choice_goes_before_the_profile(own in language(), line in proptest::option::of("[a-z]{2}"), offered in offered()) {
            let gets = Wish::of(Some(own), line.as_deref()).gets(&offered);
            prop_assert_eq!(gets, Wish::In(own).gets(&offered));
            if own == Language::Japanese || offered.contains(&own) {
                prop_assert_eq!(gets, own);
            }
        }

        #[test]
        fn easy_japanese_is_for_whoever_reads_no_japanese(line in "[a-z]{2}", offered in offered()) {
            let gets = Wish::of(None, Some(&line)).gets(&offered);
            let own = Language::of_tag(&line);
            if line == "ja" {
                prop_assert_eq!(gets, Language::Japanese);
            } else if let Some(own) = own.filter(|l| offered.contains(l)) {
                prop_assert_eq!(gets, own);
            } else if offered.contains(&Language::Easy) {
                prop_assert_eq!(gets, Language::Easy);
            } else {
                prop_assert_eq!(gets, Language::Japanese);
            }
        }

        #[test]
        fn whoever_is_unknown_gets_the_base(offered in offered(), blank in " {0,3}") {
            prop_assert_eq!(Wish::of(None, Some(&blank)).gets(&offered), Language::Japanese);
            prop_assert_eq!(Wish::of(None, None).gets(&offered), Language::Japanese);
        }
    }
}
