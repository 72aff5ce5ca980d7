//! Profiles, followers, counts, insight, and the control API's lists.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use common::*;
use line::UserId;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_profile_is_there_for_friends_only() {
    let (line, _) = Line::start().await;
    let person = json!({"name": "山田 花子", "language": "en", "friend": true});
    let made = line.control(Method::POST, "/residents", json!({"residents": [person]})).await;
    let user: UserId = made.ok()["user_ids"][0].as_str().unwrap().parse().unwrap();
    let path = format!("/v2/bot/profile/{user}");
    let profile = json!({"userId": user, "displayName": "山田 花子", "language": "en"});
    assert_eq!(line.get(&path).await.ok(), profile);
    line.act(user, "block", json!({})).await.ok();
    assert_eq!(line.get(&path).await.refused(404).message(), "Not found");
    line.act(user, "unblock", json!({})).await.ok();
    line.get(&path).await.ok();
    line.get("/v2/bot/profile/U00000000000000000000000000000000").await.refused(404);
    line.get("/v2/bot/profile/nobody").await.refused(400);
}

#[tokio::test]
async fn followers_are_paged_without_gaps() {
    let (line, clock) = Line::start().await;
    let mut friends = line.handle.create_residents(750).unwrap();
    line.act(friends[10], "block", json!({})).await.ok();
    friends.remove(10);
    let mut seen: Vec<UserId> = Vec::new();
    let mut start = String::new();
    let mut pages = 0;
    loop {
        let page = line.get(&format!("/v2/bot/followers/ids?limit=250{start}")).await.ok();
        let ids: Vec<UserId> = serde_json::from_value(page["userIds"].clone()).unwrap();
        assert!(ids.len() <= 250);
        seen.extend(ids);
        pages += 1;
        match page["next"].as_str() {
            Some(next) => start = format!("&start={next}"),
            None => break,
        }
    }
    assert_eq!((pages, seen), (3, friends));
    let usual = line.get("/v2/bot/followers/ids").await.ok();
    assert_eq!(usual["userIds"].as_array().unwrap().len(), 300);
    for bad in ["limit=0", "limit=1001", "limit=x", "start=x"] {
        line.get(&format!("/v2/bot/followers/ids?{bad}")).await.refused(400);
    }
    clock.forward(24 * HOUR);
    let line = line.renew_token().await;
    line.get(&format!("/v2/bot/followers/ids?limit=250{start}")).await.refused(400);
    line.faults(json!({"followers_forbidden": true})).await;
    line.get("/v2/bot/followers/ids").await.refused(403);
}

#[tokio::test]
async fn counts_of_a_day_are_ready_the_day_after() {
    let (line, clock) = Line::start().await;
    let users = line.handle.create_residents(30).unwrap();
    line.act(users[0], "block", json!({})).await.ok();
    line.post(MULTICAST, json!({"to": users, "messages": text("x")})).await.ok();
    line.post(PUSH, json!({"to": users[1], "messages": text("x")})).await.ok();
    let multicast = "/v2/bot/message/delivery/multicast?date=20261120";
    let followers = "/v2/bot/insight/followers?date=20261120";
    assert_eq!(line.get(multicast).await.ok(), json!({"status": "unready"}));
    assert_eq!(line.get(followers).await.ok(), json!({"status": "unready"}));
    clock.forward(12 * HOUR);
    let line = line.renew_token().await;
    assert_eq!(line.get(multicast).await.ok(), json!({"status": "ready", "success": 29}));
    let push = line.get("/v2/bot/message/delivery/push?date=20261120").await.ok();
    assert_eq!(push["success"], 1);
    let reply = line.get("/v2/bot/message/delivery/reply?date=20261119").await.ok();
    assert_eq!(reply["success"], 0);
    let old = line.get("/v2/bot/message/delivery/broadcast?date=20180330").await.ok();
    assert_eq!(old, json!({"status": "out_of_service"}));
    let numbers = json!({"status": "ready", "followers": 30, "targetedReaches": 29, "blocks": 1});
    assert_eq!(line.get(followers).await.ok(), numbers);
    line.get("/v2/bot/message/delivery/push?date=2026-11-20").await.refused(400);
    line.get("/v2/bot/message/delivery/push").await.refused(400);
    line.get("/v2/bot/message/delivery/carrier?date=20261120").await.refused(404);
}

#[tokio::test]
async fn insight_shows_no_number_below_20() {
    let (line, _) = Line::start().await;
    line.faults(json!({"rate_limits": false})).await;
    let users = line.handle.create_residents(60).unwrap();
    let messages = json!([
        {"type": "text", "text": "くわしくは https://example.jp/a"},
        {"type": "text", "text": "2"}]);
    let units = json!(["news"]);
    let body = json!({"to": users, "messages": messages, "customAggregationUnits": units});
    line.post(MULTICAST, body).await.ok();
    let path = "/v2/bot/insight/message/event/aggregation?customAggregationUnit=news&from=20261101&to=20261130";
    let open = async |people: &[UserId]| {
        for user in people {
            line.act(*user, "open", json!({})).await.ok();
        }
    };
    open(&users[..19]).await;
    let few = line.get(path).await.ok();
    assert_eq!(few["overview"]["uniqueImpression"], Value::Null);
    assert_eq!(few["messages"][0]["impression"], Value::Null);
    open(&users[19..25]).await;
    open(&users[..1]).await;
    let many = line.get(path).await.ok();
    assert_eq!(many["overview"]["uniqueImpression"], 25);
    assert_eq!(many["messages"][0]["uniqueImpression"], 25);
    assert_eq!(many["messages"][0]["impression"], 26);
    assert_eq!(many["messages"].as_array().unwrap().len(), 2);
    assert_eq!(many["overview"]["uniqueClick"], Value::Null);
    for user in &users[..21] {
        let action = json!({"type": "uri", "uri": "https://example.jp/a"});
        line.act(*user, "tap", json!({"action": action})).await.ok();
    }
    let clicked = line.get(path).await.ok();
    assert_eq!(clicked["overview"]["uniqueClick"], 21);
    assert_eq!(clicked["clicks"][0]["url"], "https://example.jp/a");
    assert_eq!(clicked["clicks"][0]["click"], 21);
    for bad in [
        "from=20261101&to=20261130",
        "customAggregationUnit=a&from=x&to=20261130",
        "customAggregationUnit=a&from=20261101&to=20261202",
        "customAggregationUnit=a&from=20261102&to=20261101",
    ] {
        line.get(&format!("/v2/bot/insight/message/event/aggregation?{bad}")).await.refused(400);
    }
    line.get(&path.replace("20261130", "20261201")).await.ok();
    let order = json!({"share": 0.5, "click_share": 1.0, "seed": 3});
    let opened = line.control(Method::POST, "/open-all", order).await.ok();
    assert!((15..=45).contains(&opened["clicked"].as_u64().unwrap()), "{opened}");
}

#[tokio::test]
async fn insight_of_a_broadcast_goes_by_its_request() {
    let (line, _) = Line::start().await;
    let users = line.handle.create_residents(25).unwrap();
    let sent = line.post(BROADCAST, json!({"messages": text("x")})).await;
    let id = sent.header("x-line-request-id").to_owned();
    for user in &users {
        line.act(*user, "open", json!({})).await.ok();
    }
    let path = "/v2/bot/insight/message/event?requestId=";
    let numbers = line.get(&format!("{path}{id}")).await.ok();
    assert_eq!(numbers["overview"]["delivered"], 25);
    assert_eq!(numbers["overview"]["uniqueImpression"], 25);
    assert_eq!(numbers["overview"]["requestId"], id);
    line.get(&format!("{path}other")).await.refused(404);
}

#[tokio::test]
async fn the_account_and_the_loading_animation() {
    let (line, _) = Line::start().await;
    assert_eq!(line.get("/v2/bot/info").await.ok()["displayName"], "みほん市");
    let user = line.handle.create_residents(1).unwrap()[0];
    let path = "/v2/bot/chat/loading/start";
    assert_eq!(line.post(path, json!({"chatId": user})).await.status, 202);
    line.post(path, json!({"chatId": user, "loadingSeconds": 60})).await.ok();
    for bad in [0, 4, 7, 65] {
        line.post(path, json!({"chatId": user, "loadingSeconds": bad})).await.refused(400);
    }
    line.post(path, json!({"chatId": "x"})).await.refused(400);
}

#[tokio::test]
async fn residents_are_made_searched_and_counted() {
    let (line, _) = Line::start().await;
    let make = async |body: Value| line.control(Method::POST, "/residents", body).await;
    let id = "U0123456789abcdef0123456789abcdef";
    let named = json!({"residents": [{"name": "鈴木 一郎", "user_id": id}]});
    assert_eq!(make(named.clone()).await.refused(201).body["user_ids"], json!([id]));
    make(named).await.refused(409);
    let twins = json!({"residents": [{"name": "a", "user_id": "U1123456789abcdef0123456789abcdef"},
        {"name": "b", "user_id": "U1123456789abcdef0123456789abcdef"}]});
    make(twins).await.refused(409);
    make(json!({"count": 120})).await.refused(201);
    for bad in [
        json!({}),
        json!({"count": 0}),
        json!({"count": 1, "residents": [{"name": "x"}]}),
        json!({"residents": [{"name": ""}]}),
        json!({"number": 3}),
        json!([]),
    ] {
        make(bad).await.refused(422);
    }
    let page = line.get("/_sandbox/residents?limit=100").await.ok();
    assert_eq!((page["residents"].as_array().unwrap().len(), &page["total"]), (100, &json!(121)));
    let next = page["next"].as_u64().unwrap();
    let page = line.get(&format!("/_sandbox/residents?limit=100&cursor={next}")).await.ok();
    assert_eq!((page["residents"].as_array().unwrap().len(), &page["next"]), (21, &Value::Null));
    for search in ["鈴木", id] {
        let url =
            reqwest::Url::parse_with_params(&line.url("/_sandbox/residents"), [("search", search)]);
        let found = read(line.http.get(url.unwrap())).await.unwrap().ok();
        assert_eq!(found["residents"].as_array().unwrap().len(), 1);
        assert_eq!(found["residents"][0]["friend"], "none");
    }
    line.post(BROADCAST, json!({"messages": text("x")})).await.ok();
    line.post(PUSH, json!({"to": page["residents"][0]["user_id"], "messages": text("x")}))
        .await
        .ok();
    let sum = line.get("/_sandbox/received").await.ok();
    assert_eq!(sum["residents_by_count"], json!({"0": 1, "1": 119, "2": 1}));
    assert_eq!(sum["received_total"], 121);
    assert_eq!(sum["calls"][0]["received"], 120);
    let csv = line.get("/_sandbox/received.csv?min=2").await.ok();
    let csv = csv.as_str().unwrap().to_owned();
    assert_eq!(csv.lines().count(), 2);
    assert!(csv.starts_with("user_id,count\n") && csv.ends_with(",2\n"));
}

#[tokio::test]
async fn the_wire_is_logged_in_order() {
    let (line, _) = Line::start().await;
    let user = line.handle.create_residents(1).unwrap()[0];
    line.post(PUSH, json!({"to": user, "messages": text("秘密")})).await.ok();
    line.get("/v2/bot/profile/nobody").await.refused(400);
    let wire = line.get("/_sandbox/events").await.ok();
    let events = wire["events"].as_array().unwrap();
    let paths: Vec<&str> = events.iter().map(|e| e["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/oauth2/v3/token", PUSH, "/v2/bot/profile/nobody"]);
    assert_eq!((&events[1]["status"], &events[1]["ids"]), (&json!(200), &json!(1)));
    assert_eq!(events[1]["at"], NOON);
    assert!(!wire.to_string().contains("秘密"));
    let last = wire["last"].as_u64().unwrap();
    let later = line.get(&format!("/_sandbox/events?since={}", last - 1)).await.ok();
    assert_eq!(later["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_control_api_describes_itself_and_answers_browsers_on_loopback() {
    let (line, _) = Line::start().await;
    let api = line.get("/_sandbox/openapi.json").await.ok();
    assert_eq!(api["openapi"], "3.1.0");
    for (path, methods) in api["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let path = path.replace("{user_id}", "U00000000000000000000000000000000");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let request = line.http.request(method.clone(), line.url(&path));
            let status = read(request.json(&json!({}))).await.unwrap().status;
            assert_ne!(status, 405, "{method} {path}");
            let of_somebody = path.contains("/residents/U") || path.contains("{rich_menu_id}");
            assert!(of_somebody || status != 404, "{method} {path}");
        }
    }
    let allowed = async |origin: &str| {
        let request = line.http.request(Method::OPTIONS, line.url("/_sandbox/faults"));
        let request = request.header("origin", origin);
        let request = request.header("access-control-request-method", "PUT");
        let answer = request.header("access-control-request-headers", "authorization,content-type");
        let answer = answer.send().await.unwrap();
        let headers = answer.headers();
        headers.get("access-control-allow-origin").is_some_and(|allowed| allowed == origin)
            && headers["access-control-allow-headers"].to_str().unwrap().contains("authorization")
    };
    assert!(allowed("http://127.0.0.1:3000").await);
    assert!(allowed("http://localhost:8080").await);
    assert!(!allowed("https://example.jp").await);
    assert!(!allowed("http://127.0.0.1.example.jp").await);
}
