//! The calendar of all that will be sent and was sent: a month as a grid, and the same
//! as a list, which phones always get (SEG-6).

use super::{PATH, figure, named};
use domain::delivery::{Calendar, Entry, Month, Purpose, Status as D};
use domain::id::DepartmentId;
use domain::time::{Date, Timestamp};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use ui::prelude::*;

/// The calendar's address.
pub(crate) const CALENDAR: &str = "/console/deliveries/calendar";

/// A month of one department or of all; without a month, that of today.
#[server(prefix = "/console/fn")]
pub async fn read_calendar(
    month: Option<Month>,
    department: Option<DepartmentId>,
) -> Result<Calendar, AppError> {
    let staff = crate::server::staff()?;
    let month = month.unwrap_or(Month::of(staff.ctx.now().date()));
    Ok(services::delivery::calendar(&staff.ctx, month, department).await?)
}

/// What the address says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct View {
    month: Option<Month>,
    department: Option<DepartmentId>,
    list: bool,
}

impl View {
    fn href(self) -> String {
        let mut pairs = Vec::new();
        pairs.extend(self.month.map(|m| format!("month={}", m.iso())));
        pairs.extend(self.department.map(|d| format!("department={d}")));
        if self.list {
            pairs.push("view=list".into());
        }
        if pairs.is_empty() {
            CALENDAR.to_owned()
        } else {
            format!("{CALENDAR}?{}", pairs.join("&"))
        }
    }
}

/// 「一覧｜カレンダー」.
#[component]
pub fn ListOrCalendar(
    /// Whether the calendar is the present one.
    #[prop(optional)]
    calendar: bool,
) -> impl IntoView {
    let segment = |label: &str, icon, href: &str, current| Segment {
        label: label.into(),
        icon: Some(icon),
        href: href.into(),
        current,
    };
    let items = vec![
        segment("一覧", IconName::List, PATH, !calendar),
        segment("カレンダー", IconName::Calendar, CALENDAR, calendar),
    ];
    view! { <Segmented label="配信の見せ方" items /> }
}

/// `/console/deliveries/calendar`.
#[component]
pub fn CalendarPage() -> impl IntoView {
    let query = use_query_map();
    let shown = Memo::new(move |_| {
        query.with(|q| View {
            month: q.get("month").as_deref().and_then(Month::parse),
            department: q.get("department").and_then(|d| d.parse().ok()),
            list: q.get("view").as_deref() == Some("list"),
        })
    });
    let asked = Memo::new(move |_| shown.with(|v| (v.month, v.department)));
    let calendar =
        Resource::new_blocking(move || asked.get(), |(month, of)| read_calendar(month, of));
    // The day to which the keys have led over the border of a month.
    let led_to = StoredValue::new(None::<Date>);
    view! {
        <Page title="配信カレンダー" crumbs=vec![(PATH.to_owned(), "配信".to_owned())] sentence="これから届けるものと、届けたものを、日ごとに見られます。">
            <Transition fallback=|| view! { <Skeleton sentence="カレンダーを読みこんでいます" rows=6 /> }>
                {move || {
                    let view = shown.get();
                    Suspend::new(async move {
                        match calendar.await {
                            Ok(calendar) => view! { <Shown calendar view led_to /> }.into_any(),
                            Err(error) => view! { <ErrorPage error retry_href=view.href() inside=true /> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </Page>
    }
}

#[component]
fn Shown(calendar: Calendar, view: View, led_to: StoredValue<Option<Date>>) -> impl IntoView {
    let month = calendar.month;
    let at = move |month: Month| View { month: Some(month), ..view }.href();
    let mut departments = vec![FilterOption {
        label: "すべて".into(),
        href: View { department: None, ..view }.href(),
        selected: view.department.is_none(),
    }];
    departments.extend(calendar.departments.iter().map(|(id, name)| FilterOption {
        label: name.clone(),
        href: View { department: Some(*id), ..view }.href(),
        selected: view.department == Some(*id),
    }));
    let segment = |label: &str, list| Segment {
        label: label.into(),
        icon: None,
        href: View { list, ..view }.href(),
        current: view.list == list,
    };
    let clear = view.department.map(|_| View { department: None, ..view }.href());
    let today = View { month: None, ..view }.href();
    let list = agenda(&calendar);
    view! {
        <div class="filters">
            <div class="chips"><FilterChip label="所属" options=departments clear /></div>
            <div class="filters-end"><ListOrCalendar calendar=true /></div>
        </div>
        <div class="calendar-head">
            <LinkButton href=at(month.plus(-1)) icon=IconName::ChevronLeft>"前の月"</LinkButton>
            <h2 id="calendar-month" aria-live="polite">{month.words()}</h2>
            <LinkButton href=at(month.plus(1)) icon=IconName::ChevronRight>"次の月"</LinkButton>
            <LinkButton href=today>"今月"</LinkButton>
            <div class="calendar-twin"><Segmented label="カレンダーの形" items=vec![segment("月", false), segment("リスト", true)] /></div>
        </div>
        {(!view.list).then(|| view! { <div class="calendar-wide"><Grid calendar view led_to /></div> })}
        <div class:calendar-narrow=!view.list>{list}</div>
    }
}

/// Where an entry leads, and how it is called.
fn link(entry: &Entry) -> (String, String) {
    if let Some(course) = entry.course {
        return (super::steps::href(course), entry.title.clone());
    }
    let edit = if entry.status == D::Draft { "/edit" } else { "" };
    (format!("{PATH}/{}{edit}", entry.id), named(&entry.title))
}

fn mark(entry: &Entry) -> (Status, Option<&'static str>) {
    if entry.course.is_some() {
        let word = match (entry.planned, entry.status) {
            (true, _) => "ステップ（見込み）",
            (false, D::Scheduled) => "ステップ（待っています）",
            (false, _) => "ステップ",
        };
        (Status::from(entry.status), Some(word))
    } else if entry.planned {
        (Status::Scheduled, Some("くり返し"))
    } else {
        (Status::from(entry.status), None)
    }
}

/// One delivery of a day, with its link.
fn line(entry: &Entry) -> AnyView {
    let (href, title) = link(entry);
    let (status, word) = mark(entry);
    view! {
        <li class=format!("calendar-line band-card {}", entry.purpose.band())>
            <time>{entry.at.time_of_day()}</time>
            <div class="day-words">
                <p class="title-line"><PurposeTag purpose=entry.purpose /> <a class="title-link" href=href>{title}</a></p>
                <p class="sub">{entry.department.clone()}</p>
                {entry.waited.map(|at| view! { <p class="sub">{format!("静かな時間なので、{}から待ちます", at.time_of_day())}</p> })}
            </div>
            <div class="day-end">
                {entry.recipients.map(|n| view! { <span>{format!("{}人", figure(n))}</span> })}
                <StatusMark status word=MaybeProp::from(word.map(str::to_owned)) />
            </div>
        </li>
    }
    .into_any()
}

/// 「12月8日（火）」 with the name of the day off.
fn heading(date: Date, holiday: Option<&str>) -> String {
    let day = format!("{}月{}日（{}）", date.month, date.day, date.weekday_name());
    holiday.map_or_else(|| day.clone(), |name| format!("{day} {name}"))
}

fn red(date: Date, holiday: Option<&str>) -> bool {
    date.weekday() == 0 || holiday.is_some()
}

/// The month as a list: days with deliveries, and days off.
fn agenda(calendar: &Calendar) -> AnyView {
    let first = calendar.month.first();
    let end = calendar.month.plus(1).first().days();
    let days: Vec<_> = (first.days()..end)
        .map(Date::from_days)
        .filter(|d| calendar.on(*d).next().is_some())
        .map(|date| {
            let holiday = calendar.holiday(date);
            view! {
                <section class="agenda-day">
                    <h3 class:calendar-red=red(date, holiday)>{heading(date, holiday)}</h3>
                    <ol class="calendar-lines">{calendar.on(date).map(line).collect_view()}</ol>
                </section>
            }
        })
        .collect();
    if days.is_empty() {
        return view! { <EmptyState title="この月に届ける配信はありません" text="ほかの月を見るか、所属をすべてにしてください。" /> }.into_any();
    }
    view! { <div class="agenda">{days}</div> }.into_any()
}

fn cell_id(date: Date) -> String {
    format!("day-{}", date.iso())
}

/// Most deliveries that a cell names.
const IN_CELL: usize = 3;

/// The month as a grid with one tab stop, and beside it the chosen day.
#[component]
fn Grid(calendar: Calendar, view: View, led_to: StoredValue<Option<Date>>) -> impl IntoView {
    let month = calendar.month;
    let today = calendar.now.date();
    let led = led_to.get_value().filter(|d| Month::of(*d) == month);
    let chosen =
        RwSignal::new(led.unwrap_or(if Month::of(today) == month { today } else { month.first() }));
    if led.is_some() {
        led_to.set_value(None);
        Effect::new(move |_| focus_soon(cell_id(chosen.get_untracked())));
    }
    let navigate = use_navigate();
    let go = move |to: Date| {
        if Month::of(to) == month {
            chosen.set(to);
            focus_soon(cell_id(to));
        } else {
            led_to.set_value(Some(to));
            let href = View { month: Some(Month::of(to)), ..view }.href();
            navigate(&href, NavigateOptions { replace: true, scroll: false, ..Default::default() });
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let from = chosen.get_untracked();
        if let Some(to) = moved(from, &event.key(), event.shift_key()) {
            event.prevent_default();
            go(to);
        }
    };
    let now = calendar.now;
    let weeks = month
        .weeks()
        .into_iter()
        .map(|week| {
            let cells = week.map(|date| cell(&calendar, date, today, chosen));
            view! { <tr>{cells.into_iter().collect_view()}</tr> }
        })
        .collect_view();
    let weekdays = ["日", "月", "火", "水", "木", "金", "土"].map(|name| {
        view! { <th scope="col" class:calendar-red=name == "日">{name}<span class="visually-hidden">"曜日"</span></th> }
    });
    let calendar = StoredValue::new(calendar);
    view! {
        <div class="cols-main-side">
            <table class="calendar" role="grid" aria-labelledby="calendar-month" on:keydown=on_key>
                <thead><tr>{weekdays.into_iter().collect_view()}</tr></thead>
                <tbody>{weeks}</tbody>
            </table>
            <Panel title=Signal::derive(move || calendar.with_value(|c| heading(chosen.get(), c.holiday(chosen.get()))))>
                {move || calendar.with_value(|c| day(c, chosen.get(), now))}
            </Panel>
        </div>
    }
}

/// Where a key leads from a day: ←→ a day, ↑↓ a week, Home and End of the week,
/// PageUp and PageDown a month, with Shift a year.
fn moved(from: Date, key: &str, shift: bool) -> Option<Date> {
    let days = |n: i64| Date::from_days(from.days() + n);
    let months = |n: i32| {
        let to = Month::of(from).plus(if shift { n * 12 } else { n });
        let last = domain::recurrence::last_day(to.first());
        Date { day: from.day.min(last), ..to.first() }
    };
    let to = match key {
        "ArrowLeft" => days(-1),
        "ArrowRight" => days(1),
        "ArrowUp" => days(-7),
        "ArrowDown" => days(7),
        "Home" => days(-i64::from(from.weekday())),
        "End" => days(6 - i64::from(from.weekday())),
        "PageUp" => months(-1),
        "PageDown" => months(1),
        _ => return None,
    };
    (2000..2100).contains(&to.year).then_some(to)
}

fn cell(calendar: &Calendar, date: Date, today: Date, chosen: RwSignal<Date>) -> AnyView {
    if Month::of(date) != calendar.month {
        return view! { <td class="calendar-beside"></td> }.into_any();
    }
    let holiday = calendar.holiday(date).map(str::to_owned);
    let red = red(date, holiday.as_deref());
    let entries: Vec<&Entry> = calendar.on(date).collect();
    let more = entries.len().saturating_sub(IN_CELL);
    let items = entries.iter().take(IN_CELL).map(|e| item(e)).collect_view();
    let is_chosen = move || chosen.get() == date;
    view! {
        <td aria-selected=move || if is_chosen() { "true" } else { "false" }>
            <button
                type="button"
                id=cell_id(date)
                class="calendar-day"
                class:calendar-red=red
                tabindex=move || if is_chosen() { "0" } else { "-1" }
                aria-current=(date == today).then_some("date")
                on:click=move |_| chosen.set(date)
            >
                <span class="calendar-date">
                    <span class="visually-hidden">{format!("{}月", date.month)}</span>
                    <b>{date.day}</b>
                    <span class="visually-hidden">{format!("日 {}曜日", date.weekday_name())}</span>
                    {holiday.map(|name| view! { <span class="calendar-holiday">{name}</span> })}
                </span>
                {items}
                {(more > 0).then(|| view! { <span class="calendar-more">{format!("ほか {more}件")}</span> })}
            </button>
        </td>
    }
    .into_any()
}

/// 「9:00 燃やすごみの日」 in a cell; what it is besides a notice on its way is said.
fn item(entry: &Entry) -> AnyView {
    let mut marks = Vec::new();
    if entry.purpose != Purpose::Notice {
        marks.push(entry.purpose.label());
    }
    match entry.status {
        D::Draft | D::AwaitingApproval | D::Held | D::Cancelled => marks.push(entry.status.label()),
        D::Scheduled | D::Sending | D::Done => {}
    }
    let marks: String = marks.iter().map(|m| format!("［{m}］")).collect();
    let class = format!("calendar-item {}", entry.purpose.band());
    view! { <span class=class class:calendar-planned=entry.planned>{format!("{} {marks}{}", entry.at.time_of_day(), named(&entry.title))}</span> }
        .into_any()
}

/// The chosen day.
fn day(calendar: &Calendar, date: Date, now: Timestamp) -> AnyView {
    let lines: Vec<_> = calendar.on(date).map(line).collect();
    if lines.is_empty() {
        let words = if date < now.date() {
            "この日に届けた配信はありません。"
        } else {
            "この日に届ける配信は、まだありません。"
        };
        return view! { <p class="sub">{words}</p> }.into_any();
    }
    view! { <ol class="calendar-lines">{lines}</ol> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u8, day: u8) -> Date {
        Date { year, month, day }
    }

    #[test]
    fn keys_lead_over_the_border_of_a_month() {
        let from = date(2026, 12, 31);
        for (key, shift, to) in [
            ("ArrowRight", false, date(2027, 1, 1)),
            ("ArrowUp", false, date(2026, 12, 24)),
            ("Home", false, date(2026, 12, 27)),
            ("End", false, date(2027, 1, 2)),
            ("PageUp", false, date(2026, 11, 30)),
            ("PageDown", true, date(2027, 12, 31)),
        ] {
            assert_eq!(moved(from, key, shift), Some(to), "{key}");
        }
        assert_eq!(moved(date(2028, 2, 29), "PageDown", true), Some(date(2029, 2, 28)));
        assert_eq!(moved(from, "Enter", false), None);
        assert_eq!(moved(date(2099, 12, 31), "ArrowRight", false), None);
    }

    #[test]
    fn the_state_is_in_the_address() {
        let view =
            View { month: Month::parse("2026-12"), department: Some(DepartmentId(3)), list: true };
        assert_eq!(
            view.href(),
            "/console/deliveries/calendar?month=2026-12&department=3&view=list"
        );
        assert_eq!(View::default().href(), CALENDAR);
    }
}
