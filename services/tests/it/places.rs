//! Where a photo was taken: kept for staff where the question asks for it, and nowhere else
//! (issue 5, 7).

use crate::line::platform_by;
use crate::support::both;
use domain::form::kept::Settings;
use domain::form::{Answers, Ask, Form, Page, Place, Question, Terms};
use domain::permission::Actor;
use image::{ImageFormat, RgbImage};
use services::answer::{Arrived, Holder, receive, upload};
use std::io::Cursor;

/// A JPEG that was taken at 35°40′52″ N, 139°46′1.5″ E.
fn photo() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(64, 48, image::Rgb([200, 40, 40]))
        .write_to(&mut bytes, ImageFormat::Jpeg)
        .unwrap();
    let jpeg = bytes.into_inner();
    // One directory that leads to the position's, whose numbers follow behind it.
    let parts = 26u32 + 2 + 4 * 12 + 4;
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value].concat()
    };
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    exif.extend(entry(0x8825, 4, 1, 26u32.to_be_bytes()));
    exif.extend([0, 0, 0, 0, 0, 4]);
    exif.extend(entry(1, 2, 2, *b"N\0\0\0"));
    exif.extend(entry(2, 5, 3, parts.to_be_bytes()));
    exif.extend(entry(3, 2, 2, *b"E\0\0\0"));
    exif.extend(entry(4, 5, 3, (parts + 24).to_be_bytes()));
    exif.extend([0; 4]);
    for number in [35u32, 1, 40, 1, 52, 1, 139, 1, 46, 1, 15, 10] {
        exif.extend(number.to_be_bytes());
    }
    let size = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &size[..], &exif[..], &jpeg[2..]].concat()
}

#[test]
fn a_photo_tells_its_place_where_it_is_asked_and_nowhere_else() {
    both(async |t| {
        let ask = |key: &str, position| Question {
            personal: true,
            ..Question::new(key, "写真", Ask::Photo { max: 1, position })
        };
        let text = "道路を直すために使います".into();
        let consent = Ask::Consent { text, more: String::new() };
        let consent = Question { required: true, ..Question::new("agree", "同意", consent) };
        let form = Form {
            title: "道路の穴".into(),
            pages: vec![Page {
                questions: vec![ask("asked", true), ask("plain", false), consent],
                ..Page::default()
            }],
            terms: Terms {
                purpose: "道路を直すため".into(),
                retention_days: Some(30),
                department: "道路課".into(),
                receipt: "{番号:3}".into(),
                ..Terms::default()
            },
            ..Form::default()
        };
        let platform = platform_by(&t, "http://127.0.0.1:9", None);
        let id = store::form::create(&t.ctx, "穴", &form, &Settings::default()).await.unwrap();
        store::form::publish(&t.ctx, id, 1).await.unwrap();
        let resident = store::resident::visit(&t.ctx, b"0123456789abcdef").await.unwrap();
        let ctx = t.ctx.acting(Actor::Resident(resident));
        let holder = Holder::of(&ctx, None).unwrap();

        let mut given = Answers::from([("agree".to_owned(), vec!["yes".to_owned()])]);
        for key in ["asked", "plain"] {
            let arrived =
                Arrived { path: key.into(), name: "穴.jpg".into(), bytes: photo().into() };
            let kept = upload(&platform, &ctx, &holder, id, &form, arrived).await.unwrap();
            given.insert(key.into(), vec![kept.id.as_str().to_owned()]);
        }
        let published = store::form::published(&ctx, id).await.unwrap().unwrap();
        let sent = receive(&platform, &ctx, &holder, &published, &given, "k", None).await.unwrap();

        let full = services::answer::get(&t.ctx, sent.id).await.unwrap();
        let places: Vec<_> =
            full.files.iter().map(|f| (f.question.as_str(), f.position.clone())).collect();
        let place = Place { latitude: 35_681_111, longitude: 139_767_083, words: String::new() };
        assert_eq!(places, [("asked", Some(place)), ("plain", None)]);
        for file in &full.files {
            for small in [false, true] {
                let file = services::answer::staff_file(&t.ctx, sent.id, &file.id, small).await;
                let bytes = file.unwrap().bytes;
                assert!(bytes.starts_with(&[0xff, 0xd8]), "a JPEG");
                let tells = bytes.windows(4).any(|w| w == b"Exif");
                assert!(!tells, "neither the file nor its small form");
            }
        }
    });
}
