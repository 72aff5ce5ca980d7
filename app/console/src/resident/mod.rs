//! 住民: the list, one resident's page, the figures of registration (RES-4, RES-6).

mod api;
mod charts;
mod figures;
mod finder;
mod grouped;
mod list;
mod page;

pub(crate) use figures::PeriodForm;
pub use figures::RegistrationFiguresPage;
pub(crate) use finder::ResidentFinder;
pub use list::ResidentsPage;
#[cfg(feature = "ssr")]
pub(crate) use list::to_look_at;
pub use page::ResidentPage;

use leptos::prelude::*;
use ui::prelude::*;

pub(crate) const PATH: &str = "/console/residents";

/// A page that cannot be shown.
pub(crate) fn trouble(error: AppError, list: &'static str) -> AnyView {
    let words = if list == PATH { "住民の一覧へ" } else { "登録項目の一覧へ" };
    let other = matches!(error, AppError::NotFound).then(|| (list.to_owned(), words.to_owned()));
    match other {
        Some(other) => {
            view! { <div class="page"><ErrorPage error retry_href=list other /></div> }.into_any()
        }
        None => view! { <div class="page"><ErrorPage error retry_href=list /></div> }.into_any(),
    }
}
