//! How a menu is saved.

use super::api::{menu_version, save_menu};
use crate::saving::{Saver, Work};
use domain::id::MenuId;
use domain::menu::Menu;
use ui::prelude::*;

/// Saves the editor's menu.
pub type MenuSaver = Saver<Menu>;

impl Work for Menu {
    type Place = MenuId;
    type Seen = i64;

    async fn save(self, id: MenuId, version: i64) -> Result<i64, AppError> {
        save_menu(id, version, self).await
    }

    async fn seen(id: MenuId) -> Result<i64, AppError> {
        menu_version(id).await
    }
}
