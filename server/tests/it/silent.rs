//! What pages and probes say where no worker works, and the report of what happened (ADM-10).

use crate::city::{Ask, City, Who};
use crate::support::both;
use domain::alert::SILENT_AFTER;
use domain::audience::Audience;
use domain::delivery::{NewDelivery, Purpose};
use domain::message::Part;
use domain::time::MINUTE;
use serde_json::{Value, json};
use store::alert::WATCH;
use store::work;

const SILENT: &str = "自動の処理（ワーカー）が、動いていません";

async fn delivery(city: &City) -> String {
    let new = NewDelivery {
        title: "断水のお知らせ".into(),
        audience: Audience::Everyone,
        parts: vec![Part::Text { text: "断水します".into() }],
        purpose: Purpose::Notice,
        send_at: None,
        uncounted: vec![],
        variants: vec![],
    };
    let id = store::delivery::create(&city.t.ctx, &new, None).await.unwrap();
    format!("/console/deliveries/{id}")
}

/// Whether the home and a delivery on its way say so, and what the probe says.
async fn said(city: &City, delivery: &str) -> (bool, bool, Value) {
    let home = city.ask(&city.viewer, Ask::get("/console")).await;
    let page = city.ask(&city.viewer, Ask::get(delivery)).await;
    let probe = city.ask(&Who::Nobody, Ask::get("/readyz")).await;
    for answer in [&home, &page, &probe] {
        assert_eq!(answer.status, 200);
    }
    (home.has(SILENT), page.has(SILENT), serde_json::from_slice(&probe.body).unwrap())
}

#[test]
fn pages_and_the_probe_say_that_nobody_works() {
    both(async |t| {
        let city = City::new(&t).await;
        let delivery = delivery(&city).await;
        let silent =
            |since: Value| json!({"database": "ok", "worker": "silent", "worker_last_seen": since});
        assert_eq!(said(&city, &delivery).await, (true, true, silent(Value::Null)));
        assert!(work::take(&t.ctx, WATCH, "w", t.ctx.now(), MINUTE).await.unwrap());
        work::done(&t.ctx, WATCH).await.unwrap();
        let last = t.ctx.now();
        let works = json!({"database": "ok", "worker": "ok"});
        assert_eq!(said(&city, &delivery).await, (false, false, works));
        t.later(SILENT_AFTER + 1);
        let since = Value::from(last.rfc3339());
        assert_eq!(said(&city, &delivery).await, (true, true, silent(since)));
    });
}

#[test]
fn a_report_is_for_those_who_may_see_the_delivery() {
    both(async |t| {
        let city = City::new(&t).await;
        let delivery = delivery(&city).await;
        let path = format!("{delivery}/report");
        let page = city.ask(&city.viewer, Ask::get(&path)).await;
        assert_eq!(page.status, 200);
        for words in ["経過報告書", "断水のお知らせ", "台帳を見られる人がひらいたときだけ"]
        {
            assert!(page.has(words), "{words}");
        }
        let nobody = city.ask(&Who::Nobody, Ask::get(&path)).await;
        assert_eq!(nobody.status, 303);
        assert!(nobody.location.contains("/console/signin") && !nobody.has("断水のお知らせ"));
        for nowhere in ["/console/settings/alerts/999999", "/console/deliveries/999999/report"] {
            let answer = city.ask(&city.viewer, Ask::get(nowhere)).await;
            assert_eq!(answer.status, 404, "{nowhere}");
        }
    });
}
