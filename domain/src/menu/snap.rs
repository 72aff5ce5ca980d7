//! Where a border that is dragged rests by itself (guides).

use super::Sheet;
use crate::geometry::{Axis, Border};
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
    let borders = tree.borders(whole, limits);
    let Some(border) = borders.get(number).copied() else { return Vec::new() };
    let reach = |at: &u32| border.min <= *at && *at <= border.max;
    let mut places = Vec::new();
    for span in [border.span, whole.span(border.axis)] {
        for parts in [2u32, 3, 4] {
            for i in 1..parts {
                let length = u64::from(span.1 - span.0);
                let offset = length * u64::from(i) / u64::from(parts);
                let at = span.0 + u32::try_from(offset).unwrap_or(0);
                // Halves are named as such among the quarters.
                let parts = if parts == 4 && i == 2 { 2 } else { parts };
                places.push(Place { at, guide: Guide::Even { parts } });
            }
        }
    }
    let same = |(i, b): (usize, &Border)| (i != number && b.axis == border.axis).then_some(b.at);
    let near = borders.iter().enumerate().filter_map(same);
    places.extend(near.map(|at| Place { at, guide: Guide::Neighbour }));
    for other in others.iter().filter(|o| o.size == sheet.size && o.key != sheet.key) {
        let tree = other.tree().filter(|t| t.fault(whole, limits).is_none());
        let borders = tree.map(|t| t.borders(whole, limits)).unwrap_or_default();
        places.extend(
            borders
                .iter()
                .filter(|b| b.axis == border.axis)
                .map(|b| Place { at: b.at, guide: Guide::Sheet { name: other.name.clone() } }),
        );
    }
    places.retain(|p| reach(&p.at));
    places.sort();
    places.dedup_by_key(|p| p.at);
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
