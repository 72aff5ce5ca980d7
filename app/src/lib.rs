//! The shared Leptos crate: shell and routes over `ui`, `console` and `liff`.
//!
//! Few, coarse split points: the residents' pages are in the main bundle, the
//! console and the sandbox phone are one lazy chunk each, so that a resident on a
//! weak network never loads what staff use.
#![recursion_limit = "256"]

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, Link, MetaTags, Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{Lazy, LazyRoute, StaticSegment, WildcardSegment, lazy_route};

pub use ui::LEAVING;

/// The document around every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="ja">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="referrer" content="same-origin"/>
                <meta name="format-detection" content="telephone=no"/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options=options.clone() defer=true/>
                <HashedStylesheet id="style" options=options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// All routes.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    ui::prelude::provide_toasts();
    view! {
        // The text stands until the page brings its own: a document always has a title.
        <Title text="" formatter=|title: String| if title.is_empty() { "Kairan 回覧".to_owned() } else { format!("{title}｜Kairan 回覧") }/>
        <Link rel="icon" href="/favicon.svg" type_="image/svg+xml"/>
        <Router>
            <Routes fallback=|| view! { <liff::NotFound/> }>
                <Route path=(StaticSegment("console"), WildcardSegment("page")) view={Lazy::<ConsoleRoute>::new()}/>
                <Route path=StaticSegment("phone") view={Lazy::<PhoneRoute>::new()}/>
                <Route path=(StaticSegment("liff"), WildcardSegment("page")) view=liff::Liff/>
            </Routes>
        </Router>
        <ui::prelude::ToastRegion/>
    }
}

struct ConsoleRoute;

#[lazy_route]
impl LazyRoute for ConsoleRoute {
    fn data() -> Self {
        Self
    }
    fn view(this: Self) -> AnyView {
        let _ = this;
        view! { <console::Console/> }.into_any()
    }
}

struct PhoneRoute;

#[lazy_route]
impl LazyRoute for PhoneRoute {
    fn data() -> Self {
        Self
    }
    fn view(this: Self) -> AnyView {
        let _ = this;
        view! { <liff::Phone/> }.into_any()
    }
}
