//! Forms (フォーム): written, checked and published by officials (FORM-1).

pub mod poster;
pub mod sheet;

use crate::delivery::approval::short;
use crate::{Context, Error, Platform, Result};
use domain::form::{Ask, Opt, Question};
use domain::id::FormId;
use line::message::Message;
use serde_json::{Value, json};

pub use store::form::{
    archive, awaiting, close, copy, create, delete, get, import, list, public_version, publish,
    published, reopen, restore, returned, save, trial, unarchive, version, versions, withdraw,
};

/// Asks whoever may publish to do so, with a word to them (公開を求める).
///
/// # Errors
/// `Invalid`; as [`store::form::ask`].
pub async fn ask(ctx: &Context, id: FormId, seen: i64, words: &str) -> Result<()> {
    short(words)?;
    store::form::ask(ctx, id, seen, words).await
}

/// Sends a request back to who asked, with the reason.
///
/// # Errors
/// `Invalid`; as [`store::form::send_back`].
pub async fn send_back(ctx: &Context, id: FormId, words: &str) -> Result<()> {
    if words.trim().is_empty() {
        let why = "理由が空です。どこを直してほしいかを、短く書いてください";
        return Err(Error::invalid("words", why));
    }
    short(words)?;
    store::form::send_back(ctx, id, words).await
}

/// Shows what is edited as edition `seen` to the testers: its address comes into their talk
/// (RES-6). Answers how many they are.
///
/// # Errors
/// As [`store::form::try_out`].
pub async fn try_out(platform: &Platform, ctx: &Context, id: FormId, seen: i64) -> Result<i64> {
    let title = get(ctx, id).await?.definition.title;
    let link = platform.settings.liff_link(&format!("/f/{id}/try"));
    let words = format!(
        "【試験】フォーム「{title}」の下書きです。住民と同じ画面で試せます。送っても受け付けられません。\n{link}"
    );
    let messages = serde_json::to_string(&[Message::text(words)])
        .map_err(|_| Error::Inconsistent("messages"))?;
    let told = store::form::try_out(ctx, id, seen, &messages).await?;
    platform.outbox_ready.notify_one();
    Ok(told)
}

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

/// What a form asks, for other systems that read its answers: the version in force, or the one
/// that is named (FORM-12). Nothing of who is told or who answered stands in it.
///
/// # Errors
/// `NotFound` (also if it was never published), `Forbidden`; if the database is away.
pub async fn one_for_systems(ctx: &Context, id: FormId, version: Option<u64>) -> Result<Value> {
    let kept = get(ctx, id).await?;
    let number = version.or(kept.published).ok_or(Error::NotFound)?;
    let form = store::form::version(ctx, id, number).await?.form;
    let pages: Vec<Value> = form
        .pages
        .iter()
        .map(|page| json!({"title": page.title, "questions": questions(&page.questions)}))
        .collect();
    let statuses: Vec<Value> = form
        .statuses
        .iter()
        .map(|s| json!({"key": s.key, "label": s.label, "done": s.done}))
        .collect();
    Ok(json!({
        "id": id.to_string(), "name": kept.name, "title": form.title,
        "department": kept.department_name, "state": kept.state.name(),
        "version": number, "received": kept.received,
        "pages": pages, "staff": questions(&form.staff), "statuses": statuses,
    }))
}

fn questions(all: &[Question]) -> Vec<Value> {
    let options = |all: &[Opt]| -> Vec<Value> {
        all.iter()
            .map(|o| match &o.parent {
                Some(parent) => json!({"key": o.key, "label": o.label, "parent": parent}),
                None => json!({"key": o.key, "label": o.label}),
            })
            .collect()
    };
    let question = |q: &Question| {
        let mut one = json!({
            "key": q.key, "label": q.label, "kind": q.ask.name(),
            "required": q.required, "personal": q.personal,
        });
        match &q.ask {
            Ask::One { options: all } | Ask::Many { options: all } | Ask::Tree { options: all } => {
                one["options"] = json!(options(all));
            }
            Ask::Matrix { rows, columns, .. } => {
                one["rows"] = json!(options(rows));
                one["columns"] = json!(options(columns));
            }
            Ask::Group { questions: inner, .. } => one["questions"] = json!(questions(inner)),
            _ => {}
        }
        one
    };
    all.iter().map(question).collect()
}
