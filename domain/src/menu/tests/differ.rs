//! What publishing would change.

use super::*;

#[test]
fn the_same_menu_does_not_differ() {
    assert_eq!(diff(&three_tabs(), &three_tabs()), []);
}

#[test]
fn differences_are_said_where_they_are() {
    let old = three_tabs();
    let mut history = History::new(old.clone());
    let sheet = SheetKey(1);
    for command in [
        Command::Move { sheet, border: 4, to: 820 },
        Command::SetAct { sheet, area: 4, act: Act::Open("https://city.example/buses".into()) },
        Command::SetMark { sheet, area: 5, mark: Mark::None },
        Command::ShiftSheet { sheet: SheetKey(3), up: true },
        Command::RemoveSheet { sheet: SheetKey(2) },
        Command::AddSheet { name: "夏".into() },
        Command::SetBar { bar: "ひらく".into() },
    ] {
        history.run(&command).unwrap();
    }
    let said: Vec<String> = diff(&old, history.menu())
        .into_iter()
        .map(|c| format!("{}：{}", c.place, c.words))
        .collect();
    assert_eq!(
        said,
        [
            "メニュー：メニューバーの文字が変わりました（メニュー → ひらく）",
            "くらし エリア2：場所が変わりました",
            "くらし エリア3：場所が変わりました",
            "くらし エリア4：左右の幅が変わりました（833 → 820）",
            "くらし エリア5：左右の幅が変わりました（833 → 846）",
            "くらし エリア5：押したときの動きが変わりました（https://city.example/busをひらく → https://city.example/busesをひらく）",
            "くらし エリア6：アイコンが変わりました",
            "防災 エリア2：場所が変わりました",
            "防災 エリア3：場所が変わりました",
            "夏：シートを足しました",
            "手続き：シートを消しました",
        ]
    );
    let (fewer, _) = old.after(&Command::Merge { sheet, area: 3, with: 4 }).unwrap();
    let said: Vec<String> = diff(&old, &fewer).into_iter().map(|c| c.words).collect();
    assert_eq!(
        said,
        ["左右の幅が変わりました（833 → 1666）", "「市バス・駐車場」のエリアがなくなりました"]
    );
}
