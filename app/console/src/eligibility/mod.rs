//! Lists of who may answer a form (対象者の名簿, FORM-7): under フォーム.

mod import;
mod page;

pub use page::EligibilityPage;
pub(crate) use page::list_eligibilities;

/// Where the lists are.
pub(crate) const PATH: &str = "/console/forms/lists";
