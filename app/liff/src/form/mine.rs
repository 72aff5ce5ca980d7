//! 「わたしの申請」: what somebody has sent, how far it is, to take back and to correct.

use super::draw::{frame, help, made, rows};
use super::posted::Posted;
use super::who::Who;
use super::{UNKNOWN, words_of};
use crate::server::{LiffPage, SESSION_FIELD};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use domain::form::mine::{Mine, correctable};
use domain::form::{Asked, Form, Question, Submission, evaluate};
use domain::id::AnswerId;
use domain::problem::Problem;
use leptos::prelude::*;
use services::answer::Holder;
use services::{Error, Platform};
use ui::form::{Sheet, field, field_id};
use ui::prelude::*;

const TITLE: &str = "わたしの申請";

/// `GET /liff/answers`.
pub(crate) async fn list(platform: &Platform, headers: &HeaderMap) -> services::Result<LiffPage> {
    let who = Who::of(platform, headers, "").await?;
    let city = store::setting::city(&platform.system()).await?;
    let (mine, drafts) = match &who.holder {
        Some(holder) => (
            services::answer::mine(&who.ctx, holder).await?,
            services::answer::drafts(&who.ctx, holder).await?,
        ),
        None => Default::default(),
    };
    Ok(made(platform, &who, StatusCode::OK, TITLE, None, || {
        let drafts = (!drafts.is_empty()).then(|| {
            let each = drafts
                .iter()
                .map(|(id, title, at)| {
                    view! {
                        <li>
                            <a href=format!("/liff/f/{id}") rel="external">
                                <strong>{title.clone()}</strong>
                                <span>{format!("書きかけ（{}）", at.near(who.ctx.now()))}</span>
                            </a>
                        </li>
                    }
                })
                .collect_view();
            view! { <section class="stack"><h2>"書きかけ"</h2><ul class="liff-list">{each}</ul></section> }
        });
        let each = mine
            .iter()
            .map(|m| {
                view! {
                    <li>
                        <a href=format!("/liff/answers/{}", m.id) rel="external">
                            <strong>{m.title.clone()}</strong>
                            <span>{format!("{}　{}", m.receipt, m.at.near(who.ctx.now()))}</span>
                            <span class="liff-list-state">{state(m)}</span>
                        </a>
                    </li>
                }
            })
            .collect_view();
        let sent = if mine.is_empty() {
            view! { <p>"送った申請は、まだありません。"</p> }.into_any()
        } else {
            view! { <ul class="liff-list">{each}</ul> }.into_any()
        };
        let body = view! {
            <div class="stack-s">
                <h1 id="liff-title" tabindex="-1">{TITLE}</h1>
                <p id="liff-state" class="liff-state" role="status"></p>
                <button id="liff-again" class="btn btn-act" type="button" hidden>
                    "LINEで確かめる"
                </button>
            </div>
            {drafts}
            <section class="stack"><h2>"送った申請"</h2>{sent}</section>
        };
        frame(&city, TITLE, body.into_any())
    }))
}

fn state(mine: &Mine) -> String {
    if mine.withdrawn_at.is_some() {
        "取り下げました".into()
    } else if mine.status.is_empty() {
        "受けつけました".into()
    } else {
        mine.status.clone()
    }
}

/// What one of them is drawn from.
struct Shown {
    city: String,
    mine: Mine,
    submission: Submission,
    form: Form,
    /// What was typed as a correction.
    typed: Option<Posted>,
    problems: Vec<Problem>,
    notice: Option<&'static str>,
    correcting: bool,
    asking: bool,
}

/// `GET` and `POST /liff/answers/{id}`; `?correct` opens the correction, `?withdraw` asks once
/// more.
pub(crate) async fn one(
    platform: &Platform,
    id: AnswerId,
    query: &str,
    headers: &HeaderMap,
    sent: Option<Request>,
) -> services::Result<LiffPage> {
    let posted = match sent {
        Some(request) => Some(Posted::read(request).await),
        None => None,
    };
    let tag = match &posted {
        Some(Ok(posted)) => posted.session.clone(),
        _ => String::new(),
    };
    let who = Who::of(platform, headers, &tag).await?;
    let city = store::setting::city(&platform.system()).await?;
    let Some(holder) = &who.holder else { return Ok(unknown(platform, &who, &city)) };
    let mut shown = match load(&who, holder, id, &city).await {
        Ok(shown) => shown,
        // Whose it is may be found out by the script yet.
        Err(Error::NotFound) if !who.is_known() => return Ok(unknown(platform, &who, &city)),
        Err(Error::NotFound) => return Ok(super::gone(platform)),
        Err(error) => return Err(error),
    };
    shown.correcting = query.split('&').any(|q| q == "correct");
    shown.asking = query.split('&').any(|q| q == "withdraw");
    match posted {
        None => {}
        Some(Err(problem)) => shown.problems = vec![problem],
        Some(Ok(posted)) => {
            let done = match posted.act.as_str() {
                "withdraw" => services::answer::withdraw(&who.ctx, holder, id)
                    .await
                    .map(|()| "取り下げました。"),
                "correct" => services::answer::correct(&who.ctx, holder, id, &posted.answers)
                    .await
                    .map(|()| "直した内容を送りました。"),
                _ => Ok(""),
            };
            match done {
                Ok(words) => {
                    shown = load(&who, holder, id, &city).await?;
                    shown.notice = (!words.is_empty()).then_some(words);
                }
                Err(error @ (Error::Invalid(_) | Error::Conflict(_))) => {
                    shown.problems = match error {
                        Error::Invalid(problems) => problems,
                        other => vec![Problem::new("", words_of(&other).1)],
                    };
                    shown.correcting = posted.act == "correct";
                    shown.typed = Some(posted);
                }
                Err(error) => return Err(error),
            }
        }
    }
    let status =
        if shown.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(made(platform, &who, status, TITLE, None, || view_of(&who, &shown)))
}

async fn load(who: &Who, holder: &Holder, id: AnswerId, city: &str) -> services::Result<Shown> {
    let (mine, submission, form) = services::answer::one_of_mine(&who.ctx, holder, id).await?;
    Ok(Shown {
        city: city.to_owned(),
        mine,
        submission,
        form,
        typed: None,
        problems: Vec::new(),
        notice: None,
        correcting: false,
        asking: false,
    })
}

fn unknown(platform: &Platform, who: &Who, city: &str) -> LiffPage {
    made(platform, who, StatusCode::OK, TITLE, None, || {
        let body = view! {
            <div class="stack-s">
                <h1 id="liff-title" tabindex="-1">{TITLE}</h1>
                <p id="liff-state" class="liff-state" role="status"></p>
                <button id="liff-again" class="btn btn-act" type="button" hidden>
                    "LINEで確かめる"
                </button>
                <noscript>
                    <p class="liff-state warn">{UNKNOWN}</p>
                </noscript>
            </div>
        };
        frame(city, TITLE, body.into_any())
    })
}

fn summary(shown: &Shown) -> Option<AnyView> {
    if shown.problems.is_empty() {
        return None;
    }
    let items = shown
        .problems
        .iter()
        .map(|p| {
            if p.at.is_empty() {
                return view! { <li>{p.message.clone()}</li> }.into_any();
            }
            let href = format!("#{}", field_id(&p.at));
            view! { <li><a href=href rel="external">{p.message.clone()}</a></li> }.into_any()
        })
        .collect_view();
    let view = view! {
        <div class="error-summary" id="liff-errors" tabindex="-1" role="alert">
            <Icon name=IconName::Warning size=24 />
            <div>
                <p class="error-summary-title">"まだ送っていません"</p>
                <ul>{items}</ul>
            </div>
        </div>
    };
    Some(view.into_any())
}

fn view_of(who: &Who, shown: &Shown) -> AnyView {
    let mine = &shown.mine;
    let facts = view! {
        <dl class="facts form-receipt">
            <div>
                <dt>"受付番号"</dt>
                <dd>{mine.receipt.clone()}</dd>
            </div>
            <div>
                <dt>"いまの状態"</dt>
                <dd>{state(mine)}</dd>
            </div>
            <div>
                <dt>"送った日時"</dt>
                <dd>{mine.at.day_and_time()}</dd>
            </div>
            {mine.corrected_at.map(|at| view! { <div><dt>"直した日時"</dt><dd>{at.day_and_time()}</dd></div> })}
        </dl>
    };
    let inner = if shown.correcting && mine.correct_until.is_some() {
        correction(who, shown)
    } else {
        content(who, shown)
    };
    let notice =
        shown.notice.map(|words| view! { <p class="liff-notice" role="status">{words}</p> });
    let body = view! {
        <div class="stack-s">
            <h1 id="liff-title" tabindex="-1">{mine.title.clone()}</h1>
            <p id="liff-state" class="liff-state" role="status"></p>
        </div>
        {notice}
        {summary(shown)}
        {facts}
        {inner}
        <div class="liff-foot">
            <a href="/liff/answers" rel="external">"わたしの申請の一覧"</a>
        </div>
        {help(&shown.form.terms)}
    };
    frame(&shown.city, TITLE, body.into_any())
}

fn content(who: &Who, shown: &Shown) -> AnyView {
    let form = &shown.form;
    let asked = Asked { today: shown.mine.at.date() };
    let outcome = evaluate(form, &shown.submission.given(), asked);
    let pages = outcome
        .pages
        .iter()
        .enumerate()
        .map(|(i, names)| rows(form, &shown.submission.answers, i, names))
        .collect_view();
    let here = format!("/liff/answers/{}", shown.mine.id);
    let correct = shown.mine.correct_until.map(|until| {
        view! {
            <a class="btn btn-outline btn-lg btn-wide" href=format!("{here}?correct") rel="external">
                <span>{format!("内容を直す（{}まで）", until.day_and_time())}</span>
            </a>
        }
    });
    let withdraw = shown.mine.may_withdraw.then(|| {
        if !shown.asking {
            let ask = format!("{here}?withdraw");
            return view! { <a href=ask rel="external">"取り下げる"</a> }.into_any();
        }
        view! {
            <form class="liff-ask" method="post" action=here.clone()>
                <input type="hidden" name=SESSION_FIELD value=who.tag.clone() />
                <p>"この申請を取り下げますか。取り下げると、もとにはもどせません。"</p>
                <button class="btn btn-danger btn-lg btn-wide" type="submit" name="act" value="withdraw">
                    "取り下げる"
                </button>
                <a href=here.clone() rel="external">"取り下げない"</a>
            </form>
        }
        .into_any()
    });
    view! {
        <section class="stack" aria-labelledby="liff-answers">
            <h2 id="liff-answers">"送った内容"</h2>
            <dl class="facts">{pages}</dl>
        </section>
        <div class="liff-foot">{correct} {withdraw}</div>
    }
    .into_any()
}

fn correction(who: &Who, shown: &Shown) -> AnyView {
    let form = &shown.form;
    let answers = match &shown.typed {
        Some(posted) => domain::form::mine::corrected(form, &shown.submission, &posted.answers),
        None => shown.submission.given(),
    };
    let outcome = evaluate(form, &answers, Asked { today: who.ctx.now().date() });
    let sheet = Sheet {
        answers,
        problems: shown.problems.clone(),
        values: outcome.answers.clone(),
        items: shown.typed.as_ref().map(|p| p.items.clone()).unwrap_or_default(),
        ..Sheet::default()
    };
    // Files are corrected by a new application: a correction cannot take them yet.
    let open =
        |q: &&Question| correctable(q) && outcome.pages.iter().flatten().any(|name| *name == q.key);
    let fields = form.questions().filter(open).map(|q| field(&sheet, q, &q.key)).collect_view();
    let here = format!("/liff/answers/{}", shown.mine.id);
    view! {
        <form id="liff-form" method="post" action=format!("{here}?correct") novalidate data-correct="">
            <button class="form-enter" type="submit" name="act" value="correct" tabindex="-1" aria-hidden="true">
                "送る"
            </button>
            <input type="hidden" name=SESSION_FIELD value=who.tag.clone() />
            {fields}
            <div class="liff-foot">
                <p id="liff-hold" class="liff-state" role="status"></p>
                <button class="btn btn-filled btn-lg btn-wide" type="submit" name="act" value="correct">
                    "直した内容を送る"
                </button>
                <a href=here.clone() rel="external">"直さないでもどる"</a>
            </div>
        </form>
    }
    .into_any()
}
