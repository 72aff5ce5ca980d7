//! `/audiences` (SEG-1).

use super::{Caller, Problem, idempotent};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::permission::Permission;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A day: fixed, or counted from the day on which it is asked (in Asia/Tokyo).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
#[serde(untagged)]
pub enum Day {
    /// 1900–2199.
    #[schema(format = Date)]
    On(String),
    /// So many days from today; before it if negative.
    Days { days: i32 },
    /// The same day so many months from now; before it if negative.
    Months { months: i32 },
}

/// From – to, both included; one may be left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Days {
    from: Option<Day>,
    to: Option<Day>,
}

/// Years, both included; one may be left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Years {
    from: Option<i32>,
    to: Option<i32>,
}

/// Years of age, both included; one may be left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Ages {
    #[schema(minimum = 0, maximum = 150)]
    from: Option<i32>,
    #[schema(minimum = 0, maximum = 150)]
    to: Option<i32>,
    /// On this day; without it, on the day on which it is asked.
    #[schema(format = Date)]
    on: Option<String>,
}

/// Who: exactly one of `everyone`, `all`, `any`, `not`, `friend_since`, `last_registered`, or
/// `attribute` with exactly one of `is`, `registered`, `year`, `age`, `date`, `contains`, `equals`.
#[derive(ToSchema)]
#[schema(no_recursion)]
#[expect(dead_code, reason = "describes the wire only")]
#[serde(untagged)]
pub enum Audience {
    /// All friends, unregistered included.
    Everyone {
        /// Only `true`.
        everyone: bool,
    },
    /// Who matches every one.
    All {
        #[schema(min_items = 1)]
        all: Vec<Audience>,
    },
    /// Who matches any.
    Any {
        #[schema(min_items = 1)]
        any: Vec<Audience>,
    },
    /// All other known friends.
    Not { not: Box<Audience> },
    /// Who registered any of these choices, or an area below one.
    Attribute {
        attribute: String,
        /// 1–2,000 choice keys.
        #[schema(min_items = 1, max_items = 2000)]
        is: Vec<String>,
    },
    /// Who answered the attribute at all, or did not; of any kind.
    Registered { attribute: String, registered: bool },
    /// Whose year lies within these; kind `year`.
    Year { attribute: String, year: Years },
    /// Who is of that age by a `date`, or becomes so within the year by a `year`.
    Age { attribute: String, age: Ages },
    /// Whose date lies within these; kind `date`.
    Date { attribute: String, date: Days },
    /// Whose text contains this, whatever width and case; kind `text`.
    Contains {
        attribute: String,
        #[schema(min_length = 1, max_length = 100)]
        contains: String,
    },
    /// Whose text is this, whatever width and case; kind `text`.
    Equals {
        attribute: String,
        #[schema(min_length = 1, max_length = 100)]
        equals: String,
    },
    /// Who became a friend within these days.
    FriendSince { friend_since: Days },
    /// Whose last registration lies within these days.
    LastRegistered { last_registered: Days },
    /// Who is on the imported list of this number; its number stands in its address in the console.
    List {
        #[schema(minimum = 1)]
        list: i64,
    },
    /// For whom LINE accepted the delivery of this id, which must have begun.
    Received {
        #[schema(minimum = 1)]
        received: i64,
    },
    /// Whom the delivery of this id failed to reach.
    Failed {
        #[schema(minimum = 1)]
        failed: i64,
    },
}

/// What is counted.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Asked {
    audience: Audience,
}

/// Head count.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Count {
    count: u64,
}

/// Count the friends of an audience.
#[utoipa::path(post, path = "/audiences/count", request_body = Asked,
    params(("Idempotency-Key" = Option<String>, Header, description = "Carried out once; again, the same answer")),
    responses((status = 200, body = Count), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn count(
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if let Err(error) = caller.ctx.allow(Permission::AudienceRead) {
        return Problem::from(error).into_response();
    }
    let (body, value) = match idempotent::read(body) {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    idempotent::once(&caller, &headers, &[b"POST /audiences/count", &body], async |ctx| {
        let object = value
            .as_object()
            .ok_or_else(|| Problem::refused("", "{\"audience\": …} の形にしてください"))?;
        if let Some(other) = object.keys().find(|k| *k != "audience") {
            return Err(Problem::refused(&format!("/{other}"), "知らない項目です"));
        }
        let audience = domain::audience::Audience::parse(
            object.get("audience").unwrap_or(&Value::Null),
            "/audience",
        )
        .map_err(services::Error::from)?;
        let count = services::audience::count(&ctx, &audience, "/audience").await?.count;
        Ok((StatusCode::OK, json!({"count": count})))
    })
    .await
}
