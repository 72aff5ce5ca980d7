//! Acting as a resident. Every act answers with what its webhook came to.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::people::find;
use super::{Body, ControlError};
use crate::content;
use crate::shared::Shared;
use crate::webhook_out::{Outcome, deliver};
use crate::wire::{WireEvent, WireKind};
use crate::world::{Friend, Kind, Record, ResidentNo, Said};

/// What came of an act.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Act {
    /// `webhookEventId`, if the act sends an event.
    pub(super) event_id: Option<String>,
    /// Id of the resident's message.
    pub(super) message_id: Option<String>,
    /// How the webhook's first attempt was answered.
    pub(super) webhook: Option<Outcome>,
    /// Address that the phone opens.
    pub(super) open: Option<String>,
    /// Text that the phone copies.
    pub(super) clipboard: Option<String>,
}

/// Answer of an act.
pub(super) type Acted = Result<Json<Act>, ControlError>;

/// Sends one event.
pub(super) async fn send(shared: &Arc<Shared>, event: Value) -> Act {
    let event_id = event["webhookEventId"].as_str().map(Into::into);
    let outcome = deliver(shared, vec![event]).await;
    Act { event_id, webhook: Some(outcome), ..Act::default() }
}

/// Writes an act down in the log of the wire.
pub(super) fn note(shared: &Shared, act: &str) {
    shared.note(WireEvent { kind: WireKind::Act, path: act.to_owned(), ..WireEvent::default() });
}

/// Messages come also from those who never added the account.
fn need_unblocked(shared: &Shared, who: ResidentNo) -> Result<(), ControlError> {
    match shared.world().residents[who as usize].friend {
        Friend::Friend | Friend::None => Ok(()),
        Friend::Blocked => Err(ControlError::conflict("has blocked the account")),
    }
}

/// What needs something to tap on comes from those whom a push reaches.
fn need_talk(shared: &Shared, who: ResidentNo) -> Result<(), ControlError> {
    need_unblocked(shared, who)?;
    let now = shared.now();
    if shared.world().residents[who as usize].receives(Kind::Push, now) {
        return Ok(());
    }
    Err(ControlError::conflict("has not added the account"))
}

/// Writes a message of the resident down; returns its id and final content.
fn write_down(
    shared: &Shared,
    who: ResidentNo,
    mut message: Value,
    mime: Option<String>,
) -> Result<(u64, Value), ControlError> {
    let at = shared.now();
    let mut world = shared.world();
    let id = world.next_message();
    message["id"] = json!(id.to_string());
    world.commit(Record::Said(Said {
        who,
        at,
        kind: "message".into(),
        message: Some(id),
        content: message.clone(),
        mime,
        unsent: false,
    }))?;
    Ok((id, message))
}

/// Sends a message as a resident: into the talk, then as a webhook.
pub(super) async fn send_message(shared: &Arc<Shared>, who: ResidentNo, message: Value) -> Acted {
    need_unblocked(shared, who)?;
    let (id, message) = write_down(shared, who, message, None)?;
    Ok(Json(announce(shared, who, id, message).await))
}

async fn announce(shared: &Arc<Shared>, who: ResidentNo, id: u64, mut message: Value) -> Act {
    if message["type"] != "location" {
        message["quoteToken"] = json!(shared.random_hex(16));
    }
    note(shared, "message");
    let event = shared.event(who, "message", true, json!({"message": message}));
    let mut act = send(shared, event).await;
    act.message_id = Some(id.to_string());
    act
}

/// What `liff.sendMessages` sends: template and flex produce no webhook.
pub async fn send_from_liff(
    shared: &Arc<Shared>,
    who: ResidentNo,
    message: Value,
) -> Result<(), ControlError> {
    need_talk(shared, who)?;
    let silent = matches!(message["type"].as_str(), Some("template" | "flex"));
    let (id, message) = write_down(shared, who, message, None)?;
    if !silent {
        announce(shared, who, id, message).await;
    }
    Ok(())
}

/// A text to say.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Say {
    /// 1 to 5,000 UTF-16 units.
    text: String,
}

/// Says a text; also without having added the account, as LINE allows.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/say", tag = "acts",
    params(("user_id" = String, Path)), request_body = Say,
    responses((status = 200, body = Act), (status = 409), (status = 422)))]
pub async fn say(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Body(Say { text }): Body<Say>,
) -> Acted {
    let who = find(&shared, &id)?;
    if !(1..=5_000).contains(&text.encode_utf16().count()) {
        return Err(ControlError::refused("text: 1 to 5000 UTF-16 units"));
    }
    send_message(&shared, who, json!({"type": "text", "text": text})).await
}

/// A postback.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Postback {
    /// The action's data.
    pub(super) data: String,
    /// `{date | time | datetime}` of a date picker.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub(super) params: Option<Value>,
    /// What the talk shows.
    #[serde(default)]
    pub(super) display_text: Option<String>,
}

/// Sends a postback.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/postback", tag = "acts",
    params(("user_id" = String, Path)), request_body = Postback,
    responses((status = 200, body = Act), (status = 409)))]
pub async fn postback(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Body(postback): Body<Postback>,
) -> Acted {
    let who = find(&shared, &id)?;
    send_postback(&shared, who, postback).await
}

/// Sends a postback as a resident.
pub(super) async fn send_postback(
    shared: &Arc<Shared>,
    who: ResidentNo,
    postback: Postback,
) -> Acted {
    need_talk(shared, who)?;
    let at = shared.now();
    let content =
        postback.display_text.map_or(Value::Null, |text| json!({"type": "text", "text": text}));
    shared.world().commit(Record::Said(Said {
        who,
        at,
        kind: "postback".into(),
        message: None,
        content,
        mime: None,
        unsent: false,
    }))?;
    note(shared, "postback");
    let mut fields = json!({"postback": {"data": postback.data}});
    if let Some(params) = postback.params {
        fields["postback"]["params"] = params;
    }
    let event = shared.event(who, "postback", true, fields);
    Ok(Json(send(shared, event).await))
}

/// A place.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Location {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    address: Option<String>,
    latitude: f64,
    longitude: f64,
}

/// Sends a place.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/location", tag = "acts",
    params(("user_id" = String, Path)), request_body = Location,
    responses((status = 200, body = Act), (status = 409), (status = 422)))]
pub async fn location(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Body(place): Body<Location>,
) -> Acted {
    let who = find(&shared, &id)?;
    if place.latitude.abs() > 90.0 || place.longitude.abs() > 180.0 {
        return Err(ControlError::refused("latitude or longitude is out of range"));
    }
    let mut message = json!({
        "type": "location", "latitude": place.latitude, "longitude": place.longitude,
    });
    for (name, value) in [("title", place.title), ("address", place.address)] {
        if let Some(value) = value {
            message[name] = json!(value);
        }
    }
    send_message(&shared, who, message).await
}

/// Sends a photo: the body is the file.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/photo", tag = "acts",
    params(("user_id" = String, Path)),
    request_body(content = Vec<u8>, content_type = "image/jpeg"),
    responses((status = 200, body = Act), (status = 409), (status = 422)))]
pub async fn photo(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    photo: Bytes,
) -> Acted {
    let who = find(&shared, &id)?;
    need_unblocked(&shared, who)?;
    let mime = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .filter(|mime| mime.starts_with("image/"))
        .ok_or_else(|| ControlError::refused("Content-Type: image/jpeg or image/png"))?;
    if photo.is_empty() {
        return Err(ControlError::refused("the photo is empty"));
    }
    let message = json!({"type": "image", "contentProvider": {"type": "line"}});
    let (id, message) = write_down(&shared, who, message, Some(mime.to_owned()))?;
    content::keep(&shared, id, photo)?;
    Ok(Json(announce(&shared, who, id, message).await))
}

/// A sticker.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Sticker {
    package_id: String,
    sticker_id: String,
}

/// Sends a sticker.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/sticker", tag = "acts",
    params(("user_id" = String, Path)), request_body = Sticker,
    responses((status = 200, body = Act), (status = 409)))]
pub async fn sticker(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Body(sticker): Body<Sticker>,
) -> Acted {
    let who = find(&shared, &id)?;
    let message = json!({
        "type": "sticker",
        "packageId": sticker.package_id,
        "stickerId": sticker.sticker_id,
        "stickerResourceType": "STATIC",
    });
    send_message(&shared, who, message).await
}

/// A message to take back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Unsend {
    message_id: String,
}

/// Takes a message back.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/unsend", tag = "acts",
    params(("user_id" = String, Path)), request_body = Unsend,
    responses((status = 200, body = Act), (status = 404), (status = 409)))]
pub async fn unsend(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Body(unsend): Body<Unsend>,
) -> Acted {
    let who = find(&shared, &id)?;
    need_unblocked(&shared, who)?;
    {
        let mut world = shared.world();
        let message = unsend.message_id.parse().ok();
        let said = message.and_then(|id| world.said(id)).filter(|said| said.who == who);
        match (message, said) {
            (Some(message), Some(said)) if !said.unsent => {
                world.commit(Record::Unsend { message })?;
            }
            (_, Some(_)) => return Err(ControlError::conflict("was taken back already")),
            _ => return Err(ControlError::not_found("no such message of this resident")),
        }
    }
    note(&shared, "unsend");
    let fields = json!({"unsend": {"messageId": unsend.message_id}});
    let event = shared.event(who, "unsend", false, fields);
    Ok(Json(send(&shared, event).await))
}

/// Opens the talk: everything received is on the screen now.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/open", tag = "acts",
    params(("user_id" = String, Path)), responses((status = 200, body = Act)))]
pub async fn open(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Acted {
    let who = find(&shared, &id)?;
    shared.world().commit(Record::Open { who })?;
    Ok(Json(Act::default()))
}
