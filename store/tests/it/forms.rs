//! Forms on both databases: versions, testers, departments.

use crate::support::{Test, both};
use domain::form::inbox;
use domain::form::kept::{self, Settings, State};
use domain::form::pack::{Proof, Sample};
use domain::form::{Answer, Answers, Ask, Form, Page, Question, Status, Submission, Terms};
use domain::id::{FormId, ResidentId};
use domain::permission::{Actor, Role};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::answer::{Holder, New, Receipt};
use store::{Context, Error, answer, form};

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
            // Written twice, and told once.
            mails: vec!["kankyo@mihon.example".into(), "Kankyo@mihon.example".into()],
            ..Terms::default()
        },
        ..Form::default()
    }
}

pub async fn published(ctx: &Context, form: &Form) -> FormId {
    let id = form::create(ctx, "犬", form, &Settings::default()).await.unwrap();
    assert_eq!(form::publish(ctx, id, 1).await.unwrap(), 1);
    id
}

pub fn words(name: &str, tel: &str) -> BTreeMap<String, Answer> {
    [("name", name), ("tel", tel)]
        .map(|(key, text)| (key.to_owned(), Answer::Text(text.into())))
        .into()
}

pub fn resident(t: &Test, id: ResidentId) -> (Context, Holder) {
    let ctx = t.acting(Actor::Resident(id));
    let holder = Holder::of(&ctx, None).unwrap();
    (ctx, holder)
}

pub async fn send(
    (ctx, holder): &(Context, Holder),
    id: FormId,
    key: &str,
    answers: BTreeMap<String, Answer>,
) -> store::Result<Receipt> {
    let form = form::published(ctx, id).await?.unwrap();
    let submission = Submission { version: form.form.version, answers };
    let talk = |receipt: &str| format!("[{{\"type\":\"text\",\"text\":\"{receipt}\"}}]");
    let talk = Some(Arc::new(talk) as answer::Talk);
    let new = New { form: &form, submission: &submission, key, eligible: None, talk };
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
        let outside = kept::Settings { outside: true, ..Default::default() };
        let save = |seen| form::save(&staff, id, seen, "犬", &form, &outside);
        assert_eq!(save(1).await.unwrap(), 2);
        assert!(matches!(save(1).await, Err(Error::Conflict(_))));
        assert!(matches!(form::publish(&staff, id, 1).await, Err(Error::Conflict(_))));
        assert_eq!(form::publish(&staff, id, 2).await.unwrap(), 1);
        let seen = form::get(&staff, id).await.unwrap();
        assert_eq!((seen.state, seen.published, seen.changed), (State::Published, Some(1), false));
        // Another name is no other form; another question is.
        form::save(&staff, id, 2, "犬2", &form, &outside).await.unwrap();
        assert!(!form::get(&staff, id).await.unwrap().changed);
        let mut next = form.clone();
        next.pages[0].questions.push(Question::new("age", "歳", Ask::Text { max: 3 }));
        form::save(&staff, id, 3, "犬2", &next, &Settings::default()).await.unwrap();
        assert!(form::get(&staff, id).await.unwrap().changed);
        assert_eq!(form::published(&staff, id).await.unwrap().unwrap().form.title, "犬の届");
        assert_eq!(form::publish(&staff, id, 4).await.unwrap(), 2);
        assert_eq!(form::versions(&staff, id).await.unwrap().len(), 2);
        let first = form::version(&staff, id, 1).await.unwrap();
        assert_eq!((first.form.version, first.form.pages[0].questions.len()), (1, 4));
        assert_eq!(first.settings, Some(outside.clone()));
        assert_eq!(form::restore(&staff, id, 4, 1).await.unwrap(), 5);
        let back = form::get(&staff, id).await.unwrap();
        assert_eq!((back.definition.pages[0].questions.len(), back.settings), (4, outside));
    });
}

#[test]
fn a_version_without_settings_has_those_that_were_in_force_with_it() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let (usual, outside) =
            (Settings::default(), Settings { outside: true, ..Settings::default() });
        let met = async || form::published(&t.ctx, id).await.unwrap().unwrap().settings;
        let first = async || form::version(&staff, id, 1).await.unwrap().settings;
        // As the former release publishes.
        let former = "UPDATE form_version SET settings = NULL";
        t.sql(former).await;
        assert_eq!((met().await, first().await), (usual.clone(), Some(usual.clone())));
        form::save(&staff, id, 1, "犬", &definition(), &outside).await.unwrap();
        assert_eq!((met().await, first().await), (usual.clone(), Some(usual.clone())));
        assert!(form::get(&staff, id).await.unwrap().changed);
        t.sql(former).await;
        assert_eq!(met().await, outside);
        form::publish(&staff, id, 2).await.unwrap();
        form::save(&staff, id, 2, "犬", &definition(), &usual).await.unwrap();
        assert_eq!((met().await, first().await), (outside.clone(), Some(outside)));
        // Of one that is not in force any more nobody knows them; what is edited stays.
        t.sql(former).await;
        assert_eq!(first().await, None);
        form::restore(&staff, id, 3, 1).await.unwrap();
        assert_eq!(form::get(&staff, id).await.unwrap().settings, usual);
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
fn a_draft_is_shown_to_testers_and_to_nobody_else() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Editor, "環境課").await;
        let (_, other) = t.staff("2", Role::Sender, "税務課").await;
        let beside = Settings { outside: true, ..Settings::default() };
        let mut draft = definition();
        draft.pages[0].questions[2].required = true;
        let id = form::create(&staff, "犬", &draft, &beside).await.unwrap();
        let friends = t.friends(1, 2).await;
        let (tester, stranger) = (resident(&t, friends[0]).0, resident(&t, friends[1]).0);
        let show = async |ctx: &Context, seen| form::try_out(ctx, id, seen, "[]").await;
        let opens = async |ctx: &Context| form::trial(ctx, id).await.unwrap();
        assert!(matches!(show(&staff, 1).await, Err(Error::Invalid(_))), "there is no tester");
        store::resident::set_tester(&t.ctx, friends[0], Some("環境課")).await.unwrap();
        assert!(opens(&tester).await.is_none(), "it was not shown to anybody");
        assert!(matches!(show(&other, 1).await, Err(Error::NotFound)));
        assert!(matches!(show(&staff, 2).await, Err(Error::Conflict(_))));
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM call").await, 0);
        assert!(opens(&tester).await.is_none());

        assert_eq!(show(&staff, 1).await.unwrap(), 1);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM call WHERE kind = 'push'").await, 1);
        let found = opens(&tester).await.unwrap();
        assert_eq!((found.state, found.settings), (State::Draft, beside.clone()));
        assert!(!found.form.pages[0].questions[2].required, "no photo is taken of testers");
        for ctx in [&stranger, &t.acting(Actor::Nobody), &staff, &t.ctx] {
            assert!(opens(ctx).await.is_none(), "{:?}", ctx.actor);
        }
        assert!(form::published(&tester, id).await.unwrap().is_none());
        // What is saved is what they get.
        draft.title = "犬の届".into();
        form::save(&staff, id, 1, "犬", &draft, &beside).await.unwrap();
        assert_eq!(opens(&tester).await.unwrap().form.title, "犬の届");
        // It ends for who is no tester any more, while it is put away, and when it is published.
        store::resident::set_tester(&t.ctx, friends[0], None).await.unwrap();
        assert!(opens(&tester).await.is_none());
        store::resident::set_tester(&t.ctx, friends[0], Some("環境課")).await.unwrap();
        form::archive(&t.ctx, id).await.unwrap();
        assert!(opens(&tester).await.is_none());
        assert!(matches!(show(&staff, 2).await, Err(Error::Conflict(_))));
        form::unarchive(&t.ctx, id).await.unwrap();
        assert!(opens(&tester).await.is_some());
        form::publish(&t.ctx, id, 2).await.unwrap();
        assert!(opens(&tester).await.is_none());
    });
}

#[test]
fn what_proves_a_pack_stays_with_its_form_and_its_copies() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let sample = Sample {
            name: "1頭".into(),
            answers: Answers::from([("name".to_owned(), vec!["見本".to_owned()])]),
        };
        let proof = Proof { samples: vec![sample], tests: Vec::new() };
        let (form, beside) = (definition(), Settings::default());
        let id = form::import(&staff, "犬", &form, &beside, &proof).await.unwrap();
        form::save(&staff, id, 1, "犬2", &form, &beside).await.unwrap();
        assert_eq!(form::get(&staff, id).await.unwrap().proof, proof);
        let copy = form::copy(&staff, id).await.unwrap();
        assert_eq!(form::get(&staff, copy).await.unwrap().proof, proof);
        let bare = form::create(&staff, "犬", &form, &beside).await.unwrap();
        assert_eq!(form::get(&staff, bare).await.unwrap().proof, Proof::default());
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
        answer::mark(&other, &[(sent.id, sent.at)], true).await.unwrap();
        assert_eq!(answer::unread(&own).await.unwrap(), 1, "it is still unread");
        let unread = answer::unread_forms(&own, 5).await.unwrap();
        let [of_form] = unread.as_slice() else { panic!("{unread:?}") };
        assert_eq!((of_form.form, of_form.count, of_form.oldest), (id, 1, sent.at));
        for ctx in [&other, &viewer] {
            assert!(answer::unread_forms(ctx, 5).await.unwrap().is_empty());
        }
        assert!(form::get(&viewer, id).await.is_ok());
        assert!(matches!(answer::get(&viewer, sent.id).await, Err(Error::Forbidden(_))));
        assert_eq!(answer::unread(&viewer).await.unwrap(), 0);
    });
}
