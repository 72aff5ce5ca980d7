//! `/forms` (FORM-12): what residents answered, for the municipality's other systems.

use super::paging::{self, Paging};
use super::{Caller, Problem};
use axum::Extension;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::id::{AnswerId, FormId};
use serde_json::Value;
use utoipa::ToSchema;

/// A form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct FormOf {
    id: String,
    /// What staff call it.
    name: String,
    /// What residents read.
    title: String,
    department: String,
    #[schema(pattern = "^(draft|published|closed|archived)$")]
    state: String,
    /// The version that residents get.
    version: Option<u64>,
    /// Answers that are not withdrawn.
    received: i64,
}

/// A page of forms, by id.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct FormPage {
    items: Vec<FormOf>,
    /// Hand it back as `cursor`; null on the last page.
    next: Option<String>,
}

/// An answer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct AnswerOf {
    id: String,
    /// Receipt number.
    receipt: String,
    /// Key of its status; empty if the form has none.
    status: String,
    sent_at: String,
    changed_at: String,
    /// The version of the definition under which it was given.
    version: u64,
    /// By the question's key: `{kind, value}`, as in `docs/form-pack.md`; what was not seen is
    /// not there.
    #[schema(value_type = Object)]
    answers: Value,
    /// What staff filled in, by name.
    #[schema(value_type = Object)]
    staff: Value,
}

/// A page of answers that are not withdrawn, the oldest first.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct AnswerPage {
    items: Vec<AnswerOf>,
    /// Hand it back as `cursor`; null on the last page.
    next: Option<String>,
}

/// List forms.
#[utoipa::path(get, path = "/forms", params(Paging), responses((status = 200, body = FormPage), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn list(Extension(caller): Extension<Caller>, paging: Paging) -> Response {
    let after = paging.cursor.as_deref().map(str::parse::<FormId>).transpose();
    let Ok(after) = after else { return paging::unknown_cursor().into_response() };
    match services::form::page_for_systems(&caller.ctx, after, paging.limit()).await {
        Ok(page) => super::problem::json(StatusCode::OK, &page),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// List the answers to a form. That they were read stands in the ledger.
#[utoipa::path(get, path = "/forms/{id}/answers", params(("id" = String, Path), Paging), responses((status = 200, body = AnswerPage), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn answers(
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    paging: Paging,
) -> Response {
    let id = path.ok().and_then(|Path(text)| text.parse::<FormId>().ok());
    let Some(id) = id else { return Problem::not_found().into_response() };
    let after = paging.cursor.as_deref().map(str::parse::<AnswerId>).transpose();
    let Ok(after) = after else { return paging::unknown_cursor().into_response() };
    match services::answer::page_for_systems(&caller.ctx, id, after, paging.limit()).await {
        Ok(page) => super::problem::json(StatusCode::OK, &page),
        Err(error) => Problem::from(error).into_response(),
    }
}
