//! What the pages of a form show.

use super::turn::Turn;
use super::who::Who;
use crate::server::{LiffPage, SESSION_FIELD};
use axum::http::StatusCode;
use domain::form::kept::Published;
use domain::form::{Answer, Ask, Door, Form, Terms, time_words};
use domain::id::FormId;
use domain::problem::Problem;
use leptos::prelude::*;
use services::Platform;
use services::answer::Receipt;
use ui::form::{Sheet, field, field_id, field_name};
use ui::prelude::*;

/// Band with the city and the form.
pub(super) fn frame(city: &str, title: &str, body: AnyView) -> AnyView {
    view! {
        <div class="liff-head">
            <Emblem size=40 />
            <span>
                <strong>{title.to_owned()}</strong>
                <span>{city.to_owned()}</span>
            </span>
        </div>
        <div class="liff-body">{body}</div>
    }
    .into_any()
}

/// Who helps, at the end of every page.
pub(super) fn help(terms: &Terms) -> Option<AnyView> {
    if terms.department.is_empty() && terms.telephone.is_empty() {
        return None;
    }
    let digits: String = terms.telephone.chars().filter(char::is_ascii_digit).collect();
    let view = view! {
        <p class="liff-help">
            {format!("お困りのときは　{} ", terms.department)}
            {(!digits.is_empty()).then(|| view! { <a href=format!("tel:{digits}") rel="external">{terms.telephone.clone()}</a> })}
            {(!terms.hours.is_empty()).then(|| view! { <br />{terms.hours.clone()} })}
        </p>
    };
    Some(view.into_any())
}

fn hidden(name: impl Into<String>, value: impl Into<String>) -> AnyView {
    let (name, value): (String, String) = (name.into(), value.into());
    view! { <input type="hidden" name=name value=value autocomplete="off" /> }.into_any()
}

/// Where the page of a form goes: what the script needs is in `data-…`.
pub(super) fn made(
    platform: &Platform,
    who: &Who,
    status: StatusCode,
    title: &str,
    form: Option<&Published>,
    view: impl FnOnce() -> AnyView,
) -> LiffPage {
    let mut page = LiffPage::new(platform, status, title.to_owned(), "form", view);
    page.cookie.clone_from(&who.cookie);
    page.known = who.is_known();
    page.outside = form.is_some_and(|f| f.settings.outside);
    page
}

/// The page that follows: the list's question, a page of questions, a stop, what is read back.
pub(super) fn page(platform: &Platform, who: &Who, turn: &Turn, status: StatusCode) -> LiffPage {
    let title = &turn.form.form.title;
    made(platform, who, status, title, Some(&turn.form), || {
        let body = if let Some(asked) = &turn.gate {
            gate(who, turn, asked)
        } else if let Some((message, false)) = turn.stop() {
            stop(who, turn, message)
        } else if turn.posted.page >= turn.last() {
            read_back(who, turn)
        } else {
            questions(who, turn)
        };
        frame(&turn.city, title, body)
    })
}

/// What is to mend, with links to the fields.
fn summary(turn: &Turn) -> Option<AnyView> {
    if turn.problems.is_empty() {
        return None;
    }
    let fields = turn.problems.iter().filter(|p| !p.at.is_empty()).count();
    let title = if fields == 0 {
        "まだ進めません".to_owned()
    } else {
        format!("直すところが {fields}つあります")
    };
    let items = turn.problems.iter().map(|p| item(&turn.form.form, p)).collect_view();
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

fn item(form: &Form, problem: &Problem) -> AnyView {
    let key = problem.at.split('.').next().unwrap_or_default();
    if problem.at.is_empty() || form.question(key).is_none() {
        return view! { <li>{problem.message.clone()}</li> }.into_any();
    }
    let href = format!("#{}", field_id(&problem.at));
    view! { <li><a href=href rel="external">{problem.message.clone()}</a></li> }.into_any()
}

fn notices(turn: &Turn) -> Option<AnyView> {
    if turn.notices.is_empty() {
        return None;
    }
    let each = turn.notices.iter().map(|n| view! { <p>{n.clone()}</p> }).collect_view();
    Some(view! { <div class="liff-notice" role="status">{each}</div> }.into_any())
}

/// What is said where nothing can be sent without a script: who it is cannot be found out.
fn unscripted(turn: &Turn) -> Option<AnyView> {
    if turn.known {
        return None;
    }
    let view = view! {
        <noscript>
            <div class="liff-unscripted">
                <p class="liff-state warn">"このままでは送れません"</p>
                <p>"どなたの申請かを、LINEで確かめています。このブラウザーでは、そのための機能（JavaScript）が止められています。"</p>
                <p>{format!("スマートフォンのLINEで{}のトークをひらき、そこにあるフォームのリンクを押してください。", turn.city)}</p>
            </div>
        </noscript>
    };
    Some(view.into_any())
}

/// The lines that a script writes to.
fn states(saved: bool) -> AnyView {
    let words = if saved { "書いた内容は、自動で保存されます" } else { "" };
    view! {
        <p id="form-saved" class="form-saved" role="status">{words}</p>
        <p id="liff-state" class="liff-state" role="status"></p>
        <button id="liff-again" class="btn btn-act" type="button" hidden>
            "LINEで確かめる"
        </button>
    }
    .into_any()
}

/// Everything that goes along with a page, answers of the other pages among it.
fn carried(who: &Who, turn: &Turn, shown: &[&str], seen: &str) -> AnyView {
    let posted = &turn.posted;
    let others = posted
        .answers
        .iter()
        .filter(|(name, _)| !shown.contains(&name.split('.').next().unwrap_or(name)))
        .flat_map(|(name, words)| words.iter().map(move |word| (name, word)))
        .filter(|(_, word)| !word.is_empty())
        .map(|(name, word)| hidden(field_name(name), word.clone()))
        .collect_view();
    let open = posted
        .items
        .iter()
        .filter(|(name, _)| !shown.contains(&name.as_str()))
        .map(|(name, count)| hidden(format!("items[{name}]"), count.to_string()))
        .collect_view();
    view! {
        {hidden(SESSION_FIELD, who.tag.clone())}
        {hidden("key", posted.key.clone())}
        {hidden("version", turn.form.form.version.to_string())}
        {hidden("page", posted.page.to_string())}
        {hidden("seen", seen.to_owned())}
        {hidden("ticket", posted.ticket.clone())}
        {open}
        {others}
    }
    .into_any()
}

/// The form around a page. The first button is what the Enter key presses.
fn around(turn: &Turn, enter: &'static str, inner: AnyView) -> AnyView {
    let refused = (!turn.problems.is_empty()).then_some("yes");
    let id = turn.form.id;
    view! {
        <form
            id="liff-form"
            method="post"
            action=format!("/liff/f/{id}")
            accept-charset="utf-8"
            novalidate
            data-form=id.to_string()
            data-refused=refused
            data-fresh=turn.posted.act.is_empty().then_some("yes")
        >
            <button class="form-enter" type="submit" name="act" value=enter tabindex="-1" aria-hidden="true">
                "次へ"
            </button>
            {inner}
        </form>
    }
    .into_any()
}

fn progress(turn: &Turn) -> Option<AnyView> {
    let all = turn.last();
    if all < 2 {
        return None;
    }
    let now = turn.posted.page + 1;
    let bars = (0..all).map(|i| view! { <i class=(i < now).then_some("on")></i> }).collect_view();
    let label = format!("{all}ページのうち {now}ページ目");
    let view = view! {
        <div class="step-bar" role="img" aria-label=label>
            {bars} <span>{format!("{now} / {all}")}</span>
        </div>
    };
    Some(view.into_any())
}

/// What for, and how long it is kept.
fn terms(terms: &Terms) -> Option<AnyView> {
    if terms.purpose.is_empty() {
        return None;
    }
    let kept = terms.retention_days.map(|days| match days {
        n if n % 365 == 0 => format!("手続きが終わってから{}年で消します。", n / 365),
        n => format!("手続きが終わってから{n}日で消します。"),
    });
    let view = view! {
        <div class="liff-terms">
            <p>
                <strong>"使いみち　"</strong>
                {terms.purpose.clone()}
            </p>
            {kept.map(|words| view! { <p><strong>"保存　"</strong>{words}</p> })}
        </div>
    };
    Some(view.into_any())
}

fn questions(who: &Who, turn: &Turn) -> AnyView {
    let form = &turn.form.form;
    let at = turn.posted.page;
    let page = &form.pages[at];
    let seen: Vec<String> = turn.outcome.pages.get(at).cloned().unwrap_or_default();
    let sheet = Sheet {
        answers: turn.posted.answers.clone(),
        problems: turn.problems.clone(),
        values: turn.outcome.answers.clone(),
        // Items that are open and empty have no names yet: their fields are seen.
        seen: Some(with_empty_items(turn, &seen)),
        items: turn.posted.items.clone(),
        files: turn.files.clone(),
        files_at: format!("/liff/f/{}/files", turn.form.id),
        postcodes: turn.postcodes,
        nowhere: String::new(),
    };
    let fields = page.questions.iter().map(|q| field(&sheet, q, &q.key)).collect_view();
    let shown: Vec<&str> = page.questions.iter().map(|q| q.key.as_str()).collect();
    let title = if page.title.is_empty() { &form.title } else { &page.title };
    let first = at == 0;
    let intro = (first && !form.intro.is_empty())
        .then(|| view! { <p class="liff-intro">{form.intro.clone()}</p> });
    let back = (!first).then(|| {
        view! {
            <button class="btn btn-outline btn-lg" type="submit" name="act" value="back" formnovalidate>
                "戻る"
            </button>
        }
    });
    let last = at + 1 == turn.last();
    let inner = view! {
        {carried(who, turn, &shown, &seen.join(","))}
        {fields}
        <div class="liff-foot form-foot">
            <p id="liff-hold" class="liff-state" role="status"></p>
            <div class="form-buttons">
                {back}
                <button class="btn btn-filled btn-lg" type="submit" name="act" value="next">
                    {if last { "内容を確かめる" } else { "次へ" }}
                </button>
            </div>
        </div>
    };
    view! {
        <div class="stack-s">
            <h1 id="liff-title" tabindex="-1">
                {title.clone()}
            </h1>
            {progress(turn)} {intro} {first.then(|| terms(&form.terms))} {states(turn.kept)} {unscripted(turn)}
        </div>
        {notices(turn)}
        {summary(turn)}
        {around(turn, "next", inner.into_any())}
        {help(&form.terms)}
    }
    .into_any()
}

/// The names that are seen, with those of a group's items in which nothing is written yet: of
/// them everything is seen that nothing hides by a condition.
fn with_empty_items(turn: &Turn, seen: &[String]) -> std::collections::BTreeSet<String> {
    let mut all: std::collections::BTreeSet<String> = seen.iter().cloned().collect();
    for question in turn.form.form.questions() {
        let Ask::Group { min, max, questions, .. } = &question.ask else { continue };
        for i in 0..usize::from(*max) {
            let prefix = format!("{}.{i}.", question.key);
            if i < usize::from(*min) || !all.iter().any(|name| name.starts_with(&prefix)) {
                let open = questions.iter().filter(|q| q.show_if.is_none());
                all.extend(open.map(|q| format!("{prefix}{}", q.key)));
            }
        }
    }
    all
}

fn stop(who: &Who, turn: &Turn, message: &str) -> AnyView {
    let inner = view! {
        {carried(who, turn, &[], "")}
        <div class="liff-foot">
            <button class="btn btn-outline btn-lg btn-wide" type="submit" name="act" value="back">
                "戻って答えを変える"
            </button>
        </div>
    };
    view! {
        <div class="stack-s">
            <h1 id="liff-title" tabindex="-1">
                "ここで終わりです"
            </h1>
            <p class="liff-intro">{message.to_owned()}</p>
            <p>"何も送っていません。"</p>
        </div>
        {around(turn, "back", inner.into_any())}
        {help(&turn.form.form.terms)}
    }
    .into_any()
}

/// The answers of a page under their questions.
pub(super) fn rows(
    form: &Form,
    answers: &domain::form::Values,
    page: usize,
    names: &[String],
) -> AnyView {
    let asked = form.pages.get(page).map_or(&[][..], |p| p.questions.as_slice());
    asked
        .iter()
        .filter(|q| {
            let told = q.ask.is_answered() || matches!(q.ask, Ask::Calculation { .. });
            told && names.contains(&q.key)
        })
        .map(|q| {
            let words = answers.get(&q.key).map_or_else(
                || "（書いていません）".to_owned(),
                |a| match a {
                    Answer::Group(items) => items
                        .iter()
                        .enumerate()
                        .map(|(i, item)| {
                            let one = Answer::Group(vec![item.clone()]);
                            format!("{}. {}", i + 1, one.words(q))
                        })
                        .collect::<Vec<_>>()
                        .join("\n"),
                    other => other.words(q),
                },
            );
            view! { <div><dt>{q.label.clone()}</dt><dd class="form-said">{words}</dd></div> }
        })
        .collect_view()
        .into_any()
}

fn read_back(who: &Who, turn: &Turn) -> AnyView {
    let form = &turn.form.form;
    let pages = turn
        .outcome
        .pages
        .iter()
        .enumerate()
        .filter(|(_, names)| !names.is_empty())
        .map(|(i, names)| {
            let named = form.pages.get(i).map_or("", |p| p.title.as_str());
            let title = match (named.is_empty(), turn.last() > 1) {
                (false, _) => named.to_owned(),
                (true, true) => format!("{}ページ目", i + 1),
                (true, false) => "書いた内容".to_owned(),
            };
            let label = format!("「{title}」を直す");
            view! {
                <section class="form-back">
                    <div class="form-back-head">
                        <h2>{title}</h2>
                        <button class="btn btn-plain" type="submit" name="act" value=format!("to:{i}") aria-label=label>
                            "直す"
                        </button>
                    </div>
                    <dl class="facts">{rows(form, &turn.outcome.answers, i, names)}</dl>
                </section>
            }
        })
        .collect_view();
    let ending =
        turn.stop().map(|(message, _)| view! { <p class="liff-notice">{message.to_owned()}</p> });
    let open = turn.problems.is_empty() && !turn.outcome.problems.is_empty();
    let unfinished = open.then(|| {
        view! { <p class="liff-state warn">"まだ書いていないところがあります。「直す」から書いてください。"</p> }
    });
    let inner = view! {
        {carried(who, turn, &[], "")}
        {pages}
        {unfinished}
        <div class="liff-foot form-foot">
            <p id="liff-hold" class="liff-state" role="status"></p>
            <div class="form-buttons">
                <button class="btn btn-outline btn-lg" type="submit" name="act" value="back" formnovalidate>
                    "戻る"
                </button>
                <button class="btn btn-filled btn-lg" type="submit" name="act" value="send" data-send="">
                    "この内容で送る"
                </button>
            </div>
        </div>
    };
    view! {
        <div class="stack-s">
            <h1 id="liff-title" tabindex="-1">
                "内容を確かめる"
            </h1>
            <p>"まだ送っていません。よければ、下の「この内容で送る」を押してください。"</p>
            {states(turn.kept)}
            {unscripted(turn)}
        </div>
        {ending}
        {notices(turn)}
        {summary(turn)}
        {around(turn, "send", inner.into_any())}
        {help(&form.terms)}
    }
    .into_any()
}

fn gate(who: &Who, turn: &Turn, asked: &[String]) -> AnyView {
    let fields = asked
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let id = format!("said-{i}");
            view! {
                <div class="field">
                    <label class="field-label" for=id.clone()>{column.clone()}</label>
                    <input
                        class="control"
                        type="text"
                        id=id.clone()
                        name=format!("said[{column}]")
                        value=turn.posted.said.get(column).cloned().unwrap_or_default()
                        maxlength="60"
                        autocomplete="off"
                    />
                </div>
            }
        })
        .collect_view();
    let inner = view! {
        {carried(who, turn, &[], "")}
        {fields}
        <div class="liff-foot">
            <p id="liff-hold" class="liff-state" role="status"></p>
            <button class="btn btn-filled btn-lg btn-wide" type="submit" name="act" value="check">
                "確かめて、はじめる"
            </button>
        </div>
    };
    view! {
        <div class="stack-s">
            <h1 id="liff-title" tabindex="-1">
                "対象の方かを確かめます"
            </h1>
            <p>"お手もとの通知に書いてあるとおりに、書いてください。生年月日は 2018-04-01 のように書きます。"</p>
            {states(false)}
            {unscripted(turn)}
        </div>
        {summary(turn)}
        {around(turn, "check", inner.into_any())}
        {help(&turn.form.form.terms)}
    }
    .into_any()
}

/// That it was received.
pub(super) fn done(platform: &Platform, who: &Who, turn: &Turn, receipt: &Receipt) -> LiffPage {
    let form = &turn.form.form;
    made(platform, who, StatusCode::OK, "受けつけました", Some(&turn.form), || {
        let talk = if who.is_known() {
            "受付番号は、LINEのトークにも届きます。"
        } else {
            "受付番号は、メモするか、この画面を保存してください。"
        };
        let body = view! {
            <div class="stack-s" role="status">
                <h1 id="liff-done" tabindex="-1">
                    "受けつけました"
                </h1>
                <p>{format!("「{}」を受けつけました。{talk}", form.title)}</p>
            </div>
            <dl class="facts form-receipt">
                <div>
                    <dt>"受付番号"</dt>
                    <dd>{receipt.receipt.clone()}</dd>
                </div>
                <div>
                    <dt>"受けつけた日時"</dt>
                    <dd>{receipt.at.day_and_time()}</dd>
                </div>
            </dl>
            <div class="liff-foot">
                <a class="btn btn-filled btn-lg btn-wide" href="/liff/closed" rel="external" data-close="">
                    <span>"閉じる"</span>
                </a>
                <a href=format!("/liff/answers/{}", receipt.id) rel="external">
                    "送った内容を見る"
                </a>
            </div>
            {help(&form.terms)}
        };
        frame(&turn.city, &form.title, body.into_any())
    })
}

/// Why it cannot be answered now.
pub(super) fn door(
    platform: &Platform,
    who: &Who,
    city: &str,
    form: &Published,
    door: Door,
) -> LiffPage {
    let terms = &form.form.terms;
    let (title, words) = match door {
        Door::NotYet(at) => {
            ("まだ受けつけていません", format!("受付は、{}からです。", at.day_and_time()))
        }
        Door::Night(from) => {
            let to = terms.daily.map_or(0, |(_, to)| to);
            let words = format!("受付の時間は、{}〜{}です。", time_words(from), time_words(to));
            ("いまは受付の時間ではありません", words)
        }
        Door::Full => (
            "受付がいっぱいになりました",
            "予定していた数に達したため、受付を終わりました。".to_owned(),
        ),
        Door::Enough => (
            "もう受けつけています",
            "このフォームは、すでに送られています。内容は「わたしの申請」で見られます。".to_owned(),
        ),
        Door::Over | Door::Open => {
            ("受付は終わりました", "このフォームの受付は終わりました。".to_owned())
        }
    };
    made(platform, who, StatusCode::OK, title, Some(form), || {
        let body = view! {
            <div class="stack-s">
                <h1 id="liff-title" tabindex="-1">{title}</h1>
                <p>{words}</p>
                <p id="liff-state" class="liff-state" role="status"></p>
            </div>
            <div class="liff-foot">
                <a href="/liff/answers" rel="external">"わたしの申請"</a>
            </div>
            {help(terms)}
        };
        frame(city, &form.form.title, body.into_any())
    })
}

/// What was sent could not be read.
pub(super) fn unreadable(platform: &Platform, id: FormId, words: &str) -> LiffPage {
    let title = "送れませんでした";
    LiffPage::new(platform, StatusCode::BAD_REQUEST, title.to_owned(), "closed", || {
        view! {
            <div class="liff-body">
                <div class="stack-s">
                    <h1 tabindex="-1">{title}</h1>
                    <p>{words.to_owned()}</p>
                    <p>
                        <a href=format!("/liff/f/{id}") rel="external">"フォームにもどる"</a>
                    </p>
                </div>
            </div>
        }
        .into_any()
    })
}
