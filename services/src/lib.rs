//! Use cases: what happens when staff, residents, other systems or the clock ask for something.
//!
//! Data flows one way: resident → LINE → webhook → [`inbox`] → … → [`outbox`] → LINE;
//! staff → page → server function → service → [`outbox`] → LINE. Permission is
//! checked beside the query, in `store`; what needs no more than a query is
//! handed on from there.
#![warn(missing_docs)]

pub mod account;
pub mod alert;
pub mod answer;
pub mod attribute;
pub mod audience;
pub mod delivery;
pub mod eligibility;
pub mod form;
pub mod greeting;
pub mod holiday;
pub mod inbox;
pub mod insight;
pub mod jobs;
pub mod ledger;
pub mod link;
pub mod mail;
pub mod menu;
pub mod outbox;
pub mod picture;
pub mod platform;
pub mod postcode;
pub mod resident;
pub mod roster;
pub mod sample;
pub mod sheet;
pub mod steps;
pub mod video;

pub use platform::{Map, Platform, Settings, SystemClock, SystemRandom};
pub use store::{Context, Error, Result};
