//! 休みの日: the national holidays and the city's own, which くり返し goes by (SEG-6).

use super::{Part, Parts};
use crate::account::{failure, problem_at};
use crate::shell::use_me;
use domain::holiday::DayOff;
use domain::permission::Permission;
use domain::time::{Date, Timestamp};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

const PATH: &str = "/console/settings/holidays";

/// The list of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Year {
    /// Which year.
    year: i32,
    /// Its days off, what was taken out included.
    days: Vec<DayOff>,
    /// When this was read.
    now: Timestamp,
}

/// The days off of a year; without one, of this year.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn read_holidays(year: Option<i32>) -> Result<Year, AppError> {
    let ctx = crate::server::staff()?.ctx;
    let now = ctx.now();
    let year = year.unwrap_or(now.date().year);
    Ok(Year { year, days: services::holiday::list(&ctx, year).await?, now })
}

/// Adds days off of the city's own; answers how many.
///
/// # Errors
/// `Invalid` at `date`, `last`, `name`; `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn add_holiday(date: String, last: String, name: String) -> Result<u64, AppError> {
    let ctx = crate::server::staff()?.ctx;
    let last = match last.trim() {
        "" => None,
        typed => Some(
            Date::parse_iso(typed)
                .ok_or_else(|| AppError::invalid("last", "終わりの日を、日付で入れてください"))?,
        ),
    };
    Ok(services::holiday::add(&ctx, Date::parse_iso(date.trim()), last, &name).await?)
}

/// Takes a day out of the list, or puts it back.
///
/// # Errors
/// `NotFound`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn", input = server_fn::codec::Json)]
pub async fn remove_holiday(date: Date, removed: bool) -> Result<(), AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::holiday::remove(&ctx, date, removed).await?)
}

fn words(date: Date) -> String {
    format!("{}月{}日（{}）", date.month, date.day, date.weekday_name())
}

/// `/console/settings/holidays`.
#[component]
pub fn HolidaysPage() -> impl IntoView {
    let may_write = use_me().may(Permission::SettingWrite);
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|q| {
            q.get("year").and_then(|y| y.parse().ok()).filter(|y| (2000..2100).contains(y))
        })
    });
    let add = ServerAction::<AddHoliday>::new();
    let changes = RwSignal::new(0u32);
    let year = Resource::new_blocking(
        move || (asked.get(), add.version().get(), changes.get()),
        |(year, ..)| read_holidays(year),
    );
    let csv = move || {
        let year = asked.get().map_or_else(String::new, |y| format!("?year={y}"));
        format!("{PATH}.csv{year}")
    };
    let (toasts, offers) = (use_toasts(), use_offers());
    let set = Callback::new(move |(date, removed): (Date, bool)| {
        spawn_local(async move {
            match remove_holiday(date, removed).await {
                Ok(()) => {
                    changes.update(|n| *n += 1);
                    offers.withdraw();
                    if removed {
                        offers.ok(
                            format!("{}を外しました", words(date)),
                            "元にもどす",
                            move || {
                                spawn_local(async move {
                                    match remove_holiday(date, false).await {
                                        Ok(()) => changes.update(|n| *n += 1),
                                        Err(error) => toasts.err(format!(
                                            "元にもどせませんでした。{}",
                                            error.message()
                                        )),
                                    }
                                });
                            },
                        );
                    } else {
                        toasts.ok(format!("{}をもどしました", words(date)));
                    }
                }
                Err(error) => toasts.err(format!("変えられませんでした。{}", error.message())),
            }
        });
    });
    view! {
        <Page
            title="休みの日"
            sentence="くり返す配信が「祝日のとき」に見る日です。国の祝日は、ことしから3年分が自動で入ります。"
            acts=move || view! { {move || view! { <LinkButton href=csv() icon=IconName::Download download=true>"CSV"</LinkButton> }} }
        >
            <Parts current=Part::Holidays />
            <div class="cols-main-side">
                <Transition fallback=|| view! { <Skeleton sentence="休みの日を読みこんでいます" rows=6 /> }>
                    {move || Suspend::new(async move {
                        match year.await {
                            Ok(year) => {
                                keep_focus_after(changes);
                                view! { <Days year may_write set /> }.into_any()
                            }
                            Err(error) => view! { <ErrorPage error retry_href=PATH inside=true /> }.into_any(),
                        }
                    })}
                </Transition>
                {may_write.then(|| view! { <Add add /> })}
            </div>
        </Page>
    }
}

#[component]
fn Days(year: Year, may_write: bool, set: Callback<(Date, bool)>) -> impl IntoView {
    let Year { year, days, now } = year;
    let this = now.date().year;
    let mut years: Vec<i32> = (this - 1..=this + 2).collect();
    if !years.contains(&year) {
        years.push(year);
        years.sort_unstable();
    }
    let tabs = years
        .into_iter()
        .map(|y| Segment {
            label: format!("{y}年"),
            icon: None,
            href: format!("{PATH}?year={y}"),
            current: y == year,
        })
        .collect();
    let (out, off): (Vec<_>, Vec<_>) = days.into_iter().partition(|d| d.removed);
    let row = move |d: DayOff| {
        let (date, removed) = (d.date, d.removed);
        let act = if removed { "もどす" } else { "外す" };
        view! {
            <tr>
                <td class="nowrap">{words(date)}</td>
                <td class="title">{d.name.clone()}</td>
                <td class="nowrap">{if d.by_rule { "国の祝日" } else { "市の休み" }}</td>
                <td class="acts nowrap num">
                    {may_write.then(|| view! { <Button size=Size::Small aria_label=format!("{}（{}）を{act}", words(date), d.name) on_click=move |_| set.run((date, !removed))>{act}</Button> })}
                </td>
            </tr>
        }
    };
    let table = move |caption: &'static str, days: Vec<DayOff>| {
        view! {
            <table class="list">
                <caption class="visually-hidden">{caption}</caption>
                <thead><tr><th scope="col">"日付"</th><th scope="col">"名前"</th><th scope="col">"決め方"</th><th scope="col"><span class="visually-hidden">"操作"</span></th></tr></thead>
                <tbody>{days.into_iter().map(row).collect_view()}</tbody>
            </table>
        }
    };
    view! {
        <div class="stack">
            <Segmented label="年" items=tabs />
            {if off.is_empty() {
                view! { <EmptyState title="この年の休みの日は、まだ入っていません" text="くり返しは、国の祝日の決まりで数えています。" /> }.into_any()
            } else {
                table("休みの日", off).into_any()
            }}
            {(!out.is_empty()).then(|| view! {
                <section class="stack-s">
                    <h2>"外した日"</h2>
                    <p class="sub">"くり返しは、この日を休みと見ません。"</p>
                    {table("外した日", out)}
                </section>
            })}
        </div>
    }
}

#[component]
fn Add(add: ServerAction<AddHoliday>) -> impl IntoView {
    let toasts = use_toasts();
    let value = add.value();
    let form = NodeRef::<leptos::html::Form>::new();
    Effect::new(move |_| {
        if let Some(Ok(added)) = value.get() {
            toasts.ok(format!("{added}日を、休みの日に足しました"));
            if let Some(form) = form.get_untracked() {
                form.reset();
            }
        }
    });
    let error = move |at: &'static str| problem_at(failure(value), at);
    view! {
        <Panel title="市の休みを足す">
            <ActionForm action=add node_ref=form>
                <div class="stack-s">
                    <TextField name="date" id="holiday-date" label="日付" kind="date" error=error("date") />
                    <TextField name="last" id="holiday-last" label="終わりの日（続く休みのとき）" kind="date" error=error("last") />
                    <TextField name="name" id="holiday-name" label="名前" hint="例：年末年始" maxlength=30 error=error("name") />
                    <p class="sub dense">"足したり外したりすると、くり返しの次の日時も変わります。"</p>
                    <div class="acts">
                        <Button submit=true icon=IconName::Plus busy=add.pending()>"休みの日に足す"</Button>
                    </div>
                </div>
            </ActionForm>
        </Panel>
    }
}
