//! 今日の配信: the day with a line at 「いま」.

use super::{Item, Today};
use crate::delivery::CALENDAR;
use leptos::prelude::*;
use ui::prelude::*;

/// The deliveries of today by time; what lies above the line has begun.
#[component]
pub fn Day(today: Today) -> impl IntoView {
    let Today { now, items, total, recipients, .. } = today;
    let note = if total == 0 {
        String::new()
    } else {
        format!("{}件・のべ {}人", count(total), count(recipients))
    };
    let hidden = total.saturating_sub(items.len() as u64);
    let links = || {
        view! {
            <a href=CALENDAR>"配信カレンダー"</a>
            <a href="/console/deliveries">"配信の一覧"</a>
        }
    };
    view! {
        <Panel title="今日の配信" note acts=links>
            {if items.is_empty() {
                view! { <p>"きょう届ける配信は、まだありません。"</p> }.into_any()
            } else {
                let (past, coming): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|i| i.at <= now);
                view! {
                    <ol class="day">
                        {past.into_iter().map(|i| view! { <Line item=i begun=true /> }).collect_view()}
                        <li class="day-now">
                            <time>{now.time_of_day()}</time>
                            "いま"
                        </li>
                        {coming.into_iter().map(|i| view! { <Line item=i begun=false /> }).collect_view()}
                    </ol>
                }
                    .into_any()
            }}
            {(hidden > 0).then(|| view! { <p class="dense"><a href="/console/deliveries">{format!("ほかの {}件を見る", count(hidden))}</a></p> })}
        </Panel>
    }
}

#[component]
fn Line(item: Item, begun: bool) -> impl IntoView {
    let figures = item.figures;
    let n = |n: i64| u64::try_from(n).unwrap_or(0);
    let status = Status::from(item.status).with_failures(n(figures.failed));
    let word = if status == Status::Sending && figures.recipients > 0 {
        format!("送信中 {}%", (figures.recipients - figures.waiting()) * 100 / figures.recipients)
    } else {
        status.word().to_owned()
    };
    view! {
        <li class=if begun { "day-item done" } else { "day-item" }>
            <time>{item.at.time_of_day()}</time>
            <div class="day-words">
                <p class="title-line">
                    <PurposeTag purpose=item.purpose />
                    <a class="title-link" href=format!("/console/deliveries/{}", item.id)>
                        {item.title}
                    </a>
                </p>
                <p class="sub">{item.department}</p>
            </div>
            <div class="day-end">
                // Before the freeze nobody knows how many it will be.
                <span>{if figures.recipients > 0 { format!("{}人", count(n(figures.recipients))) } else { "—".to_owned() }}</span>
                <StatusMark status word />
            </div>
        </li>
    }
}
