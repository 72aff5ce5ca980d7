//! The pages of Leptos: console, LIFF, phone, with their server functions and headers.

use super::{AppState, answers, application, critical, guard, registration, roster, upload};
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use leptos::context::provide_context;
use leptos::nonce::use_nonce;
use leptos::prelude::use_context;
use leptos::server_fn::axum::get_server_fn_service;
use leptos_axum::ResponseOptions;
use services::delivery::File;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use ui::server::RequestId;

/// Uploads through server functions are text: forms and CSV of area trees.
const BODY_MAX: usize = 2 * 1024 * 1024;

/// Which pages, and what their content security policy allows beside our own origin.
#[derive(Clone, Copy)]
enum Area {
    Console,
    Liff,
    Phone,
}

/// Everything under `/console`: address list, session and headers at one place.
pub fn console(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/console/deliveries.csv", get(|s, e, q| csv::deliveries(s, e, q, File::Csv)))
        .route("/console/deliveries/periods.csv", get(|s, e, q| csv::periods(s, e, q, File::Csv)))
        .route("/console/deliveries/periods.xlsx", get(|s, e, q| csv::periods(s, e, q, File::Xlsx)))
        .route("/console/deliveries.xlsx", get(|s, e, q| csv::deliveries(s, e, q, File::Xlsx)))
        .route(
            "/console/deliveries/{id}/figures.csv",
            get(|s, e, p| csv::delivery(s, e, p, File::Csv)),
        )
        .route(
            "/console/deliveries/{id}/figures.xlsx",
            get(|s, e, p| csv::delivery(s, e, p, File::Xlsx)),
        )
        .route("/console/deliveries/steps/{id}/table.csv", get(csv::course))
        .route("/console/residents.csv", get(csv::residents))
        .route("/console/residents/figures.csv", get(csv::figures))
        .route(
            "/console/menus/{id}/figures.csv",
            get(|s, e, p, q| csv::menu(s, e, p, q, File::Csv)),
        )
        .route(
            "/console/menus/{id}/figures.xlsx",
            get(|s, e, p, q| csv::menu(s, e, p, q, File::Xlsx)),
        )
        .route("/console/settings/holidays.csv", get(csv::holidays))
        .route("/console/settings/alerts.csv", get(csv::alerts))
        .route("/console/settings/ledger.csv", get(csv::ledger))
        .merge(answers::router())
        .route(
            "/console/pictures",
            post(upload::receive).layer(DefaultBodyLimit::max(services::picture::SIZE_MAX)),
        )
        .route(
            "/console/menu-pictures",
            post(upload::receive_for_menus)
                .layer(DefaultBodyLimit::max(services::picture::SIZE_MAX)),
        )
        .route("/console/videos", post(upload::video))
        .route(
            "/console/lists/file",
            post(roster::receive).layer(DefaultBodyLimit::max(domain::roster::SIZE_MAX)),
        )
        .route(
            "/console/forms/lists/file",
            post(roster::receive_eligible).layer(DefaultBodyLimit::max(domain::roster::SIZE_MAX)),
        )
        .route("/console/answers/{answer}/files/{blob}", get(application::staff_file))
        .route("/console/answers/{answer}/files/{blob}/preview", get(application::staff_preview))
        .route("/console/fn/{*function}", any(|s, r| functions(s, r, Area::Console)))
        .route("/console", get(|s, r| page(s, r, Area::Console)))
        .route("/console/{*page}", get(|s, r| page(s, r, Area::Console)))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(compression())
        .layer(axum::middleware::from_fn_with_state(state.clone(), guard::session))
        .layer(axum::middleware::from_fn_with_state(state.clone(), guard::addresses))
}

/// The residents' pages, and the sandbox phone where there is a sandbox.
pub fn liff(state: &AppState) -> Router<AppState> {
    let mut router = Router::new()
        .route("/liff/fn/{*function}", any(|s, r| functions(s, r, Area::Liff)))
        .route(
            "/liff/session",
            post(|State(state): State<AppState>, request| async move {
                liff::server::open_session(&state.platform, request).await
            }),
        )
        .route("/liff/f/{id}/files", get(residents).post(application::upload))
        .route("/liff/f/{id}/draft", post(application::draft))
        .route("/liff/f/{id}/try/draft", post(application::trial))
        .route("/liff/f/{id}/files/{blob}", get(application::file))
        .route("/liff/f/{id}/files/{blob}/preview", get(application::preview))
        .route("/liff", get(registration::get).post(residents))
        .route("/liff/", get(registration::get).post(residents))
        .route("/liff/register", get(registration::get).post(residents))
        .route("/liff/{*page}", get(residents).post(residents));
    if state.platform.settings.sandbox_url.is_some() {
        router = router.route("/phone", get(|s, r| page(s, r, Area::Phone)));
    }
    router.layer(DefaultBodyLimit::max(BODY_MAX)).layer(compression())
}

/// Pages are compressed while they are sent: residents on a weak network first of all.
pub(super) fn compression() -> CompressionLayer {
    CompressionLayer::new().quality(CompressionLevel::Fastest)
}

async fn page(State(state): State<AppState>, request: Request<Body>, area: Area) -> Response {
    let request = if matches!(area, Area::Console) {
        console::server::prepare(&state.platform, request).await
    } else {
        request
    };
    let options = state.leptos.clone();
    let context = context(&state, &request, area);
    // Whole, not streamed: status and title depend on what nested resources find, and a page reads without script.
    let handler =
        leptos_axum::render_app_async_with_context(context, move || app::shell(options.clone()));
    handler(request).await.into_response()
}

/// A residents' page: found and carried out first, then rendered; a plain form is answered by its page, or
/// by the way to it.
pub async fn residents(State(state): State<AppState>, request: Request<Body>) -> Response {
    let request = liff::server::prepare(&state.platform, request).await;
    if let Some(way) = liff::server::way(&request) {
        return way;
    }
    let response = page(State(state.clone()), request, Area::Liff).await;
    critical::bring_along(&state, response).await
}

async fn functions(State(state): State<AppState>, request: Request<Body>, area: Area) -> Response {
    // The layer's limit is kept by axum's extractors alone.
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, BODY_MAX).await else {
        return (
            StatusCode::PAYLOAD_TOO_LARGE,
            "送られた内容が大きすぎます。2 MBまでに分けてください",
        )
            .into_response();
    };
    if get_server_fn_service(parts.uri.path(), parts.method.clone()).is_none() {
        return outdated(&parts.headers);
    }
    let request = Request::from_parts(parts, Body::from(bytes));
    let context = context(&state, &request, area);
    with_status(leptos_axum::handle_server_fns_with_context(context, request).await.into_response())
        .await
}

/// What this release does not have is asked for by a page of the one before or after it.
fn outdated(headers: &HeaderMap) -> Response {
    let error = ui::AppError::Outdated;
    let status = error.status().try_into().unwrap_or(StatusCode::CONFLICT);
    let accepts = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
    if accepts.is_some_and(|accepts| accepts.contains("text/html")) {
        let words = format!("{}。前の画面にもどって、読み直してください", error.title());
        return (status, words).into_response();
    }
    (status, Json(error)).into_response()
}

/// Leptos answers every refusal with 500; who watches the server shall see what it was.
async fn with_status(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, BODY_MAX).await else {
        return parts.status.into_response();
    };
    if let Ok(error) = serde_json::from_slice::<ui::AppError>(&bytes) {
        parts.status = error.status().try_into().unwrap_or(parts.status);
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// What pages and server functions find in their context: one list for both.
fn context(
    state: &AppState,
    request: &Request<Body>,
    area: Area,
) -> impl Fn() + Clone + Send + Sync + 'static {
    let platform = state.platform.clone();
    let id = request.extensions().get::<RequestId>().cloned();
    move || {
        if let Some(id) = id.clone() {
            provide_context(id);
        }
        provide_context(platform.clone());
        let policy =
            policy(&platform.settings, area, use_nonce().map(|n| n.to_string()).as_deref());
        if let (Some(options), Ok(policy)) =
            (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy))
        {
            options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

fn origin(url: &str) -> &str {
    let after = url.find("://").map_or(0, |i| i + 3);
    let end = url[after..].find('/').map_or(url.len(), |i| after + i);
    &url[..end]
}

/// Nonces only; wasm may be compiled, nothing may be evaluated.
fn policy(settings: &services::Settings, area: Area, nonce: Option<&str>) -> String {
    let nonce = nonce.map(|n| format!(" 'nonce-{n}'")).unwrap_or_default();
    let sandbox = settings.sandbox_url.as_deref().map(origin).unwrap_or_default();
    let (scripts, connect, frames, ancestors) = match area {
        Area::Console => (String::new(), String::new(), "'none'".to_owned(), "'none'"),
        Area::Liff => {
            let line = [&settings.liff_sdk_url, &settings.line_api_url, &settings.liff_url]
                .map(|u| origin(u))
                .join(" ");
            // Within the sandbox phone the page stands in a frame of our own origin.
            (
                format!(" {}", origin(&settings.liff_sdk_url)),
                format!(" {line} https://access.line.me"),
                "'none'".to_owned(),
                if sandbox.is_empty() { "'none'" } else { "'self'" },
            )
        }
        Area::Phone => {
            (String::new(), format!(" {sandbox}"), format!("'self' {sandbox}"), "'none'")
        }
    };
    let images = match area {
        Area::Console => String::new(),
        Area::Liff => format!(" {}", origin(&settings.map.tiles)),
        Area::Phone => format!(" {sandbox}"),
    };
    // Videos of deliveries lie with us; residents' pages have none.
    let videos = if matches!(area, Area::Liff) { "" } else { " media-src 'self';" };
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{nonce}{scripts}; style-src 'self'{nonce}; img-src 'self' data: blob:{images}; font-src 'self';{videos} \
         connect-src 'self'{connect}; frame-src {frames}; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors {ancestors}"
    )
}

/// Downloads of the console: CSV, and workbooks.
mod csv {
    use super::super::AppState;
    use axum::body::Body;
    use axum::extract::{Path, Query, State};
    use axum::http::{Extensions, StatusCode, header};
    use axum::response::{IntoResponse, Response};
    use console::server::SignedIn;
    use domain::menu::FigurePeriod;
    use domain::time::Date;
    use serde::Deserialize;
    use services::delivery::File;
    use services::{Context, Error};

    fn context(state: &AppState, extensions: &Extensions) -> Option<Context> {
        let SignedIn(current) = extensions.get::<SignedIn>()?;
        (!current.must_change).then(|| state.platform.context(current.actor()))
    }

    fn answer(name: &str, body: Result<Body, Error>) -> Response {
        file(name, File::Csv, body)
    }

    fn file(name: &str, file: File, body: Result<Body, Error>) -> Response {
        let (media_type, ending) = match file {
            File::Csv => ("text/csv; charset=utf-8", "csv"),
            File::Xlsx => {
                ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
            }
        };
        let disposition = format!("attachment; filename=\"{name}.{ending}\"");
        match body {
            Ok(body) => (
                [
                    (header::CONTENT_TYPE, media_type.to_owned()),
                    (header::CONTENT_DISPOSITION, disposition),
                ],
                body,
            )
                .into_response(),
            Err(Error::NotFound) => (StatusCode::NOT_FOUND, "配信がありません").into_response(),
            Err(Error::Forbidden(_)) => {
                (StatusCode::FORBIDDEN, "書き出しは、許された職員だけができます").into_response()
            }
            Err(error) => {
                tracing::error!(%error, "a file could not be made");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "いま、書き出せません。しばらくしてから、もう一度ためしてください",
                )
                    .into_response()
            }
        }
    }

    pub async fn residents(State(state): State<AppState>, extensions: Extensions) -> Response {
        let Some(ctx) = context(&state, &extensions) else {
            return StatusCode::UNAUTHORIZED.into_response();
        };
        answer("residents", services::resident::csv(&ctx).await.map(Body::from_stream))
    }

    pub async fn course(
        State(state): State<AppState>,
        extensions: Extensions,
        Path(id): Path<i64>,
    ) -> Response {
        let Some(ctx) = context(&state, &extensions) else {
            return StatusCode::UNAUTHORIZED.into_response();
        };
        let id = domain::id::CourseId(id);
        answer(&format!("steps-{id}"), services::steps::export(&ctx, id).await.map(Body::from))
    }

    pub async fn menu(
        State(state): State<AppState>,
        extensions: Extensions,
        Path(id): Path<i64>,
        Query(period): Query<FigurePeriod>,
        kind: File,
    ) -> Response {
        let Some(ctx) = context(&state, &extensions) else {
            return StatusCode::UNAUTHORIZED.into_response();
        };
        let id = domain::id::MenuId(id);
        let (from, until) = period.dates(ctx.now().date());
        let made = services::menu::taps_file(&ctx, id, from, until, kind).await;
        file(&format!("menu-{id}"), kind, made.map(Body::from))
    }

    #[derive(Deserialize)]
    pub struct Period {
        from: Option<String>,
        until: Option<String>,
    }

    pub async fn figures(
        State(state): State<AppState>,
        extensions: Extensions,
        Query(period): Query<Period>,
    ) -> Response {
        let Some(ctx) = context(&state, &extensions) else {
            return StatusCode::UNAUTHORIZED.into_response();
        };
        let until =
            period.until.as_deref().and_then(Date::parse_iso).unwrap_or_else(|| ctx.now().date());
        let from = period
            .from
            .as_deref()
            .and_then(Date::parse_iso)
            .unwrap_or_else(|| Date::from_days(until.days() - 29));
        answer("figures", services::resident::figures_csv(&ctx, from, until).await.map(Body::from))
    }

    pub async fn deliveries(
        State(state): State<AppState>,
        extensions: Extensions,
        Query(pairs): Query<Vec<(String, String)>>,
        kind: File,
    ) -> Response {
        let Some(ctx) = context(&state, &extensions) else {
            return StatusCode::UNAUTHORIZED.into_response();
        };
        let value = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let filter = domain::delivery::Filter::parse(value);
        let made = services::delivery::list_file(&ctx, &filter, kind).await;
        file("deliveries", kind, made.map(Body::from))
    }

    pub async fn periods(
        State(state): State<AppState>,
        extensions: Extensions,
        Query(pairs): Query<Vec<(String, String)>>,
        kind: File,
    ) -> Response {
        let Some(ctx) = context(&state, &extensions) else {
            return StatusCode::UNAUTHORIZED.into_response();
        };
        let value = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let asked = domain::delivery::period::Asked::parse(value);
        let made = services::delivery::periods_file(&ctx, asked, kind).await;
        file("deliveries-periods", kind, made.map(Body::from))
    }

    pub async fn delivery(
        State(state): State<AppState>,
        extensions: Extensions,
        Path(id): Path<String>,
        kind: File,
    ) -> Response {
        let Some(ctx) = context(&state, &extensions) else {
            return StatusCode::UNAUTHORIZED.into_response();
        };
        let made = match id.parse() {
            Ok(id) => services::delivery::figures_file(&ctx, id, kind).await,
            Err(_) => Err(Error::NotFound),
        };
        file(&format!("delivery-{id}"), kind, made.map(Body::from))
    }

    #[derive(Deserialize)]
    pub struct Year {
        year: Option<i32>,
    }

    pub async fn holidays(
        State(state): State<AppState>,
        extensions: Extensions,
        Query(of): Query<Year>,
    ) -> Response {
        let Some(ctx) = context(&state, &extensions) else {
            return StatusCode::UNAUTHORIZED.into_response();
        };
        let year = of.year.unwrap_or_else(|| ctx.now().date().year);
        answer("holidays", services::holiday::csv(&ctx, year).await.map(Body::from))
    }

    pub async fn alerts(State(state): State<AppState>, extensions: Extensions) -> Response {
        let Some(ctx) = context(&state, &extensions) else {
            return StatusCode::UNAUTHORIZED.into_response();
        };
        answer("alerts", services::alert::csv(&ctx).await.map(Body::from))
    }

    #[derive(Deserialize)]
    pub struct Looked {
        #[serde(default)]
        q: String,
        from: Option<String>,
        until: Option<String>,
    }

    pub async fn ledger(
        State(state): State<AppState>,
        extensions: Extensions,
        Query(looked): Query<Looked>,
    ) -> Response {
        let Some(ctx) = context(&state, &extensions) else {
            return StatusCode::UNAUTHORIZED.into_response();
        };
        let date = |text: &Option<String>| text.as_deref().and_then(Date::parse_iso);
        let search = services::ledger::Search {
            words: looked.q.clone(),
            from: date(&looked.from).map(Date::start),
            until: date(&looked.until).map(|d| Date::from_days(d.days() + 1).start()),
        };
        answer("ledger", services::ledger::csv(&ctx, &search).await.map(Body::from_stream))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn origins() {
        assert_eq!(
            super::origin("https://static.line-scdn.net/liff/edge/2/sdk.js"),
            "https://static.line-scdn.net"
        );
        assert_eq!(super::origin("http://127.0.0.1:3001"), "http://127.0.0.1:3001");
    }
}
