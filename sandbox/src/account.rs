//! Profile, followers, quota, counts of deliveries, the account itself and its
//! webhook settings.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use line::{Detail, UserId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{Day, iso};
use crate::config::{BOT_BASIC_ID, BOT_NAME, BOT_USER_ID};
use crate::fail::Refusal;
use crate::send::{consumption, read_object};
use crate::shared::Shared;
use crate::token::Use;
use crate::webhook_out;
use crate::world::{Friend, Kind};

/// Life of a follower list's continuation token, in seconds.
const CONTINUATION: i64 = 24 * 3_600;
/// Before this day LINE counted nothing.
const COUNTING_SINCE: &str = "20180331";

/// `GET /v2/bot/profile/{userId}`.
pub async fn profile(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let id: UserId =
        id.parse().map_err(|_| Refusal::bad("The value for the 'userId' parameter is invalid"))?;
    let world = shared.world();
    let resident = world.find(id).map(|no| &world.residents[no as usize]);
    let resident = resident
        .filter(|resident| resident.friend == Friend::Friend)
        .ok_or_else(Refusal::not_found)?;
    let mut profile = json!({"userId": resident.id, "displayName": resident.name});
    if let Some(language) = &resident.language {
        profile["language"] = json!(language);
    }
    Ok(Json(profile))
}

/// Query of a paged list.
#[derive(Debug, Deserialize)]
pub struct Page {
    limit: Option<String>,
    start: Option<String>,
}

impl Page {
    fn limit(&self, usual: usize, most: usize) -> Result<usize, Refusal> {
        let Some(limit) = &self.limit else {
            return Ok(usual);
        };
        limit
            .parse()
            .ok()
            .filter(|limit| (1..=most).contains(limit))
            .ok_or_else(|| Refusal::bad("The value for the 'limit' parameter is invalid"))
    }

    fn start(&self, shared: &Shared) -> Result<usize, Refusal> {
        let Some(start) = &self.start else {
            return Ok(0);
        };
        shared
            .claims(start, Use::Followers)
            .and_then(|claims| claims.subject.parse().ok())
            .ok_or_else(|| Refusal::bad("The value for the 'start' parameter is invalid"))
    }

    fn next(shared: &Shared, at: usize) -> Value {
        let channel = &shared.config.channel_id;
        json!(shared.issue(Use::Followers, channel, &at.to_string(), "", CONTINUATION))
    }
}

/// `GET /v2/bot/followers/ids`.
pub async fn followers(
    State(shared): State<Arc<Shared>>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, Refusal> {
    let limit = page.limit(300, 1_000)?;
    let start = page.start(&shared)?;
    let (ids, next) = {
        let world = shared.world();
        if world.faults.followers_forbidden {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "Access to this API is not available for your account",
            ));
        }
        let mut friends = world
            .residents
            .iter()
            .enumerate()
            .skip(start)
            .filter(|(_, resident)| resident.friend == Friend::Friend);
        let ids: Vec<UserId> = friends.by_ref().take(limit).map(|(_, r)| r.id).collect();
        (ids, friends.next().map(|(at, _)| at))
    };
    let mut list = json!({"userIds": ids});
    if let Some(at) = next {
        list["next"] = Page::next(&shared, at);
    }
    Ok(Json(list))
}

/// `GET /v2/bot/message/quota`.
pub async fn quota(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(match shared.world().faults.monthly_limit {
        None => json!({"type": "none"}),
        Some(value) => json!({"type": "limited", "value": value}),
    })
}

/// `GET /v2/bot/message/quota/consumption`.
pub async fn quota_consumption(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let now = shared.now();
    Json(json!({"totalUsage": consumption(&shared.world(), now)}))
}

/// A day in the query.
#[derive(Debug, Deserialize)]
pub struct OnDay {
    date: Option<String>,
}

impl OnDay {
    /// The day, or LINE's refusal.
    pub fn day(&self) -> Result<Day, Refusal> {
        self.date
            .as_deref()
            .and_then(Day::parse)
            .ok_or_else(|| Refusal::bad("The value for the 'date' parameter is invalid"))
    }
}

/// LINE's word for how far the numbers of a day are.
pub fn readiness(day: Day, now: i64) -> &'static str {
    if Day::parse(COUNTING_SINCE).is_some_and(|first| day < first) {
        "out_of_service"
    } else if day < Day::of(now) {
        "ready"
    } else {
        "unready"
    }
}

/// `GET /v2/bot/message/delivery/{kind}?date=`.
pub async fn delivered(
    State(shared): State<Arc<Shared>>,
    Path(kind): Path<String>,
    Query(date): Query<OnDay>,
) -> Result<Json<Value>, Refusal> {
    let kinds = [Kind::Reply, Kind::Push, Kind::Multicast, Kind::Broadcast];
    let kind =
        kinds.into_iter().find(|known| known.name() == kind).ok_or_else(Refusal::not_found)?;
    let day = date.day()?;
    let status = readiness(day, shared.now());
    let mut answer = json!({"status": status});
    if status == "ready" {
        let count = shared.world().delivered.get(&(day.0, kind)).copied();
        answer["success"] = json!(count.unwrap_or(0));
    }
    Ok(Json(answer))
}

/// `GET /v2/bot/message/aggregation/info`.
pub async fn aggregation_info(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let month = Day::of(shared.now()).month();
    let used = shared.world().units.get(&month).map_or(0, Vec::len);
    Json(json!({"numOfCustomAggregationUnits": used}))
}

/// `GET /v2/bot/message/aggregation/list`.
pub async fn aggregation_list(
    State(shared): State<Arc<Shared>>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, Refusal> {
    let limit = page.limit(100, 100)?;
    let start = page.start(&shared)?;
    let month = Day::of(shared.now()).month();
    let names: Vec<String> = {
        let world = shared.world();
        let names = world.units.get(&month).map_or(&[][..], Vec::as_slice);
        names.iter().skip(start).take(limit + 1).map(ToString::to_string).collect()
    };
    let mut list = json!({"customAggregationUnits": names[..names.len().min(limit)]});
    if names.len() > limit {
        list["next"] = Page::next(&shared, start + limit);
    }
    Ok(Json(list))
}

/// `GET /v2/bot/info`.
pub async fn info() -> Json<Value> {
    Json(json!({
        "userId": BOT_USER_ID,
        "basicId": BOT_BASIC_ID,
        "displayName": BOT_NAME,
        "chatMode": "bot",
        "markAsReadMode": "auto",
    }))
}

/// `GET /v2/bot/channel/webhook/endpoint`.
pub async fn webhook_endpoint(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Refusal> {
    let world = shared.world();
    let url = world.webhook_url.as_ref().ok_or_else(Refusal::not_found)?;
    Ok(Json(json!({"endpoint": url, "active": world.webhook_active})))
}

/// `PUT /v2/bot/channel/webhook/endpoint`.
pub async fn set_webhook_endpoint(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let body = read_object(&headers, &body)?;
    let url = body.get("endpoint").and_then(Value::as_str).unwrap_or_default();
    if !is_webhook_url(url) {
        return Err(Refusal::details(&[Detail {
            message: "Must be a URL of at most 500 characters (https, or http on loopback)".into(),
            property: "endpoint".into(),
        }]));
    }
    let mut world = shared.world();
    let (active, liff) = (world.webhook_active, world.liff_endpoint_url.clone());
    world.set_addresses(Some(url.to_owned()), active, liff)?;
    Ok(Json(json!({})))
}

/// LINE wants https; on loopback http will do.
pub fn is_webhook_url(url: &str) -> bool {
    let parsed = url::Url::parse(url).ok();
    url.chars().count() <= 500
        && parsed.is_some_and(|url| match url.scheme() {
            "https" => true,
            "http" => is_loopback(&url),
            _ => false,
        })
}

/// Whether an address is on this machine.
pub fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// `POST /v2/bot/channel/webhook/test`: sends an empty list of events.
pub async fn test_webhook(
    State(shared): State<Arc<Shared>>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let asked: Value = if body.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(&body)
            .map_err(|_| Refusal::bad("The request body could not be parsed as JSON"))?
    };
    let url = match asked.get("endpoint").and_then(Value::as_str) {
        Some(url) if is_webhook_url(url) => url.to_owned(),
        Some(_) => return Err(Refusal::bad("Invalid webhook endpoint URL")),
        None => shared.world().webhook_url.clone().ok_or_else(Refusal::not_found)?,
    };
    let began = shared.now();
    let outcome = webhook_out::post(&shared, &url, &[], "test").await;
    let (reason, detail) = match (outcome.status, outcome.error) {
        (Some(status), _) if (200..300).contains(&status) => ("OK", status.to_string()),
        (Some(status), _) => ("ERROR_STATUS_CODE", status.to_string()),
        (None, Some("timeout")) => ("REQUEST_TIMEOUT", "Request timeout".to_owned()),
        (None, Some("connect")) => ("COULD_NOT_CONNECT", "Could not connect".to_owned()),
        (None, _) => ("UNCLASSIFIED", "Unclassified error".to_owned()),
    };
    Ok(Json(json!({
        "success": reason == "OK",
        "timestamp": iso(began),
        "statusCode": outcome.status.unwrap_or(0),
        "reason": reason,
        "detail": detail,
    })))
}

/// `POST /v2/bot/chat/loading/start`.
pub async fn loading(
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let body = read_object(&headers, &body)?;
    let chat = body.get("chatId").and_then(Value::as_str).unwrap_or_default();
    if chat.parse::<UserId>().is_err() {
        return Err(Refusal::details(&[Detail {
            message: "The user ID is invalid".into(),
            property: "chatId".into(),
        }]));
    }
    let seconds = match body.get("loadingSeconds") {
        None | Some(Value::Null) => Some(20),
        Some(seconds) => seconds.as_u64(),
    };
    if !seconds.is_some_and(|s| (5..=60).contains(&s) && s % 5 == 0) {
        return Err(Refusal::details(&[Detail {
            message: "Must be a multiple of 5 between 5 and 60".into(),
            property: "loadingSeconds".into(),
        }]));
    }
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}
