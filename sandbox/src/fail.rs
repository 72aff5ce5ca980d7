//! LINE's error answers.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use line::Detail;
use serde_json::{Value, json};

/// Header with the id of an attempt.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-line-request-id");
/// Header with the id of the attempt that was accepted before.
pub const ACCEPTED_REQUEST_ID: HeaderName = HeaderName::from_static("x-line-accepted-request-id");
/// Header with the retry key.
pub const RETRY_KEY: HeaderName = HeaderName::from_static("x-line-retry-key");

/// An error answer of the Messaging API.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    body: Value,
    accepted: Option<HeaderValue>,
}

impl Refusal {
    /// An error with LINE's message.
    #[must_use]
    pub fn new(status: StatusCode, message: &str) -> Self {
        Refusal { status, body: json!({ "message": message }), accepted: None }
    }

    /// 400 with LINE's message.
    #[must_use]
    pub fn bad(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// An error with LINE's message and an empty list of details, as rich menus have it.
    #[must_use]
    pub fn bare(status: StatusCode, message: &str) -> Self {
        let mut refusal = Self::new(status, message);
        refusal.body["details"] = json!([]);
        refusal
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Refusal { status, ..self }
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found")
    }

    /// 405.
    #[must_use]
    pub fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
    }

    /// 400 for one or more properties.
    #[must_use]
    pub fn details(details: &[Detail]) -> Self {
        let mut refusal = Self::bad(&format!("The request body has {} error(s)", details.len()));
        refusal.body["details"] = details
            .iter()
            .map(|detail| json!({"message": detail.message, "property": detail.property}))
            .collect();
        refusal
    }

    /// 409: the retry key stands for a call that was accepted before.
    #[must_use]
    pub fn accepted_before(request_id: &str, sent: Option<Value>) -> Self {
        let mut refusal = Self::new(StatusCode::CONFLICT, "The retry key is already accepted");
        if let Some(sent) = sent {
            refusal.body["sentMessages"] = sent;
        }
        refusal.accepted = HeaderValue::from_str(request_id).ok();
        refusal
    }

    /// 429 of the rate limits.
    #[must_use]
    pub fn too_fast() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "The API rate limit has been exceeded. Try again later.",
        )
    }

    /// 500.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "the journal cannot be written");
        Self::internal()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(accepted) = self.accepted {
            response.headers_mut().insert(ACCEPTED_REQUEST_ID, accepted);
        }
        response
    }
}

/// An error answer of the OAuth endpoints.
#[derive(Debug)]
pub struct OauthError(pub StatusCode, pub &'static str, pub String);

impl OauthError {
    /// 400 `invalid_request`.
    #[must_use]
    pub fn invalid(description: &str) -> Self {
        OauthError(StatusCode::BAD_REQUEST, "invalid_request", description.to_owned())
    }
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        let OauthError(status, error, description) = self;
        (status, Json(json!({"error": error, "error_description": description}))).into_response()
    }
}
