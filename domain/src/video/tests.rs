use super::sample::{Made, PLACE, boxed};
use super::*;
use proptest::prelude::*;

fn scanned(bytes: &[u8], piece: usize) -> Result<Movie, Refusal> {
    let mut scan = Scan::default();
    for piece in bytes.chunks(piece) {
        scan.push(piece)?;
    }
    scan.finish()
}

/// As a browser does it: what need not be read is not read.
fn skipped(bytes: &[u8], piece: usize) -> Result<Movie, Refusal> {
    let mut scan = Scan::default();
    let end = bytes.len() as u64;
    while scan.at() < end {
        let (at, can) = (scan.at(), scan.skippable());
        if can > 0 {
            scan.skip(can.min(end - at))?;
        } else {
            let to = (at as usize + piece).min(bytes.len());
            scan.push(&bytes[at as usize..to])?;
        }
    }
    scan.finish()
}

fn contains(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|w| w == words)
}

#[test]
fn a_video_says_how_long_and_how_large_it_is() {
    let movie = scanned(&Made::default().bytes(), 1_000).unwrap();
    assert_eq!((movie.milliseconds, movie.width, movie.height), (2_000, 128, 96));
    assert_eq!((movie.sound, movie.quick_start), (false, true));
    let made = Made { sound: Some(0x40), late: true, turned: true, ..Made::default() };
    let movie = scanned(&made.bytes(), 7).unwrap();
    assert_eq!((movie.width, movie.height), (96, 128));
    assert_eq!((movie.sound, movie.quick_start), (true, false));
}

#[test]
fn where_it_was_taken_is_overwritten_wherever_it_stands() {
    for late in [false, true] {
        let made = Made { told: true, late, sound: Some(0x40), ..Made::default() };
        let bytes = made.bytes();
        assert_eq!(bytes.windows(PLACE.len()).filter(|w| *w == PLACE).count(), 7);
        let movie = scanned(&bytes, 4_096).unwrap();
        let mut clean = bytes.clone();
        assert!(movie.clean(0, &mut clean));
        assert!(
            !contains(&clean, PLACE) && !contains(&clean, b"\xa9xyz") && !contains(&clean, b"gpmd")
        );
        assert_eq!(clean.len(), bytes.len());
        // The same video, of which nothing is to be overwritten any more.
        let again = scanned(&clean, 4_096).unwrap();
        assert_eq!((again.milliseconds, again.width, again.sound), (2_000, 128, true));
        assert!(!again.clean(0, &mut clean));
        // Pictures and sound are what they were.
        let plain = Made { told: false, ..made }.bytes();
        let content = plain.windows(4).position(|w| w == b"mdat").unwrap() + 4;
        let end = if late { content + 400 } else { plain.len() };
        assert!(contains(&clean, &plain[content..end]));
    }
    let nothing = scanned(&Made::default().bytes(), 4_096).unwrap();
    assert!(!nothing.touches(0..u64::MAX) && !nothing.clean(0, &mut Made::default().bytes()));
}

#[test]
fn what_is_no_video_for_every_telephone_is_refused_with_its_reason() {
    let made = Made::default;
    for (bytes, why) in [
        (Vec::new(), Refusal::Kind),
        (b"<script>alert(1)</script>".to_vec(), Refusal::Kind),
        (b"\x89PNG\r\n\x1a\n0000".to_vec(), Refusal::Kind),
        (Made { brand: *b"heic", ..made() }.bytes(), Refusal::Kind),
        (Made { brand: *b"qt  ", ..made() }.bytes(), Refusal::QuickTime),
        (Made { codec: *b"hvc1", ..made() }.bytes(), Refusal::Hevc),
        (Made { codec: *b"av01", ..made() }.bytes(), Refusal::Picture),
        (Made { codec: *b"encv", ..made() }.bytes(), Refusal::Picture),
        (Made { sound: Some(0x69), ..made() }.bytes(), Refusal::Sound),
        ([made().bytes(), boxed(b"moof", &[])].concat(), Refusal::Fragmented),
        ([made().bytes(), boxed(b"moov", &[])].concat(), Refusal::Broken),
        (boxed(b"ftyp", &[b"isom", &[0; 4]]), Refusal::Broken),
        // Absurd sizes.
        (
            [&boxed(b"ftyp", &[b"isom", &[0; 4]])[..], b"\xff\xff\xff\xffmdat"].concat(),
            Refusal::Large,
        ),
        (
            [
                &boxed(b"ftyp", &[b"isom", &[0; 4]])[..],
                b"\x00\x00\x00\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff",
            ]
            .concat(),
            Refusal::Large,
        ),
        (
            [&boxed(b"ftyp", &[b"isom", &[0; 4]])[..], b"\x00\x00\x00\x03mdat"].concat(),
            Refusal::Broken,
        ),
        (
            [&boxed(b"ftyp", &[b"isom", &[0; 4]])[..], b"\x10\x00\x00\x00moov"].concat(),
            Refusal::Broken,
        ),
        (b"\x00\x00\x00\x00ftypisom".to_vec(), Refusal::Kind),
    ] {
        assert_eq!(scanned(&bytes, 64).unwrap_err(), why, "{:?}", bytes.get(..40));
        assert_eq!(skipped(&bytes, 64).unwrap_err(), why);
        assert!(why.words().ends_with("ください"));
    }
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    for late in [false, true] {
        let bytes = Made { late, sound: Some(0x40), ..Made::default() }.bytes();
        for end in (0..bytes.len()).step_by(97).chain(bytes.len() - 30..bytes.len()) {
            assert!(scanned(&bytes[..end], 4_096).is_err(), "{end} of {}", bytes.len());
        }
    }
}

#[test]
fn too_much_is_refused_before_it_was_sent() {
    let mut scan = Scan::default();
    scan.push(&boxed(b"ftyp", &[b"isom", &[0; 4]])).unwrap();
    scan.push(b"\x00\x00\x00\x00mdat").unwrap();
    assert_eq!(scan.skip(SIZE_MAX), Err(Refusal::Large));
}

#[test]
fn a_length_in_words() {
    assert_eq!([1, 65_000, 3_723_000].map(length), ["0:01", "1:05", "1:02:03"]);
}

proptest! {
    #[test]
    fn the_pieces_do_not_matter(size in 1usize..5_000, told: bool, late: bool) {
        let bytes = Made { told, late, sound: Some(0x40), ..Made::default() }.bytes();
        let whole = scanned(&bytes, bytes.len()).unwrap();
        prop_assert_eq!(&scanned(&bytes, size).unwrap(), &whole);
        prop_assert_eq!(&skipped(&bytes, size).unwrap(), &whole);
        let (mut once, mut by_pieces) = (bytes.clone(), bytes.clone());
        whole.clean(0, &mut once);
        for (i, piece) in by_pieces.chunks_mut(size).enumerate() {
            let from = (i * size) as u64;
            let to = from + piece.len() as u64;
            let changed = whole.clean(from, piece);
            prop_assert!(!changed || whole.touches(from..to));
        }
        prop_assert_eq!(once, by_pieces);
    }

    #[test]
    fn whatever_is_changed_is_answered(changes in prop::collection::vec((0usize..1_400, any::<u8>()), 1..8), told: bool) {
        let mut bytes = Made { told, late: true, sound: Some(0x40), ..Made::default() }.bytes();
        let end = bytes.len();
        for (back, byte) in changes {
            bytes[end - 1 - back] = byte;
        }
        if let Ok(movie) = scanned(&bytes, 999) {
            let mut clean = bytes.clone();
            movie.clean(0, &mut clean);
            let again = scanned(&clean, 999);
            prop_assert!(again.is_ok(), "{:?}", again);
            prop_assert!(!again.unwrap().clean(0, &mut clean));
        }
        prop_assert_eq!(scanned(&bytes, 999), skipped(&bytes, 31));
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let opened = [boxed(b"ftyp", &[b"isom", &[0; 4]]), boxed(b"moov", &[&bytes]), bytes].concat();
        prop_assert!(scanned(&opened, 50).is_err());
    }
}
