//! What a page shows when it is empty, loading, failing or busy. The order of
//! words is: what happened, why, what to do next.

use crate::button::{Kind, LinkButton};
use crate::error::AppError;
use crate::icon::{Icon, IconName};
use crate::page::PageTitle;
use crate::time::{Timestamp, ago, count, share};
use leptos::prelude::*;

/// Nothing there yet, and how to begin.
#[component]
pub fn EmptyState(
    /// 「まだフォームはありません」
    #[prop(into)]
    title: String,
    /// What it is for.
    #[prop(into)]
    text: String,
    /// How to begin.
    #[prop(into, optional)]
    acts: Option<ViewFn>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <svg class="empty-art" width="140" height="96" viewBox="0 0 140 96" aria-hidden="true" focusable="false">
                <rect class="art-line" x="2" y="8" width="100" height="80" rx="6" />
                <path class="art-line" d="M2 29h100" />
                <path class="art-soft" d="M16 46h46M16 60h60M16 74h46" />
                <circle class="art-disc" cx="110" cy="66" r="26" />
                <path class="art-line art-bold" d="M110 54v24M98 66h24" />
            </svg>
            <h2>{title}</h2>
            <p>{text}</p>
            {acts.map(|acts| view! { <div class="acts">{acts.run()}</div> })}
        </div>
    }
}

/// Nothing fits the filters, and which of them to take away.
#[component]
pub fn NoMatch(
    /// 「当てはまる配信はありません」
    #[prop(into)]
    title: String,
    /// Why.
    #[prop(into, optional)]
    text: Option<String>,
    /// Address without one filter, its words, and how many there are then.
    #[prop(optional)]
    removals: Vec<(String, String, Option<u64>)>,
    /// Address without any filter.
    #[prop(into)]
    clear_href: String,
) -> impl IntoView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            {text.map(|text| view! { <p>{text}</p> })}
            <ul class="removals">
                {removals
                    .into_iter()
                    .map(|(href, words, n)| {
                        view! { <li><a href=href>{format!("「{words}」を外す")}</a> {n.map(|n| view! { <span class="sub">{format!("{}件", count(n))}</span> })}</li> }
                    })
                    .collect_view()}
            </ul>
            <LinkButton href=clear_href>"条件をすべて消す"</LinkButton>
        </div>
    }
}

/// A list on its way: appears after 0.4 s, in the list's own shape.
#[component]
pub fn Skeleton(
    /// 「配信の一覧を読みこんでいます」
    #[prop(into)]
    sentence: String,
    /// How many rows.
    #[prop(default = 4)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <p class="skeleton-words">
                <svg class="status-shape is-sending" width="20" height="20" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
                    <circle class="s-line s-track" cx="8" cy="8" r="6" />
                    <path class="s-line s-arc" d="M8 2a6 6 0 0 1 3.4 10.9" />
                </svg>
                {sentence}
            </p>
            <div aria-hidden="true">
                {(0..rows)
                    .map(|i| {
                        view! {
                            <div class="skeleton-row">
                                <span class="sk sk-a"></span>
                                <span class="sk-words">
                                    <span class=if i % 2 == 0 { "sk sk-b" } else { "sk sk-c" }></span>
                                    <span class=if i % 3 == 0 { "sk sk-d" } else { "sk sk-e" }></span>
                                </span>
                                <span class="sk sk-f"></span>
                            </div>
                        }
                    })
                    .collect_view()}
            </div>
        </div>
    }
}

/// A page that cannot be shown: what happened, why, what next, and a reference
/// number for the help desk.
#[component]
pub fn ErrorPage(
    /// What happened.
    error: AppError,
    /// The page again.
    #[prop(into, optional)]
    retry_href: Option<String>,
    /// Where else to go: address and words.
    #[prop(optional)]
    other: Option<(String, String)>,
    /// Who helps: 「情報政策課（内線 2345）」.
    #[prop(into, optional)]
    contact: Option<String>,
    /// Only a part of a page that has its own heading cannot be shown.
    #[prop(optional)]
    inside: bool,
) -> impl IntoView {
    let heading = if inside {
        view! { <h2>{error.title()}</h2> }.into_any()
    } else {
        view! { <PageTitle title=error.title() /> }.into_any()
    };
    let retry = retry_href.filter(|_| {
        matches!(
            error,
            AppError::Unavailable { .. }
                | AppError::Network
                | AppError::Busy
                | AppError::Conflict { .. }
                | AppError::Outdated
        )
    });
    let reference = error.reference().filter(|r| !r.is_empty()).map(str::to_owned);
    #[cfg(feature = "ssr")]
    crate::server::set_status(error.status());
    view! {
        <div class="empty error-page">
            <span class="err"><Icon name=IconName::Warning size=36 /></span>
            {heading}
            <p>{error.message()}</p>
            <p>{error.next()} {contact.map(|contact| format!("続くときは、{contact}へ。"))}</p>
            <div class="acts">
                {retry
                    .map(|href| {
                        view! {
                            <a class="btn btn-filled" href=href rel="external">
                                <Icon name=IconName::Reload />
                                <span>"もう一度ひらく"</span>
                            </a>
                        }
                    })}
                {other.map(|(href, words)| view! { <LinkButton href kind=Kind::Act>{words}</LinkButton> })}
                {reference
                    .map(|reference| {
                        view! {
                            <p class="sub">"問い合わせ番号"<br />{reference}</p>
                        }
                    })}
            </div>
        </div>
    }
}

/// A bar that fills, with its figures in words beside it (not inside).
#[component]
pub fn ProgressBar(
    /// How much is done.
    #[prop(into)]
    value: Signal<u64>,
    /// Of how much.
    #[prop(into)]
    max: Signal<u64>,
    /// Accessible name.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <progress class="progress" value=move || value.get().to_string() max=move || max.get().max(1).to_string() aria-label=label>
            {move || share(value.get(), max.get())}
        </progress>
    }
}

/// Work that takes time and survives leaving the page.
#[component]
pub fn JobProgress(
    /// 「回答をExcelに書き出しています」
    #[prop(into)]
    title: String,
    /// How much is done.
    #[prop(into)]
    done: Signal<u64>,
    /// Of how much.
    #[prop(into)]
    total: Signal<u64>,
    /// Counting word: 件, 人.
    #[prop(into)]
    unit: String,
    /// 「あと およそ 20秒」
    #[prop(into, optional)]
    rest: MaybeProp<String>,
    /// A way to stop it.
    #[prop(into, optional)]
    stop: Option<ViewFn>,
    /// 「この画面を離れても続きます。終わると通知します。」
    #[prop(into, optional)]
    note: Option<String>,
) -> impl IntoView {
    view! {
        <section class="panel job">
            <div class="split">
                <h2 class="h3">{title.clone()}</h2>
                <strong>{move || share(done.get(), total.get())}</strong>
            </div>
            <ProgressBar value=done max=total label=title />
            <div class="split dense">
                <span>{move || format!("{} / {}{unit}", count(done.get()), count(total.get()))}</span>
                <span class="sub">{move || rest.get()}</span>
            </div>
            <div class="cluster">{stop.map(|stop| stop.run())} {note.map(|note| view! { <p class="sub dense">{note}</p> })}</div>
        </section>
    }
}

/// How old a value is; beyond its limit it turns amber with the triangle.
#[component]
pub fn Aged(
    /// When the value was taken.
    #[prop(into)]
    at: Signal<Timestamp>,
    /// What time it is.
    #[prop(into)]
    now: Signal<Timestamp>,
    /// Microseconds after which it is too old.
    limit: i64,
) -> impl IntoView {
    move || {
        let (at, now) = (at.get(), now.get());
        if now.since(at) > limit {
            view! {
                <span class="aged warn">
                    <Icon name=IconName::Warning size=16 />
                    {ago(at, now)}
                </span>
            }
            .into_any()
        } else {
            view! { <span class="aged sub">{ago(at, now)}</span> }.into_any()
        }
    }
}
