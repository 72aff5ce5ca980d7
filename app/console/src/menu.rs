//! リッチメニュー: the list, the editor, who sees what, and emergencies (MENU-1 to MENU-5).

mod api;
mod away;
mod canvas;
mod editor;
mod emergency;
mod figures;
mod list;
mod picture;
mod preview;
mod problems;
mod program;
mod publish;
mod publishing;
mod save;
mod sheets;
mod shown;
mod side;
mod state;
mod tools;
mod words;

pub use editor::MenuPage;
pub use emergency::{Emergencies, EmergencyDialog, EmergencyPage};
pub use figures::MenuFiguresPage;
pub use list::MenusPage;
pub use program::ProgramPage;

use domain::id::MenuId;

/// The list.
pub(crate) const PATH: &str = "/console/menus";
/// Who sees which menu.
pub(crate) const PROGRAM_PATH: &str = "/console/menus/program";
/// The emergency page.
pub(crate) const EMERGENCY_PATH: &str = "/console/menus/emergency";

/// The editor of a menu.
pub(crate) fn path(id: MenuId) -> String {
    format!("{PATH}/{id}")
}
