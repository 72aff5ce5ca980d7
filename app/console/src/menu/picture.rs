//! A sheet drawn as it will be seen.

use domain::id::BlobId;
use domain::menu::{Mode, Sheet, svg};
use leptos::prelude::*;

/// Where the browser finds an uploaded picture.
pub fn address(id: &BlobId) -> String {
    format!("/media/{id}")
}

/// The SVG of a sheet, with addresses that the browser can fetch.
pub fn drawing(sheet: &Sheet, mode: Mode) -> String {
    svg::sheet(sheet, mode, &|id| Some(address(id)))
}

/// A small picture of a sheet, for lists; the words beside it say what it is.
#[component]
pub fn Small(
    /// Which.
    #[prop(into)]
    sheet: Signal<Sheet>,
) -> impl IntoView {
    let drawn = Memo::new(move |_| sheet.with(|s| drawing(s, Mode::Real)));
    view! { <span class="menu-small" aria-hidden="true" inner_html=move || drawn.get()></span> }
}
