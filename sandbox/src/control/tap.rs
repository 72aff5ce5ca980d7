//! Tapping: quick replies, buttons, links, date pickers.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::acts::{Act, Acted, Postback, send_message, send_postback};
use super::people::{find, quick_reply};
use super::{Body, ControlError};
use crate::shared::Shared;
use crate::world::{Click, Record, ResidentNo, links::links};

/// A tap: on an action object, or on an item of a received message's quick reply.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct Tap {
    /// A LINE action object.
    #[schema(value_type = Option<Object>)]
    action: Option<Value>,
    /// Id of a received message.
    message_id: Option<String>,
    /// Which item of its quick reply, from 0.
    item: usize,
    /// What a date picker chose: `{date | time | datetime}`.
    #[schema(value_type = Option<Object>)]
    params: Option<Value>,
}

/// Taps.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/tap", tag = "acts",
    params(("user_id" = String, Path)), request_body = Tap,
    responses((status = 200, body = Act), (status = 409), (status = 422)))]
pub async fn tap(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Body(tap): Body<Tap>,
) -> Acted {
    let who = find(&shared, &id)?;
    let (action, call) = match (tap.action, tap.message_id) {
        (Some(action), message) => {
            let message = message.and_then(|id| id.parse().ok());
            let call = message.and_then(|id| shared.world().sent(id)).map(|(call, _)| call);
            (action, call)
        }
        (None, Some(message)) => quick_reply(&shared.world(), who, &message, tap.item)
            .map(|(action, call)| (action, Some(call)))
            .ok_or_else(|| ControlError::not_found("no such quick reply item"))?,
        (None, None) => return Err(ControlError::refused("give action or message_id")),
    };
    perform(&shared, who, action, call, tap.params).await
}

/// Does what an action says; `call` carried it.
pub(super) async fn perform(
    shared: &Arc<Shared>,
    who: ResidentNo,
    action: Value,
    call: Option<u32>,
    params: Option<Value>,
) -> Acted {
    let text = |name: &str| action[name].as_str().map(str::to_owned);
    let need = |name: &str| {
        text(name).ok_or_else(|| ControlError::refused(format!("the action has no {name}")))
    };
    match action["type"].as_str().unwrap_or_default() {
        "message" => {
            let words = need("text")?;
            send_message(shared, who, json!({"type": "text", "text": words})).await
        }
        kind @ ("postback" | "datetimepicker") => {
            if kind == "datetimepicker" && params.is_none() {
                return Err(ControlError::refused("params: what the date picker chose"));
            }
            let postback = Postback {
                data: need("data")?,
                params,
                display_text: text("displayText").or_else(|| text("text")),
            };
            send_postback(shared, who, postback).await
        }
        "uri" => {
            // An imagemap has another word for it.
            let url = text("linkUri").map_or_else(|| need("uri"), Ok)?;
            click(shared, who, call, &url)?;
            Ok(Json(Act { open: Some(url), ..Act::default() }))
        }
        "clipboard" => Ok(Json(Act { clipboard: Some(need("clipboardText")?), ..Act::default() })),
        "location" => Err(ControlError::refused("use /location")),
        "camera" | "cameraRoll" => Err(ControlError::refused("use /photo")),
        other => Err(ControlError::refused(format!("cannot tap action type '{other}'"))),
    }
}

/// Counts a tap on an address that some received message carries.
fn click(
    shared: &Shared,
    who: ResidentNo,
    call: Option<u32>,
    url: &str,
) -> Result<(), ControlError> {
    let mut world = shared.world();
    let received = world.residents[who as usize].received.iter().rev().copied();
    let carrier = call.or_else(|| {
        received
            .take(100)
            .find(|call| links(&world.calls[*call as usize].messages).iter().any(|l| l == url))
    });
    if let Some(call) = carrier {
        world.commit(Record::Click(Click { who, call, url: url.to_owned() }))?;
    }
    Ok(())
}
