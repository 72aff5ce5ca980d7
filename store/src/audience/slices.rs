//! A number for each resident as one bitmap a binary digit: a range of 1,000,000 years or
//! dates is a few dozen operations on bitmaps, however many different values there are.

use domain::attribute::YEAR_MIN;
use domain::time::Date;
use roaring::RoaringBitmap;

/// Digits: enough for every day from 1900 to 2199, and for the years themselves.
const BITS: usize = 17;
const GREATEST: i64 = (1 << BITS) - 1;

/// The smallest number, which is stored as 0.
fn lowest() -> i64 {
    Date { year: YEAR_MIN, month: 1, day: 1 }.days()
}

/// One number for each of some residents.
#[derive(Default)]
pub(super) struct Slices {
    known: RoaringBitmap,
    bits: [RoaringBitmap; BITS],
}

impl Slices {
    /// Sets the number of a resident who has none. Numbers beyond the bounds count as the nearest.
    pub(super) fn insert(&mut self, resident: u32, number: i64) {
        let stored = (number - lowest()).clamp(0, GREATEST);
        self.known.insert(resident);
        for (i, slice) in self.bits.iter_mut().enumerate() {
            if stored >> i & 1 == 1 {
                slice.insert(resident);
            }
        }
    }

    /// Forgets the numbers of these residents.
    pub(super) fn remove(&mut self, residents: &RoaringBitmap) {
        self.known -= residents;
        for slice in &mut self.bits {
            *slice -= residents;
        }
    }

    /// Who has a number.
    pub(super) fn known(&self) -> &RoaringBitmap {
        &self.known
    }

    /// Who has a number within these bounds, both included.
    pub(super) fn between(&self, from: i64, to: i64) -> RoaringBitmap {
        if from > to {
            return RoaringBitmap::new();
        }
        let mut set = self.at_most(to);
        if from > lowest() {
            set -= self.at_most(from - 1);
        }
        set
    }

    fn at_most(&self, number: i64) -> RoaringBitmap {
        let stored = number - lowest();
        if stored < 0 {
            return RoaringBitmap::new();
        }
        if stored >= GREATEST {
            return self.known.clone();
        }
        // Who is surely less, and who has been equal in every digit so far.
        let (mut less, mut equal) = (RoaringBitmap::new(), self.known.clone());
        for (i, slice) in self.bits.iter().enumerate().rev() {
            if stored >> i & 1 == 1 {
                less |= &equal - slice;
                equal &= slice;
            } else {
                equal -= slice;
            }
        }
        less | equal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn ranges_are_what_comparing_finds(
            numbers in proptest::collection::btree_map(0u32..200_000, -26_000i64..90_000, 0..200),
            gone in proptest::collection::vec(0u32..200_000, 0..20),
            from in -30_000i64..120_000,
            width in -10i64..60_000,
        ) {
            let mut slices = Slices::default();
            for (resident, n) in &numbers {
                slices.insert(*resident, *n);
            }
            let gone: RoaringBitmap = gone.into_iter().chain(numbers.keys().take(3).copied()).collect();
            slices.remove(&gone);
            let left: BTreeMap<u32, i64> =
                numbers.into_iter().filter(|(r, _)| !gone.contains(*r)).collect();
            let kept = |n: i64| n.max(lowest());
            let meant: RoaringBitmap = left
                .iter()
                .filter(|(_, n)| (from..=from + width).contains(&kept(**n)))
                .map(|(r, _)| *r)
                .collect();
            prop_assert_eq!(slices.between(from, from + width), meant);
            prop_assert_eq!(slices.known().len() as usize, left.len());
        }
    }
}
