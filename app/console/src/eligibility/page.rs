//! The lists: how many people, what is asked of them, how many were refused, and a new one.

use super::PATH;
use super::import::{Becomes, Import};
use crate::form::{PATH as FORMS, href, sides};
use crate::shell::use_me;
use domain::form::eligible::List;
use domain::id::EligibilityId;
use domain::permission::Permission;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;

/// The lists of the own department, and when they were read.
#[server(prefix = "/console/fn")]
pub async fn list_eligibilities() -> Result<(Vec<List>, Timestamp), AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok((services::eligibility::list(&ctx).await?, ctx.now()))
}

/// Deletes a list.
#[server(prefix = "/console/fn")]
pub async fn delete_eligibility(id: EligibilityId) -> Result<(), AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::eligibility::delete(&ctx, id).await?)
}

/// `/console/forms/lists`.
#[component]
pub fn EligibilityPage() -> impl IntoView {
    let again = RwSignal::new(0u32);
    let read = Resource::new_blocking(move || again.get(), |_| list_eligibilities());
    let may_write = use_me().may(Permission::FormWrite);
    let becomes = RwSignal::new(None::<Becomes>);
    let acts = move || {
        view! {
            {may_write
                .then(|| {
                    view! {
                        <Button
                            kind=Kind::Filled
                            icon=IconName::Upload
                            on_click=move |_| {
                                becomes.set(Some(Becomes::New));
                                focus_soon("import-title".into());
                            }
                        >
                            "名簿を取りこむ"
                        </Button>
                    }
                })}
        }
    };
    let toasts = use_toasts();
    let kept = move |people: i64| {
        becomes.set(None);
        again.update(|n| *n += 1);
        toasts.ok(format!("{}人の名簿を取りこみました", thousands(people)));
        focus_soon("lists-title".into());
    };
    view! {
        <Page title="対象者の名簿" crumbs=vec![(FORMS.to_owned(), "フォーム".to_owned())] sentence="市が通知を送った人など、決まった人だけが答えられるフォームに使います。配信を届ける人を決めるのは、「配信対象」の「対象者リスト」です。名簿の中身は暗号にして保管します。" acts>
            {sides(true)}
            {move || becomes.get().map(|what| view! { <Import becomes=what kept leave=move |()| becomes.set(None) /> })}
            <Transition fallback=|| view! { <Skeleton sentence="名簿を読みこんでいます" rows=4 /> }>
                {move || Suspend::new(async move {
                    match read.await {
                        Ok((lists, now)) => view! { <Lists lists now becomes again may_write /> }.into_any(),
                        Err(error) => view! { <ErrorPage error retry_href=PATH inside=true /> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

#[component]
fn Lists(
    lists: Vec<List>,
    now: Timestamp,
    becomes: RwSignal<Option<Becomes>>,
    again: RwSignal<u32>,
    may_write: bool,
) -> impl IntoView {
    let (open, busy) = (RwSignal::new(false), RwSignal::new(false));
    let chosen = RwSignal::new(None::<(EligibilityId, String)>);
    let toasts = use_toasts();
    let delete = move |()| {
        let Some((id, _)) = chosen.get_untracked() else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = delete_eligibility(id).await;
            if busy.try_set(false).is_some() {
                return;
            }
            open.set(false);
            match answer {
                Ok(()) => {
                    toasts.ok("名簿を消しました");
                    again.update(|n| *n += 1);
                    focus_soon("lists-title".into());
                }
                Err(error) => toasts.err(format!("消せませんでした。{}", error.message())),
            }
        });
    };
    if lists.is_empty() {
        let text = if may_write {
            "「名簿を取りこむ」から、CSVかExcelのファイルを選びます。取りこんだ名簿は、フォームの「受付の条件」で選べます。"
        } else {
            "作成者か送信責任者が名簿を取りこむと、ここに並びます。"
        };
        return view! { <EmptyState title="まだ名簿はありません" text /> }.into_any();
    }
    let replace = move |list: &List| {
        becomes.set(Some(Becomes::Replace(list.id, list.name.clone(), list.count)));
        focus_soon("import-title".into());
    };
    let ask = move |id: EligibilityId, name: String| {
        chosen.set(Some((id, name)));
        open.set(true);
    };
    let one = move |list: List| {
        let (id, name, sent) = (list.id, list.name.clone(), list.clone());
        let uses = list.forms.clone();
        view! {
            <li>
                <section class="panel stack-s" aria-label=name.clone()>
                    <div class="split">
                        <h3>{list.name.clone()}</h3>
                        <strong class="nowrap">{format!("{}人", thousands(list.count))}</strong>
                    </div>
                    <dl class="facts">
                        <div><dt>"聞くこと"</dt><dd>{list.keys.join("・")}</dd></div>
                        <div><dt>"列"</dt><dd>{list.columns.join("、")}</dd></div>
                        <div><dt>"取りこんだ日"</dt><dd>{list.updated_at.near(now)} {(!list.department.is_empty()).then(|| format!("　{}", list.department))}</dd></div>
                        <div><dt>"名簿と合わなかった回数"</dt><dd>{format!("この30日で {}回", thousands(list.refused))}</dd></div>
                        <div>
                            <dt>"使うフォーム"</dt>
                            <dd>
                                {if uses.is_empty() {
                                    "まだありません".into_any()
                                } else {
                                    uses.into_iter().map(|(form, name)| view! { <a href=href(form)>{name}</a> " " }).collect_view().into_any()
                                }}
                            </dd>
                        </div>
                    </dl>
                    {list.may_write
                        .then(|| {
                            let (called, asked) = (name.clone(), name.clone());
                            view! {
                                <div class="acts">
                                    <Button size=Size::Small icon=IconName::Upload aria_label=format!("「{called}」の中身を入れかえる") on_click=move |_| replace(&sent)>"中身を入れかえる"</Button>
                                    <Button size=Size::Small icon=IconName::Trash aria_label=format!("「{called}」を消す") on_click=move |_| ask(id, asked.clone())>"消す"</Button>
                                </div>
                            }
                        })}
                </section>
            </li>
        }
    };
    let asked = Signal::derive(move || {
        chosen.with(|c| {
            let name = c.as_ref().map(|(_, name)| name.clone()).unwrap_or_default();
            format!("名簿「{name}」を消します")
        })
    });
    view! {
        <h2 id="lists-title" class="visually-hidden" tabindex="-1">"取りこんだ名簿"</h2>
        <ul class="stack bare">{lists.into_iter().map(one).collect_view()}</ul>
        <ConfirmDialog id="delete-eligibility" title=asked open confirm="名簿を消す" danger=true busy on_confirm=delete>
            <p>"この名簿を使うフォームには、だれも入れなくなります。公開中のフォームで使っている名簿は消せません。元にもどせません。"</p>
        </ConfirmDialog>
    }
    .into_any()
}
