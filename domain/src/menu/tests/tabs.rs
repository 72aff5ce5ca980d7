//! A tab and its sheet have one name, and tabs the order of the sheets.

use super::*;
use crate::geometry::Rect;
use proptest::prelude::*;

const ONE: SheetKey = SheetKey(1);
const TWO: SheetKey = SheetKey(2);
const THREE: SheetKey = SheetKey(3);

fn rename(sheet: SheetKey, name: &str) -> Command {
    Command::RenameSheet { sheet, name: name.into() }
}

fn label(sheet: SheetKey, area: usize, label: &str) -> Command {
    Command::SetLabel { sheet, area, label: label.into() }
}

fn words(sheet: SheetKey, area: usize, words: &str) -> Command {
    Command::SetWords { sheet, area, words: words.into() }
}

/// The tabs to a sheet, sheet by sheet: what is read aloud, and what is written for the picture.
fn tabs(menu: &Menu, to: SheetKey) -> Vec<(&str, &str)> {
    let areas = menu.sheets.iter().flat_map(|s| &s.areas).filter(|a| a.act == Act::Tab(to));
    areas.map(|a| (a.label.as_str(), a.cell.words.as_str())).collect()
}

/// Which sheets the tabs of a sheet lead to, as they stand.
fn row(menu: &Menu, sheet: usize) -> Vec<SheetKey> {
    let acts = menu.sheets[sheet].areas.iter().map(|a| &a.act);
    acts.filter_map(|act| if let Act::Tab(key) = act { Some(*key) } else { None }).collect()
}

#[test]
fn a_sheet_is_renamed_with_its_tabs_in_one_step() {
    let mut history = History::new(three_tabs());
    assert_eq!(tabs(history.menu(), TWO), [("手続き", ""); 3], "the template writes the name once");
    let said = history.run(&rename(TWO, "申請")).unwrap();
    assert_eq!(said, "シート「手続き」の名前を「申請」にしました。タブ3つも同じ名前にしました");
    assert_eq!(tabs(history.menu(), TWO), [("申請", ""); 3]);
    assert_eq!(tabs(history.menu(), ONE), [("くらし", ""); 3]);
    history.undo().unwrap();
    assert_eq!(*history.menu(), three_tabs());
    // Of a long name the label has only the beginning: then the picture has it all.
    let long = "市役所でできる手続きと申請のしかたのすべて";
    let cut: String = long.chars().take(LABEL_MAX).collect();
    history.run(&rename(TWO, long)).unwrap();
    assert_eq!(tabs(history.menu(), TWO), [(cut.as_str(), long); 3]);
    history.run(&rename(TWO, "手続き")).unwrap();
    assert_eq!(*history.menu(), three_tabs());
}

#[test]
fn a_tab_is_renamed_with_its_sheet_and_the_other_tabs() {
    let mut history = History::new(three_tabs());
    let said = history.run(&label(ONE, 2, "もしも")).unwrap();
    assert_eq!(said, "「もしも」に変えました。シートの名前と、ほかのタブ2つも同じ名前にしました");
    assert_eq!(history.menu().sheet(THREE).unwrap().name, "もしも");
    assert_eq!(tabs(history.menu(), THREE), [("もしも", ""); 3]);
    history.undo().unwrap();
    assert_eq!(*history.menu(), three_tabs());
    // As menus were made before: the name stood in both fields.
    let mut menu = three_tabs();
    for sheet in &mut menu.sheets {
        sheet.areas[2].cell.words = "防災".into();
    }
    for command in [rename(THREE, "備え"), label(TWO, 2, "備え"), words(TWO, 2, "備え")] {
        let (now, _) = menu.after(&command).unwrap();
        assert_eq!(now.sheets[2].name, "備え", "{command:?}");
        assert_eq!(tabs(&now, THREE), [("備え", "備え"); 3], "{command:?}");
    }
    // Emptied or broken into lines it is the same name.
    for same in ["", "防\n災"] {
        let (now, said) = menu.after(&words(TWO, 2, same)).unwrap();
        assert_eq!(tabs(&now, THREE), [("防災", "防災"), ("防災", same), ("防災", "防災")]);
        assert_eq!((now.sheets[2].name.as_str(), now.unlike_tabs()), ("防災", Vec::new()));
        assert!(said.contains("絵の中の文字を"), "{said}");
    }
}

#[test]
fn other_words_on_a_tab_are_meant() {
    let mut menu = three_tabs();
    menu.sheets[0].areas[2].label = "いざというとき".into();
    menu.sheets[1].areas[2].cell.words = "もしも".into();
    let (now, said) = menu.after(&rename(THREE, "備え")).unwrap();
    assert!(said.ends_with("。タブ2つも同じ名前にしました"), "{said}");
    let left = [("いざというとき", ""), ("備え", "もしも"), ("備え", "")];
    assert_eq!(tabs(&now, THREE), left);
    let (now, _) = menu.after(&label(ONE, 2, "災害")).unwrap();
    assert_eq!(now.sheets[2].name, "防災");
    assert_eq!(tabs(&now, THREE), [("災害", ""), ("防災", "もしも"), ("防災", "")]);
    // Words for the picture where there were none are for this tab alone.
    let (now, _) = menu.after(&words(THREE, 2, "いまここ")).unwrap();
    assert_eq!(now.sheets[2].name, "防災");
    assert_eq!(tabs(&now, THREE)[2], ("防災", "いまここ"));
}

/// What somebody comes by while writing is not what was meant.
#[test]
fn what_is_typed_on_the_way_catches_nothing() {
    let mut menu = three_tabs();
    menu.sheets[2].name = "防災情報".into();
    for sheet in [1, 2] {
        menu.sheets[sheet].areas[2].label = "防災情報".into();
    }
    let mut history = History::new(menu.clone());
    history.run(&rename(THREE, "防災")).unwrap();
    for name in ["防", "", "そ", "備え"] {
        history.amend(&rename(THREE, name)).unwrap();
    }
    assert_eq!(tabs(history.menu(), THREE), [("防災", ""), ("備え", ""), ("備え", "")]);
    assert_eq!(history.past().len(), 1);
    history.undo().unwrap();
    assert_eq!(*history.menu(), menu);
    // Words of any area, too: they are another's as long as only one of both is on its way.
    history.run(&words(ONE, 4, "バス")).unwrap();
    history.run(&label(ONE, 4, "バス停")).unwrap();
    for label_now in ["バス", "バ", "電車"] {
        history.amend(&label(ONE, 4, label_now)).unwrap();
    }
    let area = &history.menu().sheets[0].areas[4];
    assert_eq!((area.label.as_str(), area.cell.words.as_str()), ("電車", "バス"));
}

#[test]
fn what_is_read_and_what_is_drawn_stay_the_same() {
    let mut menu = three_tabs();
    let run = |menu: &mut Menu, command: Command| {
        let (now, said) = menu.after(&command).unwrap();
        *menu = now;
        said
    };
    run(&mut menu, words(ONE, 3, "ごみの日・\n分別"));
    let said = run(&mut menu, label(ONE, 3, "ごみ"));
    assert_eq!(said, "エリア4の読み上げることばと絵の中の文字を「ごみ」にしました");
    let cell = |menu: &Menu| menu.sheets[0].areas[3].cell.words.clone();
    assert_eq!(cell(&menu), "ごみ");
    run(&mut menu, words(ONE, 3, "ごみの日"));
    run(&mut menu, label(ONE, 3, "分別"));
    assert_eq!(cell(&menu), "ごみの日");
    let said = run(&mut menu, label(ONE, 4, "バス"));
    assert_eq!(said, "エリア5の読み上げることばを「バス」にしました");
    assert_eq!(menu.sheets[0].areas[4].cell.words, "");
}

#[test]
fn what_becomes_a_tab_is_called_after_its_sheet() {
    let mut menu = three_tabs();
    menu.sheets[0].areas[3] = Area::new(menu.sheets[0].areas[3].key);
    let set = |menu: &Menu, area, to| {
        let act = Act::Tab(to);
        menu.after(&Command::SetAct { sheet: ONE, area, act }).unwrap().0
    };
    let menu = set(&menu, 3, TWO);
    assert_eq!(menu.sheets[0].areas[3].label, "手続き");
    let menu = set(&menu, 3, THREE);
    assert_eq!(menu.sheets[0].areas[3].label, "防災");
    // To a sheet that is gone; and what is called something else.
    assert_eq!(set(&menu, 3, SheetKey(9)).sheets[0].areas[3].label, "防災");
    assert_eq!(set(&menu, 4, TWO).sheets[0].areas[4].label, "市バス・駐車場");
}

#[test]
fn a_copy_that_gets_another_name_says_so_on_its_tab() {
    let menu = three_tabs();
    let copy = |own| {
        let from = Box::new(menu.sheets[2].clone());
        menu.after(&Command::PasteSheet { from, own }).unwrap().0
    };
    let (four, other) = (SheetKey(4), copy(false));
    assert_eq!(other.sheets[3].name, "防災の写し");
    assert_eq!(tabs(&other, four), [("防災の写し", "")]);
    // Within its menu its tabs lead where they led.
    let beside = copy(true);
    assert_eq!((tabs(&beside, four), tabs(&beside, THREE)), (vec![], vec![("防災", ""); 4]));
    let (now, said) = beside.after(&rename(THREE, "備え")).unwrap();
    assert!(said.ends_with("。タブ4つも同じ名前にしました"), "{said}");
    assert_eq!(tabs(&now, THREE), [("備え", ""); 4]);
}

#[test]
fn a_sheet_is_moved_with_its_tabs() {
    let mut menu = three_tabs();
    let up = Command::ShiftSheet { sheet: THREE, up: true };
    menu.sheets[0].areas[2].cell.mark = Mark::Icon(Icon::Disaster);
    let mut history = History::new(menu.clone());
    let said = history.run(&up).unwrap();
    let also = "。3枚のシートで、タブも同じ順番にしました";
    assert_eq!(said, format!("シート「防災」を2枚目に動かしました{also}"));
    let now = history.menu();
    for sheet in 0..3 {
        assert_eq!(row(now, sheet), [ONE, THREE, TWO]);
    }
    // Everything of the tab went along, but its place.
    assert_eq!(now.sheets[0].areas[1], menu.sheets[0].areas[2]);
    assert_eq!(now.sheets[0].areas[3..], menu.sheets[0].areas[3..]);
    assert_eq!(now.sheets[0].rects(), menu.sheets[0].rects());
    assert_eq!(now.problems(Mode::Real), []);
    history.amend(&up).unwrap();
    assert_eq!(row(history.menu(), 0), [THREE, ONE, TWO]);
    history.undo().unwrap();
    assert_eq!(*history.menu(), menu);
    // Who put them in another order meant it, and on finished artwork they are drawn where they are.
    menu.sheets[0].areas.swap(0, 1);
    menu.sheets[1].picture = Picture::Uploaded(None);
    let (now, said) = menu.after(&up).unwrap();
    assert!(said.contains("。1枚のシートで"), "{said}");
    assert_eq!(row(&now, 0), [TWO, ONE, THREE]);
    assert_eq!(row(&now, 1), [ONE, THREE, TWO], "the sheet that was moved");
    assert_eq!(row(&now, 2), [ONE, TWO, THREE], "the artwork");
}

#[test]
fn tabs_below_one_another_and_beside_others_have_an_order_too() {
    let mut menu = three_tabs();
    let free = |x: u32, y: u32| Rect { x, y, width: 400, height: 160 };
    let tab = |key: u16, to| Area { act: Act::Tab(to), label: "x".into(), ..Area::new(key) };
    let places = [
        // Drawn by hand, beside one another; below one another; in two rows.
        [free(0, 9), free(500, 0), free(1_000, 4)],
        [free(0, 0), free(7, 300), free(3, 600)],
        [free(0, 0), free(500, 0), free(0, 300)],
    ];
    for (sheet, rects) in menu.sheets.iter_mut().zip(places) {
        sheet.layout = Layout::Free(rects.to_vec());
        sheet.areas = vec![tab(1, ONE), tab(2, TWO), tab(3, THREE)];
    }
    let (now, _) = menu.after(&Command::ShiftSheet { sheet: ONE, up: false }).unwrap();
    for sheet in 0..3 {
        assert_eq!(row(&now, sheet), [TWO, ONE, THREE], "{sheet}");
    }
}

#[test]
fn tabs_that_are_called_otherwise_elsewhere_are_told() {
    let mut menu = three_tabs();
    assert_eq!(menu.unlike_tabs(), []);
    // On every sheet the same, though not the sheet's name.
    for sheet in &mut menu.sheets {
        sheet.areas[2].label = "もしも".into();
    }
    assert_eq!(menu.unlike_tabs(), []);
    menu.sheets[1].areas[2].label = "防災".into();
    let told = menu.unlike_tabs();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].at, "/sheets/0/areas/2/label");
    let message = &told[0].message;
    assert!(message.starts_with("シート「防災」へのタブの文字が"), "{message}");
    assert!(message.contains("「もしも」") && message.contains("「防災」"), "{message}");
    assert_eq!(menu.problems(Mode::Real), [], "it keeps nobody from publishing");
    menu.sheets[0].areas[2].cell.words = "いざ".into();
    assert_eq!(menu.unlike_tabs()[0].at, "/sheets/0/areas/2/cell/words");
    // A second way to a sheet may be called as one likes.
    let mut menu = three_tabs();
    menu.sheets[0].areas[5].act = Act::Tab(THREE);
    assert_eq!(menu.unlike_tabs(), []);
}

proptest! {
    /// Whatever sheets are called, in whatever order: their tabs say so.
    #[test]
    fn tabs_follow_their_sheets(
        steps in proptest::collection::vec((1u16..4, any::<bool>(), 0usize..60), 0..20)
    ) {
        let mut menu = three_tabs();
        for (sheet, up, letters) in steps {
            let sheet = SheetKey(sheet);
            let command = match letters.checked_sub(30) {
                Some(_) => Command::ShiftSheet { sheet, up },
                None => rename(sheet, &"あ".repeat(letters)),
            };
            // A sheet at the end goes no further.
            if let Ok((now, _)) = menu.after(&command) {
                menu = now;
            }
            let order: Vec<SheetKey> = menu.sheets.iter().map(|s| s.key).collect();
            for (i, sheet) in menu.sheets.iter().enumerate() {
                prop_assert_eq!(row(&menu, i), order.clone());
                for (tab, to) in sheet.areas.iter().zip(&menu.sheets) {
                    prop_assert!(tab.label.chars().count() <= LABEL_MAX);
                    prop_assert_eq!(svg::words_of(tab), to.name.as_str());
                }
            }
            prop_assert_eq!(menu.unlike_tabs(), Vec::new());
        }
    }
}
