//! Random edits of a form, as the builder makes them.

use super::Dice;
use crate::form::definition::{Ask, Form, Opt, Question};
use crate::form::edit::{self, Known, Row, Which};
use crate::form::kinds::KINDS;

/// The same form after some edits of a seed, as its next version: questions are taken away,
/// added, copied, moved and turned into other kinds, also within groups; options come, go and
/// get other words; groups get shorter or longer.
pub fn edited(form: &Form, seed: u64) -> Form {
    let (mut dice, mut form) = (Dice::new(seed), form.clone());
    let mut known = Known::of([&form]);
    for _ in 0..1 + dice.below(8) {
        change(&mut dice, &mut form, &mut known);
    }
    form.version = form.version.wrapping_add(1);
    form
}

fn change(dice: &mut Dice, form: &mut Form, known: &mut Known) {
    let mut all: Vec<Which> = Vec::new();
    for question in form.questions() {
        all.push(Which::asked(question.key.clone()));
        let row = Row::Group(question.key.clone());
        all.extend(question.inner().iter().map(|inner| row.which(inner.key.clone())));
    }
    let kind = dice.of(&KINDS).map_or("text", |(name, _)| *name);
    let page = Row::Page(dice.below(form.pages.len()));
    let Some(which) = dice.of(&all).cloned() else {
        edit::add(form, &page, 0, kind, known);
        return;
    };
    match dice.below(7) {
        0 => drop(edit::remove(form, &which)),
        1 => {
            let group = which.group.clone().map(Row::Group);
            edit::add(form, &group.unwrap_or(page), dice.below(5), kind, known);
        }
        2 => drop(edit::copy(form, &which, known)),
        3 => {
            edit::put(form, &which, &page, dice.below(5));
        }
        4 if which.group.is_none() || kind != "group" => {
            let turned = edit::question(form, &which).and_then(|q| edit::turned(q, kind, known));
            if let (Some(turned), Some(question)) = (turned, edit::question_mut(form, &which)) {
                *question = turned;
            }
        }
        _ => {
            if let Some(question) = edit::question_mut(form, &which) {
                bounds(dice, question, known);
            }
        }
    }
}

/// Other options, or another number of items.
fn bounds(dice: &mut Dice, question: &mut Question, known: &mut Known) {
    let key = known.option_key(&question.key);
    let options = match &mut question.ask {
        Ask::Group { min, max, .. } => {
            (*min, *max) = (0, 1 + dice.below(5) as u8);
            return;
        }
        Ask::Matrix { rows, columns, .. } => Some(if dice.once_in(2) { rows } else { columns }),
        ask => edit::options_mut(ask),
    };
    let Some(options) = options else { return };
    let place = dice.below(options.len());
    match (dice.below(3), options.get_mut(place)) {
        (0, Some(_)) => drop(options.remove(place)),
        (1, Some(option)) => option.label.push_str("（新）"),
        _ => options.push(Opt { key, label: "新しい選択肢".into(), ..Opt::default() }),
    }
}
