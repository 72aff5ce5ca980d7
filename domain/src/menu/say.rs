//! What the editor announces after a change, in words that make sense without the picture.

use super::{Area, Sheet, svg};
use crate::geometry::{Axis, Border, Rect};

pub(super) const TOO_MANY: &str =
    "エリアは20個までです。使わないエリアを結合してから分けてください";
pub(super) const TOO_SMALL: &str =
    "指で押すには小さすぎるエリアができるので、分けられません。広いエリアを選んでください";

/// 「エリア6 施設の予約」.
pub(super) fn named(sheet: &Sheet, area: usize) -> String {
    let label = sheet.areas.get(area).map(svg::words_of).unwrap_or_default();
    let label: String = label.split_whitespace().collect();
    if label.is_empty() {
        format!("エリア{}", area + 1)
    } else {
        format!("エリア{} {label}", area + 1)
    }
}

pub(super) fn label_of(area: &Area) -> &str {
    let words = svg::words_of(area);
    if words.is_empty() { area.act.kind() } else { words }
}

/// 「幅833 高さ704」.
pub(super) fn size(rect: Rect) -> String {
    format!("幅{} 高さ{}", rect.width, rect.height)
}

/// 「左1667 上278 幅833 高さ704」.
pub(super) fn place(rect: Rect) -> String {
    format!("左{} 上{} {}", rect.x, rect.y, size(rect))
}

/// 「縦に3つに分けました」: upright borders cut 縦に.
pub(super) fn cut_word(axis: Axis, parts: usize) -> String {
    let way = match axis {
        Axis::Columns => "縦に",
        Axis::Rows => "横に",
    };
    format!("{way}{}に分けました", crate::time::things(parts))
}

/// 「幅は左から833px、834px」.
pub(super) fn sizes(axis: Axis, rects: &[Rect]) -> String {
    let (what, from) = match axis {
        Axis::Columns => ("幅", "左"),
        Axis::Rows => ("高さ", "上"),
    };
    let sizes = rects.iter().map(|r| {
        let (a, b) = r.span(axis);
        format!("{}px", b - a)
    });
    format!("{what}は{from}から{}", sizes.collect::<Vec<_>>().join("、"))
}

fn ways(axis: Axis) -> (&'static str, &'static str) {
    match axis {
        Axis::Columns => ("左", "右"),
        Axis::Rows => ("上", "下"),
    }
}

/// 「左833px、右1667px」.
pub(super) fn sides(border: Border) -> String {
    let (before, after) = ways(border.axis);
    let (from, to) = border.between;
    format!("{before}{}px、{after}{}px", border.at - from, to - border.at)
}

/// 「境界を3px右へ動かしました。左833px、右1667px」.
pub(super) fn moved(was: Border, now: Border, wanted: u32) -> String {
    let (before, after) = ways(was.axis);
    let (by, to) = (now.at.abs_diff(was.at), if now.at < was.at { before } else { after });
    let end = if now.at == wanted { "" } else { "。ここで止まりました" };
    format!("境界を{by}px{to}へ動かしました。{}{end}", sides(now))
}

/// Why a border stays where it is.
pub(super) fn stays(border: Border, wanted: u32) -> String {
    let (before, after) = ways(border.axis);
    if wanted == border.at {
        return format!("境界はもうそこにあります。{}", sides(border));
    }
    let to = if wanted < border.at { before } else { after };
    format!(
        "これより{to}へは動かせません。指で押すには小さすぎるエリアができます。{}",
        sides(border)
    )
}
