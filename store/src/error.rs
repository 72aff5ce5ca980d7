//! What can go wrong beside the query.

use domain::permission::Forbidden;
use domain::problem::Problem;

/// A result of the store.
pub type Result<T> = std::result::Result<T, Error>;

/// Errors of the store. None of them carries personal data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not there, or not visible to the actor.
    #[error("not found")]
    NotFound,
    /// The actor lacks a permission.
    #[error("not permitted: {}", .0.0.name())]
    Forbidden(Forbidden),
    /// Somebody else was first; the sentence says what to do.
    #[error("conflict: {0}")]
    Conflict(String),
    /// The input must be mended.
    #[error("invalid: {} problem(s)", .0.len())]
    Invalid(Vec<Problem>),
    /// The database refused or is away.
    #[error("database")]
    Database(#[from] sea_orm::DbErr),
    /// The blob store refused or is away.
    #[error("blob store")]
    Blobs(#[from] object_store::Error),
    /// A row does not hold what it must hold.
    #[error("inconsistent: {0}")]
    Inconsistent(&'static str),
    /// The key file is another database's.
    #[error(
        "the key file does not belong to this database: put the one back with which it was made (KAIRAN_KEY_FILE)"
    )]
    ForeignKeys,
    /// A column cannot be decrypted: wrong key file, or a changed row.
    #[error("cannot decrypt {0}")]
    Undecryptable(&'static str),
}

impl From<Forbidden> for Error {
    fn from(f: Forbidden) -> Self {
        Self::Forbidden(f)
    }
}

impl From<Vec<Problem>> for Error {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Invalid(problems)
    }
}

impl Error {
    /// One problem at a place.
    pub fn invalid(at: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem::new(at, message)])
    }

    /// Whether it is a broken unique constraint.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(e) if matches!(e.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))))
    }
}
