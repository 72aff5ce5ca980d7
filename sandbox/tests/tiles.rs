//! Map tiles as the Geospatial Information Authority of Japan serves them.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use common::*;
use image::GenericImageView;

#[tokio::test]
async fn a_tile_is_a_picture_and_none_lies_outside_the_world() {
    let (line, _) = Line::start().await;
    let tile = |path: &str| client().get(line.url(&format!("/xyz/pale/{path}"))).send();
    let answer = tile("14/14333/6490.png").await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/png");
    let picture = image::load_from_memory(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(picture.dimensions(), (256, 256));
    for outside in ["4/1/1.png", "19/1/1.png", "5/32/1.png", "5/1/32.png", "5/1/1.jpg"] {
        assert_eq!(tile(outside).await.unwrap().status(), 404, "{outside}");
    }
}
