//! What a page saves by its button alone is not left behind without a question: the browser asks
//! where another document comes, and a dialog where the router changes the page by itself, after
//! a link or 戻る.

use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use ui::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlAnchorElement};

/// Asks while something is not saved. Part of the page's view: the question is a dialog.
#[component]
pub fn Unsaved(
    /// Whether something is not saved.
    #[prop(into)]
    dirty: Signal<bool>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    // Where the link leads; nothing for 戻る.
    let way = StoredValue::new(None::<String>);
    let allowed = StoredValue::new(false);
    let location = use_location();
    let (pathname, search) = (location.pathname, location.search);
    let here = move || {
        let query = search.get_untracked();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", pathname.get_untracked())
    };
    let ask = move |to: Option<String>| {
        way.set_value(to);
        open.set(true);
    };
    Effect::new(move |_| {
        let leave = window_event_listener(ev::beforeunload, move |event| {
            if dirty.try_get_untracked() == Some(true) {
                event.prevent_default();
            }
        });
        on_cleanup(move || leave.remove());
        hear_first("click", move |event| {
            if dirty.try_get_untracked() == Some(true)
                && let Some(to) = leads_away(&event, &here())
            {
                event.prevent_default();
                event.stop_propagation();
                ask(Some(to));
            }
        });
        hear_first(ui::LEAVING, move |event| {
            if allowed.get_value() {
                allowed.set_value(false);
            } else if dirty.try_get_untracked() == Some(true) && shown() != Some(here()) {
                // The router hears nothing of it, and the address is this page's again.
                event.prevent_default();
                drop(window().history().and_then(|history| {
                    history.push_state_with_url(&JsValue::NULL, "", Some(&here()))
                }));
                ask(None);
            }
        });
    });
    let navigate = use_navigate();
    let go = move |()| {
        open.set(false);
        if let Some(to) = way.get_value() {
            navigate(&to, NavigateOptions::default());
        } else {
            allowed.set_value(true);
            drop(window().history().and_then(|history| history.back()));
        }
    };
    view! {
        <ConfirmDialog id="unsaved" title="保存していない内容があります" open danger=true confirm="保存しないで移る" on_confirm=go>
            <p>"このまま移ると、この画面で書いて、まだ保存していない内容は消えます。"</p>
            <p>"残したいときは「やめる」を押して、先に保存してください。"</p>
        </ConfirmDialog>
    }
}

/// Hears what happens to the window, clicks before the router does.
fn hear_first(name: &'static str, act: impl Fn(Event) + 'static) {
    let act = Closure::<dyn Fn(Event)>::new(act).into_js_value();
    drop(window().add_event_listener_with_callback_and_bool(name, act.unchecked_ref(), true));
    let act = StoredValue::new_local(act);
    on_cleanup(move || {
        act.with_value(|act| {
            drop(window().remove_event_listener_with_callback_and_bool(
                name,
                act.unchecked_ref(),
                true,
            ));
        });
    });
}

/// What the address bar says.
fn shown() -> Option<String> {
    let location = window().location();
    Some(format!("{}{}", location.pathname().ok()?, location.search().ok()?))
}

/// Where a click leads with which the router changes the page; nothing where it stays, or opens a
/// dialog (緊急の操作), a file or another tab.
fn leads_away(event: &Event, here: &str) -> Option<String> {
    let click: &ev::MouseEvent = event.dyn_ref()?;
    if click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key() {
        return None;
    }
    let pressed: Element = event.target()?.dyn_into().ok()?;
    let link: HtmlAnchorElement = pressed
        .closest("a[href]:not([target], [download], [rel~='external'], [aria-haspopup])")
        .ok()??
        .dyn_into()
        .ok()?;
    let to = format!("{}{}", link.pathname(), link.search());
    let ours = window().location().origin().ok()? == link.origin();
    (ours && to != here).then(|| to + &link.hash())
}
