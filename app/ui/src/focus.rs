//! Where focus goes after something was done.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};

/// Gives the focus to an element by its id, once what is being drawn stands.
pub fn focus_soon(id: String) {
    request_animation_frame(move || {
        if let Some(element) = document().get_element_by_id(&id) {
            // Drawn elements (SVG) can be focused too, by a function of the same name.
            // Focus is a help, not a need.
            drop(element.unchecked_into::<HtmlElement>().focus());
        }
    });
}

/// Gives the focus to the page's heading if what had it is gone: a button that has done its work, a
/// row that was deleted. The window stays where it is, for whoever points.
pub fn keep_focus() {
    request_animation_frame(|| {
        if document().active_element().is_some_and(|element| element.tag_name() != "BODY") {
            return;
        }
        let heading = document().query_selector("h1").ok().flatten();
        if let Some(heading) = heading.and_then(|h1| h1.dyn_into::<HtmlElement>().ok()) {
            let still = FocusOptions::new();
            still.set_prevent_scroll(true);
            // Focus is a help, not a need.
            drop(heading.focus_with_options(&still));
        }
    });
}

/// The same while something is drawn that so many changes have drawn anew: never the first time,
/// which may be on the server.
pub fn keep_focus_after(changes: RwSignal<u32>) {
    if changes.try_get_untracked().is_some_and(|n| n > 0) {
        keep_focus();
    }
}
