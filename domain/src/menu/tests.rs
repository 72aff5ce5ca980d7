//! A menu of three tabs, as an official would make it.

mod differ;
mod editing;
mod shown;
mod wire;

use super::*;
use crate::id::{DepartmentId, MenuId};
use crate::message::Page;

const ID: MenuId = MenuId(123);

/// Three sheets, each with three tabs and six icons.
fn three_tabs() -> Menu {
    let mut history = History::new(Menu::new("ふだんのメニュー", DepartmentId(1)));
    let mut run = |command: Command| history.run(&command).unwrap();
    run(Command::RenameSheet { sheet: SheetKey(1), name: "くらし".into() });
    run(Command::AddSheet { name: "手続き".into() });
    run(Command::AddSheet { name: "防災".into() });
    let cells = [
        ("ごみの日・分別", Icon::Garbage, Act::Say("ごみ".into())),
        ("市バス・駐車場", Icon::Bus, Act::Open("https://city.example/bus".into())),
        ("施設の予約", Icon::Booking, Act::Page(Page::Register)),
        ("道路などの通報", Icon::Report, Act::Form("road".into())),
        ("休日・夜間の病院", Icon::Hospital, Act::Call("000-000-0000".into())),
        ("よくある質問", Icon::Inquiry, Act::Postback { data: "faq".into(), shows: "質問".into() }),
    ];
    for sheet in [1, 2, 3].map(SheetKey) {
        run(Command::Template { sheet, name: "tabs3_six".into() });
        for (i, (words, icon, act)) in cells.iter().enumerate() {
            let area = 3 + i;
            run(Command::SetLabel { sheet, area, label: (*words).into() });
            run(Command::SetMark { sheet, area, mark: Mark::Icon(*icon) });
            run(Command::SetAct { sheet, area, act: act.clone() });
        }
    }
    history.menu().clone()
}

#[test]
fn what_an_official_makes_is_without_problems() {
    let menu = three_tabs();
    assert_eq!(menu.problems(Mode::Real), []);
    assert_eq!(menu.problems(Mode::Drill), []);
    assert_eq!(menu.sheets[1].areas[0].act, Act::Tab(SheetKey(1)));
    assert_eq!(menu.sheets[1].areas[2].label, "防災");
    let json = serde_json::to_string(&menu).unwrap();
    assert_eq!(serde_json::from_str::<Menu>(&json).unwrap(), menu);
    let newer = json.replacen("\"version\":1", "\"version\":2", 1);
    assert!(serde_json::from_str::<Menu>(&newer).is_err());
}

#[test]
fn every_limit_is_checked() {
    let at = |change: &dyn Fn(&mut Menu)| {
        let mut menu = three_tabs();
        change(&mut menu);
        menu.problems(Mode::Real).into_iter().map(|p| p.at).collect::<Vec<_>>()
    };
    let sheet = |change: fn(&mut Sheet)| at(&|m| change(&mut m.sheets[0]));
    assert_eq!(at(&|m| m.name.clear()), ["/name"]);
    assert_eq!(at(&|m| m.bar = "あ".repeat(15)), ["/bar"]);
    assert_eq!(at(&|m| m.bar = "a\nb".into()), ["/bar"]);
    assert_eq!(at(&|m| m.sheets.clear()), ["/sheets"]);
    assert_eq!(sheet(|s| s.name = "あ".repeat(41)), ["/sheets/0/name"]);
    assert_eq!(sheet(|s| s.size.height = 1_725), ["/sheets/0/size"]);
    assert_eq!(sheet(|s| s.layout = Layout::Split(Tree::Area)), ["/sheets/0/areas"]);
    assert_eq!(sheet(|s| s.layout = Layout::Free(Vec::new())), ["/sheets/0/layout"]);
    assert_eq!(sheet(|s| s.areas[4].key = 999), ["/sheets/0/areas"]);
    assert_eq!(sheet(|s| s.areas[4].label.clear()), ["/sheets/0/areas/4/label"]);
    let long = |s: &mut Sheet| {
        s.areas[4].cell.words = "バス".into();
        s.areas[4].label = "あ".repeat(21);
    };
    assert_eq!(sheet(long), ["/sheets/0/areas/4/label"]);
    assert_eq!(sheet(|s| s.areas[4].act = Act::None), ["/sheets/0/areas/4/act"]);
    let act = |act: Act| at(&|m| m.sheets[0].areas[4].act = act.clone());
    assert_eq!(act(Act::Open("tel:119".into())), ["/sheets/0/areas/4/act/open"]);
    assert_eq!(act(Act::Say("あ".repeat(301))), ["/sheets/0/areas/4/act/say"]);
    assert_eq!(act(Act::Form(String::new())), ["/sheets/0/areas/4/act/form"]);
    assert_eq!(act(Act::Call("市役所".into())), ["/sheets/0/areas/4/act/call"]);
    assert_eq!(act(Act::Call("12".into())), ["/sheets/0/areas/4/act/call"]);
    assert_eq!(act(Act::Tab(SheetKey(9))), ["/sheets/0/areas/4/act/tab"]);
    let data = |n: usize| Act::Postback { data: "a".repeat(n), shows: String::new() };
    assert_eq!(act(data(act::DATA_MAX)), [""; 0]);
    assert_eq!(act(data(act::DATA_MAX + 1)), ["/sheets/0/areas/4/act/postback/data"]);
    assert_eq!(sheet(|s| s.picture = Picture::Uploaded(None)), ["/sheets/0/picture"]);
    assert_eq!(
        sheet(|s| s.areas[4].cell.words =
            "入りきらない長い長い長い長い長い長い長い長い長いことば".into()),
        ["/sheets/0/areas/4/cell/words"]
    );
    let pale = Look { ink: Color([0xaa; 3]), accent: Color([0xbb; 3]), ..Look::default() };
    assert_eq!(
        at(&|m| m.sheets[0].picture = Picture::Composed(pale.clone())),
        ["/sheets/0/picture/composed/ink", "/sheets/0/picture/composed/accent"]
    );
}

#[test]
fn sheets_without_a_way_are_named() {
    let mut menu = three_tabs();
    for i in [0, 1] {
        menu.sheets[i].areas[2].act = Act::Say("防災".into());
    }
    let problems = menu.problems(Mode::Real);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].at, "/sheets/2");
    assert!(problems[0].message.contains("シート「防災」へ"), "{}", problems[0].message);
    let mut menu = three_tabs();
    for i in [0, 1] {
        menu.sheets[2].areas[i].act = Act::Say("戻る".into());
    }
    assert!(menu.problems(Mode::Real)[0].message.contains("戻るタブ"));
}

#[test]
fn what_leads_nowhere_is_flagged() {
    let menu = three_tabs();
    let mut existing = Existing::default();
    existing.forms.insert("road".into(), "道路の通報".into());
    assert_eq!(menu.broken(&existing), []);
    existing.forms.clear();
    existing.dead.insert("https://city.example/bus".into(), "404".into());
    existing.closed.insert("register".into());
    let places: Vec<usize> =
        menu.broken(&existing).iter().filter(|b| b.sheet == SheetKey(2)).map(|b| b.area).collect();
    assert_eq!(places, [4, 5, 6]);
    let (fewer, _) = menu.after(&Command::RemoveSheet { sheet: SheetKey(3) }).unwrap();
    let tabs = fewer.broken(&existing).iter().filter(|b| b.area == 2).count();
    assert_eq!(tabs, 2);
}

#[test]
fn templates_tile_and_leave_room_for_a_finger() {
    for size in [Size::LARGE, Size::COMPACT, Size { width: 1_200, height: 810 }] {
        for template in template::Template::all(size) {
            let tree = template.tree(size.whole());
            assert_eq!(tree.fault(size.whole(), size.limits()), None, "{}", template.name);
            assert_eq!(tree.count(), template.count());
            assert_eq!(template::Template::named(size, template.name), Some(template));
        }
    }
    assert_eq!(template::Template::all(Size::COMPACT)[0].name, "three_columns");
}

#[test]
fn icons_are_told_apart_by_name() {
    let mut names: Vec<&str> = Icon::ALL.iter().map(|i| i.name()).collect();
    for icon in Icon::ALL {
        assert_eq!(Icon::parse(icon.name()), Some(*icon));
        assert_eq!(serde_json::to_value(icon).unwrap(), icon.name());
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Icon::ALL.len());
    assert!(names.len() >= 32);
}
