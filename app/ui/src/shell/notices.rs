//! 通知: what concerns whoever is signed in, behind the bell.

use super::{Counter, CounterMark};
use crate::icon::{Icon, IconName};
use crate::time::count;
use leptos::{html, prelude::*};

/// One thing that concerns whoever is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Where it can be looked at.
    pub href: String,
    /// What kind of thing it is.
    pub icon: IconName,
    /// 「配信「断水のお知らせ」を、送らずに止めています」
    pub title: String,
    /// Since when, whose.
    pub detail: String,
}

/// What stands behind the bell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// The most urgent first; nothing while they are not known yet.
    pub list: Option<Vec<Notice>>,
    /// How many there are, also those that are not listed.
    pub total: u64,
}

/// The bell with its counter; its list is made when it is opened.
#[component]
pub fn Bell(
    /// What stands behind it.
    notices: Signal<Notices>,
) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    let open = RwSignal::new(false);
    let look = move || {
        if let Some(details) = node.get_untracked() {
            open.set(details.has_attribute("open"));
        }
    };
    // It may have been opened before wasm arrived.
    Effect::new(move |_| {
        if node.get().is_some() {
            look();
        }
    });
    let total = Memo::new(move |_| notices.with(|n| n.total));
    view! {
        <details class="menu notices" node_ref=node on:toggle=move |_| look()>
            <summary class="bar-link">
                <Icon name=IconName::Bell />
                "通知"
                // As wide without a number, so that nothing moves when it arrives.
                <span class="notices-count">{move || view! { <CounterMark counter=Counter::Waits(total.get()) /> }}</span>
            </summary>
            <div class="menu-list menu-end notices-list">{move || open.get().then(|| listed(notices.get()))}</div>
        </details>
    }
}

fn listed(notices: Notices) -> AnyView {
    let Notices { list, total } = notices;
    let Some(list) = list else {
        return view! { <p>"通知を読みこんでいます。つながらないときは、くり返し試します"</p> }
            .into_any();
    };
    let more = total.saturating_sub(list.len() as u64);
    view! {
        {if list.is_empty() {
            view! { <p>"新しい通知はありません"</p> }.into_any()
        } else {
            view! {
                <ul>
                    {list
                        .into_iter()
                        .map(|Notice { href, icon, title, detail }| {
                            view! {
                                <li>
                                    <a class="menu-item" href=href>
                                        <Icon name=icon />
                                        <span class="grow"><strong>{title}</strong><span class="sub">{detail}</span></span>
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            }
                .into_any()
        }}
        {(more > 0).then(|| view! { <p>{format!("ほかに {}件あります", count(more))}</p> })}
        <a class="menu-item notices-record" href="/console/settings/alerts">"知らせの記録"</a>
    }
    .into_any()
}
