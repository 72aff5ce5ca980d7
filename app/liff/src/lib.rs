//! The residents' pages and their server functions, and the sandbox phone.
//!
//! A resident's page is made whole on the server, outside of Leptos' data flow:
//! [`server::prepare`] finds out who asks and what they sent, the page is rendered
//! once, and hydration leaves it alone. So it reads, fills in and sends before
//! wasm and without it, its data is not sent twice, and what somebody has typed is
//! never overwritten. `public/line.js` brings the identity from LINE's script.
#![recursion_limit = "512"]

#[cfg(feature = "ssr")]
mod corrections;
#[cfg(feature = "ssr")]
pub mod form;
mod phone;
#[cfg(feature = "ssr")]
mod registration;
#[cfg(feature = "ssr")]
pub mod server;

pub use phone::Phone;

use leptos::prelude::*;
use leptos_meta::{Formatter, Title};

/// The residents' pages: everything under `/liff`.
#[component]
pub fn Liff() -> impl IntoView {
    #[cfg(feature = "ssr")]
    {
        server::view()
    }
    #[cfg(not(feature = "ssr"))]
    {
        let title = document()
            .get_element_by_id("main")
            .and_then(|main| main.get_attribute("data-title"))
            .unwrap_or_default();
        view! {
            <Title text=title formatter=plain() />
            <main id="main" class="liff" inner_html=""></main>
            <script></script>
            <script></script>
        }
    }
}

/// Residents' titles say what the page is, not which product made it.
fn plain() -> Formatter {
    Formatter::from(|title: String| title)
}

/// No such page.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    ui::server::set_status(404);
    view! {
        <Title text="ページが見つかりません" />
        <main id="main" class="liff">
            <div class="liff-body">
                <h1 tabindex="-1">"ページが見つかりません"</h1>
                <p>"アドレスがちがうか、ページがなくなりました。"</p>
                <p>
                    "住民の方は、LINEのトークからもう一度ひらいてください。職員の方は、"
                    <a href="/console" rel="external">
                        "コンソールの最初の画面"
                    </a>
                    "からお進みください。"
                </p>
            </div>
        </main>
    }
}
