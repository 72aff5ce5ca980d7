//! From areas back to a tree: rectangles that cover a picture can be cut by borders from edge
//! to edge, or they cannot (a pinwheel).

use super::{Axis, Border, Limits, Rect, Tree, edges};

impl Tree {
    /// The tree of areas that cover `whole` without overlap and without gap, if borders from
    /// edge to edge cut it so. Rows come first where both ways are possible.
    pub fn tiled(whole: Rect, areas: &[Rect]) -> Option<Self> {
        match areas {
            [] => return None,
            [area] => return (*area == whole).then_some(Self::Area),
            _ => {}
        }
        [Axis::Rows, Axis::Columns].into_iter().find_map(|axis| {
            let borders = through(whole, areas, axis);
            if borders.is_empty() {
                return None;
            }
            let (from, to) = whole.span(axis);
            let parts = edges(from, &borders, to)
                .windows(2)
                .map(|e| {
                    let part = whole.between(axis, e[0], e[1]);
                    let inside: Vec<Rect> =
                        areas.iter().copied().filter(|a| a.within(part)).collect();
                    Self::tiled(part, &inside)
                })
                .collect::<Option<Vec<_>>>()?;
            Some(Self::split(axis, borders, parts))
        })
    }

    /// Two areas as one, wherever they stand in the tree, and for each new area the number
    /// that it had. The one with the smaller number stays. Nothing where they are no rectangle
    /// together, or what is left could not be cut.
    pub fn merged_with(&self, whole: Rect, a: usize, b: usize) -> Option<(Self, Vec<usize>)> {
        let (a, b) = (a.min(b), a.max(b));
        let areas = self.areas(whole);
        let one = together(*areas.get(a)?, *areas.get(b)?)?;
        let mut kept = areas.clone();
        kept[a] = one;
        kept.remove(b);
        let tree = match self.merged(a).filter(|t| b == a + 1 && t.areas(whole) == kept) {
            Some(tree) => tree,
            None => Self::tiled(whole, &kept)?,
        };
        let was = |new: &Rect| {
            if *new == one { Some(a) } else { areas.iter().position(|old| old == new) }
        };
        let order = tree.areas(whole).iter().map(was).collect::<Option<Vec<_>>>()?;
        Some((tree, order))
    }

    /// The areas that could become one with area `number`.
    pub fn partners(&self, whole: Rect, number: usize) -> Vec<usize> {
        let others = (0..self.count()).filter(|other| *other != number);
        others.filter(|other| self.merged_with(whole, number, *other).is_some()).collect()
    }

    /// The number of the border on which that side of an area lies; nothing at the edge of
    /// the picture. `far` is right or below.
    pub fn border_of(
        &self,
        whole: Rect,
        limits: Limits,
        number: usize,
        axis: Axis,
        far: bool,
    ) -> Option<usize> {
        let area = *self.areas(whole).get(number)?;
        let (near, end) = area.span(axis);
        let at = if far { end } else { near };
        let (from, to) = area.span(axis.other());
        let holds =
            |b: &Border| b.axis == axis && b.at == at && b.along.0 <= from && to <= b.along.1;
        self.borders(whole, limits).iter().position(holds)
    }
}

/// The places of an axis that no area crosses.
fn through(whole: Rect, areas: &[Rect], axis: Axis) -> Vec<u32> {
    let (from, to) = whole.span(axis);
    let mut places: Vec<u32> = areas.iter().map(|a| a.span(axis).0).collect();
    places.sort_unstable();
    places.dedup();
    let crossed = |at: u32| {
        areas.iter().any(|a| {
            let (start, end) = a.span(axis);
            start < at && at < end
        })
    };
    places.into_iter().filter(|at| from < *at && *at < to && !crossed(*at)).collect()
}

/// Two rectangles with a whole side in common, as one.
fn together(a: Rect, b: Rect) -> Option<Rect> {
    [Axis::Columns, Axis::Rows].into_iter().find_map(|axis| {
        let same = a.span(axis.other()) == b.span(axis.other());
        let ((a0, a1), (b0, b1)) = (a.span(axis), b.span(axis));
        (same && (a1 == b0 || b1 == a0)).then(|| a.between(axis, a0.min(b0), a1.max(b1)))
    })
}
