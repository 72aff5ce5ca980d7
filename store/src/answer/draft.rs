//! Drafts: what somebody is writing, kept on the server for whoever comes back.

use super::{AT_ONCE, Holder, keys, open, seal};
use crate::db::{doubling, exec, one, rows, tuples};
use crate::{Context, Result, values};
use domain::form::migrate::Draft;
use domain::id::FormId;
use domain::problem::Problem;
use domain::time::{DAY, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A draft is kept for so long after its last word, in microseconds.
pub const DRAFT_KEPT: i64 = 30 * DAY;

/// A draft with where somebody stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What was written, and under which version.
    pub draft: Draft,
    /// On which page, from 0.
    #[serde(default)]
    pub page: usize,
    /// Open items of groups, those in which nothing is written yet among them.
    #[serde(default)]
    pub items: BTreeMap<String, usize>,
    /// That its writer was found on the form's list.
    #[serde(default)]
    pub ticket: String,
    /// What is said of what was sent last.
    #[serde(default)]
    pub notes: Notes,
}

/// What one page of a form says besides its questions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// Which, from 0; one more than the last is what is read back.
    pub page: usize,
    /// What is to mend.
    pub problems: Vec<Problem>,
    /// What somebody should know.
    pub notices: Vec<String>,
}

#[derive(FromQueryResult)]
struct Row {
    token: String,
    body: Vec<u8>,
    updated_at: i64,
}

/// The holder's draft of a form, and when it was last written.
///
/// # Errors
/// If the database is away.
pub async fn draft(
    ctx: &Context,
    holder: &Holder,
    form: FormId,
) -> Result<Option<(Kept, Timestamp)>> {
    let sql = format!(
        "SELECT token, body, updated_at FROM answer_draft WHERE form_id = $1 AND {} AND updated_at > $3",
        holder.is("$2")
    );
    let oldest = ctx.now().0 - DRAFT_KEPT;
    let values = vec![form.0.into(), holder.value(), oldest.into()];
    let row: Option<Row> = one(ctx.store.read(), &sql, values).await?;
    row.map(|r| Ok((open(ctx, "answer_draft.body", &r.token, &r.body)?, Timestamp(r.updated_at))))
        .transpose()
}

/// Keeps what somebody is writing, in the place of what was kept before.
///
/// # Errors
/// If the database is away.
pub async fn save_draft(ctx: &Context, holder: &Holder, form: FormId, kept: &Kept) -> Result<()> {
    let token = ctx.uuid();
    let body = seal(ctx, "answer_draft.body", &token, kept)?;
    let (resident, owner) = holder.columns();
    let column = if resident.is_some() { "resident_id" } else { "owner_hash" };
    let sql = format!(
        "INSERT INTO answer_draft (token, form_id, resident_id, owner_hash, body, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (form_id, {column}) DO UPDATE SET token = excluded.token, body = excluded.body, updated_at = excluded.updated_at"
    );
    let tx = ctx.store.begin().await?;
    exec(&tx, &sql, values![token, form.0, resident, owner, body, ctx.now().0]).await?;
    Ok(tx.commit().await?)
}

/// Forgets a draft.
///
/// # Errors
/// If the database is away.
pub async fn drop_draft(ctx: &Context, holder: &Holder, form: FormId) -> Result<()> {
    let tx = ctx.store.begin().await?;
    forget(&tx, form, &[holder]).await?;
    Ok(tx.commit().await?)
}

/// Forgets holders' drafts of a form.
pub(super) async fn forget<C: ConnectionTrait>(
    db: &C,
    form: FormId,
    holders: &[&Holder],
) -> Result<()> {
    for piece in doubling(holders, AT_ONCE) {
        let sql = format!(
            "DELETE FROM answer_draft WHERE id IN (SELECT d.id FROM (VALUES {}) AS k CROSS JOIN answer_draft d WHERE d.form_id = k.column1 AND (d.resident_id = k.column2 OR d.owner_hash = k.column3))",
            tuples(piece.len(), 3)
        );
        exec(db, &sql, keys(form, piece)).await?;
    }
    Ok(())
}

/// The forms of which the holder has a draft, with their titles, the last written first.
///
/// # Errors
/// If the database is away.
pub async fn drafts(ctx: &Context, holder: &Holder) -> Result<Vec<(FormId, String, Timestamp)>> {
    #[derive(FromQueryResult)]
    struct Row {
        form_id: i64,
        title: String,
        updated_at: i64,
    }
    let sql = format!(
        "SELECT d.form_id, f.title, d.updated_at FROM answer_draft d JOIN form f ON f.id = d.form_id WHERE d.{} AND d.updated_at > $2 AND f.state = 'published' ORDER BY d.updated_at DESC LIMIT 50",
        holder.is("$1")
    );
    let oldest = ctx.now().0 - DRAFT_KEPT;
    let found: Vec<Row> = rows(ctx.store.read(), &sql, vec![holder.value(), oldest.into()]).await?;
    Ok(found.into_iter().map(|r| (FormId(r.form_id), r.title, Timestamp(r.updated_at))).collect())
}
