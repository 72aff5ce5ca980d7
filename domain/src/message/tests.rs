use super::*;
use crate::delivery::Purpose;

const ID: &str = "00112233445566778899aabbccddeeff00112233";

fn text(text: &str) -> Part {
    Part::Text { text: text.into() }
}

fn picture() -> Part {
    Part::Image { image: ID.parse().ok(), alt: String::new() }
}

#[test]
fn length_is_counted_in_utf16_with_the_mark() {
    let text = |n: usize| vec![text(&"😀".repeat(n))];
    assert!(check(&text(2500), Purpose::Notice).is_empty());
    assert_eq!(check(&text(2501), Purpose::Notice)[0].at, "/parts/0/text");
    assert!(!check(&text(2500), Purpose::Drill).is_empty());
}

#[test]
fn a_drill_says_so_first_in_every_part() {
    let parts = [text("避難してください"), text("【訓練】高台へ")];
    let json = to_line(&parts, Purpose::Drill, "");
    assert_eq!(json[0]["text"], "【訓練】避難してください");
    assert_eq!(json[1]["text"], "【訓練】高台へ");
    assert_eq!(to_line(&parts[..1], Purpose::Emergency, "")[0]["text"], "避難してください");
}

#[test]
fn a_picture_of_a_drill_is_announced_and_counted() {
    let said = |parts: &[Part]| {
        let messages = to_line(parts, Purpose::Test, "https://city.example");
        let words = |m: &Value| m["text"].as_str().unwrap_or("写真").to_owned();
        messages.as_array().into_iter().flatten().map(words).collect::<Vec<_>>()
    };
    assert_eq!(
        said(&[picture(), text("あ"), picture(), picture()]),
        [
            "【試験】次の写真は、試験のものです",
            "写真",
            "【試験】あ",
            "【試験】次の写真2枚は、試験のものです",
            "写真",
            "写真"
        ]
    );
    let four = [text("あ"), picture(), picture(), picture()];
    assert!(check(&four, Purpose::Drill).is_empty());
    let apart = [text("あ"), picture(), text("い"), picture()];
    assert!(check(&apart, Purpose::Notice).is_empty());
    assert_eq!(check(&apart, Purpose::Drill)[0].at, "/parts");
}

#[test]
fn a_picture_becomes_two_addresses_of_the_city() {
    let json = to_line(&[picture()], Purpose::Notice, "https://city.example");
    assert_eq!(json[0]["originalContentUrl"], format!("https://city.example/media/{ID}"));
    assert_eq!(json[0]["previewImageUrl"], format!("https://city.example/media/{ID}/preview"));
    let stored = serde_json::to_string(&[picture(), text("a")]).unwrap();
    assert_eq!(stored, format!("[{{\"image\":\"{ID}\"}},{{\"text\":\"a\"}}]"));
    assert_eq!(serde_json::from_str::<Vec<Part>>(&stored).unwrap(), [picture(), text("a")]);
    let unfinished = Part::Image { image: None, alt: "公園".into() };
    let stored = serde_json::to_string(&unfinished).unwrap();
    assert_eq!(serde_json::from_str::<Part>(&stored).unwrap(), unfinished);
    assert_eq!(check(&[unfinished], Purpose::Notice)[0].at, "/parts/0/image");
}

#[test]
fn a_video_stands_behind_its_poster_and_a_drill_announces_it() {
    let parts = parse_parts(
        &json!([{"video": ID, "poster": "1".repeat(40), "alt": "体操"}]),
        Purpose::Drill,
    );
    let parts = parts.unwrap();
    let json = to_line(&parts, Purpose::Drill, "https://city.example");
    assert_eq!(json[0]["text"], "【訓練】次の動画は、訓練のものです");
    assert_eq!(
        json[1],
        json!({
            "type": "video",
            "originalContentUrl": format!("https://city.example/media/{ID}"),
            "previewImageUrl": format!("https://city.example/media/{}/preview", "1".repeat(40)),
        })
    );
    let row = |parts: &[Part]| {
        to_line(parts, Purpose::Test, "")[0]["text"].as_str().unwrap_or_default().to_owned()
    };
    let video = || parts[0].clone();
    assert_eq!(row(&[video(), video()]), "【試験】次の動画2本は、試験のものです");
    assert_eq!(row(&[picture(), video()]), "【試験】次の画像と動画2つは、試験のものです");
    // A draft keeps half of it, which cannot be sent.
    for (video, poster, at) in
        [(None, ID.parse().ok(), "/parts/0/video"), (ID.parse().ok(), None, "/parts/0/poster")]
    {
        let half = Part::Video { video, poster, alt: String::new() };
        let stored = serde_json::to_string(&half).unwrap();
        assert_eq!(serde_json::from_str::<Part>(&stored).unwrap(), half);
        assert_eq!(check(&[half], Purpose::Notice)[0].at, at);
    }
}

#[test]
fn unknown_parts_are_refused() {
    for (bad, at) in [
        (json!({}), "/parts"),
        (json!([]), "/parts"),
        (json!([{"text": 1}]), "/parts/0"),
        (json!([{"text": "a", "x": 1}]), "/parts/0"),
        (json!([{"text": "a", "image": ID}]), "/parts/0"),
        (json!([{"image": "1"}]), "/parts/0/image"),
        (json!([{"image": ID.to_uppercase()}]), "/parts/0/image"),
        (json!([{"image": null}]), "/parts/0"),
        (json!([{"image": ID, "alt": 1}]), "/parts/0/alt"),
        (json!([{"image": ID, "alt": "あ".repeat(201)}]), "/parts/0/alt"),
        (json!([{"image": ID, "alt": "a\nb"}]), "/parts/0/alt"),
        (json!([{"video": ID}]), "/parts/0/poster"),
        (json!([{"video": "1", "poster": ID}]), "/parts/0/video"),
        (json!([{"video": ID, "poster": ID, "image": ID}]), "/parts/0"),
        (json!([{"video": ID, "poster": ID, "alt": "a\nb"}]), "/parts/0/alt"),
        (json!([{"text": "a"}, {"text": ""}]), "/parts/1/text"),
        (json!([null]), "/parts/0"),
    ] {
        let problems = parse_parts(&bad, Purpose::Notice).unwrap_err();
        assert_eq!(problems[0].at, at, "{bad}");
    }
    assert!(parse_parts(&json!([{"text": "a"}]), Purpose::Notice).is_ok());
    assert!(parse_parts(&json!([{"image": ID, "alt": "公園"}]), Purpose::Notice).is_ok());
}

fn button(label: &str, act: Act) -> Button {
    Button { label: label.into(), act }
}

fn rich(areas: usize) -> Part {
    let layout = match areas {
        4 => serde_json::from_value(json!({"rows": [350], "parts": [
            {"columns": [520], "parts": [null, null]}, {"columns": [520], "parts": [null, null]}]}))
        .unwrap(),
        _ => crate::geometry::Tree::Area,
    };
    Part::Rich {
        rich: Box::new(Rich {
            image: ID.parse().ok(),
            height: 700,
            alt: "4つの避難所".into(),
            layout,
            areas: vec![
                button("北小学校", Act::Open("https://city.example/北".into()));
                areas
            ],
        }),
    }
}

fn cards(n: usize) -> Part {
    let card = Card {
        image: ID.parse().ok(),
        title: "北小学校".into(),
        text: "開いています".into(),
        buttons: vec![button("地図", Act::Open("https://city.example/map".into()))],
    };
    Part::Cards { cards: vec![card; n], alt: "開いている避難所".into() }
}

fn quick(n: usize) -> Part {
    Part::Quick { quick: vec![button("無事です", Act::Say("無事です".into())); n] }
}

#[test]
fn a_picture_with_areas_becomes_an_imagemap() {
    let json = to_line(&[rich(4)], Purpose::Notice, "https://city.example");
    assert_eq!(json[0]["baseUrl"], format!("https://city.example/media/{ID}/map"));
    assert_eq!(json[0]["baseSize"], json!({"width": 1040, "height": 700}));
    assert_eq!(json[0]["altText"], "4つの避難所");
    assert_eq!(
        json[0]["actions"][3],
        json!({"type": "uri", "label": "北小学校", "linkUri": "https://city.example/%E5%8C%97",
            "area": {"x": 520, "y": 350, "width": 520, "height": 350}})
    );
    // A drill says so before the picture, instead of it, and at each area.
    let drill = to_line(&[rich(1), picture()], Purpose::Drill, "https://city.example");
    assert_eq!(drill[0]["text"], "【訓練】次の画像2枚は、訓練のものです");
    assert_eq!(drill[1]["altText"], "【訓練】4つの避難所");
    assert_eq!(drill[1]["actions"][0]["label"], "【訓練】北小学校");
    assert_eq!(Rich::height_of(2_048, 1_365), 693);
}

#[test]
fn cards_become_a_flex_message() {
    let one = to_line(&[cards(1)], Purpose::Notice, "https://city.example");
    assert_eq!(one[0]["contents"]["type"], "bubble");
    assert_eq!(
        one[0]["contents"]["hero"]["url"],
        format!("https://city.example/media/{ID}/preview")
    );
    let two = to_line(&[cards(2)], Purpose::Drill, "https://city.example");
    assert_eq!(two[0]["altText"], "【訓練】開いている避難所");
    for bubble in two[0]["contents"]["contents"].as_array().unwrap() {
        assert_eq!(bubble["header"]["contents"][0]["text"], "【訓練】");
    }
    assert_eq!(two.as_array().unwrap().len(), 1);
}

#[test]
fn suggested_answers_stand_below_the_last_message_and_are_none_themselves() {
    let five: Vec<Part> = (0..5).map(|_| text("あ")).chain([quick(13)]).collect();
    assert!(check(&five, Purpose::Notice).is_empty());
    let json = to_line(&five, Purpose::Test, "https://city.example");
    assert_eq!(json.as_array().unwrap().len(), 5);
    assert!(json[0].get("quickReply").is_none());
    assert_eq!(json[4]["quickReply"]["items"][12]["action"]["label"], "【試験】無事です");
    for (parts, at) in [
        (vec![quick(1)], "/parts"),
        (vec![quick(1), text("あ")], "/parts/0"),
        (vec![text("あ"), quick(14)], "/parts/1/quick"),
        (vec![text("あ"), quick(0)], "/parts/1/quick"),
    ] {
        assert_eq!(check(&parts, Purpose::Notice)[0].at, at);
    }
    assert_eq!(with_quick(vec![text("あ")], Vec::new()), [text("あ")]);
}

#[test]
fn every_kind_is_counted_and_checked_at_its_place() {
    assert!(check(&[text("あ"), rich(4), cards(12), quick(1)], Purpose::Drill).is_empty());
    // 「次の画像は…」 comes in addition.
    let five = [text("あ"), text("い"), text("う"), text("え"), rich(1)];
    assert!(check(&five, Purpose::Notice).is_empty());
    assert_eq!(check(&five, Purpose::Drill)[0].at, "/parts");
    let change = |mut part: Part, with: &dyn Fn(&mut Rich)| {
        if let Part::Rich { rich } = &mut part {
            with(rich);
        }
        check(&[part], Purpose::Notice).into_iter().map(|p| p.at).collect::<Vec<_>>()
    };
    assert_eq!(change(rich(1), &|r| r.alt.clear()), ["/parts/0/rich/alt"]);
    assert_eq!(change(rich(1), &|r| r.image = None), ["/parts/0/rich/image"]);
    assert_eq!(change(rich(4), &|r| drop(r.areas.pop())), ["/parts/0/rich/areas"]);
    assert_eq!(change(rich(4), &|r| r.areas[2].label.clear()), ["/parts/0/rich/areas/2/label"]);
    assert_eq!(change(rich(1), &|r| r.height = 2_081), ["/parts/0/rich/image"]);
    assert_eq!(change(rich(4), &|r| r.height = 380), ["/parts/0/rich/layout"]);
    assert_eq!(check(&[cards(13)], Purpose::Notice)[0].at, "/parts/0/cards");
    let heavy = Card {
        text: "あ".repeat(500),
        title: "見".repeat(40),
        buttons: vec![
            button("地図", Act::Open(format!("https://c.example/{}", "a".repeat(900))));
            3
        ],
        ..Card::default()
    };
    let many = Part::Cards { cards: vec![heavy.clone(); 12], alt: "a".into() };
    assert_eq!(check(&[many], Purpose::Notice)[0].at, "/parts/0/cards");
    let few = Part::Cards { cards: vec![heavy; 8], alt: "a".into() };
    assert!(check(&[few], Purpose::Notice).is_empty());
    let empty = Part::Cards { cards: vec![Card::default()], alt: String::new() };
    let at: Vec<_> = check(&[empty], Purpose::Notice).into_iter().map(|p| p.at).collect();
    assert_eq!(at, ["/parts/0/alt", "/parts/0/cards/0/title"]);
}

#[test]
fn what_is_checked_is_what_line_takes() {
    for purpose in Purpose::ALL {
        let parts = [text("あ"), rich(4), cards(12), cards(1), quick(13)];
        assert!(check(&parts, *purpose).is_empty());
        let hosts = Hosts {
            base: "https://city.example",
            liff: "https://liff.line.me/1-a",
            ..Hosts::default()
        };
        let refused = line::validate_messages(&to_line(&parts, *purpose, hosts));
        assert_eq!(refused, [], "{purpose:?}");
    }
}

#[test]
fn every_kind_goes_through_json_and_is_read_strictly() {
    let parts = vec![text("あ"), picture(), rich(4), cards(2), quick(2)];
    let stored = serde_json::to_value(&parts).unwrap();
    assert_eq!(serde_json::from_value::<Vec<Part>>(stored.clone()).unwrap(), parts);
    assert_eq!(parse_parts(&stored, Purpose::Notice).unwrap(), parts);
    let named = json!([{"rich": {"image": ID, "height": 700, "alt": "あ", "layout": "four", "areas":
        vec![json!({"label": "あ", "page": "register"}); 4]}}]);
    assert!(parse_parts(&named, Purpose::Notice).is_ok());
    for (bad, at) in [
        (json!([{"rich": {}}]), "/parts/0/rich/image"),
        (json!([{"rich": {"image": ID}}]), "/parts/0/rich/height"),
        (json!([{"rich": {"image": ID, "height": 700, "layout": "5"}}]), "/parts/0/rich/layout"),
        (
            json!([{"rich": {"image": ID, "height": 700, "layout": {"rows": 1}}}]),
            "/parts/0/rich/layout",
        ),
        (json!([{"rich": {"image": ID, "height": 700}}]), "/parts/0/rich/areas"),
        (
            json!([{"rich": {"image": ID, "height": 700, "areas": [{"label": 1}]}}]),
            "/parts/0/rich/areas/0/label",
        ),
        (
            json!([{"rich": {"image": ID, "height": 700, "alt": "a", "size": 1}}]),
            "/parts/0/rich/size",
        ),
        (json!([{"cards": 1}]), "/parts/0/cards"),
        (json!([{"cards": [1]}]), "/parts/0/cards/0"),
        (json!([{"cards": [{"name": "a"}]}]), "/parts/0/cards/0/name"),
        (json!([{"cards": [{"buttons": [{}]}]}]), "/parts/0/cards/0/buttons/0/label"),
        (json!([{"cards": [{"title": "a"}]}]), "/parts/0/alt"),
        (json!([{"text": "a"}, {"quick": [{"label": "a", "go": "b"}]}]), "/parts/1/quick/0"),
        (json!([{"quick": [{"label": "a", "say": "b"}]}]), "/parts"),
        (json!([{"text": "a", "quick": []}]), "/parts/0"),
    ] {
        let problems = parse_parts(&bad, Purpose::Notice).unwrap_err();
        assert_eq!(problems[0].at, at, "{bad}");
    }
}
