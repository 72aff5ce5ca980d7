//! Audiences (配信対象): who is meant, as a Japanese sentence whose words are the
//! controls (SEG-1).
//!
//! [`edit::Editor`] holds the tree and its history; [`tree`] draws it with brackets,
//! [`compact`] as one sentence; [`live`] counts while it changes. The tree that is
//! drawn, read back, counted, saved and sent is one and the same.

mod among;
mod boxed;
mod choices;
mod compact;
mod condition;
mod edit;
mod gather;
mod list;
mod live;
mod page;
mod pick;
mod said;
mod saved;
mod side;
mod tree;
mod wrote;

pub use boxed::AudienceBox;
pub use list::AudiencesPage;
pub use page::AudiencePage;
