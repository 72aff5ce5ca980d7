use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::message::{PostbackAction, RichMenuSwitchAction};
use crate::validate::validate_rich_menu;

fn round_trip<T: Serialize + serde::de::DeserializeOwned>(value: Value) -> T {
    let typed: T = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&typed).unwrap(), value);
    typed
}

#[test]
fn a_menu_has_lines_names() {
    let made: MadeRichMenu = round_trip(json!({
        "richMenuId": "richmenu-88c05ef6921ae53f8b58a25f3a65faf7",
        "size": {"width": 2500, "height": 1686}, "selected": false,
        "name": "nice rich menu", "chatBarText": "click",
        "areas": [
            {"bounds": {"x": 0, "y": 0, "width": 1250, "height": 1686},
             "action": {"type": "postback", "data": "action=buy&itemid=123"}},
            {"bounds": {"x": 1250, "y": 0, "width": 1250, "height": 1686},
             "action": {"type": "richmenuswitch", "richMenuAliasId": "b", "data": "to-b"}},
        ],
    }));
    assert_eq!(made.menu.areas[1].bounds.x, 1_250);
    assert!(matches!(made.menu.areas[1].action, Action::RichMenuSwitch(_)));
}

#[test]
fn what_is_unknown_survives() {
    let menu: RichMenu = round_trip(json!({
        "size": {"width": 800, "height": 250}, "selected": true, "name": "n", "chatBarText": "b",
        "areas": [{"bounds": {"x": 0, "y": 0, "width": 1, "height": 1}, "mood": "glad",
                   "action": {"type": "teleport", "to": "市役所"}}],
        "season": "winter",
    }));
    assert!(matches!(menu.areas[0].action, Action::Other(_)));
    assert_eq!(menu.extra["season"], "winter");
    for operation in [
        json!({"type": "link", "from": "a", "to": "b", "new": 1}),
        json!({"type": "unlink", "from": "a"}),
        json!({"type": "unlinkAll"}),
        json!({"type": "shuffle", "among": ["a"]}),
        json!({"type": "link", "from": 7}),
    ] {
        round_trip::<Operation>(operation);
    }
    let phase: Phase = serde_json::from_value(json!("resting")).unwrap();
    assert_eq!(phase, Phase::Other);
}

#[test]
fn hidden_figures_are_absent() {
    let hidden: InsightSummary = round_trip(json!({"richMenuId": "r"}));
    assert_eq!((hidden.impression, hidden.clicks), (None, None));
    let daily: InsightDaily = round_trip(json!({
        "richMenuId": "r", "metricsFrom": "20260213", "metricsTo": "20260214",
        "impression": {"metrics": [{"date": "20260213", "count": 300, "uniqueUsers": 191}]},
        "clicks": [{"bounds": {"x": 0, "y": 0, "width": 400, "height": 250},
                    "metrics": [{"date": "20260214", "count": 78, "uniqueUsers": 35}]}],
    }));
    assert_eq!(daily.clicks.unwrap()[0].metrics[0].unique_users, 35);
}

fn actions() -> impl Strategy<Value = Action> {
    let label = proptest::option::of("[あ-ん]{0,20}");
    prop_oneof![
        (label.clone(), "[a-z&=]{1,300}", proptest::option::of("[ぁ-ん😀]{0,300}")).prop_map(
            |(label, data, display_text)| {
                PostbackAction { label, data, display_text, ..PostbackAction::default() }.into()
            }
        ),
        ("[あ-ん]{0,20}", "[ぁ-んA-Z]{1,300}").prop_map(|(l, t)| Action::message(l, t)),
        ("[あ-ん]{0,20}", "[a-z0-9/]{0,900}")
            .prop_map(|(l, path)| Action::uri(l, format!("https://example.jp/{path}"))),
        (label, "[a-z0-9_-]{1,32}", "[a-z]{1,300}").prop_map(|(label, alias, data)| {
            RichMenuSwitchAction { label, rich_menu_alias_id: alias, data, extra: Extra::new() }
                .into()
        }),
    ]
}

prop_compose! {
    fn sizes()(width in 800_u32..=2500)(
        width in Just(width), height in 250_u32..=width * 100 / 145) -> Size {
        Size { width, height }
    }
}

fn menus() -> impl Strategy<Value = RichMenu> {
    let areas =
        proptest::collection::vec((actions(), 0.0..1.0, 0.0..1.0, 0.0..1.0, 0.0..1.0_f64), 0..=20);
    (sizes(), any::<bool>(), ".{1,300}", "[ぁ-ん]{1,14}", areas).prop_map(
        |(size, selected, name, chat_bar_text, areas)| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "shares of a small number"
            )]
            let part = |share: f64, of: u32| (share * f64::from(of)) as u32;
            let areas = areas
                .into_iter()
                .map(|(action, x, y, width, height)| {
                    let (x, y) = (part(x, size.width - 1), part(y, size.height - 1));
                    let bounds = Bounds {
                        x,
                        y,
                        width: 1 + part(width, size.width - x - 1),
                        height: 1 + part(height, size.height - y - 1),
                    };
                    Area { bounds, action, extra: Extra::new() }
                })
                .collect();
            RichMenu { size, selected, name, chat_bar_text, areas, extra: Extra::new() }
        },
    )
}

proptest! {
    #[test]
    fn any_acceptable_menu_is_accepted_and_round_trips(menu in menus()) {
        // A name of 300 characters may have fewer graphemes, never more.
        let wire = serde_json::to_value(&menu).unwrap();
        prop_assert_eq!(validate_rich_menu(&wire), Vec::new());
        prop_assert_eq!(serde_json::from_value::<RichMenu>(wire).unwrap(), menu);
    }
}
