//! Answers to forms (回答・申請): received from residents, worked on by staff (FORM-4, 5, 11).

use crate::{Context, Result};
use domain::audience::{Among, Audience};
use domain::delivery::Draft;
use domain::form::inbox::FileOf;
use domain::id::{AnswerId, DeliveryId, FormId};
use domain::message::Part;
use serde_json::{Value, json};

pub mod export;
pub mod job;
pub mod look;
mod receive;
mod scan;
mod upload;

pub use receive::{correct, door, enough, receive};
pub use scan::{Scan, scan, try_scanner};
pub use store::answer::{
    Holder, Kept, Notes, Receipt, admit_upload, count, draft, drafts, drop_draft, drop_export,
    drop_file, drop_view, events, exports, file, files, get, given, given_file, list, mark, mine,
    note_export, one_of_mine, own_count, rename_view, save_draft, save_view, set_staff, set_status,
    staff_file, start_export, unread, unread_forms, uploads, views, withdraw,
};
pub use upload::{Arrived, SIZE_MAX, upload};

/// A page of answers for other systems, and where the next one begins (FORM-12); `base` is where
/// they reach us.
///
/// # Errors
/// `NotFound`, `Forbidden`; if the database is away.
pub async fn page_for_systems(
    ctx: &Context,
    base: &str,
    form: FormId,
    after: Option<AnswerId>,
    limit: i64,
) -> Result<Value> {
    let mut found = given(ctx, form, after, limit + 1).await?;
    let more = i64::try_from(found.len()).unwrap_or(0) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    note_export(ctx, form, i64::try_from(found.len()).unwrap_or(0)).await?;
    let next = found.last().filter(|_| more).map(|a| a.id.to_string());
    let files = export::came_with(ctx, form, &found).await?;
    let here = format!("{base}/api/v1/forms/{form}/answers");
    let degrees = |millionths: i32| f64::from(millionths) / 1e6;
    let file = |answer: AnswerId, file: &FileOf| {
        json!({
            "question": file.question, "id": file.id, "name": file.name,
            "media_type": file.media_type, "size": file.size,
            "place": file.position.as_ref().map(|p| {
                json!({"latitude": degrees(p.latitude), "longitude": degrees(p.longitude)})
            }),
            "address": format!("{here}/{answer}/files/{}", file.id.as_str()),
        })
    };
    let items: Vec<Value> = found
        .into_iter()
        .map(|a| {
            let files: Vec<Value> =
                files.get(&a.id).into_iter().flatten().map(|f| file(a.id, f)).collect();
            json!({
                "id": a.id.to_string(), "receipt": a.receipt, "status": a.status,
                "sent_at": a.at.rfc3339(), "changed_at": a.changed_at.rfc3339(),
                "version": a.submission.version, "answers": a.submission.answers, "staff": a.staff,
                "files": files,
            })
        })
        .collect();
    Ok(json!({"items": items, "next": next}))
}

/// Begins a draft of a delivery to whoever answered a form (SEG-2).
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` if the form was never published.
pub async fn deliver(ctx: &Context, form: FormId) -> Result<DeliveryId> {
    let audience = Audience::Among { what: Among::Answered, id: Some(form.0) };
    audience.resolve(&crate::audience::catalog(ctx, audience.among()).await?, "/audience")?;
    let draft = Draft {
        parts: vec![Part::Text { text: String::new() }],
        audience: Some(audience),
        ..Draft::default()
    };
    store::delivery::draft(ctx, draft).await
}
