//! However much other systems ask for, the console answers (NFR-9).

use crate::city::{Ask, City, Who};
use crate::support::both;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use bytes::Bytes;
use futures::stream;
use kairan::http::REST;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt;

#[test]
fn a_rush_on_rest_leaves_the_console_its_connections() {
    both(async |t| {
        let city = City::new(&t).await;
        let Who::Token(token) = &city.token else { panic!("it is a token") };
        let (open, end) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let mut rush = JoinSet::new();
        for _ in 0..REST + 4 {
            // An import that goes on until it may end.
            let (open, end) = (open.clone(), end.clone());
            let body = stream::once(async move {
                open.fetch_add(1, Ordering::SeqCst);
                drop(end.acquire().await);
                Ok::<_, Infallible>(Bytes::new())
            });
            let request = Request::post("/api/v1/residents/import")
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .body(Body::from_stream(body))
                .unwrap();
            rush.spawn(city.router().oneshot(request));
        }
        while open.load(Ordering::SeqCst) < REST {
            tokio::task::yield_now().await;
        }
        for _ in 0..3 {
            assert_eq!(city.ask(&city.own, Ask::get("/console")).await.status, 200);
            assert_eq!(city.ask(&Who::Nobody, Ask::get("/readyz")).await.status, 200);
        }
        assert_eq!(open.load(Ordering::SeqCst), REST, "the others wait");
        end.close();
        while let Some(answer) = rush.join_next().await {
            assert_eq!(answer.unwrap().unwrap().status(), StatusCode::OK);
        }
        assert_eq!(open.load(Ordering::SeqCst), REST + 4);
    });
}
