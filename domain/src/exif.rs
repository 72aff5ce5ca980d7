//! Where a photo was taken, from its EXIF (JPEG, APP1): read before the picture is made anew
//! without it, where a question asks for the place.
//!
//! Source: Exif 2.32 (CIPA DC-008), 4.6.6 GPS attribute information.

use crate::form::Place;

/// The place in a JPEG's EXIF; nothing if there is none in or around Japan, or it is broken.
pub fn position(jpeg: &[u8]) -> Option<Place> {
    let tiff = exif(jpeg)?;
    let order = Order { little: tiff.get(..2)? == b"II", tiff };
    let gps = order.entry(order.u32(4)?, 0x8825)?;
    let at = order.u32(gps + 8)?;
    let side = |tag| Some(*order.tiff.get(order.entry(at, tag)? as usize + 8)?);
    let degrees = |tag, negative: bool| {
        let place = order.u32(order.entry(at, tag)? + 8)?;
        // Wide enough for whatever a broken file says.
        let part = |i: u32| -> Option<i128> {
            let (n, d) = (order.u32(place + i * 8)?, order.u32(place + i * 8 + 4)?);
            (d > 0).then(|| i128::from(n) * 1_000_000 / i128::from(d))
        };
        let sum = (part(0)? * 3_600 + part(1)? * 60 + part(2)?) / 3_600;
        i32::try_from(if negative { -sum } else { sum }).ok()
    };
    let latitude = degrees(2, side(1)? == b'S')?;
    let longitude = degrees(4, side(3)? == b'W')?;
    let near = (20_000_000..=46_000_000).contains(&latitude)
        && (122_000_000..=154_000_000).contains(&longitude);
    near.then(|| Place { latitude, longitude, words: String::new() })
}

/// The TIFF part of the first EXIF segment.
fn exif(jpeg: &[u8]) -> Option<&[u8]> {
    let mut at = 2;
    while let Some(&[0xff, mark, high, low]) = jpeg.get(at..at + 4) {
        let size = usize::from(u16::from_be_bytes([high, low]));
        let body = jpeg.get(at + 4..(at + 2 + size).max(at + 4))?;
        if mark == 0xe1
            && let Some(tiff) = body.strip_prefix(b"Exif\0\0")
        {
            return Some(tiff);
        }
        if mark == 0xda {
            return None;
        }
        at += 2 + size.max(2);
    }
    None
}

struct Order<'a> {
    little: bool,
    tiff: &'a [u8],
}

impl Order<'_> {
    fn u16(&self, at: u32) -> Option<u16> {
        let bytes = self.tiff.get(at as usize..)?.first_chunk::<2>()?;
        Some(if self.little { u16::from_le_bytes(*bytes) } else { u16::from_be_bytes(*bytes) })
    }

    fn u32(&self, at: u32) -> Option<u32> {
        let bytes = self.tiff.get(at as usize..)?.first_chunk::<4>()?;
        Some(if self.little { u32::from_le_bytes(*bytes) } else { u32::from_be_bytes(*bytes) })
    }

    /// Where the entry of a tag begins in the directory at `at`; its value stands 8 bytes on.
    fn entry(&self, at: u32, tag: u16) -> Option<u32> {
        let count = u32::from(self.u16(at)?);
        let first = at.checked_add(2)?;
        (0..count.min(200))
            .map(|i| first.saturating_add(i * 12))
            .find(|entry| self.u16(*entry) == Some(tag))
            .filter(|entry| *entry < u32::MAX - 64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A JPEG's beginning with a place, big-endian: 35°40′52″ N, 139°46′1.5″ E.
    fn photo() -> Vec<u8> {
        let mut tiff = b"MM\0\x2a\0\0\0\x08".to_vec();
        let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
            [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value].concat()
        };
        tiff.extend(1u16.to_be_bytes());
        tiff.extend(entry(0x8825, 4, 1, 26u32.to_be_bytes()));
        tiff.extend(0u32.to_be_bytes());
        let values = 26 + 2 + 4 * 12 + 4;
        tiff.extend(4u16.to_be_bytes());
        tiff.extend(entry(1, 2, 2, *b"N\0\0\0"));
        tiff.extend(entry(2, 5, 3, (values as u32).to_be_bytes()));
        tiff.extend(entry(3, 2, 2, *b"E\0\0\0"));
        tiff.extend(entry(4, 5, 3, (values as u32 + 24).to_be_bytes()));
        tiff.extend(0u32.to_be_bytes());
        for n in [35u32, 1, 40, 1, 52, 1, 139, 1, 46, 1, 15, 10] {
            tiff.extend(n.to_be_bytes());
        }
        let body = [b"Exif\0\0".as_slice(), &tiff].concat();
        let size = u16::try_from(body.len() + 2).unwrap();
        [&[0xff, 0xd8, 0xff, 0xe1][..], &size.to_be_bytes(), &body, &[0xff, 0xda]].concat()
    }

    #[test]
    fn where_it_was_taken() {
        let place = position(&photo()).unwrap();
        assert_eq!((place.latitude, place.longitude), (35_681_111, 139_767_083));
        assert_eq!(position(b"\xff\xd8\xff\xda"), None);
    }

    #[test]
    fn degrees_beyond_every_globe_are_no_place() {
        let mut bytes = photo();
        let degrees = bytes.windows(8).position(|w| w == [0, 0, 0, 35, 0, 0, 0, 1]).unwrap();
        bytes[degrees] = 0xff;
        assert_eq!(position(&bytes), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(at in 0usize..200, byte: u8, cut in 0usize..200) {
            let mut bytes = photo();
            if let Some(b) = bytes.get_mut(at) {
                *b = byte;
            }
            bytes.truncate(bytes.len().saturating_sub(cut));
            let _ = position(&bytes);
        }
    }
}
