//! By which column of a list wrong tries are counted.

/// `eligibility.number`: the column that differs from person to person; empty where none does.
/// Nothing of lists that a former release took in.
pub(crate) const SQL: &str = r"
ALTER TABLE eligibility ADD COLUMN number TEXT;
";
