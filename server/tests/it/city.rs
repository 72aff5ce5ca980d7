//! A city with a form, an answer, a draft and files, and those who ask for them.

use crate::support::Test;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use bytes::Bytes;
use domain::form::eligible::import::{Ask as Eligible, Target};
use domain::form::export::Kind as FileKind;
use domain::form::kept::Settings;
use domain::form::migrate::Draft;
use domain::form::table::view::Wanted;
use domain::form::{Answers, Ask as Kind, FileType, Form, Page, Question, Status, Terms};
use domain::id::{AnswerId, ExportId, FormId, ResidentId, StaffId, ViewId};
use domain::permission::{Actor, Permission, Role};
use kairan::config::Config;
use kairan::serve::Role as Part;
use services::answer::{Arrived, Holder, Kept, receive, save_draft, upload};
use services::{Context, Platform};
use std::collections::BTreeSet;
use std::sync::Arc;
use tower::ServiceExt;

/// What only some may read. Staff call the form so.
pub const NAME: &str = "内輪の名前";
/// What staff noted.
pub const MEMO: &str = "内輪のメモ";
/// What somebody answered.
pub const WORDS: &str = "わたしの答え";
/// What somebody has not sent yet.
pub const DRAFT: &str = "わたしの下書き";
/// How a view of the answers is called.
pub const VIEW: &str = "内輪の見方";
/// A list of who may answer, as a file.
pub const PEOPLE: &str = "番号,生年月日\n12,1980-01-01\n";
/// How the file is called.
pub const PAPER: &str = "わたしの書類";

/// The smallest picture: one grey pixel.
pub const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 13, 10, 0x1a, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0,
    0, 0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, b'U', 0, 0, 0, 10, b'I', b'D', b'A', b'T', b'x',
    0xda, b'c', b'h', 0, 0, 0, 0x82, 0, 0x81, 0xda, b'E', 8, 0x3b, 0, 0, 0, 0, b'I', b'E', b'N',
    b'D', 0xae, b'B', 0x60, 0x82,
];

/// A request before it is known who makes it.
#[derive(Clone)]
pub struct Ask {
    method: &'static str,
    path: String,
    kind: &'static str,
    body: Vec<u8>,
}

impl Ask {
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), kind: "", body: Vec::new() }
    }

    /// A plain form, as a page sends it.
    pub fn form(path: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let encoded =
            |text: &str| -> String { text.bytes().map(|b| format!("%{b:02X}")).collect() };
        let pairs: Vec<String> =
            fields.iter().map(|(k, v)| format!("{}={}", encoded(k), encoded(v))).collect();
        let kind = "application/x-www-form-urlencoded";
        Self { method: "POST", path: path.into(), kind, body: pairs.join("&").into_bytes() }
    }

    pub fn json(path: impl Into<String>, body: &serde_json::Value) -> Self {
        let body = body.to_string().into_bytes();
        Self { method: "POST", path: path.into(), kind: "application/json", body }
    }

    /// A file as it is.
    pub fn bytes(path: impl Into<String>, body: &[u8]) -> Self {
        let kind = "application/octet-stream";
        Self { method: "POST", path: path.into(), kind, body: body.to_vec() }
    }

    /// A page's form with a file.
    pub fn parts(path: impl Into<String>, fields: &[(&str, &str)], file: (&str, &[u8])) -> Self {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend_from_slice(
                format!(
                    "--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .as_bytes(),
            );
        }
        let head = format!(
            "--x\r\ncontent-disposition: form-data; name=\"{}\"; filename=\"a.pdf\"\r\n\r\n",
            file.0
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file.1);
        body.extend_from_slice(b"\r\n--x--\r\n");
        Self { method: "POST", path: path.into(), kind: "multipart/form-data; boundary=x", body }
    }
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    pub fn has(&self, words: &str) -> bool {
        self.body.windows(words.len()).any(|w| w == words.as_bytes())
    }
}

/// Who asks: what they send along.
#[derive(Clone, Debug)]
pub enum Who {
    Nobody,
    Cookie(String),
    Token(String),
}

pub struct City {
    pub t: Test,
    router: Router,
    pub platform: Arc<Platform>,
    pub form: FormId,
    /// Never published.
    pub blank: FormId,
    pub answer: AnswerId,
    /// A photo of the answer.
    pub photo: String,
    /// An upload that no answer has taken yet.
    pub paper: String,
    /// A file of the answers.
    pub made: ExportId,
    /// A view of their table.
    pub view: ViewId,
    pub resident: ResidentId,
    pub holder: Holder,
    /// Cookies of staff: of the department, who sees forms only, of another department.
    pub own: Who,
    pub viewer: Who,
    pub other: Who,
    /// Cookies of residents: whose the answer is, and another.
    pub owner: Who,
    pub stranger: Who,
    /// Secrets of sessions in the other's cookie.
    pub resident_as_staff: Who,
    pub staff_as_resident: Who,
    pub token: Who,
    pub poor: Who,
}

fn definition() -> Form {
    let words = Kind::Text { max: 40 };
    let words =
        Question {
            required: true, correctable: true, ..Question::new("words", "ひとこと", words)
        };
    let photo = Question {
        personal: true,
        ..Question::new("photo", "写真", Kind::Photo { max: 3, position: false })
    };
    let types = vec![FileType::Pdf];
    let paper = Kind::File { max: 3, types, megabytes: 1 };
    let paper = Question { personal: true, ..Question::new("paper", "書類", paper) };
    let consent = Kind::Consent {
        text: "公園の申請のために使います".into(), more: String::new()
    };
    let consent = Question { required: true, ..Question::new("agree", "同意", consent) };
    let status = |key: &str, done| Status {
        key: key.into(),
        label: format!("状態{key}"),
        done,
        ..Status::default()
    };
    Form {
        title: "公園の申請".into(),
        pages: vec![Page { questions: vec![words, photo, paper, consent], ..Page::default() }],
        staff: vec![Question::new("memo", "対応", Kind::Text { max: 40 })],
        statuses: vec![status("new", false), status("end", true)],
        terms: Terms {
            purpose: "公園の計画のため".into(),
            retention_days: Some(365),
            department: "公園課".into(),
            receipt: "公{番号:3}".into(),
            withdraw: true,
            correct_days: 7,
            ..Terms::default()
        },
        ..Form::default()
    }
}

async fn official(t: &Test, number: &str, role: Role, department: &str) -> (StaffId, Context) {
    let new = store::staff::New {
        number,
        name: "見本 花子",
        role,
        department,
        password_hash: "hash",
        must_change: false,
    };
    let id = store::staff::create(&t.ctx, new).await.unwrap();
    let department = store::staff::get(&t.ctx, id).await.unwrap().department;
    (id, t.acting(Actor::Staff { id, department, role }))
}

async fn at_desk(t: &Test, staff: StaffId) -> String {
    store::session::open(&t.ctx, staff, "127.0.0.1", "test").await.unwrap()
}

/// Leptos asks for the names of the built files beside the program, for pages only.
fn site_is_named() {
    let beside = std::env::current_exe().unwrap().with_file_name("hash.txt");
    if !beside.exists() {
        std::fs::write(beside, "js: test\nwasm: test\ncss: test\n").unwrap();
    }
}

impl City {
    pub async fn new(t: &Test) -> Self {
        site_is_named();
        let config = Config {
            public_url: "http://127.0.0.1:3000".into(),
            liff_id: "1000000002-mihon000".into(),
            ..Config::default()
        };
        let store = t.ctx.store.clone();
        let platform =
            Platform::new(store, config.settings(), t.clock.clone(), t.random.clone()).unwrap();
        let intake = services::inbox::Intake::open(&platform);
        let parts = BTreeSet::from([Part::Web, Part::Liff, Part::Webhook]);
        let router = kairan::http::router(&config, &platform, intake, &parts).unwrap();

        let (own, ctx) = official(t, "1", Role::Sender, "公園課").await;
        let (viewer, _) = official(t, "2", Role::Viewer, "公園課").await;
        let (other, _) = official(t, "3", Role::Sender, "環境課").await;
        let settings = Settings::default();
        let form = services::form::create(&ctx, NAME, &definition(), &settings).await.unwrap();
        services::form::publish(&ctx, form, 1).await.unwrap();
        let blank = services::form::create(&ctx, NAME, &definition(), &settings).await.unwrap();

        let resident = store::resident::visit(&t.ctx, b"0123456789abcdef").await.unwrap();
        let other_resident = store::resident::visit(&t.ctx, b"fedcba9876543210").await.unwrap();
        let secret = store::resident::session(&t.ctx, resident).await.unwrap();
        let strange = store::resident::session(&t.ctx, other_resident).await.unwrap();
        // Drafts are tried by whose the answer is.
        store::resident::follow(&t.ctx, b"0123456789abcdef", t.ctx.now()).await.unwrap();
        store::resident::set_tester(&t.ctx, resident, Some("公園課")).await.unwrap();
        let owner = t.acting(Actor::Resident(resident));
        let holder = Holder::of(&owner, None).unwrap();
        let sent = given(&platform, &owner, &holder, form).await;
        let paper = uploaded(&platform, &owner, &holder, form, "paper", b"%PDF-1.7 ...").await;
        let draft = Draft {
            version: 1,
            answers: Answers::from([("words".into(), vec![DRAFT.to_owned()])]),
            ..Draft::default()
        };
        save_draft(&owner, &holder, form, &Kept { draft, ..Kept::default() }).await.unwrap();
        let memo = Answers::from([("memo".into(), vec![MEMO.to_owned()])]);
        services::answer::set_staff(&ctx, sent.0, 1, &memo).await.unwrap();
        services::answer::mark(&ctx, &[(sent.0, ctx.now())], false).await.unwrap();
        let made = services::answer::start_export(&ctx, form, FileKind::Csv).await.unwrap();
        let (_stop, running) = tokio::sync::watch::channel(false);
        let house = services::answer::export::House::of(&platform.settings);
        assert!(services::answer::job::work(&t.ctx, house, "w", &running).await.unwrap());
        let wanted = Wanted { page: 1, ..Wanted::default() };
        let view = services::answer::save_view(&ctx, form, VIEW, true, &wanted).await.unwrap();
        let people = Bytes::from_static(PEOPLE.as_bytes());
        let ask = Eligible {
            keys: vec!["番号".into(), "生年月日".into()],
            target: Some(Target::New("名簿".into())),
        };
        services::eligibility::take(&ctx, people, ask).await.unwrap();

        let cookie = |name: &str, secret: &str| Who::Cookie(format!("{name}={secret}"));
        let desk = at_desk(t, own).await;
        let token = async |permissions: &[Permission]| {
            Who::Token(store::token::create(&t.ctx, "system", permissions).await.unwrap())
        };
        Self {
            router,
            platform,
            form,
            blank,
            answer: sent.0,
            photo: sent.1,
            paper,
            made,
            view,
            resident,
            holder,
            own: cookie("kairan_staff", &desk),
            viewer: cookie("kairan_staff", &at_desk(t, viewer).await),
            other: cookie("kairan_staff", &at_desk(t, other).await),
            owner: cookie("kairan_resident", &secret),
            stranger: cookie("kairan_resident", &strange),
            resident_as_staff: cookie("kairan_staff", &secret),
            staff_as_resident: cookie("kairan_resident", &desk),
            token: token(Permission::ALL).await,
            poor: token(&[Permission::DeliveryRead, Permission::FormWrite]).await,
            t: t.clone(),
        }
    }

    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub fn routes(&self) -> String {
        format!("{:?}", self.router)
    }

    pub async fn ask(&self, who: &Who, ask: Ask) -> Answer {
        let answer = self.once(who, ask).await;
        // What a resident sends is answered by the way to a page.
        if answer.status == 303 && answer.location.starts_with("/liff/") {
            return self.once(who, Ask::get(answer.location)).await;
        }
        answer
    }

    async fn once(&self, who: &Who, ask: Ask) -> Answer {
        // A page is asked for as browsers do, a function as the browser part does.
        let function = ask.path.contains("/fn/") || ask.kind.starts_with("multipart");
        let accept = if function { "application/json" } else { "text/html" };
        let mut request = Request::builder()
            .method(ask.method)
            .uri(&ask.path)
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, accept);
        if !ask.kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, ask.kind);
        }
        request = match who {
            Who::Nobody => request,
            Who::Cookie(cookie) => request.header(header::COOKIE, cookie),
            Who::Token(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        };
        self.send(request.body(Body::from(ask.body)).unwrap()).await
    }

    /// A request as a test has written it.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let location = response.headers().get(header::LOCATION);
        let location = location.and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, location, headers, body }
    }
}

async fn uploaded(
    platform: &Platform,
    ctx: &Context,
    holder: &Holder,
    id: FormId,
    path: &str,
    bytes: &'static [u8],
) -> String {
    let form = services::form::published(ctx, id).await.unwrap().unwrap().form;
    let arrived = Arrived {
        path: path.into(),
        name: format!("{PAPER}.pdf"),
        bytes: Bytes::from_static(bytes),
    };
    upload(platform, ctx, holder, id, &form, arrived).await.unwrap().id.as_str().to_owned()
}

async fn given(
    platform: &Platform,
    ctx: &Context,
    holder: &Holder,
    id: FormId,
) -> (AnswerId, String) {
    let photo = uploaded(platform, ctx, holder, id, "photo", PIXEL).await;
    let form = services::form::published(ctx, id).await.unwrap().unwrap();
    let given = Answers::from([
        ("words".to_owned(), vec![WORDS.to_owned()]),
        ("photo".to_owned(), vec![photo.clone()]),
        ("agree".to_owned(), vec!["yes".to_owned()]),
    ]);
    let key = "k".repeat(32);
    let receipt = receive(platform, ctx, holder, &form, &given, &key, None).await.unwrap();
    (receipt.id, photo)
}
