//! Files of forms and answers for staff: every answer as CSV or Excel, the template of
//! questions.

use super::AppState;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{Extensions, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use console::server::SignedIn;
use domain::id::FormId;
use serde::Deserialize;
use services::answer::export::{self, Encoding};
use services::{Context, Error};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/console/forms/questions.xlsx", get(template))
        .route("/console/forms/{id}/questions.xlsx", get(questions))
        .route("/console/forms/{id}/answers.csv", get(csv))
        .route("/console/forms/{id}/answers.xlsx", get(xlsx))
}

fn context(state: &AppState, extensions: &Extensions) -> Result<Context, Error> {
    let signed = extensions.get::<SignedIn>().filter(|s| !s.0.must_change);
    signed.map(|s| state.platform.context(s.0.actor())).ok_or(Error::NotFound)
}

fn file(name: &str, media_type: &'static str, body: Result<Body, Error>) -> Response {
    match body {
        Ok(body) => {
            let headers = [
                (header::CONTENT_TYPE, media_type.to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            ];
            (headers, body).into_response()
        }
        Err(Error::Forbidden(_)) => {
            (StatusCode::FORBIDDEN, "この操作は許されていません").into_response()
        }
        Err(Error::NotFound) => (StatusCode::NOT_FOUND, "見つかりません").into_response(),
        Err(Error::Conflict(words)) => (StatusCode::CONFLICT, words).into_response(),
        Err(error) => {
            tracing::error!(%error, "a file of answers could not be made");
            let words = "いま、書き出せません。1分ほど待ってから、もう一度ひらいてください";
            (StatusCode::SERVICE_UNAVAILABLE, words).into_response()
        }
    }
}

async fn template(State(state): State<AppState>, extensions: Extensions) -> Response {
    let made = context(&state, &extensions).and_then(|ctx| services::form::sheet::template(&ctx));
    file("questions.xlsx", XLSX, made.map(Body::from))
}

async fn questions(
    State(state): State<AppState>,
    extensions: Extensions,
    Path(id): Path<FormId>,
) -> Response {
    let made = match context(&state, &extensions) {
        Ok(ctx) => services::form::sheet::questions(&ctx, id).await.map(Body::from),
        Err(error) => Err(error),
    };
    file(&format!("questions-{id}.xlsx"), XLSX, made)
}

#[derive(Deserialize)]
struct Letters {
    #[serde(default)]
    encoding: String,
}

async fn csv(
    State(state): State<AppState>,
    extensions: Extensions,
    Path(id): Path<FormId>,
    Query(letters): Query<Letters>,
) -> Response {
    let encoding = if letters.encoding == "cp932" { Encoding::Cp932 } else { Encoding::Utf8 };
    let media_type = match encoding {
        Encoding::Utf8 => "text/csv; charset=utf-8",
        Encoding::Cp932 => "text/csv; charset=Shift_JIS",
    };
    let made = match context(&state, &extensions) {
        Ok(ctx) => export::csv(&ctx, id, encoding).await.map(Body::from_stream),
        Err(error) => Err(error),
    };
    file(&format!("answers-{id}.csv"), media_type, made)
}

async fn xlsx(
    State(state): State<AppState>,
    extensions: Extensions,
    Path(id): Path<FormId>,
) -> Response {
    let made = match context(&state, &extensions) {
        Ok(ctx) => export::xlsx(&ctx, id).await.map(Body::from),
        Err(error) => Err(error),
    };
    file(&format!("answers-{id}.xlsx"), XLSX, made)
}
