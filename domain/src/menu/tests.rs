//! A menu of three tabs, as an official would make it.

mod differ;
mod editing;
mod shown;
mod tabs;
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
    assert_eq!(act(Act::SayCounted(" ".into())), ["/sheets/0/areas/4/act/say"]);
    assert_eq!(act(Act::SayCounted("あ".repeat(act::DATA_MAX))), [""; 0]);
    let long = "あ".repeat(act::DATA_MAX + 1);
    assert_eq!(act(Act::SayCounted(long)), ["/sheets/0/areas/4/act/say"]);
    assert_eq!(act(Act::Form(String::new())), ["/sheets/0/areas/4/act/form"]);
    assert_eq!(act(Act::Call("市役所".into())), ["/sheets/0/areas/4/act/call"]);
    assert_eq!(act(Act::Call("12".into())), ["/sheets/0/areas/4/act/call"]);
    assert_eq!(act(Act::Call(" ０００ー０００－００００ ".into())), [""; 0]);
    assert_eq!(act(Act::Open(" https://city.example/ ".into())), [""; 0]);
    assert_eq!(act(Act::Open("https://city.mihon lg.jp".into())), ["/sheets/0/areas/4/act/open"]);
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
fn what_is_cut_off_of_artwork_is_said() {
    assert_eq!(Size::LARGE.cut_off(2_500, 1_686), None);
    assert_eq!(Size::LARGE.cut_off(1_200, 810), None);
    assert_eq!(Size::COMPACT.cut_off(800, 270), None);
    let square = Size::LARGE.cut_off(1_000, 1_000).unwrap();
    assert!(square.contains("横1,000×縦1,000で"), "{square}");
    assert!(square.contains("横2,500×縦1,686、ほぼ3：2"), "{square}");
    assert!(square.contains("上下をあわせて32%"), "{square}");
    let strip = Size::COMPACT.cut_off(2_500, 500).unwrap();
    assert!(strip.contains("左右をあわせて40%"), "{strip}");
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
fn an_act_that_leads_nowhere_yet_is_called_by_its_kind() {
    let menu = three_tabs();
    let words = |act: Act| act.in_words(&menu);
    assert_eq!(words(Act::Open(" ".into())), "ページをひらく");
    assert_eq!(words(Act::Say(String::new())), "文章を送る");
    assert_eq!(words(Act::SayCounted(String::new())), "文章を送る");
    assert_eq!(words(Act::Call(String::new())), "電話をかける");
    let data = String::new();
    assert_eq!(words(Act::Postback { data, shows: "はい".into() }), "データを送る");
    assert_eq!(words(Act::Call("119".into())), "119に電話をかける");
}

#[test]
fn what_leads_nowhere_is_flagged() {
    let menu = three_tabs();
    let mut existing = Existing::default();
    existing.forms.insert("road".into(), "道路の通報".into());
    assert_eq!(menu.broken(&existing), []);
    assert!(menu.leads_to_forms() && !Menu::new("x", DepartmentId(1)).leads_to_forms());
    let form = Act::Form("road".into());
    assert_eq!(form.in_full(&menu, &existing), "フォーム「道路の通報」をひらく");
    assert_eq!(form.in_full(&menu, &Existing::default()), "フォーム（番号road）をひらく");
    // Its reception is over: still called by its title, and flagged on every sheet.
    let title = existing.forms.remove("road").unwrap();
    let why = "受付が終わっています".to_owned();
    existing.ended.insert("road".into(), Ended { title, why });
    assert_eq!(form.in_full(&menu, &existing), "フォーム「道路の通報」をひらく");
    let problems = menu.broken_problems(&existing);
    assert_eq!(problems.len(), 3);
    assert_eq!(problems[2].at, "/sheets/2/areas/6/act");
    let words = &problems[0].message;
    assert!(words.starts_with("フォーム「道路の通報」は、受付が終わっています。"), "{words}");
    existing.ended.clear();
    existing.dead.insert("https://city.example/bus".into(), "404".into());
    let places: Vec<usize> =
        menu.broken(&existing).iter().filter(|b| b.sheet == SheetKey(2)).map(|b| b.area).collect();
    assert_eq!(places, [4, 6]);
    assert!(menu.pages().any(|page| page == "https://city.example/bus"));
    // A page may open again by itself, and keeps nobody from publishing.
    let problems = menu.broken_problems(&existing);
    assert!(problems.iter().all(|p| p.at.ends_with("/areas/6/act")), "{problems:?}");
    let (fewer, _) = menu.after(&Command::RemoveSheet { sheet: SheetKey(3) }).unwrap();
    let tabs = fewer.broken(&existing).iter().filter(|b| b.area == 2).count();
    assert_eq!(tabs, 2);
}

#[test]
fn what_is_shown_in_drills_has_room_for_their_mark() {
    let mut menu = Menu::new("緊急", DepartmentId(1));
    for (i, area) in menu.sheets[0].areas.iter_mut().enumerate() {
        *area =
            Area {
                label: format!("項目{i}"), act: Act::Say("あ".into()), ..Area::new(area.key)
            };
    }
    let most = line::text::ACTION_TEXT - Mode::Drill.mark().unwrap().chars().count();
    menu.sheets[0].areas[2].act = Act::Say("あ".repeat(most));
    assert_eq!(menu.problems_as(true), []);
    menu.sheets[0].areas[2].act = Act::Say("あ".repeat(most + 1));
    assert_eq!(menu.problems_as(false), []);
    let problems = menu.problems_as(true);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].at, "/sheets/0/areas/2/act/say");
    assert!(problems[0].message.starts_with("訓練では【訓練】がつくため、送る文章は300文字"));
    // What is wrong anyway is said once.
    menu.sheets[0].areas[2].act = Act::Say("あ".repeat(most + 5));
    assert_eq!(menu.problems_as(true), menu.problems(Mode::Real));
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

#[test]
fn icons_are_found_by_what_staff_call_things() {
    for (query, first) in [
        ("ごみ", Icon::Garbage),
        ("ゴミ", Icon::Garbage),
        ("ｺﾞﾐの日・分別", Icon::Garbage),
        ("粗大", Icon::Garbage),
        ("りさいくる", Icon::Garbage),
        ("子供", Icon::Childcare),
        ("コドモ", Icon::Childcare),
        ("保育", Icon::Childcare),
        ("本", Icon::Library),
        ("健診・健康", Icon::Health),
        ("児童手当", Icon::Money),
        ("手当", Icon::Money),
        ("書類", Icon::Application),
        ("戸籍", Icon::Residence),
        ("犬", Icon::Animal),
        ("ペット", Icon::Animal),
        ("動物", Icon::Animal),
        ("予防 接種", Icon::Vaccination),
        ("津波", Icon::Disaster),
        ("避難", Icon::Shelter),
        ("ＡＥＤ", Icon::Aed),
        ("LIBRARY", Icon::Library),
    ] {
        assert_eq!(Icon::found(query).first(), Some(&first), "{query}");
    }
    // What it is called itself comes first, what only holds the letters after it.
    assert!(Icon::found("本").contains(&Icon::MyPage));
    assert_eq!(Icon::found(" "), Icon::ALL);
    assert_eq!(Icon::found("ありえない"), []);
    for icon in Icon::ALL {
        assert!(Icon::found(icon.label()).contains(icon), "{}", icon.label());
    }
}
