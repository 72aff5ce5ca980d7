//! A delivery with a picture, from the upload to what a phone fetches.

use crate::line::{Line, platform};
use crate::support::both;
use bytes::Bytes;
use domain::id::BlobId;
use domain::permission::{Actor, Permission};
use image::{ImageFormat, RgbImage};
use serde_json::{Value, json};
use services::Error;
use services::picture::{Form, keep, map, media};
use std::io::Cursor;

/// A photo that tells where it was taken.
pub fn photo() -> Bytes {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(64, 48, image::Rgb([200, 40, 40]))
        .write_to(&mut bytes, ImageFormat::Jpeg)
        .unwrap();
    let bytes = bytes.into_inner();
    let exif = b"Exif\0\0II*\0\x08\0\0\0\0\0GPS 35.6812 139.7671";
    let size = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&bytes[..2], &[0xff, 0xe1], &size[..], &exif[..], &bytes[2..]].concat().into()
}

#[test]
fn what_arrives_is_fetched_and_tells_nothing_more() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let user = line.friends(3).await[0];
        let ctx = line.platform.system();
        let id = keep(&line.platform, &ctx, photo()).await.unwrap().id;
        line.outbox("one");
        let body = json!({
            "title": "訓練", "audience": {"everyone": true}, "purpose": "drill",
            "parts": [{"text": "訓練です"}, {"image": id, "alt": "避難所"}],
        });
        let delivery = services::delivery::create(&line.platform, &ctx, &body).await.unwrap().id;
        assert_eq!(line.ended(delivery).await.figures.accepted, 3);
        let shown = services::delivery::for_systems(&ctx, delivery).await.unwrap();
        assert_eq!(shown["parts"], body["parts"]);

        let messages = line.told(user).await;
        let texts: Vec<&str> = messages.iter().filter_map(|m| m["text"].as_str()).collect();
        assert_eq!(texts, ["【訓練】訓練です", "【訓練】次の写真は、訓練のものです"]);
        assert_eq!(messages[2]["type"], "image");
        for (key, form, end) in [
            ("originalContentUrl", Form::Original, ""),
            ("previewImageUrl", Form::Preview, "/preview"),
        ] {
            assert_eq!(messages[2][key], format!("http://127.0.0.1:3000/media/{id}{end}"));
            // Whoever has the address gets it, twice the same: from the store and from memory.
            let anyone = line.platform.context(Actor::Nobody);
            let read = async || media(&line.platform, &anyone, &id, form).await.unwrap().unwrap();
            let (first, again) = (read().await, read().await);
            assert_eq!(first, again);
            assert_eq!(first.media_type, "image/jpeg");
            assert!(!first.bytes.windows(4).any(|w| w == b"Exif" || w == b"GPS "));
            let seen = image::load_from_memory(&first.bytes).unwrap();
            assert_eq!((seen.width(), seen.height()), (64, 48));
        }
        line.end().await;
    });
}

/// A picture of four areas, cut for that height.
fn rich(image: &str, height: u32) -> Value {
    let area = |label: &str| json!({"label": label, "open": "https://mihon.example/地図"});
    json!({"rich": {"image": image, "height": height, "alt": "4つの避難所", "layout": "four",
        "areas": [area("北"), area("南"), area("東"), {"label": "無事", "say": "無事です"}]}})
}

#[test]
fn every_kind_of_part_arrives_as_line_takes_it() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let user = line.friends(2).await[0];
        let ctx = line.platform.system();
        let kept = keep(&line.platform, &ctx, photo()).await.unwrap();
        assert_eq!((kept.width, kept.height), (64, 48));
        line.outbox("one");
        let card = json!({"image": kept.id, "title": "北小学校", "text": "開いています",
            "buttons": [{"label": "地図", "open": "https://mihon.example/kita"}]});
        let mut body = json!({
            "title": "避難所", "audience": {"everyone": true}, "purpose": "notice",
            "parts": [
                {"text": "避難所です"},
                rich(kept.id.as_str(), 780),
                {"cards": vec![card; 12], "alt": "開いている避難所"},
                {"quick": [{"label": "無事です", "say": "無事です"}, {"label": "登録を変える", "page": "register"}]},
            ],
        });
        let sent = services::delivery::create(&line.platform, &ctx, &body).await.unwrap().id;
        assert_eq!(line.ended(sent).await.figures.accepted, 2);
        let messages = line.told(user).await;
        let kinds: Vec<&str> = messages.iter().filter_map(|m| m["type"].as_str()).collect();
        assert_eq!(kinds, ["text", "imagemap", "flex"]);
        assert_eq!(messages[1]["baseUrl"], format!("http://127.0.0.1:3000/media/{}/map", kept.id));
        assert_eq!(
            messages[1]["actions"][0]["linkUri"],
            "https://mihon.example/%E5%9C%B0%E5%9B%B3"
        );
        let quick = &messages[2]["quickReply"]["items"];
        assert!(quick[1]["action"]["uri"].as_str().unwrap().ends_with("/register"));
        assert_ne!(quick[1]["action"]["uri"], "http://127.0.0.1:3000/liff/register");

        // A drill says so in everything that is read.
        body["purpose"] = "drill".into();
        let drill = services::delivery::create(&line.platform, &ctx, &body).await.unwrap().id;
        assert_eq!(line.ended(drill).await.figures.accepted, 2);
        let messages = line.told(user).await;
        let drill = &messages[3..];
        assert_eq!(drill[1]["text"], "【訓練】次の画像は、訓練のものです");
        assert_eq!(drill[2]["altText"], "【訓練】4つの避難所");
        assert_eq!(drill[3]["altText"], "【訓練】開いている避難所");
        assert_eq!(drill[3]["quickReply"]["items"][0]["action"]["text"], "【訓練】無事です");

        // LINE fetches five widths, and no others.
        for width in [240, 300, 460, 700, 1_040] {
            let served = map(&line.platform, &ctx, &kept.id, width).await.unwrap().unwrap();
            assert_eq!(served.media_type, "image/jpeg");
            let picture = image::load_from_memory(&served.bytes).unwrap();
            assert_eq!((picture.width(), picture.height()), (width, width * 48 / 64));
            let again = map(&line.platform, &ctx, &kept.id, width).await.unwrap().unwrap();
            assert_eq!(again.bytes, served.bytes);
        }
        assert_eq!(map(&line.platform, &ctx, &kept.id, 1_041).await.unwrap(), None);
        let unknown: BlobId = "0".repeat(40).parse().unwrap();
        assert_eq!(map(&line.platform, &ctx, &unknown, 240).await.unwrap(), None);

        // A copy of what was sent holds every part.
        let copy = services::delivery::duplicate(&ctx, sent).await.unwrap();
        let copy = services::delivery::get(&ctx, copy).await.unwrap();
        assert_eq!(
            serde_json::to_value(&copy.parts).unwrap(),
            services::delivery::for_systems(&ctx, sent).await.unwrap()["parts"]
        );
        line.end().await;
    });
}

#[test]
fn what_cannot_be_sent_is_refused_with_its_place() {
    both(async |t| {
        let line = Line::start(&t).await;
        line.friends(1).await;
        let ctx = line.platform.system();
        let unknown = "0".repeat(40);
        let known = keep(&line.platform, &ctx, photo()).await.unwrap().id;
        for (parts, at) in [
            (json!([{"image": unknown}]), "/parts/0/image"),
            (json!([{"text": "a"}, {"image": known}, {"image": unknown}]), "/parts/2/image"),
            (json!([{"image": "x"}]), "/parts/0/image"),
            (json!([rich(&unknown, 780)]), "/parts/0/rich/image"),
            (json!([{"text": "a"}, rich(known.as_str(), 781)]), "/parts/1/rich/height"),
            (
                json!([{"cards": [{"title": "a"}, {"title": "b", "image": unknown}], "alt": "a"}]),
                "/parts/0/cards/1/image",
            ),
        ] {
            let body = json!({"title": "a", "audience": {"everyone": true}, "purpose": "notice", "parts": parts});
            let refused = services::delivery::create(&line.platform, &ctx, &body).await;
            assert!(matches!(&refused, Err(Error::Invalid(p)) if p[0].at == at), "{refused:?}");
        }
        let html = keep(&line.platform, &ctx, Bytes::from_static(b"<script>")).await;
        assert!(matches!(&html, Err(Error::Invalid(p)) if p[0].message.contains("JPEGかPNG")));
        let large = keep(&line.platform, &ctx, Bytes::from(vec![0; 11_000_000])).await;
        assert!(matches!(&large, Err(Error::Invalid(p)) if p[0].message.contains("10MB")));
        line.end().await;
    });
}

#[test]
fn who_may_not_write_deliveries_keeps_no_pictures() {
    both(async |t| {
        let platform = platform(&t, "http://127.0.0.1:9");
        let reader = Actor::Token {
            id: domain::id::TokenId(1),
            permissions: vec![Permission::DeliveryRead],
        };
        let refused = keep(&platform, &platform.context(reader), photo()).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))));
        let unknown: BlobId = "0".repeat(40).parse().unwrap();
        let nothing = media(&platform, &platform.system(), &unknown, Form::Original).await;
        assert_eq!(nothing.unwrap(), None);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM blob").await, 0);
    });
}
