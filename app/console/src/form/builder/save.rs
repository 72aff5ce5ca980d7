//! How a form is saved.

use super::state::Written;
use crate::form::api::{form_edition, save_form};
use crate::saving::{Saver, Work};
use domain::form::kept::name_problem;
use domain::id::FormId;
use ui::prelude::*;

/// Saves the builder's form.
pub type FormSaver = Saver<Written>;

impl Work for Written {
    type Place = FormId;
    type Seen = i64;

    async fn save(self, id: FormId, edition: i64) -> Result<i64, AppError> {
        // A form without a name is kept all the same; the linter asks for one.
        let name = match name_problem(&self.name) {
            Some(_) => "名前のないフォーム".into(),
            None => self.name,
        };
        save_form(id, edition, name, self.form, self.settings).await
    }

    async fn seen(id: FormId) -> Result<i64, AppError> {
        form_edition(id).await
    }
}
