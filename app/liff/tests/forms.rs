//! Somebody outside LINE answers a form by its pages alone, without any script: the browser is
//! an HTTP client that sends back what the page holds.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use domain::form::inbox::Filter;
use domain::form::kept::{Gate, Settings as Beside};
use domain::form::{Ask, Condition, FileType, Form, Opt, Page, Question, Status, Terms};
use domain::id::{FormId, ResidentId};
use domain::permission::Actor;
use domain::time::{DAY, HOUR, Timestamp};
use liff::server::{LiffPage, prepare};
use services::{Platform, Settings, SystemRandom};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
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

struct Browser {
    platform: Arc<Platform>,
    clock: Arc<Clock>,
    path: String,
    cookie: String,
    _folder: tempfile::TempDir,
}

impl Browser {
    async fn start(outside: bool) -> (Self, FormId) {
        Self::start_with(outside, None).await
    }

    /// The same with rows of a file of postcodes.
    async fn start_with(outside: bool, postcodes: Option<&str>) -> (Self, FormId) {
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
    fn later(&self, micros: i64) {
        self.clock.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// A resident who has opened a page of ours, with the cookie of their session.
    async fn resident(&self, user: &[u8; 16]) -> (ResidentId, String) {
        let ctx = self.platform.system();
        let (id, _) = store::resident::follow(&ctx, user, ctx.now()).await.expect("a friend");
        let secret = store::resident::session(&ctx, id).await.expect("a session");
        (id, format!("kairan_resident={secret}"))
    }

    /// Follows the way to another page, as browsers do.
    async fn ask(&mut self, path: &str, fields: Option<&[(String, String)]>) -> LiffPage {
        let page = self.once(path, fields).await;
        match page.to {
            Some(to) => self.once(&to, None).await,
            None => page,
        }
    }

    async fn once(&mut self, path: &str, fields: Option<&[(String, String)]>) -> LiffPage {
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
    async fn save(&mut self, id: FormId, fields: &[(String, String)]) -> serde_json::Value {
        let request = self.scripted(&format!("/liff/f/{id}/draft"), fields);
        json(liff::server::save_draft(&self.platform, id, request).await).await
    }

    /// What the script sends.
    fn scripted(&self, path: &str, fields: &[(String, String)]) -> Request {
        let body: Vec<String> =
            fields.iter().map(|(k, v)| format!("{}={}", coded(k), coded(v))).collect();
        Request::post(path)
            .header("cookie", self.cookie.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .expect("a request")
    }

    async fn get(&mut self) -> LiffPage {
        let path = self.path.clone();
        self.ask(&path, None).await
    }

    /// Presses a button of a page, with what the page holds and what is typed.
    async fn press(&mut self, page: &LiffPage, act: &str, typed: &[(&str, &str)]) -> LiffPage {
        let path = self.path.clone();
        self.ask(&path, Some(&filled(page, act, typed))).await
    }

    /// Asks for one of the form's pages by its number, as the keys for back and anew do.
    async fn page(&mut self, number: usize) -> LiffPage {
        let path = format!("{}?page={number}", self.path);
        self.ask(&path, None).await
    }
}

/// What a page sends.
fn filled(page: &LiffPage, act: &str, typed: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = hidden(&page.html);
    for (name, word) in typed {
        fields.push((format!("answers[{name}][]"), (*word).to_owned()));
    }
    fields.push(("act".into(), act.into()));
    fields
}

async fn json(response: Response) -> serde_json::Value {
    let body = axum::body::to_bytes(response.into_body(), 100_000).await.expect("a body");
    serde_json::from_slice(&body).expect("JSON")
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
    // Somebody comes back: the draft is there, on its page.
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
async fn the_way_back_leads_to_the_page_before_with_everything_kept() {
    let (mut browser, _) = Browser::start(true).await;
    let path = browser.path.clone();
    let bare = browser.get().await;
    assert!(bare.html.contains(&format!("0;url={path}?page=0")), "{}", bare.html);
    let first = browser.page(0).await;
    assert!(first.html.contains("飼い主の名前") && !first.html.contains("0;url="));
    let given = [("owner", "山田"), ("has", "yes"), ("dogs.0.name", "ポチ")];
    let two = browser.press(&first, "add:dogs", &given).await;
    assert!(two.html.contains("answers[dogs.1.name][]"), "an open item is kept: {}", two.html);
    let refused = browser.press(&two, "next", &given[1..]).await;
    assert_eq!(refused.status, 422, "the owner has no name");
    assert!(refused.html.contains("直すところが"), "{}", refused.html);
    let one = browser.press(&refused, "remove:dogs:1", &given).await;
    let way = browser.once(&path, Some(&filled(&one, "next", &given))).await;
    assert_eq!((way.status.as_u16(), way.to), (303, Some(format!("{path}?page=1"))));
    let second = browser.page(1).await;
    let given = [("tel", "090-0000-0000"), ("agree", "yes")];
    let read = browser.press(&second, "next", &given).await;
    assert!(read.html.contains("内容を確かめる") && read.html.contains("ポチ"), "{}", read.html);
    // The key for back, twice, and forward again.
    assert!(browser.page(1).await.html.contains("value=\"090-0000-0000\""));
    let back = browser.page(0).await;
    assert!(back.html.contains("value=\"山田\"") && back.html.contains("value=\"ポチ\""));
    assert_eq!(back.status, 200, "what was mended is not said again");
    let read = browser.page(2).await;
    let sent = browser.once(&path, Some(&filled(&read, "send", &[]))).await;
    let receipt = sent.to.expect("the way to the receipt");
    for _ in 0..2 {
        assert!(browser.ask(&receipt, None).await.html.contains("犬001"));
    }
    // Nothing of it comes back into a form, and nobody else gets the receipt.
    assert!(!browser.page(2).await.html.contains("山田"));
    browser.cookie.clear();
    assert!(!browser.ask(&receipt, None).await.html.contains("犬001"));
}

#[tokio::test]
async fn words_that_arrive_after_somebody_went_back_are_kept() {
    let (mut browser, id) = Browser::start(true).await;
    let first = browser.get().await;
    let second = browser.press(&first, "next", &[("owner", "山田"), ("has", "no")]).await;
    browser.later(1);
    let back = browser.page(0).await;
    // The script sends the last words while the page is left.
    browser.later(1);
    let told = browser.save(id, &filled(&second, "", &[("tel", "090-0000-0000")])).await;
    assert!(told["saved"].is_string(), "{told}");
    browser.later(1);
    let again = browser.press(&back, "next", &[("owner", "鈴木"), ("has", "no")]).await;
    assert!(again.html.contains("value=\"090-0000-0000\""), "{}", again.html);
    let given = [("tel", "090-0000-0000"), ("agree", "yes")];
    let read = browser.press(&again, "next", &given).await;
    assert!(read.html.contains("鈴木") && !read.html.contains("山田"), "{}", read.html);
}

#[tokio::test]
async fn a_browser_without_cookies_goes_on_by_what_its_pages_carry() {
    let (mut browser, _) = Browser::start(true).await;
    let mut page = browser.get().await;
    let turns: [(&str, &[(&str, &str)]); 3] = [
        ("next", &[("owner", "山田"), ("has", "no")]),
        ("next", &[("tel", "090-0000-0000"), ("agree", "yes")]),
        ("send", &[]),
    ];
    for (act, given) in turns {
        browser.cookie.clear();
        let path = browser.path.clone();
        let next = browser.once(&path, Some(&filled(&page, act, given))).await;
        assert!(next.to.is_none(), "nobody would be known there");
        page = next;
    }
    assert!(page.html.contains("犬001"), "{}", page.html);
}

#[tokio::test]
async fn a_postcode_fills_in_an_address() {
    let row = "99201,\"999  \",\"9990001\",\"ﾐﾎﾝｹﾝ\",\"ﾐﾎﾝｼ\",\"ﾔﾏﾃ\",\"見本県\",\"みほん市\",\"山手\",0,0,0,0,0,0\n";
    let (mut browser, id) = Browser::start_with(true, Some(row)).await;
    let mut form = definition();
    let home = Question { personal: true, ..Question::new("home", "住所", Ask::Address {}) };
    form.pages[0].questions.push(home);
    publish(&browser, id, 1, &form).await;
    let page = browser.get().await;
    assert!(page.html.contains("郵便番号から住所を入れる"));
    let given = |code: &'static str| {
        [("owner", "山田"), ("home.postcode", code), ("home.building", "101号室")]
    };
    let found = browser.press(&page, "postcode:home", &given("9990001")).await;
    assert_eq!(found.status, 200);
    for words in ["999-0001", "見本県", "みほん市", "山手", "101号室", "山田"] {
        let value = format!("value=\"{words}\"");
        assert!(found.html.contains(&value), "{words}: {}", found.html);
    }
    for (code, words) in [("9990002", "見つかりませんでした"), ("12", "7けたの数")] {
        let refused = browser.press(&page, "postcode:home", &given(code)).await;
        assert_eq!(refused.status, 422);
        assert!(refused.html.contains(words) && refused.html.contains("value=\"101号室\""));
    }
    let (mut browser, id) = Browser::start(true).await;
    publish(&browser, id, 1, &form).await;
    assert!(!browser.get().await.html.contains("郵便番号から住所を入れる"), "without the file");
}

#[tokio::test]
async fn an_answer_of_the_first_version_is_corrected_after_the_second() {
    let (mut browser, id) = Browser::start(true).await;
    let page = browser.get().await;
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    assert!(browser.press(&page, "send", &given).await.html.contains("犬001"));
    // Another one is begun under the first version, and sent under the second.
    let page = browser.get().await;
    browser.press(&page, "next", &[("owner", "鈴木"), ("has", "no")]).await;
    let mut next = definition();
    let memo = Question { correctable: true, ..text("memo", "連絡のとれる時間") };
    next.pages[1].questions.insert(1, memo);
    publish(&browser, id, 1, &next).await;
    let page = browser.get().await;
    assert!(page.html.contains("質問が新しくなりました") && page.html.contains("連絡のとれる時間"));
    let given = [("tel", "1"), ("memo", "夜"), ("agree", "yes")];
    let read = browser.press(&page, "next", &given).await;
    assert!(read.html.contains("鈴木"), "{}", read.html);
    assert!(browser.press(&read, "send", &[]).await.html.contains("犬002"));
    // Each is corrected by the questions that it has answered.
    for (number, name, asked) in [(1, "山田", false), (2, "鈴木", true)] {
        let path = format!("/liff/answers/{number}?correct");
        let open = browser.ask(&path, None).await;
        assert_eq!(open.html.contains("answers[memo][]"), asked, "{}", open.html);
        let fields = filled(&open, "correct", &[("tel", "2"), ("memo", "朝")]);
        let corrected = browser.ask(&path, Some(&fields)).await;
        assert!(corrected.html.contains("直した内容を送りました"), "{}", corrected.html);
        assert!(corrected.html.contains(name), "{}", corrected.html);
        assert_eq!(corrected.html.contains("朝"), asked, "{}", corrected.html);
    }
}

#[tokio::test]
async fn somebody_breaks_off_and_goes_on_another_day() {
    let (mut browser, _) = Browser::start(true).await;
    let first = browser.get().await;
    let second = browser.press(&first, "next", &[("owner", "山田"), ("has", "no")]).await;
    assert!(second.html.contains("電話番号"), "{}", second.html);
    browser.later(2 * DAY);
    let again = browser.get().await;
    assert!(again.html.contains("続けられます") && again.html.contains("電話番号"));
    browser.press(&again, "look", &[("tel", "090-0000-0000")]).await;
    // 31 days after it was begun, 29 after the last word.
    browser.later(29 * DAY);
    let kept = browser.get().await;
    assert!(kept.html.contains("続けられます") && kept.html.contains("value=\"090-0000-0000\""));
    // Looking is no word.
    browser.later(2 * DAY);
    let forgotten = browser.get().await;
    assert!(!forgotten.html.contains("続けられます") && !forgotten.html.contains("090-0000-0000"));
    assert!(forgotten.html.contains("飼い主の名前"), "it begins anew");
    // A page that stood open all the time is sent all the same.
    let read = browser.press(&kept, "next", &[("tel", "090-0000-0000"), ("agree", "yes")]).await;
    let done = browser.press(&read, "send", &[]).await;
    assert!(done.html.contains("犬001"), "{}", done.html);
}

#[tokio::test]
async fn testers_try_a_draft_of_which_nothing_is_kept() {
    let (mut browser, _) = Browser::start(true).await;
    let ctx = browser.platform.system();
    let mut draft = definition();
    draft.pages[1].questions[1].required = true;
    let id = store::form::create(&ctx, "猫", &draft, &Beside::default()).await.expect("a form");
    browser.path = format!("/liff/f/{id}/try");
    let (tester, own) = browser.resident(b"0123456789abcdef").await;
    let (_, other) = browser.resident(b"fedcba9876543210").await;
    store::resident::set_tester(&ctx, tester, Some("環境課")).await.expect("a tester");
    browser.cookie = own.clone();
    assert_eq!(browser.get().await.status, 404, "it was not shown to anybody");
    services::form::try_out(&browser.platform, &ctx, id, 1).await.expect("shown");

    // To all others it is as if there were no such form.
    let words = vec![("answers[owner][]".to_owned(), "山田".to_owned())];
    for (cookie, status) in [(other, 404), (String::new(), 200)] {
        browser.cookie = cookie;
        let page = browser.get().await;
        let none = browser.ask("/liff/f/4711/try", None).await;
        assert_eq!((page.status.as_u16(), &page.html), (status, &none.html));
        assert_eq!(none.status, page.status);
        let sent = browser.press(&page, "send", &[("owner", "山田")]).await;
        assert_eq!((sent.status.as_u16(), &sent.html), (status, &none.html));
        let request = browser.scripted(&format!("/liff/f/{id}/try/draft"), &words);
        let told = liff::server::look_at_trial(&browser.platform, id, request).await;
        assert_eq!(told.status(), 404);
    }

    browser.cookie = own;
    let first = browser.get().await;
    assert_eq!(first.status, 200);
    assert!(first.html.contains("これは試験です") && first.html.contains("飼い主の名前"));
    let request = browser.scripted(&format!("/liff/f/{id}/try/draft"), &words);
    let told = json(liff::server::look_at_trial(&browser.platform, id, request).await).await;
    assert!(told["saved"].is_null() && told["seen"].to_string().contains("owner"), "{told}");
    let refused = browser.press(&first, "next", &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("直すところが 2つあります") && refused.html.contains("試験です"));
    let second = browser.press(&refused, "next", &[("owner", "山田"), ("has", "no")]).await;
    let upload = second.html.split("type=\"file\"").nth(1).expect("a field for the paper");
    assert!(upload.split('>').next().unwrap_or_default().contains("disabled"), "{upload}");
    let read = browser.press(&second, "next", &[("tel", "090"), ("agree", "yes")]).await;
    assert!(read.html.contains("この内容で送る"), "{}", read.html);
    let done = browser.press(&read, "send", &[]).await;
    assert!(done.html.contains("試験はここまでです") && !done.html.contains("受付番号"));
    // Who has not written everything hears so.
    let refused = browser.press(&first, "send", &[("owner", "山田")]).await;
    assert!(refused.status == 422 && refused.html.contains("直すところが"), "{}", refused.html);

    let found = store::answer::list(&ctx, &Filter::default()).await.expect("a list");
    assert_eq!(found.total, 0);
    let form = store::form::get(&ctx, id).await.expect("a form");
    assert_eq!((form.received, form.published), (0, None));
    let own = browser.platform.context(Actor::Resident(tester));
    let holder = services::answer::Holder::of(&own, None).expect("a holder");
    assert!(services::answer::draft(&own, &holder, id).await.expect("no trouble").is_none());
    assert!(services::answer::files(&own, &holder, id).await.expect("no trouble").is_empty());
    // Published, it is a form as any other, and the trial is over.
    store::form::publish(&ctx, id, 1).await.expect("published");
    assert_eq!(browser.get().await.status, 404);
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
async fn whoever_leaves_a_browser_of_many_leaves_nothing_in_it() {
    let (mut browser, id) = Browser::start(true).await;
    let page = browser.get().await;
    assert!(page.html.contains("href=\"/liff/answers\""), "the way there: {}", page.html);
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    let done = browser.press(&page, "send", &given).await;
    assert!(done.html.contains("犬001") && done.html.contains("href=\"/liff/answers\""));
    let page = browser.get().await;
    browser.save(id, &filled(&page, "", &[("owner", "田中")])).await;
    let list = browser.ask("/liff/answers", None).await;
    for words in ["犬001", "書きかけ", "このブラウザーから消す"] {
        assert!(list.html.contains(words), "{words}: {}", list.html);
    }
    let former = browser.cookie.clone();
    let left = browser.ask("/liff/answers", Some(&[("act".into(), "leave".into())])).await;
    assert!(left.cookie.unwrap_or_default().contains("Max-Age=0"));
    assert!(left.html.contains("liff-left") && !left.html.contains("犬001"), "{}", left.html);
    assert!(!browser.get().await.html.contains("田中"));
    // Not even by the former cookie is there a draft; what was sent is the city's.
    browser.cookie = former;
    assert!(!browser.get().await.html.contains("田中"));
    let ctx = browser.platform.system();
    let filter = Filter { page: 1, ..Filter::default() };
    assert_eq!(services::answer::list(&ctx, &filter).await.expect("the answers").total, 1);
}

#[tokio::test]
async fn a_correction_takes_items_and_files_like_a_new_answer() {
    let (mut browser, _) = Browser::start(true).await;
    let page = browser.get().await;
    let given = [
        ("owner", "山田"),
        ("has", "yes"),
        ("dogs.0.name", "ポチ"),
        ("tel", "1"),
        ("agree", "yes"),
    ];
    let done = browser.press(&page, "send", &given).await;
    assert!(done.html.contains("犬001"), "{}", done.html);
    let correct = "/liff/answers/1?correct";
    let typed = |act: &str, more: &[(&str, &str)]| {
        let mut all =
            vec![("act".to_owned(), act.to_owned()), ("items[dogs]".to_owned(), "1".to_owned())];
        for (name, word) in [("tel", "2"), ("dogs.0.name", "ポチ")].iter().chain(more) {
            all.push((format!("answers[{name}][]"), (*word).to_owned()));
        }
        all
    };
    // Another dog: nothing that was typed is lost.
    let more = browser.ask(correct, Some(&typed("add:dogs", &[]))).await;
    assert!(more.html.contains("answers[dogs.1.name][]"), "{}", more.html);
    assert!(more.html.contains("value=\"2\""), "the number that was typed: {}", more.html);
    // A file, sent by a page without a script.
    let mut body = String::new();
    for (name, word) in typed("upload:paper", &[("dogs.1.name", "シロ")]) {
        body +=
            &format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{word}\r\n");
    }
    body += "--x\r\ncontent-disposition: form-data; name=\"file[paper]\"; filename=\"証明.pdf\"\r\n\r\n%PDF-1.7 x\r\n--x--\r\n";
    let request = Request::builder()
        .method("POST")
        .uri(correct)
        .header("cookie", browser.cookie.clone())
        .header("content-type", "multipart/form-data; boundary=x")
        .body(Body::from(body));
    let request = prepare(&browser.platform, request.expect("a request")).await;
    let page = request.extensions().get::<LiffPage>().cloned().expect("a page");
    assert!(page.html.contains("証明.pdf") && page.html.contains("シロ"), "{}", page.html);
    let (_, token) = hidden(&page.html)
        .into_iter()
        .find(|(name, _)| name == "answers[paper][]")
        .expect("the file, to be sent");
    let last = [("dogs.1.name", "シロ"), ("paper", token.as_str())];
    let corrected = browser.ask(correct, Some(&typed("correct", &last))).await;
    assert!(corrected.html.contains("直した内容を送りました"), "{}", corrected.html);
    assert!(corrected.html.contains("シロ") && corrected.html.contains("証明.pdf・1 kB"));
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
async fn who_may_answer_stays_as_it_was_published() {
    let (mut browser, id) = Browser::start(false).await;
    let ctx = browser.platform.system();
    let columns = ["番号".to_owned()];
    let people = [BTreeMap::from([("番号".to_owned(), "A-1".to_owned())])];
    let list = store::eligibility::keep(&ctx, None, "名簿", &columns, &columns, &people).await;
    let gate = Gate { list: list.expect("a list"), prefill: BTreeMap::new() };
    let form = definition();
    let save = async |edition, eligibility: Option<Gate>| {
        let beside = Beside { outside: true, eligibility, ..Beside::default() };
        store::form::save(&ctx, id, edition, "犬", &form, &beside).await.expect("saved")
    };
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    // Residents alone, then outside LINE too, for those on the list, then for everybody: each is
    // saved first, and changes nothing yet.
    save(1, Some(gate)).await;
    let page = browser.get().await;
    assert!(!page.outside && page.html.contains("このままでは送れません"), "{}", page.html);
    assert!(page.html.contains("飼い主の名前") && browser.cookie.is_empty());
    assert_eq!(browser.press(&page, "send", &given).await.status, 422);
    store::form::publish(&ctx, id, 2).await.expect("published");
    let page = browser.get().await;
    assert!(page.outside && page.html.contains("said[番号]"), "{}", page.html);

    save(2, None).await;
    let page = browser.get().await;
    assert!(page.html.contains("said[番号]") && !page.html.contains("飼い主の名前"));
    let asked = browser.press(&page, "send", &given).await;
    assert!(asked.html.contains("said[番号]") && !asked.html.contains("受けつけました"));
    store::form::publish(&ctx, id, 3).await.expect("published");
    let page = browser.get().await;
    assert!(!page.html.contains("said[番号]"), "{}", page.html);
    assert_eq!(store::form::get(&ctx, id).await.expect("a form").received, 0);
    browser.press(&page, "send", &given).await;
    assert_eq!(store::form::get(&ctx, id).await.expect("a form").received, 1);
}

#[tokio::test]
async fn behind_a_list_a_page_is_found_again_for_an_hour() {
    let (mut browser, id) = Browser::start(true).await;
    let ctx = browser.platform.system();
    let columns = ["番号".to_owned()];
    let people = ["A-1", "A-2"].map(|n| BTreeMap::from([("番号".to_owned(), n.to_owned())]));
    let list = store::eligibility::keep(&ctx, None, "名簿", &columns, &columns, &people).await;
    let gate = Gate { list: list.expect("a list"), prefill: BTreeMap::new() };
    let beside = Beside { outside: true, eligibility: Some(gate), ..Beside::default() };
    store::form::save(&ctx, id, 1, "犬", &definition(), &beside).await.expect("saved");
    store::form::publish(&ctx, id, 2).await.expect("published");
    let asks = |page: &LiffPage| page.html.contains("said[番号]");
    let said = |page: &LiffPage, number: &str| {
        let number = ("said[番号]".to_owned(), number.to_owned());
        [filled(page, "check", &[]), vec![number]].concat()
    };
    let path = browser.path.clone();
    let door = browser.get().await;
    assert!(asks(&door), "{}", door.html);
    let first = browser.ask(&path, Some(&said(&door, "A-1"))).await;
    assert!(!asks(&first) && first.html.contains("飼い主の名前"), "{}", first.html);
    browser.press(&first, "next", &[("owner", "山田"), ("has", "no")]).await;
    // The key for back, until an hour after the last word.
    browser.later(HOUR);
    for (page, words) in [(1, "電話番号"), (0, "value=\"山田\"")] {
        let found = browser.page(page).await;
        assert!(!asks(&found) && found.html.contains(words), "{}", found.html);
    }
    // Others may use the browser later: they are asked who they are, however they come.
    browser.later(1);
    for door in [browser.page(0).await, browser.page(1).await, browser.get().await] {
        assert!(asks(&door) && !door.html.contains("山田"), "{}", door.html);
    }
    // Whoever is on the list goes on.
    let door = browser.page(0).await;
    let again = browser.ask(&path, Some(&said(&door, "A-1"))).await;
    assert!(!asks(&again) && again.html.contains("電話番号"), "{}", again.html);
    assert!(browser.page(0).await.html.contains("value=\"山田\""));
    // Another on the list finds nothing of it, and sends nothing of it as theirs.
    let door = browser.get().await;
    let other = browser.ask(&path, Some(&said(&door, "A-2"))).await;
    assert!(!asks(&other) && other.html.contains("飼い主の名前"), "{}", other.html);
    assert!(!other.html.contains("山田"), "{}", other.html);
    browser.press(&other, "next", &[("owner", "鈴木"), ("has", "no")]).await;
    let door = browser.get().await;
    let again = browser.ask(&path, Some(&said(&door, "A-1"))).await;
    assert!(again.html.contains("飼い主の名前") && !again.html.contains("鈴木"), "{}", again.html);
}

#[tokio::test]
async fn a_new_version_keeps_what_was_written() {
    let (mut browser, id) = Browser::start(true).await;
    let ctx = browser.platform.system();
    let page = browser.get().await;
    let mut next = definition();
    next.pages[0].questions.insert(0, text("city", "住んでいる市"));
    publish(&browser, id, 1, &next).await;
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    let moved = browser.press(&page, "send", &given).await;
    assert!(moved.html.contains("質問が新しくなりました") && moved.html.contains("住んでいる市"));
    assert!(moved.html.contains("value=\"山田\""));
    store::form::close(&ctx, id).await.expect("closed");
    assert!(browser.get().await.html.contains("受付は終わりました"));
}

#[tokio::test]
async fn what_a_resident_sends_is_theirs_in_every_session_and_nobody_else_s() {
    let (mut browser, id) = Browser::start(true).await;
    let ctx = browser.platform.system();
    let mut residents = Vec::new();
    for user in [[1; 16], [2; 16]] {
        residents.push(store::resident::follow(&ctx, &user, ctx.now()).await.expect("followed").0);
    }
    let cookie = async |resident| {
        format!("kairan_resident={}", store::resident::session(&ctx, resident).await.expect("one"))
    };
    browser.cookie = cookie(residents[0]).await;
    let page = browser.get().await;
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    // Another resident has the browser meanwhile: nothing goes out, neither as theirs nor as nobody's.
    browser.cookie = cookie(residents[1]).await;
    let refused = browser.press(&page, "send", &given).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("確かめられませんでした") && refused.html.contains("山田"));
    let again = browser.press(&refused, "send", &[]).await;
    assert_eq!(again.status, 422, "not without the one who filled it in");
    // The next page has opened a session anew before this one was sent.
    browser.cookie = cookie(residents[0]).await;
    let sent = browser.press(&page, "send", &given).await;
    assert!(sent.html.contains("受けつけました"), "{}", sent.html);
    let mine = browser.platform.context(domain::permission::Actor::Resident(residents[0]));
    let holder = services::answer::Holder::of(&mine, None).expect("a resident");
    assert_eq!(store::answer::own_count(&mine, &holder, id).await.expect("counted"), 1);
}

/// Publishes another definition; `edition` is the one that it follows.
async fn publish(browser: &Browser, id: FormId, edition: i64, form: &Form) {
    let ctx = browser.platform.system();
    let beside = Beside { outside: true, ..Default::default() };
    store::form::save(&ctx, id, edition, "犬", form, &beside).await.expect("saved");
    store::form::publish(&ctx, id, edition + 1).await.expect("published");
}

/// A definition without the question of the owner's name.
fn without_owner() -> Form {
    let mut form = definition();
    form.pages[0].questions.retain(|q| q.key != "owner");
    form
}

#[tokio::test]
async fn words_without_a_place_come_back_with_their_question() {
    let (mut browser, id) = Browser::start(true).await;
    let page = browser.get().await;
    let kept = browser.press(&page, "next", &[("owner", "山田"), ("has", "no")]).await;
    assert!(kept.html.contains("連絡先"));
    publish(&browser, id, 1, &without_owner()).await;
    // The draft goes over, and is kept again under the version that does not ask for the name.
    let page = browser.get().await;
    assert!(!page.html.contains("山田"), "{}", page.html);
    browser.press(&page, "look", &[("tel", "090")]).await;
    publish(&browser, id, 2, &definition()).await;
    let page = browser.get().await;
    let first = browser.press(&page, "to:0", &[]).await;
    assert!(first.html.contains("value=\"山田\""), "{}", first.html);
}

#[tokio::test]
async fn what_is_typed_on_a_page_of_a_former_version_is_kept() {
    let (mut browser, id) = Browser::start(true).await;
    let page = browser.get().await;
    publish(&browser, id, 1, &without_owner()).await;
    // The script saves what stands on the page that is still open.
    let mut fields = hidden(&page.html);
    for (name, word) in [("owner", "山田"), ("has", "yes"), ("dogs.0.name", "ポチ")] {
        fields.push((format!("answers[{name}][]"), word.into()));
    }
    let told = browser.save(id, &fields).await;
    assert!(told["saved"].is_string(), "{told}");
    let seen: Vec<&str> =
        told["seen"].as_array().unwrap().iter().filter_map(|n| n.as_str()).collect();
    assert!(seen.contains(&"owner"), "what follows is said of the page: {seen:?}");
    let page = browser.get().await;
    assert!(page.html.contains("value=\"ポチ\"") && !page.html.contains("山田"));
    publish(&browser, id, 2, &definition()).await;
    assert!(browser.get().await.html.contains("value=\"山田\""));
}

/// A page of a form in which something more comes up for those without a dog, after they went on.
async fn came_up(more: Question) -> LiffPage {
    let (mut browser, id) = Browser::start(true).await;
    let mut next = definition();
    let when = Condition::Is { question: "has".into(), any_of: vec!["no".into()] };
    next.pages[0].questions.push(Question { show_if: Some(when), ..more });
    publish(&browser, id, 1, &next).await;
    let page = browser.get().await;
    browser.press(&page, "next", &[("owner", "山田"), ("has", "no")]).await
}

#[tokio::test]
async fn only_what_is_asked_or_said_stops_somebody_who_goes_on() {
    let formula = "if(chosen(has, \"no\"), 0, 300)".parse().expect("a formula");
    let sum = Ask::Calculation { formula, places: 0, unit: "円".into() };
    let on = came_up(Question::new("sum", "手数料", sum)).await;
    assert!(!on.html.contains("増えました") && on.html.contains("電話番号"), "{}", on.html);
    let words = Ask::Explanation { text: "登録は要りません".into() };
    let more = came_up(Question::new("words", "お知らせ", words)).await;
    assert!(more.html.contains("説明が増えました") && more.html.contains("登録は要りません"));
    assert!(!more.html.contains("電話番号"));
    let asked = came_up(text("why", "いない理由")).await;
    assert!(asked.html.contains("質問が増えました") && asked.html.contains("いない理由"));
}
