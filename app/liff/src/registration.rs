//! The registration page (RES-2, RES-3): the first user of `domain::form`.
//!
//! `GET` shows the form without knowing who asks. `POST` registers, and answers
//! with what was registered, or with the form as it was sent and what is to mend.

mod view;

use self::view::{ask_view, closed_view, done_view, words_view};
use crate::server::{LiffPage, Sent, log, resident};
use axum::http::StatusCode;
use domain::form::{Answers, Form};
use domain::permission::Actor;
use domain::problem::Problem;
use services::{Error, Platform};

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
    let ctx = platform.context(Actor::System);
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
    match services::resident::register(platform, &ctx, &answers).await {
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
