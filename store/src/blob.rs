//! Blobs: pictures and videos. The bytes lie in an object store (a folder, or S3),
//! sealed with the same keys as the columns; a row says what they are (NFR-2).
//!
//! The object is written first and the row after it, and the row is deleted first: a row
//! never points to nothing. What is left without a row by a crash is swept after a day.
//! An object is bound to its own name, so that two cannot be exchanged.

mod keep;
mod objects;
mod private;
mod video;

use crate::db::{exec, number, one, rows};
use crate::idempotency;
use crate::ledger::{self, Line};
use crate::{Context, Result, values};
use domain::id::{BlobId, DepartmentId};
use domain::message::{NO_PICTURE, NO_VIDEO, Part, Rich};
use domain::permission::{Actor, Permission};
use domain::problem::Problem;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use keep::{KEPT_AFTER_SENT, KEPT_UNUSED, sweep};
pub use objects::Blobs;
pub(crate) use objects::{fetch, names, put_open};
pub(crate) use private::{row_private, write_private};
pub use video::{KeptVideo, NewVideo, PIECE, Video, Writer, piece, video, write_video};

/// Largest object, in bytes.
pub const SIZE_MAX: usize = domain::message::PICTURE_MAX;

/// The two forms of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// What opens when it is tapped.
    Original,
    /// What stands in the talk.
    Preview,
}

impl Form {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Original, Self::Preview];

    fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Preview => "preview",
        }
    }

    fn object(self, id: &BlobId) -> String {
        format!("{id}/{}", self.name())
    }
}

/// A picture to keep: checked, made small and without metadata.
#[derive(Clone, Debug)]
pub struct NewPicture {
    /// `image/jpeg`, or `image/png` where something can be seen through.
    pub media_type: &'static str,
    /// Its bytes, at most [`SIZE_MAX`].
    pub original: Vec<u8>,
    /// The small form.
    pub preview: Vec<u8>,
    /// In pixels, of the original.
    pub width: u32,
    /// In pixels, of the original.
    pub height: u32,
}

/// A picture that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// By which a part names it.
    pub id: BlobId,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// Keeps a picture. Who may write deliveries may do so.
///
/// # Errors
/// `Forbidden`; `Invalid` over [`SIZE_MAX`]; if the blob store or the database is away.
pub async fn put(ctx: &Context, new: &NewPicture) -> Result<Kept> {
    ctx.allow(Permission::DeliveryWrite)?;
    write(ctx, new).await
}

/// Keeps a picture for rich menus. Who may write menus may do so.
///
/// # Errors
/// As [`put`].
pub async fn put_for_menus(ctx: &Context, new: &NewPicture) -> Result<Kept> {
    ctx.allow(Permission::MenuWrite)?;
    write(ctx, new).await
}

async fn write(ctx: &Context, new: &NewPicture) -> Result<Kept> {
    if new.original.len().max(new.preview.len()) > SIZE_MAX {
        return Err(crate::Error::invalid("image", "この画像は大きすぎます"));
    }
    let id = BlobId::from_random(ctx.random());
    for (form, bytes) in [(Form::Original, &new.original), (Form::Preview, &new.preview)] {
        objects::put(ctx, &form.object(&id), bytes).await?;
    }
    let (department, staff, token) = match &ctx.actor {
        Actor::Staff { id, department, .. } => (Some(*department), Some(id.0), None),
        Actor::Token { id, .. } => (None, None, Some(id.0)),
        _ => (None, None, None),
    };
    let tx = ctx.store.begin().await?;
    let sql = "INSERT INTO blob (token, kind, media_type, size, preview_size, width, height, sha256, key_id, department_id, created_by, token_id, created_at, used_at)
        VALUES ($1, 'picture', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) RETURNING id AS n";
    let values = values![
        id.as_str(),
        new.media_type,
        new.original.len() as i64,
        new.preview.len() as i64,
        i64::from(new.width),
        i64::from(new.height),
        Sha256::digest(&new.original).to_vec(),
        i64::from(ctx.store.keys().current()),
        department.map(|d: DepartmentId| d.0),
        staff,
        token,
        ctx.now().0
    ];
    // The ledger names the row: it is exported, and must not tell where pictures are fetched.
    let row = number(&tx, sql, values).await?;
    ledger::append(ctx, &tx, Line::ok("blob.create", format!("blob:{row}"))).await?;
    let kept = Kept { id, width: new.width, height: new.height };
    let answer = serde_json::to_string(&kept).map_err(|_| crate::Error::Inconsistent("blob"))?;
    idempotency::answer_in(ctx, &tx, 201, &answer).await?;
    tx.commit().await?;
    Ok(kept)
}

/// The media type of a picture, if it is kept. Whoever knows its name may ask.
///
/// # Errors
/// If the database is away.
pub async fn picture(ctx: &Context, id: &BlobId) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        media_type: String,
    }
    let sql = "SELECT media_type FROM blob WHERE token = $1 AND kind = 'picture'";
    let row: Option<Row> = one(ctx.store.read(), sql, values![id.as_str()]).await?;
    Ok(row.map(|r| r.media_type))
}

/// The bytes of a blob that is kept.
///
/// # Errors
/// `Undecryptable` if they were changed or belong to another blob; if the blob store is away.
pub async fn read(ctx: &Context, id: &BlobId, form: Form) -> Result<Vec<u8>> {
    objects::get(ctx, &form.object(id)).await
}

/// What is wrong with the pictures and videos of these parts: those that are not kept (any
/// more), and those that are cut for another height than theirs.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn missing(ctx: &Context, parts: &[Part]) -> Result<Vec<Problem>> {
    ctx.allow(Permission::DeliveryRead)?;
    let mut problems = Vec::new();
    for (at, id) in pictures(parts) {
        if picture(ctx, id).await?.is_none() {
            problems.push(Problem::new(at, NO_PICTURE));
        }
    }
    for (at, id) in videos(parts) {
        if video(ctx, id).await?.is_none() {
            problems.push(Problem::new(at, NO_VIDEO));
        }
    }
    problems.extend(heights(ctx.store.read(), parts).await?);
    Ok(problems)
}

/// What is wrong with the heights of pictures with areas: what lies outside the picture could
/// not be tapped.
async fn heights<C: ConnectionTrait>(db: &C, parts: &[Part]) -> Result<Vec<Problem>> {
    #[derive(FromQueryResult)]
    struct Row {
        width: i64,
        height: i64,
    }
    let mut problems = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        let Part::Rich { rich } = part else { continue };
        let Some(id) = &rich.image else { continue };
        let sql = "SELECT width, height FROM blob WHERE token = $1 AND kind = 'picture'";
        let Some(row) = one::<Row, _>(db, sql, values![id.as_str()]).await? else { continue };
        let pixels = |n: i64| u32::try_from(n).unwrap_or(0);
        let height = Rich::height_of(pixels(row.width), pixels(row.height));
        if rich.height != height {
            problems.push(Problem::new(
                format!("/parts/{i}/rich/height"),
                format!("高さ（height）が画像と合いません。この画像では {height} です"),
            ));
        }
    }
    Ok(problems)
}

/// Notes, in the transaction of a delivery, that its pictures and videos are used; answers what is
/// wrong with them, as [`missing`].
pub(crate) async fn used<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    parts: &[Part],
) -> Result<Vec<Problem>> {
    let mut problems = note(ctx, db, parts, "used_at").await?;
    problems.extend(heights(db, parts).await?);
    Ok(problems)
}

/// Notes, in the transaction that freezes a delivery, that its pictures and videos are sent.
pub(crate) async fn sent<C: ConnectionTrait>(ctx: &Context, db: &C, parts: &[Part]) -> Result<()> {
    note(ctx, db, parts, "sent_at").await?;
    Ok(())
}

async fn note<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    parts: &[Part],
    column: &str,
) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let mut all: Vec<_> = pictures(parts).into_iter().map(|(at, id)| (id, at, false)).collect();
    all.extend(videos(parts).into_iter().map(|(at, id)| (id, at, true)));
    // Always in one order, so that two deliveries never wait for one another's rows.
    all.sort();
    let sql = format!("UPDATE blob SET {column} = $1 WHERE token = $2 AND kind = 'picture'");
    for (id, at, is_video) in all {
        if is_video {
            if !video::note(ctx, db, column, id).await? {
                problems.push(Problem::new(at, NO_VIDEO));
            }
        } else if exec(db, &sql, values![ctx.now().0, id.as_str()]).await? == 0 {
            problems.push(Problem::new(at, NO_PICTURE));
        }
    }
    Ok(problems)
}

/// Notes, in the caller's transaction, that pictures are used.
pub(crate) async fn used_ids<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    ids: &[&BlobId],
) -> Result<()> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids.dedup();
    for id in ids {
        let sql = "UPDATE blob SET used_at = $1 WHERE token = $2 AND kind = 'picture'";
        exec(db, sql, values![ctx.now().0, id.as_str()]).await?;
    }
    Ok(())
}

fn pictures(parts: &[Part]) -> Vec<(String, &BlobId)> {
    let mut all = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        all.extend(part.pictures().into_iter().map(|(at, id)| (format!("/parts/{i}{at}"), id)));
    }
    all
}

fn videos(parts: &[Part]) -> Vec<(String, &BlobId)> {
    let each = parts.iter().enumerate();
    each.filter_map(|(i, part)| Some((format!("/parts/{i}/video"), part.video()?))).collect()
}

/// Most objects re-encrypted at once, where a single video has not more.
const ROTATED: u64 = 50;

/// Re-encrypts up to 50 pictures, or a video of as many pieces, that were sealed with an older key; answers how many. An
/// object that cannot be opened is logged and left: it does not keep the others waiting.
///
/// # Errors
/// If the database is away.
pub async fn rotate(ctx: &Context) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        token: String,
        small: bool,
    }
    let current = i64::from(ctx.store.keys().current());
    let (mut after, mut count, mut objects) = (0, 0, 0);
    'all: while objects < ROTATED {
        let sql = "SELECT id, token, (kind <> 'answer' OR preview_size IS NOT NULL) AS small FROM blob WHERE key_id <> $1 AND id > $2 ORDER BY id LIMIT 20";
        let found: Vec<Row> = rows(ctx.store.read(), sql, values![current, after]).await?;
        let Some(last) = found.last() else { break };
        after = last.id;
        for Row { id, token, small } in &found {
            match reseal(ctx, token, *small).await {
                Ok(sealed) => {
                    let tx = ctx.store.begin().await?;
                    let sql = "UPDATE blob SET key_id = $1 WHERE id = $2";
                    exec(&tx, sql, values![current, *id]).await?;
                    tx.commit().await?;
                    (count, objects) = (count + 1, objects + sealed);
                    if objects >= ROTATED {
                        break 'all;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, blob = id, "a blob cannot be re-encrypted");
                }
            }
        }
    }
    Ok(count)
}

/// Answers how much work it was: a picture counts as one. A file of an answer has no small form.
async fn reseal(ctx: &Context, token: &str, small: bool) -> Result<u64> {
    let id: BlobId = token.parse().map_err(|_| crate::Error::Inconsistent("blob.token"))?;
    if let Some(kept) = video(ctx, &id).await? {
        return video::reseal(ctx, &kept).await;
    }
    for form in Form::ALL.into_iter().filter(|f| small || *f == Form::Original) {
        let name = form.object(&id);
        objects::reseal(ctx, &name, &name).await?;
    }
    Ok(1)
}

/// How many blobs there are, and how many are still sealed with an older key.
///
/// # Errors
/// If the database is away.
pub async fn count(ctx: &Context) -> Result<(i64, i64)> {
    let db = ctx.store.read();
    let all = number(db, "SELECT COUNT(*) AS n FROM blob", vec![]).await?;
    let current = i64::from(ctx.store.keys().current());
    let sql = "SELECT COUNT(*) AS n FROM blob WHERE key_id <> $1";
    Ok((all, number(db, sql, values![current]).await?))
}

/// Writes a small object to the blob store, reads it and deletes it.
///
/// # Errors
/// If the blob store does not do one of the three.
pub async fn check(ctx: &Context) -> Result<()> {
    let name = format!("check/{}", BlobId::from_random(ctx.random()));
    objects::put(ctx, &name, b"check").await?;
    let read = objects::get(ctx, &name).await?;
    objects::delete(ctx, &name).await?;
    if read == b"check" { Ok(()) } else { Err(crate::Error::Undecryptable("blob")) }
}
