//! Edits of a definition, as the builder makes them (FORM-1). Whatever is edited, a key is
//! never used for something else: answers and drafts of former versions are found by it.

mod blank;
mod sentence;
mod target;

use super::definition::{Ask, Form, Opt, Page, Question, Stop};
use super::read::{GROUP_MAX, PAGES_MAX};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub use blank::{STATUSES, about_kind, blank, turned};
pub use sentence::{
    Branch, Joint, Leads, Operator, Sentence, branches, first_condition, nameable, operators,
};
pub use target::{Target, target};

/// The keys that this form or a version of it has used: none of them is given out again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    questions: BTreeSet<String>,
    /// By the question's key: those of its options, rows and columns.
    options: BTreeMap<String, BTreeSet<String>>,
    statuses: BTreeSet<String>,
}

impl Known {
    /// What these versions use.
    pub fn of<'a>(forms: impl IntoIterator<Item = &'a Form>) -> Self {
        let mut known = Self::default();
        for form in forms {
            known.learn(form);
        }
        known
    }

    /// What this one uses, too.
    pub fn learn(&mut self, form: &Form) {
        for question in form.questions().chain(&form.staff) {
            self.question(question);
            question.inner().iter().for_each(|inner| self.question(inner));
        }
        self.statuses.extend(form.statuses.iter().map(|s| s.key.clone()));
    }

    fn question(&mut self, question: &Question) {
        self.questions.insert(question.key.clone());
        let keys = self.options.entry(question.key.clone()).or_default();
        let lists: [&[Opt]; 2] = match &question.ask {
            Ask::Matrix { rows, columns, .. } => [rows, columns],
            ask => [ask.options(), &[]],
        };
        keys.extend(lists.iter().flat_map(|list| list.iter()).map(|o| o.key.clone()));
    }

    /// A key for a new question: `q1`, `q2`, …
    pub fn question_key(&mut self) -> String {
        free(&mut self.questions, "q")
    }

    /// A key for a new option, row or column of a question: `o1`, `o2`, …
    pub fn option_key(&mut self, question: &str) -> String {
        free(self.options.entry(question.to_owned()).or_default(), "o")
    }

    /// A key for a new state of answers: `s1`, `s2`, …
    pub fn status_key(&mut self) -> String {
        free(&mut self.statuses, "s")
    }
}

/// One beyond the greatest number behind the stem.
fn free(taken: &mut BTreeSet<String>, stem: &str) -> String {
    let numbers = taken.iter().filter_map(|key| key.strip_prefix(stem)?.parse::<u64>().ok());
    let key = format!("{stem}{}", numbers.max().unwrap_or(0).saturating_add(1));
    taken.insert(key.clone());
    key
}

/// A question of a form, whatever is moved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Which {
    /// One that only staff answer.
    pub staff: bool,
    /// Key of the group in which it stands.
    pub group: Option<String>,
    /// Its own key.
    pub key: String,
}

impl Which {
    /// One of the pages.
    pub fn asked(key: impl Into<String>) -> Self {
        Self { staff: false, group: None, key: key.into() }
    }

    /// As one word, unique in the form: for ids of elements.
    pub fn id(&self) -> String {
        let staff = if self.staff { "staff-" } else { "" };
        match &self.group {
            Some(group) => format!("{staff}{group}-{}", self.key),
            None => format!("{staff}{}", self.key),
        }
    }
}

/// Where questions stand in a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Row {
    /// On a page, from 0.
    Page(usize),
    /// In a group of the pages.
    Group(String),
    /// Among what only staff answer.
    Staff,
}

impl Row {
    /// The question of that key in this row.
    pub fn which(&self, key: impl Into<String>) -> Which {
        let group = match self {
            Self::Group(group) => Some(group.clone()),
            _ => None,
        };
        Which { staff: *self == Self::Staff, group, key: key.into() }
    }
}

/// The questions of a row; none where there is no such row.
pub fn row<'a>(form: &'a Form, row: &Row) -> &'a [Question] {
    match row {
        Row::Page(page) => form.pages.get(*page).map_or(&[], |p| &p.questions),
        Row::Group(key) => form.questions().find(|q| q.key == *key).map_or(&[], Question::inner),
        Row::Staff => &form.staff,
    }
}

fn row_mut<'a>(form: &'a mut Form, row: &Row) -> Option<&'a mut Vec<Question>> {
    match row {
        Row::Page(page) => form.pages.get_mut(*page).map(|p| &mut p.questions),
        Row::Group(key) => {
            let all = form.pages.iter_mut().flat_map(|p| &mut p.questions);
            all.filter(|q| q.key == *key).find_map(|q| match &mut q.ask {
                Ask::Group { questions, .. } => Some(questions),
                _ => None,
            })
        }
        Row::Staff => Some(&mut form.staff),
    }
}

/// In which row a question stands, and as which of it.
pub fn place(form: &Form, which: &Which) -> Option<(Row, usize)> {
    let at = |row: Row, list: &[Question]| {
        list.iter().position(|q| q.key == which.key).map(|i| (row, i))
    };
    if which.staff {
        return at(Row::Staff, &form.staff);
    }
    if let Some(group) = &which.group {
        let here = Row::Group(group.clone());
        return at(here.clone(), row(form, &here));
    }
    form.pages.iter().enumerate().find_map(|(i, page)| at(Row::Page(i), &page.questions))
}

/// The question.
pub fn question<'a>(form: &'a Form, which: &Which) -> Option<&'a Question> {
    let (here, index) = place(form, which)?;
    row(form, &here).get(index)
}

/// The question, to be changed; its key must stay.
pub fn question_mut<'a>(form: &'a mut Form, which: &Which) -> Option<&'a mut Question> {
    let (here, index) = place(form, which)?;
    row_mut(form, &here)?.get_mut(index)
}

/// The page on which a question stands, also one within a group.
pub fn page_of(form: &Form, which: &Which) -> Option<usize> {
    if which.staff {
        return None;
    }
    let outer = which.group.as_ref().unwrap_or(&which.key);
    form.pages.iter().position(|p| p.questions.iter().any(|q| q.key == *outer))
}

/// The number that officials read before a question: from 1 through all pages; those of a group
/// are counted by themselves.
pub fn number(form: &Form, which: &Which) -> Option<usize> {
    let (here, index) = place(form, which)?;
    let before = match here {
        Row::Page(page) => form.pages[..page].iter().map(|p| p.questions.len()).sum(),
        _ => 0,
    };
    Some(before + index + 1)
}

/// Whether a question of a kind can stand in a row: groups hold no groups, and staff neither
/// send files nor repeat questions in their own fields.
pub fn fits(row: &Row, kind: &str) -> bool {
    match row {
        Row::Page(_) => true,
        Row::Group(_) => kind != "group",
        Row::Staff => !matches!(kind, "photo" | "file" | "group"),
    }
}

/// Puts a new question of a kind into a row before the one that stands at `index`.
pub fn add(
    form: &mut Form,
    to: &Row,
    index: usize,
    kind: &str,
    known: &mut Known,
) -> Option<Which> {
    if !fits(to, kind) {
        return None;
    }
    let question = blank(kind, known)?;
    let which = to.which(question.key.clone());
    let list = row_mut(form, to)?;
    list.insert(index.min(list.len()), question);
    Some(which)
}

/// Takes a question away. Conditions on it stay, and the linter names them.
pub fn remove(form: &mut Form, which: &Which) -> Option<Question> {
    let (here, index) = place(form, which)?;
    let list = row_mut(form, &here)?;
    (index < list.len()).then(|| list.remove(index))
}

/// The same question once more, behind the first, with a key of its own.
pub fn copy(form: &mut Form, which: &Which, known: &mut Known) -> Option<Which> {
    let mut twin = question(form, which)?.clone();
    let (here, index) = place(form, which)?;
    twin.key = known.question_key();
    if let Ask::Group { questions, .. } = &mut twin.ask {
        // Conditions within the group follow their questions.
        let mut keys = BTreeMap::new();
        for inner in questions.iter_mut() {
            let key = known.question_key();
            keys.insert(std::mem::replace(&mut inner.key, key.clone()), key);
        }
        for inner in questions.iter_mut() {
            sentence::renamed(inner, &keys);
        }
    }
    let own = BTreeMap::from([(which.key.clone(), twin.key.clone())]);
    twin.checks.iter_mut().for_each(|check| sentence::rename(&mut check.holds, &own));
    let new = here.which(twin.key.clone());
    row_mut(form, &here)?.insert(index + 1, twin);
    Some(new)
}

/// Moves a question one place up or down; over the edge of a page onto the next.
pub fn shift(form: &mut Form, which: &Which, up: bool) -> bool {
    let Some((here, index)) = place(form, which) else { return false };
    let len = row(form, &here).len();
    let (to, at) = match (up, index, &here) {
        (true, 1.., _) => (here.clone(), index - 1),
        (false, _, _) if index + 1 < len => (here.clone(), index + 1),
        (true, _, Row::Page(page)) if *page > 0 => {
            (Row::Page(page - 1), form.pages[page - 1].questions.len())
        }
        (false, _, Row::Page(page)) if page + 1 < form.pages.len() => (Row::Page(page + 1), 0),
        _ => return false,
    };
    put(form, which, &to, at)
}

/// Moves a question to a place, counted without itself. Between pages only; groups and the
/// staff's keep their own.
pub fn put(form: &mut Form, which: &Which, to: &Row, index: usize) -> bool {
    let Some((here, _)) = place(form, which) else { return false };
    let pages = matches!((&here, to), (Row::Page(_), Row::Page(_)));
    if !(pages || here == *to) || row_mut(form, to).is_none() {
        return false;
    }
    let Some(question) = remove(form, which) else { return false };
    if let Some(list) = row_mut(form, to) {
        list.insert(index.min(list.len()), question);
    }
    true
}

/// Adds a page behind one; answers which it is.
pub fn add_page(form: &mut Form, after: usize) -> Option<usize> {
    if form.pages.len() >= PAGES_MAX {
        return None;
    }
    let at = (after + 1).min(form.pages.len());
    form.pages.insert(at, Page::default());
    Some(at)
}

/// Takes a page away; its questions go to the page before it, or after if it is the first.
/// The only page stays.
pub fn remove_page(form: &mut Form, page: usize) -> bool {
    if form.pages.len() < 2 || page >= form.pages.len() {
        return false;
    }
    let gone = form.pages.remove(page);
    match page.checked_sub(1) {
        Some(before) => form.pages[before].questions.extend(gone.questions),
        None => {
            form.pages[0].questions.splice(0..0, gone.questions);
        }
    }
    true
}

/// Moves a page with its questions.
pub fn shift_page(form: &mut Form, page: usize, up: bool) -> Option<usize> {
    let to = if up { page.checked_sub(1)? } else { page + 1 };
    if to >= form.pages.len() || page >= form.pages.len() {
        return None;
    }
    form.pages.swap(page, to);
    Some(to)
}

/// The options of a choice, to be changed.
pub fn options_mut(ask: &mut Ask) -> Option<&mut Vec<Opt>> {
    match ask {
        Ask::One { options } | Ask::Many { options } | Ask::Tree { options } => Some(options),
        _ => None,
    }
}

/// Sets options by lines of text: a line that is written as an option has it keep its key and
/// place in the answers; the rest are new. Empty lines are left out.
pub fn paste(options: &mut Vec<Opt>, text: &str, question: &str, known: &mut Known) {
    let mut before = std::mem::take(options);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let found = before.iter().position(|o| o.label == line);
        options.push(match found {
            Some(i) => before.remove(i),
            None => {
                Opt { key: known.option_key(question), label: line.to_owned(), ..Opt::default() }
            }
        });
    }
}

/// A stop with words to begin with.
pub fn stop(form: &Form, page: usize) -> Option<Stop> {
    let key = nameable(form, &Row::Page(page), None).into_iter().next_back()?.0;
    let question = form.question(&key)?;
    let message = "ここまでの答えでは、この手続きの対象になりません。".to_owned();
    Some(Stop { when: first_condition(&key, question), message, send: false })
}

/// Most items of a group that can be allowed.
pub const ITEMS_MAX: u8 = GROUP_MAX;

#[cfg(test)]
mod tests;
