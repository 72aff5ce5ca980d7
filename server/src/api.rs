//! REST `/api/v1`: for the municipality's other systems. Bearer tokens, the same
//! permissions and log as the console; described by `/api/v1/openapi.json`.

mod attributes;
mod audiences;
mod blobs;
mod deliveries;
mod idempotent;
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
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

pub use problem::Problem;

/// Largest JSON body, in bytes; imports are streamed and have no limit.
const BODY_MAX: usize = 1024 * 1024;

/// The actor of the request's token, with its context.
#[derive(Clone)]
pub struct Caller {
    /// The context in which the token acts.
    pub ctx: Context,
    /// The platform.
    pub platform: Arc<services::Platform>,
}

/// All paths below `/api/v1`.
pub fn router() -> Router<AppState> {
    let guarded = Router::new()
        .route("/attributes", get(attributes::list).post(attributes::create))
        .route(
            "/residents/import",
            post(residents::import).layer(axum::extract::DefaultBodyLimit::disable()),
        )
        .route("/audiences/count", post(audiences::count))
        .route(
            "/blobs",
            post(blobs::create).layer(axum::extract::DefaultBodyLimit::max(blobs::BODY_MAX)),
        )
        .route("/deliveries", get(deliveries::list).post(deliveries::create))
        .route("/deliveries/{id}", get(deliveries::get))
        .route("/deliveries/{id}/cancel", post(deliveries::cancel))
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .fallback(|| async { Problem::not_found() })
        .layer(axum::extract::DefaultBodyLimit::max(BODY_MAX));
    Router::new()
        .merge(guarded)
        .layer(axum::middleware::from_fn(no_store))
        .route("/openapi.json", get(|| async { Json(openapi()) }))
}

async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

/// Finds the token's actor before anything else is looked at.
pub async fn authenticate(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.uri().path().ends_with("/openapi.json") {
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
    paths(attributes::list, attributes::create, residents::import, audiences::count, blobs::create, deliveries::list, deliveries::create, deliveries::get, deliveries::cancel),
    components(schemas(
        Problem, problem::Pointer, attributes::NewAttribute, attributes::NewChoice, attributes::Kind, residents::Line, residents::Report, residents::RowError,
        audiences::Audience, audiences::Asked, audiences::Count, blobs::Picture, deliveries::NewDelivery, deliveries::Part, deliveries::Purpose,
        deliveries::Status, deliveries::Created, deliveries::Delivery, deliveries::Page
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
    api
}
