//! `POST /console/lists/file?ask=…`: a file with people of the city's, to be looked at or
//! taken as a list of residents; `POST /console/forms/lists/file?ask=…`: the same for a list of
//! who may answer a form. As with pictures, server functions take small texts only.

use super::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{Extensions, StatusCode};
use axum::response::{IntoResponse, Response};
use console::server::SignedIn;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use services::Context;
use ui::AppError;

#[derive(Deserialize)]
pub struct Asked {
    ask: String,
}

type Sent = (Result<Query<Asked>, QueryRejection>, Result<Bytes, BytesRejection>);

/// Who sent what, and what is asked of it.
fn read<A: DeserializeOwned>(
    state: &AppState,
    extensions: &Extensions,
    (asked, body): Sent,
) -> Result<(Context, Bytes, A), Box<Response>> {
    let current = extensions.get::<SignedIn>().map(|s| &s.0).filter(|c| !c.must_change);
    let Some(current) = current else { return Err(Box::new(answer(AppError::SignInNeeded))) };
    let ask: Option<A> = asked.ok().and_then(|q| serde_json::from_str(&q.0.ask).ok());
    let Some(ask) = ask else {
        let words = "読み方を読めませんでした。画面をひらき直してください";
        return Err(Box::new(answer(AppError::invalid("/ask", words))));
    };
    let file = match body {
        Ok(file) => file,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let error =
                AppError::invalid("/file", "10MBを超えています。列を減らすか、分けてください");
            return Err(Box::new((StatusCode::PAYLOAD_TOO_LARGE, Json(error)).into_response()));
        }
        Err(_) => return Err(Box::new(answer(AppError::Network))),
    };
    Ok((state.platform.context(current.actor()), file, ask))
}

pub async fn receive(
    State(state): State<AppState>,
    extensions: Extensions,
    asked: Result<Query<Asked>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (ctx, file, ask) = match read(&state, &extensions, (asked, body)) {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    match services::roster::take(&ctx, file, ask).await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => answer(error.into()),
    }
}

pub async fn receive_eligible(
    State(state): State<AppState>,
    extensions: Extensions,
    asked: Result<Query<Asked>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (ctx, file, ask) = match read(&state, &extensions, (asked, body)) {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    match services::eligibility::take(&ctx, file, ask).await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => answer(error.into()),
    }
}

fn answer(error: AppError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    (status, Json(error)).into_response()
}
