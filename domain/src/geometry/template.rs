//! The usual ways to cut a picture.

use super::edit::even;
use super::{Axis, Rect, Tree};

/// Rows from the top, each of so many equal areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name in addresses and JSON.
    pub name: &'static str,
    /// In words.
    pub label: &'static str,
    /// How many areas stand in each row.
    pub rows: &'static [usize],
}

/// Every template, the simplest first.
pub const TEMPLATES: &[Template] = &[
    Template { name: "one", label: "1つ", rows: &[1] },
    Template { name: "two_columns", label: "左右に2つ", rows: &[2] },
    Template { name: "two_rows", label: "上下に2つ", rows: &[1, 1] },
    Template { name: "three_columns", label: "横に3つ", rows: &[3] },
    Template { name: "three_rows", label: "縦に3つ", rows: &[1, 1, 1] },
    Template { name: "one_two", label: "上に1つ、下に2つ", rows: &[1, 2] },
    Template { name: "four", label: "4つ", rows: &[2, 2] },
    Template { name: "one_three", label: "上に1つ、下に3つ", rows: &[1, 3] },
    Template { name: "six", label: "6つ", rows: &[3, 3] },
];

impl Template {
    /// How many areas it has.
    pub fn count(&self) -> usize {
        self.rows.iter().sum()
    }

    /// The cuts on that picture.
    pub fn tree(&self, whole: Rect) -> Tree {
        let row = |areas: usize| {
            let (from, to) = whole.span(Axis::Columns);
            Tree::split(Axis::Columns, even(from, to, areas), vec![Tree::Area; areas])
        };
        let (from, to) = whole.span(Axis::Rows);
        let rows = self.rows.iter().map(|areas| row(*areas)).collect();
        Tree::split(Axis::Rows, even(from, to, self.rows.len()), rows)
    }
}
