//! Rich menus and batches.

use super::*;
use crate::validate::{is_rich_menu_picture, validate_rich_menu, validate_rich_menu_batch};

fn menu() -> Value {
    json!({
        "size": {"width": 2500, "height": 1686}, "selected": false, "name": "ごみ",
        "chatBarText": "メニュー",
        "areas": [{"bounds": {"x": 0, "y": 0, "width": 2500, "height": 1686},
                   "action": {"type": "postback", "data": "a"}}],
    })
}

/// The menu with one value replaced, or taken away with null.
fn with(pointer: &str, value: Value) -> Value {
    let mut menu = menu();
    match pointer.rsplit_once('/') {
        Some((at, key)) if value.is_null() => {
            menu.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(key);
        }
        Some((at, key)) => {
            let place = menu.pointer_mut(at).unwrap();
            match key.parse::<usize>() {
                Ok(i) if place.is_array() => place[i] = value,
                _ => place[key] = value,
            }
        }
        None => unreachable!("pointers begin with a slash"),
    }
    menu
}

fn found(details: Vec<Detail>) -> Vec<String> {
    details.into_iter().map(|d| format!("{}: {}", d.property, d.message)).collect()
}

fn area(action: Value) -> Value {
    with("/areas/0/action", action)
}

#[test]
fn every_limit_of_a_menu() {
    assert_eq!(found(validate_rich_menu(&menu())), [""; 0]);
    let area_of = |n: usize| json!(vec![menu()["areas"][0].clone(); n]);
    let cases = [
        ("/size", json!(null), "size: must be specified"),
        ("/size/width", json!(799), "size.width: Must be between 800 and 2500"),
        ("/size/width", json!(2501), "size.width: Must be between 800 and 2500"),
        ("/size/width", json!(800.5), "size.width: Must be between 800 and 2500"),
        ("/size/height", json!(249), "size.height: Must be between 250 and 2147483647"),
        ("/size/height", json!(null), "size.height: must be specified"),
        ("/selected", json!(null), "selected: must be specified"),
        ("/selected", json!("false"), "selected: Must be a boolean"),
        ("/name", json!(null), "name: must be specified"),
        ("/name", json!("名".repeat(301)), "name: Length must be between 0 and 300"),
        ("/chatBarText", json!(""), "chatBarText: May not be empty"),
        ("/chatBarText", json!("字".repeat(15)), "chatBarText: Length must be between 0 and 14"),
        ("/areas", json!(null), "areas: must be specified"),
        ("/areas", area_of(21), "areas: Size must be between 0 and 20"),
        ("/areas/0/bounds", json!(null), "areas[0].bounds: must be specified"),
        ("/areas/0/action", json!(null), "areas[0].action: must be specified"),
        (
            "/areas/0/bounds/x",
            json!(1),
            "areas[0].bounds: Must lie within the size of the rich menu",
        ),
        ("/areas/0/bounds/x", json!(-1), "areas[0].bounds.x: Must be between 0 and 2147483647"),
        (
            "/areas/0/bounds/width",
            json!(0),
            "areas[0].bounds.width: Must be between 1 and 2147483647",
        ),
    ];
    for (pointer, value, expected) in cases {
        let details = found(validate_rich_menu(&with(pointer, value)));
        assert_eq!(details, [expected], "{pointer}");
    }
    // What people see as one character is one.
    let family = "👨‍👩‍👧".repeat(14);
    assert_eq!(found(validate_rich_menu(&with("/chatBarText", json!(family)))), [""; 0]);
    assert_eq!(found(validate_rich_menu(&with("/areas", area_of(20)))), [""; 0]);
    assert_eq!(validate_rich_menu(&json!([])).len(), 5);
}

#[test]
fn pictures_and_menus_have_the_same_measures() {
    for (width, height) in [(2500, 1686), (2500, 843), (1200, 810), (800, 540), (800, 250)] {
        assert!(is_rich_menu_picture(width, height), "{width}×{height}");
    }
    for (width, height) in [(799, 250), (2501, 843), (800, 249), (2500, 1725), (u32::MAX, 1)] {
        assert!(!is_rich_menu_picture(width, height), "{width}×{height}");
    }
    // 1.45 itself is enough.
    assert!(is_rich_menu_picture(1450, 1000) && !is_rich_menu_picture(1449, 1000));
    let mut tall = menu();
    tall["size"]["height"] = json!(1725);
    assert!(found(validate_rich_menu(&tall))[0].starts_with("size: The aspect ratio"));
}

#[test]
fn actions_of_areas() {
    let switch = json!({"type": "richmenuswitch", "richMenuAliasId": "tab-2", "data": "x"});
    for fine in [
        switch.clone(),
        json!({"type": "uri", "uri": "tel:0312345678", "label": "電話"}),
        json!({"type": "message", "text": "はい"}),
        json!({"type": "datetimepicker", "data": "d", "mode": "date"}),
        json!({"type": "clipboard", "clipboardText": "1"}),
    ] {
        assert_eq!(found(validate_rich_menu(&area(fine))), [""; 0]);
    }
    let cases = [
        (json!({"type": "camera", "label": "c"}), "areas[0].action.type: Must be one of"),
        (json!({"type": "uri", "uri": "ftp://a"}), "areas[0].action.uri: invalid uri"),
        (json!({"type": "uri", "uri": "https://a b"}), "areas[0].action.uri: invalid uri"),
        (
            json!({"type": "message", "text": "a", "label": "字".repeat(21)}),
            "areas[0].action.label: Length must be between 0 and 20",
        ),
        (
            json!({"type": "postback", "data": "a".repeat(301)}),
            "areas[0].action.data: Length must be between 0 and 300",
        ),
        (
            json!({"type": "richmenuswitch", "richMenuAliasId": "Tab", "data": "x"}),
            "areas[0].action.richMenuAliasId: Must match",
        ),
        (
            json!({"type": "richmenuswitch", "richMenuAliasId": "a".repeat(33), "data": "x"}),
            "areas[0].action.richMenuAliasId: Must match",
        ),
        (
            json!({"type": "richmenuswitch", "richMenuAliasId": "a"}),
            "areas[0].action.data: May not be empty",
        ),
    ];
    for (action, expected) in cases {
        let details = found(validate_rich_menu(&area(action)));
        assert_eq!(details.len(), 1, "{details:?}");
        assert!(details[0].starts_with(expected), "{details:?}");
    }
    // Nowhere else.
    let details = errors(quick(switch));
    assert!(details[0].starts_with("messages[0].quickReply.items[0].action.type"), "{details:?}");
}

#[test]
fn every_rule_of_a_batch() {
    let link = |from: &str| json!({"type": "link", "from": from, "to": "z"});
    let judge =
        |operations: Value| found(validate_rich_menu_batch(&json!({"operations": operations})));
    let many = |n: usize| (0..n).map(|i| link(&format!("m{i}"))).collect::<Value>();
    assert_eq!(judge(many(1_000)), [""; 0]);
    assert_eq!(judge(json!([{"type": "unlinkAll"}])), [""; 0]);
    assert_eq!(judge(many(1_001)), ["operations: Size must be between 1 and 1000"]);
    assert_eq!(judge(json!([])), ["operations: Size must be between 1 and 1000"]);
    assert_eq!(
        judge(json!([link("a"), {"type": "unlink", "from": "a"}])),
        ["operations[].from: from richmenu (a) is duplicated"]
    );
    assert_eq!(
        judge(json!([link("a"), {"type": "unlinkAll"}])),
        ["operations[].type: 'unlinkAll' type can't be combined with other type"]
    );
    assert_eq!(judge(json!([{"type": "unlink"}])), ["operations[0].from: May not be empty"]);
    assert!(judge(json!([{"type": "swap"}]))[0].starts_with("operations[0].type: Must be one of"));
    assert_eq!(found(validate_rich_menu_batch(&json!({}))), ["operations: must be specified"]);
    for (key, fine) in [("a".repeat(100), true), ("a".repeat(101), false), ("鍵".into(), false)] {
        let batch = json!({"operations": [{"type": "unlinkAll"}], "resumeRequestKey": key});
        assert_eq!(validate_rich_menu_batch(&batch).is_empty(), fine, "{key}");
    }
}
