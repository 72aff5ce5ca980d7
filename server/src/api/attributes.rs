//! `/attributes` (RES-1).

use super::paging::{self, Paging};
use super::{Caller, Problem, idempotent};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use utoipa::ToSchema;

/// How an attribute is answered.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes the wire only")]
pub enum Kind {
    Single,
    Multiple,
    Area,
    /// A year of birth.
    Year,
    /// A civil date, 1900–2199.
    Date,
    /// One line of text, 1–200 characters.
    Text,
}

/// A choice.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct NewChoice {
    #[schema(pattern = "^[a-z][a-z0-9_]*$", max_length = 64)]
    key: String,
    #[schema(min_length = 1, max_length = 100)]
    label: String,
    /// Key of the surrounding area (kind `area` only).
    parent: Option<String>,
    #[schema(default = false)]
    hidden: Option<bool>,
}

/// An attribute that residents register.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct NewAttribute {
    #[schema(pattern = "^[a-z][a-z0-9_]*$", max_length = 64)]
    key: String,
    #[schema(min_length = 1, max_length = 100)]
    label: String,
    kind: Kind,
    /// At least one for `single`, `multiple` and `area`; left out for the other kinds.
    choices: Option<Vec<NewChoice>>,
    hint: Option<String>,
    #[schema(default = false)]
    required: Option<bool>,
    /// Asked on LIFF only, never in the talk.
    #[schema(default = false)]
    personal: Option<bool>,
    #[schema(default = false)]
    hidden: Option<bool>,
}

/// A page of attributes, in the order of the form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct AttributePage {
    items: Vec<NewAttribute>,
    /// Hand it back as `cursor`; null on the last page.
    next: Option<String>,
}

/// The new attribute.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct CreatedAttribute {
    id: String,
    key: String,
}

/// List attributes.
#[utoipa::path(get, path = "/attributes", params(Paging), responses((status = 200, body = AttributePage), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn list(Extension(caller): Extension<Caller>, paging: Paging) -> Response {
    let after = paging.cursor.as_deref();
    match services::attribute::page_for_systems(&caller.ctx, after, paging.limit()).await {
        Ok(Some(page)) => super::problem::json(StatusCode::OK, &page),
        Ok(None) => paging::unknown_cursor().into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// Create an attribute.
#[utoipa::path(post, path = "/attributes", request_body = NewAttribute,
    params(("Idempotency-Key" = Option<String>, Header, description = "Carried out once; again, the same answer")),
    responses((status = 201, body = CreatedAttribute), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem, description = "The key exists"), (status = 422, body = Problem)))]
pub async fn create(
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (body, value) = match idempotent::read(body) {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    idempotent::once(&caller, &headers, &[b"POST /attributes", &body], async |ctx| {
        let id = services::attribute::create_from_json(&ctx, &value).await?;
        Ok((StatusCode::CREATED, json!({"id": id.to_string(), "key": value["key"]})))
    })
    .await
}
