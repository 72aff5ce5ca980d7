//! On the server: who is signed in, and the context in which they act.

use crate::shell::{Entrance, Me, asked_forms, count_waiting};
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Extensions, Request};
use domain::permission::Actor;
use leptos::prelude::{expect_context, use_context};
use services::{Context, Platform};
use std::sync::Arc;
use store::session::Current;
use ui::AppError;

/// Name of the session cookie: bound to the host (`__Host-`) where the console is reached by https.
pub fn cookie_name(public_url: &str) -> &'static str {
    if public_url.starts_with("https://") { "__Host-kairan_staff" } else { "kairan_staff" }
}

/// The signed-in member of staff of this request; put into the request's
/// extensions by the guard of `/console`.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Current);

/// The address of the client, as the guard of `/console` found it.
#[derive(Clone, Debug)]
pub struct ClientAddress(pub String);

/// What a server function needs.
pub struct Staff {
    /// The platform: LINE, settings, caches.
    pub platform: Arc<Platform>,
    /// The context in which the member of staff acts.
    pub ctx: Context,
    /// Who it is.
    pub current: Current,
}

/// The platform of this process.
pub fn platform() -> Arc<Platform> {
    expect_context::<Arc<Platform>>()
}

/// Finds who stands before the console, before its page is rendered. Not by a resource of the page:
/// what stands inside a suspense is made more than once on the server, with all its reads.
pub async fn prepare(platform: &Platform, mut request: Request<Body>) -> Request<Body> {
    let found = entrance(platform, request.extensions()).await;
    request.extensions_mut().insert(found);
    request
}

async fn entrance(platform: &Platform, known: &Extensions) -> Result<Entrance, AppError> {
    let city = store::setting::city(&platform.context(Actor::System)).await?;
    let address = known.get::<ClientAddress>().map(|a| a.0.clone()).unwrap_or_default();
    let me = match known.get::<SignedIn>().cloned() {
        None => None,
        Some(SignedIn(current)) => Some(Me {
            staff: current.staff,
            department: current.department,
            role: current.role,
            must_change: current.must_change,
            city: city.clone(),
            waiting: count_waiting(&platform.context(current.actor())).await?,
            asked: asked_forms(&platform.context(current.actor()), current.staff).await?.len()
                as u64,
            unread: u64::try_from(
                services::answer::unread(&platform.context(current.actor())).await?,
            )
            .unwrap_or(0),
            running: crate::around::running(&platform.context(current.actor())).await?,
            name: current.name,
            department_name: current.department_name,
        }),
    };
    Ok(Entrance { city, address, me })
}

/// The signed-in member of staff.
///
/// # Errors
/// `SignInNeeded` if there is none, or if the first password was not changed yet.
pub fn staff() -> Result<Staff, AppError> {
    let staff = anyone()?;
    if staff.current.must_change { Err(AppError::SignInNeeded) } else { Ok(staff) }
}

/// The same, although the password must be changed first.
///
/// # Errors
/// `SignInNeeded`.
pub fn anyone() -> Result<Staff, AppError> {
    let parts = use_context::<Parts>().ok_or(AppError::SignInNeeded)?;
    let SignedIn(current) =
        parts.extensions.get::<SignedIn>().cloned().ok_or(AppError::SignInNeeded)?;
    let platform = platform();
    let ctx = platform.context(current.actor());
    Ok(Staff { platform, ctx, current })
}

/// The client's address and user agent.
pub fn client() -> (String, String) {
    let parts = use_context::<Parts>();
    let address = parts
        .as_ref()
        .and_then(|p| p.extensions.get::<ClientAddress>())
        .map(|a| a.0.clone())
        .unwrap_or_default();
    let agent = parts
        .as_ref()
        .and_then(|p| p.headers.get("user-agent"))
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    (address, agent)
}

/// Server functions that answer without a session, by the end of their address.
pub const OPEN: &[&str] = &["/sign_in", "/sign_out"];

/// The one server function by which a page says that somebody uses it, by the end of its address.
/// The others prolong no session: pages ask by themselves, each second or minute.
pub const STAY: &str = "/stay";

/// Whether a form was sent by the browser itself (before or without wasm): the
/// answer must then be a page, not data.
pub fn is_plain_form() -> bool {
    let accept = use_context::<Parts>()
        .and_then(|p| p.headers.get("accept").and_then(|v| v.to_str().ok()).map(str::to_owned));
    accept.is_some_and(|accept| accept.contains("text/html"))
}
