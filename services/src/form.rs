//! Forms (フォーム): written, checked and published by officials (FORM-1).

pub mod sheet;

pub use store::form::{
    archive, close, copy, create, delete, get, list, publish, published, reopen, restore, save,
    unarchive, version, versions,
};
