//! 「わたしの申請」: what whoever answered sees of it, and may still do (RES-5).

use super::answer::{Answer, Answers, Submission, Values};
use super::definition::{Ask, Form, Question};
use crate::id::{AnswerId, BlobId, FormId};
use crate::time::{DAY, Timestamp};
use serde::{Deserialize, Serialize};

/// An answer as whoever gave it sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mine {
    /// Id.
    pub id: AnswerId,
    /// To which form.
    pub form: FormId,
    /// Its title.
    pub title: String,
    /// Receipt number.
    pub receipt: String,
    /// Sent.
    pub at: Timestamp,
    /// Last corrected by oneself.
    pub corrected_at: Option<Timestamp>,
    /// Taken back.
    pub withdrawn_at: Option<Timestamp>,
    /// What is said of its status; empty: nothing.
    pub status: String,
    /// May be taken back.
    pub may_withdraw: bool,
    /// Until when it may be corrected.
    pub correct_until: Option<Timestamp>,
}

/// Whether nothing more is to do with a status.
fn done(form: &Form, status: &str) -> bool {
    form.statuses.iter().any(|s| s.key == status && s.done)
}

/// What is said of a status to whoever answered; empty: nothing.
pub fn status_words(form: &Form, status: &str) -> String {
    form.statuses.iter().find(|s| s.key == status).map_or_else(String::new, |s| s.resident.clone())
}

/// Whether an answer may be taken back: where the form allows it, until it is decided.
pub fn may_withdraw(form: &Form, status: &str, withdrawn: bool) -> bool {
    form.terms.withdraw && !withdrawn && !done(form, status)
}

/// Until when an answer of that time may be corrected; nothing if it may not (any more). Only
/// the questions that are marked so can be changed.
pub fn correct_until(
    form: &Form,
    status: &str,
    withdrawn: bool,
    at: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let until = at.plus(i64::from(form.terms.correct_days) * DAY);
    let some = form.questions().any(correctable);
    (some && !withdrawn && !done(form, status) && now < until).then_some(until)
}

/// Whether a question, or one within its group, may be corrected.
pub fn correctable(question: &Question) -> bool {
    question.correctable || question.inner().iter().any(|q| q.correctable)
}

/// What a correction comes to: of the questions that may be corrected what was given now, of
/// the others what was answered before. A group is corrected as a whole.
/// [`super::reevaluate`] says what it comes to.
pub fn corrected(form: &Form, former: &Submission, given: &Answers) -> Answers {
    let open = |name: &String| {
        let key = name.split('.').next().unwrap_or(name);
        form.questions().any(|q| q.key == key && correctable(q))
    };
    let before = former.given().into_iter().filter(|(name, _)| !open(name));
    let now = given.iter().filter(|(name, _)| open(name)).map(|(n, w)| (n.clone(), w.clone()));
    before.chain(now).collect()
}

/// The files of an answer with their questions, `children.photo` within a group.
pub fn files(answers: &Values) -> Vec<(String, BlobId)> {
    let mut found = Vec::new();
    for (key, answer) in answers {
        match answer {
            Answer::Files(ids) => found.extend(ids.iter().map(|id| (key.clone(), id.clone()))),
            Answer::Group(items) => {
                let inner = items.iter().flat_map(files);
                found.extend(inner.map(|(inner, id)| (format!("{key}.{inner}"), id)));
            }
            _ => {}
        }
    }
    found
}

/// The question of files at a key (`photo`, `children.photo`): where an upload belongs.
pub fn takes_files<'a>(form: &'a Form, key: &str) -> Option<&'a Question> {
    form.question(key).filter(|q| matches!(q.ask, Ask::Photo { .. } | Ask::File { .. }))
}

/// Whether a single answer may name that many files in all: what one person can upload to a
/// form is what its questions allow.
pub fn files_max(form: &Form) -> usize {
    let of = |q: &Question| match q.ask {
        Ask::Photo { max, .. } | Ask::File { max, .. } => usize::from(max),
        _ => 0,
    };
    let each = form.questions().map(|q| match &q.ask {
        Ask::Group { max, questions, .. } => {
            usize::from(*max) * questions.iter().map(of).sum::<usize>()
        }
        _ => of(q),
    });
    each.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{Page, Status, Terms};

    fn form() -> Form {
        let mut open = Question::new("tel", "電話", Ask::Text { max: 20 });
        open.correctable = true;
        let photo = Question::new("photo", "写真", Ask::Photo { max: 3, position: false });
        let group = Ask::Group { item: "人".into(), min: 0, max: 2, questions: vec![photo] };
        let questions = vec![
            Question::new("name", "名前", Ask::Text { max: 20 }),
            open,
            Question::new("people", "人", group),
        ];
        let status = |key: &str, done| Status {
            key: key.into(),
            resident: format!("{key}です"),
            done,
            ..Status::default()
        };
        Form {
            pages: vec![Page { questions, ..Page::default() }],
            statuses: vec![status("new", false), status("ended", true)],
            terms: Terms { correct_days: 3, withdraw: true, ..Terms::default() },
            ..Form::default()
        }
    }

    #[test]
    fn until_it_is_decided() {
        let form = form();
        assert!(may_withdraw(&form, "new", false));
        assert!(!may_withdraw(&form, "new", true) && !may_withdraw(&form, "ended", false));
        let until = |status, withdrawn, now| {
            correct_until(&form, status, withdrawn, Timestamp(0), Timestamp(now))
        };
        assert_eq!(until("new", false, 3 * DAY - 1), Some(Timestamp(3 * DAY)));
        assert_eq!(until("new", false, 3 * DAY), None);
        assert_eq!((until("ended", false, 0), until("new", true, 0)), (None, None));
        assert_eq!(status_words(&form, "ended"), "endedです");
    }

    #[test]
    fn only_what_may_be_corrected_changes() {
        let form = form();
        let text = |t: &str| Answer::Text(t.into());
        let former = Submission {
            version: 1,
            answers: [("name".to_owned(), text("花")), ("tel".to_owned(), text("1"))].into(),
        };
        let given: Answers = [
            ("name".to_owned(), vec!["別人".to_owned()]),
            ("tel".to_owned(), vec!["2".to_owned()]),
        ]
        .into();
        let after = corrected(&form, &former, &given);
        assert_eq!(
            (after["name"].as_slice(), after["tel"].as_slice()),
            (&["花".to_owned()][..], &["2".to_owned()][..])
        );
    }

    #[test]
    fn files_of_groups_are_found_with_their_question() {
        let form = form();
        assert_eq!(files_max(&form), 6);
        assert!(takes_files(&form, "people.photo").is_some());
        assert!(takes_files(&form, "name").is_none() && takes_files(&form, "nothing").is_none());
        let id = BlobId::from_random([7; 20]);
        let item: Values = [("photo".to_owned(), Answer::Files(vec![id.clone()]))].into();
        let answers: Values = [("people".to_owned(), Answer::Group(vec![item]))].into();
        assert_eq!(files(&answers), [("people.photo".to_owned(), id)]);
    }
}
