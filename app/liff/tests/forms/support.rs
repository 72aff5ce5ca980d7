//! A browser that is an HTTP client, and the form that it answers.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use domain::form::kept::Settings as Beside;
use domain::form::{Ask, Condition, FileType, Form, Opt, Page, Question, Status, Terms};
use domain::id::{FormId, ResidentId};
use domain::time::Timestamp;
use liff::server::{LiffPage, prepare};
use services::{Platform, Settings, SystemRandom};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::crypto::Keyring;

const LINE: &str = "http://127.0.0.1:9";

pub fn text(key: &str, label: &str) -> Question {
    let ask = Ask::Text { max: 40 };
    Question { required: true, personal: true, ..Question::new(key, label, ask) }
}

pub fn definition() -> Form {
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
        correctable: true,
        show_if: Some(when),
        ..Question::new("dogs", "飼っている犬", dogs)
    };
    let mut tel = text("tel", "電話番号");
    tel.correctable = true;
    let paper = Ask::File { max: 1, types: vec![FileType::Pdf], megabytes: 1 };
    let paper =
        Question {
            correctable: true, personal: true, ..Question::new("paper", "証明書", paper)
        };
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
            page("連絡先", vec![tel, paper, consent]),
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

/// A clock that stands still until a test turns it.
struct Clock(AtomicI64);

impl store::Clock for Clock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

pub struct Browser {
    pub platform: Arc<Platform>,
    clock: Arc<Clock>,
    pub path: String,
    pub cookie: String,
    _folder: tempfile::TempDir,
}

impl Browser {
    pub async fn start(outside: bool) -> (Self, FormId) {
        Self::start_with(outside, None).await
    }

    /// The same with rows of a file of postcodes.
    pub async fn start_with(outside: bool, postcodes: Option<&str>) -> (Self, FormId) {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = Keyring::open(&folder.path().join("keys"), || [7; 64]).expect("keys");
        let database =
            format!("sqlite://{}?mode=rwc", folder.path().join("kairan.sqlite").display());
        let store = store::Store::open(&database, keys).await.expect("a database");
        let blobs = format!("file:{}", folder.path().join("blobs").display());
        let store = store.with_blobs(store::blob::Blobs::open(&blobs).expect("a folder"));
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
            map: services::Map {
                tiles: format!("{LINE}/xyz/{{z}}/{{x}}/{{y}}.png"),
                center: Some((35.0, 135.0)),
            },
            sandbox_url: None,
            menu_font: None,
            smtp_relay_url: None,
            clamd_address: None,
            postcode_file: postcodes.map(|rows| {
                let path = folder.path().join("ken_all.csv");
                std::fs::write(&path, rows).expect("a file");
                path
            }),
        };
        // 2026-11-20 12:00 in Tokyo.
        let clock = Arc::new(Clock(AtomicI64::new(1_795_143_600_000_000)));
        let platform = Platform::new(store, settings, clock.clone(), Arc::new(SystemRandom))
            .expect("a platform");
        let ctx = platform.system();
        store::setting::set(&ctx, "city", "みほん市").await.expect("the city's name");
        let beside = Beside { outside, ..Default::default() };
        let id = store::form::create(&ctx, "犬", &definition(), &beside).await.expect("a form");
        store::form::publish(&ctx, id, 1).await.expect("published");
        let path = format!("/liff/f/{id}");
        (Self { platform, clock, path, cookie: String::new(), _folder: folder }, id)
    }

    /// Turns the clock on.
    pub fn later(&self, micros: i64) {
        self.clock.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// A resident who has opened a page of ours, with the cookie of their session.
    pub async fn resident(&self, user: &[u8; 16]) -> (ResidentId, String) {
        let ctx = self.platform.system();
        let (id, _) = store::resident::follow(&ctx, user, ctx.now()).await.expect("a friend");
        let secret = store::resident::session(&ctx, id).await.expect("a session");
        (id, format!("kairan_resident={secret}"))
    }

    /// Follows the way to another page, as browsers do.
    pub async fn ask(&mut self, path: &str, fields: Option<&[(String, String)]>) -> LiffPage {
        let page = self.once(path, fields).await;
        match page.to {
            Some(to) => self.once(&to, None).await,
            None => page,
        }
    }

    pub async fn once(&mut self, path: &str, fields: Option<&[(String, String)]>) -> LiffPage {
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

    /// What the script is told when it saves.
    pub async fn save(&mut self, id: FormId, fields: &[(String, String)]) -> serde_json::Value {
        let request = self.scripted(&format!("/liff/f/{id}/draft"), fields);
        json(liff::server::save_draft(&self.platform, id, request).await).await
    }

    /// What the script sends.
    pub fn scripted(&self, path: &str, fields: &[(String, String)]) -> Request {
        let body: Vec<String> =
            fields.iter().map(|(k, v)| format!("{}={}", coded(k), coded(v))).collect();
        Request::post(path)
            .header("cookie", self.cookie.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .expect("a request")
    }

    pub async fn get(&mut self) -> LiffPage {
        let path = self.path.clone();
        self.ask(&path, None).await
    }

    /// Presses a button of a page, with what the page holds and what is typed.
    pub async fn press(&mut self, page: &LiffPage, act: &str, typed: &[(&str, &str)]) -> LiffPage {
        let path = self.path.clone();
        self.ask(&path, Some(&filled(page, act, typed))).await
    }

    /// Asks for one of the form's pages by its number, as the keys for back and anew do.
    pub async fn page(&mut self, number: usize) -> LiffPage {
        let path = format!("{}?page={number}", self.path);
        self.ask(&path, None).await
    }
}

/// Publishes another definition; `edition` is the one that it follows.
pub async fn publish(browser: &Browser, id: FormId, edition: i64, form: &Form) {
    let ctx = browser.platform.system();
    let beside = Beside { outside: true, ..Default::default() };
    store::form::save(&ctx, id, edition, "犬", form, &beside).await.expect("saved");
    store::form::publish(&ctx, id, edition + 1).await.expect("published");
}

/// What a page sends.
pub fn filled(page: &LiffPage, act: &str, typed: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = hidden(&page.html);
    for (name, word) in typed {
        fields.push((format!("answers[{name}][]"), (*word).to_owned()));
    }
    fields.push(("act".into(), act.into()));
    fields
}

pub async fn json(response: Response) -> serde_json::Value {
    let body = axum::body::to_bytes(response.into_body(), 100_000).await.expect("a body");
    serde_json::from_slice(&body).expect("JSON")
}

fn coded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// The hidden fields of a page.
pub fn hidden(html: &str) -> Vec<(String, String)> {
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
