//! HTTP wiring: which paths there are, and what stands before them.

mod answers;
mod application;
mod critical;
mod drain;
mod files;
mod guard;
mod links;
mod media;
pub mod metrics;
mod pages;
mod range;
mod registration;
mod roster;
pub(crate) mod upload;
mod webhook;

use crate::api;
use crate::config::Config;
use crate::serve::Role;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde_json::json;
use services::Platform;
use services::inbox::Intake;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::catch_panic::CatchPanicLayer;

pub use files::publish as publish_site;
pub use guard::Guard;

/// Everything that a request needs.
#[derive(Clone)]
pub struct AppState {
    /// The platform.
    pub platform: Arc<Platform>,
    /// Who may come in.
    pub guard: Arc<Guard>,
    /// The door of the inbox.
    pub intake: Intake,
    /// The registration page, rendered.
    pub(crate) registration: registration::Rendered,
    /// By which rules residents' pages are drawn.
    pub(crate) styles: critical::Styles,
    /// Where the built site lies.
    pub leptos: leptos::config::LeptosOptions,
}

impl axum::extract::FromRef<AppState> for leptos::config::LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

/// Requests at the same time, by role: a rush on one does not slow the others.
const WEB: usize = 128;
const LIFF: usize = 512;
const WEBHOOK: usize = 1_024;
const MEDIA: usize = 512;
const LINKS: usize = 1_024;
/// Requests of other systems at the same time. They share the pages' connections to the database,
/// and however many come, the console keeps some of them.
pub const REST: usize = 4;
const _: () = assert!((REST as u32) < store::Share::Pages.on_sqlite());
/// Of which so many take a long body, which may come slowly: an emergency finds a place beside
/// them.
pub const LONG: usize = 2;
const _: () = assert!(LONG < REST);

/// The router of a process with these roles.
///
/// # Errors
/// If the configuration cannot be read.
pub fn router(
    config: &Config,
    platform: &Arc<Platform>,
    intake: Intake,
    roles: &BTreeSet<Role>,
) -> anyhow::Result<Router> {
    // Leptos spawns on tokio; a second router in one process (tests) finds it set.
    let _already_set = any_spawner::Executor::init_tokio();
    let state = AppState {
        platform: platform.clone(),
        guard: Arc::new(Guard::new(config)?),
        intake,
        registration: registration::Rendered::default(),
        styles: critical::Styles::default(),
        leptos: files::leptos_options(),
    };
    let mut router =
        Router::new().route("/healthz", get(|| async { "ok" })).route("/readyz", get(ready));
    if roles.contains(&Role::Webhook) {
        let webhook = post(webhook::receive).layer(DefaultBodyLimit::disable());
        router = router.merge(
            Router::new()
                .route("/webhook", webhook)
                .layer(GlobalConcurrencyLimitLayer::new(WEBHOOK)),
        );
    }
    if roles.contains(&Role::Web) {
        let console = pages::console(&state);
        let rest = GlobalConcurrencyLimitLayer::new(REST);
        let limited = |api: Router<AppState>| {
            api.layer(axum::middleware::from_fn_with_state(state.clone(), api::authenticate))
                .layer(rest.clone())
        };
        let guarded = |api: Router<AppState>| {
            api.layer(axum::middleware::from_fn_with_state(state.clone(), guard::addresses))
        };
        // A long one that waits for its turn takes no place of the others meanwhile.
        let long = limited(api::long()).layer(GlobalConcurrencyLimitLayer::new(LONG));
        router = router
            .merge(console.layer(GlobalConcurrencyLimitLayer::new(WEB)))
            .nest("/api/v1", guarded(limited(api::router()).merge(long)))
            // What is nested does not see its own root with a slash.
            .merge(guarded(limited(Router::new().route("/api/v1/", any(api::nothing)))))
            .route("/", get(|| async { Redirect::to("/console") }))
            .route("/help", get(|| async { Redirect::to("/console/help") }));
    }
    if roles.contains(&Role::Liff) {
        router = router.merge(pages::liff(&state).layer(GlobalConcurrencyLimitLayer::new(LIFF)));
    }
    // Phones fetch pictures from the city's address, the composer from the console's.
    if roles.contains(&Role::Web) || roles.contains(&Role::Liff) {
        router = router.merge(media::router().layer(GlobalConcurrencyLimitLayer::new(MEDIA)));
        router = router.merge(links::router().layer(GlobalConcurrencyLimitLayer::new(LINKS)));
    }
    Ok(router
        .merge(files::router(&state))
        .fallback(|| async { (StatusCode::NOT_FOUND, "ページがありません") })
        .layer(axum::middleware::from_fn(drain::refused))
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a handler panicked");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "いま、表示できません。しばらくしてから、もう一度ひらいてください",
            )
                .into_response()
        }))
        .layer(axum::middleware::from_fn_with_state(state.clone(), guard::outermost))
        .with_state(state))
}

/// Ready means: the database answers. Neither LINE nor the workers count; whether those work is
/// said.
async fn ready(axum::extract::State(state): axum::extract::State<AppState>) -> Response {
    // Not by the pages' share: a rush on pages must not take the server away from the others.
    let ctx = state.platform.system();
    let look = async {
        ctx.store.ping().await?;
        services::alert::silence(&ctx).await
    };
    match tokio::time::timeout(Duration::from_secs(2), look).await {
        Ok(Ok(None)) => Json(json!({"database": "ok", "worker": "ok"})).into_response(),
        Ok(Ok(Some(silence))) => {
            let since = silence.since.map(domain::time::Timestamp::rfc3339);
            let body = json!({"database": "ok", "worker": "silent", "worker_last_seen": since});
            Json(body).into_response()
        }
        _ => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"database": "away"}))).into_response(),
    }
}
