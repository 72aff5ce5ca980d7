//! How a picture is cut into areas (SEG-4, MENU-1): a tree of splits in whole pixels.
//!
//! A split cuts a rectangle by borders from edge to edge, into columns or into rows, and
//! each of these may be split again the other way. Borders are places on the picture
//! itself, so that nothing is ever rounded twice: the areas of a tree without a [`Fault`]
//! cover the whole, without overlap and without gap. Areas are numbered in the order in
//! which the tree reads: from the top and from the left.

mod edit;
mod shape;
mod snap;
mod template;
mod tile;

pub use shape::Shape;
pub use snap::{Rest, parted};
pub use template::{TEMPLATES, Template};

use serde::{Deserialize, Serialize};

/// A rectangle in pixels, from the upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rect {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// To the right.
    pub width: u32,
    /// Downwards.
    pub height: u32,
}

impl Rect {
    /// A whole picture.
    pub fn whole(width: u32, height: u32) -> Self {
        Self { x: 0, y: 0, width, height }
    }

    /// Where it begins and ends along an axis.
    pub fn span(self, axis: Axis) -> (u32, u32) {
        match axis {
            Axis::Columns => (self.x, self.x.saturating_add(self.width)),
            Axis::Rows => (self.y, self.y.saturating_add(self.height)),
        }
    }

    /// The part of it between two places of an axis.
    fn between(self, axis: Axis, from: u32, to: u32) -> Self {
        match axis {
            Axis::Columns => Self { x: from, width: to - from, ..self },
            Axis::Rows => Self { y: from, height: to - from, ..self },
        }
    }

    /// Whether two of them share a pixel.
    pub fn overlaps(self, other: Self) -> bool {
        [Axis::Columns, Axis::Rows].into_iter().all(|axis| {
            let ((a, b), (c, d)) = (self.span(axis), other.span(axis));
            a < d && c < b
        })
    }

    /// Whether it lies within another one.
    pub fn within(self, whole: Self) -> bool {
        [Axis::Columns, Axis::Rows].into_iter().all(|axis| {
            let ((a, b), (c, d)) = (self.span(axis), whole.span(axis));
            c <= a && b <= d
        })
    }
}

/// Which way a split cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    /// Side by side: upright borders.
    Columns,
    /// One below the other: level borders.
    Rows,
}

impl Axis {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Columns => Self::Rows,
            Self::Rows => Self::Columns,
        }
    }
}

/// What a kind of picture allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most areas.
    pub areas: usize,
    /// Shortest side of an area, in pixels: what a finger can still meet.
    pub side: u32,
}

/// An area, or a split. In JSON: `null`, `{"columns": [520], "parts": [null, null]}` or
/// `{"rows": …, "parts": …}`; one border less than parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Tree {
    /// One area.
    #[default]
    Area,
    /// Side by side.
    Columns {
        /// Borders, from the left edge of the picture.
        columns: Vec<u32>,
        /// What lies between them.
        parts: Vec<Tree>,
    },
    /// One below the other.
    Rows {
        /// Borders, from the upper edge of the picture.
        rows: Vec<u32>,
        /// What lies between them.
        parts: Vec<Tree>,
    },
}

/// Why a tree cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A split without borders, with borders out of order or outside, or with the wrong
    /// number of parts; or two splits of the same way, one in the other.
    Broken,
    /// More areas than allowed.
    Many,
    /// An area is narrower than allowed.
    Narrow,
}

/// A border that can be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Border {
    /// Which way its split cuts.
    pub axis: Axis,
    /// Where it is.
    pub at: u32,
    /// How far it can go back.
    pub min: u32,
    /// How far it can go on.
    pub max: u32,
    /// Where it begins and ends, along the other axis.
    pub along: (u32, u32),
    /// The borders or edges of the same split before and after it.
    pub between: (u32, u32),
    /// Where its split begins and ends.
    pub span: (u32, u32),
}

impl Tree {
    /// A split; what it holds that is split the same way becomes part of it.
    fn split(axis: Axis, borders: Vec<u32>, parts: Vec<Self>) -> Self {
        let (mut flat, mut all) = (Vec::new(), Vec::new());
        let mut borders = borders.into_iter();
        for part in parts {
            match part.as_split() {
                Some((inner, more, _)) if inner == axis => {
                    flat.extend_from_slice(more);
                    all.extend(part.into_parts());
                }
                _ => all.push(part),
            }
            flat.extend(borders.next());
        }
        match (all.len(), axis) {
            (1, _) => all.pop().unwrap_or_default(),
            (_, Axis::Columns) => Self::Columns { columns: flat, parts: all },
            (_, Axis::Rows) => Self::Rows { rows: flat, parts: all },
        }
    }

    fn as_split(&self) -> Option<(Axis, &[u32], &[Self])> {
        match self {
            Self::Area => None,
            Self::Columns { columns, parts } => Some((Axis::Columns, columns, parts)),
            Self::Rows { rows, parts } => Some((Axis::Rows, rows, parts)),
        }
    }

    fn into_parts(self) -> Vec<Self> {
        match self {
            Self::Area => Vec::new(),
            Self::Columns { parts, .. } | Self::Rows { parts, .. } => parts,
        }
    }

    /// How many areas there are.
    pub fn count(&self) -> usize {
        self.as_split().map_or(1, |(_, _, parts)| parts.iter().map(Self::count).sum())
    }

    /// What is wrong with it on that picture.
    pub fn fault(&self, whole: Rect, limits: Limits) -> Option<Fault> {
        self.fault_in(whole, limits.side)
            .or_else(|| (self.count() > limits.areas).then_some(Fault::Many))
    }

    fn fault_in(&self, rect: Rect, side: u32) -> Option<Fault> {
        let Some((axis, borders, parts)) = self.as_split() else {
            return (rect.width.min(rect.height) < side).then_some(Fault::Narrow);
        };
        let (from, to) = rect.span(axis);
        let edges = edges(from, borders, to);
        if borders.is_empty()
            || parts.len() != borders.len() + 1
            || edges.windows(2).any(|e| e[0] >= e[1])
        {
            return Some(Fault::Broken);
        }
        parts.iter().zip(edges.windows(2)).find_map(|(part, e)| {
            if part.as_split().is_some_and(|(inner, ..)| inner == axis) {
                Some(Fault::Broken)
            } else {
                part.fault_in(rect.between(axis, e[0], e[1]), side)
            }
        })
    }

    /// The areas, in order. The tree must be without fault.
    pub fn areas(&self, whole: Rect) -> Vec<Rect> {
        let Some((axis, borders, parts)) = self.as_split() else { return vec![whole] };
        let (from, to) = whole.span(axis);
        parts
            .iter()
            .zip(edges(from, borders, to).windows(2))
            .flat_map(|(part, e)| part.areas(whole.between(axis, e[0], e[1])))
            .collect()
    }

    /// Every border, a split's own before those inside it. The tree must be without fault.
    pub fn borders(&self, whole: Rect, limits: Limits) -> Vec<Border> {
        let Some((axis, borders, parts)) = self.as_split() else { return Vec::new() };
        let (from, to) = whole.span(axis);
        let edges = edges(from, borders, to);
        let own = borders.iter().enumerate().map(|(i, at)| Border {
            axis,
            at: *at,
            min: parts[i].innermost(axis, edges[i], u32::max).saturating_add(limits.side),
            max: parts[i + 1].innermost(axis, edges[i + 2], u32::min).saturating_sub(limits.side),
            along: whole.span(axis.other()),
            between: (edges[i], edges[i + 2]),
            span: (from, to),
        });
        let inner = parts
            .iter()
            .zip(edges.windows(2))
            .flat_map(|(part, e)| part.borders(whole.between(axis, e[0], e[1]), limits));
        own.chain(inner).collect()
    }

    /// The border along an axis that lies nearest to the far (`u32::max`) or near
    /// (`u32::min`) edge, or the other edge where there is none.
    fn innermost(&self, axis: Axis, edge: u32, pick: fn(u32, u32) -> u32) -> u32 {
        let Some((own, borders, parts)) = self.as_split() else { return edge };
        let own = borders.iter().copied().filter(|_| own == axis);
        let inner = parts.iter().map(|part| part.innermost(axis, edge, pick));
        own.chain(inner).fold(edge, pick)
    }
}

fn edges(from: u32, borders: &[u32], to: u32) -> Vec<u32> {
    std::iter::once(from).chain(borders.iter().copied()).chain(std::iter::once(to)).collect()
}

#[cfg(test)]
mod tests;
