//! The lists, the last changed first.

use super::PATH;
use domain::roster::{Listed, PER_PAGE, Row};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use server_fn::codec::GetUrl;
use ui::address::{page_number, with_query};
use ui::prelude::*;

/// A page of the lists, found by name.
///
/// # Errors
/// `SignInNeeded`, `Forbidden`.
#[server(prefix = "/console/fn", input = GetUrl)]
pub async fn list_rosters(q: String, page: i64) -> Result<Listed, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::roster::listed(&staff.ctx, q.trim(), page).await?)
}

/// The two sides of 配信対象.
#[component]
pub fn Sides(
    /// Of the lists; else of the saved conditions.
    lists: bool,
) -> impl IntoView {
    let items = vec![
        ("/console/audiences".to_owned(), "保存した条件".to_owned(), !lists),
        (PATH.to_owned(), "対象者リスト".to_owned(), lists),
    ];
    view! { <Tabs label="配信対象" items /> }
}

fn href(q: &str, page: i64) -> String {
    with_query(PATH, &[("q", q.to_owned()), ("page", page_number(page))])
}

/// `/console/audiences/lists`.
#[component]
pub fn RostersPage() -> impl IntoView {
    let query = use_query_map();
    let state = Memo::new(move |_| {
        query.with(|q| {
            let page = q.get("page").and_then(|p| p.parse::<i64>().ok()).unwrap_or(1).max(1);
            (q.get("q").unwrap_or_default().trim().to_owned(), page)
        })
    });
    let list = Resource::new_blocking(move || state.get(), |(q, page)| list_rosters(q, page));
    let may_write = move || list.get().is_some_and(|l| l.is_ok_and(|l| l.may_write));
    view! {
        <Page
            title="対象者リスト"
            crumbs=vec![("/console/audiences".to_owned(), "配信対象".to_owned())]
            sentence="市の名簿（CSV・Excel）から、配信を届ける友だちを取りこんでおけます。フォームに答えられる人を決めるのは、「フォーム」の「対象者の名簿」です。"
            acts=move || {
                view! {
                    <Suspense>
                        {move || may_write().then(|| view! { <LinkButton href=format!("{PATH}/new") kind=Kind::Filled icon=IconName::Upload>"リストを取りこむ"</LinkButton> })}
                    </Suspense>
                }
            }
        >
            <Sides lists=true />
            <div class="filters">
                {move || view! { <SearchBox action=PATH label="名前" value=state.with(|s| s.0.clone()) /> }}
            </div>
            <Suspense fallback=|| view! { <Skeleton sentence="対象者リストを読みこんでいます" /> }>
                {move || Suspend::new(async move {
                    let state = state.get();
                    match list.await {
                        Ok(found) => table(found, &state),
                        Err(error) => view! { <ErrorPage error retry_href=href(&state.0, state.1) inside=true /> }.into_any(),
                    }
                })}
            </Suspense>
        </Page>
    }
}

fn table(found: Listed, (q, page): &(String, i64)) -> AnyView {
    if found.total == 0 && q.is_empty() {
        let may_write = found.may_write;
        return view! {
            <EmptyState
                title="まだ対象者リストはありません"
                text="給付の対象者や消防団員のように、市の名簿にある人だけに届けたいとき、ここで取りこみます。"
                acts=move || may_write.then(|| view! { <LinkButton href=format!("{PATH}/new") kind=Kind::Filled icon=IconName::Upload>"リストを取りこむ"</LinkButton> })
            />
        }
        .into_any();
    }
    if found.rows.is_empty() {
        return view! { <NoMatch title="当てはまる対象者リストはありません" text="名前をさがしています。ことばを短くすると、見つかることがあります。" clear_href=PATH /> }.into_any();
    }
    let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
    let first = (page - 1) * PER_PAGE + 1;
    let last = first + found.rows.len() as i64 - 1;
    let pages = (found.total + PER_PAGE - 1) / PER_PAGE;
    let now = found.now;
    let row = move |row: Row| {
        view! {
            <tr>
                <td class="title c-title">
                    <a class="title-link" href=format!("{PATH}/{}", row.id)>{row.name}</a>
                    <p class="row-meta">{format!("「{}」で照合", row.found_by)}</p>
                </td>
                <td class="num c-figure" data-label="いま友だちの人">
                    <span>{thousands(row.friends)} "人"</span>
                    {(row.friends < row.count).then(|| view! { <span class="sub">{format!("取りこんだとき {}人", thousands(row.count))}</span> })}
                </td>
                <td data-label="所属">{if row.department.is_empty() { "—".to_owned() } else { row.department }}</td>
                <td data-label="取りこんだ人">{if row.imported_by.is_empty() { "—".to_owned() } else { row.imported_by }}</td>
                <td class="c-time">{row.imported_at.near(now)}</td>
            </tr>
        }
    };
    view! {
        <table class="list">
            <caption class="visually-hidden">"対象者リストの一覧"</caption>
            <thead>
                <tr>
                    <th scope="col">"名前"</th>
                    <th scope="col" class="num">"いま友だちの人"</th>
                    <th scope="col">"所属"</th>
                    <th scope="col">"取りこんだ人"</th>
                    <th scope="col">"取りこんだ日時"</th>
                </tr>
            </thead>
            <tbody>{found.rows.into_iter().map(row).collect_view()}</tbody>
        </table>
        <Pager
            total=unsigned(found.total)
            first=unsigned(first)
            last=unsigned(last)
            place=(unsigned(*page), unsigned(pages))
            previous=(*page > 1).then(|| href(q, page - 1))
            next=(*page < pages).then(|| href(q, page + 1))
        />
    }
    .into_any()
}
