//! What questions refer to: whether it is there, fits, and can be reached.

use super::logic::Logic;
use super::{Lint, NO_DAY};
use crate::form::condition::{Condition, Scope};
use crate::form::definition::{Ask, Form, Question};
use crate::form::expression::{Expression, Type};
use crate::form::{NOWHERE, Values};
use std::collections::BTreeMap;

const NO_VALUES: &Values = &BTreeMap::new();

impl Lint<'_> {
    /// References, types, and what can be reached.
    pub(super) fn logic(&mut self) {
        let mut before: Vec<&str> = Vec::new();
        let mut sound = true;
        let form = self.form;
        for (p, page) in form.pages.iter().enumerate() {
            for (i, question) in page.questions.iter().enumerate() {
                let at = format!("/pages/{p}/questions/{i}");
                sound &= self.refers(&at, question, None, &before);
                for (j, inner) in question.inner().iter().enumerate() {
                    let at = format!("{at}/ask/questions/{j}");
                    let siblings = question.inner().iter().take(j).map(|q| q.key.as_str());
                    let before: Vec<&str> = before.iter().copied().chain(siblings).collect();
                    sound &= self.refers(&at, inner, Some(question), &before);
                }
                before.push(&question.key);
            }
            for (s, stop) in page.stops.iter().enumerate() {
                let at = format!("/pages/{p}/stops/{s}/when");
                sound &= self.condition(&at, &stop.when, None, &before);
            }
        }
        let mut staff = Vec::new();
        let for_staff = form.for_staff();
        let mut inner = Lint { form: &for_staff, own: self.own, found: Vec::new() };
        for (i, question) in for_staff.questions().enumerate() {
            inner.refers(&format!("/staff/{i}"), question, None, &staff);
            staff.push(question.key.as_str());
        }
        self.found.extend(inner.found);
        if sound {
            self.reach();
        }
    }

    /// Whether all that a question refers to is there.
    fn refers(
        &mut self,
        at: &str,
        question: &Question,
        group: Option<&Question>,
        before: &[&str],
    ) -> bool {
        let mut fine = true;
        if let Some(condition) = &question.show_if {
            fine &= self.condition(&format!("{at}/show_if"), condition, group, before);
        }
        if let Ask::Calculation { formula, .. } = &question.ask {
            fine &=
                self.formula(&format!("{at}/ask/formula"), formula, Type::Number, group, before);
        }
        let own: Vec<&str> = before.iter().copied().chain([question.key.as_str()]).collect();
        for (i, check) in question.checks.iter().enumerate() {
            fine &= self.condition(&format!("{at}/checks/{i}/holds"), &check.holds, group, &own);
        }
        fine
    }

    fn known(&mut self, at: &str, names: &[String], before: &[&str]) -> bool {
        let mut fine = true;
        for name in names.iter().filter(|n| !before.contains(&n.as_str())) {
            fine = false;
            match self.form.question(name) {
                Some(q) => self.block(
                    at,
                    format!(
                        "「{}」は、この質問よりあとにあります。前にある質問だけを使えます",
                        q.label
                    ),
                ),
                None => self.block(
                    at,
                    format!("条件に使っている質問「{name}」がありません。選びなおしてください"),
                ),
            }
        }
        fine
    }

    fn formula(
        &mut self,
        at: &str,
        formula: &Expression,
        wanted: Type,
        group: Option<&Question>,
        before: &[&str],
    ) -> bool {
        if !self.known(at, &formula.names(), before) {
            return false;
        }
        let item = group.map(|g| (g, NO_VALUES));
        let scope = Scope { form: self.form, values: NO_VALUES, item, today: NO_DAY };
        match formula.type_of(&scope) {
            Ok(found) if found == wanted => true,
            Ok(found) => {
                self.block(
                    at,
                    format!(
                        "計算の答えが{}です。{}になる式にしてください",
                        found.words(),
                        wanted.words()
                    ),
                );
                false
            }
            Err(words) => {
                self.block(at, words);
                false
            }
        }
    }

    fn condition(
        &mut self,
        at: &str,
        condition: &Condition,
        group: Option<&Question>,
        before: &[&str],
    ) -> bool {
        let item = group.map(|g| (g, NO_VALUES));
        let scope = Scope { form: self.form, values: NO_VALUES, item, today: NO_DAY };
        match condition {
            Condition::All(list) | Condition::Any(list) => {
                if list.is_empty() {
                    self.block(at, "条件が空です。選ぶか、消してください");
                    return false;
                }
                let fine: Vec<bool> =
                    list.iter().map(|c| self.condition(at, c, group, before)).collect();
                fine.into_iter().all(|f| f)
            }
            Condition::Not(not) => self.condition(at, not, group, before),
            Condition::Holds(formula) => self.formula(at, formula, Type::Truth, group, before),
            other => {
                if !self.known(at, &other.names(), before) {
                    return false;
                }
                let Some(asked) = other.names().first().and_then(|n| scope.question(n)) else {
                    return false;
                };
                let words = match (other, &asked.ask) {
                    (Condition::Answered(_), _) => None,
                    (
                        Condition::Is { any_of, .. },
                        Ask::One { options } | Ask::Many { options } | Ask::Tree { options },
                    ) => any_of
                        .iter()
                        .find(|k| !options.iter().any(|o| o.key == **k) && **k != NOWHERE)
                        .map(|k| {
                            format!(
                                "「{}」に選択肢「{k}」はありません。選びなおしてください",
                                asked.label
                            )
                        })
                        .or_else(|| {
                            any_of.is_empty().then(|| "条件の選択肢が空です。選んでください".into())
                        }),
                    (Condition::Is { .. }, Ask::Consent { .. }) => None,
                    (
                        Condition::Number { at_least, at_most, .. },
                        Ask::Number { .. }
                        | Ask::Scale { .. }
                        | Ask::Year { .. }
                        | Ask::Calculation { .. },
                    ) => matches!((at_least, at_most), (Some(a), Some(b)) if a > b)
                        .then(|| "数の範囲が逆です".into()),
                    (Condition::Date { .. }, Ask::Date { .. }) => None,
                    (
                        Condition::Count { .. },
                        Ask::Many { .. } | Ask::Photo { .. } | Ask::File { .. } | Ask::Group { .. },
                    ) => None,
                    (
                        Condition::Text { .. },
                        Ask::Text { .. } | Ask::LongText { .. } | Ask::Telephone {} | Ask::Mail {},
                    ) => None,
                    (_, ask) => Some(format!(
                        "「{}」（{}）には、この条件は使えません",
                        asked.label,
                        ask.words()
                    )),
                };
                if let Some(words) = words {
                    self.block(at, words);
                    return false;
                }
                true
            }
        }
    }

    fn reach(&mut self) {
        let form = self.form;
        let logic = Logic::new(form);
        for (p, page) in form.pages.iter().enumerate() {
            if p > 0 && !logic.reached(p) {
                self.block(format!("/pages/{p}"), format!("{}ページ目に、どう答えてもたどりつきません。前のページの「ここで終わり」をたしかめてください", p + 1));
                break;
            }
            for (i, question) in page.questions.iter().enumerate() {
                let at = format!("/pages/{p}/questions/{i}");
                self.seen(&logic, p, &at, question);
                self.passed(&logic, p, &at, question, None);
                self.items(p, i);
            }
            for (s, stop) in page.stops.iter().enumerate() {
                if logic.possible(&stop.when, p).is_some_and(|possible| !possible.yes) {
                    self.note(
                        format!("/pages/{p}/stops/{s}/when"),
                        "この「ここで終わり」は、どう答えても起きません",
                    );
                }
            }
        }
        if !logic.ends() {
            self.block(
                "/pages",
                "どう答えても送れません。「ここで終わり」の条件をたしかめてください",
            );
        }
    }

    /// Whether a question can be seen, and whether it needs its condition.
    fn seen(&mut self, logic: &Logic<'_>, page: usize, at: &str, question: &Question) {
        let Some(condition) = &question.show_if else { return };
        let Some(possible) = logic.possible(condition, page) else { return };
        let (at, label) = (format!("{at}/show_if"), &question.label);
        if !possible.yes {
            self.block(
                at,
                format!("「{label}」は、どう答えても出ません。条件をたしかめてください"),
            );
        } else if !possible.no {
            self.note(at, format!("「{label}」は、いつも出ます。条件は要りません"));
        }
    }

    /// Whether a question's checks can hold, whatever is chosen. Within a group only its own
    /// choices matter: with others there may be no item.
    fn passed(
        &mut self,
        logic: &Logic<'_>,
        page: usize,
        at: &str,
        question: &Question,
        group: Option<&Question>,
    ) {
        for (c, check) in question.checks.iter().enumerate() {
            let at = format!("{at}/checks/{c}/holds");
            if logic.possible(&check.holds, page).is_some_and(|possible| !possible.yes) {
                self.block(at, format!("「{}」の確認は、どう答えても通りません", question.label));
                continue;
            }
            for (key, option) in logic.dead_ends(question, &check.holds) {
                if group.is_some_and(|group| group.inner().iter().all(|q| q.key != key)) {
                    continue;
                }
                let found = logic.form.question(&key);
                let label = found.map_or(key.as_str(), |q| &q.label);
                let option = found
                    .and_then(|q| q.ask.options().iter().find(|o| o.key == option))
                    .map_or(option.as_str(), |o| &o.label);
                self.block(
                    at.clone(),
                    format!("「{label}」で「{option}」を選ぶと、先にすすむ道がありません"),
                );
            }
        }
    }

    /// The same of what a group asks, each item by itself.
    fn items(&mut self, page: usize, place: usize) {
        let form = self.form;
        let group = &form.pages[page].questions[place];
        let ruled = |q: &Question| q.show_if.is_some() || !q.checks.is_empty();
        // A key that stands outside as well would mean two questions.
        let twice = |q: &Question| form.question(&q.key).is_some();
        if !group.inner().iter().any(ruled) || group.inner().iter().any(twice) {
            return;
        }
        let item = of_item(form, page, place);
        let logic = Logic::new(&item);
        for (j, inner) in group.inner().iter().enumerate() {
            let at = format!("/pages/{page}/questions/{place}/ask/questions/{j}");
            let asked = &item.pages[page].questions[place + j];
            if inner.show_if.is_some() {
                self.seen(&logic, page, &at, asked);
            }
            self.passed(&logic, page, &at, asked, Some(group));
        }
    }
}

/// The form as one item of a group meets it: what the group asks stands in its place.
fn of_item(form: &Form, page: usize, place: usize) -> Form {
    let mut form = form.clone();
    let group = form.pages[page].questions.remove(place);
    let shown = |inner: &Question| match (&group.show_if, &inner.show_if) {
        (Some(outer), Some(own)) => Some(Condition::All(vec![outer.clone(), own.clone()])),
        (outer, own) => own.clone().or_else(|| outer.clone()),
    };
    let asked = group.inner().iter().map(|q| Question { show_if: shown(q), ..q.clone() });
    form.pages[page].questions.splice(place..place, asked);
    form
}
