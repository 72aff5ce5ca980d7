//! One answer: what was answered, its files, what happened, and what only staff see.

use super::api::{mark_answers, open_answer};
use super::desk::Desk;
use super::staff::StaffSide;
use super::{PATH, href, shape, trouble};
use crate::around::Watch;
use domain::form::inbox::{FileOf, Full};
use domain::form::{Answer, Ask, Form, Question};
use domain::id::AnswerId;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use ui::prelude::*;

/// `/console/answers/{id}`.
#[component]
pub fn AnswerPage(
    /// Which answer.
    id: AnswerId,
) -> impl IntoView {
    let opened = Resource::new_blocking(|| (), move |()| open_answer(id));
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="回答を読みこんでいます" rows=8 /></div> }>
            {move || Suspend::new(async move {
                match opened.await {
                    Ok((full, now)) => view! { <Shown full now /> }.into_any(),
                    Err(error) => trouble(error, href(id)),
                }
            })}
        </Transition>
    }
}

#[component]
fn Shown(full: Full, now: Timestamp) -> impl IntoView {
    let id = full.id;
    let desk = Desk::new(&full);
    let statuses = full.statuses.clone();
    let withdrawn = full.withdrawn_at;
    let mark = move || {
        if withdrawn.is_some() {
            return Some(
                view! { <StatusMark status=Status::Cancelled word="取り下げ" /> }.into_any(),
            );
        }
        let key = desk.status.get();
        let word = statuses.iter().find(|s| s.key == key)?.label.clone();
        Some(view! { <StatusMark status=shape(&statuses, &key) word /> }.into_any())
    };
    let beside = move || {
        view! {
            {mark.clone()}
            <span class="sub dense recorded"><Icon name=IconName::Lock size=16 />"閲覧は記録されます"</span>
        }
    };
    // It is read by now: whoever came from the list has a count beside 「回答」 that may be older.
    let watch = expect_context::<Watch>();
    Effect::new(move |_| watch.look());
    let toasts = use_toasts();
    let navigate = use_navigate();
    let seen = (id, full.changed_at);
    let unread = Callback::new(move |()| {
        let navigate = navigate.clone();
        spawn_local(async move {
            match mark_answers(vec![seen], false).await {
                Ok(_) => {
                    toasts.ok("未読にもどしました");
                    navigate(PATH, NavigateOptions::default());
                }
                Err(error) => toasts.err(format!("できませんでした。{}", error.message())),
            }
        });
    });
    let (previous, next) = (full.previous, full.next);
    let acts = move || {
        view! {
            <Button icon=IconName::Bubble on_click=move |_| unread.run(())>"未読にもどす"</Button>
            {previous.map(|id| view! { <LinkButton href=href(id) icon=IconName::ChevronLeft>"1つ前の回答"</LinkButton> })}
            {next.map(|id| view! { <LinkButton href=href(id) icon=IconName::ChevronRight>"1つ後の回答"</LinkButton> })}
        }
    };
    let form_inbox = format!("{PATH}?form={}", full.form);
    let sentence = format!(
        "{}に届きました。{}",
        full.at.day_and_time(),
        full.delete_at
            .map(|at| format!("{}に自動で消えます。", at.date().japanese()))
            .unwrap_or_default()
    );
    let answers = given(&full);
    view! {
        <Page
            title=format!("受付番号 {}", full.receipt)
            crumbs=vec![(PATH.into(), "回答".into()), (form_inbox, full.form_name.clone())]
            sentence
            beside
            acts
        >
            {withdrawn.map(|at| view! { <Banner tone=Tone::Warn title="申請者が取り下げました">{format!("{}に取り下げられました。手続きは進めません。", at.day_and_time())}</Banner> })}
            <div class="cols-main-side answer-cols">
                <div class="stack">
                    <Panel title="答えの内容" note=format!("第{}版", full.submission.version)>{answers}</Panel>
                    <Panel title="経過">
                        <ol class="events">
                            {move || {
                                desk.history
                                    .get()
                                    .into_iter()
                                    .rev()
                                    .map(|e| {
                                        view! {
                                            <li>
                                                <time datetime=e.at.rfc3339()>{e.at.near(now)}</time>
                                                <span>{format!("{}　{}", e.by, e.what.label())}{(!e.detail.is_empty()).then(|| view! { <span class="event-detail">{e.detail}</span> })}</span>
                                            </li>
                                        }
                                    })
                                    .collect_view()
                            }}
                        </ol>
                    </Panel>
                </div>
                <aside aria-label="職員だけに見える欄"><StaffSide full desk today=now.date() /></aside>
            </div>
        </Page>
    }
}

/// What was answered, question by question, in the order of its version.
fn given(full: &Full) -> AnyView {
    let form: &Form = &full.definition;
    let rows: Vec<AnyView> = form
        .pages
        .iter()
        .flat_map(|page| &page.questions)
        .filter(|q| !matches!(q.ask, Ask::Explanation { .. }))
        .enumerate()
        .map(|(i, question)| row(i + 1, question, full))
        .collect();
    view! { <dl class="answers">{rows}</dl> }.into_any()
}

fn row(number: usize, question: &Question, full: &Full) -> AnyView {
    let answer = full.submission.answers.get(&question.key);
    let files: Vec<FileOf> = full
        .files
        .iter()
        .filter(|f| {
            f.question == question.key || f.question.starts_with(&format!("{}.", question.key))
        })
        .cloned()
        .collect();
    let words = match answer {
        None => view! { <span class="sub">"答えなし"</span> }.into_any(),
        Some(Answer::Place(place)) => {
            let degrees = |n: i32| f64::from(n) / 1_000_000.0;
            let (north, east) = (degrees(place.latitude), degrees(place.longitude));
            let to = format!("https://maps.gsi.go.jp/#17/{north:.6}/{east:.6}/");
            let words = answer.map(|a| a.words(question)).unwrap_or_default();
            view! { <span class="answer-words">{words}</span> " " <a href=to rel="external noreferrer" target="_blank">"地理院地図でひらく"</a> }.into_any()
        }
        Some(answer) => {
            view! { <span class="answer-words">{answer.words(question)}</span> }.into_any()
        }
    };
    let id = full.id;
    view! {
        <div>
            <dt>
                <span class="sub">{format!("{number} ")}</span>
                {question.label.clone()}
                {question.personal.then(|| view! { <span class="act-mark"><Icon name=IconName::Lock size=16 /><span class="visually-hidden">"個人情報"</span></span> })}
            </dt>
            <dd>
                {words}
                {(!files.is_empty()).then(|| view! { <ul class="answer-files">{files.into_iter().map(|f| file(id, f)).collect_view()}</ul> })}
            </dd>
        </div>
    }
    .into_any()
}

fn file(id: AnswerId, file: FileOf) -> AnyView {
    let to = format!("{PATH}/{id}/files/{}", file.id);
    let photo = file.media_type.starts_with("image/");
    let small = format!("{to}/preview");
    let size = super::export::size_words(file.size);
    let place = file.position.as_ref().map(|p| {
        format!(
            "撮った場所 {:.5}, {:.5}",
            f64::from(p.latitude) / 1e6,
            f64::from(p.longitude) / 1e6
        )
    });
    let name = file.name.clone();
    view! {
        <li>
            <a href=to rel="external" target="_blank">
                {photo.then(|| view! { <img src=small alt=format!("写真「{name}」") loading="lazy" width="120" height="120" /> })}
                <span>{file.name}</span>
            </a>
            <span class="sub dense">{size} {place.map(|p| format!("　{p}"))}</span>
        </li>
    }
    .into_any()
}
