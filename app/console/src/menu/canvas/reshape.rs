//! Free rectangles pushed, stretched and drawn: they line up where they come near.

use domain::geometry::{Axis, Rect};
use domain::menu::Sheet;
use domain::menu::snap::{nearest, sides};

fn snapped(sheet: &Sheet, area: usize, axis: Axis, at: i64, near: u32) -> i64 {
    let Ok(place) = u32::try_from(at) else { return at };
    nearest(&sides(sheet, area, axis), place, near).map_or(at, |p| i64::from(p.at))
}

/// A rectangle pushed by so much: one of its sides lines up where it comes near.
pub fn moved(sheet: &Sheet, area: usize, rect: Rect, by: (i64, i64), near: u32) -> Rect {
    let along = |axis: Axis, by: i64| -> u32 {
        let ((from, to), (_, end)) = (rect.span(axis), sheet.size.whole().span(axis));
        let (a, b) = (i64::from(from) + by, i64::from(to) + by);
        let (sa, sb) = (snapped(sheet, area, axis, a, near), snapped(sheet, area, axis, b, near));
        let a = if sa != a { sa } else { a + (sb - b) };
        u32::try_from(a.clamp(0, i64::from(end - (to - from)))).unwrap_or(0)
    };
    Rect { x: along(Axis::Columns, by.0), y: along(Axis::Rows, by.1), ..rect }
}

/// A rectangle whose lower right corner was pulled.
pub fn stretched(sheet: &Sheet, area: usize, rect: Rect, by: (i64, i64), near: u32) -> Rect {
    let side = i64::from(sheet.size.limits().side);
    let length = |axis: Axis, by: i64| -> u32 {
        let ((from, to), (_, end)) = (rect.span(axis), sheet.size.whole().span(axis));
        let to = snapped(sheet, area, axis, i64::from(to) + by, near);
        let (from, end) = (i64::from(from), i64::from(end));
        u32::try_from(to.clamp((from + side).min(end), end) - from).unwrap_or(0)
    };
    Rect { width: length(Axis::Columns, by.0), height: length(Axis::Rows, by.1), ..rect }
}

/// A new rectangle between two places.
pub fn spanned(sheet: &Sheet, from: (i64, i64), to: (i64, i64), near: u32) -> Rect {
    let along = |axis: Axis, a: i64, b: i64| -> (u32, u32) {
        let end = i64::from(sheet.size.whole().span(axis).1);
        let at = |at: i64| {
            let at = snapped(sheet, usize::MAX, axis, at.clamp(0, end), near);
            u32::try_from(at).unwrap_or(0)
        };
        let (a, b) = (at(a), at(b));
        (a.min(b), a.abs_diff(b))
    };
    let ((x, width), (y, height)) =
        (along(Axis::Columns, from.0, to.0), along(Axis::Rows, from.1, to.1));
    Rect { x, y, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::menu::{Layout, SheetKey, Size};

    fn free() -> Sheet {
        let mut sheet = Sheet::new(SheetKey(1), "x", Size::LARGE);
        let rect = Rect { x: 100, y: 100, width: 500, height: 400 };
        sheet.layout = Layout::Free(vec![rect]);
        sheet.areas.truncate(1);
        sheet
    }

    #[test]
    fn free_rectangles_stay_on_the_picture_and_line_up() {
        let sheet = free();
        let rect = sheet.rects()[0];
        let to = |by| moved(&sheet, 0, rect, by, 20);
        assert_eq!((to((300, 20)).x, to((300, 20)).y), (400, 120));
        // The left edge, and the right side at the middle of the picture.
        assert_eq!(to((-90, 0)).x, 0);
        assert_eq!(to((655, 0)).x, 750);
        assert_eq!((to((9_000, 9_000)).x, to((9_000, 9_000)).y), (2_000, 1_286));
        let pulled = stretched(&sheet, 0, rect, (-9_000, 9_000), 20);
        assert_eq!((pulled.width, pulled.height), (160, 1_586));
        let new = spanned(&sheet, (900, 900), (700, -50), 20);
        assert_eq!(new, Rect { x: 700, y: 0, width: 200, height: 900 });
    }
}
