//! `/forms` (FORM-12): what residents answered and what they were asked, for the municipality's
//! other systems.

use super::paging::{self, Paging};
use super::{Caller, Problem};
use axum::Extension;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::id::{AnswerId, BlobId, FormId};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

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
    /// Answers that are there: neither withdrawn nor deleted after their time of keeping.
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

/// What a form asks, in one version.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct DefinitionOf {
    id: String,
    /// What staff call it.
    name: String,
    /// What residents read.
    title: String,
    department: String,
    #[schema(pattern = "^(draft|published|closed|archived)$")]
    state: String,
    /// Of which version it is.
    version: u64,
    /// Answers that are there: neither withdrawn nor deleted after their time of keeping.
    received: i64,
    pages: Vec<DefinedPage>,
    /// What staff fill in on each answer.
    staff: Vec<QuestionOf>,
    /// The states of an answer; the first is that of a new one.
    statuses: Vec<StatusOf>,
}

/// A page of questions.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct DefinedPage {
    title: String,
    questions: Vec<QuestionOf>,
}

/// A question.
#[derive(ToSchema)]
#[schema(no_recursion)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct QuestionOf {
    /// Names its answer, in every version.
    key: String,
    label: String,
    /// As in `docs/form-pack.md`: `one`, `many`, `text`, …
    kind: String,
    required: bool,
    /// Its answer tells something of one person.
    personal: bool,
    /// Of `one`, `many` and `tree`.
    options: Option<Vec<OptionOf>>,
    /// Of `matrix`.
    rows: Option<Vec<OptionOf>>,
    /// Of `matrix`.
    columns: Option<Vec<OptionOf>>,
    /// What is asked of each, of `group`.
    questions: Option<Vec<QuestionOf>>,
}

/// What can be chosen.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct OptionOf {
    key: String,
    label: String,
    /// Key of the surrounding place, in a `tree`.
    parent: Option<String>,
}

/// A state of an answer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct StatusOf {
    key: String,
    label: String,
    /// Nothing more is to do.
    done: bool,
}

/// A photo or file as it is kept, as bytes.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct FileOf(Vec<u8>);

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
    /// The photos and files that came with it, in the order in which they came.
    files: Vec<FileDescription>,
}

/// A photo or file of an answer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct FileDescription {
    /// Key of the question; `children.photo` within a group.
    question: String,
    /// As it stands in `answers`.
    id: String,
    /// As it was called where it came from.
    name: String,
    /// What it is: `image/jpeg`.
    media_type: String,
    /// In bytes.
    size: i64,
    /// Where it was taken, of photos whose question asks for it and that tell it.
    place: Option<PlaceOf>,
    /// Where it is fetched, with the same permission as this page.
    address: String,
}

/// A point, in degrees.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct PlaceOf {
    latitude: f64,
    longitude: f64,
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
    let base = &caller.platform.settings.public_url;
    match services::answer::page_for_systems(&caller.ctx, base, id, after, paging.limit()).await {
        Ok(page) => super::problem::json(StatusCode::OK, &page),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// Which version is asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// As an answer names it; without it, the version in force.
    version: Option<u64>,
}

/// What a form asks: by its keys and options the answers are read. It is not there as long as
/// the form was never published. Permission: `form:read`.
#[utoipa::path(get, path = "/forms/{id}", params(("id" = String, Path), Which), responses((status = 200, body = DefinitionOf), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn definition(
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    which: Result<Query<Which>, QueryRejection>,
) -> Response {
    let id = path.ok().and_then(|Path(text)| text.parse::<FormId>().ok());
    let Some(id) = id else { return Problem::not_found().into_response() };
    let Ok(Query(Which { version })) = which else {
        return Problem::unprocessable("version は、版の番号にしてください").into_response();
    };
    match services::form::one_for_systems(&caller.ctx, id, version).await {
        Ok(form) => super::problem::json(StatusCode::OK, &form),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// A photo or file of an answer, by the id that stands in it. That it was read stands in the
/// ledger. Permission: `answer:read`.
#[utoipa::path(get, path = "/forms/{id}/answers/{answer}/files/{file}", params(("id" = String, Path), ("answer" = String, Path), ("file" = String, Path)), responses((status = 200, body = FileOf, content_type = "*/*"), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn file(
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String, String)>, PathRejection>,
) -> Response {
    let ids = path.ok().and_then(|Path((form, answer, file))| {
        let (form, answer) = (form.parse::<FormId>().ok()?, answer.parse::<AnswerId>().ok()?);
        Some((form, answer, file.parse::<BlobId>().ok()?))
    });
    let Some((form, answer, file)) = ids else { return Problem::not_found().into_response() };
    match services::answer::given_file(&caller.ctx, form, answer, &file).await {
        Ok(file) => liff::form::bytes(file.of, file.bytes, false),
        Err(error) => Problem::from(error).into_response(),
    }
}
