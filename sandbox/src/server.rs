//! The routes, and the accept loop. The loop is our own because an answer that
//! is "lost" must close its connection without a byte, which `axum::serve`
//! cannot do.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, middleware};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tower::ServiceExt;
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders};

use crate::fail::Refusal;
use crate::gate::{Hangup, gate};
use crate::shared::Shared;
use crate::{account, content, control, insight, liff, login, menu, send, tiles, token};

/// Every route of the platform.
pub fn router(shared: &Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/oauth2/v3/token", post(token::stateless))
        .route("/v2/oauth/accessToken", post(token::short_lived))
        .route("/v2/oauth/verify", post(token::verify))
        .route("/v2/oauth/revoke", post(token::revoke))
        .route("/v2/bot/message/push", post(send::push))
        .route("/v2/bot/message/multicast", post(send::multicast))
        .route("/v2/bot/message/broadcast", post(send::broadcast))
        .route("/v2/bot/message/reply", post(send::reply))
        .route("/v2/bot/message/validate/{kind}", post(send::validate))
        .route("/v2/bot/profile/{user_id}", get(account::profile))
        .route("/v2/bot/followers/ids", get(account::followers))
        .route("/v2/bot/message/quota", get(account::quota))
        .route("/v2/bot/message/quota/consumption", get(account::quota_consumption))
        .route("/v2/bot/message/delivery/{kind}", get(account::delivered))
        .route("/v2/bot/message/aggregation/info", get(account::aggregation_info))
        .route("/v2/bot/message/aggregation/list", get(account::aggregation_list))
        .route("/v2/bot/info", get(account::info))
        .route(
            "/v2/bot/channel/webhook/endpoint",
            get(account::webhook_endpoint).put(account::set_webhook_endpoint),
        )
        .route("/v2/bot/channel/webhook/test", post(account::test_webhook))
        .route("/v2/bot/chat/loading/start", post(account::loading))
        .route("/v2/bot/insight/followers", get(insight::followers))
        .route("/v2/bot/insight/message/event", get(insight::of_request))
        .route("/v2/bot/insight/message/event/aggregation", get(insight::of_unit))
        .route("/v2/bot/message/{message_id}/content", get(content::download))
        .route("/v2/bot/message/{message_id}/content/preview", get(content::download))
        .route("/v2/bot/message/{message_id}/content/transcoding", get(content::transcoding))
        .merge(menu::routes())
        // Before the gate, so that these answers pass it too.
        .method_not_allowed_fallback(async || Refusal::wrong_method())
        .route_layer(middleware::from_fn_with_state(Arc::clone(shared), gate));
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(|origin, _| from_loopback(origin)))
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(ExposeHeaders::any());
    Router::new()
        .merge(api)
        .merge(login::routes())
        .merge(liff::routes())
        .merge(tiles::routes())
        .merge(control::routes())
        .method_not_allowed_fallback(async || Refusal::wrong_method())
        .fallback(async || Refusal::not_found())
        .layer(cors)
        .with_state(Arc::clone(shared))
}

fn from_loopback(origin: &HeaderValue) -> bool {
    origin
        .to_str()
        .ok()
        .and_then(|origin| url::Url::parse(origin).ok())
        .is_some_and(|origin| account::is_loopback(&origin))
}

/// Accepts connections until `stop` resolves; then closes them all.
pub async fn accept(listener: TcpListener, router: Router, mut stop: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Without it small answers wait for the other side's delayed ACK.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(serve(TokioIo::new(stream), router.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "accept");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    // Waits for them, so that nothing writes to the journal afterwards.
    connections.shutdown().await;
}

async fn serve(io: TokioIo<tokio::net::TcpStream>, router: Router) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            let response = router.oneshot(request.map(Body::new)).await.unwrap_or_else(never);
            match response.extensions().get::<Hangup>() {
                Some(_) => Err(std::io::Error::other("the answer is lost on purpose")),
                None => Ok(response),
            }
        }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(io, service)
        .await;
    if let Err(error) = served {
        tracing::trace!(%error, "connection ended");
    }
}

fn never(impossible: Infallible) -> Response {
    match impossible {}
}
