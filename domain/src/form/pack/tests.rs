//! The packs that come with the product prove themselves, and a broken one does not.

use super::*;
use crate::form::kept::Settings;

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
        let left =
            lint(&form, "").into_iter().filter(|f| f.blocks && f.message.contains("埋まって"));
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
fn a_pack_that_leads_to_the_console_of_the_city_that_made_it_is_found_out() {
    for (path, bad) in [("console/forms/3", true), ("liff/f/3", false), ("phone", false)] {
        let mut pack = included("inu-toroku.json");
        pack.form.intro = format!("くわしくはhttps://line.city.mihon.lg.jp/{path}");
        let found: Vec<String> = pack.verify().into_iter().map(|f| f.at).collect();
        assert_eq!(found.contains(&"/form/intro".to_owned()), bad, "{path}: {found:?}");
    }
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
fn what_the_talk_says_always_has_the_number() {
    let told = |received: &str| {
        let notices = Notices { received: received.into(), ..Notices::default() };
        notices.received("犬の登録", "犬001")
    };
    assert_eq!(told(" "), "「犬の登録」を受け付けました。\n受付番号：犬001");
    assert_eq!(told("番号は {受付番号} です。"), "番号は 犬001 です。");
    assert_eq!(told("受け取りました。"), "受け取りました。\n受付番号：犬001");
}

#[test]
fn notices_with_places_left_or_an_address_of_the_console_stand_against_publishing() {
    let found = |received: String| {
        let notices = Notices { received, ..Notices::default() };
        Settings { notices, ..Settings::default() }.findings("https://line.example.jp")
    };
    assert_eq!(found("番号は {受付番号} です。".into()), []);
    let left = found("〔担当課〕からお電話します。".into());
    assert!(left[0].blocks && left[0].message.contains("〔担当課〕"), "{left:?}");
    assert_eq!(left[0].at, "/terms/notices/received");
    let astray = found("https://line.example.jp/console/forms/3 を見てください。".into());
    assert!(astray[0].blocks && astray[0].message.contains("職員の画面"), "{astray:?}");
    assert_eq!(astray[0].at, "/terms/notices/received");
    assert_eq!(found("https://www.city.example.jp/inu を見てください。".into()), []);
    assert_eq!(found("あ".repeat(NOTICE_MAX)), []);
    assert_eq!(found("あ".repeat(NOTICE_MAX + 1)).len(), 1);
}

#[test]
fn marks_are_found() {
    assert_eq!(marks("〔市名〕の〔担当課〕へ〔"), ["〔市名〕", "〔担当課〕"]);
    assert!(marks("〔〕").is_empty());
}
