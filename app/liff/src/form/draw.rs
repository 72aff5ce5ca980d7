//! What the pages of a form show.

mod back;
mod door;

pub(super) use self::back::{Uploads, rows};
pub(super) use self::door::{done, door, tried, unreadable};

use self::back::read_back;
use self::door::{gate, stop};
use super::turn::Turn;
use super::who::Who;
use crate::server::{LiffPage, SESSION_FIELD};
use axum::http::StatusCode;
use domain::form::kept::Published;
use domain::form::{Ask, Form, Terms};
use domain::problem::Problem;
use leptos::prelude::*;
use services::Platform;
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
        let shared = shared(who, &turn.form).filter(|_| !turn.trial);
        framed(turn, view! { {body} {shared} }.into_any())
    })
}

/// Where somebody leaves a browser that others use, too.
fn shared(who: &Who, form: &Published) -> Option<AnyView> {
    let view = || {
        view! {
            <p class="liff-help">
                <a href="/liff/answers" rel="external">"ほかの人も使うパソコンでは、終わったらここから消してください"</a>
            </p>
        }
        .into_any()
    };
    (form.settings.outside && !who.is_known()).then(view)
}

/// The same around a page of a form; a trial says that it is one.
fn framed(turn: &Turn, body: AnyView) -> AnyView {
    let form = &turn.form.form;
    let page = frame(&turn.city, &form.title, body);
    if !turn.trial {
        return page;
    }
    let mut questions = form.questions().flat_map(|q| std::iter::once(q).chain(q.inner()));
    let files = questions.any(|q| matches!(q.ask, Ask::Photo { .. } | Ask::File { .. }));
    view! {
        <p class="purpose-bar purpose-bar-test">
            <strong>"これは試験です。送っても受け付けられません"</strong>
            {files.then_some("写真とファイルは、送らずに進めます。")}
        </p>
        {page}
    }
    .into_any()
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
        format!("直すところが {}あります", things(fields))
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

/// Without a script the first page gets its own address by this, so that the key for back finds
/// it again; with one `form.js` gives it.
fn own_address(turn: &Turn) -> Option<AnyView> {
    if !turn.bare || !turn.form.settings.outside {
        return None;
    }
    let again = if turn.notices.is_empty() { "" } else { "&amp;again" };
    let to = format!("{}?page={}{again}", turn.at(), turn.posted.page);
    let refresh = format!("<meta http-equiv=\"refresh\" content=\"0;url={to}\">");
    Some(view! { <noscript inner_html=refresh></noscript> }.into_any())
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
        {hidden("since", posted.since.clone())}
        {open}
        {others}
    }
    .into_any()
}

/// The form around a page. The first button is what the Enter key presses.
fn around(who: &Who, turn: &Turn, enter: &'static str, inner: AnyView) -> AnyView {
    let refused = (!turn.problems.is_empty()).then_some("yes");
    let asked_for = matches!(turn.posted.act.as_str(), "" | "page");
    let page = (asked_for && !turn.trial && turn.gate.is_none()).then_some(turn.posted.page);
    // Before it is known whose answers they are, the script keeps nothing and brings nothing back.
    let form = turn.gate.is_none().then_some(turn.form.id);
    let person = store::eligibility::person_of(&who.ctx, turn.form.id, &turn.posted.ticket);
    view! {
        <form
            id="liff-form"
            method="post"
            action=turn.at()
            accept-charset="utf-8"
            novalidate
            data-form=form.map(|id| id.to_string())
            data-person=person
            data-trial=turn.trial.then_some("yes")
            data-refused=refused
            data-page=page.map(|page| page.to_string())
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
    // Without a place for them no files can be chosen.
    let files_at = if turn.trial { String::new() } else { format!("{}/files", turn.at()) };
    let sheet = Sheet {
        answers: turn.posted.answers.clone(),
        problems: turn.problems.clone(),
        values: turn.outcome.answers.clone(),
        // Items that are open and empty have no names yet: their fields are seen.
        seen: Some(with_empty_items(turn, &seen)),
        items: turn.posted.items.clone(),
        files: turn.files.clone(),
        upload_to: files_at.clone(),
        files_at,
        postcodes: turn.postcodes,
        map: turn.map.clone(),
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
            {progress(turn)} {intro} {first.then(|| terms(&form.terms))} {states(turn.kept)} {unscripted(turn)} {own_address(turn)}
        </div>
        {notices(turn)}
        {summary(turn)}
        {around(who, turn, "next", inner.into_any())}
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
