//! The built site: hashed files for ever, the others briefly.

use super::AppState;
use axum::Router;
use axum::http::{HeaderValue, header};
use leptos::config::{LeptosOptions, get_configuration};
use std::path::{Path, PathBuf};
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

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

pub fn router(options: &LeptosOptions) -> Router<AppState> {
    let root = PathBuf::from(options.site_root.as_ref());
    let cached = |seconds: &'static str| {
        SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static(seconds))
    };
    let hashed = ServiceBuilder::new()
        .layer(cached("public, max-age=31536000, immutable"))
        .service(ServeDir::new(root.join("pkg")).precompressed_br().precompressed_gzip());
    let pictures = ServiceBuilder::new()
        .layer(cached("public, max-age=3600"))
        .service(ServeDir::new(root.join("manual")));
    let mut router = Router::new().nest_service("/pkg", hashed).nest_service("/manual", pictures);
    for name in ["favicon.svg", "liff.js", "form.js"] {
        let file = ServiceBuilder::new().layer(cached("public, max-age=300")).service(
            tower_http::services::ServeFile::new(root.join(name))
                .precompressed_br()
                .precompressed_gzip(),
        );
        router = router.route_service(&format!("/{name}"), file);
    }
    router
}
