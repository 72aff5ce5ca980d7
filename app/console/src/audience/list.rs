//! The list of saved audiences.

use super::page::{open_audience, save_audience};
use super::side::made_with;
use crate::roster::Sides;
use crate::shell::use_me;
use domain::audience::saved::{PER_PAGE, SavedList, SavedRow, Uses};
use domain::id::AudienceId;
use domain::permission::Permission;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use server_fn::codec::GetUrl;
use ui::address::{page_number, with_query};
use ui::prelude::*;
use ui::toast::Offers;

/// A page of the saved audiences, found by name.
///
/// # Errors
/// `SignInNeeded`, `Forbidden`.
#[server(prefix = "/console/fn", input = GetUrl)]
pub async fn list_audiences(q: String, page: i64) -> Result<SavedList, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::audience::listed(&staff.ctx, q.trim(), page).await?)
}

/// Deletes a saved audience. Deliveries keep the condition that they were made with.
///
/// # Errors
/// `NotFound`, `Forbidden`.
#[server(prefix = "/console/fn")]
pub async fn delete_audience(id: AudienceId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::audience::delete(&staff.ctx, id).await?)
}

/// The same list with another search or page.
fn href(q: &str, page: i64) -> String {
    with_query("/console/audiences", &[("q", q.to_owned()), ("page", page_number(page))])
}

/// 「配信対象」.
#[component]
pub fn AudiencesPage() -> impl IntoView {
    let query = use_query_map();
    let state = Memo::new(move |_| {
        query.with(|q| {
            let page = q.get("page").and_then(|p| p.parse::<i64>().ok()).unwrap_or(1).max(1);
            (q.get("q").unwrap_or_default().trim().to_owned(), page)
        })
    });
    let list = Resource::new_blocking(move || state.get(), |(q, page)| list_audiences(q, page));
    let offers = use_offers();
    let may_write = move || list.get().is_some_and(|l| l.is_ok_and(|l| l.may_write));
    view! {
        <Page
            title="配信対象"
            sentence="だれに届けるかを、文として作って取っておけます。"
            acts=move || {
                view! {
                    <Suspense>
                        {move || {
                            may_write()
                                .then(|| {
                                    view! {
                                        <LinkButton href="/console/audiences/new" kind=Kind::Filled icon=IconName::Plus>
                                            "配信対象を作る"
                                        </LinkButton>
                                    }
                                })
                        }}
                    </Suspense>
                }
            }
        >
            <Sides lists=false />
            <div class="filters">
                {move || view! { <SearchBox action="/console/audiences" label="名前" value=state.with(|s| s.0.clone()) /> }}
            </div>
            <Suspense fallback=|| view! { <Skeleton sentence="配信対象の一覧を読みこんでいます" /> }>
                {move || Suspend::new(async move {
                    let state = state.get();
                    match list.await {
                        Ok(found) => view! { <Found found state list offers /> }.into_any(),
                        Err(error) => view! { <ErrorPage error retry_href=href(&state.0, state.1) inside=true /> }.into_any(),
                    }
                })}
            </Suspense>
        </Page>
    }
}

/// A saved audience that is used, and is to be deleted.
#[derive(Clone)]
struct Asked {
    name: String,
    uses: Uses,
    delete: Callback<()>,
}

#[component]
fn Found(
    found: SavedList,
    state: (String, i64),
    list: Resource<Result<SavedList, AppError>>,
    offers: Offers,
) -> impl IntoView {
    let (q, page) = state;
    if found.total == 0 && q.is_empty() {
        let may_write = found.may_write;
        return view! {
            <EmptyState
                title="まだ配信対象はありません"
                text="よく届ける相手を保存しておくと、配信を作るときに1回で選べます。"
                acts=move || may_write.then(|| view! { <LinkButton href="/console/audiences/new" kind=Kind::Filled icon=IconName::Plus>"配信対象を作る"</LinkButton> })
            />
        }
        .into_any();
    }
    if found.rows.is_empty() {
        return view! {
            <NoMatch title="当てはまる配信対象はありません" text="名前をさがしています。ことばを短くすると、見つかることがあります。" clear_href="/console/audiences" />
        }
        .into_any();
    }
    let first = (page - 1) * PER_PAGE + 1;
    let last = first + found.rows.len() as i64 - 1;
    let pages = (found.total + PER_PAGE - 1) / PER_PAGE;
    let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
    let friends = found.friends;
    let now = found.now;
    let asked = RwSignal::new(None::<Asked>);
    let open = RwSignal::new(false);
    let title = Signal::derive(move || {
        let name = asked.with(|a| a.as_ref().map(|a| a.name.clone()).unwrap_or_default());
        format!("配信対象「{name}」を消します")
    });
    let delete = move |()| {
        open.set(false);
        if let Some(asked) = asked.get_untracked() {
            asked.delete.run(());
        }
    };
    let ask = Callback::new(move |about: Asked| {
        asked.set(Some(about));
        open.set(true);
    });
    view! {
        <table class="list">
            <thead>
                <tr>
                    <th scope="col">"名前と条件"</th>
                    <th scope="col" class="num">"当てはまる人"</th>
                    <th scope="col">"所属"</th>
                    <th scope="col" class="num">"使っているもの"</th>
                    <th scope="col">"最後に保存"</th>
                    <th scope="col"><span class="visually-hidden">"操作"</span></th>
                </tr>
            </thead>
            <tbody>{found.rows.into_iter().map(|row| view! { <Row row friends now list offers ask /> }).collect_view()}</tbody>
        </table>
        <Pager
            total=unsigned(found.total)
            first=unsigned(first)
            last=unsigned(last)
            place=(unsigned(page), unsigned(pages))
            previous=(page > 1).then(|| href(&q, page - 1))
            next=(page < pages).then(|| href(&q, page + 1))
        />
        <ConfirmDialog id="delete-audience" title open confirm="配信対象を消す" danger=true on_confirm=delete>
            <p>"次のものが、この条件を使っています。どれも、選んだときの条件を覚えているので、消しても届く相手や出し分けは変わりません。"</p>
            {move || asked.get().map(|asked| made_with(asked.uses))}
        </ConfirmDialog>
    }
    .into_any()
}

#[component]
fn Row(
    row: SavedRow,
    friends: i64,
    now: ui::time::Timestamp,
    list: Resource<Result<SavedList, AppError>>,
    offers: Offers,
    ask: Callback<Asked>,
) -> impl IntoView {
    let SavedRow { id, name, sentence, department, updated_at, count, uses, may_write, audience } =
        row;
    let toasts = use_toasts();
    // Who may write at all may copy what belongs to another department.
    let may_copy = use_me().may(Permission::AudienceWrite);
    let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
    let kept = StoredValue::new((name.clone(), audience));
    let delete = Callback::new(move |()| {
        spawn_local(async move {
            if let Err(error) = delete_audience(id).await {
                toasts.err(error.to_string());
                return;
            }
            let Some((name, audience)) = kept.try_get_value() else { return };
            list.refetch();
            let words = format!("「{name}」を消しました。作った配信は、そのまま残っています");
            offers.ok(words, "元にもどす", move || {
                let (name, audience) = (name.clone(), audience.clone());
                spawn_local(async move {
                    match save_audience(None, name, audience).await {
                        Ok(_) => list.refetch(),
                        Err(error) => toasts.err(format!("元にもどせませんでした。{error}")),
                    }
                });
            });
        });
    });
    // What nothing uses can be brought back as it was; else it is said first what keeps its condition.
    let remove = move |_| {
        if uses == 0 {
            return delete.run(());
        }
        spawn_local(async move {
            let opened = open_audience(Some(id)).await;
            let Some((name, _)) = kept.try_get_value() else { return };
            match opened {
                Ok(opened) => ask.run(Asked { name, uses: opened.uses, delete }),
                Err(error) => toasts.err(error.to_string()),
            }
        });
    };
    view! {
        <tr>
            <td class="title c-title">
                <a class="title-link" href=format!("/console/audiences/{id}")>{name.clone()}</a>
                <p class="row-meta">{sentence}</p>
            </td>
            <td class="num c-figure" data-label="当てはまる人">
                {match count {
                    Some(n) => view! {
                        <span>{thousands(n)} "人"</span>
                        <span class="sub">{share(unsigned(n), unsigned(friends))}</span>
                    }
                        .into_any(),
                    None => view! { <span>"—"</span> <span class="warn">"条件を直してください"</span> }.into_any(),
                }}
            </td>
            <td data-label="所属">{if department.is_empty() { "—".to_owned() } else { department }}</td>
            <td class="num c-figure" data-label="使っているもの">{if uses > 0 { format!("{}件", thousands(uses)) } else { "—".to_owned() }}</td>
            <td class="c-time">{updated_at.near(now)}</td>
            <td class="acts">
                {may_copy
                    .then(|| {
                        view! {
                            <RowMenu label=format!("「{name}」の操作")>
                                <a class="menu-item" href=format!("/console/audiences/new?from={id}")>
                                    <Icon name=IconName::Copy size=18 />
                                    "写しを作る"
                                </a>
                                {may_write
                                    .then(|| {
                                        view! {
                                            <button class="menu-item" type="button" on:click=remove>
                                                <Icon name=IconName::Trash size=18 />
                                                "消す"
                                            </button>
                                        }
                                    })}
                            </RowMenu>
                        }
                    })}
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_in_the_address() {
        assert_eq!(href("", 1), "/console/audiences");
        assert_eq!(href("港 a&b", 2), "/console/audiences?q=%E6%B8%AF%20a%26b&page=2");
    }
}
