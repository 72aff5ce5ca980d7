//! Small things that only the browser can do.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;

/// Puts text where the caret stands in an area, over what is selected; answers the new content.
pub fn insert_at_caret(id: &str, text: &str) -> Option<String> {
    let area: HtmlTextAreaElement = document().get_element_by_id(id)?.dyn_into().ok()?;
    let at = area.selection_start().ok().flatten().unwrap_or(0);
    area.set_range_text(text).ok()?;
    let after = at + u32::try_from(text.encode_utf16().count()).unwrap_or(0);
    // The text stands already; a caret at another place is no loss.
    drop(area.set_selection_range(after, after));
    drop(area.focus());
    Some(area.value())
}

/// Closes the menu around an element.
pub fn close_menu(event: &leptos::ev::MouseEvent) {
    if let Some(menu) = event
        .target()
        .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
        .and_then(|e| e.closest("details").ok().flatten())
    {
        // An open menu can be closed by hand.
        drop(menu.remove_attribute("open"));
    }
}
