//! What the registration page shows: the form, what is registered, what was registered now.

use super::Sheet;
use crate::server::SESSION_FIELD;
use domain::attribute::{date_words, year_words};
use domain::form::{Ask, CONSENT, Form, Question, RECEPTION};
use domain::problem::Problem;
use domain::resident::Reception;
use domain::time::Date;
use leptos::prelude::*;
use ui::form::field_id;
use ui::prelude::*;

/// Band with the city.
fn frame(sheet: &Sheet, body: AnyView) -> AnyView {
    view! {
        <div class="liff-head">
            <Emblem size=40 />
            <span>
                <strong>{sheet.city.clone()}</strong>
                <span>"あなたに合った情報だけをお届けします"</span>
            </span>
        </div>
        <div class="liff-body">{body}</div>
    }
    .into_any()
}

fn nowhere(city: &str) -> String {
    format!("{city}の外に住んでいる")
}

/// The form.
pub(super) fn ask_view(sheet: &Sheet) -> AnyView {
    // For the script: what was sent stays, and whether the answers themselves were at fault.
    let refused = match sheet.problems.as_slice() {
        [] => None,
        problems if problems.iter().any(|p| p.at.is_empty()) => Some("whole"),
        _ => Some("answers"),
    };
    let questions = sheet
        .form
        .questions()
        .cloned()
        .map(|question| {
            let given = sheet.answers.get(&question.key).cloned().unwrap_or_default();
            let error =
                sheet.problems.iter().find(|p| p.at == question.key).map(|p| p.message.clone());
            view! { <FormQuestion question given error nowhere=nowhere(&sheet.city) /> }
        })
        .collect_view();
    let body = view! {
        <div class="stack-s">
            <h1 id="liff-title" tabindex="-1">
                "受け取る情報をえらぶ"
            </h1>
            <p id="liff-intro">"1分ほどで終わります。あとから、いつでも変えられます。"</p>
            <p id="liff-state" class="liff-state" role="status"></p>
            <button id="liff-again" class="btn btn-act" type="button" hidden>
                "LINEで確かめる"
            </button>
            <noscript>
                <div class="liff-unscripted">
                    <p class="liff-state warn">"このままでは登録できません"</p>
                    <p>"どなたの登録かを、LINEで確かめています。このブラウザーでは、そのための機能（JavaScript）が止められています。"</p>
                    <p>{format!("スマートフォンのLINEで{}のトークをひらき、そこにある登録のリンクを押してください。ブラウザーの設定で機能を使えるようにして、ひらき直しても登録できます。", sheet.city)}</p>
                </div>
            </noscript>
        </div>
        {summary(&sheet.form, &sheet.problems)}
        {mine_view(sheet)}
        <form id="liff-form" method="post" action="/liff/register" novalidate data-refused=refused>
            <input type="hidden" name=SESSION_FIELD value="" autocomplete="off" />
            {questions}
            <div class="liff-foot">
                <p id="liff-hold" class="liff-state" role="status"></p>
                <Button kind=Kind::Filled size=Size::Large submit=true wide=true>
                    "この内容で登録する"
                </Button>
                <a href="/liff/closed" rel="external" data-close="">
                    "登録しないで閉じる"
                </a>
            </div>
        </form>
    };
    frame(sheet, body.into_any())
}

/// What is to mend, with links to the questions. The script moves focus here.
fn summary(form: &Form, problems: &[Problem]) -> Option<AnyView> {
    if problems.is_empty() {
        return None;
    }
    let fields = problems.iter().filter(|p| !p.at.is_empty()).count();
    let title = if fields == 0 {
        "まだ登録できていません".to_owned()
    } else {
        format!("直すところが {}あります", things(fields))
    };
    let items = problems
        .iter()
        .map(|p| match form.question(&p.at) {
            Some(q) => view! { <li><a href=format!("#{}", field_id(&q.key)) rel="external">{p.message.clone()}</a></li> }.into_any(),
            None => view! { <li>{p.message.clone()}</li> }.into_any(),
        })
        .collect_view();
    let view = view! {
        <div class="error-summary" id="liff-errors" tabindex="-1" role="alert">
            <Icon name=IconName::Warning size=24 />
            <div>
                <p class="error-summary-title">{title}</p>
                <ul>{items}</ul>
            </div>
        </div>
    };
    Some(view.into_any())
}

/// Each question with the cell of its answer.
fn rows(sheet: &Sheet, answer: impl Fn(&Question) -> AnyView) -> AnyView {
    let asked = sheet.form.questions().filter(|q| q.key != CONSENT);
    asked
        .map(|q| view! { <div><dt>{q.label.clone()}</dt>{answer(q)}</div> })
        .collect_view()
        .into_any()
}

/// 「いまの登録内容」: the script fills it for those who have registered before.
fn mine_view(sheet: &Sheet) -> AnyView {
    let rows = rows(sheet, |q| view! { <dd data-answer=q.key.clone()></dd> }.into_any());
    view! {
        <section id="liff-mine" class="stack" aria-labelledby="liff-title" data-title="いまの登録内容" hidden>
            <dl class="facts">{rows}</dl>
            <div class="liff-foot">
                <button id="liff-change" class="btn btn-filled btn-lg btn-wide" type="button">
                    "変える"
                </button>
                <a href="/liff/closed" rel="external" data-close="">
                    "変えないで閉じる"
                </a>
            </div>
        </section>
    }
    .into_any()
}

/// What was registered, and how to change it.
pub(super) fn done_view(sheet: &Sheet) -> AnyView {
    let wish = sheet
        .answers
        .get(RECEPTION)
        .and_then(|a| a.first())
        .and_then(|n| Reception::parse(n))
        .unwrap_or_default();
    let next = match wish {
        Reception::All => "これから、選んだ内容に合うお知らせが、LINEのトークに届きます。",
        Reception::Urgent => "これから、緊急のお知らせだけが、LINEのトークに届きます。",
        Reception::Paused => {
            "30日のあいだ、緊急のもののほかは届きません。そのあとは、また届きます。"
        }
    };
    let rows = rows(sheet, |q| {
        let given = sheet.answers.get(&q.key).map_or(&[][..], Vec::as_slice);
        view! { <dd>{answer_words(q, given, &sheet.city)}</dd> }.into_any()
    });
    let body = view! {
        <div class="stack-s" role="status">
            <h1 id="liff-done" tabindex="-1">
                "登録しました"
            </h1>
            <p>{next}</p>
        </div>
        <section class="stack" aria-labelledby="liff-answers">
            <h2 id="liff-answers">"いまの登録内容"</h2>
            <dl class="facts">{rows}</dl>
        </section>
        <div class="liff-foot">
            <a class="btn btn-filled btn-lg btn-wide" href="/liff/closed" rel="external" data-close="">
                <span>"閉じる"</span>
            </a>
            <a href="/liff/register" rel="external">
                "変える"
            </a>
        </div>
        <p class="liff-help">"登録の内容は、いつでもこの画面から変えられます。"</p>
    };
    frame(sheet, body.into_any())
}

/// The chosen labels in the order of the options; a place with what surrounds it.
fn answer_words(q: &Question, keys: &[String], city: &str) -> String {
    let options = match &q.ask {
        Ask::One { options } | Ask::Many { options } | Ask::Tree { options } => options,
        Ask::Consent { .. } => return String::new(),
        _ => return free_words(&q.ask, keys),
    };
    let chosen: Vec<String> = options
        .iter()
        .filter(|o| keys.contains(&o.key))
        .map(|o| match o.parent.as_ref().and_then(|p| options.iter().find(|o| o.key == *p)) {
            Some(around) => format!("{} {}", around.label, o.label),
            None => o.label.clone(),
        })
        .collect();
    match (chosen.is_empty(), matches!(q.ask, Ask::Tree { .. }), q.required) {
        (false, ..) => chosen.join("、"),
        (true, true, true) => nowhere(city),
        (true, true, false) => format!("{}、または答えない", nowhere(city)),
        (true, false, _) => "選んでいません".into(),
    }
}

/// A year or a date in both calendars, a text as it was written.
fn free_words(ask: &Ask, keys: &[String]) -> String {
    let Some(given) = keys.first() else { return "登録していません".into() };
    match ask {
        Ask::Year { .. } => given.parse().map_or_else(|_| given.clone(), year_words),
        Ask::Date { .. } => Date::parse_iso(given).map_or_else(|| given.clone(), date_words),
        _ => given.clone(),
    }
}

/// After 「登録しないで閉じる」.
pub(super) fn closed_view(sheet: &Sheet) -> AnyView {
    let body = view! {
        <div class="stack-s">
            <h1 tabindex="-1">"この画面を閉じてください"</h1>
            <p>"何も変えていません。登録や変更は、いつでもLINEのトークからできます。"</p>
            <p>
                <a href="/liff/register" rel="external">
                    "登録の画面にもどる"
                </a>
            </p>
        </div>
    };
    frame(sheet, body.into_any())
}

/// A page of words only.
pub(super) fn words_view(
    title: &'static str,
    text: &'static str,
    reference: Option<String>,
) -> AnyView {
    view! {
        <div class="liff-body">
            <div class="stack-s">
                <h1 tabindex="-1">{title}</h1>
                <p>{text}</p>
                {reference.map(|reference| view! { <p class="sub">{format!("問い合わせ番号 {reference}")}</p> })}
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::form::{NOWHERE, Opt};

    fn question(required: bool) -> Question {
        let opt = |key: &str, label: &str, parent: Option<&str>| Opt {
            key: key.into(),
            label: label.into(),
            parent: parent.map(Into::into),
            ..Opt::default()
        };
        let options =
            vec![opt("east", "東地区", None), opt("higashi1", "東町一丁目", Some("east"))];
        Question { required, ..Question::new("home", "お住まい", Ask::Tree { options }) }
    }

    #[test]
    fn a_date_is_read_in_both_calendars() {
        let date = Ask::Date { from: 1900, to: 2036 };
        assert_eq!(free_words(&date, &["2026-05-01".into()]), "2026年5月1日（令和8年）");
        assert_eq!(free_words(&date, &[]), "登録していません");
        assert_eq!(
            free_words(&Ask::Year { from: 1900, to: 2026 }, &["1985".into()]),
            "1985年（昭和60年）"
        );
    }

    #[test]
    fn a_place_is_read_with_what_surrounds_it() {
        assert_eq!(
            answer_words(&question(true), &["higashi1".into()], "みほん市"),
            "東地区 東町一丁目"
        );
        assert_eq!(answer_words(&question(true), &["east".into()], "みほん市"), "東地区");
        assert_eq!(answer_words(&question(true), &[], "みほん市"), "みほん市の外に住んでいる");
        assert_eq!(
            answer_words(&question(false), &[NOWHERE.into()], "みほん市"),
            "みほん市の外に住んでいる、または答えない"
        );
    }
}
