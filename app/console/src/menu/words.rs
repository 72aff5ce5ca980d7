//! Words for places, so that they are understood without the picture.

use domain::geometry::{Axis, Border, Rect};
use domain::menu::{Existing, Menu, Sheet, svg};

/// Who sees the name of a menu.
pub const SEEN: &str = "職員が見分けるための名前です。住民にも、「メニューを選ぶ」の選択肢や、「メニュー」への返事で見えます。";

/// 「左上」「まん中」: where an area lies on its sheet.
pub fn place(whole: Rect, rect: Rect) -> &'static str {
    let third =
        |from: u32, length: u32, of: u32| ((from * 2 + length) * 3 / (of * 2).max(1)).min(2);
    let across = rect.width * 10 >= whole.width * 9;
    let down = rect.height * 10 >= whole.height * 9;
    let column = third(rect.x, rect.width, whole.width);
    let row = third(rect.y, rect.height, whole.height);
    match (row, column) {
        _ if across && down => "全体",
        (0, _) if across => "上の段",
        (1, _) if across => "まん中の段",
        (_, _) if across => "下の段",
        (_, 0) if down => "左の列",
        (_, 1) if down => "まん中の列",
        (_, _) if down => "右の列",
        (0, 0) => "左上",
        (0, 1) => "上",
        (0, _) => "右上",
        (1, 0) => "左",
        (1, 1) => "まん中",
        (1, _) => "右",
        (_, 0) => "左下",
        (_, 1) => "下",
        (_, _) => "右下",
    }
}

/// What an area is called in lists.
pub fn label(sheet: &Sheet, area: usize) -> String {
    let words: String =
        sheet.areas.get(area).map(svg::words_of).unwrap_or_default().split_whitespace().collect();
    if words.is_empty() { "（まだ空です）".into() } else { words }
}

/// 「エリア2 予約、左上、幅833 高さ843、動き：公共施設の予約をひらく」.
pub fn describe(
    menu: &Menu,
    existing: &Existing,
    sheet: &Sheet,
    area: usize,
    rect: Rect,
) -> String {
    let act = sheet.areas.get(area).map(|a| a.act.in_full(menu, existing)).unwrap_or_default();
    format!(
        "エリア{} {}、{}、幅{} 高さ{}、動き：{act}",
        area + 1,
        label(sheet, area),
        place(sheet.size.whole(), rect),
        rect.width,
        rect.height
    )
}

/// The areas before and after a border.
pub fn beside(rects: &[Rect], border: Border) -> (Vec<usize>, Vec<usize>) {
    let along = |r: &Rect| {
        let (a, b) = r.span(border.axis.other());
        a < border.along.1 && border.along.0 < b
    };
    let all = || rects.iter().enumerate().filter(move |(_, r)| along(r));
    let before = all().filter(|(_, r)| r.span(border.axis).1 == border.at).map(|(i, _)| i);
    let after = all().filter(|(_, r)| r.span(border.axis).0 == border.at).map(|(i, _)| i);
    (before.collect(), after.collect())
}

/// 「エリア5とエリア6のあいだ（縦の境界）」.
pub fn border(rects: &[Rect], border: Border) -> String {
    let some = |areas: Vec<usize>| {
        let numbers: Vec<String> = areas.iter().map(|n| (n + 1).to_string()).collect();
        format!("エリア{}", numbers.join("・"))
    };
    let (before, after) = beside(rects, border);
    let way = match border.axis {
        Axis::Columns => "縦の境界",
        Axis::Rows => "横の境界",
    };
    format!("{}と{}のあいだ（{way}）", some(before), some(after))
}

/// 「左 400・右 640」.
pub fn sides(border: Border) -> String {
    let (near, far) = border.sides();
    match border.axis {
        Axis::Columns => format!("左{near}、右{far}"),
        Axis::Rows => format!("上{near}、下{far}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::menu::{SheetKey, Size};

    #[test]
    fn places_and_borders_are_said_in_words() {
        let sheet = Sheet::new(SheetKey(1), "くらし", Size::LARGE);
        let (whole, rects) = (sheet.size.whole(), sheet.rects());
        let places: Vec<&str> = rects.iter().map(|r| place(whole, *r)).collect();
        assert_eq!(places, ["左上", "上", "右上", "左下", "下", "右下"]);
        assert_eq!(place(whole, whole), "全体");
        assert_eq!(place(whole, Rect { height: 278, ..whole }), "上の段");
        let tree = sheet.tree().unwrap();
        let borders = tree.borders(whole, sheet.size.limits());
        let words: Vec<String> = borders.iter().map(|b| border(&rects, *b)).collect();
        assert_eq!(words[0], "エリア1・2・3とエリア4・5・6のあいだ（横の境界）");
        assert_eq!(words[1], "エリア1とエリア2のあいだ（縦の境界）");
        assert_eq!(sides(borders[1]), "左833、右833");
    }
}
