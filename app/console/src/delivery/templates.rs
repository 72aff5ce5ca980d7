//! ひな形: what deliveries begin with, listed, renamed, deleted (SEG-7).

use super::PATH;
use crate::shell::use_me;
use domain::delivery::template::{TEMPLATES_PER_PAGE, Template, Templates};
use domain::id::TemplateId;
use domain::message::{Part, messages};
use domain::permission::Permission;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use server_fn::codec::GetUrl;
use ui::address::{page_number, with_query};
use ui::prelude::*;

/// The list's address.
pub(crate) const TEMPLATES_PATH: &str = "/console/deliveries/templates";

/// A page of the templates, found by name.
#[server(prefix = "/console/fn", input = GetUrl)]
pub async fn list_templates(q: String, page: i64) -> Result<Templates, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::template::listed(&staff.ctx, q.trim(), page).await?)
}

/// Begins a draft with a template and leads to it.
#[server(prefix = "/console/fn")]
pub async fn begin_with_template(id: TemplateId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let id = services::delivery::template::begin(&staff.ctx, id).await?;
    ui::server::redirect(&format!("{PATH}/{id}/edit"), PATH);
    Ok(())
}

/// Gives a template another name.
#[server(prefix = "/console/fn")]
pub async fn rename_template(id: TemplateId, name: String) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::template::rename(&staff.ctx, id, &name).await?)
}

/// Deletes a template.
#[server(prefix = "/console/fn")]
pub async fn delete_template(id: TemplateId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::template::delete(&staff.ctx, id).await?)
}

fn href(q: &str, page: i64) -> String {
    with_query(TEMPLATES_PATH, &[("q", q.to_owned()), ("page", page_number(page))])
}

/// 「文章 1・カード 1」
fn holds(parts: &[Part]) -> String {
    let mut words: Vec<(&'static str, usize)> = Vec::new();
    for word in messages(parts).iter().filter(|p| !p.is_empty()).map(Part::word) {
        match words.iter_mut().find(|(w, _)| *w == word) {
            Some((_, n)) => *n += 1,
            None => words.push((word, 1)),
        }
    }
    if words.is_empty() {
        return "内容はまだありません".into();
    }
    words.into_iter().map(|(word, n)| format!("{word} {n}")).collect::<Vec<_>>().join("・")
}

/// What rows share.
#[derive(Clone, Copy)]
struct Acts {
    begin: ServerAction<BeginWithTemplate>,
    renaming: RwSignal<Option<Template>>,
    deleting: RwSignal<Option<Template>>,
}

/// 「これで書く」: a form, so that it works before wasm.
#[component]
pub fn BeginForm(
    /// With which template.
    id: TemplateId,
    /// Its name.
    name: String,
    /// The action of the page.
    action: ServerAction<BeginWithTemplate>,
) -> impl IntoView {
    view! {
        <ActionForm action>
            <input type="hidden" name="id" value=id.to_string() />
            <Button size=Size::Small icon=IconName::Copy submit=true aria_label=format!("これで書く：{name}")>"これで書く"</Button>
        </ActionForm>
    }
}

/// `/console/deliveries/templates`.
#[component]
pub fn TemplatesPage() -> impl IntoView {
    let query = use_query_map();
    let state = Memo::new(move |_| {
        query.with(|q| {
            let page = q.get("page").and_then(|p| p.parse::<i64>().ok()).unwrap_or(1).max(1);
            (q.get("q").unwrap_or_default().trim().to_owned(), page)
        })
    });
    let changes = RwSignal::new(0u32);
    let list = Resource::new_blocking(
        move || (state.get(), changes.get()),
        |((q, page), _)| list_templates(q, page),
    );
    let toasts = use_toasts();
    let acts = Acts {
        begin: ServerAction::new(),
        renaming: RwSignal::new(None),
        deleting: RwSignal::new(None),
    };
    Effect::new(move |_| {
        if let Some(Err(error)) = acts.begin.value().get() {
            toasts.err(format!("このひな形で始められませんでした。{}", error.message()));
        }
    });
    view! {
        <Page
            title="ひな形"
            crumbs=vec![(PATH.to_owned(), "配信".to_owned())]
            sentence="よく届ける内容を取っておき、新しい配信をここから始められます。"
        >
            <div class="filters">
                {move || view! { <SearchBox action=TEMPLATES_PATH label="名前" value=state.with(|s| s.0.clone()) /> }}
            </div>
            <Transition fallback=|| view! { <Skeleton sentence="ひな形の一覧を読みこんでいます" /> }>
                {move || Suspend::new(async move {
                    let state = state.get();
                    match list.await {
                        Ok(found) => {
                            keep_focus_after(changes);
                            table(found, &state, acts)
                        }
                        Err(error) => view! { <ErrorPage error retry_href=href(&state.0, state.1) inside=true /> }.into_any(),
                    }
                })}
            </Transition>
            <Renaming about=acts.renaming changes />
            <Deleting about=acts.deleting changes />
        </Page>
    }
}

fn table(found: Templates, state: &(String, i64), acts: Acts) -> AnyView {
    let (q, page) = state;
    if found.total == 0 && q.is_empty() {
        return view! { <EmptyState title="まだひな形はありません" text="配信を書く画面の「ひな形にする」で、書いた内容を取っておけます。" /> }.into_any();
    }
    if found.rows.is_empty() {
        return view! { <NoMatch title="当てはまるひな形はありません" text="名前をさがしています。ことばを短くすると、見つかることがあります。" clear_href=TEMPLATES_PATH /> }.into_any();
    }
    let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
    let first = (page - 1) * TEMPLATES_PER_PAGE + 1;
    let last = first + found.rows.len() as i64 - 1;
    let pages = (found.total + TEMPLATES_PER_PAGE - 1) / TEMPLATES_PER_PAGE;
    let (before, after) = (href(q, page - 1), href(q, page + 1));
    let may_use = found.may_use;
    view! {
        <table class="list">
            <caption class="visually-hidden">"ひな形の一覧"</caption>
            <thead>
                <tr>
                    <th scope="col">"名前"</th>
                    <th scope="col">"内容"</th>
                    <th scope="col">"所属"</th>
                    <th scope="col">"最後に保存"</th>
                    <th scope="col"><span class="visually-hidden">"操作"</span></th>
                </tr>
            </thead>
            <tbody>{found.rows.into_iter().map(|t| row(t, may_use, acts)).collect_view()}</tbody>
        </table>
        <Pager
            total=unsigned(found.total)
            first=unsigned(first)
            last=unsigned(last)
            place=(unsigned(*page), unsigned(pages))
            previous=(*page > 1).then_some(before)
            next=(*page < pages).then_some(after)
        />
    }
    .into_any()
}

fn row(template: Template, may_use: bool, acts: Acts) -> AnyView {
    let (rename, delete) = (template.clone(), template.clone());
    let name = template.name.clone();
    view! {
        <tr class=template.purpose.band()>
            <td class="c-title title">
                <strong>{name.clone()}</strong>
                <p class="row-meta"><PurposeTag purpose=template.purpose /> {template.author}</p>
            </td>
            <td data-label="内容">{holds(&template.parts)}</td>
            <td data-label="所属">{template.department}</td>
            <td data-label="最後に保存" class="nowrap">{template.updated_at.day_and_time()}</td>
            <td class="acts">
                <div class="cluster">
                    {may_use.then(|| view! { <BeginForm id=template.id name=name.clone() action=acts.begin /> })}
                    {template
                        .may_write
                        .then(|| {
                            view! {
                                <RowMenu label=format!("「{name}」の操作")>
                                    <button class="menu-item" type="button" on:click=move |_| acts.renaming.set(Some(rename.clone()))>
                                        <Icon name=IconName::Pencil size=18 />
                                        "名前を変える"
                                    </button>
                                    <button class="menu-item" type="button" on:click=move |_| acts.deleting.set(Some(delete.clone()))>
                                        <Icon name=IconName::Trash size=18 />
                                        "ひな形を消す"
                                    </button>
                                </RowMenu>
                            }
                        })}
                </div>
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn Renaming(about: RwSignal<Option<Template>>, changes: RwSignal<u32>) -> impl IntoView {
    let open = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    Effect::new(move |_| {
        if let Some(template) = about.get() {
            name.set(template.name);
            error.set(None);
            open.set(true);
        }
    });
    let rename = move |()| {
        let Some(id) = about.with_untracked(|t| t.as_ref().map(|t| t.id)) else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = rename_template(id, name.get_untracked()).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => {
                    open.set(false);
                    changes.update(|n| *n += 1);
                    toasts.ok("ひな形の名前を変えました");
                }
                Err(why) => error.set(Some(why.message())),
            }
        });
    };
    view! {
        <ConfirmDialog id="rename" title="ひな形の名前を変える" open confirm="この名前にする" on_confirm=rename busy>
            <TextField
                name="new-name"
                label="ひな形の名前"
                maxlength=domain::delivery::TITLE_MAX as u32
                autocomplete="off"
                value=Signal::derive(move || name.get())
                error=Signal::derive(move || error.get())
                on_input=move |words| name.set(words)
            />
        </ConfirmDialog>
    }
}

#[component]
fn Deleting(about: RwSignal<Option<Template>>, changes: RwSignal<u32>) -> impl IntoView {
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    Effect::new(move |_| {
        if about.with(Option::is_some) {
            open.set(true);
        }
    });
    let delete = move |()| {
        let Some(id) = about.with_untracked(|t| t.as_ref().map(|t| t.id)) else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = delete_template(id).await;
            if busy.try_set(false).is_some() {
                return;
            }
            open.set(false);
            match answer {
                Ok(()) => {
                    changes.update(|n| *n += 1);
                    toasts.ok("ひな形を消しました");
                }
                Err(why) => toasts.err(format!("ひな形を消せませんでした。{}", why.message())),
            }
        });
    };
    let name = move || about.with(|t| t.as_ref().map(|t| t.name.clone()).unwrap_or_default());
    view! {
        <ConfirmDialog id="delete" title="ひな形を消す" open danger=true confirm="このひな形を消す" on_confirm=delete busy>
            <p>{move || format!("「{}」を消します。元にもどせません。このひな形から書いた配信は、そのままです。", name())}</p>
        </ConfirmDialog>
    }
}

/// 「ひな形から書く」 on the page of a new delivery; nothing where there are none.
#[component]
pub fn TemplatesPanel(
    /// The last changed first.
    templates: Templates,
) -> impl IntoView {
    let begin = ServerAction::<BeginWithTemplate>::new();
    let toasts = use_toasts();
    Effect::new(move |_| {
        if let Some(Err(error)) = begin.value().get() {
            toasts.err(format!("このひな形で始められませんでした。{}", error.message()));
        }
    });
    let may_use = use_me().may(Permission::DeliveryWrite);
    let rows: Vec<_> = templates.rows.into_iter().take(8).collect();
    (may_use && !rows.is_empty()).then(|| {
        view! {
            <Panel title="ひな形から書く" acts=|| view! { <a href=TEMPLATES_PATH>"ひな形の一覧"</a> }>
                <ul class="rows">
                    {rows
                        .into_iter()
                        .map(|t| {
                            view! {
                                <li class="split">
                                    <span class="grow">
                                        <strong>{t.name.clone()}</strong>
                                        <span class="row-meta"><PurposeTag purpose=t.purpose /> {t.department} " " {holds(&t.parts)}</span>
                                    </span>
                                    <BeginForm id=t.id name=t.name action=begin />
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </Panel>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_template_holds_in_words() {
        let text = |t: &str| Part::Text { text: t.into() };
        let image = Part::Image { image: None, alt: String::new() };
        assert_eq!(holds(&[text("a"), text("b"), image]), "文章 2");
        assert_eq!(holds(&[text("")]), "内容はまだありません");
    }
}
