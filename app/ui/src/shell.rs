//! The console's frame: skip link, bar, navigation by engine, main.
//!
//! Everything opens without wasm: the navigation of narrow screens is a native
//! popover, the account menu a native disclosure. Wasm adds `/` for the search
//! and closing of menus by Esc or a click elsewhere.

mod menus;
mod notices;

pub use menus::keys as menu_keys;
pub use notices::{Notice, Notices};

use crate::icon::{Emblem, Icon, IconName, Mark};
use crate::time::thousands;
use leptos::{ev::MouseEvent, html, prelude::*};
use notices::Bell;

/// What stands over every page and editor while an emergency or a drill goes on
/// ([`PurposeBar`](crate::purpose::PurposeBar)); whoever makes the pages puts it into the context.
#[derive(Clone)]
pub struct OverPages(pub ViewFn);

fn over_pages() -> Option<AnyView> {
    use_context::<OverPages>().map(|over| over.0.run())
}

/// What 「緊急の操作」 does at once, instead of leading to its page; whoever makes the pages puts it
/// into the context.
#[derive(Clone, Copy)]
pub struct OnEmergency(pub Callback<()>);

/// 「緊急の操作」: a link, so that it leads to its page before wasm, too.
#[component]
fn EmergencyLink(href: String, children: Children) -> impl IntoView {
    let at_once = use_context::<OnEmergency>();
    let press = move |event: MouseEvent| {
        // With a key it opens another tab, as every link does.
        let elsewhere =
            event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if let Some(OnEmergency(act)) = at_once
            && !elsewhere
        {
            event.prevent_default();
            act.run(());
        }
    };
    view! {
        <a class="btn btn-danger btn-bar" href=href aria-haspopup=at_once.map(|_| "dialog") on:click=press>
            <Icon name=IconName::Siren />
            <span>{children()}</span>
        </a>
    }
}

/// Entries of the navigation under one plain verb.
#[derive(Clone, Debug)]
pub struct NavGroup {
    /// 届ける, 受ける, 備える, 知る; nothing for ホーム.
    pub title: Option<String>,
    /// What this person may use.
    pub items: Vec<NavItem>,
}

/// One entry of the navigation.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// Absolute path; what lies below it belongs to the entry as well.
    pub href: String,
    /// The word.
    pub label: String,
    /// The icon before it.
    pub icon: IconName,
    /// The counter at its right.
    pub counter: Option<Counter>,
}

/// What a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Waits for you: filled blue.
    Waits(u64),
    /// New, not yours: outlined.
    New(u64),
}

/// Who is signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// 「佐藤 美咲」
    pub name: String,
    /// 「広報広聴課」
    pub department: String,
}

/// A counter of the navigation, the bar or a heading.
#[component]
pub fn CounterMark(
    /// What it counts.
    counter: Counter,
) -> impl IntoView {
    let (class, n, words) = match counter {
        Counter::Waits(n) => ("counter", n, "件があなたを待っています"),
        Counter::New(n) => ("counter counter-new", n, "件の新着"),
    };
    (n > 0).then(|| {
        view! {
            <span class=class>
                {thousands(i64::try_from(n).unwrap_or(i64::MAX))} <span class="visually-hidden">{words}</span>
            </span>
        }
    })
}

/// Whether a navigation entry is the current place: the longest match wins.
fn current(path: &str, href: &str, all: &[String]) -> bool {
    let below = |href: &str| {
        path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'))
    };
    below(href) && !all.iter().any(|other| other.len() > href.len() && below(other))
}

#[component]
fn Navigation(nav: Signal<Vec<NavGroup>>, path: Signal<String>, foot: ViewFn) -> impl IntoView {
    let close = NodeRef::<html::Button>::new();
    // The router stays on the page, so the popover has to be closed by hand.
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now)
            && let Some(button) = close.get_untracked()
        {
            button.click();
        }
        now
    });
    view! {
        <nav class="nav" id="nav" popover="auto" aria-label="おもな画面">
            <div class="nav-close">
                <button node_ref=close class="icon-btn" type="button" popovertarget="nav" popovertargetaction="hide" aria-label="メニューを閉じる">
                    <Icon name=IconName::Cross />
                </button>
            </div>
            {move || {
                let groups = nav.get();
                let all: Vec<String> = groups.iter().flat_map(|g| g.items.iter().map(|i| i.href.clone())).collect();
                groups
                    .into_iter()
                    .map(|group| {
                        let all = all.clone();
                        view! {
                            {group.title.map(|title| view! { <p class="nav-title">{title}</p> })}
                            <ul>
                                {group
                                    .items
                                    .into_iter()
                                    .map(|item| {
                                        let (href, all) = (item.href.clone(), all.clone());
                                        view! {
                                            <li>
                                                <a
                                                    class="nav-item"
                                                    href=item.href
                                                    aria-current=move || current(&path.get(), &href, &all).then_some("page")
                                                >
                                                    <Icon name=item.icon />
                                                    <span class="grow">{item.label}</span>
                                                    {item.counter.map(|counter| view! { <CounterMark counter /> })}
                                                </a>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        }
                    })
                    .collect_view()
            }}
            <div class="nav-account only-narrow">{foot.run()}</div>
            <p class="nav-product"><Mark size=20 /> "Kairan 回覧"</p>
        </nav>
    }
}

#[component]
fn Account(
    who: Signal<Who>,
    links: Vec<(String, String)>,
    sign_out: Option<ViewFn>,
) -> impl IntoView {
    view! {
        <details class="menu account">
            <summary>
                <span class="account-who">
                    <strong>{move || who.get().name}</strong>
                    <span>{move || who.get().department}</span>
                </span>
                <Icon name=IconName::ChevronDown size=18 />
            </summary>
            <div class="menu-list menu-end">
                {links.into_iter().map(|(href, label)| view! { <a class="menu-item" href=href>{label}</a> }).collect_view()}
                {sign_out.map(|sign_out| sign_out.run())}
            </div>
        </details>
    }
}

/// Bar, navigation and main. Pages go inside.
#[component]
pub fn ConsoleShell(
    /// The city's name.
    #[prop(into)]
    city: String,
    /// What this person may use; what is not there yet or not theirs is not in it.
    #[prop(into)]
    nav: Signal<Vec<NavGroup>>,
    /// The path of the current page (`use_location().pathname`).
    #[prop(into)]
    path: Signal<String>,
    /// Who is signed in.
    #[prop(into)]
    who: Signal<Who>,
    /// Where the page's help is.
    #[prop(into)]
    help_href: Signal<String>,
    /// Path of ホーム, behind emblem and name.
    #[prop(into, default = "/console".into())]
    home_href: String,
    /// Action of the search (GET, `q`); without it there is no search.
    #[prop(into, optional)]
    search_action: Option<String>,
    /// 「緊急の操作」 leads there.
    #[prop(into, optional)]
    emergency_href: Option<String>,
    /// What stands behind the bell.
    #[prop(into)]
    notices: Signal<Notices>,
    /// Links of the account menu.
    #[prop(optional)]
    account_links: Vec<(String, String)>,
    /// The form that signs out, as the account menu's last entry.
    #[prop(into, optional)]
    sign_out: Option<ViewFn>,
    /// The page.
    children: Children,
) -> impl IntoView {
    menus::keys();
    // On a narrow screen the account and what the bar has no room for are in the navigation.
    let foot = ViewFn::from({
        let (links, sign_out) = (account_links.clone(), sign_out.clone());
        move || {
            view! {
                <p class="nav-title">{move || format!("{}　{}", who.get().name, who.get().department)}</p>
                <Bell notices />
                <a class="menu-item" href=move || help_href.get()>
                    <Icon name=IconName::Help />
                    "ヘルプ"
                </a>
                {links.iter().map(|(href, label)| view! { <a class="menu-item" href=href.clone()>{label.clone()}</a> }).collect_view()}
                {sign_out.as_ref().map(ViewFn::run)}
            }
        }
    });
    view! {
        <a class="skip" href="#main" rel="external">"本文へ"</a>
        {over_pages()}
        <header class="bar">
            <a class="brand" href=home_href>
                <Emblem size=40 />
                <span class="brand-words">
                    <strong>{city}</strong>
                    <span>
                        <span class="only-wide">"LINE公式アカウント"</span>
                        <span class="only-narrow">{move || who.get().department}</span>
                    </span>
                </span>
            </a>
            {search_action
                .map(|action| {
                    view! {
                        <form class="bar-search" role="search" aria-label="全体" method="get" action=action>
                            <Icon name=IconName::Search size=18 />
                            <input type="search" name="q" id="bar-search" aria-label="配信・フォーム・受付番号をさがす" placeholder="配信・フォーム・受付番号をさがす" aria-keyshortcuts="/" />
                            <kbd class="kbd" aria-hidden="true">"/"</kbd>
                        </form>
                    }
                })}
            <div class="bar-acts">
                {emergency_href
                    .map(|href| {
                        view! {
                            <EmergencyLink href>
                                "緊急"<span class="only-wide">"の操作"</span>
                            </EmergencyLink>
                        }
                    })}
                <a class="bar-link only-wide" href=move || help_href.get()>
                    <Icon name=IconName::Help />
                    "ヘルプ"
                </a>
                <div class="only-wide"><Bell notices /></div> <Account who links=account_links sign_out />
                <button class="nav-open only-narrow" type="button" popovertarget="nav">
                    <Icon name=IconName::Hamburger size=24 />
                    "メニュー"
                </button>
            </div>
        </header>
        <div class="body">
            <Navigation nav path foot />
            <main id="main" class="main" tabindex="-1">
                {children()}
                <p class="help-foot only-narrow">
                    <a href=move || help_href.get()>"ヘルプ"</a>
                </p>
            </main>
        </div>
    }
}

/// The bar of an editor, which leaves the navigation: 戻る, title, state, tries, next step.
/// 緊急 and ヘルプ stay where they are on every page, in small form.
#[component]
pub fn EditorBar(
    /// Where 戻る leads.
    #[prop(into)]
    back_href: String,
    /// What it leads to (配信).
    #[prop(into)]
    back_label: String,
    /// The title, with its pencil or as a field.
    #[prop(into)]
    title: ViewFn,
    /// Status and 「10:24 自動で保存しました」.
    #[prop(into, optional)]
    state: Option<ViewFn>,
    /// Where the page's help is.
    #[prop(into)]
    help_href: String,
    /// 「緊急」 leads there.
    #[prop(into, optional)]
    emergency_href: Option<String>,
    /// Tries and next step, the filled one last.
    #[prop(into, optional)]
    acts: Option<ViewFn>,
) -> impl IntoView {
    view! {
        <a class="skip" href="#main" rel="external">"本文へ"</a>
        {over_pages()}
        <header class="bar editor-bar">
            <a class="editor-back" href=back_href>
                <Icon name=IconName::ChevronLeft />
                <span>{back_label}</span>
            </a>
            <div class="editor-title">{title.run()}</div>
            <div class="editor-state">{state.map(|state| state.run())}</div>
            <div class="bar-acts">
                {emergency_href.map(|href| view! { <EmergencyLink href>"緊急"</EmergencyLink> })} <a class="bar-link" href=help_href>
                    <Icon name=IconName::Help />
                    "ヘルプ"
                </a> {acts.map(|acts| acts.run())}
            </div>
        </header>
    }
}

#[cfg(test)]
mod tests {
    use super::current;

    #[test]
    fn the_longest_entry_is_current() {
        let all: Vec<String> = ["/console", "/console/deliveries"].map(String::from).to_vec();
        assert!(current("/console/deliveries/7", "/console/deliveries", &all));
        assert!(!current("/console/deliveries/7", "/console", &all));
        assert!(current("/console", "/console", &all));
        assert!(!current("/console/deliveries-old", "/console/deliveries", &all));
    }
}
