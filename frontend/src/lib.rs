//! The wasm entry: hydrate() only.

use any_spawner::Executor;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Element, Event, EventInit};

/// Takes over the page that the server rendered. Until it has, links are the browser's: the router
/// would change the page while the console's own part is still on its way.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    // Fails only where it is set already.
    drop(Executor::init_wasm_bindgen());
    ask_before_arrows();
    Executor::spawn_local(async {
        let window = leptos::prelude::window();
        let keep = Closure::<dyn Fn(Event)>::new(|event: Event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            if target.is_some_and(|element| matches!(element.closest("a[href]"), Ok(Some(_)))) {
                event.stop_immediate_propagation();
            }
        });
        // Without the listener an early click may go wrong, nothing else.
        drop(window.add_event_listener_with_callback_and_bool(
            "click",
            keep.as_ref().unchecked_ref(),
            true,
        ));
        leptos::mount::hydrate_from_async(
            leptos::prelude::document().body().expect("a page has a body"),
            app::App,
        )
        .await
        .forget();
        drop(window.remove_event_listener_with_callback_and_bool(
            "click",
            keep.as_ref().unchecked_ref(),
            true,
        ));
    });
}

/// Whoever has something unsaved is asked before the router follows the browser's arrows: the
/// window calls its listeners in the order in which they came, and the router's comes later.
fn ask_before_arrows() {
    let ask = Closure::<dyn Fn(Event)>::new(|event: Event| {
        let cancelable = EventInit::new();
        cancelable.set_cancelable(true);
        if let Ok(leaving) = Event::new_with_event_init_dict(app::LEAVING, &cancelable)
            && leptos::prelude::window().dispatch_event(&leaving) == Ok(false)
        {
            event.stop_immediate_propagation();
        }
    });
    let listener = ask.into_js_value();
    // Without it the page is left unasked, nothing else.
    drop(
        leptos::prelude::window()
            .add_event_listener_with_callback("popstate", listener.unchecked_ref()),
    );
}
