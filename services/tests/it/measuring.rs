//! Links and readers from end to end: what arrives, what a tap counts, what LINE tells (SEG-8).

use crate::line::{Line, questions, registered};
use crate::support::{Test, both};
use domain::audience::Audience;
use domain::delivery::{AsOf, Draft, Filter, Measured, Purpose};
use domain::id::{DeliveryId, ResidentId};
use domain::insight::{NAMES_A_MONTH, Shown, Without, month};
use domain::message::Part;
use domain::permission::Actor;
use domain::time::{DAY, HOUR};
use serde_json::{Value, json};
use services::delivery::{
    File, check, figures_file, for_systems, keep_breakdowns, list_file, measured,
};
use services::link::{Leads, flush, follow};
use services::outbox::Freezer;
use services::{Error, attribute, insight};
use tokio::sync::watch;

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
    let id = services::delivery::create(platform, &platform.system(), &body).await.unwrap().id;
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
fn what_repeats_leaves_names_of_the_month_to_what_is_urgent() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(30).await;
        line.outbox("one");
        let ctx = line.platform.system();
        let columns = "title, purpose, status, parts, created_at, updated_at, recipients, accepted, failed, withheld, to_testers, counted_by_line";
        t.sql(&format!("INSERT INTO delivery ({columns}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {NAMES_A_MONTH}) SELECT 'x', 'notice', 'done', '[]', 0, 0, 0, 0, 0, 0, FALSE, FALSE FROM n")).await;
        let used = async |names: i64| {
            let month = month(ctx.now());
            t.sql("DELETE FROM insight").await;
            t.sql(&format!("INSERT INTO insight (delivery_id, unit, month) SELECT id, 'u' || CAST(id AS TEXT), {month} FROM delivery WHERE title = 'x' ORDER BY id LIMIT {names}")).await;
        };
        let without = async |id: DeliveryId| {
            line.ended(id).await;
            store::insight::of(&ctx, id).await.unwrap().unwrap().without
        };
        let sent =
            async |purpose| without(line.deliver(purpose, Audience::Everyone, None).await).await;
        let first = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        assert_eq!(without(first).await, None);

        used(500).await;
        let later = Some(ctx.now().plus(HOUR));
        let occurrence = line.deliver(Purpose::Notice, Audience::Everyone, later).await;
        t.sql(&format!(
            "UPDATE delivery SET series_id = {first}, send_at = {} WHERE id = {occurrence}",
            ctx.now().0
        ))
        .await;
        line.platform.outbox_ready.notify_one();
        assert_eq!(without(occurrence).await, Some(Without::Names));
        let reads = measured(&ctx, occurrence).await.unwrap().reads.unwrap();
        assert_eq!(reads.readers(), Shown::Unknown);
        assert_eq!(sent(Purpose::Notice).await, None, "what staff send is counted");

        used(850).await;
        assert_eq!(sent(Purpose::Notice).await, Some(Without::Names));
        assert_eq!(sent(Purpose::Emergency).await, None);
        let parts = [Part::Text { text: "誤りでした".into() }];
        let right = store::delivery::retract(&ctx, first, "訂正", &parts, &[], None).await.unwrap();
        line.platform.outbox_ready.notify_one();
        assert_eq!(without(right).await, None);

        used(NAMES_A_MONTH).await;
        assert_eq!(sent(Purpose::Emergency).await, Some(Without::Names));
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
fn a_line_that_never_answers_is_left_alone_after_14_days() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(20).await;
        line.outbox("one");
        let id = send(&line).await;
        let (platform, ctx) = (line.platform.clone(), line.platform.system());
        line.faults(sandbox::Faults { rate_500: 1.0, ..Default::default() });
        let worker = worker(&t, &platform);
        let next = async || store::insight::of(&ctx, id).await.unwrap().unwrap().next_at;
        turn(&t, &ctx, 14 * DAY + HOUR);
        insight::refresh(&platform, &worker).await.unwrap();
        assert!(next().await.is_some(), "its last look is made up for");
        t.later(DAY);
        insight::refresh(&platform, &worker).await.unwrap();
        assert_eq!(next().await, None);
        line.end().await;
    });
}

#[test]
fn list_and_files_hold_the_same_numbers_and_no_formula() {
    both(async |t| {
        questions(&t).await;
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

        let listed = services::delivery::listed(&ctx, &Filter::default()).await.unwrap();
        let row = listed.past.first().unwrap();
        assert_eq!((row.reads.unwrap().readers(), row.taps), (Shown::Number(21), Some(5)));

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
fn ages_months_and_choices_add_up_to_the_recipients_and_texts_are_left_out() {
    both(async |t| {
        questions(&t).await;
        for (key, label, kind) in [
            ("born", "生まれた年", "year"),
            ("due", "予定日", "date"),
            ("pet", "ペットの名前", "text"),
        ] {
            let body = json!({"key": key, "label": label, "kind": kind});
            attribute::create_from_json(&t.ctx, &body).await.unwrap();
        }
        let mut line = Line::start(&t).await;
        let users = line.friends(6).await;
        let (ctx, today) = (line.platform.system(), line.platform.system().now().date());
        let answers = [
            json!({"born": today.year - 61, "due": today.iso(), "pet": "ポチ", "age": "old"}),
            json!({"born": today.year - 69, "due": "1999-12-31", "age": "old"}),
            json!({"born": today.year, "topics": ["waste", "event"]}),
            json!({"born": 1900, "due": "2199-12-31"}),
            json!({"pet": "タマ"}),
        ];
        registered(&ctx, &users, &answers).await;
        line.outbox("one");
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        line.ended(id).await;
        // Who leaves afterwards was meant all the same, and is who they registered to be.
        store::resident::unfollow(&ctx, users[0].as_bytes(), ctx.now()).await.unwrap();

        let by = measured(&ctx, id).await.unwrap().by.unwrap();
        let labels: Vec<&str> = by.iter().map(|b| b.label.as_str()).collect();
        assert_eq!(
            labels,
            ["年代", "お知らせの種類", "生まれた年（ことし迎える年齢）", "予定日（月ごと）"]
        );
        let shown =
            |i: usize| -> Vec<(String, i64)> { by[i].lines().filter(|(_, n)| *n > 0).collect() };
        let meant = |all: &[(&str, i64)]| -> Vec<(String, i64)> {
            all.iter().map(|(words, n)| ((*words).to_owned(), *n)).collect()
        };
        assert_eq!(shown(0), meant(&[("65歳から", 2), ("登録していない人", 4)]));
        assert_eq!(shown(1), meant(&[("ごみ", 1), ("もよおし", 1), ("登録していない人", 5)]));
        let ages = [("0〜9歳", 1), ("60代", 2), ("90歳以上", 1), ("登録していない人", 2)];
        assert_eq!(shown(2), meant(&ages));
        let month = |by: i32| {
            let months = today.year * 12 + i32::from(today.month) - 1 + by;
            format!("{}年{}月", months.div_euclid(12), months.rem_euclid(12) + 1)
        };
        let (before, after) = (format!("{}より前", month(-12)), format!("{}よりあと", month(12)));
        let this = month(0);
        let months = [(&*before, 1), (&*this, 1), (&*after, 1), ("登録していない人", 3)];
        assert_eq!(shown(3), meant(&months));
        for b in by.iter().filter(|b| !b.several) {
            assert_eq!(b.lines().map(|(_, n)| n).sum::<i64>(), 6, "{}", b.label);
        }

        let table = lines(&figures_file(&ctx, id, File::Csv).await.unwrap());
        let about = format!("対象（人）：{}", labels[2]);
        let ages: Vec<[&str; 2]> =
            table.iter().filter(|r| r[0] == about).map(|r| [&*r[1], &*r[2]]).collect();
        assert_eq!(ages.len(), 11, "ten ages, and who registered none");
        assert!(ages.contains(&["60代", "2"]) && ages.contains(&["20代", "0"]));
        assert!(ages.contains(&["登録していない人", "2"]));
        assert!(!table.iter().any(|r| r[0].contains("ペット")));
        line.end().await;
    });
}

fn ages(m: &Measured) -> Vec<(String, i64)> {
    m.by.as_ref().unwrap().iter().find(|b| b.label == "年代").unwrap().lines().collect()
}

fn young_and_old(young: i64, old: i64, neither: i64) -> Vec<(String, i64)> {
    [("39歳まで", young), ("65歳から", old), ("登録していない人", neither)]
        .map(|(words, n)| (words.to_owned(), n))
        .to_vec()
}

#[test]
fn what_was_registered_when_it_was_sent_stays_whoever_changes_it() {
    both(async |t| {
        questions(&t).await;
        let mut line = Line::start(&t).await;
        let users = line.friends(4).await;
        let ctx = line.platform.system();
        let (young, old) = (json!({"age": "young"}), json!({"age": "old"}));
        registered(&ctx, &users, &[young.clone(), young, old.clone()]).await;
        line.outbox("one");
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        line.ended(id).await;
        let m = measured(&ctx, id).await.unwrap();
        assert_eq!((m.as_of, ages(&m)), (AsOf::Now, young_and_old(2, 1, 1)));
        keep_breakdowns(&ctx).await.unwrap();
        let kept = measured(&ctx, id).await.unwrap();
        assert!(matches!(kept.as_of, AsOf::Sent(_)), "{:?}", kept.as_of);
        assert_eq!(kept.by, m.by);

        registered(&ctx, &users[..1], &[old]).await;
        keep_breakdowns(&ctx).await.unwrap();
        let later = measured(&ctx, id).await.unwrap();
        assert_eq!((later.as_of, &later.by), (kept.as_of, &kept.by));
        let table = lines(&figures_file(&ctx, id, File::Csv).await.unwrap());
        let row = |item: &str| table.iter().find(|r| r[1] == item).expect(item);
        assert_eq!(row("39歳まで")[..3], ["対象（人）：年代", "39歳まで", "2"]);
        assert_eq!(row("対象者の内訳の分け方")[2], kept.as_of.words());

        // A choice that is taken away was chosen all the same.
        let mut age = attribute::catalog(&ctx).await.unwrap().get("age").unwrap().clone();
        age.choices.retain(|c| c.key == "old");
        attribute::update(&ctx, age.id, age).await.unwrap();
        assert_eq!(ages(&measured(&ctx, id).await.unwrap()), young_and_old(2, 1, 1));
        let all = list_file(&ctx, &Filter::default(), File::Xlsx).await.unwrap();
        assert_eq!(all[..4], *b"PK\x03\x04");

        // What testers get is told apart by who they are now.
        store::resident::set_tester(&ctx, ResidentId(1), Some("試験")).await.unwrap();
        let parts = [domain::message::Part::Text { text: "試し".into() }];
        let test = store::delivery::create_test(&ctx, id, "試し送り", &parts, None).await.unwrap();
        line.platform.outbox_ready.notify_one();
        line.ended(test).await;
        keep_breakdowns(&ctx).await.unwrap();
        assert_eq!(measured(&ctx, test).await.unwrap().as_of, AsOf::Now);
        line.end().await;
    });
}

#[test]
fn what_nobody_counted_before_a_crash_is_counted_later_by_one_and_says_when() {
    both(async |t| {
        questions(&t).await;
        let line = Line::start(&t).await;
        let users = line.friends(3).await;
        let (platform, ctx) = (line.platform.clone(), line.platform.system());
        let (young, old) = (json!({"age": "young"}), json!({"age": "old"}));
        registered(&ctx, &users, &[young.clone(), young, old.clone()]).await;
        let to_young = Audience::Attribute { key: "age".into(), is: vec!["young".into()] };
        let id = line.deliver(Purpose::Notice, to_young, None).await;
        let stop = watch::Sender::new(false);
        assert!(Freezer::new(platform.clone(), stop.subscribe()).begin().await);
        // It is still being sent.
        keep_breakdowns(&ctx).await.unwrap();
        assert_eq!(measured(&ctx, id).await.unwrap().as_of, AsOf::Now);

        turn(&t, &ctx, 2 * HOUR);
        let worker = worker(&t, &platform);
        let (one, other) = tokio::join!(keep_breakdowns(&worker), keep_breakdowns(&worker));
        assert!(one.is_ok() && other.is_ok());
        let rows = "SELECT COUNT(*) AS n FROM delivery_breakdown";
        assert_eq!(t.number(rows).await, 2, "two attributes, once");
        let counted = AsOf::Later(worker.now());
        let m = measured(&ctx, id).await.unwrap();
        assert_eq!((m.as_of, ages(&m)), (counted, young_and_old(2, 0, 0)));
        registered(&ctx, &users[..1], &[old]).await;
        t.later(HOUR);
        keep_breakdowns(&worker).await.unwrap();
        let m = measured(&ctx, id).await.unwrap();
        assert_eq!((m.as_of, ages(&m)), (counted, young_and_old(2, 0, 0)));
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
