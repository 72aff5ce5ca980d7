//! What is counted of the answers to each form: those that stand, and those that nobody has read.

/// `answer_unseen` has those that were taken back, too: they are unread again, which the former
/// `answer_unread` leaves out. `answer_standing` counts what is listed beside each form. Both hold
/// the column of their condition, since SQLite would read the answers for it.
pub(crate) const SQL: &str = r"
CREATE INDEX answer_unseen ON answer (form_id, read_at) WHERE read_at IS NULL;
CREATE INDEX answer_standing ON answer (form_id, withdrawn_at) WHERE withdrawn_at IS NULL;
";
