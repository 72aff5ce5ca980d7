//! Whether questions can be reached at all: the linter's reasoning about conditions.
//!
//! For the questions that a condition depends on, all answers that make a difference are
//! tried: every option that is named and one that is not, and for numbers and dates the
//! values at and beside every bound. What cannot be decided so (formulas, texts, items of
//! groups) counts as possible both ways, so that nothing is called impossible that is not.

use crate::attribute::YEAR_MIN;
use crate::audience::Day;
use crate::form::answer::{Answer, Values};
use crate::form::condition::{Condition, Scope};
use crate::form::decimal::Decimal;
use crate::form::definition::{Ask, Form, Question};
use crate::form::{NOWHERE, OTHER};
use crate::time::Date;
use std::collections::BTreeSet;

/// Most answers that are tried for one condition; beyond them nothing is said.
const TRIES_MAX: usize = 20_000;
const SUBSETS_OF_MAX: usize = 8;
const COUNTED_MAX: usize = 6;
/// Any day: what is relative to today is tried relative to it.
const TODAY: Date = Date { year: 2026, month: 6, day: 15 };

/// What can come of a condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Possible {
    pub yes: bool,
    pub no: bool,
}

pub(super) struct Logic<'a> {
    pub form: &'a Form,
    /// Every question before which page, in order.
    order: Vec<(usize, &'a Question)>,
    /// All conditions of the form.
    conditions: Vec<&'a Condition>,
}

/// One search through the answers that matter.
struct Search<'a, 'b> {
    logic: &'b Logic<'a>,
    asked: Vec<(usize, &'a Question)>,
    stops: bool,
    tries: usize,
    /// Called at the end of every way: nothing more to look for if true.
    found: &'b mut dyn FnMut(&Scope<'_>) -> bool,
}

struct TooMany;

impl<'a> Logic<'a> {
    pub fn new(form: &'a Form) -> Self {
        let order: Vec<_> = form
            .pages
            .iter()
            .enumerate()
            .flat_map(|(p, page)| page.questions.iter().map(move |q| (p, q)))
            .collect();
        let mut conditions = Vec::new();
        for (_, question) in &order {
            conditions.extend(&question.show_if);
            conditions.extend(question.checks.iter().map(|c| &c.holds));
        }
        conditions.extend(form.pages.iter().flat_map(|p| p.stops.iter().map(|s| &s.when)));
        Self { form, order, conditions }
    }

    /// What can come of a condition that is looked at on a page; nothing if there are too
    /// many ways.
    pub fn possible(&self, condition: &Condition, page: usize) -> Option<Possible> {
        // Every way to the page, and if these are too many, without the stops before it:
        // then more seems possible than is.
        for stops in [true, false] {
            let mut possible = Possible::default();
            let mut found = |scope: &Scope<'_>| {
                match self.decide(condition, scope) {
                    Some(true) => possible.yes = true,
                    Some(false) => possible.no = true,
                    None => possible = Possible { yes: true, no: true },
                }
                possible.yes && possible.no
            };
            if self.search(&condition.names(), page, stops, &mut found).is_ok() {
                return Some(possible);
            }
        }
        None
    }

    /// Whether a page can be reached past the stops before it.
    pub fn reached(&self, page: usize) -> bool {
        let mut reached = false;
        let mut found = |_: &Scope<'_>| {
            reached = true;
            true
        };
        self.search(&[], page, true, &mut found).is_err() || reached
    }

    /// Whether something can be sent: not every way ends at a stop that sends nothing.
    pub fn ends(&self) -> bool {
        let pages = self.form.pages.len();
        let mut ends = self.reached(pages);
        for (at, page) in self.form.pages.iter().enumerate() {
            let sending = page.stops.iter().filter(|s| s.send);
            ends = ends
                || sending
                    .into_iter()
                    .any(|stop| self.possible(&stop.when, at).is_none_or(|possible| possible.yes));
        }
        ends
    }

    /// The options of a question with which a check can never hold.
    pub fn dead_ends(&self, owner: &Question, check: &Condition) -> Vec<(String, String)> {
        let mut dead = Vec::new();
        let Some((page, _)) = self.order.iter().find(|(_, q)| q.key == owner.key) else {
            return dead;
        };
        let names: Vec<String> = [check.names(), vec![owner.key.clone()]].concat();
        let distinct: BTreeSet<&String> = names.iter().collect();
        for name in distinct {
            let Some((_, question)) = self.order.iter().find(|(_, q)| q.key == *name) else {
                continue;
            };
            let Ask::One { options } = &question.ask else { continue };
            for option in options {
                let (mut chosen, mut passes) = (false, false);
                let mut found = |scope: &Scope<'_>| {
                    let here = matches!(scope.answer(name), Some(Answer::Chosen { keys, .. }) if keys.contains(&option.key));
                    chosen = chosen || here;
                    let through = scope.answer(&owner.key).is_none()
                        || self.decide(check, scope) != Some(false);
                    passes = passes || (here && through);
                    passes
                };
                // Options that no condition names are alike; the first of them is tried.
                let searched = self.search(&names, *page, true, &mut found);
                if searched.is_ok() && chosen && !passes {
                    dead.push((question.key.clone(), option.key.clone()));
                }
            }
        }
        dead
    }

    fn named(&self, key: &str) -> impl Iterator<Item = &'a Condition> {
        let mut atoms = Vec::new();
        for condition in &self.conditions {
            gather(condition, key, &mut atoms);
        }
        atoms.into_iter()
    }

    fn search(
        &self,
        names: &[String],
        page: usize,
        stops: bool,
        found: &mut dyn FnMut(&Scope<'_>) -> bool,
    ) -> Result<(), TooMany> {
        let mut keys: BTreeSet<String> = names.iter().cloned().collect();
        if stops {
            let before = self.form.pages.iter().take(page).flat_map(|p| &p.stops);
            keys.extend(before.flat_map(|s| s.when.names()));
        }
        // What they depend on lies before them, so once from the last to the first is enough.
        for (_, question) in self.order.iter().rev() {
            if keys.contains(&question.key) {
                keys.extend(question.show_if.iter().flat_map(Condition::names));
            }
        }
        let asked = self.order.iter().filter(|(_, q)| keys.contains(&q.key)).copied().collect();
        let mut search = Search { logic: self, asked, stops, tries: 0, found };
        search.go(0, 0, page, &mut Values::new()).map(|_| ())
    }

    /// Three-valued: nothing if it cannot be decided here.
    fn decide(&self, condition: &Condition, scope: &Scope<'_>) -> Option<bool> {
        match condition {
            Condition::All(list) => {
                let all: Vec<_> = list.iter().map(|c| self.decide(c, scope)).collect();
                if all.contains(&Some(false)) {
                    Some(false)
                } else {
                    (!all.contains(&None)).then_some(true)
                }
            }
            Condition::Any(list) => {
                let any: Vec<_> = list.iter().map(|c| self.decide(c, scope)).collect();
                if any.contains(&Some(true)) {
                    Some(true)
                } else {
                    (!any.contains(&None)).then_some(false)
                }
            }
            Condition::Not(not) => self.decide(not, scope).map(|holds| !holds),
            Condition::Holds(_) => None,
            Condition::Is { question, .. }
            | Condition::Number { question, .. }
            | Condition::Date { question, .. }
            | Condition::Count { question, .. }
            | Condition::Text { question, .. }
            | Condition::Answered(question) => {
                // What is not in the search's order (groups' own questions, deleted ones) is unknown.
                let (_, asked) = self.order.iter().find(|(_, q)| q.key == *question)?;
                if matches!(asked.ask, Ask::Calculation { .. } | Ask::Group { .. }) {
                    return None;
                }
                if scope.answer(question).is_none() {
                    return Some(false);
                }
                let decidable = match condition {
                    Condition::Text { .. } => false,
                    Condition::Count { .. } => {
                        matches!(&asked.ask, Ask::Many { options } if options.len() <= COUNTED_MAX)
                    }
                    Condition::Date { .. } => self.days(question).is_some(),
                    _ => true,
                };
                decidable.then(|| condition.holds(scope))
            }
        }
    }

    /// The days of all conditions on a date, as they are today; nothing if fixed ones and
    /// ones relative to today meet.
    fn days(&self, key: &str) -> Option<Vec<Date>> {
        let all: Vec<Day> = self
            .named(key)
            .flat_map(|c| match c {
                Condition::Date { from, to, .. } => [*from, *to],
                _ => [None, None],
            })
            .flatten()
            .collect();
        let fixed = all.iter().filter(|d| d.is_fixed()).count();
        (fixed == 0 || fixed == all.len()).then(|| all.iter().map(|d| d.date(TODAY)).collect())
    }

    /// The answers to a question that make a difference; nothing if they are too many.
    fn candidates(&self, question: &Question) -> Option<Vec<Answer>> {
        let key = &question.key;
        let named: BTreeSet<&String> = self
            .named(key)
            .filter_map(|c| match c {
                Condition::Is { any_of, .. } => Some(any_of),
                _ => None,
            })
            .flatten()
            .collect();
        let chosen = |keys: Vec<String>| {
            let other = keys.iter().any(|k| k == OTHER).then(|| "x".to_owned());
            Answer::Chosen { keys, other }
        };
        Some(match &question.ask {
            Ask::One { options } => {
                let rest = options.iter().find(|o| !named.contains(&o.key));
                let tried = options.iter().filter(|o| named.contains(&o.key)).chain(rest);
                tried.map(|o| chosen(vec![o.key.clone()])).collect()
            }
            Ask::Many { options } => {
                let counted = self.named(key).any(|c| matches!(c, Condition::Count { .. }));
                let matters =
                    |key: &String| named.contains(key) || (counted && options.len() <= COUNTED_MAX);
                let rest = options.iter().find(|o| !matters(&o.key));
                let tried: Vec<_> =
                    options.iter().filter(|o| matters(&o.key)).chain(rest).collect();
                if tried.len() > SUBSETS_OF_MAX {
                    return None;
                }
                let subset = |bits: u32| {
                    let of = tried.iter().enumerate().filter(|(i, _)| bits & (1 << i) != 0);
                    chosen(of.map(|(_, o)| o.key.clone()).collect())
                };
                (1..1u32 << tried.len()).map(subset).collect()
            }
            Ask::Tree { options } => {
                let tried = options.iter().filter(|o| named.contains(&o.key));
                let tried = tried.map(|o| Answer::Area(o.key.clone()));
                tried.chain([Answer::Area(NOWHERE.into())]).collect()
            }
            Ask::Number { min, max, step, .. } => {
                let step = step.filter(|s| *s > Decimal::ZERO).unwrap_or_else(|| Decimal::small(1));
                self.numbers(key, *min, *max, step).into_iter().map(Answer::Number).collect()
            }
            Ask::Scale { from, to, .. } => {
                let (from, to) = (Decimal::small(*from), Decimal::small(*to));
                let tried = self.numbers(key, Some(from), Some(to), Decimal::small(1));
                tried.into_iter().map(Answer::Number).collect()
            }
            Ask::Year { from, to } => {
                let (from, to) = (Decimal::small(*from), Decimal::small(*to));
                let tried = self.numbers(key, Some(from), Some(to), Decimal::small(1));
                let year = |n: Decimal| n.as_whole().and_then(|n| i32::try_from(n).ok());
                tried.into_iter().filter_map(year).map(Answer::Year).collect()
            }
            Ask::Date { .. } => {
                let mut days: BTreeSet<i64> = BTreeSet::from([TODAY.days()]);
                for day in self.days(key).unwrap_or_default() {
                    days.extend([day.days() - 1, day.days(), day.days() + 1]);
                }
                let first = Date { year: YEAR_MIN, month: 1, day: 1 }.days();
                let days = days.into_iter().filter(|d| *d >= first);
                days.map(|d| Answer::Date(Date::from_days(d))).collect()
            }
            Ask::Consent { .. } => vec![Answer::Agreed],
            Ask::Explanation { .. } | Ask::Group { .. } | Ask::Calculation { .. } => Vec::new(),
            // That it is answered is all that can matter here.
            _ => vec![Answer::Text("x".into())],
        })
    }

    /// Numbers at and beside every bound, on the steps and within the limits.
    fn numbers(
        &self,
        key: &str,
        min: Option<Decimal>,
        max: Option<Decimal>,
        step: Decimal,
    ) -> Vec<Decimal> {
        let bounds = self.named(key).flat_map(|c| match c {
            Condition::Number { at_least, at_most, .. } => [*at_least, *at_most],
            _ => [None, None],
        });
        let base = min.unwrap_or_default();
        let mut tried = BTreeSet::new();
        for bound in bounds.flatten().chain([min.or(max).unwrap_or_default()]).chain(max) {
            let steps = bound.minus(base).and_then(|away| away.over(step));
            let Some(at) = steps.and_then(|s| s.floor(0).as_whole()) else { continue };
            for k in at - 2..=at + 2 {
                let n = Decimal::whole(k).and_then(|k| k.times(step)).and_then(|n| n.plus(base));
                tried.extend(
                    n.filter(|n| min.is_none_or(|m| *n >= m) && max.is_none_or(|m| *n <= m)),
                );
            }
        }
        tried.into_iter().collect()
    }
}

/// The conditions on one question within a condition.
fn gather<'a>(condition: &'a Condition, key: &str, to: &mut Vec<&'a Condition>) {
    match condition {
        Condition::All(list) | Condition::Any(list) => {
            list.iter().for_each(|c| gather(c, key, to));
        }
        Condition::Not(not) => gather(not, key, to),
        other => {
            if other.names().first().is_some_and(|name| name == key) {
                to.push(other);
            }
        }
    }
}

impl Search<'_, '_> {
    /// Whether nothing more is to look for.
    fn go(
        &mut self,
        next: usize,
        page: usize,
        target: usize,
        values: &mut Values,
    ) -> Result<bool, TooMany> {
        self.tries += 1;
        if self.tries > TRIES_MAX {
            return Err(TooMany);
        }
        let form = self.logic.form;
        // Pages that are done before the next question: their stops may end this way.
        let now = self.asked.get(next).map_or(target, |(p, _)| (*p).min(target));
        if self.stops && page < now {
            let scope = Scope { form, values, item: None, today: TODAY };
            let passed = form.pages.iter().take(now).skip(page).flat_map(|p| &p.stops);
            let mut passed = passed.map(|s| self.logic.decide(&s.when, &scope));
            if passed.any(|holds| holds == Some(true)) {
                return Ok(false);
            }
        }
        let here = self.asked.get(next).filter(|(p, _)| *p <= target).copied();
        let Some((_, question)) = here else {
            let scope = Scope { form, values, item: None, today: TODAY };
            return Ok((self.found)(&scope));
        };
        let seen = {
            let scope = Scope { form, values, item: None, today: TODAY };
            question.show_if.as_ref().map_or(Some(true), |c| self.logic.decide(c, &scope))
        };
        if seen != Some(false) {
            let candidates = self.logic.candidates(question).ok_or(TooMany)?;
            for answer in candidates {
                values.insert(question.key.clone(), answer);
                let done = self.go(next + 1, now, target, values);
                values.remove(&question.key);
                if done? {
                    return Ok(true);
                }
            }
        }
        // Groups are not tried; whatever asks of one is left undecided.
        let tried = question.ask.is_answered() && !matches!(question.ask, Ask::Group { .. });
        let open = !question.required || !tried;
        if seen != Some(true) || open {
            return self.go(next + 1, now, target, values);
        }
        Ok(false)
    }
}
