//! Forms (フォーム): written, checked and published by officials (FORM-1).

pub mod sheet;

use crate::{Context, Result};
use domain::id::FormId;
use serde_json::{Value, json};

pub use store::form::{
    archive, close, copy, create, delete, get, list, public_version, publish, published, reopen,
    restore, save, unarchive, version, versions,
};

/// A page of forms for other systems, and where the next one begins (FORM-12).
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn page_for_systems(ctx: &Context, after: Option<FormId>, limit: i64) -> Result<Value> {
    let mut found = store::form::page(ctx, after, limit + 1).await?;
    let more = i64::try_from(found.len()).unwrap_or(0) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let next = found.last().filter(|_| more).map(|f| f.id.to_string());
    let items: Vec<Value> = found
        .into_iter()
        .map(|f| {
            json!({
                "id": f.id.to_string(), "name": f.name, "title": f.title,
                "department": f.department_name, "state": f.state.name(),
                "version": f.published, "received": f.received,
            })
        })
        .collect();
    Ok(json!({"items": items, "next": next}))
}
