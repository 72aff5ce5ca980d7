//! 公開: what stands against it, what changes for residents, and the last step.

use super::findings::items;
use super::save::FormSaver;
use super::state::Builder;
use crate::form::api::{ask_for_form, publish_form};
use crate::form::asking::{changes, changes_title};
use crate::form::href;
use domain::form::kept::Request;
use domain::id::FormId;
use domain::time::Timestamp;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use ui::prelude::*;

/// The dialog behind 「公開前の点検へ」.
#[component]
pub fn PublishDialog(
    b: Builder,
    saver: FormSaver,
    id: FormId,
    open: RwSignal<bool>,
    /// The version that residents get now.
    published: Option<u64>,
    /// The actor may publish.
    may: bool,
    /// Somebody has asked for it already.
    asked: Option<Request>,
    /// When the builder was opened.
    now: Timestamp,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let wanted = open.get();
        let Some(dialog) = node.get() else { return };
        if wanted && !dialog.open() {
            // It stands in the document.
            drop(dialog.show_modal());
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let toasts = use_toasts();
    let navigate = use_navigate();
    let waits = asked.is_some();
    let asked = StoredValue::new(asked);
    let words = RwSignal::new(String::new());
    // Whoever may not publish asks for it.
    let publish = Callback::new(move |()| {
        busy.set(true);
        trouble.set(None);
        let (navigate, said) = (navigate.clone(), words.get_untracked());
        saver.flush(Some(Callback::new(move |saved: Result<i64, AppError>| {
            let (navigate, said) = (navigate.clone(), said.clone());
            spawn_local(async move {
                let done = match saved {
                    Ok(edition) if may => publish_form(id, edition)
                        .await
                        .map(|version| format!("第{version}版を公開しました")),
                    Ok(edition) => ask_for_form(id, edition, said)
                        .await
                        .map(|()| "公開を求めました".to_owned()),
                    Err(error) => Err(error),
                };
                if busy.try_set(false).is_some() {
                    return;
                }
                match done {
                    Ok(words) => {
                        toasts.ok(words);
                        navigate(&href(id), NavigateOptions::default());
                    }
                    Err(error) => trouble.set(Some(error.message())),
                }
            });
        })));
    });
    let content = move || {
        if !open.get() {
            return ().into_any();
        }
        let form = b.form.get();
        let found = b.linted();
        let (blocking, notes): (Vec<_>, Vec<_>) = found.into_iter().partition(|f| f.blocks);
        let fine = blocking.is_empty();
        let close = move |_| open.set(false);
        let settings = b.settings.get();
        let changed = b
            .former
            .with_value(|former| former.as_ref().map(|f| f.changes(&form, Some(&settings))));
        let next = published.map_or(1, |n| n + 1);
        view! {
            {(!fine)
                .then(|| {
                    view! {
                        <div class="publish-part" on:click=close>
                            <h3 class="warn">
                                <Icon name=IconName::Warning />
                                {format!("公開できない理由　{}件", blocking.len())}
                            </h3>
                            <p class="sub dense">"押すと、直すところへ移ります。"</p>
                            {items(b, blocking)}
                        </div>
                    }
                })}
            {(!notes.is_empty())
                .then(|| {
                    view! {
                        <div class="publish-part" on:click=close>
                            <h3>{format!("見直すとよいところ　{}件", notes.len())}</h3>
                            {items(b, notes)}
                        </div>
                    }
                })}
            <div class="publish-part">
                <h3>{changes_title(published)}</h3>
                {changes(changed, &form)}
                {published
                    .is_some()
                    .then(|| view! { <p class="sub dense">"書きかけの人は、書いた内容のまま新しい版に移ります。届いた答えは、答えたときの版のまま残ります。"</p> })}
            </div>
            {asked
                .get_value()
                .map(|r| {
                    let words = format!("{}さんが {}に、公開を求めました。", r.name, r.at.near(now));
                    view! { <div class="publish-part"><p>{words}</p></div> }
                })}
            {(fine && !may && !waits)
                .then(|| {
                    view! {
                        <div class="publish-part">
                            <h3>"公開を求める"</h3>
                            <p class="dense">"公開は、送信責任者か管理者ができます。求めたあとに直した内容も、そのまま公開されます。直したことは、公開する人の画面に出ます。"</p>
                            <TextArea name="ask-words" label="公開する人へのひとこと（なくてもかまいません）" value=words rows=2 on_input=move |text| words.set(text) />
                        </div>
                    }
                })}
            {move || {
                let title = if may { "公開できませんでした" } else { "公開を求められませんでした" };
                trouble.get().map(|words| view! { <div role="alert"><Banner tone=Tone::Err title>{words}</Banner></div> })
            }}
            <div class="dialog-acts">
                <button class="btn btn-outline" type="button" autofocus on:click=close><span>"やめる"</span></button>
                {match (fine, may, waits) {
                    (true, true, _) => view! { <Button kind=Kind::Filled busy on_click=move |_| publish.run(())>{format!("第{next}版を公開する")}</Button> }.into_any(),
                    (true, false, false) => view! { <Button kind=Kind::Filled busy on_click=move |_| publish.run(())>"公開を求める"</Button> }.into_any(),
                    (true, false, true) => view! { <p class="sub dense">"公開は、送信責任者か管理者がします。求めは、フォームのページで取り下げられます。"</p> }.into_any(),
                    (false, ..) => ().into_any(),
                }}
            </div>
        }
        .into_any()
    };
    view! {
        <dialog class="dialog publish-dialog" id="publish" aria-labelledby="publish-title" node_ref=node on:close=move |_| open.set(false)>
            <div class="dialog-head">
                <h2 id="publish-title">"公開前の点検"</h2>
                <button class="icon-btn" type="button" aria-label="やめて閉じる" on:click=move |_| open.set(false)>
                    <Icon name=IconName::Cross />
                </button>
            </div>
            <div class="dialog-body">{content}</div>
        </dialog>
    }
}
