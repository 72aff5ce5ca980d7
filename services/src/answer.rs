//! Answers to forms (回答・申請): received from residents, worked on by staff (FORM-4, 5, 11).

pub mod export;
pub mod look;

pub use store::answer::{
    count, get, given, list, mark, note_export, set_staff, set_status, staff_file, unread,
};
