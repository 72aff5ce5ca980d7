//! What goes to LINE.

use super::*;
use crate::id::DeliveryId;
use crate::menu::render::{Install, Key, Rendering, Tap, bar, cards, hash, parse_name, sheet};
use crate::message::Hosts;
use serde_json::{Value, json};

fn install() -> Install {
    Install::try_from("city0001".to_owned()).unwrap()
}

const HOSTS: Hosts<'static> = Hosts {
    base: "https://city.example",
    liff: "https://liff.line.me/2-a",
    delivery: DeliveryId(0),
};

fn short(_: MenuId, sheet: SheetKey, area: u16, _: &str) -> Option<String> {
    Some(format!("https://city.example/r/{}x{area}", sheet.0))
}

/// What is wrong with a rich menu object by LINE's limits.
pub(super) fn acceptable(object: &Value) -> Result<(), String> {
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    let number = |v: &Value, key: &str| v[key].as_u64().ok_or_else(|| format!("{key}: {v}"));
    let (width, height) = (number(&object["size"], "width")?, number(&object["size"], "height")?);
    let size = (800..=2_500).contains(&width) && height >= 250 && width * 100 >= height * 145;
    let areas = object["areas"].as_array().ok_or("no areas")?;
    let fine = size
        && object["selected"].is_boolean()
        && (1..=300).contains(&line::text::grapheme_len(text("name")))
        && (1..=14).contains(&line::text::grapheme_len(text("chatBarText")))
        && areas.len() <= 20;
    if !fine {
        return Err(object.to_string());
    }
    for area in areas {
        let b = &area["bounds"];
        let right = number(b, "x")? + number(b, "width")?;
        let foot = number(b, "y")? + number(b, "height")?;
        if right > width || foot > height {
            return Err(format!("outside: {area}"));
        }
        let action = &area["action"];
        let at_most = |key: &str, max: usize| {
            action[key].as_str().is_some_and(|t| (1..=max).contains(&line::text::utf16_len(t)))
        };
        let alias = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_' || c == b'-';
        let right = match action["type"].as_str().unwrap_or_default() {
            "message" => at_most("text", 300),
            "uri" => at_most("uri", 1_000),
            "postback" => at_most("data", 300),
            "richmenuswitch" => {
                at_most("data", 300)
                    && at_most("richMenuAliasId", 32)
                    && action["richMenuAliasId"].as_str().unwrap_or_default().bytes().all(alias)
            }
            _ => false,
        };
        if !right || line::text::grapheme_len(action["label"].as_str().unwrap_or_default()) > 20 {
            return Err(format!("action: {action}"));
        }
    }
    Ok(())
}

#[test]
fn a_sheet_as_line_takes_it() {
    let (menu, install) = (three_tabs(), install());
    let with = Rendering { install: &install, hosts: HOSTS, short: &short };
    let object = sheet(ID, &menu, &menu.sheets[0], Mode::Real, &with);
    acceptable(&object).unwrap();
    let (key, content) = parse_name(&install, object["name"].as_str().unwrap()).unwrap();
    assert_eq!(key, Key { menu: ID, sheet: SheetKey(1), mode: Mode::Real });
    assert_eq!(content, hash(ID, &menu, &menu.sheets[0], Mode::Real, &with));
    assert!(object["name"].as_str().unwrap().ends_with(" ふだんのメニュー くらし"));
    assert_eq!(object["size"], json!({"width": 2500, "height": 1686}));
    assert_eq!(
        object["areas"][1],
        json!({
            "bounds": {"x": 833, "y": 0, "width": 833, "height": 278},
            "action": {
                "type": "richmenuswitch",
                "label": "手続き",
                "richMenuAliasId": "k-city0001-3f-2",
                "data": "menu/3f-1/8",
            },
        })
    );
    let actions: Vec<&Value> =
        object["areas"].as_array().unwrap().iter().skip(3).map(|a| &a["action"]).collect();
    assert_eq!(
        serde_json::to_value(actions).unwrap(),
        json!([
            {"type": "message", "label": "ごみの日・分別", "text": "ごみ"},
            {"type": "uri", "label": "市バス・駐車場", "uri": "https://city.example/r/1x2"},
            {"type": "uri", "label": "施設の予約", "uri": "https://liff.line.me/2-a/register"},
            {"type": "uri", "label": "道路などの通報", "uri": "https://liff.line.me/2-a/form/road"},
            {"type": "uri", "label": "休日・夜間の病院", "uri": "tel:000-000-0000"},
            {"type": "postback", "label": "よくある質問", "data": "menu/3f-1/6 faq", "displayText": "質問"},
        ])
    );
}

#[test]
fn a_drill_says_so_wherever_it_is_read() {
    let (menu, install) = (three_tabs(), install());
    let with = Rendering { install: &install, hosts: HOSTS, short: &short };
    let object = sheet(ID, &menu, &menu.sheets[0], Mode::Drill, &with);
    acceptable(&object).unwrap();
    assert_eq!(object["chatBarText"], "【訓練】メニュー");
    assert_eq!(object["areas"][1]["action"]["richMenuAliasId"], "k-city0001-3f-2d");
    assert_eq!(object["areas"][3]["action"]["text"], "【訓練】ごみ");
    assert!(svg::sheet(&menu.sheets[0], Mode::Drill, &|_| None).contains("これは訓練です"));
    let long = Menu { bar: "あ".repeat(14), ..menu };
    assert_eq!(bar(&long, Mode::Drill), "【訓練】メニュー");
    assert_eq!(bar(&long, Mode::Real), "あ".repeat(14));
}

#[test]
fn the_content_decides_the_name() {
    let (menu, install) = (three_tabs(), install());
    let with = Rendering { install: &install, hosts: HOSTS, short: &short };
    let of = |menu: &Menu| hash(ID, menu, &menu.sheets[0], Mode::Real, &with);
    let first = of(&menu);
    assert_eq!(of(&menu.clone()), first);
    let changed = |command| of(&menu.after(&command).unwrap().0) != first;
    let sheet = SheetKey(1);
    assert!(changed(Command::SetMark { sheet, area: 3, mark: Mark::None }));
    assert!(changed(Command::SetBar { bar: "ひらく".into() }));
    assert!(changed(Command::SetLabel { sheet, area: 3, label: "ごみ".into() }));
    assert!(changed(Command::Nudge { sheet, border: 0, by: 1 }));
    assert!(!changed(Command::Rename { name: "別の名前".into() }));
}

#[test]
fn names_and_taps_are_read_back() {
    let install = install();
    for (menu, sheet, mode) in [(1, 1, Mode::Real), (i64::MAX, u16::MAX, Mode::Drill)] {
        let key = Key { menu: MenuId(menu), sheet: SheetKey(sheet), mode };
        let alias = key.alias(&install);
        assert!(alias.len() <= 32 && install.owns_alias(&alias), "{alias}");
        let name = render::name(&install, key, render::Hash(7), &"長い名前".repeat(100));
        assert_eq!(name.chars().count(), 300);
        assert_eq!(parse_name(&install, &name), Some((key, render::Hash(7))));
        let tap = Tap { key, area: u16::MAX, data: "あ".repeat(act::DATA_MAX) };
        assert!(line::text::utf16_len(&tap.encode()) <= line::text::ACTION_DATA);
        assert_eq!(Tap::parse(&tap.encode()), Some(tap));
    }
    for other in ["", "menu/", "menu/1-1", "menu/1-1/x", "menu/01-1/1", "yes", "menu/1-1d/-1"] {
        assert_eq!(Tap::parse(other), None, "{other}");
    }
    for other in
        ["", "kairan/city0002/1-1/0000000000000001", "kairan/city0001/1-1/1", "市のメニュー"]
    {
        assert_eq!(parse_name(&install, other), None, "{other}");
    }
    let key = Key { menu: ID, sheet: SheetKey(12), mode: Mode::Drill };
    assert_eq!(Key::of_alias(&install, &key.alias(&install)), Some(key));
    assert_eq!(Key::of_alias(&install, "k-city0002-1-1"), None);
}

#[test]
fn on_a_pc_the_same_tree_is_cards() {
    let (menu, install) = (three_tabs(), install());
    let with = Rendering { install: &install, hosts: HOSTS, short: &short };
    let message = cards(ID, &menu, Mode::Real, &with);
    assert_eq!(line::validate_messages(&json!([message])), []);
    let bubbles = message["contents"]["contents"].as_array().unwrap();
    assert_eq!(bubbles.len(), 3);
    let rows = bubbles[0]["body"]["contents"][0]["contents"].as_array().unwrap();
    // The row of tabs is gone, the others are as they lie.
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["layout"], "horizontal");
    assert_eq!(rows[1]["contents"][2]["contents"][0]["text"], "よくある質問");
    assert_eq!(rows[0]["contents"][0]["action"]["text"], "ごみ");
}

#[test]
fn words_cannot_break_the_drawing() {
    let mut menu = Menu::new("m", DepartmentId(1));
    menu.sheets[0].areas[0].cell.words = "<a href='x'>&\u{0}\u{7}\"".into();
    let drawing = svg::sheet(&menu.sheets[0], Mode::Real, &|_| None);
    assert!(!drawing.contains("<a") && !drawing.contains('\u{7}'), "{drawing}");
    assert!(drawing.contains("&lt;a"));
}
