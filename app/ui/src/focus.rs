//! Where focus goes after something was done.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Gives the focus to an element by its id, once what is being drawn stands.
pub fn focus_soon(id: String) {
    request_animation_frame(move || {
        if let Some(element) = document()
            .get_element_by_id(&id)
            .and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok())
        {
            // Focus is a help, not a need.
            drop(element.focus());
        }
    });
}
