//! What stands before every path: request ids, the client's address, the console's
//! address list and session, cross-site requests, security headers, the access log.

use super::AppState;
use crate::api::Problem;
use crate::config::{Config, ConfigError};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use console::server::{ClientAddress, STAY, SignedIn, cookie_name};
use domain::permission::Actor;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use ui::address::with_query;
use ui::server::RequestId;

/// Who may come in, and how we are called.
pub struct Guard {
    allowed: Vec<IpNet>,
    proxies: Vec<IpNet>,
    origin: String,
    secure: bool,
}

impl Guard {
    /// # Errors
    /// If a list of networks cannot be read.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let secure = config.public_url.starts_with("https://");
        Ok(Self {
            allowed: config.allowed()?,
            proxies: config.proxies()?,
            origin: config.public_url.clone(),
            secure,
        })
    }

    /// The client's address: the last one in `X-Forwarded-For` that is no proxy of ours.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        let trusted = |ip: IpAddr| self.proxies.iter().any(|n| n.contains(&ip));
        if !trusted(peer) {
            return peer;
        }
        let forwarded: Vec<IpAddr> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .filter_map(|v| v.trim().parse::<IpAddr>().ok())
            .map(|ip| ip.to_canonical())
            .collect();
        forwarded
            .iter()
            .rev()
            .find(|ip| !trusted(**ip))
            .or(forwarded.first())
            .copied()
            .unwrap_or(peer)
    }
}

/// A cookie of a request.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, value)| value)
}

/// The outermost layer.
pub async fn outermost(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let ctx = state.platform.system();
    let began = ctx.now();
    let id = format!(
        "E-{}-{}",
        began.date().iso().replace('-', ""),
        hex::encode_upper(ctx.random::<3>())
    );
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([127, 0, 0, 1]), |c| c.0.ip());
    let address = state.guard.client(peer, request.headers());
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(ClientAddress(address.to_string()));
    request.extensions_mut().insert(address);
    // The path alone: queries may carry what LINE hands over at sign-in.
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = if same_site(&state.guard, &request) {
        next.run(request).await
    } else {
        (
            StatusCode::FORBIDDEN,
            "ほかのサイトからの操作は受け付けません。この画面をひらき直してください",
        )
            .into_response()
    };
    let headers = response.headers_mut();
    if ["/console", "/api/v1"].iter().any(|area| below(&path, area)) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(self), geolocation=(self), microphone=()"),
    );
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    if state.guard.secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        );
    }
    let taken = ctx.now().since(began) / 1000;
    tracing::info!(request = id, %method, path, status = response.status().as_u16(), milliseconds = taken, "request");
    response
}

/// Whether a path is an area's or lies below it.
fn below(path: &str, area: &str) -> bool {
    path.strip_prefix(area).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Requests that change something come from our own pages (console and LIFF), or carry
/// a signature or token of their own (webhook, REST).
fn same_site(guard: &Guard, request: &Request) -> bool {
    let path = request.uri().path();
    let by_cookie = ["/console", "/liff", "/phone"].iter().any(|p| path.starts_with(p));
    if !by_cookie || matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = header("host").unwrap_or_default();
            origin == guard.origin
                || origin.split_once("://").is_some_and(|(_, o)| !host.is_empty() && o == host)
        }
        (None, None) => false,
    }
}

/// Console and REST are there only for the city's own networks.
pub async fn addresses(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let inside = request
        .extensions()
        .get::<IpAddr>()
        .is_some_and(|ip| state.guard.allowed.iter().any(|n| n.contains(ip)));
    if inside {
        return next.run(request).await;
    }
    if !below(request.uri().path(), "/console") {
        return Problem::outside().into_response();
    }
    (
        StatusCode::FORBIDDEN,
        "この画面は、庁内のネットワークからだけひらけます。つなぎ先を確かめてください",
    )
        .into_response()
}

/// The console's session: pages lead to sign-in, everything else is refused.
pub async fn session(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let ctx = state.platform.context(Actor::Nobody);
    let path = request.uri().path();
    // What a page asks by itself is no use of the session; whoever uses the page says so.
    let by_itself = path.starts_with("/console/fn/") && !path.ends_with(STAY);
    let current = match cookie(request.headers(), cookie_name(&state.guard.origin)) {
        Some(secret) if secret.len() > 128 => Ok(None),
        Some(secret) if by_itself => store::session::glance(&ctx, secret).await,
        Some(secret) => store::session::current(&ctx, secret).await,
        None => Ok(None),
    };
    match current {
        Ok(Some(current)) => drop(request.extensions_mut().insert(SignedIn(current))),
        Ok(None)
            if path == "/console/signin"
                || console::server::OPEN.iter().any(|open| path.ends_with(open)) => {}
        Ok(None) if request.method() == Method::GET && !path.starts_with("/console/fn/") => {
            let next = request.uri().path_and_query().map_or("/console", |p| p.as_str());
            let signin = with_query("/console/signin", &[("next", next.to_owned())]);
            return Redirect::to(&signin).into_response();
        }
        Ok(None) => {
            let body = serde_json::to_string(&ui::AppError::SignInNeeded).unwrap_or_default();
            return (StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, "application/json")], body)
                .into_response();
        }
        Err(error) => {
            tracing::error!(%error, "the session could not be read");
            return (
                StatusCode::SERVICE_UNAVAILABLE,
                "いま、記録の保管場所につながりません。1分ほど待ってから、もう一度ひらいてください",
            )
                .into_response();
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(proxies: &str) -> Guard {
        let config = Config {
            trusted_proxies: Some(proxies.into()),
            public_url: "http://127.0.0.1:3000".into(),
            ..Config::default()
        };
        Guard::new(&config).unwrap()
    }

    #[test]
    fn forwarded_addresses_are_believed_only_of_proxies() {
        let ip = |s: &str| s.parse::<IpAddr>().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("1.1.1.1, 10.0.0.9, 10.0.0.2"));
        assert_eq!(guard("10.0.0.0/29").client(ip("9.9.9.9"), &headers), ip("9.9.9.9"));
        assert_eq!(guard("10.0.0.0/29").client(ip("10.0.0.1"), &headers), ip("10.0.0.9"));
        assert_eq!(guard("10.0.0.0/8").client(ip("::ffff:10.0.0.1"), &headers), ip("1.1.1.1"));
    }
}
