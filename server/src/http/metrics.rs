//! `GET /metrics` on an address of its own (`KAIRAN_METRICS_BIND`): counters in Prometheus'
//! text format, without anybody's data.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use services::Platform;
use std::fmt::Write;
use std::sync::Arc;
use store::metrics::{Metrics, metrics};

pub fn router(platform: Arc<Platform>) -> Router {
    Router::new().route("/metrics", get(show)).with_state(platform)
}

async fn show(State(platform): State<Arc<Platform>>) -> Response {
    match metrics(&platform.system()).await {
        Ok(metrics) => {
            let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
            (kind, written(&metrics)).into_response()
        }
        Err(error) => {
            tracing::warn!(%error, "no metrics");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Prometheus' text format.
fn written(m: &Metrics) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, values: &[(String, i64)]| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP kairan_{name} {help}\n# TYPE kairan_{name} gauge");
        for (labels, value) in values {
            let _ = writeln!(text, "kairan_{name}{labels} {value}");
        }
    };
    let one = |value: i64| vec![(String::new(), value)];
    gauge("calls_open", "Calls to LINE that have not ended.", &one(m.calls_open));
    gauge(
        "calls_overdue_seconds",
        "How long the oldest open call has been due.",
        &one(m.calls_overdue),
    );
    gauge("events_open", "Webhook events not worked through.", &one(m.events_open));
    gauge(
        "events_oldest_seconds",
        "How long the oldest of them has waited.",
        &one(m.events_oldest),
    );
    let by = |label: &str, counts: &[(String, i64)]| -> Vec<(String, i64)> {
        counts.iter().map(|(name, n)| (format!("{{{label}=\"{name}\"}}"), *n)).collect()
    };
    let by_status = by("status", &m.deliveries);
    gauge("deliveries_open", "Deliveries that have not ended.", &by_status);
    gauge(
        "watch_age_seconds",
        "How long no worker has looked at what goes on; -1: none ever did.",
        &one(m.watch_age),
    );
    let by_duty = by("duty", &m.duties_failing);
    gauge("duty_failures", "Failures in a row of duties that fail.", &by_duty);
    gauge("alerts_open", "Alerts that go on.", &one(m.alerts_open));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauges_are_written_for_prometheus() {
        let deliveries = vec![("held".into(), 1), ("sending".into(), 2)];
        let duties_failing = vec![("menu figures".into(), 3)];
        let metrics = Metrics {
            calls_open: 7,
            deliveries,
            watch_age: -1,
            duties_failing,
            ..Metrics::default()
        };
        let text = written(&metrics);
        assert!(text.contains("# TYPE kairan_calls_open gauge\nkairan_calls_open 7\n"), "{text}");
        assert!(text.contains("kairan_deliveries_open{status=\"held\"} 1\n"), "{text}");
        assert!(text.contains("kairan_watch_age_seconds -1\n"), "{text}");
        assert!(text.contains("kairan_duty_failures{duty=\"menu figures\"} 3\n"), "{text}");
        assert!(text.lines().all(|line| line.starts_with("# ") || line.starts_with("kairan_")));
    }
}
