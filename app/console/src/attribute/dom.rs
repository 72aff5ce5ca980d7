//! Small things that only the browser can do.

use leptos::ev::DragEvent;
use leptos::prelude::*;

/// Gives the focus to an element by its id, once what is being drawn stands.
pub(crate) fn focus_soon(id: String) {
    request_animation_frame(move || {
        use wasm_bindgen::JsCast;
        if let Some(element) = document()
            .get_element_by_id(&id)
            .and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok())
        {
            // Focus is a help, not a need.
            drop(element.focus());
        }
    });
}

/// Firefox drags only what carries data; the row is shown as the picture.
pub(crate) fn begin_drag(event: &DragEvent) {
    if let Some(transfer) = event.data_transfer() {
        transfer.set_effect_allowed("move");
        // Without data Firefox does not begin; the order can be changed by buttons all the same.
        drop(transfer.set_data("text/plain", ""));
    }
}
