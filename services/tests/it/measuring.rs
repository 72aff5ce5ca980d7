//! Links and readers from end to end: what arrives, what a tap counts, what LINE tells (SEG-8).

use crate::line::Line;
use crate::support::{Test, both};
use domain::audience::Audience;
use domain::delivery::{Draft, Filter, Purpose};
use domain::id::DeliveryId;
use domain::insight::{Shown, Without};
use domain::permission::Actor;
use domain::time::{DAY, HOUR};
use serde_json::{Value, json};
use services::delivery::{File, check, figures_file, for_systems, list_file, measured};
use services::link::{Leads, flush, follow};
use services::{Error, insight};

const COUNTED: &str = "https://www.example.jp/kyusui?x=1#y";
const PLAIN: &str = "https://www.example.jp/chizu";

/// A notice with two links to everybody, of which one is counted.
async fn send(line: &Line) -> DeliveryId {
    let body = json!({
        "title": "=給水", "audience": {"everyone": true}, "purpose": "notice",
        "parts": [{"text": format!("給水します。\n{COUNTED}\n地図 {PLAIN}")}],
        "uncounted": [PLAIN],
    });
    let platform = &line.platform;
    let id = services::delivery::create(platform, &platform.system(), &body).await.unwrap();
    line.ended(id).await;
    id
}

#[expect(clippy::disallowed_methods, reason = "a test asks once")]
async fn ask(line: &Line, path: &str, body: Value) {
    let url = format!("{}/_sandbox{path}", line.sandbox.url());
    let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}");
}

async fn text_of(line: &Line, user: &str) -> String {
    let url = format!("{}/_sandbox/residents/{user}/messages", line.sandbox.url());
    let talk: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let entries = talk["entries"].as_array().unwrap();
    entries.last().unwrap()["messages"][0]["text"].as_str().unwrap().to_owned()
}

fn lines(csv: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(csv).unwrap().trim_start_matches('\u{feff}');
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn a_tap_counts_and_leads_to_exactly_what_was_sent() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(30).await;
        line.outbox("one");
        let id = send(&line).await;
        let (platform, ctx) = (&line.platform, line.platform.system());
        let links = measured(&ctx, id).await.unwrap().links;
        assert_eq!(links.len(), 1);
        let short = links[0].short.clone();
        let arrived = text_of(&line, &users[7].to_string()).await;
        assert_eq!(arrived, format!("給水します。\n{short}\n地図 {PLAIN}"));

        let token = short.strip_prefix("http://127.0.0.1:3000/r/").unwrap();
        let to = Leads::To(COUNTED.into());
        for rest in [token.to_owned(), format!("{token}をご覧ください"), format!("{token}/")]
        {
            assert_eq!(follow(platform, &ctx, &rest, true).await.unwrap(), to);
        }
        assert_eq!(follow(platform, &ctx, token, false).await.unwrap(), to);
        for nowhere in ["", "0000000", "https://evil.example/", "..%2f"] {
            assert_eq!(follow(platform, &ctx, nowhere, true).await.unwrap(), Leads::Nowhere);
        }
        flush(platform).await.unwrap();
        flush(platform).await.unwrap();
        assert_eq!(measured(&ctx, id).await.unwrap().taps(), 3);

        // A rush: one row, however many taps.
        for _ in 0..200_000 {
            follow(platform, &ctx, token, true).await.unwrap();
        }
        flush(platform).await.unwrap();
        let m = measured(&ctx, id).await.unwrap();
        assert_eq!((m.taps(), m.hours.iter().map(|(_, n)| n).sum()), (200_003, 200_003));
        let rows = t.number("SELECT COUNT(*) AS n FROM link_hour").await;
        assert!(rows <= 2, "{rows} rows; two where an hour ended meanwhile");

        // Five years later.
        turn(&t, &ctx, 6 * 366 * DAY);
        let later = t.acting(Actor::Nobody);
        assert_eq!(follow(platform, &later, token, true).await.unwrap(), Leads::Over);
        flush(platform).await.unwrap();
        assert_eq!(measured(&ctx, id).await.unwrap().taps(), 200_003);
        line.end().await;
    });
}

#[test]
fn taps_wait_for_a_database_that_is_away() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(1).await;
        line.outbox("one");
        let id = send(&line).await;
        let (platform, ctx) = (&line.platform, line.platform.system());
        let short = measured(&ctx, id).await.unwrap().links[0].short.clone();
        let token = short.rsplit('/').next().unwrap();
        follow(platform, &ctx, token, true).await.unwrap();
        t.sql("ALTER TABLE link_hour RENAME TO gone").await;
        assert!(flush(platform).await.is_err());
        // Who taps meanwhile is led on, and counted.
        assert_eq!(follow(platform, &ctx, token, true).await.unwrap(), Leads::To(COUNTED.into()));
        t.sql("ALTER TABLE gone RENAME TO link_hour").await;
        flush(platform).await.unwrap();
        assert_eq!(measured(&ctx, id).await.unwrap().taps(), 2);
        line.end().await;
    });
}

#[test]
fn readers_come_from_line_and_fewer_than_20_are_not_told() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(30).await;
        line.outbox("one");
        let id = send(&line).await;
        let (platform, ctx) = (line.platform.clone(), line.platform.system());
        assert_eq!(measured(&ctx, id).await.unwrap().readers(), Shown::Waiting);
        assert_eq!(for_systems(&ctx, id).await.unwrap()["reads"]["status"], "waiting");
        let worker = worker(&t, &platform);
        let reads = insight::look(&platform, &worker, id).await.unwrap();
        assert_eq!((reads.readers, reads.readers()), (None, Shown::Hidden));
        assert_eq!(for_systems(&ctx, id).await.unwrap()["reads"]["status"], "not_published");

        ask(&line, "/open-all", json!({"share": 1.0, "click_share": 0.0})).await;
        // In the same moment LINE is not asked again.
        let reads = insight::look(&platform, &worker, id).await.unwrap();
        assert_eq!(reads.readers(), Shown::Hidden);
        // The worker asks by itself; its clock stands at the day before, and is turned on.
        insight::refresh(&platform, &worker).await.unwrap();
        assert_eq!(measured(&ctx, id).await.unwrap().readers(), Shown::Hidden, "not yet");
        turn(&t, &ctx, 2 * HOUR);
        insight::refresh(&platform, &worker).await.unwrap();
        assert_eq!(measured(&ctx, id).await.unwrap().readers(), Shown::Number(30));
        let told = for_systems(&ctx, id).await.unwrap();
        assert_eq!(
            (&told["reads"]["people"], &told["reads"]["link_openers"]),
            (&json!(30), &Value::Null)
        );
        assert_eq!(told["links"][0]["url"], COUNTED);
        assert_eq!(told["links"][0]["taps"], 0);
        assert_eq!(told["uncounted"], json!([PLAIN]));
        line.end().await;
    });
}

#[test]
fn a_broadcast_is_asked_about_by_its_request() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.faults(sandbox::Faults { followers_forbidden: true, ..Default::default() });
        line.sandbox.create_residents(25).unwrap();
        line.outbox("one");
        let id = send(&line).await;
        let ctx = line.platform.system();
        ask(&line, "/open-all", json!({"share": 1.0, "click_share": 1.0})).await;
        let reads = insight::look(&line.platform, &ctx, id).await.unwrap();
        assert_eq!((reads.readers, reads.clickers), (Some(25), Some(25)));
        assert_eq!(measured(&ctx, id).await.unwrap().by, None, "only LINE knows who they are");
        line.end().await;
    });
}

/// Turns the test's clock to so long after the machine's.
fn turn(t: &Test, machine: &services::Context, by: i64) {
    t.later(machine.now().since(t.ctx.now()) + by);
}

/// The system with the test's clock.
fn worker(t: &Test, platform: &services::Platform) -> services::Context {
    services::Context::system(platform.store.clone(), t.clock.clone(), t.random.clone())
}

#[test]
fn a_line_that_does_not_answer_is_asked_later() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(20).await;
        line.outbox("one");
        let id = send(&line).await;
        let (platform, ctx) = (line.platform.clone(), line.platform.system());
        line.faults(sandbox::Faults { rate_500: 1.0, ..Default::default() });
        let refused = insight::look(&platform, &ctx, id).await;
        assert!(matches!(refused, Err(Error::Conflict(_))));
        turn(&t, &ctx, 2 * HOUR);
        let worker = worker(&t, &platform);
        insight::refresh(&platform, &worker).await.unwrap();
        let reads = store::insight::of(&ctx, id).await.unwrap().unwrap();
        assert_eq!((reads.taken_at, reads.next_at), (None, Some(worker.now().plus(600_000_000))));
        line.faults(sandbox::Faults::default());
        t.later(HOUR);
        insight::refresh(&platform, &worker).await.unwrap();
        assert!(store::insight::of(&ctx, id).await.unwrap().unwrap().taken_at.is_some());
        // Of a test there is nothing to ask.
        let few = line.deliver(Purpose::Test, Audience::Everyone, None).await;
        line.ended(few).await;
        assert!(matches!(insight::look(&platform, &ctx, few).await, Err(Error::NotFound)));
        let reads = measured(&ctx, few).await.unwrap().reads.unwrap();
        assert_eq!(reads.without, Some(Without::Test));
        line.end().await;
    });
}

#[test]
fn files_hold_the_same_numbers_and_no_formula() {
    both(async |t| {
        crate::line::questions(&t).await;
        let mut line = Line::start(&t).await;
        line.friends(21).await;
        line.outbox("one");
        let id = send(&line).await;
        let (platform, ctx) = (line.platform.clone(), line.platform.system());
        ask(&line, "/open-all", json!({"share": 1.0, "click_share": 0.0})).await;
        insight::look(&platform, &ctx, id).await.unwrap();
        let short = measured(&ctx, id).await.unwrap().links[0].short.clone();
        for _ in 0..5 {
            follow(&platform, &ctx, short.rsplit('/').next().unwrap(), true).await.unwrap();
        }
        flush(&platform).await.unwrap();

        let table = lines(&list_file(&ctx, &Filter::default(), File::Csv).await.unwrap());
        let at = |name: &str| table[0].iter().position(|c| c == name).expect(name);
        let cell = |name: &str| table[1][at(name)].as_str();
        assert_eq!(cell("件名"), "'=給水");
        assert_eq!((cell("読んだ人（人）"), cell("リンクのタップ（回）")), ("21", "5"));
        assert_eq!(cell("読んだ人（受付した人数に対して％）"), "100.0");
        assert_eq!(cell("リンクごとのタップ"), format!("{COUNTED}　5回"));

        let one = lines(&figures_file(&ctx, id, File::Csv).await.unwrap());
        let row = |item: &str| one.iter().find(|r| r[1].contains(item)).expect(item);
        assert_eq!(row("読んだ人（人）")[2..], ["21", "100.0"]);
        assert_eq!(row(COUNTED)[2..], ["5", "23.8"]);
        assert_eq!(row("39歳まで")[..3], ["対象（人）：年代", "39歳まで", "0"]);
        assert!(one.iter().all(|r| r.len() == 4 && !r.iter().any(|c| c.starts_with('='))));

        for book in [
            list_file(&ctx, &Filter::default(), File::Xlsx).await.unwrap(),
            figures_file(&ctx, id, File::Xlsx).await.unwrap(),
        ] {
            assert_eq!(book[..4], *b"PK\x03\x04");
        }
        let nobody = t.acting(Actor::Nobody);
        assert!(matches!(figures_file(&nobody, id, File::Csv).await, Err(Error::Forbidden(_))));
        let exports = "SELECT COUNT(*) AS n FROM ledger WHERE act = 'delivery.export'";
        assert_eq!(t.number(exports).await, 4);
        line.end().await;
    });
}

#[test]
fn length_is_judged_by_what_arrives() {
    both(async |t| {
        let line = Line::start(&t).await;
        let ctx = line.platform.system();
        let part = |words: String| domain::message::Part::Text { text: words };
        let long = format!("{} https://www.example.jp/{}", "あ".repeat(4_900), "x".repeat(500));
        let draft = Draft { parts: vec![part(long)], ..Draft::default() };
        let problems = check(&ctx, &draft).await.unwrap().problems;
        assert!(!problems.iter().any(|p| p.at.starts_with("/parts")), "{problems:?}");
        let grows = format!("{} http://a.jp", "あ".repeat(4_985));
        let draft = Draft { parts: vec![part(grows.clone())], ..Draft::default() };
        let problems = check(&ctx, &draft).await.unwrap().problems;
        assert!(problems.iter().any(|p| p.at == "/parts/0/text"));
        let body = json!({"title": "x", "audience": {"everyone": true}, "purpose": "notice", "parts": [{"text": grows}]});
        let refused = services::delivery::create(&line.platform, &ctx, &body).await;
        assert!(matches!(refused, Err(Error::Invalid(p)) if p[0].at == "/parts/0/text"));
        let runs_on = Draft {
            parts: vec![part("https://a.jp/をご覧ください".into())],
            ..Draft::default()
        };
        assert!(
            check(&ctx, &runs_on).await.unwrap().warnings.iter().any(|w| w.contains("すぐあと"))
        );
        line.end().await;
    });
}
