//! What the server draws, with one font.
//!
//! Pictures of rich menus (MENU-1): the SVG of a sheet ([`domain::menu::svg`]), which the
//! browser shows, drawn to a PNG or JPEG that LINE takes. Posters of forms ([`poster()`]): a page
//! of A4 as PDF.
//!
//! A picture is a lossless PNG where that stays within LINE's megabyte, as pictures of icons
//! and words do; one with photographs is a JPEG of the best quality that fits, and never of
//! less than [`QUALITY_MIN`]. Only [`Font::load`] and the given pictures are read: nothing in
//! an SVG leads to other files or addresses.
//!
//! LINE's rules: <https://developers.line.biz/en/reference/messaging-api/#upload-rich-menu-image>
#![warn(missing_docs)]

mod code;
mod encode;
mod font;
mod poster;

use domain::id::BlobId;
use domain::menu::{Mode, Sheet, svg};
use resvg::{tiny_skia, usvg};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub use code::Code;
pub use encode::{BYTES_MAX, QUALITIES, QUALITY_MIN};
pub use font::{FONT_FILE, FONT_FOLDERS, Font, FontError};
pub use poster::{Poster, PosterError, poster};

/// How an uploaded picture stands in the SVG; what it leads to is given beside it.
const BLOB: &str = "blob:";

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A picture of the sheet was not given.
    #[error("メニューに使う画像が見つかりません。画像を選び直してください")]
    NoPicture(BlobId),
    /// A picture of the sheet cannot be read.
    #[error("メニューに使う画像が読み取れません。JPEGかPNGの画像を選び直してください")]
    BadPicture(BlobId),
    /// The font lacks characters.
    #[error("絵にできない文字があります：{0}。ほかの文字にしてください")]
    NoGlyph(String),
    /// It stays too large.
    #[error(
        "絵が大きすぎます。画質を{QUALITY_MIN}%まで下げても{bytes}KBあり、LINEの上限（1MB）におさまりません。細かい模様の少ない画像にしてください"
    )]
    TooLarge {
        /// How large it was at the least quality, in kilobytes.
        bytes: usize,
    },
    /// The drawing itself is wrong, which is a fault of ours.
    #[error("メニューの絵を作れませんでした（{0}）")]
    Drawing(String),
}

/// A picture that LINE takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Painted {
    /// The file.
    pub bytes: Vec<u8>,
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// The quality of a JPEG; nothing where nothing was lost.
    pub quality: Option<u8>,
}

/// Draws a sheet. `pictures` are the bytes of everything that [`Sheet::pictures`] names.
///
/// # Errors
/// Why there is no picture, in words for staff.
pub fn paint(
    font: &Font,
    sheet: &Sheet,
    mode: Mode,
    pictures: &BTreeMap<BlobId, Arc<Vec<u8>>>,
) -> Result<Painted, Error> {
    let drawn = draw(font, sheet, mode, pictures)?;
    encode::fitting(&drawn)
}

/// A sheet in pixels.
///
/// # Errors
/// Why there is no picture, in words for staff.
pub fn draw(
    font: &Font,
    sheet: &Sheet,
    mode: Mode,
    pictures: &BTreeMap<BlobId, Arc<Vec<u8>>>,
) -> Result<image::RgbImage, Error> {
    for id in sheet.pictures() {
        let bytes = pictures.get(id).ok_or_else(|| Error::NoPicture(id.clone()))?;
        if image_kind(bytes).is_none() {
            return Err(Error::BadPicture(id.clone()));
        }
    }
    let drawing = svg::sheet(sheet, mode, &|id| Some(format!("{BLOB}{id}")));
    draw_svg(font, &drawing, pictures)
}

/// An SVG in pixels, as large as it says, on white.
///
/// # Errors
/// Why there is no picture, in words for staff.
pub fn draw_svg(
    font: &Font,
    drawing: &str,
    pictures: &BTreeMap<BlobId, Arc<Vec<u8>>>,
) -> Result<image::RgbImage, Error> {
    let missing = Mutex::new(Vec::new());
    let options = usvg::Options {
        fontdb: font.database(),
        image_href_resolver: usvg::ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|href, _| {
                let id: BlobId = href.strip_prefix(BLOB)?.parse().ok()?;
                image_kind(pictures.get(&id)?)
            }),
        },
        font_resolver: usvg::FontResolver {
            select_fallback: Box::new(|c, _, _| {
                // A poisoned lock still holds the list.
                let mut all = missing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if !all.contains(&c) {
                    all.push(c);
                }
                None
            }),
            ..usvg::FontResolver::default()
        },
        ..usvg::Options::default()
    };
    let tree =
        usvg::Tree::from_str(drawing, &options).map_err(|e| Error::Drawing(e.to_string()))?;
    drop(options);
    let missing = missing.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !missing.is_empty() {
        let named: Vec<String> = missing.iter().map(|c| format!("「{c}」")).collect();
        return Err(Error::NoGlyph(named.concat()));
    }
    let size = tree.size().to_int_size();
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| Error::Drawing("size".into()))?;
    pixels.fill(tiny_skia::Color::WHITE);
    resvg::render(&tree, tiny_skia::Transform::identity(), &mut pixels.as_mut());
    // Everything is opaque: the ground is.
    let mut rgb = Vec::with_capacity(pixels.data().len() / 4 * 3);
    for pixel in pixels.data().chunks_exact(4) {
        rgb.extend_from_slice(&pixel[..3]);
    }
    image::RgbImage::from_raw(size.width(), size.height(), rgb)
        .ok_or_else(|| Error::Drawing("size".into()))
}

/// A JPEG or PNG, by its first bytes.
fn image_kind(bytes: &Arc<Vec<u8>>) -> Option<usvg::ImageKind> {
    match image::guess_format(bytes).ok()? {
        image::ImageFormat::Jpeg => Some(usvg::ImageKind::JPEG(Arc::clone(bytes))),
        image::ImageFormat::Png => Some(usvg::ImageKind::PNG(Arc::clone(bytes))),
        _ => None,
    }
}
