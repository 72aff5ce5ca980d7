//! How a course stands, and what brings it on: put in force, approved, paused, resumed.

use super::act::{Act, Live, PAUSED};
use super::moment;
use crate::delivery::series::{Stops, pause_or_ask};
use crate::delivery::{PATH, figure};
use domain::delivery::approval::Need;
use domain::steps::{Opened, State};
use leptos::prelude::*;
use ui::prelude::*;

/// What somebody has to know or decide first.
#[component]
pub fn Waiting(live: Live) -> impl IntoView {
    let nothing = Callback::new(|()| ());
    let back = RwSignal::new(false);
    let closed = Callback::new(move |()| back.set(false));
    let words = RwSignal::new(String::new());
    view! {
        {move || {
            live.opened
                .with(|o| {
                    let held = (!o.held.is_empty())
                        .then(|| {
                            let links = o
                                .held
                                .iter()
                                .map(|id| view! { <li><a href=format!("{PATH}/{id}")>{format!("配信 {id}")}</a></li> })
                                .collect_view();
                            view! {
                                <Banner tone=Tone::Warn title="送らずに止めている配信があります">
                                    <p>"時刻をすぎたか、承認の人数をこえたためです。ひらいて、送るか中止するかを決めてください。"</p>
                                    <ul>{links}</ul>
                                </Banner>
                            }
                        });
                    let waiting = (!o.waiting.is_empty())
                        .then(|| {
                            let links = o
                                .waiting
                                .iter()
                                .map(|(id, at)| view! { <li><a href=format!("{PATH}/{id}")>{format!("{}に届ける配信 {id}", moment(*at))}</a></li> })
                                .collect_view();
                            view! {
                                <Banner title="静かな時間が終わるのを待っている配信があります">
                                    <p>"時刻がきたら届けます。取りやめる配信は、ひらいて「取り消す」を押してください。"</p>
                                    <ul>{links}</ul>
                                </Banner>
                            }
                        });
                    let request = o
                        .course
                        .request
                        .clone()
                        .map(|r| {
                            let seen = o.course.updated_at;
                            let title = format!("{}さんが承認を求めています（{}人）", r.name, figure(r.people));
                            let may_approve = o.may_send && !o.asked_by_me;
                            let may_withdraw = o.may_write;
                            view! {
                                <Banner tone=Tone::Warn title>
                                    {(!r.words.is_empty()).then(|| view! { <p>{r.words}</p> })}
                                    <p>"下の内容を確かめてください。待っているあいだは、内容を変えられません。"</p>
                                    <div class="acts">
                                        {may_approve
                                            .then(|| {
                                                view! {
                                                    <Button kind=Kind::Filled busy=live.busy on_click=move |_| live.act(Act::Approve(seen), "承認しました。この内容で届けます", nothing)>"承認して、この内容で届ける"</Button>
                                                    <Button on_click=move |_| back.set(true)>"差しもどす"</Button>
                                                }
                                            })}
                                        {may_withdraw
                                            .then(|| view! { <Button kind=Kind::Plain busy=live.busy on_click=move |_| live.act(Act::Withdraw, "取り下げました", nothing)>"取り下げる"</Button> })}
                                    </div>
                                </Banner>
                            }
                        });
                    view! {
                        {held}
                        {waiting}
                        {request}
                    }
                        .into_any()
                })
        }}
        <ConfirmDialog
            id="send-back"
            title="差しもどします"
            open=back
            confirm="差しもどす"
            busy=live.busy
            on_confirm=move |()| live.act(Act::SendBack(words.get_untracked()), "差しもどしました", closed)
        >
            <TextArea name="back-words" label="理由" rows=3 value=Signal::derive(move || words.get()) on_input=move |typed| words.set(typed) />
        </ConfirmDialog>
    }
}

/// 「いまの状態」 with the act that comes next.
#[component]
pub fn Standing(live: Live, asking: RwSignal<Option<Act>>) -> impl IntoView {
    view! {
        <Panel title="いまの状態" decide=true>
            {move || live.opened.with(|o| standing(o, live, asking))}
        </Panel>
        <Ask live asking />
    }
}

fn standing(o: &Opened, live: Live, asking: RwSignal<Option<Act>>) -> AnyView {
    let course = &o.course;
    let seen = course.updated_at;
    let nothing = Callback::new(|()| ());
    let words = match (course.state, course.next_at) {
        (State::Draft, _) => "準備中です。始めるまで、だれにも届きません。".to_owned(),
        (State::Running, Some(at)) => {
            format!("配信中です。次に確かめるのは {}です。", at.day_and_time())
        }
        (State::Running, None) => "配信中です。".to_owned(),
        (State::Paused, _) => match o.missed {
            (0, _) => "休止しています。再開するまで届けません。".to_owned(),
            (messages, people) => format!(
                "休止しています。ここまでの {messages}通（のべ {}人）は、再開しても届けません。",
                figure(people)
            ),
        },
        (State::Ended, _) => "終わりました。もう一度始めるときは、複製して使えます。".to_owned(),
    };
    let problems = (!o.problems.is_empty() && course.state != State::Ended).then(|| {
        let more = o.problems.len().saturating_sub(5);
        let items = o.problems.iter().take(5).map(|p| view! { <li>{p.message.clone()}</li> }).collect_view();
        view! {
            <div class="step-problems">
                <p class="err"><Icon name=IconName::Warning size=18 /> " " "始める前に、直すところがあります"</p>
                <ul>{items} {(more > 0).then(|| view! { <li>{format!("ほか {more}件")}</li> })}</ul>
            </div>
        }
    });
    let warnings = (!o.warnings.is_empty() && course.state != State::Ended).then(|| {
        let more = o.warnings.len().saturating_sub(5);
        let items = o.warnings.iter().take(5).map(|w| view! { <li>{w.clone()}</li> }).collect_view();
        view! {
            <div class="step-problems">
                <p class="warn"><Icon name=IconName::Warning size=18 /> " " "確かめてください（このままでも届けられます）"</p>
                <ul>{items} {(more > 0).then(|| view! { <li>{format!("ほか {more}件")}</li> })}</ul>
            </div>
        }
    });
    let changed = course.is_changed() && course.state != State::Ended && course.request.is_none();
    let begins = changed && o.may_write && o.problems.is_empty();
    let in_force = course.in_force.is_some();
    let next = match (o.need, in_force) {
        (Some(_), _) => "承認を求める",
        (None, false) => "この内容で始める",
        (None, true) => "この内容に替える",
    };
    let act = if o.need.is_some() { Act::Request(seen, String::new()) } else { Act::Begin(seen) };
    let need = match o.need.filter(|_| changed) {
        Some(Need::Above(above)) => {
            Some(format!("{}人をこえる人が入るため、承認が要ります。", figure(above)))
        }
        Some(Need::Role) => Some("始めるには、送信責任者か管理者の承認が要ります。".to_owned()),
        None => None,
    };
    let pause = move |_| {
        let at_once = move || live.act(Act::Pause, PAUSED, nothing);
        pause_or_ask(Stops::Course(live.id), live.busy, at_once, move || {
            asking.set(Some(Act::Pause))
        });
    };
    let state = course.state;
    let (may_write, may_send) = (o.may_write, o.may_send);
    view! {
        <div class="stack-s">
            <p>{words}</p>
            {(changed && in_force).then(|| view! { <p><strong>"まだ届けていない変更があります。"</strong> "替えるまでは、前の内容で届けます。"</p> })}
            {problems}
            {warnings}
            {need.map(|words| view! { <p class="sub">{words}</p> })}
            <div class="acts">
                {begins.then(|| view! { <Button kind=Kind::Filled on_click=move |_| asking.set(Some(act.clone()))>{next}</Button> })}
                {(changed && in_force && may_write)
                    .then(|| view! { <Button kind=Kind::Plain icon=IconName::Undo busy=live.busy on_click=move |_| live.act(Act::Discard, "変更を取り消しました", nothing)>"変更を取り消す"</Button> })}
                {(state == State::Running && may_send)
                    .then(|| view! { <Button icon=IconName::Stop busy=live.busy on_click=pause>"休止する"</Button> })}
                {(state == State::Paused && may_send)
                    .then(|| view! { <Button kind=Kind::Act icon=IconName::Reload on_click=move |_| asking.set(Some(Act::Resume))>"再開する"</Button> })}
            </div>
        </div>
    }
    .into_any()
}

fn asks(act: &Option<Act>) -> bool {
    matches!(act, Some(Act::Begin(_) | Act::Request(..) | Act::Resume))
}

/// The question before residents get something.
#[component]
fn Ask(live: Live, asking: RwSignal<Option<Act>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let words = RwSignal::new(String::new());
    Effect::new(move |_| open.set(asking.with(asks)));
    Effect::new(move |_| {
        if !open.get() && asking.with_untracked(asks) {
            asking.set(None);
        }
    });
    let close = Callback::new(move |()| open.set(false));
    let requests = Memo::new(move |_| asking.with(|a| matches!(a, Some(Act::Request(..)))));
    let title = Signal::derive(move || {
        asking.with(|a| match a {
            Some(Act::Request(..)) => "承認を求めます".to_owned(),
            Some(Act::Resume) => "ステップ配信を再開します".to_owned(),
            _ if live.opened.with(|o| o.course.in_force.is_some()) => {
                "新しい内容に替えます".to_owned()
            }
            _ => "ステップ配信を始めます".to_owned(),
        })
    });
    let confirm = Signal::derive(move || {
        asking.with(|a| match a {
            Some(Act::Request(..)) => "承認を求める".to_owned(),
            Some(Act::Resume) => "再開する".to_owned(),
            _ if live.opened.with(|o| o.course.in_force.is_some()) => "この内容に替える".to_owned(),
            _ => "この内容で始める".to_owned(),
        })
    });
    let on_confirm = move |()| match asking.get_untracked() {
        Some(Act::Begin(seen)) => live.act(Act::Begin(seen), "この内容で届けます", close),
        Some(Act::Request(seen, _)) => {
            live.act(Act::Request(seen, words.get_untracked()), "承認を求めました", close);
        }
        Some(Act::Resume) => live.act(Act::Resume, "再開しました", close),
        _ => {}
    };
    let figures = move || {
        live.opened.with(|o| {
            let people = o.people.unwrap_or_default();
            let next = o.course.written.next_after(o.now);
            format!(
                "{}人が入っています。きょうこれから {}人、あした {}人に届きます。{}",
                figure(people),
                figure(o.reach.today),
                figure(o.reach.tomorrow),
                next.map(|at| format!("最初に確かめるのは {}です。", moment(at)))
                    .unwrap_or_default()
            )
        })
    };
    let missed = move || {
        live.opened.with(|o| match (asking.with(|a| a == &Some(Act::Resume)), o.missed) {
            (true, (0, _)) => "休止していたあいだに届けるはずだったものは、ありません。".to_owned(),
            (true, (messages, people)) => format!(
                "休止していたあいだの {messages}通（のべ {}人）は、届けません。",
                figure(people)
            ),
            (false, _) => "時期がもうすぎているステップは届けません。一度届いたステップが、同じ人に二度届くことはありません。".to_owned(),
        })
    };
    view! {
        <ConfirmDialog id="course-begin" title open confirm busy=live.busy on_confirm>
            <p>{figures}</p>
            <p>{missed}</p>
            {move || {
                requests
                    .get()
                    .then(|| {
                        view! {
                            <TextArea name="request-words" label="承認する人へのひとこと（なくてもかまいません）" rows=3 value=Signal::derive(move || words.get()) on_input=move |typed| words.set(typed) />
                        }
                    })
            }}
        </ConfirmDialog>
    }
}
