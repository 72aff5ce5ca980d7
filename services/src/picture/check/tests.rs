use super::*;

fn made(bytes: &[u8]) -> Result<Made, Refusal> {
    make(bytes, SIDE_MAX)
}

/// Left half red, right half blue.
fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        image::Rgb(if x < width / 2 { [250, 0, 0] } else { [0, 0, 250] })
    })
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).unwrap();
    bytes
}

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The JPEG with an EXIF block that says how it is to be turned, and where it was taken.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend_from_slice(b"GPS 35.6812 139.7671");
    let size = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &size[..], &exif[..], &jpeg[2..]].concat()
}

/// A PNG of a single block of zeros that says it has so many pixels.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let whole = png(&DynamicImage::from(RgbImage::new(1, 1)));
    let mut head = b"IHDR".to_vec();
    head.extend_from_slice(&width.to_be_bytes());
    head.extend_from_slice(&height.to_be_bytes());
    head.extend_from_slice(&[8, 2, 0, 0, 0]);
    let sum = crc(&head).to_be_bytes();
    [&whole[..12], &head[..], &sum[..], &whole[33..]].concat()
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8)
            .fold(sum ^ u32::from(*byte), |s, _| (s >> 1) ^ (0xedb8_8320 & (s & 1).wrapping_neg()))
    })
}

fn read(bytes: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).unwrap().into_rgb8()
}

fn refused(bytes: &[u8]) -> Refusal {
    made(bytes).map(|made| (made.width, made.height)).unwrap_err()
}

#[test]
fn what_is_kept_fits_and_is_upright_and_says_nothing_more() {
    let made = made(&with_exif(&jpeg(&two_halves(3_000, 1_000)), 6)).unwrap();
    assert_eq!((made.width, made.height), (683, 2_048));
    let original = read(&made.original);
    assert_eq!(original.dimensions(), (683, 2_048));
    assert_eq!(read(&made.preview).dimensions(), (240, 720));
    // Turned by a quarter to the right, left is up.
    let [top, bottom] = [100, 1_948].map(|y| original.get_pixel(300, y).0);
    assert!(top[0] > 200 && top[2] < 50 && bottom[2] > 200 && bottom[0] < 50, "{top:?} {bottom:?}");
    for bytes in [&made.original, &made.preview] {
        for trace in [&b"Exif"[..], b"GPS", b"ICC_PROFILE"] {
            assert!(!bytes.windows(trace.len()).any(|w| w == trace));
        }
    }
}

#[test]
fn small_pictures_stay_as_they_are_and_glass_lies_on_white() {
    let mut glass = image::RgbaImage::from_pixel(40, 30, image::Rgba([0, 0, 0, 0]));
    glass.put_pixel(0, 0, image::Rgba([0, 0, 0, 255]));
    let small = made(&png(&DynamicImage::from(glass))).unwrap();
    assert_eq!((small.width, small.height), (40, 30));
    assert!(read(&small.original).get_pixel(30, 20).0.iter().all(|c| *c > 250));
    let wide = made(&png(&DynamicImage::from(two_halves(5_000, 1)))).unwrap();
    assert_eq!((wide.width, wide.height), (2_048, 1));
}

#[test]
fn icons_can_still_be_seen_through() {
    // A red disc on nothing; what is not seen is black.
    let disc = image::RgbaImage::from_fn(1_440, 960, |x, y| {
        let seen = x.abs_diff(720).pow(2) + y.abs_diff(480).pow(2) < 300 * 300;
        image::Rgba(if seen { [220, 20, 20, 255] } else { [0, 0, 0, 0] })
    });
    let made = make_mark(&png(&DynamicImage::from(disc))).unwrap();
    assert_eq!((made.media_type, made.width, made.height), ("image/png", 720, 480));
    assert_eq!(made.preview, made.original);
    let icon = image::load_from_memory_with_format(&made.original, ImageFormat::Png).unwrap();
    let icon = icon.into_rgba8();
    assert_eq!(icon.get_pixel(10, 10).0[3], 0);
    let [red, green, _, seen] = icon.get_pixel(360, 240).0;
    assert!(red > 215 && green < 25 && seen == 255, "{red} {green} {seen}");
    // No dark rim: whatever is seen is red.
    let rim = icon.pixels().filter(|p| (32..224).contains(&p.0[3])).map(|p| p.0[0]);
    let rim: Vec<u8> = rim.collect();
    assert!(!rim.is_empty() && rim.iter().all(|red| *red > 180), "{rim:?}");
    // As an imagemap it lies on white.
    assert!(read(&in_width(&made.original, 240).unwrap()).get_pixel(3, 3).0[0] > 250);
    // What cannot be seen through is as small as a photograph.
    let plain = make_mark(&png(&DynamicImage::from(two_halves(1_440, 960)))).unwrap();
    assert_eq!((plain.media_type, plain.width, plain.height), (MEDIA_TYPE, 720, 480));
}

#[test]
fn artwork_below_what_line_takes_is_refused() {
    let of = |width, height| {
        let picture = png(&DynamicImage::from(two_halves(width, height)));
        make_artwork(&picture, MENU_SIDE_MAX).map(|made| (made.width, made.height))
    };
    assert_eq!(of(800, 250), Ok((800, 250)));
    assert_eq!(of(799, 400), Err(Refusal::Small));
    assert_eq!(of(2_000, 249), Err(Refusal::Small));
}

#[test]
fn the_worst_noise_still_fits_what_line_takes() {
    let mut state = 1u32;
    let noise = RgbImage::from_fn(2_048, 2_048, |_, _| {
        image::Rgb([0, 0, 0].map(|_: u8| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        }))
    });
    let made = made(&png(&DynamicImage::from(noise))).unwrap();
    assert!(made.original.len() <= ORIGINAL_BYTES && made.preview.len() <= PREVIEW_BYTES);
}

#[test]
fn what_is_no_picture_is_refused() {
    for bytes in [
        &b""[..],
        b"x",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"MZ\x90\0",
    ] {
        assert_eq!(refused(bytes), Refusal::Kind, "{bytes:?}");
    }
    assert_eq!(refused(b"\0\0\0\x18ftypheic\0\0\0\0"), Refusal::Telephone);
    assert_eq!(refused(b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"), Refusal::Broken);
    assert_eq!(refused(b"\xff\xd8\xff\xe0<script>alert(1)</script>\xff\xd9"), Refusal::Broken);
}

#[test]
fn what_is_cut_off_is_refused() {
    let jpeg = with_exif(&jpeg(&two_halves(64, 48)), 1);
    let png = png(&DynamicImage::from(two_halves(64, 48)));
    for whole in [&jpeg, &png] {
        assert!(made(whole).is_ok());
        for n in (8..whole.len()).step_by(7) {
            assert_eq!(refused(&whole[..n]), Refusal::Broken, "{n} of {}", whole.len());
        }
    }
    assert_eq!(refused(&jpeg[..jpeg.len() - 2]), Refusal::Broken);
    // Cameras write more behind the end.
    assert!(made(&[&jpeg[..], b"more"].concat()).is_ok());
}

#[test]
fn a_bomb_is_refused_before_it_is_decoded() {
    for (width, height) in [(60_000, 60_000), (50_000_001, 1), (u32::MAX >> 1, 1)] {
        assert_eq!(refused(&bomb(width, height)), Refusal::Pixels, "{width} × {height}");
    }
    // Within the limit its missing pixels are missed.
    assert_eq!(refused(&bomb(7_000, 7_000)), Refusal::Broken);
}
