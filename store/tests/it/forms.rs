//! Forms and answers on both databases: versions, departments, double sends, encryption.

use crate::support::{NOON, Test, both};
use domain::form::inbox::{self, What};
use domain::form::kept::{self, Settings, State};
use domain::form::migrate::Draft;
use domain::form::{Answer, Answers, Ask, Form, Page, Question, Status, Submission, Terms};
use domain::id::{FormId, ResidentId};
use domain::permission::{Actor, Role};
use domain::time::DAY;
use std::collections::BTreeMap;
use store::answer::{Holder, Kept, New, NewFile, Receipt};
use store::{Context, Error, answer, eligibility, form};

/// A form that can be published: a name, a telephone number that may be corrected, a photo.
pub fn definition() -> Form {
    let personal = |key: &str, label: &str| {
        let ask = Ask::Text { max: 50 };
        Question { personal: true, required: true, ..Question::new(key, label, ask) }
    };
    let mut telephone = personal("tel", "電話番号");
    telephone.correctable = true;
    let photo = Ask::Photo { max: 2, position: false };
    let photo = Question { personal: true, ..Question::new("photo", "写真", photo) };
    let consent =
        Ask::Consent { text: "登録のために使います".into(), more: String::new() };
    let consent = Question { required: true, ..Question::new("agree", "同意", consent) };
    let status = |key: &str, label: &str, done| Status {
        key: key.into(),
        label: label.into(),
        resident: format!("{label}です"),
        done,
    };
    Form {
        title: "犬の登録".into(),
        pages: vec![Page {
            questions: vec![personal("name", "氏名"), telephone, photo, consent],
            ..Page::default()
        }],
        staff: vec![Question::new("memo", "台帳番号", Ask::Text { max: 20 })],
        statuses: vec![status("new", "受付", false), status("done", "登録済み", true)],
        terms: Terms {
            purpose: "登録のため".into(),
            retention_days: Some(30),
            department: "環境課".into(),
            receipt: "犬{番号:3}".into(),
            correct_days: 3,
            withdraw: true,
            mails: vec!["kankyo@mihon.example".into()],
            ..Terms::default()
        },
        ..Form::default()
    }
}

async fn published(ctx: &Context, form: &Form) -> FormId {
    let id = form::create(ctx, "犬", form, &Settings::default()).await.unwrap();
    assert_eq!(form::publish(ctx, id, 1).await.unwrap(), 1);
    id
}

fn words(name: &str, tel: &str) -> BTreeMap<String, Answer> {
    [("name", name), ("tel", tel)]
        .map(|(key, text)| (key.to_owned(), Answer::Text(text.into())))
        .into()
}

fn resident(t: &Test, id: ResidentId) -> (Context, Holder) {
    let ctx = t.acting(Actor::Resident(id));
    let holder = Holder::of(&ctx, None).unwrap();
    (ctx, holder)
}

async fn send(
    (ctx, holder): &(Context, Holder),
    id: FormId,
    key: &str,
    answers: BTreeMap<String, Answer>,
) -> store::Result<Receipt> {
    let form = form::published(ctx, id).await?.unwrap();
    let submission = Submission { version: form.form.version, answers };
    let talk = |receipt: &str| format!("[{{\"type\":\"text\",\"text\":\"{receipt}\"}}]");
    let new = New { form: &form, submission: &submission, key, eligible: None, talk: Some(&talk) };
    answer::send(ctx, holder, &new).await
}

#[test]
fn a_form_is_saved_by_whoever_saw_its_last_edition() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let mut form = definition();
        let id = form::create(&staff, "犬", &form, &Settings::default()).await.unwrap();
        assert!(form::published(&staff, id).await.unwrap().is_none(), "nobody gets a draft");
        form.title = "犬の届".into();
        let save = |seen| {
            form::save(
                &staff,
                id,
                seen,
                "犬",
                &form,
                &kept::Settings { outside: true, eligibility: None },
            )
        };
        assert_eq!(save(1).await.unwrap(), 2);
        assert!(matches!(save(1).await, Err(Error::Conflict(_))));
        assert!(matches!(form::publish(&staff, id, 1).await, Err(Error::Conflict(_))));
        assert_eq!(form::publish(&staff, id, 2).await.unwrap(), 1);
        let seen = form::get(&staff, id).await.unwrap();
        assert_eq!((seen.state, seen.published, seen.changed), (State::Published, Some(1), false));
        // Another name is no other form; another question is.
        form::save(&staff, id, 2, "犬2", &form, &Settings::default()).await.unwrap();
        assert!(!form::get(&staff, id).await.unwrap().changed);
        let mut next = form.clone();
        next.pages[0].questions.push(Question::new("age", "歳", Ask::Text { max: 3 }));
        form::save(&staff, id, 3, "犬2", &next, &Settings::default()).await.unwrap();
        assert!(form::get(&staff, id).await.unwrap().changed);
        assert_eq!(form::published(&staff, id).await.unwrap().unwrap().form.title, "犬の届");
        assert_eq!(form::publish(&staff, id, 4).await.unwrap(), 2);
        assert_eq!(form::versions(&staff, id).await.unwrap().len(), 2);
        let first = form::version(&staff, id, 1).await.unwrap();
        assert_eq!((first.version, first.pages[0].questions.len()), (1, 4));
        assert_eq!(form::restore(&staff, id, 4, 1).await.unwrap(), 5);
        assert_eq!(form::get(&staff, id).await.unwrap().definition.pages[0].questions.len(), 4);
    });
}

#[test]
fn the_linter_stands_before_the_public() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let mut form = definition();
        form.terms.purpose.clear();
        let id = form::create(&staff, "犬", &form, &Settings::default()).await.unwrap();
        let refused = form::publish(&staff, id, 1).await;
        let Err(Error::Invalid(problems)) = refused else { panic!("{refused:?}") };
        assert!(problems.iter().any(|p| p.at == "/terms/purpose"));
        assert!(form::published(&t.ctx, id).await.unwrap().is_none());
        form::delete(&staff, id).await.unwrap();
        assert!(matches!(form::get(&staff, id).await, Err(Error::NotFound)));
    });
}

#[test]
fn departments_see_nothing_of_each_other() {
    both(async |t| {
        let (_, own) = t.staff("1", Role::Sender, "環境課").await;
        let (_, other) = t.staff("2", Role::Sender, "税務課").await;
        let (_, admin) = t.staff("3", Role::Admin, "総務課").await;
        let (_, viewer) = t.staff("4", Role::Viewer, "環境課").await;
        let id = published(&own, &definition()).await;
        let someone = resident(&t, t.friends(1, 1).await[0]);
        let sent = send(&someone, id, "k1", words("山田", "090")).await.unwrap();
        let all = inbox::Filter::default();
        for (ctx, seen) in [(&own, 1), (&other, 0), (&admin, 1)] {
            assert_eq!(form::list(ctx, &kept::Filter::default()).await.unwrap().total, seen);
            let found = answer::list(ctx, &all).await.unwrap();
            assert_eq!((found.total, found.unread, found.rows.len() as i64), (seen, seen, seen));
            assert_eq!(answer::count(ctx, id).await.unwrap(), seen);
            assert_eq!(answer::given(ctx, id, None, 10).await.unwrap().len() as i64, seen);
            assert_eq!(answer::get(ctx, sent.id).await.is_ok(), seen == 1);
            assert_eq!(form::get(ctx, id).await.is_ok(), seen == 1);
        }
        for refused in [
            answer::set_status(&other, sent.id, 1, "done", "").await.map(drop),
            answer::set_staff(&other, sent.id, 1, &Answers::new()).await.map(drop),
            form::close(&other, id).await,
            form::copy(&other, id).await.map(drop),
            form::versions(&other, id).await.map(drop),
        ] {
            assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
        }
        answer::mark(&other, &[sent.id], true).await.unwrap();
        assert_eq!(answer::unread(&own).await.unwrap(), 1, "it is still unread");
        assert!(form::get(&viewer, id).await.is_ok());
        assert!(matches!(answer::get(&viewer, sent.id).await, Err(Error::Forbidden(_))));
        assert_eq!(answer::unread(&viewer).await.unwrap(), 0);
    });
}

#[test]
fn what_is_sent_twice_is_received_once() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let someone = resident(&t, t.friends(1, 1).await[0]);
        let (a, b) = tokio::join!(
            send(&someone, id, "same", words("山田", "090")),
            send(&someone, id, "same", words("山田", "090"))
        );
        let (a, b) = (a.unwrap(), b.unwrap());
        assert_eq!((a.id, a.receipt.as_str()), (b.id, "犬001"));
        assert!(a.again != b.again);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer").await, 1);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM call WHERE kind = 'push'").await, 1);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM mail").await, 1);
        // Another's key is another answer.
        let other = resident(&t, t.friends(2, 1).await[0]);
        assert!(!send(&other, id, "same", words("鈴木", "080")).await.unwrap().again);
        // A form that is closed answers who has sent, and nobody else.
        form::close(&staff, id).await.unwrap();
        assert!(send(&someone, id, "same", words("山田", "090")).await.unwrap().again);
        let refused = send(&someone, id, "new", words("山田", "090")).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    });
}

#[test]
fn limits_hold() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let mut form = definition();
        form.terms.limit = Some(2);
        form.terms.limit_each = Some(1);
        let id = published(&staff, &form).await;
        let people: Vec<_> = t.friends(1, 3).await.into_iter().map(|id| resident(&t, id)).collect();
        let first = send(&people[0], id, "a", words("一", "1")).await.unwrap();
        let refused = send(&people[0], id, "b", words("一", "1")).await;
        assert!(matches!(refused, Err(Error::Conflict(_))));
        send(&people[1], id, "c", words("二", "2")).await.unwrap();
        let refused = send(&people[2], id, "d", words("三", "3")).await;
        assert!(matches!(refused, Err(Error::Conflict(_))));
        // What is taken back makes room, and leaves its number.
        answer::withdraw(&people[0].0, &people[0].1, first.id).await.unwrap();
        let late = send(&people[2], id, "d", words("三", "3")).await.unwrap();
        assert_ne!(late.receipt, first.receipt);
    });
}

#[test]
fn an_answer_is_corrected_withdrawn_and_decided_within_its_rules() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let friends = t.friends(1, 2).await;
        let (ctx, holder) = resident(&t, friends[0]);
        let (_, stranger) = resident(&t, friends[1]);
        let sent = send(&(ctx.clone(), holder.clone()), id, "a", words("山田", "1")).await.unwrap();
        let refused = answer::one_of_mine(&ctx, &stranger, sent.id).await;
        assert!(matches!(refused, Err(Error::NotFound)));
        answer::mark(&staff, &[sent.id], true).await.unwrap();
        let now = Submission { version: 1, answers: words("山田", "2") };
        let refused = answer::correct(&ctx, &stranger, sent.id, &now).await;
        assert!(matches!(refused, Err(Error::NotFound)));
        answer::correct(&ctx, &holder, sent.id, &now).await.unwrap();
        let full = answer::get(&staff, sent.id).await.unwrap();
        assert!(full.read_at.is_none(), "a correction is read again");
        assert_eq!(full.submission, now);
        let told: Vec<_> = full.history.iter().map(|e| (e.what, e.detail.as_str())).collect();
        assert_eq!(told, [(What::Sent, ""), (What::Corrected, "電話番号：1 → 2")]);
        // Staff: a status, a field of their own; each names the edition that was seen.
        let next = answer::set_status(&staff, sent.id, full.edition, "done", "電話した").await;
        let next = next.unwrap();
        let again = answer::set_status(&staff, sent.id, full.edition, "new", "").await;
        assert!(matches!(again, Err(Error::Conflict(_))));
        let memo = Answers::from([("memo".to_owned(), vec!["R8-1".to_owned()])]);
        answer::set_staff(&staff, sent.id, next, &memo).await.unwrap();
        let full = answer::get(&staff, sent.id).await.unwrap();
        assert_eq!((full.status.as_str(), &full.staff), ("done", &memo));
        assert_eq!(full.delete_at, Some(NOON.plus(30 * DAY)));
        assert_eq!(full.history.len(), 5);
        // It is decided: nothing more by the one who sent it.
        let (mine, ..) = answer::one_of_mine(&ctx, &holder, sent.id).await.unwrap();
        assert_eq!((mine.status.as_str(), mine.may_withdraw), ("登録済みです", false));
        for refused in [
            answer::withdraw(&ctx, &holder, sent.id).await,
            answer::correct(&ctx, &holder, sent.id, &now).await,
        ] {
            assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        }
        // Its time of keeping ends.
        assert_eq!(answer::forget(&t.ctx).await.unwrap(), 0);
        t.later(30 * DAY);
        assert_eq!(answer::forget(&t.ctx).await.unwrap(), 1);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer_history").await, 0);
    });
}

#[test]
fn drafts_belong_to_whoever_writes_them() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let nobody = t.acting(Actor::Nobody);
        let outside = Holder::of(&nobody, Some(&"s".repeat(64))).unwrap();
        let other = Holder::of(&nobody, Some(&"t".repeat(64))).unwrap();
        let (ctx, known) = resident(&t, t.friends(1, 1).await[0]);
        assert!(
            Holder::of(&nobody, Some("short")).is_none() && Holder::of(&nobody, None).is_none()
        );
        let kept = |word: &str| Kept {
            draft: Draft {
                version: 1,
                answers: Answers::from([("name".to_owned(), vec![word.to_owned()])]),
                ..Draft::default()
            },
            page: 2,
        };
        answer::save_draft(&nobody, &outside, id, &kept("一")).await.unwrap();
        answer::save_draft(&nobody, &outside, id, &kept("二")).await.unwrap();
        answer::save_draft(&ctx, &known, id, &kept("三")).await.unwrap();
        let read = async |holder: &Holder| {
            answer::draft(&nobody, holder, id).await.unwrap().map(|(kept, _)| kept)
        };
        assert_eq!(read(&outside).await, Some(kept("二")));
        assert_eq!(read(&known).await, Some(kept("三")));
        assert_eq!(read(&other).await, None);
        assert_eq!(answer::drafts(&ctx, &known).await.unwrap().len(), 1);
        let someone = (ctx.clone(), known.clone());
        send(&someone, id, "k", words("三", "3")).await.unwrap();
        assert_eq!(read(&known).await, None, "what was sent is no draft any more");
        t.later(answer::DRAFT_KEPT + 1);
        assert_eq!(read(&outside).await, None);
        answer::forget(&t.ctx).await.unwrap();
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer_draft").await, 0);
    });
}

#[test]
fn files_go_with_their_answer_and_to_nobody_else() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let (_, elsewhere) = t.staff("2", Role::Sender, "税務課").await;
        let id = published(&staff, &definition()).await;
        let friends = t.friends(1, 2).await;
        let own = resident(&t, friends[0]);
        let stranger = resident(&t, friends[1]);
        let new = NewFile {
            form: id,
            question: "photo",
            name: "ひみつの家.jpg",
            media_type: "image/jpeg",
            bytes: b"original-bytes",
            photo: Some((b"small-bytes", 4, 3)),
            position: None,
        };
        let file = answer::add_file(&own.0, &own.1, &new).await.unwrap();
        let left_out = answer::add_file(&own.0, &own.1, &new).await.unwrap();
        let mut answers = words("山田", "1");
        answers.insert("photo".into(), Answer::Files(vec![file.id.clone()]));
        // Another's file cannot be sent as one's own.
        let refused = send(&stranger, id, "x", answers.clone()).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        let sent = send(&own, id, "y", answers).await.unwrap();
        let read = answer::file(&own.0, &own.1, &file.id, true).await.unwrap();
        assert_eq!(
            (read.bytes.as_slice(), read.of.name.as_str()),
            (&b"small-bytes"[..], "ひみつの家.jpg")
        );
        let gone = answer::file(&own.0, &own.1, &left_out.id, false).await;
        assert!(matches!(gone, Err(Error::NotFound)), "what was left out is forgotten");
        for refused in [
            answer::file(&stranger.0, &stranger.1, &file.id, false).await.map(drop),
            answer::staff_file(&elsewhere, sent.id, &file.id, false).await.map(drop),
            answer::staff_file(&staff, sent.id, &left_out.id, false).await.map(drop),
        ] {
            assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
        }
        let read = answer::staff_file(&staff, sent.id, &file.id, false).await.unwrap();
        assert_eq!(read.bytes, b"original-bytes");
        assert_eq!(
            store::blob::picture(&t.ctx, &file.id).await.unwrap(),
            None,
            "no public picture"
        );
        // The blobs: one is kept as long as the answer, the other is swept.
        t.later(8 * DAY);
        store::blob::sweep(&t.ctx).await.unwrap();
        assert!(answer::staff_file(&staff, sent.id, &file.id, false).await.is_ok());
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM blob").await, 1);
        let ctx = t.reopened(&[1, 2]).await;
        while store::work::rotate(&ctx).await.unwrap() > 0 {}
        let again = answer::staff_file(&ctx, sent.id, &file.id, true).await.unwrap();
        assert_eq!(again.bytes, b"small-bytes");
    });
}

#[test]
fn nothing_that_was_written_lies_open() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let someone = resident(&t, t.friends(1, 1).await[0]);
        let secret = "ZEBRA-ひみつ";
        let draft = Draft {
            version: 1,
            answers: Answers::from([("name".to_owned(), vec![secret.to_owned()])]),
            ..Draft::default()
        };
        answer::save_draft(&someone.0, &someone.1, id, &Kept { draft, page: 0 }).await.unwrap();
        let sent = send(&someone, id, "k", words(secret, secret)).await.unwrap();
        let changed = Submission { version: 1, answers: words(secret, "ZEBRA-2") };
        answer::correct(&someone.0, &someone.1, sent.id, &changed).await.unwrap();
        let memo = Answers::from([("memo".to_owned(), vec!["ZEBRA-3".to_owned()])]);
        answer::set_staff(&staff, sent.id, 2, &memo).await.unwrap();
        answer::set_status(&staff, sent.id, 3, "done", "ZEBRA-4").await.unwrap();
        let row = BTreeMap::from([
            ("番号".to_owned(), "ZEBRA-5".to_owned()),
            ("氏名".to_owned(), "ZEBRA-6".to_owned()),
        ]);
        let names = ["番号".to_owned(), "氏名".to_owned()];
        eligibility::keep(&staff, None, "名簿", &names[..1], &names, &[row]).await.unwrap();
        let columns = [
            ("answer", "answers"),
            ("answer", "staff"),
            ("answer_history", "detail"),
            ("answer_draft", "body"),
            ("eligibility_row", "body"),
        ];
        if t.ctx.store.is_sqlite() {
            t.sql("PRAGMA wal_checkpoint(TRUNCATE)").await;
            for file in std::fs::read_dir(t.dir.path()).unwrap().flatten() {
                if file.path().is_file() {
                    let bytes = std::fs::read(file.path()).unwrap();
                    let found = bytes.windows(5).any(|w| w == b"ZEBRA");
                    assert!(!found, "{}", file.path().display());
                }
            }
        } else {
            for (table, column) in columns {
                let sql = format!(
                    "SELECT COUNT(*) AS n FROM {table} WHERE position('ZEBRA'::bytea IN {column}) > 0"
                );
                assert_eq!(t.number(&sql).await, 0, "{table}.{column}");
            }
        }
        // A value of one answer opens in no other.
        let other = send(&someone, id, "k2", words("別", "9")).await.unwrap();
        t.sql(&format!(
            "UPDATE answer SET answers = (SELECT a.answers FROM answer a WHERE a.id = {}) WHERE id = {}",
            sent.id, other.id
        ))
        .await;
        assert!(matches!(answer::get(&staff, other.id).await, Err(Error::Undecryptable(_))));
    });
}

#[test]
fn a_list_lets_in_who_is_on_it_and_stops_guessing() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let row = |number: &str, birth: &str| {
            BTreeMap::from([
                ("番号".to_owned(), number.to_owned()),
                ("生年月日".to_owned(), birth.to_owned()),
                ("氏名".to_owned(), format!("{number}さん")),
            ])
        };
        let columns = ["番号", "生年月日", "氏名"].map(str::to_owned);
        let people = [row("A-1", "2018/4/1"), row("A-2", "平成30年5月2日")];
        let keep = |rows| eligibility::keep(&staff, None, "名簿", &columns[..2], &columns, rows);
        let id = keep(&people).await.unwrap();
        let twice = [row("A-1", "2018/4/1"), row("a1", "20180401")];
        assert!(matches!(keep(&twice).await, Err(Error::Invalid(_))), "two who look alike");
        let nobody = t.acting(Actor::Nobody);
        let said = |number: &str, birth: &str| {
            BTreeMap::from([
                ("番号".to_owned(), number.to_owned()),
                ("生年月日".to_owned(), birth.to_owned()),
            ])
        };
        assert_eq!(eligibility::asked(&nobody, id).await.unwrap(), columns[..2]);
        let found = eligibility::check(&nobody, id, &said("ａ-１", "2018-04-01"), "x").await;
        let found = found.unwrap().expect("on the list");
        assert_eq!(found.row["氏名"], "A-1さん");
        let ticket = eligibility::ticket(&nobody, FormId(1), &found.hash);
        assert_eq!(eligibility::open_ticket(&nobody, FormId(1), &ticket), Some(found.hash));
        assert_eq!(eligibility::open_ticket(&nobody, FormId(2), &ticket), None);
        t.later(13 * 60 * 60 * 1_000_000);
        assert_eq!(eligibility::open_ticket(&nobody, FormId(1), &ticket), None, "too old");
        // Many birthdays for one number, from many places.
        let mut stopped = false;
        for day in 1..=9 {
            let tried = eligibility::check(
                &nobody,
                id,
                &said("A-2", &format!("2018-05-1{day}")),
                &format!("p{day}"),
            )
            .await;
            stopped |= matches!(tried, Err(Error::Conflict(_)));
        }
        assert!(stopped);
        let right = eligibility::check(&nobody, id, &said("A-2", "2018-05-02"), "y").await;
        assert!(matches!(right, Err(Error::Conflict(_))), "even who is right waits");
        t.later(16 * 60 * 1_000_000);
        let right = eligibility::check(&nobody, id, &said("A-2", "2018-05-02"), "y").await;
        assert!(right.unwrap().is_some());
        // Other rows take the place of the former.
        let other = [row("B-1", "2019/1/1")];
        eligibility::keep(&staff, Some(id), "名簿", &columns[..2], &columns, &other).await.unwrap();
        let gone = eligibility::check(&nobody, id, &said("A-1", "2018-04-01"), "z").await;
        assert!(gone.unwrap().is_none());
        eligibility::delete(&staff, id).await.unwrap();
        assert!(eligibility::list(&staff).await.unwrap().is_empty());
    });
}
