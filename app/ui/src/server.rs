//! On the server: errors of the store become words for people, and the context of a request is found.

use crate::AppError;
use leptos::prelude::{expect_context, use_context};

impl From<store::Error> for AppError {
    fn from(error: store::Error) -> Self {
        use store::Error as E;
        match error {
            E::NotFound => Self::NotFound,
            E::Forbidden(_) => Self::Forbidden,
            E::Conflict(message) => Self::Conflict { message },
            E::Invalid(fields) => Self::Invalid { fields },
            E::Database(_)
            | E::Blobs(_)
            | E::Inconsistent(_)
            | E::ForeignKeys
            | E::Undecryptable(_) => {
                let reference = reference();
                tracing::error!(error = %error, source = ?std::error::Error::source(&error).map(ToString::to_string), reference, "a request failed");
                Self::Unavailable { reference }
            }
        }
    }
}

/// Identifies one request in the log; put into the context by the server.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// What staff tell the help desk.
pub fn reference() -> String {
    use_context::<RequestId>().map_or_else(|| "E-000000".to_owned(), |id| id.0)
}

/// Sets the status of the response that is being made.
pub fn set_status(status: u16) {
    if let Some(options) = use_context::<leptos_axum::ResponseOptions>()
        && let Ok(status) = axum_status(status)
    {
        options.set_status(status);
    }
}

fn axum_status(status: u16) -> Result<http::StatusCode, http::status::InvalidStatusCode> {
    http::StatusCode::from_u16(status)
}

/// Sends the browser to a path of our own; anything else goes to `otherwise`.
pub fn redirect(path: &str, otherwise: &str) {
    let safe = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\', '\r', '\n'])
        && path.is_ascii();
    leptos_axum::redirect(if safe { path } else { otherwise });
}

/// Adds a header to the response that is being made.
pub fn add_header(name: http::HeaderName, value: &str) {
    if let (Ok(value), options) =
        (http::HeaderValue::from_str(value), expect_context::<leptos_axum::ResponseOptions>())
    {
        options.append_header(name, value);
    }
}
