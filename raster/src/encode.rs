//! From pixels to a file within LINE's megabyte.

use crate::{Error, Painted};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbImage};

/// Largest file (LINE: 1 MB).
pub const BYTES_MAX: usize = 1_000_000;
/// The qualities of a JPEG that are tried, the best first.
pub const QUALITIES: [u8; 6] = [95, 92, 88, 84, 80, 75];
/// The least quality: below it words fray.
pub const QUALITY_MIN: u8 = QUALITIES[QUALITIES.len() - 1];

/// The best file that fits.
pub fn fitting(pixels: &RgbImage) -> Result<Painted, Error> {
    let failed = |e: image::ImageError| Error::Drawing(e.to_string());
    let (width, height) = pixels.dimensions();
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive)
        .write_image(pixels, width, height, ExtendedColorType::Rgb8)
        .map_err(failed)?;
    if png.len() <= BYTES_MAX {
        return Ok(Painted { bytes: png, media_type: "image/png", quality: None });
    }
    let mut last = 0;
    for quality in QUALITIES {
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, quality)
            .write_image(pixels, width, height, ExtendedColorType::Rgb8)
            .map_err(failed)?;
        if jpeg.len() <= BYTES_MAX {
            return Ok(Painted { bytes: jpeg, media_type: "image/jpeg", quality: Some(quality) });
        }
        last = jpeg.len();
    }
    Err(Error::TooLarge { bytes: last.div_ceil(1_000) })
}
