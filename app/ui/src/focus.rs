//! Where focus goes after something was done.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Gives the focus to an element by its id, once what is being drawn stands.
pub fn focus_soon(id: String) {
    request_animation_frame(move || {
        if let Some(element) = document().get_element_by_id(&id) {
            // Drawn elements (SVG) can be focused too, by a function of the same name.
            // Focus is a help, not a need.
            drop(element.unchecked_into::<web_sys::HtmlElement>().focus());
        }
    });
}
