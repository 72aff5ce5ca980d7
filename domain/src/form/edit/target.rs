//! From the place that the linter names to what is edited there.

use super::{Row, Which, row};
use crate::form::definition::{Form, Question};

/// What is edited at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Title and what stands above the first question.
    Head,
    /// A page: its title and its stops.
    Page(usize),
    /// A question.
    Question(Which),
    /// The states of answers.
    Statuses,
    /// Under which conditions it is received.
    Terms,
}

/// What a JSON pointer into the definition leads to, and the pointer within it: `/label`.
pub fn target(form: &Form, at: &str) -> (Target, String) {
    let parts: Vec<&str> = at.split('/').skip(1).collect();
    let rest = |from: usize| parts[from..].iter().map(|p| format!("/{p}")).collect::<String>();
    let index = |i: usize| parts.get(i).and_then(|p| p.parse::<usize>().ok());
    let question = |here: &Row, list: &[Question], at: usize, from: usize| {
        let question = list.get(at)?;
        let inner = (parts.get(from) == Some(&"ask") && parts.get(from + 1) == Some(&"questions"))
            .then(|| question.inner().get(index(from + 2)?))
            .flatten();
        Some(match inner {
            Some(inner) => {
                let which = Row::Group(question.key.clone()).which(inner.key.clone());
                (Target::Question(which), rest((from + 3).min(parts.len())))
            }
            None => (Target::Question(here.which(question.key.clone())), rest(from)),
        })
    };
    let found = match (parts.first().copied(), index(1)) {
        (Some("pages"), Some(page)) => match (parts.get(2), index(3)) {
            (Some(&"questions"), Some(i)) => {
                let here = Row::Page(page);
                question(&here, row(form, &here), i, 4)
            }
            _ if page < form.pages.len() => Some((Target::Page(page), rest(2))),
            _ => None,
        },
        (Some("pages"), None) => Some((Target::Page(0), String::new())),
        (Some("staff"), Some(i)) => question(&Row::Staff, &form.staff, i, 2),
        (Some("statuses"), _) => Some((Target::Statuses, rest(1))),
        (Some("terms"), _) => Some((Target::Terms, rest(1))),
        _ => None,
    };
    found.unwrap_or_else(|| (Target::Head, at.to_owned()))
}
