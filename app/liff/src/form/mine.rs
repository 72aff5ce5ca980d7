//! 「わたしの申請」: what somebody has sent, how far it is, to take back and to correct.

use super::change::change;
use super::draw::{Uploads, frame, help, made, rows};
use super::posted::Posted;
use super::who::Who;
use super::{UNKNOWN, address_of, words_of};
use crate::server::{LiffPage, SESSION_FIELD};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use domain::form::inbox::FileOf;
use domain::form::mine::{Mine, correctable};
use domain::form::{Asked, Form, Question, Submission, evaluate};
use domain::id::AnswerId;
use domain::permission::Actor;
use domain::problem::Problem;
use leptos::prelude::*;
use services::answer::Holder;
use services::{Error, Platform};
use ui::form::{MapFrom, Sheet, field, field_id};
use ui::prelude::*;

const TITLE: &str = "わたしの申請";
/// What is said of what was done, by what stands behind `?` in the address.
static NOTICES: [(&str, &str); 2] =
    [("withdrawn", "取り下げました。"), ("corrected", "直した内容を送りました。")];
const CLOSED: &str = "この申請は、もう画面からは直せません。担当までお問い合わせください";

/// `GET /liff/answers`; what is sent there leaves a browser that others use.
pub(crate) async fn list(
    platform: &Platform,
    headers: &HeaderMap,
    leaves: bool,
) -> services::Result<LiffPage> {
    let mut who = Who::of(platform, headers, "").await?;
    let left = leaves && !who.is_known();
    if left {
        who.leave(platform).await?;
    }
    let city = store::setting::city(&platform.context(Actor::System)).await?;
    let (mine, drafts) = match &who.holder {
        Some(holder) => (
            services::answer::mine(&who.ctx, holder).await?,
            services::answer::drafts(&who.ctx, holder).await?,
        ),
        None => Default::default(),
    };
    let mut page = made(platform, &who, StatusCode::OK, TITLE, None, || {
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
        // Known by LINE nobody else comes to it; by a cookie whoever opens this browser does.
        let leave = (who.holder.is_some() && !who.is_known()).then(|| {
            view! {
                <form class="liff-ask" method="post" action="/liff/answers">
                    <p>"ここにあるものは、このブラウザーをひらいた人ならだれでも、30日のあいだ見られます。図書館など、ほかの人も使うパソコンでは、使い終わったら消してください。"</p>
                    <p>"LINEから送った申請は、LINEのトークからひらくと見られます。"</p>
                    <p>"書きかけは消えます。送った申請は市に届いたままで、ここからは見られなくなります。受付番号を書きとめてから押してください。"</p>
                    <button class="btn btn-danger btn-lg btn-wide" type="submit" name="act" value="leave">
                        "このブラウザーから消す"
                    </button>
                </form>
            }
        });
        let gone = left.then(|| {
            view! { <p class="liff-notice" id="liff-left" role="status">"このブラウザーから消しました。"</p> }
        });
        let sent = if who.holder.is_none() {
            view! { <p>"ここには、LINEから送った申請が出ます。"</p> }.into_any()
        } else if mine.is_empty() {
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
            {gone}
            {drafts}
            <section class="stack"><h2>"送った申請"</h2>{sent}</section>
            {leave}
        };
        frame(&city, TITLE, body.into_any())
    });
    // Nobody is led to LINE from what their own browser shows them, nor from what they left.
    page.outside = who.holder.is_some() || left;
    Ok(page)
}

fn state(mine: &Mine) -> String {
    if mine.withdrawn_at.is_some() {
        "取り下げました".into()
    } else if mine.status.is_empty() {
        "受け付けました".into()
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
    /// What was uploaded to the form.
    files: Vec<FileOf>,
    map: Option<MapFrom>,
    postcodes: bool,
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
    let address = sent.as_ref().map(address_of).unwrap_or_default();
    let posted = match sent {
        Some(request) => Some(Posted::read(request).await),
        None => None,
    };
    let tag = match &posted {
        Some(Ok(posted)) => posted.session.clone(),
        _ => String::new(),
    };
    let mut who = Who::of(platform, headers, &tag).await?;
    who.address = address;
    let city = store::setting::city(&platform.context(Actor::System)).await?;
    let Some(holder) = &who.holder else { return Ok(unknown(platform, &who, &city, TITLE)) };
    let mut shown = match load(&who, holder, id, &city).await {
        Ok(shown) => shown,
        // Whose it is may be found out by the script yet.
        Err(Error::NotFound) if !who.is_known() => {
            return Ok(unknown(platform, &who, &city, TITLE));
        }
        Err(Error::NotFound) => return Ok(super::gone(platform)),
        Err(error) => return Err(error),
    };
    shown.correcting = query.split('&').any(|q| q == "correct");
    if shown.correcting {
        shown.map = super::turn::map_of(platform);
        shown.postcodes = services::postcode::is_there(platform);
    }
    shown.asking = query.split('&').any(|q| q == "withdraw");
    shown.notice = NOTICES.iter().find(|(name, _)| query == *name).map(|(_, words)| *words);
    match posted {
        None => {}
        Some(Err(problem)) => shown.problems = vec![problem],
        Some(Ok(mut posted)) => {
            let done = match posted.act.as_str() {
                _ if shown.correcting && posted.act != "correct" => {
                    let (id, form) = (shown.mine.form, &shown.form);
                    let done = if shown.mine.correct_until.is_some() {
                        change(platform, &who, id, form, &mut posted, &mut shown.files).await
                    } else {
                        Err(Error::Conflict(CLOSED.into()))
                    };
                    shown.problems = problems_of(done.err())?;
                    shown.typed = Some(posted);
                    return Ok(drawn(platform, &who, &shown));
                }
                "withdraw" => {
                    services::answer::withdraw(&who.ctx, holder, id).await.map(|()| NOTICES.first())
                }
                "correct" => services::answer::correct(&who.ctx, holder, id, &posted.answers)
                    .await
                    .map(|()| NOTICES.last()),
                _ => Ok(None),
            };
            match done {
                Ok(Some((name, _))) if who.led().is_some() => {
                    let to = format!("/liff/answers/{id}?{name}");
                    return Ok(LiffPage::leading(platform, to));
                }
                Ok(notice) => {
                    shown = load(&who, holder, id, &city).await?;
                    shown.notice = notice.map(|(_, words)| *words);
                }
                Err(error) => {
                    shown.problems = problems_of(Some(error))?;
                    shown.correcting = posted.act == "correct";
                    shown.typed = Some(posted);
                }
            }
        }
    }
    Ok(drawn(platform, &who, &shown))
}

fn drawn(platform: &Platform, who: &Who, shown: &Shown) -> LiffPage {
    let status =
        if shown.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = made(platform, who, status, TITLE, None, || view_of(who, shown));
    // It is theirs already, by LINE or by a cookie of their own.
    page.outside = true;
    page
}

/// What is to mend; an error that nobody who answers can mend stays one.
fn problems_of(error: Option<Error>) -> services::Result<Vec<Problem>> {
    match error {
        None => Ok(Vec::new()),
        Some(Error::Invalid(problems)) => Ok(problems),
        Some(error @ Error::Conflict(_)) => Ok(vec![Problem::new("", words_of(&error).1)]),
        Some(error) => Err(error),
    }
}

async fn load(who: &Who, holder: &Holder, id: AnswerId, city: &str) -> services::Result<Shown> {
    let (mine, submission, form) = services::answer::one_of_mine(&who.ctx, holder, id).await?;
    let files = services::answer::files(&who.ctx, holder, mine.form).await?;
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
        files,
        map: None,
        postcodes: false,
    })
}

/// What stands there until the script has found out who it is.
pub(super) fn unknown(platform: &Platform, who: &Who, city: &str, title: &'static str) -> LiffPage {
    made(platform, who, StatusCode::OK, title, None, || {
        let body = view! {
            <div class="stack-s">
                <h1 id="liff-title" tabindex="-1">{title}</h1>
                <p id="liff-state" class="liff-state" role="status"></p>
                <button id="liff-again" class="btn btn-act" type="button" hidden>
                    "LINEで確かめる"
                </button>
                <noscript>
                    <p class="liff-state warn">{UNKNOWN}</p>
                </noscript>
            </div>
        };
        frame(city, title, body.into_any())
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
            let key = p.at.split('.').next().unwrap_or_default();
            let asked = shown.form.questions().find(|q| q.key == key);
            if !asked.is_some_and(correctable) {
                // No field is drawn to which a link could lead.
                let fixed = asked.map(|q| {
                    format!(
                        "（「{}」の答えは、ここでは直せません。ほかの答えを見直すか、担当までお問い合わせください）",
                        q.label
                    )
                });
                return view! { <li>{p.message.clone()} {fixed}</li> }.into_any();
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
    let uploads = Uploads { form: shown.mine.form, files: &shown.files };
    let pages = outcome
        .pages
        .iter()
        .enumerate()
        .map(|(i, names)| rows(form, &shown.submission.answers, i, names, &uploads))
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
    let here = format!("/liff/answers/{}", shown.mine.id);
    let answers = match &shown.typed {
        Some(posted) => domain::form::mine::corrected(form, &shown.submission, &posted.answers),
        None => shown.submission.given(),
    };
    // What is seen and worked out; what is to mend is said when it is sent.
    let outcome = evaluate(form, &answers, Asked { today: shown.mine.at.date() });
    let sheet = Sheet {
        answers,
        problems: shown.problems.clone(),
        values: outcome.answers.clone(),
        items: shown.typed.as_ref().map(|p| p.items.clone()).unwrap_or_default(),
        files: shown.files.clone(),
        files_at: format!("/liff/f/{}/files", shown.mine.form),
        upload_to: format!("{here}?correct"),
        postcodes: shown.postcodes,
        map: shown.map.clone(),
        ..Sheet::default()
    };
    let open =
        |q: &&Question| correctable(q) && outcome.pages.iter().flatten().any(|name| *name == q.key);
    let fields = form.questions().filter(open).map(|q| field(&sheet, q, &q.key)).collect_view();
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
