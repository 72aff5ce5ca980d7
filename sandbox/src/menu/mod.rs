//! Rich menus as LINE has them: objects and pictures, aliases, the default, links one
//! by one, in bulk and in batches, and their figures. What LINE leaves open is refused
//! here rather than allowed, so that nothing comes to rest on it.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#rich-menu>

mod alias;
mod batch;
mod insight;
mod link;
mod object;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use line::Detail;

use crate::fail::Refusal;
use crate::shared::Shared;
use crate::world::{MenuNo, Menus};

pub use object::read_picture;

/// The routes of the Messaging API.
pub fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/v2/bot/richmenu", post(object::create))
        .route("/v2/bot/richmenu/validate", post(object::validate))
        .route("/v2/bot/richmenu/list", get(object::list))
        .route("/v2/bot/richmenu/{rich_menu_id}", get(object::show).delete(object::delete))
        .route(
            "/v2/bot/richmenu/{rich_menu_id}/content",
            get(object::download).post(object::upload),
        )
        .route("/v2/bot/richmenu/alias", post(alias::create))
        .route("/v2/bot/richmenu/alias/list", get(alias::list))
        .route(
            "/v2/bot/richmenu/alias/{alias_id}",
            get(alias::show).post(alias::update).delete(alias::delete),
        )
        .route("/v2/bot/user/all/richmenu", get(link::default).delete(link::clear_default))
        .route("/v2/bot/user/all/richmenu/{rich_menu_id}", post(link::set_default))
        .route("/v2/bot/user/{user_id}/richmenu", get(link::of_user).delete(link::unlink))
        .route("/v2/bot/user/{user_id}/richmenu/{rich_menu_id}", post(link::link))
        .route("/v2/bot/richmenu/bulk/link", post(link::bulk_link))
        .route("/v2/bot/richmenu/bulk/unlink", post(link::bulk_unlink))
        .route("/v2/bot/richmenu/batch", post(batch::start))
        .route("/v2/bot/richmenu/validate/batch", post(batch::validate))
        .route("/v2/bot/richmenu/progress/batch", get(batch::progress))
        .route("/v2/bot/insight/richmenu/{rich_menu_id}/summary", get(insight::summary))
        .route("/v2/bot/insight/richmenu/{rich_menu_id}/daily", get(insight::daily))
}

/// Whether a call is about rich menus, by its path.
pub fn is_menu_call(path: &str) -> bool {
    path.split('/').any(|part| part == "richmenu")
}

/// The shape of the ids that are given here.
fn is_id(id: &str) -> bool {
    id.strip_prefix("richmenu-").is_some_and(|hex| {
        hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// A menu named in the path.
fn in_path(menus: &Menus, id: &str) -> Result<MenuNo, Refusal> {
    menus.find(id).ok_or_else(Refusal::not_found)
}

fn invalid_id(property: &str) -> Refusal {
    Refusal::details(&[Detail {
        message: "invalid richMenuId".into(),
        property: property.to_owned(),
    }])
}

/// LINE's refusal of a menu that shall be shown without a picture.
fn no_picture() -> Refusal {
    Refusal::bare(StatusCode::BAD_REQUEST, "must upload richmenu image before applying it to user")
}
