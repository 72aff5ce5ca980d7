use super::*;
use crate::delivery::Purpose;
use crate::message::{check, text_len};

fn own() -> Own {
    Own { base: "https://line.mihon.example".into(), liff: "https://liff.line.me".into() }
}

fn text(text: &str) -> Part {
    Part::Text { text: text.into() }
}

fn ways(words: &str) -> Vec<(String, Way)> {
    found(&[text(words)], &own(), &[]).into_iter().map(|f| (f.uri, f.way)).collect()
}

fn counted(words: &str) -> Vec<String> {
    ways(words).into_iter().filter(|(_, w)| *w == Way::Counted).map(|(u, _)| u).collect()
}

#[test]
fn a_link_lives_for_five_whole_years_whatever_their_leap_days() {
    for first in [(2026, 11, 23), (2027, 3, 1), (2028, 2, 29), (2031, 3, 1)] {
        let sent = crate::time::Date { year: first.0, month: first.1, day: first.2 };
        assert!(sent.start().plus(LIFE) >= sent.plus_months(60).start(), "{sent:?}");
    }
}

#[test]
fn addresses_are_found_as_people_write_them() {
    for (words, uri) in [
        ("くわしくは https://a.example/x?y=1#z をご覧ください", "https://a.example/x?y=1#z"),
        ("（https://a.example/x）", "https://a.example/x"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("https://a.example/x_(y)", "https://a.example/x_(y)"),
        ("(https://a.example/x_(y)).", "https://a.example/x_(y)"),
        ("https://a.example/x。", "https://a.example/x"),
        ("HTTP://A.example/", "HTTP://A.example/"),
        ("見て「https://a.example/x」ね", "https://a.example/x"),
        ("https://a.example/%E3%81%82\n次", "https://a.example/%E3%81%82"),
        ("地図👉https://a.example/x👈", "https://a.example/x"),
    ] {
        assert_eq!(counted(words), [uri], "{words}");
    }
    for words in
        ["", "https://", "xhttps://a.example", "tel:000-0000", "ftp://a.example", "http:/a"]
    {
        assert_eq!(ways(words), [], "{words}");
    }
}

#[test]
fn where_nobody_knows_the_end_it_is_left_alone() {
    for words in [
        "https://a.example/ごみ",
        "https://a.example/をご覧ください",
        "https://a.example/{name}",
        "https://a.example/.あ",
    ] {
        assert_eq!(ways(words).first().map(|(_, w)| *w), Some(Way::RunsOn), "{words}");
        let parts = [text(words)];
        assert_eq!(replaced(&parts, |_, _| Some("short".into())), parts);
    }
}

#[test]
fn our_own_and_lines_addresses_are_left_alone() {
    for uri in [
        "https://liff.line.me/123-abc/register",
        "https://miniapp.line.me/123",
        "https://line.me/R/ti/p/x",
        "https://line.mihon.example",
        "https://LINE.mihon.example/r/abcdefg",
        "https://line.mihon.example?x",
    ] {
        assert_eq!(ways(uri), [(uri.to_owned(), Way::Own)]);
    }
    for uri in [
        "https://line.mihon.example.evil.example/",
        "https://liff.line.me.evil.example/",
        "https://notline.me/",
        "https://a.example/?u=https://line.me/",
    ] {
        assert_eq!(ways(uri), [(uri.to_owned(), Way::Counted)]);
    }
}

#[test]
fn each_address_stands_once_a_part_and_can_be_left_as_it_is() {
    let parts = [
        text("https://a.example/ と https://b.example/ と https://a.example/"),
        text("https://a.example/"),
    ];
    let all = found(&parts, &own(), &["https://b.example/".into()]);
    let told: Vec<_> = all.iter().map(|f| (f.part, f.uri.as_str(), f.way)).collect();
    assert_eq!(
        told,
        [
            (0, "https://a.example/", Way::Counted),
            (0, "https://b.example/", Way::Off),
            (1, "https://a.example/", Way::Counted)
        ]
    );
    assert!(found(&parts, &Own::default(), &[]).iter().all(|f| f.way == Way::Off));
    let sent =
        replaced(&parts, |part, uri| (uri == "https://a.example/").then(|| format!("S{part}")));
    assert_eq!(sent, [text("S0 と https://b.example/ と S0"), text("S1")]);
}

#[test]
fn the_length_is_that_of_what_arrives() {
    let long = format!("https://a.example/{}", "x".repeat(1_500));
    let words = format!("{}\n{long}", "あ".repeat(4_900));
    let parts = [text(&words)];
    assert_eq!(check(&parts, Purpose::Notice).len(), 1);
    let arrives = outlook(&parts, &own(), &[]);
    assert!(check(&arrives, Purpose::Notice).is_empty());
    let Part::Text { text: arrives } = &arrives[0] else { panic!("it is a text") };
    assert_eq!(text_len(arrives), 4_901 + own().address("xxxxxxx").len());
    assert_eq!(outlook(&parts, &own(), &[long]), parts);
    // A short one gets longer, and what is too long then is refused.
    let brief = [text(&format!("{} http://a.jp", "あ".repeat(4_980)))];
    assert!(check(&brief, Purpose::Notice).is_empty());
    assert_eq!(check(&outlook(&brief, &own(), &[]), Purpose::Notice).len(), 1);
}

#[test]
fn a_token_is_found_again_whatever_follows_it() {
    for random in [0, 1, 61, 62, u64::MAX, 0x0123_4567_89ab_cdef] {
        let token = token(random);
        assert_eq!(token.len(), TOKEN_LEN);
        for after in ["", "/", "をご覧ください", "%E3%82%92", "?x=1", "."] {
            assert_eq!(token_in(&format!("{token}{after}")), Some(token.as_str()), "{after}");
        }
    }
    for bad in ["", "abcdef", "abcdefgh", "abc-efg", "ごみの出し方を"] {
        assert_eq!(token_in(bad), None, "{bad}");
    }
}

#[test]
fn fields_are_replaced_whole_and_telephones_stay() {
    let mut each = |u: Uri<'_>| Some(format!("<{}>", u.uri));
    assert_eq!(in_field("https://a.example/(x", &mut each), "<https://a.example/(x>");
    for other in ["tel:000-0000", "line://x", "https://a.example/ x", ""] {
        assert_eq!(in_field(other, &mut each), other);
    }
}

#[test]
fn programs_say_what_they_are() {
    for agent in [
        "Mozilla/5.0 (compatible; Googlebot/2.1)",
        "facebookexternalhit/1.1",
        "Slackbot-LinkExpanding 1.0",
        "Microsoft Office Link Preview",
    ] {
        assert!(is_program(agent), "{agent}");
    }
    for agent in [
        "",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.19.0",
        "Mozilla/5.0 (Linux; Android 9; CUBOT X19) Chrome/131.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 15; SO-52E) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36",
    ] {
        assert!(!is_program(agent), "{agent}");
    }
}
