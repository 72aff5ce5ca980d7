//! Small things that only the browser can do.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventInit, HtmlElement, HtmlInputElement, HtmlTextAreaElement};

/// Puts words into a field from a menu beside it: over what is selected there, or at the caret.
#[derive(Clone, Copy)]
pub struct Inserter {
    /// The id of the field, an area or a line.
    field: Signal<String>,
}

impl Inserter {
    /// Into the field of that id.
    pub fn into_field(field: Signal<String>) -> Self {
        Self { field }
    }

    /// Closes the menu and puts the words; the field hears of it as if they were typed.
    pub fn put(self, event: &MouseEvent, words: &str) {
        close_menu(event);
        let id = self.field.get_untracked();
        let Some(field) = document().get_element_by_id(&id) else { return };
        let put = match field.dyn_ref::<HtmlTextAreaElement>() {
            Some(area) => at_caret_of_area(area, words),
            None => field.dyn_ref::<HtmlInputElement>().and_then(|line| at_caret(line, words)),
        };
        let init = EventInit::new();
        init.set_bubbles(true);
        if let (Some(()), Ok(typed)) = (put, Event::new_with_event_init_dict("input", &init)) {
            // It answers only whether somebody cancelled it.
            drop(field.dispatch_event(&typed));
        }
    }
}

fn after(at: u32, words: &str) -> u32 {
    at + u32::try_from(words.encode_utf16().count()).unwrap_or(0)
}

fn at_caret_of_area(area: &HtmlTextAreaElement, words: &str) -> Option<()> {
    let at = area.selection_start().ok().flatten().unwrap_or(0);
    area.set_range_text(words).ok()?;
    // The text stands already; a caret at another place is no loss.
    drop(area.set_selection_range(after(at, words), after(at, words)));
    drop(area.focus());
    Some(())
}

fn at_caret(line: &HtmlInputElement, words: &str) -> Option<()> {
    let at = line.selection_start().ok().flatten().unwrap_or(0);
    line.set_range_text(words).ok()?;
    drop(line.set_selection_range(after(at, words), after(at, words)));
    drop(line.focus());
    Some(())
}

/// The field of texts that got the focus, if it is one and stands in no menu.
pub fn focused_field(event: &web_sys::FocusEvent) -> Option<String> {
    let field: Element = event.target()?.dyn_into().ok()?;
    let writes = field.matches("input.control, textarea.control").unwrap_or(false);
    let in_menu = field.closest(".menu-list").ok().flatten().is_some();
    (writes && !in_menu).then(|| field.id())
}

/// Closes the menu around an element; what opened it gets the focus that was in it.
pub fn close_menu(event: &MouseEvent) {
    if let Some(menu) = event
        .target()
        .and_then(|t| t.dyn_into::<Element>().ok())
        .and_then(|e| e.closest("details").ok().flatten())
    {
        let had_focus = document().active_element().is_some_and(|e| menu.contains(Some(&e)));
        // An open menu can be closed by hand.
        drop(menu.remove_attribute("open"));
        if had_focus
            && let Ok(Some(summary)) = menu.query_selector("summary")
            && let Ok(summary) = summary.dyn_into::<HtmlElement>()
        {
            drop(summary.focus());
        }
    }
}
