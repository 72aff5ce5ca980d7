//! What became of a delivery, in numbers (SEG-8): recipients by what they registered, readers,
//! taps.

use super::{AsOf, Figures};
use crate::insight::{Reads, Shown};
use crate::link::Counted;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The recipients by one attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakdown {
    /// The attribute.
    pub label: String,
    /// People may have chosen several: the rows add up to more than the whole.
    pub several: bool,
    /// The choices have an order of their own (ages); others are compared by number.
    pub ordered: bool,
    /// Depth in the tree, choice, recipients (with what lies below the choice).
    pub rows: Vec<(usize, String, i64)>,
    /// Recipients who registered nothing of it.
    pub unanswered: i64,
}

impl Breakdown {
    /// Each row in words, indented as it lies in the tree, and its recipients; last, who
    /// registered nothing.
    pub fn lines(&self) -> impl Iterator<Item = (String, i64)> {
        self.rows
            .iter()
            .map(|(depth, label, n)| (format!("{}{label}", "　".repeat(*depth)), *n))
            .chain([("登録していない人".to_owned(), self.unanswered)])
    }
}

/// Everything that 「結果」 shows of a delivery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// How it went.
    pub figures: Figures,
    /// What LINE tells of readers; nothing where it was never to be asked.
    pub reads: Option<Reads>,
    /// The links that are counted.
    pub links: Vec<Counted>,
    /// Taps on all of them by hour (hours since 1970).
    pub hours: Vec<(i64, i64)>,
    /// What could be replied, and how many did.
    pub replies: Vec<(String, i64)>,
    /// How many replied anything.
    pub repliers: i64,
    /// Recipients by attribute; nothing where only LINE knows them.
    pub by: Option<Vec<Breakdown>>,
    /// By which registration.
    #[serde(default)]
    pub as_of: AsOf,
    /// When this was read.
    pub now: Timestamp,
}

impl Measured {
    /// All taps.
    pub fn taps(&self) -> i64 {
        self.links.iter().map(|l| l.taps).sum()
    }

    /// How the number of readers is to be shown.
    pub fn readers(&self) -> Shown {
        self.reads.map_or(Shown::Unknown, |r| r.readers())
    }
}

/// So many of a whole, in per cent with one decimal; nothing of nobody.
pub fn percent(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 * 1_000.0 / whole as f64).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nobody_is_none() {
        assert_eq!(percent(1, 3), Some(33.3));
        assert_eq!(percent(0, 3), Some(0.0));
        assert_eq!(percent(7, 3), Some(233.3));
        assert_eq!(percent(0, 0), None);
    }
}
