//! What staff save of one answer, one thing after the other: each change names the edition that
//! it has seen, and that is known when the one before is saved.

use super::api::{set_answer_staff, set_answer_status};
use domain::form::Answers;
use domain::form::inbox::{Event, Full};
use domain::id::AnswerId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::VecDeque;
use std::mem::{discriminant, replace};
use ui::prelude::*;
use ui::toast::{Offers, Toasts};

/// What is to be saved.
enum Work {
    Status(String),
    Note(String),
    Fields(Answers),
}

/// The side of an answer as it is worked on. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The state that is chosen.
    pub status: RwSignal<String>,
    /// The note that is being written.
    pub note: RwSignal<String>,
    /// Why it could not be kept.
    pub note_error: RwSignal<Option<String>>,
    /// It is on its way.
    pub noting: RwSignal<bool>,
    /// What stands in the staff's fields.
    pub given: RwSignal<Answers>,
    /// Counts when something else is put into the fields: they are drawn anew.
    pub drawn: RwSignal<u32>,
    /// What happened to the answer, the oldest first.
    pub history: RwSignal<Vec<Event>>,
    id: AnswerId,
    busy: RwSignal<bool>,
    edition: StoredValue<i64>,
    /// State and fields as they are saved.
    kept: StoredValue<(String, Answers)>,
    waiting: StoredValue<VecDeque<Work>>,
    toasts: Toasts,
    offers: Offers,
}

impl Desk {
    /// Of an answer that was opened.
    pub fn new(full: &Full) -> Self {
        Self {
            status: RwSignal::new(full.status.clone()),
            note: RwSignal::new(String::new()),
            note_error: RwSignal::new(None),
            noting: RwSignal::new(false),
            given: RwSignal::new(full.staff.clone()),
            drawn: RwSignal::new(0),
            history: RwSignal::new(full.history.clone()),
            id: full.id,
            busy: RwSignal::new(false),
            edition: StoredValue::new(full.edition),
            kept: StoredValue::new((full.status.clone(), full.staff.clone())),
            waiting: StoredValue::new(VecDeque::new()),
            toasts: use_toasts(),
            offers: use_offers(),
        }
    }

    /// Gives the answer another state.
    pub fn choose(self, status: String) {
        self.status.set(status.clone());
        self.put(Work::Status(status));
    }

    /// Keeps the note that was written.
    pub fn keep_note(self) {
        let words = self.note.get_untracked();
        self.note_error.set(None);
        if !words.trim().is_empty() {
            self.noting.set(true);
            self.put(Work::Note(words));
        }
    }

    /// Keeps what stands in the staff's fields.
    pub fn keep_fields(self) {
        self.put(Work::Fields(self.given.get_untracked()));
    }

    fn put(self, work: Work) {
        self.waiting.update_value(|all| {
            // What waits of the same kind is overtaken.
            all.retain(|other| discriminant(other) != discriminant(&work));
            all.push_back(work);
        });
        self.go();
    }

    fn go(self) {
        if self.busy.get_untracked() {
            return;
        }
        let next = self.waiting.try_update_value(VecDeque::pop_front);
        let Some(work) = next.flatten() else { return };
        self.busy.set(true);
        let (id, seen) = (self.id, self.edition.get_value());
        spawn_local(async move {
            let answer = match &work {
                Work::Status(status) => {
                    set_answer_status(id, seen, status.clone(), String::new()).await
                }
                Work::Note(words) => {
                    let status = self.kept.with_value(|(status, _)| status.clone());
                    set_answer_status(id, seen, status, words.clone()).await
                }
                Work::Fields(given) => set_answer_staff(id, seen, given.clone()).await,
            };
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok((edition, history)) => self.saved(work, edition, history),
                Err(error) => self.refused(&work, &error),
            }
            self.go();
        });
    }

    fn saved(self, work: Work, edition: i64, history: Vec<Event>) {
        let same = self.edition.get_value() == edition;
        self.edition.set_value(edition);
        self.history.set(history);
        match work {
            Work::Note(words) => {
                self.noting.set(false);
                if self.note.with_untracked(|now| *now == words) {
                    self.note.set(String::new());
                }
                self.toasts.ok("メモを残しました");
            }
            Work::Status(status) => {
                let before = self.kept.try_update_value(|(kept, _)| replace(kept, status));
                let before = before.unwrap_or_default();
                if !same {
                    let back = move || self.choose(before.clone());
                    self.offers.passing("状態を保存しました", "元にもどす", back);
                }
            }
            Work::Fields(given) => {
                let before = self.kept.try_update_value(|(_, kept)| replace(kept, given));
                let before = before.unwrap_or_default();
                if !same {
                    let back = move || {
                        self.given.set(before.clone());
                        self.drawn.update(|n| *n += 1);
                        self.keep_fields();
                    };
                    self.offers.passing("職員の欄を保存しました", "元にもどす", back);
                }
            }
        }
    }

    fn refused(self, work: &Work, error: &AppError) {
        let words = format!("保存できませんでした。{}{}", error.message(), error.next());
        match work {
            Work::Note(_) => {
                self.noting.set(false);
                let own = error.field("note").map(str::to_owned);
                self.note_error.set(Some(own.unwrap_or(words)));
            }
            Work::Status(_) => {
                self.status.set(self.kept.with_value(|(status, _)| status.clone()));
                self.toasts.err(words);
            }
            // What was typed stays in the fields.
            Work::Fields(_) => self.offers.err(words, "もう一度", move || self.keep_fields()),
        }
    }
}
