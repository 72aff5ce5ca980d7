//! 未読の回答: by form, the one that has waited longest first (FORM-12).

use crate::answer::PATH;
use domain::form::inbox::Unread;
use domain::time::{DAY, Timestamp};
use leptos::prelude::*;
use ui::prelude::*;

/// The panel, for whoever sees answers.
#[component]
pub fn Answers(unread: Vec<Unread>, now: Timestamp) -> impl IntoView {
    let none = unread.is_empty();
    let rows = unread
        .into_iter()
        .map(|u| {
            // Nobody has looked since yesterday's hour.
            let class = if now.since(u.oldest) > DAY { "warn" } else { "sub" };
            let n = u64::try_from(u.count).unwrap_or(0);
            view! {
                <li>
                    <Icon name=IconName::Form />
                    <div class="grow">
                        <strong><a href=format!("{PATH}?form={}&unread=1&sort=oldest", u.form)>{u.name}</a></strong>
                        <p class=class>{format!("{}{}から", u.department.map(|d| format!("{d}・")).unwrap_or_default(), u.oldest.near(now))}</p>
                    </div>
                    <strong class="nowrap">{format!("{}件", count(n))}</strong>
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel title="未読の回答" acts=|| view! { <a href=PATH>"回答の一覧"</a> }>
            {if none {
                view! { <p class="sub">"未読の回答はありません。"</p> }.into_any()
            } else {
                view! { <ul class="rows">{rows}</ul> }.into_any()
            }}
        </Panel>
    }
}
