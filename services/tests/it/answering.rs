//! Residents answer forms: hidden questions, versions, drafts of another day, uploads, the
//! scanner. Testers try them.

use crate::line::{Line, platform_by, until};
use crate::support::{Test, both};
use domain::audience::{Audience, Day};
use domain::delivery::{NewDelivery, Purpose};
use domain::form::kept::{Published, Settings};
use domain::form::migrate::Draft;
use domain::form::pack::{INCLUDED, Pack};
use domain::form::{
    Answers, Ask, Check, Condition, FileType, Form, Opt, Page, Question, Status, Terms,
};
use domain::id::{FormId, ResidentId};
use domain::message::Part;
use domain::permission::Actor;
use domain::time::DAY;
use serde_json::json;
use services::answer::{
    Arrived, Holder, Kept, correct, draft, receive, save_draft, try_scanner, upload,
};
use services::delivery::gate::beside;
use services::{Context, Error, Platform};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const NOWHERE: &str = "http://127.0.0.1:9";

fn opt(key: &str) -> Opt {
    Opt { key: key.into(), label: format!("選択{key}"), ..Opt::default() }
}

/// 「犬はいますか」 and, if so, its name; a file.
pub fn definition() -> Form {
    let options = vec![opt("yes"), opt("no")];
    let has =
        Question { required: true, ..Question::new("has", "犬がいる", Ask::One { options }) };
    let when = Condition::Is { question: "has".into(), any_of: vec!["yes".into()] };
    let name = Question {
        required: true,
        show_if: Some(when),
        ..Question::new("dog", "犬の呼び名", Ask::Text { max: 20 })
    };
    let types = vec![FileType::Pdf, FileType::Picture];
    let file = Ask::File { max: 1, types, megabytes: 1 };
    let file = Question { personal: true, ..Question::new("paper", "書類", file) };
    let consent =
        Ask::Consent { text: "登録のために使います".into(), more: String::new() };
    let consent = Question { required: true, ..Question::new("agree", "同意", consent) };
    Form {
        title: "犬".into(),
        pages: vec![Page { questions: vec![has, name, file, consent], ..Page::default() }],
        statuses: vec![
            Status { key: "new".into(), label: "受付".into(), ..Status::default() },
            Status { key: "end".into(), label: "済み".into(), done: true, ..Status::default() },
        ],
        terms: Terms {
            purpose: "登録".into(),
            retention_days: Some(30),
            department: "環境課".into(),
            receipt: "{番号:3}".into(),
            ..Terms::default()
        },
        ..Form::default()
    }
}

struct Scene {
    platform: Arc<Platform>,
    id: FormId,
    ctx: Context,
    holder: Holder,
}

async fn scene(t: &Test) -> Scene {
    let platform = platform_by(t, NOWHERE, None);
    let id = store::form::create(&t.ctx, "犬", &definition(), &Settings::default()).await.unwrap();
    store::form::publish(&t.ctx, id, 1).await.unwrap();
    let user = *b"0123456789abcdef";
    let resident: ResidentId = store::resident::visit(&t.ctx, &user).await.unwrap();
    let ctx = t.ctx.acting(Actor::Resident(resident));
    let holder = Holder::of(&ctx, None).unwrap();
    Scene { platform, id, ctx, holder }
}

impl Scene {
    async fn form(&self) -> Published {
        store::form::published(&self.ctx, self.id).await.unwrap().unwrap()
    }

    async fn send(&self, key: &str, given: &[(&str, &str)]) -> services::Result<String> {
        let mut given: Answers =
            given.iter().map(|(k, v)| ((*k).to_owned(), vec![(*v).to_owned()])).collect();
        given.insert("agree".into(), vec!["yes".into()]);
        let form = self.form().await;
        receive(&self.platform, &self.ctx, &self.holder, &form, &given, key, None)
            .await
            .map(|r| r.receipt)
    }

    async fn upload(&self, platform: &Platform, bytes: &[u8]) -> services::Result<String> {
        let arrived =
            Arrived { path: "paper".into(), name: "紙.pdf".into(), bytes: bytes.to_vec().into() };
        let form = self.form().await.form;
        upload(platform, &self.ctx, &self.holder, self.id, &form, arrived)
            .await
            .map(|f| f.id.as_str().to_owned())
    }
}

#[test]
fn what_is_hidden_is_not_stored() {
    both(async |t| {
        let scene = scene(&t).await;
        let refused = scene.send("a", &[("has", "yes")]).await;
        let Err(Error::Invalid(problems)) = refused else { panic!("{refused:?}") };
        assert_eq!(problems[0].at, "dog");
        // Written, and then hidden by the other answer.
        scene.send("a", &[("has", "no"), ("dog", "ポチ"), ("never", "asked")]).await.unwrap();
        let given = store::answer::given(&t.ctx, scene.id, None, 10).await.unwrap();
        let keys: Vec<_> = given[0].submission.answers.keys().collect();
        assert_eq!(keys, ["agree", "has"]);
    });
}

#[test]
fn receipts_are_told_once_in_a_row() {
    both(async |t| {
        let scene = scene(&t).await;
        let first = scene.send("a", &[("has", "no")]).await.unwrap();
        assert_eq!(first, scene.send("a", &[("has", "no")]).await.unwrap());
        assert_ne!(first, scene.send("b", &[("has", "no")]).await.unwrap());
    });
}

#[test]
fn who_sends_the_same_after_closing_time_hears_its_receipt() {
    both(async |t| {
        let scene = scene(&t).await;
        let kept = store::form::get(&t.ctx, scene.id).await.unwrap();
        let mut closing = kept.definition;
        closing.terms.closes = Some(t.ctx.now().plus(DAY));
        let edition =
            store::form::save(&t.ctx, scene.id, kept.edition, "犬", &closing, &kept.settings)
                .await
                .unwrap();
        store::form::publish(&t.ctx, scene.id, edition).await.unwrap();
        let first = scene.send("a", &[("has", "no")]).await.unwrap();
        t.later(2 * DAY);
        assert_eq!(scene.send("a", &[("has", "no")]).await.unwrap(), first);
        let late = scene.send("b", &[("has", "no")]).await;
        assert!(
            matches!(&late, Err(Error::Conflict(words)) if words.contains("受け付けていません")),
            "{late:?}"
        );
        // The key alone opens nothing to somebody else.
        let other = store::resident::visit(&t.ctx, b"abcdef0123456789").await.unwrap();
        let holder = Holder::of(&t.ctx.acting(Actor::Resident(other)), None).unwrap();
        assert_eq!(store::answer::sent(&t.ctx, &holder, scene.id, "a").await.unwrap(), None);
    });
}

#[test]
fn what_was_in_time_when_it_was_sent_is_corrected_later() {
    both(async |t| {
        let scene = scene(&t).await;
        let (_, text) = INCLUDED.iter().find(|(name, _)| *name == "koen-shiyo.json").unwrap();
        let pack = Pack::read(text.as_bytes()).unwrap();
        let words = pack.placeholders.iter().map(|p| (p.mark.clone(), p.example.clone()));
        let (mut form, _) = pack.filled(&words.collect()).unwrap();
        // Files are another test's.
        form.pages[2].questions.retain(|q| q.key != "plan");
        let id = store::form::create(&t.ctx, "公園", &form, &Settings::default()).await.unwrap();
        store::form::publish(&t.ctx, id, 1).await.unwrap();
        let form = store::form::published(&t.ctx, id).await.unwrap().unwrap();
        // A week before is early enough, and two days later it would not be.
        let mut given = pack.samples[0].answers.clone();
        given.remove("plan");
        for (key, days) in [("from", 7), ("to", 8)] {
            given.insert(key.into(), vec![t.ctx.now().plus(days * DAY).date().iso()]);
        }
        let Scene { platform, ctx, holder, .. } = &scene;
        let sent = receive(platform, ctx, holder, &form, &given, "a", None).await.unwrap();
        t.later(2 * DAY);
        let late = receive(platform, ctx, holder, &form, &given, "b", None).await;
        let Err(Error::Invalid(problems)) = late else { panic!("{late:?}") };
        assert_eq!(problems[0].at, "from");
        let (_, before, _) = store::answer::one_of_mine(ctx, holder, sent.id).await.unwrap();
        let mut given = before.given();
        given.insert("tel".into(), vec!["080-0000-1234".into()]);
        // Nothing else of what is sent along counts.
        given.insert("from".into(), vec![t.ctx.now().plus(9 * DAY).date().iso()]);
        correct(ctx, holder, sent.id, &given).await.unwrap();
        let (_, after, _) = store::answer::one_of_mine(ctx, holder, sent.id).await.unwrap();
        let keys: BTreeSet<&String> = before.answers.keys().chain(after.answers.keys()).collect();
        let changed = |key: &&String| before.answers.get(*key) != after.answers.get(*key);
        assert_eq!(keys.into_iter().filter(changed).collect::<Vec<_>>(), ["tel"]);
    });
}

#[test]
fn what_is_changed_later_is_checked_as_of_that_day() {
    both(async |t| {
        let scene = scene(&t).await;
        let mut form = definition();
        let day = |key: &str, from: Option<Day>, to: Option<Day>| {
            let holds = Condition::Date { question: key.into(), from, to };
            let date = Ask::Date { from: 2020, to: 2040 };
            Question {
                correctable: true,
                personal: true,
                checks: vec![Check { holds, message: "その日ではありません".into() }],
                ..Question::new(key, format!("日{key}"), date)
            }
        };
        let until_now = day("born", None, Some(Day::Days(0)));
        form.pages[0].questions.extend([until_now, day("visit", Some(Day::Days(7)), None)]);
        form.terms.correct_days = 10;
        let settings = Settings::default();
        let edition = store::form::save(&t.ctx, scene.id, 1, "犬", &form, &settings).await;
        store::form::publish(&t.ctx, scene.id, edition.unwrap()).await.unwrap();
        let sent = t.ctx.now();
        let on = |days: i64| sent.plus(days * DAY).date().iso();
        scene.send("a", &[("has", "no"), ("born", &on(0)), ("visit", &on(8))]).await.unwrap();
        let Scene { ctx, holder, .. } = &scene;
        let id = store::answer::mine(ctx, holder).await.unwrap()[0].id;
        t.later(4 * DAY);
        let correct = async |born: i64, visit: i64| {
            let (_, former, _) = store::answer::one_of_mine(ctx, holder, id).await.unwrap();
            let mut given = former.given();
            given.insert("born".into(), vec![on(born)]);
            given.insert("visit".into(), vec![on(visit)]);
            match correct(ctx, holder, id, &given).await {
                Ok(()) => Vec::<String>::new(),
                Err(Error::Invalid(problems)) => problems.into_iter().map(|p| p.at).collect(),
                Err(error) => panic!("{error:?}"),
            }
        };
        // A day between sending and today is over; one in three days is not a week away.
        assert_eq!(correct(2, 8).await, [""; 0]);
        assert_eq!(correct(5, 7).await, ["born", "visit"]);
        // What a former correction changed stays, too.
        assert_eq!(correct(2, 11).await, [""; 0]);
        t.later(DAY);
        assert_eq!(correct(3, 11).await, [""; 0]);
        assert_eq!(correct(3, 12).await, [""; 0]);
    });
}

#[test]
fn an_answer_under_a_former_version_is_asked_again() {
    both(async |t| {
        let scene = scene(&t).await;
        let former = scene.form().await;
        let mut next = definition();
        next.title = "犬と猫".into();
        store::form::save(&t.ctx, scene.id, 1, "犬", &next, &Settings::default()).await.unwrap();
        store::form::publish(&t.ctx, scene.id, 2).await.unwrap();
        let given = [("has", "no"), ("agree", "yes")]
            .map(|(key, word)| (key.to_owned(), vec![word.to_owned()]));
        let given = Answers::from(given);
        let sent =
            receive(&scene.platform, &scene.ctx, &scene.holder, &former, &given, "k", None).await;
        assert!(matches!(sent, Err(Error::Conflict(_))), "{sent:?}");
        assert!(scene.send("k", &[("has", "no")]).await.is_ok());
    });
}

#[test]
fn a_draft_is_gone_on_with_for_thirty_days_after_its_last_word() {
    both(async |t| {
        let scene = scene(&t).await;
        let (ctx, holder, id) = (&scene.ctx, &scene.holder, scene.id);
        let paper = scene.upload(&scene.platform, b"%PDF-1.4").await.unwrap();
        let written = |word: &str| {
            let answers = [("has", "yes"), ("dog", word), ("paper", paper.as_str())];
            let answers = answers.map(|(key, word)| (key.to_owned(), vec![word.to_owned()]));
            let draft = Draft { version: 1, answers: answers.into(), ..Draft::default() };
            Kept { draft, ..Kept::default() }
        };
        // What the nightly duty leaves of it.
        let left = async || {
            store::answer::forget(&t.ctx).await.unwrap();
            draft(ctx, holder, id).await.unwrap()
        };
        let begun = t.ctx.now();
        save_draft(ctx, holder, id, &written("ポ")).await.unwrap();
        t.later(2 * DAY);
        assert_eq!(left().await, Some((written("ポ"), begun)));
        let went_on = t.ctx.now();
        save_draft(ctx, holder, id, &written("ポチ")).await.unwrap();
        // 31 days after the first word, 29 after the last.
        t.later(29 * DAY);
        assert_eq!(left().await, Some((written("ポチ"), went_on)));
        let counts = async || {
            let drafts = t.number("SELECT COUNT(*) AS n FROM answer_draft").await;
            (drafts, t.number("SELECT COUNT(*) AS n FROM answer_file").await)
        };
        assert_eq!(counts().await, (1, 1), "the upload waits with its draft");
        t.later(2 * DAY);
        assert!(draft(ctx, holder, id).await.unwrap().is_none(), "whatever the duty has done");
        assert_eq!(left().await, None);
        assert_eq!(counts().await, (0, 0));
    });
}

#[test]
fn a_draft_is_sent_on_another_day() {
    both(async |t| {
        let scene = scene(&t).await;
        let (ctx, holder, id) = (&scene.ctx, &scene.holder, scene.id);
        let paper = scene.upload(&scene.platform, b"%PDF-1.4").await.unwrap();
        let answers = [("has", "no"), ("paper", paper.as_str()), ("agree", "yes")];
        let answers = answers.map(|(key, word)| (key.to_owned(), vec![word.to_owned()]));
        let begun = Draft { version: 1, answers: answers.into(), ..Draft::default() };
        save_draft(ctx, holder, id, &Kept { draft: begun, ..Kept::default() }).await.unwrap();
        t.later(29 * DAY);
        store::answer::forget(&t.ctx).await.unwrap();
        let (kept, _) = draft(ctx, holder, id).await.unwrap().expect("it waits");
        let form = scene.form().await;
        let given = &kept.draft.answers;
        let sent = receive(&scene.platform, ctx, holder, &form, given, "k", None).await.unwrap();
        assert_eq!((sent.at, sent.again), (t.ctx.now(), false));
        assert!(draft(ctx, holder, id).await.unwrap().is_none());
        let file = paper.parse().unwrap();
        assert!(services::answer::given_file(&t.ctx, id, sent.id, &file).await.is_ok());
    });
}

#[test]
fn testers_are_told_in_the_talk_where_to_try_a_draft() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(2).await;
        let ctx = line.platform.system();
        let id = store::form::create(&ctx, "犬", &definition(), &Settings::default()).await;
        let id = id.unwrap();
        let show = async || services::form::try_out(&line.platform, &ctx, id, 1).await;
        assert!(matches!(show().await, Err(Error::Invalid(_))), "nobody tests");
        let tester = store::resident::find(&ctx, users[0].as_bytes()).await.unwrap().unwrap();
        store::resident::set_tester(&ctx, tester, Some("環境課")).await.unwrap();
        assert_eq!(show().await.unwrap(), 1);
        line.outbox("a");
        until("the tester is told", async || !line.told(users[0]).await.is_empty()).await;
        let words = line.told(users[0]).await[0]["text"].as_str().unwrap().to_owned();
        assert!(words.starts_with("【試験】") && words.contains("「犬」"), "{words}");
        assert!(words.ends_with(&format!("/f/{id}/try")), "{words}");
        assert!(line.told(users[1]).await.is_empty());
        line.end().await;
    });
}

/// A clamd for one stream.
async fn clamd(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut command = [0; 10];
        stream.read_exact(&mut command).await.unwrap();
        loop {
            let size = stream.read_u32().await.unwrap();
            if size == 0 {
                break;
            }
            let mut chunk = vec![0; size as usize];
            stream.read_exact(&mut chunk).await.unwrap();
        }
        stream.write_all(answer).await.unwrap();
    });
    address
}

fn scanned(t: &Test, address: String) -> Arc<Platform> {
    crate::line::platform_with(t, NOWHERE, |s| s.clamd_address = Some(address))
}

#[test]
fn uploads_pass_the_scanner_or_are_not_kept() {
    both(async |t| {
        let scene = scene(&t).await;
        let pdf = b"%PDF-1.7 ...";
        let found = clamd(b"stream: Eicar FOUND\0").await;
        let refused = scene.upload(&scanned(&t, found), pdf).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        let gone = "127.0.0.1:1".to_owned();
        let closed = scene.upload(&scanned(&t, gone), pdf).await;
        assert!(matches!(closed, Err(Error::Conflict(_))), "it fails closed: {closed:?}");
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer_file").await, 0);
        let clean = clamd(b"stream: OK\0").await;
        let id = scene.upload(&scanned(&t, clean), pdf).await.unwrap();
        scene.send("k", &[("has", "no"), ("paper", &id)]).await.unwrap();
        assert_eq!(
            t.number("SELECT COUNT(*) AS n FROM answer_file WHERE answer_id IS NOT NULL").await,
            1
        );
    });
}

#[test]
fn a_scanner_is_tried_where_there_is_one() {
    both(async |t| {
        let without = platform_by(&t, NOWHERE, None);
        assert!(try_scanner(&without).await.is_ok());
        let answers = clamd(b"stream: OK\0").await;
        assert!(try_scanner(&scanned(&t, answers)).await.is_ok());
        let mute = clamd(b"").await;
        for address in [mute, "127.0.0.1:1".to_owned()] {
            assert!(matches!(try_scanner(&scanned(&t, address)).await, Err(Error::Conflict(_))));
        }
    });
}

#[test]
fn disguised_and_large_files_are_refused() {
    both(async |t| {
        let scene = scene(&t).await;
        let platform = &scene.platform;
        for bad in [&b""[..], b"MZ\x90\0 a program", b"<svg onload=x>", b"\xff\xd8\xff\xe0 cut"] {
            let refused = scene.upload(platform, bad).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        }
        let huge = [&b"%PDF-"[..], &vec![b' '; 1_000_001]].concat();
        assert!(matches!(scene.upload(platform, &huge).await, Err(Error::Invalid(_))));
        assert!(scene.upload(platform, b"%PDF-1.4").await.is_ok());
    });
}

#[test]
fn whoever_wrote_a_number_is_found_as_long_as_the_form_asks_for_it() {
    both(async |t| {
        let scene = scene(&t).await;
        let publish = async |seen: i64, questions: &[Question]| {
            let mut form = definition();
            form.pages[0].questions.extend_from_slice(questions);
            let settings = Settings::default();
            let edition = store::form::save(&t.ctx, scene.id, seen, "犬", &form, &settings).await;
            store::form::publish(&t.ctx, scene.id, edition.unwrap()).await.unwrap();
        };
        let number = Ask::Number { min: None, max: None, step: None, unit: "頭".into() };
        publish(1, &[Question::new("dogs", "頭数", number)]).await;
        scene.send("a", &[("has", "no"), ("dogs", "１２")]).await.unwrap();
        store::resident::follow(&t.ctx, b"0123456789abcdef", t.ctx.now()).await.unwrap();
        let count = async |least: i32| {
            let asked = json!({"form": scene.id.0, "question": "dogs", "number": {"from": least}});
            let audience = Audience::parse(&asked, "").unwrap();
            services::audience::count(&t.ctx, &audience, "/audience").await.map(|c| c.count)
        };
        assert_eq!((count(12).await.unwrap(), count(13).await.unwrap()), (1, 0));

        // What cannot be read holds a delivery, which can be looked at all the same, and others, too.
        let asked = json!({"form": scene.id.0, "question": "dogs", "number": {"from": 12}});
        let new = |audience| NewDelivery {
            title: "犬".into(),
            audience,
            parts: vec![Part::Text { text: "注射の日です".into() }],
            purpose: Purpose::Notice,
            send_at: None,
            uncounted: vec![],
            variants: vec![],
        };
        let dogs = new(Audience::parse(&asked, "").unwrap());
        let held = store::delivery::create(&t.ctx, &dogs, None).await.unwrap();
        t.sql("UPDATE answer SET token = 'x' || token").await;
        let problems = async |id| {
            let delivery = store::delivery::get(&t.ctx, id).await.unwrap();
            beside(&scene.platform, &t.ctx, &delivery).await.unwrap().check.problems
        };
        let other = store::delivery::create(&t.ctx, &new(Audience::Everyone), None).await.unwrap();
        assert_eq!(problems(other).await, [], "its neighbour cannot be read");
        t.sql(&format!("UPDATE delivery SET status = 'held' WHERE id = {held}")).await;
        let unread = problems(held).await;
        assert_eq!(unread.iter().map(|p| p.at.as_str()).collect::<Vec<_>>(), ["/audience"]);
        let refused = services::delivery::release(&scene.platform, &t.ctx, held, 1).await;
        assert!(matches!(refused, Err(Error::Invalid(told)) if told == unread));
        t.sql("UPDATE answer SET token = substr(token, 2)").await;

        publish(2, &[]).await;
        let Err(Error::Invalid(problems)) = count(12).await else { panic!("it is not asked") };
        assert_eq!(problems[0].at, "/audience/question");
    });
}
