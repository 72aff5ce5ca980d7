//! The head of a box among others: its name, moving it, taking it away.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use ui::prelude::*;

/// 「カード1」 with ↑, ↓ and the bin.
#[component]
pub fn BoxHead(
    /// Begins the ids of the buttons, which end in `-up` and `-down`.
    #[prop(into)]
    id: String,
    /// What it is called.
    #[prop(into)]
    name: String,
    /// Its place, from 0.
    n: usize,
    /// Move it there (nothing: there is no place before); the button keeps the focus.
    on_shift: Callback<(Option<usize>, &'static str)>,
    /// Take it away.
    on_remove: Callback<MouseEvent>,
) -> impl IntoView {
    view! {
        <div class="tap-head">
            <strong class="grow">{name.clone()}</strong>
            <button
                class="icon-btn"
                type="button"
                id=format!("{id}-up")
                aria-label=format!("{name}を前へ")
                title="前へ"
                on:click=move |_| on_shift.run((n.checked_sub(1), "up"))
            >
                <Icon name=IconName::ChevronUp />
            </button>
            <button
                class="icon-btn"
                type="button"
                id=format!("{id}-down")
                aria-label=format!("{name}を後ろへ")
                title="後ろへ"
                on:click=move |_| on_shift.run((Some(n + 1), "down"))
            >
                <Icon name=IconName::ChevronDown />
            </button>
            <IconButton icon=IconName::Trash label=format!("{name}を消す") on_click=on_remove />
        </div>
    }
}
