//! REST `/api/v1`: for the municipality's other systems. Bearer tokens, the same
//! permissions and log as the console; described by `/api/v1/openapi.json`.

mod attributes;
mod audiences;
mod blobs;
mod deliveries;
mod forms;
mod idempotent;
mod menus;
mod paging;
mod problem;
mod residents;

use crate::http::AppState;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::permission::Actor;
use services::Context;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa::openapi::RefOr;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

pub use problem::Problem;

/// Largest JSON body, in bytes; imports are streamed and have no limit.
const BODY_MAX: usize = 1024 * 1024;

/// The description is there for everybody inside.
const OPENAPI: &str = "/openapi.json";

/// The actor of the request's token, with its context.
#[derive(Clone)]
pub struct Caller {
    /// The context in which the token acts.
    pub ctx: Context,
    /// The platform.
    pub platform: Arc<services::Platform>,
}

/// The paths below `/api/v1` whose bodies may take minutes to arrive.
pub fn long() -> Router<AppState> {
    Router::new()
        .route(
            "/residents/import",
            post(residents::import).layer(axum::extract::DefaultBodyLimit::disable()),
        )
        .route(
            "/blobs",
            post(blobs::create).layer(axum::extract::DefaultBodyLimit::max(blobs::BODY_MAX)),
        )
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
}

/// All others.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/attributes", get(attributes::list).post(attributes::create))
        .route("/audiences/count", post(audiences::count))
        .route("/deliveries", get(deliveries::list).post(deliveries::create))
        .route("/deliveries/{id}", get(deliveries::get))
        .route("/deliveries/{id}/cancel", post(deliveries::cancel))
        .route("/deliveries/{id}/retract", post(deliveries::retract))
        .route("/menus/emergency", post(menus::declare).delete(menus::end))
        .route("/forms", get(forms::list))
        .route("/forms/{id}", get(forms::definition))
        .route("/forms/{id}/answers", get(forms::answers))
        .route("/forms/{id}/answers/{answer}/files/{file}", get(forms::file))
        .route(OPENAPI, get(|| async { Json(openapi()) }))
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .fallback(nothing)
        .layer(axum::extract::DefaultBodyLimit::max(BODY_MAX))
}

/// What is not there.
pub async fn nothing() -> Problem {
    Problem::not_found()
}

/// Finds the token's actor before anything else is looked at.
pub async fn authenticate(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.uri().path() == OPENAPI {
        return next.run(request).await;
    }
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned())
        .filter(|token| token.len() <= 200);
    let Some(token) = token else { return Problem::unauthorized().into_response() };
    match store::token::actor(&state.platform.context(Actor::Nobody), &token).await {
        Ok(Some(actor)) => {
            let caller =
                Caller { ctx: state.platform.context(actor), platform: state.platform.clone() };
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Ok(None) => Problem::unauthorized().into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Kairan", description = "REST of Kairan (回覧) for the municipality's other systems. Errors are RFC 9457 problem documents.", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    servers((url = "/api/v1")),
    paths(attributes::list, attributes::create, residents::import, audiences::count, blobs::create, deliveries::list, deliveries::create, deliveries::get, deliveries::cancel, deliveries::retract, menus::declare, menus::end, forms::list, forms::definition, forms::answers, forms::file),
    components(schemas(
        Problem, problem::Pointer, attributes::NewAttribute, attributes::AttributePage, attributes::CreatedAttribute, attributes::NewChoice, attributes::Kind, residents::Line, residents::Report, residents::RowError,
        audiences::Audience, audiences::Day, audiences::Days, audiences::Years, audiences::Ages, audiences::Asked, audiences::Count, blobs::Picture, blobs::Video, deliveries::NewDelivery, deliveries::Part, deliveries::Purpose,
        deliveries::Status, deliveries::Made, deliveries::Created, deliveries::Delivery, deliveries::Correction, deliveries::Reads, deliveries::ReadStatus, deliveries::Link, deliveries::Page, menus::Emergency, menus::Holding, menus::Ended,
        forms::FormOf, forms::FormPage, forms::DefinitionOf, forms::DefinedPage, forms::QuestionOf, forms::OptionOf, forms::StatusOf, forms::FileOf, forms::AnswerOf, forms::AnswerPage, forms::FileDescription, forms::PlaceOf
    )),
    security(("token" = []))
)]
struct Described;

/// The description, generated from the code.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut api = Described::openapi();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("kairan token create --name N --permission P"))
        .build();
    api.components
        .get_or_insert_default()
        .security_schemes
        .insert("token".into(), SecurityScheme::Http(bearer).into());
    for item in api.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten() {
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response
                    && status.as_str() >= "400"
                    && let Some(content) = response.content.shift_remove("application/json")
                {
                    response.content.insert("application/problem+json".into(), content);
                }
            }
        }
    }
    api
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    #[test]
    fn the_description_says_what_errors_keys_and_pages_are() {
        let api = serde_json::to_value(super::openapi()).unwrap();
        for (path, item) in api["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let at = format!("{method} {path}");
                let parameters = operation["parameters"].as_array();
                let find = |name: &str| {
                    parameters.into_iter().flatten().find(|p| p["name"] == name).cloned()
                };
                let place = |name: &str| find(name).map_or(Value::Null, |p| p["in"].clone());
                if method == "post" {
                    assert_eq!(place("Idempotency-Key"), "header", "{at}");
                } else if method == "get" && !path.contains('{') {
                    assert_eq!(
                        (place("cursor"), place("limit")),
                        ("query".into(), "query".into()),
                        "{at}"
                    );
                }
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let kind = if status >= &"400".to_owned() {
                        "application/problem+json"
                    } else if path.ends_with("/files/{file}") {
                        "*/*"
                    } else {
                        "application/json"
                    };
                    let content = response["content"].as_object().unwrap();
                    assert_eq!(content.keys().collect::<Vec<_>>(), [kind], "{at} {status}");
                    assert!(content[kind]["schema"].is_object(), "{at} {status}");
                }
            }
        }
    }
}
