//! Where a border that is dragged rests by itself (guides).

use super::Sheet;
use crate::geometry::{Axis, Rest, parted};
use serde::{Deserialize, Serialize};

/// Why a border rests at a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Guide {
    /// A half, a third or a quarter of what its split cuts.
    Even {
        /// How many parts.
        parts: u32,
    },
    /// In line with another border of the sheet.
    Neighbour,
    /// Where another sheet has a border.
    Sheet {
        /// Its name.
        name: String,
    },
}

impl Guide {
    /// In words: 「3等分にぴったり」.
    pub fn words(&self) -> String {
        match self {
            Self::Even { parts } => format!("{parts}等分にぴったり"),
            Self::Neighbour => "となりの境界とそろう".into(),
            Self::Sheet { name } => format!("シート「{name}」とそろう"),
        }
    }
}

/// A place where a border rests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Where.
    pub at: u32,
    /// Why.
    pub guide: Guide,
}

/// Where border `number` of a sheet rests, from the nearest edge on; each place once, with the
/// best reason. `others` are the other sheets of the menu.
pub fn places(sheet: &Sheet, number: usize, others: &[&Sheet]) -> Vec<Place> {
    let (whole, limits) = (sheet.size.whole(), sheet.size.limits());
    let Some(tree) = sheet.tree().filter(|t| t.fault(whole, limits).is_none()) else {
        return Vec::new();
    };
    let Some(border) = tree.borders(whole, limits).get(number).copied() else {
        return Vec::new();
    };
    let reach = |at: &u32| border.min <= *at && *at <= border.max;
    let mut places: Vec<Place> = tree.rests(whole, limits, number).into_iter().map(place).collect();
    places.extend(of_others(sheet, border.axis, others));
    places.retain(|p| reach(&p.at));
    places.sort_by_key(|p| p.at);
    places.dedup_by_key(|p| p.at);
    places
}

/// Where a cut of area `number` rests: even parts of the area and of the whole, and in line
/// with other borders.
pub fn cuts(sheet: &Sheet, number: usize, axis: Axis, others: &[&Sheet]) -> Vec<Place> {
    let (whole, limits) = (sheet.size.whole(), sheet.size.limits());
    let Some(tree) = sheet.tree().filter(|t| t.fault(whole, limits).is_none()) else {
        return Vec::new();
    };
    let Some(rect) = sheet.rects().get(number).copied() else { return Vec::new() };
    let (from, to) = rect.span(axis);
    let spans = [(from, to), whole.span(axis)];
    let mut places: Vec<Place> = spans.into_iter().flat_map(parted).map(place).collect();
    let borders = tree.borders(whole, limits);
    let near = borders.iter().filter(|b| b.axis == axis);
    places.extend(near.map(|b| Place { at: b.at, guide: Guide::Neighbour }));
    places.extend(of_others(sheet, axis, others));
    places.retain(|p| p.at >= from + limits.side && p.at + limits.side <= to);
    places.sort_by_key(|p| p.at);
    places.dedup_by_key(|p| p.at);
    places
}

fn place((at, rest): (u32, Rest)) -> Place {
    let guide = match rest {
        Rest::Even(parts) => Guide::Even { parts },
        Rest::Beside => Guide::Neighbour,
    };
    Place { at, guide }
}

/// Where other sheets of the same size have borders of that way.
fn of_others(sheet: &Sheet, axis: Axis, others: &[&Sheet]) -> Vec<Place> {
    let (whole, limits) = (sheet.size.whole(), sheet.size.limits());
    let mut places = Vec::new();
    for other in others.iter().filter(|o| o.size == sheet.size && o.key != sheet.key) {
        let tree = other.tree().filter(|t| t.fault(whole, limits).is_none());
        let borders = tree.map(|t| t.borders(whole, limits)).unwrap_or_default();
        places.extend(
            borders
                .iter()
                .filter(|b| b.axis == axis)
                .map(|b| Place { at: b.at, guide: Guide::Sheet { name: other.name.clone() } }),
        );
    }
    places
}

/// The place nearest to where the pointer is, within some pixels.
pub fn nearest(places: &[Place], at: u32, within: u32) -> Option<&Place> {
    places.iter().filter(|p| p.at.abs_diff(at) <= within).min_by_key(|p| p.at.abs_diff(at))
}

/// The places of an axis where the sides of a free rectangle rest: edges and middles of the
/// picture, and the sides of the other rectangles.
pub fn sides(sheet: &Sheet, but: usize, axis: Axis) -> Vec<Place> {
    let (from, to) = sheet.size.whole().span(axis);
    let mut places: Vec<Place> = [2u32, 3]
        .into_iter()
        .flat_map(|parts| (1..parts).map(move |i| (parts, i)))
        .map(|(parts, i)| Place {
            at: from + (to - from) * i / parts,
            guide: Guide::Even { parts },
        })
        .collect();
    let others = sheet.rects().into_iter().enumerate().filter(|(i, _)| *i != but);
    let ends = others.flat_map(|(_, r)| {
        let (a, b) = r.span(axis);
        [a, b]
    });
    let ends = ends.chain([from, to]);
    places.extend(ends.map(|at| Place { at, guide: Guide::Neighbour }));
    places.sort();
    places.dedup_by_key(|p| p.at);
    places
}
