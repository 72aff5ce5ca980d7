//! 「答えの表」: every column of a form's answers, found, sorted, chosen. Its state is in the
//! address, so that a view of it can be kept as a bookmark and sent to a colleague.

use super::api::{Source, answer_table};
use super::href;
use super::narrow::Narrowed;
use super::saved::Views;
use crate::form::{href as form_href, named, tabs};
use domain::form::export::AT_ONCE;
use domain::form::saved::View;
use domain::form::table::view::{Head, Line, PAGE, ROWS_MAX, Table, Wanted};
use domain::form::table::written;
use domain::id::FormId;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use ui::address::with_query;
use ui::prelude::*;
use ui::time::short;

fn address(id: FormId, wanted: &Wanted) -> String {
    with_query(&format!("{}/answers", form_href(id)), &wanted.pairs())
}

/// `/console/forms/{id}/answers`.
#[component]
pub fn TablePage(
    /// Which form.
    id: FormId,
) -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|q| Wanted::parse(|name| q.get(name))));
    let again = RwSignal::new(0u32);
    let read = Resource::new_blocking(
        move || (wanted.get(), again.get()),
        move |(wanted, _)| answer_table(id, wanted),
    );
    let toasts = use_toasts();
    // A changed filter is said, since focus stays where it is.
    Effect::new(move |former: Option<Wanted>| {
        let now = wanted.get();
        if former.is_some_and(|former| former != now)
            && let Some(Ok((_, table, ..))) = read.get()
        {
            toasts.say(format!("{}件あります", thousands(table.total)));
        }
        now
    });
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="答えの表を読みこんでいます" rows=8 /></div> }>
            {move || {
                let wanted = wanted.get();
                Suspend::new(async move {
                    match read.await {
                        Ok((source, table, views, now)) => view! { <Shown source table views now wanted again /> }.into_any(),
                        Err(error) => super::trouble(error, address(id, &wanted)),
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn Shown(
    source: Source,
    table: Table,
    views: Vec<View>,
    now: Timestamp,
    wanted: Wanted,
    again: RwSignal<u32>,
) -> impl IntoView {
    let Source { id, name, received, statuses } = source;
    let export = format!("{}/answers", form_href(id));
    // The form's own count: the table's follows what is found.
    let at_once = received <= AT_ONCE;
    let acts = move || {
        view! {
            {at_once
                .then(|| {
                    view! {
                        <LinkButton href=format!("{export}.csv") icon=IconName::Download download=true>"CSV"</LinkButton>
                        <LinkButton href=format!("{export}.xlsx") icon=IconName::Download download=true>"Excel"</LinkButton>
                    }
                })}
        }
    };
    let shown: Vec<Head> = table
        .heads
        .iter()
        .filter(|h| wanted.columns.is_empty() || wanted.columns.contains(&h.id))
        .cloned()
        .collect();
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let rows = table.lines.len() as i64;
    let first = (wanted.page - 1) * PAGE + i64::from(rows > 0);
    let last = (wanted.page - 1) * PAGE + rows;
    let to = |page: i64| address(id, &Wanted { page, ..wanted.clone() });
    let (previous, next) = (
        (wanted.page > 1).then(|| to(wanted.page - 1)),
        (last < table.total).then(|| to(wanted.page + 1)),
    );
    let place = (count(wanted.page), count((table.total + PAGE - 1) / PAGE));
    let narrows = !wanted.search.is_empty()
        || wanted.status.is_some()
        || wanted.from.is_some()
        || wanted.until.is_some()
        || !wanted.narrow.is_empty();
    let (total, cut) = (table.total, table.cut);
    let among = format!("新しい{}件の中からさがしています", thousands(ROWS_MAX as i64));
    view! {
        <Page title=format!("{}の答えの表", named(&name)) crumbs=vec![(crate::form::PATH.into(), "フォーム".into()), (form_href(id), named(&name))] acts dense=true>
            {tabs(id, true, "/answers")}
            <Views form=id views wanted=wanted.clone() address again />
            {filters(id, &wanted, &statuses, &table)}
            {cut.then(|| view! { <Banner title=among>"期間をしぼると、それより前も見られます。"</Banner> })}
            {if total == 0 && !narrows {
                view! { <EmptyState title="まだ答えは届いていません" text="フォームを公開すると、届いた答えがここに並びます。" /> }.into_any()
            } else if total == 0 {
                view! { <NoMatch title="当てはまる答えはありません" clear_href=address(id, &Wanted { columns: wanted.columns.clone(), ..Wanted::default() }) /> }.into_any()
            } else {
                view! {
                    <div class="wide-table" role="region" aria-label="答えの表" tabindex="0">
                        <table class="data answers-table">
                            <caption class="visually-hidden">"届いた答え"</caption>
                            {head(id, &wanted, &shown, !statuses.is_empty())}
                            <tbody>{table.lines.into_iter().map(|line| row(line, &shown, &statuses, now)).collect_view()}</tbody>
                        </table>
                    </div>
                    <Pager total=count(total) first=count(first) last=count(last) place previous next />
                    <p class="sub dense">"書き出したCSVとExcelには、しぼりこみに関わらず、取り下げられたものをのぞくすべての答えと、すべての列が入ります。書き出したことは台帳に残ります。Shift_JISのCSVや、答えが多いときのファイルは、「書き出す」で作ります。"</p>
                }
                    .into_any()
            }}
        </Page>
    }
}

fn head(id: FormId, wanted: &Wanted, shown: &[Head], has_status: bool) -> AnyView {
    let sorted = |key: &str| {
        let here = wanted.sort == key;
        let sort = match (here, wanted.ascending) {
            (true, true) => Sort::Ascending,
            (true, false) => Sort::Descending,
            _ => Sort::None,
        };
        let next = Wanted {
            sort: key.to_owned(),
            ascending: if here { !wanted.ascending } else { !key.is_empty() },
            page: 1,
            ..wanted.clone()
        };
        (address(id, &next), sort)
    };
    let (by_receipt, receipt_sort) = sorted("_receipt");
    let (by_time, time_sort) = sorted("");
    let status = has_status.then(|| {
        let (href, sort) = sorted("_status");
        view! { <SortHeader label="状態" href sort /> }
    });
    view! {
        <thead>
            <tr>
                <SortHeader label="受付番号" href=by_receipt sort=receipt_sort />
                <SortHeader label="届いた日時" href=by_time sort=time_sort />
                {status}
                {shown
                    .iter()
                    .map(|h| {
                        let (href, sort) = sorted(&h.id);
                        view! { <SortHeader label=h.label.clone() href sort /> }
                    })
                    .collect_view()}
            </tr>
        </thead>
    }
    .into_any()
}

fn row(line: Line, shown: &[Head], statuses: &[domain::form::Status], now: Timestamp) -> AnyView {
    let (day, time) = short(line.at, now);
    let label = statuses.iter().find(|s| s.key == line.status).map(|s| s.label.clone());
    let status = (!statuses.is_empty()).then(|| {
        view! { <td class="nowrap">{label.unwrap_or_else(|| "—".into())}</td> }
    });
    view! {
        <tr>
            <th scope="row" class="nowrap"><a href=href(line.id)>{line.receipt}</a></th>
            <td class="nowrap">{format!("{day} {time}")}</td>
            {status}
            {line
                .cells
                .into_iter()
                .zip(shown)
                .map(|(cell, head)| {
                    let cell = written(&cell).to_owned();
                    view! { <td data-label=head.label.clone()><span class="cell">{cell}</span></td> }
                })
                .collect_view()}
        </tr>
    }
    .into_any()
}

fn filters(
    id: FormId,
    wanted: &Wanted,
    statuses: &[domain::form::Status],
    table: &Table,
) -> AnyView {
    let action = format!("{}/answers", form_href(id));
    let keep: Vec<(String, String)> = wanted
        .pairs()
        .into_iter()
        .filter(|(name, value)| !value.is_empty() && !matches!(*name, "q" | "page"))
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let status_options: Vec<FilterOption> = std::iter::once(FilterOption {
        label: "すべて".into(),
        href: address(id, &Wanted { status: None, page: 1, ..wanted.clone() }),
        selected: wanted.status.is_none(),
    })
    .chain(statuses.iter().map(|s| FilterOption {
        label: s.label.clone(),
        href: address(id, &Wanted { status: Some(s.key.clone()), page: 1, ..wanted.clone() }),
        selected: wanted.status.as_ref() == Some(&s.key),
    }))
    .collect();
    let clear = wanted
        .status
        .as_ref()
        .map(|_| address(id, &Wanted { status: None, page: 1, ..wanted.clone() }));
    let has_statuses = !statuses.is_empty();
    let to = Callback::new(move |wanted: Wanted| address(id, &wanted));
    view! {
        <div class="filters">
            <SearchBox action label="答えの中のことば・受付番号" value=wanted.search.clone() keep />
            <div class="chips">
                {has_statuses.then(|| view! { <FilterChip label="状態" options=status_options clear /> })}
                <Columns id wanted=wanted.clone() heads=table.heads.clone() />
                <Narrowed wanted=wanted.clone() fields=table.fields.clone() address=to />
            </div>
            <PeriodForm action=format!("{}/answers", form_href(id)) wanted=wanted.clone() keep=Vec::new() />
        </div>
    }
    .into_any()
}

/// From which day to which, as a plain form that keeps the rest.
#[component]
pub fn PeriodForm(
    /// Where it leads.
    action: String,
    /// What is shown now.
    wanted: Wanted,
    /// More that is kept.
    keep: Vec<(String, String)>,
) -> impl IntoView {
    let day = |d: Option<domain::time::Date>| d.map(domain::time::Date::iso).unwrap_or_default();
    let hidden = wanted
        .pairs()
        .into_iter()
        .filter(|(name, value)| !value.is_empty() && !matches!(*name, "from" | "until" | "page"))
        .map(|(name, value)| (name.to_owned(), value))
        .chain(keep)
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    view! {
        <form class="period" method="get" action=action>
            {hidden}
            <TextField id="period-from" name="from" label="届いた日：から" kind="date" class="field-short" value=day(wanted.from) />
            <TextField id="period-until" name="until" label="まで" kind="date" class="field-short" value=day(wanted.until) />
            <Button submit=true>"この期間にする"</Button>
        </form>
    }
}

/// Which columns are shown.
#[component]
fn Columns(id: FormId, wanted: Wanted, heads: Vec<Head>) -> impl IntoView {
    let navigate = use_navigate();
    let all: Vec<String> = heads.iter().map(|h| h.id.clone()).collect();
    let now: Vec<String> = if wanted.columns.is_empty() {
        all.clone()
    } else {
        all.iter().filter(|h| wanted.columns.contains(h)).cloned().collect()
    };
    let words = if now.len() == all.len() {
        "列：すべて".to_owned()
    } else {
        format!("列：{} / {}", now.len(), all.len())
    };
    let chosen = RwSignal::new(now);
    let order = all.clone();
    let apply = move |_| {
        let mut columns = chosen.get_untracked();
        columns.sort_by_key(|c| order.iter().position(|o| o == c));
        if columns.len() == order.len() {
            columns.clear();
        }
        let to = address(id, &Wanted { columns, ..wanted.clone() });
        navigate(&to, NavigateOptions::default());
    };
    view! {
        <details class="menu chip columns">
            <summary>
                <span>{words}</span>
                <Icon name=IconName::ChevronDown size=16 />
            </summary>
            <div class="menu-list columns-list">
                {heads
                    .into_iter()
                    .map(|h| {
                        let (own, sent) = (h.id.clone(), h.id.clone());
                        view! {
                            <Checkbox
                                name="column"
                                value=h.id
                                checked=Signal::derive(move || chosen.with(|c| c.contains(&own)))
                                on_change=move |on| chosen.update(|c| {
                                    c.retain(|k| *k != sent);
                                    if on {
                                        c.push(sent.clone());
                                    }
                                })
                            >
                                {h.label}
                            </Checkbox>
                        }
                    })
                    .collect_view()}
                <Button kind=Kind::Act on_click=apply>"この列を出す"</Button>
            </div>
        </details>
    }
}
