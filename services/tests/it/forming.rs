//! Answers as staff take them: the table, figures, CSV and Excel; questions from a workbook
//! (FORM-3, FORM-4).

use crate::support::{Test, both};
use domain::form::edit::{Known, Row, add, question_mut};
use domain::form::kept::Settings;
use domain::form::table::view::Wanted;
use domain::form::{Answer, Ask, Form, Opt, Page, Question, Submission, Terms, Values};
use domain::id::FormId;
use domain::permission::{Actor, Role};
use futures::TryStreamExt;
use services::answer::export::{self, Encoding};
use services::answer::look::{look, page};
use services::{Context, Error, answer, form};
use std::io::Read;
use store::answer::{Holder, New};

async fn official(t: &Test, number: &str, role: Role, department: &str) -> Context {
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
    t.acting(Actor::Staff { id, department, role })
}

fn survey() -> Form {
    let opt =
        |key: &str, label: &str| Opt { key: key.into(), label: label.into(), ..Opt::default() };
    let options = vec![opt("often", "よく使う"), opt("never", "使わない")];
    let age = Ask::Number { min: None, max: None, step: None, unit: "歳".into() };
    Form {
        title: "公園のアンケート".into(),
        pages: vec![Page {
            questions: vec![
                Question::new("use", "公園を使いますか", Ask::One { options }),
                Question::new("age", "おいくつですか", age),
                Question::new("why", "ご意見", Ask::LongText { max: 500 }),
            ],
            ..Page::default()
        }],
        staff: vec![Question::new("memo", "対応", Ask::Text { max: 50 })],
        terms: Terms {
            purpose: "公園の計画のため".into(),
            retention_days: Some(365),
            department: "公園課".into(),
            receipt: "公{番号:3}".into(),
            ..Terms::default()
        },
        ..Form::default()
    }
}

async fn published(ctx: &Context) -> FormId {
    let settings = Settings { outside: true, ..Settings::default() };
    let id = form::create(ctx, "公園", &survey(), &settings).await.unwrap();
    assert_eq!(form::publish(ctx, id, 1).await.unwrap(), 1);
    id
}

async fn send(t: &Test, id: FormId, n: usize, answers: &[(&str, Answer)]) {
    let ctx = t.acting(Actor::Nobody);
    let holder = Holder::of(&ctx, Some(&format!("{n:040}"))).unwrap();
    let form = form::published(&ctx, id).await.unwrap().unwrap();
    let answers: Values = answers.iter().map(|(k, a)| ((*k).to_owned(), a.clone())).collect();
    let submission = Submission { version: form.form.version, answers };
    let key = format!("key-{n}");
    let new = New { form: &form, submission: &submission, key: &key, eligible: None, talk: None };
    store::answer::send(&ctx, &holder, &new).await.unwrap();
}

fn chosen(key: &str) -> Answer {
    Answer::Chosen { keys: vec![key.into()], other: None }
}

fn years(n: i32) -> Answer {
    Answer::Number(domain::form::Decimal::small(n))
}

async fn answered(t: &Test, ctx: &Context) -> FormId {
    let id = published(ctx).await;
    send(t, id, 1, &[("use", chosen("often")), ("age", years(9))]).await;
    send(
        t,
        id,
        2,
        &[("use", chosen("never")), ("age", years(70)), ("why", Answer::Text("=1+1 𠮷".into()))],
    )
    .await;
    send(t, id, 3, &[("use", chosen("often")), ("why", Answer::Text("木かげがほしい".into()))])
        .await;
    id
}

#[test]
fn every_answer_is_taken_away_and_nothing_is_a_formula() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        let csv = async |encoding| -> Vec<u8> {
            let pieces = export::csv(&staff, id, encoding).await.unwrap();
            let all: Vec<_> = pieces.try_collect().await.unwrap();
            all.concat()
        };
        let text = String::from_utf8(csv(Encoding::Utf8).await).unwrap();
        let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
        assert_eq!(
            lines[0],
            "\u{feff}受付番号,受付日時,最後の変更,状態,版,公園を使いますか,おいくつですか,ご意見,職員：対応"
        );
        assert_eq!(lines.len(), 4);
        assert!(
            lines[1].starts_with("公001,") && lines[1].ends_with(",1,よく使う,9,,"),
            "{}",
            lines[1]
        );
        assert!(lines[2].ends_with(",使わない,70,'=1+1 𠮷,"), "{}", lines[2]);
        let old = csv(Encoding::Cp932).await;
        let (words, _, broken) = encoding_rs::SHIFT_JIS.decode(&old);
        assert!(!broken && words.contains("'=1+1 〓") && words.contains("木かげがほしい"));
        let book = export::xlsx(&staff, id).await.unwrap();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
        let mut sheet = String::new();
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
        assert!(!sheet.contains("<f>"), "no cell is a formula");
    });
}

#[test]
fn the_table_and_the_figures_are_of_the_same_answers() {
    both(async |t| {
        let staff = official(&t, "1", Role::Editor, "公園課").await;
        let sender = official(&t, "2", Role::Sender, "公園課").await;
        let id = answered(&t, &sender).await;
        let all = Wanted { page: 1, ..Wanted::default() };
        let table = page(&staff, id, &all).await.unwrap();
        assert_eq!((table.total, table.heads.len(), table.lines.len()), (3, 3, 3));
        let found = Wanted { search: "木かげ".into(), ..all.clone() };
        assert_eq!(page(&staff, id, &found).await.unwrap().lines[0].receipt, "公003");
        let looked = look(&staff, id, &all, Some(("use", "use"))).await.unwrap();
        assert_eq!(looked.answers, 3);
        let counts: Vec<u64> = looked.figures[0].bars.iter().map(|b| b.count).collect();
        assert_eq!(counts, [2, 1]);
        assert_eq!(looked.cross.unwrap().counts[0], [2, 0, 0]);
        let never = Wanted {
            from: domain::time::Date::new(2020, 1, 1),
            until: domain::time::Date::new(2020, 1, 2),
            ..all
        };
        assert_eq!(look(&staff, id, &never, None).await.unwrap().answers, 0);
    });
}

#[test]
fn another_department_sees_nothing() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let other = official(&t, "2", Role::Sender, "環境課").await;
        let viewer = official(&t, "3", Role::Viewer, "公園課").await;
        let id = answered(&t, &staff).await;
        let all = Wanted { page: 1, ..Wanted::default() };
        for ctx in [&other, &viewer] {
            assert!(page(ctx, id, &all).await.is_err());
            assert!(look(ctx, id, &all, None).await.is_err());
            assert!(export::xlsx(ctx, id).await.is_err());
            assert!(export::csv(ctx, id, Encoding::Utf8).await.is_err());
        }
        assert!(matches!(page(&other, id, &all).await, Err(Error::NotFound)));
        assert_eq!(answer::unread(&other).await.unwrap(), 0);
        assert_eq!(answer::unread(&staff).await.unwrap(), 3);
        assert!(matches!(form::sheet::template(&viewer), Err(Error::Forbidden(_))));
    });
}

#[test]
fn the_template_is_read_as_it_was_written() {
    both(async |t| {
        let staff = official(&t, "1", Role::Editor, "公園課").await;
        let book = form::sheet::template(&staff).unwrap();
        let read = form::sheet::read(&staff, &book).unwrap();
        assert_eq!(read.wrong, []);
        let kinds: Vec<&str> = read.questions.iter().map(|(_, q)| q.ask.name()).collect();
        assert_eq!(kinds, ["one", "scale", "long_text"]);
        assert!(matches!(form::sheet::read(&staff, b"\xff\xfe\0\0"), Err(Error::Invalid(_))));
    });
}

#[test]
fn a_question_that_was_replaced_keeps_its_column() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        let mut next = survey();
        let mut known = Known::of([&next]);
        next.pages[0].questions.remove(2);
        let new = add(&mut next, &Row::Page(0), 9, "text", &mut known).unwrap();
        question_mut(&mut next, &new).unwrap().label = "町名".into();
        let settings = Settings { outside: true, ..Settings::default() };
        let edition = form::get(&staff, id).await.unwrap().edition;
        let edition = form::save(&staff, id, edition, "公園", &next, &settings).await.unwrap();
        form::publish(&staff, id, edition).await.unwrap();
        send(&t, id, 4, &[(new.key.as_str(), Answer::Text("東町".into()))]).await;
        let all = Wanted { page: 1, ..Wanted::default() };
        let table = page(&staff, id, &all).await.unwrap();
        let heads: Vec<&str> = table.heads.iter().map(|h| h.label.as_str()).collect();
        assert_eq!(heads, ["公園を使いますか", "おいくつですか", "町名", "ご意見（前の版）"]);
        assert_eq!(table.lines[0].cells, ["", "", "東町", ""]);
        assert_eq!(table.lines[1].cells, ["よく使う", "", "", "木かげがほしい"]);
    });
}
