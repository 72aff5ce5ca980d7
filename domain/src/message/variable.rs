//! Variables (差しこみ): a text that says something else to each resident (SEG-4).
//!
//! `{{ward|みなさま}}` is what the resident registered as the attribute `ward`, or 「みなさま」
//! where nothing is registered. Only attributes that are not personal can be filled in, since
//! the talk lies with LINE (national guideline 2021-04-30). Anything else in braces is plain text.

use super::{Part, TEXT_MAX, text_len};
use crate::attribute::{self, Attribute, Catalog, Kind, date_words, is_key, year_words};
use crate::delivery::Purpose;
use crate::problem::Problem;
use crate::time::Date;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What stands in a variable for one resident: attribute key → words.
pub type Values = BTreeMap<String, String>;

/// Fewer residents than this with the same text get pushes, the others multicasts: LINE takes
/// 2,000 pushes or 200 multicasts a second.
pub const PUSH_BELOW: usize = 10;
/// Longest words for whoever has not registered, in characters.
pub const OTHERWISE_MAX: usize = 100;

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it is.
    Words(&'a str),
    /// To be filled in.
    Variable {
        /// Key of the attribute.
        key: &'a str,
        /// What stands there for whoever has not registered it.
        otherwise: &'a str,
    },
}

/// Cuts a text into its pieces, in order.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut plain, mut at) = (0, 0);
    while let Some(open) = text[at..].find("{{").map(|i| at + i) {
        match variable(&text[open..]) {
            Some((piece, length)) => {
                if plain < open {
                    found.push(Piece::Words(&text[plain..open]));
                }
                found.push(piece);
                at = open + length;
                plain = at;
            }
            None => at = open + 1,
        }
    }
    if plain < text.len() {
        found.push(Piece::Words(&text[plain..]));
    }
    found
}

/// The variable with which `text` begins, and its length in bytes.
fn variable(text: &str) -> Option<(Piece<'_>, usize)> {
    let inside = text.strip_prefix("{{")?;
    let inside = &inside[..inside.find("}}")?];
    let (key, otherwise) = inside.split_once('|')?;
    let good = is_key(key)
        && otherwise.chars().count() <= OTHERWISE_MAX
        && !otherwise.contains(|c: char| matches!(c, '{' | '}' | '|') || c.is_control());
    good.then_some((Piece::Variable { key, otherwise }, inside.len() + 4))
}

/// How a variable is written.
pub fn written(key: &str, otherwise: &str) -> String {
    let plain = |c: &char| !matches!(c, '{' | '}' | '|') && !c.is_control();
    let otherwise: String = otherwise.chars().filter(plain).take(OTHERWISE_MAX).collect();
    format!("{{{{{key}|{otherwise}}}}}")
}

/// The attributes that are filled in.
pub fn keys(parts: &[Part]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for part in parts {
        let Part::Text { text } = part else { continue };
        keys.extend(pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Variable { key, .. } => Some(key.to_owned()),
            Piece::Words(_) => None,
        }));
    }
    keys
}

/// The parts as one resident gets them. What is filled in is not read for variables again.
pub fn fill(parts: &[Part], values: &Values) -> Vec<Part> {
    fill_with(parts, |key, otherwise| {
        Cow::Owned(values.get(key).map_or(otherwise, String::as_str).to_owned())
    })
}

/// The parts for staff to read: a variable is the attribute's name in brackets.
pub fn named(parts: &[Part], catalog: &Catalog) -> Vec<Part> {
    fill_with(parts, |key, _| {
        Cow::Owned(format!("［{}］", catalog.get(key).map_or(key, |a| a.label.as_str())))
    })
}

/// The parts with what a resident could have registered: the first choice of each attribute.
pub fn example<'a>(parts: &'a [Part], catalog: &'a Catalog) -> Vec<Part> {
    fill_with(parts, |key, otherwise| {
        let Some(attribute) = catalog.get(key) else { return Cow::Borrowed(otherwise) };
        let first = attribute.choices.iter().find(|c| !c.hidden);
        match attribute.kind {
            Kind::Year => Cow::Owned(year_words(1985)),
            Kind::Date => Cow::Owned(date_words(Date { year: 2026, month: 4, day: 1 })),
            Kind::Text => Cow::Owned(format!("（{}）", attribute.label)),
            _ => Cow::Borrowed(first.map_or(otherwise, |c| c.label.as_str())),
        }
    })
}

fn fill_with<'a>(parts: &'a [Part], words: impl Fn(&'a str, &'a str) -> Cow<'a, str>) -> Vec<Part> {
    let fill = |part: &'a Part| match part {
        Part::Text { text } => Part::Text {
            text: pieces(text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Words(words) => Cow::Borrowed(words),
                    Piece::Variable { key, otherwise } => words(key, otherwise),
                })
                .collect(),
        },
        other => other.clone(),
    };
    parts.iter().map(fill).collect()
}

/// What is wrong with the variables: an attribute that is not there or is personal, and a
/// text that becomes too long for whoever has the longest words.
pub fn problems(parts: &[Part], catalog: &Catalog, purpose: Purpose) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mark = purpose.mark().map_or(0, text_len);
    for (i, part) in parts.iter().enumerate() {
        let Part::Text { text } = part else { continue };
        let (mut longest, mut any) = (mark, false);
        for piece in pieces(text) {
            let (key, otherwise) = match piece {
                Piece::Words(words) => {
                    longest += text_len(words);
                    continue;
                }
                Piece::Variable { key, otherwise } => (key, otherwise),
            };
            any = true;
            let wrong = match catalog.get(key) {
                None => Some(format!(
                    "差しこむ登録項目「{key}」がありません。消すか、選び直してください"
                )),
                Some(a) if a.personal => Some(format!(
                    "「{}」は個人情報の項目なので、トークには差しこめません。LINEには個人情報を置かないためです",
                    a.label
                )),
                Some(a) => {
                    longest += words_max(a).max(text_len(otherwise));
                    None
                }
            };
            problems.extend(wrong.map(|words| Problem::new(format!("/parts/{i}/text"), words)));
        }
        if any && longest > TEXT_MAX {
            problems.push(Problem::new(
                format!("/parts/{i}/text"),
                format!(
                    "差しこむ言葉がいちばん長い人では、{}字多すぎます。文章を短くしてください",
                    longest - TEXT_MAX
                ),
            ));
        }
    }
    problems
}

/// No year or date is longer in words: 1926 lies in two eras.
const LONGEST: Date = Date { year: 1926, month: 12, day: 24 };
/// Between several answers of one resident.
const BETWEEN: &str = "、";

/// What a resident's answers are in a text.
pub fn words<'a>(labels: impl IntoIterator<Item = &'a str>) -> String {
    labels.into_iter().collect::<Vec<_>>().join(BETWEEN)
}

/// The longest words that an attribute can give, in UTF-16 units.
fn words_max(attribute: &Attribute) -> usize {
    let lengths = attribute.choices.iter().map(|c| text_len(&c.label));
    match attribute.kind {
        Kind::Multiple => lengths.map(|n| n + text_len(BETWEEN)).sum(),
        Kind::Single | Kind::Area => lengths.max().unwrap_or(0),
        Kind::Year => text_len(&year_words(LONGEST.year)),
        Kind::Date => text_len(&date_words(LONGEST)),
        // A character is two units at most.
        Kind::Text => 2 * attribute::TEXT_MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::Choice;
    use crate::id::{AttributeId, ChoiceId};
    use proptest::prelude::*;

    fn text(text: &str) -> Vec<Part> {
        vec![Part::Text { text: text.into() }]
    }

    fn catalog() -> Catalog {
        let attribute = |key: &str, kind, personal| Attribute {
            id: AttributeId(1),
            key: key.into(),
            label: format!("{key}の名前"),
            kind,
            hint: String::new(),
            required: false,
            personal,
            hidden: false,
            choices: ["東区", "西区"]
                .into_iter()
                .map(|label| Choice {
                    id: ChoiceId(1),
                    key: "k".into(),
                    label: label.into(),
                    parent: None,
                    hidden: false,
                })
                .collect(),
        };
        Catalog {
            attributes: vec![
                attribute("ward", Kind::Single, false),
                attribute("topics", Kind::Multiple, false),
                attribute("illness", Kind::Single, true),
            ],
            ..Catalog::default()
        }
    }

    #[test]
    fn a_variable_is_filled_in_or_says_otherwise() {
        let parts = text("こんにちは、{{ward|みなさま}}。{{topics|}}");
        let filled = |values: &[(&str, &str)]| {
            fill(&parts, &values.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect())
        };
        assert_eq!(filled(&[]), text("こんにちは、みなさま。"));
        assert_eq!(filled(&[("ward", "東区")]), text("こんにちは、東区。"));
        assert_eq!(
            filled(&[("ward", "{{topics|x}}"), ("topics", "a")]),
            text("こんにちは、{{topics|x}}。a")
        );
        assert_eq!(keys(&parts).into_iter().collect::<Vec<_>>(), ["topics", "ward"]);
        assert_eq!(example(&parts, &catalog()), text("こんにちは、東区。東区"));
        assert_eq!(named(&parts, &catalog()), text("こんにちは、［wardの名前］。［topicsの名前］"));
    }

    #[test]
    fn braces_that_are_no_variable_stay_as_they_are() {
        for plain in [
            "{{7*7}}",
            "{{ward}}",
            "{{Ward|a}}",
            "{{|a}}",
            "{{ward|a{b}}",
            "{{ward|a",
            "{{{{",
            "}}",
            "{{ward|a\nb}}",
        ] {
            assert_eq!(pieces(plain), [Piece::Words(plain)], "{plain}");
        }
        assert_eq!(
            pieces("{{{ward|a}}}"),
            [Piece::Words("{"), Piece::Variable { key: "ward", otherwise: "a" }, Piece::Words("}")]
        );
    }

    #[test]
    fn what_cannot_be_filled_in_is_refused() {
        let said = |t: &str| {
            problems(&text(t), &catalog(), Purpose::Notice)
                .into_iter()
                .map(|p| p.message)
                .collect::<Vec<_>>()
        };
        assert!(said("{{ward|a}}{{topics|}}").is_empty());
        assert!(said("{{nowhere|a}}")[0].contains("nowhere"));
        assert!(said("{{illness|a}}")[0].contains("個人情報"));
        let nearly = "あ".repeat(TEXT_MAX - 2);
        assert!(said(&nearly).is_empty());
        assert!(said(&format!("{nearly}{{{{ward|}}}}")).is_empty());
        assert!(said(&format!("{nearly}{{{{topics|}}}}"))[0].contains("字多すぎます"));
        let drill = problems(&text(&format!("{nearly}{{{{ward|}}}}")), &catalog(), Purpose::Drill);
        assert!(drill[0].message.contains("字多すぎます"));
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text(t in "[a-z{}|\n区]{0,40}") {
            let again: String = pieces(&t).into_iter().map(|piece| match piece {
                Piece::Words(words) => words.to_owned(),
                Piece::Variable { key, otherwise } => written(key, otherwise),
            }).collect();
            prop_assert_eq!(again, t);
        }

        #[test]
        fn what_is_written_is_read(key in "[a-z][a-z0-9_]{0,20}", otherwise in "\\PC{0,120}", before in "[^{]{0,9}") {
            let t = format!("{before}{}", written(&key, &otherwise));
            let last = pieces(&t).last().copied();
            let is_variable = matches!(last, Some(Piece::Variable { key: k, .. }) if k == key);
            prop_assert!(is_variable);
        }
    }
}
