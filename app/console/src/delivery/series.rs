//! A series (くり返し): when it is sent, what came of it, and how it is paused, changed, ended.

use super::begin::{DuplicateForm, use_duplicate};
use super::certificate::contents;
use super::{PATH, figure, named, trouble};
use domain::delivery::{Row, Series, Status as D};
use domain::holiday::Holidays;
use domain::id::{CourseId, DeliveryId};
use domain::recurrence::Recurrence;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

/// A series with what came of it.
#[server(prefix = "/console/fn")]
pub async fn show_series(id: DeliveryId) -> Result<Series, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::recurring::series(&staff.ctx, id).await?)
}

/// What is done to a series in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// 休止する.
    Pause,
    /// 再開する.
    Resume,
    /// 次の1回をとばす: of that time.
    Skip(Timestamp),
    /// 終わらせる.
    End,
}

/// Does it.
#[server(prefix = "/console/fn", input = server_fn::codec::Json)]
pub async fn change_series(id: DeliveryId, act: Act) -> Result<(), AppError> {
    use services::delivery::recurring::{end, pause, resume, skip};
    let staff = crate::server::staff()?;
    let ctx = &staff.ctx;
    Ok(match act {
        Act::Pause => pause(ctx, id).await,
        Act::Resume => resume(&staff.platform, ctx, id).await,
        Act::Skip(at) => skip(ctx, id, at).await,
        Act::End => end(ctx, id).await,
    }?)
}

/// The draft by which a series is changed.
#[server(prefix = "/console/fn")]
pub async fn edit_series(id: DeliveryId) -> Result<DeliveryId, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::recurring::edit(&staff.ctx, id).await?)
}

/// What is to be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stops {
    /// A series.
    Series(DeliveryId),
    /// A step course.
    Course(CourseId),
}

/// What of it waits for the end of the quiet hours, and until when: that stops with it.
#[server(prefix = "/console/fn", input = server_fn::codec::Json)]
pub async fn what_waits(of: Stops) -> Result<Vec<(DeliveryId, Timestamp)>, AppError> {
    use services::delivery::{Query, recurring::waiting};
    let staff = crate::server::staff()?;
    let of = match of {
        Stops::Series(id) => Query { series: Some(id), ..Query::default() },
        Stops::Course(id) => Query { course: Some(id), ..Query::default() },
    };
    Ok(waiting(&staff.ctx, of).await?)
}

/// The next dates of a rule, and what days off change about them.
pub fn outlook(rule: &Recurrence, holidays: &Holidays, after: Timestamp, n: usize) -> AnyView {
    let days = rule.outlook(holidays, after, n).into_iter().map(|day| {
        let (words, why) = (day.day(), day.why());
        view! {
            <li class:left-out=!day.sent>
                {if day.sent { view! { <strong>{words}</strong> }.into_any() } else { view! { <s>{words}</s> }.into_any() }}
                {(!why.is_empty()).then(|| view! { <span class="sub">{why}</span> })}
            </li>
        }
    });
    view! { <ol class="outlook">{days.collect_view()}</ol> }.into_any()
}

/// The mark of a series: くり返し中, 休止中, 終わりました.
pub fn standing(status: D, next: Option<Timestamp>) -> Option<(Status, &'static str)> {
    match (status, next) {
        (D::Scheduled, Some(_)) => Some((Status::Scheduled, "くり返し中")),
        (D::Scheduled, None) => Some((Status::Held, "休止中")),
        (D::Done | D::Cancelled, _) => Some((Status::Done, "終わりました")),
        _ => None,
    }
}

/// The page of a series that was put in force.
#[component]
pub fn SeriesPage(
    /// Which series.
    id: DeliveryId,
    /// It was approved a moment ago, on a page that has gone.
    begun: bool,
) -> impl IntoView {
    let changes = RwSignal::new(u32::from(begun));
    let series = Resource::new_blocking(move || changes.get(), move |_| show_series(id));
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="くり返しを読みこんでいます" rows=6 /></div> }>
            {move || Suspend::new(async move {
                match series.await {
                    Ok(series) => {
                        keep_focus_after(changes);
                        view! { <Shown series changes /> }.into_any()
                    }
                    Err(error) => trouble(error, format!("{PATH}/{id}")),
                }
            })}
        </Transition>
    }
}

#[component]
fn Shown(series: Series, changes: RwSignal<u32>) -> impl IntoView {
    let Series {
        delivery,
        who,
        people,
        holidays,
        past,
        past_total,
        draft,
        happenings,
        may_write,
        may_send,
        now,
    } = series;
    let (id, next) = (delivery.id, delivery.send_at);
    let Some(rule) = delivery.recurrence.clone() else { return ().into_any() };
    let (title, purpose) = (named(&delivery.title), delivery.purpose);
    let in_force = delivery.status == D::Scheduled;
    let paused = delivery.is_paused();
    let (status, word) =
        standing(delivery.status, next).unwrap_or((Status::from(delivery.status), ""));
    let duplicate = use_duplicate();
    let asking = RwSignal::new(None::<Act>);
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let act = Callback::new(move |act: Act| {
        busy.set(true);
        spawn_local(async move {
            let done = change_series(id, act).await;
            busy.set(false);
            asking.set(None);
            match done {
                Ok(()) => toasts.ok(match act {
                    Act::Pause => "休止しました。再開するまで届けません",
                    Act::Resume => "再開しました",
                    Act::Skip(_) => "この回は届けません。次の回からは、また届けます",
                    Act::End => "終わらせました。これからは届けません",
                }),
                Err(error) => {
                    toasts.err(format!(
                        "変えられませんでした。{}{}",
                        error.message(),
                        error.next()
                    ));
                }
            }
            changes.update(|n| *n += 1);
        });
    });
    let pause = move |_| {
        let at_once = move || {
            act.try_run(Act::Pause);
        };
        pause_or_ask(Stops::Series(id), busy, at_once, move || asking.set(Some(Act::Pause)));
    };
    let navigate = use_navigate();
    let edit = Callback::new(move |()| {
        let navigate = navigate.clone();
        spawn_local(async move {
            match edit_series(id).await {
                Ok(draft) => navigate(&format!("{PATH}/{draft}/edit"), NavigateOptions::default()),
                Err(error) => {
                    toasts.err(format!("ひらけませんでした。{}{}", error.message(), error.next()))
                }
            }
        });
    });
    let acts = move || {
        view! {
            {may_write.then(|| view! {
                <DuplicateForm id action=duplicate>
                    <Button icon=IconName::Copy submit=true busy=duplicate.pending()>"複製する"</Button>
                </DuplicateForm>
            })}
            {(may_send && in_force).then(|| view! {
                <Button kind=Kind::Danger icon=IconName::Stop on_click=move |_| asking.set(Some(Act::End))>"終わらせる"</Button>
            })}
            {(may_write && in_force && draft.is_none()).then(|| view! {
                <Button kind=Kind::Act icon=IconName::Pencil on_click=move |_| edit.run(())>"内容を変える"</Button>
            })}
        }
    };
    let sentence = format!("{}。", rule.sentence());
    let upcoming = match next {
        Some(at) => {
            let days = outlook(&rule, &holidays, at.plus(-1), 5);
            view! {
                <p>{format!("次は {}です。届く人は、毎回数え直します。", at.day_and_time())}</p>
                {days}
                {may_send.then(|| view! {
                    <div class="acts">
                        <Button icon=IconName::Stop busy on_click=pause>"休止する"</Button>
                        <Button on_click=move |_| asking.set(Some(Act::Skip(at)))>"次の1回をとばす"</Button>
                    </div>
                })}
            }
            .into_any()
        }
        None if paused => view! {
            <p>"休止しています。再開するまで届けません。休止していたあいだの分は、あとからも届けません。"</p>
            {may_send.then(|| view! { <div class="acts"><Button kind=Kind::Act icon=IconName::Reload on_click=move |_| asking.set(Some(Act::Resume))>"再開する"</Button></div> })}
        }
        .into_any(),
        None => view! { <p>"終わりました。もう一度始めるときは、複製して使えます。"</p> }.into_any(),
    };
    let changing = draft.filter(|_| in_force).map(|draft| {
        view! {
            <Banner title="この内容を変える下書きがあります" act=move || may_write.then(|| view! { <LinkButton href=format!("{PATH}/{draft}") kind=Kind::Act icon=IconName::Pencil>"下書きをひらく"</LinkButton> })>
                "下書きで「くり返しを始める」まで、いまの内容で届けます。"
            </Banner>
        }
    });
    view! {
        <Page title=title.clone() crumbs=vec![(PATH.to_owned(), "配信".to_owned())] beside=move || view! { <PurposeTag purpose /> } acts>
            {changing}
            <div class="cols-main-side">
                <div class="stack">
                    <Panel title="いつ届けるか" acts=move || view! { <StatusMark status word /> }>
                        <div class="stack-s">
                            <p class="sentence">{sentence}</p>
                            {upcoming}
                        </div>
                    </Panel>
                    {occurrences(past, past_total, now)}
                    <Panel title="届ける内容">{contents(&delivery)}</Panel>
                </div>
                <div class="stack">
                    <Panel title="届ける相手">
                        <p>{who}</p>
                        {people.map(|n| view! { <p class="sub">{format!("いま当てはまる人 {}人", figure(n))}</p> })}
                    </Panel>
                    <Panel title="できごと">
                        <ol class="events">
                            {happenings
                                .into_iter()
                                .map(|h| view! {
                                    <li>
                                        <time datetime=h.at.rfc3339()>{h.at.near(now)}</time>
                                        <div><strong>{h.what}</strong> {(!h.detail.is_empty()).then(|| view! { <span class="sub">{h.detail}</span> })}</div>
                                    </li>
                                })
                                .collect_view()}
                        </ol>
                    </Panel>
                </div>
            </div>
            <Ask id asking busy act title rule holidays now people />
        </Page>
    }
    .into_any()
}

/// これまでの回, the newest first.
fn occurrences(past: Vec<Row>, total: i64, now: Timestamp) -> AnyView {
    let shown = past.len() as i64;
    let note = if total > shown {
        format!("{}回のうち、新しい {}回", figure(total), figure(shown))
    } else {
        format!("{}回", figure(total))
    };
    let line = move |row: Row| {
        let status =
            Status::from(row.status).with_failures(u64::try_from(row.figures.failed).unwrap_or(0));
        let time = row.time.map_or_else(|| "未定".to_owned(), |t| t.near(now));
        let figures = if row.frozen {
            format!("{} / {}人", figure(row.figures.accepted), figure(row.figures.recipients))
        } else {
            "—".to_owned()
        };
        view! {
            <tr>
                <td class="c-status nowrap"><StatusMark status /></td>
                <td class="c-title title"><a class="title-link" href=format!("{PATH}/{}", row.id)>{time}</a></td>
                <td class="num c-figure" data-label="受付 / 対象">{figures}</td>
            </tr>
        }
    };
    let class = if shown > 0 { "panel-flush" } else { "" };
    view! {
        <Panel title="これまでの回" note class>
            {if past.is_empty() {
                view! { <p class="sub">"まだ届けていません。"</p> }.into_any()
            } else {
                view! {
                    <table class="list">
                        <caption class="visually-hidden">"これまでの回"</caption>
                        <thead><tr><th scope="col">"状態"</th><th scope="col">"日時"</th><th scope="col" class="num">"受付 / 対象"</th></tr></thead>
                        <tbody>{past.into_iter().map(line).collect_view()}</tbody>
                    </table>
                }
                    .into_any()
            }}
        </Panel>
    }
    .into_any()
}

/// The question before residents get something again, or do not get it any more.
#[component]
fn Ask(
    id: DeliveryId,
    asking: RwSignal<Option<Act>>,
    busy: RwSignal<bool>,
    act: Callback<Act>,
    title: String,
    rule: Recurrence,
    holidays: Holidays,
    now: Timestamp,
    people: Option<i64>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(asking.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && asking.with_untracked(Option::is_some) {
            asking.set(None);
        }
    });
    let stops = Memo::new(move |_| asking.with(|act| matches!(act, Some(Act::Pause | Act::End))));
    let looking = RwSignal::new(false);
    let next = rule.after(&holidays, now).next().map(Timestamp::day_and_time);
    let words = move || match asking.get() {
        Some(Act::End) => {
            format!("「{title}」を、これからは届けません。もう一度始めるときは、複製して使えます。")
        }
        Some(Act::Skip(at)) => {
            format!("{}の分だけを届けません。次の回からは、また届けます。", at.day_and_time())
        }
        Some(Act::Resume) => match (&next, people) {
            (Some(next), Some(n)) => {
                format!("次は {next}です。いまは {}人に当てはまります。", figure(n))
            }
            (Some(next), None) => format!("次は {next}です。"),
            (None, _) => "これから届ける日がもうありません。".into(),
        },
        Some(Act::Pause) => format!("「{title}」を、再開するまで届けません。"),
        None => String::new(),
    };
    let heading = move || match asking.get() {
        Some(Act::Skip(_)) => "次の1回をとばします",
        Some(Act::Resume) => "くり返しを再開します",
        Some(Act::Pause) => "くり返しを休止します",
        _ => "くり返しを終わらせます",
    };
    let confirm = move || match asking.get() {
        Some(Act::Skip(_)) => "この回は届けない",
        Some(Act::Resume) => "再開する",
        Some(Act::Pause) => "休止する",
        _ => "終わらせる",
    };
    view! {
        <ConfirmDialog
            id="series"
            title=Signal::derive(move || heading().to_owned())
            open
            confirm=Signal::derive(move || confirm().to_owned())
            busy=Signal::derive(move || busy.get() || looking.get())
            on_confirm=move |()| if let Some(wanted) = asking.get_untracked() { act.run(wanted) }
        >
            <p>{words}</p>
            <AlsoStops of=Stops::Series(id) asked=stops looking />
        </ConfirmDialog>
    }
}

/// Pauses at once where nothing waits. Otherwise it is asked, by what is so now: 再開する does not
/// bring back what waits.
pub fn pause_or_ask(
    of: Stops,
    busy: RwSignal<bool>,
    pause: impl FnOnce() + 'static,
    ask: impl FnOnce() + 'static,
) {
    busy.set(true);
    spawn_local(async move {
        match what_waits(of).await {
            Ok(waiting) if waiting.is_empty() => pause(),
            _ => {
                busy.set(false);
                ask();
            }
        }
    });
}

/// Within a question that stops a series or a course: what waits for the end of the quiet hours
/// stops, too.
#[component]
pub fn AlsoStops(
    /// Which.
    of: Stops,
    /// While it is asked.
    #[prop(into)]
    asked: Signal<bool>,
    /// Until it is known what waits: the question's button is busy meanwhile.
    looking: RwSignal<bool>,
) -> impl IntoView {
    let words = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if asked.get() {
            words.set(None);
            looking.set(true);
            spawn_local(async move {
                let found = what_waits(of).await;
                words.try_set(match found {
                    Ok(waiting) => stops_words(&waiting),
                    Err(_) => Some(UNKNOWN.to_owned()),
                });
                looking.try_set(false);
            });
        }
    });
    view! {
        <div role="status">
            {move || {
                words
                    .get()
                    .filter(|_| asked.get())
                    .map(|words| view! { <p class="warn"><Icon name=IconName::Warning size=16 /> " " {words}</p> })
            }}
        </div>
    }
}

/// That it could not be asked what waits.
const UNKNOWN: &str = "静かな時間が終わるのを待っている分があるかを、確かめられませんでした。あれば、それも届けずに止めます。";

fn stops_words(waiting: &[(DeliveryId, Timestamp)]) -> Option<String> {
    let mut times: Vec<_> = waiting.iter().map(|(_, at)| at.day_and_time()).collect();
    times.dedup();
    (!times.is_empty()).then(|| {
        let times = times.join("、");
        format!(
            "静かな時間が終わるのを待っている分（{times}に届ける予定）も、届けずに止めます。この分は、あとからも届けません。"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_names_what_stops_too() {
        let at = Timestamp::parse_rfc3339("2026-11-25T07:00:00+09:00").unwrap();
        assert_eq!(stops_words(&[]), None);
        let words = stops_words(&[(DeliveryId(1), at)]).unwrap();
        assert!(words.contains(&at.day_and_time()), "{words}");
    }
}
