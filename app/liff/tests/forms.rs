//! Somebody outside LINE answers a form by its pages alone, without any script: the browser is
//! an HTTP client that sends back what the page holds.

use axum::body::Body;
use axum::extract::Request;
use domain::form::inbox::Filter;
use domain::form::kept::Settings as Beside;
use domain::form::{Ask, Condition, Form, Opt, Page, Question, Status, Terms};
use domain::id::FormId;
use liff::server::{LiffPage, prepare};
use services::{Platform, Settings, SystemClock, SystemRandom};
use std::sync::Arc;
use store::crypto::Keyring;

const LINE: &str = "http://127.0.0.1:9";

fn text(key: &str, label: &str) -> Question {
    let ask = Ask::Text { max: 40 };
    Question { required: true, personal: true, ..Question::new(key, label, ask) }
}

fn definition() -> Form {
    let opt =
        |key: &str, label: &str| Opt { key: key.into(), label: label.into(), ..Opt::default() };
    let options = vec![opt("yes", "いる"), opt("no", "いない")];
    let has = Question {
        required: true,
        ..Question::new("has", "犬がいますか", Ask::One { options })
    };
    let when = Condition::Is { question: "has".into(), any_of: vec!["yes".into()] };
    let dogs =
        Ask::Group {
            item: "犬".into(), min: 1, max: 3, questions: vec![text("name", "呼び名")]
        };
    let dogs = Question {
        required: true,
        show_if: Some(when),
        ..Question::new("dogs", "飼っている犬", dogs)
    };
    let mut tel = text("tel", "電話番号");
    tel.correctable = true;
    let consent =
        Ask::Consent { text: "登録のために使います".into(), more: String::new() };
    let consent = Question { required: true, ..Question::new("agree", "同意", consent) };
    let page = |title: &str, questions| Page { title: title.into(), questions, ..Page::default() };
    let status =
        |key: &str, done| Status { key: key.into(), label: key.into(), done, ..Status::default() };
    Form {
        title: "犬の登録".into(),
        pages: vec![
            page("飼い主", vec![text("owner", "飼い主の名前"), has, dogs]),
            page("連絡先", vec![tel, consent]),
        ],
        statuses: vec![status("new", false), status("end", true)],
        terms: Terms {
            purpose: "登録のため".into(),
            retention_days: Some(30),
            department: "環境課".into(),
            telephone: "000-000-0000".into(),
            receipt: "犬{番号:3}".into(),
            withdraw: true,
            correct_days: 3,
            ..Terms::default()
        },
        ..Form::default()
    }
}

struct Browser {
    platform: Arc<Platform>,
    path: String,
    cookie: String,
    _folder: tempfile::TempDir,
}

impl Browser {
    async fn start(outside: bool) -> (Self, FormId) {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = Keyring::open(&folder.path().join("keys"), || [7; 64]).expect("keys");
        let database =
            format!("sqlite://{}?mode=rwc", folder.path().join("kairan.sqlite").display());
        let store = store::Store::open(&database, keys).await.expect("a database");
        let settings = Settings {
            public_url: "http://127.0.0.1:3000".into(),
            line_api_url: LINE.into(),
            line_data_api_url: LINE.into(),
            channel_id: "1".into(),
            channel_secret: "s".into(),
            login_channel_id: "2".into(),
            login_channel_secret: "s".into(),
            liff_id: "2-x".into(),
            liff_url: LINE.into(),
            liff_sdk_url: LINE.into(),
            sandbox_url: None,
            menu_font: None,
            smtp_relay_url: None,
            clamd_address: None,
            postcode_file: None,
        };
        let platform =
            Platform::new(store, settings, Arc::new(SystemClock), Arc::new(SystemRandom))
                .expect("a platform");
        let ctx = platform.system();
        store::setting::set(&ctx, "city", "みほん市").await.expect("the city's name");
        let beside = Beside { outside, eligibility: None };
        let id = store::form::create(&ctx, "犬", &definition(), &beside).await.expect("a form");
        store::form::publish(&ctx, id, 1).await.expect("published");
        let path = format!("/liff/f/{id}");
        (Self { platform, path, cookie: String::new(), _folder: folder }, id)
    }

    async fn ask(&mut self, path: &str, fields: Option<&[(String, String)]>) -> LiffPage {
        let builder = Request::builder().uri(path).header("cookie", self.cookie.clone());
        let request = match fields {
            None => builder.method("GET").body(Body::empty()),
            Some(fields) => {
                let body: Vec<String> =
                    fields.iter().map(|(k, v)| format!("{}={}", coded(k), coded(v))).collect();
                builder
                    .method("POST")
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(Body::from(body.join("&")))
            }
        };
        let request = prepare(&self.platform, request.expect("a request")).await;
        let page = request.extensions().get::<LiffPage>().cloned().expect("a page");
        if let Some(cookie) = &page.cookie {
            self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        }
        page
    }

    async fn get(&mut self) -> LiffPage {
        let path = self.path.clone();
        self.ask(&path, None).await
    }

    /// Presses a button of a page, with what the page holds and what is typed.
    async fn press(&mut self, page: &LiffPage, act: &str, typed: &[(&str, &str)]) -> LiffPage {
        let mut fields = hidden(&page.html);
        for (name, word) in typed {
            fields.push((format!("answers[{name}][]"), (*word).to_owned()));
        }
        fields.push(("act".into(), act.into()));
        let path = self.path.clone();
        self.ask(&path, Some(&fields)).await
    }
}

fn coded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// The hidden fields of a page.
fn hidden(html: &str) -> Vec<(String, String)> {
    let value = |tag: &str, name: &str| {
        let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(tag[at..].split('"').next()?.replace("&quot;", "\"").replace("&amp;", "&"))
    };
    html.split("<input ")
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .map(|tag| format!(" {tag}"))
        .filter(|tag| tag.contains(" type=\"hidden\""))
        .filter_map(|tag| Some((value(&tag, "name")?, value(&tag, "value").unwrap_or_default())))
        .collect()
}

#[tokio::test]
async fn pages_are_answered_by_pages_until_it_is_received() {
    let (mut browser, id) = Browser::start(true).await;
    let first = browser.get().await;
    assert_eq!(first.status, 200);
    assert!(first.html.contains("飼い主の名前") && first.html.contains("000-000-0000"));
    // Nothing is written: what is missing is said, and nothing moves.
    let refused = browser.press(&first, "next", &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("直すところが 2つあります"));
    // What follows from an answer is shown before it is asked for.
    let more = browser.press(&refused, "next", &[("owner", "山田"), ("has", "yes")]).await;
    assert!(more.html.contains("質問が増えました") && more.html.contains("value=\"山田\""));
    let given = [("owner", "山田"), ("has", "yes"), ("dogs.0.name", "ポチ")];
    let two = browser.press(&more, "add:dogs", &given).await;
    assert!(two.html.contains("dogs.1.name"), "there is room for a second dog");
    let both = [given.as_slice(), &[("dogs.1.name", "シロ")]].concat();
    let one = browser.press(&two, "remove:dogs:0", &both).await;
    assert!(one.html.contains("value=\"シロ\"") && !one.html.contains("value=\"ポチ\""));
    let given = [("owner", "山田"), ("has", "yes"), ("dogs.0.name", "シロ")];
    let next = browser.press(&one, "next", &given).await;
    assert!(next.html.contains("連絡先") && next.html.contains("電話番号"), "{}", next.html);
    // Somebody comes back another day: the draft is there, on its page.
    let again = browser.get().await;
    assert!(again.html.contains("続けられます") && again.html.contains("電話番号"));
    let read = browser.press(&again, "next", &[("tel", "090-0000-0000"), ("agree", "yes")]).await;
    assert!(read.html.contains("内容を確かめる") && read.html.contains("シロ"));
    let back = browser.press(&read, "to:0", &[]).await;
    assert!(back.html.contains("value=\"シロ\""));
    let read = browser.press(&read, "look", &[]).await;
    let done = browser.press(&read, "send", &[]).await;
    assert_eq!(done.status, 200);
    assert!(done.html.contains("受けつけました") && done.html.contains("犬001"), "{}", done.html);
    // The second tap.
    let twice = browser.press(&read, "send", &[]).await;
    assert!(twice.html.contains("犬001"));
    let found = store::answer::list(&browser.platform.system(), &Filter::default()).await;
    let found = found.expect("a list");
    assert_eq!((found.total, found.rows[0].form), (1, id));
}

#[tokio::test]
async fn who_has_answered_looks_corrects_and_takes_back() {
    let (mut browser, _) = Browser::start(true).await;
    let page = browser.get().await;
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    let done = browser.press(&page, "send", &given).await;
    assert!(done.html.contains("犬001"), "{}", done.html);
    let list = browser.ask("/liff/answers", None).await;
    assert!(list.html.contains("犬001"));
    let one = "/liff/answers/1";
    assert!(browser.ask(one, None).await.html.contains("山田"));
    let open = browser.ask(&format!("{one}?correct"), None).await;
    assert!(open.html.contains("answers[tel][]") && !open.html.contains("answers[owner][]"));
    let fields = |act: &str| {
        vec![
            ("answers[tel][]".to_owned(), "2".to_owned()),
            ("answers[owner][]".to_owned(), "別人".to_owned()),
            ("act".to_owned(), act.to_owned()),
        ]
    };
    let corrected = browser.ask(one, Some(&fields("correct"))).await;
    assert!(corrected.html.contains("直した内容を送りました"));
    assert!(corrected.html.contains("山田") && !corrected.html.contains("別人"));
    // Another browser sees nothing of it.
    let own = std::mem::take(&mut browser.cookie);
    assert!(!browser.ask(one, None).await.html.contains("山田"));
    assert!(!browser.ask("/liff/answers", None).await.html.contains("犬001"));
    let stolen = browser.ask(one, Some(&fields("withdraw"))).await;
    assert!(!stolen.html.contains("取り下げました"));
    browser.cookie = own;
    assert!(browser.ask(&format!("{one}?withdraw"), None).await.html.contains("取り下げますか"));
    let gone = browser.ask(one, Some(&fields("withdraw"))).await;
    assert!(gone.html.contains("取り下げました"));
    assert!(!gone.html.contains("?withdraw"), "once is enough");
}

#[tokio::test]
async fn a_form_for_residents_waits_for_who_it_is() {
    let (mut browser, _) = Browser::start(false).await;
    let page = browser.get().await;
    assert!(page.html.contains("このままでは送れません"), "without a script it says so");
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    let refused = browser.press(&page, "send", &given).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("確かめられませんでした") && refused.html.contains("山田"));
    assert!(browser.cookie.is_empty());
}

#[tokio::test]
async fn a_new_version_keeps_what_was_written() {
    let (mut browser, id) = Browser::start(true).await;
    let ctx = browser.platform.system();
    let page = browser.get().await;
    let mut next = definition();
    next.pages[0].questions.insert(0, text("city", "住んでいる市"));
    store::form::save(&ctx, id, 1, "犬", &next, &Beside { outside: true, eligibility: None })
        .await
        .expect("saved");
    store::form::publish(&ctx, id, 2).await.expect("published");
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    let moved = browser.press(&page, "send", &given).await;
    assert!(moved.html.contains("質問が新しくなりました") && moved.html.contains("住んでいる市"));
    assert!(moved.html.contains("value=\"山田\""));
    store::form::close(&ctx, id).await.expect("closed");
    assert!(browser.get().await.html.contains("受付は終わりました"));
}
