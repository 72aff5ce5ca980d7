//! 配信: the list (pictures 03 and 16). Its state is in the address.

use super::address::{csv_href, href, xlsx_href};
use super::begin::{Deleted, NewDeliveryButton, delete_draft, restore_draft, use_duplicate};
use super::calendar::ListOrCalendar;
use super::cancel::StopDialog;
use super::periods::PERIODS_PATH;
use super::row::{Acts, row};
use super::steps::STEPS;
use super::templates::TEMPLATES_PATH;
use super::{PATH, figure};
use domain::delivery::{Filter, Listed, Order, PER_PAGE, Purpose, Status as D};
use domain::id::DeliveryId;
use domain::time::{Date, Timestamp};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use server_fn::codec::Json;
use ui::prelude::*;

/// A page of the list.
#[server(prefix = "/console/fn", input = Json)]
pub async fn deliveries(filter: Filter) -> Result<Listed, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::listed(&staff.ctx, &filter).await?)
}

/// The list of deliveries.
#[component]
pub fn DeliveriesPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(|q| Filter::parse(|name| q.get(name))));
    let changes = RwSignal::new(0u32);
    let listed = Resource::new_blocking(
        move || (filter.get(), changes.get()),
        |(filter, _)| deliveries(filter),
    );
    let duplicate = use_duplicate();
    let stopping = RwSignal::new(None);
    let (toasts, offers) = (use_toasts(), use_offers());
    // A changed filter is said, since focus stays where it is.
    Effect::new(move |former: Option<Filter>| {
        let now = filter.get();
        if former.is_some_and(|former| former != now)
            && let Some(Ok(l)) = listed.get()
        {
            toasts.say(format!("{}件あります", figure(l.coming_total + l.past_total)));
        }
        now
    });
    let delete = Callback::new(move |id: DeliveryId| {
        spawn_local(async move {
            match delete_draft(id).await {
                Ok(Deleted { draft, resends }) => {
                    changes.update(|n| *n += 1);
                    offers.ok("下書きを消しました", "元にもどす", move || {
                        let draft = draft.clone();
                        spawn_local(async move {
                            match restore_draft(draft, resends).await {
                                Ok(_) => changes.update(|n| *n += 1),
                                Err(error) => toasts
                                    .err(format!("元にもどせませんでした。{}", error.message())),
                            }
                        });
                    });
                }
                Err(error) => toasts.err(format!("下書きを消せませんでした。{}", error.message())),
            }
        });
    });
    let acts = Acts { duplicate, stopping, delete };
    view! {
        <Page
            title="配信"
            sentence="LINEで届ける、届けたメッセージの一覧です。"
            acts=move || {
                view! {
                    {move || view! { <LinkButton href=csv_href(&filter.get()) icon=IconName::Download download=true>"CSV"</LinkButton> }}
                    {move || view! { <LinkButton href=xlsx_href(&filter.get()) icon=IconName::Download download=true>"Excel"</LinkButton> }}
                    <LinkButton href=STEPS icon=IconName::Clock>"ステップ配信"</LinkButton>
                    <LinkButton href=PERIODS_PATH icon=IconName::Chart>"まとめ"</LinkButton>
                    <LinkButton href=TEMPLATES_PATH icon=IconName::Copy>"ひな形"</LinkButton>
                    <NewDeliveryButton />
                }
            }
        >
            <Transition fallback=|| view! { <Skeleton sentence="配信の一覧を読みこんでいます" rows=6 /> }>
                {move || {
                    let filter = filter.get();
                    Suspend::new(async move {
                        match listed.await {
                            Ok(listed) => {
                                keep_focus_after(changes);
                                list(&filter, listed, acts)
                            }
                            Err(error) => view! { <ErrorPage error retry_href=href(&filter) inside=true /> }.into_any(),
                        }
                    })
                }}
            </Transition>
            <StopDialog about=stopping done=move |_| changes.update(|n| *n += 1) />
        </Page>
    }
}

fn list(filter: &Filter, listed: Listed, acts: Acts) -> AnyView {
    let total = listed.coming_total + listed.past_total;
    if total == 0 && !filter.narrows() {
        let text = if listed.may_write {
            "お知らせを書いて、届ける相手を選ぶと、LINEで届きます。"
        } else {
            "作成者か送信責任者が配信を作ると、ここに並びます。"
        };
        return view! { <EmptyState title="まだ配信はありません" text acts=|| view! { <NewDeliveryButton /> } /> }.into_any();
    }
    let filters = filters(filter, &listed);
    if total == 0 {
        let removals = listed
            .removals
            .iter()
            .map(|(f, words, n)| (href(f), words.clone(), u64::try_from(*n).ok()))
            .collect();
        return view! {
            {filters}
            <NoMatch title="当てはまる配信はありません" text="条件を1つ外すと、見つかるかもしれません。" removals clear_href=PATH />
        }
        .into_any();
    }
    let shown = (listed.coming.len() + listed.past.len()) as i64;
    let first = (filter.page - 1) * PER_PAGE + i64::from(shown > 0);
    let last = (filter.page - 1) * PER_PAGE + shown;
    let pages = (total + PER_PAGE - 1) / PER_PAGE;
    let to = |page: i64| href(&Filter { page, ..filter.clone() });
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let coming_note = format!("{}件", figure(listed.coming_total));
    let when = filter.month.map(|(_, month)| format!("{month}月は ")).unwrap_or_default();
    let past_note =
        format!("{when}{}件・のべ {}人", figure(listed.past_total), figure(listed.past_recipients));
    let now = listed.now;
    let group = |title: &'static str, note: String, rows: Vec<domain::delivery::Row>| {
        (!rows.is_empty()).then(|| {
            view! {
                <tbody>
                    <tr class="group"><th colspan="8" scope="rowgroup">{title}<span class="sub">{note}</span></th></tr>
                    {rows.into_iter().map(|r| row(r, now, acts)).collect_view()}
                </tbody>
            }
        })
    };
    view! {
        {filters}
        <table class="list">
            <caption class="visually-hidden">"配信の一覧"</caption>
            {head(filter)}
            {group("これから届くもの", coming_note, listed.coming)}
            {group("届けたもの", past_note, listed.past)}
        </table>
        <Pager
            total=count(total)
            first=count(first)
            last=count(last)
            place=(count(filter.page), count(pages))
            previous=(filter.page > 1).then(|| to(filter.page - 1))
            next=(filter.page < pages).then(|| to(filter.page + 1))
        />
    }
    .into_any()
}

fn head(filter: &Filter) -> AnyView {
    let sorted = |order: Order| href(&Filter { order, page: 1, ..filter.clone() });
    let (time, time_href) = match filter.order {
        Order::Newest => (Sort::Descending, sorted(Order::Oldest)),
        Order::Oldest => (Sort::Ascending, sorted(Order::Newest)),
        Order::Title | Order::Recipients => (Sort::None, sorted(Order::Newest)),
    };
    let title = if filter.order == Order::Title { Sort::Ascending } else { Sort::None };
    let recipients = if filter.order == Order::Recipients { Sort::Descending } else { Sort::None };
    view! {
        <thead>
            <tr>
                <th scope="col">"状態"</th>
                <SortHeader label="配信" href=sorted(Order::Title) sort=title />
                <th scope="col">"配信対象"</th>
                <SortHeader label="日時" href=time_href sort=time />
                <SortHeader label="受付 / 対象" href=sorted(Order::Recipients) sort=recipients numeric=true />
                <th scope="col" class="num">"読んだ人"</th>
                <th scope="col" class="num">"タップ"</th>
                <th scope="col"><span class="visually-hidden">"操作"</span></th>
            </tr>
        </thead>
    }
    .into_any()
}

fn filters(filter: &Filter, listed: &Listed) -> AnyView {
    let all = Filter { page: 1, ..filter.clone() };
    let option = |label: &str, selected: bool, filter: Filter| FilterOption {
        label: label.to_owned(),
        href: href(&filter),
        selected,
    };
    let mut months =
        vec![option("すべて", filter.month.is_none(), Filter { month: None, ..all.clone() })];
    for (year, month) in recent_months(listed.now, filter.month) {
        let label = if year == listed.now.date().year {
            format!("{month}月")
        } else {
            format!("{year}年{month}月")
        };
        months.push(option(
            &label,
            filter.month == Some((year, month)),
            Filter { month: Some((year, month)), ..all.clone() },
        ));
    }
    let mut purposes =
        vec![option("すべて", filter.purpose.is_none(), Filter { purpose: None, ..all.clone() })];
    purposes.extend(Purpose::ALL.iter().map(|p| {
        option(p.label(), filter.purpose == Some(*p), Filter { purpose: Some(*p), ..all.clone() })
    }));
    let mut statuses =
        vec![option("すべて", filter.status.is_none(), Filter { status: None, ..all.clone() })];
    statuses.extend(D::ALL.iter().map(|s| {
        option(s.label(), filter.status == Some(*s), Filter { status: Some(*s), ..all.clone() })
    }));
    let mut departments = vec![option(
        "すべて",
        filter.department.is_none(),
        Filter { department: None, ..all.clone() },
    )];
    departments.extend(listed.departments.iter().map(|(id, name)| {
        option(
            name,
            filter.department == Some(*id),
            Filter { department: Some(*id), ..all.clone() },
        )
    }));
    let keep = Filter { search: String::new(), ..all.clone() }
        .pairs()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    view! {
        <div class="filters">
            <SearchBox action=PATH label="件名・本文" value=filter.search.clone() keep />
            <div class="chips">
                <FilterChip label="期間" options=months clear=filter.month.map(|_| href(&Filter { month: None, ..all.clone() })) />
                <FilterChip label="目的" options=purposes clear=filter.purpose.map(|_| href(&Filter { purpose: None, ..all.clone() })) />
                <FilterChip label="状態" options=statuses clear=filter.status.map(|_| href(&Filter { status: None, ..all.clone() })) />
                <FilterChip label="所属" options=departments clear=filter.department.map(|_| href(&Filter { department: None, ..all.clone() })) />
            </div>
            <div class="filters-end"><ListOrCalendar /></div>
        </div>
    }
    .into_any()
}

/// This month and the eleven before it, and the chosen one if it is another.
fn recent_months(now: Timestamp, chosen: Option<(i32, u8)>) -> Vec<(i32, u8)> {
    let Date { year, month, .. } = now.date();
    let this = year * 12 + i32::from(month) - 1;
    let mut months: Vec<_> = (0..12)
        .map(|back| this - back)
        .map(|m| (m.div_euclid(12), m.rem_euclid(12) as u8 + 1))
        .collect();
    if let Some(chosen) = chosen.filter(|c| !months.contains(c)) {
        months.push(chosen);
        months.sort_unstable_by(|a, b| b.cmp(a));
    }
    months
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_of_months_and_the_chosen_one() {
        let now = Date { year: 2026, month: 3, day: 31 }.start();
        let months = recent_months(now, Some((2024, 7)));
        assert_eq!(months.first(), Some(&(2026, 3)));
        assert_eq!(months[3], (2025, 12));
        assert_eq!(months.last(), Some(&(2024, 7)));
        assert_eq!(recent_months(now, Some((2026, 1))).len(), 12);
    }
}
