//! 登録項目: what residents register (RES-1).

mod api;
mod areas;
mod choices;
mod draft;
pub(crate) mod drag;
mod editor;
mod file;
mod list;
mod loss;
mod page;
mod preview;
mod remove;

pub(crate) use drag::{Drag, Grip};
pub(crate) use file::{FileButton, Read};
pub use list::AttributesPage;
pub use page::AttributePage;

pub(crate) const PATH: &str = "/console/attributes";
