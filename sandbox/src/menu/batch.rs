//! Batches: everybody who has a certain menu gets another one, or none.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use line::{Detail, validate_rich_menu_batch};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::is_id;
use crate::clock::iso;
use crate::fail::Refusal;
use crate::gate::RequestId;
use crate::send::read_object;
use crate::shared::Shared;
use crate::world::{BatchRecord, MenuNo, MenuRecord, Menus, Record, parse_key};

type Move = (Option<MenuNo>, Option<MenuNo>);

/// What a batch does, or LINE's refusal.
fn read(menus: &Menus, body: Map<String, Value>) -> Result<(Vec<Move>, Option<String>), Refusal> {
    let body = Value::Object(body);
    let mut details = validate_rich_menu_batch(&body);
    let (mut moves, mut gone) = (Vec::new(), Vec::new());
    let operations = body["operations"].as_array().map_or(&[][..], Vec::as_slice);
    for (n, operation) in operations.iter().enumerate() {
        let mut named = |key: &str| -> Option<MenuNo> {
            let property = format!("operations[{n}].{key}");
            let id = operation[key].as_str()?;
            if !is_id(id) {
                details.push(Detail { message: "invalid richMenuId".into(), property });
                return None;
            }
            let found = menus.find(id);
            if found.is_none() {
                let message = format!("Richmenu ({id}) is not found");
                gone.push(Detail { message, property });
            } else if key == "to"
                && found.and_then(|no| menus.get(no)).is_some_and(|menu| menu.picture.is_none())
            {
                let message = format!("'to' richmenu ({id}) must have image but it doesn't");
                details.push(Detail { message, property });
            }
            found
        };
        moves.push(match operation["type"].as_str() {
            Some("link") => (named("from"), named("to")),
            Some("unlink") => (named("from"), None),
            _ => (None, None),
        });
    }
    if !details.is_empty() {
        return Err(Refusal::details(&details));
    }
    if !gone.is_empty() {
        return Err(Refusal::details(&gone).with_status(StatusCode::NOT_FOUND));
    }
    Ok((moves, body["resumeRequestKey"].as_str().map(str::to_owned)))
}

/// `POST /v2/bot/richmenu/batch`. Under a key that LINE remembers it goes on with those
/// for whom it was not done; what the operations say then changes nothing.
pub async fn start(
    State(shared): State<Arc<Shared>>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let body = read_object(&headers, &body)?;
    let at = shared.now();
    let seed = shared.random();
    let mut world = shared.world();
    let (moves, key) = read(&world.menus, body)?;
    let due = world.menus.due(at, world.faults.menu_delay_ms);
    let lost = world.faults.menu_lost_links;
    let batch = BatchRecord { at, due, request_id, key, moves, lost, seed };
    world.commit(Record::Menu(MenuRecord::Batch(batch)))?;
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

/// `POST /v2/bot/richmenu/validate/batch`.
pub async fn validate(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let body = read_object(&headers, &body)?;
    read(&shared.world().menus, body)?;
    Ok(Json(json!({})))
}

/// Query of the progress.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfRequest {
    request_id: Option<String>,
}

/// `GET /v2/bot/richmenu/progress/batch?requestId=`.
pub async fn progress(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<OfRequest>,
) -> Result<Json<Value>, Refusal> {
    let id = query.request_id.filter(|id| parse_key(id).is_some());
    let id =
        id.ok_or_else(|| Refusal::bad("The value for the 'requestId' parameter is invalid"))?;
    let now = shared.now();
    let mut world = shared.world();
    world.settle_menus(now);
    let batch = world.menus.batch(&id, now).ok_or_else(Refusal::not_found)?;
    let mut told = json!({"phase": "ongoing", "acceptedTime": iso(batch.at)});
    if let Some((completed, for_everybody)) = batch.done {
        told["phase"] = json!(if for_everybody { "succeeded" } else { "failed" });
        told["completedTime"] = json!(iso(completed));
    }
    Ok(Json(told))
}
