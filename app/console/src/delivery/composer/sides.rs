//! What is written in each language: one is on the screen, the others wait beside it.

use super::editor::{Editor, Piece};
use domain::delivery::variant::{self, Variant, fingerprint};
use domain::language::{Language, Voice};
use domain::message::{Button, Part, messages, quick, with_quick};
use leptos::prelude::*;

/// What is written in one language. Of the one on the screen the editor itself holds the parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Which.
    pub language: Language,
    /// The parts.
    pub pieces: Vec<Piece>,
    /// 返事のボタン.
    pub quick: Vec<Button>,
    /// The base after which it was written or looked through.
    pub seen: String,
}

impl Side {
    fn parts(&self) -> Vec<Part> {
        let parts = self.pieces.iter().map(|p| p.part.clone()).collect();
        with_quick(parts, self.quick.clone())
    }
}

/// The sides of a draft, the base first and empty, since it is on the screen; `next` is the
/// first key that is free.
pub fn of(variants: &[Variant], next: &mut u32) -> Vec<Side> {
    let base = Side {
        language: Language::Japanese,
        pieces: Vec::new(),
        quick: Vec::new(),
        seen: String::new(),
    };
    let others = variants.iter().map(|v| Side {
        language: v.language,
        pieces: keyed(messages(&v.parts), next),
        quick: quick(&v.parts).to_vec(),
        seen: v.seen.clone(),
    });
    std::iter::once(base).chain(others).collect()
}

/// Parts with keys of their own.
pub fn keyed(parts: &[Part], next: &mut u32) -> Vec<Piece> {
    parts
        .iter()
        .map(|part| {
            let key = *next;
            *next += 1;
            Piece { key, part: part.clone() }
        })
        .collect()
}

impl Editor {
    /// How what is on the screen speaks.
    pub fn voice(self) -> Voice {
        Voice { purpose: self.purpose.get(), language: self.language.get() }
    }

    /// The pointer below which the parts on the screen lie.
    pub fn root(self) -> String {
        variant::root(self.language.get())
    }

    /// The parts on the screen.
    pub fn shown_parts(self) -> Vec<Part> {
        let parts = self.pieces.with(|pieces| pieces.iter().map(|p| p.part.clone()).collect());
        with_quick(parts, self.quick.get())
    }

    /// The parts in a language.
    pub fn parts_in(self, language: Language) -> Vec<Part> {
        if self.language.get() == language {
            return self.shown_parts();
        }
        self.sides.with(|all| {
            all.iter().find(|s| s.language == language).map(Side::parts).unwrap_or_default()
        })
    }

    /// What would be saved beside the base.
    pub fn variants(self) -> Vec<Variant> {
        let others: Vec<(Language, String)> = self
            .sides
            .with(|all| all.iter().skip(1).map(|s| (s.language, s.seen.clone())).collect());
        others
            .into_iter()
            .map(|(language, seen)| Variant { language, parts: self.parts_in(language), seen })
            .collect()
    }

    /// Whether the base was changed since a language was written.
    pub fn outdated(self, language: Language) -> bool {
        let seen = self.sides.with(|all| {
            all.iter().skip(1).find(|s| s.language == language).map(|s| s.seen.clone())
        });
        seen.is_some_and(|seen| seen != fingerprint(&self.parts_in(Language::Japanese)))
    }

    /// Puts a language on the screen; false if it is not there.
    pub fn show(self, language: Language) -> bool {
        let from = self.language.get_untracked();
        if from == language {
            return true;
        }
        let mut found = None;
        self.sides.update(|all| {
            if let Some(side) = all.iter_mut().find(|s| s.language == language) {
                found = Some((std::mem::take(&mut side.pieces), std::mem::take(&mut side.quick)));
            }
            if let (Some(_), Some(left)) = (&found, all.iter_mut().find(|s| s.language == from)) {
                left.pieces = self.pieces.get_untracked();
                left.quick = self.quick.get_untracked();
            }
        });
        let Some((pieces, quick)) = found else { return false };
        self.pieces.set(pieces);
        self.quick.set(quick);
        self.language.set(language);
        true
    }

    /// Adds a language with a copy of the base's parts, and shows it.
    pub fn add_side(self, language: Language) {
        let base = untrack(|| self.parts_in(Language::Japanese));
        let mut next = self.next.get_value();
        let side = Side {
            language,
            pieces: keyed(messages(&base), &mut next),
            quick: quick(&base).to_vec(),
            seen: fingerprint(&base),
        };
        self.next.set_value(next);
        self.put_side(side);
    }

    /// Puts a language to the others, in the table's order, and shows it. One that is there
    /// already stays as it is.
    pub fn put_side(self, side: Side) {
        let language = side.language;
        self.sides.update(|all| {
            if all.iter().all(|s| s.language != language) {
                all.push(side);
                all.sort_by_key(|s| s.language);
            }
        });
        self.show(language);
    }

    /// Takes a language away; answers what was written in it.
    pub fn remove_side(self, language: Language) -> Option<Side> {
        if language == Language::Japanese || !self.show(Language::Japanese) {
            return None;
        }
        let mut removed = None;
        self.sides.update(|all| {
            let at = all.iter().position(|s| s.language == language);
            removed = at.map(|at| all.remove(at));
        });
        removed
    }

    /// A language was looked through after the base had changed.
    pub fn looked_through(self, language: Language) {
        let seen = fingerprint(&untrack(|| self.parts_in(Language::Japanese)));
        self.sides.update(|all| {
            if let Some(side) = all.iter_mut().find(|s| s.language == language) {
                side.seen = seen;
            }
        });
    }
}
