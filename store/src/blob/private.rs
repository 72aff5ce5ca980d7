//! Blobs of answers: they are served by no public path, and kept as long as a row of
//! `answer_file` or `answer_export_piece` names them.

use super::{Form, objects};
use crate::db::exec;
use crate::{Context, Result, values};
use domain::id::BlobId;
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};

/// Writes the objects; the row follows.
pub(crate) async fn write_private(
    ctx: &Context,
    id: &BlobId,
    original: &[u8],
    preview: Option<&[u8]>,
) -> Result<()> {
    objects::put(ctx, &Form::Original.object(id), original).await?;
    if let Some(preview) = preview {
        objects::put(ctx, &Form::Preview.object(id), preview).await?;
    }
    Ok(())
}

/// Writes the row, in the caller's transaction.
pub(crate) async fn row_private<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: &BlobId,
    media_type: &str,
    original: &[u8],
    preview: Option<&[u8]>,
) -> Result<()> {
    let sql = "INSERT INTO blob (token, kind, media_type, size, preview_size, sha256, key_id, created_at, used_at)
        VALUES ($1, 'answer', $2, $3, $4, $5, $6, $7, $7)";
    let values = values![
        id.as_str(),
        media_type,
        original.len() as i64,
        preview.map(|p| p.len() as i64),
        Sha256::digest(original).to_vec(),
        i64::from(ctx.store.keys().current()),
        ctx.now().0
    ];
    exec(db, sql, values).await?;
    Ok(())
}
