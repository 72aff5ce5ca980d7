//! 回答: the inbox. Its state is in the address; nothing of what was answered stands here.

use super::api::{Inbox, list_answers, mark_answers};
use super::deliver::DeliverButton;
use super::{PATH, href, shape, trouble};
use crate::around::Watch;
use domain::form::inbox::{Filter, Listed, Order, PAGE, Shown};
use domain::id::{AnswerId, DepartmentId};
use domain::time::{Date, Timestamp};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use ui::address::{page_number, with_query};
use ui::prelude::*;
use ui::time::short;

/// The address of the inbox.
fn address(filter: &Filter) -> String {
    let day = |d: Option<Date>| d.map(Date::iso).unwrap_or_default();
    let order = if filter.order == Order::default() { "" } else { filter.order.name() };
    let state = if filter.state == Shown::default() { "" } else { filter.state.name() };
    with_query(
        PATH,
        &[
            ("form", filter.form.map(|f| f.to_string()).unwrap_or_default()),
            ("department", filter.department.map(|d| d.to_string()).unwrap_or_default()),
            ("q", filter.search.clone()),
            ("status", filter.status.clone().unwrap_or_default()),
            ("state", state.to_owned()),
            ("unread", if filter.unread { "1".into() } else { String::new() }),
            ("open", if filter.open { "1".into() } else { String::new() }),
            ("from", day(filter.from)),
            ("until", day(filter.until)),
            ("sort", order.to_owned()),
            ("page", page_number(filter.page)),
        ],
    )
}

/// `/console/answers`.
#[component]
pub fn InboxPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(|q| Filter::parse(|name| q.get(name))));
    let again = RwSignal::new(0u32);
    let read = Resource::new_blocking(
        move || (filter.get(), again.get()),
        |(filter, _)| list_answers(filter),
    );
    let toasts = use_toasts();
    // A changed filter is said, since focus stays where it is.
    Effect::new(move |former: Option<Filter>| {
        let now = filter.get();
        if former.is_some_and(|former| former != now)
            && let Some(Ok(inbox)) = read.get()
        {
            toasts.say(format!("{}件あります", thousands(inbox.answered.total)));
        }
        now
    });
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="回答を読みこんでいます" rows=8 /></div> }>
            {move || {
                let filter = filter.get();
                Suspend::new(async move {
                    match read.await {
                        Ok(inbox) => view! { <List filter inbox again /> }.into_any(),
                        Err(error) => trouble(error, address(&filter)),
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn List(filter: Filter, inbox: Inbox, again: RwSignal<u32>) -> impl IntoView {
    let Inbox { answered, forms, form, now } = inbox;
    let unread = answered.unread;
    let title = match &form {
        Some(source) => format!("回答：{}", source.name),
        None => "回答".to_owned(),
    };
    let sentence = match unread {
        0 => "未読の回答はありません。".to_owned(),
        n => format!("だれも読んでいない回答が {}件あります。", thousands(n)),
    };
    let open = form.as_ref().map(|source| {
        let to = crate::form::href(source.id);
        (format!("{to}/answers"), format!("{to}/figures"), source.id)
    });
    let acts = move || {
        let open = open.clone();
        view! {
            {open.map(|(table, figures, id)| view! {
                <DeliverButton form=id />
                <LinkButton href=table icon=IconName::Table>"答えの表"</LinkButton>
                <LinkButton href=figures icon=IconName::Chart>"集計"</LinkButton>
            })}
        }
    };
    let statuses = form.map(|source| source.statuses).unwrap_or_default();
    let unread_here = answered.rows.iter().filter(|r| r.unread);
    let seen: Vec<(AnswerId, Timestamp)> = unread_here.map(|r| (r.id, r.changed_at)).collect();
    let toasts = use_toasts();
    let watch = expect_context::<Watch>();
    let mark = move |_| {
        let seen = seen.clone();
        spawn_local(async move {
            match mark_answers(seen, true).await {
                Ok(left) => {
                    again.update(|n| *n += 1);
                    watch.look();
                    match left {
                        None => toasts.ok("この画面の回答を、読んだことにしました"),
                        Some(n) => toasts.warn(format!(
                            "{}件は、一覧を出したあとに変わったので、未読のままです",
                            thousands(n)
                        )),
                    }
                }
                Err(error) => toasts.err(format!("できませんでした。{}", error.message())),
            }
        });
    };
    // Whoever sees several departments is told which.
    let several = !answered.departments.is_empty();
    let any_unread = answered.rows.iter().any(|r| r.unread);
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let shown = answered.rows.len() as i64;
    let first = (filter.page - 1) * PAGE + i64::from(shown > 0);
    let last = (filter.page - 1) * PAGE + shown;
    let to = |page: i64| address(&Filter { page, ..filter.clone() });
    let total = answered.total;
    let (page, pages) = (filter.page, (total + PAGE - 1) / PAGE);
    let (previous, next) =
        ((filter.page > 1).then(|| to(filter.page - 1)), (last < total).then(|| to(page + 1)));
    let narrows = filter != Filter { order: filter.order, page: filter.page, ..Filter::default() };
    view! {
        <Page title sentence acts>
            {filters(&filter, &forms, &statuses, &answered.departments, now)}
            {if total == 0 && !narrows {
                view! { <EmptyState title="まだ回答は届いていません" text="フォームを公開して、配信やリッチメニューからアドレスを知らせると、ここに届きます。" acts=|| view! { <LinkButton href="/console/forms" icon=IconName::Form>"フォームを見る"</LinkButton> } /> }.into_any()
            } else if total == 0 {
                view! { <NoMatch title="当てはまる回答はありません" clear_href=PATH /> }.into_any()
            } else {
                let sorted = |a: Order, b: Order| {
                    let (sort, next) = if filter.order == a { (Sort::Descending, b) } else if filter.order == b { (Sort::Ascending, a) } else { (Sort::None, a) };
                    (sort, address(&Filter { order: next, page: 1, ..filter.clone() }))
                };
                let (time_sort, by_time) = sorted(Order::Newest, Order::Oldest);
                let receipt_sort = if filter.order == Order::Receipt { Sort::Ascending } else { Sort::None };
                let by_receipt = address(&Filter { order: Order::Receipt, page: 1, ..filter.clone() });
                view! {
                    <table class="list inbox">
                        <caption class="visually-hidden">"届いた回答"</caption>
                        <thead>
                            <tr>
                                <SortHeader label="受付番号" href=by_receipt sort=receipt_sort />
                                <th scope="col">"フォーム"</th>
                                {several.then(|| view! { <th scope="col">"所属"</th> })}
                                <th scope="col">"状態"</th>
                                <SortHeader label="届いた日時" href=by_time sort=time_sort />
                            </tr>
                        </thead>
                        <tbody>{answered.rows.into_iter().map(|row| one(row, &statuses, several, now)).collect_view()}</tbody>
                    </table>
                    <div class="split">
                        <Pager total=count(total) first=count(first) last=count(last) place=(count(page), count(pages)) previous next />
                        {any_unread.then(|| view! { <Button size=Size::Small icon=IconName::Check on_click=mark>"この画面を読んだことにする"</Button> })}
                    </div>
                }
                    .into_any()
            }}
        </Page>
    }
}

fn one(row: Listed, statuses: &[domain::form::Status], several: bool, now: Timestamp) -> AnyView {
    let (day, time) = short(row.at, now);
    let class = if row.unread { "is-unread" } else { "" };
    let mut meta = Vec::new();
    if row.corrected {
        meta.push("申請者が直しました".to_owned());
    }
    if row.files > 0 {
        meta.push(format!("ファイル {}", row.files));
    }
    let status = if row.withdrawn {
        view! { <StatusMark status=Status::Cancelled word="取り下げ" /> }.into_any()
    } else if row.status.is_empty() {
        view! { <span class="sub">"—"</span> }.into_any()
    } else {
        let status = if statuses.is_empty() { Status::Draft } else { shape(statuses, &row.status) };
        view! { <StatusMark status word=row.status_label.clone() /> }.into_any()
    };
    let department = several.then(|| {
        let name =
            if row.department.is_empty() { "—".to_owned() } else { row.department.clone() };
        view! { <td data-label="所属">{name}</td> }
    });
    view! {
        <tr class=class>
            <td class="c-title title">
                <a class="title-link" href=href(row.id)>{row.receipt}</a>
                {row.unread.then(|| view! { " " <strong class="unread">"未読"</strong> })}
            </td>
            <td class="c-audience" data-label="フォーム">
                {row.form_name} {(!meta.is_empty()).then(|| view! { <p class="row-meta">{meta.join("・")}</p> })}
            </td>
            {department}
            <td class="c-status nowrap" data-label="状態">{status}</td>
            <td class="c-time nowrap" data-label="届いた日時">{format!("{day} {time}")}</td>
        </tr>
    }
    .into_any()
}

fn filters(
    filter: &Filter,
    forms: &[domain::form::kept::Listed],
    statuses: &[domain::form::Status],
    departments: &[(DepartmentId, String)],
    now: Timestamp,
) -> AnyView {
    let with = |change: &dyn Fn(&mut Filter)| {
        let mut f = Filter { page: 1, ..filter.clone() };
        change(&mut f);
        address(&f)
    };
    let option =
        |label: String, href: String, selected: bool| FilterOption { label, href, selected };
    let mut by_form = vec![option(
        "すべて".into(),
        with(&|f| (f.form, f.status) = (None, None)),
        filter.form.is_none(),
    )];
    let chosen = departments.iter().find(|(id, _)| filter.department == Some(*id));
    let own = |form: &&domain::form::kept::Listed| {
        chosen.is_none_or(|(_, name)| form.department_name == *name)
    };
    by_form.extend(forms.iter().filter(own).map(|form| {
        let href = with(&|f| (f.form, f.status) = (Some(form.id), None));
        option(form.name.clone(), href, filter.form == Some(form.id))
    }));
    let mut by_department =
        vec![option("すべて".into(), with(&|f| f.department = None), filter.department.is_none())];
    by_department.extend(departments.iter().map(|(id, name)| {
        // A form is of one department.
        let href = with(&|f| (f.department, f.form, f.status) = (Some(*id), None, None));
        option(name.clone(), href, filter.department == Some(*id))
    }));
    let clear_department = filter.department.map(|_| with(&|f| f.department = None));
    let several = !departments.is_empty();
    let clear_form = filter.form.map(|_| with(&|f| (f.form, f.status) = (None, None)));
    let mut by_status =
        vec![option("すべて".into(), with(&|f| f.status = None), filter.status.is_none())];
    by_status.extend(statuses.iter().map(|s| {
        let href = with(&|f| f.status = Some(s.key.clone()));
        option(s.label.clone(), href, filter.status.as_ref() == Some(&s.key))
    }));
    let clear_status = filter.status.as_ref().map(|_| with(&|f| f.status = None));
    let states = [
        (Shown::Open, "取り下げたものをのぞく（未読は出す）"),
        (Shown::Withdrawn, "取り下げたものだけ"),
        (Shown::All, "どちらも"),
    ];
    let by_state = states
        .iter()
        .map(|(state, words)| {
            option((*words).into(), with(&|f| f.state = *state), filter.state == *state)
        })
        .collect();
    let clear_state = (filter.state != Shown::Open).then(|| with(&|f| f.state = Shown::Open));
    let by_unread = vec![
        option("すべて".into(), with(&|f| f.unread = false), !filter.unread),
        option("未読だけ".into(), with(&|f| f.unread = true), filter.unread),
    ];
    let clear_unread = filter.unread.then(|| with(&|f| f.unread = false));
    let by_open = vec![
        option("すべて".into(), with(&|f| f.open = false), !filter.open),
        option("済んでいないものだけ".into(), with(&|f| f.open = true), filter.open),
    ];
    let clear_open = filter.open.then(|| with(&|f| f.open = false));
    let by_days = periods(now.date(), (filter.from, filter.until))
        .into_iter()
        .map(|(label, days)| {
            let href = with(&|f| (f.from, f.until) = days);
            option(label, href, (filter.from, filter.until) == days)
        })
        .collect();
    let clear_days =
        filter.from.or(filter.until).map(|_| with(&|f| (f.from, f.until) = (None, None)));
    let day = |d: Option<Date>| d.map(Date::iso).unwrap_or_default();
    let keep: Vec<(String, String)> = [
        ("form", filter.form.map(|f| f.to_string()).unwrap_or_default()),
        ("department", filter.department.map(|d| d.to_string()).unwrap_or_default()),
        ("status", filter.status.clone().unwrap_or_default()),
        ("unread", if filter.unread { "1".into() } else { String::new() }),
        ("open", if filter.open { "1".into() } else { String::new() }),
        ("from", day(filter.from)),
        ("until", day(filter.until)),
    ]
    .into_iter()
    .filter(|(_, v)| !v.is_empty())
    .map(|(n, v)| (n.to_owned(), v))
    .collect();
    let has_statuses = !statuses.is_empty();
    view! {
        <div class="filters">
            <SearchBox action=PATH label="受付番号" value=filter.search.clone() keep />
            <div class="chips">
                {several.then(|| view! { <FilterChip label="所属" options=by_department clear=clear_department /> })}
                <FilterChip label="フォーム" options=by_form clear=clear_form />
                <FilterChip label="期間" options=by_days clear=clear_days />
                <FilterChip label="未読" options=by_unread clear=clear_unread />
                <FilterChip label="進み" options=by_open clear=clear_open />
                {has_statuses.then(|| view! { <FilterChip label="状態" options=by_status clear=clear_status /> })}
                <FilterChip label="取り下げ" options=by_state clear=clear_state />
            </div>
        </div>
    }
    .into_any()
}

/// From which day to which, both within.
type Days = (Option<Date>, Option<Date>);

/// The days that are offered: all, today, the last seven, this month and the eleven before it;
/// the chosen ones, if they are others.
fn periods(today: Date, chosen: Days) -> Vec<(String, Days)> {
    let back = |days: i64| Some(Date::from_days(today.days() - days));
    let mut all = vec![
        ("すべて".to_owned(), (None, None)),
        ("きょう".to_owned(), (Some(today), Some(today))),
        ("この7日".to_owned(), (back(6), Some(today))),
    ];
    let this = Date { day: 1, ..today };
    all.extend((0..12).map(|back| {
        let first = this.plus_months(-back);
        let last = Date::from_days(first.plus_months(1).days() - 1);
        let label = if first.year == today.year {
            format!("{}月", first.month)
        } else {
            format!("{}年{}月", first.year, first.month)
        };
        (label, (Some(first), Some(last)))
    }));
    if !all.iter().any(|(_, days)| *days == chosen) {
        let day = |d: Option<Date>| d.map(|d| format!("{}/{}/{}", d.year, d.month, d.day));
        let (from, until) = (day(chosen.0).unwrap_or_default(), day(chosen.1).unwrap_or_default());
        all.push((format!("{from}〜{until}"), chosen));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_that_are_offered() {
        let day = |year, month, day| Some(Date { year, month, day });
        let today = Date { year: 2026, month: 3, day: 31 };
        let all = periods(today, (None, None));
        assert_eq!(all.len(), 15);
        assert_eq!(all[0], ("すべて".into(), (None, None)));
        assert_eq!(all[1], ("きょう".into(), (Some(today), Some(today))));
        assert_eq!(all[2], ("この7日".into(), (day(2026, 3, 25), Some(today))));
        assert_eq!(all[3], ("3月".into(), (day(2026, 3, 1), Some(today))));
        assert_eq!(all[4], ("2月".into(), (day(2026, 2, 1), day(2026, 2, 28))));
        assert_eq!(all[6].0, "2025年12月");
        let since = periods(today, (day(2026, 1, 9), None));
        assert_eq!(since[15], ("2026/1/9〜".into(), (day(2026, 1, 9), None)));
    }
}
