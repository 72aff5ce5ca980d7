//! Imported lists of residents (対象者リスト): beside the saved audiences, under 配信対象.

mod choose;
mod import;
mod list;
mod page;
mod report;
mod send;

pub(crate) use choose::ChooseFile;
pub(crate) use send::Sending;
#[cfg(feature = "hydrate")]
pub(crate) use send::browser;

pub use list::{RostersPage, Sides};
pub use page::{NewRosterPage, RosterPage};

/// Where the lists are.
const PATH: &str = "/console/audiences/lists";
