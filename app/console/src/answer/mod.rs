//! Answers (回答): the inbox, one answer, the table of a form, its figures (FORM-4, 5, 11, 12).

mod api;
mod deliver;
mod desk;
mod export;
mod figures;
mod inbox;
mod narrow;
mod one;
mod saved;
mod staff;
mod table;

pub use export::ExportPage;
pub use figures::FormFiguresPage;
pub use inbox::InboxPage;
pub use one::AnswerPage;
pub use table::TablePage;

use domain::form::Status as Stage;
use domain::id::AnswerId;
use leptos::prelude::*;
use ui::prelude::*;

/// The inbox' address.
pub(crate) const PATH: &str = "/console/answers";

/// The address of an answer.
pub(crate) fn href(id: AnswerId) -> String {
    format!("{PATH}/{id}")
}

/// What is shown instead of a page that cannot be read.
fn trouble(error: AppError, retry: String) -> AnyView {
    view! { <ErrorPage error retry_href=retry other=(PATH.to_owned(), "回答の一覧へ".to_owned()) /> }.into_any()
}

/// The shape of a state: the first, one on its way, one that is done.
fn shape(statuses: &[Stage], key: &str) -> Status {
    match statuses.iter().position(|s| s.key == key) {
        Some(i) if statuses[i].done => Status::Done,
        Some(0) | None => Status::Draft,
        Some(_) => Status::Sending,
    }
}
