//! A delivery with a video, from the upload to the part of it that a phone asks for.

use crate::line::{Line, platform};
use crate::sample::{Made, PLACE, boxed};
use crate::support::both;
use bytes::Bytes;
use domain::id::{BlobId, TokenId};
use domain::permission::{Actor, Permission};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use services::video::{KeptVideo, Refusal, SIZE_MAX, Trouble, find, keep};
use services::{Context, Platform};
use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;
use store::blob::PIECE;

/// As it arrives: in pieces of that size.
async fn sent(
    platform: &Platform,
    ctx: &Context,
    bytes: &[u8],
    size: usize,
) -> Result<KeptVideo, Trouble> {
    let pieces: Vec<_> =
        bytes.chunks(size).map(|b| Ok::<_, Infallible>(Bytes::copy_from_slice(b))).collect();
    keep(platform, ctx, &mut stream::iter(pieces)).await
}

async fn part(platform: &Arc<Platform>, ctx: &Context, id: &BlobId, range: Range<u64>) -> Vec<u8> {
    let video = find(ctx, id).await.unwrap().unwrap();
    let pieces = services::video::stream(platform.clone(), ctx.clone(), video, range);
    pieces.try_collect::<Vec<_>>().await.unwrap().concat()
}

fn files(t: &crate::support::Test) -> usize {
    std::fs::read_dir(t.dir.path().join("blobs")).map_or(0, Iterator::count)
}

#[test]
fn any_part_of_a_video_is_what_it_is_in_the_whole() {
    both(async |t| {
        let platform = platform(&t, "http://127.0.0.1:9");
        let ctx = platform.system();
        let plain = Made { more: 3 * PIECE, late: true, ..Made::default() }.bytes();
        let kept = sent(&platform, &ctx, &plain, 70_000).await.unwrap();
        assert_eq!((kept.width, kept.height, kept.milliseconds), (128, 96, 2_000));
        let anyone = platform.context(Actor::Nobody);
        let size = plain.len() as u64;
        assert!(part(&platform, &anyone, &kept.id, 0..size).await == plain);
        // Around every border, and wherever else a player may ask.
        let piece = PIECE as u64;
        let borders =
            (0..=4).flat_map(|n| [n * piece, (n * piece).saturating_sub(1), n * piece + 1]);
        let mut places: Vec<u64> = borders.filter(|at| *at <= size).collect();
        let mut state = 7_u64;
        for _ in 0..30 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            places.push((state >> 20) % size);
        }
        for (i, from) in places.iter().enumerate() {
            let to = places[(i * 7 + 3) % places.len()];
            let range = (*from).min(to)..(*from).max(to);
            let seen = part(&platform, &anyone, &kept.id, range.clone()).await;
            assert!(seen == plain[range.start as usize..range.end as usize], "{range:?}");
        }
    });
}

#[test]
fn where_it_was_taken_is_not_served() {
    both(async |t| {
        let platform = platform(&t, "http://127.0.0.1:9");
        let ctx = platform.system();
        for late in [false, true] {
            let made =
                Made { told: true, late, sound: Some(0x40), more: 2 * PIECE, ..Made::default() };
            let bytes = made.bytes();
            assert!(bytes.windows(PLACE.len()).any(|w| w == PLACE));
            let id = sent(&platform, &ctx, &bytes, 999_999).await.unwrap().id;
            let seen = part(&platform, &ctx, &id, 0..bytes.len() as u64).await;
            assert_eq!(seen.len(), bytes.len());
            assert!(!seen.windows(PLACE.len()).any(|w| w == PLACE));
        }
    });
}

#[test]
fn what_is_no_video_is_refused_and_leaves_nothing() {
    both(async |t| {
        let platform = platform(&t, "http://127.0.0.1:9");
        let ctx = platform.system();
        let whole = Made { more: 2 * PIECE, ..Made::default() };
        let opening = boxed(b"ftyp", &[b"isom", &[0; 4]]);
        for (bytes, why) in [
            (Vec::new(), Refusal::Kind),
            (b"<script>alert(1)</script>".repeat(100_000), Refusal::Kind),
            (Made { codec: *b"hev1", ..whole.clone() }.bytes(), Refusal::Hevc),
            (whole.bytes()[..2 * PIECE].to_vec(), Refusal::Broken),
            ([&opening[..], &[0, 0, 0, 1], b"mdat", &[0xff; 8]].concat(), Refusal::Large),
        ] {
            let refused = sent(&platform, &ctx, &bytes, 65_536).await;
            assert!(matches!(refused, Err(Trouble::Refused(r)) if r == why), "{refused:?}");
        }
        // Endless: a box that goes on to the end of a file that has none.
        let mut bytes = 0;
        let endless = [opening, b"\0\0\0\0mdat".to_vec()].concat();
        let zeros = stream::repeat_with(|| Bytes::from_static(&[0; 65_536]));
        let mut endless = stream::iter([Bytes::from(endless)]).chain(zeros).map(|piece| {
            bytes += piece.len() as u64;
            Ok::<_, Infallible>(piece)
        });
        // Not on the disk of whoever tests: it is read no further than that anyway.
        let mut scan = domain::video::Scan::default();
        let refused = loop {
            if let Err(why) = scan.push(&endless.next().await.unwrap().unwrap()) {
                break why;
            }
        };
        drop(endless);
        assert_eq!(refused, Refusal::Large);
        assert!((SIZE_MAX..SIZE_MAX + 2 * 65_536).contains(&bytes));
        // Somebody who goes away in the middle.
        let half = whole.bytes()[..PIECE + 500_000].to_vec();
        let mut breaks = stream::iter([Ok(Bytes::from(half)), Err(())]);
        assert!(matches!(keep(&platform, &ctx, &mut breaks).await, Err(Trouble::BrokenOff)));
        while files(&t) > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM blob").await, 0);
        let reader = Actor::Token { id: TokenId(1), permissions: vec![Permission::DeliveryRead] };
        let refused = sent(&platform, &platform.context(reader), &whole.bytes(), 1_000_000).await;
        assert!(matches!(refused, Err(Trouble::Failed(services::Error::Forbidden(_)))));
    });
}

#[test]
fn a_video_arrives_behind_its_poster_and_a_drill_announces_it() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let user = line.friends(2).await[0];
        let ctx = line.platform.system();
        let video = sent(&line.platform, &ctx, &Made::default().bytes(), 1_000).await.unwrap();
        let poster =
            services::picture::keep(&line.platform, &ctx, crate::picturing::photo()).await.unwrap();
        line.outbox("one");
        let body = json!({
            "title": "体操", "audience": {"everyone": true}, "purpose": "drill",
            "parts": [{"video": video.id, "poster": poster.id, "alt": "椅子の体操"}],
        });
        let delivery = services::delivery::create(&line.platform, &ctx, &body).await.unwrap().id;
        assert_eq!(line.ended(delivery).await.figures.accepted, 2);
        let shown = services::delivery::for_systems(&ctx, delivery).await.unwrap();
        assert_eq!(shown["parts"], body["parts"]);
        let messages = line.told(user).await;
        assert_eq!(messages[0]["text"], "【訓練】次の動画は、訓練のものです");
        assert_eq!(messages[1]["type"], "video");
        let own = "http://127.0.0.1:3000/media";
        assert_eq!(messages[1]["originalContentUrl"], format!("{own}/{}", video.id));
        assert_eq!(messages[1]["previewImageUrl"], format!("{own}/{}/preview", poster.id));
        line.end().await;
    });
}
