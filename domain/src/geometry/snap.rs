//! Where a border that is dragged comes to rest.

use super::{Border, Limits, Rect, Tree};

/// Why a border rests at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rest {
    /// It cuts what lies around it into so many even parts.
    Even(u32),
    /// Another border of the same way is there.
    Beside,
}

impl Tree {
    /// Every place at which border `number` lines up and that it can reach: halves, thirds and
    /// quarters of the whole and of its split, the middle between its neighbours, and the other
    /// borders of the same way. In order, each place once with the best reason.
    pub fn rests(&self, whole: Rect, limits: Limits, number: usize) -> Vec<(u32, Rest)> {
        let borders = self.borders(whole, limits);
        let Some(border) = borders.get(number) else { return Vec::new() };
        let others = borders.iter().enumerate();
        let others =
            others.filter(|(i, b)| *i != number && b.axis == border.axis).map(|(_, b)| b.at);
        // What cuts the whole split evenly says more than what is even between two neighbours.
        let spans = [border.span, whole.span(border.axis)];
        let mut places: Vec<(u32, Rest)> = spans.into_iter().flat_map(parted).collect();
        places.extend(parted(border.between).take(1));
        places.extend(others.map(|at| (at, Rest::Beside)));
        places.retain(|(at, _)| (border.min..=border.max).contains(at));
        places.sort_by_key(|(at, _)| *at);
        places.dedup_by_key(|(at, _)| *at);
        places
    }

    /// The place of [`Tree::rests`] nearest to `to`, at most `within` pixels away.
    pub fn snap(
        &self,
        whole: Rect,
        limits: Limits,
        number: usize,
        to: u32,
        within: u32,
    ) -> Option<u32> {
        let places = self.rests(whole, limits, number).into_iter().map(|(at, _)| at);
        places.filter(|at| at.abs_diff(to) <= within).min_by_key(|at| at.abs_diff(to))
    }
}

impl Border {
    /// How far it is from the borders or edges beside it.
    pub fn sides(&self) -> (u32, u32) {
        (self.at.saturating_sub(self.between.0), self.between.1.saturating_sub(self.at))
    }
}

/// The places that cut a span into halves, thirds and quarters; the half counts as such.
pub fn parted((from, to): (u32, u32)) -> impl Iterator<Item = (u32, Rest)> {
    let length = u64::from(to.saturating_sub(from));
    [(1, 2), (1, 3), (2, 3), (1, 4), (3, 4)].into_iter().map(move |(n, of)| {
        let offset = length * n / u64::from(of);
        (from.saturating_add(u32::try_from(offset).unwrap_or(0)), Rest::Even(of))
    })
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
