//! フォーム: the list. Its state is in the address.

use super::api::{CopyForm, list_forms};
use super::{PATH, href, mark, named, sides};
use domain::form::kept::{Filter, Forms, Listed, Order, PAGE, State};
use domain::time::Timestamp;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::address::{page_number, with_query};
use ui::prelude::*;

/// The address of the list.
fn address(filter: &Filter) -> String {
    let order = if filter.order == Order::default() { "" } else { filter.order.name() };
    with_query(
        PATH,
        &[
            ("q", filter.search.clone()),
            ("state", filter.state.map_or("", State::name).to_owned()),
            ("sort", order.to_owned()),
            ("page", page_number(filter.page)),
        ],
    )
}

/// `/console/forms`.
#[component]
pub fn FormsPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(|q| Filter::parse(|name| q.get(name))));
    let listed = Resource::new_blocking(move || filter.get(), list_forms);
    let copy = ServerAction::<CopyForm>::new();
    let toasts = use_toasts();
    Effect::new(move |_| {
        if let Some(Err(error)) = copy.value().get() {
            toasts.err(format!("複製できませんでした。{}", error.message()));
        }
    });
    // A changed filter is said, since focus stays where it is.
    Effect::new(move |former: Option<Filter>| {
        let now = filter.get();
        if former.is_some_and(|former| former != now)
            && let Some(Ok((forms, _))) = listed.get()
        {
            toasts.say(format!("{}件あります", thousands(forms.total)));
        }
        now
    });
    let may_write = crate::shell::use_me().may(domain::permission::Permission::FormWrite);
    let acts = move || {
        view! {
            {may_write.then(|| view! { <LinkButton href=format!("{PATH}/new") kind=Kind::Filled icon=IconName::Plus>"新しいフォーム"</LinkButton> })}
        }
    };
    view! {
        <Page title="フォーム" sentence="申請やアンケートを作り、LINEで答えてもらいます。" acts>
            {sides(false)}
            <Transition fallback=|| view! { <Skeleton sentence="フォームの一覧を読みこんでいます" rows=6 /> }>
                {move || {
                    let filter = filter.get();
                    Suspend::new(async move {
                        match listed.await {
                            Ok((forms, now)) => list(&filter, forms, now, copy),
                            Err(error) => view! { <ErrorPage error retry_href=address(&filter) inside=true /> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </Page>
    }
}

fn list(filter: &Filter, forms: Forms, now: Timestamp, copy: ServerAction<CopyForm>) -> AnyView {
    let narrows = !filter.search.is_empty() || filter.state.is_some();
    if forms.total == 0 && !narrows {
        let may = forms.may_write;
        let text = if may {
            "はじめから作ることも、ほかの市が作ったひな形から始めることもできます。"
        } else {
            "作成者か送信責任者がフォームを作ると、ここに並びます。"
        };
        let acts = move || {
            view! { {may.then(|| view! { <LinkButton href=format!("{PATH}/new") kind=Kind::Act icon=IconName::Plus>"新しいフォーム"</LinkButton> })} }
        };
        return view! { <EmptyState title="まだフォームはありません" text acts /> }.into_any();
    }
    let filters = filters(filter);
    if forms.total == 0 {
        let mut removals = Vec::new();
        if !filter.search.is_empty() {
            let without = Filter { search: String::new(), page: 1, ..filter.clone() };
            removals.push((address(&without), filter.search.clone(), None));
        }
        if let Some(state) = filter.state {
            let without = Filter { state: None, page: 1, ..filter.clone() };
            removals.push((address(&without), state.label().to_owned(), None));
        }
        return view! {
            {filters}
            <NoMatch title="当てはまるフォームはありません" removals clear_href=PATH />
        }
        .into_any();
    }
    let shown = forms.rows.len() as i64;
    let first = (filter.page - 1) * PAGE + i64::from(shown > 0);
    let last = (filter.page - 1) * PAGE + shown;
    let to = |page: i64| address(&Filter { page, ..filter.clone() });
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let sort = |order: Order| {
        let sort = if filter.order == order {
            if order == Order::Name { Sort::Ascending } else { Sort::Descending }
        } else {
            Sort::None
        };
        (address(&Filter { order, page: 1, ..filter.clone() }), sort)
    };
    let (by_name, name_sort) = sort(Order::Name);
    let (by_count, count_sort) = sort(Order::Received);
    let (by_change, change_sort) = sort(Order::Changed);
    view! {
        {filters}
        <table class="list">
            <caption class="visually-hidden">"フォームの一覧"</caption>
            <thead>
                <tr>
                    <th scope="col">"状態"</th>
                    <SortHeader label="名前" href=by_name sort=name_sort />
                    <SortHeader label="答え" href=by_count sort=count_sort numeric=true />
                    <th scope="col">"未読"</th>
                    <SortHeader label="変更" href=by_change sort=change_sort />
                    <th scope="col"><span class="visually-hidden">"操作"</span></th>
                </tr>
            </thead>
            <tbody>{forms.rows.into_iter().map(|row| one(row, now, copy)).collect_view()}</tbody>
        </table>
        <Pager
            total=count(forms.total)
            first=count(first)
            last=count(last)
            place=(count(filter.page), count((forms.total + PAGE - 1) / PAGE))
            previous=(filter.page > 1).then(|| to(filter.page - 1))
            next=(last < forms.total).then(|| to(filter.page + 1))
        />
    }
    .into_any()
}

fn filters(filter: &Filter) -> AnyView {
    let mut keep = Vec::new();
    if let Some(state) = filter.state {
        keep.push(("state".to_owned(), state.name().to_owned()));
    }
    if filter.order != Order::default() {
        keep.push(("sort".to_owned(), filter.order.name().to_owned()));
    }
    let all = FilterOption {
        label: "すべて（保管したものはのぞく）".into(),
        href: address(&Filter { state: None, page: 1, ..filter.clone() }),
        selected: filter.state.is_none(),
    };
    let options = std::iter::once(all)
        .chain(State::ALL.into_iter().map(|state| FilterOption {
            label: state.label().to_owned(),
            href: address(&Filter { state: Some(state), page: 1, ..filter.clone() }),
            selected: filter.state == Some(state),
        }))
        .collect();
    let clear = filter.state.map(|_| address(&Filter { state: None, page: 1, ..filter.clone() }));
    view! {
        <div class="filters">
            <SearchBox action=PATH label="名前・題名" value=filter.search.clone() keep />
            <div class="chips"><FilterChip label="状態" options clear /></div>
        </div>
    }
    .into_any()
}

fn one(row: Listed, now: Timestamp, copy: ServerAction<CopyForm>) -> AnyView {
    let (status, word) = mark(row.state);
    let word = match row.published {
        Some(n) if row.state == State::Published => format!("{word} 第{n}版"),
        _ => word.to_owned(),
    };
    let changed = if row.asked {
        "・公開を求められています"
    } else if row.changed && row.published.is_some() {
        "・公開していない変更があります"
    } else {
        ""
    };
    let title = if row.title == row.name { String::new() } else { format!("・{}", row.title) };
    let meta = format!("{}{title}{changed}", row.department_name);
    let name = named(&row.name);
    let copied = name.clone();
    let unread = row.unread;
    view! {
        <tr>
            <td class="c-status nowrap"><StatusMark status word /></td>
            <td class="c-title title">
                <a class="title-link" href=href(row.id)>{name}</a>
                <p class="row-meta">{meta}</p>
            </td>
            <td class="c-figure num" data-label="答え">{format!("{}件", thousands(row.received))}</td>
            <td class="c-figure nowrap" data-label="未読">
                {if unread > 0 { view! { <strong>{format!("{}件", thousands(unread))}</strong> }.into_any() } else { view! { <span class="sub">"—"</span> }.into_any() }}
            </td>
            <td class="c-time nowrap" data-label="変更">{row.updated_at.near(now)}</td>
            <td class="acts">
                {row.may_write
                    .then(|| {
                        view! {
                            <ActionForm action=copy>
                                <input type="hidden" name="id" value=row.id.to_string() />
                                <Button size=Size::Small icon=IconName::Copy submit=true aria_label=format!("「{copied}」を複製する")>"複製"</Button>
                            </ActionForm>
                        }
                    })}
            </td>
        </tr>
    }
    .into_any()
}
