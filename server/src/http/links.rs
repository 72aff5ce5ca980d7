//! `/r/{token}`: the short addresses of links (SEG-8). They lead to exactly the address that
//! was sent and to no other; nobody is asked who they are, and nothing of them is kept.

use super::AppState;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use domain::link::{PATH, is_program};
use domain::permission::Actor;
use services::link::{Leads, follow};

pub fn router() -> Router<AppState> {
    Router::new().route(&format!("{PATH}/{{*rest}}"), get(lead))
}

async fn lead(
    State(state): State<AppState>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    // As it stands in the address: what follows the token may be anything.
    let rest = uri.path().strip_prefix(PATH).unwrap_or_default().trim_start_matches('/');
    let ctx = state.platform.context(Actor::Nobody);
    let counts = method == Method::GET && by_a_person(&headers);
    let mut response = match follow(&state.platform, &ctx, rest, counts).await {
        Ok(Leads::To(uri)) => match HeaderValue::from_str(&uri) {
            Ok(uri) => (StatusCode::FOUND, [(header::LOCATION, uri)]).into_response(),
            Err(_) => page(StatusCode::NOT_FOUND, NOWHERE),
        },
        Ok(Leads::Over) => page(StatusCode::GONE, OVER),
        Ok(Leads::Nowhere) => page(StatusCode::NOT_FOUND, NOWHERE),
        Err(error) => {
            tracing::error!(%error, "a link could not be looked up");
            page(StatusCode::SERVICE_UNAVAILABLE, AWAY)
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    response
}

/// Not a program that only looks, nor a browser that fetches ahead.
pub(super) fn by_a_person(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let ahead = ["purpose", "sec-purpose", "x-moz"].iter().any(|name| text(name).contains("fetch"));
    !ahead && !is_program(text("user-agent"))
}

const OVER: [&str; 2] = [
    "このリンクは、もう使えません",
    "メッセージが届いてから5年がすぎたため、リンクの案内を終えました。お探しの内容は、市のホームページでお確かめください。",
];
const NOWHERE: [&str; 2] = [
    "このリンク先はありません",
    "アドレスの一部が欠けているかもしれません。届いたメッセージのリンクを、もう一度押してください。",
];
const AWAY: [&str; 2] = [
    "いま、リンク先を調べられません",
    "混み合っているか、点検をしています。1分ほど待ってから、もう一度押してください。",
];

/// A page without script or style: it reads anywhere.
fn page(status: StatusCode, [title, text]: [&str; 2]) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"ja\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>{title}</title></head><body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
    );
    (status, Html(html)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_people_are_counted() {
        let with = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(
                header::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )])
        };
        assert!(by_a_person(&HeaderMap::new()));
        assert!(by_a_person(&with("user-agent", "Mozilla/5.0 (iPhone) Line/14.19.0")));
        for (name, value) in [
            ("user-agent", "Twitterbot/1.0"),
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-moz", "prefetch"),
        ] {
            assert!(!by_a_person(&with(name, value)), "{name}: {value}");
        }
    }
}
