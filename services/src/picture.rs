//! Pictures of deliveries (SEG-4): checked, made small, kept, and served to LINE and phones.

pub(crate) mod check;
mod serve;

use crate::{Context, Error, Platform, Result};
use bytes::Bytes;
use domain::permission::Permission;
use store::blob::NewPicture;

pub use check::{PIXELS_MAX, Refusal, SIDE_MAX};
pub use serve::{Cache, Media, map, media};
pub use store::blob::{Form, Kept, SIZE_MAX};

/// Keeps a picture that somebody sent: turned upright, at most 2,048 pixels wide or high,
/// without metadata, with its preview. Answers the id by which a part names it, and its size.
///
/// # Errors
/// `Forbidden`; `Invalid` with the words of a [`Refusal`]; if the blob store is away.
pub async fn keep(platform: &Platform, ctx: &Context, bytes: Bytes) -> Result<Kept> {
    ctx.allow(Permission::DeliveryWrite)?;
    if bytes.len() > SIZE_MAX {
        return Err(refused(Refusal::Large));
    }
    // One at a time: a large picture needs some hundred megabytes while it is decoded.
    let permit = platform.pictures.decoding.clone().acquire_owned().await;
    // A decoder that panics over what somebody made up has met a picture that is broken.
    let made = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        check::make(&bytes)
    })
    .await;
    let made = made.unwrap_or(Err(Refusal::Broken)).map_err(refused)?;
    let new = NewPicture {
        media_type: check::MEDIA_TYPE,
        original: made.original,
        preview: made.preview,
        width: made.width,
        height: made.height,
    };
    store::blob::put(ctx, &new).await
}

/// The refusal as a problem of the field `image`.
pub fn refused(refusal: Refusal) -> Error {
    Error::invalid("image", refusal.words())
}
