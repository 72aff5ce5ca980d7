//! A form being filled in: what was given, what is to mend, and the field of each question.

use super::{Given, Group, cards, consent, field_id, field_name, files, free, parts, simple, tree};
use domain::form::inbox::FileOf;
use domain::form::{Answer, Answers, Ask, Question, Values};
use domain::problem::Problem;
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What fields are drawn from. Nothing here follows a signal.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// What was given, by name.
    pub answers: Answers,
    /// What is to mend, `at` a name.
    pub problems: Vec<Problem>,
    /// What counts, for what is worked out.
    pub values: Values,
    /// The names that are seen; nothing: all of them.
    pub seen: Option<BTreeSet<String>>,
    /// How many items of a group are open, by its name.
    pub items: BTreeMap<String, usize>,
    /// What was uploaded.
    pub files: Vec<FileOf>,
    /// Where files are fetched from; empty: nowhere, as in a preview.
    pub files_at: String,
    /// Where a page without a script sends them, with all that was typed.
    pub upload_to: String,
    /// Whether postcodes can be looked up.
    pub postcodes: bool,
    /// From what a place is shown on a map; nothing: it is told in words and numbers.
    pub map: Option<MapFrom>,
    /// The choice in a tree that is none of its places.
    pub nowhere: String,
}

/// The tiles of a map, and where it opens.
#[derive(Clone, Debug)]
pub struct MapFrom {
    /// An address with `{z}`, `{x}` and `{y}`.
    pub tiles: String,
    /// Latitude and longitude; nothing: all of Japan.
    pub center: Option<(f64, f64)>,
}

impl Sheet {
    pub(super) fn given(&self, path: &str) -> Given {
        Given { name: field_name(path), keys: self.answers.get(path).cloned().unwrap_or_default() }
    }

    /// The one word under a name.
    pub(super) fn word(&self, path: &str) -> String {
        self.answers.get(path).and_then(|w| w.first()).cloned().unwrap_or_default()
    }

    pub(super) fn error(&self, path: &str) -> Option<String> {
        self.problems.iter().find(|p| p.at == path).map(|p| p.message.clone())
    }

    pub(super) fn group(&self, question: &Question, path: &str) -> Group {
        Group {
            id: field_id(path),
            label: question.label.clone(),
            hint: question.hint.clone(),
            required: question.required,
            note: "",
            error: self.error(path),
        }
    }

    fn is_seen(&self, path: &str) -> bool {
        self.seen.as_ref().is_none_or(|seen| seen.contains(path))
    }

    /// The indices of a group's items that have a field, in order.
    pub(super) fn indices(&self, key: &str, min: u8, max: u8) -> Vec<usize> {
        let prefix = format!("{key}.");
        let written = self
            .answers
            .keys()
            .filter_map(|name| name.strip_prefix(&prefix)?.split_once('.')?.0.parse().ok());
        let last = written.map(|i: usize| i + 1).max().unwrap_or(0);
        let open = self.items.get(key).copied().unwrap_or(0);
        (0..last.max(open).max(usize::from(min)).min(usize::from(max))).collect()
    }

    /// What was worked out for a name: `total`, `children.0.fee`.
    pub(super) fn worked_out(&self, path: &str) -> Option<&Answer> {
        let Some((group, rest)) = path.split_once('.') else { return self.values.get(path) };
        let (index, inner) = rest.split_once('.')?;
        let index: usize = index.parse().ok()?;
        let Answer::Group(items) = self.values.get(group)? else { return None };
        // Items of which nothing is written are not among the values.
        let prefix = format!("{group}.");
        let begun: BTreeSet<usize> = self
            .answers
            .iter()
            .filter(|(_, words)| words.iter().any(|w| !w.trim().is_empty()))
            .filter_map(|(name, _)| {
                name.strip_prefix(&prefix)?.split_once('.')?.0.parse::<usize>().ok()
            })
            .collect();
        items.get(begun.iter().position(|i| *i == index)?)?.get(inner)
    }
}

/// The field of a question whose answer stands under `path`. What is not seen is there, and
/// hidden: where a script runs it is shown at once.
pub fn field(sheet: &Sheet, question: &Question, path: &str) -> AnyView {
    let hidden = !sheet.is_seen(path);
    view! {
        <div class="form-item" data-field=path.to_owned() hidden=hidden>
            {controls(sheet, question, path)}
        </div>
    }
    .into_any()
}

/// The same without what stands around it.
pub(super) fn controls(sheet: &Sheet, question: &Question, path: &str) -> AnyView {
    let group = sheet.group(question, path);
    let given = sheet.given(path);
    match &question.ask {
        Ask::Consent { text, more } => consent(group, &given, text.clone(), more.clone()),
        Ask::Year { from, to } => free::year(group, &given, *from, *to),
        Ask::Date { from, to } => free::date(group, &given, *from, *to),
        Ask::Text { max } => free::text(group, &given, *max),
        Ask::One { options } => {
            let cards = cards(&given, options.clone(), "radio");
            let other = simple::other(sheet, options, path);
            group.view(view! { {cards} {other} }.into_any())
        }
        Ask::Many { options } => {
            let cards = cards(&given, options.clone(), "checkbox");
            let other = simple::other(sheet, options, path);
            Group { note: "いくつでも", ..group }.view(view! { {cards} {other} }.into_any())
        }
        Ask::Tree { options } => {
            let nowhere = if sheet.nowhere.is_empty() {
                "ここにはない"
            } else {
                sheet.nowhere.as_str()
            };
            let nowhere = if question.required {
                nowhere.to_owned()
            } else {
                format!("{nowhere}、または答えない")
            };
            let tree = tree(&given, &group.id, options, nowhere);
            group.view(tree)
        }
        Ask::LongText { max } => simple::long_text(group, &given, *max),
        Ask::Number { unit, step, .. } => {
            simple::number(group, &given, unit, step.is_some_and(|s| s.as_whole().is_none()))
        }
        Ask::Time { step } => simple::time(group, &given, *step),
        Ask::Scale { from, to, low, high } => simple::scale(group, &given, *from, *to, low, high),
        Ask::Telephone {} => simple::telephone(group, &given),
        Ask::Mail {} => simple::mail(group, &given),
        Ask::Matrix { rows, columns, many } => {
            parts::matrix(sheet, group, path, rows, columns, *many)
        }
        Ask::Name { kana } => parts::name(sheet, group, path, *kana),
        Ask::Address {} => parts::address(sheet, group, path),
        Ask::Place {} => parts::place(sheet, group, path),
        Ask::Photo { max, position } => files::photo(sheet, group, path, *max, *position),
        Ask::File { max, types, megabytes } => {
            files::file(sheet, group, path, *max, types, *megabytes)
        }
        Ask::Group { item, min, max, questions } => {
            parts::group(sheet, group, path, item, *min, *max, questions)
        }
        Ask::Calculation { .. } => simple::calculation(sheet, question, path),
        Ask::Explanation { text } => simple::explanation(question, text),
    }
}
