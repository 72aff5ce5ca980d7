//! `/menus/emergency` (MENU-4): other systems switch the city to its emergency menus.

use super::{Caller, Problem, idempotent};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::Query;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::menu::{Declared, Disaster, Mode};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

/// What is declared.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Emergency {
    /// For which disaster; the program must have a menu prepared for it.
    #[schema(
        pattern = "^(earthquake|tsunami|storm|landslide|volcano|snow|fire|nuclear|protection|other)$"
    )]
    disaster: String,
    /// `real`: everybody sees it. `drill`: testers alone, with the mark of a drill.
    #[schema(pattern = "^(real|drill)$")]
    mode: String,
}

/// What holds now.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Holding {
    disaster: String,
    mode: String,
    /// RFC 3339.
    began_at: String,
}

/// What came of going back.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Ended {
    /// Whether there was anything to end.
    ended: bool,
}

fn holding(declared: &Declared) -> Value {
    json!({
        "disaster": declared.disaster.name(),
        "mode": declared.mode.name(),
        "began_at": declared.began_at.rfc3339(),
    })
}

/// Reads `{disaster, mode}`: both are named, so that no drill becomes real by being left out.
fn read(value: &Value) -> Result<(Disaster, Mode), Problem> {
    let shape = || {
        Problem::refused(
            "",
            "{\"disaster\": \"earthquake\", \"mode\": \"real\" か \"drill\"} の形にしてください",
        )
    };
    let object = value.as_object().ok_or_else(shape)?;
    if let Some(other) = object.keys().find(|k| !matches!(k.as_str(), "disaster" | "mode")) {
        return Err(Problem::refused(&format!("/{other}"), "知らない項目です"));
    }
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let disaster = Disaster::parse(text("disaster"))
        .ok_or_else(|| Problem::refused("/disaster", "災害の種類を確かめてください"))?;
    let mode = Mode::parse(text("mode")).ok_or_else(|| {
        Problem::refused("/mode", "本番は \"real\"、訓練は \"drill\" と書いてください")
    })?;
    Ok((disaster, mode))
}

/// Switch to the emergency menus, for all (`real`) or for testers (`drill`). Another disaster
/// takes the place of the one that holds; the same again changes nothing. Permission:
/// `menu:emergency`.
#[utoipa::path(post, path = "/menus/emergency", request_body = Emergency,
    params(("Idempotency-Key" = Option<String>, Header, description = "Carried out once; again, the same answer")),
    responses((status = 200, body = Holding), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn declare(
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (body, value) = match idempotent::read(body) {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    idempotent::once(&caller, &headers, &[b"POST /menus/emergency", &body], async |ctx| {
        // Who may not do it does not learn what is prepared.
        ctx.allow(domain::permission::Permission::MenuEmergency).map_err(Problem::from)?;
        let (disaster, mode) = read(&value)?;
        let declared = services::menu::declare(&caller.platform, &ctx, disaster, mode).await?;
        Ok((StatusCode::OK, holding(&declared)))
    })
    .await
}

/// Which one ends.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// `real` or `drill`.
    mode: String,
}

/// Go back: everybody sees again what they are to see now, with the tab that they had.
/// Permission: `menu:emergency`.
#[utoipa::path(delete, path = "/menus/emergency", params(Which),
    responses((status = 200, body = Ended), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn end(
    Extension(caller): Extension<Caller>,
    which: Result<Query<Which>, QueryRejection>,
) -> Response {
    let answer = async {
        let mode = which.ok().and_then(|Query(which)| Mode::parse(&which.mode));
        let mode = mode.ok_or_else(|| {
            Problem::refused("", "本番は ?mode=real、訓練は ?mode=drill を付けてください")
        })?;
        let ended = services::menu::back(&caller.platform, &caller.ctx, mode).await?;
        Ok::<Value, Problem>(json!({"ended": ended}))
    };
    match answer.await {
        Ok(ended) => super::problem::json(StatusCode::OK, &ended),
        Err(problem) => problem.into_response(),
    }
}
