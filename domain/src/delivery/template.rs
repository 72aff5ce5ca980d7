//! Templates (ひな形): what a delivery begins with, kept by a department (SEG-7).

use super::{Draft, Purpose, TITLE_MAX, Variant};
use crate::audience::Audience;
use crate::id::TemplateId;
use crate::menu::SwitchTo;
use crate::message::Part;
use crate::problem::Problem;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How many templates a page of the list shows.
pub const TEMPLATES_PER_PAGE: i64 = 50;

/// A template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Id.
    pub id: TemplateId,
    /// By which staff find it; the title of a delivery that begins with it.
    pub name: String,
    /// Why.
    pub purpose: Purpose,
    /// Who, if it was chosen.
    pub audience: Option<Audience>,
    /// What.
    pub parts: Vec<Part>,
    /// The same in other languages.
    #[serde(default)]
    pub variants: Vec<Variant>,
    /// What of the emergency menus was chosen.
    #[serde(default)]
    pub switch_to: SwitchTo,
    /// Whose.
    pub department: String,
    /// Who made it.
    pub author: String,
    /// Last change.
    pub updated_at: Timestamp,
    /// Whether the actor may rename and delete it.
    pub may_write: bool,
}

impl Template {
    /// A draft that begins with it.
    pub fn draft(&self) -> Draft {
        Draft {
            title: self.name.clone(),
            purpose: self.purpose,
            audience: self.audience.clone(),
            parts: self.parts.clone(),
            variants: self.variants.clone(),
            switch_to: self.switch_to,
            ..Draft::default()
        }
    }
}

/// A page of the templates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Templates {
    /// The last changed first.
    pub rows: Vec<Template>,
    /// How many there are.
    pub total: i64,
    /// Whether the actor may begin deliveries with them.
    pub may_use: bool,
}

/// What is wrong with a template's name.
pub fn name_problem(name: &str) -> Option<Problem> {
    let chars = name.trim().chars().count();
    if chars == 0 {
        Some(Problem::new("/name", "名前が空です。あとで見つけやすい名前をつけてください"))
    } else if chars > TITLE_MAX {
        Some(Problem::new(
            "/name",
            format!("名前は{TITLE_MAX}文字までにしてください（いま{chars}文字）"),
        ))
    } else if name.chars().any(char::is_control) {
        Some(Problem::new(
            "/name",
            "名前に、改行などの見えない文字が入っています。打ち直してください",
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_a_hundred_characters() {
        assert_eq!(name_problem("断水のお知らせ"), None);
        assert_eq!(name_problem(&"あ".repeat(100)), None);
        for bad in ["", "　", "a\nb", &"あ".repeat(101)] {
            assert_eq!(name_problem(bad).map(|p| p.at).as_deref(), Some("/name"), "{bad}");
        }
    }
}
