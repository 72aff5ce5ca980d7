//! Sheets as pictures: for LINE, and before that for whoever publishes one or gives it to
//! testers, so that they hear what cannot be painted while nothing has happened.

use crate::{Context, Error, Platform, Result};
use domain::id::{BlobId, MenuId};
use domain::menu::{Mode, Sheet};
use domain::permission::{Owner, Permission};
use domain::problem::Problem;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::blob::Form;

/// Why a sheet has no picture.
pub(super) enum Unpainted {
    /// The server has no font: nothing can be painted.
    NoFont,
    /// What is wrong with the sheet, in words for staff.
    Sheet(String),
}

/// What is said where the server has no font.
pub(super) const NO_FONT: &str = "メニューの絵を作るための文字の形（フォント）がサーバーにありません。システムの担当に、BIZ UDPゴシックを入れてもらってください";

/// The font of pictures and posters, read once; where it is not there it is looked for again.
pub(crate) fn font(platform: &Platform) -> Option<raster::Font> {
    let kept = &platform.menus.font;
    if let Some(font) = kept.get() {
        return Some(font.clone());
    }
    match raster::Font::find(platform.settings.menu_font.as_deref()) {
        Ok(font) => Some(kept.get_or_init(|| font).clone()),
        Err(error) => {
            tracing::error!(%error, "nothing can be drawn");
            None
        }
    }
}

/// A sheet as LINE takes it.
///
/// # Errors
/// If the database or the blob store is away.
pub(super) async fn paint(
    platform: &Platform,
    ctx: &Context,
    sheet: &Sheet,
    mode: Mode,
) -> Result<std::result::Result<raster::Painted, Unpainted>> {
    let Some(font) = font(platform) else { return Ok(Err(Unpainted::NoFont)) };
    let mut pictures: BTreeMap<BlobId, Arc<Vec<u8>>> = BTreeMap::new();
    for id in sheet.pictures() {
        if store::blob::picture(ctx, id).await?.is_some() {
            let bytes = store::blob::read(ctx, id, Form::Original).await?;
            pictures.insert(id.clone(), Arc::new(bytes));
        }
    }
    // One at a time, with the pictures that are being decoded: each takes a core for a second.
    let permit = platform.pictures.decoding.clone().acquire_owned().await;
    let sheet = sheet.clone();
    let painting = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        raster::paint(&font, &sheet, mode, &pictures)
    });
    Ok(match painting.await {
        Ok(painted) => painted.map_err(|error| Unpainted::Sheet(error.to_string())),
        Err(error) => {
            tracing::error!(%error, "menus: painting ended badly");
            Err(Unpainted::Sheet("絵を作れませんでした".into()))
        }
    })
}

/// Whether every sheet of the draft of version `seen` can be painted. What is published like
/// that was painted already; a drill is the same below its mark.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` with what cannot be painted, by sheet.
pub(super) async fn try_all(
    platform: &Platform,
    ctx: &Context,
    permission: Permission,
    id: MenuId,
    seen: i64,
) -> Result<()> {
    ctx.allow(permission)?;
    let kept = store::menu::get(ctx, id).await?;
    ctx.allow_on(permission, Owner::Department(kept.summary.department))?;
    // These the store refuses, and says why.
    if kept.summary.version != seen || !kept.draft.problems(Mode::Real).is_empty() {
        return Ok(());
    }
    let published = kept.published.map(|menu| menu.sheets).unwrap_or_default();
    let mut problems = Vec::new();
    for (i, sheet) in kept.draft.sheets.iter().enumerate() {
        if published.contains(sheet) {
            continue;
        }
        match paint(platform, ctx, sheet, Mode::Real).await? {
            Ok(_) => {}
            Err(Unpainted::NoFont) => return Err(Error::invalid("", NO_FONT)),
            Err(Unpainted::Sheet(words)) => {
                let words = format!("シート「{}」：{words}", sheet.name.trim());
                problems.push(Problem::new(format!("/sheets/{i}/picture"), words));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}
