//! Videos: sealed in pieces that cannot be exchanged, put in another order, or cut off.

use crate::blobs::picture;
use crate::city::new_delivery;
use crate::support::{Test, both};
use domain::audience::Audience;
use domain::delivery::{Draft, NewDelivery, Purpose};
use domain::id::BlobId;
use domain::message::Part;
use std::path::PathBuf;
use store::blob::{
    KEPT_UNUSED, NewVideo, PIECE, Video, count, missing, piece, put, rotate, sweep, video,
    write_video,
};
use store::delivery::{create, draft};
use store::{Context, Error};

/// Bytes that are nowhere alike.
fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i % 251) as u8 ^ (i / PIECE) as u8).collect()
}

async fn kept(ctx: &Context, bytes: &[u8]) -> Video {
    let mut writer = write_video(ctx).await.unwrap();
    let pieces = bytes.chunks(PIECE).count();
    for (i, piece) in bytes.chunks(PIECE).enumerate() {
        writer.push(piece, i + 1 == pieces).await.unwrap();
    }
    let new = NewVideo {
        size: bytes.len() as u64,
        width: 128,
        height: 96,
        milliseconds: 2_000,
        sha256: vec![0; 32],
    };
    let id = writer.finish(&new).await.unwrap().id;
    video(ctx, &id).await.unwrap().unwrap()
}

async fn whole(ctx: &Context, video: &Video) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    for number in 0..video.pieces() {
        all.extend(piece(ctx, video, number).await?);
    }
    Ok(all)
}

fn file(t: &Test, id: &BlobId, number: u64) -> PathBuf {
    t.dir.path().join("blobs").join(id.as_str()).join(format!("video/{number:05}"))
}

fn part(video: &BlobId, poster: &BlobId) -> Vec<Part> {
    let (video, poster) = (Some(video.clone()), Some(poster.clone()));
    vec![Part::Video { video, poster, alt: String::new() }]
}

#[test]
fn what_was_kept_is_read_and_lies_encrypted() {
    both(async |t| {
        for size in [1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 77] {
            let plain = bytes(size);
            let video = kept(&t.ctx, &plain).await;
            assert_eq!((video.size, video.pieces()), (size as u64, size.div_ceil(PIECE) as u64));
            assert_eq!(whole(&t.ctx, &video).await.unwrap(), plain);
            let sealed = std::fs::read(file(&t, &video.id, 0)).unwrap();
            assert!(size < 64 || !sealed.windows(64).any(|w| w == &plain[..64]));
        }
        let unknown: BlobId = "0".repeat(40).parse().unwrap();
        assert_eq!(video(&t.ctx, &unknown).await.unwrap(), None);
        let photo = put(&t.ctx, &picture()).await.unwrap().id;
        assert_eq!(video(&t.ctx, &photo).await.unwrap(), None);
    });
}

#[test]
fn pieces_are_bound_to_their_video_their_place_and_its_end() {
    both(async |t| {
        let plain = bytes(3 * PIECE);
        let (one, two) = (kept(&t.ctx, &plain).await, kept(&t.ctx, &plain).await);
        let refused = async |video: &Video| {
            matches!(whole(&t.ctx, video).await, Err(Error::Undecryptable("blob")))
        };
        let (first, last) = (file(&t, &one.id, 0), file(&t, &one.id, 2));
        let (head, tail) = (std::fs::read(&first).unwrap(), std::fs::read(&last).unwrap());
        // Another video's, the neighbours exchanged, and bytes changed.
        std::fs::copy(file(&t, &two.id, 0), &first).unwrap();
        assert!(refused(&one).await);
        std::fs::copy(file(&t, &one.id, 1), &first).unwrap();
        assert!(refused(&one).await);
        for i in [0, 1, 2, 13, 14, head.len() - 1] {
            let mut changed = head.clone();
            changed[i] ^= 1;
            std::fs::write(&first, changed).unwrap();
            assert!(refused(&one).await, "byte {i}");
        }
        std::fs::write(&first, &head).unwrap();
        // Cut off at the border of a piece, with a row that agrees.
        let short = Video { size: 2 * PIECE as u64, ..one.clone() };
        assert!(refused(&short).await);
        // The end in the place of a piece in the middle, and the other way round.
        std::fs::write(file(&t, &one.id, 1), &tail).unwrap();
        assert!(refused(&one).await);
        std::fs::copy(file(&t, &two.id, 1), &last).unwrap();
        assert!(refused(&two).await.eq(&false) && refused(&one).await);
        // A piece that is gone.
        std::fs::remove_file(&last).unwrap();
        assert!(matches!(
            whole(&t.ctx, &one).await,
            Err(Error::Undecryptable(_) | Error::Blobs(_))
        ));
    });
}

#[test]
fn a_writer_takes_whole_pieces_in_order_and_one_end() {
    both(async |t| {
        let refused = |r: Result<(), Error>| matches!(r, Err(Error::Inconsistent(_)));
        let mut writer = write_video(&t.ctx).await.unwrap();
        assert!(refused(writer.push(&bytes(PIECE - 1), false).await));
        assert!(refused(writer.push(&[], true).await));
        assert!(refused(writer.push(&bytes(PIECE + 1), true).await));
        writer.push(&bytes(PIECE), false).await.unwrap();
        writer.push(b"end", true).await.unwrap();
        assert!(refused(writer.push(b"more", true).await));
        for number in 0..2 {
            writer.change(number, |bytes| bytes[0] = b'!').await.unwrap();
        }
        let new = NewVideo {
            size: PIECE as u64 + 3,
            width: 1,
            height: 1,
            milliseconds: 1,
            sha256: vec![0; 32],
        };
        let id = writer.finish(&new).await.unwrap().id;
        let video = video(&t.ctx, &id).await.unwrap().unwrap();
        assert_eq!(piece(&t.ctx, &video, 0).await.unwrap()[..2], [b'!', 1]);
        assert_eq!(piece(&t.ctx, &video, 1).await.unwrap(), b"!nd");
        // Without its end it is none; what was written goes.
        let mut half = write_video(&t.ctx).await.unwrap();
        half.push(&bytes(PIECE), false).await.unwrap();
        assert!(matches!(half.finish(&new).await, Err(Error::Inconsistent(_))));
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM blob").await, 1);
        let folder = t.dir.path().join("blobs");
        while std::fs::read_dir(&folder).unwrap().count() > 1 {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_rotation_reaches_every_piece() {
    both(async |t| {
        let plain = bytes(2 * PIECE + 5);
        let id = kept(&t.ctx, &plain).await.id;
        put(&t.ctx, &picture()).await.unwrap();
        let both_keys = t.reopened(&[1, 2]).await;
        assert_eq!(count(&both_keys).await.unwrap(), (2, 2));
        while rotate(&both_keys).await.unwrap() > 0 {}
        assert_eq!(count(&both_keys).await.unwrap(), (2, 0));
        both_keys.store.close().await;
        let new = t.reopened(&[2]).await;
        let seen = video(&new, &id).await.unwrap().unwrap();
        assert_eq!(whole(&new, &seen).await.unwrap(), plain);
        new.store.close().await;
    });
}

#[test]
fn a_video_is_kept_while_a_draft_has_it_and_goes_with_every_piece() {
    both(async |t| {
        t.city().await;
        let (used, unused) =
            (kept(&t.ctx, &bytes(PIECE + 1)).await, kept(&t.ctx, &bytes(PIECE + 1)).await);
        let poster = put(&t.ctx, &picture()).await.unwrap().id;
        let parts = part(&used.id, &poster);
        draft(&t.ctx, Draft { parts, ..Draft::default() }).await.unwrap();
        t.later(KEPT_UNUSED + 1);
        assert_eq!(sweep(&t.ctx).await.unwrap(), 1);
        assert_eq!(video(&t.ctx, &unused.id).await.unwrap(), None);
        assert!(!file(&t, &unused.id, 0).exists() && !file(&t, &unused.id, 1).exists());
        assert!(whole(&t.ctx, &used).await.is_ok());
    });
}

#[test]
fn no_delivery_is_made_with_what_is_no_video() {
    both(async |t| {
        t.city().await;
        let photo = put(&t.ctx, &picture()).await.unwrap().id;
        let video = kept(&t.ctx, b"video").await.id;
        let with = |video: &BlobId, poster: &BlobId| NewDelivery {
            parts: part(video, poster),
            ..new_delivery(Purpose::Notice, Audience::Everyone, None)
        };
        for (video, poster, at) in
            [(&photo, &photo, "/parts/0/video"), (&video, &video, "/parts/0/poster")]
        {
            let refused = create(&t.ctx, &with(video, poster), None).await;
            assert!(matches!(refused, Err(Error::Invalid(p)) if p.len() == 1 && p[0].at == at));
            assert_eq!(missing(&t.ctx, &part(video, poster)).await.unwrap()[0].at, at);
        }
        assert_eq!(missing(&t.ctx, &part(&video, &photo)).await.unwrap(), []);
        create(&t.ctx, &with(&video, &photo), None).await.unwrap();
    });
}
