//! Videos of deliveries (SEG-4): taken while they arrive, kept in sealed pieces, served in parts.

mod serve;

use crate::{Context, Error, Platform, Result};
use bytes::Bytes;
use domain::video::Scan;
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use std::time::Duration;
use store::blob::{NewVideo, PIECE, write_video};

pub use domain::video::{MEDIA_TYPE, Refusal, SIZE_MAX};
pub use serve::{Cache, stream};
pub use store::blob::{KeptVideo, Video};

/// How long the sender may say nothing in the middle of a video.
const SILENCE: Duration = Duration::from_secs(60);

/// Why a video was not kept.
#[derive(Debug)]
pub enum Trouble {
    /// It is none that is taken.
    Refused(Refusal),
    /// It did not arrive to its end.
    BrokenOff,
    /// Something of ours.
    Failed(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The refusal as a problem of the field `video`.
pub fn refused(refusal: Refusal) -> Error {
    Error::invalid("video", refusal.words())
}

/// Keeps a video that somebody sends, without ever holding more of it than a piece and its
/// description: checked while it arrives, and what tells where it was taken overwritten before
/// anybody can find it. What is not kept leaves nothing behind.
///
/// # Errors
/// `Forbidden` and the like as [`Trouble::Failed`]; a [`Refusal`]; if it breaks off.
pub async fn keep<E>(
    platform: &Platform,
    ctx: &Context,
    arriving: &mut (impl Stream<Item = std::result::Result<Bytes, E>> + Unpin),
) -> std::result::Result<KeptVideo, Trouble> {
    let mut writer = write_video(ctx).await?;
    let _permit = platform.videos.arriving.acquire().await;
    let (mut scan, mut digest, mut size) = (Scan::default(), Sha256::new(), 0);
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        let next = tokio::time::timeout(SILENCE, arriving.next()).await;
        let Some(bytes) = next.map_err(|_| Trouble::BrokenOff)? else { break };
        let bytes = bytes.map_err(|_| Trouble::BrokenOff)?;
        scan.push(&bytes)?;
        digest.update(&bytes);
        size += bytes.len() as u64;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            // Only who sees more coming knows that a full piece is not the last.
            if piece.len() == PIECE {
                writer.push(&piece, false).await?;
                piece.clear();
            }
            let (now, later) = rest.split_at(rest.len().min(PIECE - piece.len()));
            piece.extend_from_slice(now);
            rest = later;
        }
    }
    // A long description takes a moment; one that makes the reader panic is broken.
    let movie = tokio::task::spawn_blocking(move || scan.finish()).await;
    let movie = movie.unwrap_or(Err(Refusal::Broken))?;
    let last = (size - piece.len() as u64) / PIECE as u64;
    movie.clean(last * PIECE as u64, &mut piece);
    writer.push(&piece, true).await?;
    for number in 0..last {
        let from = number * PIECE as u64;
        if movie.touches(from..from + PIECE as u64) {
            writer
                .change(number, |bytes| {
                    movie.clean(from, bytes);
                })
                .await?;
        }
    }
    let new = NewVideo {
        size,
        width: movie.width,
        height: movie.height,
        milliseconds: movie.milliseconds,
        sha256: digest.finalize().to_vec(),
    };
    Ok(writer.finish(&new).await?)
}

/// A video by its name, for whoever knows it; nothing if it is not kept.
///
/// # Errors
/// If the database is away.
pub async fn find(ctx: &Context, id: &domain::id::BlobId) -> Result<Option<Video>> {
    store::blob::video(ctx, id).await
}
