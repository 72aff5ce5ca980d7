//! What is wrong with an input, and where: one shape for forms, REST (RFC 9457
//! with a JSON pointer) and imports.

use serde::{Deserialize, Serialize};

/// One thing to mend. `at` is a JSON pointer into the input (`/parts/0/text`,
/// empty for the whole), or the name of a form's field; `message` is plain
/// Japanese: what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// JSON pointer or field name.
    pub at: String,
    /// Plain Japanese.
    pub message: String,
}

impl Problem {
    /// A problem at a place.
    pub fn new(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self { at: at.into(), message: message.into() }
    }
}

/// Adds a problem unless `ok` holds.
pub fn require(problems: &mut Vec<Problem>, ok: bool, at: &str, message: &str) {
    if !ok {
        problems.push(Problem::new(at, message));
    }
}

/// `value` if nothing is wrong.
///
/// # Errors
/// The problems, if there are any.
pub fn none_or<T>(value: T, problems: Vec<Problem>) -> Result<T, Vec<Problem>> {
    if problems.is_empty() { Ok(value) } else { Err(problems) }
}
