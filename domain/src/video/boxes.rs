//! The boxes of an MP4: a size, a name, a content that may be boxes again.

use super::{BOXES_MAX, Refusal};

/// A box in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boxed<'a> {
    pub(super) kind: [u8; 4],
    /// Where it begins in the file.
    pub(super) at: u64,
    /// Where its content begins in the file.
    pub(super) start: u64,
    pub(super) body: &'a [u8],
}

impl<'a> Boxed<'a> {
    /// Where it ends in the file.
    pub(super) fn end(&self) -> u64 {
        self.start + self.body.len() as u64
    }

    /// The boxes in it, behind the first `skip` bytes.
    pub(super) fn inner(&self, skip: usize) -> Result<Vec<Boxed<'a>>, Refusal> {
        let body = self.body.get(skip..).ok_or(Refusal::Broken)?;
        all(body, self.start + skip as u64)
    }

    /// A number of four bytes.
    pub(super) fn u32(&self, at: usize) -> Result<u32, Refusal> {
        u32_at(self.body, at).ok_or(Refusal::Broken)
    }

    /// A number of eight bytes.
    pub(super) fn u64(&self, at: usize) -> Result<u64, Refusal> {
        Ok((u64::from(self.u32(at)?) << 32) | u64::from(self.u32(at + 4)?))
    }

    /// A number of two bytes.
    pub(super) fn u16(&self, at: usize) -> Result<u16, Refusal> {
        let bytes = self.body.get(at..at + 2).and_then(|b| b.try_into().ok());
        bytes.map(u16::from_be_bytes).ok_or(Refusal::Broken)
    }

    /// Its table of `count` entries of `width` bytes each, behind the first `skip` bytes.
    pub(super) fn table(&self, skip: usize, count: u32, width: usize) -> Result<&'a [u8], Refusal> {
        let length = (count as usize).checked_mul(width).ok_or(Refusal::Broken)?;
        let rest = self.body.get(skip..).ok_or(Refusal::Broken)?;
        rest.get(..length).ok_or(Refusal::Broken)
    }
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

/// Name and size (with its head; 0: to the end) of a box of which the first 8 or 16 bytes are
/// here; nothing if 16 are needed.
pub(super) fn head(head: &[u8]) -> Option<([u8; 4], u64)> {
    let kind = head.get(4..8)?.try_into().ok()?;
    match u32_at(head, 0)? {
        1 => {
            let (high, low) = (u32_at(head, 8)?, u32_at(head, 12)?);
            Some((kind, (u64::from(high) << 32) | u64::from(low)))
        }
        n => Some((kind, u64::from(n))),
    }
}

/// The boxes that follow one another in `bytes`, which begin at `at` in the file. Fewer than
/// eight bytes at the end are no box.
fn all(bytes: &[u8], at: u64) -> Result<Vec<Boxed<'_>>, Refusal> {
    let mut found = Vec::new();
    let mut from = 0;
    while bytes.len() - from >= 8 {
        let rest = &bytes[from..];
        let (kind, size) = head(rest).ok_or(Refusal::Broken)?;
        let long = rest.starts_with(&[0, 0, 0, 1]);
        let before = if long { 16 } else { 8 };
        let size = match size {
            0 => rest.len(),
            n => usize::try_from(n).map_err(|_| Refusal::Broken)?,
        };
        let body = rest.get(before..size).ok_or(Refusal::Broken)?;
        if found.len() == BOXES_MAX {
            return Err(Refusal::Broken);
        }
        let start = at + from as u64;
        found.push(Boxed { kind, at: start, start: start + before as u64, body });
        from += size;
    }
    Ok(found)
}
