//! Errors as RFC 9457 problem documents.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use services::Error;
use utoipa::ToSchema;

/// One thing to mend.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Pointer {
    /// JSON pointer into the request's body.
    pub pointer: String,
    /// What is wrong and what to do, in Japanese.
    pub detail: String,
}

/// A problem document (`application/problem+json`).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the status says the kind.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What happened, in Japanese.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Why, and what to do.
    pub detail: String,
    /// JSON pointer of the first thing to mend (422).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Everything to mend (422).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Pointer>,
}

impl Problem {
    fn new(status: StatusCode, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: title.into(),
            status: status.as_u16(),
            detail: detail.into(),
            pointer: None,
            errors: Vec::new(),
        }
    }

    /// 401.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "トークンがないか、使えません",
            "Authorization: Bearer に、有効なトークンをつけてください",
        )
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "見つかりません", "番号か、アドレスを確かめてください")
    }

    /// 403: not from the city's networks.
    pub fn outside() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "ここからは使えません",
            "庁内のネットワークからだけ使えます。つなぎ先を確かめてください",
        )
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "この操作はできません",
            "メソッドを確かめてください",
        )
    }

    /// 400.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "読めない内容です", detail)
    }

    /// 409.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "いまの状態と合いません", detail)
    }

    /// 413.
    pub fn too_large(detail: &str) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "大きすぎます", detail)
    }

    /// 415.
    pub fn unsupported(detail: &str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "この形式は受け取れません", detail)
    }

    /// 422 for what does not stand in the body, so that nothing can be pointed at.
    pub fn unprocessable(detail: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "直すところがあります", detail)
    }

    /// 422 with one pointer.
    pub fn refused(pointer: &str, detail: &str) -> Self {
        Error::invalid(pointer, detail).into()
    }

    /// The body as text.
    pub fn body(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::Forbidden(f) => Self::new(
                StatusCode::FORBIDDEN,
                "このトークンでは、できません",
                format!("権限「{}」が要ります", f.0.name()),
            ),
            Error::Conflict(message) => Self::conflict(message),
            Error::Invalid(problems) => {
                let errors: Vec<Pointer> = problems
                    .into_iter()
                    .map(|p| Pointer { pointer: p.at, detail: p.message })
                    .collect();
                let first = errors.first().cloned();
                let detail = first.as_ref().map(|p| p.detail.clone()).unwrap_or_default();
                Self {
                    pointer: first.map(|p| p.pointer),
                    errors,
                    ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "直すところがあります", detail)
                }
            }
            other => {
                tracing::error!(error = %other, source = ?std::error::Error::source(&other).map(ToString::to_string), "a REST request failed");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "いま、受け付けられません",
                    "しばらくしてから、もう一度送ってください",
                )
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], self.body())
                .into_response();
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A JSON body that was answered before or now.
pub fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, Json(body)).into_response()
}
