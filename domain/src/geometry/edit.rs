//! Changing a tree: each answers a new one, without fault if the former was.

use super::{Axis, Fault, Limits, Rect, Tree, edges};

impl Tree {
    /// Border `number` (of [`Tree::borders`]) at another place, as far as it can go there.
    #[must_use]
    pub fn moved(&self, whole: Rect, limits: Limits, number: usize, to: u32) -> Self {
        let border = self.borders(whole, limits).get(number).copied();
        let Some(border) = border.filter(|b| b.min <= b.max) else { return self.clone() };
        let mut tree = self.clone();
        let mut left = number;
        tree.set_border(&mut left, to.clamp(border.min, border.max));
        tree
    }

    fn set_border(&mut self, left: &mut usize, to: u32) -> bool {
        let (borders, parts) = match self {
            Self::Area => return false,
            Self::Columns { columns, parts } => (columns, parts),
            Self::Rows { rows, parts } => (rows, parts),
        };
        if let Some(border) = borders.get_mut(*left) {
            *border = to;
            return true;
        }
        *left -= borders.len();
        parts.iter_mut().any(|part| part.set_border(left, to))
    }

    /// Area `number` cut in the middle; the new area is the next one. Nothing where there
    /// would be too many areas, or too narrow ones.
    pub fn cut(&self, whole: Rect, limits: Limits, number: usize, axis: Axis) -> Option<Self> {
        self.cut_in(whole, limits, number, axis, 2)
    }

    /// Area `number` cut into so many, as even as whole pixels allow; the new areas come right
    /// after it. Nothing where there would be too many areas, or too narrow ones.
    pub fn cut_in(
        &self,
        whole: Rect,
        limits: Limits,
        number: usize,
        axis: Axis,
        parts: usize,
    ) -> Option<Self> {
        let (from, to) = self.areas(whole).get(number)?.span(axis);
        if !(2..=limits.areas).contains(&parts) {
            return None;
        }
        self.cut_by(whole, limits, number, axis, even(from, to, parts))
    }

    /// Area `number` cut at a place. Nothing where there would be too many areas, or too
    /// narrow ones.
    pub fn cut_at(
        &self,
        whole: Rect,
        limits: Limits,
        number: usize,
        axis: Axis,
        at: u32,
    ) -> Option<Self> {
        self.cut_by(whole, limits, number, axis, vec![at])
    }

    fn cut_by(
        &self,
        whole: Rect,
        limits: Limits,
        number: usize,
        axis: Axis,
        borders: Vec<u32>,
    ) -> Option<Self> {
        self.areas(whole).get(number)?;
        let parts = vec![Self::Area; borders.len() + 1];
        let split = Self::split(axis, borders, parts);
        let tree = self.with_area(&mut { number }, &split);
        tree.fault(whole, limits).is_none().then_some(tree)
    }

    fn with_area(&self, left: &mut usize, new: &Self) -> Self {
        let Some((axis, borders, parts)) = self.as_split() else { return new.clone() };
        let parts = parts.iter().map(|part| {
            let count = part.count();
            let here = *left < count;
            let part = if here { part.with_area(left, new) } else { part.clone() };
            *left = if here { usize::MAX } else { left.saturating_sub(count) };
            part
        });
        let parts: Vec<Self> = parts.collect();
        Self::split(axis, borders.to_vec(), parts)
    }

    /// Areas `number` and `number + 1` as one, which keeps the first number. Nothing where
    /// they do not lie beside one another in one split.
    pub fn merged(&self, number: usize) -> Option<Self> {
        let (axis, borders, parts) = self.as_split()?;
        let mut first = 0;
        for (i, part) in parts.iter().enumerate() {
            let pair = matches!((part, parts.get(i + 1)), (Self::Area, Some(Self::Area)));
            let (mut borders, mut parts) = (borders.to_vec(), parts.to_vec());
            if first == number && pair {
                borders.remove(i);
                parts.remove(i);
                return Some(Self::split(axis, borders, parts));
            }
            let count = part.count();
            if number < first + count {
                parts[i] = part.merged(number - first)?;
                return Some(Self::split(axis, borders, parts));
            }
            first += count;
        }
        None
    }

    /// The same cuts on a picture of another size; nothing where areas became too narrow.
    pub fn fitted(&self, from: Rect, to: Rect, limits: Limits) -> Option<Self> {
        if self.fault(from, limits) == Some(Fault::Broken) {
            return None;
        }
        let tree = self.scaled(from, to);
        tree.fault(to, limits).is_none().then_some(tree)
    }

    fn scaled(&self, from: Rect, to: Rect) -> Self {
        let Some((axis, borders, parts)) = self.as_split() else { return Self::Area };
        let ((a, b), (c, d)) = (from.span(axis), to.span(axis));
        let scale = |at: u32| {
            let (at, was, is) = (u64::from(at - a), u64::from(b - a), u64::from(d - c));
            c + u32::try_from((at * is + was / 2) / was.max(1)).unwrap_or(0)
        };
        // Everything is measured on the whole picture, so that equal borders stay equal.
        let parts = parts.iter().map(|part| part.scaled(from, to)).collect();
        Self::split(axis, borders.iter().map(|at| scale(*at)).collect(), parts)
    }

    /// Every split of the same way with its borders at even distances; what lies inside moves
    /// along. Nothing where areas became too narrow.
    pub fn evened(&self, whole: Rect, limits: Limits) -> Option<Self> {
        let tree = self.evened_in(whole);
        tree.fault(whole, limits).is_none().then_some(tree)
    }

    fn evened_in(&self, rect: Rect) -> Self {
        let Some((axis, _, parts)) = self.as_split() else { return Self::Area };
        let (from, to) = rect.span(axis);
        let borders = even(from, to, parts.len());
        let edges = edges(from, &borders, to);
        let parts = parts
            .iter()
            .zip(edges.windows(2))
            .map(|(part, e)| part.evened_in(rect.between(axis, e[0], e[1])))
            .collect();
        Self::split(axis, borders, parts)
    }
}

/// Borders that cut from `from` to `to` into `parts` as even as whole pixels allow.
pub(super) fn even(from: u32, to: u32, parts: usize) -> Vec<u32> {
    let (length, parts) = (u64::from(to - from), parts as u64);
    (1..parts).map(|i| from + u32::try_from(length * i / parts).unwrap_or(0)).collect()
}
