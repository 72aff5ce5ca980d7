//! The index of unread answers in whose place `answer_unseen` came: a former release counts by that, too.

/// By itself, since nobody reads answers from here to the end of the transaction: beside it no
/// index is built.
pub(crate) const SQL: &str = "DROP INDEX IF EXISTS answer_unread;";
