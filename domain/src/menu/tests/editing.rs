//! What is done and said in the editor.

use super::*;
use crate::geometry::{Axis, Rect};
use crate::menu::generate::{Turn, turn};
use crate::menu::render::{Install, Rendering};
use crate::message::Hosts;
use proptest::prelude::*;

fn said(menu: &mut Menu, command: Command) -> String {
    let (now, said) = menu.after(&command).unwrap_or_else(|why| panic!("{why}"));
    *menu = now;
    said
}

const ONE: SheetKey = SheetKey(1);

#[test]
fn every_change_is_said_once() {
    let mut menu = Menu::new("m", DepartmentId(1));
    let mut say = |command| said(&mut menu, command);
    assert_eq!(
        say(Command::Template { sheet: ONE, name: "two_columns".into() }),
        "型「左右に2つ」にしました。エリアは2つです"
    );
    assert_eq!(
        say(Command::Move { sheet: ONE, border: 0, to: 830 }),
        "境界を420px左へ動かしました。左830px、右1670px"
    );
    assert_eq!(
        say(Command::Nudge { sheet: ONE, border: 0, by: 3 }),
        "境界を3px右へ動かしました。左833px、右1667px"
    );
    assert_eq!(
        say(Command::Snap { sheet: ONE, border: 0, parts: 2 }),
        "境界を417px右へ動かしました。左1250px、右1250px"
    );
    assert_eq!(
        say(Command::Move { sheet: ONE, border: 0, to: 9_999 }),
        "境界を1090px右へ動かしました。左2340px、右160px。ここで止まりました"
    );
    assert_eq!(
        say(Command::SetSide { sheet: ONE, area: 1, side: Side::Left, to: 1_000 }),
        "境界を1340px左へ動かしました。左1000px、右1500px"
    );
    assert_eq!(
        say(Command::SetLabel { sheet: ONE, area: 1, label: "予約".into() }),
        "エリア2の読み上げることばを「予約」にしました"
    );
    assert_eq!(
        say(Command::CutIn { sheet: ONE, area: 1, axis: Axis::Rows, parts: 3 }),
        "エリア2 予約を横に3つに分けました。高さは上から562px、562px、562px"
    );
    assert_eq!(
        say(Command::Cut { sheet: ONE, area: 0, axis: Axis::Columns, at: 400 }),
        "エリア1を縦に2つに分けました。幅は左から400px、600px"
    );
    assert_eq!(
        say(Command::Merge { sheet: ONE, area: 4, with: 3 }),
        "エリア4とエリア5を結合しました。幅1500 高さ1124"
    );
    assert_eq!(
        say(Command::SetAct { sheet: ONE, area: 2, act: Act::Say("予約".into()) }),
        "エリア3 予約を押したときの動きを「「予約」と送る」にしました"
    );
    assert_eq!(
        say(Command::SetMark { sheet: ONE, area: 2, mark: Mark::Icon(Icon::Booking) }),
        "エリア3 予約のアイコンを「予約」にしました"
    );
    assert_eq!(
        say(Command::Merge { sheet: ONE, area: 2, with: 3 }),
        "エリア3とエリア4を結合しました。幅1500 高さ1686"
    );
    assert_eq!(
        say(Command::AddSheet { name: "手続き".into() }),
        "シート「手続き」を足しました。2枚目です"
    );
    assert_eq!(
        say(Command::Template { sheet: ONE, name: "one".into() }),
        "型「1つ」にしました。エリアは1つです。入りきらなかったエリア1つの動きはなくなりました"
    );
}

#[test]
fn what_cannot_be_done_says_why() {
    let menu = Menu::new("m", DepartmentId(1));
    let why = |command: Command| menu.after(&command).unwrap_err();
    assert!(why(Command::Merge { sheet: ONE, area: 0, with: 4 }).contains("四角になりません"));
    assert!(why(Command::Move { sheet: ONE, border: 99, to: 1 }).contains("この境界は"));
    assert!(why(Command::Nudge { sheet: ONE, border: 0, by: 0 }).contains("もうそこに"));
    assert!(why(Command::AddRect { sheet: ONE, rect: Rect::whole(200, 200) }).contains("自由に"));
    assert!(why(Command::RemoveSheet { sheet: ONE }).contains("1枚は要ります"));
    assert!(why(Command::SetSide { sheet: ONE, area: 0, side: Side::Top, to: 5 }).contains("端"));
    assert!(
        why(Command::CutIn { sheet: ONE, area: 0, axis: Axis::Columns, parts: 9 })
            .contains("小さすぎる")
    );
}

#[test]
fn low_pictures_take_one_row() {
    let low = |height| {
        let mut menu = Menu::new("m", DepartmentId(1));
        said(&mut menu, Command::Template { sheet: ONE, name: "one".into() });
        said(&mut menu, Command::Resize { sheet: ONE, size: Size { width: 2_500, height } });
        menu
    };
    let taken = |menu: &Menu, name: &str| {
        menu.after(&Command::Template { sheet: ONE, name: name.into() }).map(|(menu, _)| menu)
    };
    let mut menu = low(250);
    assert!(taken(&menu, "six").unwrap_err().contains("別の型"));
    assert_eq!(taken(&menu, "four_columns").unwrap().sheets[0].rects().len(), 4);
    said(&mut menu, Command::AddSheet { name: "低い".into() });
    assert_eq!((menu.sheets[1].rects().len(), menu.sheets[1].areas.len()), (3, 3));
    sound(&menu).unwrap();
    // Two even rows fit here, but no low row of tabs above another.
    let menu = low(500);
    sound(&taken(&menu, "six").unwrap()).unwrap();
    assert!(taken(&menu, "tabs3_three").is_err());
}

#[test]
fn merging_keeps_what_areas_do() {
    let mut menu = Menu::new("m", DepartmentId(1));
    for area in 0..6 {
        said(&mut menu, Command::SetLabel { sheet: ONE, area, label: format!("{}", area + 1) });
    }
    let words = said(&mut menu, Command::Merge { sheet: ONE, area: 4, with: 1 });
    assert_eq!(
        words,
        "エリア2とエリア5を結合しました。幅833 高さ1686。「5」の動きはなくなりました"
    );
    let labels: Vec<&str> = menu.sheets[0].areas.iter().map(|a| a.label.as_str()).collect();
    // The order is that of the new cuts: three columns, the outer ones in two rows.
    assert_eq!(labels, ["1", "4", "2", "3", "6"]);
    // An area that does nothing gives way to one that does something.
    said(&mut menu, Command::SetLabel { sheet: ONE, area: 0, label: String::new() });
    said(&mut menu, Command::Merge { sheet: ONE, area: 0, with: 1 });
    assert_eq!(menu.sheets[0].areas[0].label, "4");
}

#[test]
fn finished_artwork_takes_free_rectangles() {
    let mut menu = Menu::new("m", DepartmentId(1));
    let rect = |x, y, width, height| Rect { x, y, width, height };
    said(&mut menu, Command::Template { sheet: ONE, name: "one".into() });
    assert_eq!(
        said(&mut menu, Command::Loosen { sheet: ONE }),
        "エリアを自由に動かせるようにしました"
    );
    said(&mut menu, Command::SetRect { sheet: ONE, area: 0, rect: rect(0, 0, 1_000, 1_686) });
    let words =
        said(&mut menu, Command::AddRect { sheet: ONE, rect: rect(1_100, 0, 1_400, 1_686) });
    assert_eq!(words, "エリア2を足しました。左1100 上0 幅1400 高さ1686");
    let why = |menu: &Menu, rect| {
        menu.after(&Command::SetRect { sheet: ONE, area: 1, rect }).unwrap_err()
    };
    assert!(why(&menu, rect(900, 0, 500, 500)).contains("エリア1と重なります"));
    assert!(why(&menu, rect(1_100, 0, 1_500, 500)).contains("はみ出します"));
    assert!(why(&menu, rect(1_100, 0, 159, 500)).contains("160px以上"));
    assert!(why(&menu, rect(u32::MAX, 0, 200, 200)).contains("はみ出します"));
    assert!(menu.after(&Command::Tighten { sheet: ONE }).unwrap_err().contains("すきま"));
    said(&mut menu, Command::SetRect { sheet: ONE, area: 1, rect: rect(1_000, 0, 1_500, 1_686) });
    said(&mut menu, Command::Tighten { sheet: ONE });
    assert_eq!(menu.sheets[0].tree().unwrap().count(), 2);
    said(&mut menu, Command::Loosen { sheet: ONE });
    said(&mut menu, Command::Resize { sheet: ONE, size: Size::COMPACT });
    assert_eq!(menu.sheets[0].rects()[1], rect(1_000, 0, 1_500, 843));
    assert_eq!(said(&mut menu, Command::RemoveRect { sheet: ONE, area: 0 }), "エリア1を消しました");
}

#[test]
fn sheets_and_areas_are_copied_between_menus() {
    let from = three_tabs();
    let mut menu = Menu::new("夏のメニュー", DepartmentId(1));
    let paste = |sheet: &Sheet, own| Command::PasteSheet { from: Box::new(sheet.clone()), own };
    let tabs = |sheet: &Sheet| [0, 1, 2].map(|i| sheet.areas[i].act.clone());
    let tab = |key| Act::Tab(SheetKey(key));
    let words = said(&mut menu, paste(&from.sheets[2], false));
    assert_eq!(
        words,
        "シート「防災」を写しました。2枚目です。タブ2つは、切りかえる先を選び直してください"
    );
    // The other menu has a first sheet, too, and it is another one.
    assert_eq!(tabs(&menu.sheets[1]), [Act::None, Act::None, tab(2)]);
    let unfinished = |menu: &Menu, at: &str| menu.problems(Mode::Real).iter().any(|p| p.at == at);
    assert!(unfinished(&menu, "/sheets/1/areas/0/act"));
    // Within its menu the row of tabs stays what it is.
    let mut own = from.clone();
    let words = said(&mut own, paste(&from.sheets[1], true));
    assert_eq!(words, "シート「手続きの写し」を写しました。4枚目です");
    assert_eq!(tabs(&own.sheets[3]), [tab(1), tab(2), tab(3)]);
    // So it does when it was removed meanwhile; the way to itself leads to the copy.
    said(&mut own, Command::RemoveSheet { sheet: SheetKey(2) });
    said(&mut own, paste(&from.sheets[1], true));
    assert_eq!(tabs(&own.sheets[3]), [tab(1), tab(5), tab(3)]);
    let area = Box::new(from.sheets[0].areas[3].clone());
    said(&mut menu, Command::Paste { sheet: ONE, area: 0, from: area });
    assert_eq!(menu.sheets[0].areas[0].label, "ごみの日・分別");
    assert_eq!(menu.sheets[0].areas[0].key, 1);
    let empty = Box::new(Area::new(0));
    let words = said(&mut menu, Command::Paste { sheet: ONE, area: 0, from: empty });
    assert_eq!(words, "エリア1を空にしました");
    let area = from.sheets[0].areas[1].clone().elsewhere();
    assert_eq!((area.label.as_str(), area.act), ("手続き", Act::None));
}

#[test]
fn what_becomes_of_a_picture_is_said_as_it_is() {
    let mut menu = Menu::new("m", DepartmentId(1));
    let blob = || Some(BlobId::from_random([1; 20]));
    let mut say = |picture| said(&mut menu, Command::SetPicture { sheet: ONE, picture });
    let composed =
        |card: Color, backdrop| Picture::Composed(Look { card, backdrop, ..Look::default() });
    assert_eq!(say(composed(Color::BLACK, None)), "色を変えました");
    assert_eq!(say(composed(Color::BLACK, blob())), "背景の写真を変えました");
    assert_eq!(say(composed(Color::BLACK, None)), "背景の写真を外しました");
    assert_eq!(say(Picture::Uploaded(None)), "できあがった絵を使うようにしました");
    assert_eq!(say(Picture::Uploaded(blob())), "できあがった絵を使うようにしました");
    assert_eq!(say(Picture::Uploaded(blob())), "できあがった絵を取りかえました");
    assert_eq!(say(composed(Color::BLACK, None)), "絵と文字で作るようにしました");
}

#[test]
fn a_sheet_never_gets_the_key_of_one_that_was_removed() {
    let mut menu = three_tabs();
    said(&mut menu, Command::RemoveSheet { sheet: SheetKey(2) });
    assert_eq!(menu.next, None, "the highest key is still there");
    said(&mut menu, Command::RemoveSheet { sheet: SheetKey(3) });
    let json = serde_json::to_string(&menu).unwrap();
    menu = serde_json::from_str(&json).unwrap();
    said(&mut menu, Command::AddSheet { name: "夏".into() });
    let keys: Vec<SheetKey> = menu.sheets.iter().map(|s| s.key).collect();
    assert_eq!(keys, [ONE, SheetKey(4)]);
}

#[test]
fn borders_rest_where_it_looks_right() {
    let mut menu = three_tabs();
    let rests = |menu: &Menu, border| {
        let others: Vec<&Sheet> = menu.sheets[1..].iter().collect();
        snap::places(&menu.sheets[0], border, &others)
    };
    // The upright borders of a row of three: the first is number 2, below two level ones.
    said(&mut menu, Command::Move { sheet: ONE, border: 2, to: 900 });
    let places = rests(&menu, 2);
    let near = |at| snap::nearest(&places, at, 12).map(|p| (p.at, p.guide.words()));
    assert_eq!(near(840), Some((833, "3等分にぴったり".into())));
    assert_eq!(near(1_245), Some((1_250, "2等分にぴったり".into())));
    assert_eq!(near(1_000), None);
    said(&mut menu, Command::Move { sheet: SheetKey(2), border: 2, to: 1_000 });
    let places = rests(&menu, 2);
    let at = snap::nearest(&places, 1_004, 12).unwrap();
    assert_eq!(at.guide.words(), "シート「手続き」とそろう");
    said(&mut menu, Command::Move { sheet: ONE, border: 4, to: 701 });
    let places = rests(&menu, 2);
    assert_eq!(snap::nearest(&places, 700, 2).unwrap().guide, snap::Guide::Neighbour);
}

/// What LINE asks of a rich menu object, and what we promise of a sheet.
fn sound(menu: &Menu) -> Result<(), TestCaseError> {
    let install = Install::try_from("city0001".to_owned()).unwrap();
    let with = Rendering {
        install: &install,
        hosts: Hosts::from("https://c.example"),
        short: &|_, _, _| None,
    };
    for sheet in &menu.sheets {
        let (whole, limits) = (sheet.size.whole(), sheet.size.limits());
        let rects = sheet.rects();
        prop_assert_eq!(rects.len(), sheet.areas.len());
        prop_assert!((1..=AREAS_MAX).contains(&rects.len()));
        let area = |r: &Rect| u64::from(r.width) * u64::from(r.height);
        for (i, rect) in rects.iter().enumerate() {
            prop_assert!(rect.within(whole), "{:?}", rect);
            prop_assert!(rect.width.min(rect.height) >= limits.side);
            prop_assert!(rects[i + 1..].iter().all(|other| !rect.overlaps(*other)));
        }
        if let Layout::Split(tree) = &sheet.layout {
            prop_assert_eq!(tree.fault(whole, limits), None);
            prop_assert_eq!(rects.iter().map(area).sum::<u64>(), area(&whole));
        }
        let keys: std::collections::BTreeSet<u16> = sheet.areas.iter().map(|a| a.key).collect();
        prop_assert_eq!(keys.len(), sheet.areas.len());
        prop_assert!(keys.iter().all(|k| *k < sheet.next));
        // What the sandbox asks of it, too.
        let object = render::sheet(ID, menu, sheet, Mode::Real, &with);
        prop_assert_eq!(line::validate_rich_menu(&object), Vec::new(), "{}", object);
    }
    let json = serde_json::to_string(menu).unwrap();
    prop_assert_eq!(&serde_json::from_str::<Menu>(&json).unwrap(), menu);
    Ok(())
}

/// A seed has no simpler one: a counterexample becomes shorter.
fn turns() -> impl Strategy<Value = Vec<Turn>> {
    proptest::collection::vec(any::<u64>().no_shrink().prop_map(turn), 0..40)
}

proptest! {
    /// Any sequence of changes, undone and redone at will, leaves sheets that are sound; what
    /// is undone is as if it had not been done, and what is redone as if it had not been undone.
    #[test]
    fn any_sequence_leaves_a_sound_menu(turns in turns()) {
        let mut history = History::new(Menu::new("m", DepartmentId(1)));
        let mut worlds = vec![history.menu().clone()];
        let mut at = 0;
        for turn in turns {
            match turn {
                Turn::Run(command) => {
                    let before = history.menu().clone();
                    match history.run(&command) {
                        Ok(said) => {
                            prop_assert!(!said.is_empty());
                            if *history.menu() != before {
                                worlds.truncate(at + 1);
                                worlds.push(history.menu().clone());
                                at += 1;
                            }
                        }
                        Err(why) => {
                            prop_assert!(!why.is_empty());
                            prop_assert_eq!(history.menu(), &before);
                        }
                    }
                }
                Turn::Undo => {
                    prop_assert_eq!(history.undo().is_some(), at > 0);
                    at = at.saturating_sub(1);
                }
                Turn::Redo => {
                    prop_assert_eq!(history.redo().is_some(), at + 1 < worlds.len());
                    at = (at + 1).min(worlds.len() - 1);
                }
            }
            prop_assert_eq!(history.menu(), &worlds[at]);
            prop_assert_eq!(history.past().len(), at);
            prop_assert_eq!(history.future().len(), worlds.len() - 1 - at);
            sound(history.menu())?;
        }
    }
}

#[test]
fn what_is_typed_in_one_go_is_one_step() {
    let mut history = History::new(three_tabs());
    let typed = |name: &str| Command::RenameSheet { sheet: ONE, name: name.into() };
    history.run(&typed("く")).unwrap();
    history.amend(&typed("くら")).unwrap();
    history.amend(&typed("くらしの")).unwrap();
    assert_eq!(history.past().len(), 1);
    assert!(history.past().next().unwrap().contains("くらしの"));
    assert!(history.amend(&typed("くらし")).is_ok());
    assert_eq!(history.past().len(), 0, "as it was before");
    history.run(&typed("暮")).unwrap();
    history.undo().unwrap();
    history.amend(&typed("暮ら")).unwrap();
    assert_eq!((history.past().len(), history.future().len()), (1, 0));
    history.undo().unwrap();
    assert_eq!(*history.menu(), three_tabs());
}

/// Keys and letters that came to nothing leave no step: what follows them is not joined to what was
/// done before.
#[test]
fn what_follows_on_nothing_is_a_step_of_its_own() {
    let nudge = |by| Command::Nudge { sheet: ONE, border: 0, by };
    let mut begun = History::new(Menu::new("m", DepartmentId(1)));
    begun.run(&Command::Template { sheet: ONE, name: "two_columns".into() }).unwrap();
    // To the end of its way.
    begun.run(&Command::Move { sheet: ONE, border: 0, to: 9_999 }).unwrap();
    let goes_on = |mut history: History| {
        history.amend(&nudge(-10)).unwrap();
        history.amend(&nudge(-10)).unwrap();
        assert_eq!(history.past().len(), begun.past().len() + 1);
        history.undo().unwrap();
        assert_eq!(history.menu(), begun.menu());
    };
    let mut to_and_fro = begun.clone();
    to_and_fro.run(&nudge(-1)).unwrap();
    to_and_fro.amend(&nudge(1)).unwrap();
    goes_on(to_and_fro);
    let mut refused = begun.clone();
    refused.run(&nudge(1)).unwrap_err();
    goes_on(refused);
    let mut as_it_was = begun.clone();
    as_it_was.run(&Command::SetBar { bar: begun.menu().bar.clone() }).unwrap();
    goes_on(as_it_was);
}

#[test]
fn cuts_rest_where_they_look_right() {
    let mut menu = Menu::new("新しいメニュー", DepartmentId(1));
    said(&mut menu, Command::Template { sheet: ONE, name: "one".into() });
    let rests = |axis| -> Vec<u32> {
        snap::cuts(&menu.sheets[0], 0, axis, &[]).into_iter().map(|p| p.at).collect()
    };
    assert_eq!(rests(Axis::Columns), [625, 833, 1_250, 1_666, 1_875]);
    assert_eq!(rests(Axis::Rows), [421, 562, 843, 1_124, 1_264]);
    let tabs = three_tabs();
    let others: Vec<&Sheet> = tabs.sheets[1..].iter().collect();
    let found = snap::cuts(&menu.sheets[0], 0, Axis::Rows, &others);
    assert!(found.iter().any(|p| p.at == 278 && p.guide.words().contains("手続き")), "{found:?}");
}
