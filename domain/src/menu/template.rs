//! The usual ways to cut a sheet (型): all layouts that LINE's own manager offers, and those
//! with tabs.

use super::Size;
use crate::geometry::{Rect, Shape, Tree};

/// A way to cut a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name in addresses and JSON.
    pub name: &'static str,
    /// In words.
    pub label: &'static str,
    /// How many tabs stand above.
    pub tabs: usize,
    /// The cuts.
    pub shape: Shape,
}

const ONE: Shape = Shape::One;
const TWO: Shape = Shape::Columns(&[(1, ONE), (1, ONE)]);
/// One row of three.
pub const THREE: Shape = Shape::Columns(&[(1, ONE), (1, ONE), (1, ONE)]);
const FOUR: Shape = Shape::Columns(&[(1, ONE), (1, ONE), (1, ONE), (1, ONE)]);
const STACK: Shape = Shape::Rows(&[(1, ONE), (1, ONE)]);
/// Two rows of three.
pub const SIX: Shape = Shape::Rows(&[(1, THREE), (1, THREE)]);
const EIGHT: Shape = Shape::Rows(&[(1, FOUR), (1, FOUR)]);

macro_rules! plain {
    ($name:literal, $label:literal, $shape:expr) => {
        Template { name: $name, label: $label, tabs: 0, shape: $shape }
    };
}

/// 大: large pictures.
pub const LARGE: &[Template] = &[
    plain!("six", "6つ（3つずつ2段）", SIX),
    plain!("four", "4つ（2つずつ2段）", Shape::Rows(&[(1, TWO), (1, TWO)])),
    plain!("one_three", "上に1つ、下に3つ", Shape::Rows(&[(1, ONE), (1, THREE)])),
    plain!("big_left", "左に大きく1つ、右に2つ", Shape::Columns(&[(2, ONE), (1, STACK)])),
    plain!("two_rows", "上下に2つ", STACK),
    plain!("two_columns", "左右に2つ", TWO),
    plain!("one", "1つ", ONE),
    plain!("eight", "8つ（4つずつ2段）", EIGHT),
    plain!("nine", "9つ（3つずつ3段）", Shape::Rows(&[(1, THREE), (1, THREE), (1, THREE)])),
    Template {
        name: "tabs2_six",
        label: "タブ2つと6つ",
        tabs: 2,
        shape: Shape::Rows(&[(278, TWO), (704, THREE), (704, THREE)]),
    },
    Template {
        name: "tabs3_six",
        label: "タブ3つと6つ",
        tabs: 3,
        shape: Shape::Rows(&[(278, THREE), (704, THREE), (704, THREE)]),
    },
    Template {
        name: "tabs4_six",
        label: "タブ4つと6つ",
        tabs: 4,
        shape: Shape::Rows(&[(278, FOUR), (704, THREE), (704, THREE)]),
    },
    Template {
        name: "tabs3_eight",
        label: "タブ3つと8つ",
        tabs: 3,
        shape: Shape::Rows(&[(278, THREE), (704, FOUR), (704, FOUR)]),
    },
];

/// 小: low pictures.
pub const COMPACT: &[Template] = &[
    plain!("three_columns", "横に3つ", THREE),
    plain!("small_left", "左に小さく1つ、右に大きく1つ", Shape::Columns(&[(1, ONE), (2, ONE)])),
    plain!("small_right", "左に大きく1つ、右に小さく1つ", Shape::Columns(&[(2, ONE), (1, ONE)])),
    plain!("two_columns", "左右に2つ", TWO),
    plain!("one", "1つ", ONE),
    plain!("four_columns", "横に4つ", FOUR),
    plain!("six", "6つ（3つずつ2段）", SIX),
    Template {
        name: "tabs3_three",
        label: "タブ3つと3つ",
        tabs: 3,
        shape: Shape::Rows(&[(243, THREE), (600, THREE)]),
    },
];

impl Template {
    /// The templates that suit a size, the most used first.
    pub fn all(size: Size) -> &'static [Self] {
        // Midway between the two usual shapes.
        if size.height * 2 > size.width { LARGE } else { COMPACT }
    }

    /// The template of that name for a size.
    pub fn named(size: Size, name: &str) -> Option<&'static Self> {
        Self::all(size).iter().find(|t| t.name == name)
    }

    /// Whether a finger finds every area of it on a picture of that size.
    pub fn fits(&self, size: Size) -> bool {
        self.tree(size.whole()).fault(size.whole(), size.limits()).is_none()
    }

    /// How many areas it has.
    pub fn count(&self) -> usize {
        self.shape.count()
    }

    /// The cuts on that picture.
    pub fn tree(&self, whole: Rect) -> Tree {
        self.shape.tree(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::DepartmentId;
    use crate::menu::{Command, Menu, Sheet, SheetKey};

    #[test]
    fn what_does_not_fit_is_known_before_it_is_chosen() {
        let low = Size { width: 2_500, height: 260 };
        let unfit = |size: Size| Template::all(size).iter().filter(|t| !t.fits(size)).count();
        assert_eq!([Size::LARGE, Size::COMPACT].map(unfit), [0, 0]);
        assert_eq!(unfit(low), 2, "two rows, and tabs above a row");
        let mut menu = Menu::new("m", DepartmentId(1));
        menu.sheets = vec![Sheet::new(SheetKey(1), "x", low)];
        for template in Template::all(low) {
            let name = template.name.to_owned();
            let done = menu.after(&Command::Template { sheet: SheetKey(1), name });
            assert_eq!(done.is_ok(), template.fits(low), "{}", template.name);
        }
    }
}
