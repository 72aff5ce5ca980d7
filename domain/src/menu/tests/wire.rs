//! What goes to LINE.

use super::*;
use crate::id::DeliveryId;
use crate::link::Own;
use crate::menu::cards::{CARDS, cards, sheet_cards};
use crate::menu::render::{Install, Key, Rendering, Tap, bar, hash, opened_by, parse_name, sheet};
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

fn short(key: Key, area: u16, _: &str) -> Option<String> {
    Some(format!("https://city.example/r/{}x{area}", key.sheet.0))
}

#[test]
fn a_sheet_as_line_takes_it() {
    let (menu, install) = (three_tabs(), install());
    let with = Rendering { install: &install, hosts: HOSTS, short: &short };
    let object = sheet(ID, &menu, &menu.sheets[0], Mode::Real, &with);
    assert_eq!(line::validate_rich_menu(&object), []);
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
            {"type": "uri", "label": "施設の予約", "uri": "https://liff.line.me/2-a/register?tap=3f-1.3"},
            {"type": "uri", "label": "道路などの通報", "uri": "https://liff.line.me/2-a/f/road?tap=3f-1.4"},
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
    assert_eq!(line::validate_rich_menu(&object), []);
    assert_eq!(object["chatBarText"], "【訓練】メニュー");
    assert_eq!(object["areas"][1]["action"]["richMenuAliasId"], "k-city0001-3f-2d");
    assert_eq!(object["areas"][3]["action"]["text"], "【訓練】ごみ");
    assert!(svg::sheet(&menu.sheets[0], Mode::Drill, &|_| None).contains("これは訓練です"));
    // The editor draws it piece by piece.
    let sheet = &menu.sheets[0];
    let areas = sheet.rects().into_iter().enumerate();
    let areas: String = areas.map(|at| svg::area(sheet, at, Mode::Real, &|_| None)).collect();
    let pieces = format!("{}{areas}</svg>", svg::ground(sheet, &|_| None));
    assert!(svg::sheet(sheet, Mode::Real, &|_| None).ends_with(&pieces));
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
        for said in [false, true] {
            let tap = Tap { key, area: u16::MAX, data: "あ い".repeat(act::DATA_MAX / 3), said };
            assert!(line::text::utf16_len(&tap.encode()) <= line::text::ACTION_DATA);
            assert_eq!(Tap::parse(&tap.encode()), Some(tap));
        }
    }
    for other in
        ["", "menu/", "menu/1-1", "menu/1-1/x", "menu/01-1/1", "yes", "menu/1-1d/-1", "said/x ごみ"]
    {
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
fn a_page_of_ours_says_which_area_opened_it() {
    let (menu, install) = (three_tabs(), install());
    let with = Rendering { install: &install, hosts: HOSTS, short: &short };
    for mode in [Mode::Real, Mode::Drill] {
        let object = sheet(ID, &menu, &menu.sheets[1], mode, &with);
        let key = Key { menu: ID, sheet: SheetKey(2), mode };
        for (i, area) in [(5, 3), (6, 4)] {
            let address = object["areas"][i]["action"]["uri"].as_str().unwrap();
            assert_eq!(opened_by(address.strip_prefix(HOSTS.liff).unwrap()), Some((key, area)));
        }
    }
    let key = Key { menu: ID, sheet: SheetKey(1), mode: Mode::Real };
    assert_eq!(opened_by("/f/1?as=x&tap=3f-1.4&y"), Some((key, 4)));
    for other in ["", "/register", "/f/1?tap=", "/f/1?tap=3f-1", "/f/1?tap=3f-1.x", "tap=3f-1.4"] {
        assert_eq!(opened_by(other), None, "{other}");
    }
}

#[test]
fn a_text_that_is_counted_is_seen_and_sent_to_us_alike() {
    let (mut menu, install) = (three_tabs(), install());
    menu.sheets[0].areas[3].act = Act::SayCounted(" ごみ ".into());
    let with = Rendering { install: &install, hosts: HOSTS, short: &short };
    for (mode, words) in [(Mode::Real, "ごみ"), (Mode::Drill, "【訓練】ごみ")] {
        let action = &sheet(ID, &menu, &menu.sheets[0], mode, &with)["areas"][3]["action"];
        assert_eq!((&action["type"], &action["displayText"]), (&json!("postback"), &json!(words)));
        let tap = Tap::parse(action["data"].as_str().unwrap()).unwrap();
        let key = Key { menu: ID, sheet: SheetKey(1), mode };
        assert_eq!(tap, Tap { key, area: tap.area, data: words.into(), said: true });
        // The card for a PC does the same.
        let cards = cards(ID, &menu, mode, &with);
        let row = &cards[0]["contents"]["contents"][0]["body"]["contents"][0]["contents"][0];
        assert_eq!(&row["contents"][0]["action"], action);
    }
    let json = serde_json::to_value(&menu.sheets[0].areas[3].act).unwrap();
    assert_eq!(json, json!({"say_counted": " ごみ "}));
}

#[test]
fn what_is_not_counted_says_why() {
    let own = Own { base: "https://kairan.city.example".into(), liff: String::new() };
    let counted = |act: &Act| act.uncounted(&own).is_none();
    let acts: Vec<bool> = three_tabs().sheets[0].areas.iter().map(|a| counted(&a.act)).collect();
    // Three tabs, a text, an address, a page, a form, a call, a postback.
    assert_eq!(acts, [true, true, true, false, true, true, true, false, true]);
    assert!(counted(&Act::SayCounted("ごみ".into())));
    assert!(!counted(&Act::None));
    assert!(!counted(&Act::Open("https://kairan.city.example/liff/f/1".into())), "our own");
    assert!(!counted(&Act::Open("https://line.me/R/ti/p/@city".into())), "LINE's");
}

#[test]
fn on_a_pc_the_same_tree_is_cards() {
    let (menu, install) = (three_tabs(), install());
    let with = Rendering { install: &install, hosts: HOSTS, short: &short };
    let messages = cards(ID, &menu, Mode::Real, &with);
    assert_eq!(line::validate_messages(&json!(messages)), []);
    assert_eq!(messages.len(), 1);
    let bubbles = messages[0]["contents"]["contents"].as_array().unwrap();
    assert_eq!(bubbles.len(), 3);
    let rows = bubbles[0]["body"]["contents"][0]["contents"].as_array().unwrap();
    // The row of tabs is gone, the others are as they lie.
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["layout"], "horizontal");
    assert_eq!(rows[1]["contents"][2]["contents"][0]["text"], "よくある質問");
    assert_eq!(rows[0]["contents"][0]["action"]["text"], "ごみ");
}

/// As many sheets and areas as there can be, with names as long; one area of each is a tab.
fn largest(act: &Act) -> Menu {
    let mut menu = Menu::new("名".repeat(NAME_MAX), DepartmentId(1));
    let grid = |i: u32| Rect { x: i % 5 * 500, y: i / 5 * 400, width: 500, height: 400 };
    let last = u16::try_from(SHEETS_MAX).unwrap();
    menu.sheets = (1..=last)
        .map(|n| {
            let mut sheet = Sheet::new(SheetKey(n), "𠮷".repeat(NAME_MAX), Size::LARGE);
            sheet.layout = Layout::Free((0..20).map(grid).collect());
            sheet.picture = Picture::Uploaded(Some(BlobId::from_random([1; 20])));
            sheet.areas = (1..=20).map(Area::new).collect();
            sheet.next = 21;
            for area in &mut sheet.areas {
                area.label = "𠮷".repeat(LABEL_MAX);
                area.cell.words = "𠮷".repeat(WORDS_MAX);
                area.act = act.clone();
            }
            sheet.areas[0].act = Act::Tab(SheetKey(n % last + 1));
            sheet
        })
        .collect();
    menu
}

#[test]
fn however_large_a_menu_is_line_takes_its_cards() {
    let install = install();
    let with = Rendering { install: &install, hosts: HOSTS, short: &|_, _, _| None };
    let taps = |messages: &[Value]| json!(messages).to_string().matches("\"action\":").count();
    // The mark of a drill is four characters of the three hundred.
    let long = "𠮷".repeat(296);
    let mut whole = Vec::new();
    for act in [
        Act::Say("ごみ".into()),
        Act::SayCounted("ごみ".into()),
        Act::Open("https://city.example/bus".into()),
        Act::SayCounted("𠮷".repeat(118)),
        Act::Say(long.clone()),
        Act::Say("\u{1}".repeat(296)),
        Act::Open(format!("https://city.example/{}", "a".repeat(900))),
        Act::Postback { data: "あ".repeat(240), shows: long },
    ] {
        let menu = largest(&act);
        assert_eq!(menu.problems(Mode::Drill), []);
        let messages = cards(ID, &menu, Mode::Drill, &with);
        assert_eq!(line::validate_messages(&json!(messages)), []);
        whole.push(taps(&messages) == SHEETS_MAX * 19);
        if whole.last() == Some(&true) {
            continue;
        }
        // Sheet by sheet.
        assert_eq!((messages.len(), taps(&messages)), (1, SHEETS_MAX));
        for sheet in &menu.sheets {
            let data = format!("\"data\":\"{CARDS}{}\"", sheet.key.0);
            assert!(json!(messages).to_string().contains(&data), "{data}");
            let one = sheet_cards(ID, &menu, sheet, Mode::Drill, &with);
            assert_eq!(line::validate_messages(&json!(one)), []);
            assert_eq!(taps(&one), 19);
        }
    }
    assert_eq!(whole, [true, true, true, false, false, false, false, false]);
}

#[test]
fn where_nothing_can_be_tapped_there_are_no_cards() {
    let install = install();
    let with = Rendering { install: &install, hosts: HOSTS, short: &short };
    let mut menu = three_tabs();
    for area in menu.sheets.iter_mut().flat_map(|s| &mut s.areas) {
        area.act = Act::Tab(SheetKey(1));
    }
    assert!(cards(ID, &menu, Mode::Real, &with).is_empty());
}

#[test]
fn words_cannot_break_the_drawing() {
    let mut menu = Menu::new("m", DepartmentId(1));
    menu.sheets[0].areas[0].cell.words = "<a href='x'>&\u{0}\u{7}\"".into();
    let drawing = svg::sheet(&menu.sheets[0], Mode::Real, &|_| None);
    assert!(!drawing.contains("<a") && !drawing.contains('\u{7}'), "{drawing}");
    assert!(drawing.contains("&lt;a"));
}
