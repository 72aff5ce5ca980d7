//! Forms (フォーム): the list, one form's page, the builder (FORM-1 to FORM-3).

mod api;
mod asking;
mod begin;
mod builder;
pub(crate) mod controls;
mod export;
pub(crate) mod file;
mod history;
mod list;
mod page;
mod poster;

pub use begin::NewFormPage;
pub use builder::BuilderPage;
pub use history::HistoryPage;
pub use list::FormsPage;
pub use page::FormPage;
pub use poster::PosterPage;

use domain::form::kept::State;
use domain::id::FormId;
use leptos::prelude::*;
use ui::prelude::*;

/// The list's address.
pub(crate) const PATH: &str = "/console/forms";

/// The address of a form.
pub(crate) fn href(id: FormId) -> String {
    format!("{PATH}/{id}")
}

/// The mark of a state.
pub(crate) fn mark(state: State) -> (Status, &'static str) {
    let status = match state {
        State::Draft => Status::Draft,
        State::Published => Status::Done,
        State::Closed => Status::Held,
        State::Archived => Status::Cancelled,
    };
    (status, state.label())
}

/// 「（名前なし）」 instead of nothing.
pub(crate) fn named(name: &str) -> String {
    if name.trim().is_empty() { "（名前なし）".into() } else { name.to_owned() }
}

/// The two sides of フォーム: the forms, and the lists of who may answer.
pub(crate) fn sides(lists: bool) -> AnyView {
    let items = vec![
        (PATH.to_owned(), "フォーム".to_owned(), !lists),
        (crate::eligibility::PATH.to_owned(), "対象者の名簿".to_owned(), lists),
    ];
    view! { <Tabs label="フォームと名簿" items /> }.into_any()
}

/// What is shown instead of a page that cannot be read.
fn trouble(error: AppError, retry: String) -> AnyView {
    view! { <ErrorPage error retry_href=retry other=(PATH.to_owned(), "フォームの一覧へ".to_owned()) /> }.into_any()
}

/// The parts of a form, as tabs of its pages: the present one by its address.
pub(crate) fn tabs(id: FormId, may_answers: bool, present: &str) -> AnyView {
    let mut items = vec![("", "ようす")];
    if may_answers {
        items.extend([("/answers", "答えの表"), ("/figures", "集計"), ("/export", "書き出す")]);
    }
    items.push(("/history", "版の履歴"));
    let items = items
        .into_iter()
        .map(|(path, words)| (format!("{}{path}", href(id)), words.to_owned(), path == present))
        .collect();
    view! { <Tabs label="このフォーム" items /> }.into_any()
}
