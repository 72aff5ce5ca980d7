//! Where a border that is dragged comes to rest.

use super::{Border, Limits, Rect, Tree};

impl Tree {
    /// The place near `to`, at most `within` pixels away, at which border `number` lines up: a
    /// half or third of the whole or of what it cuts, or another border of the same way.
    /// Nothing where there is none that it can reach.
    pub fn snap(
        &self,
        whole: Rect,
        limits: Limits,
        number: usize,
        to: u32,
        within: u32,
    ) -> Option<u32> {
        let borders = self.borders(whole, limits);
        let border = borders.get(number)?;
        let others = borders.iter().enumerate();
        let others =
            others.filter(|(i, b)| *i != number && b.axis == border.axis).map(|(_, b)| b.at);
        let whole = whole.span(border.axis);
        let places = [whole, border.between].into_iter().flat_map(fractions).chain(others);
        places
            .filter(|at| (border.min..=border.max).contains(at) && at.abs_diff(to) <= within)
            .min_by_key(|at| at.abs_diff(to))
    }
}

impl Border {
    /// How far it is from the borders or edges beside it.
    pub fn sides(&self) -> (u32, u32) {
        (self.at.saturating_sub(self.between.0), self.between.1.saturating_sub(self.at))
    }
}

/// A third, the half, two thirds.
fn fractions((from, to): (u32, u32)) -> [u32; 3] {
    let length = u64::from(to.saturating_sub(from));
    [(1, 3), (1, 2), (2, 3)]
        .map(|(n, of)| from.saturating_add(u32::try_from(length * n / of).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::TEMPLATES;

    const LIMITS: Limits = Limits { areas: 20, side: 80 };

    #[test]
    fn a_border_rests_at_thirds_halves_and_beside_others() {
        let whole = Rect::whole(1_040, 700);
        let two = TEMPLATES.iter().find(|t| t.count() == 2).unwrap().tree(whole);
        let border = two.borders(whole, LIMITS)[0];
        let (from, to) = whole.span(border.axis);
        let (third, half) = ((to - from) / 3, (to - from) / 2);
        let snap = |at| two.snap(whole, LIMITS, 0, at, 10);
        assert_eq!([snap(half + 7), snap(half - 10)], [Some(half); 2]);
        assert_eq!((snap(third + 3), snap(third + 20)), (Some(third), None));
        assert_eq!(snap(81), None);
        assert_eq!(two.snap(whole, LIMITS, 1, half, 10), None);

        // Four areas: the border below lines up with the one above.
        let four: Tree = serde_json::from_value(serde_json::json!({"rows": [350], "parts": [
            {"columns": [433], "parts": [null, null]}, {"columns": [700], "parts": [null, null]}]}))
        .unwrap();
        let borders = four.borders(whole, LIMITS);
        assert_eq!(borders[2].sides(), (700, 340));
        assert_eq!(four.snap(whole, LIMITS, 2, 437, 10), Some(433));
        assert_eq!(four.snap(whole, LIMITS, 2, 343, 10), Some(346));
    }

    #[test]
    fn nothing_rests_where_it_cannot_go() {
        // A half that is nearer to the edge than an area may be wide.
        let whole = Rect::whole(300, 150);
        let tree: Tree = serde_json::from_value(
            serde_json::json!({"columns": [90, 200], "parts": [null, null, null]}),
        )
        .unwrap();
        assert_eq!(tree.snap(whole, LIMITS, 0, 149, 20), None);
        assert_eq!(tree.snap(whole, LIMITS, 0, 99, 20), Some(100));
    }
}
