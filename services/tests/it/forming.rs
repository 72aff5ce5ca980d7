//! Answers as staff take them: the table, figures, CSV and Excel; questions from a workbook
//! (FORM-3, FORM-4).

use crate::exporting::HOUSE;
use crate::support::{Test, both};
use domain::form::edit::{Known, Row, add, question_mut};
use domain::form::export::Kind;
use domain::form::kept::Settings;
use domain::form::table::narrow::{By, Narrowing};
use domain::form::table::view::Wanted;
use domain::form::{
    Answer, Answers, Ask, Form, Opt, Page, Question, Submission, Terms, Values, inbox,
};
use domain::id::{AnswerId, FormId};
use domain::permission::{Actor, Role};
use domain::time::DAY;
use services::answer::export;
use services::answer::look::{look, look_by, page, page_of};
use services::{Context, Error, answer, form};
use std::io::Read;
use store::answer::{Holder, New};

pub async fn official(t: &Test, number: &str, role: Role, department: &str) -> Context {
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

pub fn survey() -> Form {
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

pub async fn send(t: &Test, id: FormId, n: usize, answers: &[(&str, Answer)]) {
    let ctx = t.acting(Actor::Nobody);
    let holder = Holder::of(&ctx, Some(&format!("{n:040}"))).unwrap();
    let form = form::published(&ctx, id).await.unwrap().unwrap();
    let answers: Values = answers.iter().map(|(k, a)| ((*k).to_owned(), a.clone())).collect();
    let submission = Submission { version: form.form.version, answers };
    let key = format!("key-{n}");
    let new = New { form: &form, submission: &submission, key: &key, eligible: None, talk: None };
    store::answer::send(&ctx, &holder, &new).await.unwrap();
}

pub fn chosen(key: &str) -> Answer {
    Answer::Chosen { keys: vec![key.into()], other: None }
}

fn years(n: i32) -> Answer {
    Answer::Number(domain::form::Decimal::small(n))
}

pub async fn answered(t: &Test, ctx: &Context) -> FormId {
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
        let csv = async |kind| export::at_once(&staff, HOUSE, id, kind).await.unwrap();
        let text = String::from_utf8(csv(Kind::Csv).await).unwrap();
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
        let old = csv(Kind::Cp932).await;
        let (words, _, broken) = encoding_rs::SHIFT_JIS.decode(&old);
        assert!(!broken && words.contains("'=1+1 〓") && words.contains("木かげがほしい"));
        let book = csv(Kind::Excel).await;
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
        let mut sheet = String::new();
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
        assert!(!sheet.contains("<f>"), "no cell is a formula");
        assert!(sheet.contains("<v>70</v>"), "an age can be summed up: {sheet}");
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
        assert_eq!((table.total, table.heads.len(), table.lines.len()), (3, 4, 3));
        assert!(!table.cut);
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

/// The number of the answer of that receipt.
async fn of_receipt(ctx: &Context, receipt: &str) -> AnswerId {
    let filter = inbox::Filter { search: receipt.into(), page: 1, ..inbox::Filter::default() };
    answer::list(ctx, &filter).await.unwrap().rows[0].id
}

#[test]
fn all_answers_are_counted_and_older_ones_can_be_reached() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        // Three at the same moment, and one the day after.
        let id = answered(&t, &staff).await;
        let first = t.ctx.now().date();
        t.later(DAY);
        send(&t, id, 4, &[("use", chosen("never")), ("age", years(9))]).await;
        let second = t.ctx.now().date();
        let all = Wanted { page: 1, ..Wanted::default() };
        let receipts = async |wanted: &Wanted, most: usize| -> (Vec<String>, bool) {
            let table = page_of(&staff, id, wanted, most).await.unwrap();
            assert_eq!(table.total, table.lines.len() as i64);
            (table.lines.into_iter().map(|l| l.receipt).collect(), table.cut)
        };
        let found = |list: &[&str], cut: bool| -> (Vec<String>, bool) {
            (list.iter().map(|r| (*r).to_owned()).collect(), cut)
        };
        assert_eq!(receipts(&all, 2).await, found(&["公004", "公003"], true));
        assert_eq!(receipts(&all, 4).await, found(&["公004", "公003", "公002", "公001"], false));
        let words = Wanted { search: "公001".into(), ..all.clone() };
        assert_eq!(receipts(&words, 2).await, found(&[], true));
        let before = Wanted { until: Some(first), ..all.clone() };
        assert_eq!(receipts(&before, 2).await, found(&["公003", "公002"], true));
        assert_eq!(receipts(&before, 3).await, found(&["公003", "公002", "公001"], false));
        let after = Wanted { from: Some(second), ..all.clone() };
        assert_eq!(receipts(&after, 1).await, found(&["公004"], false));
        t.sql("UPDATE answer SET status = 'done' WHERE receipt = '公001'").await;
        let done = Wanted { status: Some("done".into()), ..all.clone() };
        assert_eq!(receipts(&done, 1).await, found(&["公001"], false));
        // Figures are of all, in however small pieces they are read.
        let crossed = Some(("use", "use"));
        for (wanted, n) in [(&all, 4), (&before, 3), (&after, 1), (&done, 1)] {
            let looked = look(&staff, id, wanted, crossed).await.unwrap();
            assert_eq!((looked.answers, looked.figures[0].answered), (n, n));
            for piece in [1, 2, 3] {
                assert_eq!(look_by(&staff, id, wanted, crossed, piece).await.unwrap(), looked);
            }
        }
        let looked = look_by(&staff, id, &all, crossed, 1).await.unwrap();
        let counts: Vec<u64> = looked.figures[0].bars.iter().map(|b| b.count).collect();
        assert_eq!(counts, [2, 2]);
        let cross = looked.cross.unwrap();
        assert_eq!((cross.all, cross.counts.len()), (4, 3));
        assert_eq!(cross.counts[0], [2, 0, 0]);
        t.sql("UPDATE answer SET withdrawn_at = 1 WHERE receipt = '公002'").await;
        assert_eq!(look_by(&staff, id, &all, None, 1).await.unwrap().answers, 3);
        assert_eq!(receipts(&before, 2).await, found(&["公003", "公001"], false));
    });
}

#[test]
fn the_table_is_narrowed_by_what_was_answered() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        let second = of_receipt(&staff, "公002").await;
        let memo = Answers::from([("memo".to_owned(), vec!["電話ずみ".to_owned()])]);
        answer::set_staff(&staff, second, 1, &memo).await.unwrap();
        let by = |field: &str, by: By| Narrowing { field: field.to_owned(), by };
        let often = || by("use", By::OneOf(vec!["often".to_owned()]));
        let nine = Some(domain::form::Decimal::small(9));
        let receipts = async |narrow: Vec<Narrowing>, most: usize| -> (Vec<String>, i64, bool) {
            let wanted = Wanted { narrow, page: 1, ..Wanted::default() };
            let table = page_of(&staff, id, &wanted, most).await.unwrap();
            let receipts = table.lines.into_iter().map(|l| l.receipt).collect();
            (receipts, table.total, table.cut)
        };
        let found = |list: &[&str], cut: bool| -> (Vec<String>, i64, bool) {
            (list.iter().map(|r| (*r).to_owned()).collect(), list.len() as i64, cut)
        };
        assert_eq!(receipts(vec![often()], 9).await, found(&["公003", "公001"], false));
        // What is older than those that are looked through is said to be missing.
        assert_eq!(receipts(vec![often()], 2).await, found(&["公003"], true));
        let young = by("age", By::Number { from: nine, to: nine });
        assert_eq!(receipts(vec![often(), young], 9).await, found(&["公001"], false));
        let told = by("staff/memo", By::Contains("電話".to_owned()));
        assert_eq!(receipts(vec![told], 9).await, found(&["公002"], false));
        let words = by("why", By::Contains("木かげ".to_owned()));
        let wanted = Wanted { narrow: vec![often(), words], page: 1, ..Wanted::default() };
        assert_eq!(receipts(wanted.narrow.clone(), 9).await, found(&["公003"], false));
        answer::save_view(&staff, id, "木かげの話", false, &wanted).await.unwrap();
        assert_eq!(answer::views(&staff, id).await.unwrap()[0].wanted, wanted);
    });
}

#[test]
fn what_staff_filled_in_stands_in_the_table_and_in_the_file() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        let mut next = survey();
        for (key, label) in [("what", "したこと"), ("cost", "かかった額")] {
            next.staff.push(Question::new(key, label, Ask::Text { max: 50 }));
        }
        let settings = Settings { outside: true, ..Settings::default() };
        let edition = form::get(&staff, id).await.unwrap().edition;
        let edition = form::save(&staff, id, edition, "公園", &next, &settings).await.unwrap();
        form::publish(&staff, id, edition).await.unwrap();
        let second = of_receipt(&staff, "公002").await;
        let given = [("memo", "電話ずみ"), ("what", "枝を切った"), ("cost", "=1")]
            .map(|(name, words)| (name.to_owned(), vec![words.to_owned()]));
        answer::set_staff(&staff, second, 1, &Answers::from(given)).await.unwrap();
        let all = Wanted { page: 1, ..Wanted::default() };
        let table = page(&staff, id, &all).await.unwrap();
        let heads: Vec<&str> = table.heads[3..].iter().map(|h| h.label.as_str()).collect();
        assert_eq!(
            heads,
            ["対応（職員だけの欄）", "したこと（職員だけの欄）", "かかった額（職員だけの欄）"]
        );
        assert_eq!(table.lines[1].cells[3..], ["電話ずみ", "枝を切った", "'=1"]);
        let found = Wanted { search: "枝を".into(), ..all.clone() };
        let found = page(&staff, id, &found).await.unwrap();
        assert_eq!((found.total, found.lines[0].id), (1, second));
        let sorted =
            Wanted { sort: "staff/memo".into(), columns: vec!["staff/memo".into()], ..all };
        let sorted = page(&staff, id, &sorted).await.unwrap();
        assert_eq!(sorted.lines[0].id, second);
        assert_eq!(sorted.lines[0].cells, ["電話ずみ"]);
        let file = export::at_once(&staff, HOUSE, id, Kind::Csv).await.unwrap();
        let text = String::from_utf8(file).unwrap();
        let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
        assert!(lines[0].ends_with(",職員：対応,職員：したこと,職員：かかった額"), "{}", lines[0]);
        assert!(lines[2].ends_with(",電話ずみ,枝を切った,'=1"), "{}", lines[2]);
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
            for kind in Kind::ALL {
                assert!(export::at_once(ctx, HOUSE, id, *kind).await.is_err());
                assert!(answer::start_export(ctx, id, *kind).await.is_err());
            }
            assert!(answer::exports(ctx, id).await.is_err());
            assert!(answer::views(ctx, id).await.is_err());
            assert!(answer::deliver(ctx, id).await.is_err());
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
fn options_that_are_too_long_for_a_cell_go_on_beside_it() {
    both(async |t| {
        let staff = official(&t, "1", Role::Editor, "公園課").await;
        let opt = |n: u32| {
            let label = format!("{n}{}", "𠮷".repeat(190));
            Opt { key: format!("o{n}"), label, ..Opt::default() }
        };
        let options: Vec<Opt> = (100..300).map(opt).collect();
        let labels: Vec<String> = options.iter().map(|o| o.label.clone()).collect();
        let mut long = survey();
        long.pages[0].questions[0].ask = Ask::Many { options };
        let id = form::create(&staff, "公園", &long, &Settings::default()).await.unwrap();
        let book = form::sheet::questions(&staff, id).await.unwrap();
        let lines = domain::form::sheet::table(&long).into_iter().map(|cells| cells.join(","));
        let csv = lines.collect::<Vec<_>>().join("\n").into_bytes();
        for file in [book, csv] {
            let read = form::sheet::read(&staff, &file).unwrap();
            assert_eq!(read.wrong, []);
            assert_eq!(read.questions.len(), 3);
            let options = read.questions[0].1.ask.options();
            let again: Vec<&str> = options.iter().map(|o| o.label.as_str()).collect();
            assert_eq!(again, labels);
        }
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
        assert_eq!(
            heads,
            [
                "公園を使いますか",
                "おいくつですか",
                "町名",
                "ご意見（前の版）",
                "対応（職員だけの欄）"
            ]
        );
        assert_eq!(table.lines[0].cells, ["", "", "東町", "", ""]);
        assert_eq!(table.lines[1].cells, ["よく使う", "", "", "木かげがほしい", ""]);
    });
}

#[test]
fn a_poster_says_whose_form_it_is_and_why_there_is_no_file() {
    both(async |t| {
        let platform = crate::line::platform_with(&t, "http://127.0.0.1:9", |settings| {
            settings.menu_font = Some(t.dir.path().join("none.ttf"));
        });
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = published(&staff).await;
        let (poster, open) = form::poster::of(&platform, &staff, id).await.unwrap();
        assert!(open && poster.address.ends_with(&format!("/f/{id}")), "{}", poster.address);
        assert_eq!([poster.title, poster.period], ["公園のアンケート", ""]);
        assert_eq!([poster.purpose, poster.contact], ["公園の計画のため", "問い合わせ：公園課"]);
        // What is written for the next version stands on no poster before it is published.
        let kept = form::get(&staff, id).await.unwrap();
        let next = Form { title: "来年のアンケート".into(), ..kept.definition };
        form::save(&staff, id, kept.edition, "公園", &next, &kept.settings).await.unwrap();
        let (poster, _) = form::poster::of(&platform, &staff, id).await.unwrap();
        assert_eq!(poster.title, "公園のアンケート");
        let refused = form::poster::pdf(&platform, &staff, id).await;
        let Err(Error::Invalid(problems)) = &refused else { panic!("{refused:?}") };
        assert!(problems[0].message.contains("フォント"), "{problems:?}");
        let other = official(&t, "2", Role::Sender, "環境課").await;
        let unseen = form::poster::pdf(&platform, &other, id).await;
        assert!(matches!(unseen, Err(Error::NotFound)), "{unseen:?}");
    });
}
