//! `Range: bytes=…`: which part of something is asked for (RFC 9110, 14.2).

use std::ops::Range;

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// All of it: nothing else was asked for, or nothing that we understand.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that are not there.
    Outside,
}

/// What the header asks of something of `size` bytes. Several parts at once are answered by the whole.
pub fn asked(header: Option<&str>, size: u64) -> Asked {
    let number = |text: &str| {
        (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
            // What is too long to be read lies behind any end.
            .then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let Some((unit, spec)) = header.and_then(|h| h.split_once('=')) else { return Asked::Whole };
    let Some((first, last)) = spec.trim().split_once('-') else { return Asked::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Asked::Whole;
    }
    let (first, last) = (first.trim(), last.trim());
    match (number(first), number(last)) {
        (Some(from), Some(to)) if from > to => Asked::Whole,
        (Some(from), _) if from >= size && (last.is_empty() || number(last).is_some()) => {
            Asked::Outside
        }
        (Some(from), Some(to)) => Asked::Part(from..to.saturating_add(1).min(size)),
        (Some(from), None) if last.is_empty() => Asked::Part(from..size),
        (None, Some(0)) if first.is_empty() => Asked::Outside,
        (None, Some(_)) if first.is_empty() && size == 0 => Asked::Outside,
        (None, Some(end)) if first.is_empty() => Asked::Part(size.saturating_sub(end)..size),
        _ => Asked::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, asked};

    #[test]
    fn parts_as_the_rfc_has_them() {
        use Asked::{Outside, Part, Whole};
        for (header, answer) in [
            ("bytes=0-0", Part(0..1)),
            ("bytes=0-", Part(0..10)),
            ("Bytes = 3 - 5", Part(3..6)),
            ("bytes=3-99", Part(3..10)),
            ("bytes=3-99999999999999999999999", Part(3..10)),
            ("bytes=9-9", Part(9..10)),
            ("bytes=-3", Part(7..10)),
            ("bytes=-99", Part(0..10)),
            ("bytes=10-", Outside),
            ("bytes=10-12", Outside),
            ("bytes=99999999999999999999999-", Outside),
            ("bytes=-0", Outside),
            ("bytes=5-3", Whole),
            ("bytes=0-1,3-4", Whole),
            ("bytes=a-b", Whole),
            ("bytes=-", Whole),
            ("bytes=3-x", Whole),
            ("bytes=30-x", Whole),
            ("bytes", Whole),
            ("items=0-1", Whole),
            ("", Whole),
        ] {
            assert_eq!(asked(Some(header), 10), answer, "{header}");
        }
        assert_eq!(asked(None, 10), Whole);
    }
}
