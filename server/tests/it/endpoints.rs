//! Every endpoint of forms and answers with what it answers to whom. An endpoint that stands in no
//! row makes the test fail (`doors`).

use crate::city::{Ask, DRAFT, MEMO, NAME, PEOPLE, VIEW, WORDS};
use crate::doors::registered;
use serde_json::{Value, json};

/// Numbers that a request names.
pub struct Now {
    pub form: i64,
    pub blank: i64,
    pub answer: i64,
    pub photo: String,
    pub paper: String,
    pub made: i64,
    pub view: i64,
    pub list: i64,
    pub blank_edition: i64,
    pub answer_edition: i64,
}

/// What stands before an endpoint: who asks, in the order of [`Row::expected`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// Nobody, a resident, another department, who may only see forms, the department.
    Console,
    /// Nobody, a member of staff by cookie, an unknown token, one without permission, one with it.
    Rest,
    /// Nobody, another resident, a cookie made up, a member of staff, whose answer it is.
    Liff,
}

/// One request to an endpoint.
pub struct Row {
    pub at: String,
    pub area: Area,
    pub ask: Box<dyn Fn(&Now) -> Ask>,
    /// 200 stands for every success; 303 is the way to the sign-in.
    pub expected: [u16; 5],
    /// What the last of the five must find in the answer, so that the refusals mean something.
    pub shows: &'static str,
}

const FN: &str = "/console/fn/";

fn row(
    at: impl Into<String>,
    area: Area,
    expected: [u16; 5],
    shows: &'static str,
    ask: impl Fn(&Now) -> Ask + 'static,
) -> Row {
    Row { at: at.into(), area, ask: Box::new(ask), expected, shows }
}

/// Where a function is reached.
fn path(name: &str) -> String {
    let found = registered().into_iter().find(|(n, _)| n == name);
    found.unwrap_or_else(|| panic!("no server function {name}")).1
}

/// A function that takes JSON: its answer for another department, for who only sees forms, and
/// for the department.
fn told(
    name: &'static str,
    others: [u16; 3],
    shows: &'static str,
    body: impl Fn(&Now) -> Value + 'static,
) -> Row {
    let expected = [401, 401, others[0], others[1], others[2]];
    row(format!("fn {name}"), Area::Console, expected, shows, move |n| {
        Ask::json(path(name), &body(n))
    })
}

/// One that takes a plain form.
fn typed(
    name: &'static str,
    others: [u16; 3],
    shows: &'static str,
    fields: impl Fn(&Now) -> Vec<(&'static str, i64)> + 'static,
) -> Row {
    let expected = [401, 401, others[0], others[1], others[2]];
    row(format!("fn {name}"), Area::Console, expected, shows, move |n| {
        let fields: Vec<(&str, String)> =
            fields(n).into_iter().map(|(k, v)| (k, v.to_string())).collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        Ask::form(path(name), &fields)
    })
}

/// A page or file of the console.
fn seen(
    at: &str,
    others: [u16; 3],
    shows: &'static str,
    path: impl Fn(&Now) -> String + 'static,
) -> Row {
    let expected = [303, 303, others[0], others[1], others[2]];
    row(at, Area::Console, expected, shows, move |n| Ask::get(path(n)))
}

/// The whole table. The department's own requests are made in this order.
pub fn table() -> Vec<Row> {
    let mut all = reading();
    all.extend(files());
    all.extend(pages());
    all.extend(changing());
    all.extend(rest());
    all.extend(liff());
    // A form that is closed takes nothing more.
    all.push(told("act_on_form", [404, 403, 200], "", |n| json!({"id": n.form, "act": "Close"})));
    assert!(all.iter().all(|row| !row.at.starts_with(FN)));
    all
}

fn filter(form: Option<i64>) -> Value {
    let form = form.map(domain::id::FormId);
    let filter = domain::form::inbox::Filter { form, page: 1, ..Default::default() };
    json!({ "filter": filter })
}

fn looked(n: &Now) -> Value {
    let wanted = domain::form::table::view::Wanted { page: 1, ..Default::default() };
    json!({"id": n.form, "wanted": wanted, "row": "", "column": ""})
}

fn reading() -> Vec<Row> {
    let forms = domain::form::kept::Filter { page: 1, ..Default::default() };
    vec![
        told("list_forms", [200, 200, 200], NAME, move |_| json!({"filter": forms})),
        typed("open_form", [404, 200, 200], NAME, |n| vec![("id", n.form)]),
        typed("form_edition", [404, 200, 200], "", |n| vec![("id", n.form)]),
        typed("form_version", [404, 200, 200], "ひとこと", |n| {
            vec![("id", n.form), ("number", 1)]
        }),
        typed("make_poster", [404, 200, 200], "公園の申請", |n| vec![("id", n.form)]),
        typed("offered_packs", [200, 200, 200], "犬", |_| vec![]),
        told("list_answers", [200, 403, 200], "公001", |_| filter(None)),
        told("list_answers", [404, 403, 200], "公001", |n| filter(Some(n.form))),
        told("answer_table", [404, 403, 200], WORDS, looked),
        told("form_figures", [404, 403, 200], NAME, looked),
        row("fn search_all", Area::Console, [401, 401, 200, 200, 200], "公001", |_| {
            Ask::form(path("search_all"), &[("words", "公")])
        }),
        typed("open_answer", [404, 403, 200], WORDS, |n| vec![("id", n.answer)]),
        typed("answer_exports", [404, 403, 200], NAME, |n| vec![("id", n.form)]),
        typed("list_eligibilities", [200, 200, 200], "名簿", |_| vec![]),
        told(
            "read_questions",
            [200, 403, 200],
            "",
            |_| json!({"file": "ページ,質問,答え方,必須,説明,選択肢,個人情報\n1,あ,長い文,,,,\n".as_bytes()}),
        ),
    ]
}

fn files() -> Vec<Row> {
    let of = |what: &'static str| move |n: &Now| format!("/console/forms/{}/{what}", n.form);
    let file = |small: &'static str| {
        move |n: &Now| format!("/console/answers/{}/files/{}{small}", n.answer, n.photo)
    };
    vec![
        seen("GET /console/forms/questions.xlsx", [200, 403, 200], "PK", |_| {
            "/console/forms/questions.xlsx".into()
        }),
        seen("GET /console/forms/{id}/questions.xlsx", [404, 200, 200], "PK", of("questions.xlsx")),
        seen("GET /console/forms/{id}/poster.pdf", [404, 200, 200], "%PDF", of("poster.pdf")),
        seen("GET /console/forms/{id}/answers.csv", [404, 403, 200], WORDS, of("answers.csv")),
        seen("GET /console/forms/{id}/answers.xlsx", [404, 403, 200], "PK", of("answers.xlsx")),
        seen("GET /console/forms/{id}/exports/{export}", [404, 403, 200], WORDS, |n| {
            format!("/console/forms/{}/exports/{}", n.form, n.made)
        }),
        seen("GET /console/answers/{answer}/files/{blob}", [404, 404, 200], "JFIF", file("")),
        seen(
            "GET /console/answers/{answer}/files/{blob}/preview",
            [404, 404, 200],
            "JFIF",
            file("/preview"),
        ),
        // An upload that belongs to no answer yet is nobody's but its sender's.
        seen("GET /console/answers/{answer}/files/{blob}", [404, 404, 404], "", |n| {
            format!("/console/answers/{}/files/{}", n.answer, n.paper)
        }),
    ]
}

fn pages() -> Vec<Row> {
    let form = |rest: &'static str| move |n: &Now| format!("/console/forms/{}{rest}", n.form);
    vec![
        seen("page /console/forms", [200, 200, 200], NAME, |_| "/console/forms".into()),
        seen("page /console/forms/new", [200, 403, 200], "", |_| "/console/forms/new".into()),
        seen("page /console/forms/{id}", [404, 200, 200], NAME, form("")),
        seen("page /console/forms/{id}/edit", [404, 403, 200], "", form("/edit")),
        seen("page /console/forms/{id}/history", [404, 200, 200], "", form("/history")),
        seen("page /console/forms/{id}/poster", [404, 200, 200], "公園の申請", form("/poster")),
        seen("page /console/forms/{id}/answers", [404, 403, 200], WORDS, form("/answers")),
        seen("page /console/forms/{id}/export", [404, 403, 200], "", form("/export")),
        seen("page /console/forms/lists", [200, 200, 200], "", |_| "/console/forms/lists".into()),
        seen("page /console/forms/{id}/figures", [404, 403, 200], "", form("/figures")),
        seen("page /console/answers", [200, 403, 200], "公001", |_| "/console/answers".into()),
        seen("page /console/answers/{id}", [404, 403, 200], WORDS, |n| {
            format!("/console/answers/{}", n.answer)
        }),
    ]
}

fn changing() -> Vec<Row> {
    let saved = |n: &Now| {
        let form = domain::form::Form {
            title: "新しい題名".into(),
            terms: domain::form::Terms {
                purpose: "計画".into(),
                retention_days: Some(30),
                department: "公園課".into(),
                receipt: "公{番号:3}".into(),
                ..Default::default()
            },
            pages: vec![domain::form::Page {
                questions: vec![domain::form::Question::new(
                    "why",
                    "ご意見",
                    domain::form::Ask::LongText { max: 100 },
                )],
                ..Default::default()
            }],
            ..Default::default()
        };
        let settings = domain::form::kept::Settings::default();
        json!({"id": n.blank, "seen": n.blank_edition, "name": "新しい名前", "definition": form, "settings": settings})
    };
    let act = |act: &'static str| move |n: &Now| json!({"id": n.blank, "act": act});
    vec![
        // Of another department's answers nothing changes, and nothing is said.
        told(
            "mark_answers",
            [200, 403, 200],
            "",
            |n| json!({"seen": [[n.answer, 0]], "read": true}),
        ),
        told(
            "set_answer_status",
            [404, 403, 200],
            "",
            |n| json!({"id": n.answer, "seen": n.answer_edition, "status": "new", "note": "電話した"}),
        ),
        told(
            "set_answer_staff",
            [404, 403, 200],
            "",
            |n| json!({"id": n.answer, "seen": n.answer_edition, "given": {"memo": [MEMO, "2"]}}),
        ),
        row("fn start_answer_export", Area::Console, [401, 401, 404, 403, 200], "", |n| {
            let fields = [("id", n.form.to_string()), ("kind", "csv".into())];
            let fields = fields.each_ref().map(|(k, v)| (*k, v.as_str()));
            Ask::form(path("start_answer_export"), &fields)
        }),
        typed("drop_answer_export", [404, 403, 200], "", |n| vec![("id", n.made)]),
        told(
            "save_answer_view",
            [404, 403, 200],
            "",
            |n| json!({"form": n.form, "name": "新しい見方", "shared": true, "wanted": looked(n)["wanted"]}),
        ),
        row("fn rename_answer_view", Area::Console, [401, 401, 404, 403, 200], "", |n| {
            let fields = [("id", n.view.to_string()), ("name", format!("{VIEW}2"))];
            let fields = fields.each_ref().map(|(k, v)| (*k, v.as_str()));
            Ask::form(path("rename_answer_view"), &fields)
        }),
        typed("drop_answer_view", [404, 403, 200], "", |n| vec![("id", n.view)]),
        typed("deliver_to_answered", [422, 422, 200], "", |n| vec![("form", n.form)]),
        row(
            "POST /console/forms/lists/file",
            Area::Console,
            [401, 401, 200, 403, 200],
            "番号",
            |_| {
                let ask = "%7B%22keys%22%3A%5B%5D%2C%22target%22%3Anull%7D";
                Ask::bytes(format!("/console/forms/lists/file?ask={ask}"), PEOPLE.as_bytes())
            },
        ),
        typed("delete_eligibility", [404, 403, 200], "", |n| vec![("id", n.list)]),
        told("save_form", [404, 403, 200], "", saved),
        told(
            "ask_for_form",
            [404, 403, 200],
            "",
            |n| json!({"id": n.blank, "seen": n.blank_edition, "words": "見てください"}),
        ),
        told("send_back_form", [404, 403, 200], "", |n| json!({"id": n.blank, "words": "題名を"})),
        typed("withdraw_form", [404, 403, 200], "", |n| vec![("id", n.blank)]),
        typed("publish_form", [404, 403, 200], "", |n| {
            vec![("id", n.blank), ("seen", n.blank_edition)]
        }),
        typed("restore_form", [404, 403, 200], "", |n| {
            vec![("id", n.blank), ("seen", n.blank_edition), ("number", 1)]
        }),
        typed("try_form", [404, 403, 200], "1", |n| {
            vec![("id", n.blank), ("seen", n.blank_edition)]
        }),
        told("act_on_form", [404, 403, 200], "", act("Close")),
        told("act_on_form", [404, 403, 200], "", act("Reopen")),
        told("act_on_form", [404, 403, 200], "", act("Close")),
        told("act_on_form", [404, 403, 200], "", act("Archive")),
        told("act_on_form", [404, 403, 200], "", act("Unarchive")),
        told("act_on_form", [404, 403, 409], "", act("Delete")),
        typed("copy_form", [404, 403, 200], "", |n| vec![("id", n.blank)]),
        told("begin_form", [200, 403, 200], "", |_| json!({"begin": {"Empty": "空の題名"}})),
    ]
}

fn rest() -> Vec<Row> {
    let of =
        |path: &'static str| move |n: &Now| Ask::get(path.replace("{id}", &n.form.to_string()));
    let expected = [401, 401, 401, 403, 200];
    vec![
        row("GET /api/v1/forms", Area::Rest, expected, NAME, of("/api/v1/forms")),
        row("GET /api/v1/forms/{id}", Area::Rest, expected, "ひとこと", of("/api/v1/forms/{id}")),
        row(
            "GET /api/v1/forms/{id}/answers",
            Area::Rest,
            expected,
            WORDS,
            of("/api/v1/forms/{id}/answers"),
        ),
        // With what came with them.
        row(
            "GET /api/v1/forms/{id}/answers",
            Area::Rest,
            expected,
            "image/jpeg",
            of("/api/v1/forms/{id}/answers"),
        ),
        row(
            "GET /api/v1/forms/{id}/answers/{answer}/files/{file}",
            Area::Rest,
            expected,
            "JFIF",
            |n| {
                Ask::get(format!("/api/v1/forms/{}/answers/{}/files/{}", n.form, n.answer, n.photo))
            },
        ),
    ]
}

fn liff() -> Vec<Row> {
    let page =
        |at: &str, expected, shows, ask: fn(&Now) -> Ask| row(at, Area::Liff, expected, shows, ask);
    let same = [200; 5];
    let key = |c: &str| c.repeat(32);
    vec![
        page("page /liff/f/{id}", same, DRAFT, |n| Ask::get(format!("/liff/f/{}", n.form))),
        // Its owner has published it before the last of them asks.
        page("page /liff/f/{id}", [404, 404, 404, 404, 200], "", |n| {
            Ask::get(format!("/liff/f/{}", n.blank))
        }),
        page("page /liff/f/{id}", same, "なにか", |n| {
            answer(n, "look", &[("words", "なにか")], "")
        }),
        page("POST /liff/f/{id}/draft", same, "words", |n| {
            Ask::form(
                format!("/liff/f/{}/draft", n.form),
                &[("version", "1"), ("answers[words][]", "なにか")],
            )
        }),
        page("GET /liff/f/{id}/files", same, "ひとこと", |n| {
            Ask::get(format!("/liff/f/{}/files", n.form))
        }),
        page("page /liff/f/{id}/files", same, "ひとこと", |n| {
            Ask::form(
                format!("/liff/f/{}/files", n.form),
                &[("version", "1"), ("act", "look"), ("answers[words][]", "あ")],
            )
        }),
        // Who takes answers of residents alone takes nothing of whoever made a cookie up.
        page("POST /liff/f/{id}/files", [409, 201, 409, 409, 201], "", |n| {
            Ask::parts(
                format!("/liff/f/{}/files", n.form),
                &[("version", "1")],
                ("file[paper]", b"%PDF-1.7 x"),
            )
        }),
        page("GET /liff/f/{id}/files/{blob}", [404, 404, 404, 404, 200], "JFIF", |n| {
            Ask::get(format!("/liff/f/{}/files/{}", n.form, n.photo))
        }),
        page("GET /liff/f/{id}/files/{blob}/preview", [404, 404, 404, 404, 200], "JFIF", |n| {
            Ask::get(format!("/liff/f/{}/files/{}/preview", n.form, n.photo))
        }),
        // Another's upload is not named in one's own answer, and not taken away.
        row("page /liff/f/{id}", Area::Liff, [422, 422, 422, 422, 200], "公0", move |n| {
            let given = [("words", "もう1つ"), ("paper", n.paper.as_str())];
            answer(n, "send", &given, &key("a"))
        }),
        page("page /liff/f/{id}", same, "", |n| {
            answer(n, &format!("drop:paper:{}", n.paper), &[("paper", &n.paper)], "")
        }),
        row("page /liff/f/{id}", Area::Liff, [422, 200, 422, 422, 200], "公0", move |n| {
            answer(n, "send", &[("words", "まだ1つ")], &"b".repeat(32))
        }),
        // A draft that its owner has shown to the testers before the last of them asks.
        page("page /liff/f/{id}/try", [200, 404, 200, 200, 200], "これは試験です", |n| {
            Ask::get(format!("/liff/f/{}/try", n.blank))
        }),
        page("page /liff/f/{id}/try", [200, 404, 200, 200, 200], "試験はここまで", |n| {
            let fields = [("act", "send"), ("answers[why][]", "あ")];
            Ask::form(format!("/liff/f/{}/try", n.blank), &fields)
        }),
        page("POST /liff/f/{id}/try/draft", [404, 404, 404, 404, 200], "seen", |n| {
            Ask::form(format!("/liff/f/{}/try/draft", n.blank), &[("version", "0")])
        }),
        page("page /liff/answers", same, "公001", |_| Ask::get("/liff/answers")),
        // Whom LINE knows cannot leave; of whoever made a cookie up there is nothing.
        page("page /liff/answers", same, "公001", |_| {
            Ask::form("/liff/answers", &[("act", "leave")])
        }),
        page("page /liff/answers/{id}", [200, 404, 200, 200, 200], WORDS, |n| {
            Ask::get(format!("/liff/answers/{}", n.answer))
        }),
        page("page /liff/answers/{id}", [200, 404, 200, 200, 200], "直した言葉", |n| {
            let fields = [("act", "correct"), ("answers[words][]", "直した言葉")];
            Ask::form(format!("/liff/answers/{}", n.answer), &fields)
        }),
        page("page /liff/answers/{id}", [200, 404, 200, 200, 200], "取り下げ", |n| {
            Ask::form(format!("/liff/answers/{}", n.answer), &[("act", "withdraw")])
        }),
    ]
}

/// A page of the form as it is sent.
fn answer(n: &Now, act: &str, given: &[(&str, &str)], key: &str) -> Ask {
    let named: Vec<(String, &str)> =
        given.iter().map(|(name, word)| (format!("answers[{name}][]"), *word)).collect();
    let mut fields =
        vec![("version", "1"), ("act", act), ("key", key), ("answers[agree][]", "yes")];
    fields.extend(named.iter().map(|(name, word)| (name.as_str(), *word)));
    Ask::form(format!("/liff/f/{}", n.form), &fields)
}
