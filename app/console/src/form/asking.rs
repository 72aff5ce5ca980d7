//! 公開を求める: what waits for whoever may publish a form, and what was sent back.

use super::api::{Opened, publish_form, send_back_form, withdraw_form};
use super::href;
use crate::shell::use_me;
use domain::form::Form;
use domain::form::kept::{Request, Returned};
use domain::form::lint::lint;
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;

/// What changes for residents, one sentence each; `None`: it was never published.
pub(super) fn changes(found: Option<Vec<String>>, form: &Form) -> AnyView {
    match found {
        None => view! {
            <p>{format!("「{}」、{}ページ、質問 {}。はじめての公開です。", form.title, form.pages.len(), things(form.questions().count()))}</p>
        }
        .into_any(),
        Some(list) if list.is_empty() => view! { <p>"変更はありません。"</p> }.into_any(),
        Some(list) => view! { <ul class="changes">{list.into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}</ul> }.into_any(),
    }
}

/// The heading above [`changes`].
pub(super) fn changes_title(published: Option<u64>) -> &'static str {
    if published.is_some() { "いまの公開版からの変更" } else { "公開する内容" }
}

/// What is decided of a request.
enum Act {
    Publish,
    SendBack(String),
    Withdraw,
}

/// Above all on the form's page: the request that waits, or why it was sent back.
#[component]
pub fn Asked(opened: Opened, again: RwSignal<u32>) -> impl IntoView {
    let Some(request) = opened.kept.request.clone() else { return ().into_any() };
    let (id, edition) = (opened.kept.id, opened.kept.edition);
    let busy = RwSignal::new(false);
    let publishing = RwSignal::new(false);
    let returning = RwSignal::new(false);
    let toasts = use_toasts();
    let run = Callback::new(move |act: Act| {
        busy.set(true);
        spawn_local(async move {
            let done = match act {
                Act::Publish => publish_form(id, edition)
                    .await
                    .map(|version| format!("第{version}版を公開しました")),
                Act::SendBack(words) => send_back_form(id, words)
                    .await
                    .map(|()| "差しもどしました。求めた人の画面に出ます".to_owned()),
                Act::Withdraw => withdraw_form(id).await.map(|()| "取り下げました".to_owned()),
            };
            if busy.try_set(false).is_some() {
                return;
            }
            publishing.set(false);
            returning.set(false);
            match done {
                Ok(words) => {
                    toasts.ok(words);
                    again.update(|n| *n += 1);
                }
                Err(error) => {
                    toasts.err(format!("できませんでした。{}{}", error.message(), error.next()));
                }
            }
        });
    });
    match request.returned.clone() {
        Some(returned) => sent_back(&opened, &returned, run, busy),
        None => waiting(opened, request, run, busy, (publishing, returning)),
    }
}

fn sent_back(
    opened: &Opened,
    returned: &Returned,
    run: Callback<Act>,
    busy: RwSignal<bool>,
) -> AnyView {
    let who =
        format!("{}さんが {}に差しもどしました。", returned.name, returned.at.near(opened.now));
    let words = returned.words.clone();
    let may = opened.kept.may_write;
    view! {
        <Panel title="公開の求めが、差しもどされました">
            <div class="stack-s">
                <p>{who}</p>
                <blockquote class="sent-text">{words}</blockquote>
                <p class="sub">"直してから、「作る・直す」の「公開前の点検へ」で、もう一度求めてください。"</p>
            </div>
            {may.then(|| {
                view! { <div class="panel-foot"><Button busy on_click=move |_| run.run(Act::Withdraw)>"この知らせを消す"</Button></div> }
            })}
        </Panel>
    }
    .into_any()
}

/// `open`: whether it is asked before it is published, and for the reason when it is sent back.
fn waiting(
    opened: Opened,
    request: Request,
    run: Callback<Act>,
    busy: RwSignal<bool>,
    open: (RwSignal<bool>, RwSignal<bool>),
) -> AnyView {
    let (publishing, returning) = open;
    let kept = opened.kept;
    let mut found = lint(&kept.definition, &opened.outside);
    found.extend(kept.settings.findings(&opened.outside));
    let blocking = found.iter().filter(|f| f.blocks).count();
    let blocked = blocking > 0;
    let may = kept.may_publish;
    let mine = request.by == Some(use_me().staff);
    let (title, next) = if may {
        (
            "公開を求められています",
            "「内容を見る」で質問と住民の画面を確かめてから、公開するか差しもどします。",
        )
    } else {
        (
            "公開を待っています",
            "公開は、送信責任者か管理者がします。このあと直した内容も、そのまま公開されます。",
        )
    };
    let who = format!("{}さんが {}に求めました。", request.name, request.at.near(opened.now));
    let checked = if blocked {
        format!(
            "公開できない理由が {blocking}件あります。「内容を見る」の「公開前の点検へ」で見られます。"
        )
    } else {
        format!("点検の指摘 {}件", found.len())
    };
    let former = opened.former.as_ref();
    let changed = former.map(|f| f.changes(&kept.definition, Some(&kept.settings)));
    let version = kept.published.map_or(1, |n| n + 1);
    let act = format!("第{version}版を公開する");
    let confirm = act.clone();
    let edit = format!("{}/edit", href(kept.id));
    view! {
        <Panel title decide=true>
            <div class="stack-s">
                <p>{who}</p>
                {(!request.words.is_empty()).then(|| view! { <blockquote class="sent-text">{request.words}</blockquote> })}
                {request
                    .changed
                    .then(|| view! { <p class="warn">"求めたあとに直されています。公開されるのは、直したあとの内容です。"</p> })}
                <h3>{changes_title(kept.published)}</h3>
                {changes(changed, &kept.definition)}
                <p class:warn=blocked>{checked}</p>
                <p class="sub">{next}</p>
            </div>
            <div class="panel-foot">
                {kept.may_write.then(|| view! { <LinkButton href=edit icon=IconName::Eye>"内容を見る"</LinkButton> })}
                {(kept.may_write && (mine || !may)).then(|| view! { <Button busy on_click=move |_| run.run(Act::Withdraw)>"取り下げる"</Button> })}
                {(may && !mine).then(|| view! { <SendBack open=returning busy run /> })}
                {(may && !blocked)
                    .then(|| view! { <Button kind=Kind::Filled on_click=move |_| publishing.set(true)>{act}</Button> })}
            </div>
        </Panel>
        <ConfirmDialog
            id="publish-asked"
            title=Signal::derive(move || format!("第{version}版を公開します"))
            open=publishing
            confirm=Signal::derive(move || confirm.clone())
            busy
            on_confirm=move |()| run.run(Act::Publish)
        >
            <p>"これから答える住民には、この版が出ます。届いた答えは、答えたときの版のまま残ります。"</p>
        </ConfirmDialog>
    }
    .into_any()
}

#[component]
fn SendBack(open: RwSignal<bool>, busy: RwSignal<bool>, run: Callback<Act>) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let send_back = move |()| {
        let said = words.get_untracked();
        if said.trim().is_empty() {
            error.set(Some("理由が空です。どこを直してほしいかを、短く書いてください".into()));
        } else {
            run.run(Act::SendBack(said));
        }
    };
    view! {
        <Button on_click=move |_| open.set(true)>"差しもどす"</Button>
        <ConfirmDialog id="send-back" title="公開の求めを差しもどします" open confirm="差しもどす" busy on_confirm=send_back>
            <TextArea
                name="words"
                label="どこを直してほしいか"
                value=words
                error
                rows=3
                on_input=move |text| {
                    error.set(None);
                    words.set(text);
                }
            />
        </ConfirmDialog>
    }
}
