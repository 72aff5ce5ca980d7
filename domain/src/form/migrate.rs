//! Answers and drafts under another version of their form: an edit never loses what somebody
//! wrote.
//!
//! Answers go over by the question's key. What no longer fits (a question that was removed,
//! another kind of answer, an option that is gone) is set aside in the draft, and comes back
//! when a later version has room for it again. What must be asked anew is listed.

use super::answer::Answers;
use super::definition::{Ask, Form, Question};
use super::{NOWHERE, normal};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What somebody is writing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The version of the definition under which it is written.
    pub version: u64,
    /// What was written.
    pub answers: Answers,
    /// What has no place in this version.
    #[serde(default)]
    pub aside: BTreeMap<String, Aside>,
}

/// Words without a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// The kind of question that they answered; empty if none is known.
    pub kind: String,
    /// The words.
    pub words: Vec<String>,
}

/// A question to be asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// Its key; `children.birth` within a group.
    pub key: String,
    /// What is asked now.
    pub label: String,
    /// Why, in plain Japanese.
    pub why: String,
}

/// The question to which a name belongs (`children.0.birth.x`): its key, and the part of the
/// answer behind it.
pub(super) fn owner<'a>(
    form: &'a Form,
    name: &str,
) -> Option<(String, &'a Question, Option<String>)> {
    let (key, rest) = name.split_once('.').map_or((name, None), |(k, r)| (k, Some(r)));
    let question = form.questions().find(|q| q.key == key)?;
    let Ask::Group { questions, .. } = &question.ask else {
        return Some((key.to_owned(), question, rest.map(str::to_owned)));
    };
    let (_, inner) = rest?.split_once('.')?;
    let (inner_key, part) = inner.split_once('.').map_or((inner, None), |(k, r)| (k, Some(r)));
    let inner = questions.iter().find(|q| q.key == inner_key)?;
    Some((format!("{key}.{inner_key}"), inner, part.map(str::to_owned)))
}

/// Whether what was written for one kind can stand for another.
fn stands(from: &str, to: &Ask) -> bool {
    let to = to.name();
    from == to
        || matches!(
            (from, to),
            ("text", "long_text")
                | ("long_text", "text")
                | ("one", "many")
                | ("many", "one")
                | ("scale", "number")
                | ("number", "scale")
                | ("photo", "file")
                | ("number" | "year" | "telephone" | "mail" | "scale", "text" | "long_text")
                | ("text", "number" | "telephone" | "mail")
        )
}

/// Why words do not fit a question; nothing if they do.
fn refused(
    question: &Question,
    part: Option<&str>,
    from: &str,
    words: &[String],
) -> Option<String> {
    if !stands(from, &question.ask) {
        return Some("答え方が変わりました".into());
    }
    let written: Vec<&String> = words.iter().filter(|w| !w.trim().is_empty()).collect();
    let gone = |options: &[super::Opt]| {
        let gone =
            written.iter().find(|w| **w != NOWHERE && !options.iter().any(|o| o.key == ***w));
        gone.map(|_| "選んでいた選択肢がなくなりました".to_owned())
    };
    match (&question.ask, part) {
        (Ask::One { .. }, None) if written.len() > 1 => Some("選べるのが1つになりました".into()),
        (Ask::One { options } | Ask::Many { options } | Ask::Tree { options }, None) => {
            gone(options)
        }
        (Ask::Matrix { rows, columns, .. }, Some(row)) => {
            if rows.iter().any(|r| r.key == row) {
                gone(columns)
            } else {
                Some("行がなくなりました".into())
            }
        }
        (Ask::Text { .. }, None) if written.iter().any(|w| normal::line(w).is_none()) => {
            Some("書けるのが1行になりました".into())
        }
        (Ask::Number { .. } | Ask::Scale { .. }, None)
            if from != question.ask.name()
                && written.iter().any(|w| normal::number(w).is_none()) =>
        {
            Some("答え方が数になりました".into())
        }
        _ => None,
    }
}

/// Brings a draft under another version of its form. Every word of it is either among its
/// answers afterwards or set aside, under its former name.
pub fn migrate(old: &Form, new: &Form, draft: &Draft) -> (Draft, Vec<Again>) {
    let mut moved = Draft { version: new.version, ..Draft::default() };
    let (mut again, mut told) = (Vec::new(), BTreeSet::new());
    for (name, words) in &draft.answers {
        let former = owner(old, name);
        let kind = former.as_ref().map_or("", |(_, q, _)| q.ask.name());
        let aside = || Aside { kind: kind.to_owned(), words: words.clone() };
        let Some((key, question, part)) = owner(new, name) else {
            moved.aside.insert(name.clone(), aside());
            continue;
        };
        // A name that the former version did not know has no kind to differ from.
        let from = if kind.is_empty() { question.ask.name() } else { kind };
        match refused(question, part.as_deref(), from, words) {
            None => drop(moved.answers.insert(name.clone(), words.clone())),
            Some(why) => {
                moved.aside.insert(name.clone(), aside());
                // Of many what is still offered stays chosen.
                if let (Ask::Many { options }, "many") = (&question.ask, from) {
                    let rest: Vec<String> = words
                        .iter()
                        .filter(|w| options.iter().any(|o| o.key == **w))
                        .cloned()
                        .collect();
                    moved.answers.insert(name.clone(), rest);
                }
                if told.insert(key.clone()) {
                    again.push(Again { key, label: question.label.clone(), why });
                }
            }
        }
    }
    for (name, aside) in &draft.aside {
        if moved.aside.contains_key(name) {
            // What was set aside twice under one name: the newer words count, the older stay
            // under a name of their own.
            let mut spare = format!("{name}#");
            while moved.aside.contains_key(&spare) || draft.aside.contains_key(&spare) {
                spare.push('#');
            }
            moved.aside.insert(spare, aside.clone());
            continue;
        }
        let free = moved.answers.get(name).is_none_or(|w| w.iter().all(|w| w.trim().is_empty()));
        let fits = owner(new, name).is_some_and(|(_, question, part)| {
            let from = if aside.kind.is_empty() { question.ask.name() } else { &aside.kind };
            refused(question, part.as_deref(), from, &aside.words).is_none()
        });
        if free && fits {
            moved.answers.insert(name.clone(), aside.words.clone());
        } else {
            moved.aside.insert(name.clone(), aside.clone());
        }
    }
    (moved, again)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{Opt, Page};

    fn form(version: u64, questions: Vec<Question>) -> Form {
        let pages = vec![Page { questions, ..Page::default() }];
        Form { version, pages, ..Form::default() }
    }

    fn opt(key: &str) -> Opt {
        Opt { key: key.into(), label: key.into(), ..Opt::default() }
    }

    fn answers(list: &[(&str, &[&str])]) -> Answers {
        list.iter()
            .map(|(k, v)| ((*k).to_owned(), v.iter().map(|s| (*s).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn an_edit_and_its_undoing_bring_everything_back() {
        let many = |keys: &[&str]| Ask::Many { options: keys.iter().map(|k| opt(k)).collect() };
        let first = form(
            1,
            vec![
                Question::new("note", "ひとこと", Ask::Text { max: 100 }),
                Question::new("topics", "関心", many(&["a", "b"])),
                Question::new("gone", "消える", Ask::Text { max: 100 }),
            ],
        );
        let second = form(
            2,
            vec![
                Question::new(
                    "note",
                    "人数",
                    Ask::Number { min: None, max: None, step: None, unit: String::new() },
                ),
                Question::new("topics", "関心", many(&["b", "c"])),
            ],
        );
        let written =
            answers(&[("note", &["こんにちは"]), ("topics", &["a", "b"]), ("gone", &["文"])]);
        let draft = Draft { version: 1, answers: written.clone(), aside: BTreeMap::new() };
        let (moved, again) = migrate(&first, &second, &draft);
        assert_eq!(moved.version, 2);
        assert_eq!(moved.answers, answers(&[("topics", &["b"])]));
        let keys: Vec<&str> = again.iter().map(|a| a.key.as_str()).collect();
        assert_eq!(keys, ["note", "topics"]);
        let (back, _) = migrate(&second, &first, &moved);
        assert_eq!(back.answers["note"], ["こんにちは"]);
        assert_eq!(back.answers["gone"], ["文"]);
        assert!(back.answers["topics"].contains(&"b".to_owned()));
        assert_eq!(back.aside["topics"].words, ["a", "b"]);
    }

    #[test]
    fn within_groups_too() {
        let group = |questions| Ask::Group { item: "人".into(), min: 0, max: 5, questions };
        let name = || Question::new("name", "名前", Ask::Text { max: 10 });
        let first = form(1, vec![Question::new("people", "人", group(vec![name()]))]);
        let second = form(
            2,
            vec![Question::new(
                "people",
                "人",
                group(vec![Question::new("name", "名前", Ask::Name { kana: true })]),
            )],
        );
        let draft = Draft {
            version: 1,
            answers: answers(&[("people.0.name", &["花"])]),
            ..Draft::default()
        };
        let (moved, again) = migrate(&first, &second, &draft);
        assert!(moved.answers.is_empty());
        assert_eq!(moved.aside["people.0.name"].words, ["花"]);
        assert_eq!(again[0].key, "people.name");
    }
}
