//! What a file is, and what of it must not be published.

use super::boxes::Boxed;
use super::samples::{Tables, merged, places};
use super::{Refusal, Scan};
use std::ops::Range;

/// A video that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movie {
    /// How long it is.
    pub milliseconds: u64,
    /// In pixels, as it is shown: turned upright.
    pub width: u32,
    /// In pixels, as it is shown.
    pub height: u32,
    /// Whether it has sound.
    pub sound: bool,
    /// Whether its description stands before its content, so that it can be watched while the
    /// rest still comes.
    pub quick_start: bool,
    /// What is overwritten, in order.
    edits: Vec<Edit>,
}

/// Bytes of the file that are overwritten: a box's name by `free`, anything else by zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit {
    place: Range<u64>,
    name: bool,
}

impl Movie {
    /// Overwrites what of these bytes, which begin at `from` in the file, must not be
    /// published; answers whether anything was to be done. Sizes and places stay.
    pub fn clean(&self, from: u64, bytes: &mut [u8]) -> bool {
        let to = from + bytes.len() as u64;
        let first = self.edits.partition_point(|e| e.place.end <= from);
        let mut changed = false;
        for edit in self.edits[first..].iter().take_while(|e| e.place.start < to) {
            let (start, end) = (edit.place.start.max(from), edit.place.end.min(to));
            for at in start..end {
                let new = if edit.name { b"free"[(at - edit.place.start) as usize] } else { 0 };
                let old = &mut bytes[(at - from) as usize];
                changed |= *old != new;
                *old = new;
            }
        }
        changed
    }

    /// Whether anything between these places of the file is overwritten.
    pub fn touches(&self, place: Range<u64>) -> bool {
        let first = self.edits.partition_point(|e| e.place.end <= place.start);
        self.edits.get(first).is_some_and(|e| e.place.start < place.end)
    }
}

/// Makes a box one that everybody passes over.
fn blank(at: u64, start: u64, end: u64, into: &mut Vec<Edit>) {
    into.push(Edit { place: at + 4..at + 8, name: true });
    if start < end {
        into.push(Edit { place: start..end, name: false });
    }
}

fn blanked(boxed: &Boxed<'_>, into: &mut Vec<Edit>) {
    blank(boxed.at, boxed.start, boxed.end(), into);
}

/// What a track is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Track {
    Picture(u32, u32),
    Sound,
    Other,
}

pub(super) fn read(scan: &Scan, tail: Range<u64>) -> Result<Movie, Refusal> {
    let place = |kind: &[u8; 4]| scan.tops.iter().position(|t| t.kind == *kind);
    let at = place(b"moov").ok_or(Refusal::Broken)?;
    let moov =
        Boxed { kind: *b"moov", at: scan.tops[at].at, start: scan.tops[at].body, body: &scan.moov };
    let (mut edits, mut kept) = (Vec::new(), Vec::new());
    let (mut milliseconds, mut size, mut sound) = (None, None, false);
    for boxed in moov.inner(0)? {
        match &boxed.kind {
            b"mvhd" => milliseconds = Some(duration(&boxed)?),
            b"iods" => {}
            b"mvex" => return Err(Refusal::Fragmented),
            b"trak" => match track(&boxed, &mut edits, &mut kept)? {
                Track::Picture(width, height) => size = size.or(Some((width, height))),
                Track::Sound => sound = true,
                Track::Other => {}
            },
            _ => blanked(&boxed, &mut edits),
        }
    }
    let (width, height) = size.ok_or(Refusal::NoPicture)?;
    let mut content = Vec::new();
    for (i, top) in scan.tops.iter().enumerate() {
        let body = scan.body(i);
        match &top.kind {
            b"ftyp" | b"moov" => {}
            b"mdat" => content.push(body),
            _ => blank(top.at, body.start, body.end.min(tail.start), &mut edits),
        }
    }
    if let Some(last) = content.last_mut() {
        last.end = last.end.min(tail.start);
    }
    gaps(&content, &merged(kept), &mut edits)?;
    if !tail.is_empty() {
        edits.push(Edit { place: tail, name: false });
    }
    edits.sort_unstable_by_key(|e| e.place.start);
    Ok(Movie {
        milliseconds: milliseconds.ok_or(Refusal::Broken)?,
        width,
        height,
        sound,
        quick_start: place(b"mdat").is_none_or(|mdat| at < mdat),
        edits,
    })
}

/// What lies in the content and is neither picture nor sound goes. All of these must lie in it.
fn gaps(content: &[Range<u64>], kept: &[Range<u64>], edits: &mut Vec<Edit>) -> Result<(), Refusal> {
    if kept.is_empty() {
        return Err(Refusal::Broken);
    }
    let mut kept = kept.iter().peekable();
    for body in content {
        let mut at = body.start;
        while let Some(place) = kept.next_if(|p| p.start < body.end) {
            if place.start < at || place.end > body.end {
                return Err(Refusal::Broken);
            }
            if at < place.start {
                edits.push(Edit { place: at..place.start, name: false });
            }
            at = place.end;
        }
        if at < body.end {
            edits.push(Edit { place: at..body.end, name: false });
        }
    }
    if kept.next().is_some() { Err(Refusal::Broken) } else { Ok(()) }
}

fn duration(mvhd: &Boxed<'_>) -> Result<u64, Refusal> {
    let (scale, length) = match mvhd.body.first() {
        Some(0) => (mvhd.u32(12)?, Some(mvhd.u32(16)?).filter(|n| *n != u32::MAX).map(u64::from)),
        Some(1) => (mvhd.u32(20)?, Some(mvhd.u64(24)?).filter(|n| *n != u64::MAX)),
        _ => return Err(Refusal::Broken),
    };
    let length = u128::from(length.ok_or(Refusal::Broken)?) * 1_000;
    let milliseconds = length.checked_div(u128::from(scale)).filter(|n| *n > 0);
    // A day is more than 200 MB can hold.
    milliseconds
        .and_then(|n| u64::try_from(n).ok())
        .filter(|n| *n < 86_400_000)
        .ok_or(Refusal::Broken)
}

/// Reads a track; one that is neither picture nor sound goes with all that it says.
fn track<'a>(
    trak: &Boxed<'a>,
    edits: &mut Vec<Edit>,
    kept: &mut Vec<Range<u64>>,
) -> Result<Track, Refusal> {
    let mut own = Vec::new();
    let (mut upright, mut mdia) = (true, None);
    for boxed in trak.inner(0)? {
        match &boxed.kind {
            b"tkhd" => {
                let matrix = if boxed.body.first() == Some(&1) { 52 } else { 40 };
                upright = boxed.u32(matrix)? != 0 || boxed.u32(matrix + 4)? == 0;
            }
            b"edts" => {}
            b"mdia" => mdia = Some(boxed),
            _ => blanked(&boxed, &mut own),
        }
    }
    let (mut handler, mut minf) = ([0; 4], None);
    for boxed in mdia.ok_or(Refusal::Broken)?.inner(0)? {
        match &boxed.kind {
            b"mdhd" => {}
            b"hdlr" => handler = boxed.u32(8)?.to_be_bytes(),
            b"minf" => minf = Some(boxed),
            _ => blanked(&boxed, &mut own),
        }
    }
    if !matches!(&handler, b"vide" | b"soun") {
        blanked(trak, edits);
        return Ok(Track::Other);
    }
    let mut stbl = None;
    for boxed in minf.ok_or(Refusal::Broken)?.inner(0)? {
        match &boxed.kind {
            b"vmhd" | b"smhd" => {}
            b"dinf" => here(&boxed)?,
            b"stbl" => stbl = Some(boxed),
            _ => blanked(&boxed, &mut own),
        }
    }
    let (mut tables, mut stsd) = (Tables::default(), None);
    for boxed in stbl.ok_or(Refusal::Broken)?.inner(0)? {
        match &boxed.kind {
            b"stsd" => stsd = Some(boxed),
            b"stsc" => tables.stsc = Some(boxed),
            b"stsz" => tables.stsz = Some(boxed),
            b"stco" => tables.stco = Some(boxed),
            b"co64" => tables.co64 = Some(boxed),
            b"stts" | b"ctts" | b"cslg" | b"stss" | b"sdtp" | b"sgpd" | b"sbgp" => {}
            _ => blanked(&boxed, &mut own),
        }
    }
    let kind = kind(&handler, &stsd.ok_or(Refusal::Broken)?, upright)?;
    places(&tables, kept)?;
    edits.extend(own);
    Ok(kind)
}

/// A track's content must lie in this file, and nowhere else.
fn here(dinf: &Boxed<'_>) -> Result<(), Refusal> {
    for dref in dinf.inner(0)?.iter().filter(|b| b.kind == *b"dref") {
        for entry in dref.inner(8)? {
            if entry.u32(0)? & 1 == 0 {
                return Err(Refusal::Broken);
            }
        }
    }
    Ok(())
}

/// What a track is made of (`stsd`).
fn kind(handler: &[u8; 4], stsd: &Boxed<'_>, upright: bool) -> Result<Track, Refusal> {
    let entries = stsd.inner(8)?;
    let first = entries.first().ok_or(Refusal::Broken)?;
    if handler == b"soun" {
        let aac = entries.iter().all(|e| e.kind == *b"mp4a" && is_aac(e));
        return if aac { Ok(Track::Sound) } else { Err(Refusal::Sound) };
    }
    for entry in &entries {
        match &entry.kind {
            b"avc1" | b"avc3" => {}
            b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => return Err(Refusal::Hevc),
            _ => return Err(Refusal::Picture),
        }
        let set_up = |b: &Boxed<'_>| b.kind == *b"avcC" && b.body.len() >= 7 && b.body[0] == 1;
        if !entry.inner(78)?.iter().any(set_up) {
            return Err(Refusal::Broken);
        }
    }
    let (width, height) = (u32::from(first.u16(24)?), u32::from(first.u16(26)?));
    if width == 0 || height == 0 {
        return Err(Refusal::Broken);
    }
    Ok(if upright { Track::Picture(width, height) } else { Track::Picture(height, width) })
}

/// Whether what describes the sound (`esds`) names AAC.
fn is_aac(entry: &Boxed<'_>) -> bool {
    // A second version of the entry says a little more before its boxes.
    let skip = if entry.u16(8).is_ok_and(|version| version == 1) { 44 } else { 28 };
    let Ok(inner) = entry.inner(skip) else { return false };
    let Some(esds) = inner.iter().find(|b| b.kind == *b"esds") else { return false };
    let object = || -> Option<u8> {
        let rest = described(esds.body.get(4..)?, 3)?;
        let flags = *rest.get(2)?;
        let mut at = 3;
        at += if flags & 0x80 > 0 { 2 } else { 0 };
        at += if flags & 0x40 > 0 { 1 + usize::from(*rest.get(at)?) } else { 0 };
        at += if flags & 0x20 > 0 { 2 } else { 0 };
        described(rest.get(at..)?, 4)?.first().copied()
    };
    matches!(object(), Some(0x40 | 0x66 | 0x67 | 0x68))
}

/// The content of a descriptor with that tag.
fn described(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (first, rest) = bytes.split_first()?;
    let length = rest.iter().take(4).position(|b| b & 0x80 == 0)?;
    (*first == tag).then(|| &rest[length + 1..])
}
