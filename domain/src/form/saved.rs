//! Views of the table of answers that are kept under a name: what is found, sorted and shown.

use super::table::view::Wanted;
use crate::id::ViewId;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};

/// Most characters of a name.
pub const NAME_MAX: usize = 40;
/// Most views of a form that somebody sees.
pub const VIEWS_MAX: i64 = 50;

/// A view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Id.
    pub id: ViewId,
    /// What staff call it.
    pub name: String,
    /// Whether everybody sees it who may see the answers; else its maker alone.
    pub shared: bool,
    /// What it shows; always from its first page on.
    pub wanted: Wanted,
    /// Whose it is, in words.
    pub by: String,
    /// The actor may rename and delete it.
    pub may_write: bool,
}

/// What a view keeps: not on which page somebody was.
#[must_use]
pub fn kept(wanted: &Wanted) -> Wanted {
    Wanted { page: 1, ..wanted.clone() }
}

/// What is wrong with a name.
pub fn name_problem(name: &str) -> Option<Problem> {
    let name = name.trim();
    if name.is_empty() {
        return Some(Problem::new("/name", "表示の名前を書いてください"));
    }
    (name.chars().count() > NAME_MAX || name.chars().any(char::is_control))
        .then(|| Problem::new("/name", format!("名前は、{NAME_MAX}文字までの1行にしてください")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_begins_at_its_first_page() {
        let wanted = Wanted { search: "ごみ".into(), page: 4, ..Wanted::default() };
        let view = kept(&wanted);
        assert_eq!((view.page, view.search.as_str()), (1, "ごみ"));
        assert_eq!(kept(&view), view);
    }

    #[test]
    fn names() {
        assert!(name_problem("未対応だけ").is_none());
        for bad in ["", "  ", "a\nb", &"長".repeat(41)] {
            assert_eq!(name_problem(bad).map(|p| p.at), Some("/name".to_owned()), "{bad}");
        }
    }
}
