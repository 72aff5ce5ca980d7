//! Deliveries (配信): the list, the composer, a delivery on its way, its certificate (SEG-3 to SEG-8).

mod address;
mod approving;
mod begin;
mod calendar;
mod cancel;
mod certificate;
mod composer;
mod list;
mod measured;
mod panels;
mod periods;
mod progress;
mod release;
mod resend;
mod retract;
mod row;
mod series;
mod steps;
mod templates;

pub(crate) use approving::cells;
pub use begin::{NewDeliveryButton, NewDeliveryPage};
pub(crate) use calendar::CALENDAR;
pub use calendar::CalendarPage;
pub use certificate::CertificatePage;
pub(crate) use certificate::number as certificate_number;
pub use composer::ComposerPage;
pub(crate) use composer::{Kept, PictureField, close_menu, typed_count};
pub use list::DeliveriesPage;
pub use periods::PeriodsPage;
pub use progress::DeliveryPage;
use series::outlook;
pub(crate) use steps::STEPS;
pub use steps::{CoursePage, CoursePreviewPage, CoursesPage, StepPage};
pub use templates::TemplatesPage;

use leptos::prelude::*;
use ui::prelude::*;

/// The list's address.
pub(crate) const PATH: &str = "/console/deliveries";

/// What is shown instead of a page that cannot be read.
fn trouble(error: AppError, retry: String) -> AnyView {
    view! { <ErrorPage error retry_href=retry other=(PATH.to_owned(), "配信の一覧へ".to_owned()) /> }.into_any()
}

/// 「（件名なし）」 instead of nothing.
pub(crate) fn named(title: &str) -> String {
    if title.trim().is_empty() { "（件名なし）".into() } else { title.to_owned() }
}

/// 「84,312」 of a figure.
fn figure(n: i64) -> String {
    domain::time::thousands(n)
}
