//! An editable word: a button that opens a list below itself.

use super::edit::{Editor, Part};
use domain::audience::edit::Path;
use leptos::{html, prelude::*};
use ui::prelude::*;
use wasm_bindgen::JsCast;

/// The word and, while it is open, its list. Esc closes and returns focus, and
/// so does leaving the list.
#[component]
pub fn Pick(
    editor: Editor,
    at: Path,
    part: Part,
    /// What stands in the word.
    #[prop(into)]
    words: Signal<String>,
    /// What is chosen here, for assistive technology.
    label: &'static str,
    /// Nothing is chosen yet.
    #[prop(into)]
    empty: Signal<bool>,
    /// The list.
    #[prop(into)]
    body: ViewFn,
) -> impl IntoView {
    if editor.readonly {
        return view! { <b>{move || words.get()}</b> }.into_any();
    }
    let id = editor.id(&at, part);
    let list_id = format!("{id}-list");
    let place = StoredValue::new(at);
    let open = Memo::new(move |_| {
        editor
            .open
            .with(|o| o.as_ref().is_some_and(|(p, q)| *q == part && place.with_value(|at| at == p)))
    });
    let root = NodeRef::<html::Span>::new();
    let toggle = move |_| {
        if open.get_untracked() {
            editor.close(true);
        } else {
            editor.open_at(place.get_value(), part);
        }
    };
    let leave = move |event: web_sys::FocusEvent| {
        let inside = |target: web_sys::EventTarget| {
            let node = target.dyn_into::<web_sys::Node>().ok();
            root.try_get_untracked().flatten().is_some_and(|root| root.contains(node.as_ref()))
        };
        // Another window took the focus, or the word is gone or closed already.
        let away = document().has_focus().unwrap_or(true) && open.try_get_untracked() == Some(true);
        if away && !event.related_target().is_some_and(inside) {
            editor.close(false);
        }
    };
    let controls = list_id.clone();
    view! {
        <span class="menu pick-menu" node_ref=root on:focusout=leave>
            <button
                id=id
                type="button"
                class=move || if empty.get() { "pick pick-empty" } else { "pick" }
                aria-haspopup="dialog"
                aria-expanded=move || open.get().to_string()
                aria-controls=move || open.get().then(|| controls.clone())
                on:click=toggle
            >
                <span class="visually-hidden">{label} "："</span>
                <span>{move || words.get()}</span>
                <Icon name=IconName::ChevronDown size=16 />
            </button>
            {move || open.get().then(|| view! { <List id=list_id.clone() label editor body=body.clone() /> })}
        </span>
    }
    .into_any()
}

#[component]
fn List(id: String, label: &'static str, editor: Editor, body: ViewFn) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |done: Option<bool>| {
        let Some(list) = node.get() else { return false };
        if done != Some(true)
            && let Ok(Some(first)) =
                list.query_selector("[aria-current], input, select, textarea, button")
            && let Ok(first) = first.dyn_into::<web_sys::HtmlElement>()
        {
            // Focus is a help, not a need.
            drop(first.focus());
        }
        true
    });
    view! {
        <div
            id=id
            class="menu-list pick-list"
            role="dialog"
            aria-label=label
            tabindex="-1"
            node_ref=node
            on:keydown=move |event| {
                // Arrows and Delete belong to the list, not to the condition around it.
                event.stop_propagation();
                if event.key() == "Escape" {
                    event.prevent_default();
                    editor.close(true);
                }
            }
        >
            {body.run()}
        </div>
    }
}
