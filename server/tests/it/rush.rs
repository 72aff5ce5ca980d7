//! However much other systems ask for, the console answers (NFR-9), and so does an emergency.

use crate::city::{Ask, City, Who};
use crate::support::both;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use kairan::http::{LONG, REST};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt;

/// Requests of which each hangs until it may end.
struct Rush {
    open: Arc<AtomicUsize>,
    end: Arc<Semaphore>,
    going: JoinSet<Result<Response, Infallible>>,
}

impl Rush {
    /// Asks so often, and waits until so many of them have come in.
    async fn on(city: &City, path: &str, body: &'static str, asked: usize, enter: usize) -> Self {
        let Who::Token(token) = &city.token else { panic!("it is a token") };
        let (open, end) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let mut going = JoinSet::new();
        for _ in 0..asked {
            let (open, end) = (open.clone(), end.clone());
            let body = stream::once(async move {
                open.fetch_add(1, Ordering::SeqCst);
                drop(end.acquire().await);
                Ok::<_, Infallible>(Bytes::from_static(body.as_bytes()))
            });
            let request = Request::post(path)
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .body(Body::from_stream(body))
                .unwrap();
            going.spawn(city.router().oneshot(request));
        }
        while open.load(Ordering::SeqCst) < enter {
            tokio::task::yield_now().await;
        }
        Self { open, end, going }
    }

    fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Lets all of them end; answers how many came in.
    async fn end(mut self) -> usize {
        self.end.close();
        while let Some(answer) = self.going.join_next().await {
            assert_eq!(answer.unwrap().unwrap().status(), StatusCode::OK);
        }
        self.open.load(Ordering::SeqCst)
    }
}

#[test]
fn a_rush_on_rest_leaves_the_console_its_connections() {
    both(async |t| {
        let city = City::new(&t).await;
        let (path, body) = ("/api/v1/audiences/count", r#"{"audience": {"everyone": true}}"#);
        let rush = Rush::on(&city, path, body, REST + 4, REST).await;
        for _ in 0..3 {
            assert_eq!(city.ask(&city.own, Ask::get("/console")).await.status, 200);
            assert_eq!(city.ask(&Who::Nobody, Ask::get("/readyz")).await.status, 200);
        }
        assert_eq!(rush.open(), REST, "the others wait");
        assert_eq!(rush.end().await, REST + 4);
    });
}

#[test]
fn imports_that_hang_on_keep_no_emergency_waiting() {
    both(async |t| {
        let city = City::new(&t).await;
        crate::menus::prepared(&t).await;
        let rush = Rush::on(&city, "/api/v1/residents/import", "", REST + 4, LONG).await;
        let declared = json!({"disaster": "earthquake", "mode": "real"});
        let answer = city.ask(&city.token, Ask::json("/api/v1/menus/emergency", &declared)).await;
        assert_eq!(answer.status, 200);
        let urgent = json!({
            "title": "避難指示",
            "audience": {"everyone": true},
            "parts": [{"text": "避難してください"}],
            "purpose": "emergency",
        });
        let answer = city.ask(&city.token, Ask::json("/api/v1/deliveries", &urgent)).await;
        assert_eq!(answer.status, 201);
        let made: Value = serde_json::from_slice(&answer.body).unwrap();
        let stop = format!("/api/v1/deliveries/{}/cancel", made["id"].as_str().unwrap());
        assert_eq!(city.ask(&city.token, Ask::json(stop, &Value::Null)).await.status, 200);
        assert_eq!(rush.open(), LONG, "the other imports wait");
        assert_eq!(rush.end().await, REST + 4);
    });
}
