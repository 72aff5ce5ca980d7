//! What is being written: the parts of a draft, and what may be done with them.

use super::repeat::Repeat;
use super::sides::{self, Side};
use super::when::When;
use domain::audience::Audience;
use domain::delivery::{Delivery, Draft, Purpose};
use domain::language::Language;
use domain::link::{Own, outlook};
use domain::menu::SwitchTo;
use domain::message::{Button, PARTS_MAX, Part, messages, quick};
use domain::recurrence::Recurrence;
use domain::time::Timestamp;
use leptos::prelude::*;

/// One part on the screen; its key stays with it when it moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Unique in the editor.
    pub key: u32,
    /// What it says or shows.
    pub part: Part,
}

/// When a draft would be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// At once.
    Now,
    /// At a time.
    At(Timestamp),
    /// Again and again, by the rule of this sentence.
    Again(String),
}

/// The draft on the screen.
#[derive(Clone, Copy)]
pub struct Editor {
    /// 件名.
    pub title: RwSignal<String>,
    /// 目的.
    pub purpose: RwSignal<Purpose>,
    /// 届ける相手.
    pub audience: RwSignal<Option<Audience>>,
    /// 届ける日時.
    pub when: RwSignal<When>,
    /// くり返す, instead of at one time.
    pub repeats: RwSignal<bool>,
    /// By which rule.
    pub repeat: RwSignal<Repeat>,
    /// ことば: which language is on the screen.
    pub language: RwSignal<Language>,
    /// What is written in each language, the base first.
    pub sides: RwSignal<Vec<Side>>,
    /// 届ける内容, in the language on the screen.
    pub pieces: RwSignal<Vec<Piece>>,
    /// Links that are sent as they are.
    pub uncounted: RwSignal<Vec<String>>,
    /// 緊急メニュー.
    pub switch_to: RwSignal<SwitchTo>,
    own: StoredValue<Own>,
    /// 返事のボタン, below the last part.
    pub quick: RwSignal<Vec<Button>>,
    pub(super) next: StoredValue<u32>,
}

impl Editor {
    /// An editor of that draft; `own`: the city's own addresses.
    pub fn new(delivery: &Delivery, now: Timestamp, own: Own) -> Self {
        let mut next = 0;
        let pieces = sides::keyed(messages(&delivery.parts), &mut next);
        let others = sides::of(&delivery.variants, &mut next);
        Self {
            title: RwSignal::new(delivery.title.clone()),
            purpose: RwSignal::new(delivery.purpose),
            audience: RwSignal::new(delivery.audience.clone()),
            when: RwSignal::new(When::of(delivery.send_at)),
            repeats: RwSignal::new(delivery.recurrence.is_some()),
            repeat: RwSignal::new(Repeat::of(delivery.recurrence.as_ref(), now)),
            next: StoredValue::new(next),
            language: RwSignal::new(Language::Japanese),
            sides: RwSignal::new(others),
            pieces: RwSignal::new(pieces),
            uncounted: RwSignal::new(delivery.uncounted.clone()),
            switch_to: RwSignal::new(delivery.switch_to),
            own: StoredValue::new(own),
            quick: RwSignal::new(quick(&delivery.parts).to_vec()),
        }
    }

    /// The city's own addresses.
    pub fn own(self) -> Own {
        self.own.get_value()
    }

    /// Parts as they will arrive, with short addresses in place of links that are counted.
    pub fn arriving(self, parts: &[Part]) -> Vec<Part> {
        self.own.with_value(|own| self.uncounted.with(|list| outlook(parts, own, list)))
    }

    /// What would be saved and sent; tracks every change.
    pub fn draft(self) -> Draft {
        Draft {
            title: self.title.get(),
            purpose: self.purpose.get(),
            audience: self.audience.get(),
            send_at: self.send_at(),
            recurrence: self.recurrence(),
            parts: self.parts_in(Language::Japanese),
            uncounted: self.uncounted.get(),
            variants: self.variants(),
            switch_to: self.switch_to.get(),
        }
    }

    /// The same without tracking.
    pub fn draft_now(self) -> Draft {
        untrack(|| self.draft())
    }

    /// When it would be sent; nothing means at once, or again and again.
    pub fn send_at(self) -> Option<Timestamp> {
        if self.repeats.get() { None } else { self.when.with(When::send_at) }
    }

    /// By which rule it would be sent again and again.
    pub fn recurrence(self) -> Option<Recurrence> {
        self.repeats.get().then(|| self.repeat.with(Repeat::rule))
    }

    /// When it would be sent, as far as words depend on it.
    pub fn leaves(self) -> Leaves {
        match (self.recurrence(), self.send_at()) {
            (Some(rule), _) => Leaves::Again(rule.sentence()),
            (None, Some(at)) => Leaves::At(at),
            (None, None) => Leaves::Now,
        }
    }

    /// A part; nothing once it was taken away.
    pub fn part(self, key: u32) -> Option<Part> {
        let shown = self.pieces.with(|all| find(all, key));
        // What was written in a language that is not on the screen just now can be mended too.
        shown.or_else(|| {
            self.sides.with_untracked(|all| all.iter().find_map(|side| find(&side.pieces, key)))
        })
    }

    /// The text of a part.
    pub fn text(self, key: u32) -> String {
        match self.part(key) {
            Some(Part::Text { text }) => text,
            _ => String::new(),
        }
    }

    /// Where a part stands, from 0.
    pub fn place(self, key: u32) -> Option<usize> {
        self.pieces.with(|pieces| place(pieces, key))
    }

    /// Writes the text of a part.
    pub fn write(self, key: u32, text: String) {
        self.replace(key, Part::Text { text });
    }

    /// Gives a part other content; nothing happens if it was taken away.
    pub fn replace(self, key: u32, part: Part) {
        let place = |pieces: &mut Vec<Piece>| {
            if let Some(piece) = pieces.iter_mut().find(|p| p.key == key) {
                piece.part = part.clone();
            }
        };
        match self.pieces.with_untracked(|all| find(all, key)) {
            Some(former) if former == part => {}
            Some(_) => self.pieces.update(place),
            None => self.sides.update(|all| all.iter_mut().for_each(|s| place(&mut s.pieces))),
        }
    }

    /// Changes a part; nothing happens if it was taken away.
    pub fn change(self, key: u32, change: impl FnOnce(&mut Part)) {
        if let Some(mut part) = untrack(|| self.part(key)) {
            change(&mut part);
            self.replace(key, part);
        }
    }

    /// Adds a part at a place (at the end where it is too far); answers its key, or nothing if there are five.
    pub fn insert(self, at: usize, part: Part) -> Option<u32> {
        if self.pieces.with_untracked(Vec::len) >= PARTS_MAX {
            return None;
        }
        let key = self.next.with_value(|n| *n);
        self.next.set_value(key + 1);
        self.pieces.update(|pieces| pieces.insert(at.min(pieces.len()), Piece { key, part }));
        Some(key)
    }

    /// Takes a part away; answers where it stood and what it was.
    pub fn remove(self, key: u32) -> Option<(usize, Part)> {
        let at = untrack(|| self.place(key))?;
        let mut removed = None;
        self.pieces.update(|pieces| removed = Some(pieces.remove(at)));
        removed.map(|piece| (at, piece.part))
    }

    /// Moves a part up (-1) or down (1); answers its new place, or nothing if it is at the end.
    pub fn shift(self, key: u32, step: i32) -> Option<usize> {
        let at = untrack(|| self.place(key))?;
        let to = at.checked_add_signed(step as isize)?;
        self.move_to(key, to)
    }

    /// Moves a part to a place.
    pub fn move_to(self, key: u32, to: usize) -> Option<usize> {
        let moved = self.pieces.with_untracked(|pieces| moved(pieces, key, to))?;
        self.pieces.set(moved);
        Some(to)
    }
}

fn find(pieces: &[Piece], key: u32) -> Option<Part> {
    pieces.iter().find(|p| p.key == key).map(|p| p.part.clone())
}

fn place(pieces: &[Piece], key: u32) -> Option<usize> {
    pieces.iter().position(|p| p.key == key)
}

/// The parts with one of them at another place; nothing if it is there already or cannot be.
fn moved(pieces: &[Piece], key: u32, to: usize) -> Option<Vec<Piece>> {
    let from = place(pieces, key)?;
    if from == to || to >= pieces.len() {
        return None;
    }
    let mut pieces = pieces.to_vec();
    let piece = pieces.remove(from);
    pieces.insert(to, piece);
    Some(pieces)
}

/// The head count that somebody typed: figures of any width, with or without
/// separators and 人.
pub fn typed_count(text: &str) -> Option<i64> {
    let digits: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，' | '、' | '人'))
        .map(|c| {
            char::from_u32(u32::from(c).wrapping_sub(0xFF10))
                .filter(|d| u32::from(*d) < 10)
                .map_or(c, |d| char::from(b'0' + d as u8))
        })
        .collect();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        None
    } else {
        digits.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces() -> Vec<Piece> {
        ["a", "b", "c"]
            .into_iter()
            .zip(0..)
            .map(|(text, key)| Piece { key, part: Part::Text { text: text.into() } })
            .collect()
    }

    fn order(pieces: Option<Vec<Piece>>) -> Option<String> {
        pieces.map(|p| p.into_iter().map(|p| p.part.marked(Purpose::Notice)).collect())
    }

    #[test]
    fn a_part_moves_and_none_is_lost() {
        assert_eq!(order(moved(&pieces(), 0, 2)).as_deref(), Some("bca"));
        assert_eq!(order(moved(&pieces(), 2, 0)).as_deref(), Some("cab"));
        assert_eq!(order(moved(&pieces(), 1, 1)), None);
        assert_eq!(order(moved(&pieces(), 1, 3)), None);
        assert_eq!(order(moved(&pieces(), 9, 0)), None);
    }

    #[test]
    fn a_head_count_as_people_type_it() {
        for typed in ["84312", "84,312", "８４，３１２人", " 84312 "] {
            assert_eq!(typed_count(typed), Some(84_312), "{typed}");
        }
        for typed in ["", "人", "8四", "-5", "84312x"] {
            assert_eq!(typed_count(typed), None, "{typed}");
        }
    }
}
