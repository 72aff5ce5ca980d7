//! The builder's state: the definition, what is chosen in it, what was before.

use crate::form::api::Opened;
use domain::form::edit::{self, Known, Row, Target, Which};
use domain::form::kept::{Issued, NAME_MAX, Settings};
use domain::form::lint::{Finding, lint, lint_unsent};
use domain::form::{Ask, Form, Question};
use domain::time::Date;
use leptos::prelude::*;
use std::time::Duration;
use ui::prelude::*;
use ui::toast::{Offers, Toasts};

/// How long nothing must change before it is looked through again.
const QUIET: Duration = Duration::from_millis(400);
/// Most steps that can be taken back.
const STEPS_MAX: usize = 200;

/// What is saved: name, definition, settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// What staff call it.
    pub name: String,
    /// The definition.
    pub form: Form,
    /// Beside it.
    pub settings: Settings,
}

/// The builder of one form. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Builder {
    /// What staff call it.
    pub name: RwSignal<String>,
    /// The definition.
    pub form: RwSignal<Form>,
    /// Beside it.
    pub settings: RwSignal<Settings>,
    /// What is edited in the middle.
    pub chosen: RwSignal<Target>,
    /// Counts what changes more than words: the middle is drawn anew.
    pub drawn: RwSignal<u32>,
    /// What the linter found last.
    pub findings: RwSignal<Vec<Finding>>,
    /// What residents get, if it was ever published.
    pub former: StoredValue<Option<Issued>>,
    /// The day on which it was opened.
    pub today: Date,
    /// Mails can be sent at all.
    pub mails: bool,
    /// Its address outside LINE: the city's own.
    outside: StoredValue<String>,
    known: StoredValue<Known>,
    past: RwSignal<Vec<(Written, Target)>>,
    future: RwSignal<Vec<(Written, Target)>>,
    /// What is being typed: its changes are one step.
    typing: StoredValue<String>,
    toasts: Toasts,
    offers: Offers,
}

impl Builder {
    /// A builder of what was opened.
    pub fn new(opened: &Opened) -> Self {
        let form = opened.kept.definition.clone();
        let first = form.pages.first().and_then(|p| p.questions.first());
        let chosen = first.map_or(Target::Head, |q| Target::Question(Which::asked(q.key.clone())));
        let builder = Self {
            name: RwSignal::new(opened.kept.name.clone()),
            findings: RwSignal::new(Vec::new()),
            form: RwSignal::new(form),
            settings: RwSignal::new(opened.kept.settings.clone()),
            chosen: RwSignal::new(chosen),
            drawn: RwSignal::new(0),
            former: StoredValue::new(opened.former.clone()),
            today: opened.today,
            mails: opened.mails,
            outside: StoredValue::new(opened.outside.clone()),
            known: StoredValue::new(opened.known.clone()),
            past: RwSignal::new(Vec::new()),
            future: RwSignal::new(Vec::new()),
            typing: StoredValue::new(String::new()),
            toasts: use_toasts(),
            offers: use_offers(),
        };
        builder.findings.set(builder.linted());
        Effect::new(move |timer: Option<Option<TimeoutHandle>>| {
            let later = timer.is_some();
            if let Some(Some(timer)) = timer {
                timer.clear();
            }
            builder.form.track();
            builder.settings.track();
            later.then(|| {
                set_timeout_with_handle(
                    move || {
                        if !builder.form.is_disposed() {
                            builder.findings.set(builder.linted());
                        }
                    },
                    QUIET,
                )
                .ok()
            })?
        });
        builder
    }

    /// What the linter finds, now.
    pub fn linted(self) -> Vec<Finding> {
        let mut found = self.outside.with_value(|own| {
            let mut found = self.form.with_untracked(|form| lint(form, own));
            found.extend(self.settings.with_untracked(|settings| settings.findings(own)));
            found
        });
        if !self.mails {
            found.extend(self.form.with_untracked(lint_unsent));
        }
        found
    }

    /// What would be saved.
    pub fn written(self) -> Written {
        Written { name: self.name.get(), form: self.form.get(), settings: self.settings.get() }
    }

    /// The same, without following it.
    pub fn written_now(self) -> Written {
        untrack(move || self.written())
    }

    fn remember(self, what: &str) {
        // 「元にもどす」 would take back this step, and not the one of which it tells.
        self.offers.withdraw();
        let same = !what.is_empty() && self.typing.with_value(|t| t == what);
        self.typing.set_value(what.to_owned());
        if same {
            return;
        }
        let now = (self.written_now(), self.chosen.get_untracked());
        self.past.update(|past| {
            past.push(now);
            if past.len() > STEPS_MAX {
                past.remove(0);
            }
        });
        self.future.update(Vec::clear);
    }

    /// Changes words. What is typed at one place is one step.
    pub fn write(self, what: &str, change: impl FnOnce(&mut Form)) {
        self.remember(what);
        self.form.update(change);
    }

    /// Changes words of a question.
    pub fn write_question(self, what: &str, which: &Which, change: impl FnOnce(&mut Question)) {
        // A tick is a step of its own.
        let what = if what.is_empty() { String::new() } else { format!("{}/{what}", which.id()) };
        self.write(&what, |form| {
            if let Some(question) = edit::question_mut(form, which) {
                change(question);
            }
        });
    }

    /// Changes more than words: the middle is drawn anew.
    pub fn change(self, change: impl FnOnce(&mut Form, &mut Known)) {
        self.remember("");
        self.known.update_value(|known| self.form.update(|form| change(form, known)));
        self.drawn.update(|n| *n += 1);
    }

    /// Changes more than words of a question.
    pub fn change_question(self, which: &Which, change: impl FnOnce(&mut Question, &mut Known)) {
        self.change(|form, known| {
            if let Some(question) = edit::question_mut(form, which) {
                change(question, known);
            }
        });
    }

    /// Changes what stands beside the definition.
    pub fn set(self, change: impl FnOnce(&mut Settings)) {
        self.write_settings("", change);
    }

    /// Changes words that stand beside the definition; `what` is typed is one step.
    pub fn write_settings(self, what: &str, change: impl FnOnce(&mut Settings)) {
        self.remember(what);
        self.settings.update(change);
    }

    /// Sets the title; the staff's name follows while it is the same.
    pub fn set_title(self, title: String) {
        self.remember("title");
        let before: String = self.form.with_untracked(|f| f.title.chars().take(NAME_MAX).collect());
        if self.name.with_untracked(|name| *name == before || name.trim().is_empty()) {
            self.name.set(title.chars().take(NAME_MAX).collect());
        }
        self.form.update(|form| form.title = title);
    }

    /// Sets what staff call it.
    pub fn set_name(self, name: String) {
        self.remember("name");
        self.name.set(name);
    }

    /// The question, now.
    pub fn question(self, which: &Which) -> Option<Question> {
        self.form.with_untracked(|form| edit::question(form, which).cloned())
    }

    /// Something of a question, followed.
    pub fn of<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        which: &Which,
        get: impl Fn(&Question) -> T + Send + Sync + 'static,
        otherwise: T,
    ) -> Signal<T> {
        let which = which.clone();
        let found =
            Memo::new(move |_| self.form.with(|form| edit::question(form, &which).map(&get)));
        Signal::derive(move || found.get().unwrap_or_else(|| otherwise.clone()))
    }

    /// Something of the form, followed.
    pub fn read<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        get: impl Fn(&Form) -> T + Send + Sync + 'static,
    ) -> Signal<T> {
        Memo::new(move |_| self.form.with(&get)).into()
    }

    /// Chooses what is edited, and brings focus to its heading.
    pub fn choose(self, target: Target) {
        self.typing.set_value(String::new());
        self.chosen.set(target);
        focus_soon("edited".into());
    }

    /// Adds a question of a kind behind what is chosen.
    pub fn add(self, to: &Row, kind: &str) {
        let at = self.form.with_untracked(|form| match self.chosen.get_untracked() {
            Target::Question(which) => match edit::place(form, &which) {
                Some((row, i)) if row == *to => i + 1,
                _ => usize::MAX,
            },
            _ => usize::MAX,
        });
        let mut added = None;
        self.change(|form, known| added = edit::add(form, to, at, kind, known));
        if let Some(which) = added {
            self.choose(Target::Question(which));
            focus_soon("b-label".into());
        }
    }

    /// Takes a question away, with a way back.
    pub fn remove(self, which: &Which) {
        let next = self.form.with_untracked(|form| {
            let (row, i) = edit::place(form, which)?;
            let list = edit::row(form, &row);
            let beside = list.get(i + 1).or_else(|| list.get(i.checked_sub(1)?));
            Some(match (beside, &which.group, which.staff, row.clone()) {
                (Some(q), ..) => Target::Question(row.which(q.key.clone())),
                (None, Some(group), ..) => Target::Question(Which::asked(group.clone())),
                (None, None, true, _) => Target::Statuses,
                (None, None, false, Row::Page(page)) => Target::Page(page),
                _ => Target::Head,
            })
        });
        self.change(|form, _| drop(edit::remove(form, which)));
        self.choose(next.unwrap_or(Target::Head));
        self.offers.passing("質問を消しました", "元にもどす", move || self.undo());
    }

    /// The same once more, behind it.
    pub fn copy(self, which: &Which) {
        let mut twin = None;
        self.change(|form, known| twin = edit::copy(form, which, known));
        if let Some(twin) = twin {
            self.choose(Target::Question(twin));
            self.toasts.say("質問を複製しました");
        }
    }

    /// Moves a question one place.
    pub fn shift(self, which: &Which, up: bool) {
        let mut moved = false;
        self.remember("");
        self.form.update(|form| moved = edit::shift(form, which, up));
        if moved {
            let at = self.form.with_untracked(|f| edit::number(f, which).unwrap_or(0));
            self.toasts.say(format!("{at}番目に動かしました"));
        } else {
            self.past.update(|past| drop(past.pop()));
        }
    }

    /// Something can be taken back.
    pub fn can_undo(self) -> Signal<bool> {
        Signal::derive(move || self.past.with(|p| !p.is_empty()))
    }

    /// Something was taken back.
    pub fn can_redo(self) -> Signal<bool> {
        Signal::derive(move || self.future.with(|p| !p.is_empty()))
    }

    fn travel(
        self,
        from: RwSignal<Vec<(Written, Target)>>,
        to: RwSignal<Vec<(Written, Target)>>,
        said: &'static str,
    ) {
        let Some((written, target)) = from.try_update(Vec::pop).flatten() else { return };
        self.offers.withdraw();
        let now = (self.written_now(), self.chosen.get_untracked());
        to.update(|list| list.push(now));
        self.typing.set_value(String::new());
        self.name.set(written.name);
        self.form.set(written.form);
        self.settings.set(written.settings);
        self.chosen.set(target);
        self.drawn.update(|n| *n += 1);
        self.toasts.say(said);
    }

    /// Takes the last step back.
    pub fn undo(self) {
        self.travel(self.past, self.future, "1つ前にもどしました");
    }

    /// Does again what was taken back.
    pub fn redo(self) {
        self.travel(self.future, self.past, "やり直しました");
    }

    /// What is found at a question, page or part: whether anything, and whether it blocks.
    pub fn found(self, target: &Target) -> Option<bool> {
        self.findings.with(|all| {
            self.form.with_untracked(|form| {
                let here = all.iter().filter(|f| edit::target(form, &f.at).0 == *target);
                here.map(|f| f.blocks).reduce(|a, b| a || b)
            })
        })
    }

    /// What is wrong at a field of what is edited; `rest` is the pointer within it.
    pub fn error_at(self, target: Target, rest: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.findings.with(|all| {
                self.form.with_untracked(|form| {
                    let found = all.iter().find(|f| {
                        f.blocks && edit::target(form, &f.at) == (target.clone(), rest.to_owned())
                    });
                    found.map(|f| f.message.clone())
                })
            })
        })
    }
}

/// The icon of a kind.
pub fn icon(ask: &str) -> IconName {
    match ask {
        "one" => IconName::Check,
        "many" | "matrix" => IconName::List,
        "tree" => IconName::Building,
        "year" | "date" => IconName::Calendar,
        "time" => IconName::Clock,
        "text" | "long_text" => IconName::Text,
        "number" | "scale" => IconName::Chart,
        "name" => IconName::Person,
        "address" | "place" => IconName::Pin,
        "telephone" => IconName::Phone,
        "mail" => IconName::Send,
        "photo" => IconName::Camera,
        "file" => IconName::Document,
        "group" => IconName::Copy,
        "calculation" => IconName::Yen,
        "consent" => IconName::Shield,
        _ => IconName::Bubble,
    }
}

/// 「（質問の文がありません）」 instead of nothing.
pub fn label(question: &Question) -> String {
    match (&question.ask, question.label.trim()) {
        (Ask::Explanation { text }, "") if !text.trim().is_empty() => {
            text.chars().take(24).collect()
        }
        (_, "") => "（質問の文がありません）".into(),
        (_, label) => label.to_owned(),
    }
}
