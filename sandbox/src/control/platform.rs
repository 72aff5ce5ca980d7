//! The platform as a whole: what arrived, LINE's mood, the wire, addresses.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{Body, ControlError};
use crate::account::is_webhook_url;
use crate::config::{BOT_NAME, BOT_USER_ID};
use crate::shared::Shared;
use crate::wire::WireEvent;
use crate::world::{Faults, Filter, Received, Record};

/// Sums of what arrived.
#[utoipa::path(get, path = "/_sandbox/received", tag = "received", params(Filter),
    responses((status = 200, body = Received)))]
pub async fn received(
    State(shared): State<Arc<Shared>>,
    Query(filter): Query<Filter>,
) -> Json<Received> {
    Json(shared.world().received(&filter))
}

/// `user_id,count` for every resident.
#[utoipa::path(get, path = "/_sandbox/received.csv", tag = "received", params(Filter),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub async fn received_csv(
    State(shared): State<Arc<Shared>>,
    Query(filter): Query<Filter>,
) -> Response {
    let mut csv = String::from("user_id,count\n");
    {
        use std::fmt::Write as _;
        let world = shared.world();
        let least = filter.min.unwrap_or(0);
        for (resident, count) in world.residents.iter().zip(world.counts(&filter)) {
            if count >= least {
                let _ = writeln!(csv, "{},{count}", resident.id);
            }
        }
    }
    ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv).into_response()
}

/// Which residents look at their talks.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct OpenAll {
    /// Share of residents, 0 to 1.
    share: f64,
    /// Share of those, 0 to 1, who tap the first link of the newest message.
    #[serde(default)]
    click_share: f64,
    /// Decides who.
    #[serde(default)]
    seed: u64,
}

/// How many did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenedAll {
    /// Taps on links.
    clicked: usize,
}

/// A share of all residents open their talks and tap links.
#[utoipa::path(post, path = "/_sandbox/open-all", tag = "acts", request_body = OpenAll,
    responses((status = 200, body = OpenedAll), (status = 422)))]
pub async fn open_all(
    State(shared): State<Arc<Shared>>,
    Body(order): Body<OpenAll>,
) -> Result<Json<OpenedAll>, ControlError> {
    let shares = [order.share, order.click_share];
    if shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
        return Err(ControlError::refused("shares lie between 0 and 1"));
    }
    let mut world = shared.world();
    let before = world.clicks.len();
    world.commit(Record::OpenAll {
        share: order.share,
        click_share: order.click_share,
        seed: order.seed,
    })?;
    Ok(Json(OpenedAll { clicked: world.clicks.len() - before }))
}

/// LINE's mood now.
#[utoipa::path(get, path = "/_sandbox/faults", tag = "platform",
    responses((status = 200, body = Faults)))]
pub async fn faults(State(shared): State<Arc<Shared>>) -> Json<Faults> {
    Json(shared.world().faults.clone())
}

/// Sets LINE's mood; what is absent goes back to its default.
#[utoipa::path(put, path = "/_sandbox/faults", tag = "platform", request_body = Faults,
    responses((status = 200, body = Faults), (status = 422)))]
pub async fn set_faults(
    State(shared): State<Arc<Shared>>,
    Body(faults): Body<Faults>,
) -> Result<Json<Faults>, ControlError> {
    put_faults(&shared, faults).map(Json)
}

/// Changes LINE's mood; what is absent stays.
#[utoipa::path(patch, path = "/_sandbox/faults", tag = "platform", request_body = Faults,
    responses((status = 200, body = Faults), (status = 422)))]
pub async fn change_faults(
    State(shared): State<Arc<Shared>>,
    Body(change): Body<serde_json::Map<String, Value>>,
) -> Result<Json<Faults>, ControlError> {
    let current = shared.world().faults.clone();
    let mut merged = serde_json::to_value(current).map_err(std::io::Error::other)?;
    if let Value::Object(fields) = &mut merged {
        fields.extend(change);
    }
    let faults =
        serde_json::from_value(merged).map_err(|error| ControlError::refused(error.to_string()))?;
    put_faults(&shared, faults).map(Json)
}

/// Sets LINE's mood.
pub fn put_faults(shared: &Shared, faults: Faults) -> Result<Faults, ControlError> {
    if let Some(name) = faults.wrong() {
        return Err(ControlError::refused(format!("{name} lies between 0 and 1")));
    }
    let mut world = shared.world();
    world.commit(Record::Faults(faults.clone()))?;
    shared.reseed_faults(faults.seed);
    Ok(faults)
}

/// From where on.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Since {
    /// Only events with a higher number.
    since: u64,
    /// The newest so many; 200 if absent, at most 2,000.
    limit: Option<usize>,
}

/// The wire lately.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Wire {
    /// Oldest first.
    events: Vec<WireEvent>,
    /// Number of the newest event.
    last: u64,
    /// Calls that were answered 429 since the sandbox began, also before `since`.
    answered_429: u64,
}

/// What happened on the wire lately.
#[utoipa::path(get, path = "/_sandbox/events", tag = "platform", params(Since),
    responses((status = 200, body = Wire)))]
pub async fn events(State(shared): State<Arc<Shared>>, Query(since): Query<Since>) -> Json<Wire> {
    let volatile = shared.volatile();
    Json(Wire {
        events: volatile.wire.since(since.since, since.limit.unwrap_or(200).min(2_000)),
        last: volatile.wire.last(),
        answered_429: volatile.wire.answered_429(),
    })
}

/// What the sandbox is set to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Settings {
    channel_id: String,
    login_channel_id: String,
    liff_id: String,
    liff_endpoint_url: String,
    webhook_url: Option<String>,
    webhook_active: bool,
    bot_user_id: String,
    bot_name: String,
    residents: usize,
    friends: usize,
}

/// What the sandbox is set to; secrets are not told.
#[utoipa::path(get, path = "/_sandbox/config", tag = "platform",
    responses((status = 200, body = Settings)))]
pub async fn config(State(shared): State<Arc<Shared>>) -> Json<Settings> {
    let world = shared.world();
    Json(Settings {
        channel_id: shared.config.channel_id.clone(),
        login_channel_id: shared.config.login_channel_id.clone(),
        liff_id: shared.config.liff_id.clone(),
        liff_endpoint_url: world.liff_endpoint_url.clone(),
        webhook_url: world.webhook_url.clone(),
        webhook_active: world.webhook_active,
        bot_user_id: BOT_USER_ID.into(),
        bot_name: BOT_NAME.into(),
        residents: world.residents.len(),
        friends: world.friends(),
    })
}

/// Addresses to change.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewSettings {
    /// Where webhooks go.
    pub webhook_url: Option<String>,
    /// Whether they are sent.
    pub webhook_active: Option<bool>,
    /// Where LIFF leads to.
    pub liff_endpoint_url: Option<String>,
}

/// Changes addresses.
#[utoipa::path(put, path = "/_sandbox/config", tag = "platform", request_body = NewSettings,
    responses((status = 200, body = Settings), (status = 422)))]
pub async fn set_config(
    State(shared): State<Arc<Shared>>,
    Body(new): Body<NewSettings>,
) -> Result<Json<Settings>, ControlError> {
    put_config(&shared, new)?;
    Ok(config(State(shared)).await)
}

/// Changes addresses.
pub fn put_config(shared: &Shared, new: NewSettings) -> Result<(), ControlError> {
    for url in [&new.webhook_url, &new.liff_endpoint_url].into_iter().flatten() {
        if !is_webhook_url(url) {
            return Err(ControlError::refused("addresses are https, or http on loopback"));
        }
    }
    let mut world = shared.world();
    let webhook = new.webhook_url.or_else(|| world.webhook_url.clone());
    let active = new.webhook_active.unwrap_or(world.webhook_active);
    let known = world.liff_endpoint_url.clone();
    Ok(world.set_addresses(webhook, active, new.liff_endpoint_url.unwrap_or(known))?)
}

/// Forgets residents, talks, retry keys and faults; addresses and the ID
/// tokens' key stay.
#[utoipa::path(post, path = "/_sandbox/reset", tag = "platform", responses((status = 204)))]
pub async fn reset(State(shared): State<Arc<Shared>>) -> Result<StatusCode, ControlError> {
    let mut world = shared.world();
    let photos = world.photos();
    world.reset(&shared.config)?;
    shared.forget();
    shared.reseed_faults(world.faults.seed);
    drop(world);
    match photos.map(std::fs::remove_dir_all) {
        Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}
