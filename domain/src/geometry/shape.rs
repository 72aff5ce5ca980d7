//! Ways to cut a picture in proportions, for templates.

use super::{Axis, Rect, Tree, edges};

/// An area, or a split whose parts have weights: `(1, …), (2, …)` is a third and two thirds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One area.
    One,
    /// Side by side.
    Columns(&'static [(u32, Shape)]),
    /// One below the other.
    Rows(&'static [(u32, Shape)]),
}

impl Shape {
    /// How many areas it has.
    pub fn count(self) -> usize {
        match self {
            Self::One => 1,
            Self::Columns(parts) | Self::Rows(parts) => {
                parts.iter().map(|(_, part)| part.count()).sum()
            }
        }
    }

    /// The cuts on that picture.
    pub fn tree(self, whole: Rect) -> Tree {
        let (axis, parts) = match self {
            Self::One => return Tree::Area,
            Self::Columns(parts) => (Axis::Columns, parts),
            Self::Rows(parts) => (Axis::Rows, parts),
        };
        let (from, to) = whole.span(axis);
        let sum: u64 = parts.iter().map(|(weight, _)| u64::from(*weight)).sum();
        let mut done = 0;
        let borders: Vec<u32> = parts[..parts.len().saturating_sub(1)]
            .iter()
            .map(|(weight, _)| {
                done += u64::from(*weight);
                from + u32::try_from(u64::from(to - from) * done / sum.max(1)).unwrap_or(0)
            })
            .collect();
        let ends = edges(from, &borders, to);
        let parts = parts
            .iter()
            .zip(ends.windows(2))
            .map(|((_, part), e)| part.tree(whole.between(axis, e[0], e[1])))
            .collect();
        Tree::split(axis, borders, parts)
    }
}
