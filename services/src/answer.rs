//! Answers to forms (回答・申請): received from residents, worked on by staff (FORM-4, 5, 11).

use crate::{Context, Result};
use domain::id::{AnswerId, FormId};
use serde_json::{Value, json};

pub mod export;
pub mod look;
mod receive;
mod scan;
mod upload;

pub use receive::{correct, door, receive};
pub use scan::{Scan, scan};
pub use store::answer::{
    Holder, Kept, Receipt, count, draft, drafts, drop_draft, drop_file, file, files, get, given,
    list, mark, mine, note_export, one_of_mine, own_count, save_draft, set_staff, set_status,
    staff_file, unread, withdraw,
};
pub use upload::{Arrived, SIZE_MAX, upload};

/// A page of answers for other systems, and where the next one begins (FORM-12).
///
/// # Errors
/// `NotFound`, `Forbidden`; if the database is away.
pub async fn page_for_systems(
    ctx: &Context,
    form: FormId,
    after: Option<AnswerId>,
    limit: i64,
) -> Result<Value> {
    let mut found = given(ctx, form, after, limit + 1).await?;
    let more = i64::try_from(found.len()).unwrap_or(0) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    note_export(ctx, form, i64::try_from(found.len()).unwrap_or(0)).await?;
    let next = found.last().filter(|_| more).map(|a| a.id.to_string());
    let items: Vec<Value> = found
        .into_iter()
        .map(|a| {
            json!({
                "id": a.id.to_string(), "receipt": a.receipt, "status": a.status,
                "sent_at": a.at.rfc3339(), "changed_at": a.changed_at.rfc3339(),
                "version": a.submission.version, "answers": a.submission.answers, "staff": a.staff,
            })
        })
        .collect();
    Ok(json!({"items": items, "next": next}))
}
