//! Pictures of deliveries (SEG-4): checked, made small, kept, and served to LINE and phones.

pub(crate) mod check;
mod serve;

use crate::{Context, Error, Platform, Result};
use bytes::Bytes;
use domain::permission::Permission;
use serde::Deserialize;
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
    let new = made(platform, bytes, |bytes| check::make(bytes, SIDE_MAX)).await?;
    store::blob::put(ctx, &new).await
}

/// What a picture is on a rich menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnMenu {
    /// Finished artwork: all that is seen of a sheet.
    Artwork,
    /// Behind the cards of a composed sheet.
    Backdrop,
    /// The icon of an area.
    Mark,
}

/// The same for rich menus (MENU-1): artwork and backdrops have up to 2,500 pixels a side,
/// artwork at least LINE's 800 × 250; an icon that can be seen through stays so.
///
/// # Errors
/// As [`keep`].
pub async fn keep_for_menus(
    platform: &Platform,
    ctx: &Context,
    bytes: Bytes,
    what: OnMenu,
) -> Result<Kept> {
    ctx.allow(Permission::MenuWrite)?;
    let make = move |bytes: &[u8]| match what {
        OnMenu::Artwork => check::make_artwork(bytes, MENU_SIDE_MAX),
        OnMenu::Backdrop => check::make(bytes, MENU_SIDE_MAX),
        OnMenu::Mark => check::make_mark(bytes),
    };
    let new = made(platform, bytes, make).await?;
    store::blob::put_for_menus(ctx, &new).await
}

/// Checks a picture and makes it anew.
async fn made(
    platform: &Platform,
    bytes: Bytes,
    make: impl FnOnce(&[u8]) -> std::result::Result<check::Made, Refusal> + Send + 'static,
) -> Result<NewPicture> {
    if bytes.len() > SIZE_MAX {
        return Err(refused(Refusal::Large));
    }
    // One at a time: a large picture needs some hundred megabytes while it is decoded.
    let permit = platform.pictures.decoding.clone().acquire_owned().await;
    // A decoder that panics over what somebody made up has met a picture that is broken.
    let made = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        make(&bytes)
    })
    .await;
    let made = made.unwrap_or(Err(Refusal::Broken)).map_err(refused)?;
    Ok(NewPicture {
        media_type: made.media_type,
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
