//! `/audiences` (SEG-1).

use super::{Caller, Problem, idempotent};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::permission::Permission;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Who: exactly one of `everyone`, `all`, `any`, `not`, or `attribute` with `is`.
#[derive(ToSchema)]
#[schema(no_recursion)]
#[expect(dead_code, reason = "describes the wire only")]
#[serde(untagged)]
pub enum Audience {
    /// All friends, unregistered included.
    Everyone {
        /// Only `true`.
        everyone: bool,
    },
    /// Who matches every one.
    All {
        #[schema(min_items = 1)]
        all: Vec<Audience>,
    },
    /// Who matches any.
    Any {
        #[schema(min_items = 1)]
        any: Vec<Audience>,
    },
    /// All other known friends.
    Not { not: Box<Audience> },
    /// Who registered any of these choices, or an area below one.
    Attribute {
        attribute: String,
        #[schema(min_items = 1)]
        is: Vec<String>,
    },
}

/// What is counted.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Asked {
    audience: Audience,
}

/// Head count.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Count {
    count: u64,
}

/// Count the friends of an audience.
#[utoipa::path(post, path = "/audiences/count", request_body = Asked,
    responses((status = 200, body = Count), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn count(
    Extension(caller): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let answer = async {
        caller.ctx.allow(Permission::AudienceRead)?;
        let (_, value) = idempotent::read(body)?;
        let object = value
            .as_object()
            .ok_or_else(|| Problem::refused("", "{\"audience\": …} の形にしてください"))?;
        if let Some(other) = object.keys().find(|k| *k != "audience") {
            return Err(Problem::refused(&format!("/{other}"), "知らない項目です"));
        }
        let audience = domain::audience::Audience::parse(
            object.get("audience").unwrap_or(&Value::Null),
            "/audience",
        )
        .map_err(services::Error::from)?;
        Ok(services::audience::count(&caller.ctx, &audience, "/audience").await?.count)
    };
    match answer.await {
        Ok(count) => super::problem::json(StatusCode::OK, &json!({"count": count})),
        Err(problem) => problem.into_response(),
    }
}
