//! Serving videos: many phones ask for the same few pieces, each for some of their bytes.

use crate::{Context, Platform, Result};
use bytes::Bytes;
use domain::id::BlobId;
use futures::{Stream, stream};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use store::blob::Video;
use tokio::sync::Semaphore;

/// Decrypted pieces kept in memory: 64 MB.
const KEPT: usize = 64;
/// Pieces read and decrypted at the same time.
const READING: usize = 4;
/// Videos that arrive at the same time: so many pieces and descriptions are in memory.
const ARRIVING: usize = 8;

type Key = (BlobId, u64);

/// A piece that several answers hold.
struct Held(Arc<Vec<u8>>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[derive(Default)]
struct Pieces {
    /// The one used last at the end.
    kept: VecDeque<(Key, Arc<Vec<u8>>)>,
    /// Whatever somebody still holds, so that slow phones share one piece.
    live: HashMap<Key, Weak<Vec<u8>>>,
}

impl Pieces {
    fn get(&mut self, key: &Key) -> Option<Arc<Vec<u8>>> {
        let piece = self.live.get(key)?.upgrade()?;
        self.keep(key, &piece);
        Some(piece)
    }

    fn put(&mut self, key: &Key, piece: &Arc<Vec<u8>>) {
        self.live.retain(|_, piece| piece.strong_count() > 0);
        self.live.insert(key.clone(), Arc::downgrade(piece));
        self.keep(key, piece);
    }

    fn keep(&mut self, key: &Key, piece: &Arc<Vec<u8>>) {
        self.kept.retain(|(other, _)| other != key);
        self.kept.push_back((key.clone(), piece.clone()));
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }
}

/// The pieces fetched last, and how much is worked on at once.
pub struct Cache {
    pieces: Mutex<Pieces>,
    reading: Semaphore,
    pub(super) arriving: Semaphore,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            pieces: Mutex::default(),
            reading: Semaphore::new(READING),
            arriving: Semaphore::new(ARRIVING),
        }
    }
}

impl Cache {
    fn get(&self, key: &Key) -> Option<Arc<Vec<u8>>> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).get(key)
    }

    async fn piece(&self, ctx: &Context, video: &Video, number: u64) -> Result<Arc<Vec<u8>>> {
        let key = (video.id.clone(), number);
        if let Some(piece) = self.get(&key) {
            return Ok(piece);
        }
        let _permit = self.reading.acquire().await;
        // Whoever waited finds what the first one read.
        if let Some(piece) = self.get(&key) {
            return Ok(piece);
        }
        let piece = Arc::new(store::blob::piece(ctx, video, number).await?);
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).put(&key, &piece);
        Ok(piece)
    }
}

/// Some bytes of a video, piece by piece as they are taken; only the pieces that hold them are
/// opened. The range must lie in the video.
pub fn stream(
    platform: Arc<Platform>,
    ctx: Context,
    video: Video,
    range: Range<u64>,
) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
    let end = range.end.min(video.size);
    stream::try_unfold(range.start, move |at| {
        let (platform, ctx, video) = (platform.clone(), ctx.clone(), video.clone());
        async move {
            if at >= end {
                return Ok(None);
            }
            let (number, from) = (at / video.piece, at % video.piece);
            let piece = platform.videos.piece(&ctx, &video, number).await?;
            let to = (from + (end - at)).min(piece.len() as u64);
            let bytes = Bytes::from_owner(Held(piece)).slice(from as usize..to as usize);
            Ok(Some((bytes, at + (to - from))))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_that_is_still_sent_is_not_read_again() {
        let mut pieces = Pieces::default();
        let key = |n| (BlobId::from_random([0; 20]), n);
        let first = Arc::new(vec![1]);
        pieces.put(&key(0), &first);
        for n in 1..=KEPT as u64 {
            pieces.put(&key(n), &Arc::new(vec![2]));
        }
        assert_eq!(pieces.kept.len(), KEPT);
        assert!(pieces.kept.iter().all(|(k, _)| *k != key(0)));
        assert!(Arc::ptr_eq(&pieces.get(&key(0)).unwrap(), &first));
        assert!(pieces.get(&key(1)).is_none(), "nobody holds it any more");
        drop(first);
        assert!(pieces.get(&key(0)).is_some(), "used again, it is kept again");
    }
}
