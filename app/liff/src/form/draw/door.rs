//! What stands in the place of questions: who is let in, and where it ends.

use super::super::turn::Turn;
use super::super::who::Who;
use super::{around, carried, frame, framed, help, made, shared, states, summary, unscripted};
use crate::server::LiffPage;
use axum::http::StatusCode;
use domain::form::kept::Published;
use domain::form::{Door, time_words};
use leptos::prelude::*;
use services::Platform;
use services::answer::Receipt;

pub(super) fn stop(who: &Who, turn: &Turn, message: &str) -> AnyView {
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
        {around(who, turn, "back", inner.into_any())}
        {help(&turn.form.form.terms)}
    }
    .into_any()
}

pub(super) fn gate(who: &Who, turn: &Turn, asked: &[String]) -> AnyView {
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
            <p>"お手もとの通知に書いてあるとおりに、書いてください。生年月日は「2018/4/1」でも「平成30年4月1日」でもかまいません。"</p>
            {states(false)}
            {unscripted(turn)}
        </div>
        {summary(turn)}
        {around(who, turn, "check", inner.into_any())}
        {help(&turn.form.form.terms)}
    }
    .into_any()
}

/// That it was received.
pub(in crate::form) fn done(
    platform: &Platform,
    who: &Who,
    city: &str,
    published: &Published,
    receipt: &Receipt,
) -> LiffPage {
    let form = &published.form;
    made(platform, who, StatusCode::OK, "受け付けました", Some(published), || {
        let talk = if who.is_known() {
            "受付番号は、LINEのトークにも届きます。"
        } else {
            "受付番号は、メモするか、この画面を保存してください。"
        };
        let body = view! {
            <div class="stack-s" role="status">
                <h1 id="liff-done" tabindex="-1" data-form=published.id.to_string()>
                    "受け付けました"
                </h1>
                <p>{format!("「{}」を受け付けました。{talk}", form.title)}</p>
            </div>
            <dl class="facts form-receipt">
                <div>
                    <dt>"受付番号"</dt>
                    <dd>{receipt.receipt.clone()}</dd>
                </div>
                <div>
                    <dt>"受け付けた日時"</dt>
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
            {shared(who, published)}
        };
        frame(city, &form.title, body.into_any())
    })
}

/// That it could be sent, were it no trial.
pub(in crate::form) fn tried(platform: &Platform, who: &Who, turn: &Turn) -> LiffPage {
    let title = "試験はここまでです";
    made(platform, who, StatusCode::OK, title, Some(&turn.form), || {
        let body = view! {
            <div class="stack-s" role="status">
                <h1 id="liff-done" tabindex="-1">{title}</h1>
                <p>"この内容で送れます。試験なので、受け付けていません。書いた内容は、どこにも残していません。"</p>
            </div>
            <div class="liff-foot">
                <a class="btn btn-filled btn-lg btn-wide" href="/liff/closed" rel="external" data-close="">
                    <span>"閉じる"</span>
                </a>
                <a href=turn.at() rel="external">"はじめから試す"</a>
            </div>
            {help(&turn.form.form.terms)}
        };
        framed(turn, body.into_any())
    })
}

/// Why it cannot be answered now.
pub(in crate::form) fn door(
    platform: &Platform,
    who: &Who,
    city: &str,
    form: &Published,
    door: Door,
) -> LiffPage {
    let terms = &form.form.terms;
    let (title, words) = match door {
        Door::NotYet(at) => {
            ("まだ受け付けていません", format!("受付は、{}からです。", at.day_and_time()))
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
            "もう受け付けています",
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

/// What was sent to the form at `at` could not be read.
pub(in crate::form) fn unreadable(platform: &Platform, at: String, words: &str) -> LiffPage {
    let title = "送れませんでした";
    LiffPage::new(platform, StatusCode::BAD_REQUEST, title.to_owned(), "closed", || {
        view! {
            <div class="liff-body">
                <div class="stack-s">
                    <h1 tabindex="-1">{title}</h1>
                    <p>{words.to_owned()}</p>
                    <p>
                        <a href=at rel="external">"フォームにもどる"</a>
                    </p>
                </div>
            </div>
        }
        .into_any()
    })
}
