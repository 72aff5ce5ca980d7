//! Adding, blocking and unblocking the account, alone and all at once.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::ControlError;
use super::acts::{Act, Acted, note, send};
use super::people::find;
use crate::shared::Shared;
use crate::webhook_out::{EVENTS_PER_REQUEST, deliver};
use crate::world::{Friend, Record, ResidentNo, Said};

/// Changes friendship, and writes it down in the talk.
fn befriend(
    shared: &Shared,
    who: ResidentNo,
    act: &str,
    from: &[Friend],
    to: Friend,
) -> Result<(), ControlError> {
    let at = shared.now();
    let mut world = shared.world();
    let now = world.residents[who as usize].friend;
    if !from.contains(&now) {
        return Err(ControlError::conflict(format!("cannot {act} now")));
    }
    world.commit(Record::Friend { who: vec![who], at, to })?;
    world.commit(Record::Said(Said {
        who,
        at,
        kind: act.to_owned(),
        message: None,
        content: Value::Null,
        mime: None,
        unsent: false,
    }))?;
    drop(world);
    note(shared, act);
    Ok(())
}

/// Adds the account.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/follow", tag = "acts",
    params(("user_id" = String, Path)), responses((status = 200, body = Act), (status = 409)))]
pub async fn follow(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Acted {
    let who = find(&shared, &id)?;
    befriend(&shared, who, "follow", &[Friend::None], Friend::Friend)?;
    let event = shared.event(who, "follow", true, json!({"follow": {"isUnblocked": false}}));
    Ok(Json(send(&shared, event).await))
}

/// Blocks the account.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/block", tag = "acts",
    params(("user_id" = String, Path)), responses((status = 200, body = Act), (status = 409)))]
pub async fn block(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Acted {
    let who = find(&shared, &id)?;
    befriend(&shared, who, "block", &[Friend::Friend], Friend::Blocked)?;
    let event = shared.event(who, "unfollow", false, json!({}));
    Ok(Json(send(&shared, event).await))
}

/// Unblocks the account.
#[utoipa::path(post, path = "/_sandbox/residents/{user_id}/unblock", tag = "acts",
    params(("user_id" = String, Path)), responses((status = 200, body = Act), (status = 409)))]
pub async fn unblock(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Acted {
    let who = find(&shared, &id)?;
    befriend(&shared, who, "unblock", &[Friend::Blocked], Friend::Friend)?;
    let event = shared.event(who, "follow", true, json!({"follow": {"isUnblocked": true}}));
    Ok(Json(send(&shared, event).await))
}

/// What came of many follows.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Followed {
    /// Residents who added the account.
    followed: usize,
    /// Requests that carried the events.
    webhooks: usize,
    /// Of them, not answered 2xx at the first attempt.
    failed: usize,
}

/// Everyone who never did adds the account; events go many to a request.
#[utoipa::path(post, path = "/_sandbox/follow-all", tag = "acts",
    responses((status = 200, body = Followed)))]
pub async fn follow_all(
    State(shared): State<Arc<Shared>>,
) -> Result<(StatusCode, Json<Followed>), ControlError> {
    let at = shared.now();
    let people: Vec<ResidentNo> = {
        let mut world = shared.world();
        let new = world.residents.iter().zip(0..).filter(|(r, _)| r.friend == Friend::None);
        let people: Vec<ResidentNo> = new.map(|(_, no)| no).collect();
        world.commit(Record::Friend { who: people.clone(), at, to: Friend::Friend })?;
        people
    };
    note(&shared, "follow-all");
    Ok((StatusCode::OK, Json(send_follows(&shared, people).await)))
}

/// Sends follow events, many to a request.
pub async fn send_follows(shared: &Arc<Shared>, people: Vec<ResidentNo>) -> Followed {
    let mut followed = Followed { followed: people.len(), ..Followed::default() };
    for part in people.chunks(EVENTS_PER_REQUEST) {
        let fields = json!({"follow": {"isUnblocked": false}});
        let events = part.iter();
        let events = events.map(|who| shared.event(*who, "follow", true, fields.clone()));
        let outcome = deliver(shared, events.collect()).await;
        followed.webhooks += 1;
        followed.failed += usize::from(!outcome.delivered());
    }
    followed
}
