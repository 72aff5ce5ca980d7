//! `/residents` (RES-5, take-over of an account).

use super::{Caller, Problem, idempotent};
use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::permission::Permission;
use futures::StreamExt;
use services::resident::Import;
use utoipa::ToSchema;

/// One line of an import.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Line {
    #[schema(pattern = "^U[0-9a-f]{32}$")]
    line_user_id: String,
    /// Attribute key → choice key, list of choice keys, a year (`1985`), a date (`"2026-05-01"`),
    /// a text, or null (clears), as the attribute's kind asks. What is not given stays.
    attributes: Option<std::collections::BTreeMap<String, serde_json::Value>>,
}

/// A line that was not taken.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct RowError {
    /// From 1.
    line: u64,
    /// Why, in Japanese.
    reason: String,
}

/// What an import did.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Report {
    created: u64,
    updated: u64,
    errors: Vec<RowError>,
    /// Bad lines beyond the first 10,000.
    more_errors: Option<u64>,
}

/// Import residents as NDJSON, streamed, any size. Good lines are taken, bad ones returned.
#[utoipa::path(post, path = "/residents/import", request_body(content = Line, content_type = "application/x-ndjson"),
    params(("Idempotency-Key" = Option<String>, Header, description = "Carried out once; again, the same answer")),
    responses((status = 200, body = Report), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn import(
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(error) = caller.ctx.allow(Permission::ResidentImport) {
        return Problem::from(error).into_response();
    }
    if !is_ndjson(&headers) {
        return Problem::unsupported("Content-Type を application/x-ndjson にしてください")
            .into_response();
    }
    let path = b"POST /residents/import";
    idempotent::once_streamed(&caller, &headers, path, body, async |ctx, mut stream| {
        let mut import = Import::begin(&ctx).await?;
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|_| Problem::malformed("本文が途中で切れました。それまでの行は取りこんであります。はじめから送り直しても、同じ結果になります"))?;
            import.feed(&piece).await?;
        }
        let report = import.end().await?;
        let value = serde_json::to_value(report).map_err(|_| services::Error::Inconsistent("report"))?;
        Ok((StatusCode::OK, value))
    })
    .await
}

/// NDJSON under the names that are in use, or none at all.
fn is_ndjson(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return true };
    let kind = kind.to_str().unwrap_or("?").split(';').next().unwrap_or_default().trim();
    ["", "application/x-ndjson", "application/ndjson", "application/json"]
        .iter()
        .any(|known| kind.eq_ignore_ascii_case(known))
}
