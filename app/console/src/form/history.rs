//! 版の履歴: every version that was published, what changed with it, and a way back.

use super::api::{Opened, form_version, open_form, restore_form};
use super::{PATH, href, named, tabs, trouble};
use domain::form::kept::Version;
use domain::id::FormId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use ui::prelude::*;

/// `/console/forms/{id}/history`.
#[component]
pub fn HistoryPage(
    /// Which form.
    id: FormId,
) -> impl IntoView {
    let opened = Resource::new_blocking(|| (), move |()| open_form(id));
    view! {
        <Suspense fallback=|| view! { <div class="page"><Skeleton sentence="版の履歴を読みこんでいます" rows=6 /></div> }>
            {move || Suspend::new(async move {
                match opened.await {
                    Ok(opened) => view! { <Shown opened /> }.into_any(),
                    Err(error) => trouble(error, format!("{}/history", href(id))),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Shown(opened: Opened) -> impl IntoView {
    let kept = opened.kept;
    let id = kept.id;
    let asking = RwSignal::new(false);
    let which = RwSignal::new(0u64);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let navigate = use_navigate();
    let edition = kept.edition;
    let restore = move |()| {
        let (number, navigate) = (which.get_untracked(), navigate.clone());
        busy.set(true);
        spawn_local(async move {
            let answer = restore_form(id, edition, number).await;
            if busy.try_set(false).is_some() {
                return;
            }
            asking.set(false);
            match answer {
                Ok(_) => {
                    toasts.ok(format!(
                        "第{number}版の内容にもどしました。公開するまで、住民には出ません"
                    ));
                    navigate(&format!("{}/edit", href(id)), NavigateOptions::default());
                }
                Err(error) => {
                    toasts.err(format!("もどせませんでした。{}{}", error.message(), error.next()));
                }
            }
        });
    };
    let now = opened.now;
    let may = kept.may_write;
    let versions = opened.versions.clone();
    let before: Vec<Option<u64>> =
        versions.iter().skip(1).map(|v| Some(v.number)).chain([None]).collect();
    let former = opened.former.as_ref().filter(|_| kept.changed);
    let changes = former.map(|former| former.changes(&kept.definition, Some(&kept.settings)));
    view! {
        <Page title=format!("{}の版の履歴", named(&kept.name)) crumbs=vec![(PATH.into(), "フォーム".into()), (href(id), named(&kept.name))]>
            {tabs(id, kept.may_answers, "/history")}
            <div class="stack">
                {changes
                    .filter(|c| !c.is_empty())
                    .map(|list| {
                        view! {
                            <Panel title="公開していない変更">
                                <ul class="changes">{list.into_iter().map(|w| view! { <li>{w}</li> }).collect_view()}</ul>
                            </Panel>
                        }
                    })}
                {if versions.is_empty() {
                    view! { <EmptyState title="まだ公開していません" text="公開するたびに、その版がここに残ります。" /> }.into_any()
                } else {
                    view! {
                        <ol class="versions">
                            {versions
                                .into_iter()
                                .zip(before)
                                .map(|(v, before)| {
                                    let present = kept.published == Some(v.number);
                                    let number = v.number;
                                    let ask = move |_| {
                                        which.set(number);
                                        asking.set(true);
                                    };
                                    view! {
                                        <li class="panel">
                                            <div class="panel-head">
                                                <h2>{format!("第{number}版")}</h2>
                                                {present.then(|| view! { <StatusMark status=Status::Done word="公開中" /> })}
                                                <p class="panel-note">{format!("{}　{}さん　答え {}件", v.at.near(now), v.by, thousands(v.answers))}</p>
                                                {may.then(|| view! { <div class="panel-acts"><Button size=Size::Small icon=IconName::Undo on_click=ask>"この版の内容にもどす"</Button></div> })}
                                            </div>
                                            <Changes id version=v before />
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ol>
                    }
                        .into_any()
                }}
            </div>
            <ConfirmDialog
                id="restore"
                title=Signal::derive(move || format!("第{}版の内容にもどす", which.get()))
                open=asking
                confirm="編集中の内容を入れかえる"
                busy
                on_confirm=restore
            >
                <p>"編集中の内容が、この版のものに入れかわります。公開していない変更はなくなります。公開中の版と、届いた答えは変わりません。"</p>
            </ConfirmDialog>
        </Page>
    }
}

/// What changed with a version; read when it is opened.
#[component]
fn Changes(id: FormId, version: Version, before: Option<u64>) -> impl IntoView {
    let number = version.number;
    let Some(before) = before else {
        return view! { <p class="dense">"はじめての公開です。"</p> }.into_any();
    };
    let found = RwSignal::new(None::<Result<Vec<String>, AppError>>);
    let read = move |_| {
        if found.with_untracked(Option::is_some) {
            return;
        }
        spawn_local(async move {
            let both = async {
                let old = form_version(id, before).await?;
                let new = form_version(id, number).await?;
                Ok(old.changes(&new.form, new.settings.as_ref()))
            };
            found.try_set(Some(both.await));
        });
    };
    view! {
        <details class="more" on:toggle=read>
            <summary>{format!("第{before}版からの変更")}</summary>
            {move || match found.get() {
                None => view! { <p class="sub" role="status">"くらべています"</p> }.into_any(),
                Some(Err(error)) => view! { <p class="err">{error.message()}</p> }.into_any(),
                Some(Ok(list)) if list.is_empty() => view! { <p>"変わったところはありません。"</p> }.into_any(),
                Some(Ok(list)) => view! { <ul class="changes">{list.into_iter().map(|w| view! { <li>{w}</li> }).collect_view()}</ul> }.into_any(),
            }}
        </details>
    }
    .into_any()
}
