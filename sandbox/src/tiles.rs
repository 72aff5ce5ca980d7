//! The stand-in for the map tiles of the Geospatial Information Authority of Japan
//! (`https://cyberjapandata.gsi.go.jp/xyz/pale/{z}/{x}/{y}.png`): a made-up land of blocks
//! and streets, the same for everybody who asks.

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use image::{ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

/// Pixels of a tile's side.
const SIDE: u32 = 256;
/// What the tiles named `pale` are made for.
const ZOOMS: std::ops::RangeInclusive<u32> = 5..=18;
const BLOCK: Rgb<u8> = Rgb([240, 238, 230]);
const PARK: Rgb<u8> = Rgb([218, 234, 208]);
const STREET: Rgb<u8> = Rgb([255, 255, 255]);
const EDGE: Rgb<u8> = Rgb([206, 202, 192]);

/// The routes.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/xyz/pale/{z}/{x}/{y}", get(tile))
}

/// A tile, or 404 where there is none.
async fn tile(Path((z, x, y)): Path<(u32, u32, String)>) -> Response {
    let row = y.strip_suffix(".png").and_then(|y| y.parse().ok());
    let Some(y) = row.filter(|y| ZOOMS.contains(&z) && x < 1 << z && *y < 1 << z) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut png = Cursor::new(Vec::new());
    match draw(x, y).write_to(&mut png, ImageFormat::Png) {
        Ok(()) => ([(header::CONTENT_TYPE, "image/png")], png.into_inner()).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Four by four blocks, some of them parks, with streets between them that meet the next tile's.
fn draw(x: u32, y: u32) -> RgbImage {
    RgbImage::from_fn(SIDE, SIDE, |px, py| {
        let (column, row) = (x * 4 + px / 64, y * 4 + py / 64);
        // Every fourth street is wide.
        let width = |line: u32| if line.is_multiple_of(4) { 10 } else { 5 };
        match (px % 64, py % 64) {
            (i, _) if i < width(column) => STREET,
            (_, j) if j < width(row) => STREET,
            (i, j) if i == width(column) || j == width(row) => EDGE,
            _ if (column * 7 + row * 13) % 11 == 0 => PARK,
            _ => BLOCK,
        }
    })
}
