//! Serving pictures: LINE and every phone fetch the same few, all at once.

use super::check::{self, Refusal};
use crate::{Context, Error, Platform, Result};
use bytes::Bytes;
use domain::id::BlobId;
use domain::message::rich::WIDTHS;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::blob::Form;
use tokio::sync::Semaphore;

/// Decrypted bytes kept in memory.
const BUDGET: usize = 64 * 1024 * 1024;
/// Objects read and decrypted at the same time: so many of up to 10 MB are in memory besides.
const READING: usize = 4;

/// A picture as it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `image/jpeg`, or `image/png` of an icon that can be seen through.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// In which shape a picture is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Shape {
    /// As it is kept.
    Kept(Form),
    /// In a width of LINE's imagemap.
    Wide(u32),
}

type Key = (BlobId, Shape);

#[derive(Default)]
struct Kept {
    by_key: HashMap<Key, (Media, u64)>,
    bytes: usize,
    /// Counts uses; the smallest was used the longest ago.
    clock: u64,
}

/// The pictures fetched last, and how many are worked on at once.
pub struct Cache {
    kept: Mutex<Kept>,
    reading: Semaphore,
    /// Limits how many uploads are decoded at once.
    pub(crate) decoding: Arc<Semaphore>,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
            reading: Semaphore::new(READING),
            decoding: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Cache {
    fn get(&self, key: &Key) -> Option<Media> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let now = kept.clock;
        let (media, used) = kept.by_key.get_mut(key)?;
        *used = now;
        Some(media.clone())
    }

    fn put(&self, key: Key, media: Media) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let now = kept.clock;
        kept.bytes += media.bytes.len();
        if let Some((former, _)) = kept.by_key.insert(key, (media, now)) {
            kept.bytes -= former.bytes.len();
        }
        while kept.bytes > BUDGET && kept.by_key.len() > 1 {
            let oldest = kept.by_key.iter().min_by_key(|(_, (_, used))| *used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            if let Some((media, _)) = kept.by_key.remove(&oldest) {
                kept.bytes -= media.bytes.len();
            }
        }
    }
}

/// A picture by its name, for whoever knows it; nothing if it is not kept.
///
/// # Errors
/// If the database or the blob store is away, or the object was changed.
pub async fn media(
    platform: &Platform,
    ctx: &Context,
    id: &BlobId,
    form: Form,
) -> Result<Option<Media>> {
    serve(platform, ctx, id, Shape::Kept(form)).await
}

/// A picture in a width in which LINE fetches it for areas to tap; nothing if it is not kept
/// or LINE has no such width. Made when it is asked for, and kept in memory with the others.
///
/// # Errors
/// As [`media`].
pub async fn map(
    platform: &Platform,
    ctx: &Context,
    id: &BlobId,
    width: u32,
) -> Result<Option<Media>> {
    if !WIDTHS.contains(&width) {
        return Ok(None);
    }
    serve(platform, ctx, id, Shape::Wide(width)).await
}

async fn serve(
    platform: &Platform,
    ctx: &Context,
    id: &BlobId,
    shape: Shape,
) -> Result<Option<Media>> {
    let cache = &platform.pictures;
    let key = (id.clone(), shape);
    if let Some(media) = cache.get(&key) {
        return Ok(Some(media));
    }
    let Some(media_type) = store::blob::picture(ctx, id).await? else { return Ok(None) };
    let _permit = cache.reading.acquire().await;
    // Whoever waited finds what the first one read.
    if let Some(media) = cache.get(&key) {
        return Ok(Some(media));
    }
    let (media_type, bytes) = match shape {
        Shape::Kept(form) => (media_type, store::blob::read(ctx, id, form).await?),
        Shape::Wide(width) => {
            let original = store::blob::read(ctx, id, Form::Original).await?;
            let made = tokio::task::spawn_blocking(move || check::in_width(&original, width));
            let made = made.await.unwrap_or(Err(Refusal::Broken));
            let made = made.map_err(|_| Error::Inconsistent("a kept picture cannot be decoded"))?;
            (check::MEDIA_TYPE.to_owned(), made)
        }
    };
    let media = Media { media_type, bytes: Bytes::from(bytes) };
    cache.put(key, media.clone());
    Ok(Some(media))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> Key {
        (BlobId::from_random([n; 20]), Shape::Kept(Form::Original))
    }

    fn media(size: usize) -> Media {
        Media { media_type: "image/jpeg".into(), bytes: Bytes::from(vec![0; size]) }
    }

    #[test]
    fn what_was_not_used_for_the_longest_goes_first() {
        let cache = Cache::default();
        let third = BUDGET / 3;
        for n in 0..3 {
            cache.put(key(n), media(third));
        }
        assert!(cache.get(&key(0)).is_some());
        cache.put(key(3), media(third));
        let left: Vec<u8> = (0..4).filter(|n| cache.get(&key(*n)).is_some()).collect();
        assert_eq!(left, [0, 2, 3]);
        // The same again takes no more room.
        for _ in 0..9 {
            cache.put(key(3), media(third));
        }
        assert!(cache.get(&key(0)).is_some());
        assert_eq!(cache.kept.lock().unwrap().bytes, third * 3);
    }
}
