//! What may be a picture, and what is made of it. LINE takes JPEG and PNG up to 10 MB, the
//! preview up to 1 MB; everything that is kept is a JPEG of our own making, or a PNG where an
//! icon of a rich menu can be seen through.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#image-message>

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage,
};
use line::text::{RICH_MENU_HEIGHT_MIN, RICH_MENU_WIDTH_MIN};
use moxcms::{ColorProfile, Layout, TransformOptions};
use std::io::Cursor;

/// Most pixels of what is sent: what telephones take today.
pub const PIXELS_MAX: u64 = 50_000_000;
/// Longest side of what is kept, in pixels: a leaflet can still be read when it is enlarged.
pub const SIDE_MAX: u32 = 2_048;
/// The same for rich menus, whose artwork LINE takes so large.
pub const MENU_SIDE_MAX: u32 = 2_500;
/// Longest side of the preview, in pixels: the width of a picture in the talk on a fine screen.
const PREVIEW_SIDE: u32 = 720;
/// Longest side of an icon of a rich menu, in pixels: the largest that is drawn
/// (`domain::menu::svg`).
const MARK_SIDE: u32 = 720;
/// Most bytes of the picture that is kept.
const ORIGINAL_BYTES: usize = 10_000_000;
/// Most bytes of the preview.
const PREVIEW_BYTES: usize = 1_000_000;
/// What is kept.
pub const MEDIA_TYPE: &str = "image/jpeg";
/// What is kept of an icon that can be seen through.
const CLEAR_TYPE: &str = "image/png";

/// Why something is not taken as a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Over 10 MB.
    Large,
    /// Neither JPEG nor PNG, whatever its name says.
    Kind,
    /// HEIC or AVIF, as some telephones write.
    Telephone,
    /// More than [`PIXELS_MAX`] pixels.
    Pixels,
    /// Finished artwork smaller than what LINE takes as a rich menu's picture.
    Small,
    /// Cut off, or damaged.
    Broken,
}

impl Refusal {
    /// What happened, and what to do.
    pub fn words(self) -> &'static str {
        match self {
            Self::Large => "この画像は10MBを超えています。小さくしたものを選んでください",
            Self::Kind => "この画像は開けませんでした。JPEGかPNGを選んでください",
            Self::Telephone => {
                "この画像はHEICなどの形式で、LINEでは見られません。JPEGで保存し直したものを選んでください"
            }
            Self::Pixels => {
                "この画像はたてと横が大きすぎます。5,000万画素までに縮めたものを選んでください"
            }
            Self::Small => {
                "この絵は小さすぎます。横800ピクセル、縦250ピクセル以上のものを選んでください"
            }
            Self::Broken => {
                "この画像は、途中で切れているか、こわれています。もとの画像を選び直してください"
            }
        }
    }
}

/// A picture as it is kept.
pub(crate) struct Made {
    pub(crate) media_type: &'static str,
    pub(crate) original: Vec<u8>,
    pub(crate) preview: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Checks by decoding, and makes both forms anew, so that nothing but the pixels is left.
pub(crate) fn make(bytes: &[u8], side: u32) -> Result<Made, Refusal> {
    let (upright, profile) = decode(bytes)?;
    opaque(upright, profile, side)
}

/// The same with finished artwork of a rich menu, which is not to be blown up.
pub(crate) fn make_artwork(bytes: &[u8], side: u32) -> Result<Made, Refusal> {
    let (upright, profile) = decode(bytes)?;
    let (width, height) = (upright.width() as usize, upright.height() as usize);
    if width < RICH_MENU_WIDTH_MIN || height < RICH_MENU_HEIGHT_MIN {
        return Err(Refusal::Small);
    }
    opaque(upright, profile, side)
}

/// The same with an icon of a rich menu: what can be seen through stays so, for the cards and
/// tabs below have colours of their own. It is so small that it is its own preview.
pub(crate) fn make_mark(bytes: &[u8]) -> Result<Made, Refusal> {
    let (upright, profile) = decode(bytes)?;
    if !upright.color().has_alpha() {
        return opaque(upright, profile, MARK_SIDE);
    }
    let mut icon = clear(&upright, MARK_SIDE);
    if let Some(profile) = profile {
        to_srgb(&mut icon, Layout::Rgba, &profile);
    }
    let (width, height) = icon.dimensions();
    let mut original = Vec::new();
    icon.write_with_encoder(PngEncoder::new(&mut original)).map_err(|_| Refusal::Broken)?;
    Ok(Made { media_type: CLEAR_TYPE, preview: original.clone(), original, width, height })
}

fn opaque(upright: DynamicImage, profile: Option<Vec<u8>>, side: u32) -> Result<Made, Refusal> {
    let mut original = flat(&fit(&upright, side));
    drop(upright);
    if let Some(profile) = profile {
        to_srgb(&mut original, Layout::Rgb, &profile);
    }
    let (width, height) = original.dimensions();
    let bytes = encode(&original, ORIGINAL_BYTES)?;
    let small = fit(&DynamicImage::from(original), PREVIEW_SIDE).into_rgb8();
    let preview = encode(&small, PREVIEW_BYTES)?;
    Ok(Made { media_type: MEDIA_TYPE, original: bytes, preview, width, height })
}

/// The picture, upright, with its colour profile.
fn decode(bytes: &[u8]) -> Result<(DynamicImage, Option<Vec<u8>>), Refusal> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|_| Refusal::Broken)?;
    match reader.format() {
        // The decoders fill up with grey what is missing.
        Some(ImageFormat::Png) if png_ends(bytes) => {}
        Some(ImageFormat::Jpeg) if jpeg_ends(bytes) => {}
        Some(ImageFormat::Png | ImageFormat::Jpeg) => return Err(Refusal::Broken),
        _ if bytes.get(4..8) == Some(b"ftyp") => return Err(Refusal::Telephone),
        _ => return Err(Refusal::Kind),
    }
    let mut limits = Limits::default();
    // A colour has up to four channels of up to two bytes.
    limits.max_alloc = Some(PIXELS_MAX * 8 + 64 * 1024 * 1024);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(why)?;
    let (width, height) = decoder.dimensions();
    // Before a single pixel is decoded.
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(Refusal::Pixels);
    }
    let profile = decoder.icc_profile().ok().flatten();
    let orientation = decoder.orientation().map_err(|_| Refusal::Broken)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(why)?;
    picture.apply_orientation(orientation);
    Ok((picture, profile))
}

fn why(error: ImageError) -> Refusal {
    if matches!(error, ImageError::Limits(_)) { Refusal::Pixels } else { Refusal::Broken }
}

/// Whether a JPEG goes on to its end marker; what cameras write behind it does not matter.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (0xff, 0xd9) => return true,
            // Fill bytes, stuffed bytes and restart marks stand among the pixels.
            (0xff, 0xff) => at += 1,
            (0xff, 0x00 | 0x01 | 0xd0..=0xd8) => at += 2,
            (0xff, _) => match bytes.get(at + 2..at + 4) {
                Some(size) => at += 2 + usize::from(u16::from_be_bytes([size[0], size[1]])),
                None => return false,
            },
            _ => at += 1,
        }
    }
    false
}

/// Whether a PNG goes on to its last chunk.
fn png_ends(bytes: &[u8]) -> bool {
    let mut at = 8usize;
    while let Some(&[a, b, c, d, ref kind @ ..]) = bytes.get(at..at.saturating_add(8)) {
        let size = u32::from_be_bytes([a, b, c, d]) as usize;
        at = at.saturating_add(size).saturating_add(12);
        if kind == b"IEND" {
            return at <= bytes.len();
        }
    }
    false
}

/// One of ours in that width, for LINE's imagemap; larger than it was where it has to be.
pub(super) fn in_width(bytes: &[u8], width: u32) -> Result<Vec<u8>, Refusal> {
    let picture = image::load_from_memory(bytes).map_err(why)?;
    let (was, high) = (u64::from(picture.width().max(1)), u64::from(picture.height()));
    let height = u32::try_from((high * u64::from(width) + was / 2) / was).unwrap_or(u32::MAX);
    // Rows of pixels, never a thin line that nothing is seen of.
    let sized = picture.resize_exact(width, height.max(1), FilterType::Lanczos3);
    encode(&flat(&sized), ORIGINAL_BYTES)
}

fn fit(picture: &DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side {
        picture.clone()
    } else {
        picture.resize(side, side, FilterType::Lanczos3)
    }
}

/// What can be seen through lies on white, as on paper.
fn flat(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let seen = picture.to_rgba8();
    RgbImage::from_fn(seen.width(), seen.height(), |x, y| {
        let [r, g, b, a] = seen.get_pixel(x, y).0.map(u32::from);
        let over = |c: u32| u8::try_from((c * a + 255 * (255 - a) + 127) / 255).unwrap_or(255);
        image::Rgb([r, g, b].map(over))
    })
}

/// At most so large, with what can be seen through. Colours are mixed by how much is seen of
/// them, or pixels of which nothing is seen would darken the edges beside them.
fn clear(picture: &DynamicImage, side: u32) -> RgbaImage {
    let mut seen = picture.to_rgba8();
    if seen.width().max(seen.height()) <= side {
        return seen;
    }
    recolor(&mut seen, |c, a| (c * a + 127) / 255);
    let mut small = fit(&DynamicImage::from(seen), side).into_rgba8();
    recolor(&mut small, |c, a| (c * 255 + a / 2).checked_div(a).unwrap_or(0));
    small
}

/// Other colours, by what they are and how much is seen of them (0–255).
fn recolor(picture: &mut RgbaImage, by: impl Fn(u32, u32) -> u32) {
    for pixel in picture.pixels_mut() {
        let [r, g, b, a] = pixel.0;
        let [r, g, b] = [r, g, b].map(|c| u8::try_from(by(c.into(), a.into())).unwrap_or(u8::MAX));
        pixel.0 = [r, g, b, a];
    }
}

/// Telephones write wider colours than sRGB; without the profile they would look dull. A
/// profile that cannot be read is left out.
fn to_srgb(pixels: &mut [u8], layout: Layout, profile: &[u8]) {
    let Ok(from) = ColorProfile::new_from_slice(profile) else { return };
    let to = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let Ok(transform) = from.create_transform_8bit(layout, &to, layout, options) else {
        return;
    };
    let mut seen = vec![0; pixels.len()];
    if transform.transform(pixels, &mut seen).is_ok() {
        pixels.copy_from_slice(&seen);
    }
}

/// As fine as fits.
fn encode(picture: &RgbImage, most: usize) -> Result<Vec<u8>, Refusal> {
    for quality in [88, 75, 55, 30] {
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
        picture.write_with_encoder(encoder).map_err(|_| Refusal::Broken)?;
        if bytes.len() <= most {
            return Ok(bytes);
        }
    }
    Err(Refusal::Large)
}

#[cfg(test)]
mod tests;
