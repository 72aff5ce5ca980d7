//! The packs that come with the product prove themselves, and a broken one does not.

use super::*;

fn included(name: &str) -> Pack {
    let (_, text) = INCLUDED.iter().find(|(n, _)| *n == name).unwrap();
    Pack::read(text.as_bytes()).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"))
}

#[test]
fn every_included_pack_passes_its_tests_and_the_linter() {
    for (name, _) in INCLUDED {
        let pack = included(name);
        assert_eq!(pack.verify(), [], "{name}");
        assert!(pack.tests.iter().any(|t| t.expect.sent), "{name}");
        assert!(pack.tests.iter().any(|t| !t.expect.sent), "{name}");
        assert!(pack.tests.len() >= 4 && !pack.samples.is_empty(), "{name}");
    }
}

#[test]
fn what_is_written_is_read_again() {
    for (name, _) in INCLUDED {
        let pack = included(name);
        let text = pack.write();
        assert_eq!(Pack::read(text.as_bytes()), Ok(pack), "{name}");
    }
}

#[test]
fn a_form_with_places_left_to_fill_in_is_not_published() {
    for (name, _) in INCLUDED {
        let pack = included(name);
        let (form, _) = pack.filled(&BTreeMap::new()).unwrap();
        let left = lint(&form).into_iter().filter(|f| f.blocks && f.message.contains("埋まって"));
        assert!(left.count() > 0, "{name}");
    }
}

#[test]
fn a_pack_that_does_not_do_what_it_says_is_found_out() {
    let mut pack = included("inu-toroku.json");
    let sent = pack.tests.iter().position(|t| t.expect.sent).unwrap();
    pack.tests[sent].expect.sent = false;
    assert_eq!(pack.verify()[0].at, format!("/tests/{sent}"));
    let mut pack = included("inu-toroku.json");
    pack.placeholders.pop();
    assert!(!pack.verify().is_empty());
    let mut pack = included("inu-toroku.json");
    pack.tests[sent].sample = Some("ない人".into());
    assert!(pack.verify()[0].message.contains("見本"));
    let mut pack = included("inu-toroku.json");
    pack.form.terms.retention_days = None;
    assert!(pack.verify().iter().any(|f| f.at == "/form/terms/retention_days"));
}

#[test]
fn what_is_no_pack_is_refused_with_its_place() {
    for (text, at) in [
        ("{}", "/format"),
        (r#"{"format":"kairan-form-pack","format_version":2}"#, "/format_version"),
        (r#"{"format":"kairan-form-pack","format_version":1}"#, "/form"),
        (r#"{"format":"a","format":"b"}"#, "/format"),
        (
            r#"{"format":"kairan-form-pack","format_version":1,"form":{"title":"x","pages":[{"questions":[{"key":"a","label":"","ask":{"kind":"magic"}}]}]}}"#,
            "/form/pages/0/questions/0/ask/kind",
        ),
    ] {
        assert_eq!(Pack::read(text.as_bytes()).unwrap_err()[0].at, at, "{text}");
    }
}

#[test]
fn marks_are_found() {
    assert_eq!(marks("〔市名〕の〔担当課〕へ〔"), ["〔市名〕", "〔担当課〕"]);
    assert!(marks("〔〕").is_empty());
}
