//! Rich menus: objects, pictures, aliases, their limits, and what survives a restart.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use common::menus::*;
use common::*;
use image::ImageFormat;
use reqwest::Method;
use sandbox::Config;
use serde_json::{Value, json};

const UNKNOWN: &str = "richmenu-00000000000000000000000000000000";

#[tokio::test]
async fn a_menu_comes_back_as_it_was_made() {
    let (line, _) = Line::start().await;
    let given = menu(
        "ごみ",
        &[
            json!({"type": "postback", "data": "a", "label": "ごみの日"}),
            json!({"type": "uri", "uri": "https://example.jp/"}),
            json!({"type": "richmenuswitch", "richMenuAliasId": "b", "data": "to-b"}),
        ],
    );
    let id = bare(&line, given.clone()).await;
    assert!(id.starts_with("richmenu-") && id.len() == 41, "{id}");
    let mut expected = given.clone();
    expected["richMenuId"] = json!(id);
    assert_eq!(line.get(&format!("{CREATE}/{id}")).await.ok(), expected);
    assert_eq!(line.get(&format!("{CREATE}/list")).await.ok(), json!({"richmenus": [expected]}));
    assert_eq!(line.post(&format!("{CREATE}/validate"), given).await.ok(), json!({}));
    let missing = line.get(&format!("{CREATE}/{UNKNOWN}")).await;
    assert_eq!(missing.refused(404).body, json!({"message": "Not found"}));
    assert_eq!(line.delete(&format!("{CREATE}/{id}")).await.ok(), json!({}));
    line.delete(&format!("{CREATE}/{id}")).await.refused(404);
    assert_eq!(line.get(&format!("{CREATE}/list")).await.ok(), json!({"richmenus": []}));
}

#[tokio::test]
async fn a_wrong_menu_is_refused_in_lines_words() {
    let (line, _) = Line::start().await;
    let mut nameless = plain("x");
    nameless.as_object_mut().unwrap().remove("name");
    let scheme = menu("x", &[json!({"type": "uri", "uri": "javascript:alert(1)"})]);
    let mut narrow = plain("x");
    narrow["size"]["width"] = json!(799);
    for (bad, first) in [
        (nameless, json!({"message": "must be specified", "property": "name"})),
        (scheme, json!({"message": "invalid uri", "property": "areas[0].action.uri"})),
        (narrow, json!({"message": "Must be between 800 and 2500", "property": "size.width"})),
    ] {
        for path in [CREATE.to_owned(), format!("{CREATE}/validate")] {
            let answer = line.post(&path, bad.clone()).await;
            assert_eq!(answer.refused(400).body["details"][0], first);
            assert!(answer.message().starts_with("The request body has "), "{}", answer.message());
        }
    }
    assert_eq!(line.get(&format!("{CREATE}/list")).await.ok(), json!({"richmenus": []}));
}

#[tokio::test]
async fn a_picture_has_lines_measures_and_is_set_once() {
    let (line, _) = Line::start().await;
    let id = bare(&line, plain("x")).await;
    let path = content(&id);
    let png = picture(ImageFormat::Png, 800, 540);
    line.get(&path).await.refused(404);
    let heavy = [png.clone(), vec![0; 1024 * 1024 + 1 - png.len()]].concat();
    for (mime, bytes) in [
        ("image/png", Vec::new()),
        ("image/png", b"not a picture".to_vec()),
        ("image/jpeg", png.clone()),
        ("image/png", picture(ImageFormat::Png, 799, 540)),
        ("image/png", picture(ImageFormat::Png, 800, 541)),
        ("image/png", heavy),
    ] {
        let answer = line.upload(&path, mime, bytes).await;
        assert_eq!(answer.refused(400).message(), "The image size is not allowed for richmenu");
    }
    line.upload(&path, "image/gif", png.clone()).await.refused(415);
    line.upload(&path, "application/json", b"{}".to_vec()).await.refused(415);
    line.upload(&path, "image/png", vec![0; 2 * 1024 * 1024 + 1]).await.refused(413);
    line.upload(&content(UNKNOWN), "image/png", png.clone()).await.refused(404);
    line.upload(&path, "image/png", png.clone()).await.ok();
    let again = line.upload(&path, "image/png", png.clone()).await;
    let words = "An image has already been uploaded to the richmenu";
    assert_eq!(again.refused(400).message(), words);
    for path in [path, format!("/_sandbox/menus/{id}/picture")] {
        let request = line.http.get(line.url(&path)).bearer_auth(&line.token);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "image/png");
        assert_eq!(answer.bytes().await.unwrap(), png);
    }
    let jpeg = bare(&line, plain("jpeg")).await;
    let bytes = picture(ImageFormat::Jpeg, 800, 540);
    line.upload(&content(&jpeg), "image/jpeg", bytes).await.ok();
}

#[tokio::test]
async fn an_alias_leads_to_a_menu_with_a_picture() {
    let (line, _) = Line::start().await;
    let (a, b) = (make(&line, plain("a")).await, make(&line, plain("b")).await);
    let bare = bare(&line, plain("bare")).await;
    let alias = |alias: &str, menu: &str| json!({"richMenuAliasId": alias, "richMenuId": menu});
    let first = format!("{ALIAS}/tab-1");
    assert_eq!(line.post(ALIAS, alias("tab-1", &a)).await.ok(), json!({}));
    assert_eq!(line.get(&first).await.ok(), alias("tab-1", &a));
    let none = json!({"message": "richmenu not found", "details": []});
    assert_eq!(line.post(ALIAS, alias("x", &bare)).await.refused(400).body, none);
    assert_eq!(line.post(ALIAS, alias("x", UNKNOWN)).await.refused(400).body, none);
    let twice = line.post(ALIAS, alias("tab-1", &b)).await;
    let conflict = json!({"message": "conflict richmenu alias id", "details": []});
    assert_eq!(twice.refused(400).body, conflict);
    let shape = line.post(ALIAS, alias("x", "menu")).await;
    let details = json!([{"message": "invalid richMenuId", "property": "richMenuId"}]);
    assert_eq!(shape.refused(400).body["details"], details);
    for bad in ["", "Tab", "タブ", &"a".repeat(33)] {
        line.post(ALIAS, alias(bad, &a)).await.refused(400);
    }
    assert_eq!(line.post(&first, json!({"richMenuId": b})).await.ok(), json!({}));
    assert_eq!(line.get(&first).await.ok(), alias("tab-1", &b));
    assert_eq!(line.post(&first, json!({"richMenuId": bare})).await.refused(400).body, none);
    let gone = json!({"message": "richmenu alias not found", "details": []});
    let other = format!("{ALIAS}/tab-2");
    assert_eq!(line.post(&other, json!({"richMenuId": b})).await.refused(404).body, gone);
    assert_eq!(line.get(&other).await.refused(404).body, gone);
    assert_eq!(line.delete(&other).await.refused(404).body, gone);
    line.get(&format!("{ALIAS}/Tab")).await.refused(400);
    line.post(ALIAS, alias("tab-2", &a)).await.ok();
    let all = json!({"aliases": [alias("tab-1", &b), alias("tab-2", &a)]});
    assert_eq!(line.get(&format!("{ALIAS}/list")).await.ok(), all);
    // The menu goes, the alias stays.
    line.delete(&format!("{CREATE}/{b}")).await.ok();
    assert_eq!(line.get(&first).await.ok(), alias("tab-1", &b));
    line.delete(&first).await.ok();
    assert_eq!(
        line.get(&format!("{ALIAS}/list")).await.ok()["aliases"],
        json!([alias("tab-2", &a)])
    );
}

#[tokio::test]
async fn a_thousand_menus_and_a_thousand_aliases() {
    let (line, _) = Line::start().await;
    line.faults(json!({"rate_limits": false})).await;
    let first = make(&line, plain("0")).await;
    for n in 1..1_000 {
        bare(&line, plain(&n.to_string())).await;
    }
    line.post(CREATE, plain("too many")).await.refused(400);
    let list = line.get(&format!("{CREATE}/list")).await.ok();
    assert_eq!(list["richmenus"].as_array().unwrap().len(), 1_000);
    let alias = |n: usize| json!({"richMenuAliasId": format!("a{n}"), "richMenuId": first});
    for n in 0..1_000 {
        line.post(ALIAS, alias(n)).await.ok();
    }
    line.post(ALIAS, alias(1_000)).await.refused(400);
    // One less is one more.
    line.delete(&format!("{ALIAS}/a7")).await.ok();
    line.post(ALIAS, alias(1_000)).await.ok();
    let last = list["richmenus"][999]["richMenuId"].as_str().unwrap();
    line.delete(&format!("{CREATE}/{last}")).await.ok();
    bare(&line, plain("again")).await;
}

#[tokio::test]
async fn making_and_deleting_are_a_hundred_an_hour_each() {
    let (line, clock) = Line::start().await;
    let mut made = Vec::new();
    for n in 0..100 {
        made.push(bare(&line, plain(&n.to_string())).await);
    }
    let words = "The API rate limit has been exceeded. Try again later.";
    assert_eq!(line.post(CREATE, plain("x")).await.refused(429).message(), words);
    for id in &made {
        line.delete(&format!("{CREATE}/{id}")).await.ok();
    }
    line.delete(&format!("{CREATE}/{}", made[0])).await.refused(429);
    // Judging is no making.
    line.post(&format!("{CREATE}/validate"), plain("x")).await.ok();
    for _ in 0..10 {
        line.get(&format!("{CREATE}/list")).await.ok();
    }
    line.get(&format!("{CREATE}/list")).await.refused(429);
    clock.forward(36 * SECOND);
    bare(&line, plain("x")).await;
    line.post(CREATE, plain("x")).await.refused(429);
    line.get(&format!("{CREATE}/list")).await.ok();
}

#[tokio::test]
async fn faults_of_menus_strike_menus_alone() {
    let (line, _) = Line::start().await;
    line.faults(json!({"menu_rate_500": 1.0})).await;
    line.post(CREATE, plain("x")).await.refused(500);
    line.get("/v2/bot/info").await.ok();
    line.faults(json!({"menu_rate_429": 1.0})).await;
    line.get(&format!("{CREATE}/list")).await.refused(429);
    line.faults(json!({"menu_rate_500_accepted": 1.0})).await;
    line.post(CREATE, plain("made all the same")).await.refused(500);
    // Reading is not struck.
    let list = line.get(&format!("{CREATE}/list")).await.ok();
    assert_eq!(list["richmenus"][0]["name"], "made all the same");
    line.control(Method::PUT, "/faults", json!({"menu_lost_links": 2})).await.refused(422);
}

#[tokio::test]
async fn menus_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let clock = TestClock::new();
    let config = || Config { state: Some(folder.path().join("state")), ..clock.config() };
    let line = Line::with(config()).await;
    let users = line.handle.create_residents(3).unwrap();
    let (a, b) = (make(&line, plain("a")).await, make(&line, plain("b")).await);
    line.post(ALIAS, json!({"richMenuAliasId": "tab", "richMenuId": a})).await.ok();
    line.post(&format!("{DEFAULT}/{b}"), json!({})).await.ok();
    line.post(&format!("/v2/bot/user/{}/richmenu/{a}", users[0]), json!({})).await.ok();
    line.post(BULK_LINK, json!({"richMenuId": a, "userIds": [users[1]]})).await.refused(202);
    line.act(users[0], "menu/show", json!({})).await.ok();
    let gone = make(&line, plain("gone")).await;
    line.delete(&format!("{CREATE}/{gone}")).await.ok();
    let before = line.get("/_sandbox/menus").await.ok();
    line.handle.shutdown().await;

    let line = Line::with(config()).await;
    assert_eq!(line.get("/_sandbox/menus").await.ok(), before);
    assert_eq!(before[0]["shown"], json!({"times": 1, "people": 1}));
    assert_eq!(of(&line, users[0]).await, Some(a.clone()));
    // What was accepted before is applied when its time has come.
    assert_eq!(of(&line, users[1]).await, None);
    clock.forward(SECOND);
    assert_eq!(of(&line, users[1]).await, Some(a.clone()));
    assert_eq!(seen(&line, users[2]).await["rich_menu_id"], json!(b));
    let request = line.http.get(line.url(&content(&a))).bearer_auth(&line.token);
    assert_eq!(
        request.send().await.unwrap().bytes().await.unwrap(),
        picture(ImageFormat::Png, 800, 540)
    );
    // A menu that is made now is another one than the deleted.
    let new = make(&line, plain("new")).await;
    assert_eq!(line.get(&format!("{CREATE}/{new}")).await.ok()["name"], "new");
    line.control(Method::POST, "/reset", Value::Null).await.ok();
    assert_eq!(line.get("/_sandbox/menus").await.ok(), json!([]));
}
