//! Residents: who is a friend, what they registered, and what they wish to receive (RES-2 to RES-4).

mod bring;
mod export;
mod language;
mod register;
pub(crate) mod value;
mod view;

use crate::crypto::Keyring;
use crate::db::{exec, one};
use crate::{Context, Error, Result, values};
use domain::id::ResidentId;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};

pub use bring::{Imported, Row as ImportRow, follow, import, many_came, sync, unfollow, visit};
pub use export::{ExportRow, export_page};
pub use language::{Due, PROFILE_FRESH, due as profiles_due, keep as keep_languages};
pub use register::{
    Registration, register, registration, session, session_resident, set_attribute,
};
pub(crate) use view::testers_to_tell;
pub use view::{Filter, HistoryLine, Query, Sort, get, history, list, set_tester, testers};

/// The 16 bytes of a LINE user id (`U` and 32 hex digits).
pub type LineUser = [u8; 16];

pub(crate) fn user_hash(keys: &Keyring, user: &LineUser) -> Vec<u8> {
    keys.hash("resident.line_id", user)
}

pub(crate) fn open_line_id(keys: &Keyring, hash: &[u8], sealed: &[u8]) -> Result<LineUser> {
    let plain = keys.open_sealed("resident.line_id", hash, sealed)?;
    plain.try_into().map_err(|_| Error::Inconsistent("resident.line_id"))
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// The resident of a LINE user id.
///
/// # Errors
/// If the database is away.
pub async fn find(ctx: &Context, user: &LineUser) -> Result<Option<ResidentId>> {
    let hash = user_hash(ctx.store.keys(), user);
    let row: Option<Id> =
        one(ctx.store.read(), "SELECT id FROM resident WHERE line_hash = $1", values![hash])
            .await?;
    Ok(row.map(|r| ResidentId(r.id)))
}

/// The LINE user id of a resident; for sending only.
///
/// # Errors
/// `NotFound`; if the database is away.
pub async fn line_user(ctx: &Context, id: ResidentId) -> Result<LineUser> {
    #[derive(FromQueryResult)]
    struct Line {
        line_hash: Vec<u8>,
        line_id: Vec<u8>,
    }
    let row: Option<Line> = one(
        ctx.store.read(),
        "SELECT line_hash, line_id FROM resident WHERE id = $1",
        values![id.0],
    )
    .await?;
    let row = row.ok_or(Error::NotFound)?;
    open_line_id(ctx.store.keys(), &row.line_hash, &row.line_id)
}

/// Adds a line to a resident's history; `detail` is encrypted.
pub(crate) async fn remember<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: ResidentId,
    at: Timestamp,
    kind: &str,
    detail: &str,
) -> Result<()> {
    let sealed = (!detail.is_empty()).then(|| {
        ctx.store.keys().seal(ctx, "history.detail", &history_row(id, at), detail.as_bytes())
    });
    exec(
        db,
        "INSERT INTO history (resident_id, at, kind, detail) VALUES ($1, $2, $3, $4)",
        values![id.0, at.0, kind, sealed],
    )
    .await?;
    Ok(())
}

pub(crate) fn history_row(id: ResidentId, at: Timestamp) -> Vec<u8> {
    format!("{id}@{}", at.0).into_bytes()
}
