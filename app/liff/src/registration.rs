//! The registration page (RES-2, RES-3): the first user of `domain::form`.
//!
//! `GET` shows the form without knowing who asks. `POST` registers, and answers
//! with what was registered, or with the form as it was sent and what is to mend.

use crate::server::{LiffPage, SESSION_FIELD, Sent, log, resident};
use axum::http::StatusCode;
use domain::form::{Answers, Ask, CONSENT, Form, Question, RECEPTION};
use domain::problem::Problem;
use domain::resident::Reception;
use leptos::prelude::*;
use services::{Error, Platform};
use ui::form::field_id;
use ui::prelude::*;

/// What the page is made of.
struct Sheet {
    /// The city's name.
    city: String,
    /// The questions.
    form: Form,
    /// What was sent, or what is registered now.
    answers: Answers,
    /// What is to mend; `at` is the question's key, or empty.
    problems: Vec<Problem>,
}

async fn sheet(platform: &Platform) -> services::Result<Sheet> {
    let ctx = platform.system();
    Ok(Sheet {
        city: store::setting::city(&ctx).await?,
        form: services::resident::registration_form(&ctx).await?,
        answers: Answers::new(),
        problems: Vec::new(),
    })
}

const ASK: &str = "受け取る情報の登録";

/// The empty form; everybody gets the same one.
pub(crate) async fn ask(platform: &Platform) -> services::Result<LiffPage> {
    let sheet = sheet(platform).await?;
    Ok(LiffPage::new(platform, StatusCode::OK, ASK, "ask", || ask_view(&sheet)))
}

/// 「登録しないで閉じる」.
pub(crate) async fn closed(platform: &Platform) -> services::Result<LiffPage> {
    let sheet = sheet(platform).await?;
    Ok(LiffPage::new(
        platform,
        StatusCode::OK,
        "この画面を閉じてください",
        "closed",
        || closed_view(&sheet),
    ))
}

/// The form as it was sent, with what is to mend.
pub(crate) async fn refuse(
    platform: &Platform,
    answers: Answers,
    problems: Vec<Problem>,
    status: StatusCode,
) -> services::Result<LiffPage> {
    let sheet = Sheet { answers, problems, ..sheet(platform).await? };
    Ok(LiffPage::new(platform, status, ASK, "ask", || ask_view(&sheet)))
}

/// No such page.
pub(crate) fn not_found(platform: &Platform) -> LiffPage {
    let words =
        "アドレスがちがうか、ページがなくなりました。LINEのトークから、もう一度ひらいてください。";
    let title = "ページが見つかりません";
    LiffPage::new(platform, StatusCode::NOT_FOUND, title, "closed", || {
        words_view(title, words, None)
    })
}

/// The database is away; the reference is in the log.
pub(crate) fn unavailable(platform: &Platform, reference: String) -> LiffPage {
    let words = "市のシステムが答えられませんでした。少し待ってから、もう一度ひらいてください。登録の内容は、変わっていません。";
    let title = "いまは使えません";
    LiffPage::new(platform, StatusCode::SERVICE_UNAVAILABLE, title, "closed", || {
        words_view(title, words, Some(reference))
    })
}

/// Registers what was sent. Nothing that was chosen is lost when it is refused.
pub(crate) async fn send(
    platform: &Platform,
    secrets: &[String],
    sent: Sent,
    reference: &str,
) -> services::Result<LiffPage> {
    let Sent { answers, session } = sent;
    let Some(ctx) = resident(platform, secrets, &session).await? else {
        let words = "どなたの登録かを、LINEで確かめられませんでした。選んだ内容はこの画面に残っています。LINEのトークからひらいた画面で、もう一度「この内容で登録する」を押してください";
        return refuse(platform, answers, vec![Problem::new("", words)], StatusCode::FORBIDDEN)
            .await;
    };
    match services::resident::register(&ctx, &answers).await {
        Ok(clean) => {
            let sheet = Sheet { answers: clean, ..sheet(platform).await? };
            Ok(LiffPage::new(platform, StatusCode::OK, "登録しました", "done", || {
                done_view(&sheet)
            }))
        }
        Err(Error::Invalid(problems)) => {
            refuse(platform, answers, problems, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(Error::Conflict(words)) => {
            refuse(platform, answers, vec![Problem::new("", words)], StatusCode::CONFLICT).await
        }
        Err(error) => {
            log(&error, reference);
            let words = format!(
                "登録できませんでした。市のシステムが答えられなかったためです。選んだ内容はこの画面に残っています。少し待って、もう一度押してください（問い合わせ番号 {reference}）"
            );
            refuse(
                platform,
                answers,
                vec![Problem::new("", words)],
                StatusCode::SERVICE_UNAVAILABLE,
            )
            .await
        }
    }
}

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
fn ask_view(sheet: &Sheet) -> AnyView {
    // For the script: what was sent stays, and whether the answers themselves were at fault.
    let refused = match sheet.problems.as_slice() {
        [] => None,
        problems if problems.iter().any(|p| p.at.is_empty()) => Some("whole"),
        _ => Some("answers"),
    };
    let questions = sheet
        .form
        .questions
        .iter()
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
                <p class="liff-state warn">
                    "この画面では、どなたの登録かをLINEで確かめます。確かめるための機能が止められているようです。LINEのトークから、もう一度ひらいてください。"
                </p>
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
        format!("直すところが {fields}つあります")
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

/// 「いまの登録内容」: the script fills it for those who have registered before.
fn mine_view(sheet: &Sheet) -> AnyView {
    let rows = sheet
        .form
        .questions
        .iter()
        .filter(|q| q.key != CONSENT)
        .map(|q| {
            view! {
                <div>
                    <dt>{q.label.clone()}</dt>
                    <dd data-answer=q.key.clone()></dd>
                </div>
            }
        })
        .collect_view();
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
fn done_view(sheet: &Sheet) -> AnyView {
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
    let rows = sheet
        .form
        .questions
        .iter()
        .filter(|q| q.key != CONSENT)
        .map(|q| {
            let words =
                answer_words(q, sheet.answers.get(&q.key).map_or(&[], Vec::as_slice), &sheet.city);
            view! {
                <div>
                    <dt>{q.label.clone()}</dt>
                    <dd>{words}</dd>
                </div>
            }
        })
        .collect_view();
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
    let (Ask::One { options } | Ask::Many { options } | Ask::Tree { options }) = &q.ask else {
        return String::new();
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

/// After 「登録しないで閉じる」.
fn closed_view(sheet: &Sheet) -> AnyView {
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
fn words_view(title: &'static str, text: &'static str, reference: Option<String>) -> AnyView {
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
            hint: String::new(),
            parent: parent.map(Into::into),
        };
        let options =
            vec![opt("east", "東地区", None), opt("higashi1", "東町一丁目", Some("east"))];
        Question {
            key: "home".into(),
            label: "お住まい".into(),
            hint: String::new(),
            required,
            personal: false,
            ask: Ask::Tree { options },
        }
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
