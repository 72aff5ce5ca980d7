//! Two releases at the same time, while servers are upgraded one after another: either hands out
//! the other's files, and a page that asks for what this one does not have hears so.

use crate::city::{Ask, City, Who};
use crate::doors::registered;
use crate::support::both;
use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use store::site::{File, publish};

const FOR_EVER: &str = "public, max-age=31536000, immutable";

#[test]
fn a_page_of_another_release_gets_its_files() {
    both(async |t| {
        let city = City::new(&t).await;
        let get = async |path: &str| city.ask(&Who::Nobody, Ask::get(path)).await;
        let script = "/pkg/kairan.0123.js";
        // That it is not there yet must not be remembered by a browser or a proxy.
        let missing = get(script).await;
        assert_eq!((missing.status.as_u16(), missing.header("cache-control")), (404, "no-store"));

        let bytes = Bytes::from("export function hydrate() {}".repeat(100));
        let files = ["kairan.0123.js", "kairan.4567.wasm", "kairan.89ab.css"]
            .map(|name| File { name: name.into(), bytes: bytes.clone() });
        publish(&t.ctx, &files).await.unwrap();
        for (name, kind) in [
            ("kairan.0123.js", "text/javascript"),
            ("kairan.4567.wasm", "application/wasm"),
            ("kairan.89ab.css", "text/css"),
        ] {
            let found = get(&format!("/pkg/{name}")).await;
            assert_eq!((found.status.as_u16(), found.header("content-type")), (200, kind));
            assert_eq!(found.header("cache-control"), FOR_EVER);
            assert_eq!(found.body, bytes);
        }
        let request = Request::builder().uri(script).header("accept-encoding", "gzip");
        let small = city.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(small.header("content-encoding"), "gzip");
        assert!(small.body.len() < bytes.len() / 4);

        for other in ["/pkg/kairan.0123.json", "/pkg/x/kairan.0123.js", "/pkg/", "/pkg/..%2Fa.js"] {
            assert_eq!(get(other).await.status, 404, "{other}");
        }
        std::fs::remove_dir_all(t.dir.path().join("blobs")).unwrap();
        let away = get(script).await;
        assert_eq!((away.status.as_u16(), away.header("cache-control")), (503, "no-store"));
    });
}

#[test]
fn a_page_that_asks_for_what_this_release_does_not_have_is_to_be_read_anew() {
    both(async |t| {
        let city = City::new(&t).await;
        let outdated = r#"{"code":"outdated"}"#;
        let no_such = ["/console/fn/delivery/no_such_function", "/liff/fn/no_such_function"];
        for (who, path) in [(&city.own, no_such[0]), (&Who::Nobody, no_such[1])] {
            let answer = city.ask(who, Ask::form(path, &[("id", "1")])).await;
            assert_eq!((answer.status.as_u16(), &answer.body[..]), (409, outdated.as_bytes()));
            // A form that the browser itself has sent.
            let request = Request::builder().method("POST").uri(path);
            let request = request.header("sec-fetch-site", "same-origin");
            let request = request.header("accept", "text/html,application/xhtml+xml");
            let request = match who {
                Who::Cookie(cookie) => request.header("cookie", cookie),
                _ => request,
            };
            let answer = city.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, 409);
            assert!(answer.has("画面が新しくなりました") && !answer.has("server function"));
        }
        // What it has, with other arguments: as a form, and as JSON.
        let path =
            |name: &str| registered().into_iter().find(|(known, _)| known == name).unwrap().1;
        for ask in [
            Ask::form(path("open_form"), &[("number", "1")]),
            Ask::form(path("open_form"), &[("id", "first")]),
            Ask::json(path("save_form"), &serde_json::json!({"id": city.form.0})),
        ] {
            let answer = city.ask(&city.own, ask).await;
            assert_eq!((answer.status.as_u16(), &answer.body[..]), (409, outdated.as_bytes()));
        }
    });
}
