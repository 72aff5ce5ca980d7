//! The control API under `/_sandbox`: make residents, act as one, see what
//! arrived, set LINE's mood.

pub mod acts;
pub mod friendship;
pub mod menu;
pub mod menus;
pub mod people;
pub mod platform;
pub mod tap;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRequest};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use utoipa::OpenApi;

use crate::shared::Shared;

/// Largest body of a control call: lists of residents, photos.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// An error of the control API: `{"message": …}`.
#[derive(Debug)]
pub struct ControlError(pub StatusCode, pub String);

impl ControlError {
    /// 422.
    #[must_use]
    pub fn refused(message: impl Into<String>) -> Self {
        ControlError(StatusCode::UNPROCESSABLE_ENTITY, message.into())
    }

    /// 404.
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        ControlError(StatusCode::NOT_FOUND, message.into())
    }

    /// 409.
    #[must_use]
    pub fn conflict(message: impl Into<String>) -> Self {
        ControlError(StatusCode::CONFLICT, message.into())
    }
}

impl From<std::io::Error> for ControlError {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "the state cannot be written");
        ControlError(StatusCode::INTERNAL_SERVER_ERROR, "the state cannot be written".into())
    }
}

impl From<axum::extract::rejection::JsonRejection> for ControlError {
    fn from(rejection: axum::extract::rejection::JsonRejection) -> Self {
        ControlError(rejection.status(), rejection.body_text())
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"message": self.1}))).into_response()
    }
}

/// A JSON body whose refusal is a [`ControlError`].
#[derive(FromRequest)]
#[from_request(via(Json), rejection(ControlError))]
pub struct Body<T>(pub T);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kairan sandbox: control API",
        description = "Drives the simulated LINE platform. Times are UTC microseconds."
    ),
    paths(
        people::create,
        people::list,
        people::show,
        people::talk,
        people::liff_session,
        friendship::follow,
        friendship::block,
        friendship::unblock,
        acts::say,
        acts::postback,
        tap::tap,
        acts::location,
        acts::photo,
        acts::sticker,
        acts::unsend,
        acts::open,
        friendship::follow_all,
        platform::open_all,
        platform::received,
        platform::received_csv,
        platform::faults,
        platform::set_faults,
        platform::change_faults,
        platform::events,
        platform::config,
        platform::set_config,
        platform::reset,
        menu::seen,
        menu::picture,
        menu::show,
        menu::tap_area,
        menus::list,
        menus::links,
        menus::links_csv,
        menus::use_all,
    )
)]
struct Api;

/// The control API's description.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// The routes.
pub fn routes() -> Router<Arc<Shared>> {
    let resident = Router::new()
        .route("/", get(people::show))
        .route("/messages", get(people::talk))
        .route("/liff-session", get(people::liff_session))
        .route("/follow", post(friendship::follow))
        .route("/block", post(friendship::block))
        .route("/unblock", post(friendship::unblock))
        .route("/say", post(acts::say))
        .route("/postback", post(acts::postback))
        .route("/tap", post(tap::tap))
        .route("/location", post(acts::location))
        .route("/photo", post(acts::photo))
        .route("/sticker", post(acts::sticker))
        .route("/unsend", post(acts::unsend))
        .route("/open", post(acts::open))
        .route("/menu", get(menu::seen))
        .route("/menu/show", post(menu::show))
        .route("/menu/tap", post(menu::tap_area));
    Router::new()
        .route("/_sandbox/residents", post(people::create).get(people::list))
        .nest("/_sandbox/residents/{user_id}", resident)
        .route("/_sandbox/follow-all", post(friendship::follow_all))
        .route("/_sandbox/open-all", post(platform::open_all))
        .route("/_sandbox/received", get(platform::received))
        .route("/_sandbox/received.csv", get(platform::received_csv))
        .route(
            "/_sandbox/faults",
            get(platform::faults).put(platform::set_faults).patch(platform::change_faults),
        )
        .route("/_sandbox/menus", get(menus::list))
        .route("/_sandbox/menus/links", get(menus::links))
        .route("/_sandbox/menus/links.csv", get(menus::links_csv))
        .route("/_sandbox/menus/use", post(menus::use_all))
        .route("/_sandbox/menus/{rich_menu_id}/picture", get(menu::picture))
        .route("/_sandbox/events", get(platform::events))
        .route("/_sandbox/config", get(platform::config).put(platform::set_config))
        .route("/_sandbox/reset", post(platform::reset))
        .route("/_sandbox/openapi.json", get(async || Json(openapi())))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}
