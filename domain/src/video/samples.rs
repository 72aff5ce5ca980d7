//! Where the pictures and the sound of a track lie in the file.

use super::Refusal;
use super::boxes::{Boxed, u32_at};
use std::ops::Range;

/// The tables of a track (`stbl`) that say it.
#[derive(Default)]
pub(super) struct Tables<'a> {
    pub(super) stsc: Option<Boxed<'a>>,
    pub(super) stsz: Option<Boxed<'a>>,
    pub(super) stco: Option<Boxed<'a>>,
    pub(super) co64: Option<Boxed<'a>>,
}

/// The sizes of samples: all alike, or one by one.
enum Sizes<'a> {
    Alike(u32, u64),
    Each(&'a [u8]),
}

impl Sizes<'_> {
    /// The size of the next `count` samples together; fewer where the table ends.
    fn take(&mut self, count: u32) -> u64 {
        match self {
            Self::Alike(size, left) => {
                let count = u64::from(count).min(*left);
                *left -= count;
                count * u64::from(*size)
            }
            Self::Each(table) => {
                let count = (count as usize).min(table.len() / 4);
                let (taken, rest) = table.split_at(count * 4);
                *table = rest;
                let size = |four: &[u8]| u64::from(u32_at(four, 0).unwrap_or(0));
                taken.chunks_exact(4).map(size).sum()
            }
        }
    }
}

/// Adds the places of a track's samples, in the order of its chunks.
pub(super) fn places(tables: &Tables<'_>, into: &mut Vec<Range<u64>>) -> Result<(), Refusal> {
    let (stsc, stsz) = (tables.stsc.ok_or(Refusal::Broken)?, tables.stsz.ok_or(Refusal::Broken)?);
    let (alike, samples) = (stsz.u32(4)?, stsz.u32(8)?);
    let mut sizes = if alike > 0 {
        Sizes::Alike(alike, u64::from(samples))
    } else {
        Sizes::Each(stsz.table(12, samples, 4)?)
    };
    let (chunks, wide) = match (tables.stco, tables.co64) {
        (Some(short), _) => (short.table(8, short.u32(4)?, 4)?, 4),
        (None, Some(long)) => (long.table(8, long.u32(4)?, 8)?, 8),
        (None, None) => return Err(Refusal::Broken),
    };
    let runs = stsc.table(8, stsc.u32(4)?, 12)?;
    let mut runs = runs.chunks_exact(12).map(|run| (u32_at(run, 0), u32_at(run, 4))).peekable();
    let mut each = 0;
    for (number, chunk) in (1..).zip(chunks.chunks_exact(wide)) {
        if runs.peek().is_some_and(|(first, _)| *first == Some(number)) {
            each = runs.next().and_then(|(_, each)| each).unwrap_or(0);
        }
        let high = if wide == 8 { u32_at(chunk, 0) } else { Some(0) };
        let low = u32_at(chunk, wide - 4);
        let (Some(high), Some(low)) = (high, low) else { return Err(Refusal::Broken) };
        let from = (u64::from(high) << 32) | u64::from(low);
        let to = from.checked_add(sizes.take(each)).ok_or(Refusal::Broken)?;
        match into.last_mut() {
            _ if from == to => {}
            Some(last) if last.end == from => last.end = to,
            _ => into.push(from..to),
        }
    }
    Ok(())
}

/// In order, and none over another.
pub(super) fn merged(mut places: Vec<Range<u64>>) -> Vec<Range<u64>> {
    places.sort_unstable_by_key(|p| p.start);
    let mut all: Vec<Range<u64>> = Vec::with_capacity(places.len());
    for place in places {
        match all.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => all.push(place),
        }
    }
    all
}
