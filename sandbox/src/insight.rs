//! Insight: followers, and what became of messages. Numbers below 20 are
//! hidden, as LINE does.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::{OnDay, readiness};
use crate::clock::Day;
use crate::fail::Refusal;
use crate::shared::Shared;
use crate::world::{Call, Kind, UnitNumbers};

/// LINE shows no number that fewer people stand behind.
const SHOWN_FROM: u64 = 20;
/// Days after `from` that `to` may be: from 20210301 up to 20210331.
const MOST_DAYS: i64 = 30;

/// `GET /v2/bot/insight/followers?date=`.
pub async fn followers(
    State(shared): State<Arc<Shared>>,
    Query(date): Query<OnDay>,
) -> Result<Json<Value>, Refusal> {
    let day = date.day()?;
    let status = readiness(day, shared.now());
    if status != "ready" {
        return Ok(Json(json!({"status": status})));
    }
    let end = day.end();
    let (mut followers, mut blocks) = (0_u64, 0_u64);
    for resident in &shared.world().residents {
        followers += u64::from(resident.followed_at.is_some_and(|at| at < end));
        blocks += u64::from(resident.blocked_at.is_some_and(|at| at < end));
    }
    Ok(Json(json!({
        "status": status,
        "followers": followers,
        "targetedReaches": followers - blocks.min(followers),
        "blocks": blocks,
    })))
}

/// Query of the numbers of an aggregation unit.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfUnit {
    custom_aggregation_unit: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

/// `GET /v2/bot/insight/message/event/aggregation`.
pub async fn of_unit(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<OfUnit>,
) -> Result<Json<Value>, Refusal> {
    let invalid =
        |name: &str| Refusal::bad(&format!("The value for the '{name}' parameter is invalid"));
    let unit = query
        .custom_aggregation_unit
        .filter(|unit| !unit.is_empty())
        .ok_or_else(|| invalid("customAggregationUnit"))?;
    let from = query.from.as_deref().and_then(Day::parse).ok_or_else(|| invalid("from"))?;
    let to = query.to.as_deref().and_then(Day::parse).ok_or_else(|| invalid("to"))?;
    if to < from || to.0 - from.0 > MOST_DAYS {
        return Err(invalid("to"));
    }
    let takes = |call: &Call| {
        call.unit.as_deref() == Some(&unit) && (from..=to).contains(&Day::of(call.at))
    };
    let numbers = shared.world().insight(takes);
    Ok(Json(json!({
        "overview": {
            "uniqueImpression": shown(numbers.unique_impression, numbers.unique_impression),
            "uniqueClick": shown(numbers.unique_click, numbers.unique_click),
            "uniqueMediaPlayed": null,
            "uniqueMediaPlayed100Percent": null,
        },
        "messages": bubbles(&numbers),
        "clicks": clicks(&numbers),
    })))
}

/// Query of the numbers of one request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfRequest {
    request_id: Option<String>,
}

/// `GET /v2/bot/insight/message/event?requestId=` (broadcasts).
pub async fn of_request(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<OfRequest>,
) -> Result<Json<Value>, Refusal> {
    let id = query
        .request_id
        .ok_or_else(|| Refusal::bad("The value for the 'requestId' parameter is invalid"))?;
    let world = shared.world();
    let call = world
        .calls
        .iter()
        .find(|call| *call.request_id == *id && call.kind == Kind::Broadcast)
        .ok_or_else(Refusal::not_found)?;
    let numbers = world.insight(|call| *call.request_id == *id);
    Ok(Json(json!({
        "overview": {
            "requestId": id,
            "timestamp": call.at / 1_000_000,
            "delivered": call.received,
            "uniqueImpression": shown(numbers.unique_impression, numbers.unique_impression),
            "uniqueClick": shown(numbers.unique_click, numbers.unique_click),
            "uniqueMediaPlayed": null,
            "uniqueMediaPlayed100Percent": null,
        },
        "messages": bubbles(&numbers),
        "clicks": clicks(&numbers),
    })))
}

/// A number, or `null` where the people behind it are too few. (It is never
/// smaller than they are many.)
fn shown(number: u64, people: u64) -> Value {
    if people < SHOWN_FROM { Value::Null } else { json!(number) }
}

fn bubbles(numbers: &UnitNumbers) -> Value {
    let bubbles = numbers.bubbles.iter().enumerate();
    bubbles
        .map(|(n, (impressions, people))| {
            json!({
                "seq": n + 1,
                "impression": shown(*impressions, *people),
                "uniqueImpression": shown(*people, *people),
                "mediaPlayed": null, "mediaPlayed25Percent": null,
                "mediaPlayed50Percent": null, "mediaPlayed75Percent": null,
                "mediaPlayed100Percent": null, "uniqueMediaPlayed": null,
                "uniqueMediaPlayed25Percent": null, "uniqueMediaPlayed50Percent": null,
                "uniqueMediaPlayed75Percent": null, "uniqueMediaPlayed100Percent": null,
            })
        })
        .collect()
}

fn clicks(numbers: &UnitNumbers) -> Value {
    let clicks = numbers.clicks.iter().enumerate();
    clicks
        .map(|(n, (url, taps, people))| {
            json!({
                "seq": n + 1,
                "url": url,
                "click": shown(*taps, *people),
                "uniqueClick": shown(*people, *people),
                "uniqueClickOfRequest": shown(*people, *people),
            })
        })
        .collect()
}
