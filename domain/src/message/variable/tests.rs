use super::*;
use crate::attribute::Choice;
use crate::delivery::Purpose;
use crate::id::{AttributeId, ChoiceId};
use crate::message::rich::Rich;
use crate::message::{Card, TEXT_MAX};
use proptest::prelude::*;

fn text(text: &str) -> Vec<Part> {
    vec![Part::Text { text: text.into() }]
}

fn catalog() -> Catalog {
    let attribute = |key: &str, kind, personal| Attribute {
        id: AttributeId(1),
        key: key.into(),
        label: format!("{key}の名前"),
        kind,
        hint: String::new(),
        required: false,
        personal,
        hidden: false,
        choices: ["東区", "西区"]
            .into_iter()
            .map(|label| Choice {
                id: ChoiceId(1),
                key: "k".into(),
                label: label.into(),
                parent: None,
                hidden: false,
            })
            .collect(),
    };
    Catalog {
        attributes: vec![
            attribute("ward", Kind::Single, false),
            attribute("topics", Kind::Multiple, false),
            attribute("illness", Kind::Single, true),
        ],
        ..Catalog::default()
    }
}

#[test]
fn a_variable_is_filled_in_or_says_otherwise() {
    let parts = text("こんにちは、{{ward|みなさま}}。{{topics|}}");
    let filled = |values: &[(&str, &str)]| {
        fill(&parts, &values.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect())
    };
    assert_eq!(filled(&[]), text("こんにちは、みなさま。"));
    assert_eq!(filled(&[("ward", "東区")]), text("こんにちは、東区。"));
    assert_eq!(
        filled(&[("ward", "{{topics|x}}"), ("topics", "a")]),
        text("こんにちは、{{topics|x}}。a")
    );
    assert_eq!(keys(&parts).into_iter().collect::<Vec<_>>(), ["topics", "ward"]);
    assert_eq!(example(&parts, &catalog()), text("こんにちは、東区。東区"));
    assert_eq!(named(&parts, &catalog()), text("こんにちは、［wardの名前］。［topicsの名前］"));
}

#[test]
fn what_somebody_registered_is_filled_in_but_nothing_personal() {
    let mut catalog = catalog();
    for (i, attribute) in catalog.attributes.iter_mut().enumerate() {
        attribute.id = AttributeId(i as i64);
        for (j, choice) in attribute.choices.iter_mut().enumerate() {
            choice.id = ChoiceId((10 * i + j) as i64);
        }
    }
    let typed = Attribute { id: AttributeId(9), kind: Kind::Text, ..catalog.attributes[0].clone() };
    catalog.attributes.push(Attribute { key: "club".into(), choices: vec![], ..typed });
    // 東区 of ward; both of topics; one of illness.
    let choices = [ChoiceId(11), ChoiceId(0), ChoiceId(10), ChoiceId(20)];
    let values = [(AttributeId(9), attribute::Value::Text("将棋".into()))];
    let said = [("club", "将棋"), ("topics", "東区、西区"), ("ward", "東区")];
    let said: Values = said.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    assert_eq!(registered(&catalog, &choices, &values), said);
    assert_eq!(registered(&catalog, &[], &[]), Values::new());
}

#[test]
fn braces_that_are_no_variable_stay_as_they_are() {
    for plain in [
        "{{7*7}}",
        "{{ward}}",
        "{{Ward|a}}",
        "{{|a}}",
        "{{ward|a{b}}",
        "{{ward|a",
        "{{{{",
        "}}",
        "{{ward|a\nb}}",
    ] {
        assert_eq!(pieces(plain), [Piece::Words(plain)], "{plain}");
    }
    assert_eq!(
        pieces("{{{ward|a}}}"),
        [Piece::Words("{"), Piece::Variable { key: "ward", otherwise: "a" }, Piece::Words("}")]
    );
}

#[test]
fn what_cannot_be_filled_in_is_refused() {
    let said = |t: &str| {
        problems(&text(t), &catalog(), Purpose::Notice)
            .into_iter()
            .map(|p| p.message)
            .collect::<Vec<_>>()
    };
    assert!(said("{{ward|a}}{{topics|}}").is_empty());
    assert!(said("{{nowhere|a}}")[0].contains("nowhere"));
    assert!(said("{{illness|a}}")[0].contains("個人情報"));
    let nearly = "あ".repeat(TEXT_MAX - 2);
    assert!(said(&nearly).is_empty());
    assert!(said(&format!("{nearly}{{{{ward|}}}}")).is_empty());
    assert!(said(&format!("{nearly}{{{{topics|}}}}"))[0].contains("字多すぎます"));
    // The mark of a drill counts too.
    let nearly = "あ".repeat(TEXT_MAX - 5);
    let drill = problems(&text(&format!("{nearly}{{{{ward|}}}}")), &catalog(), Purpose::Drill);
    assert!(drill[0].message.contains("字多すぎます"));
}

fn button(label: &str, act: Act) -> Button {
    Button { label: label.into(), act }
}

fn card(title: &str, address: &str) -> Vec<Part> {
    let buttons = vec![button("{{ward|}}の地図", Act::Open(address.into()))];
    let card = Card {
        title: title.into(),
        text: "{{topics|お知らせ}}".into(),
        buttons,
        ..Card::default()
    };
    vec![
        Part::Cards { cards: vec![card], alt: "{{ward|市内}}のお知らせ".into() },
        Part::Quick { quick: vec![button("見た", Act::Say("{{ward|}}で見た".into()))] },
    ]
}

#[test]
fn cards_buttons_and_addresses_are_filled_in() {
    let parts = card("{{ward|みなさま}}へ", "https://a.example/?w={{ward|市 内}}&n=1");
    let values = Values::from([("ward".into(), "東区&=".into())]);
    let filled = fill(&parts, &values);
    let Part::Cards { cards, alt } = &filled[0] else { panic!("{filled:?}") };
    assert_eq!((alt.as_str(), cards[0].title.as_str()), ("東区&=のお知らせ", "東区&=へ"));
    assert_eq!(
        (cards[0].text.as_str(), cards[0].buttons[0].label.as_str()),
        ("お知らせ", "東区&=の地図")
    );
    let encoded = "https://a.example/?w=%E6%9D%B1%E5%8C%BA%26%3D&n=1";
    assert_eq!(cards[0].buttons[0].act, Act::Open(encoded.into()));
    assert_eq!(super::super::uri(encoded).as_deref(), Ok(encoded));
    assert_eq!(
        filled[1],
        Part::Quick { quick: vec![button("見た", Act::Say("東区&=で見た".into()))] }
    );
    let none = fill(&parts, &Values::new());
    let Part::Cards { cards, .. } = &none[0] else { panic!("{none:?}") };
    assert_eq!(
        cards[0].buttons[0].act,
        Act::Open("https://a.example/?w=%E5%B8%82%20%E5%86%85&n=1".into())
    );
    assert_eq!(keys(&parts).into_iter().collect::<Vec<_>>(), ["topics", "ward"]);
    let rich = Rich {
        alt: "{{ward|}}".into(),
        areas: vec![button("{{topics|}}", Act::Say("a".into()))],
        ..Rich::default()
    };
    assert_eq!(keys(&[Part::Rich { rich: Box::new(rich) }]).len(), 2);
}

#[test]
fn what_is_filled_in_does_not_decide_where_a_tap_leads() {
    let at = |address: &str| {
        problems(&card("あ", address), &catalog(), Purpose::Notice)
            .into_iter()
            .map(|p| p.at)
            .collect::<Vec<_>>()
    };
    assert_eq!(at("https://a.example/?w={{ward|}}"), [""; 0]);
    assert_eq!(at("https://a.example/?a=1&w=x{{ward|}}{{topics|}}"), [""; 0]);
    for bad in [
        "https://{{ward|}}.example/",
        "https://a.example/{{ward|}}",
        "https://a.example/?{{ward|}}=1",
        "https://a.example/?w=1&{{ward|}}",
        "https://a.example/?w=1#{{ward|}}",
        "tel:{{ward|}}",
    ] {
        assert_eq!(at(bad), ["/parts/0/cards/0/buttons/0/open"], "{bad}");
    }
}

#[test]
fn the_longest_words_are_counted_where_they_stand() {
    let said = |title: &str, purpose: Purpose| {
        let found = problems(&card(title, "https://a.example/"), &catalog(), purpose);
        found.into_iter().map(|p| (p.at, p.message)).collect::<Vec<_>>()
    };
    let nearly = "あ".repeat(super::super::cards::TITLE_MAX - 2);
    assert_eq!(said(&format!("{nearly}{{{{ward|}}}}"), Purpose::Drill), []);
    let over = said(&format!("{nearly}あ{{{{ward|}}}}"), Purpose::Notice);
    assert_eq!(over[0].0, "/parts/0/cards/0/title");
    assert!(
        over[0].1.starts_with("差しこむ言葉がいちばん長い人では、見出しは40文字まで"),
        "{over:?}"
    );
    // An empty name for whoever registered nothing is what LINE would refuse.
    let empty = Part::Quick { quick: vec![button("{{ward|}}", Act::Say("a".into()))] };
    let parts = [text("あ").remove(0), empty];
    assert_eq!(check(&parts, Purpose::Notice)[0].at, "/parts/1/quick/0/label");
    // What would make the address longer than LINE takes.
    let long = format!("https://a.example/?{}w={{{{ward|}}}}", "a".repeat(970));
    let over = problems(&card("あ", &long), &catalog(), Purpose::Notice);
    assert_eq!(over[0].at, "/parts/0/cards/0/buttons/0/open");
}

proptest! {
    #[test]
    fn what_is_filled_into_an_address_stays_one_value(words in "\\PC{0,40}") {
        let parts = card("あ", "https://a.example/?w={{ward|}}&n=1");
        let filled = fill(&parts, &Values::from([("ward".into(), words.clone())]));
        let Part::Cards { cards, .. } = &filled[0] else { panic!("{filled:?}") };
        let Act::Open(address) = &cards[0].buttons[0].act else { panic!("{cards:?}") };
        prop_assert!(address.starts_with("https://a.example/?w=") && address.ends_with("&n=1"));
        let value = &address["https://a.example/?w=".len()..address.len() - "&n=1".len()];
        prop_assert!(value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
    }

    #[test]
    fn the_pieces_are_the_text(t in "[a-z{}|\n区]{0,40}") {
        let again: String = pieces(&t).into_iter().map(|piece| match piece {
            Piece::Words(words) => words.to_owned(),
            Piece::Variable { key, otherwise } => written(key, otherwise),
        }).collect();
        prop_assert_eq!(again, t);
    }

    #[test]
    fn what_is_written_is_read(key in "[a-z][a-z0-9_]{0,20}", otherwise in "\\PC{0,120}", before in "[^{]{0,9}") {
        let t = format!("{before}{}", written(&key, &otherwise));
        let last = pieces(&t).last().copied();
        let is_variable = matches!(last, Some(Piece::Variable { key: k, .. }) if k == key);
        prop_assert!(is_variable);
    }
}
