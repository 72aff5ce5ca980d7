//! Pictures of deliveries (SEG-4): checked, made small, kept, and served to LINE and phones.

pub(crate) mod check;
mod serve;

use crate::{Context, Error, Platform, Result};
use bytes::Bytes;
use domain::permission::Permission;
use store::blob::NewPicture;

pub use check::{MENU_SIDE_MAX, PIXELS_MAX, Refusal, SIDE_MAX};
pub use serve::{Cache, Media, map, media};
pub use store::blob::{Form, Kept, SIZE_MAX};

/// Keeps a picture that somebody sent: turned upright, at most 2,048 pixels wide or high,
/// without metadata, with its preview. Answers the id by which a part names it, and its size.
///
/// # Errors
/// `Forbidden`; `Invalid` with the words of a [`Refusal`]; if the blob store is away.
pub async fn keep(platform: &Platform, ctx: &Context, bytes: Bytes) -> Result<Kept> {
    ctx.allow(Permission::DeliveryWrite)?;
    let new = made(platform, bytes, SIDE_MAX).await?;
    store::blob::put(ctx, &new).await
}

/// The same for rich menus, whose artwork has up to 2,500 pixels a side (MENU-1).
///
/// # Errors
/// As [`keep`].
pub async fn keep_for_menus(platform: &Platform, ctx: &Context, bytes: Bytes) -> Result<Kept> {
    ctx.allow(Permission::MenuWrite)?;
    let new = made(platform, bytes, MENU_SIDE_MAX).await?;
    store::blob::put_for_menus(ctx, &new).await
}

/// Checks a picture and makes it anew, at most `side` pixels wide or high.
async fn made(platform: &Platform, bytes: Bytes, side: u32) -> Result<NewPicture> {
    if bytes.len() > SIZE_MAX {
        return Err(refused(Refusal::Large));
    }
    // One at a time: a large picture needs some hundred megabytes while it is decoded.
    let permit = platform.pictures.decoding.clone().acquire_owned().await;
    // A decoder that panics over what somebody made up has met a picture that is broken.
    let made = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        check::make(&bytes, side)
    })
    .await;
    let made = made.unwrap_or(Err(Refusal::Broken)).map_err(refused)?;
    Ok(NewPicture {
        media_type: check::MEDIA_TYPE,
        original: made.original,
        preview: made.preview,
        width: made.width,
        height: made.height,
    })
}

/// The refusal as a problem of the field `image`.
pub fn refused(refusal: Refusal) -> Error {
    Error::invalid("image", refusal.words())
}
