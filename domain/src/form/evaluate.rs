//! The one evaluator, for browser and server: what is seen, what counts, what is to mend.
//!
//! Questions are taken in order; a condition can name those before it. What is not seen is
//! neither required nor kept. Never fails, whatever the definition and the answers.

use super::answer::{Answer, Answers, Submission, Values};
use super::condition::{Condition, Scope};
use super::definition::{Ask, Form, Question};
use super::read_answer::{chosen_despite, missing, read};
use crate::problem::Problem;
use crate::time::Date;
use std::collections::BTreeSet;

/// What the evaluator is told beside definition and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The day on which it is answered, in Tokyo.
    pub today: Date,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// For each page up to the end the names of what is seen, in order: `home`,
    /// `children.0.birth`.
    pub pages: Vec<Vec<String>>,
    /// The answers that count, calculations among them.
    pub answers: Values,
    /// What is to mend; `at` is the name of a field.
    pub problems: Vec<Problem>,
    /// How it ends.
    pub end: End,
}

/// How a form ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// After the last page.
    Last,
    /// At a 「ここで終わり」.
    Stop {
        /// Its page, from 0.
        page: usize,
        /// Which of the page's stops.
        stop: usize,
        /// What is said there.
        message: String,
        /// Whether the answers so far are sent.
        send: bool,
    },
}

/// Most items of a group that are looked at, whatever the definition says.
const ITEMS_MAX: usize = 20;

struct Evaluation<'a> {
    form: &'a Form,
    given: &'a Answers,
    /// The day as of which is decided what is seen, and worked out.
    today: Date,
    /// The day as of which checks are asked.
    checked: Date,
    /// What a correction takes the place of.
    former: Option<&'a Values>,
    values: Values,
    seen: Vec<String>,
    problems: Vec<Problem>,
}

/// Evaluates answers under a definition.
pub fn evaluate(form: &Form, given: &Answers, asked: Asked) -> Outcome {
    run(form, given, asked, asked.today, None)
}

/// Evaluates what a correction of `former` comes to. What is seen and worked out is so as of the
/// day on which it was sent: pages do not come and go by themselves. A check that was asked before
/// of the same answers held then, and is not asked again; one that names what is changed now is
/// asked as of today. Of one that joins several by 「かつ」 this is so of each.
pub fn reevaluate(
    form: &Form,
    given: &Answers,
    former: &Values,
    sent: Asked,
    today: Date,
) -> Outcome {
    run(form, given, sent, today, Some(former))
}

fn run(
    form: &Form,
    given: &Answers,
    asked: Asked,
    checked: Date,
    former: Option<&Values>,
) -> Outcome {
    let mut evaluation = Evaluation {
        form,
        given,
        today: asked.today,
        checked,
        former,
        values: Values::new(),
        seen: Vec::new(),
        problems: Vec::new(),
    };
    let (mut pages, mut end) = (Vec::new(), End::Last);
    for (at, page) in form.pages.iter().enumerate() {
        for question in &page.questions {
            evaluation.question(question);
        }
        pages.push(std::mem::take(&mut evaluation.seen));
        let scope = evaluation.scope();
        if let Some((stop, found)) =
            page.stops.iter().enumerate().find(|(_, s)| s.when.holds(&scope))
        {
            let (message, send) = (found.message.clone(), found.send);
            end = End::Stop { page: at, stop, message, send };
            break;
        }
    }
    let Evaluation { values, problems, .. } = evaluation;
    Outcome { pages, answers: values, problems, end }
}

impl Evaluation<'_> {
    fn scope(&self) -> Scope<'_> {
        Scope { form: self.form, values: &self.values, item: None, today: self.today }
    }

    fn question(&mut self, question: &Question) {
        // Of two questions of one key only the first is asked.
        if self.values.contains_key(&question.key) {
            return;
        }
        let scope = self.scope();
        if question.show_if.as_ref().is_some_and(|c| !c.holds(&scope)) {
            return;
        }
        let answer = match &question.ask {
            Ask::Group { .. } => self.group(question),
            _ => {
                self.seen.push(question.key.clone());
                let (answer, problems) = single(question, self.given, &question.key, &self.scope());
                self.problems.extend(problems);
                answer
            }
        };
        let Some(answer) = answer else { return };
        self.values.insert(question.key.clone(), answer);
        let failed = self.failed(question, &question.key, &self.scope());
        self.problems.extend(failed);
    }

    fn group(&mut self, group: &Question) -> Option<Answer> {
        let Ask::Group { item, min, max, questions } = &group.ask else { return None };
        self.seen.push(group.key.clone());
        let prefix = format!("{}.", group.key);
        let indices: BTreeSet<u32> = self
            .given
            .range(prefix.clone()..)
            .take_while(|(name, _)| name.starts_with(&prefix))
            .filter(|(_, words)| words.iter().any(|w| !w.trim().is_empty()))
            .filter_map(|(name, _)| {
                let (index, _) = name[prefix.len()..].split_once('.')?;
                // As it was written: `01` and `1` are not the same name. A browser's `usize` has
                // 32 bits, a server's 64.
                index.parse::<u32>().ok().filter(|i| i.to_string() == index)
            })
            .collect();
        let most = usize::from(*max).min(ITEMS_MAX);
        if indices.len() > most {
            let words = format!(
                "「{}」は{}までです。いくつか消してください",
                group.label,
                crate::time::things(most)
            );
            self.problems.push(Problem::new(&group.key, words));
        }
        let (mut items, mut begun) = (Vec::new(), 0);
        for index in indices.into_iter().take(ITEMS_MAX) {
            let (mut values, before) = (Values::new(), self.problems.len());
            for question in questions {
                if values.contains_key(&question.key) {
                    continue;
                }
                let path = format!("{}.{index}.{}", group.key, question.key);
                let inner = Scope { item: Some((group, &values)), ..self.scope() };
                if question.show_if.as_ref().is_some_and(|c| !c.holds(&inner)) {
                    continue;
                }
                let (answer, problems) = single(question, self.given, &path, &inner);
                self.seen.push(path.clone());
                self.problems.extend(problems);
                if let Some(answer) = answer {
                    values.insert(question.key.clone(), answer);
                    let inner = Scope { item: Some((group, &values)), ..self.scope() };
                    let failed = self.failed(question, &path, &inner);
                    self.problems.extend(failed);
                }
            }
            if !values.is_empty() {
                items.push(values);
            } else if self.problems.len() > before {
                // Begun, with all of it to mend: it is not missing.
                begun += 1;
            }
        }
        let least = usize::from(*min).max(usize::from(group.required));
        if items.len() + begun < least {
            let words = if items.len() + begun == 0 {
                missing(group)
            } else {
                format!(
                    "「{}」は{}以上書いてください（{item}）",
                    group.label,
                    crate::time::things(least)
                )
            };
            self.problems.push(Problem::new(&group.key, words));
        }
        items.truncate(most);
        (!items.is_empty()).then_some(Answer::Group(items))
    }

    /// The checks that do not hold.
    fn failed(&self, question: &Question, path: &str, scope: &Scope<'_>) -> Vec<Problem> {
        let now = Scope { today: self.checked, ..*scope };
        let holds = |part: &Condition| self.held(question, part, scope) || part.holds(&now);
        let failed = question.checks.iter().filter(|check| match &check.holds {
            // Parts of which all must hold have all held: each is asked by itself.
            Condition::All(parts) => !parts.iter().all(&holds),
            whole => !holds(whole),
        });
        failed.map(|check| Problem::new(path, check.message.clone())).collect()
    }

    /// Whether a check, or a part of it, was asked before of the same answers.
    fn held(&self, question: &Question, part: &Condition, scope: &Scope<'_>) -> bool {
        let Some(former) = self.former else { return false };
        let names = part.names();
        let same = |before: Scope<'_>| {
            before.answer(&question.key).is_some()
                && names.iter().all(|key| before.answer(key) == scope.answer(key))
        };
        let Some((group, _)) = scope.item else {
            return same(Scope { values: former, ..*scope });
        };
        // Whichever it was: items are counted anew when one of them goes.
        let Some(Answer::Group(items)) = former.get(&group.key) else { return false };
        items.iter().any(|item| same(Scope { values: former, item: Some((group, item)), ..*scope }))
    }
}

/// The answer to a question that is seen and no group, and what is to mend.
fn single(
    question: &Question,
    given: &Answers,
    path: &str,
    scope: &Scope<'_>,
) -> (Option<Answer>, Vec<Problem>) {
    if let Ask::Calculation { formula, places, .. } = &question.ask {
        let n = formula.number(scope).map(|n| Answer::Number(n.rounded(*places)));
        return (n, Vec::new());
    }
    match read(question, given, path) {
        Ok(None) if question.required && question.ask.is_answered() => {
            (None, vec![Problem::new(path, missing(question))])
        }
        Ok(answer) => (answer, Vec::new()),
        Err(wrong) => {
            let problems = wrong.into_iter().map(|(part, words)| {
                let at = if part.is_empty() { path.to_owned() } else { format!("{path}.{part}") };
                Problem::new(at, words)
            });
            (chosen_despite(question, given, path), problems.collect())
        }
    }
}

impl Outcome {
    /// What is kept when it is sent.
    ///
    /// # Errors
    /// What is to mend; at a stop that sends nothing, what is said there, `at` empty.
    pub fn submission(self, form: &Form) -> Result<Submission, Vec<Problem>> {
        if let End::Stop { send: false, message, .. } = self.end {
            return Err(vec![Problem::new("", message)]);
        }
        if self.problems.is_empty() {
            Ok(Submission { version: form.version, answers: self.answers })
        } else {
            Err(self.problems)
        }
    }

    /// On which page a field is seen, from 0; for links from the summary of what is to mend.
    pub fn page_of(&self, at: &str) -> Option<usize> {
        self.pages.iter().position(|page| {
            page.iter().any(|seen| {
                at == seen || at.strip_prefix(seen.as_str()).is_some_and(|r| r.starts_with('.'))
            })
        })
    }
}
