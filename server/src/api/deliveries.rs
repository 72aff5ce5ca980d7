//! `/deliveries` (SEG-3 to SEG-8).

use super::paging::{self, Paging};
use super::{Caller, Problem, idempotent};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::delivery::quota::Short;
use domain::id::DeliveryId;
use domain::language::Language;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Why it is sent. A drill or test carries its mark first in every part.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes the wire only")]
pub enum Purpose {
    Notice,
    Emergency,
    Drill,
    Test,
}

/// Where it stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the wire only")]
pub enum Status {
    Draft,
    AwaitingApproval,
    Scheduled,
    Sending,
    Done,
    Cancelled,
    Held,
}

/// What a tap on something does; exactly one of `say`, `open` and `page`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Button {
    /// The words on it; on a picture they are read aloud. At most 20 characters in `quick`,
    /// 40 in a card, 100 on a picture, the mark of a drill or test included.
    label: String,
    /// Says this text in the resident's name; at most 300 characters.
    say: Option<String>,
    /// Opens an address (https, http, tel, line); at most 1,000 characters.
    open: Option<String>,
    /// Opens a page of the city inside LINE.
    #[schema(pattern = "^(register|corrections)$")]
    page: Option<String>,
}

/// How a picture is cut, in pixels of a picture 1,040 wide: `null` for one area, or columns or
/// rows with one border less than parts, each part cut the other way again.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Cuts {
    /// Upright borders, from the left edge of the picture.
    columns: Option<Vec<u32>>,
    /// Level borders, from its upper edge; instead of `columns`.
    rows: Option<Vec<u32>>,
    #[schema(no_recursion)]
    parts: Vec<Option<Cuts>>,
}

/// How a picture is cut: the name of a template, or the cuts themselves.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the wire only")]
pub enum Layout {
    /// `one`, `two_columns`, `two_rows`, `three_columns`, `three_rows`, `one_two`, `four`,
    /// `one_three` or `six`.
    Template(String),
    Cuts(Cuts),
}

/// A picture with areas to tap.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Rich {
    /// From `POST /blobs`.
    #[schema(pattern = "^[0-9a-f]{40}$")]
    image: String,
    /// `round(1040 × height ÷ width)` of the picture.
    #[schema(minimum = 260, maximum = 2080)]
    height: u32,
    /// What it says, in words, for the notification and for those who do not see it: 1–1,500
    /// UTF-16 units.
    alt: String,
    /// Absent: one area.
    layout: Option<Layout>,
    /// What a tap on each area does, in the order of the cuts: from the top and from the left.
    #[schema(min_items = 1, max_items = 20)]
    areas: Vec<Button>,
}

/// One card; it has a title or a text.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Card {
    /// From `POST /blobs`.
    #[schema(pattern = "^[0-9a-f]{40}$")]
    image: Option<String>,
    #[schema(max_length = 40)]
    title: Option<String>,
    #[schema(max_length = 500)]
    text: Option<String>,
    #[schema(max_items = 3)]
    buttons: Option<Vec<Button>>,
}

/// One part.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the wire only")]
pub enum Part {
    /// A text.
    Text {
        /// 1–5,000 UTF-16 units, the mark of a drill or test included.
        text: String,
    },
    /// A picture. In a drill or test a text that says so is sent before it (before several
    /// in a row, once), and counts among the five.
    Image {
        /// From `POST /blobs`.
        #[schema(pattern = "^[0-9a-f]{40}$")]
        image: String,
        /// What is to be seen on it, for staff.
        #[schema(max_length = 200)]
        alt: Option<String>,
    },
    /// A video behind its poster; in a drill or test announced like a picture.
    Video {
        /// From `POST /blobs`.
        #[schema(pattern = "^[0-9a-f]{40}$")]
        video: String,
        /// A picture from `POST /blobs`: what is seen before it plays.
        #[schema(pattern = "^[0-9a-f]{40}$")]
        poster: String,
        /// What is to be seen in it, for staff.
        #[schema(max_length = 200)]
        alt: Option<String>,
    },
    /// A picture with areas to tap; in a drill or test announced like a picture.
    Rich { rich: Rich },
    /// Cards beside one another; each begins with the mark of a drill or test.
    Cards {
        #[schema(min_items = 1, max_items = 12)]
        cards: Vec<Card>,
        /// What they say, in words, for the notification: 1–1,500 UTF-16 units.
        alt: String,
    },
    /// Suggested answers below the last message. Only as the last part, not among the five.
    Quick {
        #[schema(min_items = 1, max_items = 13)]
        quick: Vec<Button>,
    },
}

/// A delivery to make.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct NewDelivery {
    #[schema(min_length = 1, max_length = 100)]
    title: String,
    audience: super::audiences::Audience,
    /// At most five messages, and `quick` behind them.
    #[schema(min_items = 1, max_items = 6)]
    parts: Vec<Part>,
    purpose: Purpose,
    /// RFC 3339 with offset; absent: at once.
    send_at: Option<String>,
    /// Addresses in the parts that are sent as they are. Each other web address is replaced by
    /// a short one of the city's, which counts taps; texts are judged by their length with it.
    uncounted: Option<Vec<String>>,
    /// What is said in other languages, by language: `ja-easy` (やさしい日本語), `en`, `zh-Hans`,
    /// `zh-Hant`, `ko`, `vi`, `pt`, `es`, `fil`, `ne`, `id`. Each is checked like `parts`. Who
    /// reads none of them gets `ja-easy`, unless they read Japanese; else `parts`.
    variants: Option<BTreeMap<String, Vec<Part>>>,
}

/// Whether LINE tells how many opened it.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the wire only")]
pub enum ReadStatus {
    /// LINE was not asked yet.
    Waiting,
    /// The number is there.
    Published,
    /// Fewer than 20: LINE publishes no number. It is not 0.
    NotPublished,
    /// A test, or the month's names for statistics were used up.
    NotCounted,
}

/// Who opened it, by LINE's statistics, read again for 14 days after sending.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Reads {
    status: ReadStatus,
    /// People who had at least one of the messages on their screen.
    people: Option<u64>,
    /// People who opened at least one link; null below 20.
    link_openers: Option<u64>,
    /// When LINE told it.
    taken_at: Option<String>,
}

/// A link that is counted. Taps are counted for all together, never by person.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Link {
    /// In which part, from 0.
    part: u64,
    /// Where it leads.
    url: String,
    /// The address that was sent.
    short_url: String,
    /// Taps so far; the same person tapping twice counts twice.
    taps: u64,
    /// Until when it leads on.
    until: String,
}

/// What those are told whom a delivery has reached.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Correction {
    #[schema(min_length = 1, max_length = 5000)]
    text: String,
    /// The same in other languages. Whoever got the delivery in a language that is not given
    /// here is told in words of ours.
    variants: Option<BTreeMap<String, String>>,
    /// The newest of the delivery's `corrections`, to send another one after it. Without it,
    /// a second correction is refused with 409.
    after: Option<String>,
}

/// The new delivery.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Made {
    id: String,
    /// What should be known, in Japanese, though it is on its way: what LINE lets the city send
    /// this month does not suffice for it, so that it will be held when LINE refuses the rest.
    /// Told to a token that may read deliveries and count.
    warnings: Vec<String>,
}

/// The new correction.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Created {
    id: String,
}

/// A step course, and which of its steps.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct OfCourse {
    id: String,
    /// The step's number.
    step: u32,
    /// The day on which it was due.
    #[schema(format = Date)]
    day: String,
}

/// A delivery. When `done`: recipients = accepted + failed + withheld.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Delivery {
    id: String,
    title: String,
    purpose: Purpose,
    status: Status,
    audience: Option<super::audiences::Audience>,
    parts: Vec<Part>,
    recipients: u64,
    /// LINE answered 200 or 409.
    accepted: u64,
    failed: u64,
    withheld: u64,
    /// Residents who did not get it, by reason.
    reasons: std::collections::BTreeMap<String, u64>,
    /// Null before the audience was frozen.
    reads: Option<Reads>,
    /// From the freeze on.
    links: Vec<Link>,
    /// Addresses that are sent as they are.
    uncounted: Vec<String>,
    /// The step course of which it is one step.
    course: Option<OfCourse>,
    /// What is said in other languages.
    variants: BTreeMap<String, Vec<Part>>,
    /// How many it was sent to in each language, `ja` for `parts`; empty before the audience was
    /// frozen and where there is one language.
    languages: BTreeMap<String, u64>,
    /// Its corrections, the newest first.
    corrections: Vec<String>,
    /// LINE refused the follower list: sent by broadcast, counted by LINE.
    counted_by_line: bool,
    held_reason: Option<String>,
    created_at: String,
    send_at: Option<String>,
    frozen_at: Option<String>,
    started_at: Option<String>,
    finished_at: Option<String>,
}

/// A page of deliveries, newest first.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Page {
    items: Vec<Delivery>,
    /// Hand it back as `cursor`; null on the last page.
    next: Option<String>,
}

/// An id as it stands in the path; what is none is not there.
fn id(path: Result<Path<String>, PathRejection>) -> Result<DeliveryId, Problem> {
    path.ok().and_then(|Path(text)| text.parse().ok()).ok_or_else(Problem::not_found)
}

/// List deliveries.
#[utoipa::path(get, path = "/deliveries", params(Paging), responses((status = 200, body = Page), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn list(Extension(caller): Extension<Caller>, paging: Paging) -> Response {
    let before = paging.cursor.as_deref().map(str::parse::<DeliveryId>).transpose();
    let Ok(before) = before else { return paging::unknown_cursor().into_response() };
    match services::delivery::page_for_systems(&caller.ctx, before, paging.limit()).await {
        Ok(page) => super::problem::json(StatusCode::OK, &page),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// Make a delivery and put it on its way. An `emergency` switches to the emergency menus that the
/// city has set, if it has; for another disaster, `POST /menus/emergency` before it.
#[utoipa::path(post, path = "/deliveries", request_body = NewDelivery,
    params(("Idempotency-Key" = Option<String>, Header, description = "Carried out once; again, the same answer")),
    responses((status = 201, body = Made), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (body, value) = match idempotent::read(body) {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    idempotent::once(&caller, &headers, &[b"POST /deliveries", &body], async |ctx| {
        let made = services::delivery::create(&caller.platform, &ctx, &value).await?;
        let warnings: Vec<String> = made.short.into_iter().map(Short::words).collect();
        Ok((StatusCode::CREATED, json!({"id": made.id.to_string(), "warnings": warnings})))
    })
    .await
}

/// One delivery with its figures.
#[utoipa::path(get, path = "/deliveries/{id}", params(("id" = String, Path)), responses((status = 200, body = Delivery), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn get(
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let answer = async {
        Ok::<Value, Problem>(services::delivery::for_systems(&caller.ctx, id(path)?).await?)
    };
    match answer.await {
        Ok(delivery) => super::problem::json(StatusCode::OK, &delivery),
        Err(problem) => problem.into_response(),
    }
}

/// Stop what has not left. Again: the same answer.
#[utoipa::path(post, path = "/deliveries/{id}/cancel",
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header, description = "Carried out once; again, the same answer")),
    responses((status = 200, body = Delivery), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn cancel(
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (id, body) = match id(path).and_then(|id| Ok((id, idempotent::whole(body)?))) {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    let named = id.to_string();
    idempotent::once(&caller, &headers, &[b"POST cancel", named.as_bytes(), &body], async |ctx| {
        services::delivery::cancel(&caller.platform, &ctx, id).await?;
        Ok((StatusCode::OK, services::delivery::for_systems(&ctx, id).await?))
    })
    .await
}

/// Stop what has not left, and tell exactly those whom it reached, or may have, at once.
#[utoipa::path(post, path = "/deliveries/{id}/retract", request_body = Correction,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header, description = "Carried out once; again, the same answer")),
    responses((status = 201, body = Created), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn retract(
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (id, (body, value)) = match id(path).and_then(|id| Ok((id, idempotent::read(body)?))) {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    let correction = match correction(&value) {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    let named = id.to_string();
    idempotent::once(&caller, &headers, &[b"POST retract", named.as_bytes(), &body], async |ctx| {
        let id = services::delivery::retract(&caller.platform, &ctx, id, &correction).await?;
        Ok((StatusCode::CREATED, json!({"id": id.to_string()})))
    })
    .await
}

/// A correction: the text, the same in other languages, and after which other one it comes.
fn correction(value: &Value) -> Result<domain::delivery::Correction, Problem> {
    let shape = || {
        Problem::refused(
            "/text",
            "訂正の文章を、{\"text\": \"…\"} で送ってください。ほかのことばは {\"variants\": {\"en\": \"…\"}} で足せます",
        )
    };
    let object = value.as_object().ok_or_else(shape)?;
    if object.keys().any(|key| !matches!(key.as_str(), "text" | "variants" | "after")) {
        return Err(shape());
    }
    let text = object.get("text").and_then(Value::as_str).ok_or_else(shape)?;
    let mut texts = BTreeMap::new();
    let none = serde_json::Map::new();
    let given = match object.get("variants") {
        None | Some(Value::Null) => &none,
        Some(given) => given.as_object().ok_or_else(shape)?,
    };
    for (name, words) in given {
        let language = Language::parse(name).filter(|l| *l != Language::Japanese);
        match (language, words.as_str()) {
            (Some(language), Some(words)) => drop(texts.insert(language, words.to_owned())),
            _ => {
                return Err(Problem::refused(
                    "/variants",
                    "ことば（en など）ごとに、文章を文字で入れてください",
                ));
            }
        }
    }
    let after = match object.get("after") {
        None | Some(Value::Null) => None,
        Some(id) => {
            let id = id.as_str().and_then(|id| id.parse::<DeliveryId>().ok());
            Some(id.ok_or_else(|| {
                Problem::refused("/after", "前の訂正の番号を、文字で入れてください")
            })?)
        }
    };
    Ok(domain::delivery::Correction { text: text.to_owned(), texts, after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correction_names_the_one_before() {
        let read = correction(&json!({"text": "誤り", "after": "12"})).unwrap();
        assert_eq!((read.text.as_str(), read.after), ("誤り", Some(DeliveryId(12))));
        assert_eq!(correction(&json!({"text": "誤り", "after": null})).unwrap().after, None);
        for wrong in [json!(12), json!("十二"), json!(["12"])] {
            let refused = correction(&json!({"text": "誤り", "after": wrong})).unwrap_err();
            assert_eq!(refused.status, 422);
        }
    }
}
