//! Files of forms and answers for staff: every answer as CSV or Excel, the template of
//! questions, the poster.

use super::AppState;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{Extensions, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use console::server::SignedIn;
use domain::form::export::Kind;
use domain::id::{ExportId, FormId};
use serde::Deserialize;
use services::answer::export::House;
use services::answer::{export, job};
use services::{Context, Error};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/console/forms/questions.xlsx", get(template))
        .route("/console/forms/{id}/questions.xlsx", get(questions))
        .route("/console/forms/{id}/poster.pdf", get(poster))
        .route("/console/forms/{id}/answers.csv", get(csv))
        .route("/console/forms/{id}/answers.xlsx", get(xlsx))
        .route("/console/forms/{id}/exports/{export}", get(made))
}

fn context(state: &AppState, extensions: &Extensions) -> Result<Context, Error> {
    let signed = extensions.get::<SignedIn>().filter(|s| !s.0.must_change);
    signed.map(|s| state.platform.context(s.0.actor())).ok_or(Error::NotFound)
}

fn file(name: &str, media_type: &'static str, body: Result<Body, Error>) -> Response {
    sent(format!("attachment; filename=\"{name}\""), media_type, body)
}

fn sent(disposition: String, media_type: &'static str, body: Result<Body, Error>) -> Response {
    match body {
        Ok(body) => {
            let headers = [
                (header::CONTENT_TYPE, media_type.to_owned()),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (headers, body).into_response()
        }
        Err(Error::Forbidden(_)) => {
            (StatusCode::FORBIDDEN, "この操作は許されていません").into_response()
        }
        Err(Error::NotFound) => (StatusCode::NOT_FOUND, "見つかりません").into_response(),
        Err(Error::Conflict(words)) => (StatusCode::CONFLICT, words).into_response(),
        Err(Error::Invalid(problems)) => {
            let words: Vec<String> = problems.into_iter().map(|p| p.message).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, words.join("\n")).into_response()
        }
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

async fn poster(
    State(state): State<AppState>,
    extensions: Extensions,
    Path(id): Path<FormId>,
) -> Response {
    let made = match context(&state, &extensions) {
        Ok(ctx) => services::form::poster::pdf(&state.platform, &ctx, id).await,
        Err(error) => Err(error),
    };
    let (name, body) = match made {
        Ok(made) => (made.name, Ok(Body::from(made.bytes))),
        Err(error) => (String::new(), Err(error)),
    };
    let name: String = name.bytes().map(encoded).collect();
    let plain = format!("poster-{id}.pdf");
    let names = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{name}");
    sent(names, "application/pdf", body)
}

/// A byte of a file's name as the header takes it.
fn encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[derive(Deserialize)]
struct Letters {
    #[serde(default)]
    encoding: String,
}

async fn at_once(state: &AppState, extensions: &Extensions, id: FormId, kind: Kind) -> Response {
    let made = match context(state, extensions) {
        Ok(ctx) => {
            let house = House::of(&state.platform.settings);
            export::at_once(&ctx, house, id, kind).await.map(Body::from)
        }
        Err(error) => Err(error),
    };
    file(&format!("answers-{id}.{}", kind.extension()), kind.media_type(), made)
}

async fn csv(
    State(state): State<AppState>,
    extensions: Extensions,
    Path(id): Path<FormId>,
    Query(letters): Query<Letters>,
) -> Response {
    let kind = if letters.encoding == "cp932" { Kind::Cp932 } else { Kind::Csv };
    at_once(&state, &extensions, id, kind).await
}

async fn xlsx(
    State(state): State<AppState>,
    extensions: Extensions,
    Path(id): Path<FormId>,
) -> Response {
    at_once(&state, &extensions, id, Kind::Excel).await
}

/// A file that was made in the background, for whoever asked for it.
async fn made(
    State(state): State<AppState>,
    extensions: Extensions,
    Path((form, id)): Path<(FormId, ExportId)>,
) -> Response {
    let found = match context(&state, &extensions) {
        Ok(ctx) => job::file(&ctx, form, id).await.map(|found| (ctx, found)),
        Err(error) => Err(error),
    };
    let (ctx, found) = match found {
        Ok(found) => found,
        Err(error) => return file("", XLSX, Err(error)),
    };
    let size = found.size;
    let pieces = futures::stream::iter(found.pieces);
    let bytes = futures::StreamExt::then(pieces, move |id| {
        let ctx = ctx.clone();
        async move { job::piece(&ctx, &id).await }
    });
    let mut response = file(&found.name, found.kind.media_type(), Ok(Body::from_stream(bytes)));
    response.headers_mut().insert(header::CONTENT_LENGTH, size.into());
    response
}
