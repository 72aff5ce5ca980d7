//! Lists: headers that sort, filters, search, pages. All are links and GET
//! forms, so that the state is in the address, can be sent to a colleague and
//! works before wasm.

use crate::icon::{Icon, IconName};
use crate::time::thousands;
use leptos::html;
use leptos::prelude::*;

/// How a column is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Not by this column.
    #[default]
    None,
    /// Smallest or earliest first.
    Ascending,
    /// Largest or latest first.
    Descending,
}

/// The header of a column that sorts.
#[component]
pub fn SortHeader(
    /// The words.
    #[prop(into)]
    label: String,
    /// The same list, sorted by this column (or the other way round).
    #[prop(into)]
    href: String,
    /// How it is sorted now.
    #[prop(optional)]
    sort: Sort,
    /// Figures stand at the right.
    #[prop(optional)]
    numeric: bool,
) -> impl IntoView {
    let (aria, icon) = match sort {
        Sort::None => (None, IconName::ArrowUpDown),
        Sort::Ascending => (Some("ascending"), IconName::ChevronUp),
        Sort::Descending => (Some("descending"), IconName::ChevronDown),
    };
    view! {
        <th scope="col" class=if numeric { "num" } else { "" } aria-sort=aria>
            <a class="sort" href=href>
                {label}
                <Icon name=icon size=16 />
            </a>
        </th>
    }
}

/// 「42件のうち 1〜10件」, 前へ, 次へ.
#[component]
pub fn Pager(
    /// How many there are in all.
    total: u64,
    /// Number of the first row shown, from 1; 0 if there is none.
    first: u64,
    /// Number of the last row shown.
    last: u64,
    /// Which page it is and of how many, where that is known.
    #[prop(optional)]
    place: Option<(u64, u64)>,
    /// The page before.
    #[prop(optional_no_strip)]
    previous: Option<String>,
    /// The page after.
    #[prop(optional_no_strip)]
    next: Option<String>,
    /// Counting word: 件, 人.
    #[prop(into, default = "件".into())]
    unit: String,
) -> impl IntoView {
    let n = |n: u64| thousands(i64::try_from(n).unwrap_or(i64::MAX));
    let (unit_first, several) = (unit.clone(), previous.is_some() || next.is_some());
    view! {
        <nav class="pager" aria-label="ページ">
            <p class="sub">{format!("{}{unit_first}のうち {}〜{}{unit}", n(total), n(first), n(last))}</p>
            {several
                .then(|| {
                    view! {
                        <div class="pager-acts">
                            {previous
                                .map(|href| {
                                    view! {
                                        <a class="btn btn-outline btn-sm" rel="prev" href=href>
                                            <Icon name=IconName::ChevronLeft size=18 />
                                            <span>"前へ"</span>
                                        </a>
                                    }
                                })} {place.map(|(page, pages)| view! { <span class="pager-place">{format!("{} / {}", n(page), n(pages))}</span> })}
                            {next
                                .map(|href| {
                                    view! {
                                        <a class="btn btn-outline btn-sm" rel="next" href=href>
                                            <span>"次へ"</span>
                                            <Icon name=IconName::ChevronRight size=18 />
                                        </a>
                                    }
                                })}
                        </div>
                    }
                })}
        </nav>
    }
}

/// One choice of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterOption {
    /// The words.
    pub label: String,
    /// The same list with this choice.
    pub href: String,
    /// Whether it is the present one.
    pub selected: bool,
}

/// A chip that opens a menu; the chosen stands in the chip, × removes it.
#[component]
pub fn FilterChip(
    /// What it filters by (目的).
    #[prop(into)]
    label: String,
    /// The choices, 「すべて」 first.
    options: Vec<FilterOption>,
    /// The same list without this filter; given only while something is chosen.
    #[prop(optional_no_strip)]
    clear: Option<String>,
    /// What is shown while nothing is chosen.
    #[prop(into, default = "すべて".into())]
    all: String,
) -> impl IntoView {
    let chosen = clear
        .is_some()
        .then(|| options.iter().find(|o| o.selected).map(|o| o.label.clone()))
        .flatten();
    let active = chosen.is_some();
    let words = match &chosen {
        Some(chosen) => chosen.clone(),
        None => format!("{label}：{all}"),
    };
    let remove = format!("{label}「{}」を外す", chosen.unwrap_or_default());
    view! {
        <div class=if active { "chip chip-on" } else { "chip" }>
            <details class="menu">
                <summary>
                    {active.then(|| view! { <Icon name=IconName::Check size=16 /> })}
                    {active.then(|| view! { <span class="visually-hidden">{format!("{label}：")}</span> })} <span>{words}</span>
                    {(!active).then(|| view! { <Icon name=IconName::ChevronDown size=16 /> })}
                </summary>
                <ul class="menu-list">
                    {options
                        .into_iter()
                        .map(|option| {
                            view! {
                                <li>
                                    <a class="menu-item" href=option.href aria-current=option.selected.then_some("true")>
                                        {option.label}
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </details>
            {clear
                .map(|href| {
                    view! {
                        <a class="chip-clear" href=href aria-label=remove>
                            <Icon name=IconName::Cross size=16 />
                        </a>
                    }
                })}
        </div>
    }
}

/// The search of a list: a GET form that keeps the other filters.
#[component]
pub fn SearchBox(
    /// Path of the list.
    #[prop(into)]
    action: String,
    /// What it searches in (件名・本文); also its accessible name.
    #[prop(into)]
    label: String,
    /// Name of the query parameter.
    #[prop(into, default = "q".into())]
    name: String,
    /// What was searched for.
    #[prop(into, optional)]
    value: String,
    /// The other filters of the address.
    #[prop(optional)]
    keep: Vec<(String, String)>,
) -> impl IntoView {
    view! {
        <form class="search" role="search" aria-label="この一覧" method="get" action=action>
            <Icon name=IconName::Search size=18 />
            <input type="search" name=name value=value aria-label=format!("{label}をさがす") placeholder=label />
            {keep.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()}
            <button class="visually-hidden" type="submit">"さがす"</button>
        </form>
    }
}

/// One part of a switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The word.
    pub label: String,
    /// An icon before it.
    pub icon: Option<IconName>,
    /// Where it leads.
    pub href: String,
    /// Whether it is the present one.
    pub current: bool,
}

/// A switch of links: 「一覧｜カレンダー」.
#[component]
pub fn Segmented(
    /// What is switched, for assistive technology.
    #[prop(into)]
    label: String,
    /// The parts.
    items: Vec<Segment>,
) -> impl IntoView {
    view! {
        <nav class="segmented" aria-label=label>
            {items
                .into_iter()
                .map(|item| {
                    view! {
                        <a href=item.href aria-current=item.current.then_some("true")>
                            {item.icon.map(|name| view! { <Icon name=name size=18 /> })} {item.label}
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
}

/// A switch within a page: radios, sent with a form like any other.
#[component]
pub fn SegmentedRadio(
    /// What is switched, for assistive technology.
    #[prop(into)]
    label: String,
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// The chosen value.
    #[prop(into)]
    value: Signal<String>,
    /// Value and words of each part.
    options: Vec<(String, String)>,
    /// Each change.
    #[prop(into, optional)]
    on_change: Option<Callback<String>>,
) -> impl IntoView {
    view! {
        <fieldset class="segmented">
            <legend class="visually-hidden">{label}</legend>
            {options
                .into_iter()
                .map(|(option, words)| {
                    let (own, sent) = (option.clone(), option.clone());
                    view! {
                        <label>
                            <input
                                class="visually-hidden"
                                type="radio"
                                name=name.clone()
                                value=option
                                checked=value.get_untracked() == own
                                prop:checked=move || value.get() == own
                                on:change=move |_| {
                                    if let Some(act) = on_change {
                                        act.run(sent.clone());
                                    }
                                }
                            />
                            <span>{words}</span>
                        </label>
                    }
                })
                .collect_view()}
        </fieldset>
    }
}

/// Tabs that are pages: address, words, whether it is the present one.
#[component]
pub fn Tabs(
    /// What the tabs belong to, for assistive technology.
    #[prop(into)]
    label: String,
    /// Address, words, whether it is the present one.
    items: Vec<(String, String, bool)>,
) -> impl IntoView {
    let present = NodeRef::<html::A>::new();
    // On a phone the row is wider than the screen: the present one is brought into it.
    Effect::new(move |_| {
        if let Some(tab) = present.get()
            && let Some(row) = tab.parent_element()
        {
            row.set_scroll_left(tab.offset_left() - row.client_width() / 3);
        }
    });
    let tab = move |(href, words, current): (String, String, bool)| {
        if current {
            view! { <a node_ref=present href=href aria-current="page">{words}</a> }.into_any()
        } else {
            view! { <a href=href>{words}</a> }.into_any()
        }
    };
    view! {
        <nav class="tabs" aria-label=label>{items.into_iter().map(tab).collect_view()}</nav>
    }
}

/// ⋯ of a row: 複製, CSV, 取り消す. Its children carry the class `menu-item`.
#[component]
pub fn RowMenu(
    /// Accessible name that says of what.
    #[prop(into)]
    label: String,
    /// Links and buttons.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="menu row-menu">
            <summary class="icon-btn" aria-label=label.clone() title=label>
                <Icon name=IconName::More />
            </summary>
            <div class="menu-list menu-end">{children()}</div>
        </details>
    }
}
