//! Messages of every kind as they leave for LINE.

use domain::delivery::Purpose;
use domain::geometry::{Rect, TEMPLATES};
use domain::id::{BlobId, DeliveryId};
use domain::menu::Mode;
use domain::menu::cards::{cards, sheet_cards};
use domain::message::{Act, Button, Card, Hosts, Page, Part, Rich, check, rich, to_line};
use line::api::{BroadcastRequest, MulticastRequest, PushRequest, ReplyRequest};
use line::message::{
    CameraAction, CameraRollAction, ClipboardAction, DatetimeMode, DatetimePickerAction, Emoji,
    Extra, LocationAction, TextMessage,
};
use line::{Action, Message, QuickReply, UserId, validate_messages};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::menus::{FILE, ID, rendered, sample};
use crate::spec::{Spec, body};

const HOSTS: Hosts<'static> = Hosts {
    base: "https://city.example",
    liff: "https://liff.line.me/2-a",
    delivery: DeliveryId(12),
};

fn messages(list: Value) -> Vec<Message> {
    serde_json::from_value(list).unwrap()
}

/// The bodies of all requests that carry these messages, each with its schema.
fn requests(messages: &[Message]) -> [(&'static str, Value); 4] {
    let (user, messages) = (UserId::from_bytes([7; 16]), messages.to_vec());
    let multicast = MulticastRequest {
        to: vec![user],
        messages: messages.clone(),
        notification_disabled: true,
        custom_aggregation_units: vec!["kairan_12".into()],
    };
    let push = PushRequest {
        to: user,
        messages: messages.clone(),
        notification_disabled: true,
        custom_aggregation_units: vec!["kairan_12".into()],
    };
    let broadcast = BroadcastRequest { messages: messages.clone(), notification_disabled: true };
    let reply = ReplyRequest { reply_token: "0".repeat(32), messages, notification_disabled: true };
    [
        ("MulticastRequest", body(multicast)),
        ("PushMessageRequest", body(push)),
        ("BroadcastRequest", body(broadcast)),
        ("ReplyMessageRequest", body(reply)),
    ]
}

fn picture() -> BlobId {
    BlobId::from_random([7; 20])
}

fn address() -> impl Strategy<Value = Act> {
    let open = ["https://city.example/ごみ?q=1#a", "tel:000-000-0124", "line://ti/p/@city"];
    prop_oneof![
        prop::sample::select(open.to_vec()).prop_map(|address| Act::Open(address.into())),
        prop::sample::select(Page::ALL).prop_map(Act::Page),
        "[ぁ-ん😀]{1,100}".prop_map(Act::Say),
    ]
}

/// The mark of a drill counts in the label.
fn button(act: impl Strategy<Value = Act>) -> impl Strategy<Value = Button> {
    ("[ぁ-ん]{1,16}", act).prop_map(|(label, act)| Button { label, act })
}

fn any_button() -> impl Strategy<Value = Button> {
    button(prop_oneof![3 => address(), 1 => "[ぁ-ん]{1,40}".prop_map(Act::Reply)])
}

fn tappable() -> impl Strategy<Value = Part> {
    let areas = prop::collection::vec(button(address()), 20);
    let layout = prop::sample::select(TEMPLATES);
    (700..=2_080_u32, layout, "[ぁ-ん]{1,60}", areas).prop_map(
        |(height, template, alt, mut areas)| {
            areas.truncate(template.count());
            let layout = template.tree(Rect::whole(rich::WIDTH, height));
            Part::Rich {
                rich: Box::new(Rich { image: Some(picture()), height, alt, layout, areas }),
            }
        },
    )
}

fn card() -> impl Strategy<Value = Card> {
    let buttons = prop::collection::vec(any_button(), 0..=3);
    (any::<bool>(), "[ぁ-ん]{1,40}", "[ぁ-ん]{0,100}", buttons).prop_map(
        |(image, title, text, buttons)| Card { image: image.then(picture), title, text, buttons },
    )
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        "[!-~ぁ-ん😀]{1,300}".prop_map(|text| Part::Text { text }),
        Just(Part::Image { image: Some(picture()), alt: "公園".into() }),
        Just(Part::Video { video: Some(picture()), poster: Some(picture()), alt: "体操".into() }),
        tappable(),
        ("[ぁ-ん]{1,60}", prop::collection::vec(card(), 1..=12))
            .prop_map(|(alt, cards)| Part::Cards { cards, alt }),
    ]
}

#[test]
fn what_staff_may_send_line_takes() {
    let Some(spec) = Spec::read(FILE) else { return };
    let quick = prop::collection::vec(any_button(), 0..=13);
    let plan = (prop::collection::vec(part(), 1..=3), quick, prop::sample::select(Purpose::ALL));
    let run = TestRunner::default().run(&plan, |(mut parts, quick, purpose)| {
        if !quick.is_empty() {
            parts.push(Part::Quick { quick });
        }
        prop_assume!(check(&parts, purpose).is_empty());
        let list = to_line(&parts, purpose, HOSTS);
        // The sandbox asks the same.
        prop_assert_eq!(validate_messages(&list), Vec::new(), "{}", list);
        for (schema, body) in requests(&messages(list)) {
            prop_assert_eq!(spec.faults(schema, &body), [""; 0], "{} {}", schema, body);
        }
        Ok(())
    });
    run.unwrap();
}

#[test]
fn a_menu_as_cards_is_a_message_that_line_takes() {
    let Some(spec) = Spec::read(FILE) else { return };
    let menu = sample();
    for mode in [Mode::Real, Mode::Drill] {
        let all = rendered(|with| cards(ID, &menu, mode, with));
        let one = rendered(|with| sheet_cards(ID, &menu, &menu.sheets[0], mode, with));
        for list in [all, one] {
            assert!(!list.is_empty());
            for (schema, body) in requests(&messages(json!(list))) {
                assert_eq!(spec.faults(schema, &body), [""; 0], "{schema} {body}");
            }
        }
    }
}

/// A text with an emoji, and below it a button for every action that stands there.
fn asking() -> Message {
    let emoji =
        Emoji { index: 0, product_id: "5ac1bfd5040ab15980c9b435".into(), emoji_id: "001".into() };
    let text = TextMessage {
        text: "$ お住まいの区は?".into(),
        emojis: vec![emoji],
        ..TextMessage::default()
    };
    let day = DatetimePickerAction {
        label: Some("日".into()),
        data: "day".into(),
        mode: DatetimeMode::Date,
        initial: Some("2026-11-20".into()),
        max: None,
        min: None,
        extra: Extra::new(),
    };
    let copy = ClipboardAction { clipboard_text: "12-34".into(), ..ClipboardAction::default() };
    let photo = CameraAction { label: "写す".into(), ..CameraAction::default() };
    let album = CameraRollAction { label: "選ぶ".into(), ..CameraRollAction::default() };
    let place = LocationAction { label: "場所".into(), ..LocationAction::default() };
    Message::Text(text).with_quick_reply(QuickReply::of([
        Action::postback("中央区", "ward=1"),
        Action::message("はい", "はい"),
        Action::uri("開く", "https://city.example/"),
        day.into(),
        copy.into(),
        photo.into(),
        album.into(),
        place.into(),
    ]))
}

#[test]
fn a_message_that_line_would_not_take_is_noticed() {
    let Some(spec) = Spec::read(FILE) else { return };
    let say = |label: &str| Button { label: label.into(), act: Act::Say("はい".into()) };
    let open = Button { label: "地図".into(), act: Act::Open("https://city.example/".into()) };
    let card = Card {
        image: Some(picture()),
        title: "北小学校".into(),
        text: "開いています".into(),
        buttons: vec![say("行きます")],
    };
    let rich = Rich {
        image: Some(picture()),
        height: 700,
        alt: "避難所".into(),
        layout: TEMPLATES[0].tree(Rect::whole(rich::WIDTH, 700)),
        areas: vec![open],
    };
    let parts = [
        Part::Image { image: Some(picture()), alt: String::new() },
        Part::Video { video: Some(picture()), poster: Some(picture()), alt: String::new() },
        Part::Rich { rich: Box::new(rich) },
        Part::Cards { cards: vec![card], alt: "避難所".into() },
    ];
    let mut all = vec![asking()];
    all.extend(messages(to_line(&parts, Purpose::Notice, HOSTS)));
    let [(_, multicast), (_, push), (_, broadcast), (_, reply)] = requests(&all);
    let wrong = [
        ("/messages", json!([])),
        ("/messages", json!(vec![json!({"type": "text", "text": "あ"}); 6])),
        ("/notificationDisabled", json!("true")),
        ("/messages/0/type", json!("speech")),
        ("/messages/0/text", json!(null)),
        ("/messages/0/words", json!("あ")),
        ("/messages/0/emojis/0/index", json!("0")),
        ("/messages/0/quickReply/items", json!(vec![json!({"type": "action"}); 14])),
        ("/messages/0/quickReply/items/0/action/type", json!("nod")),
        ("/messages/0/quickReply/items/0/action/data", json!("a".repeat(301))),
        ("/messages/0/quickReply/items/3/action/mode", json!("year")),
        ("/messages/0/quickReply/items/4/action/clipboardText", json!(null)),
        ("/messages/1/previewImageUrl", json!(null)),
        ("/messages/1/originalContentUrl", json!("media/1")),
        ("/messages/2/originalContentUrl", json!(null)),
        ("/messages/2/trackingID", json!("1")),
        ("/messages/3/baseSize/height", json!("700")),
        ("/messages/3/actions/0/linkUri", json!(null)),
        ("/messages/3/actions/0/area/x", json!(0.5)),
        ("/messages/4/altText", json!(null)),
        ("/messages/4/contents/type", json!("page")),
        ("/messages/4/contents/hero/type", json!("picture")),
        ("/messages/4/contents/hero/aspectMode", json!("stretch")),
        ("/messages/4/contents/body/layout", json!("diagonal")),
        ("/messages/4/contents/body/type", json!("text")),
        ("/messages/4/contents/body/contents/0/weight", json!("heavy")),
        ("/messages/4/contents/footer/contents/0/action", json!(null)),
    ];
    for (schema, body) in [
        ("MulticastRequest", &multicast),
        ("PushMessageRequest", &push),
        ("BroadcastRequest", &broadcast),
        ("ReplyMessageRequest", &reply),
    ] {
        spec.refuses(schema, body, &wrong);
    }
    let units = [json!(["a", "b"]), json!("kairan_12")].map(|u| ("/customAggregationUnits", u));
    spec.refuses("MulticastRequest", &multicast, &units);
    spec.refuses("MulticastRequest", &multicast, &[("/to", json!([])), ("/To", json!([]))]);
    spec.refuses("PushMessageRequest", &push, &[("/to", multicast["to"].clone())]);
    spec.refuses("ReplyMessageRequest", &reply, &[("/replyToken", json!(null))]);
}
