//! What wasm adds to the shell: `/` for the search, Esc and clicks elsewhere for open menus.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// `/` focuses the search; Esc and a click elsewhere close open menus.
pub fn keys() {
    Effect::new(move |_| {
        let key = window_event_listener(ev::keydown, |event| {
            if event.key() == "Escape" {
                close_menus(None);
            }
            let typing = event
                .target()
                .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
                .is_some_and(|e| {
                    matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
                        || e.has_attribute("contenteditable")
                });
            if event.key() == "/"
                && !typing
                && !event.ctrl_key()
                && !event.meta_key()
                && !event.alt_key()
                && let Some(search) = document()
                    .get_element_by_id("bar-search")
                    .and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok())
                && search.focus().is_ok()
            {
                event.prevent_default();
            }
        });
        let click = window_event_listener(ev::click, |event| {
            close_menus(event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()));
        });
        on_cleanup(move || {
            key.remove();
            click.remove();
        });
    });
}

/// Closes every open menu except the one in which `inside` lies; with a link or
/// button chosen inside it, that one too. What opened it gets the focus that was in it.
fn close_menus(inside: Option<web_sys::Element>) {
    let Ok(open) = document().query_selector_all("details.menu[open]") else { return };
    let keep = inside.as_ref().and_then(|e| e.closest("details.menu").ok().flatten());
    let chosen = inside
        .as_ref()
        .is_some_and(|e| matches!(e.closest("a.menu-item, button.menu-item"), Ok(Some(_))));
    for i in 0..open.length() {
        let Some(menu) = open.get(i).and_then(|n| n.dyn_into::<web_sys::Element>().ok()) else {
            continue;
        };
        if keep.as_ref() == Some(&menu) && !chosen {
            continue;
        }
        let had_focus =
            document().active_element().is_some_and(|active| menu.contains(Some(&active)));
        // An attribute that is not there needs no removing.
        drop(menu.remove_attribute("open"));
        if (inside.is_none() || chosen)
            && had_focus
            && let Ok(Some(summary)) = menu.query_selector("summary")
            && let Ok(summary) = summary.dyn_into::<web_sys::HtmlElement>()
        {
            drop(summary.focus());
        }
    }
}
