//! ホーム: what must be decided, the day, the friends.

mod alert;
mod answers;
mod api;
mod approvals;
mod day;
mod foot;
mod friends;

use self::api::{Friends, Item, Today, read_home, read_today};
use crate::delivery::NewDeliveryButton;
use crate::settings::silent;
use crate::shell::{Me, use_me};
use domain::permission::Permission;
use leptos::prelude::*;
use std::time::Duration;
use ui::prelude::*;

/// ホーム.
#[component]
pub fn HomePage() -> impl IntoView {
    // Blocking: the heading is a date, on which browser and server must agree.
    let first = Resource::new_blocking(|| (), |()| read_home());
    view! {
        <Suspense fallback=|| view! { <Skeleton sentence="きょうの予定を読みこんでいます" /> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok((today, friends)) => view! { <Live today friends /> }.into_any(),
                    Err(error) => view! { <ErrorPage error retry_href="/console" /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// States and counters each 5 s, without moving anything else.
#[component]
fn Live(today: Today, friends: Option<Friends>) -> impl IntoView {
    let me = use_me();
    let may_write = me.may(Permission::DeliveryWrite);
    let may_ask = me.may(Permission::FormWrite);
    let approver = me.clone();
    let steps = friends.as_ref().map_or((true, true, true), |f| f.steps);
    let unheard = friends.as_ref().is_some_and(|f| f.unheard);
    let may_read = me.may(Permission::AnswerRead);
    let unread = friends.as_ref().filter(|_| may_read).map(|f| f.unread.clone());
    let today = RwSignal::new(today);
    let trouble = RwSignal::new(None::<AppError>);
    Effect::new(move |_| {
        let ask = move || {
            // A page that is not looked at does not ask.
            if document().hidden() {
                return;
            }
            leptos::task::spawn_local(async move {
                // The page may have been left in the meantime.
                match read_today().await {
                    Ok(now) => {
                        today.try_set(now);
                        trouble.try_set(None);
                    }
                    Err(error) => {
                        trouble.try_set(Some(error));
                    }
                }
            });
        };
        let asks = set_interval_with_handle(ask, Duration::from_secs(5));
        on_cleanup(move || {
            if let Ok(asks) = asks {
                asks.clear();
            }
        });
    });
    // Drawn anew when something began or ended, not with every look.
    let alerts = Memo::new(move |_| today.with(|t| (t.alerts.clone(), t.seen_count, t.now.date())));
    let silence = Memo::new(move |_| today.with(|t| t.silence));
    // 「きょう」 and 「きのう」 change with the day, not with every look.
    let line = Memo::new(move |_| today.with(|t| (t.line, t.now.date())));
    let saw = Callback::new(move |()| {
        leptos::task::spawn_local(async move {
            if let Ok(now) = read_today().await {
                today.try_set(now);
                keep_focus();
            }
        });
    });
    let date = Memo::new(move |_| today.with(|t| t.now.date()));
    let title = Signal::derive(move || {
        let date = date.get();
        format!("{}月{}日（{}）", date.month, date.day, date.weekday_name())
    });
    view! {
        <div class="page">
            <div class="page-head">
                <div class="page-words">
                    <div class="home-date">
                        <PageTitle title />
                        <span class="sub">{move || date.get().era_year()}</span>
                    </div>
                </div>
                <div class="page-acts">
                    {may_ask
                        .then(|| view! { <LinkButton href="/console/forms/new" kind=Kind::Act icon=IconName::Form>"フォームを作る"</LinkButton> })}
                    <NewDeliveryButton />
                </div>
            </div>
            <div class="stack">
                <div role="status">
                    {move || {
                        trouble
                            .get()
                            .map(|error| {
                                let since = today.with(|t| t.now.time_of_day());
                                view! { <p class="warn">{format!("{since} の様子です。{}。{}", error.title(), error.next())}</p> }
                            })
                    }}
                </div>
                {move || silence.get().map(silent)}
                {move || {
                    let (unseen, seen, _) = alerts.get();
                    if unseen.is_empty() && seen == 0 {
                        view! { <alert::Quiet today=today.get() /> }.into_any()
                    } else {
                        view! { <alert::Alerts unseen seen now=today.with_untracked(|t| t.now) saw /> }.into_any()
                    }
                }}
                {unheard.then(|| view! { <alert::Unheard /> })}
                <Beginning steps me />
                <div class="cols-main-side">
                    <div class="stack">
                        {move || view! { <day::Day today=today.get() /> }}
                        <friends::FriendsPanel friends />
                    </div>
                    <div class="stack">
                        {move || view! { <approvals::Approvals today=today.get() me=approver.clone() /> }}
                        {unread.map(|unread| view! { <answers::Answers unread now=today.with_untracked(|t| t.now) /> })}
                        {move || view! { <Drafts today=today.get() may_write /> }}
                        {move || view! { <foot::Foot line=line.get().0 now=today.with_untracked(|t| t.now) /> }}
                    </div>
                </div>
            </div>
        </div>
    }
}

/// はじめに: the three steps of a fresh city, until all are done.
#[component]
fn Beginning(steps: (bool, bool, bool), me: Me) -> impl IntoView {
    let (attributes, friends, deliveries) = steps;
    if attributes && friends && deliveries {
        return ().into_any();
    }
    let steps = [
        (
            attributes,
            "登録項目を作る",
            "住民に何をたずねるか。お住まいの地区や、知りたいこと。",
            "/console/attributes",
            me.may(Permission::AttributeWrite),
        ),
        (
            friends,
            "友だちを同期する",
            "いまいる友だちは、LINEとつながると自動で受け取ります。新しい友だちは、そのたびに足されます。",
            "/console/residents",
            me.may(Permission::ResidentRead),
        ),
        (
            deliveries,
            "配信する",
            "まず試験者に送って、届き方を確かめます。",
            "/console/deliveries/new",
            me.may(Permission::DeliveryWrite),
        ),
    ];
    view! {
        <Panel title="はじめに" note="3つで始められます">
            <ol class="rows">
                {steps
                    .into_iter()
                    .enumerate()
                    .map(|(i, (done, words, why, href, may))| {
                        let (status, word) = if done { (Status::Done, "すみました") } else { (Status::Draft, "これから") };
                        let label = format!("{} {words}", i + 1);
                        view! {
                            <li>
                                <div class="grow">
                                    <strong>{if may { view! { <a href=href>{label}</a> }.into_any() } else { label.into_any() }}</strong>
                                    <p class="dense">{why}</p>
                                </div>
                                <StatusMark status word />
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
            <p class="dense"><a href="/console/help/start">"始め方をくわしく読む"</a></p>
        </Panel>
    }
    .into_any()
}

/// 書きかけの配信: what was begun and not sent.
#[component]
fn Drafts(today: Today, may_write: bool) -> impl IntoView {
    let rest = today.draft_count.saturating_sub(today.drafts.len() as u64);
    let now = today.now;
    let note = if today.draft_count > 0 {
        format!("{}件", count(today.draft_count))
    } else {
        String::new()
    };
    view! {
        <Panel
            title="書きかけの配信"
            note
        >
            {if today.drafts.is_empty() {
                view! { <p class="sub">"書きかけはありません。"</p> }.into_any()
            } else {
                view! {
                    <ul class="rows">
                        {today
                            .drafts
                            .into_iter()
                            .map(|d| {
                                let href = if may_write { format!("/console/deliveries/{}/edit", d.id) } else { format!("/console/deliveries/{}", d.id) };
                                let title = if d.title.is_empty() { "（件名なし）".to_owned() } else { d.title };
                                view! {
                                    <li>
                                        <div class="grow">
                                            <strong><a href=href>{title}</a></strong>
                                            <p class="row-meta">
                                                <PurposeTag purpose=d.purpose />
                                                {d.department}
                                                "・"
                                                {d.at.near(now)}
                                            </p>
                                        </div>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                }
                    .into_any()
            }}
            {(rest > 0)
                .then(|| view! { <p class="dense"><a href="/console/deliveries?status=draft">{format!("ほかの {}件を見る", count(rest))}</a></p> })}
        </Panel>
    }
}
