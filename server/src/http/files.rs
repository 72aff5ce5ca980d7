//! The built site: hashed files for ever, the others briefly. Hashed files of another release,
//! which its pages ask for, come from where every server puts its own (`store::site`).

use super::{AppState, pages};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use domain::permission::Actor;
use leptos::config::{LeptosOptions, get_configuration};
use services::Platform;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::site::File;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// Files of another release that are read at the same time, each of some megabytes.
const FORMER: usize = 16;
/// So long a start waits for the blob store.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(10);

/// Leptos' options; where nothing else is said, the site lies in `target/site` or beside the binary.
pub fn leptos_options() -> LeptosOptions {
    let mut options = get_configuration(None)
        .map(|c| c.leptos_options)
        .unwrap_or_else(|_| LeptosOptions::builder().output_name("kairan").build());
    options.output_name = "kairan".into();
    options.hash_files = true;
    if std::env::var_os("LEPTOS_SITE_ROOT").is_none() {
        options.site_root = site_root().display().to_string().into();
    }
    options
}

fn site_root() -> PathBuf {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(Path::to_path_buf))
        .unwrap_or_default();
    let candidates = [PathBuf::from("target/site"), beside.join("site"), beside.join("../site")];
    candidates.iter().find(|p| p.is_dir()).cloned().unwrap_or_else(|| candidates[0].clone())
}

/// What a browser loads by a name with a hash, and what it is.
fn media_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "js" => Some("text/javascript"),
        "wasm" => Some("application/wasm"),
        "css" => Some("text/css"),
        _ => None,
    }
}

/// The hashed files of this release; none where no site was built.
fn hashed(root: &Path) -> std::io::Result<Vec<File>> {
    let folder = root.join("pkg");
    let mut files = Vec::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if media_type(name).is_some() {
            files.push(File { name: name.to_owned(), bytes: std::fs::read(&path)?.into() });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Puts this release's hashed files where the servers of another one find them, before the first
/// page names them. If that fails, pages are served all the same.
pub async fn publish(platform: &Platform) {
    let publishing = async {
        let root = PathBuf::from(leptos_options().site_root.as_ref());
        let files = tokio::task::spawn_blocking(move || hashed(&root)).await??;
        if !files.is_empty() {
            store::site::publish(&platform.system(), &files).await?;
        }
        anyhow::Ok(())
    };
    let why = match tokio::time::timeout(PUBLISHED_WITHIN, publishing).await {
        Ok(Ok(())) => return,
        Ok(Err(error)) => format!("{error:#}"),
        Err(_) => "it took too long".to_owned(),
    };
    tracing::warn!(
        why,
        "the files of this release were not published: servers of another release cannot hand them out"
    );
}

/// A hashed file of the release before or after this one.
async fn former(State(state): State<AppState>, uri: Uri) -> Response {
    let name = uri.path().trim_start_matches('/');
    let Some(kind) = media_type(name) else { return StatusCode::NOT_FOUND.into_response() };
    match store::site::read(&state.platform.context(Actor::Nobody), name).await {
        Ok(Some(bytes)) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, name, "a file of another release could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// What a name with a hash leads to is the same for ever; that there is nothing is not.
async fn lasting(mut response: Response) -> Response {
    let there = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let value = if there { "public, max-age=31536000, immutable" } else { "no-store" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    response
}

pub fn router(state: &AppState) -> Router<AppState> {
    let root = PathBuf::from(state.leptos.site_root.as_ref());
    let cached = |seconds: &'static str| {
        SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static(seconds))
    };
    let former: Router = Router::new()
        .fallback(former)
        .layer(pages::compression())
        .layer(GlobalConcurrencyLimitLayer::new(FORMER))
        .with_state(state.clone());
    let hashed =
        ServeDir::new(root.join("pkg")).precompressed_br().precompressed_gzip().fallback(former);
    let pictures = ServiceBuilder::new()
        .layer(cached("public, max-age=3600"))
        .service(ServeDir::new(root.join("manual")));
    let mut router = Router::new()
        .nest_service("/pkg", hashed)
        .layer(map_response(lasting))
        .nest_service("/manual", pictures);
    let map = ["leaflet/leaflet.js", "leaflet/leaflet.css"];
    for name in ["favicon.svg", "line.js", "liff.js", "form.js"].into_iter().chain(map) {
        let file = ServiceBuilder::new().layer(cached("public, max-age=300")).service(
            tower_http::services::ServeFile::new(root.join(name))
                .precompressed_br()
                .precompressed_gzip(),
        );
        router = router.route_service(&format!("/{name}"), file);
    }
    router
}
