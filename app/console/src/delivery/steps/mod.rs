//! Step courses (ステップ配信, SEG-9): messages counted from a day of the resident's own.

mod act;
mod course;
mod list;
mod preview;
mod settings;
mod state;
mod step;
mod table;
mod when;

pub use course::CoursePage;
pub use list::CoursesPage;
pub use preview::CoursePreviewPage;
pub use step::StepPage;

use domain::id::CourseId;
use domain::steps::State;
use domain::time::{Date, Timestamp};
use ui::prelude::Status;

/// The list's address.
pub(crate) const STEPS: &str = "/console/deliveries/steps";

/// The address of a course.
pub(crate) fn href(id: CourseId) -> String {
    format!("{STEPS}/{id}")
}

/// The mark of a state.
fn mark(state: State) -> (Status, &'static str) {
    let status = match state {
        State::Draft => Status::Draft,
        State::Running => Status::Scheduled,
        State::Paused => Status::Held,
        State::Ended => Status::Done,
    };
    (status, state.label())
}

/// 「2026年12月8日（火）」.
fn day_words(date: Date) -> String {
    format!("{}年{}月{}日（{}）", date.year, date.month, date.day, date.weekday_name())
}

/// 「2026年12月8日（火）10:00」.
fn moment(at: Timestamp) -> String {
    format!("{}{}", day_words(at.date()), at.time_of_day())
}
