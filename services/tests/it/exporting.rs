//! Files of answers that are made in the background, views of their table, mails that sum up.

use crate::forming::{answered, chosen, official, send, survey};
use crate::support::{Test, both};
use domain::delivery::Purpose;
use domain::form::export::{Export, KEPT, Kind, State, Uploads};
use domain::form::kept::{Mailing, Settings};
use domain::form::table::view::Wanted;
use domain::form::{Answer, Ask, FileType, Place, Question};
use domain::id::{BlobId, ExportId, FormId};
use domain::permission::{Actor, Role};
use domain::time::{DAY, HOUR, MINUTE, Timestamp};
use serde_json::json;
use services::answer::export::House;
use services::answer::{self, export, job};
use services::{Context, Error, form};
use std::io::{Cursor, Read};
use store::answer::{Holder, NewFile};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;

pub const HOUSE: House<'static> = House { base: "https://mihon.example", scanner: None };

async fn work(t: &Test) -> bool {
    let (_stop, stopped) = watch::channel(false);
    job::work(&t.ctx, HOUSE, "w", &stopped).await.unwrap()
}

async fn one(ctx: &Context, form: FormId, id: ExportId) -> Export {
    let all = answer::exports(ctx, form).await.unwrap();
    all.into_iter().find(|e| e.id == id).unwrap()
}

async fn bytes(ctx: &Context, form: FormId, id: ExportId) -> Vec<u8> {
    let file = job::file(ctx, form, id).await.unwrap();
    let mut all = Vec::new();
    for piece in &file.pieces {
        all.extend(job::piece(ctx, piece).await.unwrap());
    }
    assert_eq!(all.len() as i64, file.size);
    all
}

#[test]
fn a_file_of_the_background_is_the_same_as_one_at_once() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let colleague = official(&t, "2", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        assert!(!work(&t).await, "nothing is asked for");
        for kind in [Kind::Csv, Kind::Cp932] {
            let export = answer::start_export(&staff, id, kind).await.unwrap();
            let waits = one(&staff, id, export).await;
            assert_eq!((waits.state, waits.percent(), waits.until), (State::Waiting, 0, None));
            assert!(matches!(job::file(&staff, id, export).await, Err(Error::Conflict(_))));
            assert!(work(&t).await);
            let ready = one(&staff, id, export).await;
            assert_eq!((ready.state, ready.answers, ready.percent()), (State::Ready, 3, 100));
            assert_eq!(ready.until, Some(t.ctx.now().plus(KEPT)));
            let file = bytes(&staff, id, export).await;
            assert_eq!(file, export::at_once(&staff, HOUSE, id, kind).await.unwrap());
            // It is whose asked for it alone, under its own form.
            assert!(matches!(job::file(&colleague, id, export).await, Err(Error::NotFound)));
            assert!(matches!(job::file(&staff, FormId(99), export).await, Err(Error::NotFound)));
            assert!(answer::exports(&colleague, id).await.unwrap().is_empty());
            assert!(matches!(answer::drop_export(&colleague, export).await, Err(Error::NotFound)));
        }
        let book = answer::start_export(&staff, id, Kind::Excel).await.unwrap();
        assert!(work(&t).await);
        assert!(bytes(&staff, id, book).await.starts_with(b"PK"));
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM blob").await, 3);
        // After its time nothing of it is left.
        t.later(KEPT + 1);
        store::answer::forget(&t.ctx).await.unwrap();
        assert!(answer::exports(&staff, id).await.unwrap().is_empty());
        store::blob::sweep(&t.ctx).await.unwrap();
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM blob").await, 0);
    });
}

#[test]
fn what_a_worker_left_is_begun_anew_and_what_is_stopped_is_left() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        let export = answer::start_export(&staff, id, Kind::Csv).await.unwrap();
        let claimed = store::answer::claim_export(&t.ctx, "dead").await.unwrap().unwrap();
        assert_eq!(claimed.id, export);
        assert!(store::answer::keep_export(&t.ctx, "dead", export, 0, b"half").await.unwrap());
        assert!(store::answer::step_export(&t.ctx, "dead", export, 3).await.unwrap());
        let begun = one(&staff, id, export).await;
        assert_eq!((begun.state, begun.percent()), (State::Working, 50));
        assert!(!work(&t).await, "it is leased");
        t.later(2 * MINUTE);
        assert!(work(&t).await);
        assert!(!bytes(&staff, id, export).await.starts_with(b"half"));
        // The one that was thought dead changes nothing any more.
        assert!(!store::answer::step_export(&t.ctx, "dead", export, 1).await.unwrap());
        assert!(!store::answer::keep_export(&t.ctx, "dead", export, 9, b"late").await.unwrap());
        store::answer::end_export(&t.ctx, "dead", export, 0, 0).await.unwrap();
        assert_eq!(one(&staff, id, export).await.answers, 3);
        // A server that stops gives it back.
        let other = answer::start_export(&staff, id, Kind::Excel).await.unwrap();
        let (stop, stopped) = watch::channel(true);
        assert!(job::work(&t.ctx, HOUSE, "w", &stopped).await.unwrap());
        drop(stop);
        assert_eq!(one(&staff, id, other).await.state, State::Waiting);
        // What is stopped by whoever asked is not gone on with.
        let claimed = store::answer::claim_export(&t.ctx, "w").await.unwrap().unwrap();
        assert_eq!(claimed.id, other);
        answer::drop_export(&staff, other).await.unwrap();
        assert!(!store::answer::step_export(&t.ctx, "w", other, 1).await.unwrap());
        store::answer::end_export(&t.ctx, "w", other, 3, 9).await.unwrap();
        assert_eq!(one(&staff, id, other).await.state, State::Cancelled);
        assert!(!work(&t).await);
        answer::drop_export(&staff, other).await.unwrap();
        assert_eq!(answer::exports(&staff, id).await.unwrap().len(), 1);
        // At most so many at a time.
        for _ in 0..3 {
            answer::start_export(&staff, id, Kind::Csv).await.unwrap();
        }
        let more = answer::start_export(&staff, id, Kind::Csv).await;
        assert!(matches!(more, Err(Error::Conflict(_))));
    });
}

#[test]
fn who_lost_the_right_gets_no_file() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        let ready = answer::start_export(&staff, id, Kind::Csv).await.unwrap();
        assert!(work(&t).await);
        let waiting = answer::start_export(&staff, id, Kind::Csv).await.unwrap();
        t.sql("UPDATE staff SET role = 'viewer'").await;
        let Actor::Staff { id: own, department, .. } = staff.actor.clone() else {
            panic!("a member of staff");
        };
        let now = t.acting(Actor::Staff { id: own, department, role: Role::Viewer });
        assert!(work(&t).await);
        let refused = job::file(&now, id, ready).await;
        assert!(matches!(refused, Err(Error::Forbidden(_) | Error::NotFound)), "{refused:?}");
        let failed = one(&staff, id, waiting).await;
        assert_eq!(failed.state, State::Failed);
        assert!(failed.words.contains("もう見られません"), "{}", failed.words);
    });
}

#[test]
fn views_are_ones_own_or_shared() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let editor = official(&t, "2", Role::Editor, "公園課").await;
        let other = official(&t, "3", Role::Editor, "環境課").await;
        let id = answered(&t, &staff).await;
        let wanted =
            Wanted { search: "木".into(), sort: "age".into(), page: 3, ..Wanted::default() };
        let own = answer::save_view(&staff, id, " 木の話 ", false, &wanted).await.unwrap();
        let shared = answer::save_view(&staff, id, "みんな", true, &wanted).await.unwrap();
        let seen = answer::views(&staff, id).await.unwrap();
        let names: Vec<&str> = seen.iter().map(|v| v.name.as_str()).collect();
        assert_eq!(names, ["みんな", "木の話"]);
        assert_eq!((seen[0].wanted.page, seen[0].wanted.search.as_str()), (1, "木"));
        assert_eq!(answer::views(&editor, id).await.unwrap().len(), 1);
        assert!(matches!(answer::views(&other, id).await, Err(Error::NotFound)));
        assert!(matches!(answer::rename_view(&editor, own, "x").await, Err(Error::NotFound)));
        assert!(matches!(answer::drop_view(&other, shared).await, Err(Error::NotFound)));
        answer::rename_view(&editor, shared, "課の表示").await.unwrap();
        assert!(matches!(answer::rename_view(&staff, own, " ").await, Err(Error::Invalid(_))));
        answer::drop_view(&editor, shared).await.unwrap();
        answer::drop_view(&staff, own).await.unwrap();
        assert!(answer::views(&staff, id).await.unwrap().is_empty());
    });
}

#[test]
fn a_mail_in_the_morning_sums_up_and_tells_nothing_of_anybody() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        let kept = form::get(&staff, id).await.unwrap();
        let mut next = kept.definition.clone();
        next.terms.mails = vec!["koen@mihon.example".into(), "koen@mihon.example".into()];
        let settings = Settings { outside: true, mailing: Mailing::Morning, ..Settings::default() };
        let edition = form::save(&staff, id, kept.edition, "公園", &next, &settings).await.unwrap();
        form::publish(&staff, id, edition).await.unwrap();
        let mails = "SELECT COUNT(*) AS n FROM mail";
        // From the next morning on.
        assert_eq!(store::answer::digest(&t.ctx).await.unwrap(), 0);
        send(&t, id, 4, &[("use", chosen("often"))]).await;
        assert_eq!(t.number(mails).await, 0, "none on each answer");
        t.later(2 * HOUR);
        assert_eq!(store::answer::digest(&t.ctx).await.unwrap(), 0);
        let today = t.ctx.now().date();
        let eight = Timestamp::from_tokyo(today, 8, 0).plus(DAY);
        t.later(eight.0 - t.ctx.now().0);
        assert_eq!(store::answer::digest(&t.ctx).await.unwrap(), 1);
        assert_eq!(store::answer::digest(&t.ctx).await.unwrap(), 0, "once a morning");
        let claimed = store::mail::claim(&t.ctx, "w", 5).await.unwrap();
        assert_eq!(claimed.len(), 1, "once an address");
        assert_eq!(claimed[0].subject, "「公園のアンケート」に、新しい回答が4件届きました");
        assert!(claimed[0].body.contains("未読の回答が4件あります"), "{}", claimed[0].body);
        assert!(!claimed[0].body.contains("木かげ") && !claimed[0].body.contains("公00"));
        t.later(DAY);
        assert_eq!(store::answer::digest(&t.ctx).await.unwrap(), 0, "nothing new, no mail");
        assert_eq!(t.number(mails).await, 1);
        let settings = Settings { mailing: Mailing::Both, ..settings };
        let edition = form::get(&staff, id).await.unwrap().edition;
        let edition = form::save(&staff, id, edition, "公園", &next, &settings).await.unwrap();
        send(&t, id, 5, &[("use", chosen("often"))]).await;
        assert_eq!(t.number(mails).await, 1, "it is not published");
        form::publish(&staff, id, edition).await.unwrap();
        send(&t, id, 6, &[("use", chosen("often"))]).await;
        assert_eq!(t.number(mails).await, 2, "each address once on each answer");
        t.later(DAY);
        assert_eq!(store::answer::digest(&t.ctx).await.unwrap(), 1);
    });
}

#[test]
fn a_delivery_begins_for_whoever_answered() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        let draft = answer::deliver(&staff, id).await.unwrap();
        let draft = services::delivery::get(&staff, draft).await.unwrap();
        assert_eq!(draft.purpose, Purpose::Notice);
        let catalog =
            services::audience::catalog(&staff, services::audience::named(&draft.audience))
                .await
                .unwrap();
        assert_eq!(services::delivery::who(&draft, &catalog), "フォーム『公園』に答えた人。");
        // Another department reads of the delivery, and not of the form.
        let other = official(&t, "2", Role::Sender, "環境課").await;
        let catalog =
            services::audience::catalog(&other, services::audience::named(&draft.audience))
                .await
                .unwrap();
        assert_eq!(services::delivery::who(&draft, &catalog), "ほかの所属のフォームに答えた人。");
        let audience = draft.audience.unwrap();
        assert_eq!(services::audience::count(&staff, &audience, "").await.unwrap().count, 0);
        let refused = services::audience::count(&other, &audience, "").await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    });
}

/// A form that asks for photos with where they were taken, and for a paper.
async fn photographed(ctx: &Context) -> FormId {
    let mut asked = survey();
    let paper = Ask::File { max: 1, types: vec![FileType::Pdf], megabytes: 1 };
    let consent =
        Ask::Consent { text: "公園の計画に使います".into(), more: String::new() };
    asked.pages[0].questions = vec![
        Question {
            personal: true,
            ..Question::new("photo", "写真", Ask::Photo { max: 3, position: true })
        },
        Question { personal: true, ..Question::new("paper", "書類", paper) },
        Question { required: true, ..Question::new("agree", "同意", consent) },
    ];
    let settings = Settings { outside: true, ..Settings::default() };
    let id = form::create(ctx, "公園", &asked, &settings).await.unwrap();
    assert_eq!(form::publish(ctx, id, 1).await.unwrap(), 1);
    id
}

/// An upload of whoever [`send`]s the `n`th answer.
async fn came(
    t: &Test,
    form: FormId,
    n: usize,
    (question, name, media_type): (&str, &str, &str),
    bytes: &[u8],
    position: Option<Place>,
) -> BlobId {
    let ctx = t.acting(Actor::Nobody);
    let holder = Holder::of(&ctx, Some(&format!("{n:040}"))).unwrap();
    let new = NewFile { form, question, name, media_type, bytes, photo: None, position };
    store::answer::add_file(&ctx, &holder, &new).await.unwrap().id
}

/// Two photos of one answer, a paper of another that a scanner does not like, and an answer
/// without anything; the names of the three files.
async fn with_files(t: &Test, id: FormId) -> [BlobId; 3] {
    let place = Place { latitude: 35_681_236, longitude: 139_767_125, ..Place::default() };
    let jpeg = "image/jpeg";
    let hole = came(t, id, 1, ("photo", "穴.HEIC", jpeg), b"JFIF hole", Some(place)).await;
    let tree = came(t, id, 1, ("photo", "=1.jpg", jpeg), b"JFIF tree", None).await;
    let pdf = ("paper", "CON.pdf", "application/pdf");
    let paper = came(t, id, 2, pdf, b"%PDF EICAR", None).await;
    send(t, id, 1, &[("photo", Answer::Files(vec![hole.clone(), tree.clone()]))]).await;
    send(t, id, 2, &[("paper", Answer::Files(vec![paper.clone()]))]).await;
    send(t, id, 3, &[]).await;
    [hole, tree, paper]
}

/// A clamd that finds something in whatever says so.
async fn clamd() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut command = [0; 10];
            stream.read_exact(&mut command).await.unwrap();
            let mut all = Vec::new();
            loop {
                let size = stream.read_u32().await.unwrap() as usize;
                if size == 0 {
                    break;
                }
                let mut chunk = vec![0; size];
                stream.read_exact(&mut chunk).await.unwrap();
                all.extend(chunk);
            }
            let found = all.windows(5).any(|w| w == b"EICAR");
            let answer: &[u8] = if found { b"stream: Eicar FOUND\0" } else { b"stream: OK\0" };
            stream.write_all(answer).await.unwrap();
        }
    });
    address
}

#[test]
fn files_stand_in_the_table_with_name_address_and_place() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let other = official(&t, "2", Role::Sender, "環境課").await;
        let id = photographed(&staff).await;
        let [hole, tree, paper] = with_files(&t, id).await;
        let given = answer::given(&staff, id, None, 10).await.unwrap();
        let at = |nth: usize, blob: &BlobId| {
            format!("{}/console/answers/{}/files/{}", HOUSE.base, given[nth].id, blob.as_str())
        };
        let file = export::at_once(&staff, HOUSE, id, Kind::Csv).await.unwrap();
        let text = String::from_utf8(file).unwrap();
        let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
        let heads = ",版,写真 1,写真 1（アドレス）,写真 1（撮った場所の緯度）,写真 1（撮った場所の経度）,写真 2,写真 2（アドレス）,写真 2（撮った場所の緯度）,写真 2（撮った場所の経度）,書類,書類（アドレス）,同意,";
        assert!(lines[0].contains(heads), "{}", lines[0]);
        let photos = format!(
            ",1,穴.HEIC,{},35.681236,139.767125,'=1.jpg,{},,,,,",
            at(0, &hole),
            at(0, &tree)
        );
        assert!(lines[1].contains(&photos), "{}", lines[1]);
        let papers = format!(",1,,,,,,,,,CON.pdf,{},", at(1, &paper));
        assert!(lines[2].contains(&papers), "{}", lines[2]);
        assert!(lines[3].contains(",1,,,,,,,,,,,"), "{}", lines[3]);
        let book = export::at_once(&staff, HOUSE, id, Kind::Excel).await.unwrap();
        let mut book = zip::ZipArchive::new(Cursor::new(book)).unwrap();
        let mut links = String::new();
        let name = "xl/worksheets/_rels/sheet1.xml.rels";
        book.by_name(name).unwrap().read_to_string(&mut links).unwrap();
        for to in [at(0, &hole), at(0, &tree), at(1, &paper)] {
            assert!(links.contains(&to), "{links}");
        }
        let page = answer::page_for_systems(&staff, HOUSE.base, id, None, 10).await.unwrap();
        let answer = given[0].id;
        assert_eq!(
            page["items"][0]["files"][0],
            json!({
                "question": "photo", "id": hole.as_str(), "name": "穴.HEIC", "media_type": "image/jpeg",
                "size": 9, "place": {"latitude": 35.681236, "longitude": 139.767125},
                "address": format!("{}/api/v1/forms/{id}/answers/{answer}/files/{}", HOUSE.base, hole.as_str()),
            })
        );
        assert_eq!(page["items"][0]["files"][1]["place"], json!(null));
        assert_eq!(page["items"][2]["files"], json!([]));
        let all = answer::uploads(&staff, id).await.unwrap();
        assert_eq!(all, Uploads { count: 3, size: 28 });
        assert_eq!(answer::uploads(&other, id).await.unwrap(), Uploads::default());
        let (first, last) = (given[0].id, given[2].id);
        let unseen = store::answer::given_files(&other, id, first, last).await.unwrap();
        assert!(unseen.is_empty());
    });
}

#[test]
fn what_was_asked_for_in_words_before_stays_in_the_table() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = photographed(&staff).await;
        let kept = form::get(&staff, id).await.unwrap();
        let mut asked = kept.definition.clone();
        asked.pages[0].questions[0].ask = Ask::Text { max: 50 };
        form::save(&staff, id, 1, "公園", &asked, &kept.settings).await.unwrap();
        form::publish(&staff, id, 2).await.unwrap();
        send(&t, id, 1, &[("photo", Answer::Text("東の門のわき".into()))]).await;
        form::save(&staff, id, 2, "公園", &kept.definition, &kept.settings).await.unwrap();
        form::publish(&staff, id, 3).await.unwrap();
        let file = export::at_once(&staff, HOUSE, id, Kind::Csv).await.unwrap();
        let text = String::from_utf8(file).unwrap();
        assert!(text.contains(",2,東の門のわき,,,,"), "{text}");
    });
}

#[test]
fn an_answer_under_a_version_that_came_meanwhile_is_not_cut_short() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        assert_eq!(form::publish(&staff, id, 1).await.unwrap(), 2);
        // As if the answers' own version had not been there when the columns were made.
        t.sql("DELETE FROM form_version WHERE number = 1").await;
        let export = answer::start_export(&staff, id, Kind::Csv).await.unwrap();
        assert!(work(&t).await);
        let failed = one(&staff, id, export).await;
        assert_eq!(failed.state, State::Failed);
        assert!(failed.words.contains("フォームが新しくなりました"), "{}", failed.words);
    });
}

#[test]
fn a_zip_holds_every_file_that_the_scanner_lets_pass() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let bare = answered(&t, &staff).await;
        let refused = answer::start_export(&staff, bare, Kind::Zip).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "there are no files: {refused:?}");
        let id = photographed(&staff).await;
        with_files(&t, id).await;
        let refused = export::at_once(&staff, HOUSE, id, Kind::Zip).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "it is made in the background");
        let export = answer::start_export(&staff, id, Kind::Zip).await.unwrap();
        // Nothing passes a scanner that does not answer.
        let (_stop, stopped) = watch::channel(false);
        let away = House { scanner: Some("127.0.0.1:1"), ..HOUSE };
        assert!(job::work(&t.ctx, away, "w", &stopped).await.is_err());
        assert_eq!(one(&staff, id, export).await.state, State::Waiting);
        t.later(MINUTE);
        let address = clamd().await;
        let scanned = House { scanner: Some(&address), ..HOUSE };
        assert!(job::work(&t.ctx, scanned, "w", &stopped).await.unwrap());
        let ready = one(&staff, id, export).await;
        assert_eq!((ready.state, ready.answers, ready.total), (State::Ready, 3, 9));
        let file = job::file(&staff, id, export).await.unwrap();
        assert!(file.name.ends_with(".zip"), "{}", file.name);
        let bytes = bytes(&staff, id, export).await;
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut found = Vec::new();
        for i in 0..archive.len() {
            let mut entry = archive.by_index(i).unwrap();
            let name = entry.name().unwrap().into_owned();
            let mut words = String::new();
            entry.read_to_string(&mut words).unwrap();
            found.push((name, words));
        }
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["公001/1_穴.jpg", "公001/2_=1.jpg", "回答.csv"]);
        assert_eq!([found[0].1.as_str(), found[1].1.as_str()], ["JFIF hole", "JFIF tree"]);
        let table = &found[2].1;
        let photos = "公001/1_穴.jpg,35.681236,139.767125,公001/2_=1.jpg,,,";
        assert!(table.starts_with('\u{feff}') && table.contains(photos), "{table}");
        let left_out = ",CON.pdf（ウイルスの検査で問題が見つかったため、入れていません）,";
        assert!(table.contains(left_out), "{table}");
        // Where there is no scanner, everything is in it.
        let export = answer::start_export(&staff, id, Kind::Zip).await.unwrap();
        assert!(work(&t).await);
        let all = self::bytes(&staff, id, export).await;
        let mut archive = zip::ZipArchive::new(Cursor::new(all)).unwrap();
        assert!(archive.by_name("公002/1_CON.pdf").is_ok());
    });
}
