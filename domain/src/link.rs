//! Links (リンク): addresses in what is sent. A short address of the city's own stands in
//! their place, so that taps are counted (SEG-8). It is the same for everybody: who tapped
//! is neither known nor kept.

#[cfg(test)]
mod tests;

use crate::message::rich::Rich;
use crate::message::{Act, Button, Part};
use crate::time::{DAY, Timestamp};
use serde::{Deserialize, Serialize};

/// Below which path of the city's address the short addresses lie.
pub const PATH: &str = "/r";
/// Letters and digits of a token.
pub const TOKEN_LEN: usize = 7;
/// How long a short address leads on after the delivery was sent, in microseconds: 5 years, with
/// the two leap days that they may have.
pub const LIFE: i64 = (5 * 365 + 2) * DAY;
/// Longer addresses are left as they are (LINE: URLs of at most 2,000 characters).
pub const URI_MAX: usize = 2_000;

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token of these random bits: one of 62⁷, some 3.5 million million.
pub fn token(mut random: u64) -> String {
    (0..TOKEN_LEN)
        .map(|_| {
            let letter = LETTERS[(random % 62) as usize];
            random /= 62;
            char::from(letter)
        })
        .collect()
}

/// The token of what stands behind `/r/`. A program that took the words after an address for
/// a part of it still finds its way: only what comes before them counts.
pub fn token_in(rest: &str) -> Option<&str> {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    (end == TOKEN_LEN).then(|| &rest[..end])
}

/// What our own addresses are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// The city's address, without a slash at its end. While it is empty nothing is replaced.
    pub base: String,
    /// Where LIFF pages open, without a slash at its end: `https://liff.line.me`.
    pub liff: String,
}

impl Own {
    /// The short address of a token.
    pub fn address(&self, token: &str) -> String {
        format!("{}{PATH}/{token}", self.base)
    }

    /// Whether an address is our own, or LINE's: LINE opens those itself, a detour would
    /// open them elsewhere.
    pub fn has(&self, uri: &str) -> bool {
        below(uri, &self.base)
            || below(uri, &self.liff)
            || host(uri).is_some_and(|h| h == "line.me" || h.ends_with(".line.me"))
    }
}

/// Whether an address is `root` or lies below it.
fn below(uri: &str, root: &str) -> bool {
    !root.is_empty()
        && uri.get(..root.len()).is_some_and(|head| head.eq_ignore_ascii_case(root))
        && uri[root.len()..].chars().next().is_none_or(|c| matches!(c, '/' | '?' | '#'))
}

/// The host of an address, in small letters.
pub(crate) fn host(uri: &str) -> Option<String> {
    let rest = uri.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let name = authority.rsplit('@').next().unwrap_or(authority);
    let name = name.split(':').next().unwrap_or(name);
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

/// What becomes of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A short address takes its place, and taps are counted.
    Counted,
    /// Staff left it as it is.
    Off,
    /// It is our own, or LINE's.
    Own,
    /// Words follow without a space, so that nobody can tell where it ends.
    RunsOn,
    /// It is longer than LINE takes.
    TooLong,
}

/// An address in a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Which part, from 0.
    pub part: usize,
    /// The address as it was written.
    pub uri: String,
    /// What becomes of it.
    pub way: Way,
}

/// What is known of an address while a part is walked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uri<'a> {
    /// The address.
    pub uri: &'a str,
    /// In a text: words follow without a space.
    pub runs_on: bool,
}

/// Calls `each` with every web address of a part; what it answers stands in its place. Every
/// kind of part that carries addresses has its arm here, and nowhere else: a text by
/// [`in_text`], a field that is an address by [`in_field`].
fn walk(part: &Part, each: &mut dyn FnMut(Uri<'_>) -> Option<String>) -> Part {
    match part {
        Part::Text { text } => Part::Text { text: in_text(text, each) },
        Part::Image { .. } | Part::Video { .. } => part.clone(),
        Part::Rich { rich } => {
            let areas = in_buttons(&rich.areas, each);
            Part::Rich { rich: Box::new(Rich { areas, ..(**rich).clone() }) }
        }
        Part::Cards { cards, alt } => {
            let mut cards = cards.clone();
            for card in &mut cards {
                card.buttons = in_buttons(&card.buttons, each);
            }
            Part::Cards { cards, alt: alt.clone() }
        }
        Part::Quick { quick } => Part::Quick { quick: in_buttons(quick, each) },
    }
}

fn in_buttons(buttons: &[Button], each: &mut dyn FnMut(Uri<'_>) -> Option<String>) -> Vec<Button> {
    let mut replaced = buttons.to_vec();
    for button in &mut replaced {
        if let Act::Open(address) = &mut button.act {
            *address = in_field(address, each);
        }
    }
    replaced
}

/// A text with each of its addresses replaced by what `each` answers.
pub fn in_text(text: &str, each: &mut dyn FnMut(Uri<'_>) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, len, runs_on)) = next_in(rest, out.chars().next_back()) {
        let uri = &rest[start..start + len];
        out.push_str(&rest[..start]);
        match each(Uri { uri, runs_on }) {
            Some(short) => out.push_str(&short),
            None => out.push_str(uri),
        }
        rest = &rest[start + len..];
    }
    out.push_str(rest);
    out
}

/// A field that holds an address (the `uri` of an action), replaced by what `each` answers;
/// what is not of the web (`tel:`, `line:`) stays.
pub fn in_field(field: &str, each: &mut dyn FnMut(Uri<'_>) -> Option<String>) -> String {
    let web = scheme(field).is_some() && field.chars().all(in_address);
    let short = if web { each(Uri { uri: field, runs_on: false }) } else { None };
    short.unwrap_or_else(|| field.to_owned())
}

/// Characters that an address may hold; anything else, Japanese included, ends it.
fn in_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

/// The length of a web scheme that a text begins with.
fn scheme(text: &str) -> Option<usize> {
    ["https://", "http://"]
        .into_iter()
        .find(|s| text.get(..s.len()).is_some_and(|head| head.eq_ignore_ascii_case(s)))
        .map(str::len)
}

/// The first address of a text: where it starts, how long it is, and whether words follow
/// without a space. `before` stands before the text.
fn next_in(text: &str, before: Option<char>) -> Option<(usize, usize, bool)> {
    let mut previous = before;
    for (start, c) in text.char_indices() {
        let starts_word = !previous.is_some_and(|p| p.is_ascii_alphanumeric());
        previous = Some(c);
        let Some(head) = scheme(&text[start..]).filter(|_| starts_word) else { continue };
        let rest = &text[start..];
        let end = rest.find(|c: char| !in_address(c)).unwrap_or(rest.len());
        let len = trimmed(&rest[..end]);
        if len > head {
            let after = rest[end..].chars().next();
            return Some((start, len, after.is_some_and(goes_on)));
        }
    }
    None
}

/// Whether a character after an address may have been meant as a part of it.
fn goes_on(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '{' | '}' | '|' | '\\' | '^' | '`')
}

/// The length of an address without the marks of the sentence around it. A bracket that was
/// opened within the address belongs to it.
fn trimmed(address: &str) -> usize {
    let mut end = address.len();
    loop {
        let part = &address[..end];
        let Some(last) = part.chars().next_back() else { return 0 };
        let count = |c: char| part.matches(c).count();
        let drop = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' => true,
            ')' => count(')') > count('('),
            ']' => count(']') > count('['),
            _ => false,
        };
        if !drop {
            return end;
        }
        end -= last.len_utf8();
    }
}

/// Every web address of the parts with what becomes of it, in order; the same address twice
/// in one part stands once.
pub fn found(parts: &[Part], own: &Own, uncounted: &[String]) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        walk(part, &mut |Uri { uri, runs_on }| {
            let way = if own.has(uri) {
                Way::Own
            } else if runs_on {
                Way::RunsOn
            } else if uri.len() > URI_MAX {
                Way::TooLong
            } else if uncounted.iter().any(|u| u == uri) || own.base.is_empty() {
                Way::Off
            } else {
                Way::Counted
            };
            let found = Found { part: i, uri: uri.to_owned(), way };
            if !all.contains(&found) {
                all.push(found);
            }
            None
        });
    }
    all
}

/// The parts with the short addresses in place: `short` answers the one of an address of a
/// part, if it has one.
pub fn replaced(parts: &[Part], short: impl Fn(usize, &str) -> Option<String>) -> Vec<Part> {
    parts
        .iter()
        .enumerate()
        .map(|(i, part)| {
            walk(part, &mut |Uri { uri, runs_on }| if runs_on { None } else { short(i, uri) })
        })
        .collect()
}

/// The parts as they will arrive, as far as that is known before the tokens are drawn: each
/// address that will be counted is as long as its short one. Length and preview go by this.
pub fn outlook(parts: &[Part], own: &Own, uncounted: &[String]) -> Vec<Part> {
    let all = found(parts, own, uncounted);
    let short = own.address(&"x".repeat(TOKEN_LEN));
    replaced(parts, |part, uri| {
        let counted = |f: &&Found| f.part == part && f.uri == uri && f.way == Way::Counted;
        all.iter().find(counted).map(|_| short.clone())
    })
}

/// The hour of a time, as hours since 1970: what taps are counted by.
pub fn hour(at: Timestamp) -> i64 {
    at.0.div_euclid(crate::time::HOUR)
}

/// Whether a request is a program's that only looks: previews of talks and mail, search
/// engines, checkers of links. By what they call themselves.
pub fn is_program(agent: &str) -> bool {
    const WORDS: [&str; 12] = [
        "bot",
        "crawl",
        "spider",
        "slurp",
        "preview",
        "facebookexternalhit",
        "line-poker",
        "scan",
        "monitor",
        "curl/",
        "wget/",
        "python",
    ];
    // A maker of phones, not a robot.
    let agent = agent.to_ascii_lowercase().replace("cubot", "");
    WORDS.iter().any(|word| agent.contains(word))
}

/// A link of a delivery with its taps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// In which part, from 0.
    pub part: usize,
    /// Where it leads.
    pub uri: String,
    /// The short address that was sent.
    pub short: String,
    /// Taps so far; the same person tapping twice counts twice.
    pub taps: i64,
    /// Until when it leads on.
    pub until: Timestamp,
}
