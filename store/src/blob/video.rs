//! Videos: sealed in pieces, so that any part of one can be read without the rest of it.
//!
//! A piece is an object of its own, bound to the video, its number, and whether it is the last:
//! pieces cannot be exchanged, put in another order, left out or cut off.

use super::objects;
use crate::db::{exec, number, one};
use crate::idempotency;
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::id::BlobId;
use domain::permission::{Actor, Permission};
use domain::video::MEDIA_TYPE;
use sea_orm::FromQueryResult;
use serde::Serialize;

/// Bytes of a piece; the last may be shorter.
pub const PIECE: usize = 1024 * 1024;

/// What is known of a video that was written.
#[derive(Clone, Debug)]
pub struct NewVideo {
    /// Bytes altogether.
    pub size: u64,
    /// In pixels, as it is shown.
    pub width: u32,
    /// In pixels, as it is shown.
    pub height: u32,
    /// How long it plays.
    pub milliseconds: u64,
    /// SHA-256 of what was sent.
    pub sha256: Vec<u8>,
}

/// A video that is kept, as whoever sent it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptVideo {
    /// By which a part names it.
    pub id: BlobId,
    /// In pixels, as it is shown.
    pub width: u32,
    /// In pixels, as it is shown.
    pub height: u32,
    /// How long it plays.
    pub milliseconds: u64,
}

/// A video that is kept, as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// Its name.
    pub id: BlobId,
    /// Bytes altogether.
    pub size: u64,
    /// Bytes of a piece.
    pub piece: u64,
}

impl Video {
    /// How many pieces there are.
    pub fn pieces(&self) -> u64 {
        self.size.div_ceil(self.piece.max(1))
    }
}

/// The object of a piece.
fn object(id: &BlobId, number: u64) -> String {
    format!("{id}/video/{number:05}")
}

/// What it is bound to.
fn bound(id: &BlobId, number: u64, last: bool) -> String {
    format!("{}/{}", object(id, number), if last { "last" } else { "more" })
}

/// A video that is being written, piece by piece. Dropped before its end, it takes away what it
/// has written; a crash leaves that to the sweep.
pub struct Writer {
    ctx: Context,
    id: BlobId,
    written: u64,
    last: bool,
    kept: bool,
}

/// Begins to write a video. Who may write deliveries may do so.
///
/// # Errors
/// `Forbidden`.
pub async fn write_video(ctx: &Context) -> Result<Writer> {
    ctx.allow(Permission::DeliveryWrite)?;
    let id = BlobId::from_random(ctx.random());
    Ok(Writer { ctx: ctx.clone(), id, written: 0, last: false, kept: false })
}

impl Writer {
    /// Writes the next piece: [`PIECE`] bytes, or the last one of at least one.
    ///
    /// # Errors
    /// `Inconsistent` for a piece of another size, or behind the last; if the blob store is away.
    pub async fn push(&mut self, bytes: &[u8], last: bool) -> Result<()> {
        let fits = if last { (1..=PIECE).contains(&bytes.len()) } else { bytes.len() == PIECE };
        if self.last || !fits {
            return Err(Error::Inconsistent("a piece of a video"));
        }
        self.put(self.written, last, bytes).await?;
        self.written += 1;
        self.last = last;
        Ok(())
    }

    async fn put(&self, number: u64, last: bool, bytes: &[u8]) -> Result<()> {
        let (name, bound) = (object(&self.id, number), bound(&self.id, number, last));
        objects::put_as(&self.ctx, &name, &bound, bytes).await
    }

    /// Changes a piece that was written; the number of its bytes stays.
    ///
    /// # Errors
    /// If the blob store is away.
    pub async fn change(&self, number: u64, change: impl FnOnce(&mut [u8])) -> Result<()> {
        let last = self.last && number + 1 == self.written;
        let (name, bound) = (object(&self.id, number), bound(&self.id, number, last));
        let mut bytes = objects::get_as(&self.ctx, &name, &bound).await?;
        change(&mut bytes);
        self.put(number, last, &bytes).await
    }

    /// The video is whole: from now on it can be found.
    ///
    /// # Errors
    /// `Inconsistent` if its last piece was not written; if the database is away.
    pub async fn finish(mut self, new: &NewVideo) -> Result<KeptVideo> {
        if !self.last || new.size.div_ceil(PIECE as u64) != self.written {
            return Err(Error::Inconsistent("a video without its end"));
        }
        let ctx = &self.ctx;
        let (department, staff, token) = match &ctx.actor {
            Actor::Staff { id, department, .. } => (Some(department.0), Some(id.0), None),
            Actor::Token { id, .. } => (None, None, Some(id.0)),
            _ => (None, None, None),
        };
        let tx = ctx.store.begin().await?;
        let sql = "INSERT INTO blob (token, kind, media_type, size, piece_size, width, height, milliseconds, sha256, key_id, department_id, created_by, token_id, created_at, used_at)
            VALUES ($1, 'video', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) RETURNING id AS n";
        let values = values![
            self.id.as_str(),
            MEDIA_TYPE,
            new.size as i64,
            PIECE as i64,
            i64::from(new.width),
            i64::from(new.height),
            new.milliseconds as i64,
            new.sha256.clone(),
            i64::from(ctx.store.keys().current()),
            department,
            staff,
            token,
            ctx.now().0
        ];
        let row = number(&tx, sql, values).await?;
        ledger::append(ctx, &tx, Line::ok("blob.create", format!("blob:{row}"))).await?;
        let kept = KeptVideo {
            id: self.id.clone(),
            width: new.width,
            height: new.height,
            milliseconds: new.milliseconds,
        };
        let answer = serde_json::to_string(&kept).map_err(|_| Error::Inconsistent("blob"))?;
        idempotency::answer_in(ctx, &tx, 201, &answer).await?;
        tx.commit().await?;
        self.kept = true;
        Ok(kept)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.kept || self.written == 0 {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (ctx, id) = (self.ctx.clone(), self.id.clone());
        runtime.spawn(async move {
            // It may be that the row was written and only the answer was lost.
            let left = match video(&ctx, &id).await {
                Ok(None) => objects::delete_all(&ctx, id.as_str()).await,
                Ok(Some(_)) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = left {
                tracing::warn!(%error, "pieces of a video that was broken off are left to the sweep");
            }
        });
    }
}

/// A video, if it is kept. Whoever knows its name may ask.
///
/// # Errors
/// If the database is away.
pub async fn video(ctx: &Context, id: &BlobId) -> Result<Option<Video>> {
    #[derive(FromQueryResult)]
    struct Row {
        size: i64,
        piece_size: i64,
    }
    let sql = "SELECT size, piece_size FROM blob WHERE token = $1 AND kind = 'video' AND piece_size IS NOT NULL";
    let row: Option<Row> = one(ctx.store.read(), sql, values![id.as_str()]).await?;
    Ok(row.map(|r| Video {
        id: id.clone(),
        size: u64::try_from(r.size).unwrap_or(0),
        piece: u64::try_from(r.piece_size).unwrap_or(0).max(1),
    }))
}

/// The bytes of one piece of a video, numbered from 0.
///
/// # Errors
/// `Undecryptable` if it was changed or belongs elsewhere; if the blob store is away.
pub async fn piece(ctx: &Context, video: &Video, number: u64) -> Result<Vec<u8>> {
    let last = number + 1 == video.pieces();
    let name = object(&video.id, number);
    let bytes = objects::get_as(ctx, &name, &bound(&video.id, number, last)).await?;
    let long = if last { video.size - number * video.piece } else { video.piece };
    if bytes.len() as u64 == long { Ok(bytes) } else { Err(Error::Undecryptable("blob")) }
}

/// Seals a video's pieces with the current key, those that are not yet; answers how many there are.
pub(super) async fn reseal(ctx: &Context, video: &Video) -> Result<u64> {
    for number in 0..video.pieces() {
        let last = number + 1 == video.pieces();
        let (name, bound) = (object(&video.id, number), bound(&video.id, number, last));
        objects::reseal(ctx, &name, &bound).await?;
    }
    Ok(video.pieces())
}

/// Notes that a video is used or sent, in that column; answers whether it is kept.
pub(super) async fn note<C: sea_orm::ConnectionTrait>(
    ctx: &Context,
    db: &C,
    column: &str,
    id: &BlobId,
) -> Result<bool> {
    let sql = format!("UPDATE blob SET {column} = $1 WHERE token = $2 AND kind = 'video'");
    Ok(exec(db, &sql, values![ctx.now().0, id.as_str()]).await? > 0)
}
