//! Recipients by what they had registered when a delivery was sent: counted once, kept with it,
//! and added up over several (SEG-8).

use super::Breakdown;
use crate::attribute::Kind;
use crate::id::AttributeId;
use crate::time::{HOUR, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What is counted within this time is what was registered when the recipients were fixed.
const SOON: i64 = HOUR;

/// By which registration recipients are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AsOf {
    /// As it is now: nothing is kept.
    #[default]
    Now,
    /// As it was when the delivery was sent; counted at this time.
    Sent(Timestamp),
    /// As it was at this time, later: nobody had counted when the delivery was sent.
    Later(Timestamp),
}

impl AsOf {
    /// Of numbers that were counted at a time, of recipients who were fixed before.
    pub fn kept(counted: Timestamp, frozen: Timestamp) -> Self {
        if counted.since(frozen) <= SOON { Self::Sent(counted) } else { Self::Later(counted) }
    }

    /// For people.
    pub fn words(self) -> String {
        let at = |at: Timestamp| format!("{}年{}", at.date().year, at.day_and_time());
        match self {
            Self::Now => "送るときに固定した人を、いまの登録内容で分けた人数です。あとから登録を変えたり、やめたりした人は、送ったときと違うことがあります。".into(),
            Self::Sent(counted) => format!("送ったときの登録内容で分けた人数です。{}に数えて残したので、あとから登録を変えた人がいても、変わりません。", at(counted)),
            Self::Later(counted) => format!("送るときに固定した人を、{}の登録内容で分けた人数です。送ったときには数えていないので、それまでに登録を変えたり、やめたりした人は、送ったときと違うことがあります。", at(counted)),
        }
    }
}

/// The recipients of a delivery by one attribute, as it is kept as JSON. Later releases read it,
/// too: fields, also those of [`Breakdown`], are only added, with a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Which attribute.
    pub attribute: AttributeId,
    /// What each row counts, whatever it is called: the key of a choice, the label of a group.
    pub keys: Vec<String>,
    /// The numbers, by the labels of the day.
    pub by: Breakdown,
    /// All recipients.
    pub whole: i64,
}

impl Kept {
    /// Without what lies below another row and is nobody's: a city has thousands of quarters.
    #[must_use]
    pub fn brief(self) -> Self {
        let rows = self.keys.into_iter().zip(self.by.rows);
        let (keys, rows) = rows.filter(|(_, (depth, _, n))| *depth == 0 || *n > 0).unzip();
        Self { keys, by: Breakdown { rows, ..self.by }, ..self }
    }
}

/// The rows of an attribute as it is today, by which kept numbers are added up.
#[derive(Clone, Debug)]
pub struct Lines {
    kind: Kind,
    /// Depth in the tree, and label.
    rows: Vec<(usize, String)>,
    /// Where a key's row is.
    at: HashMap<String, usize>,
}

/// Kept numbers of some deliveries, added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Of each row, without what lies below it.
    own: Vec<i64>,
    unanswered: i64,
    /// All recipients.
    pub whole: i64,
    /// How many deliveries.
    pub deliveries: i64,
}

impl Lines {
    /// The rows of an attribute; `keys` as in [`Kept`].
    pub fn new(kind: Kind, by: &Breakdown, keys: Vec<String>) -> Self {
        let rows = by.rows.iter().map(|(depth, label, _)| (*depth, label.clone())).collect();
        Self { kind, rows, at: keys.into_iter().zip(0..).collect() }
    }

    /// Adds what was kept of a delivery. An area that was moved counts where it lies today, one
    /// that is gone in what surrounded it; a month that has passed long since counts with those
    /// before. Whatever else is gone has a row of its own, under its last label.
    pub fn add(&mut self, to: &mut Added, kept: &Kept) {
        let mut above: Vec<usize> = Vec::new();
        let last = kept.by.rows.len().saturating_sub(1);
        let rows = kept.keys.iter().zip(&kept.by.rows).zip(own(&kept.by.rows));
        for (i, ((key, (depth, label, n)), own)) in rows.enumerate() {
            if *n == 0 {
                continue;
            }
            above.truncate(*depth);
            let known = self.at.get(key).or(above.last()).copied();
            let row = match known {
                Some(row) => row,
                // The last of the groups is what lies far ahead.
                None if self.kind == Kind::Date && i < last => 0,
                None => self.append(key, label),
            };
            above.push(row);
            if to.own.len() <= row {
                to.own.resize(row + 1, 0);
            }
            to.own[row] += own;
        }
        to.unanswered += kept.by.unanswered;
        to.whole += kept.whole;
        to.deliveries += 1;
    }

    fn append(&mut self, key: &str, label: &str) -> usize {
        let row = self.rows.len();
        self.rows.push((0, label.to_owned()));
        self.at.insert(key.to_owned(), row);
        row
    }

    /// The number of each row with what lies below it; last, who registered nothing.
    pub fn totals(&self, added: &Added) -> Vec<i64> {
        let mut below: Vec<i64> = Vec::new();
        let mut totals = vec![added.unanswered];
        for (i, (depth, _)) in self.rows.iter().enumerate().rev() {
            below.resize(below.len().max(depth + 2), 0);
            let own = added.own.get(i).copied().unwrap_or(0);
            let n = own + std::mem::take(&mut below[depth + 1]);
            below[*depth] += n;
            totals.push(n);
        }
        totals.reverse();
        totals
    }

    /// The rows of today and those that were added, without numbers.
    pub fn into_rows(self) -> Vec<(usize, String, i64)> {
        self.rows.into_iter().map(|(depth, label)| (depth, label, 0)).collect()
    }
}

/// The number of each row without what lies below it.
fn own(rows: &[(usize, String, i64)]) -> Vec<i64> {
    let mut below: Vec<i64> = Vec::new();
    let mut all = Vec::with_capacity(rows.len());
    for (depth, _, n) in rows.iter().rev() {
        below.resize(below.len().max(depth + 2), 0);
        all.push(n - std::mem::take(&mut below[depth + 1]));
        below[*depth] += n;
    }
    all.reverse();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Row = (&'static str, usize, i64);

    fn by(rows: &[Row]) -> (Vec<String>, Breakdown) {
        let by = Breakdown {
            label: "項目".into(),
            several: false,
            ordered: false,
            rows: rows.iter().map(|(key, depth, n)| (*depth, format!("{key}."), *n)).collect(),
            unanswered: 1,
        };
        (rows.iter().map(|(key, ..)| (*key).to_owned()).collect(), by)
    }

    fn kept(rows: &[Row]) -> Kept {
        let (keys, by) = by(rows);
        Kept { attribute: AttributeId(1), keys, by, whole: 9 }
    }

    /// Rows of today with what was kept, those with a number.
    fn added(kind: Kind, today: &[&'static str], all: &[&[Row]]) -> Vec<(String, i64)> {
        let today: Vec<Row> =
            today.iter().map(|k| (k.trim_start(), k.len() - k.trim_start().len(), 0)).collect();
        let (keys, by) = by(&today);
        let mut lines = Lines::new(kind, &by, keys);
        let mut sum = Added::default();
        all.iter().for_each(|rows| lines.add(&mut sum, &kept(rows)));
        let count = all.len() as i64;
        assert_eq!((sum.whole, sum.deliveries), (9 * count, count));
        let totals = lines.totals(&sum);
        assert_eq!(totals.last(), Some(&count), "who registered nothing");
        let rows = lines.into_rows().into_iter().zip(totals);
        rows.filter(|(_, n)| *n != 0).map(|((_, label, _), n)| (label, n)).collect()
    }

    fn meant(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
        rows.iter().map(|(label, n)| (format!("{label}."), *n)).collect()
    }

    #[test]
    fn what_was_counted_soon_is_what_was_registered_when_it_was_sent() {
        let frozen = Timestamp(1_795_143_600_000_000);
        let soon = frozen.plus(SOON);
        assert_eq!(AsOf::kept(soon, frozen), AsOf::Sent(soon));
        let later = soon.plus(1);
        assert_eq!(AsOf::kept(later, frozen), AsOf::Later(later));
        assert!(AsOf::Sent(frozen).words().contains("2026年11月20日（金）12:00に数えて"));
        assert!(AsOf::Later(frozen).words().contains("2026年11月20日（金）12:00の登録内容"));
    }

    #[test]
    fn choices_are_added_up_and_those_that_are_gone_stay() {
        let (one, two): (&[Row], &[Row]) = (&[("a", 0, 2), ("b", 0, 3)], &[("b", 0, 4)]);
        let sum = added(Kind::Single, &["b", "c"], &[one, two, one]);
        assert_eq!(sum, meant(&[("b", 10), ("a", 4)]));
    }

    #[test]
    fn areas_count_where_they_lie_today() {
        let kept: &[Row] = &[("east", 0, 7), ("one", 1, 4), ("two", 1, 2), ("west", 0, 1)];
        let same = added(Kind::Area, &["east", " one", " two", "west"], &[kept]);
        assert_eq!(same, meant(&[("east", 7), ("one", 4), ("two", 2), ("west", 1)]));
        let moved = added(Kind::Area, &["city", " east", " west", "  two"], &[kept]);
        assert_eq!(moved, meant(&[("city", 8), ("east", 5), ("west", 3), ("two", 2)]));
        let gone = added(Kind::Area, &["west", "two"], &[kept]);
        assert_eq!(gone, meant(&[("west", 1), ("two", 2), ("east", 5)]));
    }

    #[test]
    fn months_that_have_passed_count_with_those_before() {
        let kept: &[Row] = &[("before8", 0, 1), ("8", 0, 2), ("9", 0, 4), ("after9", 0, 8)];
        let sum = added(Kind::Date, &["before9", "9", "10", "after10"], &[kept]);
        assert_eq!(sum, meant(&[("before9", 3), ("9", 4), ("after9", 8)]));
    }

    #[test]
    fn quarters_of_nobody_are_not_kept() {
        let brief = kept(&[("a", 0, 0), ("b", 1, 0), ("c", 0, 1), ("d", 1, 1)]).brief();
        assert_eq!(brief, kept(&[("a", 0, 0), ("c", 0, 1), ("d", 1, 1)]));
    }

    proptest! {
        #[test]
        fn an_area_that_stays_is_added_up_row_by_row(
            all in prop::collection::vec(prop::collection::vec(0i64..50, 4), 0..6),
        ) {
            let whole = |n: &[i64]| -> [Row; 4] {
                [("a", 0, n[0] + n[1] + n[2]), ("b", 1, n[1] + n[2]), ("c", 2, n[2]), ("d", 0, n[3])]
            };
            let each: Vec<[Row; 4]> = all.iter().map(|n| whole(n)).collect();
            let slices: Vec<&[Row]> = each.iter().map(|rows| &rows[..]).collect();
            let sum = |i: usize| each.iter().map(|rows| rows[i].2).sum::<i64>();
            let mut meant = meant(&[("a", sum(0)), ("b", sum(1)), ("c", sum(2)), ("d", sum(3))]);
            meant.retain(|(_, n)| *n != 0);
            prop_assert_eq!(added(Kind::Area, &["a", " b", "  c", "d"], &slices), meant);
        }
    }
}
