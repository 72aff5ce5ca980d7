//! Rich menus: who has which, one by one, in bulk and in batches; what phones show and
//! tap, and what LINE tells of it.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use common::menus::*;
use common::*;
use reqwest::Method;
use serde_json::{Value, json};

const UNKNOWN: &str = "richmenu-00000000000000000000000000000000";

#[tokio::test]
async fn the_own_menu_goes_before_the_default() {
    let (line, _) = Line::start().await;
    let users = line.handle.create_residents(2).unwrap();
    let stranger = line.handle.create_resident("他人", false).unwrap();
    let none = json!({"message": "no default richmenu", "details": []});
    assert_eq!(line.get(DEFAULT).await.refused(404).body, none);
    assert_eq!(seen(&line, users[0]).await, Value::Null);
    let unpictured = bare(&line, plain("bare")).await;
    let must =
        json!({"message": "must upload richmenu image before applying it to user", "details": []});
    let default = |id: &str| format!("{DEFAULT}/{id}");
    assert_eq!(line.post(&default(&unpictured), json!({})).await.refused(400).body, must);
    line.post(&default(UNKNOWN), json!({})).await.refused(404);

    let (a, b) = (make(&line, plain("a")).await, make(&line, plain("b")).await);
    assert_eq!(line.post(&default(&a), json!({})).await.ok(), json!({}));
    assert_eq!(line.get(DEFAULT).await.ok(), json!({"richMenuId": a}));
    let link = format!("/v2/bot/user/{}/richmenu", users[0]);
    let has_none = json!({"message": "the user has no richmenu", "details": []});
    assert_eq!(line.get(&link).await.refused(404).body, has_none);
    assert_eq!(line.post(&format!("{link}/{b}"), json!({})).await.ok(), json!({}));
    assert_eq!(line.get(&link).await.ok(), json!({"richMenuId": b}));
    let on_phone = seen(&line, users[0]).await;
    assert_eq!((&on_phone["rich_menu_id"], &on_phone["source"]), (&json!(b), &json!("user")));
    assert_eq!(on_phone["menu"]["chatBarText"], "メニュー");
    assert_eq!(seen(&line, users[1]).await["source"], "default");
    assert_eq!(line.post(&format!("{link}/{unpictured}"), json!({})).await.refused(400).body, must);
    line.post(&format!("{link}/{UNKNOWN}"), json!({})).await.refused(404);
    let wrong = line.get("/v2/bot/user/somebody/richmenu").await;
    assert!(wrong.refused(400).message().contains("'userId'"));
    // Who is no friend is answered 200, and has nothing.
    line.post(&format!("/v2/bot/user/{stranger}/richmenu/{b}"), json!({})).await.ok();
    assert_eq!(of(&line, stranger).await, None);
    assert_eq!(seen(&line, stranger).await, Value::Null);

    line.delete(&link).await.ok();
    assert_eq!(seen(&line, users[0]).await["rich_menu_id"], json!(a));
    line.delete(DEFAULT).await.ok();
    assert_eq!(line.get(DEFAULT).await.refused(404).body, none);
    assert_eq!(seen(&line, users[0]).await, Value::Null);
}

#[tokio::test]
async fn a_deleted_menu_leaves_no_link_and_no_default() {
    let (line, _) = Line::start().await;
    let user = line.handle.create_residents(1).unwrap()[0];
    let (a, b) = (make(&line, plain("a")).await, make(&line, plain("b")).await);
    line.post(&format!("/v2/bot/user/{user}/richmenu/{a}"), json!({})).await.ok();
    line.post(&format!("{DEFAULT}/{b}"), json!({})).await.ok();
    line.delete(&format!("{CREATE}/{a}")).await.ok();
    assert_eq!(of(&line, user).await, None);
    assert_eq!(seen(&line, user).await["rich_menu_id"], json!(b));
    line.delete(&format!("{CREATE}/{b}")).await.ok();
    line.get(DEFAULT).await.refused(404);
    assert_eq!(seen(&line, user).await, Value::Null);
    // Who blocks has no own menu on coming back.
    let c = make(&line, plain("c")).await;
    line.post(&format!("/v2/bot/user/{user}/richmenu/{c}"), json!({})).await.ok();
    line.act(user, "block", json!({})).await.ok();
    assert_eq!((of(&line, user).await, seen(&line, user).await), (None, Value::Null));
    line.act(user, "unblock", json!({})).await.ok();
    assert_eq!(of(&line, user).await, None);
}

#[tokio::test]
async fn many_are_linked_a_moment_later() {
    let (line, clock) = Line::start().await;
    let users = line.handle.create_residents(501).unwrap();
    let (a, b) = (make(&line, plain("a")).await, make(&line, plain("b")).await);
    let bulk = |menu: &str, users: Value| json!({"richMenuId": menu, "userIds": users});
    let accepted = line.post(BULK_LINK, bulk(&a, json!(users[..500]))).await;
    assert_eq!(accepted.refused(202).body, json!({}));
    clock.forward(SECOND);
    assert_eq!(of(&line, users[0]).await, Some(a.clone()));

    line.post(BULK_LINK, bulk(&b, json!(users[..2]))).await.refused(202);
    clock.forward(SECOND - 1);
    assert_eq!(of(&line, users[0]).await, Some(a.clone()), "the old link first");
    assert_eq!(line.get("/_sandbox/menus/links").await.ok()["waiting"], 1);
    clock.forward(1);
    assert_eq!(of(&line, users[0]).await, Some(b.clone()));
    // In the order of acceptance, and one by one at once.
    line.post(BULK_UNLINK, json!({"userIds": [users[0]]})).await.refused(202);
    line.post(BULK_LINK, bulk(&a, json!([users[0]]))).await.refused(202);
    line.post(&format!("/v2/bot/user/{}/richmenu/{a}", users[1]), json!({})).await.ok();
    assert_eq!(of(&line, users[1]).await, Some(a.clone()));
    clock.forward(SECOND);
    assert_eq!(of(&line, users[0]).await, Some(a.clone()));
    line.post(BULK_UNLINK, json!({"userIds": [users[0], users[0]]})).await.refused(202);
    clock.forward(SECOND);
    assert_eq!(of(&line, users[0]).await, None);

    for bad in [json!(users), json!([])] {
        let answer = line.post(BULK_LINK, bulk(&a, bad)).await;
        assert_eq!(answer.refused(400).body["details"][0]["property"], "userIds");
    }
    let answer = line.post(BULK_UNLINK, json!({"userIds": [users[0], "U1"]})).await;
    let words = "The property, 'userIds[1]', in the request body is invalid (line: -, column: -)";
    assert_eq!(answer.refused(400).body, json!({"message": words}));
    let answer = line.post(BULK_LINK, bulk("menu", json!([users[0]]))).await;
    assert_eq!(answer.refused(400).body["details"][0]["message"], "invalid richMenuId");
    let gone = json!({"message": "richmenu not found", "details": []});
    let answer = line.post(BULK_LINK, bulk(UNKNOWN, json!([users[0]]))).await;
    assert_eq!(answer.refused(404).body, gone);
    let unpictured = bare(&line, plain("x")).await;
    line.post(BULK_LINK, bulk(&unpictured, json!([users[0]]))).await.refused(400);
    assert_eq!(line.get("/_sandbox/menus/links").await.ok()["waiting"], 0);
}

#[tokio::test]
async fn a_batch_moves_everybody_once_and_is_resumed_by_its_key() {
    let (line, clock) = Line::start().await;
    let users = line.handle.create_residents(200).unwrap();
    let [a, b, c] = [
        make(&line, plain("a")).await,
        make(&line, plain("b")).await,
        make(&line, plain("c")).await,
    ];
    line.post(BULK_LINK, json!({"richMenuId": a, "userIds": users[..100]})).await.refused(202);
    line.post(BULK_LINK, json!({"richMenuId": b, "userIds": users[100..]})).await.refused(202);
    clock.forward(SECOND);
    let link = |from: &str, to: &str| json!({"type": "link", "from": from, "to": to});
    let progress =
        async |id: &str| line.get(&format!("/v2/bot/richmenu/progress/batch?requestId={id}")).await;
    // A to B and B to C do not affect each other.
    let body = json!({"operations": [link(&a, &b), link(&b, &c)], "resumeRequestKey": "night-1"});
    line.post("/v2/bot/richmenu/validate/batch", body.clone()).await.ok();
    line.faults(json!({"menu_lost_links": 0.5})).await;
    let accepted = line.post(BATCH, body.clone()).await;
    let id = accepted.header("x-line-request-id").to_owned();
    assert_eq!(accepted.refused(202).body, json!({}));
    let state = progress(&id).await.ok();
    assert_eq!(state, json!({"phase": "ongoing", "acceptedTime": "2026-11-20T03:00:01.000Z"}));
    clock.forward(SECOND);
    let state = progress(&id).await.ok();
    assert_eq!(
        (&state["phase"], &state["completedTime"]),
        (&json!("failed"), &json!("2026-11-20T03:00:02.000Z"))
    );
    let sums = line.get("/_sandbox/menus/links").await.ok()["linked"].clone();
    assert!(sums[&a].as_u64().unwrap() > 0 && sums[&c].as_u64().unwrap() > 0, "{sums}");
    // The same key goes on with those who were left, and moves nobody twice.
    line.faults(json!({})).await;
    let again = line.post(BATCH, body).await;
    let second = again.header("x-line-request-id").to_owned();
    again.refused(202);
    clock.forward(SECOND);
    assert_eq!(progress(&second).await.ok()["phase"], "succeeded");
    let sums = line.get("/_sandbox/menus/links").await.ok()["linked"].clone();
    assert_eq!(sums, json!({&b: 100, &c: 100}));
    // Three an hour, whatever they say; judging is none of them.
    line.post(BATCH, json!({"operations": [{"type": "unlink", "from": b}]})).await.refused(202);
    line.post(BATCH, json!({"operations": [{"type": "unlinkAll"}]})).await.refused(429);
    clock.forward(HOUR);
    let line = line.renew_token().await;
    assert_eq!(line.get("/_sandbox/menus/links").await.ok()["linked"], json!({&c: 100}));
    line.post(BATCH, json!({"operations": [{"type": "unlinkAll"}]})).await.refused(202);
    clock.forward(SECOND);
    assert_eq!(line.get("/_sandbox/menus/links").await.ok()["linked"], json!({}));
    // LINE forgets after 14 days.
    clock.forward(14 * 24 * HOUR);
    let line = line.renew_token().await;
    line.get(&format!("/v2/bot/richmenu/progress/batch?requestId={id}")).await.refused(404);
    line.get("/v2/bot/richmenu/progress/batch?requestId=x").await.refused(400);
    line.get("/v2/bot/richmenu/progress/batch").await.refused(400);
}

#[tokio::test]
async fn a_wrong_batch_is_refused_in_lines_words() {
    let (line, _) = Line::start().await;
    let (a, bare) = (make(&line, plain("a")).await, bare(&line, plain("b")).await);
    let validate = async |operations: Value| {
        line.post("/v2/bot/richmenu/validate/batch", json!({"operations": operations})).await
    };
    let link = |from: &str, to: &str| json!({"type": "link", "from": from, "to": to});
    for (operations, status, message, property) in [
        (json!([link("x", &a)]), 400, "invalid richMenuId".to_owned(), "operations[0].from"),
        (
            json!([link(&a, UNKNOWN)]),
            404,
            format!("Richmenu ({UNKNOWN}) is not found"),
            "operations[0].to",
        ),
        (
            json!([link(&a, &bare)]),
            400,
            format!("'to' richmenu ({bare}) must have image but it doesn't"),
            "operations[0].to",
        ),
        (
            json!([link(&a, &a), {"type": "unlink", "from": a}]),
            400,
            format!("from richmenu ({a}) is duplicated"),
            "operations[].from",
        ),
        (
            json!([{"type": "unlinkAll"}, {"type": "unlink", "from": a}]),
            400,
            "'unlinkAll' type can't be combined with other type".to_owned(),
            "operations[].type",
        ),
    ] {
        let answer = validate(operations).await;
        let details = json!([{"message": message, "property": property}]);
        assert_eq!(answer.refused(status).body["details"], details);
    }
    line.post(BATCH, json!({"operations": [link("x", &a)]})).await.refused(400);
    let key = json!({"operations": [{"type": "unlinkAll"}], "resumeRequestKey": "鍵"});
    line.post("/v2/bot/richmenu/validate/batch", key).await.refused(400);
}

#[tokio::test]
async fn taps_do_what_the_actions_say() {
    let (line, _) = Line::start().await;
    let mut app = App::start().await;
    line.handle.set_webhook_url(&app.url).unwrap();
    let user = line.handle.create_residents(1).unwrap()[0];
    let b = make(&line, plain("b")).await;
    let switch = |alias: &str| json!({"type": "richmenuswitch", "richMenuAliasId": alias, "data": "switched"});
    let a = make(
        &line,
        menu(
            "a",
            &[
                json!({"type": "postback", "data": "k=1", "displayText": "見ました"}),
                json!({"type": "message", "text": "ごみの日"}),
                json!({"type": "uri", "uri": "https://example.jp/"}),
                json!({"type": "datetimepicker", "data": "day", "mode": "date"}),
                switch("tab-b"),
                switch("nowhere"),
                json!({"type": "clipboard", "clipboardText": "0120"}),
            ],
        ),
    )
    .await;
    line.post(ALIAS, json!({"richMenuAliasId": "tab-b", "richMenuId": b})).await.ok();
    line.post(&format!("{DEFAULT}/{a}"), json!({})).await.ok();
    let tap = async |body: Value| line.act(user, "menu/tap", body).await;

    tap(json!({"area": 0})).await.ok();
    assert_eq!(app.next().await.event()["postback"], json!({"data": "k=1"}));
    assert_eq!(line.talk(user).await[0]["messages"][0]["text"], "見ました");
    tap(json!({"area": 1})).await.ok();
    assert_eq!(app.next().await.event()["message"]["text"], "ごみの日");
    assert_eq!(tap(json!({"area": 2})).await.ok()["open"], "https://example.jp/");
    tap(json!({"area": 3})).await.refused(422);
    tap(json!({"area": 3, "params": {"date": "2026-11-22"}})).await.ok();
    let postback = app.next().await.event()["postback"].clone();
    assert_eq!(postback, json!({"data": "day", "params": {"date": "2026-11-22"}}));
    assert_eq!(tap(json!({"area": 6})).await.ok()["clipboard"], "0120");
    tap(json!({"area": 7})).await.refused(404);

    tap(json!({"area": 5})).await.ok();
    let failed = json!({"data": "switched", "params": {"status": "RICHMENU_ALIAS_ID_NOTFOUND"}});
    assert_eq!(app.next().await.event()["postback"], failed);
    assert_eq!(seen(&line, user).await["source"], "default");
    tap(json!({"area": 4})).await.ok();
    let hook = app.next().await;
    let switched =
        json!({"data": "switched", "params": {"newRichMenuAliasId": "tab-b", "status": "SUCCESS"}});
    assert_eq!(hook.event()["postback"], switched);
    assert!(hook.event()["replyToken"].is_string());
    // The tab is the resident's own menu now.
    assert_eq!(of(&line, user).await, Some(b.clone()));
    // A phone may still show the one before.
    line.delete(&format!("{CREATE}/{b}")).await.ok();
    tap(json!({"area": 4, "rich_menu_id": a})).await.ok();
    let gone = json!({"data": "switched", "params": {"status": "RICHMENU_NOTFOUND"}});
    assert_eq!(app.next().await.event()["postback"], gone);
    tap(json!({"area": 0, "rich_menu_id": b})).await.refused(409);
    let counts = line.get("/_sandbox/menus").await.ok()[0]["tapped"].clone();
    let times: Vec<&Value> = counts.as_array().unwrap().iter().map(|c| &c["times"]).collect();
    assert_eq!(times, [1, 1, 1, 1, 2, 1, 1]);
    assert!(app.nothing_more());
}

#[tokio::test]
async fn figures_are_hidden_below_twenty_people() {
    let (line, clock) = Line::start().await;
    let users = line.handle.create_residents(21).unwrap();
    let a = make(
        &line,
        menu(
            "a",
            &[json!({"type": "message", "text": "x"}), json!({"type": "message", "text": "y"})],
        ),
    )
    .await;
    line.post(&format!("{DEFAULT}/{a}"), json!({})).await.ok();
    let ask = async |line: &Line, kind: &str, from: &str, to: &str| {
        line.get(&format!("/v2/bot/insight/richmenu/{a}/{kind}?from={from}&to={to}")).await
    };
    for user in &users[..19] {
        line.act(*user, "menu/show", json!({})).await.ok();
        line.act(*user, "menu/tap", json!({"area": 1})).await.ok();
    }
    let hidden = json!({"richMenuId": a});
    assert_eq!(ask(&line, "summary", "20261101", "20261121").await.ok(), hidden);
    assert_eq!(ask(&line, "daily", "20261101", "20261121").await.ok(), hidden);
    clock.forward(24 * HOUR);
    let line = line.renew_token().await;
    for user in [users[0], users[19]] {
        line.act(user, "menu/show", json!({})).await.ok();
        line.act(user, "menu/tap", json!({"area": 0})).await.ok();
    }
    let bounds = |n: u32| json!({"x": n * 400, "y": 0, "width": 400, "height": 540});
    assert_eq!(
        ask(&line, "summary", "20261119", "20261122").await.ok(),
        json!({
            "richMenuId": a, "metricsFrom": "20261119", "metricsTo": "20261121",
            "impression": {"metrics": {"count": 21, "uniqueUsers": 20}},
            "clicks": [
                {"bounds": bounds(0), "metrics": {"count": 2, "uniqueUsers": 2}},
                {"bounds": bounds(1), "metrics": {"count": 19, "uniqueUsers": 19}},
            ],
        })
    );
    let daily = ask(&line, "daily", "20261119", "20261122").await.ok();
    assert_eq!(
        daily["impression"]["metrics"],
        json!([{"date": "20261120", "count": 19, "uniqueUsers": 19},
               {"date": "20261121", "count": 2, "uniqueUsers": 2}])
    );
    // A shorter period has fewer people.
    assert_eq!(ask(&line, "summary", "20261121", "20261121").await.ok(), hidden);
    for (kind, from, to, words) in [
        (
            "summary",
            "20261122",
            "20261121",
            "Parameter to must be the same date as, or after parameter from.",
        ),
        ("summary", "20251001", "20261102", "Date range exceeds. Max range is 396 days."),
        ("daily", "20260813", "20261121", "Date range exceeds. Max range is 99 days."),
        (
            "daily",
            "20231120",
            "20231121",
            "Parameter from must be the same date as, or after 2023-11-21.",
        ),
        ("daily", "2026", "20261121", "Bad Request"),
    ] {
        assert_eq!(ask(&line, kind, from, to).await.refused(400).message(), words);
    }
    ask(&line, "summary", "20251021", "20261121").await.ok();
    ask(&line, "daily", "20260814", "20261121").await.ok();
    let unknown = format!("/v2/bot/insight/richmenu/{UNKNOWN}/summary?from=20261101&to=20261102");
    line.get(&unknown).await.refused(404);
    // Many at once, for figures.
    line.control(Method::POST, "/menus/use", json!({"share": 1, "tap_share": 1})).await.ok();
    let sums = ask(&line, "summary", "20261121", "20261121").await.ok();
    assert_eq!(sums["impression"]["metrics"], json!({"count": 23, "uniqueUsers": 21}));
    line.control(Method::POST, "/menus/use", json!({"share": 1.1})).await.refused(422);
}

#[tokio::test]
async fn two_hundred_thousand_are_relinked_and_sampled() {
    let (line, clock) = Line::start().await;
    let users = line.handle.create_residents(200_000).unwrap();
    let a = make(&line, plain("a")).await;
    line.faults(json!({"rate_limits": false})).await;
    for users in users.chunks(500) {
        line.post(BULK_LINK, json!({"richMenuId": a, "userIds": users})).await.refused(202);
    }
    clock.forward(SECOND);
    let sums = line.get("/_sandbox/menus/links?sample=1000&seed=7").await.ok();
    assert_eq!(sums["linked"], json!({&a: 200_000}));
    assert_eq!((&sums["friends_without"], &sums["waiting"]), (&json!(0), &json!(0)));
    let sample = sums["sample"].as_array().unwrap();
    assert!(sample.len() == 1_000 && sample.iter().all(|link| link["rich_menu_id"] == json!(a)));
    let again = line.get("/_sandbox/menus/links?sample=1000&seed=7").await.ok();
    assert_eq!(again["sample"], sums["sample"]);
    let csv = line.get("/_sandbox/menus/links.csv").await.ok();
    assert_eq!(csv.as_str().unwrap().lines().count(), 200_001);
    // LINE passes over some; the counts tell.
    let b = make(&line, plain("b")).await;
    line.faults(json!({"rate_limits": false, "menu_lost_links": 0.5})).await;
    line.post(BULK_LINK, json!({"richMenuId": b, "userIds": users[..500]})).await.refused(202);
    clock.forward(SECOND);
    let moved = line.get("/_sandbox/menus/links").await.ok()["linked"][&b].as_u64().unwrap();
    assert!((150..=350).contains(&moved), "{moved}");
}

#[tokio::test]
async fn the_control_api_is_described() {
    let (line, _) = Line::start().await;
    let described = line.get("/_sandbox/openapi.json").await.ok();
    for path in [
        "/_sandbox/residents/{user_id}/menu",
        "/_sandbox/residents/{user_id}/menu/show",
        "/_sandbox/residents/{user_id}/menu/tap",
        "/_sandbox/menus",
        "/_sandbox/menus/links",
        "/_sandbox/menus/links.csv",
        "/_sandbox/menus/use",
        "/_sandbox/menus/{rich_menu_id}/picture",
    ] {
        assert!(described["paths"][path].is_object(), "{path}");
    }
    let faults = &described["components"]["schemas"]["Faults"]["properties"];
    assert!(faults["menu_delay_ms"].is_object(), "{faults}");
}
