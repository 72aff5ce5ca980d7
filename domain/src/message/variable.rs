//! Variables (差しこみ): words that differ from resident to resident (SEG-4), in texts, cards,
//! buttons and the words that stand for a picture.
//!
//! `{{ward|みなさま}}` is what the resident registered as the attribute `ward`, or 「みなさま」
//! where nothing is registered. Only attributes that are not personal can be filled in, since
//! the talk lies with LINE (national guideline 2021-04-30). Anything else in braces is plain
//! text. In an address they stand in the values behind its 「?」 alone, percent-encoded, so that
//! nothing registered decides where a tap leads.

use super::{Act, Button, Part, check, text_len};
use crate::attribute::{self, Attribute, Catalog, Kind, date_words, is_key, year_words};
use crate::id::{AttributeId, ChoiceId};
use crate::language::Voice;
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

/// Where a variable can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    /// Words that are read or said.
    Words,
    /// What a tap opens.
    Address,
}

/// A part with each field in which variables can stand replaced by what `each` answers; it hears
/// where the field lies below the part, what it is, and what is written.
fn walk(part: &Part, each: &mut dyn FnMut(&str, Field, &str) -> String) -> Part {
    match part {
        Part::Text { text } => Part::Text { text: each("/text", Field::Words, text) },
        Part::Rich { rich } => {
            let mut rich = rich.clone();
            rich.alt = each("/rich/alt", Field::Words, &rich.alt);
            in_buttons(&mut rich.areas, "/rich/areas", each);
            Part::Rich { rich }
        }
        Part::Cards { cards, alt } => {
            let alt = each("/alt", Field::Words, alt);
            let mut cards = cards.clone();
            for (i, card) in cards.iter_mut().enumerate() {
                let at = format!("/cards/{i}");
                card.title = each(&format!("{at}/title"), Field::Words, &card.title);
                card.text = each(&format!("{at}/text"), Field::Words, &card.text);
                in_buttons(&mut card.buttons, &format!("{at}/buttons"), each);
            }
            Part::Cards { cards, alt }
        }
        Part::Quick { quick } => {
            let mut quick = quick.clone();
            in_buttons(&mut quick, "/quick", each);
            Part::Quick { quick }
        }
        other => other.clone(),
    }
}

fn in_buttons(buttons: &mut [Button], at: &str, each: &mut dyn FnMut(&str, Field, &str) -> String) {
    for (i, button) in buttons.iter_mut().enumerate() {
        button.label = each(&format!("{at}/{i}/label"), Field::Words, &button.label);
        match &mut button.act {
            Act::Say(text) => *text = each(&format!("{at}/{i}/say"), Field::Words, text),
            Act::Open(address) => {
                *address = each(&format!("{at}/{i}/open"), Field::Address, address);
            }
            // A reply is the same for all: it names a condition.
            Act::Reply(_) | Act::Page(_) => {}
        }
    }
}

/// The attributes that are filled in.
pub fn keys(parts: &[Part]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for part in parts {
        walk(part, &mut |_, _, text| {
            keys.extend(pieces(text).into_iter().filter_map(|piece| match piece {
                Piece::Variable { key, .. } => Some(key.to_owned()),
                Piece::Words(_) => None,
            }));
            String::new()
        });
    }
    keys
}

/// The parts as one resident gets them. What is filled in is not read for variables again.
pub fn fill(parts: &[Part], values: &Values) -> Vec<Part> {
    fill_with(parts, |field, key, otherwise| {
        put(field, values.get(key).map_or(otherwise, String::as_str))
    })
}

/// The parts for staff to read: a variable is the attribute's name in brackets.
pub fn named(parts: &[Part], catalog: &Catalog) -> Vec<Part> {
    fill_with(parts, |_, key, _| {
        format!("［{}］", catalog.get(key).map_or(key, |a| a.label.as_str()))
    })
}

/// The parts with what a resident could have registered: the first choice of each attribute.
pub fn example(parts: &[Part], catalog: &Catalog) -> Vec<Part> {
    fill_with(parts, |field, key, otherwise| {
        let Some(attribute) = catalog.get(key) else { return put(field, otherwise) };
        let first = attribute.choices.iter().find(|c| !c.hidden);
        let words = match attribute.kind {
            Kind::Year => Cow::Owned(year_words(1985)),
            Kind::Date => Cow::Owned(date_words(Date { year: 2026, month: 4, day: 1 })),
            Kind::Text => Cow::Owned(format!("（{}）", attribute.label)),
            _ => Cow::Borrowed(first.map_or(otherwise, |c| c.label.as_str())),
        };
        put(field, &words)
    })
}

fn fill_with(parts: &[Part], words: impl Fn(Field, &str, &str) -> String) -> Vec<Part> {
    let fill = |part: &Part| {
        walk(part, &mut |_, field, text| {
            pieces(text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Words(words) => Cow::Borrowed(words),
                    Piece::Variable { key, otherwise } => Cow::Owned(words(field, key, otherwise)),
                })
                .collect()
        })
    };
    parts.iter().map(fill).collect()
}

/// What is filled in, as it stands in its field.
fn put(field: Field, words: &str) -> String {
    match field {
        Field::Words => words.to_owned(),
        Field::Address => encoded(words),
    }
}

/// Percent-encoded, so that it stays one value of an address (RFC 3986, unreserved).
fn encoded(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for b in words.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

/// What is wrong with the variables: an attribute that is not there or is personal, a place in
/// an address that is no value, and what cannot be sent to whoever has the longest words.
pub fn problems(parts: &[Part], catalog: &Catalog, purpose: impl Into<Voice>) -> Vec<Problem> {
    let voice = purpose.into();
    let mut problems = Vec::new();
    let mut any = false;
    for (i, part) in parts.iter().enumerate() {
        walk(part, &mut |at, field, text| {
            let mut before = String::new();
            for piece in pieces(text) {
                let key = match piece {
                    Piece::Words(words) => {
                        before.push_str(words);
                        continue;
                    }
                    Piece::Variable { key, .. } => key,
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
                    Some(_) if field == Field::Address && !is_value(&before) => Some(
                        "アドレスに差しこめるのは、「?」よりうしろの「=」のあとだけです。例：https://…/?area={{…}}".into(),
                    ),
                    Some(_) => None,
                };
                problems.extend(wrong.map(|words| Problem::new(format!("/parts/{i}{at}"), words)));
            }
            String::new()
        });
    }
    if any && problems.is_empty() {
        let known: BTreeSet<String> = check(parts, voice).into_iter().map(|p| p.at).collect();
        let longest = fill_with(parts, |field, key, otherwise| {
            longest(catalog.get(key), otherwise, |words| text_len(&put(field, words)), field)
        });
        problems.extend(check(&longest, voice).into_iter().filter(|p| !known.contains(&p.at)).map(
            |p| Problem::new(p.at, format!("差しこむ言葉がいちばん長い人では、{}", p.message)),
        ));
    }
    problems
}

/// Whether what stands before it leads to a value of an address' query.
fn is_value(before: &str) -> bool {
    let Some((_, query)) = before.split_once('?') else { return false };
    let last = query.rsplit('&').next().unwrap_or(query);
    !query.contains('#') && last.contains('=')
}

/// The longest that an attribute can give, by what its words measure where they stand.
fn longest(
    attribute: Option<&Attribute>,
    otherwise: &str,
    measure: impl Fn(&str) -> usize,
    field: Field,
) -> String {
    let words = attribute.map(|a| {
        let labels = || a.choices.iter().map(|c| c.label.as_str());
        match a.kind {
            Kind::Multiple => words(labels()),
            Kind::Single | Kind::Area => {
                labels().max_by_key(|label| measure(label)).unwrap_or_default().to_owned()
            }
            Kind::Year => year_words(LONGEST.year),
            Kind::Date => date_words(LONGEST),
            // No character measures more: two units, four bytes.
            Kind::Text => "𠮷".repeat(attribute::TEXT_MAX),
        }
    });
    let otherwise = otherwise.to_owned();
    let words = words.filter(|w| measure(w) >= measure(&otherwise)).unwrap_or(otherwise);
    put(field, &words)
}

/// No year or date is longer in words: 1926 lies in two eras.
const LONGEST: Date = Date { year: 1926, month: 12, day: 24 };
/// Between several answers of one resident.
const BETWEEN: &str = "、";

/// What a resident's answers are in a text.
pub fn words<'a>(labels: impl IntoIterator<Item = &'a str>) -> String {
    labels.into_iter().collect::<Vec<_>>().join(BETWEEN)
}

/// What stands in the variables for whoever has registered this; nothing personal.
pub fn registered(
    catalog: &Catalog,
    choices: &[ChoiceId],
    values: &[(AttributeId, attribute::Value)],
) -> Values {
    let mut all = Values::new();
    for attribute in catalog.attributes.iter().filter(|a| !a.personal) {
        let chosen = attribute.choices.iter().filter(|c| choices.contains(&c.id));
        let written = values.iter().find(|(id, _)| *id == attribute.id);
        let said = match written {
            Some((_, value)) => value.words(),
            None => words(chosen.map(|c| c.label.as_str())),
        };
        if !said.is_empty() {
            all.insert(attribute.key.clone(), said);
        }
    }
    all
}

#[cfg(test)]
mod tests;
