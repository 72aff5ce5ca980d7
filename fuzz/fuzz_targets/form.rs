//! A definition of any JSON is read or refused with words, and answers of any kind are evaluated
//! without a panic; what is not seen is not kept, and what is kept can be read again.
//! The first line is the definition (or a pack), the second the answers.
#![no_main]

use domain::form::{Answers, Asked, Submission, difference, evaluate, figure, lint, migrate, pack, read, table};
use domain::time::Date;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let mut lines = body.splitn(2, |b| *b == b'\n');
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    if let Ok(pack) = pack::Pack::read(first) {
        let _found = pack.verify();
        assert_eq!(pack::Pack::read(pack.write().as_bytes()).as_ref(), Ok(&pack));
    }
    let form = match read(first) {
        Ok(form) => form,
        Err(problems) => {
            assert!(!problems.is_empty() && problems.iter().all(|p| !p.message.is_empty()));
            return;
        }
    };
    let written = serde_json::to_vec(&form).expect("a definition is written");
    assert_eq!(read(&written).as_ref(), Ok(&form));
    let _found = lint::lint(&form);
    assert!(difference::difference(&form, &form).is_empty());
    let given: Answers = serde_json::from_slice(second).unwrap_or_default();
    let outcome = evaluate(&form, &given, Asked { today: Date { year: 2026, month: 6, day: 15 } });
    assert!(outcome.answers.keys().all(|key| outcome.page_of(key).is_some()));
    let submission = Submission { version: form.version, answers: outcome.answers.clone() };
    let columns = table::columns(&form, table::most_items([&submission].into_iter()));
    assert_eq!(table::row(&form, &columns, &submission).len(), columns.len());
    let _figures = figure::figures(&form, &[submission]);
    let draft = migrate::Draft { answers: given.clone(), ..migrate::Draft::default() };
    let (moved, _) = migrate::migrate(&form, &form, &draft);
    for name in given.keys() {
        assert!(moved.answers.contains_key(name) || moved.aside.contains_key(name));
    }
    if let Ok(submission) = outcome.submission(&form) {
        let again = evaluate(&form, &submission.given(), Asked { today: Date { year: 2026, month: 6, day: 15 } });
        assert_eq!(again.submission(&form), Ok(submission));
    }
});
