//! The page of a course: its steps in order, what they reach, how it stands.

use super::act::{Act, Live, PAUSED, open_course};
use super::list::{CopyCourse, CopyForm};
use super::settings::Settings;
use super::state::{Standing, Waiting};
use super::table::TablePanel;
use super::when::{When, WhenFields};
use super::{STEPS, href, mark};
use crate::delivery::series::{AlsoStops, Stops};
use crate::delivery::templates::list_templates;
use crate::delivery::{PATH, figure, trouble};
use crate::saving::{follow_late, saved_late};
use domain::id::{CourseId, TemplateId};
use domain::language::Language;
use domain::steps::{Edit, Figure, Opened, Reach, State, Step};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use server_fn::codec::Json;
use ui::prelude::*;

/// Changes what is written; answers the step's number.
#[server(prefix = "/console/fn", input = Json)]
pub async fn edit_course(id: CourseId, edit: Edit) -> Result<u32, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::steps::edit(&staff.ctx, id, edit).await?)
}

/// `/console/deliveries/steps/{id}`.
#[component]
pub fn CoursePage(
    /// Which course.
    id: CourseId,
) -> impl IntoView {
    let begun = saved_late();
    let opened = Resource::new_blocking(|| (), move |()| open_course(id));
    view! {
        <Suspense fallback=|| view! { <div class="page"><Skeleton sentence="ステップ配信を読みこんでいます" rows=6 /></div> }>
            {move || Suspend::new(async move {
                match opened.await {
                    Ok(opened) => view! { <Shown opened begun /> }.into_any(),
                    Err(error) => trouble(error, href(id)),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Shown(opened: Opened, begun: u32) -> impl IntoView {
    let id = opened.course.id;
    let live = Live {
        id,
        opened: RwSignal::new(opened.clone()),
        busy: RwSignal::new(false),
        unsaved: RwSignal::new(false),
        toasts: use_toasts(),
    };
    follow_late(begun, move || spawn_local(live.reload()));
    let copy = ServerAction::<CopyCourse>::new();
    let asking = RwSignal::new(None::<Act>);
    let name = Signal::derive(move || live.opened.with(|o| o.course.name.clone()));
    let state = Memo::new(move |_| live.opened.with(|o| o.course.state));
    let editable = Memo::new(move |_| {
        live.opened
            .with(|o| o.may_write && o.course.state != State::Ended && o.course.request.is_none())
    });
    let (may_write, may_send) = (opened.may_write, opened.may_send);
    let acts = move || {
        view! {
            <LinkButton href=format!("{}/preview", href(id)) icon=IconName::Eye>"1人分を見る"</LinkButton>
            {may_write
                .then(|| {
                    view! {
                        <CopyForm id action=copy><Button icon=IconName::Copy submit=true busy=copy.pending()>"複製する"</Button></CopyForm>
                    }
                })}
            {move || match state.get() {
                State::Running | State::Paused if may_send => {
                    view! { <Button kind=Kind::Danger icon=IconName::Stop on_click=move |_| asking.set(Some(Act::End))>"終わらせる"</Button> }.into_any()
                }
                State::Draft if may_write => {
                    view! { <Button kind=Kind::Danger icon=IconName::Trash on_click=move |_| asking.set(Some(Act::Delete))>"消す"</Button> }.into_any()
                }
                _ => ().into_any(),
            }}
        }
    };
    let beside = move || {
        view! { {move || {
            let (status, word) = mark(state.get());
            view! { <StatusMark status word /> }
        }} }
    };
    view! {
        <Page title=name crumbs=vec![(PATH.to_owned(), "配信".to_owned()), (STEPS.to_owned(), "ステップ配信".to_owned())] beside acts>
            <div class="stack">
                <Waiting live />
                <div class="cols-main-side">
                    <div class="stack">
                        <Steps live editable />
                        <Settings opened=opened.clone() live editable />
                    </div>
                    <div class="stack">
                        <Standing live asking />
                        {move || live.opened.with(reach_panel)}
                        <TablePanel live editable />
                        {move || live.opened.with(events)}
                    </div>
                </div>
            </div>
            <AskLast live asking />
        </Page>
    }
}

fn stops(act: &Option<Act>) -> bool {
    matches!(act, Some(Act::Pause | Act::End | Act::Delete))
}

/// The question before a course is stopped, over, or gone.
#[component]
fn AskLast(live: Live, asking: RwSignal<Option<Act>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let looking = RwSignal::new(false);
    let ends = Memo::new(move |_| asking.with(|act| matches!(act, Some(Act::Pause | Act::End))));
    Effect::new(move |_| open.set(asking.with(stops)));
    Effect::new(move |_| {
        if !open.get() && asking.with_untracked(stops) {
            asking.set(None);
        }
    });
    let pick = move |delete: &'static str, pause: &'static str, end: &'static str| {
        Signal::derive(move || {
            let words = match asking.get() {
                Some(Act::Delete) => delete,
                Some(Act::Pause) => pause,
                _ => end,
            };
            words.to_owned()
        })
    };
    let navigate = use_navigate();
    let leave = Callback::new(move |()| navigate(STEPS, NavigateOptions::default()));
    let close = Callback::new(move |()| open.set(false));
    let confirm = move |()| match asking.get_untracked() {
        Some(Act::Delete) => live.act(Act::Delete, "消しました", leave),
        Some(Act::Pause) => live.act(Act::Pause, PAUSED, close),
        Some(act) => live.act(act, "終わらせました。これからは届けません", close),
        None => {}
    };
    view! {
        <ConfirmDialog
            id="course-end"
            title=pick("ステップ配信を消します", "ステップ配信を休止します", "ステップ配信を終わらせます")
            open
            danger=true
            confirm=pick("消す", "休止する", "終わらせる")
            busy=Signal::derive(move || live.busy.get() || looking.get())
            on_confirm=confirm
        >
            <p>
                {move || {
                    let name = live.opened.with(|o| o.course.name.clone());
                    match asking.get() {
                        Some(Act::Delete) => format!("「{name}」と、書いたステップを消します。元にもどせません。"),
                        Some(Act::Pause) => format!("「{name}」を、再開するまで届けません。"),
                        _ => format!("「{name}」を、これからはだれにも届けません。届けた記録は残ります。もう一度始めるときは、複製して使えます。"),
                    }
                }}
            </p>
            <AlsoStops of=Stops::Course(live.id) asked=ends looking />
        </ConfirmDialog>
    }
}

fn reach_panel(o: &Opened) -> AnyView {
    let Reach { today, tomorrow, week, month } = o.reach;
    let people = o.people;
    let row = |words: &'static str, n: i64| {
        view! { <div><dt>{words}</dt><dd class="num">{format!("{}人", figure(n))}</dd></div> }
    };
    let note = match o.course.state {
        State::Running if !o.course.is_changed() => "",
        State::Running => "変更した内容での見込みです。",
        _ => "始めたときの見込みです。",
    };
    view! {
        <Panel title="届く人の見込み">
            {match people {
                None => view! { <p class="sub">"もとにする日か、条件が決まると、数えます。"</p> }.into_any(),
                Some(people) => view! {
                    <dl class="step-reach">
                        {row("入っている人", people)} {row("きょう（これから）", today)} {row("あした", tomorrow)} {row("7日のあいだ", week)} {row("31日のあいだ", month)}
                    </dl>
                    <p class="sub dense">{format!("{note}7日・31日は、のべ人数です。")}</p>
                }
                .into_any(),
            }}
        </Panel>
    }
    .into_any()
}

fn events(o: &Opened) -> AnyView {
    let now = o.now;
    let events = o.events.clone();
    view! {
        <Panel title="できごと">
            <ol class="events">
                {events
                    .into_iter()
                    .map(|e| {
                        let by = if e.by.is_empty() { String::new() } else { format!("{}さん ", e.by) };
                        view! {
                            <li>
                                <time datetime=e.at.rfc3339()>{e.at.near(now)}</time>
                                <div><strong>{e.what}</strong> <span class="sub">{format!("{by}{}", e.detail)}</span></div>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </Panel>
    }
    .into_any()
}

#[component]
fn Steps(live: Live, editable: Memo<bool>) -> impl IntoView {
    let (toasts, offers) = (use_toasts(), use_offers());
    let failed = move |error: &AppError| {
        toasts.err(format!("変えられませんでした。{}{}", error.message(), error.next()));
    };
    let put_back = Callback::new(move |step: Step| {
        spawn_local(async move {
            match edit_course(live.id, Edit::PutBack(step)).await {
                Ok(_) => live.reload().await,
                Err(error) => failed(&error),
            }
        });
    });
    let remove = Callback::new(move |step: Step| {
        spawn_local(async move {
            match edit_course(live.id, Edit::Remove(step.key)).await {
                Ok(_) => {
                    live.reload().await;
                    focus_soon("steps".into());
                    offers.ok(
                        format!("「{}」を消しました", step.when()),
                        "元にもどす",
                        move || put_back.run(step.clone()),
                    );
                }
                Err(error) => failed(&error),
            }
        });
    });
    let navigate = use_navigate();
    let add = Callback::new(move |(step, template): (Step, Option<TemplateId>)| {
        // The step has a page of its own, and what is open here would be gone.
        if live.unsaved.get_untracked() {
            toasts.err("「設定」に、まだ保存していない内容があります。先に「設定を保存する」を押してください");
            return;
        }
        let navigate = navigate.clone();
        spawn_local(async move {
            match edit_course(live.id, Edit::Add(step, template)).await {
                Ok(key) => {
                    navigate(&format!("{}/{key}", href(live.id)), NavigateOptions::default())
                }
                Err(error) => failed(&error),
            }
        });
    });
    view! {
        <Panel title="ステップ" note=Signal::derive(move || format!("{}", live.opened.with(|o| o.course.written.steps.len()))) class="panel-flush">
            <div id="steps" tabindex="-1">
                {move || {
                    live.opened
                        .with(|o| {
                            if o.course.written.steps.is_empty() {
                                return view! { <p class="sub step-none">"ステップがまだありません。下で「いつ」を決めて足すか、表（CSV）から取りこみます。"</p> }
                                    .into_any();
                            }
                            rows(o, editable.get(), add, remove)
                        })
                }}
            </div>
            {move || editable.get().then(|| view! { <AddStep live add /> })}
        </Panel>
    }
}

fn rows(
    o: &Opened,
    editable: bool,
    add: Callback<(Step, Option<TemplateId>)>,
    remove: Callback<Step>,
) -> AnyView {
    let in_force = o.course.in_force.as_ref();
    let row = |step: &Step| {
        let reach =
            o.reaches.iter().find(|(k, _)| *k == step.key).map(|(_, r)| *r).unwrap_or_default();
        let figures = o.figures.iter().find(|f| f.step == step.key).copied();
        let address = format!("{}/{}", href(o.course.id), step.key);
        let wrong = o.problems.iter().any(|p| p.at.starts_with(&format!("/steps/{}/", step.key)));
        let mark = match in_force.map(|c| c.step(step.key)) {
            _ if wrong => Some(("直すところがあります", "err")),
            Some(None) => Some(("新しい", "sub")),
            Some(Some(former)) if former != step => Some(("変更あり", "sub")),
            _ => None,
        };
        let summary = domain::message::shortened(&step.summary(), 60);
        let summary = if summary.is_empty() {
            "（まだ書いていません）".to_owned()
        } else {
            summary
        };
        let languages: Vec<_> = step.languages().into_iter().map(Language::japanese).collect();
        let languages = (!languages.is_empty()).then(|| {
            view! { <span class="sub step-languages">{format!("{}でも書いてあります", languages.join("・"))}</span> }
        });
        let when = step.when();
        let (one, two) = (step.clone(), step.clone());
        let copied = move |_| add.run((one.clone(), None));
        let removed = move |_| remove.run(two.clone());
        let href = if wrong { format!("{address}?problems=1") } else { address };
        view! {
            <tr>
                <td class="c-when nowrap"><a class="title-link" href=href>{when.clone()}</a> {mark.map(|(words, class)| view! { <span class=class>{words}</span> })}</td>
                <td class="c-title"><span class="step-summary">{summary}</span> {languages}</td>
                <td class="num c-figure" data-label="7日・31日で届く人">{format!("{} / {}", figure(reach.week), figure(reach.month))}</td>
                <td class="num c-figure" data-label="届けた人">{sent(figures)}</td>
                <td class="acts">
                    {editable
                        .then(|| {
                            view! {
                                <IconButton icon=IconName::Copy label=format!("「{when}」を複製する") on_click=copied />
                                <IconButton icon=IconName::Trash label=format!("「{when}」を消す") on_click=removed />
                            }
                        })}
                </td>
            </tr>
        }
    };
    view! {
        <table class="list steps-list">
            <caption class="visually-hidden">"ステップの一覧。届く順に並んでいます"</caption>
            <thead>
                <tr>
                    <th scope="col">"いつ"</th>
                    <th scope="col">"内容"</th>
                    <th scope="col" class="num">"届く人"<br />"（7日 / 31日）"</th>
                    <th scope="col" class="num">"届けた人"</th>
                    <th scope="col"><span class="visually-hidden">"操作"</span></th>
                </tr>
            </thead>
            <tbody>{o.course.written.steps.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// 「1,204人　開封 512・タップ 33」.
fn sent(figures: Option<Figure>) -> AnyView {
    let Some(f) = figures else { return view! { <span>"—"</span> }.into_any() };
    let mut more = Vec::new();
    more.extend(f.readers.map(|n| format!("開封 {}", figure(n))));
    if f.taps > 0 {
        more.push(format!("タップ {}", figure(f.taps)));
    }
    view! {
        <span>{format!("{}人", figure(f.accepted))}</span>
        {(!more.is_empty()).then(|| view! { <span class="sub">{more.join("・")}</span> })}
    }
    .into_any()
}

#[component]
fn AddStep(live: Live, add: Callback<(Step, Option<TemplateId>)>) -> impl IntoView {
    let when = RwSignal::new(When::default());
    let template = RwSignal::new(String::new());
    let templates = Resource::new(|| (), |()| list_templates(String::new(), 1));
    let options = Signal::derive(move || {
        let mut all = vec![(String::new(), "使わない".to_owned())];
        if let Some(Ok(found)) = templates.get() {
            all.extend(found.rows.into_iter().map(|t| (t.id.to_string(), t.name)));
        }
        all
    });
    let anchor =
        Signal::derive(move || live.opened.with(|o| o.course.written.anchor.words(&o.catalog)));
    let put = move |_| {
        let fields = when.get_untracked();
        let (Some(offset), Some((hour, minute))) = (fields.offset(), fields.time()) else { return };
        let step = Step {
            key: 0,
            offset,
            hour,
            minute,
            parts: Vec::new(),
            uncounted: Vec::new(),
            variants: Vec::new(),
        };
        add.run((step, template.get_untracked().parse().ok()));
    };
    view! {
        <div class="step-add" role="group" aria-label="ステップを足す">
            <h3>"ステップを足す"</h3>
            <div class="step-add-fields">
                <WhenFields value=when id="add" anchor />
                <Transition fallback=|| ()>
                    <Select name="add-template" label="ひな形" options value=Signal::derive(move || template.get()) on_change=move |chosen| template.set(chosen) />
                </Transition>
                <Button kind=Kind::Act icon=IconName::Plus on_click=put>"足して書く"</Button>
            </div>
        </div>
    }
}
