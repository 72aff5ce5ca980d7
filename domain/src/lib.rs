//! Types and rules of every engine: pure, without I/O, clock or randomness, so
//! that server, browser and an offline device decide alike.
//!
//! One module per engine, under the same name in every crate of the house:
//! [`resident`] and [`attribute`] (what is known of people), [`audience`] (who),
//! [`message`] (what), [`delivery`] (when and how it went), [`steps`] (counted from a day of
//! the resident's), [`form`] (questions), [`menu`] (what stands below the talk), [`alert`]
//! (what staff must hear of).
//! Beside them the ground they share: [`id`], [`time`], [`permission`],
//! [`problem`], [`json`] and [`ledger`].
#![warn(missing_docs)]

#[macro_use]
mod words;

pub mod alert;
pub mod attribute;
pub mod audience;
pub mod delivery;
pub mod easy;
pub mod exif;
pub mod form;
pub mod geometry;
pub mod holiday;
pub mod id;
pub mod insight;
pub mod json;
pub mod language;
pub mod ledger;
pub mod link;
pub mod menu;
pub mod message;
pub mod permission;
pub mod problem;
pub mod recurrence;
pub mod resident;
pub mod roster;
pub mod staff;
pub mod steps;
pub mod time;
pub mod video;
